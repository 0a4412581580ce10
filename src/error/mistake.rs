//! Everything that can be wrong.

use super::sample::sampled;
use std::net::IpAddr;

use super::{
    BadEdit, BadFile, BadJson, BadLine, BadNft, BadValue, ErrorKind, Failure, Malformed, Misfit, Refused,
    Unsayable,
};
use crate::types::Family;

sampled! {
    /// What is wrong, with all that is known of it. Its text is libfw's own sentence; those of iptables are a function of it
    /// too, in `iptables/words`.
    #[derive(Clone, Debug, thiserror::Error)]
    pub(crate) enum Mistake {
        // Extensions.
        #[error("bad value {}, expected {expected}", part_of(value, expected))]
        Value { value: String, expected: BadValue },
        #[error(transparent)]
        Misfit(#[from] Misfit),
        #[error(transparent)]
        Refused(#[from] Refused),
        #[error(transparent)]
        Malformed(#[from] Malformed),

        #[error("there is no {kind} {name:?}{}", did_you_mean(name, meant))]
        NoSuchExtension { kind: &'static str, name: String, meant: Option<String> },
        #[error("{}", no_such_target(name, meant))]
        NoSuchTarget { name: String, meant: Option<String> },
        #[error("there is no {kind} {name} for {family}")]
        NotOfFamily { kind: &'static str, name: &'static str, family: Family },

        // Rules.
        #[error(transparent)]
        Line(#[from] BadLine),
        #[error("address {text} in a rule for {family}")]
        AddressOfOtherFamily { text: String, family: Family },
        #[error("IPv6 has no -f; use the match frag")]
        Fragment,
        #[error("ARP has no protocol and no fragments, and its rules go to no chain for good")]
        NotOfArp,
        #[error("a rule for no protocol never matches")]
        NoProtocol,
        #[error("the name of an extension has 1 to {max} bytes")]
        ExtensionName { max: usize },
        #[error("a rule has at most 65535 bytes")]
        LongRule,

        #[error(transparent)]
        File(#[from] BadFile),
        #[error(transparent)]
        Json(#[from] BadJson),

        // Tables and the kernel.
        #[error(transparent)]
        Edit(#[from] BadEdit),
        #[error(transparent)]
        Failure(#[from] Failure),
        #[error(transparent)]
        Nft(#[from] BadNft),
        #[error(transparent)]
        Unsayable(#[from] Unsayable),

        // The vocabulary.
        #[error("bad address {text:?}, expected ADDRESS[/MASK]")]
        Address { text: String },
        #[error("address {addr} and mask {mask} are of different families")]
        MaskOfOtherFamily { addr: IpAddr, mask: IpAddr },
        #[error("bad family {text:?}, expected ipv4, ipv6 or arp")]
        Family { text: String },
        #[error("bad policy {text:?}, expected ACCEPT or DROP")]
        Policy { text: String },
        #[error("empty interface name")]
        EmptyInterface,
        #[error("interface name {name:?} is not 1 to {max} bytes")]
        Interface { name: String, max: usize },
        #[error("interface name {name:?} has a line end or a NUL byte")]
        BrokenInterface { name: String },
    }
}

impl Mistake {
    /// The option that it is about, where its extension does not say.
    pub(super) fn option(&self) -> Option<&'static str> {
        match self {
            Mistake::Misfit(misfit) => misfit.option(),
            Mistake::Refused(refused) => refused.option(),
            _ => None,
        }
    }

    /// The family that it would be right for, where that is another one.
    pub(super) fn meant_family(&self) -> Option<Family> {
        let of = |address: &str| {
            Some(if address.parse::<IpAddr>().ok()?.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 })
        };
        match self {
            Mistake::AddressOfOtherFamily { text, .. } => of(text.split('/').next()?),
            Mistake::Line(BadLine::Host { text, .. } | BadLine::Mask { host: Some(text), .. }) => of(text),
            Mistake::Line(BadLine::OtherFamily { family, .. }) => Some(*family),
            Mistake::Edit(BadEdit::OtherFamily { rule, .. }) => Some(*rule),
            _ => None,
        }
    }

    /// Whether it is the value of an option that is wrong, rather than that the option stands there.
    pub(crate) fn is_of_value(&self) -> bool {
        match self {
            Mistake::Refused(refused) => refused.is_of_value(),
            Mistake::Failure(failure) => *failure == Failure::Overflow,
            Mistake::Misfit(misfit) => {
                matches!(misfit, Misfit::BigBurst { .. } | Misfit::SmallBurst { .. } | Misfit::NthPacket)
                    || matches!(misfit, Misfit::ClusterNode | Misfit::ClusterMask | Misfit::NoObject { .. })
                    || matches!(
                        misfit,
                        Misfit::EstimatorInterval | Misfit::EstimatorTime | Misfit::TunnelNumber
                    )
            }
            _ => false,
        }
    }

    /// Whether it is about what a rule goes to.
    pub(crate) fn is_of_jump(&self) -> bool {
        matches!(
            self,
            Mistake::NoSuchTarget { .. }
                | Mistake::File(BadFile::NoChainToGoTo { .. })
                | Mistake::Line(BadLine::OptionOfNoTarget { .. })
                | Mistake::Edit(BadEdit::JumpToBuiltin | BadEdit::Loop(_) | BadEdit::Deep(_))
        )
    }

    /// Whether it is that an option does not stand there.
    pub(crate) fn is_of_absence(&self) -> bool {
        matches!(self, Mistake::Misfit(Misfit::Missing | Misfit::EstimatorLacks))
    }

    /// Whether the sentence names the option by itself, or need not where the line is `shown`.
    pub(super) fn names_option(&self, shown: bool) -> bool {
        match self {
            Mistake::Line(bad) => shown || !bad.is_of_value(),
            _ => matches!(self, Mistake::Misfit(Misfit::NoTunnel)),
        }
    }

    /// The kind of each.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Mistake::AddressOfOtherFamily { .. }
            | Mistake::Fragment
            | Mistake::NotOfArp
            | Mistake::NoProtocol => ErrorKind::InvalidRule,
            Mistake::LongRule => ErrorKind::TooLarge,
            Mistake::Line(bad) => bad.kind(),
            Mistake::File(bad) => bad.kind(),
            Mistake::Json(bad) => bad.kind(),
            Mistake::Edit(bad) => bad.kind(),
            Mistake::Failure(failure) => failure.kind(),
            Mistake::Nft(bad) => bad.kind(),
            Mistake::Unsayable(unsayable) => unsayable.kind(),
            Mistake::Family { .. } | Mistake::MaskOfOtherFamily { .. } | Mistake::ExtensionName { .. } => {
                ErrorKind::InvalidArgument
            }
            Mistake::Value { .. }
            | Mistake::Address { .. }
            | Mistake::Policy { .. }
            | Mistake::EmptyInterface
            | Mistake::Interface { .. }
            | Mistake::BrokenInterface { .. } => ErrorKind::InvalidValue,
            Mistake::NoSuchTarget { .. } => ErrorKind::NoSuchChain,
            Mistake::NoSuchExtension { .. } | Mistake::NotOfFamily { .. } => ErrorKind::NoSuchExtension,
            Mistake::Misfit(misfit) => misfit.kind(),
            Mistake::Refused(_) => ErrorKind::InvalidRule,
            Mistake::Malformed(_) => ErrorKind::Malformed,
        }
    }
}

/// What of a value cannot be read.
fn part_of(value: &str, expected: &BadValue) -> String {
    match expected.culprit(value) {
        part if part.len() < value.len() => format!("{:?} in {value:?}", &value[part]),
        _ => format!("{value:?}"),
    }
}

/// A verdict is no chain that a jump could go to, even where it was meant as one.
fn no_such_target(name: &str, meant: &Option<String>) -> String {
    match name {
        "ACCEPT" | "DROP" | "QUEUE" | "RETURN" => {
            format!("there is no chain {name:?}, it is the name of a verdict")
        }
        _ => format!("there is neither a chain nor a target {name:?}{}", did_you_mean(name, meant)),
    }
}

/// What was perhaps meant by the name of an extension.
fn did_you_mean(name: &str, meant: &Option<String>) -> String {
    match meant {
        Some(known) if known == name => " in this family".into(),
        meant => or_this(meant),
    }
}

/// The known name that was perhaps meant.
pub(super) fn or_this(meant: &Option<String>) -> String {
    meant.as_ref().map_or_else(String::new, |known| format!(", did you mean {known}?"))
}
