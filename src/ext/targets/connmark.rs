//! `CONNMARK`: sets the connection's mark. `linux/netfilter/xt_connmark.h`.

use super::mark::{RESPELL, list_xmark, set_mark, show_xmark};
use crate::ext::Opt;
use crate::ext::prelude::*;
use crate::ext::values::{Hex, MarkMask};

const XT_CONNMARK_SET: u8 = 0;
const XT_CONNMARK_SAVE: u8 = 1;
const XT_CONNMARK_RESTORE: u8 = 2;
const D_SHIFT_RIGHT: u8 = 1;

raw! {
    "linux/netfilter/xt_connmark.h"

    struct xt_connmark_tginfo2 {
        ctmark: u32,
        ctmask: u32,
        nfmask: u32,
        shift_dir: u8,
        shift_bits: u8,
        mode: u8,
        _padding: [u8; 1],
    }

    struct xt_connmark_tginfo1 {
        ctmark: u32,
        ctmask: u32,
        nfmask: u32,
        mode: u8,
        _padding: [u8; 3],
    }

    old:
    /// Revision 0, of kernels before 2.6.35.
    struct xt_connmark_target_info {
        mark: u64,
        mask: u64,
        mode: u8,
        _padding: [u8; 7],
    }
}

/// What stands in the way of each way to say what is done.
const OTHERS: &[&str] = &["set-mark", "and-mark", "or-mark", "xor-mark", "save-mark", "restore-mark"];

/// How many hexadecimal digits are printed at least.
const DIGITS: usize = 1;

