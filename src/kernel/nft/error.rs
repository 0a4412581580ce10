//! What the kernel's answers mean for a table.

use std::io;

use super::super::legacy::no_table;
use super::base;
use super::message::HEADERS;
use super::refusal::Refusal;
use super::rule::{Part, part_at};
use super::session::Trouble;
use super::uapi::NFTA_RULE_EXPRESSIONS;
use super::write::about;
use crate::Error;
use crate::blob::Entry;
use crate::error::{BadNft, Failure, NftChange, WhyNot};
use crate::ext::{ExtensionKind, index};
use crate::table::Table;
use crate::types::{BackendKind, Family};

/// What was being done when there was trouble.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Where<'a> {
    family: Option<Family>,
    table: Option<&'a str>,
    writing: bool,
}

impl<'a> Where<'a> {
    pub(super) fn reading(family: Family, table: &'a str) -> Where<'a> {
        Where { family: Some(family), table: Some(table), writing: false }
    }

    pub(super) fn writing(family: Family, table: &'a str) -> Where<'a> {
        Where { family: Some(family), table: Some(table), writing: true }
    }

    pub(super) fn asking(family: Family) -> Where<'a> {
        Where { family: Some(family), ..Where::default() }
    }

    fn at(self, error: Error) -> Error {
        let mut error = error.in_backend(BackendKind::Nft);
        if let Some(family) = self.family {
            error = error.in_family(family);
        }
        if let Some(table) = self.table {
            error = error.in_table(table);
        }
        error
    }

    /// A name that is none of xtables, which are all that this backend works on.
    pub(super) fn no_such_table(self) -> Error {
        match self.family.zip(self.table) {
            Some((family, table)) => self.at(no_table(family, table)),
            None => self.at(Failure::NoSuchTable { meant: None }.into()),
        }
    }

    /// The same of a request to set counters to zero, which kernels before 6.2 do not know.
    pub(super) fn resetting(self, trouble: Trouble) -> Error {
        match trouble {
            Trouble::Denied(errno @ (libc::EINVAL | libc::EOPNOTSUPP)) => {
                self.at(Error::from(BadNft::NoReset).because(io::Error::from_raw_os_error(errno)))
            }
            trouble => self.error(trouble),
        }
    }

    pub(super) fn error(self, trouble: Trouble) -> Error {
        let error = match trouble {
            Trouble::Stale => BadNft::Unsteady.into(),
            Trouble::Denied(errno) => denied(errno, self.writing),
            Trouble::Socket(error) => {
                let absent = matches!(error.raw_os_error(), Some(libc::EPROTONOSUPPORT | libc::EAFNOSUPPORT));
                Error::from(if absent { BadNft::Absent } else { BadNft::Silent }).because(error)
            }
            Trouble::Malformed(what) => BadNft::Answer(what).into(),
            Trouble::OutOfMemory => Failure::OutOfMemory.into(),
            Trouble::TooLarge => BadNft::LargeTransaction.into(),
            Trouble::Incomplete { chain, rules, seen } => {
                Error::from(BadNft::Incomplete { rules, seen }).in_chain(String::from_utf8_lossy(&chain))
            }
            Trouble::Refused(_) => BadNft::Refused.into(),
        };
        self.at(error)
    }
}

/// What it means when a request as a whole is refused.
fn denied(errno: i32, writing: bool) -> Error {
    let bad = match errno {
        libc::EPERM | libc::EACCES => BadNft::Denied { writing },
        libc::EINVAL | libc::EOPNOTSUPP => BadNft::Absent,
        libc::ENOMEM | libc::ENOBUFS => BadNft::NoMemory,
        _ => BadNft::Refused,
    };
    Error::from(bad).because(io::Error::from_raw_os_error(errno))
}

/// The changes that were refused, each with its place.
pub(super) fn refused(tables: &[&Table], refusals: &[Refusal]) -> Error {
    let mut errors = refusals.iter().map(|refusal| one(tables, refusal));
    match errors.next() {
        Some(first) => first.with_others(errors.collect()),
        None => Error::from(BadNft::Refused).in_backend(BackendKind::Nft),
    }
}

fn one(tables: &[&Table], refusal: &Refusal) -> Error {
    let bad = BadNft::Change { why: why(refusal) };
    let mut error = Error::from(bad)
        .because(io::Error::from_raw_os_error(refusal.errno))
        .in_backend(BackendKind::Nft)
        .changing(refusal.operation);
    if let Some(chain) = refusal.chain() {
        error = error.in_chain(String::from_utf8_lossy(chain));
    }
    let is_its = |table: &&&Table| {
        table.name().as_bytes() == refusal.table() && base::number(table.family()) == refusal.family()
    };
    let Some(table) = tables.iter().find(is_its) else { return error };
    error = error.in_family(table.family()).in_table(table.name());
    let (chain, Some(rule)) = about(refusal.tag) else { return error };
    error = error.at_rule(rule);
    let slot = table.chains.get(chain as usize).and_then(|chain| chain.rules.get(rule));
    let part = refusal.offset.and_then(|offset| part_at(table.family(), &refusal.message, HEADERS, offset));
    match slot.zip(part) {
        Some((slot, part)) => at_part(error, table.entry(*slot), part),
        None => error,
    }
}

/// Names the match or target.
fn at_part(error: Error, entry: Entry<'_>, part: Part) -> Error {
    let (kind, found) = match part {
        Part::Match(index) => (ExtensionKind::Match, entry.matches().nth(index)),
        Part::Target if entry.verdict().is_none() => (ExtensionKind::Target, Some(entry.target())),
        _ => return error,
    };
    let Some(found) = found else { return error };
    match index::find(kind, found.name, entry.family) {
        Some(extension) => error.in_extension(extension.name),
        None => error.in_extension(String::from_utf8_lossy(found.name).into_owned()),
    }
}

fn why(refusal: &Refusal) -> WhyNot {
    let of_rule =
        matches!(refusal.operation, NftChange::RuleAppend | NftChange::RuleInsert | NftChange::RuleReplace);
    match refusal.errno {
        libc::ENOENT if of_rule && refusal.faulty_attribute() == Some(NFTA_RULE_EXPRESSIONS) => {
            WhyNot::Lacking
        }
        libc::ENOENT => WhyNot::Gone,
        libc::EINVAL if of_rule => WhyNot::Rule,
        libc::EMSGSIZE => WhyNot::Large,
        // The second was said of a loop by Linux 5.10.
        libc::EMLINK | libc::ELOOP => WhyNot::Nested,
        libc::EBUSY if refusal.operation == NftChange::ChainDelete => WhyNot::InUse,
        libc::EEXIST => WhyNot::Exists,
        libc::EOPNOTSUPP if matches!(refusal.operation, NftChange::ChainAdd | NftChange::ChainUpdate) => {
            WhyNot::OtherBase
        }
        libc::EPERM => WhyNot::Owned,
        libc::ENOMEM | libc::ENOBUFS => WhyNot::NoMemory,
        libc::ERANGE => WhyNot::LongName,
        _ => WhyNot::Other,
    }
}
