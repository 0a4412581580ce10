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

    /// Reads some chains of a table of the current network namespace; short for [`Kernel::open_chains`].
    ///
    /// ```no_run
    /// use libfw::{Family, Table};
    ///
    /// let table = Table::open_chains(Family::Ipv4, "nat", ["DOCKER"])?;
    /// println!("{}", table.chain("DOCKER").map_or(0, |chain| chain.len()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open_chains`].
    pub fn open_chains(
        family: Family,
        name: &str,
        chains: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Table> {
        Kernel::new().open_chains(family, name, chains)
    }

    /// Changes some chains of a table of the current network namespace under the lock; short for [`Kernel::update_chains`].
    ///
    /// ```no_run
    /// use libfw::{Family, Table};
    ///
    /// Table::update_chains(Family::Ipv4, "nat", ["PREROUTING"], |nat| nat.chain_mut("PREROUTING")?.ensure("-i lo -j RETURN"))?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::update_chains`].
    pub fn update_chains<T>(
        family: Family,
        name: &str,
        chains: impl IntoIterator<Item = impl AsRef<[u8]>>,
        edit: impl FnMut(&mut Table) -> Result<T>,
    ) -> Result<(T, Report)> {
        Kernel::new().update_chains(family, name, chains, edit)
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
