//! Tables: read from the kernel, edited in memory, committed in one replace.

// First what most programs use, since rustdoc shows the methods of a type in this order.
mod short;

mod look;

mod edit;

mod chain;
mod chain_mut;
mod chain_read;
mod chains;

mod ensure;
mod sync;

pub(crate) mod backend;
mod chain_counts;
mod commit;
mod counters;
mod into_rule;
pub(crate) mod json;
mod lock;
mod lookup;
mod name;
mod names;
mod note;
mod objects;
mod odd;
mod part;
mod plan;
mod rules;
mod savepoint;
mod shared;
mod slot;
mod staged;
mod store;
mod trial;
mod validate;

use std::fmt;
use std::sync::OnceLock;

pub use chain::{Chain, RuleIter};
pub use chain_mut::ChainMut;
pub(crate) use chains::Chains;
pub use commit::Report;
pub use counters::{ChainCounters, CounterDelta, CounterSnapshot};
pub use into_rule::{IntoRule, Word};
pub(crate) use names::Ranks;
pub use note::Note;
use part::Part;
pub use plan::{ChainPlan, Changes, Fate, Plan, Position, RuleChange, Scope, TablePlan};
pub(crate) use plan::{Kept, Reversal};
pub(crate) use rules::Rules;
pub(crate) use shared::Before;
pub(crate) use slot::{Jump, Origin, Slot};
use staged::Staged;
pub(crate) use store::{Loader, Store};
pub use sync::Synced;
pub(crate) use validate::{JUMPS, MOST_ERRORS};

use crate::blob::{Entry, EntryVerdict, Frame, put_at, verdict_at};
use crate::ext::System;
use crate::rule::RuleRef;
use crate::sys::memory;
use crate::sys::xt::ipt_replace;
pub(crate) use crate::types::CHAIN_NAME_MAX;
use crate::types::{Counters, Family, Hook, HookMask, Policy};
use crate::{Error, ErrorKind, Result};
use backend::{Compare, Snapshot, Version, Want};
pub(crate) use lock::Claim;
use lookup::Lookups;
pub(crate) use name::Name;
use names::NameIndex;

/// The room before the entries in a table's bytes, where a backend can put the header of a request: the size of
/// `struct ipt_replace` and `struct ip6t_replace`.
pub const HEADROOM: usize = size_of::<ipt_replace>();

/// Index of a chain in its table; stays the same while the table is in memory.
pub(crate) type ChainId = u32;

