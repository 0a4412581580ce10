//! Addresses with a mask.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::Family;
use super::fmt::{decimal, ipv4, ipv6, number};
use super::inv::{comparable, invertible};
use super::json::Value;
use crate::Error;
use crate::error::Mistake;

/// An address and the mask under which it is compared.
///
/// The mask is usually a prefix but need not be contiguous. The constructors clear the bits of the address outside of it.
///
/// ```
/// use libfw::AddrMask;
///
/// let net: AddrMask = "10.1.2.3/8".parse()?;
/// assert_eq!(net.to_string(), "10.0.0.0/8");
/// assert_eq!(net.prefix(), Some(8));
/// let odd: AddrMask = "10.0.0.1/255.0.0.255".parse()?;
/// assert_eq!(odd.prefix(), None);
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrMask {
    addr: IpAddr,
    mask: IpAddr,
}

impl AddrMask {
    /// The address under the mask.
    ///
    /// ```
    /// use std::net::{IpAddr, Ipv4Addr};
    ///
    /// use libfw::AddrMask;
    ///
    /// let net = AddrMask::new(Ipv4Addr::new(10, 1, 2, 3).into(), Ipv4Addr::new(255, 0, 255, 0).into())?;
    /// assert_eq!(net.to_string(), "10.0.2.0/255.0.255.0");
    /// assert!(AddrMask::new(Ipv4Addr::LOCALHOST.into(), "::ffff".parse::<IpAddr>().unwrap()).is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when the two are of different families.
    pub fn new(addr: IpAddr, mask: IpAddr) -> Result<AddrMask, Error> {
        match (addr, mask) {
            (IpAddr::V4(addr), IpAddr::V4(mask)) => Ok(AddrMask::v4(addr, mask)),
            (IpAddr::V6(addr), IpAddr::V6(mask)) => Ok(AddrMask::v6(addr, mask)),
            _ => Err(Mistake::MaskOfOtherFamily { addr, mask }.into()),
        }
    }

    /// The network of that prefix length; a length above 32 or 128 counts as the whole address.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::AddrMask;
    ///
    /// let net = AddrMask::with_prefix(Ipv4Addr::new(10, 1, 2, 3).into(), 8);
    /// assert_eq!(net.to_string(), "10.0.0.0/8");
    /// ```
    #[must_use]
    pub fn with_prefix(addr: IpAddr, prefix: u8) -> AddrMask {
        match addr {
            IpAddr::V4(addr) => AddrMask::v4(addr, prefix_mask_v4(prefix)),
            IpAddr::V6(addr) => AddrMask::v6(addr, prefix_mask_v6(prefix)),
        }
    }

    /// Every address of the family.
    ///
    /// ```
    /// use libfw::{AddrMask, Family};
    ///
    /// assert_eq!(AddrMask::any(Family::Ipv6).to_string(), "::/0");
    /// ```
    #[must_use]
    pub fn any(family: Family) -> AddrMask {
        match family {
            Family::Ipv4 | Family::Arp => AddrMask::v4(Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED),
            Family::Ipv6 => AddrMask::v6(Ipv6Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED),
        }
    }

    fn v4(addr: Ipv4Addr, mask: Ipv4Addr) -> AddrMask {
        AddrMask { addr: IpAddr::V4(addr & mask), mask: IpAddr::V4(mask) }
    }

    fn v6(addr: Ipv6Addr, mask: Ipv6Addr) -> AddrMask {
        AddrMask { addr: IpAddr::V6(addr & mask), mask: IpAddr::V6(mask) }
    }

    /// The address as it is, bits outside the mask included: extensions compare under the mask and show what was given.
    pub(crate) fn unmasked(addr: IpAddr, mask: IpAddr) -> AddrMask {
        AddrMask { addr, mask }
    }

    /// The address and mask in arrays of the kernel; the family says how many bytes count.
    pub(crate) fn from_octets(family: Family, addr: &[u8], mask: &[u8]) -> AddrMask {
        match family {
            Family::Ipv4 | Family::Arp => AddrMask {
                addr: Ipv4Addr::from(first::<4>(addr)).into(),
                mask: Ipv4Addr::from(first::<4>(mask)).into(),
            },
            Family::Ipv6 => AddrMask {
                addr: Ipv6Addr::from(first::<16>(addr)).into(),
                mask: Ipv6Addr::from(first::<16>(mask)).into(),
            },
        }
    }

