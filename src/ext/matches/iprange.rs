//! `iprange`: ranges of addresses. `linux/netfilter/xt_iprange.h`.

use crate::ext::prelude::*;
use crate::ext::values::AddrRange;
use crate::types::addr::{addr_from_octets, addr_octets};

const IPRANGE_SRC: u8 = 1 << 0;
const IPRANGE_DST: u8 = 1 << 1;
const IPRANGE_SRC_INV: u8 = 1 << 4;
const IPRANGE_DST_INV: u8 = 1 << 5;

raw! {
    "linux/netfilter/xt_iprange.h"

    struct xt_iprange_mtinfo {
        src_min: [u8; 16],
        src_max: [u8; 16],
        dst_min: [u8; 16],
        dst_max: [u8; 16],
        flags: u8,
        _padding: [u8; 3],
    }

    old:
    /// Revision 0: the bounds in network order, and the same flags.
    struct ipt_iprange_info {
        src_min: [u8; 4],
        src_max: [u8; 4],
        dst_min: [u8; 4],
        dst_max: [u8; 4],
        flags: u8,
        _padding: [u8; 3],
    }
}

options! {
    /// Matches packets by addresses in a range, which need not be a network.
    #[header("linux/netfilter/xt_iprange.h")]
    #[example(Ipv4, "-m iprange --src-range 192.168.1.10-192.168.1.20 -j ACCEPT")]
    pub match Iprange {
        /// The range of the source address. One that runs backwards never matches.
        [!] src_range: AddrRange => "--src-range";
        /// The range of the destination address. One that runs backwards never matches.
        [!] dst_range: AddrRange => "--dst-range";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Iprange>("iprange");

impl Codec for Iprange {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_iprange_mtinfo>(1), Revision::new::<ipt_iprange_info>(0).only(Families::Ipv4)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["src-range", "dst-range"],
        "iprange match: You must specify `--src-range' or `--dst-range'",
    );

    fn finish(&mut self, _: u64, cx: &RuleContext<'_>) -> Result<()> {
        for (option, range) in [("src-range", self.src_range), ("dst-range", self.dst_range)] {
            range.map_or(Ok(()), |range| range.value.check(cx.family, option))?;
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let bounds = |range: Option<Inv<AddrRange>>| {
            range.map_or(([0; 16], [0; 16]), |range| {
                (addr_octets(range.value.first), addr_octets(range.value.last))
            })
        };
        let flags = |range: Option<Inv<AddrRange>>, given, inverted| {
            range.map_or(0, |range| given | flag(range.inverted, inverted))
        };
        let (src_min, src_max) = bounds(self.src_range);
        let (dst_min, dst_max) = bounds(self.dst_range);
        let flags = flags(self.src_range, IPRANGE_SRC, IPRANGE_SRC_INV)
            | flags(self.dst_range, IPRANGE_DST, IPRANGE_DST_INV);
        let _padding = [0; 3];
        if cx.revision == 0 {
            let four = |[a, b, c, d, ..]: [u8; 16]| [a, b, c, d];
            payload.put(&ipt_iprange_info {
                src_min: four(src_min),
                src_max: four(src_max),
                dst_min: four(dst_min),
                dst_max: four(dst_max),
                flags,
                _padding,
            });
        } else {
            payload.put(&xt_iprange_mtinfo { src_min, src_max, dst_min, dst_max, flags, _padding });
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Iprange> {
        let range = |flags: u8, given: u8, inverted: u8, first: &[u8], last: &[u8]| {
            let address = |octets| addr_from_octets(cx.family, octets);
            (flags & given != 0)
                .then(|| Inv::new(flags & inverted != 0, AddrRange::new(address(first), address(last))))
        };
        let (src_range, dst_range) = if cx.revision == 0 {
            let raw: ipt_iprange_info = read_raw(bytes)?;
            (
                range(raw.flags, IPRANGE_SRC, IPRANGE_SRC_INV, &raw.src_min, &raw.src_max),
                range(raw.flags, IPRANGE_DST, IPRANGE_DST_INV, &raw.dst_min, &raw.dst_max),
            )
        } else {
            let raw: xt_iprange_mtinfo = read_raw(bytes)?;
            (
                range(raw.flags, IPRANGE_SRC, IPRANGE_SRC_INV, &raw.src_min, &raw.src_max),
                range(raw.flags, IPRANGE_DST, IPRANGE_DST_INV, &raw.dst_min, &raw.dst_max),
            )
        };
        Ok(Iprange { src_range, dst_range, ..Iprange::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        for (label, range) in [("source", self.src_range), ("destination", self.dst_range)] {
            if let Some(Inv { inverted, value }) = range {
                show!(out, " {label} IP range {}", if inverted { "! " } else { "" });
                out.value(&value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-m iprange --src-range 1.2.3.4", "-m iprange --src-range 1.2.3.4-1.2.3.4"),
            (
                "-m iprange --dst-range 1.1.1.1-2.2.2.2 ! --src-range 1.2.3.4-1.2.3.9",
                "-m iprange ! --src-range 1.2.3.4-1.2.3.9 --dst-range 1.1.1.1-2.2.2.2",
            ),
            ("-m iprange --src-range 1.2.3-1.2.4", "-m iprange --src-range 1.2.3.0-1.2.4.0"),
            ("-m iprange", "!iprange match: You must specify `--src-range' or `--dst-range'"),
            ("-m iprange --src-range 1.2.3.9-", "!iprange: Bad value for \"--src-range\" option: \"\""),
            ("-m iprange --src-range ::1", "!iprange: Bad value for \"--src-range\" option: \"::1\""),
            (
                "-m iprange --dst-range 1.2.3.4-1.2.3.5-1.2.3.6",
                "!iprange: Bad value for \"--dst-range\" option: \"1.2.3.5-1.2.3.6\"",
            ),
            (
                "-m iprange --src-range 1.2.3.4 --src-range 1.2.3.4",
                "!iprange: option \"--src-range\" can only be used once.\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-m iprange ! --src-range ::1-::5", "-m iprange ! --src-range ::1-::5"),
                (
                    "-m iprange --src-range 1.2.3.4",
                    "!iprange: Bad value for \"--src-range\" option: \"1.2.3.4\"",
                ),
            ],
        );
    }
}
