//! What is wrong with a save file, or with a command as a whole.

use super::ErrorKind;
use super::mistake::or_this;
use super::sample::sampled;

sampled! {
    /// Why a save file or a command cannot be carried out. Lines are counted from 1.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum BadFile {
        #[error("cannot read the save file")]
        Unreadable,
        #[error("cannot write the output")]
        Unwritable,
        #[error("the last table has no COMMIT")]
        NoCommit { line: usize },
        #[error("a line has at most {max} bytes")]
        LongLine { max: usize },
        #[error("a NUL byte in the line")]
        Nul,
        #[error("this command has no translation to nft")]
        NoTranslation,
        #[error("expected -A CHAIN")]
        NoAppend { line: usize },
        #[error("expected *TABLE")]
        OutsideTable { line: usize },
        #[error("the save file has no such table")]
        Lacks,
        #[error("a * without the name of a table")]
        NoTable { line: usize },
        /// `chain name` or `policy`.
        #[error("bad {what}, expected :CHAIN POLICY [PACKETS:BYTES]")]
        ChainLine { what: &'static str, line: usize },
        #[error("a chain name has at most {max} bytes")]
        LongChain { name: String, max: usize },
        #[error("bad counters, expected [PACKETS:BYTES]")]
        PolicyCounters { chain: String },
        #[error("bad counters, expected [PACKETS:BYTES]")]
        OpenBracket { line: usize },
        /// `packet` or `byte`.
        #[error("bad counters, expected [PACKETS:BYTES]")]
        Counters { of: &'static str },
        #[error("counters before the rule and in it")]
        CountersTwice,
        #[error("the table nat is not for dropping packets")]
        NatDrop,
        /// `meant`: the chain that is spelt alike.
        #[error("there is no chain {name:?} to go to{}", or_this(meant))]
        NoChainToGoTo { name: String, meant: Option<String> },
        #[error("there is no such chain{}", or_this(meant))]
        PolicyOfNoChain { meant: Option<String> },
    }
}

impl BadFile {
    pub(crate) fn kind(&self) -> ErrorKind {
        use BadFile::*;
        match self {
            Unreadable | Unwritable => ErrorKind::Io,
            LongChain { .. } => ErrorKind::InvalidArgument,
            Lacks => ErrorKind::NoSuchTable,
            NatDrop => ErrorKind::InvalidRule,
            NoChainToGoTo { .. } | PolicyOfNoChain { .. } => ErrorKind::NoSuchChain,
            NoCommit { .. }
            | LongLine { .. }
            | Nul
            | OutsideTable { .. }
            | NoTranslation
            | NoAppend { .. }
            | NoTable { .. }
            | ChainLine { .. }
            | PolicyCounters { .. }
            | OpenBracket { .. }
            | Counters { .. }
            | CountersTwice => ErrorKind::Syntax,
        }
    }
}

sampled! {
    /// What a save file was at when something went wrong: iptables-restore tells the step rather than the cause.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) enum Step {
        /// `*TABLE`
        Table { name: String },
        /// `:CHAIN`
        Chain { name: String },
        /// The policy of a chain.
        Policy { chain: String, policy: String, line: usize },
        /// A rule or another command.
        Command { line: usize },
        /// `COMMIT`
        Commit { line: usize },
    }
}
