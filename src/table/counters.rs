//! The counters of a whole table as plain numbers, and what was counted between two readings of them.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::quality::RandomState;

use super::backend::{Snapshot, Want};
use super::{Name, Table};
use crate::Result;
use crate::rule::RuleRef;
use crate::types::hash::HashMap;
use crate::types::{Counters, Family};

/// The counters of a table at one moment: those of all rules in one array, chain by chain, and those of the policies.
///
/// It holds numbers and no rules: 4 MB for a table of 100,000 rules. Two snapshots tell [what was counted](Self::delta) in
/// between, whatever was edited in the meantime.
///
/// ```
/// # let kernel = libfw::MemoryKernel::new().kernel();
/// # use libfw::{Counters, Family};
/// # kernel.update(Family::Ipv4, "filter", |table| {
/// #     table.chain_mut("INPUT")?.extend(["-c 3 180 -p tcp -j ACCEPT", "-c 1 60 -j DROP"])
/// # })?;
/// let counters = kernel.counters(Family::Ipv4, "filter")?;
/// let input = counters.chain("INPUT").expect("it is built in");
/// assert_eq!(input.rules, [Counters::new(3, 180), Counters::new(1, 60)]);
/// assert_eq!(counters.rules().iter().copied().sum::<Counters>(), Counters::new(4, 240));
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CounterSnapshot {
    family: Family,
    table: String,
    chains: Vec<Place>,
    rules: Vec<Counters>,
    policies: Vec<Counters>,
    /// What makes each rule what it is, in a number; and the number that the backend knows it by, if it has any.
    keys: Vec<u128>,
    numbers: Vec<u64>,
}

/// A chain of a snapshot.
#[derive(Clone, Debug)]
struct Place {
    name: Name,
    builtin: bool,
    first: usize,
    count: usize,
}

/// The counters of one chain in a [`CounterSnapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainCounters<'a> {
    /// The name of the chain.
    pub name: &'a [u8],
    /// Where its rules begin among [those of all chains](CounterSnapshot::rules).
    pub first: usize,
    /// The counters of its rules.
    pub rules: &'a [Counters],
    /// Those of the policy of a built-in chain.
    pub policy: Option<Counters>,
}

/// What was counted between two [snapshots](CounterSnapshot) of a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CounterDelta {
    /// What was counted, with the chains and rules of the later snapshot.
    pub counted: CounterSnapshot,
    /// The rules that are not in the earlier snapshot, by their index among all rules of the later one. What they counted is all
    /// they have.
    pub added: Vec<usize>,
    /// The rules that are not in the later snapshot, by their index among all rules of the earlier one. What they counted after
    /// that is not known.
    pub removed: Vec<usize>,
    /// The rules whose counters were less than before, by their index in the later snapshot: they were set to zero in between, and
    /// what they counted is what they have now.
    pub restarted: Vec<usize>,
}

/// Where keys come from: at random, so that nobody can choose rules that are taken for each other.
static STATES: LazyLock<[RandomState; 2]> =
    LazyLock::new(|| [RandomState::default(), RandomState::default()]);

fn key(rule: RuleRef<'_>) -> u128 {
    let [high, low] = STATES.each_ref().map(|state| state.hash_one(rule));
    u128::from(high) << 64 | u128::from(low)
}

