//! The xtables lock.

use crate::error::system_words;
use crate::sys::lock::{self as file, LockError};
use crate::table::backend::{Lock, LockPolicy};
use crate::{Error, ErrorKind, Result};

/// Takes the lock as a policy says.
pub(super) fn take(policy: &LockPolicy) -> Result<Lock> {
    let Some(path) = &policy.path else { return Ok(Lock::NONE) };
    let shown = path.display();
    file::take(path, policy.wait).map(Lock::new).map_err(|error| match error {
        LockError::Open(error) => {
            let classic = format!("Fatal: can't open lock file {shown}: {}", system_words(&error));
            Error::io(ErrorKind::Io, format!("cannot open the xtables lock {shown}"), error)
                .classic(4, classic)
        }
        LockError::Busy { holder } => {
            let who = match holder.map(|pid| (pid, file::command(pid))) {
                Some((pid, Some(command))) => format!("process {pid} ({command})"),
                Some((pid, None)) => format!("process {pid}"),
                None => "another program".into(),
            };
            let classic = match policy.wait {
                Some(wait) if !wait.is_zero() => format!(
                    "Can't lock {shown}: Resource temporarily unavailable\nAnother app is currently holding \
                     the xtables lock. Stopped waiting after {}s.",
                    wait.as_secs()
                ),
                _ => format!(
                    "Can't lock {shown}: Resource temporarily unavailable\nAnother app is currently holding \
                     the xtables lock. Perhaps you want to use the -w option?"
                ),
            };
            Error::new(ErrorKind::LockBusy, format!("{who} holds the xtables lock {shown}"))
                .classic(4, classic)
        }
        LockError::Lock(error) => Error::io(ErrorKind::Io, format!("cannot lock {shown}"), error)
            .classic(4, format!("Can't lock {shown}")),
    })
}
