//! `tcpmss`: the maximum segment size in a TCP header. `linux/netfilter/xt_tcpmss.h`.

use crate::ext::prelude::*;
use crate::types::Span;

raw! {
    "linux/netfilter/xt_tcpmss.h"

    struct xt_tcpmss_match_info {
        mss_min: u16,
        mss_max: u16,
        invert: u8,
        _padding: [u8; 1],
    }
}

options! {
    /// Matches TCP packets by the maximum segment size (MSS) they announce; only packets with SYN announce one.
    #[header("linux/netfilter/xt_tcpmss.h")]
    #[example(Ipv4, "-p tcp --syn -m tcpmss --mss 1:500 -j DROP")]
    pub match Tcpmss {
        /// The MSS in bytes, or a range of it.
        [!] mss: Span<u16> => "--mss" { required: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Tcpmss>("tcpmss").placed(Placement::NONE.protocols(&[Protocol::TCP]));

impl Codec for Tcpmss {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_tcpmss_match_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: Span { min, max } } = self.mss.unwrap_or_default();
        payload.put(&xt_tcpmss_match_info {
            mss_min: min,
            mss_max: max,
            invert: inverted.into(),
            _padding: [0],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Tcpmss> {
        let raw: xt_tcpmss_match_info = read_raw(bytes)?;
        Ok(Tcpmss {
            mss: Some(Inv::new(raw.invert != 0, Span { min: raw.mss_min, max: raw.mss_max })),
            ..Tcpmss::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.mss.unwrap_or_default();
        show!(out, " tcpmss match {}{value}", bang(inverted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p tcp -m tcpmss --mss 500", "-p tcp -m tcpmss --mss 500"),
            ("-p tcp -m tcpmss ! --mss 500:0x258", "-p tcp -m tcpmss ! --mss 500:600"),
            ("-p tcp -m tcpmss --mss :600", "-p tcp -m tcpmss --mss 0:600"),
            ("-p tcp -m tcpmss --mss 600:", "-p tcp -m tcpmss --mss 600:65535"),
            ("-p tcp -m tcpmss", "!tcpmss: option \"--mss\" must be specified\n"),
            (
                "-p tcp -m tcpmss --mss 600:500",
                "!tcpmss: bad value for option \"--mss\" near \"500\", or out of range (600-65535).\n",
            ),
            (
                "-p tcp -m tcpmss --mss 65536",
                "!tcpmss: bad value for option \"--mss\" near \"65536\", or out of range (0-65535).\n",
            ),
        ]);
    }
}
