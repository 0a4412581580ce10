/* Counters in bulk. */
#define _GNU_SOURCE
#include "check.h"

static fw_snapshot *read_counters(const fw_kernel *kernel) {
    fw_error *error = NULL;
    fw_snapshot *snapshot;
    OK(fw_counters_read(kernel, FW_IPV4, "filter", &snapshot, &error));
    return snapshot;
}

int main(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_unlocked(kernel, &error));
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    OK(fw_chain_new(table, "web", &error));
    OK(fw_chain_append_text(table, "INPUT", "-c 3 180 -p tcp -j web", &error));
    OK(fw_chain_append_text(table, "INPUT", "-c 1 60 -j ACCEPT", &error));
    OK(fw_chain_append_text(table, "web", "-c 2 120 -j RETURN", &error));
    fw_counters policy = {5, 500};
    OK(fw_chain_set_policy(table, "FORWARD", FW_POLICY_DROP, &policy, &error));
    OK(fw_table_commit(table, NULL, &error));

    fw_snapshot *earlier = read_counters(kernel);
    size_t count, others;
    const fw_counters *rules = fw_snapshot_rules(earlier, &count);
    CHECK(count == 3 && rules[0].packets == 3 && rules[0].bytes == 180 && rules[1].packets == 1 && rules[2].bytes == 120);
    CHECK(fw_snapshot_chain(earlier, "web", &count) == rules + 2 && count == 1);
    CHECK(fw_snapshot_chain(earlier, "FORWARD", &count) == rules + 2 && count == 0);
    CHECK(fw_snapshot_chain(earlier, "nowhere", &count) == NULL && count == 0);
    const fw_counters *policies = fw_snapshot_policies(earlier, &others);
    CHECK(others == 4 && policies[1].packets == 5 && policies[1].bytes == 500 && policies[3].packets == 0);
    CHECK_STR(fw_snapshot_chain_name(earlier, 1), "FORWARD");
    CHECK_STR(fw_snapshot_chain_name(earlier, 3), "web");
    CHECK(fw_snapshot_chain_name(earlier, 4) == NULL);

    /* Somebody edits the table, and packets come in. */
    OK(fw_chain_remove(table, "INPUT", 0, &error));
    OK(fw_chain_insert_text(table, "INPUT", 0, "-c 7 70 -p udp -j DROP", &error));
    fw_counters more = {4, 240}, less = {1, 60};
    OK(fw_chain_set_counters(table, "INPUT", 1, more, &error));
    OK(fw_chain_set_counters(table, "web", 0, less, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_snapshot *own = fw_table_counters(table);
    fw_snapshot *later = read_counters(kernel);
    CHECK(fw_snapshot_rules(own, &count)[0].packets == fw_snapshot_rules(later, &others)[0].packets && count == others);
    fw_delta *delta = fw_snapshot_delta(earlier, later);
    rules = fw_snapshot_rules(fw_delta_counted(delta), &count);
    CHECK(count == 3 && rules[0].packets == 7 && rules[1].packets == 3 && rules[1].bytes == 180 && rules[2].packets == 1);
    CHECK(fw_delta_added(delta, &count)[0] == 0 && count == 1);
    CHECK(fw_delta_removed(delta, &count)[0] == 0 && count == 1);
    CHECK(fw_delta_restarted(delta, &count)[0] == 2 && count == 1);

    /* Taken, they are gone. */
    fw_snapshot *taken;
    OK(fw_counters_take(kernel, FW_IPV4, "filter", &taken, &error));
    CHECK(fw_snapshot_rules(taken, &count)[0].packets == 7 && fw_snapshot_policies(taken, &count)[1].packets == 5);
    fw_snapshot *left = read_counters(kernel);
    rules = fw_snapshot_rules(left, &count);
    CHECK(count == 3 && rules[0].packets == 0 && rules[1].bytes == 0 && fw_snapshot_policies(left, &others)[1].packets == 0);

    fw_snapshot *all[] = {earlier, own, later, taken, left};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        fw_snapshot_free(all[i]);
    fw_delta_free(delta);
    fw_table_free(table);
    fw_kernel_free(kernel);
    return 0;
}
