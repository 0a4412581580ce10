//! Whoever watches over the old rules while a change waits to be confirmed.

use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Shutdown, getsockopt, shutdown, sockopt::PeerCredentials};

use crate::Result;

/// What is said to it.
pub(super) const COMMITTED: u8 = b'c';
pub(super) const ABORTED: u8 = b'a';
pub(super) const CONFIRM: u8 = b'y';
pub(super) const ROLL_BACK: u8 = b'n';
/// What it says first.
pub(super) const READY: u8 = b'r';

/// How often the old rules are tried to be put back, a second apart.
const ATTEMPTS: u32 = 10;
/// How long somebody who has come to confirm may think about it.
const SHORT: Duration = Duration::from_secs(2);

/// How long a commit may take before that counts as the end of its process.
const PATIENCE: Duration = Duration::from_secs(10);

/// A change that may have to be undone.
pub(super) trait Change {
    /// Whether anything of it is in the tables, asked when whoever was about to make it has gone.
    fn is_made(&mut self) -> bool;

    /// Takes it back.
    fn undo(&mut self) -> Result<()>;
}

pub(super) struct Watch {
    /// Whoever made the change; `None` once that is gone.
    pub(super) control: Option<UnixStream>,
    /// Where others confirm it.
    pub(super) listener: Option<UnixListener>,
    pub(super) time: Duration,
}

/// What happens next.
enum Event {
    /// Time is over.
    Late,
    /// Somebody has said something; to be answered, if it is not whoever made the change.
    Said(u8, Option<UnixStream>),
    /// Whoever made the change, or was about to, has gone.
    Gone,
    Nothing,
}

impl Watch {
    /// Waits for the change to be confirmed, and undoes it when it is not.
    pub(super) fn run(mut self, change: &mut dyn Change) {
        if self.control.as_mut().is_none_or(|control| control.write_all(&[READY]).is_err()) {
            return;
        }
        let mut deadline = Instant::now() + self.time + PATIENCE;
        let mut committed = false;
        loop {
            match self.next(deadline) {
                Event::Said(COMMITTED, None) => {
                    deadline = Instant::now() + self.time;
                    committed = true;
                }
                // Should the process end within the commit, the time runs from here. If it has ended before, there is nothing to undo,
                // and what others do from now on is not to be touched.
                Event::Gone if !committed => match change.is_made() {
                    true => deadline = Instant::now() + self.time,
                    false => return,
                },
                Event::Said(ABORTED, None) => return,
                Event::Said(CONFIRM, asker) => return self.end("confirmed", asker),
                Event::Said(ROLL_BACK, asker) => return self.end(&back(change), asker),
                Event::Late => return self.end(&back(change), None),
                Event::Said(..) | Event::Gone | Event::Nothing => {}
            }
        }
    }

    /// Tells everybody concerned what has become of it, and who has come in the meantime: to put the old rules back may take long.
    fn end(mut self, answer: &str, asker: Option<UnixStream>) {
        // Whoever has come can still be heard; nobody comes any more, least of all who has had the answer and asks again.
        let listener = self.listener.as_ref().filter(|listener| {
            let _ = shutdown(listener.as_raw_fd(), Shutdown::Both);
            listener.set_nonblocking(true).is_ok()
        });
        let late = std::iter::from_fn(|| listener?.accept().ok()).map(|(stream, _)| stream);
        for mut stream in self.control.take().into_iter().chain(asker).chain(late) {
            let _ = stream.write_all(answer.as_bytes());
        }
    }

    fn next(&mut self, deadline: Instant) -> Event {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Event::Late;
        }
        // A little more than less, so as not to ask again for nothing.
        let millis = i32::try_from(left.as_millis() + 1).unwrap_or(i32::MAX);
        let mut files = Vec::with_capacity(2);
        files.extend(self.control.iter().map(|control| PollFd::new(control.as_fd(), PollFlags::POLLIN)));
        files.extend(self.listener.iter().map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)));
        match poll(&mut files, PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)) {
            Ok(0) | Err(Errno::EINTR) => return Event::Nothing,
            Ok(_) => {}
            // It is better to take a change back than to leave it there for ever.
            Err(_) => return Event::Late,
        }
        let ready: Vec<bool> = files.iter().map(|file| file.any().unwrap_or(true)).collect();
        drop(files);
        let mut ready = ready.into_iter();
        if self.control.is_some() && ready.next() == Some(true) {
            let mut said = [0];
            return match self.control.as_mut().map(|control| control.read_exact(&mut said)) {
                Some(Ok(())) => Event::Said(said[0], None),
                _ => {
                    self.control = None;
                    Event::Gone
                }
            };
        }
        match self.listener.as_ref().filter(|_| ready.next() == Some(true)).map(UnixListener::accept) {
            Some(Ok((stream, _))) => asked(stream),
            _ => Event::Nothing,
        }
    }
}

/// What somebody wants who has come to the socket.
fn asked(mut stream: UnixStream) -> Event {
    let peer = getsockopt(&stream, PeerCredentials).map(|peer| peer.uid());
    let may = peer.is_ok_and(|uid| uid == 0 || uid == nix::unistd::geteuid().as_raw());
    let mut said = [0];
    let heard = stream.set_read_timeout(Some(SHORT)).and_then(|()| stream.read_exact(&mut said));
    match heard {
        Ok(()) if may => Event::Said(said[0], Some(stream)),
        Ok(()) => {
            let _ = stream.write_all(b"denied");
            Event::Nothing
        }
        Err(_) => Event::Nothing,
    }
}

/// Puts the old rules back, and says what came of it.
fn back(change: &mut dyn Change) -> String {
    let mut answer = String::new();
    for attempt in 1..=ATTEMPTS {
        match change.undo() {
            Ok(()) => return "back".into(),
            Err(error) => answer = format!("stuck {error}"),
        }
        if attempt < ATTEMPTS {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting {
        made: bool,
        undone: u32,
    }

    impl Change for Counting {
        fn is_made(&mut self) -> bool {
            self.made
        }

        fn undo(&mut self) -> Result<()> {
            self.undone += 1;
            Ok(())
        }
    }

    /// Whoever goes before anything is done leaves nothing to undo, whatever others do then; within the commit, or behind it, the
    /// time runs.
    #[test]
    fn whoever_goes() {
        for (said, made, expected) in
            [(None, false, 0), (None, true, 1), (Some(COMMITTED), false, 1), (Some(ABORTED), true, 0)]
        {
            let (mut ours, theirs) = UnixStream::pair().unwrap();
            let watch = Watch { control: Some(theirs), listener: None, time: Duration::from_millis(50) };
            let begin = Instant::now();
            let mut change = Counting { made, undone: 0 };
            std::thread::scope(|scope| {
                scope.spawn(|| watch.run(&mut change));
                ours.read_exact(&mut [0]).unwrap();
                if let Some(said) = said {
                    ours.write_all(&[said]).unwrap();
                }
                drop(ours);
            });
            assert_eq!(change.undone, expected, "{said:?}");
            assert!(begin.elapsed() < PATIENCE, "{said:?}: {:?}", begin.elapsed());
        }
    }
}
