//! Reading counters and setting them to zero.
//!
//! What was read is taken off again, by adding its negative modulo 2^64. So nothing is lost that is counted in between, the
//! table is not replaced, and what matches keep (the bucket of a limit, what is left of a quota) stays.

use super::blobs::{Blobs, COUNTERS_HEADROOM, Info};
use super::load::{Known, conflict, read};
use super::look::{entries, mark, put_mark};
use crate::Result;
use crate::blob::Walk;
use crate::error::{BadEdit, Failure};
use crate::sys::memory;
use crate::table::Table;
use crate::table::backend::Want;
use crate::types::Counters;

/// How often it is tried while others who do not honour the lock replace the table.
const ATTEMPTS: u32 = 10;

/// Reads a table and sets its counters to zero.
pub(super) fn take(blobs: &dyn Blobs, table: &mut Table) -> Result<()> {
    for _ in 0..ATTEMPTS {
        read(blobs, table, Want::All)?;
        let Some(Known { info, .. }) = table.version.get::<Known>().copied().filter(|_| table.exists) else {
            return Ok(());
        };
        if take_off(blobs, table, &info)? {
            return Ok(());
        }
    }
    Err(conflict(table))
}

/// Takes what was read off the counters; says whether that was done to the table that was read.
fn take_off(blobs: &dyn Blobs, table: &Table, info: &Info) -> Result<bool> {
    let (family, name) = (table.family(), table.name());
    let count = info.num_entries as usize;
    let checked = table.is_compared(info.size as usize);
    let seen = if checked { info.size as usize } else { 0 };
    if !memory::has_room(2 * (COUNTERS_HEADROOM + count) * size_of::<Counters>() + seen) {
        return Err(table.error(Failure::OutOfMemory));
    }
    let mut request = vec![Counters::ZERO; COUNTERS_HEADROOM];
    let bytes = entries(&table.bytes, info);
    let counters =
        Walk::new(family, bytes).map_while(std::result::Result::ok).map(|item| item.entry.counters());
    request.extend(counters);
    // The last one is the mark.
    request.pop();
    request.push(Counters::ZERO);
    if request.iter().all(|pair| *pair == Counters::ZERO) {
        return Ok(true);
    }
    let marked = mark(family, bytes);
    if checked && marked == Counters::ZERO {
        // Without a mark it cannot be told from another one with as many entries.
        let mut marking = vec![Counters::ZERO; COUNTERS_HEADROOM + count];
        put_mark(&mut marking);
        return blobs.add_counters(family, name, &mut marking).map(|()| false);
    }
    let add = |request: &[Counters], sign: fn(Counters) -> Counters| {
        let mut request: Vec<_> = request.iter().copied().map(sign).collect();
        blobs.add_counters(family, name, &mut request)
    };
    match add(&request, |pair| Counters::ZERO.since(pair)) {
        Err(error) if error.is_conflict() => return Ok(false),
        done => done?,
    }
    if !checked {
        return Ok(true);
    }
    let mut now = Vec::new();
    match blobs.entries(family, name, info, &mut now) {
        Ok(()) if mark(family, entries(&now, info)) == marked => Ok(true),
        // Somebody has replaced it: either before, and the counters of other rules are wrong, or since then.
        _ => match add(&request, |pair| pair) {
            Ok(()) => Ok(false),
            Err(_) => Err(table.error(BadEdit::CountersAstray)),
        },
    }
}
