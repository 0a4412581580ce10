//! Changes that are taken back unless somebody confirms them.

mod watch;

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::desired::{Applied, Desired};
use super::{Kernel, Transaction, open_backend};
use crate::error::Failure;
use crate::sys::{detached, netns};
use crate::table::backend::LockPolicy;
use crate::table::{Kept, Plan, Reversal, Store};
use crate::types::{BackendKind, Family};
use crate::{Error, Result};
use watch::{ABORTED, COMMITTED, CONFIRM, Change, READY, ROLL_BACK, Watch};

/// The name of the socket at which a change is confirmed. Each network namespace has its own.
const NAME: &str = "libfw-confirm";

/// Nobody waits longer, and every clock can count it.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// How long it may take for whoever watches to be ready.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long whoever watched may take to leave.
const LEAVING: Duration = Duration::from_millis(200);

/// A change that was made and will be taken back unless somebody confirms it; see [`Desired::apply_for`].
///
/// Dropping this neither confirms the change nor takes it back.
#[derive(Debug)]
pub struct Pending {
    applied: Applied,
    deadline: Instant,
    /// To whoever watches; `None` where there is nothing to take back.
    guard: Option<UnixStream>,
    ended: Option<Ending>,
}

/// What became of a [`Pending`] change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// It was confirmed, here or elsewhere, and stays.
    Confirmed,
    /// The old rules are back.
    RolledBack,
}

