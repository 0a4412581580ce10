//! What is known of a table in the kernel, beside what the table in memory says.

use super::base::BaseTable;
use crate::table::backend::WantedRules;
use crate::table::{ChainId, Name};
use crate::types::Policy;

/// The state that a table in memory was read from, or was written to.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) base: &'static BaseTable,
    /// The generation of all rules at that time.
    pub(crate) generation: u32,
    /// Whether the kernel has the table.
    pub(crate) exists: bool,
    /// What of it was read.
    pub(crate) scope: Scope,
    /// Whether the table has chains that are not shown, with rules that are not those of xtables.
    pub(crate) hidden: bool,
    /// Whether there are rules whose handles are not known, because they were written since.
    pub(crate) nameless: bool,
    /// By id, as far as the kernel has them.
    pub(crate) chains: Vec<KnownChain>,
    /// The rules, chain by chain; [`Origin`](crate::table::Origin) is an index of this list.
    pub(crate) rules: Vec<KnownRule>,
    /// What the rules are that no entry can say, without their counters.
    pub(crate) foreign: Vec<Box<[u8]>>,
}

/// What is read of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything.
    All,
    /// Some chains, and what of their rules matters.
    Chains(Vec<(Vec<u8>, WantedRules)>),
    /// Everything of a small table, and nothing yet of a large one. A table that was read has the one scope or the other.
    Little,
    /// Whether it is there. To write it replaces whatever is in it.
    Existence,
}

/// A chain as the kernel has it.
#[derive(Clone, Debug)]
pub(crate) struct KnownChain {
    pub(crate) exists: bool,
    pub(crate) name: Name,
    pub(crate) handle: u64,
    pub(crate) policy: Policy,
    /// Whether its rules were read, or what is done to those that it has.
    pub(crate) rules: WantedRules,
    /// Its rules in [`Known::rules`], if they were read.
    pub(crate) first: usize,
    pub(crate) count: usize,
}

/// A rule as the kernel has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownRule {
    /// 0 where it is not known.
    pub(crate) handle: u64,
    /// Where its entry is in the bytes of the table.
    pub(crate) at: u32,
    pub(crate) size: u16,
}

impl Known {
    /// Whether chains were read, so that what is there stays but for what changes.
    pub(crate) fn is_read(&self) -> bool {
        self.scope != Scope::Existence
    }

    /// The number of rules.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The chain, if the kernel has it.
    pub(crate) fn chain(&self, id: ChainId) -> Option<&KnownChain> {
        self.chains.get(id as usize).filter(|chain| chain.exists)
    }

    /// The rules of a chain.
    pub(crate) fn rules_of(&self, chain: &KnownChain) -> &[KnownRule] {
        self.rules.get(chain.first..chain.first + chain.count).unwrap_or_default()
    }
}
