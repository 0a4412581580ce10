//! `Desired` and `Pending`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libfw::{Ending, Family, Position, Scope, iptables};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::chain::several;
use crate::convert;
use crate::error::call;
use crate::given::{self, FILTER, TableName, maybe, name, seconds};
use crate::kernel::{Handle, shared};
use crate::parts::{Source, from_object, source};
use crate::plan::Plan;
use crate::table::chain_names;

/// How long a wait goes on before signals are looked at.
const SLICE: Duration = Duration::from_millis(100);

/// What tables are to be, of one or both families: filled by its methods, compared with what is there by `plan()`, and brought
/// about by `apply()`, in one transaction.
///
/// Without an argument it speaks of whole tables: chains that are not desired go, policies that are not set stay. It speaks of less
/// with one of `chains`, names of chains; `prefix`, how their names begin; `owner`, how the comment of a rule begins. What is outside
/// is never touched. Rules of other chains that go to a chain of the scope are put where they are desired. Rules without a comment
/// get the owner's. With `equivalence="meaning"` a rule that is there stays where a desired one means the same, however they are
/// written: ports of `multiport` in another order, `state` and `conntrack`, matches in another order where that makes no difference.
///
///     kernel = libfw.Kernel(backend="memory")
///     desired = libfw.Desired(prefix="web-", kernel=kernel)
///     desired.table({"web-in": ["-p tcp --dport 443 -j ACCEPT", "-j RETURN"]})
///     desired.place("INPUT", "-j web-in", position="first")
///     assert desired.plan().added == 3
///     desired.apply()
///     assert not desired.apply()
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Desired {
    desired: Mutex<libfw::Desired>,
}

