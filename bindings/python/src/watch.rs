//! `Watch` and `TableChange`.

use std::ffi::OsString;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyRuntimeError, PyStopIteration, PyValueError};
use pyo3::prelude::*;

use crate::convert::{self, Lasting, family_object, os_string};
use crate::error::call;
use crate::given::{self, TableName, maybe, name, seconds};
use crate::kernel::Handle;
use crate::plan::{self, Change};
use crate::rule::Rule;
use crate::table::Table;

/// Tables that are watched: it tells when somebody changes one, and what.
///
///     with libfw.Kernel().watch("filter", "nat") as watch:
///         print(watch.wait(timeout=0.1) or "nothing has changed")
///
/// The block closes it at its end. As an iterator it goes on for ever, and so it does in `async for`.
///
/// In nf_tables the kernel tells of changes, so a wait costs nothing. Legacy tables are asked every `tick` seconds for the number
/// and size of their entries, which is one system call, and at every `contents`-th time for the rules themselves, since a change
/// may keep both.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Watch {
    kernel: Arc<Handle>,
    watch: Mutex<Option<libfw::Watch>>,
    /// Its descriptor, also while it is waited for.
    fd: RawFd,
    closed: AtomicBool,
    /// The look of a coroutine, a future of Python's, which goes on when its task is cancelled.
    pending: Mutex<Option<Py<PyAny>>>,
}

/// What has become of a table that is watched. As a text it is lines: `-` for what went, `+` for what came.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct TableChange(libfw::TableChange);

type Places = Vec<(OsString, usize, Rule)>;

impl TableChange {
    /// The rules of a kind, by chain and the index that they had before, or else have after.
    fn rules(&self, which: impl Fn(&libfw::RuleChange) -> Option<usize>) -> Places {
        let chains = self.0.plan.chains.iter();
        let rules = chains.flat_map(|chain| chain.rules.iter().map(|rule| (&chain.name, rule)));
        let place = |(chain, change): (&Vec<u8>, &libfw::RuleChange)| {
            Some((os_string(chain.clone()), which(change)?, Rule { rule: change.rule.clone() }))
        };
        rules.filter_map(place).collect()
    }
}

impl Watch {
    pub(crate) fn new(
        py: Python<'_>,
        kernel: &Arc<Handle>,
        tables: &[String],
        family: libfw::Family,
        tick: Option<&Bound<'_, PyAny>>,
        contents: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Watch> {
        let tick = tick.map(|tick| seconds("tick", tick)).transpose()?.unwrap_or(libfw::Watch::TICK);
        let contents = maybe("contents", "a number of ticks", contents)?.unwrap_or(libfw::Watch::CONTENTS);
        convert::no_families(tables)?;
        let tables = tables.iter().map(|table| (family, table.as_str()));
        let watch = call(py, || kernel.watch(tables))?;
        let (fd, watch) = (watch.as_raw_fd(), Mutex::new(Some(watch.every(tick, contents))));
        Ok(Watch {
            kernel: kernel.clone(),
            fd,
            watch,
            closed: AtomicBool::new(false),
            pending: Mutex::default(),
        })
    }

    /// Works on the watch, which another thread, or the handler of a signal, cannot do at the same time.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut libfw::Watch) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.require_open()?;
        let done = {
            let mut watch = self
                .watch
                .try_lock()
                .map_err(|_| PyRuntimeError::new_err("the watch is waited for already"))?;
            let watch = watch.as_mut().ok_or_else(closed)?;
            call(py, || work(watch))
        };
        // Whoever closed it meanwhile has left that to the one who had it.
        if self.is_closed() {
            self.close();
        }
        done
    }

    fn looked(&self) -> MutexGuard<'_, Option<Py<PyAny>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn require_open(&self) -> PyResult<()> {
        if self.is_closed() { Err(closed()) } else { Ok(()) }
    }
}

fn closed() -> PyErr {
    PyValueError::new_err("the watch is closed")
}

