/* What the header says of processes: fork, threads, system calls, memory, loading and unloading. Runs in a network namespace
 * of its own. */
#define _GNU_SOURCE
#include "own.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a function in a child; returns how it ended. */
static int in_child(void (*work)(void)) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        work();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static size_t entries(const char *directory) {
    size_t count = 0;
    DIR *open = opendir(directory);
    CHECK(open != NULL);
    while (readdir(open) != NULL)
        count++;
    closedir(open);
    return count;
}

/* All that a program usually does. */
static void use(void) {
    fw_error *error = NULL;
    fw_table *table;
    fw_strings *warnings;
    char *text;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_table_clear(table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-p tcp -m conntrack --ctstate NEW -j REJECT", &error));
    FAILS(fw_chain_append_text(table, "INPUT", "--bogus", &error), FW_ERROR_SYNTAX);
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_table_save(table, true, &text, &error));
    fw_table_free(table);
    OK(fw_restore(kernel, FW_IPV4, text, NULL, 0, &warnings, &error));
    fw_string_free(text);
    fw_strings_free(warnings);
}

static void use_for_long(void) {
    for (int i = 0; i < 50; i++)
        use();
}

static fw_table *inherited;

/* The lock is the parent's: the child neither commits under it nor gives it back. */
static void use_inherited(void) {
    fw_error *error = NULL;
    OK(fw_chain_append_text(inherited, "OUTPUT", "-j ACCEPT", &error));
    FAILS(fw_table_commit(inherited, NULL, &error), FW_ERROR_CONFLICT);
    fw_error_free(error);
    fw_table_free(inherited);
}

/* Parent and child have the same handles, and each its own edits. */
static void forks(void) {
    fw_error *error = NULL;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &inherited, &error));
    size_t rules = fw_table_rule_count(inherited);
    CHECK(in_child(use_inherited) == 0);
    CHECK(fw_table_rule_count(inherited) == rules);
    /* The child has freed its table, the parent holds the lock still. */
    CHECK(is_locked(lock_file));
    OK(fw_table_refresh(inherited, &error));
    CHECK(fw_table_rule_count(inherited) == rules);
    fw_table_free(inherited);
    CHECK(!is_locked(lock_file));
}

static void commit_inherited(void) {
    fw_error *error = NULL;
    OK(fw_chain_append_text(inherited, "OUTPUT", "-j ACCEPT", &error));
    OK(fw_table_commit(inherited, NULL, &error));
    fw_table_free(inherited);
}

/* Without a lock the child commits what it has inherited, and the parent notices. */
static void shares(void) {
    fw_error *error = NULL;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &inherited, &error));
    size_t rules = fw_table_rule_count(inherited);
    CHECK(in_child(commit_inherited) == 0);
    OK(fw_chain_append_text(inherited, "OUTPUT", "-j DROP", &error));
    FAILS(fw_table_commit(inherited, NULL, &error), FW_ERROR_CONFLICT);
    fw_error_free(error);
    error = NULL;
    OK(fw_table_refresh(inherited, &error));
    CHECK(fw_table_rule_count(inherited) == rules + 1);
    OK(fw_chain_append_text(inherited, "OUTPUT", "-j DROP", &error));
    OK(fw_table_commit(inherited, NULL, &error));
    fw_table_free(inherited);
}

/* No threads, no files that stay open. */
static void leaves_nothing(void) {
    use();
    size_t threads = entries("/proc/self/task"), files = entries("/proc/self/fd");
    use_for_long();
    CHECK(entries("/proc/self/task") == threads && threads == 3);
    CHECK(entries("/proc/self/fd") == files);
}

#define ALLOW_NUMBER(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define ALLOW(call) ALLOW_NUMBER(SYS_##call)
/* What only one of the backends needs: for the other a number that no system call has. */
#define ALLOW_IF(condition, call) ALLOW_NUMBER((condition) ? SYS_##call : 0x7fffffff)

/* The system calls of the header, and those with which this program says what went wrong and ends. */
static void confined(void) {
    const char *named = getenv("LIBFW_BACKEND");
    bool is_looked_for = named == NULL || *named == '\0', nft = is_looked_for || backend() == FW_BACKEND_NFT;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(openat), ALLOW(read), ALLOW(close), ALLOW(fstat), ALLOW(statx), ALLOW(flock), ALLOW(socket),
        ALLOW(getsockopt), ALLOW(setsockopt), ALLOW(brk), ALLOW(mmap), ALLOW(munmap), ALLOW(mremap),
        ALLOW(madvise), ALLOW(futex), ALLOW(getrandom), ALLOW(fcntl), ALLOW(getpid), ALLOW(ioctl),
        ALLOW_IF(nft, bind), ALLOW_IF(nft, sendto), ALLOW_IF(nft, recvmsg), ALLOW_IF(nft, memfd_create),
        ALLOW(write), ALLOW(exit_group),
#ifdef SYS_readlink
        ALLOW_IF(is_looked_for, readlink),
#else
        ALLOW_IF(is_looked_for, readlinkat),
#endif
#ifdef SYS_newfstatat
        ALLOW(newfstatat), /* what some C libraries have for fstat */
#endif
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    use();
}

static void without_memory(void) {
    fw_error *error = NULL;
    struct rlimit limit = {64 << 20, 64 << 20}, none = {0, 0};
    CHECK(setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_AS, &limit) == 0);
    CHECK(freopen("/dev/null", "w", stderr) != NULL);
    for (;;) {
        fw_rule *kept;
        OK(fw_rule_parse(NULL, FW_IPV4, "-m comment --comment \"more and more of it\"", &kept, &error));
    }
}

static size_t resident_kilobytes(void) {
    size_t total, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%zu %zu", &total, &resident) == 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* A program that loads and unloads the library again and again does not grow. */
static void unloaded(void) {
    size_t before = 0;
    for (int i = 0; i < 100; i++) {
        void *library = dlopen("libfw.so.0", RTLD_NOW);
        CHECK(library != NULL);
        size_t (*count)(void);
        *(void **)&count = dlsym(library, "fw_extension_count");
        CHECK(count() == fw_extension_count());
        CHECK(dlclose(library) == 0);
        if (i == 9)
            before = resident_kilobytes();
    }
    /* ThreadSanitizer remembers what was done to memory. */
#ifdef __SANITIZE_THREAD__
    (void)before;
#else
    CHECK(resident_kilobytes() < before + 256);
#endif
}

int main(void) {
    own_kernel();
    /* Valgrind and sanitizers make system calls of their own. Of what is asked once in a process nothing has been asked yet. */
    if (getenv("LIBFW_WATCHED") == NULL)
        CHECK(in_child(confined) == 0);
    leaves_nothing();
    CHECK(in_child(use) == 0);
    /* What is said of the lock is said of legacy tables. */
    if (backend() == FW_BACKEND_LEGACY) {
        forks();
    } else {
        shares();
    }
    unloaded();
    /* They abort in ways of their own too. */
    if (getenv("LIBFW_WATCHED") == NULL) {
        int status = in_child(without_memory);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
    fw_kernel_free(kernel);
    return 0;
}