    /// Address and mask in a pair of `union nf_inet_addr` as iptables fills them: behind an IPv4 mask that is no prefix,
    /// or that of a single address, come ones.
    pub(crate) fn union_octets(&self) -> ([u8; 16], [u8; 16]) {
        let (addr, mut mask) = self.octets();
        let full = self.family().pick(32, 128);
        if self.prefix().is_none_or(|prefix| prefix == full) {
            mask[self.family().pick(4, 16)..].fill(0xff);
        }
        (addr, mask)
    }

    /// Address and mask in `union nf_inet_addr`: IPv4 in the first four bytes.
    pub(crate) fn octets(&self) -> ([u8; 16], [u8; 16]) {
        (addr_octets(self.addr), addr_octets(self.mask))
    }

    /// The family of the address.
    ///
    /// ```
    /// use libfw::{AddrMask, Family};
    ///
    /// assert_eq!("::1".parse::<AddrMask>()?.family(), Family::Ipv6);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.addr.into()
    }

    /// The address.
    ///
    /// ```
    /// use libfw::AddrMask;
    ///
    /// assert_eq!("10.1.2.3/8".parse::<AddrMask>()?.addr().to_string(), "10.0.0.0");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn addr(&self) -> IpAddr {
        self.addr
    }

    /// The mask.
    ///
    /// ```
    /// use libfw::AddrMask;
    ///
    /// assert_eq!("10.0.0.0/8".parse::<AddrMask>()?.mask().to_string(), "255.0.0.0");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn mask(&self) -> IpAddr {
        self.mask
    }

    /// Whether no bit of the address lies outside of the mask.
    pub(crate) fn is_masked(&self) -> bool {
        match (self.addr, self.mask) {
            (IpAddr::V4(addr), IpAddr::V4(mask)) => addr & mask == addr,
            (IpAddr::V6(addr), IpAddr::V6(mask)) => addr & mask == addr,
            _ => false,
        }
    }

    /// Whether the address is one of these; one of another family is not.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::AddrMask;
    ///
    /// let net: AddrMask = "10.0.0.0/8".parse()?;
    /// assert!(net.contains(Ipv4Addr::new(10, 1, 2, 3)));
    /// assert!(!net.contains(Ipv4Addr::new(11, 1, 2, 3)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn contains(&self, addr: impl Into<IpAddr>) -> bool {
        match (self.addr, self.mask, addr.into()) {
            (IpAddr::V4(net), IpAddr::V4(mask), IpAddr::V4(addr)) => addr & mask == net & mask,
            (IpAddr::V6(net), IpAddr::V6(mask), IpAddr::V6(addr)) => addr & mask == net & mask,
            _ => false,
        }
    }

    /// Whether this is every address.
    ///
    /// ```
    /// use libfw::AddrMask;
    ///
    /// assert!("0.0.0.0/0".parse::<AddrMask>()?.is_any());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.mask.is_unspecified()
    }

    /// The length of the mask as a prefix, if it is one.
    ///
    /// ```
    /// use libfw::AddrMask;
    ///
    /// assert_eq!("10.0.0.0/8".parse::<AddrMask>()?.prefix(), Some(8));
    /// assert_eq!("10.0.0.0/255.0.255.0".parse::<AddrMask>()?.prefix(), None);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn prefix(&self) -> Option<u8> {
        let (bits, width) = match self.mask {
            IpAddr::V4(mask) => (u128::from(mask.to_bits()) << 96, 32),
            IpAddr::V6(mask) => (mask.to_bits(), 128),
        };
        let ones = bits.leading_ones();
        (bits.count_ones() == ones).then_some(ones.min(width) as u8)
    }

    /// Reads `ADDRESS[/MASK]`, numeric only.
    pub(crate) fn parse_numeric(family: Family, text: &[u8]) -> Option<AddrMask> {
        let (addr, mask) = split_mask(text);
        let addr = parse_addr(family, addr)?;
        match mask {
            None => Some(AddrMask::with_prefix(addr, u8::MAX)),
            Some(mask) => AddrMask::new(addr, parse_mask(family, mask)?).ok(),
        }
    }

    /// The address with its prefix or mask, whichever that is.
    pub(crate) fn to_json(self) -> Value {
        let mut text = Vec::new();
        self.print(&mut text);
        Value::bytes(&text)
    }

    /// Appends `ADDRESS/PREFIX`, or `ADDRESS/MASK` where the mask is not a prefix.
    pub(crate) fn print(&self, out: &mut Vec<u8>) {
        print_addr(out, self.addr);
        out.push(b'/');
        match self.prefix() {
            Some(prefix) => decimal(out, u64::from(prefix)),
            None => print_addr(out, self.mask),
        }
    }
}

/// The first `N` bytes, zeros where there are fewer.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut array = [0; N];
        array[..bytes.len()].copy_from_slice(bytes);
        array
    })
}

