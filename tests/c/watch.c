/* Tables that are watched. */
#define _GNU_SOURCE
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

static void edit(const fw_kernel *kernel, const char *rule) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open(kernel, FW_IPV4, "filter", &table, &error));
    if (rule == NULL)
        OK(fw_chain_remove(table, "INPUT", 0, &error));
    else
        OK(fw_chain_append_text(table, "INPUT", rule, &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
}

static void *edit_later(void *kernel) {
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    edit(kernel, "-p udp -j DROP");
    return NULL;
}

static void on_alarm(int number) {
    (void)number;
}

static void watched(fw_backend backend) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_unlocked(kernel, &error));
    OK(fw_kernel_set_backend(kernel, backend, &error));
    edit(kernel, "-c 3 180 -p tcp -j ACCEPT");
    fw_watch *watch;
    fw_change *change;
    OK(fw_watch_new(kernel, &watch, &error));
    OK(fw_watch_set_interval(watch, 5, 2, &error));
    OK(fw_watch_add(watch, FW_IPV4, "filter", &error));
    FAILS(fw_watch_add(watch, FW_IPV4, "broute", &error), FW_ERROR_NO_SUCH_TABLE);
    OK(fw_watch_next(watch, 0, &change, &error));
    CHECK(change == NULL);
    fw_table *seen;
    OK(fw_watch_table(watch, 0, &seen, &error));
    CHECK_STR(fw_table_name(seen), "filter");
    CHECK(fw_chain_rule_count(seen, "INPUT") == 1);
    fw_table_free(seen);
    CHECK(fw_watch_table(watch, 1, &seen, NULL) == FW_ERROR_INDEX_TOO_BIG && seen == NULL);
    OK(fw_watch_next(watch, 20, &change, &error));
    CHECK(change == NULL);

    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, edit_later, kernel) == 0);
    OK(fw_watch_next(watch, -1, &change, &error));
    CHECK(pthread_join(thread, NULL) == 0);
    char *text = fw_change_text(change);
    CHECK_STR(text, "# IPv4 filter\n+ -A INPUT -p udp -j DROP\n");
    fw_string_free(text);
    CHECK(fw_change_family(change) == FW_IPV4);
    CHECK_STR(fw_change_table(change), "filter");
    size_t index;
    CHECK(fw_change_count(change) == 1 && fw_change_rule(change, 1) == NULL && fw_change_chain(change, 1) == NULL);
    CHECK(!fw_change_from(change, 0, &index) && fw_change_to(change, 0, &index) && index == 1);
    CHECK(!fw_change_to(change, 1, &index));
    CHECK_STR(fw_change_chain(change, 0), "INPUT");
    CHECK_STR(fw_rule_text(fw_change_rule(change, 0)), "-p udp -j DROP");
    fw_step step;
    const fw_plan *plan = fw_change_plan(change);
    CHECK(fw_plan_count(plan) == 1 && fw_change_plan(change) == plan && fw_change_plan(NULL) == NULL);
    OK(fw_plan_step(plan, 0, &step, &error));
    CHECK(step.kind == FW_STEP_RULE_ADDED && step.to == 1 && step.from == -1);
    CHECK_STR(step.rule, "-p udp -j DROP");
    fw_change_free(change);

    edit(kernel, NULL);
    OK(fw_watch_next(watch, 5000, &change, &error));
    CHECK(fw_change_count(change) == 1 && fw_change_from(change, 0, &index) && index == 0);
    CHECK(fw_rule_counters(fw_change_rule(change, 0)).packets == 3);
    OK(fw_watch_put_back(watch, change, &error));
    fw_change_free(change);
    OK(fw_watch_next(watch, 20, &change, &error));
    CHECK(change == NULL);
    fw_snapshot *counters;
    OK(fw_counters_read(kernel, FW_IPV4, "filter", &counters, &error));
    const fw_counters *rules = fw_snapshot_rules(counters, &index);
    CHECK(index == 2 && rules[0].packets == 3 && rules[0].bytes == 180);
    fw_snapshot_free(counters);

    /* A loop of one's own waits for the descriptor. */
    struct pollfd wait = {fw_watch_fd(watch), POLLIN, 0};
    if (backend == FW_BACKEND_NFT)
        CHECK(poll(&wait, 1, 0) == 0);
    edit(kernel, "-p sctp -j DROP");
    while (change == NULL) {
        CHECK(poll(&wait, 1, 10000) == 1);
        OK(fw_watch_next(watch, 0, &change, &error));
    }
    CHECK(fw_change_count(change) == 1);
    CHECK_STR(fw_rule_text(fw_change_rule(change, 0)), "-p sctp -j DROP");
    fw_change_free(change);
    CHECK(fw_watch_fd(NULL) == -1);

    /* A signal ends the wait, and the next one goes on. */
    struct sigaction action = {.sa_handler = on_alarm};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    alarm(1);
    FAILS(fw_watch_next(watch, -1, &change, &error), FW_ERROR_INTERRUPTED);
    CHECK(change == NULL);
    OK(fw_watch_next(watch, 0, &change, &error));
    fw_watch_free(watch);
    fw_kernel_free(kernel);
}

int main(void) {
    watched(FW_BACKEND_NFT);
    fw_kernel_free(legacy_kernel());
    watched(FW_BACKEND_LEGACY);
    return 0;
}
