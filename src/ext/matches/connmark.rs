//! `connmark`: the connection's mark. `linux/netfilter/xt_connmark.h`.

use crate::ext::prelude::*;
use crate::ext::values::MarkMask;

raw! {
    "linux/netfilter/xt_connmark.h"

    struct xt_connmark_mtinfo1 {
        mark: u32,
        mask: u32,
        invert: u8,
        _padding: [u8; 3],
    }

    old:
    /// Revision 0, of kernels before 2.6.35.
    struct xt_connmark_info {
        mark: u64,
        mask: u64,
        invert: u8,
        _padding: [u8; 7],
    }
}

options! {
    /// Matches packets by the mark of their connection, which the target CONNMARK sets.
    #[header("linux/netfilter/xt_connmark.h")]
    #[example(Ipv4, "-m connmark --mark 0x1/0xff -j ACCEPT")]
    pub match Connmark {
        /// The mark; with a mask, only these bits are compared.
        [!] mark: MarkMask => "--mark" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Connmark>("connmark");

impl Codec for Connmark {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_connmark_mtinfo1>(1), Revision::new::<xt_connmark_info>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: MarkMask { value, mask } } = self.mark.unwrap_or_default();
        let invert = u8::from(inverted);
        match cx.revision {
            0 => payload.put(&xt_connmark_info {
                mark: value.into(),
                mask: mask.into(),
                invert,
                _padding: [0; 7],
            }),
            _ => payload.put(&xt_connmark_mtinfo1 { mark: value, mask, invert, _padding: [0; 3] }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Connmark> {
        let (invert, mark) = match cx.revision {
            0 => {
                let raw: xt_connmark_info = read_raw(bytes)?;
                (raw.invert, MarkMask::new(raw.mark as u32, raw.mask as u32))
            }
            _ => {
                let raw: xt_connmark_mtinfo1 = read_raw(bytes)?;
                (raw.invert, MarkMask::new(raw.mark, raw.mask))
            }
        };
        Ok(Connmark { mark: Some(Inv::new(invert != 0, mark)), ..Connmark::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.mark.unwrap_or_default();
        out.text(if inverted { " connmark match ! " } else { " connmark match  " });
        out.value(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m connmark --mark 1", "-m connmark --mark 0x1"),
            ("-m connmark --mark 1/0xffffffff", "-m connmark --mark 0x1"),
            ("-m connmark ! --mark 010/0xf0", "-m connmark ! --mark 0x8/0xf0"),
            ("-m connmark", "!connmark: option \"--mark\" must be specified\n"),
            ("-m connmark --mark 1x", "!connmark: trailing garbage after value for option \"--mark\".\n"),
            (
                "-m connmark --mark 4294967296",
                "!connmark: bad integer value for option \"--mark\", or out of range.\n",
            ),
        ]);
    }
}
