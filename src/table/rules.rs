//! The rules of a chain in order.

use std::ops::{Deref, DerefMut};
use std::slice;

use super::Slot;
use crate::sys::memory;

/// Slots. Some hosts have very many chains of one rule, which needs no memory of its own.
enum Slots {
    One(Slot),
    List(Vec<Slot>),
}

impl Default for Slots {
    fn default() -> Slots {
        Slots::List(Vec::new())
    }
}

impl Deref for Slots {
    type Target = [Slot];

    #[inline]
    fn deref(&self) -> &[Slot] {
        match self {
            Slots::One(slot) => slice::from_ref(slot),
            Slots::List(list) => list,
        }
    }
}

impl DerefMut for Slots {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Slot] {
        match self {
            Slots::One(slot) => slice::from_mut(slot),
            Slots::List(list) => list,
        }
    }
}

impl Slots {
    /// Whether there is room for one more.
    #[inline]
    fn has_room(&self) -> bool {
        match self {
            Slots::One(_) => false,
            Slots::List(list) => list.capacity() == 0 || memory::has_next_room(list),
        }
    }

    /// Makes room for one more, if there is memory for it.
    fn grow(&mut self) -> bool {
        match self {
            Slots::List(list) => memory::make_next_room(list),
            Slots::One(slot) => {
                let mut list = Vec::new();
                // Most chains have few rules.
                let grown = memory::tried(|| list.try_reserve_exact(2)).is_ok();
                if grown {
                    list.push(*slot);
                    *self = Slots::List(list);
                }
                grown
            }
        }
    }

    #[inline]
    fn push(&mut self, slot: Slot) {
        match self {
            Slots::List(list) if list.capacity() == 0 => *self = Slots::One(slot),
            Slots::List(list) => list.push(slot),
            Slots::One(first) => *self = Slots::List(vec![*first, slot]),
        }
    }

    fn insert(&mut self, place: usize, slot: Slot) {
        match self {
            Slots::List(list) => list.insert(place, slot),
            Slots::One(last) => *self = Slots::List(vec![slot, *last]),
        }
    }

    fn remove(&mut self, place: usize) {
        match self {
            Slots::List(list) => _ = list.remove(place),
            Slots::One(_) => *self = Slots::default(),
        }
    }

    fn retain(&mut self, mut keep: impl FnMut(&Slot) -> bool) {
        match self {
            Slots::List(list) => list.retain(keep),
            Slots::One(slot) if keep(slot) => {}
            Slots::One(_) => *self = Slots::default(),
        }
    }

    fn clear(&mut self) {
        match self {
            Slots::List(list) => list.clear(),
            Slots::One(_) => *self = Slots::default(),
        }
    }
}

/// The slots of a chain's rules.
///
/// A rule that is removed may leave a gap: a slot of size 0. The gaps are closed together, so that removing many rules
/// one by one does not move the others each time.
#[derive(Default)]
pub(crate) struct Rules {
    slots: Slots,
    gaps: Option<Box<Gaps>>,
}

/// The places of the gaps, ascending.
#[derive(Default)]
struct Gaps(Vec<u32>);

/// So many slots are moved at once rather than leaving a gap before them.
const FEW: usize = 64;

impl Rules {
    /// The number of rules.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.gaps().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn gaps(&self) -> &[u32] {
        self.gaps.as_ref().map_or(&[], |gaps| &gaps.0)
    }

    /// Where the rule at an index is among the slots.
    fn place(&self, index: usize) -> usize {
        let gaps = self.gaps();
        // The gaps before the rule: those with at most so many rules before them.
        let (mut low, mut high) = (0, gaps.len());
        while low < high {
            let middle = (low + high) / 2;
            if gaps[middle] as usize - middle <= index { low = middle + 1 } else { high = middle }
        }
        index.saturating_add(low)
    }

    /// The index of the rule at a place.
    pub(crate) fn index(&self, place: usize) -> usize {
        place - self.gaps().partition_point(|gap| (*gap as usize) < place)
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Slot> {
        self.slots.get(self.place(index))
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Slot> {
        let place = self.place(index);
        self.slots.get_mut(place)
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter { slots: self.slots.iter(), gaps: self.gaps().len() }
    }

    /// All slots; those without a rule have no size, go nowhere, and need no check.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The rules with their places.
    pub(crate) fn places(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.is_rule())
    }

    /// The place of the rule whose entry begins at an offset, if the offsets ascend along the chain.
    pub(crate) fn ascending_place(&self, at: u32) -> Option<usize> {
        self.slots.binary_search_by_key(&at, |slot| slot.at).ok().filter(|place| self.slots[*place].is_rule())
    }

    /// Whether the offsets of the entries ascend along the chain.
    pub(crate) fn ascends(&self) -> bool {
        self.slots.is_sorted_by_key(|slot| slot.at)
    }

    /// They are looked at a few steps later.
    #[inline]
    pub(crate) fn soon(&self) {
        self.slots.first().into_iter().for_each(memory::soon);
    }

    #[inline]
    pub(crate) fn push(&mut self, slot: Slot) {
        self.slots.push(slot);
    }

    /// Adds a rule before the one at an index, or at the end.
    pub(crate) fn insert(&mut self, index: usize, slot: Slot) {
        if index >= self.len() {
            return self.push(slot);
        }
        let place = self.place(index);
        self.slots.insert(place, slot);
        for gap in self.gaps.iter_mut().flat_map(|gaps| &mut gaps.0) {
            *gap += u32::from(*gap as usize >= place);
        }
    }

    /// Whether there is room for one more.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.slots.has_room()
    }

    /// Makes room for one more, if there is memory for it.
    pub(crate) fn grow(&mut self) -> bool {
        self.slots.grow()
    }

    /// Takes the rule at a place out.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Slot> {
        let slot = *self.slots.get(place)?;
        if self.slots.len() - place <= FEW {
            self.slots.remove(place);
            for gap in self.gaps.iter_mut().flat_map(|gaps| &mut gaps.0) {
                *gap -= u32::from(*gap as usize > place);
            }
            return Some(slot);
        }
        self.slots[place] = Slot { size: 0, jump: super::Jump::NONE, ends: false, unchecked: false, ..slot };
        let gaps = &mut self.gaps.get_or_insert_default().0;
        let before = gaps.partition_point(|gap| (*gap as usize) < place);
        gaps.insert(before, place as u32);
        // Closing them looks at every slot, a gap more moves the others behind it: neither shall be much per gap.
        if gaps.len() >= 4 * self.slots.len().isqrt() {
            self.close_gaps();
        }
        Some(slot)
    }

    /// Takes the rule at an index out.
    pub(crate) fn remove_index(&mut self, index: usize) -> Option<Slot> {
        self.remove(self.place(index))
    }

    /// Keeps the rules for which `keep` says so.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Slot) -> bool) {
        self.gaps = None;
        self.slots.retain(|slot| slot.is_rule() && keep(slot));
    }

    pub(crate) fn close_gaps(&mut self) {
        if self.gaps.is_some() {
            self.retain(|_| true);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.gaps = None;
        self.slots.clear();
    }
}

