//! How a table is locked: the lock that keeps other programs away, and what keeps a thread from overwriting its own edits.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Store;
use super::backend::Backend;
use crate::error::BadEdit;
use crate::sys::environment;
use crate::types::Family;
use crate::{Error, Result};

/// Which lock keeps other programs away, and how long to wait for it.
///
/// Every iptables-legacy on the machine takes the xtables lock before it changes a table, because the kernel itself notices
/// a concurrent change only when it changes the number of rules.
///
/// ```
/// use libfw::{Kernel, LockPolicy};
/// use std::time::Duration;
///
/// // Ten seconds at most, for a lock file that other programs here use too.
/// let policy = LockPolicy::at("/run/firewall.lock").wait(Duration::from_secs(10));
/// let kernel = Kernel::new().with_policy(policy);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockPolicy {
    /// The lock file; `/run/xtables.lock` unless the machine has another convention. `None` takes no lock.
    pub path: Option<PathBuf>,
    /// How long to wait for another holder: `None` waits for ever, zero tries once.
    pub wait: Option<Duration>,
}

impl LockPolicy {
    /// The lock file of iptables.
    pub const PATH: &'static str = "/run/xtables.lock";

    /// Takes no lock. Only right where nothing else touches the tables, such as in a namespace of your own.
    pub const UNLOCKED: LockPolicy = LockPolicy { path: None, wait: None };

    /// Waits for ever for the lock file that iptables uses.
    ///
    /// ```
    /// use libfw::LockPolicy;
    ///
    /// assert_eq!(LockPolicy::new(), LockPolicy::default());
    /// ```
    #[must_use]
    pub fn new() -> LockPolicy {
        LockPolicy::default()
    }

    /// Waits for ever for the lock file that iptables would use in this process: the one named by the environment variable
    /// XTABLES_LOCKFILE, else [`PATH`](LockPolicy::PATH). The library itself ignores that variable; call this in a program that
    /// shares the lock with an iptables it starts.
    ///
    /// ```
    /// use libfw::{Kernel, LockPolicy};
    ///
    /// let kernel = Kernel::new().with_policy(LockPolicy::from_environment());
    /// ```
    #[must_use]
    pub fn from_environment() -> LockPolicy {
        let path = environment::variable("XTABLES_LOCKFILE").filter(|path| !path.is_empty());
        path.map_or_else(LockPolicy::new, LockPolicy::at)
    }

    /// Waits for ever for another lock file.
    ///
    /// ```
    /// use libfw::LockPolicy;
    ///
    /// let policy = LockPolicy::at("/run/lock/mine");
    /// assert_eq!(policy.wait, None);
    /// ```
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> LockPolicy {
        LockPolicy { path: Some(path.into()), wait: None }
    }

    /// How long to wait for another holder: `None` waits for ever, zero tries once.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use libfw::LockPolicy;
    ///
    /// let once = LockPolicy::new().wait(Duration::ZERO);
    /// assert_eq!(once.wait, Some(Duration::ZERO));
    /// ```
    #[must_use]
    pub fn wait(mut self, wait: impl Into<Option<Duration>>) -> LockPolicy {
        self.wait = wait.into();
        self
    }
}

/// Waits for ever for the lock file that iptables uses.
impl Default for LockPolicy {
    fn default() -> LockPolicy {
        LockPolicy { path: Some(LockPolicy::PATH.into()), wait: None }
    }
}

/// When a commit first compares the kernel's table with what was read.
///
/// Under the lock, only a program that does not honour it can have changed the table. The kernel itself refuses to replace a
/// table only if the number of its rules has changed; any other change would be overwritten in silence. So the table is read once
/// more before it is written. That takes about as long as the replace itself (on two cores under load: 5 µs for a table of 5
/// rules, 0.5 ms for 1,000, 0.1 s for 100,000), and room for a copy.
///
/// A change between this last look and the end of the replace, while the kernel checks the new rules, is still overwritten if it
/// keeps the number of rules. That gap is about 10 µs for a small table, and as long as the replace for a large one;
/// [`Report::overwritten`](crate::Report::overwritten) says when it happened.
///
/// A table that is written anew, such as one restored from a save file, is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compare {
    /// Always.
    Always,
    /// Up to so many bytes of entries. Larger tables are compared too if they were read without the lock.
    UpTo(usize),
    /// Never: only by the number of rules.
    Never,
}

/// Up to 1 MiB.
impl Default for Compare {
    fn default() -> Compare {
        Compare::UpTo(1 << 20)
    }
}

/// Decides whether a long wait should end.
#[derive(Clone)]
pub struct Interrupt(Arc<dyn Fn() -> bool + Send + Sync>);

impl Interrupt {
    pub(crate) fn new(asked: impl Fn() -> bool + Send + Sync + 'static) -> Interrupt {
        Interrupt(Arc::new(asked))
    }

