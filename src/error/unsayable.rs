//! What nf_tables cannot have.

use super::ErrorKind;
use super::sample::sampled;

sampled! {
    /// Why an entry of xtables is no rule of nf_tables.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
    pub(crate) enum Unsayable {
        #[error("nf_tables has no rule for no address at all")]
        NoAddress,
        #[error("nf_tables cannot compare the {0} of the rule under its mask")]
        Mask(&'static str),
        #[error("the header of the rule has a flag or a protocol that nf_tables does not know")]
        Flags,
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
}

impl Unsayable {
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Unsayable::NoAddress
            | Unsayable::Mask(_)
            | Unsayable::Flags
            | Unsayable::Verdict(_)
            | Unsayable::NoChain => ErrorKind::InvalidRule,
            Unsayable::Queue => ErrorKind::ExtensionUnavailable,
            Unsayable::TooMany(_) | Unsayable::TooLong => ErrorKind::TooLarge,
        }
    }
}
