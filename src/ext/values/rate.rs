//! Rates of packets.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::ext::prelude::*;
use crate::types::fmt::{leading_decimal, padded};

/// The unit of time in a [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateUnit {
    /// One second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3600 seconds.
    Hour,
    /// 24 hours.
    Day,
}

impl RateUnit {
    const ALL: [RateUnit; 4] = [RateUnit::Second, RateUnit::Minute, RateUnit::Hour, RateUnit::Day];

    /// The unit's length in seconds.
    ///
    /// ```
    /// use libfw::ext::values::RateUnit;
    ///
    /// assert_eq!(RateUnit::Minute.seconds(), 60);
    /// ```
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            RateUnit::Second => 1,
            RateUnit::Minute => 60,
            RateUnit::Hour => 3600,
            RateUnit::Day => 86400,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            RateUnit::Second => "second",
            RateUnit::Minute => "minute",
            RateUnit::Hour => "hour",
            RateUnit::Day => "day",
        }
    }

    fn read(text: &[u8]) -> Option<RateUnit> {
        let begins =
            |name: &str| name.len() >= text.len() && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text);
        RateUnit::ALL.into_iter().find(|unit| !text.is_empty() && begins(unit.name()))
    }

    const fn short(self) -> &'static str {
        match self {
            RateUnit::Second => "sec",
            RateUnit::Minute => "min",
            RateUnit::Hour => "hour",
            RateUnit::Day => "day",
        }
    }
}

/// Reads a unit as rates have it: any beginning of its name.
impl FromStr for RateUnit {
    type Err = Error;

    fn from_str(text: &str) -> Result<RateUnit> {
        const NAMES: &[&str] = &["second", "minute", "hour", "day"];
        RateUnit::read(text.as_bytes()).ok_or_else(|| Error::none_of(NAMES, text))
    }
}

/// `sec`, `min`, `hour` or `day`, as in a rate.
impl fmt::Display for RateUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.short())
    }
}

/// A number of events per unit of time.
///
/// ```
/// use libfw::ext::values::Rate;
///
/// assert_eq!(Rate::per_minute(10).to_string(), "10/min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// The time between two events, in fractions of a second as the kernel counts them.
    interval: u64,
    /// How many of these fractions a second has.
    scale: u32,
}

/// The fractions of a second in which `limit` counts, `XT_LIMIT_SCALE`.
pub(crate) const LIMIT_SCALE: u32 = 10_000;

impl Rate {
    const fn per(count: u32, seconds: u32) -> Rate {
        let count = if count == 0 { 1 } else { count };
        Rate { interval: LIMIT_SCALE as u64 * seconds as u64 / count as u64, scale: LIMIT_SCALE }
    }

