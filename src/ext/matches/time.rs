//! `time`: the time at which the packet comes. `linux/netfilter/xt_time.h`.

use crate::ext::prelude::*;
use crate::ext::values::{DayTime, Moment, Monthdays, Weekdays};

const XT_TIME_LOCAL_TZ: u8 = 1 << 0;
const XT_TIME_CONTIGUOUS: u8 = 1 << 1;
/// The end of the time that 31 bits can count.
const DATE_STOP: Moment = Moment(i32::MAX as u32);

const LOCALTZ: &str = "WARNING: --localtz is being replaced by --kerneltz, since \"local\" is ambiguous. \
     Note the kernel timezone has caveats - see manpage for details.";

raw! {
    "linux/netfilter/xt_time.h"

    struct xt_time_info {
        date_start: u32,
        date_stop: u32,
        daytime_start: u32,
        daytime_stop: u32,
        monthdays_match: u32,
        weekdays_match: u8,
        flags: u8,
        _padding: [u8; 2],
    }
}

options! {
    /// Matches packets that come at some date, at some time of the day or on some days.
    ///
    /// All times are UTC unless `kerneltz` is given.
    #[header("linux/netfilter/xt_time.h")]
    #[example(
        Ipv4,
        "-m time --timestart 08:00 --timestop 18:00 --weekdays Mon,Tue,Wed,Thu,Fri -j ACCEPT",
        "-m time --datestart 2030-01-01 --datestop 2030-12-31T12:00:00 --monthdays 1,15 --kerneltz -j DROP",
    )]
    pub match Time {
        /// From this time of the day on.
        timestart: DayTime => "--timestart";
        /// Up to and with this time of the day. If it is before `timestart`, the time from midnight is meant too.
        timestop: DayTime => "--timestop";
        /// On these days of the month.
        [!] monthdays: Monthdays => "--monthdays";
        /// On these days of the week.
        [!] weekdays: Weekdays => "--weekdays";
        /// From this date on.
        datestart: Moment = Moment(0) => "--datestart";
        /// Up to and with this date.
        datestop: Moment = DATE_STOP => "--datestop" { always: true };
        /// Use the time zone of the kernel, which knows no daylight saving time, instead of UTC.
        kerneltz: bool => "--kerneltz";
        /// Take a time that passes midnight as one that begins on the days that are given.
        contiguous: bool => "--contiguous";
    }
    also {
        /// An older name of `kerneltz`.
        localtz: bool => "--localtz" {
            deprecated: Some(("localtz", LOCALTZ)), excludes: &["utc"], respell: Some(|find| find("kerneltz")),
        } = |time, local| time.kerneltz = local;
        /// Use UTC, as it is done anyway.
        utc: bool => "--utc" {
            excludes: &["kerneltz"],
            respell: Some(|find| find("kerneltz").is_none().then_some((false, Datum::Flag))),
        } = |time, utc| time.kerneltz = !utc;
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Time>("time");

impl Time {
    /// The times of the day, where only one of them or neither may be given.
    fn times(&self) -> (DayTime, DayTime) {
        (self.timestart.unwrap_or(DayTime::MIN), self.timestop.unwrap_or(DayTime::MAX))
    }
}

/// The bits that count, where an inverted set means the other ones.
fn bits<T>(days: Option<Inv<T>>, all: u32, bits: impl Fn(T) -> u32) -> u32 {
    match days {
        None => all,
        Some(Inv { inverted, value }) => (bits(value) ^ flag(inverted, u32::MAX)) & all,
    }
}

impl Codec for Time {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_time_info>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let (start, stop) = self.times();
        if self.contiguous && stop > start {
            return Err(Error::from(Misfit::Contiguous).at_option("contiguous"));
        }
        if let Some(time) = [start, stop].into_iter().find(|time| *time > DayTime::MAX) {
            return Err(Misfit::DayTime { seconds: time.0 }.into());
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (start, stop) = self.times();
        payload.put(&xt_time_info {
            date_start: self.datestart.0,
            date_stop: self.datestop.0,
            daytime_start: start.0,
            daytime_stop: stop.0,
            monthdays_match: bits(self.monthdays, Monthdays::ALL.0, |days| days.0),
            weekdays_match: bits(self.weekdays, Weekdays::ALL.0.into(), |days| days.0.into()) as u8,
            flags: flag(self.kerneltz, XT_TIME_LOCAL_TZ) | flag(self.contiguous, XT_TIME_CONTIGUOUS),
            _padding: [0; 2],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Time> {
        let raw: xt_time_info = read_raw(bytes)?;
        let (start, stop) = (DayTime(raw.daytime_start), DayTime(raw.daytime_stop));
        let part_of_day = (start, stop) != (DayTime::MIN, DayTime::MAX);
        let monthdays = Monthdays(raw.monthdays_match);
        let weekdays = Weekdays(raw.weekdays_match);
        Ok(Time {
            timestart: part_of_day.then_some(start),
            timestop: part_of_day.then_some(stop),
            monthdays: (monthdays != Monthdays::ALL).then_some(Inv::new(false, monthdays)),
            weekdays: (weekdays != Weekdays::ALL).then_some(Inv::new(false, weekdays)),
            datestart: Moment(raw.date_start),
            datestop: Moment(raw.date_stop),
            contiguous: raw.flags & XT_TIME_CONTIGUOUS != 0,
            kerneltz: raw.flags & XT_TIME_LOCAL_TZ != 0,
            ..Time::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" TIME");
        let (start, stop) = self.times();
        if (start, stop) != (DayTime::MIN, DayTime::MAX) {
            show!(out, " from {start} to {stop}");
        }
        if let Some(weekdays) = self.weekdays {
            out.text(" on ");
            out.value(&weekdays.value);
        }
        if let Some(monthdays) = self.monthdays {
            out.text(" on ");
            for (index, day) in monthdays.value.days().enumerate() {
                show!(out, "{}{day}{}", if index > 0 { "," } else { "" }, ordinal(day));
            }
        }
        if self.datestart != Moment(0) {
            show!(out, " starting from {}", self.datestart.show(' '));
        }
        if self.datestop != DATE_STOP {
            show!(out, " until date {}", self.datestop.show(' '));
        }
        out.text(if self.kerneltz { "" } else { " UTC" });
        out.text(if self.contiguous { " contiguous" } else { "" });
    }
}

/// What iptables writes behind the number of a day, 11 to 13 included.
fn ordinal(day: u8) -> &'static str {
    match day % 10 {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: &str = "--datestop 2038-01-19T03:14:07";

    #[track_caller]
    fn prints(line: &str, options: &str) {
        check(&[(&format!("-m time {line}"), &format!("-m time {options}"))]);
    }

    #[test]
    fn lines() {
        prints("", STOP);
        prints("--utc", STOP);
        prints(
            "--datestart 2007-12-24T10:0:1 --datestop 2008",
            "--datestart 2007-12-24T10:00:01 --datestop 2008-01-01T00:00:00",
        );
        prints("--timestart 1:2", &format!("--timestart 01:02:00 --timestop 23:59:59 {STOP}"));
        prints("--timestop 00:00", &format!("--timestart 00:00:00 --timestop 00:00:00 {STOP}"));
        prints("--timestart 00:00 --timestop 23:59:59", STOP);
        prints(
            "--contiguous --timestart 12:00 --timestop 05:00:05",
            &format!("--timestart 12:00:00 --timestop 05:00:05 {STOP} --contiguous"),
        );
        prints("--weekdays Sunday,1,Tu", &format!("--weekdays Mon,Tue,Sun {STOP}"));
        prints("! --weekdays 1,2", &format!("--weekdays Wed,Thu,Fri,Sat,Sun {STOP}"));
        prints("--weekdays 1,2,3,4,5,6,7", STOP);
        prints("! --weekdays 1,2,3,4,5,6,7", &format!("--weekdays \"\" {STOP}"));
        prints("--monthdays 31,1,2,", &format!("--monthdays 1,2,31 {STOP}"));
        prints("--kerneltz", &format!("{STOP} --kerneltz"));
        prints(
            "--contiguous --kerneltz --timestart 3:00 --timestop 2:00",
            &format!("--timestart 03:00:00 --timestop 02:00:00 {STOP} --kerneltz --contiguous"),
        );
        prints("--localtz", &format!("{STOP} --kerneltz"));
        prints("--localtz --kerneltz", &format!("{STOP} --kerneltz"));
    }

    #[test]
    fn wrong_lines() {
        let date =
            |text| format!("!Invalid date \"{text}\" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]");
        let time = |part| {
            format!(
                "!invalid time \"{part}\" specified, should be hh:mm[:ss] format and within the boundaries"
            )
        };
        check(&[
            ("-m time --datestart 2007-13-01", &date("2007-13-01")),
            ("-m time --datestop 2007-12-24T24:00", &date("2007-12-24T24:00")),
            ("-m time --datestart \"\"", &date("")),
            ("-m time --timestart 10", &time("10")),
            ("-m time --timestart 24:00", &time("24:00")),
            ("-m time --timestop 23:60", &time("60")),
            ("-m time --timestop 10:00:00:00", &time("00:00")),
            ("-m time --weekdays 0", "!No, the week does NOT begin with Sunday."),
            ("-m time --weekdays 1,,2", "!No, the week does NOT begin with Sunday."),
            ("-m time --weekdays 1,mon", "!mon is not a valid day specifier"),
            ("-m time --weekdays 8", "!8 is not a valid day specifier"),
            ("-m time --monthdays 32", "!32 is not a valid day for --monthdays"),
            ("-m time --monthdays 5-7", "!5- is not a valid day for --monthdays"),
            (
                "-m time --timestart 02:00 --timestop 05:00 --contiguous",
                "!time: --contiguous only makes sense when stoptime is smaller than starttime",
            ),
            ("-m time --localtz --localtz", "!time: option \"--localtz\" can only be used once.\n"),
            (
                "-m time --kerneltz --utc",
                "!time: option \"--utc\" cannot be used together with \"--kerneltz\".\n",
            ),
            ("-m time ! --datestart 2007", "!time: option \"--datestart\" cannot be inverted.\n"),
        ]);
    }
}
