//! `Chain`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use libfw::iptables::{self, ListStyle};
use libfw::{Chain as View, ChainMut, Counters, Policy};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::convert::{counters_object, lines, os_string, text as os_text};
use crate::parts::{Source, source};
use crate::rule::Rule;
use crate::table::{Table, bad_key};

/// A chain of a table: a sequence of rules.
///
/// Methods that take a rule accept a `Rule`, a text, a list of words, or the parts of a rule by keyword.
#[pyclass(frozen, sequence, module = "libfw")]
pub(crate) struct Chain {
    table: Py<Table>,
    name: Vec<u8>,
}

type Parts<'a, 'py> = &'a Bound<'py, PyDict>;
type Given<'a, 'py> = &'a Bound<'py, PyAny>;

impl Chain {
    pub(crate) fn new(table: Py<Table>, name: Vec<u8>) -> Chain {
        Chain { table, name }
    }

    /// Reads the chain.
    fn read<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(View<'_>) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.edit(py, |chain| work(chain.view()))
    }

    /// Changes the chain.
    fn edit<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut ChainMut<'_>) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.table.get().with(py, |table| work(&mut table.chain_mut(&self.name)?))
    }

    fn rule(&self, py: Python<'_>, index: usize) -> PyResult<Option<Rule>> {
        let rule = self.read(py, |chain| Ok(chain.rule(index).map(|rule| rule.to_rule())))?;
        Ok(rule.map(|rule| Rule { rule }))
    }

    /// Every rule.
    pub(crate) fn all(&self, py: Python<'_>) -> PyResult<Vec<libfw::Rule>> {
        self.read(py, |chain| Ok(chain.rules().map(|rule| rule.to_rule()).collect()))
    }

    /// The index that Python means, or one that is too big.
    fn position(&self, py: Python<'_>, index: isize) -> PyResult<usize> {
        Ok(Table::position(index, self.__len__(py)?))
    }

    fn find(&self, py: Python<'_>, rule: Source) -> PyResult<Option<usize>> {
        self.read(py, |chain| chain.position(rule))
    }

    /// The indices that a slice stands for.
    fn indices(&self, py: Python<'_>, slice: &Bound<'_, PySlice>) -> PyResult<Vec<usize>> {
        let slice = slice.indices(self.__len__(py)? as isize)?;
        let at = |step: usize| slice.start + step as isize * slice.step;
        Ok((0..slice.slicelength).filter_map(|step| usize::try_from(at(step)).ok()).collect())
    }
}

#[pymethods]
impl Chain {
    /// The chain's name.
    #[getter]
    fn name(&self) -> &OsStr {
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
    fn set_policy(&self, py: Python<'_>, policy: &str) -> PyResult<()> {
        self.edit(py, |chain| chain.set_policy(policy.parse()?, None))
    }

    /// How many packets and bytes the policy of a built-in chain has decided on.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        counters_object(py, self.read(py, |chain| Ok(chain.policy_counters()))?)
    }

    #[setter(counters)]
    fn set_policy_counters(&self, py: Python<'_>, counters: (u64, u64)) -> PyResult<()> {
        self.edit(py, |chain| {
            let policy = chain.view().policy().unwrap_or(Policy::Accept);
            chain.set_policy(policy, Some(Counters::new(counters.0, counters.1)))
        })
    }