/// A table: its chains and rules as they were read, plus the edits since then.
///
/// Edits change only this value. [`commit`](Table::commit) writes all of them in one step, which the kernel accepts or refuses as
/// a whole; dropping the table without a commit changes nothing.
///
/// ```no_run
/// use libfw::{Family, Rule, Table};
///
/// let (_, report) = Table::update(Family::Ipv4, "filter", |table| {
///     table.new_chain("web")?;
///     table.chain_mut("web")?.append("-p tcp --dport 443 -j ACCEPT")?;
///     table.chain_mut("INPUT")?.insert(0, Rule::builder().jump("web"))?;
///     Ok(())
/// })?;
/// assert!(report.changed);
/// # Ok::<(), libfw::Error>(())
/// ```
pub struct Table {
    store: Store,
    /// What the rules are read and written for.
    system: System,
    family: Family,
    name: String,
    pub(crate) hooks: HookMask,
    /// What the backend remembers of what it read.
    pub(crate) version: Version,
    /// What else there was when it was read.
    pub(crate) notes: Vec<Note>,
    /// Room for a header, the kernel's entries, then the entries of new rules. Their jumps are indices of chains.
    pub(crate) bytes: Vec<u8>,
    /// Where the entries of new rules begin.
    pub(crate) old_end: usize,
    /// By id. A deleted chain leaves its place.
    pub(crate) chains: Chains,
    /// The chains in the kernel's order: built-in ones by hook, then the others by name.
    pub(crate) order: Vec<ChainId>,
    /// How many chains of `order` are deleted. They are taken out together.
    pub(crate) gone: usize,
    /// Whether chains were added at the end of `order`.
    pub(crate) unsorted: bool,
    index: OnceLock<NameIndex>,
    /// The built-in chains whose policy was not read.
    pub(crate) unread: Vec<ChainId>,
    pub(crate) dirty: bool,
    /// Whether it is there, or only what will be there when it is written.
    pub(crate) exists: bool,
    /// Whether counters were set that are not zero.
    pub(crate) counts: bool,
    /// There if the table was opened under the lock.
    pub(crate) claim: Option<Claim>,
    lookups: Lookups,
    /// A buffer that was the table's, kept for the next commit.
    pub(crate) spare: Vec<u8>,
    /// Where the rules come from that are made next: a number that [`source_of`](Table::source_of) tells of them, 0 for none.
    pub(crate) source: u32,
    /// New rules that are not in the table's bytes yet.
    staged: Option<Staged>,
    /// Whether what stands around the rules of users' chains is among the bytes, as it is written.
    pub(crate) framed: bool,
    /// Whether nobody looks at it when it is written: it is forgotten then.
    pub(crate) is_last: bool,
    /// What was asked for, if that is all that was read. What comes to be needed is read then.
    part: Option<Part>,
    /// There if nobody knows that it was not read whole: the same with all that was not read, as soon as that is asked for.
    rest: Option<OnceLock<Box<Table>>>,
    /// Why the rest could not be read. It is found out by methods that cannot fail, so a commit tells of it.
    unreadable: Option<Error>,
}

/// A chain.
pub(crate) struct ChainData {
    pub(crate) name: Name,
    pub(crate) hook: Option<Hook>,
    pub(crate) policy: Policy,
    /// The counters of the policy.
    pub(crate) tail: Origin,
    pub(crate) rules: Rules,
    /// The sum of the sizes of the rules.
    pub(crate) size: u32,
    /// How many rules go to this chain.
    pub(crate) references: u32,
    pub(crate) deleted: bool,
    /// Of a built-in chain that does nothing: that nf_tables has not got it, or need not keep it.
    pub(crate) idle: bool,
}

const _: () = assert!(size_of::<ChainData>() == 72);

impl ChainData {
    /// Whether a kernel that need not have every built-in chain must have this one: for its rules, or for a policy that was set.
    pub(crate) fn does_something(&self) -> bool {
        !self.rules.is_empty() || self.policy != Policy::Accept || self.tail == Origin::SET
    }

    /// Appends the entry that ends the chain: its policy, or the return to the caller.
    pub(crate) fn push_tail(&self, frame: &Frame, counters: Counters, out: &mut Vec<u8>) {
        let verdict = match (self.hook, self.policy) {
            (None, _) => EntryVerdict::Return,
            (Some(_), Policy::Accept) => EntryVerdict::Accept,
            (Some(_), Policy::Drop) => EntryVerdict::Drop,
        };
        frame.push_tail(out, verdict, counters);
    }

    fn copy(&self) -> ChainData {
        ChainData { name: self.name.clone(), rules: self.rules.iter().copied().collect(), ..*self }
    }
}

impl Table {
    /// Whether nf_tables holds it.
    pub(crate) fn is_nft(&self) -> bool {
        self.store.backend.detection().is_ok_and(|found| found.backend.is_nft())
    }

    fn new(store: Store, family: Family, name: &str, claim: Option<Claim>) -> Table {
        Table {
            system: store.system.for_table(),
            store,
            family,
            name: name.into(),
            hooks: HookMask::NONE,
            version: Version::default(),
            notes: Vec::new(),
            bytes: Vec::new(),
            old_end: 0,
            chains: Chains::default(),
            order: Vec::new(),
            gone: 0,
            unsorted: false,
            index: OnceLock::new(),
            dirty: false,
            exists: true,
            counts: false,
            claim,
            lookups: Lookups::default(),
            spare: Vec::new(),
            source: 0,
            unread: Vec::new(),
            staged: None,
            framed: false,
            is_last: false,
            part: None,
            rest: None,
            unreadable: None,
        }
    }

