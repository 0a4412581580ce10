/* Every option of every match and target by its names, with the rules of tests/rules.txt: built from named options, each is
 * the rule that its text is. Rules with an ipset need a kernel that has it, so those are left out. Values of all options are read
 * as what they are: texts are those alone that are nothing else. */
#include "check.h"

enum { MAX_LINE = 512, MAX_WORDS = 64, MAX_OPTIONS = 1024 };

static const fw_option *used[MAX_OPTIONS];
static size_t used_count;

/* Splits a line into words at spaces, but for what stands in quotes. */
static size_t split(char *line, char *words[MAX_WORDS]) {
    size_t count = 0;
    for (char *at = line; *at != '\0';) {
        char end = *at == '"' ? '"' : ' ';
        at += end == '"';
        CHECK(count < MAX_WORDS);
        words[count++] = at;
        at += strcspn(at, end == '"' ? "\"" : " ");
        if (*at != '\0')
            *at++ = '\0';
        at += strspn(at, " ");
    }
    return count;
}

static const fw_option *find_option(const fw_extension *extension, const char *name) {
    for (size_t i = 0; i < fw_extension_option_count(extension); i++) {
        const fw_option *option = fw_extension_option(extension, i);
        if (strcmp(fw_option_name(option), name) == 0)
            return option;
    }
    return NULL;
}

/* An option, and whether one of its values that were read was a text and nothing else. */
typedef struct {
    const fw_extension *extension;
    const fw_option *option;
    bool text;
} seen;

static seen values[MAX_OPTIONS];
static size_t value_count;

static bool is_text(const fw_value *value) {
    bool text = fw_value_kind(value) == FW_KIND_TEXT;
    for (size_t i = 0; i < fw_value_count(value); i++)
        text |= is_text(fw_value_item(value, i));
    return text;
}

/* Notes the kinds of the values of a match or target. */
static void note_values(const fw_part *part) {
    for (size_t i = 0; i < fw_part_option_count(part); i++) {
        const fw_value *value = fw_part_value_at(part, i);
        const fw_option *option = fw_value_option(value);
        size_t at = 0;
        while (at < value_count && values[at].option != option)
            at++;
        CHECK(at < MAX_OPTIONS);
        if (at == value_count)
            values[value_count++] = (seen){fw_part_extension(part), option, false};
        values[at].text |= is_text(value);
    }
}

static void mark_used(const fw_option *option) {
    for (size_t i = 0; i < used_count; i++) {
        if (used[i] == option)
            return;
    }
    CHECK(used_count < MAX_OPTIONS);
    used[used_count++] = option;
}

/* The rule of these words, its options given by the names that iptables has for them or by those of the fields. */
static fw_rule *build(fw_family family, char *words[], size_t count, bool fields) {
    fw_error *error = NULL;
    fw_rule *rule;
    fw_builder *builder = fw_builder_new(family);
    const fw_extension *extension = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        if (strcmp(word, "!") == 0) {
            fw_builder_not(builder);
        } else if (strncmp(word, "--", 2) == 0) {
            const fw_option *option = find_option(extension, word + 2);
            CHECK(option != NULL);
            mark_used(option);
            char value[MAX_LINE] = "";
            while (i + 1 < count && strcmp(words[i + 1], "!") != 0 && strncmp(words[i + 1], "--", 2) != 0) {
                strcat(value, value[0] == '\0' ? "" : " ");
                strcat(value, words[++i]);
            }
            const char *name = fields ? fw_option_field(option) : fw_option_name(option);
            fw_builder_option(builder, name, value[0] == '\0' ? NULL : value);
        } else {
            const char *value = words[++i];
            CHECK(i < count);
            switch (word[1]) {
            case 'p':
                fw_builder_protocol(builder, value);
                break;
            case 'd':
                fw_builder_destination(builder, value);
                break;
            case 'm':
                extension = fw_extension_find(FW_EXTENSION_MATCH, value, family);
                fw_builder_match(builder, value);
                break;
            default:
                CHECK(word[1] == 'j');
                extension = fw_extension_find(FW_EXTENSION_TARGET, value, family);
                fw_builder_target(builder, value);
            }
        }
    }
    OK(fw_builder_build(builder, NULL, &rule, &error));
    fw_builder_free(builder);
    return rule;
}

