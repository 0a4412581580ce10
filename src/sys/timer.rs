//! A descriptor that can be read when a time is over.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timer::TimerSetTimeFlags;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags};

/// A timer of `timerfd_create(2)`.
#[derive(Debug)]
pub(crate) struct Timer(TimerFd);

impl Timer {
    pub(crate) fn new() -> io::Result<Timer> {
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        Ok(Timer(TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?))
    }

    /// Lets it be over after a time from now on, and not before.
    pub(crate) fn set(&self, time: Duration) -> io::Result<()> {
        /// No time at all would be none to wait for, and there is a longest one.
        const BOUNDS: (Duration, Duration) = (Duration::from_nanos(1), Duration::from_secs(1 << 30));
        let time = TimeSpec::from_duration(time.clamp(BOUNDS.0, BOUNDS.1));
        Ok(self.0.set(Expiration::OneShot(time), TimerSetTimeFlags::empty())?)
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
