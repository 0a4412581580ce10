//! `mh`: the mobility header. `linux/netfilter_ipv6/ip6t_mh.h`.

use std::ops::RangeInclusive;

use crate::ext::prelude::*;
use crate::types::fmt::number;

const IP6T_MH_INV_TYPE: u8 = 0x01;

raw! {
    "linux/netfilter_ipv6/ip6t_mh.h"

    struct ip6t_mh {
        types: [u8; 2],
        invflags: u8,
    }
}

/// The messages of Mobile IPv6 by type: long and short name.
const NAMES: [(&str, &str); 8] = [
    ("binding-refresh-request", "brr"),
    ("home-test-init", "hoti"),
    ("careof-test-init", "coti"),
    ("home-test", "hot"),
    ("careof-test", "cot"),
    ("binding-update", "bu"),
    ("binding-acknowledgement", "ba"),
    ("binding-error", "be"),
];

/// A type of mobility header, or a range of them with both ends included; written `TYPE[:TYPE]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MhTypes {
    /// The first type.
    pub min: u8,
    /// The last type.
    pub max: u8,
}

impl MhTypes {
    const ALL: MhTypes = MhTypes { min: 0, max: u8::MAX };
}

impl From<u8> for MhTypes {
    fn from(kind: u8) -> MhTypes {
        MhTypes { min: kind, max: kind }
    }
}

impl From<RangeInclusive<u8>> for MhTypes {
    fn from(range: RangeInclusive<u8>) -> MhTypes {
        MhTypes { min: *range.start(), max: *range.end() }
    }
}

invertible!(u8 => MhTypes, RangeInclusive<u8> => MhTypes);

/// A type by number, by name or by the beginning of a name; of several that begin so the first is meant.
fn read_type(text: &[u8]) -> Result<u8, BadValue> {
    let lower = text.to_ascii_lowercase();
    let names = || (0..).zip(NAMES).flat_map(|(kind, (long, short))| [(kind, long), (kind, short)]);
    let exact = names().find(|(_, name)| name.as_bytes() == lower);
    let begun = || names().find(|(_, name)| !lower.is_empty() && name.as_bytes().starts_with(&lower));
    let named = exact.or_else(begun).map(|(kind, _)| kind);
    named
        .or_else(|| u8::try_from(number(text)?).ok())
        .ok_or_else(|| BadValue::MobilityType { part: shown(text) })
}

impl Value for MhTypes {
    const KIND: ValueKind = ValueKind::text("TYPE[:TYPE]");

    fn named(_: Family) -> ValueNames {
        let names = NAMES.into_iter();
        let names = names.map(|(long, short)| ValueName { others: vec![short], ..ValueName::new(long) });
        ValueNames::below("Valid MH types:", names)
    }

    fn parse(input: &Input<'_>) -> Result<MhTypes, BadValue> {
        let text = input.text();
        let Some(colon) = text.iter().position(|byte| *byte == b':') else {
            return read_type(text).map(MhTypes::from);
        };
        let (min, max) = (&text[..colon], &text[colon + 1..]);
        let min = if min.is_empty() { 0 } else { read_type(min)? };
        let max = if max.is_empty() { u8::MAX } else { read_type(max)? };
        if min > max {
            return Err(BadValue::MobilityOrder);
        }
        Ok(MhTypes { min, max })
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_type(out, self.min);
        if self.min != self.max {
            out.text(":");
            print_type(out, self.max);
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Range { min: self.min.into(), max: self.max.into() })
    }
}

fn print_type(out: &mut Printer<'_>, kind: u8) {
    let named = out.style == Style::List;
    match NAMES.get(usize::from(kind)).filter(|_| named) {
        Some((name, _)) => out.text(name),
        None => out.decimal(kind),
    }
}

options! {
    /// Matches packets of Mobile IPv6 by the type of their mobility header.
    #[header("linux/netfilter_ipv6/ip6t_mh.h")]
    #[example(Ipv6, "-p mobility-header -m mh --mh-type binding-update -j ACCEPT")]
    pub match Mh {
        /// The type of message, or a range of types.
        [!] mh_type: MhTypes => "--mh-type";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Mh>("mh")
    .families(Families::Ipv6)
    .placed(Placement::NONE.protocols(&[Protocol::MH]));

impl Codec for Mh {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_mh>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.mh_type.unwrap_or(MhTypes::ALL.into());
        payload.put(&ip6t_mh { types: [value.min, value.max], invflags: flag(inverted, IP6T_MH_INV_TYPE) });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Mh> {
        let raw: ip6t_mh = read_raw(bytes)?;
        let [min, max] = raw.types;
        let types = Inv::new(raw.invflags & IP6T_MH_INV_TYPE != 0, MhTypes { min, max });
        Ok(Mh { mh_type: (types.inverted || types.value != MhTypes::ALL).then_some(types), ..Mh::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" mh");
        if let Some(Inv { inverted, value }) = self.mh_type {
            show!(out, " {}", bang(inverted));
            out.value(&value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        const MH: &str = "-p mobility-header -m mh";
        let cases = [
            ("", Ok("")),
            ("--mh-type bu", Ok(" --mh-type 5")),
            ("! --mh-type BRR:binding-error", Ok(" ! --mh-type 0:7")),
            ("--mh-type home-test", Ok(" --mh-type 3")),
            ("--mh-type ho", Ok(" --mh-type 1")),
            ("--mh-type 0x8:", Ok(" --mh-type 8:255")),
            ("--mh-type :", Ok("")),
            ("! --mh-type :", Ok(" ! --mh-type 0:255")),
            ("--mh-type 256", Err("!Invalid MH type `256'")),
            ("--mh-type \"\"", Err("!Invalid MH type `'")),
            ("--mh-type 4:2", Err("!Invalid MH type range (min > max)")),
            ("--mh-type 1:2:3", Err("!Invalid MH type `2:3'")),
        ];
        for (options, expected) in cases {
            let line = format!("-p mh -m mh {options}");
            let expected = match expected {
                Ok(printed) => format!("{MH}{printed}"),
                Err(message) => message.into(),
            };
            check_family(Family::Ipv6, &[(&line, &expected)]);
        }
    }
}
