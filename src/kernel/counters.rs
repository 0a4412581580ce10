//! The counters of a whole table.

use super::Kernel;
use crate::Result;
use crate::table::backend::Want;
use crate::table::{CounterSnapshot, Table};
use crate::types::Family;

impl Kernel {
    /// The counters of all rules and policies of a table at one moment. Takes no lock and changes nothing.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Counters, Family};
    ///
    /// # kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-c 3 180 -j ACCEPT"))?;
    /// assert_eq!(kernel.counters(Family::Ipv4, "filter")?.rules(), [Counters::new(3, 180)]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Kernel::open).
    pub fn counters(&self, family: Family, table: &str) -> Result<CounterSnapshot> {
        Ok(Table::read(self.0.clone(), family, table, Want::All, None)?.counters())
    }

    /// Reads the counters of a table and sets them to zero, under the lock. Returns what was read. No packet is lost in between:
    /// what is counted after the reading shows in the next one. The exception is the counters of policies in nf_tables, which
    /// lose what arrives between two system calls.
    ///
    /// The rules stay in place, with what their matches keep, such as the bucket of a limit; no table is replaced.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # use libfw::{Counters, Family};
    /// # kernel.update(Family::Ipv4, "filter", |table| {
    /// #     table.chain_mut("INPUT")?.append("-c 3 180 -p tcp -j ACCEPT")
    /// # })?;
    /// let taken = kernel.take_counters(Family::Ipv4, "filter")?;
    /// assert_eq!(taken.rules(), [Counters::new(3, 180)]);
    /// assert_eq!(kernel.counters(Family::Ipv4, "filter")?.rules(), [Counters::ZERO]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open_locked`](Kernel::open_locked), and [`Conflict`](crate::ErrorKind::Conflict) when programs that do not honour
    /// the lock replace the table again and again. In nf_tables it takes Linux 6.2; an older kernel refuses it, and nothing changes.
    pub fn take_counters(&self, family: Family, table: &str) -> Result<CounterSnapshot> {
        let claim = self.0.claim(family, table)?;
        Table::unread(self.0.clone(), family, table, claim).take_counters()
    }
}
