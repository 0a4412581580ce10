//! Small values in both directions.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use libfw::{Counters, Family};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyOSError, PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyCFunction, PyDict, PyInt, PyMapping, PyString, PyTuple, PyType};

use crate::error::raise;
use crate::given::{given, wrong};
use crate::kernel::Kernel;

/// Reads `"ipv4"`, `"ipv6"`, `"arp"`, 4, 6 or a member of the Python enumeration, which is a text.
pub(crate) fn family(value: Option<&Bound<'_, PyAny>>) -> PyResult<Family> {
    let Some(value) = value else { return Ok(Family::Ipv4) };
    match value.str()?.to_string_lossy().parse() {
        Ok(family) => Ok(family),
        Err(error) if value.is_instance_of::<PyString>() || value.is_instance_of::<PyInt>() => {
            Err(raise(value.py(), &error))
        }
        Err(_) => {
            let message = format!("a family is \"ipv4\", \"ipv6\" or \"arp\", not {}", value.repr()?);
            let hint = if value.is_instance_of::<Kernel>() { "; kernel= takes that" } else { "" };
            Err(PyTypeError::new_err(message + hint))
        }
    }
}

/// Refuses a family among the names of tables, which has a keyword of its own where there may be several.
pub(crate) fn no_families(tables: &[String]) -> PyResult<()> {
    match tables.iter().find(|table| table.parse::<Family>().is_ok()) {
        Some(table) => Err(PyTypeError::new_err(format!(
            "no table is called {table:?}; family={table:?} says of which family"
        ))),
        None => Ok(()),
    }
}

pub(crate) fn family_name(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
        Family::Arp => "arp",
    }
}

/// A module, imported once: an interpreter that ends imports nothing any more, while errors are raised and rules are read still.
pub(crate) fn module<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static KNOWN: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let known = KNOWN.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
    if let Some(module) = known.get_item(name)? {
        return Ok(module);
    }
    let module = py.import(name)?;
    known.set_item(name, &module)?;
    Ok(module.into_any())
}

/// Has the modules at hand that the package is made of.
#[pyfunction(name = "_keep_modules")]
pub(crate) fn keep_modules(py: Python<'_>) -> PyResult<()> {
    ["libfw.errors", "libfw._parts", "libfw._values"].iter().try_for_each(|name| module(py, name).map(drop))
}

/// An object of a module that is looked up once.
pub(crate) struct Lasting {
    module: &'static str,
    name: &'static str,
    found: PyOnceLock<Py<PyAny>>,
}

impl Lasting {
    pub(crate) const fn new(module: &'static str, name: &'static str) -> Lasting {
        Lasting { module, name, found: PyOnceLock::new() }
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyAny>> {
        let find = || Ok::<_, PyErr>(module(py, self.module)?.getattr(self.name)?.unbind());
        Ok(self.found.get_or_try_init(py, find)?.bind(py))
    }
}

static COUNTERS: Lasting = Lasting::new("libfw._values", "Counters");
static NOT: Lasting = Lasting::new("libfw._values", "Not");
static WARN: Lasting = Lasting::new("libfw.errors", "_warn");
pub(crate) static ERROR: Lasting = Lasting::new("libfw.errors", "_made");

/// What `keys()`, `values()` and `items()` of a mapping are.
pub(crate) static KEYS: Lasting = Lasting::new("collections.abc", "KeysView");
pub(crate) static VALUES: Lasting = Lasting::new("collections.abc", "ValuesView");
pub(crate) static ITEMS: Lasting = Lasting::new("collections.abc", "ItemsView");

/// The member of the Python enumeration.
pub(crate) fn family_object(py: Python<'_>, family: Family) -> PyResult<Bound<'_, PyAny>> {
    static FAMILIES: [PyOnceLock<Py<PyAny>>; 3] = [const { PyOnceLock::new() }; 3];
    let find = || {
        let class = module(py, "libfw._values")?.getattr("Family")?;
        Ok::<_, PyErr>(class.call1((family_name(family),))?.unbind())
    };
    let at = match family {
        Family::Ipv4 => 0,
        Family::Ipv6 => 1,
        Family::Arp => 2,
    };
    let member = FAMILIES[at].get_or_try_init(py, find)?;
    Ok(member.bind(py).clone())
}

pub(crate) fn counters_object(py: Python<'_>, counters: Counters) -> PyResult<Bound<'_, PyAny>> {
    // What the class does itself, in Python, and so in four times as long.
    static NEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let find = || Ok::<_, PyErr>(py.get_type::<PyTuple>().getattr("__new__")?.unbind());
    let make = || {
        let new = NEW.get_or_try_init(py, find)?.bind(py);
        new.call1((COUNTERS.get(py)?, (counters.packets, counters.bytes)))
    };
    // What most rules have, and all that are not in the kernel yet.
    static NONE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    match counters == Counters::default() {
        true => Ok(NONE.get_or_try_init(py, || make().map(Bound::unbind))?.bind(py).clone()),
        false => make(),
    }
}

/// A value behind a `!`.
pub(crate) fn not<'py>(py: Python<'py>, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    NOT.get(py)?.call1((value,))
}

/// Text that need not be UTF-8: bytes that are not come back as surrogates, and go out again the same.
pub(crate) fn text(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// The same for text that is handed over.
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// The lines of a text.
pub(crate) fn lines(text: &[u8]) -> Vec<OsString> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| os_string(line.strip_suffix(b"\n").unwrap_or(line).to_vec())).collect()
}

/// The bytes of a text, or bytes as they are.
pub(crate) fn bytes_of(name: &str, text: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match text.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => Ok(given::<OsString>(name, "a text", text)?.into_vec()),
    }
}

