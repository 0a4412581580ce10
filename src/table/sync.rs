//! What a chain is to have, brought about by as few changes as can be.

use super::plan::common::{Common, compare, numbered};
use super::{ChainMut, IntoRule};
use crate::Result;
use crate::rule::Rule;

/// What [`ChainMut::sync`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// How many rules stayed, including those that moved. They keep their counters.
    pub kept: usize,
    /// How many of these moved among those that stayed.
    pub moved: usize,
    /// How many were added.
    pub added: usize,
    /// How many were deleted.
    pub removed: usize,
}

impl Synced {
    /// Whether anything was changed.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// kernel.update(Family::Ipv4, "filter", |table| {
    ///     let mut input = table.chain_mut("INPUT")?;
    ///     assert!(input.sync(["-i lo -j ACCEPT"])?.changed());
    ///     assert!(!input.sync(["-i lo -j ACCEPT"])?.changed());
    ///     Ok(())
    /// })?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn changed(self) -> bool {
        self.moved + self.added + self.removed > 0
    }
}

/// Where a wanted rule comes from.
enum Source {
    /// The rule of the chain at this index.
    There(usize),
    /// It is added.
    New,
}

impl ChainMut<'_> {
    /// Makes the chain have exactly these rules in this order. Rules that it already has stay and keep their counters, and as
    /// many as possible keep their place. Doing it a second time changes nothing. If a rule cannot be made, nothing is changed.
    /// Returns what was done.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-p tcp -j ACCEPT", "-p udp -j ACCEPT"])?;
    /// let synced = input.sync(["-p udp -j ACCEPT", "-p tcp -j ACCEPT", "-j DROP"])?;
    /// assert_eq!((synced.kept, synced.moved, synced.added, synced.removed), (2, 1, 1, 0));
    /// assert!(!input.sync(["-p udp -j ACCEPT", "-p tcp -j ACCEPT", "-j DROP"])?.changed());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`append`](ChainMut::append), with the index among the rules that are given.
    pub fn sync<R: IntoRule>(&mut self, rules: impl IntoIterator<Item = R>) -> Result<Synced> {
        let read = |(index, rule)| self.read_rule(rule).map_err(|error| error.at_rule(index));
        let rules: Vec<Rule> = rules.into_iter().enumerate().map(read).collect::<Result<_>>()?;
        let (plan, stays) = self.plan_sync(&rules);
        let there = self.view().len();
        self.all_or_none(|chain| {
            let new =
                plan.iter().zip(rules).enumerate().filter(|(_, (source, _))| matches!(source, Source::New));
            new.map(|(index, (_, rule))| (index, rule))
                .try_for_each(|(index, rule)| chain.push_rule(rule).map_err(|error| error.at_rule(index)))
        })?;

        let mut added = there..;
        let places = plan.iter().map(|source| match source {
            Source::There(index) => *index,
            Source::New => added.next().unwrap_or_default(),
        });
        let places: Vec<usize> = places.collect();
        let kept = places.iter().filter(|place| **place < there).count();
        let synced = Synced { kept, moved: kept - stays, added: places.len() - kept, removed: there - kept };
        if synced.changed() {
            self.arrange(&places);
        }
        Ok(synced)
    }

    /// Finds the wanted rules among those that are there, and how many of these keep their order.
    fn plan_sync(&self, rules: &[Rule]) -> (Vec<Source>, usize) {
        let mut there = numbered(self.view().rules().chain(rules.iter().map(Rule::view)));
        let wanted = there.split_off(self.view().len());
        let Common { stays, moves } = compare(&there, &wanted);
        let mut plan: Vec<Source> = rules.iter().map(|_| Source::New).collect();
        for (from, to) in stays.iter().chain(&moves) {
            plan[*to] = Source::There(*from);
        }
        (plan, stays.len())
    }
}
