//! `hashlimit`: a token bucket for each address or port. `linux/netfilter/xt_hashlimit.h`.

mod rates;
mod revisions;

use crate::ext::prelude::*;
use crate::ext::values::{PrefixLength, Rate, flags, read_names};
use crate::types::KernelString;
pub use rates::{HashBurst, HashInterval, HashRate};
use rates::{bytes_to_cost, cost_to_bytes, round};
use revisions::{
    get, put, xt_hashlimit_info, xt_hashlimit_mtinfo1, xt_hashlimit_mtinfo2, xt_hashlimit_mtinfo3,
};

const XT_HASHLIMIT_SCALE_V2: u32 = 1_000_000;
const XT_HASHLIMIT_BYTE_SHIFT: u32 = 4;
const XT_HASHLIMIT_INVERT: u32 = 1 << 4;
const XT_HASHLIMIT_BYTES: u32 = 1 << 5;
const XT_HASHLIMIT_RATE_MATCH: u32 = 1 << 6;
const NAME_MAX: usize = 255;
/// How often entries that have expired are looked for, in milliseconds.
const XT_HASHLIMIT_GCINTERVAL: u32 = 1000;
/// After how many seconds an entry expires that limits bytes, without and with a burst.
const XT_HASHLIMIT_BYTE_EXPIRE: u32 = 15;
const XT_HASHLIMIT_BYTE_EXPIRE_BURST: u32 = 60;
const XT_HASHLIMIT_BURST: u64 = 5;
const XT_HASHLIMIT_BURST_MAX: u64 = 1_000_000;

flags! {
    /// What packets must have in common to share a bucket.
    pub struct HashMode(u32) as "MODE[,...]" by HashMode::read_list {
        /// The source address.
        SRCIP = 1 << 2 => "srcip",
        /// The source port.
        SRCPORT = 1 << 3 => "srcport",
        /// The destination address.
        DSTIP = 1 << 0 => "dstip",
        /// The destination port.
        DSTPORT = 1 << 1 => "dstport",
    }
}

impl HashMode {
    /// No name at all is the empty set.
    fn read_list(input: &Input<'_>) -> Result<HashMode, BadValue> {
        if input.text().is_empty() {
            return Ok(HashMode::default());
        }
        read_names(input.text(), |name, _| {
            let index = HashMode::NAMES.iter().position(|known| known.as_bytes() == name);
            index.map(|index| HashMode::BITS[index]).ok_or_else(|| input.none_of(HashMode::NAMES))
        })
    }
}

