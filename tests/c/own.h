/* A kernel with a lock file that no other test takes. */
#ifndef OWN_H
#define OWN_H

#include "check.h"

static char lock_file[] = "/tmp/libfw-c-test-XXXXXX";
static pid_t owner;
static fw_kernel *kernel;

static inline void remove_lock_file(void) {
    if (getpid() == owner)
        unlink(lock_file);
}

/* Goes however the test ends. */
static inline void own_lock_file(void) {
    int fd = mkstemp(lock_file);
    CHECK(fd >= 0 && close(fd) == 0);
    owner = getpid();
    CHECK(atexit(remove_lock_file) == 0);
}

static inline void own_kernel(void) {
    fw_error *error = NULL;
    own_lock_file();
    kernel = fw_kernel_new();
    OK(fw_kernel_set_lock(kernel, lock_file, 5000, &error));
}

static inline fw_table *open_filter(void) {
    fw_error *error = NULL;
    fw_table *table;
    OK(fw_table_open_locked(kernel, FW_IPV4, "filter", &table, &error));
    return table;
}

#endif
