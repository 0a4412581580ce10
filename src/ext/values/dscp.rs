//! The fields of the byte that IPv4 calls type of service and IPv6 traffic class.

use super::choice;
use crate::ext::prelude::*;
use crate::types::fmt::leading_number;

/// A codepoint of differentiated services, the upper six bits of the byte: 0 to 63.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dscp(pub u8);

impl Dscp {
    const MAX: u8 = 0x3f;

    /// Refuses what does not fit into six bits, which a value made by a program may be.
    pub(crate) fn check(self, option: &'static str) -> Result<()> {
        if self.0 <= Dscp::MAX {
            return Ok(());
        }
        Err(Error::from(Misfit::Codepoint { codepoint: self.0 }).at_option(option))
    }
}

impl From<u8> for Dscp {
    fn from(codepoint: u8) -> Dscp {
        Dscp(codepoint)
    }
}

impl DscpClass {
    /// The class whose codepoint an option says, and whether that is inverted.
    pub(crate) fn respelled((inverted, codepoint): (bool, Datum)) -> Option<(bool, Datum)> {
        let Datum::Number(number) = codepoint else { return None };
        let class = DscpClass::from_number(u8::try_from(number).ok()?)?;
        Some((inverted, class.name().into()))
    }
}

impl From<DscpClass> for Dscp {
    fn from(class: DscpClass) -> Dscp {
        Dscp(class.number())
    }
}

invertible!(u8 => Dscp, DscpClass => Dscp);

impl Value for Dscp {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "CODEPOINT");
    const MAX: u64 = Dscp::MAX as u64;

    fn parse(input: &Input<'_>) -> Result<Dscp, BadValue> {
        u8::parse(input).map(Dscp)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.hex(self.0, 2);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }
}

choice! {
    /// A class of differentiated services: the codepoints that have names.
    pub enum DscpClass(u8) as "CLASS" in any case {
        /// Class selector 0, which is best effort.
        Cs0 = 0x00 => "CS0",
        /// Class selector 1.
        Cs1 = 0x08 => "CS1",
        /// Class selector 2.
        Cs2 = 0x10 => "CS2",
        /// Class selector 3.
        Cs3 = 0x18 => "CS3",
        /// Class selector 4.
        Cs4 = 0x20 => "CS4",
        /// Class selector 5.
        Cs5 = 0x28 => "CS5",
        /// Class selector 6.
        Cs6 = 0x30 => "CS6",
        /// Class selector 7.
        Cs7 = 0x38 => "CS7",
        /// Best effort.
        Be = 0x00 => "BE",
        /// Assured forwarding, class 1, low drop precedence.
        Af11 = 0x0a => "AF11",
        /// Assured forwarding, class 1, medium drop precedence.
        Af12 = 0x0c => "AF12",
        /// Assured forwarding, class 1, high drop precedence.
        Af13 = 0x0e => "AF13",
        /// Assured forwarding, class 2, low drop precedence.
        Af21 = 0x12 => "AF21",
        /// Assured forwarding, class 2, medium drop precedence.
        Af22 = 0x14 => "AF22",
        /// Assured forwarding, class 2, high drop precedence.
        Af23 = 0x16 => "AF23",
        /// Assured forwarding, class 3, low drop precedence.
        Af31 = 0x1a => "AF31",
        /// Assured forwarding, class 3, medium drop precedence.
        Af32 = 0x1c => "AF32",
        /// Assured forwarding, class 3, high drop precedence.
        Af33 = 0x1e => "AF33",
        /// Assured forwarding, class 4, low drop precedence.
        Af41 = 0x22 => "AF41",
        /// Assured forwarding, class 4, medium drop precedence.
        Af42 = 0x24 => "AF42",
        /// Assured forwarding, class 4, high drop precedence.
        Af43 = 0x26 => "AF43",
        /// Expedited forwarding.
        Ef = 0x2e => "EF",
    }
}

/// A type of service, or traffic class, and the bits of it that count.
///
/// Written `VALUE[/MASK]`, where without a mask every bit counts, or as one of the names of RFC 1349, whose mask is
/// `0x3f`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TosMask {
    /// The value.
    pub value: u8,
    /// The bits that count.
    pub mask: u8,
}

