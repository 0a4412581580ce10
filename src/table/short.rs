//! Short for the Kernel's: the one place where a table knows of the handle above it.

use super::Table;
use super::commit::Report;
use crate::Result;
use crate::kernel::Kernel;
use crate::types::Family;

impl Table {
    /// Reads a table of the current network namespace; short for [`Kernel::open`].
    ///
    /// ```no_run
    /// use libfw::{Family, Table};
    ///
    /// println!("{} rules", Table::open(Family::Ipv4, "filter")?.len());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`].
    pub fn open(family: Family, name: &str) -> Result<Table> {
        Kernel::new().open(family, name)
    }

    /// Changes a table of the current network namespace under the lock; short for [`Kernel::update`].
    ///
    /// ```no_run
    /// use libfw::{Family, Table};
    ///
    /// Table::update(Family::Ipv4, "filter", |filter| filter.chain_mut("INPUT")?.ensure("-i lo -j ACCEPT"))?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::update`].
    pub fn update<T>(
        family: Family,
        name: &str,
        edit: impl FnMut(&mut Table) -> Result<T>,
    ) -> Result<(T, Report)> {
        Kernel::new().update(family, name, edit)
    }

    /// The kernel the table was read from.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let filter = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let nat = filter.kernel().open(Family::Ipv4, "nat")?;
    /// # let _ = nat;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        Kernel::from(self.store.clone())
    }
}
