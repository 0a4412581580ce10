//! Small values in both directions.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use libfw::{Counters, Family};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::raise;

/// Reads `"ipv4"`, `"ipv6"`, 4, 6 or a member of the Python enumeration, which is a text.
pub(crate) fn family(value: Option<&Bound<'_, PyAny>>) -> PyResult<Family> {
    let Some(value) = value else { return Ok(Family::Ipv4) };
    let text = value.extract::<String>().or_else(|_| value.str().map(|text| text.to_string()))?;
    text.parse().map_err(|error| raise(value.py(), &error))
}

pub(crate) fn family_name(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

/// The member of the Python enumeration.
pub(crate) fn family_object(py: Python<'_>, family: Family) -> PyResult<Bound<'_, PyAny>> {
    py.import("libfw._values")?.getattr("Family")?.call1((family_name(family),))
}

pub(crate) fn counters_object(py: Python<'_>, counters: Counters) -> PyResult<Bound<'_, PyAny>> {
    py.import("libfw._values")?.getattr("Counters")?.call1((counters.packets, counters.bytes))
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
pub(crate) fn bytes_of(text: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match text.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => Ok(text.extract::<OsString>()?.into_vec()),
    }
}

/// An index as Python counts: negative ones from the end.
pub(crate) fn position(index: isize, len: usize) -> Option<usize> {
    if index < 0 { len.checked_sub(index.unsigned_abs()) } else { usize::try_from(index).ok() }
}

/// Seconds to wait; negative ones are refused.
pub(crate) fn seconds(wait: f64) -> PyResult<std::time::Duration> {
    std::time::Duration::try_from_secs_f64(wait)
        .map_err(|_| PyValueError::new_err(format!("cannot wait for {wait} seconds")))
}
