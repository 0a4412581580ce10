//! `Chain`.

mod held;

use std::ffi::{OsStr, OsString};

use libfw::iptables::{self, ListStyle};
use libfw::{Counters, IntoRule, Policy};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PySlice, PyString, PyTuple};

use self::held::{index_of, place};
use crate::convert::{self, bytes_of, counters_object, lines, os_string, text as os_text};
use crate::given::{self, each, name};
use crate::iter::RuleIterator;
use crate::parts::{Source, from_object, source};
use crate::rule::Rule;
use crate::table::Table;

/// A chain of a table: a sequence of rules, and false when it has none.
///
/// Methods that take a rule accept a `Rule`, a text, a list of words, or the parts of a rule by keyword.
#[pyclass(frozen, sequence, weakref, module = "libfw")]
pub(crate) struct Chain {
    table: Py<Table>,
    name: Vec<u8>,
}

type Parts<'a, 'py> = &'a Bound<'py, PyDict>;
type Given<'a, 'py> = &'a Bound<'py, PyTuple>;

/// The rules of an iterable.
pub(crate) fn several(rules: &Bound<'_, PyAny>) -> PyResult<Vec<Source>> {
    if rules.is_instance_of::<PyString>() || rules.is_instance_of::<PyBytes>() {
        return Err(PyTypeError::new_err(
            "expected a list of rules, not a text, which append_lines() of a chain takes",
        ));
    }
    each("rules", "a list of rules", rules)?.map(|rule| from_object(&rule?)).collect()
}

#[pymethods]
impl Chain {
    /// The chain's name.
    #[getter]
    pub(crate) fn name(&self) -> &OsStr {
        os_text(&self.name)
    }

    /// The table the chain is in.
    #[getter]
    fn table(&self, py: Python<'_>) -> Py<Table> {
        self.table.clone_ref(py)
    }

    /// The hook of a built-in chain, such as `"INPUT"`; `None` for one that a user made.
    #[getter]
    fn hook(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        self.read(py, |chain| Ok(chain.hook().map(libfw::Hook::chain_name)))
    }

    /// The policy of a built-in chain, `"ACCEPT"` or `"DROP"`; `None` for a chain that a user made.
    #[getter]
    fn policy(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        self.read(py, |chain| Ok(chain.policy().map(Policy::name)))
    }

    #[setter]
    fn set_policy(&self, py: Python<'_>, policy: &Bound<'_, PyAny>) -> PyResult<()> {
        let policy = given::given::<String>("policy", "ACCEPT or DROP", policy)?;
        self.edit(py, |chain| chain.set_policy(policy.parse()?, None))
    }

