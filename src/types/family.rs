//! Address family, hooks, policies and counters.

use std::fmt;
use std::iter::Sum;
use std::net::IpAddr;
use std::ops::{Add, AddAssign, BitAnd, BitOr, Sub, SubAssign};
use std::str::FromStr;

use super::fmt::{number, padded};
use crate::Error;
use crate::error::{BadValue, Mistake};

/// An address family with packet-filter tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4: what `iptables` works on.
    Ipv4,
    /// IPv6: what `ip6tables` works on.
    Ipv6,
    /// ARP for IPv4: what `arptables` works on. Only nf_tables have it here, and in it the table `filter`.
    Arp,
}

impl Family {
    /// IPv4 and IPv6, in this order. `Arp` is left out: it has a single table, in nf_tables alone, and few options.
    pub const ALL: [Family; 2] = [Family::Ipv4, Family::Ipv6];

    /// Its name in JSON and in Python.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Family::Ipv4 => "ipv4",
            Family::Ipv6 => "ipv6",
            Family::Arp => "arp",
        }
    }

    /// Picks one of two values by the kind of the addresses.
    pub(crate) fn pick<T>(self, ipv4: T, ipv6: T) -> T {
        match self {
            Family::Ipv4 | Family::Arp => ipv4,
            Family::Ipv6 => ipv6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Family::Ipv4 => "IPv4",
            Family::Ipv6 => "IPv6",
            Family::Arp => "ARP",
        })
    }
}

/// The family of the address.
impl From<IpAddr> for Family {
    fn from(address: IpAddr) -> Family {
        if address.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }
    }
}

/// Accepts `ipv4`, `ip`, `4`, `inet`, `ipv6`, `ip6`, `6`, `inet6` and `arp` in any case.
impl FromStr for Family {
    type Err = Error;

    fn from_str(text: &str) -> Result<Family, Error> {
        match text.to_ascii_lowercase().as_str() {
            "ipv4" | "ip" | "ip4" | "inet" | "4" => Ok(Family::Ipv4),
            "ipv6" | "ip6" | "inet6" | "6" => Ok(Family::Ipv6),
            "arp" => Ok(Family::Arp),
            _ => Err(Error::from(Mistake::Family { text: text.to_owned() }).at_token(text)),
        }
    }
}

/// A place in the packet path where tables are consulted; `enum nf_inet_hooks` of `linux/netfilter.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Hook {
    /// Packets as they come in, before routing.
    Prerouting = 0,
    /// Packets for a local socket.
    Input = 1,
    /// Packets routed through this host.
    Forward = 2,
    /// Packets made on this host.
    Output = 3,
    /// Packets as they go out, after routing.
    Postrouting = 4,
}

impl Hook {
    /// Every hook in the kernel's order.
    pub const ALL: [Hook; 5] =
        [Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting];

    /// The name of the built-in chain that stands at this hook.
    ///
    /// ```
    /// use libfw::Hook;
    ///
    /// assert_eq!(Hook::Prerouting.chain_name(), "PREROUTING");
    /// ```
    #[must_use]
    pub const fn chain_name(self) -> &'static str {
        match self {
            Hook::Prerouting => "PREROUTING",
            Hook::Input => "INPUT",
            Hook::Forward => "FORWARD",
            Hook::Output => "OUTPUT",
            Hook::Postrouting => "POSTROUTING",
        }
    }

    /// The hook of a built-in chain's name.
    pub(crate) fn of_chain(name: &[u8]) -> Option<Hook> {
        Hook::ALL.into_iter().find(|hook| hook.chain_name().as_bytes() == name)
    }

    /// The hook's bit in a [`HookMask`].
    ///
    /// ```
    /// use libfw::Hook;
    ///
    /// assert!(Hook::Input.mask().contains(Hook::Input));
    /// ```
    #[must_use]
    pub const fn mask(self) -> HookMask {
        HookMask(1 << self as u32)
    }
}

/// The name of its chain, where one is wanted: `table.chain(Hook::Input)`.
impl AsRef<[u8]> for Hook {
    fn as_ref(&self) -> &[u8] {
        self.chain_name().as_bytes()
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.chain_name())
    }
}

/// Reads the name of the hook's built-in chain, in any case.
impl FromStr for Hook {
    type Err = Error;

