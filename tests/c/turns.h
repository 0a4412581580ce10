/* What the program of turns.awk calls functions with, and what it makes of the answers. */
#ifndef TURNS_H
#define TURNS_H

static fw_error *error;
static const char *const words[] = {"-p", NULL};
static const fw_rule *rule_list[1];
static const unsigned char bytes[64];
static const fw_counters counters = {3, 180};
static int null_file;
static fw_kernel *memory;

/* All are in memory: nothing on the machine is changed. */
static inline fw_kernel *good_fw_kernel(void) {
    return memory;
}

static int good_fw_edit(fw_table *table, void *data, fw_error **place) {
    (void)table, (void)data, (void)place;
    return 0;
}

static int64_t good_fw_read(char *buffer, size_t size, void *data) {
    (void)buffer, (void)size, (void)data;
    return 0;
}

static int good_fw_write(const char *text, size_t length, void *data) {
    (void)text, (void)length, (void)data;
    return 0;
}

/* A handle is made when it is first wanted. */
#define GOOD(kind, make)                               \
    static fw_##kind *kind##_made;                     \
    static inline fw_##kind *good_fw_##kind(void) {    \
        fw_##kind *made = NULL;                        \
        if (kind##_made == NULL) {                     \
            make;                                      \
            CHECK(made != NULL);                       \
            kind##_made = made;                        \
        }                                              \
        return kind##_made;                            \
    }                                                  \
    static inline void clear_fw_##kind(void) {         \
        fw_##kind##_free(kind##_made);                 \
        kind##_made = NULL;                            \
    }
GOOD(table, OK(fw_table_open(memory, FW_IPV4, "filter", &made, &error)))
GOOD(rule, OK(fw_rule_parse(NULL, FW_IPV4, "-s 192.0.2.1 -p tcp --dport 22 -j LOG", &made, &error)))
GOOD(builder, made = fw_builder_new(FW_IPV4); fw_builder_match(made, "tcp"))
GOOD(lock, OK(fw_lock_take(memory, &made, &error)))
GOOD(strings, made = fw_table_chains(good_fw_table()))
GOOD(rules, OK(fw_chain_rules(good_fw_table(), "INPUT", &made, &error)))
GOOD(transaction, OK(fw_transaction_begin(memory, &made, &error)))
GOOD(snapshot, OK(fw_counters_read(memory, FW_IPV4, "filter", &made, &error)))
GOOD(delta, made = fw_snapshot_delta(good_fw_snapshot(), good_fw_snapshot()))
GOOD(plan, OK(fw_table_diff(good_fw_table(), good_fw_table(), &made, &error)))
GOOD(desired, OK(fw_desired_new(memory, FW_SCOPE_TABLES, NULL, 0, &made, &error)))
GOOD(pending, OK(fw_kernel_watch_over(memory, 60000, &made, &error)))
GOOD(memory, made = fw_memory_new())
GOOD(rehearsal, OK(fw_rehearsal_new(memory, &made, &error)))
GOOD(watch, OK(fw_watch_new(memory, &made, &error)); OK(fw_watch_add(made, FW_IPV4, "filter", &error)))
GOOD(change, {
    fw_table *changed;
    OK(fw_table_open(memory, FW_IPV4, "filter", &changed, &error));
    /* It is watched before it is changed. */
    good_fw_watch();
    OK(fw_chain_append_text(changed, "OUTPUT", "-j ACCEPT", &error));
    OK(fw_table_commit(changed, NULL, &error));
    fw_table_free(changed);
    OK(fw_watch_next(good_fw_watch(), 60000, &made, &error));
})

static inline const fw_part *good_fw_part(void) {
    return fw_rule_match(good_fw_rule(), 0);
}

static inline const fw_value *good_fw_value(void) {
    return fw_part_value(good_fw_part(), FW_TCP_DPORT);
}

static inline const fw_extension *good_fw_extension(void) {
    return fw_extension_find(FW_EXTENSION_MATCH, "limit", FW_IPV4);
}

static inline const fw_option *good_fw_option(void) {
    return fw_extension_option(good_fw_extension(), 0);
}

static inline const fw_address *good_fw_address(void) {
    static fw_address address;
    address = fw_address_ipv4(bytes, 32);
    return &address;
}

static inline const fw_range *good_fw_range(void) {
    static const fw_range range = {22, 22};
    return &range;
}

static inline const fw_nat *good_fw_nat(void) {
    static fw_nat nat;
    nat.first = *good_fw_address();
    return &nat;
}

static inline fw_icmp *good_fw_icmp(void) {
    static fw_icmp icmp;
    return &icmp;
}

static inline const fw_counters *good_fw_counters(void) {
    return &counters;
}

static fw_error *kept;
static inline const fw_error *good_fw_error(void) {
    if (kept == NULL)
        CHECK(fw_rule_parse(NULL, FW_IPV4, "--bogus", NULL, &kept) == FW_ERROR_SYNTAX);
    return kept;
}

/* Whether it is said that an argument is NULL. */
static inline bool is_null(fw_status status) {
    return status == FW_ERROR_INVALID_ARGUMENT && strstr(fw_error_text(error), "NULL") != NULL;
}

static inline void say(const char *function, const char *argument, const char *what) {
    fprintf(stderr, "%s with NULL for %s: %s%s%s\n", function, argument, what, error == NULL ? "" : ": ",
            error == NULL ? "" : fw_error_text(error));
}
static int wrong;

static inline void refused(const char *function, const char *argument, fw_status status) {
    CHECK(status == fw_error_status(error));
    if (!is_null(status)) {
        say(function, argument, fw_status_name(status));
        wrong++;
    }
}

static inline void allowed(const char *function, const char *argument, fw_status status) {
    CHECK(status == fw_error_status(error));
    if (is_null(status) || status == FW_ERROR_PANIC) {
        say(function, argument, "is refused");
        wrong++;
    }
}

static inline void blank(const char *function, const char *argument, bool is_blank) {
    if (!is_blank) {
        say(function, argument, "has an answer");
        wrong++;
    }
}

/* What a builder has been told is known when the rule is built. */
static inline void built(const char *function, const char *argument, bool may) {
    if (strcmp(argument, "builder") == 0)
        return;
    fw_status status = fw_builder_build(good_fw_builder(), NULL, NULL, &error);
    if (may)
        allowed(function, argument, status);
    else
        refused(function, argument, status);
    clear_fw_builder();
}

static inline void begin(void) {
    null_file = open("/dev/null", O_RDWR);
    memory = fw_kernel_new();
    OK(fw_kernel_set_backend(memory, FW_BACKEND_MEMORY, &error));
    OK(fw_kernel_set_unlocked(memory, &error));
    rule_list[0] = good_fw_rule();
}

static inline void end(void) {
    CHECK(wrong == 0);
    clear_fw_change();
    clear_fw_watch();
    clear_fw_rehearsal();
    clear_fw_memory();
    clear_fw_pending();
    clear_fw_desired();
    clear_fw_plan();
    clear_fw_delta();
    clear_fw_snapshot();
    clear_fw_transaction();
    clear_fw_rules();
    clear_fw_strings();
    clear_fw_lock();
    clear_fw_builder();
    clear_fw_rule();
    clear_fw_table();
    fw_error_free(kept);
    fw_error_free(error);
    fw_kernel_free(memory);
    close(null_file);
}

#endif
