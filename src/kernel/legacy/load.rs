//! From the kernel's blob to chains.

use super::absent;
use super::blobs::{Blobs, Info};
use crate::blob::{EntryVerdict, Item, Layout, Walk, put_at, u32_at, verdict_at};
use crate::error::{BadEdit, BadTable, Failure, Malformed};
use crate::sys::memory;
use crate::table::backend::{Version, Want};
use crate::table::{
    ChainData, ChainId, Chains, HEADROOM, Jump, Name, Origin, Slot, Table, entry_at, new_chain,
};
use crate::types::{Counters, Family, Hook, HookMask, Policy, order};
use crate::{Error, ErrorKind, Result};

/// The table as the kernel had it when it was read or written.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) info: Info,
    /// Whether its entries stand at the beginning of the table's bytes.
    pub(super) content: bool,
}

/// How often a table that changes while it is read is read again.
const ATTEMPTS: u32 = 10;

/// Reads what is wanted of a table. If that fails the table is what it was, edits included.
pub(super) fn read(blobs: &dyn Blobs, table: &mut Table, want: Want<'_>) -> Result<()> {
    match want {
        // Those of a table that is not there are known.
        Want::BuiltIn | Want::All | Want::Chains(_) | Want::Little if absent::read(blobs, table)? => Ok(()),
        Want::BuiltIn => {
            let info = blobs.info(table.family(), table.name())?;
            table.forget();
            take_info(table, info, false);
            for hook in table.hooks.iter() {
                table.add_chain(new_chain(Name::from(hook.chain_name()), Some(hook)));
            }
            table.unread.clone_from(&table.order);
            Ok(())
        }
        Want::Policies => read_policies(blobs, table),
        // There is no more than was read.
        Want::More(_) | Want::Rest => Ok(()),
        // There is no reading of a part.
        Want::All | Want::Chains(_) | Want::Little => {
            let mut bytes = std::mem::take(&mut table.spare);
            match fetch(blobs, table, &mut bytes) {
                Ok((info, chains)) => {
                    table.spare = std::mem::replace(&mut table.bytes, bytes);
                    table.chains = chains;
                    take_info(table, info, true);
                    table.chains_were_read();
                    Ok(())
                }
                Err(error) => {
                    table.spare = bytes;
                    Err(error)
                }
            }
        }
    }
}

/// Reads the policies that were not read and have not been set since.
fn read_policies(blobs: &dyn Blobs, table: &mut Table) -> Result<()> {
    let (info, chains) = fetch(blobs, table, &mut Vec::new())?;
    if table.version.get::<Known>().is_none_or(|known| known.info != info) {
        return Err(conflict(table));
    }
    for id in std::mem::take(&mut table.unread) {
        let chain = &mut table.chains[id as usize];
        if let Some((of, known)) = (0..).zip(chains.iter()).find(|(_, known)| known.hook == chain.hook) {
            (chain.policy, chain.tail) = (known.policy, known.tail);
            table.chains.take_over_one(id, &chains, of);
        }
    }
    Ok(())
}

pub(super) fn conflict(table: &Table) -> Error {
    table.error(BadEdit::Changed)
}

fn take_info(table: &mut Table, info: Info, content: bool) {
    table.hooks = HookMask(info.valid_hooks);
    table.exists = true;
    table.version = Version::new(Known { info, content });
}

/// The description of a table and its chains, whose rules are in the buffer.
pub(super) fn fetch(blobs: &dyn Blobs, table: &Table, bytes: &mut Vec<u8>) -> Result<(Info, Chains)> {
    let info = fetch_bytes(blobs, table, bytes)?;
    let chains = split(table.family(), &info, bytes).map_err(|bad| match bad {
        Unread::Bad(bad) => table.error(Malformed::from(bad)),
        Unread::NoRoom => table.error(Failure::OutOfMemory),
    })?;
    Ok((info, chains))
}

