//! Ranges of addresses and ports for address translation. `linux/netfilter/nf_nat.h`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::RangeInclusive;

use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::addr::{addr_from_octets, addr_octets, parse_addr, print_addr};
use crate::types::fmt::leading_number;

pub(crate) const NF_NAT_RANGE_MAP_IPS: u32 = 1 << 0;
const NF_NAT_RANGE_PROTO_SPECIFIED: u32 = 1 << 1;
pub(crate) const NF_NAT_RANGE_PROTO_RANDOM: u32 = 1 << 2;
pub(crate) const NF_NAT_RANGE_PERSISTENT: u32 = 1 << 3;
pub(crate) const NF_NAT_RANGE_PROTO_RANDOM_FULLY: u32 = 1 << 4;
const NF_NAT_RANGE_PROTO_OFFSET: u32 = 1 << 5;

raw! {
    "linux/netfilter/nf_nat.h"

    /// The only form of targets that were made for IPv4; ports in network order.
    struct nf_nat_ipv4_multi_range_compat {
        rangesize: u32,
        flags = "range[0].flags": u32,
        min_ip = "range[0].min_ip": [u8; 4],
        max_ip = "range[0].max_ip": [u8; 4],
        min = "range[0].min": [u8; 2],
        max = "range[0].max": [u8; 2],
    }

    struct nf_nat_range {
        flags: u32,
        min_addr: [u8; 16],
        max_addr: [u8; 16],
        min_proto: [u8; 2],
        max_proto: [u8; 2],
    }

    struct nf_nat_range2 {
        flags: u32,
        min_addr: [u8; 16],
        max_addr: [u8; 16],
        min_proto: [u8; 2],
        max_proto: [u8; 2],
        base_proto: [u8; 2],
        _padding: [u8; 2],
    }
}

/// Ports that are mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NatPorts {
    /// The first port.
    pub min: u16,
    /// The last port.
    pub max: u16,
    /// The original port that is mapped to the first; the others follow in order. Target DNAT.
    pub base: Option<u16>,
}

impl From<u16> for NatPorts {
    fn from(port: u16) -> NatPorts {
        NatPorts { min: port, max: port, base: None }
    }
}

impl From<std::ops::RangeInclusive<u16>> for NatPorts {
    fn from(range: std::ops::RangeInclusive<u16>) -> NatPorts {
        NatPorts { min: *range.start(), max: *range.end(), base: None }
    }
}

impl NatPorts {
    fn read(text: &[u8]) -> Result<NatPorts, BadValue> {
        let (min, rest) = read_port(text)?;
        let last = match rest {
            [] => return Ok(min.into()),
            [b'-', last @ ..] => last,
            rest => return Err(behind(rest)),
        };
        // The name of a service may have a dash in it, so only a number can end a range.
        let (max, rest) = port_number(last).ok_or_else(|| bad_port(last))?;
        if max < min {
            return Err(BadValue::NatOrder { part: shown(&last[..last.len() - rest.len()]) });
        }
        match rest {
            [] => Ok((min..=max).into()),
            [b'/', base @ ..] => match read_port(base)? {
                (0, _) => Err(bad_port(base)),
                (base, []) => Ok(NatPorts { min, max, base: Some(base) }),
                (_, rest) => Err(behind(rest)),
            },
            rest => Err(BadValue::BehindNatPorts { rest: shown(rest) }),
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        use crate::types::fmt::decimal;
        decimal(out, self.min.into());
        if self.max != self.min {
            out.push(b'-');
            decimal(out, self.max.into());
        }
        if let Some(base) = self.base {
            out.push(b'/');
            decimal(out, base.into());
        }
    }
}

fn behind(rest: &[u8]) -> BadValue {
    BadValue::BehindNatPort { rest: shown(rest) }
}

/// Fails unless the rule is limited to a protocol with ports; ICMP has numbers in their place.
fn need_ports(cx: &RuleContext<'_>) -> Result<(), BadValue> {
    const WITH_PORTS: [Protocol; 5] =
        [Protocol::TCP, Protocol::UDP, Protocol::SCTP, Protocol::DCCP, Protocol::ICMP];
    match WITH_PORTS.contains(&cx.protocol) {
        true => Ok(()),
        false => Err(BadValue::NatProtocol),
    }
}

/// A port by number, or the whole text as the name of a service.
fn read_port(text: &[u8]) -> Result<(u16, &[u8]), BadValue> {
    // The service need not be one of the rule's protocol.
    let named = || names::port_of(text, None).map(|port| (port, [].as_slice()));
    port_number(text).or_else(named).ok_or_else(|| bad_port(text))
}

/// A port by number, and what follows it.
fn port_number(text: &[u8]) -> Option<(u16, &[u8])> {
    leading_number(text).and_then(|(number, rest)| Some((u16::try_from(number).ok()?, rest)))
}

fn bad_port(text: &[u8]) -> BadValue {
    BadValue::NatPort { part: shown(text) }
}

impl Value for NatPorts {
    const KIND: ValueKind = ValueKind::text("PORT[-PORT]");

