//! What makes one table another, found out.

use std::collections::VecDeque;

use super::among::{Places, among, fixed};
use super::common::{Common, compare_around};
use super::scope::Scope;
use super::sides::{Item, Sides};
use super::{ChainPlan, Fate, RuleChange, TablePlan, sort};
use crate::Result;
use crate::error::{BadEdit, Failure};
use crate::rule::Equivalence;
use crate::rule::grammar::args::show_rule;
use crate::sys::memory;
use crate::table::{ChainId, Table};
use crate::types::hash::{HashMap, HashSet};
use crate::types::order;

impl Table {
    /// The changes that make this table equal to the other one, and no more of them than necessary. Rules with another place
    /// count as moved, and chains with another name as renamed. Counters are ignored.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let before = kernel.open(Family::Ipv4, "filter")?;
    /// kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
    /// let diff = before.diff(&kernel.open(Family::Ipv4, "filter")?)?;
    /// assert_eq!(diff.changes().added, 1);
    /// assert_eq!(diff.to_string(), "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for tables of two families, or of two names.
    pub fn diff(&self, other: &Table) -> Result<TablePlan> {
        self.plan(other, &Scope::Tables)
    }

    /// As [`diff`](Table::diff), with another [`Equivalence`] of rules: equivalent rules stay as they are written.
    ///
    /// ```
    /// use libfw::{Equivalence, Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let (mut one, mut other) = (kernel.open(Family::Ipv4, "filter")?, kernel.open(Family::Ipv4, "filter")?);
    /// one.chain_mut("INPUT")?.append("-p tcp -m multiport --dports 80,443 -j ACCEPT")?;
    /// other.chain_mut("INPUT")?.append("-p tcp -m multiport --dports 443,80 -j ACCEPT")?;
    /// assert_eq!(one.diff(&other)?.changes().total(), 2);
    /// assert!(one.diff_by(&other, Equivalence::Meaning)?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`diff`](Table::diff).
    pub fn diff_by(&self, other: &Table, how: Equivalence) -> Result<TablePlan> {
        self.plan_with(other, &Scope::Tables, &[], how)
    }

    /// The changes that bring this table into the desired state, a [draft](Table::draft), within a scope.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let table = kernel.open(Family::Ipv4, "filter")?;
    /// let mut desired = table.draft(&Scope::Tables);
    /// desired.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// assert_eq!(table.plan(&desired, &Scope::Tables)?.changes().added, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a rule that is desired outside of the scope, and for
    /// a scope with an empty prefix, or with a mark that no comment can begin with.
    pub fn plan(&self, desired: &Table, scope: &Scope) -> Result<TablePlan> {
        self.plan_with(desired, scope, &[], Equivalence::Exact)
    }

    /// The same with positions for some of the rules.
    pub(crate) fn plan_with(
        &self,
        desired: &Table,
        scope: &Scope,
        places: &Places,
        how: Equivalence,
    ) -> Result<TablePlan> {
        let (here, desired) = (self.whole(), desired.whole());
        if self.family != desired.family {
            return Err(self.error(BadEdit::OtherFamily { rule: desired.family, table: self.family }));
        }
        if self.name != desired.name {
            return Err(self.error(BadEdit::OtherTable { other: desired.name.clone() }));
        }
        scope.verdict().map_err(|bad| self.error(bad))?;
        // What is noted of each rule of the two while they are compared.
        const NOTED: usize = 200;
        if !memory::has_room((self.len() + desired.len()) * NOTED) {
            return Err(self.error(Failure::OutOfMemory));
        }
        let mut sides = Sides::new(here, desired, how);
        if *scope == Scope::Tables {
            sides.find_renamed();
        }
        Planning { sides: &sides, scope, places }.table()
    }
}

struct Planning<'a> {
    sides: &'a Sides<'a>,
    scope: &'a Scope,
    places: &'a Places,
}

