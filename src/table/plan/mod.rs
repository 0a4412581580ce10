//! What makes one table another: found out, shown, and done.

mod among;
mod apply;
pub(super) mod common;
mod diff;
mod draft;
mod json;
mod print;
mod reversal;
mod scope;
mod sides;

use std::borrow::Cow;

pub(crate) use reversal::{Kept, Reversal};
pub use scope::{Position, Scope};

use crate::rule::Rule;
use crate::types::{Family, Policy, order};

/// The changes that bring tables into a desired state, table by table.
///
/// It is plain data: what is printed and what is done follow from its fields. It prints as lines, `-` for what goes and `+` for
/// what comes, always in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The tables in which something changes.
    pub tables: Vec<TablePlan>,
}

/// The changes from one state of a table to another; see [`Table::diff`](crate::Table::diff).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TablePlan {
    /// The family of the table.
    pub family: Family,
    /// Its name.
    pub table: String,
    /// The chains in which something changes: built-in ones by hook, then the others by name.
    pub chains: Vec<ChainPlan>,
}

/// The changes of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainPlan {
    /// Its name; where it is renamed, the new one.
    pub name: Vec<u8>,
    /// What becomes of the chain itself.
    pub fate: Fate,
    /// The policy before and after, if it changes.
    pub policy: Option<(Policy, Policy)>,
    /// How many rules stay, those included that have another place.
    pub kept: usize,
    /// The rules that go, come, or have another place among those that stay, in the order of their places.
    pub rules: Vec<RuleChange>,
}

/// What becomes of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It is there before and after.
    Stays,
    /// It is new.
    Added,
    /// It goes, and its rules with it.
    Removed,
    /// It has another name. Rules that go to it follow.
    Renamed {
        /// The name before.
        from: Vec<u8>,
    },
}

/// A rule that goes, comes or moves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleChange {
    /// The rule; one that goes has the counters that it had.
    pub rule: Rule,
    /// Its index before; `None` for one that comes.
    pub from: Option<usize>,
    /// Its index after; `None` for one that goes.
    pub to: Option<usize>,
}

/// The number of changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Rules that come.
    pub added: usize,
    /// Rules that go.
    pub removed: usize,
    /// Rules that have another place among those that stay.
    pub moved: usize,
    /// Policies that are another.
    pub policies: usize,
    /// Chains that come.
    pub chains_added: usize,
    /// Chains that go.
    pub chains_removed: usize,
    /// Chains that have another name.
    pub chains_renamed: usize,
}

impl Plan {
    /// Whether there is nothing to do.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert!(!plan.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(TablePlan::is_empty)
    }

    /// How many changes there are.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.changes().to_string(), "1 rule added");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.tables.iter().map(TablePlan::changes).fold(Changes::default(), Changes::and)
    }

    /// The plan that leads back.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.inverse().changes().removed, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn inverse(&self) -> Plan {
        Plan { tables: self.tables.iter().map(TablePlan::inverse).collect() }
    }
}

impl FromIterator<TablePlan> for Plan {
    /// The tables in which something changes.
    fn from_iter<T: IntoIterator<Item = TablePlan>>(plans: T) -> Plan {
        Plan { tables: plans.into_iter().filter(|plan| !plan.is_empty()).collect() }
    }
}

impl TablePlan {
    /// Whether there is nothing to do.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert!(!plan.tables[0].is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// How many changes there are.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.tables[0].changes().added, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.chains.iter().map(ChainPlan::changes).fold(Changes::default(), Changes::and)
    }

    /// The plan that leads back.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.tables[0].inverse().changes().removed, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn inverse(&self) -> TablePlan {
        let chains = self.chains.iter().map(ChainPlan::inverse).collect();
        TablePlan { family: self.family, table: self.table.clone(), chains }
    }
}