/* Builds a line for a family, unless it is not for that family. */
static bool same_as_text(fw_family family, const char *text) {
    fw_error *error = NULL;
    fw_rule *parsed;
    if (fw_rule_parse(NULL, family, text, &parsed, &error) != FW_OK) {
        fw_error_free(error);
        return false;
    }
    char line[MAX_LINE];
    char *words[MAX_WORDS];
    strcpy(line, text);
    size_t count = split(line, words);
    for (int fields = 0; fields < 2; fields++) {
        fw_rule *built = build(family, words, count, fields == 1);
        CHECK_STR(fw_rule_text(built), fw_rule_text(parsed));
        CHECK(fw_rule_equal(built, parsed));
        fw_rule_free(built);
    }
    for (size_t i = 0; i < fw_rule_match_count(parsed); i++)
        note_values(fw_rule_match(parsed, i));
    note_values(fw_rule_target_extension(parsed));
    fw_rule_free(parsed);
    return true;
}

static void rules(void) {
    FILE *file = fopen("tests/rules.txt", "r");
    CHECK(file != NULL);
    char line[MAX_LINE];
    while (fgets(line, sizeof line, file) != NULL) {
        CHECK(strchr(line, '\n') != NULL);
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#' || strstr(line, "-set web") != NULL)
            continue;
        const char *text = line[0] == '~' ? line + 1 : line;
        bool ipv4 = same_as_text(FW_IPV4, text);
        if (!same_as_text(FW_IPV6, text) && !ipv4) {
            fprintf(stderr, "no family has: %s\n", text);
            exit(1);
        }
    }
    fclose(file);
}

/* Every option was there, and every match and target has an example that says its name. */
static void all_of_them(void) {
    size_t options = 0;
    for (size_t i = 0; i < fw_extension_count(); i++) {
        const fw_extension *extension = fw_extension_at(i);
        const char *name = fw_extension_name(extension);
        /* The options of ARP stand without a name before them. */
        size_t examples = 0;
        for (const char *example; (example = fw_extension_example_at(extension, examples)) != NULL; examples++)
            CHECK(strcmp(name, "arp") == 0 || strstr(example, name) != NULL);
        CHECK(examples > 0 && fw_extension_example(extension) == fw_extension_example_at(extension, 0));
        CHECK(fw_extension_description(extension)[0] != '\0');
        /* tests/rules.txt has rules of IP. */
        bool ip = fw_extension_has_family(extension, FW_IPV4) || fw_extension_has_family(extension, FW_IPV6);
        if (ip && strcmp(name, "set") != 0 && strcmp(name, "SET") != 0)
            options += fw_extension_option_count(extension);
    }
    CHECK(used_count == options);
}

/* The options with values that are only texts, and what these are. Those that are called a TEXT need no more words. */
static const struct {
    const char *what, *options[32];
} texts[] = {
    {"a name", {"physdev physdev-in", "physdev physdev-out"}},
    {"the word mark in place of a number",
     {"CT zone", "CT zone-orig", "CT zone-reply"}},
    {"the word inf in place of a number",
     {"LED led-delay"}},
    {"a program",
     {"bpf bytecode", "u32 u32"}},
    {"bytes, some of them in hexadecimal",
     {"string hex-string"}},
    {"options with a length or without one",
     {"dst dst-opts", "hbh hbh-opts"}},
    {"a rate in units of its own, or none",
     {"rateest rateest-bps", "rateest rateest-bps1", "rateest rateest-bps2"}},
    {"chunks with their flags",
     {"sctp chunk-types"}},
    {"a fraction",
     {"statistic probability"}},
    {"two numbers in hexadecimal",
     {"CLASSIFY set-class"}},
    {"names and numbers",
     {"TCPOPTSTRIP strip-options"}},
};

/* Whether an option, after its match or target, is one of those. */
static bool may_be_text(const char *name, const fw_option *option) {
    if (strcmp(fw_option_value(option), "TEXT") == 0)
        return true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t at = 0; texts[i].options[at] != NULL; at++) {
            if (strcmp(texts[i].options[at], name) == 0)
                return true;
        }
    }
    return false;
}

/* Every other value is read, and given, as what it is. */
static void values_are_typed(void) {
    for (size_t i = 0; i < value_count; i++) {
        char name[MAX_LINE];
        const char *extension = fw_extension_name(values[i].extension);
        snprintf(name, sizeof name, "%s %s", extension, fw_option_name(values[i].option));
        if (may_be_text(name, values[i].option) != values[i].text) {
            fprintf(stderr, "%s is %s\n", name, values[i].text ? "only a text" : "no text any more");
            exit(1);
        }
    }
}

int main(void) {
    rules();
    all_of_them();
    values_are_typed();
    return 0;
}
