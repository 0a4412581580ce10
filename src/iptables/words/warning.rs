//! What is odd but not wrong.

use crate::Family;
use crate::error::Warning;

/// The line that iptables writes to its standard error.
pub(in crate::iptables) fn words(warning: &Warning) -> String {
    match warning {
        Warning::ReversedRange { first, last } => {
            format!("xt_iprange: range {first}-{last} is reversed and will never match")
        }
        Warning::OddInterface { name } => format!(
            "Warning: weird character in interface `{name}' ('/' and ' ' are not allowed by the kernel)."
        ),
        Warning::NoLabels { path, reason } => format!("Warning: cannot open {path}: {reason}"),
        Warning::NflogRange => {
            "warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead"
                .into()
        }
        Warning::OldName { words, .. } => (*words).into(),
        Warning::HeaderProtocol { protocol } => {
            format!("Warning: never matched protocol: {protocol}. use extension match instead.")
        }
        Warning::LateBang => {
            "Using intrapositioned negation (`--option ! this`) is deprecated in favor of extrapositioned (`! \
                --option this`)."
                .into()
        }
        Warning::WaitInterval => "Ignoring deprecated --wait-interval option.".into(),
        Warning::Lacking { extension, since_ever } => {
            let what = if *since_ever { "revision 0" } else { "is" };
            format!("Warning: Extension {extension} {what} not supported, missing kernel module?")
        }
        // It cuts without a word, and does not know the other cases.
        Warning::Cut { .. }
        | Warning::NoDump
        | Warning::CountersLost { .. }
        | Warning::Overwritten
        | Warning::NoInterface { .. }
        | Warning::OtherSettings { .. } => {
            format!("Warning: {warning}")
        }
        // It has no such case.
        Warning::Noted { .. } | Warning::LeftOut { .. } => format!("# Warning: {warning}"),
        Warning::LegacyTables { family } => {
            let legacy = match family {
                Family::Arp => "arptables-legacy",
                family => family.pick("iptables-legacy", "ip6tables-legacy"),
            };
            format!("# Warning: {legacy} tables present, use {legacy} to see them")
        }
        Warning::ChainNotTarget { name } => format!("Warning: using chain {name}, not extension"),
    }
}
