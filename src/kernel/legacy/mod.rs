//! The kernel's xtables interface as a backend: a table is read as one blob and replaced by another.

mod absent;
mod assemble;
mod blobs;
mod commit;
mod load;
mod look;
mod socket;
mod take;

pub(crate) use absent::TABLES;
pub use blobs::{Blobs, COUNTERS_HEADROOM, Info};
pub use socket::LegacySocket;
pub(super) use socket::no_table;

use std::io;
use std::sync::Arc;

use crate::Result;
use crate::ext::pass_on;
use crate::kernel::gate::{self, Entered, Place, Work};
use crate::table::Table;
use crate::table::backend::{
    Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Look, Snapshot, Want, Written,
};
use crate::types::{BackendKind, Detection, Family};

/// A [`Backend`] over [`Blobs`].
#[derive(Debug)]
pub struct Legacy<B>(B);

impl<B: Blobs> Legacy<B> {
    /// The backend over these blobs.
    ///
    /// ```
    /// use libfw::backend::Legacy;
    /// use libfw::{Family, Kernel, MemoryKernel};
    ///
    /// let kernel = Kernel::with_backend(Legacy::new(MemoryKernel::new()));
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn new(blobs: B) -> Legacy<B> {
        Legacy(blobs)
    }

    /// Keeps the other threads of the process from tables.
    fn enter<'a>(&self, tables: impl IntoIterator<Item = &'a Table>) -> Entered {
        // Blobs that nobody else has are known by where they are.
        let here = (u64::MAX, std::ptr::from_ref(&self.0).addr() as u64);
        gate::enter(tables.into_iter().map(|table| {
            let family = table.family();
            let namespace = self.0.namespace(family).unwrap_or(here);
            Place { namespace, family, table: table.name().to_owned(), work: Work::Commit }
        }))
    }
}

pass_on!([B: Blobs] Legacy<B>, self => self.0);

impl<B: Blobs> Backend for Legacy<B> {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        if into.family() == Family::Arp {
            return Err(no_table(Family::Arp, into.name()));
        }
        let _entered = self.enter([&*into.table]);
        load::read(&self.0, into.table, want)
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let _entered = self.enter(changes.iter().map(|change| &*change.table));
        commit::write(&self.0, changes)
    }

    fn take_counters(&self, into: &mut Snapshot<'_>) -> Result<bool> {
        let _entered = self.enter([&*into.table]);
        take::take(&self.0, into.table).map(|()| true)
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        look::is_unchanged(&self.0, table, look)
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        if family == Family::Arp { Ok(Vec::new()) } else { self.0.tables(family) }
    }

    fn detection(&self) -> Result<Detection> {
        Ok(self.0.kind().named())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { looks_at_rules: self.0.kind() != BackendKind::Memory, ..Capabilities::LEGACY }
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        self.0.missing_module(family)
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        Ok(self.0.trial()?.map(|blobs| Arc::new(Legacy::new(blobs)) as _))
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        self.0.lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.0.namespace(family)
    }
}
