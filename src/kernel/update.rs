//! Changes as one step: the lock, one read, one replace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::gate::{self, Place, Work};
use super::{Kernel, names};
use crate::table::{Claim, Report, Table};
use crate::types::Family;
use crate::{Error, Result};

impl Kernel {
    /// Takes the lock, reads a table, lets `edit` change it and commits: one read and one replace however many edits.
    /// Returns what `edit` returned, and what the commit did.
    ///
    /// Of a large table in nf_tables only the chains are read that `edit` comes to: it takes the time of these, however many others
    /// there are. They are read by what [changes](Table::chain_mut) them; what [looks](Table::chain) at a table has the rest read as
    /// well. `edit` is shown one state, or called again.
    ///
    /// When `edit` fails, nothing is changed. When a program that ignores the lock gets in between, and that is
    /// [noticed](crate::Compare), the table is read again and `edit` called again, a few times at most.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let (added, report) = kernel.update(Family::Ipv4, "filter", |filter| {
    ///     filter.chain_mut("INPUT")?.ensure("-i lo -j ACCEPT")
    /// })?;
    /// assert!(added);
    /// # let _ = report;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `edit`, of [`open_locked`](Kernel::open_locked) and of [`commit`](Table::commit).
    pub fn update<T>(
        &self,
        family: Family,
        table: &str,
        edit: impl FnMut(&mut Table) -> Result<T>,
    ) -> Result<(T, Report)> {
        self.try_update(family, table, edit)
    }

    /// As [`update`](Kernel::update), for an `edit` with an error type of its own, such as `Box<dyn Error>`.
    ///
    /// ```
    /// use std::error::Error;
    ///
    /// use libfw::{Family, MemoryKernel};
    ///
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// let kernel = MemoryKernel::new().kernel();
    /// kernel.try_update(Family::Ipv4, "filter", |filter| -> Result<(), Box<dyn Error>> {
    ///     let port: u16 = "8080".parse()?;
    ///     Ok(filter.chain_mut("INPUT")?.append(format!("-p tcp --dport {port} -j ACCEPT"))?)
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`update`](Kernel::update).
    pub fn try_update<T, E: From<Error>>(
        &self,
        family: Family,
        table: &str,
        mut edit: impl FnMut(&mut Table) -> Result<T, E>,
    ) -> Result<(T, Report), E> {
        self.update_part(family, table, None, |mut copy| (edit(&mut copy), copy))
    }

    /// The same for an `edit` that has the table for itself and gives it back, of some chains or of all.
    #[doc(hidden)]
    pub fn update_part<T, E: From<Error>>(
        &self,
        family: Family,
        table: &str,
        chains: Option<&[Vec<u8>]>,
        mut edit: impl FnMut(Table) -> (Result<T, E>, Table),
    ) -> Result<(T, Report), E> {
        self.attempts(family, table, |claim| {
            let copy = match chains {
                Some(chains) => Table::read_part(self.0.clone(), family, table, chains, Some(claim.clone()))?,
                None => Table::read_lazily(self.0.clone(), family, table, Some(claim.clone()))?,
            };
            let (value, mut copy) = edit(copy);
            // What was decided without all of what was asked for is worth nothing.
            copy.check_read()?;
            match value {
                Ok(value) => Ok(Ok((value, copy.commit()?))),
                Err(error) => Ok(Err(error)),
            }
        })?
    }

    /// As [`update`](Kernel::update), but reads [these chains](Kernel::open_chains) alone, and whatever else `edit` turns out to
    /// need.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().nft();
    /// kernel.update(Family::Ipv4, "filter", |filter| filter.new_chain("web").map(drop))?;
    /// // However many other chains there are.
    /// kernel.update_chains(Family::Ipv4, "filter", ["web"], |filter| {
    ///     let mut web = filter.chain_mut("web")?;
    ///     web.flush();
    ///     web.extend(["-p tcp --dport 80 -j ACCEPT", "-p tcp --dport 443 -j ACCEPT"])
    /// })?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`update`](Kernel::update).
    pub fn update_chains<T>(
        &self,
        family: Family,
        table: &str,
        chains: impl IntoIterator<Item = impl AsRef<[u8]>>,
        mut edit: impl FnMut(&mut Table) -> Result<T>,
    ) -> Result<(T, Report)> {
        self.update_part(family, table, Some(&names(chains)), |mut copy| (edit(&mut copy), copy))
    }

    /// Takes the lock and does something that may conflict with somebody who does not: then it is done again, a few times, or
    /// as long as a command would wait where there is no lock to keep others away.
    pub(crate) fn attempts<T>(
        &self,
        family: Family,
        table: &str,
        mut work: impl FnMut(&Claim) -> Result<T>,
    ) -> Result<T> {
        let claim = self.0.claim(family, table)?;
        // Others may have the same lock, or there is none.
        let backend = &self.0.backend;
        let here = || (u64::MAX, Arc::as_ptr(backend).addr() as u64);
        let namespace = backend.namespace(family).unwrap_or_else(here);
        let _turn = gate::take_turn(Place { namespace, family, table: table.to_owned(), work: Work::Update });
        self.retry(claim.is_held(), || work(&claim))
    }

    /// The same under a lock, or none, that is there already.
    pub(super) fn retry<T>(&self, is_locked: bool, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        const ATTEMPTS: u64 = 5;
        const PATIENCE: Duration = Duration::from_secs(30);
        let begin = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let again = || attempt < ATTEMPTS || !is_locked && begin.elapsed() < PATIENCE;
            match work() {
                Err(error) if error.is_conflict() && again() => {}
                result => return result,
            }
        }
    }
}
