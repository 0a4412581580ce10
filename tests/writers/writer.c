/* A writer for tests/writers.rs: each line of its input has a rule to add and, behind a tab, the one to delete for it. It answers
 * what came of that. Every other time the table is locked from the reading on, or read before. */
#define _GNU_SOURCE
#include <libfw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fw_status edit(const fw_kernel *kernel, bool locked, const char *new, const char *old, fw_report *report, fw_error **error) {
    fw_table *table = NULL;
    fw_status status = locked ? fw_table_open_locked(kernel, FW_IPV4, "filter", &table, error)
                              : fw_table_open(kernel, FW_IPV4, "filter", &table, error);
    if (status == FW_OK && old != NULL)
        status = fw_chain_delete_text(table, "OUTPUT", old, error);
    if (status == FW_OK)
        status = fw_chain_append_text(table, "OUTPUT", new, error);
    if (status == FW_OK)
        status = fw_table_commit(table, report, error);
    fw_table_free(table);
    return status;
}

int main(void) {
    fw_kernel *kernel = fw_kernel_new();
    fw_error *error = NULL;
    char *line = NULL;
    size_t room = 0;
    for (unsigned turn = 0; getline(&line, &room, stdin) > 0; turn++) {
        line[strcspn(line, "\n")] = '\0';
        char *old = strchr(line, '\t');
        if (old != NULL)
            *old++ = '\0';
        fw_report report = {0};
        switch (edit(kernel, turn % 2 == 0, line, old, &report, &error)) {
        case FW_OK: puts(report.overwritten ? "overwritten" : "done"); break;
        case FW_ERROR_CONFLICT: puts("refused"); break;
        case FW_ERROR_NO_SUCH_RULE: puts("lost"); break;
        default: puts(fw_error_text(error)); break;
        }
        fflush(stdout);
    }
    free(line);
    fw_error_free(error);
    fw_kernel_free(kernel);
    return 0;
}
