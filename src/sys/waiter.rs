//! Waiting for `flock(2)` with a deadline, and with an ear for signals.
//!
//! `flock` itself knows no deadline, asking again and again is unfair to whoever asks, and a library must not make use of
//! signals. So a thread of its own waits in `flock`, in line with all other programs, and the caller waits for the
//! thread. A caller that gives up leaves the thread behind, which lets go of the lock as soon as it gets it; or the next
//! caller takes over the thread, and its place in the line.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::time::TimeSpec;

use super::lock::{FileId, flock};

/// Says whether to give up a wait.
pub(crate) type Check<'a> = dyn Fn() -> bool + 'a;

/// How often a check is asked.
const SLICE: Duration = Duration::from_millis(100);

/// The thread does nothing but wait.
const STACK: usize = 64 << 10;

/// Why a wait has ended without the lock.
pub(super) enum Failure {
    /// The time is over and the thread has no answer.
    Late,
    /// A signal came, or the check said so.
    Interrupted,
    /// The thread could not be started, or `flock` failed.
    Lock(io::Error),
}

/// What a caller and its thread have in common.
struct Shared {
    state: Mutex<State>,
    /// Readable when the state is `Done`.
    event: EventFd,
}

enum State {
    /// The thread is in `flock`; whether a caller still wants the lock.
    Waiting { wanted: bool },
    /// The file with the lock, until the caller takes it.
    Done(io::Result<OwnedFd>),
    /// Nothing more will come.
    Over,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that waits, as its caller sees it.
struct Waiter {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

/// One whose caller has given up.
struct Idle {
    waiter: Waiter,
    id: FileId,
    /// Threads of the process that this one is a fork of are not here.
    process: u32,
}

/// Only tried: a fork may have copied it while another thread had it.
static IDLE: Mutex<Vec<Idle>> = Mutex::new(Vec::new());

/// Waits for the lock on an open file; returns the file that has it.
///
/// With a check, a signal only has the check asked; without one, any signal for which the program has a handler ends the
/// wait.
pub(super) fn wait(
    file: OwnedFd,
    id: FileId,
    deadline: Option<Instant>,
    check: Option<&Check<'_>>,
) -> Result<OwnedFd, Failure> {
    let attention = Attention::new().map_err(Failure::Lock)?;
    let waiter = match adopt(id) {
        Some(waiter) => waiter,
        None => start(file).map_err(Failure::Lock)?,
    };
    let failure = match attention.readable(Some(waiter.shared.event.as_fd()), deadline, check) {
        // Perhaps not late at all: then there is an answer.
        Ok(_) => Failure::Late,
        Err(failure) => failure,
    };
    leave(waiter, id, failure)
}

/// The answer at the end of a wait; the failure if there is none, or if it is not wanted any more.
fn leave(waiter: Waiter, id: FileId, failure: Failure) -> Result<OwnedFd, Failure> {
    let Waiter { shared, thread } = waiter;
    let mut state = shared.state();
    match std::mem::replace(&mut *state, State::Over) {
        State::Done(result) => {
            drop(state);
            // It has nothing more to do. Who has the lock need not know that there was a thread.
            let _ = thread.join();
            match (result, failure) {
                // It may have come at the last moment.
                (Ok(file), Failure::Late) => Ok(file),
                (Ok(file), failure) => {
                    let _ = flock(&file, libc::LOCK_UN);
                    Err(failure)
                }
                (Err(error), _) => Err(Failure::Lock(error)),
            }
        }
        State::Waiting { .. } => {
            *state = State::Waiting { wanted: false };
            // Before the thread can end, which takes it out again.
            if let Ok(mut idle) = IDLE.try_lock() {
                let waiter = Waiter { shared: Arc::clone(&shared), thread };
                idle.push(Idle { waiter, id, process: std::process::id() });
            }
            Err(failure)
        }
        State::Over => Err(failure),
    }
}

/// A thread that waits for this file and that nobody needs.
fn adopt(id: FileId) -> Option<Waiter> {
    let mut idle = IDLE.try_lock().ok()?;
    let process = std::process::id();
    idle.retain(|known| known.process == process && !matches!(*known.waiter.shared.state(), State::Over));
    let index = idle.iter().position(|known| known.id == id)?;
    let waiter = idle.swap_remove(index).waiter;
    let mut state = waiter.shared.state();
    // It may have ended just now.
    let waits = matches!(*state, State::Waiting { .. });
    if waits {
        *state = State::Waiting { wanted: true };
    }
    drop(state);
    waits.then_some(waiter)
}

/// Starts a thread that waits for the lock.
fn start(file: OwnedFd) -> io::Result<Waiter> {
    let event = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC)?;
    let shared = Arc::new(Shared { state: Mutex::new(State::Waiting { wanted: true }), event });
    let theirs = Arc::clone(&shared);
    let work = move || {
        let result = loop {
            match flock(&file, libc::LOCK_EX) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let mut state = theirs.state();
        if matches!(*state, State::Waiting { wanted: true }) {
            *state = State::Done(result.map(|()| file));
            let _ = theirs.event.write(1);
        } else {
            *state = State::Over;
            let _ = flock(&file, libc::LOCK_UN);
            drop(state);
            // Nobody joins this thread: without its handle nothing of it is left.
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|known| !Arc::ptr_eq(&known.waiter.shared, &theirs));
        }
    };
    let thread = std::thread::Builder::new().name("libfw-lock".into()).stack_size(STACK).spawn(work)?;
    Ok(Waiter { shared, thread })
}

/// While this is there, signals are let in only while nothing but a wait goes on, so that none is missed: they are blocked for the
/// thread, and for those that it starts.
pub(crate) struct Attention {
    before: SigSet,
}

impl Attention {
    pub(crate) fn new() -> io::Result<Attention> {
        let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
        Ok(Attention { before })
    }

