//! Addresses in options of extensions.

use std::net::IpAddr;

use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::addr::{parse_addr, parse_mask, print_addr, split_mask};
use crate::types::{AddrMask, Protocol};

/// The one address that a numeric address or host name stands for.
fn host(input: &Input<'_>, text: &[u8]) -> Result<IpAddr, Bad> {
    let family = input.cx.family;
    if let Some(addr) = parse_addr(family, text) {
        return Ok(addr);
    }
    let shown = String::from_utf8_lossy(text);
    let expected = match family {
        Family::Ipv4 => "an IPv4 address or the name of one host",
        Family::Ipv6 => "an IPv6 address or the name of one host",
    };
    match names::resolve(&shown, family).as_deref() {
        Ok([addr]) => Ok(*addr),
        Ok([]) => Err(Bad::new(expected, "getaddrinfo: Address family for hostname not supported\n")),
        Ok(_) => Err(Bad::new(expected, format!("{shown} resolves to more than one address\n"))),
        Err(error) => {
            // The standard library puts its own words before those of the resolver.
            let text = error.to_string();
            let reason = text.rsplit(": ").next().unwrap_or_default();
            Err(Bad::new(expected, format!("getaddrinfo: {reason}\n")))
        }
    }
}

impl Value for IpAddr {
    const KIND: Kind = Kind::text("ADDRESS");

    fn parse(input: &Input<'_>) -> Result<IpAddr, Bad> {
        host(input, input.text())
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_addr(out.out, *self);
    }
}

impl Value for AddrMask {
    const KIND: Kind = Kind::text("ADDRESS[/MASK]");

    fn parse(input: &Input<'_>) -> Result<AddrMask, Bad> {
        let (addr, mask) = split_mask(input.text());
        let addr = host(input, addr)?;
        let Some(mask) = mask else { return Ok(addr.into()) };
        let bad = || {
            let shown = String::from_utf8_lossy(mask);
            Bad::new("a prefix length or mask after the slash", format!("invalid mask `{shown}' specified"))
        };
        let mask = parse_mask(input.cx.family, mask).ok_or_else(bad)?;
        AddrMask::new(addr, mask).map_err(|_| bad())
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_addr(out.out, self.addr());
        if self.prefix() != Some(self.family().pick(32, 128)) {
            out.text("/");
            match self.prefix() {
                Some(prefix) => out.decimal(prefix),
                None => print_addr(out.out, self.mask()),
            }
        }
    }
}

impl Value for Protocol {
    const KIND: Kind = Kind::text("PROTOCOL");

    fn parse(input: &Input<'_>) -> Result<Protocol, Bad> {
        protocol(input.text()).ok_or_else(|| {
            Bad::new(
                "the name or number of a protocol",
                format!("unknown protocol \"{}\" specified", input.shown()),
            )
        })
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self.name() {
            Some(name) => out.text(name),
            None => out.decimal(self.0),
        }
    }
}

/// A protocol by number, by the names iptables has built in, or by `/etc/protocols`.
pub(crate) fn protocol(text: &[u8]) -> Option<Protocol> {
    let lower = text.to_ascii_lowercase();
    match crate::types::fmt::number(&lower) {
        Some(number) => u8::try_from(number).ok().map(Protocol),
        None => Protocol::from_name(&lower).or_else(|| names::protocol_number(&lower).map(Protocol)),
    }
}