impl FromIterator<Slot> for Rules {
    fn from_iter<T: IntoIterator<Item = Slot>>(slots: T) -> Rules {
        Rules { slots: Slots::List(slots.into_iter().collect()), gaps: None }
    }
}

impl Slot {
    /// Whether this is no gap.
    fn is_rule(&self) -> bool {
        self.size != 0
    }

    /// Whether this is the rule whose entry begins at an offset.
    pub(super) fn is_at(&self, at: u32) -> bool {
        self.is_rule() && self.at == at
    }
}

/// The rules of a chain.
#[derive(Clone)]
pub(crate) struct Iter<'a> {
    slots: std::slice::Iter<'a, Slot>,
    /// How many of the slots have none.
    gaps: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Slot;

    fn next(&mut self) -> Option<&'a Slot> {
        loop {
            let slot = self.slots.next()?;
            if slot.is_rule() {
                return Some(slot);
            }
            self.gaps -= 1;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.slots.len() - self.gaps;
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            let slot = self.slots.next_back()?;
            if slot.is_rule() {
                return Some(slot);
            }
            self.gaps -= 1;
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Rules {
    type Item = &'a Slot;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Rules {
    type Item = &'a mut Slot;
    type IntoIter = std::slice::IterMut<'a, Slot>;

    fn into_iter(self) -> Self::IntoIter {
        self.close_gaps();
        self.slots.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Jump, Origin};
    use super::*;

    fn slot(at: u32) -> Slot {
        Slot { at, origin: Origin::SET, jump: Jump::NONE, size: 8, ends: false, unchecked: false }
    }

    /// A rule by itself is there as in a list.
    #[test]
    fn one_rule_needs_no_list() {
        let ats = |rules: &Rules| rules.iter().map(|slot| slot.at).collect::<Vec<_>>();
        for (at, grows, both) in
            [(0, false, [7, 3]), (1, false, [3, 7]), (0, true, [7, 3]), (1, true, [3, 7])]
        {
            let mut rules = Rules::default();
            assert!(rules.is_empty() && rules.has_room());
            rules.push(slot(3));
            assert_eq!((ats(&rules), rules.len(), rules.ascending_place(3)), (vec![3], 1, Some(0)));
            rules.retain(|slot| slot.at == 3);
            rules.get_mut(0).into_iter().for_each(|slot| slot.size = 16);
            assert!(!rules.has_room());
            assert!(!grows || rules.grow() && rules.has_room());
            rules.insert(at, slot(7));
            assert_eq!(ats(&rules), both);
            rules.retain(|slot| slot.size == 16);
            assert_eq!(rules.remove_index(0).map(|slot| slot.at), Some(3));
            assert!(rules.is_empty() && rules.remove_index(0).is_none());
        }
        let takes: [fn(&mut Rules); 3] =
            [|rules| _ = rules.remove(0), Rules::clear, |rules| rules.retain(|_| false)];
        for take in takes {
            let mut rules = Rules::default();
            rules.push(slot(5));
            take(&mut rules);
            assert!(rules.is_empty());
        }
    }

    /// Removals and insertions at every distance from the end come to the same as in a vector.
    #[test]
    fn gaps_do_not_show() {
        let mut rules = Rules::default();
        let mut model: Vec<u32> = (0..3000).collect();
        model.iter().for_each(|at| rules.push(slot(*at)));
        let mut next = 1_u32;
        for step in 0..5000 {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let index = (next >> 8) as usize % model.len();
            if step % 5 == 0 {
                rules.insert(index, slot(10_000 + step));
                model.insert(index, 10_000 + step);
            } else if model.len() > 1 {
                assert_eq!(rules.remove_index(index).map(|slot| slot.at), Some(model.remove(index)));
            }
            assert_eq!(rules.len(), model.len());
            let index = (next >> 4) as usize % (model.len() + 1);
            assert_eq!(rules.get(index).map(|slot| slot.at), model.get(index).copied());
            if step % 50 == 0 {
                assert!(rules.iter().map(|slot| slot.at).eq(model.iter().copied()));
                assert!(rules.iter().rev().map(|slot| slot.at).eq(model.iter().rev().copied()));
                let indices = rules.places().map(|(place, _)| rules.index(place));
                assert!(indices.eq(0..model.len()));
            }
        }
        assert!(rules.into_iter().map(|slot| slot.at).eq(model));
    }
}
