//! Packets made and read by hand.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An IP packet. Lengths and checksums are not here: they are made when it is sent, and checked when it is received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Where it comes from.
    pub source: IpAddr,
    /// Where it goes.
    pub destination: IpAddr,
    /// The type of service (IPv4) or the traffic class (IPv6).
    pub tos: u8,
    /// The time to live (IPv4) or the hop limit (IPv6).
    pub ttl: u8,
    /// The identification (IPv4).
    pub id: u16,
    /// The flags and the offset of a fragment (IPv4).
    pub fragment: u16,
    /// The extension headers with their numbers (IPv6). The first octet of each is filled in when the packet is sent.
    pub extensions: Vec<(u8, Vec<u8>)>,
    /// What it carries.
    pub body: Body,
    /// What was found in place of the checksum of the body.
    pub sum: Sum,
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A datagram of UDP.
    Udp {
        /// Its port at the source.
        source: u16,
        /// Its port at the destination.
        destination: u16,
        /// The data.
        data: Vec<u8>,
    },
    /// A segment of TCP.
    Tcp(Segment),
    /// A message of ICMP or of ICMPv6.
    Icmp {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
        /// What follows the checksum.
        rest: Vec<u8>,
    },
    /// Anything else, and every fragment.
    Other {
        /// The number of the protocol.
        protocol: u8,
        /// The octets, with whatever checksum they contain.
        data: Vec<u8>,
    },
}

/// A segment of TCP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Its port at the source.
    pub source: u16,
    /// Its port at the destination.
    pub destination: u16,
    /// The number of its first octet.
    pub sequence: u32,
    /// The number of the octet that the sender expects.
    pub acknowledgment: u32,
    /// The flags, such as [`Segment::SYN`].
    pub flags: u8,
    /// The octets that the sender can take.
    pub window: u16,
    /// The options. Their length is a multiple of four.
    pub options: Vec<u8>,
    /// The data.
    pub data: Vec<u8>,
}

impl Segment {
    /// The last segment.
    pub const FIN: u8 = 0x01;
    /// The first segment.
    pub const SYN: u8 = 0x02;
    /// The end of a connection that there should not be.
    pub const RST: u8 = 0x04;
    /// Data to be handed on.
    pub const PSH: u8 = 0x08;
    /// An acknowledgment.
    pub const ACK: u8 = 0x10;
    /// Urgent data.
    pub const URG: u8 = 0x20;
    /// Congestion was experienced.
    pub const ECE: u8 = 0x40;
    /// The congestion window was reduced.
    pub const CWR: u8 = 0x80;
}

/// The checksum of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// It is right, or the body has none.
    Right,
    /// Only addresses and lengths were added up; the rest is left to the hardware. So do hosts on their own wire.
    Unfinished,
    /// It is wrong.
    Wrong,
}

/// The protocols that a body can be, by their numbers.
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

/// The extension headers of IPv6 that are read: hop-by-hop, routing, fragment, authentication, destination.
const EXTENSIONS: [u8; 5] = [0, 43, 44, 51, 60];
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;

/// The flag of IPv4 that more fragments follow, and the offset.
const FRAGMENTED: u16 = 0x3fff;

impl Packet {
    /// A packet with some body.
    #[must_use]
    pub fn new(source: impl Into<IpAddr>, destination: impl Into<IpAddr>, body: Body) -> Packet {
        Packet {
            source: source.into(),
            destination: destination.into(),
            tos: 0,
            ttl: 64,
            id: 1,
            fragment: 0,
            extensions: Vec::new(),
            body,
            sum: Sum::Right,
        }
    }

    /// A datagram of UDP.
    #[must_use]
    pub fn udp(source: impl Into<SocketAddr>, destination: impl Into<SocketAddr>, data: &[u8]) -> Packet {
        let (source, destination) = (source.into(), destination.into());
        let body = Body::Udp { source: source.port(), destination: destination.port(), data: data.to_vec() };
        Packet::new(source.ip(), destination.ip(), body)
    }

