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
use crate::types::{BackendKind, Detection, Family};

/// Looks which backend it is when it is first used.
#[derive(Debug)]
pub(crate) struct Detected {
    namespace: Option<Arc<File>>,
    chosen: OnceLock<Chosen>,
    /// What has the tables of ARP, where that is not the one that was chosen.
    arp: OnceLock<Arc<dyn Backend>>,
}

#[derive(Debug)]
struct Chosen {
    detection: Detection,
    backend: Arc<dyn Backend>,
}

impl Detected {
    /// In the namespace of the file, or in that of the thread which first uses it.
    pub(crate) fn new(namespace: Option<Arc<File>>) -> Detected {
        Detected { namespace, chosen: OnceLock::new(), arp: OnceLock::new() }
    }

    fn chosen(&self) -> Result<&Chosen> {
        if let Some(chosen) = self.chosen.get() {
            return Ok(chosen);
        }
        let detection = super::detect(self.namespace.as_deref())?;
        let backend = open_backend(detection.backend, self.namespace.clone());
        Ok(self.chosen.get_or_init(|| Chosen { detection, backend }))
    }

    fn backend(&self) -> Result<&dyn Backend> {
        self.chosen().map(|chosen| &*chosen.backend)
    }

    /// The backend that has the tables of a family: those of ARP only nf_tables have.
    fn backend_of(&self, family: Family) -> Result<&dyn Backend> {
        if family != Family::Arp || self.chosen()?.detection.backend.is_nft() {
            return self.backend();
        }
        Ok(&**self.arp.get_or_init(|| open_backend(BackendKind::Nft, self.namespace.clone())))
    }

    /// The backend, to change something in tables of these families.
    fn backend_to_write(&self, families: impl IntoIterator<Item = Family>) -> Result<&dyn Backend> {
        if families.into_iter().all(|family| family == Family::Arp) {
            return self.backend_of(Family::Arp);
        }
        let chosen = self.chosen()?;
        if chosen.detection.is_ambiguous() {
            return Err(Failure::Ambiguous { reason: chosen.detection.reason.to_string() }.into());
        }
        Ok(&*chosen.backend)
    }
}

impl Host for Detected {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        self.backend_of(family)?.supports(family, kind, name, revision)
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
        self.backend_of(into.family())?.read(into, want)
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let families = changes.iter().map(|change| change.table().family());
        self.backend_to_write(families)?.write(changes)
    }

    fn take_counters(&self, into: &mut Snapshot<'_>) -> Result<bool> {
        self.backend_to_write([into.family()])?.take_counters(into)
    }

    fn rule_numbers(&self, table: &Table) -> Vec<u64> {
        self.backend_of(table.family()).map_or_else(|_| Vec::new(), |backend| backend.rule_numbers(table))
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        self.backend_of(table.family())?.is_unchanged(table, look)
    }

    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        self.backend()?.notices()
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        self.backend_to_write([Family::Ipv4])?.lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.backend_of(family).ok()?.namespace(family)
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.backend_of(family)?.tables(family)
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        self.backend_of(family)?.missing_module(family)
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        self.backend().map_or(Ok(None), |backend| backend.trial())
    }

    fn capabilities(&self) -> Capabilities {
        self.backend().map_or(Capabilities::LEGACY, |backend| backend.capabilities())
    }

    fn detection(&self) -> Result<Detection> {
        self.chosen().map(|chosen| chosen.detection.clone())
    }
}
