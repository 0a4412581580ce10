//! From chains to a blob: in another buffer if the old one is needed for a comparison, else in the one where the rules are.
//!
//! A table in memory is the blob of the kernel with room for the header before it and new rules behind it. After an edit
//! most rules stand in the order they had, a few bytes further up or down; so they are moved, not copied, and the same
//! buffer goes back to the kernel.

use super::blobs::Info;
use super::load::Known;
use crate::Result;
use crate::blob::{EntryVerdict, Frame, Layout, put_at};
use crate::error::{BadEdit, Failure};
use crate::sys::memory::{self, AHEAD};
use crate::table::{ChainData, ChainId, HEADROOM, Jump, Ranks, Slot, Table, put_verdict};

/// The largest table of the kernel, `XT_MAX_TABLE_SIZE`.
const XT_MAX_TABLE_SIZE: usize = 512 << 20;

/// A piece of a blob.
enum Piece<'a> {
    /// The entry that begins a chain, or ends the table.
    Head(&'a [u8]),
    /// Rules that lie side by side in the table's bytes.
    Rules { from: usize, len: usize },
    /// The entry that ends a chain.
    Tail(ChainId, &'a ChainData),
}

/// Entries that lie side by side: where they are, and where they shall be.
#[derive(Clone, Copy)]
struct Run {
    from: usize,
    to: usize,
    len: usize,
}

/// Sorts the chains, and describes the new table; with the offset of the first rule of each chain, by id.
pub(super) fn lay_out(table: &mut Table) -> Result<(Info, Vec<u32>)> {
    if table.unsorted || table.gone > 0 {
        if !table.has_room_to_sort() {
            return Err(table.error(Failure::OutOfMemory));
        }
        table.order = table.sorted_order();
        (table.unsorted, table.gone) = (false, 0);
    }
    let mut starts = Vec::new();
    if !memory::make_room(&mut starts, table.chains.len()) {
        return Err(table.error(Failure::OutOfMemory));
    }
    starts.resize(table.chains.len(), 0);
    let layout = Layout::of(table.family());
    let mut info = table.version.get::<Known>().copied().unwrap_or_default().info;
    let mut offset = 0;
    let mut entries = 1;
    for id in &table.order {
        let chain = &mut table.chains[*id as usize];
        chain.rules.close_gaps();
        if chain.hook.is_none() {
            offset += layout.error;
            entries += 1;
        }
        starts[*id as usize] = offset as u32;
        if let Some(hook) = chain.hook {
            info.hook_entry[hook as usize] = offset as u32;
            info.underflow[hook as usize] = offset as u32 + chain.size;
        }
        offset += chain.size as usize + layout.standard;
        entries += chain.rules.len() + 1;
        if offset > XT_MAX_TABLE_SIZE {
            return Err(table.error(BadEdit::TooLargeForKernel));
        }
    }
    info.size = (offset + layout.error) as u32;
    info.num_entries = entries as u32;
    Ok((info, starts))
}

/// The table as it was laid out, with room for the header before it and jumps as offsets; and whether it is made of the table's bytes:
/// where nobody needs them as they were read. The table has none then until [`settle`] gives them back.
pub(super) fn arrange(table: &mut Table, info: &Info, starts: &[u32], in_place: bool) -> (Vec<u8>, bool) {
    let size = HEADROOM + info.size as usize;
    if let Some((runs, others)) = if in_place { runs(table, size / 4) } else { None } {
        return (arrange_in_place(table, size, starts, &runs, &others), true);
    }
    let frame = Frame::new(table.family());
    let mut request = std::mem::take(&mut table.spare);
    request.clear();
    request.reserve_exact(size);
    memory::populate(request.spare_capacity_mut());
    request.resize(HEADROOM, 0);
    each_piece(table, |_, piece| match piece {
        Piece::Head(name) => frame.push_head(&mut request, name),
        Piece::Rules { from, len } => request.extend_from_slice(&table.bytes[from..from + len]),
        Piece::Tail(id, chain) => {
            // While the chain's rules are in the cache.
            relocate(table, id, starts, &mut request);
            chain.push_tail(&frame, table.chains.counters(id), &mut request);
        }
    });
    (request, false)
}

fn arrange_in_place(
    table: &mut Table,
    size: usize,
    starts: &[u32],
    in_order: &[Run],
    others: &[Run],
) -> Vec<u8> {
    let mut bytes = std::mem::take(&mut table.bytes);
    let mut aside = Vec::new();
    for run in others {
        aside.extend_from_slice(&bytes[run.from..run.from + run.len]);
    }
    if bytes.len() < size {
        bytes.resize(size, 0);
    }
    shift(&mut bytes, in_order);
    let mut aside = aside.as_slice();
    for run in others {
        let (one, rest) = aside.split_at(run.len);
        put_at(&mut bytes, run.to, one);
        aside = rest;
    }
    let frame = Frame::new(table.family());
    let end = size - Layout::of(table.family()).error;
    let mut entry = Vec::new();
    each_piece(table, |to, piece| {
        entry.clear();
        match piece {
            Piece::Head(name) if !table.framed || to == end => frame.push_head(&mut entry, name),
            Piece::Head(_) | Piece::Rules { .. } => {}
            Piece::Tail(id, chain) => {
                relocate(table, id, starts, &mut bytes);
                // The policies of built-in chains may have been read since then.
                if !table.framed || chain.hook.is_some() {
                    chain.push_tail(&frame, table.chains.counters(id), &mut entry);
                }
            }
        }
        put_at(&mut bytes, to, &entry);
    });
    bytes.truncate(size);
    bytes
}

/// The runs that stand in the right order but not in their places, and those that do not; `None` if these have more bytes than it
/// would be worth to set aside.
fn runs(table: &Table, most: usize) -> Option<(Vec<Run>, Vec<Run>)> {
    let (mut in_order, mut others) = (Vec::new(), Vec::new());
    // New rules between old ones would make those behind them stand in the wrong order. If there are only new ones,
    // it is their order that counts.
    let is_old = |slot: &Slot| (slot.at as usize) < table.old_end;
    let only_new = !table.chains.iter().any(|chain| chain.rules.iter().any(is_old));
    let (mut end, mut aside) = (0, 0);
    each_piece(table, |to, piece| {
        if let Piece::Rules { from, len } = piece
            && aside <= most
        {
            let fits = from >= end && (only_new || from < table.old_end);
            if fits {
                end = from + len
            } else {
                aside += len
            }
            if fits && from == to {
                return;
            }
            let runs = if fits { &mut in_order } else { &mut others };
            match memory::make_room(runs, 1) {
                true => runs.push(Run { from, to, len }),
                // The other way needs no list.
                false => aside = usize::MAX,
            }
        }
    });
    (aside <= most).then_some((in_order, others))
}

/// Calls a function for every piece of the blob and its place.
fn each_piece<'a>(table: &'a Table, mut call: impl FnMut(usize, Piece<'a>)) {
    let layout = Layout::of(table.family());
    let mut to = HEADROOM;
    for (index, id) in table.order.iter().enumerate() {
        if let Some(later) = table.order.get(index + AHEAD) {
            table.chains[*later as usize].rules.soon();
        }
        let chain = &table.chains[*id as usize];
        if chain.hook.is_none() {
            call(to, Piece::Head(chain.name.as_bytes()));
            to += layout.error;
        }
        let mut rest = chain.rules.slots();
        while let Some(first) = rest.first() {
            let from = first.at as usize;
            let mut end = from;
            let count = rest.iter().take_while(|slot| {
                let adjacent = slot.at as usize == end;
                end += if adjacent { usize::from(slot.size) } else { 0 };
                adjacent
            });
            rest = &rest[count.count()..];
            call(to, Piece::Rules { from, len: end - from });
            to += end - from;
        }
        call(to, Piece::Tail(*id, chain));
        to += layout.standard;
    }
    call(to, Piece::Head(b"ERROR"));
}

/// Turns the chains that the rules of a chain go to into offsets.
fn relocate(table: &Table, id: ChainId, starts: &[u32], request: &mut [u8]) {
    let mut at = HEADROOM + starts[id as usize] as usize;
    for slot in table.chains[id as usize].rules.slots() {
        let next = at + usize::from(slot.size);
        let offset = match (slot.jump, slot.jump.chain()) {
            (Jump::NEXT, _) => Some((next - HEADROOM) as u32),
            (_, id) => id.map(|id| starts[id as usize]),
        };
        if let Some(offset) = offset {
            put_verdict(table.family(), request, at, slot.size, offset as i32);
        }
        at = next;
    }
}

/// Takes an arranged blob, whose offsets are turned back into chains, as the table's bytes; into what they will be where they get
/// other ids.
pub(super) fn settle(table: &mut Table, mut request: Vec<u8>, ranks: Option<&Ranks>) {
    let family = table.family();
    let layout = Layout::of(family);
    let mut at = HEADROOM as u32;
    for id in &table.order {
        let chain = &mut table.chains[*id as usize];
        at += if chain.hook.is_none() { layout.error as u32 } else { 0 };
        for slot in &mut chain.rules {
            slot.at = at;
            if let Some(verdict) = slot.jump.verdict() {
                let verdict = match verdict {
                    EntryVerdict::Jump(id) => EntryVerdict::Jump(ranks.map_or(id, |ranks| ranks.of(id))),
                    verdict => verdict,
                };
                put_verdict(family, &mut request, at as usize, slot.size, verdict.raw());
            }
            at += u32::from(slot.size);
        }
        at += layout.standard as u32;
    }
    table.old_end = request.len();
    table.bytes_moved();
    table.spare = std::mem::replace(&mut table.bytes, request);
}

/// Moves runs whose order stays the same.
fn shift(bytes: &mut [u8], runs: &[Run]) {
    let mut rest = runs;
    while let Some(first) = rest.first() {
        // A run that goes down leaves the place of the next alone. Runs that go up are moved from the last to the first.
        let up = rest.iter().take_while(|run| run.to > run.from).count();
        for run in rest[..up].iter().rev() {
            bytes.copy_within(run.from..run.from + run.len, run.to);
        }
        if up == 0 && first.to != first.from {
            bytes.copy_within(first.from..first.from + first.len, first.to);
        }
        rest = &rest[up.max(1)..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs that go up, down and nowhere arrive whole.
    #[test]
    fn runs_are_moved_whole() {
        let places: &[&[(usize, usize, usize)]] = &[
            &[(0, 0, 3), (3, 4, 3), (6, 8, 2), (10, 11, 2)],
            &[(2, 0, 3), (6, 3, 3), (9, 10, 2), (11, 13, 1)],
            &[(4, 6, 5), (9, 11, 1), (14, 12, 2), (18, 20, 2)],
        ];
        for runs in places {
            let runs: Vec<_> =
                runs.iter().map(|(from, to, len)| Run { from: *from, to: *to, len: *len }).collect();
            let before: Vec<u8> = (0..24).collect();
            let mut bytes = before.clone();
            shift(&mut bytes, &runs);
            for Run { from, to, len } in runs {
                assert_eq!(bytes[to..to + len], before[from..from + len]);
            }
        }
    }
}
