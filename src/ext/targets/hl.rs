//! `HL`: changes the packet's hop limit. `linux/netfilter_ipv6/ip6t_HL.h`.

use crate::ext::prelude::*;
use crate::ext::values::HopChange;

raw! {
    "linux/netfilter_ipv6/ip6t_HL.h"

    struct ip6t_HL_info {
        mode: u8,
        hop_limit: u8,
    }
}

options! {
    /// Changes the packet's hop limit, the number of times it may still be forwarded.
    ///
    /// Raising it can let packets circle for ever; setting it on what leaves the network hides how far away it began.
    #[header("linux/netfilter_ipv6/ip6t_HL.h")]
    #[example(Ipv6, "-o eth0 -j HL --hl-set 64")]
    pub target Hl {
        /// Sets the hop limit to this.
        set / hl_set: u8 => "--hl-set" { excludes: &["hl-inc", "hl-dec"] };
        /// Lowers the hop limit by this.
        dec / hl_dec: u8 => "--hl-dec" { min: 1, excludes: &["hl-inc"] };
        /// Raises the hop limit by this.
        inc / hl_inc: u8 => "--hl-inc" { min: 1 };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Hl>("HL").families(Families::Ipv6).placed(Placement::NONE.tables(&["mangle"]));

impl Hl {
    fn change(&self) -> HopChange {
        HopChange { set: self.set, dec: self.dec, inc: self.inc }
    }
}

impl Codec for Hl {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_HL_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["hl-set", "hl-inc", "hl-dec"], "HL: You must specify an action");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.change().check()
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (mode, hop_limit) = self.change().encode();
        payload.put(&ip6t_HL_info { mode, hop_limit });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Hl> {
        let raw: ip6t_HL_info = read_raw(bytes)?;
        let HopChange { set, dec, inc } = HopChange::decode(raw.mode, raw.hop_limit)?;
        Ok(Hl { set, dec, inc, ..Hl::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        self.change().list("HL", out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[
                ("-j HL --hl-set 0", "-j HL --hl-set 0"),
                ("-j HL --hl-dec 1", "-j HL --hl-dec 1"),
                ("-j HL --hl-inc 0xff", "-j HL --hl-inc 255"),
                ("-j HL", "!HL: You must specify an action"),
                ("-j HL --hl-set 256", "!HL: bad value for option \"--hl-set\", or out of range (0-255).\n"),
                ("-j HL --hl-inc 0", "!HL: bad value for option \"--hl-inc\", or out of range (1-255).\n"),
                ("-j HL ! --hl-set 1", "!HL: option \"--hl-set\" cannot be inverted.\n"),
                (
                    "-j HL --hl-inc 1 --hl-set 1",
                    "!HL: option \"--hl-set\" cannot be used together with \"--hl-inc\".\n",
                ),
                (
                    "-j HL --hl-inc 1 --hl-dec 1",
                    "!HL: option \"--hl-dec\" cannot be used together with \"--hl-inc\".\n",
                ),
            ],
        );
    }
}
