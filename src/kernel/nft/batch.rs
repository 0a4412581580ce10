//! Changes as one transaction: all of them are made, or none.

use super::attr::{self, Writer};
use super::base::BaseChain;
use super::message::{Failure, HEADERS, Head, Messages, NLMSG, nf_tables};
use super::refusal::Refusal;
use super::session::{Result, Session, Trouble};
use super::uapi::*;
use crate::error::NftChange;
use crate::sys::memory;
use crate::types::{Counters, Policy};

/// The sequence number of the message that begins a batch. Smaller ones are for requests.
pub(crate) const FIRST: u32 = 1 << 31;

/// Where a rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The end of its chain.
    Last,
    /// The beginning of its chain.
    First,
    /// Before the rule with this handle.
    Before(u64),
    /// After the rule with this handle.
    #[cfg(all(test, playground))]
    After(u64),
    /// The place of the rule with this handle, which it keeps.
    Instead(u64),
}

impl Place {
    /// What it is to put a rule there.
    pub(crate) fn change(self) -> NftChange {
        match self {
            Place::Last => NftChange::RuleAppend,
            Place::First | Place::Before(_) => NftChange::RuleInsert,
            #[cfg(all(test, playground))]
            Place::After(_) => NftChange::RuleInsert,
            Place::Instead(_) => NftChange::RuleReplace,
        }
    }
}

/// The table that a change is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// `NFPROTO_*`.
    pub(crate) family: u8,
    pub(crate) table: &'a [u8],
    /// Whatever the caller needs to find the cause of a refusal.
    pub(crate) tag: u64,
}

/// A message of the batch.
#[derive(Clone, Copy, Debug)]
struct Sent {
    at: usize,
    operation: NftChange,
    tag: u64,
}

/// Messages that the kernel takes together.
#[derive(Debug)]
pub(crate) struct Batch {
    generation: u32,
    writer: Writer,
    sent: Vec<Sent>,
    /// The first message that is larger than it can say itself.
    too_large: Option<usize>,
    /// Whether there was no memory for one.
    no_room: bool,
}

impl Batch {
    /// Changes of the rules as they are in a generation. If they are of another one by then, nothing is done.
    pub(crate) fn new(generation: u32) -> Batch {
        let mut writer = Writer::new();
        writer.message(&frame(NFNL_MSG_BATCH_BEGIN, FIRST), |attributes| {
            attributes.be32(NFNL_BATCH_GENID, generation);
        });
        Batch { generation, writer, sent: Vec::new(), too_large: None, no_room: false }
    }

    /// The generation that it is for.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The same changes for another generation.
    pub(crate) fn set_generation(&mut self, generation: u32) {
        self.generation = generation;
        // It is the payload of the first attribute of the first message.
        self.writer.patch(HEADERS + attr::HEADER, &generation.to_be_bytes());
    }

    /// The whole of a batch that has no changes.
    pub(crate) fn without_changes(&mut self) -> &[u8] {
        self.writer.message(&frame(NFNL_MSG_BATCH_END, FIRST + 1), |_| {});
        self.writer.bytes()
    }

    /// Whether it has no changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// The number of changes.
    pub(crate) fn len(&self) -> usize {
        self.sent.len()
    }

    fn push(
        &mut self,
        subject: Subject<'_>,
        operation: NftChange,
        (message, flags): (u16, u16),
        attributes: impl FnOnce(&mut Writer),
    ) {
        if !memory::make_room(&mut self.sent, 1) || !self.writer.grow() {
            self.no_room = true;
            return;
        }
        let head = Head {
            kind: nf_tables(message),
            flags: NLM_F_REQUEST | flags,
            // Numbers that come round again are those of requests that were answered long ago.
            sequence: (FIRST + 1).wrapping_add(self.sent.len() as u32),
            family: subject.family,
            resource: 0,
        };
        self.sent.push(Sent { at: self.writer.len(), operation, tag: subject.tag });
        self.writer.message(&head, attributes);
        if self.writer.take_too_long() {
            self.too_large.get_or_insert(self.sent.len() - 1);
        }
    }

    /// Makes a table, unless it is there.
    pub(crate) fn add_table(&mut self, subject: Subject<'_>) {
        self.push(subject, NftChange::TableAdd, (NFT_MSG_NEWTABLE, NLM_F_CREATE), |attributes| {
            attributes.text(NFTA_TABLE_NAME, subject.table);
        });
    }

    /// Deletes a table with everything in it.
    pub(crate) fn delete_table(&mut self, subject: Subject<'_>) {
        self.push(subject, NftChange::TableDelete, (NFT_MSG_DELTABLE, 0), |attributes| {
            attributes.text(NFTA_TABLE_NAME, subject.table);
        });
    }

