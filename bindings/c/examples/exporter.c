/*
 * What the rules have counted, for Prometheus: on standard output, or with a port to all who ask on it.
 *
 *     exporter [PORT]
 *
 * Needs CAP_NET_ADMIN. Try it where it does no harm: examples/safely exporter
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <libfw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const tables[] = {
    FW_TABLE_FILTER, FW_TABLE_NAT, FW_TABLE_MANGLE, FW_TABLE_RAW, FW_TABLE_SECURITY,
};

/* The value of a label: what would end it early is escaped. */
static void label(FILE *out, const char *name, const char *value) {
    fprintf(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            fputc('\\', out);
        if (*value == '\n')
            fputs("\\n", out);
        else
            fputc(*value, out);
    }
    fputc('"', out);
}

static void sample(FILE *out, const char *name, const fw_table *table, const char *chain, const char *index,
                   const char *rule, uint64_t value) {
    fprintf(out, "%s{family=\"%s\",", name, fw_table_family(table) == FW_IPV4 ? "ipv4" : "ipv6");
    label(out, "table", fw_table_name(table));
    fputc(',', out);
    label(out, "chain", chain);
    if (rule != NULL) {
        fprintf(out, ",index=\"%s\",", index);
        label(out, "rule", rule);
    }
    fprintf(out, "} %" PRIu64 "\n", value);
}

/* Each rule and policy of a table. */
static fw_status export_table(FILE *out, const fw_table *table, fw_error **error) {
    fw_status status = FW_OK;
    fw_strings *chains = fw_table_chains(table);
    for (size_t i = 0; i < fw_strings_count(chains) && status == FW_OK; i++) {
        const char *chain = fw_strings_get(chains, i);
        fw_rules *rules;
        const fw_rule *rule;
        if (fw_chain_policy(table, chain) != FW_POLICY_NONE) {
            fw_counters policy = fw_chain_policy_counters(table, chain);
            sample(out, "libfw_policy_packets_total", table, chain, NULL, NULL, policy.packets);
            sample(out, "libfw_policy_bytes_total", table, chain, NULL, NULL, policy.bytes);
        }
        status = fw_chain_rules(table, chain, &rules, error);
        while ((rule = fw_rules_next(rules)) != NULL) {
            fw_counters counters = fw_rule_counters(rule);
            char index[32];
            snprintf(index, sizeof index, "%zu", fw_rules_index(rules) + 1);
            sample(out, "libfw_rule_packets_total", table, chain, index, fw_rule_text(rule), counters.packets);
            sample(out, "libfw_rule_bytes_total", table, chain, index, fw_rule_text(rule), counters.bytes);
        }
        fw_rules_free(rules);
    }
    fw_strings_free(chains);
    return status;
}

static int export_all(FILE *out) {
    static const fw_family families[] = {FW_IPV4, FW_IPV6};
    fw_error *error = NULL;
    fputs("# TYPE libfw_rule_packets_total counter\n# TYPE libfw_rule_bytes_total counter\n"
          "# TYPE libfw_policy_packets_total counter\n# TYPE libfw_policy_bytes_total counter\n",
          out);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof tables / sizeof *tables; j++) {
            fw_table *table;
            fw_status status = fw_table_open(NULL, families[i], tables[j], &table, &error);
            /* A kernel need not have every table. */
            if (status == FW_ERROR_NO_SUCH_TABLE || status == FW_ERROR_BACKEND_ABSENT)
                continue;
            if (status == FW_OK)
                status = export_table(out, table, &error);
            fw_table_free(table);
            if (status != FW_OK) {
                fprintf(stderr, "exporter: %s\n", fw_error_text(error));
                fw_error_free(error);
                return 1;
            }
        }
    }
    fw_error_free(error);
    return 0;
}

/* Answers one request after the other. */
static int serve(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) {
        perror("exporter");
        return 1;
    }
    for (;;) {
        char request[4096];
        int client = accept(listener, NULL, NULL);
        FILE *out = client < 0 ? NULL : fdopen(client, "w");
        if (out == NULL)
            continue;
        if (read(client, request, sizeof request) > 0) {
            fputs("HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n", out);
            export_all(out);
        }
        fclose(out);
    }
}

int main(int argc, char **argv) {
    return argc > 1 ? serve((uint16_t)atoi(argv[1])) : export_all(stdout);
}
