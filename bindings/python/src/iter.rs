//! Iteration over the rules of a chain, and over the chains of a table.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsStr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::chain::Chain;
use crate::convert::text;
use crate::rule::Rule;
use crate::table::Table;

/// How often the rules of a table were edited: counted by who has the table in hand, so that nobody reads it between an edit and its
/// count.
#[derive(Default)]
pub(crate) struct Edits {
    /// Every edit.
    all: AtomicU64,
    /// Those that moved rules of a chain.
    chains: Mutex<HashMap<Vec<u8>, u64>>,
    /// Those that may have moved rules of any.
    tables: AtomicU64,
    /// Those after which there may be other chains.
    names: AtomicU64,
}

impl Edits {
    /// Rules of a chain have moved.
    pub(crate) fn of_chain(&self, name: &[u8]) {
        let mut chains = lock(&self.chains);
        match chains.get_mut(name) {
            Some(edits) => *edits += 1,
            None => drop(chains.insert(name.to_vec(), 1)),
        }
        self.in_place();
    }

    /// Rules of any chain may have moved.
    pub(crate) fn of_all(&self) {
        self.tables.fetch_add(1, Ordering::Relaxed);
        self.of_names();
        self.in_place();
    }

    /// A chain was added.
    pub(crate) fn of_names(&self) {
        self.names.fetch_add(1, Ordering::Release);
    }

    /// A rule was put in the place of another.
    pub(crate) fn in_place(&self) {
        self.all.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn seen(&self, name: &[u8]) -> Seen {
        let all = self.all.load(Ordering::Acquire);
        let chain = lock(&self.chains).get(name).copied().unwrap_or_default();
        Seen { all, moved: (self.tables.load(Ordering::Relaxed), chain) }
    }
}

/// The edits that somebody has seen.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Every one.
    all: u64,
    /// Those that moved rules of a chain.
    moved: (u64, u64),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rules of a chain one by one. Rules that are added or deleted meanwhile raise `RuntimeError`, as for a dictionary.
#[pyclass(frozen, module = "libfw._libfw")]
pub(crate) struct RuleIterator {
    chain: Py<Chain>,
    moved: (u64, u64),
    state: Mutex<Rest>,
}

/// What is yet to come.
struct Rest {
    /// Rules that were read ahead, and the index of the one behind them.
    rules: VecDeque<libfw::Rule>,
    next: usize,
    /// The edits by then.
    seen: u64,
}

impl Rest {
    /// The index of the rule that comes next.
    fn at(&self) -> usize {
        self.next - self.rules.len()
    }
}

/// How many rules are read at once: what is freed of the last ones is what the next are made of.
const AHEAD: usize = 6;

impl RuleIterator {
    pub(crate) fn new(py: Python<'_>, chain: Py<Chain>) -> RuleIterator {
        let moved = {
            let chain = chain.bind(py).get();
            chain.edits().seen(chain.name_bytes()).moved
        };
        let rest = Rest { rules: VecDeque::new(), next: 0, seen: 0 };
        RuleIterator { chain, moved, state: Mutex::new(rest) }
    }
}

#[pymethods]
impl RuleIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Rule>> {
        let chain = self.chain.bind(py).get();
        loop {
            let now = chain.edits().all.load(Ordering::Acquire);
            let next = {
                let mut rest = lock(&self.state);
                if rest.seen == now
                    && let Some(rule) = rest.rules.pop_front()
                {
                    return Ok(Some(Rule { rule }));
                }
                rest.at()
            };
            let (rules, seen) = match chain.some(py, next, AHEAD) {
                // The chain may be gone.
                Err(error) if chain.edits().seen(chain.name_bytes()).moved == self.moved => {
                    return Err(error);
                }
                Ok((rules, seen)) if seen.moved == self.moved => (rules, seen),
                _ => return Err(PyRuntimeError::new_err("rules were added or deleted during iteration")),
            };
            let mut rules = VecDeque::from(rules);
            let first = rules.pop_front();
            let ahead =
                Rest { next: next + usize::from(first.is_some()) + rules.len(), rules, seen: seen.all };
            let mut rest = lock(&self.state);
            // Another thread may have taken rules meanwhile.
            if rest.at() == next {
                *rest = ahead;
                return Ok(first.map(|rule| Rule { rule }));
            }
        }
    }
}

/// The names of the chains of a table one by one. Chains that are added or deleted meanwhile raise `RuntimeError`, as for a dictionary.
#[pyclass(frozen, module = "libfw._libfw")]
pub(crate) struct ChainIterator {
    table: Py<Table>,
    names: Vec<Vec<u8>>,
    next: AtomicUsize,
    /// The edits after which these were the chains.
    seen: AtomicU64,
}

impl ChainIterator {
    pub(crate) fn new(table: &Bound<'_, Table>) -> PyResult<ChainIterator> {
        let (py, this) = (table.py(), table.get());
        let seen = this.edits().names.load(Ordering::Acquire).into();
        let names = this.names(py)?;
        Ok(ChainIterator { table: table.clone().unbind(), names, next: AtomicUsize::new(0), seen })
    }

    /// Whether the table has the same chains still. Of one that is not read whole, more may be known by now.
    fn is_current(&self, py: Python<'_>) -> PyResult<bool> {
        let table = self.table.bind(py).get();
        let now = table.edits().names.load(Ordering::Acquire);
        if self.seen.load(Ordering::Relaxed) == now {
            return Ok(true);
        }
        let there = table.names(py)?;
        let same = match table.is_whole() {
            true => there == self.names,
            false => {
                let there: HashSet<_> = there.into_iter().collect();
                self.names.iter().all(|name| there.contains(name))
            }
        };
        if same {
            self.seen.store(now, Ordering::Relaxed);
        }
        Ok(same)
    }
}

#[pymethods]
impl ChainIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<&OsStr>> {
        if !self.is_current(py)? {
            return Err(PyRuntimeError::new_err("chains were added or deleted during iteration"));
        }
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        Ok(self.names.get(next).map(|name| text(name)))
    }
}
