//! `REDIRECT`: to this host. `linux/netfilter/nf_nat.h`.

use crate::ext::prelude::*;
use crate::ext::values::{
    NF_NAT_RANGE_PROTO_RANDOM, NatPorts, NatRange, nf_nat_ipv4_multi_range_compat, nf_nat_range, old_range,
    read_old_range,
};

options! {
    /// Sends the packet to this host itself: to the address of the interface it came in by, or to the loopback address.
    #[header("linux/netfilter/nf_nat.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 80 -j REDIRECT --to-ports 8080",
        "-p tcp --dport 80 -j REDIRECT --to-ports 8080-8090 --random",
    )]
    pub target Redirect {
        /// The new destination port, or a range of ports.
        to_ports: NatPorts => "--to-ports";
        /// Pick the port at random.
        random: bool => "--random";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Redirect>("REDIRECT")
    .placed(Placement::NONE.tables(&["nat"]).hooks(HookMask::of(&[Hook::Prerouting, Hook::Output])));

impl Codec for Redirect {
    const REVISIONS: &'static [Revision] =
        &[Revision::by_family::<nf_nat_ipv4_multi_range_compat, nf_nat_range>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let range = NatRange { addresses: None, ports: self.to_ports };
        old_range(&range.to_range2(flag(self.random, NF_NAT_RANGE_PROTO_RANDOM)), cx.family, payload);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Redirect> {
        let raw = read_old_range(cx.family, bytes)?;
        Ok(Redirect {
            to_ports: NatRange::from_range2(&raw, cx.family).ports,
            random: raw.flags & NF_NAT_RANGE_PROTO_RANDOM != 0,
            ..Redirect::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(ports) = self.to_ports {
            out.text(" redir ports ");
            out.value(&ports);
        }
        out.text(if self.random { " random" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j REDIRECT", "-j REDIRECT"),
            ("-p tcp -j REDIRECT --to-port http", "-p tcp -j REDIRECT --to-ports 80"),
            ("-p tcp -j REDIRECT --to-ports 80-90 --random", "-p tcp -j REDIRECT --to-ports 80-90 --random"),
            ("-p icmp -j REDIRECT --to-ports 8", "-p icmp -j REDIRECT --to-ports 8"),
            ("! -p tcp -j REDIRECT --to-ports 8", "! -p tcp -j REDIRECT --to-ports 8"),
            ("-p esp -j REDIRECT --to-ports nope", "!Need TCP, UDP, SCTP or DCCP with port specification"),
            ("-p tcp -j REDIRECT --to-ports 5-http", "!Port `http' not valid"),
            ("-p tcp -j REDIRECT --to-ports ssh-80", "!Port `ssh-80' not valid"),
            ("-p tcp -j REDIRECT --to-ports 5-6x", "!Garbage after port range: `x'"),
            ("-p tcp -j REDIRECT --to-ports 80:90", "!Invalid port:port syntax - use dash"),
            ("-p tcp -j REDIRECT --to-ports :90", "!Port `:90' not valid"),
            ("-p tcp -j REDIRECT --to-ports 80-90:91", "!Garbage after port range: `:91'"),
            (
                "-p tcp -j REDIRECT --to-ports 80-90/5",
                "!Shifted portmap ranges not supported with this kernel",
            ),
        ]);
    }
}