impl Planning<'_> {
    fn table(&self) -> Result<TablePlan> {
        let Sides { there, wanted, .. } = self.sides;
        let held = self.held();
        let paired: HashMap<ChainId, ChainId> =
            wanted_chains(wanted).filter_map(|id| Some((self.sides.pair(id)?, id))).collect();
        let gone: HashSet<ChainId> = there
            .sorted_order()
            .into_iter()
            .filter(|id| {
                let chain = &there.chains[*id as usize];
                chain.hook.is_none()
                    && !paired.contains_key(id)
                    && self.scope.has_chain(chain.name.as_bytes())
                    && !held.contains(id)
            })
            .collect();
        let asked = self.asked()?;
        let mut chains = Vec::new();
        for id in there.sorted_order() {
            let desired = paired.get(&id).copied();
            let plan = self.chain(Some(id), desired, gone.contains(&id), &|to| {
                gone.contains(&to) || asked.contains(&to)
            })?;
            chains.extend(plan);
        }
        for id in wanted_chains(wanted).filter(|id| self.sides.pair(*id).is_none()) {
            chains.extend(self.chain(None, Some(id), false, &|_| false)?);
        }
        let hook = |chain: &ChainPlan| {
            let known = there.find(chain.old_name()).and_then(|id| there.chains[id as usize].hook);
            known.map_or(u8::MAX, |hook| hook as u8)
        };
        let mut chains: Vec<_> = chains.into_iter().map(|chain| (hook(&chain), chain)).collect();
        order::sort_by(&mut chains, |(a, one), (b, other)| a.cmp(b).then_with(|| one.name.cmp(&other.name)));
        let chains = chains.into_iter().map(|(_, chain)| chain).collect();
        Ok(TablePlan { family: there.family, table: there.name.clone(), chains })
    }

    /// The chains that cannot go because of rules without a form in iptables, which are in them or go to them.
    fn held(&self) -> HashSet<ChainId> {
        let there = self.sides.there;
        let mut held = HashSet::default();
        if there.notes.is_empty() {
            return held;
        }
        for id in there.sorted_order() {
            for slot in &there.chains[id as usize].rules {
                if there.entry(*slot).foreign().is_some() {
                    held.insert(id);
                    held.extend(slot.jump.chain());
                }
            }
        }
        held
    }

    /// The chains of the scope to which rules of other chains are desired.
    fn asked(&self) -> Result<HashSet<ChainId>> {
        let Sides { wanted, .. } = self.sides;
        let mut asked = HashSet::default();
        if matches!(self.scope, Scope::Tables) {
            return Ok(asked);
        }
        for id in wanted_chains(wanted) {
            let chain = &wanted.chains[id as usize];
            let name = chain.name.as_bytes();
            if self.scope.has_chain(name) {
                continue;
            }
            for (index, slot) in chain.rules.iter().enumerate() {
                let to = slot.jump.chain().map(|to| &wanted.chains[to as usize].name);
                let bad = match self.scope {
                    Scope::Owner(mark) if !self.scope.has_mark(wanted.entry(*slot)) => {
                        BadEdit::NoMark { mark: String::from_utf8_lossy(mark).into_owned() }
                    }
                    Scope::Owner(_) => continue,
                    _ if to.is_some_and(|to| self.scope.has_chain(to.as_bytes())) => {
                        asked.extend(self.sides.goes_to(Item::Wanted(*slot)));
                        continue;
                    }
                    scope => BadEdit::OutsideScope { scope: scope.to_string() },
                };
                let error = wanted.error(bad).in_chain(chain.name_text()).at_rule(index);
                let error = match self.scope {
                    Scope::Owner(_) => error,
                    _ => error.at_token(chain.name_text()),
                };
                return Err(show_rule(error, wanted.view(wanted.entry(*slot))));
            }
        }
        Ok(asked)
    }

    /// The changes of a chain that is there, or is desired, or both. `stale` says to which chains a rule outside of the scope goes
    /// that is not desired any more.
    fn chain(
        &self,
        there: Option<ChainId>,
        desired: Option<ChainId>,
        gone: bool,
        stale: &dyn Fn(ChainId) -> bool,
    ) -> Result<Option<ChainPlan>> {
        let Sides { there: table, wanted, .. } = self.sides;
        let old = there.map(|id| &table.chains[id as usize]);
        let new = desired.map(|id| &wanted.chains[id as usize]);
        let Some(name) = new.or(old).map(|chain| &chain.name) else { return Ok(None) };
        let inside = self.scope.has_chain(name.as_bytes());
        let have: Vec<Item> =
            old.iter().flat_map(|chain| &chain.rules).map(|slot| Item::There(*slot)).collect();
        let want: Vec<Item> =
            new.iter().flat_map(|chain| &chain.rules).map(|slot| Item::Wanted(*slot)).collect();
        if old.is_none() && !inside && !matches!(self.scope, Scope::Owner(_)) {
            // Another's chain that has gone since.
            return if want.is_empty() { Ok(None) } else { Err(table.no_such_chain(name.as_bytes())) };
        }
        // What the scope is about, of that which is there.
        let is_ours = |item: &Item| match self.sides.entry(*item) {
            entry if !table.notes.is_empty() && entry.foreign().is_some() => false,
            _ if inside => true,
            entry if self.scope.has_mark(entry) => true,
            _ => !matches!(self.scope, Scope::Owner(_)) && self.sides.goes_to(*item).is_some_and(stale),
        };
        // There is no rule of others in a chain that is ours as a whole.
        let others: &[Item] = if inside && table.notes.is_empty() { &[] } else { &have };
        let target =
            match gone || others.is_empty() && self.places.iter().all(|(of, ..)| of != name.as_bytes()) {
                true => want,
                false => among(self.sides, self.places, name.as_bytes(), [others, &want], is_ours)?,
            };
        let fate = match (old, new) {
            (None, _) => Fate::Added,
            (Some(_), _) if gone => Fate::Removed,
            (Some(old), _) if old.name != *name => Fate::Renamed { from: old.name.as_bytes().to_vec() },
            _ => Fate::Stays,
        };
        let policy = old.zip(new).zip(desired).and_then(|((old, new), id)| {
            let set = old.hook.is_some() && inside && !wanted.unread.contains(&id);
            (set && old.policy != new.policy).then_some((old.policy, new.policy))
        });
        let (kept, rules) = self.rules(&have, &target);
        let plan = ChainPlan { name: name.as_bytes().to_vec(), fate, policy, kept, rules };
        Ok(Some(plan).filter(|plan| !plan.is_empty()))
    }

    /// How many rules stay, and what changes: the fewest, with what goes and comes again as moved. Rules of others are not moved.
    fn rules(&self, have: &[Item], want: &[Item]) -> (usize, Vec<RuleChange>) {
        let fixed = fixed(have, want);
        let fixed_at: HashMap<usize, usize> = fixed.iter().copied().collect();
        let fixed_to: HashSet<usize> = fixed.iter().map(|(_, to)| *to).collect();
        let same = |from: usize, to: usize| match fixed_at.get(&from) {
            Some(at) => *at == to,
            None => !fixed_to.contains(&to) && self.sides.same(have[from], want[to]),
        };
        let most = have.len().min(want.len());
        let before = (0..most).take_while(|at| same(*at, *at)).count();
        let from_end = |at: &usize| same(have.len() - 1 - at, want.len() - 1 - at);
        let behind = (0..most - before).take_while(from_end).count();
        let (rest_have, rest_want) = (&have[before..have.len() - behind], &want[before..want.len() - behind]);
        if rest_have.is_empty() && rest_want.is_empty() {
            return (have.len(), Vec::new());
        }
        let [a, b] = self.sides.numbers([rest_have, rest_want]);
        let inside = before..have.len() - behind;
        let fixed: Vec<(usize, usize)> = fixed
            .into_iter()
            .filter(|(from, _)| inside.contains(from))
            .map(|(from, to)| (from - before, to - before))
            .collect();
        let Common { stays, moves } = compare_around(&a, &b, &fixed);
        let kept = before + stays.len() + moves.len() + behind;
        let from: HashMap<usize, usize> = moves.iter().map(|(from, to)| (*to, *from)).collect();
        let used: HashSet<usize> = stays.iter().chain(&moves).map(|(from, _)| *from).collect();
        let stay: HashSet<usize> = stays.iter().map(|(_, to)| *to).collect();
        let mut rules = Vec::new();
        for (at, item) in rest_have.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
            let rule = self.sides.view(*item).to_rule();
            rules.push(RuleChange { rule, from: Some(before + at), to: None });
        }
        for (at, item) in rest_want.iter().enumerate().filter(|(at, _)| !stay.contains(at)) {
            let from = from.get(&at);
            let item = from.map_or(item, |from| &rest_have[*from]);
            let rule = self.sides.view(*item).to_rule();
            rules.push(RuleChange { rule, from: from.map(|from| before + from), to: Some(before + at) });
        }
        sort(&mut rules);
        (kept, rules)
    }
}

