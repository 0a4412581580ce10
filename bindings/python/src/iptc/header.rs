//! Addresses, interfaces and protocols as python-iptables writes them.

use std::net::IpAddr;

use libfw::{AddrMask, Counters, Family, Interface, Inv, Protocol, RuleRef};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

use crate::convert::bytes_of;

/// What a rule has of its own.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) source: Net,
    pub(super) destination: Net,
    pub(super) input: Inv<Interface>,
    pub(super) output: Inv<Interface>,
    pub(super) protocol: Inv<Protocol>,
    pub(super) fragment: Option<bool>,
    pub(super) counters: Counters,
}

impl Header {
    pub(super) fn any(family: Family) -> Header {
        Header {
            source: Net::any(family),
            destination: Net::any(family),
            input: Inv::default(),
            output: Inv::default(),
            protocol: Inv::default(),
            fragment: None,
            counters: Counters::default(),
        }
    }

    pub(super) fn of(rule: &RuleRef<'_>) -> Header {
        Header {
            source: rule.source().into(),
            destination: rule.destination().into(),
            input: named(rule.input()),
            output: named(rule.output()),
            protocol: rule.protocol(),
            fragment: rule.fragment(),
            counters: rule.counters(),
        }
    }

    /// Whether it says the same of packets; counters do not count.
    pub(super) fn same(&self, other: &Header) -> bool {
        self.source.net == other.source.net
            && self.destination.net == other.destination.net
            && self.input == other.input
            && self.output == other.output
            && self.protocol == other.protocol
            && self.fragment == other.fragment
    }
}

/// The interface of that name, whatever its mask is: for IPv6 python-iptables writes one that compares a bit of each letter.
fn named(interface: Inv<Interface>) -> Inv<Interface> {
    let name = interface.value.as_bytes();
    // Most rules have none: no error is made for them to be dropped.
    let plain = if name.is_empty() { None } else { Interface::new(name).ok() };
    Inv::new(interface.inverted, plain.unwrap_or(interface.value))
}

/// The protocols that have a name; others are read as numbers.
pub(super) const PROTOCOLS: [(u8, &str); 23] = [
    (6, "tcp"),
    (17, "udp"),
    (1, "icmp"),
    (0, "ip"),
    (2, "igmp"),
    (4, "ipip"),
    (8, "egp"),
    (12, "pup"),
    (22, "idp"),
    (29, "tp"),
    (41, "ipv6"),
    (43, "routing"),
    (44, "fragment"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "icmpv6"),
    (59, "none"),
    (60, "dstopts"),
    (103, "pim"),
    (132, "sctp"),
    (255, "raw"),
];

/// A text, whose `!` in front is taken off.
fn bang(value: &Bound<'_, PyAny>, what: &str) -> PyResult<Inv<String>> {
    let value = if value.is_instance_of::<PyString>() {
        value.extract::<String>()?
    } else if value.get_type().module()? == "ipaddress" {
        value.str()?.extract()?
    } else {
        return Err(PyTypeError::new_err(format!("{what} is a text, not {}", value.get_type().name()?)));
    };
    Ok(match value.strip_prefix('!') {
        Some(rest) => Inv::new(true, rest.to_owned()),
        None => Inv::new(false, value),
    })
}

/// An address under a mask, and as it was written: of an IPv6 address the bits outside of the mask are shown too.
#[derive(Clone)]
pub(super) struct Net {
    pub(super) net: Inv<AddrMask>,
    address: IpAddr,
}

/// Of what python-iptables writes into the kernel bits outside of the mask do not count.
impl From<Inv<AddrMask>> for Net {
    fn from(net: Inv<AddrMask>) -> Net {
        let (address, mask) = (net.value.addr(), net.value.mask());
        let value = AddrMask::new(address, mask).unwrap_or(net.value);
        Net { net: Inv::new(net.inverted, value), address }
    }
}

impl Net {
    pub(super) fn any(family: Family) -> Net {
        Inv::new(false, AddrMask::any(family)).into()
    }

    pub(super) fn is_any(&self) -> bool {
        self.net.value.is_any() && !self.net.inverted
    }

    /// `ADDRESS/MASK` for IPv4, with `brief` and for IPv6 `ADDRESS/PREFIX`.
    pub(super) fn text(&self, brief: bool) -> String {
        let mut text = String::with_capacity(32);
        if self.net.inverted {
            text.push('!');
        }
        let (address, mask) = (self.address, self.net.value.mask());
        push(&mut text, address);
        text.push('/');
        match self.net.value.prefix() {
            Some(prefix) if brief || mask.is_ipv6() => text.push_str(&prefix.to_string()),
            _ => push(&mut text, mask),
        }
        text
    }
}

