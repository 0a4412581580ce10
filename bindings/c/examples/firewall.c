/*
 * A small firewall: drops what comes in unless a rule lets it through, and masquerades what goes out by eth0.
 *
 * Needs CAP_NET_ADMIN. Try it where it does no harm: examples/safely target/firewall
 */
#include <libfw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Stops the program with all that libfw knows about a failure. */
static void must(fw_status status, fw_error *error) {
    if (status == FW_OK)
        return;
    fprintf(stderr, "firewall: %s\n", fw_error_text(error));
    fw_error_free(error);
    exit(1);
}

/* Builds a rule and adds it to INPUT. Mistakes that were made while the parts were added show up here. */
static fw_status append(fw_table *table, fw_builder *builder, fw_error **error) {
    fw_rule *rule;
    fw_status status = fw_builder_build(builder, NULL, &rule, error);
    if (status == FW_OK)
        status = fw_chain_append(table, "INPUT", rule, error);
    fw_rule_free(rule);
    fw_builder_free(builder);
    return status;
}

/* The rules of the table filter. Called under the lock; nothing is written unless it returns 0. */
static int edit_filter(fw_table *table, void *data, fw_error **error) {
    fw_builder *builder;
    fw_status status;
    (void)data;

    /* Start from an empty table, so that the program can be run again. */
    if ((status = fw_table_clear(table, error)) != FW_OK)
        return status;
    if ((status = fw_chain_set_policy(table, "INPUT", FW_POLICY_DROP, NULL, error)) != FW_OK)
        return status;

    /* What this host says to itself. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_input(builder, "lo");
    fw_builder_verdict(builder, FW_VERDICT_ACCEPT);
    if ((status = append(table, builder, error)) != FW_OK)
        return status;

    /* Answers. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_match(builder, FW_MATCH_CONNTRACK);
    fw_builder_bits(builder, FW_CONNTRACK_STATE, FW_CONNTRACK_STATE_RELATED | FW_CONNTRACK_STATE_ESTABLISHED);
    fw_builder_verdict(builder, FW_VERDICT_ACCEPT);
    if ((status = append(table, builder, error)) != FW_OK)
        return status;

    /* Some pings. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_protocol(builder, "icmp");
    fw_builder_match(builder, FW_MATCH_ICMP);
    fw_builder_option(builder, FW_ICMP_TYPE, FW_ICMP_TYPE_ECHO_REQUEST);
    fw_builder_match(builder, FW_MATCH_LIMIT);
    fw_builder_rate(builder, FW_LIMIT_RATE, 5, FW_PER_SECOND);
    fw_builder_verdict(builder, FW_VERDICT_ACCEPT);
    if ((status = append(table, builder, error)) != FW_OK)
        return status;

    /* ssh, ten new connections a minute from one address. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_protocol(builder, "tcp");
    fw_builder_match(builder, FW_MATCH_TCP);
    fw_builder_number(builder, FW_TCP_DPORT, 22);
    fw_builder_match(builder, FW_MATCH_HASHLIMIT);
    fw_builder_rate(builder, FW_HASHLIMIT_UPTO, 10, FW_PER_MINUTE);
    fw_builder_number(builder, FW_HASHLIMIT_BURST, 5);
    fw_builder_bits(builder, FW_HASHLIMIT_MODE, FW_HASHLIMIT_MODE_SRCIP);
    fw_builder_option(builder, FW_HASHLIMIT_NAME, "ssh");
    fw_builder_verdict(builder, FW_VERDICT_ACCEPT);
    if ((status = append(table, builder, error)) != FW_OK)
        return status;

    /* The web server: the same in the words of iptables. */
    status = fw_chain_append_text(table, "INPUT", "-p tcp -m multiport --dports 80,443 -j ACCEPT", error);
    if (status != FW_OK)
        return status;

    /* The rest falls to the policy; the log says so. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_target(builder, FW_TARGET_LOG);
    fw_builder_option(builder, FW_LOG_PREFIX, "dropped: ");
    return append(table, builder, error);
}

static int edit_nat(fw_table *table, void *data, fw_error **error) {
    fw_status status;
    (void)data;

    if ((status = fw_table_clear(table, error)) != FW_OK)
        return status;
    return fw_chain_append_text(table, "POSTROUTING", "-o eth0 -j MASQUERADE", error);
}

/* Prints each rule of a table with what it has counted. */
static void print_counters(const fw_table *table) {
    fw_strings *chains = fw_table_chains(table);
    for (size_t i = 0; i < fw_strings_count(chains); i++) {
        const char *chain = fw_strings_get(chains, i);
        for (size_t index = 0; index < fw_chain_rule_count(table, chain); index++) {
            fw_error *error = NULL;
            fw_rule *rule;
            must(fw_chain_rule(table, chain, index, &rule, &error), error);
            fw_counters counters = fw_rule_counters(rule);
            printf("%s %zu: %s (%" PRIu64 " packets, %" PRIu64 " bytes)\n", chain, index + 1,
                   fw_rule_text(rule), counters.packets, counters.bytes);
            fw_rule_free(rule);
        }
    }
    fw_strings_free(chains);
}

int main(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    fw_table *table;
    fw_report report;
    char *text;

    /* Wait at most five seconds for other programs that change the tables. */
    must(fw_kernel_set_lock(kernel, NULL, 5000, &error), error);

    must(fw_table_update(kernel, FW_IPV4, "nat", edit_nat, NULL, NULL, &error), error);
    must(fw_table_update(kernel, FW_IPV4, "filter", edit_filter, NULL, &report, &error), error);
    printf("committed %zu rules\n\n", report.rules);

    must(fw_table_open(kernel, FW_IPV4, "filter", &table, &error), error);
    print_counters(table);
    must(fw_table_save(table, true, &text, &error), error);
    printf("\n%s", text);
    fw_string_free(text);
    fw_table_free(table);
    fw_kernel_free(kernel);
    return 0;
}
