//! Short for the Kernel's: the one place where a table knows of the handle above it.

use super::Table;
use super::commit::Report;
use crate::Result;
use crate::kernel::Kernel;
use crate::types::Family;

impl Table {
    /// Reads a table of the current network namespace; short for [`Kernel::open`].
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`].
    pub fn open(family: Family, name: &str) -> Result<Table> {
        Kernel::new().open(family, name)
    }

    /// Changes a table of the current network namespace under the lock; short for [`Kernel::update`].
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
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        Kernel::from(self.store.clone())
    }
}
