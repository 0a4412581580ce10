//! `rt`: the routing header. `linux/netfilter_ipv6/ip6t_rt.h`.

use std::net::{IpAddr, Ipv6Addr};

use crate::ext::prelude::*;
use crate::types::Span;
use crate::types::addr::{parse_addr, print_addr};

const IP6T_RT_HOPS: usize = 16;
const IP6T_RT_TYP: u32 = 0x01;
const IP6T_RT_SGS: u32 = 0x02;
const IP6T_RT_LEN: u32 = 0x04;
const IP6T_RT_RES: u32 = 0x08;
const IP6T_RT_FST: u32 = 0x10;
const IP6T_RT_FST_NSTRICT: u32 = 0x20;

raw! {
    "linux/netfilter_ipv6/ip6t_rt.h"

    struct ip6t_rt {
        rt_type: u32,
        segsleft: [u32; 2],
        hdrlen: u32,
        flags: u8,
        invflags: u8,
        _padding: [u8; 2],
        addrs: [[u8; 16]; IP6T_RT_HOPS],
        addrnr: u8,
        _padding_end: [u8; 3],
    }
}

/// The addresses of a routing header, up to 16; written with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteAddrs(pub Vec<Ipv6Addr>);

impl From<Vec<Ipv6Addr>> for RouteAddrs {
    fn from(addresses: Vec<Ipv6Addr>) -> RouteAddrs {
        RouteAddrs(addresses)
    }
}

impl Value for RouteAddrs {
    const KIND: ValueKind = ValueKind::new(Form::List, "ADDRESS[,...]");

    fn parse(input: &Input<'_>) -> Result<RouteAddrs, BadValue> {
        let mut addresses = Vec::new();
        for text in input.text().split(|byte| *byte == b',') {
            if addresses.len() == IP6T_RT_HOPS {
                return Err(BadValue::RouteAddresses { max: IP6T_RT_HOPS });
            }
            let Some(IpAddr::V6(address)) = parse_addr(Family::Ipv6, text) else {
                return Err(BadValue::RouteAddress { part: shown(text) });
            };
            addresses.push(address);
        }
        Ok(RouteAddrs(addresses))
    }

    fn print(&self, out: &mut Printer<'_>) {
        for (index, address) in self.0.iter().enumerate() {
            out.text(if index > 0 { "," } else { "" });
            print_addr(out.out, (*address).into());
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::List(self.0.iter().map(|address| Datum::from(*address)).collect()))
    }
}

