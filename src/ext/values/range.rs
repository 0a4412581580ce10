//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use crate::ext::prelude::*;
use crate::types::addr::{parse_addr, print_addr};

/// Addresses from one to another, both included, which need not be a network.
///
/// Written `FIRST[-LAST]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddrRange {
    /// The first address.
    pub first: IpAddr,
    /// The last address.
    pub last: IpAddr,
}

impl AddrRange {
    /// The addresses from one to another.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::ext::values::AddrRange;
    ///
    /// let range = AddrRange::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 9));
    /// # let _ = range;
    /// ```
    pub fn new(first: impl Into<IpAddr>, last: impl Into<IpAddr>) -> AddrRange {
        AddrRange { first: first.into(), last: last.into() }
    }

    /// Refuses addresses of another family, which a value made by a program may have.
    pub(crate) fn check(self, family: Family, option: &'static str) -> Result<()> {
        let of_family = |addr: IpAddr| addr.is_ipv4() == (family == Family::Ipv4);
        if of_family(self.first) && of_family(self.last) {
            return Ok(());
        }
        Err(Error::from(Misfit::OtherFamily { value: self.to_string(), family }).at_option(option))
    }
}

macro_rules! from_addresses {
    ($($addr:ty),*) => {$(
        impl From<$addr> for AddrRange {
            fn from(addr: $addr) -> AddrRange {
                AddrRange::new(addr, addr)
            }
        }

        impl From<RangeInclusive<$addr>> for AddrRange {
            fn from(range: RangeInclusive<$addr>) -> AddrRange {
                AddrRange::new(*range.start(), *range.end())
            }
        }

        invertible!($addr => AddrRange, RangeInclusive<$addr> => AddrRange);
    )*};
}
from_addresses!(IpAddr, Ipv4Addr, Ipv6Addr);

impl fmt::Display for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl Value for AddrRange {
    const KIND: ValueKind = ValueKind::text("FIRST[-LAST]");

    fn parse(input: &Input<'_>) -> Result<AddrRange, BadValue> {
        let address = |text: &[u8]| {
            let family = input.cx.family;
            parse_addr(family, text).ok_or_else(|| BadValue::AddressRange { family, part: shown(text) })
        };
        let text = input.text();
        match text.iter().position(|byte| *byte == b'-') {
            None => address(text).map(AddrRange::from),
            Some(dash) => {
                let (first, last) = (address(&text[..dash])?, address(&text[dash + 1..])?);
                if first > last {
                    input.warn(Warning::ReversedRange { first, last });
                }
                Ok(AddrRange { first, last })
            }
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_addr(out.out, self.first);
        out.text("-");
        print_addr(out.out, self.last);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Addresses { first: self.first, last: self.last })
    }
}