    fn parse(input: &Input<'_>) -> Result<NatPorts, BadValue> {
        need_ports(input.cx)?;
        if let Ok((_, [b':', ..])) = read_port(input.text()) {
            return Err(BadValue::NatColon);
        }
        let ports = NatPorts::read(input.text())?;
        no_base(ports)
    }

    fn print(&self, out: &mut Printer<'_>) {
        self.write(out.out);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        self.base.is_none().then(|| (self.min..=self.max).into())
    }
}

/// Refuses a base where the kernel's structure has no place for it.
fn no_base(ports: NatPorts) -> Result<NatPorts, BadValue> {
    match ports.base {
        None => Ok(ports),
        Some(_) => Err(BadValue::NatBase),
    }
}

/// The addresses and ports that DNAT and SNAT map to.
///
/// Written `[ADDRESS[-ADDRESS]][:PORT[-PORT[/PORT]]]`, IPv6 addresses with ports in brackets.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use libfw::ext::values::NatRange;
///
/// let range = NatRange::to(Ipv4Addr::new(10, 0, 0, 1)).ports(8080);
/// assert_eq!(range.ports.unwrap().min, 8080);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NatRange {
    /// The first and the last address.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// The ports.
    pub ports: Option<NatPorts>,
}

impl NatRange {
    /// To one address.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::{Family, Rule, ext::values::NatRange, targets::Dnat};
    ///
    /// let to = NatRange::to(Ipv4Addr::new(10, 0, 0, 1));
    /// let rule = Rule::builder().target(Dnat::new().to_destination(to)).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j DNAT --to-destination 10.0.0.1");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to(address: impl Into<IpAddr>) -> NatRange {
        let address = address.into();
        NatRange { addresses: Some((address, address)), ports: None }
    }

    /// To one of several addresses.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::{Family, Rule, ext::values::NatRange, targets::Snat};
    ///
    /// let range = NatRange::between(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 9));
    /// let rule = Rule::builder().target(Snat::new().to_source(range)).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j SNAT --to-source 10.0.0.1-10.0.0.9");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn between(first: impl Into<IpAddr>, last: impl Into<IpAddr>) -> NatRange {
        NatRange { addresses: Some((first.into(), last.into())), ports: None }
    }

    /// To these ports.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::ext::values::NatRange;
    ///
    /// let range = NatRange::to(Ipv4Addr::new(10, 0, 0, 1)).ports(8000..=8009);
    /// assert_eq!(range.ports.unwrap().max, 8009);
    /// ```
    #[must_use]
    pub fn ports(mut self, ports: impl Into<NatPorts>) -> NatRange {
        self.ports = Some(ports.into());
        self
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let bracketed = self.ports.is_some() && self.addresses.is_some_and(|(first, _)| first.is_ipv6());
        if let Some((first, last)) = self.addresses {
            out.extend(bracketed.then_some(b'['));
            print_addr(out, first);
            if first != last {
                out.push(b'-');
                print_addr(out, last);
            }
            out.extend(bracketed.then_some(b']'));
        }
        if let Some(ports) = self.ports {
            out.push(b':');
            ports.write(out);
        }
    }

    /// The flags that say which parts there are.
    fn flags(&self) -> u32 {
        let base = self.ports.is_some_and(|ports| ports.base.is_some());
        flag(self.addresses.is_some(), NF_NAT_RANGE_MAP_IPS)
            | flag(self.ports.is_some(), NF_NAT_RANGE_PROTO_SPECIFIED)
            | flag(base, NF_NAT_RANGE_PROTO_OFFSET)
    }

    /// The kernel's newest form, with further flags.
    pub(crate) fn to_range2(self, flags: u32) -> nf_nat_range2 {
        let zero = ([0; 16], [0; 16]);
        let (min_addr, max_addr) =
            self.addresses.map_or(zero, |(min, max)| (addr_octets(min), addr_octets(max)));
        let ports = self.ports.unwrap_or(0.into());
        nf_nat_range2 {
            flags: self.flags() | flags,
            min_addr,
            max_addr,
            min_proto: ports.min.to_be_bytes(),
            max_proto: ports.max.to_be_bytes(),
            base_proto: ports.base.unwrap_or_default().to_be_bytes(),
            _padding: [0; 2],
        }
    }

    pub(crate) fn from_range2(raw: &nf_nat_range2, family: Family) -> NatRange {
        let address = |octets: &[u8]| addr_from_octets(family, octets);
        let base = (raw.flags & NF_NAT_RANGE_PROTO_OFFSET != 0).then(|| u16::from_be_bytes(raw.base_proto));
        NatRange {
            addresses: (raw.flags & NF_NAT_RANGE_MAP_IPS != 0)
                .then(|| (address(&raw.min_addr), address(&raw.max_addr))),
            ports: (raw.flags & NF_NAT_RANGE_PROTO_SPECIFIED != 0).then(|| NatPorts {
                min: u16::from_be_bytes(raw.min_proto),
                max: u16::from_be_bytes(raw.max_proto),
                base,
            }),
        }
    }
}

