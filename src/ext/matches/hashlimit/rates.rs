//! The rates, bursts and times of `hashlimit`.

use std::fmt;

use super::{XT_HASHLIMIT_BURST_MAX, XT_HASHLIMIT_BYTE_SHIFT, XT_HASHLIMIT_SCALE_V2};
use crate::ext::prelude::*;
use crate::ext::values::{ByteCount, Rate, RateUnit};
use crate::types::fmt::{leading_decimal, leading_number};

/// A rate of packets or of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashRate {
    /// Packets per unit of time, and the unit it was written with.
    Packets {
        /// The rate.
        rate: Rate,
        /// The unit, which says how long an unused bucket is kept.
        unit: RateUnit,
    },
    /// Bytes per second.
    Bytes(u64),
}

impl HashRate {
    /// Packets per second.
    ///
    /// ```
    /// use libfw::matches::{HashRate, Hashlimit};
    ///
    /// let limit = Hashlimit::new().upto(HashRate::per_second(50)).name("web");
    /// ```
    #[must_use]
    pub const fn per_second(count: u32) -> HashRate {
        HashRate::packets(count, RateUnit::Second)
    }

    /// Packets per minute.
    ///
    /// ```
    /// use libfw::matches::{HashRate, Hashlimit};
    ///
    /// let limit = Hashlimit::new().upto(HashRate::per_minute(50)).name("web");
    /// ```
    #[must_use]
    pub const fn per_minute(count: u32) -> HashRate {
        HashRate::packets(count, RateUnit::Minute)
    }

    /// Packets per hour.
    ///
    /// ```
    /// use libfw::matches::{HashRate, Hashlimit};
    ///
    /// let limit = Hashlimit::new().upto(HashRate::per_hour(50)).name("web");
    /// ```
    #[must_use]
    pub const fn per_hour(count: u32) -> HashRate {
        HashRate::packets(count, RateUnit::Hour)
    }

    /// Packets per day.
    ///
    /// ```
    /// use libfw::matches::{HashRate, Hashlimit};
    ///
    /// let limit = Hashlimit::new().upto(HashRate::per_day(50)).name("web");
    /// ```
    #[must_use]
    pub const fn per_day(count: u32) -> HashRate {
        HashRate::packets(count, RateUnit::Day)
    }

    /// So many packets in a unit of time.
    fn of(count: u64, unit: RateUnit) -> Result<HashRate, BadValue> {
        let rate = Rate::of(count, unit, XT_HASHLIMIT_SCALE_V2, BadValue::HashRate)?;
        Ok(HashRate::Packets { rate, unit })
    }

    /// So many bytes in a second.
    fn of_bytes(bytes: u64) -> Result<HashRate, BadValue> {
        match bytes > 0 && bytes >> XT_HASHLIMIT_BYTE_SHIFT < u64::from(u32::MAX) {
            true => Ok(HashRate::Bytes(bytes)),
            false => Err(BadValue::HashRate),
        }
    }

    const fn packets(count: u32, unit: RateUnit) -> HashRate {
        let count = if count == 0 { 1 } else { count as u64 };
        let interval = XT_HASHLIMIT_SCALE_V2 as u64 * unit.seconds() as u64 / count;
        HashRate::Packets { rate: Rate::from_interval(interval, XT_HASHLIMIT_SCALE_V2), unit }
    }
}

/// A number of bytes, with `b`, `kb` or `mb` behind it.
fn in_bytes((number, unit): (u64, &[u8])) -> Option<u64> {
    let factor = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"kb" => ByteCount::KB,
        b"mb" => ByteCount::MB,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// The number of bytes in whole megabytes or kilobytes, if the kernel takes that for the same.
pub(super) fn round(bytes: u64, same: impl Fn(u64) -> bool) -> u64 {
    let whole = [ByteCount::MB, ByteCount::KB].map(|unit| bytes / unit * unit);
    whole.into_iter().find(|whole| (1..=u64::from(u32::MAX)).contains(whole) && same(*whole)).unwrap_or(bytes)
}

impl fmt::Display for HashRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HashRate::Packets { rate, .. } => rate.fmt(f),
            HashRate::Bytes(bytes) => write!(f, "{}/s", ByteCount(*bytes)),
        }
    }
}

