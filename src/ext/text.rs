//! Values by themselves, outside of an option: `"22:80".parse::<PortRange>()` and what prints them.

use std::fmt;

use super::mechanism::engine;
use super::mechanism::field::shape;
use super::values::*;
use crate::ext::prelude::*;
use crate::ext::{Opt, System, context, matches::*, targets::*};
use crate::types::text::breaks_line;
use crate::types::{Port, PortRange, Span};

/// An option that stands for a value by itself.
struct Alone<T>(T);

impl<T: Value> Alone<T> {
    const OPT: &'static Opt = &Opt::new(shape::<T>(false), "--", "value");
}

/// Some values, such as lists of ports, are only read in a rule about a protocol that has them.
fn surroundings(family: Family) -> RuleContext<'static> {
    context(family, Protocol::TCP.into(), System::offline())
}

/// Reads a value as an option has it. Where the families write it differently, either will do.
pub(crate) fn read<T: Value>(text: &str) -> Result<T> {
    let read = |family| {
        let input = Input {
            words: engine::words(T::WORDS, text.as_bytes())?,
            datum: None,
            opt: Alone::<T>::OPT,
            cx: &surroundings(family),
            position: 0,
        };
        T::parse(&input)
    };
    let value = match breaks_line(text.as_bytes()) {
        true => Err(BadValue::Broken),
        false => read(Family::Ipv4).or_else(|mistake| read(Family::Ipv6).map_err(|_| mistake)),
    };
    value.map_err(|expected| Error::bad_value(text, expected))
}

pub(crate) fn show<T: Value>(value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = Vec::new();
    value.print(&mut Printer {
        out: &mut out,
        style: Style::Value,
        bare: true,
        cx: &surroundings(Family::Ipv4),
    });
    f.pad(&String::from_utf8_lossy(&out))
}

/// The text of an option's value, both ways.
macro_rules! read_from_text {
    ($($ty:ty),* $(,)?) => {$(
        /// Reads the value as the options of iptables have it.
        impl ::std::str::FromStr for $ty {
            type Err = $crate::Error;

            fn from_str(text: &str) -> $crate::Result<$ty> {
                $crate::ext::text::read(text)
            }
        }
    )*};
}
pub(crate) use read_from_text;

/// A text for a value of an option: it is read, where it is not just kept.
macro_rules! words {
    ($($ty:ty),* $(,)?) => {
        $(impl $crate::types::setting::OfWord for $ty {})*
        $crate::ext::text::read_from_text!($($ty),*);
        #[cfg(feature = "serde")]
        $crate::types::json::serde::texts!($($ty;)*);
    };
}
pub(crate) use words;

macro_rules! printed_as_text {
    ($($ty:ty),* $(,)?) => {$(
        /// Prints the value as the options of iptables have it.
        impl ::std::fmt::Display for $ty {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::ext::text::show(self, f)
            }
        }
    )*};
}
pub(crate) use printed_as_text;

// Those of `choice!` and `flags!` have this by themselves.
words! {
    AddrBits, AddrRange, ArpOpcode, ArpProtocol, Bit, Bits32, BpfProgram, ByteRate, ClassId, ConnLabel, CountRange, CtStatus, DayTime, DccpTypes, super::values::Dscp, EstimatorTime, GidRange, GroupMask, HardwareLength, HardwareType, HashBurst, HashInterval, HashRate, Hex<1>, Hex<8>, HexMark, HexPattern, Icmp4Type, Icmp6Type, Ip6Headers, Ip6Options, LedDelay, LogLevel, MacAddr, MacMask, MarkMask, MhTypes, Moment, Monthdays, NatPorts, NatRange, Netmask, PacketRate, PlainState, Port, PortBits, PortRange, PortSet, PrefixLength, Probability, Protocol, ProtocolBits, ProtocolNumber, QueueRange, Rate, RealmMask, RejectWith, RouteAddrs, SctpChunks, Segment, SetCounter, SetRef, SetTimeout, Span<u16>, Span<u32>, Span<u64>, Spi, TcpFlagsTest, TcpOption, TcpOptions, TosMask, U32Program, UidRange, Weekdays, Zone,
}

read_from_text!(Pattern);

printed_as_text! {
    AddrBits, ArpOpcode, ArpProtocol, Bit, Bits32, ByteRate, ConnLabel, CtStatus, DccpTypes, super::values::Dscp, EstimatorTime, GidRange, GroupMask, HardwareLength, HardwareType, HashBurst, HashInterval, Hex<1>, Hex<8>, HexMark, HexPattern, Icmp4Type, Icmp6Type, Ip6Headers, Ip6Options, LedDelay, LogLevel, MacMask, MarkMask, MhTypes, Moment, Monthdays, NatPorts, NatRange, PacketRate, Pattern, PlainState, PortBits, PortSet, PrefixLength, ProtocolBits, ProtocolNumber, QueueRange, RealmMask, RejectWith, RouteAddrs, SctpChunks, Segment, SetCounter, SetRef, SetTimeout, Spi, TcpFlagsTest, TcpOption, TcpOptions, TosMask, U32Program, UidRange, Weekdays, Zone,
}