options! {
    /// Matches packets with a routing header.
    #[header("linux/netfilter_ipv6/ip6t_rt.h")]
    #[example(Ipv6, "-m rt --rt-type 0 -j DROP")]
    pub match Rt {
        /// The type of the header: 0 is the source route, 2 that of Mobile IPv6.
        [!] rt_type: u32 => "--rt-type" { bit: IP6T_RT_TYP };
        /// How many segments are left, or a range.
        [!] rt_segsleft: Span<u32> => "--rt-segsleft" { bit: IP6T_RT_SGS };
        /// The length of the header in bytes.
        [!] rt_len: u32 => "--rt-len" { bit: IP6T_RT_LEN };
        /// The reserved field is not zero; type 0 only.
        rt_0_res: bool => "--rt-0-res" { bit: IP6T_RT_RES };
        /// The addresses of the route, all of them in this order; type 0 only.
        rt_0_addrs: RouteAddrs => "--rt-0-addrs" { bit: IP6T_RT_FST };
        /// The addresses may have others between them.
        rt_0_not_strict: bool => "--rt-0-not-strict" { bit: IP6T_RT_FST_NSTRICT };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Rt>("rt").families(Families::Ipv6);

impl Normal for ip6t_rt {
    /// The kernel compares the number of segments in any case.
    fn normalize(&mut self, _: Family) {
        self.flags &= !(IP6T_RT_SGS as u8);
    }
}

impl Codec for Rt {
    const REVISIONS: &'static [Revision] = &[Revision::normal::<ip6t_rt>(0).only(Families::Ipv6)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let fail = |option: &'static str, misfit: Misfit| Err(Error::from(misfit).at_option(option));
        let type_0 = self.rt_type == Some(0.into());
        let needs_type_0 = [(self.rt_0_res, "rt-0-res"), (self.rt_0_addrs.is_some(), "rt-0-addrs")];
        if let Some((_, option)) = needs_type_0.into_iter().find(|(given, _)| *given && !type_0) {
            return fail(option, Misfit::RoutingType);
        }
        if self.rt_0_not_strict && self.rt_0_addrs.is_none() {
            return fail("rt-0-not-strict", Misfit::RoutingAddresses);
        }
        if self.rt_0_addrs.as_ref().is_some_and(|addresses| addresses.0.len() > IP6T_RT_HOPS) {
            return fail("rt-0-addrs", Misfit::RouteAddresses { max: IP6T_RT_HOPS });
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let kind = self.rt_type.unwrap_or_default();
        let segments = self.rt_segsleft.unwrap_or(Span { min: 0, max: u32::MAX }.into());
        let len = self.rt_len.unwrap_or_default();
        let route = self.rt_0_addrs.as_ref().map_or(&[][..], |addresses| &addresses.0);
        let mut addrs = [[0; 16]; IP6T_RT_HOPS];
        for (slot, address) in addrs.iter_mut().zip(route) {
            *slot = address.octets();
        }
        let [flags, invflags] = self.bits().map(|bits| bits as u8);
        payload.put(&ip6t_rt {
            rt_type: kind.value,
            segsleft: [segments.value.min, segments.value.max],
            hdrlen: len.value,
            flags,
            invflags,
            _padding: [0; 2],
            addrs,
            addrnr: route.len() as u8,
            _padding_end: [0; 3],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Rt> {
        let raw: ip6t_rt = read_raw(bytes)?;
        let given = Given::new(raw.flags, raw.invflags);
        let [min, max] = raw.segsleft;
        let segments = given.value(IP6T_RT_SGS, Span { min, max });
        let route = raw.addrs.iter().take(raw.addrnr.into()).map(|address| (*address).into());
        Ok(Rt {
            rt_type: given.value(IP6T_RT_TYP, raw.rt_type),
            rt_segsleft: segments.filter(|segments| segments.inverted || (min, max) != (0, u32::MAX)),
            rt_len: given.value(IP6T_RT_LEN, raw.hdrlen),
            rt_0_addrs: given.inverted(IP6T_RT_FST).map(|_| RouteAddrs(route.collect())),
            ..Rt::of_flags(raw.flags.into(), 0)
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" rt");
        if let Some(Inv { inverted, value }) = self.rt_type {
            // Shown as a signed number.
            show!(out, " type:{}{}", bang(inverted), value as i32);
        }
        if let Some(Inv { inverted, value }) = self.rt_segsleft {
            let plural = if value.min == value.max { "" } else { "s" };
            show!(out, " segsleft{plural}:{}{value}", bang(inverted));
        }
        if let Some(Inv { inverted, value }) = self.rt_len {
            show!(out, " length:{}{value}", bang(inverted));
        }
        out.text(if self.rt_0_res { " reserved" } else { "" });
        if let Some(addresses) = &self.rt_0_addrs {
            out.text(" 0-addrs ");
            out.value(addresses);
        }
        out.text(if self.rt_0_not_strict { " 0-not-strict" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[
                ("-m rt", "-m rt"),
                ("-m rt ! --rt-type 2 --rt-len 0", "-m rt ! --rt-type 2 --rt-len 0"),
                ("-m rt --rt-segsleft 3:", "-m rt --rt-segsleft 3:4294967295"),
                ("-m rt ! --rt-segsleft :", "-m rt ! --rt-segsleft 0:4294967295"),
                (
                    "-m rt --rt-0-not-strict --rt-0-addrs ::1,2001:DB8::1 --rt-0-res ! --rt-len 5 --rt-type 0",
                    "-m rt --rt-type 0 ! --rt-len 5 --rt-0-res --rt-0-addrs ::1,2001:db8::1 --rt-0-not-strict",
                ),
                ("-m rt --rt-0-res", "!`--rt-type 0' required before `--rt-0-res'"),
                ("-m rt ! --rt-type 0 --rt-0-addrs ::", "!`--rt-type 0' required before `--rt-0-addrs'"),
                (
                    "-m rt --rt-type 0 --rt-0-not-strict",
                    "!`--rt-0-addr ...' required before `--rt-0-not-strict'",
                ),
                ("-m rt --rt-type 0 --rt-0-addrs ::1,", "!bad address: "),
                ("-m rt --rt-type 0 --rt-0-addrs 1.2.3.4", "!bad address: 1.2.3.4"),
                (
                    "-m rt --rt-type 0 --rt-0-addrs ::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::,::1",
                    "!too many addresses specified",
                ),
                (
                    "-m rt --rt-segsleft 5:3",
                    "!rt: bad value for option \"--rt-segsleft\" near \"3\", or out of range (5-4294967295).\n",
                ),
            ],
        );
    }
}
