//! `Kernel`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libfw::backend::{self, ObjectKind};
use libfw::{BackendKind, Compare, IntoRule, LockPolicy, MemoryKernel};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyTuple};

use crate::convert::{self, family};
use crate::counters::CounterSnapshot;
use crate::desired::Pending;
use crate::error::{call, interrupted, raise, raise_of};
use crate::given::{self, FILTER, TableName, given, maybe, name, seconds, wrong};
use crate::parts;
use crate::plan::Plan;
use crate::sandbox::Sandboxed;
use crate::table::Table;
use crate::watch::Watch;

/// The tables of one network namespace, and the way the xtables lock is taken.
///
/// `netns` is the namespace: a path such as `/run/netns/web`, a name as `ip netns` knows it, or an open file
/// or its descriptor; `pid` that of a process. Without either it is the namespace of the thread that uses it first.
/// `backend` is what holds the tables: `"legacy"`, as `iptables-legacy` has them, `"nft"`, as `iptables-nft` has them, or new and
/// empty ones for tests without a kernel: `"memory"`, or `"memory-nft"` with the handles, transactions and refusals of
/// nf_tables. What these are to have is said by `sets`, the names of ipsets with their families, `objects`, names by kind
/// (`"algorithm"`, `"helper"`, `"timeout"`, `"estimator"`, `"accounting"`, `"cgroup"`, `"context"`, `"program"`), and `revisions`, the
/// newest revision of a match or target by its name, `None` for one that is not there:
///
///     kernel = libfw.Kernel(backend="memory", sets={"banned": "ipv4"}, objects={"accounting": ["web"]}, revisions={"TEE": None})
///     with kernel.table() as table:
///         table["INPUT"].append("-m set --match-set banned src -m nfacct --nfacct-name web -j DROP")
///
/// Without a backend the first use looks for the one that matters, and leaves no trace: the one that the variable
/// LIBFW_BACKEND of the environment names, else the one that has rules, else the one that the host's own `iptables` uses, else
/// nf_tables if the kernel has it.
/// `wait` is how many seconds to wait for the lock: for ever if `None`, 0 to try once. `lock` is the path of the lock
/// file, or `False` to take no lock, which is only right where nothing else touches the tables. `compare` is up to how many
/// bytes of entries a table is compared with what was read, before a commit replaces it: `True` for always, `False` for
/// never; 1 MiB if it is not given. The kernel itself notices a change only by the number of rules.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Kernel(Arc<Handle>);

/// A kernel, and what it was asked for.
pub(crate) struct Handle {
    kernel: libfw::Kernel,
    netns: Option<Netns>,
    backend: Option<BackendKind>,
    sandbox: Option<Sandboxed>,
}

/// A network namespace: how it was named, and what it is.
struct Netns {
    shown: String,
    device: u64,
    inode: u64,
}

impl Deref for Handle {
    type Target = libfw::Kernel;

    fn deref(&self) -> &libfw::Kernel {
        &self.kernel
    }
}

/// Equal when they stand for the same tables and the same lock. A memory of its own is like no other.
impl PartialEq for Handle {
    fn eq(&self, other: &Handle) -> bool {
        std::ptr::eq(self, other)
            || !matches!(self.backend, Some(BackendKind::Memory | BackendKind::MemoryNft))
                && self.key() == other.key()
                && self.policy() == other.policy()
    }
}

impl Handle {
    fn key(&self) -> (Option<(u64, u64)>, Option<&'static str>) {
        (self.netns.as_ref().map(|netns| (netns.device, netns.inode)), self.backend.map(BackendKind::name))
    }

    pub(crate) fn hash(&self, hasher: &mut impl std::hash::Hasher) {
        std::hash::Hash::hash(&self.key(), hasher);
    }

    /// The arguments that make it, but those that it has anyway.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(netns) = &self.netns {
            arguments.push(format!("netns={:?}", netns.shown));
        }
        if let Some(backend) = self.backend {
            arguments.push(format!("backend={:?}", backend.name()));
        }
        let policy = self.policy();
        if let Some(wait) = policy.wait {
            arguments.push(format!("wait={}", wait.as_secs_f64()));
        }
        match &policy.path {
            None => arguments.push("lock=False".to_owned()),
            Some(path) if path.as_path() != Path::new(LockPolicy::PATH) => {
                arguments.push(format!("lock={:?}", path.display().to_string()));
            }
            Some(_) => {}
        }
        arguments
    }
}

