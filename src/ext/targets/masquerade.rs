//! `MASQUERADE`: the address of the outgoing interface as the source. `linux/netfilter/nf_nat.h`.

use crate::ext::prelude::*;
use crate::ext::values::{
    NF_NAT_RANGE_PROTO_RANDOM, NF_NAT_RANGE_PROTO_RANDOM_FULLY, NatPorts, NatRange,
    nf_nat_ipv4_multi_range_compat, nf_nat_range, old_range, read_old_range,
};

options! {
    /// Gives the packet the address of the interface it leaves by, for connections whose address changes.
    #[header("linux/netfilter/nf_nat.h")]
    #[example(Ipv4, "-o eth0 -j MASQUERADE")]
    pub target Masquerade {
        /// The new source port, or a range of ports.
        to_ports: NatPorts => "--to-ports";
        /// Pick the port at random.
        random: bool => "--random";
        /// Pick the port entirely at random.
        random_fully: bool => "--random-fully";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Masquerade>("MASQUERADE")
    .placed(Placement::NONE.tables(&["nat"]).hooks(HookMask::of(&[Hook::Postrouting])));

impl Codec for Masquerade {
    const REVISIONS: &'static [Revision] =
        &[Revision::by_family::<nf_nat_ipv4_multi_range_compat, nf_nat_range>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let flags = flag(self.random, NF_NAT_RANGE_PROTO_RANDOM)
            | flag(self.random_fully, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
        let range = NatRange { addresses: None, ports: self.to_ports };
        old_range(&range.to_range2(flags), cx.family, payload);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Masquerade> {
        let raw = read_old_range(cx.family, bytes)?;
        Ok(Masquerade {
            to_ports: NatRange::from_range2(&raw, cx.family).ports,
            random: raw.flags & NF_NAT_RANGE_PROTO_RANDOM != 0,
            random_fully: raw.flags & NF_NAT_RANGE_PROTO_RANDOM_FULLY != 0,
            ..Masquerade::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(ports) = self.to_ports {
            out.text(" masq ports: ");
            out.value(&ports);
        }
        out.text(if self.random { " random" } else { "" });
        out.text(if self.random_fully { " random-fully" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j MASQUERADE", "-j MASQUERADE"),
            (
                "-p tcp -j MASQUERADE --to-ports 80-90 --random",
                "-p tcp -j MASQUERADE --to-ports 80-90 --random",
            ),
            ("-j MASQUERADE --random-fully", "-j MASQUERADE --random-fully"),
            ("-j MASQUERADE --to-ports 80", "!Need TCP, UDP, SCTP or DCCP with port specification"),
            ("-p tcp -j MASQUERADE --to-ports 90-80", "!Port range `80' funky"),
        ]);
    }
}
