/* Tables of the kernel: open, commit, and what comes back. Runs in a network namespace of its own. */
#define _DEFAULT_SOURCE
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static void commit_and_read_back(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    fw_report report;
    fw_rule *rule;

    CHECK_STR(fw_table_name(table), "filter");
    CHECK(fw_table_family(table) == FW_IPV4);
    CHECK(!fw_table_is_changed(table));
    OK(fw_chain_append_text(table, "INPUT", "-p tcp --dport 22 -j ACCEPT", &error));
    CHECK(fw_table_is_changed(table));
    OK(fw_table_commit(table, &report, &error));
    CHECK(report.changed && report.rules == 1);
    OK(fw_table_commit(table, &report, &error));
    CHECK(!report.changed);
    fw_table_free(table);

    table = open_filter();
    CHECK(fw_table_rule_count(table) == 1);
    OK(fw_chain_rule(table, "INPUT", 0, &rule, &error));
    fw_table_free(table);
    CHECK_STR(fw_rule_text(rule), "-p tcp -m tcp --dport 22 -j ACCEPT");
    fw_rule_free(rule);

    /* What is not committed is not there. */
    table = open_filter();
    OK(fw_table_clear(table, &error));
    fw_table_free(table);
    table = open_filter();
    CHECK(fw_table_rule_count(table) == 1);
    OK(fw_table_clear(table, &error));
    OK(fw_table_refresh(table, &error));
    CHECK(fw_table_rule_count(table) == 1);
    OK(fw_table_flush(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
}

static void policy_and_counters(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    fw_counters counters = {7, 700};
    OK(fw_chain_set_policy(table, "FORWARD", FW_POLICY_DROP, &counters, &error));
    FAILS(fw_chain_set_policy(table, "FORWARD", FW_POLICY_NONE, NULL, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    OK(fw_chain_append_text(table, "FORWARD", "-j ACCEPT", &error));
    OK(fw_chain_set_counters(table, "FORWARD", 0, counters, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);

    table = open_filter();
    CHECK(fw_chain_policy(table, "FORWARD") == FW_POLICY_DROP);
    CHECK(fw_chain_policy_counters(table, "FORWARD").bytes == 700);
    CHECK(fw_chain_rule_counters(table, "FORWARD", 0).packets == 7);
    char *text;
    OK(fw_table_save(table, true, &text, &error));
    CHECK(strstr(text, ":FORWARD DROP [7:700]\n") != NULL);
    CHECK(strstr(text, "[7:700] -A FORWARD -j ACCEPT\nCOMMIT\n") != NULL);
    fw_string_free(text);
    OK(fw_table_list(table, "FORWARD", FW_LIST_NUMERIC | FW_LIST_VERBOSE | FW_LIST_LINE_NUMBERS, &text, &error));
    CHECK(strncmp(text, "Chain FORWARD (policy DROP 7 packets, 700 bytes)\nnum ", 53) == 0);
    fw_string_free(text);
    FAILS(fw_table_list(table, NULL, 1u << 20, &text, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);

    OK(fw_chain_zero_rule(table, "FORWARD", 0, &error));
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_table_refresh(table, &error));
    CHECK(fw_chain_rule_counters(table, "FORWARD", 0).packets == 0);
    CHECK(fw_chain_policy_counters(table, "FORWARD").packets == 7);
    OK(fw_table_zero(table, &error));
    OK(fw_chain_zero(table, "FORWARD", &error));
    OK(fw_chain_flush(table, "FORWARD", &error));
    OK(fw_chain_set_policy(table, "FORWARD", FW_POLICY_ACCEPT, NULL, &error));
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_table_refresh(table, &error));
    CHECK(fw_chain_policy_counters(table, "FORWARD").packets == 0);
    fw_table_free(table);
}

/* Adds a rule. The first time, another table is committed in between by one who ignores the lock. */
static int interrupted(fw_table *table, void *data, fw_error **error) {
    int *calls = data;
    if (++*calls == 1) {
        fw_error *mine = NULL;
        fw_kernel *rude = fw_kernel_new();
        fw_table *other;
        CHECK(fw_kernel_set_unlocked(rude, &mine) == FW_OK);
        CHECK(fw_table_open(rude, FW_IPV4, "filter", &other, &mine) == FW_OK);
        CHECK(fw_chain_append_text(other, "OUTPUT", "-j ACCEPT", &mine) == FW_OK);
        CHECK(fw_table_commit(other, NULL, &mine) == FW_OK);
        fw_table_free(other);
        fw_kernel_free(rude);
    }
    return fw_chain_append_text(table, "INPUT", "-j ACCEPT", error);
}

static int failing(fw_table *table, void *data, fw_error **error) {
    fw_status status = fw_table_clear(table, error);
    CHECK(status == FW_OK);
    return *(bool *)data ? (int)fw_chain_append_text(table, "INPUT", "--bogus", error) : -3;
}

static void update(void) {
    fw_error *error = NULL;
    fw_report report;
    int calls = 0;
    bool with_error = true;
    OK(fw_table_update(kernel, FW_IPV4, "filter", interrupted, &calls, &report, &error));
    CHECK(calls == 2);
    CHECK(report.changed && report.rules == 2);

    FAILS(fw_table_update(kernel, FW_IPV4, "filter", failing, &with_error, NULL, &error), FW_ERROR_SYNTAX);
    fw_error_free(error);
    with_error = false;
    FAILS(fw_table_update(kernel, FW_IPV4, "filter", failing, &with_error, NULL, &error), FW_ERROR_ABORTED);
    fw_error_free(error);
    fw_table *table = open_filter();
    CHECK(fw_table_rule_count(table) == 2);
    fw_table_free(table);
}

/* A table that was read without the lock is not written over what others have written since. */
static void conflict(void) {
    fw_error *error = NULL;
    fw_table *stale, *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &stale, &error));
    table = open_filter();
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_chain_append_text(stale, "INPUT", "-j DROP", &error));
    FAILS(fw_table_commit(stale, NULL, &error), FW_ERROR_CONFLICT);
    fw_error_free(error);
    OK(fw_table_refresh(stale, &error));
    CHECK(fw_table_rule_count(stale) == 0);
    fw_table_free(stale);
}

static void locks(void) {
    fw_error *error = NULL;
    fw_lock *lock;
    fw_kernel *locked, *impatient = fw_kernel_new();
    fw_table *filter, *nat;

    OK(fw_lock_take(kernel, &lock, &error));
    OK(fw_kernel_with_lock(kernel, lock, &locked, &error));
    OK(fw_table_open_locked(locked, FW_IPV4, "filter", &filter, &error));
    OK(fw_table_open_locked(locked, FW_IPV4, "nat", &nat, &error));
    OK(fw_kernel_set_lock(impatient, lock_file, 0, &error));
    fw_table *table = filter;
    FAILS(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error), FW_ERROR_ALREADY_OPEN);
    CHECK(table == NULL);
    fw_error_free(error);
    fw_table_free(filter);
    fw_table_free(nat);
    fw_kernel_free(locked);
    fw_lock_free(lock);
    OK(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error));
    fw_table_free(table);

    /* NULL is the lock file of iptables, not none: where this process may not open it, that is an error. */
    int other = open(lock_file, O_RDONLY);
    CHECK(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    OK(fw_kernel_set_lock(impatient, lock_file, 0, &error));
    FAILS(fw_kernel_set_lock(impatient, "", 0, &error), FW_ERROR_INVALID_ARGUMENT);
    FAILS(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error), FW_ERROR_LOCK_BUSY);
    CHECK(table == NULL);
    CHECK(fw_error_iptables_status(error) == 4);
    OK(fw_kernel_set_unlocked(impatient, &error));
    OK(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error));
    fw_table_free(table);
    CHECK(close(other) == 0);
    OK(fw_kernel_set_lock(impatient, NULL, 0, &error));
    int fd = open("/run/xtables.lock", O_RDONLY | O_CREAT, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        FAILS(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error), FW_ERROR_LOCK_BUSY);
        CHECK(close(fd) == 0);
    } else if (fd < 0) {
        FAILS(fw_table_open_locked(impatient, FW_IPV4, "filter", &table, &error), FW_ERROR_IO);
    }
    fw_error_free(error);
    fw_kernel_free(impatient);
}

