//! `pkttype`: to whom a frame was addressed. `linux/netfilter/xt_pkttype.h`.

use crate::ext::prelude::*;
use crate::ext::values::choice;

raw! {
    "linux/netfilter/xt_pkttype.h"

    struct xt_pkttype_info {
        pkttype: i32,
        invert: i32,
    }
}

choice! {
    /// To whom the link layer addressed a packet: the `PACKET_*` of `linux/if_packet.h`.
    pub enum PacketType(i32) as "TYPE" below "Valid packet types:" by PacketType::read {
        /// To this host.
        Unicast = 0 => "unicast",
        /// To everybody on the link.
        Broadcast = 1 => "broadcast",
        /// To a group.
        Multicast = 2 => "multicast",
        /// To another host; seen on interfaces in promiscuous mode.
        OtherHost = 3 => "otherhost",
    }
}

impl PacketType {
    fn read(input: &Input<'_>) -> Result<PacketType, BadValue> {
        match input.text().to_ascii_lowercase().as_slice() {
            b"host" => Some(PacketType::Unicast),
            b"bcast" => Some(PacketType::Broadcast),
            b"mcast" => Some(PacketType::Multicast),
            name => PacketType::by_name(name),
        }
        .ok_or_else(|| input.none_of(PacketType::NAMES))
    }
}

options! {
    /// Matches packets by the kind of their link-layer destination.
    #[header("linux/netfilter/xt_pkttype.h")]
    #[example(Ipv4, "-m pkttype --pkt-type broadcast -j DROP")]
    pub match Pkttype {
        /// To whom the packet was addressed; `host`, `bcast` and `mcast` are other words for the first three.
        [!] pkt_type: PacketType => "--pkt-type" { required: true, misread: Some("Bad packet type '{}'") };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Pkttype>("pkttype");

impl Codec for Pkttype {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_pkttype_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.pkt_type.unwrap_or(PacketType::Unicast.into());
        payload.put(&xt_pkttype_info { pkttype: value.number(), invert: inverted.into() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Pkttype> {
        let raw: xt_pkttype_info = read_raw(bytes)?;
        let unknown = Malformed::Unknown { what: "packet type", number: raw.pkttype as u32 };
        let value = PacketType::from_number(raw.pkttype).ok_or_else(|| Error::from(unknown))?;
        Ok(Pkttype { pkt_type: Some(Inv::new(raw.invert != 0, value)), ..Pkttype::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = self.pkt_type {
            show!(out, " PKTTYPE {} {value}", if inverted { "!=" } else { "=" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m pkttype --pkt-type unicast", "-m pkttype --pkt-type unicast"),
            ("-m pkttype --pkt-type HOST", "-m pkttype --pkt-type unicast"),
            ("-m pkttype ! --pkt-type Multicast", "-m pkttype ! --pkt-type multicast"),
            ("-m pkttype --pkt-type broadcast", "-m pkttype --pkt-type broadcast"),
            ("-m pkttype --pkt-type bcast", "-m pkttype --pkt-type broadcast"),
            ("-m pkttype ! --pkt-type MCAST", "-m pkttype ! --pkt-type multicast"),
            ("-m pkttype --pkt-type otherhost", "-m pkttype --pkt-type otherhost"),
            ("-m pkttype", "!pkttype: option \"--pkt-type\" must be specified\n"),
            ("-m pkttype --pkt-type uni", "!Bad packet type 'uni'"),
            ("-m pkttype --pkt-type \"\"", "!Bad packet type ''"),
        ]);
    }
}
