//! The expressions of nf_tables: the numbers of their attributes, and the list of those of a rule.

use super::super::attr::Attrs;
use super::super::uapi::{NFTA_EXPR_DATA, NFTA_EXPR_NAME, NFTA_LIST_ELEM};

mod numbers {
    crate::sys::layout::numbers! {
        "linux/netfilter/nf_tables.h"
        u16 {
            NFTA_DATA_VALUE = 1, NFTA_DATA_VERDICT = 2,
            NFTA_VERDICT_CODE = 1, NFTA_VERDICT_CHAIN = 2,
            NFTA_PAYLOAD_DREG = 1, NFTA_PAYLOAD_BASE = 2, NFTA_PAYLOAD_OFFSET = 3, NFTA_PAYLOAD_LEN = 4,
            NFTA_META_DREG = 1, NFTA_META_KEY = 2, NFTA_META_SREG = 3,
            NFTA_CMP_SREG = 1, NFTA_CMP_OP = 2, NFTA_CMP_DATA = 3,
            NFTA_BITWISE_SREG = 1, NFTA_BITWISE_DREG = 2, NFTA_BITWISE_LEN = 3, NFTA_BITWISE_MASK = 4,
            NFTA_BITWISE_XOR = 5,
            NFTA_IMMEDIATE_DREG = 1, NFTA_IMMEDIATE_DATA = 2,
        }
        u32 {
            NFT_REG_VERDICT = 0, NFT_REG_1 = 1, NFT_REG32_00 = 8, NFT_REG32_01 = 9,
            NFT_PAYLOAD_NETWORK_HEADER = 1, NFT_PAYLOAD_TRANSPORT_HEADER = 2,
            NFT_META_MARK = 3, NFT_META_IIF = 4, NFT_META_OIF = 5, NFT_META_IIFNAME = 6, NFT_META_OIFNAME = 7,
            NFT_META_NFTRACE = 12, NFT_META_L4PROTO = 16, NFT_META_PKTTYPE = 19,
            NFT_CMP_EQ = 0, NFT_CMP_NEQ = 1, NFT_CMP_LT = 2, NFT_CMP_LTE = 3, NFT_CMP_GT = 4, NFT_CMP_GTE = 5,
            NFT_RANGE_EQ = 0, NFT_RANGE_NEQ = 1,
        }
        i32 { NFT_CONTINUE = -1, NFT_JUMP = -3, NFT_GOTO = -4, NFT_RETURN = -5 }
    }
}
pub(crate) use numbers::*;

/// The expressions of a rule in order: name and data. Ends with `None` where the bytes are not what they should be.
pub(crate) struct Expressions<'a>(Attrs<'a>);

impl<'a> Expressions<'a> {
    /// The expressions in the payload of `NFTA_RULE_EXPRESSIONS`.
    pub(crate) fn new(bytes: &'a [u8]) -> Expressions<'a> {
        Expressions(Attrs::new(bytes))
    }
}

impl<'a> Iterator for Expressions<'a> {
    type Item = Option<(&'a [u8], &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.next() {
            Some((NFTA_LIST_ELEM, element)) => Some(expression(element)),
            Some(_) => Some(None),
            None if self.0.rest().is_empty() => None,
            None => {
                self.0 = Attrs::new(&[]);
                Some(None)
            }
        }
    }
}

/// Name and data of an expression in a list, which the kernel gives in this order.
pub(crate) fn expression(element: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut attrs = Attrs::new(element);
    let (NFTA_EXPR_NAME, name) = attrs.next()? else { return None };
    let data = match attrs.next() {
        Some((NFTA_EXPR_DATA, data)) => data,
        Some(_) => return None,
        // Some expressions have nothing to say beyond their name.
        None => &[],
    };
    let ([name @ .., 0] | name) = name;
    attrs.rest().is_empty().then_some((name, data))
}

/// The payloads of attributes by number. `None` when there is a number that is not below `N`, one twice, or something that is
/// no attribute: what is not known might mean anything.
pub(crate) fn known<const N: usize>(bytes: &[u8]) -> Option<[Option<&[u8]>; N]> {
    let mut fields = [None; N];
    let mut attrs = Attrs::new(bytes);
    for (number, payload) in attrs.by_ref() {
        if number == 0 || fields.get_mut(usize::from(number))?.replace(payload).is_some() {
            return None;
        }
    }
    attrs.rest().is_empty().then_some(fields)
}

/// The bytes of an attribute of `nft_data_attributes` that holds a value.
pub(crate) fn value(data: &[u8]) -> Option<&[u8]> {
    match known::<3>(data)? {
        [None, Some(value), None] if !value.is_empty() => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::nft::attr::Writer;

    #[test]
    fn attributes_that_are_not_known_make_it_none() {
        let mut writer = Writer::new();
        writer.be32(1, 7);
        writer.be32(2, 8);
        assert_eq!(known(writer.bytes()), Some([None, Some([0, 0, 0, 7].as_slice()), Some(&[0, 0, 0, 8])]));
        assert_eq!(known::<2>(writer.bytes()), None);
        assert_eq!(known::<3>(&writer.bytes()[..10]), None);
        writer.be32(1, 7);
        assert_eq!(known::<3>(writer.bytes()), None);
    }
}