    /// Events per second.
    ///
    /// ```
    /// use libfw::{Family, Rule, ext::values::Rate, matches::Limit};
    ///
    /// let rule = Rule::builder().matching(Limit::new().rate(Rate::per_second(5))).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-m limit --limit 5/sec");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn per_second(count: u32) -> Rate {
        Rate::per(count, 1)
    }

    /// Events per minute.
    ///
    /// ```
    /// use libfw::ext::values::Rate;
    ///
    /// assert_eq!(Rate::per_minute(60), Rate::per_minute(60));
    /// # assert_ne!(Rate::per_minute(60), Rate::per_minute(61));
    /// ```
    #[must_use]
    pub const fn per_minute(count: u32) -> Rate {
        Rate::per(count, 60)
    }

    /// Events per hour.
    ///
    /// ```
    /// use libfw::ext::values::Rate;
    ///
    /// assert_eq!(Rate::per_hour(3).to_string(), "3/hour");
    /// ```
    #[must_use]
    pub const fn per_hour(count: u32) -> Rate {
        Rate::per(count, 3600)
    }

    /// Events per day.
    ///
    /// ```
    /// use libfw::ext::values::Rate;
    ///
    /// assert_eq!(Rate::per_day(3).to_string(), "3/day");
    /// ```
    #[must_use]
    pub const fn per_day(count: u32) -> Rate {
        Rate::per(count, 86400)
    }

    /// The rate whose events are that many fractions of a second apart.
    pub(crate) const fn from_interval(interval: u64, scale: u32) -> Rate {
        Rate { interval, scale }
    }

    /// The time between two events, a second being that many fractions.
    pub(crate) fn interval(self, scale: u32) -> u64 {
        if scale == self.scale {
            return self.interval;
        }
        let interval = u128::from(self.interval) * u128::from(scale) / u128::from(self.scale.max(1));
        u64::try_from(interval).unwrap_or(u64::MAX)
    }

    /// The rate divided by a number.
    pub(crate) fn slower(self, factor: u64) -> Rate {
        Rate { interval: self.interval.saturating_mul(factor), ..self }
    }

    fn span(self, unit: RateUnit) -> u64 {
        u64::from(self.scale) * u64::from(unit.seconds())
    }

    /// The unit in which the rate is printed: the smallest in which the count is read back as the same interval.
    pub(crate) fn unit(self) -> RateUnit {
        self.smallest(|count, rest| count > rest)
    }

    /// The smallest unit in which the count, and what the division leaves, are good enough.
    fn smallest(self, enough: fn(u64, u64) -> bool) -> RateUnit {
        let interval = self.interval.max(1);
        let exact = |unit: &RateUnit| {
            let span = self.span(*unit);
            interval <= span && enough(span / interval, span % interval)
        };
        let shorter = [RateUnit::Hour, RateUnit::Minute, RateUnit::Second];
        shorter.into_iter().take_while(exact).last().unwrap_or(RateUnit::Day)
    }

    /// How many there are in a unit.
    fn count(self, unit: RateUnit) -> u64 {
        self.span(unit) / self.interval.max(1)
    }

    /// The rate as iptables prints it, which is another one where the count is as large as the rest: 961 in a minute are
    /// 16 in a second.
    pub(crate) fn listed(self) -> String {
        let unit = self.smallest(|count, rest| count >= rest);
        format!("{}/{unit}", self.count(unit))
    }

    /// Whether the rate is printed as one of `count` events in `seconds`.
    pub(crate) fn is_shown_as(self, count: u64, seconds: u64) -> bool {
        let (unit, times) = (self.unit(), |a: u64, b: u64| u128::from(a) * u128::from(b));
        times(self.count(unit), seconds) == times(count, unit.seconds().into())
    }

    /// Count and unit as they are printed.
    pub(crate) fn shown(self) -> (u64, RateUnit) {
        let unit = self.unit();
        (self.count(unit), unit)
    }

    /// Reads `COUNT[/UNIT]`; any beginning of a unit's name will do.
    pub(crate) fn read(text: &[u8]) -> Option<(u64, RateUnit)> {
        let (count, unit) = match text.iter().position(|byte| *byte == b'/') {
            Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
            None => (text, None),
        };
        let unit = match unit {
            None => RateUnit::Second,
            Some(unit) => RateUnit::read(unit)?,
        };
        let (count, _) = leading_decimal(count).filter(|(count, _)| *count > 0)?;
        Some((count, unit))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = self.shown();
        padded(f, format_args!("{count}/{unit}"))
    }
}

/// More events in the same time are more.
///
/// ```
/// use libfw::ext::values::Rate;
///
/// assert!(Rate::per_minute(60) < Rate::per_second(2));
/// ```
impl Ord for Rate {
    fn cmp(&self, other: &Rate) -> Ordering {
        let apart = |interval: u64, scale: u32| u128::from(interval) * u128::from(scale);
        let events = apart(other.interval, self.scale).cmp(&apart(self.interval, other.scale));
        events.then(self.scale.cmp(&other.scale))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Rate) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number of bytes in the largest unit that is exact.
pub(crate) struct ByteCount(pub(crate) u64);

impl ByteCount {
    pub(crate) const KB: u64 = 1024;
    pub(crate) const MB: u64 = 1024 * Self::KB;
}

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes != 0 && bytes % Self::MB == 0 => write!(f, "{}mb", bytes / Self::MB),
            bytes if bytes != 0 && bytes % Self::KB == 0 => write!(f, "{}kb", bytes / Self::KB),
            bytes => write!(f, "{bytes}b"),
        }
    }
}

impl Rate {
    /// The rate of so many packets in a unit of time, a second being that many fractions; without packets it is `none`.
    pub(crate) fn of(count: u64, unit: RateUnit, scale: u32, none: BadValue) -> Result<Rate, BadValue> {
        if count == 0 {
            return Err(none);
        }
        if count / u64::from(unit.seconds()) > u64::from(scale) {
            return Err(BadValue::FastRate { max: scale });
        }
        Ok(Rate { interval: u64::from(scale) * u64::from(unit.seconds()) / count, scale })
    }
}

impl Value for Rate {
    const KIND: ValueKind = ValueKind::text("COUNT[/second|/minute|/hour|/day]");

    fn parse(input: &Input<'_>) -> Result<Rate, BadValue> {
        let (count, unit) = Rate::read(input.text()).ok_or(BadValue::Rate)?;
        Rate::of(count, unit, LIMIT_SCALE, BadValue::Rate)
    }

    fn of_datum(datum: &Datum, _: &Input<'_>) -> Option<Result<Rate, BadValue>> {
        match *datum {
            Datum::Rate { bytes: true, .. } => Some(Err(BadValue::Rate)),
            Datum::Rate { count, per, .. } => Some(Rate::of(count, per, LIMIT_SCALE, BadValue::Rate)),
            _ => None,
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        let (count, unit) = self.shown();
        out.decimal(count);
        out.text("/");
        out.text(unit.short());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        let (count, per) = self.shown();
        Some(Datum::Rate { count, per, bytes: false })
    }
}
