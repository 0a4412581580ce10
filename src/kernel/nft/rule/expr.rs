//! The expressions of nf_tables: their names, and the numbers of their attributes in `linux/netfilter/nf_tables.h`.

use super::super::attr::{self, Attrs};

/// `NFTA_LIST_ELEM`: an expression in the list of a rule.
pub(crate) const LIST_ELEM: u16 = 1;
/// `NFTA_EXPR_NAME`.
pub(crate) const EXPR_NAME: u16 = 1;
/// `NFTA_EXPR_DATA`.
pub(crate) const EXPR_DATA: u16 = 2;
/// `NFTA_DATA_VALUE`.
pub(crate) const DATA_VALUE: u16 = 1;
/// `NFTA_DATA_VERDICT`.
pub(crate) const DATA_VERDICT: u16 = 2;

/// The register that holds the verdict.
pub(crate) const VERDICT: u32 = libc::NFT_REG_VERDICT as u32;
/// The first register of data, in which `iptables-nft` does everything but TRACE.
pub(crate) const REGISTER: u32 = libc::NFT_REG_1 as u32;

/// Numbers of attributes, by expression.
pub(crate) mod payload {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const BASE: u16 = 2;
    pub(crate) const OFFSET: u16 = 3;
    pub(crate) const LEN: u16 = 4;

    pub(crate) const NETWORK: u32 = libc::NFT_PAYLOAD_NETWORK_HEADER as u32;
    pub(crate) const TRANSPORT: u32 = libc::NFT_PAYLOAD_TRANSPORT_HEADER as u32;
}

pub(crate) mod meta {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const KEY: u16 = 2;
    pub(crate) const SREG: u16 = 3;

    pub(crate) const MARK: u32 = libc::NFT_META_MARK as u32;
    pub(crate) const IIF: u32 = libc::NFT_META_IIF as u32;
    pub(crate) const OIF: u32 = libc::NFT_META_OIF as u32;
    pub(crate) const IIFNAME: u32 = libc::NFT_META_IIFNAME as u32;
    pub(crate) const OIFNAME: u32 = libc::NFT_META_OIFNAME as u32;
    pub(crate) const NFTRACE: u32 = libc::NFT_META_NFTRACE as u32;
    pub(crate) const L4PROTO: u32 = libc::NFT_META_L4PROTO as u32;
    pub(crate) const PKTTYPE: u32 = libc::NFT_META_PKTTYPE as u32;
}

pub(crate) mod cmp {
    pub(crate) const SREG: u16 = 1;
    pub(crate) const OP: u16 = 2;
    pub(crate) const DATA: u16 = 3;
}

pub(crate) mod bitwise {
    pub(crate) const SREG: u16 = 1;
    pub(crate) const DREG: u16 = 2;
    pub(crate) const LEN: u16 = 3;
    pub(crate) const MASK: u16 = 4;
    pub(crate) const XOR: u16 = 5;
}

pub(crate) mod immediate {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const DATA: u16 = 2;
}

pub(crate) mod verdict {
    pub(crate) const CODE: u16 = 1;
    pub(crate) const CHAIN: u16 = 2;

    pub(crate) const DROP: i32 = libc::NF_DROP;
    pub(crate) const ACCEPT: i32 = libc::NF_ACCEPT;
    pub(crate) const CONTINUE: i32 = libc::NFT_CONTINUE;
    pub(crate) const JUMP: i32 = libc::NFT_JUMP;
    pub(crate) const GOTO: i32 = libc::NFT_GOTO;
    pub(crate) const RETURN: i32 = libc::NFT_RETURN;
}

pub(crate) mod counter {
    pub(crate) const BYTES: u16 = 1;
    pub(crate) const PACKETS: u16 = 2;
}

/// Of `match` and `target`.
pub(crate) mod extension {
    pub(crate) const NAME: u16 = 1;
    pub(crate) const REVISION: u16 = 2;
    pub(crate) const INFO: u16 = 3;
}

/// `NFTA_RULE_COMPAT`.
pub(crate) mod compat {
    pub(crate) const PROTO: u16 = 1;
    pub(crate) const FLAGS: u16 = 2;

    /// `NFT_RULE_COMPAT_F_INV`: every protocol but this.
    pub(crate) const INVERTED: u32 = 2;
}

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
            Some((LIST_ELEM, element)) => Some(expression(element)),
            Some(_) => Some(None),
            None if self.0.rest().is_empty() => None,
            None => {
                self.0 = Attrs::new(&[]);
                Some(None)
            }
        }
    }
}

/// Name and data of an expression in a list.
pub(crate) fn expression(element: &[u8]) -> Option<(&[u8], &[u8])> {
    let [_, name, data] = known(element)?;
    // Some expressions have nothing to say beyond their name.
    Some((attr::text(name?), data.unwrap_or_default()))
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