/// What a program has of a save file: its text, its bytes, its path, or a file that can be read.
pub(crate) fn input(name: &str, file: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if file.hasattr("read")? {
        return bytes_of(name, &file.call_method0("read")?);
    }
    if file.hasattr("__fspath__")? {
        let path = file.extract::<PathBuf>()?;
        return std::fs::read(&path).map_err(|error| failed(file.py(), &path, &error));
    }
    if file.is_instance_of::<PyString>() || file.is_instance_of::<PyBytes>() {
        return bytes_of(name, file);
    }
    Err(wrong(name, "a text, its bytes, a path or an open file", file))
}

/// The `OSError` of a file, of the class that Python has for it.
fn failed(py: Python<'_>, path: &Path, error: &std::io::Error) -> PyErr {
    let make = || {
        let errno = error.raw_os_error().unwrap_or_default();
        let words = py.import("os")?.call_method1("strerror", (errno,))?;
        py.get_type::<PyOSError>().call1((errno, words, path.as_os_str()))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// Writes to a path, or to a file of bytes or of text.
pub(crate) fn output(file: &Bound<'_, PyAny>, bytes: Vec<u8>) -> PyResult<()> {
    if !file.hasattr("write")? {
        let path: PathBuf = match file.cast::<PyBytes>() {
            Ok(path) => text(path.as_bytes()).into(),
            Err(_) => given::<PathBuf>("file", "a path or an open file", file)?,
        };
        return std::fs::write(&path, bytes).map_err(|error| failed(file.py(), &path, &error));
    }
    let texts = file.py().import("io")?.getattr("TextIOBase")?;
    let written = match file.is_instance(&texts)? {
        true => file.call_method1("write", (os_string(bytes),)),
        false => file.call_method1("write", (PyBytes::new(file.py(), &bytes),)),
    };
    written.map(drop)
}

/// Has whoever asks objects of a class for what they do not have told what has the name that somebody may have thought of. Python itself
/// looks for that last of all; a `__getattr__` of PyO3's is called first, for every attribute.
pub(crate) fn guess(class: &Bound<'_, PyType>, owner: &'static str) -> PyResult<()> {
    let missing = move |name: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
        let name = name.get_item(0)?;
        let made = module(name.py(), "libfw._guesses")
            .and_then(|it| it.call_method1("no_attribute", (owner, &name)));
        Err(made.map_or_else(|_| PyAttributeError::new_err(name.unbind()), PyErr::from_value))
    };
    class.setattr("__getattr__", PyCFunction::new_closure(class.py(), None, None, missing)?)
}

/// The error for a keyword that a class does not take.
pub(crate) fn no_keyword(py: Python<'_>, class: &str, keywords: &Bound<'_, PyDict>) -> PyErr {
    let find = || py.import("libfw._guesses")?.getattr("no_keyword")?.call1((class, keywords));
    find().map_or_else(|error| error, PyErr::from_value)
}

/// The error for what was given to `Kernel()` without saying what it is.
pub(crate) fn by_keyword(given: &Bound<'_, PyTuple>) -> PyErr {
    let find = || given.py().import("libfw._guesses")?.getattr("by_keyword")?.call1((given,));
    find().map_or_else(|error| error, PyErr::from_value)
}

/// A mapping of any kind as a dictionary.
pub(crate) fn dict<'py>(name: &str, mapping: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    if let Ok(dict) = mapping.cast::<PyDict>() {
        return Ok(dict.clone());
    }
    let py = mapping.py();
    let dict = PyDict::new(py);
    dict.update(mapping.cast::<PyMapping>().map_err(|_| wrong(name, "a mapping", mapping))?)?;
    Ok(dict)
}

/// Passes on what is odd but not wrong.
pub(crate) fn warn(py: Python<'_>, warnings: impl IntoIterator<Item = String>) -> PyResult<()> {
    for warning in warnings {
        WARN.get(py)?.call1((warning,))?;
    }
    Ok(())
}

/// An index that a program gives. One that no number of the machine can be is beyond the end of everything, as for a list.
pub(crate) fn index(index: &Bound<'_, PyAny>) -> PyResult<isize> {
    index.extract().map_err(|error: PyErr| match error.is_instance_of::<PyOverflowError>(index.py()) {
        true => PyIndexError::new_err(format!("there is no index {index}")),
        false => error,
    })
}

/// An index as Python counts: negative ones from the end.
pub(crate) fn position(index: isize, len: usize) -> Option<usize> {
    if index < 0 { len.checked_sub(index.unsigned_abs()) } else { usize::try_from(index).ok() }
}
