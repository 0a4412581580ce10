//! How often a packet may still be forwarded: the TTL of IPv4 and the hop limit of IPv6, whose extensions differ in
//! names alone.

use crate::ext::prelude::*;

/// The modes of the matches `ttl` and `hl`.
const EQ: u8 = 0;
const NE: u8 = 1;
const LT: u8 = 2;
const GT: u8 = 3;

/// The modes of the targets `TTL` and `HL`.
const SET: u8 = 0;
const INC: u8 = 1;
const DEC: u8 = 2;

/// The options of a match, of which one is there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HopTest {
    pub(crate) lt: Option<u8>,
    pub(crate) gt: Option<u8>,
    pub(crate) eq: Option<Inv<u8>>,
}

impl HopTest {
    /// The mode and the number in the kernel.
    pub(crate) fn encode(self) -> (u8, u8) {
        match self {
            HopTest { lt: Some(value), .. } => (LT, value),
            HopTest { gt: Some(value), .. } => (GT, value),
            HopTest { eq, .. } => {
                let Inv { inverted, value } = eq.unwrap_or_default();
                (if inverted { NE } else { EQ }, value)
            }
        }
    }

    pub(crate) fn decode(mode: u8, value: u8) -> Result<HopTest> {
        let none = HopTest::default();
        Ok(match mode {
            EQ | NE => HopTest { eq: Some(Inv::new(mode == NE, value)), ..none },
            LT => HopTest { lt: Some(value), ..none },
            GT => HopTest { gt: Some(value), ..none },
            _ => return Err(unknown(mode)),
        })
    }

    pub(crate) fn list(self, what: &str, out: &mut List<'_>) {
        let (mode, value) = self.encode();
        let sign = ["==", "!=", "<", ">"].get(usize::from(mode)).copied().unwrap_or_default();
        show!(out, " {what} match {what} {sign} {value}");
    }
}

/// The options of a target, of which one is there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HopChange {
    pub(crate) set: Option<u8>,
    pub(crate) dec: Option<u8>,
    pub(crate) inc: Option<u8>,
}

impl HopChange {
    /// The mode and the number in the kernel.
    pub(crate) fn encode(self) -> (u8, u8) {
        match self {
            HopChange { inc: Some(value), .. } => (INC, value),
            HopChange { dec: Some(value), .. } => (DEC, value),
            HopChange { set, .. } => (SET, set.unwrap_or_default()),
        }
    }

    pub(crate) fn decode(mode: u8, value: u8) -> Result<HopChange> {
        let none = HopChange::default();
        Ok(match mode {
            SET => HopChange { set: Some(value), ..none },
            INC => HopChange { inc: Some(value), ..none },
            DEC => HopChange { dec: Some(value), ..none },
            _ => return Err(unknown(mode)),
        })
    }

    /// Fails unless it changes something.
    pub(crate) fn check(self) -> Result<()> {
        if self.inc == Some(0) || self.dec == Some(0) {
            return Err(Misfit::NoChange.into());
        }
        Ok(())
    }

    pub(crate) fn list(self, what: &str, out: &mut List<'_>) {
        let (mode, value) = self.encode();
        let verb = ["set to", "increment by", "decrement by"].get(usize::from(mode)).copied();
        show!(out, " {what} {} {value}", verb.unwrap_or_default());
    }
}

fn unknown(mode: u8) -> Error {
    Malformed::Unknown { what: "mode", number: mode.into() }.into()
}
