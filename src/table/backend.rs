//! The seam between tables and whatever holds them: read a snapshot, write a difference.

use std::any::Any;
use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;

pub use super::lock::{Compare, Interrupt, Lock, LockPolicy};
use std::sync::Arc;

use super::{Name, Origin, Table, new_chain};
use crate::error::Failure;
use crate::ext::{Host, Offline};
use crate::rule::Rule;
use crate::types::{BackendKind, Counters, Detection, Family, Hook, HookMask, Policy};
use crate::{Error, Result};

/// What of a table is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Want<'a> {
    /// Everything.
    All,
    /// The chains with these names, where there are any. Others need not be shown, nor rules that do not matter: such a
    /// chain is shown without them, and they are still there when it is written.
    Chains(&'a [WantedChain<'a>]),
    /// The same in addition to those that were read. Only a backend [that can](Capabilities::reads_chains) is asked for it.
    More(&'a [WantedChain<'a>]),
    /// Everything, or what takes less time where that is much: what of it comes to be needed is asked for later. Only a backend
    /// [that can](Capabilities::reads_chains) is asked for it.
    Little,
    /// What was left of it.
    Rest,
    /// The built-in chains without their rules, for a table that is going to be written anew. Their policies may be left
    /// for later.
    BuiltIn,
    /// The policies that were left for later.
    Policies,
}

/// A chain that somebody wants to do something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WantedChain<'a> {
    /// The name.
    pub name: &'a [u8],
    /// What of its rules matters.
    pub rules: WantedRules,
}

impl<'a> WantedChain<'a> {
    /// The chain of a name, as far as its rules matter.
    ///
    /// ```
    /// use libfw::backend::{WantedChain, WantedRules};
    ///
    /// let input = WantedChain::new(b"INPUT", WantedRules::Behind);
    /// assert_eq!(input.name, b"INPUT");
    /// ```
    #[must_use]
    pub const fn new(name: &'a [u8], rules: WantedRules) -> WantedChain<'a> {
        WantedChain { name, rules }
    }
}

/// What matters of the rules that a chain has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WantedRules {
    /// All of them.
    All,
    /// Nothing: new ones are added behind them, or none.
    Behind,
    /// Nothing: new ones are added before them.
    Before,
    /// Nothing: they are deleted.
    Gone,
}

/// What a backend can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether several tables are written as one, or none of them.
    pub atomic_over_tables: bool,
    /// The longest name of a chain in bytes.
    pub chain_name_max: usize,
    /// Whether a refusal says which rules are refused. Then it is not found out before what would be, but what the reason was.
    pub names_refusals: bool,
    /// Whether it refuses what a kernel refuses. A table that nobody else looks at is [validated](crate::Table::validate) whole.
    pub looks_at_rules: bool,
    /// Whether it reads some chains of a table without the others.
    pub reads_chains: bool,
}

impl Capabilities {
    /// Those of the xtables interface.
    pub const LEGACY: Capabilities = Capabilities {
        atomic_over_tables: false,
        chain_name_max: super::CHAIN_NAME_MAX,
        names_refusals: false,
        looks_at_rules: true,
        reads_chains: false,
    };
}

/// Something that holds tables: a kernel by one of its interfaces, or a stand-in for one.
///
/// The library's own are in [`Kernel`](crate::Kernel); nothing above this trait knows which of them is there.
///
/// This one keeps the rules of one chain, as lines:
///
/// ```
/// use std::sync::Mutex;
/// use libfw::backend::{Backend, Change, Host, SetInfo, Snapshot, Want, Written};
/// use libfw::ext::ExtensionKind;
/// use libfw::{Counters, Family, Hook, Kernel, Policy, Result, Rule};
///
/// #[derive(Debug, Default)]
/// struct Notebook {
///     lines: Mutex<Vec<String>>,
/// }
///
/// impl Host for Notebook {
///     fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
///         Ok(true)
///     }
///
///     fn set_by_name(&self, _: &[u8]) -> Result<Option<SetInfo>> {
///         Ok(None)
///     }
///
///     fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
///         Ok(None)
///     }
/// }
///
/// impl Backend for Notebook {
///     fn read(&self, into: &mut Snapshot<'_>, _: Want<'_>) -> Result<()> {
///         into.clear();
///         into.add_builtin(Hook::Input, Policy::Accept, Counters::ZERO);
///         into.add_chain("notes");
///         if (into.family(), into.name()) != (Family::Ipv4, "filter") {
///             into.set_absent();
///         }
///         for line in self.lines.lock().unwrap().iter() {
///             into.add_rule("notes", &Rule::parse(Family::Ipv4, line)?)?;
///         }
///         into.finish();
///         Ok(())
///     }
///
///     fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
///         for change in changes.iter_mut() {
///             let notes = change.table().chain("notes").into_iter().flat_map(|chain| chain.rules());
///             *self.lines.lock().unwrap() = notes.map(|rule| rule.to_string()).collect();
///             change.finish();
///         }
///         Ok(changes.iter().map(|_| Written::new()).collect())
///     }
/// }
///
/// let kernel = Kernel::with_backend(Notebook::default());
/// kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("notes")?.append("-i lo -j ACCEPT"))?;
/// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
/// # Ok::<(), libfw::Error>(())
/// ```
pub trait Backend: Host {
    /// Reads a table. What the snapshot held before is replaced, unless only [what was left](Want::Policies) or
    /// [more](Want::More) is wanted.
    ///
    /// # Errors
    ///
    /// [`NoSuchTable`](crate::ErrorKind::NoSuchTable), [`PermissionDenied`](crate::ErrorKind::PermissionDenied) or
    /// [`BackendAbsent`](crate::ErrorKind::BackendAbsent); [`Conflict`](crate::ErrorKind::Conflict) when what was left
    /// for later, or was read before, is no longer what it was.
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()>;