/// An address in `union nf_inet_addr`: IPv4 in the first four bytes.
pub(crate) fn addr_octets(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V4(addr) => first(&addr.octets()),
        IpAddr::V6(addr) => addr.octets(),
    }
}

/// The address in a `union nf_inet_addr`.
pub(crate) fn addr_from_octets(family: Family, octets: &[u8]) -> IpAddr {
    match family {
        Family::Ipv4 | Family::Arp => Ipv4Addr::from(first::<4>(octets)).into(),
        Family::Ipv6 => Ipv6Addr::from(first::<16>(octets)).into(),
    }
}

fn prefix_mask_v4(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0))
}

fn prefix_mask_v6(prefix: u8) -> Ipv6Addr {
    Ipv6Addr::from_bits(u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0))
}

/// Splits `ADDRESS/MASK` at the slash.
pub(crate) fn split_mask(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'/') {
        Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
        None => (text, None),
    }
}

/// Reads a numeric address. IPv4 addresses may lack trailing octets, and octets may be octal or hexadecimal.
pub(crate) fn parse_addr(family: Family, text: &[u8]) -> Option<IpAddr> {
    match family {
        Family::Ipv4 | Family::Arp => parse_ipv4(text).map(IpAddr::V4),
        Family::Ipv6 => std::str::from_utf8(text).ok()?.parse().ok().map(IpAddr::V6),
    }
}

fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    if let Some((addr, [])) = leading_plain_ipv4(text) {
        return Some(addr);
    }
    let mut octets = [0; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let Some(part) = parts.next() else { break };
        *octet = u8::try_from(number(part)?).ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// The usual form, four decimal octets without leading zeros, and what follows it: the one that matters for speed.
pub(crate) fn leading_plain_ipv4(text: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let mut octets = [0u8; 4];
    let mut rest = text;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digit = |at: usize| rest.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
        let first = digit(0)?;
        let (value, len) = match (digit(1), digit(2)) {
            (None, _) => (u16::from(first), 1),
            (Some(second), None) => (u16::from(first) * 10 + u16::from(second), 2),
            (Some(second), Some(third)) => {
                (u16::from(first) * 100 + u16::from(second) * 10 + u16::from(third), 3)
            }
        };
        if first == 0 && len > 1 {
            return None;
        }
        *octet = u8::try_from(value).ok()?;
        rest = &rest[len..];
    }
    Some((octets.into(), rest))
}

/// An IPv4 address in its usual form, alone or with the length of a prefix; `None` for every other form.
pub(crate) fn parse_plain(text: &[u8]) -> Option<AddrMask> {
    leading_plain(text).filter(|(_, len)| *len == text.len()).map(|(addr, _)| addr)
}

/// The same at the beginning of a text, and its length.
pub(crate) fn leading_plain(text: &[u8]) -> Option<(AddrMask, usize)> {
    let digit = |byte: &u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let (addr, rest) = leading_plain_ipv4(text)?;
    let (prefix, len) = match rest {
        [b'/', tens @ b'1'..=b'3', ones @ b'0'..=b'9', ..] => (digit(tens)? * 10 + digit(ones)?, 3),
        [b'/', ones, ..] => (digit(ones)?, 2),
        _ => (32, 0),
    };
    (prefix <= 32).then(|| (AddrMask::with_prefix(addr.into(), prefix), text.len() - rest.len() + len))
}

/// Reads a mask: a prefix length or an address.
pub(crate) fn parse_mask(family: Family, text: &[u8]) -> Option<IpAddr> {
    match number(text) {
        Some(prefix) if prefix <= family.pick(32, 128) => Some(prefix_mask(family, prefix as u8)),
        Some(_) => None,
        // Where an address may be short, a mask has all of its bytes.
        None if family != Family::Ipv6 && text.iter().filter(|byte| **byte == b'.').count() != 3 => None,
        None => parse_addr(family, text),
    }
}

/// The same for the options of extensions, where a mask has no spaces or signs, but the length of a prefix may.
pub(crate) fn strict_mask(family: Family, text: &[u8]) -> Option<IpAddr> {
    let odd = || text.iter().any(|byte| matches!(byte, b' ' | b'+'));
    parse_mask(family, text).filter(|_| number(text).is_some() || !odd())
}

/// The mask of that prefix length.
pub(crate) fn prefix_mask(family: Family, prefix: u8) -> IpAddr {
    match family {
        Family::Ipv4 | Family::Arp => prefix_mask_v4(prefix).into(),
        Family::Ipv6 => prefix_mask_v6(prefix).into(),
    }
}

