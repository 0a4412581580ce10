//! `mark`: the packet's mark. `linux/netfilter/xt_mark.h`.

use crate::ext::prelude::*;
use crate::ext::values::MarkMask;

raw! {
    "linux/netfilter/xt_mark.h"

    struct xt_mark_mtinfo1 {
        mark: u32,
        mask: u32,
        invert: u8,
        _padding: [u8; 3],
    }

    old:
    /// Revision 0, of kernels before 2.6.25.
    struct xt_mark_info {
        mark: u64,
        mask: u64,
        invert: u8,
        _padding: [u8; 7],
    }
}

options! {
    /// Matches packets by their mark, which the target MARK sets.
    #[header("linux/netfilter/xt_mark.h")]
    #[example(Ipv4, "-m mark --mark 0x1/0xff -j ACCEPT")]
    pub match Mark {
        /// The mark; with a mask, only these bits are compared.
        [!] mark: MarkMask => "--mark" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Mark>("mark");

impl Codec for Mark {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_mark_mtinfo1>(1), Revision::new::<xt_mark_info>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: MarkMask { value, mask } } = self.mark.unwrap_or_default();
        let invert = u8::from(inverted);
        match cx.revision {
            0 => {
                payload.put(&xt_mark_info { mark: value.into(), mask: mask.into(), invert, _padding: [0; 7] })
            }
            _ => payload.put(&xt_mark_mtinfo1 { mark: value, mask, invert, _padding: [0; 3] }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Mark> {
        let (invert, mark) = match cx.revision {
            0 => {
                let raw: xt_mark_info = read_raw(bytes)?;
                (raw.invert, MarkMask::new(raw.mark as u32, raw.mask as u32))
            }
            _ => {
                let raw: xt_mark_mtinfo1 = read_raw(bytes)?;
                (raw.invert, MarkMask::new(raw.mark, raw.mask))
            }
        };
        Ok(Mark { mark: Some(Inv::new(invert != 0, mark)), ..Mark::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.mark.unwrap_or_default();
        out.text(if inverted { " mark match ! " } else { " mark match " });
        out.value(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m mark --mark 1", "-m mark --mark 0x1"),
            ("-m mark ! --mark 16/0xf0", "-m mark ! --mark 0x10/0xf0"),
            ("-m mark --mark 1/0", "-m mark --mark 0x1/0x0"),
            ("-m mark", "!mark: option \"--mark\" must be specified\n"),
            ("-m mark --mark 1/", "!mark: bad integer value for option \"--mark\", or out of range.\n"),
            ("-m mark --mark 1x", "!mark: trailing garbage after value for option \"--mark\".\n"),
            (
                "-m mark --mark 0x100000000",
                "!mark: bad integer value for option \"--mark\", or out of range.\n",
            ),
        ]);
    }
}
