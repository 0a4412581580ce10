//! The edits of a table as changes of the kernel's.

use super::base;
use super::batch::{Batch, Place, Subject};
use super::known::{Known, KnownChain, KnownRule, Scope};
use super::rule;
use super::script::{Put, Script};
use crate::blob::EntryVerdict;
use crate::error::BadNft;
use crate::table::backend::WantedRules;
use crate::table::{ChainData, ChainId, Origin, Slot, Table};
use crate::types::{BackendKind, Counters};
use crate::{Error, Result};

/// The changes of one table, on their way into a batch.
pub(super) struct Writing<'a> {
    table: &'a Table,
    known: &'a Known,
    /// Whether the counters of rules that stay are set to zero afterwards. Otherwise such a rule takes its own place.
    resets: bool,
    /// By chain of the table.
    chains: Vec<Fate>,
}

/// What becomes of a chain.
#[derive(Debug, Default)]
struct Fate {
    /// Whether the kernel will have it.
    exists: bool,
    script: Script,
}

/// The longest message about a rule that is told again when somebody asks for the rules of its chain. The list ends without
/// a word before a longer one, for whoever reads it.
const LISTED: usize = 32_000;

/// The tag of a change that is about no rule.
const NO_RULE: u32 = u32::MAX;

/// What a change was about, from its tag: the chain, and the index of the rule.
pub(super) fn about(tag: u64) -> (ChainId, Option<usize>) {
    let rule = tag as u32;
    ((tag >> 32) as ChainId, (rule != NO_RULE).then_some(rule as usize))
}

