//! `rateest`: estimated rates. `linux/netfilter/xt_rateest.h`.

use crate::ext::prelude::*;
use crate::sys::xt::IFNAMSIZ;
use crate::types::KernelString;
use crate::types::fmt::number;

const XT_RATEEST_MATCH_INVERT: u16 = 1 << 0;
const XT_RATEEST_MATCH_ABS: u16 = 1 << 1;
const XT_RATEEST_MATCH_REL: u16 = 1 << 2;
const XT_RATEEST_MATCH_DELTA: u16 = 1 << 3;
const XT_RATEEST_MATCH_BPS: u16 = 1 << 4;
const XT_RATEEST_MATCH_PPS: u16 = 1 << 5;
const XT_RATEEST_MATCH_EQ: u16 = 1;
const XT_RATEEST_MATCH_LT: u16 = 2;
const XT_RATEEST_MATCH_GT: u16 = 3;

raw! {
    "linux/netfilter/xt_rateest.h"

    struct xt_rateest_match_info {
        name1: [u8; IFNAMSIZ],
        name2: [u8; IFNAMSIZ],
        flags: u16,
        mode: u16,
        bps1: u32,
        pps1: u32,
        bps2: u32,
        pps2: u32,
        _padding: [u8; 4];
        kernel:
        est1: u64,
        est2: u64,
    }
}

/// A rate in bytes per second, or no rate where two estimators are compared with one another.
///
/// Written as a number with a unit: `bit`, `kbit`, `mbit`, `gbit` and `tbit` for bits per second, `bps`, `kbps` and so
/// on for bytes, `Kibit`, `KiBps` and so on for powers of 1024. A number alone is in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteRate(pub Option<u32>);

impl From<u32> for ByteRate {
    fn from(bytes_per_second: u32) -> ByteRate {
        ByteRate(Some(bytes_per_second))
    }
}

impl ByteRate {
    fn read(text: &[u8]) -> Option<u32> {
        let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
        let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = &text[number.len()..];
        let (prefix, per_byte) = match (unit.strip_suffix("bit"), unit.strip_suffix("bps")) {
            (Some(prefix), _) => (prefix, 8.0),
            (_, Some(prefix)) => (prefix, 1.0),
            _ if unit.is_empty() => ("", 8.0),
            _ => return None,
        };
        let step = |base: f64, prefixes: &str| {
            let at = prefixes.find(prefix.get(..1)?)?;
            Some(base.powi(i32::try_from(at).ok()? + 1))
        };
        let factor = match prefix.len() {
            0 => 1.0,
            1 => step(1000.0, "kmgt")?,
            2 if prefix.ends_with('i') => step(1024.0, "kmgt")?,
            _ => return None,
        };
        let rate = number.parse::<f64>().ok()? * factor / per_byte;
        (0.0..4_294_967_296.0).contains(&rate).then_some(rate as u32)
    }
}

impl Value for ByteRate {
    const KIND: ValueKind = ValueKind::text("[RATE]");

    fn parse(input: &Input<'_>) -> Result<ByteRate, BadValue> {
        if input.text().is_empty() {
            return Ok(ByteRate(None));
        }
        let rate = ByteRate::read(input.text());
        rate.map(ByteRate::from).ok_or(BadValue::ByteRate)
    }

    /// In bits, by the unit of iptables unless that would lose digits; by bytes in listings with numbers.
    fn print(&self, out: &mut Printer<'_>) {
        let Some(bytes) = self.0 else { return };
        if out.style == Style::NumericList {
            return out.decimal(bytes);
        }
        let bits = u64::from(bytes) * 8;
        let (factor, unit) = match bits {
            1_000_000_000.. if bits % 1_000_000 == 0 => (1_000_000, "Mbit"),
            1_000_000.. if bits % 1000 == 0 => (1000, "Kbit"),
            _ => (1, "bit"),
        };
        out.decimal(bits / factor);
        out.text(unit);
    }
}

/// A rate in packets per second, or no rate where two estimators are compared with one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PacketRate(pub Option<u32>);

impl From<u32> for PacketRate {
    fn from(packets_per_second: u32) -> PacketRate {
        PacketRate(Some(packets_per_second))
    }
}

impl Value for PacketRate {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "[NUMBER]");

    fn parse(input: &Input<'_>) -> Result<PacketRate, BadValue> {
        if input.text().is_empty() {
            return Ok(PacketRate(None));
        }
        let rate = number(input.text()).and_then(|rate| u32::try_from(rate).ok());
        rate.map(PacketRate::from).ok_or(BadValue::PacketRate)
    }

    fn print(&self, out: &mut Printer<'_>) {
        if let Some(rate) = self.0 {
            out.decimal(rate);
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        self.0.map(Datum::from)
    }
}