impl Table {
    /// The counters as they were read, or set since then.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Counters, Family};
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT")?;
    /// assert_eq!(table.counters().rules(), [Counters::new(3, 180)]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn counters(&self) -> CounterSnapshot {
        self.whole().counters_here()
    }

    fn counters_here(&self) -> CounterSnapshot {
        let known = self.store.backend.rule_numbers(self);
        let mut snapshot = CounterSnapshot {
            family: self.family,
            table: self.name.clone(),
            chains: Vec::new(),
            rules: Vec::with_capacity(self.len()),
            policies: Vec::new(),
            keys: Vec::with_capacity(self.len()),
            numbers: Vec::new(),
        };
        for id in self.sorted_order() {
            let chain = &self.chains[id as usize];
            let first = snapshot.rules.len();
            for slot in &chain.rules {
                let rule = self.rule(*slot);
                snapshot.rules.push(rule.counters());
                snapshot.keys.push(key(rule));
                let number = slot.origin.index().and_then(|index| known.get(index as usize));
                snapshot.numbers.push(number.copied().unwrap_or(0));
            }
            let count = snapshot.rules.len() - first;
            let builtin = chain.hook.is_some();
            snapshot.chains.push(Place { name: chain.name.clone(), builtin, first, count });
            snapshot.policies.push(if builtin { self.chains.counters(id) } else { Counters::ZERO });
        }
        snapshot
    }

    /// The index in its chain of the rule that the backend knows by a number.
    pub(crate) fn index_of_number(&self, chain: &[u8], number: u64) -> Option<usize> {
        let known = self.store.backend.rule_numbers(self);
        let chain = &self.chains[self.find(chain)? as usize];
        chain
            .rules
            .iter()
            .position(|slot| slot.origin.index().and_then(|index| known.get(index as usize)) == Some(&number))
    }

    /// Reads the table and sets its counters to zero. What is read is what is taken off, so that nothing is lost in between.
    pub(crate) fn take_counters(&mut self) -> Result<CounterSnapshot> {
        self.complete();
        let backend = self.store.backend.clone();
        if backend.take_counters(&mut Snapshot { table: self })? {
            return Ok(self.counters());
        }
        self.fetch(Want::All)?;
        let counters = self.counters();
        if self.exists {
            self.zero();
            if let Some(lost) = self.commit()?.counters_lost {
                return Err(lost);
            }
        }
        Ok(counters)
    }
}

impl CounterSnapshot {
    /// The family of the table.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// assert_eq!(counters.family(), Family::Ipv4);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// The name of the table.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// assert_eq!(counters.table(), "filter");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The chains: built-in ones in the order of their hooks, then the others by name.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// let names: Vec<_> = counters.chains().map(|chain| String::from_utf8_lossy(chain.name)).collect();
    /// assert_eq!(names, ["INPUT", "FORWARD", "OUTPUT"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn chains(&self) -> impl ExactSizeIterator<Item = ChainCounters<'_>> {
        self.chains.iter().zip(&self.policies).map(|(place, policy)| ChainCounters {
            name: place.name.as_bytes(),
            first: place.first,
            rules: self.rules.get(place.first..place.first + place.count).unwrap_or_default(),
            policy: place.builtin.then_some(*policy),
        })
    }

    /// The chain of that name.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Counters, Family};
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// assert_eq!(counters.chain("INPUT").unwrap().rules, [Counters::new(3, 180)]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn chain(&self, name: impl AsRef<[u8]>) -> Option<ChainCounters<'_>> {
        let name = name.as_ref();
        self.chains().find(|chain| chain.name == name)
    }

    /// The counters of all rules, chain by chain in the order of the [chains](Self::chains).
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Counters, Family};
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// assert_eq!(counters.rules(), [Counters::new(3, 180)]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rules(&self) -> &[Counters] {
        &self.rules
    }

    /// The counters of the policies, one for each of the [chains](Self::chains); zero for one that a user made.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Counters, Family};
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// let counters = kernel.counters(Family::Ipv4, "filter")?;
    /// assert_eq!(counters.policies(), [Counters::ZERO; 3]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policies(&self) -> &[Counters] {
        &self.policies
    }

    /// What was counted from this snapshot to a later one, rule by rule. Rules may have been added, deleted and moved within
    /// their chain in between: a rule is recognized by its handle in nf_tables, and by what it does elsewhere. Of several equal
    /// rules in a chain, the first is taken for the first of those that are left.
    ///
    /// A renamed chain counts as another chain, and rules that go to it as other rules.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # use libfw::{Counters, Family};
    /// # kernel.update(Family::Ipv4, "filter", |table| {
    /// #     table.chain_mut("INPUT")?.append("-c 3 180 -p tcp -j ACCEPT")
    /// # })?;
    /// let earlier = kernel.counters(Family::Ipv4, "filter")?;
    /// kernel.update(Family::Ipv4, "filter", |table| {
    ///     let mut input = table.chain_mut("INPUT")?;
    ///     input.insert(0, "-p udp -j DROP")?;
    ///     input.set_counters(1, Counters::new(5, 300)) // As packets do.
    /// })?;
    /// let delta = earlier.delta(&kernel.counters(Family::Ipv4, "filter")?);
    /// assert_eq!(delta.counted.rules(), [Counters::ZERO, Counters::new(2, 120)]);
    /// assert_eq!((&*delta.added, &*delta.removed), (&[0][..], &[][..]));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn delta(&self, later: &CounterSnapshot) -> CounterDelta {
        let mut delta = CounterDelta {
            counted: later.clone(),
            added: Vec::new(),
            removed: Vec::new(),
            restarted: Vec::new(),
        };
        let same = (self.family, &self.table) == (later.family, &later.table);
        let mut places: HashMap<&[u8], usize> = HashMap::default();
        if same {
            places
                .extend(self.chains.iter().enumerate().map(|(index, place)| (place.name.as_bytes(), index)));
        }
        let mut known = vec![false; self.rules.len()];
        for (index, place) in later.chains.iter().enumerate() {
            let earlier = places.get(place.name.as_bytes()).copied();
            if let Some(earlier) = earlier.filter(|earlier| self.chains[*earlier].builtin && place.builtin) {
                let policy = &mut delta.counted.policies[index];
                *policy = counted(self.policies[earlier], *policy).0;
            }
            let range = earlier.map_or(0..0, |earlier| {
                let Place { first, count, .. } = self.chains[earlier];
                first..first + count
            });
            let mut matching = Matching::new(self, range);
            for rule in place.first..place.first + place.count {
                let Some(before) = matching.find(later.keys[rule], later.numbers[rule]) else {
                    delta.added.push(rule);
                    continue;
                };
                known[before] = true;
                let place = &mut delta.counted.rules[rule];
                let (counters, restarted) = counted(self.rules[before], *place);
                *place = counters;
                if restarted {
                    delta.restarted.push(rule);
                }
            }
        }
        delta.removed =
            known.iter().enumerate().filter(|(_, known)| !**known).map(|(rule, _)| rule).collect();
        delta
    }
}

