//! A process of its own that outlives the one that starts it.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::types::order;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow};

/// What a detached process ignores: it has to end by itself.
const IGNORED: [i32; 10] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGPIPE,
    libc::SIGALRM,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGUSR1,
];

/// Does some work in a process with a session of its own, which keeps only these files. Nobody has to wait for it, and it ends
/// with the work.
///
/// The process is a fork, with the memory that the caller has now but with one thread only: the work must not wait for what
/// another thread holds. The allocators of the C libraries are ready for that.
pub(crate) fn detached(keep: &[BorrowedFd<'_>], work: impl FnOnce()) -> io::Result<()> {
    let mut keep: Vec<RawFd> = keep.iter().map(|file| file.as_raw_fd()).collect();
    order::sort(&mut keep);
    // No handler of the caller runs in the fork.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let child = fork();
    if let Ok(0) = child {
        // SAFETY: the call has no preconditions.
        unsafe { libc::setsid() };
        let status = match fork() {
            Ok(0) => {
                prepare(&keep);
                let _ = before.thread_set_mask();
                i32::from(catch_unwind(AssertUnwindSafe(work)).is_err())
            }
            Ok(_) => 0,
            Err(_) => 1,
        };
        // SAFETY: it ends the process without running what the caller has registered for its own end.
        unsafe { libc::_exit(status) }
    }
    let ended = child.and_then(wait);
    let _ = before.thread_set_mask();
    match ended? {
        0 => Ok(()),
        _ => Err(io::Error::from_raw_os_error(libc::EAGAIN)),
    }
}

fn fork() -> io::Result<libc::pid_t> {
    // SAFETY: the child goes on with a copy of this thread. What it does is up to the caller of `detached`, which says what it
    // must not do.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(pid),
    }
}

/// Waits for a child; returns its exit status.
fn wait(pid: libc::pid_t) -> io::Result<i32> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is valid for the call.
        if unsafe { libc::waitpid(pid, &raw mut status, 0) } == pid {
            return Ok(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 1 });
        }
        match Errno::last() {
            Errno::EINTR => {}
            // The program waits for all its children, or for none.
            Errno::ECHILD => return Ok(0),
            error => return Err(error.into()),
        }
    }
}

/// Leaves behind what belongs to the caller: signals, directory, files.
fn prepare(keep: &[RawFd]) {
    for signal in IGNORED {
        // SAFETY: to ignore a signal runs no code.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    // SAFETY: the path is a C string.
    unsafe { libc::chdir(c"/".as_ptr()) };
    // SAFETY: the path is a C string.
    let null = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
    let mut next = 0;
    for file in keep.iter().copied().chain([RawFd::MAX]) {
        close_between(next, file - 1, null);
        next = file.saturating_add(1);
    }
}

/// Closes a range of descriptors; of the standard ones `null` takes the place.
fn close_between(first: RawFd, last: RawFd, null: RawFd) {
    for standard in first..=last.min(2) {
        // SAFETY: both are numbers; nobody in this process uses what is replaced.
        unsafe { libc::dup2(null, standard) };
    }
    let first = first.max(3);
    if first > last {
        return;
    }
    // SAFETY: the call takes three numbers. Nobody in this process uses what is closed.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first as u32, last as u32, 0u32) };
    if closed != 0 {
        // SAFETY: the call has no preconditions.
        let most = unsafe { libc::sysconf(libc::_SC_OPEN_MAX) }.clamp(256, 1 << 16) as RawFd;
        for file in first..=last.min(most) {
            // SAFETY: as above.
            unsafe { libc::close(file) };
        }
    }
}