impl<'a> Writing<'a> {
    /// Finds out what has to be done. Handles that were not known must be by now.
    pub(super) fn new(table: &'a Table, known: &'a Known, resets: bool) -> Writing<'a> {
        let mut writing = Writing { table, known, resets, chains: Vec::new() };
        let ids = 0..table.chains.len() as ChainId;
        // What an old rule refers to must be free when chains are deleted.
        let replace = !ids.clone().any(|id| table.chains[id as usize].deleted && known.chain(id).is_some());
        let fates = ids.map(|id| Fate { exists: writing.is_wanted(id), script: writing.script(id, replace) });
        writing.chains = fates.collect();
        writing
    }

    fn chain(&self, id: ChainId) -> &'a ChainData {
        &self.table.chains[id as usize]
    }

    /// The chain in the kernel that stays, with its rules as they are.
    fn old(&self, id: ChainId) -> Option<&'a KnownChain> {
        self.known.chain(id).filter(|_| self.known.is_read())
    }

    /// Whether the kernel must have the chain. A built-in chain that does nothing need not be there.
    fn is_wanted(&self, id: ChainId) -> bool {
        let chain = self.chain(id);
        if chain.deleted {
            return false;
        }
        chain.hook.is_none() || self.old(id).is_some() && !chain.idle || chain.does_something()
    }

    /// The name by which the kernel knows the chain until the batch has ended.
    fn kernel_name(&self, id: ChainId) -> &'a [u8] {
        match self.old(id) {
            Some(old) => old.name.as_bytes(),
            None => self.chain(id).name.as_bytes(),
        }
    }

    fn script(&self, id: ChainId, replace: bool) -> Script {
        let chain = self.chain(id);
        let (first, count) = self.old(id).map_or((0, 0), |old| (old.first, old.count));
        let old_index = |slot: &Slot| {
            let index = (slot.origin.index()? as usize).checked_sub(first)?;
            (index < count).then_some(index)
        };
        if self.old(id).is_some_and(|old| old.rules == WantedRules::Gone) {
            return Script { flush: true, ..Script::new(0, &vec![None; chain.rules.len()], false) };
        }
        let stays = |(index, slot): (usize, &Slot)| old_index(slot) == Some(index);
        let mut script = if chain.rules.len() == count && chain.rules.iter().enumerate().all(stays) {
            Script::default()
        } else {
            let is_read = self.known.is_read();
            let rules: Vec<_> = chain.rules.iter().map(|slot| old_index(slot).filter(|_| is_read)).collect();
            let mut script = Script::new(count, &rules, replace);
            if self.old(id).is_some_and(|old| old.rules == WantedRules::Before) {
                script.put = (0..rules.len()).rev().map(|index| (index, Put::First)).collect();
            }
            script
        };
        if !self.resets {
            let mut stays = vec![true; chain.rules.len()];
            script.put.iter().for_each(|(index, _)| stays[*index] = false);
            // A foreign rule cannot be written, and what it has counted is not told.
            let zeroed = chain.rules.iter().enumerate().filter(|(index, slot)| {
                stays[*index] && slot.origin.is_zeroed() && self.table.entry(**slot).foreign().is_none()
            });
            script
                .put
                .extend(zeroed.filter_map(|(index, slot)| Some((index, Put::Instead(old_index(slot)?)))));
        }
        script
    }

    fn subject(&self, id: ChainId, rule: Option<usize>) -> Subject<'a> {
        let rule = rule.map_or(NO_RULE, |rule| rule as u32);
        Subject {
            family: base::number(self.table.family()),
            table: self.known.base.name.as_bytes(),
            tag: u64::from(id) << 32 | u64::from(rule),
        }
    }

    /// Appends the changes to a batch.
    ///
    /// What is deleted goes first: rules, then the chains that nothing refers to any more. Then come chains, and rules that
    /// may go to them.
    pub(super) fn emit(&self, batch: &mut Batch) -> Result<()> {
        let whole = self.subject(0, None);
        let replaced = !self.known.is_read() && self.known.exists;
        if replaced {
            batch.delete_table(whole);
        }
        self.delete_rules(batch);
        self.delete_chains(batch);
        let is_new = |id: &ChainId| self.chains[*id as usize].exists && self.old(*id).is_none();
        let order = self.table.sorted_order();
        if (replaced || !self.known.exists) && order.iter().any(is_new) {
            batch.add_table(whole);
        }
        self.rename_chains(batch)?;
        for id in &order {
            if is_new(id) {
                self.add_chain(batch, *id);
            } else if self.chains[*id as usize].exists {
                self.update_chain(batch, *id);
            }
        }
        for id in &order {
            self.put_rules(batch, *id)?;
        }
        Ok(())
    }

    fn delete_rules(&self, batch: &mut Batch) {
        let ids = || 0..self.table.chains.len() as ChainId;
        let flushed = ids().filter(|id| self.chains[*id as usize].script.flush).count();
        let filled = self.known.chains.iter().filter(|chain| chain.exists && chain.count > 0).count();
        if flushed > 1 && flushed == filled && !self.known.hidden && self.known.scope == Scope::All {
            return batch.flush(self.subject(0, None), None);
        }
        for id in ids() {
            let script = &self.chains[id as usize].script;
            let Some(old) = self.old(id) else { continue };
            if script.flush {
                batch.flush(self.subject(id, None), Some(old.name.as_bytes()));
            }
            let rules = self.known.rules_of(old);
            for index in &script.delete {
                let handle = rules.get(*index).map_or(0, |rule| rule.handle);
                batch.delete_rule(self.subject(id, None), old.name.as_bytes(), handle);
            }
        }
    }

    fn delete_chains(&self, batch: &mut Batch) {
        for (id, old) in (0..).zip(&self.known.chains).filter(|(id, _)| self.old(*id).is_some()) {
            if !self.chains[id as usize].exists {
                batch.delete_chain(self.subject(id, None), old.name.as_bytes());
            }
        }
    }

    fn rename_chains(&self, batch: &mut Batch) -> Result<()> {
        for (id, old) in (0..).zip(&self.known.chains) {
            let chain = self.chain(id);
            if self.old(id).is_none() || chain.deleted || chain.name == old.name {
                continue;
            }
            // The kernel gives a name up when the transaction has ended, not within it.
            let name = &chain.name;
            let taken = |(other, known): (ChainId, &KnownChain)| {
                other != id && self.old(other).is_some() && !self.chain(other).deleted && known.name == *name
            };
            if (0..).zip(&self.known.chains).any(taken) {
                return Err(self.name_taken(id));
            }
            batch.rename_chain(self.subject(id, None), old.handle, name.as_bytes());
        }
        Ok(())
    }

    fn name_taken(&self, id: ChainId) -> Error {
        self.table.error(BadNft::NameTaken).in_chain(self.chain(id).name.to_text())
    }

    fn add_chain(&self, batch: &mut Batch, id: ChainId) {
        let chain = self.chain(id);
        let subject = self.subject(id, None);
        match chain.hook.and_then(|hook| self.known.base.chain(hook)) {
            Some(base) => batch.add_base_chain(subject, base, chain.policy, self.policy_counters(id)),
            None => batch.add_chain(subject, chain.name.as_bytes()),
        }
    }

    /// The counters of a policy that are set.
    fn policy_counters(&self, id: ChainId) -> Counters {
        if self.chain(id).tail.is_zeroed() { Counters::ZERO } else { self.table.chains.counters(id) }
    }

    fn update_chain(&self, batch: &mut Batch, id: ChainId) {
        let chain = self.chain(id);
        let Some((old, base)) = self.old(id).zip(chain.hook.and_then(|hook| self.known.base.chain(hook)))
        else {
            return;
        };
        let policy = (chain.policy != old.policy).then_some(chain.policy);
        let set = chain.tail == Origin::SET || chain.tail.is_zeroed();
        let counters = set.then(|| self.policy_counters(id));
        if policy.is_some() || counters.is_some() {
            batch.update_base_chain(self.subject(id, None), base, policy, counters);
        }
    }

    fn put_rules(&self, batch: &mut Batch, id: ChainId) -> Result<()> {
        let chain = self.chain(id);
        let script = &self.chains[id as usize].script;
        if script.put.is_empty() {
            return Ok(());
        }
        let rules = self.old(id).map_or(&[][..], |old| self.known.rules_of(old));
        let handle = |index: usize| rules.get(index).map_or(0, |rule: &KnownRule| rule.handle);
        for (index, put) in &script.put {
            let Some(slot) = chain.rules.get(*index).copied() else { continue };
            let place = match put {
                Put::First => Place::First,
                Put::Last => Place::Last,
                Put::Before(anchor) => Place::Before(handle(*anchor)),
                Put::Instead(old) => Place::Instead(handle(*old)),
            };
            self.put_rule(batch, id, *index, slot, place)?;
        }
        Ok(())
    }

    fn put_rule(&self, batch: &mut Batch, id: ChainId, index: usize, slot: Slot, place: Place) -> Result<()> {
        let located = |error: Error| {
            let error = error.in_backend(BackendKind::Nft).changing(place.change());
            self.table.error(error).in_chain(self.chain(id).name.to_text()).at_rule(index)
        };
        let entry = self.table.entry(slot);
        if let Some(foreign) = entry.foreign() {
            return Err(located(BadNft::Foreign { handle: foreign.handle }.into()));
        }
        let jump = match entry.verdict() {
            Some(EntryVerdict::Jump(target)) => Some(self.kernel_name(target)),
            _ => None,
        };
        let counters = if slot.origin.is_zeroed() { Counters::ZERO } else { entry.counters() };
        let subject = self.subject(id, Some(index));
        let written = batch
            .rule(subject, self.kernel_name(id), place, |writer| rule::write(entry, jump, counters, writer));
        match written {
            Some(Err(why)) => Err(located(why.into())),
            _ if batch.last_len() > LISTED => Err(located(BadNft::Untellable.into())),
            _ => Ok(()),
        }
    }

    /// The rules that are made anew because they move, where they take their counters with them: where each is in the bytes of
    /// the table, its chain and its handle.
    pub(super) fn moved(&self) -> Vec<(u32, &'a [u8], u64)> {
        let mut moved = Vec::new();
        for (id, fate) in (0..).zip(&self.chains) {
            let Some(old) = self.old(id) else { continue };
            let range = old.first..old.first + old.count;
            for (index, _) in &fate.script.put {
                let slot = self.chain(id).rules.get(*index).filter(|slot| !slot.origin.is_zeroed());
                let known = slot.and_then(|slot| Some((slot.at, slot.origin.index()? as usize)));
                if let Some((at, index)) = known.filter(|(_, index)| range.contains(index)) {
                    moved.push((at, old.name.as_bytes(), self.known.rules[index].handle));
                }
            }
        }
        moved
    }

    /// Whether the kernel must be told handles that are not known.
    pub(super) fn needs_handles(&self) -> bool {
        let named = |id: ChainId, index: usize| {
            self.old(id)
                .and_then(|old| self.known.rules_of(old).get(index))
                .is_some_and(|rule| rule.handle != 0)
        };
        let renamed = |(id, old): (ChainId, &KnownChain)| {
            self.old(id).is_some() && old.handle == 0 && self.chain(id).name != old.name
        };
        if (0..).zip(&self.known.chains).any(renamed) {
            return true;
        }
        (0..).zip(&self.chains).any(|(id, fate)| {
            let puts = fate.script.put.iter().filter_map(|(_, put)| match put {
                Put::Before(index) | Put::Instead(index) => Some(*index),
                Put::First | Put::Last => None,
            });
            fate.script.delete.iter().copied().chain(puts).any(|index| !named(id, index))
        })
    }
}
