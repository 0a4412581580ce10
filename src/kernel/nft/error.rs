//! What the kernel's answers mean for a table.

use super::attr;
use super::base;
use super::batch::Operation;
use super::message::HEADERS;
use super::refusal::Refusal;
use super::rule::{Part, part_at};
use super::session::Trouble;
use super::write::about;
use crate::blob::Entry;
use crate::error::system_words;
use crate::ext::{ExtensionKind, index};
use crate::table::Table;
use crate::types::Family;
use crate::{Error, ErrorKind};

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
        let error = match self.family {
            Some(family) => error.in_family(family),
            None => error,
        };
        match self.table {
            Some(table) => error.in_table(table),
            None => error,
        }
    }

    /// A name that is none of xtables, which are all that this backend works on.
    pub(super) fn no_such_table(self) -> Error {
        let program = self.family.map_or("iptables", |family| family.pick("iptables", "ip6tables"));
        let classic = format!(
            "can't initialize {program} table `{}': Table does not exist (do you need to insmod?)\nPerhaps {program} \
             or your kernel needs to be upgraded.",
            self.table.unwrap_or_default()
        );
        self.at(Error::new(ErrorKind::NoSuchTable, "there is no such table").classic(3, classic))
    }

    pub(super) fn error(self, trouble: Trouble) -> Error {
        let error = match trouble {
            Trouble::Stale => Error::new(ErrorKind::Conflict, "the rules change faster than they can be read"),
            Trouble::Denied(errno) => return self.at(denied(errno, self.writing)),
            Trouble::Socket(error) => {
                let absent = matches!(error.raw_os_error(), Some(libc::EPROTONOSUPPORT | libc::EAFNOSUPPORT));
                let kind = if absent { ErrorKind::BackendAbsent } else { ErrorKind::Kernel };
                Error::io(kind, "no answer from the kernel over netlink", error)
            }
            Trouble::Malformed(what) => Error::new(ErrorKind::Malformed, format!("the kernel's answer has {what}")),
            Trouble::TooLarge => Error::new(
                ErrorKind::TooLarge,
                "the changes are larger than one transaction of this process may be: without CAP_NET_ADMIN in the \
                 initial user namespace that is what net.core.wmem_max allows",
            ),
            Trouble::RuleTooLarge(_) => {
                Error::new(ErrorKind::TooLarge, "a rule is larger than the 64 KiB that netlink can say")
            }
            Trouble::Incomplete { chain, rules, seen } => Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the chain has {rules} rules, but the kernel tells of {seen}: the next one is larger than the 32 \
                     KiB that it can tell. To flush the chain deletes it"
                ),
            )
            .in_chain(String::from_utf8_lossy(&chain)),
            Trouble::Refused(_) => Error::new(ErrorKind::Kernel, "the kernel refuses the changes"),
        };
        self.at(error)
    }
}

/// What it means when a request as a whole is refused.
fn denied(errno: i32, writing: bool) -> Error {
    let io = std::io::Error::from_raw_os_error(errno);
    match errno {
        libc::EPERM | libc::EACCES => {
            let what = if writing { "writing" } else { "reading" };
            let message = format!("{what} it needs CAP_NET_ADMIN in the network namespace");
            Error::io(ErrorKind::PermissionDenied, message, io)
                .classic(4, "Could not fetch rule set generation id: Permission denied (you must be root)")
        }
        libc::EINVAL | libc::EOPNOTSUPP => {
            let message = "the kernel has no nf_tables (CONFIG_NF_TABLES)";
            Error::io(ErrorKind::BackendAbsent, message, io)
                .classic(4, "Could not fetch rule set generation id: Invalid argument")
        }
        libc::ENOMEM | libc::ENOBUFS => Error::io(ErrorKind::TooLarge, "the kernel has no memory for it", io),
        _ => Error::io(ErrorKind::Kernel, "the kernel refuses", io),
    }
}

/// The first of the changes that were refused, as an error with its place.
pub(super) fn refused(tables: &[&Table], refusals: &[Refusal]) -> Error {
    let errors = refusals.iter().map(|refusal| one(tables, refusal));
    errors
        .reduce(|first, _| first)
        .unwrap_or_else(|| Error::new(ErrorKind::Kernel, "the kernel refuses the changes"))
}

fn one(tables: &[&Table], refusal: &Refusal) -> Error {
    let io = || std::io::Error::from_raw_os_error(refusal.errno);
    let (kind, message) = meaning(refusal);
    let mut error = Error::io(kind, message, io()).classic(4, classic(refusal));
    let name = refusal.table();
    let table = tables
        .iter()
        .find(|table| table.name().as_bytes() == name && base::number(table.family()) == refusal.family());
    let Some(table) = table else { return error };
    error = error.in_family(table.family()).in_table(table.name());
    let (chain, rule) = about(refusal.tag);
    if let Some(chain) = refusal.chain() {
        error = error.in_chain(String::from_utf8_lossy(chain));
    }
    if let Some(rule) = rule {
        error = error.at_rule(rule);
        let slot = table.chains.get(chain as usize).and_then(|chain| chain.rules.get(rule));
        if let (Some(slot), Some(offset)) = (slot, refusal.offset)
            && let Some(part) = part_at(table.family(), &refusal.message, HEADERS, offset)
        {
            error = at_part(error, table.entry(*slot), part);
        }
    }
    error
}

