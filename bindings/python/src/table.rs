//! `Table`.

mod held;

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::{Arc, Mutex};

use libfw::Family;
use libfw::iptables::{self, ListStyle, RestoreOptions};
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

pub(crate) use self::held::chain_names;
use self::held::{chain_name, has};
use crate::chain::{Chain, several};
use crate::convert::{self, family, family_name, family_object};
use crate::counters::CounterSnapshot;
use crate::error::call;
use crate::given::{self, FILTER, TableName, name};
use crate::iter::{ChainIterator, Edits};
use crate::kernel::{self, Handle};
use crate::parts;
use crate::plan::Plan;
use crate::report::Report;
use crate::transaction::{enter_async, leave_async};

/// A table: its chains and rules as they were read, plus the edits since then.
///
/// The table is read when it is first looked at. Edits change only this object; `commit()` writes all of them in one
/// step, which the kernel accepts or refuses as a whole. As a context manager the table is read under the xtables lock,
/// committed at the end of the block, and left alone when the block raises an exception:
///
///     with libfw.Table("filter") as table:
///         table["INPUT"].append("-p tcp --dport 22 -j ACCEPT")
///
/// With `chains` only these are read, where the backend lets them be read without the others: in nf_tables, where it takes the time
/// of these chains however large the table is. Another one is read when it is asked for by name, and whoever adds a rule that goes
/// to a chain need not name it. What counts, lists or changes all chains is about those that were read, and those that their rules go
/// to; other chains stay as they are. In the xtables interface the table is read whole. Without `chains` it is read whole everywhere, when
/// the block begins: what is read later may have been changed meanwhile, for nothing keeps others out of nf_tables, and a block cannot begin
/// again.
///
///     with libfw.Table("nat", chains=["DOCKER"], kernel=libfw.Kernel(backend="memory-nft")) as nat:
///         nat.ensure_chain("DOCKER").ensure("-i lo -j RETURN")
///
/// After the block the table is read anew when it is looked at. `async with` waits for the lock, reads and commits in a thread of its
/// own, so that other tasks go on. A thread may lock several tables, one block in another;
/// the same table a second time raises `AlreadyOpenError`.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Table {
    kernel: Arc<Handle>,
    family: Family,
    name: String,
    /// What is read of it, if that is not all.
    part: Option<Vec<Vec<u8>>>,
    /// Guards are taken and dropped while the interpreter's lock is not held, so that the two cannot wait for each other.
    state: Mutex<State>,
    /// Counts what may have changed the rules that somebody iterates over.
    edits: Edits,
}

#[derive(Default)]
struct State {
    table: Option<libfw::Table>,
    /// The kernel under the lock, inside a `with` block.
    locked: Option<libfw::Kernel>,
}

#[pymethods]
impl Table {
    #[new]
    #[pyo3(signature = (name=FILTER, family=None, *, kernel=None, chains=None, **other), text_signature = "(name='filter', family=None, *, kernel=None, chains=None)")]
    fn new(
        #[pyo3(from_py_with = given::table::<name::name>)] name: TableName,
        family: Option<&Bound<'_, PyAny>>,
        kernel: Option<&Bound<'_, PyAny>>,
        chains: Option<&Bound<'_, PyAny>>,
        other: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Table> {
        if let Some(other) = other {
            return Err(convert::no_keyword(other.py(), "Table", other));
        }
        let kernel = kernel::shared(kernel)?;
        Table::of(kernel, self::family(family)?, &name).with_chains(chains)
    }

    /// The table's name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The family.
    #[getter]
    fn family<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        family_object(py, self.family)
    }