    /// A segment of TCP, with flags and nothing else.
    #[must_use]
    pub fn tcp(source: impl Into<SocketAddr>, destination: impl Into<SocketAddr>, flags: u8) -> Packet {
        let (source, destination) = (source.into(), destination.into());
        let segment = Segment {
            source: source.port(),
            destination: destination.port(),
            flags,
            window: 1024,
            ..Segment::default()
        };
        Packet::new(source.ip(), destination.ip(), Body::Tcp(segment))
    }

    /// A message of ICMP or of ICMPv6.
    #[must_use]
    pub fn icmp(source: impl Into<IpAddr>, destination: impl Into<IpAddr>, kind: u8, code: u8) -> Packet {
        Packet::new(source, destination, Body::Icmp { kind, code, rest: vec![0; 4] })
    }

    /// A packet of another protocol.
    #[must_use]
    pub fn other(
        source: impl Into<IpAddr>,
        destination: impl Into<IpAddr>,
        protocol: u8,
        data: &[u8],
    ) -> Packet {
        Packet::new(source, destination, Body::Other { protocol, data: data.to_vec() })
    }

    /// The segment of TCP that it carries.
    #[must_use]
    pub fn segment(&self) -> Option<&Segment> {
        match &self.body {
            Body::Tcp(segment) => Some(segment),
            _ => None,
        }
    }

    /// The same packet with another segment of TCP, if it carries one.
    #[must_use]
    pub fn with_segment(mut self, change: impl FnOnce(&mut Segment)) -> Packet {
        if let Body::Tcp(segment) = &mut self.body {
            change(segment);
        }
        self
    }

