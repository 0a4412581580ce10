//! The fields of ARP packets.

use crate::ext::prelude::*;
use crate::types::fmt::{hex, number};

/// What an ARP packet asks or answers, `ar$op` of RFC 826.
///
/// Written as a number, or by a name: `Request`, `Reply`...
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ArpOpcode(pub u16);

impl From<u16> for ArpOpcode {
    fn from(code: u16) -> ArpOpcode {
        ArpOpcode(code)
    }
}

crate::types::invertible!(u16 => ArpOpcode);

impl ArpOpcode {
    /// Who has an address?
    pub const REQUEST: ArpOpcode = ArpOpcode(1);
    /// Where an address is.
    pub const REPLY: ArpOpcode = ArpOpcode(2);

    /// The names, from 1 on.
    const NAMES: &'static [&'static str] = &[
        "Request",
        "Reply",
        "Request_Reverse",
        "Reply_Reverse",
        "DRARP_Request",
        "DRARP_Reply",
        "DRARP_Error",
        "InARP_Request",
        "ARP_NAK",
    ];
}

impl Value for ArpOpcode {
    const KIND: ValueKind = ValueKind::text("CODE");

    fn named(_: Family) -> ValueNames {
        ValueNames::inline(ArpOpcode::NAMES.iter().copied())
    }

    fn parse(input: &Input<'_>) -> Result<ArpOpcode, BadValue> {
        let text = input.text();
        let named = ArpOpcode::NAMES.iter().position(|name| name.as_bytes().eq_ignore_ascii_case(text));
        let digits =
            || text.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(text).ok()?.parse().ok());
        let code = named.map(|index| index as u16 + 1).or_else(|| digits().flatten());
        code.map(ArpOpcode).ok_or(BadValue::ArpOpcode)
    }

    fn print(&self, out: &mut Printer<'_>) {
        let name = usize::from(self.0).checked_sub(1).and_then(|index| ArpOpcode::NAMES.get(index));
        match name.filter(|_| out.style == Style::List) {
            Some(name) => out.text(name),
            None => out.decimal(self.0),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Number(self.0.into()))
    }
}

/// A number of 16 bits in an ARP packet, and the bits of it that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ArpType {
    /// The value.
    pub value: u16,
    /// The bits that count.
    pub mask: u16,
}

impl From<u16> for ArpType {
    fn from(value: u16) -> ArpType {
        ArpType { value, mask: u16::MAX }
    }
}

crate::types::invertible!(u16 => ArpType);

impl ArpType {
    /// Reads `VALUE[/MASK]`; the value may have a name.
    fn read(
        text: &[u8],
        (name, named): (&str, u16),
        number: impl Fn(&[u8]) -> Option<u64>,
    ) -> Option<ArpType> {
        let part = |text: &[u8]| u16::try_from(number(text)?).ok();
        let (value, mask) = match text.iter().position(|byte| *byte == b'/') {
            Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
            None => (text, None),
        };
        let value = if value.eq_ignore_ascii_case(name.as_bytes()) { Some(named) } else { part(value) };
        Some(ArpType { value: value?, mask: mask.map_or(Some(u16::MAX), part)? })
    }

    fn print(self, (name, named): (&str, u16), out: &mut Printer<'_>) {
        if self.value == named && out.style == Style::List {
            out.text(name);
        } else {
            out.hex(self.value, 0);
        }
        if self.mask != u16::MAX {
            out.text("/");
            out.hex(self.mask, 0);
        }
    }
}

