//! What a table and a handle on a kernel have in common: the backend, what was learned of it, and the lock.

use std::fmt;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use super::Before;
use super::backend::{Backend, Compare, Interrupt, Lock, LockPolicy};
use crate::Result;
use crate::ext::System;

/// A backend and how it is used. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) system: Arc<System>,
    pub(crate) policy: LockPolicy,
    pub(crate) lock: Option<Lock>,
    pub(crate) interrupt: Option<Interrupt>,
    /// The network namespace, if it is not that of the thread.
    pub(crate) namespace: Option<Arc<File>>,
    pub(crate) compare: Compare,
    /// Whether it is a backend that the program has brought, of which no other process can make one.
    pub(crate) brought: bool,
    /// Whether to open a table is to bring it into being.
    pub(crate) registers: bool,
    /// What loads a module that is missing.
    pub(crate) loader: Option<Loader>,
    /// What a rehearsal would have written.
    pub(crate) rehearsed: Option<Arc<Mutex<Before>>>,
}

/// Has a kernel module loaded, and says whether that worked.
#[derive(Clone)]
pub(crate) struct Loader(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Loader {
    pub(crate) fn new(load: impl Fn(&str) -> bool + Send + Sync + 'static) -> Loader {
        Loader(Arc::new(load))
    }

    pub(super) fn load(&self, name: &str) -> bool {
        (self.0)(name)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loader")
    }
}

impl Store {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Store {
        let system = Arc::new(System::new(backend.clone()));
        Store {
            backend,
            system,
            policy: LockPolicy::default(),
            lock: None,
            interrupt: None,
            namespace: None,
            compare: Compare::default(),
            registers: false,
            brought: false,
            loader: None,
            rehearsed: None,
        }
    }

    /// What comes before the first table that is written.
    pub(super) fn before(&self) -> Before {
        let rehearsed = self.rehearsed.as_ref();
        rehearsed
            .map(|known| known.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .unwrap_or_default()
    }

    /// The lock that is held already, or a new one.
    pub(crate) fn lock(&self) -> Result<Lock> {
        match self.lock.as_ref().filter(|lock| lock.is_ours()) {
            Some(lock) => Ok(lock.clone()),
            None => self.backend.lock(&self.policy, self.interrupt.as_ref()),
        }
    }
}
