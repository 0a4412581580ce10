//! The chains of a table by id.

use std::ops::{Deref, DerefMut};

use super::{ChainData, ChainId};
use crate::sys::memory;
use crate::types::Counters;

/// The chains, and what few of them have.
#[derive(Default)]
pub(crate) struct Chains {
    all: Vec<ChainData>,
    /// What policies, or returns to the caller, have counted.
    counters: Sparse<Counters>,
    /// What tells in nf_tables which chains were made first; 0 of those that it has not got.
    made: Sparse<u64>,
}

/// Values by id, as far as any is another one than the default.
#[derive(Clone, Default)]
struct Sparse<T>(Vec<T>);

impl<T: Copy + Default + PartialEq> Sparse<T> {
    fn get(&self, id: ChainId) -> T {
        self.0.get(id as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, id: ChainId, value: T) {
        if let Some(place) = self.0.get_mut(id as usize) {
            *place = value;
        } else if value != T::default() {
            self.0.resize(id as usize, T::default());
            self.0.push(value);
        }
    }

    /// Becomes what others are in an order.
    fn fill(&mut self, others: &Sparse<T>, order: &[ChainId]) {
        if !others.0.is_empty() {
            self.0.extend(order.iter().map(|id| others.get(*id)));
        }
    }
}

impl Chains {
    /// The counters of a chain's policy, or of its return to the caller.
    pub(crate) fn counters(&self, id: ChainId) -> Counters {
        self.counters.get(id)
    }

    pub(crate) fn set_counters(&mut self, id: ChainId, counters: Counters) {
        self.counters.set(id, counters);
    }

    /// Whether there is memory for the counters of the chains up to that one.
    pub(crate) fn has_room_to_count(&mut self, id: ChainId) -> bool {
        let list = &mut self.counters.0;
        memory::make_room(list, (id as usize + 1).saturating_sub(list.len()))
    }

    /// No chain has counted anything.
    pub(crate) fn forget_counters(&mut self) {
        self.counters.0.clear();
    }

    /// By this chains are in the order in which they were made. Those that nf_tables has not got are the last.
    pub(crate) fn age(&self, id: ChainId) -> u64 {
        self.made.get(id).wrapping_sub(1)
    }

    pub(crate) fn set_made(&mut self, id: ChainId, made: u64) {
        self.made.set(id, made);
    }

    pub(crate) fn clear(&mut self) {
        *self = Chains::default();
    }

    pub(crate) fn copy(&self) -> Chains {
        let all = self.all.iter().map(ChainData::copy).collect();
        Chains { all, counters: self.counters.clone(), made: self.made.clone() }
    }

    /// Room for so many of them, with all that they have.
    pub(crate) fn room(&self, count: usize) -> Chains {
        let of = |has: bool| if has { count } else { 0 };
        Chains {
            all: Vec::with_capacity(count),
            counters: Sparse(Vec::with_capacity(of(!self.counters.0.is_empty()))),
            made: Sparse(Vec::with_capacity(of(!self.made.0.is_empty()))),
        }
    }

    /// What room for one of them takes.
    pub(crate) const SIZE: usize = size_of::<(ChainData, Counters, u64)>();

    /// A chain is what another was.
    pub(crate) fn take_over_one(&mut self, id: ChainId, others: &Chains, other: ChainId) {
        self.counters.set(id, others.counters.get(other));
        self.made.set(id, others.made.get(other));
    }

    /// These are others in an order: they get all that those have.
    pub(crate) fn take_over(&mut self, others: &Chains, order: &[ChainId]) {
        self.counters.fill(&others.counters, order);
        self.made.fill(&others.made, order);
    }
}

impl Deref for Chains {
    type Target = Vec<ChainData>;

    #[inline]
    fn deref(&self) -> &Vec<ChainData> {
        &self.all
    }
}

impl DerefMut for Chains {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<ChainData> {
        &mut self.all
    }
}