/// Values that are an [`ArpType`] with a name for one of them.
macro_rules! arp_types {
    ($($(#[$meta:meta])* $name:ident as $label:literal: $named:expr, $bad:expr, $number:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub ArpType);

        impl From<u16> for $name {
            fn from(value: u16) -> $name {
                $name(value.into())
            }
        }

        crate::types::invertible!(u16 => $name);

        impl Value for $name {
            const KIND: ValueKind = ValueKind::text($label);

            fn named(_: Family) -> ValueNames {
                ValueNames::inline([$named.0])
            }

            fn parse(input: &Input<'_>) -> Result<$name, BadValue> {
                ArpType::read(input.text(), $named, $number).map($name).ok_or($bad)
            }

            fn print(&self, out: &mut Printer<'_>) {
                self.0.print($named, out);
            }

            fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
                Some(Datum::Masked { value: self.0.value.into(), mask: self.0.mask.into() })
            }

            fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<$name, BadValue>> {
                let (value, mask) = match *datum {
                    Datum::Number(value) => (value, u64::from(u16::MAX)),
                    Datum::Masked { value, mask } => (value, mask),
                    _ => return None,
                };
                let value = u16::try_from(value).ok().zip(u16::try_from(mask).ok());
                Some(value.map(|(value, mask)| $name(ArpType { value, mask })).ok_or($bad))
            }
        }
    )*};
}

arp_types! {
    /// The kind of hardware, `ARPHRD_*` of `linux/if_arp.h`, written in hexadecimal; `Ethernet` is 1.
    HardwareType as "HEX[/MASK]": ("Ethernet", 1), BadValue::HardwareType, hexadecimal;
    /// The protocol whose addresses are looked for, `ETH_P_*` of `linux/if_ether.h`; `IPv4` is 0x800.
    ArpProtocol as "TYPE[/MASK]": ("IPv4", 0x800), BadValue::ArpProtocol, number;
}

/// Digits to the base of 16, whether `0x` stands before them or not.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"0X")).unwrap_or(text);
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u64::from_str_radix(digits, 16).ok()
}

/// How long hardware addresses are, and the bits of it that count. arptables knows no length but that of Ethernet, 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HardwareLength {
    /// The number of bytes.
    pub value: u8,
    /// The bits that count.
    pub mask: u8,
}

impl From<u8> for HardwareLength {
    fn from(value: u8) -> HardwareLength {
        HardwareLength { value, mask: u8::MAX }
    }
}

crate::types::invertible!(u8 => HardwareLength);

impl Value for HardwareLength {
    const KIND: ValueKind = ValueKind::text("LENGTH[/MASK]");

    fn parse(input: &Input<'_>) -> Result<HardwareLength, BadValue> {
        let text = std::str::from_utf8(input.text()).map_err(|_| BadValue::HardwareLength)?;
        let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
        let part = |text: &str| number(text.as_bytes()).and_then(|number| u8::try_from(number).ok());
        let value = part(value).filter(|value| *value == 6);
        let mask = mask.map_or(Some(u8::MAX), part);
        let both = value.zip(mask).ok_or(BadValue::HardwareLength)?;
        Ok(HardwareLength { value: both.0, mask: both.1 })
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.value);
        if self.mask != u8::MAX {
            out.text("/");
            out.decimal(self.mask);
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Masked { value: self.value.into(), mask: self.mask.into() })
    }
}

/// A mark in hexadecimal without `0x`, as arptables has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HexMark(pub u32);

impl From<u32> for HexMark {
    fn from(mark: u32) -> HexMark {
        HexMark(mark)
    }
}

impl Value for HexMark {
    const KIND: ValueKind = ValueKind::text("HEX");

    fn parse(input: &Input<'_>) -> Result<HexMark, BadValue> {
        let mark = hexadecimal(input.text()).and_then(|mark| u32::try_from(mark).ok());
        mark.map(HexMark).ok_or(BadValue::Number { min: 0, max: u32::MAX.into(), near: None })
    }

    fn print(&self, out: &mut Printer<'_>) {
        hex(out.out, self.0.into(), 0);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Number(self.0.into()))
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<HexMark, BadValue>> {
        match *datum {
            Datum::Number(mark) => Some(u32::try_from(mark).map(HexMark).map_err(|_| BadValue::Number {
                min: 0,
                max: u32::MAX.into(),
                near: None,
            })),
            _ => None,
        }
    }
}
