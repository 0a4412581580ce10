//! `ecn`: the bits of explicit congestion notification. `linux/netfilter/xt_ecn.h`.

use crate::ext::prelude::*;
use crate::ext::values::EcnCodepoint;

const XT_ECN_OP_MATCH_IP: u32 = 0x01;
const XT_ECN_OP_MATCH_ECE: u32 = 0x10;
const XT_ECN_OP_MATCH_CWR: u32 = 0x20;

raw! {
    "linux/netfilter/xt_ecn.h"

    /// The last field is not used.
    struct xt_ecn_info {
        operation: u8,
        invert: u8,
        ip_ect: u8,
        ect = "proto.tcp.ect": u8,
    }
}

options! {
    /// Matches packets by the bits of explicit congestion notification in the IP and TCP headers.
    #[header("linux/netfilter/xt_ecn.h")]
    #[example(Ipv4, "-p tcp -m ecn --ecn-tcp-ece -j ACCEPT")]
    pub match Ecn {
        /// The TCP header has the bit ECE, ECN-Echo: the receiver got a packet with `Ce`. Only for TCP.
        [!] tcp_ece / ecn_tcp_ece: bool => "--ecn-tcp-ece" { bit: XT_ECN_OP_MATCH_ECE };
        /// The TCP header has the bit CWR, congestion window reduced. Only for TCP.
        [!] tcp_cwr / ecn_tcp_cwr: bool => "--ecn-tcp-cwr" { bit: XT_ECN_OP_MATCH_CWR };
        /// The codepoint in the IP header.
        [!] ip_ect / ecn_ip_ect: EcnCodepoint => "--ecn-ip-ect" { bit: XT_ECN_OP_MATCH_IP };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Ecn>("ecn").heading("ECN match options:").placed(Placement::NONE.checked());

impl Codec for Ecn {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_ecn_info>(0)];
    const NEEDS: Option<Needs> = Needs::any(&[], "ECN match: some option required");

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let [operation, invert] = self.bits().map(|bits| bits as u8);
        payload.put(&xt_ecn_info {
            operation,
            invert,
            ip_ect: self.ip_ect.map_or(0, |ect| ect.value.number()),
            ect: 0,
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ecn> {
        let raw: xt_ecn_info = read_raw(bytes)?;
        let [given, inverted] = [raw.operation, raw.invert].map(u32::from);
        let ip_ect = (given & XT_ECN_OP_MATCH_IP != 0)
            .then(|| {
                Ok::<_, Error>(Inv::new(
                    inverted & XT_ECN_OP_MATCH_IP != 0,
                    EcnCodepoint::decode(raw.ip_ect)?,
                ))
            })
            .transpose()?;
        Ok(Ecn { ip_ect, ..Ecn::of_flags(given, inverted) })
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let tcp = [(self.tcp_ece, "ecn-tcp-ece"), (self.tcp_cwr, "ecn-tcp-cwr")];
        if let Some((_, option)) = tcp.iter().find(|(given, _)| given.is_some())
            && cx.protocol() != Some(Protocol::TCP)
        {
            return Err(Error::from(Refused::Protocol(&[Protocol::TCP])).at_option(option));
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" ECN match");
        for (label, bit) in [("ECE", self.tcp_ece), ("CWR", self.tcp_cwr)] {
            if let Some(set) = bit {
                show!(out, " {}{label}", bang(!set));
            }
        }
        if let Some(Inv { inverted, value }) = self.ip_ect {
            show!(out, " {}ECT={value}", bang(inverted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m ecn --ecn-ip-ect 0", "-m ecn --ecn-ip-ect 0"),
            ("-m ecn ! --ecn-ip-ect 3", "-m ecn ! --ecn-ip-ect 3"),
            (
                "-p tcp -m ecn ! --ecn-tcp-cwr --ecn-ip-ect 2 --ecn-tcp-ece",
                "-p tcp -m ecn --ecn-tcp-ece ! --ecn-tcp-cwr --ecn-ip-ect 2",
            ),
            ("-m ecn", "!ECN match: some option required"),
            (
                "-m ecn --ecn-ip-ect 4",
                "!ecn: bad value for option \"--ecn-ip-ect\", or out of range (0-3).\n",
            ),
            (
                "-p tcp -m ecn --ecn-tcp-ece --ecn-tcp-ece",
                "!ecn: option \"--ecn-tcp-ece\" can only be used once.\n",
            ),
        ]);
    }
}
