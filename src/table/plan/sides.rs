//! Rules of two tables, compared with each other.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use crate::blob::Entry;
use crate::rule::{Equivalence, Rule, RuleRef, has_names, same, write_key};
use crate::table::{ChainId, Slot, Table};
use crate::types::hash::{HashMap, RandomState};

/// A rule of one of two tables.
#[derive(Clone, Copy)]
pub(super) enum Item {
    /// Of the table that is there.
    There(Slot),
    /// Of what it is to be.
    Wanted(Slot),
}

/// A table and what it is to be. Rules that go to a chain are the same if it is the same chain, whatever its name.
pub(super) struct Sides<'a> {
    pub(super) there: &'a Table,
    pub(super) wanted: &'a Table,
    /// By id of a wanted chain: the chain that is there, or a number behind those.
    pub(super) chain_of: Vec<ChainId>,
    /// Whether the two have numbers of different kernels for the names of ipsets.
    by_name: bool,
    how: Equivalence,
    state: RandomState,
}

impl<'a> Sides<'a> {
    pub(super) fn new(there: &'a Table, wanted: &'a Table, how: Equivalence) -> Sides<'a> {
        let count = there.chains.len() as ChainId;
        let chain_of = (0..).zip(wanted.chains.iter()).map(|(id, chain)| {
            let known = if chain.deleted { None } else { there.find(chain.name.as_bytes()) };
            known.unwrap_or(count + id)
        });
        Sides {
            there,
            wanted,
            chain_of: chain_of.collect(),
            by_name: !Arc::ptr_eq(&there.store.system, &wanted.store.system),
            how,
            state: RandomState::default(),
        }
    }

    /// The chain that is there for a wanted one.
    pub(super) fn pair(&self, wanted: ChainId) -> Option<ChainId> {
        let id = *self.chain_of.get(wanted as usize)?;
        ((id as usize) < self.there.chains.len()).then_some(id)
    }

    pub(super) fn view(&self, item: Item) -> RuleRef<'a> {
        match item {
            Item::There(slot) => self.there.view(self.there.entry(slot)),
            Item::Wanted(slot) => self.wanted.view(self.wanted.entry(slot)),
        }
    }

    /// Whether an item is the rule.
    pub(super) fn is(&self, item: Item, rule: RuleRef<'_>) -> bool {
        self.view(item).is_same(rule, self.how)
    }

    pub(super) fn entry(&self, item: Item) -> Entry<'a> {
        match item {
            Item::There(slot) => self.there.entry(slot),
            Item::Wanted(slot) => self.wanted.entry(slot),
        }
    }

    fn jump(&self, item: Item) -> Option<[u8; 4]> {
        let id = match item {
            Item::There(slot) => slot.jump.chain()?,
            Item::Wanted(slot) => *self.chain_of.get(slot.jump.chain()? as usize)?,
        };
        Some(id.to_ne_bytes())
    }

    /// The rule with its names, where its numbers say nothing.
    fn named(&self, item: Item) -> Option<Rule> {
        (self.by_name && has_names(self.entry(item))).then(|| self.view(item).to_rule())
    }

    #[inline]
    pub(super) fn same(&self, a: Item, b: Item) -> bool {
        let (jump_a, jump_b) = (self.jump(a), self.jump(b));
        let [jump_a, jump_b] = [&jump_a, &jump_b].map(|jump| jump.as_ref().map(<[u8; 4]>::as_slice));
        let exact = match (self.named(a), self.named(b)) {
            (None, None) => same(self.entry(a), jump_a, self.entry(b), jump_b),
            (Some(a), Some(b)) => a.has_names_of(&b) && same(a.entry(), jump_a, b.entry(), jump_b),
            _ => false,
        };
        exact
            || self.how == Equivalence::Meaning
                && self.view(a).meaning(jump_a) == self.view(b).meaning(jump_b)
    }

    /// The hash of what [`same`](Sides::same) compares; jumps are given by a function.
    pub(super) fn hash_with(&self, item: Item, jump: Option<[u8; 4]>) -> u64 {
        let mut state = self.state.build_hasher();
        let jump = jump.as_ref().map(<[u8; 4]>::as_slice);
        match self.named(item) {
            _ if self.how == Equivalence::Meaning => state.write(&self.view(item).meaning(jump)),
            None => write_key(self.entry(item), jump, &mut state),
            Some(rule) => write_key(rule.entry(), jump, &mut state),
        }
        state.finish()
    }

    pub(super) fn hash(&self, item: Item) -> u64 {
        self.hash_with(item, self.jump(item))
    }

    /// The chain that a rule goes to, by the number that is the same on both sides.
    pub(super) fn goes_to(&self, item: Item) -> Option<ChainId> {
        self.jump(item).map(ChainId::from_ne_bytes)
    }

    /// A number for each rule, the same for rules that are the same.
    pub(super) fn numbers(&self, items: [&[Item]; 2]) -> [Vec<u32>; 2] {
        let mut known: HashMap<u64, (Item, u32)> = HashMap::default();
        items.map(|items| {
            let number = |item: &Item| {
                let mut hash = self.hash(*item);
                loop {
                    let next = known.len() as u32;
                    let (other, number) = *known.entry(hash).or_insert((*item, next));
                    if number == next || self.same(other, *item) {
                        return number;
                    }
                    hash = hash.wrapping_add(1);
                }
            };
            items.iter().map(number).collect()
        })
    }
}