/// Appends an address; one of IPv4 in an eighth of what its formatting takes, since every rule has two with their masks.
fn push(text: &mut String, address: IpAddr) {
    let IpAddr::V4(address) = address else { return text.push_str(&address.to_string()) };
    for (index, octet) in address.octets().into_iter().enumerate() {
        if index > 0 {
            text.push('.');
        }
        let digits = [octet / 100, octet / 10 % 10, octet % 10];
        let leading = usize::from(octet < 100) + usize::from(octet < 10);
        text.extend(digits.into_iter().skip(leading).map(|digit| char::from(b'0' + digit)));
    }
}

/// Reads an address, with a mask or the length of a prefix.
pub(super) fn address(family: Family, value: &Bound<'_, PyAny>) -> PyResult<Net> {
    let Inv { inverted, value } = bang(value, "an address")?;
    let (address, mask) = match value.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (value.as_str(), None),
    };
    let read =
        |text: &str| text.parse().ok().filter(|addr: &IpAddr| addr.is_ipv4() == (family == Family::Ipv4));
    let address = read(address).ok_or_else(|| PyValueError::new_err(format!("invalid address {address}")))?;
    let width = if family == Family::Ipv4 { 32 } else { 128 };
    let net = match mask {
        None => AddrMask::from(address),
        Some(mask) => {
            let digits = mask.bytes().all(|byte| byte.is_ascii_digit());
            let net = match mask.parse::<u8>() {
                Ok(prefix) if digits && prefix <= width => Some(AddrMask::with_prefix(address, prefix)),
                _ => read(mask).and_then(|mask| AddrMask::new(address, mask).ok()),
            };
            net.ok_or_else(|| PyValueError::new_err(format!("invalid netmask {mask}")))?
        }
    };
    let net = Inv::new(inverted, net);
    // Of IPv4 addresses the rest is cleared.
    Ok(if address.is_ipv6() { Net { net, address } } else { net.into() })
}

/// Reads the name of an interface; `+` is any.
pub(super) fn interface(value: &Bound<'_, PyAny>) -> PyResult<Inv<Interface>> {
    let Inv { inverted, value: name } = bang(value, "an interface")?;
    let name = name.trim_start();
    if name == "+" && !inverted {
        return Ok(Inv::default());
    }
    match Interface::new(name) {
        Ok(interface) => Ok(Inv::new(inverted, interface)),
        Err(_) if name.len() > 15 => Err(PyValueError::new_err(format!("interface name {name} too long"))),
        Err(error) => Err(PyValueError::new_err(error.to_string())),
    }
}

pub(super) fn interface_text(interface: Inv<Interface>) -> Option<Vec<u8>> {
    if interface.value.is_any() && !interface.inverted {
        return None;
    }
    let bang: &[u8] = if interface.inverted { b"!" } else { b"" };
    Some([bang, interface.value.as_bytes()].concat())
}

/// Reads the name or number of a protocol.
pub(super) fn protocol(family: Family, value: &Bound<'_, PyAny>) -> PyResult<Inv<Protocol>> {
    let invalid = || PyValueError::new_err(format!("invalid protocol {value}"));
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        return Ok(Inv::new(false, Protocol(value.extract::<u8>().map_err(|_| invalid())?)));
    }
    let Inv { inverted, value: name } = bang(value, "a protocol")?;
    let name = name.trim_start().to_ascii_lowercase();
    let known = PROTOCOLS.iter().find(|(_, known)| *known == name);
    let number = match known {
        Some((number, _)) => Protocol(*number),
        None if name.is_empty() => return Err(invalid()),
        // Numbers, and the names of /etc/protocols.
        None => match libfw::Rule::from_args(family, ["-p", name.as_str()]) {
            Ok(rule) => rule.view().protocol().value,
            Err(_) => return Err(invalid()),
        },
    };
    if inverted && number == Protocol::ANY {
        return Err(PyValueError::new_err(
            "every packet has a protocol, so that `!' before any matches none",
        ));
    }
    Ok(Inv::new(inverted, number))
}

pub(super) fn protocol_text(protocol: Inv<Protocol>) -> String {
    let bang = if protocol.inverted { "!" } else { "" };
    match PROTOCOLS.iter().find(|(number, _)| *number == protocol.value.0) {
        Some((_, name)) => format!("{bang}{name}"),
        None => format!("{bang}{}", protocol.value.0),
    }
}

/// Reads whether a rule is for fragments: whatever is true says so, and a `!` that it is for all but those.
pub(super) fn fragment(value: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    if value.is_instance_of::<PyString>() && bytes_of("value", value)? == b"!" {
        return Ok(Some(false));
    }
    Ok(value.is_truthy()?.then_some(true))
}

/// The same as a value, which [`fragment`] reads again.
pub(super) fn fragment_value(py: Python<'_>, fragment: Option<bool>) -> PyResult<Bound<'_, PyAny>> {
    Ok(match fragment {
        Some(false) => PyString::intern(py, "!").into_any(),
        fragment => PyBool::new(py, fragment.is_some()).to_owned().into_any(),
    })
}
