//! What is known of a table afterwards: when the kernel has said so, or taken a transaction.

use super::batch::Batch;
use super::known::{Known, KnownChain, KnownRule, Scope};
use super::read::Content;
use super::script::stays;
use crate::blob::{Layout, put_at};
use crate::table::backend::WantedRules;
use crate::table::{ChainId, Origin, Slot, Table};
use crate::types::Counters;

/// Takes over handles and the generation from a table that is the same.
pub(super) fn learn(known: &mut Known, now: &Content) {
    known.generation = now.known.generation;
    known.exists = now.known.exists;
    known.nameless = false;
    for chain in &mut known.chains {
        let Some(other) = now.known.chains.iter().find(|other| other.exists && other.name == chain.name)
        else {
            continue;
        };
        chain.handle = other.handle;
        let rules = known.rules.iter_mut().skip(chain.first).take(chain.count);
        for (rule, other) in rules.zip(now.known.rules_of(other)) {
            rule.handle = other.handle;
        }
    }
}

/// A transaction that changes something is the next generation; nobody can have come in between.
pub(super) fn generation_after(batch: &Batch, changed: bool) -> u32 {
    batch.generation().wrapping_add(changed.into())
}

/// The table in memory is what the kernel has now.
pub(super) fn settle(table: &mut Table, generation: u32) {
    let family = table.family();
    let counters_at = Layout::of(family).counters;
    table.bytes_moved();
    let count = table.rules_here();
    let Some(old) = table.version.get_mut::<Known>() else { return };
    let handle_of = |index: usize| old.rules.get(index).map_or(0, |rule| rule.handle);
    let mut rules = Vec::with_capacity(count);
    let mut chains = Vec::with_capacity(table.chains.len());
    let mut nameless = false;
    for id in 0..table.chains.len() as ChainId {
        let chain = &mut table.chains[id as usize];
        let before = old.chain(id).filter(|_| old.is_read());
        let first = rules.len();
        // Behind or before rules that are not known, new ones are no better known.
        let unread =
            before.is_some_and(|before| matches!(before.rules, WantedRules::Behind | WantedRules::Before));
        if unread {
            chain.rules.clear();
            chain.size = 0;
        }
        let range = before.map_or(0..0, |before| before.first..before.first + before.count);
        // Only a rule that has stayed where it was has its handle: none of a new chain.
        let mut handles = Vec::new();
        if !range.is_empty() {
            let index_in_range = |slot: &Slot| {
                let index = slot.origin.index()? as usize;
                range.contains(&index).then(|| index - range.start)
            };
            let indices: Vec<_> = chain.rules.iter().map(index_in_range).collect();
            let handle = |(index, stays): (&Option<usize>, bool)| {
                index.filter(|_| stays).map_or(0, |index| handle_of(range.start + index))
            };
            handles = indices.iter().zip(stays(range.len(), &indices)).map(handle).collect();
        }
        for (position, slot) in (&mut chain.rules).into_iter().enumerate() {
            if slot.origin.is_zeroed() {
                // What was zeroed must not be zeroed again.
                put_at(&mut table.bytes, slot.at as usize + counters_at, &[0; 16]);
            }
            let handle = handles.get(position).copied().unwrap_or_default();
            nameless |= handle == 0;
            slot.origin = Origin::kernel(rules.len() as u32);
            slot.unchecked = false;
            rules.push(KnownRule { handle, at: slot.at, size: slot.size });
        }
        let is_zeroed = chain.tail.is_zeroed();
        let exists = !chain.deleted
            && (chain.hook.is_none() || before.is_some() && !chain.idle || chain.does_something());
        if chain.hook.is_some() {
            chain.tail = Origin::kernel(0);
            chain.idle = !exists;
        }
        let handle = before.map_or(0, |before| before.handle);
        nameless |= exists && handle == 0;
        chains.push(KnownChain {
            exists,
            name: chain.name.clone(),
            handle,
            policy: chain.policy,
            rules: before.filter(|_| unread).map_or(WantedRules::All, |before| before.rules),
            first,
            count: rules.len() - first,
        });
        if is_zeroed {
            table.chains.set_counters(id, Counters::ZERO);
        }
    }
    let filled = chains.iter().any(|chain| chain.exists);
    // What is replaced by nothing is gone.
    old.exists = filled || old.exists && old.is_read();
    (old.chains, old.rules) = (chains, rules);
    match &mut old.scope {
        Scope::Existence => old.scope = Scope::All,
        // What was added after rules were deleted is all that there is.
        Scope::Chains(chains) => {
            chains
                .iter_mut()
                .filter(|(_, rules)| *rules == WantedRules::Gone)
                .for_each(|(_, rules)| *rules = WantedRules::All);
        }
        Scope::All | Scope::Little => {}
    }
    (old.generation, old.nameless) = (generation, nameless);
}
