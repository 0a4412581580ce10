//! Values of JSON as objects of Python.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use libfw::json::Value;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

/// What `json.loads` makes of the text of a value.
pub(crate) fn object<'py>(py: Python<'py>, value: Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Flag(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => number.into_bound_py_any(py),
        Value::Text(text) => text.into_bound_py_any(py),
        Value::List(list) => {
            let list = list.into_iter().map(|value| object(py, value)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, list)?.into_bound_py_any(py)
        }
        Value::Fields(fields) => {
            let dict = PyDict::new(py);
            for (name, value) in fields {
                dict.set_item(key(py, name), object(py, value)?)?;
            }
            Ok(dict.into_any())
        }
        _ => Ok(py.None().into_bound(py)),
    }
}

/// The name of a field, of which each is made once.
fn key<'py>(py: Python<'py>, name: &'static str) -> Bound<'py, PyString> {
    static KEYS: Mutex<BTreeMap<(usize, usize), Py<PyString>>> = Mutex::new(BTreeMap::new());
    // Nothing of Python runs while it is locked.
    let keys = || KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let place = (name.as_ptr().addr(), name.len());
    if let Some(known) = keys().get(&place) {
        return known.bind(py).clone();
    }
    let made = PyString::intern(py, name);
    let known = made.clone().unbind();
    keys().entry(place).or_insert(known);
    made
}
