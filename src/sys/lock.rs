//! The lock that every iptables takes: `flock(2)` on one file for all tables and namespaces.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;

/// How often a wait with a deadline looks again.
const POLL: Duration = Duration::from_millis(5);

/// The lock, held until dropped.
///
/// It ends when the file is closed, which a child after `fork` has too: unlocking it, as `nix::fcntl::Flock` does, would take
/// the lock from the parent.
#[derive(Debug)]
pub(crate) struct LockFile(#[allow(dead_code, reason = "held for its Drop")] OwnedFd);

/// Why the lock could not be had.
#[derive(Debug)]
pub(crate) enum LockError {
    /// The file cannot be opened.
    Open(io::Error),
    /// Somebody else holds it; their process id if the kernel tells.
    Busy { holder: Option<u32> },
    /// `flock` failed.
    Lock(io::Error),
}

/// Takes the lock: waits until the deadline, or for ever without one.
pub(crate) fn take(path: &Path, wait: Option<Duration>) -> Result<LockFile, LockError> {
    // The flag instead of `create(true)`, which the standard library grants only to writers.
    let file = OpenOptions::new()
        .read(true)
        .mode(0o600)
        .custom_flags(libc::O_CREAT | libc::O_CLOEXEC)
        .open(path)
        .map_err(LockError::Open)?;
    // A time that no clock will ever show is no deadline.
    let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
    let file = OwnedFd::from(file);
    loop {
        match flock(&file, deadline.is_none()) {
            Ok(()) => return Ok(LockFile(file)),
            Err(Errno::EINTR) => {}
            Err(Errno::EWOULDBLOCK) => {
                let left =
                    deadline.map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now()));
                if left.is_zero() {
                    return Err(LockError::Busy { holder: holder(&File::from(file)) });
                }
                std::thread::sleep(left.min(POLL));
            }
            Err(errno) => return Err(LockError::Lock(errno.into())),
        }
    }
}

/// Locks a file, or says that somebody else has.
fn flock(file: &OwnedFd, wait: bool) -> nix::Result<()> {
    let how = if wait { libc::LOCK_EX } else { libc::LOCK_EX | libc::LOCK_NB };
    // SAFETY: a system call on a file that is open, without memory of ours.
    Errno::result(unsafe { libc::flock(file.as_raw_fd(), how) }).map(drop)
}

/// The process that holds a lock on the file, from `/proc/locks`.
fn holder(file: &File) -> Option<u32> {
    let inode = file.metadata().ok()?.ino().to_string();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // `1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF`; waiting lockers have `->` after the number.
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, pid, place, ..] if place.rsplit(':').next() == Some(&inode) => {
                pid.parse().ok()
            }
            _ => None,
        }
    })
}

/// The command line of a process, for messages.
pub(crate) fn command(pid: u32) -> Option<String> {
    let bytes = std::fs::read(PathBuf::from(format!("/proc/{pid}/cmdline"))).ok()?;
    let text = bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    let words: Vec<_> = text.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
