//! Dates, times of the day, and days.

use std::fmt;

use crate::ext::prelude::*;
use crate::ext::values::flags;
use crate::types::fmt::{decimal, number};

const DAY: u32 = 24 * 60 * 60;

/// A moment from 1970 to 2106, in seconds since 1970-01-01T00:00:00.
///
/// Written `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(pub u32);

impl Moment {
    /// A date and a time of the day; `None` if there is no such date from 1970 to 2038.
    ///
    /// ```
    /// use libfw::ext::values::{DayTime, Moment};
    ///
    /// assert!(Moment::new(2030, 1, 31, DayTime::MIN).is_some());
    /// assert_eq!(Moment::new(2030, 2, 31, DayTime::MIN), None);
    /// ```
    #[must_use]
    pub fn new(year: u32, month: u32, day: u32, time: DayTime) -> Option<Moment> {
        if !(1970..=2038).contains(&year) || !(1..=12).contains(&month) || time.0 >= DAY {
            return None;
        }
        if day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let years: u32 = (1970..year).map(days_in_year).sum();
        let months: u32 = (1..month).map(|month| days_in_month(year, month)).sum();
        (years + months + day - 1).checked_mul(DAY)?.checked_add(time.0).map(Moment)
    }

    /// Year, month, day.
    fn date(self) -> (u32, u32, u32) {
        let mut days = self.0 / DAY;
        let (mut year, mut month) = (1970, 1);
        while days >= days_in_year(year) {
            days -= days_in_year(year);
            year += 1;
        }
        while days >= days_in_month(year, month) {
            days -= days_in_month(year, month);
            month += 1;
        }
        (year, month, days + 1)
    }

    /// Shows the moment with something between date and time.
    pub(crate) fn show(self, between: char) -> impl fmt::Display {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}{between}{}", DayTime(self.0 % DAY))
    }

    fn read(text: &[u8]) -> Option<Moment> {
        let (year, rest) = digits(text)?;
        let (month, rest) = part(rest, b'-')?.unwrap_or((1, rest));
        let (day, rest) = part(rest, b'-')?.unwrap_or((1, rest));
        let (hour, rest) = part(rest, b'T')?.unwrap_or((0, rest));
        let (minute, rest) = part(rest, b':')?.unwrap_or((0, rest));
        let (second, rest) = part(rest, b':')?.unwrap_or((0, rest));
        if !rest.is_empty() {
            return None;
        }
        Moment::new(year, month, day, DayTime::new(hour, minute, second)?)
    }
}

fn days_in_year(year: u32) -> u32 {
    365 + u32::from(is_leap(year))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// A decimal number, and what follows it.
fn digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(len);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

/// The number behind a separator, where there is anything at all; `None` if there is something else.
#[allow(clippy::option_option, clippy::type_complexity)]
fn part(text: &[u8], separator: u8) -> Option<Option<(u32, &[u8])>> {
    match text {
        [] => Some(None),
        [first, rest @ ..] if *first == separator => digits(rest).map(Some),
        _ => None,
    }
}

impl From<u32> for Moment {
    fn from(seconds: u32) -> Moment {
        Moment(seconds)
    }
}

impl Value for Moment {
    const KIND: ValueKind = ValueKind::text("YYYY[-MM[-DD[Thh[:mm[:ss]]]]]");

    fn parse(input: &Input<'_>) -> Result<Moment, BadValue> {
        Moment::read(input.text()).ok_or(BadValue::Date)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.show('T').to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Moment(*self))
    }
}

/// A time of the day, in seconds since midnight; written `hh:mm[:ss]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DayTime(pub u32);

impl DayTime {
    /// The first second of a day.
    pub const MIN: DayTime = DayTime(0);
    /// The last second of a day.
    pub const MAX: DayTime = DayTime(DAY - 1);

    /// Hour, minute and second; `None` if no day has that time.
    ///
    /// ```
    /// use libfw::ext::values::DayTime;
    ///
    /// assert_eq!(DayTime::new(7, 30, 0).unwrap().to_string(), "07:30:00");
    /// assert_eq!(DayTime::new(24, 0, 0), None);
    /// ```
    #[must_use]
    pub const fn new(hour: u32, minute: u32, second: u32) -> Option<DayTime> {
        if hour < 24 && minute < 60 && second < 60 {
            Some(DayTime((hour * 60 + minute) * 60 + second))
        } else {
            None
        }
    }

    /// Reads a time; on failure returns the part that is wrong.
    fn read(text: &[u8]) -> Result<DayTime, &[u8]> {
        let (hour, minutes) = match digits(text) {
            Some((hour @ 0..24, [b':', rest @ ..])) => (hour, rest),
            _ => return Err(text),
        };
        let (minute, seconds) = match digits(minutes) {
            Some((minute @ 0..60, [])) => (minute, b"0".as_slice()),
            Some((minute @ 0..60, [b':', rest @ ..])) => (minute, rest),
            _ => return Err(minutes),
        };
        match digits(seconds) {
            Some((second, [])) => DayTime::new(hour, minute, second).ok_or(seconds),
            _ => Err(seconds),
        }
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0 / 60;
        write!(f, "{:02}:{:02}:{:02}", minutes / 60, minutes % 60, self.0 % 60)
    }
}

impl Value for DayTime {
    const KIND: ValueKind = ValueKind::text("hh:mm[:ss]");

    fn parse(input: &Input<'_>) -> Result<DayTime, BadValue> {
        DayTime::read(input.text()).map_err(|part| BadValue::DayTime { part: shown(part) })
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Time(*self))
    }
}