/// What would be written, and would come of it: see `Kernel.rehearse()`.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Rehearsal {
    rehearsal: libfw::Rehearsal,
    kernel: Arc<Handle>,
}

#[pymethods]
impl Rehearsal {
    /// The kernel that writes nothing.
    #[getter]
    fn kernel(&self) -> Kernel {
        Kernel(self.kernel.clone())
    }

    /// What would have been changed so far, each table compared with what it is.
    #[getter]
    fn plan(&self) -> Plan {
        Plan { plan: self.rehearsal.plan() }
    }
}

impl Kernel {
    pub(crate) fn shared(&self) -> Arc<Handle> {
        self.0.clone()
    }

    /// The counters of a table in the way in which they are to be read.
    fn snapshot(
        &self,
        py: Python<'_>,
        table: &str,
        family: Option<&Bound<'_, PyAny>>,
        read: fn(&libfw::Kernel, libfw::Family, &str) -> libfw::Result<libfw::CounterSnapshot>,
    ) -> PyResult<CounterSnapshot> {
        let family = self::family(family)?;
        CounterSnapshot::new(py, call(py, || read(&self.0, family, table))?)
    }
}

/// A mapping whose values are of one kind.
fn mapping<V: for<'a, 'py> FromPyObject<'a, 'py, Error = PyErr>>(
    name: &str,
    expected: &str,
    mapping: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<HashMap<String, V>>> {
    let read = |it: &Bound<'_, PyAny>| given(name, expected, convert::dict(name, it)?.as_any());
    mapping.map(read).transpose()
}

/// A kernel in memory that has what is asked for.
fn in_memory(
    py: Python<'_>,
    sets: Option<&Bound<'_, PyAny>>,
    objects: Option<&Bound<'_, PyAny>>,
    revisions: Option<&Bound<'_, PyAny>>,
) -> PyResult<MemoryKernel> {
    let sets: Option<HashMap<String, String>> = mapping("sets", "ipv4 or ipv6 by name", sets)?;
    let objects: Option<HashMap<String, Vec<OsString>>> =
        mapping("objects", "lists of names by kind", objects)?;
    let revisions: Option<HashMap<String, Option<u8>>> = mapping("revisions", "numbers by name", revisions)?;
    let raised = |made: libfw::Result<MemoryKernel>| made.map_err(|error| raise(py, &error));
    let mut kernel = MemoryKernel::new();
    for (index, (name, family)) in (0..).zip(sets.into_iter().flatten()) {
        let family = match family.as_str() {
            "ipv4" => 2,
            "ipv6" => 10,
            _ => {
                return Err(PyValueError::new_err(format!("sets: expected ipv4 or ipv6, not {family}")));
            }
        };
        kernel = raised(kernel.with_set(name, backend::SetInfo { index, family }))?;
    }
    for (kind, names) in objects.into_iter().flatten() {
        let known = ObjectKind::ALL.iter().find(|known| known.name() == kind);
        let known =
            known.ok_or_else(|| PyValueError::new_err(format!("objects: there is no kind {kind}")))?;
        for name in names {
            kernel = raised(kernel.with_object(*known, name.as_bytes()))?;
        }
    }
    for (name, newest) in revisions.into_iter().flatten() {
        let known = libfw::ext::all().find(|extension| extension.name == name);
        let known = known.ok_or_else(|| {
            PyValueError::new_err(format!("revisions: there is no match and no target {name}"))
        })?;
        kernel = raised(kernel.with_revision(known.kind, name, newest))?;
    }
    Ok(kernel)
}

/// The kernel that is given, or the tables of the thread's network namespace.
pub(crate) fn shared(kernel: Option<&Bound<'_, PyAny>>) -> PyResult<Arc<Handle>> {
    match maybe::<Bound<'_, Kernel>>("kernel", "a libfw.Kernel", kernel)? {
        Some(kernel) => Ok(kernel.get().0.clone()),
        None => {
            let kernel = libfw::Kernel::new().with_interrupt(interrupted);
            Ok(Arc::new(Handle { kernel, netns: None, backend: None, sandbox: None }))
        }
    }
}

