/* What would be, without its being done: rehearsals, kernels in memory as a test wants them, desired states in JSON, and rules that
 * are the same by what they mean. */
#define _GNU_SOURCE
#include "check.h"

static fw_kernel *memory(fw_backend backend) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_backend(kernel, backend, &error));
    return kernel;
}

static size_t rules_of(const fw_kernel *kernel, const char *chain) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    size_t count = fw_chain_rule_count(table, chain);
    fw_table_free(table);
    return count;
}

/* An interface that packets lack: the kernel takes the rule, so it is a warning. */
static void warned(void) {
    fw_error *error = NULL;
    fw_table *table;
    fw_kernel *kernel = memory(FW_BACKEND_MEMORY);
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_chain_append_text(table, "INPUT", "! -o eth0 -j DROP", &error));
    OK(fw_table_validate(table, &error));
    fw_strings *told = fw_warnings();
    CHECK(fw_strings_count(told) == 1);
    CHECK(strstr(fw_strings_get(told, 0), "--out-interface here, so the rule is for all of them") != NULL);
    fw_strings_free(told);
    OK(fw_table_rehearse(table, &error));
    told = fw_warnings();
    CHECK(fw_strings_count(told) == 1);
    fw_strings_free(told);
    fw_table_free(table);
    fw_kernel_free(kernel);
}