impl Desired {
    fn desired(&self) -> MutexGuard<'_, libfw::Desired> {
        self.desired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a rule is to be: `"first"`, `"last"`, or next to another rule.
pub(crate) fn position(
    py: Python<'_>,
    family: Family,
    position: Option<&Bound<'_, PyAny>>,
    before: Option<&Bound<'_, PyAny>>,
    after: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Position>> {
    let rule = |rule: &Bound<'_, PyAny>| {
        let source = from_object(rule)?;
        call(py, || libfw::IntoRule::into_rule(source, family))
    };
    let position = position.map(given::choice::<name::position>).transpose()?;
    match (position, before, after) {
        (None, None, None) => Ok(None),
        (Some("first"), None, None) => Ok(Some(Position::First)),
        (Some(_), None, None) => Ok(Some(Position::Last)),
        (None, Some(other), None) => Ok(Some(Position::Before(rule(other)?))),
        (None, None, Some(other)) => Ok(Some(Position::After(rule(other)?))),
        _ => Err(PyTypeError::new_err("give one of position, before and after")),
    }
}

#[pymethods]
impl Desired {
    #[new]
    #[pyo3(signature = (kernel=None, *, chains=None, prefix=None, owner=None, equivalence="exact"))]
    fn new(
        py: Python<'_>,
        kernel: Option<&Bound<'_, PyAny>>,
        chains: Option<&Bound<'_, PyAny>>,
        prefix: Option<&Bound<'_, PyAny>>,
        owner: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given::choice::<name::equivalence>)] equivalence: &str,
    ) -> PyResult<Desired> {
        let prefix = maybe::<OsString>("prefix", "how the names of chains begin", prefix)?;
        let owner = maybe::<OsString>("owner", "how the comments of rules begin", owner)?;
        let how = crate::plan::equivalence(equivalence);
        let scope = match (chains, prefix, owner) {
            (None, None, None) => Scope::Tables,
            (Some(chains), None, None) => Scope::chains(chain_names(chains)?),
            (None, Some(prefix), None) => Scope::prefix(prefix.as_bytes()),
            (None, None, Some(owner)) => Scope::owner(owner.as_bytes()),
            _ => return Err(PyTypeError::new_err("give one of chains, prefix and owner")),
        };
        call(py, || scope.check())?;
        Ok(Desired { desired: Mutex::new(shared(kernel)?.desired(scope).by(how)) })
    }

    /// Adds what a save file says: its text, its bytes, its path (`pathlib.Path`), or an open file. Counters do not count. What is odd
    /// but not wrong is a `RuleWarning`. Tables that it does not have stay as they are, so a file that was saved when there were none
    /// brings nothing back: that is what `Plan.inverse()` of what was applied is for.
    #[pyo3(signature = (text, family=None))]
    fn read(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (family, text) = (convert::family(family)?, convert::input("text", text)?);
        let mut warnings = Vec::new();
        call(py, || {
            let warn = &mut |warning: &str| warnings.push(warning.to_owned());
            iptables::declare(&mut self.desired(), family, &mut text.as_slice(), warn)
        })?;
        convert::warn(py, warnings)
    }

    /// Adds what a text in JSON says: tables of both families with their chains, policies and rules; JSON.md has the schema. It is
    /// given as its text, its bytes, its path (`pathlib.Path`), or open. Counters do not count. An error has the line, the column and
    /// the `path` of what is wrong with the text.
    ///
    ///     import json
    ///     rules = [{"in_interface": "lo", "target": {"verdict": "ACCEPT"}}]
    ///     chains = [{"chain": "INPUT", "policy": "DROP", "rules": rules}]
    ///     desired = libfw.Desired(kernel=libfw.Kernel(backend="memory"))
    ///     desired.read_json(json.dumps({"family": "ipv4", "table": "filter", "chains": chains}))
    ///     assert desired.apply().summary == "1 rule added, 1 policy changed"
    fn read_json(&self, py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<()> {
        let json = convert::input("json", json)?;
        call(py, || self.desired().read_json(&json))
    }

    /// Adds chains with their rules to a table, and policies of built-in chains. Rules may go to any of the chains. A table that is
    /// named with nothing in it is to be empty, as far as the scope goes.
    #[pyo3(signature = (chains=None, *, policies=None, table=FILTER, family=None), text_signature = "($self, chains=None, *, policies=None, table='filter', family=None)")]
    fn table(
        &self,
        py: Python<'_>,
        chains: Option<&Bound<'_, PyAny>>,
        policies: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given::table::<name::table>)] table: TableName,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let family = convert::family(family)?;
        let mut lists: Vec<(Vec<u8>, Vec<Source>)> = Vec::new();
        for (name, rules) in
            chains.map(|chains| convert::dict("chains", chains)).transpose()?.iter().flatten()
        {
            lists.push((convert::bytes_of("chains", &name)?, several(&rules)?));
        }
        let mut set: Vec<(Vec<u8>, String)> = Vec::new();
        for (name, policy) in
            policies.map(|policies| convert::dict("policies", policies)).transpose()?.iter().flatten()
        {
            set.push((convert::bytes_of("policies", &name)?, policy.str()?.to_string()));
        }
        call(py, || {
            let mut desired = self.desired();
            let table = desired.table(family, &table)?;
            for (name, policy) in set {
                table.chain_mut(name)?.set_policy(policy.parse()?, None)?;
            }
            table.fill(lists)
        })
    }

    /// Adds a rule to a chain that others use too, at a place among their rules: `position` is `"first"` or `"last"`; `before` and
    /// `after` are the rule that it is to be next to. Several at one place keep their order. Without a place it stays where it is, and
    /// comes to the end if it is not there. A chain that it goes to is there already, or has been added by `table()`.
    /// In a chain that is one's own as a whole the place is among the rules that are desired there.
    #[pyo3(signature = (chain, /, *rule, table=FILTER, family=None, position=None, before=None, after=None, **parts), text_signature = "($self, chain, /, *rule, table='filter', family=None, position=None, before=None, after=None, **parts)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
    fn place(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::chain::<name::chain>)] chain: OsString,
        rule: &Bound<'_, PyTuple>,
        #[pyo3(from_py_with = given::table::<name::table>)] table: TableName,
        family: Option<&Bound<'_, PyAny>>,
        position: Option<&Bound<'_, PyAny>>,
        before: Option<&Bound<'_, PyAny>>,
        after: Option<&Bound<'_, PyAny>>,
        parts: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let (rule, family) = (source(rule, parts)?, convert::family(family)?);
        let position = self::position(py, family, position, before, after)?;
        call(py, || {
            let mut desired = self.desired();
            match position {
                Some(position) => desired.place(family, &table, chain.as_bytes(), rule, position),
                None => desired.table(family, &table)?.chain_mut(chain.as_bytes())?.append(rule),
            }
        })
    }

    /// What would be changed now. Nothing is locked, and nothing is changed.
    fn plan(&self, py: Python<'_>) -> PyResult<Plan> {
        Ok(Plan { plan: call(py, || self.desired().plan())? })
    }

    /// Makes the tables what they are to be, all of them or none; says what was changed. Rules that stay keep their counters. Where
    /// nothing is to be changed nothing is written.
    fn apply(&self, py: Python<'_>) -> PyResult<Plan> {
        Ok(Plan { plan: call(py, || self.desired().apply())?.plan })
    }

    /// As `apply()`, but the old rules come back unless the change is confirmed within so many seconds: by `Pending.confirm()`, by
    /// `Kernel.confirm()` of any program, or by the command `fw confirm`. They come back when this program is killed too. What others
    /// change meanwhile stays.
    ///
    ///     kernel = libfw.Kernel(backend="memory")
    ///     desired = libfw.Desired(kernel=kernel)
    ///     desired.table({"INPUT": ["-p tcp --dport 22 -j ACCEPT"]}, policies={"INPUT": "DROP"})
    ///     with desired.apply_for(30) as pending:
    ///         assert len(kernel.table()["INPUT"]) == 1    # whatever shows that it works
    ///         pending.confirm()
    ///
    /// Who watches is a process of its own, which is made by `fork()` before anything is changed, in a session of its own and deaf
    /// to signals; it runs no Python. It cannot do anything against being killed itself, as by a service manager that ends everything
    /// in a control group. The rules of a kernel in memory are watched over by a thread.
    fn apply_for(&self, py: Python<'_>, time: &Bound<'_, PyAny>) -> PyResult<Pending> {
        let time = seconds("time", time)?;
        let pending = call(py, || self.desired().apply_for(time))?;
        Ok(Pending { plan: pending.applied().plan.clone(), pending: Mutex::new(pending) })
    }
}

