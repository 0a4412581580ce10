//! How a `Chain` finds its rules and works on them.

use libfw::iptables;
use libfw::{Chain as View, ChainMut};
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyString};

use super::{Chain, several};
use crate::convert;
use crate::given::{self, name};
use crate::iter::{Edits, Seen};
use crate::parts::Source;
use crate::rule::Rule;
use crate::table::Table;

/// The index that is the first argument of a method; a rule in its place has been given too early.
pub(super) fn place(index: &Bound<'_, PyAny>, method: &str) -> PyResult<isize> {
    if index.is_instance_of::<PyString>() || index.is_instance_of::<crate::rule::Rule>() {
        let message = format!("the place comes first, then the rule: chain.{method}(0, rule)");
        return Err(PyTypeError::new_err(message));
    }
    given::index::<name::index>(index)
}

/// The index that a key is, which is no slice.
pub(super) fn index_of(key: &Bound<'_, PyAny>) -> PyResult<isize> {
    convert::index(key).map_err(|error| match error.is_instance_of::<PyTypeError>(key.py()) {
        true => {
            let kind = key.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            PyTypeError::new_err(format!("rules are found by index or slice, not by {kind}"))
        }
        false => error,
    })
}

impl Chain {
    pub(crate) fn new(table: Py<Table>, name: Vec<u8>) -> Chain {
        Chain { table, name }
    }

    /// What `iptables -S CHAIN` prints.
    pub(super) fn saved(&self, py: Python<'_>, counters: bool) -> PyResult<Vec<u8>> {
        self.__len__(py)?;
        self.table.get().written(py, |table, out| {
            iptables::save_rules(table, table.chain(&self.name), None, counters, out)
        })
    }

    /// Reads the chain.
    pub(super) fn read<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(View<'_>) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.edit(py, |chain| work(chain.view()))
    }

    /// Changes the chain.
    pub(super) fn edit<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut ChainMut<'_>) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.table.get().with(py, |table| work(&mut table.chain_mut(&self.name)?))
    }

    /// Changes the chain so that rules move.
    pub(super) fn moving<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut ChainMut<'_>) -> libfw::Result<T> + Send,
    ) -> PyResult<T> {
        self.edit(py, |chain| {
            let done = work(chain)?;
            self.edits().of_chain(&self.name);
            Ok(done)
        })
    }

    pub(crate) fn edits(&self) -> &Edits {
        self.table.get().edits()
    }

    pub(crate) fn name_bytes(&self) -> &[u8] {
        &self.name
    }

    /// Looks at what takes no time.
    pub(super) fn look<T: Send>(&self, py: Python<'_>, look: impl Fn(View<'_>) -> T + Sync) -> PyResult<T> {
        match self.table.get().glance(|table| table.chain(&self.name).map(&look)).flatten() {
            Some(seen) => Ok(seen),
            None => self.read(py, |chain| Ok(look(chain))),
        }
    }

    /// A few rules from an index on, and the edits by then: those are counted with the table in hand.
    pub(crate) fn some(
        &self,
        py: Python<'_>,
        from: usize,
        count: usize,
    ) -> PyResult<(Vec<libfw::Rule>, Seen)> {
        self.look(py, |chain| {
            let to = chain.len().min(from.saturating_add(count));
            let mut rules = Vec::with_capacity(count);
            rules.extend((from..to).filter_map(|index| chain.rule(index)).map(|rule| rule.to_rule()));
            (rules, self.edits().seen(&self.name))
        })
    }

    pub(super) fn rule(&self, py: Python<'_>, index: usize) -> PyResult<Option<Rule>> {
        let rule = self.look(py, |chain| chain.rule(index).map(|rule| rule.to_rule()))?;
        Ok(rule.map(|rule| Rule { rule }))
    }

    /// Every rule.
    pub(crate) fn all(&self, py: Python<'_>) -> PyResult<Vec<libfw::Rule>> {
        self.read(py, |chain| Ok(chain.rules().map(|rule| rule.to_rule()).collect()))
    }

    /// The index that Python means, which may be too big; one that is before the first rule is refused.
    pub(super) fn position(&self, py: Python<'_>, index: isize) -> PyResult<usize> {
        convert::position(index, self.__len__(py)?).ok_or_else(|| self.no_index(py, index))
    }

    /// The beginning of what is said of it.
    pub(super) fn called(&self) -> String {
        format!("{}, chain {}", self.table.get().called(), convert::text(&self.name).to_string_lossy())
    }

    pub(super) fn no_index(&self, py: Python<'_>, index: isize) -> PyErr {
        let len = self.__len__(py).unwrap_or_default();
        let called = self.called();
        PyIndexError::new_err(format!(
            "{called}: there is no index {index}, the length of the chain is {len}"
        ))
    }

    /// Puts a rule in the place of the one at an index.
    pub(super) fn put(&self, py: Python<'_>, index: usize, rule: Source) -> PyResult<()> {
        self.edit(py, |chain| {
            chain.replace(index, rule)?;
            self.edits().in_place();
            Ok(())
        })
    }

    /// Puts rules in the place of those that a slice stands for; none are, if one of them is wrong.
    pub(super) fn assign(&self, slice: &Bound<'_, PySlice>, rules: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slice.py();
        let rules = several(rules)?;
        let mut indices = self.indices(py, slice)?;
        let bounds = slice.indices(self.__len__(py)? as isize)?;
        if bounds.step != 1 && rules.len() != indices.len() {
            let message = format!("{} rules cannot take the place of {}", rules.len(), indices.len());
            return Err(PyValueError::new_err(message));
        }
        let (start, added) = (bounds.start.unsigned_abs(), rules.len());
        self.moving(py, |chain| {
            let mut before = Vec::new();
            for (nth, rule) in rules.into_iter().enumerate() {
                let done = match indices.get(nth).filter(|_| bounds.step != 1) {
                    Some(&index) => {
                        before.extend(chain.view().rule(index).map(|rule| (index, rule.to_rule())));
                        chain.replace(index, rule)
                    }
                    None => chain.insert(start + nth, rule),
                };
                if let Err(error) = done {
                    if bounds.step == 1 {
                        (start..start + nth).rev().try_for_each(|index| chain.remove(index))?;
                    }
                    before.into_iter().try_for_each(|(index, rule)| chain.replace(index, rule))?;
                    return Err(error);
                }
            }
            if bounds.step != 1 {
                return Ok(());
            }
            // Before those that go.
            indices.sort_unstable();
            indices.into_iter().rev().try_for_each(|index| chain.remove(added + index))
        })
    }

    /// The indices that a slice stands for.
    pub(super) fn indices(&self, py: Python<'_>, slice: &Bound<'_, PySlice>) -> PyResult<Vec<usize>> {
        let slice = slice.indices(self.__len__(py)? as isize)?;
        let at = |step: usize| slice.start + step as isize * slice.step;
        Ok((0..slice.slicelength).filter_map(|step| usize::try_from(at(step)).ok()).collect())
    }
}
