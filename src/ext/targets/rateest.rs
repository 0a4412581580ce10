//! `RATEEST`: estimates a rate. `linux/netfilter/xt_RATEEST.h`.

use std::time::Duration;

use crate::ext::prelude::*;
use crate::sys::xt::IFNAMSIZ;
use crate::types::KernelString;

raw! {
    "linux/netfilter/xt_RATEEST.h"

    struct xt_rateest_target_info {
        name: [u8; IFNAMSIZ],
        interval: i8,
        ewma_log: u8,
        _padding: [u8; 6];
        kernel:
        est: u64,
    }
}

/// The times between two samples that the kernel can keep: 250 ms, doubled up to five times; and their numbers.
const SHORTEST: Duration = Duration::from_millis(250);
const INTERVALS: std::ops::RangeInclusive<i8> = -2..=3;

/// A length of time; written with a unit, `s`, `ms` or `us`. Without one it is in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EstimatorTime(pub Duration);

impl From<Duration> for EstimatorTime {
    fn from(time: Duration) -> EstimatorTime {
        EstimatorTime(time)
    }
}

impl EstimatorTime {
    fn read(text: &[u8]) -> Option<EstimatorTime> {
        let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
        let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match &text[number.len()..] {
            "s" | "sec" | "secs" => 1.0,
            "ms" | "msec" | "msecs" => 1e-3,
            "" | "us" | "usec" | "usecs" => 1e-6,
            _ => return None,
        };
        let seconds = number.parse::<f64>().ok()? * unit;
        Duration::try_from_secs_f64(seconds).ok().map(EstimatorTime)
    }
}

impl Value for EstimatorTime {
    const KIND: ValueKind = ValueKind::text("TIME[s|ms|us]");

    fn parse(input: &Input<'_>) -> Result<EstimatorTime, BadValue> {
        EstimatorTime::read(input.text()).ok_or(BadValue::EstimatorTime)
    }

    fn print(&self, out: &mut Printer<'_>) {
        let seconds = self.0.as_secs_f64();
        out.text(match self.0.as_micros() {
            micros @ ..1_000 => format!("{micros}us"),
            ..1_000_000 => format!("{:.1}ms", seconds * 1e3),
            _ => format!("{seconds:.1}s"),
        });
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Duration(self.0))
    }
}