    fn from_str(text: &str) -> Result<Hook, Error> {
        const NAMES: &[&str] = &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
        let hook = NAMES.iter().zip(Hook::ALL).find(|(name, _)| name.eq_ignore_ascii_case(text));
        hook.map(|(_, hook)| hook).ok_or_else(|| Error::none_of(NAMES, text))
    }
}

/// A set of hooks, one bit each, as in the kernel's `valid_hooks`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HookMask(pub(crate) u32);

impl HookMask {
    /// No hook.
    pub const NONE: HookMask = HookMask(0);
    /// Every hook.
    pub const ALL: HookMask = HookMask(0x1f);

    /// The hooks of packets that have come in by an interface.
    pub(crate) const INCOMING: HookMask = HookMask::of(&[Hook::Prerouting, Hook::Input, Hook::Forward]);
    /// The hooks of packets that will go out by an interface.
    pub(crate) const OUTGOING: HookMask = HookMask::of(&[Hook::Forward, Hook::Output, Hook::Postrouting]);

    /// Builds a set from hooks.
    ///
    /// ```
    /// use libfw::{Hook, HookMask};
    ///
    /// let hooks = HookMask::of(&[Hook::Input, Hook::Forward]);
    /// assert!(!hooks.contains(Hook::Output));
    /// ```
    #[must_use]
    pub const fn of(hooks: &[Hook]) -> HookMask {
        let mut mask = 0;
        let mut i = 0;
        while i < hooks.len() {
            mask |= 1 << hooks[i] as u32;
            i += 1;
        }
        HookMask(mask)
    }

    /// The set of these bits as the kernel has them; `None` if one of them is no hook of [`Hook::ALL`].
    ///
    /// ```
    /// use libfw::{Hook, HookMask};
    ///
    /// assert_eq!(HookMask::from_bits(0b10), Some(Hook::Input.mask()));
    /// assert_eq!(HookMask::from_bits(1 << 20), None);
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u32) -> Option<HookMask> {
        if bits & !HookMask::ALL.0 == 0 { Some(HookMask(bits)) } else { None }
    }

    /// The bits as the kernel has them.
    ///
    /// ```
    /// use libfw::Hook;
    ///
    /// assert_eq!(Hook::Forward.mask().bits(), 0b100);
    /// ```
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the hook is in the set.
    ///
    /// ```
    /// use libfw::{Hook, HookMask};
    ///
    /// assert!(HookMask::ALL.contains(Hook::Postrouting));
    /// ```
    #[must_use]
    pub const fn contains(self, hook: Hook) -> bool {
        self.0 & hook.mask().0 != 0
    }

    /// The hooks of the set in the kernel's order.
    ///
    /// ```
    /// use libfw::{Hook, HookMask};
    ///
    /// let hooks = HookMask::of(&[Hook::Output, Hook::Input]);
    /// assert_eq!(hooks.iter().collect::<Vec<_>>(), [Hook::Input, Hook::Output]);
    /// ```
    pub fn iter(self) -> impl Iterator<Item = Hook> {
        Hook::ALL.into_iter().filter(move |hook| self.contains(*hook))
    }
}

impl FromIterator<Hook> for HookMask {
    fn from_iter<I: IntoIterator<Item = Hook>>(hooks: I) -> HookMask {
        hooks.into_iter().fold(HookMask::NONE, |mask, hook| mask | hook.mask())
    }
}

impl IntoIterator for HookMask {
    type Item = Hook;
    type IntoIter = std::vec::IntoIter<Hook>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

/// The names of their chains, with commas between them.
impl fmt::Display for HookMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Hook::chain_name).collect();
        f.pad(&names.join(","))
    }
}

/// Reads names of built-in chains with commas between them, or nothing.
impl FromStr for HookMask {
    type Err = Error;

    fn from_str(text: &str) -> Result<HookMask, Error> {
        text.split(',').filter(|_| !text.is_empty()).map(Hook::from_str).collect()
    }
}

/// The hooks that both have.
impl BitAnd for HookMask {
    type Output = HookMask;

    fn bitand(self, other: HookMask) -> HookMask {
        HookMask(self.0 & other.0)
    }
}

