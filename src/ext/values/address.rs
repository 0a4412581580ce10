//! Addresses in options of extensions.

use std::net::{IpAddr, Ipv4Addr};

use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::addr::{parse_addr, print_addr, split_mask, strict_mask};
use crate::types::fmt::{decimal, number};
use crate::types::{AddrMask, Protocol};

/// The one address that a numeric address or host name stands for.
fn host(input: &Input<'_>, text: &[u8]) -> Result<IpAddr, BadValue> {
    let family = input.cx.family;
    let numeric = match family {
        Family::Ipv4 | Family::Arp => inet_aton(text).map(IpAddr::V4),
        Family::Ipv6 => parse_addr(family, text),
    };
    if let Some(addr) = numeric {
        return Ok(addr);
    }
    let shown = String::from_utf8_lossy(text);
    match names::resolve(&shown, family).as_deref() {
        Ok([addr]) => Ok(*addr),
        Ok([]) => Err(BadValue::HostOfFamily { family }),
        Ok(_) => Err(BadValue::ManyHosts { family, part: shown.into_owned() }),
        Err(error) => {
            // The standard library puts its own words before those of the resolver.
            let text = error.to_string();
            let reason = text.rsplit(": ").next().unwrap_or_default();
            Err(BadValue::Host { family, reason: reason.into() })
        }
    }
}

/// An IPv4 address as the resolver reads numbers: of fewer than four the last one fills what is left, so that `1.2` is
/// `1.0.0.2`. Elsewhere in a rule it is `1.2.0.0`.
fn inet_aton(text: &[u8]) -> Option<Ipv4Addr> {
    // No spaces or signs here.
    if !text.iter().all(|byte| byte.is_ascii_hexdigit() || b"xX.".contains(byte)) {
        return None;
    }
    let mut addr = 0;
    let mut parts = text.split(|byte| *byte == b'.').peekable();
    for shift in [24, 16, 8, 0] {
        let part = u32::try_from(number(parts.next()?)?).ok()?;
        if parts.peek().is_none() {
            let room = if shift == 24 { u32::MAX } else { (1 << (shift + 8)) - 1 };
            return (part <= room).then_some(Ipv4Addr::from_bits(addr | part));
        }
        addr |= u32::from(u8::try_from(part).ok()?) << shift;
    }
    None
}

/// Whether an address is of the family; for one that is not, what reads its text has the words.
fn is_of(addr: IpAddr, family: Family) -> bool {
    addr.is_ipv4() == (family != Family::Ipv6)
}

impl Value for IpAddr {
    const KIND: ValueKind = ValueKind::text("ADDRESS");

    fn parse(input: &Input<'_>) -> Result<IpAddr, BadValue> {
        host(input, input.text())
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_addr(out.out, *self);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Address(*self))
    }

    fn of_datum(datum: &Datum, input: &Input<'_>) -> Option<Result<IpAddr, BadValue>> {
        match datum {
            Datum::Address(addr) if is_of(*addr, input.cx.family) => Some(Ok(*addr)),
            _ => None,
        }
    }
}

impl Value for AddrMask {
    const KIND: ValueKind = ValueKind::text("ADDRESS[/MASK]");

    fn parse(input: &Input<'_>) -> Result<AddrMask, BadValue> {
        let (addr, mask) = split_mask(input.text());
        let addr = host(input, addr)?;
        let Some(mask) = mask else { return Ok(addr.into()) };
        let family = input.cx.family;
        let mask = strict_mask(family, mask).ok_or(BadValue::Mask { family })?;
        Ok(AddrMask::unmasked(addr, mask))
    }

    fn print(&self, out: &mut Printer<'_>) {
        if out.style == Style::List {
            // Whatever its mask is.
            if self.addr().is_unspecified() {
                return out.text("anywhere");
            }
            return list_address(out.out, *self, false);
        }
        print_addr(out.out, self.addr());
        print_mask(out.out, *self);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Network(*self))
    }

    fn of_datum(datum: &Datum, input: &Input<'_>) -> Option<Result<AddrMask, BadValue>> {
        match datum {
            Datum::Address(addr) if is_of(*addr, input.cx.family) => Some(Ok((*addr).into())),
            Datum::Network(network) if is_of(network.addr(), input.cx.family) => Some(Ok(*network)),
            _ => None,
        }
    }
}

