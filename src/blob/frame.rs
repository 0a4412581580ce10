//! The entries that stand around the rules of a chain.

use std::mem::offset_of;

use zerocopy::{FromZeros, IntoBytes};

use super::{EntryVerdict, Header, Layout, VERDICT_OFFSET, push_standard, put_at, put_counters};
use crate::sys::xt::{XT_EXTENSION_MAXNAMELEN, xt_entry_match, xt_error_target};
use crate::types::{Counters, Family};

/// Those of a family, to be copied for each chain.
pub(crate) struct Frame {
    family: Family,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Where the entries have their target.
    target: usize,
}

impl Frame {
    pub(crate) fn new(family: Family) -> Frame {
        let target = Layout::of(family).entry;
        let [mut head, mut tail] = [(); 2].map(|()| vec![0; target]);
        let mut error = xt_error_target {
            target: xt_entry_match {
                size: size_of::<xt_error_target>() as u16,
                name: [0; XT_EXTENSION_MAXNAMELEN],
                revision: 0,
            },
            ..xt_error_target::new_zeroed()
        };
        error.target.name[..5].copy_from_slice(b"ERROR");
        head.extend_from_slice(error.as_bytes());
        push_standard(&mut tail, EntryVerdict::Return);
        for entry in [&mut head, &mut tail] {
            let _ = Header::finish(family, entry, 0, target);
        }
        Frame { family, head, tail, target }
    }

    /// Appends the entry that begins a chain, or with the name `ERROR` ends the table.
    pub(crate) fn push_head(&self, out: &mut Vec<u8>, name: &[u8]) {
        let start = out.len();
        out.extend_from_slice(&self.head);
        put_at(out, start + self.target + offset_of!(xt_error_target, errorname), name);
    }

    /// Appends an entry that matches every packet.
    pub(crate) fn push_tail(&self, out: &mut Vec<u8>, verdict: EntryVerdict, counters: Counters) {
        let start = out.len();
        out.extend_from_slice(&self.tail);
        put_counters(self.family, &mut out[start..], counters);
        put_at(out, start + self.target + VERDICT_OFFSET, &verdict.raw().to_ne_bytes());
    }
}
