//! The rules of a chain in order.

use std::slice;

use super::Slot;
use crate::sys::memory;

/// The slots of a chain's rules. Some hosts have very many chains of one rule, which needs no memory of its own.
///
/// A rule that is removed may leave a gap: a slot of size 0. The gaps are closed together, so that removing many rules
/// one by one does not move the others each time.
pub(crate) enum Rules {
    One(Slot),
    List(Vec<Slot>),
    Gapped(Box<Gapped>),
}

/// Slots with gaps, and the places of these, ascending.
pub(crate) struct Gapped {
    list: Vec<Slot>,
    gaps: Vec<u32>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules::List(Vec::new())
    }
}

/// Most chains have no more rules, and lists of so many have no room that they do not need.
const FEW_RULES: usize = 4;

/// So many slots are moved at once rather than leaving a gap before them.
const FEW: usize = 64;

impl Rules {
    /// All slots; those without a rule have no size, go nowhere, and need no check.
    #[inline]
    pub(crate) fn slots(&self) -> &[Slot] {
        match self {
            Rules::One(slot) => slice::from_ref(slot),
            Rules::List(list) => list,
            Rules::Gapped(gapped) => &gapped.list,
        }
    }

    #[inline]
    fn slots_mut(&mut self) -> &mut [Slot] {
        match self {
            Rules::One(slot) => slice::from_mut(slot),
            Rules::List(list) => list,
            Rules::Gapped(gapped) => &mut gapped.list,
        }
    }

    /// The list, where there is one.
    fn list(&mut self) -> Option<&mut Vec<Slot>> {
        match self {
            Rules::One(_) => None,
            Rules::List(list) => Some(list),
            Rules::Gapped(gapped) => Some(&mut gapped.list),
        }
    }

    /// The number of rules.
    pub(crate) fn len(&self) -> usize {
        self.slots().len() - self.gaps().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn gaps(&self) -> &[u32] {
        if let Rules::Gapped(gapped) = self { &gapped.gaps } else { &[] }
    }

    fn gaps_mut(&mut self) -> &mut [u32] {
        if let Rules::Gapped(gapped) = self { &mut gapped.gaps } else { &mut [] }
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
        self.slots().get(self.place(index))
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Slot> {
        let place = self.place(index);
        self.slots_mut().get_mut(place)
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter { slots: self.slots().iter(), gaps: self.gaps().len() }
    }

    /// The rules with their places.
    pub(crate) fn places(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots().iter().enumerate().filter(|(_, slot)| slot.is_rule())
    }

    /// The place of the rule whose entry begins at an offset, if the offsets ascend along the chain.
    pub(crate) fn ascending_place(&self, at: u32) -> Option<usize> {
        let slots = self.slots();
        slots.binary_search_by_key(&at, |slot| slot.at).ok().filter(|place| slots[*place].is_rule())
    }

    /// Whether the offsets of the entries ascend along the chain.
    pub(crate) fn ascends(&self) -> bool {
        self.slots().is_sorted_by_key(|slot| slot.at)
    }

    /// They are looked at a few steps later.
    #[inline]
    pub(crate) fn soon(&self) {
        self.slots().first().into_iter().for_each(memory::soon);
    }

    #[inline]
    pub(crate) fn push(&mut self, slot: Slot) {
        match self {
            Rules::List(list) if list.capacity() == 0 => *self = Rules::One(slot),
            Rules::List(list) => list.push(slot),
            Rules::One(first) => *self = Rules::List(vec![*first, slot]),
            Rules::Gapped(gapped) => gapped.list.push(slot),
        }
    }

    /// Adds a rule before the one at an index, or at the end.
    pub(crate) fn insert(&mut self, index: usize, slot: Slot) {
        if index >= self.len() {
            return self.push(slot);
        }
        let place = self.place(index);
        match self {
            Rules::One(last) => *self = Rules::List(vec![slot, *last]),
            Rules::List(list) => list.insert(place, slot),
            Rules::Gapped(gapped) => gapped.list.insert(place, slot),
        }
        for gap in self.gaps_mut() {
            *gap += u32::from(*gap as usize >= place);
        }
    }

    /// Whether there is room for one more.
    #[inline]
    fn has_room(&self) -> bool {
        match self {
            Rules::One(_) => false,
            Rules::List(list) => list.capacity() == 0 || memory::has_next_room(list),
            Rules::Gapped(gapped) => memory::has_next_room(&gapped.list),
        }
    }

    /// Makes room for one more, if there is memory for it.
    #[inline]
    pub(crate) fn make_room(&mut self) -> bool {
        self.has_room() || self.grow()
    }

    fn grow(&mut self) -> bool {
        match self {
            Rules::List(list) if list.len() < FEW_RULES => {
                memory::tried(|| list.try_reserve_exact(1)).is_ok()
            }
            Rules::List(list) => memory::make_next_room(list),
            Rules::Gapped(gapped) => memory::make_next_room(&mut gapped.list),
            Rules::One(slot) => {
                let mut list = Vec::new();
                let grown = memory::tried(|| list.try_reserve_exact(2)).is_ok();
                if grown {
                    list.push(*slot);
                    *self = Rules::List(list);
                }
                grown
            }
        }
    }

    /// Takes the rule at a place out.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Slot> {
        let slot = *self.slots().get(place)?;
        if self.slots().len() - place <= FEW {
            match self.list() {
                Some(list) => _ = list.remove(place),
                None => self.clear(),
            }
            for gap in self.gaps_mut() {
                *gap -= u32::from(*gap as usize > place);
            }
            return Some(slot);
        }
        if let Rules::List(list) = self {
            let list = std::mem::take(list);
            *self = Rules::Gapped(Box::new(Gapped { list, gaps: Vec::new() }));
        }
        let Rules::Gapped(gapped) = self else { return None };
        let Gapped { list, gaps } = &mut **gapped;
        list[place] = Slot { size: 0, jump: super::Jump::NONE, ends: false, unchecked: false, ..slot };
        let before = gaps.partition_point(|gap| (*gap as usize) < place);
        gaps.insert(before, place as u32);
        // Closing them looks at every slot, a gap more moves the others behind it: neither shall be much per gap.
        if gaps.len() >= 4 * list.len().isqrt() {
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
        match self {
            Rules::One(slot) if keep(slot) => {}
            Rules::One(_) => self.clear(),
            Rules::List(list) => list.retain(keep),
            Rules::Gapped(gapped) => {
                let mut list = std::mem::take(&mut gapped.list);
                list.retain(|slot| slot.is_rule() && keep(slot));
                *self = Rules::List(list);
            }
        }
    }

    pub(crate) fn close_gaps(&mut self) {
        if let Rules::Gapped(_) = self {
            self.retain(|_| true);
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Rules::List(list) => list.clear(),
            _ => *self = Rules::default(),
        }
    }
}

impl FromIterator<Slot> for Rules {
    fn from_iter<T: IntoIterator<Item = Slot>>(slots: T) -> Rules {
        Rules::List(slots.into_iter().collect())
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
        self.slots_mut().iter_mut()
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