    /// Waits until a descriptor can be read; false when the time is over before. A signal is an error of the kind `Interrupted`.
    pub(crate) fn wait(
        &self,
        fd: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
        check: Option<&Check<'_>>,
    ) -> io::Result<bool> {
        let readable = self.readable(fd, deadline, check).and_then(|readable| match check {
            // It may be too short a wait to have asked.
            Some(check) if self.paused(check) => Err(Failure::Interrupted),
            _ => Ok(readable),
        });
        readable.map_err(|failure| match failure {
            Failure::Lock(error) => error,
            Failure::Late | Failure::Interrupted => Errno::EINTR.into(),
        })
    }

    fn readable(
        &self,
        fd: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
        check: Option<&Check<'_>>,
    ) -> Result<bool, Failure> {
        loop {
            let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            let slice = check.is_some().then_some(SLICE);
            let time = left.into_iter().chain(slice).min();
            let mut events: Vec<_> = fd.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
            match ppoll(&mut events, time.map(TimeSpec::from_duration), Some(self.before)) {
                Ok(0) if left.is_some_and(|left| time == Some(left)) => return Ok(false),
                Ok(1..) => return Ok(true),
                Ok(_) | Err(Errno::EINTR) => match check {
                    None => return Err(Failure::Interrupted),
                    // Handlers may run in the check.
                    Some(check) if self.paused(check) => return Err(Failure::Interrupted),
                    Some(_) => {}
                },
                Err(errno) => return Err(Failure::Lock(errno.into())),
            }
        }
    }

    /// Calls a function with the signals as they were before.
    fn paused(&self, call: &Check<'_>) -> bool {
        let _ = self.before.thread_set_mask();
        let answer = call();
        let _ = SigSet::all().thread_set_mask();
        answer
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_wait_that_is_given_up_leaves_nothing_when_the_lock_is_free() {
        let path = std::env::temp_dir().join(format!("libfw-waiter-{}", std::process::id()));
        let holder = OwnedFd::from(File::create(&path).unwrap());
        let holder = flock(&holder, libc::LOCK_EX).map(|()| holder).unwrap();
        let file = File::open(&path).unwrap();
        let id = FileId::of(&file).unwrap();
        let idle = || IDLE.lock().unwrap().iter().filter(|idle| idle.id == id).count();
        assert!(matches!(wait(file.into(), id, Some(Instant::now()), None), Err(Failure::Late)));
        assert_eq!(idle(), 1);
        drop(holder);
        let patience = Instant::now() + Duration::from_secs(10);
        while idle() > 0 {
            assert!(Instant::now() < patience, "the handle of the thread is kept");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::fs::remove_file(path).unwrap();
    }
}
