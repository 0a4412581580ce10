//! Hardware addresses.

use std::fmt;

use crate::ext::prelude::*;
use crate::types::fmt::hex;

/// An Ethernet address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl From<[u8; 6]> for MacAddr {
    fn from(bytes: [u8; 6]) -> MacAddr {
        MacAddr(bytes)
    }
}

impl From<MacAddr> for [u8; 6] {
    fn from(address: MacAddr) -> [u8; 6] {
        address.0
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
    const KIND: ValueKind = ValueKind::text("XX:XX:XX:XX:XX:XX");

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

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Mac(*self))
    }
}

/// An Ethernet address and the bits of it that count.
///
/// Written `XX:XX:XX:XX:XX:XX[/MASK]`, or as `Unicast`, `Multicast`, `Broadcast` or `BGA`, the group of bridges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MacMask {
    /// The address.
    pub addr: MacAddr,
    /// The bits that count.
    pub mask: MacAddr,
}

impl Default for MacMask {
    fn default() -> MacMask {
        MacAddr::default().into()
    }
}

impl From<MacAddr> for MacMask {
    fn from(addr: MacAddr) -> MacMask {
        MacMask { addr, mask: MacAddr([0xff; 6]) }
    }
}

impl From<[u8; 6]> for MacMask {
    fn from(bytes: [u8; 6]) -> MacMask {
        MacAddr(bytes).into()
    }
}

invertible!([u8; 6] => MacMask, MacAddr => MacMask);

impl MacMask {
    const NAMES: [(&'static str, [u8; 6], [u8; 6]); 4] = [
        ("Unicast", [0; 6], [1, 0, 0, 0, 0, 0]),
        ("Multicast", [1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]),
        ("Broadcast", [0xff; 6], [0xff; 6]),
        ("BGA", [1, 0x80, 0xc2, 0, 0, 0], [0xff; 6]),
    ];

    fn read(text: &[u8]) -> Option<MacMask> {
        let named = MacMask::NAMES.iter().find(|(name, ..)| name.as_bytes().eq_ignore_ascii_case(text));
        if let Some((_, addr, mask)) = named {
            return Some(MacMask { addr: MacAddr(*addr), mask: MacAddr(*mask) });
        }
        let Some(slash) = text.iter().position(|byte| *byte == b'/') else {
            return MacAddr::read(text).map(MacMask::from);
        };
        let (MacAddr(addr), MacAddr(mask)) =
            MacAddr::read(&text[..slash]).zip(MacAddr::read(&text[slash + 1..]))?;
        // What does not count is not kept.
        Some(MacMask { addr: MacAddr(std::array::from_fn(|at| addr[at] & mask[at])), mask: MacAddr(mask) })
    }
}

impl Value for MacMask {
    const KIND: ValueKind = ValueKind::text("XX:XX:XX:XX:XX:XX[/MASK]");

    fn named(_: Family) -> ValueNames {
        ValueNames::inline(MacMask::NAMES.map(|(name, ..)| name))
    }

    fn parse(input: &Input<'_>) -> Result<MacMask, BadValue> {
        MacMask::read(input.text()).ok_or(BadValue::MacMask)
    }

    fn print(&self, out: &mut Printer<'_>) {
        self.addr.print(out);
        if self.mask != MacAddr([0xff; 6]) {
            out.text("/");
            self.mask.print(out);
        }
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
