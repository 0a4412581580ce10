//! What the kernel has against a change.

use super::attr::{Attrs, text};
use super::message::HEADERS;
use super::uapi::*;
use crate::error::NftChange;

/// A change that the kernel refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) operation: NftChange,
    /// What the caller has given to the change.
    pub(crate) tag: u64,
    pub(crate) errno: i32,
    /// The message that was sent.
    pub(crate) message: Vec<u8>,
    /// The byte of the message that the kernel objects to: the beginning of an attribute, or of an expression.
    pub(crate) offset: Option<usize>,
}

impl Refusal {
    /// The name of the table.
    pub(crate) fn table(&self) -> &[u8] {
        // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and NFTA_RULE_TABLE are the same number.
        self.attribute(NFTA_TABLE_NAME).map(text).unwrap_or_default()
    }

    /// The name of the chain, if it is about one.
    pub(crate) fn chain(&self) -> Option<&[u8]> {
        let number = match self.operation {
            NftChange::TableAdd | NftChange::TableDelete => return None,
            NftChange::ChainAdd
            | NftChange::ChainUserAdd
            | NftChange::ChainUpdate
            | NftChange::ChainRename
            | NftChange::ChainDelete => NFTA_CHAIN_NAME,
            NftChange::RuleAppend
            | NftChange::RuleInsert
            | NftChange::RuleReplace
            | NftChange::RuleDelete
            | NftChange::RuleFlush => NFTA_RULE_CHAIN,
        };
        self.attribute(number).map(text)
    }

    /// The family, `NFPROTO_*`.
    pub(crate) fn family(&self) -> u8 {
        self.message.get(super::message::NLMSG).copied().unwrap_or_default()
    }

    /// The number of the attribute of the message that the kernel objects to, or to something in it.
    pub(crate) fn faulty_attribute(&self) -> Option<u16> {
        let offset = self.offset?;
        let mut attributes = self.attributes();
        loop {
            let (number, _) = attributes.next()?;
            if offset < self.message.len() - attributes.rest().len() {
                return (offset >= HEADERS).then_some(number);
            }
        }
    }

    fn attribute(&self, number: u16) -> Option<&[u8]> {
        self.attributes().get(number)
    }

    fn attributes(&self) -> Attrs<'_> {
        Attrs::new(self.message.get(HEADERS..).unwrap_or_default())
    }
}