#[pymethods]
impl Kernel {
    #[new]
    #[pyo3(signature = (*given, netns=None, pid=None, backend=None, wait=None, lock=None, compare=None, sets=None, objects=None, revisions=None, **other), text_signature = "(*, netns=None, pid=None, backend=None, wait=None, lock=None, compare=None, sets=None, objects=None, revisions=None)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
    fn new(
        py: Python<'_>,
        given: &Bound<'_, PyTuple>,
        netns: Option<&Bound<'_, PyAny>>,
        pid: Option<&Bound<'_, PyAny>>,
        backend: Option<&Bound<'_, PyAny>>,
        wait: Option<&Bound<'_, PyAny>>,
        lock: Option<&Bound<'_, PyAny>>,
        compare: Option<&Bound<'_, PyAny>>,
        sets: Option<&Bound<'_, PyAny>>,
        objects: Option<&Bound<'_, PyAny>>,
        revisions: Option<&Bound<'_, PyAny>>,
        other: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Kernel> {
        if let Some(other) = other {
            return Err(convert::no_keyword(py, "Kernel", other));
        }
        if !given.is_empty() {
            return Err(convert::by_keyword(given));
        }
        let pid = maybe::<u32>("pid", "the number of a process", pid)?;
        let path = match (netns, pid) {
            (Some(_), Some(_)) => return Err(PyTypeError::new_err("give netns or pid, not both")),
            (Some(netns), None) => Some(namespace_path(netns)?),
            (None, Some(pid)) => Some(format!("/proc/{pid}/ns/net").into()),
            (None, None) => None,
        };
        let (mut kernel, netns) = match path {
            None => (libfw::Kernel::new(), None),
            Some(path) => {
                // What is there and is no namespace is a wrong value; what is not there is told by the kernel that is made.
                let netns = path.exists().then(|| Netns::of(&path)).transpose()?;
                let kernel =
                    libfw::Kernel::in_netns(&path).map_err(|error| raise_of(py, &error, Some(&path)))?;
                (kernel, Some(netns.map_or_else(|| Netns::of(&path), Ok)?))
            }
        };
        let backend = maybe::<String>("backend", "legacy, nft, memory or memory-nft", backend)?;
        let backend = backend
            .map(|backend| backend.parse::<BackendKind>())
            .transpose()
            .map_err(|error| raise(py, &error))?;
        if let Some(backend) = backend {
            kernel = kernel.using(backend);
        }
        if sets.is_some() || objects.is_some() || revisions.is_some() {
            let made = in_memory(py, sets, objects, revisions)?;
            kernel = match backend {
                Some(BackendKind::Memory) => made.kernel(),
                Some(BackendKind::MemoryNft) => made.nft(),
                _ => {
                    return Err(PyTypeError::new_err(
                        "sets, objects and revisions are for kernels in memory",
                    ));
                }
            };
        }
        let mut policy = LockPolicy::new().wait(wait.map(|wait| seconds("wait", wait)).transpose()?);
        if let Some(lock) = lock {
            match lock.cast::<PyBool>() {
                Ok(lock) if lock.is_true() => {}
                Ok(_) => policy.path = None,
                Err(_) => policy.path = Some(given::given("lock", "a path, or True or False", lock)?),
            }
        }
        let compare = compare.map(comparison).transpose()?.unwrap_or_default();
        let kernel = kernel.with_policy(policy).with_compare(compare).with_interrupt(interrupted);
        Ok(Kernel(Arc::new(Handle { kernel, netns, backend, sandbox: None })))
    }

    /// A kernel that reads what is there and writes nothing: whatever would be written is rehearsed, so that its errors are those of the
    /// real one, and is in the plan of the rehearsal.
    ///
    ///     kernel = libfw.Kernel(backend="memory")
    ///     rehearsal = kernel.rehearse()
    ///     with rehearsal.kernel.table() as table:
    ///         table["INPUT"].append("-p tcp -j ACCEPT")
    ///     assert rehearsal.plan.added == 1 and len(kernel.table()["INPUT"]) == 0
    fn rehearse(&self) -> Rehearsal {
        let rehearsal = self.0.rehearse();
        let kernel = rehearsal.kernel().clone();
        let handle = Handle { kernel, netns: None, backend: self.0.backend, sandbox: None };
        Rehearsal { rehearsal, kernel: Arc::new(handle) }
    }

    /// A table of this namespace: short for `Table(name, family=family, kernel=self, chains=chains)`.
    #[pyo3(signature = (name=FILTER, family=None, *, chains=None), text_signature = "($self, name='filter', family=None, *, chains=None)")]
    fn table(
        &self,
        #[pyo3(from_py_with = given::table::<name::name>)] name: TableName,
        family: Option<&Bound<'_, PyAny>>,
        chains: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        Table::of(self.shared(), self::family(family)?, &name).with_chains(chains)
    }

    /// The tables of a sandbox, whose process hands its sockets over.
    #[staticmethod]
    fn _of_process(
        py: Python<'_>,
        name: &str,
        process: u32,
        ipv4: i32,
        ipv6: i32,
        netlink: i32,
    ) -> PyResult<Kernel> {
        let kind: BackendKind = name.parse().map_err(|error| raise(py, &error))?;
        let sandbox = Sandboxed::of_process(kind, process, [ipv4, ipv6, netlink])?;
        let kernel = libfw::Kernel::with_backend(sandbox.clone());
        let kernel = kernel.with_policy(LockPolicy::UNLOCKED).with_interrupt(interrupted);
        let netns = Some(Netns::of(format!("/proc/{process}/ns/net").as_ref())?);
        Ok(Kernel(Arc::new(Handle { kernel, netns, backend: Some(kind), sandbox: Some(sandbox) })))
    }

    /// Ends the use of a sandbox, whoever still has a table of it.
    fn _close(&self, py: Python<'_>) {
        py.detach(|| self.0.sandbox.as_ref().map(Sandboxed::close));
    }

    /// What holds the tables: `"legacy"`, `"nft"`, `"memory"` or `"memory-nft"`. It is looked for if that has not been done yet.
    #[getter]
    fn backend(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(call(py, || self.0.detection())?.backend.name())
    }

    /// Why it is this backend, in words: `"its table filter of IPv4 has rules"`.
    #[getter]
    fn reason(&self, py: Python<'_>) -> PyResult<String> {
        Ok(call(py, || self.0.detection())?.reason.to_string())
    }

    /// The names of the tables that there are, in the order in which they are saved. To ask brings none into being.
    #[pyo3(signature = (family=None))]
    fn tables(&self, py: Python<'_>, family: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
        let family = self::family(family)?;
        call(py, || self.0.tables(family))
    }

    /// Checks that the kernel has what a rule names: its matches and targets in some revision, and its ipsets. `Table.rehearse()` says
    /// what it would make of the rule in a table.
    ///
    ///     kernel = libfw.Kernel(backend="memory")
    ///     try:
    ///         kernel.check_rule("-m set --match-set banned src -j DROP")
    ///     except libfw.errors.NoSuchObjectError as error:
    ///         assert "banned" in str(error)
    #[pyo3(signature = (rule, family=None))]
    fn check_rule(
        &self,
        py: Python<'_>,
        rule: &Bound<'_, PyAny>,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let rule = parts::from_object(rule)?;
        let family = match rule.family() {
            Some(own) if family.is_none() => own,
            _ => self::family(family)?,
        };
        call(py, || self.0.check_rule(&rule.into_rule(family)?))
    }

    /// The kernel module that has the tables of a family, if the kernel is without it, and whether it can be loaded; `None` if
    /// nothing is missing. To ask loads nothing.
    #[pyo3(signature = (family=None))]
    fn missing_module(
        &self,
        py: Python<'_>,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<(&'static str, bool)>> {
        let family = self::family(family)?;
        let missing = call(py, || self.0.missing_module(family))?;
        Ok(missing.map(|module| (module.name, module.is_available)))
    }

    /// Loads a kernel module by modprobe(8): by the program at a path, or the one that the kernel runs itself. Nothing is loaded
    /// without this call.
    #[pyo3(signature = (name, *, modprobe=None))]
    fn load_module(
        &self,
        py: Python<'_>,
        name: &Bound<'_, PyAny>,
        modprobe: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let name: String = given("name", "the name of a module", name)?;
        let modprobe: Option<PathBuf> = maybe("modprobe", "the path of a program", modprobe)?;
        call(py, || self.0.load_module(&name, modprobe.as_deref()))
    }

    /// Reads the counters of all rules of a table, as plain numbers. No lock is needed, and nothing is changed.
    #[pyo3(signature = (table=FILTER, family=None), text_signature = "($self, table='filter', family=None)")]
    fn counters(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::table>)] table: TableName,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<CounterSnapshot> {
        self.snapshot(py, &table, family, libfw::Kernel::counters)
    }

