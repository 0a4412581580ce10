//! Tables: read from the kernel, edited in memory, committed in one replace.

mod assemble;
mod backend;
mod chain;
mod commit;
mod edit;
mod host;
mod load;
mod lookup;
mod names;
mod rules;
mod validate;

use std::fmt;
use std::sync::OnceLock;

pub(crate) use assemble::{push_error, push_plain};
pub use backend::{Backend, HEADROOM, Info};
pub use chain::{Chain, ChainMut};
pub use commit::Report;
pub use edit::IntoRule;

use crate::blob::{Entry, Verdict};
use crate::kernel::{Kernel, Lock};
use crate::rule::RuleRef;
use crate::types::{Counters, Family, Hook, HookMask, Policy, Str};
use crate::{Error, ErrorKind, Result};
use host::SetNames;
use lookup::Lookups;
use names::NameIndex;
use rules::Rules;

/// The longest name of a chain, in bytes: one less than the kernel allows, as in iptables.
pub(crate) const CHAIN_NAME_MAX: usize = 28;

/// A name of a chain as the kernel keeps it.
type Name = Str<30>;

/// Index of a chain in its table; stays the same while the table is in memory.
pub(crate) type ChainId = u32;

/// A table of a family: its chains and rules as they were read, plus the edits since then.
///
/// Edits change only this value. [`commit`](Table::commit) writes all of them in one replace, which the kernel accepts or
/// refuses as a whole; a table that is dropped without a commit changes nothing.
///
/// ```no_run
/// use libfw::{Family, Rule, Table};
///
/// let report = Table::update(Family::Ipv4, "filter", |table| {
///     table.new_chain("web")?;
///     table.chain_mut("web")?.append("-p tcp --dport 443 -j ACCEPT")?;
///     table.chain_mut("INPUT")?.insert(0, Rule::builder().jump("web"))?;
///     Ok(())
/// })?;
/// assert!(report.changed);
/// # Ok::<(), libfw::Error>(())
/// ```
pub struct Table {
    kernel: Kernel,
    family: Family,
    name: String,
    info: Info,
    /// Room for a header, the kernel's entries, then the entries of new rules. Their jumps are indices of chains.
    bytes: Vec<u8>,
    /// Where the entries of new rules begin.
    old_end: usize,
    /// By id. A deleted chain leaves its place.
    chains: Vec<ChainData>,
    /// The chains in the kernel's order: built-in ones by hook, then the others by name.
    order: Vec<ChainId>,
    /// How many chains of `order` are deleted. They are taken out together.
    gone: usize,
    /// Whether chains were added at the end of `order`.
    unsorted: bool,
    index: OnceLock<NameIndex>,
    /// The built-in chains whose policy was not read.
    unread: Vec<ChainId>,
    dirty: bool,
    /// Whether counters were set that are not zero.
    counts: bool,
    lock: Option<Lock>,
    set_names: SetNames,
    lookups: Lookups,
    /// A buffer that was the table's, kept for the next commit.
    spare: Vec<u8>,
}

/// A chain.
struct ChainData {
    name: Name,
    hook: Option<Hook>,
    policy: Policy,
    /// The counters of the policy.
    tail: Origin,
    counters: Counters,
    rules: Rules,
    /// The sum of the sizes of the rules.
    size: usize,
    /// The offset of its first rule in the blob that is being written.
    start: u32,
    /// How many rules go to this chain.
    references: u32,
    deleted: bool,
}

/// A rule of a chain.
#[derive(Clone, Copy)]
struct Slot {
    /// Where its entry begins in the table's bytes.
    at: u32,
    origin: Origin,
    jump: Jump,
    /// The size of the entry.
    size: u16,
    /// Whether no packet gets behind the rule: it matches every one and decides.
    ends: bool,
    /// Whether the rule is new and the kernel's opinion of it depends on more than table and protocol.
    unchecked: bool,
}

/// Where a rule goes, if that is an offset in the kernel; so that nobody has to look into the rule's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Jump(u32);

impl Jump {
    const NONE: Jump = Jump(u32::MAX);
    /// On to the next rule.
    const NEXT: Jump = Jump(u32::MAX - 1);

    fn chain(self) -> Option<ChainId> {
        (self != Jump::NONE && self != Jump::NEXT).then_some(self.0)
    }
}

impl Slot {
    fn new(entry: Entry<'_>, at: u32, origin: Origin) -> Slot {
        let verdict = entry.verdict();
        let (jump, decides) = match verdict {
            Some(Verdict::Jump(id)) => (Jump(id), false),
            Some(Verdict::Fallthrough) => (Jump::NEXT, false),
            verdict => (Jump::NONE, verdict.is_some()),
        };
        let matches_all = || {
            entry.target_offset() == entry.family.layout().entry && entry.ip().iter().all(|byte| *byte == 0)
        };
        let ends = decides && matches_all();
        Slot { at, origin, jump, size: entry.bytes.len() as u16, ends, unchecked: false }
    }
}

/// Where the counters of a rule or policy come from when the table is committed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Origin(u32);

impl Origin {
    /// The counters are those in memory.
    const SET: Origin = Origin(u32::MAX);
    const ZEROED: u32 = 1 << 31;

