//! `CounterSnapshot` and `CounterDelta`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use libfw::Counters;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyRange, PySlice};

use crate::convert::{self, counters_object, family_object};
use crate::given::{self, name};

/// The counters of a table at one time, as plain numbers: those of all rules in one array, chain by chain, and those of the
/// policies. It holds no rules.
///
/// Arrays are `memoryview`s of unsigned numbers of 64 bits: packets, bytes, packets, bytes and so on. `numpy.asarray` and
/// `array.array` take them as they are:
///
///     counters = libfw.Table("filter").counters()
///     packets = counters["INPUT"][0::2].tolist()
///
/// It is a mapping of the chains' names to the counters of their rules.
///
/// Two snapshots tell what was counted between: `earlier.delta(later)`.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct CounterSnapshot {
    counters: libfw::CounterSnapshot,
    rules: Py<PyBytes>,
    policies: Py<PyBytes>,
}

/// What was counted between two snapshots of a table.
#[pyclass(frozen, get_all, module = "libfw")]
pub(crate) struct CounterDelta {
    /// What was counted, with the chains and rules of the later snapshot.
    counted: Py<CounterSnapshot>,
    /// The rules that are not in the earlier snapshot, by their index among all rules of the later one. What they counted is all
    /// they have.
    added: Vec<usize>,
    /// The rules that are not in the later snapshot, by their index among all rules of the earlier one. What they counted after
    /// that is not known.
    removed: Vec<usize>,
    /// The rules whose counters were less than before, by their index in the later snapshot: they were set to zero in between,
    /// and what they counted is what they have now.
    restarted: Vec<usize>,
}

impl CounterSnapshot {
    pub(crate) fn new(py: Python<'_>, counters: libfw::CounterSnapshot) -> PyResult<CounterSnapshot> {
        let (rules, policies) = (bytes(py, counters.rules())?, bytes(py, counters.policies())?);
        Ok(CounterSnapshot { counters, rules, policies })
    }

    fn chain_of(&self, name: &Bound<'_, PyAny>) -> PyResult<libfw::ChainCounters<'_>> {
        let chain = convert::bytes_of("chain", name).ok().and_then(|name| self.counters.chain(name));
        chain.ok_or_else(|| PyKeyError::new_err((name.clone().unbind(),)))
    }

    /// The part of the counters that is a chain's.
    fn counts_of<'py>(
        &self,
        py: Python<'py>,
        chain: libfw::ChainCounters<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (first, end) = (2 * chain.first as isize, 2 * (chain.first + chain.rules.len()) as isize);
        // `PySlice::new` of PyO3 0.29 does not give back the numbers that it makes.
        view(py, &self.rules)?.get_item(py.get_type::<PySlice>().call1((first, end))?)
    }
}

/// Counters as one bytes object, in the order of the machine.
fn bytes(py: Python<'_>, counters: &[Counters]) -> PyResult<Py<PyBytes>> {
    let fill = |place: &mut [u8]| {
        for (place, pair) in place.chunks_exact_mut(16).zip(counters) {
            place[..8].copy_from_slice(&pair.packets.to_ne_bytes());
            place[8..].copy_from_slice(&pair.bytes.to_ne_bytes());
        }
        Ok(())
    };
    Ok(PyBytes::new_with(py, counters.len() * 16, fill)?.unbind())
}

/// A view of them as numbers.
fn view<'py>(py: Python<'py>, bytes: &Py<PyBytes>) -> PyResult<Bound<'py, PyAny>> {
    crate::convert::module(py, "builtins")?
        .getattr("memoryview")?
        .call1((bytes,))?
        .call_method1("cast", ("Q",))
}

#[pymethods]
impl CounterSnapshot {
    /// The name of the table.
    #[getter]
    fn table(&self) -> &str {
        self.counters.table()
    }

    /// The family.
    #[getter]
    fn family<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        family_object(py, self.counters.family())
    }

    /// The chains by name, built-in ones in the order of their hooks, then the others: where the rules of each are among all.
    #[getter]
    fn chains<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let chains = PyDict::new(py);
        for chain in self.counters.chains() {
            let (first, end) = (chain.first as isize, (chain.first + chain.rules.len()) as isize);
            let name = OsString::from_vec(chain.name.to_vec());
            chains.set_item(name, PyRange::new(py, first, end)?)?;
        }
        Ok(chains)
    }

    /// The counters of all rules: packets, bytes, packets, bytes and so on, in the order of `chains`.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        view(py, &self.rules)
    }

    /// The counters of the policies, two numbers for each chain in the order of `chains`; zero for one that a user made.
    #[getter]
    fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        view(py, &self.policies)
    }

    /// The counters of the rules of one chain, a part of `rules` that is not copied.
    fn __getitem__<'py>(&self, py: Python<'py>, chain: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.counts_of(py, self.chain_of(chain)?)
    }

    fn __contains__(&self, chain: &Bound<'_, PyAny>) -> bool {
        self.chain_of(chain).is_ok()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.chains(py)?.try_iter()?.into_any())
    }

    /// The names of the chains.
    fn keys<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::KEYS.get(slf.py())?.call1((slf,))
    }

    /// The counters of the rules of each chain.
    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::VALUES.get(slf.py())?.call1((slf,))
    }

    /// The counters of the rules of each chain, by its name.
    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::ITEMS.get(slf.py())?.call1((slf,))
    }

    /// The counters of the rules of a chain, or `default`.
    #[pyo3(signature = (chain, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        chain: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.chain_of(chain).map_or(Ok(default), |chain| self.counts_of(py, chain).map(Some))
    }

    /// The number of chains.
    fn __len__(&self) -> usize {
        self.counters.chains().count()
    }

    fn __bool__(&self) -> bool {
        true
    }

    /// The counters of the policy of a built-in chain; `None` for one that a user made.
    fn policy<'py>(&self, py: Python<'py>, chain: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.chain_of(chain)?.policy.map(|counters| counters_object(py, counters)).transpose()
    }

    /// What was counted from this snapshot to a later one of the same table, whatever was edited in between: a rule is known by
    /// its handle in nf_tables, and else by what it does; of several equal ones of a chain the first is the first of those that
    /// are left.
    fn delta(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::object::<name::later, CounterSnapshot>)] later: Bound<
            '_,
            CounterSnapshot,
        >,
    ) -> PyResult<CounterDelta> {
        let later = &later.get().counters;
        let table = |counters: &libfw::CounterSnapshot| format!("{} {}", counters.family(), counters.table());
        let (one, other) = (table(&self.counters), table(later));
        if one != other {
            let message = format!("these are counters of two tables, {one} and {other}");
            return Err(PyValueError::new_err(message));
        }
        let libfw::CounterDelta { counted, added, removed, restarted, .. } =
            py.detach(|| self.counters.delta(later));
        let counted = Py::new(py, CounterSnapshot::new(py, counted)?)?;
        Ok(CounterDelta { counted, added, removed, restarted })
    }

    fn __repr__(&self) -> String {
        let rules = self.counters.rules().len();
        format!("<libfw.CounterSnapshot of {} with {rules} rules>", self.counters.table())
    }
}

#[pymethods]
impl CounterDelta {
    fn __repr__(&self) -> String {
        let (added, removed) = (self.added.len(), self.removed.len());
        format!("<libfw.CounterDelta: rules added: {added}, removed: {removed}>")
    }
}