    /// Reads the counters of a table and sets them to zero, under the lock. Nothing is lost in between: what is counted after the
    /// reading is in the next one. Only the counters of policies in nf_tables lose what arrives between the two. The rules stay
    /// in place, with what their matches keep; no table is replaced. In nf_tables it takes Linux 6.2: an older kernel refuses it,
    /// and nothing changes.
    #[pyo3(signature = (table=FILTER, family=None), text_signature = "($self, table='filter', family=None)")]
    fn take_counters(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::table::<name::table>)] table: TableName,
        family: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<CounterSnapshot> {
        self.snapshot(py, &table, family, libfw::Kernel::take_counters)
    }

    /// Watches tables from now on, these and those that `Watch.add` adds: without any, nothing is watched. No lock is taken, and a
    /// table that is not there is not made.
    #[pyo3(signature = (*tables, family=None, tick=None, contents=None))]
    fn watch(
        &self,
        py: Python<'_>,
        tables: &Bound<'_, PyTuple>,
        family: Option<&Bound<'_, PyAny>>,
        tick: Option<&Bound<'_, PyAny>>,
        contents: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Watch> {
        let name = |name: Bound<'_, PyAny>| given::table::<name::tables>(&name).map(TableName::into_owned);
        let tables = tables.iter().map(name).collect::<PyResult<Vec<_>>>()?;
        Watch::new(py, &self.0, &tables, self::family(family)?, tick, contents)
    }

    /// Everything that the tables of both families have now comes back unless it is confirmed within so many seconds, whoever changes
    /// them meanwhile and by whatever program; see `Desired.apply_for()`.
    fn watch_over(&self, py: Python<'_>, time: &Bound<'_, PyAny>) -> PyResult<Pending> {
        crate::desired::watch_over(py, &self.0, time)
    }

    /// Makes the changes of a plan, in all its tables or in none, under the lock: one that was looked at before, or the way back from
    /// one that was made. Rules that stay keep their counters. `ConflictError` when a table is not what the plan was made for, and then
    /// nothing is changed.
    ///
    ///     kernel = libfw.Kernel(backend="memory")
    ///     desired = libfw.Desired(kernel=kernel)
    ///     desired.table({"INPUT": ["-i lo -j ACCEPT"]})
    ///     done = desired.apply()
    ///     kernel.apply(done.inverse())
    ///     assert len(kernel.table()["INPUT"]) == 0
    fn apply(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = given::object::<name::plan, Plan>)] plan: Bound<'_, Plan>,
    ) -> PyResult<()> {
        let plan = plan.get();
        call(py, || self.0.apply(&plan.plan).map(drop))
    }

    /// Confirms the change that waits for it in this network namespace, whoever has made it. `NoSuchObjectError` when none waits.
    fn confirm(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.0.confirm())
    }

    /// Takes the change that waits to be confirmed in this network namespace back now.
    fn roll_back(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.0.roll_back())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Kernel>().is_ok_and(|other| *other.get().0 == *self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.0.hash(&mut hasher);
        std::hash::Hasher::finish(&hasher)
    }

    fn __repr__(&self) -> String {
        format!("libfw.Kernel({})", self.0.arguments().join(", "))
    }
}

