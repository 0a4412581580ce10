//! Waiting in a way that a signal ends in good order, so that what was changed for the time is put back.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// The signals that end a command, from now on as something that can be waited for.
pub(crate) struct Interrupt(SignalFd);

/// What a wait ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// A signal: it is over.
    Signal,
    /// There is something to read.
    Ready,
    /// The time is over.
    Time,
}

impl Interrupt {
    pub(crate) fn new() -> io::Result<Interrupt> {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGWINCH] {
            signals.add(signal);
        }
        signals.thread_block()?;
        Ok(Interrupt(SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC)?))
    }

    /// Waits until there is something to read, or until a time.
    pub(crate) fn wait(&self, other: Option<BorrowedFd<'_>>, until: Option<Instant>) -> Woken {
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            // Rounded up, lest it asks again and again in the last millisecond.
            let timeout = left.map(|left| left + Duration::from_micros(999));
            let timeout = timeout
                .map_or(PollTimeout::NONE, |left| PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
            let mut polled = vec![PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            polled.extend(other.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
            match poll(&mut polled, timeout) {
                Ok(0) if left.is_some_and(|left| left < Duration::from_secs(1 << 20)) => return Woken::Time,
                Ok(0) | Err(nix::Error::EINTR) => continue,
                Err(_) => return Woken::Signal,
                Ok(_) => {}
            }
            if polled.first().and_then(PollFd::any) == Some(true) {
                match self.0.read_signal() {
                    Ok(Some(signal)) if signal.ssi_signo == Signal::SIGWINCH as u32 => continue,
                    _ => return Woken::Signal,
                }
            }
            return Woken::Ready;
        }
    }
}
