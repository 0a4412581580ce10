//! Chains by name, and in the order of their names.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ChainData, ChainId, Chains, Jump, Table, new_chain};
use crate::rule::grammar::meant::{similar, unknown_target};
use crate::sys::memory::{self, AHEAD};
use crate::types::hash::RandomState;
use crate::{Error, Result};

/// An open hash table of chain ids; the names are those in the chains.
pub(super) struct NameIndex {
    /// Random per process, so that nobody can choose names that collide.
    seed: u64,
    /// A power of two, at most half full: ids, and before them what is left of the bits for as much of the hash, so that hardly a name
    /// of another chain is looked at. `EMPTY` ends a probe, `DELETED` does not.
    slots: Vec<u32>,
    used: usize,
    /// The bits of an id.
    ids: u32,
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

const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;

impl NameIndex {
    pub(super) fn new(chains: &[ChainData], ids: &[ChainId]) -> NameIndex {
        let mut index = NameIndex {
            seed: RandomState::default().hash_one(0),
            slots: Vec::new(),
            used: 0,
            ids: 0,
            recent: [AtomicUsize::new(0), AtomicUsize::new(0)],
        };
        index.rebuild(chains, ids.iter().copied(), ids.len());
        index
    }

    fn rebuild(&mut self, chains: &[ChainData], ids: impl Iterator<Item = ChainId>, count: usize) {
        self.slots = vec![EMPTY; (count * 4).next_power_of_two().max(16)];
        (self.used, self.ids) = (0, usize::BITS - (2 * chains.len() + 2).leading_zeros());
        ids.for_each(|id| self.put(None, id, chains));
    }

    fn hash(&self, name: &[u8]) -> u64 {
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
        })
    }

    pub(super) fn get(&self, name: &[u8], asks: Asks, chains: &[ChainData]) -> Option<ChainId> {
        let recent = &self.recent[asks as usize];
        let last = recent.load(Ordering::Relaxed);
        // In the order of the chains there is no need to wait for a slot from all over the table.
        let near = chains.get(last..).unwrap_or_default().iter().take(2);
        let near = near.zip(last..).find(|(chain, _)| !chain.deleted && chain.name.as_bytes() == name);
        let id = match near {
            Some((_, id)) => id as ChainId,
            None => self.id(self.slots[self.position(name, chains).ok()?]),
        };
        recent.store(id as usize, Ordering::Relaxed);
        Some(id)
    }

    /// What a slot has for a chain, whose name has that hash.
    fn slot(&self, hash: u64, id: ChainId) -> u32 {
        ((hash >> 32) << self.ids) as u32 | id
    }

    fn id(&self, slot: u32) -> ChainId {
        slot & ((1 << self.ids) - 1)
    }

    /// The slot of a chain whose name has that hash and which is the right one; or where it would be.
    fn probe(&self, hash: u64, is_it: impl Fn(ChainId) -> bool) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return Err(at);
            }
            let id = self.id(slot);
            if slot == self.slot(hash, id) && slot != DELETED && is_it(id) {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// The slot of the chain of that name; or, until the next change, the one for a chain of that name.
    fn position(&self, name: &[u8], chains: &[ChainData]) -> Result<usize, usize> {
        self.probe(self.hash(name), |id| chains[id as usize].name.as_bytes() == name)
    }

    /// Puts a chain, whose name no other has, into a slot.
    fn put(&mut self, at: Option<usize>, id: ChainId, chains: &[ChainData]) {
        let hash = self.hash(chains[id as usize].name.as_bytes());
        let (Ok(at) | Err(at)) = at.map_or_else(|| self.probe(hash, |_| false), Ok);
        self.slots[at] = self.slot(hash, id);
        self.used += 1;
    }

    /// Adds a chain with a name that no other has, for which there may be a slot.
    pub(super) fn insert(&mut self, at: Option<usize>, id: ChainId, chains: &[ChainData]) {
        // The last two ids would make what stands for none.
        if (self.used + 1) * 2 > self.slots.len() || id + 2 >= 1 << self.ids {
            // As they lie in memory.
            let live = || (0..).zip(chains).filter(|(_, chain)| !chain.deleted).map(|(id, _)| id);
            self.rebuild(chains, live(), live().count());
        } else {
            self.put(at, id, chains);
        }
    }

    pub(super) fn remove(&mut self, name: &[u8], chains: &[ChainData]) {
        if let Ok(at) = self.position(name, chains) {
            self.slots[at] = DELETED;
        }
    }
}

/// What chains are sorted by: the hook, some bytes of the name, and where these are the same the whole of it.
type SortKey = (u8, u128, ChainId);

