//! How a handle is made, and how the lock is taken through it.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use super::detect::Detected;
use super::{Kernel, open_backend};
use crate::error::Failure;
use crate::ext::Offline;
use crate::sys::netns::open_namespace;
use crate::table::Store;
use crate::table::backend::{Backend, Compare, Interrupt, Lock, LockPolicy};
use crate::types::{BackendKind, Detection};
use crate::{Error, Result};

impl Kernel {
    /// The tables of the calling thread's network namespace, in the backend that this host uses.
    ///
    /// Nothing is opened yet. The backend is looked for at the first use, which leaves no trace: it is the one named by the
    /// environment variable LIBFW_BACKEND (`legacy` or `nft`), else the one that has rules, else the one that the host's own
    /// `iptables` uses, else nf_tables if the kernel has it. [`detection`](Kernel::detection) says which one was chosen and why.
    /// If both have rules and nothing says which are meant, reading works and any change fails with
    /// [`AmbiguousBackend`](crate::ErrorKind::AmbiguousBackend).
    ///
    /// ```no_run
    /// use libfw::Kernel;
    ///
    /// println!("rules are in {}", Kernel::new().detection()?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> Kernel {
        Kernel::detecting(None)
    }

    /// Which backend holds the tables, and why it is this one.
    ///
    /// ```
    /// use libfw::{BackendKind, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// assert_eq!(kernel.detection()?.backend, BackendKind::Memory);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when LIBFW_BACKEND names none.
    pub fn detection(&self) -> Result<Detection> {
        self.0.backend.detection()
    }

    /// The tables of the calling thread's network namespace in the xtables interface, as `iptables-legacy` has them.
    ///
    /// ```
    /// use libfw::{BackendKind, Kernel};
    ///
    /// assert_eq!(Kernel::legacy().detection()?.backend, BackendKind::Legacy);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn legacy() -> Kernel {
        Kernel::new().using(BackendKind::Legacy)
    }

    /// The tables of the calling thread's network namespace in nf_tables, as `iptables-nft` has them.
    ///
    /// ```
    /// use libfw::{BackendKind, Kernel};
    ///
    /// assert_eq!(Kernel::nft().detection()?.backend, BackendKind::Nft);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn nft() -> Kernel {
        Kernel::new().using(BackendKind::Nft)
    }

    /// The same handle, but with this backend instead of one that is looked for. Tables in memory belong to no namespace: they
    /// are new and empty.
    ///
    /// ```
    /// use libfw::{BackendKind, Family, Kernel};
    ///
    /// let kernel = Kernel::new().using(BackendKind::Memory);
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn using(self, backend: BackendKind) -> Kernel {
        let backend = open_backend(backend, self.0.namespace.clone());
        let Store { system, backend, .. } = Store::new(backend);
        Kernel(Store { system, backend, brought: false, ..self.0 })
    }

    fn detecting(namespace: Option<Arc<File>>) -> Kernel {
        let store = Store::new(Arc::new(Detected::new(namespace.clone())));
        Kernel(Store { namespace, ..store })
    }

    /// As [`new`](Kernel::new), but looks for the backend at once.
    ///
    /// ```no_run
    /// use libfw::Kernel;
    ///
    /// let kernel = Kernel::detect()?;
    /// println!("{}", kernel.detection()?.reason);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`detection`](Kernel::detection).
    pub fn detect() -> Result<Kernel> {
        let kernel = Kernel::new();
        kernel.detection()?;
        Ok(kernel)
    }

    /// The tables of the network namespace at a path, such as `/run/netns/NAME`.
    ///
    /// ```no_run
    /// use libfw::{Family, Kernel};
    ///
    /// // One that `ip netns add blue` has made is at /run/netns/blue; this is the process's own.
    /// let own = Kernel::in_netns("/proc/self/ns/net")?;
    /// println!("{} rules", own.open(Family::Ipv4, "filter")?.len());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the path cannot be opened, or is not that of a network namespace.
    pub fn in_netns(path: impl AsRef<Path>) -> Result<Kernel> {
        let path = path.as_ref();
        let file = open_namespace(path).map_err(|error| {
            Error::from(Failure::Namespace { path: path.display().to_string() }).because(error)
        })?;
        Ok(Kernel::in_netns_fd(file.into()))
    }

    /// The tables of the network namespace of a process.
    ///
    /// ```
    /// use libfw::{ErrorKind, Kernel};
    ///
    /// Kernel::in_netns_of(std::process::id())?;
    /// assert_eq!(Kernel::in_netns_of(u32::MAX).unwrap_err().kind(), ErrorKind::Io);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when there is no such process or it may not be looked at.
    pub fn in_netns_of(pid: u32) -> Result<Kernel> {
        Kernel::in_netns(format!("/proc/{pid}/ns/net"))
    }

    /// The tables of the network namespace that an open file stands for, such as `/proc/PID/ns/net`.
    ///
    /// ```
    /// use std::fs::File;
    ///
    /// use libfw::Kernel;
    ///
    /// let namespace = File::open("/proc/self/ns/net").unwrap();
    /// let kernel = Kernel::in_netns_fd(namespace.into());
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn in_netns_fd(namespace: OwnedFd) -> Kernel {
        Kernel::detecting(Some(Arc::new(File::from(namespace))))
    }

    /// The same handle with another [`LockPolicy`]: which file is locked, and how long to wait.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use libfw::{Kernel, LockPolicy};
    ///
    /// let policy = LockPolicy::default().wait(Duration::from_secs(10));
    /// let patient = Kernel::new().with_policy(policy);
    /// assert_eq!(patient.policy().wait, Some(Duration::from_secs(10)));
    /// ```
    #[must_use]
    pub fn with_policy(mut self, policy: LockPolicy) -> Kernel {
        self.0.policy = policy;
        self
    }

    /// The same handle, working under a lock that is held already.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let lock = kernel.lock()?;
    /// let held = kernel.clone().with_lock(&lock);
    /// for table in ["filter", "mangle"] {
    ///     held.update(Family::Ipv4, table, |table| table.chain_mut("INPUT")?.append("-i lo -j ACCEPT"))?;
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_lock(mut self, lock: &Lock) -> Kernel {
        self.0.lock = Some(lock.clone());
        self
    }

    /// The tables that a backend of your own holds.
    ///
    /// ```
    /// use libfw::backend::Legacy;
    /// use libfw::{Family, Kernel, MemoryKernel};
    ///
    /// let kernel = Kernel::with_backend(Legacy::new(MemoryKernel::new()));
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_backend(backend: impl Backend + 'static) -> Kernel {
        Kernel(Store { brought: true, ..Store::new(Arc::new(backend)) })
    }

    /// The same handle with another rule for when a table is compared with the kernel's before a commit.
    ///
    /// ```
    /// use libfw::{Compare, MemoryKernel};
    ///
    /// // Whatever it costs, nobody's change is overwritten unnoticed.
    /// let kernel = MemoryKernel::new().kernel().with_compare(Compare::Always);
    /// ```
    #[must_use]
    pub fn with_compare(mut self, compare: Compare) -> Kernel {
        self.0.compare = compare;
        self
    }

    /// The same handle with another way to interrupt a wait for the lock, for programs that handle signals in their own way:
    /// `interrupt` is called several times a second and after every signal, and ends the wait by returning `true`.
    ///
    /// Without it, any signal that the program has a handler for ends the wait, if it is delivered to the waiting thread.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// use libfw::Kernel;
    ///
    /// let stop = Arc::new(AtomicBool::new(false));
    /// let asked = stop.clone();
    /// let kernel = Kernel::new().with_interrupt(move || asked.load(Ordering::Relaxed));
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Kernel {
        self.0.interrupt = Some(Interrupt::new(interrupt));
        self
    }

    /// The same handle, but reading a table that does not exist creates it, as `iptables` does. This makes a difference in the
    /// xtables interface alone, where the kernel creates a table when it is asked for.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// let kernel = Kernel::legacy().registering();
    /// # let _ = kernel;
    /// ```
    #[must_use]
    pub fn registering(mut self) -> Kernel {
        self.0.registers = true;
        self
    }

    /// A handle without a kernel: rules can be made and checked, but there are no tables.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, Kernel};
    ///
    /// let error = Kernel::offline().open(Family::Ipv4, "filter").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::BackendAbsent);
    /// ```
    #[must_use]
    pub fn offline() -> Kernel {
        Kernel::with_backend(Offline)
    }

    /// Takes the lock that keeps other programs away, and returns it; dropping it gives it back. In the xtables interface that is
    /// the xtables lock. A thread that holds it already gets it again at once.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let lock = kernel.lock()?;
    /// // What is read and written until then nobody else changes.
    /// let table = kernel.open_locked(Family::Ipv4, "filter")?;
    /// drop((table, lock));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) when a signal comes while another program holds it.
    /// [`ErrorKind::LockBusy`](crate::ErrorKind::LockBusy) when another program holds it longer than the policy waits;
    /// the message names the holder. [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) or
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be opened: users other than root need a
    /// [`path`](LockPolicy::path) of their own.
    pub fn lock(&self) -> Result<Lock> {
        self.0.lock()
    }

    /// How the lock is taken: which file, and how long to wait.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// println!("the lock is waited for {:?}", Kernel::new().policy().wait);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy(&self) -> &LockPolicy {
        &self.0.policy
    }

    /// The backend that holds the tables.
    ///
    /// ```
    /// use libfw::MemoryKernel;
    ///
    /// println!("{:?}", MemoryKernel::new().kernel().backend());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.0.backend
    }
}
