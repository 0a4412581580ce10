//! `limit`: a token bucket. `linux/netfilter/xt_limit.h`.

use crate::ext::mechanism::descriptor::CLOCKS;
use crate::ext::prelude::*;
use crate::ext::values::{LIMIT_SCALE, Rate};

raw! {
    "linux/netfilter/xt_limit.h"

    struct xt_rateinfo {
        avg: u32,
        burst: u32;
        kernel:
        prev: u64,
        credit: u32,
        credit_cap: u32,
        cost: u32,
        _padding: [u8; 4],
        master: u64,
    }
}

options! {
    /// Matches at a limited rate.
    ///
    /// A bucket holds `burst` tokens and is refilled at `rate`; each packet that matches takes one. A rule with this match
    /// applies until the bucket is empty, so it is used to limit logging, or with DROP after it to limit traffic.
    #[header("linux/netfilter/xt_limit.h")]
    #[example(Ipv4, "-m limit --limit 5/min --limit-burst 10 -j LOG")]
    pub match Limit {
        /// The rate at which the bucket is refilled.
        rate / limit: Rate = Rate::per_hour(3) => "--limit" { always: true };
        /// The number of packets that match before the rate applies.
        burst / limit_burst: u32 = 5 => "--limit-burst" { max: 10_000 };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Limit>("limit").placed(Placement::NONE.checked());

/// Whether the kernel's sum of so many packets at once wraps around, as it reckons with that clock.
fn overflows(avg: u32, burst: u32, ticks: u32) -> bool {
    let per_jiffy = (u32::MAX / (ticks * 60 * 60 * 24) + 1).next_power_of_two() / 2;
    let credits = |user: u32| match user > u32::MAX / (ticks * per_jiffy) {
        true => (user / LIMIT_SCALE).wrapping_mul(ticks * per_jiffy),
        false => user.wrapping_mul(ticks * per_jiffy) / LIMIT_SCALE,
    };
    credits(avg.wrapping_mul(burst)) < credits(avg)
}

impl Limit {
    /// The packets, the seconds and the burst of a limit whose sums would wrap around in the kernel's xtables, whatever its
    /// clock: nf_tables has one of its own with room for it.
    pub(crate) fn beyond_xtables(bytes: &[u8]) -> Option<(u64, u64, u32)> {
        let raw: xt_rateinfo = read_raw(bytes).ok()?;
        if raw.burst == 0 || CLOCKS.iter().all(|ticks| !overflows(raw.avg, raw.burst, *ticks)) {
            return None;
        }
        let (count, unit) = Rate::from_interval(raw.avg.into(), LIMIT_SCALE).shown();
        Some((count, unit.seconds().into(), raw.burst))
    }
}

impl Codec for Limit {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_rateinfo>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let avg = u32::try_from(self.rate.interval(LIMIT_SCALE)).unwrap_or(u32::MAX);
        payload.put(&xt_rateinfo { avg, burst: self.burst, ..xt_rateinfo::new_zeroed() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Limit> {
        let raw: xt_rateinfo = read_raw(bytes)?;
        Ok(Limit { rate: Rate::from_interval(raw.avg.into(), LIMIT_SCALE), burst: raw.burst, ..Limit::new() })
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        let avg = u32::try_from(self.rate.interval(LIMIT_SCALE)).unwrap_or(u32::MAX);
        let overflows = || place.clocks().iter().all(|ticks| overflows(avg, self.burst, *ticks));
        let refused = match self.burst {
            0 => Refused::NoBurst,
            _ if !place.alone && overflows() => Refused::Overflow,
            _ => return Ok(()),
        };
        Err(Error::from(refused).at_option("limit-burst"))
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " limit: avg {} burst {}", self.rate.listed(), self.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            (
                "-m limit --limit 4/s -m limit --limit-b 7",
                "-m limit --limit 4/sec -m limit --limit 3/hour --limit-burst 7",
            ),
            ("-m limit --limit 010/s", "-m limit --limit 10/sec"),
            ("-m limit", "-m limit --limit 3/hour"),
            ("-m limit --limit 1/sec", "-m limit --limit 1/sec"),
            ("-m limit --limit 10/m --limit-burst 5", "-m limit --limit 10/min"),
            // iptables prints a rate that it does not read back as this one: 16 in a second.
            ("-m limit --limit 961/min", "-m limit --limit 961/min"),
            ("-m limit --limit 7 --limit-burst 10000", "-m limit --limit 7/sec --limit-burst 10000"),
            (
                "-m limit --limit-burst 10001",
                "!limit: bad value for option \"--limit-burst\", or out of range (0-10000).\n",
            ),
            ("-m limit ! --limit 5/s", "!limit: option \"--limit\" cannot be inverted.\n"),
            ("-m limit --limit 5/f", "!bad rate \"5/f\"'"),
            ("-m limit --limit 0/s", "!bad rate \"0/s\"'"),
            ("-m limit --limit -0/s", "!bad rate \"-0/s\"'"),
            ("-m limit --limit -5/s", "!Rate too fast \"-5/s\""),
            ("-m limit --limit 10001/s", "!Rate too fast \"10001/s\""),
        ]);
    }

    #[test]
    fn every_rate_is_printed_as_one_that_is_read_back() {
        for count in 1..=10_000 {
            for rate in
                [Rate::per_second, Rate::per_minute, Rate::per_hour, Rate::per_day].map(|per| per(count))
            {
                assert_eq!(rate.to_string().parse::<Rate>().ok(), Some(rate), "{count}");
            }
        }
        assert_eq!(
            (Rate::per_minute(961).to_string(), Rate::per_minute(961).listed()),
            ("961/min".into(), "16/sec".into())
        );
    }

    #[test]
    fn the_kernels_state_does_not_count() {
        assert_eq!(EXT.revisions[0].compared, [8, 8]);
    }
}