macro_rules! from_addresses {
    ($($addr:ty),*) => {$(
        impl From<$addr> for NatRange {
            fn from(address: $addr) -> NatRange {
                NatRange::to(address)
            }
        }

        impl From<RangeInclusive<$addr>> for NatRange {
            fn from(range: RangeInclusive<$addr>) -> NatRange {
                NatRange::between(*range.start(), *range.end())
            }
        }

        impl From<($addr, u16)> for NatRange {
            fn from((address, port): ($addr, u16)) -> NatRange {
                NatRange::to(address).ports(port)
            }
        }
    )*};
}
from_addresses!(IpAddr, Ipv4Addr, Ipv6Addr);

macro_rules! from_sockets {
    ($($socket:ty),*) => {$(
        impl From<$socket> for NatRange {
            fn from(socket: $socket) -> NatRange {
                NatRange::to(SocketAddr::from(socket).ip()).ports(socket.port())
            }
        }
    )*};
}
from_sockets!(SocketAddr, SocketAddrV4, SocketAddrV6);

/// Writes the older forms, of IPv4 or IPv6, which have no base port.
pub(crate) fn old_range(range: &nf_nat_range2, family: Family, payload: &mut Payload<'_>) {
    match family {
        Family::Ipv4 | Family::Arp => {
            let four = |octets: [u8; 16]| [octets[0], octets[1], octets[2], octets[3]];
            payload.put(&nf_nat_ipv4_multi_range_compat {
                rangesize: 1,
                flags: range.flags,
                min_ip: four(range.min_addr),
                max_ip: four(range.max_addr),
                min: range.min_proto,
                max: range.max_proto,
            });
        }
        Family::Ipv6 => payload.put(&nf_nat_range {
            flags: range.flags,
            min_addr: range.min_addr,
            max_addr: range.max_addr,
            min_proto: range.min_proto,
            max_proto: range.max_proto,
        }),
    }
}