    /// A table of which nothing is known yet.
    pub(crate) fn unread(store: Store, family: Family, name: &str, claim: Claim) -> Table {
        Table::new(store, family, name, Some(claim))
    }

    /// Reads what is wanted of a table.
    pub(crate) fn read(
        store: Store,
        family: Family,
        name: &str,
        want: Want<'_>,
        claim: Option<Claim>,
    ) -> Result<Table> {
        let mut table = Table::new(store, family, name, claim);
        table.fetch(want)?;
        Ok(table)
    }

    /// The table under the lock as [`clear`](Table::clear) leaves it; what is thrown away need not be read.
    pub(crate) fn cleared(store: Store, family: Family, name: &str, claim: Claim) -> Result<Table> {
        let mut table = Table::read(store, family, name, Want::BuiltIn, Some(claim))?;
        table.clear();
        table.dirty = true;
        Ok(table)
    }

    /// Reads the table again and forgets every edit.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-p tcp")?;
    /// table.refresh()?;
    /// assert!(table.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`](crate::Kernel::open). The table is what it was then, edits included.
    pub fn refresh(&mut self) -> Result<()> {
        self.fetch_again()?;
        // In a fork of the process that took the lock this is a table without it.
        self.claim.take_if(|claim| claim.is_inherited());
        Ok(())
    }

    fn fetch(&mut self, want: Want<'_>) -> Result<()> {
        let backend = self.store.backend.clone();
        let read = backend.read(&mut Snapshot { table: self }, want);
        match (read, self.store.loader.clone()) {
            (Err(error), Some(loader)) if error.kind() == ErrorKind::BackendAbsent => {
                match backend.missing_module(self.family) {
                    Ok(Some(name)) if loader.load(name) => backend.read(&mut Snapshot { table: self }, want),
                    _ => Err(error),
                }
            }
            (read, _) => read,
        }
    }

    /// Reads the policies that were left for later and have not been set since.
    pub(crate) fn read_policies(&mut self) -> Result<()> {
        if self.unread.is_empty() { Ok(()) } else { self.fetch(Want::Policies) }
    }

    /// Gives up the lock that it was opened under.
    pub(crate) fn unlock(&mut self) {
        self.claim = None;
    }

    /// Whether to open it is to bring it into being.
    pub(crate) fn registers(&self) -> bool {
        self.store.registers
    }

    /// Whether a table of that size is compared with the backend's before it is written.
    pub(crate) fn is_compared(&self, size: usize) -> bool {
        match self.store.compare {
            Compare::Always => true,
            Compare::UpTo(most) => size <= most || self.claim.is_none(),
            Compare::Never => false,
        }
    }

    /// Forgets chains and rules, as before they are read.
    pub(crate) fn forget(&mut self) {
        self.chains.clear();
        self.chains_were_read();
    }

    /// The chains are those that the backend has now, in its order.
    pub(crate) fn chains_were_read(&mut self) {
        self.old_end = self.bytes.len();
        self.order = (0..self.chains.len() as ChainId).collect();
        let users = self.chains.iter().filter(|chain| chain.hook.is_none());
        self.unsorted = !users.map(|chain| chain.name.as_bytes()).is_sorted();
        self.gone = 0;
        self.bytes_moved();
        self.forget_sets();
        self.index = OnceLock::new();
        self.unread.clear();
        self.dirty = false;
        self.counts = false;
    }

    /// The rules have other places in the bytes.
    pub(crate) fn bytes_moved(&mut self) {
        self.lookups.clear();
    }

    /// The rules are what the kernel has now.
    pub(super) fn forget_sets(&mut self) {
        self.system = self.store.system.for_table();
    }

