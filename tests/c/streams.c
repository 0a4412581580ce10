/* What else C has of Rust: texts piece by piece, checks, hooks, listings of one rule, and all that is known of extensions. In
 * memory, without a kernel. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include "check.h"

static fw_error *error;
static fw_kernel *memory;

static fw_table *open_table(fw_family family, const char *name) {
    fw_table *table;
    OK(fw_table_open(memory, family, name, &table, &error));
    return table;
}

/* A text that is written piece by piece, and read so; `left` pieces are taken before the function says no. */
struct text {
    char bytes[4096];
    size_t length, at;
    int left;
};

static int write_piece(const char *bytes, size_t length, void *data) {
    struct text *text = data;
    if (text->left-- == 0)
        return 7;
    CHECK(text->length + length < sizeof text->bytes);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    return 0;
}

static int64_t read_piece(char *buffer, size_t size, void *data) {
    struct text *text = data;
    size_t length = text->length - text->at;
    if (text->left-- == 0)
        return -7;
    if (length > 5)
        length = 5;
    if (length > size)
        length = size;
    memcpy(buffer, text->bytes + text->at, length);
    text->at += length;
    return (int64_t)length;
}

static int64_t read_too_much(char *buffer, size_t size, void *data) {
    (void)buffer, (void)data;
    return (int64_t)size + 1;
}