/// Reads description and entries that belong together.
fn fetch_bytes(blobs: &dyn Blobs, table: &Table, bytes: &mut Vec<u8>) -> Result<Info> {
    let (family, name) = (table.family(), table.name());
    let mut info = blobs.info(family, name)?;
    // The entries with some room behind them.
    let size = info.size as usize;
    if !memory::has_room(size + size / 16) {
        return Err(table.error(Failure::OutOfMemory));
    }
    for attempt in 1.. {
        let read = blobs.entries(family, name, &info, bytes);
        // The kernel notices a change in between only if the size has changed too.
        let now = blobs.info(family, name)?;
        match read {
            Ok(()) if now == info => break,
            Ok(()) if attempt == ATTEMPTS => return Err(conflict(table)),
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
        info = now;
    }
    Ok(info)
}

/// Why a blob does not become chains.
enum Unread {
    Bad(BadTable),
    /// There is no memory for them.
    NoRoom,
}

impl From<BadTable> for Unread {
    fn from(bad: BadTable) -> Unread {
        Unread::Bad(bad)
    }
}

/// Adds to a list, if there is room.
fn push<T>(list: &mut Vec<T>, element: T) -> Result<(), Unread> {
    if !memory::make_room(list, 1) {
        return Err(Unread::NoRoom);
    }
    list.push(element);
    Ok(())
}

/// A chain that begins, and the entries of it that were seen.
struct Open {
    chain: ChainData,
    /// The last entry so far, which may turn out to be the chain's tail.
    last: Option<Slot>,
}

/// Splits a blob into chains and turns its jumps into indices of chains. The chains are in the blob's order.
fn split(family: Family, info: &Info, bytes: &mut [u8]) -> Result<Chains, Unread> {
    let (mut chains, starts, jumps) = collect(family, info, bytes)?;
    for (chain, index, place) in jumps {
        let target = u32_at(bytes, place) as i32;
        let Some(slot) = chains[chain].rules.get_mut(index) else { continue };
        let id = find_chain(family, bytes, &starts, target)
            .ok_or(BadTable::Jump(slot.at as usize - HEADROOM, target))?;
        slot.jump = Jump(id);
        chains[id as usize].references += 1;
        put_at(bytes, place, &EntryVerdict::Jump(id).raw().to_ne_bytes());
    }
    Ok(chains)
}

type Collected = (Chains, Vec<u32>, Vec<(usize, usize, usize)>);

/// The chains, the offset of each chain's first entry, and the rules that jump: their chain, index and the place of the
/// verdict.
fn collect(family: Family, info: &Info, bytes: &mut [u8]) -> Result<Collected, Unread> {
    let layout = Layout::of(family);
    if bytes.len().checked_sub(HEADROOM) != Some(info.size as usize) {
        return Err(BadTable::Size(info.size as usize).into());
    }
    let mut hooks: Vec<(usize, Hook)> = HookMask(info.valid_hooks)
        .iter()
        .map(|hook| (info.hook_entry[hook as usize] as usize, hook))
        .collect();
    order::sort_by_key(&mut hooks, |(offset, _)| *offset);
    let mut hooks = hooks.into_iter().peekable();
    let mut chains = Chains::default();
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
            let (chain, counters) = close(done, family, info, bytes)?;
            let id = chains.len() as ChainId;
            push(&mut chains, chain)?;
            if counters != Counters::ZERO && !chains.has_room_to_count(id) {
                return Err(Unread::NoRoom);
            }
            chains.set_counters(id, counters);
        }
        if let Some(hook) = hook {
            // What heads a chain or ends the table is no rule of another one.
            if name.is_some() {
                return Err(BadTable::Hook(hook as usize).into());
            }
            push(&mut starts, offset as u32)?;
            open = Some(Open { chain: new_chain(Name::from(hook.chain_name()), Some(hook)), last: None });
        }
        match name {
            Some(_) if HEADROOM + offset + size == bytes.len() => ended = true,
            Some(name) => {
                // Found again when a jump leads here; nothing else uses the field.
                put_at(bytes, at as usize + layout.nfcache, &(chains.len() as u32).to_ne_bytes());
                push(&mut starts, (offset + size) as u32)?;
                open = Some(Open { chain: new_chain(name, None), last: None });
            }
            None => {
                let open = open.as_mut().ok_or(BadTable::NoChain(offset))?;
                if let Some(last) = open.last.take() {
                    if !open.chain.rules.make_room() {
                        return Err(Unread::NoRoom);
                    }
                    open.chain.rules.push(last);
                }
                if slot.jump.chain() == Some((offset + size) as u32) {
                    slot.jump = Jump::NEXT;
                    put_at(bytes, place, &EntryVerdict::Fallthrough.raw().to_ne_bytes());
                } else if slot.jump != Jump::NONE {
                    push(&mut jumps, (chains.len(), open.chain.rules.len(), place))?;
                }
                open.last = Some(slot);
                open.chain.size += size as u32;
            }
        }
        offset += size;
        index += 1;
    }
    match hooks.next() {
        Some((_, hook)) => Err(BadTable::Hook(hook as usize).into()),
        None if !ended || open.is_some() => Err(BadTable::NoEnd.into()),
        None if index != info.num_entries => Err(BadTable::Count(index, info.num_entries).into()),
        None => Ok((chains, starts, jumps)),
    }
}

/// Ends a chain: its last entry is the policy or the return to the caller.
fn close(open: Open, family: Family, info: &Info, bytes: &[u8]) -> Result<(ChainData, Counters), BadTable> {
    let Open { mut chain, last } = open;
    let slot = last.ok_or(BadTable::NoTail)?;
    let tail = entry_at(family, bytes, slot.at as usize, slot.size);
    chain.policy = match (tail.verdict(), chain.hook) {
        (Some(EntryVerdict::Accept), Some(_)) => Policy::Accept,
        (Some(EntryVerdict::Drop), Some(_)) => Policy::Drop,
        (Some(EntryVerdict::Return), None) => Policy::Accept,
        _ => return Err(BadTable::NoTail),
    };
    if tail.bytes.len() != Layout::of(family).standard {
        return Err(BadTable::NoTail);
    }
    if let Some(hook) = chain.hook
        && info.underflow[hook as usize] as usize + HEADROOM != slot.at as usize
    {
        return Err(BadTable::Underflow(hook as usize));
    }
    chain.tail = slot.origin;
    chain.size -= tail.bytes.len() as u32;
    Ok((chain, tail.counters()))
}

/// The chain whose first entry is at an offset.
fn find_chain(family: Family, bytes: &[u8], starts: &[u32], target: i32) -> Option<ChainId> {
    let layout = Layout::of(family);
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
