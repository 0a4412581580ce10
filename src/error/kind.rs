//! What can go wrong, in one word each.

use std::fmt;
use std::str::FromStr;

use super::{Error, Result};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal,)*) => {
        /// What went wrong, in one word.
        ///
        /// The numbers are stable: they are the values of `fw_status` in C and of `Error.code` in Python.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum ErrorKind { $($(#[doc = $doc])* $name = $number,)* }

        impl ErrorKind {
            /// Every kind, in the order of the numbers.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name),*];

            /// The kind's name, as it is spelled here.
            ///
            /// ```
            /// use libfw::ErrorKind;
            ///
            /// assert_eq!(ErrorKind::NoSuchChain.name(), "NoSuchChain");
            /// ```
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$name => stringify!($name),)* }
            }

            const fn names() -> [&'static str; ErrorKind::ALL.len()] {
                [$(stringify!($name)),*]
            }

            /// The kind's description: the text of this page.
            ///
            /// ```
            /// use libfw::ErrorKind;
            ///
            /// println!("{}", ErrorKind::NoSuchChain.description());
            /// ```
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(ErrorKind::$name => concat!($($doc),*).trim_ascii(),)* }
            }
        }
    };
}

/// Reads the [name](ErrorKind::name), or the words that [`Display`](fmt::Display) writes.
impl FromStr for ErrorKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<ErrorKind> {
        let named = |kind: &&ErrorKind| kind.name() == text || kind.to_string() == text;
        static NAMES: [&str; ErrorKind::ALL.len()] = ErrorKind::names();
        ErrorKind::ALL.iter().find(named).copied().ok_or_else(|| Error::none_of(&NAMES, text))
    }
}

#[cfg(feature = "serde")]
crate::types::json::serde::texts!(ErrorKind, name;);

/// The name in words, such as `no such chain`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = String::new();
        for letter in self.name().chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.push(letter.to_ascii_lowercase());
        }
        f.pad(&words)
    }
}

kinds! {
    /// An argument of a library call is not usable (an empty name, a handle of another family, ...).
    InvalidArgument = 1,
    /// A text is not a rule, command or save stream: an unknown option, a missing argument, a stray word.
    Syntax = 2,
    /// The value given to an option is malformed or out of range.
    InvalidValue = 3,
    /// The parts of a rule do not go together, or do not fit the table, hook or protocol they stand in.
    InvalidRule = 4,
    /// The kernel has no such table, or the save file that it was to be restored from.
    NoSuchTable = 10,
    /// The table has no such chain.
    NoSuchChain = 11,
    /// The chain has no such rule.
    NoSuchRule = 12,
    /// libfw knows no match or target of that name.
    NoSuchExtension = 13,
    /// The kernel has no object of that name (an ipset, a BPF object, a conntrack helper, ...).
    NoSuchObject = 14,
    /// A chain of that name exists already.
    ChainExists = 20,
    /// The chain still holds rules.
    ChainNotEmpty = 21,
    /// Rules still jump to the chain.
    ChainInUse = 22,
    /// The operation is not for a built-in chain, or only for one.
    BuiltinChain = 23,
    /// A rule index lies beyond the end of the chain.
    IndexTooBig = 24,
    /// The chains call each other in a circle.
    Loop = 25,
    /// A rule or table is larger than the kernel's structures can hold.
    TooLarge = 26,
    /// The process lacks CAP_NET_ADMIN in the user namespace that owns the network namespace.
    PermissionDenied = 30,
    /// The kernel has no xtables interface for this family.
    BackendAbsent = 31,
    /// Another program holds the xtables lock, or another change waits to be confirmed.
    LockBusy = 32,
    /// The table changed between reading and writing it.
    Conflict = 33,
    /// The kernel lacks a match, a target or the revision of it that the rule needs.
    ExtensionUnavailable = 34,
    /// The kernel refused for another reason; the error carries its number.
    Kernel = 35,
    /// Bytes that should be a table or a rule are not.
    Malformed = 36,
    /// The thread works on the table under the xtables lock already.
    AlreadyOpen = 37,
    /// Both the legacy tables and nf_tables hold rules, and nothing says which of them is meant.
    AmbiguousBackend = 38,
    /// The table has what no save file tells of, and it is not said what shall become of it.
    ForeignRules = 39,
    /// Reading or writing a file failed.
    Io = 40,
    /// A signal came while the xtables lock was waited for.
    Interrupted = 41,
    /// There is no memory for what was to be done.
    OutOfMemory = 42,
    /// Of several tables one was refused, and another that had been written before could not be put back.
    PartlyCommitted = 43,
}