impl Value for HashRate {
    const KIND: ValueKind = ValueKind::text("COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s");

    fn parse(input: &Input<'_>) -> Result<HashRate, BadValue> {
        let text = input.text();
        if let Some(at) = text.windows(3).position(|three| three == b"b/s") {
            let bytes = leading_decimal(&text[..=at]).and_then(in_bytes);
            return HashRate::of_bytes(bytes.ok_or(BadValue::HashRate)?);
        }
        let (count, unit) = Rate::read(text).ok_or(BadValue::HashRate)?;
        HashRate::of(count, unit)
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<HashRate, BadValue>> {
        match *datum {
            Datum::Rate { count, bytes: true, .. } => Some(HashRate::of_bytes(count)),
            Datum::Rate { count, per, .. } => Some(HashRate::of(count, per)),
            _ => None,
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(match self {
            HashRate::Packets { rate, .. } => {
                let (count, per) = rate.shown();
                Datum::Rate { count, per, bytes: false }
            }
            HashRate::Bytes(bytes) => Datum::Rate { count: *bytes, per: RateUnit::Second, bytes: true },
        })
    }
}

/// How much may come at once: packets, or bytes if the rate is one of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashBurst {
    /// How many.
    pub amount: u64,
    /// Whether they are bytes.
    pub bytes: bool,
}

impl From<u64> for HashBurst {
    fn from(packets: u64) -> HashBurst {
        HashBurst { amount: packets, bytes: false }
    }
}

impl Value for HashBurst {
    const KIND: ValueKind = ValueKind::text("PACKETS|BYTES[kb|mb]");

    fn parse(input: &Input<'_>) -> Result<HashBurst, BadValue> {
        let bad = BadValue::HashBurst { max: XT_HASHLIMIT_BURST_MAX };
        // A time, as in `30/minute`, says nothing about a burst, but the field writes it.
        let count = input.text().split(|byte| *byte == b'/').next().unwrap_or_default();
        let number = leading_number(count);
        // Without a unit it is a number of packets, even if the last digit is a hexadecimal b.
        let bytes = number.is_some_and(|(_, unit)| !unit.is_empty());
        let amount = number.and_then(in_bytes).filter(|amount| *amount > 0).ok_or(bad.clone())?;
        if !bytes && amount > XT_HASHLIMIT_BURST_MAX {
            return Err(bad);
        }
        Ok(HashBurst { amount, bytes })
    }

    fn print(&self, out: &mut Printer<'_>) {
        if self.bytes {
            out.text(ByteCount(self.amount).to_string());
        } else {
            out.decimal(self.amount);
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(if self.bytes { Datum::Bytes(self.amount) } else { self.amount.into() })
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<HashBurst, BadValue>> {
        match *datum {
            Datum::Bytes(amount) if amount > 0 => Some(Ok(HashBurst { amount, bytes: true })),
            _ => None,
        }
    }
}

/// A number of seconds, which is decimal even with a 0 before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashInterval(pub u32);

impl From<u32> for HashInterval {
    fn from(seconds: u32) -> HashInterval {
        HashInterval(seconds)
    }
}

impl Value for HashInterval {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "SECONDS");
    const MAX: u64 = i32::MAX as u64;

    fn parse(input: &Input<'_>) -> Result<HashInterval, BadValue> {
        let whole = leading_decimal(input.text()).filter(|(_, rest)| rest.is_empty());
        let seconds =
            whole.and_then(|(seconds, _)| i32::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        seconds.map(|seconds| HashInterval(seconds.unsigned_abs())).ok_or(BadValue::Seconds)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }
}

/// The kernel's cost of so many bytes, and back: it counts in steps of 16.
pub(super) fn bytes_to_cost(bytes: u64) -> u64 {
    u64::from(u32::MAX) / ((bytes >> XT_HASHLIMIT_BYTE_SHIFT) + 1)
}

pub(super) fn cost_to_bytes(cost: u64) -> u64 {
    let steps = u64::from(u32::MAX).checked_div(cost).unwrap_or(u32::MAX.into());
    // Less than a step costs the same as nothing, which cannot be written.
    (steps.saturating_sub(1) << XT_HASHLIMIT_BYTE_SHIFT).max(1)
}
