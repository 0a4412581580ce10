//! The replace, and what it does to the table in memory.

use super::absent;
use super::assemble::{arrange, lay_out, settle};
use super::blobs::{Blobs, COUNTERS_HEADROOM, Info};
use super::load::Known;
use super::look::{counters_seen, look, new_mark};
use crate::Result;
use crate::blob::{Layout, put_at};
use crate::error::{BadEdit, Failure};
use crate::sys::memory;
use crate::table::backend::{Change, Version, Written};
use crate::table::{HEADROOM, Origin, Ranks, Table};
use crate::types::Counters;

/// A commit that is ready to be sent.
struct Prepared {
    /// The table as it was read, and as it shall be.
    known: Info,
    info: Info,
    version: Version,
    request: Vec<u8>,
    /// Whether the request is made of the table's own bytes.
    in_place: bool,
    /// Whether the content of the kernel's table counts.
    compared: bool,
    /// The kernel's table at the last look, and its mark.
    seen: Vec<u8>,
    marked: Counters,
    /// Room for the last counters of the old entries, and for those of the new ones.
    old: Vec<Counters>,
    counters: Vec<Counters>,
    /// For a table that is compared next time: it becomes what it would be if it was read from the kernel.
    ranks: Option<Ranks>,
    /// The mark that it gets then.
    mark: Counters,
    /// For one of several tables.
    undo: Option<Undo>,
}

/// What it takes to put the old table back when a later one is refused.
struct Undo {
    /// Room for what the new entries have counted by then, and for what the old ones get.
    new: Vec<Counters>,
    old: Vec<Counters>,
    /// Whether that has failed.
    failed: bool,
}

/// Writes tables, each in one replace: all or none. Counters of rules that stay are carried over, those included that arrive
/// while the replace is under way.
pub(super) fn write(blobs: &dyn Blobs, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
    let mut written = Vec::with_capacity(changes.len());
    let mut all = Vec::with_capacity(changes.len());
    match replace_all(blobs, changes, &mut all) {
        Ok(()) => {
            for (change, prepared) in changes.iter_mut().zip(all) {
                written.push(finish(blobs, change.table, prepared));
            }
            Ok(written)
        }
        Err(error) => {
            for (change, prepared) in changes.iter_mut().zip(all) {
                match &prepared.undo {
                    Some(Undo { failed: true, .. }) => drop(finish(blobs, change.table, prepared)),
                    _ => give_back(change.table, prepared),
                }
            }
            Err(error)
        }
    }
}

