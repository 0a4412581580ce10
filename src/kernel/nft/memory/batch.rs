//! Transactions: all changes of a batch, or none.

use super::super::attr::{Attrs, Writer, be32, be64, text};
use super::super::message::{HEADERS, Messages, nf_tables};
use super::super::model::counters_of;
use super::super::rule::{
    NFTA_DATA_VERDICT, NFTA_IMMEDIATE_DATA, NFTA_IMMEDIATE_DREG, NFTA_VERDICT_CHAIN, NFTA_VERDICT_CODE,
};
use super::super::uapi::*;
use super::answers::Answers;
use super::{Base, Chain, Rule, Rules, Table, messages, place_of};
use crate::table::JUMPS;
use crate::types::hash::HashMap;
use crate::types::{Counters, Policy};

/// The number of an error, and the number of the attribute that it is about.
type Refusal = (i32, Option<u16>);

/// Makes the changes; answers what is wrong with them.
pub(super) fn transact(rules: &mut Rules, bytes: &[u8], answers: &mut Answers) {
    let mut sent: Vec<&[u8]> = messages(bytes).collect();
    let end = sent.pop().and_then(|last| Messages::new(last).next());
    // Without its end a batch is no batch.
    if end.is_none_or(|end| end.kind != NFNL_MSG_BATCH_END) {
        return;
    }
    let mut changed = rules.clone();
    let mut refused = false;
    for (index, bytes) in sent.iter().enumerate() {
        let Some(message) = Messages::new(bytes).next() else { return };
        let Some((family, _, attributes)) = message.netfilter() else { continue };
        if message.kind == NFNL_MSG_BATCH_BEGIN {
            let generation = attributes.get(NFNL_BATCH_GENID).and_then(be32);
            if generation.is_some_and(|generation| generation != rules.generation()) {
                return answers.fail(message.kind, message.sequence, libc::ERESTART, None);
            }
            continue;
        }
        let change = Change { family, flags: message.flags, index, attributes };
        if let Err((errno, attribute)) = change.make(&mut changed, message.kind) {
            refused = true;
            let offset = attribute.and_then(|number| place_of(bytes, HEADERS, number));
            answers.fail(message.kind, message.sequence, errno, offset);
        }
    }
    if refused || sent.len() < 2 {
        return;
    }
    for table in &mut changed.tables {
        for (handle, name) in std::mem::take(&mut table.renamed) {
            rename(table, handle, &name);
        }
    }
    if let Some(index) = nested_too_deep(&changed) {
        if let Some(message) = sent.get(index).and_then(|bytes| Messages::new(bytes).next()) {
            answers.fail(message.kind, message.sequence, libc::EMLINK, None);
        }
        return;
    }
    for chain in changed.tables.iter_mut().flat_map(|table| &mut table.chains) {
        chain.rules.iter_mut().for_each(|rule| rule.message = None);
    }
    changed.commits = changed.commits.wrapping_add(1);
    *rules = changed;
}

/// The message whose rule makes chains call each other in a circle, or too deep, from a base chain on.
fn nested_too_deep(rules: &Rules) -> Option<usize> {
    rules.tables.iter().find_map(|table| {
        let mut ways = Ways { table, seen: HashMap::default() };
        table.chains.iter().filter(|chain| chain.base.is_some()).find_map(|chain| ways.walk(chain, 0))
    })
}

/// The ways through the chains of a table.
struct Ways<'a> {
    table: &'a Table,
    /// How deep chains were entered. Who comes by another way that is no longer need not look again.
    seen: HashMap<u64, usize>,
}

impl Ways<'_> {
    /// The last rule that is new on a way that is too long: its message, or 0 if there is none.
    fn walk(&mut self, chain: &Chain, depth: usize) -> Option<usize> {
        match self.seen.insert(chain.handle, depth) {
            Some(before) if before >= depth => {
                self.seen.insert(chain.handle, before);
                return None;
            }
            _ => {}
        }
        let table = self.table;
        chain.rules.iter().find_map(|rule| {
            let next = table.chain(rule.jump()?)?;
            let found = if depth >= JUMPS { Some(0) } else { self.walk(next, depth + 1) };
            match (found, rule.message) {
                (Some(0), Some(message)) => Some(message),
                (found, _) => found,
            }
        })
    }
}

/// One message of a batch.
struct Change<'a> {
    family: u8,
    flags: u16,
    /// Which message it is.
    index: usize,
    attributes: Attrs<'a>,
}

