//! The replace, and what it does to the table in memory.

use std::sync::OnceLock;

use super::assemble::Relocated;
use super::backend::HEADROOM;
use super::load::new_chain;
use super::{ChainData, ChainId, Info, Jump, Origin, Table};
use crate::blob::{Entry, Verdict, Walk, put_at};
use crate::types::{Counters, Family};
use crate::{Error, ErrorKind, Result};

/// What a commit did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Whether the kernel's table was replaced; not if there were no edits.
    pub changed: bool,
    /// The number of rules in the table now.
    pub rules: usize,
    /// Why the counters could not be put back after the replace, which starts them at zero; `None` when they are in
    /// place. The rules are in the kernel either way.
    pub counters_lost: Option<Error>,
}

impl Report {
    /// What a command says of counters that are lost.
    pub(crate) fn warning(&self) -> Option<String> {
        let error = self.counters_lost.as_ref()?;
        Some(format!(
            "Warning: the rules are in place, but every counter of the table starts at zero: {error}"
        ))
    }
}

/// A commit that is ready to be sent.
struct Prepared {
    info: Info,
    request: Vec<u8>,
    relocated: Vec<Relocated>,
    /// Room for the counters.
    counters: Vec<Counters>,
    /// For a table without the lock, see [`renumber`](Table::renumber).
    ranks: Option<Ranks>,
}

/// The ids that a table gets which is read from the kernel: the chains' places in the kernel's order.
struct Ranks {
    /// By the id so far.
    ids: Vec<ChainId>,
    /// Room for the chains.
    chains: Vec<ChainData>,
}

impl Table {
    /// Writes the edits in one replace. Counters of rules that stay are carried over, those included that arrive while
    /// the replace is under way.
    ///
    /// A table that was not opened under the lock is locked and compared with the kernel's first.
    ///
    /// Once the kernel has taken the table the commit has succeeded, whatever comes after:
    /// [`Report::counters_lost`] says if the counters could not follow.
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
            return Ok(Report { changed: false, rules, counters_lost: None });
        }
        let mut _guard = None;
        if self.lock.is_none() {
            _guard = Some(self.kernel.lock()?);
            self.compare_with_kernel()?;
        }
        let mut prepared = self.prepare()?;
        let backend = self.kernel.backend();
        let (info, request) = (&prepared.info, &mut prepared.request);
        let replaced = backend.replace(self.family, &self.name, info, request, self.info.num_entries);
        // From the answer to the end nothing can fail: the table in memory becomes what the kernel has, or what it was.
        let old = match replaced {
            Ok(old) => old,
            Err(error) => {
                self.give_back(prepared);
                return Err(self.explain(error));
            }
        };
        self.settle(prepared.request, &prepared.relocated);
        if let Some(ranks) = prepared.ranks {
            self.renumber(ranks);
        }
        self.info = prepared.info;
        let counters_lost = self.restore_counters(&old, &mut prepared.counters).err();
        self.rebase(counters_lost.is_some());
        self.dirty = false;
        self.counts = false;
        Ok(Report { changed: true, rules, counters_lost })
    }

    /// Everything that can fail before the kernel is asked, and all the room that is needed after its answer.
    fn prepare(&mut self) -> Result<Prepared> {
        self.read_policies()?;
        self.check_new_rules()?;
        let info = self.lay_out()?;
        let counters = Vec::with_capacity(info.num_entries as usize);
        let ranks = self.lock.is_none().then(|| self.ranks());
        let (request, mut relocated) = self.arrange(&info);
        for (_, verdict) in &mut relocated {
            if let (Some(ranks), Verdict::Jump(id)) = (&ranks, Verdict::from_raw(*verdict)) {
                *verdict = Verdict::Jump(ranks.ids[id as usize]).raw();
            }
        }
        Ok(Prepared { info, request, relocated, counters, ranks })
    }

    /// The kernel has refused the table; the edits stay.
    fn give_back(&mut self, prepared: Prepared) {
        if self.lock.is_some() {
            self.settle(prepared.request, &prepared.relocated);
        } else {
            self.spare = prepared.request;
        }
    }

    fn ranks(&self) -> Ranks {
        let mut ids = vec![0; self.chains.len()];
        for (rank, id) in self.order.iter().enumerate() {
            ids[*id as usize] = rank as ChainId;
        }
        Ranks { ids, chains: Vec::with_capacity(self.order.len()) }
    }

    /// Makes the table what it would be if it was read from the kernel: without the lock the next commit compares the two.
    fn renumber(&mut self, Ranks { ids, mut chains }: Ranks) {
        for (rank, id) in self.order.iter_mut().enumerate() {
            let chain = &mut self.chains[*id as usize];
            for slot in &mut chain.rules {
                if let Some(id) = slot.jump.chain() {
                    slot.jump = Jump(ids[id as usize]);
                }
            }
            let gone = new_chain(chain.name, chain.hook);
            chains.push(std::mem::replace(chain, gone));
            *id = rank as ChainId;
        }
        self.chains = chains;
        self.index = OnceLock::new();
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

    /// Adds back what the rules had counted; the kernel starts a new table at zero. `counters` has room for them.
    fn restore_counters(&self, old: &[Counters], counters: &mut Vec<Counters>) -> Result<()> {
        if !self.counts && old.iter().all(|pair| *pair == Counters::ZERO) {
            return Ok(());
        }
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
        self.kernel.backend().add_counters(self.family, &self.name, counters)
    }

    /// Every rule has a place in the kernel's table now, where its counters come from. If they were lost, they are zero
    /// in memory as they are there.
    fn rebase(&mut self, counters_lost: bool) {
        let mut index = 0;
        for id in &self.order {
            let chain = &mut self.chains[*id as usize];
            index += u32::from(chain.hook.is_none());
            for slot in &mut chain.rules {
                if counters_lost || slot.origin.is_zeroed() {
                    // What was zeroed must not be taken off a second time.
                    let at = slot.at as usize + self.family.layout().counters;
                    put_at(&mut self.bytes, at, &[0; 16]);
                }
                slot.origin = Origin::kernel(index);
                slot.unchecked = false;
                index += 1;
            }
            if counters_lost || chain.tail.is_zeroed() {
                chain.counters = Counters::ZERO;
            }
            chain.tail = Origin::kernel(index);
            index += 1;
        }
    }
}

/// Whether two blobs that were read hold the same rules; counters do not count.
fn same_rules(family: Family, a: &[u8], b: &[u8]) -> bool {
    let (mut left, mut right) = (Walk::new(family, a), Walk::new(family, b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(Ok(left)), Some(Ok(right))) if same_entry(left.entry, right.entry) => {}
            _ => return false,
        }
    }
}

/// Whether two entries are the same but for their counters and for bytes that say nothing.
fn same_entry(a: Entry<'_>, b: Entry<'_>) -> bool {
    let at = a.family.layout().entry;
    // Nearly always every byte is the same; those behind the end of a name need not be.
    a.ip() == b.ip()
        && a.target_offset() == b.target_offset()
        && (a.bytes.get(at..) == b.bytes.get(at..) || a.target() == b.target() && a.matches().eq(b.matches()))
}
