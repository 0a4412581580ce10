/* What a site's firewall is to be, as one writes it with the header alone: declared, brought about, mended after drift, tried with a
   deadline, and taken back. tests/site.rs and tests/python/programs/site.py do the same. */
#include "check.h"

/* The state that the tables should have, with the port at which administrators come in; NULL and an error if there is none. */
static fw_desired *wanted(const fw_kernel *kernel, const char *admin, fw_error **error) {
    static const struct {
        fw_family family;
        const char *table, *chain, *rule;
    } rules[] = {
        {FW_IPV4, "filter", "INPUT", "-i lo -j ACCEPT"},
        {FW_IPV4, "filter", "INPUT", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"},
        {FW_IPV4, "filter", "INPUT", "-p tcp -m multiport --dports 80,443 -j web"},
        {FW_IPV4, "filter", "web", "-m limit --limit 50/sec -j ACCEPT"},
        {FW_IPV4, "filter", "web", "-j DROP"},
        {FW_IPV4, "nat", "POSTROUTING", "-o eth0 -j MASQUERADE"},
        {FW_IPV6, "filter", "INPUT", "-i lo -j ACCEPT"},
    };
    fw_desired *desired = NULL;
    fw_rule *port = NULL;
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_protocol(builder, "tcp");
    fw_builder_match(builder, "tcp");
    fw_builder_option(builder, "dport", admin);
    fw_builder_target(builder, "ACCEPT");
    bool good = fw_builder_build(builder, kernel, &port, error) == FW_OK &&
                fw_desired_new(kernel, FW_SCOPE_TABLES, NULL, 0, &desired, error) == FW_OK &&
                fw_desired_chain(desired, FW_IPV4, "filter", "web", error) == FW_OK &&
                fw_desired_policy(desired, FW_IPV4, "filter", "INPUT", FW_POLICY_DROP, error) == FW_OK &&
                fw_desired_policy(desired, FW_IPV6, "filter", "INPUT", FW_POLICY_DROP, error) == FW_OK &&
                fw_desired_append_rule(desired, FW_IPV4, "filter", "INPUT", port, error) == FW_OK;
    for (size_t i = 0; good && i < sizeof rules / sizeof *rules; i++)
        good = fw_desired_append(desired, rules[i].family, rules[i].table, rules[i].chain, rules[i].rule, error) == FW_OK;
    fw_builder_free(builder);
    fw_rule_free(port);
    if (good)
        return desired;
    fw_desired_free(desired);
    return NULL;
}

/* How many changes there are to be made. */
static size_t left(fw_desired *desired) {
    fw_error *error = NULL;
    fw_plan *plan;
    OK(fw_desired_plan(desired, &plan, &error));
    size_t count = fw_plan_count(plan);
    fw_plan_free(plan);
    return count;
}

/* Moves the administrators' port, and keeps that only if they still come in. */
static fw_ending try_port(const fw_kernel *kernel, const char *admin, bool works) {
    fw_error *error = NULL;
    fw_pending *pending;
    fw_ending ending;
    fw_desired *moved = wanted(kernel, admin, &error);
    CHECK(moved != NULL);
    OK(fw_desired_apply_for(moved, 60 * 1000, &pending, &error));
    if (works)
        OK(fw_pending_confirm(pending, &error));
    OK(fw_pending_roll_back(pending, &ending, &error));
    fw_pending_free(pending);
    fw_desired_free(moved);
    return ending;
}

/* A day of the site. */
static void day(const fw_kernel *kernel) {
    fw_error *error = NULL;
    fw_plan *done, *drift, *back;
    fw_table *filter;
    fw_pending *hasty;
    fw_ending ending;
    fw_desired *site = wanted(kernel, "22", &error);
    CHECK(site != NULL && left(site) == 11);
    OK(fw_desired_apply(site, &done, &error));
    CHECK(fw_plan_count(done) == 11 && strstr(fw_plan_text(done), "+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n") != NULL);
    CHECK(left(site) == 0);

    /* Somebody works by hand. */
    OK(fw_table_open(kernel, FW_IPV4, "filter", &filter, &error));
    OK(fw_chain_insert_text(filter, "INPUT", 1, "-s 192.0.2.66 -j ACCEPT", &error));
    OK(fw_chain_delete_text(filter, "INPUT", "-p tcp --dport 22 -j ACCEPT", &error));
    OK(fw_table_commit(filter, NULL, &error));
    fw_table_free(filter);
    OK(fw_desired_plan(site, &drift, &error));
    CHECK_STR(fw_plan_text(drift),
              "# IPv4 filter\n- -A INPUT -s 192.0.2.66/32 -j ACCEPT\n+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n");
    OK(fw_kernel_apply(kernel, drift, &error));
    fw_plan_free(drift);
    CHECK(left(site) == 0);

    CHECK(try_port(kernel, "2222", false) == FW_ENDING_ROLLED_BACK && left(site) == 0);
    fw_desired *moved = wanted(kernel, "2222", &error);
    CHECK(moved != NULL);
    OK(fw_desired_apply_for(moved, 50, &hasty, &error));
    OK(fw_pending_wait(hasty, 10 * 1000, &ending, &error));
    CHECK(ending == FW_ENDING_ROLLED_BACK && left(site) == 0);
    fw_pending_free(hasty);
    CHECK(try_port(kernel, "2222", true) == FW_ENDING_CONFIRMED && left(moved) == 0);

    /* What is wrong is told with its place, and changes nothing. */
    CHECK(wanted(kernel, "70000", &error) == NULL);
    CHECK(fw_error_status(error) == FW_ERROR_INVALID_VALUE);
    CHECK_STR(fw_error_option(error), "dport");
    CHECK_STR(fw_error_token(error), "70000");
    fw_error_free(error);
    error = NULL;
    CHECK(left(moved) == 0);
    fw_desired_free(moved);

    OK(fw_desired_apply(site, NULL, &error));
    OK(fw_plan_inverse(done, &back, &error));
    OK(fw_kernel_apply(kernel, back, &error));
    fw_plan_free(back);
    fw_plan_free(done);
    OK(fw_table_open(kernel, FW_IPV4, "filter", &filter, &error));
    CHECK(fw_table_rule_count(filter) == 0 && fw_chain_policy(filter, "INPUT") == FW_POLICY_ACCEPT);
    fw_table_free(filter);
    fw_desired_free(site);
}

int main(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    day(kernel);
    fw_kernel_free(kernel);
    const fw_backend memory[] = {FW_BACKEND_MEMORY, FW_BACKEND_MEMORY_NFT};
    for (size_t i = 0; i < 2; i++) {
        kernel = fw_kernel_new();
        OK(fw_kernel_set_backend(kernel, memory[i], &error));
        day(kernel);
        fw_kernel_free(kernel);
    }
    return 0;
}
