//! `icmp6`: ICMPv6 types. `linux/netfilter_ipv6/ip6_tables.h`.

use crate::ext::prelude::*;
use crate::ext::values::icmp::{code, kind};
use crate::ext::values::{IcmpName, IcmpType, list_icmp, named_icmp, read_icmp};

const IP6T_ICMP_INV: u8 = 0x01;

raw! {
    "linux/netfilter_ipv6/ip6_tables.h"

    struct ip6t_icmp {
        kind = "type": u8,
        code: [u8; 2],
        invflags: u8,
    }
}

static NAMES: &[IcmpName] = &[
    ("destination-unreachable", kind(1)),
    ("no-route", code(1, 0)),
    ("communication-prohibited", code(1, 1)),
    ("beyond-scope", code(1, 2)),
    ("address-unreachable", code(1, 3)),
    ("port-unreachable", code(1, 4)),
    ("failed-policy", code(1, 5)),
    ("reject-route", code(1, 6)),
    ("packet-too-big", kind(2)),
    ("time-exceeded", kind(3)),
    ("ttl-exceeded", kind(3)),
    ("ttl-zero-during-transit", code(3, 0)),
    ("ttl-zero-during-reassembly", code(3, 1)),
    ("parameter-problem", kind(4)),
    ("bad-header", code(4, 0)),
    ("unknown-header-type", code(4, 1)),
    ("unknown-option", code(4, 2)),
    ("echo-request", kind(128)),
    ("ping", kind(128)),
    ("echo-reply", kind(129)),
    ("mld-listener-query", kind(130)),
    ("mld-listener-report", kind(131)),
    ("mld-listener-done", kind(132)),
    ("mld-listener-reduction", kind(132)),
    ("router-solicitation", kind(133)),
    ("router-advertisement", kind(134)),
    ("neighbour-solicitation", kind(135)),
    ("neighbor-solicitation", kind(135)),
    ("neighbour-advertisement", kind(136)),
    ("neighbor-advertisement", kind(136)),
    ("redirect", kind(137)),
];

/// An ICMPv6 type as the match `icmp6` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Icmp6Type(pub IcmpType);

impl From<IcmpType> for Icmp6Type {
    fn from(icmp: IcmpType) -> Icmp6Type {
        Icmp6Type(icmp)
    }
}

impl From<u8> for Icmp6Type {
    fn from(kind: u8) -> Icmp6Type {
        Icmp6Type(kind.into())
    }
}

invertible!(IcmpType => Icmp6Type, u8 => Icmp6Type);

impl Value for Icmp6Type {
    const KIND: ValueKind = ValueKind::text("NAME|TYPE[/CODE[:CODE]]");

    fn named(_: Family) -> ValueNames {
        named_icmp("Valid ICMPv6 Types:", NAMES)
    }

    fn parse(input: &Input<'_>) -> Result<Icmp6Type, BadValue> {
        read_icmp(input, NAMES, "ICMPv6").map(Icmp6Type)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.0.to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Icmp(self.0))
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<Icmp6Type, BadValue>> {
        let Datum::Icmp(icmp) = *datum else { return None };
        Some(Ok(Icmp6Type(icmp)))
    }
}

options! {
    /// Matches ICMPv6 packets by type and code.
    ///
    /// Loaded by itself when the rule says `-p ipv6-icmp` and the option.
    #[header("linux/netfilter_ipv6/ip6_tables.h")]
    #[example(Ipv6, "-p ipv6-icmp -m icmp6 --icmpv6-type echo-request -j ACCEPT")]
    pub match Icmp6 {
        /// The type: a name as listed by `-p ipv6-icmp -h`, or `TYPE[/CODE]` in numbers; of codes
        /// also a range, `TYPE/CODE:CODE`.
        [!] icmpv6_type: Icmp6Type => "--icmpv6-type" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Icmp6>("icmp6")
    .heading("icmpv6 match options:")
    .aliases(&["icmpv6", "ipv6-icmp"])
    .families(Families::Ipv6)
    .placed(Placement::NONE.protocols(&[Protocol::ICMPV6]));

impl Codec for Icmp6 {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_icmp>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.icmpv6_type.unwrap_or(IcmpType::new(0).into());
        payload.put(&ip6t_icmp {
            kind: value.0.kind,
            code: value.0.codes,
            invflags: flag(inverted, IP6T_ICMP_INV),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Icmp6> {
        let raw: ip6t_icmp = read_raw(bytes)?;
        let icmp = Icmp6Type(IcmpType { kind: raw.kind, codes: raw.code });
        Ok(Icmp6 { icmpv6_type: Some(Inv::new(raw.invflags & IP6T_ICMP_INV != 0, icmp)), ..Icmp6::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = self.icmpv6_type {
            list_icmp(out, NAMES, "ipv6-icmp", Inv::new(inverted, value.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[
                ("-p icmpv6 --icmpv6-type ping", "-p ipv6-icmp -m icmp6 --icmpv6-type 128"),
                ("-p 58 -m ipv6-icmp --icmpv6-type 2/9", "-p ipv6-icmp -m icmp6 --icmpv6-type 2/9"),
                ("-p icmpv6 --icmpv6-type mld-listener-reduction", "-p ipv6-icmp -m icmp6 --icmpv6-type 132"),
                ("-p icmpv6 ! --icmpv6-type no-route", "-p ipv6-icmp -m icmp6 ! --icmpv6-type 1/0"),
                ("-p icmpv6 --icmpv6-type 255", "-p ipv6-icmp -m icmp6 --icmpv6-type 255"),
                ("-p icmpv6 --icmpv6-type any", "!Unknown ICMPv6 type `any'"),
                ("-p icmpv6 --icmpv6-type 3:5", "!ICMPv6 type range not supported"),
            ],
        );
    }
}
