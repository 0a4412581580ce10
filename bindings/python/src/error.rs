//! Errors of the library as exceptions, and the way every call into the library goes.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use libfw::{ErrorKind, iptables};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::convert::{ERROR, family_name, warn};

/// Runs library code without the interpreter's lock. Errors and panics become exceptions, and what is odd about rules that it reads
/// from text warnings.
pub(crate) fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> libfw::Result<T> + Send) -> PyResult<T> {
    let work = || catch_unwind(AssertUnwindSafe(work));
    let (done, warnings) = py.detach(|| iptables::with_warnings(work));
    warn(py, warnings)?;
    match done {
        Ok(result) => result.map_err(|error| raise(py, &error)),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(PyRuntimeError::new_err(format!("libfw failed in itself, please report it: {text}")))
        }
    }
}

thread_local! {
    /// What the handler of a signal has raised while the library waited.
    static RAISED: Cell<Option<PyErr>> = const { Cell::new(None) };
}

/// Lets the handlers of signals run while the library waits; whether one of them has raised an exception.
pub(crate) fn interrupted() -> bool {
    let raised = Python::try_attach(|py| match py.check_signals() {
        Ok(()) => false,
        Err(error) => {
            RAISED.set(Some(error));
            true
        }
    });
    // An interpreter that is ending waits for nothing.
    raised.unwrap_or(true)
}

/// The exception for an error.
pub(crate) fn raise(py: Python<'_>, error: &libfw::Error) -> PyErr {
    raise_of(py, error, None)
}

/// The exception for an error about a file.
pub(crate) fn raise_of(py: Python<'_>, error: &libfw::Error, file: Option<&Path>) -> PyErr {
    if error.kind() == ErrorKind::Interrupted
        && let Some(raised) = RAISED.take()
    {
        return raised;
    }
    exception(py, error, file).unwrap_or_else(|error| error)
}

fn exception(py: Python<'_>, error: &libfw::Error, file: Option<&Path>) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    let hint = of_family(error);
    fields.set_item("message", format!("{}{hint}", error.message()))?;
    fields.set_item("family", error.family().map(family_name))?;
    fields.set_item("backend", error.backend().map(libfw::BackendKind::name))?;
    fields.set_item("table", error.table())?;
    fields.set_item("chain", error.chain())?;
    fields.set_item("rule", error.rule())?;
    fields.set_item("extension", error.extension())?;
    fields.set_item("option", error.option())?;
    fields.set_item("token", error.token())?;
    fields.set_item("rule_text", error.rule_text())?;
    fields.set_item("marked", error.marked())?;
    fields.set_item("path", error.path())?;
    fields.set_item("lock_path", error.lock_path())?;
    fields.set_item("lock_pid", error.holder().map(|holder| holder.pid))?;
    fields.set_item("lock_command", error.holder().and_then(|holder| holder.command.as_deref()))?;
    fields.set_item("json", error.to_json())?;
    fields.set_item("line", error.line())?;
    fields.set_item("column", error.column())?;
    fields.set_item("length", error.span().map(|span| span.len()))?;
    fields.set_item("errno", error.errno())?;
    fields.set_item("doubt", error.doubt().map(libfw::Doubt::name))?;
    let others =
        error.others().iter().map(|other| exception(py, other, None).map(|error| error.into_value(py)));
    fields.set_item("others", PyTuple::new(py, others.collect::<PyResult<Vec<_>>>()?)?)?;
    fields.set_item("iptables", libfw::iptables::words(error))?;
    let file = file.or_else(|| error.lock_path().map(Path::new));
    fields.set_item("filename", file.map(Path::as_os_str))?;
    Ok(PyErr::from_value(
        ERROR.get(py)?.call((error.kind().name(), format!("{error}{hint}")), Some(&fields))?,
    ))
}

/// How to say the family that was meant.
fn of_family(error: &libfw::Error) -> String {
    // A save file has rules of its own family.
    let meant = libfw::program::meant_family(error).filter(|_| error.line().is_none());
    match (meant, error.table()) {
        (None, _) => String::new(),
        (Some(family), None) => format!("; family={:?} says that it is for {family}", family_name(family)),
        (Some(family), Some(table)) => {
            format!("; the table of {family} is libfw.Table({table:?}, family={:?})", family_name(family))
        }
    }
}

/// The kinds of errors: name, number and description.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(&'static str, i32, &'static str)> {
    ErrorKind::ALL.iter().map(|kind| (kind.name(), *kind as i32, kind.description())).collect()
}
