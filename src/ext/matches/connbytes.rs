//! `connbytes`: how much a connection has transferred. `linux/netfilter/xt_connbytes.h`.

use std::fmt;
use std::ops::{RangeFrom, RangeInclusive};

use crate::ext::prelude::*;
use crate::ext::values::choice;
use crate::types::Span;

raw! {
    "linux/netfilter/xt_connbytes.h"

    /// An inverted range has its ends exchanged.
    struct xt_connbytes_info {
        from = "count.from": u64,
        to = "count.to": u64,
        what: u8,
        direction: u8,
        _padding: [u8; 6],
    }
}

choice! {
    /// The packets of a connection that are counted.
    pub enum ConnbytesDir(u8) as "NAME" {
        /// Those from the end that opened the connection.
        Original = 0 => "original",
        /// Those from the other end.
        Reply = 1 => "reply",
        /// All of them.
        Both = 2 => "both",
    }
}

choice! {
    /// What of a connection is compared.
    pub enum ConnbytesMode(u8) as "NAME" {
        /// The number of packets.
        Packets = 0 => "packets",
        /// The number of bytes.
        Bytes = 1 => "bytes",
        /// The average size of a packet in bytes.
        AvgPkt = 2 => "avgpkt",
    }
}

/// A range of counts, both ends included; written `FROM[:TO]`, where an absent end is the highest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountRange {
    /// The smallest count.
    pub min: u64,
    /// The largest count.
    pub max: u64,
}

impl Default for CountRange {
    fn default() -> CountRange {
        (0..).into()
    }
}

impl From<RangeFrom<u64>> for CountRange {
    fn from(range: RangeFrom<u64>) -> CountRange {
        CountRange { min: range.start, max: u64::MAX }
    }
}

impl From<RangeInclusive<u64>> for CountRange {
    fn from(range: RangeInclusive<u64>) -> CountRange {
        CountRange { min: *range.start(), max: *range.end() }
    }
}

invertible!(RangeFrom<u64> => CountRange, RangeInclusive<u64> => CountRange);

impl fmt::Display for CountRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            u64::MAX => self.min.fmt(f),
            max => write!(f, "{}:{max}", self.min),
        }
    }
}

impl Value for CountRange {
    const KIND: ValueKind = ValueKind::text("FROM[:TO]");

    fn parse(input: &Input<'_>) -> Result<CountRange, BadValue> {
        let Span { min, max } = Span::<u64>::parse(input)?;
        Ok(CountRange { min, max: if input.text().contains(&b':') { max } else { u64::MAX } })
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some((self.min..=self.max).into())
    }
}

