//! Tables that are watched: told when somebody changes one, and what.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use super::Kernel;
use crate::error::Failure;
use crate::sys::timer::Timer;
use crate::sys::waiter::{Attention, Check};
use crate::table::backend::{Look, Notices, Want};
use crate::table::{Table, TablePlan};
use crate::types::Family;
use crate::{Error, Result};

/// A watch over tables, made by [`Kernel::watch`]: an iterator over their changes.
///
/// Each [`TableChange`] has the rules that came, went and moved since the last look, whoever changed them. What was changed and
/// changed back between two looks is not seen. The iterator waits for ever; [`next_change`](Watch::next_change) takes a timeout.
///
/// nf_tables says when something changes (the group NFNLGRP_NFTABLES of `linux/netfilter/nfnetlink.h`), so waiting costs nothing
/// there. The xtables interface does not, so it is polled: at every tick for the number and size of the entries, which is one
/// system call of about a microsecond, and at some ticks for the rules themselves, since a change may leave both as they are.
#[derive(Debug)]
pub struct Watch {
    kernel: Kernel,
    tables: Vec<Table>,
    wake: Wake,
    tick: Duration,
    contents: u32,
    looks: u32,
    /// The table that is looked at first, so that one that changes all the time does not hide the others.
    next: usize,
}

/// What says that it is time to look.
#[derive(Debug)]
enum Wake {
    /// Something was changed.
    Notices(Box<dyn Notices>),
    /// A tick is over.
    Ticks(Timer),
}

impl Wake {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Wake::Notices(notices) => notices.fd(),
            Wake::Ticks(timer) => timer.as_fd(),
        }
    }

    /// Begins anew: what was said is forgotten.
    fn clear(&mut self, tick: Duration) -> Result<()> {
        match self {
            Wake::Notices(notices) => notices.clear(),
            Wake::Ticks(timer) => timer.set(tick).map_err(interrupted),
        }
    }
}

/// A change of a [watched](Watch) table.
#[derive(Debug)]
#[non_exhaustive]
pub struct TableChange {
    /// The rules that came, went and moved, chain by chain, and what became of chains and policies.
    pub plan: TablePlan,
    /// The table as it was before, which [`Watch::put_back`] makes it again.
    pub before: Table,
}

impl fmt::Display for TableChange {
    /// As lines, `-` for what went and `+` for what came.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl Kernel {
    /// Watches tables from now on. Takes no lock, and creates no table that does not exist.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let mut watch = kernel.watch([(Family::Ipv4, "filter"), (Family::Ipv4, "nat")])?;
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
    /// // Somebody has added a rule to filter.
    /// let change = watch.next_change(Some(Duration::from_secs(5)))?.expect("a change");
    /// assert_eq!(change.to_string(), "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n");
    /// watch.put_back(&change)?;
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Kernel::open).
    pub fn watch<'a>(&self, tables: impl IntoIterator<Item = (Family, &'a str)>) -> Result<Watch> {
        // First, so that nothing is missed.
        let wake = match self.0.backend.notices()? {
            Some(notices) => Wake::Notices(notices),
            None => Wake::Ticks(Timer::new().map_err(interrupted)?),
        };
        let tables = tables.into_iter().map(|(family, name)| self.open(family, name));
        let tables = tables.collect::<Result<_>>()?;
        let (tick, contents) = (Watch::TICK, Watch::CONTENTS);
        let mut watch = Watch { kernel: self.clone(), tables, wake, tick, contents, looks: 0, next: 0 };
        // What came in while the tables were read is seen at the first look.
        if let Wake::Ticks(_) = watch.wake {
            watch.wake.clear(tick)?;
        }
        Ok(watch)
    }
}

impl Watch {
    /// How often the xtables interface is asked.
    pub const TICK: Duration = Duration::from_millis(100);
    /// At every such tick for the rules themselves.
    pub const CONTENTS: u32 = 10;

