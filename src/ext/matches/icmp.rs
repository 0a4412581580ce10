//! `icmp`: ICMP types. `linux/netfilter_ipv4/ip_tables.h`.

use crate::ext::prelude::*;
use crate::ext::values::icmp::{code, kind};
use crate::ext::values::{IcmpName, IcmpType, list_icmp, named_icmp, read_icmp};

const IPT_ICMP_INV: u8 = 0x01;

raw! {
    "linux/netfilter_ipv4/ip_tables.h"

    struct ipt_icmp {
        kind = "type": u8,
        code: [u8; 2],
        invflags: u8,
    }
}

static NAMES: &[IcmpName] = &[
    ("any", IcmpType::ANY),
    ("echo-reply", kind(0)),
    ("pong", kind(0)),
    ("destination-unreachable", kind(3)),
    ("network-unreachable", code(3, 0)),
    ("host-unreachable", code(3, 1)),
    ("protocol-unreachable", code(3, 2)),
    ("port-unreachable", code(3, 3)),
    ("fragmentation-needed", code(3, 4)),
    ("source-route-failed", code(3, 5)),
    ("network-unknown", code(3, 6)),
    ("host-unknown", code(3, 7)),
    ("network-prohibited", code(3, 9)),
    ("host-prohibited", code(3, 10)),
    ("TOS-network-unreachable", code(3, 11)),
    ("TOS-host-unreachable", code(3, 12)),
    ("communication-prohibited", code(3, 13)),
    ("host-precedence-violation", code(3, 14)),
    ("precedence-cutoff", code(3, 15)),
    ("source-quench", kind(4)),
    ("redirect", kind(5)),
    ("network-redirect", code(5, 0)),
    ("host-redirect", code(5, 1)),
    ("TOS-network-redirect", code(5, 2)),
    ("TOS-host-redirect", code(5, 3)),
    ("echo-request", kind(8)),
    ("ping", kind(8)),
    ("router-advertisement", kind(9)),
    ("router-solicitation", kind(10)),
    ("time-exceeded", kind(11)),
    ("ttl-exceeded", kind(11)),
    ("ttl-zero-during-transit", code(11, 0)),
    ("ttl-zero-during-reassembly", code(11, 1)),
    ("parameter-problem", kind(12)),
    ("ip-header-bad", code(12, 0)),
    ("required-option-missing", code(12, 1)),
    ("timestamp-request", kind(13)),
    ("timestamp-reply", kind(14)),
    ("address-mask-request", kind(17)),
    ("address-mask-reply", kind(18)),
];

/// An ICMP type as the match `icmp` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Icmp4Type(pub IcmpType);

impl From<IcmpType> for Icmp4Type {
    fn from(icmp: IcmpType) -> Icmp4Type {
        Icmp4Type(icmp)
    }
}

impl From<u8> for Icmp4Type {
    fn from(kind: u8) -> Icmp4Type {
        Icmp4Type(kind.into())
    }
}

invertible!(IcmpType => Icmp4Type, u8 => Icmp4Type);

impl Value for Icmp4Type {
    const KIND: ValueKind = ValueKind::text("NAME|TYPE[/CODE[:CODE]]");

    fn named(_: Family) -> ValueNames {
        named_icmp("Valid ICMP Types:", NAMES)
    }

    fn parse(input: &Input<'_>) -> Result<Icmp4Type, BadValue> {
        read_icmp(input, NAMES, "ICMP").map(Icmp4Type)
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self.0 {
            IcmpType::ANY => out.text("any"),
            icmp => out.text(icmp.to_string()),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        // It is a name.
        (self.0 != IcmpType::ANY).then_some(Datum::Icmp(self.0))
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<Icmp4Type, BadValue>> {
        let Datum::Icmp(icmp) = *datum else { return None };
        Some(Ok(Icmp4Type(icmp)))
    }
}

options! {
    /// Matches ICMP packets by type and code.
    ///
    /// Loaded by itself when the rule says `-p icmp` and the option.
    #[header("linux/netfilter_ipv4/ip_tables.h")]
    #[example(Ipv4, "-p icmp -m icmp --icmp-type echo-request -j ACCEPT")]
    pub match Icmp {
        /// The type: a name as listed by `-p icmp -h`, or `TYPE[/CODE]` in numbers; of codes
        /// also a range, `TYPE/CODE:CODE`.
        [!] icmp_type: Icmp4Type => "--icmp-type" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Icmp>("icmp")
    .families(Families::Ipv4)
    .placed(Placement::NONE.protocols(&[Protocol::ICMP]));

impl Codec for Icmp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_icmp>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.icmp_type.unwrap_or(IcmpType::ANY.into());
        payload.put(&ipt_icmp {
            kind: value.0.kind,
            code: value.0.codes,
            invflags: flag(inverted, IPT_ICMP_INV),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Icmp> {
        let raw: ipt_icmp = read_raw(bytes)?;
        let icmp = Icmp4Type(IcmpType { kind: raw.kind, codes: raw.code });
        Ok(Icmp { icmp_type: Some(Inv::new(raw.invflags & IPT_ICMP_INV != 0, icmp)), ..Icmp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = self.icmp_type {
            list_icmp(out, NAMES, "icmp", Inv::new(inverted, value.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-p icmp --icmp-type echo-request", "-p icmp -m icmp --icmp-type 8"),
            ("-p icmp --icmp-type 3/4", "-p icmp -m icmp --icmp-type 3/4"),
            ("-p icmp --icmp-type 255", "-p icmp -m icmp --icmp-type any"),
            ("-p icmp --icmp-type 255/255", "-p icmp -m icmp --icmp-type 255/255"),
            ("-p icmp ! --icmp-type network-unr", "-p icmp -m icmp ! --icmp-type 3/0"),
            ("-p icmp -m icmp", "!icmp: option \"--icmp-type\" must be specified\n"),
            (
                "-p icmp --icmp-type echo-re",
                "!Ambiguous ICMP type `echo-re': `echo-reply' or `echo-request'?",
            ),
            ("-p icmp --icmp-type 256", "!Unknown ICMP type `256'"),
            ("-p icmp --icmp-type 5/256", "!Unknown ICMP code `5/256'"),
        ]);
    }
}