options! {
    /// Matches packets by what their connection has transferred so far.
    ///
    /// It needs the connection tracking's counters, `net.netfilter.nf_conntrack_acct`, which the kernel turns on with
    /// the first such rule; connections that exist then are not counted.
    #[header("linux/netfilter/xt_connbytes.h")]
    #[example(
        Ipv4,
        "-m connbytes --connbytes 10000:100000 --connbytes-dir both --connbytes-mode bytes -j DROP",
        "-m connbytes --connbytes 100 --connbytes-dir original --connbytes-mode packets -j ACCEPT",
    )]
    pub match Connbytes {
        /// The range of counts.
        [!] connbytes: CountRange => "--connbytes" { required: true };
        /// Whose packets are counted.
        dir / connbytes_dir: ConnbytesDir => "--connbytes-dir" { required: true, misread: Some("Unknown --connbytes-dir `{}'") };
        /// What is compared: packets, bytes, or bytes per packet.
        mode / connbytes_mode: ConnbytesMode => "--connbytes-mode" { required: true, misread: Some("Unknown --connbytes-mode `{}'") };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Connbytes>("connbytes");

impl Codec for Connbytes {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_connbytes_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: CountRange { min, max } } = self.connbytes.unwrap_or_default();
        if min > max || inverted && min == max {
            let misfit = if inverted { Misfit::InvertedCount } else { Misfit::CountOrder };
            return Err(Error::from(misfit).at_option("connbytes"));
        }
        let (from, to) = if inverted { (max, min) } else { (min, max) };
        payload.put(&xt_connbytes_info {
            from,
            to,
            what: self.mode.unwrap_or(ConnbytesMode::Packets).number(),
            direction: self.dir.unwrap_or(ConnbytesDir::Both).number(),
            _padding: [0; 6],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Connbytes> {
        let raw: xt_connbytes_info = read_raw(bytes)?;
        let unknown = |what, number: u8| Error::from(Malformed::Unknown { what, number: number.into() });
        let (min, max) = (raw.from.min(raw.to), raw.from.max(raw.to));
        Ok(Connbytes {
            connbytes: Some(Inv::new(raw.from > raw.to, CountRange { min, max })),
            dir: Some(
                ConnbytesDir::from_number(raw.direction)
                    .ok_or_else(|| unknown("direction", raw.direction))?,
            ),
            mode: Some(ConnbytesMode::from_number(raw.what).ok_or_else(|| unknown("mode", raw.what))?),
            ..Connbytes::new()
        })
    }

    /// The mode comes before the direction here.
    fn save(&self, sink: &mut dyn Sink) {
        use crate::ext::mechanism::field::Field;
        self.connbytes.show(opt!(Connbytes, connbytes), None, sink);
        self.mode.show(opt!(Connbytes, mode), None, sink);
        self.dir.show(opt!(Connbytes, dir), None, sink);
    }

    fn list(&self, out: &mut List<'_>) {
        let connbytes = self.connbytes.unwrap_or_default();
        show!(out, " {}connbytes {}", if connbytes.inverted { "! " } else { "" }, connbytes.value);
        if let (Some(mode), Some(dir)) = (self.mode, self.dir) {
            show!(out, " connbytes mode {mode} connbytes direction {dir}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let range =
            |range| format!("-m connbytes --connbytes {range} --connbytes-dir both --connbytes-mode bytes");
        let printed =
            |range| format!("-m connbytes --connbytes {range} --connbytes-mode bytes --connbytes-dir both");
        for (text, expected) in [
            ("10", "10"),
            ("10:", "10"),
            (":0x10", "0:16"),
            ("10:10", "10:10"),
            ("0:0", "0:0"),
            (":", "0"),
            ("5:18446744073709551615", "5"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            check(&[(&range(text), &printed(expected))]);
        }
        check(&[
            (
                "-m connbytes ! --connbytes 5:7 --connbytes-dir reply --connbytes-mode avgpkt",
                "-m connbytes ! --connbytes 5:7 --connbytes-mode avgpkt --connbytes-dir reply",
            ),
            (
                "-m connbytes ! --connbytes 0 --connbytes-dir original --connbytes-mode packets",
                "-m connbytes ! --connbytes 0 --connbytes-mode packets --connbytes-dir original",
            ),
            ("-m connbytes", "!connbytes: option \"--connbytes\" must be specified\n"),
            ("-m connbytes --connbytes 1", "!connbytes: option \"--connbytes-dir\" must be specified\n"),
            (
                "-m connbytes --connbytes 1 --connbytes-dir both",
                "!connbytes: option \"--connbytes-mode\" must be specified\n",
            ),
            ("-m connbytes --connbytes-dir BOTH", "!Unknown --connbytes-dir `BOTH'"),
            ("-m connbytes --connbytes-mode foo", "!Unknown --connbytes-mode `foo'"),
            (
                "-m connbytes --connbytes 20:10",
                "!connbytes: bad value for option \"--connbytes\" near \"10\", or out of range (20-18446744073709551615).\n",
            ),
        ]);
    }

    /// One number alone is read as it and more, so it cannot stand for a range of one.
    #[test]
    fn one_count_stays_one_in_json() -> Result<()> {
        for range in ["5:5", "0:0", "5", "18446744073709551615", "! 5:6"] {
            let (not, range) = range.split_once(' ').unwrap_or(("", range));
            let line =
                format!("-m connbytes {not} --connbytes {range} --connbytes-mode bytes --connbytes-dir both");
            let rule = crate::Rule::parse(Family::Ipv4, &line)?;
            let json = rule.to_json();
            assert!(json.contains("\"min\"") && !json.contains("data"), "{json}");
            assert_eq!(crate::Rule::from_json(&json)?, rule);
        }
        Ok(())
    }

    #[test]
    fn one_count_cannot_be_inverted() {
        let line = "-m connbytes ! --connbytes 7:7 --connbytes-dir both --connbytes-mode bytes";
        let error = crate::Rule::parse(Family::Ipv4, line).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    }
}
