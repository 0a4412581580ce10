//! A handle on the tables of one network namespace.

mod counters;
mod desired;
mod detect;
mod gate;
mod guard;
mod json;
mod legacy;
mod lock;
mod memory;
mod module;
mod nft;
mod rehearsal;
pub(crate) mod trace;
mod transaction;
mod update;
mod watch;

use std::fmt;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

pub use desired::{Applied, Desired};
pub(crate) use desired::{Beside, Draft, Line};
use detect::Detected;
pub use guard::{Ending, Pending};
pub use legacy::{Blobs, COUNTERS_HEADROOM, Info, Legacy, LegacySocket};
pub use memory::MemoryKernel;
pub use module::MissingModule;
pub use nft::Nft;
pub(crate) use nft::base::builtin_chains;
#[cfg(fuzzing)]
pub use nft::replay;
pub use rehearsal::Rehearsal;
pub use transaction::Transaction;
pub use watch::{TableChange, Watch};

use crate::error::Failure;
use crate::ext::{Offline, System};
use crate::rule::{Rule, convert};
use crate::table::backend::{Backend, Compare, Interrupt, Lock, LockPolicy, Want};
use crate::table::{Claim, Store, Table};
use crate::types::{BackendKind, Detection, Family};
use crate::{Error, Result};

/// A handle on the tables of one network namespace: which backend holds them, and how their lock is taken.
///
/// Cloning is cheap: clones share their sockets and what they have learned about the kernel.
///
/// ```no_run
/// use libfw::{Family, Kernel};
///
/// let kernel = Kernel::new();
/// let table = kernel.open(Family::Ipv4, "filter")?;
/// for chain in table.chains() {
///     println!("{}: {} rules", chain.name(), chain.len());
/// }
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone)]
pub struct Kernel(Store);

