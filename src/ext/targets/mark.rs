//! `MARK`: sets the packet's mark. `linux/netfilter/xt_mark.h`.

use crate::ext::mechanism::options::{Opt, Respell, inverted_bits, kept_bits, masked, set_bits};
use crate::ext::prelude::*;
use crate::ext::values::MarkMask;

raw! {
    "linux/netfilter/xt_mark.h"

    struct xt_mark_tginfo2 {
        mark: u32,
        mask: u32,
    }

    old:
    /// Revision 1.
    struct xt_mark_target_info_v1 {
        mark: u64,
        mode: u8,
        _padding: [u8; 7],
    }

    /// Revision 0.
    struct xt_mark_target_info {
        mark: u64,
    }
}

/// The modes of revision 1.
const XT_MARK_SET: u8 = 0;
const XT_MARK_AND: u8 = 1;
const XT_MARK_OR: u8 = 2;

options! {
    /// Sets the packet's mark, for the match `mark`, for routing and for queueing.
    #[header("linux/netfilter/xt_mark.h")]
    #[example(Ipv4, "-i eth1 -j MARK --set-xmark 0x1/0xff")]
    pub target Mark {
        /// Clears the bits of the mask and then inverts those of the value.
        set_xmark: MarkMask => "--set-xmark" {
            excludes: &["set-mark", "and-mark", "or-mark", "xor-mark"], always: true,
        };
    }
    also {
        /// Sets the bits of the mask to those of the value.
        set_mark: MarkMask => "--set-mark" { excludes: &["and-mark", "or-mark", "xor-mark"], respell: Some(RESPELL[0]) }
            = |mark, value| mark.set_xmark = Some(set_mark(value));
        /// Keeps only these bits.
        and_mark: u32 => "--and-mark" { excludes: &["or-mark", "xor-mark"], respell: Some(RESPELL[1]) }
            = |mark, bits| mark.set_xmark = Some(MarkMask::new(0, !bits));
        /// Sets these bits.
        or_mark: u32 => "--or-mark" { excludes: &["xor-mark"], respell: Some(RESPELL[2]) }
            = |mark, bits| mark.set_xmark = Some(MarkMask::new(bits, bits));
        /// Inverts these bits.
        xor_mark: u32 => "--xor-mark" { respell: Some(RESPELL[3]) } = |mark, bits| mark.set_xmark = Some(MarkMask::new(bits, 0));
    }
}

/// What `--set-mark`, `--and-mark`, `--or-mark` and `--xor-mark` say, in this order, where `--set-xmark` says it.
pub(super) const RESPELL: [Respell; 4] = [
    |find| {
        let (value, mask) = masked(find, "set_xmark")?;
        (value & !mask == 0).then_some((false, Datum::Masked { value, mask }))
    },
    |find| kept_bits(find, "set_xmark", u32::MAX.into()),
    |find| set_bits(find, "set_xmark"),
    |find| inverted_bits(find, "set_xmark"),
];

/// `--set-mark` in terms of `--set-xmark`.
pub(super) fn set_mark(value: MarkMask) -> MarkMask {
    MarkMask::new(value.value, value.mask | value.value)
}

/// Shows `--set-xmark`, always with its mask.
pub(super) fn show_xmark(MarkMask { value, mask }: MarkMask, opt: &'static Opt, sink: &mut dyn Sink) {
    let datum = Datum::Masked { value: value.into(), mask: mask.into() };
    let print = |out: &mut Printer<'_>| {
        out.hex(value, 0);
        out.text("/");
        out.hex(mask, 0);
    };
    sink.value(opt, false, &Printed { datum, print });
}

/// Prints in a listing what the bits are set to, in the simplest terms.
pub(super) fn list_xmark(MarkMask { value, mask }: MarkMask, out: &mut List<'_>) {
    match (value, mask) {
        (0, mask) => show!(out, " and {:#x}", !mask),
        (value, mask) if value == mask => show!(out, " or {value:#x}"),
        (value, 0) => show!(out, " xor {value:#x}"),
        (value, u32::MAX) => show!(out, " set {value:#x}"),
        (value, mask) => show!(out, " xset {value:#x}/{mask:#x}"),
    }
}

pub(crate) static EXT: Extension = Extension::target::<Mark>("MARK");

impl Codec for Mark {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_mark_tginfo2>(2),
        Revision::new::<xt_mark_target_info_v1>(1).only(Families::Ipv4),
        Revision::new::<xt_mark_target_info>(0),
    ];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"],
        "MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required",
    );

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let MarkMask { value: mark, mask } = self.set_xmark.unwrap_or_default();
        match cx.revision {
            2.. => payload.put(&xt_mark_tginfo2 { mark, mask }),
            1 => {
                let (mark, mode) = match mark {
                    _ if mask == u32::MAX => (mark, XT_MARK_SET),
                    0 => (!mask, XT_MARK_AND),
                    _ if mark == mask => (mark, XT_MARK_OR),
                    _ => return Err(needs_revision(2, cx)),
                };
                payload.put(&xt_mark_target_info_v1 { mark: mark.into(), mode, _padding: [0; 7] });
            }
            0 if mask == u32::MAX => payload.put(&xt_mark_target_info { mark: mark.into() }),
            0 => return Err(needs_revision(2, cx)),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Mark> {
        let set_xmark = match cx.revision {
            2.. => {
                let raw: xt_mark_tginfo2 = read_raw(bytes)?;
                MarkMask::new(raw.mark, raw.mask)
            }
            1 => {
                let raw: xt_mark_target_info_v1 = read_raw(bytes)?;
                let mark = raw.mark as u32;
                match raw.mode {
                    XT_MARK_AND => MarkMask::new(0, !mark),
                    XT_MARK_OR => MarkMask::new(mark, mark),
                    _ => MarkMask::new(mark, u32::MAX),
                }
            }
            0 => MarkMask::from(read_raw::<xt_mark_target_info>(bytes)?.mark as u32),
        };
        Ok(Mark { set_xmark: Some(set_xmark), ..Mark::new() })
    }

    fn save(&self, sink: &mut dyn Sink) {
        show_xmark(self.set_xmark.unwrap_or_default(), opt!(Mark, set_xmark), sink);
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" MARK");
        list_xmark(self.set_xmark.unwrap_or_default(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j MARK --set-mark 1", "-j MARK --set-xmark 0x1/0xffffffff"),
            ("-j MARK --set-mark 0x100/0xff", "-j MARK --set-xmark 0x100/0x1ff"),
            ("-j MARK --and-mark 0xff", "-j MARK --set-xmark 0x0/0xffffff00"),
            ("-j MARK --or-mark 0xff", "-j MARK --set-xmark 0xff/0xff"),
            ("-j MARK --xor-mark 0xff", "-j MARK --set-xmark 0xff/0x0"),
            ("-j MARK", "!MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required"),
            (
                "-j MARK --set-mark 1 --or-mark 2",
                "!MARK: option \"--set-mark\" cannot be used together with \"--or-mark\".\n",
            ),
        ]);
    }
}
