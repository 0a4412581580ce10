//! From the kernel's blob to chains.

use std::sync::OnceLock;

use super::backend::HEADROOM;
use super::host::SetNames;
use super::lookup::Lookups;
use super::rules::Rules;
use super::{ChainData, ChainId, Info, Jump, Name, Origin, Slot, Table};
use crate::blob::{Item, Malformed, Verdict, Walk, put_at, u32_at, verdict_at};
use crate::kernel::{Kernel, Lock};
use crate::types::{Counters, Family, Hook, HookMask, Policy};
use crate::{ErrorKind, Result};

/// How often a table that changes while it is read is read again.
const ATTEMPTS: u32 = 10;

impl Table {
    pub(crate) fn read(kernel: Kernel, family: Family, name: &str, lock: Option<Lock>) -> Result<Table> {
        let mut table = Table::new(kernel, family, name, lock);
        table.refresh()?;
        Ok(table)
    }

    /// The table under the lock as [`clear`](Table::clear) leaves it, whose entries are read only if a policy that is
    /// not set anew is needed.
    pub(crate) fn cleared(kernel: Kernel, family: Family, name: &str, lock: Lock) -> Result<Table> {
        let mut table = Table::new(kernel, family, name, Some(lock));
        table.info = table.kernel.backend().info(family, name)?;
        let hooks = HookMask(table.info.valid_hooks);
        table.chains =
            hooks.iter().map(|hook| new_chain(Name::from(hook.chain_name()), Some(hook))).collect();
        table.order = (0..table.chains.len() as ChainId).collect();
        table.unread.clone_from(&table.order);
        table.dirty = true;
        Ok(table)
    }

    /// Reads the policies that were not read and have not been set since.
    pub(crate) fn read_policies(&mut self) -> Result<()> {
        if self.unread.is_empty() {
            return Ok(());
        }
        let known = Table::read(self.kernel.clone(), self.family, &self.name, None)?;
        if known.info != self.info {
            return Err(self.conflict());
        }
        for id in std::mem::take(&mut self.unread) {
            let chain = &mut self.chains[id as usize];
            if let Some(known) = known.chains.iter().find(|known| known.hook == chain.hook) {
                (chain.policy, chain.counters, chain.tail) = (known.policy, known.counters, known.tail);
            }
        }
        Ok(())
    }

