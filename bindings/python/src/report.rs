//! What a commit did.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;

use crate::error::raise;

/// What a commit did: whether the kernel's table was replaced, how many rules it has now, and whether their counters
/// are in place.
#[pyclass(frozen, get_all, module = "libfw")]
pub(crate) struct Report {
    /// Whether the kernel's table was replaced; not if there were no edits.
    changed: bool,
    /// The number of rules in the table now; where only some chains were read, in these.
    rules: usize,
    /// Why the counters could not be put back after the replace, which starts them at zero; `None` when they are in place.
    /// The rules are in the kernel either way.
    counters_lost: Option<Py<PyBaseException>>,
    /// Whether a program that does not honour the lock has changed the table between the last look at it and its replace
    /// (`compare` of `Kernel`): that change is lost.
    overwritten: bool,
}

impl Report {
    pub(crate) fn of(py: Python<'_>, report: libfw::Report) -> Report {
        let counters_lost = report.counters_lost.map(|error| raise(py, &error).into_value(py));
        let libfw::Report { changed, rules, overwritten, .. } = report;
        Report { changed, rules, counters_lost, overwritten }
    }
}

#[pymethods]
impl Report {
    fn __eq__(&self, other: &Bound<'_, Report>) -> bool {
        let other = other.get();
        let lost = |report: &Report| report.counters_lost.as_ref().map(Py::as_ptr);
        let numbers = |report: &Report| (report.changed, report.rules, report.overwritten);
        numbers(self) == numbers(other) && lost(self) == lost(other)
    }

    fn __repr__(&self) -> String {
        let word = |truth| if truth { "True" } else { "False" };
        let lost = if self.counters_lost.is_some() { " counters lost" } else { "" };
        let others = if self.overwritten { " overwritten" } else { "" };
        format!("<libfw.Report changed={} rules={}{lost}{others}>", word(self.changed), self.rules)
    }
}
