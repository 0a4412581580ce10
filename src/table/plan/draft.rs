//! A table as it is to be, which is compared and never written itself.

use std::sync::Arc;

use super::scope::{COMMENT_SIZE, Scope};
use crate::blob::{Header, push_extension};
use crate::error::{BadEdit, Failure, Mistake};
use crate::ext::pass_on;
use crate::table::backend::{Backend, Capabilities, Change, Snapshot, Want, Written};
use crate::table::{ChainId, Store, Table, new_chain};
use crate::{Error, Result};

/// The match that holds a comment.
const COMMENT: &[u8] = b"comment";

/// What a draft is made for: it has rules as that backend has them, and cannot be written.
#[derive(Debug)]
struct Drafting(Arc<dyn Backend>);

pass_on!([] Drafting, self => self.0);

impl Backend for Drafting {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        match want {
            // Which policies are not set is what has to be known of them.
            Want::Policies => Ok(()),
            _ => Err(Error::from(Failure::NoKernel).in_family(into.family()).in_table(into.name())),
        }
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let table = changes.first().map(|change| change.table());
        Err(table.map_or_else(|| BadEdit::Draft.into(), |table| table.error(BadEdit::Draft)))
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

impl Table {
    /// An empty table for the desired state of this one, to be filled and given to [`plan`](Table::plan). It has the same
    /// built-in chains, whose policies count only if they are set. It can be read, edited and [validated](Table::validate), but
    /// never committed.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Scope};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// let mut desired = table.draft(&Scope::Tables);
    /// desired.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let plan = table.plan(&desired, &Scope::Tables)?;
    /// assert_eq!(plan.to_string(), "# IPv4 filter\n+ -A INPUT -i lo -j ACCEPT\n");
    /// table.apply(&plan)?;
    /// assert!(table.plan(&desired, &Scope::Tables)?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn draft(&self, scope: &Scope) -> Table {
        self.whole().draft_here(scope)
    }

    fn draft_here(&self, scope: &Scope) -> Table {
        let backend = Arc::new(Drafting(self.store.backend.clone()));
        let mut draft = Table::new(Store { backend, ..self.store.clone() }, self.family, &self.name, None);
        draft.hooks = self.hooks;
        for chain in self.chains() {
            // To chains that it does not speak of rules may go.
            if chain.hook().is_some() || !scope.has_chain(chain.name_bytes()) {
                let data = &self.chains[chain.id as usize];
                draft.add_chain(new_chain(data.name.clone(), data.hook));
            }
        }
        draft.unread = (0..draft.chains.len() as ChainId)
            .filter(|id| draft.chains[*id as usize].hook.is_some())
            .collect();
        draft
    }

    /// A copy of the table as it is in memory now, edits included, to be compared with others. It cannot be committed.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// let before = table.copy();
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// assert_eq!(before.diff(&table)?.changes().added, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn copy(&self) -> Table {
        self.whole().copy_here()
    }

    fn copy_here(&self) -> Table {
        let backend = Arc::new(Drafting(self.store.backend.clone()));
        let mut copy = Table::new(Store { backend, ..self.store.clone() }, self.family, &self.name, None);
        copy.hooks = self.hooks;
        copy.bytes.clone_from(&self.bytes);
        copy.old_end = self.old_end;
        copy.exists = self.exists;
        copy.notes.clone_from(&self.notes);
        copy.chains = self.chains.copy();
        (copy.order, copy.gone, copy.unsorted) = (self.order.clone(), self.gone, self.unsorted);
        copy.unread.clone_from(&self.unread);
        copy
    }

    /// Gives rules without a comment this one, which a scope has checked.
    pub(crate) fn mark(&mut self, mark: &[u8]) -> Result<()> {
        self.complete();
        for id in self.sorted_order() {
            for index in 0..self.chains[id as usize].rules.len() {
                let Some(slot) = self.chains[id as usize].rules.get(index).copied() else { continue };
                let entry = self.entry(slot);
                if entry.matches().any(|part| part.name == COMMENT) {
                    continue;
                }
                let at = entry.target_offset();
                let mut bytes = entry.bytes.get(..at).unwrap_or_default().to_vec();
                let written = push_extension(&mut bytes, COMMENT, 0, |out| {
                    let start = out.len();
                    out.extend_from_slice(mark);
                    out.resize(start + COMMENT_SIZE, 0);
                    Ok::<(), Error>(())
                })?;
                let target = bytes.len();
                bytes.extend_from_slice(entry.bytes.get(at..).unwrap_or_default());
                let finished = written.and_then(|()| Header::finish(self.family, &mut bytes, 0, target));
                finished.ok_or_else(|| self.error(Mistake::LongRule))?;
                self.chain_by_id(id).replace_entry(index, &bytes, slot.unchecked)?;
            }
        }
        Ok(())
    }
}