    fn new(kernel: Kernel, family: Family, name: &str, lock: Option<Lock>) -> Table {
        Table {
            kernel,
            family,
            name: name.into(),
            info: Info::default(),
            bytes: Vec::new(),
            old_end: 0,
            chains: Vec::new(),
            order: Vec::new(),
            gone: 0,
            unsorted: false,
            index: OnceLock::new(),
            dirty: false,
            counts: false,
            lock,
            set_names: SetNames::default(),
            lookups: Lookups::default(),
            spare: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// Reads the table again and forgets every edit.
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`](super::Kernel::open). The table is what it was then, edits included.
    pub fn refresh(&mut self) -> Result<()> {
        let mut bytes = std::mem::take(&mut self.spare);
        let read = self.fetch(&mut bytes).and_then(|info| {
            let chains = split(self.family, &info, &mut bytes).map_err(|error| {
                self.error(ErrorKind::Malformed, format!("the table cannot be understood: {error}"))
            })?;
            Ok((info, chains))
        });
        match read {
            Ok((info, chains)) => {
                self.spare = std::mem::replace(&mut self.bytes, bytes);
                self.adopt_base(info, chains);
                Ok(())
            }
            Err(error) => {
                self.spare = bytes;
                Err(error)
            }
        }
    }

    /// Takes chains whose rules are in the buffer as what the kernel has.
    fn adopt_base(&mut self, info: Info, chains: Vec<ChainData>) {
        self.chains = chains;
        self.info = info;
        self.old_end = self.bytes.len();
        self.order = (0..self.chains.len() as ChainId).collect();
        self.gone = 0;
        let users = self.chains.iter().filter(|chain| chain.hook.is_none());
        self.unsorted = !users.map(|chain| chain.name.as_bytes()).is_sorted();
        self.index = OnceLock::new();
        self.unread.clear();
        self.set_names = SetNames::default();
        self.lookups.clear();
        self.dirty = false;
        self.counts = false;
    }

    /// Reads description and entries that belong together.
    fn fetch(&self, bytes: &mut Vec<u8>) -> Result<Info> {
        let backend = self.kernel.backend();
        let mut info = backend.info(self.family, &self.name)?;
        for attempt in 1.. {
            let read = backend.entries(self.family, &self.name, &info, bytes);
            // The kernel notices a change in between only if the size has changed too.
            let now = backend.info(self.family, &self.name)?;
            match read {
                Ok(()) if now == info => break,
                Ok(()) if attempt == ATTEMPTS => return Err(self.conflict()),
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
            info = now;
        }
        Ok(info)
    }
}

/// A chain that begins, and the entries of it that were seen.
struct Open {
    chain: ChainData,
    /// The last entry so far, which may turn out to be the chain's tail.
    last: Option<Slot>,
}

/// Splits a blob into chains and turns its jumps into indices of chains. The chains are in the blob's order.
fn split(family: Family, info: &Info, bytes: &mut [u8]) -> Result<Vec<ChainData>, Malformed> {
    let (mut chains, starts, jumps) = collect(family, info, bytes)?;
    for (chain, index, place) in jumps {
        let target = u32_at(bytes, place) as i32;
        let Some(slot) = chains[chain].rules.get_mut(index) else { continue };
        let id = find_chain(family, bytes, &starts, target)
            .ok_or(Malformed::Jump(slot.at as usize - HEADROOM, target))?;
        slot.jump = Jump(id);
        chains[id as usize].references += 1;
        put_at(bytes, place, &Verdict::Jump(id).raw().to_ne_bytes());
    }
    Ok(chains)
}

type Collected = (Vec<ChainData>, Vec<u32>, Vec<(usize, usize, usize)>);

/// The chains, the offset of each chain's first entry, and the rules that jump: their chain, index and the place of the
/// verdict.
fn collect(family: Family, info: &Info, bytes: &mut [u8]) -> Result<Collected, Malformed> {
    let layout = family.layout();
    if bytes.len().checked_sub(HEADROOM) != Some(info.size as usize) {
        return Err(Malformed::Size(info.size as usize));
    }
    let mut hooks: Vec<(usize, Hook)> = HookMask(info.valid_hooks)
        .iter()
        .map(|hook| (info.hook_entry[hook as usize] as usize, hook))
        .collect();
    hooks.sort_by_key(|(offset, _)| *offset);
    let mut hooks = hooks.into_iter().peekable();
    let mut chains: Vec<ChainData> = Vec::new();
    let mut starts = Vec::new();
    let mut jumps = Vec::new();
    let mut open: Option<Open> = None;
    let mut ended = false;
    let mut offset = 0;
    let mut index = 0;
    while HEADROOM + offset < bytes.len() {
        let Item { entry, error_name, .. } = Walk::read(family, &bytes[HEADROOM..], offset)?;
        let size = entry.bytes.len();
        let at = (HEADROOM + offset) as u32;
        let name = error_name.map(Name::new);
        let place = at as usize + verdict_at(entry);
        let mut slot = Slot::new(entry, at, Origin::kernel(index));
        let hook = hooks.next_if(|(first, _)| *first == offset).map(|(_, hook)| hook);
        if (hook.is_some() || name.is_some())
            && let Some(done) = open.take()
        {
            chains.push(close(done, family, info, bytes)?);
        }
        if let Some(hook) = hook {
            // What heads a chain or ends the table is no rule of another one.
            if name.is_some() {
                return Err(Malformed::Hook(hook as usize));
            }
            starts.push(offset as u32);
            open = Some(Open { chain: new_chain(Name::from(hook.chain_name()), Some(hook)), last: None });
        }
        match name {
            Some(_) if HEADROOM + offset + size == bytes.len() => ended = true,
            Some(name) => {
                // Found again when a jump leads here; nothing else uses the field.
                put_at(bytes, at as usize + layout.nfcache, &(chains.len() as u32).to_ne_bytes());
                starts.push((offset + size) as u32);
                open = Some(Open { chain: new_chain(name, None), last: None });
            }
            None => {
                let open = open.as_mut().ok_or(Malformed::NoChain(offset))?;
                if let Some(last) = open.last.take() {
                    open.chain.rules.push(last);
                }
                if slot.jump.chain() == Some((offset + size) as u32) {
                    slot.jump = Jump::NEXT;
                    put_at(bytes, place, &Verdict::Fallthrough.raw().to_ne_bytes());
                } else if slot.jump != Jump::NONE {
                    jumps.push((chains.len(), open.chain.rules.len(), place));
                }
                open.last = Some(slot);
                open.chain.size += size;
            }
        }
        offset += size;
        index += 1;
    }
    match hooks.next() {
        Some((_, hook)) => Err(Malformed::Hook(hook as usize)),
        None if !ended || open.is_some() => Err(Malformed::NoEnd),
        None if index != info.num_entries => Err(Malformed::Count(index, info.num_entries)),
        None => Ok((chains, starts, jumps)),
    }
}

pub(super) fn new_chain(name: Name, hook: Option<Hook>) -> ChainData {
    ChainData {
        name,
        hook,
        policy: Policy::Accept,
        tail: Origin::SET,
        counters: Counters::ZERO,
        rules: Rules::default(),
        size: 0,
        start: 0,
        references: 0,
        deleted: false,
    }
}

/// Ends a chain: its last entry is the policy or the return to the caller.
fn close(open: Open, family: Family, info: &Info, bytes: &[u8]) -> Result<ChainData, Malformed> {
    let Open { mut chain, last } = open;
    let slot = last.ok_or(Malformed::NoTail)?;
    let tail = super::entry_at(family, bytes, slot.at as usize, slot.size);
    chain.policy = match (tail.verdict(), chain.hook) {
        (Some(Verdict::Accept), Some(_)) => Policy::Accept,
        (Some(Verdict::Drop), Some(_)) => Policy::Drop,
        (Some(Verdict::Return), None) => Policy::Accept,
        _ => return Err(Malformed::NoTail),
    };
    if tail.bytes.len() != family.layout().standard {
        return Err(Malformed::NoTail);
    }
    if let Some(hook) = chain.hook
        && info.underflow[hook as usize] as usize + HEADROOM != slot.at as usize
    {
        return Err(Malformed::Underflow(hook as usize));
    }
    chain.tail = slot.origin;
    chain.counters = tail.counters();
    chain.size -= tail.bytes.len();
    Ok(chain)
}

/// The chain whose first entry is at an offset.
fn find_chain(family: Family, bytes: &[u8], starts: &[u32], target: i32) -> Option<ChainId> {
    let layout = family.layout();
    // Behind the head of a chain, where its index was put.
    let head = (target as usize).checked_sub(layout.error);
    if let Some(head) = head {
        let id = u32_at(bytes, HEADROOM + head + layout.nfcache);
        if starts.get(id as usize) == Some(&(target as u32)) {
            return Some(id);
        }
    }
    starts.binary_search(&(target as u32)).ok().map(|id| id as ChainId)
}
