//! `udplite`: ports of UDP-Lite. `linux/netfilter/xt_tcpudp.h`.

use super::udp::{XT_UDP_INV_DSTPT, XT_UDP_INV_SRCPT, xt_udp};
use crate::ext::prelude::*;
use crate::types::PortRange;

options! {
    /// Matches UDP-Lite packets by their ports. The kernel has it, iptables does not.
    ///
    /// Loaded by itself when the rule says `-p udplite` and one of these options.
    #[header("linux/netfilter/xt_tcpudp.h")]
    #[example(Ipv4, "-p udplite -m udplite --dport 5000:5010 -j ACCEPT")]
    pub match Udplite {
        /// The source port, or a range of ports.
        [!] sport: PortRange => "--sport" | "--source-port" {
            formal: Some("source-port"), bit: XT_UDP_INV_SRCPT as u32,
        };
        /// The destination port, or a range of ports.
        [!] dport: PortRange => "--dport" | "--destination-port" {
            formal: Some("destination-port"), bit: XT_UDP_INV_DSTPT as u32,
        };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Udplite>("udplite").placed(Placement::NONE.protocols(&[Protocol::UDPLITE]));

impl Codec for Udplite {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_udp>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let [_, inverted] = self.bits();
        payload.put(&xt_udp::of(self.sport, self.dport, inverted));
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Udplite> {
        let [sport, dport] = read_raw::<xt_udp>(bytes)?.ports();
        Ok(Udplite { sport, dport, ..Udplite::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" udplite");
        list_ports(out, "spt", self.sport, Some("udplite"));
        list_ports(out, "dpt", self.dport, Some("udplite"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p udplite --dport 53", "-p udplite -m udplite --dport 53"),
            ("-p 136 --sport :5 ! --dport 5:", "-p udplite -m udplite --sport 0:5 ! --dport 5:65535"),
            ("-p udplite --dport 5:3", "!Port range 5-3 is negative.\n"),
        ]);
    }
}