options! {
    /// Matches at a rate that is limited for each address or port on its own.
    #[header("linux/netfilter/xt_hashlimit.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 22 -m hashlimit --hashlimit-upto 10/min --hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT",
        "-m hashlimit --hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-name web -j DROP",
    )]
    pub match Hashlimit {
        /// Match while the rate is not above this.
        [!] upto / hashlimit_upto: HashRate => "--hashlimit-upto" | "--hashlimit" { excludes: &["hashlimit-above"] };
        /// Match while the rate is above this.
        [!] above / hashlimit_above: HashRate => "--hashlimit-above";
        /// How much may come before the rate applies; 5 packets unless given.
        burst / hashlimit_burst: HashBurst => "--hashlimit-burst";
        /// What packets must have in common to share a bucket; by default they all share one.
        mode / hashlimit_mode: HashMode => "--hashlimit-mode";
        /// The name of the table of buckets, in `/proc/net/ipt_hashlimit`.
        name / hashlimit_name: KernelString<NAME_MAX> => "--hashlimit-name" { required: true, min: 1, bare: true };
        /// How many lists the table has; the kernel chooses unless it is given.
        htable_size / hashlimit_htable_size: u32 => "--hashlimit-htable-size";
        /// How many buckets the table may have.
        htable_max / hashlimit_htable_max: u32 => "--hashlimit-htable-max";
        /// How often unused buckets are looked for, in milliseconds.
        htable_gcinterval / hashlimit_htable_gcinterval: u32 = XT_HASHLIMIT_GCINTERVAL => "--hashlimit-htable-gcinterval";
        /// After how many milliseconds an unused bucket is forgotten.
        htable_expire / hashlimit_htable_expire: u32 => "--hashlimit-htable-expire";
        /// The length of the prefix of source addresses that counts.
        srcmask / hashlimit_srcmask: PrefixLength => "--hashlimit-srcmask";
        /// The length of the prefix of destination addresses that counts.
        dstmask / hashlimit_dstmask: PrefixLength => "--hashlimit-dstmask";
        /// Compare the rate itself instead of keeping tokens.
        rate_match / hashlimit_rate_match: bool => "--hashlimit-rate-match";
        /// Over how many seconds the rate is measured.
        rate_interval / hashlimit_rate_interval: HashInterval => "--hashlimit-rate-interval" { min: 1 };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Hashlimit>("hashlimit").placed(Placement::NONE.checked());

impl Normal for xt_hashlimit_mtinfo3 {
    fn normalize(&mut self, _: Family) {
        // The interval means nothing without the comparison, and is not printed then.
        if self.mode & XT_HASHLIMIT_RATE_MATCH == 0 {
            self.interval = 0;
        }
        // The kernel makes larger tables so small.
        const HASHLIMIT_MAX_SIZE: u32 = 1 << 20;
        self.size = self.size.min(HASHLIMIT_MAX_SIZE);
        self.max = self.max.min(HASHLIMIT_MAX_SIZE);
    }
}

impl Hashlimit {
    /// The rate, and whether the match is for what is above it.
    fn limit(&self) -> Option<(bool, HashRate)> {
        let upto = self.upto.map(|inv| (inv.inverted, inv.value));
        upto.or(self.above.map(|inv| (!inv.inverted, inv.value)))
    }

    /// The value with its rate per interval, as listings show it.
    fn over_interval(&self) -> Hashlimit {
        let mut shown = self.clone();
        let interval = u64::from(self.rate_interval.map_or(1, |interval| interval.0));
        for inv in [&mut shown.upto, &mut shown.above].into_iter().flatten() {
            if let HashRate::Packets { rate, unit } = &mut inv.value {
                *rate = rate.slower(interval);
                *unit = rate.unit();
            }
        }
        let expire = self.htable_expire.unwrap_or(self.default_expire());
        shown.htable_expire = (expire != shown.default_expire()).then_some(expire);
        shown
    }

    /// How many milliseconds a bucket is kept if nobody says otherwise.
    fn default_expire(&self) -> u32 {
        match self.limit() {
            Some((_, HashRate::Packets { unit, .. })) => unit.seconds() * 1000,
            _ if self.burst.is_some() => XT_HASHLIMIT_BYTE_EXPIRE_BURST * 1000,
            _ => XT_HASHLIMIT_BYTE_EXPIRE * 1000,
        }
    }
}

/// Whether the kernel's sum of so many packets at once wraps around, as it reckons with that clock.
fn overflows(avg: u64, burst: u64, ticks: u64) -> bool {
    let per_jiffy = (u64::MAX / (ticks * 60 * 60 * 24) + 1).next_power_of_two() / 2;
    let factor = ticks * per_jiffy / u64::from(XT_HASHLIMIT_SCALE_V2);
    let credits = |user: u64| user.wrapping_mul(factor);
    credits(avg.wrapping_mul(burst)) < credits(avg)
}

impl Codec for Hashlimit {
    const REVISIONS: &'static [Revision] = &[
        Revision::normal::<xt_hashlimit_mtinfo3>(3),
        Revision::new::<xt_hashlimit_mtinfo2>(2),
        Revision::new::<xt_hashlimit_mtinfo1>(1),
        Revision::new::<xt_hashlimit_info>(0),
    ];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["hashlimit-upto", "hashlimit-above"], "You have to specify --hashlimit");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let Some((_, rate)) = self.limit() else { return Ok(()) };
        let burst = self.burst.filter(|burst| burst.amount > XT_HASHLIMIT_BURST_MAX);
        if let (HashRate::Packets { .. }, Some(_)) = (rate, burst) {
            return Err(Misfit::BigBurst { max: XT_HASHLIMIT_BURST_MAX }.into());
        }
        if let (HashRate::Bytes(bytes), Some(burst)) = (rate, self.burst) {
            let step = cost_to_bytes(bytes_to_cost(bytes));
            if burst.amount < step {
                return Err(Misfit::SmallBurst { step }.into());
            }
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let name = self.name.unwrap_or_default();
        fits("hashlimit-name", &name)?;
        let (inverted, rate) = self.limit().unwrap_or((false, HashRate::per_second(1)));
        let full = cx.family.pick(32, 128);
        let mut raw = xt_hashlimit_mtinfo3 {
            name: name.array(),
            mode: self.mode.unwrap_or_default().0 | flag(inverted, XT_HASHLIMIT_INVERT),
            size: self.htable_size.unwrap_or_default(),
            max: self.htable_max.unwrap_or_default(),
            gc_interval: self.htable_gcinterval,
            expire: self.htable_expire.unwrap_or(self.default_expire()),
            srcmask: self.srcmask.map_or(full, |length| length.0),
            dstmask: self.dstmask.map_or(full, |length| length.0),
            ..xt_hashlimit_mtinfo3::new_zeroed()
        };
        match rate {
            HashRate::Packets { rate, unit } => {
                raw.avg = rate.interval(XT_HASHLIMIT_SCALE_V2);
                raw.burst = self.burst.map_or(XT_HASHLIMIT_BURST, |burst| burst.amount);
                if self.rate_match || self.rate_interval.is_some() {
                    raw.interval = self.rate_interval.map_or(unit.seconds(), |interval| interval.0);
                }
                if self.rate_match {
                    raw.avg /= u64::from(unit.seconds());
                }
            }
            HashRate::Bytes(bytes) => {
                raw.mode |= XT_HASHLIMIT_BYTES;
                raw.avg = bytes_to_cost(bytes);
                let step = cost_to_bytes(raw.avg);
                raw.burst = self.burst.map_or(0, |burst| burst.amount.div_ceil(step));
                let usual = u32::from(self.rate_match);
                raw.interval = self.rate_interval.map_or(usual, |interval| interval.0);
            }
        }
        raw.mode |= flag(self.rate_match, XT_HASHLIMIT_RATE_MATCH);
        put(&raw, cx, payload)
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Hashlimit> {
        let (raw, scale) = get(cx, bytes)?;
        let full = cx.family.pick(32, 128);
        let in_bytes = raw.mode & XT_HASHLIMIT_BYTES != 0;
        let interval = raw.interval.max(1);
        let (rate, burst) = if in_bytes {
            let step = cost_to_bytes(raw.avg);
            let amount = round(raw.burst.saturating_mul(step), |amount| amount.div_ceil(step) == raw.burst);
            let burst = (raw.burst != 0).then_some(HashBurst { amount, bytes: true });
            (HashRate::Bytes(round(step, |bytes| bytes_to_cost(bytes) == raw.avg)), burst)
        } else {
            let rate = Rate::from_interval(raw.avg, scale);
            (HashRate::Packets { rate, unit: rate.unit() }, Some(raw.burst.into()))
        };
        let inv = Some(Inv::new(false, rate));
        let above = raw.mode & XT_HASHLIMIT_INVERT != 0;
        let mode = HashMode(raw.mode & 0xf);
        let rate_match = raw.mode & XT_HASHLIMIT_RATE_MATCH != 0;
        let mut hashlimit = Hashlimit {
            upto: inv.filter(|_| !above),
            above: inv.filter(|_| above),
            burst,
            mode: (mode.0 != 0).then_some(mode),
            name: Some(KernelString::from_array(&raw.name)),
            htable_size: (raw.size != 0).then_some(raw.size),
            htable_max: (raw.max != 0).then_some(raw.max),
            htable_gcinterval: raw.gc_interval,
            htable_expire: None,
            srcmask: (raw.srcmask != full).then_some(raw.srcmask.into()),
            dstmask: (raw.dstmask != full).then_some(raw.dstmask.into()),
            rate_match,
            rate_interval: (interval != 1).then_some(HashInterval(interval)),
            ..Hashlimit::new()
        };
        hashlimit.htable_expire = (raw.expire != hashlimit.default_expire()).then_some(raw.expire);
        Ok(hashlimit)
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        let fail = |refused: Refused, option| Err(Error::from(refused).at_option(option));
        if self.name.is_some_and(|name| !is_file_name(name.as_bytes())) {
            return fail(Refused::FileName, "hashlimit-name");
        }
        if self.htable_expire == Some(0) {
            return fail(Refused::Zero, "hashlimit-htable-expire");
        }
        if self.htable_gcinterval == 0 {
            return fail(Refused::Zero, "hashlimit-htable-gcinterval");
        }
        let Some((_, HashRate::Packets { rate, .. })) = self.limit() else { return Ok(()) };
        let (avg, burst) = (
            rate.interval(XT_HASHLIMIT_SCALE_V2),
            self.burst.map_or(XT_HASHLIMIT_BURST, |burst| burst.amount),
        );
        match place.clocks().iter().all(|ticks| overflows(avg, burst, u64::from(*ticks))) {
            true => fail(Refused::Overflow, "hashlimit-burst"),
            false => Ok(()),
        }
    }

    fn save(&self, sink: &mut dyn Sink) {
        // The interval means nothing without the comparison.
        let rate_interval = self.rate_interval.filter(|_| self.rate_match);
        Hashlimit { rate_interval, ..self.clone() }.visit(sink);
    }

    fn list(&self, out: &mut List<'_>) {
        let shown = self.over_interval();
        let Some((above, rate)) = shown.limit() else { return };
        show!(out, " limit: {} {rate}", if above { "above" } else { "up to" });
        if let Some(burst) = self.burst {
            out.text(" burst ");
            out.value(&burst);
        }
        if let Some(mode) = self.mode {
            out.text(" mode ");
            let names: Vec<_> = mode.names().collect();
            out.text(names.join("-"));
        }
        let numbers = [
            ("htable-size", self.htable_size),
            ("htable-max", self.htable_max),
            ("htable-gcinterval", Some(self.htable_gcinterval).filter(|gc| *gc != XT_HASHLIMIT_GCINTERVAL)),
            ("htable-expire", shown.htable_expire),
            ("srcmask", self.srcmask.map(|length| length.0.into())),
            ("dstmask", self.dstmask.map(|length| length.0.into())),
        ];
        for (label, number) in numbers {
            if let Some(number) = number {
                show!(out, " {label} {number}");
            }
        }
        out.text(if self.rate_match { " rate-match" } else { "" });
        if let Some(interval) = self.rate_interval.filter(|_| self.rate_match) {
            show!(out, " rate-interval {}", interval.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            (
                "-m hashlimit --hashlimit 5/s --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a",
            ),
            (
                "-m hashlimit --hashlimit-name a.b ! --hashlimit-upto 5/min --hashlimit-mode dstport,srcip --hashlimit-srcmask 24",
                "-m hashlimit --hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip,dstport --hashlimit-name a.b --hashlimit-srcmask 24",
            ),
            (
                "-m hashlimit --hashlimit-upto 1024kb/s --hashlimit-burst 5mb --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 1mb/s --hashlimit-burst 5mb --hashlimit-name a",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-name a --hashlimit-htable-expire 10000 --hashlimit-htable-size 7",
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-htable-size 7 --hashlimit-htable-expire 10000",
            ),
            (
                "-m hashlimit --hashlimit-upto 114mb/s --hashlimit-burst 115mb --hashlimit-name a --hashlimit-srcmask 255.255.0.0",
                "-m hashlimit --hashlimit-upto 114mb/s --hashlimit-burst 228mb --hashlimit-name a --hashlimit-srcmask 16",
            ),
            (
                "-m hashlimit --hashlimit-upto 5kb/s --hashlimit-burst 4mb --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 5kb/s --hashlimit-burst 4mb --hashlimit-name a",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-burst 4mb --hashlimit-name a",
                "!bad value for option \"--hashlimit-burst\", or out of range (1-1000000).",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-name a --hashlimit-rate-match --hashlimit-rate-interval 010",
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-rate-match --hashlimit-rate-interval 10",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-rate-interval x",
                "!hashlimit: Bad value for \"--hashlimit-rate-interval\" option: \"x\"",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-rate-interval 0",
                "!hashlimit: Bad value for \"--hashlimit-rate-interval\" option: \"0\"",
            ),
            (
                "-m hashlimit --hashlimit-upto 15b/s --hashlimit-burst 7 --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 1b/s --hashlimit-burst 7b --hashlimit-name a",
            ),
            (
                "-m hashlimit --hashlimit-upto 0kb/s --hashlimit-name a",
                "!hashlimit: Bad value for \"--hashlimit-upto\" option: \"0kb/s\"",
            ),
            (
                "-m hashlimit --hashlimit-upto 5kb/s --hashlimit-burst 0x2000b --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 5kb/s --hashlimit-burst 130kb --hashlimit-name a",
            ),
            ("-m hashlimit --hashlimit-name a", "!You have to specify --hashlimit"),
            (
                "-m hashlimit --hashlimit-upto 5/s",
                "!hashlimit: option \"--hashlimit-name\" must be specified\n",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/f --hashlimit-name a",
                "!hashlimit: Bad value for \"--hashlimit-upto\" option: \"5/f\"",
            ),
            ("-m hashlimit --hashlimit-upto -1/day --hashlimit-name a", "!Rate too fast \"-1/day\""),
            ("-m hashlimit --hashlimit-upto 1000001/s --hashlimit-name a", "!Rate too fast \"1000001/s\""),
            (
                "-m hashlimit --hashlimit-upto 10kb/s --hashlimit-name a --hashlimit-burst 5",
                "!burst cannot be smaller than 10240b",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a --hashlimit-mode srcip,dstport --hashlimit-srcmask 64",
                    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstport --hashlimit-name a --hashlimit-srcmask 64",
                ),
                (
                    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a --hashlimit-mode srcip --hashlimit-srcmask 128",
                    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a",
                ),
            ],
        );
    }
    /// A rule is found by its own words although the kernel has changed it.
    #[test]
    fn tables_that_the_kernel_makes_smaller_are_the_same() {
        let rule = |size: &str| {
            let line = format!(
                "-m hashlimit --hashlimit-upto 5/s --hashlimit-name a --hashlimit-htable-size {size}"
            );
            crate::Rule::parse(Family::Ipv4, line).unwrap()
        };
        assert_eq!(rule("4294967295"), rule("1048576"));
        assert_ne!(rule("4294967295"), rule("1048575"));
    }
}
