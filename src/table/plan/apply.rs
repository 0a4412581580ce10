//! What makes one table another, done in memory.

use super::{ChainPlan, Fate, Scope, TablePlan};
use crate::Result;
use crate::error::BadEdit;
use crate::rule::Rule;
use crate::table::backend::WantedRules;
use crate::table::{ChainMut, IntoRule, Table};
use crate::types::order;

impl Table {
    /// Makes the changes of a plan in memory, to be [committed](Table::commit) like other edits. Rules that stay keep their
    /// counters.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let plan = kernel.open(Family::Ipv4, "filter")?.diff(&table)?;
    /// let mut other = kernel.open(Family::Ipv4, "filter")?;
    /// other.apply(&plan)?;
    /// assert_eq!(other.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the table is not what the plan was made for, and those of
    /// [`append`](ChainMut::append) when a rule cannot be made for this table. The table is then as it was.
    pub fn apply(&mut self, plan: &TablePlan) -> Result<()> {
        if plan.family != self.family || plan.table != self.name {
            return Err(self.error(BadEdit::StalePlan));
        }
        for chain in &plan.chains {
            self.seek(chain.old_name(), WantedRules::All)?;
            self.seek(&chain.name, WantedRules::All)?;
        }
        plan.chains.iter().try_for_each(|chain| self.check_chain(chain))?;
        self.all_or_none(|table| table.follow(plan))
    }

    /// Makes the changes of a plan that was made for the table as it is.
    fn follow(&mut self, plan: &TablePlan) -> Result<()> {
        for chain in &plan.chains {
            match &chain.fate {
                Fate::Added => {
                    self.make_chain(&chain.name)?;
                }
                Fate::Renamed { from } => self.move_chain(from, &chain.name)?,
                Fate::Stays | Fate::Removed => {}
            }
        }
        for chain in &plan.chains {
            if chain.fate == Fate::Removed {
                self.chain_mut(&chain.name)?.flush();
            } else {
                self.chain_mut(&chain.name)?.follow(chain)?;
            }
        }
        for chain in plan.chains.iter().filter(|chain| chain.fate == Fate::Removed) {
            self.delete_chain(&chain.name)?;
        }
        Ok(())
    }

    /// Adds rules to chains. Chains that do not exist are made first, so that rules may jump to any of them. All of it is done, or
    /// none.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.fill([("INPUT", ["-p tcp -j web"]), ("web", ["-p tcp --dport 80 -j ACCEPT"])])?;
    /// assert_eq!(table.chain("web").unwrap().references(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`new_chain`](Table::new_chain) and [`append`](ChainMut::append).
    pub fn fill<C, L>(&mut self, chains: impl IntoIterator<Item = (C, L)>) -> Result<()>
    where
        C: AsRef<[u8]>,
        L: IntoIterator,
        L::Item: IntoRule,
    {
        let chains: Vec<(C, L)> = chains.into_iter().collect();
        self.all_or_none(|table| {
            for (name, _) in &chains {
                table.seek(name.as_ref(), WantedRules::All)?;
                if table.find(name.as_ref()).is_none() {
                    table.new_chain(name)?;
                }
            }
            chains.into_iter().try_for_each(|(name, rules)| table.chain_mut(name)?.extend(rules))
        })
    }

    /// Makes the table have exactly these chains with these rules; policies stay. Returns what was changed, which is no more than
    /// necessary: rules that are there stay and keep their counters, and doing it a second time changes nothing.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let rules = [("INPUT", vec!["-p tcp -j web"]), ("web", vec!["-p tcp --dport 443 -j ACCEPT"])];
    /// assert_eq!(table.sync(rules.clone())?.changes().to_string(), "2 rules added, 1 chain added");
    /// assert!(table.sync(rules)?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`fill`](Table::fill). Nothing is changed then.
    pub fn sync<C, L>(&mut self, chains: impl IntoIterator<Item = (C, L)>) -> Result<TablePlan>
    where
        C: AsRef<[u8]>,
        L: IntoIterator,
        L::Item: IntoRule,
    {
        let mut draft = self.draft(&Scope::Tables);
        draft.fill(chains)?;
        let plan = self.plan(&draft, &Scope::Tables)?;
        self.apply(&plan)?;
        Ok(plan)
    }

    /// Fails unless a chain is as the plan says that it was.
    fn check_chain(&self, plan: &ChainPlan) -> Result<()> {
        let stale = || self.error(BadEdit::StalePlan).in_chain(plan.name_text());
        let old = self.find(plan.old_name()).map(|id| self.view_of(id));
        if old.is_some() == (plan.fate == Fate::Added) {
            return Err(stale());
        }
        if matches!(plan.fate, Fate::Renamed { .. }) && self.find(&plan.name).is_some() {
            return Err(stale());
        }
        let going = plan.rules.iter().filter_map(|change| Some((change.from?, &change.rule)));
        let (mut changed, mut checked) = (0, 0);
        for (from, rule) in going {
            changed +=
                usize::from(old.and_then(|old| old.rule(from)).is_none_or(|known| known != rule.view()));
            checked += 1;
        }
        let stay = plan.rules.iter().filter(|change| change.from.is_some() && change.to.is_some()).count();
        let len = plan.kept - stay + checked;
        let policy = plan.policy.is_none_or(|(from, _)| old.and_then(|old| old.policy()) == Some(from));
        if changed > 0 || !policy || old.map_or(0, |old| old.len()) != len {
            return Err(stale());
        }
        Ok(())
    }
}

impl ChainMut<'_> {
    /// Makes the changes of a plan that was made for the chain as it is.
    fn follow(&mut self, plan: &ChainPlan) -> Result<()> {
        let there = self.view().len();
        let new: Vec<(usize, &Rule)> = plan
            .rules
            .iter()
            .filter_map(|change| Some((change.to.filter(|_| change.from.is_none())?, &change.rule)))
            .collect();
        new.iter().try_for_each(|(to, rule)| self.push_rule(*rule).map_err(|error| error.at_rule(*to)))?;
        // Those that have a place of their own; the others fill the gaps in their order.
        let added = new.iter().enumerate().map(|(index, (to, _))| (*to, there + index));
        let moved = plan.rules.iter().filter_map(|change| Some((change.to?, change.from?)));
        let mut placed: Vec<(usize, usize)> = added.chain(moved).collect();
        order::sort(&mut placed);
        let mut gone: Vec<usize> = plan.rules.iter().filter_map(|change| change.from).collect();
        gone.sort_unstable();
        let mut stay = (0..there).filter(|index| gone.binary_search(index).is_err());
        let mut places = Vec::with_capacity(there + new.len() - gone.len().min(there));
        for (to, index) in placed {
            places.extend(stay.by_ref().take(to - places.len().min(to)));
            places.push(index);
        }
        places.extend(stay);
        if !plan.rules.is_empty() {
            self.arrange(&places);
        }
        if let Some((_, policy)) = plan.policy {
            self.set_policy(policy, None)?;
        }
        Ok(())
    }
}
