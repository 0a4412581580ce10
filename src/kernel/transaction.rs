//! Several tables, written together.

use super::Kernel;
use crate::Result;
use crate::table::backend::Lock;
use crate::table::{Plan, Report, Table};
use crate::types::Family;

/// Tables that are edited under one lock and written together, all or none; see [`Kernel::transaction`].
///
/// Dropping it without a commit changes nothing.
///
/// ```
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let (_, reports) = kernel.transaction(|tables| {
///     tables.table(Family::Ipv4, "nat")?.chain_mut("POSTROUTING")?.ensure("-o eth0 -j MASQUERADE")?;
///     tables.table(Family::Ipv4, "filter")?.chain_mut("FORWARD")?.ensure("-o eth0 -j ACCEPT")
/// })?;
/// assert_eq!(reports.len(), 2);
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Debug)]
pub struct Transaction {
    kernel: Kernel,
    tables: Vec<Table>,
}

impl Transaction {
    /// The table of that name, to be edited. It is read when it is first asked for.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut transaction = kernel.begin()?;
    /// for family in [Family::Ipv4, Family::Ipv6] {
    ///     transaction.table(family, "filter")?.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open_locked`].
    pub fn table(&mut self, family: Family, name: &str) -> Result<&mut Table> {
        let known = self.tables.iter().position(|table| table.family() == family && table.name() == name);
        let index = match known {
            Some(index) => index,
            None => {
                self.tables.push(self.kernel.open_locked(family, name)?);
                self.tables.len() - 1
            }
        };
        Ok(&mut self.tables[index])
    }

    /// The tables in the order in which they were first asked for.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut transaction = MemoryKernel::new().kernel().begin()?;
    /// transaction.table(Family::Ipv4, "nat")?;
    /// assert_eq!(transaction.tables()[0].name(), "nat");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Writes the edits of all tables, as [`Table::commit_all`] does. Returns a report for each of the [tables](Self::tables), in
    /// their order.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut transaction = MemoryKernel::new().kernel().begin()?;
    /// transaction.table(Family::Ipv4, "filter")?.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// assert_eq!(transaction.commit()?.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Table::commit_all`].
    pub fn commit(&mut self) -> Result<Vec<Report>> {
        Table::commit_all(&mut self.tables.iter_mut().collect::<Vec<_>>())
    }
}

impl Kernel {
    /// Takes the lock and returns a transaction that the caller commits. [`transaction`](Kernel::transaction) commits by itself,
    /// and tries again when somebody else comes in between.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut transaction = MemoryKernel::new().kernel().begin()?;
    /// transaction.table(Family::Ipv4, "filter")?.flush();
    /// // Without a commit nothing has happened.
    /// drop(transaction);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Kernel::lock).
    pub fn begin(&self) -> Result<Transaction> {
        Ok(self.begin_under(&self.lock()?))
    }

    pub(super) fn begin_under(&self, lock: &Lock) -> Transaction {
        Transaction { kernel: self.clone().with_lock(lock), tables: Vec::new() }
    }

    /// Makes the changes of a plan, in all its tables or in none, under the lock: one that was looked at before, or the
    /// [way back](Plan::inverse) from one that was made. Rules that stay keep their counters. Returns a report for each of its
    /// tables.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Scope};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// kernel.apply(&plan)?;
    /// assert!(desired.plan()?.is_empty());
    /// kernel.apply(&plan.inverse())?;
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when a table is not what the plan was made for, and then nothing is
    /// changed; those of [`Transaction::table`] and of [`Table::commit_all`].
    pub fn apply(&self, plan: &Plan) -> Result<Vec<Report>> {
        let mut transaction = self.begin()?;
        for part in &plan.tables {
            transaction.table(part.family, &part.table)?.apply(part)?;
        }
        transaction.commit()
    }

    /// Takes the lock, lets `edit` change as many tables of both families as it likes, and writes all of them or none. Returns
    /// what `edit` returned, and what the commit did, in the order in which the tables were asked for.
    ///
    /// In nf_tables that is a single step, for packets too. In the xtables interface the tables are replaced one after the other;
    /// when one is refused, those before it are put back with their counters, so packets may meet the new tables for a moment.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let ((), reports) = kernel.transaction(|t| {
    ///     for family in Family::ALL {
    ///         t.table(family, "filter")?.chain_mut("INPUT")?.append("-p tcp --dport 80 -j ACCEPT")?;
    ///     }
    ///     t.table(Family::Ipv4, "nat")?.chain_mut("PREROUTING")?.append("-p tcp --dport 8080 -j REDIRECT --to-ports 80")
    /// })?;
    /// assert!(reports.len() == 3 && reports.iter().all(|report| report.changed));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `edit`, of [`Transaction::table`] and of [`Table::commit_all`].
    pub fn transaction<T>(
        &self,
        mut edit: impl FnMut(&mut Transaction) -> Result<T>,
    ) -> Result<(T, Vec<Report>)> {
        let lock = self.lock()?;
        self.retry(lock.is_held(), || {
            let mut transaction = self.begin_under(&lock);
            let value = edit(&mut transaction)?;
            Ok((value, transaction.commit()?))
        })
    }
}
