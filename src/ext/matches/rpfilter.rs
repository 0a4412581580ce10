//! `rpfilter`: the reverse path. `linux/netfilter/xt_rpfilter.h`.

use crate::ext::prelude::*;

const XT_RPFILTER_LOOSE: u32 = 1 << 0;
const XT_RPFILTER_VALID_MARK: u32 = 1 << 1;
const XT_RPFILTER_ACCEPT_LOCAL: u32 = 1 << 2;
const XT_RPFILTER_INVERT: u32 = 1 << 3;

raw! {
    "linux/netfilter/xt_rpfilter.h"

    struct xt_rpfilter_info {
        flags: u8,
    }
}

options! {
    /// Matches packets whose answer would leave by the interface they came in by.
    #[header("linux/netfilter/xt_rpfilter.h")]
    #[example(Ipv4, "-m rpfilter --invert -j DROP")]
    pub match Rpfilter {
        /// Any interface will do for the answer.
        loose: bool => "--loose" { bit: XT_RPFILTER_LOOSE };
        /// The packet's mark counts in the look-up of the route.
        validmark: bool => "--validmark" { bit: XT_RPFILTER_VALID_MARK };
        /// Packets that come from the network with an address of this host match too.
        accept_local: bool => "--accept-local" { bit: XT_RPFILTER_ACCEPT_LOCAL };
        /// Match the packets that fail the test instead.
        invert: bool => "--invert" { bit: XT_RPFILTER_INVERT };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Rpfilter>("rpfilter")
    .placed(Placement::NONE.tables(&["raw", "mangle"]).hooks(HookMask::of(&[Hook::Prerouting])));

impl Codec for Rpfilter {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_rpfilter_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_rpfilter_info { flags: self.bits()[0] as u8 });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Rpfilter> {
        let xt_rpfilter_info { flags } = read_raw(bytes)?;
        Ok(Rpfilter::of_flags(flags.into(), 0))
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" rpfilter");
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m rpfilter", "-m rpfilter"),
            (
                "-m rpfilter --invert --accept-local --validmark --loose",
                "-m rpfilter --loose --validmark --accept-local --invert",
            ),
            ("-m rpfilter ! --loose", "!rpfilter: option \"--loose\" cannot be inverted.\n"),
            ("-m rpfilter --loose --loose", "!rpfilter: option \"--loose\" can only be used once.\n"),
        ]);
    }
}