/// The names of chains.
fn names(chains: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<Vec<u8>> {
    chains.into_iter().map(|name| name.as_ref().to_vec()).collect()
}

/// A backend in the namespace of the file, or in that of the thread which first uses it.
fn open_backend(kind: BackendKind, namespace: Option<Arc<File>>) -> Arc<dyn Backend> {
    match kind {
        BackendKind::Legacy => Arc::new(Legacy::new(LegacySocket::in_namespace(namespace))),
        BackendKind::Nft => Arc::new(Nft::new(namespace)),
        BackendKind::Memory => Arc::new(Legacy::new(MemoryKernel::new())),
        BackendKind::MemoryNft => Arc::new(Nft::in_memory(MemoryKernel::new())),
    }
}

impl Kernel {
    /// The tables of the calling thread's network namespace, in the backend that this host uses.
    ///
    /// Nothing is opened yet. The backend is looked for at the first use, which leaves no trace: it is the one named by the
    /// environment variable LIBFW_BACKEND (`legacy` or `nft`), else the one that has rules, else the one that the host's own
    /// `iptables` uses, else nf_tables if the kernel has it. [`detection`](Kernel::detection) says which one was chosen and why.
    /// If both have rules and nothing says which are meant, reading works and any change fails with
    /// [`AmbiguousBackend`](crate::ErrorKind::AmbiguousBackend).
    ///
    /// ```no_run
    /// use libfw::Kernel;
    ///
    /// println!("rules are in {}", Kernel::new().detection()?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> Kernel {
        Kernel::detecting(None)
    }

    /// As [`new`](Kernel::new), but looks for the backend at once.
    ///
    /// ```no_run
    /// use libfw::Kernel;
    ///
    /// let kernel = Kernel::detect()?;
    /// println!("{}", kernel.detection()?.reason);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`detection`](Kernel::detection).
    pub fn detect() -> Result<Kernel> {
        let kernel = Kernel::new();
        kernel.detection()?;
        Ok(kernel)
    }

    /// The tables of the calling thread's network namespace in the xtables interface, as `iptables-legacy` has them.
    ///
    /// ```
    /// use libfw::{BackendKind, Kernel};
    ///
    /// assert_eq!(Kernel::legacy().detection()?.backend, BackendKind::Legacy);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn legacy() -> Kernel {
        Kernel::new().using(BackendKind::Legacy)
    }

    /// The tables of the calling thread's network namespace in nf_tables, as `iptables-nft` has them.
    ///
    /// ```
    /// use libfw::{BackendKind, Kernel};
    ///
    /// assert_eq!(Kernel::nft().detection()?.backend, BackendKind::Nft);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn nft() -> Kernel {
        Kernel::new().using(BackendKind::Nft)
    }

    /// The same handle, but with this backend instead of one that is looked for. Tables in memory belong to no namespace: they
    /// are new and empty.
    ///
    /// ```
    /// use libfw::{BackendKind, Family, Kernel};
    ///
    /// let kernel = Kernel::new().using(BackendKind::Memory);
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn using(self, backend: BackendKind) -> Kernel {
        let backend = open_backend(backend, self.0.namespace.clone());
        let Store { system, backend, .. } = Store::new(backend);
        Kernel(Store { system, backend, brought: false, ..self.0 })
    }

    fn detecting(namespace: Option<Arc<File>>) -> Kernel {
        let store = Store::new(Arc::new(Detected::new(namespace.clone())));
        Kernel(Store { namespace, ..store })
    }

    /// Which backend holds the tables, and why it is this one.
    ///
    /// ```
    /// use libfw::{BackendKind, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// assert_eq!(kernel.detection()?.backend, BackendKind::Memory);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when LIBFW_BACKEND names none.
    pub fn detection(&self) -> Result<Detection> {
        self.0.backend.detection()
    }

    /// The tables of the network namespace that an open file stands for, such as `/proc/PID/ns/net`.
    ///
    /// ```
    /// use std::fs::File;
    ///
    /// use libfw::Kernel;
    ///
    /// let namespace = File::open("/proc/self/ns/net").unwrap();
    /// let kernel = Kernel::in_netns_fd(namespace.into());
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn in_netns_fd(namespace: OwnedFd) -> Kernel {
        Kernel::detecting(Some(Arc::new(File::from(namespace))))
    }

    /// The tables of the network namespace at a path, such as `/run/netns/NAME`.
    ///
    /// ```no_run
    /// use libfw::{Family, Kernel};
    ///
    /// // One that `ip netns add blue` has made is at /run/netns/blue; this is the process's own.
    /// let own = Kernel::in_netns("/proc/self/ns/net")?;
    /// println!("{} rules", own.open(Family::Ipv4, "filter")?.len());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the path cannot be opened.
    pub fn in_netns(path: impl AsRef<Path>) -> Result<Kernel> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| {
            Error::from(Failure::Namespace { path: path.display().to_string() }).because(error)
        })?;
        Ok(Kernel::in_netns_fd(file.into()))
    }

    /// The tables of the network namespace of a process.
    ///
    /// ```
    /// use libfw::{ErrorKind, Kernel};
    ///
    /// Kernel::in_netns_of(std::process::id())?;
    /// assert_eq!(Kernel::in_netns_of(u32::MAX).unwrap_err().kind(), ErrorKind::Io);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when there is no such process or it may not be looked at.
    pub fn in_netns_of(pid: u32) -> Result<Kernel> {
        Kernel::in_netns(format!("/proc/{pid}/ns/net"))
    }

    /// A handle without a kernel: rules can be made and checked, but there are no tables.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, Kernel};
    ///
    /// let error = Kernel::offline().open(Family::Ipv4, "filter").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::BackendAbsent);
    /// ```
    #[must_use]
    pub fn offline() -> Kernel {
        Kernel::with_backend(Offline)
    }

    /// The tables that a backend of your own holds.
    ///
    /// ```
    /// use libfw::backend::Legacy;
    /// use libfw::{Family, Kernel, MemoryKernel};
    ///
    /// let kernel = Kernel::with_backend(Legacy::new(MemoryKernel::new()));
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_backend(backend: impl Backend + 'static) -> Kernel {
        Kernel(Store { brought: true, ..Store::new(Arc::new(backend)) })
    }

    /// The same handle with another [`LockPolicy`]: which file is locked, and how long to wait.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use libfw::{Kernel, LockPolicy};
    ///
    /// let policy = LockPolicy::default().wait(Duration::from_secs(10));
    /// let patient = Kernel::new().with_policy(policy);
    /// assert_eq!(patient.policy().wait, Some(Duration::from_secs(10)));
    /// ```
    #[must_use]
    pub fn with_policy(mut self, policy: LockPolicy) -> Kernel {
        self.0.policy = policy;
        self
    }

    /// The same handle, working under a lock that is held already.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let lock = kernel.lock()?;
    /// let held = kernel.clone().with_lock(&lock);
    /// for table in ["filter", "mangle"] {
    ///     held.update(Family::Ipv4, table, |table| table.chain_mut("INPUT")?.append("-i lo -j ACCEPT"))?;
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_lock(mut self, lock: &Lock) -> Kernel {
        self.0.lock = Some(lock.clone());
        self
    }

    /// The same handle with another rule for when a table is compared with the kernel's before a commit.
    ///
    /// ```
    /// use libfw::{Compare, MemoryKernel};
    ///
    /// // Whatever it costs, nobody's change is overwritten unnoticed.
    /// let kernel = MemoryKernel::new().kernel().with_compare(Compare::Always);
    /// ```
    #[must_use]
    pub fn with_compare(mut self, compare: Compare) -> Kernel {
        self.0.compare = compare;
        self
    }

    /// The same handle, but reading a table that does not exist creates it, as `iptables` does. This makes a difference in the
    /// xtables interface alone, where the kernel creates a table when it is asked for.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// let kernel = Kernel::legacy().registering();
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn registering(mut self) -> Kernel {
        self.0.registers = true;
        self
    }

    /// The same handle with another way to interrupt a wait for the lock, for programs that handle signals in their own way:
    /// `interrupt` is called several times a second and after every signal, and ends the wait by returning `true`.
    ///
    /// Without it, any signal that the program has a handler for ends the wait, if it is delivered to the waiting thread.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// use libfw::Kernel;
    ///
    /// let stop = Arc::new(AtomicBool::new(false));
    /// let asked = stop.clone();
    /// let kernel = Kernel::new().with_interrupt(move || asked.load(Ordering::Relaxed));
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Kernel {
        self.0.interrupt = Some(Interrupt::new(interrupt));
        self
    }

    /// Takes the lock that keeps other programs away, and returns it; dropping it gives it back. In the xtables interface that is
    /// the xtables lock. A thread that holds it already gets it again at once.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let lock = kernel.lock()?;
    /// // What is read and written until then nobody else changes.
    /// let table = kernel.open_locked(Family::Ipv4, "filter")?;
    /// drop((table, lock));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) when a signal comes while another program holds it.
    /// [`ErrorKind::LockBusy`](crate::ErrorKind::LockBusy) when another program holds it longer than the policy waits;
    /// the message names the holder. [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) or
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be opened: users other than root need a
    /// [`path`](LockPolicy::path) of their own.
    pub fn lock(&self) -> Result<Lock> {
        self.0.lock()
    }

    /// The names of the existing tables of a family, in the order of `iptables-save`. Asking creates none.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// kernel.update(Family::Ipv4, "nat", |nat| nat.chain_mut("POSTROUTING")?.append("-o eth0 -j MASQUERADE"))?;
    /// assert!(kernel.tables(Family::Ipv4)?.contains(&"nat".to_owned()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) where the kernel does not let the process see them;
    /// see [`open`](Kernel::open).
    pub fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.0.backend.tables(family)
    }

    /// Whether there are legacy tables of a family, whichever backend this is. Packets pass their rules too, which somebody who
    /// looks at nf_tables alone does not see.
    ///
    /// ```
    /// use libfw::{Family, Kernel};
    ///
    /// if Kernel::nft().has_legacy_tables(Family::Ipv4) {
    ///     println!("iptables-legacy has rules too");
    /// }
    /// ```
    #[must_use]
    pub fn has_legacy_tables(&self, family: Family) -> bool {
        let socket = LegacySocket::in_namespace(self.0.namespace.clone());
        socket.tables(family).is_ok_and(|tables| !tables.is_empty())
    }

    /// Reads a table, without the lock: a [commit](Table::commit) fails if somebody else has changed the table in the meantime.
    ///
    /// Reading leaves no trace: a table that does not exist is read as an empty one, and [`exists`](Table::exists) says so. There
    /// is one exception: where the kernel does not let the process see which tables exist, reading one creates it. That is so in
    /// a network namespace that was made in one step with its user namespace (`unshare --user --net`), where only the machine's
    /// own root may read the names of the tables. Make the user namespace first, then the network (`unshare --map-root-user
    /// unshare --net`).
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// // Somebody else is faster.
    /// kernel.update(Family::Ipv4, "filter", |filter| filter.chain_mut("INPUT")?.append("-j DROP"))?;
    /// assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchTable`](crate::ErrorKind::NoSuchTable),
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied),
    /// [`ErrorKind::BackendAbsent`](crate::ErrorKind::BackendAbsent), or
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when the kernel's answer makes no sense.
    pub fn open(&self, family: Family, table: &str) -> Result<Table> {
        Table::read(self.0.clone(), family, table, Want::All, None)
    }

    /// Takes the lock and reads a table, all of it; the lock is held until the table is dropped. Only [`update`](Kernel::update) can do
    /// with what it comes to need, since it can begin again.
    ///
    /// A thread that holds the lock can open other tables under it, with any handle.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open_locked(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// table.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyOpen`](crate::ErrorKind::AlreadyOpen) when this thread has the same table open under the lock already:
    /// one of the two would overwrite the edits of the other. Those of [`lock`](Kernel::lock) and [`open`](Kernel::open).
    pub fn open_locked(&self, family: Family, table: &str) -> Result<Table> {
        self.open_in_part(family, table, Want::All)
    }

    /// Reads some chains of a table, without the lock. In nf_tables the time depends on these chains alone, however large the
    /// table is; the xtables interface cannot do that, and the table is read and shown whole.
    ///
    /// The table shows those of the chains that exist, and by name the chains that their rules go to. [Editing](Table::chain_mut)
    /// another chain reads it first, and so does adding a rule that goes to it. Methods about [all chains](Table::chains) are
    /// about those that are shown. Other chains stay as they are.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().nft();
    /// kernel.update(Family::Ipv4, "filter", |filter| {
    ///     filter.new_chain("web")?.append("-p tcp --dport 80 -j ACCEPT")?;
    ///     filter.chain_mut("FORWARD")?.append("-j web")
    /// })?;
    /// let table = kernel.open_chains(Family::Ipv4, "filter", ["web"])?;
    /// assert_eq!(table.chain("web").map(|web| web.len()), Some(1));
    /// assert!(table.chain("FORWARD").is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Kernel::open).
    pub fn open_chains(
        &self,
        family: Family,
        table: &str,
        chains: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Table> {
        Table::read_part(self.0.clone(), family, table, &names(chains), None)
    }

    /// As [`open_chains`](Kernel::open_chains), under the lock.
    #[doc(hidden)]
    pub fn open_chains_locked(&self, family: Family, table: &str, chains: &[Vec<u8>]) -> Result<Table> {
        Table::read_part(self.0.clone(), family, table, chains, Some(self.0.claim(family, table)?))
    }

    /// The same with what is wanted of it alone.
    pub(crate) fn open_in_part(&self, family: Family, table: &str, want: Want<'_>) -> Result<Table> {
        self.open_wanted(family, table, want, &self.0.claim(family, table)?)
    }

    /// The table under the lock without its rules and the chains of users, as [`Table::cleared`] makes it.
    pub(crate) fn open_cleared(&self, family: Family, table: &str) -> Result<Table> {
        Table::cleared(self.0.clone(), family, table, self.0.claim(family, table)?)
    }

    /// Reads what is wanted of a table under a lock.
    pub(crate) fn open_wanted(
        &self,
        family: Family,
        table: &str,
        want: Want<'_>,
        claim: &Claim,
    ) -> Result<Table> {
        Table::read(self.0.clone(), family, table, want, Some(claim.clone()))
    }

    /// Checks that the kernel has what a rule names: its extensions and its ipsets.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel, Rule};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let rule = Rule::parse(Family::Ipv4, "-m set --match-set banned src -j DROP")?;
    /// assert_eq!(kernel.check_rule(&rule).unwrap_err().kind(), ErrorKind::NoSuchObject);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable),
    /// [`ErrorKind::NoSuchObject`](crate::ErrorKind::NoSuchObject), or
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) when a set is for the other family.
    pub fn check_rule(&self, rule: &Rule) -> Result<()> {
        convert(rule.clone(), self.system()).map(drop)
    }

    pub(crate) fn system(&self) -> &System {
        &self.0.system
    }

    /// How the lock is taken: which file, and how long to wait.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// println!("the lock is waited for {:?}", Kernel::new().policy().wait);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy(&self) -> &LockPolicy {
        &self.0.policy
    }

    /// The backend that holds the tables.
    ///
    /// ```
    /// use libfw::MemoryKernel;
    ///
    /// println!("{:?}", MemoryKernel::new().kernel().backend());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.0.backend
    }
}

impl Default for Kernel {
    fn default() -> Kernel {
        Kernel::new()
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel")
            .field("backend", &self.0.backend)
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

impl From<Store> for Kernel {
    fn from(store: Store) -> Kernel {
        Kernel(store)
    }
}
