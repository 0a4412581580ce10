//! The tables of a sandbox, which are gone with it.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use libfw::backend::{
    Backend, Capabilities, Change, Host, Interrupt, Legacy, LegacySocket, Lock, LockPolicy, Look, Nft,
    Notices, ObjectKind, SetInfo, Snapshot, Want, Written,
};
use libfw::ext::ExtensionKind;
use libfw::{BackendKind, Detection, Error, Family, Result, Table};

/// A backend until the sandbox is closed: then its sockets are closed too, and whoever still asks is told why there is no answer.
#[derive(Clone, Debug)]
pub(crate) struct Sandboxed(Arc<RwLock<Option<Arc<dyn Backend>>>>);

impl Sandboxed {
    /// The tables of a process, which hands its sockets over.
    pub(crate) fn of_process(
        kind: BackendKind,
        process: u32,
        [ipv4, ipv6, netlink]: [i32; 3],
    ) -> io::Result<Sandboxed> {
        let backend: Arc<dyn Backend> = match kind {
            BackendKind::Nft => Arc::new(Nft::of_process(process, ipv4, ipv6, netlink)?),
            _ => Arc::new(Legacy::new(LegacySocket::of_process(process, ipv4, ipv6)?)),
        };
        Ok(Sandboxed(Arc::new(RwLock::new(Some(backend)))))
    }

    pub(crate) fn close(&self) {
        let backend = self.0.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(backend);
    }

    fn real(&self) -> Result<Arc<dyn Backend>> {
        let backend = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        backend.ok_or_else(|| Error::from(closed()))
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the sandbox is closed, its tables are gone")
}

impl Host for Sandboxed {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        self.real()?.supports(family, kind, name, revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.real()?.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.real()?.set_by_index(index)
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        self.real().map_err(|_| closed())?.pinned_object(path)
    }

    fn has_object(&self, kind: ObjectKind, name: &[u8]) -> Result<Option<bool>> {
        self.real()?.has_object(kind, name)
    }
}

impl Backend for Sandboxed {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        self.real()?.read(into, want)
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        self.real()?.write(changes)
    }

    fn take_counters(&self, into: &mut Snapshot<'_>) -> Result<bool> {
        self.real()?.take_counters(into)
    }

    fn rule_numbers(&self, table: &Table) -> Vec<u64> {
        self.real().map(|real| real.rule_numbers(table)).unwrap_or_default()
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        self.real()?.is_unchanged(table, look)
    }

    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        self.real()?.notices()
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.real()?.tables(family)
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        self.real()?.missing_module(family)
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        self.real().map_err(|_| closed())?.trial()
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        self.real()?.lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.real().ok()?.namespace(family)
    }

    fn detection(&self) -> Result<Detection> {
        self.real()?.detection()
    }

    fn capabilities(&self) -> Capabilities {
        self.real().map_or(Capabilities::LEGACY, |real| real.capabilities())
    }
}