    /// The kernel's counters at an index of the table that was read.
    const fn kernel(index: u32) -> Origin {
        Origin(index)
    }

    /// The same, less what was read.
    fn zeroed(self) -> Origin {
        if self == Origin::SET { self } else { Origin(self.0 | Origin::ZEROED) }
    }

    fn index(self) -> Option<u32> {
        (self != Origin::SET).then_some(self.0 & !Origin::ZEROED)
    }

    fn is_zeroed(self) -> bool {
        self != Origin::SET && self.0 & Origin::ZEROED != 0
    }
}

impl Table {
    /// Reads a table of the current network namespace; short for [`Kernel::open`].
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`].
    pub fn open(family: Family, name: &str) -> Result<Table> {
        Kernel::new().open(family, name)
    }

    /// Changes a table of the current network namespace under the lock; short for [`Kernel::update`].
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::update`].
    pub fn update(family: Family, name: &str, edit: impl FnMut(&mut Table) -> Result<()>) -> Result<Report> {
        Kernel::new().update(family, name, edit)
    }

    /// The family.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// The name: `filter`, `nat`, `mangle`, `raw` or `security`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kernel the table was read from.
    #[must_use]
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The hooks at which the table is consulted.
    #[must_use]
    pub fn hooks(&self) -> HookMask {
        HookMask(self.info.valid_hooks)
    }

    /// Whether there are edits that are not committed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.dirty
    }

    /// The number of rules in all chains.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chains.iter().map(|chain| chain.rules.len()).sum()
    }

    /// Whether no chain has a rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chains.iter().all(|chain| chain.rules.is_empty())
    }

    /// The chains: built-in ones in the order of their hooks, then the others by name.
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_>> {
        self.sorted_order().into_iter().map(|id| Chain { table: self, id })
    }

    /// The chain of that name.
    pub fn chain(&self, name: impl AsRef<[u8]>) -> Option<Chain<'_>> {
        self.find(name.as_ref()).map(|id| Chain { table: self, id })
    }

    /// The chain of that name, to be changed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchChain`].
    pub fn chain_mut(&mut self, name: impl AsRef<[u8]>) -> Result<ChainMut<'_>> {
        let id = self.require(name.as_ref())?;
        Ok(ChainMut { table: self, id })
    }

    fn sorted_order(&self) -> Vec<ChainId> {
        let mut order = self.order.clone();
        self.drop_deleted(&mut order);
        if self.unsorted {
            self.sort(&mut order);
        }
        order
    }

    fn drop_deleted(&self, order: &mut Vec<ChainId>) {
        if self.gone > 0 {
            order.retain(|id| !self.chains[*id as usize].deleted);
        }
    }

    fn sort(&self, order: &mut [ChainId]) {
        let chain = |id: &ChainId| &self.chains[*id as usize];
        order.sort_by(|a, b| {
            let (a, b) = (chain(a), chain(b));
            let key = |chain: &ChainData| chain.hook.map_or(u8::MAX, |hook| hook as u8);
            key(a).cmp(&key(b)).then_with(|| a.name.as_bytes().cmp(b.name.as_bytes()))
        });
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<ChainId> {
        let index = self.index.get_or_init(|| NameIndex::new(&self.chains, &self.sorted_order()));
        index.get(name, &self.chains)
    }

    pub(crate) fn require(&self, name: &[u8]) -> Result<ChainId> {
        self.find(name).ok_or_else(|| self.no_such_chain(name))
    }

    pub(crate) fn no_such_chain(&self, name: &[u8]) -> Error {
        self.error(ErrorKind::NoSuchChain, "there is no such chain")
            .in_chain(String::from_utf8_lossy(name))
            .classic(1, "No chain/target/match by that name.")
    }

    fn error(&self, kind: ErrorKind, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::new(kind, message).in_family(self.family).in_table(&self.name)
    }

    pub(crate) fn chain_by_id(&mut self, id: ChainId) -> ChainMut<'_> {
        ChainMut { table: self, id }
    }

    /// The entry of a rule.
    fn entry(&self, slot: Slot) -> Entry<'_> {
        entry_at(self.family, &self.bytes, slot.at as usize, slot.size)
    }

    fn rule(&self, slot: Slot) -> RuleRef<'_> {
        self.view(self.entry(slot))
    }

    /// A view of an entry whose jump is an index of this table.
    pub(crate) fn view<'a>(&'a self, entry: Entry<'a>) -> RuleRef<'a> {
        let jump = match entry.verdict() {
            Some(Verdict::Jump(id)) => self.chains.get(id as usize).map(|chain| chain.name.as_bytes()),
            _ => None,
        };
        RuleRef::new(entry, jump, self)
    }
}

fn entry_at(family: Family, bytes: &[u8], at: usize, size: u16) -> Entry<'_> {
    Entry::new(family, bytes.get(at..at + usize::from(size)).unwrap_or_default())
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("family", &self.family)
            .field("name", &self.name)
            .field("chains", &(self.order.len() - self.gone))
            .field("rules", &self.len())
            .field("changed", &self.dirty)
            .finish_non_exhaustive()
    }
}
