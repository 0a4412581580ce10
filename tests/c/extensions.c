/* Every option of every match and target by its names, with the rules of tests/rules.txt: built from named options, each is
 * the rule that its text is. Rules with an ipset need a kernel that has it, so those are left out. */
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

int main(void) {
    rules();
    all_of_them();
    return 0;
}
