//! `ECN`: changes the bits of explicit congestion notification. `linux/netfilter_ipv4/ipt_ECN.h`.

use crate::ext::prelude::*;
use crate::ext::values::EcnCodepoint;

const IPT_ECN_OP_SET_IP: u32 = 0x01;
const IPT_ECN_OP_SET_ECE: u32 = 0x10;
const IPT_ECN_OP_SET_CWR: u32 = 0x20;

/// The bit fields of `proto.tcp`.
const ECE: u8 = if cfg!(target_endian = "big") { 0x80 } else { 0x01 };
const CWR: u8 = if cfg!(target_endian = "big") { 0x40 } else { 0x02 };

raw! {
    "linux/netfilter_ipv4/ipt_ECN.h"

    struct ipt_ECN_info {
        operation: u8,
        ip_ect: u8,
        tcp = "proto": u8,
    }
}

/// A bit to be written: 0 or 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bit(pub bool);

impl From<bool> for Bit {
    fn from(set: bool) -> Bit {
        Bit(set)
    }
}

impl Value for Bit {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "0|1");
    const MAX: u64 = 1;

    fn parse(input: &Input<'_>) -> Result<Bit, BadValue> {
        u8::parse(input).map(|number| Bit(number != 0))
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Number(self.0.into()))
    }
}

/// Either bit, where both are cleared by one option.
fn bit_of_remove(find: &dyn Fn(&str) -> Option<(bool, Datum)>) -> Option<(bool, Datum)> {
    find("tcp_remove").map(|_| (false, Datum::Number(0)))
}

options! {
    /// Changes the bits of explicit congestion notification, to work around routers that drop what has them.
    #[header("linux/netfilter_ipv4/ipt_ECN.h")]
    #[example(Ipv4, "-p tcp -d 192.0.2.1 -j ECN --ecn-tcp-remove")]
    pub target Ecn {
        /// Writes the bit ECE, ECN-Echo, of the TCP header. Only for TCP.
        tcp_ece / ecn_tcp_ece: Bit => "--ecn-tcp-ece" { bit: IPT_ECN_OP_SET_ECE, respell: Some(bit_of_remove) };
        /// Writes the bit CWR, congestion window reduced, of the TCP header. Only for TCP.
        tcp_cwr / ecn_tcp_cwr: Bit => "--ecn-tcp-cwr" { bit: IPT_ECN_OP_SET_CWR, respell: Some(bit_of_remove) };
        /// Writes the codepoint of the IP header.
        ip_ect / ecn_ip_ect: EcnCodepoint => "--ecn-ip-ect" { bit: IPT_ECN_OP_SET_IP };
    }
    also {
        /// Clears both bits of the TCP header. Only for TCP.
        tcp_remove: bool => "--ecn-tcp-remove" {
            excludes: &["ecn-tcp-cwr", "ecn-tcp-ece"],
            respell: Some(|find| {
                let clear = |field| find(field) == Some((false, Datum::Number(0)));
                (clear("tcp_ece") && clear("tcp_cwr")).then_some((false, Datum::Flag))
            }),
        } = |ecn, remove| {
            if remove {
                (ecn.tcp_ece, ecn.tcp_cwr) = (Some(Bit(false)), Some(Bit(false)));
            }
        };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Ecn>("ECN")
    .families(Families::Ipv4)
    .placed(Placement::NONE.tables(&["mangle"]).checked());

impl Ecn {
    /// Whether `--ecn-tcp-remove` says it all.
    fn removes(&self) -> bool {
        (self.tcp_ece, self.tcp_cwr, self.ip_ect) == (Some(Bit(false)), Some(Bit(false)), None)
    }
}

impl Codec for Ecn {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_ECN_info>(0)];
    const NEEDS: Option<Needs> = Needs::any(&[], "ECN target: An operation is required");

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&ipt_ECN_info {
            operation: self.bits()[0] as u8,
            ip_ect: self.ip_ect.map_or(0, EcnCodepoint::number),
            tcp: flag(self.tcp_ece == Some(Bit(true)), ECE) | flag(self.tcp_cwr == Some(Bit(true)), CWR),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ecn> {
        let raw: ipt_ECN_info = read_raw(bytes)?;
        let given = |bit| u32::from(raw.operation) & bit != 0;
        let ip_ect = given(IPT_ECN_OP_SET_IP).then(|| EcnCodepoint::decode(raw.ip_ect)).transpose()?;
        Ok(Ecn {
            tcp_ece: given(IPT_ECN_OP_SET_ECE).then_some(Bit(raw.tcp & ECE != 0)),
            tcp_cwr: given(IPT_ECN_OP_SET_CWR).then_some(Bit(raw.tcp & CWR != 0)),
            ip_ect,
            ..Ecn::new()
        })
    }

    fn save(&self, sink: &mut dyn Sink) {
        match Self::OPTIONS {
            [.., remove] if self.removes() => sink.option(remove, false, &|_| {}),
            _ => self.visit(sink),
        }
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let option = match (self.tcp_ece, self.tcp_cwr) {
            _ if cx.protocol() == Some(Protocol::TCP) => return Ok(()),
            (None, None) => return Ok(()),
            _ if self.removes() => "ecn-tcp-remove",
            (Some(_), _) => "ecn-tcp-ece",
            _ => "ecn-tcp-cwr",
        };
        Err(Error::from(Refused::Protocol(&[Protocol::TCP])).at_option(option))
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" ECN");
        if self.removes() {
            return out.text(" TCP remove");
        }
        for (label, bit) in [("ECE", self.tcp_ece), ("CWR", self.tcp_cwr)] {
            if let Some(Bit(set)) = bit {
                show!(out, " {label}={}", u8::from(set));
            }
        }
        if let Some(ect) = self.ip_ect {
            show!(out, " ECT codepoint={ect}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-p tcp -j ECN --ecn-tcp-remove", "-p tcp -j ECN --ecn-tcp-remove"),
            ("-p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-ece 0", "-p tcp -j ECN --ecn-tcp-remove"),
            (
                "-p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 1",
                "-p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 1",
            ),
            (
                "-p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-ece 1",
                "-p tcp -j ECN --ecn-tcp-ece 1 --ecn-tcp-cwr 0",
            ),
            ("-j ECN --ecn-ip-ect 3", "-j ECN --ecn-ip-ect 3"),
            ("-j ECN", "!ECN target: An operation is required"),
            (
                "-j ECN --ecn-ip-ect 4",
                "!ECN: bad value for option \"--ecn-ip-ect\", or out of range (0-3).\n",
            ),
            (
                "-p tcp -j ECN --ecn-tcp-cwr 2",
                "!ECN: bad value for option \"--ecn-tcp-cwr\", or out of range (0-1).\n",
            ),
            ("-j ECN ! --ecn-ip-ect 1", "!ECN: option \"--ecn-ip-ect\" cannot be inverted.\n"),
            (
                "-p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-remove",
                "!ECN: option \"--ecn-tcp-remove\" cannot be used together with \"--ecn-tcp-ece\".\n",
            ),
        ]);
    }
}
