//! Protocols, ports and ranges.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeToInclusive};

use super::fmt::padded;
use super::inv::{comparable, invertible};

/// A protocol number of the IP header, or 0 for any.
///
/// The constants are those that iptables knows by name without asking `/etc/protocols`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Protocol(pub u8);

macro_rules! protocols {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $($text:literal),+;)*) => {
        impl Protocol {
            $($(#[doc = $doc])* pub const $name: Protocol = Protocol($number);)*

            /// Names and numbers; of several names of one number the first is the one printed.
            const NAMES: &'static [(&'static str, u8)] = &[$($(($text, $number)),+),*];
        }
    };
}

protocols! {
    /// Any protocol.
    ANY = 0, "all";
    /// Transmission Control Protocol.
    TCP = 6, "tcp";
    /// Stream Control Transmission Protocol.
    SCTP = 132, "sctp";
    /// User Datagram Protocol.
    UDP = 17, "udp";
    /// UDP-Lite.
    UDPLITE = 136, "udplite";
    /// Internet Control Message Protocol.
    ICMP = 1, "icmp";
    /// ICMP for IPv6.
    ICMPV6 = 58, "ipv6-icmp", "icmpv6";
    /// Encapsulating Security Payload.
    ESP = 50, "esp";
    /// Authentication Header.
    AH = 51, "ah";
    /// Mobility Header of Mobile IPv6.
    MH = 135, "mobility-header", "ipv6-mh", "mh";
    /// Datagram Congestion Control Protocol.
    DCCP = 33, "dccp";
    /// IP Payload Compression.
    IPCOMP = 108, "ipcomp";
}

impl Protocol {
    /// Internet Group Management Protocol. In rules a number, unless `/etc/protocols` has a name for it.
    pub const IGMP: Protocol = Protocol(2);
    /// Generic Routing Encapsulation. In rules a number, unless `/etc/protocols` has a name for it.
    pub const GRE: Protocol = Protocol(47);

    /// The name that iptables prints for the protocol without looking into `/etc/protocols`.
    ///
    /// ```
    /// use libfw::Protocol;
    ///
    /// assert_eq!(Protocol::TCP.name(), Some("tcp"));
    /// assert_eq!(Protocol(99).name(), None);
    /// ```
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        // The three that make up nearly every rule set.
        match self.0 {
            6 => return Some("tcp"),
            17 => return Some("udp"),
            1 => return Some("icmp"),
            _ => {}
        }
        Protocol::NAMES.iter().find(|(_, number)| *number == self.0).map(|(name, _)| *name)
    }

    /// The protocol of a built-in name in lower case.
    pub(crate) fn from_name(name: &[u8]) -> Option<Protocol> {
        match name {
            b"tcp" => return Some(Protocol::TCP),
            b"udp" => return Some(Protocol::UDP),
            _ => {}
        }
        let known = Protocol::NAMES.iter().find(|(known, _)| known.as_bytes() == name);
        known.map(|(_, number)| Protocol(*number))
    }
}

impl From<u8> for Protocol {
    fn from(number: u8) -> Protocol {
        Protocol(number)
    }
}

impl From<&Protocol> for Protocol {
    fn from(protocol: &Protocol) -> Protocol {
        *protocol
    }
}

invertible!(u8 => Protocol, &Protocol => Protocol);
comparable!(Protocol: u8);

impl From<Protocol> for u8 {
    fn from(protocol: Protocol) -> u8 {
        protocol.0
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => self.0.fmt(f),
        }
    }
}

/// A port of TCP, UDP, SCTP, DCCP or UDP-Lite, in host order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port(pub u16);

