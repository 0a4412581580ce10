/* Which of the kernel's two interfaces holds the rules: named, or looked for. Runs in a network namespace of its own. */
#define _DEFAULT_SOURCE
#include "check.h"

/* A kernel whose backend is named; it must be freed. */
static fw_kernel *in_backend(int backend) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    fw_backend found;
    char *reason;
    OK(fw_kernel_set_backend(kernel, (fw_backend)backend, &error));
    OK(fw_kernel_backend(kernel, &found, &error));
    CHECK((int)found == backend);
    OK(fw_kernel_reason(kernel, &reason, &error));
    CHECK_STR(reason, "the program says so");
    fw_string_free(reason);
    return kernel;
}

static fw_status append(const fw_kernel *kernel, const char *rule, fw_error **error) {
    fw_table *table;
    fw_status status = fw_table_open(kernel, FW_IPV4, "filter", &table, error);
    if (status == FW_OK) {
        status = fw_chain_append_text(table, "INPUT", rule, error);
    }
    if (status == FW_OK) {
        status = fw_table_commit(table, NULL, error);
    }
    fw_table_free(table);
    return status;
}

static void check_rules(const fw_kernel *kernel, const char *want) {
    fw_error *error = NULL;
    fw_table *table;
    char *text;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_table_rules(table, "INPUT", false, &text, &error));
    CHECK_STR(text, want);
    fw_string_free(text);
    fw_table_free(table);
}

/* Every rule that is refused is told. */
static void check_refusals(const fw_kernel *nft) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(nft, FW_IPV4, "filter", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-m owner --uid-owner 0", &error));
    OK(fw_chain_append_text(table, "INPUT", "-j TRACE", &error));
    OK(fw_chain_append_text(table, "INPUT", "-m owner --gid-owner 0", &error));
    FAILS(fw_table_commit(table, NULL, &error), FW_ERROR_INVALID_RULE);
    CHECK_STR(fw_error_extension(error), "owner");
    CHECK(fw_error_rule(error) == 1);
    CHECK(fw_error_other_count(error) == 1);
    CHECK_STR(fw_error_extension(fw_error_other(error, 0)), "owner");
    CHECK(fw_error_rule(fw_error_other(error, 0)) == 3);
    CHECK(fw_error_other(error, 1) == NULL);
    CHECK(fw_error_doubt(error) == FW_DOUBT_NONE && fw_error_doubt(NULL) == FW_DOUBT_NONE);
    fw_error_free(error);
    fw_table_free(table);
}

/* Which of two rules it is cannot be tried: they are about objects. */
static void check_doubt(const fw_kernel *legacy) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(legacy, FW_IPV4, "mangle", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-m nfacct --nfacct-name one", &error));
    OK(fw_chain_append_text(table, "INPUT", "-m nfacct --nfacct-name two", &error));
    if (fw_table_commit(table, NULL, &error) != FW_ERROR_EXTENSION_UNAVAILABLE) {
        CHECK(fw_error_status(error) == FW_ERROR_NO_SUCH_OBJECT);
        CHECK(fw_error_doubt(error) == FW_DOUBT_SUSPECT);
        CHECK(fw_error_doubt(fw_error_other(error, 0)) == FW_DOUBT_SUSPECT);
        CHECK(strstr(fw_error_json(error), "\"doubt\": \"suspect\"") != NULL);
    }
    fw_error_free(error);
    fw_table_free(table);
}

/* What is found without a name; the reason begins like this. */
static void check_found(fw_backend want, const char *why) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    fw_backend found;
    char *reason;
    OK(fw_kernel_backend(kernel, &found, &error));
    OK(fw_kernel_reason(kernel, &reason, &error));
    CHECK(found == want);
    CHECK(strncmp(reason, why, strlen(why)) == 0);
    fw_string_free(reason);
    fw_kernel_free(kernel);
}