/// What was counted since a reading, and whether it began at zero again. Counters only grow otherwise.
fn counted(before: Counters, now: Counters) -> (Counters, bool) {
    let restarted = now.packets < before.packets || now.bytes < before.bytes;
    (if restarted { now } else { now.since(before) }, restarted)
}

/// Rules by number, and by key in their order.
type Rest = (HashMap<u64, usize>, HashMap<u128, VecDeque<usize>>);

/// The rules of a chain of the earlier snapshot that have not been found in the later one.
struct Matching<'a> {
    snapshot: &'a CounterSnapshot,
    /// The next rule, as long as all before it were found in their order: nearly always nothing has changed.
    next: usize,
    end: usize,
    /// The others by number and by key, once that is needed.
    rest: Option<Rest>,
    found: Vec<bool>,
    first: usize,
}

impl<'a> Matching<'a> {
    fn new(snapshot: &'a CounterSnapshot, rules: std::ops::Range<usize>) -> Matching<'a> {
        let found = vec![false; rules.len()];
        Matching { snapshot, next: rules.start, end: rules.end, rest: None, found, first: rules.start }
    }

    fn find(&mut self, key: u128, number: u64) -> Option<usize> {
        let CounterSnapshot { keys, numbers, .. } = self.snapshot;
        if self.rest.is_none() {
            let next = self.next;
            if next < self.end && keys[next] == key && (numbers[next] == number || number == 0) {
                self.next += 1;
                return Some(next);
            }
            let (mut by_number, mut by_key) =
                (HashMap::default(), HashMap::<u128, VecDeque<usize>>::default());
            for rule in next..self.end {
                if numbers[rule] != 0 {
                    by_number.insert(numbers[rule], rule);
                }
                by_key.entry(keys[rule]).or_default().push_back(rule);
            }
            self.rest = Some((by_number, by_key));
        }
        let (by_number, by_key) = self.rest.as_mut()?;
        let mut found = by_number.get(&number).copied().filter(|rule| keys[*rule] == key);
        if found.is_none() {
            let others = by_key.get_mut(&key)?;
            while let Some(rule) = others.pop_front() {
                if !self.found[rule - self.first] {
                    found = Some(rule);
                    break;
                }
            }
        }
        let rule = found?;
        self.found[rule - self.first] = true;
        Some(rule)
    }
}
