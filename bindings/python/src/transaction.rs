//! `transaction`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libfw::Family;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::convert::{Lasting, family};
use crate::error::call;
use crate::given::{self, FILTER, TableName, name};
use crate::kernel::{Handle, shared};
use crate::report::Report;
use crate::table::Table;

/// Tables of both families that are edited under one lock and written together, all or none:
///
///     with libfw.transaction() as t:
///         for table in t["filter"], t.ip6["filter"]:
///             table["INPUT"].append("-p tcp --dport 80 -j ACCEPT")
///         t["nat"]["PREROUTING"].append("-p tcp --dport 8080 -j REDIRECT --to-ports 80")
///
/// In nf_tables that is one step. In the xtables interface the tables are replaced one after the other, and when one is refused
/// those before it are put back with their counters; a table that cannot be is a `PartlyCommittedError`. When the block raises
/// an exception nothing is changed. `async with` takes the lock and writes in a thread of its own, so that other tasks go on.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Transaction {
    kernel: Arc<Handle>,
    state: Mutex<Option<Begun>>,
}

/// What there is inside a `with` block.
struct Begun {
    locked: libfw::Kernel,
    tables: Vec<Py<Table>>,
}

impl Transaction {
    fn state(&self) -> MutexGuard<'_, Option<Begun>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tables(&self, py: Python<'_>) -> Vec<Py<Table>> {
        let state = self.state();
        state.iter().flat_map(|begun| &begun.tables).map(|table| table.clone_ref(py)).collect()
    }

    fn of(&self, py: Python<'_>, family: Family, name: &str) -> PyResult<Py<Table>> {
        let mut state = self.state();
        let begun = state.as_mut().ok_or_else(outside)?;
        if let Some(table) = begun.tables.iter().find(|table| table.get().is(family, name)) {
            return Ok(table.clone_ref(py));
        }
        let table = Table::under(self.kernel.clone(), family, name, begun.locked.clone());
        let table = Py::new(py, table)?;
        begun.tables.push(table.clone_ref(py));
        Ok(table)
    }
}

fn outside() -> PyErr {
    PyRuntimeError::new_err("outside of the with block")
}

/// The tables of IPv6 in a transaction, by name.
#[pyclass(frozen, module = "libfw._libfw")]
pub(crate) struct Tables6 {
    transaction: Py<Transaction>,
}

#[pymethods]
impl Tables6 {
    fn __getitem__(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::name>)] name: TableName,
    ) -> PyResult<Py<Table>> {
        self.transaction.get().of(py, Family::Ipv6, &name)
    }
}

/// Begins an `async with` block.
pub(crate) fn enter_async<'py>(block: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static ENTER: Lasting = Lasting::new("libfw._blocks", "enter");
    ENTER.get(block.py())?.call1((block,))
}

/// Ends it.
pub(crate) fn leave_async<'py>(
    block: &Bound<'py, PyAny>,
    raised: [Option<&Bound<'py, PyAny>>; 3],
) -> PyResult<Bound<'py, PyAny>> {
    static LEAVE: Lasting = Lasting::new("libfw._blocks", "leave");
    let [kind, error, traceback] = raised;
    LEAVE.get(block.py())?.call1((block, kind, error, traceback))
}

/// Tables that are written together, as a context manager.
#[pyfunction]
#[pyo3(signature = (kernel=None))]
pub(crate) fn transaction(kernel: Option<&Bound<'_, PyAny>>) -> PyResult<Transaction> {
    Ok(Transaction { kernel: shared(kernel)?, state: Mutex::default() })
}

#[pymethods]
impl Transaction {
    /// A table, read when it is first looked at. After the block it is as any other.
    #[pyo3(signature = (name=FILTER, family=None), text_signature = "($self, name='filter', family=None)")]
    fn table(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::name>)] name: TableName,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Table>> {
        self.of(py, self::family(family)?, &name)
    }

    /// The same by name, of IPv4.
    fn __getitem__(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::name>)] name: TableName,
    ) -> PyResult<Py<Table>> {
        self.of(py, Family::Ipv4, &name)
    }

    /// The tables of IPv6: `t.ip6["filter"]`.
    #[getter]
    fn ip6(slf: Py<Self>) -> Tables6 {
        Tables6 { transaction: slf }
    }

    /// Writes what was edited so far, in the order in which the tables were asked for.
    fn commit(&self, py: Python<'_>) -> PyResult<Vec<Report>> {
        if self.state().is_none() {
            return Err(outside());
        }
        let tables = self.tables(py);
        let mut reports = Vec::new();
        for report in call(py, || Table::commit_all(&tables))? {
            reports.push(Report::of(py, report));
        }
        Ok(reports)
    }

    fn __enter__<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        let lock = call(slf.py(), || this.kernel.lock())?;
        let locked = (**this.kernel).clone().with_lock(&lock);
        let mut state = this.state();
        if state.is_some() {
            return Err(PyRuntimeError::new_err("the transaction has begun already"));
        }
        *state = Some(Begun { locked, tables: Vec::new() });
        drop(state);
        Ok(slf)
    }

    #[pyo3(signature = (kind=None, _error=None, _traceback=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let result = match kind {
            None => self.commit(py).map(drop),
            Some(_) => Ok(()),
        };
        let tables = self.tables(py);
        py.detach(|| tables.iter().for_each(|table| table.get().leave()));
        let begun = self.state().take();
        drop(begun);
        result
    }

    fn __aenter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        enter_async(slf)
    }

    #[pyo3(signature = (kind=None, error=None, traceback=None))]
    fn __aexit__<'py>(
        slf: &Bound<'py, Self>,
        kind: Option<&Bound<'py, PyAny>>,
        error: Option<&Bound<'py, PyAny>>,
        traceback: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        leave_async(slf, [kind, error, traceback])
    }
}