static void restore_and_run(void) {
    fw_error *error = NULL;
    fw_strings *warnings;
    char *text;
    OK(fw_restore(kernel, FW_IPV6, "*filter\n:web - [0:0]\n[1:60] -A web -j ACCEPT\nCOMMIT\n", NULL,
                  FW_RESTORE_COUNTERS, &warnings, &error));
    CHECK(fw_strings_count(warnings) == 0);
    fw_strings_free(warnings);
    const char *list[] = {"-v", "-S", "web"};
    OK(fw_run(kernel, FW_IPV6, 3, list, &text, NULL, &error));
    CHECK_STR(text, "-N web\n-A web -c 1 60 -j ACCEPT\n");
    fw_string_free(text);

    FAILS(fw_restore(kernel, FW_IPV6, "*filter\n-A web --bogus\nCOMMIT\n", NULL, FW_RESTORE_NOFLUSH, &warnings, &error),
          FW_ERROR_SYNTAX);
    CHECK(fw_error_line(error) == 2);
    fw_strings_free(warnings);
    fw_error_free(error);
    OK(fw_restore(kernel, FW_IPV6, "*filter\nCOMMIT\n", "filter", FW_RESTORE_TEST, NULL, &error));

    /* A NUL is no end, whether in a comment, between the lines or in a rule; from memory or a file. */
    const char *broken[] = {"*filter\n#\0\n:web - [0:0]\nCOMMIT\n", "*filter\n\0\n:web - [0:0]\nCOMMIT\n",
                            "*filter\n:web\0 - [0:0]\nCOMMIT\nXXX", "*filter\n:a - -\n-A a -j DROP\0\nXXX"};
    const size_t size = 29;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        FAILS(fw_restore_n(kernel, FW_IPV6, broken[i], size, NULL, 0, &warnings, &error), FW_ERROR_SYNTAX);
        CHECK(fw_error_line(error) == (i == 3 ? 3 : 2));
        CHECK(warnings == NULL);
        FILE *file = tmpfile();
        CHECK(file != NULL && fwrite(broken[i], 1, size, file) == size);
        rewind(file);
        FAILS(fw_restore_fd(kernel, FW_IPV6, fileno(file), NULL, 0, NULL, &error), FW_ERROR_SYNTAX);
        fclose(file);
    }
    OK(fw_run(kernel, FW_IPV6, 3, list, &text, NULL, &error));
    CHECK_STR(text, "-N web\n-A web -c 1 60 -j ACCEPT\n");
    fw_string_free(text);
    OK(fw_restore_n(kernel, FW_IPV6, "*raw\nCOMMIT\nrest", 12, NULL, 0, NULL, &error));
    FAILS(fw_restore_fd(kernel, FW_IPV6, -1, NULL, 0, NULL, &error), FW_ERROR_INVALID_ARGUMENT);
    FAILS(fw_restore_fd(kernel, FW_IPV6, 12345, NULL, 0, NULL, &error), FW_ERROR_INVALID_ARGUMENT);
    int directory = open("/", O_RDONLY);
    FAILS(fw_restore_fd(kernel, FW_IPV6, directory, NULL, 0, NULL, &error), FW_ERROR_IO);
    CHECK(fw_error_errno(error) == EISDIR && close(directory) == 0);

    const char *missing[] = {"-D", "web", "-j", "DROP"};
    FAILS(fw_run(kernel, FW_IPV6, 4, missing, &text, NULL, &error), FW_ERROR_NO_SUCH_RULE);
    CHECK(text == NULL);
    CHECK(fw_error_iptables_status(error) == 1);
    fw_error_free(error);
    const char *help[] = {"-h"};
    FAILS(fw_run(kernel, FW_IPV6, 1, help, NULL, NULL, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
}

static void namespaces(void) {
    fw_error *error = NULL;
    fw_kernel *other;
    fw_table *table;
    OK(fw_kernel_in_netns("/proc/self/ns/net", &other, &error));
    fw_kernel_free(other);
    OK(fw_kernel_in_netns_of((uint32_t)getpid(), &other, &error));
    OK(fw_kernel_set_unlocked(other, &error));
    OK(fw_table_open(other, FW_IPV6, "filter", &table, &error));
    CHECK(fw_chain_rule_count(table, "web") == 1);
    fw_kernel_free(other);
    fw_table_free(table);
    int fd = open("/proc/self/ns/net", O_RDONLY);
    OK(fw_kernel_in_netns_fd(fd, &other, &error));
    CHECK(close(fd) == 0);
    OK(fw_table_open(other, FW_IPV6, "filter", &table, &error));
    fw_table_free(table);
    fw_kernel_free(other);
    FAILS(fw_kernel_in_netns("/nonexistent", &other, &error), FW_ERROR_IO);
    CHECK(fw_error_errno(error) == ENOENT);
    const char *elsewhere[] = {"/dev/null", "/proc/self/ns/uts"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        FAILS(fw_kernel_in_netns(elsewhere[i], &other, &error), FW_ERROR_IO);
        CHECK(fw_error_errno(error) == EINVAL);
        int no_namespace = open(elsewhere[i], O_RDONLY);
        FAILS(fw_kernel_in_netns_fd(no_namespace, &other, &error), FW_ERROR_INVALID_ARGUMENT);
        CHECK(strstr(fw_error_message(error), "not that of a network namespace") != NULL);
        close(no_namespace);
    }
    CHECK(other == NULL);
    fw_error_free(error);
    FAILS(fw_table_open(kernel, FW_IPV4, "nonexistent", &table, &error), FW_ERROR_NO_SUCH_TABLE);
    CHECK_STR(fw_error_table(error), "nonexistent");
    fw_family family;
    CHECK(fw_error_family(error, &family) && family == FW_IPV4);
    fw_error_free(error);
}

/* Reading brings no table into being, and everything that there is is saved in one call. */
static void traces(void) {
    fw_error *error = NULL;
    fw_strings *names;
    fw_table *table;
    char *text;
    OK(fw_kernel_tables(kernel, FW_IPV4, &names, &error));
    CHECK(fw_strings_count(names) == 0);
    fw_strings_free(names);
    OK(fw_save(kernel, FW_IPV4, true, &text, &error));
    CHECK_STR(text, "");
    fw_string_free(text);
    OK(fw_table_open_locked(kernel, FW_IPV4, "security", &table, &error));
    CHECK(!fw_table_exists(table));
    CHECK(!fw_table_exists(NULL));
    OK(fw_chain_append_text(table, "OUTPUT", "-o lo -j ACCEPT", &error));
    OK(fw_kernel_tables(kernel, FW_IPV4, &names, &error));
    CHECK(fw_strings_count(names) == 0);
    fw_strings_free(names);
    OK(fw_table_commit(table, NULL, &error));
    CHECK(fw_table_exists(table));
    fw_table_free(table);
    OK(fw_kernel_tables(kernel, FW_IPV4, &names, &error));
    CHECK(fw_strings_count(names) == 1);
    CHECK_STR(fw_strings_get(names, 0), "security");
    fw_strings_free(names);
    OK(fw_save(kernel, FW_IPV4, false, &text, &error));
    CHECK_STR(text, "*security\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                    "-A OUTPUT -o lo -j ACCEPT\nCOMMIT\n");
    fw_string_free(text);
    OK(fw_table_open_locked(kernel, FW_IPV4, "security", &table, &error));
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
}

/* Nothing is missing here; a module is loaded by the program that is named, and only then. */
static void modules(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = legacy_kernel();
    char *name;
    bool available = true;
    OK(fw_kernel_missing_module(kernel, FW_IPV4, &available, &name, &error));
    CHECK(name == NULL && !available);
    OK(fw_kernel_load_module(kernel, "ip_tables", "/bin/true", &error));
    FAILS(fw_kernel_load_module(kernel, "ip_tables", "/bin/false", &error), FW_ERROR_BACKEND_ABSENT);
    fw_error_free(error);
    error = NULL;
    FAILS(fw_kernel_load_module(kernel, "nosuch", NULL, &error), FW_ERROR_BACKEND_ABSENT);
    CHECK(strstr(fw_error_text(error), "nosuch cannot be loaded: there is no such module") != NULL);
    fw_error_free(error);
    fw_kernel_free(kernel);
}

/* What a rule names is asked for, and nothing is written. */
static void rules_that_a_kernel_takes(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = legacy_kernel();
    struct {
        const char *text;
        fw_status status;
    } rules[] = {
        {"-p tcp --dport 22 -j ACCEPT", FW_OK},
        {"-m set --match-set gone src -j DROP", FW_ERROR_NO_SUCH_OBJECT},
        {"-m nothing --opaque 0:00 -j DROP", FW_ERROR_EXTENSION_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        fw_rule *rule;
        OK(fw_rule_parse(NULL, FW_IPV4, rules[i].text, &rule, &error));
        CHECK(fw_kernel_check_rule(kernel, rule, NULL) == rules[i].status);
        CHECK(fw_rule_nft_handle(rule) == 0);
        fw_rule_free(rule);
    }
    CHECK(fw_kernel_check_rule(kernel, NULL, NULL) == FW_ERROR_INVALID_ARGUMENT && fw_rule_nft_handle(NULL) == 0);
    fw_kernel_free(kernel);
}

int main(void) {
    own_kernel();
    rules_that_a_kernel_takes();
    traces();
    modules();
    commit_and_read_back();
    policy_and_counters();
    update();
    conflict();
    /* nf_tables needs no lock. */
    if (backend() == FW_BACKEND_LEGACY) {
        locks();
    }
    restore_and_run();
    namespaces();
    fw_kernel_free(kernel);
    return 0;
}
