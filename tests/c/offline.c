/* What needs no kernel: rules from text and from parts, what is in them, errors, and the list of extensions. */
#include "check.h"

static fw_rule *parse(fw_family family, const char *text) {
    fw_error *error = NULL;
    fw_rule *rule;
    OK(fw_rule_parse(NULL, family, text, &rule, &error));
    return rule;
}

static void text_and_parts(void) {
    bool inverted;
    fw_rule *rule = parse(FW_IPV4, "! -s 10.0.0.0/8 -d 192.0.2.1 -i eth+ ! -o lo -p tcp -f "
                                   "-m comment --comment \"two words\" -m tcp ! --dport 22 "
                                   "-j LOG --log-prefix \"a b\"");

    CHECK(fw_rule_family(rule) == FW_IPV4);
    CHECK_STR(fw_rule_source(rule, &inverted), "10.0.0.0/8");
    CHECK(inverted);
    CHECK_STR(fw_rule_destination(rule, &inverted), "192.0.2.1/32");
    CHECK(!inverted);
    CHECK_STR(fw_rule_input(rule, NULL), "eth+");
    CHECK_STR(fw_rule_output(rule, &inverted), "lo");
    CHECK(inverted);
    CHECK_STR(fw_rule_protocol(rule, &inverted), "tcp");
    CHECK(fw_rule_fragment(rule) == 1);

    CHECK(fw_rule_match_count(rule) == 2);
    const fw_part *comment = fw_rule_match(rule, 0);
    CHECK_STR(fw_part_name(comment), "comment");
    CHECK(fw_part_option_count(comment) == 1);
    CHECK_STR(fw_part_option_name(comment, 0), "comment");
    CHECK_STR(fw_part_option_value(comment, 0), "two words");
    const fw_part *tcp = fw_rule_match(rule, 1);
    CHECK_STR(fw_part_name(tcp), "tcp");
    CHECK_STR(fw_part_option_name(tcp, 0), "dport");
    CHECK_STR(fw_part_option_value(tcp, 0), "22");
    CHECK(fw_part_option_inverted(tcp, 0));
    CHECK(fw_part_option_name(tcp, 99) == NULL);
    CHECK(fw_rule_match(rule, 2) == NULL);

    CHECK_STR(fw_rule_target(rule), "LOG");
    CHECK_STR(fw_part_name(fw_rule_target_extension(rule)), "LOG");
    CHECK_STR(fw_part_text(comment), "-m comment --comment \"two words\"");
    CHECK_STR(fw_part_text(tcp), "-m tcp ! --dport 22");
    CHECK_STR(fw_part_text(fw_rule_target_extension(rule)), fw_rule_target_text(rule));
    CHECK(strstr(fw_rule_text(rule), fw_rule_target_text(rule)) != NULL && strncmp(fw_rule_target_text(rule), "-j LOG ", 7) == 0);
    CHECK(!fw_rule_is_goto(rule));
    fw_rule_free(rule);

    rule = parse(FW_IPV6, "-g elsewhere");
    CHECK(fw_rule_source(rule, &inverted) == NULL && !inverted);
    CHECK(fw_rule_protocol(rule, NULL) == NULL);
    CHECK(fw_rule_fragment(rule) == -1);
    CHECK_STR(fw_rule_target(rule), "elsewhere");
    CHECK(fw_rule_is_goto(rule));
    CHECK(fw_rule_target_extension(rule) == NULL);
    CHECK_STR(fw_rule_text(rule), "-g elsewhere");
    CHECK_STR(fw_rule_target_text(rule), "-g elsewhere");
    fw_rule_free(rule);

    rule = parse(FW_IPV4, "-m comment --comment \xff -j RETURN");
    CHECK_STR(fw_part_text(fw_rule_match(rule, 0)), "-m comment --comment \"\xff\"");
    CHECK_STR(fw_rule_target_text(rule), "-j RETURN");
    fw_rule_free(rule);

    rule = parse(FW_IPV4, "");
    CHECK(fw_rule_target(rule) == NULL && fw_rule_target_text(rule) == NULL);
    CHECK(fw_part_text(fw_rule_match(rule, 0)) == NULL);
    CHECK_STR(fw_rule_text(rule), "");
    fw_rule_free(rule);
}