/// Has the kernel replace tables one after the other; when one is refused, those before it are put back.
fn replace_all(blobs: &dyn Blobs, changes: &mut [Change<'_>], all: &mut Vec<Prepared>) -> Result<()> {
    let several = changes.len() > 1;
    for change in &mut *changes {
        absent::make(blobs, change.table)?;
        all.push(prepare(change.table, several)?);
    }
    if several {
        // Most of what goes wrong shows before anything is changed.
        for (change, prepared) in changes.iter().zip(&mut *all) {
            last_look(blobs, change.table, prepared)?;
        }
    }
    for index in 0..changes.len() {
        if let Err(error) = replace(blobs, changes[index].table, &mut all[index]) {
            let stays = put_back(blobs, &changes[..index], &mut all[..index]);
            return Err(match stays.is_empty() {
                true => error,
                false => {
                    changes[index].table.error(BadEdit::PartlyCommitted { reason: error.to_string(), stays })
                }
            });
        }
    }
    Ok(())
}

/// Puts back tables that were replaced, the last one first. Returns those that could not be.
#[cold]
fn put_back(blobs: &dyn Blobs, changes: &[Change<'_>], all: &mut [Prepared]) -> Vec<String> {
    let mut stay = Vec::new();
    for (change, prepared) in changes.iter().zip(all).rev() {
        if let Err(error) = put_back_one(blobs, change.table, prepared) {
            stay.push(format!("{} of {} ({error})", change.table.name(), change.table.family()));
            prepared.undo.iter_mut().for_each(|undo| undo.failed = true);
        }
    }
    stay
}

fn put_back_one(blobs: &dyn Blobs, table: &Table, prepared: &mut Prepared) -> Result<()> {
    let Prepared { known, seen, old, undo: Some(undo), .. } = prepared else { return Ok(()) };
    let (family, name) = (table.family(), table.name());
    blobs.replace(family, name, known, seen, &mut undo.new)?;
    // What had been counted before, and since then by the rules that are in both.
    let request = &mut undo.old;
    request.resize(COUNTERS_HEADROOM, Counters::ZERO);
    request.extend_from_slice(old);
    let mut new = undo.new.iter();
    let mut add = |origin: Origin| {
        let (Some(counted), Some(index)) = (new.next(), origin.index()) else { return };
        if let Some(place) = request.get_mut(COUNTERS_HEADROOM + index as usize) {
            place.packets = place.packets.wrapping_add(counted.packets);
            place.bytes = place.bytes.wrapping_add(counted.bytes);
        }
    };
    for id in &table.order {
        let chain = &table.chains[*id as usize];
        if chain.hook.is_none() {
            add(Origin::SET);
        }
        chain.rules.iter().for_each(|slot| add(slot.origin));
        add(chain.tail);
    }
    // The rules are back whatever comes of it.
    let _ = blobs.add_counters(family, name, request);
    Ok(())
}

/// Everything that can fail before the kernel is asked, and all the room that is needed after its answer.
///
/// `several`: other tables are written with it, so it may have to be put back.
fn prepare(table: &mut Table, several: bool) -> Result<Prepared> {
    let Known { info: known, content } = table.version.get().copied().unwrap_or_default();
    let size = known.size as usize;
    let compared = content && table.old_end == HEADROOM + size && table.is_compared(size);
    let (info, starts) = lay_out(table)?;
    let version = Version::new(Known { info, content: true });
    // The request, what is seen at the last look, and counters. From the answer of the kernel on there is no way back.
    let counted = (known.num_entries + info.num_entries) as usize * if several { 4 } else { 2 };
    let seen = if compared || several { size } else { 0 };
    let ranked = table.is_compared(info.size as usize);
    let ranks_of = if ranked { table.size_of_ranks() } else { 0 };
    if !memory::has_room(info.size as usize + seen + counted * size_of::<Counters>() + ranks_of) {
        return Err(table.error(Failure::OutOfMemory));
    }
    let old = vec![Counters::ZERO; known.num_entries as usize];
    let counters = Vec::with_capacity(COUNTERS_HEADROOM + info.num_entries as usize);
    let ranks = ranked.then(|| table.ranks());
    let undo = several.then(|| Undo {
        new: vec![Counters::ZERO; info.num_entries as usize],
        old: Vec::with_capacity(COUNTERS_HEADROOM + known.num_entries as usize),
        failed: false,
    });
    let (request, in_place) = arrange(table, &info, &starts, !compared);
    table.framed = false;
    Ok(Prepared {
        known,
        info,
        version,
        request,
        in_place,
        compared,
        seen: Vec::new(),
        marked: Counters::ZERO,
        old,
        counters,
        ranks,
        mark: new_mark(),
        undo,
    })
}

/// Looks at the table a last time, where its content counts or may be needed again.
fn last_look(blobs: &dyn Blobs, table: &Table, prepared: &mut Prepared) -> Result<()> {
    let Prepared { known, compared, seen, undo, .. } = prepared;
    if *compared || undo.is_some() {
        prepared.marked = look(blobs, table, known, *compared, seen)?;
    }
    Ok(())
}

/// Looks at the table, and has the kernel replace it.
fn replace(blobs: &dyn Blobs, table: &Table, prepared: &mut Prepared) -> Result<()> {
    last_look(blobs, table, prepared)?;
    let Prepared { info, request, old, .. } = prepared;
    blobs.replace(table.family(), table.name(), info, request, old)
}

/// The kernel has refused the table; the edits stay.
fn give_back(table: &mut Table, prepared: Prepared) {
    if prepared.in_place {
        settle(table, prepared.request, None);
        if let Some(known) = table.version.get_mut::<Known>() {
            known.content = false;
        }
    } else {
        table.spare = prepared.request;
    }
}

/// The kernel has the table. Nothing can fail from here on: the table in memory becomes what the kernel has.
fn finish(blobs: &dyn Blobs, table: &mut Table, prepared: Prepared) -> Written {
    let Prepared { known, version, request, seen, marked, mut old, mut counters, ranks, mark, .. } = prepared;
    let overwritten = marked != Counters::ZERO && old.last() != Some(&marked);
    if overwritten {
        // They are those of other rules.
        counters_seen(table.family(), &known, &seen, &mut old);
    }
    let mark = ranks.is_some().then_some(mark);
    if table.is_last && mark.is_none() && !table.counts && had_nothing(&old) {
        // Neither the kernel nor anybody who would look at it needs to know more.
        table.forget();
        table.version = version;
        return Written { counters_lost: None, overwritten };
    }
    settle(table, request, ranks.as_ref());
    if let Some(ranks) = ranks {
        table.renumber(ranks);
    }
    table.version = version;
    let counters_lost = restore_counters(blobs, table, &old, &mut counters, mark).err();
    rebase(table, counters_lost.is_some());
    Written { counters_lost, overwritten }
}

/// Whether the old entries had counted nothing. The last one is the mark.
fn had_nothing(old: &[Counters]) -> bool {
    old[..old.len().saturating_sub(1)].iter().all(|pair| *pair == Counters::ZERO)
}

/// Adds back what the rules had counted; the kernel starts a new table at zero. `counters` has room for them, and for the mark
/// that the table is to get.
fn restore_counters(
    blobs: &dyn Blobs,
    table: &Table,
    old: &[Counters],
    counters: &mut Vec<Counters>,
    mark: Option<Counters>,
) -> Result<()> {
    let none = !table.counts && had_nothing(old);
    if none && mark.is_none() {
        return Ok(());
    }
    counters.resize(COUNTERS_HEADROOM, Counters::ZERO);
    let now = |origin: Origin, known: Counters| match origin.index() {
        None => known,
        Some(index) => {
            let last = old.get(index as usize).copied().unwrap_or_default();
            if origin.is_zeroed() { last.since(known) } else { last }
        }
    };
    for id in &table.order {
        let chain = &table.chains[*id as usize];
        if chain.hook.is_none() {
            counters.push(Counters::ZERO);
        }
        for slot in &chain.rules {
            counters.push(now(slot.origin, table.entry(*slot).counters()));
        }
        counters.push(now(chain.tail, table.chains.counters(*id)));
    }
    counters.push(mark.unwrap_or(Counters::ZERO));
    let added = blobs.add_counters(table.family(), table.name(), counters);
    if none { Ok(()) } else { added }
}

/// Every rule has a place in the kernel's table now, where its counters come from. If they were lost, they are zero
/// in memory as they are there.
fn rebase(table: &mut Table, counters_lost: bool) {
    let layout = Layout::of(table.family());
    let mut index = 0;
    for id in &table.order {
        let chain = &mut table.chains[*id as usize];
        index += u32::from(chain.hook.is_none());
        for slot in &mut chain.rules {
            if counters_lost || slot.origin.is_zeroed() {
                // What was zeroed must not be taken off a second time.
                let at = slot.at as usize + layout.counters;
                put_at(&mut table.bytes, at, &[0; 16]);
            }
            slot.origin = Origin::kernel(index);
            slot.unchecked = false;
            index += 1;
        }
        let tail = std::mem::replace(&mut chain.tail, Origin::kernel(index));
        if tail.is_zeroed() {
            table.chains.set_counters(*id, Counters::ZERO);
        }
        index += 1;
    }
    if counters_lost {
        table.chains.forget_counters();
    }
}
