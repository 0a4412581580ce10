/* Nothing that is printed means something else when it is read: texts, names of chains, lines that are no rule. */
#define _DEFAULT_SOURCE
#include "own.h"
#include "rebuilt.h"

#include <unistd.h>

static fw_error *error;

/* A chain called ACCEPT, as save files write one that they cannot write otherwise. */
#define OPAQUE "opaque:414343455054000000000000000000000000000000000000000000000000"

static void refused(fw_status got, fw_status want) {
    CHECK(got == want && fw_error_status(error) == want);
    fw_error_free(error);
    error = NULL;
}

/* Every byte in a comment, alone and in a word: refused, or read back. */
static void every_byte(void) {
    for (int byte = 1; byte < 256; byte++) {
        char text[3][4] = {{(char)byte, 0}, {'a', (char)byte, 'b', 0}, {'"', (char)byte, 0}};
        for (int form = 0; form < 3; form++) {
            fw_rule *rule, *again;
            fw_builder *builder = fw_builder_new(FW_IPV4);
            fw_builder_match(builder, "comment");
            fw_builder_option(builder, "comment", text[form]);
            fw_builder_target(builder, "DROP");
            fw_status status = fw_builder_build(builder, NULL, &rule, &error);
            fw_builder_free(builder);
            if (byte == '\n' || byte == '\r') {
                refused(status, FW_ERROR_INVALID_VALUE);
                continue;
            }
            CHECK(status == FW_OK);
            OK(fw_rule_parse(NULL, FW_IPV4, fw_rule_text(rule), &again, &error));
            CHECK(fw_rule_equal(rule, again));
            CHECK_STR(fw_part_option_value(fw_rule_match(again, 0), 0), text[form]);
            fw_rule_free(rule);
            fw_rule_free(again);
        }
    }
}

/* The same in the value of every option. Some are looked up as names of hosts, so this is done where there is no network. */
static void hostile_values(void) {
    size_t accepted = 0, options = 0;
    int step = is_again() ? 41 : 1;
    for (size_t i = 0; i < fw_extension_count(); i++) {
        const fw_extension *extension = fw_extension_at(i);
        fw_family family;
        fw_rule *rule = example_at(extension, 0, &family), *made, *again;
        bool is_binary = strcmp(fw_extension_name(extension), "string") == 0;
        for (size_t j = 0; j < fw_extension_option_count(extension); j++) {
            const fw_option *option = fw_extension_option(extension, j);
            size_t before = accepted;
            for (int byte = 1; byte < 256 && *fw_option_value(option) != 0; byte += step) {
                char texts[][4] = {{(char)byte, 0}, {'a', (char)byte, 'b', 0}};
                for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
                    fw_builder *builder = rebuilt(rule, family, fw_builder_value, extension, fw_option_name(option), texts[k]);
                    fw_status status = fw_builder_build(builder, NULL, &made, &error);
                    fw_builder_free(builder);
                    if (status != FW_OK) {
                        fw_error_free(error);
                        error = NULL;
                        continue;
                    }
                    accepted++;
                    CHECK(is_binary || (byte != '\n' && byte != '\r'));
                    OK(fw_rule_parse(NULL, family, fw_rule_text(made), &again, &error));
                    CHECK(fw_rule_equal(made, again));
                    fw_rule_free(made);
                    fw_rule_free(again);
                }
            }
            options += accepted > before;
        }
        fw_rule_free(rule);
    }
    CHECK(step > 1 || options > 100);
}

static void line_ends(void) {
    fw_rule *rule;
    static const char *const words[] = {"-m", "comment", "--comment", "ban\n-A INPUT -j ACCEPT\n#", "-j", "DROP"};
    refused(fw_rule_from_args(NULL, FW_IPV4, 6, words, &rule, &error), FW_ERROR_INVALID_VALUE);
    static const char *const interface[] = {"-i", "a\nb"};
    refused(fw_rule_from_args(NULL, FW_IPV4, 2, interface, &rule, &error), FW_ERROR_INVALID_VALUE);
    refused(fw_rule_parse(NULL, FW_IPV4, "-m comment --comment \"a\nb\"", &rule, &error), FW_ERROR_INVALID_VALUE);

    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_input(builder, "a\rb");
    refused(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_VALUE);
    fw_builder_free(builder);
    builder = fw_builder_new(FW_IPV4);
    fw_builder_jump(builder, "a\nb");
    refused(fw_builder_build(builder, NULL, &rule, &error), FW_ERROR_INVALID_ARGUMENT);
    fw_builder_free(builder);

    CHECK(fw_rule_parse(NULL, FW_IPV4, "-m comment --comment \"open -j DROP", &rule, &error) == FW_ERROR_SYNTAX);
    CHECK(fw_error_column(error) == 22);
    fw_error_free(error);
    error = NULL;
}

static void no_rules(void) {
    static const char *const texts[] = {
        "-t nat -j DROP", "-6 -s ::1 -j DROP", "-h", "-V", "-v", "-n", "-x", "--line-numbers", "-w 5",
        "-A INPUT -j DROP", "-L", "-D INPUT 1",
    };
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        fw_rule *rule;
        refused(fw_rule_parse(NULL, FW_IPV4, texts[at], &rule, &error), FW_ERROR_SYNTAX);
        CHECK(rule == NULL);
    }
}

