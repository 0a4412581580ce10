//! The lock that every iptables takes: `flock(2)` on one file for all tables and namespaces.

use std::cell::RefCell;
use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::waiter::{self, Failure};

pub(crate) use super::waiter::Check;

/// Which file it is, whatever its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn of(file: &File) -> io::Result<FileId> {
        file.metadata().map(|data| FileId { device: data.dev(), inode: data.ino() })
    }
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: OwnedFd,
    id: FileId,
    /// The process that took it.
    process: u32,
}

impl LockFile {
    /// Whether this process took the lock. A fork of it has a copy, which is worth nothing.
    pub(crate) fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Closing it is not enough while a fork has a copy; and the fork must not unlock the one lock that both see.
        if self.is_ours() {
            let _ = flock(&self.file, libc::LOCK_UN);
        }
    }
}

thread_local! {
    /// The locks that this thread has taken. One that is given away to another thread stays here until it is dropped.
    static HELD: RefCell<Vec<Weak<LockFile>>> = const { RefCell::new(Vec::new()) };
}

/// Why the lock could not be had.
#[derive(Debug)]
pub(crate) enum LockError {
    /// The file cannot be opened.
    Open(io::Error),
    /// Somebody else holds it; their process id if the kernel tells.
    Busy { holder: Option<u32> },
    /// A signal came, or whoever was asked said so.
    Interrupted,
    /// `flock` failed.
    Lock(io::Error),
}

/// Takes the lock: waits until the deadline, or for ever without one. The thread that holds it gets it again at once.
pub(crate) fn take(
    path: &Path,
    wait: Option<Duration>,
    check: Option<&Check<'_>>,
) -> Result<Arc<LockFile>, LockError> {
    // A time that no clock will ever show is no deadline.
    let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
    // The flag instead of `create(true)`, which the standard library grants only to writers.
    let file = OpenOptions::new()
        .read(true)
        .mode(0o600)
        .custom_flags(libc::O_CREAT | libc::O_CLOEXEC)
        .open(path)
        .map_err(LockError::Open)?;
    let id = FileId::of(&file).map_err(LockError::Lock)?;
    if let Some(held) = held(id) {
        return Ok(held);
    }
    let file = OwnedFd::from(file);
    let file = match flock(&file, libc::LOCK_EX | libc::LOCK_NB) {
        Ok(()) => file,
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(LockError::Lock(error)),
        Err(_) if wait.is_some_and(|wait| wait.is_zero()) => {
            return Err(LockError::Busy { holder: holder(&Listed::of(&file, id)) });
        }
        Err(_) => {
            let listed = Listed::of(&file, id);
            waiter::wait(file, id, deadline, check).map_err(|failure| match failure {
                Failure::Late => LockError::Busy { holder: holder(&listed) },
                Failure::Interrupted => LockError::Interrupted,
                Failure::Lock(error) => LockError::Lock(error),
            })?
        }
    };
    let lock = Arc::new(LockFile { file, id, process: std::process::id() });
    // A thread that is ending has no list any more, and needs none.
    let _ = HELD.try_with(|held| held.borrow_mut().push(Arc::downgrade(&lock)));
    Ok(lock)
}

/// The lock on a file that this thread has taken already.
fn held(id: FileId) -> Option<Arc<LockFile>> {
    let find = |held: &RefCell<Vec<Weak<LockFile>>>| {
        let mut held = held.borrow_mut();
        held.retain(|lock| lock.strong_count() > 0);
        held.iter().filter_map(Weak::upgrade).find(|lock| lock.id == id && lock.is_ours())
    };
    HELD.try_with(find).ok().flatten()
}

/// A file that only this process and its forks know.
pub(crate) fn nameless(name: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the name ends with NUL and is only read.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// `flock(2)`.
pub(super) fn flock(file: &impl AsFd, operation: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open while it is borrowed, and the call touches no memory.
    let status = unsafe { libc::flock(file.as_fd().as_raw_fd(), operation) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A file as `/proc/locks` names it: device and inode as the filesystem itself has them. What stat(2) says is not always the same
/// (btrfs, overlayfs), and the inode alone is that of many files: each tmpfs begins to count anew.
struct Listed(String);

impl Listed {
    fn of(file: &OwnedFd, id: FileId) -> Listed {
        let (device, inode) = Listed::on_its_mount(file)
            .unwrap_or(((u64::from(libc::major(id.device)), u64::from(libc::minor(id.device))), id.inode));
        Listed(format!("{:02x}:{:02x}:{inode}", device.0, device.1))
    }

    /// By the mount that it was opened on, proc_pid_fdinfo(5) and proc_pid_mountinfo(5).
    fn on_its_mount(file: &OwnedFd) -> Option<((u64, u64), u64)> {
        let info = std::fs::read_to_string(format!("/proc/thread-self/fdinfo/{}", file.as_raw_fd())).ok()?;
        let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let (mount, inode) = (field("mnt_id:")?, field("ino:")?.parse().ok()?);
        // `36 35 98:0 /mnt1 /mnt2 rw,noatime ...`
        let mounts = std::fs::read_to_string("/proc/thread-self/mountinfo").ok()?;
        let device = mounts.lines().find_map(|line| {
            let mut words = line.split(' ');
            (words.next() == Some(mount)).then(|| words.nth(1)).flatten()
        });
        let (major, minor) = device?.split_once(':')?;
        Some(((major.parse().ok()?, minor.parse().ok()?), inode))
    }
}

/// The process that holds a lock on the file. The list is read in several pieces, and one may be missed when others come and go
/// meanwhile.
fn holder(file: &Listed) -> Option<u32> {
    (0..3).find_map(|_| listed(file))
}

/// The same by one look at `/proc/locks`.
fn listed(file: &Listed) -> Option<u32> {
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // `1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF`; waiting lockers have `->` after the number.
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, pid, place, ..] if *place == file.0 => pid.parse().ok().filter(|pid| *pid > 0),
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
