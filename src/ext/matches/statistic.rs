//! `statistic`: packets at random, or every nth. `linux/netfilter/xt_statistic.h`.

use std::fmt;

use crate::ext::prelude::*;
use crate::ext::values::choice;

const XT_STATISTIC_INVERT: u16 = 0x1;

raw! {
    "linux/netfilter/xt_statistic.h"

    /// The union holds `probability`, or `every`, `packet` and `count`.
    struct xt_statistic_info {
        mode: u16,
        flags: u16,
        every = "u.nth.every": u32,
        packet = "u.nth.packet": u32;
        kernel:
        count = "u.nth.count": u32,
        master: u64,
    }
}

choice! {
    /// How packets are picked.
    pub enum StatisticMode(u16) as "MODE" {
        /// By chance.
        Random = 0 => "random",
        /// One of every so many.
        Nth = 1 => "nth",
    }
}

/// A probability from 0 to 1, in the kernel's fixed point with 31 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Probability(pub u32);

impl From<f64> for Probability {
    fn from(probability: f64) -> Probability {
        Probability((probability.clamp(0.0, 1.0) * f64::from(1u32 << 31)).round() as u32)
    }
}

invertible!(f64 => Probability);

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.11}", f64::from(self.0) / f64::from(1u32 << 31))
    }
}

impl Value for Probability {
    const KIND: ValueKind = ValueKind::text("0.0-1.0");

    fn parse(input: &Input<'_>) -> Result<Probability, BadValue> {
        let text = std::str::from_utf8(input.text()).ok();
        let number = text.and_then(|text| text.trim_ascii_start().parse::<f64>().ok());
        match number {
            Some(number) if (0.0..=1.0).contains(&number) => Ok(number.into()),
            _ => Err(BadValue::Number { min: 0, max: 1, near: None }),
        }
    }

    fn check(&self, _: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        if self.0 <= 1 << 31 { Ok(()) } else { Err(BadValue::Number { min: 0, max: 1, near: None }) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.to_string());
    }
}

options! {
    /// Matches some of the packets: at random, or every nth.
    #[header("linux/netfilter/xt_statistic.h")]
    #[example(
        Ipv4,
        "-m statistic --mode nth --every 3 --packet 0 -j MARK --set-mark 1",
        "-m statistic --mode random --probability 0.5 -j DROP",
    )]
    pub match Statistic {
        /// How packets are picked.
        mode: StatisticMode => "--mode" { required: true, misread: Some("Bad mode \"{}\"") };
        /// The probability that a packet matches; mode `random`.
        [!] probability: Probability => "--probability" { excludes: &["every", "packet"] };
        /// One packet of how many matches; mode `nth`.
        [!] every: u32 => "--every" { min: 1, requires: &["packet"] };
        /// Which of each `every` packets matches, counted from 0; mode `nth`.
        packet: u32 => "--packet";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Statistic>("statistic");

impl Codec for Statistic {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_statistic_info>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let every = self.every.map(|every| every.value);
        match self.mode.unwrap_or(StatisticMode::Random) {
            StatisticMode::Random if self.probability.is_none() => Err(Misfit::Random.into()),
            StatisticMode::Nth if every.is_none() && self.packet.is_none() => Err(Misfit::Nth.into()),
            StatisticMode::Nth if self.packet >= every => Err(Misfit::NthPacket.into()),
            _ => Ok(()),
        }
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mode = self.mode.unwrap_or(StatisticMode::Random);
        let (inverted, every, packet, count) = match mode {
            StatisticMode::Random => {
                let Inv { inverted, value } = self.probability.unwrap_or_default();
                // iptables leaves the probability in the place of the count too.
                (inverted, value.0, 0, value.0)
            }
            StatisticMode::Nth => {
                let Inv { inverted, value } = self.every.unwrap_or_default();
                let (every, packet) = (value.wrapping_sub(1), self.packet.unwrap_or_default());
                // The kernel counts up to `every` and starts anew with the packet that matches.
                (inverted, every, packet, every.wrapping_sub(packet))
            }
        };
        payload.put(&xt_statistic_info {
            mode: mode.number(),
            flags: flag(inverted, XT_STATISTIC_INVERT),
            every,
            packet,
            count,
            master: 0,
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Statistic> {
        let raw: xt_statistic_info = read_raw(bytes)?;
        let unknown = Malformed::Unknown { what: "mode", number: raw.mode.into() };
        let mode = StatisticMode::from_number(raw.mode).ok_or_else(|| Error::from(unknown))?;
        let inverted = raw.flags & XT_STATISTIC_INVERT != 0;
        Ok(match mode {
            StatisticMode::Random => Statistic {
                mode: Some(mode),
                probability: Some(Inv::new(inverted, Probability(raw.every))),
                every: None,
                packet: None,
                ..Statistic::new()
            },
            StatisticMode::Nth => Statistic {
                mode: Some(mode),
                probability: None,
                every: Some(Inv::new(inverted, raw.every.wrapping_add(1))),
                packet: Some(raw.packet),
                ..Statistic::new()
            },
        })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = self.probability {
            show!(out, " statistic mode random{} probability {value}", if inverted { " !" } else { "" });
        }
        if let Some(Inv { inverted, value }) = self.every {
            show!(out, " statistic mode nth{} every {value}", if inverted { " !" } else { "" });
            if let Some(packet @ 1..) = self.packet {
                show!(out, " packet {packet}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            (
                "-m statistic --mode random --probability 0.5",
                "-m statistic --mode random --probability 0.50000000000",
            ),
            (
                "-m statistic --mode random ! --probability 0.33",
                "-m statistic --mode random ! --probability 0.33000000007",
            ),
            (
                "-m statistic --mode nth ! --every 3 --packet 1",
                "-m statistic --mode nth ! --every 3 --packet 1",
            ),
            (
                "-m statistic --mode nth --every 3",
                "!statistic: option \"--every\" also requires \"--packet\".\n",
            ),
            ("-m statistic --mode nth --every 3 --packet 3", "!the --packet p must be 0 <= p <= n-1"),
            ("-m statistic --mode nth --packet 3", "!the --packet p must be 0 <= p <= n-1"),
            ("-m statistic --every 3 --packet 1", "!--probability must be specified when using random mode"),
            ("-m statistic --probability 0.5", "!statistic: option \"--mode\" must be specified\n"),
            (
                "-m statistic --mode random --probability 0.5 --packet 1",
                "!statistic: option \"--probability\" cannot be used together with \"--packet\".\n",
            ),
            (
                "-m statistic --mode nth --every 3 --packet 1 --probability 0.5",
                "!statistic: option \"--probability\" cannot be used together with \"--every\".\n",
            ),
            ("-m statistic --mode nth", "!--every and --packet must be specified when using nth mode"),
            ("-m statistic --mode random", "!--probability must be specified when using random mode"),
            ("-m statistic --mode foo", "!Bad mode \"foo\""),
            (
                "-m statistic --mode random --probability 1.1",
                "!statistic: bad value for option \"--probability\", or out of range (0-1).\n",
            ),
        ]);
    }

    #[test]
    fn counting_starts_so_that_the_packet_matches() {
        for (packet, count) in [(0, 4), (1, 3), (4, 0)] {
            let value = Statistic::new().mode(StatisticMode::Nth).every(5).packet(packet);
            let mut bytes = Vec::new();
            value.encode(&RuleContext::of_revision(Family::Ipv4, 0), &mut Payload::new(&mut bytes)).unwrap();
            let raw: xt_statistic_info = read_raw(&bytes).unwrap();
            assert_eq!((raw.every, raw.packet, raw.count), (4, packet, count));
        }
    }
}
