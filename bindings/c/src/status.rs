//! What functions return. Made from `libfw::ErrorKind` by `make generated`; do not edit.

use libfw::ErrorKind;

/// What a function returns: `FW_OK`, or what went wrong. The numbers do not change between versions; new ones may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_status {
    /// It worked.
    #[default]
    FW_OK = 0,
    /// An argument of a library call is not usable (an empty name, a handle of another family, ...).
    FW_ERROR_INVALID_ARGUMENT = 1,
    /// A text is not a rule, command or save stream: an unknown option, a missing argument, a stray word.
    FW_ERROR_SYNTAX = 2,
    /// The value given to an option is malformed or out of range.
    FW_ERROR_INVALID_VALUE = 3,
    /// The parts of a rule do not go together, or do not fit the table, hook or protocol they stand in.
    FW_ERROR_INVALID_RULE = 4,
    /// The kernel has no such table, or the save file that it was to be restored from.
    FW_ERROR_NO_SUCH_TABLE = 10,
    /// The table has no such chain.
    FW_ERROR_NO_SUCH_CHAIN = 11,
    /// The chain has no such rule.
    FW_ERROR_NO_SUCH_RULE = 12,
    /// libfw knows no match or target of that name.
    FW_ERROR_NO_SUCH_EXTENSION = 13,
    /// The kernel has no object of that name (an ipset, a BPF object, a conntrack helper, ...).
    FW_ERROR_NO_SUCH_OBJECT = 14,
    /// A chain of that name exists already.
    FW_ERROR_CHAIN_EXISTS = 20,
    /// The chain still holds rules.
    FW_ERROR_CHAIN_NOT_EMPTY = 21,
    /// Rules still jump to the chain.
    FW_ERROR_CHAIN_IN_USE = 22,
    /// The operation is not for a built-in chain, or only for one.
    FW_ERROR_BUILTIN_CHAIN = 23,
    /// A rule index lies beyond the end of the chain.
    FW_ERROR_INDEX_TOO_BIG = 24,
    /// The chains call each other in a circle.
    FW_ERROR_LOOP = 25,
    /// A rule or table is larger than the kernel's structures can hold.
    FW_ERROR_TOO_LARGE = 26,
    /// The process lacks CAP_NET_ADMIN in the user namespace that owns the network namespace.
    FW_ERROR_PERMISSION_DENIED = 30,
    /// The kernel has no xtables interface for this family.
    FW_ERROR_BACKEND_ABSENT = 31,
    /// Another program holds the xtables lock, or another change waits to be confirmed.
    FW_ERROR_LOCK_BUSY = 32,
    /// The table changed between reading and writing it.
    FW_ERROR_CONFLICT = 33,
    /// The kernel lacks a match, a target or the revision of it that the rule needs.
    FW_ERROR_EXTENSION_UNAVAILABLE = 34,
    /// The kernel refused for another reason; the error carries its number.
    FW_ERROR_KERNEL = 35,
    /// Bytes that should be a table or a rule are not.
    FW_ERROR_MALFORMED = 36,
    /// The thread works on the table under the xtables lock already.
    FW_ERROR_ALREADY_OPEN = 37,
    /// Both the legacy tables and nf_tables hold rules, and nothing says which of them is meant.
    FW_ERROR_AMBIGUOUS_BACKEND = 38,
    /// The table has what no save file tells of, and it is not said what shall become of it.
    FW_ERROR_FOREIGN_RULES = 39,
    /// Reading or writing a file failed.
    FW_ERROR_IO = 40,
    /// A signal came while the xtables lock was waited for.
    FW_ERROR_INTERRUPTED = 41,
    /// There is no memory for what was to be done.
    FW_ERROR_OUT_OF_MEMORY = 42,
    /// Of several tables one was refused, and another that had been written before could not be put back.
    FW_ERROR_PARTLY_COMMITTED = 43,
    /// The edit function of `fw_table_update` returned a number other than 0 and no error.
    FW_ERROR_ABORTED = 100,
    /// A bug in libfw. Nothing was committed, but do not use the handles of the call again; free them.
    FW_ERROR_PANIC = 101,
}

impl fw_status {
    pub(crate) fn of(kind: ErrorKind) -> fw_status {
        match kind {
            ErrorKind::InvalidArgument => fw_status::FW_ERROR_INVALID_ARGUMENT,
            ErrorKind::Syntax => fw_status::FW_ERROR_SYNTAX,
            ErrorKind::InvalidValue => fw_status::FW_ERROR_INVALID_VALUE,
            ErrorKind::InvalidRule => fw_status::FW_ERROR_INVALID_RULE,
            ErrorKind::NoSuchTable => fw_status::FW_ERROR_NO_SUCH_TABLE,
            ErrorKind::NoSuchChain => fw_status::FW_ERROR_NO_SUCH_CHAIN,
            ErrorKind::NoSuchRule => fw_status::FW_ERROR_NO_SUCH_RULE,
            ErrorKind::NoSuchExtension => fw_status::FW_ERROR_NO_SUCH_EXTENSION,
            ErrorKind::NoSuchObject => fw_status::FW_ERROR_NO_SUCH_OBJECT,
            ErrorKind::ChainExists => fw_status::FW_ERROR_CHAIN_EXISTS,
            ErrorKind::ChainNotEmpty => fw_status::FW_ERROR_CHAIN_NOT_EMPTY,
            ErrorKind::ChainInUse => fw_status::FW_ERROR_CHAIN_IN_USE,
            ErrorKind::BuiltinChain => fw_status::FW_ERROR_BUILTIN_CHAIN,
            ErrorKind::IndexTooBig => fw_status::FW_ERROR_INDEX_TOO_BIG,
            ErrorKind::Loop => fw_status::FW_ERROR_LOOP,
            ErrorKind::TooLarge => fw_status::FW_ERROR_TOO_LARGE,
            ErrorKind::PermissionDenied => fw_status::FW_ERROR_PERMISSION_DENIED,
            ErrorKind::BackendAbsent => fw_status::FW_ERROR_BACKEND_ABSENT,
            ErrorKind::LockBusy => fw_status::FW_ERROR_LOCK_BUSY,
            ErrorKind::Conflict => fw_status::FW_ERROR_CONFLICT,
            ErrorKind::ExtensionUnavailable => fw_status::FW_ERROR_EXTENSION_UNAVAILABLE,
            ErrorKind::Malformed => fw_status::FW_ERROR_MALFORMED,
            ErrorKind::AlreadyOpen => fw_status::FW_ERROR_ALREADY_OPEN,
            ErrorKind::AmbiguousBackend => fw_status::FW_ERROR_AMBIGUOUS_BACKEND,
            ErrorKind::ForeignRules => fw_status::FW_ERROR_FOREIGN_RULES,
            ErrorKind::Io => fw_status::FW_ERROR_IO,
            ErrorKind::Interrupted => fw_status::FW_ERROR_INTERRUPTED,
            ErrorKind::OutOfMemory => fw_status::FW_ERROR_OUT_OF_MEMORY,
            ErrorKind::PartlyCommitted => fw_status::FW_ERROR_PARTLY_COMMITTED,
            // This file has every kind: a test compares it with them.
            _ => fw_status::FW_ERROR_KERNEL,
        }
    }
}