    /// Writes the edits of tables, all or none where [it can](Capabilities::atomic_over_tables); else one after the other,
    /// up to the first that fails. Returns one answer for each that was written.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when a table is not the one that was read, and whatever the kernel has
    /// against the new rules. The error says in which table, and where it is known in which rule.
    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>>;

    /// Reads a table and sets its counters to zero: those that are read are all that was counted until then, and nothing is lost in
    /// between. Returns whether it could; by default a table is read and written for that.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Backend::read) and [`write`](Backend::write).
    fn take_counters(&self, _into: &mut Snapshot<'_>) -> Result<bool> {
        Ok(false)
    }

    /// The numbers by which it knows the rules of a table as it was read, as long as these exist; 0 where it has none. By default it
    /// has none at all.
    fn rule_numbers(&self, _table: &Table) -> Vec<u64> {
        Vec::new()
    }

    /// Whether a table is still what it was when it was read, counters aside. A [quick](Look::Quick) look may miss a change, and by
    /// default finds none; by default a [whole](Look::Whole) one finds out nothing, so that the table is read again.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Backend::read).
    fn is_unchanged(&self, _table: &Table, look: Look) -> Result<bool> {
        Ok(look == Look::Quick)
    }

    /// What tells of changes from now on, where something does. By default nothing does: then it is [asked](Backend::is_unchanged)
    /// again and again.
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        Ok(None)
    }

    /// The tables of a family that there are, in the order in which they are saved. To ask brings none into being. By default
    /// none is known.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) where it lets nobody see.
    fn tables(&self, _family: Family) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The kernel module that it needs for a family, if the kernel is without it.
    ///
    /// # Errors
    ///
    /// When that cannot be found out.
    fn missing_module(&self, _family: Family) -> Result<Option<&'static str>> {
        Ok(None)
    }

    /// A backend of the same kind in a namespace of its own, which holds nothing: rules can be tried there without effect.
    /// `None` where there is no such thing.
    ///
    /// # Errors
    ///
    /// When it cannot be made, such as for lack of the right to.
    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        Ok(None)
    }

    /// Keeps other programs that respect the lock from changing tables until the lock is dropped. A wait ends when an
    /// interrupt is asked for.
    ///
    /// # Errors
    ///
    /// [`LockBusy`](crate::ErrorKind::LockBusy) when somebody else holds it, and
    /// [`Interrupted`](crate::ErrorKind::Interrupted).
    fn lock(&self, _policy: &LockPolicy, _interrupt: Option<&Interrupt>) -> Result<Lock> {
        Ok(Lock::NONE)
    }

    /// The network namespace whose tables of a family these are: numbers that are the same for all that have its tables.
    /// `None` if nobody else has them.
    fn namespace(&self, _family: Family) -> Option<(u64, u64)> {
        None
    }

    /// What it is, and why a program has to do with it.
    ///
    /// # Errors
    ///
    /// When that cannot be found out.
    fn detection(&self) -> Result<Detection> {
        Ok(BackendKind::Memory.named())
    }

    /// What it can hold.
    fn capabilities(&self) -> Capabilities {
        Capabilities::LEGACY
    }
}

/// How closely a table is looked at that may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Look {
    /// As cheaply as can be.
    Quick,
    /// At each of its rules.
    Whole,
}

/// Something that tells that tables may have changed.
pub trait Notices: fmt::Debug + Send + Sync {
    /// A descriptor that can be read when there is news.
    fn fd(&self) -> BorrowedFd<'_>;

    /// Takes what there is.
    ///
    /// # Errors
    ///
    /// When it fails.
    fn clear(&mut self) -> Result<()>;
}

