//! Reading counters and setting them to zero.

use super::attr::{self, Attrs};
use super::backend::{Nft, known};
use super::base;
use super::error::Where;
use super::model::counters_of;
use super::uapi::{NFTA_EXPR_DATA, NFTA_EXPR_NAME};
use crate::Result;
use crate::table::Table;
use crate::table::backend::{Backend, Change};
use crate::types::Counters;

impl Nft {
    /// Sets the counters of a table that was read to zero. What the kernel gives when it does so takes the place of what was read.
    pub(super) fn take(&self, table: &mut Table) -> Result<()> {
        self.take_policies(table)?;
        let (family, name) = (base::number(table.family()), known(table)?.base.name.as_bytes());
        let place = Where::writing(table.family(), table.name());
        let mut all = Vec::with_capacity(table.len());
        for id in table.sorted_order() {
            let chain = &table.chains[id as usize];
            let known = known(table)?;
            // What a rule of nft has counted is not told, so it is left alone.
            let rules = chain.rules.iter().filter(|slot| table.entry(**slot).foreign().is_none());
            let (places, handles): (Vec<u32>, Vec<u64>) = rules
                .filter_map(|slot| Some((slot.at, known.rules.get(slot.origin.index()? as usize)?.handle)))
                .unzip();
            let mut taken: Vec<Option<Counters>> = vec![None; places.len()];
            let reset = self.with(|session| {
                session.reset_rules(family, name, chain.name.as_bytes(), &handles, |index, rule| {
                    taken[index] = counters(rule.expressions);
                })
            });
            reset.map_err(|trouble| place.error(trouble))?;
            all.extend(places.into_iter().zip(taken));
        }
        for (at, counters) in all {
            // One that is gone has what it had when it was read.
            if let Some(counters) = counters {
                table.put_counters(at, counters);
            }
        }
        Ok(())
    }

    /// The kernel has no way to read the counters of a policy and to set them to zero in one step: what they count between the two
    /// is lost.
    fn take_policies(&self, table: &mut Table) -> Result<()> {
        let mut counted = Vec::new();
        for id in table.sorted_order() {
            let chain = &mut table.chains[id as usize];
            if chain.hook.is_some() && chain.counters != Counters::ZERO {
                counted.push((id, chain.counters));
                chain.tail = chain.tail.zeroed();
            }
        }
        if counted.is_empty() {
            return Ok(());
        }
        table.dirty = true;
        self.write(&mut [Change { table }])?;
        table.dirty = false;
        for (id, counters) in counted {
            table.chains[id as usize].counters = counters;
        }
        Ok(())
    }
}

/// What the counter among the expressions of a rule says.
fn counters(expressions: &[u8]) -> Option<Counters> {
    Attrs::new(expressions).find_map(|(_, element)| {
        let element = Attrs::new(element);
        let name = element.get(NFTA_EXPR_NAME).map(attr::text)?;
        (name == b"counter").then(|| counters_of(element.get(NFTA_EXPR_DATA)?)).flatten()
    })
}
