//! New rules that wait, in few bytes, until all of them are known.
//!
//! A save file has rules in an order of its own, the kernel by the names of their chains. Where a table is written anew, its rules
//! wait for the last of them, most as what differs from others of their kind, and are then written where they belong. So there is no
//! second buffer, and no rule is moved.

use std::ops::Range;

use super::{ChainData, HEADROOM, Table, put_verdict};
use crate::Result;
use crate::blob::{Frame, Kind, Layout};
use crate::error::{BadEdit, Failure};
use crate::sys::memory::{self, AHEAD};

/// With fewer chains it is hardly worth it: rules of one chain stand in the right order anyhow.
const MANY: usize = 16;

/// The rules that wait. Until they are written, the offset of a rule is that of what is kept of it.
#[derive(Default)]
pub(super) struct Staged {
    kinds: Vec<Template>,
    /// Of each rule its kind, then the values.
    packed: Vec<u8>,
    pages: memory::Pages,
    /// How many bytes the entries will have.
    size: usize,
}

/// What the entries of a kind have in common.
struct Template {
    entry: Vec<u8>,
    values: Vec<Range<usize>>,
}

/// The number of those who are kept as they are.
const WHOLE: u16 = u16::MAX;
/// The size of a number.
const HEAD: usize = size_of::<u16>();
/// So many kinds are worth a template; a file that has more repeats few of them.
const KINDS: usize = 500;
/// Values of so many bytes are kept as they are, of longer ones what is before the zeros at their end.
const SHORT: usize = 16;
/// The size of a longer value, before its bytes.
const SIZE: usize = size_of::<u16>();

impl Staged {
    /// Keeps an entry; returns where. There may be no memory.
    fn add(&mut self, entry: &[u8], kind: Option<Kind<'_>>) -> Result<u32, Failure> {
        let values = kind.as_ref().map_or(0, |kind| kind.values.len());
        let room = HEAD + entry.len() + SIZE * values;
        let packed = &mut self.packed;
        if !memory::make_room(packed, room) {
            return Err(Failure::OutOfMemory);
        }
        self.pages.before(packed, room);
        let at = packed.len() as u32;
        let mut head = |number: u16| packed.extend_from_slice(&number.to_ne_bytes());
        match kind.filter(|kind| kind.number.is_some() || self.kinds.len() < KINDS) {
            None => {
                head(WHOLE);
                packed.extend_from_slice(entry);
            }
            Some(Kind { number, values }) => {
                let kinds = &mut self.kinds;
                head(*number.get_or_insert_with(|| {
                    kinds.push(Template::new(entry, values));
                    kinds.len() as u16 - 1
                }));
                for range in values {
                    let value = &entry[range.clone()];
                    if value.len() <= SHORT {
                        packed.extend_from_slice(value);
                        continue;
                    }
                    let value = without_zeros(value);
                    packed.extend_from_slice(&(value.len() as u16).to_ne_bytes());
                    packed.extend_from_slice(value);
                }
            }
        }
        self.size += entry.len();
        Ok(at)
    }

    /// Appends the entry of that size that is kept at a place.
    fn write(&self, at: u32, size: u16, out: &mut Vec<u8>) {
        let (head, mut rest) = self.packed[at as usize..].split_at(HEAD);
        let start = out.len();
        match self.kinds.get(usize::from(u16::from_ne_bytes([head[0], head[1]]))) {
            None => out.extend_from_slice(&rest[..usize::from(size)]),
            Some(Template { entry, values }) => {
                out.extend_from_slice(entry);
                for range in values {
                    let (size, kept) = match range.len() {
                        size @ ..=SHORT => (size, rest),
                        _ => (usize::from(u16::from_ne_bytes([rest[0], rest[1]])), &rest[SIZE..]),
                    };
                    let (value, others) = kept.split_at(size);
                    out[start + range.start..][..size].copy_from_slice(value);
                    rest = others;
                }
            }
        }
    }
}

impl Template {
    /// Without the values of the entry.
    fn new(entry: &[u8], values: &[Range<usize>]) -> Template {
        let mut entry = entry.to_vec();
        values.iter().for_each(|range| entry[range.clone()].fill(0));
        Template { entry, values: values.to_vec() }
    }
}

/// A value up to its last byte that is not 0.
fn without_zeros(mut value: &[u8]) -> &[u8] {
    // Compared at once, where a pattern would be compared byte by byte.
    while let Some((rest, _)) = value.split_last_chunk::<32>().filter(|(_, last)| **last == [0; 32]) {
        value = rest;
    }
    while let Some((rest, &last)) = value.split_last_chunk() {
        match u64::from_le_bytes(last) {
            0 => value = rest,
            word => return &value[..value.len() - word.leading_zeros() as usize / 8],
        }
    }
    while let [rest @ .., 0] = value {
        value = rest;
    }
    value
}

