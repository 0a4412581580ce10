//! `REJECT`: an answer to the sender. `linux/netfilter_ipv4/ipt_REJECT.h`, `linux/netfilter_ipv6/ip6t_REJECT.h`.

use crate::ext::prelude::*;

raw! {
    "linux/netfilter_ipv4/ipt_REJECT.h"

    struct ipt_reject_info {
        with: u32,
    }
}

/// What the sender of a rejected packet gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectWith {
    /// ICMP net unreachable; IPv4.
    NetUnreachable,
    /// ICMP host unreachable; IPv4.
    HostUnreachable,
    /// ICMP protocol unreachable; IPv4.
    ProtoUnreachable,
    /// ICMP or ICMPv6 port unreachable: what is sent unless something else is asked for.
    PortUnreachable,
    /// ICMP net prohibited; IPv4.
    NetProhibited,
    /// ICMP host prohibited; IPv4.
    HostProhibited,
    /// ICMP or ICMPv6 administratively prohibited.
    AdminProhibited,
    /// A TCP packet that resets the connection; the rule must be limited to TCP.
    TcpReset,
    /// ICMPv6 no route; IPv6.
    NoRoute,
    /// ICMPv6 address unreachable; IPv6.
    AddrUnreachable,
    /// ICMPv6 failed policy; IPv6.
    PolicyFail,
    /// ICMPv6 reject route; IPv6.
    RejectRoute,
}

/// Name, other name, the kernel's number. Read in this order, where any beginning of a name will do.
type Kinds = &'static [(RejectWith, &'static str, &'static str, u32)];

const IPV4: Kinds = &[
    (RejectWith::NetUnreachable, "icmp-net-unreachable", "net-unreach", 0),
    (RejectWith::HostUnreachable, "icmp-host-unreachable", "host-unreach", 1),
    (RejectWith::ProtoUnreachable, "icmp-proto-unreachable", "proto-unreach", 2),
    (RejectWith::PortUnreachable, "icmp-port-unreachable", "port-unreach", 3),
    (RejectWith::NetProhibited, "icmp-net-prohibited", "net-prohib", 5),
    (RejectWith::HostProhibited, "icmp-host-prohibited", "host-prohib", 6),
    (RejectWith::TcpReset, "tcp-reset", "tcp-rst", 7),
    (RejectWith::AdminProhibited, "icmp-admin-prohibited", "admin-prohib", 8),
];

const IPV6: Kinds = &[
    (RejectWith::NoRoute, "icmp6-no-route", "no-route", 0),
    (RejectWith::AdminProhibited, "icmp6-adm-prohibited", "adm-prohibited", 1),
    (RejectWith::AddrUnreachable, "icmp6-addr-unreachable", "addr-unreach", 3),
    (RejectWith::PortUnreachable, "icmp6-port-unreachable", "port-unreach", 4),
    (RejectWith::TcpReset, "tcp-reset", "tcp-reset", 6),
    (RejectWith::PolicyFail, "icmp6-policy-fail", "policy-fail", 7),
    (RejectWith::RejectRoute, "icmp6-reject-route", "reject-route", 8),
];

fn kinds(family: Family) -> Kinds {
    family.pick(IPV4, IPV6)
}

impl Value for RejectWith {
    const KIND: ValueKind = ValueKind::text("TYPE");

    fn named(family: Family) -> ValueNames {
        let names = kinds(family).iter().map(|(_, name, other, _)| {
            let others = Some(*other).filter(|other| other != name).into_iter().collect();
            ValueName { others, ..ValueName::new(name) }
        });
        ValueNames::below("Valid reject types:", names)
    }

    fn parse(input: &Input<'_>) -> Result<RejectWith, BadValue> {
        let text = input.text();
        let begins =
            |name: &str| name.len() >= text.len() && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text);
        let kinds = kinds(input.cx.family);
        let found = kinds.iter().find(|(_, name, alias, _)| begins(name) || begins(alias));
        let unknown = || BadValue::RejectType { names: kinds.iter().map(|(_, name, ..)| *name).collect() };
        found.map(|(kind, ..)| *kind).ok_or_else(unknown)
    }

    fn print(&self, out: &mut Printer<'_>) {
        let name = kinds(out.cx.family).iter().find(|(kind, ..)| kind == self).map(|(_, name, ..)| *name);
        out.text(name.unwrap_or_default());
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Option<Datum> {
        kinds(cx.family).iter().find(|(kind, ..)| kind == self).map(|(_, name, ..)| Datum::Name(name))
    }
}

options! {
    /// Drops the packet and tells its sender.
    #[header("linux/netfilter_ipv4/ipt_REJECT.h")]
    #[example(Ipv4, "-p tcp -j REJECT --reject-with tcp-reset")]
    pub target Reject {
        /// What the sender gets.
        reject_with: RejectWith = RejectWith::PortUnreachable => "--reject-with" { always: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Reject>("REJECT").placed(Placement::NONE.tables(&["filter"]).checked());

impl Codec for Reject {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_reject_info>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let number =
            kinds(cx.family).iter().find(|(kind, ..)| *kind == self.reject_with).map(|(.., number)| *number);
        let with = number.ok_or_else(|| {
            let value = format!("{:?}", self.reject_with);
            Error::from(Misfit::OtherFamily { value, family: cx.family }).at_option("reject-with")
        })?;
        payload.put(&ipt_reject_info { with });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Reject> {
        let raw: ipt_reject_info = read_raw(bytes)?;
        let kind = kinds(cx.family).iter().find(|(.., number)| *number == raw.with).map(|(kind, ..)| *kind);
        let unknown = Malformed::Unknown { what: "reject type", number: raw.with };
        let reject_with = kind.ok_or_else(|| Error::from(unknown))?;
        Ok(Reject { reject_with, ..Reject::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" reject-with ");
        out.value(&self.reject_with);
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if self.reject_with == RejectWith::TcpReset && cx.protocol() != Some(Protocol::TCP) {
            return Err(Error::from(Refused::Protocol(&[Protocol::TCP]))
                .at_option("reject-with")
                .at_token("tcp-reset"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"),
            ("-j REJECT --reject-with net-prohib", "-j REJECT --reject-with icmp-net-prohibited"),
            ("-j REJECT --reject-with icmp-host", "-j REJECT --reject-with icmp-host-unreachable"),
            ("-p tcp -j REJECT --reject-with tcp-rst", "-p tcp -j REJECT --reject-with tcp-reset"),
            ("-j REJECT --reject-with echo-reply", "!unknown reject type \"echo-reply\""),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-j REJECT", "-j REJECT --reject-with icmp6-port-unreachable"),
                ("-j REJECT --reject-with no-route", "-j REJECT --reject-with icmp6-no-route"),
                (
                    "-j REJECT --reject-with icmp-net-prohibited",
                    "!unknown reject type \"icmp-net-prohibited\"",
                ),
            ],
        );
    }
}
