//! Tables of which only that is read which is needed.

use std::sync::OnceLock;

use super::backend::{Want, WantedChain, WantedRules};
use super::{Claim, Store, Table};
use crate::Result;
use crate::error::BadEdit;
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

    /// Reads a table that is going to be changed, and committed: of a large one only what comes to be needed, where that can be
    /// done. What cannot be read then is [told](Table::check_read) by its commit.
    pub(crate) fn read_lazily(
        store: Store,
        family: Family,
        name: &str,
        claim: Option<Claim>,
    ) -> Result<Table> {
        let mut table = Table::new(store, family, name, claim);
        let lazy = table.store.backend.capabilities().reads_chains;
        table.fetch(if lazy { Want::Little } else { Want::All })?;
        Ok(table)
    }

    /// Nothing of its chains was read yet.
    pub(crate) fn was_left_out(&mut self) {
        (self.part, self.rest) = (Some(Part::default()), Some(OnceLock::new()));
    }

    /// The table with all its chains.
    pub(crate) fn whole(&self) -> &Table {
        match &self.rest {
            Some(rest) => rest.get_or_init(|| Box::new(self.completed())),
            None => self,
        }
    }

    fn completed(&self) -> Table {
        let mut whole = self.twin();
        whole.unreadable = whole.fetch(Want::Rest).err();
        whole
    }

    /// Another one that stands for the same.
    fn twin(&self) -> Table {
        Table { bytes: self.bytes.clone(), ..self.hollow() }
    }

    /// The same without the bytes.
    pub(super) fn hollow(&self) -> Table {
        Table {
            system: self.system.clone(),
            hooks: self.hooks,
            version: self.version.clone(),
            notes: self.notes.clone(),
            old_end: self.old_end,
            chains: self.chains.copy(),
            order: self.order.clone(),
            gone: self.gone,
            unsorted: self.unsorted,
            dirty: self.dirty,
            exists: self.exists,
            counts: self.counts,
            unread: self.unread.clone(),
            ..Table::new(self.store.clone(), self.family, &self.name, self.claim.clone())
        }
    }

    /// What was read while it could not be changed belongs to it from now on.
    pub(super) fn take_rest(&mut self) {
        if let Some(whole) = self.rest.as_mut().and_then(OnceLock::take) {
            *self = *whole;
        }
    }

    /// Has all of it be here.
    pub(super) fn complete(&mut self) {
        self.whole();
        self.take_rest();
    }

    /// Fails if something was asked for that could not be read: then less was shown than there is.
    pub(crate) fn check_read(&mut self) -> Result<()> {
        self.take_rest();
        match self.unreadable.take() {
            Some(error) => {
                self.unreadable = Some(self.error(BadEdit::Changed));
                Err(error)
            }
            None => Ok(()),
        }
    }

    /// Reads what was read before.
    pub(super) fn fetch_again(&mut self) -> Result<()> {
        self.take_rest();
        if self.rest.is_some() {
            return self.fetch(Want::Little);
        }
        self.unreadable = None;
        let Some(part) = self.part.take() else { return self.fetch(Want::All) };
        let fetched = self.fetch(Want::Chains(&wanted(&part)));
        self.part = Some(part);
        fetched
    }

    /// Has a chain be shown that somebody asks for, with what is needed of its rules.
    pub(super) fn seek(&mut self, name: &[u8], rules: WantedRules) -> Result<()> {
        self.take_rest();
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
