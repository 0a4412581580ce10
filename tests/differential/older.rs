//! A kernel that knows an extension in an older revision only.

use std::sync::Arc;

use libfw::backend::{Blobs, Host, Legacy, LegacySocket};
use libfw::ext::{Extension, ExtensionKind};
use libfw::{Family, Kernel, Result};

use crate::forward::forward;
use crate::side::Side;

/// Passes everything on, but denies the newer revisions.
#[derive(Debug)]
pub struct Older {
    socket: Arc<LegacySocket>,
    kind: ExtensionKind,
    name: &'static str,
    newest: u8,
}

impl Older {
    /// The same namespace, with the older kernel.
    pub fn side(side: &Side, extension: &Extension, newest: u8) -> Side {
        let older =
            Older { socket: side.socket.clone(), kind: extension.kind, name: extension.kernel_name, newest };
        Side {
            place: side.place.clone(),
            socket: side.socket.clone(),
            kernel: Kernel::with_backend(Legacy::new(older)),
        }
    }
}

impl Blobs for Older {
    forward!(socket: info, entries, replace, add_counters);
}

impl Host for Older {
    forward!(socket: set_by_name, set_by_index);

    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        if kind == self.kind && name == self.name && revision > self.newest {
            return Ok(false);
        }
        self.socket.supports(family, kind, name, revision)
    }
}
