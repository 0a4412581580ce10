//! `ipcomp`: the index of a compressed packet. `linux/netfilter/xt_ipcomp.h`.

use crate::ext::prelude::*;
use crate::ext::values::list_spis;
use crate::types::Span;

const XT_IPCOMP_INV_SPI: u8 = 0x01;

raw! {
    "linux/netfilter/xt_ipcomp.h"

    struct xt_ipcomp {
        spis: [u32; 2],
        invflags: u8,
        hdrres: u8,
        _padding: [u8; 2],
    }
}

options! {
    /// Matches packets of the IP payload compression protocol by their compression parameter index.
    #[header("linux/netfilter/xt_ipcomp.h")]
    #[example(Ipv4, "-p ipcomp -m ipcomp --ipcompspi 0:100 -j ACCEPT")]
    pub match Ipcomp {
        /// The index, or a range of them.
        [!] spi / ipcompspi: Span<u32> => "--ipcompspi";
        /// The reserved field of the header is zero.
        compres: bool => "--compres";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Ipcomp>("ipcomp")
    .heading("comp match options:")
    .placed(Placement::NONE.protocols(&[Protocol::IPCOMP]));

impl Codec for Ipcomp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_ipcomp>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        // Without the option iptables asks for index 0, but prints every index without the option. What is printed counts.
        let Inv { inverted, value } = self.spi.unwrap_or(ANY.into());
        payload.put(&xt_ipcomp {
            spis: [value.min, value.max],
            invflags: flag(inverted, XT_IPCOMP_INV_SPI),
            hdrres: self.compres.into(),
            _padding: [0; 2],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ipcomp> {
        let raw: xt_ipcomp = read_raw(bytes)?;
        let [min, max] = raw.spis;
        let spis = Inv::new(raw.invflags & XT_IPCOMP_INV_SPI != 0, Span { min, max });
        Ok(Ipcomp { spi: (spis != ANY).then_some(spis), compres: raw.hdrres != 0, ..Ipcomp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" comp");
        match self.spi {
            None => out.text(" "),
            Some(spis) => list_spis(out, spis),
        }
        out.text(if self.compres { " reserved" } else { "" });
    }
}

/// Every index.
const ANY: Span<u32> = Span { min: 0, max: u32::MAX };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p ipcomp -m ipcomp", "-p ipcomp -m ipcomp"),
            ("-p ipcomp -m ipcomp --ipcompspi 0", "-p ipcomp -m ipcomp --ipcompspi 0"),
            ("-p ipcomp --ipcompspi 5", "-p ipcomp -m ipcomp --ipcompspi 5"),
            ("-p ipcomp ! --ipcompspi 0x5:10", "-p ipcomp -m ipcomp ! --ipcompspi 5:10"),
            ("-p ipcomp --ipcompspi :", "-p ipcomp -m ipcomp"),
            ("-p ipcomp ! --ipcompspi :", "-p ipcomp -m ipcomp ! --ipcompspi 0:4294967295"),
            ("-p ipcomp --compres", "-p ipcomp -m ipcomp --compres"),
            ("-p ipcomp ! --compres", "!ipcomp: option \"--compres\" cannot be inverted.\n"),
            (
                "-p ipcomp --ipcompspi 10:5",
                "!ipcomp: bad value for option \"--ipcompspi\" near \"5\", or out of range (10-4294967295).\n",
            ),
        ]);
    }
}
