/* Tables of the kernel: open, edit, commit, and what comes back. Runs in a network namespace of its own. */
#include "check.h"

static void edit_and_commit(void) {
    fw_error *error = NULL;
    fw_table *table;
    fw_report report;

    OK(fw_table_open_locked(NULL, FW_IPV4, "filter", &table, &error));
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

    OK(fw_table_open(NULL, FW_IPV4, "filter", &table, &error));
    CHECK(fw_table_rule_count(table) == 1);
    fw_rule *rule;
    OK(fw_chain_rule(table, "INPUT", 0, &rule, &error));
    fw_table_free(table);
    CHECK_STR(fw_rule_text(rule), "-p tcp -m tcp --dport 22 -j ACCEPT");
    fw_rule_free(rule);
}

int main(void) {
    edit_and_commit();
    return 0;
}
