//! What the kernel and the system refuse.

use super::{INVALID, NO_SUCH, TRY_AGAIN, Words, own};
use crate::error::{Failure, Why, system_words};
use crate::{Error, Family};

/// What iptables says about it.
pub(super) fn words<'a>(error: &'a Error, failure: &Failure) -> Words<'a> {
    let system = || error.system().map(system_words).unwrap_or_default();
    let sentence = match failure {
        Failure::Namespace { .. }
        | Failure::NoKernel
        | Failure::Other
        | Failure::Socket { .. }
        | Failure::Backend { .. }
        | Failure::Variable { .. }
        | Failure::Ambiguous { .. }
        | Failure::ListDenied
        | Failure::ListUnseen { .. }
        | Failure::NoHeader
        | Failure::Entries
        | Failure::CountersChanged
        | Failure::CountersMemory
        | Failure::CountersDenied
        | Failure::CountersRefused
        | Failure::Guard
        | Failure::Unconfirmed
        | Failure::NothingToConfirm
        | Failure::GuardDenied
        | Failure::TooLate
        | Failure::GuardGone
        | Failure::Stuck { .. }
        | Failure::Revision
        | Failure::Wait { .. }
        | Failure::Trace { .. }
        | Failure::Module { .. }
        | Failure::ObjectName { .. }
        | Failure::SetName { .. }
        | Failure::SetIndex { .. }
        | Failure::Turn => return own(error),

        Failure::LockFile { path, .. } => {
            return (4, format!("Fatal: can't open lock file {path}: {}", system()).into());
        }
        Failure::LockBusy { path, waited, .. } => {
            let hint = match waited {
                Some(seconds) if *seconds > 0 => format!("Stopped waiting after {seconds}s."),
                _ => "Perhaps you want to use the -w option?".into(),
            };
            let sentence = format!(
                "Can't lock {path}: Resource temporarily unavailable\nAnother app is currently holding the xtables \
                 lock. {hint}"
            );
            return (4, sentence.into());
        }
        Failure::LockInterrupted { path } => return (4, format!("Can't lock {path}: {}", system()).into()),
        Failure::Lock { path } => return (4, format!("Can't lock {path}").into()),

        Failure::TableName { .. }
        | Failure::NoSuchTable { .. }
        | Failure::NoXtables { reading: true, .. }
        | Failure::ReadDenied
        | Failure::ReadChanged
        | Failure::ReadRefused => return initialize(error, unreadable(failure).unwrap_or_default()),

        Failure::WriteChanged => return (4, TRY_AGAIN.into()),
        Failure::NoObject { .. } if error.errno() == Some(libc::EINVAL) => INVALID,
        Failure::NoObject { .. } => NO_SUCH,
        Failure::WriteRefused | Failure::Overflow => return (1, format!("{}.", system()).into()),
        Failure::Lacking | Failure::NoExtension { .. } | Failure::NoRevision => NO_SUCH,
        Failure::Rule | Failure::NameInUse { .. } => INVALID,
        Failure::Loop => super::LOOP,
        Failure::NoMemory | Failure::OutOfMemory => super::NO_MEMORY,
        Failure::WriteDenied => "Permission denied (you must be root).",
        Failure::NoXtables { reading: false, .. } => "iptables who? (do you need to insmod?).",

        Failure::Set { why: Why::Absent } => return (2, "Can't open socket to ipset.\n".into()),
        Failure::Set { .. } => {
            let errno = error.errno().unwrap_or_default();
            return (2, format!("Problem when communicating with ipset, errno={errno}.\n").into());
        }
    };
    (1, sentence.into())
}

/// Why a table cannot be read.
pub(super) fn unreadable(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::TableName { .. } => Some("Module is wrong version"),
        Failure::NoSuchTable { .. } => Some("Table does not exist (do you need to insmod?)"),
        Failure::NoXtables { reading: true, .. } => Some("iptables who? (do you need to insmod?)"),
        Failure::ReadDenied => Some("Permission denied (you must be root)"),
        Failure::ReadChanged => Some("Resource temporarily unavailable"),
        Failure::ReadRefused => Some("Invalid argument"),
        _ => None,
    }
}

/// A table that cannot be read.
fn initialize<'a>(error: &Error, reason: &str) -> Words<'a> {
    let program = if error.family() == Some(Family::Ipv6) { "ip6tables" } else { "iptables" };
    let table = error.table().unwrap_or_default();
    let sentence = format!(
        "can't initialize {program} table `{table}': {reason}\nPerhaps {program} or your kernel needs to be upgraded."
    );
    (3, sentence.into())
}
