//! A kernel that knows an extension in an older revision only.

use std::sync::Arc;

use libfw::ext::{Extension, ExtensionKind, SetInfo};
use libfw::{Backend, Counters, Family, Info, Kernel, Result};

use crate::side::Side;

/// Passes everything on, but denies the newer revisions.
#[derive(Debug)]
pub struct Older {
    kernel: Kernel,
    kind: ExtensionKind,
    name: &'static str,
    newest: u8,
}

impl Older {
    /// The same namespace, with the older kernel.
    pub fn side(side: &Side, extension: &Extension, newest: u8) -> Side {
        let older =
            Older { kernel: side.kernel.clone(), kind: extension.kind, name: extension.kernel_name, newest };
        Side { place: side.place.clone(), kernel: Kernel::with_backend(Arc::new(older)) }
    }
}

impl Backend for Older {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        self.kernel.backend().info(family, table)
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        self.kernel.backend().entries(family, table, info, buffer)
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old_entries: u32,
    ) -> Result<Vec<Counters>> {
        self.kernel.backend().replace(family, table, info, request, old_entries)
    }

    fn add_counters(&self, family: Family, table: &str, counters: &[Counters]) -> Result<()> {
        self.kernel.backend().add_counters(family, table, counters)
    }

    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        if kind == self.kind && name == self.name && revision > self.newest {
            return Ok(false);
        }
        self.kernel.backend().supports(family, kind, name, revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.kernel.backend().set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.kernel.backend().set_by_index(index)
    }
}
