//! The last look at a table before it is replaced: whether it is still what it was.

use std::hash::BuildHasher;

use super::blobs::{Blobs, COUNTERS_HEADROOM, Info};
use super::load::{Known, conflict};
use crate::Result;
use crate::blob::{Entry, EntryVerdict, Item, Layout, Walk, verdict_at};
use crate::error::Failure;
use crate::sys::memory;
use crate::table::backend::Look;
use crate::table::{HEADROOM, Table};
use crate::types::hash::RandomState;
use crate::types::{Counters, Family};

/// Reads the kernel's table into a buffer, and fails if it is not the one that was read. Returns its [mark].
///
/// `compared`: its content counts, and not only its size and the number of its entries.
pub(super) fn look(
    blobs: &dyn Blobs,
    table: &Table,
    known: &Info,
    compared: bool,
    buffer: &mut Vec<u8>,
) -> Result<Counters> {
    let (family, name) = (table.family(), table.name());
    if blobs.info(family, name)? != *known {
        return Err(conflict(table));
    }
    let mut read = || {
        blobs.entries(family, name, known, buffer).map_err(|error| match error.is_conflict() {
            true => conflict(table),
            false => error,
        })?;
        Ok::<_, crate::Error>(mark(family, entries(buffer, known)))
    };
    // The later the better: what changes after the kernel has given its entries is overwritten.
    let mut marked = read()?;
    if marked == Counters::ZERO {
        let count = COUNTERS_HEADROOM + known.num_entries as usize;
        let mut request = Vec::new();
        if !memory::make_room(&mut request, count) {
            return Err(table.error(Failure::OutOfMemory));
        }
        request.resize(count, Counters::ZERO);
        put_mark(&mut request);
        // Without a mark nobody is told if that happens.
        let _ = blobs.add_counters(family, name, &mut request);
        marked = read()?;
    }
    let (mine, kernels) = (entries(&table.bytes, known), entries(buffer, known));
    if compared && !same_rules(family, known, mine, kernels).map_err(|error| table.error(error))? {
        return Err(conflict(table));
    }
    Ok(marked)
}

/// Whether the kernel's table is what was read.
pub(super) fn is_unchanged(blobs: &dyn Blobs, table: &Table, look: Look) -> Result<bool> {
    let (family, name) = (table.family(), table.name());
    if !table.exists {
        return Ok(blobs.exists(family, name)? == Some(false));
    }
    let Some(Known { info: known, content }) = table.version.get().copied() else { return Ok(false) };
    if blobs.info(family, name)? != known {
        return Ok(false);
    }
    if look == Look::Quick {
        return Ok(true);
    }
    if !memory::has_room(known.size as usize) {
        return Err(table.error(Failure::OutOfMemory));
    }
    let mut now = Vec::new();
    match blobs.entries(family, name, &known, &mut now) {
        Err(error) if error.is_conflict() => return Ok(false),
        read => read?,
    }
    let (mine, kernels) = (entries(&table.bytes, &known), entries(&now, &known));
    Ok(content && same_rules(family, &known, mine, kernels).map_err(|error| table.error(error))?)
}

/// Makes the table that counters are added to one that can be told from others: its last entry, which no packet comes to, gets
/// a number. Every replace begins with a new table, where it is zero; so the last counters of the old table say whether it was
/// the one that was looked at.
pub(super) fn put_mark(counters: &mut [Counters]) {
    if let Some(last) = counters.last_mut() {
        *last = new_mark();
    }
}

/// A mark unlike all others, those of forks too, which begin with the same random state.
pub(super) fn new_mark() -> Counters {
    let number = RandomState::default().hash_one((std::process::id(), std::time::SystemTime::now()));
    Counters { packets: number | 1, bytes: 0 }
}

/// The mark of a table.
pub(super) fn mark(family: Family, entries: &[u8]) -> Counters {
    let size = Layout::of(family).error;
    let last = entries.len().checked_sub(size).and_then(|start| entries.get(start..));
    last.map_or(Counters::ZERO, |last| Entry::new(family, last).counters())
}

/// The counters of a table at the last look.
pub(super) fn counters_seen(family: Family, info: &Info, seen: &[u8], into: &mut [Counters]) {
    for (place, item) in into.iter_mut().zip(Walk::new(family, entries(seen, info))) {
        *place = item.map_or(Counters::ZERO, |item| item.entry.counters());
    }
}

/// The entries as they were read. Those of new rules follow them in the buffer.
pub(super) fn entries<'a>(bytes: &'a [u8], info: &Info) -> &'a [u8] {
    bytes.get(HEADROOM..HEADROOM + info.size as usize).unwrap_or_default()
}

/// Whether the kernel's entries hold the rules that were read, whose jumps are indices of chains in the kernel's order;
/// counters do not count. There may be no memory to find out.
fn same_rules(family: Family, info: &Info, mine: &[u8], kernels: &[u8]) -> Result<bool, Failure> {
    if mine.len() != kernels.len() {
        return Ok(false);
    }
    // Where the chains begin, and the jumps: which chain is meant, and where the kernel goes.
    let (mut starts, mut jumps) = (Vec::new(), Vec::new());
    let mut walk = Walk::new(family, mine);
    for theirs in Walk::new(family, kernels) {
        let Ok(Item { offset, entry: theirs, .. }) = theirs else { return Ok(false) };
        let Some(Ok(mine)) = walk.next() else { return Ok(false) };
        if mine.offset != offset {
            return Ok(false);
        }
        if !memory::make_room(&mut starts, 1) || !memory::make_room(&mut jumps, 1) {
            return Err(Failure::OutOfMemory);
        }
        let end = (offset + theirs.bytes.len()) as u32;
        if mine.error_name.is_some() {
            starts.push(end);
        } else if info.hook_entry.contains(&(offset as u32)) {
            starts.push(offset as u32);
        }
        let same = match (mine.entry.verdict(), theirs.verdict()) {
            (None, None) => same_entry(mine.entry, theirs),
            (Some(meant), Some(goes)) => {
                let same = match (meant, goes) {
                    (EntryVerdict::Fallthrough, EntryVerdict::Jump(to)) => to == end,
                    (EntryVerdict::Jump(chain), EntryVerdict::Jump(to)) => {
                        jumps.push((chain, to));
                        true
                    }
                    (meant, goes) => meant == goes,
                };
                same && same_tests(mine.entry, theirs, verdict_at(theirs))
            }
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(jumps.into_iter().all(|(chain, to)| starts.get(chain as usize) == Some(&to)))
}

/// Whether two entries without a verdict are the same but for their counters and for bytes that say nothing.
fn same_entry(mine: Entry<'_>, theirs: Entry<'_>) -> bool {
    let target = theirs.target_offset();
    let same_target =
        mine.bytes.get(target..) == theirs.bytes.get(target..) || mine.target() == theirs.target();
    same_target && same_tests(mine, theirs, target)
}

/// Whether two entries have the same header and matches, which end before an offset.
fn same_tests(mine: Entry<'_>, theirs: Entry<'_>, end: usize) -> bool {
    let at = Layout::of(mine.family).entry;
    // Nearly always every byte is the same; those behind the end of a name need not be.
    mine.ip() == theirs.ip()
        && mine.target_offset() == theirs.target_offset()
        && (mine.bytes.get(at..end) == theirs.bytes.get(at..end) || mine.matches().eq(theirs.matches()))
}