/* What a kernel in memory has, and what it lacks. */
static void as_a_test_wants_it(void) {
    fw_error *error = NULL;
    fw_memory *memory = fw_memory_new();
    OK(fw_memory_add_set(memory, "banned", 3, FW_IPV4, &error));
    OK(fw_memory_add_object(memory, FW_OBJECT_ACCOUNTING, "web", &error));
    OK(fw_memory_set_revision(memory, "TEE", -1, &error));
    FAILS(fw_memory_set_revision(memory, "TEE", 300, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    error = NULL;
    FAILS(fw_memory_set_revision(memory, "nothing", 0, &error), FW_ERROR_NO_SUCH_EXTENSION);
    fw_error_free(error);
    error = NULL;
    /* Names and indices that no kernel has leave what there is as it was. */
    const struct {
        const char *name;
        uint16_t index;
        const char *words;
    } sets[] = {
        {"", 4, "1 to 31 bytes"},
        {"abcdefghijklmnopqrstuvwxyz123456", 4, "1 to 31 bytes"},
        {"banned", 4, "already"},
        {"other", 3, "another one has it"},
        {"other", 65535, "stands for none"},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        FAILS(fw_memory_add_set(memory, sets[i].name, sets[i].index, FW_IPV4, &error), FW_ERROR_INVALID_ARGUMENT);
        CHECK(strstr(fw_error_text(error), sets[i].words) != NULL);
    }
    FAILS(fw_memory_add_object(memory, FW_OBJECT_HELPER, "", &error), FW_ERROR_INVALID_ARGUMENT);
    FAILS(fw_memory_add_object(memory, FW_OBJECT_HELPER, "0123456789abcdef", &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(fw_error_text(error), "connection tracking helper, which has 1 to 15 bytes") != NULL);
    fw_error_free(error);
    error = NULL;
    fw_backend backends[] = {FW_BACKEND_MEMORY, FW_BACKEND_MEMORY_NFT};
    for (size_t i = 0; i < 2; i++) {
        fw_kernel *kernel;
        OK(fw_memory_kernel(memory, backends[i], &kernel, &error));
        const char *good = "*filter\n-A INPUT -m set --match-set banned src -m nfacct --nfacct-name web\nCOMMIT\n";
        OK(fw_restore(kernel, FW_IPV4, good, NULL, 0, NULL, &error));
        CHECK(rules_of(kernel, "INPUT") == 1);
        const char *no_set = "*filter\n-A INPUT -m set --match-set other src\nCOMMIT\n";
        FAILS(fw_restore(kernel, FW_IPV4, no_set, NULL, 0, NULL, &error), FW_ERROR_NO_SUCH_OBJECT);
        fw_error_free(error);
        error = NULL;
        const char *no_object = "*filter\n-A INPUT -m nfacct --nfacct-name mail\nCOMMIT\n";
        FAILS(fw_restore(kernel, FW_IPV4, no_object, NULL, 0, NULL, &error), FW_ERROR_NO_SUCH_OBJECT);
        CHECK_STR(fw_error_token(error), "mail");
        fw_error_free(error);
        error = NULL;
        const char *no_target = "*mangle\n-A PREROUTING -j TEE --gateway 10.0.0.1\nCOMMIT\n";
        FAILS(fw_restore(kernel, FW_IPV4, no_target, NULL, 0, NULL, &error), FW_ERROR_EXTENSION_UNAVAILABLE);
        fw_error_free(error);
        error = NULL;
        fw_kernel_free(kernel);
    }
    OK(fw_memory_add_any(memory, &error));
    fw_kernel *kernel;
    OK(fw_memory_kernel(memory, FW_BACKEND_MEMORY, &kernel, &error));
    const char *any = "*filter\n-A INPUT -m set --match-set other src -m nfacct --nfacct-name mail\nCOMMIT\n";
    OK(fw_restore(kernel, FW_IPV4, any, NULL, 0, NULL, &error));
    fw_kernel_free(kernel);
    fw_memory_free(memory);
}

/* Everything is said, and nothing is done. */
static void rehearsals(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = memory(FW_BACKEND_MEMORY);
    fw_rehearsal *rehearsal;
    OK(fw_rehearsal_new(kernel, &rehearsal, &error));
    const char *line[] = {"-A", "INPUT", "-p", "tcp", "-j", "DROP", NULL};
    OK(fw_run(fw_rehearsal_kernel(rehearsal), FW_IPV4, FW_UNTIL_NULL, line, NULL, NULL, &error));
    fw_plan *plan;
    OK(fw_rehearsal_plan(rehearsal, &plan, &error));
    CHECK_STR(fw_plan_text(plan), "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n");
    char *json = fw_plan_json(plan);
    CHECK(json != NULL && strstr(json, "\"format\": \"libfw.plan/1\"") != NULL);
    fw_string_free(json);
    fw_plan_free(plan);
    fw_rehearsal_free(rehearsal);
    CHECK(rules_of(kernel, "INPUT") == 0);

    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_table_rehearse(table, &error));
    OK(fw_chain_append_text(table, "INPUT", "-m owner --uid-owner 0", &error));
    OK(fw_chain_append_text(table, "INPUT", "-j ACCEPT -p udp", &error));
    OK(fw_chain_append_text(table, "INPUT", "-m string --algo none --string x", &error));
    FAILS(fw_table_rehearse(table, &error), FW_ERROR_INVALID_RULE);
    CHECK(fw_error_rule(error) == 0 && fw_error_other_count(error) == 1);
    CHECK(fw_error_status(fw_error_other(error, 0)) == FW_ERROR_NO_SUCH_OBJECT);
    CHECK(fw_error_rule(fw_error_other(error, 0)) == 2);
    fw_error_free(error);
    error = NULL;
    fw_table_free(table);

    /* All that is wrong with a file. */
    const char *file = "*filter\n-A INPUT -p tcp --dport x\n-A INPUT -p udp -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n"
                       "*nowhere\n-A INPUT -j ACCEPT\nCOMMIT\n*nat\n-A INPUT -j DNAT --to-destination 1.2.3.4\nCOMMIT\n";
    unsigned flags = FW_RESTORE_TEST | FW_RESTORE_STRICT;
    FAILS(fw_restore(kernel, FW_IPV4, file, NULL, flags, NULL, &error), FW_ERROR_INVALID_VALUE);
    size_t lines[] = {4, 6, 10};
    CHECK(fw_error_line(error) == 2 && fw_error_rule(error) == 0 && fw_error_other_count(error) == 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK(fw_error_line(fw_error_other(error, i)) == lines[i]);
    }
    /* Of the three rules of INPUT the first was wrong, too. */
    CHECK(fw_error_rule(fw_error_other(error, 0)) == 2);
    fw_error_free(error);
    error = NULL;
    fw_kernel_free(kernel);
}

/* Rules that are written in two ways. */
static void meaning(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = memory(FW_BACKEND_MEMORY);
    fw_table *one, *other;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &one, &error));
    OK(fw_table_open(kernel, FW_IPV4, "filter", &other, &error));
    OK(fw_chain_append_text(one, "INPUT", "-m state --state NEW -j LOG", &error));
    OK(fw_chain_append_text(other, "INPUT", "-m conntrack --ctstate NEW -j LOG", &error));
    fw_plan *plan;
    OK(fw_table_diff_by(one, other, FW_EXACT, &plan, &error));
    CHECK(fw_plan_count(plan) == 2);
    fw_plan_free(plan);
    OK(fw_table_diff_by(one, other, FW_MEANING, &plan, &error));
    CHECK(fw_plan_count(plan) == 0);
    fw_plan_free(plan);
    FAILS(fw_table_diff_by(one, other, 7, &plan, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    error = NULL;
    fw_rule *rule;
    OK(fw_rule_parse(NULL, FW_IPV4, "-m conntrack --ctstate NEW -j LOG", &rule, &error));
    bool added = true;
    OK(fw_chain_ensure_by(one, "INPUT", rule, FW_MEANING, &added, &error));
    CHECK(!added);
    OK(fw_chain_ensure_by(one, "INPUT", rule, FW_EXACT, &added, &error));
    CHECK(added);
    fw_rule_free(rule);
    size_t removed = 9;
    OK(fw_chain_dedup_by(one, "INPUT", FW_EXACT, &removed, &error));
    CHECK(removed == 0);
    OK(fw_chain_dedup_by(one, "INPUT", FW_MEANING, &removed, &error));
    CHECK(removed == 1);
    fw_table_free(one);
    fw_table_free(other);
    fw_kernel_free(kernel);
}

/* What is desired, in JSON. */
static void desired(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = memory(FW_BACKEND_MEMORY);
    fw_desired *desired;
    fw_plan *plan;
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    OK(fw_desired_read_json(desired,
                            "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": [\n"
                            " {\"chain\": \"INPUT\", \"rules\": [{\"text\": \"-m state --state NEW -j LOG\"}]}\n]}",
                            &error));
    OK(fw_desired_apply(desired, &plan, &error));
    CHECK_STR(fw_plan_text(plan), "# IPv4 filter\n+ -A INPUT -m state --state NEW -j LOG\n");
    fw_plan_free(plan);
    fw_desired_free(desired);

    /* The same in other words. */
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    OK(fw_desired_set_equivalence(desired, FW_MEANING, &error));
    OK(fw_desired_append(desired, FW_IPV4, "filter", "INPUT", "-m conntrack --ctstate NEW -j LOG", &error));
    OK(fw_desired_plan(desired, &plan, &error));
    CHECK(fw_plan_count(plan) == 0);
    fw_plan_free(plan);
    fw_desired_free(desired);

    /* Wrong texts, and rules that are refused. */
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    FAILS(fw_desired_read_json(desired, "{\"family\": \"ipv4\"}", &error), FW_ERROR_SYNTAX);
    fw_desired_free(desired);

    /* Half of a file is not brought about, whoever does not look at the error. */
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    static const char half[] = "*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\n-A INPUT --bogus\nCOMMIT\n";
    FAILS(fw_desired_read(desired, FW_IPV4, half, sizeof half - 1, NULL, &error), FW_ERROR_SYNTAX);
    FAILS(fw_desired_plan(desired, &plan, &error), FW_ERROR_SYNTAX);
    FAILS(fw_desired_apply(desired, NULL, &error), FW_ERROR_SYNTAX);
    CHECK(fw_error_line(error) == 4);
    fw_pending *pending;
    FAILS(fw_desired_apply_for(desired, 1000, &pending, &error), FW_ERROR_SYNTAX);
    CHECK(pending == NULL);
    fw_desired_free(desired);
    fw_error_free(error);
    error = NULL;
    OK(fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, &error));
    OK(fw_desired_read_json(desired,
                            "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": [\n"
                            " {\"chain\": \"INPUT\", \"rules\": [\n"
                            "  {\"text\": \"-p udp -j ACCEPT\"},\n"
                            "  {\"text\": \"-m owner --uid-owner 0\"}]}\n]}",
                            &error));
    FAILS(fw_desired_apply(desired, &plan, &error), FW_ERROR_INVALID_RULE);
    CHECK(fw_error_line(error) == 4);
    CHECK_STR(fw_error_path(error), "chains[0].rules[1]");
    fw_error_free(error);
    error = NULL;
    fw_desired_free(desired);
    CHECK(rules_of(kernel, "INPUT") == 1);
    fw_kernel_free(kernel);
}

int main(void) {
    as_a_test_wants_it();
    warned();
    rehearsals();
    meaning();
    desired();
    return 0;
}
