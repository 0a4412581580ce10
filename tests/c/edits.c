/* Edits of the rules of a chain: with rules and with texts, one by one and many at once. Runs in a network namespace of its own. */
#define _DEFAULT_SOURCE
#include "own.h"

#include <unistd.h>

static fw_rule *parse(const char *text) {
    fw_error *error = NULL;
    fw_rule *rule;
    OK(fw_rule_parse(kernel, FW_IPV4, text, &rule, &error));
    return rule;
}

static void check_rules(const fw_table *table, const char *chain, const char *want) {
    fw_error *error = NULL;
    char *text;
    OK(fw_table_rules(table, chain, false, &text, &error));
    CHECK_STR(text, want);
    fw_string_free(text);
}

static void edits(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    fw_rule *accept = parse("-s 192.0.2.1 -j ACCEPT"), *drop = parse("-s 192.0.2.2 -j DROP");
    fw_rule *jump = parse("-p udp -j web");
    int64_t index;
    size_t count;
    bool added;

    FAILS(fw_chain_append(table, "INPUT", jump, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK_STR(fw_error_chain(error), "INPUT");
    CHECK_STR(fw_error_token(error), "web");
    fw_error_free(error);
    OK(fw_chain_new(table, "web", &error));
    FAILS(fw_chain_new(table, "web", &error), FW_ERROR_CHAIN_EXISTS);
    fw_error_free(error);

    OK(fw_chain_append(table, "INPUT", accept, &error));
    OK(fw_chain_insert(table, "INPUT", 0, jump, &error));
    OK(fw_chain_insert(table, "INPUT", 2, drop, &error));
    FAILS(fw_chain_insert(table, "INPUT", 4, drop, &error), FW_ERROR_INDEX_TOO_BIG);
    CHECK_STR(fw_error_iptables_words(error), "Index of insertion too big.");
    fw_error_free(error);
    check_rules(table, "INPUT",
                "-P INPUT ACCEPT\n-A INPUT -p udp -j web\n-A INPUT -s 192.0.2.1/32 -j ACCEPT\n"
                "-A INPUT -s 192.0.2.2/32 -j DROP\n");
    CHECK(fw_chain_references(table, "web") == 1);
    FAILS(fw_table_delete_chain(table, "web", &error), FW_ERROR_CHAIN_IN_USE);
    fw_error_free(error);

    OK(fw_chain_rename(table, "web", "\xffname", &error));
    CHECK(fw_chain_exists(table, "\xffname") && !fw_chain_exists(table, "web"));
    OK(fw_chain_position(table, "INPUT", drop, &index, &error));
    CHECK(index == 2);
    OK(fw_chain_replace(table, "INPUT", 0, accept, &error));
    /* accept, accept, drop */
    OK(fw_chain_position_from(table, "INPUT", accept, 0, &index, &error));
    CHECK(index == 0);
    OK(fw_chain_position_from(table, "INPUT", accept, (size_t)index + 1, &index, &error));
    CHECK(index == 1);
    OK(fw_chain_position_from(table, "INPUT", accept, (size_t)index + 1, &index, &error));
    CHECK(index == -1);
    index = 7;
    FAILS(fw_chain_position_from(table, "gone", accept, 0, &index, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK(index == -1);
    fw_error_free(error);
    CHECK(fw_chain_references(table, "\xffname") == 0);
    OK(fw_chain_dedup(table, "INPUT", &count, &error));
    CHECK(count == 1);
    OK(fw_chain_ensure(table, "INPUT", drop, &added, &error));
    CHECK(!added);
    OK(fw_chain_ensure_absent(table, "INPUT", drop, &count, &error));
    CHECK(count == 1);
    OK(fw_chain_position(table, "INPUT", drop, &index, &error));
    CHECK(index == -1);
    FAILS(fw_chain_delete_rule(table, "INPUT", drop, &error), FW_ERROR_NO_SUCH_RULE);
    fw_error_free(error);
    OK(fw_chain_delete_rule(table, "INPUT", accept, &error));
    CHECK(fw_chain_rule_count(table, "INPUT") == 0);
    OK(fw_chain_append(table, "OUTPUT", drop, &error));
    OK(fw_chain_remove(table, "OUTPUT", 0, &error));
    OK(fw_table_delete_user_chains(table, &error));

    FAILS(fw_chain_flush(table, "gone", &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK_STR(fw_error_chain(error), "gone");
    CHECK_STR(fw_error_table(error), "filter");
    CHECK_STR(fw_error_iptables_words(error), "No chain/target/match by that name.");
    fw_error_free(error);
    FAILS(fw_chain_position(table, "gone", accept, &index, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK_STR(fw_error_chain(error), "gone");
    fw_error_free(error);

    fw_strings *chains = fw_table_chains(table);
    CHECK(fw_strings_count(chains) == 3);
    CHECK_STR(fw_strings_get(chains, 0), "INPUT");
    CHECK_STR(fw_strings_get(chains, 2), "OUTPUT");
    CHECK(fw_strings_get(chains, 3) == NULL);
    fw_strings_free(chains);
    fw_rule_free(accept);
    fw_rule_free(drop);
    fw_rule_free(jump);
    fw_table_free(table);
}

/* Each edit with the text of a rule. */
static void edits_by_text(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    int64_t index;
    size_t count;
    bool added;
    OK(fw_table_clear(table, &error));
    OK(fw_chain_insert_text(table, "INPUT", 0, "-s 192.0.2.1 -j ACCEPT", &error));
    OK(fw_chain_insert_text(table, "INPUT", 0, "-s 192.0.2.2 -j ACCEPT", &error));
    FAILS(fw_chain_insert_text(table, "INPUT", 3, "-j DROP", &error), FW_ERROR_INDEX_TOO_BIG);
    FAILS(fw_chain_insert_text(table, "INPUT", 0, "--bogus", &error), FW_ERROR_SYNTAX);
    OK(fw_chain_replace_text(table, "INPUT", 1, "-s 192.0.2.3 -j ACCEPT", &error));
    FAILS(fw_chain_replace_text(table, "INPUT", 2, "-j DROP", &error), FW_ERROR_INDEX_TOO_BIG);
    OK(fw_chain_ensure_text(table, "INPUT", "-s 192.0.2.3/32 -j ACCEPT", &added, &error));
    CHECK(!added);
    OK(fw_chain_ensure_text(table, "INPUT", "-s 192.0.2.4 -j ACCEPT", &added, &error));
    CHECK(added);
    OK(fw_chain_position_text(table, "INPUT", "-s 192.0.2.4 -j ACCEPT", &index, &error));
    CHECK(index == 2);
    OK(fw_chain_position_text(table, "INPUT", "-j ACCEPT", &index, &error));
    CHECK(index == -1);
    index = 7;
    FAILS(fw_chain_position_text(table, "INPUT", "--bogus", &index, &error), FW_ERROR_SYNTAX);
    CHECK(index == -1);
    OK(fw_chain_delete_text(table, "INPUT", "-s 192.0.2.2 -j ACCEPT", &error));
    FAILS(fw_chain_delete_text(table, "INPUT", "-s 192.0.2.2 -j ACCEPT", &error), FW_ERROR_NO_SUCH_RULE);
    OK(fw_chain_append_text(table, "INPUT", "-s 192.0.2.3 -j ACCEPT", &error));
    OK(fw_chain_ensure_absent_text(table, "INPUT", "-s 192.0.2.3 -j ACCEPT", &count, &error));
    CHECK(count == 2);
    check_rules(table, "INPUT", "-P INPUT ACCEPT\n-A INPUT -s 192.0.2.4/32 -j ACCEPT\n");
    fw_error_free(error);
    fw_table_free(table);
}

/* Many rules at once: all of them or none. */
static void bulk(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    fw_rule *first = parse("-j ACCEPT"), *second = parse("-j DROP"), *nowhere = parse("-j nowhere");
    const fw_rule *good[] = {first, second, first}, *bad[] = {first, nowhere}, *none[] = {first, NULL};
    const char lines[] = "# web\n-p tcp --dport 80 -j ACCEPT\n\n  -p tcp --dport 443 -j ACCEPT\r\n";
    const char wrong[] = "-p tcp --dport 80 -j ACCEPT\n\n-p tcp --dport eighty -j ACCEPT\n";
    size_t added = 7;
    FAILS(fw_chain_append_all(table, "OUTPUT", bad, 2, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK(fw_error_rule(error) == 1);
    FAILS(fw_chain_append_all(table, "OUTPUT", none, 2, &error), FW_ERROR_INVALID_ARGUMENT);
    FAILS(fw_chain_append_lines(table, "OUTPUT", wrong, sizeof wrong - 1, &added, &error), FW_ERROR_INVALID_VALUE);
    CHECK(fw_error_line(error) == 3 && added == 0);
    CHECK(!fw_table_is_changed(table) && fw_chain_rule_count(table, "OUTPUT") == 0);
    OK(fw_chain_append_all(table, "OUTPUT", good, 3, &error));
    OK(fw_chain_append_all(table, "OUTPUT", NULL, 0, &error));
    OK(fw_chain_append_lines(table, "OUTPUT", lines, sizeof lines - 1, &added, &error));
    CHECK(added == 2);
    check_rules(table, "OUTPUT",
                "-P OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\n-A OUTPUT -j DROP\n-A OUTPUT -j ACCEPT\n"
                "-A OUTPUT -p tcp -m tcp --dport 80 -j ACCEPT\n-A OUTPUT -p tcp -m tcp --dport 443 -j ACCEPT\n");
    OK(fw_table_commit(table, NULL, &error));
    fw_rule_free(first);
    fw_rule_free(second);
    fw_rule_free(nowhere);
    fw_table_free(table);
}

/* A chain becomes what it is to be; what stays keeps its counters. */
static void synced(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter();
    fw_rule *tcp = parse("-p tcp -j ACCEPT"), *udp = parse("-p udp -j ACCEPT"), *nowhere = parse("-j nowhere");
    const fw_rule *want[] = {udp, tcp}, *bad[] = {tcp, nowhere};
    fw_synced done = {9, 9, 9, 9};
    OK(fw_chain_append_text(table, "FORWARD", "-c 5 500 -p tcp -j ACCEPT", &error));
    OK(fw_chain_append_text(table, "FORWARD", "-p icmp -j DROP", &error));
    FAILS(fw_chain_sync(table, "FORWARD", bad, 2, &done, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK(fw_error_rule(error) == 1 && fw_chain_rule_count(table, "FORWARD") == 2 && done.kept == 0);
    OK(fw_chain_sync(table, "FORWARD", want, 2, &done, &error));
    CHECK(done.kept == 1 && done.moved == 0 && done.added == 1 && done.removed == 1);
    check_rules(table, "FORWARD", "-P FORWARD ACCEPT\n-A FORWARD -p udp -j ACCEPT\n-A FORWARD -p tcp -j ACCEPT\n");
    OK(fw_chain_sync(table, "FORWARD", want, 2, NULL, &error));
    OK(fw_chain_sync(table, "FORWARD", NULL, 0, &done, &error));
    CHECK(done.removed == 2);
    fw_error_free(error);
    fw_rule_free(tcp);
    fw_rule_free(udp);
    fw_rule_free(nowhere);
    fw_table_free(table);
}

/* A walk has the same as the copies, and what is kept of it outlives the table. */
static void walk(void) {
    fw_error *error = NULL;
    fw_table *table = open_filter(), *other;
    fw_rules *rules;
    fw_rule *kept = NULL;
    const fw_rule *rule;
    size_t count = 0;
    OK(fw_table_open(fw_table_kernel(table), FW_IPV4, "security", &other, &error));
    OK(fw_chain_rules(table, "OUTPUT", &rules, &error));
    CHECK(fw_rules_index(rules) == 0);
    while ((rule = fw_rules_next(rules)) != NULL) {
        fw_rule *copy;
        CHECK(fw_rules_index(rules) == count);
        OK(fw_chain_rule(table, "OUTPUT", count, &copy, &error));
        CHECK(fw_rule_equal(rule, copy));
        CHECK_STR(fw_rule_text(rule), fw_rule_text(copy));
        CHECK(fw_rule_match_count(rule) == fw_rule_match_count(copy));
        CHECK_STR(fw_rule_target(rule), fw_rule_target(copy));
        CHECK(fw_rule_counters(rule).packets == fw_rule_counters(copy).packets);
        OK(fw_chain_append(other, "OUTPUT", rule, &error));
        fw_rule_free(copy);
        if (++count == 5)
            kept = fw_rule_copy(rule);
    }
    CHECK(count == 5 && fw_rules_next(rules) == NULL && fw_chain_rule_count(other, "OUTPUT") == 5);
    fw_rules_free(rules);
    FAILS(fw_chain_rules(table, "nowhere", &rules, &error), FW_ERROR_NO_SUCH_CHAIN);
    CHECK(rules == NULL && fw_rules_next(rules) == NULL);
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    fw_table_free(other);
    CHECK_STR(fw_rule_text(kept), "-p tcp -m tcp --dport 443 -j ACCEPT");
    fw_rule *again = fw_rule_copy(kept);
    fw_rule_free(kept);
    CHECK_STR(fw_part_name(fw_rule_match(again, 0)), "tcp");
    fw_counters counters = {1, 2};
    OK(fw_rule_set_counters(again, counters, &error));
    CHECK(fw_rule_counters(again).bytes == 2);
    fw_rule_free(again);
    fw_error_free(error);
}

/* Rules that move keep their counters. */
static void moves(void) {
    fw_error *error = NULL;
    fw_table *table;
    const unsigned long long want[] = { 3, 2, 1, 0 };
    OK(fw_table_open_locked(kernel, FW_IPV4, "raw", &table, &error));
    OK(fw_table_clear(table, &error));
    for (int number = 0; number < 4; number++) {
        char rule[60];
        snprintf(rule, sizeof rule, "-c %d %d00 -m mark --mark %d", number, number, number);
        OK(fw_chain_append_text(table, "OUTPUT", rule, &error));
    }
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_chain_move(table, "OUTPUT", 3, 0, &error));
    OK(fw_chain_swap(table, "OUTPUT", 1, 3, &error));
    FAILS(fw_chain_move(table, "OUTPUT", 4, 0, &error), FW_ERROR_INDEX_TOO_BIG);
    FAILS(fw_chain_swap(table, "OUTPUT", 0, 4, &error), FW_ERROR_INDEX_TOO_BIG);
    OK(fw_table_commit(table, NULL, &error));
    OK(fw_table_refresh(table, &error));
    for (size_t at = 0; at < 4; at++)
        CHECK(fw_chain_rule_counters(table, "OUTPUT", at).packets == want[at]);
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
}

int main(void) {
    own_kernel();
    edits();
    edits_by_text();
    bulk();
    synced();
    walk();
    moves();
    fw_kernel_free(kernel);
    return 0;
}
