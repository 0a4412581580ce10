/* What the program of random.awk calls functions with. */
#ifndef RANDOM_H
#define RANDOM_H

#include <time.h>

static uint64_t state;
static fw_error *error;
static int null_file;
static long calls_left;
static time_t until;

static size_t any(size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return below == 0 ? 0 : (size_t)(state >> 33) % below;
}

/* True but for one time in so many. */
static bool some(size_t times) {
    return any(times) != 0;
}

static uint64_t any_number(void) {
    static const uint64_t numbers[] = {0, 1, 2, 22, 80, 255, 256, 65535, 65536, UINT32_MAX, UINT64_MAX, 1000000};
    return numbers[any(sizeof numbers / sizeof *numbers)];
}

static const char *const texts[] = {
    NULL, "", "INPUT", "OUTPUT", "web", "web", "filter", "nat", "mangle", FW_MATCH_TCP, FW_MATCH_LIMIT,
    FW_MATCH_CONNTRACK, FW_MATCH_SET, FW_MATCH_POLICY, FW_MATCH_HASHLIMIT, FW_MATCH_U32, FW_TARGET_LOG, FW_TARGET_REJECT,
    FW_TARGET_ACCEPT, FW_TARGET_CT, FW_TCP_DPORT, FW_TCP_FLAGS, FW_TCP_SYN, FW_CONNTRACK_STATE, FW_LIMIT_RATE, FW_LIMIT_BURST,
    FW_LOG_PREFIX, FW_REJECT_WITH, FW_HASHLIMIT_NAME, FW_SET_MATCH_SET, "22", "5/min", "NEW,ESTABLISHED", "tcp-reset", "a b",
    "10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "eth+", "tcp", "\xff\xfe", "-p tcp --dport 22 -j ACCEPT", "-j web",
    "-m conntrack --ctstate NEW -j LOG --log-prefix \"a b\"", "-s 192.0.2.1 -j DROP", "-p tcp --dport", "--bogus",
    "-A INPUT -j ACCEPT", "*filter\n:INPUT DROP\n-A INPUT -j ACCEPT\nCOMMIT\n", "*filter\n-A INPUT -j nowhere\nCOMMIT\n",
    "*nat\n:web -\n-A web -j MASQUERADE\nCOMMIT\n", "-m u32 --u32 0=1", "/dev/null", "/nonexistent",
};

static const char *any_text(void) {
    return texts[any(sizeof texts / sizeof *texts)];
}

static const char *words[] = {"-A", "INPUT", "-j", "ACCEPT", "--bogus"};
static fw_range ranges[] = {{22, 22}, {80, 90}, {90, 80}, {0, UINT64_MAX}, {1, 1}};
static unsigned char bytes[64];
static fw_counters counters = {3, 180};
static fw_report place_fw_report;
static fw_synced place_fw_synced;
static fw_step place_fw_step;
static fw_ending place_fw_ending;
static fw_address place_fw_address;
static fw_range place_fw_range;
static fw_masked place_fw_masked;
static fw_nat place_fw_nat;
static fw_icmp place_fw_icmp;
static fw_unit place_fw_unit;
static fw_family place_fw_family;
static fw_backend place_fw_backend;
static bool place_bool;
static size_t place_size_t;
static int64_t place_int64_t;
static uint64_t place_uint64_t;
static uint32_t place_uint32_t;
static uint8_t place_uint8_t;

/* Handles that are kept for later calls. */
#define POOL(kind)                                         \
    static fw_##kind *kind##_pool[6];                      \
    static inline void keep_fw_##kind(fw_##kind *handle) { \
        size_t at = any(6);                                \
        if (handle == NULL)                                \
            return;                                        \
        fw_##kind##_free(kind##_pool[at]);                 \
        kind##_pool[at] = handle;                          \
    }                                                      \
    static inline fw_##kind *any_fw_##kind(void) {         \
        return kind##_pool[any(6)];                        \
    }                                                      \
    static inline fw_##kind *take_fw_##kind(void) {        \
        size_t at = any(6);                                \
        fw_##kind *handle = kind##_pool[at];               \
        kind##_pool[at] = NULL;                            \
        return handle;                                     \
    }                                                      \
    static inline void clear_fw_##kind(void) {             \
        for (size_t i = 0; i < 6; i++)                     \
            fw_##kind##_free(kind##_pool[i]);              \
    }
POOL(table)
POOL(rule)
POOL(builder)
POOL(lock)
POOL(strings)
POOL(transaction)
POOL(snapshot)
POOL(delta)
POOL(watch)
POOL(change)
POOL(plan)
POOL(desired)
POOL(pending)
POOL(memory)
POOL(rehearsal)