    /// Makes a base chain, unless it is there, and sets its policy and counters.
    pub(crate) fn add_base_chain(
        &mut self,
        subject: Subject<'_>,
        chain: &BaseChain,
        policy: Policy,
        counters: Counters,
    ) {
        self.push(subject, NftChange::ChainAdd, (NFT_MSG_NEWCHAIN, NLM_F_CREATE), |attributes| {
            chain_name(attributes, subject, chain.name().as_bytes());
            hook(attributes, chain);
            attributes.be32(NFTA_CHAIN_POLICY, verdict(policy));
            put_counters(attributes, counters);
            attributes.text(NFTA_CHAIN_TYPE, chain.kind.as_bytes());
        });
    }

    /// Sets the policy of a base chain that is there, its counters, or both. What is not given stays: to keep the counters
    /// is what `iptables-nft -P` does not do.
    pub(crate) fn update_base_chain(
        &mut self,
        subject: Subject<'_>,
        chain: &BaseChain,
        policy: Option<Policy>,
        counters: Option<Counters>,
    ) {
        self.push(subject, NftChange::ChainUpdate, (NFT_MSG_NEWCHAIN, 0), |attributes| {
            chain_name(attributes, subject, chain.name().as_bytes());
            hook(attributes, chain);
            if let Some(policy) = policy {
                attributes.be32(NFTA_CHAIN_POLICY, verdict(policy));
            }
            if let Some(counters) = counters {
                put_counters(attributes, counters);
            }
            attributes.text(NFTA_CHAIN_TYPE, chain.kind.as_bytes());
        });
    }

    /// Makes a chain that packets come to by jumps alone. It is an error if it is there.
    pub(crate) fn add_chain(&mut self, subject: Subject<'_>, name: &[u8]) {
        let flags = NLM_F_CREATE | NLM_F_EXCL;
        self.push(subject, NftChange::ChainUserAdd, (NFT_MSG_NEWCHAIN, flags), |attributes| {
            chain_name(attributes, subject, name);
        });
    }

    /// Gives the chain with this handle another name. Jumps follow.
    pub(crate) fn rename_chain(&mut self, subject: Subject<'_>, handle: u64, name: &[u8]) {
        self.push(subject, NftChange::ChainRename, (NFT_MSG_NEWCHAIN, 0), |attributes| {
            chain_name(attributes, subject, name);
            attributes.be64(NFTA_CHAIN_HANDLE, handle);
        });
    }

    /// Deletes a chain, which must have no rules.
    pub(crate) fn delete_chain(&mut self, subject: Subject<'_>, name: &[u8]) {
        let flags = NLM_F_NONREC;
        self.push(subject, NftChange::ChainDelete, (NFT_MSG_DELCHAIN, flags), |attributes| {
            chain_name(attributes, subject, name);
        });
    }

    /// Adds or replaces a rule. The function writes the attributes NFTA_RULE_EXPRESSIONS and NFTA_RULE_COMPAT; what it
    /// returns is returned. When it fails the batch must not be sent.
    pub(crate) fn rule<T>(
        &mut self,
        subject: Subject<'_>,
        chain: &[u8],
        place: Place,
        expressions: impl FnOnce(&mut Writer) -> T,
    ) -> Option<T> {
        let (flags, anchor) = match place {
            Place::Last => (NLM_F_CREATE | NLM_F_APPEND, None),
            Place::First => (NLM_F_CREATE, None),
            Place::Before(handle) => (NLM_F_CREATE, Some((NFTA_RULE_POSITION, handle))),
            #[cfg(all(test, playground))]
            Place::After(handle) => (NLM_F_CREATE | NLM_F_APPEND, Some((NFTA_RULE_POSITION, handle))),
            Place::Instead(handle) => (NLM_F_CREATE | NLM_F_REPLACE, Some((NFTA_RULE_HANDLE, handle))),
        };
        let mut value = None;
        self.push(subject, place.change(), (NFT_MSG_NEWRULE, flags), |attributes| {
            attributes.text(NFTA_RULE_TABLE, subject.table);
            attributes.text(NFTA_RULE_CHAIN, chain);
            if let Some((number, handle)) = anchor {
                attributes.be64(number, handle);
            }
            value = Some(expressions(attributes));
        });
        value
    }

    /// Deletes the rule with this handle.
    pub(crate) fn delete_rule(&mut self, subject: Subject<'_>, chain: &[u8], handle: u64) {
        self.push(subject, NftChange::RuleDelete, (NFT_MSG_DELRULE, 0), |attributes| {
            attributes.text(NFTA_RULE_TABLE, subject.table);
            attributes.text(NFTA_RULE_CHAIN, chain);
            attributes.be64(NFTA_RULE_HANDLE, handle);
        });
    }

