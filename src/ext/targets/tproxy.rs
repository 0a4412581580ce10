//! `TPROXY`: to a local proxy, with the address unchanged. `linux/netfilter/xt_TPROXY.h`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::mark::show_xmark;
use crate::ext::prelude::*;
use crate::ext::values::MarkMask;
use crate::types::Port;
use crate::types::addr::{addr_from_octets, addr_octets};

raw! {
    "linux/netfilter/xt_TPROXY.h"

    struct xt_tproxy_target_info_v1 {
        mark_mask: u32,
        mark_value: u32,
        laddr: [u8; 16],
        lport: u16,
        _padding: [u8; 2],
    }

    /// Revision 0, for IPv4 alone.
    struct xt_tproxy_target_info {
        mark_mask: u32,
        mark_value: u32,
        laddr: [u8; 4],
        lport: u16,
        _padding: [u8; 2],
    }
}

options! {
    /// Gives the packet to a proxy on this host, without changing its addresses.
    ///
    /// The proxy's socket must be transparent (`IP_TRANSPARENT`), and the mark must lead the packet to a route of the
    /// type `local`.
    #[header("linux/netfilter/xt_TPROXY.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 80 -j TPROXY --on-port 3129 --tproxy-mark 0x1/0x1",
        "-p tcp --dport 80 -j TPROXY --on-port 3129 --on-ip 127.0.0.1 --tproxy-mark 0x1/0xff",
    )]
    pub target Tproxy {
        /// The port of the proxy; 0 is the port to which the packet goes.
        on_port: Port => "--on-port" { required: true };
        /// The address of the proxy; unless given, that of the interface by which the packet came.
        on_ip: IpAddr => "--on-ip";
        /// Sets the packet's mark: clears the bits of the mask and then inverts those of the value.
        mark / tproxy_mark: MarkMask = MarkMask::new(0, 0) => "--tproxy-mark" { always: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Tproxy>("TPROXY").placed(
    Placement::NONE
        .tables(&["mangle"])
        .hooks(HookMask::of(&[Hook::Prerouting]))
        .protocols(&[Protocol::TCP, Protocol::UDP]),
);

fn unspecified(family: Family) -> IpAddr {
    family.pick(Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into())
}

impl Codec for Tproxy {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_tproxy_target_info_v1>(1),
        Revision::new::<xt_tproxy_target_info>(0).only(Families::Ipv4),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let MarkMask { value: mark_value, mask: mark_mask } = self.mark;
        let lport = self.on_port.unwrap_or_default().0.to_be();
        let laddr = addr_octets(self.on_ip.unwrap_or(unspecified(cx.family)));
        match cx.revision {
            0 => {
                let [a, b, c, d, ..] = laddr;
                let laddr = [a, b, c, d];
                let raw = xt_tproxy_target_info { mark_mask, mark_value, laddr, lport, _padding: [0; 2] };
                payload.put(&raw);
            }
            _ => payload.put(&xt_tproxy_target_info_v1 {
                mark_mask,
                mark_value,
                laddr,
                lport,
                _padding: [0; 2],
            }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Tproxy> {
        let (addr, port, mark) = match cx.revision {
            0 => {
                let raw: xt_tproxy_target_info = read_raw(bytes)?;
                (raw.laddr.into(), raw.lport, MarkMask::new(raw.mark_value, raw.mark_mask))
            }
            _ => {
                let raw: xt_tproxy_target_info_v1 = read_raw(bytes)?;
                let mark = MarkMask::new(raw.mark_value, raw.mark_mask);
                (addr_from_octets(cx.family, &raw.laddr), raw.lport, mark)
            }
        };
        Ok(Tproxy { on_port: Some(Port(u16::from_be(port))), on_ip: Some(addr), mark, ..Tproxy::new() })
    }

    /// The mark always with its mask.
    fn save(&self, sink: &mut dyn Sink) {
        if let Some(port) = self.on_port {
            sink.value(opt!(Tproxy, on_port), false, &port);
        }
        if let Some(addr) = self.on_ip {
            sink.value(opt!(Tproxy, on_ip), false, &addr);
        }
        show_xmark(self.mark, opt!(Tproxy, mark), sink);
    }

    fn list(&self, out: &mut List<'_>) {
        let addr = self.on_ip.unwrap_or(unspecified(out.cx.family));
        out.text(" TPROXY redirect ");
        out.value(&addr);
        let MarkMask { value, mask } = self.mark;
        show!(out, ":{} mark {value:#x}/{mask:#x}", self.on_port.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            (
                "-p tcp -j TPROXY --on-port http",
                "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
            ),
            (
                "-p udp -j TPROXY --on-port 0 --tproxy-mark 0x1ff/0xff --on-ip 1.2.3.4",
                "-p udp -j TPROXY --on-port 0 --on-ip 1.2.3.4 --tproxy-mark 0x1ff/0xff",
            ),
            (
                "-p tcp -j TPROXY --on-port 80 --tproxy-mark 1",
                "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x1/0xffffffff",
            ),
            ("-p tcp -j TPROXY --on-ip 1.2.3.4", "!TPROXY: option \"--on-port\" must be specified\n"),
            ("-p tcp -j TPROXY --on-port x", "!Port \"x\" does not resolve to anything.\n"),
            (
                "-p tcp -j TPROXY --on-port 80 --on-ip ::1",
                "!getaddrinfo: Address family for hostname not supported\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-p tcp -j TPROXY --on-port 80",
                    "-p tcp -j TPROXY --on-port 80 --on-ip :: --tproxy-mark 0x0/0x0",
                ),
                (
                    "-p tcp -j TPROXY --on-port 80 --on-ip ::1 --tproxy-mark 5/7",
                    "-p tcp -j TPROXY --on-port 80 --on-ip ::1 --tproxy-mark 0x5/0x7",
                ),
            ],
        );
    }

    #[test]
    fn revisions() {
        let addr = IpAddr::from([1, 2, 3, 4]);
        check_revisions(&[0, 1], &Tproxy::new().on_port(80).on_ip(addr).mark((1, 0xff)));
    }
}