/// A change that has been made and is taken back unless it is confirmed. As a context manager it is taken back at the end of the
/// block, unless it was confirmed by then.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Pending {
    plan: libfw::Plan,
    pending: Mutex<libfw::Pending>,
}

impl Pending {
    fn pending(&self) -> MutexGuard<'_, libfw::Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stays(ending: Ending) -> bool {
    ending == Ending::Confirmed
}

#[pymethods]
impl Pending {
    /// What was changed.
    #[getter]
    fn plan(&self) -> Plan {
        Plan { plan: self.plan.clone() }
    }

    /// How many seconds there are left to confirm it.
    #[getter]
    fn remaining(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.pending().remaining().as_secs_f64())
    }

    /// Confirms the change: it stays. `ConflictError` when it is too late.
    fn confirm(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.pending().confirm())
    }

    /// Takes the change back now; false if it was confirmed meanwhile.
    fn roll_back(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(!stays(call(py, || self.pending().roll_back())?))
    }

    /// Waits for somebody else to confirm it, or for its time to be over: whether it stays. With `timeout`, `None` if neither has
    /// happened within so many seconds.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Option<bool>> {
        let timeout = timeout.map(|timeout| seconds("timeout", timeout)).transpose()?;
        let end = timeout.and_then(|time| Instant::now().checked_add(time));
        loop {
            let left = end.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()).min(SLICE));
            if let Some(ending) = call(py, || self.pending().wait_for(left))? {
                return Ok(Some(stays(ending)));
            }
            py.check_signals()?;
            if end.is_some_and(|end| Instant::now() >= end) {
                return Ok(None);
            }
        }
    }

    fn __repr__(&self) -> String {
        format!("<libfw.Pending: {}>", self.plan.changes())
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (_kind=None, _error=None, _traceback=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        self.roll_back(py).map(drop)
    }
}

/// The kernel's part of it.
pub(crate) fn watch_over(py: Python<'_>, kernel: &Arc<Handle>, time: &Bound<'_, PyAny>) -> PyResult<Pending> {
    let time = seconds("time", time)?;
    let pending = call(py, || kernel.watch_over(&Family::ALL, time))?;
    Ok(Pending { plan: libfw::Plan::default(), pending: Mutex::new(pending) })
}
