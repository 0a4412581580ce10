//! Reading counters and setting them to zero.

use super::attr::{self, Attrs};
use super::backend::{Nft, known};
use super::base;
use super::batch::{Batch, Subject};
use super::error::Where;
use super::known::Known;
use super::model::counters_of;
use super::session::Trouble;
use super::uapi::{NFTA_EXPR_DATA, NFTA_EXPR_NAME};
use crate::Result;
use crate::table::{ChainId, Table};
use crate::types::Counters;

impl Nft {
    /// Sets the counters of a table that was read to zero. What the kernel gives when it does so takes the place of what was read.
    pub(super) fn take(&self, table: &mut Table) -> Result<()> {
        let (family, name) = (base::number(table.family()), known(table)?.base.name.as_bytes());
        let place = Where::writing(table.family(), table.name());
        let mut all = Vec::with_capacity(table.len());
        for id in table.sorted_order() {
            let chain = &table.chains[id as usize];
            let known = known(table)?;
            // What a rule of nft has counted is not told, so it is left alone.
            let rules = chain.rules.iter().filter(|slot| table.entry(**slot).foreign().is_none());
            let (places, rules): (Vec<u32>, Vec<_>) = rules
                .filter_map(|slot| {
                    let handle = known.rules.get(slot.origin.index()? as usize)?.handle;
                    Some((slot.at, (chain.name.as_bytes(), handle)))
                })
                .unzip();
            let mut taken: Vec<Option<Counters>> = vec![None; places.len()];
            let reset = self.with(|session| {
                session.rules_by_handle(family, name, &rules, true, |index, rule| {
                    taken[index] = counters(rule.expressions);
                })
            });
            reset.map_err(|trouble| place.resetting(trouble))?;
            all.extend(places.into_iter().zip(taken));
        }
        for (at, counters) in all {
            // One that is gone has what it had when it was read.
            if let Some(counters) = counters {
                table.put_counters(at, counters);
            }
        }
        // After the rules, which an older kernel refuses.
        self.take_policies(table)
    }

    /// The kernel has no way to read the counters of a policy and to set them to zero in one step: what they count between the two
    /// is lost. So there is nothing between them but the two system calls.
    fn take_policies(&self, table: &mut Table) -> Result<()> {
        let known = known(table)?;
        let family = base::number(table.family());
        let counting = |id: &ChainId| {
            let chain = &table.chains[*id as usize];
            chain.hook.is_some() && known.chain(*id).is_some() && table.chains.counters(*id) != Counters::ZERO
        };
        let chains: Vec<_> = (0..table.chains.len() as ChainId)
            .filter(counting)
            .filter_map(|id| Some((id, known.base.chain(table.chains[id as usize].hook?)?)))
            .collect();
        if chains.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = chains.iter().map(|(_, base)| base.name().as_bytes()).collect();
        let name = known.base.name.as_bytes();
        let taken = self.with(|session| {
            loop {
                let mut batch = Batch::new(session.generation()?);
                for (id, base) in &chains {
                    let subject = Subject { family, table: name, tag: u64::from(*id) << 32 };
                    batch.update_base_chain(subject, base, None, Some(Counters::ZERO));
                }
                let counted = session.chains_by_name(family, name, &names)?;
                match session.commit(&mut batch) {
                    Err(Trouble::Stale) => {}
                    done => return done.map(|()| (counted, batch.generation())),
                }
            }
        });
        let place = Where::writing(table.family(), table.name());
        let (counted, generation) = taken.map_err(|trouble| place.error(trouble))?;
        for ((id, _), now) in chains.iter().zip(counted) {
            table.chains.set_counters(*id, now.and_then(|now| now.counters).unwrap_or_default());
        }
        if let Some(known) = table.version.get_mut::<Known>().filter(|known| known.generation == generation) {
            known.generation = generation.wrapping_add(1);
        }
        Ok(())
    }
}

/// What the counter among the expressions of a rule says.
pub(super) fn counters(expressions: &[u8]) -> Option<Counters> {
    Attrs::new(expressions).find_map(|(_, element)| {
        let element = Attrs::new(element);
        let name = element.get(NFTA_EXPR_NAME).map(attr::text)?;
        (name == b"counter").then(|| counters_of(element.get(NFTA_EXPR_DATA)?)).flatten()
    })
}