/// Appends an address as `inet_ntop(3)` writes it.
pub(crate) fn print_addr(out: &mut Vec<u8>, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => ipv4(out, addr),
        IpAddr::V6(addr) => ipv6(out, addr),
    }
}

impl From<IpAddr> for AddrMask {
    fn from(addr: IpAddr) -> AddrMask {
        AddrMask::with_prefix(addr, u8::MAX)
    }
}

impl From<Ipv4Addr> for AddrMask {
    fn from(addr: Ipv4Addr) -> AddrMask {
        IpAddr::V4(addr).into()
    }
}

impl From<Ipv6Addr> for AddrMask {
    fn from(addr: Ipv6Addr) -> AddrMask {
        IpAddr::V6(addr).into()
    }
}

comparable!(AddrMask: IpAddr, Ipv4Addr, Ipv6Addr, (IpAddr, u8), (Ipv4Addr, u8), (Ipv6Addr, u8));

/// What one has when addresses are iterated.
macro_rules! borrowed {
    ($($addr:ty),*) => {$(
        impl From<&$addr> for AddrMask {
            fn from(addr: &$addr) -> AddrMask {
                (*addr).into()
            }
        }
    )*};
}
borrowed!(IpAddr, Ipv4Addr, Ipv6Addr, AddrMask);

/// An address and the length of the prefix, of which no more counts than there is.
macro_rules! networks {
    ($($addr:ty),*) => {$(
        impl From<($addr, u8)> for AddrMask {
            fn from((addr, prefix): ($addr, u8)) -> AddrMask {
                AddrMask::with_prefix(addr.into(), prefix)
            }
        }
    )*};
}
networks!(IpAddr, Ipv4Addr, Ipv6Addr);

invertible!(
    IpAddr => AddrMask, Ipv4Addr => AddrMask, Ipv6Addr => AddrMask,
    (IpAddr, u8) => AddrMask, (Ipv4Addr, u8) => AddrMask, (Ipv6Addr, u8) => AddrMask,
    &IpAddr => AddrMask, &Ipv4Addr => AddrMask, &Ipv6Addr => AddrMask, &AddrMask => AddrMask,
);

/// Reads `ADDRESS`, `ADDRESS/PREFIX` or `ADDRESS/MASK`. Names are not looked up.
impl FromStr for AddrMask {
    type Err = Error;

    fn from_str(text: &str) -> Result<AddrMask, Error> {
        let family = if text.contains(':') { Family::Ipv6 } else { Family::Ipv4 };
        AddrMask::parse_numeric(family, text.as_bytes())
            .ok_or_else(|| Error::from(Mistake::Address { text: text.into() }).at_token(text))
    }
}

impl fmt::Display for AddrMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        self.print(&mut out);
        f.pad(&String::from_utf8_lossy(&out))
    }
}

impl fmt::Debug for AddrMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_reads_as_iptables_does() {
        for (text, expected) in [
            ("10", Some("10.0.0.0")),
            ("10.1", Some("10.1.0.0")),
            ("010.0.0.1", Some("8.0.0.1")),
            ("0x7f.0.0.1", Some("127.0.0.1")),
            ("1.2.3.4", Some("1.2.3.4")),
            ("0.0.0.0", Some("0.0.0.0")),
            ("00.0.0.0", Some("0.0.0.0")),
            ("1.2.3.256", None),
            ("1.2.3.4.5", None),
            ("1..2.3", None),
            ("", None),
            ("a.b.c.d", None),
        ] {
            let addr = parse_ipv4(text.as_bytes()).map(|addr| addr.to_string());
            assert_eq!(addr.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn masks_are_prefixes_or_addresses() {
        for (text, expected) in [
            ("1.2.3.4/8", Some("1.0.0.0/8")),
            ("1.2.3.4/255.0.255.0", Some("1.0.3.0/255.0.255.0")),
            ("1.2.3.4/0", Some("0.0.0.0/0")),
            ("1.2.3.4/33", None),
            ("1.2.3.4/24.5", None),
            ("1.2.3.4/255.255.0", None),
            ("1.2.3/255.255.0.0", Some("1.2.0.0/16")),
            ("1.2.3.4/", None),
            ("fe80::1/10", Some("fe80::/10")),
            ("fe80::1/ffff:0:ffff::", Some("fe80::/ffff:0:ffff::")),
            ("fe80::1/129", None),
            ("::1", Some("::1/128")),
        ] {
            let net = text.parse::<AddrMask>().ok().map(|net| net.to_string());
            assert_eq!(net.as_deref(), expected, "{text}");
        }
    }
}