static void names_of_chains(void) {
    static const char *const names[] = {
        "ACCEPT", "LOG", "-x", "!x", "a b", "a\tb", "a\nb", "a\x01", "", "abcdefghijklmnopqrstuvwxyz123",
    };
    fw_table *table = open_filter();
    OK(fw_chain_new(table, "web", &error));
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        refused(fw_chain_new(table, names[at], &error), FW_ERROR_INVALID_ARGUMENT);
        refused(fw_chain_rename(table, "web", names[at], &error), FW_ERROR_INVALID_ARGUMENT);
        CHECK(!fw_chain_exists(table, names[at]));
    }
    fw_table_free(table);
}

/* A chain that another program has called ACCEPT is read, saved, restored and deleted. */
static void chain_of_another_program(void) {
    const char *file = "*filter\n:" OPAQUE " - [0:0]\n-A INPUT -j " OPAQUE "\n-A " OPAQUE " -j DROP\nCOMMIT\n";
    OK(fw_restore(kernel, FW_IPV4, file, NULL, 0, NULL, &error));
    for (int round = 0; round < 2; round++) {
        fw_table *table = open_filter();
        fw_rule *rule;
        char *text;
        CHECK(fw_chain_references(table, "ACCEPT") == 1);
        OK(fw_chain_rule(table, "ACCEPT", 0, &rule, &error));
        CHECK_STR(fw_rule_target(rule), "DROP");
        fw_rule_free(rule);
        OK(fw_table_rules(table, "INPUT", false, &text, &error));
        CHECK_STR(text, "-P INPUT ACCEPT\n-A INPUT -j " OPAQUE "\n");
        fw_string_free(text);
        OK(fw_table_save(table, false, &text, &error));
        fw_table_free(table);
        OK(fw_restore(kernel, FW_IPV4, text, NULL, 0, NULL, &error));
        fw_string_free(text);
    }
    fw_table *table = open_filter();
    OK(fw_chain_delete_text(table, "INPUT", "-A INPUT -j " OPAQUE, &error));
    OK(fw_chain_flush(table, "ACCEPT", &error));
    OK(fw_table_delete_chain(table, "ACCEPT", &error));
    OK(fw_table_commit(table, NULL, &error));
    fw_table_free(table);
}

/* The lines of a chain's listing are taken by its functions, and by no other chain's. */
static void own_lines(void) {
    const char *line = "-A INPUT -p tcp -j DROP";
    fw_table *table = open_filter();
    bool added;
    size_t removed;
    int64_t index;
    OK(fw_chain_append_text(table, "INPUT", line, &error));
    OK(fw_chain_position_text(table, "INPUT", line, &index, &error));
    CHECK(index == 0);
    OK(fw_chain_ensure_text(table, "INPUT", line, &added, &error));
    CHECK(!added);
    OK(fw_chain_insert_text(table, "INPUT", 0, line, &error));
    OK(fw_chain_replace_text(table, "INPUT", 0, line, &error));
    OK(fw_chain_delete_text(table, "INPUT", line, &error));
    CHECK(fw_chain_append_text(table, "OUTPUT", line, &error) == FW_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(fw_error_text(error), "for the chain INPUT, expected one for OUTPUT") != NULL);
    fw_error_free(error);
    error = NULL;
    OK(fw_chain_ensure_absent_text(table, "INPUT", line, &removed, &error));
    CHECK(removed == 1);
    fw_table_free(table);
}

/* What another system has written, is cut off or holds something else, also where one table of it is wanted. */
static void no_save_files(void) {
    static const struct {
        const char *file;
        size_t line;
        const char *words;
    } files[] = {
        {"*filter\r\n-A INPUT -j DROP\r\nCOMMIT\r\n", 1, "carriage return"},
        {"*filter\n-A INPUT -j ACCEPT\r\nCOMMIT\n", 2, "carriage return"},
        {"*filter\nCOMMIT\r\n", 2, "carriage return"},
        {"\xef\xbb\xbf*filter\nCOMMIT\n", 1, "byte order mark"},
        {"*filter\n-A INPUT -j DROP\n", 3, "no COMMIT"},
        {"before\n*filter\nCOMMIT\n", 1, "expected *TABLE"},
        {"*nat\nCOMMIT\nbehind\n*filter\nCOMMIT\n", 3, "expected *TABLE"},
    };
    for (size_t at = 0; at < sizeof files / sizeof *files; at++)
        for (int only = 0; only < 2; only++) {
            CHECK(fw_restore(kernel, FW_IPV4, files[at].file, only ? "filter" : NULL, 0, NULL, &error) != FW_OK);
            CHECK(fw_error_line(error) == files[at].line);
            CHECK(strstr(fw_error_text(error), files[at].words) != NULL);
            fw_error_free(error);
            error = NULL;
        }
    static const char *const lacking[] = {"", "# nothing\n", "*nat\nCOMMIT\n"};
    for (size_t at = 0; at < sizeof lacking / sizeof *lacking; at++) {
        OK(fw_restore(kernel, FW_IPV4, lacking[at], NULL, 0, NULL, &error));
        refused(fw_restore(kernel, FW_IPV4, lacking[at], "filter", 0, NULL, &error), FW_ERROR_NO_SUCH_TABLE);
    }
}

int main(void) {
    every_byte();
    hostile_values();
    line_ends();
    no_rules();
    own_kernel();
    names_of_chains();
    chain_of_another_program();
    own_lines();
    no_save_files();
    fw_kernel_free(kernel);
    return 0;
}