options! {
    /// Sets the mark of the packet's connection, or copies it from the packet or to it.
    ///
    /// A rule early on restores the mark to the packet, and what decided about the connection's first packet holds for
    /// all that follow.
    #[header("linux/netfilter/xt_connmark.h")]
    #[example(Ipv4, "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff")]
    pub target Connmark {
        /// Clears the bits of the mask in the connection's mark and then inverts those of the value.
        set_xmark: MarkMask => "--set-xmark" { excludes: OTHERS };
        /// Copies the packet's mark to the connection: `ctmark = (ctmark & ~ctmask) ^ (nfmark & nfmask)`.
        save_mark: bool => "--save-mark" { excludes: &["restore-mark"] };
        /// Copies the connection's mark to the packet: `nfmark = (nfmark & ~nfmask) ^ (ctmark & ctmask)`.
        restore_mark: bool => "--restore-mark";
        /// The bits of the packet's mark that count; all unless given.
        nfmask: Hex<DIGITS> => "--nfmask" { excludes: &["mask"] };
        /// The bits of the connection's mark that count; all unless given.
        ctmask: Hex<DIGITS> => "--ctmask" { excludes: &["mask"] };
        /// Shifts the mark that is copied or set by so many bits to the left, at most 31.
        left_shift_mark: u8 => "--left-shift-mark" { max: 32, excludes: &["right-shift-mark"] };
        /// Shifts the mark that is copied or set by so many bits to the right, at most 31.
        right_shift_mark: u8 => "--right-shift-mark" { max: 32 };
    }
    also {
        /// Sets the bits of the mask to those of the value.
        set_mark: MarkMask => "--set-mark" { excludes: OTHERS.split_at(1).1, respell: Some(RESPELL[0]) }
            = |target, value| target.set_xmark = Some(set_mark(value));
        /// Keeps only these bits.
        and_mark: u32 => "--and-mark" { excludes: OTHERS.split_at(2).1, respell: Some(RESPELL[1]) }
            = |target, bits| target.set_xmark = Some(MarkMask::new(0, !bits));
        /// Sets these bits.
        or_mark: u32 => "--or-mark" { excludes: OTHERS.split_at(3).1, respell: Some(RESPELL[2]) }
            = |target, bits| target.set_xmark = Some(MarkMask::new(bits, bits));
        /// Inverts these bits.
        xor_mark: u32 => "--xor-mark" { excludes: OTHERS.split_at(4).1, respell: Some(RESPELL[3]) }
            = |target, bits| target.set_xmark = Some(MarkMask::new(bits, 0));
        /// The bits of both marks that count.
        mask: u32 => "--mask" {
            respell: Some(|find| find("nfmask").filter(|mask| find("ctmask").as_ref() == Some(mask))),
        } = |target, bits| (target.nfmask, target.ctmask) = (Some(bits.into()), Some(bits.into()));
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Connmark>("CONNMARK").placed(Placement::NONE.checked());

impl Normal for xt_connmark_tginfo2 {
    fn normalize(&mut self, _: Family) {
        // A shift by nothing has no direction.
        if self.shift_bits == 0 {
            self.shift_dir = 0;
        }
        self.nfmask = normal_nfmask(self.mode, self.nfmask);
    }
}

impl Normal for xt_connmark_tginfo1 {
    fn normalize(&mut self, _: Family) {
        self.nfmask = normal_nfmask(self.mode, self.nfmask);
    }
}

/// The packet's mark has no part in setting the connection's, whatever its mask.
fn normal_nfmask(mode: u8, nfmask: u32) -> u32 {
    if mode == XT_CONNMARK_SET { u32::MAX } else { nfmask }
}

impl Connmark {
    /// The direction and number of bits of the shift.
    fn shift(&self) -> (u8, u8) {
        match self.right_shift_mark {
            Some(bits) => (D_SHIFT_RIGHT, bits),
            None => (0, self.left_shift_mark.unwrap_or_default()),
        }
    }
}

impl Codec for Connmark {
    const REVISIONS: &'static [Revision] = &[
        Revision::normal::<xt_connmark_tginfo2>(2),
        Revision::normal::<xt_connmark_tginfo1>(1),
        Revision::new::<xt_connmark_target_info>(0),
    ];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark", "save-mark", "restore-mark"],
        "CONNMARK target: No operation specified",
    );

    fn was_given(&mut self, opt: &'static Opt, _: &RuleContext<'_>) -> Result<()> {
        // A mark that is set has a mask of its own, which replaces one given before it.
        if opt.name == "set-xmark" || OTHERS[..4].contains(&opt.name) {
            self.ctmask = None;
        }
        Ok(())
    }

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        if let Some(mark) = &mut self.set_xmark {
            mark.mask = self.ctmask.take().map_or(mark.mask, |mask| mask.0);
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let all = Hex(u32::MAX);
        let (ctmark, ctmask, mode) = match self.set_xmark {
            Some(mark) => (mark.value, mark.mask, XT_CONNMARK_SET),
            None if self.restore_mark => (0, self.ctmask.unwrap_or(all).0, XT_CONNMARK_RESTORE),
            None => (0, self.ctmask.unwrap_or(all).0, XT_CONNMARK_SAVE),
        };
        let nfmask = self.nfmask.unwrap_or(all).0;
        let (shift_dir, shift_bits) = self.shift();
        match cx.revision {
            2.. => payload.put(&xt_connmark_tginfo2 {
                ctmark,
                ctmask,
                nfmask,
                shift_dir,
                shift_bits,
                mode,
                _padding: [0],
            }),
            _ if shift_bits != 0 => return Err(needs_revision(2, cx)),
            1 => payload.put(&xt_connmark_tginfo1 { ctmark, ctmask, nfmask, mode, _padding: [0; 3] }),
            // It sets bits where the others invert them, and has one mask for both marks.
            0 if ctmark & !ctmask != 0 || mode != XT_CONNMARK_SET && ctmask != nfmask => {
                return Err(needs_revision(1, cx));
            }
            0 => payload.put(&xt_connmark_target_info {
                mark: ctmark.into(),
                mask: ctmask.into(),
                mode,
                _padding: [0; 7],
            }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Connmark> {
        let raw = match cx.revision {
            2.. => read_raw(bytes)?,
            1 => {
                let xt_connmark_tginfo1 { ctmark, ctmask, nfmask, mode, .. } = read_raw(bytes)?;
                xt_connmark_tginfo2 { ctmark, ctmask, nfmask, mode, ..xt_connmark_tginfo2::new_zeroed() }
            }
            0 => {
                let xt_connmark_target_info { mark, mask, mode, .. } = read_raw(bytes)?;
                let MarkMask { value: ctmark, mask } = match mode {
                    XT_CONNMARK_SET => set_mark(MarkMask::new(mark as u32, mask as u32)),
                    _ => MarkMask::new(0, mask as u32),
                };
                let zeroed = xt_connmark_tginfo2::new_zeroed();
                xt_connmark_tginfo2 { ctmark, ctmask: mask, nfmask: mask, mode, ..zeroed }
            }
        };
        let shift = |dir| (raw.shift_bits != 0 && raw.shift_dir == dir).then_some(raw.shift_bits);
        let mut target = Connmark {
            left_shift_mark: shift(0),
            right_shift_mark: shift(D_SHIFT_RIGHT),
            ..Connmark::default()
        };
        match raw.mode {
            XT_CONNMARK_SET => target.set_xmark = Some(MarkMask::new(raw.ctmark, raw.ctmask)),
            XT_CONNMARK_SAVE => target.save_mark = true,
            XT_CONNMARK_RESTORE => target.restore_mark = true,
            mode => return Err(Malformed::Unknown { what: "mode", number: mode.into() }.into()),
        }
        if raw.mode != XT_CONNMARK_SET {
            (target.nfmask, target.ctmask) = (Some(Hex(raw.nfmask)), Some(Hex(raw.ctmask)));
        }
        Ok(target)
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        match self.shift() {
            (_, ..32) => Ok(()),
            (dir, bits) => {
                let option = if dir == D_SHIFT_RIGHT { "right-shift-mark" } else { "left-shift-mark" };
                Err(Error::from(Refused::Shift { bits }).at_option(option))
            }
        }
    }

    fn save(&self, sink: &mut dyn Sink) {
        if let Some(mark) = self.set_xmark {
            show_xmark(mark, opt!(Connmark, set_xmark), sink);
        }
        Connmark { set_xmark: None, ..self.clone() }.visit(sink);
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" CONNMARK");
        let name = |mask: Option<Hex>| mask.unwrap_or(Hex(u32::MAX)).0;
        let (nfmask, ctmask) = (name(self.nfmask), name(self.ctmask));
        match self.set_xmark {
            Some(mark) => list_xmark(mark, out),
            None => out.text(if self.restore_mark { " restore" } else { " save" }),
        }
        match (self.set_xmark, nfmask == ctmask) {
            (Some(_), _) => {}
            (None, true) if nfmask == u32::MAX => {}
            (None, true) => show!(out, " mask {nfmask:#x}"),
            (None, false) if self.restore_mark => show!(out, " ctmask {ctmask:#x} nfmask ~{nfmask:#x}"),
            (None, false) => show!(out, " nfmask {nfmask:#x} ctmask ~{ctmask:#x}"),
        }
        for (name, shift) in [("left", self.left_shift_mark), ("right", self.right_shift_mark)] {
            if let Some(bits) = shift {
                show!(out, " {name}-shift-mark {bits}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j CONNMARK --set-mark 1", "-j CONNMARK --set-xmark 0x1/0xffffffff"),
            ("-j CONNMARK --set-mark 0x100/0xff", "-j CONNMARK --set-xmark 0x100/0x1ff"),
            ("-j CONNMARK --set-mark 1 --mask 2", "-j CONNMARK --set-xmark 0x1/0x2"),
            ("-j CONNMARK --and-mark 0xff", "-j CONNMARK --set-xmark 0x0/0xffffff00"),
            ("-j CONNMARK --or-mark 0xff", "-j CONNMARK --set-xmark 0xff/0xff"),
            (
                "-j CONNMARK --xor-mark 0xff --right-shift-mark 0x3",
                "-j CONNMARK --set-xmark 0xff/0x0 --right-shift-mark 3",
            ),
            (
                "-j CONNMARK --save-mark --left-shift-mark 0",
                "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff",
            ),
            (
                "-j CONNMARK --mask 0xff --restore-mark --left-shift-mark 3",
                "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff --left-shift-mark 3",
            ),
            (
                "-j CONNMARK --ctmask 0xf0 --save-mark --nfmask 15",
                "-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf0",
            ),
            ("-j CONNMARK --mask 1", "!CONNMARK target: No operation specified"),
            (
                "-j CONNMARK --save-mark --restore-mark",
                "!CONNMARK: option \"--save-mark\" cannot be used together with \"--restore-mark\".\n",
            ),
            (
                "-j CONNMARK --save-mark --set-mark 1",
                "!CONNMARK: option \"--set-mark\" cannot be used together with \"--save-mark\".\n",
            ),
            (
                "-j CONNMARK --save-mark --mask 0xff --nfmask 1",
                "!CONNMARK: option \"--nfmask\" cannot be used together with \"--mask\".\n",
            ),
            ("-j CONNMARK --ctmask 0x33 --set-xmark 5/7", "-j CONNMARK --set-xmark 0x5/0x7"),
            ("-j CONNMARK --set-xmark 5/7 --ctmask 0x33", "-j CONNMARK --set-xmark 0x5/0x33"),
            ("-j CONNMARK --ctmask 3 --or-mark 5", "-j CONNMARK --set-xmark 0x5/0x5"),
            ("-j CONNMARK --ctmask 3 --mask 7", "!CONNMARK target: No operation specified"),
            (
                "-j CONNMARK --save-mark --left-shift-mark 33",
                "!CONNMARK: bad value for option \"--left-shift-mark\", or out of range (0-32).\n",
            ),
        ]);
    }

    #[test]
    fn old_revisions_say_the_same_or_refuse() {
        let bytes = |revision, target: &Connmark| {
            let cx = RuleContext::of_revision(Family::Ipv4, revision);
            let mut out = Vec::new();
            target.encode(&cx, &mut Payload::new(&mut out))?;
            Ok::<_, Error>(Connmark::decode(&cx, &out)? == *target)
        };
        let set = Connmark::new().set_mark((0x10, 0xf0));
        let save = Connmark::new().save_mark(true).mask(0xffu32);
        for revision in 0..=2 {
            assert!(bytes(revision, &set).unwrap());
            assert!(bytes(revision, &save).unwrap());
        }
        assert!(bytes(0, &Connmark::new().xor_mark(1u32)).is_err());
        assert!(bytes(0, &Connmark::new().save_mark(true).nfmask(1)).is_err());
        assert!(bytes(1, &Connmark::new().save_mark(true).left_shift_mark(1)).is_err());
    }
}
