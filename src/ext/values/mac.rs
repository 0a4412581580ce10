//! Hardware addresses.

use std::fmt;

use crate::ext::prelude::*;
use crate::types::fmt::hex;

/// An Ethernet address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl From<[u8; 6]> for MacAddr {
    fn from(bytes: [u8; 6]) -> MacAddr {
        MacAddr(bytes)
    }
}

invertible!([u8; 6] => MacAddr);

impl MacAddr {
    /// Reads six hexadecimal numbers of one or two digits with colons between them.
    pub(crate) fn read(text: &[u8]) -> Option<MacAddr> {
        let mut bytes = [0; 6];
        let mut parts = text.split(|byte| *byte == b':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
            let digit = |digit: &u8| (*digit as char).to_digit(16);
            *byte = part.iter().try_fold(0, |number, byte| Some(number * 16 + digit(byte)?))? as u8;
        }
        parts.next().is_none().then_some(MacAddr(bytes))
    }
}

impl Value for MacAddr {
    const KIND: Kind = Kind::text("XX:XX:XX:XX:XX:XX");

    fn parse(input: &Input<'_>) -> Result<MacAddr, BadValue> {
        MacAddr::read(input.text()).ok_or(BadValue::Mac)
    }

    fn print(&self, out: &mut Printer<'_>) {
        for (index, byte) in self.0.iter().enumerate() {
            if index > 0 {
                out.text(":");
            }
            hex(out.out, u64::from(*byte), 2);
        }
    }

    fn datum(&self, _: &Cx<'_>) -> Option<Datum> {
        Some(Datum::Mac(*self))
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