    /// What the table has beside chains and rules of iptables, in words: rules of `nft` without a form in iptables, base
    /// chains at other places, sets; that it is dormant or belongs to another process. Only tables of nf_tables have any.
    #[getter]
    fn notes(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |table| Ok(table.notes().iter().map(ToString::to_string).collect()))
    }

    /// The names of the hooks at which the table is consulted, in the order in which packets meet them: its built-in chains.
    #[getter]
    fn hooks(&self, py: Python<'_>) -> PyResult<Vec<&'static str>> {
        self.with(py, |table| Ok(table.hooks().iter().map(libfw::Hook::chain_name).collect()))
    }

    /// Whether there are edits that are not committed.
    #[getter]
    fn changed(&self, py: Python<'_>) -> bool {
        self.is_changed(py)
    }

    /// Whether the kernel has the table. One that nobody has used yet in the network namespace is read as an empty one, and comes
    /// into being when something is committed.
    #[getter]
    fn exists(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |table| Ok(table.exists()))
    }

    fn __enter__<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        let (py, this) = (slf.py(), slf.get());
        this.require_unchanged(py)?;
        if py.detach(|| this.state().locked.is_some()) {
            return Err(PyRuntimeError::new_err("the table is locked by a with block already"));
        }
        let lock = call(py, || this.kernel.lock())?;
        let locked = (**this.kernel).clone().with_lock(&lock);
        py.detach(|| this.put(State { table: None, locked: Some(locked) }));
        if let Err(error) = this.with(py, |_| Ok(())) {
            py.detach(|| this.leave());
            return Err(error);
        }
        Ok(slf)
    }

    #[pyo3(signature = (kind=None, _error=None, _traceback=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let result = match kind {
            None if self.is_changed(py) => self.commit(py).map(drop),
            _ => Ok(()),
        };
        py.detach(|| self.leave());
        result
    }

    fn __aenter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        enter_async(slf)
    }

    #[pyo3(signature = (kind=None, error=None, traceback=None))]
    fn __aexit__<'py>(
        slf: &Bound<'py, Self>,
        kind: Option<&Bound<'py, PyAny>>,
        error: Option<&Bound<'py, PyAny>>,
        traceback: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        leave_async(slf, [kind, error, traceback])
    }

    /// Writes the edits in one step. Counters of rules that stay are carried over.
    ///
    /// Outside of a `with` block the lock is taken for it, and `ConflictError` is raised when another program has
    /// changed the table since it was read. A wait for the lock can be interrupted from the keyboard.
    fn commit(&self, py: Python<'_>) -> PyResult<Report> {
        let _lock = if self.is_changed(py) { self.lock(py)? } else { None };
        let report = self.with(py, libfw::Table::commit)?;
        Ok(Report::of(py, report))
    }

    /// Forgets the edits; the table is read anew when it is looked at.
    fn discard(&self, py: Python<'_>) {
        py.detach(|| {
            let mut state = self.state();
            state.table = None;
            self.edits.of_all();
        });
    }

    /// Reads the table again now; edits are lost.
    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        self.discard(py);
        self.with(py, |_| Ok(()))
    }

    /// Finds out whether the kernel would accept the table, without asking it. Where several rules are wrong, `others` of the error has
    /// the rest. Interfaces of rules where packets have none, such as an output interface in INPUT, are a `RuleWarning`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |table| table.validate())
    }

    /// Says what a commit would say, and changes nothing: what `validate()` finds, and what the kernel makes of the rules that are new.
    /// For that they are written in a network namespace that nobody else sees; who may not make one hears what is known without it.
    /// Rules about objects of the namespace that is meant are not tried: ipsets, accounting objects, rate estimators, timeout policies.
    /// It warns of what `validate()` warns of.
    fn rehearse(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |table| table.rehearse())
    }

    /// A copy of the table as it is in memory now, edits included, to be compared with others: with what becomes of the table, or with
    /// another one. It cannot be committed.
    ///
    ///     with libfw.Kernel(backend="memory").table() as table:
    ///         before = table.copy()
    ///         table["INPUT"].append("-i lo -j ACCEPT")
    ///         assert before.diff(table).summary == "1 rule added"
    fn copy(&self, py: Python<'_>) -> PyResult<Table> {
        Ok(Table::holding(self.kernel.clone(), self.with(py, |table| Ok(table.copy()))?))
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Table> {
        self.copy(py)
    }

    /// What makes this table the other one: the fewest changes, where rules that have another place count as moved, and chains that
    /// have another name as renamed. Counters are no difference, and with `equivalence="meaning"` nor is how a rule is written.
    #[pyo3(signature = (other, *, equivalence="exact"))]
    fn diff(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::object::<name::other, Table>)] other: Bound<'_, Table>,
        #[pyo3(from_py_with = given::choice::<name::equivalence>)] equivalence: &str,
    ) -> PyResult<Plan> {
        let (how, other) = (crate::plan::equivalence(equivalence), other.get());
        if std::ptr::eq(self, other) {
            return Ok(Plan { plan: libfw::Plan::default() });
        }
        // One guard after the other: two threads may compare two tables in both directions.
        let draft = other.with(py, |table| Ok(table.copy()))?;
        let diff = self.with(py, |table| table.diff_by(&draft, how))?;
        Ok(Plan { plan: [diff].into_iter().collect() })
    }

    /// Makes the changes of a plan that are about this table, to be committed as other edits. `ConflictError` when the table is not
    /// what the plan was made for.
    fn apply(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::object::<name::plan, Plan>)] plan: Bound<'_, Plan>,
    ) -> PyResult<()> {
        let mut tables = plan.get().plan.tables.iter();
        match tables.find(|plan| self.is(plan.family, &plan.table)) {
            Some(plan) => self.edit(py, |table| table.apply(plan)),
            None => Ok(()),
        }
    }

    /// Makes the table have these chains with these rules, and no others; policies stay. Says what was changed, with the fewest
    /// changes: what is there stays and keeps its counters, and done a second time it changes nothing.
    ///
    ///     with libfw.Kernel(backend="memory").table() as table:
    ///         plan = table.sync({"INPUT": ["-p tcp -j web"], "web": ["-p tcp --dport 443 -j ACCEPT"]})
    ///     assert plan.summary == "2 rules added, 1 chain added"
    fn sync(&self, py: Python<'_>, chains: &Bound<'_, PyAny>) -> PyResult<Plan> {
        let mut lists = Vec::new();
        for (name, rules) in convert::dict("chains", chains)? {
            lists.push((convert::bytes_of("chains", &name)?, several(&rules)?));
        }
        let plan = self.edit(py, |table| table.sync(lists))?;
        Ok(Plan { plan: [plan].into_iter().collect() })
    }

    /// The chains: built-in ones in the order of their hooks, then the others by name.
    #[getter]
    fn chains(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Chain>>> {
        slf.get().names(slf.py())?.into_iter().map(|name| Table::chain_of(slf, name)).collect()
    }

    /// The names of the chains, as of any mapping; `chains` and `values()` are the chains themselves.
    fn __iter__(slf: &Bound<'_, Self>) -> PyResult<ChainIterator> {
        ChainIterator::new(slf)
    }

    /// The names of the chains.
    fn keys<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::KEYS.get(slf.py())?.call1((slf,))
    }

    /// The chains.
    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::VALUES.get(slf.py())?.call1((slf,))
    }

    /// The chains by their names.
    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        convert::ITEMS.get(slf.py())?.call1((slf,))
    }

    /// The number of chains.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |table| Ok(table.chains().count()))
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __getitem__(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<Py<Chain>> {
        let Some(name) = chain_name(name) else { return Err(PyKeyError::new_err((name.clone().unbind(),))) };
        slf.get().with(slf.py(), |table| table.chain_mut(&name).map(drop))?;
        Table::chain_of(slf, name)
    }

    /// So that `table["INPUT"] += rules` works.
    fn __setitem__(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = given::chain::<name::name>)] name: OsString,
        chain: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match chain.eq(Table::chain_of(slf, name.into_vec())?)? {
            true => Ok(()),
            false => Err(PyTypeError::new_err(
                "chains are made by new_chain() and filled by their own methods: table.ensure_chain(name)[:] = rules",
            )),
        }
    }

    fn __contains__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        match chain_name(name) {
            Some(name) => self.with(py, |table| has(table, &name)),
            None => Ok(false),
        }
    }

    /// The chain of that name, or `default`.
    #[pyo3(signature = (name, default=None))]
    fn get<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match chain_name(name) {
            Some(known) if slf.get().__contains__(slf.py(), name)? => {
                Ok(Some(Table::chain_of(slf, known)?.into_bound(slf.py()).into_any()))
            }
            _ => Ok(default),
        }
    }

    /// Adds an empty chain.
    fn new_chain(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = given::chain::<name::name>)] name: OsString,
    ) -> PyResult<Py<Chain>> {
        let this = slf.get();
        this.with(slf.py(), |table| {
            table.new_chain(name.as_bytes())?;
            this.edits.of_names();
            Ok(())
        })?;
        Table::chain_of(slf, name.as_bytes().to_vec())
    }

    /// The chain of that name, which is added if the table does not have it.
    fn ensure_chain(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = given::chain::<name::name>)] name: OsString,
    ) -> PyResult<Py<Chain>> {
        let this = slf.get();
        this.with(slf.py(), |table| {
            if !has(table, name.as_bytes())? {
                table.new_chain(name.as_bytes())?;
                this.edits.of_names();
            }
            Ok(())
        })?;
        Table::chain_of(slf, name.as_bytes().to_vec())
    }

    /// Deletes a chain that is empty and that no rule goes to.
    fn delete_chain(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::chain::<name::name>)] name: OsString,
    ) -> PyResult<()> {
        self.edit(py, |table| table.delete_chain(name.as_bytes()))
    }

    fn __delitem__(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::chain::<name::name>)] name: OsString,
    ) -> PyResult<()> {
        self.delete_chain(py, name)
    }

    /// Gives a chain another name; rules that go to it follow.
    fn rename_chain(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::chain::<name::old>)] old: OsString,
        #[pyo3(from_py_with = given::chain::<name::new>)] new: OsString,
    ) -> PyResult<()> {
        self.edit(py, |table| table.rename_chain(old.as_bytes(), new.as_bytes()))
    }

    /// Deletes the rules of every chain.
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.edit(py, |table| {
            table.flush();
            Ok(())
        })
    }

    /// Deletes the rules of every chain and the chains that users made; policies stay.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        self.edit(py, |table| {
            table.clear();
            Ok(())
        })
    }

    /// Deletes every chain that users made, if none has rules and no rule goes to one.
    fn delete_user_chains(&self, py: Python<'_>) -> PyResult<()> {
        self.edit(py, libfw::Table::delete_user_chains)
    }

    /// Sets all counters to what arrives from now on.
    fn zero(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |table| {
            table.zero();
            Ok(())
        })
    }

    /// The counters of all rules as they were read, or set since, as plain numbers.
    fn counters(&self, py: Python<'_>) -> PyResult<CounterSnapshot> {
        let counters = self.with(py, |table| Ok(table.counters()))?;
        CounterSnapshot::new(py, counters)
    }

    /// Adds a rule at the end of a chain: short for `table[chain].append(...)`.
    #[pyo3(signature = (chain, /, *rule, **parts))]
    fn append(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::chain::<name::chain>)] chain: OsString,
        rule: &Bound<'_, PyTuple>,
        parts: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let source = parts::source(rule, parts)?;
        let name = chain.as_bytes();
        self.with(py, |table| {
            table.chain_mut(name)?.append(source)?;
            self.edits.of_chain(name);
            Ok(())
        })
    }

    /// The table as `iptables-save` writes it, edits included.
    #[pyo3(signature = (*, counters=false))]
    fn save(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    ) -> PyResult<OsString> {
        self.written(py, |table, out| iptables::save(table, counters, out)).map(convert::os_string)
    }

    /// The table in JSON, edits included, each rule on a line; with its counters unless they are not wanted. JSON.md has the
    /// schema.
    #[pyo3(signature = (*, counters=true))]
    fn to_json(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    ) -> PyResult<String> {
        let json = self.written(py, |table, out| table.write_json(counters, out))?;
        Ok(String::from_utf8_lossy(&json).into_owned())
    }

    /// Makes the table what a text in JSON says, policies and counters included: chains that it does not name go, and built-in ones
    /// lose their rules. Nothing is written before the commit.
    fn set_json(&self, py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<()> {
        let json = convert::input("json", json)?;
        self.edit(py, |table| table.set_json(&json))
    }

    /// The command lines that make the table, as `iptables -S` writes them.
    #[pyo3(signature = (*, counters=false))]
    fn rules(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    ) -> PyResult<Vec<OsString>> {
        let text = self.written(py, |table, out| iptables::save_rules(table, None, None, counters, out))?;
        Ok(convert::lines(&text))
    }

    /// The listing of `iptables -L`.
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
        self.written(py, |table, out| {
            for (index, chain) in table.chains().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                iptables::list_chain(chain, None, style, out)?;
            }
            Ok(())
        })
        .map(convert::os_string)
    }

    /// Restores this table from a save file and commits at once. With `noflush`, rules and chains that the file does
    /// not mention stay. With `cut`, texts that are too long are cut, as iptables does, where they are errors otherwise.
    #[pyo3(signature = (text, *, counters=false, noflush=false, cut=false))]
    fn restore(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
        #[pyo3(from_py_with = given::flag::<name::noflush>)] noflush: bool,
        #[pyo3(from_py_with = given::flag::<name::cut>)] cut: bool,
    ) -> PyResult<()> {
        let text = convert::input("text", text)?;
        self.require_unchanged(py)?;
        let options = RestoreOptions::new()
            .counters(counters)
            .noflush(noflush)
            .too_long(crate::text::too_long(cut))
            .table(self.name.clone());
        let _lock = self.lock(py)?;
        let warnings = call(py, || {
            let mut state = self.state();
            state.table = None;
            self.edits.of_all();
            let kernel = state.locked.as_ref().unwrap_or(&self.kernel);
            let (mut reader, mut warnings) = (text.as_slice(), Vec::new());
            let warn = &mut |warning: &str| warnings.push(warning.to_owned());
            iptables::restore_to(kernel, self.family, &mut reader, &options, &mut std::io::sink(), warn)?;
            Ok(warnings)
        })?;
        convert::warn(py, warnings)
    }

    /// Equal to another that stands for the same table of the same kernel, whatever its edits are.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Table>().is_ok_and(|other| self.same(other.get()))
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        (family_name(self.family), &self.name).hash(&mut hasher);
        self.kernel.hash(&mut hasher);
        hasher.finish()
    }

    /// What `save` returns.
    fn __str__(&self, py: Python<'_>) -> PyResult<OsString> {
        self.save(py, false)
    }

    fn __format__<'py>(slf: &Bound<'py, Self>, form: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.str()?.call_method1("__format__", (form,))
    }

    fn __repr__(&self) -> String {
        let kernel = self.kernel.arguments().join(", ");
        let kernel = if kernel.is_empty() { kernel } else { format!(", kernel=libfw.Kernel({kernel})") };
        format!("libfw.Table({:?}, family={:?}{kernel})", self.name, family_name(self.family))
    }
}
