//! The values of options in the kinds that every language has.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::context::RuleContext;
use super::field::Value;
use super::options::{Form, Opt, ValueKind};
use super::print::{Printer, Style};
use crate::error::BadValue;
use crate::ext::values::{ByteCount, DayTime, IcmpType, MacAddr, Moment, NatRange, RateUnit};
use crate::types::fmt::number;
use crate::{AddrMask, PortRange};

/// The value of an option of any match or target, in kinds that every language has.
///
/// C, Python and JSON make their values of it. [`MatchRef::values`](crate::MatchRef::values) returns those of a rule, and
/// [`Match::from_values`](crate::Match::from_values) takes them.
///
/// ```
/// use libfw::{Datum, Family, Match, Rule};
///
/// let rule = Rule::parse(Family::Ipv4, "-m limit --limit 10/min -p tcp --dport 80:90")?;
/// let values = rule.view().matches().last().unwrap().values()?;
/// assert_eq!((values[0].opt.name, &values[0].value), ("dport", &Datum::Range { min: 80, max: 90 }));
///
/// let tcp = Match::from_values("tcp", [("dport", false, Datum::from(80..=90u16))])?;
/// let rule = Rule::builder().protocol("tcp").matching(tcp).build(Family::Ipv4)?;
/// assert_eq!(rule.to_string(), "-p tcp -m tcp --dport 80:90");
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Datum {
    /// The option takes no value: it is there.
    Flag,
    /// A number: a port, a length, seconds.
    Number(u64),
    /// A number under a mask, such as a mark.
    Masked {
        /// The number.
        value: u64,
        /// The bits that count.
        mask: u64,
    },
    /// Numbers from one to another, both included, such as ports. One number may be given as one.
    Range {
        /// The first.
        min: u64,
        /// The last.
        max: u64,
    },
    /// An address.
    Address(IpAddr),
    /// An address and its mask.
    Network(AddrMask),
    /// Addresses from one to another, both included.
    Addresses {
        /// The first.
        first: IpAddr,
        /// The last.
        last: IpAddr,
    },
    /// The address of a network card.
    Mac(MacAddr),
    /// A span of time.
    Duration(Duration),
    /// A time of the day.
    Time(DayTime),
    /// A date and a time.
    Moment(Moment),
    /// A number of events per unit of time: bytes, or packets.
    Rate {
        /// How many.
        count: u64,
        /// The unit of time.
        per: RateUnit,
        /// Whether bytes are counted.
        bytes: bool,
    },
    /// The addresses, the ports, or both that a packet is mapped to.
    Nat(NatRange),
    /// A type of ICMP or ICMPv6 and its codes.
    Icmp(IcmpType),
    /// A number of bytes, of an option that takes packets too.
    Bytes(u64),
    /// One of the option's [choices](ValueKind::choices).
    Name(&'static str),
    /// Some of the option's [choices](ValueKind::choices).
    Names(Vec<&'static str>),
    /// Any other text, which need not be UTF-8: the name of something, a prefix, or what has a grammar of its own.
    Text(Vec<u8>),
    /// Several values: ports of `multiport`, the mask and the flags of `--tcp-flags`.
    List(Vec<Datum>),
}

macro_rules! from {
    ($($from:ty: $value:ident => $datum:expr;)*) => {$(
        impl From<$from> for Datum {
            fn from($value: $from) -> Datum {
                $datum
            }
        }
    )*};
}

from! {
    u8: number => Datum::Number(number.into());
    u16: number => Datum::Number(number.into());
    u32: number => Datum::Number(number.into());
    u64: number => Datum::Number(number);
    RangeInclusive<u64>: range => Datum::Range { min: *range.start(), max: *range.end() };
    RangeInclusive<u32>: range => Datum::Range { min: (*range.start()).into(), max: (*range.end()).into() };
    RangeInclusive<u16>: range => Datum::Range { min: (*range.start()).into(), max: (*range.end()).into() };
    PortRange: range => Datum::Range { min: range.min.into(), max: range.max.into() };
    IpAddr: address => Datum::Address(address);
    Ipv4Addr: address => Datum::Address(address.into());
    Ipv6Addr: address => Datum::Address(address.into());
    AddrMask: network => Datum::Network(network);
    MacAddr: address => Datum::Mac(address);
    NatRange: range => Datum::Nat(range);
    IcmpType: icmp => Datum::Icmp(icmp);
    Duration: duration => Datum::Duration(duration);
    &str: text => Datum::Text(text.into());
    String: text => Datum::Text(text.into());
    &[u8]: text => Datum::Text(text.into());
    Vec<u8>: text => Datum::Text(text);
    Vec<Datum>: list => Datum::List(list);
}

/// An option that a match or target has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OptionDatum {
    /// The option, which knows its names and what its values look like.
    pub opt: &'static Opt,
    /// Whether it is inverted.
    pub inverted: bool,
    /// Its value.
    pub value: Datum,
}

impl Datum {
    /// The value that a text stands for, as far as can be told from the kind of the option's values: a number, a name, or else
    /// the text itself.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Datum, Family};
    ///
    /// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
    /// let burst = limit.option("limit-burst").unwrap();
    /// assert_eq!(Datum::of_text(burst.kind, b"7".to_vec()), Datum::Number(7));
    /// ```
    #[must_use]
    pub fn of_text(kind: ValueKind, text: Vec<u8>) -> Datum {
        let choice = |part: &[u8]| kind.choices.iter().copied().find(|name| name.as_bytes() == part);
        let datum = match kind.form {
            Form::Flag => Some(Datum::Flag),
            Form::Integer => number(&text).map(Datum::Number),
            Form::List => {
                text.split(|byte| *byte == b',').map(choice).collect::<Option<_>>().map(Datum::Names)
            }
            Form::Text => choice(&text).map(Datum::Name),
        };
        datum.unwrap_or(Datum::Text(text))
    }

    /// The number from which the option reads this value, if there is one: of a range that has no other, or under a mask of all bits.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Datum, Family};
    ///
    /// let find = |name| ext::find(ExtensionKind::Match, name, Family::Ipv4).unwrap();
    /// let five = Datum::Range { min: 5, max: 5 };
    /// assert_eq!(five.as_number(find("tcp").option("dport").unwrap()), Some(5));
    /// // There it is read as 5 and more.
    /// assert_eq!(five.as_number(find("connbytes").option("connbytes").unwrap()), None);
    /// ```
    #[must_use]
    pub fn as_number(&self, opt: &Opt) -> Option<u64> {
        match *self {
            Datum::Number(number) | Datum::Masked { value: number, mask: 0xffff_ffff } => Some(number),
            Datum::Range { min, max } => (min == max && opt.kind.label != "FROM[:TO]").then_some(min),
            _ => None,
        }
    }

    /// The text from which the option reads this value.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Datum, Family};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).unwrap();
    /// let ports = Datum::Range { min: 80, max: 90 };
    /// assert_eq!(ports.to_text(tcp.option("dport").unwrap()), b"80:90");
    /// ```
    #[must_use]
    pub fn to_text(&self, opt: &Opt) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(opt.kind.label, opt.words, &mut out);
        out
    }

    /// Appends it as an option of so many words reads it, for which that stands in a synopsis.
    fn write(&self, label: &str, words: u8, out: &mut Vec<u8>) {
        let put = |out: &mut Vec<u8>, text: fmt::Arguments<'_>| {
            let _ = std::io::Write::write_fmt(out, text);
        };
        match self {
            Datum::Flag => {}
            Datum::Number(number) => put(out, format_args!("{number}")),
            Datum::Masked { value, mask } => put(out, format_args!("{value:#x}/{mask:#x}")),
            Datum::Range { min, max } if label.is_empty() && min == max => put(out, format_args!("{min}")),
            // Written with what stands between the two in the synopsis.
            Datum::Range { min, max } if label.contains('-') => put(out, format_args!("{min}-{max}")),
            Datum::Range { min, max } => put(out, format_args!("{min}:{max}")),
            Datum::Address(address) => put(out, format_args!("{address}")),
            Datum::Network(network) => put(out, format_args!("{network}")),
            Datum::Addresses { first, last } => put(out, format_args!("{first}-{last}")),
            Datum::Mac(address) => put(out, format_args!("{address}")),
            Datum::Duration(time) if label.contains("MILLI") => {
                put(out, format_args!("{}", time.as_millis()))
            }
            Datum::Duration(time) if label.contains("SECONDS") => {
                put(out, format_args!("{}", time.as_secs()))
            }
            // Where a unit is read there is one in the synopsis.
            Datum::Duration(time) if label.contains("us") || time.subsec_nanos() > 0 => {
                put(out, format_args!("{}us", time.as_micros()))
            }
            // What takes a bare number says nowhere of what: it is not for this to guess.
            Datum::Duration(time) => put(out, format_args!("{}s", time.as_secs())),
            Datum::Time(time) => put(out, format_args!("{time}")),
            Datum::Moment(moment) => put(out, format_args!("{moment}")),
            Datum::Rate { count, bytes: true, .. } => put(out, format_args!("{}/s", ByteCount(*count))),
            Datum::Rate { count, per, .. } => put(out, format_args!("{count}/{per}")),
            Datum::Nat(range) => range.write(out),
            Datum::Icmp(icmp) => put(out, format_args!("{icmp}")),
            Datum::Bytes(bytes) => put(out, format_args!("{}", ByteCount(*bytes))),
            Datum::Name(name) => out.extend_from_slice(name.as_bytes()),
            Datum::Names(names) => out.extend_from_slice(names.join(",").as_bytes()),
            Datum::Text(text) => out.extend_from_slice(text),
            Datum::List(list) => {
                let separator = if words == 2 { b' ' } else { b',' };
                for (index, datum) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(separator);
                    }
                    datum.write(label, words, out);
                }
            }
        }
    }
}

