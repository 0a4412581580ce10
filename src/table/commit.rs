//! The replace, and what it does to the table in memory.

use super::backend::HEADROOM;
use super::{Info, Origin, Table};
use crate::blob::{Walk, put_at};
use crate::types::{Counters, Family};
use crate::{Error, ErrorKind, Result};

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Whether the kernel's table was replaced; not if there were no edits.
    pub changed: bool,
    /// The number of rules in the table now.
    pub rules: usize,
}

impl Table {
    /// Writes the edits in one replace. Counters of rules that stay are carried over, those included that arrive while
    /// the replace is under way.
    ///
    /// A table that was not opened under the lock is locked and compared with the kernel's first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] when the table was changed since it was read; [`refresh`](Table::refresh) it and
    /// edit again. [`ErrorKind::InvalidRule`], [`ErrorKind::Loop`], [`ErrorKind::ExtensionUnavailable`] and
    /// [`ErrorKind::TooLarge`] when the kernel refuses what was written: nothing is changed then. Those of
    /// [`Kernel::lock`](super::Kernel::lock).
    pub fn commit(&mut self) -> Result<Report> {
        let rules = self.len();
        if !self.dirty {
            return Ok(Report { changed: false, rules });
        }
        let mut _guard = None;
        if self.lock.is_none() {
            _guard = Some(self.kernel.lock()?);
            self.compare_with_kernel()?;
        }
        self.read_policies()?;
        self.check_new_rules()?;
        let info = self.lay_out()?;
        let (mut request, relocated) = self.arrange(&info);
        let backend = self.kernel.backend();
        let replaced = backend.replace(self.family, &self.name, &info, &mut request, self.info.num_entries);
        let mut request = Some(request);
        if self.lock.is_some() {
            self.settle(request.take().unwrap_or_default(), &relocated);
        }
        let old = replaced.map_err(|error| self.explain(error))?;
        self.restore_counters(&info, &old)?;
        match request {
            None => self.rebase(),
            Some(request) => {
                // Without the lock the next commit compares with what the kernel has now: take it as if it was read.
                self.settle(request, &[]);
                self.rebase();
                self.adopt_base(info)?;
            }
        }
        self.info = info;
        self.dirty = false;
        self.counts = false;
        Ok(Report { changed: true, rules })
    }

    /// Fails if the kernel's table is not the one that was read.
    fn compare_with_kernel(&self) -> Result<()> {
        let now = Table::read(self.kernel.clone(), self.family, &self.name, None)?;
        if now.info == self.info && same_rules(self.family, self.base_bytes(), now.base_bytes()) {
            return Ok(());
        }
        Err(self.conflict())
    }

    pub(super) fn conflict(&self) -> Error {
        self.error(ErrorKind::Conflict, "it was changed by another program since it was read")
            .classic(4, "Resource temporarily unavailable.")
    }

    /// The entries as they were read. Those of new rules follow them in the buffer.
    fn base_bytes(&self) -> &[u8] {
        self.bytes.get(HEADROOM..HEADROOM + self.info.size as usize).unwrap_or_default()
    }

    /// Adds back what the rules had counted; the kernel starts a new table at zero.
    fn restore_counters(&mut self, info: &Info, old: &[Counters]) -> Result<()> {
        if !self.counts && old.iter().all(|pair| *pair == Counters::ZERO) {
            return Ok(());
        }
        let mut counters = Vec::with_capacity(info.num_entries as usize);
        let now = |origin: Origin, known: Counters| match origin.index() {
            None => known,
            Some(index) => {
                let last = old.get(index as usize).copied().unwrap_or_default();
                if origin.is_zeroed() { last.since(known) } else { last }
            }
        };
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            if chain.hook.is_none() {
                counters.push(Counters::ZERO);
            }
            for slot in &chain.rules {
                counters.push(now(slot.origin, self.entry(*slot).counters()));
            }
            counters.push(now(chain.tail, chain.counters));
        }
        counters.push(Counters::ZERO);
        self.kernel.backend().add_counters(self.family, &self.name, &counters)
    }

    /// Every rule has a place in the kernel's table now, where its counters come from.
    fn rebase(&mut self) {
        let mut index = 0;
        for id in &self.order {
            let chain = &mut self.chains[*id as usize];
            index += u32::from(chain.hook.is_none());
            for slot in &mut chain.rules {
                if slot.origin.is_zeroed() {
                    // What was zeroed must not be taken off a second time.
                    let at = slot.at as usize + self.family.layout().counters;
                    put_at(&mut self.bytes, at, &[0; 16]);
                }
                slot.origin = Origin::kernel(index);
                slot.unchecked = false;
                index += 1;
            }
            if chain.tail.is_zeroed() {
                chain.counters = Counters::ZERO;
            }
            chain.tail = Origin::kernel(index);
            index += 1;
        }
    }
}

/// Whether two blobs that were read hold the same rules; counters do not count.
fn same_rules(family: Family, a: &[u8], b: &[u8]) -> bool {
    let layout = family.layout();
    let (mut left, mut right) = (Walk::new(family, a), Walk::new(family, b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(Ok(left)), Some(Ok(right))) => {
                let (left, right) = (left.entry, right.entry);
                let same = left.ip() == right.ip()
                    && left.target_offset() == right.target_offset()
                    && left.bytes.get(layout.entry..) == right.bytes.get(layout.entry..);
                if !same {
                    return false;
                }
            }
            _ => return false,
        }
    }
}
