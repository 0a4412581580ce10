/* JSON there and back, and where it is wrong. */
#define _DEFAULT_SOURCE
#include "own.h"

#include <unistd.h>

static fw_error *error;

#define RULE \
    "{\"family\": \"ipv4\", \"source\": {\"not\": \"10.0.0.0/8\"}, \"protocol\": \"tcp\", " \
    "\"matches\": [{\"match\": \"tcp\", \"dport\": {\"min\": 80, \"max\": 90}}], " \
    "\"target\": {\"verdict\": \"ACCEPT\"}, \"counters\": {\"packets\": 3, \"bytes\": 4}}"

static void rules(void) {
    fw_rule *rule, *again;
    OK(fw_rule_parse(NULL, FW_IPV4, "! -s 10.0.0.0/8 -p tcp --dport 80:90 -c 3 4 -j ACCEPT", &rule, &error));
    char *json = fw_rule_json(rule);
    CHECK_STR(json, RULE);
    OK(fw_rule_from_json(NULL, json, &again, &error));
    CHECK(fw_rule_equal(rule, again) && fw_rule_counters(again).bytes == 4);
    fw_string_free(json);
    fw_rule_free(rule);
    fw_rule_free(again);

    const char *wrong = "{\"family\": \"ipv6\",\n \"matches\": [{\"match\": \"tcp\", \"dport\": 70000}]}";
    CHECK(fw_rule_from_json(NULL, wrong, &rule, &error) == FW_ERROR_INVALID_VALUE && rule == NULL);
    CHECK(fw_error_line(error) == 2 && fw_error_column(error) == 40);
    CHECK_STR(fw_error_path(error), "matches[0].dport");
    CHECK_STR(fw_error_token(error), "70000");
    CHECK(strncmp(fw_error_json(error), "{\"kind\": \"InvalidValue\", \"code\": 3, ", 36) == 0);
    fw_error_free(error);
    error = NULL;
    CHECK(fw_error_json(NULL) == NULL && fw_error_path(NULL) == NULL);
    CHECK(fw_rule_from_json(NULL, "{", &rule, &error) == FW_ERROR_SYNTAX);
    fw_error_free(error);
    error = NULL;
}

static void tables(fw_kernel *kernel) {
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    const char *text =
        "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": ["
        "{\"chain\": \"INPUT\", \"policy\": \"DROP\", \"rules\": [{\"target\": {\"jump\": \"web\"}}]}, {\"chain\": \"web\"}]}";
    OK(fw_table_set_json(table, text, &error));
    OK(fw_table_commit(table, NULL, &error));
    CHECK(fw_chain_references(table, "web") == 1 && fw_chain_policy(table, "INPUT") == FW_POLICY_DROP);
    char *json = fw_table_json(table), *saved, *again;
    CHECK(strstr(json, "{\"target\": {\"jump\": \"web\"}, \"counters\": {\"packets\": 0, \"bytes\": 0}}") != NULL);
    char *chain = fw_chain_json(table, "web");
    CHECK(chain != NULL && strstr(chain, "\"chain\": \"web\"") != NULL && strstr(json, "\"web\"") != NULL);
    fw_string_free(chain);
    CHECK(fw_chain_json(table, "gone") == NULL);
    OK(fw_save_json(kernel, true, &saved, &error));
    CHECK(strstr(saved, json) != NULL);
    fw_string_free(json);
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
    OK(fw_restore_json(kernel, saved, &error));
    OK(fw_save_json(kernel, true, &again, &error));
    CHECK_STR(again, saved);
    fw_string_free(again);
    fw_string_free(saved);

    const char *nat = "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": [{\"chain\": \"INPUT\", "
                      "\"rules\": [{}, {\"target\": {\"target\": \"MASQUERADE\"}}]}]}";
    CHECK(fw_restore_json(kernel, nat, &error) == FW_ERROR_INVALID_RULE);
    CHECK_STR(fw_error_path(error), "chains[0].rules[1]");
    CHECK(fw_error_rule(error) == 1);
    fw_error_free(error);
    error = NULL;

    /* What fails changes nothing. */
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    char *before = fw_table_json(table);
    CHECK(fw_table_set_json(table, nat, &error) == FW_ERROR_INVALID_RULE);
    fw_error_free(error);
    error = NULL;
    json = fw_table_json(table);
    CHECK_STR(json, before);
    CHECK(!fw_table_is_changed(table) && fw_chain_references(table, "web") == 1);
    fw_string_free(json);
    fw_string_free(before);
    fw_table_free(table);
}

int main(void) {
    rules();
    own_kernel();
    tables(kernel);
    fw_kernel_free(kernel);
    return 0;
}