    /// How many rules go to this chain.
    #[getter]
    fn references(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |chain| Ok(chain.references()))
    }

    /// The number of rules.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |chain| Ok(chain.len()))
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__(slf: Py<Self>) -> RuleIterator {
        RuleIterator { chain: slf, next: AtomicUsize::new(0) }
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
        let index: isize = key.extract().map_err(|_| bad_key(key))?;
        let at = self.position(py, index)?;
        match self.rule(py, at)? {
            Some(rule) => Ok(Bound::new(py, rule)?.into_any()),
            None => {
                let len = self.__len__(py)?;
                let message = format!("the chain has {len} rules, so there is no index {index}");
                Err(pyo3::exceptions::PyIndexError::new_err(message))
            }
        }
    }

    fn __setitem__(&self, py: Python<'_>, index: isize, rule: &Bound<'_, PyAny>) -> PyResult<()> {
        self.replace(py, index, Some(rule), None)
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        if let Ok(slice) = key.cast::<PySlice>() {
            let mut indices = self.indices(py, slice)?;
            indices.sort_unstable();
            return self
                .edit(py, |chain| indices.into_iter().rev().try_for_each(|index| chain.remove(index)));
        }
        self.remove(py, key.extract().map_err(|_| bad_key(key))?)
    }

    fn __contains__(&self, py: Python<'_>, rule: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.find(py, source(Some(rule), None)?)?.is_some())
    }

    /// Whether the chain has this rule.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn contains(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<bool> {
        Ok(self.find(py, source(rule, parts)?)?.is_some())
    }

    /// The index of the first rule that is the same as this one, or `None`.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn index(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<Option<usize>> {
        self.find(py, source(rule, parts)?)
    }

    /// Adds a rule at the end.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn append(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let rule = source(rule, parts)?;
        self.edit(py, |chain| chain.append(rule))
    }

    /// Adds several rules at the end, or none if one of them is wrong.
    fn extend(&self, py: Python<'_>, rules: &Bound<'_, PyAny>) -> PyResult<()> {
        let rules = rules.try_iter()?.map(|rule| source(Some(&rule?), None)).collect::<PyResult<Vec<_>>>()?;
        self.edit(py, |chain| chain.extend(rules))
    }

    /// Adds the rules of a text at the end, one on each line, or none if one of them is wrong; says how many there were.
    /// Lines that are empty or begin with `#` are passed over. An error has the number of its line.
    ///
    ///     with libfw.Table("filter") as table:
    ///         added = table["INPUT"].append_lines("-i lo -j ACCEPT\n-p tcp --dport 22 -j ACCEPT\n")
    ///     assert added == 2
    fn append_lines(&self, py: Python<'_>, text: OsString) -> PyResult<usize> {
        self.edit(py, |chain| chain.append_lines(text.as_bytes()))
    }

    /// Adds a rule before the one at an index; at the end if the index is the chain's length.
    #[pyo3(signature = (index, rule=None, /, **parts))]
    fn insert(
        &self,
        py: Python<'_>,
        index: isize,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let rule = source(rule, parts)?;
        let index = self.position(py, index)?;
        self.edit(py, |chain| chain.insert(index, rule))
    }

    /// Puts a rule in the place of another. Its counters are those of the new rule.
    #[pyo3(signature = (index, rule=None, /, **parts))]
    fn replace(
        &self,
        py: Python<'_>,
        index: isize,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let rule = source(rule, parts)?;
        let index = self.position(py, index)?;
        self.edit(py, |chain| chain.replace(index, rule))
    }

    /// Deletes the rule at an index.
    fn remove(&self, py: Python<'_>, index: isize) -> PyResult<()> {
        let index = self.position(py, index)?;
        self.edit(py, |chain| chain.remove(index))
    }

    /// Deletes the first rule that is the same as this one.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn delete(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<()> {
        let rule = source(rule, parts)?;
        self.edit(py, |chain| chain.delete(rule))
    }

    /// Adds the rule at the end unless the chain has it; says whether it was added.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn ensure(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<bool> {
        let rule = source(rule, parts)?;
        self.edit(py, |chain| chain.ensure(rule))
    }

    /// Deletes every rule that is the same as this one; says how many there were.
    #[pyo3(signature = (rule=None, /, **parts))]
    fn ensure_absent(
        &self,
        py: Python<'_>,
        rule: Option<Given<'_, '_>>,
        parts: Option<Parts<'_, '_>>,
    ) -> PyResult<usize> {
        let rule = source(rule, parts)?;
        self.edit(py, |chain| chain.ensure_absent(rule))
    }

    /// Deletes every rule that is the same as an earlier one; says how many there were.
    fn dedup(&self, py: Python<'_>) -> PyResult<usize> {
        self.edit(py, |chain| Ok(chain.dedup()))
    }

    /// Deletes every rule.
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.edit(py, |chain| {
            chain.flush();
            Ok(())
        })
    }

    /// Sets the counters of the policy and of every rule, or those of the rule at an index, to what arrives from now on.
    #[pyo3(signature = (index=None))]
    fn zero(&self, py: Python<'_>, index: Option<isize>) -> PyResult<()> {
        let index = index.map(|index| self.position(py, index)).transpose()?;
        self.edit(py, |chain| match index {
            Some(index) => chain.zero_rule(index),
            None => {
                chain.zero();
                Ok(())
            }
        })
    }

    /// Sets the counters of the rule at an index: packets and bytes.
    fn set_counters(&self, py: Python<'_>, index: isize, counters: (u64, u64)) -> PyResult<()> {
        let index = self.position(py, index)?;
        self.edit(py, |chain| chain.set_counters(index, Counters::new(counters.0, counters.1)))
    }

    /// The command lines that make the chain, as `iptables -S CHAIN` writes them.
    #[pyo3(signature = (*, counters=false))]
    fn rules(&self, py: Python<'_>, counters: bool) -> PyResult<Vec<OsString>> {
        self.__len__(py)?;
        let text = self.table.get().written(py, |table, out| {
            iptables::save_rules(table, table.chain(&self.name), None, counters, out)
        })?;
        Ok(lines(&text))
    }

    /// The listing of `iptables -L CHAIN`.
    #[pyo3(signature = (*, numeric=true, verbose=false, exact=false, line_numbers=false))]
    fn list(
        &self,
        py: Python<'_>,
        numeric: bool,
        verbose: bool,
        exact: bool,
        line_numbers: bool,
    ) -> PyResult<OsString> {
        let style = ListStyle { numeric, verbose, exact, line_numbers };
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
        other
            .cast::<Chain>()
            .is_ok_and(|other| other.get().name == self.name && other.get().table.is(&self.table))
    }

    fn __hash__(&self) -> isize {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        (&self.name, self.table.as_ptr() as usize).hash(&mut hasher);
        hasher.finish() as isize
    }

    fn __repr__(&self) -> String {
        let table = self.table.get().table_name();
        format!("<libfw.Chain {:?} of table {table:?}>", String::from_utf8_lossy(&self.name))
    }
}

/// The rules of a chain one by one, as they are when it is their turn.
#[pyclass(frozen, module = "libfw._libfw")]
pub(crate) struct RuleIterator {
    chain: Py<Chain>,
    next: AtomicUsize,
}

#[pymethods]
impl RuleIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Rule>> {
        self.chain.get().rule(py, self.next.fetch_add(1, Ordering::Relaxed))
    }
}
