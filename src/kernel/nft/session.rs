//! A conversation with the kernel: requests and their answers, in order.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use super::attr::Writer;
use super::batch::Batch;
use super::memory;
use super::message::{Failure, Head, Message, Messages, nf_tables};
use super::model::Malformed;
use super::refusal::Refusal;
use super::uapi::*;
use crate::sys::netlink::{NetlinkSocket, Received};

/// Room for a datagram of the kernel. It fills at most 32 KiB in a dump, and each read of a dump begins with a walk over
/// what was read before: smaller rooms make dumps slower.
const ROOM: usize = 64 << 10;
/// How many requests are sent at once. The answers of more might not fit the receive buffer.
const AT_ONCE: usize = 16;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The rules were changed while they were read, or since then. Nothing was written.
    Stale,
    /// The kernel refuses the request, with this number.
    Denied(i32),
    /// A system call failed.
    Socket(io::Error),
    /// The answer makes no sense.
    Malformed(&'static str),
    /// There is no memory for what is read or written. Nothing was written.
    OutOfMemory,
    /// The kernel takes only so much in one transaction from this process.
    TooLarge,
    /// The kernel does not tell of all rules of a chain. It has so many, and only some of them were seen.
    Incomplete { chain: Vec<u8>, rules: u32, seen: u32 },
    /// The kernel refuses changes: at least these.
    Refused(Vec<Refusal>),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Socket(error)
    }
}

impl From<Malformed> for Trouble {
    fn from(Malformed(what): Malformed) -> Trouble {
        Trouble::Malformed(what)
    }
}

pub(crate) type Result<T, E = Trouble> = std::result::Result<T, E>;

/// A socket, and what must be known to match answers to requests.
#[derive(Debug)]
pub(crate) struct Session {
    wire: Wire,
    /// The process that opened the socket. Two processes must not read from one.
    process: u32,
    sequence: u32,
    room: Vec<u8>,
    /// The lower half of the generation in the answers, while what is read must be of one generation.
    generation: Option<u16>,
    /// Whether the kernel sets counters to zero as it reads them, once that was asked.
    pub(super) resets: Option<bool>,
}

/// Where messages go.
#[derive(Debug)]
pub(super) enum Wire {
    Kernel(NetlinkSocket),
    Memory(memory::Wire),
    /// What a test has to say.
    #[cfg(any(fuzzing, all(test, playground)))]
    Scripted(Box<dyn Script>),
}

/// The other end of the wire in a test.
#[cfg(any(fuzzing, all(test, playground)))]
pub(super) trait Script: std::fmt::Debug + Send {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn receive(&mut self, room: &mut [u8], wait: bool) -> io::Result<Received>;
}

impl Wire {
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            #[cfg(any(fuzzing, all(test, playground)))]
            Wire::Scripted(script) => script.send(bytes),
            Wire::Kernel(socket) => socket.send(bytes),
            Wire::Memory(wire) => {
                wire.send(bytes);
                Ok(())
            }
        }
    }

    pub(super) fn receive(&mut self, room: &mut [u8], wait: bool) -> io::Result<Received> {
        match self {
            #[cfg(any(fuzzing, all(test, playground)))]
            Wire::Scripted(script) => script.receive(room, wait),
            Wire::Kernel(socket) => socket.receive(room, wait),
            Wire::Memory(wire) => Ok(wire.receive(room)),
        }
    }

    /// Makes room for answers of so many bytes, as far as the process may.
    fn expect(&self, bytes: usize) {
        if let Wire::Kernel(socket) = self {
            socket.expect(bytes);
        }
    }
}

/// What a request asks for.
pub(crate) struct Request<'a> {
    /// `NFT_MSG_*` or `NFNL_MSG_COMPAT_*` with the subsystem.
    pub(crate) kind: u16,
    pub(crate) family: u8,
    pub(crate) attributes: &'a dyn Fn(&mut Writer),
}

impl Session {
    /// In the namespace of the file, or in that of the calling thread.
    pub(crate) fn open(namespace: Option<&File>) -> io::Result<Session> {
        NetlinkSocket::open(namespace).map(|socket| Session::over(Wire::Kernel(socket)))
    }

    /// Over what it is given.
    pub(super) fn over(wire: Wire) -> Session {
        let (process, room) = (std::process::id(), vec![0; ROOM]);
        Session { wire, process, sequence: 0, room, generation: None, resets: None }
    }

