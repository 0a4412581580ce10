//! Answers that were noted, said again: for tests, and for those who look for bytes that a decoder does not stand.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::backend::Nft;
use super::session::{Script, Wire};
use crate::Result;
use crate::kernel::Kernel;
use crate::sys::netlink::Received;

/// What was answered to each thing that was sent, in datagrams.
pub type Answers = Vec<Vec<Vec<u8>>>;

/// Notes what goes over a wire.
#[derive(Debug)]
struct Recorder {
    wire: Wire,
    answers: Arc<Mutex<Answers>>,
}

impl Recorder {
    fn note(&self, note: impl FnOnce(&mut Answers)) {
        note(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Script for Recorder {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(|answers| answers.push(Vec::new()));
        self.wire.send(bytes)
    }

    fn receive(&mut self, room: &mut [u8], wait: bool) -> io::Result<Received> {
        let received = self.wire.receive(room, wait)?;
        if let Received::Datagram(length) = received {
            self.note(|answers| {
                answers.iter_mut().next_back().into_iter().for_each(|last| last.push(room[..length].to_vec()))
            });
        }
        Ok(received)
    }
}

/// Says what was noted, or what it was made into; an empty datagram is one that was lost.
#[derive(Debug)]
struct Replay {
    answers: VecDeque<Vec<Vec<u8>>>,
    now: VecDeque<Vec<u8>>,
}

impl Script for Replay {
    fn send(&mut self, _: &[u8]) -> io::Result<()> {
        self.now = self.answers.pop_front().unwrap_or_default().into();
        Ok(())
    }

    fn receive(&mut self, room: &mut [u8], _: bool) -> io::Result<Received> {
        let Some(datagram) = self.now.pop_front() else { return Ok(Received::Nothing) };
        let length = datagram.len().min(room.len());
        room[..length].copy_from_slice(&datagram[..length]);
        Ok(if length == 0 { Received::Lost } else { Received::Datagram(length) })
    }
}

/// Nf_tables that answers as it was noted.
#[doc(hidden)]
#[must_use]
pub fn replay(answers: Answers) -> Kernel {
    over(Wire::Scripted(Box::new(Replay { answers: answers.into(), now: VecDeque::new() })))
}

pub(super) fn over(wire: Wire) -> Kernel {
    Kernel::with_backend(Nft::over(wire))
}

/// What a wire says while something is done over it.
pub(super) fn note<T>(wire: Wire, work: impl FnOnce(&Kernel) -> Result<T>) -> Result<(T, Answers)> {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { wire, answers: answers.clone() };
    let done = work(&over(Wire::Scripted(Box::new(recorder))))?;
    let answers = answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((done, answers))
}

/// What nf_tables in memory says while something is done, after something else that is not noted.
///
/// # Errors
///
/// Those of both.
#[doc(hidden)]
#[cfg(fuzzing)]
pub fn noted<T>(
    before: impl FnOnce(&Kernel) -> Result<()>,
    work: impl FnOnce(&Kernel) -> Result<T>,
) -> Result<(T, Answers)> {
    use super::memory;

    let rules: Arc<memory::Ruleset> = Arc::default();
    before(&over(Wire::Memory(memory::Wire::new(rules.clone()))))?;
    note(Wire::Memory(memory::Wire::new(rules)), work)
}