/// Names the match or target.
fn at_part(error: Error, entry: Entry<'_>, part: Part) -> Error {
    let (kind, found) = match part {
        Part::Match(index) => (ExtensionKind::Match, entry.matches().nth(index)),
        Part::Target if entry.verdict().is_none() => (ExtensionKind::Target, Some(entry.target())),
        _ => return error,
    };
    let extension = found.and_then(|found| index::find(kind, found.name, entry.family));
    match extension {
        Some(extension) => error.in_extension(extension.name),
        None => error,
    }
}

fn meaning(refusal: &Refusal) -> (ErrorKind, &'static str) {
    use Operation::{ChainAdd, ChainDelete, ChainRename, ChainUpdate, ChainUserAdd};
    let of_rule = !matches!(
        refusal.operation,
        ChainAdd
            | ChainDelete
            | ChainRename
            | ChainUpdate
            | ChainUserAdd
            | Operation::TableAdd
            | Operation::TableDelete
    );
    match (refusal.errno, refusal.operation) {
        (libc::ENOENT, _)
            if of_rule && refusal.faulty_attribute() == Some(super::uapi::NFTA_RULE_EXPRESSIONS) =>
        {
            (
                ErrorKind::ExtensionUnavailable,
                "the kernel lacks a match, a target or an object that the rule names",
            )
        }
        (libc::ENOENT, _) => (ErrorKind::Conflict, "the kernel no longer has what is to be changed"),
        (libc::EINVAL, _) if of_rule => (
            ErrorKind::InvalidRule,
            "the kernel refuses the rule: something in it does not fit its table, hook, protocol or the rest of the rule",
        ),
        (libc::EMLINK, _) => (
            ErrorKind::Loop,
            "chains call each other in a circle, or more than 15 deep, which nf_tables does not allow",
        ),
        (libc::EBUSY, ChainDelete) => (ErrorKind::ChainInUse, "the chain is still in use"),
        (libc::EEXIST, _) => (ErrorKind::ChainExists, "a chain of that name exists already"),
        (libc::EOPNOTSUPP, ChainAdd | ChainUpdate) => (
            ErrorKind::BuiltinChain,
            "the kernel has a chain of that name that is not the built-in one: another hook, type or priority",
        ),
        (libc::EPERM, _) => {
            (ErrorKind::PermissionDenied, "the table belongs to another process, which alone may change it")
        }
        (libc::ENOMEM | libc::ENOBUFS, _) => (ErrorKind::TooLarge, "the kernel has no memory for it"),
        (libc::ERANGE, _) => (ErrorKind::InvalidArgument, "a name is longer than the kernel allows"),
        _ => (ErrorKind::Kernel, "the kernel refuses the change"),
    }
}

/// The words of `iptables-nft`.
fn classic(refusal: &Refusal) -> String {
    let verb = match refusal.operation {
        Operation::TableAdd => "TABLE_ADD",
        Operation::TableDelete => "TABLE_FLUSH",
        Operation::ChainAdd => "CHAIN_ADD",
        Operation::ChainUserAdd => "CHAIN_USER_ADD",
        Operation::ChainUpdate => "CHAIN_UPDATE",
        Operation::ChainRename => "CHAIN_RENAME",
        Operation::ChainDelete => "CHAIN_DEL",
        Operation::RuleAppend => "RULE_APPEND",
        Operation::RuleInsert => "RULE_INSERT",
        Operation::RuleReplace => "RULE_REPLACE",
        Operation::RuleDelete => "RULE_DELETE",
        Operation::RuleFlush => "RULE_FLUSH",
    };
    let words = system_words(&std::io::Error::from_raw_os_error(refusal.errno));
    let shown = |bytes: &[u8]| String::from_utf8_lossy(attr::text(bytes)).into_owned();
    let what = match (refusal.operation, refusal.chain()) {
        (Operation::TableAdd | Operation::TableDelete, _) | (_, None) => {
            format!("table {}", shown(refusal.table()))
        }
        (
            Operation::RuleAppend
            | Operation::RuleInsert
            | Operation::RuleReplace
            | Operation::RuleDelete
            | Operation::RuleFlush,
            Some(chain),
        ) => format!("rule in chain {}", shown(chain)),
        (_, Some(chain)) => format!("chain {}", shown(chain)),
    };
    format!("{verb} failed ({words}): {what}")
}