    /// The octets of the packet.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body_bytes();
        let protocol = self.protocol();
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let mut bytes = vec![0x45, self.tos];
                bytes.extend((20 + body.len() as u16).to_be_bytes());
                bytes.extend(self.id.to_be_bytes());
                bytes.extend(self.fragment.to_be_bytes());
                bytes.extend([self.ttl, protocol, 0, 0]);
                bytes.extend(source.octets());
                bytes.extend(destination.octets());
                let sum = checksum(&bytes);
                bytes[10..12].copy_from_slice(&sum.to_be_bytes());
                bytes.extend(body);
                bytes
            }
            (source, destination) => {
                let mut kinds: Vec<u8> = self.extensions.iter().map(|(kind, _)| *kind).collect();
                kinds.push(protocol);
                let mut rest = Vec::new();
                for ((_, extension), next) in self.extensions.iter().zip(&kinds[1..]) {
                    rest.push(*next);
                    rest.extend(extension.iter().skip(1));
                }
                rest.extend(body);
                let mut bytes = (0x6000_0000 | u32::from(self.tos) << 20).to_be_bytes().to_vec();
                bytes.extend((rest.len() as u16).to_be_bytes());
                bytes.extend([kinds[0], self.ttl]);
                bytes.extend(octets(source));
                bytes.extend(octets(destination));
                bytes.extend(rest);
                bytes
            }
        }
    }

    /// The number of what it carries.
    fn protocol(&self) -> u8 {
        match self.body {
            Body::Udp { .. } => UDP,
            Body::Tcp(_) => TCP,
            Body::Icmp { .. } if self.source.is_ipv4() => ICMP,
            Body::Icmp { .. } => ICMPV6,
            Body::Other { protocol, .. } => protocol,
        }
    }

    fn body_bytes(&self) -> Vec<u8> {
        let (mut bytes, sum_at) = match &self.body {
            Body::Udp { source, destination, data } => {
                let length = 8 + data.len() as u16;
                let words = [*source, *destination, length, 0].map(u16::to_be_bytes);
                ([words.as_flattened(), data].concat(), 6)
            }
            Body::Tcp(segment) => {
                let mut bytes = [segment.source, segment.destination].map(u16::to_be_bytes).concat();
                bytes.extend(segment.sequence.to_be_bytes());
                bytes.extend(segment.acknowledgment.to_be_bytes());
                bytes.extend([((5 + segment.options.len() / 4) << 4) as u8, segment.flags]);
                bytes.extend(segment.window.to_be_bytes());
                bytes.extend([0; 4]);
                bytes.extend(&segment.options);
                bytes.extend(&segment.data);
                (bytes, 16)
            }
            Body::Icmp { kind, code, rest } => ([&[*kind, *code, 0, 0], &rest[..]].concat(), 2),
            Body::Other { data, .. } => return data.clone(),
        };
        let sum = checksum(&[&self.pseudo_header(bytes.len()), &bytes[..]].concat());
        bytes[sum_at..sum_at + 2].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// What a checksum covers besides the body.
    fn pseudo_header(&self, length: usize) -> Vec<u8> {
        let protocol = self.protocol();
        if protocol == ICMP {
            return Vec::new();
        }
        let mut bytes = [octets(self.source), octets(self.destination)].concat();
        bytes.extend((length as u32).to_be_bytes());
        bytes.extend(u32::from(protocol).to_be_bytes());
        bytes
    }

    /// Reads a packet.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] when it is none.
    pub fn parse(bytes: &[u8]) -> io::Result<Packet> {
        let packet = match bytes.first().map(|first| first >> 4) {
            Some(4) => parse_v4(bytes),
            Some(6) => parse_v6(bytes),
            _ => None,
        };
        packet
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("not a packet: {bytes:02x?}")))
    }

    /// Reads the body into a packet that has everything else.
    fn read_body(mut self, protocol: u8, bytes: &[u8], fragmented: bool) -> Option<Packet> {
        let (body, sum) = match protocol {
            _ if fragmented => (None, 0),
            UDP => {
                let (header, data) = bytes.split_first_chunk::<8>()?;
                let [source, destination, _, sum] = words(header);
                (Some(Body::Udp { source, destination, data: data.to_vec() }), sum)
            }
            TCP => {
                let (header, rest) = bytes.split_first_chunk::<20>()?;
                let [source, destination, s0, s1, a0, a1, flags, window, sum, _urgent] = words(header);
                let (options, data) =
                    rest.split_at_checked((usize::from(flags >> 12) * 4).checked_sub(20)?)?;
                let segment = Segment {
                    source,
                    destination,
                    sequence: u32::from(s0) << 16 | u32::from(s1),
                    acknowledgment: u32::from(a0) << 16 | u32::from(a1),
                    flags: flags as u8,
                    window,
                    options: options.to_vec(),
                    data: data.to_vec(),
                };
                (Some(Body::Tcp(segment)), sum)
            }
            ICMP | ICMPV6 => {
                let ([kind, code, a, b], rest) = bytes.split_first_chunk::<4>()?;
                let body = Body::Icmp { kind: *kind, code: *code, rest: rest.to_vec() };
                (Some(body), u16::from_be_bytes([*a, *b]))
            }
            _ => (None, 0),
        };
        let Some(body) = body else {
            self.body = Body::Other { protocol, data: bytes.to_vec() };
            return Some(self);
        };
        self.body = body;
        let pseudo = self.pseudo_header(bytes.len());
        self.sum = match checksum(&[&pseudo[..], bytes].concat()) {
            0xffff => Sum::Right,
            _ if protocol == UDP && sum == 0 && self.source.is_ipv4() => Sum::Right,
            _ if !pseudo.is_empty() && sum == !checksum(&pseudo) => Sum::Unfinished,
            _ => Sum::Wrong,
        };
        Some(self)
    }
}

