/* What tables are to be: plans, and changes that have to be confirmed. */
#define _GNU_SOURCE
#include "check.h"

static const char *text_of(const fw_kernel *kernel) {
    static char text[4096];
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    char *saved = NULL;
    OK(fw_table_save(table, false, &saved, &error));
    snprintf(text, sizeof text, "%s", saved);
    fw_string_free(saved);
    fw_table_free(table);
    return text;
}

static fw_rule *rule_of(const char *text) {
    fw_error *error = NULL;
    fw_rule *rule;
    OK(fw_rule_parse(NULL, FW_IPV4, text, &rule, &error));
    return rule;
}

int main(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_unlocked(kernel, &error));
    fw_table *before, *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &before, &error));
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-c 5 500 -i lo -j ACCEPT", &error));
    OK(fw_chain_append_text(table, "INPUT", "-p udp -j DROP", &error));
    OK(fw_table_commit(table, NULL, &error));

    /* A difference, shown and undone. */
    fw_plan *plan, *back;
    OK(fw_table_diff(before, table, &plan, &error));
    CHECK(fw_plan_count(plan) == 2);
    CHECK_STR(fw_plan_text(plan), "# IPv4 filter\n+ -A INPUT -i lo -j ACCEPT\n+ -A INPUT -p udp -j DROP\n");
    fw_step change;
    OK(fw_plan_step(plan, 1, &change, &error));
    CHECK(change.kind == FW_STEP_RULE_ADDED && change.family == FW_IPV4 && change.from == -1 && change.to == 1);
    CHECK_STR(change.table, "filter");
    CHECK_STR(change.chain, "INPUT");
    CHECK_STR(change.rule, "-p udp -j DROP");
    CHECK(change.old_chain == NULL && change.policy == FW_POLICY_NONE);
    CHECK(fw_plan_step(plan, 2, &change, NULL) == FW_ERROR_INDEX_TOO_BIG && change.kind == FW_STEP_NONE);
    OK(fw_plan_inverse(plan, &back, &error));
    OK(fw_plan_step(back, 0, &change, &error));
    CHECK(change.kind == FW_STEP_RULE_REMOVED && change.from == 0 && change.to == -1);
    OK(fw_table_apply(table, back, &error));
    CHECK(fw_chain_rule_count(table, "INPUT") == 0);
    CHECK(fw_table_apply(table, back, &error) == FW_ERROR_CONFLICT);
    fw_error_free(error);
    error = NULL;
    /* A copy is what the table was, whatever becomes of it, and is for comparing alone. */
    fw_table *copy = NULL;
    fw_plan *since;
    OK(fw_table_copy(table, &copy, &error));
    OK(fw_chain_append_text(table, "INPUT", "-p tcp -j DROP", &error));
    OK(fw_table_diff(copy, table, &since, &error));
    CHECK_STR(fw_plan_text(since), "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n");
    OK(fw_chain_remove(table, "INPUT", 0, &error));
    CHECK(fw_chain_append_text(copy, "INPUT", "-p udp -j DROP", NULL) == FW_OK);
    CHECK(fw_table_commit(copy, NULL, NULL) != FW_OK);
    fw_table_free(copy);
    CHECK(fw_table_copy(NULL, &copy, NULL) == FW_ERROR_INVALID_ARGUMENT && copy == NULL);
    fw_plan_free(since);

    /* In the kernel: back, forth, and not forth again. */
    OK(fw_kernel_apply(kernel, back, &error));
    OK(fw_kernel_apply(kernel, plan, &error));
    CHECK(fw_kernel_apply(kernel, plan, &error) == FW_ERROR_CONFLICT);
    fw_error_free(error);
    error = NULL;
    CHECK(fw_kernel_apply(kernel, NULL, NULL) == FW_ERROR_INVALID_ARGUMENT);
    fw_plan_free(plan);
    fw_plan_free(back);
    fw_table_free(before);
    OK(fw_table_refresh(table, &error));

    /* A place for a rule. */
    fw_rule *udp = rule_of("-p udp -j DROP"), *lo = rule_of("-i lo -j ACCEPT"), *tcp = rule_of("-p tcp -j web-in");
    bool changed;
    OK(fw_chain_ensure_at(table, "INPUT", udp, FW_POSITION_BEFORE, lo, &changed, &error));
    CHECK(changed);
    OK(fw_chain_ensure_at(table, "INPUT", udp, FW_POSITION_FIRST, NULL, &changed, &error));
    CHECK(!changed);
    FAILS(fw_chain_ensure_at(table, "INPUT", udp, FW_POSITION_AFTER, NULL, NULL, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK_STR(fw_error_message(error), "other is NULL");
    CHECK(fw_chain_ensure_at(table, "INPUT", udp, (fw_position)9, NULL, NULL, NULL) == FW_ERROR_INVALID_ARGUMENT);

    /* The whole table. */
    const char *chains[] = {"INPUT", "web", "INPUT", "empty", NULL};
    fw_rule *web = rule_of("-j web");
    const fw_rule *rules[] = {lo, udp, web, NULL};
    OK(fw_table_sync(table, chains, rules, 4, &plan, &error));
    CHECK_STR(fw_plan_text(plan), "# IPv4 filter\n+ :empty -\n+ :web -\n- -A INPUT -p udp -j DROP\n+ -A INPUT -j web\n"
                                  "+ -A web -p udp -j DROP\n");
    fw_plan_free(plan);
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_table_sync(table, chains, rules, FW_UNTIL_NULL, &plan, &error));
    CHECK(fw_plan_count(plan) == 0 && !fw_table_is_changed(table));
    fw_plan_free(plan);
    fw_table_free(table);

    /* What is to be, among what others have. */
    fw_desired *desired;
    const char *prefix = "web-", *names[] = {prefix, NULL};
    FAILS(fw_desired_new(kernel, FW_SCOPE_TABLES, &prefix, 1, &desired, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK_STR(fw_error_message(error), "FW_SCOPE_TABLES has no names");
    FAILS(fw_desired_new(kernel, FW_SCOPE_PREFIX, NULL, 0, &desired, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK_STR(fw_error_message(error), "expected one prefix or mark, not 0");
    CHECK(fw_desired_new(kernel, FW_SCOPE_PREFIX, NULL, 0, &desired, NULL) == FW_ERROR_INVALID_ARGUMENT);
    const char *empty = "";
    FAILS(fw_desired_new(kernel, FW_SCOPE_PREFIX, &empty, 1, &desired, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK_STR(fw_error_message(error), "an empty prefix, with which every chain begins");
    FAILS(fw_desired_new(kernel, FW_SCOPE_OWNER, &empty, 1, &desired, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK(desired == NULL);
    OK(fw_desired_new(kernel, FW_SCOPE_PREFIX, names, FW_UNTIL_NULL, &desired, &error));
    OK(fw_desired_chain(desired, FW_IPV4, "filter", "web-in", &error));
    OK(fw_desired_append(desired, FW_IPV4, "filter", "web-in", "-p tcp --dport 443 -j ACCEPT", &error));
    OK(fw_desired_append_rule(desired, FW_IPV4, "filter", "web-in", web, &error));
    OK(fw_desired_place(desired, FW_IPV4, "filter", "INPUT", tcp, FW_POSITION_FIRST, NULL, &error));
    OK(fw_desired_plan(desired, &plan, &error));
    CHECK(fw_plan_count(plan) == 4);
    fw_plan_free(plan);
    OK(fw_desired_apply(desired, &plan, &error));
    CHECK(fw_plan_count(plan) == 4);
    fw_plan_free(plan);
    CHECK(strstr(text_of(kernel), "-A INPUT -p tcp -j web-in\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j web\n"));
    OK(fw_desired_apply(desired, &plan, &error));
    CHECK(fw_plan_count(plan) == 0);
    fw_plan_free(plan);
    fw_desired_free(desired);

    /* From a file, to be confirmed. */
    const char *file = "*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
    fw_pending *pending;
    fw_ending ending;
    for (int round = 0; round < 3; round++) {
        OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
        OK(fw_desired_read(desired, FW_IPV4, file, strlen(file), NULL, &error));
        OK(fw_desired_apply_for(desired, 60000, &pending, &error));
        CHECK(fw_plan_count(fw_pending_plan(pending)) > 0);
        CHECK(fw_pending_remaining(pending) > 30000 && fw_pending_remaining(pending) <= 60000);
        CHECK(strstr(text_of(kernel), ":INPUT DROP") && !strstr(text_of(kernel), "web"));
        OK(fw_pending_wait(pending, 10, &ending, &error));
        CHECK(ending == FW_ENDING_NONE);
        if (round == 0) {
            OK(fw_pending_roll_back(pending, &ending, &error));
            CHECK(ending == FW_ENDING_ROLLED_BACK);
            CHECK(fw_pending_confirm(pending, NULL) == FW_ERROR_CONFLICT);
        } else if (round == 1) {
            OK(fw_kernel_roll_back(kernel, &error));
            OK(fw_pending_wait(pending, 10000, &ending, &error));
            CHECK(ending == FW_ENDING_ROLLED_BACK);
        } else {
            OK(fw_kernel_confirm(kernel, &error));
            OK(fw_pending_confirm(pending, &error));
        }
        CHECK(!!strstr(text_of(kernel), "-A INPUT -j web\n") == (round < 2));
        fw_pending_free(pending);
        fw_desired_free(desired);
    }
    CHECK(fw_kernel_confirm(kernel, NULL) == FW_ERROR_NO_SUCH_OBJECT);

    OK(fw_kernel_watch_over(kernel, 60000, &pending, &error));
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_pending_roll_back(pending, NULL, &error));
    CHECK(strstr(text_of(kernel), "-A INPUT -i lo -j ACCEPT\n"));
    fw_pending_free(pending);

    const char *bad = "*filter\n-A INPUT --bogus\nCOMMIT\n";
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    CHECK(fw_desired_read(desired, FW_IPV4, bad, strlen(bad), NULL, &error) == FW_ERROR_SYNTAX);
    CHECK(fw_error_line(error) == 2);
    fw_error_free(error);
    error = NULL;
    fw_desired_free(desired);
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    OK(fw_desired_table(desired, FW_IPV6, "filter", &error));
    OK(fw_desired_policy(desired, FW_IPV6, "filter", "FORWARD", FW_POLICY_DROP, &error));
    OK(fw_desired_apply(desired, &plan, &error));
    OK(fw_plan_step(plan, 0, &change, &error));
    CHECK(change.kind == FW_STEP_POLICY && change.policy == FW_POLICY_DROP && change.old_policy == FW_POLICY_ACCEPT);
    fw_plan_free(plan);
    fw_desired_free(desired);
    fw_rule_free(udp);
    fw_rule_free(lo);
    fw_rule_free(tcp);
    fw_rule_free(web);
    fw_kernel_free(kernel);
    return 0;
}
