//! Rules of a chain by what they are.
//!
//! A rule that is looked for is compared with those of its chain one by one. Once that has cost as much as an index of the
//! chain would have, the chain gets one, which follows the edits until the table is committed or read again.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use super::rules::Rules;
use super::{ChainId, Slot, Table};
use crate::blob::{Entry, EntryVerdict, Layout, u16_at};
use crate::rule::{Recent, RuleRef, same, write_sketch};
use crate::sys::memory;
use crate::types::hash::{HashMap, RandomState};

/// What it costs to compare a rule, and to put one into an index, where looking at a slot costs 1.
const COMPARE: usize = 8;
const ADD: usize = 60;
/// Chains with fewer rules have no index.
const LEAST: usize = 8;
/// How often places are looked for along a chain before they are kept until its next edit.
const OFTEN: usize = 8;

/// The indexes of a table's chains.
#[derive(Default)]
pub(super) struct Lookups {
    /// Of chains in which much was looked up. Behind a lock because looking up takes a shared reference.
    chains: RwLock<HashMap<ChainId, Index>>,
    /// What has been spent on comparisons since the last index was made.
    spent: AtomicUsize,
    /// Random, so that nobody can choose rules that collide.
    state: RandomState,
}

/// The rules of a chain by the hash of their key; where a rule is, is said by the offset of its entry, which edits leave
/// as it is.
struct Index {
    offsets: HashMap<u64, Offsets>,
    /// Whether the offsets ascend along the chain.
    ascends: bool,
    /// Where they do not: the place of each, as it was after the last edit.
    places: OnceLock<HashMap<u32, u32>>,
    /// How often there were none when they were asked for.
    asked: AtomicUsize,
}

/// The offsets of the rules of one hash, ascending.
enum Offsets {
    One(u32),
    #[allow(clippy::box_collection, reason = "it is rare, and would make the others larger")]
    Many(Box<VecDeque<u32>>),
}

impl Index {
    /// An index with room for rules.
    fn new(rules: &Rules) -> Index {
        let offsets = HashMap::with_capacity_and_hasher(rules.len(), RandomState::default());
        Index { offsets, ascends: rules.ascends(), places: OnceLock::new(), asked: AtomicUsize::new(0) }
    }

    /// Forgets where rules are, for they move.
    fn moved(&mut self) {
        self.places.take();
        *self.asked.get_mut() = 0;
    }

    fn add(&mut self, hash: u64, at: u32) {
        self.moved();
        use std::collections::hash_map::Entry::{Occupied, Vacant};
        match self.offsets.entry(hash) {
            Vacant(place) => {
                place.insert(Offsets::One(at));
            }
            Occupied(mut known) => match known.get_mut() {
                Offsets::One(other) => {
                    let both = [at.min(*other), at.max(*other)];
                    known.insert(Offsets::Many(Box::new(both.into())));
                }
                Offsets::Many(others) => others.insert(others.partition_point(|other| *other < at), at),
            },
        }
    }

    fn remove(&mut self, hash: u64, at: u32) {
        self.moved();
        match self.offsets.get_mut(&hash) {
            Some(Offsets::Many(others)) if others.len() > 1 => {
                if let Ok(place) = others.binary_search(&at) {
                    others.remove(place);
                }
            }
            Some(_) => drop(self.offsets.remove(&hash)),
            None => {}
        }
    }

    /// The offsets of the rules of that hash, ascending.
    fn all(&self, hash: u64) -> impl Iterator<Item = u32> {
        let (one, many) = match self.offsets.get(&hash) {
            Some(Offsets::One(at)) => (Some(*at), None),
            Some(Offsets::Many(all)) => (None, Some(all.iter().copied())),
            None => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// The places of the rules of that hash, ascending.
    fn places(&self, rules: &Rules, hash: u64, is_it: impl Fn(u32) -> bool) -> Vec<usize> {
        let offsets: Vec<u32> = self.all(hash).filter(|at| is_it(*at)).collect();
        if self.ascends {
            return offsets.into_iter().filter_map(|at| rules.ascending_place(at)).collect();
        }
        if let Some(mut known) = self.known_places(rules, &offsets) {
            known.sort_unstable();
            return known;
        }
        let found = rules.places().filter(|(_, slot)| offsets.binary_search(&slot.at).is_ok());
        found.map(|(place, _)| place).take(offsets.len()).collect()
    }

    /// The places of these offsets, if they are kept or it is time to.
    fn known_places(&self, rules: &Rules, offsets: &[u32]) -> Option<Vec<usize>> {
        if self.places.get().is_none() {
            let is_time = self.asked.fetch_add(1, Ordering::Relaxed) >= OFTEN;
            if !is_time || !memory::has_room(rules.len() * 4 * size_of::<(u32, u32)>()) {
                return None;
            }
        }
        let all = || rules.places().map(|(place, slot)| (slot.at, place as u32)).collect();
        let places = self.places.get_or_init(all);
        let is_there = |place: &usize, at| rules.slots().get(*place).is_some_and(|slot| slot.is_at(at));
        offsets
            .iter()
            .map(|at| Some(*places.get(at)? as usize).filter(|place| is_there(place, *at)))
            .collect()
    }

    /// An offset of a rule of that hash, the first along the chain if the offsets ascend.
    fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.all(hash).find(|at| is_it(*at))
    }

    /// The place of the first rule of that hash.
    fn place(&self, rules: &Rules, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let at = self.find(hash, &is_it)?;
        if self.ascends {
            return rules.ascending_place(at);
        }
        self.places(rules, hash, is_it).first().copied()
    }
}

/// A rule that is looked for: its jump is a chain of the table, so that a chain's name may change.
struct Wanted<'a> {
    entry: Entry<'a>,
    jump: Option<ChainId>,
}