impl Pending {
    /// What was changed.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let pending = desired.apply_for(Duration::from_secs(30))?;
    /// assert_eq!(pending.applied().plan.changes().added, 1);
    /// # let mut pending = pending;
    /// # pending.confirm()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn applied(&self) -> &Applied {
        &self.applied
    }

    /// How much time is left to confirm it.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let pending = desired.apply_for(Duration::from_secs(30))?;
    /// assert!(pending.remaining() <= Duration::from_secs(30));
    /// # let mut pending = pending;
    /// # pending.confirm()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Confirms the change: it stays.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let mut pending = desired.apply_for(Duration::from_secs(30))?;
    /// pending.confirm()?;
    /// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when it is too late and the old rules are back.
    pub fn confirm(&mut self) -> Result<()> {
        match self.ask(CONFIRM)? {
            Ending::Confirmed => Ok(()),
            Ending::RolledBack => Err(Failure::TooLate.into()),
        }
    }

    /// Takes the change back now, unless it has been confirmed in the meantime. Returns what became of it.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Ending, Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let mut pending = desired.apply_for(Duration::from_secs(30))?;
    /// assert_eq!(pending.roll_back()?, Ending::RolledBack);
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Kernel`](crate::ErrorKind::Kernel) when the old rules cannot be put back.
    pub fn roll_back(&mut self) -> Result<Ending> {
        self.ask(ROLL_BACK)
    }

    /// Waits until somebody else confirms the change or its time is over, and returns what became of it.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Ending, Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let mut pending = desired.apply_for(Duration::from_millis(50))?;
    /// assert_eq!(pending.wait()?, Ending::RolledBack);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`roll_back`](Pending::roll_back), and [`ErrorKind::Io`](crate::ErrorKind::Io) when whoever watches was killed.
    pub fn wait(&mut self) -> Result<Ending> {
        loop {
            if let Some(ending) = self.wait_for(Duration::from_secs(60))? {
                return Ok(ending);
            }
        }
    }

    /// As [`wait`](Pending::wait), for at most this long; `None` if nothing has been decided by then.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let mut pending = desired.apply_for(Duration::from_secs(30))?;
    /// assert_eq!(pending.wait_for(Duration::from_millis(10))?, None);
    /// # pending.confirm()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`wait`](Pending::wait).
    pub fn wait_for(&mut self, time: Duration) -> Result<Option<Ending>> {
        if self.ended.is_some() {
            return Ok(self.ended);
        }
        let Some(guard) = &mut self.guard else { return Ok(Some(Ending::Confirmed)) };
        let ready = {
            let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
            let mut files = [PollFd::new(guard.as_fd(), PollFlags::POLLIN)];
            poll(&mut files, PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX))
        };
        match ready {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(None),
            _ => self.answer().map(Some),
        }
    }

    fn ask(&mut self, question: u8) -> Result<Ending> {
        if let (Some(guard), None) = (&mut self.guard, self.ended) {
            // It may have ended with an answer.
            let _ = guard.write_all(&[question]);
        }
        self.answer()
    }

    fn answer(&mut self) -> Result<Ending> {
        let ending = match (self.ended, &mut self.guard) {
            (Some(ending), _) => ending,
            (None, None) => Ending::Confirmed,
            (None, Some(guard)) => answer(guard)?,
        };
        self.ended = Some(ending);
        Ok(ending)
    }
}

/// Reads what whoever watches has to say at its end.
fn answer(guard: &mut UnixStream) -> Result<Ending> {
    let mut text = String::new();
    let read = guard.read_to_string(&mut text);
    match (text.split_once(' ').unwrap_or((&text, "")), read) {
        (("confirmed", _), _) => Ok(Ending::Confirmed),
        (("back", _), _) => Ok(Ending::RolledBack),
        (("stuck", reason), _) => Err(Failure::Stuck { reason: reason.to_owned() }.into()),
        // Whoever came was not allowed to.
        (("denied", _), _) => Err(Error::from(Failure::GuardDenied)),
        (_, Err(error)) => Err(Error::from(Failure::GuardGone).because(error)),
        _ => Err(Failure::GuardGone.into()),
    }
}

impl Desired {
    /// As [`apply`](Desired::apply), but the old rules come back unless the change is confirmed within this time: by
    /// [`Pending::confirm`], by [`Kernel::confirm`] in any program, or by the command `fw confirm`. They also come back if this
    /// program is killed, or loses its terminal.
    ///
    /// What others change in the meantime stays: taking back undoes this change alone, in the tables as they are by then.
    ///
    /// A separate process stands guard. It is made by `fork(2)` before anything is changed, has a session of its own and ignores
    /// signals. It shares the memory of this process, so a program that has much of it and changes it quickly needs room for a
    /// copy. The guard cannot survive being killed itself, for example by a service manager that ends everything in a control
    /// group (`KillMode=process` spares it), nor the end of the machine or of the network namespace. For a kernel in memory,
    /// which no other process has, and for a [backend](Kernel::with_backend) of the program's own, the guard is a thread.
    ///
    /// ```
    /// use std::time::Duration;
    /// use libfw::{Ending, Family, MemoryKernel, Scope};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.chain_mut("INPUT")?.append("-p tcp --dport 22 -j ACCEPT")?;
    /// let mut pending = desired.apply_for(Duration::from_secs(60))?;
    /// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
    /// // Nobody can come in any more.
    /// assert_eq!(pending.roll_back()?, Ending::RolledBack);
    /// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 0);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Desired::apply); [`ErrorKind::LockBusy`](crate::ErrorKind::LockBusy) when another change in this network
    /// namespace waits to be confirmed, and [`ErrorKind::Io`](crate::ErrorKind::Io) when nobody can be made to watch. Nothing is
    /// changed then.
    pub fn apply_for(&mut self, time: Duration) -> Result<Pending> {
        let time = time.min(LONGEST);
        self.complete()?;
        let kernel = self.kernel().clone();
        let lock = kernel.lock()?;
        let mut last = Plan::default();
        let done = kernel.retry(lock.is_held(), || {
            let mut transaction = kernel.begin_under(&lock);
            let mut reversals = Vec::new();
            last = self.edit(&mut transaction, &mut |table, plan| {
                reversals.push(Reversal::of(table, plan)?);
                Ok(())
            })?;
            let deadline = Instant::now() + time;
            if last.is_empty() {
                let reports = transaction.commit()?;
                return Ok(Pending {
                    applied: Applied { plan: last.clone(), reports },
                    deadline,
                    guard: None,
                    ended: None,
                });
            }
            let mut guard = kernel.guard(Undo::Changes(reversals), time)?;
            match transaction.commit() {
                Ok(reports) => {
                    let deadline = Instant::now() + time;
                    let _ = guard.write_all(&[COMMITTED]);
                    let applied = Applied { plan: last.clone(), reports };
                    Ok(Pending { applied, deadline, guard: Some(guard), ended: None })
                }
                Err(error) => {
                    let _ = guard.write_all(&[ABORTED]);
                    // Its place is free for another attempt when it is gone.
                    let _ = guard.read_to_end(&mut Vec::new());
                    Err(error)
                }
            }
        });
        done.map_err(|error| error.each(&mut |error| self.explain(&last, error)))
    }
}

