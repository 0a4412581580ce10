//! What nf_tables refuses, in the words of `iptables-nft`.

use super::{TRY_AGAIN, Words, own};
use crate::Error;
use crate::error::{BadNft, NftChange, system_words};

/// What iptables-nft says about it.
pub(super) fn words<'a>(error: &'a Error, bad: &BadNft) -> Words<'a> {
    let system = || error.system().map(system_words).unwrap_or_default();
    match bad {
        BadNft::Absent | BadNft::Denied { .. } => {
            let hint = if matches!(bad, BadNft::Denied { .. }) { " (you must be root)" } else { "" };
            (4, format!("Could not fetch rule set generation id: {}{hint}", system()).into())
        }
        BadNft::Unsteady => (4, TRY_AGAIN.into()),
        BadNft::Change { change, .. } => {
            let (verb, of) = spelled(*change);
            let table = || format!("table {}", error.table().unwrap_or_default());
            let what = match (of, error.chain()) {
                (Of::Rule, Some(chain)) => format!("rule in chain {chain}"),
                (Of::Chain, Some(chain)) => format!("chain {chain}"),
                _ => table(),
            };
            (4, format!("{verb} failed ({}): {what}", system()).into())
        }
        _ => own(error),
    }
}

/// What a change is about.
enum Of {
    Table,
    Chain,
    Rule,
}

fn spelled(change: NftChange) -> (&'static str, Of) {
    match change {
        NftChange::TableAdd => ("TABLE_ADD", Of::Table),
        NftChange::TableDelete => ("TABLE_FLUSH", Of::Table),
        NftChange::ChainAdd => ("CHAIN_ADD", Of::Chain),
        NftChange::ChainUserAdd => ("CHAIN_USER_ADD", Of::Chain),
        NftChange::ChainUpdate => ("CHAIN_UPDATE", Of::Chain),
        NftChange::ChainRename => ("CHAIN_RENAME", Of::Chain),
        NftChange::ChainDelete => ("CHAIN_DEL", Of::Chain),
        NftChange::RuleAppend => ("RULE_APPEND", Of::Rule),
        NftChange::RuleInsert => ("RULE_INSERT", Of::Rule),
        NftChange::RuleReplace => ("RULE_REPLACE", Of::Rule),
        NftChange::RuleDelete => ("RULE_DELETE", Of::Rule),
        NftChange::RuleFlush => ("RULE_FLUSH", Of::Rule),
    }
}