/* Kernels are all in memory: nothing on the machine is changed. */
static fw_kernel *memory;
static inline fw_kernel *any_fw_kernel(void) {
    return memory;
}
static inline fw_kernel *take_fw_kernel(void) {
    return NULL;
}
static inline void keep_fw_kernel(fw_kernel *kernel) {
    fw_kernel_free(kernel);
}

static inline fw_rules *any_rules(void) {
    fw_rules *rules;
    if (fw_chain_rules(any_fw_table(), "INPUT", &rules, NULL) == FW_OK && some(2))
        fw_rules_next(rules);
    return rules;
}

static inline const fw_rule *const *any_rule_list(void) {
    static const fw_rule *list[5];
    for (size_t i = 0; i < 5; i++)
        list[i] = any_fw_rule();
    return list;
}

static inline const fw_part *any_fw_part(void) {
    const fw_rule *rule = any_fw_rule();
    return some(3) ? fw_rule_match(rule, any(2)) : fw_rule_target_extension(rule);
}

static inline const fw_value *any_fw_value(void) {
    const fw_value *value = fw_part_value_at(any_fw_part(), any(3));
    return some(4) ? value : fw_value_item(value, any(2));
}

static inline const fw_extension *any_fw_extension(void) {
    return fw_extension_at(any(fw_extension_count() + 2));
}

static inline const fw_option *any_fw_option(void) {
    return fw_extension_option(any_fw_extension(), any(6));
}

static inline const fw_address *any_fw_address(void) {
    static fw_address address;
    for (size_t i = 0; i < 16; i++)
        address.address[i] = address.mask[i] = (unsigned char)any(256);
    address.family = (fw_family)(some(6) ? 4 + 2 * any(2) : any(256));
    address.prefix = (uint8_t)any(256);
    return some(6) ? &address : NULL;
}

static int any_fw_edit(fw_table *table, void *data, fw_error **place) {
    (void)data;
    return some(4) ? (int)fw_chain_append_text(table, "INPUT", "-j ACCEPT", place) : 3;
}

static int64_t any_fw_read(char *buffer, size_t size, void *data) {
    (void)data;
    if (size > 0)
        buffer[0] = "*\n#:-"[any(5)];
    return any(3) == 0 ? -1 : (int64_t)any(2);
}

static int any_fw_write(const char *text, size_t length, void *data) {
    (void)text, (void)data;
    return length > 0 && some(4) ? 0 : 1;
}

static inline void touch(const char *text) {
    if (text != NULL)
        place_size_t += strlen(text);
}

static long worked, failed;
static inline void note(fw_status status) {
    CHECK(status != FW_ERROR_PANIC);
    if (status == FW_OK)
        worked++;
    else
        failed++;
}

static inline bool go_on(void) {
    return until != 0 ? time(NULL) < until : calls_left-- > 0;
}

/* So many calls, or calls for so many seconds: `random 20000`, `random 60s`; another number behind it makes other ones. */
static inline void begin(int argc, char **argv) {
    calls_left = argc > 1 ? atol(argv[1]) : 20000;
    if (argc > 1 && strchr(argv[1], 's') != NULL)
        until = time(NULL) + calls_left;
    state = argc > 2 ? (uint64_t)atol(argv[2]) : 1;
    null_file = open("/dev/null", O_RDWR);
    memory = fw_kernel_new();
    CHECK(fw_kernel_set_backend(memory, FW_BACKEND_MEMORY, NULL) == FW_OK);
    CHECK(fw_kernel_set_unlocked(memory, NULL) == FW_OK);
    for (size_t i = 0; i < 4; i++) {
        fw_table *table;
        CHECK(fw_table_open(memory, i < 3 ? FW_IPV4 : FW_IPV6, "filter", &table, NULL) == FW_OK);
        keep_fw_table(table);
        keep_fw_builder(fw_builder_new(FW_IPV4));
    }
}

static inline void end(void) {
    printf("%ld calls worked, %ld failed\n", worked, failed);
    CHECK(worked > failed / 10);
    clear_fw_transaction();
    clear_fw_snapshot();
    clear_fw_delta();
    clear_fw_watch();
    clear_fw_change();
    clear_fw_plan();
    clear_fw_desired();
    clear_fw_pending();
    clear_fw_table();
    clear_fw_rule();
    clear_fw_builder();
    clear_fw_lock();
    clear_fw_strings();
    fw_error_free(error);
    fw_kernel_free(memory);
    close(null_file);
}

#endif
