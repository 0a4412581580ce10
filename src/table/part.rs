//! Tables of which only that is read which is needed.

use super::backend::{Want, WantedChain, WantedRules};
use super::{Claim, Store, Table};
use crate::Result;
use crate::types::Family;
use crate::types::hash::HashMap;

/// The chains that were asked for, and what of their rules.
pub(super) type Part = HashMap<Vec<u8>, WantedRules>;

fn wanted(part: &Part) -> Vec<WantedChain<'_>> {
    part.iter().map(|(name, rules)| WantedChain::new(name, *rules)).collect()
}

impl Table {
    /// Reads these chains of a table, where that can be done; else all of it.
    pub(crate) fn read_part(
        store: Store,
        family: Family,
        name: &str,
        chains: &[Vec<u8>],
        claim: Option<Claim>,
    ) -> Result<Table> {
        let mut table = Table::new(store, family, name, claim);
        if table.store.backend.capabilities().reads_chains {
            table.part = Some(chains.iter().map(|name| (name.clone(), WantedRules::All)).collect());
        }
        table.fetch_again()?;
        Ok(table)
    }

    /// Reads what was read before.
    pub(super) fn fetch_again(&mut self) -> Result<()> {
        let Some(part) = self.part.take() else { return self.fetch(Want::All) };
        let fetched = self.fetch(Want::Chains(&wanted(&part)));
        self.part = Some(part);
        fetched
    }

    /// Has a chain be shown that somebody asks for, with what is needed of its rules.
    pub(super) fn seek(&mut self, name: &[u8], rules: WantedRules) -> Result<()> {
        let Some(part) = &self.part else { return Ok(()) };
        let known = part.get(name);
        if known.is_some_and(|known| *known == rules || *known == WantedRules::All) {
            return Ok(());
        }
        self.fetch(Want::More(&[WantedChain::new(name, rules)]))?;
        self.part.get_or_insert_default().insert(name.to_vec(), rules);
        Ok(())
    }
}