impl Change<'_> {
    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    fn name(&self, number: u16) -> &[u8] {
        self.attributes.get(number).map(text).unwrap_or_default()
    }

    fn make(&self, rules: &mut Rules, kind: u16) -> Result<(), Refusal> {
        const NEWTABLE: u16 = nf_tables(NFT_MSG_NEWTABLE);
        const DELTABLE: u16 = nf_tables(NFT_MSG_DELTABLE);
        const NEWCHAIN: u16 = nf_tables(NFT_MSG_NEWCHAIN);
        const DELCHAIN: u16 = nf_tables(NFT_MSG_DELCHAIN);
        const NEWRULE: u16 = nf_tables(NFT_MSG_NEWRULE);
        const DELRULE: u16 = nf_tables(NFT_MSG_DELRULE);
        match kind {
            NEWTABLE => self.add_table(rules),
            DELTABLE => {
                let name = self.name(NFTA_TABLE_NAME);
                let of = |table: &Table| table.family == self.family && table.name == name;
                let index = rules.tables.iter().position(of).ok_or((libc::ENOENT, Some(NFTA_TABLE_NAME)))?;
                rules.tables.remove(index);
                Ok(())
            }
            NEWCHAIN => self.add_chain(rules),
            DELCHAIN => self.delete_chain(rules),
            NEWRULE => self.add_rule(rules),
            DELRULE => self.delete_rules(rules),
            _ => Err((libc::EOPNOTSUPP, None)),
        }
    }

    fn add_table(&self, rules: &mut Rules) -> Result<(), Refusal> {
        let name = self.name(NFTA_TABLE_NAME);
        match rules.table(self.family, name) {
            Some(_) if self.has(NLM_F_EXCL) => Err((libc::EEXIST, Some(NFTA_TABLE_NAME))),
            Some(_) => Ok(()),
            None if !self.has(NLM_F_CREATE) => Err((libc::ENOENT, Some(NFTA_TABLE_NAME))),
            None => {
                let handle = rules.next_handle();
                let (family, name) = (self.family, name.to_vec());
                rules.tables.push(Table { family, name, handle, chains: Vec::new(), renamed: Vec::new() });
                Ok(())
            }
        }
    }

    /// The table that a chain or rule is in. Both have the same number for its name.
    fn table<'r>(&self, rules: &'r mut Rules) -> Result<&'r mut Table, Refusal> {
        let name = self.name(NFTA_CHAIN_TABLE);
        rules.table_mut(self.family, name).ok_or((libc::ENOENT, Some(NFTA_CHAIN_TABLE)))
    }

    /// Makes a chain, changes the policy of one, or gives one another name.
    fn add_chain(&self, rules: &mut Rules) -> Result<(), Refusal> {
        let name = self.name(NFTA_CHAIN_NAME);
        let new = rules.next_handle();
        let table = self.table(rules)?;
        if let Some(handle) = self.attributes.get(NFTA_CHAIN_HANDLE).and_then(be64) {
            if table.chain(name).is_some() || table.renamed.iter().any(|(_, taken)| taken == name) {
                return Err((libc::EEXIST, Some(NFTA_CHAIN_NAME)));
            }
            if !table.chains.iter().any(|chain| chain.handle == handle) {
                return Err((libc::ENOENT, Some(NFTA_CHAIN_HANDLE)));
            }
            table.renamed.push((handle, name.to_vec()));
            return Ok(());
        }
        let base = self.base();
        match table.chain_mut(name) {
            Some(_) if self.has(NLM_F_EXCL) => Err((libc::EEXIST, Some(NFTA_CHAIN_NAME))),
            Some(chain) => match (&mut chain.base, base) {
                (_, None) => Ok(()),
                (Some(old), Some(base))
                    if (old.hook, old.priority, &old.kind) == (base.hook, base.priority, &base.kind) =>
                {
                    if self.attributes.get(NFTA_CHAIN_POLICY).is_some() {
                        old.policy = base.policy;
                    }
                    if self.attributes.get(NFTA_CHAIN_COUNTERS).is_some() {
                        old.counters = base.counters;
                    }
                    Ok(())
                }
                _ => Err((libc::EOPNOTSUPP, Some(NFTA_CHAIN_NAME))),
            },
            None if !self.has(NLM_F_CREATE) => Err((libc::ENOENT, Some(NFTA_CHAIN_NAME))),
            None => {
                table.chains.push(Chain { name: name.to_vec(), handle: new, base, rules: Vec::new() });
                Ok(())
            }
        }
    }

    fn base(&self) -> Option<Base> {
        let [_, hook, priority] = Attrs::new(self.attributes.get(NFTA_CHAIN_HOOK)?).fields();
        let policy = self.attributes.get(NFTA_CHAIN_POLICY).and_then(be32);
        let counters = self.attributes.get(NFTA_CHAIN_COUNTERS).and_then(counters_of);
        Some(Base {
            hook: hook.and_then(be32)?,
            priority: priority.and_then(be32)?,
            kind: self.name(NFTA_CHAIN_TYPE).to_vec(),
            policy: if policy == Some(0) { Policy::Drop } else { Policy::Accept },
            counters: counters.unwrap_or(Counters::ZERO),
        })
    }

    fn delete_chain(&self, rules: &mut Rules) -> Result<(), Refusal> {
        let name = self.name(NFTA_CHAIN_NAME);
        let table = self.table(rules)?;
        let of = |chain: &Chain| chain.name == name;
        let index = table.chains.iter().position(of).ok_or((libc::ENOENT, Some(NFTA_CHAIN_NAME)))?;
        let filled = !table.chains[index].rules.is_empty() && self.has(NLM_F_NONREC);
        if filled || table.jumps_to(name) > 0 {
            return Err((libc::EBUSY, Some(NFTA_CHAIN_NAME)));
        }
        table.chains.remove(index);
        Ok(())
    }

    fn add_rule(&self, rules: &mut Rules) -> Result<(), Refusal> {
        let new = rules.next_handle();
        let chain = self.name(NFTA_RULE_CHAIN);
        let table = self.table(rules)?;
        let expressions = self.attributes.get(NFTA_RULE_EXPRESSIONS).unwrap_or_default();
        let mut rule = Rule {
            handle: new,
            expressions: expressions.into(),
            userdata: self.attributes.get(NFTA_RULE_USERDATA).unwrap_or_default().into(),
            message: Some(self.index),
        };
        if rule.jump().is_some_and(|target| table.chain(target).is_none()) {
            return Err((libc::ENOENT, Some(NFTA_RULE_EXPRESSIONS)));
        }
        let chain = table.chain_mut(chain).ok_or((libc::ENOENT, Some(NFTA_RULE_CHAIN)))?;
        let handle = |number| self.attributes.get(number).and_then(be64);
        let find = |number, rules: &[Rule]| match handle(number) {
            None => Ok(None),
            Some(handle) => match rules.iter().position(|rule| rule.handle == handle) {
                None => Err((libc::ENOENT, Some(number))),
                found => Ok(found),
            },
        };
        if self.has(NLM_F_REPLACE) {
            let index = find(NFTA_RULE_HANDLE, &chain.rules)?.ok_or((libc::EINVAL, None))?;
            rule.handle = chain.rules[index].handle;
            chain.rules[index] = rule;
            return Ok(());
        }
        let at = match (find(NFTA_RULE_POSITION, &chain.rules)?, self.has(NLM_F_APPEND)) {
            (None, true) => chain.rules.len(),
            (None, false) => 0,
            (Some(index), true) => index + 1,
            (Some(index), false) => index,
        };
        chain.rules.insert(at, rule);
        Ok(())
    }

    /// Deletes the rule with a handle, all of a chain, or all of the table.
    fn delete_rules(&self, rules: &mut Rules) -> Result<(), Refusal> {
        let table = self.table(rules)?;
        let Some(name) = self.attributes.get(NFTA_RULE_CHAIN).map(text) else {
            table.chains.iter_mut().for_each(|chain| chain.rules.clear());
            return Ok(());
        };
        let chain = table.chain_mut(name).ok_or((libc::ENOENT, Some(NFTA_RULE_CHAIN)))?;
        match self.attributes.get(NFTA_RULE_HANDLE).and_then(be64) {
            None => chain.rules.clear(),
            Some(handle) => {
                let index = chain.rules.iter().position(|rule| rule.handle == handle);
                chain.rules.remove(index.ok_or((libc::ENOENT, Some(NFTA_RULE_HANDLE)))?);
            }
        }
        Ok(())
    }
}

