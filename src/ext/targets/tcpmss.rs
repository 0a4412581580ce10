//! `TCPMSS`: changes the maximum segment size. `linux/netfilter/xt_TCPMSS.h`.

use crate::ext::matches::tests_for_syn;
use crate::ext::prelude::*;

/// What is written instead of a size.
const XT_TCPMSS_CLAMP_PMTU: u16 = 0xffff;
/// The largest size: a packet of 65535 bytes less the smallest IPv4 header, or the IPv6 one.
const MAX_MSS: u64 = 65_515;
const MAX_MSS_IPV6: u64 = 65_495;

raw! {
    "linux/netfilter/xt_TCPMSS.h"

    struct xt_tcpmss_info {
        mss: u16,
    }
}

options! {
    /// Changes the maximum segment size (MSS) that a TCP packet announces, so that connections get through a link with
    /// a small MTU.
    ///
    /// The rule must be limited to packets that open a connection, such as by `--syn`; no other has an MSS.
    #[header("linux/netfilter/xt_TCPMSS.h")]
    #[example(
        Ipv4,
        "-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
        "-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400",
    )]
    pub target Tcpmss {
        /// The MSS in bytes. A smaller one that the packet announces is left alone.
        set_mss: u16 => "--set-mss" {
            max: MAX_MSS, max_ipv6: Some(MAX_MSS_IPV6), excludes: &["clamp-mss-to-pmtu"],
        };
        /// As large as the path MTU of the connection allows.
        clamp_mss_to_pmtu: bool => "--clamp-mss-to-pmtu";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Tcpmss>("TCPMSS")
    .heading("TCPMSS target mutually-exclusive options:")
    .placed(Placement::NONE.protocols(&[Protocol::TCP]).checked());

impl Codec for Tcpmss {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_tcpmss_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["set-mss", "clamp-mss-to-pmtu"], "TCPMSS target: At least one parameter is required");

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_tcpmss_info { mss: self.set_mss.unwrap_or(XT_TCPMSS_CLAMP_PMTU) });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Tcpmss> {
        let raw: xt_tcpmss_info = read_raw(bytes)?;
        let clamp = raw.mss == XT_TCPMSS_CLAMP_PMTU;
        Ok(Tcpmss { set_mss: (!clamp).then_some(raw.mss), clamp_mss_to_pmtu: clamp, ..Tcpmss::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        match self.set_mss {
            Some(mss) => show!(out, " TCPMSS set {mss}"),
            None => out.text(" TCPMSS clamp to PMTU"),
        }
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        if self.clamp_mss_to_pmtu {
            place.require("clamp-mss-to-pmtu", HookMask::OUTGOING)?;
        }
        if place.alone
            || place.matches().any(|matching| matching.name == b"tcp" && tests_for_syn(matching.data))
        {
            return Ok(());
        }
        Err(Refused::NeedsSyn.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-p tcp -j TCPMSS --set-mss 0x10", "-p tcp -j TCPMSS --set-mss 16"),
            ("-p tcp -j TCPMSS --set-mss 65515", "-p tcp -j TCPMSS --set-mss 65515"),
            ("-p tcp -j TCPMSS --clamp-mss-to-pmtu", "-p tcp -j TCPMSS --clamp-mss-to-pmtu"),
            ("-p tcp -j TCPMSS", "!TCPMSS target: At least one parameter is required"),
            (
                "-p tcp -j TCPMSS --set-mss 65516",
                "!TCPMSS: bad value for option \"--set-mss\", or out of range (0-65515).\n",
            ),
            (
                "-p tcp -j TCPMSS --set-mss 5 --clamp-mss-to-pmtu",
                "!TCPMSS: option \"--set-mss\" cannot be used together with \"--clamp-mss-to-pmtu\".\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                ("-p tcp -j TCPMSS --set-mss 65495", "-p tcp -j TCPMSS --set-mss 65495"),
                (
                    "-p tcp -j TCPMSS --set-mss 65496",
                    "!TCPMSS: bad value for option \"--set-mss\", or out of range (0-65495).\n",
                ),
            ],
        );
    }
}
