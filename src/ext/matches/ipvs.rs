//! `ipvs`: connections of the load balancer IPVS. `linux/netfilter/xt_ipvs.h`.

use crate::ext::prelude::*;
use crate::ext::values::{ProtocolNumber, choice};
use crate::types::{AddrMask, Port};

const XT_IPVS_IPVS_PROPERTY: u32 = 1 << 0;
const XT_IPVS_PROTO: u32 = 1 << 1;
const XT_IPVS_VADDR: u32 = 1 << 2;
const XT_IPVS_VPORT: u32 = 1 << 3;
const XT_IPVS_DIR: u32 = 1 << 4;
const XT_IPVS_METHOD: u32 = 1 << 5;
const XT_IPVS_VPORTCTL: u32 = 1 << 6;

raw! {
    "linux/netfilter/xt_ipvs.h"

    /// The ports are in network order.
    struct xt_ipvs_mtinfo {
        vaddr: [u8; 16],
        vmask: [u8; 16],
        vport: [u8; 2],
        l4proto: u8,
        fwd_method: u8,
        vportctl: [u8; 2],
        invert: u8,
        bitmask: u8,
    }
}

choice! {
    /// The direction of a packet in its connection. The numbers are the bit `XT_IPVS_DIR` of the inverted options.
    pub enum IpvsDir(u8) as "DIRECTION" in any case {
        /// From the client.
        Original = 0 => "ORIGINAL",
        /// To the client.
        Reply = 0x10 => "REPLY",
    }
}

choice! {
    /// How IPVS forwards packets. The numbers are those of `IP_VS_CONN_F_…`.
    pub enum IpvsMethod(u8) as "METHOD" in any case {
        /// By direct routing.
        Gate = 3 => "GATE",
        /// Through a tunnel.
        Ipip = 2 => "IPIP",
        /// By translation of addresses.
        Masq = 0 => "MASQ",
    }
}

