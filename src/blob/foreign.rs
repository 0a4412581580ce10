//! A rule that no entry can say, as an entry that stands for it.
//!
//! Some backends hold rules that are more than xtables has words for. They count in positions and can be deleted by number, so
//! they have their places among the entries; what they do is known to the backend alone.

use super::entry::{Entry, Header, push_extension};
use super::layout::{put_at, u32_at, u64_at};
use crate::sys::xt::xt_entry_match;
use crate::types::Family;

/// The target of such an entry. No kernel has one of that name, and no rule can be written with it.
const NAME: &[u8] = b"(foreign)";

/// The rule that an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// The number by which the backend knows it.
    pub(crate) handle: u64,
    /// Where the backend keeps it.
    pub(crate) index: u32,
}

impl Foreign {
    /// Appends the entry.
    pub(crate) fn push(self, family: Family, out: &mut Vec<u8>) {
        let start = out.len();
        Header::any(family).push(family, out);
        let target = out.len();
        let written = push_extension::<std::convert::Infallible>(out, NAME, 0, |out| {
            out.extend_from_slice(&self.handle.to_ne_bytes());
            out.extend_from_slice(&self.index.to_ne_bytes());
            Ok(())
        });
        // Neither is as long as that.
        debug_assert!(matches!(written, Ok(Some(()))));
        let finished = Header::finish(family, out, start, target);
        debug_assert!(finished.is_some());
    }
}

impl Foreign {
    /// Puts it into the target of such an entry, where the bytes begin.
    pub(crate) fn put(self, target: &mut [u8]) {
        put_at(target, size_of::<xt_entry_match>(), &self.handle.to_ne_bytes());
        put_at(target, size_of::<xt_entry_match>() + 8, &self.index.to_ne_bytes());
    }
}

impl Entry<'_> {
    /// The rule that it stands for, if it does.
    pub(crate) fn foreign(self) -> Option<Foreign> {
        let target = self.target();
        let number = || Foreign { handle: u64_at(target.data, 0), index: u32_at(target.data, 8) };
        (target.name == NAME).then(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_for_a_rule() {
        for family in Family::ALL {
            let foreign = Foreign { handle: 1 << 40, index: 7 };
            let mut bytes = Vec::new();
            foreign.push(family, &mut bytes);
            let entry = Entry::new(family, &bytes);
            assert_eq!(entry.foreign(), Some(foreign));
            assert_eq!((entry.matches().count(), entry.verdict()), (0, None));
            assert_eq!(bytes.len() % 8, 0);
        }
    }
}