impl TosMask {
    /// `Minimize-Delay`.
    pub const MINIMIZE_DELAY: TosMask = TosMask::named(0x10);
    /// `Maximize-Throughput`.
    pub const MAXIMIZE_THROUGHPUT: TosMask = TosMask::named(0x08);
    /// `Maximize-Reliability`.
    pub const MAXIMIZE_RELIABILITY: TosMask = TosMask::named(0x04);
    /// `Minimize-Cost`.
    pub const MINIMIZE_COST: TosMask = TosMask::named(0x02);
    /// `Normal-Service`.
    pub const NORMAL_SERVICE: TosMask = TosMask::named(0x00);

    const NAMES: [(&'static str, TosMask); 5] = [
        ("Minimize-Delay", TosMask::MINIMIZE_DELAY),
        ("Maximize-Throughput", TosMask::MAXIMIZE_THROUGHPUT),
        ("Maximize-Reliability", TosMask::MAXIMIZE_RELIABILITY),
        ("Minimize-Cost", TosMask::MINIMIZE_COST),
        ("Normal-Service", TosMask::NORMAL_SERVICE),
    ];

    /// The value under the mask.
    ///
    /// ```
    /// use libfw::ext::values::TosMask;
    ///
    /// assert_eq!(TosMask::new(0x10, 0x3f), TosMask::MINIMIZE_DELAY);
    /// ```
    #[must_use]
    pub const fn new(value: u8, mask: u8) -> TosMask {
        TosMask { value, mask }
    }

    const fn named(value: u8) -> TosMask {
        TosMask { value, mask: 0x3f }
    }

    /// The name of RFC 1349.
    ///
    /// ```
    /// use libfw::ext::values::TosMask;
    ///
    /// assert_eq!(TosMask::MINIMIZE_DELAY.name(), Some("Minimize-Delay"));
    /// assert_eq!(TosMask::new(1, 0xff).name(), None);
    /// ```
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        TosMask::NAMES.iter().find(|(_, tos)| *tos == self).map(|(name, _)| *name)
    }
}

impl From<u8> for TosMask {
    fn from(value: u8) -> TosMask {
        TosMask { value, mask: u8::MAX }
    }
}

impl From<(u8, u8)> for TosMask {
    fn from((value, mask): (u8, u8)) -> TosMask {
        TosMask { value, mask }
    }
}

invertible!(u8 => TosMask, (u8, u8) => TosMask);

impl Value for TosMask {
    const KIND: ValueKind = ValueKind::text("VALUE[/MASK]|NAME");

    fn named(_: Family) -> ValueNames {
        ValueNames::inline(TosMask::NAMES.into_iter().map(|(name, _)| name))
    }

    fn parse(input: &Input<'_>) -> Result<TosMask, BadValue> {
        let byte =
            |text| leading_number(text).and_then(|(number, rest)| Some((u8::try_from(number).ok()?, rest)));
        let text = input.text();
        let Some((value, rest)) = byte(text) else {
            let named = TosMask::NAMES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(text));
            return named.map(|(_, tos)| *tos).ok_or(BadValue::NamedTos);
        };
        let mask = match rest {
            [] => Some((u8::MAX, rest)),
            [b'/', mask @ ..] => byte(mask),
            _ => None,
        };
        match mask {
            Some((mask, [])) => Ok(TosMask { value, mask }),
            _ => Err(BadValue::Tos),
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.hex(self.value, 2);
        out.text("/");
        out.hex(self.mask, 2);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Masked { value: self.value.into(), mask: self.mask.into() })
    }
}

choice! {
    /// The lower two bits of the byte: whether routers may signal congestion, and whether one did.
    pub enum EcnCodepoint(u8) as "0..3" in digits {
        /// Not ECN-capable.
        NotEct = 0 => "0",
        /// ECN-capable, ECT(1).
        Ect1 = 1 => "1",
        /// ECN-capable, ECT(0).
        Ect0 = 2 => "2",
        /// Congestion was experienced.
        Ce = 3 => "3",
    }
}

impl EcnCodepoint {
    /// The codepoint in a kernel's byte.
    pub(crate) fn decode(number: u8) -> Result<EcnCodepoint> {
        let unknown = Malformed::Unknown { what: "ECN codepoint", number: number.into() };
        EcnCodepoint::from_number(number).ok_or_else(|| unknown.into())
    }
}