fn wanted_chains(wanted: &Table) -> impl Iterator<Item = ChainId> + '_ {
    (0..wanted.chains.len() as ChainId).filter(|id| !wanted.chains[*id as usize].deleted)
}

/// How many chains of either side are compared with each other to find those that have another name.
const RENAMED_MOST: usize = 1 << 16;

impl Sides<'_> {
    /// Pairs chains that are there alone with those that are desired alone, where most of their rules are the same.
    fn find_renamed(&mut self) {
        let there = self.there;
        let known: HashSet<ChainId> = self.chain_of.iter().copied().collect();
        let alone = |id: &ChainId| there.chains[*id as usize].hook.is_none() && !known.contains(id);
        let mut old: Vec<ChainId> = there.sorted_order().into_iter().filter(alone).collect();
        let mut new: Vec<ChainId> =
            wanted_chains(self.wanted).filter(|id| self.pair(*id).is_none()).collect();
        if old.is_empty() || new.is_empty() {
            return;
        }
        old.truncate(RENAMED_MOST);
        new.truncate(RENAMED_MOST);
        // A chain that has another name itself counts as any such chain.
        let any = there.chains.len() as ChainId;
        let jump = |item: Item, alone: &HashSet<ChainId>| {
            let id = self.goes_to(item)?;
            Some(if id >= any || alone.contains(&id) { any } else { id }.to_ne_bytes())
        };
        let set: HashSet<ChainId> = old.iter().copied().collect();
        let hashes = |items: Vec<Item>| -> Vec<u64> {
            items.into_iter().map(|item| self.hash_with(item, jump(item, &set))).collect()
        };
        let of_old: Vec<Vec<u64>> = old
            .iter()
            .map(|id| {
                hashes(there.chains[*id as usize].rules.iter().map(|slot| Item::There(*slot)).collect())
            })
            .collect();
        let of_new: Vec<Vec<u64>> = new
            .iter()
            .map(|id| {
                let rules = &self.wanted.chains[*id as usize].rules;
                hashes(rules.iter().map(|slot| Item::Wanted(*slot)).collect())
            })
            .collect();
        for (old_at, new_at) in pairs(&of_old, &of_new) {
            self.chain_of[new[new_at] as usize] = old[old_at];
        }
    }
}

