//! `esp`: the index of an ESP packet. `linux/netfilter/xt_esp.h`.

use crate::ext::prelude::*;
use crate::ext::values::list_spis;
use crate::types::Span;

const XT_ESP_INV_SPI: u8 = 0x01;

raw! {
    "linux/netfilter/xt_esp.h"

    struct xt_esp {
        spis: [u32; 2],
        invflags: u8,
        _padding: [u8; 3],
    }
}

options! {
    /// Matches ESP packets, encrypted by IPsec, by their security parameter index.
    #[header("linux/netfilter/xt_esp.h")]
    #[example(Ipv4, "-p esp -m esp --espspi 500:600 -j ACCEPT")]
    pub match Esp {
        /// The index, or a range of them.
        [!] espspi: Span<u32> => "--espspi";
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Esp>("esp").placed(Placement::NONE.protocols(&[Protocol::ESP]));

impl Codec for Esp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_esp>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.espspi.unwrap_or(ANY.into());
        payload.put(&xt_esp {
            spis: [value.min, value.max],
            invflags: flag(inverted, XT_ESP_INV_SPI),
            _padding: [0; 3],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Esp> {
        let xt_esp { spis: [min, max], invflags, .. } = read_raw(bytes)?;
        let spis = Inv::new(invflags & XT_ESP_INV_SPI != 0, Span { min, max });
        // Every index is no test at all unless it is inverted.
        Ok(Esp { espspi: (spis != ANY).then_some(spis), ..Esp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" esp");
        if let Some(spis) = self.espspi {
            list_spis(out, spis);
        }
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
            ("-p esp -m esp", "-p esp -m esp"),
            ("-p esp --espspi 5", "-p esp -m esp --espspi 5"),
            ("-p esp ! --espspi 5:0x10", "-p esp -m esp ! --espspi 5:16"),
            ("-p 50 -m esp --espspi 16:", "-p esp -m esp --espspi 16:4294967295"),
            ("-p esp --espspi :5", "-p esp -m esp --espspi 0:5"),
            ("-p esp --espspi :", "-p esp -m esp"),
            ("-p esp ! --espspi :", "-p esp -m esp ! --espspi 0:4294967295"),
            ("-p esp --espspi 1 --espspi 1", "!esp: option \"--espspi\" can only be used once.\n"),
            (
                "-p esp --espspi 4294967296",
                "!esp: bad value for option \"--espspi\" near \"4294967296\", or out of range (0-4294967295).\n",
            ),
            (
                "-p esp --espspi 10:5",
                "!esp: bad value for option \"--espspi\" near \"5\", or out of range (10-4294967295).\n",
            ),
        ]);
    }
}
