//! `multiport`: sets of ports. `linux/netfilter/xt_multiport.h`.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Range, RangeInclusive};

use crate::ext::prelude::*;
use crate::ext::values::list_port;
use crate::sys::names;
use crate::types::fmt::number;
use crate::types::{Port, PortRange};

const XT_MULTIPORT_SOURCE: u8 = 0;
const XT_MULTIPORT_DESTINATION: u8 = 1;
const XT_MULTIPORT_EITHER: u8 = 2;
const XT_MULTI_PORTS: usize = 15;

raw! {
    "linux/netfilter/xt_multiport.h"

    struct xt_multiport_v1 {
        flags: u8,
        count: u8,
        ports: [u16; XT_MULTI_PORTS],
        pflags: [u8; XT_MULTI_PORTS],
        invert: u8,
    }

    /// Revision 0, without ranges and inversion.
    struct xt_multiport {
        flags: u8,
        count: u8,
        ports: [u16; XT_MULTI_PORTS],
    }
}

/// Up to 15 ports; a range counts as two.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PortSet {
    ranges: [PortPart; XT_MULTI_PORTS],
    /// How many there are, which may be more than fit.
    len: usize,
}

/// A port, or a range that is written as one even if it has one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct PortPart {
    first: u16,
    last: Option<u16>,
}

impl PortSet {
    /// The ranges in order.
    ///
    /// ```
    /// use libfw::{Family, Rule, matches::Multiport};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp -m multiport --dports 80,8000:8080")?;
    /// let part = rule.view().matches().find_map(|part| part.decode::<Multiport>()).unwrap()?;
    /// let ranges: Vec<_> = part.dports.unwrap().value.ranges().map(|range| range.max).collect();
    /// assert_eq!(ranges, [80, 8080]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn ranges(&self) -> impl Iterator<Item = PortRange> {
        self.parts().map(|part| PortRange { min: part.first, max: part.last.unwrap_or(part.first) })
    }

    fn parts(&self) -> impl Iterator<Item = PortPart> {
        self.ranges.into_iter().take(self.len)
    }

    fn push(&mut self, part: PortPart) {
        if let Some(place) = self.ranges.get_mut(self.len) {
            *place = part;
        }
        self.len += 1;
    }

    /// How many of the kernel's 15 places the set takes.
    fn places(&self) -> usize {
        let ranges = self.parts().filter(|part| part.last.is_some()).count();
        self.len + ranges
    }
}

impl<T: Into<PortRange>> FromIterator<T> for PortSet {
    fn from_iter<I: IntoIterator<Item = T>>(ranges: I) -> PortSet {
        let mut set = PortSet::default();
        for range in ranges {
            let PortRange { min, max } = range.into();
            set.push(PortPart { first: min, last: (min != max).then_some(max) });
        }
        set
    }
}

impl<T: Into<PortRange>, const N: usize> From<[T; N]> for PortSet {
    fn from(ranges: [T; N]) -> PortSet {
        ranges.into_iter().collect()
    }
}

impl<T: Into<PortRange>, const N: usize> From<[T; N]> for Inv<PortSet> {
    fn from(ranges: [T; N]) -> Inv<PortSet> {
        PortSet::from(ranges).into()
    }
}

impl<T: Into<PortRange>, const N: usize> From<Inv<[T; N]>> for Inv<PortSet> {
    fn from(ranges: Inv<[T; N]>) -> Inv<PortSet> {
        Inv::new(ranges.inverted, ranges.value.into())
    }
}

/// One port or range.
macro_rules! of_one {
    ($($one:ty),*) => {$(
        impl From<$one> for PortSet {
            fn from(range: $one) -> PortSet {
                [range].into()
            }
        }
    )*};
}
of_one!(u16, Port, PortRange, Range<u16>, RangeInclusive<u16>);

invertible!(
    u16 => PortSet, Port => PortSet, PortRange => PortSet, Range<u16> => PortSet, RangeInclusive<u16> => PortSet,
);