impl Netns {
    /// The namespace at a path that could be opened.
    fn of(path: &Path) -> PyResult<Netns> {
        let file = libfw::program::open_namespace(path).map_err(|error| match error.raw_os_error() {
            Some(libc::EINVAL) => {
                PyValueError::new_err(format!("{} is no network namespace", path.display()))
            }
            _ => error.into(),
        })?;
        let found = file.metadata()?;
        Ok(Netns { shown: path.display().to_string(), device: found.dev(), inode: found.ino() })
    }
}

const NETNS: &str = "a path, a name, a descriptor or a file";

/// The path of a namespace given by path, name, descriptor or file.
fn namespace_path(netns: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if netns.is_instance_of::<PyBool>() {
        return Err(wrong("netns", NETNS, netns));
    }
    let descriptor = match netns.hasattr("fileno")? {
        true => Some(netns.call_method0("fileno")?.extract()?),
        false => netns.extract::<i32>().ok(),
    };
    if let Some(descriptor) = descriptor {
        return Ok(format!("/proc/self/fd/{descriptor}").into());
    }
    let path: PathBuf = match netns.cast::<PyBytes>() {
        Ok(path) => std::ffi::OsStr::from_bytes(path.as_bytes()).into(),
        Err(_) => given("netns", NETNS, netns)?,
    };
    Ok(if path.components().count() == 1 { PathBuf::from("/run/netns").join(path) } else { path })
}

/// When tables are compared, given as a truth or a number of bytes.
fn comparison(compare: &Bound<'_, PyAny>) -> PyResult<Compare> {
    match compare.cast::<PyBool>() {
        Ok(compare) if compare.is_true() => Ok(Compare::Always),
        Ok(_) => Ok(Compare::Never),
        Err(_) => Ok(Compare::UpTo(given("compare", "a number of bytes, or True or False", compare)?)),
    }
}
