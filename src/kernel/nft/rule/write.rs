//! An entry to expressions, in the form that every `iptables-nft` since 1.8.7 lists and deletes.
//!
//! The fields of the header are native, in the order of 1.8.11. Every match and every target is a compat expression with the
//! bytes of the entry, those included that newer versions write natively: older ones do not see native ones at all, and newer
//! ones read both. Native, as every version has them, are TRACE, because outside of the table raw the kernel has no other, and
//! a `limit` whose sums wrap around in xtables. The counter stands before what the rule does.

use super::super::attr::Writer;
use super::super::uapi::*;
use super::Unsayable;
use super::expr::*;
use crate::blob::{Entry, EntryVerdict, ExtBytes, Header};
use crate::ext::{ExtensionKind, matches};
use crate::sys::xt::IFNAMSIZ;
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};

/// The expressions that a rule can have, `NFT_RULE_MAXEXPRS`.
const MOST: usize = 128;

/// Where the fields of the network header lie.
pub(super) mod network {
    use crate::types::Family;

    pub(crate) const FRAGMENT: u32 = 6;
    /// The bits of the field at [`FRAGMENT`] that are not flags: the offset of the fragment, 0 in the first.
    pub(crate) const OFFSET_BITS: [u8; 2] = [0x1f, 0xff];
    /// IPv4 alone.
    pub(crate) const PROTOCOL: u32 = 9;

    pub(crate) fn source(family: Family) -> u32 {
        match family {
            Family::Ipv4 => 12,
            Family::Ipv6 => 8,
            Family::Arp => 14,
        }
    }

    pub(crate) fn destination(family: Family) -> u32 {
        match family {
            Family::Ipv4 => 16,
            Family::Ipv6 | Family::Arp => 24,
        }
    }
}

/// The name of an interface that there cannot be: how a rule says that no interface matches.
pub(super) const NO_INTERFACE: &[u8] = b"INVAL/D\0";

/// Appends the attributes `NFTA_RULE_EXPRESSIONS` and `NFTA_RULE_COMPAT` of a rule; `jump` is the chain that the entry goes
/// to. Nothing is appended when the rule cannot be said.
pub(crate) fn write(
    entry: Entry<'_>,
    jump: Option<&[u8]>,
    counters: Counters,
    writer: &mut Writer,
) -> Result<(), Unsayable> {
    let start = writer.len();
    let written = expressions(entry, jump, counters, writer);
    // The flag is about what this function has written.
    let too_long = writer.take_too_long();
    let written = written.and_then(|protocol| if too_long { Err(Unsayable::TooLong) } else { Ok(protocol) });
    match written {
        Ok(_) if entry.family == Family::Arp => Ok(()),
        Ok(Inv { inverted, value }) => {
            writer.nest(NFTA_RULE_COMPAT, |inner| {
                inner.be32(NFTA_RULE_COMPAT_PROTO, value.0.into());
                inner.be32(NFTA_RULE_COMPAT_FLAGS, if inverted { NFT_RULE_COMPAT_F_INV } else { 0 });
            });
            Ok(())
        }
        Err(error) => {
            writer.truncate(start);
            Err(error)
        }
    }
}

/// Appends the expressions; returns the protocol that the rule is limited to.
fn expressions(
    entry: Entry<'_>,
    jump: Option<&[u8]>,
    counters: Counters,
    writer: &mut Writer,
) -> Result<Inv<Protocol>, Unsayable> {
    let header = entry.header();
    let list = writer.open(NFTA_RULE_EXPRESSIONS);
    let mut out = Expressions { writer, count: 0, family: entry.family };
    let protocol = match entry.family {
        Family::Arp => out.arp_header(entry, &header).map(|()| Protocol::ANY.into())?,
        Family::Ipv4 | Family::Ipv6 => {
            let protocol = out.header(&header)?;
            entry.matches().for_each(|matching| out.matching(matching));
            protocol
        }
    };
    out.expression(b"counter", |data| {
        data.be64(NFTA_COUNTER_BYTES, counters.bytes);
        data.be64(NFTA_COUNTER_PACKETS, counters.packets);
    });
    out.action(entry, jump, header.goto)?;
    let count = out.count;
    writer.close(list);
    if count > MOST { Err(Unsayable::TooMany(count)) } else { Ok(protocol) }
}

pub(super) struct Expressions<'a> {
    writer: &'a mut Writer,
    count: usize,
    family: Family,
}