/// `anywhere`, the name of a host or network, or the numbers.
pub(crate) fn list_address(out: &mut Vec<u8>, address: AddrMask, numeric: bool) {
    // As iptables has it, in IPv6 whatever its mask is.
    let any = address.is_any() || address.addr().is_ipv6();
    if any && address.addr().is_unspecified() && !numeric {
        return out.extend_from_slice(b"anywhere");
    }
    let name = if numeric { None } else { address_name(address.addr()) };
    match name {
        Some(name) => out.extend_from_slice(&name),
        None => print_addr(out, address.addr()),
    }
    print_mask(out, address);
}

/// Prints the mask unless it is that of a single address.
fn print_mask(out: &mut Vec<u8>, address: AddrMask) {
    let full = address.family().pick(32, 128);
    match address.prefix() {
        Some(prefix) if prefix == full => {}
        Some(prefix) => {
            out.push(b'/');
            decimal(out, prefix.into());
        }
        None => {
            out.push(b'/');
            print_addr(out, address.mask());
        }
    }
}

/// The name of a host, or of an IPv4 network.
fn address_name(addr: IpAddr) -> Option<Vec<u8>> {
    let network = || match addr {
        IpAddr::V4(addr) => names::network_name(addr).map(<[u8]>::to_vec),
        IpAddr::V6(_) => None,
    };
    names::host_name(addr).or_else(network)
}

impl Value for Protocol {
    const KIND: ValueKind = ValueKind::text("PROTOCOL");

    fn parse(input: &Input<'_>) -> Result<Protocol, BadValue> {
        protocol(input.text()).ok_or(BadValue::Protocol)
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self.name().filter(|_| out.style != Style::NumericList) {
            Some(name) => out.text(name),
            None => out.decimal(self.0),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Number(self.0.into()))
    }
}

/// A protocol that is printed as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProtocolNumber(pub Protocol);

impl From<Protocol> for ProtocolNumber {
    fn from(protocol: Protocol) -> ProtocolNumber {
        ProtocolNumber(protocol)
    }
}

impl From<u8> for ProtocolNumber {
    fn from(number: u8) -> ProtocolNumber {
        ProtocolNumber(Protocol(number))
    }
}

invertible!(Protocol => ProtocolNumber, u8 => ProtocolNumber);

impl Value for ProtocolNumber {
    const KIND: ValueKind = Protocol::KIND;

    fn parse(input: &Input<'_>) -> Result<ProtocolNumber, BadValue> {
        Protocol::parse(input).map(ProtocolNumber)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0.0);
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Option<Datum> {
        self.0.datum(cx)
    }
}

/// The length of the prefix of an address, which may also be written as a mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PrefixLength(pub u8);

impl From<u8> for PrefixLength {
    fn from(length: u8) -> PrefixLength {
        PrefixLength(length)
    }
}

impl Value for PrefixLength {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "LENGTH|MASK");
    const MAX: u64 = 128;

    fn parse(input: &Input<'_>) -> Result<PrefixLength, BadValue> {
        let family = input.cx.family;
        let mask = strict_mask(family, input.text());
        let length = mask.and_then(|mask| AddrMask::unmasked(mask, mask).prefix());
        length.map(PrefixLength).ok_or(BadValue::Mask { family })
    }

    fn check(&self, _: &'static Opt, cx: &RuleContext<'_>) -> Result<(), BadValue> {
        let family = cx.family;
        if self.0 <= family.pick(32, 128) { Ok(()) } else { Err(BadValue::Mask { family }) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }
}

/// A protocol by number, by the names iptables has built in, or by `/etc/protocols`, which has some in capitals too.
pub(crate) fn protocol(text: &[u8]) -> Option<Protocol> {
    match number(text) {
        Some(number) => u8::try_from(number).ok().map(Protocol),
        None => Protocol::from_name(text).or_else(|| names::protocol_number(text).map(Protocol)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_addresses_read_as_the_resolver_does() {
        for (text, expected) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("1.2", Some("1.0.0.2")),
            ("1.2.0x304", Some("1.2.3.4")),
            ("16909060", Some("1.2.3.4")),
            ("010.0.0.1", Some("8.0.0.1")),
            ("4294967296", None),
            ("1.16777216", None),
            ("256.1", None),
            ("1.2.3.4.5", None),
            ("1.+2.3.4", None),
            ("1.", None),
            ("", None),
        ] {
            let addr = inet_aton(text.as_bytes()).map(|addr| addr.to_string());
            assert_eq!(addr.as_deref(), expected, "{text}");
        }
    }
}