    /// How many packets and bytes the policy of a built-in chain has decided on.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        counters_object(py, self.read(py, |chain| Ok(chain.policy_counters()))?)
    }

    #[setter(counters)]
    fn set_policy_counters(&self, py: Python<'_>, counters: &Bound<'_, PyAny>) -> PyResult<()> {
        let counters = given::counters::<name::counters>(counters)?;
        self.edit(py, |chain| {
            let policy = chain.view().policy().unwrap_or(Policy::Accept);
            chain.set_policy(policy, Some(counters))
        })
    }

    /// How many rules go to this chain.
    #[getter]
    fn references(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |chain| Ok(chain.references()))
    }

    /// The number of rules.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.look(py, |chain| chain.len())
    }

    fn __iter__(slf: Py<Self>, py: Python<'_>) -> RuleIterator {
        RuleIterator::new(py, slf)
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = key.py();
        if let Ok(slice) = key.cast::<PySlice>() {
            let mut rules = Vec::new();
            for index in self.indices(py, slice)? {
                rules.extend(self.rule(py, index)?);
            }
            return rules.into_pyobject(py);
        }
        let index = index_of(key)?;
        let at = self.position(py, index)?;
        match self.rule(py, at)? {
            Some(rule) => Ok(Bound::new(py, rule)?.into_any()),
            None => Err(self.no_index(py, index)),
        }
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        match key.cast::<PySlice>() {
            Ok(slice) => self.assign(slice, value),
            Err(_) => {
                let index = self.position(py, index_of(key)?)?;
                self.put(py, index, from_object(value)?)
            }
        }
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        let mut indices = match key.cast::<PySlice>() {
            Ok(slice) => self.indices(py, slice)?,
            Err(_) => vec![self.position(py, index_of(key)?)?],
        };
        indices.sort_unstable();
        self.moving(py, |chain| indices.into_iter().rev().try_for_each(|index| chain.remove(index)))
    }

    fn __iadd__(slf: &Bound<'_, Self>, rules: &Bound<'_, PyAny>) -> PyResult<()> {
        slf.get().extend(slf.py(), rules)
    }

    /// Whether the chain has a rule.
    fn __contains__(&self, py: Python<'_>, rule: &Bound<'_, PyAny>) -> PyResult<bool> {
        let rule = from_object(rule)?;
        self.read(py, |chain| chain.contains(rule))
    }

    /// Whether the chain has this rule.
    #[pyo3(signature = (*rule, **parts))]
    fn contains(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<bool> {
        let rule = source(rule, parts)?;
        self.read(py, |chain| chain.contains(rule))
    }

    /// The index of the first rule that is the same as this one, on demand from an index on and up to another; there must be
    /// one: `index(rule, start, stop)`.
    #[pyo3(signature = (*rule, **parts))]
    fn index(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<usize> {
        let wanted = source(&rule.get_slice(0, rule.len().min(1)), parts)?;
        let found = match rule.len() {
            0 | 1 => self.read(py, |chain| chain.position(wanted.clone()))?,
            2 | 3 => {
                let len = self.__len__(py)?;
                let within = |at: usize, or: usize| match rule.get_item(at) {
                    Ok(index) => {
                        let index = given::index::<name::index>(&index)?;
                        PyResult::Ok(convert::position(index, len).unwrap_or(0).min(len))
                    }
                    Err(_) => Ok(or),
                };
                let bounds = within(1, 0)?..within(2, len)?;
                let found = self.read(py, |chain| chain.positions(wanted.clone()))?;
                found.into_iter().find(|index| bounds.contains(index))
            }
            _ => return Err(PyTypeError::new_err("index() takes a rule, where to start and where to stop")),
        };
        found.ok_or_else(|| {
            let shown = wanted.into_rule(self.table.get().of_family());
            let shown = shown.map_or_else(|_| String::new(), |rule| format!(" {rule}"));
            PyValueError::new_err(format!("{}: the chain has no rule{shown}", self.called()))
        })
    }

    /// How many rules are the same as this one.
    #[pyo3(signature = (*rule, **parts))]
    fn count(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<usize> {
        let wanted = source(rule, parts)?;
        self.read(py, |chain| Ok(chain.positions(wanted)?.len()))
    }

    /// Adds a rule at the end.
    #[pyo3(signature = (*rule, **parts))]
    fn append(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<()> {
        let rule = source(rule, parts)?;
        self.moving(py, |chain| chain.append(rule))
    }

    /// Adds several rules at the end, or none if one of them is wrong.
    fn extend(&self, py: Python<'_>, rules: &Bound<'_, PyAny>) -> PyResult<()> {
        let rules = several(rules)?;
        self.moving(py, |chain| chain.extend(rules))
    }

    /// Adds the rules of a text at the end, one on each line, or none if one of them is wrong; says how many there were.
    /// Lines that are empty or begin with `#` are passed over. An error has the number of its line.
    ///
    ///     with libfw.Table("filter") as table:
    ///         added = table["INPUT"].append_lines("-i lo -j ACCEPT\n-p tcp --dport 22 -j ACCEPT\n")
    ///     assert added == 2
    fn append_lines(&self, py: Python<'_>, text: &Bound<'_, PyAny>) -> PyResult<usize> {
        let text = bytes_of("text", text)?;
        self.moving(py, |chain| chain.append_lines(&text))
    }

    /// Adds a rule before the one at an index; as in a list at the end where the chain is shorter.
    #[pyo3(signature = (index, /, *rule, **parts))]
    fn insert(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        rule: Given<'_, '_>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let index = place(index, "insert")?;
        let rule = source(rule, parts)?;
        let len = self.__len__(py)?;
        let index = convert::position(index, len).unwrap_or(0).min(len);
        self.moving(py, |chain| chain.insert(index, rule))
    }

    /// Puts a rule in the place of another. Its counters are those of the new rule.
    #[pyo3(signature = (index, /, *rule, **parts))]
    fn replace(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        rule: Given<'_, '_>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let index = place(index, "replace")?;
        let rule = source(rule, parts)?;
        let index = self.position(py, index)?;
        self.put(py, index, rule)
    }

    /// Takes the rule at an index out, the last one unless another is named.
    #[pyo3(signature = (index=-1, /))]
    fn pop(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::index::<name::index>)] index: isize,
    ) -> PyResult<Rule> {
        let at = self.position(py, index)?;
        let Some(rule) = self.rule(py, at)? else { return Err(self.no_index(py, index)) };
        self.moving(py, |chain| chain.remove(at))?;
        Ok(rule)
    }

    /// Deletes the first rule that is the same as this one; there must be one. By its index a rule is deleted by
    /// `del chain[index]`.
    #[pyo3(signature = (*rule, **parts))]
    fn remove(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<()> {
        let index = self.index(py, rule, parts)?;
        self.moving(py, |chain| chain.remove(index))
    }

    /// Moves a rule to another index, which it has afterwards. It keeps its counters: exactly in the xtables interface, as they
    /// were read in nf_tables.
    #[pyo3(signature = (index, to, /))]
    fn r#move(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::index::<name::index>)] index: isize,
        #[pyo3(from_py_with = given::index::<name::to>)] to: isize,
    ) -> PyResult<()> {
        let (index, to) = (self.position(py, index)?, self.position(py, to)?);
        self.moving(py, |chain| chain.move_rule(index, to))
    }

    /// Has two rules change places. They keep their counters, as by `move`.
    #[pyo3(signature = (one, other, /))]
    fn swap(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::index::<name::one>)] one: isize,
        #[pyo3(from_py_with = given::index::<name::other>)] other: isize,
    ) -> PyResult<()> {
        let (one, other) = (self.position(py, one)?, self.position(py, other)?);
        self.moving(py, |chain| chain.swap(one, other))
    }

    /// Deletes the first rule that is the same as this one; without one it raises `NoSuchRuleError`, as iptables does.
    #[pyo3(signature = (*rule, **parts))]
    fn delete(&self, py: Python<'_>, rule: Given<'_, '_>, parts: Option<Parts<'_, '_>>) -> PyResult<()> {
        let rule = source(rule, parts)?;
        self.moving(py, |chain| chain.delete(rule))
    }

    /// Adds the rule at the end unless the chain has it; says whether it was added. With a place the chain has it there: `position`
    /// is `"first"` or `"last"`; `before` and `after` are the rule that it is to be next to. Then one that stands elsewhere moves,
    /// with its counters; the answer is whether anything was changed.
    ///
    ///     with libfw.Kernel(backend="memory").table() as table:
    ///         table["INPUT"].append("-p tcp -j ACCEPT")
    ///         assert table["INPUT"].ensure("-s 10.0.0.9 -j DROP", position="first")
    ///         assert not table["INPUT"].ensure("-s 10.0.0.9 -j DROP", before="-p tcp -j ACCEPT")
    ///
    /// With `equivalence="meaning"` a rule that means the same is enough, however it is written; it stays where it is.
    #[pyo3(signature = (*rule, position=None, before=None, after=None, equivalence="exact", **parts))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
    fn ensure(
        &self,
        py: Python<'_>,
        rule: Given<'_, '_>,
        position: Option<&Bound<'_, PyAny>>,
        before: Option<&Bound<'_, PyAny>>,
        after: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given::choice::<name::equivalence>)] equivalence: &str,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<bool> {
        let (rule, how) = (source(rule, parts)?, crate::plan::equivalence(equivalence));
        let family = self.table.get().family_of();
        if let Some(position) = crate::desired::position(py, family, position, before, after)? {
            return self.moving(py, |chain| chain.ensure_at(rule, &position));
        }
        self.edit(py, |chain| {
            let added = chain.ensure_by(rule, how)?;
            if added {
                self.edits().of_chain(&self.name);
            }
            Ok(added)
        })
    }

    /// Deletes every rule that is the same as this one; says how many there were.
    #[pyo3(signature = (*rule, **parts))]
    fn ensure_absent(
        &self,
        py: Python<'_>,
        rule: Given<'_, '_>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<usize> {
        let rule = source(rule, parts)?;
        self.moving(py, |chain| chain.ensure_absent(rule))
    }

    /// Makes the chain have these rules in this order, and no others; says what was done. What is there stays and keeps its
    /// counters. Done a second time it changes nothing. If a rule is wrong nothing is changed.
    ///
    ///     with libfw.Table("filter") as table:
    ///         done = table["INPUT"].sync(["-i lo -j ACCEPT", "-p tcp --dport 22 -j ACCEPT"])
    ///     assert (done.added, done.removed) == (2, 0) and done.changed
    fn sync(&self, py: Python<'_>, rules: &Bound<'_, PyAny>) -> PyResult<Synced> {
        let rules = several(rules)?;
        let synced = self.moving(py, |chain| chain.sync(rules))?;
        let changed = synced.changed();
        let libfw::Synced { kept, moved, added, removed, .. } = synced;
        Ok(Synced { changed, kept, moved, added, removed })
    }

    /// Deletes every rule that is the same as an earlier one, or with `equivalence="meaning"` means the same; says how many there were.
    #[pyo3(signature = (*, equivalence="exact"))]
    fn dedup(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::choice::<name::equivalence>)] equivalence: &str,
    ) -> PyResult<usize> {
        let how = crate::plan::equivalence(equivalence);
        self.moving(py, |chain| Ok(chain.dedup_by(how)))
    }

    /// Turns the order of the rules round.
    fn reverse(&self, py: Python<'_>) -> PyResult<()> {
        self.moving(py, |chain| {
            let rules: Vec<_> = chain.view().rules().map(|rule| rule.to_rule()).collect();
            chain.sync(rules.into_iter().rev()).map(drop)
        })
    }

    /// The same as `flush()`.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        self.flush(py)
    }

    /// Deletes every rule.
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.moving(py, |chain| {
            chain.flush();
            Ok(())
        })
    }

    /// Sets the counters of the policy and of every rule, or those of the rule at an index, to what arrives from now on.
    #[pyo3(signature = (index=None))]
    fn zero(&self, py: Python<'_>, index: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let index = index.map(|at| self.position(py, given::index::<name::index>(at)?)).transpose()?;
        self.edit(py, |chain| match index {
            Some(index) => chain.zero_rule(index),
            None => {
                chain.zero();
                Ok(())
            }
        })
    }

    /// Sets the counters of the rule at an index: packets and bytes.
    fn set_counters(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::index::<name::index>)] index: isize,
        #[pyo3(from_py_with = given::counters::<name::counters>)] counters: Counters,
    ) -> PyResult<()> {
        let index = self.position(py, index)?;
        self.edit(py, |chain| chain.set_counters(index, counters))
    }

    /// The chain in JSON, edits included, each rule on a line. JSON.md has the schema.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.__len__(py)?;
        let json = self.table.get().written(py, |table, out| {
            out.extend(table.chain(&self.name).map(libfw::Chain::to_json).unwrap_or_default().into_bytes());
            Ok(())
        })?;
        Ok(String::from_utf8_lossy(&json).into_owned())
    }

    /// The command lines that make the chain, as `iptables -S CHAIN` writes them.
    #[pyo3(signature = (*, counters=false))]
    fn rules(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    ) -> PyResult<Vec<OsString>> {
        self.saved(py, counters).map(|text| lines(&text))
    }

    /// The listing of `iptables -L CHAIN`.
    #[pyo3(signature = (*, numeric=true, verbose=false, exact=false, line_numbers=false))]
    fn list(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::flag::<name::numeric>)] numeric: bool,
        #[pyo3(from_py_with = given::flag::<name::verbose>)] verbose: bool,
        #[pyo3(from_py_with = given::flag::<name::exact>)] exact: bool,
        #[pyo3(from_py_with = given::flag::<name::line_numbers>)] line_numbers: bool,
    ) -> PyResult<OsString> {
        let style =
            ListStyle::new().numeric(numeric).verbose(verbose).exact(exact).line_numbers(line_numbers);
        self.__len__(py)?;
        self.table
            .get()
            .written(py, |table, out| match table.chain(&self.name) {
                Some(chain) => iptables::list_chain(chain, None, style, out),
                None => Ok(()),
            })
            .map(os_string)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Chain>().is_ok_and(|other| {
            other.get().name == self.name && self.table.get().same(other.get().table.get())
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        (PyBytes::new(py, &self.name), self.table.bind(py)).into_pyobject(py)?.hash()
    }

    /// The lines of `rules`, each with its newline.
    fn __str__(&self, py: Python<'_>) -> PyResult<OsString> {
        self.saved(py, false).map(os_string)
    }

    fn __format__<'py>(slf: &Bound<'py, Self>, form: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.str()?.call_method1("__format__", (form,))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let table = self.table.bind(py).repr()?;
        Ok(format!("<libfw.Chain {:?} of {table}>", String::from_utf8_lossy(&self.name)))
    }
}

/// What `Chain.sync` did: how many rules stayed, how many of these have another place, how many were added and removed. It is false
/// if the chain is what it was.
#[pyclass(frozen, get_all, eq, module = "libfw")]
#[derive(PartialEq)]
pub(crate) struct Synced {
    /// Whether the chain is another now.
    changed: bool,
    /// How many rules stayed, those included that have another place now. They keep their counters.
    kept: usize,
    /// How many of these have another place among those that stayed.
    moved: usize,
    /// How many were added.
    added: usize,
    /// How many were deleted.
    removed: usize,
}

#[pymethods]
impl Synced {
    fn __bool__(&self) -> bool {
        self.changed
    }

    fn __repr__(&self) -> String {
        let Synced { kept, moved, added, removed, .. } = self;
        format!("<libfw.Synced kept={kept} moved={moved} added={added} removed={removed}>")
    }
}