impl Kernel {
    /// Has everything in the tables of these families come back as it is now unless it is confirmed within this time, whoever
    /// changes the tables in the meantime and by whatever program. This is [`Desired::apply_for`] for changes that libfw does not
    /// make itself.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let mut pending = kernel.watch_over(&Family::ALL, Duration::from_secs(30))?;
    /// kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-j DROP"))?;
    /// // Nobody can reach the machine any more.
    /// pending.roll_back()?;
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`]; [`ErrorKind::LockBusy`](crate::ErrorKind::LockBusy) and
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) as for [`Desired::apply_for`].
    pub fn watch_over(&self, families: &[Family], time: Duration) -> Result<Pending> {
        let time = time.min(LONGEST);
        let mut kept = Vec::new();
        for family in families {
            for table in self.tables(*family)? {
                kept.push(Kept::of(&self.open(*family, &table)?));
            }
        }
        let mut guard = self.guard(Undo::All(families.to_vec(), kept), time)?;
        let _ = guard.write_all(&[COMMITTED]);
        let applied = Applied { plan: Plan::default(), reports: Vec::new() };
        Ok(Pending { applied, deadline: Instant::now() + time, guard: Some(guard), ended: None })
    }

    /// Confirms the pending change of this network namespace, whoever made it; see [`Desired::apply_for`]. Only the user who made
    /// it and root may do so.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use libfw::{Ending, Family, Kernel};
    ///
    /// let mut pending = Kernel::new().watch_over(&[Family::Ipv4], Duration::from_secs(60))?;
    /// // By whatever program:
    /// Kernel::new().confirm()?;
    /// assert_eq!(pending.wait()?, Ending::Confirmed);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchObject`](crate::ErrorKind::NoSuchObject) when none waits, and for tables in memory, where only
    /// [`Pending::confirm`] does it.
    pub fn confirm(&self) -> Result<()> {
        match self.tell_guard(CONFIRM)? {
            Ending::Confirmed => Ok(()),
            Ending::RolledBack => Err(Failure::TooLate.into()),
        }
    }

    /// Takes back the pending change of this network namespace now.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use libfw::{Ending, Family, Kernel};
    ///
    /// let mut pending = Kernel::new().watch_over(&[Family::Ipv4], Duration::from_secs(60))?;
    /// // By whatever program:
    /// Kernel::new().roll_back()?;
    /// assert_eq!(pending.wait()?, Ending::RolledBack);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`confirm`](Kernel::confirm), and for [`Pending::roll_back`].
    pub fn roll_back(&self) -> Result<()> {
        match self.tell_guard(ROLL_BACK)? {
            Ending::RolledBack => Ok(()),
            // By somebody else at the same time.
            Ending::Confirmed => Err(Failure::NothingToConfirm.into()),
        }
    }

    fn tell_guard(&self, question: u8) -> Result<Ending> {
        // Whoever watches over those is not asked by others, and those of the namespace are not meant.
        if self.detection().is_ok_and(|found| self.is_of_program(found.backend)) {
            return Err(Failure::NothingToConfirm.into());
        }
        let none = |error: io::Error| match error.kind() {
            io::ErrorKind::ConnectionRefused => Error::from(Failure::NothingToConfirm),
            _ => Error::from(Failure::Guard).because(error),
        };
        let mut guard = self.inside(|| UnixStream::connect_addr(&address()?)).map_err(none)?;
        let _ = guard.write_all(&[question]);
        answer(&mut guard)
    }

    /// Whether this program alone has the tables, not the network namespace.
    fn is_of_program(&self, kind: BackendKind) -> bool {
        self.0.brought || !matches!(kind, BackendKind::Legacy | BackendKind::Nft)
    }

    /// Does something in the network namespace of the tables.
    fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        match &self.0.namespace {
            None => work(),
            Some(file) => netns::inside(file, work)?,
        }
    }

    /// Starts whoever watches over the old rules, and waits until it is ready.
    fn guard(&self, undo: Undo, time: Duration) -> Result<UnixStream> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => Error::from(Failure::Unconfirmed),
            _ => Error::from(Failure::Guard).because(error),
        };
        let kind = self.detection()?.backend;
        let (mut ours, theirs) = UnixStream::pair().map_err(failed)?;
        if self.is_of_program(kind) {
            let kernel = self.clone();
            let watch = Watch { control: Some(theirs), listener: None, time };
            let work = move || watch.run(&mut Made { undo, kernel });
            std::thread::Builder::new().name("libfw-guard".into()).spawn(work).map_err(failed)?;
        } else {
            let listener = self.inside(listen).map_err(failed)?;
            let known = self.0.backend.namespace(Family::Ipv4);
            let mut keep = vec![theirs.as_fd(), listener.as_fd()];
            keep.extend(self.0.namespace.iter().map(|file| file.as_fd()));
            let watch = || {
                // Nothing that others of this process might hold.
                let backend = open_backend(kind, self.0.namespace.clone());
                let policy = LockPolicy { wait: None, ..self.0.policy.clone() };
                let namespace = self.0.namespace.clone();
                let kernel = Kernel(Store { policy, namespace, ..Store::new(backend) });
                // The tables of another namespace than this thread's would be looked for in vain.
                if known.is_some() && kernel.0.backend.namespace(Family::Ipv4) != known {
                    return;
                }
                let (Ok(control), Ok(listener)) = (theirs.try_clone(), listener.try_clone()) else { return };
                let watch = Watch { control: Some(control), listener: Some(listener), time };
                watch.run(&mut Made { undo, kernel });
            };
            detached::detached(&keep, watch).map_err(failed)?;
            drop(theirs);
        }
        ours.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        let mut ready = [0];
        let read = ours.read_exact(&mut ready);
        match (read, ready) {
            (Ok(()), [READY]) => {}
            (Err(error), _) => return Err(failed(error)),
            _ => return Err(Failure::Guard.into()),
        }
        ours.set_read_timeout(None).map_err(failed)?;
        Ok(ours)
    }
}