/// What came of writing a table.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Written {
    /// Why the counters of rules that stay could not be carried over, although the rules were written.
    pub counters_lost: Option<Error>,
    /// Whether a change by somebody else was overwritten that came in after the table was compared.
    pub overwritten: bool,
}

impl Written {
    /// Everything was written.
    #[must_use]
    pub fn new() -> Written {
        Written::default()
    }
}

/// The content of a table that a [`Backend`] reads.
#[derive(Debug)]
pub struct Snapshot<'a> {
    pub(crate) table: &'a mut Table,
}

impl Snapshot<'_> {
    /// The family of the table.
    #[must_use]
    pub fn family(&self) -> Family {
        self.table.family
    }

    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.table.name
    }

    /// Forgets what it holds.
    pub fn clear(&mut self) {
        let table = &mut *self.table;
        table.forget();
        table.hooks = HookMask::NONE;
        table.exists = true;
    }

    /// Adds a built-in chain, with its policy and how many packets it has decided on.
    pub fn add_builtin(&mut self, hook: Hook, policy: Policy, counters: Counters) {
        let table = &mut *self.table;
        table.hooks = table.hooks | hook.mask();
        let mut chain = new_chain(Name::from(hook.chain_name()), Some(hook));
        chain.policy = policy;
        let id = table.add_chain(chain);
        table.chains.set_counters(id, counters);
    }

    /// Adds a chain that a user made.
    pub fn add_chain(&mut self, name: impl AsRef<[u8]>) {
        self.table.add_chain(new_chain(Name::new(name.as_ref()), None));
    }

    /// Adds a rule at the end of a chain. Chains that rules go to must be there.
    ///
    /// # Errors
    ///
    /// [`NoSuchChain`](crate::ErrorKind::NoSuchChain), and those of [`ChainMut::append`](crate::ChainMut::append).
    pub fn add_rule(&mut self, chain: impl AsRef<[u8]>, rule: &Rule) -> Result<()> {
        self.table.chain_mut(chain)?.append(rule)
    }

    /// Says that the table is not there: what was added is what it would have.
    pub fn set_absent(&mut self) {
        self.table.exists = false;
    }

    /// Ends the reading: what is there now is what was read.
    pub fn finish(&mut self) {
        self.table.accept_as_read();
    }
}

/// A table with edits that a [`Backend`] writes.
#[derive(Debug)]
pub struct Change<'a> {
    pub(crate) table: &'a mut Table,
}

impl Change<'_> {
    /// The table as it shall be.
    #[must_use]
    pub fn table(&self) -> &Table {
        self.table
    }

    /// Says that the edits were written: what is there now is what was read.
    pub fn finish(&mut self) {
        self.table.accept_as_read();
    }
}

impl Table {
    /// Takes the content as that of the backend.
    fn accept_as_read(&mut self) {
        let mut index = 0;
        for id in &self.order {
            let chain = &mut self.chains[*id as usize];
            for slot in &mut chain.rules {
                slot.origin = Origin::kernel(index);
                slot.unchecked = false;
                index += 1;
            }
        }
        self.dirty = false;
        self.counts = false;
    }
}

/// What a backend remembers of the state of a table that it has read: whatever it needs to tell whether somebody else has
/// changed the table, and to find rules again.
#[derive(Default)]
pub(crate) struct Version(Option<Box<dyn Remembered>>);

/// What can be remembered.
trait Remembered: Any + Send + Sync {
    fn copy(&self) -> Box<dyn Remembered>;
}

impl<T: Any + Clone + Send + Sync> Remembered for T {
    fn copy(&self) -> Box<dyn Remembered> {
        Box::new(self.clone())
    }
}

impl Version {
    pub(crate) fn new(version: impl Any + Clone + Send + Sync) -> Version {
        Version(Some(Box::new(version)))
    }

    /// The version, if it is of that backend.
    pub(crate) fn get<T: Any>(&self) -> Option<&T> {
        let version: &dyn Any = self.0.as_deref()?;
        version.downcast_ref()
    }

    /// The same, to be changed.
    pub(crate) fn get_mut<T: Any>(&mut self) -> Option<&mut T> {
        let version: &mut dyn Any = self.0.as_deref_mut()?;
        version.downcast_mut()
    }
}

impl Clone for Version {
    fn clone(&self) -> Version {
        Version(self.0.as_deref().map(Remembered::copy))
    }
}

/// Without a kernel there are no tables: rules can be made and printed, nothing can be opened.
impl Backend for Offline {
    fn read(&self, into: &mut Snapshot<'_>, _: Want<'_>) -> Result<()> {
        Err(Error::from(Failure::NoKernel).in_family(into.family()).in_table(into.name()))
    }

    fn write(&self, _: &mut [Change<'_>]) -> Result<Vec<Written>> {
        Err(Failure::NoKernel.into())
    }
}