options! {
    /// Matches packets of connections that the load balancer IPVS forwards.
    #[header("linux/netfilter/xt_ipvs.h")]
    #[example(Ipv4, "-m ipvs --vaddr 192.0.2.1 --vport 80 -j ACCEPT")]
    pub match Ipvs {
        /// The packet belongs to such a connection. Every other option implies it.
        [!] ipvs: bool => "--ipvs" { bit: XT_IPVS_IPVS_PROPERTY };
        /// The protocol of the virtual service.
        [!] vproto: ProtocolNumber => "--vproto" { bit: XT_IPVS_PROTO };
        /// The address of the virtual service.
        [!] vaddr: AddrMask => "--vaddr" { bit: XT_IPVS_VADDR };
        /// The port of the virtual service.
        [!] vport: Port => "--vport" { bit: XT_IPVS_VPORT };
        /// The direction of the packet.
        vdir: IpvsDir => "--vdir" { bit: XT_IPVS_DIR };
        /// How the packet is forwarded.
        [!] vmethod: IpvsMethod => "--vmethod" { bit: XT_IPVS_METHOD };
        /// The port of the connection that controls this one, such as 21 for FTP.
        [!] vportctl: Port => "--vportctl" { bit: XT_IPVS_VPORTCTL };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Ipvs>("ipvs").heading("IPVS match options:");

impl Ipvs {
    /// Whether an option is there that implies `--ipvs`.
    fn is_narrowed(&self) -> bool {
        self.bits()[0] & !XT_IPVS_IPVS_PROPERTY != 0
    }
}

impl Codec for Ipvs {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_ipvs_mtinfo>(0)];
    const NEEDS: Option<Needs> = Needs::any(&[], "IPVS: At least one option is required");

    fn finish(&mut self, _: u64, cx: &RuleContext<'_>) -> Result<()> {
        match self.ipvs {
            Some(false) if self.is_narrowed() => return Err(Misfit::InvertedIpvs.into()),
            Some(true) if self.is_narrowed() => self.ipvs = None,
            _ => {}
        }
        match self.vaddr {
            Some(vaddr) if vaddr.value.family() != cx.family => {
                let misfit = Misfit::OtherFamily { value: vaddr.value.to_string(), family: cx.family };
                Err(Error::from(misfit).at_option("vaddr"))
            }
            _ => Ok(()),
        }
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = xt_ipvs_mtinfo::new_zeroed();
        let [given, inverted] = self.bits();
        raw.bitmask = (given | XT_IPVS_IPVS_PROPERTY) as u8;
        raw.invert = inverted as u8 | self.vdir.map_or(0, IpvsDir::number);
        let port = |port: Option<Inv<Port>>| port.map_or([0; 2], |port| port.value.0.to_be_bytes());
        if let Some(vaddr) = self.vaddr {
            (raw.vaddr, raw.vmask) = vaddr.value.union_octets();
        }
        raw.vport = port(self.vport);
        raw.l4proto = self.vproto.map_or(0, |proto| proto.value.0.0);
        raw.fwd_method = self.vmethod.map_or(0, |method| method.value.number());
        raw.vportctl = port(self.vportctl);
        payload.put(&raw);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Ipvs> {
        let raw: xt_ipvs_mtinfo = read_raw(bytes)?;
        let given = Given::new(raw.bitmask, raw.invert);
        let port = |port| Port(u16::from_be_bytes(port));
        let method = || {
            let unknown = || Malformed::Unknown { what: "forwarding method", number: raw.fwd_method.into() };
            IpvsMethod::from_number(raw.fwd_method).ok_or_else(|| Error::from(unknown()))
        };
        let ipvs = given.inverted(XT_IPVS_IPVS_PROPERTY);
        let ipvs = ipvs.filter(|_| u32::from(raw.bitmask) == XT_IPVS_IPVS_PROPERTY);
        Ok(Ipvs {
            ipvs: ipvs.map(|inverted| !inverted),
            vproto: given.value(XT_IPVS_PROTO, raw.l4proto.into()),
            vaddr: given.value(XT_IPVS_VADDR, AddrMask::from_octets(cx.family, &raw.vaddr, &raw.vmask)),
            vport: given.value(XT_IPVS_VPORT, port(raw.vport)),
            vdir: given
                .inverted(XT_IPVS_DIR)
                .map(|reply| if reply { IpvsDir::Reply } else { IpvsDir::Original }),
            vmethod: given
                .inverted(XT_IPVS_METHOD)
                .map(|inverted| Ok::<_, Error>(Inv::new(inverted, method()?)))
                .transpose()?,
            vportctl: given.value(XT_IPVS_VPORTCTL, port(raw.vportctl)),
            ..Ipvs::new()
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
        check_ipv4(&[
            ("-m ipvs --ipvs", "-m ipvs --ipvs"),
            ("-m ipvs ! --ipvs", "-m ipvs ! --ipvs"),
            ("-m ipvs --ipvs --vdir reply", "-m ipvs --vdir REPLY"),
            (
                "-m ipvs --vaddr 1.2.3.4 ! --vport http --vdir ORIGINAL",
                "-m ipvs --vaddr 1.2.3.4 ! --vport 80 --vdir ORIGINAL",
            ),
            (
                "-m ipvs --vportctl 21 ! --vmethod ipip ! --vproto tcp",
                "-m ipvs ! --vproto 6 ! --vmethod IPIP --vportctl 21",
            ),
            ("-m ipvs ! --vaddr 1.2.3.4/255.255.0.0", "-m ipvs ! --vaddr 1.2.3.4/16"),
            ("-m ipvs", "!IPVS: At least one option is required"),
            ("-m ipvs ! --ipvs --vport 80", "!! --ipvs cannot be together with other options"),
            ("-m ipvs --vdir foo", "!ipvs: Bad value for \"--vdir\" option: \"foo\""),
            ("-m ipvs --vmethod foo", "!ipvs: Bad value for \"--vmethod\" option: \"foo\""),
            ("-m ipvs ! --vdir REPLY", "!ipvs: option \"--vdir\" cannot be inverted.\n"),
            ("-m ipvs --vport foo", "!Port \"foo\" does not resolve to anything.\n"),
        ]);
        check_family(Family::Ipv6, &[("-m ipvs ! --vaddr ::1/64", "-m ipvs ! --vaddr ::1/64")]);
    }
}
