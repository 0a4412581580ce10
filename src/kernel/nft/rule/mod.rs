//! One rule: from an entry of xtables to the expressions of nf_tables, and back.
//!
//! Tables in memory hold entries, whatever the backend. [`write`] says an entry as `iptables-nft` would, [`read`] finds the
//! entry that expressions mean. An entry that was written comes back the same, but for what of its header matches
//! everything. Expressions that no entry means make a rule [`Foreign`]: it is kept as it is, and never shown as less than it is.

mod expr;
mod header;
mod locate;
mod native;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use locate::{Part, part_at};
pub(crate) use read::{ReadRule, Reader};
pub(crate) use write::write;

use crate::{Error, ErrorKind};

/// Why a rule of nf_tables is none of xtables, in words that go on after "the rule".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule {0}")]
pub(crate) struct Foreign(pub(crate) &'static str);

/// Why an entry of xtables is no rule of nf_tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsayable {
    #[error("nf_tables has no rule for no address at all")]
    NoAddress,
    #[error("nf_tables has no QUEUE, only NFQUEUE")]
    Queue,
    #[error("the verdict {0} is none that the kernel knows")]
    Verdict(i32),
    #[error("the rule jumps, but not to a chain")]
    NoChain,
    #[error("nf_tables has room for 128 expressions in a rule, this one has {0}")]
    TooMany(usize),
    #[error("nf_tables has room for 65535 bytes in a rule, this one has more")]
    TooLong,
}

impl Unsayable {
    pub(crate) fn error(self) -> Error {
        let kind = match self {
            Unsayable::NoAddress | Unsayable::Verdict(_) | Unsayable::NoChain => ErrorKind::InvalidRule,
            Unsayable::Queue => ErrorKind::ExtensionUnavailable,
            Unsayable::TooMany(_) | Unsayable::TooLong => ErrorKind::TooLarge,
        };
        Error::new(kind, self.to_string())
    }
}
