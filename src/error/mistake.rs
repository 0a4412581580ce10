//! Everything that can be wrong.

use std::borrow::Cow;
use std::net::IpAddr;

use super::{BadValue, ErrorKind, Malformed, Misfit, Refused};
use crate::types::Family;

/// What is wrong, with all that is known of it. Its text is libfw's own sentence; those of iptables are a function of it
/// too, in `iptables/words`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("{message}")]
    Said { kind: ErrorKind, message: Cow<'static, str>, words: Option<(u8, Cow<'static, str>)> },

    // Extensions.
    #[error("bad value {value:?}, expected {expected}")]
    Value { value: String, expected: BadValue },
    #[error(transparent)]
    Misfit(#[from] Misfit),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Malformed(#[from] Malformed),

    #[error("there is no {kind} {name} for {family}")]
    NotOfFamily { kind: &'static str, name: &'static str, family: Family },

    // The vocabulary.
    #[error("bad address {text:?}, expected ADDRESS[/MASK]")]
    Address { text: String },
    #[error("address {addr} and mask {mask} are of different families")]
    MaskOfOtherFamily { addr: IpAddr, mask: IpAddr },
    #[error("expected a family, ipv4 or ipv6")]
    Family,
    #[error("bad policy {text:?}, expected ACCEPT or DROP")]
    Policy { text: String },
    #[error("empty interface name")]
    EmptyInterface,
    #[error("interface name {name:?} is not 1 to {max} bytes")]
    Interface { name: String, max: usize },
}

impl Mistake {
    /// The kind of each.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Mistake::Said { kind, .. } => *kind,
            Mistake::Family | Mistake::MaskOfOtherFamily { .. } => ErrorKind::InvalidArgument,
            Mistake::Value { .. }
            | Mistake::Address { .. }
            | Mistake::Policy { .. }
            | Mistake::EmptyInterface
            | Mistake::Interface { .. } => ErrorKind::InvalidValue,
            Mistake::NotOfFamily { .. } => ErrorKind::NoSuchExtension,
            Mistake::Misfit(misfit) => misfit.kind(),
            Mistake::Refused(_) => ErrorKind::InvalidRule,
            Mistake::Malformed(_) => ErrorKind::Malformed,
        }
    }
}
