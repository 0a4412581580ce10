/* Commits when something goes wrong: tables that others have changed, a kernel that refuses the counters. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char lock_file[] = "/tmp/libfw-c-test-XXXXXX";

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
    fw_kernel *kernel = fw_kernel_new();
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
    int fd = mkstemp(lock_file);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(setenv("XTABLES_LOCKFILE", lock_file, 1) == 0);
    recovery(change_by_handle, "-p udp -j DROP");
    if (have_iptables()) {
        recovery(change_by_iptables, "-p icmp -j DROP");
    }
    counters_are_lost();
    CHECK(unlink(lock_file) == 0);
    return 0;
}
