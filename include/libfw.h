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
 * end is freed with fw_error_free(). A call that fails changes nothing, in the kernel or in a handle, unless
 * it says so below.
 *
 * Results. Every place for a result is written, whether the call works or fails; when it fails with NULL, 0, false, or -1
 * for an index. It need not be initialised: what it held before is not looked at and not freed. A result that nobody
 * wants has NULL for its place. Look at errors and results in a statement behind the call: C does not say which argument is
 * worked out first, so `printf("%d %s", fw_table_commit(table, NULL, &error), fw_error_text(error))` may read the error that
 * the call then frees.
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
 * Times. How long a call waits at most, and a change to be confirmed, is in milliseconds everywhere.
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
 * ioctl, getpid, and what the C library needs for memory and mutexes (brk, mmap, munmap, mremap, madvise, futex, getrandom).
 * For nf_tables also bind, sendto, recvmsg and memfd_create; these and readlink at the first use of a handle whose backend is
 * looked for. Where the lock is waited for also eventfd2, ppoll, write, and what it takes to start and end a thread (clone3,
 * mprotect, prctl, rseq, rt_sigaction, rt_sigprocmask, set_robust_list, exit); setns, with a thread too, for other network
 * namespaces.
 *
 * Versions. A function is there since 0.1.0 unless it says otherwise. Within libfw.so.0 no function, number, size or offset
 * goes away or changes; functions and numbers are added, so a program must be ready for a status or a kind that it does not
 * know. Structures that a program fills in do not grow.
 *
 * Memory. What grows with a table is tried before it is needed, and there is none for it: FW_ERROR_OUT_OF_MEMORY, nothing has
 * changed. A program that has less than a MiB left may be aborted; of a commit or a transaction all has been done then, or nothing.
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
 * The lock file that iptables uses, and libfw unless it is told another one.
 */
#define FW_LOCK_PATH "/run/xtables.lock"

/**
 * The number of strings of an array that ends with NULL, wherever a function takes an array of strings and its length.
 */
#define FW_UNTIL_NULL SIZE_MAX

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
 * The `prefix` of an address whose mask is none.
 */
#define FW_PREFIX_NONE 255

/**
 * What a function returns: `FW_OK`, or what went wrong. The numbers do not change between versions; new ones may be added.
 */
typedef enum fw_status {
  /**
   * It worked.
   */
  FW_OK = 0,
  /**
   * An argument of a library call is not usable (an empty name, a handle of another family, ...).
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
   * The kernel has no such table, or the save file that it was to be restored from.
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
   * The kernel has no object of that name (an ipset, a BPF object, a conntrack helper, ...).
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
   * Another program holds the xtables lock, or another change waits to be confirmed.
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
   * The table has what no save file tells of, and it is not said what shall become of it.
   */
  FW_ERROR_FOREIGN_RULES = 39,
  /**
   * Reading or writing a file failed.
   */
  FW_ERROR_IO = 40,
  /**
   * A signal came while the xtables lock was waited for.
   */
  FW_ERROR_INTERRUPTED = 41,
  /**
   * There is no memory for what was to be done.
   */
  FW_ERROR_OUT_OF_MEMORY = 42,
  /**
   * Of several tables one was refused, and another that had been written before could not be put back.
   */
  FW_ERROR_PARTLY_COMMITTED = 43,
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
  /**
   * ARP for IPv4: what `arptables` works on. Only nf_tables have it, and in it the table `filter`.
   */
  FW_ARP = 3,
} fw_family;

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
  /**
   * nf_tables in memory: what FW_BACKEND_NFT is on a kernel, with its handles, transactions and refusals.
   */
  FW_BACKEND_MEMORY_NFT = 4,
} fw_backend;

/**
 * What an error cannot say for certain: the xtables interface refuses a table as a whole, and which of its new rules is to blame is
 * found out by trying them in a network namespace of their own.
 */
typedef enum fw_doubt {
  /**
   * Nothing.
   */
  FW_DOUBT_NONE = 0,
  /**
   * It is this rule, or one of `fw_error_other`: they are about objects that a namespace of their own does not have.
   */
  FW_DOUBT_SUSPECT = 1,
  /**
   * It is one of the new rules: there is no namespace to try them in.
   */
  FW_DOUBT_UNTRIED = 2,
} fw_doubt;

/**
 * Where on its way a packet meets a built-in chain: the numbers of `enum nf_inet_hooks` in `linux/netfilter.h`.
 */
typedef enum fw_hook {
  /**
   * Nowhere: the chain is not built-in.
   */
  FW_HOOK_NONE = -1,
  /**
   * As it comes in, before routing.
   */
  FW_HOOK_PREROUTING = 0,
  /**
   * Before a local socket gets it.
   */
  FW_HOOK_INPUT = 1,
  /**
   * When it is routed through this host.
   */
  FW_HOOK_FORWARD = 2,
  /**
   * When it has been made on this host.
   */
  FW_HOOK_OUTPUT = 3,
  /**
   * As it goes out, after routing.
   */
  FW_HOOK_POSTROUTING = 4,
} fw_hook;

/**
 * When two rules are the same.
 */
typedef enum fw_equivalence {
  /**
   * As the kernel has them.
   */
  FW_EXACT = 0,
  /**
   * As people mean them: ports of multiport in any order, `state` and `conntrack`, multiport of one port and the match of its
   * protocol, matches that keep and change nothing in any order.
   */
  FW_MEANING = 1,
} fw_equivalence;

/**
 * Where a rule is to be among others.
 */
typedef enum fw_position {
  /**
   * Before all others.
   */
  FW_POSITION_FIRST = 1,
  /**
   * Behind all others.
   */
  FW_POSITION_LAST = 2,
  /**
   * Right before the first rule that is the same as another one.
   */
  FW_POSITION_BEFORE = 3,
  /**
   * Right behind it.
   */
  FW_POSITION_AFTER = 4,
} fw_position;

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
 * What a change is.
 */
typedef enum fw_step_kind {
  /**
   * None: beyond the last one.
   */
  FW_STEP_NONE = 0,
  /**
   * A rule comes.
   */
  FW_STEP_RULE_ADDED = 1,
  /**
   * A rule goes.
   */
  FW_STEP_RULE_REMOVED = 2,
  /**
   * A rule has another place among those that stay.
   */
  FW_STEP_RULE_MOVED = 3,
  /**
   * A chain comes.
   */
  FW_STEP_CHAIN_ADDED = 4,
  /**
   * A chain goes.
   */
  FW_STEP_CHAIN_REMOVED = 5,
  /**
   * A chain has another name; rules that go to it follow.
   */
  FW_STEP_CHAIN_RENAMED = 6,
  /**
   * A built-in chain has another policy.
   */
  FW_STEP_POLICY = 7,
} fw_step_kind;

/**
 * What of the tables a desired state speaks of. What is outside is never touched.
 */
typedef enum fw_scope {
  /**
   * The tables that are named, whole. Chains that are not desired go; policies that are not set stay.
   */
  FW_SCOPE_TABLES = 0,
  /**
   * Chains by name. Rules of other chains that go to one of them are put where they are desired.
   */
  FW_SCOPE_CHAINS = 1,
  /**
   * The chains whose name begins so, in the same way.
   */
  FW_SCOPE_PREFIX = 2,
  /**
   * The rules, in whatever chain, with a comment that begins so. A rule without a comment that is desired gets one.
   */
  FW_SCOPE_OWNER = 3,
} fw_scope;

/**
 * What became of a change that had to be confirmed.
 */
typedef enum fw_ending {
  /**
   * It still waits.
   */
  FW_ENDING_NONE = 0,
  /**
   * It was confirmed, here or elsewhere, and stays.
   */
  FW_ENDING_CONFIRMED = 1,
  /**
   * The old rules are back.
   */
  FW_ENDING_ROLLED_BACK = 2,
} fw_ending;

/**
 * A kind of what a rule may name besides ipsets.
 */
typedef enum fw_object {
  /**
   * An algorithm of `-m string`.
   */
  FW_OBJECT_ALGORITHM = 1,
  /**
   * A connection tracking helper, for `-j CT`.
   */
  FW_OBJECT_HELPER = 2,
  /**
   * A timeout policy of connection tracking, for `-j CT`.
   */
  FW_OBJECT_TIMEOUT = 3,
  /**
   * A rate estimator, for `-m rateest`.
   */
  FW_OBJECT_ESTIMATOR = 4,
  /**
   * An accounting object, for `-m nfacct`.
   */
  FW_OBJECT_ACCOUNTING = 5,
  /**
   * A control group by its path, for `-m cgroup`.
   */
  FW_OBJECT_CONTROL_GROUP = 6,
  /**
   * A security context, for `-j SECMARK`.
   */
  FW_OBJECT_SECURITY_CONTEXT = 7,
  /**
   * A BPF program by the path where it is pinned, for `-m bpf`.
   */
  FW_OBJECT_PROGRAM = 8,
} fw_object;

/**
 * What a rule does with a packet.
 */
typedef enum fw_verdict {
  /**
   * It only counts it.
   */
  FW_VERDICT_NONE = 0,
  /**
   * It lets it through.
   */
  FW_VERDICT_ACCEPT = 1,
  /**
   * It drops it.
   */
  FW_VERDICT_DROP = 2,
  /**
   * It gives it to a program in user space.
   */
  FW_VERDICT_QUEUE = 3,
  /**
   * It goes back to the calling chain, or to the policy of a built-in one.
   */
  FW_VERDICT_RETURN = 4,
  /**
   * It goes to a chain and comes back; `fw_rule_target` names the chain.
   */
  FW_VERDICT_JUMP = 5,
  /**
   * It goes to a chain for good.
   */
  FW_VERDICT_GOTO = 6,
  /**
   * It has a target that is an extension, such as LOG: `fw_rule_target_extension`.
   */
  FW_VERDICT_EXTENSION = 7,
} fw_verdict;

/**
 * What the value of an option is.
 */
typedef enum fw_kind {
  /**
   * There is no value: what `fw_value_kind` says of NULL.
   */
  FW_KIND_NONE = 0,
  /**
   * The option takes no value: it is there.
   */
  FW_KIND_FLAG = 1,
  /**
   * A number, such as a length: `fw_value_number`.
   */
  FW_KIND_NUMBER = 2,
  /**
   * A number under a mask, such as a mark: `fw_value_masked`.
   */
  FW_KIND_MASKED = 3,
  /**
   * Numbers from one to another, such as ports: `fw_value_range`.
   */
  FW_KIND_RANGE = 4,
  /**
   * An address: `fw_value_address`.
   */
  FW_KIND_ADDRESS = 5,
  /**
   * An address with its mask: `fw_value_address`.
   */
  FW_KIND_NETWORK = 6,
  /**
   * Addresses from one to another: `fw_value_addresses`.
   */
  FW_KIND_ADDRESSES = 7,
  /**
   * The address of a network card: `fw_value_mac`.
   */
  FW_KIND_MAC = 8,
  /**
   * A span of time: `fw_value_duration`.
   */
  FW_KIND_DURATION = 9,
  /**
   * A time of the day: `fw_value_time`.
   */
  FW_KIND_TIME = 10,
  /**
   * A date and a time: `fw_value_moment`.
   */
  FW_KIND_MOMENT = 11,
  /**
   * So many packets or bytes in a unit of time: `fw_value_rate`.
   */
  FW_KIND_RATE = 12,
  /**
   * One of the names that the option takes: `fw_value_text`.
   */
  FW_KIND_NAME = 13,
  /**
   * Some of the names that the option takes: `fw_value_bits`.
   */
  FW_KIND_NAMES = 14,
  /**
   * Any other text: `fw_value_text`.
   */
  FW_KIND_TEXT = 15,
  /**
   * Several values: `fw_value_count` and `fw_value_item`.
   */
  FW_KIND_LIST = 16,
  /**
   * The addresses, the ports, or both that a packet is mapped to: `fw_value_nat`.
   */
  FW_KIND_NAT = 17,
  /**
   * A type of ICMP or ICMPv6 and its codes: `fw_value_icmp`.
   */
  FW_KIND_ICMP = 18,
  /**
   * A number of bytes, of an option that takes packets too: `fw_value_bytes`.
   */
  FW_KIND_BYTES = 19,
} fw_kind;

/**
 * What a rate counts, and in which time.
 */
typedef enum fw_unit {
  /**
   * No unit: what is written where there is no rate.
   */
  FW_PER_NONE = 0,
  /**
   * Packets in a second.
   */
  FW_PER_SECOND = 1,
  /**
   * Packets in a minute.
   */
  FW_PER_MINUTE = 2,
  /**
   * Packets in an hour.
   */
  FW_PER_HOUR = 3,
  /**
   * Packets in a day.
   */
  FW_PER_DAY = 4,
  /**
   * Bytes in a second.
   */
  FW_BYTES_PER_SECOND = 5,
} fw_unit;

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
  /**
   * Replace a table of nf_tables with what `nft` has put into it and no save file tells of, as iptables-nft-restore does;
   * otherwise that is FW_ERROR_FOREIGN_RULES.
   */
  FW_RESTORE_REPLACE_FOREIGN = 16,
  /**
   * Keep what `nft` has put into a table, and replace the rules of iptables around it.
   */
  FW_RESTORE_KEEP_FOREIGN = 32,
  /**
   * Write all tables at the end of the text, or none.
   */
  FW_RESTORE_ATOMIC = 64,
  /**
   * With FW_RESTORE_TEST: go on behind what is wrong, and look at each table as the kernel would, as `fw_table_rehearse` does:
   * `fw_error_other` has all that is wrong.
   */
  FW_RESTORE_STRICT = 128,
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
 * What has become of a table that is watched. Freed with `fw_change_free`.
 */
typedef struct fw_change fw_change;

/**
 * What was counted between two snapshots of a table. Freed with `fw_delta_free`.
 */
typedef struct fw_delta fw_delta;

/**
 * What tables are to be, of one or both families: filled by the functions below, compared with what is there by
 * `fw_desired_plan`, and brought about by `fw_desired_apply`. Freed with `fw_desired_free`.
 *
 *     fw_error *error = NULL;
 *     fw_desired *desired;
 *     fw_plan *plan = NULL;
 *     const char *prefix = "web-";
 *     if (fw_desired_new(NULL, FW_SCOPE_PREFIX, &prefix, 1, &desired, &error) != FW_OK ||
 *         fw_desired_chain(desired, FW_IPV4, "filter", "web-in", &error) != FW_OK ||
 *         fw_desired_append(desired, FW_IPV4, "filter", "web-in", "-p tcp --dport 443 -j ACCEPT", &error) != FW_OK ||
 *         fw_desired_apply(desired, &plan, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     else
 *         printf("%zu changes\n%s", fw_plan_count(plan), fw_plan_text(plan));
 *     fw_plan_free(plan);
 *     fw_desired_free(desired);
 *     fw_error_free(error);
 */