    /// The ids of chains are others now.
    pub(crate) fn forget_index(&mut self) {
        self.index = OnceLock::new();
    }

    /// Adds a chain; its name must be new.
    pub(crate) fn add_chain(&mut self, chain: ChainData) -> ChainId {
        self.add_chain_at(None, chain)
    }

    /// The same where it may be known at which place of the index.
    fn add_chain_at(&mut self, at: Option<usize>, chain: ChainData) -> ChainId {
        let id = self.chains.len() as ChainId;
        self.chains.push(chain);
        self.order.push(id);
        self.unsorted = true;
        if let Some(index) = self.index.get_mut() {
            index.insert(at, id, &self.chains);
        }
        id
    }

    /// Where the entry of the next rule that is added will be in the bytes.
    pub(crate) fn place_of_new(&self) -> usize {
        self.bytes.len().max(HEADROOM)
    }

    /// Where a rule comes from that was made since the table was read.
    pub(crate) fn source_of(&self, chain: &str, rule: usize) -> Option<usize> {
        let chain = &self.chains[self.find(chain.as_bytes())? as usize];
        chain.rules.get(rule)?.origin.source().map(|source| source as usize)
    }

    /// The number of rules that were read, or made.
    pub(crate) fn rules_here(&self) -> usize {
        self.chains.iter().map(|chain| chain.rules.len()).sum()
    }

    pub(crate) fn error(&self, mistake: impl Into<Error>) -> Error {
        mistake.into().in_family(self.family).in_table(&self.name)
    }

    pub(crate) fn view_of(&self, id: ChainId) -> Chain<'_> {
        Chain { table: self, id }
    }

    pub(crate) fn chain_by_id(&mut self, id: ChainId) -> ChainMut<'_> {
        ChainMut { table: self, id }
    }

    /// The entry of a rule.
    pub(crate) fn entry(&self, slot: Slot) -> Entry<'_> {
        entry_at(self.family, &self.bytes, slot.at as usize, slot.size)
    }

    /// The entry of a rule is looked at a few steps later.
    fn soon(&self, slot: &Slot) {
        // What the processor fetches in one go.
        const LINE: usize = 64;
        let entry = self.entry(*slot).bytes;
        entry.iter().step_by(LINE).for_each(memory::soon);
    }

    fn rule(&self, slot: Slot) -> RuleRef<'_> {
        self.view(self.entry(slot))
    }

    /// A view of an entry whose jump is an index of this table.
    pub(crate) fn view<'a>(&'a self, entry: Entry<'a>) -> RuleRef<'a> {
        let jump = match entry.verdict() {
            Some(EntryVerdict::Jump(id)) => self.chains.get(id as usize).map(|chain| chain.name.as_bytes()),
            _ => None,
        };
        RuleRef::new(entry, jump, &self.system)
    }
}

pub(crate) fn entry_at(family: Family, bytes: &[u8], at: usize, size: u16) -> Entry<'_> {
    Entry::new(family, bytes.get(at..at + usize::from(size)).unwrap_or_default())
}

/// Writes a verdict, or an offset, into an entry.
pub(crate) fn put_verdict(family: Family, bytes: &mut [u8], at: usize, size: u16, raw: i32) {
    let place = at + verdict_at(entry_at(family, bytes, at, size));
    put_at(bytes, place, &raw.to_ne_bytes());
}

pub(crate) fn new_chain(name: Name, hook: Option<Hook>) -> ChainData {
    ChainData {
        name,
        hook,
        policy: Policy::Accept,
        tail: Origin::SET,
        rules: Rules::default(),
        size: 0,
        references: 0,
        deleted: false,
        idle: false,
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("family", &self.family)
            .field("name", &self.name)
            .field("chains", &(self.order.len() - self.gone))
            .field("rules", &self.rules_here())
            .field("changed", &self.dirty)
            .finish_non_exhaustive()
    }
}
