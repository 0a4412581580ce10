//! `SNAT`: another source. `linux/netfilter/nf_nat.h`.

use crate::ext::prelude::*;
use crate::ext::values::{
    NF_NAT_RANGE_PERSISTENT, NF_NAT_RANGE_PROTO_RANDOM, NF_NAT_RANGE_PROTO_RANDOM_FULLY, NatRange,
    nf_nat_ipv4_multi_range_compat, nf_nat_range, nf_nat_range2, old_range, read_old_range,
};

options! {
    /// Gives the packet and all others of its connection another source.
    #[header("linux/netfilter/nf_nat.h")]
    #[example(
        Ipv4,
        "-s 192.168.1.0/24 -o eth0 -j SNAT --to-source 192.0.2.1",
        "-p udp -o eth0 -j SNAT --to-source 192.0.2.1-192.0.2.9:1024-65535 --persistent",
    )]
    pub target Snat {
        /// The new address and port, or a range of them.
        to_source: NatRange => "--to-source" { required: true };
        /// Pick the port at random.
        random: bool => "--random" { bit: NF_NAT_RANGE_PROTO_RANDOM };
        /// Pick the port entirely at random.
        random_fully: bool => "--random-fully" { bit: NF_NAT_RANGE_PROTO_RANDOM_FULLY };
        /// Give the same client the same address each time.
        persistent: bool => "--persistent" { bit: NF_NAT_RANGE_PERSISTENT };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Snat>("SNAT")
    .placed(Placement::NONE.tables(&["nat"]).hooks(HookMask::of(&[Hook::Postrouting, Hook::Input])));

impl Codec for Snat {
    /// Revision 2 adds only a base port, which has no meaning here; iptables does not read it.
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<nf_nat_range>(1).only(Families::Ipv6),
        Revision::new::<nf_nat_ipv4_multi_range_compat>(0).only(Families::Ipv4),
        Revision::new::<nf_nat_range2>(2),
    ];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        if self.to_source.is_some_and(|range| range.ports.is_some_and(|ports| ports.base.is_some())) {
            return Err(Error::from(Misfit::NatBase).at_option("to-source"));
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let raw = self.to_source.unwrap_or_default().to_range2(self.bits()[0]);
        match cx.revision {
            2 => payload.put(&raw),
            _ => old_range(&raw, cx.family, payload),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Snat> {
        let raw = if cx.revision == 2 { read_raw(bytes)? } else { read_old_range(cx.family, bytes)? };
        let to_source = Some(NatRange::from_range2(&raw, cx.family));
        Ok(Snat { to_source, ..Snat::of_flags(raw.flags, 0) })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" to:");
        out.value(&self.to_source.unwrap_or_default());
        let [bits, _] = self.bits();
        for opt in Snat::OPTIONS.iter().filter(|opt| opt.bit & bits != 0) {
            show!(out, " {}", opt.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j SNAT --to 1.2.3.4-1.2.3.9", "-j SNAT --to-source 1.2.3.4-1.2.3.9"),
            (
                "-p udp -j SNAT --to 1.2.3.4:80-90 --persistent --random-fully --random",
                "-p udp -j SNAT --to-source 1.2.3.4:80-90 --random --random-fully --persistent",
            ),
            ("-p tcp -j SNAT --to :80", "-p tcp -j SNAT --to-source :80"),
            ("-j SNAT", "!SNAT: option \"--to-source\" must be specified\n"),
            ("-p tcp -j SNAT --to 1.2.3.4:80-90/5", "!Shifted portmap ranges not supported with this kernel"),
        ]);
        check_family(
            Family::Ipv6,
            &[(
                "-p tcp -j SNAT --to [fe80::1-fe80::4]:80",
                "-p tcp -j SNAT --to-source [fe80::1-fe80::4]:80",
            )],
        );
    }
}