typedef struct fw_desired fw_desired;

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
 * What a kernel in memory is to have. Freed with `fw_memory_free`.
 *
 *     fw_error *error = NULL;
 *     fw_kernel *kernel;
 *     fw_memory *memory = fw_memory_new();
 *     if (fw_memory_add_set(memory, "banned", 1, FW_IPV4, &error) != FW_OK ||
 *         fw_memory_add_object(memory, FW_OBJECT_ACCOUNTING, "web", &error) != FW_OK ||
 *         fw_memory_set_revision(memory, "TEE", -1, &error) != FW_OK ||
 *         fw_memory_kernel(memory, FW_BACKEND_MEMORY, &kernel, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_kernel_free(kernel);
 *     fw_memory_free(memory);
 *     fw_error_free(error);
 */
typedef struct fw_memory fw_memory;

/**
 * An option of a match or target. Never freed; its strings live as long as the program.
 */
typedef struct fw_option fw_option;

/**
 * A match, or a target that is an extension, in a rule. Never freed: it lives as long as the rule.
 */
typedef struct fw_part fw_part;

/**
 * A change that has been made and is taken back unless it is confirmed. Freed with `fw_pending_free`, which neither confirms nor
 * takes back.
 */
typedef struct fw_pending fw_pending;

/**
 * The changes that make tables what they are to be. Freed with `fw_plan_free`.
 */
typedef struct fw_plan fw_plan;

/**
 * What would be written, and would come of it. Freed with `fw_rehearsal_free`.
 */
typedef struct fw_rehearsal fw_rehearsal;

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
 * The counters of a table at one time, as plain numbers: those of all rules in one array, chain by chain, and those of the
 * policies. It holds no rules. Freed with `fw_snapshot_free`.
 */
typedef struct fw_snapshot fw_snapshot;

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
 * Tables of both families that are edited under one lock and written together, all or none. Freed with
 * `fw_transaction_free`.
 */
typedef struct fw_transaction fw_transaction;

/**
 * The value of an option of a match or target in a rule. Never freed: it lives as long as the rule. The functions that
 * read it return false, and write 0, where it is of another kind.
 *
 *     fw_error *error = NULL;
 *     fw_rule *rule;
 *     fw_range ports;
 *     if (fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport 80:90", &rule, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     const fw_value *dport = fw_part_value(fw_rule_match(rule, 0), FW_TCP_DPORT);
 *     if (fw_value_range(dport, &ports))
 *         printf("%s%d to %d\n", fw_value_is_inverted(dport) ? "not " : "", (int)ports.min, (int)ports.max);
 *     fw_rule_free(rule);
 *     fw_error_free(error);
 */
typedef struct fw_value fw_value;

/**
 * Tables that are watched: it tells when somebody changes one, and what. Freed with `fw_watch_free`.
 */
typedef struct fw_watch fw_watch;

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
   * The number of rules in the table now; where only some chains were read, in these.
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

/**
 * What `fw_chain_sync` did.
 */
typedef struct fw_synced {
  /**
   * How many rules stayed, those included that have another place now. They keep their counters.
   */
  size_t kept;
  /**
   * How many of these have another place among those that stayed.
   */
  size_t moved;
  /**
   * How many were added.
   */
  size_t added;
  /**
   * How many were deleted.
   */
  size_t removed;
} fw_synced;

/**
 * A change of a plan. Its strings live as long as the plan.
 */
typedef struct fw_step {
  /**
   * What it is.
   */
  enum fw_step_kind kind;
  /**
   * The family of the table.
   */
  enum fw_family family;
  /**
   * The table.
   */
  const char *table;
  /**
   * The chain; of one that is renamed, the new name.
   */
  const char *chain;
  /**
   * The name before of a chain that is renamed; otherwise NULL.
   */
  const char *old_chain;
  /**
   * The options that make the rule; NULL where it is about none.
   */
  const char *rule;
  /**
   * The index of the rule before; -1 where there is none.
   */
  int64_t from;
  /**
   * The index of the rule after; -1 where there is none.
   */
  int64_t to;
  /**
   * The policy before.
   */
  enum fw_policy old_policy;
  /**
   * The policy after.
   */
  enum fw_policy policy;
} fw_step;

/**
 * An address and its mask, as bytes: one address, or a network. `fw_address_ipv4` and `fw_address_ipv6` make one of what
 * programs have; inet_ntop() prints what is in one.
 *
 *     struct in_addr host;
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     inet_pton(AF_INET, "192.0.2.1", &host);
 *     fw_address source = fw_address_ipv4(&host, 32);
 *     fw_builder_source_address(builder, &source);
 *     fw_builder_free(builder);
 */
typedef struct fw_address {
  /**
   * The family of both.
   */
  fw_family family;
  /**
   * The length of the mask: 32 or 128 for one address. FW_PREFIX_NONE for a mask that is no prefix, which only `mask`
   * tells; with any other length a function that is given the address does not look at `mask`.
   */
  uint8_t prefix;
  /**
   * The address in network byte order, as in `struct in_addr` and `struct in6_addr`: IPv4 has the first four bytes.
   */
  uint8_t address[16];
  /**
   * The mask in the same form: the bits of the address that count.
   */
  uint8_t mask[16];
} fw_address;

/**
 * Numbers from one to another, both included.
 */
typedef struct fw_range {
  /**
   * The first.
   */
  uint64_t min;
  /**
   * The last.
   */
  uint64_t max;
} fw_range;

/**
 * A number of which the bits of a mask count.
 */
typedef struct fw_masked {
  /**
   * The number.
   */
  uint64_t value;
  /**
   * The bits that count.
   */
  uint64_t mask;
} fw_masked;

/**
 * The addresses, the ports, or both that a packet is mapped to: the value of FW_DNAT_TO_DESTINATION and FW_SNAT_TO_SOURCE.
 *
 *     struct in_addr host;
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     inet_pton(AF_INET, "192.0.2.1", &host);
 *     fw_nat to = {.first = fw_address_ipv4(&host, 32), .has_ports = true, .min_port = 8080, .max_port = 8080};
 *     fw_builder_protocol_number(builder, IPPROTO_TCP);
 *     fw_builder_target(builder, FW_TARGET_DNAT);
 *     fw_builder_nat(builder, FW_DNAT_TO_DESTINATION, &to);
 *     fw_builder_free(builder);
 */
typedef struct fw_nat {
  /**
   * The first address; all zeros where only the port is mapped.
   */
  struct fw_address first;
  /**
   * The last address, the first one where there is no range. All zeros stand for that too in what a function is given.
   */
  struct fw_address last;
  /**
   * Whether ports are mapped.
   */
  bool has_ports;
  /**
   * The first port, in the byte order of the machine.
   */
  uint16_t min_port;
  /**
   * The last port.
   */
  uint16_t max_port;
  /**
   * The original port that is mapped to the first one, where the others follow in order; 0 where it is any.
   */
  uint16_t base_port;
} fw_nat;

/**
 * A type of ICMP or ICMPv6, and the codes of it that count: the value of FW_ICMP_TYPE and FW_ICMP6_TYPE.
 */
typedef struct fw_icmp {
  /**
   * The type.
   */
  uint8_t icmp_type;
  /**
   * The smallest code; 0 where all of them count.
   */
  uint8_t min_code;
  /**
   * The largest code; 255 where all of them count.
   */
  uint8_t max_code;
} fw_icmp;

/**
 * A function that gets a text piece by piece: `length` bytes, without a NUL behind them. It returns 0 to get more; with any
 * other number the call ends with FW_ERROR_ABORTED. It must return, as `fw_edit` must.
 */
typedef int (*fw_write)(const char *text, size_t length, void *data);

/**
 * A function that gives a text piece by piece: it puts at most `size` bytes into the buffer and returns how many there are, 0
 * at the end, or a negative number to end the call with FW_ERROR_ABORTED. It must return, as `fw_edit` must.
 */
typedef int64_t (*fw_read)(char *buffer, size_t size, void *data);


/*
 * The names that functions take, as constants: a name that does not exist does not compile. FW_MATCH_TCP is `"tcp"`,
 * FW_TCP_DPORT its option `"dport"`. Where an option has names for its value, they are strings for one name, such as
 * FW_REJECT_WITH_TCP_RESET, and bits where several may stand together, such as FW_CONNTRACK_STATE_NEW.
 */

/* Verdicts. */
#define FW_TARGET_ACCEPT "ACCEPT"
#define FW_TARGET_DROP "DROP"
#define FW_TARGET_QUEUE "QUEUE"
#define FW_TARGET_RETURN "RETURN"

/* Tables. */
#define FW_TABLE_FILTER "filter"
#define FW_TABLE_NAT "nat"
#define FW_TABLE_MANGLE "mangle"
#define FW_TABLE_RAW "raw"
#define FW_TABLE_SECURITY "security"

/* The match addrtype: Matches packets by the kind of their addresses, as the routing table sees them. */
#define FW_MATCH_ADDRTYPE "addrtype"
#define FW_ADDRTYPE_SRC_TYPE "src-type" /**< [!] TYPE[,...]: The kinds of the source address. */
#define FW_ADDRTYPE_SRC_TYPE_UNSPEC (UINT64_C(1) << 0)
#define FW_ADDRTYPE_SRC_TYPE_UNICAST (UINT64_C(1) << 1)
#define FW_ADDRTYPE_SRC_TYPE_LOCAL (UINT64_C(1) << 2)
#define FW_ADDRTYPE_SRC_TYPE_BROADCAST (UINT64_C(1) << 3)
#define FW_ADDRTYPE_SRC_TYPE_ANYCAST (UINT64_C(1) << 4)
#define FW_ADDRTYPE_SRC_TYPE_MULTICAST (UINT64_C(1) << 5)
#define FW_ADDRTYPE_SRC_TYPE_BLACKHOLE (UINT64_C(1) << 6)
#define FW_ADDRTYPE_SRC_TYPE_UNREACHABLE (UINT64_C(1) << 7)
#define FW_ADDRTYPE_SRC_TYPE_PROHIBIT (UINT64_C(1) << 8)
#define FW_ADDRTYPE_SRC_TYPE_THROW (UINT64_C(1) << 9)
#define FW_ADDRTYPE_SRC_TYPE_NAT (UINT64_C(1) << 10)
#define FW_ADDRTYPE_SRC_TYPE_XRESOLVE (UINT64_C(1) << 11)
#define FW_ADDRTYPE_DST_TYPE "dst-type" /**< [!] TYPE[,...]: The kinds of the destination address. */
#define FW_ADDRTYPE_DST_TYPE_UNSPEC (UINT64_C(1) << 0)
#define FW_ADDRTYPE_DST_TYPE_UNICAST (UINT64_C(1) << 1)
#define FW_ADDRTYPE_DST_TYPE_LOCAL (UINT64_C(1) << 2)
#define FW_ADDRTYPE_DST_TYPE_BROADCAST (UINT64_C(1) << 3)
#define FW_ADDRTYPE_DST_TYPE_ANYCAST (UINT64_C(1) << 4)
#define FW_ADDRTYPE_DST_TYPE_MULTICAST (UINT64_C(1) << 5)
#define FW_ADDRTYPE_DST_TYPE_BLACKHOLE (UINT64_C(1) << 6)
#define FW_ADDRTYPE_DST_TYPE_UNREACHABLE (UINT64_C(1) << 7)
#define FW_ADDRTYPE_DST_TYPE_PROHIBIT (UINT64_C(1) << 8)
#define FW_ADDRTYPE_DST_TYPE_THROW (UINT64_C(1) << 9)
#define FW_ADDRTYPE_DST_TYPE_NAT (UINT64_C(1) << 10)
#define FW_ADDRTYPE_DST_TYPE_XRESOLVE (UINT64_C(1) << 11)
#define FW_ADDRTYPE_LIMIT_IFACE_IN "limit-iface-in" /**< Look only at the interface the packet came in by. */
#define FW_ADDRTYPE_LIMIT_IFACE_OUT "limit-iface-out" /**< Look only at the interface the packet goes out by. */

/* The match ah: Matches the Authentication Header of IPsec. */
#define FW_MATCH_AH "ah"
#define FW_AH_SPI "ahspi" /**< [!] MIN[:MAX]: The Security Parameter Index, or a range of them. */
#define FW_AH_LENGTH "ahlen" /**< [!] NUMBER: The length of the header in bytes. */
#define FW_AH_RESERVED "ahres" /**< The reserved field must be zero. */

/* The match arp: What is asked of an ARP packet beside its IP addresses. Each rule for ARP has this match, and asks for Ethernet where it is not told otherwise. */
#define FW_MATCH_ARP "arp"
#define FW_ARP_SOURCE_MAC "src-mac" /**< [!] XX:XX:XX:XX:XX:XX[/MASK]: The hardware address of the sender; `Unicast`, `Multicast` and `Broadcast` stand for such addresses. */
#define FW_ARP_SOURCE_MAC_UNICAST "Unicast"
#define FW_ARP_SOURCE_MAC_MULTICAST "Multicast"
#define FW_ARP_SOURCE_MAC_BROADCAST "Broadcast"
#define FW_ARP_SOURCE_MAC_BGA "BGA"
#define FW_ARP_DESTINATION_MAC "dst-mac" /**< [!] XX:XX:XX:XX:XX:XX[/MASK]: The hardware address that is looked for, or answered to. */
#define FW_ARP_DESTINATION_MAC_UNICAST "Unicast"
#define FW_ARP_DESTINATION_MAC_MULTICAST "Multicast"
#define FW_ARP_DESTINATION_MAC_BROADCAST "Broadcast"
#define FW_ARP_DESTINATION_MAC_BGA "BGA"
#define FW_ARP_H_LENGTH "h-length" /**< [!] LENGTH[/MASK]: The length of hardware addresses in bytes. */
#define FW_ARP_OPCODE "opcode" /**< [!] CODE: What the packet asks or answers. */
#define FW_ARP_OPCODE_REQUEST "Request"
#define FW_ARP_OPCODE_REPLY "Reply"
#define FW_ARP_OPCODE_REQUEST_REVERSE "Request_Reverse"
#define FW_ARP_OPCODE_REPLY_REVERSE "Reply_Reverse"
#define FW_ARP_OPCODE_DRARP_REQUEST "DRARP_Request"
#define FW_ARP_OPCODE_DRARP_REPLY "DRARP_Reply"
#define FW_ARP_OPCODE_DRARP_ERROR "DRARP_Error"
#define FW_ARP_OPCODE_INARP_REQUEST "InARP_Request"
#define FW_ARP_OPCODE_ARP_NAK "ARP_NAK"
#define FW_ARP_H_TYPE "h-type" /**< [!] HEX[/MASK]: The kind of hardware; 0 for any. */
#define FW_ARP_H_TYPE_ETHERNET "Ethernet"
#define FW_ARP_PROTO_TYPE "proto-type" /**< [!] TYPE[/MASK]: The protocol of the addresses that are looked for. */
#define FW_ARP_PROTO_TYPE_IPV4 "IPv4"

/* The match bpf: Matches packets for which a BPF program returns anything but zero. */
#define FW_MATCH_BPF "bpf"
#define FW_BPF_BYTECODE "bytecode" /**< COUNT,CODE JT JF K[,...]: A classic BPF program. */
#define FW_BPF_OBJECT_PINNED "object-pinned" /**< TEXT: The path at which a BPF program of the type socket filter is pinned. It must exist when the rule is loaded. */

/* The match cgroup: Matches packets by the control group of the process whose socket they belong to. */
#define FW_MATCH_CGROUP "cgroup"
#define FW_CGROUP_PATH "path" /**< [!] TEXT: The group in the unified hierarchy, version 2; groups below it match too. It must exist when the rule is loaded. */
#define FW_CGROUP_CGROUP "cgroup" /**< [!] NUMBER: The class of the `net_cls` controller, version 1. */

/* The match cluster: Matches the connections that a node of a cluster serves, when all nodes see all packets. */
#define FW_MATCH_CLUSTER "cluster"
#define FW_CLUSTER_LOCAL_NODEMASK "cluster-local-nodemask" /**< [!] NUMBER: The nodes meant, as bits: the first is 1, the second 2, the third 4. */
#define FW_CLUSTER_TOTAL_NODES "cluster-total-nodes" /**< NUMBER: The number of nodes, at most 32. */
#define FW_CLUSTER_HASH_SEED "cluster-hash-seed" /**< NUMBER: The seed of the hash, which must be the same on all nodes. */
#define FW_CLUSTER_LOCAL_NODE "cluster-local-node" /**< [!] NUMBER: The node meant, counted from 1. */

/* The match comment: Matches always; carries a note about the rule. */
#define FW_MATCH_COMMENT "comment"
#define FW_COMMENT_COMMENT "comment" /**< TEXT: The note, at most 255 bytes. */

/* The match connbytes: Matches packets by what their connection has transferred so far. */
#define FW_MATCH_CONNBYTES "connbytes"
#define FW_CONNBYTES_CONNBYTES "connbytes" /**< [!] FROM[:TO]: The range of counts. */
#define FW_CONNBYTES_DIR "connbytes-dir" /**< NAME: Whose packets are counted. */
#define FW_CONNBYTES_DIR_ORIGINAL "original"
#define FW_CONNBYTES_DIR_REPLY "reply"
#define FW_CONNBYTES_DIR_BOTH "both"
#define FW_CONNBYTES_MODE "connbytes-mode" /**< NAME: What is compared: packets, bytes, or bytes per packet. */
#define FW_CONNBYTES_MODE_PACKETS "packets"
#define FW_CONNBYTES_MODE_BYTES "bytes"
#define FW_CONNBYTES_MODE_AVGPKT "avgpkt"

/* The match connlabel: Matches packets whose connection has a label, and sets labels. */
#define FW_MATCH_CONNLABEL "connlabel"
#define FW_CONNLABEL_LABEL "label" /**< [!] LABEL: The label. */
#define FW_CONNLABEL_SET "set" /**< Give the label to the connection first; the match fails only where that is not possible. */

/* The match connlimit: Matches by the number of connections that an address has, or a network of addresses. */
#define FW_MATCH_CONNLIMIT "connlimit"
#define FW_CONNLIMIT_UPTO "connlimit-upto" /**< [!] NUMBER: At most so many connections. */
#define FW_CONNLIMIT_ABOVE "connlimit-above" /**< [!] NUMBER: More than so many connections; the same as `! --connlimit-upto`. */
#define FW_CONNLIMIT_MASK "connlimit-mask" /**< PREFIX|MASK: The part of the address by which connections are grouped; all of it unless given. */
#define FW_CONNLIMIT_SADDR "connlimit-saddr" /**< Count the connections of the source address, as it does unless the other is asked for. */
#define FW_CONNLIMIT_DADDR "connlimit-daddr" /**< Count the connections of the destination address. */

/* The match connmark: Matches packets by the mark of their connection, which the target CONNMARK sets. */
#define FW_MATCH_CONNMARK "connmark"
#define FW_CONNMARK_MARK "mark" /**< [!] VALUE[/MASK]: The mark; with a mask, only these bits are compared. */

/* The match conntrack: Matches packets by what is known of their connection. */
#define FW_MATCH_CONNTRACK "conntrack"
#define FW_CONNTRACK_STATE "ctstate" /**< [!] STATE[,...]: The state of the connection. */
#define FW_CONNTRACK_STATE_INVALID (UINT64_C(1) << 0)
#define FW_CONNTRACK_STATE_NEW (UINT64_C(1) << 1)
#define FW_CONNTRACK_STATE_RELATED (UINT64_C(1) << 2)
#define FW_CONNTRACK_STATE_ESTABLISHED (UINT64_C(1) << 3)
#define FW_CONNTRACK_STATE_UNTRACKED (UINT64_C(1) << 4)
#define FW_CONNTRACK_STATE_SNAT (UINT64_C(1) << 5)
#define FW_CONNTRACK_STATE_DNAT (UINT64_C(1) << 6)
#define FW_CONNTRACK_PROTO "ctproto" /**< [!] PROTOCOL: The protocol of the connection. */
#define FW_CONNTRACK_ORIG_SRC "ctorigsrc" /**< [!] ADDRESS[/MASK]: The source address of the first packet. */
#define FW_CONNTRACK_ORIG_DST "ctorigdst" /**< [!] ADDRESS[/MASK]: The destination address of the first packet. */
#define FW_CONNTRACK_REPL_SRC "ctreplsrc" /**< [!] ADDRESS[/MASK]: The source address of replies. */
#define FW_CONNTRACK_REPL_DST "ctrepldst" /**< [!] ADDRESS[/MASK]: The destination address of replies. */
#define FW_CONNTRACK_ORIG_SRC_PORT "ctorigsrcport" /**< [!] PORT[:PORT]: The source port of the first packet. */
#define FW_CONNTRACK_ORIG_DST_PORT "ctorigdstport" /**< [!] PORT[:PORT]: The destination port of the first packet. */
#define FW_CONNTRACK_REPL_SRC_PORT "ctreplsrcport" /**< [!] PORT[:PORT]: The source port of replies. */
#define FW_CONNTRACK_REPL_DST_PORT "ctrepldstport" /**< [!] PORT[:PORT]: The destination port of replies. */
#define FW_CONNTRACK_STATUS "ctstatus" /**< [!] STATUS[,...]: What has happened to the connection. */
#define FW_CONNTRACK_STATUS_EXPECTED (UINT64_C(1) << 0)
#define FW_CONNTRACK_STATUS_SEEN_REPLY (UINT64_C(1) << 1)
#define FW_CONNTRACK_STATUS_ASSURED (UINT64_C(1) << 2)
#define FW_CONNTRACK_STATUS_CONFIRMED (UINT64_C(1) << 3)
#define FW_CONNTRACK_EXPIRE "ctexpire" /**< [!] MIN[:MAX]: The seconds until the connection is forgotten. */
#define FW_CONNTRACK_DIR "ctdir" /**< ORIGINAL|REPLY: The direction of the packet. */
#define FW_CONNTRACK_DIR_ORIGINAL "ORIGINAL"
#define FW_CONNTRACK_DIR_REPLY "REPLY"

/* The match cpu: Matches packets by the processor that handles them. */
#define FW_MATCH_CPU "cpu"
#define FW_CPU_CPU "cpu" /**< [!] NUMBER: The processor, counted from 0. */

/* The match dccp: Matches DCCP packets by ports, packet type and options. */
#define FW_MATCH_DCCP "dccp"
#define FW_DCCP_SPORT "sport" /**< [!] PORT[:PORT]: The source port, or a range of ports. */
#define FW_DCCP_DPORT "dport" /**< [!] PORT[:PORT]: The destination port, or a range of ports. */
#define FW_DCCP_TYPES "dccp-types" /**< [!] TYPE[,...]: The packet is of one of these types. */
#define FW_DCCP_TYPES_REQUEST (UINT64_C(1) << 0)
#define FW_DCCP_TYPES_RESPONSE (UINT64_C(1) << 1)
#define FW_DCCP_TYPES_DATA (UINT64_C(1) << 2)
#define FW_DCCP_TYPES_ACK (UINT64_C(1) << 3)
#define FW_DCCP_TYPES_DATAACK (UINT64_C(1) << 4)
#define FW_DCCP_TYPES_CLOSEREQ (UINT64_C(1) << 5)
#define FW_DCCP_TYPES_CLOSE (UINT64_C(1) << 6)
#define FW_DCCP_TYPES_RESET (UINT64_C(1) << 7)
#define FW_DCCP_TYPES_SYNC (UINT64_C(1) << 8)
#define FW_DCCP_TYPES_SYNCACK (UINT64_C(1) << 9)
#define FW_DCCP_TYPES_INVALID (UINT64_C(1) << 10)
#define FW_DCCP_OPTION "dccp-option" /**< [!] NUMBER: The packet has the option of this number. */

/* The match devgroup: Matches packets by the groups of the network devices they come in and go out by. */
#define FW_MATCH_DEVGROUP "devgroup"
#define FW_DEVGROUP_SRC_GROUP "src-group" /**< [!] VALUE[/MASK]|NAME: The group of the incoming device; with a mask, only these bits are compared. */
#define FW_DEVGROUP_DST_GROUP "dst-group" /**< [!] VALUE[/MASK]|NAME: The group of the outgoing device; with a mask, only these bits are compared. */

/* The match dscp: Matches packets by their codepoint of differentiated services, the upper six bits of the type of service or traffic class. */
#define FW_MATCH_DSCP "dscp"
#define FW_DSCP_DSCP "dscp" /**< [!] CODEPOINT: The codepoint. */
#define FW_DSCP_CLASS "dscp-class" /**< [!] CLASS: The codepoint by the name of its class. */
#define FW_DSCP_CLASS_CS0 "CS0"
#define FW_DSCP_CLASS_CS1 "CS1"
#define FW_DSCP_CLASS_CS2 "CS2"
#define FW_DSCP_CLASS_CS3 "CS3"
#define FW_DSCP_CLASS_CS4 "CS4"
#define FW_DSCP_CLASS_CS5 "CS5"
#define FW_DSCP_CLASS_CS6 "CS6"
#define FW_DSCP_CLASS_CS7 "CS7"
#define FW_DSCP_CLASS_BE "BE"
#define FW_DSCP_CLASS_AF11 "AF11"
#define FW_DSCP_CLASS_AF12 "AF12"
#define FW_DSCP_CLASS_AF13 "AF13"
#define FW_DSCP_CLASS_AF21 "AF21"
#define FW_DSCP_CLASS_AF22 "AF22"
#define FW_DSCP_CLASS_AF23 "AF23"
#define FW_DSCP_CLASS_AF31 "AF31"
#define FW_DSCP_CLASS_AF32 "AF32"
#define FW_DSCP_CLASS_AF33 "AF33"
#define FW_DSCP_CLASS_AF41 "AF41"
#define FW_DSCP_CLASS_AF42 "AF42"
#define FW_DSCP_CLASS_AF43 "AF43"
#define FW_DSCP_CLASS_EF "EF"

/* The match dst: Matches packets with a header of options for the destination. */
#define FW_MATCH_DST "dst"
#define FW_DST_LEN "dst-len" /**< [!] NUMBER: The length of the header in bytes. */
#define FW_DST_OPTS "dst-opts" /**< TYPE[:LENGTH][,...]: The options that the header must have, in this order. */

/* The match ecn: Matches packets by the bits of explicit congestion notification in the IP and TCP headers. */
#define FW_MATCH_ECN "ecn"
#define FW_ECN_TCP_ECE "ecn-tcp-ece" /**< [!] The TCP header has the bit ECE, ECN-Echo: the receiver got a packet with `Ce`. Only for TCP. */
#define FW_ECN_TCP_CWR "ecn-tcp-cwr" /**< [!] The TCP header has the bit CWR, congestion window reduced. Only for TCP. */
#define FW_ECN_IP_ECT "ecn-ip-ect" /**< [!] 0..3: The codepoint in the IP header. */
#define FW_ECN_IP_ECT_0 "0"
#define FW_ECN_IP_ECT_1 "1"
#define FW_ECN_IP_ECT_2 "2"
#define FW_ECN_IP_ECT_3 "3"

/* The match esp: Matches ESP packets, encrypted by IPsec, by their security parameter index. */
#define FW_MATCH_ESP "esp"
#define FW_ESP_ESPSPI "espspi" /**< [!] MIN[:MAX]: The index, or a range of them. */

/* The match eui64: Matches packets whose IPv6 source address ends in the EUI-64 identifier made from their MAC source address. */
#define FW_MATCH_EUI64 "eui64"

/* The match frag: Matches fragments. */
#define FW_MATCH_FRAG "frag"
#define FW_FRAG_FRAGID "fragid" /**< [!] MIN[:MAX]: The identification of the fragmented packet, or a range. */
#define FW_FRAG_FRAGLEN "fraglen" /**< [!] NUMBER: The length of the header in bytes. Kernels since 2.6.30 do not compare it: it is always 8. */
#define FW_FRAG_FRAGRES "fragres" /**< The reserved bits are not zero. */
#define FW_FRAG_FRAGFIRST "fragfirst" /**< The first fragment. */
#define FW_FRAG_FRAGMORE "fragmore" /**< Not the last fragment. */
#define FW_FRAG_FRAGLAST "fraglast" /**< The last fragment. */

/* The match hashlimit: Matches at a rate that is limited for each address or port on its own. */
#define FW_MATCH_HASHLIMIT "hashlimit"
#define FW_HASHLIMIT_UPTO "hashlimit-upto" /**< [!] COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s: Match while the rate is not above this. */
#define FW_HASHLIMIT_ABOVE "hashlimit-above" /**< [!] COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s: Match while the rate is above this. */
#define FW_HASHLIMIT_BURST "hashlimit-burst" /**< PACKETS|BYTES[kb|mb]: How much may come before the rate applies; 5 packets unless given. */
#define FW_HASHLIMIT_MODE "hashlimit-mode" /**< MODE[,...]: What packets must have in common to share a bucket; by default they all share one. */
#define FW_HASHLIMIT_MODE_SRCIP (UINT64_C(1) << 0)
#define FW_HASHLIMIT_MODE_SRCPORT (UINT64_C(1) << 1)
#define FW_HASHLIMIT_MODE_DSTIP (UINT64_C(1) << 2)
#define FW_HASHLIMIT_MODE_DSTPORT (UINT64_C(1) << 3)
#define FW_HASHLIMIT_NAME "hashlimit-name" /**< TEXT: The name of the table of buckets, in `/proc/net/ipt_hashlimit`. */
#define FW_HASHLIMIT_HTABLE_SIZE "hashlimit-htable-size" /**< NUMBER: How many lists the table has; the kernel chooses unless it is given. */
#define FW_HASHLIMIT_HTABLE_MAX "hashlimit-htable-max" /**< NUMBER: How many buckets the table may have. */
#define FW_HASHLIMIT_HTABLE_GCINTERVAL "hashlimit-htable-gcinterval" /**< NUMBER: How often unused buckets are looked for, in milliseconds. */
#define FW_HASHLIMIT_HTABLE_EXPIRE "hashlimit-htable-expire" /**< NUMBER: After how many milliseconds an unused bucket is forgotten. */
#define FW_HASHLIMIT_SRCMASK "hashlimit-srcmask" /**< LENGTH|MASK: The length of the prefix of source addresses that counts. */
#define FW_HASHLIMIT_DSTMASK "hashlimit-dstmask" /**< LENGTH|MASK: The length of the prefix of destination addresses that counts. */
#define FW_HASHLIMIT_RATE_MATCH "hashlimit-rate-match" /**< Compare the rate itself instead of keeping tokens. */
#define FW_HASHLIMIT_RATE_INTERVAL "hashlimit-rate-interval" /**< SECONDS: Over how many seconds the rate is measured. */

/* The match hbh: Matches packets with a header of options for every hop. */
#define FW_MATCH_HBH "hbh"
#define FW_HBH_LEN "hbh-len" /**< [!] NUMBER: The length of the header in bytes. */
#define FW_HBH_OPTS "hbh-opts" /**< TYPE[:LENGTH][,...]: The options that the header must have, in this order. */

/* The match helper: Matches packets of connections that a conntrack helper expects or has taken. */
#define FW_MATCH_HELPER "helper"
#define FW_HELPER_HELPER "helper" /**< [!] TEXT: The name of the helper, such as `ftp`, or with a port of its own `ftp-2121`. The empty name is any helper. */

/* The match hl: Matches packets by their hop limit, the number of times they may still be forwarded. */
#define FW_MATCH_HL "hl"
#define FW_HL_LT "hl-lt" /**< NUMBER: The hop limit is less than this. */
#define FW_HL_GT "hl-gt" /**< NUMBER: The hop limit is greater than this. */
#define FW_HL_EQ "hl-eq" /**< [!] NUMBER: The hop limit is this. */

/* The match icmp6: Matches ICMPv6 packets by type and code. */
#define FW_MATCH_ICMP6 "icmp6"
#define FW_ICMP6_TYPE "icmpv6-type" /**< [!] NAME|TYPE[/CODE[:CODE]]: The type: a name as listed by `-p ipv6-icmp -h`, or `TYPE[/CODE]` in numbers; of codes also a range, `TYPE/CODE:CODE`. */
#define FW_ICMP6_TYPE_DESTINATION_UNREACHABLE "destination-unreachable"
#define FW_ICMP6_TYPE_NO_ROUTE "no-route"
#define FW_ICMP6_TYPE_COMMUNICATION_PROHIBITED "communication-prohibited"
#define FW_ICMP6_TYPE_BEYOND_SCOPE "beyond-scope"
#define FW_ICMP6_TYPE_ADDRESS_UNREACHABLE "address-unreachable"
#define FW_ICMP6_TYPE_PORT_UNREACHABLE "port-unreachable"
#define FW_ICMP6_TYPE_FAILED_POLICY "failed-policy"
#define FW_ICMP6_TYPE_REJECT_ROUTE "reject-route"
#define FW_ICMP6_TYPE_PACKET_TOO_BIG "packet-too-big"
#define FW_ICMP6_TYPE_TIME_EXCEEDED "time-exceeded"
#define FW_ICMP6_TYPE_TTL_ZERO_DURING_TRANSIT "ttl-zero-during-transit"
#define FW_ICMP6_TYPE_TTL_ZERO_DURING_REASSEMBLY "ttl-zero-during-reassembly"
#define FW_ICMP6_TYPE_PARAMETER_PROBLEM "parameter-problem"
#define FW_ICMP6_TYPE_BAD_HEADER "bad-header"
#define FW_ICMP6_TYPE_UNKNOWN_HEADER_TYPE "unknown-header-type"
#define FW_ICMP6_TYPE_UNKNOWN_OPTION "unknown-option"
#define FW_ICMP6_TYPE_ECHO_REQUEST "echo-request"
#define FW_ICMP6_TYPE_ECHO_REPLY "echo-reply"
#define FW_ICMP6_TYPE_MLD_LISTENER_QUERY "mld-listener-query"
#define FW_ICMP6_TYPE_MLD_LISTENER_REPORT "mld-listener-report"
#define FW_ICMP6_TYPE_MLD_LISTENER_DONE "mld-listener-done"
#define FW_ICMP6_TYPE_ROUTER_SOLICITATION "router-solicitation"
#define FW_ICMP6_TYPE_ROUTER_ADVERTISEMENT "router-advertisement"
#define FW_ICMP6_TYPE_NEIGHBOUR_SOLICITATION "neighbour-solicitation"
#define FW_ICMP6_TYPE_NEIGHBOUR_ADVERTISEMENT "neighbour-advertisement"
#define FW_ICMP6_TYPE_REDIRECT "redirect"

/* The match icmp: Matches ICMP packets by type and code. */
#define FW_MATCH_ICMP "icmp"
#define FW_ICMP_TYPE "icmp-type" /**< [!] NAME|TYPE[/CODE[:CODE]]: The type: a name as listed by `-p icmp -h`, or `TYPE[/CODE]` in numbers; of codes also a range, `TYPE/CODE:CODE`. */
#define FW_ICMP_TYPE_ANY "any"
#define FW_ICMP_TYPE_ECHO_REPLY "echo-reply"
#define FW_ICMP_TYPE_DESTINATION_UNREACHABLE "destination-unreachable"
#define FW_ICMP_TYPE_NETWORK_UNREACHABLE "network-unreachable"
#define FW_ICMP_TYPE_HOST_UNREACHABLE "host-unreachable"
#define FW_ICMP_TYPE_PROTOCOL_UNREACHABLE "protocol-unreachable"
#define FW_ICMP_TYPE_PORT_UNREACHABLE "port-unreachable"
#define FW_ICMP_TYPE_FRAGMENTATION_NEEDED "fragmentation-needed"
#define FW_ICMP_TYPE_SOURCE_ROUTE_FAILED "source-route-failed"
#define FW_ICMP_TYPE_NETWORK_UNKNOWN "network-unknown"
#define FW_ICMP_TYPE_HOST_UNKNOWN "host-unknown"
#define FW_ICMP_TYPE_NETWORK_PROHIBITED "network-prohibited"
#define FW_ICMP_TYPE_HOST_PROHIBITED "host-prohibited"
#define FW_ICMP_TYPE_TOS_NETWORK_UNREACHABLE "TOS-network-unreachable"
#define FW_ICMP_TYPE_TOS_HOST_UNREACHABLE "TOS-host-unreachable"
#define FW_ICMP_TYPE_COMMUNICATION_PROHIBITED "communication-prohibited"
#define FW_ICMP_TYPE_HOST_PRECEDENCE_VIOLATION "host-precedence-violation"
#define FW_ICMP_TYPE_PRECEDENCE_CUTOFF "precedence-cutoff"
#define FW_ICMP_TYPE_SOURCE_QUENCH "source-quench"
#define FW_ICMP_TYPE_REDIRECT "redirect"
#define FW_ICMP_TYPE_NETWORK_REDIRECT "network-redirect"
#define FW_ICMP_TYPE_HOST_REDIRECT "host-redirect"
#define FW_ICMP_TYPE_TOS_NETWORK_REDIRECT "TOS-network-redirect"
#define FW_ICMP_TYPE_TOS_HOST_REDIRECT "TOS-host-redirect"
#define FW_ICMP_TYPE_ECHO_REQUEST "echo-request"
#define FW_ICMP_TYPE_ROUTER_ADVERTISEMENT "router-advertisement"
#define FW_ICMP_TYPE_ROUTER_SOLICITATION "router-solicitation"
#define FW_ICMP_TYPE_TIME_EXCEEDED "time-exceeded"
#define FW_ICMP_TYPE_TTL_ZERO_DURING_TRANSIT "ttl-zero-during-transit"
#define FW_ICMP_TYPE_TTL_ZERO_DURING_REASSEMBLY "ttl-zero-during-reassembly"
#define FW_ICMP_TYPE_PARAMETER_PROBLEM "parameter-problem"
#define FW_ICMP_TYPE_IP_HEADER_BAD "ip-header-bad"
#define FW_ICMP_TYPE_REQUIRED_OPTION_MISSING "required-option-missing"
#define FW_ICMP_TYPE_TIMESTAMP_REQUEST "timestamp-request"
#define FW_ICMP_TYPE_TIMESTAMP_REPLY "timestamp-reply"
#define FW_ICMP_TYPE_ADDRESS_MASK_REQUEST "address-mask-request"
#define FW_ICMP_TYPE_ADDRESS_MASK_REPLY "address-mask-reply"

/* The match ipcomp: Matches packets of the IP payload compression protocol by their compression parameter index. */
#define FW_MATCH_IPCOMP "ipcomp"
#define FW_IPCOMP_SPI "ipcompspi" /**< [!] MIN[:MAX]: The index, or a range of them. */
#define FW_IPCOMP_COMPRES "compres" /**< The reserved field of the header is zero. */

/* The match iprange: Matches packets by addresses in a range, which need not be a network. */
#define FW_MATCH_IPRANGE "iprange"
#define FW_IPRANGE_SRC_RANGE "src-range" /**< [!] FIRST[-LAST]: The range of the source address. One that runs backwards never matches. */
#define FW_IPRANGE_DST_RANGE "dst-range" /**< [!] FIRST[-LAST]: The range of the destination address. One that runs backwards never matches. */

/* The match ipv6header: Matches packets by the extension headers they have. */
#define FW_MATCH_IPV6HEADER "ipv6header"
#define FW_IPV6HEADER_HEADER "header" /**< [!] HEADER[,...]: The headers a packet must have, and no others. */
#define FW_IPV6HEADER_HEADER_HOP_BY_HOP (UINT64_C(1) << 0)
#define FW_IPV6HEADER_HEADER_IPV6_OPTS (UINT64_C(1) << 1)
#define FW_IPV6HEADER_HEADER_IPV6_ROUTE (UINT64_C(1) << 2)
#define FW_IPV6HEADER_HEADER_IPV6_FRAG (UINT64_C(1) << 3)
#define FW_IPV6HEADER_HEADER_AH (UINT64_C(1) << 4)
#define FW_IPV6HEADER_HEADER_ESP (UINT64_C(1) << 5)
#define FW_IPV6HEADER_HEADER_IPV6_NONXT (UINT64_C(1) << 6)
#define FW_IPV6HEADER_HEADER_PROTOCOL (UINT64_C(1) << 7)
#define FW_IPV6HEADER_SOFT "soft" /**< The packet may have other headers too. */

/* The match ipvs: Matches packets of connections that the load balancer IPVS forwards. */
#define FW_MATCH_IPVS "ipvs"
#define FW_IPVS_IPVS "ipvs" /**< [!] The packet belongs to such a connection. Every other option implies it. */
#define FW_IPVS_VPROTO "vproto" /**< [!] PROTOCOL: The protocol of the virtual service. */
#define FW_IPVS_VADDR "vaddr" /**< [!] ADDRESS[/MASK]: The address of the virtual service. */
#define FW_IPVS_VPORT "vport" /**< [!] PORT: The port of the virtual service. */
#define FW_IPVS_VDIR "vdir" /**< DIRECTION: The direction of the packet. */
#define FW_IPVS_VDIR_ORIGINAL "ORIGINAL"
#define FW_IPVS_VDIR_REPLY "REPLY"
#define FW_IPVS_VMETHOD "vmethod" /**< [!] METHOD: How the packet is forwarded. */
#define FW_IPVS_VMETHOD_GATE "GATE"
#define FW_IPVS_VMETHOD_IPIP "IPIP"
#define FW_IPVS_VMETHOD_MASQ "MASQ"
#define FW_IPVS_VPORTCTL "vportctl" /**< [!] PORT: The port of the connection that controls this one, such as 21 for FTP. */

/* The match l2tp: Matches packets of L2TP tunnels. The kernel has it, iptables does not. */
#define FW_MATCH_L2TP "l2tp"
#define FW_L2TP_TID "tid" /**< NUMBER: The tunnel; in version 2 a number of 16 bits. */
#define FW_L2TP_SID "sid" /**< NUMBER: The session; in version 2 a number of 16 bits. */
#define FW_L2TP_VERSION "pversion" /**< NUMBER: The version of the protocol, 2 or 3. */
#define FW_L2TP_KIND "type" /**< TYPE: What the packet is for. */
#define FW_L2TP_KIND_CONTROL "control"
#define FW_L2TP_KIND_DATA "data"

/* The match length: Matches packets by their length: for IPv4 that of the whole packet, for IPv6 that of what follows the header. */
#define FW_MATCH_LENGTH "length"
#define FW_LENGTH_LENGTH "length" /**< [!] MIN[:MAX]: The length in bytes, or a range of lengths. */

/* The match limit: Matches at a limited rate. */
#define FW_MATCH_LIMIT "limit"
#define FW_LIMIT_RATE "limit" /**< COUNT[/second|/minute|/hour|/day]: The rate at which the bucket is refilled. */
#define FW_LIMIT_BURST "limit-burst" /**< NUMBER: The number of packets that match before the rate applies. */

/* The match mac: Matches the source hardware address of packets that come in over Ethernet. */
#define FW_MATCH_MAC "mac"
#define FW_MAC_SOURCE "mac-source" /**< [!] XX:XX:XX:XX:XX:XX: The address. */

/* The match mark: Matches packets by their mark, which the target MARK sets. */
#define FW_MATCH_MARK "mark"
#define FW_MARK_MARK "mark" /**< [!] VALUE[/MASK]: The mark; with a mask, only these bits are compared. */

/* The match mh: Matches packets of Mobile IPv6 by the type of their mobility header. */
#define FW_MATCH_MH "mh"
#define FW_MH_TYPE "mh-type" /**< [!] TYPE[:TYPE]: The type of message, or a range of types. */
#define FW_MH_TYPE_BINDING_REFRESH_REQUEST "binding-refresh-request"
#define FW_MH_TYPE_HOME_TEST_INIT "home-test-init"
#define FW_MH_TYPE_CAREOF_TEST_INIT "careof-test-init"
#define FW_MH_TYPE_HOME_TEST "home-test"
#define FW_MH_TYPE_CAREOF_TEST "careof-test"
#define FW_MH_TYPE_BINDING_UPDATE "binding-update"
#define FW_MH_TYPE_BINDING_ACKNOWLEDGEMENT "binding-acknowledgement"
#define FW_MH_TYPE_BINDING_ERROR "binding-error"

/* The match multiport: Matches packets by a set of up to 15 ports, where a range counts as two. */
#define FW_MATCH_MULTIPORT "multiport"
#define FW_MULTIPORT_SPORTS "sports" /**< [!] PORT[:PORT][,...]: The source ports. */
#define FW_MULTIPORT_DPORTS "dports" /**< [!] PORT[:PORT][,...]: The destination ports. */
#define FW_MULTIPORT_PORTS "ports" /**< [!] PORT[:PORT][,...]: The ports of which either must be one. */

/* The match nfacct: Counts packets and bytes in an accounting object, and matches always. */
#define FW_MATCH_NFACCT "nfacct"
#define FW_NFACCT_NAME "nfacct-name" /**< TEXT: The object, which must exist before the rule. */

/* The match osf: Matches the first packet of TCP connections by the operating system that it seems to come from. */
#define FW_MATCH_OSF "osf"
#define FW_OSF_GENRE "genre" /**< [!] TEXT: The name of the system in the fingerprints, such as `Linux`; `unknown` where none fits. */
#define FW_OSF_TTL "ttl" /**< 0|1|2: How the TTL is compared. */
#define FW_OSF_TTL_0 "0"
#define FW_OSF_TTL_1 "1"
#define FW_OSF_TTL_2 "2"
#define FW_OSF_LOG "log" /**< 0|1|2: What is logged. */
#define FW_OSF_LOG_0 "0"
#define FW_OSF_LOG_1 "1"
#define FW_OSF_LOG_2 "2"

/* The match owner: Matches packets of this host by who owns their socket. */
#define FW_MATCH_OWNER "owner"
#define FW_OWNER_SOCKET_EXISTS "socket-exists" /**< [!] Whether the packet has a socket at all. */
#define FW_OWNER_UID_OWNER "uid-owner" /**< [!] USER|UID[-UID]: The user, or a range of user numbers. */
#define FW_OWNER_GID_OWNER "gid-owner" /**< [!] GROUP|GID[-GID]: The group, or a range of group numbers. */
#define FW_OWNER_SUPPL_GROUPS "suppl-groups" /**< The owner's supplementary groups count too. */

/* The match physdev: Matches packets by the ports of a bridge that they come in and go out by. */
#define FW_MATCH_PHYSDEV "physdev"
#define FW_PHYSDEV_IS_IN "physdev-is-in" /**< [!] Whether the packet came in by a port of a bridge. */
#define FW_PHYSDEV_IN "physdev-in" /**< [!] NAME[+]: The port the packet came in by. */
#define FW_PHYSDEV_IS_OUT "physdev-is-out" /**< [!] Whether the packet will go out by a port of a bridge. */
#define FW_PHYSDEV_OUT "physdev-out" /**< [!] NAME[+]: The port the packet will go out by. */
#define FW_PHYSDEV_IS_BRIDGED "physdev-is-bridged" /**< [!] Whether the packet is bridged rather than routed. */

/* The match pkttype: Matches packets by the kind of their link-layer destination. */
#define FW_MATCH_PKTTYPE "pkttype"
#define FW_PKTTYPE_PKT_TYPE "pkt-type" /**< [!] TYPE: To whom the packet was addressed; `host`, `bcast` and `mcast` are other words for the first three. */
#define FW_PKTTYPE_PKT_TYPE_UNICAST "unicast"
#define FW_PKTTYPE_PKT_TYPE_BROADCAST "broadcast"
#define FW_PKTTYPE_PKT_TYPE_MULTICAST "multicast"
#define FW_PKTTYPE_PKT_TYPE_OTHERHOST "otherhost"

/* The match policy: Matches packets by the IPsec policy that applies to them. */
#define FW_MATCH_POLICY "policy"
#define FW_POLICY_DIR "dir" /**< in|out: Which policy is meant. */
#define FW_POLICY_DIR_IN "in"
#define FW_POLICY_DIR_OUT "out"
#define FW_POLICY_POL "pol" /**< none|ipsec: Whether IPsec applies; `ipsec` unless given. */
#define FW_POLICY_POL_IPSEC "ipsec"
#define FW_POLICY_POL_NONE "none"
#define FW_POLICY_STRICT "strict" /**< The policy must have exactly these elements; otherwise the one given must be among them. */
#define FW_POLICY_REQID "reqid" /**< [!] NUMBER: The request id of the element. */
#define FW_POLICY_SPI "spi" /**< [!] NUMBER: The security parameter index of the element. */
#define FW_POLICY_PROTO "proto" /**< [!] PROTOCOL: The protocol of the element: AH, ESP or IPComp. */
#define FW_POLICY_PROTO_AH "ah"
#define FW_POLICY_PROTO_ESP "esp"
#define FW_POLICY_PROTO_IPCOMP "ipcomp"
#define FW_POLICY_MODE "mode" /**< [!] transport|tunnel: The mode of the element. */
#define FW_POLICY_MODE_TRANSPORT "transport"
#define FW_POLICY_MODE_TUNNEL "tunnel"
#define FW_POLICY_TUNNEL_DST "tunnel-dst" /**< [!] ADDRESS[/MASK]: The destination of the element's tunnel. */
#define FW_POLICY_TUNNEL_SRC "tunnel-src" /**< [!] ADDRESS[/MASK]: The source of the element's tunnel. */
#define FW_POLICY_NEXT "next" /**< Begins the next element. */

/* The match quota: Matches until so many bytes have passed. */
#define FW_MATCH_QUOTA "quota"
#define FW_QUOTA_QUOTA "quota" /**< [!] NUMBER: The number of bytes. Inverted, the match applies once they have passed. */

/* The match rateest: Matches by the rate that a target RATEEST has estimated: one rate against a number, or two rates against one another. */
#define FW_MATCH_RATEEST "rateest"
#define FW_RATEEST_DELTA "rateest-delta" /**< Compare by how much a rate lies above its `bps1` or `bps2`, `pps1` or `pps2`, instead of the rate itself. */
#define FW_RATEEST_RATEEST "rateest" /**< TEXT: The estimator whose rate is compared with a number. */
#define FW_RATEEST_RATEEST1 "rateest1" /**< TEXT: The first of two estimators. */
#define FW_RATEEST_BPS1 "rateest-bps1" /**< [RATE]: What is taken off the first rate, in bytes; needs `delta`. */
#define FW_RATEEST_PPS1 "rateest-pps1" /**< [NUMBER]: What is taken off the first rate, in packets; needs `delta`. */
#define FW_RATEEST_LT "rateest-lt" /**< [!] The first rate is less. */
#define FW_RATEEST_GT "rateest-gt" /**< [!] The first rate is greater. */
#define FW_RATEEST_EQ "rateest-eq" /**< [!] The rates are equal. */
#define FW_RATEEST_BPS "rateest-bps" /**< [RATE]: Bytes are compared: with this rate, or without one with those of the second estimator. */
#define FW_RATEEST_BPS2 "rateest-bps2" /**< [RATE]: With `delta`, the rate in bytes to compare with, or what is taken off the second rate. */
#define FW_RATEEST_PPS "rateest-pps" /**< [NUMBER]: Packets are compared: with this rate, or without one with those of the second estimator. */
#define FW_RATEEST_PPS2 "rateest-pps2" /**< [NUMBER]: With `delta`, the rate in packets to compare with, or what is taken off the second rate. */
#define FW_RATEEST_RATEEST2 "rateest2" /**< TEXT: The second of two estimators. */

/* The match realm: Matches packets by the realm of their route, a number that the administrator gives to routes. */
#define FW_MATCH_REALM "realm"
#define FW_REALM_REALM "realm" /**< [!] VALUE[/MASK]|NAME: The realm; with a mask, only these bits are compared. */

/* The match recent: Keeps a list of addresses and matches those that were seen lately. */
#define FW_MATCH_RECENT "recent"
#define FW_RECENT_SET "set" /**< [!] Put the address on the list; matches always. */
#define FW_RECENT_RCHECK "rcheck" /**< [!] Match if the address is on the list. */
#define FW_RECENT_UPDATE "update" /**< [!] Match if the address is on the list, and note that it was seen now. */
#define FW_RECENT_REMOVE "remove" /**< [!] Match if the address is on the list, and take it off. */
#define FW_RECENT_SECONDS "seconds" /**< NUMBER: Only if it was seen within so many seconds. */
#define FW_RECENT_REAP "reap" /**< Take off what was not seen within that time. */
#define FW_RECENT_HITCOUNT "hitcount" /**< NUMBER: Only if it was seen at least so often. */
#define FW_RECENT_RTTL "rttl" /**< Only if it was seen with the TTL of this packet. */
#define FW_RECENT_NAME "name" /**< TEXT: The list. */
#define FW_RECENT_MASK "mask" /**< ADDRESS: The bits of the address that count; all of them unless given. */
#define FW_RECENT_RSOURCE "rsource" /**< The source address is meant, as it is unless the other is asked for. */
#define FW_RECENT_RDEST "rdest" /**< The destination address is meant. */

/* The match rpfilter: Matches packets whose answer would leave by the interface they came in by. */
#define FW_MATCH_RPFILTER "rpfilter"
#define FW_RPFILTER_LOOSE "loose" /**< Any interface will do for the answer. */
#define FW_RPFILTER_VALIDMARK "validmark" /**< The packet's mark counts in the look-up of the route. */
#define FW_RPFILTER_ACCEPT_LOCAL "accept-local" /**< Packets that come from the network with an address of this host match too. */
#define FW_RPFILTER_INVERT "invert" /**< Match the packets that fail the test instead. */

/* The match rt: Matches packets with a routing header. */
#define FW_MATCH_RT "rt"
#define FW_RT_TYPE "rt-type" /**< [!] NUMBER: The type of the header: 0 is the source route, 2 that of Mobile IPv6. */
#define FW_RT_SEGSLEFT "rt-segsleft" /**< [!] MIN[:MAX]: How many segments are left, or a range. */
#define FW_RT_LEN "rt-len" /**< [!] NUMBER: The length of the header in bytes. */
#define FW_RT_0_RES "rt-0-res" /**< The reserved field is not zero; type 0 only. */
#define FW_RT_0_ADDRS "rt-0-addrs" /**< ADDRESS[,...]: The addresses of the route, all of them in this order; type 0 only. */
#define FW_RT_0_NOT_STRICT "rt-0-not-strict" /**< The addresses may have others between them. */

/* The match sctp: Matches SCTP packets by ports and chunks. */
#define FW_MATCH_SCTP "sctp"
#define FW_SCTP_SPORT "sport" /**< [!] PORT[:PORT]: The source port, or a range of ports. */
#define FW_SCTP_DPORT "dport" /**< [!] PORT[:PORT]: The destination port, or a range of ports. */
#define FW_SCTP_CHUNK_TYPES "chunk-types" /**< [!] any|all|only CHUNK[:FLAGS][,...]: The chunks that the packet must have. */

/* The match set: Matches packets whose addresses are in an ipset. */
#define FW_MATCH_SET "set"
#define FW_SET_MATCH_SET "match-set" /**< [!] NAME src|dst[,...]: The set, and a side of the packet for each part of its entries. */
#define FW_SET_RETURN_NOMATCH "return-nomatch" /**< Do not match entries that are marked `nomatch`. */
#define FW_SET_UPDATE_COUNTERS "update-counters" /**< [!] With `!`, leave the counters of the entry alone. */
#define FW_SET_UPDATE_SUBCOUNTERS "update-subcounters" /**< [!] With `!`, leave the counters of entries in sets of a list alone. */
#define FW_SET_PACKETS_EQ "packets-eq" /**< [!] NUMBER: The entry has seen so many packets. */
#define FW_SET_PACKETS_LT "packets-lt" /**< NUMBER: The entry has seen fewer packets. */
#define FW_SET_PACKETS_GT "packets-gt" /**< NUMBER: The entry has seen more packets. */
#define FW_SET_BYTES_EQ "bytes-eq" /**< [!] NUMBER: The entry has seen so many bytes. */
#define FW_SET_BYTES_LT "bytes-lt" /**< NUMBER: The entry has seen fewer bytes. */
#define FW_SET_BYTES_GT "bytes-gt" /**< NUMBER: The entry has seen more bytes. */

/* The match socket: Matches packets for which this host has an open socket. */
#define FW_MATCH_SOCKET "socket"
#define FW_SOCKET_TRANSPARENT "transparent" /**< Only sockets that are transparent: whose address need not be one of the host's. */
#define FW_SOCKET_NOWILDCARD "nowildcard" /**< Also sockets that are bound to any address. */
#define FW_SOCKET_RESTORE_SKMARK "restore-skmark" /**< Set the packet's mark to that of the socket, before the next match. */

/* The match srh: Matches packets with a segment routing header, a route of segments through an IPv6 network. */
#define FW_MATCH_SRH "srh"
#define FW_SRH_NEXT_HDR "srh-next-hdr" /**< [!] NUMBER: The protocol number of the next header. */
#define FW_SRH_HDR_LEN_EQ "srh-hdr-len-eq" /**< [!] NUMBER: The length of the header, in units of 8 bytes without the first 8. */
#define FW_SRH_HDR_LEN_GT "srh-hdr-len-gt" /**< [!] NUMBER: The length of the header is more than this. */
#define FW_SRH_HDR_LEN_LT "srh-hdr-len-lt" /**< [!] NUMBER: The length of the header is less than this. */
#define FW_SRH_SEGS_LEFT_EQ "srh-segs-left-eq" /**< [!] NUMBER: How many segments are left. */
#define FW_SRH_SEGS_LEFT_GT "srh-segs-left-gt" /**< [!] NUMBER: More segments than this are left. */
#define FW_SRH_SEGS_LEFT_LT "srh-segs-left-lt" /**< [!] NUMBER: Fewer segments than this are left. */
#define FW_SRH_LAST_ENTRY_EQ "srh-last-entry-eq" /**< [!] NUMBER: The index of the last entry in the list of segments. */
#define FW_SRH_LAST_ENTRY_GT "srh-last-entry-gt" /**< [!] NUMBER: The index of the last entry is more than this. */
#define FW_SRH_LAST_ENTRY_LT "srh-last-entry-lt" /**< [!] NUMBER: The index of the last entry is less than this. */
#define FW_SRH_TAG "srh-tag" /**< [!] NUMBER: The tag, a number that groups packets. The kernel compares it in the byte order of the machine: on a little-endian one 7 is what a packet carries as 0x0700. */
#define FW_SRH_PSID "srh-psid" /**< [!] ADDRESS[/MASK]: The segment before this one. */
#define FW_SRH_NSID "srh-nsid" /**< [!] ADDRESS[/MASK]: The segment after this one. */
#define FW_SRH_LSID "srh-lsid" /**< [!] ADDRESS[/MASK]: The last segment. */

/* The match state: Matches packets by the state of their connection. */
#define FW_MATCH_STATE "state"
#define FW_STATE_STATE "state" /**< [!] STATE[,...]: The state of the connection. */
#define FW_STATE_STATE_INVALID (UINT64_C(1) << 0)
#define FW_STATE_STATE_NEW (UINT64_C(1) << 1)
#define FW_STATE_STATE_RELATED (UINT64_C(1) << 2)
#define FW_STATE_STATE_ESTABLISHED (UINT64_C(1) << 3)
#define FW_STATE_STATE_UNTRACKED (UINT64_C(1) << 4)
#define FW_STATE_STATE_SNAT (UINT64_C(1) << 5)
#define FW_STATE_STATE_DNAT (UINT64_C(1) << 6)

/* The match statistic: Matches some of the packets: at random, or every nth. */
#define FW_MATCH_STATISTIC "statistic"
#define FW_STATISTIC_MODE "mode" /**< MODE: How packets are picked. */
#define FW_STATISTIC_MODE_RANDOM "random"
#define FW_STATISTIC_MODE_NTH "nth"
#define FW_STATISTIC_PROBABILITY "probability" /**< [!] 0.0-1.0: The probability that a packet matches; mode `random`. */
#define FW_STATISTIC_EVERY "every" /**< [!] NUMBER: One packet of how many matches; mode `nth`. */
#define FW_STATISTIC_PACKET "packet" /**< NUMBER: Which of each `every` packets matches, counted from 0; mode `nth`. */

/* The match string: Matches packets that contain a string of bytes. */
#define FW_MATCH_STRING "string"
#define FW_STRING_STRING "string" /**< [!] TEXT: The bytes to look for. */
#define FW_STRING_ALGO "algo" /**< TEXT: How to search: `bm` (Boyer-Moore) or `kmp` (Knuth-Morris-Pratt). */
#define FW_STRING_ALGO_BM "bm"
#define FW_STRING_ALGO_KMP "kmp"
#define FW_STRING_FROM "from" /**< NUMBER: The offset from which to look, in bytes from the beginning of the IP header. */
#define FW_STRING_TO "to" /**< NUMBER: The offset at which to stop looking: a match ends before it. */
#define FW_STRING_ICASE "icase" /**< Whether small and capital letters are the same. */
#define FW_STRING_HEX_STRING "hex-string" /**< [!] TEXT|HEX|: The bytes to look for, as text with hexadecimal digits between bars. */

/* The match tcp: Matches TCP packets by ports, flags and options. */
#define FW_MATCH_TCP "tcp"
#define FW_TCP_SPORT "sport" /**< [!] PORT[:PORT]: The source port, or a range of ports. */
#define FW_TCP_DPORT "dport" /**< [!] PORT[:PORT]: The destination port, or a range of ports. */
#define FW_TCP_OPTION "tcp-option" /**< [!] NUMBER: The number of a TCP option that must be there, 1 to 255. */
#define FW_TCP_FLAGS "tcp-flags" /**< [!] MASK SET: The flags to look at, and those of them that must be set. */
#define FW_TCP_FLAGS_FIN (UINT64_C(1) << 0)
#define FW_TCP_FLAGS_SYN (UINT64_C(1) << 1)
#define FW_TCP_FLAGS_RST (UINT64_C(1) << 2)
#define FW_TCP_FLAGS_PSH (UINT64_C(1) << 3)
#define FW_TCP_FLAGS_ACK (UINT64_C(1) << 4)
#define FW_TCP_FLAGS_URG (UINT64_C(1) << 5)
#define FW_TCP_SYN "syn" /**< [!] The first packet of a connection: short for `--tcp-flags FIN,SYN,RST,ACK SYN`. */

/* The match tcpmss: Matches TCP packets by the maximum segment size (MSS) they announce; only packets with SYN announce one. */
#define FW_MATCH_TCPMSS "tcpmss"
#define FW_TCPMSS_MSS "mss" /**< [!] MIN[:MAX]: The MSS in bytes, or a range of it. */

/* The match time: Matches packets that come at some date, at some time of the day or on some days. */
#define FW_MATCH_TIME "time"
#define FW_TIME_TIMESTART "timestart" /**< hh:mm[:ss]: From this time of the day on. */
#define FW_TIME_TIMESTOP "timestop" /**< hh:mm[:ss]: Up to and with this time of the day. If it is before `timestart`, the time from midnight is meant too. */
#define FW_TIME_MONTHDAYS "monthdays" /**< [!] DAY[,...]: On these days of the month. */
#define FW_TIME_WEEKDAYS "weekdays" /**< [!] DAY[,...]: On these days of the week. */
#define FW_TIME_WEEKDAYS_MON (UINT64_C(1) << 0)
#define FW_TIME_WEEKDAYS_TUE (UINT64_C(1) << 1)
#define FW_TIME_WEEKDAYS_WED (UINT64_C(1) << 2)
#define FW_TIME_WEEKDAYS_THU (UINT64_C(1) << 3)
#define FW_TIME_WEEKDAYS_FRI (UINT64_C(1) << 4)
#define FW_TIME_WEEKDAYS_SAT (UINT64_C(1) << 5)
#define FW_TIME_WEEKDAYS_SUN (UINT64_C(1) << 6)
#define FW_TIME_DATESTART "datestart" /**< YYYY[-MM[-DD[Thh[:mm[:ss]]]]]: From this date on. */
#define FW_TIME_DATESTOP "datestop" /**< YYYY[-MM[-DD[Thh[:mm[:ss]]]]]: Up to and with this date. */
#define FW_TIME_KERNELTZ "kerneltz" /**< Use the time zone of the kernel, which knows no daylight saving time, instead of UTC. */
#define FW_TIME_CONTIGUOUS "contiguous" /**< Take a time that passes midnight as one that begins on the days that are given. */
#define FW_TIME_LOCALTZ "localtz" /**< An older name of `kerneltz`. */
#define FW_TIME_UTC "utc" /**< Use UTC, as it is done anyway. */

/* The match tos: Matches packets by the byte that IPv4 calls type of service and IPv6 traffic class. */
#define FW_MATCH_TOS "tos"
#define FW_TOS_TOS "tos" /**< [!] VALUE[/MASK]|NAME: The value; with a mask, only these bits are compared. */
#define FW_TOS_TOS_MINIMIZE_DELAY "Minimize-Delay"
#define FW_TOS_TOS_MAXIMIZE_THROUGHPUT "Maximize-Throughput"
#define FW_TOS_TOS_MAXIMIZE_RELIABILITY "Maximize-Reliability"
#define FW_TOS_TOS_MINIMIZE_COST "Minimize-Cost"
#define FW_TOS_TOS_NORMAL_SERVICE "Normal-Service"

/* The match ttl: Matches packets by their TTL, the number of times they may still be forwarded. */
#define FW_MATCH_TTL "ttl"
#define FW_TTL_LT "ttl-lt" /**< NUMBER: The TTL is less than this. */
#define FW_TTL_GT "ttl-gt" /**< NUMBER: The TTL is greater than this. */
#define FW_TTL_EQ "ttl-eq" /**< [!] NUMBER: The TTL is this. */

/* The match u32: Matches packets by tests on groups of four bytes. */
#define FW_MATCH_U32 "u32"
#define FW_U32_U32 "u32" /**< [!] TESTS: The tests, such as `0>>22&0x3C@0>>24=8` for an ICMP echo request. */

/* The match udp: Matches UDP packets by their ports. */
#define FW_MATCH_UDP "udp"
#define FW_UDP_SPORT "sport" /**< [!] PORT[:PORT]: The source port, or a range of ports. */
#define FW_UDP_DPORT "dport" /**< [!] PORT[:PORT]: The destination port, or a range of ports. */

/* The match udplite: Matches UDP-Lite packets by their ports. The kernel has it, iptables does not. */
#define FW_MATCH_UDPLITE "udplite"
#define FW_UDPLITE_SPORT "sport" /**< [!] PORT[:PORT]: The source port, or a range of ports. */
#define FW_UDPLITE_DPORT "dport" /**< [!] PORT[:PORT]: The destination port, or a range of ports. */

/* The target AUDIT: Writes an audit record about the packet and goes on with the next rule. */
#define FW_TARGET_AUDIT "AUDIT"
#define FW_AUDIT_KIND "type" /**< TYPE: What the record says; what happens to the packet is up to the rules that follow. */
#define FW_AUDIT_KIND_ACCEPT "accept"
#define FW_AUDIT_KIND_DROP "drop"
#define FW_AUDIT_KIND_REJECT "reject"

/* The target CHECKSUM: Completes the checksum of a packet that was left to the network card, for programs that read packets raw. */
#define FW_TARGET_CHECKSUM "CHECKSUM"
#define FW_CHECKSUM_FILL "checksum-fill" /**< Compute the checksum and fill it in. */

/* The target CLASSIFY: Puts the packet into a class of the queueing discipline at its interface, and goes on with the next rule. */
#define FW_TARGET_CLASSIFY "CLASSIFY"
#define FW_CLASSIFY_SET_CLASS "set-class" /**< MAJOR:MINOR: The class. */

/* The target CLUSTERIP: Lets several nodes share an address without a load balancer in front of them. */
#define FW_TARGET_CLUSTERIP "CLUSTERIP"
#define FW_CLUSTERIP_NEW_ADDRESS "new" /**< Make a new cluster address. */
#define FW_CLUSTERIP_HASHMODE "hashmode" /**< MODE: What decides which node a packet belongs to. */
#define FW_CLUSTERIP_HASHMODE_SOURCEIP "sourceip"
#define FW_CLUSTERIP_HASHMODE_SOURCEIP_SOURCEPORT "sourceip-sourceport"
#define FW_CLUSTERIP_HASHMODE_SOURCEIP_SOURCEPORT_DESTPORT "sourceip-sourceport-destport"
#define FW_CLUSTERIP_CLUSTERMAC "clustermac" /**< XX:XX:XX:XX:XX:XX: The hardware address of the cluster, a multicast one. */
#define FW_CLUSTERIP_TOTAL_NODES "total-nodes" /**< NUMBER: The number of nodes, at most 16. */
#define FW_CLUSTERIP_LOCAL_NODE "local-node" /**< NUMBER: The number of this node, counted from 1. */
#define FW_CLUSTERIP_HASH_INIT "hash-init" /**< NUMBER: The seed of the hash. */

/* The target CONNMARK: Sets the mark of the packet's connection, or copies it from the packet or to it. */
#define FW_TARGET_CONNMARK "CONNMARK"
#define FW_CONNMARK_SET_XMARK "set-xmark" /**< VALUE[/MASK]: Clears the bits of the mask in the connection's mark and then inverts those of the value. */
#define FW_CONNMARK_SAVE_MARK "save-mark" /**< Copies the packet's mark to the connection: `ctmark = (ctmark & ~ctmask) ^ (nfmark & nfmask)`. */
#define FW_CONNMARK_RESTORE_MARK "restore-mark" /**< Copies the connection's mark to the packet: `nfmark = (nfmark & ~nfmask) ^ (ctmark & ctmask)`. */
#define FW_CONNMARK_NFMASK "nfmask" /**< NUMBER: The bits of the packet's mark that count; all unless given. */
#define FW_CONNMARK_CTMASK "ctmask" /**< NUMBER: The bits of the connection's mark that count; all unless given. */
#define FW_CONNMARK_LEFT_SHIFT_MARK "left-shift-mark" /**< NUMBER: Shifts the mark that is copied or set by so many bits to the left, at most 31. */
#define FW_CONNMARK_RIGHT_SHIFT_MARK "right-shift-mark" /**< NUMBER: Shifts the mark that is copied or set by so many bits to the right, at most 31. */
#define FW_CONNMARK_SET_MARK "set-mark" /**< VALUE[/MASK]: Sets the bits of the mask to those of the value. */
#define FW_CONNMARK_AND_MARK "and-mark" /**< NUMBER: Keeps only these bits. */
#define FW_CONNMARK_OR_MARK "or-mark" /**< NUMBER: Sets these bits. */
#define FW_CONNMARK_XOR_MARK "xor-mark" /**< NUMBER: Inverts these bits. */
#define FW_CONNMARK_MASK "mask" /**< NUMBER: The bits of both marks that count. */

/* The target CONNSECMARK: Copies the security mark between a packet and its connection, as SELinux uses it. */
#define FW_TARGET_CONNSECMARK "CONNSECMARK"
#define FW_CONNSECMARK_SAVE "save" /**< Copies the packet's mark to a connection that has none. */
#define FW_CONNSECMARK_RESTORE "restore" /**< Copies the connection's mark to a packet that has none. */

/* The target CT: Sets how the connection of a packet is tracked, before it is. */
#define FW_TARGET_CT "CT"
#define FW_CT_NOTRACK "notrack" /**< Do not track the connection. */
#define FW_CT_HELPER "helper" /**< TEXT: Use this helper for the connection. */
#define FW_CT_TIMEOUT "timeout" /**< TEXT: Use the timeouts of this policy, which `nfct` makes. */
#define FW_CT_CTEVENTS "ctevents" /**< EVENT[,...]: Report only these events of the connection. */
#define FW_CT_CTEVENTS_NEW (UINT64_C(1) << 0)
#define FW_CT_CTEVENTS_RELATED (UINT64_C(1) << 1)
#define FW_CT_CTEVENTS_DESTROY (UINT64_C(1) << 2)
#define FW_CT_CTEVENTS_REPLY (UINT64_C(1) << 3)
#define FW_CT_CTEVENTS_ASSURED (UINT64_C(1) << 4)
#define FW_CT_CTEVENTS_PROTOINFO (UINT64_C(1) << 5)
#define FW_CT_CTEVENTS_HELPER (UINT64_C(1) << 6)
#define FW_CT_CTEVENTS_MARK (UINT64_C(1) << 7)
#define FW_CT_CTEVENTS_NATSEQINFO (UINT64_C(1) << 8)
#define FW_CT_CTEVENTS_SECMARK (UINT64_C(1) << 9)
#define FW_CT_EXPEVENTS "expevents" /**< EVENT[,...]: Report only these events of expectations. */
#define FW_CT_EXPEVENTS_NEW (UINT64_C(1) << 0)
#define FW_CT_ZONE_ORIG "zone-orig" /**< NUMBER|mark: The zone of packets in the original direction. */
#define FW_CT_ZONE_REPLY "zone-reply" /**< NUMBER|mark: The zone of packets in the reply direction. */
#define FW_CT_ZONE "zone" /**< NUMBER|mark: The zone of packets in both directions. */

/* The target DNAT: Sends the packet and all others of its connection to another destination. */
#define FW_TARGET_DNAT "DNAT"
#define FW_DNAT_TO_DESTINATION "to-destination" /**< [ADDRESS[-ADDRESS]][:PORT[-PORT]]: The new address and port, or a range of them. */
#define FW_DNAT_RANDOM "random" /**< Pick the port at random. */
#define FW_DNAT_PERSISTENT "persistent" /**< Give the same client the same address each time. */

/* The target DNPT: Translates the prefix of the destination address, without state, as RFC 6296 describes. */
#define FW_TARGET_DNPT "DNPT"
#define FW_DNPT_SRC_PFX "src-pfx" /**< ADDRESS[/MASK]: The prefix that is replaced, of at most 64 bits. */
#define FW_DNPT_DST_PFX "dst-pfx" /**< ADDRESS[/MASK]: The prefix it is replaced with, of at most 64 bits. */

/* The target DSCP: Sets the packet's codepoint of differentiated services, the upper six bits of the type of service or traffic class. */
#define FW_TARGET_DSCP "DSCP"
#define FW_DSCP_SET_DSCP "set-dscp" /**< CODEPOINT: The codepoint. */
#define FW_DSCP_SET_DSCP_CLASS "set-dscp-class" /**< CLASS: The codepoint by the name of its class. */
#define FW_DSCP_SET_DSCP_CLASS_CS0 "CS0"
#define FW_DSCP_SET_DSCP_CLASS_CS1 "CS1"
#define FW_DSCP_SET_DSCP_CLASS_CS2 "CS2"
#define FW_DSCP_SET_DSCP_CLASS_CS3 "CS3"
#define FW_DSCP_SET_DSCP_CLASS_CS4 "CS4"
#define FW_DSCP_SET_DSCP_CLASS_CS5 "CS5"
#define FW_DSCP_SET_DSCP_CLASS_CS6 "CS6"
#define FW_DSCP_SET_DSCP_CLASS_CS7 "CS7"
#define FW_DSCP_SET_DSCP_CLASS_BE "BE"
#define FW_DSCP_SET_DSCP_CLASS_AF11 "AF11"
#define FW_DSCP_SET_DSCP_CLASS_AF12 "AF12"
#define FW_DSCP_SET_DSCP_CLASS_AF13 "AF13"
#define FW_DSCP_SET_DSCP_CLASS_AF21 "AF21"
#define FW_DSCP_SET_DSCP_CLASS_AF22 "AF22"
#define FW_DSCP_SET_DSCP_CLASS_AF23 "AF23"
#define FW_DSCP_SET_DSCP_CLASS_AF31 "AF31"
#define FW_DSCP_SET_DSCP_CLASS_AF32 "AF32"
#define FW_DSCP_SET_DSCP_CLASS_AF33 "AF33"
#define FW_DSCP_SET_DSCP_CLASS_AF41 "AF41"
#define FW_DSCP_SET_DSCP_CLASS_AF42 "AF42"
#define FW_DSCP_SET_DSCP_CLASS_AF43 "AF43"
#define FW_DSCP_SET_DSCP_CLASS_EF "EF"

/* The target ECN: Changes the bits of explicit congestion notification, to work around routers that drop what has them. */
#define FW_TARGET_ECN "ECN"
#define FW_ECN_TCP_REMOVE "ecn-tcp-remove" /**< Clears both bits of the TCP header. Only for TCP. */

/* The target HL: Changes the packet's hop limit, the number of times it may still be forwarded. */
#define FW_TARGET_HL "HL"
#define FW_HL_SET "hl-set" /**< NUMBER: Sets the hop limit to this. */
#define FW_HL_DEC "hl-dec" /**< NUMBER: Lowers the hop limit by this. */
#define FW_HL_INC "hl-inc" /**< NUMBER: Raises the hop limit by this. */

/* The target HMARK: Marks the packet with a number computed from its addresses and ports, so that packets of one flow get one mark. */
#define FW_TARGET_HMARK "HMARK"
#define FW_HMARK_SRC_PREFIX "hmark-src-prefix" /**< LENGTH|MASK: The bits of the source address that are hashed. */
#define FW_HMARK_DST_PREFIX "hmark-dst-prefix" /**< LENGTH|MASK: The bits of the destination address that are hashed. */
#define FW_HMARK_SPORT_MASK "hmark-sport-mask" /**< NUMBER: The bits of the source port that are hashed. */
#define FW_HMARK_DPORT_MASK "hmark-dport-mask" /**< NUMBER: The bits of the destination port that are hashed. */
#define FW_HMARK_SPI_MASK "hmark-spi-mask" /**< NUMBER: The bits of the security parameter index that are hashed, of ESP and AH. */
#define FW_HMARK_SPORT "hmark-sport" /**< NUMBER: Bits that are set in the source port before it is hashed. */
#define FW_HMARK_DPORT "hmark-dport" /**< NUMBER: Bits that are set in the destination port before it is hashed. */
#define FW_HMARK_SPI "hmark-spi" /**< NUMBER: Bits that are set in the security parameter index before it is hashed. */
#define FW_HMARK_PROTO_MASK "hmark-proto-mask" /**< NUMBER: The bits of the protocol that are hashed. */
#define FW_HMARK_RND "hmark-rnd" /**< NUMBER: The seed of the hash. */
#define FW_HMARK_MODULUS "hmark-mod" /**< NUMBER: The mark is the hash modulo this. */
#define FW_HMARK_OFFSET "hmark-offset" /**< NUMBER: This is added to the mark. */
#define FW_HMARK_TUPLE "hmark-tuple" /**< TYPE[,...]: What is hashed, in full; all but `CT` is another way to write the options above. */
#define FW_HMARK_TUPLE_SRC (UINT64_C(1) << 0)
#define FW_HMARK_TUPLE_DST (UINT64_C(1) << 1)
#define FW_HMARK_TUPLE_SPORT (UINT64_C(1) << 2)
#define FW_HMARK_TUPLE_DPORT (UINT64_C(1) << 3)
#define FW_HMARK_TUPLE_SPI (UINT64_C(1) << 4)
#define FW_HMARK_TUPLE_PROTO (UINT64_C(1) << 5)
#define FW_HMARK_TUPLE_CT (UINT64_C(1) << 6)

/* The target IDLETIMER: Starts a timer anew with each packet; programs are told when it runs out, and when packets come again. */
#define FW_TARGET_IDLETIMER "IDLETIMER"
#define FW_IDLETIMER_TIMEOUT "timeout" /**< NUMBER: After how many seconds without packets the timer runs out. */
#define FW_IDLETIMER_LABEL "label" /**< TEXT: The name of the timer. Rules with the same name share it. */
#define FW_IDLETIMER_ALARM "alarm" /**< Let the timer wake the system from sleep. */

/* The target LED: Triggers a lamp of the host and goes on with the next rule. */
#define FW_TARGET_LED "LED"
#define FW_LED_TRIGGER_ID "led-trigger-id" /**< TEXT: The name of the trigger, of at most 16 bytes. The kernel puts `netfilter-` before it. */
#define FW_LED_DELAY "led-delay" /**< MILLISECONDS|inf: How long the lamp stays on. */
#define FW_LED_ALWAYS_BLINK "led-always-blink" /**< Let the lamp blink with each packet even if it is on. */

/* The target LOG: Writes a line about the packet to the kernel's log and goes on with the next rule. */
#define FW_TARGET_LOG "LOG"
#define FW_LOG_PREFIX "log-prefix" /**< TEXT: Text at the beginning of the line, at most 29 bytes. */
#define FW_LOG_LEVEL "log-level" /**< LEVEL: The level of the line; `warning` unless given. */
#define FW_LOG_LEVEL_ALERT "alert"
#define FW_LOG_LEVEL_CRIT "crit"
#define FW_LOG_LEVEL_DEBUG "debug"
#define FW_LOG_LEVEL_EMERG "emerg"
#define FW_LOG_LEVEL_ERROR "error"
#define FW_LOG_LEVEL_INFO "info"
#define FW_LOG_LEVEL_NOTICE "notice"
#define FW_LOG_LEVEL_PANIC "panic"
#define FW_LOG_LEVEL_WARNING "warning"
#define FW_LOG_TCP_SEQUENCE "log-tcp-sequence" /**< Log the TCP sequence number. */
#define FW_LOG_TCP_OPTIONS "log-tcp-options" /**< Log the options of the TCP header. */
#define FW_LOG_IP_OPTIONS "log-ip-options" /**< Log the options of the IP header. */
#define FW_LOG_UID "log-uid" /**< Log the user who made the packet. */
#define FW_LOG_MACDECODE "log-macdecode" /**< Log hardware addresses and protocol. */

/* The target mangle: Writes other addresses into an ARP packet. */
#define FW_TARGET_MANGLE "mangle"
#define FW_MANGLE_IP_S "mangle-ip-s" /**< ADDRESS: The IP address of the sender. */
#define FW_MANGLE_MAC_S "mangle-mac-s" /**< XX:XX:XX:XX:XX:XX: The hardware address of the sender. */
#define FW_MANGLE_IP_D "mangle-ip-d" /**< ADDRESS: The IP address that is looked for. */
#define FW_MANGLE_MAC_D "mangle-mac-d" /**< XX:XX:XX:XX:XX:XX: The hardware address that is looked for. */
#define FW_MANGLE_TARGET "mangle-target" /**< TARGET: What becomes of the packet then. */
#define FW_MANGLE_TARGET_DROP "DROP"
#define FW_MANGLE_TARGET_ACCEPT "ACCEPT"
#define FW_MANGLE_TARGET_CONTINUE "CONTINUE"

/* The target MARK: Sets the packet's mark, for the match `mark`, for routing and for queueing. */
#define FW_TARGET_MARK "MARK"
#define FW_MARK_SET_XMARK "set-xmark" /**< VALUE[/MASK]: Clears the bits of the mask and then inverts those of the value. */
#define FW_MARK_SET_MARK "set-mark" /**< VALUE[/MASK]: Sets the bits of the mask to those of the value. */
#define FW_MARK_AND_MARK "and-mark" /**< NUMBER: Keeps only these bits. */
#define FW_MARK_OR_MARK "or-mark" /**< NUMBER: Sets these bits. */
#define FW_MARK_XOR_MARK "xor-mark" /**< NUMBER: Inverts these bits. */

/* The target MARK: Sets the mark of an ARP packet. Marks are hexadecimal, with `0x` or without. */

/* The target MASQUERADE: Gives the packet the address of the interface it leaves by, for connections whose address changes. */
#define FW_TARGET_MASQUERADE "MASQUERADE"
#define FW_MASQUERADE_TO_PORTS "to-ports" /**< PORT[-PORT]: The new source port, or a range of ports. */
#define FW_MASQUERADE_RANDOM "random" /**< Pick the port at random. */
#define FW_MASQUERADE_RANDOM_FULLY "random-fully" /**< Pick the port entirely at random. */

/* The target NETMAP: Maps addresses onto those of another network, one to one: the destination before routing and in what this host sends, the source elsewhere. */
#define FW_TARGET_NETMAP "NETMAP"
#define FW_NETMAP_TO "to" /**< ADDRESS[/MASK]: The network; where its mask has a bit, the address gets that of the network. */

/* The target NFLOG: Sends the packet to a netlink group, where a program such as `ulogd` logs it, and goes on with the next rule. */
#define FW_TARGET_NFLOG "NFLOG"
#define FW_NFLOG_PREFIX "nflog-prefix" /**< TEXT: Text that the program gets beside the packet, at most 63 bytes. */
#define FW_NFLOG_GROUP "nflog-group" /**< NUMBER: The netlink group. */
#define FW_NFLOG_RANGE "nflog-range" /**< NUMBER: How many bytes of the packet are sent; it has never had an effect, see `size`. */
#define FW_NFLOG_SIZE "nflog-size" /**< NUMBER: How many bytes of the packet are sent; all of them unless given. */
#define FW_NFLOG_THRESHOLD "nflog-threshold" /**< NUMBER: How many packets are gathered before they are sent. */

/* The target NFQUEUE: Lets a program decide about the packet. */
#define FW_TARGET_NFQUEUE "NFQUEUE"
#define FW_NFQUEUE_NUM "queue-num" /**< NUMBER: The number of the queue; 0 unless given. */
#define FW_NFQUEUE_BALANCE "queue-balance" /**< FIRST:LAST: The queues among which connections are spread. */
#define FW_NFQUEUE_BYPASS "queue-bypass" /**< Accept the packet if no program listens, instead of dropping it. */
#define FW_NFQUEUE_CPU_FANOUT "queue-cpu-fanout" /**< Choose the queue by the CPU that handles the packet, instead of by its connection. */

/* The target NOTRACK: Exempts the connection of a packet from tracking. */
#define FW_TARGET_NOTRACK "NOTRACK"

/* The target RATEEST: Estimates the rate of the packets it sees, for the match `rateest`. */
#define FW_TARGET_RATEEST "RATEEST"
#define FW_RATEEST_NAME "rateest-name" /**< TEXT: The name of the estimator, which comes into being with the first rule that names it. */
#define FW_RATEEST_INTERVAL "rateest-interval" /**< TIME[s|ms|us]: The time between two samples, from 250 ms to 8 s; the kernel doubles 250 ms until it is enough. */
#define FW_RATEEST_EWMALOG "rateest-ewmalog" /**< TIME[s|ms|us]: The time over which samples are averaged; the kernel keeps a power of two of the interval. */

/* The target REDIRECT: Sends the packet to this host itself: to the address of the interface it came in by, or to the loopback address. */
#define FW_TARGET_REDIRECT "REDIRECT"
#define FW_REDIRECT_TO_PORTS "to-ports" /**< PORT[-PORT]: The new destination port, or a range of ports. */
#define FW_REDIRECT_RANDOM "random" /**< Pick the port at random. */

/* The target REJECT: Drops the packet and tells its sender. */
#define FW_TARGET_REJECT "REJECT"
#define FW_REJECT_WITH "reject-with" /**< TYPE: What the sender gets. */
#define FW_REJECT_WITH_ICMP_NET_UNREACHABLE "icmp-net-unreachable"
#define FW_REJECT_WITH_ICMP_HOST_UNREACHABLE "icmp-host-unreachable"
#define FW_REJECT_WITH_ICMP_PROTO_UNREACHABLE "icmp-proto-unreachable"
#define FW_REJECT_WITH_ICMP_PORT_UNREACHABLE "icmp-port-unreachable"
#define FW_REJECT_WITH_ICMP_NET_PROHIBITED "icmp-net-prohibited"
#define FW_REJECT_WITH_ICMP_HOST_PROHIBITED "icmp-host-prohibited"
#define FW_REJECT_WITH_TCP_RESET "tcp-reset"
#define FW_REJECT_WITH_ICMP_ADMIN_PROHIBITED "icmp-admin-prohibited"
#define FW_REJECT_WITH_ICMP6_NO_ROUTE "icmp6-no-route"
#define FW_REJECT_WITH_ICMP6_ADM_PROHIBITED "icmp6-adm-prohibited"
#define FW_REJECT_WITH_ICMP6_ADDR_UNREACHABLE "icmp6-addr-unreachable"
#define FW_REJECT_WITH_ICMP6_PORT_UNREACHABLE "icmp6-port-unreachable"
#define FW_REJECT_WITH_ICMP6_POLICY_FAIL "icmp6-policy-fail"
#define FW_REJECT_WITH_ICMP6_REJECT_ROUTE "icmp6-reject-route"

/* The target SECMARK: Sets the security mark of the packet, for security modules such as SELinux. */
#define FW_TARGET_SECMARK "SECMARK"
#define FW_SECMARK_SELCTX "selctx" /**< TEXT: The security context, which the security module must know. */

/* The target SET: Adds the packet's addresses to an ipset, deletes them from one, or marks the packet from one. */
#define FW_TARGET_SET "SET"
#define FW_SET_ADD_SET "add-set" /**< NAME src|dst[,...]: Add an entry to this set. */
#define FW_SET_DEL_SET "del-set" /**< NAME src|dst[,...]: Delete an entry from this set. */
#define FW_SET_MAP_SET "map-set" /**< NAME src|dst[,...]: Look the packet up in this set, whose entries have marks. */
#define FW_SET_EXIST "exist" /**< Reset the timeout of an entry that exists already. */
#define FW_SET_TIMEOUT "timeout" /**< SECONDS: The timeout of the entry that is added. */
#define FW_SET_MAP_MARK "map-mark" /**< Take the packet's mark from the set. */
#define FW_SET_MAP_PRIO "map-prio" /**< Take the packet's class from the set. */
#define FW_SET_MAP_QUEUE "map-queue" /**< Take the packet's hardware queue from the set. */

/* The target SNAT: Gives the packet and all others of its connection another source. */
#define FW_TARGET_SNAT "SNAT"
#define FW_SNAT_TO_SOURCE "to-source" /**< [ADDRESS[-ADDRESS]][:PORT[-PORT]]: The new address and port, or a range of them. */
#define FW_SNAT_RANDOM "random" /**< Pick the port at random. */
#define FW_SNAT_RANDOM_FULLY "random-fully" /**< Pick the port entirely at random. */
#define FW_SNAT_PERSISTENT "persistent" /**< Give the same client the same address each time. */

/* The target SNPT: Translates the prefix of the source address, without state, as RFC 6296 describes. */
#define FW_TARGET_SNPT "SNPT"
#define FW_SNPT_SRC_PFX "src-pfx" /**< ADDRESS[/MASK]: The prefix that is replaced, of at most 64 bits. */
#define FW_SNPT_DST_PFX "dst-pfx" /**< ADDRESS[/MASK]: The prefix it is replaced with, of at most 64 bits. */

/* The target SYNPROXY: Answers the first packet of a TCP connection in place of the server, and opens the connection to the server only when the client has completed the handshake. */
#define FW_TARGET_SYNPROXY "SYNPROXY"
#define FW_SYNPROXY_SACK_PERM "sack-perm" /**< The server supports selective acknowledgements. */
#define FW_SYNPROXY_TIMESTAMP "timestamp" /**< The server supports timestamps. */
#define FW_SYNPROXY_WSCALE "wscale" /**< NUMBER: The window scale of the server, as a power of two. */
#define FW_SYNPROXY_MSS "mss" /**< NUMBER: The maximum segment size of the server, in bytes. */
#define FW_SYNPROXY_ECN "ecn" /**< The server supports explicit congestion notification. */

/* The target TCPMSS: Changes the maximum segment size (MSS) that a TCP packet announces, so that connections get through a link with a small MTU. */
#define FW_TARGET_TCPMSS "TCPMSS"
#define FW_TCPMSS_SET_MSS "set-mss" /**< NUMBER: The MSS in bytes. A smaller one that the packet announces is left alone. */
#define FW_TCPMSS_CLAMP_MSS_TO_PMTU "clamp-mss-to-pmtu" /**< As large as the path MTU of the connection allows. */

/* The target TCPOPTSTRIP: Removes options from the TCP header, by writing no-operations over them. */
#define FW_TARGET_TCPOPTSTRIP "TCPOPTSTRIP"
#define FW_TCPOPTSTRIP_STRIP_OPTIONS "strip-options" /**< OPTION[,...]: The options, by number or name. */
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_MSS (UINT64_C(1) << 0)
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_WSCALE (UINT64_C(1) << 1)
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_SACK_PERMITTED (UINT64_C(1) << 2)
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_SACK (UINT64_C(1) << 3)
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_TIMESTAMP (UINT64_C(1) << 4)
#define FW_TCPOPTSTRIP_STRIP_OPTIONS_MD5 (UINT64_C(1) << 5)

/* The target TEE: Sends a copy of the packet to another host of the same network, and goes on with the next rule. */
#define FW_TARGET_TEE "TEE"
#define FW_TEE_GATEWAY "gateway" /**< ADDRESS: The host, which gets the copy as if it were a router. */
#define FW_TEE_OIF "oif" /**< TEXT: The interface by which the host is reached; unless given, the route to it decides. */

/* The target TOS: Changes the byte that IPv4 calls type of service and IPv6 traffic class. */
#define FW_TARGET_TOS "TOS"
#define FW_TOS_SET_TOS "set-tos" /**< VALUE[/MASK]|NAME: Clears the bits of the mask and then inverts those of the value. */
#define FW_TOS_SET_TOS_MINIMIZE_DELAY "Minimize-Delay"
#define FW_TOS_SET_TOS_MAXIMIZE_THROUGHPUT "Maximize-Throughput"
#define FW_TOS_SET_TOS_MAXIMIZE_RELIABILITY "Maximize-Reliability"
#define FW_TOS_SET_TOS_MINIMIZE_COST "Minimize-Cost"
#define FW_TOS_SET_TOS_NORMAL_SERVICE "Normal-Service"
#define FW_TOS_AND_TOS "and-tos" /**< NUMBER: Keeps only these bits. */
#define FW_TOS_OR_TOS "or-tos" /**< NUMBER: Sets these bits. */
#define FW_TOS_XOR_TOS "xor-tos" /**< NUMBER: Inverts these bits. */

/* The target TPROXY: Gives the packet to a proxy on this host, without changing its addresses. */
#define FW_TARGET_TPROXY "TPROXY"
#define FW_TPROXY_ON_PORT "on-port" /**< PORT: The port of the proxy; 0 is the port to which the packet goes. */
#define FW_TPROXY_ON_IP "on-ip" /**< ADDRESS: The address of the proxy; unless given, that of the interface by which the packet came. */
#define FW_TPROXY_MARK "tproxy-mark" /**< VALUE[/MASK]: Sets the packet's mark: clears the bits of the mask and then inverts those of the value. */

/* The target TRACE: Lets the kernel report every rule that the packet matches from here on, and goes on with the next rule. */
#define FW_TARGET_TRACE "TRACE"

/* The target TTL: Changes the packet's TTL, the number of times it may still be forwarded. */
#define FW_TARGET_TTL "TTL"
#define FW_TTL_SET "ttl-set" /**< NUMBER: Sets the TTL to this. */
#define FW_TTL_DEC "ttl-dec" /**< NUMBER: Lowers the TTL by this. */
#define FW_TTL_INC "ttl-inc" /**< NUMBER: Raises the TTL by this. */

/* The target ULOG: Sends the packet to a netlink group, where a program logs it, and goes on with the next rule. */
#define FW_TARGET_ULOG "ULOG"
#define FW_ULOG_PREFIX "ulog-prefix" /**< TEXT: Text that the program gets beside the packet, at most 31 bytes. */
#define FW_ULOG_NLGROUP "ulog-nlgroup" /**< NUMBER: The netlink group, 1 to 32. */
#define FW_ULOG_CPRANGE "ulog-cprange" /**< NUMBER: How many bytes of the packet are sent; all of them for 0. */
#define FW_ULOG_QTHRESHOLD "ulog-qthreshold" /**< NUMBER: How many packets are gathered before they are sent, 1 to 50. */

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
 * Frees a transaction and its tables, and gives the lock back. Edits that are not committed are forgotten. NULL is ignored.
 */
void fw_transaction_free(fw_transaction *transaction);

/**
 * Frees a snapshot. NULL is ignored.
 */
void fw_snapshot_free(fw_snapshot *snapshot);

/**
 * Frees a delta. NULL is ignored.
 */
void fw_delta_free(fw_delta *delta);

/**
 * Frees a watch. NULL is ignored.
 */
void fw_watch_free(fw_watch *watch);

/**
 * Frees a change and its rules. NULL is ignored.
 */
void fw_change_free(fw_change *change);

/**
 * Frees a walk. NULL is ignored.
 */
void fw_rules_free(fw_rules *rules);

/**
 * Frees a plan. NULL is ignored.
 */
void fw_plan_free(fw_plan *plan);

/**
 * Frees what is desired. NULL is ignored.
 */
void fw_desired_free(fw_desired *desired);

/**
 * Frees a pending change, which neither confirms it nor takes it back. NULL is ignored.
 */
void fw_pending_free(fw_pending *pending);

/**
 * Frees it. NULL is ignored.
 */
void fw_memory_free(fw_memory *memory);

/**
 * Frees a rehearsal and its kernel. NULL is ignored.
 */
void fw_rehearsal_free(fw_rehearsal *rehearsal);

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
 * All that is known in one line: the place, the message, and what the system said; behind it the same of the others that
 * `fw_error_other` has. Never NULL, unless the error is.
 */
const char *fw_error_text(const fw_error *error);

/**
 * The message without the place. Never NULL, unless the error is.
 */
const char *fw_error_message(const fw_error *error);

/**
 * The address family concerned; false if it is not about one, and then `family` is FW_IPV4.
 */
bool fw_error_family(const fw_error *error, fw_family *family);

/**
 * The backend concerned; FW_BACKEND_NONE if it is not about one.
 */
fw_backend fw_error_backend(const fw_error *error);

/**
 * The table concerned, or NULL.
 */
const char *fw_error_table(const fw_error *error);

/**
 * The chain concerned, or NULL: of a rule the one that it stands in, or would. A chain that it goes to and that is not there is
 * the token.
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
 * The word that is wrong, or that is marked in the text; or NULL.
 */
const char *fw_error_token(const fw_error *error);

/**
 * The text that was read, or that the rule has: the line of a save file, the options of a rule; or NULL. The column counts
 * in it.
 */
const char *fw_error_rule_text(const fw_error *error);

/**
 * The same text, and in a second line marks below the word that is wrong; or NULL.
 */
const char *fw_error_marked(const fw_error *error);

/**
 * The path of the lock file that could not be had, or NULL.
 */
const char *fw_error_lock_path(const fw_error *error);

/**
 * The process that holds the lock, which may be the one that asks; 0 if it is not about a lock, or if the kernel does not tell.
 */
uint32_t fw_error_lock_pid(const fw_error *error);

/**
 * The command line of that process, or NULL.
 */
const char *fw_error_lock_command(const fw_error *error);

/**
 * The line of a save stream, counted from 1; 0 if it is not about one.
 */
size_t fw_error_line(const fw_error *error);

/**
 * The column in bytes at which the offending word starts, counted from 1; 0 if it is not known.
 */
size_t fw_error_column(const fw_error *error);

/**
 * The length in bytes of the offending word, which begins at fw_error_column in fw_error_rule_text; of a list it is the element
 * that is wrong. 0 if it is not known.
 */
size_t fw_error_length(const fw_error *error);

/**
 * What the error cannot say for certain about the rule that it names, or why it names none; FW_DOUBT_NONE for NULL.
 */
fw_doubt fw_error_doubt(const fw_error *error);

/**
 * How many others were found at the same time: nf_tables tells of every rule of a commit that it does not take, and a rehearsal and
 * FW_RESTORE_STRICT of all that is wrong.
 */
size_t fw_error_other_count(const fw_error *error);

/**
 * One of the others, by its index from 0; NULL if there is none. It lives as long as the error and is not freed.
 */
const fw_error *fw_error_other(const fw_error *error, size_t index);

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
 * Errors: FW_ERROR_IO when the path cannot be opened, or is not that of a network namespace.
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
 * Errors: FW_ERROR_INVALID_ARGUMENT when the descriptor is not open, or not that of a network namespace.
 */
fw_status fw_kernel_in_netns_fd(int fd, fw_kernel **kernel, fw_error **error) FW_CHECKED;

/**
 * Says which backend holds the tables that are opened from now on, instead of looking for it. In memory there is no namespace:
 * the tables are new and empty. There is no lock either, as no other program sees them: threads that change the same table do so
 * by `fw_table_update`, or get FW_ERROR_CONFLICT.
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
 * uses (FW_LOCK_PATH), and how many milliseconds to wait for another holder, negative for ever.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT when the path is empty.
 */
fw_status fw_kernel_set_lock(fw_kernel *kernel, const char *path, int64_t wait, fw_error **error)
    FW_CHECKED;

/**
 * The same at the path that iptables would use in this process: the one that the variable XTABLES_LOCKFILE of the environment
 * names, else FW_LOCK_PATH. Without this call the variable is not looked at.
 */
fw_status fw_kernel_set_lock_from_environment(fw_kernel *kernel, int64_t wait, fw_error **error)
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
 * Checks that the kernel has what a rule names: its matches and targets in some revision, and its ipsets. `fw_table_rehearse` says what
 * it would make of the rule in a table.
 *
 * Errors: FW_ERROR_EXTENSION_UNAVAILABLE, FW_ERROR_NO_SUCH_OBJECT, or FW_ERROR_INVALID_RULE when a set is for the other family.
 */
fw_status fw_kernel_check_rule(const fw_kernel *kernel, const fw_rule *rule, fw_error **error)
    FW_CHECKED FW_NONNULL(2);

/**
 * The kernel module that has the tables of a family, if the kernel is without it: `ip_tables`, `ip6_tables` or `nf_tables`, and
 * whether it can be loaded; NULL if nothing is missing. To ask loads nothing. Freed with `fw_string_free`.
 *
 * Errors: those of `fw_kernel_backend`.
 */
fw_status fw_kernel_missing_module(const fw_kernel *kernel,
                                   fw_family family,
                                   bool *available,
                                   char **name,
                                   fw_error **error)
    FW_CHECKED;

/**
 * Loads a kernel module by modprobe(8): by the program at a path, or for NULL the one that the kernel runs itself, which
 * `/proc/sys/kernel/modprobe` names. Nothing is loaded without this call.
 *
 * Errors: FW_ERROR_BACKEND_ABSENT when it cannot be loaded.
 */
fw_status fw_kernel_load_module(const fw_kernel *kernel,
                                const char *name,
                                const char *modprobe,
                                fw_error **error)
    FW_CHECKED;

/**
 * Takes the xtables lock, to keep other programs away while several tables are changed. The thread that has it gets it again
 * at once; other threads wait as other processes do. It belongs to the process that took it: a fork's copy is worth nothing.
 *
 * Errors: FW_ERROR_LOCK_BUSY when another program holds it too long; the message names it. FW_ERROR_INTERRUPTED when a
 * signal for which the program has a handler comes to the waiting thread. FW_ERROR_PERMISSION_DENIED or FW_ERROR_IO when the file
 * cannot be opened.
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
 * Reads some chains of a table, where the backend lets them be read without the others: in nf_tables, where it takes the time of
 * these chains however large the table is. With FW_UNTIL_NULL for `count` the array ends with NULL. It is not locked, as by
 * `fw_table_open`.
 *
 * The table shows these chains, as far as they exist, and those that their rules go to, by name. Another one is read when it is
 * changed, and whoever adds a rule that goes to a chain need not name it. What counts or changes all chains is about those that
 * are shown. Other chains stay as they are. In the xtables interface the table is read and shown whole.
 *
 * Errors: as for `fw_table_open`.
 */
fw_status fw_table_open_chains(const fw_kernel *kernel,
                               fw_family family,
                               const char *name,
                               const char *const *chains,
                               size_t count,
                               fw_table **table,
                               fw_error **error)
    FW_CHECKED;

/**
 * Takes the xtables lock and reads a table, all of it; the lock is held until the table is freed. The thread can open other
 * tables under it, with any kernel. Only `fw_table_update` can do with what it comes to need, since it can begin again.
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
 * Of a large table in nf_tables only the chains are read that the function changes, and all of it when it looks at others.
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
 * The same as `fw_table_update` of a table of which only some chains are read, as by `fw_table_open_chains`, and what the function
 * comes to need.
 *
 * Errors: as for `fw_table_update`.
 */
fw_status fw_table_update_chains(const fw_kernel *kernel,
                                 fw_family family,
                                 const char *name,
                                 const char *const *chains,
                                 size_t count,
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
 * A copy of the table as it is in memory now, edits included, to be compared with others by `fw_table_diff`. It cannot be committed.
 * Freed with `fw_table_free`.
 *
 *     fw_table *table = NULL, *before = NULL;
 *     fw_plan *plan = NULL;
 *     fw_error *error = NULL;
 *     fw_kernel *kernel = fw_kernel_new();
 *     if (fw_table_open(kernel, FW_IPV4, "filter", &table, &error) == FW_OK && fw_table_copy(table, &before, &error) == FW_OK &&
 *         fw_chain_append_text(table, "INPUT", "-i lo -j ACCEPT", &error) == FW_OK &&
 *         fw_table_diff(before, table, &plan, &error) == FW_OK)
 *         printf("%zu rule added\n", fw_plan_count(plan));
 *     fw_plan_free(plan);
 *     fw_table_free(before);
 *     fw_table_free(table);
 *     fw_kernel_free(kernel);
 *     fw_error_free(error);
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT without a table.
 */
fw_status fw_table_copy(const fw_table *table, fw_table **copy, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

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
 * What the table has beside chains and rules of iptables, in words: rules of `nft` without a form in iptables, base chains at
 * other places, sets; that it is dormant or belongs to another process. Only tables of nf_tables have any. Freed with
 * `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_table_notes(const fw_table *table) FW_OWNED(fw_strings_free) FW_NONNULL(1);

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
 * Checks the table as the kernel would, without asking it. `fw_table_commit` makes the same checks; what the kernel alone can
 * know, such as whether a helper or an ipset exists, is not among them.
 *
 * Errors: FW_ERROR_INVALID_RULE with the chain and the rule, or FW_ERROR_LOOP. Where several rules are wrong `fw_error_other` has
 * the rest. `fw_warnings` tells of interfaces of rules where packets have none, such as an output interface in INPUT.
 */
fw_status fw_table_validate(const fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * Says what `fw_table_commit` would say, and changes nothing: the checks of `fw_table_validate`, and what the kernel makes of the rules
 * that are new. For that they are written in a network namespace that nobody else sees; who may not make one hears what is known
 * without it. Rules about objects of the namespace that is meant are not tried: ipsets, accounting objects, rate estimators, timeout
 * policies.
 *
 * Errors: those of `fw_table_commit` but for FW_ERROR_CONFLICT. Where several rules are wrong `fw_error_other` has the rest, and
 * `fw_warnings` what `fw_table_validate` warns of.
 */
fw_status fw_table_rehearse(const fw_table *table, fw_error **error) FW_CHECKED FW_NONNULL(1);

/**
 * The hooks at which the table is consulted: a bit `1u << FW_HOOK_INPUT` for each.
 */
unsigned int fw_table_hooks(const fw_table *table) FW_NONNULL(1);

/**
 * Takes the lock for a transaction, which holds it until it is freed.
 *
 * Errors: as for `fw_lock_take`.
 */
fw_status fw_transaction_begin(const fw_kernel *kernel,
                               fw_transaction **transaction,
                               fw_error **error)
    FW_CHECKED;

/**
 * A table of a transaction, read when it is first asked for. It belongs to the transaction and lives as long: it must not be
 * freed.
 *
 * Errors: as for `fw_table_open_locked`.
 */
fw_status fw_transaction_table(fw_transaction *transaction,
                               fw_family family,
                               const char *name,
                               fw_table **table,
                               fw_error **error)
    FW_CHECKED;

/**
 * Writes the edits of all tables of a transaction, or none. In nf_tables that is one step. In the xtables interface the tables
 * are replaced one after the other, and when one is refused those before it are put back with their counters. The tables can
 * be edited and committed again.
 *
 * Errors: those of `fw_table_commit`, for the table that `fw_error_table` names; nothing is changed then.
 * FW_ERROR_PARTLY_COMMITTED when a table that was written could not be put back; its message names both.
 */
fw_status fw_transaction_commit(fw_transaction *transaction, fw_error **error) FW_CHECKED;

/**
 * Reads the counters of a table. No lock is needed, and nothing is changed.
 *
 *     fw_snapshot *snapshot;
 *     fw_error *error = NULL;
 *     if (fw_counters_read(NULL, FW_IPV4, "filter", &snapshot, &error) != FW_OK) {
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *         fw_error_free(error);
 *         return 1;
 *     }
 *     size_t count;
 *     const fw_counters *rules = fw_snapshot_chain(snapshot, "INPUT", &count);
 *     for (size_t i = 0; i < count; i++)
 *         printf("%zu: %llu packets\n", i, (unsigned long long)rules[i].packets);
 *     fw_snapshot_free(snapshot);
 *
 * Errors: as for `fw_table_open`.
 */
fw_status fw_counters_read(const fw_kernel *kernel,
                           fw_family family,
                           const char *name,
                           fw_snapshot **snapshot,
                           fw_error **error)
    FW_CHECKED;

/**
 * Reads the counters of a table and sets them to zero, under the lock. Nothing is lost in between: what is counted after the
 * reading is in the next one. Only the counters of policies in nf_tables lose what arrives between the two. The rules stay in
 * place, with what their matches keep; no table is replaced.
 *
 * Errors: as for `fw_table_open_locked`, and FW_ERROR_CONFLICT when programs that do not honour the lock replace the table
 * again and again. In nf_tables it takes Linux 6.2; an older kernel refuses it with FW_ERROR_KERNEL, and nothing changes.
 */
fw_status fw_counters_take(const fw_kernel *kernel,
                           fw_family family,
                           const char *name,
                           fw_snapshot **snapshot,
                           fw_error **error)
    FW_CHECKED;

/**
 * The counters of a table as they were read, or set since. NULL only for NULL.
 */
fw_snapshot *fw_table_counters(const fw_table *table) FW_OWNED(fw_snapshot_free) FW_NONNULL(1);

/**
 * The counters of all rules, chain by chain in the order of `fw_snapshot_chain_name`, and how many there are; live as long as
 * the snapshot. NULL for NULL.
 */
const fw_counters *fw_snapshot_rules(const fw_snapshot *snapshot, size_t *count);

/**
 * The counters of the rules of one chain, a part of those of all rules, and how many there are. NULL if there is no such chain.
 */
const fw_counters *fw_snapshot_chain(const fw_snapshot *snapshot, const char *chain, size_t *count);

/**
 * The counters of the policies, one for each chain in the order of `fw_snapshot_chain_name`, and how many there are; zero for a
 * chain that a user made. They live as long as the snapshot. NULL for NULL.
 */
const fw_counters *fw_snapshot_policies(const fw_snapshot *snapshot, size_t *count);

/**
 * The name of the chain at an index: built-in ones in the order of their hooks, then the others by name. Lives as long as the
 * snapshot. NULL beyond the end.
 */
const char *fw_snapshot_chain_name(const fw_snapshot *snapshot, size_t index);

/**
 * What was counted from one snapshot to a later one of the same table, whatever was edited in between: a rule is known by its
 * handle in nf_tables, and else by what it does; of several equal ones of a chain the first is the first of those that are
 * left. Freed with `fw_delta_free`. NULL only for NULL.
 */
fw_delta *fw_snapshot_delta(const fw_snapshot *earlier, const fw_snapshot *later)
    FW_OWNED(fw_delta_free);

/**
 * What was counted, with the chains and rules of the later snapshot; lives as long as the delta. NULL for NULL.
 */
const fw_snapshot *fw_delta_counted(const fw_delta *delta);

/**
 * The rules that are not in the earlier snapshot, by their index among all rules of the later one, and how many there are. What
 * they counted is all they have. They live as long as the delta. NULL for NULL.
 */
const size_t *fw_delta_added(const fw_delta *delta, size_t *count);

/**
 * The rules that are not in the later snapshot, by their index among all rules of the earlier one, and how many there are. What
 * they counted after that is not known. They live as long as the delta. NULL for NULL.
 */
const size_t *fw_delta_removed(const fw_delta *delta, size_t *count);

/**
 * The rules whose counters were less than before, by their index in the later snapshot, and how many there are: they were set to
 * zero in between, and what they counted is what they have now. They live as long as the delta. NULL for NULL.
 */
const size_t *fw_delta_restarted(const fw_delta *delta, size_t *count);

/**
 * Watches no table yet. In nf_tables the kernel tells of changes, so a wait costs nothing; legacy tables are asked again and again:
 * see `fw_watch_set_interval`.
 *
 *     fw_watch *watch;
 *     fw_change *change;
 *     fw_error *error = NULL;
 *     fw_kernel *kernel = fw_kernel_new();
 *     if (fw_watch_new(kernel, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK &&
 *         fw_watch_next(watch, 10, &change, &error) == FW_OK && change != NULL) {
 *         char *text = fw_change_text(change);
 *         puts(text);
 *         fw_string_free(text);
 *         fw_change_free(change);
 *     }
 *     fw_watch_free(watch);
 *     fw_kernel_free(kernel);
 *     fw_error_free(error);
 *
 * Errors: FW_ERROR_BACKEND_ABSENT and the like.
 */
fw_status fw_watch_new(const fw_kernel *kernel, fw_watch **watch, fw_error **error) FW_CHECKED;

/**
 * Watches a table from now on. No lock is taken, and a table that is not there is not made.
 *
 * Errors: as for `fw_table_open`.
 */
fw_status fw_watch_add(fw_watch *watch, fw_family family, const char *name, fw_error **error)
    FW_CHECKED;

/**
 * Asks legacy tables every so many milliseconds for the number and size of their entries, which is one system call, and at every
 * `contents`-th time for the rules themselves, since a change may keep both; 0 for never. 100 and 10 unless this is called.
 */
fw_status fw_watch_set_interval(fw_watch *watch,
                                uint32_t milliseconds,
                                uint32_t contents,
                                fw_error **error)
    FW_CHECKED;

/**
 * A copy of the table that was added at an index, as it was at the last look. Freed with `fw_table_free`.
 *
 * Errors: FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_watch_table(const fw_watch *watch, size_t index, fw_table **table, fw_error **error)
    FW_CHECKED;

/**
 * Waits for a change: at most so many milliseconds, for ever if negative. NULL when the time is over, or freed with
 * `fw_change_free`.
 *
 * Errors: FW_ERROR_INTERRUPTED when a signal for which the program has a handler comes to the thread, and the next call goes on; as
 * for `fw_table_open`.
 */
fw_status fw_watch_next(fw_watch *watch, int64_t wait, fw_change **change, fw_error **error)
    FW_CHECKED;

/**
 * A descriptor for `poll(2)`, or an event loop: when it can be read, it is time to call `fw_watch_next` with 0 milliseconds, until it
 * finds nothing. It is the watch's own: read nothing from it, and do not close it. -1 for NULL.
 *
 *     fw_watch *watch;
 *     fw_change *change;
 *     fw_error *error = NULL;
 *     fw_kernel *kernel = fw_kernel_new();
 *     if (fw_watch_new(kernel, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK) {
 *         struct pollfd wait = {fw_watch_fd(watch), POLLIN, 0};
 *         while (poll(&wait, 1, 10) > 0 && fw_watch_next(watch, 0, &change, &error) == FW_OK && change != NULL)
 *             fw_change_free(change);
 *     }
 *     fw_watch_free(watch);
 *     fw_kernel_free(kernel);
 *     fw_error_free(error);
 */
int fw_watch_fd(const fw_watch *watch);

/**
 * Makes a table what it was before a change, whatever was changed since, under the lock. Rules that were deleted come back with the
 * counters that they had when they were last looked at. The watch does not tell that.
 *
 * Errors: as for `fw_table_open_locked` and `fw_table_commit`.
 */
fw_status fw_watch_put_back(fw_watch *watch, const fw_change *change, fw_error **error) FW_CHECKED;

/**
 * The family of the table that was changed.
 */
fw_family fw_change_family(const fw_change *change);

/**
 * The name of the table that was changed; lives as long as the change. NULL for NULL.
 */
const char *fw_change_table(const fw_change *change);

/**
 * What was changed, in lines: `-` for what went, `+` for what came, chains and policies among them. Freed with `fw_string_free`.
 * NULL only for NULL.
 */
char *fw_change_text(const fw_change *change) FW_OWNED(fw_string_free);

/**
 * What was changed as a plan, with the steps that chains and policies are: `fw_plan_step`, and `fw_plan_inverse` leads back. Lives as
 * long as the change. NULL for NULL.
 *
 *     fw_watch *watch;
 *     fw_change *change = NULL;
 *     fw_step step;
 *     fw_error *error = NULL;
 *     if (fw_watch_new(NULL, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK &&
 *         fw_watch_next(watch, 10, &change, &error) == FW_OK)
 *         for (size_t i = 0; fw_plan_step(fw_change_plan(change), i, &step, NULL) == FW_OK; i++)
 *             if (step.kind == FW_STEP_POLICY)
 *                 printf("the policy of %s is %d\n", step.chain, step.policy);
 *     fw_change_free(change);
 *     fw_watch_free(watch);
 *     fw_error_free(error);
 */
const fw_plan *fw_change_plan(const fw_change *change);

/**
 * The number of rules that went, came or have another place among those that stayed. What became of chains and policies is in
 * `fw_change_plan`.
 */
size_t fw_change_count(const fw_change *change);

/**
 * The rule that went, came or moved; lives as long as the change. One that went has the counters that it had. NULL beyond the end.
 */
const fw_rule *fw_change_rule(const fw_change *change, size_t index);

/**
 * The chain of that rule; lives as long as the change. NULL beyond the end.
 */
const char *fw_change_chain(const fw_change *change, size_t index);

/**
 * The index that the rule had in its chain before; false if it came.
 */
bool fw_change_from(const fw_change *change, size_t index, size_t *from);

/**
 * The index that the rule has in its chain now; false if it went.
 */
bool fw_change_to(const fw_change *change, size_t index, size_t *to);

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
fw_status fw_table_delete_chain(fw_table *table, const char *chain, fw_error **error)
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
 * The hook of a built-in chain; FW_HOOK_NONE for one that a user made, and if there is no such chain.
 */
fw_hook fw_chain_hook(const fw_table *table, const char *chain) FW_NONNULL(1);

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
 * Deletes every rule of a chain.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_flush(fw_table *table, const char *chain, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

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
 * Makes a chain have these rules in this order, and no others. What is there stays and keeps its counters; done a second time it
 * changes nothing. If a rule cannot be made, nothing is changed, and `fw_error_rule` names it by its index among the rules that
 * are given. `synced` says what was done, and may be NULL.
 *
 * Errors: as for `fw_chain_append`.
 */
fw_status fw_chain_sync(fw_table *table,
                        const char *chain,
                        const fw_rule *const *rules,
                        size_t count,
                        fw_synced *synced,
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
 * Moves a rule to another index, which it has afterwards; the others keep their order. It keeps its counters: exactly in the
 * xtables interface, as they were read in nf_tables.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_move(fw_table *table,
                        const char *chain,
                        size_t from,
                        size_t to,
                        fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Has two rules change places. They keep their counters, as by `fw_chain_move`.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_swap(fw_table *table, const char *chain, size_t a, size_t b, fw_error **error)
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
 * As `fw_chain_ensure`, where a rule may be the same in another way.
 *
 * Errors: as for `fw_chain_append`.
 */
fw_status fw_chain_ensure_by(fw_table *table,
                             const char *chain,
                             const fw_rule *rule,
                             fw_equivalence how,
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
 * Has a chain have a rule at a place: adds it, or moves the first that is the same, with its counters. `other` is the rule that
 * FW_POSITION_BEFORE and FW_POSITION_AFTER are about, and NULL for the others. `changed` says whether that changed anything, and
 * may be NULL.
 *
 * Errors: FW_ERROR_NO_SUCH_RULE when the chain does not have the other rule, and those of `fw_chain_append`.
 */
fw_status fw_chain_ensure_at(fw_table *table,
                             const char *chain,
                             const fw_rule *rule,
                             fw_position position,
                             const fw_rule *other,
                             bool *changed,
                             fw_error **error)
    FW_CHECKED FW_NONNULL(1, 3, 5);

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
 * As `fw_chain_position`, from an index on: called again from behind each answer, it finds all rules that are the same.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_position_from(const fw_table *table,
                                 const char *chain,
                                 const fw_rule *rule,
                                 size_t start,
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
 * As `fw_chain_dedup`, where rules may be the same in another way.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN.
 */
fw_status fw_chain_dedup_by(fw_table *table,
                            const char *chain,
                            fw_equivalence how,
                            size_t *removed,
                            fw_error **error)
    FW_CHECKED FW_NONNULL(1);

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
 * Finds out what makes a table another one: the fewest changes for each chain, where rules that have another place count as
 * moved, and chains that have another name as renamed. Counters are no difference.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for tables of two families, or of two names.
 */
fw_status fw_table_diff(const fw_table *table,
                        const fw_table *other,
                        fw_plan **plan,
                        fw_error **error)
    FW_CHECKED FW_NONNULL(1, 2);

/**
 * As `fw_table_diff`, where rules may be the same in another way: those that are stay as they are written.
 *
 * Errors: those of `fw_table_diff`.
 */
fw_status fw_table_diff_by(const fw_table *table,
                           const fw_table *other,
                           fw_equivalence how,
                           fw_plan **plan,
                           fw_error **error)
    FW_CHECKED FW_NONNULL(1, 2);

/**
 * Makes the changes of a plan that are about this table, to be committed as other edits. Rules that stay keep their counters.
 *
 * Errors: FW_ERROR_CONFLICT when the table is not what the plan was made for, and those of `fw_chain_append`; nothing is changed
 * then.
 */
fw_status fw_table_apply(fw_table *table, const fw_plan *plan, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Makes a table have these rules and no others: `rules[i]` belongs to the chain `chains[i]`, and the rules of a chain have the
 * order in which they are given. A NULL in the place of a rule only names a chain. Chains that are not named go; built-in ones
 * lose their rules and keep their policies. What is there stays and keeps its counters; done a second time it changes nothing.
 * `plan` says what was done, and may be NULL.
 *
 * Errors: as for `fw_chain_new` and `fw_chain_append`; nothing is changed then.
 */
fw_status fw_table_sync(fw_table *table,
                        const char *const *chains,
                        const fw_rule *const *rules,
                        size_t count,
                        fw_plan **plan,
                        fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * The plan in JSON, on one line: what goes, comes and moves, and how much there is of it; JSON.md has the schema. Freed with
 * `fw_string_free`. NULL for NULL.
 */
char *fw_plan_json(const fw_plan *plan) FW_OWNED(fw_string_free);

/**
 * The plan as lines, `-` for what goes and `+` for what comes, in an order that is always the same. The string lives as long as
 * the plan. NULL for NULL.
 */
const char *fw_plan_text(const fw_plan *plan);

/**
 * The number of changes; 0 where there is nothing to do.
 */
size_t fw_plan_count(const fw_plan *plan);

/**
 * The change at an index, counted from 0.
 *
 * Errors: FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_plan_step(const fw_plan *plan, size_t index, fw_step *change, fw_error **error)
    FW_CHECKED;

/**
 * The plan that leads back.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
 */
fw_status fw_plan_inverse(const fw_plan *plan, fw_plan **inverse, fw_error **error) FW_CHECKED;

/**
 * Makes the changes of a plan, in all its tables or in none, under the lock: one that was looked at before, or the way back from one
 * that was made, by `fw_plan_inverse`. Rules that stay keep their counters.
 *
 * Errors: FW_ERROR_CONFLICT when a table is not what the plan was made for, FW_ERROR_INVALID_ARGUMENT for NULL, and those of
 * `fw_transaction_commit`; nothing is changed then.
 */
fw_status fw_kernel_apply(const fw_kernel *kernel, const fw_plan *plan, fw_error **error)
    FW_CHECKED;

/**
 * Starts to say what tables are to be. `names` are the chains of FW_SCOPE_CHAINS, or the one prefix or mark; none for
 * FW_SCOPE_TABLES.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT, also for an empty prefix or mark, or one that fits no comment.
 */
fw_status fw_desired_new(const fw_kernel *kernel,
                         fw_scope scope,
                         const char *const *names,
                         size_t count,
                         fw_desired **desired,
                         fw_error **error)
    FW_CHECKED;

/**
 * Adds what the text of a save file says, of a known length: as `fw_restore_n` would fill the tables. Nothing is changed in the
 * kernel. Tables that it does not have stay as they are. `warnings` is a list, or NULL if there are none; it may be NULL itself.
 *
 * Errors: those of `fw_restore_n`. What is desired can only be freed then: whatever uses it fails with the same error.
 */
fw_status fw_desired_read(fw_desired *desired,
                          fw_family family,
                          const char *text,
                          size_t length,
                          fw_strings **warnings,
                          fw_error **error)
    FW_CHECKED;

/**
 * Adds what a text in JSON says: tables of both families with their chains, policies and rules; JSON.md has the schema. Counters do
 * not count. Nothing is changed in the kernel.
 *
 * Errors: as for `fw_rule_from_json`. What is desired can only be freed then: whatever uses it fails with the same error.
 */
fw_status fw_desired_read_json(fw_desired *desired, const char *json, fw_error **error) FW_CHECKED;

/**
 * Says when a rule that is there is a desired one; FW_EXACT unless this is called. What is there stays as it is written.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT.
 */
fw_status fw_desired_set_equivalence(fw_desired *desired, fw_equivalence how, fw_error **error)
    FW_CHECKED;

/**
 * Says that a table is spoken of, be it to have nothing in it.
 *
 * Errors: those of `fw_table_open`.
 */
fw_status fw_desired_table(fw_desired *desired,
                           fw_family family,
                           const char *table,
                           fw_error **error)
    FW_CHECKED;

/**
 * Adds a chain to what is desired.
 *
 * Errors: those of `fw_chain_new` and `fw_table_open`.
 */
fw_status fw_desired_chain(fw_desired *desired,
                           fw_family family,
                           const char *table,
                           const char *chain,
                           fw_error **error)
    FW_CHECKED;

/**
 * Says what the policy of a built-in chain is to be.
 *
 * Errors: those of `fw_chain_set_policy` and `fw_table_open`.
 */
fw_status fw_desired_policy(fw_desired *desired,
                            fw_family family,
                            const char *table,
                            const char *chain,
                            fw_policy policy,
                            fw_error **error)
    FW_CHECKED;

/**
 * Adds a rule, as text, at the end of a chain of what is desired.
 *
 * Errors: those of `fw_chain_append_text` and `fw_table_open`.
 */
fw_status fw_desired_append(fw_desired *desired,
                            fw_family family,
                            const char *table,
                            const char *chain,
                            const char *rule,
                            fw_error **error)
    FW_CHECKED;

/**
 * Adds a rule at the end of a chain of what is desired.
 *
 * Errors: those of `fw_chain_append` and `fw_table_open`.
 */
fw_status fw_desired_append_rule(fw_desired *desired,
                                 fw_family family,
                                 const char *table,
                                 const char *chain,
                                 const fw_rule *rule,
                                 fw_error **error)
    FW_CHECKED FW_NONNULL(5);

/**
 * Adds a rule to a chain that others use too, at a place among their rules. `other` is the rule that FW_POSITION_BEFORE and
 * FW_POSITION_AFTER are about, and NULL for the others. Several at one place keep their order.
 * In a chain of the scope, where there are none of others, the place is among the desired rules.
 *
 * Errors: those of `fw_desired_append_rule`.
 */
fw_status fw_desired_place(fw_desired *desired,
                           fw_family family,
                           const char *table,
                           const char *chain,
                           const fw_rule *rule,
                           fw_position position,
                           const fw_rule *other,
                           fw_error **error)
    FW_CHECKED FW_NONNULL(5, 7);

/**
 * Finds out what would be changed now. Nothing is locked, and nothing is changed.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for a rule outside of the scope; those of `fw_table_open`.
 */
fw_status fw_desired_plan(fw_desired *desired, fw_plan **plan, fw_error **error) FW_CHECKED;

/**
 * Makes the tables what they are to be, all of them or none, in one transaction. Rules that stay keep their counters; where
 * nothing is to be changed nothing is written. `plan` says what was done, and may be NULL.
 *
 * Errors: those of `fw_desired_plan` and `fw_transaction_commit`. Of a rule that comes from a text, `fw_error_line` says where it
 * is.
 */
fw_status fw_desired_apply(fw_desired *desired, fw_plan **plan, fw_error **error) FW_CHECKED;

/**
 * As `fw_desired_apply`, but the old rules come back unless the change is confirmed within so many milliseconds, by
 * `fw_pending_confirm`, by `fw_kernel_confirm` of any program or by the command `fw confirm`. They come back when this program is
 * killed too. What others change meanwhile stays.
 *
 * Who watches is a process of its own, which is made by fork(2) before anything is changed, in a session of its own and deaf to
 * signals; it cannot do anything against being killed itself, as by a service manager that ends everything in a control group. The
 * rules of a kernel in memory are watched over by a thread, and several changes of them may wait at one time.
 *
 * Errors: those of `fw_desired_apply`; FW_ERROR_LOCK_BUSY when another change in this network namespace waits to be confirmed,
 * FW_ERROR_IO when nobody can be made to watch. Nothing is changed then.
 */
fw_status fw_desired_apply_for(fw_desired *desired,
                               unsigned int milliseconds,
                               fw_pending **pending,
                               fw_error **error)
    FW_CHECKED;

/**
 * Everything that the tables of both families have now comes back unless it is confirmed within so many milliseconds, whoever
 * changes them meanwhile and by whatever program.
 *
 * Errors: as for `fw_desired_apply_for`, and those of `fw_table_open`.
 */
fw_status fw_kernel_watch_over(const fw_kernel *kernel,
                               unsigned int milliseconds,
                               fw_pending **pending,
                               fw_error **error)
    FW_CHECKED;

/**
 * Confirms the change that waits for it in this network namespace, whoever has made it. Only the user who made it, and root, may
 * do so.
 *
 * Errors: FW_ERROR_NO_SUCH_OBJECT when none waits, and for a kernel in memory, where only `fw_pending_confirm` does it.
 */
fw_status fw_kernel_confirm(const fw_kernel *kernel, fw_error **error) FW_CHECKED;

/**
 * Takes the change that waits to be confirmed in this network namespace back now.
 *
 * Errors: as for `fw_kernel_confirm`, and FW_ERROR_KERNEL when the old rules cannot be put back.
 */
fw_status fw_kernel_roll_back(const fw_kernel *kernel, fw_error **error) FW_CHECKED;

/**
 * What was changed. It lives as long as the pending change. NULL for NULL.
 */
const fw_plan *fw_pending_plan(const fw_pending *pending);

/**
 * How many milliseconds are left to confirm a change; 0 for NULL.
 */
uint64_t fw_pending_remaining(const fw_pending *pending);

/**
 * Confirms a change: it stays.
 *
 * Errors: FW_ERROR_CONFLICT when it is too late and the old rules are back.
 */
fw_status fw_pending_confirm(fw_pending *pending, fw_error **error) FW_CHECKED;

/**
 * Takes a change back now, unless it was confirmed meanwhile. `ending` says which, and may be NULL.
 *
 * Errors: FW_ERROR_KERNEL when the old rules cannot be put back.
 */
fw_status fw_pending_roll_back(fw_pending *pending, fw_ending *ending, fw_error **error) FW_CHECKED;

/**
 * Waits so many milliseconds for somebody else to confirm a change, or for its time to be over; `ending` is FW_ENDING_NONE if
 * neither has happened.
 *
 * Errors: FW_ERROR_KERNEL when the old rules cannot be put back, FW_ERROR_IO when whoever watches was killed.
 */
fw_status fw_pending_wait(fw_pending *pending,
                          unsigned int milliseconds,
                          fw_ending *ending,
                          fw_error **error)
    FW_CHECKED;

/**
 * Starts to say what a kernel in memory is to have: with nothing said it has every match and target in every revision, no ipsets,
 * the usual algorithms and connection tracking helpers, and no other objects. Never NULL, unless there is a bug in libfw.
 */
fw_memory *fw_memory_new(void) FW_OWNED(fw_memory_free);

/**
 * Adds an ipset for a family, with the index that rules hold.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT: a name that is empty or longer than 31 bytes, or that another set has; an index that another
 * set has, or 65535, which stands for no set.
 */
fw_status fw_memory_add_set(fw_memory *memory,
                            const char *name,
                            uint16_t index,
                            fw_family family,
                            fw_error **error)
    FW_CHECKED;

/**
 * Adds an object that rules may name.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT: no kind of object; a name that is empty, or longer than the kernel's structure for it.
 */
fw_status fw_memory_add_object(fw_memory *memory,
                               fw_object kind,
                               const char *name,
                               fw_error **error)
    FW_CHECKED;

/**
 * Has a match or target only in revisions up to this one, or not at all with -1: as an older kernel, or one that was built without
 * it.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for a revision that is no number of 8 bits, FW_ERROR_NO_SUCH_EXTENSION.
 */
fw_status fw_memory_set_revision(fw_memory *memory,
                                 const char *extension,
                                 int newest,
                                 fw_error **error)
    FW_CHECKED;

/**
 * Has every ipset and every other object that a rule names.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
 */
fw_status fw_memory_add_any(fw_memory *memory, fw_error **error) FW_CHECKED;

/**
 * Makes a kernel of it, with empty tables: FW_BACKEND_MEMORY or FW_BACKEND_MEMORY_NFT. May be called several times; each kernel is
 * one of its own. It takes no lock; see `fw_kernel_set_backend`.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for another backend.
 */
fw_status fw_memory_kernel(const fw_memory *memory,
                           fw_backend backend,
                           fw_kernel **kernel,
                           fw_error **error)
    FW_CHECKED;

/**
 * Starts a rehearsal: with its kernel everything is read as it is, and nothing is written. Whatever would be is rehearsed as by
 * `fw_table_rehearse`, so that its errors are those of the real one, and kept as a plan.
 *
 *     fw_error *error = NULL;
 *     fw_rehearsal *rehearsal;
 *     fw_plan *plan;
 *     const char *line[] = {"-A", "INPUT", "-j", "DROP"};
 *     if (fw_rehearsal_new(NULL, &rehearsal, &error) != FW_OK ||
 *         fw_run(fw_rehearsal_kernel(rehearsal), FW_IPV4, 4, line, NULL, NULL, &error) != FW_OK ||
 *         fw_rehearsal_plan(rehearsal, &plan, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     else
 *         fputs(fw_plan_text(plan), stdout);
 *     fw_plan_free(plan);
 *     fw_rehearsal_free(rehearsal);
 *     fw_error_free(error);
 *
 * Errors: none but FW_ERROR_PANIC.
 */
fw_status fw_rehearsal_new(const fw_kernel *kernel, fw_rehearsal **rehearsal, fw_error **error)
    FW_CHECKED;

/**
 * The kernel that writes nothing. It lives as long as the rehearsal. NULL for NULL.
 */
const fw_kernel *fw_rehearsal_kernel(const fw_rehearsal *rehearsal);

/**
 * What would have been changed so far. Freed with `fw_plan_free`.
 *
 * Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
 */
fw_status fw_rehearsal_plan(const fw_rehearsal *rehearsal, fw_plan **plan, fw_error **error)
    FW_CHECKED;

/**
 * An address of IPv4: `address` is a `struct in_addr`, `prefix` the length of its mask, 32 for one address. Bits of the
 * address outside of the mask are cleared. All zeros, which functions refuse, where there is no such prefix or `address`
 * is NULL.
 */
fw_address fw_address_ipv4(const void *address, uint8_t prefix);

/**
 * An address of IPv6: `address` is a `struct in6_addr`, `prefix` the length of its mask, 128 for one address; see
 * `fw_address_ipv4`.
 */
fw_address fw_address_ipv6(const void *address, uint8_t prefix);

/**
 * What has been counted since `earlier`: the differences, modulo 2^64 as the kernel adds.
 *
 *     fw_counters earlier = {10, 600}, now = {12, 720};
 *     fw_counters news = fw_counters_since(now, earlier);
 *     printf("%d packets\n", (int)news.packets);
 */
fw_counters fw_counters_since(fw_counters now, fw_counters earlier);

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
 * Reads a rule from words, such as those of a command line: `{"-p", "tcp", "-j", "ACCEPT"}`, so many or with FW_UNTIL_NULL all before
 * a NULL.
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
 * Reads a rule from words as `fw_rule_from_args` does, and says what is odd but not wrong, in the words of iptables: a range
 * that never matches, a match that the kernel lacks. `warnings` gets a list to free with `fw_strings_free`, or NULL if there
 * is nothing to say.
 *
 * Errors: as for `fw_rule_parse`; of the kernel that is meant, the calling thread's for NULL.
 */
fw_status fw_rule_from_args_warned(const fw_kernel *kernel,
                                   fw_family family,
                                   size_t argc,
                                   const char *const *argv,
                                   fw_rule **rule,
                                   fw_strings **warnings,
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
 * The handle of nf_tables for a rule that iptables cannot express, of which nothing else is known: `nft -a list ruleset` shows the same.
 * 0 for all other rules.
 */
uint64_t fw_rule_nft_handle(const fw_rule *rule) FW_NONNULL(1);

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
 * Reads the source address and its mask as bytes; false where the rule does not limit it. `inverted` may be NULL.
 */
bool fw_rule_source_address(const fw_rule *rule, fw_address *address, bool *inverted) FW_NONNULL(1);

/**
 * Reads the destination address; see `fw_rule_source_address`.
 */
bool fw_rule_destination_address(const fw_rule *rule, fw_address *address, bool *inverted)
    FW_NONNULL(1);

/**
 * Reads the number of the protocol, such as IPPROTO_TCP; false where the rule does not limit it. `inverted` may be NULL.
 */
bool fw_rule_protocol_number(const fw_rule *rule, uint8_t *protocol, bool *inverted) FW_NONNULL(1);

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
 * What the rule does with a packet.
 */
fw_verdict fw_rule_verdict(const fw_rule *rule) FW_NONNULL(1);

/**
 * The name of the target: a verdict, a chain or an extension; NULL if the rule only counts. Lives as long as the rule.
 */
const char *fw_rule_target(const fw_rule *rule) FW_NONNULL(1);

/**
 * The target as it is in the rule, such as `-j ACCEPT`, `-g web` or `-j LOG --log-prefix web`; NULL if the rule only counts.
 * Lives as long as the rule.
 */
const char *fw_rule_target_text(const fw_rule *rule) FW_NONNULL(1);

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
 * Its name in the kernel, which is another one for some: `state` is `conntrack` there. Lives as long as the rule.
 */
const char *fw_part_kernel_name(const fw_part *part) FW_NONNULL(1);

/**
 * What it is in its rule, such as `-m tcp --dport 22` or `-j LOG --log-prefix web`. Lives as long as the rule.
 */
const char *fw_part_text(const fw_part *part) FW_NONNULL(1);

/**
 * What libfw knows of it; NULL for an extension or revision that it does not know.
 */
const fw_extension *fw_part_extension(const fw_part *part) FW_NONNULL(1);

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
 * The value of an option by its name, such as FW_TCP_DPORT; the first one where the option is given several times. NULL for an
 * option that is not there. One that is another way to write what is there has a value too: FW_DSCP_CLASS where FW_DSCP_DSCP is 46.
 * Lives as long as the rule.
 */
const fw_value *fw_part_value(const fw_part *part, const char *option) FW_NONNULL(1);

/**
 * The value of the option at an index; the others of `fw_part_option_name` are of the same index. NULL beyond the last. Lives as
 * long as the rule.
 */
const fw_value *fw_part_value_at(const fw_part *part, size_t index) FW_NONNULL(1);

/**
 * What kind of value it is; FW_KIND_NONE for NULL.
 */
fw_kind fw_value_kind(const fw_value *value);

/**
 * Whether the option is inverted.
 */
bool fw_value_is_inverted(const fw_value *value);

/**
 * The option whose value it is. NULL only for NULL.
 */
const fw_option *fw_value_option(const fw_value *value);

/**
 * Reads a number: also one under a mask of all its bits, and one port of a range that has no other. Of counts of `connbytes`
 * there is none, since such a number is read as that and more.
 */
bool fw_value_number(const fw_value *value, uint64_t *number);

/**
 * Reads a range of numbers; a number is a range of one.
 */
bool fw_value_range(const fw_value *value, fw_range *range);

/**
 * Reads a number and its mask.
 */
bool fw_value_masked(const fw_value *value, fw_masked *masked);

/**
 * Reads an address, or a network.
 */
bool fw_value_address(const fw_value *value, fw_address *address);

/**
 * Reads the first and the last address of a range; an address is a range of one.
 */
bool fw_value_addresses(const fw_value *value, fw_address *first, fw_address *last);

/**
 * Reads the addresses and the ports that a packet is mapped to.
 */
bool fw_value_nat(const fw_value *value, fw_nat *nat);

/**
 * Reads a type of ICMP or ICMPv6 and its codes. Not the `any` of IPv4, which is a text.
 *
 *     fw_error *error = NULL;
 *     fw_rule *rule;
 *     fw_icmp icmp;
 *     if (fw_rule_parse(NULL, FW_IPV4, "-p icmp --icmp-type fragmentation-needed", &rule, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     if (fw_value_icmp(fw_part_value(fw_rule_match(rule, 0), FW_ICMP_TYPE), &icmp))
 *         printf("type %d, codes %d to %d\n", icmp.icmp_type, icmp.min_code, icmp.max_code);
 *     fw_rule_free(rule);
 *     fw_error_free(error);
 */
bool fw_value_icmp(const fw_value *value, fw_icmp *icmp);

/**
 * Reads a number of bytes, of an option that takes packets too: FW_HASHLIMIT_BURST, whose packets `fw_value_number` reads.
 */
bool fw_value_bytes(const fw_value *value, uint64_t *bytes);

/**
 * The address of a network card: six bytes, which live as long as the rule. NULL where the value is of another kind.
 */
const uint8_t *fw_value_mac(const fw_value *value);

/**
 * Reads a span of time, in microseconds.
 */
bool fw_value_duration(const fw_value *value, uint64_t *microseconds);

/**
 * Reads a time of the day, in seconds since midnight.
 */
bool fw_value_time(const fw_value *value, uint32_t *seconds);

/**
 * Reads a date and a time, in seconds since 1970 as the rule has them: whether in UTC or in the time of the kernel is another
 * option.
 */
bool fw_value_moment(const fw_value *value, uint32_t *seconds);

/**
 * Reads a rate: how many, and of what.
 */
bool fw_value_rate(const fw_value *value, uint64_t *count, fw_unit *unit);

/**
 * Reads which of its names an option has: a bit for each, such as FW_CONNTRACK_STATE_NEW.
 */
bool fw_value_bits(const fw_value *value, uint64_t *bits);

/**
 * The text that the option reads as this value, whatever kind it is of; empty for a flag. It ends with NUL, and lives as long
 * as the rule. `length`, which may be NULL, gets its length: a text of FW_KIND_TEXT can have NUL in it. NULL only for NULL.
 */
const char *fw_value_text(const fw_value *value, size_t *length);

/**
 * The number of values of a list; 0 for what is no list.
 */
size_t fw_value_count(const fw_value *value);

/**
 * The value of a list at an index, counted from 0, such as the mask and the flags of FW_TCP_FLAGS; NULL beyond the last. Lives as
 * long as the rule.
 */
const fw_value *fw_value_item(const fw_value *value, size_t index);

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
 * Limits the source to an address or network that is given as bytes.
 */
void fw_builder_source_address(fw_builder *builder, const fw_address *address) FW_NONNULL(1);

/**
 * Limits the destination; see `fw_builder_source_address`.
 */
void fw_builder_destination_address(fw_builder *builder, const fw_address *address) FW_NONNULL(1);

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
 * Limits the protocol by its number, such as IPPROTO_TCP.
 */
void fw_builder_protocol_number(fw_builder *builder, uint8_t protocol) FW_NONNULL(1);

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
 * Sets the target to a verdict: one of FW_VERDICT_ACCEPT, FW_VERDICT_DROP, FW_VERDICT_QUEUE and FW_VERDICT_RETURN.
 */
void fw_builder_verdict(fw_builder *builder, fw_verdict verdict) FW_NONNULL(1);

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
 * Builds the rule and adds it at the end of a chain, without a handle of the rule between the two: the fastest way. The builder
 * can be used further, as after `fw_builder_build`.
 *
 * Errors: as for `fw_builder_build` and `fw_chain_append`.
 */
fw_status fw_builder_append(fw_builder *builder,
                            fw_table *table,
                            const char *chain,
                            fw_error **error)
    FW_CHECKED FW_NONNULL(1, 2);

/**
 * Sets an option that takes no value, such as FW_TCP_SYN.
 *
 *     struct in_addr network;
 *     fw_error *error = NULL;
 *     fw_rule *rule;
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     inet_pton(AF_INET, "198.51.100.0", &network);
 *     fw_address source = fw_address_ipv4(&network, 24);
 *     fw_builder_source_address(builder, &source);
 *     fw_builder_protocol_number(builder, IPPROTO_TCP);
 *     fw_builder_match(builder, FW_MATCH_TCP);
 *     fw_builder_number(builder, FW_TCP_DPORT, 22);
 *     fw_builder_flag(builder, FW_TCP_SYN);
 *     fw_builder_match(builder, FW_MATCH_LIMIT);
 *     fw_builder_rate(builder, FW_LIMIT_RATE, 5, FW_PER_MINUTE);
 *     fw_builder_number(builder, FW_LIMIT_BURST, 10);
 *     fw_builder_match(builder, FW_MATCH_CONNTRACK);
 *     fw_builder_bits(builder, FW_CONNTRACK_STATE, FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_UNTRACKED);
 *     fw_builder_target(builder, FW_TARGET_CONNMARK);
 *     fw_builder_masked(builder, FW_CONNMARK_SET_MARK, 0x10, 0xff);
 *     if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
 *         printf("%s\n", fw_rule_text(rule));
 *     else
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_rule_free(rule);
 *     fw_error_free(error);
 *     fw_builder_free(builder);
 */
void fw_builder_flag(fw_builder *builder, const char *option) FW_NONNULL(1);

/**
 * Sets an option to a number: a port, a length, seconds, a mark.
 */
void fw_builder_number(fw_builder *builder, const char *option, uint64_t number) FW_NONNULL(1);

/**
 * Sets an option to numbers from one to another, both included, such as ports.
 */
void fw_builder_range(fw_builder *builder, const char *option, uint64_t min, uint64_t max)
    FW_NONNULL(1);

/**
 * Sets an option to several numbers and ranges of numbers, such as the ports of `multiport`.
 */
void fw_builder_ranges(fw_builder *builder,
                       const char *option,
                       const fw_range *ranges,
                       size_t count)
    FW_NONNULL(1);

/**
 * Sets an option to a number of which the bits of a mask count, such as a mark.
 */
void fw_builder_masked(fw_builder *builder, const char *option, uint64_t number, uint64_t mask)
    FW_NONNULL(1);

/**
 * Sets an option to an address, or to a network where it takes one.
 */
void fw_builder_address(fw_builder *builder, const char *option, const fw_address *address)
    FW_NONNULL(1);

/**
 * Sets an option to the addresses from one to another, both included; their masks are not looked at.
 */
void fw_builder_addresses(fw_builder *builder,
                          const char *option,
                          const fw_address *first,
                          const fw_address *last)
    FW_NONNULL(1);

/**
 * Sets an option to the addresses, the ports, or both that a packet is mapped to: FW_DNAT_TO_DESTINATION, FW_SNAT_TO_SOURCE. Ports
 * alone, as FW_REDIRECT_TO_PORTS and FW_MASQUERADE_TO_PORTS take them, are a number or a range.
 */
void fw_builder_nat(fw_builder *builder, const char *option, const fw_nat *nat) FW_NONNULL(1);

/**
 * Sets an option to a type of ICMP or ICMPv6 and the codes of it that count: FW_ICMP_TYPE, FW_ICMP6_TYPE. With 0 and 255 all do, as
 * with `fw_builder_number`, which gives the type alone.
 *
 *     fw_builder *builder = fw_builder_new(FW_IPV4);
 *     fw_builder_protocol_number(builder, IPPROTO_ICMP);
 *     fw_builder_match(builder, FW_MATCH_ICMP);
 *     fw_builder_icmp(builder, FW_ICMP_TYPE, 3, 4, 4);
 *     fw_builder_free(builder);
 */
void fw_builder_icmp(fw_builder *builder,
                     const char *option,
                     uint8_t icmp_type,
                     uint8_t min_code,
                     uint8_t max_code)
    FW_NONNULL(1);

/**
 * Sets an option to a number of bytes where `fw_builder_number` sets it to packets: FW_HASHLIMIT_BURST beside a rate of
 * FW_BYTES_PER_SECOND.
 */
void fw_builder_bytes(fw_builder *builder, const char *option, uint64_t bytes) FW_NONNULL(1);

/**
 * Sets an option to the address of a network card: six bytes.
 */
void fw_builder_mac(fw_builder *builder, const char *option, const void *mac) FW_NONNULL(1);

/**
 * Sets an option that takes a span of time with its unit, such as FW_RATEEST_INTERVAL, or a number of seconds or milliseconds that
 * says so in its synopsis. For options that take a plain number see `fw_builder_number`.
 */
void fw_builder_duration(fw_builder *builder, const char *option, uint64_t microseconds)
    FW_NONNULL(1);

/**
 * Sets an option to a time of the day, in seconds since midnight.
 */
void fw_builder_time(fw_builder *builder, const char *option, uint32_t seconds) FW_NONNULL(1);

/**
 * Sets an option to a date and a time, in seconds since 1970; see `fw_value_moment`.
 */
void fw_builder_moment(fw_builder *builder, const char *option, uint32_t seconds) FW_NONNULL(1);

/**
 * Sets an option to a rate: so many packets, or bytes, in a unit of time.
 */
void fw_builder_rate(fw_builder *builder, const char *option, uint64_t count, fw_unit unit)
    FW_NONNULL(1);

/**
 * Sets an option to some of its names: a bit for each, such as FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_RELATED.
 */
void fw_builder_bits(fw_builder *builder, const char *option, uint64_t bits) FW_NONNULL(1);

/**
 * Sets FW_TCP_FLAGS, or another option that takes two sets of names: those that are looked at, and those of them that must be
 * set.
 */
void fw_builder_bits_of(fw_builder *builder, const char *option, uint64_t mask, uint64_t bits)
    FW_NONNULL(1);

/**
 * Sets an option to some of its names, or to a list of other words: an array of strings. With FW_UNTIL_NULL for `count` it ends with
 * NULL. Of an option that takes two words the first string is the first one, such as the name of a set; the others are the second:
 * `{"banned", "src", "dst"}` for FW_SET_MATCH_SET, `{"SYN,ACK", "SYN"}` for FW_TCP_FLAGS.
 */
void fw_builder_names(fw_builder *builder,
                      const char *option,
                      const char *const *names,
                      size_t count)
    FW_NONNULL(1);

/**
 * Sets an option as it is in a rule, inverted or not.
 */
void fw_builder_value(fw_builder *builder, const fw_value *value) FW_NONNULL(1);

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
 * The line of one rule in the listing of its chain, as `iptables -L CHAIN NUMBER` prints it; the rule is named by its index,
 * counted from 0. `flags` as for `fw_table_list`. Freed with `fw_string_free`.
 *
 * Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
 */
fw_status fw_chain_list_rule(const fw_table *table,
                             const char *chain,
                             size_t index,
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
 * Errors: FW_ERROR_IO where the file cannot be read, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open, and those of
 * `fw_restore_n`.
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
 * Carries out a command line of `iptables` or `ip6tables`, without the program's name: `{"-A", "INPUT", "-j", "DROP"}`, so many words
 * or with FW_UNTIL_NULL all before a NULL. What it prints is given as text, freed with `fw_string_free`. `warnings` as for `fw_restore`.
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
 * What was odd but not wrong about the rules that the thread's last call read from text, in the words of iptables: a range
 * that never matches, a name that no interface can have. Every function that takes a rule as text or words, or options with
 * their values, has such warnings, whether it works or fails; every function with a status is a call. A list to free with
 * `fw_strings_free`, or NULL if there is nothing to say.
 */
fw_strings *fw_warnings(void) FW_OWNED(fw_strings_free);

/**
 * Writes the table as `fw_table_save` does, to a function of the caller.
 *
 * Errors: FW_ERROR_ABORTED.
 */
fw_status fw_table_save_to(const fw_table *table,
                           bool counters,
                           fw_write write,
                           void *data,
                           fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Writes the table as `fw_table_save` does, to an open file. The descriptor stays the caller's.
 *
 * Errors: FW_ERROR_IO where the file cannot be written, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open.
 */
fw_status fw_table_save_fd(const fw_table *table, bool counters, int fd, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Writes every table of a family that there is, as `iptables-save` does, to an open file. The descriptor stays the caller's.
 *
 *     fw_error *error = NULL;
 *     if (fw_save_fd(NULL, FW_IPV4, true, STDOUT_FILENO, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_error_free(error);
 *
 * Errors: FW_ERROR_IO where the file cannot be written, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open; those of
 * `fw_table_open`.
 */
fw_status fw_save_fd(const fw_kernel *kernel,
                     fw_family family,
                     bool counters,
                     int fd,
                     fw_error **error)
    FW_CHECKED;

/**
 * Restores tables from a save file that a function of the caller gives; otherwise as `fw_restore_n`.
 *
 * Errors: FW_ERROR_ABORTED, and those of `fw_restore_n`.
 */
fw_status fw_restore_from(const fw_kernel *kernel,
                          fw_family family,
                          fw_read read,
                          void *data,
                          const char *only,
                          unsigned int flags,
                          fw_strings **warnings,
                          fw_error **error)
    FW_CHECKED;

/**
 * The rule in JSON, on one line, with its family and its counters. Freed with `fw_string_free`.
 *
 *     fw_error *error = NULL;
 *     fw_rule *rule, *again;
 *     if (fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport 22 -j ACCEPT", &rule, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     char *json = fw_rule_json(rule);
 *     if (fw_rule_from_json(NULL, json, &again, &error) == FW_OK && fw_rule_equal(rule, again))
 *         puts(json);
 *     fw_string_free(json);
 *     fw_rule_free(rule);
 *     fw_rule_free(again);
 *     fw_error_free(error);
 */
char *fw_rule_json(const fw_rule *rule) FW_OWNED(fw_string_free) FW_NONNULL(1);

/**
 * Reads a rule from JSON, which says for which family it is. `kernel` as for `fw_rule_parse`. JSON.md has the schema: options of
 * matches and targets stand beside their names, and `{"not": VALUE}` inverts one; a target is a `verdict`, a `jump` or `goto` to a
 * chain, or an extension by the key `target`.
 *
 *     fw_error *error = NULL;
 *     fw_rule *rule;
 *     const char *json = "{\"family\": \"ipv4\", \"source\": {\"not\": \"10.0.0.0/8\"}, \"protocol\": \"tcp\","
 *                        " \"matches\": [{\"match\": \"tcp\", \"dport\": 22}], \"target\": {\"verdict\": \"DROP\"}}";
 *     if (fw_rule_from_json(NULL, json, &rule, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     else
 *         puts(fw_rule_text(rule));
 *     fw_rule_free(rule);
 *     fw_error_free(error);
 *
 * Errors: FW_ERROR_SYNTAX when the text is not of this form, and those of `fw_rule_parse`; `fw_error_line`, `fw_error_column` and
 * `fw_error_path` say where it is wrong.
 */
fw_status fw_rule_from_json(const fw_kernel *kernel,
                            const char *json,
                            fw_rule **rule,
                            fw_error **error)
    FW_CHECKED;

/**
 * The table in JSON, each rule on a line, with counters. Freed with `fw_string_free`.
 */
char *fw_table_json(const fw_table *table) FW_OWNED(fw_string_free) FW_NONNULL(1);

/**
 * A chain of the table in JSON, as it stands in that of the table. Freed with `fw_string_free`. NULL if there is none.
 */
char *fw_chain_json(const fw_table *table, const char *chain)
    FW_OWNED(fw_string_free) FW_NONNULL(1);

/**
 * Makes the table what a text in JSON says, policies and counters included: chains that it does not name go, and built-in ones
 * lose their rules. Nothing is written before `fw_table_commit`.
 *
 * Errors: as for `fw_rule_from_json`; FW_ERROR_INVALID_ARGUMENT when it is of another table. The table is then as it was.
 */
fw_status fw_table_set_json(fw_table *table, const char *json, fw_error **error)
    FW_CHECKED FW_NONNULL(1);

/**
 * Every table of both families that there is, in JSON; with counters on demand. Freed with `fw_string_free`.
 *
 * Errors: as for `fw_kernel_tables` and `fw_table_open`.
 */
fw_status fw_save_json(const fw_kernel *kernel, bool counters, char **json, fw_error **error)
    FW_CHECKED;

/**
 * Makes tables of both families what a text in JSON says, all of them or none. Tables that it does not name stay as they are.
 *
 *     fw_error *error = NULL;
 *     const char *json =
 *         "{\"format\": \"libfw.tables/1\", \"tables\": [{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": ["
 *         "{\"chain\": \"INPUT\", \"policy\": \"DROP\", \"rules\": [{\"in_interface\": \"lo\", \"target\": {\"verdict\": \"ACCEPT\"}}]}"
 *         "]}]}";
 *     if (fw_restore_json(NULL, json, &error) != FW_OK)
 *         fprintf(stderr, "%s\n", fw_error_text(error));
 *     fw_error_free(error);
 *
 * Errors: as for `fw_table_set_json` and `fw_transaction_commit`, with the place in the text of the rule that is refused.
 */
fw_status fw_restore_json(const fw_kernel *kernel, const char *json, fw_error **error) FW_CHECKED;

/**
 * All that is known of an error in JSON, on one line, by the names of the functions that give it. NULL for NULL and for an error of
 * the C interface itself.
 */
const char *fw_error_json(const fw_error *error);

/**
 * The way to what is wrong in a text of JSON, such as `tables[0].chains[2].rules[5].source`; or NULL.
 */
const char *fw_error_path(const fw_error *error);

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
 * The first such rule, or another one of the same family; NULL behind the last.
 */
const char *fw_extension_example_at(const fw_extension *extension, size_t index) FW_NONNULL(1);

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
 * The header of the kernel that declares the data; empty where there is none.
 */
const char *fw_extension_header(const fw_extension *extension) FW_NONNULL(1);

/**
 * The name of its type in Rust and of its class in Python.
 */
const char *fw_extension_type(const fw_extension *extension) FW_NONNULL(1);

/**
 * Its other names. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_extension_aliases(const fw_extension *extension)
    FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The tables that may hold it; none where all may. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_extension_tables(const fw_extension *extension)
    FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The hooks from which a rule with it may be reached: a bit `1u << FW_HOOK_INPUT` for each.
 */
unsigned int fw_extension_hooks(const fw_extension *extension) FW_NONNULL(1);

/**
 * The protocols one of which a rule with it must be for, by name, or by number where there is none; none where any will do.
 * Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_extension_protocols(const fw_extension *extension)
    FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The options one of which must be given, or some of those that are likely to be meant where any will do; none where a rule can
 * have it without options. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_extension_needs(const fw_extension *extension)
    FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * Whether libfw knows a revision of it for a family.
 */
bool fw_extension_has_revision(const fw_extension *extension, fw_family family, uint8_t revision)
    FW_NONNULL(1);

/**
 * The text of the value that an option has unless another is given; NULL where it has none, is not an option of the
 * extension, or is not for the family. Freed with `fw_string_free`.
 */
char *fw_extension_default(const fw_extension *extension, const char *option, fw_family family)
    FW_OWNED(fw_string_free) FW_NONNULL(1);

/**
 * Other spellings of the option. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_option_aliases(const fw_option *option) FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The names that its value may have in a family; none where it is not one of a list. Freed with `fw_strings_free`. NULL only
 * for NULL and for what is no family.
 */
fw_strings *fw_option_names(const fw_option *option, fw_family family)
    FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The options of which none may stand beside it. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_option_excludes(const fw_option *option) FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The options that must stand beside it. Freed with `fw_strings_free`. NULL only for NULL.
 */
fw_strings *fw_option_requires(const fw_option *option) FW_OWNED(fw_strings_free) FW_NONNULL(1);

/**
 * The smallest number it takes, where it takes one.
 */
uint64_t fw_option_min(const fw_option *option) FW_NONNULL(1);

/**
 * The largest number it takes, where it takes one.
 */
uint64_t fw_option_max(const fw_option *option) FW_NONNULL(1);

/**
 * Whether it may be given more than once.
 */
bool fw_option_is_repeatable(const fw_option *option) FW_NONNULL(1);

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
