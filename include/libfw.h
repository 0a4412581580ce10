/**
 * libfw: Linux packet-filter rules, without running iptables.
 *
 *     fw_error *error = NULL;
 *     fw_table *table;
 *     if (fw_table_open_locked(NULL, FW_IPV4, "filter", &table, &error) != FW_OK ||
 *         fw_chain_append_text(table, "INPUT", "-p tcp --dport 22 -j ACCEPT", &error) != FW_OK ||
 *         fw_table_commit(table, NULL, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_error_free(error);
 *     fw_table_free(table);
 *
 * Errors. Functions that can fail return a status and take as last argument a place for an error object, or NULL. Set the
 * variable to NULL before its first use. Each call puts NULL there when it works and an error when it fails, and frees the
 * error that an earlier call has left in the same place: one variable serves as often as one likes, and what it has at the
 * end is freed with fw_error_free(). A call that fails changes nothing, in the kernel or in a handle.
 *
 * Results. Every place for a result is written, whether the call works or fails; when it fails with NULL, 0, false, or -1
 * for an index. It need not be initialised: what it held before is not looked at and not freed. A result that nobody
 * wants has NULL for its place.
 *
 * Kernels. A `const fw_kernel *` says in which network namespace a function works; NULL stands for the kernel of the calling
 * thread's, as a kernel of fw_kernel_new() does. Rules are made for no kernel in particular: it is the table to which they
 * are added that looks up the ipsets they name and chooses revisions, so with NULL none is asked before.
 *
 * Ownership. Handles belong to the caller, who frees each with the function of its name; no handle needs another to stay
 * alive, but a walk (fw_rules) its table. A `char *` is freed with fw_string_free(). A `const char *` or another pointer to
 * `const` is not freed: it lives as long as the handle it came from, and as long as that is not changed. Functions do not
 * keep the strings they are given.
 *
 * Arguments. A NULL that a function does not expect is FW_ERROR_INVALID_ARGUMENT, never a crash. Accessors answer it with
 * the least value of what they return: NULL, 0, false, FW_OK, FW_POLICY_NONE, FW_IPV4, FW_EXTENSION_MATCH, or -1 where that
 * stands for none. Other pointers must be valid, and strings must end with NUL, unless their length is given. Texts need not be UTF-8,
 * except the names of tables, extensions and options.
 *
 * Threads. All functions may be called from every thread, and no state is shared but what handles share inside, which is
 * locked. A handle may move between threads; threads may read one at the same time, but while one changes it (where it is
 * not `const`) no other may use it. The xtables lock belongs to the thread that took it: this thread gets it again at once,
 * others wait as other programs do. libfw starts a thread only where it waits for that lock; it handles no signals, has
 * them blocked in its thread, and registers nothing to be done at exit.
 *
 * Signals. A wait for the lock ends with FW_ERROR_INTERRUPTED when a signal for which the program has a handler comes to the
 * waiting thread, SA_RESTART or not; nothing has changed then, and the call can be made again.
 *
 * Processes. After fork() in a program with one thread, parent and child may both use all handles and free their own. The
 * xtables lock stays the parent's: what the child frees does not give it back, and a table that was opened under it is not
 * committed by the child (FW_ERROR_CONFLICT) until it has refreshed it, which makes it one without the lock. In a program
 * with several threads the child must call exec before it calls libfw, as for malloc(). Files and sockets are closed by exec. dlclose() does not unload the library.
 *
 * System calls, for a seccomp filter: openat, read, close, fcntl, fstat or statx, flock, socket, getsockopt, setsockopt,
 * getpid, and what the C library needs for memory and mutexes (brk, mmap, munmap, mremap, madvise, futex, getrandom). Where
 * the lock is waited for also eventfd2, ppoll, write, and what it takes to start and end a thread (clone3, mprotect, prctl,
 * rseq, rt_sigaction, rt_sigprocmask, set_robust_list, exit); ioctl on kernels before 5.14; setns, with a thread too, for
 * other network namespaces.
 *
 * Memory. Where there is none left the program is aborted, as a table that was read by half must not be written.
 */


#ifndef LIBFW_H
#define LIBFW_H

/* Generated from bindings/c by `UPDATE=1 cargo test -p libfw-c`; do not edit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of this header. That of the library is fw_version().
 */
#define FW_VERSION_MAJOR 0
#define FW_VERSION_MINOR 1
#define FW_VERSION_PATCH 0
#define FW_VERSION "0.1.0"

/**
 * Whether this header is of a version or a later one: `#if FW_CHECK_VERSION(0, 1, 0)`.
 */
#define FW_CHECK_VERSION(major, minor, patch) \
    (FW_VERSION_MAJOR > (major) || \
     (FW_VERSION_MAJOR == (major) && \
      (FW_VERSION_MINOR > (minor) || (FW_VERSION_MINOR == (minor) && FW_VERSION_PATCH >= (patch)))))

/**
 * What compilers can check. FW_OWNED: the result is the caller's, who frees it with the function that is named. With
 * FW_STRICT defined before this header is included, a status that is not looked at is a warning (FW_CHECKED), and so is NULL
 * for a handle (FW_NONNULL); without it neither is, because the library answers NULL with an error.
 */
#if defined(__GNUC__) && __GNUC__ >= 11 && !defined(__clang__)
#define FW_OWNED(free) __attribute__((warn_unused_result, malloc(free)))
#elif defined(__GNUC__)
#define FW_OWNED(free) __attribute__((warn_unused_result))
#else
#define FW_OWNED(free)
#endif
#if defined(__GNUC__) && defined(FW_STRICT)
#define FW_CHECKED __attribute__((warn_unused_result))
#define FW_NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
#else
#define FW_CHECKED
#define FW_NONNULL(...)
#endif
#if defined(__GNUC__)
#define FW_DEPRECATED __attribute__((deprecated))
#define FW_DEPRECATED_WITH_NOTE(note) __attribute__((deprecated(note)))
#else
#define FW_DEPRECATED
#define FW_DEPRECATED_WITH_NOTE(note)
#endif


/**
 * What a function returns: `FW_OK`, or what went wrong. The numbers do not change between versions; new ones may be added.
 */
