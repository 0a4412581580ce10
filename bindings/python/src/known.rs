//! Matches and targets that libfw knows: what their classes in Python derive from, and the attributes that read their options.

use std::sync::OnceLock;

use libfw::ext::{Extension, Form, Opt};
use libfw::{Datum, MatchRef, OptionDatum};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple, PyType};

use crate::convert::{self, Lasting};
use crate::error::raise;
use crate::ext::{self, check, kind_name};
use crate::ffi::{PartClass, attribute};
use crate::rule::Rule;
use crate::values;

/// An option as it is written: its field, whether it is inverted, and the text of its value.
pub(crate) type Written = (String, bool, Vec<u8>);

/// An option, whether it is inverted, and its value.
pub(crate) type Read = (&'static Opt, bool, Datum);

/// The same of a part that keeps it.
type Borrowed<'a> = (&'static Opt, bool, &'a Datum);

/// A match or target with its options, from which the classes derive that are made from the option table.
#[pyclass(frozen, subclass, module = "libfw._libfw")]
#[derive(Default)]
pub(crate) struct KnownPart {
    /// Where it stands.
    in_rule: Option<InRule>,
    /// What a program has written; nothing where there are no options.
    written: OnceLock<Box<WrittenPart>>,
}

/// A part of a rule: which match it is, or the target without an index.
struct InRule {
    rule: Py<Rule>,
    index: Option<usize>,
    values: Vec<OptionDatum>,
}

/// What a program has written, whose values are read when somebody asks for them.
struct WrittenPart {
    options: Vec<Written>,
    values: OnceLock<Vec<Read>>,
    /// What those that are another way to write an option say of that one.
    meant: OnceLock<Vec<Read>>,
}

impl KnownPart {
    /// Whoever comes second changes nothing.
    fn written(&self, options: Vec<Written>) {
        drop(self.written.set(Box::new(WrittenPart {
            options,
            values: OnceLock::new(),
            meant: OnceLock::new(),
        })));
    }

    fn values<'a>(part: &'a Bound<'_, Self>) -> PyResult<impl Iterator<Item = Borrowed<'a>>> {
        let KnownPart { in_rule, written } = part.get();
        let written = match written.get() {
            None => &[],
            Some(written) => {
                if written.values.get().is_none() {
                    let read = ext::read(ext::of(part)?, &written.options);
                    drop(written.values.set(read));
                }
                written.values.get().map_or(&[][..], Vec::as_slice)
            }
        };
        let in_rule = in_rule.as_ref().map_or(&[][..], |part| &part.values);
        let in_rule = in_rule.iter().map(|one| (one.opt, one.inverted, &one.value));
        Ok(in_rule.chain(written.iter().map(|(opt, inverted, value)| (*opt, *inverted, value))))
    }

    /// What an option says by way of other ones, which may be written in its place.
    fn respelled(part: &Bound<'_, Self>, opt: &'static Opt) -> PyResult<Option<(bool, Datum)>> {
        let mut known: Vec<Read> =
            KnownPart::values(part)?.map(|(opt, inverted, value)| (opt, inverted, value.clone())).collect();
        if let Some(written) = part.get().written.get() {
            let extension = ext::of(part)?;
            let meant = written.meant.get_or_init(|| ext::meant(extension, &written.options));
            known.extend(meant.iter().cloned());
        }
        let find = |field: &str| {
            let found = known.iter().find(|(other, ..)| other.field == field);
            found.map(|(_, inverted, value)| (*inverted, value.clone()))
        };
        Ok(if opt.spelling { opt.respelled(&find) } else { find(opt.field).or_else(|| opt.respelled(&find)) })
    }

    /// What it is in the rule in which it stands.
    pub(crate) fn text(&self) -> Option<String> {
        let InRule { rule, index, .. } = self.in_rule.as_ref()?;
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
        let options: Vec<Written> = match &self.in_rule {
            None => self.written.get().map(|written| written.options.clone()).unwrap_or_default(),
            Some(InRule { rule, index, .. }) => {
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
        KnownPart::values(slf)?.map(|read| Ok((read.0.field, value(slf.py(), read)?))).collect()
    }
}

/// The value of an option, behind a `!` where it is inverted.
fn value<'py>(py: Python<'py>, (opt, inverted, value): Borrowed<'_>) -> PyResult<Bound<'py, PyAny>> {
    let value = values::object(py, opt, value)?;
    if inverted { convert::not(py, value) } else { Ok(value) }
}

/// Gives the class of a match or target an attribute that reads one of its options.
#[pyfunction]
pub(crate) fn add_option(
    cls: &Bound<'_, PyType>,
    field: &str,
    names: Vec<String>,
    doc: &str,
) -> PyResult<()> {
    let opt = ext::of(cls)?.options.iter().find(|opt| opt.field == field);
    let opt: &'static Opt = opt.ok_or_else(|| PyKeyError::new_err(field.to_owned()))?;
    let own = names.first().map_or(field, String::as_str);
    let reader = attribute(cls, own, doc, option, opt)?;
    names.iter().try_for_each(|name| cls.setattr(name, &reader))
}

/// The value of an option; a list of them where it repeats. Whoever asks has an object of their own.
fn option<'py>(part: &Bound<'py, KnownPart>, opt: &&'static Opt) -> PyResult<Bound<'py, PyAny>> {
    let py = part.py();
    if opt.group.is_some() {
        let there = KnownPart::values(part)?.filter(|(other, ..)| other.field == opt.field);
        let all = there.map(|read| value(py, read)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyList::new(py, all)?.into_any());
    }
    let there = match &part.get().in_rule {
        Some(InRule { values, .. }) => {
            let found = values.iter().find(|one| one.opt.field == opt.field);
            found.map(|one| (one.opt, one.inverted, &one.value))
        }
        None => KnownPart::values(part)?.find(|(other, ..)| other.field == opt.field),
    };
    // One that others stand for has one value, whoever wrote it.
    let respelled = match opt.spelling || there.is_none() {
        true => KnownPart::respelled(part, opt)?,
        false => None,
    };
    match respelled.as_ref().map(|(inverted, value)| (*opt, *inverted, value)).or(there) {
        Some(read) => value(py, read),
        None if opt.kind.form == Form::Flag && !opt.negatable => false.into_bound_py_any(py),
        None => Ok(py.None().into_bound(py)),
    }
}

/// The class of an extension, which is made once.
fn class(py: Python<'_>, extension: &'static Extension) -> PyResult<&'static PartClass> {
    type Made = (usize, PyOnceLock<PartClass>);
    static MAKE: Lasting = Lasting::new("libfw._parts", "class_of");
    static CLASSES: OnceLock<Vec<Made>> = OnceLock::new();
    let address = |extension| std::ptr::from_ref::<Extension>(extension).addr();
    let classes = CLASSES.get_or_init(|| {
        let mut all: Vec<Made> = libfw::ext::all().map(|one| (address(one), PyOnceLock::new())).collect();
        all.sort_unstable_by_key(|(address, _)| *address);
        all
    });
    let found = classes.binary_search_by_key(&address(extension), |(address, _)| *address);
    let (_, class) =
        found.ok().and_then(|at| classes.get(at)).ok_or_else(|| PyKeyError::new_err(extension.name))?;
    class.get_or_try_init(py, || {
        PartClass::new(MAKE.get(py)?.call1((kind_name(extension.kind), extension.type_name))?)
    })
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
        let in_rule = Some(InRule { rule: rule.clone().unbind(), index, values });
        return class(py, extension)?.make(py, KnownPart { in_rule, ..KnownPart::default() });
    }
    let name = String::from_utf8_lossy(part.kernel_name());
    OPAQUE.get(py)?.call1((kind_name(part.kind()), name, part.revision(), PyBytes::new(py, part.data())))
}
