//! What a `Table` holds: when it is read, under which lock, and how work is done on it.

use std::sync::{Arc, Mutex, MutexGuard};

use libfw::Family;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::{State, Table};
use crate::chain::Chain;
use crate::convert;
use crate::error::call;
use crate::given;
use crate::iter::Edits;
use crate::kernel::Handle;

impl Table {
    pub(crate) fn of(kernel: Arc<Handle>, family: Family, name: &str) -> Table {
        Table {
            kernel,
            family,
            name: name.to_owned(),
            part: None,
            state: Mutex::default(),
            edits: Edits::default(),
        }
    }

    pub(crate) fn of_family(&self) -> Family {
        self.family
    }

    /// The beginning of what is said of it.
    pub(crate) fn called(&self) -> String {
        format!("{} table {}", self.family, self.name)
    }

    /// One that has been read already.
    pub(crate) fn holding(kernel: Arc<Handle>, table: libfw::Table) -> Table {
        let empty = Table::of(kernel, table.family(), table.name());
        Table { state: Mutex::new(State { table: Some(table), locked: None }), ..empty }
    }

    /// The same, of which only some chains are read if they are given.
    pub(crate) fn with_chains(mut self, chains: Option<&Bound<'_, PyAny>>) -> PyResult<Table> {
        if let Some(chains) = chains {
            self.part = Some(chain_names(chains)?);
        }
        Ok(self)
    }

    pub(crate) fn family_of(&self) -> Family {
        self.family
    }

    pub(crate) fn edits(&self) -> &Edits {
        &self.edits
    }

    /// Edits the table as a whole.
    pub(super) fn edit<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut libfw::Table) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.with(py, |table| {
            let done = work(table)?;
            self.edits.of_all();
            Ok(done)
        })
    }

    /// Whether another handle stands for the same table.
    pub(crate) fn same(&self, other: &Table) -> bool {
        self.family == other.family && self.name == other.name && *self.kernel == *other.kernel
    }

    /// One of a transaction, under its lock.
    pub(crate) fn under(kernel: Arc<Handle>, family: Family, name: &str, locked: libfw::Kernel) -> Table {
        let state = Mutex::new(State { table: None, locked: Some(locked) });
        Table { state, ..Table::of(kernel, family, name) }
    }

    /// Ends the block that it was locked in.
    pub(crate) fn leave(&self) {
        self.put(State::default());
    }

    /// Holds something else from now on.
    pub(super) fn put(&self, new: State) {
        let mut state = self.state();
        *state = new;
        self.edits.of_all();
    }

    pub(crate) fn is(&self, family: Family, name: &str) -> bool {
        self.family == family && self.name == name
    }

    /// Writes tables together, those that were looked at.
    pub(crate) fn commit_all(tables: &[Py<Table>]) -> libfw::Result<Vec<libfw::Report>> {
        let mut states: Vec<_> = tables.iter().map(|table| table.get().state()).collect();
        let mut tables: Vec<_> = states.iter_mut().filter_map(|state| state.table.as_mut()).collect();
        libfw::Table::commit_all(&mut tables)
    }

    /// The state. An edit that panicked leaves nothing behind.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            *state = State::default();
            self.state.clear_poison();
            state
        })
    }

    /// Works on the table, which is read if it is not yet.
    pub(crate) fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut libfw::Table) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        call(py, || {
            let mut state = self.state();
            let State { table, locked } = &mut *state;
            let table = match table {
                Some(table) => table,
                None => table.insert(match (locked, &self.part) {
                    (Some(kernel), None) => kernel.open_locked(self.family, &self.name)?,
                    (Some(kernel), Some(part)) => kernel.open_chains_locked(self.family, &self.name, part)?,
                    (None, None) => self.kernel.open(self.family, &self.name)?,
                    (None, Some(part)) => self.kernel.open_chains(self.family, &self.name, part)?,
                }),
            };
            work(table)
        })
    }

    /// Looks at the table if it is read and nobody works on it, without letting other threads of the program run: for what takes less
    /// time than that does.
    pub(crate) fn glance<T>(&self, look: impl FnOnce(&libfw::Table) -> T) -> Option<T> {
        self.state.try_lock().ok()?.table.as_ref().map(look)
    }

    /// The names of its chains, as far as they were read.
    pub(crate) fn names(&self, py: Python<'_>) -> PyResult<Vec<Vec<u8>>> {
        self.with(py, |table| Ok(table.chains().map(|chain| chain.name_bytes().to_vec()).collect()))
    }

    /// Whether all chains are read.
    pub(crate) fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    pub(super) fn is_changed(&self, py: Python<'_>) -> bool {
        py.detach(|| self.state().table.as_ref().is_some_and(libfw::Table::is_changed))
    }

    /// Fails if there are edits that would be lost.
    pub(super) fn require_unchanged(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_changed(py) {
            return Err(PyRuntimeError::new_err("the table has edits; commit or discard them first"));
        }
        Ok(())
    }

    pub(super) fn chain_of(slf: &Bound<'_, Self>, name: Vec<u8>) -> PyResult<Py<Chain>> {
        Py::new(slf.py(), Chain::new(slf.clone().unbind(), name))
    }

    /// Takes the lock, unless a block has it; a wait can be interrupted from the keyboard. What comes later gets it again at
    /// once, so nobody waits with the state in hand, which the handler of a signal may want.
    pub(super) fn lock(&self, py: Python<'_>) -> PyResult<Option<libfw::Lock>> {
        call(py, || {
            let locked = self.state().locked.is_some();
            if locked { Ok(None) } else { self.kernel.lock().map(Some) }
        })
    }

    /// What a function writes about the table.
    pub(crate) fn written(
        &self,
        py: Python<'_>,
        write: impl FnOnce(&libfw::Table, &mut Vec<u8>) -> std::io::Result<()> + Send,
    ) -> PyResult<Vec<u8>> {
        self.with(py, |table| {
            let mut out = Vec::new();
            // Writing to memory cannot fail.
            let _ = write(table, &mut out);
            Ok(out)
        })
    }
}

/// Whether a table has a chain, which is looked for if not all were read.
pub(super) fn has(table: &mut libfw::Table, name: &[u8]) -> libfw::Result<bool> {
    match table.chain_mut(name) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == libfw::ErrorKind::NoSuchChain => Ok(false),
        Err(error) => Err(error),
    }
}

/// The name of a chain; no other object is one.
pub(super) fn chain_name(name: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    convert::bytes_of("name", name).ok()
}

/// The names of several chains.
pub(crate) fn chain_names(chains: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<u8>>> {
    let expected = "the names of several chains";
    if chains.is_instance_of::<PyString>() || chains.is_instance_of::<PyBytes>() {
        return Err(given::wrong("chains", expected, chains));
    }
    given::each("chains", expected, chains)?.map(|name| convert::bytes_of("chains", &name?)).collect()
}