flags! {
    /// Days of the week.
    pub struct Weekdays(u8) {
        /// Monday.
        MONDAY = 1 << 1 => "Mon",
        /// Tuesday.
        TUESDAY = 1 << 2 => "Tue",
        /// Wednesday.
        WEDNESDAY = 1 << 3 => "Wed",
        /// Thursday.
        THURSDAY = 1 << 4 => "Thu",
        /// Friday.
        FRIDAY = 1 << 5 => "Fri",
        /// Saturday.
        SATURDAY = 1 << 6 => "Sat",
        /// Sunday.
        SUNDAY = 1 << 7 => "Sun",
    }
}

impl Weekdays {
    /// Every day.
    pub const ALL: Weekdays = Weekdays(0xfe);

    /// A day by its number, 1 for Monday to 7 for Sunday, or by a word that begins like its name.
    fn read(word: &[u8]) -> Result<Weekdays, BadValue> {
        let begins = |name: &&str| word.get(..2).is_some_and(|start| name.as_bytes().starts_with(start));
        let index = match number(word) {
            None if !word.is_empty() => Weekdays::NAMES.iter().position(begins),
            None | Some(0) => return Err(BadValue::WeekdayZero),
            Some(number) => usize::try_from(number - 1).ok(),
        };
        index
            .and_then(|index| Weekdays::BITS.get(index).copied())
            .ok_or_else(|| BadValue::Weekday { part: shown(word.get(..3).unwrap_or(word)) })
    }
}

/// Reads words between commas and joins what they stand for; no text at all stands for nothing.
fn read_days<T: Default + std::ops::BitOr<Output = T>>(
    text: &[u8],
    read: impl Fn(&[u8]) -> Result<T, BadValue>,
) -> Result<T, BadValue> {
    if text.is_empty() {
        return Ok(T::default());
    }
    let text = text.strip_suffix(b",").unwrap_or(text);
    text.split(|byte| *byte == b',').try_fold(T::default(), |days, word| Ok(days | read(word)?))
}

/// Prints days with commas between them; none as an empty string.
fn print_days(out: &mut Printer<'_>, days: &[impl AsRef<str>]) {
    for (index, day) in days.iter().enumerate() {
        out.text(if index > 0 { "," } else { "" });
        out.text(day.as_ref());
    }
    if days.is_empty() && out.style == Style::Save {
        out.text("\"\"");
    }
}

impl Value for Weekdays {
    const KIND: ValueKind = ValueKind { choices: Weekdays::NAMES, ..ValueKind::new(Form::List, "DAY[,...]") };

    fn parse(input: &Input<'_>) -> Result<Weekdays, BadValue> {
        read_days(input.text(), Weekdays::read)
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_days(out, &self.names().collect::<Vec<_>>());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Names(self.names().collect()))
    }
}

/// Days of the month, 1 to 31.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Monthdays(pub(crate) u32);

impl Monthdays {
    /// Every day: the bits 1 to 31.
    pub const ALL: Monthdays = Monthdays(0xffff_fffe);

    /// The days, ascending.
    ///
    /// ```
    /// use libfw::ext::values::Monthdays;
    ///
    /// assert_eq!(Monthdays::ALL.days().count(), 31);
    /// ```
    pub fn days(self) -> impl Iterator<Item = u8> {
        (1..=31).filter(move |day| self.0 & 1 << day != 0)
    }

    fn read(word: &[u8]) -> Result<Monthdays, BadValue> {
        match digits(word) {
            Some((day @ 1..=31, [])) if word.len() <= 2 => Ok(Monthdays(1 << day)),
            _ => Err(BadValue::Monthday { part: shown(word.get(..2).unwrap_or(word)) }),
        }
    }
}

impl FromIterator<u8> for Monthdays {
    /// Numbers that are no days are left out.
    fn from_iter<T: IntoIterator<Item = u8>>(days: T) -> Monthdays {
        let days = days.into_iter().filter(|day| (1..=31).contains(day));
        Monthdays(days.fold(0, |set, day| set | 1 << day))
    }
}

impl std::ops::BitOr for Monthdays {
    type Output = Monthdays;

    fn bitor(self, other: Monthdays) -> Monthdays {
        Monthdays(self.0 | other.0)
    }
}

impl Value for Monthdays {
    const KIND: ValueKind = ValueKind::new(Form::List, "DAY[,...]");

    fn parse(input: &Input<'_>) -> Result<Monthdays, BadValue> {
        let text = input.text();
        read_days(text.strip_suffix(b",").unwrap_or(text), Monthdays::read)
    }

    fn print(&self, out: &mut Printer<'_>) {
        let text = |day| {
            let mut text = Vec::new();
            decimal(&mut text, u64::from(day));
            String::from_utf8(text).unwrap_or_default()
        };
        print_days(out, &self.days().map(text).collect::<Vec<_>>());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::List(self.days().map(Datum::from).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00", 0),
            ("2000-02-29T12:34:56", 951_827_696),
            ("2038-01-19T03:14:07", 0x7fff_ffff),
            ("2038-12-31T23:59:59", 2_177_452_799),
        ] {
            assert_eq!(Moment::read(text.as_bytes()), Some(Moment(seconds)));
            assert_eq!(Moment(seconds).show('T').to_string(), text);
        }
        assert_eq!(Moment(u32::MAX).show(' ').to_string(), "2106-02-07 06:28:15");
        for wrong in ["", "2007-02-29", "2007-04-31", "1969", "2039", "2007-1-1T1:2:3:4", "99999999999"] {
            assert_eq!(Moment::read(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