/// Several ports or ranges that a program has at hand.
macro_rules! of_many {
    ($($many:ty),*) => {$(
        impl<T: Into<PortRange> + Clone> From<$many> for PortSet {
            fn from(ranges: $many) -> PortSet {
                ranges.iter().cloned().collect()
            }
        }

        impl<T: Into<PortRange> + Clone> From<$many> for Inv<PortSet> {
            fn from(ranges: $many) -> Inv<PortSet> {
                PortSet::from(ranges).into()
            }
        }
    )*};
}
of_many!(Vec<T>, &Vec<T>, &[T], BTreeSet<T>, &BTreeSet<T>);

impl fmt::Debug for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ranges()).finish()
    }
}

impl Value for PortSet {
    const KIND: ValueKind = ValueKind::new(Form::List, "PORT[:PORT][,...]");

    fn parse(input: &Input<'_>) -> Result<PortSet, BadValue> {
        let protocol = protocol_name(input)?;
        let port = |text: &[u8]| {
            let port = match number(text) {
                Some(number) => u16::try_from(number).ok(),
                None => names::port_of(text, Some(protocol)),
            };
            port.ok_or_else(|| BadValue::Port { part: shown(text), service: true })
        };
        let mut set = PortSet::default();
        for part in input.text().split(|byte| *byte == b',') {
            if set.places() == XT_MULTI_PORTS {
                return Err(BadValue::ManyPorts);
            }
            let part = match part.iter().position(|byte| *byte == b':') {
                None => PortPart { first: port(part)?, last: None },
                Some(colon) => {
                    if set.places() + 2 > XT_MULTI_PORTS {
                        return Err(BadValue::ManyPorts);
                    }
                    let (first, last) = (port(&part[..colon])?, port(&part[colon + 1..])?);
                    if first >= last {
                        return Err(BadValue::PortsOrder);
                    }
                    PortPart { first, last: Some(last) }
                }
            };
            set.push(part);
        }
        Ok(set)
    }

