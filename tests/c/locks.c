/* The xtables lock within one process: the thread that holds it, other threads, forks, signals. */
#define _DEFAULT_SOURCE
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Waits for ever with -1. */
static fw_kernel *new_kernel(int64_t wait) {
    fw_error *error = NULL;
    fw_kernel *new = legacy_kernel();
    OK(fw_kernel_set_lock(new, lock_file, wait, &error));
    return new;
}

static size_t rule_count(const char *name) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, name, &table, &error));
    size_t count = fw_table_rule_count(table);
    fw_table_free(table);
    return count;
}

static int add_rule(fw_table *table, void *data, fw_error **error) {
    (void)data;
    return (int)fw_chain_append_text(table, "OUTPUT", "-j ACCEPT", error);
}

/* Adds a rule to a table, and to another one, whose name is the data, in an update of its own. */
static int add_rules(fw_table *table, void *data, fw_error **error) {
    fw_status status = fw_table_update(kernel, FW_IPV4, data, add_rule, NULL, NULL, error);
    return status == FW_OK ? add_rule(table, NULL, error) : (int)status;
}

/* Who holds the lock is told in fields, and the environment is asked by one call. */
static void told(void) {
    fw_error *error = NULL;
    fw_lock *lock, *other;
    OK(fw_lock_take(kernel, &lock, &error));
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        fw_kernel *impatient = new_kernel(0);
        FAILS(fw_lock_take(impatient, &other, &error), FW_ERROR_LOCK_BUSY);
        CHECK_STR(fw_error_lock_path(error), lock_file);
        CHECK(fw_error_lock_pid(error) == (uint32_t)getppid());
        CHECK(strstr(fw_error_lock_command(error), "locks") != NULL);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    fw_lock_free(lock);
    fw_kernel *bad = legacy_kernel();
    CHECK(setenv("XTABLES_LOCKFILE", "/nonexistent/lock", 1) == 0);
    OK(fw_kernel_set_lock_from_environment(bad, 0, &error));
    CHECK(fw_lock_take(bad, &lock, &error) != FW_OK);
    CHECK_STR(fw_error_lock_path(error), "/nonexistent/lock");
    CHECK(fw_error_lock_pid(error) == 0 && fw_error_lock_command(error) == NULL);
    CHECK(unsetenv("XTABLES_LOCKFILE") == 0);
    CHECK_STR(FW_LOCK_PATH, "/run/xtables.lock");
    fw_kernel_free(bad);
    fw_error_free(error);
}

/* The thread that holds the lock gets it again, with any handle; the same table a second time is an error. */
static void nested(void) {
    fw_error *error = NULL;
    fw_kernel *other = new_kernel(-1);
    fw_table *filter, *nat, *again = NULL;
    fw_lock *lock;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &filter, &error));
    OK(fw_table_open_locked(other, FW_IPV4, "nat", &nat, &error));
    OK(fw_lock_take(other, &lock, &error));
    OK(fw_table_update(other, FW_IPV4, "mangle", add_rules, "raw", NULL, &error));
    CHECK(rule_count("mangle") == 1 && rule_count("raw") == 1);
    FAILS(fw_table_open_locked(other, FW_IPV4, "filter", &again, &error), FW_ERROR_ALREADY_OPEN);
    CHECK(again == NULL);
    CHECK_STR(fw_error_name(error), "AlreadyOpen");
    CHECK_STR(fw_error_table(error), "filter");
    FAILS(fw_table_update(kernel, FW_IPV4, "mangle", add_rules, "mangle", NULL, &error), FW_ERROR_ALREADY_OPEN);
    CHECK(rule_count("mangle") == 1);
    OK(fw_chain_append_text(filter, "INPUT", "-j ACCEPT", &error));
    OK(fw_table_commit(filter, NULL, &error));
    fw_lock_free(lock);
    fw_table_free(nat);
    CHECK(is_locked(lock_file));
    fw_table_free(filter);
    CHECK(!is_locked(lock_file));
    fw_kernel_free(other);
}

static void *update(void *data) {
    fw_error *error = NULL;
    (void)data;
    OK(fw_table_update(kernel, FW_IPV4, "filter", add_rule, NULL, NULL, &error));
    return NULL;
}

/* Other threads wait as other processes do. */
static void threads(void) {
    fw_error *error = NULL;
    fw_table *table;
    pthread_t thread[4];
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&thread[i], NULL, update, NULL) == 0);
    }
    usleep(50 * 1000);
    CHECK(rule_count("filter") == 1);
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
    }
    CHECK(rule_count("filter") == 4);
}

static volatile sig_atomic_t signals;

static void note(int number) {
    (void)number;
    signals++;
}

/* The call waits for the lock, which somebody holds, until a signal comes: one of many, for the first may come before it
 * waits. */
#define INTERRUPTED(call) \
    do { \
        struct itimerval often = {{0, 40 * 1000}, {0, 40 * 1000}}, never = {{0, 0}, {0, 0}}; \
        int before = signals; \
        CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0); \
        FAILS(call, FW_ERROR_INTERRUPTED); \
        CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0); \
        CHECK(fw_error_errno(error) == EINTR); \
        CHECK(signals > before); \
    } while (0)

static void interruptions(void) {
    fw_error *error = NULL;
    /* The last waits longer than any clock can show. */
    fw_kernel *kernels[] = {kernel, new_kernel(600 * 1000), new_kernel(INT64_MAX)};
    fw_table *table, *again;
    fw_lock *lock;
    /* System calls that can be are started again after it. */
    CHECK(signal(SIGALRM, note) != SIG_ERR);
    int fd = open(lock_file, O_RDONLY);
    CHECK(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    for (int i = 0; i < 3; i++) {
        fw_kernel *one = kernels[i];
        OK(fw_table_open(one, FW_IPV4, "nat", &table, &error));
        OK(fw_chain_append_text(table, "OUTPUT", "-j ACCEPT", &error));
        INTERRUPTED(fw_lock_take(one, &lock, &error));
        INTERRUPTED(fw_table_open_locked(one, FW_IPV4, "nat", &again, &error));
        INTERRUPTED(fw_table_update(one, FW_IPV4, "nat", add_rule, NULL, NULL, &error));
        INTERRUPTED(fw_table_commit(table, NULL, &error));
        INTERRUPTED(fw_restore(one, FW_IPV4, "*nat\nCOMMIT\n", NULL, 0, NULL, &error));
        CHECK(fw_table_is_changed(table));
        fw_table_free(table);
    }
    CHECK(close(fd) == 0);
    OK(fw_lock_take(kernel, &lock, &error));
    fw_lock_free(lock);
    fw_kernel_free(kernels[1]);
    fw_kernel_free(kernels[2]);
}

/* A fork that drops its copy does not unlock the parent; what it commits under the parent's lock is a conflict. */
static void forks(void) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_chain_append_text(table, "OUTPUT", "-j DROP", &error));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        FAILS(fw_table_commit(table, NULL, &error), FW_ERROR_CONFLICT);
        fw_error_free(error);
        fw_table_free(table);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(is_locked(lock_file));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    CHECK(!is_locked(lock_file));
}

int main(void) {
    own_lock_file();
    kernel = new_kernel(-1);
    nested();
    told();
    threads();
    forks();
    interruptions();
    fw_kernel_free(kernel);
    return 0;
}
