//! Questions and their answers.

use super::super::attr::{Attrs, Writer, be64, text};
use super::super::message::{HEADERS, Head, Message, NLMSG, nf_tables};
use super::super::uapi::*;
use super::{Chain, Rule, Rules, Table};
use crate::types::Policy;

/// As much as the kernel puts into one datagram of a dump.
const DATAGRAM: usize = 32 << 10;

/// Answers on their way into datagrams.
pub(super) struct Answers {
    generation: u32,
    done: Vec<Vec<u8>>,
    writer: Writer,
}

impl Answers {
    pub(super) fn new(generation: u32) -> Answers {
        Answers { generation, done: Vec::new(), writer: Writer::new() }
    }

    pub(super) fn datagrams(mut self) -> Vec<Vec<u8>> {
        self.send();
        self.done
    }

    fn send(&mut self) {
        let writer = std::mem::take(&mut self.writer);
        if writer.len() > 0 {
            self.done.push(writer.bytes().to_vec());
        }
    }

    fn put(&mut self, question: &Message<'_>, kind: u16, family: u8, attributes: impl FnOnce(&mut Writer)) {
        if self.writer.len() > DATAGRAM {
            self.send();
        }
        let head = Head {
            kind: nf_tables(kind),
            flags: NLM_F_MULTI,
            sequence: question.sequence,
            family,
            resource: self.generation as u16,
        };
        self.writer.message(&head, attributes);
    }

    /// What is wrong with a message, and at which byte of it; nothing for 0.
    pub(super) fn fail(&mut self, kind: u16, sequence: u32, errno: i32, offset: Option<u32>) {
        if self.writer.len() > DATAGRAM {
            self.send();
        }
        let mut details = Writer::new();
        if let Some(offset) = offset {
            details.put(NLMSGERR_ATTR_OFFS, &offset.to_ne_bytes());
        }
        let length = (NLMSG + 4 + NLMSG + details.len()) as u32;
        let mut bytes = Vec::new();
        bytes.extend(length.to_ne_bytes());
        bytes.extend(NLMSG_ERROR.to_ne_bytes());
        bytes.extend((NLM_F_CAPPED | NLM_F_ACK_TLVS).to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend((-errno).to_ne_bytes());
        // The head of the message, of which only type and number are looked at.
        bytes.extend((NLMSG as u32).to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 2]);
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(details.bytes());
        self.writer.raw(&bytes);
    }

    /// The end of a dump.
    fn finish(&mut self, question: &Message<'_>) {
        let mut bytes = Vec::new();
        bytes.extend((NLMSG as u32 + 4).to_ne_bytes());
        bytes.extend(NLMSG_DONE.to_ne_bytes());
        bytes.extend(NLM_F_MULTI.to_ne_bytes());
        bytes.extend(question.sequence.to_ne_bytes());
        bytes.extend([0; 8]);
        self.writer.raw(&bytes);
    }

    pub(super) fn answer(&mut self, rules: &mut Rules, question: &Message<'_>) {
        let Some((family, _, attributes)) = question.netfilter() else {
            return self.fail(question.kind, question.sequence, libc::EINVAL, None);
        };
        let dumps = question.flags & NLM_F_DUMP == NLM_F_DUMP;
        let found = self.tell(rules, question, family, attributes, dumps);
        match found {
            Err(errno) => self.fail(question.kind, question.sequence, errno, None),
            Ok(()) if dumps => self.finish(question),
            Ok(()) => {}
        }
    }

    /// Answers a question, but for the end of a dump.
    fn tell(
        &mut self,
        rules: &mut Rules,
        question: &Message<'_>,
        family: u8,
        attributes: Attrs<'_>,
        dumps: bool,
    ) -> Result<(), i32> {
        let [_, first, _, third] = attributes.fields().map(Option::unwrap_or_default);
        let is_family = |table: &&Table| family == 0 || table.family == family;
        const GETTABLE: u16 = nf_tables(NFT_MSG_GETTABLE);
        const GETCHAIN: u16 = nf_tables(NFT_MSG_GETCHAIN);
        const GETRULE: u16 = nf_tables(NFT_MSG_GETRULE);
        const RESET: u16 = nf_tables(NFT_MSG_GETRULE_RESET);
        const GETGEN: u16 = nf_tables(NFT_MSG_GETGEN);
        const GETSET: u16 = nf_tables(NFT_MSG_GETSET);
        match question.kind {
            GETGEN => {
                let generation = self.generation;
                self.put(question, NFT_MSG_NEWGEN, 0, |writer| writer.be32(NFTA_GEN_ID, generation));
            }
            // It has none.
            GETSET => {}
            GETTABLE if dumps => {
                rules.tables.iter().filter(is_family).for_each(|table| self.table(question, table));
            }
            GETTABLE => self.table(question, rules.table(family, text(first)).ok_or(libc::ENOENT)?),
            GETCHAIN if dumps => {
                for table in rules.tables.iter().filter(is_family) {
                    table.chains.iter().for_each(|chain| self.chain(question, table, chain));
                }
            }
            GETCHAIN => {
                let table = rules.table(family, text(first)).ok_or(libc::ENOENT)?;
                self.chain(question, table, table.chain(text(third)).ok_or(libc::ENOENT)?);
            }
            GETRULE | RESET => self.rules(rules, question, family, attributes, question.kind == RESET)?,
            _ => return Err(libc::EOPNOTSUPP),
        }
        Ok(())
    }