impl ChainPlan {
    /// The name; bytes that are not UTF-8 are replaced.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.tables[0].chains[0].name_text(), "INPUT");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    /// The name before.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.tables[0].chains[0].old_name(), b"INPUT");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn old_name(&self) -> &[u8] {
        match &self.fate {
            Fate::Renamed { from } => from,
            _ => &self.name,
        }
    }

    fn is_empty(&self) -> bool {
        self.fate == Fate::Stays && self.policy.is_none() && self.rules.is_empty()
    }

    fn changes(&self) -> Changes {
        let count = |from, to| {
            let is_such = |rule: &&RuleChange| (rule.from.is_some(), rule.to.is_some()) == (from, to);
            self.rules.iter().filter(is_such).count()
        };
        Changes {
            added: count(false, true),
            removed: count(true, false),
            moved: count(true, true),
            policies: self.policy.is_some().into(),
            chains_added: (self.fate == Fate::Added).into(),
            chains_removed: (self.fate == Fate::Removed).into(),
            chains_renamed: matches!(self.fate, Fate::Renamed { .. }).into(),
        }
    }

    fn inverse(&self) -> ChainPlan {
        let fate = match &self.fate {
            Fate::Stays => Fate::Stays,
            Fate::Added => Fate::Removed,
            Fate::Removed => Fate::Added,
            Fate::Renamed { .. } => Fate::Renamed { from: self.name.clone() },
        };
        let back =
            |change: &RuleChange| RuleChange { rule: change.rule.clone(), from: change.to, to: change.from };
        let mut rules: Vec<_> = self.rules.iter().map(back).collect();
        sort(&mut rules);
        ChainPlan {
            name: self.old_name().to_vec(),
            fate,
            policy: self.policy.map(|(from, to)| (to, from)),
            kept: self.kept,
            rules,
        }
    }
}

impl Changes {
    /// The number of changes of all kinds.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.changes().total(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn total(self) -> usize {
        self.rules() + self.policies + self.chains_added + self.chains_removed + self.chains_renamed
    }

    /// The number of changes of rules.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let plan = desired.plan()?;
    /// assert_eq!(plan.changes().rules(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rules(self) -> usize {
        self.added + self.removed + self.moved
    }

    fn and(self, other: Changes) -> Changes {
        Changes {
            added: self.added + other.added,
            removed: self.removed + other.removed,
            moved: self.moved + other.moved,
            policies: self.policies + other.policies,
            chains_added: self.chains_added + other.chains_added,
            chains_removed: self.chains_removed + other.chains_removed,
            chains_renamed: self.chains_renamed + other.chains_renamed,
        }
    }
}

/// Puts the changes of a chain in order: by the number of unmoved rules before them, and there what goes before what comes.
fn sort(rules: &mut Vec<RuleChange>) {
    let ranks = Ranks::new(rules);
    let key = |change: &RuleChange| match (change.from, change.to) {
        (_, Some(to)) => (ranks.after(to), 1, to),
        (Some(from), None) => (ranks.before(from), 0, from),
        (None, None) => (0, 0, 0),
    };
    let mut keyed: Vec<_> = std::mem::take(rules).into_iter().map(|change| (key(&change), change)).collect();
    order::sort_by_key(&mut keyed, |(key, _)| *key);
    rules.extend(keyed.into_iter().map(|(_, change)| change));
}

/// How many rules that neither go, come nor move there are before a place.
struct Ranks {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Ranks {
    fn new(rules: &[RuleChange]) -> Ranks {
        let mut from: Vec<_> = rules.iter().filter_map(|change| change.from).collect();
        let mut to: Vec<_> = rules.iter().filter_map(|change| change.to).collect();
        from.sort_unstable();
        to.sort_unstable();
        Ranks { from, to }
    }

    fn before(&self, from: usize) -> usize {
        from - self.from.partition_point(|other| *other < from)
    }

    fn after(&self, to: usize) -> usize {
        to - self.to.partition_point(|other| *other < to)
    }
}