/// The ids that the chains of a table get when they stand in the kernel's order, and room for them.
pub(crate) struct Ranks {
    /// By the id so far.
    ids: Vec<ChainId>,
    chains: Chains,
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
        self.chains.len() * (size_of::<ChainId>() + Chains::SIZE)
    }

    /// What the chains become if they stand in the order that they are in now.
    pub(crate) fn ranks(&self) -> Ranks {
        let mut ids = vec![0; self.chains.len()];
        for (rank, id) in self.order.iter().enumerate() {
            ids[*id as usize] = rank as ChainId;
        }
        Ranks { ids, chains: self.chains.room(self.order.len()) }
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
        chains.take_over(&self.chains, &self.order);
        self.order.iter_mut().zip(0..).for_each(|(id, rank)| *id = rank);
        self.unread.iter_mut().for_each(|id| *id = ids[*id as usize]);
        self.chains = chains;
        self.forget_index();
    }

    /// Whether there is memory for [`sorted_order`](Table::sorted_order).
    pub(crate) fn has_room_to_sort(&self) -> bool {
        memory::has_room(self.order.len() * (size_of::<ChainId>() + size_of::<SortKey>()))
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
        // Numbers are compared faster, and most names begin alike. They have no NUL, so that those behind them change nothing.
        let users =
            || order.iter().filter(|id| self.chains[**id as usize].hook.is_none()).map(|id| chain(id).1);
        let first = users().next().unwrap_or_default();
        let same = users().fold(first.len(), |same, name| {
            let end = first[..same].iter().zip(name).take_while(|(one, other)| one == other).count();
            end.min(same)
        });
        let mut keys: Vec<SortKey> = Vec::with_capacity(order.len());
        keys.extend(order.iter().map(|id| {
            let (hook, name) = chain(id);
            let rest = if hook == u8::MAX { &name[same..] } else { name };
            let rest = &rest[..rest.len().min(size_of::<u128>())];
            let mut word = [0; size_of::<u128>()];
            word[..rest.len()].copy_from_slice(rest);
            (hook, u128::from_be_bytes(word), *id)
        }));
        keys.sort_unstable_by(|one, other| {
            (one.0, one.1).cmp(&(other.0, other.1)).then_with(|| chain(&one.2).cmp(&chain(&other.2)))
        });
        order.iter_mut().zip(keys).for_each(|(id, key)| *id = key.2);
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<ChainId> {
        self.find_as(name, Asks::ForChain)
    }

    /// The chain that a rule goes to.
    pub(crate) fn find_target(&self, name: &[u8]) -> Option<ChainId> {
        self.find_as(name, Asks::ForTarget)
    }

    fn find_as(&self, name: &[u8], asks: Asks) -> Option<ChainId> {
        self.index().get(name, asks, &self.chains)
    }

    /// The place of the index for a chain of that name, up to the next change; nothing if there is one.
    pub(super) fn vacancy(&self, name: &[u8]) -> Option<usize> {
        self.index().position(name, &self.chains).err()
    }

    fn index(&self) -> &NameIndex {
        self.index.get_or_init(|| NameIndex::new(&self.chains, &self.sorted_order()))
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
        let chains = if self.chains.len() <= MOST_TO_MEAN { self.chains.as_slice() } else { &[] };
        let all = chains.iter().filter(move |chain| !chain.deleted && fits(chain));
        all.filter_map(|chain| str::from_utf8(chain.name.as_bytes()).ok())
            .filter(move |other| other.as_bytes() != name)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Family, MemoryKernel};

    /// Chains are found and stand in the order of their names, however alike these are.
    #[test]
    fn names_that_begin_alike() {
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for begin in ["", "K", "KUBE-SVC-", "a-name-of-seventeen"] {
            let kernel = MemoryKernel::new().kernel();
            let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
            let mut names = Vec::new();
            for _ in 0..500 {
                let end = (0..random(28 - begin.len()) + 1).map(|_| ["A", "B"][random(40) / 39]);
                let name = format!("{begin}{}", end.collect::<String>());
                if random(4) == 0 && !names.is_empty() {
                    let gone = names.swap_remove(random(names.len()));
                    table.delete_chain(&gone).unwrap();
                } else if !names.contains(&name) {
                    // Every other one as restores make them.
                    if random(2) == 0 {
                        table.new_chain(&name).unwrap();
                    } else {
                        assert!(table.add_if_free(name.as_bytes()).is_some());
                    }
                    names.push(name);
                } else {
                    assert!(table.add_if_free(name.as_bytes()).is_none());
                }
                assert!(names.iter().all(|name| table.chain(name).is_some()));
            }
            names.sort();
            let chains = table.chains().filter(|chain| chain.hook().is_none());
            assert!(chains.map(|chain| chain.name().into_owned()).eq(names));
        }
    }
}
