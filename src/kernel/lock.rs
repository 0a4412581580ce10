//! The xtables lock.

use std::io;

use crate::error::{Failure, Holder};
use crate::sys::lock::{self as file, Check, LockError};
use crate::table::backend::{Interrupt, Lock, LockPolicy};
use crate::{Error, Result};

/// Takes the lock as a policy says.
pub(super) fn take(policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
    let Some(path) = &policy.path else { return Ok(Lock::NONE) };
    let check = interrupt.map(|interrupt| || interrupt.is_asked_for());
    let check = check.as_ref().map(|check| check as &Check);
    file::take(path, policy.wait, check).map(|held| Lock::shared(held)).map_err(|error| {
        let path = path.display().to_string();
        match error {
            LockError::Open(error) => {
                let denied = error.kind() == io::ErrorKind::PermissionDenied;
                Error::from(Failure::LockFile { path, denied }).because(error)
            }
            LockError::Lock(error) => Error::from(Failure::Lock { path }).because(error),
            LockError::Interrupted => Error::from(Failure::LockInterrupted { path })
                .because(io::Error::from_raw_os_error(libc::EINTR)),
            LockError::Busy { holder } => {
                let holder = holder.map(|pid| Holder::new(pid, file::command(pid)));
                let waited = policy.wait.map(|wait| wait.as_secs());
                Failure::LockBusy { path, holder, waited }.into()
            }
        }
    })
}