impl Table {
    /// Has new rules wait from now on, if that is worth it and the table has none yet: until [`write_staged`](Table::write_staged)
    /// they can be added and counted, but not be looked at.
    pub(crate) fn stage(&mut self) {
        if self.staged.is_none() && self.bytes.len() <= HEADROOM && self.chains.len() >= MANY {
            self.staged = Some(Staged::default());
        }
    }

    /// Whether new rules wait.
    pub(crate) fn has_staged(&self) -> bool {
        self.staged.is_some()
    }

    /// Keeps an entry, if new rules wait; returns the place.
    pub(super) fn stage_entry(&mut self, entry: &[u8], kind: Option<Kind<'_>>) -> Result<Option<u32>> {
        let Some(staged) = &mut self.staged else { return Ok(None) };
        if staged.size + entry.len() + self.chains.len() * LARGEST_AROUND > u32::MAX as usize {
            return Err(self.error(BadEdit::Large));
        }
        staged.add(entry, kind).map(Some).map_err(|error| self.error(error))
    }

    /// Writes the rules that wait to their places among the table's bytes.
    pub(crate) fn write_staged(&mut self) -> Result<()> {
        if self.staged.is_none() {
            return Ok(());
        }
        if !self.has_room_to_sort() {
            return Err(self.error(Failure::OutOfMemory));
        }
        let Some(staged) = self.staged.take() else { return Ok(()) };
        let layout = Layout::of(self.family);
        let order = self.sorted_order();
        let head = |chain: &ChainData| if chain.hook.is_none() { layout.error } else { 0 };
        let chains = self.chains.iter().filter(|chain| !chain.deleted);
        let around = |chain: &ChainData| head(chain) + chain.size as usize + layout.standard;
        let size = HEADROOM + chains.map(around).sum::<usize>() + layout.error;
        let mut bytes: Vec<u8> = Vec::new();
        if !memory::make_room(&mut bytes, size) || !memory::has_room(self.size_of_ranks()) {
            self.staged = Some(staged);
            return Err(self.error(Failure::OutOfMemory));
        }
        (self.order, self.unsorted, self.gone) = (order, false, 0);
        // Hardly anybody asks for a name from here on.
        self.forget_index();
        // All that is done to the table from here on goes through its chains in their order: they stand in it, too, so that none
        // has to be waited for.
        if !self.order.iter().zip(0..).all(|(id, rank)| *id == rank) {
            let ranks = self.ranks();
            self.renumber(ranks);
        }
        let (family, frame, mut pages) = (self.family, Frame::new(self.family), memory::Pages::default());
        pages.before(&mut bytes, HEADROOM);
        bytes.resize(HEADROOM, 0);
        for index in 0..self.order.len() {
            if let Some(later) = self.chains.get(index + 2 * AHEAD) {
                later.rules.soon();
            }
            let first = self.chains.get(index + AHEAD).and_then(|later| later.rules.slots().first());
            if let Some(rule) = first.and_then(|first| staged.packed.get(first.at as usize)) {
                memory::soon(rule);
            }
            let chain = &mut self.chains[index];
            pages.before(&mut bytes, head(chain));
            if chain.hook.is_none() {
                frame.push_head(&mut bytes, chain.name.as_bytes());
            }
            for slot in &mut chain.rules {
                let at = bytes.len();
                pages.before(&mut bytes, slot.size.into());
                staged.write(slot.at, slot.size, &mut bytes);
                slot.at = at as u32;
                if let Some(verdict) = slot.jump.verdict() {
                    put_verdict(family, &mut bytes, at, slot.size, verdict.raw());
                }
            }
            pages.before(&mut bytes, layout.standard);
            self.chains[index].push_tail(&frame, self.chains.counters(index as u32), &mut bytes);
        }
        debug_assert_eq!(bytes.len() + layout.error, size);
        bytes.resize(size, 0);
        self.bytes = bytes;
        self.bytes_moved();
        Ok(())
    }
}

/// What a chain has around its rules is no larger.
const LARGEST_AROUND: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were() {
        let mut staged = Staged::default();
        let (mut first, mut second) = (None, None);
        let mut entries = Vec::new();
        for byte in [0u8, 1, 7, 255] {
            let mut entry = vec![byte; 400];
            entry[20..300].fill(0);
            entry[20..20 + usize::from(byte)].fill(9);
            entry[310..].fill(3);
            let add = |staged: &mut Staged, kind| staged.add(&entry, kind).unwrap();
            let kind = Kind { number: &mut first, values: &[0..20, 20..300, 300..310, 310..310] };
            entries.push((add(&mut staged, Some(kind)), entry.clone()));
            entries.push((add(&mut staged, None), entry.clone()));
            let kind = Kind { number: &mut second, values: &[0..0, 0..400] };
            entries.push((add(&mut staged, Some(kind)), entry.clone()));
        }
        assert_eq!((first, second), (Some(0), Some(1)));
        for (at, entry) in entries {
            let mut out = b"before".to_vec();
            staged.write(at, 400, &mut out);
            assert_eq!(out[6..], entry);
        }
    }
}
