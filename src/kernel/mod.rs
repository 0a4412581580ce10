//! A handle on the tables of one network namespace.

#[allow(dead_code, reason = "not yet asked by anybody")]
mod detect;
mod here;
mod legacy;
mod memory;
mod nft;

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use here::ThisNamespace;
use legacy::LegacySocket;
pub use memory::MemoryKernel;

use crate::error::system_words;
use crate::ext::{Extension, ExtensionKind, Host, SetInfo};
use crate::sys::lock::{self, LockError, LockFile};
use crate::table::Backend;
use crate::table::{Report, Table};
use crate::types::Family;
use crate::{Error, ErrorKind, Result};

/// How the xtables lock is taken.
///
/// Every iptables-legacy on the machine takes this lock before it changes a table, because the kernel itself notices a
/// concurrent change only when it changes the number of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockPolicy {
    /// The lock file; `/run/xtables.lock` unless the machine has another convention. `None` takes no lock.
    pub path: Option<PathBuf>,
    /// How long to wait for another holder: `None` waits for ever, zero tries once.
    pub wait: Option<Duration>,
}

impl LockPolicy {
    /// The lock file that iptables uses.
    pub const PATH: &'static str = "/run/xtables.lock";

    /// Takes no lock. Only right where nothing else touches the tables, such as a namespace of one's own.
    pub const UNLOCKED: LockPolicy = LockPolicy { path: None, wait: None };
}

/// Waits for ever for the lock file that iptables uses.
impl Default for LockPolicy {
    fn default() -> LockPolicy {
        LockPolicy { path: Some(LockPolicy::PATH.into()), wait: None }
    }
}

