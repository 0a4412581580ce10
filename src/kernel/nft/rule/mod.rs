//! One rule: from an entry of xtables to the expressions of nf_tables, and back.
//!
//! Tables in memory hold entries, whatever the backend. [`write`] says an entry as `iptables-nft` would, [`read`] finds the
//! entry that expressions mean. An entry that was written comes back the same, but for what of its header matches
//! everything. Expressions that no entry means make a rule [`Foreign`]: it is kept as it is, and never shown as less than it is.

mod arp;
mod expr;
mod header;
mod locate;
mod native;
mod read;
#[cfg(all(test, playground))]
mod tests;
mod write;

pub(crate) use expr::{
    NFTA_DATA_VERDICT, NFTA_IMMEDIATE_DATA, NFTA_IMMEDIATE_DREG, NFTA_VERDICT_CHAIN, NFTA_VERDICT_CODE,
};
pub(crate) use locate::{Part, part_at};
pub(crate) use read::Reader;
pub(crate) use write::write;

pub(crate) use crate::error::Unsayable;

/// Why a rule of nf_tables is none of xtables, in words that go on after "the rule".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule {0}")]
pub(crate) struct Foreign(pub(crate) &'static str);
