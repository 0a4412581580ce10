//! What is wrong with an edit of a table.

use super::ErrorKind;
use super::mistake::or_this;
use super::sample::sampled;
use crate::types::Family;

sampled! {
    /// Why a table cannot be changed so.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum BadEdit {
        /// `meant`: the chain of the table that is spelt alike.
        #[error("there is no such chain{}", or_this(meant))]
        NoSuchChain { meant: Option<String> },
        /// `renamed`: another chain was to get the name.
        #[error("a chain of that name exists already")]
        ChainExists { renamed: bool },
        #[error("{}", goes(*rules as usize))]
        ChainInUse { rules: u32 },
        #[error("it has {}", of_rules(*rules))]
        ChainNotEmpty { rules: usize },
        #[error("a built-in chain cannot be deleted")]
        BuiltinDeleted,
        #[error("a built-in chain cannot be renamed")]
        BuiltinRenamed,
        /// `hook`: the name is that of a built-in chain of other tables.
        #[error("{}only built-in chains have a policy", if *hook { OF_OTHERS } else { "" })]
        PolicyOfUsers { hook: bool },
        #[error("a rule cannot go to a built-in chain")]
        JumpToBuiltin,
        #[error("the chains call each other in a circle: {}", .0.join(" -> "))]
        Loop(Vec<String>),
        #[error("the chains call each other deeper than nf_tables allows: {}", .0.join(" -> "))]
        Deep(Vec<String>),
        /// `standard`: the rule ends in a verdict.
        #[error("the chain has no rule {}", if rule.is_empty() { EMPTY } else { rule })]
        NoSuchRule { rule: String, standard: bool },
        /// `of`: what the index is for.
        #[error("there is no rule {}, the chain has {}", index.saturating_add(1), of_rules(*len))]
        Index { index: usize, len: usize, of: &'static str },
        #[error("a rule for {rule} in a table of {table}")]
        OtherFamily { rule: Family, table: Family },
        #[error("it is compared with another table, {other}")]
        OtherTable { other: String },
        #[error("a table has at most 4 GiB")]
        Large,
        #[error("the kernel takes at most 512 MiB")]
        TooLargeForKernel,
        #[error("it was changed by another program since it was read")]
        Changed,
        #[error("the ipset is no longer the one that the rules were made for")]
        SetChanged,
        #[error("another program has replaced it while counters were taken off, which may be wrong now")]
        CountersAstray,
        #[error("this thread works on the table under the lock already; use that one, or be done with it first")]
        AlreadyOpen,
        /// `stays`: the tables that were changed and could not be put back.
        #[error("it is refused ({reason}), but what was written with it stays: {}", .stays.join(", "))]
        PartlyCommitted { reason: String, stays: Vec<String> },
        #[error("a table that says what another is to be is not written itself")]
        Draft,
        #[error("the plan was made for another state of the table")]
        StalePlan,
        #[error("the rule is outside of what the desired state speaks of ({scope})")]
        OutsideScope { scope: String },
        #[error("the comment of the rule does not begin with the mark {mark:?} of its owner")]
        NoMark { mark: String },
        #[error("bad mark {mark:?} of an owner, expected 1 to 255 bytes without line ends and NUL")]
        BadMark { mark: String },
        #[error("an empty prefix, with which every chain begins")]
        EmptyPrefix,
        #[error("tables of two backends are not written together")]
        TwoBackends,
        #[error("the lock was taken by the process that this one is a fork of; refresh the table")]
        LockOfParent,
    }
}

/// A chain that other tables have.
const OF_OTHERS: &str = "the table has no built-in chain of this name, and ";
/// What a rule is that has no text.
const EMPTY: &str = "without matches and target";

/// How many rules there are.
fn of_rules(count: usize) -> String {
    match count {
        0 => "none".into(),
        1 => "1 rule".into(),
        _ => format!("{count} rules"),
    }
}

/// How many rules go to a chain.
fn goes(count: usize) -> String {
    format!("{} {} to it", of_rules(count), if count == 1 { "goes" } else { "go" })
}

impl BadEdit {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            BadEdit::NoSuchChain { .. } => ErrorKind::NoSuchChain,
            BadEdit::ChainExists { .. } => ErrorKind::ChainExists,
            BadEdit::OtherFamily { .. } | BadEdit::OtherTable { .. } => ErrorKind::InvalidArgument,
            BadEdit::ChainInUse { .. } => ErrorKind::ChainInUse,
            BadEdit::ChainNotEmpty { .. } => ErrorKind::ChainNotEmpty,
            BadEdit::BuiltinDeleted | BadEdit::BuiltinRenamed | BadEdit::PolicyOfUsers { .. } => {
                ErrorKind::BuiltinChain
            }
            BadEdit::JumpToBuiltin => ErrorKind::InvalidRule,
            BadEdit::Loop(_) | BadEdit::Deep(_) => ErrorKind::Loop,
            BadEdit::NoSuchRule { .. } => ErrorKind::NoSuchRule,
            BadEdit::Index { .. } => ErrorKind::IndexTooBig,
            BadEdit::Large | BadEdit::TooLargeForKernel => ErrorKind::TooLarge,
            BadEdit::Changed | BadEdit::SetChanged | BadEdit::LockOfParent | BadEdit::CountersAstray => {
                ErrorKind::Conflict
            }
            BadEdit::AlreadyOpen => ErrorKind::AlreadyOpen,
            BadEdit::PartlyCommitted { .. } => ErrorKind::PartlyCommitted,
            BadEdit::StalePlan => ErrorKind::Conflict,
            BadEdit::TwoBackends
            | BadEdit::Draft
            | BadEdit::OutsideScope { .. }
            | BadEdit::NoMark { .. }
            | BadEdit::BadMark { .. }
            | BadEdit::EmptyPrefix => ErrorKind::InvalidArgument,
        }
    }
}