    /// Whether the socket belongs to this process, and not to the one it was forked from.
    pub(crate) fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    /// Batches use the upper half of the numbers.
    fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence % (super::batch::FIRST - 1) + 1;
        self.sequence
    }

    /// The generation of all rules: it changes with every transaction that changes something, in whatever table.
    pub(crate) fn generation(&mut self) -> Result<u32> {
        let request = Request { kind: nf_tables(NFT_MSG_GETGEN), family: 0, attributes: &|_| {} };
        let mut found = None;
        self.ask(&[request], |_, answer| {
            let message = answer.map_err(|failure| Trouble::Denied(failure.errno))?;
            found = super::model::generation(&message)?;
            Ok(())
        })?;
        found.ok_or(Trouble::Malformed("an answer without a generation"))
    }

    /// Lets a function read until nothing has changed from its beginning to its end. Returns what it did with the generation
    /// of it.
    pub(crate) fn consistently<T>(
        &mut self,
        mut read: impl FnMut(&mut Session) -> Result<T>,
    ) -> Result<(T, u32)> {
        /// As often as it takes, but not for ever where somebody does nothing but change rules.
        const PATIENCE: Duration = Duration::from_secs(30);
        const ATTEMPTS: u32 = 10;
        /// How often rules are seen to be missing before that is believed.
        const SEEN: u32 = 5;
        let begin = Instant::now();
        let mut attempts = 0;
        let mut missing = 0;
        while attempts < ATTEMPTS || begin.elapsed() < PATIENCE {
            attempts += 1;
            let before = self.generation()?;
            if !self.is_settled(before)? {
                continue;
            }
            self.generation = Some(before as u16);
            let value = read(self);
            self.generation = None;
            match value {
                Err(Trouble::Stale) => missing = 0,
                // Rules of somebody's transaction are counted before they are there, and when it fails afterwards too.
                Err(Trouble::Incomplete { .. }) if missing < SEEN => {
                    missing = if self.wait_for_writers()? == before { missing + 1 } else { 0 };
                }
                Err(trouble) => return Err(trouble),
                // The end of a dump does not tell the generation, so it takes another look.
                Ok(value) if self.is_settled(before)? => return Ok((value, before)),
                Ok(_) => {}
            }
        }
        Err(Trouble::Stale)
    }

    /// Whether the rules are of this generation when all transactions that have begun are over.
    ///
    /// The number alone does not tell: the kernel changes it a moment before or after it shows the new rules, and a reader in
    /// that moment sees some of them. It compares the number of a batch only when no other one is under way.
    fn is_settled(&mut self, generation: u32) -> Result<bool> {
        let mut refused = None;
        self.transact(Batch::new(generation).without_changes(), 0, |failure| refused = Some(failure.errno))?;
        match refused {
            None => Ok(true),
            Some(libc::ERESTART) => Ok(false),
            Some(errno) => Err(Trouble::Denied(errno)),
        }
    }

    /// Waits for the transactions that have begun. Returns the generation then.
    fn wait_for_writers(&mut self) -> Result<u32> {
        let generation = self.generation()?;
        // The kernel takes one transaction after the other, also one that changes nothing.
        match self.transact(Batch::new(generation).without_changes(), 0, |_| {}) {
            Ok(_) => self.generation(),
            Err(trouble) => Err(trouble),
        }
    }

    /// Sends requests that have one answer each, and hands the answers out by the index of the request.
    pub(crate) fn ask(
        &mut self,
        requests: &[Request<'_>],
        mut each: impl FnMut(usize, std::result::Result<Message<'_>, Failure>) -> Result<()>,
    ) -> Result<()> {
        for (chunk_index, chunk) in requests.chunks(AT_ONCE).enumerate() {
            let mut writer = Writer::new();
            let first = self.next_sequence();
            for (index, request) in chunk.iter().enumerate() {
                let sequence = if index == 0 { first } else { self.next_sequence() };
                let head = Head {
                    kind: request.kind,
                    flags: NLM_F_REQUEST,
                    sequence,
                    family: request.family,
                    resource: 0,
                };
                writer.message(&head, request.attributes);
            }
            self.wire.send(writer.bytes())?;
            let mut result = Ok(());
            let mut missing = chunk.len();
            while missing > 0 {
                let datagram = self.receive()?;
                for message in Messages::new(&self.room[..datagram]) {
                    let failure = (message.kind == NLMSG_ERROR).then(|| message.failure()).flatten();
                    let sequence = failure.map_or(message.sequence, |failure| failure.sequence);
                    // Answers to others are those to a request that was given up.
                    let Some(index) = sequence.checked_sub(first).map(|index| index as usize) else {
                        continue;
                    };
                    if index >= chunk.len() {
                        continue;
                    }
                    missing = missing.saturating_sub(1);
                    if result.is_ok() {
                        result = match failure {
                            Some(failure) => each(chunk_index * AT_ONCE + index, Err(failure)),
                            None => check(self.generation, &message)
                                .and_then(|()| each(chunk_index * AT_ONCE + index, Ok(message))),
                        };
                    }
                }
            }
            result?;
        }
        Ok(())
    }

    /// Asks for everything of a kind, and hands out what there is.
    pub(crate) fn dump(
        &mut self,
        request: &Request<'_>,
        mut each: impl FnMut(&Message<'_>) -> Result<()>,
    ) -> Result<()> {
        let sequence = self.next_sequence();
        let mut writer = Writer::new();
        let flags = NLM_F_REQUEST | NLM_F_DUMP;
        let head = Head { kind: request.kind, flags, sequence, family: request.family, resource: 0 };
        writer.message(&head, request.attributes);
        self.wire.send(writer.bytes())?;
        // A dump that is not read to its end keeps the socket busy.
        let mut result = Ok(());
        loop {
            let datagram = self.receive()?;
            let mut messages = Messages::new(&self.room[..datagram]);
            for message in &mut messages {
                if message.sequence != sequence {
                    continue;
                }
                match message.kind {
                    NLMSG_DONE | NLMSG_ERROR => {
                        let failure = message.failure();
                        let errno = failure.ok_or(Trouble::Malformed("an error without a number"))?.errno;
                        return match (result, errno) {
                            (Ok(()), 0) => Ok(()),
                            (Ok(()), libc::EINTR | libc::EAGAIN) => Err(Trouble::Stale),
                            (Ok(()), errno) => Err(Trouble::Denied(errno)),
                            (result, _) => result,
                        };
                    }
                    NLMSG_NOOP => {}
                    _ if result.is_ok() => {
                        result = check(self.generation, &message).and_then(|()| each(&message));
                    }
                    _ => {}
                }
            }
            if !messages.rest().is_empty() && result.is_ok() {
                result = Err(Trouble::Malformed("a message that is longer than its datagram"));
            }
        }
    }

    /// Sends a batch as one transaction, and hands out what the kernel has against it. The flag says whether there was more.
    pub(crate) fn transact(
        &mut self,
        batch: &[u8],
        messages: usize,
        mut each: impl FnMut(Failure),
    ) -> Result<bool> {
        /// What the kernel counts for an error in the receive buffer, and how many are worth room.
        const ERROR: usize = 1 << 10;
        const ERRORS: usize = 16 << 10;
        /// How often the answers are asked for when that fails.
        const TRIES: usize = 16;
        self.wire.expect(messages.min(ERRORS) * ERROR);
        self.wire.send(batch).map_err(|error| match error.raw_os_error() {
            Some(libc::EMSGSIZE) => Trouble::TooLarge,
            _ => Trouble::Socket(error),
        })?;
        // The kernel has done all it will do; no answer is success.
        let mut lost = false;
        let mut tries = 0;
        loop {
            match self.wire.receive(&mut self.room, false) {
                // What the kernel has done is done, and what it says of it still waits.
                Err(_) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
                Ok(Received::Nothing) => return Ok(lost),
                Ok(Received::Lost) => lost = true,
                Ok(Received::Datagram(length)) => {
                    let failures = Messages::new(&self.room[..length])
                        .filter(|message| message.kind == NLMSG_ERROR)
                        .filter_map(|message| message.failure());
                    failures.filter(|failure| failure.errno != 0).for_each(&mut each);
                }
            }
        }
    }

    fn receive(&mut self) -> Result<usize> {
        match self.wire.receive(&mut self.room, true)? {
            Received::Datagram(length) => Ok(length),
            Received::Lost => Err(Trouble::Socket(io::Error::from_raw_os_error(libc::ENOBUFS))),
            Received::Nothing => Err(Trouble::Socket(io::Error::from_raw_os_error(libc::EAGAIN))),
        }
    }
}

/// Whether the answer is of the generation that is being read.
fn check(generation: Option<u16>, message: &Message<'_>) -> Result<()> {
    let Some(generation) = generation else { return Ok(()) };
    let same = message.netfilter().is_none_or(|(_, resource, _)| resource == generation);
    // Answers about extensions have no generation.
    let counts = message.kind >> 8 == NFNL_SUBSYS_NFTABLES;
    if counts && (!same || message.flags & NLM_F_DUMP_INTR != 0) { Err(Trouble::Stale) } else { Ok(()) }
}
