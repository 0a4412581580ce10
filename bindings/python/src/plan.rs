//! `Plan` and `Change`.

use std::ffi::OsString;

use libfw::{ChainPlan, Changes, Equivalence, Fate, TablePlan};
use pyo3::prelude::*;

use crate::convert::{family_object, os_string};
use crate::rule::Rule;

/// The changes that make tables what they are to be. It is true where there are any, and as a text it has a line for each, `-` for
/// what goes and `+` for what comes, in an order that is always the same.
///
///     kernel = libfw.Kernel(backend="memory")
///     before = kernel.table()
///     before.refresh()
///     with kernel.table() as table:
///         table["INPUT"].append("-p tcp -j ACCEPT")
///     plan = before.diff(kernel.table())
///     assert str(plan) == "# IPv4 filter\n+ -A INPUT -p tcp -j ACCEPT\n"
///     assert plan.added == 1 and not plan.removed
#[pyclass(frozen, eq, weakref, module = "libfw")]
#[derive(PartialEq)]
pub(crate) struct Plan {
    pub(crate) plan: libfw::Plan,
}

/// A change of a plan, or of a table that is watched.
#[pyclass(frozen, get_all, module = "libfw")]
pub(crate) struct Change {
    /// `"rule added"`, `"rule removed"`, `"rule moved"`, `"chain added"`, `"chain removed"`, `"chain renamed"` or `"policy"`.
    kind: &'static str,
    /// The family of the table.
    family: Py<PyAny>,
    /// The name of the table.
    table: String,
    /// The chain; of one that is renamed, the new name.
    chain: OsString,
    /// The name before of a chain that is renamed.
    old_chain: Option<OsString>,
    /// The rule; one that goes has the counters that it had.
    rule: Option<Py<Rule>>,
    /// The index of the rule before.
    before: Option<usize>,
    /// The index of the rule after.
    after: Option<usize>,
    /// The policy before and after.
    policy: Option<(&'static str, &'static str)>,
}

#[pymethods]
impl Change {
    fn __repr__(&self) -> String {
        let (kind, table, chain) = (self.kind, &self.table, self.chain.to_string_lossy());
        let more = match (&self.rule, &self.policy, &self.old_chain) {
            (Some(rule), ..) => format!(" {}", rule.get().rule),
            (_, Some((before, after)), _) => format!(" from {before} to {after}"),
            (.., Some(name)) => format!(" that was {}", name.to_string_lossy()),
            _ => String::new(),
        };
        format!("<libfw.Change {kind}: {table} {chain}{more}>")
    }
}

/// When two rules are the same.
pub(crate) fn equivalence(word: &str) -> Equivalence {
    match word {
        "meaning" => Equivalence::Meaning,
        _ => Equivalence::Exact,
    }
}

impl Plan {
    fn counts(&self) -> Changes {
        self.plan.changes()
    }
}

/// The changes of a table one by one.
pub(crate) fn of_table(py: Python<'_>, table: &TablePlan) -> PyResult<Vec<Change>> {
    let mut all = Vec::new();
    for chain in &table.chains {
        all.extend(changes(py, table, chain)?);
    }
    Ok(all)
}

/// Those of a chain.
fn changes(py: Python<'_>, table: &TablePlan, chain: &ChainPlan) -> PyResult<Vec<Change>> {
    let change = |kind| -> PyResult<Change> {
        Ok(Change {
            kind,
            family: family_object(py, table.family)?.unbind(),
            table: table.table.clone(),
            chain: os_string(chain.name.clone()),
            old_chain: None,
            rule: None,
            before: None,
            after: None,
            policy: None,
        })
    };
    let mut changes = Vec::new();
    match &chain.fate {
        Fate::Added => changes.push(change("chain added")?),
        Fate::Removed => changes.push(change("chain removed")?),
        Fate::Renamed { from } => {
            changes.push(Change { old_chain: Some(os_string(from.clone())), ..change("chain renamed")? });
        }
        _ => {}
    }
    if let Some((from, to)) = chain.policy {
        changes.push(Change { policy: Some((from.name(), to.name())), ..change("policy")? });
    }
    for rule in &chain.rules {
        let kind = match (rule.from, rule.to) {
            (None, _) => "rule added",
            (Some(_), None) => "rule removed",
            (Some(_), Some(_)) => "rule moved",
        };
        let made = Py::new(py, Rule { rule: rule.rule.clone() })?;
        changes.push(Change { rule: Some(made), before: rule.from, after: rule.to, ..change(kind)? });
    }
    Ok(changes)
}

#[pymethods]
impl Plan {
    /// The changes one by one.
    #[getter]
    fn changes(&self, py: Python<'_>) -> PyResult<Vec<Change>> {
        let mut all = Vec::new();
        for table in &self.plan.tables {
            all.extend(of_table(py, table)?);
        }
        Ok(all)
    }

    /// How many rules come.
    #[getter]
    fn added(&self) -> usize {
        self.counts().added
    }

    /// How many rules go.
    #[getter]
    fn removed(&self) -> usize {
        self.counts().removed
    }

    /// How many rules have another place among those that stay.
    #[getter]
    fn moved(&self) -> usize {
        self.counts().moved
    }

    /// What changes, in words: `"2 rules added, 1 moved"`, or `"no changes"`.
    #[getter]
    fn summary(&self) -> String {
        self.counts().to_string()
    }

    /// The plan in JSON, on one line: what goes, comes and moves, and how much there is of it. JSON.md has the schema.
    fn to_json(&self) -> String {
        self.plan.to_json()
    }

    /// The plan that leads back.
    fn inverse(&self) -> Plan {
        Plan { plan: self.plan.inverse() }
    }

    fn __bool__(&self) -> bool {
        !self.plan.is_empty()
    }

    fn __len__(&self) -> usize {
        self.counts().total()
    }

    fn __str__(&self) -> String {
        self.plan.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<libfw.Plan {}>", self.counts())
    }
}
