//! Commits: the checks before the backend is asked, and what it answered.

use std::sync::Arc;

use super::backend::{Backend, Change, Written};
use super::{Before, Claim, Store, Table};
use crate::error::{BadEdit, Warning};
use crate::{Error, Result};

/// What a commit did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Whether anything was written; `false` if there were no edits.
    pub changed: bool,
    /// The number of rules in the table now; where only some chains were read, as [asked for](crate::Kernel::open_chains) or in an
    /// [update](crate::Kernel::update) of a large table, in these.
    pub rules: usize,
    /// Why the counters could not be carried over: a replace starts them at zero. `None` if they are in place. The rules are in
    /// the kernel either way.
    pub counters_lost: Option<Error>,
    /// Whether a program that does not honour the lock changed the table between the [last look](crate::Compare) at it and the
    /// replace: that change is lost, and counters are those of the last look. Always `false` for a table that is not compared.
    pub overwritten: bool,
}

impl Report {
    /// What is odd about it.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> {
        let lost =
            self.counters_lost.as_ref().map(|error| Warning::CountersLost { reason: error.to_string() });
        lost.into_iter().chain(self.overwritten.then_some(Warning::Overwritten))
    }
}

impl Table {
    /// Writes all edits in one step and returns what was done. Rules that stay keep their counters.
    ///
    /// If the table was not opened under the lock, the lock is taken first, and the table compared with the kernel's.
    ///
    /// Once the kernel has taken the rules the commit has succeeded, whatever comes after: [`Report::counters_lost`] says whether
    /// the counters could not follow.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let report = table.commit()?;
    /// assert!(report.counters_lost.is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the table was changed since it was read;
    /// [`refresh`](Table::refresh) it and edit again. [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule),
    /// [`ErrorKind::Loop`](crate::ErrorKind::Loop),
    /// [`ErrorKind::ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable) and
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) when the kernel refuses what was written: nothing is changed
    /// then. [`ErrorKind::AlreadyOpen`](crate::ErrorKind::AlreadyOpen) when the table was not opened under the lock, but
    /// the same table was by this thread. Those of [`Kernel::lock`](crate::Kernel::lock).
    ///
    /// A forked child of the process that opened the table under the lock gets a `Conflict` too: the lock stays with the parent.
    pub fn commit(&mut self) -> Result<Report> {
        let unchanged =
            Report { changed: false, rules: self.rules_here(), counters_lost: None, overwritten: false };
        Ok(Table::commit_all(&mut [self])?.pop().unwrap_or(unchanged))
    }

    /// Writes the edits of several tables of one kernel, of both families: all or none. Returns a report for each table, in the
    /// same order.
    ///
    /// In nf_tables that is one step. In the xtables interface the tables are replaced one after the other; when one is refused,
    /// those before it are put back with their counters. [`Kernel::transaction`](crate::Kernel::transaction) takes one lock for
    /// all of it.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Table};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut filter = kernel.open(Family::Ipv4, "filter")?;
    /// let mut nat = kernel.open(Family::Ipv4, "nat")?;
    /// filter.chain_mut("FORWARD")?.append("-o eth0 -j ACCEPT")?;
    /// nat.chain_mut("POSTROUTING")?.append("-o eth0 -j MASQUERADE")?;
    /// Table::commit_all(&mut [&mut filter, &mut nat])?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Table::commit), for the table that the error names; nothing has changed then. If a table that was
    /// already written cannot be put back, that is a [`PartlyCommitted`](crate::ErrorKind::PartlyCommitted), which names both.
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for tables of different kernels.
    pub fn commit_all(tables: &mut [&mut Table]) -> Result<Vec<Report>> {
        tables.iter_mut().try_for_each(|table| table.check_read())?;
        let mut changed = tables.iter().filter(|table| table.dirty);
        let store = changed.next().map(|first| first.store.clone());
        let backend = store.as_ref().map(|store| store.backend.clone());
        if let Some(other) = changed.find(|table| !backend.as_ref().is_some_and(|one| table.is_of(one))) {
            return Err(other.error(BadEdit::TwoBackends));
        }
        let (mut guards, mut before) = (Vec::new(), store.as_ref().map(Store::before).unwrap_or_default());
        let mut left = tables.iter().filter(|table| table.dirty).count();
        for table in tables.iter_mut().filter(|table| table.dirty) {
            left -= 1;
            guards.extend(table.guard()?);
            table.read_policies()?;
            match table.store.backend.capabilities().looks_at_rules {
                true => table.check_new_rules()?,
                false => {
                    table.check(&before).map_err(|error| table.as_refused(error))?;
                    if left > 0 {
                        before.add(table);
                    }
                }
            }
            table.check_sets()?;
        }
        let mut changes: Vec<_> =
            tables.iter_mut().filter(|table| table.dirty).map(|table| Change { table }).collect();
        let written = match &backend {
            Some(backend) => backend.write(&mut changes).map_err(|error| {
                let is_it = |change: &&Change<'_>| {
                    let table = &change.table;
                    error.table() == Some(&table.name) && error.family() == Some(table.family)
                };
                let refused = changes.iter().find(is_it).or(changes.first());
                match refused {
                    Some(refused) => {
                        let mut before = Before::default();
                        let others = changes.iter().take_while(|change| !std::ptr::eq(*change, refused));
                        others.for_each(|change| before.add(change.table));
                        refused.table.explain(error, &before)
                    }
                    None => error,
                }
            })?,
            None => Vec::new(),
        };
        let mut written = written.into_iter();
        let reports = tables.iter_mut().map(|table| {
            let changed = table.dirty;
            let Written { counters_lost, overwritten } =
                if changed { written.next().unwrap_or_default() } else { Written::default() };
            if changed {
                table.was_written();
            }
            Report { changed, rules: table.rules_here(), counters_lost, overwritten }
        });
        Ok(reports.collect())
    }

    fn is_of(&self, backend: &Arc<dyn Backend>) -> bool {
        Arc::ptr_eq(&self.store.backend, backend)
    }

    /// The right to write it, if it does not have that.
    fn guard(&self) -> Result<Option<Claim>> {
        match &self.claim {
            Some(claim) if claim.is_inherited() => Err(self.error(BadEdit::LockOfParent)),
            Some(_) => Ok(None),
            None => self.store.claim(self.family, &self.name).map(Some),
        }
    }

    fn was_written(&mut self) {
        if let Some(rest) = &mut self.rest {
            rest.take();
        }
        (self.dirty, self.exists, self.counts) = (false, true, false);
        self.forget_sets();
    }

    /// Fails if the name of an ipset stands for another set than the rules were made with: they would match that one.
    pub(crate) fn check_sets(&self) -> Result<()> {
        match self.system.changed_set()? {
            None => Ok(()),
            Some(name) => Err(self.error(BadEdit::SetChanged).at_token(String::from_utf8_lossy(&name))),
        }
    }
}