    /// Deletes every rule of a chain, or of the table.
    pub(crate) fn flush(&mut self, subject: Subject<'_>, chain: Option<&[u8]>) {
        self.push(subject, NftChange::RuleFlush, (NFT_MSG_DELRULE, 0), |attributes| {
            attributes.text(NFTA_RULE_TABLE, subject.table);
            if let Some(chain) = chain {
                attributes.text(NFTA_RULE_CHAIN, chain);
            }
        });
    }

    /// The size of the message that was written last.
    pub(crate) fn last_len(&self) -> usize {
        self.sent.last().map_or(0, |sent| self.writer.len() - sent.at)
    }

    /// The message with this index.
    fn message(&self, index: usize) -> Option<(Sent, &[u8])> {
        let sent = *self.sent.get(index)?;
        let length = Messages::new(self.writer.bytes().get(sent.at..)?).next()?.payload.len() + NLMSG;
        Some((sent, self.writer.bytes().get(sent.at..sent.at + length)?))
    }

    /// What the kernel has against one of the messages, or against the whole.
    fn complaint(&self, failure: &Failure) -> std::result::Result<Refusal, Trouble> {
        if failure.kind == NFNL_MSG_BATCH_BEGIN {
            return Err(match failure.errno {
                libc::ERESTART => Trouble::Stale,
                errno => Trouble::Denied(errno),
            });
        }
        let index = failure.sequence.wrapping_sub(FIRST + 1) as usize;
        self.refusal(index, failure.errno, failure.offset.map(|offset| offset as usize))
    }

    /// That a change is refused.
    fn refusal(&self, index: usize, errno: i32, offset: Option<usize>) -> Result<Refusal> {
        let (sent, message) = self.message(index).ok_or(Trouble::Denied(errno))?;
        Ok(Refusal { operation: sent.operation, tag: sent.tag, errno, message: message.to_vec(), offset })
    }
}

impl Session {
    /// Makes the changes of a batch, all of them or none.
    ///
    /// [`Trouble::Stale`] says that the rules are not those of the batch's generation.
    pub(crate) fn commit(&mut self, batch: &mut Batch) -> Result<()> {
        if batch.no_room {
            return Err(Trouble::OutOfMemory);
        }
        if batch.is_empty() {
            return Ok(());
        }
        if let Some(index) = batch.too_large {
            return Err(Trouble::Refused(vec![batch.refusal(index, libc::EMSGSIZE, None)?]));
        }
        let length = batch.writer.len();
        let last = (FIRST + 1).wrapping_add(batch.sent.len() as u32);
        batch.writer.message(&frame(NFNL_MSG_BATCH_END, last), |_| {});
        let mut refusals = Vec::new();
        let mut whole = None;
        let lost =
            self.transact(batch.writer.bytes(), batch.len(), |failure| match batch.complaint(&failure) {
                Ok(refusal) => refusals.push(refusal),
                Err(trouble) => whole = Some(trouble),
            });
        batch.writer.truncate(length);
        let lost = lost?;
        match whole {
            Some(trouble) => Err(trouble),
            None if !refusals.is_empty() => Err(Trouble::Refused(refusals)),
            // There was something, but not even the first of it is known.
            None if lost => Err(Trouble::Denied(libc::ENOBUFS)),
            None => Ok(()),
        }
    }
}

/// The head of a message that begins or ends a batch.
fn frame(kind: u16, sequence: u32) -> Head {
    Head { kind, flags: NLM_F_REQUEST, sequence, family: 0, resource: NFNL_SUBSYS_NFTABLES }
}

fn chain_name(attributes: &mut Writer, subject: Subject<'_>, name: &[u8]) {
    attributes.text(NFTA_CHAIN_TABLE, subject.table);
    attributes.text(NFTA_CHAIN_NAME, name);
}

fn hook(attributes: &mut Writer, chain: &BaseChain) {
    attributes.nest(NFTA_CHAIN_HOOK, |hook| {
        hook.be32(NFTA_HOOK_HOOKNUM, chain.number);
        hook.be32(NFTA_HOOK_PRIORITY, chain.priority.cast_unsigned());
    });
}

fn put_counters(attributes: &mut Writer, counters: Counters) {
    attributes.nest(NFTA_CHAIN_COUNTERS, |nest| {
        nest.be64(NFTA_COUNTER_PACKETS, counters.packets);
        nest.be64(NFTA_COUNTER_BYTES, counters.bytes);
    });
}

fn verdict(policy: Policy) -> u32 {
    match policy {
        Policy::Drop => 0,
        Policy::Accept => 1,
    }
}
