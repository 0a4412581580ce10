//! Numbers of 32 bits: hexadecimal, and under a mask.

use crate::ext::prelude::*;
use crate::sys::names::NameTable;
use crate::types::fmt::leading_number;

/// A packet or connection mark and the bits of it that count.
///
/// Written `VALUE[/MASK]`; without a mask every bit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MarkMask {
    /// The value.
    pub value: u32,
    /// The bits that count.
    pub mask: u32,
}

impl MarkMask {
    /// The value under the mask.
    ///
    /// ```
    /// use libfw::ext::values::MarkMask;
    /// use libfw::targets::Mark;
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::builder().target(Mark::new().set_xmark(MarkMask::new(1, 0xff))).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j MARK --set-xmark 0x1/0xff");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn new(value: u32, mask: u32) -> MarkMask {
        MarkMask { value, mask }
    }
}

impl From<u32> for MarkMask {
    fn from(value: u32) -> MarkMask {
        MarkMask { value, mask: u32::MAX }
    }
}

impl From<(u32, u32)> for MarkMask {
    fn from((value, mask): (u32, u32)) -> MarkMask {
        MarkMask { value, mask }
    }
}

crate::types::invertible!(u32 => MarkMask, (u32, u32) => MarkMask);

impl Value for MarkMask {
    const KIND: ValueKind = ValueKind::text("VALUE[/MASK]");

    fn parse(input: &Input<'_>) -> Result<MarkMask, BadValue> {
        let part = |text| {
            let (number, rest) = leading_number(text).ok_or(BadValue::Mark)?;
            u32::try_from(number).map(|number| (number, rest)).map_err(|_| BadValue::Mark)
        };
        let (value, rest) = part(input.text())?;
        let (mask, rest) = match rest {
            [b'/', mask @ ..] => part(mask)?,
            rest => (u32::MAX, rest),
        };
        if rest.is_empty() { Ok(MarkMask { value, mask }) } else { Err(BadValue::BehindMark) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.hex(self.value, 0);
        if self.mask != u32::MAX {
            out.text("/");
            out.hex(self.mask, 0);
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Masked { value: self.value.into(), mask: self.mask.into() })
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<MarkMask, BadValue>> {
        let (value, mask) = match *datum {
            Datum::Number(value) => (value, u32::MAX.into()),
            Datum::Masked { value, mask } => (value, mask),
            _ => return None,
        };
        let number = |number| u32::try_from(number).map_err(|_| BadValue::Mark);
        Some(number(value).and_then(|value| Ok(MarkMask { value, mask: number(mask)? })))
    }
}

/// Reads `VALUE[/MASK]`, or the name `of` something that stands for a value.
pub(crate) fn read_named(
    input: &Input<'_>,
    names: &NameTable,
    of: &'static str,
) -> Result<MarkMask, BadValue> {
    match leading_number(input.text()) {
        Some((number, [] | [b'/', ..])) if u32::try_from(number).is_ok() => MarkMask::parse(input),
        // Where there are no names, it can only be a bad number.
        _ if names.is_empty() => MarkMask::parse(input),
        _ => {
            let value = names.number(input.text());
            value.map(MarkMask::from).ok_or(BadValue::NamedMark { of })
        }
    }
}

/// Prints the name of a value, unless it has none, only some bits count or numbers are wanted.
pub(crate) fn print_named(out: &mut Printer<'_>, mark: MarkMask, names: &NameTable) {
    let named = mark.mask == u32::MAX && out.style != Style::NumericList;
    match names.name(mark.value).filter(|_| named) {
        Some(name) => out.text(name),
        None => mark.print(out),
    }
}

/// A number of 32 bits that is printed in hexadecimal, with at least `DIGITS` digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hex<const DIGITS: usize = 1>(pub u32);

impl<const DIGITS: usize> From<u32> for Hex<DIGITS> {
    fn from(number: u32) -> Hex<DIGITS> {
        Hex(number)
    }
}

crate::types::invertible!(u32 => Hex<1>, u32 => Hex<8>);

impl<const DIGITS: usize> Value for Hex<DIGITS> {
    const KIND: ValueKind = u32::KIND;
    const MAX: u64 = u32::MAX as u64;

    fn parse(input: &Input<'_>) -> Result<Hex<DIGITS>, BadValue> {
        u32::parse(input).map(Hex)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.hex(self.0, DIGITS);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }
}
