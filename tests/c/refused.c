/* Refused rule sets, one for each cause: what C says of them. The sets are those of tests/refused.rs, on a kernel in memory. */
#define _GNU_SOURCE
#include "check.h"

#define END "----\n"

/* What a kernel says, in the lines of a set: those that begin with its name, or with no name where it has none of its own. */
static char *told(const char *set, const char *end, const char *kernel) {
    char sign[32];
    snprintf(sign, sizeof sign, "%s> ", kernel);
    char *text = calloc(1, (size_t)(end - set) + 1);
    for (const char *line = set; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        next = next == NULL ? end : next + 1;
        if ((size_t)(next - line) >= strlen(sign) && memcmp(line, sign, strlen(sign)) == 0) {
            line += strlen(sign);
            strncat(text, line, (size_t)(next - line));
        }
        line = next;
    }
    if (*text == '\0' && *kernel != '\0') {
        free(text);
        return told(set, end, "");
    }
    return text;
}

/* The set without what is said about it. */
static char *without(const char *set, const char *end) {
    char *text = calloc(1, (size_t)(end - set) + 1);
    for (const char *line = set; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        next = next == NULL ? end : next + 1;
        bool is_said = false;
        const char *signs[] = {"> ", "nft> ", "memory> ", "memory-nft> "};
        for (size_t i = 0; i < 4; i++) {
            is_said |= strncmp(line, signs[i], strlen(signs[i])) == 0;
        }
        if (!is_said) {
            strncat(text, line, (size_t)(next - line));
        }
        line = next;
    }
    return text;
}

static char *said(const fw_error *error) {
    if (error == NULL) {
        return strdup("accepted\n");
    }
    char system[256], *text, sentence[2048];
    snprintf(sentence, sizeof sentence, "%s", fw_error_text(error));
    if (fw_error_errno(error) != 0) {
        snprintf(system, sizeof system, ": %s (os error %d)", strerror(fw_error_errno(error)), fw_error_errno(error));
        size_t whole = strlen(sentence), tail = strlen(system);
        if (whole >= tail && strcmp(sentence + whole - tail, system) == 0) {
            sentence[whole - tail] = '\0';
        }
    }
    const char *marked = fw_error_marked(error);
    CHECK(asprintf(&text, "%s: %s\n%s%s", fw_error_name(error), sentence, marked == NULL ? "" : marked,
                   marked == NULL ? "" : "\n") >= 0);
    return text;
}

/* That a name would do is only said where the machine has a file of them, such as /etc/iproute2/group. */
static char *anywhere(char *text) {
    const char *parts[] = {" or the name of a group", " or the name of a realm"};
    for (size_t i = 0; i < 2; i++) {
        char *part = strstr(text, parts[i]);
        if (part != NULL) {
            memmove(part, part + strlen(parts[i]), strlen(part + strlen(parts[i])) + 1);
        }
    }
    return text;
}

static void look(const char *set, const char *end, fw_backend backend, const char *name) {
    char *file = without(set, end), *expected = anywhere(told(set, end, name));
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_backend(kernel, backend, &error));
    fw_family family = strstr(file, "# IPv6") == NULL ? FW_IPV4 : FW_IPV6;
    fw_restore(kernel, family, file, NULL, 0, NULL, &error);
    char *got = anywhere(said(error));
    /* Longer ones are cut. */
    if (strlen(got) < 1000) {
        CHECK_STR(got, expected);
    }
    const char *text = fw_error_rule_text(error);
    if (text != NULL && strlen(text) < 1000) {
        const char *line = file;
        for (size_t number = 1; number < fw_error_line(error); number++) {
            line = strchr(line, '\n') + 1;
        }
        CHECK(strncmp(line, text, strlen(text)) == 0);
        CHECK(fw_error_column(error) >= 1 && fw_error_column(error) - 1 + fw_error_length(error) <= strlen(text));
        /* Marks stand below letters, of which some have several bytes. */
        const char *marks = strrchr(fw_error_marked(error), '\n');
        CHECK(fw_error_length(error) + 1 >= strlen(strchr(marks, '^')));
    }
    free(got);
    free(expected);
    free(file);
    fw_error_free(error);
    fw_kernel_free(kernel);
}

static void look_at_all(const char *path) {
    FILE *stream = fopen(path, "r");
    CHECK(stream != NULL);
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getdelim(&text, &size, '\0', stream);
    CHECK(length > 0);
    fclose(stream);
    int count = 0;
    for (const char *set = text; set != NULL; count++) {
        const char *end = strstr(set, END);
        const char *stop = end == NULL ? text + length : end;
        if (count % (is_again() ? 8 : 1) == 0) {
            look(set, stop, FW_BACKEND_MEMORY, "memory");
            look(set, stop, FW_BACKEND_MEMORY_NFT, "memory-nft");
        }
        set = end == NULL ? NULL : end + strlen(END);
    }
    CHECK(count > 50);
    free(text);
}

int main(void) {
    look_at_all("tests/refused/sets.txt");
    look_at_all("tests/refused/values.txt");
    look_at_all("tests/refused/options.txt");
    look_at_all("tests/refused/kernel.txt");
    look_at_all("tests/refused/files.txt");
    look_at_all("tests/refused/lines.txt");
    look_at_all("tests/refused/words.txt");
    look_at_all("tests/refused/places.txt");
    look_at_all("tests/refused/elements.txt");
    look_at_all("tests/refused/causes.txt");
    return 0;
}
