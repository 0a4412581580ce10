//! Where the entries of rules are among a table's bytes: by that it is known again what a rule came from.

use super::{HEADROOM, Table};

/// Entries that lie side by side: where they were, and where they are now or shall be.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) len: usize,
}

impl Table {
    /// Where the entry of the next rule that is added will be in the bytes.
    pub(crate) fn place_of_new(&self) -> usize {
        self.bytes.len().max(HEADROOM)
    }

    /// Where the entry of a rule is in the bytes, or was before a commit that was refused: behind those of the rules that were
    /// there before it.
    pub(crate) fn place_of(&self, chain: &str, rule: usize) -> Option<usize> {
        let chain = &self.chains[self.find(chain.as_bytes())? as usize];
        let at = chain.rules.get(rule)?.at as usize;
        let moved = self.moved.iter().find(|run| (run.to..run.to + run.len).contains(&at));
        Some(moved.map_or(at, |run| run.from + (at - run.to)))
    }
}
