//! Save files and commands that cannot be carried out.

use super::{Words, own};
use crate::error::{BadFile, Step};
use crate::{Error, Family};

/// What iptables says about a save file or a command.
pub(super) fn words<'a>(error: &'a Error, bad: &BadFile, program: Option<&str>) -> Words<'a> {
    let program = program.unwrap_or_else(|| own_program(error));
    let sentence = match bad {
        BadFile::Unreadable | BadFile::Unwritable | BadFile::Nul | BadFile::Lacks => return own(error),
        BadFile::NoCommit { line } => return (1, format!("COMMIT expected at line {line}").into()),
        BadFile::OutsideTable { line } => return failed(*line),
        BadFile::NoTranslation => return (1, "Translation not implemented".into()),
        BadFile::NoAppend { line } => return (1, format!("line {line} failed - no chain found").into()),
        BadFile::PolicyOfNoChain { .. } => return (1, super::NO_BUILTIN.into()),
        BadFile::LongLine { .. } => "line too long".into(),
        BadFile::NoTable { line } => format!("{program}: line {line} table name invalid"),
        BadFile::ChainLine { what, line } => format!("{program}: line {line} {what} invalid"),
        BadFile::LongChain { name, max } => format!("Invalid chain name `{name}' ({max} chars max)"),
        BadFile::PolicyCounters { chain } => format!("invalid policy counters for chain '{chain}'"),
        BadFile::OpenBracket { line } => format!("Bad line {line}: need ]"),
        BadFile::Counters { of } => format!("--set-counters {of} counter not numeric"),
        BadFile::CountersTwice => "multiple --set-counters options not allowed".into(),
        BadFile::NatDrop => {
            "\nThe \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n"
                .into()
        }
        BadFile::NoChainToGoTo { name, .. } => format!("goto '{name}' is not a chain"),
    };
    (2, sentence.into())
}

/// What iptables-restore says about a step, where the error has these words elsewhere.
pub(super) fn during<'a>(
    error: &'a Error,
    step: &Step,
    program: Option<&str>,
    (status, words): Words<'a>,
) -> Words<'a> {
    match step {
        Step::Table { name } if status == 3 => {
            let program = program.unwrap_or_else(|| own_program(error));
            (2, format!("{program}: unable to initialize table '{name}'").into())
        }
        // A verdict is a chain that exists to it.
        Step::Chain { name } => (2, format!("error creating chain '{name}':File exists").into()),
        Step::Policy { chain, policy, line } => {
            let reason = first_sentence(&words);
            (1, format!("Can't set policy `{policy}' on `{chain}' line {line}: {reason}").into())
        }
        Step::Command { line } if status == 1 => failed(*line),
        Step::Commit { line } => failed(*line),
        Step::Table { .. } | Step::Command { .. } => (status, words),
    }
}

/// The words up to their first full stop.
pub(super) fn first_sentence(words: &str) -> &str {
    words.split(". ").next().unwrap_or_default().trim_end_matches('.')
}

fn failed(line: usize) -> Words<'static> {
    (1, format!("line {line} failed").into())
}

/// The name of the program whose messages these are, where nobody says how it was called.
pub(super) fn own_program(error: &Error) -> &'static str {
    match error.family() {
        Some(Family::Ipv6) => "ip6tables-restore",
        Some(Family::Arp) => "arptables-restore",
        _ => "iptables-restore",
    }
}
