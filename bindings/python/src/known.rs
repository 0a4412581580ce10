//! Matches and targets that libfw knows: what their classes in Python derive from, and the attributes that read their options.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use libfw::ext::{Extension, Form, Opt};
use libfw::{Datum, MatchRef, OptionDatum};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyAttributeError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple, PyType};

use crate::convert::{self, Lasting};
use crate::error::raise;
use crate::ext::{self, check, kind_name};
use crate::rule::Rule;
use crate::values;

/// An option as it is written: its field, whether it is inverted, and the text of its value.
pub(crate) type Written = (String, bool, Vec<u8>);

/// An option, whether it is inverted, and its value.
pub(crate) type Read = (&'static Opt, bool, Datum);

/// A match or target with its options, from which the classes derive that are made from the option table.
#[pyclass(frozen, subclass, module = "libfw._libfw")]
#[derive(Default)]
pub(crate) struct KnownPart {
    /// Nothing where there are no options.
    held: OnceLock<Held>,
}

enum Held {
    /// It stands in a rule: which match it is, or the target without an index.
    InRule { rule: Py<Rule>, index: Option<usize>, values: Vec<Read> },
    /// It was written by a program. Its values are read when somebody asks for them.
    Written { options: Vec<Written>, values: OnceLock<Vec<Read>> },
}

impl KnownPart {
    /// Whoever comes second changes nothing.
    fn hold(&self, held: Held) {
        drop(self.held.set(held));
    }

    fn written(&self, options: Vec<Written>) {
        self.hold(Held::Written { options, values: OnceLock::new() });
    }

    fn values<'a>(part: &'a Bound<'_, Self>) -> PyResult<&'a [Read]> {
        Ok(match part.get().held.get() {
            None => &[],
            Some(Held::InRule { values, .. }) => values,
            Some(Held::Written { options, values }) => {
                if values.get().is_none() {
                    let read = ext::read(ext::of(part)?, options);
                    drop(values.set(read));
                }
                values.get().map_or(&[], Vec::as_slice)
            }
        })
    }

    /// What it is in the rule in which it stands.
    pub(crate) fn text(&self) -> Option<String> {
        let Some(Held::InRule { rule, index, .. }) = self.held.get() else { return None };
        part_of(rule, *index).map(|part| part.to_string())
    }
}

fn part_of(rule: &Py<Rule>, index: Option<usize>) -> Option<MatchRef<'_>> {
    let rule = rule.get().rule.view();
    match index {
        Some(index) => rule.matches().nth(index),
        None => rule.target().extension(),
    }
}

#[pymethods]
impl KnownPart {
    #[new]
    #[classmethod]
    #[pyo3(signature = (*unnamed, **options))]
    fn new(
        class: &Bound<'_, PyType>,
        unnamed: &Bound<'_, PyTuple>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<KnownPart> {
        let part = KnownPart::default();
        // What rules are read by has none yet.
        if !unnamed.is_empty() || options.is_some() {
            let options: Vec<Written> = class.call_method("_write", unnamed, options)?.extract()?;
            if !options.is_empty() {
                check(class, &options)?;
                part.written(options);
            }
        }
        Ok(part)
    }

    /// Gives one without options those that are written; unless they are checked, they are known to have been in a rule.
    fn _give(slf: &Bound<'_, Self>, options: Vec<Written>, checked: bool) -> PyResult<()> {
        if checked {
            check(slf, &options)?;
        }
        slf.get().written(options);
        Ok(())
    }

    /// The options as they are written: field, whether it is inverted, and the text.
    #[getter]
    fn _given<'py>(&self, py: Python<'py>) -> PyResult<Vec<(String, bool, Bound<'py, PyBytes>)>> {
        let options: Vec<Written> = match self.held.get() {
            None => Vec::new(),
            Some(Held::Written { options, .. }) => options.clone(),
            Some(Held::InRule { rule, index, .. }) => {
                let options = part_of(rule, *index).map_or(Ok(Vec::new()), |part| part.options());
                let options = options.map_err(|error| raise(py, &error))?;
                options.into_iter().map(|one| (one.field.to_owned(), one.inverted, one.value)).collect()
            }
        };
        let given = |(field, inverted, text): Written| (field, inverted, PyBytes::new(py, &text));
        Ok(options.into_iter().map(given).collect())
    }

    /// The options and their values.
    #[getter]
    fn _values<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<(&'static str, Bound<'py, PyAny>)>> {
        let values = KnownPart::values(slf)?;
        values.iter().map(|read| Ok((read.0.field, value(slf.py(), read)?))).collect()
    }
}

