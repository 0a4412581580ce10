//! What was perhaps meant by a name that is not known.

use crate::error::Mistake;
use crate::ext::{ExtensionKind, index, matches, targets};
use crate::types::order;
pub(crate) use crate::types::similar::similar;
use crate::{Error, Family};

/// What was perhaps meant by the name of a target that is not there: the same of the other family, or one that is spelt alike.
pub(crate) fn target(name: &[u8]) -> Option<&'static str> {
    let other = Family::ALL.into_iter().find_map(|family| index::find(ExtensionKind::Target, name, family));
    let names = targets::ALL.iter().map(|extension| extension.name);
    other.map(|extension| extension.name).or_else(|| similar(&String::from_utf8_lossy(name), names))
}

/// Whether a name is written as those of targets are.
pub(crate) fn looks_like_target(name: &[u8]) -> bool {
    name.iter().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || *letter == b'_')
}

/// The matches and targets of a family that have an option of this name.
pub(crate) fn owners(option: &str, family: Family) -> Vec<String> {
    let all = matches::ALL.iter().chain(targets::ALL).filter(|extension| extension.families.contains(family));
    let owners =
        all.filter(|extension| extension.options.iter().any(|opt| opt.names().any(|name| name == option)));
    let mut names: Vec<String> = owners.map(|extension| extension.name.to_owned()).collect();
    order::sort(&mut names);
    names
}

/// The same of the other families, with their names.
pub(crate) fn owners_elsewhere(option: &str, family: Family) -> Vec<String> {
    let others = [Family::Ipv4, Family::Ipv6].into_iter().filter(|other| *other != family);
    let named = |other| owners(option, other).into_iter().map(move |owner| format!("{owner} of {other}"));
    others.flat_map(named).collect()
}

/// The error for a target that is neither an extension nor one of the chains.
pub(crate) fn unknown_target<'a>(name: &[u8], chains: impl Iterator<Item = &'a str>) -> Error {
    let shown = String::from_utf8_lossy(name);
    let verdicts = ["ACCEPT", "DROP", "QUEUE", "RETURN"];
    let names = targets::ALL.iter().map(|extension| extension.name).chain(verdicts).chain(chains);
    let meant = similar(&shown, names).map(str::to_owned);
    Error::from(Mistake::NoSuchTarget { name: shown.clone().into(), meant }).at_token(shown)
}
