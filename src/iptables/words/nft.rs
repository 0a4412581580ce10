//! The words of `iptables-nft`, where they are others than those of `iptables-legacy`.

use super::file::{first_sentence, own_program};
use super::{NO_FRAGMENTS, TRY_AGAIN, Words, own};
use crate::error::{
    BadEdit, BadFile, BadLine, BadNft, Failure, Mistake, NftChange, Refused, Step, Unsayable, system_words,
};
use crate::{Error, ErrorKind, Family};

const NO_SUCH_RULE: &str = "Bad rule (does a matching rule exist in that chain?).";

/// What iptables-nft says about a mistake; `None` if it says the same as iptables-legacy.
pub(super) fn words(error: &Error) -> Option<Words<'_>> {
    if let Some(change) = error.change() {
        return Some((4, failed(error, change)));
    }
    let sentence = match error.mistake() {
        Mistake::Nft(bad) => return Some(of_kernel(error, bad)),
        Mistake::Edit(BadEdit::NoSuchRule { .. } | BadEdit::Index { of: "counter", .. }) => {
            return Some((1, NO_SUCH_RULE.into()));
        }
        Mistake::Edit(BadEdit::BuiltinDeleted) => return Some((1, "Directory not empty.".into())),
        // It finds out when the kernel refuses.
        Mistake::Edit(BadEdit::ChainInUse { .. } | BadEdit::ChainNotEmpty { .. }) => {
            return Some((4, failed(error, NftChange::ChainDelete)));
        }
        Mistake::Line(BadLine::Fragment { option }) if option.contains('=') => "unknown option \"-f\"".into(),
        Mistake::Line(BadLine::Fragment { .. }) => NO_FRAGMENTS.into(),
        Mistake::Refused(Refused::Protocol(_)) => match error.extension() {
            Some("tcp") => "TCP match requires '-p tcp'".into(),
            Some("udp") => "UDP match requires '-p udp'".into(),
            _ => return None,
        },
        Mistake::NoSuchTarget { name, .. }
        | Mistake::NoSuchExtension { kind: "target", name, .. }
        | Mistake::File(BadFile::NoChainToGoTo { name, .. }) => format!("Chain '{name}' does not exist"),
        Mistake::File(BadFile::LongChain { name, max }) => {
            format!("chain name `{name}' too long (must be under {} chars)", max + 1)
        }
        Mistake::Failure(Failure::NoSuchTable { .. } | Failure::TableName { .. }) => {
            let table = error.table().unwrap_or_default();
            let program = match error.family() {
                Some(Family::Ipv6) => "ip6tables",
                Some(Family::Arp) => "arptables",
                _ => "iptables",
            };
            let sentence = format!(
                "table '{table}' does not exist\nPerhaps {program} or your kernel needs to be upgraded."
            );
            return Some((3, sentence.into()));
        }
        _ => return None,
    };
    Some((2, sentence.into()))
}

/// What iptables-nft-restore says about a step, where the error has these words elsewhere.
pub(super) fn during<'a>(
    error: &'a Error,
    step: &Step,
    program: Option<&str>,
    (status, words): Words<'a>,
) -> Words<'a> {
    match step {
        // It says what was refused, not what it was doing.
        _ if error.change().is_some() => (status, words),
        Step::Table { name } if status == 3 => {
            let program = program.unwrap_or_else(|| own_program(error));
            let line = error.line().unwrap_or_default();
            (2, format!("{program}: line {line} table name '{name}' invalid").into())
        }
        Step::Command { .. } if status != 1 => (status, words),
        Step::Policy { line, .. } | Step::Command { line } => {
            let reason = first_sentence(&words);
            (1, format!("line {line} failed: {reason}.").into())
        }
        Step::Table { .. } | Step::Chain { .. } | Step::Commit { .. } => (status, words),
    }
}

/// What it says about what only nf_tables refuses.
fn of_kernel<'a>(error: &'a Error, bad: &BadNft) -> Words<'a> {
    match bad {
        BadNft::Absent | BadNft::Denied { .. } => {
            let why = match bad {
                BadNft::Denied { .. } => "Permission denied (you must be root)".into(),
                _ => error.system().map(system_words).unwrap_or_default(),
            };
            (4, format!("Could not fetch rule set generation id: {why}").into())
        }
        BadNft::Unsteady => (4, TRY_AGAIN.into()),
        _ => own(error),
    }
}

/// `RULE_APPEND failed (Invalid argument): rule in chain INPUT`
fn failed(error: &Error, change: NftChange) -> std::borrow::Cow<'_, str> {
    let (verb, of) = spelled(change);
    let what = match (of, error.chain()) {
        (Of::Rule, Some(chain)) => format!("rule in chain {chain}"),
        (Of::Chain, Some(chain)) => format!("chain {chain}"),
        _ => format!("table {}", error.table().unwrap_or_default()),
    };
    let why = match (error.system(), error.mistake()) {
        (Some(system), _) => system_words(system).into(),
        // What was found out before the kernel was asked is said as the kernel would.
        (None, mistake) => std::borrow::Cow::Borrowed(match (mistake, error.kind()) {
            (Mistake::Edit(BadEdit::JumpToBuiltin), _) => "Operation not supported",
            (Mistake::Edit(_), ErrorKind::ChainInUse | ErrorKind::ChainNotEmpty) => "Device or resource busy",
            (Mistake::Unsayable(Unsayable::Queue), _) => "No such file or directory",
            _ => "Invalid argument",
        }),
    };
    format!("{verb} failed ({why}): {what}").into()
}

/// What is written to standard error for refused changes: all of them, each with its line where they are those of a file.
pub(super) fn refusals(error: &Error) -> Option<String> {
    let mut text = String::new();
    for error in std::iter::once(error).chain(error.others()) {
        let (4, words) = words(error)? else { return None };
        match error.line() {
            _ if !words.contains(" failed (") => return None,
            Some(line) => text += &format!("\nline {line}: {words}"),
            // Of a command it tells the first.
            None => return Some(format!(" {words}")),
        }
    }
    Some(text)
}

/// What a change is about.
enum Of {
    Table,
    Chain,
    Rule,
}

fn spelled(change: NftChange) -> (&'static str, Of) {
    match change {
        NftChange::TableAdd => ("TABLE_ADD", Of::Table),
        NftChange::TableDelete => ("TABLE_FLUSH", Of::Table),
        NftChange::ChainAdd => ("CHAIN_ADD", Of::Chain),
        NftChange::ChainUserAdd => ("CHAIN_USER_ADD", Of::Chain),
        NftChange::ChainUpdate => ("CHAIN_UPDATE", Of::Chain),
        NftChange::ChainRename => ("CHAIN_RENAME", Of::Chain),
        NftChange::ChainDelete => ("CHAIN_DEL", Of::Chain),
        NftChange::RuleAppend => ("RULE_APPEND", Of::Rule),
        NftChange::RuleInsert => ("RULE_INSERT", Of::Rule),
        NftChange::RuleReplace => ("RULE_REPLACE", Of::Rule),
        NftChange::RuleDelete => ("RULE_DELETE", Of::Rule),
        NftChange::RuleFlush => ("RULE_FLUSH", Of::Rule),
    }
}