    fn print(&self, out: &mut Printer<'_>) {
        for (index, part) in self.parts().enumerate() {
            if index > 0 {
                out.text(",");
            }
            out.decimal(part.first);
            if let Some(last) = part.last {
                out.text(":");
                out.decimal(last);
            }
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        let part = |part: PortPart| match part.last {
            None => part.first.into(),
            Some(last) => (part.first..=last).into(),
        };
        Some(Datum::List(self.parts().map(part).collect()))
    }
}

/// The protocol whose ports they are.
fn protocol_name(input: &Input<'_>) -> Result<&'static str, BadValue> {
    match ports_of(input.cx) {
        Some(name) => Ok(name),
        None => Err(BadValue::PortsOfProtocol { any: input.cx.protocol == Protocol::ANY }),
    }
}

fn ports_of(cx: &RuleContext<'_>) -> Option<&'static str> {
    cx.protocol().filter(|protocol| PROTOCOLS.contains(protocol)).and_then(Protocol::name)
}

const PROTOCOLS: &[Protocol] =
    &[Protocol::TCP, Protocol::UDP, Protocol::UDPLITE, Protocol::SCTP, Protocol::DCCP];

options! {
    /// Matches packets by a set of up to 15 ports, where a range counts as two.
    #[header("linux/netfilter/xt_multiport.h")]
    #[example(
        Ipv4,
        "-p tcp -m multiport --dports 80,443,8000:8100 -j ACCEPT",
        "-p udp -m multiport ! --sports 53,123 -j DROP",
    )]
    pub match Multiport {
        /// The source ports.
        [!] sports: PortSet => "--sports" | "--source-ports" {
            formal: Some("source-ports"), excludes: &["dports", "ports"],
        };
        /// The destination ports.
        [!] dports: PortSet => "--dports" | "--destination-ports" {
            formal: Some("destination-ports"), excludes: &["sports", "ports"],
        };
        /// The ports of which either must be one.
        [!] ports: PortSet => "--ports" { excludes: &["sports", "dports"] };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Multiport>("multiport").placed(Placement::NONE.protocols(PROTOCOLS));

impl Codec for Multiport {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_multiport_v1>(1), Revision::new::<xt_multiport>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(&["sports", "dports", "ports"], "no ports specified");

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Some((flags, _, Inv { inverted, value: set })) = self.given() else { return Ok(()) };
        if set.places() > XT_MULTI_PORTS {
            return Err(Misfit::Ports.into());
        }
        let mut raw = xt_multiport_v1 { flags, invert: inverted.into(), ..xt_multiport_v1::new_zeroed() };
        let mut at = 0;
        for part in set.parts() {
            raw.ports[at] = part.first;
            at += 1;
            if let Some(last) = part.last {
                raw.pflags[at - 1] = 1;
                raw.ports[at] = last;
                at += 1;
            }
        }
        raw.count = at as u8;
        if cx.revision == 0 {
            if inverted || raw.pflags.contains(&1) {
                return Err(needs_revision(1, cx));
            }
            payload.put(&xt_multiport { flags, count: raw.count, ports: raw.ports });
            return Ok(());
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Multiport> {
        let raw = if cx.revision == 0 {
            let raw: xt_multiport = read_raw(bytes)?;
            xt_multiport_v1 {
                flags: raw.flags,
                count: raw.count,
                ports: raw.ports,
                ..xt_multiport_v1::new_zeroed()
            }
        } else {
            read_raw(bytes)?
        };
        let mut set = PortSet::default();
        let mut at = 0;
        let count = usize::from(raw.count).min(XT_MULTI_PORTS);
        while at < count {
            let last = (raw.pflags[at] != 0 && at + 1 < count).then(|| raw.ports[at + 1]);
            set.push(PortPart { first: raw.ports[at], last });
            at += if last.is_some() { 2 } else { 1 };
        }
        let ports = Some(Inv::new(raw.invert != 0, set));
        Ok(match raw.flags {
            XT_MULTIPORT_SOURCE => Multiport { sports: ports, ..Multiport::new() },
            XT_MULTIPORT_DESTINATION => Multiport { dports: ports, ..Multiport::new() },
            XT_MULTIPORT_EITHER => Multiport { ports, ..Multiport::new() },
            other => return Err(Malformed::Unknown { what: "flags", number: other.into() }.into()),
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Some((_, label, Inv { inverted, value })) = self.given() else { return };
        show!(out, " multiport {label} {}", if inverted { " !" } else { "" });
        let protocol = ports_of(out.cx);
        for (index, part) in value.parts().enumerate() {
            if index > 0 {
                out.text(",");
            }
            list_port(out, part.first, protocol);
            if let Some(last) = part.last {
                out.text(":");
                list_port(out, last, protocol);
            }
        }
    }
}

impl Multiport {
    /// Which of the three options is given.
    fn given(&self) -> Option<(u8, &'static str, Inv<PortSet>)> {
        let source = self.sports.map(|ports| (XT_MULTIPORT_SOURCE, "sports", ports));
        let destination = self.dports.map(|ports| (XT_MULTIPORT_DESTINATION, "dports", ports));
        let either = self.ports.map(|ports| (XT_MULTIPORT_EITHER, "ports", ports));
        source.or(destination).or(either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p tcp -m multiport --dports 80,443", "-p tcp -m multiport --dports 80,443"),
            ("-p tcp -m multiport --source-ports http:90,ssh", "-p tcp -m multiport --sports 80:90,22"),
            ("-p udp -m multiport ! --ports domain", "-p udp -m multiport ! --ports 53"),
            (
                "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
                "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
            ),
            (
                "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16",
                "!too many ports specified",
            ),
            ("-p tcp -m multiport --dports 3:3", "!invalid portrange specified"),
            ("-p tcp -m multiport --dports 1,", "!invalid port/service `' specified"),
            ("-p tcp -m multiport", "!no ports specified"),
            (
                "-p tcp -m multiport --dports 1 --sports 2",
                "!multiport: option \"--source-ports\" cannot be used together with \"--destination-ports\".\n",
            ),
            (
                "-p icmp -m multiport --dports 5",
                "!multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
            ),
        ]);
    }
}
