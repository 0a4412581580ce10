//! `udp`: ports. `linux/netfilter/xt_tcpudp.h`.

use std::mem::offset_of;

use crate::ext::prelude::*;
use crate::types::PortRange;

pub(super) const XT_UDP_INV_SRCPT: u8 = 0x01;
pub(super) const XT_UDP_INV_DSTPT: u8 = 0x02;

raw! {
    "linux/netfilter/xt_tcpudp.h"

    struct xt_udp {
        spts: [u16; 2],
        dpts: [u16; 2],
        invflags: u8,
        _padding: [u8; 1],
    }
}

impl xt_udp {
    /// `inverted`: the flags of the ports that are.
    pub(super) fn of(sport: Option<Inv<PortRange>>, dport: Option<Inv<PortRange>>, inverted: u32) -> xt_udp {
        xt_udp {
            spts: ports_to_raw(sport),
            dpts: ports_to_raw(dport),
            invflags: inverted as u8,
            _padding: [0],
        }
    }

    /// The source and the destination ports.
    pub(super) fn ports(&self) -> [Option<Inv<PortRange>>; 2] {
        [(self.spts, XT_UDP_INV_SRCPT), (self.dpts, XT_UDP_INV_DSTPT)]
            .map(|(raw, flag)| ports_from_raw(raw, self.invflags & flag != 0))
    }
}

options! {
    /// Matches UDP packets by their ports.
    ///
    /// Loaded by itself when the rule says `-p udp` and one of these options.
    #[header("linux/netfilter/xt_tcpudp.h")]
    #[example(
        Ipv4,
        "-p udp -m udp --dport 53 -j ACCEPT",
        "-p udp -m udp --sport 1024:65535 --dport 53 -j ACCEPT",
    )]
    pub match Udp {
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
    Extension::matching::<Udp>("udp").placed(Placement::NONE.protocols(&[Protocol::UDP]));

impl Codec for Udp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_udp>(0).plain(&[
        Plain::port("sport", offset_of!(xt_udp, spts)),
        Plain::port("dport", offset_of!(xt_udp, dpts)),
    ])];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let [_, inverted] = self.bits();
        payload.put(&xt_udp::of(self.sport, self.dport, inverted));
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Udp> {
        let [sport, dport] = read_raw::<xt_udp>(bytes)?.ports();
        Ok(Udp { sport, dport, ..Udp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" udp");
        list_ports(out, "spt", self.sport, Some("udp"));
        list_ports(out, "dpt", self.dport, Some("udp"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p udp --dport 53", "-p udp -m udp --dport 53"),
            ("-p udp --sport domain:http", "-p udp -m udp --sport 53:80"),
            ("-p udp --sport :5 ! --dport 5:", "-p udp -m udp --sport 0:5 ! --dport 5:65535"),
            ("-p udp --dport :", "-p udp -m udp"),
            ("-p udp ! --dport :", "-p udp -m udp ! --dport 0:65535"),
            (
                "-p udp --dport 5 --destination-port 6",
                "!udp: option \"--destination-port\" can only be used once.\n",
            ),
            ("-p udp --dport 5:3", "!Port range 5-3 is negative.\n"),
            (
                "-p udp --dport 1:2:3",
                "!udp: Too many components for option \"--destination-port\" (max: 2)\n",
            ),
            ("-p udp --dport nope", "!Port \"nope\" does not resolve to anything.\n"),
            ("-p udp --dport 65536", "!Port \"65536\" does not resolve to anything.\n"),
        ]);
    }
}