options! {
    /// Estimates the rate of the packets it sees, for the match `rateest`.
    #[header("linux/netfilter/xt_RATEEST.h")]
    #[example(Ipv4, "-i eth0 -j RATEEST --rateest-name wan --rateest-interval 250ms --rateest-ewmalog 0.5s")]
    pub target Rateest {
        /// The name of the estimator, which comes into being with the first rule that names it.
        rateest_name: KernelString<IFNAMSIZ> => "--rateest-name" { required: true, bare: true };
        /// The time between two samples, from 250 ms to 8 s; the kernel doubles 250 ms until it is enough.
        rateest_interval: EstimatorTime => "--rateest-interval" { required: true };
        /// The time over which samples are averaged; the kernel keeps a power of two of the interval.
        rateest_ewmalog: EstimatorTime => "--rateest-ewmalog" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Rateest>("RATEEST");

/// The kernel's number for the shortest interval that is not shorter than this.
fn interval_number(interval: Duration) -> Option<i8> {
    INTERVALS
        .zip(0..)
        .find(|(_, doublings)| interval <= SHORTEST * (1 << doublings))
        .map(|(number, _)| number)
}

/// The interval of the kernel's number.
fn interval_of(number: i8) -> Option<Duration> {
    INTERVALS.zip(0..).find(|(known, _)| *known == number).map(|(_, doublings)| SHORTEST * (1 << doublings))
}

/// The logarithm of a moving average's weight, such that its time constant is the one wanted or less.
fn ewma_log(interval: Duration, time_constant: Duration) -> Option<u8> {
    // -ln(1 - weight) by its series: no program needs to load libm for these.
    let decay = |weight: f64| -> f64 {
        let mut power = 1.0;
        (1..=60u8)
            .map(|term| {
                power *= weight;
                power / f64::from(term)
            })
            .sum()
    };
    let reached = |log: &u8| {
        interval.as_secs_f64() / decay(f64::from(1u32 << log).recip()) > time_constant.as_secs_f64()
    };
    (1..31).find(reached).map(|log| log - 1).filter(|log| *log > 0)
}

impl Rateest {
    fn numbers(&self) -> Result<(i8, u8)> {
        let interval = self.rateest_interval.unwrap_or_default().0;
        let time_constant = self.rateest_ewmalog.unwrap_or_default().0;
        let number = interval_number(interval)
            .ok_or_else(|| Error::from(Misfit::EstimatorInterval).at_option("rateest-interval"))?;
        let log = ewma_log(interval, time_constant)
            .ok_or_else(|| Error::from(Misfit::EstimatorTime).at_option("rateest-ewmalog"))?;
        Ok((number, log))
    }
}

impl Codec for Rateest {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_rateest_target_info>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let times = [("rateest-interval", self.rateest_interval), ("rateest-ewmalog", self.rateest_ewmalog)];
        if let Some((option, _)) = times.into_iter().find(|(_, time)| time.is_none()) {
            return Err(Error::from(Misfit::EstimatorLacks).at_option(option));
        }
        self.numbers().map(|_| ())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let name = self.rateest_name.unwrap_or_default();
        fits("rateest-name", &name)?;
        let (interval, ewma_log) = self.numbers()?;
        let zeroed = xt_rateest_target_info::new_zeroed();
        payload.put(&xt_rateest_target_info { name: name.array(), interval, ewma_log, ..zeroed });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Rateest> {
        let raw: xt_rateest_target_info = read_raw(bytes)?;
        let malformed = |what, number| Error::from(Malformed::Unknown { what, number });
        let interval = interval_of(raw.interval).ok_or_else(|| malformed("interval", raw.interval as u32))?;
        let factor =
            1u32.checked_shl(raw.ewma_log.into()).ok_or_else(|| malformed("ewmalog", raw.ewma_log.into()))?;
        Ok(Rateest {
            rateest_name: Some(KernelString::from_array(&raw.name)),
            rateest_interval: Some(interval.into()),
            rateest_ewmalog: Some(interval.saturating_mul(factor).into()),
            ..Rateest::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" name ");
        out.text(self.rateest_name.unwrap_or_default().as_bytes());
        out.text(" interval ");
        out.value(&self.rateest_interval.unwrap_or_default());
        out.text(" ewmalog ");
        out.value(&self.rateest_ewmalog.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let cases = [
            ("250ms", "500ms", Ok(("250.0ms", "500.0ms"))),
            ("250", "500", Ok(("250.0ms", "500.0ms"))),
            ("0.5S", "1.5sec", Ok(("500.0ms", "1.0s"))),
            ("500000usecs", "2000msecs", Ok(("500.0ms", "2.0s"))),
            ("251ms", "9s", Ok(("500.0ms", "16.0s"))),
            ("2s", "6s", Ok(("2.0s", "4.0s"))),
            ("2s", "7s", Ok(("2.0s", "8.0s"))),
            ("8s", "4000000s", Ok(("8.0s", "2097152.0s"))),
            ("8.1s", "20s", Err("interval value is too large")),
            ("1s", "1s", Err("ewmalog value is out of range")),
            ("0", "1s", Err("ewmalog value is out of range")),
            ("x", "1s", Err("bad interval value \"x\"")),
            ("1min", "1s", Err("bad interval value \"1min\"")),
            ("1s", "-2s", Err("bad ewmalog value \"-2s\"")),
        ];
        for (interval, ewmalog, expected) in cases {
            let line = |interval, ewmalog| {
                format!(
                    "-j RATEEST --rateest-name a --rateest-interval {interval} --rateest-ewmalog {ewmalog}"
                )
            };
            let expected = match expected {
                Ok((interval, ewmalog)) => line(interval, ewmalog),
                Err(message) => format!("!RATEEST: {message}"),
            };
            check(&[(&line(interval, ewmalog), &expected)]);
        }
        check(&[(
            "-j RATEEST --rateest-interval 1s --rateest-ewmalog 2s",
            "!RATEEST: option \"--rateest-name\" must be specified\n",
        )]);
        for lacking in ["", " --rateest-interval 1s", " --rateest-ewmalog 2s"] {
            check(&[(
                &format!("-j RATEEST --rateest-name a{lacking}"),
                "!RATEEST: ewmalog value is out of range",
            )]);
        }
    }
}
