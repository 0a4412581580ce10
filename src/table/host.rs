//! A table as the host of its rules.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Table;
use crate::Result;
use crate::ext::{Extension, Host, SetInfo};
use crate::types::Family;

/// The names of ipsets by index, as they were when a rule of the table was first shown. The kernel keeps the name of a
/// set as long as one of its rules uses it.
#[derive(Default)]
pub(super) struct SetNames(Mutex<HashMap<u16, Vec<u8>>>);

/// The table's kernel. The name of an ipset is asked once for all rules of the table, until it is
/// [read again](Table::refresh).
impl Host for Table {
    fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
        self.kernel.revision(family, extension)
    }

    fn lacks(&self, family: Family, extension: &Extension) -> bool {
        self.kernel.lacks(family, extension)
    }

    fn pinned_object(&self, path: &[u8]) -> std::io::Result<()> {
        self.kernel.pinned_object(path)
    }

    /// Always asked: until a rule that uses it is committed, a set may go and another one of its name come.
    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let set = self.kernel.set_by_name(name)?;
        let mut names = self.set_names.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.extend(set.map(|set| (set.index, name.to_vec())));
        Ok(set)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        let mut names = self.set_names.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.get(&index) {
            return Ok(Some(name.clone()));
        }
        let name = self.kernel.set_by_index(index)?;
        names.extend(name.clone().map(|name| (index, name)));
        Ok(name)
    }
}