typedef enum fw_status {
  /**
   * It worked.
   */
  FW_OK = 0,
  /**
   * An argument of a call is not usable: NULL, an empty name, a rule of another family, ...
   */
  FW_ERROR_INVALID_ARGUMENT = 1,
  /**
   * A text is not a rule, command or save stream: an unknown option, a missing argument, a stray word.
   */
  FW_ERROR_SYNTAX = 2,
  /**
   * The value given to an option is malformed or out of range.
   */
  FW_ERROR_INVALID_VALUE = 3,
  /**
   * The parts of a rule do not go together, or do not fit the table, hook or protocol they stand in.
   */
  FW_ERROR_INVALID_RULE = 4,
  /**
   * The kernel has no such table.
   */
  FW_ERROR_NO_SUCH_TABLE = 10,
  /**
   * The table has no such chain.
   */
  FW_ERROR_NO_SUCH_CHAIN = 11,
  /**
   * The chain has no such rule.
   */
  FW_ERROR_NO_SUCH_RULE = 12,
  /**
   * libfw knows no match or target of that name.
   */
  FW_ERROR_NO_SUCH_EXTENSION = 13,
  /**
   * The kernel has no object of that name: an ipset, a BPF object, a conntrack helper, ...
   */
  FW_ERROR_NO_SUCH_OBJECT = 14,
  /**
   * A chain of that name exists already.
   */
  FW_ERROR_CHAIN_EXISTS = 20,
  /**
   * The chain still holds rules.
   */
  FW_ERROR_CHAIN_NOT_EMPTY = 21,
  /**
   * Rules still jump to the chain.
   */
  FW_ERROR_CHAIN_IN_USE = 22,
  /**
   * The operation is not for a built-in chain, or only for one.
   */
  FW_ERROR_BUILTIN_CHAIN = 23,
  /**
   * A rule index lies beyond the end of the chain.
   */
  FW_ERROR_INDEX_TOO_BIG = 24,
  /**
   * The chains call each other in a circle.
   */
  FW_ERROR_LOOP = 25,
  /**
   * A rule or table is larger than the kernel's structures can hold.
   */
  FW_ERROR_TOO_LARGE = 26,
  /**
   * The process lacks CAP_NET_ADMIN in the user namespace that owns the network namespace.
   */
  FW_ERROR_PERMISSION_DENIED = 30,
  /**
   * The kernel has no xtables interface for this family.
   */
  FW_ERROR_BACKEND_ABSENT = 31,
  /**
   * Another program holds the xtables lock.
   */
  FW_ERROR_LOCK_BUSY = 32,
  /**
   * The table changed between reading and writing it.
   */
  FW_ERROR_CONFLICT = 33,
  /**
   * The kernel lacks a match, a target or the revision of it that the rule needs.
   */
  FW_ERROR_EXTENSION_UNAVAILABLE = 34,
  /**
   * The kernel refused for another reason; the error carries its number.
   */
  FW_ERROR_KERNEL = 35,
  /**
   * Bytes that should be a table or a rule are not.
   */
  FW_ERROR_MALFORMED = 36,
  /**
   * The thread works on the table under the xtables lock already.
   */
  FW_ERROR_ALREADY_OPEN = 37,
  /**
   * Both the legacy tables and nf_tables hold rules, and nothing says which of them is meant.
   */
  FW_ERROR_AMBIGUOUS_BACKEND = 38,
  /**
   * Reading or writing a file failed.
   */
  FW_ERROR_IO = 40,
  /**
   * A signal came while the xtables lock was waited for.
   */
  FW_ERROR_INTERRUPTED = 41,
  /**
   * The edit function of `fw_table_update` returned a number other than 0 and no error.
   */
  FW_ERROR_ABORTED = 100,
  /**
   * A bug in libfw. Nothing was committed, but do not use the handles of the call again; free them.
   */
  FW_ERROR_PANIC = 101,
} fw_status;

/**
 * What holds packet-filter rules: one of the kernel's two interfaces, which know nothing of each other, or memory.
 */
typedef enum fw_backend {
  /**
   * None: what is written where a call fails.
   */
  FW_BACKEND_NONE = 0,
  /**
   * xtables, which `iptables-legacy` uses.
   */
  FW_BACKEND_LEGACY = 1,
  /**
   * nf_tables, which `iptables-nft` uses.
   */
  FW_BACKEND_NFT = 2,
  /**
   * Tables in memory, for tests without a kernel.
   */
  FW_BACKEND_MEMORY = 3,
} fw_backend;

/**
 * An address family with packet-filter tables of its own.
 */
typedef enum fw_family {
  /**
   * IPv4: what `iptables` works on.
   */
  FW_IPV4 = 4,
  /**
   * IPv6: what `ip6tables` works on.
   */
  FW_IPV6 = 6,
} fw_family;

/**
 * What becomes of a packet that no rule of a built-in chain decides on.
 */
typedef enum fw_policy {
  /**
   * The chain is not built-in, so it has no policy.
   */
  FW_POLICY_NONE = 0,
  /**
   * The packet goes on.
   */
  FW_POLICY_ACCEPT = 1,
  /**
   * The packet is dropped.
   */
  FW_POLICY_DROP = 2,
} fw_policy;

/**
 * Matches decide whether a rule applies, targets say what it does.
 */
typedef enum fw_extension_kind {
  /**
   * A match, `-m NAME`.
   */
  FW_EXTENSION_MATCH = 1,
  /**
   * A target, `-j NAME`.
   */
  FW_EXTENSION_TARGET = 2,
} fw_extension_kind;

/**
 * What a listing shows; the values are added.
 */
typedef enum fw_list_flags {
  /**
   * Addresses and ports as numbers, `-n`.
   */
  FW_LIST_NUMERIC = 1,
  /**
   * Counters and interfaces too, `-v`.
   */
  FW_LIST_VERBOSE = 2,
  /**
   * Counters in full, `-x`.
   */
  FW_LIST_EXACT = 4,
  /**
   * A number before each rule, `--line-numbers`.
   */
  FW_LIST_LINE_NUMBERS = 8,
} fw_list_flags;

/**
 * How a save file is restored; the values are added.
 */
typedef enum fw_restore_flags {
  /**
   * Set the counters that the file gives, `-c`.
   */
  FW_RESTORE_COUNTERS = 1,
  /**
   * Keep rules and chains that the file does not declare, `-n`.
   */
  FW_RESTORE_NOFLUSH = 2,
  /**
   * Read everything but commit nothing, `-t`.
   */
  FW_RESTORE_TEST = 4,
  /**
   * Cut texts that are too long, as iptables does, with a warning; otherwise they are errors.
   */
  FW_RESTORE_CUT = 8,
} fw_restore_flags;

/**
 * A rule that is being put together. Functions that add a part do not fail: the first mistake is kept and is the error of
 * `fw_builder_build`. A part of which a rule has one, such as the source or the target, can be given once for each rule
 * that is built; matches add up. Freed with `fw_builder_free`.
 *
 *     fw_error *error = NULL;
 *     fw_rule *rule;
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     fw_builder_protocol(builder, "tcp");
 *     fw_builder_match(builder, "tcp");
 *     fw_builder_option(builder, "dport", "22");
 *     fw_builder_not(builder);
 *     fw_builder_source(builder, "10.0.0.0/8");
 *     fw_builder_target(builder, "DROP");
 *     if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
 *         printf("%s\n", fw_rule_text(rule));
 *     else
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_rule_free(rule);
 *     fw_error_free(error);
 *     fw_builder_free(builder);
 */
typedef struct fw_builder fw_builder;

/**
 * What went wrong in one call. Its strings live until it is freed with `fw_error_free`, and have at most 1,023 bytes: a
 * longer one is cut and ends with three dots.
 */
typedef struct fw_error fw_error;

/**
 * A match or target that libfw knows. Never freed; its strings live as long as the program.
 */
typedef struct fw_extension fw_extension;

/**
 * The tables of a network namespace, and the way to take the xtables lock. Freed with `fw_kernel_free`.
 */
typedef struct fw_kernel fw_kernel;

