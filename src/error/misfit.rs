//! What is wrong with the options of a match or target although each can be read.

use super::ErrorKind;
use super::sample::sampled;
use crate::types::Family;

sampled! {
    /// Why options do not make a match or target: they do not go together, or the kernel's data has no place for a value
    /// that a program made.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum Misfit {
        // Any extension.
        #[error("given twice, but may be used only once")]
        Twice,
        /// Another option that means the same was given.
        #[error("cannot stand beside --{by}")]
        TwiceBy { by: &'static str },
        #[error("cannot be inverted with !")]
        Inverted,
        /// `meant`: what it was perhaps meant to be.
        #[error("no such option{} {extension} has: {}", or_this(meant), names.join(", "))]
        NoSuchOption { extension: &'static str, names: Vec<&'static str>, meant: Option<&'static str> },
        #[error("no address at all cannot be asked for")]
        InvertedAny,
        #[error("must be given")]
        Missing,
        #[error("needs --{other} beside it")]
        Needs { other: &'static str },
        /// `formal`: its name in the messages of iptables, which name it first where it is `turned`.
        #[error("cannot stand beside --{other}")]
        Excludes { other: &'static str, formal: &'static str, turned: bool },
        /// What iptables says about it stands in the table of the extension.
        #[error("needs {}", one_of(.0))]
        NeedsOneOf(&'static [&'static str]),
        #[error("it has a line end or a NUL byte")]
        Broken,
        #[error("{len} bytes are too long, at most {max} fit")]
        TooLong { len: usize, max: usize },
        #[error("{value} is not for {family}")]
        OtherFamily { value: String, family: Family },
        #[error("these options need revision {needed}, but the kernel has only {has}")]
        Revision { needed: u8, has: u8 },

        // Objects of the kernel.
        #[error("there is no set {name:?}")]
        NoSet { name: String },
        #[error("the set {name:?} is for {family}")]
        SetFamily { name: String, family: Family },
        #[error("ipset names can be looked up only in a kernel")]
        SetsUnknown,
        #[error("cannot open the BPF object {path}")]
        NoObject { path: String },

        // Numbers and lists.
        #[error("{codepoint} is no codepoint, they go from 0 to 63")]
        Codepoint { codepoint: u8 },
        #[error("there is no label {label}, only 0 to {max}")]
        Label { label: u16, max: u64 },
        #[error("there is no group {group}, only {min} to {max}")]
        Group { group: u8, min: u8, max: u8 },
        #[error("the lower count first")]
        CountOrder,
        #[error("a range of one count cannot be inverted")]
        InvertedCount,
        #[error("{first}:{last} is not a range of 2 to 65535 queues")]
        Queues { first: u16, last: u16 },
        #[error("{seconds} seconds are more than a day has")]
        DayTime { seconds: u32 },
        #[error("a set is looked up by 1 to {max} sides")]
        Sides { max: usize },
        #[error("{count} options are too many, at most {max} fit")]
        HeaderOptions { count: usize, max: usize },
        #[error("at most {max} addresses fit")]
        RouteAddresses { max: usize },
        #[error("a program has 1 to {max} instructions, not {count}")]
        Instructions { count: usize, max: usize },
        #[error("1 to 10 tests, each with up to 9 operators and 1 to 10 values")]
        Tests,
        #[error("at most 15 ports, where a range counts as two")]
        Ports,
        #[error("the flags of at most {max} chunk types can be tested")]
        ChunkFlags { max: usize },
        #[error("at most 128 bytes fit")]
        LongPattern,
        #[error("the kernel keeps one number for the -eq, -gt and -lt of a field, so they must be equal")]
        OneNumber,
        #[error("a connection has one zone")]
        OneZone,
        #[error("adding or subtracting 0 changes nothing")]
        NoChange,
        #[error("only DNAT has a base port behind a slash")]
        NatBase,

        // One extension each.
        #[error("nodes are counted from 1 to 32")]
        NoNode,
        #[error("there are fewer nodes")]
        ClusterNode,
        #[error("the mask has more nodes than there are")]
        ClusterMask,
        #[error("needs either none of its options or all but --hash-init")]
        ClusterIp,
        #[error("the hardware address must be a multicast one")]
        Multicast,
        #[error("no connection has the protocol 0")]
        NoProtocol { inverted: bool },
        #[error("--hashlimit-burst must be at most {max} packets")]
        BigBurst { max: u64 },
        #[error("--hashlimit-burst must be at least the {step} bytes of one second")]
        SmallBurst { step: u64 },
        #[error("--{option} must be given")]
        HmarkNeeds { option: &'static str },
        #[error("an index and ports cannot be hashed together")]
        HmarkPorts,
        #[error("says nothing to hash")]
        HmarkNothing,
        #[error("must not be 0")]
        HmarkModulus,
        #[error("is in --hmark-tuple already")]
        HmarkTuple,
        #[error("the other options imply --ipvs, which cannot be inverted beside them")]
        InvertedIpvs,
        #[error("needs --tid, --sid or --type control")]
        Tunnel,
        #[error("tunnels and sessions of version 2 have numbers up to 65535")]
        TunnelNumber,
        #[error("--suppl-groups needs --gid-owner")]
        SupplementaryGroups,
        #[error("--strict needs --pol ipsec")]
        StrictNone,
        #[error("at most {max} elements")]
        PolicyElements { max: usize },
        #[error("element {index} is empty")]
        EmptyElement { index: usize },
        #[error("--tunnel-src and --tunnel-dst need --mode tunnel")]
        NoTunnel,
        #[error("the interval is longer than 8s")]
        EstimatorInterval,
        #[error("the time must be from about 1.5 times to 2^30 times the interval")]
        EstimatorTime,
        /// One of the two times of an estimator is missing, which iptables finds out of range.
        #[error("must be given")]
        EstimatorLacks,
        #[error("needs --rt-type 0 beside it")]
        RoutingType,
        #[error("needs --rt-0-addrs beside it")]
        RoutingAddresses,
        /// `flag`: iptables calls the option a flag.
        #[error("--{option} needs --{other}")]
        SetNeeds { option: &'static str, other: &'static str, flag: bool },
        #[error("--map-set needs --map-mark, --map-prio or --map-queue")]
        SetMap,
        #[error("the mode random needs --probability")]
        Random,
        #[error("the mode nth needs --every and --packet")]
        Nth,
        #[error("--packet must be less than --every")]
        NthPacket,
        #[error("needs a --timestop that is not after --timestart")]
        Contiguous,
    }
}

/// The option that was perhaps meant.
fn or_this(meant: &Option<&str>) -> String {
    meant.map_or_else(|| ";".into(), |meant| format!(", did you mean {meant}?"))
}

impl Misfit {
    /// The option that it is about, where its extension does not say.
    pub(super) fn option(&self) -> Option<&'static str> {
        Some(match self {
            Misfit::ClusterNode => "cluster-local-node",
            Misfit::ClusterMask => "cluster-local-nodemask",
            Misfit::BigBurst { .. } | Misfit::SmallBurst { .. } => "hashlimit-burst",
            Misfit::SupplementaryGroups => "suppl-groups",
            Misfit::StrictNone => "strict",
            Misfit::EmptyElement { .. } => "next",
            Misfit::NthPacket => "packet",
            Misfit::Random | Misfit::Nth => "mode",
            Misfit::Contiguous => "contiguous",
            Misfit::SetNeeds { option, .. } => option,
            _ => return None,
        })
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        use Misfit::*;
        match self {
            Twice | TwiceBy { .. } | Inverted | NoSuchOption { .. } => ErrorKind::Syntax,
            NoSet { .. } | SetsUnknown | NoObject { .. } => ErrorKind::NoSuchObject,
            Revision { .. } => ErrorKind::ExtensionUnavailable,
            Broken
            | TooLong { .. }
            | OtherFamily { .. }
            | Codepoint { .. }
            | Label { .. }
            | Group { .. }
            | CountOrder
            | InvertedCount
            | Queues { .. }
            | DayTime { .. }
            | HeaderOptions { .. }
            | Instructions { .. }
            | ChunkFlags { .. }
            | LongPattern
            | InvertedAny
            | NoChange
            | Multicast
            | HmarkModulus
            | EstimatorInterval
            | EstimatorTime => ErrorKind::InvalidValue,
            Missing
            | Needs { .. }
            | Excludes { .. }
            | NeedsOneOf(_)
            | SetFamily { .. }
            | Sides { .. }
            | RouteAddresses { .. }
            | Tests
            | Ports
            | OneNumber
            | OneZone
            | NatBase
            | NoNode
            | ClusterNode
            | ClusterMask
            | ClusterIp
            | NoProtocol { .. }
            | BigBurst { .. }
            | SmallBurst { .. }
            | HmarkNeeds { .. }
            | HmarkPorts
            | HmarkNothing
            | HmarkTuple
            | InvertedIpvs
            | Tunnel
            | TunnelNumber
            | SupplementaryGroups
            | StrictNone
            | PolicyElements { .. }
            | EmptyElement { .. }
            | NoTunnel
            | EstimatorLacks
            | RoutingType
            | RoutingAddresses
            | SetNeeds { .. }
            | SetMap
            | Random
            | Nth
            | NthPacket
            | Contiguous => ErrorKind::InvalidRule,
        }
    }
}

/// `--a, --b or --c`
pub(super) fn one_of(options: &[&str]) -> String {
    match options {
        [] => "one of its options".into(),
        [only] => format!("--{only}"),
        [first @ .., last] => format!("--{} or --{last}", first.join(", --")),
    }
}