/// The xtables lock, held until dropped.
///
/// Use it to keep other tools away while several tables are changed: a table opened [under it](Kernel::with_lock) does
/// not take the lock a second time.
#[derive(Clone, Debug)]
pub struct Lock(#[allow(dead_code, reason = "held for its Drop")] Option<Arc<LockFile>>);

/// The newest revision of each extension that library and kernel share. What the kernel lacks is not remembered: a module
/// may be loaded later.
type Revisions = HashMap<(Family, ExtensionKind, &'static str), u8>;

/// The tables of a network namespace, and the way to take the lock.
///
/// Cloning is cheap; clones share sockets and what was learned about the kernel.
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
pub struct Kernel {
    backend: Arc<dyn Backend>,
    revisions: Arc<Mutex<Revisions>>,
    policy: LockPolicy,
    lock: Option<Lock>,
}

impl Kernel {
    /// The tables of the calling thread's network namespace.
    ///
    /// Nothing is opened yet; the first use says whether the kernel has tables and lets this process use them.
    #[must_use]
    pub fn new() -> Kernel {
        Kernel::with_backend(Arc::new(LegacySocket::new(None)))
    }

    /// The tables of the network namespace that an open file stands for, such as `/proc/PID/ns/net`.
    #[must_use]
    pub fn in_netns_fd(namespace: OwnedFd) -> Kernel {
        Kernel::with_backend(Arc::new(LegacySocket::new(Some(File::from(namespace)))))
    }

    /// The tables of the network namespace at a path, such as `/run/netns/NAME`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] when the path cannot be opened.
    pub fn in_netns(path: impl AsRef<Path>) -> Result<Kernel> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| {
            Error::io(ErrorKind::Io, format!("cannot open the network namespace {}", path.display()), error)
        })?;
        Ok(Kernel::in_netns_fd(file.into()))
    }

    /// The tables of the network namespace of a process.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] when there is no such process or it may not be looked at.
    pub fn in_netns_of(pid: u32) -> Result<Kernel> {
        Kernel::in_netns(format!("/proc/{pid}/ns/net"))
    }

    /// The tables that another backend holds.
    #[must_use]
    pub fn with_backend(backend: Arc<dyn Backend>) -> Kernel {
        Kernel { backend, revisions: Arc::default(), policy: LockPolicy::default(), lock: None }
    }

    /// The same tables with another way to take the lock.
    #[must_use]
    pub fn with_policy(mut self, policy: LockPolicy) -> Kernel {
        self.policy = policy;
        self
    }

    /// The same tables under a lock that is held already.
    #[must_use]
    pub fn with_lock(mut self, lock: &Lock) -> Kernel {
        self.lock = Some(lock.clone());
        self
    }

    /// Takes the xtables lock.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LockBusy`] when another program holds it longer than the policy waits; the message names the
    /// holder. [`ErrorKind::Io`] when the file cannot be opened: users other than root need a
    /// [`path`](LockPolicy::path) of their own.
    pub fn lock(&self) -> Result<Lock> {
        if let Some(lock) = &self.lock {
            return Ok(lock.clone());
        }
        let Some(path) = &self.policy.path else { return Ok(Lock(None)) };
        let shown = path.display();
        lock::take(path, self.policy.wait).map(|file| Lock(Some(Arc::new(file)))).map_err(|error| match error {
            LockError::Open(error) => {
                let classic = format!("Fatal: can't open lock file {shown}: {}", system_words(&error));
                Error::io(ErrorKind::Io, format!("cannot open the xtables lock {shown}"), error).classic(4, classic)
            }
            LockError::Busy { holder } => {
                let who = match holder.map(|pid| (pid, lock::command(pid))) {
                    Some((pid, Some(command))) => format!("process {pid} ({command})"),
                    Some((pid, None)) => format!("process {pid}"),
                    None => "another program".into(),
                };
                let classic = match self.policy.wait {
                    Some(wait) if !wait.is_zero() => format!(
                        "Can't lock {shown}: Resource temporarily unavailable\nAnother app is currently holding \
                         the xtables lock. Stopped waiting after {}s.",
                        wait.as_secs()
                    ),
                    _ => format!(
                        "Can't lock {shown}: Resource temporarily unavailable\nAnother app is currently holding \
                         the xtables lock. Perhaps you want to use the -w option?"
                    ),
                };
                Error::new(ErrorKind::LockBusy, format!("{who} holds the xtables lock {shown}")).classic(4, classic)
            }
            LockError::Lock(error) => {
                Error::io(ErrorKind::Io, format!("cannot lock {shown}"), error).classic(4, format!("Can't lock {shown}"))
            }
        })
    }

    /// Reads a table. It is not locked: a [commit](Table::commit) fails if somebody else has changed it by then.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchTable`], [`ErrorKind::PermissionDenied`], [`ErrorKind::BackendAbsent`], or
    /// [`ErrorKind::Malformed`] when the kernel's answer makes no sense.
    pub fn open(&self, family: Family, table: &str) -> Result<Table> {
        Table::read(self.clone(), family, table, None)
    }

    /// Takes the lock and reads a table; the lock is held until the table is dropped.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Kernel::lock) and [`open`](Kernel::open).
    pub fn open_locked(&self, family: Family, table: &str) -> Result<Table> {
        let lock = self.lock()?;
        Table::read(self.clone(), family, table, Some(lock))
    }

    /// The table under the lock without its rules and the chains of users, as [`Table::cleared`] makes it.
    pub(crate) fn open_cleared(&self, family: Family, table: &str) -> Result<Table> {
        Table::cleared(self.clone(), family, table, self.lock()?)
    }

    /// Takes the lock, reads a table, lets `edit` change it and commits: one read and one replace however many edits.
    ///
    /// When `edit` fails nothing is changed. When another program that ignores the lock gets in between, the table is
    /// read and `edit` called again, a few times.
    ///
    /// # Errors
    ///
    /// Those of `edit`, of [`open_locked`](Kernel::open_locked) and of [`commit`](Table::commit).
    pub fn update(
        &self,
        family: Family,
        table: &str,
        mut edit: impl FnMut(&mut Table) -> Result<()>,
    ) -> Result<Report> {
        const ATTEMPTS: u32 = 5;
        let lock = self.lock()?;
        let mut attempt = 1;
        loop {
            let mut copy = Table::read(self.clone(), family, table, Some(lock.clone()))?;
            edit(&mut copy)?;
            match copy.commit() {
                Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    /// How the lock is taken.
    #[must_use]
    pub fn policy(&self) -> &LockPolicy {
        &self.policy
    }

    /// What holds the tables.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
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
            .field("backend", &self.backend)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Kernel {
    /// The newest revision that library and kernel share. The kernel is asked once.
    fn shared_revision(&self, family: Family, extension: &Extension) -> Result<Option<u8>> {
        let key = (family, extension.kind, extension.name);
        let mut known = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(revision) = known.get(&key) {
            return Ok(Some(*revision));
        }
        for revision in extension.revisions_of(family) {
            let name = extension.kernel_name_of(revision.number);
            if self.backend.supports(family, extension.kind, name, revision.number)? {
                known.insert(key, revision.number);
                return Ok(Some(revision.number));
            }
        }
        Ok(None)
    }
}

impl Host for Kernel {
    fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
        // Nothing to choose from: the kernel will say if it lacks it.
        if extension.revisions_of(family).nth(1).is_none() {
            return extension.newest(family);
        }
        self.shared_revision(family, extension)?.ok_or_else(|| {
            Error::new(ErrorKind::ExtensionUnavailable, "the kernel has no revision of it that libfw knows")
                .in_family(family)
                .in_extension(extension.name)
                .classic(1, "No chain/target/match by that name.")
        })
    }

    fn lacks(&self, family: Family, extension: &Extension) -> bool {
        // An alias is nothing the kernel knows of.
        extension.name == extension.kernel_name
            && self.shared_revision(family, extension).is_ok_and(|shared| shared.is_none())
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        self.backend.pinned_object(path)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.backend.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.backend.set_by_index(index)
    }
}