/**
 * The xtables lock, held until freed with `fw_lock_free`.
 */
typedef struct fw_lock fw_lock;

/**
 * An option of a match or target. Never freed; its strings live as long as the program.
 */
typedef struct fw_option fw_option;

/**
 * A match, or a target that is an extension, in a rule. Never freed: it lives as long as the rule.
 */
typedef struct fw_part fw_part;

/**
 * A rule: what packets it applies to, and what becomes of them. One that is not `const` is a copy of its own: changing a
 * table does not change it, and freeing the table does not free it. Freed with `fw_rule_free`.
 */
typedef struct fw_rule fw_rule;

/**
 * A walk over the rules of a chain. It belongs to the table, which must neither be changed nor freed before it. Freed with
 * `fw_rules_free`.
 *
 *     fw_error *error = NULL;
 *     fw_table *table;
 *     fw_rules *rules = NULL;
 *     const fw_rule *rule;
 *     if (fw_table_open(NULL, FW_IPV4, "filter", &table, &error) != FW_OK ||
 *         fw_chain_rules(table, "INPUT", &rules, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     while ((rule = fw_rules_next(rules)) != NULL)
 *         printf("%zu: %s\n", fw_rules_index(rules), fw_rule_text(rule));
 *     fw_rules_free(rules);
 *     fw_table_free(table);
 *     fw_error_free(error);
 */
typedef struct fw_rules fw_rules;

/**
 * A list of strings. Freed with `fw_strings_free`.
 */
typedef struct fw_strings fw_strings;

/**
 * A table as it was read, plus the edits since then. Edits change nothing in the kernel until `fw_table_commit`.
 * Freed with `fw_table_free`.
 */
typedef struct fw_table fw_table;

/**
 * A function that edits a table for `fw_table_update`. It gets the table, the caller's `data`, and a place for an error;
 * it returns 0 to have the edits committed. It must not free the table, and it must return: an exception that it throws ends
 * the program, and after a longjmp out of it the lock stays taken and memory is lost.
 */
typedef int (*fw_edit)(fw_table *table, void *data, fw_error **error);

/**
 * What a commit did.
 */
typedef struct fw_report {
  /**
   * Whether the kernel's table was replaced; not if there were no edits.
   */
  bool changed;
  /**
   * The number of rules in the table now.
   */
  size_t rules;
  /**
   * Why the counters could not be put back after the replace, which starts them at zero; FW_OK when they are in place.
   * The rules are in the kernel either way.
   */
  enum fw_status counters_lost;
  /**
   * Whether a program that does not honour the lock has changed the table between the last look at it and its replace
   * (`fw_kernel_set_compare`): that change is lost.
   */
  bool overwritten;
} fw_report;

/**
 * Packets and bytes.
 */
typedef struct fw_counters {
  /**
   * Number of packets.
   */
  uint64_t packets;
  /**
   * Number of bytes, the IP headers included.
   */
  uint64_t bytes;
} fw_counters;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Frees a string that a function of this library has returned as `char *`. NULL is ignored.
 */
void fw_string_free(char *string);

/**
 * Frees an error. NULL is ignored, and so is an error that was freed before.
 */
void fw_error_free(fw_error *error);

/**
 * Frees a kernel. Tables and rules that came from it stay usable. NULL is ignored.
 */
void fw_kernel_free(fw_kernel *kernel);

/**
 * Gives the lock back, unless a table or kernel that was made with it still holds it. NULL is ignored.
 */
void fw_lock_free(fw_lock *lock);

/**
 * Frees a table. Edits that are not committed are forgotten. NULL is ignored.
 */
void fw_table_free(fw_table *table);

/**
 * Frees a walk. NULL is ignored.
 */
void fw_rules_free(fw_rules *rules);

/**
 * Frees a rule. NULL is ignored.
 */
void fw_rule_free(fw_rule *rule);

/**
 * Frees a builder. NULL is ignored.
 */
void fw_builder_free(fw_builder *builder);

/**
 * Frees a list and its strings. NULL is ignored.
 */
void fw_strings_free(fw_strings *strings);

/**
 * The version of the library, such as `0.1.0`. The string is constant.
 */
const char *fw_version(void);

/**
 * The status of the call that failed; `FW_OK` for NULL.
 */
fw_status fw_error_status(const fw_error *error);

/**
 * The name of the status in one word, such as `NoSuchChain`. Never NULL, unless the error is.
 */
const char *fw_error_name(const fw_error *error);

/**
 * All that is known in one line: the place, the message, and what the system said. Never NULL, unless the error is.
 */
const char *fw_error_text(const fw_error *error);

/**
 * The message without the place. Never NULL, unless the error is.
 */
const char *fw_error_message(const fw_error *error);

/**
 * The table concerned, or NULL.
 */
const char *fw_error_table(const fw_error *error);

/**
 * The chain concerned, or NULL.
 */
const char *fw_error_chain(const fw_error *error);

/**
 * The index of the rule concerned in its chain, counted from 0; -1 if it is not about one.
 */
int64_t fw_error_rule(const fw_error *error);

/**
 * The match or target concerned, or NULL.
 */
const char *fw_error_extension(const fw_error *error);

/**
 * The option concerned, without dashes, or NULL.
 */
const char *fw_error_option(const fw_error *error);

/**
 * The word that could not be understood, or NULL.
 */
const char *fw_error_token(const fw_error *error);

/**
 * The line of a save stream, counted from 1; 0 if it is not about one.
 */
size_t fw_error_line(const fw_error *error);

/**
 * The column in bytes at which the offending word starts, counted from 1; 0 if it is not known.
 */
size_t fw_error_column(const fw_error *error);

/**
 * The number of the system's error (`errno`) where a system call failed, or 0.
 */
int fw_error_errno(const fw_error *error);

/**
 * The exit status that iptables has for this failure.
 */
int fw_error_iptables_status(const fw_error *error);

/**
 * The words that iptables has for this failure. Never NULL, unless the error is.
 */
const char *fw_error_iptables_words(const fw_error *error);

/**
 * The name of a status in one word, such as `NoSuchChain`; `Ok` for `FW_OK`, NULL for a number that is no status. The string is
 * constant.
 */
const char *fw_status_name(fw_status status);

/**
 * The tables of the calling thread's network namespace, with the lock file that iptables uses, waiting for ever for it.
 * Functions that take a kernel take NULL for the same. Never NULL, unless there is a bug in libfw.
 *
 * Which backend it is is looked for at the first use, without a trace: the one that the variable LIBFW_BACKEND of the
 * environment names (`legacy` or `nft`), else the one that has rules, else the one that the host's own `iptables` uses, else
 * nf_tables if the kernel has it. `fw_kernel_set_backend` names one. If both have rules and nothing says which are meant,
 * reading works and opening to write is FW_ERROR_AMBIGUOUS_BACKEND.
 */
fw_kernel *fw_kernel_new(void) FW_OWNED(fw_kernel_free);

/**
 * The tables of the network namespace at a path, such as `/run/netns/NAME`.
 *
 * Errors: FW_ERROR_IO when the path cannot be opened.
 */
fw_status fw_kernel_in_netns(const char *path, fw_kernel **kernel, fw_error **error) FW_CHECKED;