    /// The same watch, polling the xtables interface every `tick`, and for the rules themselves at every `contents`-th tick; 0
    /// for never. Reading a table of 100,000 rules takes about 8 milliseconds.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let watch = kernel.watch([(Family::Ipv4, "filter")])?.every(Duration::from_secs(1), 60);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn every(mut self, tick: Duration, contents: u32) -> Watch {
        self.set_interval(tick, contents);
        self
    }

    /// Sets the interval as [`every`](Watch::every) does.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
    /// watch.set_interval(Duration::from_secs(1), 60);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn set_interval(&mut self, tick: Duration, contents: u32) {
        (self.tick, self.contents) = (tick, contents);
    }

    /// Watches one more table.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
    /// watch.add(Family::Ipv6, "filter")?;
    /// assert_eq!(watch.tables().len(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`].
    pub fn add(&mut self, family: Family, table: &str) -> Result<()> {
        self.tables.push(self.kernel.open(family, table)?);
        Ok(())
    }

    /// The tables as they were at the last look.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let watch = kernel.watch([(Family::Ipv4, "filter")])?;
    /// assert_eq!(watch.tables()[0].name(), "filter");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Waits for a change and returns it, or `None` when the time is over. Without a timeout it waits for ever; with zero it does
    /// not wait.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
    /// let change = watch.next_change(Some(Duration::from_secs(5)))?.expect("somebody adds a rule");
    /// assert_eq!(change.plan.changes().added, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`], and [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) when a signal comes, as for
    /// [`Kernel::lock`]. The next call goes on.
    #[doc(alias = "wait")]
    pub fn next_change(&mut self, timeout: Option<Duration>) -> Result<Option<TableChange>> {
        // A time that no clock will ever show is no deadline.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let interrupt = self.kernel.0.interrupt.clone();
        let check = interrupt.as_ref().map(|interrupt| || interrupt.is_asked_for());
        let check = check.as_ref().map(|check| check as &Check<'_>);
        let attention = Attention::new().map_err(interrupted)?;
        loop {
            // First, so that what is changed during the look is heard of.
            self.wake.clear(self.tick)?;
            if let Some(change) = self.look()? {
                return Ok(Some(change));
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Ok(None);
            }
            attention.wait(Some(self.wake.fd()), deadline, check).map_err(interrupted)?;
        }
    }

    /// Looks at the tables, at each once, up to one that has changed.
    fn look(&mut self) -> Result<Option<TableChange>> {
        self.looks = self.looks.wrapping_add(1);
        let asked = matches!(self.wake, Wake::Ticks(_));
        let whole = asked && self.contents > 0 && self.looks.is_multiple_of(self.contents);
        let look = if whole { Look::Whole } else { Look::Quick };
        for _ in 0..self.tables.len() {
            let index = self.next % self.tables.len();
            self.next = index + 1;
            let seen = &mut self.tables[index];
            if self.kernel.0.backend.is_unchanged(seen, look)? {
                continue;
            }
            let now = self.kernel.open(seen.family(), seen.name())?;
            let plan = seen.diff(&now)?;
            let before = std::mem::replace(seen, now);
            if !plan.is_empty() {
                return Ok(Some(TableChange { plan, before }));
            }
        }
        Ok(None)
    }

    /// Makes a table again what it was before a change, under the lock, whatever has changed since. Rules that were deleted come
    /// back with the counters of the last look. Returns what was changed to that end, which the watch will not report.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use std::time::Duration;
    /// use libfw::Family;
    ///
    /// let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
    /// let change = watch.next_change(Some(Duration::from_secs(5)))?.expect("somebody adds a rule");
    /// assert_eq!(watch.put_back(&change)?.changes().removed, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::update`].
    pub fn put_back(&mut self, change: &TableChange) -> Result<TablePlan> {
        let (family, name) = (change.before.family(), change.before.name());
        let (plan, mut table) = self.kernel.attempts(family, name, |claim| {
            let mut table = self.kernel.open_wanted(family, name, Want::All, claim)?;
            let plan = table.diff(&change.before)?;
            table.apply(&plan)?;
            table.commit()?;
            Ok((plan, table))
        })?;
        table.unlock();
        if let Some(seen) = self.tables.iter_mut().find(|seen| (seen.family(), seen.name()) == (family, name))
        {
            *seen = table;
        }
        Ok(plan)
    }
}

fn interrupted(error: std::io::Error) -> Error {
    Error::from(Failure::Wait { interrupted: error.kind() == std::io::ErrorKind::Interrupted }).because(error)
}

/// The descriptor to wait on in a loop of your own, by `poll(2)` or in an event loop: when it becomes readable, call
/// [`next_change`](Watch::next_change) with a timeout of zero until it returns `None`. The descriptor belongs to the watch: do
/// not read from it or close it.
///
/// ```
/// # let kernel = libfw::MemoryKernel::new().kernel();
/// use std::os::fd::AsFd;
/// use std::time::Duration;
/// use libfw::Family;
/// use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
///
/// let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
/// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
/// let mut changes = Vec::new();
/// while changes.is_empty() {
///     poll(&mut [PollFd::new(watch.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).expect("no signal");
///     while let Some(change) = watch.next_change(Some(Duration::ZERO))? {
///         changes.push(change.to_string());
///     }
/// }
/// assert_eq!(changes, ["# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n"]);
/// # Ok::<(), libfw::Error>(())
/// ```
impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.fd()
    }
}

/// As [`as_fd`](AsFd::as_fd).
impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

/// Waits for ever.
impl Iterator for Watch {
    type Item = Result<TableChange>;

    fn next(&mut self) -> Option<Result<TableChange>> {
        self.next_change(None).transpose()
    }
}
