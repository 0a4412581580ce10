//! Chains by name, and in the order of their names.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ChainData, ChainId, Jump, Table, new_chain};
use crate::rule::grammar::meant::{similar, unknown_target};
use crate::sys::memory::{self, AHEAD};
use crate::types::hash::RandomState;
use crate::{Error, Result};

/// An open hash table of chain ids; the names are those in the chains.
pub(super) struct NameIndex {
    /// Random per process, so that nobody can choose names that collide.
    seed: u64,
    /// A power of two, at most half full. `EMPTY` ends a probe, `DELETED` does not.
    slots: Vec<ChainId>,
    used: usize,
    /// By [`Asks`]: the chain found last. Lines of a save file ask for it again and again, or for the one declared behind it.
    recent: [AtomicUsize; 2],
}

/// Where a name stands. Both go through the chains in their order, but not side by side.
#[derive(Clone, Copy)]
pub(super) enum Asks {
    ForChain,
    ForTarget,
}

/// Among how many chains one is looked for that was perhaps meant.
const MOST_TO_MEAN: usize = 256;

const EMPTY: ChainId = ChainId::MAX;
const DELETED: ChainId = ChainId::MAX - 1;

impl NameIndex {
    pub(super) fn new(chains: &[ChainData], ids: &[ChainId]) -> NameIndex {
        let mut index = NameIndex {
            seed: RandomState::default().hash_one(0),
            slots: Vec::new(),
            used: 0,
            recent: [AtomicUsize::new(0), AtomicUsize::new(0)],
        };
        index.rebuild(chains, ids.iter().copied(), ids.len());
        index
    }

    fn rebuild(&mut self, chains: &[ChainData], ids: impl Iterator<Item = ChainId>, count: usize) {
        self.slots = vec![EMPTY; (count * 4).next_power_of_two().max(16)];
        self.used = 0;
        for id in ids {
            self.place(chains[id as usize].name.as_bytes(), id);
        }
    }

    fn hash(&self, name: &[u8]) -> usize {
        let (words, rest) = name.as_chunks::<8>();
        // The last eight bytes, some of them a second time; of a short name all there are.
        let last = match (rest, name.last_chunk()) {
            ([], _) => None,
            (_, Some(last)) => Some(u64::from_le_bytes(*last)),
            (rest, None) => Some(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))),
        };
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain(last);
        words.fold(self.seed ^ name.len() as u64, |hash, word| {
            // The folded multiply mixes every bit of the word into every bit of the hash.
            let product = u128::from(hash ^ word) * 0x9e37_79b9_7f4a_7c15;
            (product >> 64) as u64 ^ product as u64
        }) as usize
    }

    fn place(&mut self, name: &[u8], id: ChainId) {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(name) & mask;
        while self.slots[at] != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = id;
        self.used += 1;
    }

    pub(super) fn get(&self, name: &[u8], asks: Asks, chains: &[ChainData]) -> Option<ChainId> {
        let recent = &self.recent[asks as usize];
        let last = recent.load(Ordering::Relaxed);
        // In the order of the chains there is no need to wait for a slot from all over the table.
        let near = chains.get(last..).unwrap_or_default().iter().take(2);
        let near = near.zip(last..).find(|(chain, _)| !chain.deleted && chain.name.as_bytes() == name);
        let id = match near {
            Some((_, id)) => id as ChainId,
            None => self.slots[self.position(name, chains)?],
        };
        recent.store(id as usize, Ordering::Relaxed);
        Some(id)
    }

    fn position(&self, name: &[u8], chains: &[ChainData]) -> Option<usize> {
        let is_it = |id: ChainId| id < DELETED && chains[id as usize].name.as_bytes() == name;
        let mask = self.slots.len() - 1;
        let mut at = self.hash(name) & mask;
        loop {
            match self.slots[at] {
                EMPTY => return None,
                id if is_it(id) => return Some(at),
                _ => {}
            }
            at = (at + 1) & mask;
        }
    }

    pub(super) fn insert(&mut self, name: &[u8], id: ChainId, chains: &[ChainData]) {
        if (self.used + 1) * 2 > self.slots.len() {
            let ids: Vec<_> = self.slots.iter().copied().filter(|id| *id < DELETED).collect();
            self.rebuild(chains, ids.iter().copied(), ids.len() + 1);
        }
        self.place(name, id);
    }

    pub(super) fn remove(&mut self, name: &[u8], chains: &[ChainData]) {
        if let Some(at) = self.position(name, chains) {
            self.slots[at] = DELETED;
        }
    }
}

/// What chains are sorted by: the hook, the first and the next bytes of the name, and those behind them.
type SortKey<'a> = (u8, u128, u128, &'a [u8]);

/// The ids that the chains of a table get when they stand in the kernel's order, and room for them.
pub(crate) struct Ranks {
    /// By the id so far.
    ids: Vec<ChainId>,
    chains: Vec<ChainData>,
}

impl Ranks {
    /// What becomes of an id.
    pub(crate) fn of(&self, id: ChainId) -> ChainId {
        self.ids[id as usize]
    }
}

impl Table {
    /// The memory that [`ranks`](Table::ranks) needs.
    pub(crate) fn size_of_ranks(&self) -> usize {
        self.chains.len() * (size_of::<ChainId>() + size_of::<ChainData>())
    }

