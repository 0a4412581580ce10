//! `NOTRACK`: the short form of `CT --notrack`. `linux/netfilter/xt_CT.h`.

use super::ct::{XT_CT_NOTRACK, XT_CT_NOTRACK_ALIAS, xt_ct_target_info_v1};
use crate::ext::prelude::*;

raw! {
    "linux/netfilter/xt_CT.h"

    old:
    /// The kernel's own target of this name has no data.
    struct nothing {}
}

options! {
    /// Exempts the connection of a packet from tracking.
    ///
    /// An older name for `CT --notrack`, which is what the kernel gets; the rule remembers the name.
    #[header("linux/netfilter/xt_CT.h")]
    #[example(Ipv4, "-p udp --dport 53 -j NOTRACK")]
    pub target Notrack {}
}

pub(crate) static EXT: Extension =
    Extension::target::<Notrack>("NOTRACK").placed(Placement::NONE.tables(&["raw"])).alias_of("CT");

impl Codec for Notrack {
    /// CT remembers the alias from its revision 2 on; older kernels have a target of this name.
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_ct_target_info_v1>(2), Revision::new::<nothing>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        if cx.revision > 0 {
            let mut raw = xt_ct_target_info_v1::new_zeroed();
            raw.flags = XT_CT_NOTRACK | XT_CT_NOTRACK_ALIAS;
            payload.put(&raw);
        }
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, _: &[u8]) -> Result<Notrack> {
        Ok(Notrack { ..Notrack::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        // The kernel's own target of this name speaks for itself.
        out.text(if out.cx.revision > 0 { " NOTRACK" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[("-j NOTRACK", "-j NOTRACK"), ("-j NOTRACK --zone 5", "!unknown option \"--zone\"")]);
        let rule = crate::Rule::parse(Family::Ipv4, "-j NOTRACK").unwrap();
        let crate::TargetRef::Extension(target) = rule.view().target() else { panic!("not an extension") };
        assert_eq!((target.kernel_name(), target.revision()), (b"CT".as_slice(), 2));
    }
}
