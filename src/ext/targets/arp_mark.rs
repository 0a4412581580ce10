//! `MARK` for ARP: it has fewer options there, and writes marks in another way. `linux/netfilter/xt_mark.h`.

use super::mark::xt_mark_tginfo2;
use crate::ext::prelude::*;
use crate::ext::values::HexMark;

options! {
    /// Sets the mark of an ARP packet. Marks are hexadecimal, with `0x` or without.
    #[header("linux/netfilter/xt_mark.h")]
    #[example(Arp, "-i eth1 -j MARK --set-mark 1f")]
    pub target ArpMark {
        /// The mark.
        set_mark: HexMark => "--set-mark" { excludes: &["and-mark", "or-mark"] };
        /// Keeps only these bits.
        and_mark: HexMark => "--and-mark" { excludes: &["or-mark"] };
        /// Sets these bits.
        or_mark: HexMark => "--or-mark";
    }
}

pub(crate) static EXT: Extension = Extension::target::<ArpMark>("MARK").families(Families::Arp);

impl Codec for ArpMark {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_mark_tginfo2>(2)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["set-mark", "and-mark", "or-mark"],
        "MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required",
    );

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (mark, mask) = match (self.set_mark, self.and_mark, self.or_mark) {
            (Some(HexMark(mark)), ..) => (mark, u32::MAX),
            (_, Some(HexMark(bits)), _) => (0, !bits),
            (.., bits) => {
                let HexMark(bits) = bits.unwrap_or_default();
                (bits, bits)
            }
        };
        payload.put(&xt_mark_tginfo2 { mark, mask });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<ArpMark> {
        let raw: xt_mark_tginfo2 = read_raw(bytes)?;
        let mut value = ArpMark::default();
        match (raw.mark, raw.mask) {
            (0, mask) => value.and_mark = Some(HexMark(!mask)),
            (mark, u32::MAX) => value.set_mark = Some(HexMark(mark)),
            (mark, mask) if mark == mask => value.or_mark = Some(HexMark(mark)),
            // Something else that arptables cannot say.
            _ => {}
        }
        Ok(value)
    }

    fn list(&self, out: &mut List<'_>) {
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Arp,
            &[
                ("-j MARK --set-mark 10", "-j MARK --set-mark 10"),
                ("-j MARK --set-mark 0x1F", "-j MARK --set-mark 1f"),
                ("-j MARK --set-mark 0", "-j MARK --and-mark 0"),
                ("-j MARK --and-mark ffffff0f", "-j MARK --and-mark ffffff0f"),
                ("-s 1.1.1.1 -j MARK --or-mark 3", "-j MARK -s 1.1.1.1 --or-mark 3"),
                (
                    "-j MARK --set-mark 10/0xff",
                    "!MARK: bad value for option \"--set-mark\", or out of range (0-4294967295).\n",
                ),
                ("-j MARK --set-xmark 1", "!unknown option \"--set-xmark\""),
                (
                    "-j MARK --set-mark 3 --or-mark 4",
                    "!MARK: option \"--set-mark\" cannot be used together with \"--or-mark\".\n",
                ),
                ("-j MARK", "!MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required"),
            ],
        );
    }
}
