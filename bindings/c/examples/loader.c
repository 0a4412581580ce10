/*
 * Loads a save file, whole or not at all, and says where it is wrong: file, line and column, the line itself, and why.
 *
 *     loader [-6] FILE
 *
 * Needs CAP_NET_ADMIN. Try it where it does no harm: examples/safely loader FILE
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <libfw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of the file, and a mark below the place. */
static void show_line(const char *path, size_t wanted, size_t column) {
    char line[4096];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    for (size_t number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (number != wanted)
            continue;
        fprintf(stderr, "  %s%s", line, strchr(line, '\n') == NULL ? "\n" : "");
        if (column > 0)
            fprintf(stderr, "  %*s^\n", (int)column - 1, "");
        break;
    }
    fclose(file);
}

static int wrong(const char *path, fw_error *error) {
    size_t line = fw_error_line(error), column = fw_error_column(error);
    fprintf(stderr, "%s:", path);
    if (line > 0)
        fprintf(stderr, "%zu:", line);
    if (column > 0)
        fprintf(stderr, "%zu:", column);
    fprintf(stderr, " %s\n", fw_error_message(error));
    if (line > 0)
        show_line(path, line, column);
    fw_error_free(error);
    return 1;
}

int main(int argc, char **argv) {
    fw_error *error = NULL;
    fw_strings *warnings;
    fw_lock *lock;
    fw_kernel *kernel = fw_kernel_new(), *locked;
    fw_family family = argc > 2 && strcmp(argv[1], "-6") == 0 ? FW_IPV6 : FW_IPV4;
    const char *path = argc > 1 ? argv[argc - 1] : "";
    fw_status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(path);
        return 1;
    }
    /* The file may have several tables, each of which is one commit: so all of it is tried before any is written, under one
     * lock, so that nothing changes between the two. */
    if (fw_kernel_set_lock(kernel, NULL, 10000, &error) != FW_OK || fw_lock_take(kernel, &lock, &error) != FW_OK)
        return wrong(path, error);
    if (fw_kernel_with_lock(kernel, lock, &locked, &error) != FW_OK)
        return wrong(path, error);
    status = fw_restore_fd(locked, family, fd, NULL, FW_RESTORE_TEST | FW_RESTORE_COUNTERS, &warnings, &error);
    for (size_t i = 0; i < fw_strings_count(warnings); i++)
        fprintf(stderr, "%s: warning: %s\n", path, fw_strings_get(warnings, i));
    fw_strings_free(warnings);
    if (status == FW_OK && lseek(fd, 0, SEEK_SET) == 0)
        status = fw_restore_fd(locked, family, fd, NULL, FW_RESTORE_COUNTERS, NULL, &error);
    close(fd);
    fw_kernel_free(locked);
    fw_lock_free(lock);
    fw_kernel_free(kernel);
    return status == FW_OK ? 0 : wrong(path, error);
}