    fn table(&mut self, question: &Message<'_>, table: &Table) {
        self.put(question, NFT_MSG_NEWTABLE, table.family, |writer| {
            writer.text(NFTA_TABLE_NAME, &table.name);
            writer.be32(NFTA_TABLE_FLAGS, 0);
            writer.be32(NFTA_TABLE_USE, table.chains.len() as u32);
            writer.be64(NFTA_TABLE_HANDLE, table.handle);
        });
    }

    fn chain(&mut self, question: &Message<'_>, table: &Table, chain: &Chain) {
        self.put(question, NFT_MSG_NEWCHAIN, table.family, |writer| {
            writer.text(NFTA_CHAIN_TABLE, &table.name);
            writer.text(NFTA_CHAIN_NAME, &chain.name);
            writer.be64(NFTA_CHAIN_HANDLE, chain.handle);
            writer.be32(NFTA_CHAIN_USE, (chain.rules.len() + table.jumps_to(&chain.name)) as u32);
            let Some(base) = &chain.base else { return };
            writer.nest(NFTA_CHAIN_HOOK, |hook| {
                hook.be32(NFTA_HOOK_HOOKNUM, base.hook);
                hook.be32(NFTA_HOOK_PRIORITY, base.priority);
            });
            writer.be32(NFTA_CHAIN_POLICY, u32::from(base.policy == Policy::Accept));
            writer.text(NFTA_CHAIN_TYPE, &base.kind);
            writer.nest(NFTA_CHAIN_COUNTERS, |counters| {
                counters.be64(NFTA_COUNTER_PACKETS, base.counters.packets);
                counters.be64(NFTA_COUNTER_BYTES, base.counters.bytes);
            });
        });
    }

    /// Rules of a table, of one chain, or the one with a handle. They may be set to zero, being told for the last time.
    fn rules(
        &mut self,
        rules: &mut Rules,
        question: &Message<'_>,
        family: u8,
        attributes: Attrs<'_>,
        reset: bool,
    ) -> Result<(), i32> {
        let [_, name, chain, handle] = attributes.fields();
        let name = name.map(text).unwrap_or_default().to_vec();
        let chain = chain.map(text);
        let handle = handle.and_then(be64);
        let table = rules.table_mut(family, &name).ok_or(libc::ENOENT)?;
        let mut found = handle.is_none();
        for one in table.chains.iter_mut().filter(|one| chain.is_none_or(|chain| one.name == chain)) {
            let mut before = None;
            for rule in &mut one.rules {
                if handle.is_none_or(|handle| rule.handle == handle) {
                    found = true;
                    self.rule(question, family, &name, &one.name, rule, before);
                    if reset {
                        rule.zero();
                    }
                }
                before = Some(rule.handle);
            }
        }
        if found { Ok(()) } else { Err(libc::ENOENT) }
    }

    fn rule(
        &mut self,
        question: &Message<'_>,
        family: u8,
        table: &[u8],
        chain: &[u8],
        rule: &Rule,
        before: Option<u64>,
    ) {
        debug_assert!(question.payload.len() >= HEADERS - NLMSG);
        self.put(question, NFT_MSG_NEWRULE, family, |writer| {
            writer.text(NFTA_RULE_TABLE, table);
            writer.text(NFTA_RULE_CHAIN, chain);
            writer.be64(NFTA_RULE_HANDLE, rule.handle);
            if let Some(before) = before {
                writer.be64(NFTA_RULE_POSITION, before);
            }
            writer.put(NFTA_RULE_EXPRESSIONS, &rule.expressions);
            if !rule.userdata.is_empty() {
                writer.put(NFTA_RULE_USERDATA, &rule.userdata);
            }
        });
    }
}
