//! `TTL`: changes the packet's TTL. `linux/netfilter_ipv4/ipt_TTL.h`.

use crate::ext::prelude::*;
use crate::ext::values::HopChange;

raw! {
    "linux/netfilter_ipv4/ipt_TTL.h"

    struct ipt_TTL_info {
        mode: u8,
        ttl: u8,
    }
}

options! {
    /// Changes the packet's TTL, the number of times it may still be forwarded.
    ///
    /// Raising it can let packets circle for ever; setting it on what leaves the network hides how far away it began.
    #[header("linux/netfilter_ipv4/ipt_TTL.h")]
    #[example(Ipv4, "-o eth0 -j TTL --ttl-set 64")]
    pub target Ttl {
        /// Sets the TTL to this.
        set / ttl_set: u8 => "--ttl-set" { excludes: &["ttl-inc", "ttl-dec"] };
        /// Lowers the TTL by this.
        dec / ttl_dec: u8 => "--ttl-dec" { min: 1, excludes: &["ttl-inc"] };
        /// Raises the TTL by this.
        inc / ttl_inc: u8 => "--ttl-inc" { min: 1 };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Ttl>("TTL").families(Families::Ipv4).placed(Placement::NONE.tables(&["mangle"]));

impl Ttl {
    fn change(&self) -> HopChange {
        HopChange { set: self.set, dec: self.dec, inc: self.inc }
    }
}

impl Codec for Ttl {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_TTL_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["ttl-set", "ttl-inc", "ttl-dec"], "TTL: You must specify an action");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.change().check()
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (mode, ttl) = self.change().encode();
        payload.put(&ipt_TTL_info { mode, ttl });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ttl> {
        let raw: ipt_TTL_info = read_raw(bytes)?;
        let HopChange { set, dec, inc } = HopChange::decode(raw.mode, raw.ttl)?;
        Ok(Ttl { set, dec, inc, ..Ttl::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        self.change().list("TTL", out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv4,
            &[
                ("-j TTL --ttl-set 0", "-j TTL --ttl-set 0"),
                ("-j TTL --ttl-dec 1", "-j TTL --ttl-dec 1"),
                ("-j TTL --ttl-inc 0xff", "-j TTL --ttl-inc 255"),
                ("-j TTL", "!TTL: You must specify an action"),
                (
                    "-j TTL --ttl-set 256",
                    "!TTL: bad value for option \"--ttl-set\", or out of range (0-255).\n",
                ),
                (
                    "-j TTL --ttl-inc 0",
                    "!TTL: bad value for option \"--ttl-inc\", or out of range (1-255).\n",
                ),
                ("-j TTL ! --ttl-set 1", "!TTL: option \"--ttl-set\" cannot be inverted.\n"),
                (
                    "-j TTL --ttl-inc 1 --ttl-set 1",
                    "!TTL: option \"--ttl-set\" cannot be used together with \"--ttl-inc\".\n",
                ),
                (
                    "-j TTL --ttl-inc 1 --ttl-dec 1",
                    "!TTL: option \"--ttl-dec\" cannot be used together with \"--ttl-inc\".\n",
                ),
            ],
        );
    }
}
