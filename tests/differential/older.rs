//! A kernel that knows an extension in an older revision only.

use std::sync::Arc;

use libfw::backend::{Blobs, Host, Info, Legacy, LegacySocket, SetInfo};
use libfw::ext::{Extension, ExtensionKind};
use libfw::{Counters, Family, Kernel, Result};

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
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        self.socket.info(family, table)
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        self.socket.entries(family, table, info, buffer)
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        self.socket.replace(family, table, info, request, old)
    }

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        self.socket.add_counters(family, table, request)
    }
}

impl Host for Older {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        if kind == self.kind && name == self.name && revision > self.newest {
            return Ok(false);
        }
        self.socket.supports(family, kind, name, revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.socket.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.socket.set_by_index(index)
    }
}
