/* Commits when something goes wrong: tables that others have changed, a kernel that refuses the counters. */
#define _GNU_SOURCE
#include "own.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SO_SET_ADD_COUNTERS, and whether it fails. */
enum { ADD_COUNTERS = 65 };
static bool no_memory;

/* Takes the place of the C library's function, for libfw too. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    if (no_memory && name == ADD_COUNTERS) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

static fw_kernel *new_kernel(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = legacy_kernel();
    OK(fw_kernel_set_lock(kernel, lock_file, 5000, &error));
    return kernel;
}

static void check_rules(const fw_table *table, const char *want) {
    fw_error *error = NULL;
    char *text;
    OK(fw_table_rules(table, "INPUT", false, &text, &error));
    CHECK_STR(text, want);
    fw_string_free(text);
}

/* Another handle replaces a rule: the number of rules stays. */
static void change_by_handle(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    fw_table *table;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    fw_rule *rule;
    OK(fw_rule_parse(kernel, FW_IPV4, "-p udp -j DROP", &rule, &error));
    OK(fw_chain_replace(table, "INPUT", 0, rule, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_rule_free(rule);
    fw_table_free(table);
    fw_kernel_free(kernel);
}

static bool have_iptables(void) {
    if (system("command -v iptables-legacy > /dev/null") == 0) {
        return true;
    }
    skip("commits.c: iptables-legacy is not installed");
    return false;
}

static void change_by_iptables(void) {
    CHECK(system("iptables-legacy -w -R INPUT 1 -p icmp -j DROP") == 0);
}

/* A conflict, then refresh, edit and commit, which goes through; with the same handle again and again. */
static void recovery(void (*change)(void), const char *changed) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    fw_table *table;
    char want[200];
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    for (int round = 0; round < 5; round++) {
        OK(fw_table_clear(table, &error));
        OK(fw_chain_append_text(table, "INPUT", "-m conntrack --ctstate NEW -j ACCEPT", &error));
        OK(fw_chain_append_text(table, "INPUT", "-m mark --mark 0x1 -j RETURN", &error));
        OK(fw_table_commit(table, NULL, &error));
        change();
        OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT", &error));
        FAILS(fw_table_commit(table, NULL, &error), FW_ERROR_CONFLICT);
        OK(fw_table_refresh(table, &error));
        OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT", &error));
        OK(fw_table_commit(table, NULL, &error));
        snprintf(want, sizeof want,
                 "-P INPUT ACCEPT\n-A INPUT %s\n-A INPUT -m mark --mark 0x1 -j RETURN\n-A INPUT -j ACCEPT\n", changed);
        check_rules(table, want);
        fw_table *again;
        OK(fw_table_open(kernel, FW_IPV4, "filter", &again, &error));
        check_rules(again, want);
        fw_table_free(again);
    }
    fw_table_free(table);
    fw_kernel_free(kernel);
}

/* The same number of rules and other contents, under the lock: noticed up to the size that is compared. */
static void compared(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    const struct { size_t size; fw_status status; } cases[] = {
        { 1 << 20, FW_ERROR_CONFLICT }, { SIZE_MAX, FW_ERROR_CONFLICT }, { 900, FW_OK }, { 0, FW_OK },
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        fw_report report;
        fw_table *table;
        OK(fw_kernel_set_compare(kernel, cases[at].size, &error));
        OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
        OK(fw_table_clear(table, &error));
        OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT", &error));
        OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT", &error));
        OK(fw_table_commit(table, &report, &error));
        CHECK(!report.overwritten);
        /* It honours another lock. */
        CHECK(system("XTABLES_LOCKFILE=/dev/null iptables-legacy -w -R INPUT 1 -p icmp -j DROP") == 0);
        OK(fw_chain_append_text(table, "INPUT", "-j DROP", &error));
        if (cases[at].status == FW_OK)
            OK(fw_table_commit(table, NULL, &error));
        else
            FAILS(fw_table_commit(table, NULL, &error), cases[at].status);
        fw_table_free(table);
    }
    FAILS(fw_kernel_set_compare(NULL, 0, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    fw_kernel_free(kernel);
}

/* Threads that share a lock, and with it the right to commit. */
enum { THREADS = 4, EDITS = 200 };
static fw_kernel *shared;

static int replace_own(fw_table *table, void *data, fw_error **error) {
    char rule[80];
    int *edit = data;
    if (edit[1] > 0) {
        snprintf(rule, sizeof rule, "-m mark --mark %d -j ACCEPT", edit[0] * 10000 + edit[1]);
        if (fw_chain_delete_text(table, "INPUT", rule, error) != FW_OK)
            return 1;
    }
    snprintf(rule, sizeof rule, "-m mark --mark %d -j ACCEPT", edit[0] * 10000 + edit[1] + 1);
    return (int)fw_chain_append_text(table, "INPUT", rule, error);
}

static void *edit_often(void *data) {
    int edit[2] = { *(int *)data, 0 };
    while (edit[1] < EDITS) {
        fw_error *error = NULL;
        fw_status status = fw_table_update(shared, FW_IPV4, "filter", replace_own, edit, NULL, &error);
        if (status == FW_OK) {
            edit[1]++;
        } else {
            /* Others were faster a few times; but what was acknowledged is there. */
            CHECK(status == FW_ERROR_CONFLICT);
            fw_error_free(error);
        }
    }
    return NULL;
}

static void threads(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    fw_lock *lock;
    fw_table *table;
    pthread_t thread[THREADS];
    int number[THREADS];
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_lock_take(kernel, &lock, &error));
    OK(fw_kernel_with_lock(kernel, lock, &shared, &error));
    for (int at = 0; at < THREADS; at++) {
        number[at] = at + 1;
        CHECK(pthread_create(&thread[at], NULL, edit_often, &number[at]) == 0);
    }
    for (int at = 0; at < THREADS; at++)
        CHECK(pthread_join(thread[at], NULL) == 0);
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    CHECK(fw_table_rule_count(table) == THREADS);
    fw_table_free(table);
    fw_kernel_free(shared);
    fw_lock_free(lock);
    fw_kernel_free(kernel);
}

/* Tables of both families, all or none. */
static void transactions(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    fw_transaction *transaction;
    fw_table *table, *again;
    char *before, *after;
    OK(fw_transaction_begin(kernel, &transaction, &error));
    OK(fw_transaction_table(transaction, FW_IPV6, "filter", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-p tcp -j ACCEPT", &error));
    OK(fw_transaction_table(transaction, FW_IPV4, "raw", &table, &error));
    OK(fw_chain_append_text(table, "OUTPUT", "-o lo -j NOTRACK", &error));
    OK(fw_transaction_table(transaction, FW_IPV4, "raw", &again, &error));
    CHECK(again == table);
    FAILS(fw_transaction_table(transaction, FW_IPV4, "nonesuch", &again, &error), FW_ERROR_NO_SUCH_TABLE);
    CHECK(again == NULL);
    OK(fw_transaction_commit(transaction, &error));
    CHECK(!fw_table_is_changed(table));
    OK(fw_save(kernel, FW_IPV6, true, &before, &error));
    CHECK(strstr(before, "-A INPUT -p tcp -j ACCEPT\n") != NULL);

    /* Only the kernel knows that there is no such helper. */
    OK(fw_transaction_table(transaction, FW_IPV6, "filter", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-p udp -j DROP", &error));
    OK(fw_transaction_table(transaction, FW_IPV4, "raw", &table, &error));
    OK(fw_chain_append_text(table, "OUTPUT", "-p tcp -j CT --helper nonesuch", &error));
    CHECK(fw_transaction_commit(transaction, &error) != FW_OK);
    CHECK_STR(fw_error_table(error), "raw");
    fw_error_free(error);
    error = NULL;
    OK(fw_save(kernel, FW_IPV6, true, &after, &error));
    CHECK_STR(after, before);
    fw_string_free(before);
    fw_string_free(after);
    CHECK(is_locked(lock_file));
    fw_transaction_free(transaction);
    CHECK(!is_locked(lock_file));
    fw_transaction_free(NULL);
    const char *text = "*mangle\n-A OUTPUT -j ACCEPT\nCOMMIT\n*raw\n-A OUTPUT -p tcp -j CT --helper nonesuch\nCOMMIT\n";
    CHECK(fw_restore(kernel, FW_IPV4, text, NULL, FW_RESTORE_ATOMIC, NULL, &error) != FW_OK);
    OK(fw_table_open(kernel, FW_IPV4, "mangle", &table, &error));
    CHECK(fw_table_rule_count(table) == 0);
    fw_table_free(table);
    fw_kernel_free(kernel);
}

/* The rules are in although the counters are not: that is no error, and the table can be used on. */
static void counters_are_lost(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = new_kernel();
    for (int locked = 0; locked < 2; locked++) {
        fw_report report;
        fw_table *table, *again;
        OK((locked ? fw_table_open_locked : fw_table_open)(kernel, FW_IPV4, "filter", &table, &error));
        OK(fw_table_clear(table, &error));
        OK(fw_chain_append_text(table, "INPUT", "-c 3 300 -j DROP", &error));
        OK(fw_table_commit(table, &report, &error));
        CHECK(report.changed && report.counters_lost == FW_OK);
        OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT", &error));
        no_memory = true;
        OK(fw_table_commit(table, &report, &error));
        no_memory = false;
        CHECK(report.changed && report.rules == 2 && report.counters_lost == FW_ERROR_TOO_LARGE);
        CHECK(!fw_table_is_changed(table));
        CHECK(fw_chain_rule_counters(table, "INPUT", 0).packets == 0);
        OK(fw_chain_append_text(table, "INPUT", "-c 4 400 -j RETURN", &error));
        OK(fw_table_commit(table, &report, &error));
        CHECK(report.counters_lost == FW_OK);
        OK(fw_table_open(kernel, FW_IPV4, "filter", &again, &error));
        check_rules(again, "-P INPUT ACCEPT\n-A INPUT -j DROP\n-A INPUT -j ACCEPT\n-A INPUT -j RETURN\n");
        CHECK(fw_chain_rule_counters(again, "INPUT", 0).packets == 0);
        CHECK(fw_chain_rule_counters(again, "INPUT", 2).bytes == 400);
        fw_table_free(again);
        fw_table_free(table);
    }
    fw_kernel_free(kernel);
}

int main(void) {
    own_lock_file();
    CHECK(setenv("XTABLES_LOCKFILE", lock_file, 1) == 0);
    recovery(change_by_handle, "-p udp -j DROP");
    if (have_iptables()) {
        recovery(change_by_iptables, "-p icmp -j DROP");
        compared();
    }
    threads();
    transactions();
    counters_are_lost();
    return 0;
}
