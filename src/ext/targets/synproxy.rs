//! `SYNPROXY`: answers for a server until the client has shown that it is there. `linux/netfilter/xt_SYNPROXY.h`.

use crate::ext::prelude::*;

const NF_SYNPROXY_OPT_MSS: u32 = 0x01;
const NF_SYNPROXY_OPT_WSCALE: u32 = 0x02;
const NF_SYNPROXY_OPT_SACK_PERM: u32 = 0x04;
const NF_SYNPROXY_OPT_TIMESTAMP: u32 = 0x08;
const NF_SYNPROXY_OPT_ECN: u32 = 0x10;

raw! {
    "linux/netfilter/xt_SYNPROXY.h"

    struct nf_synproxy_info {
        options: u8,
        wscale: u8,
        mss: u16,
    }
}

options! {
    /// Answers the first packet of a TCP connection in place of the server, and opens the connection to the server only
    /// when the client has completed the handshake.
    ///
    /// The options say what the server supports, since the kernel must promise it before the server is asked.
    #[header("linux/netfilter/xt_SYNPROXY.h")]
    #[example(Ipv4, "-p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460")]
    pub target Synproxy {
        /// The server supports selective acknowledgements.
        sack_perm: bool => "--sack-perm" { bit: NF_SYNPROXY_OPT_SACK_PERM };
        /// The server supports timestamps.
        timestamp: bool => "--timestamp" { bit: NF_SYNPROXY_OPT_TIMESTAMP };
        /// The window scale of the server, as a power of two.
        wscale: u8 => "--wscale" { bit: NF_SYNPROXY_OPT_WSCALE };
        /// The maximum segment size of the server, in bytes.
        mss: u16 => "--mss" { bit: NF_SYNPROXY_OPT_MSS };
        /// The server supports explicit congestion notification.
        ecn: bool => "--ecn" { bit: NF_SYNPROXY_OPT_ECN };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Synproxy>("SYNPROXY")
    .placed(Placement::NONE.hooks(HookMask::of(&[Hook::Input, Hook::Forward])).protocols(&[Protocol::TCP]));

impl Codec for Synproxy {
    const REVISIONS: &'static [Revision] = &[Revision::new::<nf_synproxy_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&nf_synproxy_info {
            options: self.bits()[0] as u8,
            wscale: self.wscale.unwrap_or_default(),
            mss: self.mss.unwrap_or_default(),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Synproxy> {
        let raw: nf_synproxy_info = read_raw(bytes)?;
        let given = |bit| u32::from(raw.options) & bit != 0;
        Ok(Synproxy {
            wscale: given(NF_SYNPROXY_OPT_WSCALE).then_some(raw.wscale),
            mss: given(NF_SYNPROXY_OPT_MSS).then_some(raw.mss),
            ..Synproxy::of_flags(raw.options.into(), 0)
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" SYNPROXY");
        out.options(self);
        out.text(" ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p tcp -j SYNPROXY", "-p tcp -j SYNPROXY"),
            (
                "-p tcp -j SYNPROXY --ecn --mss 1460 --wscale 0x7 --timestamp --sack-perm",
                "-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn",
            ),
            ("-p tcp -j SYNPROXY --wscale 0 --mss 0", "-p tcp -j SYNPROXY --wscale 0 --mss 0"),
            (
                "-p tcp -j SYNPROXY --mss 65536",
                "!SYNPROXY: bad value for option \"--mss\", or out of range (0-65535).\n",
            ),
            ("-p tcp -j SYNPROXY --mss 5 --mss 6", "!SYNPROXY: option \"--mss\" can only be used once.\n"),
        ]);
    }
}