/// Listens at the address. Whoever watched over a change before that has come to its end may not be gone yet.
fn listen() -> io::Result<UnixListener> {
    let begin = Instant::now();
    loop {
        match UnixListener::bind_addr(&address()?) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && begin.elapsed() < LEAVING => {
                std::thread::sleep(Duration::from_millis(10));
            }
            listener => return listener,
        }
    }
}

fn address() -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(NAME)
}

/// How the old rules are put back.
enum Undo {
    /// By the opposite of what was changed.
    Changes(Vec<Reversal>),
    /// By making everything of these families what it was.
    All(Vec<Family>, Vec<Kept>),
}

/// What is put back, and where.
struct Made {
    undo: Undo,
    kernel: Kernel,
}

impl Change for Made {
    /// The tables to which nothing has been done have nothing to be undone, whatever others do to them from now on.
    fn is_made(&mut self) -> bool {
        let Undo::Changes(reversals) = &mut self.undo else { return true };
        reversals.retain(|reversal| {
            let table = self.kernel.open(reversal.family, &reversal.table);
            table.map_or(true, |table| reversal.is_made(&table))
        });
        !reversals.is_empty()
    }

    fn undo(&mut self) -> Result<()> {
        self.undo.run(&self.kernel)
    }
}

impl Undo {
    fn run(&self, kernel: &Kernel) -> Result<()> {
        let undo = |transaction: &mut Transaction| match self {
            Undo::Changes(reversals) => reversals
                .iter()
                .try_for_each(|reversal| reversal.undo(transaction.table(reversal.family, &reversal.table)?)),
            Undo::All(families, kept) => {
                for family in families {
                    let of_family = || kept.iter().filter(|kept| kept.family == *family);
                    for kept in of_family() {
                        kept.restore(transaction.table(*family, &kept.table)?)?;
                    }
                    for name in kernel.tables(*family)? {
                        if of_family().all(|kept| kept.table != name) {
                            transaction.table(*family, &name)?.reset()?;
                        }
                    }
                }
                Ok(())
            }
        };
        kernel.transaction(undo).map(drop)
    }
}
