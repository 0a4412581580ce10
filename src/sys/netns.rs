//! Network namespaces.

use std::fs::File;
use std::io;

use nix::sched::{CloneFlags, setns, unshare};

/// Runs a function in a network namespace that is made for it and is gone with the last socket in it. The thread is one of its
/// own: the caller's namespace stays as it is.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("libfw-trial".into()).spawn_scoped(scope, || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            work()
        })?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread in the namespace panicked")))
    })
}

/// Runs a function inside a network namespace, on a thread of its own: the caller's namespace stays as it is.
///
/// A socket made there stays in that namespace, wherever it is used from.
pub(crate) fn inside<T: Send>(namespace: &File, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("libfw-netns".into()).spawn_scoped(scope, || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            Ok(work())
        })?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread in the namespace panicked")))
    })
}
