//! `dscp`: the codepoint of differentiated services. `linux/netfilter/xt_dscp.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Dscp as Codepoint, DscpClass};

raw! {
    "linux/netfilter/xt_dscp.h"

    struct xt_dscp_info {
        dscp: u8,
        invert: u8,
    }
}

options! {
    /// Matches packets by their codepoint of differentiated services, the upper six bits of the type of service or
    /// traffic class.
    #[header("linux/netfilter/xt_dscp.h")]
    #[example(Ipv4, "-m dscp --dscp-class EF -j ACCEPT")]
    pub match Dscp {
        /// The codepoint.
        [!] dscp: Codepoint => "--dscp" { excludes: &["dscp-class"] };
    }
    also {
        /// The codepoint by the name of its class.
        [!] dscp_class: DscpClass => "--dscp-class" {
            misread: Some("Invalid DSCP value `{}'"),
            respell: Some(|find| find("dscp").and_then(DscpClass::respelled)),
        } = |dscp, class| dscp.dscp = Some(Inv::new(class.inverted, class.value.into()));
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Dscp>("dscp");

impl Codec for Dscp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_dscp_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["dscp", "dscp-class"], "DSCP match: Parameter --dscp is required");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.dscp.map_or(Ok(()), |dscp| dscp.value.check("dscp"))
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.dscp.unwrap_or_default();
        payload.put(&xt_dscp_info { dscp: value.0, invert: inverted.into() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Dscp> {
        let raw: xt_dscp_info = read_raw(bytes)?;
        Ok(Dscp { dscp: Some(Inv::new(raw.invert != 0, Codepoint(raw.dscp))), ..Dscp::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.dscp.unwrap_or_default();
        show!(out, " DSCP match {}", bang(inverted));
        out.value(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m dscp --dscp 5", "-m dscp --dscp 0x05"),
            ("-m dscp ! --dscp 0x3f", "-m dscp ! --dscp 0x3f"),
            ("-m dscp --dscp-class BE", "-m dscp --dscp 0x00"),
            ("-m dscp ! --dscp-class af11", "-m dscp ! --dscp 0x0a"),
            ("-m dscp", "!DSCP match: Parameter --dscp is required"),
            ("-m dscp --dscp 64", "!dscp: bad value for option \"--dscp\", or out of range (0-63).\n"),
            ("-m dscp --dscp-class VA", "!Invalid DSCP value `VA'"),
            ("-m dscp --dscp 5 --dscp 5", "!dscp: option \"--dscp\" can only be used once.\n"),
            (
                "-m dscp --dscp-class EF --dscp 5",
                "!dscp: option \"--dscp\" cannot be used together with \"--dscp-class\".\n",
            ),
        ]);
    }
}