    /// Whether the wait should end now. Call it several times a second, and after every signal.
    ///
    /// ```
    /// use std::time::Duration;
    /// use libfw::backend::Interrupt;
    ///
    /// fn wait(mut is_free: impl FnMut() -> bool, interrupt: Option<&Interrupt>) -> bool {
    ///     while !is_free() {
    ///         if interrupt.is_some_and(Interrupt::is_asked_for) {
    ///             return false;
    ///         }
    ///         std::thread::sleep(Duration::from_millis(100));
    ///     }
    ///     true
    /// }
    /// ```
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}

/// A lock, held until dropped.
///
/// Use it to keep other tools away while you change several tables: a table opened [under it](crate::Kernel::with_lock) does not
/// take the lock a second time, nor does the thread that has taken it, with whatever kernel handle. Other threads wait for it as
/// other processes do.
///
/// The lock belongs to the process that took it; in a forked child the copy is worth nothing.
#[derive(Clone)]
pub struct Lock {
    held: Option<Arc<dyn Any + Send + Sync>>,
    process: u32,
    /// Whether it keeps only the threads of this process away.
    of_process: bool,
}

impl Lock {
    /// No lock, where there is nobody to keep away.
    pub const NONE: Lock = Lock { held: None, process: 0, of_process: false };

    /// A lock that is released when this is dropped.
    ///
    /// ```
    /// use std::fs::File;
    /// use std::io;
    /// use std::path::Path;
    /// use libfw::backend::Lock;
    ///
    /// fn lock(path: &Path) -> io::Result<Lock> {
    ///     let file = File::create(path)?;
    ///     file.lock()?;
    ///     Ok(Lock::new(file))
    /// }
    /// ```
    #[must_use]
    pub fn new(held: impl Any + Send + Sync) -> Lock {
        Lock::shared(Arc::new(held))
    }

    /// The same for one of which others have a part.
    pub(crate) fn shared(held: Arc<dyn Any + Send + Sync>) -> Lock {
        Lock { held: Some(held), process: std::process::id(), of_process: false }
    }

    /// The same as one that only the threads of this process respect.
    pub(crate) fn of_process(self) -> Lock {
        Lock { of_process: true, ..self }
    }

    pub(super) fn is_ours(&self) -> bool {
        self.held.is_none() || self.process == std::process::id()
    }

    /// Whether it keeps other programs away.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some() && !self.of_process
    }

    /// What makes it the same lock as another.
    fn address(&self) -> Option<usize> {
        self.held.as_ref().map(|held| Arc::as_ptr(held).addr())
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.held.is_some() { "Lock" } else { "Lock::NONE" })
    }
}

/// The lock and the right to work on one table under it, until dropped.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    lock: Lock,
    /// None where there is no lock.
    #[allow(dead_code, reason = "what counts is whether it is still there")]
    mark: Option<Arc<Mark>>,
}

impl Claim {
    /// Whether it keeps anybody away.
    pub(crate) fn is_held(&self) -> bool {
        self.lock.is_held()
    }

    /// Whether the lock is worth nothing here, because it was taken by the process that this one is a fork of.
    pub(crate) fn is_inherited(&self) -> bool {
        !self.lock.is_ours()
    }
}

/// A table that a thread works on.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    /// The lock that it has for it, by address. Whoever takes another one, or none, is as good as another program.
    lock: usize,
    place: Place,
    family: Family,
    table: String,
}

/// Where a table is: two handles on one network namespace have the same tables.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Namespace((u64, u64)),
    /// Somewhere else; the address of what holds the tables.
    Backend(usize),
}

impl Place {
    fn of(backend: &Arc<dyn Backend>, family: Family) -> Place {
        match backend.namespace(family) {
            Some(numbers) => Place::Namespace(numbers),
            None => Place::Backend(Arc::as_ptr(backend).addr()),
        }
    }
}

thread_local! {
    static MARKS: RefCell<Vec<Weak<Mark>>> = const { RefCell::new(Vec::new()) };
}

impl Store {
    /// Takes the lock in order to work on a table, which the thread must not do already.
    pub(crate) fn claim(&self, family: Family, table: &str) -> Result<Claim> {
        let lock = self.lock()?;
        let Some(address) = lock.address() else { return Ok(Claim { lock, mark: None }) };
        let place = Place::of(&self.backend, family);
        let mark = Arc::new(Mark { lock: address, place, family, table: table.to_owned() });
        let add = |marks: &RefCell<Vec<Weak<Mark>>>| {
            let mut marks = marks.borrow_mut();
            marks.retain(|known| known.strong_count() > 0);
            let is_new = !marks.iter().filter_map(Weak::upgrade).any(|known| known == mark);
            marks.push(Arc::downgrade(&mark));
            is_new
        };
        // A thread that is ending has no list any more.
        if MARKS.try_with(add).unwrap_or(true) {
            return Ok(Claim { lock, mark: Some(mark) });
        }
        Err(Error::from(BadEdit::AlreadyOpen).in_family(family).in_table(table))
    }
}
