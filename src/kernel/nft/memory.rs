//! nf_tables in memory: it takes the messages that a kernel takes, and answers as it does.
//!
//! So everything that works on nf_tables works on it, handles, generations, atomic batches and refusals included, without a
//! kernel and without privileges. No packet passes through it.

mod answers;
mod batch;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::attr::{self, Attrs, Writer};
use super::message::{Messages, NLMSG};
use super::read::jump_of;
use super::uapi::*;
use crate::sys::netlink::Received;
use crate::types::{Counters, Policy};

/// What all that use it share.
#[derive(Debug, Default)]
pub(super) struct Ruleset(Mutex<Rules>);

/// The rules of one generation.
#[derive(Clone, Debug, Default)]
struct Rules {
    /// One less than the number of the generation.
    commits: u32,
    /// The last handle that was given away. They are not given back.
    handles: u64,
    tables: Vec<Table>,
}

#[derive(Clone, Debug)]
struct Table {
    family: u8,
    name: Vec<u8>,
    handle: u64,
    chains: Vec<Chain>,
    /// The names that chains have when the batch has ended, by their handles.
    renamed: Vec<(u64, Vec<u8>)>,
}

#[derive(Clone, Debug)]
struct Chain {
    name: Vec<u8>,
    handle: u64,
    base: Option<Base>,
    rules: Vec<Rule>,
}

/// What only a base chain has.
#[derive(Clone, Debug)]
struct Base {
    hook: u32,
    priority: u32,
    kind: Vec<u8>,
    policy: Policy,
    counters: Counters,
}

#[derive(Clone, Debug)]
struct Rule {
    handle: u64,
    /// The attributes NFTA_LIST_ELEM.
    expressions: Arc<[u8]>,
    userdata: Arc<[u8]>,
    /// The message of the batch that has put it there, while it is not decided.
    message: Option<usize>,
}

impl Rule {
    /// The chain that it goes to.
    fn jump(&self) -> Option<&[u8]> {
        jump_of(&self.expressions)
    }

    /// Puts other data into the expressions for which a function has some.
    fn rewrite(&mut self, change: impl Fn(&[u8], &[u8]) -> Option<Writer>) {
        let mut writer = Writer::new();
        for (_, element) in Attrs::new(&self.expressions) {
            let [_, name, data] = Attrs::new(element).fields();
            let (name, data) = (name.unwrap_or_default(), data.unwrap_or_default());
            let changed = change(attr::text(name), data);
            writer.nest(NFTA_LIST_ELEM, |inner| {
                inner.put(NFTA_EXPR_NAME, name);
                inner.put(NFTA_EXPR_DATA, changed.as_ref().map_or(data, Writer::bytes));
            });
        }
        self.expressions = writer.bytes().into();
    }

    /// Sets its counter to zero.
    fn zero(&mut self) {
        self.rewrite(|name, _| {
            (name == b"counter").then(|| {
                let mut writer = Writer::new();
                writer.be64(NFTA_COUNTER_BYTES, 0);
                writer.be64(NFTA_COUNTER_PACKETS, 0);
                writer
            })
        });
    }
}

impl Table {
    fn chain(&self, name: &[u8]) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    fn chain_mut(&mut self, name: &[u8]) -> Option<&mut Chain> {
        self.chains.iter_mut().find(|chain| chain.name == name)
    }

    /// How many rules go to a chain.
    fn jumps_to(&self, name: &[u8]) -> usize {
        let rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules.filter(|rule| rule.jump() == Some(name)).count()
    }
}

impl Rules {
    fn generation(&self) -> u32 {
        self.commits.wrapping_add(1)
    }

    fn table(&self, family: u8, name: &[u8]) -> Option<&Table> {
        self.tables.iter().find(|table| table.family == family && table.name == name)
    }

    fn table_mut(&mut self, family: u8, name: &[u8]) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.family == family && table.name == name)
    }

    fn next_handle(&mut self) -> u64 {
        self.handles += 1;
        self.handles
    }
}

/// A socket to it: what was sent is answered when it is received.
#[derive(Debug)]
pub(super) struct Wire {
    rules: Arc<Ruleset>,
    answers: VecDeque<Vec<u8>>,
}

impl Wire {
    pub(super) fn new(rules: Arc<Ruleset>) -> Wire {
        Wire { rules, answers: VecDeque::new() }
    }

    /// Sends a datagram: a batch, or questions.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        let mut rules = self.rules.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = answers::Answers::new(rules.generation());
        let is_batch = Messages::new(bytes).next().is_some_and(|first| first.kind == NFNL_MSG_BATCH_BEGIN);
        if is_batch {
            batch::transact(&mut rules, bytes, &mut answers);
        } else {
            for message in Messages::new(bytes) {
                answers.answer(&mut rules, &message);
            }
        }
        self.answers.extend(answers.datagrams());
    }

    /// Receives a datagram, if there is one.
    pub(super) fn receive(&mut self, room: &mut [u8]) -> Received {
        let Some(datagram) = self.answers.pop_front() else { return Received::Nothing };
        match room.get_mut(..datagram.len()) {
            None => Received::Lost,
            Some(place) => {
                place.copy_from_slice(&datagram);
                Received::Datagram(datagram.len())
            }
        }
    }
}

/// Where an attribute with this number begins in a message.
fn place_of(message: &[u8], headers: usize, number: u16) -> Option<u32> {
    let mut attributes = Attrs::new(message.get(headers..)?);
    loop {
        let at = message.len() - attributes.rest().len();
        let (found, _) = attributes.next()?;
        if found == number {
            return u32::try_from(at).ok();
        }
    }
}

/// The bytes of each message of a datagram.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let message = Messages::new(bytes).next()?;
        let (whole, rest) = bytes.split_at_checked(NLMSG + message.payload.len())?;
        let padding = attr::align(whole.len()) - whole.len();
        bytes = rest.get(padding..).unwrap_or_default();
        Some(whole)
    })
}
