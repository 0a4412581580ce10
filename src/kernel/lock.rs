//! The xtables lock.

use crate::error::{Failure, Holder};
use crate::sys::lock::{self as file, LockError};
use crate::table::backend::{Lock, LockPolicy};
use crate::{Error, Result};

/// Takes the lock as a policy says.
pub(super) fn take(policy: &LockPolicy) -> Result<Lock> {
    let Some(path) = &policy.path else { return Ok(Lock::NONE) };
    file::take(path, policy.wait).map(Lock::new).map_err(|error| {
        let path = path.display().to_string();
        match error {
            LockError::Open(error) => Error::from(Failure::LockFile { path }).because(error),
            LockError::Lock(error) => Error::from(Failure::Lock { path }).because(error),
            LockError::Busy { holder } => {
                let holder = holder.map(|pid| Holder { pid, command: file::command(pid) });
                let waited = policy.wait.map(|wait| wait.as_secs());
                Failure::LockBusy { path, holder, waited }.into()
            }
        }
    })
}
