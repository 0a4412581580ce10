/* Rules that name an ipset, with each way to say in which namespace it is. Runs in a network namespace of its own. */
#include "check.h"

static void by_every_way(const fw_kernel *kernel) {
    fw_error *error = NULL;
    fw_rule *rule, *built;
    OK(fw_rule_parse(kernel, FW_IPV4, "-m set --match-set web src -j DROP", &rule, &error));
    CHECK_STR(fw_rule_text(rule), "-m set --match-set web src -j DROP");
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_match(builder, "set");
    fw_builder_option(builder, "match-set", "web src");
    fw_builder_target(builder, "DROP");
    OK(fw_builder_build(builder, kernel, &built, &error));
    CHECK_STR(fw_rule_text(built), fw_rule_text(rule));
    CHECK(fw_rule_equal(rule, built));
    fw_builder_free(builder);
    fw_rule_free(built);

    /* A set that is not there: found at once with a kernel, and by the table to which the rule is added. */
    const char *words[] = {"-m", "set", "--match-set", "none", "src"};
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    FAILS(fw_rule_from_args(fw_table_kernel(table), FW_IPV4, 5, words, &built, &error), FW_ERROR_NO_SUCH_OBJECT);
    OK(fw_rule_from_args(NULL, FW_IPV4, 5, words, &built, &error));
    CHECK_STR(fw_rule_text(built), "-m set --match-set none src");
    FAILS(fw_chain_append(table, "INPUT", built, &error), FW_ERROR_NO_SUCH_OBJECT);
    fw_rule_free(built);
    fw_error_free(error);
    OK(fw_chain_append(table, "INPUT", rule, &error));
    fw_rule_free(rule);
    OK(fw_chain_rule(table, "INPUT", 0, &rule, &error));
    CHECK_STR(fw_part_option_value(fw_rule_match(rule, 0), 0), "web src");
    fw_rule_free(rule);
    fw_table_free(table);
}

int main(void) {
    if (system("ipset create web hash:ip") != 0)
        skip("ipset cannot make a set here");
    fw_kernel *kernel = fw_kernel_new();
    by_every_way(NULL);
    by_every_way(kernel);
    fw_kernel_free(kernel);
    return 0;
}