impl BitOr for HookMask {
    type Output = HookMask;

    fn bitor(self, other: HookMask) -> HookMask {
        HookMask(self.0 | other.0)
    }
}

/// What happens to a packet that no rule of a built-in chain decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// The packet goes on.
    Accept,
    /// The packet is dropped.
    Drop,
}

impl Policy {
    /// The policy's name, `ACCEPT` or `DROP`.
    ///
    /// ```
    /// use libfw::Policy;
    ///
    /// assert_eq!(Policy::Drop.name(), "DROP");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Policy::Accept => "ACCEPT",
            Policy::Drop => "DROP",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Policy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Policy, Error> {
        match text {
            "ACCEPT" => Ok(Policy::Accept),
            "DROP" => Ok(Policy::Drop),
            _ => Err(Error::from(Mistake::Policy { text: text.into() }).at_token(text)),
        }
    }
}

/// How many packets and bytes a rule or policy has seen; `struct xt_counters` of `linux/netfilter/x_tables.h`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    zerocopy::FromBytes,
    zerocopy::IntoBytes,
    zerocopy::Immutable,
)]
#[repr(C)]
pub struct Counters {
    /// Number of packets.
    pub packets: u64,
    /// Number of bytes, the IP headers included.
    pub bytes: u64,
}

impl Counters {
    /// Counters that have counted nothing.
    pub const ZERO: Counters = Counters { packets: 0, bytes: 0 };

    /// Counters with these values.
    ///
    /// ```
    /// use libfw::Counters;
    ///
    /// assert_eq!(Counters::new(3, 252), Counters { packets: 3, bytes: 252 });
    /// ```
    #[must_use]
    pub const fn new(packets: u64, bytes: u64) -> Counters {
        Counters { packets, bytes }
    }

    /// The difference to an earlier reading, modulo 2^64, as the kernel's own sums are.
    ///
    /// ```
    /// use libfw::Counters;
    ///
    /// let (before, after) = (Counters::new(3, 252), Counters::new(5, 420));
    /// assert_eq!(after.since(before), Counters::new(2, 168));
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Counters) -> Counters {
        Counters {
            packets: self.packets.wrapping_sub(earlier.packets),
            bytes: self.bytes.wrapping_sub(earlier.bytes),
        }
    }
}

impl Add for Counters {
    type Output = Counters;

    fn add(self, other: Counters) -> Counters {
        Counters {
            packets: self.packets.wrapping_add(other.packets),
            bytes: self.bytes.wrapping_add(other.bytes),
        }
    }
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        *self = *self + other;
    }
}

/// What [`since`](Counters::since) gives.
impl Sub for Counters {
    type Output = Counters;

    fn sub(self, earlier: Counters) -> Counters {
        self.since(earlier)
    }
}

impl SubAssign for Counters {
    fn sub_assign(&mut self, earlier: Counters) {
        *self = self.since(earlier);
    }
}

impl<'a> Sum<&'a Counters> for Counters {
    fn sum<I: Iterator<Item = &'a Counters>>(counters: I) -> Counters {
        counters.copied().sum()
    }
}

impl Sum for Counters {
    fn sum<I: Iterator<Item = Counters>>(counters: I) -> Counters {
        counters.fold(Counters::ZERO, Add::add)
    }
}

/// Packets and bytes.
impl From<(u64, u64)> for Counters {
    fn from((packets, bytes): (u64, u64)) -> Counters {
        Counters { packets, bytes }
    }
}

/// `12 packets, 840 bytes`, as above a chain in a listing.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{} packets, {} bytes", self.packets, self.bytes))
    }
}

/// Reads `[12:840]` as save files have it, `12:840`, or what [`Display`](fmt::Display) writes.
impl FromStr for Counters {
    type Err = Error;

    fn from_str(text: &str) -> Result<Counters, Error> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let shown = || bare.strip_suffix(" bytes")?.split_once(" packets, ");
        let number = |text: &str| number(text.as_bytes());
        let counters = bare
            .split_once(':')
            .or_else(shown)
            .and_then(|(packets, bytes)| Some(Counters { packets: number(packets)?, bytes: number(bytes)? }));
        counters.ok_or_else(|| Error::bad_value(text, BadValue::Counters))
    }
}