/// Pairs lists that are equal, and then those of which at least half is common, those with most in common first.
fn pairs(old: &[Vec<u64>], new: &[Vec<u64>]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut whole: HashMap<&[u64], VecDeque<usize>> = HashMap::default();
    for (at, list) in old.iter().enumerate() {
        whole.entry(list).or_default().push_back(at);
    }
    let mut free: Vec<usize> = Vec::new();
    for (at, list) in new.iter().enumerate() {
        match whole.get_mut(list.as_slice()).and_then(VecDeque::pop_front) {
            Some(same) => found.push((same, at)),
            None => free.push(at),
        }
    }
    let mut taken: HashSet<usize> = found.iter().map(|(old, _)| *old).collect();
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::default();
    for (at, list) in old.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
        list.iter().for_each(|hash| holders.entry(*hash).or_default().push(at));
    }
    let mut votes: Vec<(usize, usize, usize)> = Vec::new();
    for at in free {
        let mut common: HashMap<usize, usize> = HashMap::default();
        let mut used: HashMap<(u64, usize), usize> = HashMap::default();
        // A rule that is in very many chains says nothing about which of them this is.
        for hash in &new[at] {
            let Some(known) = holders.get(hash).filter(|known| known.len() <= 256) else { continue };
            let seen: HashSet<usize> = known.iter().copied().collect();
            for holder in seen {
                let count = used.entry((*hash, holder)).or_default();
                if *count < known.iter().filter(|known| **known == holder).count() {
                    *count += 1;
                    *common.entry(holder).or_default() += 1;
                }
            }
        }
        votes.extend(common.into_iter().map(|(holder, count)| (count, holder, at)));
    }
    votes.retain(|(count, holder, at)| 2 * count >= old[*holder].len().max(new[*at].len()));
    order::sort_by_key(&mut votes, |(count, holder, at)| (usize::MAX - count, *at, *holder));
    let mut done = HashSet::default();
    for (_, holder, at) in votes {
        if !taken.contains(&holder) && done.insert(at) {
            taken.insert(holder);
            found.push((holder, at));
        }
    }
    found
}
