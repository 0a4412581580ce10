//! `arp`: what arptables tests of an ARP packet beside its IP addresses and interfaces.
//!
//! nf_tables have no such match: there these are tests of the header like the others. Among the entries in memory they are a
//! match with data that no kernel sees, which each rule for ARP has once.

use crate::ext::prelude::*;
use crate::ext::values::{ArpOpcode, ArpProtocol, ArpType, HardwareLength, HardwareType, MacAddr, MacMask};

raw! {
    "linux/if_arp.h"

    old:
    /// Numbers are those of the packet, in its order. What is asked for without a bit in its mask is not asked for.
    struct arp_fields {
        source: [u8; 6],
        source_mask: [u8; 6],
        destination: [u8; 6],
        destination_mask: [u8; 6],
        hardware: [u8; 2],
        hardware_mask: [u8; 2],
        protocol: [u8; 2],
        protocol_mask: [u8; 2],
        opcode: [u8; 2],
        length: u8,
        length_mask: u8,
        inverted: u8,
        _padding: [u8; 3],
    }
}

impl arp_fields {
    /// The name of the match.
    pub(crate) const NAME: &'static str = "arp";
    pub(crate) const SOURCE: u8 = 1;
    pub(crate) const DESTINATION: u8 = 2;
    pub(crate) const LENGTH: u8 = 4;
    pub(crate) const OPCODE: u8 = 8;
    pub(crate) const HARDWARE: u8 = 16;
    pub(crate) const PROTOCOL: u8 = 32;

    /// What arptables asks for if it is told nothing: Ethernet, with its addresses of 6 bytes.
    pub(crate) const fn new() -> arp_fields {
        arp_fields {
            source: [0; 6],
            source_mask: [0; 6],
            destination: [0; 6],
            destination_mask: [0; 6],
            hardware: [0, 1],
            hardware_mask: [0xff; 2],
            protocol: [0; 2],
            protocol_mask: [0xff; 2],
            opcode: [0; 2],
            length: 6,
            length_mask: 0xff,
            inverted: 0,
            _padding: [0; 3],
        }
    }

    pub(crate) fn inverts(&self, field: u8) -> bool {
        self.inverted & field != 0
    }
}