#[pymethods]
impl Watch {
    /// Watches one more table.
    #[pyo3(signature = (table, family=None))]
    fn add(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::table>)] table: TableName,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let family = convert::family(family)?;
        self.with(py, |watch| watch.add(family, &table))
    }

    /// Copies of the tables as they were at the last look, in the order in which they were added. They cannot be committed.
    #[getter]
    fn tables(&self, py: Python<'_>) -> PyResult<Vec<Table>> {
        let tables =
            self.with(py, |watch| Ok(watch.tables().iter().map(libfw::Table::copy).collect::<Vec<_>>()))?;
        Ok(tables.into_iter().map(|table| Table::holding(self.kernel.clone(), table)).collect())
    }

    /// Waits for a change, at most so many seconds; `None` when the time is over. Without a timeout it waits for ever. The wait can be
    /// interrupted from the keyboard.
    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(slf: &Bound<'py, Self>, timeout: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        static FOUND: Lasting = Lasting::new("libfw._rules", "found");
        let (py, this) = (slf.py(), slf.get());
        let timeout: Option<Duration> = timeout.map(|timeout| seconds("timeout", timeout)).transpose()?;
        this.require_open()?;
        if this.pending(py).is_some() {
            let found = FOUND.get(py)?.call1((slf,))?;
            if !found.is_none() {
                return Ok(found);
            }
        }
        this.with(py, |watch| watch.next_change(timeout))?.map(TableChange).into_bound_py_any(py)
    }

    #[getter(_pending)]
    fn pending(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.looked().as_ref().map(|pending| pending.clone_ref(py))
    }

    #[getter(_closed)]
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    #[setter(_pending)]
    fn set_pending(&self, pending: Option<Py<PyAny>>) {
        let before = std::mem::replace(&mut *self.looked(), pending);
        drop(before);
    }

    /// A descriptor for an event loop: when it can be read, it is time to call `wait(0)` until it gives `None`.
    ///
    ///     import select
    ///     watch = libfw.Kernel(backend="memory").watch("filter")
    ///     ready, _, _ = select.select([watch], [], [], 0.01)
    ///
    /// With asyncio that is `loop.add_reader(watch, look)`.
    /// It is the watch's own: read nothing from it, and do not close it.
    fn fileno(&self) -> PyResult<RawFd> {
        self.require_open()?;
        Ok(self.fd)
    }

    /// Ends the watch and gives back its descriptor, as the end of a `with` block does; once more is no error. Whatever it is asked
    /// after that is a `ValueError`, but a loop over its changes ends. A wait in another thread goes on until its own end.
    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let Ok(mut watch) = self.watch.try_lock() {
            *watch = None;
        }
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().require_open()?;
        Ok(slf)
    }

    #[pyo3(signature = (_kind=None, _error=None, _traceback=None))]
    fn __exit__(
        &self,
        _kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) {
        self.close();
    }

    /// Makes a table what it was before a change, whatever was changed since, under the lock. Rules that were deleted come back with
    /// the counters that they had when they were last looked at. The watch does not tell that.
    fn put_back(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::object::<name::change, TableChange>)] change: Bound<'_, TableChange>,
    ) -> PyResult<()> {
        let change = &change.get().0;
        self.with(py, |watch| watch.put_back(change).map(drop))
    }

    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        Watch::__enter__(slf)
    }

    /// Waits until there is a change, or the watch is closed.
    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        match slf.get().is_closed() {
            true => Err(PyStopIteration::new_err(())),
            false => Watch::wait(slf, None),
        }
    }

    fn __aiter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        Watch::__enter__(slf)
    }

    /// The same in a thread, while the other tasks of the event loop go on.
    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("libfw._rules")?.call_method1("next_change", (slf,))
    }
}

#[pymethods]
impl TableChange {
    /// The name of the table.
    #[getter]
    fn table(&self) -> &str {
        &self.0.plan.table
    }

    /// The family.
    #[getter]
    fn family<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        family_object(py, self.0.plan.family)
    }

    /// The changes one by one, as those of a plan: also chains that came or went, and policies.
    #[getter]
    fn changes(&self, py: Python<'_>) -> PyResult<Vec<Change>> {
        plan::of_table(py, &self.0.plan)
    }

    /// The rules that came: chain, index now, rule.
    #[getter]
    fn added(&self) -> Places {
        self.rules(|change| change.to.filter(|_| change.from.is_none()))
    }

    /// The rules that went: chain, index before, rule, which has the counters that it had.
    #[getter]
    fn removed(&self) -> Places {
        self.rules(|change| change.from.filter(|_| change.to.is_none()))
    }

    /// The rules that have another place among those that stayed: chain, index now, rule.
    #[getter]
    fn moved(&self) -> Places {
        self.rules(|change| change.to.filter(|_| change.from.is_some()))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<libfw.TableChange of {}: {}>", self.0.plan.table, self.0.plan.changes())
    }
}
