//! Arguments of functions, and what is said of those that are something else: which one it is, and what was expected.

use std::borrow::Cow;
use std::ffi::OsString;
use std::time::Duration;

use libfw::Counters;
use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

/// The error for an argument of another type.
pub(crate) fn wrong(name: &str, expected: &str, given: &Bound<'_, PyAny>) -> PyErr {
    match given.repr() {
        Ok(shown) => PyTypeError::new_err(format!("{name}: expected {expected}, not {shown}")),
        Err(error) => error,
    }
}

/// Reads an argument.
pub(crate) fn given<'a, 'py, T: FromPyObject<'a, 'py>>(
    name: &str,
    expected: &str,
    value: &'a Bound<'py, PyAny>,
) -> PyResult<T> {
    value.extract().map_err(|error: T::Error| {
        let (py, error): (_, PyErr) = (value.py(), error.into());
        match () {
            () if error.is_instance_of::<PyTypeError>(py) => wrong(name, expected, value),
            // A number that is too big or negative.
            () if error.is_instance_of::<PyOverflowError>(py) => {
                PyValueError::new_err(format!("{name}: expected {expected}, not {value}"))
            }
            () => error,
        }
    })
}

/// One that may be left out, as `None`.
pub(crate) fn maybe<'a, 'py, T: FromPyObject<'a, 'py>>(
    name: &str,
    expected: &str,
    value: Option<&'a Bound<'py, PyAny>>,
) -> PyResult<Option<T>> {
    value.map(|value| given(name, expected, value)).transpose()
}

/// The name of an argument, for what reads it before the function is called.
pub(crate) trait Name {
    const NAME: &'static str;
}

macro_rules! names {
    ($($name:ident),* $(,)?) => {
        /// A type for each name.
        #[expect(non_camel_case_types, reason = "they are the names of the arguments")]
        pub(crate) mod name {
            $(
                pub(crate) struct $name;

                impl super::Name for $name {
                    const NAME: &'static str = stringify!($name);
                }
            )*
        }
    };
}

names! {
    atomic, chain, change, combine, counters, cut, equivalence, exact, foreign, index, later, line_numbers, name, new,
    noflush, numeric, old, one, other, plan, position, strict, table, tables, test, to, verbose,
}

pub(crate) fn flag<N: Name>(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    given(N::NAME, "True or False", value)
}

/// One of a few words.
pub(crate) trait Choice: Name {
    const WORDS: &'static [&'static str];
}

impl Choice for name::equivalence {
    const WORDS: &'static [&'static str] = &["exact", "meaning"];
}

impl Choice for name::foreign {
    const WORDS: &'static [&'static str] = &["refuse", "replace", "keep"];
}

impl Choice for name::position {
    const WORDS: &'static [&'static str] = &["first", "last"];
}

pub(crate) fn choice<C: Choice>(value: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let (last, others) = C::WORDS.split_last().unwrap_or((&"", &[]));
    let expected = format!("{} or {last}", others.join(", "));
    let given: String = given(C::NAME, &expected, value)?;
    let known = C::WORDS.iter().find(|word| **word == given);
    known
        .copied()
        .ok_or_else(|| PyValueError::new_err(format!("{}: expected {expected}, not {given:?}", C::NAME)))
}

/// The name of a table; of the one that is meant if none is said.
pub(crate) type TableName = Cow<'static, str>;
pub(crate) const FILTER: TableName = Cow::Borrowed("filter");

pub(crate) fn table<N: Name>(value: &Bound<'_, PyAny>) -> PyResult<TableName> {
    given::<String>(N::NAME, "the name of a table", value).map(Cow::Owned)
}

/// The name of a chain.
pub(crate) fn chain<N: Name>(value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    given(N::NAME, "the name of a chain", value)
}

/// An object of a class of the package.
pub(crate) fn object<'py, N: Name, T: PyTypeInfo>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, T>> {
    match value.cast::<T>() {
        Ok(object) => Ok(object.clone()),
        Err(_) => {
            let class = value.py().get_type::<T>().name()?;
            Err(wrong(N::NAME, &format!("a libfw.{class}"), value))
        }
    }
}

/// An index, which may be negative.
pub(crate) fn index<N: Name>(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    match value.hasattr("__index__")? {
        true => crate::convert::index(value),
        false => Err(wrong(N::NAME, "an index", value)),
    }
}

/// Packets and bytes.
pub(crate) fn counters<N: Name>(value: &Bound<'_, PyAny>) -> PyResult<Counters> {
    let pair = || wrong(N::NAME, "a pair of packets and bytes", value);
    if value.is_instance_of::<PyString>() {
        return Err(pair());
    }
    let [packets, bytes] = value.extract::<[Bound<'_, PyAny>; 2]>().map_err(|_| pair())?;
    let number = |what: &str, value: &Bound<'_, PyAny>| {
        given(&format!("{}: {what}", N::NAME), "a number from 0 to 18446744073709551615", value)
    };
    Ok(Counters::new(number("packets", &packets)?, number("bytes", &bytes)?))
}

/// Seconds to wait; negative ones are refused.
pub(crate) fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds: f64 = given(name, "a number of seconds", value)?;
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err(format!("{name}: cannot wait for {value} seconds")))
}

/// The elements of an iterable that is no text.
pub(crate) fn each<'py>(
    name: &str,
    expected: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyIterator>> {
    value.try_iter().map_err(|error| match error.is_instance_of::<PyTypeError>(value.py()) {
        true => wrong(name, expected, value),
        false => error,
    })
}
