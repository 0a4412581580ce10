//! The backend that was detected.

use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use crate::Result;
use crate::error::Failure;
use crate::ext::{ExtensionKind, Host, ObjectKind, SetInfo};
use crate::kernel::open_backend;
use crate::table::Table;
use crate::table::backend::{
    Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Look, Notices, Snapshot, Want, Written,
};
use crate::types::{Detection, Family};

/// Looks which backend it is when it is first used.
#[derive(Debug)]
pub(crate) struct Detected {
    namespace: Option<Arc<File>>,
    chosen: OnceLock<Chosen>,
}

#[derive(Debug)]
struct Chosen {
    detection: Detection,
    backend: Arc<dyn Backend>,
}

impl Detected {
    /// In the namespace of the file, or in that of the thread which first uses it.
    pub(crate) fn new(namespace: Option<Arc<File>>) -> Detected {
        Detected { namespace, chosen: OnceLock::new() }
    }

    fn chosen(&self) -> Result<&Chosen> {
        if let Some(chosen) = self.chosen.get() {
            return Ok(chosen);
        }
        let detection = Detection::of(self.namespace.as_deref())?;
        let backend = open_backend(detection.backend, self.namespace.clone());
        Ok(self.chosen.get_or_init(|| Chosen { detection, backend }))
    }

    fn backend(&self) -> Result<&dyn Backend> {
        self.chosen().map(|chosen| &*chosen.backend)
    }

    /// The backend, to change something.
    fn backend_to_write(&self) -> Result<&dyn Backend> {
        let chosen = self.chosen()?;
        if chosen.detection.is_ambiguous() {
            return Err(Failure::Ambiguous { reason: chosen.detection.reason.to_string() }.into());
        }
        Ok(&*chosen.backend)
    }
}

impl Host for Detected {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        self.backend()?.supports(family, kind, name, revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.backend()?.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.backend()?.set_by_index(index)
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        self.backend().map_err(io::Error::other)?.pinned_object(path)
    }

    fn has_object(&self, kind: ObjectKind, name: &[u8]) -> Result<Option<bool>> {
        self.backend()?.has_object(kind, name)
    }
}

impl Backend for Detected {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        self.backend()?.read(into, want)
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        self.backend_to_write()?.write(changes)
    }

    fn take_counters(&self, into: &mut Snapshot<'_>) -> Result<bool> {
        self.backend_to_write()?.take_counters(into)
    }

    fn rule_numbers(&self, table: &Table) -> Vec<u64> {
        self.backend().map_or_else(|_| Vec::new(), |backend| backend.rule_numbers(table))
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        self.backend()?.is_unchanged(table, look)
    }

    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        self.backend()?.notices()
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        self.backend_to_write()?.lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.backend().ok()?.namespace(family)
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.backend()?.tables(family)
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        self.backend()?.missing_module(family)
    }

    fn trial(&self) -> Option<Arc<dyn Backend>> {
        self.backend().ok()?.trial()
    }

    fn capabilities(&self) -> Capabilities {
        self.backend().map_or(Capabilities::LEGACY, |backend| backend.capabilities())
    }

    fn detection(&self) -> Result<Detection> {
        self.chosen().map(|chosen| chosen.detection.clone())
    }
}