static void counters(void) {
    fw_error *error = NULL;
    fw_rule *rule = parse(FW_IPV4, "-j ACCEPT");
    fw_rule *same = parse(FW_IPV4, "-j ACCEPT");
    fw_rule *other = parse(FW_IPV4, "-j DROP");
    fw_counters counters = {3, 180};
    OK(fw_rule_set_counters(rule, counters, &error));
    CHECK(fw_rule_counters(rule).packets == 3 && fw_rule_counters(rule).bytes == 180);
    char *text = fw_rule_text_with_counters(rule);
    CHECK_STR(text, "-c 3 180 -j ACCEPT");
    fw_string_free(text);
    CHECK(fw_rule_equal(rule, same));
    CHECK(!fw_rule_equal(rule, other));
    CHECK(fw_rule_hash(rule) == fw_rule_hash(same));
    CHECK(fw_rule_hash(rule) != fw_rule_hash(other) && fw_rule_hash(rule) != 0);
    CHECK(fw_rule_hash(NULL) == 0);
    fw_rule_free(rule);
    fw_rule_free(same);
    fw_rule_free(other);
}

static void words(void) {
    fw_error *error = NULL;
    fw_rule *rule, *parsed;
    const char *argv[] = {"-m", "comment", "--comment", "two words \"quoted\"", "-i", "\xff\xfe", NULL};
    OK(fw_rule_from_args(NULL, FW_IPV4, FW_UNTIL_NULL, argv, &rule, &error));
    CHECK_STR(fw_part_option_value(fw_rule_match(rule, 0), 0), "two words \"quoted\"");
    CHECK_STR(fw_rule_input(rule, NULL), "\xff\xfe");
    parsed = parse(FW_IPV4, fw_rule_text(rule));
    CHECK(fw_rule_equal(rule, parsed));
    fw_rule_free(parsed);
    CHECK_STR(fw_rule_text(rule), "-i \xff\xfe -m comment --comment \"two words \\\"quoted\\\"\"");
    fw_rule_free(rule);

    const char *with_null[] = {"-j", NULL};
    FAILS(fw_rule_from_args(NULL, FW_IPV4, 2, with_null, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK(rule == NULL);
    fw_error_free(error);
}

static void builder(void) {
    fw_error *error = NULL;
    fw_rule *rule, *parsed;
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_not(builder);
    fw_builder_source(builder, "10.0.0.0/255.0.0.0");
    fw_builder_destination(builder, "192.0.2.1");
    fw_builder_input(builder, "eth+");
    fw_builder_not(builder);
    fw_builder_output(builder, "lo");
    fw_builder_protocol(builder, "tcp");
    fw_builder_match(builder, "tcp");
    fw_builder_not(builder);
    fw_builder_option(builder, "dport", "22");
    fw_builder_option(builder, "syn", NULL);
    fw_builder_match(builder, "hashlimit");
    fw_builder_option(builder, "upto", "10/min"); /* the field, as in Rust and Python */
    fw_builder_option(builder, "hashlimit-name", "ssh");
    fw_builder_target(builder, "REJECT");
    fw_builder_option(builder, "reject-with", "tcp-reset");
    OK(fw_builder_build(builder, NULL, &rule, &error));
    parsed = parse(FW_IPV4, "! -s 10.0.0.0/8 -d 192.0.2.1 -i eth+ ! -o lo -p tcp -m tcp ! --dport 22 --syn "
                            "-m hashlimit --hashlimit-upto 10/min --hashlimit-name ssh "
                            "-j REJECT --reject-with tcp-reset");
    CHECK_STR(fw_rule_text(rule), fw_rule_text(parsed));
    CHECK(fw_rule_equal(rule, parsed));
    fw_rule_free(rule);
    fw_rule_free(parsed);

    /* A builder can be used further, and a copy of it too. */
    fw_builder *copy = fw_builder_copy(builder);
    fw_builder_fragment(builder);
    fw_counters counters = {2, 120};
    fw_builder_counters(builder, counters);
    fw_builder_jump(builder, "web");
    OK(fw_builder_build(builder, NULL, &rule, &error));
    CHECK_STR(fw_rule_target(rule), "web");
    CHECK(!fw_rule_is_goto(rule) && fw_rule_fragment(rule) == 1);
    CHECK(fw_rule_counters(rule).packets == 2 && fw_rule_counters(rule).bytes == 120);
    fw_rule_free(rule);
    fw_builder_goto(builder, "web");
    OK(fw_builder_build(builder, NULL, &rule, &error));
    CHECK(fw_rule_is_goto(rule));
    CHECK(fw_rule_match_count(rule) == 2);
    fw_rule_free(rule);
    fw_builder_free(builder);
    OK(fw_builder_build(copy, NULL, &rule, &error));
    CHECK_STR(fw_rule_target(rule), "REJECT");
    CHECK(fw_rule_fragment(rule) == -1);
    fw_rule_free(rule);
    fw_builder_free(copy);
}

/* A part of which a rule has one is given once for each rule that is built. */
static void builder_twice(void) {
    static const struct {
        const char *name;
        void (*set)(fw_builder *builder, const char *text);
        const char *one, *other;
    } parts[] = {
        {"source", fw_builder_source, "192.0.2.1", "192.0.2.2"},
        {"destination", fw_builder_destination, "192.0.2.1", "192.0.2.2"},
        {"input interface", fw_builder_input, "eth0", "eth1"},
        {"output interface", fw_builder_output, "eth0", "eth1"},
        {"protocol", fw_builder_protocol, "tcp", "udp"},
        {"target", fw_builder_target, "ACCEPT", "DROP"},
        {"target", fw_builder_jump, "one", "other"},
        {"target", fw_builder_goto, "one", "other"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fw_error *error = NULL;
        fw_rule *rule;
        fw_builder *builder = fw_builder_new(FW_IPV4);
        parts[i].set(builder, parts[i].one);
        OK(fw_builder_build(builder, NULL, &rule, &error));
        CHECK(strstr(fw_rule_text(rule), parts[i].one) != NULL);
        fw_rule_free(rule);
        parts[i].set(builder, parts[i].other);
        OK(fw_builder_build(builder, NULL, &rule, &error));
        CHECK(strstr(fw_rule_text(rule), parts[i].one) == NULL);
        CHECK(strstr(fw_rule_text(rule), parts[i].other) != NULL);
        fw_rule_free(rule);
        parts[i].set(builder, parts[i].one);
        parts[i].set(builder, parts[i].other);
        FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
        CHECK(strstr(fw_error_text(error), parts[i].name) != NULL);
        fw_builder_free(builder);
        fw_error_free(error);
    }

    /* One target in whatever way it is given; one `!`; none before the counters; one value for an option. */
    fw_counters counters = {1, 2};
    for (int i = 0; i < 7; i++) {
        fw_error *error = NULL;
        fw_builder *builder = fw_builder_new(FW_IPV4);
        fw_status want = FW_ERROR_INVALID_ARGUMENT;
        if (i == 0) {
            fw_builder_target(builder, "ACCEPT");
            fw_builder_jump(builder, "web");
        } else if (i == 1) {
            fw_builder_goto(builder, "web");
            fw_builder_target_data(builder, "NONESUCH", 0, NULL, 0);
        } else if (i == 2) {
            fw_builder_not(builder);
            fw_builder_not(builder);
            fw_builder_source(builder, "192.0.2.1");
        } else if (i == 3) {
            fw_builder_not(builder);
            fw_builder_counters(builder, counters);
        } else if (i == 4) {
            fw_builder_counters(builder, counters);
            fw_builder_counters(builder, counters);
        } else if (i == 5) {
            fw_builder_fragment(builder);
            fw_builder_fragment(builder);
        } else {
            fw_builder_protocol(builder, "tcp");
            fw_builder_match(builder, "tcp");
            fw_builder_option(builder, "dport", "22");
            fw_builder_option(builder, "dport", "23");
            want = FW_ERROR_SYNTAX;
        }
        FAILS(fw_builder_build(builder, NULL, NULL, &error), want);
        fw_error_free(error);
        fw_builder_free(builder);
    }
}

/* Texts of a known length, which may hold NUL where it is refused and need not end with one. */
static void lengths(void) {
    fw_error *error = NULL;
    fw_rule *rule;
    OK(fw_rule_parse_n(NULL, FW_IPV4, "-j ACCEPTED", 9, &rule, &error));
    CHECK_STR(fw_rule_text(rule), "-j ACCEPT");
    fw_rule_free(rule);
    OK(fw_rule_parse_n(NULL, FW_IPV4, NULL, 0, &rule, &error));
    CHECK_STR(fw_rule_text(rule), "");
    fw_rule_free(rule);
    FAILS(fw_rule_parse_n(NULL, FW_IPV4, "", SIZE_MAX, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_match(builder, "comment");
    fw_builder_option_n(builder, "comment", "two words", 3);
    OK(fw_builder_build(builder, NULL, &rule, &error));
    CHECK_STR(fw_rule_text(rule), "-m comment --comment two");
    fw_rule_free(rule);
    fw_builder_free(builder);

    /* However long the mistake is, the error is not. */
    size_t length = 1 << 20;
    char *text = malloc(length + 1);
    CHECK(text != NULL);
    memset(text, 'x', length);
    text[length] = '\0';
    FAILS(fw_rule_parse_n(NULL, FW_IPV4, text, length, &rule, &error), FW_ERROR_SYNTAX);
    builder = fw_builder_new(FW_IPV4);
    fw_builder_match(builder, text);
    FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_NO_SUCH_EXTENSION);
    fw_builder_free(builder);
    CHECK(strlen(fw_error_text(error)) == 1023);
    CHECK(strlen(fw_error_message(error)) < 1024 && strlen(fw_error_iptables_words(error)) < 1024);
    fw_error_free(error);
    free(text);
}

/* The first mistake counts, and building says it as often as asked. */
static void builder_mistakes(void) {
    fw_error *error = NULL;
    fw_rule *rule;
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_source(builder, "10.0.0.0/99");
    fw_builder_match(builder, "no-such-match");
    fw_builder_target(builder, "ACCEPT");
    for (int i = 0; i < 2; i++) {
        FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_VALUE);
        CHECK_STR(fw_error_iptables_words(error), "invalid mask `99' specified");
        CHECK(rule == NULL);
        fw_error_free(error);
    }
    fw_builder_free(builder);

    struct {
        const char *match, *option, *value;
        fw_status status;
    } wrong[] = {
        {"no-such-match", NULL, NULL, FW_ERROR_NO_SUCH_EXTENSION},
        {"tcp", "no-such-option", "1", FW_ERROR_SYNTAX},
        {"limit", "limit", "a lot", FW_ERROR_INVALID_VALUE},
        {NULL, "dport", "22", FW_ERROR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        builder = fw_builder_new(FW_IPV4);
        fw_builder_protocol(builder, "tcp");
        if (wrong[i].match != NULL)
            fw_builder_match(builder, wrong[i].match);
        if (wrong[i].option != NULL)
            fw_builder_option(builder, wrong[i].option, wrong[i].value);
        FAILS(fw_builder_build(builder, NULL, &rule, &error), wrong[i].status);
        fw_error_free(error);
        fw_builder_free(builder);
    }

    /* An inverted target, an inverted nothing, a family that does not exist. */
    builder = fw_builder_new(FW_IPV4);
    fw_builder_not(builder);
    fw_builder_target(builder, "ACCEPT");
    FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    fw_builder_free(builder);
    builder = fw_builder_new(FW_IPV4);
    fw_builder_not(builder);
    FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    CHECK_STR(fw_error_message(error), "no part stands behind fw_builder_not");
    fw_error_free(error);
    fw_builder_free(builder);
    builder = fw_builder_new((fw_family)7);
    FAILS(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    fw_builder_free(builder);
}

/* What libfw does not know can be read, and written again. */
static void unknown_extensions(void) {
    fw_error *error = NULL;
    fw_rule *rule, *copy;
    size_t size;
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_match_data(builder, "nonesuch", 3, "\1\0\2", 3);
    fw_builder_target_data(builder, "NONESUCH", 0, NULL, 0);
    OK(fw_builder_build(builder, NULL, &rule, &error));
    fw_builder_free(builder);
    const fw_part *match = fw_rule_match(rule, 0);
    CHECK_STR(fw_part_name(match), "nonesuch");
    CHECK(fw_part_revision(match) == 3);
    CHECK(fw_part_option_count(match) == 0);
    const void *data = fw_part_data(match, &size);
    CHECK(size >= 3 && memcmp(data, "\1\0\2", 3) == 0);
    CHECK_STR(fw_rule_target(rule), "NONESUCH");

    builder = fw_builder_new(FW_IPV4);
    fw_builder_match_data(builder, fw_part_name(match), fw_part_revision(match), data, size);
    fw_builder_target_data(builder, "NONESUCH", 0, NULL, 0);
    OK(fw_builder_build(builder, NULL, &copy, &error));
    CHECK(fw_rule_equal(rule, copy));
    fw_rule_free(copy);
    fw_builder_match_data(builder, "", 0, NULL, 0);
    FAILS(fw_builder_build(builder, NULL, &copy, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_error_free(error);
    fw_builder_free(builder);
    fw_rule_free(rule);
}

static void errors(void) {
    fw_error *error = NULL;
    fw_rule *rule;
    FAILS(fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport 99999 -j ACCEPT", &rule, &error), FW_ERROR_INVALID_VALUE);
    CHECK(rule == NULL);
    CHECK_STR(fw_error_name(error), "InvalidValue");
    CHECK_STR(fw_error_extension(error), "tcp");
    CHECK_STR(fw_error_option(error), "dport");
    CHECK_STR(fw_error_token(error), "99999");
    CHECK(strstr(fw_error_rule_text(error), "--dport 99999") != NULL);
    CHECK(strstr(fw_error_marked(error), "^^^^^") != NULL);
    CHECK(fw_error_table(error) == NULL && fw_error_backend(error) == FW_BACKEND_NONE);
    CHECK(fw_error_rule(error) == -1);
    CHECK(fw_error_errno(error) == 0);
    CHECK(fw_error_iptables_status(error) == 2);
    CHECK_STR(fw_error_iptables_words(error), "invalid port/service `99999' specified");
    CHECK(strstr(fw_error_text(error), fw_error_message(error)) != NULL);
    fw_error_free(error);

    FAILS(fw_rule_parse(NULL, FW_IPV4, "-j ACCEPT --bogus", &rule, &error), FW_ERROR_SYNTAX);
    CHECK(fw_error_column(error) == 11);
    fw_error_free(error);
    /* Nobody wants to know more, or the result. */
    CHECK(fw_rule_parse(NULL, FW_IPV4, "-j ACCEPT --\xff", NULL, NULL) == FW_ERROR_SYNTAX);
    CHECK(fw_rule_parse(NULL, FW_IPV4, "-j ACCEPT", NULL, NULL) == FW_OK);

    /* One place for the errors of many calls; only the last error is left to free. */
    for (int i = 0; i < 3; i++)
        FAILS(fw_rule_parse(NULL, FW_IPV4, "--bogus", &rule, &error), FW_ERROR_SYNTAX);
    OK(fw_rule_parse(NULL, FW_IPV4, "-j ACCEPT", &rule, &error));
    fw_rule_free(rule);
    FAILS(fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport x", &rule, &error), FW_ERROR_INVALID_VALUE);
    /* Its own words may be the arguments of the next call. */
    FAILS(fw_rule_parse(NULL, FW_IPV4, fw_error_message(error), &rule, &error), FW_ERROR_SYNTAX);
    fw_error_free(error);
    /* Freed twice, and then used again, as the variable still has the pointer. */
    fw_error_free(error);
    FAILS(fw_rule_parse(NULL, FW_IPV4, "--bogus", &rule, &error), FW_ERROR_SYNTAX);
    /* What was moved elsewhere is kept. */
    fw_error *kept = error;
    error = NULL;
    FAILS(fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport x", &rule, &error), FW_ERROR_INVALID_VALUE);
    CHECK(fw_error_status(kept) == FW_ERROR_SYNTAX);
    fw_error_free(kept);
    fw_error_free(error);

    CHECK_STR(fw_status_name(FW_OK), "Ok");
    CHECK_STR(fw_status_name(FW_ERROR_NO_SUCH_CHAIN), "NoSuchChain");
    CHECK_STR(fw_status_name(FW_ERROR_PANIC), "Panic");
    CHECK(fw_status_name((fw_status)77) == NULL);
}

static void extensions(void) {
    size_t matches = 0;
    for (size_t i = 0; i < fw_extension_count(); i++) {
        const fw_extension *extension = fw_extension_at(i);
        matches += fw_extension_kind_of(extension) == FW_EXTENSION_MATCH;
        CHECK(fw_extension_name(extension)[0] != '\0');
        CHECK(fw_extension_description(extension)[0] != '\0');
        CHECK(fw_extension_has_family(extension, FW_IPV4) || fw_extension_has_family(extension, FW_IPV6) ||
              fw_extension_has_family(extension, FW_ARP));
        for (size_t j = 0; j < fw_extension_option_count(extension); j++)
            CHECK(fw_option_description(fw_extension_option(extension, j))[0] != '\0');
    }
    CHECK(matches > 0 && matches < fw_extension_count());
    CHECK(fw_extension_at(fw_extension_count()) == NULL);

    const fw_extension *tcp = fw_extension_find(FW_EXTENSION_MATCH, "tcp", FW_IPV6);
    CHECK_STR(fw_extension_name(tcp), "tcp");
    bool found = false;
    for (size_t j = 0; j < fw_extension_option_count(tcp); j++) {
        const fw_option *option = fw_extension_option(tcp, j);
        if (strcmp(fw_option_name(option), "dport") != 0)
            continue;
        found = true;
        CHECK_STR(fw_option_field(option), "dport");
        CHECK(fw_option_value(option)[0] != '\0');
        CHECK(fw_option_is_negatable(option));
        CHECK(!fw_option_is_required(option));
        CHECK(fw_option_has_family(option, FW_IPV4));
    }
    CHECK(found);
    CHECK(fw_extension_kind_of(fw_extension_find(FW_EXTENSION_TARGET, "LOG", FW_IPV4)) == FW_EXTENSION_TARGET);
    CHECK(fw_extension_find(FW_EXTENSION_TARGET, "tcp", FW_IPV4) == NULL);
    CHECK(fw_extension_find(FW_EXTENSION_MATCH, "icmp6", FW_IPV4) == NULL);
}

static void version(void) {
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", FW_VERSION_MAJOR, FW_VERSION_MINOR, FW_VERSION_PATCH);
    CHECK_STR(fw_version(), text);
    CHECK_STR(FW_VERSION, text);
    CHECK(FW_CHECK_VERSION(FW_VERSION_MAJOR, FW_VERSION_MINOR, FW_VERSION_PATCH) && FW_CHECK_VERSION(0, 0, 99));
    CHECK(!FW_CHECK_VERSION(FW_VERSION_MAJOR, FW_VERSION_MINOR, FW_VERSION_PATCH + 1));
    CHECK(!FW_CHECK_VERSION(FW_VERSION_MAJOR, FW_VERSION_MINOR + 1, 0) && !FW_CHECK_VERSION(99, 0, 0));
}

/* A rule that the table may not hold is refused when it is added, with all that is known of the place. */
static void misplaced(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    fw_table *table;
    fw_family family;
    OK(fw_kernel_set_backend(kernel, FW_BACKEND_MEMORY, &error));
    OK(fw_table_open(kernel, FW_IPV6, "nat", &table, &error));
    FAILS(fw_chain_append_text(table, "PREROUTING", "-j REJECT", &error), FW_ERROR_INVALID_RULE);
    CHECK_STR(fw_error_message(error), "only for the table filter");
    CHECK(fw_error_rule(error) == 0);
    CHECK(fw_error_family(error, &family) && family == FW_IPV6);
    CHECK_STR(fw_error_table(error), "nat");
    CHECK_STR(fw_error_chain(error), "PREROUTING");
    CHECK_STR(fw_error_extension(error), "REJECT");
    fw_error_free(error);
    fw_table_free(table);
    fw_kernel_free(kernel);
}

int main(void) {
    version();
    text_and_parts();
    counters();
    words();
    builder();
    builder_mistakes();
    builder_twice();
    lengths();
    unknown_extensions();
    errors();
    extensions();
    misplaced();
    return 0;
}
