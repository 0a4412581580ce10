//! Options that do not go together.

use std::borrow::Cow;

use super::{NO_BASE, NO_SUCH, Words, big_burst};
use crate::error::Misfit;
use crate::ext::{Extension, Opt};

/// What iptables says about the options of an extension; nothing where its command line cannot make the mistake.
pub(super) fn words(
    misfit: &Misfit,
    extension: Option<&'static Extension>,
    option: Option<&'static Opt>,
) -> Option<Words<'static>> {
    let ext = extension.map_or("", |extension| extension.name);
    let name = option.map_or("", Opt::formal);
    let sentence: Cow<'static, str> = match misfit {
        // What the parser of options says, unless an option has words of its own.
        Misfit::Twice | Misfit::TwiceBy { .. } => match option.and_then(|option| option.once) {
            Some(words) => words.into(),
            None => format!("{ext}: option \"--{name}\" can only be used once.\n").into(),
        },
        Misfit::Inverted => match option.and_then(|option| option.not_inverted) {
            Some(words) => words.into(),
            None => format!("{ext}: option \"--{name}\" cannot be inverted.\n").into(),
        },
        Misfit::InvertedAny => format!("Problem with specified {}", name.replace('-', " ")).into(),
        Misfit::Missing => format!("{ext}: option \"--{name}\" must be specified\n").into(),
        Misfit::Needs { other } => format!("{ext}: option \"--{name}\" also requires \"--{other}\".\n").into(),
        Misfit::Excludes { formal, turned, .. } => match option.and_then(|option| option.once) {
            Some(words) => words.into(),
            None => {
                let (first, second) = if *turned { (*formal, name) } else { (name, *formal) };
                format!("{ext}: option \"--{first}\" cannot be used together with \"--{second}\".\n").into()
            }
        },
        Misfit::NeedsOneOf(_) => extension?.needs?.words.into(),
        Misfit::Revision { .. } => return Some((1, NO_SUCH.into())),

        Misfit::NoSet { name } => format!("Set {name} doesn't exist.\n").into(),
        Misfit::SetFamily { name, family } => {
            format!("The protocol family of set {name} is {family}, which is not applicable.\n").into()
        }
        Misfit::NoObject { .. } => "bpf: failed to get bpf object".into(),
        Misfit::RouteAddresses { .. } => "too many addresses specified".into(),
        Misfit::Broken => format!("Newlines not allowed in --{name}").into(),
        Misfit::NatBase => NO_BASE.into(),
        Misfit::NoNode => "cluster: no such node".into(),
        Misfit::ClusterNode => {
            "cluster match: `--cluster-local-node' must be <= `--cluster-total-nodes'".into()
        }
        Misfit::ClusterMask => {
            "cluster match: `--cluster-local-nodemask' too big for `--cluster-total-nodes'".into()
        }
        Misfit::ClusterIp => "CLUSTERIP target: Invalid parameter combination".into(),
        Misfit::Multicast => "MAC has to be a multicast ethernet address".into(),
        Misfit::NoProtocol { inverted: true } => "conntrack: condition would always match protocol".into(),
        Misfit::NoProtocol { inverted: false } => "conntrack: rule would never match protocol".into(),
        Misfit::BigBurst { max } => big_burst(*max).into(),
        Misfit::SmallBurst { step } => format!("burst cannot be smaller than {step}b").into(),
        Misfit::HmarkNeeds { option } => format!("--{option} is mandatory").into(),
        Misfit::HmarkPorts => {
            "you cannot use --hmark-spi-mask and --hmark-?port-mask,at the same time".into()
        }
        Misfit::HmarkNothing => "you have to specify --hmark-tuple at least".into(),
        Misfit::HmarkTuple => format!("HMARK: option \"--{name}\" can only be used once.\n").into(),
        Misfit::InvertedIpvs => "! --ipvs cannot be together with other options".into(),
        Misfit::SupplementaryGroups => {
            "owner: Bad value for \"--suppl-groups\" option: \"you need to use --gid-owner first\"".into()
        }
        Misfit::StrictNone => "policy match: policy none but --strict given".into(),
        Misfit::PolicyElements { .. } => "policy match: maximum policy depth reached".into(),
        Misfit::EmptyElement { index } => format!(
            "policy match: empty policy element {index}. --strict is in effect, but at least one of reqid, spi, \
             tunnel-src, tunnel-dst, proto or mode is required."
        )
        .into(),
        Misfit::NoTunnel => "policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode".into(),
        Misfit::EstimatorInterval => "RATEEST: interval value is too large".into(),
        Misfit::EstimatorTime | Misfit::EstimatorLacks => "RATEEST: ewmalog value is out of range".into(),
        Misfit::RoutingType => format!("`--rt-type 0' required before `--{name}'").into(),
        Misfit::RoutingAddresses => "`--rt-0-addr ...' required before `--rt-0-not-strict'".into(),
        Misfit::SetNeeds { option, other, flag } => {
            let what = if *flag { "Flag" } else { "Option" };
            format!("{what} `--{option}' can be used with `--{other}' only").into()
        }
        Misfit::SetMap => "You must specify flags `--map-mark' or '--map-prio` or `--map-queue'".into(),
        Misfit::Random => "--probability must be specified when using random mode".into(),
        Misfit::Nth => "--every and --packet must be specified when using nth mode".into(),
        Misfit::NthPacket => "the --packet p must be 0 <= p <= n-1".into(),
        Misfit::Contiguous => {
            "time: --contiguous only makes sense when stoptime is smaller than starttime".into()
        }

        Misfit::NoSuchOption { .. }
        | Misfit::TooLong { .. }
        | Misfit::OtherFamily { .. }
        | Misfit::SetsUnknown
        | Misfit::Codepoint { .. }
        | Misfit::Label { .. }
        | Misfit::Group { .. }
        | Misfit::CountOrder
        | Misfit::InvertedCount
        | Misfit::Queues { .. }
        | Misfit::DayTime { .. }
        | Misfit::Sides { .. }
        | Misfit::HeaderOptions { .. }
        | Misfit::Instructions { .. }
        | Misfit::Tests
        | Misfit::Ports
        | Misfit::ChunkFlags { .. }
        | Misfit::LongPattern
        | Misfit::OneNumber
        | Misfit::OneZone
        | Misfit::NoChange
        | Misfit::HmarkModulus
        | Misfit::Tunnel
        | Misfit::TunnelNumber => return None,
    };
    Some((2, sentence))
}
