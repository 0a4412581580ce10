/* A check that says where it failed, for the C tests. */
#ifndef CHECK_H
#define CHECK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <libfw.h>

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

#define CHECK_STR(got, want)                                                                   \
    do {                                                                                       \
        const char *got_ = (got);                                                              \
        if (got_ == NULL || strcmp(got_, (want)) != 0) {                                       \
            fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got,     \
                    got_ == NULL ? "(null)" : got_, (want));                                   \
            exit(1);                                                                           \
        }                                                                                      \
    } while (0)

/* The call works; prints its error if not. Uses the variable `error`. */
#define OK(call)                                                                              \
    do {                                                                                      \
        if ((call) != FW_OK) {                                                                \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, fw_error_text(error)); \
            exit(1);                                                                          \
        }                                                                                     \
        CHECK(error == NULL);                                                                 \
    } while (0)

/* The call fails with this status; the error is kept for a look at it until it is freed. */
#define FAILS(call, expected)                             \
    do {                                                  \
        CHECK((call) == (expected));                      \
        CHECK(fw_error_status(error) == (expected));      \
    } while (0)

/* Whether somebody holds the lock on a file. */
static inline bool is_locked(const char *path) {
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
    CHECK(close(fd) == 0);
    return locked;
}

/* Whether this program has tried everything before, with the shared library and on legacy tables: of what is the same again, values by
   the thousand without a kernel, some are enough. */
static inline bool is_again(void) {
    return getenv("LIBFW_AGAIN") != NULL;
}

/* Ends a test that this machine cannot run; tests/c/run notes the reason. */
static inline void skip(const char *reason) {
    printf("%s\n", reason);
    exit(77);
}

/* A kernel whose legacy tables are meant: those that a lock guards. It must be freed. */
static inline fw_kernel *legacy_kernel(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_backend(kernel, FW_BACKEND_LEGACY, &error));
    fw_table *table;
    fw_status status = fw_table_open(kernel, FW_IPV4, "filter", &table, &error);
    if (status == FW_ERROR_BACKEND_ABSENT) {
        skip("the kernel has no legacy tables");
    }
    OK(status);
    fw_table_free(table);
    return kernel;
}

/* The backend that the test is about. */
static inline fw_backend backend(void) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    fw_backend found;
    OK(fw_kernel_backend(kernel, &found, &error));
    fw_kernel_free(kernel);
    return found;
}

#endif