impl From<u16> for Port {
    fn from(port: u16) -> Port {
        Port(port)
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> u16 {
        port.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A range of ports, both ends included.
///
/// ```
/// use libfw::PortRange;
///
/// assert_eq!(PortRange::from(80).to_string(), "80");
/// assert_eq!(PortRange::from(1024..=65535).to_string(), "1024:65535");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortRange {
    /// The first port.
    pub min: u16,
    /// The last port.
    pub max: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: PortRange = PortRange { min: 0, max: u16::MAX };

    /// The ports from the first to the last. One that ends before it begins is refused when a rule is made of it.
    ///
    /// ```
    /// use libfw::PortRange;
    ///
    /// assert_eq!(PortRange::new(80, 90), PortRange::from(80..=90));
    /// ```
    #[must_use]
    pub const fn new(min: u16, max: u16) -> PortRange {
        PortRange { min, max }
    }

    /// Whether the port is in the range.
    ///
    /// ```
    /// use libfw::PortRange;
    ///
    /// let range = PortRange::new(80, 90);
    /// assert!(range.contains(90) && !range.contains(91));
    /// ```
    #[must_use]
    pub fn contains(self, port: impl Into<Port>) -> bool {
        (self.min..=self.max).contains(&port.into().0)
    }

    /// Whether the range holds every port.
    ///
    /// ```
    /// use libfw::PortRange;
    ///
    /// assert!("0:65535".parse::<PortRange>()?.is_all());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.min == 0 && self.max == u16::MAX
    }
}

impl From<u16> for PortRange {
    fn from(port: u16) -> PortRange {
        PortRange { min: port, max: port }
    }
}

impl From<Port> for PortRange {
    fn from(port: Port) -> PortRange {
        port.0.into()
    }
}

impl From<RangeInclusive<u16>> for PortRange {
    fn from(range: RangeInclusive<u16>) -> PortRange {
        PortRange { min: *range.start(), max: *range.end() }
    }
}

/// One that holds no port is refused when a rule is made of it.
impl From<Range<u16>> for PortRange {
    fn from(range: Range<u16>) -> PortRange {
        match range.end.checked_sub(1) {
            Some(max) => PortRange { min: range.start, max },
            None => PortRange { min: 1, max: 0 },
        }
    }
}

/// This port and all above.
impl From<RangeFrom<u16>> for PortRange {
    fn from(range: RangeFrom<u16>) -> PortRange {
        PortRange { min: range.start, max: u16::MAX }
    }
}

/// This port and all below.
impl From<RangeToInclusive<u16>> for PortRange {
    fn from(range: RangeToInclusive<u16>) -> PortRange {
        PortRange { min: 0, max: range.end }
    }
}

impl From<&u16> for PortRange {
    fn from(port: &u16) -> PortRange {
        (*port).into()
    }
}

impl From<&PortRange> for PortRange {
    fn from(range: &PortRange) -> PortRange {
        *range
    }
}

/// To iterate over the ports.
///
/// ```
/// use std::ops::RangeInclusive;
///
/// use libfw::PortRange;
///
/// assert_eq!(RangeInclusive::from(PortRange::new(80, 90)).count(), 11);
/// ```
impl From<PortRange> for RangeInclusive<u16> {
    fn from(range: PortRange) -> RangeInclusive<u16> {
        range.min..=range.max
    }
}

comparable!(PortRange: u16, Port, RangeInclusive<u16>);

invertible!(
    &u16 => PortRange, &PortRange => PortRange,
    u16 => PortRange, Port => PortRange, RangeInclusive<u16> => PortRange,
    Range<u16> => PortRange, RangeFrom<u16> => PortRange, RangeToInclusive<u16> => PortRange,
);

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            self.min.fmt(f)
        } else {
            padded(f, format_args!("{}:{}", self.min, self.max))
        }
    }
}

/// A range of numbers, both ends included; written `MIN:MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span<T> {
    /// The smallest number.
    pub min: T,
    /// The largest number.
    pub max: T,
}

impl<T> Span<T> {
    /// The numbers from the smallest to the largest.
    ///
    /// ```
    /// use libfw::Span;
    ///
    /// assert_eq!(Span::new(40_u16, 1500), Span::from(40..=1500));
    /// ```
    #[must_use]
    pub const fn new(min: T, max: T) -> Span<T> {
        Span { min, max }
    }

    /// Whether the number is in the range.
    ///
    /// ```
    /// use libfw::Span;
    ///
    /// assert!(Span::new(40, 1500).contains(&576));
    /// ```
    #[must_use]
    pub fn contains(&self, number: &T) -> bool
    where
        T: PartialOrd,
    {
        (&self.min..=&self.max).contains(&number)
    }
}

impl<T: Copy> From<T> for Span<T> {
    fn from(number: T) -> Span<T> {
        Span { min: number, max: number }
    }
}

impl<T: Copy> From<RangeInclusive<T>> for Span<T> {
    fn from(range: RangeInclusive<T>) -> Span<T> {
        Span { min: *range.start(), max: *range.end() }
    }
}

impl<T> From<Span<T>> for RangeInclusive<T> {
    fn from(span: Span<T>) -> RangeInclusive<T> {
        span.min..=span.max
    }
}

macro_rules! half_open {
    ($($ty:ty),*) => {$(
        /// One that holds no number is refused when a rule is made of it.
        impl From<Range<$ty>> for Span<$ty> {
            fn from(range: Range<$ty>) -> Span<$ty> {
                match range.end.checked_sub(1) {
                    Some(max) => Span { min: range.start, max },
                    None => Span { min: 1, max: 0 },
                }
            }
        }

        impl From<RangeFrom<$ty>> for Span<$ty> {
            fn from(range: RangeFrom<$ty>) -> Span<$ty> {
                Span { min: range.start, max: <$ty>::MAX }
            }
        }

        impl From<RangeToInclusive<$ty>> for Span<$ty> {
            fn from(range: RangeToInclusive<$ty>) -> Span<$ty> {
                Span { min: 0, max: range.end }
            }
        }

        invertible!(
            $ty => Span<$ty>, RangeInclusive<$ty> => Span<$ty>, Range<$ty> => Span<$ty>, RangeFrom<$ty> => Span<$ty>,
            RangeToInclusive<$ty> => Span<$ty>,
        );
    )*};
}
half_open!(u16, u32, u64);

impl<T: fmt::Display + PartialEq> fmt::Display for Span<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            self.min.fmt(f)
        } else {
            padded(f, format_args!("{}:{}", self.min, self.max))
        }
    }
}
