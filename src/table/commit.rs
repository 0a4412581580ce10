//! From chains back to a blob, and the replace.

use zerocopy::{FromZeros, IntoBytes};

use super::{ChainData, Info, Origin, Slot, Table};
use crate::blob::{Core, Layout, Verdict, Walk, put_at, u16_at, u32_at};
use crate::sys::xt::{XT_EXTENSION_MAXNAMELEN, ipt_replace, xt_entry_match, xt_error_target};
use crate::types::{Counters, Family, Policy};
use crate::{ErrorKind, Result};

/// Where the entries begin in a request.
pub(super) const HEADER: usize = size_of::<ipt_replace>();

/// The largest table of the kernel, `XT_MAX_TABLE_SIZE`.
const XT_MAX_TABLE_SIZE: usize = 512 << 20;

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
        self.check_new_rules()?;
        let info = self.assemble()?;
        let old_entries = self.info.num_entries;
        let mut request = std::mem::take(&mut self.request);
        let backend = self.kernel.backend();
        let replaced = backend.replace(self.family, &self.name, &info, &mut request, old_entries);
        self.request = request;
        let old = replaced.map_err(|error| self.explain(error))?;
        self.restore_counters(&info, &old)?;
        self.info = info;
        self.rebase()?;
        Ok(Report { changed: true, rules })
    }

    /// Fails if the kernel's table is not the one that was read.
    fn compare_with_kernel(&self) -> Result<()> {
        let now = Table::read(self.kernel.clone(), self.family, &self.name, None)?;
        if now.info == self.info && same_rules(self.family, self.base_bytes(), now.base_bytes()) {
            return Ok(());
        }
        Err(self
            .error(ErrorKind::Conflict, "it was changed by another program since it was read")
            .classic(4, "Resource temporarily unavailable."))
    }

    /// The entries as they were read. Those of new rules follow them in the buffer.
    fn base_bytes(&self) -> &[u8] {
        self.bytes.get(self.base..self.base + self.info.size as usize).unwrap_or_default()
    }

    /// Lays the table out as the kernel wants it, in `request`, with room for the header before it.
    fn assemble(&mut self) -> Result<Info> {
        if self.unsorted {
            let mut order = std::mem::take(&mut self.order);
            self.sort(&mut order);
            self.order = order;
            self.unsorted = false;
        }
        let layout = self.family.layout();
        let (info, starts) = self.lay_out(layout)?;
        let mut request = std::mem::take(&mut self.request);
        request.clear();
        request.reserve_exact(HEADER + info.size as usize);
        request.resize(HEADER, 0);
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            if chain.hook.is_none() {
                push_error(self.family, &mut request, chain.name.as_bytes());
            }
            self.push_rules(layout, &mut request, chain, &starts);
            push_tail(self.family, &mut request, chain);
        }
        push_error(self.family, &mut request, b"ERROR");
        self.request = request;
        Ok(info)
    }

    /// The description of the new table, and the offset of each chain's first entry by id.
    fn lay_out(&self, layout: &Layout) -> Result<(Info, Vec<u32>)> {
        let mut info = Info { valid_hooks: self.info.valid_hooks, ..Info::default() };
        info.hook_entry = self.info.hook_entry;
        info.underflow = self.info.underflow;
        let mut starts = vec![0; self.chains.len()];
        let mut offset = 0;
        let mut entries = 1;
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            if chain.hook.is_none() {
                offset += layout.error;
                entries += 1;
            }
            starts[*id as usize] = offset as u32;
            if let Some(hook) = chain.hook {
                info.hook_entry[hook as usize] = offset as u32;
                info.underflow[hook as usize] = (offset + chain.size) as u32;
            }
            offset += chain.size + layout.standard;
            entries += chain.rules.len() + 1;
            if offset > XT_MAX_TABLE_SIZE {
                return Err(self
                    .error(ErrorKind::TooLarge, "the kernel takes at most 512 MiB")
                    .classic(1, "Memory allocation problem."));
            }
        }
        info.size = (offset + layout.error) as u32;
        info.num_entries = entries as u32;
        Ok((info, starts))
    }

    /// Copies the rules of a chain and turns their jumps into offsets.
    fn push_rules(&self, layout: &Layout, request: &mut Vec<u8>, chain: &ChainData, starts: &[u32]) {
        let mut rest = chain.rules.as_slice();
        while let Some(first) = rest.first() {
            // Rules that lie side by side are copied together.
            let (count, end) = self.run(layout, rest);
            let from = request.len();
            request.extend_from_slice(&self.bytes[first.at as usize..end]);
            fix_jumps(layout, request, from, starts);
            rest = &rest[count..];
        }
    }

    /// How many rules from the first on lie side by side in the table's bytes, and where the last of them ends.
    fn run(&self, layout: &Layout, slots: &[Slot]) -> (usize, usize) {
        let mut end = slots[0].at as usize;
        let count = slots
            .iter()
            .take_while(|slot| {
                let adjacent = slot.at as usize == end;
                if adjacent {
                    end += usize::from(u16_at(&self.bytes, end + layout.next_offset));
                }
                adjacent
            })
            .count();
        (count, end)
    }

    /// Adds back what the rules had counted; the kernel starts a new table at zero.
    fn restore_counters(&mut self, info: &Info, old: &[Counters]) -> Result<()> {
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
                counters.push(now(slot.origin, self.entry(slot.at).counters()));
            }
            counters.push(now(chain.tail, chain.counters));
        }
        counters.push(Counters::ZERO);
        if counters.iter().all(|pair| *pair == Counters::ZERO) {
            return Ok(());
        }
        self.kernel.backend().add_counters(self.family, &self.name, &counters)
    }

    /// The table in memory is now the kernel's: every rule has a place there.
    fn rebase(&mut self) -> Result<()> {
        let mut index = 0;
        let family = self.family;
        for id in &self.order {
            let chain = &mut self.chains[*id as usize];
            index += u32::from(chain.hook.is_none());
            for slot in &mut chain.rules {
                if slot.origin.is_zeroed() {
                    // What was zeroed must not be taken off a second time.
                    let at = slot.at as usize + family.layout().counters;
                    put_at(&mut self.bytes, at, &[0; 16]);
                }
                slot.origin = Origin::kernel(index);
                index += 1;
            }
            if chain.tail.is_zeroed() {
                chain.counters = Counters::ZERO;
            }
            chain.tail = Origin::kernel(index);
            index += 1;
        }
        self.dirty = false;
        self.late_checks = false;
        // Without the lock the next commit compares with what the kernel has now; with it the bytes of rules that are
        // gone are kept until they are as many as the others.
        if self.lock.is_none() || self.bytes.len() > 2 * self.info.size as usize + (64 << 10) {
            self.assemble()?;
            std::mem::swap(&mut self.bytes, &mut self.request);
            self.adopt_base(self.info, HEADER)?;
        }
        Ok(())
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

/// Turns chain indices into offsets in the entries from `from` to the end.
fn fix_jumps(layout: &Layout, request: &mut [u8], from: usize, starts: &[u32]) {
    const NAME: usize = 2;
    const VERDICT: usize = size_of::<xt_entry_match>();
    let mut at = from;
    while at < request.len() {
        let size = usize::from(u16_at(request, at + layout.next_offset));
        let target = at + usize::from(u16_at(request, at + layout.target_offset));
        if request.get(target + NAME) == Some(&0) {
            let offset = match Verdict::from_raw(u32_at(request, target + VERDICT) as i32) {
                Verdict::Fallthrough => Some((at + size - HEADER) as u32),
                Verdict::Jump(id) => starts.get(id as usize).copied(),
                _ => None,
            };
            if let Some(offset) = offset {
                put_at(request, target + VERDICT, &offset.to_ne_bytes());
            }
        }
        if size == 0 {
            return;
        }
        at += size;
    }
}

/// Appends the entry that begins a chain, or with the name `ERROR` ends the table.
pub(super) fn push_error(family: Family, out: &mut Vec<u8>, name: &[u8]) {
    let start = out.len();
    Core::any(family).push(family, out);
    let target_offset = out.len();
    let mut target = xt_error_target {
        target: xt_entry_match {
            size: size_of::<xt_error_target>() as u16,
            name: [0; XT_EXTENSION_MAXNAMELEN],
            revision: 0,
        },
        ..xt_error_target::new_zeroed()
    };
    target.target.name[..5].copy_from_slice(b"ERROR");
    target.errorname[..name.len()].copy_from_slice(name);
    out.extend_from_slice(target.as_bytes());
    let _ = Core::finish(family, out, start, target_offset);
}

/// Appends the entry that ends a chain: its policy, or the return to the caller.
fn push_tail(family: Family, out: &mut Vec<u8>, chain: &ChainData) {
    let verdict = match (chain.hook, chain.policy) {
        (None, _) => Verdict::Return,
        (Some(_), Policy::Accept) => Verdict::Accept,
        (Some(_), Policy::Drop) => Verdict::Drop,
    };
    let start = out.len();
    Core { counters: chain.counters, ..Core::any(family) }.push(family, out);
    let target_offset = out.len();
    crate::blob::push_standard(out, verdict);
    let _ = Core::finish(family, out, start, target_offset);
}