    /// What the chains become if they stand in the order that they are in now.
    pub(crate) fn ranks(&self) -> Ranks {
        let mut ids = vec![0; self.chains.len()];
        for (rank, id) in self.order.iter().enumerate() {
            ids[*id as usize] = rank as ChainId;
        }
        Ranks { ids, chains: Vec::with_capacity(self.order.len()) }
    }

    /// Has the chains stand in their order, and rules go to them there. What the bytes of the rules say is left to the caller.
    pub(crate) fn renumber(&mut self, Ranks { ids, mut chains }: Ranks) {
        for (rank, id) in self.order.iter().enumerate() {
            if let Some(later) = self.order.get(rank + 2 * AHEAD) {
                let later = &self.chains[*later as usize];
                memory::soon(&later.name);
                memory::soon(&later.rules);
            }
            if let Some(later) = self.order.get(rank + AHEAD) {
                self.chains[*later as usize].rules.soon();
            }
            let chain = &mut self.chains[*id as usize];
            for slot in &mut chain.rules {
                if let Some(id) = slot.jump.chain() {
                    slot.jump = Jump(ids[id as usize]);
                }
            }
            let gone = new_chain(chain.name.clone(), chain.hook);
            chains.push(std::mem::replace(chain, gone));
        }
        self.order.iter_mut().zip(0..).for_each(|(id, rank)| *id = rank);
        self.unread.iter_mut().for_each(|id| *id = ids[*id as usize]);
        self.chains = chains;
        self.forget_index();
    }

    /// Whether there is memory for [`sorted_order`](Table::sorted_order).
    pub(crate) fn has_room_to_sort(&self) -> bool {
        memory::has_room(self.order.len() * (2 * size_of::<ChainId>() + size_of::<(SortKey<'_>, ChainId)>()))
    }

    pub(crate) fn sorted_order(&self) -> Vec<ChainId> {
        let mut order = self.order.clone();
        self.drop_deleted(&mut order);
        if self.unsorted {
            self.sort(&mut order);
        }
        order
    }

    pub(super) fn drop_deleted(&self, order: &mut Vec<ChainId>) {
        if self.gone > 0 {
            order.retain(|id| !self.chains[*id as usize].deleted);
        }
    }

    pub(super) fn sort(&self, order: &mut [ChainId]) {
        let chain = |id: &ChainId| {
            let chain = &self.chains[*id as usize];
            (chain.hook.map_or(u8::MAX, |hook| hook as u8), chain.name.as_bytes())
        };
        // As a save file of the kernel's has them.
        if order.is_sorted_by_key(chain) {
            return;
        }
        // Numbers are compared faster. Names have no NUL, so that those behind them change nothing.
        order.sort_by_cached_key(|id| -> SortKey<'_> {
            let (hook, name) = chain(id);
            let [mut first, mut rest] = [[0; 16]; 2];
            let (head, tail) = name.split_at(name.len().min(first.len()));
            let (tail, end) = tail.split_at(tail.len().min(rest.len()));
            first[..head.len()].copy_from_slice(head);
            rest[..tail.len()].copy_from_slice(tail);
            (hook, u128::from_be_bytes(first), u128::from_be_bytes(rest), end)
        });
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<ChainId> {
        self.find_as(name, Asks::ForChain)
    }

    /// The chain that a rule goes to.
    pub(crate) fn find_target(&self, name: &[u8]) -> Option<ChainId> {
        self.find_as(name, Asks::ForTarget)
    }

    fn find_as(&self, name: &[u8], asks: Asks) -> Option<ChainId> {
        let index = self.index.get_or_init(|| NameIndex::new(&self.chains, &self.sorted_order()));
        index.get(name, asks, &self.chains)
    }

    pub(crate) fn require(&self, name: &[u8]) -> Result<ChainId> {
        self.find(name).ok_or_else(|| self.no_such_chain(name))
    }

    /// The chain, of those that fit, that was perhaps meant by a name.
    #[cold]
    pub(crate) fn meant_chain(&self, name: &[u8], fits: impl Fn(&ChainData) -> bool) -> Option<String> {
        similar(&String::from_utf8_lossy(name), self.names_to_mean(name, fits)).map(str::to_owned)
    }

    /// The error for a target that is neither an extension nor a chain that a rule can go to.
    #[cold]
    pub(crate) fn unknown_target(&self, name: &[u8]) -> Error {
        unknown_target(name, self.names_to_mean(name, |chain| chain.hook.is_none()))
    }

    /// The names of chains that another was perhaps meant to be. None of many chains: whoever asks for one after the other
    /// whether it is there would wait for this each time.
    fn names_to_mean<'a>(
        &'a self,
        name: &'a [u8],
        fits: impl Fn(&ChainData) -> bool + 'a,
    ) -> impl Iterator<Item = &'a str> {
        let chains = if self.chains.len() <= MOST_TO_MEAN { &*self.chains } else { &[] };
        let all = chains.iter().filter(move |chain| !chain.deleted && fits(chain));
        all.filter_map(|chain| str::from_utf8(chain.name.as_bytes()).ok())
            .filter(move |other| other.as_bytes() != name)
    }
}