static void texts(void) {
    struct text text = {.left = -1}, none = {.left = 0};
    char *whole;
    fw_strings *warnings;
    fw_table *table = open_table(FW_IPV4, FW_TABLE_FILTER);
    OK(fw_chain_append_text(table, "INPUT", "-p tcp --dport 22 -j ACCEPT", &error));
    OK(fw_table_commit(table, NULL, &error));

    /* To a function. */
    OK(fw_table_save(table, true, &whole, &error));
    OK(fw_table_save_to(table, true, write_piece, &text, &error));
    text.bytes[text.length] = '\0';
    CHECK(text.length > 0);
    CHECK_STR(strstr(text.bytes, ":INPUT"), strstr(whole, ":INPUT"));
    fw_string_free(whole);
    FAILS(fw_table_save_to(table, true, write_piece, &none, &error), FW_ERROR_ABORTED);
    CHECK(strstr(fw_error_text(error), "returned 7") != NULL);
    FAILS(fw_table_save_to(table, true, NULL, NULL, &error), FW_ERROR_INVALID_ARGUMENT);

    /* To a file. */
    char path[] = "/tmp/libfw-c-streams-XXXXXX", read_back[4096] = "";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && unlink(path) == 0);
    OK(fw_table_save_fd(table, true, fd, &error));
    CHECK(pread(fd, read_back, sizeof read_back - 1, 0) > 0);
    CHECK_STR(strstr(read_back, ":INPUT"), strstr(text.bytes, ":INPUT"));
    CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    OK(fw_save_fd(memory, FW_IPV4, true, fd, &error));
    CHECK(lseek(fd, 0, SEEK_CUR) > 0);
    CHECK(pread(fd, read_back, sizeof read_back - 1, 0) > 0);
    CHECK(strstr(read_back, "*filter") != NULL && strstr(read_back, "--dport 22") != NULL);
    CHECK(close(fd) == 0);
    int reader = open("/dev/null", O_RDONLY);
    FAILS(fw_table_save_fd(table, true, reader, &error), FW_ERROR_IO);
    char wanted[99];
    fw_family family;
    snprintf(wanted, sizeof wanted, "IPv4 table filter: cannot write to file descriptor %d: ", reader);
    CHECK(strncmp(fw_error_text(error), wanted, strlen(wanted)) == 0 && fw_error_errno(error) == EBADF);
    CHECK(strcmp(fw_error_table(error), "filter") == 0 && fw_error_family(error, &family) && family == FW_IPV4);
    fw_error_free(error);
    error = NULL;
    FAILS(fw_save_fd(memory, FW_IPV4, true, reader, &error), FW_ERROR_IO);
    CHECK_STR(fw_error_table(error), "filter");
    CHECK_STR(fw_error_name(error), "Io");
    CHECK(fw_error_errno(error) == EBADF && strstr(fw_error_message(error), "cannot write the output") != NULL);
    CHECK(close(reader) == 0);
    FAILS(fw_table_save_fd(table, true, reader, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK(fw_error_errno(error) == EBADF);

    /* And back. */
    OK(fw_table_clear(table, &error));
    OK(fw_table_commit(table, NULL, &error));
    text.left = -1;
    OK(fw_restore_from(memory, FW_IPV4, read_piece, &text, NULL, 0, &warnings, &error));
    CHECK(warnings == NULL && text.at == text.length);
    OK(fw_table_refresh(table, &error));
    CHECK(fw_chain_rule_count(table, "INPUT") == 1);
    text.at = 0;
    text.left = 2;
    FAILS(fw_restore_from(memory, FW_IPV4, read_piece, &text, NULL, 0, NULL, &error), FW_ERROR_ABORTED);
    CHECK(strstr(fw_error_text(error), "returned -7") != NULL);
    FAILS(fw_restore_from(memory, FW_IPV4, read_too_much, NULL, NULL, 0, NULL, &error), FW_ERROR_ABORTED);
    fw_error_free(error);
    error = NULL;
    fw_table_free(table);
}

static void tables(void) {
    char *text;
    fw_table *table = open_table(FW_IPV4, FW_TABLE_FILTER);
    CHECK(fw_table_hooks(table) == (1u << FW_HOOK_INPUT | 1u << FW_HOOK_FORWARD | 1u << FW_HOOK_OUTPUT));
    OK(fw_table_clear(table, &error));
    OK(fw_chain_new(table, "one", &error));
    OK(fw_chain_new(table, "two", &error));
    CHECK(fw_chain_hook(table, "INPUT") == FW_HOOK_INPUT && fw_chain_hook(table, "OUTPUT") == FW_HOOK_OUTPUT);
    CHECK(fw_chain_hook(table, "one") == FW_HOOK_NONE && fw_chain_hook(table, "nowhere") == FW_HOOK_NONE);
    OK(fw_chain_append_text(table, "INPUT", "-j one", &error));
    OK(fw_chain_append_text(table, "one", "-j two", &error));
    OK(fw_table_validate(table, &error));
    OK(fw_chain_append_text(table, "two", "-j one", &error));
    FAILS(fw_table_validate(table, &error), FW_ERROR_LOOP);
    OK(fw_chain_flush(table, "two", &error));
    fw_table *nat = open_table(FW_IPV4, FW_TABLE_NAT);
    OK(fw_chain_new(nat, "two", &error));
    OK(fw_chain_append_text(nat, "two", "-j MASQUERADE", &error));
    OK(fw_table_validate(nat, &error));
    OK(fw_chain_append_text(nat, "PREROUTING", "-j two", &error));
    FAILS(fw_table_validate(nat, &error), FW_ERROR_INVALID_RULE);
    CHECK_STR(fw_error_chain(error), "two");
    fw_table_free(nat);

    OK(fw_chain_append_text(table, "INPUT", "-s 192.0.2.1 -j DROP", &error));
    OK(fw_chain_list_rule(table, "INPUT", 1, FW_LIST_NUMERIC | FW_LIST_LINE_NUMBERS, &text, &error));
    CHECK_STR(text, "2    DROP       all  --  192.0.2.1            0.0.0.0/0           \n");
    fw_string_free(text);
    FAILS(fw_chain_list_rule(table, "INPUT", 2, 0, &text, &error), FW_ERROR_INDEX_TOO_BIG);
    FAILS(fw_chain_list_rule(table, "nowhere", 0, 0, &text, &error), FW_ERROR_NO_SUCH_CHAIN);
    FAILS(fw_chain_list_rule(table, "INPUT", 0, 16, &text, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    error = NULL;
    fw_table_free(table);
}

/* What the last call had to warn about, and nothing else. */
#define WARNED(call, expected)                                                                     \
    do {                                                                                           \
        call;                                                                                      \
        fw_strings *told = fw_warnings();                                                          \
        CHECK(fw_strings_count(told) == ((expected) != NULL));                                     \
        if ((expected) != NULL) CHECK_STR(fw_strings_get(told, 0), expected);                      \
        fw_strings_free(told);                                                                     \
    } while (0)

/* Every function that takes a rule as text. */
static void warnings(void) {
    const char *reversed = "xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match", *none = NULL;
    const char *odd = "-m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP", *in = "INPUT";
    const char *words[] = {"-m", "iprange", "--src-range", "10.0.0.9-10.0.0.1", "-j", "DROP"};
    const char *file = "*filter\n-A INPUT -m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP\nCOMMIT\n";
    fw_rule *rule;
    fw_table *table;
    bool changed;
    int64_t index;
    size_t removed;
    WARNED(OK(fw_rule_parse(NULL, FW_IPV4, odd, &rule, &error)), reversed);
    fw_rule_free(rule);
    WARNED(OK(fw_rule_parse(NULL, FW_IPV4, "-j DROP", &rule, &error)), none);
    fw_rule_free(rule);
    WARNED(OK(fw_rule_parse_n(NULL, FW_IPV4, odd, strlen(odd), &rule, &error)), reversed);
    fw_rule_free(rule);
    WARNED(OK(fw_rule_from_args(NULL, FW_IPV4, 6, words, &rule, &error)), reversed);
    fw_rule_free(rule);
    /* A mistake behind it. */
    WARNED(FAILS(fw_rule_parse(NULL, FW_IPV4, "-m iprange --src-range 10.0.0.9-10.0.0.1 --nothing", &rule, &error),
                 FW_ERROR_SYNTAX),
           reversed);
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_match(builder, "iprange");
    fw_builder_option(builder, "src-range", "10.0.0.9-10.0.0.1");
    fw_builder_target(builder, "DROP");
    WARNED(OK(fw_builder_build(builder, NULL, &rule, &error)), reversed);
    fw_rule_free(rule);
    fw_builder_free(builder);

    WARNED(OK(fw_table_open(memory, FW_IPV4, "filter", &table, &error)), none);
    WARNED(OK(fw_chain_append_text(table, in, odd, &error)), reversed);
    WARNED(OK(fw_chain_insert_text(table, in, 0, odd, &error)), reversed);
    WARNED(OK(fw_chain_replace_text(table, in, 0, odd, &error)), reversed);
    WARNED(OK(fw_chain_position_text(table, in, odd, &index, &error)), reversed);
    WARNED(OK(fw_chain_ensure_text(table, in, odd, &changed, &error)), reversed);
    WARNED(OK(fw_chain_delete_text(table, in, odd, &error)), reversed);
    WARNED(OK(fw_chain_ensure_absent_text(table, in, odd, &removed, &error)), reversed);
    WARNED(OK(fw_chain_append_text(table, in, "-j DROP", &error)), none);
    fw_table_free(table);
    WARNED(OK(fw_restore(memory, FW_IPV4, file, NULL, 0, NULL, &error)), reversed);
}

static void rules(void) {
    fw_rule *rule;
    fw_strings *warnings;
    const char *reversed[] = {"-m", "iprange", "--src-range", "10.0.0.9-10.0.0.1", "-j", "DROP"};
    OK(fw_rule_from_args_warned(memory, FW_IPV4, 6, reversed, &rule, &warnings, &error));
    CHECK(fw_strings_count(warnings) == 1);
    CHECK_STR(fw_strings_get(warnings, 0), "xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match");
    fw_strings_free(warnings);
    fw_rule_free(rule);
    OK(fw_rule_from_args_warned(memory, FW_IPV4, 2, reversed + 4, &rule, &warnings, &error));
    CHECK(warnings == NULL);
    fw_rule_free(rule);
    FAILS(fw_rule_from_args_warned(memory, FW_IPV4, 1, reversed + 4, &rule, &warnings, &error), FW_ERROR_SYNTAX);
    fw_error_free(error);
    error = NULL;

    fw_counters earlier = {10, 600}, now = {12, 720}, news = fw_counters_since(now, earlier);
    CHECK(news.packets == 2 && news.bytes == 120);
    earlier.packets = UINT64_MAX;
    CHECK(fw_counters_since(now, earlier).packets == 13);
}

static bool has(fw_strings *strings, const char *wanted) {
    bool found = false;
    CHECK(strings != NULL);
    for (size_t i = 0; i < fw_strings_count(strings); i++)
        found |= strcmp(fw_strings_get(strings, i), wanted) == 0;
    fw_strings_free(strings);
    return found;
}

static const fw_option *option(const fw_extension *extension, const char *name) {
    for (size_t i = 0; i < fw_extension_option_count(extension); i++) {
        const fw_option *option = fw_extension_option(extension, i);
        if (strcmp(fw_option_name(option), name) == 0)
            return option;
    }
    CHECK(false);
    return NULL;
}

static void metadata(void) {
    char *text;
    fw_strings *none;
    const fw_extension *tcp = fw_extension_find(FW_EXTENSION_MATCH, FW_MATCH_TCP, FW_IPV4);
    const fw_extension *masquerade = fw_extension_find(FW_EXTENSION_TARGET, FW_TARGET_MASQUERADE, FW_IPV4);
    const fw_extension *limit = fw_extension_find(FW_EXTENSION_MATCH, FW_MATCH_LIMIT, FW_IPV4);
    const fw_extension *reject = fw_extension_find(FW_EXTENSION_TARGET, FW_TARGET_REJECT, FW_IPV6);
    CHECK_STR(fw_extension_header(tcp), "linux/netfilter/xt_tcpudp.h");
    CHECK_STR(fw_extension_type(tcp), "Tcp");
    CHECK(has(fw_extension_tables(masquerade), "nat"));
    none = fw_extension_tables(tcp);
    CHECK(none != NULL && fw_strings_count(none) == 0);
    fw_strings_free(none);
    none = fw_extension_aliases(tcp);
    CHECK(none != NULL && fw_strings_count(none) == 0);
    fw_strings_free(none);
    CHECK(has(fw_extension_protocols(fw_extension_find(FW_EXTENSION_TARGET, FW_TARGET_SYNPROXY, FW_IPV4)), "tcp"));
    CHECK(has(fw_extension_needs(fw_extension_find(FW_EXTENSION_MATCH, FW_MATCH_RECENT, FW_IPV4)), "rcheck"));
    none = fw_extension_protocols(masquerade);
    CHECK(none != NULL && fw_strings_count(none) == 0);
    fw_strings_free(none);
    CHECK(fw_extension_hooks(masquerade) == 1u << FW_HOOK_POSTROUTING);
    CHECK(fw_extension_hooks(tcp) == 31);
    CHECK(fw_extension_has_revision(tcp, FW_IPV4, 0) && !fw_extension_has_revision(tcp, FW_IPV4, 200) &&
          !fw_extension_has_revision(tcp, FW_ARP, 0));
    text = fw_extension_default(limit, FW_LIMIT_BURST, FW_IPV4);
    CHECK_STR(text, "5");
    fw_string_free(text);
    CHECK(fw_extension_default(tcp, FW_TCP_DPORT, FW_IPV4) == NULL);
    CHECK(has(fw_option_aliases(option(tcp, FW_TCP_DPORT)), "destination-port"));
    CHECK(has(fw_option_excludes(option(tcp, FW_TCP_FLAGS)), "syn"));
    CHECK(has(fw_option_excludes(option(tcp, FW_TCP_SYN)), "tcp-flags"));
    const fw_extension *recent = fw_extension_find(FW_EXTENSION_MATCH, FW_MATCH_RECENT, FW_IPV4);
    CHECK(has(fw_option_requires(option(recent, FW_RECENT_REAP)), "seconds"));
    CHECK(has(fw_option_names(option(reject, FW_REJECT_WITH), FW_IPV6), "icmp6-no-route"));
    CHECK(!has(fw_option_names(option(reject, FW_REJECT_WITH), FW_IPV4), "icmp6-no-route"));
    CHECK(fw_option_min(option(recent, FW_RECENT_SECONDS)) == 1);
    CHECK(fw_option_max(option(limit, FW_LIMIT_BURST)) == 10000);
    CHECK(!fw_option_is_repeatable(option(tcp, FW_TCP_DPORT)));
}

int main(void) {
    memory = fw_kernel_new();
    OK(fw_kernel_set_backend(memory, FW_BACKEND_MEMORY, &error));
    texts();
    tables();
    rules();
    warnings();
    metadata();
    fw_kernel_free(memory);
    return 0;
}
