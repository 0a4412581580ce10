//! The base chains that stand for the built-in chains of xtables.

use super::model::{RawChain, RawHook};
use crate::types::Hook::{Forward, Input, Output, Postrouting, Prerouting};
use crate::types::{Family, Hook};

/// A table that `iptables-nft` knows, and its base chains.
#[derive(Debug)]
pub(crate) struct BaseTable {
    pub(crate) name: &'static str,
    pub(crate) chains: &'static [BaseChain],
}

/// A base chain. Its name is that of the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BaseChain {
    pub(crate) hook: Hook,
    /// The number of the hook in its family.
    pub(crate) number: u32,
    pub(crate) kind: &'static str,
    pub(crate) priority: i32,
}

const fn base(hook: Hook, kind: &'static str, priority: i32) -> BaseChain {
    BaseChain { hook, number: hook as u32, kind, priority }
}

/// The tables, in the order in which `iptables-nft-save` prints them. Priorities are those that `iptables-nft` gives; for
/// security that is not the one of `linux/netfilter_ipv4.h`.
const TABLES: [BaseTable; 5] = [
    BaseTable {
        name: "mangle",
        chains: &[
            base(Prerouting, "filter", -150),
            base(Input, "filter", -150),
            base(Forward, "filter", -150),
            // A packet whose mark it changes is routed again.
            base(Output, "route", -150),
            base(Postrouting, "filter", -150),
        ],
    },
    BaseTable {
        name: "security",
        chains: &[base(Input, "filter", 150), base(Forward, "filter", 150), base(Output, "filter", 150)],
    },
    BaseTable { name: "raw", chains: &[base(Prerouting, "filter", -300), base(Output, "filter", -300)] },
    BaseTable {
        name: "filter",
        chains: &[base(Input, "filter", 0), base(Forward, "filter", 0), base(Output, "filter", 0)],
    },
    BaseTable {
        name: "nat",
        chains: &[
            base(Prerouting, "nat", -100),
            base(Input, "nat", 100),
            base(Output, "nat", -100),
            base(Postrouting, "nat", 100),
        ],
    },
];

/// The tables of ARP. Its hooks have numbers of their own, `NF_ARP_*`.
const ARP: [BaseTable; 1] = [BaseTable {
    name: "filter",
    chains: &[
        BaseChain { number: 0, ..base(Input, "filter", 0) },
        BaseChain { number: 1, ..base(Output, "filter", 0) },
    ],
}];

/// The tables of a family.
pub(crate) fn tables(family: Family) -> &'static [BaseTable] {
    match family {
        Family::Ipv4 | Family::Ipv6 => &TABLES,
        Family::Arp => &ARP,
    }
}

/// The table of that name, if there is one in xtables.
pub(crate) fn table(family: Family, name: &str) -> Option<&'static BaseTable> {
    tables(family).iter().find(|table| table.name == name)
}

/// The names of the chains that a table has for its hooks.
pub(crate) fn builtin_chains(family: Family, name: &str) -> impl Iterator<Item = &'static str> {
    table(family, name).into_iter().flat_map(|table| table.chains).map(BaseChain::name)
}

/// The family's number in nf_tables, `NFPROTO_*`.
pub(crate) fn number(family: Family) -> u8 {
    let number = match family {
        Family::Ipv4 => libc::NFPROTO_IPV4,
        Family::Ipv6 => libc::NFPROTO_IPV6,
        Family::Arp => libc::NFPROTO_ARP,
    };
    number as u8
}

impl BaseTable {
    /// The built-in chain at a hook.
    pub(crate) fn chain(&self, hook: Hook) -> Option<&'static BaseChain> {
        self.chains.iter().find(|base| base.hook == hook)
    }

    /// Which of the built-in chains this is: name, place, type and priority must be those.
    pub(crate) fn builtin(&self, chain: &RawChain) -> Option<&'static BaseChain> {
        let hook = chain.hook.as_ref()?;
        let base = self.chains.iter().find(|base| base.hook.chain_name().as_bytes() == chain.name)?;
        base.is(hook).then_some(base)
    }
}

impl BaseChain {
    pub(crate) fn name(&self) -> &'static str {
        self.hook.chain_name()
    }

    /// Whether it stands there.
    pub(crate) fn is(&self, hook: &RawHook) -> bool {
        let RawHook { number, priority, kind } = hook;
        *number == self.number && *priority == self.priority && kind == self.kind.as_bytes()
    }
}
