//! A handle on the tables of one network namespace.

// First what most programs use, since rustdoc shows the methods of a type in this order.
mod make;
mod open;

mod update;

mod counters;
mod desired;
mod detect;
mod gate;
mod guard;
mod json;
mod legacy;
mod lock;
mod memory;
mod module;
mod nft;
mod rehearsal;
pub(crate) mod trace;
mod transaction;
mod watch;

use std::fmt;
use std::fs::File;
use std::sync::Arc;

pub use desired::{Applied, Desired};
pub(crate) use desired::{Beside, Draft, Line};
pub use guard::{Ending, Pending};
pub use legacy::{Blobs, COUNTERS_HEADROOM, Info, Legacy, LegacySocket};
pub use memory::MemoryKernel;
pub use module::MissingModule;
pub use nft::Nft;
pub(crate) use nft::base::builtin_chains;
#[cfg(fuzzing)]
pub use nft::replay;
pub use rehearsal::Rehearsal;
pub use transaction::Transaction;
pub use watch::{TableChange, Watch};

use crate::ext::System;
use crate::table::Store;
use crate::table::backend::Backend;
use crate::types::BackendKind;

/// A handle on the tables of one network namespace: which backend holds them, and how their lock is taken.
///
/// Cloning is cheap: clones share their sockets and what they have learned about the kernel.
///
/// ```no_run
/// use libfw::{Family, Kernel};
///
/// let kernel = Kernel::new();
/// let table = kernel.open(Family::Ipv4, "filter")?;
/// for chain in table.chains() {
///     println!("{}: {} rules", chain.name(), chain.len());
/// }
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone)]
pub struct Kernel(Store);

/// The names of chains.
fn names(chains: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<Vec<u8>> {
    chains.into_iter().map(|name| name.as_ref().to_vec()).collect()
}

/// A backend in the namespace of the file, or in that of the thread which first uses it.
fn open_backend(kind: BackendKind, namespace: Option<Arc<File>>) -> Arc<dyn Backend> {
    match kind {
        BackendKind::Legacy => Arc::new(Legacy::new(LegacySocket::in_namespace(namespace))),
        BackendKind::Nft => Arc::new(Nft::new(namespace)),
        BackendKind::Memory => Arc::new(Legacy::new(MemoryKernel::new())),
        BackendKind::MemoryNft => Arc::new(Nft::in_memory(MemoryKernel::new())),
    }
}

impl Kernel {
    pub(crate) fn system(&self) -> &System {
        &self.0.system
    }
}

impl Default for Kernel {
    fn default() -> Kernel {
        Kernel::new()
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel")
            .field("backend", &self.0.backend)
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

impl From<Store> for Kernel {
    fn from(store: Store) -> Kernel {
        Kernel(store)
    }
}