/// The value of an option, behind a `!` where it is inverted.
fn value<'py>(py: Python<'py>, (opt, inverted, value): &Read) -> PyResult<Bound<'py, PyAny>> {
    let value = values::object(py, opt, value)?;
    if *inverted { convert::not(py, value) } else { Ok(value) }
}

/// What reads an option of a match or target: the attribute of its class.
#[pyclass(frozen, subclass, module = "libfw._libfw")]
pub(crate) struct Attribute {
    opt: &'static Opt,
}

#[pymethods]
impl Attribute {
    /// Of an extension and one of its options, as `extension` has them.
    #[new]
    fn new(extension: &Bound<'_, PyDict>, option: &Bound<'_, PyDict>) -> PyResult<Attribute> {
        let text = |table: &Bound<'_, PyDict>, key: &str| table.as_any().get_item(key)?.extract::<String>();
        let (kind, type_name, field) =
            (text(extension, "kind")?, text(extension, "type_name")?, text(option, "field")?);
        let opt = ext::find(&kind, &type_name)?.options.iter().find(|opt| opt.field == field);
        opt.map(|opt| Attribute { opt }).ok_or_else(|| PyKeyError::new_err(field))
    }

    /// The value; a list of them where the option repeats. Whoever asks has an object of their own.
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        part: Option<&Bound<'py, PyAny>>,
        _class: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, opt) = (slf.py(), slf.get().opt);
        let Some(part) = part else { return Ok(slf.clone().into_any()) };
        let values = KnownPart::values(part.cast::<KnownPart>()?)?;
        let mut there = values.iter().filter(|(other, ..)| other.field == opt.field);
        if opt.group.is_some() {
            let all = there.map(|read| value(py, read)).collect::<PyResult<Vec<_>>>()?;
            return Ok(PyList::new(py, all)?.into_any());
        }
        match there.next() {
            Some(read) => value(py, read),
            None if opt.kind.form == Form::Flag && !opt.negatable => false.into_bound_py_any(py),
            None => Ok(py.None().into_bound(py)),
        }
    }

    fn __set__(slf: &Bound<'_, Self>, part: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(Attribute::fixed(slf, part, "setter")?)
    }

    fn __delete__(slf: &Bound<'_, Self>, part: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(Attribute::fixed(slf, part, "deleter")?)
    }
}

impl Attribute {
    /// The error for one that is to be changed, in the words that Python has for properties.
    fn fixed(slf: &Bound<'_, Self>, part: &Bound<'_, PyAny>, lacking: &str) -> PyResult<PyErr> {
        let (keyword, class) = (slf.getattr("keyword")?, part.get_type().name()?);
        let message = format!("property '{keyword}' of '{class}' object has no {lacking}");
        Ok(PyAttributeError::new_err(message))
    }
}

/// The class of an extension, which is made once.
fn class<'py>(py: Python<'py>, extension: &'static Extension) -> PyResult<Bound<'py, PyAny>> {
    static MAKE: Lasting = Lasting::new("libfw._parts", "class_of");
    static MADE: Mutex<BTreeMap<usize, Py<PyAny>>> = Mutex::new(BTreeMap::new());
    // Nothing of Python runs while it is locked.
    let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = std::ptr::from_ref(extension).addr();
    if let Some(class) = made().get(&key) {
        return Ok(class.bind(py).clone());
    }
    let class = MAKE.get(py)?.call1((kind_name(extension.kind), extension.type_name))?;
    made().insert(key, class.clone().unbind());
    Ok(class)
}

/// The Python object for a match or target of a rule. What libfw does not know is opaque.
pub(crate) fn part_object<'py>(
    rule: &Bound<'py, Rule>,
    part: &MatchRef<'_>,
    index: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    static OPAQUE: Lasting = Lasting::new("libfw._parts", "opaque");
    let py = rule.py();
    if let (Some(extension), Ok(values)) = (part.extension(), part.values()) {
        let read = |OptionDatum { opt, inverted, value, .. }| (opt, inverted, value);
        let values = values.into_iter().map(read).collect();
        let object = class(py, extension)?.call0()?;
        object.cast::<KnownPart>()?.get().hold(Held::InRule { rule: rule.clone().unbind(), index, values });
        return Ok(object);
    }
    let name = String::from_utf8_lossy(part.kernel_name());
    OPAQUE.get(py)?.call1((kind_name(part.kind()), name, part.revision(), PyBytes::new(py, part.data())))
}
