//! `DSCP`: sets the codepoint of differentiated services. `linux/netfilter/xt_DSCP.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Dscp as Codepoint, DscpClass};

raw! {
    "linux/netfilter/xt_DSCP.h"

    struct xt_DSCP_info {
        dscp: u8,
    }
}

options! {
    /// Sets the packet's codepoint of differentiated services, the upper six bits of the type of service or traffic
    /// class.
    #[header("linux/netfilter/xt_DSCP.h")]
    #[example(Ipv4, "-p udp --dport 5060 -j DSCP --set-dscp-class EF")]
    pub target Dscp {
        /// The codepoint.
        set_dscp: Codepoint => "--set-dscp" { excludes: &["set-dscp-class"] };
    }
    also {
        /// The codepoint by the name of its class.
        set_dscp_class: DscpClass => "--set-dscp-class" {
            misread: Some("Invalid DSCP value `{}'"),
            respell: Some(|find| find("set_dscp").and_then(DscpClass::respelled)),
        } = |dscp, class| dscp.set_dscp = Some(class.into());
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Dscp>("DSCP").placed(Placement::NONE.tables(&["mangle"]));

impl Codec for Dscp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_DSCP_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["set-dscp", "set-dscp-class"], "DSCP target: Parameter --set-dscp is required");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.set_dscp.map_or(Ok(()), |dscp| dscp.check("set-dscp"))
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_DSCP_info { dscp: self.set_dscp.unwrap_or_default().0 });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Dscp> {
        let raw: xt_DSCP_info = read_raw(bytes)?;
        Ok(Dscp { set_dscp: Some(Codepoint(raw.dscp)), ..Dscp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" DSCP set ");
        out.value(&self.set_dscp.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j DSCP --set-dscp 5", "-j DSCP --set-dscp 0x05"),
            ("-j DSCP --set-dscp-class ef", "-j DSCP --set-dscp 0x2e"),
            ("-j DSCP", "!DSCP target: Parameter --set-dscp is required"),
            (
                "-j DSCP --set-dscp 64",
                "!DSCP: bad value for option \"--set-dscp\", or out of range (0-63).\n",
            ),
            ("-j DSCP --set-dscp-class foo", "!Invalid DSCP value `foo'"),
            ("-j DSCP ! --set-dscp 1", "!DSCP: option \"--set-dscp\" cannot be inverted.\n"),
            (
                "-j DSCP --set-dscp-class cs7 --set-dscp 1",
                "!DSCP: option \"--set-dscp\" cannot be used together with \"--set-dscp-class\".\n",
            ),
        ]);
    }

    #[test]
    fn a_codepoint_has_six_bits() {
        let rule = crate::Rule::builder().target(Dscp::new().set_dscp(64)).build(Family::Ipv4);
        assert_eq!(rule.unwrap_err().kind(), ErrorKind::InvalidValue);
    }
}