impl Lookups {
    fn hash(&self, entry: Entry<'_>, jump: Option<ChainId>) -> u64 {
        self.hash_after(&mut Recent::default(), entry, jump)
    }

    /// The same for one rule after the other.
    fn hash_after<'a>(&self, recent: &mut Recent<'a>, entry: Entry<'a>, jump: Option<ChainId>) -> u64 {
        let mut state = self.state.build_hasher();
        write_sketch(entry, jump, recent, &mut state);
        state.finish()
    }

    fn all(&mut self) -> &mut HashMap<ChainId, Index> {
        self.chains.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the index of a chain.
    pub(super) fn forget(&mut self, id: ChainId) {
        self.all().remove(&id);
    }

    /// Forgets everything: offsets have changed.
    pub(super) fn clear(&mut self) {
        self.all().clear();
    }
}

impl Table {
    /// The index of the first rule of a chain that is the same as this one.
    pub(crate) fn position(&self, id: ChainId, rule: RuleRef<'_>) -> Option<usize> {
        let (place, _) = self.place(id, rule)?;
        Some(self.chains[id as usize].rules.index(place))
    }

    /// The indices of the rules of a chain that are the same as this one.
    pub(super) fn positions(&self, id: ChainId, rule: RuleRef<'_>) -> Vec<usize> {
        let Some(wanted) = self.wanted(rule) else { return Vec::new() };
        let rules = &self.chains[id as usize].rules;
        let found = self.with_index(id, |index| {
            let hash = self.lookups.hash(wanted.entry, wanted.jump);
            index.places(rules, hash, |at| self.is_at(at, &wanted))
        });
        let places = found.unwrap_or_else(|| {
            let mut places = Vec::new();
            self.scan(id, &wanted, |place| {
                places.push(place);
                false
            });
            places
        });
        places.into_iter().map(|place| rules.index(place)).collect()
    }

    /// Whether a chain has a rule that is the same as this one.
    pub(super) fn has(&self, id: ChainId, rule: RuleRef<'_>) -> bool {
        let Some(wanted) = self.wanted(rule) else { return false };
        let found = self.with_index(id, |index| {
            let hash = self.lookups.hash(wanted.entry, wanted.jump);
            index.find(hash, |at| self.is_at(at, &wanted)).is_some()
        });
        found.unwrap_or_else(|| self.scan_one(id, &wanted).is_some())
    }

    /// Whether the rule of a chain at an index is the same as this one.
    pub(super) fn is_same_at(&self, id: ChainId, index: usize, rule: RuleRef<'_>) -> bool {
        let (Some(slot), Some(wanted)) = (self.chains[id as usize].rules.get(index), self.wanted(rule))
        else {
            return false;
        };
        wanted.is(self.entry(*slot), slot.jump.chain())
    }

    /// Takes the first rule that is the same as this one out of a chain and its index.
    pub(super) fn take(&mut self, id: ChainId, rule: RuleRef<'_>) -> Option<Slot> {
        let (place, hash) = self.place(id, rule)?;
        let slot = self.chains[id as usize].rules.remove(place)?;
        if let (Some(index), Some(hash)) = (self.lookups.all().get_mut(&id), hash) {
            index.remove(hash, slot.at);
        }
        Some(slot)
    }

    /// The place of the first rule of a chain that is the same as this one, and its hash if the chain has an index.
    fn place(&self, id: ChainId, rule: RuleRef<'_>) -> Option<(usize, Option<u64>)> {
        let wanted = self.wanted(rule)?;
        let found = self.with_index(id, |index| {
            let hash = self.lookups.hash(wanted.entry, wanted.jump);
            let place = index.place(&self.chains[id as usize].rules, hash, |at| self.is_at(at, &wanted));
            Some((place?, Some(hash)))
        });
        found.unwrap_or_else(|| Some((self.scan_one(id, &wanted)?, None)))
    }