/// Gives the chain with this handle another name; jumps follow.
fn rename(table: &mut Table, handle: u64, name: &[u8]) {
    let Some(chain) = table.chains.iter_mut().find(|chain| chain.handle == handle) else { return };
    let old = std::mem::replace(&mut chain.name, name.to_vec());
    let jumps = table.chains.iter_mut().flat_map(|chain| &mut chain.rules);
    for rule in jumps.filter(|rule| rule.jump() == Some(&old)) {
        rule.rewrite(|expression, data| (expression == b"immediate").then(|| renamed(data, name)).flatten());
    }
}

/// The data of an expression with another chain in its verdict.
fn renamed(data: &[u8], name: &[u8]) -> Option<Writer> {
    let [_, register, value] = Attrs::new(data).fields();
    let verdict = Attrs::new(value?).get(NFTA_DATA_VERDICT)?;
    let code = Attrs::new(verdict).get(NFTA_VERDICT_CODE)?;
    let mut writer = Writer::new();
    writer.put(NFTA_IMMEDIATE_DREG, register?);
    writer.nest(NFTA_IMMEDIATE_DATA, |data| {
        data.nest(NFTA_DATA_VERDICT, |verdict| {
            verdict.put(NFTA_VERDICT_CODE, code);
            verdict.text(NFTA_VERDICT_CHAIN, name);
        });
    });
    Some(writer)
}
