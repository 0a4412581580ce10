//! The kernel modules that backends are in.

use std::path::{Path, PathBuf};

use super::Kernel;
use crate::Result;
use crate::error::Failure;
use crate::sys::modules;
use crate::table::Loader;
use crate::types::Family;

/// A kernel module that is not loaded; see [`Kernel::missing_module`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingModule {
    /// Its name: `ip_tables`, `ip6_tables` or `nf_tables`.
    pub name: &'static str,
    /// Whether it can be loaded: the running kernel lists it in modules.dep(5). If not, the kernel was built without it.
    pub is_available: bool,
}

impl Kernel {
    /// The kernel module that a family's tables need, if it is missing: not loaded, or not there at all; `None` if the kernel has
    /// what it needs. Asking loads nothing.
    ///
    /// ```no_run
    /// use libfw::{Family, Kernel};
    ///
    /// let kernel = Kernel::legacy();
    /// if let Some(module) = kernel.missing_module(Family::Ipv4)?.filter(|module| module.is_available) {
    ///     kernel.load_module(module.name, None)?;
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`detection`](Kernel::detection).
    pub fn missing_module(&self, family: Family) -> Result<Option<MissingModule>> {
        let name = self.0.backend.missing_module(family)?;
        Ok(name.map(|name| MissingModule { name, is_available: modules::is_available(name) }))
    }

    /// Loads a module by modprobe(8): the program at a path, or the one that the kernel runs itself, which
    /// `/proc/sys/kernel/modprobe` names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BackendAbsent`](crate::ErrorKind::BackendAbsent) when it cannot be loaded, which says so where there is no such
    /// module.
    ///
    /// ```
    /// # use libfw::Kernel;
    /// let error = Kernel::legacy().load_module("nosuch", None).unwrap_err();
    /// let told = "the kernel module nosuch cannot be loaded: there is no such module for the running kernel";
    /// assert_eq!(error.to_string(), told);
    /// ```
    pub fn load_module(&self, name: &str, modprobe: Option<&Path>) -> Result<()> {
        modules::load(modprobe, name)
            .map_err(|error| crate::Error::from(Failure::Module { name: name.to_owned() }).because(error))
    }

    /// The same handle, but a module that is missing when a table is first read is loaded, as `iptables` does: by the program
    /// given here, or by the one that the kernel itself runs. Without this, libfw never loads a module by itself.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// let kernel = Kernel::new().loading_modules(None);
    /// ```
    #[must_use]
    pub fn loading_modules(mut self, modprobe: Option<PathBuf>) -> Kernel {
        self.0.loader = Some(Loader::new(move |name| modules::load(modprobe.as_deref(), name).is_ok()));
        self
    }
}
