//! Threads of this process take turns.
//!
//! The kernel refuses a transaction that another one came before, so nothing has to be locked. But a program that works on a table
//! without a way to begin anew, as in a block of Python, should be refused for what others do, and not for its own threads. So there
//! is a lock that only this process knows: one like that of xtables, on a file without a name for each network namespace.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use crate::Result;
use crate::error::{ErrorKind, Failure};
use crate::kernel::lock;
use crate::sys::lock::nameless;
use crate::table::backend::{Interrupt, Lock, LockPolicy};

/// A network namespace by its numbers.
type Namespace = (u64, u64);

/// Only tried, though often: a fork may have copied it while another thread had it.
static FILES: Mutex<Vec<(Namespace, Weak<OwnedFd>)>> = Mutex::new(Vec::new());

/// Who has it is done in a moment.
const TRIES: usize = 10_000;

/// The file of a namespace; `None` where there cannot be one.
pub(super) fn file(namespace: Namespace) -> Option<Arc<OwnedFd>> {
    let tries = (0..TRIES).map(|at| {
        if at > 0 {
            std::thread::yield_now();
        }
        FILES.try_lock().ok()
    });
    let mut files = tries.flatten().next()?;
    files.retain(|(_, file)| file.strong_count() > 0);
    let known = files.iter().find(|(known, _)| *known == namespace).and_then(|(_, file)| file.upgrade());
    if known.is_some() {
        return known;
    }
    let file = Arc::new(nameless(c"libfw-nft").ok()?);
    files.push((namespace, Arc::downgrade(&file)));
    Some(file)
}

/// Takes the lock on such a file, in the way in which a policy takes the xtables lock.
pub(super) fn take(file: &OwnedFd, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
    let path = policy.path.as_ref().map(|_| format!("/proc/self/fd/{}", file.as_raw_fd()).into());
    match lock::take(&LockPolicy { path, wait: policy.wait }, interrupt) {
        Ok(lock) => Ok(lock.of_process()),
        // Whoever would not wait goes on without it, as every command of iptables-nft does: it begins anew if that has to be.
        Err(error) if error.kind() == ErrorKind::LockBusy => match policy.wait {
            Some(Duration::ZERO) => Ok(Lock::NONE),
            _ => Err(Failure::Turn.into()),
        },
        Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
        // Without it a commit may be a conflict, which is said then.
        Err(_) => Ok(Lock::NONE),
    }
}
