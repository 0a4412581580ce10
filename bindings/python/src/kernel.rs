//! `Kernel`.

use std::path::PathBuf;
use std::sync::Arc;

use libfw::{BackendKind, Compare, LockPolicy};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::convert::{family, seconds};
use crate::error::{call, interrupted, raise};
use crate::table::Table;

/// The tables of one network namespace, and the way the xtables lock is taken.
///
/// `netns` is the namespace: a path such as `/run/netns/web`, a name as `ip netns` knows it, or an open file's
/// descriptor; `pid` that of a process. Without either it is the namespace of the thread that uses it first.
/// `backend` is what holds the tables: `"legacy"`, as `iptables-legacy` has them, `"nft"`, as `iptables-nft` has them, or
/// `"memory"`, new and empty ones for tests without a kernel. Without it the first use looks for the one that matters, and
/// leaves no trace: the one that the variable LIBFW_BACKEND of the environment names, else the one that has rules, else the one
/// that the host's own `iptables` uses, else nf_tables if the kernel has it.
/// `wait` is how many seconds to wait for the lock: for ever if `None`, 0 to try once. `lock` is the path of the lock
/// file, or `False` to take no lock, which is only right where nothing else touches the tables. `compare` is up to how many
/// bytes of entries a table is compared with what was read, before a commit replaces it: `True` for always, `False` for
/// never; 1 MiB if it is not given. The kernel itself notices a change only by the number of rules.
#[pyclass(frozen, module = "libfw")]
pub(crate) struct Kernel(Arc<libfw::Kernel>);

impl Kernel {
    pub(crate) fn shared(&self) -> Arc<libfw::Kernel> {
        self.0.clone()
    }
}

/// The kernel that is given, or the tables of the thread's network namespace.
pub(crate) fn shared(kernel: Option<&Bound<'_, Kernel>>) -> Arc<libfw::Kernel> {
    let new = || Arc::new(libfw::Kernel::new().with_interrupt(interrupted));
    kernel.map_or_else(new, |kernel| kernel.get().shared())
}

#[pymethods]
impl Kernel {
    #[new]
    #[pyo3(signature = (*, netns=None, pid=None, backend=None, wait=None, lock=None, compare=None))]
    fn new(
        py: Python<'_>,
        netns: Option<&Bound<'_, PyAny>>,
        pid: Option<u32>,
        backend: Option<&str>,
        wait: Option<f64>,
        lock: Option<&Bound<'_, PyAny>>,
        compare: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Kernel> {
        let kernel = match (netns, pid) {
            (Some(_), Some(_)) => return Err(PyTypeError::new_err("give netns or pid, not both")),
            (Some(netns), None) => libfw::Kernel::in_netns(namespace_path(netns)?),
            (None, Some(pid)) => libfw::Kernel::in_netns_of(pid),
            (None, None) => Ok(libfw::Kernel::new()),
        };
        let mut kernel = kernel.map_err(|error| raise(py, &error))?;
        if let Some(backend) = backend {
            let backend: BackendKind = backend.parse().map_err(|error| raise(py, &error))?;
            kernel = kernel.using(backend);
        }
        let mut policy = LockPolicy { wait: wait.map(seconds).transpose()?, ..LockPolicy::default() };
        if let Some(lock) = lock {
            match lock.cast::<PyBool>() {
                Ok(lock) if lock.is_true() => {}
                Ok(_) => policy.path = None,
                Err(_) => policy.path = Some(lock.extract()?),
            }
        }
        let compare = compare.map(comparison).transpose()?.unwrap_or_default();
        let kernel = kernel.with_policy(policy).with_compare(compare).with_interrupt(interrupted);
        Ok(Kernel(Arc::new(kernel)))
    }

    /// A table of this namespace: short for `Table(name, family=family, kernel=self)`.
    #[pyo3(signature = (name="filter", *, family=None))]
    fn table(&self, name: &str, family: Option<&Bound<'_, PyAny>>) -> PyResult<Table> {
        Ok(Table::of(self.shared(), self::family(family)?, name))
    }

    /// What holds the tables: `"legacy"`, `"nft"` or `"memory"`. It is looked for if that has not been done yet.
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
    #[pyo3(signature = (*, family=None))]
    fn tables(&self, py: Python<'_>, family: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
        let family = self::family(family)?;
        call(py, || self.0.tables(family))
    }

    fn __repr__(&self) -> String {
        let policy = self.0.policy();
        let lock = match &policy.path {
            None => "False".to_owned(),
            Some(path) => format!("{:?}", path.display().to_string()),
        };
        let wait = policy.wait.map_or_else(|| "None".to_owned(), |wait| wait.as_secs_f64().to_string());
        format!("<libfw.Kernel wait={wait} lock={lock}>")
    }
}

/// When tables are compared, given as a truth or a number of bytes.
fn comparison(compare: &Bound<'_, PyAny>) -> PyResult<Compare> {
    match compare.cast::<PyBool>() {
        Ok(compare) if compare.is_true() => Ok(Compare::Always),
        Ok(_) => Ok(Compare::Never),
        Err(_) => Ok(Compare::UpTo(compare.extract()?)),
    }
}

/// The path of a namespace given by path, name or descriptor.
fn namespace_path(netns: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if let Ok(descriptor) = netns.extract::<i32>() {
        return Ok(format!("/proc/self/fd/{descriptor}").into());
    }
    let path: PathBuf = netns.extract()?;
    Ok(if path.components().count() == 1 { PathBuf::from("/run/netns").join(path) } else { path })
}