/**
 * The tables of the network namespace of a process.
 *
 * Errors: FW_ERROR_IO when there is no such process or it may not be looked at.
 */
fw_status fw_kernel_in_netns_of(uint32_t pid, fw_kernel **kernel, fw_error **error) FW_CHECKED;

/**
 * The tables of the network namespace that an open file stands for. The descriptor stays the caller's.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT when the descriptor is not open.
 */
fw_status fw_kernel_in_netns_fd(int fd, fw_kernel **kernel, fw_error **error) FW_CHECKED;

/**
 * Says which backend holds the tables that are opened from now on, instead of looking for it. In memory there is no namespace:
 * the tables are new and empty.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for FW_BACKEND_NONE.
 *
 * Example:
 *
 *     fw_kernel *kernel = fw_kernel_new();
 *     fw_error *error = NULL;
 *     if (fw_kernel_set_backend(kernel, FW_BACKEND_NFT, &error) != FW_OK) {
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *         fw_error_free(error);
 *     }
 *     fw_kernel_free(kernel);
 */
fw_status fw_kernel_set_backend(fw_kernel *kernel, fw_backend backend, fw_error **error) FW_CHECKED;

/**
 * Which backend holds the tables. It is looked for if that has not been done yet.
 *
 * Errors: FW_ERROR_INVALID_VALUE when LIBFW_BACKEND names none.
 */
fw_status fw_kernel_backend(const fw_kernel *kernel, fw_backend *backend, fw_error **error)
    FW_CHECKED;

/**
 * Why it is this backend, in words: `its table filter of IPv4 has rules`. Freed with `fw_string_free`.
 *
 * Errors: as `fw_kernel_backend`.
 */
fw_status fw_kernel_reason(const fw_kernel *kernel, char **reason, fw_error **error) FW_CHECKED;

/**
 * Says how the xtables lock is taken for tables that are opened from now on: at which path, NULL for the one that iptables
 * uses (`/run/xtables.lock`), and how many milliseconds to wait for another holder, negative for ever.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT when the path is empty.
 */
fw_status fw_kernel_set_lock(fw_kernel *kernel, const char *path, int64_t wait, fw_error **error)
    FW_CHECKED;

/**
 * Takes no lock for tables that are opened from now on. Only right where nothing but this program touches the tables, such
 * as in a namespace of its own; `fw_kernel_set_lock` takes one again.
 */
fw_status fw_kernel_set_unlocked(fw_kernel *kernel, fw_error **error) FW_CHECKED;

/**
 * Says up to how many bytes of entries the content of a table is compared with what was read, before a commit replaces it: 0
 * for never, SIZE_MAX for always; 1 MiB unless this is called. It holds for tables that are opened from now on.
 *
 * Under the lock only a program that does not honour it can have changed the table, and the kernel notices only a change of
 * the number of rules. Tables that were opened without the lock are compared whatever their size, unless with 0.
 */
fw_status fw_kernel_set_compare(fw_kernel *kernel, size_t size, fw_error **error) FW_CHECKED;

/**
 * The names of the tables of a family that there are, in the order in which they are saved. To ask brings none into being.
 * Freed with `fw_strings_free`.
 *
 * Errors: FW_ERROR_PERMISSION_DENIED where the kernel lets nobody see.
 */
fw_status fw_kernel_tables(const fw_kernel *kernel,
                           fw_family family,
                           fw_strings **names,
                           fw_error **error)
    FW_CHECKED;

/**
 * Takes the xtables lock, to keep other programs away while several tables are changed. The thread that has it gets it again
 * at once; other threads wait as other processes do. It belongs to the process that took it: a fork's copy is worth nothing.
 *
 * Errors: FW_ERROR_LOCK_BUSY when another program holds it too long; the message names it. FW_ERROR_INTERRUPTED when a
 * signal for which the program has a handler comes to the waiting thread. FW_ERROR_IO when the file cannot be opened.
 */
fw_status fw_lock_take(const fw_kernel *kernel, fw_lock **lock, fw_error **error) FW_CHECKED;

/**
 * The same tables under a lock that is held already: what is opened with this kernel does not take it again.
 */
fw_status fw_kernel_with_lock(const fw_kernel *kernel,
                              const fw_lock *lock,
                              fw_kernel **locked,
                              fw_error **error)
    FW_CHECKED;

/**
 * Reads a table: `filter`, `nat`, `mangle`, `raw` or `security`. It is not locked: a commit fails with
 * FW_ERROR_CONFLICT if somebody else has changed it by then. Reading leaves no trace: see `fw_table_exists`.
 *
 * Errors: FW_ERROR_NO_SUCH_TABLE, FW_ERROR_PERMISSION_DENIED, FW_ERROR_BACKEND_ABSENT.
 */
fw_status fw_table_open(const fw_kernel *kernel,
                        fw_family family,
                        const char *name,
                        fw_table **table,
                        fw_error **error)
    FW_CHECKED;

/**
 * Takes the xtables lock and reads a table; the lock is held until the table is freed. The thread can open other tables
 * under it, with any kernel.
 *
 * Errors: FW_ERROR_ALREADY_OPEN when the thread has the same table open under the lock, as one of the two would overwrite
 * the edits of the other; as for `fw_lock_take` and `fw_table_open`.
 */
fw_status fw_table_open_locked(const fw_kernel *kernel,
                               fw_family family,
                               const char *name,
                               fw_table **table,
                               fw_error **error)
    FW_CHECKED;

/**
 * Takes the lock, reads a table, lets a function edit it and commits: one read and one replace however many edits.
 *
 * When the function returns other than 0 nothing is changed, and this one fails with the error that the function has put
 * into its place (and must not free), or with FW_ERROR_ABORTED if there is none. When a program that ignores the lock gets in between, the table is
 * read and the function called again, a few times.
 *
 * Errors: those of the function, of `fw_table_open_locked` and of `fw_table_commit`.
 */
fw_status fw_table_update(const fw_kernel *kernel,
                          fw_family family,
                          const char *name,
                          fw_edit edit,
                          void *data,
                          fw_report *report,
                          fw_error **error)
    FW_CHECKED;

/**
 * Writes the edits in one replace, which the kernel accepts or refuses as a whole. Counters of rules that stay are
 * carried over. The table can be edited and committed again. `report` may be NULL.
 *
 * Once the kernel has taken the table the call has succeeded; the report says if the counters could not follow.
 *
 * Errors: FW_ERROR_CONFLICT when the table was changed since it was read (refresh it and edit again);
 * FW_ERROR_INVALID_RULE, FW_ERROR_LOOP, FW_ERROR_EXTENSION_UNAVAILABLE, FW_ERROR_TOO_LARGE or FW_ERROR_KERNEL when the
 * kernel would refuse what was written; FW_ERROR_ALREADY_OPEN when the table was opened without the lock, but the same
 * table with it by this thread; those of `fw_lock_take`. Nothing is changed then.
 */
