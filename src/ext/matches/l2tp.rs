//! `l2tp`: tunnels of the Layer 2 Tunneling Protocol. `linux/netfilter/xt_l2tp.h`.

use crate::ext::prelude::*;
use crate::ext::values::choice;

const XT_L2TP_TID: u32 = 1 << 0;
const XT_L2TP_SID: u32 = 1 << 1;
const XT_L2TP_VERSION: u32 = 1 << 2;
const XT_L2TP_TYPE: u32 = 1 << 3;
/// `IPPROTO_L2TP`, for version 3 without UDP.
const L2TP: Protocol = Protocol(115);

raw! {
    "linux/netfilter/xt_l2tp.h"

    struct xt_l2tp_info {
        tid: u32,
        sid: u32,
        version: u8,
        kind = "type": u8,
        flags: u8,
        _padding: [u8; 1],
    }
}

choice! {
    /// What an L2TP packet is for.
    pub enum L2tpType(u8) as "TYPE" {
        /// It controls the tunnel.
        Control = 0 => "control",
        /// It carries what goes through the tunnel.
        Data = 1 => "data",
    }
}

options! {
    /// Matches packets of L2TP tunnels. The kernel has it, iptables does not.
    ///
    /// The rule must say `-p udp` or `-p 115`, and one of `--tid`, `--sid` and `--type control` must be given.
    #[header("linux/netfilter/xt_l2tp.h")]
    #[example(Ipv4, "-p udp --dport 1701 -m l2tp --pversion 2 --tid 42 -j ACCEPT")]
    pub match L2tp {
        /// The tunnel; in version 2 a number of 16 bits.
        tid: u32 => "--tid" { bit: XT_L2TP_TID };
        /// The session; in version 2 a number of 16 bits.
        sid: u32 => "--sid" { bit: XT_L2TP_SID };
        /// The version of the protocol, 2 or 3.
        version / pversion: u8 => "--pversion" { min: 2, max: 3, bit: XT_L2TP_VERSION };
        /// What the packet is for.
        kind: L2tpType => "--type" { misread: Some("Unknown --type `{}'"), bit: XT_L2TP_TYPE };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<L2tp>("l2tp").placed(Placement::NONE.protocols(&[Protocol::UDP, L2TP]).checked());

impl Codec for L2tp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_l2tp_info>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        if self.tid.is_none() && self.sid.is_none() && self.kind != Some(L2tpType::Control) {
            return Err(Misfit::Tunnel.into());
        }
        let mut numbers = [("tid", self.tid), ("sid", self.sid)].into_iter();
        let wide = numbers.find(|(_, number)| number.is_some_and(|number| number > u16::MAX.into()));
        match wide.filter(|_| self.version == Some(2)) {
            Some((option, _)) => Err(Error::from(Misfit::TunnelNumber).at_option(option)),
            None => Ok(()),
        }
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_l2tp_info {
            tid: self.tid.unwrap_or_default(),
            sid: self.sid.unwrap_or_default(),
            version: self.version.unwrap_or_default(),
            kind: self.kind.map_or(0, L2tpType::number),
            flags: self.bits()[0] as u8,
            _padding: [0],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<L2tp> {
        let raw: xt_l2tp_info = read_raw(bytes)?;
        let given = |bit| u32::from(raw.flags) & bit != 0;
        let unknown = || Error::from(Malformed::Unknown { what: "type", number: raw.kind.into() });
        let kind = || L2tpType::from_number(raw.kind).ok_or_else(unknown);
        Ok(L2tp {
            tid: given(XT_L2TP_TID).then_some(raw.tid),
            sid: given(XT_L2TP_SID).then_some(raw.sid),
            version: given(XT_L2TP_VERSION).then_some(raw.version),
            kind: given(XT_L2TP_TYPE).then(kind).transpose()?,
            ..L2tp::new()
        })
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if cx.protocol() == Some(L2TP) && self.version == Some(2) {
            return Err(Error::from(Refused::TunnelVersion).at_option("pversion"));
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" l2tp");
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p udp -m l2tp --type control --pversion 2", "-p udp -m l2tp --pversion 2 --type control"),
            ("-p 115 -m l2tp --sid 0x10 --tid 70000", "-p 115 -m l2tp --tid 70000 --sid 16"),
            ("-p udp -m l2tp --type foo", "!Unknown --type `foo'"),
            (
                "-p udp -m l2tp --pversion 4",
                "!l2tp: bad value for option \"--pversion\", or out of range (2-3).\n",
            ),
        ]);
        for line in ["-p udp -m l2tp", "-p udp -m l2tp --type data", "-m l2tp --tid 65536 --pversion 2"] {
            assert_eq!(
                crate::Rule::parse(Family::Ipv4, line).unwrap_err().kind(),
                ErrorKind::InvalidRule,
                "{line}"
            );
        }
    }
}