impl Expressions<'_> {
    #[inline]
    fn expression(&mut self, name: &[u8], data: impl FnOnce(&mut Writer)) {
        self.count += 1;
        let element = self.writer.open(NFTA_LIST_ELEM);
        self.writer.text(NFTA_EXPR_NAME, name);
        let nest = self.writer.open(NFTA_EXPR_DATA);
        data(self.writer);
        self.writer.close(nest);
        self.writer.close(element);
    }

    fn header(&mut self, header: &Header) -> Result<Inv<Protocol>, Unsayable> {
        self.ip_address(&header.source, "source")?;
        self.ip_address(&header.destination, "destination")?;
        self.interface(&header.input, NFT_META_IIFNAME, "input interface")?;
        self.interface(&header.output, NFT_META_OIFNAME, "output interface")?;
        if header.odd {
            return Err(Unsayable::Flags);
        }
        // No protocol at all is what any protocol is, and the opposite of it too: neither is looked at.
        let protocol =
            if header.protocol.value == Protocol::ANY { Protocol::ANY.into() } else { header.protocol };
        if protocol.value != Protocol::ANY {
            match self.family {
                Family::Ipv4 | Family::Arp => self.payload(network::PROTOCOL, 1),
                Family::Ipv6 => self.meta(NFT_META_L4PROTO),
            }
            self.compare(protocol.inverted, &[protocol.value.0]);
        }
        if let Some(later) = header.fragment {
            self.payload(network::FRAGMENT, 2);
            self.mask(&network::OFFSET_BITS);
            self.compare(later, &[0, 0]);
        }
        Ok(protocol)
    }

    /// `what` is `source` or `destination`.
    pub(super) fn ip_address(
        &mut self,
        address: &Inv<AddrMask>,
        what: &'static str,
    ) -> Result<(), Unsayable> {
        let Inv { inverted, value } = address;
        let offset =
            if what == "source" { network::source(self.family) } else { network::destination(self.family) };
        let size = self.family.pick(4, 16);
        let (octets, mask) = value.octets();
        self.masked(*inverted, offset, &octets[..size], &mask[..size], what)
    }

    /// An address under a mask.
    pub(super) fn masked(
        &mut self,
        inverted: bool,
        offset: u32,
        octets: &[u8],
        mask: &[u8],
        what: &'static str,
    ) -> Result<(), Unsayable> {
        // That matches nothing, and as text it would be another address.
        if octets.iter().zip(mask).any(|(byte, mask)| byte & !mask != 0) {
            return Err(Unsayable::Mask(what));
        }
        // Whole bytes of ones, and then nothing.
        let whole = mask.iter().take_while(|byte| **byte == 0xff).count();
        let is_prefix = mask[whole..].iter().all(|byte| *byte == 0);
        match (is_prefix, whole) {
            (true, 0) if inverted => return Err(Unsayable::NoAddress),
            (true, 0) => {}
            (true, whole) => {
                self.payload(offset, whole);
                self.compare(inverted, &octets[..whole]);
            }
            (false, _) => {
                self.payload(offset, mask.len());
                self.mask(mask);
                self.compare(inverted, octets);
            }
        }
        Ok(())
    }

    pub(super) fn interface(
        &mut self,
        interface: &Inv<Interface>,
        key: u32,
        what: &'static str,
    ) -> Result<(), Unsayable> {
        let Inv { inverted, value } = interface;
        let mut name = [0; IFNAMSIZ];
        let pattern = value.as_bytes();
        let (inverted, compared) = match pattern {
            // Every byte of a name counts, or its first ones.
            _ if !value.is_pattern() => return Err(Unsayable::Mask(what)),
            [] | [b'+'] if !inverted => return Ok(()),
            [] | [b'+'] => (false, NO_INTERFACE),
            // The beginning of a name alone; a whole name with the NUL behind it.
            [start @ .., b'+'] => (*inverted, start),
            whole => {
                let len = whole.len().min(IFNAMSIZ - 1);
                name[..len].copy_from_slice(&whole[..len]);
                (*inverted, &name[..=len])
            }
        };
        self.meta(key);
        self.compare(inverted, compared);
        Ok(())
    }

    pub(super) fn payload(&mut self, offset: u32, len: usize) {
        self.expression(b"payload", |data| {
            data.be32(NFTA_PAYLOAD_DREG, NFT_REG_1);
            data.be32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
            data.be32(NFTA_PAYLOAD_OFFSET, offset);
            data.be32(NFTA_PAYLOAD_LEN, len as u32);
        });
    }

    fn meta(&mut self, key: u32) {
        self.expression(b"meta", |data| {
            data.be32(NFTA_META_KEY, key);
            data.be32(NFTA_META_DREG, NFT_REG_1);
        });
    }

    pub(super) fn mask(&mut self, mask: &[u8]) {
        self.expression(b"bitwise", |data| {
            data.be32(NFTA_BITWISE_SREG, NFT_REG_1);
            data.be32(NFTA_BITWISE_DREG, NFT_REG_1);
            data.be32(NFTA_BITWISE_LEN, mask.len() as u32);
            data.nest(NFTA_BITWISE_MASK, |inner| inner.put(NFTA_DATA_VALUE, mask));
            data.nest(NFTA_BITWISE_XOR, |inner| inner.put(NFTA_DATA_VALUE, &[0; 16][..mask.len()]));
        });
    }

    pub(super) fn compare(&mut self, inverted: bool, with: &[u8]) {
        let operator = if inverted { NFT_CMP_NEQ } else { NFT_CMP_EQ };
        self.expression(b"cmp", |data| {
            data.be32(NFTA_CMP_SREG, NFT_REG_1);
            data.be32(NFTA_CMP_OP, operator);
            data.nest(NFTA_CMP_DATA, |inner| inner.put(NFTA_DATA_VALUE, with));
        });
    }

    /// A match, which is native where xtables has no room for it.
    fn matching(&mut self, bytes: ExtBytes<'_>) {
        let limit = (bytes.name == b"limit").then(|| matches::Limit::beyond_xtables(bytes.data)).flatten();
        let Some((rate, unit, burst)) = limit else { return self.extension(ExtensionKind::Match, bytes) };
        self.expression(b"limit", |data| {
            data.be64(NFTA_LIMIT_RATE, rate);
            data.be64(NFTA_LIMIT_UNIT, unit);
            data.be32(NFTA_LIMIT_BURST, burst);
            data.be32(NFTA_LIMIT_TYPE, 0);
            data.be32(NFTA_LIMIT_FLAGS, 0);
        });
    }

    fn extension(&mut self, kind: ExtensionKind, bytes: ExtBytes<'_>) {
        let name: &[u8] = match kind {
            ExtensionKind::Match => b"match",
            ExtensionKind::Target => b"target",
        };
        self.expression(name, |data| {
            data.text(NFTA_MATCH_NAME, bytes.name);
            data.be32(NFTA_MATCH_REV, bytes.revision.into());
            data.put(NFTA_MATCH_INFO, bytes.data);
        });
    }

    fn action(&mut self, entry: Entry<'_>, jump: Option<&[u8]>, goto: bool) -> Result<(), Unsayable> {
        let code = match entry.verdict() {
            Some(EntryVerdict::Fallthrough) => return Ok(()),
            Some(EntryVerdict::Accept) => libc::NF_ACCEPT,
            Some(EntryVerdict::Drop) => libc::NF_DROP,
            Some(EntryVerdict::Return) => NFT_RETURN,
            Some(EntryVerdict::Jump(_)) if goto => NFT_GOTO,
            Some(EntryVerdict::Jump(_)) => NFT_JUMP,
            Some(EntryVerdict::Queue) => return Err(Unsayable::Queue),
            Some(EntryVerdict::Unknown(number)) => return Err(Unsayable::Verdict(number)),
            None => {
                let target = entry.target();
                if target.name == b"TRACE" && target.data.is_empty() {
                    self.trace();
                } else {
                    self.extension(ExtensionKind::Target, target);
                }
                return Ok(());
            }
        };
        let chain = match (entry.verdict(), jump) {
            (Some(EntryVerdict::Jump(_)), None) => return Err(Unsayable::NoChain),
            (Some(EntryVerdict::Jump(_)), Some(chain)) => Some(chain),
            _ => None,
        };
        self.immediate(NFT_REG_VERDICT, |data| {
            data.nest(NFTA_DATA_VERDICT, |inner| {
                inner.be32(NFTA_VERDICT_CODE, code as u32);
                if let Some(chain) = chain {
                    inner.text(NFTA_VERDICT_CHAIN, chain);
                }
            });
        });
        Ok(())
    }

    /// The bit that makes the kernel tell what becomes of a packet.
    fn trace(&mut self) {
        // Not the first register, because every version does it so.
        self.immediate(NFT_REG32_01, |data| data.put(NFTA_DATA_VALUE, &[1]));
        self.expression(b"meta", |data| {
            data.be32(NFTA_META_KEY, NFT_META_NFTRACE);
            data.be32(NFTA_META_SREG, NFT_REG32_01);
        });
    }

    fn immediate(&mut self, register: u32, data: impl FnOnce(&mut Writer)) {
        self.expression(b"immediate", |inner| {
            inner.be32(NFTA_IMMEDIATE_DREG, register);
            inner.nest(NFTA_IMMEDIATE_DATA, data);
        });
    }
}
