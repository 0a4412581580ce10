//! Walks the entries of a blob and checks that they are what they claim to be.

use super::Entry;
use super::layout::{Layout, u16_at};
use crate::error::BadTable;
use crate::sys::xt::{XT_FUNCTION_MAXNAMELEN, xt_entry_match, xt_error_target, xt_standard_target};
use crate::types::Family;

/// An entry and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) offset: usize,
    pub(crate) entry: Entry<'a>,
    /// The name of the chain whose rules follow, or `ERROR` at the table's end.
    pub(crate) error_name: Option<&'a [u8]>,
}

/// The entries of a blob in order. Stops after the first malformed one.
pub(crate) struct Walk<'a> {
    family: Family,
    blob: &'a [u8],
    offset: usize,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(family: Family, blob: &'a [u8]) -> Walk<'a> {
        Walk { family, blob, offset: 0 }
    }

    /// The entry at an offset.
    pub(crate) fn read(family: Family, blob: &'a [u8], offset: usize) -> Result<Item<'a>, BadTable> {
        const HEADER: usize = size_of::<xt_entry_match>();
        let layout = Layout::of(family);
        let rest = blob.get(offset..).unwrap_or_default();
        if rest.len() < layout.entry + HEADER {
            return Err(BadTable::Truncated(offset));
        }
        let size = usize::from(u16_at(rest, layout.next_offset));
        if size < layout.entry + HEADER || size % align_of::<u64>() != 0 {
            return Err(BadTable::EntrySize(offset, size));
        }
        let bytes = rest.get(..size).ok_or(BadTable::Truncated(offset))?;
        let target = usize::from(u16_at(bytes, layout.target_offset));
        if target < layout.entry || target + HEADER > size {
            return Err(BadTable::TargetOffset(offset, target));
        }
        let mut at = layout.entry;
        while at < target {
            let size = usize::from(u16_at(bytes, at));
            if size < HEADER || at + size > target {
                return Err(BadTable::Matches(offset));
            }
            at += size;
        }
        let target_size = usize::from(u16_at(bytes, target));
        let name = bytes.get(target + 2..target + HEADER).unwrap_or_default();
        let (least, error) = match name {
            [0, ..] => (size_of::<xt_standard_target>(), false),
            [b'E', b'R', b'R', b'O', b'R', 0, ..] => (size_of::<xt_error_target>(), true),
            _ => (HEADER, false),
        };
        if target_size < least || target + target_size > size {
            return Err(BadTable::TargetSize(offset, target_size));
        }
        let error_name = error.then(|| {
            let name = &bytes[target + HEADER..target + HEADER + XT_FUNCTION_MAXNAMELEN];
            name.split(|byte| *byte == 0).next().unwrap_or_default()
        });
        Ok(Item { offset, entry: Entry::new(family, bytes), error_name })
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Item<'a>, BadTable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.blob.len() {
            return None;
        }
        let item = Walk::read(self.family, self.blob, self.offset);
        self.offset = match &item {
            Ok(item) => item.offset + item.entry.bytes.len(),
            Err(_) => self.blob.len(),
        };
        Some(item)
    }
}

/// Where a standard target keeps its verdict, counted from the target's start.
pub(crate) const VERDICT_OFFSET: usize = size_of::<xt_entry_match>();

/// Where the standard target of an entry keeps its verdict, counted from the entry's start.
pub(crate) fn verdict_at(entry: Entry<'_>) -> usize {
    entry.target_offset() + VERDICT_OFFSET
}