/* Rules for ARP, from parts and from text, where there is a table for them. */
static void check_arp(const fw_kernel *nft, const fw_kernel *legacy) {
    fw_error *error = NULL;
    fw_rule *rule, *same;
    fw_table *table;
    char *text;
    fw_builder *builder = fw_builder_new(FW_ARP);
    fw_builder_source(builder, "10.0.0.1");
    fw_builder_match(builder, FW_MATCH_ARP);
    fw_builder_option(builder, FW_ARP_OPCODE, FW_ARP_OPCODE_REQUEST);
    fw_builder_target(builder, "MARK");
    fw_builder_option(builder, FW_MARK_SET_MARK, "1f");
    OK(fw_builder_build(builder, NULL, &rule, &error));
    fw_builder_free(builder);
    CHECK_STR(fw_rule_text(rule), "-j MARK -s 10.0.0.1 --opcode 1 --set-mark 1f");
    OK(fw_rule_parse(NULL, FW_ARP, fw_rule_text(rule), &same, &error));
    CHECK(fw_rule_equal(rule, same) && fw_rule_family(rule) == FW_ARP);
    fw_rule_free(same);
    OK(fw_table_open(nft, FW_ARP, "filter", &table, &error));
    OK(fw_chain_append(table, "INPUT", rule, &error));
    fw_rule_free(rule);
    OK(fw_chain_append_text(table, "INPUT", "! --src-mac Broadcast -j DROP", &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_table_open(nft, FW_ARP, "filter", &table, &error));
    OK(fw_table_rules(table, "INPUT", false, &text, &error));
    CHECK_STR(text, "-P INPUT ACCEPT\n-A INPUT -j MARK -s 10.0.0.1 --opcode 1 --set-mark 1f\n"
                    "-A INPUT -j DROP ! --src-mac ff:ff:ff:ff:ff:ff\n");
    fw_string_free(text);
    fw_table_free(table);
    FAILS(fw_table_open(legacy, FW_ARP, "filter", &table, &error), FW_ERROR_NO_SUCH_TABLE);
    fw_error_free(error);
}

static int replace_web(fw_table *table, void *data, fw_error **error) {
    const char *rules = data;
    if (fw_chain_flush(table, "web", error) != FW_OK) return -1;
    return (int)fw_chain_append_lines(table, "web", rules, strlen(rules), NULL, error);
}

/* Some chains of a table without the others. */
static void check_parts(const fw_kernel *nft) {
    fw_error *error = NULL;
    fw_table *table;
    fw_report report;
    const char *chains[] = {"web", "nope", NULL};
    char rules[] = "-p tcp --dport 80 -j other\n-j DROP\n";
    OK(fw_table_open(nft, FW_IPV4, "mangle", &table, &error));
    OK(fw_chain_new(table, "web", &error));
    OK(fw_chain_new(table, "other", &error));
    OK(fw_chain_append_text(table, "OUTPUT", "-j other", &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_table_update_chains(nft, FW_IPV4, "mangle", chains, FW_UNTIL_NULL, replace_web, rules, &report, &error));
    CHECK(report.changed && report.rules == 2);
    OK(fw_table_open_chains(nft, FW_IPV4, "mangle", chains, 1, &table, &error));
    fw_strings *names = fw_table_chains(table);
    CHECK(fw_strings_count(names) == 2);
    CHECK_STR(fw_strings_get(names, 0), "other");
    fw_strings_free(names);
    /* Another one comes when it is changed. */
    OK(fw_chain_append_text(table, "OUTPUT", "-j web", &error));
    CHECK(fw_table_rule_count(table) == 4);
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_table_open(nft, FW_IPV4, "mangle", &table, &error));
    CHECK(fw_table_rule_count(table) == 4);
    fw_table_free(table);
    FAILS(fw_table_open_chains(nft, FW_IPV4, "mangle", NULL, 1, &table, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
}

int main(void) {
    fw_error *error = NULL;
    fw_backend found;
    fw_strings *names;
    char *reason;

    fw_kernel *memory = in_backend(FW_BACKEND_MEMORY);
    OK(append(memory, "-j DROP", &error));
    check_rules(memory, "-P INPUT ACCEPT\n-A INPUT -j DROP\n");
    fw_kernel *memory_nft = in_backend(FW_BACKEND_MEMORY_NFT);
    OK(append(memory_nft, "-j DROP", &error));
    check_rules(memory_nft, "-P INPUT ACCEPT\n-A INPUT -j DROP\n");
    OK(fw_kernel_tables(memory_nft, FW_IPV4, &names, &error));
    CHECK(fw_strings_count(names) == 1);
    fw_strings_free(names);
    FAILS(append(memory_nft, "-j nope", &error), FW_ERROR_NO_SUCH_CHAIN);
    fw_error_free(error);
    error = NULL;
    check_arp(memory_nft, memory);
    check_parts(memory_nft);
    fw_kernel_free(memory_nft);
    FAILS(fw_kernel_set_backend(memory, (fw_backend)0, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    error = NULL;
    FAILS(fw_kernel_set_backend(NULL, FW_BACKEND_NFT, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    error = NULL;
    fw_kernel_free(memory);

    /* The variable of the environment decides for those who do not. */
    setenv("LIBFW_BACKEND", "neither", 1);
    fw_kernel *kernel = fw_kernel_new();
    FAILS(fw_kernel_backend(kernel, &found, &error), FW_ERROR_INVALID_VALUE);
    CHECK(found == FW_BACKEND_NONE);
    fw_error_free(error);
    error = NULL;
    FAILS(fw_kernel_reason(kernel, &reason, &error), FW_ERROR_INVALID_VALUE);
    CHECK(reason == NULL);
    fw_error_free(error);
    error = NULL;
    fw_kernel_free(kernel);
    setenv("LIBFW_BACKEND", "nft", 1);
    check_found(FW_BACKEND_NFT, "LIBFW_BACKEND says so");
    unsetenv("LIBFW_BACKEND");

    fw_kernel *nft = in_backend(FW_BACKEND_NFT);
    fw_status status = append(nft, "-s 10.0.0.0/8 -j ACCEPT", &error);
    if (status == FW_ERROR_BACKEND_ABSENT) {
        skip("the kernel has no nf_tables");
    }
    OK(status);
    check_rules(nft, "-P INPUT ACCEPT\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n");
    OK(fw_kernel_tables(nft, FW_IPV4, &names, &error));
    CHECK(fw_strings_count(names) == 1);
    CHECK_STR(fw_strings_get(names, 0), "filter");
    fw_strings_free(names);
    fw_table *table;
    OK(fw_table_open(nft, FW_IPV4, "filter", &table, &error));
    names = fw_table_notes(table);
    CHECK(fw_strings_count(names) == 0);
    fw_strings_free(names);
    fw_table_free(table);
    check_refusals(nft);
    check_found(FW_BACKEND_NFT, "its table filter of IPv4 has rules");

    fw_kernel *legacy = in_backend(FW_BACKEND_LEGACY);
    status = append(legacy, "-p udp -j DROP", &error);
    if (status == FW_ERROR_BACKEND_ABSENT) {
        skip("the kernel has no legacy tables");
    }
    OK(status);
    check_doubt(legacy);
    /* They know nothing of each other. */
    check_rules(legacy, "-P INPUT ACCEPT\n-A INPUT -p udp -j DROP\n");
    check_rules(nft, "-P INPUT ACCEPT\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n");

    /* Both have rules: the host's own command decides, or nobody does and nothing is written. */
    kernel = fw_kernel_new();
    OK(fw_kernel_reason(kernel, &reason, &error));
    CHECK(strncmp(reason, "both backends have rules", strlen("both backends have rules")) == 0);
    if (strstr(reason, "legacy in table filter of IPv4, nf_tables in table filter of IPv4") != NULL) {
        FAILS(append(kernel, "-j DROP", &error), FW_ERROR_AMBIGUOUS_BACKEND);
        fw_error_free(error);
    } else {
        OK(append(kernel, "-j DROP", &error));
    }
    fw_string_free(reason);
    fw_kernel_free(kernel);
    fw_kernel_free(legacy);
    fw_kernel_free(nft);
    return 0;
}
