//! `DNAT`: another destination. `linux/netfilter/nf_nat.h`.

use std::mem::offset_of;

use crate::ext::prelude::*;
use crate::ext::values::{
    NF_NAT_RANGE_PERSISTENT, NF_NAT_RANGE_PROTO_RANDOM, NatRange, nf_nat_ipv4_multi_range_compat,
    nf_nat_range, nf_nat_range2, old_range, read_old_range,
};

options! {
    /// Sends the packet and all others of its connection to another destination.
    #[header("linux/netfilter/nf_nat.h")]
    #[example(
        Ipv4,
        "-i eth0 -p tcp --dport 80 -j DNAT --to-destination 192.168.1.2:8080",
        "-p tcp --dport 80 -j DNAT --to-destination 192.168.1.2-192.168.1.9 --random",
    )]
    pub target Dnat {
        /// The new address and port, or a range of them.
        to_destination: NatRange => "--to-destination" { required: true };
        /// Pick the port at random.
        random: bool => "--random";
        /// Give the same client the same address each time.
        persistent: bool => "--persistent";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Dnat>("DNAT")
    .placed(Placement::NONE.tables(&["nat"]).hooks(HookMask::of(&[Hook::Prerouting, Hook::Output])));

impl Codec for Dnat {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<nf_nat_range2>(2).plain(&[
            Plain::endpoint("to-destination", offset_of!(nf_nat_range2, min_addr)),
            Plain::address("to-destination", offset_of!(nf_nat_range2, min_addr)),
        ]),
        Revision::new::<nf_nat_range>(1).only(Families::Ipv6),
        Revision::new::<nf_nat_ipv4_multi_range_compat>(0).only(Families::Ipv4),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let range = self.to_destination.unwrap_or_default();
        let raw = range.to_range2(
            flag(self.random, NF_NAT_RANGE_PROTO_RANDOM) | flag(self.persistent, NF_NAT_RANGE_PERSISTENT),
        );
        if cx.revision == 2 {
            payload.put(&raw);
            return Ok(());
        }
        if range.ports.is_some_and(|ports| ports.base.is_some()) {
            return Err(needs_revision(2, cx));
        }
        old_range(&raw, cx.family, payload);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Dnat> {
        let raw = if cx.revision == 2 { read_raw(bytes)? } else { read_old_range(cx.family, bytes)? };
        Ok(Dnat {
            to_destination: Some(NatRange::from_range2(&raw, cx.family)),
            random: raw.flags & NF_NAT_RANGE_PROTO_RANDOM != 0,
            persistent: raw.flags & NF_NAT_RANGE_PERSISTENT != 0,
            ..Dnat::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" to:");
        out.value(&self.to_destination.unwrap_or_default());
        out.text(if self.random { " random" } else { "" });
        out.text(if self.persistent { " persistent" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j DNAT --to 1.2.3.4", "-j DNAT --to-destination 1.2.3.4"),
            (
                "-p tcp -j DNAT --to 1.2.3.4-1.2.3.9:80-90/5 --random",
                "-p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9:80-90/5 --random",
            ),
            ("-p tcp -j DNAT --to :http --persistent", "-p tcp -j DNAT --to-destination :80 --persistent"),
            ("-j DNAT", "!DNAT: option \"--to-destination\" must be specified\n"),
            ("-j DNAT --to 1.2.3.4:80", "!Need TCP, UDP, SCTP or DCCP with port specification"),
            ("-j DNAT --to foo", "!Bad IP address \"foo\""),
            ("-p tcp -j DNAT --to 1.2.3.4:90-80", "!Port range `80' funky"),
            ("-p tcp -j DNAT --to 1.2.3.4:80/5", "!Garbage after port value: `/5'"),
            ("-p tcp -j DNAT --to 1.2.3.4:65536", "!Port `65536' not valid"),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-p tcp -j DNAT --to [fe80::1]:80", "-p tcp -j DNAT --to-destination [fe80::1]:80"),
                ("-p tcp -j DNAT --to [fe80::1]", "-p tcp -j DNAT --to-destination fe80::1"),
                ("-j DNAT --to fe80::1-fe80::9", "-j DNAT --to-destination fe80::1-fe80::9"),
                ("-j DNAT --to [fe80::1", "!Invalid address format"),
            ],
        );
    }
}
