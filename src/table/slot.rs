//! Where a rule is, and where its counters come from.

use super::ChainId;
use crate::blob::{Entry, EntryVerdict, Layout};

/// A rule of a chain.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    /// Where its entry begins in the table's bytes.
    pub(crate) at: u32,
    pub(crate) origin: Origin,
    pub(crate) jump: Jump,
    /// The size of the entry.
    pub(crate) size: u16,
    /// Whether no packet gets behind the rule: it matches every one and decides.
    pub(crate) ends: bool,
    /// Whether the rule is new and the kernel's opinion of it depends on more than table and protocol.
    pub(crate) unchecked: bool,
}

/// Where a rule goes, if that is an offset in the kernel; so that nobody has to look into the rule's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jump(pub(crate) u32);

impl Jump {
    pub(crate) const NONE: Jump = Jump(u32::MAX);
    /// On to the next rule.
    pub(crate) const NEXT: Jump = Jump(u32::MAX - 1);

    pub(crate) fn chain(self) -> Option<ChainId> {
        (self != Jump::NONE && self != Jump::NEXT).then_some(self.0)
    }

    /// What a table's bytes have where the kernel has an offset.
    pub(crate) fn verdict(self) -> Option<EntryVerdict> {
        if self == Jump::NEXT {
            Some(EntryVerdict::Fallthrough)
        } else {
            self.chain().map(EntryVerdict::Jump)
        }
    }
}

impl Slot {
    pub(crate) fn new(entry: Entry<'_>, at: u32, origin: Origin) -> Slot {
        let verdict = entry.verdict();
        let (jump, decides) = match verdict {
            Some(EntryVerdict::Jump(id)) => (Jump(id), false),
            Some(EntryVerdict::Fallthrough) => (Jump::NEXT, false),
            verdict => (Jump::NONE, verdict.is_some()),
        };
        let matches_all = || {
            entry.target_offset() == Layout::of(entry.family).entry
                && entry.ip().iter().all(|byte| *byte == 0)
        };
        let ends = decides && matches_all();
        Slot { at, origin, jump, size: entry.bytes.len() as u16, ends, unchecked: false }
    }
}

/// Where the counters of a rule or policy come from when the table is committed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(u32);

impl Origin {
    /// The counters are those in memory.
    pub(crate) const SET: Origin = Origin(Origin::MADE);
    const ZEROED: u32 = 1 << 31;
    /// Before a source. No table has as many rules.
    const MADE: u32 = 1 << 30;

    /// The kernel's counters at an index of the table that was read.
    pub(crate) const fn kernel(index: u32) -> Origin {
        Origin(index)
    }

    /// Those in memory, of what was made from a source; a number that is too large, and 0, stand for none.
    #[inline]
    pub(crate) fn made(source: u32) -> Origin {
        Origin(Origin::MADE | if source < Origin::MADE { source } else { 0 })
    }

    /// Where it was made from, as long as the kernel has not got it.
    pub(crate) fn source(self) -> Option<u32> {
        (self.is_set() && self != Origin::SET).then_some(self.0 & !Origin::MADE)
    }

    /// Whether the counters are those in memory.
    pub(crate) fn is_set(self) -> bool {
        self.0 & Origin::MADE != 0
    }

    /// The counters become those in memory.
    pub(crate) fn set(self) -> Origin {
        if self.is_set() { self } else { Origin::SET }
    }

    /// The same, less what was read.
    pub(crate) fn zeroed(self) -> Origin {
        if self.is_set() { self } else { Origin(self.0 | Origin::ZEROED) }
    }

    pub(crate) fn index(self) -> Option<u32> {
        (!self.is_set()).then_some(self.0 & !Origin::ZEROED)
    }

    pub(crate) fn is_zeroed(self) -> bool {
        self.0 & Origin::ZEROED != 0
    }
}