/// Reads the older forms as the newest one.
pub(crate) fn read_old_range(family: Family, bytes: &[u8]) -> Result<nf_nat_range2> {
    let mut range = nf_nat_range2::new_zeroed();
    match family {
        Family::Ipv4 | Family::Arp => {
            let raw: nf_nat_ipv4_multi_range_compat = read_raw(bytes)?;
            range.flags = raw.flags;
            range.min_addr[..4].copy_from_slice(&raw.min_ip);
            range.max_addr[..4].copy_from_slice(&raw.max_ip);
            range.min_proto = raw.min;
            range.max_proto = raw.max;
        }
        Family::Ipv6 => {
            let raw: nf_nat_range = read_raw(bytes)?;
            range.flags = raw.flags;
            range.min_addr = raw.min_addr;
            range.max_addr = raw.max_addr;
            range.min_proto = raw.min_proto;
            range.max_proto = raw.max_proto;
        }
    }
    Ok(range)
}

impl Value for NatRange {
    const KIND: ValueKind = ValueKind::text("[ADDRESS[-ADDRESS]][:PORT[-PORT]]");

    fn parse(input: &Input<'_>) -> Result<NatRange, BadValue> {
        let (addresses, ports) = split_ports(input.text(), input.cx.family)?;
        if ports.is_some() {
            need_ports(input.cx)?;
        }
        let ports = ports.map(NatPorts::read).transpose()?;
        let begins_with = |start: &[u8]| input.text().starts_with(start);
        let no_brackets = !input.text().contains(&b'[');
        if addresses.is_empty() && ports.is_some() && (begins_with(b"[") || begins_with(b":") && no_brackets)
        {
            return Ok(NatRange { addresses: None, ports });
        }
        let family = input.cx.family;
        let address = |text: &[u8]| {
            strict_addr(family, text).ok_or_else(|| BadValue::NatAddress { family, part: shown(text) })
        };
        let (first, last) = match addresses.iter().position(|byte| *byte == b'-') {
            None => {
                let address = address(addresses)?;
                (address, address)
            }
            Some(dash) => (address(&addresses[..dash])?, address(&addresses[dash + 1..])?),
        };
        Ok(NatRange { addresses: Some((first, last)), ports })
    }

    fn print(&self, out: &mut Printer<'_>) {
        self.write(out.out);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Nat(*self))
    }
}

/// An address in full, without the short forms that `-s` takes.
fn strict_addr(family: Family, text: &[u8]) -> Option<IpAddr> {
    let addr = parse_addr(family, text).filter(|_| !text.starts_with(b" ") && !text.starts_with(b"+"))?;
    let dots = text.iter().filter(|byte| **byte == b'.').count();
    (family == Family::Ipv6 || dots == 3).then_some(addr)
}

/// Addresses, and what stands behind the colon before ports.
fn split_ports(text: &[u8], family: Family) -> Result<(&[u8], Option<&[u8]>), BadValue> {
    if let Some(open) = text.iter().position(|byte| *byte == b'[') {
        let close = text.iter().position(|byte| *byte == b']').filter(|_| family == Family::Ipv6);
        let close = close.filter(|close| *close > open).ok_or(BadValue::NatBrackets { family })?;
        let ports =
            text[close..].iter().position(|byte| *byte == b':').map(|colon| &text[close + colon + 1..]);
        return Ok((&text[open + 1..close], ports));
    }
    match text.iter().position(|byte| *byte == b':') {
        // Of several colons none is that before the ports.
        Some(colon) if !text[colon + 1..].contains(&b':') => Ok((&text[..colon], Some(&text[colon + 1..]))),
        _ => Ok((text, None)),
    }
}