fw_status fw_table_commit(fw_table *table, fw_report *report, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Reads the table again. Edits that are not committed are forgotten.
 *
 * Errors: as for `fw_table_open`.
 */
fw_status fw_table_refresh(fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * The table's name; lives as long as the table. NULL for NULL.
 */
const char *fw_table_name(const fw_table *table) FW_NONNULL(1);

/**
 * The kernel that the table was read from, to make rules for it with `fw_rule_parse` or `fw_builder_build`. Lives as long as
 * the table. NULL only for NULL.
 */
const fw_kernel *fw_table_kernel(const fw_table *table) FW_NONNULL(1);

/**
 * The table's family.
 */
fw_family fw_table_family(const fw_table *table) FW_NONNULL(1);

/**
 * Whether there are edits that are not committed.
 */
bool fw_table_is_changed(const fw_table *table) FW_NONNULL(1);

/**
 * Whether the kernel has the table. One that it could have, but that nobody has used yet in the network namespace, is read as an
 * empty one and comes into being when something is committed.
 */
bool fw_table_exists(const fw_table *table) FW_NONNULL(1);

/**
 * The number of rules in all chains.
 */
size_t fw_table_rule_count(const fw_table *table) FW_NONNULL(1);

/**
 * The names of the chains as they are now: built-in ones in the order of their hooks, then the others by name. Freed
 * with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_table_chains(const fw_table *table) FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * Deletes the rules of every chain.
 */
fw_status fw_table_flush(fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * Deletes the rules of every chain and the chains that users made; policies stay.
 */
fw_status fw_table_clear(fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * Sets all counters to what has arrived since they were read.
 */
fw_status fw_table_zero(fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * Deletes every chain that users made.
 *
 * Errors: FW_ERROR_CHAIN_IN_USE or FW_ERROR_CHAIN_NOT_EMPTY, without deleting any, when one cannot be deleted.
 */
fw_status fw_table_delete_user_chains(fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * Adds an empty chain.
 *
 * Errors: FW_ERROR_CHAIN_EXISTS, or FW_ERROR_INVALID_ARGUMENT for a name that iptables would not give a chain: one that is
 * empty, longer than 28 bytes, that of a target such as `ACCEPT` or `LOG`, or one that begins with `-` or `!` or holds a
 * space or a control character.
 */
fw_status fw_chain_new(fw_table *table, const char *chain, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes a chain that is empty and that no rule goes to.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN, FW_ERROR_CHAIN_IN_USE, FW_ERROR_CHAIN_NOT_EMPTY.
 */
fw_status fw_chain_delete(fw_table *table, const char *chain, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Gives a chain another name; rules that go to it follow.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN, FW_ERROR_CHAIN_EXISTS; FW_ERROR_INVALID_ARGUMENT as for `fw_chain_new`.
 */
fw_status fw_chain_rename(fw_table *table, const char *chain, const char *name, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Whether the table has the chain.
 */
bool fw_chain_exists(const fw_table *table, const char *chain) FW_NONNULL(1);

/**
 * The number of rules of a chain; 0 if there is no such chain.
 */
size_t fw_chain_rule_count(const fw_table *table, const char *chain) FW_NONNULL(1);

/**
 * How many rules go to a chain; 0 if there is no such chain.
 */
size_t fw_chain_references(const fw_table *table, const char *chain) FW_NONNULL(1);

/**
 * The policy of a built-in chain; FW_POLICY_NONE for one that a user made, and if there is no such chain.
 */
fw_policy fw_chain_policy(const fw_table *table, const char *chain) FW_NONNULL(1);

/**
 * How many packets and bytes the policy of a built-in chain has decided on.
 */
fw_counters fw_chain_policy_counters(const fw_table *table, const char *chain) FW_NONNULL(1);

/**
 * Sets the policy of a built-in chain and its counters; with NULL they keep their values.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN.
 */
fw_status fw_chain_set_policy(fw_table *table,
                              const char *chain,
                              fw_policy policy,
                              const fw_counters *counters,
                              fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The rule at an index, counted from 0: a copy, freed with `fw_rule_free`.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_rule(const fw_table *table,
                        const char *chain,
                        size_t index,
                        fw_rule **rule,
                        fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The counters of the rule at an index; 0 if there is no such rule.
 */
fw_counters fw_chain_rule_counters(const fw_table *table, const char *chain, size_t index)
    FW_NONNULL(1);

/**
 * Adds a rule at the end of a chain. The rule stays the caller's.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, of this chain or the one the rule goes to; FW_ERROR_INVALID_RULE;
 * FW_ERROR_EXTENSION_UNAVAILABLE; FW_ERROR_INVALID_ARGUMENT when the rule is of another family.
 */
fw_status fw_chain_append(fw_table *table,
                          const char *chain,
                          const fw_rule *rule,
                          fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3);

/**
 * Reads a rule for the table's kernel and adds it at the end of a chain. As in the other functions of a chain that take a text,
 * it may be a line of `fw_table_rules`, which begins with `-A` and the chain's name.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_append`; FW_ERROR_INVALID_ARGUMENT when it is the line of another chain.
 */
fw_status fw_chain_append_text(fw_table *table,
                               const char *chain,
                               const char *rule,
                               fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Adds several rules at the end of a chain: all of them, or none if one cannot be added, which `fw_error_rule` names by the
 * index that it would have had.
 *
 * Errors: as for `fw_chain_append`.
 */
fw_status fw_chain_append_all(fw_table *table,
                              const char *chain,
                              const fw_rule *const *rules,
                              size_t count,
                              fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Adds the rules of a text of a known length at the end of a chain, one on each line: all of them, or none if one cannot be
 * added, for which `fw_error_line` has the number of the line. Lines that are empty or begin with `#` are passed over. `added`
 * says how many rules there were, and may be NULL.
 *
 * Errors: as for `fw_chain_append_text`.
 */
fw_status fw_chain_append_lines(fw_table *table,
                                const char *chain,
                                const char *text,
                                size_t length,
                                size_t *added,
                                fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Adds a rule before the one at an index, counted from 0; at the end if the index is the number of rules.
 *
 * Errors: FW_ERROR_INDEX_TOO_BIG, and those of `fw_chain_append`.
 */
fw_status fw_chain_insert(fw_table *table,
                          const char *chain,
                          size_t index,
                          const fw_rule *rule,
                          fw_error **error)
    FW_CHECKED FW_NONNULL(1, 4);

/**
 * Reads a rule for the table's kernel and adds it before the one at an index; see `fw_chain_insert`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_insert`.
 */
fw_status fw_chain_insert_text(fw_table *table,
                               const char *chain,
                               size_t index,
                               const char *rule,
                               fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Puts a rule in the place of another. Its counters are those of the new rule.
 *
 * Errors: as for `fw_chain_insert`.
 */
fw_status fw_chain_replace(fw_table *table,
                           const char *chain,
                           size_t index,
                           const fw_rule *rule,
                           fw_error **error)
    FW_CHECKED FW_NONNULL(1, 4);

/**
 * Reads a rule for the table's kernel and puts it in the place of another; see `fw_chain_replace`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_replace`.
 */
fw_status fw_chain_replace_text(fw_table *table,
                                const char *chain,
                                size_t index,
                                const char *rule,
                                fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes the rule at an index.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_remove(fw_table *table, const char *chain, size_t index, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes the first rule that is the same as this one.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_NO_SUCH_RULE.
 */
fw_status fw_chain_delete_rule(fw_table *table,
                               const char *chain,
                               const fw_rule *rule,
                               fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3);

/**
 * Reads a rule for the table's kernel and deletes the first one that is the same; see `fw_chain_delete_rule`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_delete_rule`.
 */
fw_status fw_chain_delete_text(fw_table *table,
                               const char *chain,
                               const char *rule,
                               fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Adds a rule at the end unless the chain has it. `added` says whether it was added, and may be NULL.
 *
 * Errors: as for `fw_chain_append`.
 */
fw_status fw_chain_ensure(fw_table *table,
                          const char *chain,
                          const fw_rule *rule,
                          bool *added,
                          fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3);

/**
 * Reads a rule for the table's kernel and adds it unless the chain has it; see `fw_chain_ensure`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_ensure`.
 */
fw_status fw_chain_ensure_text(fw_table *table,
                               const char *chain,
                               const char *rule,
                               bool *added,
                               fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes every rule that is the same as this one. `removed` says how many there were, and may be NULL.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_ensure_absent(fw_table *table,
                                 const char *chain,
                                 const fw_rule *rule,
                                 size_t *removed,
                                 fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3);

/**
 * Reads a rule for the table's kernel and deletes every one that is the same; see `fw_chain_ensure_absent`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_ensure_absent`.
 */
fw_status fw_chain_ensure_absent_text(fw_table *table,
                                      const char *chain,
                                      const char *rule,
                                      size_t *removed,
                                      fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Finds the first rule that is the same as this one: `index` is its index, or -1 if the chain does not have it.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_position(const fw_table *table,
                            const char *chain,
                            const fw_rule *rule,
                            int64_t *index,
                            fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3);

/**
 * Reads a rule for the table's kernel and finds the first one that is the same; see `fw_chain_position`.
 *
 * Errors: as for `fw_rule_parse` and `fw_chain_position`.
 */
fw_status fw_chain_position_text(const fw_table *table,
                                 const char *chain,
                                 const char *rule,
                                 int64_t *index,
                                 fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes every rule that an earlier one of the chain makes useless by being the same. `removed` says how many there
 * were, and may be NULL.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_dedup(fw_table *table, const char *chain, size_t *removed, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Deletes every rule of a chain.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_flush(fw_table *table, const char *chain, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Sets the counters of the policy and of every rule of a chain to what has arrived since they were read.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_zero(fw_table *table, const char *chain, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Sets the counters of a rule to what has arrived since they were read.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_zero_rule(fw_table *table, const char *chain, size_t index, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Sets the counters of a rule.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_set_counters(fw_table *table,
                                const char *chain,
                                size_t index,
                                fw_counters counters,
                                fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Starts a walk over the rules of a chain.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_rules(const fw_table *table,
                         const char *chain,
                         fw_rules **rules,
                         fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The next rule; NULL behind the last. It is the table's, not a copy, and lives until the next call; `fw_rule_copy` keeps it.
 */
const fw_rule *fw_rules_next(fw_rules *rules) FW_NONNULL(1);

/**
 * The index of the rule that `fw_rules_next` gave last, counted from 0; 0 before the first.
 */
size_t fw_rules_index(const fw_rules *rules) FW_NONNULL(1);

/**
 * Reads a rule from the options that iptables takes, without command and chain: `-p tcp --dport 22 -j ACCEPT`. Words are
 * separated by spaces; double quotes hold words together, as in a save file.
 *
 * A rule is the same for every kernel: it keeps the names of ipsets, and gets the revisions of a kernel when it is added to a
 * table. With a kernel, it is an error at once if that lacks an extension or a set.
 *
 * Errors: FW_ERROR_SYNTAX, FW_ERROR_INVALID_VALUE, FW_ERROR_INVALID_RULE, FW_ERROR_NO_SUCH_EXTENSION,
 * FW_ERROR_EXTENSION_UNAVAILABLE.
 */
fw_status fw_rule_parse(const fw_kernel *kernel,
                        fw_family family,
                        const char *text,
                        fw_rule **rule,
                        fw_error **error)
    FW_CHECKED;

/**
 * Reads a rule from a text of a known length; otherwise as `fw_rule_parse`.
 *
 * Errors: FW_ERROR_SYNTAX where there is a NUL in the text, and those of `fw_rule_parse`.
 */
fw_status fw_rule_parse_n(const fw_kernel *kernel,
                          fw_family family,
                          const char *text,
                          size_t length,
                          fw_rule **rule,
                          fw_error **error)
    FW_CHECKED;

/**
 * Reads a rule from words, such as those of a command line: `{"-p", "tcp", "-j", "ACCEPT"}`.
 *
 * Errors: as for `fw_rule_parse`.
 */
fw_status fw_rule_from_args(const fw_kernel *kernel,
                            fw_family family,
                            size_t argc,
                            const char *const *argv,
                            fw_rule **rule,
                            fw_error **error)
    FW_CHECKED;

/**
 * A copy of a rule, such as of one that belongs to a table. Freed with `fw_rule_free`. NULL only for NULL.
 */
fw_rule *fw_rule_copy(const fw_rule *rule) FW_OWNED(fw_rule_free) FW_NONNULL(1);

/**
 * Whether two rules mean the same to the kernel: counters and what the kernel keeps inside a match do not count. False if
 * one is NULL.
 */
bool fw_rule_equal(const fw_rule *a, const fw_rule *b) FW_NONNULL(1, 2);

/**
 * A hash of what `fw_rule_equal` compares, for tables of rules: equal rules have the same. It is not for keeping: another
 * version of libfw may compute another one. 0 for NULL.
 */
uint64_t fw_rule_hash(const fw_rule *rule) FW_NONNULL(1);

/**
 * The rule's family.
 */
fw_family fw_rule_family(const fw_rule *rule) FW_NONNULL(1);

/**
 * How many packets and bytes the rule had seen when its table was read.
 */
fw_counters fw_rule_counters(const fw_rule *rule) FW_NONNULL(1);

/**
 * Sets the counters with which the rule starts when it is added to a table.
 */
fw_status fw_rule_set_counters(fw_rule *rule, fw_counters counters, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The options of iptables that make the rule, as `iptables -S` prints them after the chain. Lives as long as the rule.
 */
const char *fw_rule_text(const fw_rule *rule) FW_NONNULL(1);

/**
 * As `fw_rule_text`, with the counters as `-c PACKETS BYTES`. Freed with `fw_string_free`.
 */
char *fw_rule_text_with_counters(const fw_rule *rule) FW_OWNED(fw_string_free) FW_NONNULL(1);

/**
 * The source address with its mask, NULL where the rule does not limit it. Lives as long as the rule. `inverted` may be
 * NULL.
 */
const char *fw_rule_source(const fw_rule *rule, bool *inverted) FW_NONNULL(1);

/**
 * The destination address; see `fw_rule_source`.
 */
const char *fw_rule_destination(const fw_rule *rule, bool *inverted) FW_NONNULL(1);

/**
 * The interface the packet came in by; see `fw_rule_source`.
 */
const char *fw_rule_input(const fw_rule *rule, bool *inverted) FW_NONNULL(1);

/**
 * The interface the packet goes out by; see `fw_rule_source`.
 */
const char *fw_rule_output(const fw_rule *rule, bool *inverted) FW_NONNULL(1);

/**
 * The protocol by name, or by number if it has none; see `fw_rule_source`.
 */
const char *fw_rule_protocol(const fw_rule *rule, bool *inverted) FW_NONNULL(1);

/**
 * Whether the rule is for second and further fragments (1), for first fragments and whole packets (0), or for both (-1).
 */
int fw_rule_fragment(const fw_rule *rule) FW_NONNULL(1);

/**
 * The number of matches.
 */
size_t fw_rule_match_count(const fw_rule *rule) FW_NONNULL(1);

/**
 * The match at an index, counted from 0; NULL beyond the last. Lives as long as the rule.
 */
const fw_part *fw_rule_match(const fw_rule *rule, size_t index) FW_NONNULL(1);

/**
 * The name of the target: a verdict, a chain or an extension; NULL if the rule only counts. Lives as long as the rule.
 */
const char *fw_rule_target(const fw_rule *rule) FW_NONNULL(1);

/**
 * Whether the rule goes to its chain for good, `-g`.
 */
bool fw_rule_is_goto(const fw_rule *rule) FW_NONNULL(1);

/**
 * The target with its options if it is an extension; NULL for a verdict, a chain, or none. Lives as long as the rule.
 */
const fw_part *fw_rule_target_extension(const fw_rule *rule) FW_NONNULL(1);

/**
 * The name of a match or target. Lives as long as the rule.
 */
const char *fw_part_name(const fw_part *part) FW_NONNULL(1);

/**
 * The revision of a match or target in its rule.
 */
uint8_t fw_part_revision(const fw_part *part) FW_NONNULL(1);

/**
 * The data of a match or target as the kernel has it, and its size in bytes. Lives as long as the rule.
 */
const void *fw_part_data(const fw_part *part, size_t *size) FW_NONNULL(1);

/**
 * The number of options of a match or target, those included that have their default value; 0 for an extension or revision
 * that libfw does not know.
 */
size_t fw_part_option_count(const fw_part *part) FW_NONNULL(1);

/**
 * The name of an option without dashes; NULL beyond the last. Lives as long as the rule.
 */
const char *fw_part_option_name(const fw_part *part, size_t index) FW_NONNULL(1);

/**
 * The text of an option's value, empty for a flag; NULL beyond the last. Lives as long as the rule.
 */
const char *fw_part_option_value(const fw_part *part, size_t index) FW_NONNULL(1);

/**
 * Whether an option is inverted.
 */
bool fw_part_option_inverted(const fw_part *part, size_t index) FW_NONNULL(1);

/**
 * Starts a rule that matches every packet and only counts it. Never NULL, unless there is a bug in libfw.
 */
fw_builder *fw_builder_new(fw_family family) FW_OWNED(fw_builder_free);

/**
 * A copy of a builder, mistakes included. Freed with `fw_builder_free`. NULL only for NULL.
 */
fw_builder *fw_builder_copy(const fw_builder *builder) FW_OWNED(fw_builder_free) FW_NONNULL(1);

/**
 * Inverts the part that is added next: the `!` of iptables.
 */
void fw_builder_not(fw_builder *builder) FW_NONNULL(1);

/**
 * Limits the source address: `10.0.0.0/8`, an address with a mask, or a host name that has one address.
 */
void fw_builder_source(fw_builder *builder, const char *address) FW_NONNULL(1);

/**
 * Limits the destination address; see `fw_builder_source`.
 */
void fw_builder_destination(fw_builder *builder, const char *address) FW_NONNULL(1);

/**
 * Limits the interface the packet came in by; `eth+` is every one whose name begins with `eth`.
 */
void fw_builder_input(fw_builder *builder, const char *interface) FW_NONNULL(1);

/**
 * Limits the interface the packet goes out by; see `fw_builder_input`.
 */
void fw_builder_output(fw_builder *builder, const char *interface) FW_NONNULL(1);

/**
 * Limits the protocol: a name such as `tcp`, or a number.
 */
void fw_builder_protocol(fw_builder *builder, const char *protocol) FW_NONNULL(1);

/**
 * Limits the rule to second and further fragments, or inverted to first fragments and whole packets. IPv4 only.
 */
void fw_builder_fragment(fw_builder *builder) FW_NONNULL(1);

/**
 * The counters with which the rule starts.
 */
void fw_builder_counters(fw_builder *builder, fw_counters counters) FW_NONNULL(1);

/**
 * Adds a match, such as `conntrack`; the options that follow are its options. Matches are evaluated in the order they are
 * added.
 */
void fw_builder_match(fw_builder *builder, const char *name) FW_NONNULL(1);

/**
 * Sets the target: a verdict (`ACCEPT`, `DROP`, `RETURN`, `QUEUE`) or an extension such as `LOG`, whose options follow. For a chain see
 * `fw_builder_jump`.
 */
void fw_builder_target(fw_builder *builder, const char *name) FW_NONNULL(1);

/**
 * Sets an option of the match or target that was added last: its name without dashes, and the text of its value as
 * iptables takes it, NULL or empty for an option that takes none. `fw_extension_find` has the options.
 */
void fw_builder_option(fw_builder *builder, const char *name, const char *text) FW_NONNULL(1);

/**
 * Sets an option to a text of a known length; otherwise as `fw_builder_option`.
 */
void fw_builder_option_n(fw_builder *builder, const char *name, const char *text, size_t length)
    FW_NONNULL(1);

/**
 * Adds a match that libfw need not know: its name, revision and data as the kernel has them; see `fw_part_data`.
 */
void fw_builder_match_data(fw_builder *builder,
                           const char *name,
                           uint8_t revision,
                           const void *data,
                           size_t size)
    FW_NONNULL(1);

/**
 * Sets a target that libfw need not know; see `fw_builder_match_data`.
 */
void fw_builder_target_data(fw_builder *builder,
                            const char *name,
                            uint8_t revision,
                            const void *data,
                            size_t size)
    FW_NONNULL(1);

/**
 * Goes to a chain of the table and comes back.
 */
void fw_builder_jump(fw_builder *builder, const char *chain) FW_NONNULL(1);

/**
 * Goes to a chain of the table; from there the packet returns to the caller of this one.
 */
void fw_builder_goto(fw_builder *builder, const char *chain) FW_NONNULL(1);

/**
 * Builds the rule; `kernel` as for `fw_rule_parse`. The builder keeps its parts and can be used further: matches that are
 * added stand behind the others, and any other part takes the place of the one before. So one builder serves for rules that
 * differ in their source only:
 *
 *     const char *banned[] = {"192.0.2.1", "192.0.2.2"};
 *     fw_error *error = NULL;
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     fw_builder_target(builder, "DROP");
 *     for (size_t i = 0; i < 2; i++) {
 *         fw_rule *rule;
 *         fw_builder_source(builder, banned[i]);
 *         if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
 *             printf("%s\n", fw_rule_text(rule));
 *         else
 *             fprintf(stderr, "%s\n", fw_error_text(error));
 *         fw_rule_free(rule);
 *     }
 *     fw_error_free(error);
 *     fw_builder_free(builder);
 *
 * Errors: the first mistake that was made; FW_ERROR_INVALID_RULE when parts do not go together; FW_ERROR_INVALID_VALUE for
 * the value of an option; FW_ERROR_SYNTAX or FW_ERROR_NO_SUCH_EXTENSION for a name that does not exist;
 * FW_ERROR_EXTENSION_UNAVAILABLE.
 */
fw_status fw_builder_build(fw_builder *builder,
                           const fw_kernel *kernel,
                           fw_rule **rule,
                           fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The table as `iptables-save` writes it, from the line `*NAME` to `COMMIT`; with the counters of rules if wanted. Freed with
 * `fw_string_free`.
 */
fw_status fw_table_save(const fw_table *table, bool counters, char **text, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Every table of a family that there is, each as `fw_table_save` writes it. None is brought into being by that. Freed with
 * `fw_string_free`.
 *
 * Errors: as for `fw_kernel_tables` and `fw_table_open`.
 */
fw_status fw_save(const fw_kernel *kernel,
                  fw_family family,
                  bool counters,
                  char **text,
                  fw_error **error)
    FW_CHECKED;

/**
 * The commands that make a table, or one chain of it (NULL for all), as `iptables -S` prints them. Freed with
 * `fw_string_free`.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_table_rules(const fw_table *table,
                         const char *chain,
                         bool counters,
                         char **text,
                         fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The listing of a table, or of one chain of it (NULL for all), as `iptables -L` prints it. `flags` is a sum of `enum
 * fw_list_flags`. Freed with `fw_string_free`.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_table_list(const fw_table *table,
                        const char *chain,
                        unsigned int flags,
                        char **text,
                        fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Restores tables from the text of a save file: one commit per table. Tables before one that fails stay restored. The text
 * ends at its first NUL; `fw_restore_n` finds one that does not belong there.
 *
 * `only` is the name of the only table to restore, or NULL. `flags` is a sum of `enum fw_restore_flags`. `warnings` gets
 * what is odd but not wrong, whether the call works or fails: a list to free with `fw_strings_free`, or NULL if there is
 * nothing to say.
 *
 * Errors: whatever is wrong with a line, with its number, and those of `fw_table_commit`.
 */
fw_status fw_restore(const fw_kernel *kernel,
                     fw_family family,
                     const char *text,
                     const char *only,
                     unsigned int flags,
                     fw_strings **warnings,
                     fw_error **error)
    FW_CHECKED;

/**
 * Restores tables from the text of a save file of a known length; otherwise as `fw_restore`.
 *
 * Errors: FW_ERROR_SYNTAX where there is a NUL in the text, and those of `fw_restore`.
 */
fw_status fw_restore_n(const fw_kernel *kernel,
                       fw_family family,
                       const char *text,
                       size_t length,
                       const char *only,
                       unsigned int flags,
                       fw_strings **warnings,
                       fw_error **error)
    FW_CHECKED;

/**
 * Restores tables from a save file, which is read from an open file to its end; otherwise as `fw_restore_n`. The
 * descriptor stays the caller's.
 *
 * Errors: FW_ERROR_IO where the file cannot be read, and those of `fw_restore_n`.
 */
fw_status fw_restore_fd(const fw_kernel *kernel,
                        fw_family family,
                        int fd,
                        const char *only,
                        unsigned int flags,
                        fw_strings **warnings,
                        fw_error **error)
    FW_CHECKED;

/**
 * Carries out a command line of `iptables` or `ip6tables`, without the program's name: `{"-A", "INPUT", "-j", "DROP"}`. What it
 * prints is given as text, freed with `fw_string_free`. `warnings` as for `fw_restore`.
 *
 * Errors: whatever is wrong with the arguments, the table or the kernel; `fw_error_iptables_words` and
 * `fw_error_iptables_status` are what iptables would say. FW_ERROR_INVALID_ARGUMENT for arguments that ask for help or for the
 * version, which the library does not print, or that are for the other family.
 */
fw_status fw_run(const fw_kernel *kernel,
                 fw_family family,
                 size_t argc,
                 const char *const *argv,
                 char **text,
                 fw_strings **warnings,
                 fw_error **error)
    FW_CHECKED;

/**
 * The number of matches and targets that libfw knows.
 */
size_t fw_extension_count(void);

/**
 * The match or target at an index, counted from 0, matches first; NULL beyond the last.
 */
const fw_extension *fw_extension_at(size_t index);

/**
 * The match or target of that name or alias, for a family; NULL if there is none.
 */
const fw_extension *fw_extension_find(fw_extension_kind kind, const char *name, fw_family family);

/**
 * Whether it is a match or a target.
 */
fw_extension_kind fw_extension_kind_of(const fw_extension *extension) FW_NONNULL(1);

/**
 * The name after `-m` or `-j`.
 */
const char *fw_extension_name(const fw_extension *extension) FW_NONNULL(1);

/**
 * What it is for.
 */
const char *fw_extension_description(const fw_extension *extension) FW_NONNULL(1);

/**
 * A rule that shows what it is for, as the text of a rule; of IPv6 if it is for that family alone, otherwise of IPv4.
 */
const char *fw_extension_example(const fw_extension *extension) FW_NONNULL(1);

/**
 * Whether a family has it.
 */
bool fw_extension_has_family(const fw_extension *extension, fw_family family) FW_NONNULL(1);

/**
 * The number of its options.
 */
size_t fw_extension_option_count(const fw_extension *extension) FW_NONNULL(1);

/**
 * The option at an index, counted from 0, in the order they are printed; NULL beyond the last.
 */
const fw_option *fw_extension_option(const fw_extension *extension, size_t index) FW_NONNULL(1);

/**
 * The long option without dashes.
 */
const char *fw_option_name(const fw_option *option) FW_NONNULL(1);

/**
 * The name as an identifier, which is accepted too: the field in Rust and the keyword in Python.
 */
const char *fw_option_field(const fw_option *option) FW_NONNULL(1);

/**
 * What stands for its value in a synopsis, such as `PORT[:PORT]`; empty for an option that takes none.
 */
const char *fw_option_value(const fw_option *option) FW_NONNULL(1);

/**
 * What it is for.
 */
const char *fw_option_description(const fw_option *option) FW_NONNULL(1);

/**
 * Whether it can be inverted.
 */
bool fw_option_is_negatable(const fw_option *option) FW_NONNULL(1);

/**
 * Whether it must be given.
 */
bool fw_option_is_required(const fw_option *option) FW_NONNULL(1);

/**
 * Whether a family has it.
 */
bool fw_option_has_family(const fw_option *option, fw_family family) FW_NONNULL(1);

/**
 * The number of strings; 0 for NULL.
 */
size_t fw_strings_count(const fw_strings *strings);

/**
 * The string at an index, counted from 0; lives as long as the list. NULL beyond the end.
 */
const char *fw_strings_get(const fw_strings *strings, size_t index);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LIBFW_H */