fn parse_v4(bytes: &[u8]) -> Option<Packet> {
    let header = bytes.first_chunk::<20>()?;
    let length = u16::from_be_bytes([header[2], header[3]]);
    let start = usize::from(header[0] & 15) * 4;
    let body = bytes.get(start..length.into())?;
    let address = |at| header.get(at..)?.first_chunk::<4>().copied().map(Ipv4Addr::from);
    let nothing = Body::Other { protocol: 0, data: Vec::new() };
    let packet = Packet {
        tos: header[1],
        ttl: header[8],
        id: u16::from_be_bytes([header[4], header[5]]),
        fragment: u16::from_be_bytes([header[6], header[7]]),
        ..Packet::new(address(12)?, address(16)?, nothing)
    };
    let fragmented = packet.fragment & FRAGMENTED != 0;
    packet.read_body(header[9], body, fragmented)
}

fn parse_v6(bytes: &[u8]) -> Option<Packet> {
    let (header, mut rest) = bytes.split_first_chunk::<40>()?;
    rest = rest.get(..u16::from_be_bytes([header[4], header[5]]).into())?;
    let address = |at| header.get(at..)?.first_chunk::<16>().copied().map(Ipv6Addr::from);
    let nothing = Body::Other { protocol: 0, data: Vec::new() };
    let mut packet = Packet {
        tos: header[0] << 4 | header[1] >> 4,
        ttl: header[7],
        ..Packet::new(address(8)?, address(24)?, nothing)
    };
    let mut kind = header[6];
    while EXTENSIONS.contains(&kind) {
        let [next, length, ..] = *rest else { return None };
        let length = match kind {
            FRAGMENT => 8,
            AUTHENTICATION => (usize::from(length) + 2) * 4,
            _ => (usize::from(length) + 1) * 8,
        };
        let (extension, after) = rest.split_at_checked(length)?;
        packet.extensions.push((kind, extension.to_vec()));
        (kind, rest) = (next, after);
    }
    let fragmented = packet.extensions.iter().any(|(kind, _)| *kind == FRAGMENT);
    packet.read_body(kind, rest, fragmented)
}

/// The words of a header.
fn words<const N: usize>(header: &[u8]) -> [u16; N] {
    std::array::from_fn(|index| match header.get(index * 2..) {
        Some([high, low, ..]) => u16::from_be_bytes([*high, *low]),
        _ => 0,
    })
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The Internet checksum of RFC 1071. Over octets that contain theirs it is 0xffff.
pub(crate) fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let sum = words.fold(0, |sum, word| (sum + word) % 0xffff);
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    #[test]
    fn packets_are_read_as_they_were_made() {
        let (a6, b6) = (A.to_ipv6_mapped(), B.to_ipv6_mapped());
        let packets = [
            Packet::udp((A, 1), (B, 2), b"odd"),
            Packet::udp((a6, 1), (b6, 2), b"even"),
            Packet::tcp((A, 1), (B, 2), Segment::SYN).with_segment(|segment| {
                segment.options = vec![2, 4, 5, 180];
                segment.sequence = 0x0102_0304;
                segment.data = b"x".to_vec();
            }),
            Packet { tos: 0xb8, ttl: 1, id: 7, ..Packet::icmp(A, B, 8, 0) },
            Packet { tos: 0xb8, ttl: 1, ..Packet::icmp(a6, b6, 128, 0) },
            Packet { fragment: 0x2000, ..Packet::other(A, B, UDP, b"12345678") },
            Packet {
                extensions: vec![(0, vec![60, 0, 1, 4, 0, 0, 0, 0]), (60, vec![17, 0, 1, 4, 0, 0, 0, 0])],
                ..Packet::udp((a6, 1), (b6, 2), b"")
            },
        ];
        for mut packet in packets {
            // The identification is one of IPv4 only.
            packet.id = if packet.source.is_ipv4() { packet.id } else { 1 };
            assert_eq!(Packet::parse(&packet.to_bytes()).unwrap(), packet);
        }
    }

    #[test]
    fn checksums_are_checked() {
        let mut bytes = Packet::udp((A, 1), (B, 2), b"data").to_bytes();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(Packet::parse(&bytes).unwrap().sum, Sum::Wrong);
        for length in 0..bytes.len() {
            assert!(Packet::parse(&bytes[..length]).is_err());
        }
    }
}