const FIRST: Option<&str> = Some("rateest: can't specify --rateest1 twice");
const SECOND: Option<&str> = Some("rateest: can't specify --rateest2 twice");
const DELTA: Option<&str> = Some("rateest: can't specify --rateest-delta twice");
const MODE: Option<&str> = Some("rateest: can't specify lt/gt/eq twice");
const BPS1: Option<&str> = Some("rateest: can't specify --rateest-bps1 twice");
const BPS2: Option<&str> = Some("rateest: can't specify --rateest-bps2 twice");
const PPS1: Option<&str> = Some("rateest: can't specify --rateest-pps1 twice");
const PPS2: Option<&str> = Some("rateest: can't specify --rateest-pps2 twice");

options! {
    /// Matches by the rate that a target RATEEST has estimated: one rate against a number, or two rates against one
    /// another.
    #[header("linux/netfilter/xt_rateest.h")]
    #[example(
        Ipv4,
        "-m rateest --rateest wan --rateest-lt --rateest-bps 10mbit -j ACCEPT",
        "-m rateest --rateest-delta --rateest1 wan --rateest-pps1 500 --rateest-gt --rateest2 lan --rateest-pps2 700 -j DROP",
    )]
    pub match Rateest {
        /// Compare by how much a rate lies above its `bps1` or `bps2`, `pps1` or `pps2`, instead of the rate itself.
        delta / rateest_delta: bool => "--rateest-delta" {
            once: DELTA, not_inverted: Some("rateest: rateest-delta can't be inverted")
        };
        /// The estimator whose rate is compared with a number.
        rateest: KernelString<IFNAMSIZ> => "--rateest" {
            bare: true, excludes: &["rateest1"], once: FIRST,
            not_inverted: Some("rateest: rateest can't be inverted")
        };
        /// The first of two estimators.
        rateest1: KernelString<IFNAMSIZ> => "--rateest1" {
            bare: true, once: FIRST, not_inverted: Some("rateest: rateest can't be inverted")
        };
        /// What is taken off the first rate, in bytes; needs `delta`.
        bps1 / rateest_bps1: ByteRate => "--rateest-bps1" {
            optional: true, once: BPS1, not_inverted: Some("rateest: rateest-bps can't be inverted")
        };
        /// What is taken off the first rate, in packets; needs `delta`.
        pps1 / rateest_pps1: PacketRate => "--rateest-pps1" {
            optional: true, once: PPS1, not_inverted: Some("rateest: rateest-pps can't be inverted")
        };
        /// The first rate is less.
        [!] lt / rateest_lt: bool => "--rateest-lt" { excludes: &["rateest-gt", "rateest-eq"], once: MODE };
        /// The first rate is greater.
        [!] gt / rateest_gt: bool => "--rateest-gt" { excludes: &["rateest-eq"], once: MODE };
        /// The rates are equal.
        [!] eq / rateest_eq: bool => "--rateest-eq" { once: MODE };
        /// Bytes are compared: with this rate, or without one with those of the second estimator.
        bps / rateest_bps: ByteRate => "--rateest-bps" {
            optional: true, excludes: &["rateest-bps2"], once: BPS2,
            not_inverted: Some("rateest: rateest-bps can't be inverted")
        };
        /// With `delta`, the rate in bytes to compare with, or what is taken off the second rate.
        bps2 / rateest_bps2: ByteRate => "--rateest-bps2" {
            optional: true, once: BPS2, not_inverted: Some("rateest: rateest-bps can't be inverted")
        };
        /// Packets are compared: with this rate, or without one with those of the second estimator.
        pps / rateest_pps: PacketRate => "--rateest-pps" {
            optional: true, excludes: &["rateest-pps2"], once: PPS2,
            not_inverted: Some("rateest: rateest-pps can't be inverted")
        };
        /// With `delta`, the rate in packets to compare with, or what is taken off the second rate.
        pps2 / rateest_pps2: PacketRate => "--rateest-pps2" {
            optional: true, once: PPS2, not_inverted: Some("rateest: rateest-pps can't be inverted")
        };
        /// The second of two estimators.
        rateest2: KernelString<IFNAMSIZ> => "--rateest2" {
            bare: true, once: SECOND, not_inverted: Some("rateest: rateest can't be inverted")
        };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Rateest>("rateest").placed(Placement::NONE.checked());

impl Normal for xt_rateest_match_info {
    /// Rates that are not compared do not count.
    fn normalize(&mut self, _: Family) {
        let flags = self.flags;
        let has = |bit| flags & bit != 0;
        let (bps, pps) = (has(XT_RATEEST_MATCH_BPS), has(XT_RATEEST_MATCH_PPS));
        let delta = has(XT_RATEEST_MATCH_DELTA);
        let number = delta || !has(XT_RATEEST_MATCH_REL);
        let cleared = [
            (&mut self.bps1, bps && delta),
            (&mut self.pps1, pps && delta),
            (&mut self.bps2, bps && number),
            (&mut self.pps2, pps && number),
        ];
        cleared.into_iter().filter(|(_, counts)| !counts).for_each(|(rate, _)| *rate = 0);
    }
}

impl Rateest {
    /// How the rates are compared: whether inverted, the kernel's number, the word in listings.
    fn mode(&self) -> Option<(bool, u16, &'static str)> {
        let modes = [
            (self.eq, XT_RATEEST_MATCH_EQ, "eq"),
            (self.lt, XT_RATEEST_MATCH_LT, "lt"),
            (self.gt, XT_RATEEST_MATCH_GT, "gt"),
        ];
        modes.into_iter().find_map(|(given, number, word)| Some((!given?, number, word)))
    }

    fn compares_bytes(&self) -> bool {
        self.bps.or(self.bps1).or(self.bps2).is_some()
    }

    fn compares_packets(&self) -> bool {
        self.pps.or(self.pps1).or(self.pps2).is_some()
    }
}

impl Codec for Rateest {
    const REVISIONS: &'static [Revision] = &[Revision::normal::<xt_rateest_match_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let name1 = self.rateest.or(self.rateest1).unwrap_or_default();
        let name2 = self.rateest2.unwrap_or_default();
        fits("rateest1", &name1)?;
        fits("rateest2", &name2)?;
        let (inverted, mode, _) = self.mode().unwrap_or_default();
        let bytes = |rate: Option<ByteRate>| rate.and_then(|rate| rate.0).unwrap_or_default();
        let packets = |rate: Option<PacketRate>| rate.and_then(|rate| rate.0).unwrap_or_default();
        let kind = if self.rateest2.is_some() { XT_RATEEST_MATCH_REL } else { XT_RATEEST_MATCH_ABS };
        payload.put(&xt_rateest_match_info {
            name1: name1.array(),
            name2: name2.array(),
            flags: kind
                | flag(inverted, XT_RATEEST_MATCH_INVERT)
                | flag(self.delta, XT_RATEEST_MATCH_DELTA)
                | flag(self.compares_bytes(), XT_RATEEST_MATCH_BPS)
                | flag(self.compares_packets(), XT_RATEEST_MATCH_PPS),
            mode,
            bps1: bytes(self.bps1),
            pps1: packets(self.pps1),
            bps2: bytes(self.bps2.or(self.bps)),
            pps2: packets(self.pps2.or(self.pps)),
            ..xt_rateest_match_info::new_zeroed()
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Rateest> {
        let raw: xt_rateest_match_info = read_raw(bytes)?;
        let has = |bit| raw.flags & bit != 0;
        let delta = has(XT_RATEEST_MATCH_DELTA);
        let relative = has(XT_RATEEST_MATCH_REL);
        let name1 = KernelString::from_array(&raw.name1);
        let mode = |mode| (raw.mode == mode).then(|| !has(XT_RATEEST_MATCH_INVERT));
        // Without a delta there is one number to compare with, or none.
        let number = |number| (delta || !relative).then_some(number);
        let bps2 = has(XT_RATEEST_MATCH_BPS).then(|| ByteRate(number(raw.bps2)));
        let pps2 = has(XT_RATEEST_MATCH_PPS).then(|| PacketRate(number(raw.pps2)));
        Ok(Rateest {
            delta,
            rateest: (!relative).then_some(name1),
            rateest1: relative.then_some(name1),
            bps1: (delta && has(XT_RATEEST_MATCH_BPS)).then_some(raw.bps1.into()),
            pps1: (delta && has(XT_RATEEST_MATCH_PPS)).then_some(raw.pps1.into()),
            lt: mode(XT_RATEEST_MATCH_LT),
            gt: mode(XT_RATEEST_MATCH_GT),
            eq: mode(XT_RATEEST_MATCH_EQ),
            bps: bps2.filter(|_| !delta),
            bps2: bps2.filter(|_| delta),
            pps: pps2.filter(|_| !delta),
            pps2: pps2.filter(|_| delta),
            rateest2: relative.then(|| KernelString::from_array(&raw.name2)),
            ..Rateest::new()
        })
    }

    /// What the kernel demands; the estimators it looks up itself.
    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        if self.mode().is_none() {
            return Err(Refused::NeedsOneOf(&["rateest-lt", "rateest-gt", "rateest-eq"]).into());
        }
        if !self.compares_bytes() && !self.compares_packets() {
            return Err(Refused::NoRate.into());
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        let mode = match self.mode() {
            Some((inverted, _, word)) => format!("{}{word}", if inverted { " ! " } else { " " }),
            None => String::new(),
        };
        out.text(" rateest match ");
        out.text(self.rateest.or(self.rateest1).unwrap_or_default().as_bytes());
        out.text(if self.delta { " delta" } else { "" });
        let bytes = |out: &mut List<'_>, rate: Option<ByteRate>| {
            if let Some(rate) = rate.filter(|rate| rate.0.is_some()) {
                out.text(" ");
                out.value(&rate);
            }
        };
        let packets = |out: &mut List<'_>, rate: Option<PacketRate>| {
            if let Some(rate) = rate.filter(|rate| rate.0.is_some()) {
                out.text(" ");
                out.value(&rate);
            }
        };
        let (bps2, pps2) = (self.bps2.or(self.bps), self.pps2.or(self.pps));
        match self.rateest2 {
            None => {
                if self.compares_bytes() {
                    out.text(" bps");
                    bytes(out, self.bps1);
                    bytes(out, bps2);
                    out.text(&mode);
                }
                if self.compares_packets() {
                    out.text(" pps");
                    packets(out, self.pps1);
                    out.text(&mode);
                    packets(out, pps2);
                }
            }
            Some(second) => {
                if self.compares_bytes() {
                    out.text(" bps");
                    bytes(out, self.bps1);
                }
                if self.compares_packets() {
                    out.text(" pps");
                    packets(out, self.pps1);
                }
                out.text(&mode);
                out.text(" ");
                out.text(second.as_bytes());
                if self.compares_bytes() {
                    out.text(" bps");
                    bytes(out, bps2);
                }
                if self.compares_packets() {
                    out.text(" pps");
                    packets(out, pps2);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        const M: &str = "-m rateest";
        let cases = [
            ("--rateest a --rateest-lt --rateest-bps 1000", "--rateest a --rateest-lt --rateest-bps 1000bit"),
            (
                "--rateest1 a ! --rateest-gt --rateest-bps2 10Kbps",
                "--rateest a ! --rateest-gt --rateest-bps 80000bit",
            ),
            ("--rateest a --rateest-eq --rateest-pps 0x10", "--rateest a --rateest-eq --rateest-pps 16"),
            ("--rateest a --rateest-lt --rateest-bps", "--rateest a --rateest-lt --rateest-bps 0bit"),
            (
                "--rateest a --rateest-delta --rateest-bps1 1kbit --rateest-gt --rateest-bps2 1.5Mibit",
                "--rateest-delta --rateest a --rateest-bps1 1000bit --rateest-gt --rateest-bps2 1572864bit",
            ),
            (
                "--rateest1 a --rateest-lt --rateest-bps --rateest2 b",
                "--rateest1 a --rateest-lt --rateest-bps --rateest2 b",
            ),
            (
                "--rateest a --rateest2 b --rateest-pps --rateest-gt",
                "--rateest1 a --rateest-gt --rateest-pps --rateest2 b",
            ),
            (
                "--rateest1 a --rateest-delta --rateest-pps1 100 --rateest-gt --rateest2 b --rateest-pps2 200",
                "--rateest-delta --rateest1 a --rateest-pps1 100 --rateest-gt --rateest-pps2 200 --rateest2 b",
            ),
            (
                "--rateest a --rateest-lt --rateest-bps 1gbps",
                "--rateest a --rateest-lt --rateest-bps 8000Mbit",
            ),
            (
                "--rateest a --rateest-lt --rateest-bps 123456789",
                "--rateest a --rateest-lt --rateest-bps 123456784bit",
            ),
            ("--rateest a --rateest-lt --rateest-bps 1tbit", "!rateest: could not parse rate `1tbit'"),
            ("--rateest a --rateest-lt --rateest-bps x", "!rateest: could not parse rate `x'"),
            ("--rateest a --rateest-lt --rateest-pps 5x", "!rateest: could not parse pps `5x'"),
            ("--rateest a --rateest1 b --rateest-lt", "!rateest: can't specify --rateest1 twice"),
            ("--rateest a --rateest-lt --rateest-gt", "!rateest: can't specify lt/gt/eq twice"),
            ("! --rateest a", "!rateest: rateest can't be inverted"),
        ];
        for (options, expected) in cases {
            let expected = match expected.starts_with('!') {
                true => expected.into(),
                false => format!("{M} {expected}"),
            };
            check(&[(&format!("{M} {options}"), &expected)]);
        }
    }
}
