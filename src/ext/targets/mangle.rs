//! `mangle`: other addresses in an ARP packet. `linux/netfilter_arp/arpt_mangle.h`.

use std::net::{IpAddr, Ipv4Addr};

use crate::ext::prelude::*;
use crate::ext::values::{MacAddr, choice};

raw! {
    "linux/netfilter_arp/arpt_mangle.h"

    struct arpt_mangle {
        src_devaddr: [u8; 16],
        tgt_devaddr: [u8; 16],
        src_ip = "u_s.src_ip": [u8; 4],
        tgt_ip = "u_t.tgt_ip": [u8; 4],
        flags: u8,
        _padding: [u8; 3],
        target: i32,
    }
}

const ARPT_MANGLE_SDEV: u8 = 1;
const ARPT_MANGLE_TDEV: u8 = 2;
const ARPT_MANGLE_SIP: u8 = 4;
const ARPT_MANGLE_TIP: u8 = 8;

choice! {
    /// What becomes of a packet that was mangled.
    #[derive(Default)]
    pub enum MangleTarget(i32) as "TARGET" {
        /// It is dropped.
        Drop = 0 => "DROP",
        /// It goes on.
        #[default]
        Accept = 1 => "ACCEPT",
        /// The next rule is looked at.
        Continue = -1 => "CONTINUE",
    }
}

options! {
    /// Writes other addresses into an ARP packet.
    #[header("linux/netfilter_arp/arpt_mangle.h")]
    #[example(Arp, "-d 10.0.0.1 -j mangle --mangle-mac-s 00:11:22:33:44:55")]
    pub target Mangle {
        /// The IP address of the sender.
        mangle_ip_s: IpAddr => "--mangle-ip-s";
        /// The hardware address of the sender.
        mangle_mac_s: MacAddr => "--mangle-mac-s";
        /// The IP address that is looked for.
        mangle_ip_d: IpAddr => "--mangle-ip-d";
        /// The hardware address that is looked for.
        mangle_mac_d: MacAddr => "--mangle-mac-d";
        /// What becomes of the packet then.
        mangle_target: MangleTarget = MangleTarget::Accept => "--mangle-target" {
            misread: Some("bad target for --mangle-target"),
        };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Mangle>("mangle").families(Families::Arp);

impl Codec for Mangle {
    const REVISIONS: &'static [Revision] = &[Revision::new::<arpt_mangle>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let ip = |addr: Option<IpAddr>| match addr {
            Some(IpAddr::V4(addr)) => addr.octets(),
            _ => [0; 4],
        };
        let mac = |addr: Option<MacAddr>| {
            let mut bytes = [0; 16];
            bytes[..6].copy_from_slice(&addr.unwrap_or_default().0);
            bytes
        };
        let flags = flag(self.mangle_mac_s.is_some(), ARPT_MANGLE_SDEV)
            | flag(self.mangle_mac_d.is_some(), ARPT_MANGLE_TDEV)
            | flag(self.mangle_ip_s.is_some(), ARPT_MANGLE_SIP)
            | flag(self.mangle_ip_d.is_some(), ARPT_MANGLE_TIP);
        payload.put(&arpt_mangle {
            src_devaddr: mac(self.mangle_mac_s),
            tgt_devaddr: mac(self.mangle_mac_d),
            src_ip: ip(self.mangle_ip_s),
            tgt_ip: ip(self.mangle_ip_d),
            flags,
            _padding: [0; 3],
            target: self.mangle_target.number(),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Mangle> {
        let raw: arpt_mangle = read_raw(bytes)?;
        let has = |bit| raw.flags & bit != 0;
        let mac = |addr: [u8; 16]| MacAddr(std::array::from_fn(|at| addr[at]));
        let ip = |addr: [u8; 4]| IpAddr::V4(Ipv4Addr::from(addr));
        Ok(Mangle {
            mangle_ip_s: has(ARPT_MANGLE_SIP).then(|| ip(raw.src_ip)),
            mangle_mac_s: has(ARPT_MANGLE_SDEV).then(|| mac(raw.src_devaddr)),
            mangle_ip_d: has(ARPT_MANGLE_TIP).then(|| ip(raw.tgt_ip)),
            mangle_mac_d: has(ARPT_MANGLE_TDEV).then(|| mac(raw.tgt_devaddr)),
            mangle_target: MangleTarget::from_number(raw.target)
                .ok_or(Malformed::Unknown { what: "target", number: raw.target.cast_unsigned() })?,
            ..Mangle::new()
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
                (
                    "-j mangle --mangle-ip-d 2.3.4.5 --mangle-mac-s 1:2:3:4:5:6 --mangle-ip-s 1.2.3.4",
                    "-j mangle --mangle-ip-s 1.2.3.4 --mangle-mac-s 01:02:03:04:05:06 --mangle-ip-d 2.3.4.5",
                ),
                (
                    "-s 1.1.1.1 -j mangle --mangle-mac-d 1:2:3:4:5:6 --mangle-target CONTINUE",
                    "-j mangle -s 1.1.1.1 --mangle-mac-d 01:02:03:04:05:06 --mangle-target CONTINUE",
                ),
                ("-j mangle --mangle-ip-s 1.2.3.4 --mangle-target ACCEPT", "-j mangle --mangle-ip-s 1.2.3.4"),
                ("-j mangle --mangle-target FOO", "!bad target for --mangle-target"),
                ("-j mangle --mangle-mac-s foo", "!Invalid MAC address specified."),
                (
                    "-j mangle ! --mangle-ip-s 1.2.3.4",
                    "!mangle: option \"--mangle-ip-s\" cannot be inverted.\n",
                ),
            ],
        );
    }
}