    /// Calls a function with the index of a chain, if it has one or it is time to make it.
    fn with_index<T>(&self, id: ChainId, work: impl FnOnce(&Index) -> T) -> Option<T> {
        let known = self.lookups.chains.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = known.get(&id) {
            return Some(work(index));
        }
        let rules = self.chains[id as usize].rules.len();
        let cost = rules * ADD;
        if rules < LEAST || self.lookups.spent.load(Ordering::Relaxed) < cost {
            return None;
        }
        drop(known);
        // Without memory for one it goes on slowly.
        if !memory::has_room(rules * 2 * size_of::<(u64, Offsets)>()) {
            return None;
        }
        self.lookups.spent.store(0, Ordering::Relaxed);
        let index = self.index_of(id);
        let answer = work(&index);
        self.lookups.chains.write().unwrap_or_else(PoisonError::into_inner).insert(id, index);
        Some(answer)
    }

    fn index_of(&self, id: ChainId) -> Index {
        let rules = &self.chains[id as usize].rules;
        let (mut index, mut recent) = (Index::new(rules), Recent::default());
        for slot in rules {
            let hash = self.lookups.hash_after(&mut recent, self.entry(*slot), slot.jump.chain());
            index.add(hash, slot.at);
        }
        index
    }

    fn hash_of(&self, slot: Slot) -> u64 {
        self.lookups.hash(self.entry(slot), slot.jump.chain())
    }

    /// The rule as one of this table; `None` if it goes to a chain that is not there.
    fn wanted<'a>(&self, rule: RuleRef<'a>) -> Option<Wanted<'a>> {
        let jump = match rule.jump {
            None => None,
            Some(name) => Some(self.find(name)?),
        };
        Some(Wanted { entry: rule.entry, jump })
    }

    /// Compares the rules of a chain one by one; returns the place of the first.
    fn scan_one(&self, id: ChainId, wanted: &Wanted<'_>) -> Option<usize> {
        let mut first = None;
        self.scan(id, wanted, |place| {
            first = Some(place);
            true
        });
        first
    }

    /// Compares the rules of a chain one by one, and tells the place of each until that was enough.
    fn scan(&self, id: ChainId, wanted: &Wanted<'_>, mut enough: impl FnMut(usize) -> bool) {
        let (mut looked, mut compared) = (0, 0);
        for (place, slot) in self.chains[id as usize].rules.places() {
            looked += 1;
            if usize::from(slot.size) != wanted.entry.bytes.len() || slot.jump.chain() != wanted.jump {
                continue;
            }
            compared += 1;
            if wanted.is(self.entry(*slot), slot.jump.chain()) && enough(place) {
                break;
            }
        }
        self.lookups.spent.fetch_add(looked + compared * COMPARE, Ordering::Relaxed);
    }

    /// Whether the rule whose entry begins at an offset is the wanted one.
    fn is_at(&self, at: u32, wanted: &Wanted<'_>) -> bool {
        let at = at as usize;
        let size = u16_at(&self.bytes, at + Layout::of(self.family).next_offset);
        let entry = super::entry_at(self.family, &self.bytes, at, size);
        let jump = match entry.verdict() {
            Some(EntryVerdict::Jump(id)) => Some(id),
            _ => None,
        };
        wanted.is(entry, jump)
    }

    /// Puts a rule that was added to a chain into its index.
    #[inline]
    pub(super) fn index_added(&mut self, id: ChainId, slot: Slot, at_end: bool) {
        if self.lookups.all().contains_key(&id) {
            let hash = self.hash_of(slot);
            if let Some(index) = self.lookups.all().get_mut(&id) {
                index.add(hash, slot.at);
                // The entry of a new rule is behind all others.
                index.ascends &= at_end;
            }
        }
    }

    /// Takes a rule that was removed from a chain out of its index.
    pub(super) fn index_removed(&mut self, id: ChainId, slot: Slot) {
        if self.lookups.all().contains_key(&id) {
            let hash = self.hash_of(slot);
            if let Some(index) = self.lookups.all().get_mut(&id) {
                index.remove(hash, slot.at);
            }
        }
    }

    /// Which rules of a chain are the same as an earlier one.
    pub(super) fn repeated(&self, id: ChainId) -> Vec<bool> {
        let rules = &self.chains[id as usize].rules;
        let (mut seen, mut recent) = (Index::new(rules), Recent::default());
        let is_repeated = |slot: &Slot| {
            let wanted = Wanted { entry: self.entry(*slot), jump: slot.jump.chain() };
            let hash = self.lookups.hash_after(&mut recent, wanted.entry, wanted.jump);
            let known = seen.find(hash, |at| self.is_at(at, &wanted)).is_some();
            if !known {
                seen.add(hash, slot.at);
            }
            known
        };
        rules.iter().map(is_repeated).collect()
    }
}

impl Wanted<'_> {
    #[inline]
    fn is(&self, entry: Entry<'_>, jump: Option<ChainId>) -> bool {
        let chain = jump.map(u32::to_ne_bytes);
        let chain = chain.as_ref().map(<[u8; 4]>::as_slice);
        jump == self.jump && same(entry, chain, self.entry, chain)
    }
}
