//! `ah`: the Authentication Header. `linux/netfilter_ipv4/ipt_ah.h` and `linux/netfilter_ipv6/ip6t_ah.h`.

use crate::ext::prelude::*;
use crate::types::Span;

const IP6T_AH_INV_SPI: u8 = 0x01;
const IP6T_AH_INV_LEN: u8 = 0x02;

mod ipv4 {
    use super::raw;

    raw! {
        "linux/netfilter_ipv4/ipt_ah.h"

        struct ipt_ah {
            spis: [u32; 2],
            invflags: u8,
            _padding: [u8; 3],
        }
    }
}
use ipv4::ipt_ah;

raw! {
    "linux/netfilter_ipv6/ip6t_ah.h"

    struct ip6t_ah {
        spis: [u32; 2],
        hdrlen: u32,
        hdrres: u8,
        invflags: u8,
        _padding: [u8; 2],
    }
}

options! {
    /// Matches the Authentication Header of IPsec.
    ///
    /// For IPv4 the rule must say `-p ah`; for IPv6 the header is looked for among the extension headers.
    #[header("linux/netfilter_ipv6/ip6t_ah.h")]
    #[example(
        Ipv4,
        "-p ah -m ah --ahspi 500:600 -j ACCEPT",
        "-p ah -m ah ! --ahspi 500 -j DROP",
    )]
    pub match Ah {
        /// The Security Parameter Index, or a range of them.
        [!] spi / ahspi: Span<u32> => "--ahspi";
        /// The length of the header in bytes.
        [!] length / ahlen: u32 => "--ahlen" { families: Families::Ipv6 };
        /// The reserved field must be zero.
        reserved / ahres: bool => "--ahres" { families: Families::Ipv6 };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Ah>("ah").placed(Placement::NONE.checked());

const ALL: Span<u32> = Span { min: 0, max: u32::MAX };

impl Codec for Ah {
    const REVISIONS: &'static [Revision] = &[Revision::by_family::<ipt_ah, ip6t_ah>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let spi = self.spi.unwrap_or(ALL.into());
        let spis = [spi.value.min, spi.value.max];
        let spi_inverted = flag(spi.inverted, IP6T_AH_INV_SPI);
        match cx.family {
            Family::Ipv4 | Family::Arp => {
                payload.put(&ipt_ah { spis, invflags: spi_inverted, _padding: [0; 3] })
            }
            Family::Ipv6 => {
                let length = self.length.unwrap_or_default();
                payload.put(&ip6t_ah {
                    spis,
                    hdrlen: length.value,
                    hdrres: self.reserved.into(),
                    invflags: spi_inverted | flag(length.inverted, IP6T_AH_INV_LEN),
                    _padding: [0; 2],
                });
            }
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Ah> {
        let raw = match cx.family {
            Family::Ipv4 | Family::Arp => {
                let ipt_ah { spis, invflags, .. } = read_raw(bytes)?;
                ip6t_ah { spis, invflags, ..ip6t_ah::new_zeroed() }
            }
            Family::Ipv6 => read_raw(bytes)?,
        };
        let spi = Inv::new(raw.invflags & IP6T_AH_INV_SPI != 0, Span { min: raw.spis[0], max: raw.spis[1] });
        let length = Inv::new(raw.invflags & IP6T_AH_INV_LEN != 0, raw.hdrlen);
        Ok(Ah {
            spi: (spi != ALL).then_some(spi),
            length: (length != 0).then_some(length),
            reserved: raw.hdrres != 0,
            ..Ah::new()
        })
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if cx.family == Family::Ipv4 && cx.protocol() != Some(Protocol::AH) {
            return Err(Refused::Protocol(&[Protocol::AH]).into());
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" ah ");
        if let Some(Inv { inverted, value }) = self.spi {
            let plural = if value.min == value.max { "" } else { "s" };
            show!(out, "spi{plural}:{}{value}", bang(inverted));
        }
        if let Some(Inv { inverted, value }) = self.length {
            show!(out, "length:{}{value}", bang(inverted));
        }
        if self.reserved {
            out.text(" reserved");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-p ah -m ah", "-p ah -m ah"),
            ("-p 51 --ahspi 0x10", "-p ah -m ah --ahspi 16"),
            ("-p ah ! --ahspi 5:", "-p ah -m ah ! --ahspi 5:4294967295"),
            ("-p ah --ahspi :", "-p ah -m ah"),
            ("-p ah ! --ahspi :", "-p ah -m ah ! --ahspi 0:4294967295"),
            ("-p ah --ahlen 5", "!unknown option \"--ahlen\""),
            (
                "-p ah --ahspi 10:5",
                "!ah: bad value for option \"--ahspi\" near \"5\", or out of range (10-4294967295).\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-m ah --ahres --ahlen 0x10 ! --ahspi 5", "-m ah ! --ahspi 5 --ahlen 16 --ahres"),
                ("-m ah --ahlen 0", "-m ah"),
                ("-m ah ! --ahlen 0", "-m ah ! --ahlen 0"),
                ("-m ah ! --ahres", "!ah: option \"--ahres\" cannot be inverted.\n"),
                (
                    "-m ah --ahlen x",
                    "!ah: bad value for option \"--ahlen\", or out of range (0-4294967295).\n",
                ),
            ],
        );
    }
}