options! {
    /// What is asked of an ARP packet beside its IP addresses. Each rule for ARP has this match, and asks for Ethernet where it is
    /// not told otherwise.
    #[header("linux/if_arp.h")]
    #[example(Arp, "--opcode Request -j DROP")]
    pub match Arp {
        /// The hardware address of the sender; `Unicast`, `Multicast` and `Broadcast` stand for such addresses.
        [!] source_mac / src_mac: MacMask => "--src-mac" | "--source-mac" {
            formal: Some("source-mac"), once: Some("multiple --source-mac options not allowed"),
        };
        /// The hardware address that is looked for, or answered to.
        [!] destination_mac / dst_mac: MacMask => "--dst-mac" | "--destination-mac" {
            formal: Some("destination-mac"), once: Some("multiple --destination-mac options not allowed"),
        };
        /// The length of hardware addresses in bytes.
        [!] h_length: HardwareLength => "--h-length" { once: Some("multiple --h-length options not allowed") };
        /// What the packet asks or answers.
        [!] opcode: ArpOpcode => "--opcode" { once: Some("multiple --opcode options not allowed") };
        /// The kind of hardware; 0 for any.
        [!] h_type: HardwareType => "--h-type" { once: Some("multiple --h-type options not allowed") };
        /// The protocol of the addresses that are looked for.
        [!] proto_type: ArpProtocol => "--proto-type" {
            once: Some("multiple --proto-type options not allowed"),
        };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Arp>(arp_fields::NAME).families(Families::Arp);

/// A value that is asked for, unless that is no question.
fn asked<T>(inverted: bool, is_none: bool, value: T) -> Option<Inv<T>> {
    (inverted || !is_none).then_some(Inv::new(inverted, value))
}

impl Codec for Arp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<arp_fields>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        for (mac, option) in [(self.source_mac, "src-mac"), (self.destination_mac, "dst-mac")] {
            // That matches nothing, and every iptables-nft writes what matches everything.
            if mac.is_some_and(|mac| mac.inverted && mac.value.mask == MacAddr::default()) {
                return Err(Error::from(Misfit::InvertedAny).at_option(option));
            }
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut fields = arp_fields::new();
        let mut invert = |inverted: bool, field| fields.inverted |= flag(inverted, field);
        let mac = |mac: Option<Inv<MacMask>>| {
            mac.map_or(Default::default(), |mac| {
                let MacMask { addr, mask } = mac.value;
                let masked = std::array::from_fn(|at| addr.0[at] & mask.0[at]);
                (mac.inverted, masked, mask.0)
            })
        };
        let (inverted, source, source_mask) = mac(self.source_mac);
        invert(inverted, arp_fields::SOURCE);
        let (inverted, destination, destination_mask) = mac(self.destination_mac);
        invert(inverted, arp_fields::DESTINATION);
        invert(self.h_length.is_some_and(|length| length.inverted), arp_fields::LENGTH);
        invert(self.opcode.is_some_and(|opcode| opcode.inverted), arp_fields::OPCODE);
        invert(self.h_type.is_some_and(|kind| kind.inverted), arp_fields::HARDWARE);
        invert(self.proto_type.is_some_and(|kind| kind.inverted), arp_fields::PROTOCOL);
        (fields.source, fields.source_mask) = (source, source_mask);
        (fields.destination, fields.destination_mask) = (destination, destination_mask);
        if let Some(Inv { value: HardwareLength { value, mask }, .. }) = self.h_length {
            (fields.length, fields.length_mask) = (value, mask);
        }
        fields.opcode = self.opcode.unwrap_or_default().value.0.to_be_bytes();
        if let Some(Inv { value: HardwareType(ArpType { value, mask }), .. }) = self.h_type {
            (fields.hardware, fields.hardware_mask) = (value.to_be_bytes(), mask.to_be_bytes());
        }
        if let Some(Inv { value: ArpProtocol(ArpType { value, mask }), .. }) = self.proto_type {
            (fields.protocol, fields.protocol_mask) = (value.to_be_bytes(), mask.to_be_bytes());
        }
        payload.put(&fields);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Arp> {
        let raw: arp_fields = read_raw(bytes)?;
        let usual = arp_fields::new();
        let mac = |field, addr, mask: [u8; 6]| {
            asked(raw.inverts(field), mask == [0; 6], MacMask { addr: MacAddr(addr), mask: MacAddr(mask) })
        };
        let kind = |value, mask| ArpType { value: u16::from_be_bytes(value), mask: u16::from_be_bytes(mask) };
        Ok(Arp {
            source_mac: mac(arp_fields::SOURCE, raw.source, raw.source_mask),
            destination_mac: mac(arp_fields::DESTINATION, raw.destination, raw.destination_mask),
            h_length: asked(
                raw.inverts(arp_fields::LENGTH),
                (raw.length, raw.length_mask) == (usual.length, usual.length_mask),
                HardwareLength { value: raw.length, mask: raw.length_mask },
            ),
            opcode: asked(
                raw.inverts(arp_fields::OPCODE),
                raw.opcode == usual.opcode,
                ArpOpcode(u16::from_be_bytes(raw.opcode)),
            ),
            h_type: asked(
                raw.inverts(arp_fields::HARDWARE),
                (raw.hardware, raw.hardware_mask) == (usual.hardware, usual.hardware_mask),
                HardwareType(kind(raw.hardware, raw.hardware_mask)),
            ),
            proto_type: asked(
                raw.inverts(arp_fields::PROTOCOL),
                (raw.protocol, raw.protocol_mask) == (usual.protocol, usual.protocol_mask),
                ArpProtocol(kind(raw.protocol, raw.protocol_mask)),
            ),
            ..Arp::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Arp,
            &[
                ("--source-mac 0:1:2:3:4:5", "--src-mac 00:01:02:03:04:05"),
                (
                    "--src-mac 00:11:22:33:44:55/ff:ff:ff:00:00:00",
                    "--src-mac 00:11:22:00:00:00/ff:ff:ff:00:00:00",
                ),
                ("! --destination-mac Broadcast", "! --dst-mac ff:ff:ff:ff:ff:ff"),
                ("--source-mac unicast", "--src-mac 00:00:00:00:00:00/01:00:00:00:00:00"),
                ("--source-mac Multicast", "--src-mac 01:00:00:00:00:00/01:00:00:00:00:00"),
                ("--source-mac BGA", "--src-mac 01:80:c2:00:00:00"),
                ("--opcode Reply -j DROP", "-j DROP --opcode 2"),
                ("! --opcode 010", "! --opcode 10"),
                ("--opcode 0", ""),
                ("! --opcode 0", "! --opcode 0"),
                ("--h-type 1 -l 6 --proto-type 0 -j ACCEPT", "-j ACCEPT"),
                ("--h-type 10", "--h-type 0x10"),
                ("--h-type 0x10/ff", "--h-type 0x10/0xff"),
                ("! --h-type ethernet", "! --h-type 0x1"),
                ("--proto-type ipv4", "--proto-type 0x800"),
                ("--proto-type 800", "--proto-type 0x320"),
                ("--proto-type 0x8ff/0xff00", "--proto-type 0x8ff/0xff00"),
                (
                    "-l 6/15 -s 1.2.3.4 --dst-mac 1:2:3:4:5:6 -d 10.0.0.0/9 -i eth0 -j DROP",
                    "-j DROP -i eth0 -s 1.2.3.4 -d 10.0.0.0/9 --dst-mac 01:02:03:04:05:06 --h-length 6/15",
                ),
                ("--opcode 1/2", "!Problem with specified opcode"),
                ("--opcode 65536", "!Problem with specified opcode"),
                ("--h-type 10000", "!Problem with specified hardware type"),
                ("--proto-type foo", "!Problem with specified protocol type"),
                ("--source-mac 1:2:3", "!Problem with specified source mac"),
                ("--destination-mac 1:2:3:4:5:6/", "!Problem with specified destination mac"),
                ("-l 5", "!Only hardware address length of 6 is supported currently."),
                (
                    "--source-mac 1:2:3:4:5:6 --src-mac 1:2:3:4:5:6",
                    "!multiple --source-mac options not allowed",
                ),
                ("--opcode 1 --opcode 1", "!multiple --opcode options not allowed"),
                ("-p tcp", "!unknown option \"-p\""),
                ("-m comment --comment x", "!unknown option \"-m\""),
                ("--source 1.2.3.4", "!unknown option \"--source\""),
            ],
        );
    }
}
