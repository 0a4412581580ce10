//! Edits of a table that cannot be made.

use super::{INVALID, NO_BUILTIN, NO_SUCH, TRY_AGAIN, Words, own};
use crate::Error;
use crate::error::BadEdit;

/// What iptables says about an edit.
pub(super) fn words<'a>(error: &'a Error, bad: &BadEdit) -> Words<'a> {
    let sentence = match bad {
        BadEdit::OtherFamily { .. }
        | BadEdit::OtherTable { .. }
        | BadEdit::Large
        | BadEdit::AlreadyOpen
        | BadEdit::PartlyCommitted { .. }
        | BadEdit::TwoBackends
        | BadEdit::Draft
        | BadEdit::OutsideScope { .. }
        | BadEdit::NoMark { .. }
        | BadEdit::BadMark { .. }
        | BadEdit::EmptyPrefix => return own(error),
        BadEdit::Changed
        | BadEdit::SetChanged
        | BadEdit::StalePlan
        | BadEdit::LockOfParent
        | BadEdit::CountersAstray => {
            return (4, TRY_AGAIN.into());
        }
        BadEdit::Index { of, .. } => return (1, format!("Index of {of} too big.").into()),
        BadEdit::ChainExists { renamed: false } => "Chain already exists.",
        BadEdit::ChainExists { renamed: true } => "File exists.",
        BadEdit::ChainInUse { .. } => "Too many links.",
        BadEdit::ChainNotEmpty { .. } => "Directory not empty.",
        BadEdit::NoSuchChain { .. } | BadEdit::BuiltinRenamed => NO_SUCH,
        BadEdit::BuiltinDeleted | BadEdit::JumpToBuiltin => INVALID,
        BadEdit::PolicyOfUsers { .. } => NO_BUILTIN,
        BadEdit::Loop(_) | BadEdit::Deep(_) => super::LOOP,
        // It asks the kernel's library, whose answer depends on the kind of target.
        BadEdit::NoSuchRule { standard: true, .. } => "Bad rule (does a matching rule exist in that chain?).",
        BadEdit::NoSuchRule { standard: false, .. } => NO_SUCH,
        BadEdit::TooLargeForKernel => super::NO_MEMORY,
    };
    (1, sentence.into())
}