/// As most options have it; [`to_text`](Datum::to_text) knows which option it is for.
///
/// ```
/// use libfw::Datum;
///
/// assert_eq!(Datum::from(80..=90u16).to_string(), "80:90");
/// ```
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        self.write("", 1, &mut out);
        f.pad(&String::from_utf8_lossy(&out))
    }
}

/// A value that is shown as an option.
pub trait Shown {
    /// Prints it.
    fn print(&self, out: &mut Printer<'_>);

    /// The value in a kind that every language has.
    fn datum(&self, cx: &RuleContext<'_>) -> Datum;

    /// What is wrong with it.
    fn check(&self, _: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        Ok(())
    }
}

/// A value that is printed in a way of its own.
pub(crate) struct Printed<F> {
    pub(crate) datum: Datum,
    pub(crate) print: F,
}

impl<F: Fn(&mut Printer<'_>)> Shown for Printed<F> {
    fn print(&self, out: &mut Printer<'_>) {
        (self.print)(out);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Datum {
        self.datum.clone()
    }
}

impl<T: Value> Shown for T {
    fn print(&self, out: &mut Printer<'_>) {
        Value::print(self, out);
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Datum {
        Value::datum(self, cx).unwrap_or_else(|| {
            let mut text = Vec::new();
            Value::print(self, &mut Printer { out: &mut text, style: Style::Value, bare: true, cx });
            Datum::of_text(T::KIND, text)
        })
    }

    fn check(&self, opt: &'static Opt, cx: &RuleContext<'_>) -> Result<(), BadValue> {
        Value::check(self, opt, cx)
    }
}
