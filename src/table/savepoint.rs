//! Edits in several steps, of which all are done or none.

use std::sync::OnceLock;

use super::Table;
use crate::Result;

/// A table as it was before edits that add entries to its bytes and change none.
pub(crate) struct Savepoint {
    /// All but the bytes.
    table: Table,
    /// Where the bytes ended.
    end: usize,
}

impl Table {
    pub(crate) fn savepoint(&self) -> Savepoint {
        let rest = self.rest.as_ref().map(|_| OnceLock::new());
        Savepoint { table: Table { part: self.part.clone(), rest, ..self.hollow() }, end: self.bytes.len() }
    }

    /// Makes the table what it was.
    pub(crate) fn go_back(&mut self, Savepoint { table, end }: Savepoint) {
        let (mut bytes, unreadable) = (std::mem::take(&mut self.bytes), self.unreadable.take());
        bytes.truncate(end);
        *self = Table { bytes, unreadable, is_last: self.is_last, ..table };
    }

    /// Edits the table in several steps. Where one fails, it is as it was.
    pub(super) fn all_or_none<T>(&mut self, edit: impl FnOnce(&mut Table) -> Result<T>) -> Result<T> {
        let before = self.savepoint();
        let done = edit(self);
        if done.is_err() {
            self.go_back(before);
        }
        done
    }
}
