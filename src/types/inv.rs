//! Values that may stand behind a `!`.

use std::fmt;
use std::str::FromStr;

use super::fmt::padded;

/// A value of an option that can be inverted with `!`.
///
/// A plain value converts into a not inverted one, so that builders take either:
///
/// ```
/// use libfw::{matches::Tcp, not};
///
/// let to_https = Tcp::new().dport(443);
/// let to_elsewhere = Tcp::new().dport(not(443));
/// assert!(to_elsewhere.dport.unwrap().inverted);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inv<T> {
    /// Whether the option matches what is *not* the value.
    pub inverted: bool,
    /// The value.
    pub value: T,
}

impl<T> Inv<T> {
    /// The value, inverted or not.
    ///
    /// ```
    /// use libfw::{Inv, not};
    ///
    /// assert_eq!(Inv::new(true, 443), not(443));
    /// ```
    #[must_use]
    pub const fn new(inverted: bool, value: T) -> Inv<T> {
        Inv { inverted, value }
    }
}

/// Inverts an option: `not(443)` is what `! --dport 443` says.
///
/// ```
/// use libfw::{Family, Rule, matches::Tcp, not};
///
/// let rule = Rule::builder().protocol("tcp").matching(Tcp::new().dport(not(443))).build(Family::Ipv4)?;
/// assert_eq!(rule.to_string(), "-p tcp -m tcp ! --dport 443");
/// # Ok::<(), libfw::Error>(())
/// ```
#[must_use]
pub const fn not<T>(value: T) -> Inv<T> {
    Inv { inverted: true, value }
}

impl<T> From<T> for Inv<T> {
    fn from(value: T) -> Inv<T> {
        Inv { inverted: false, value }
    }
}

/// Whether it is that value, and not inverted.
///
/// What the value is made of can be compared as it is, without `into()`: addresses and networks, ports and ranges of them, numbers of
/// protocols, and the texts of all of these.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use libfw::{Family, Protocol, Rule, matches::Tcp};
///
/// let rule = Rule::parse(Family::Ipv4, "-s 10.0.0.0/8 -i eth0 -p tcp --dport 80:90 -j ACCEPT")?;
/// assert!(rule.source() == (Ipv4Addr::new(10, 0, 0, 0), 8) && rule.source() == "10.0.0.0/8");
/// assert!(rule.input() == "eth0" && rule.protocol() == Protocol::TCP && rule.protocol() == "tcp");
/// assert!(rule.find::<Tcp>()?.unwrap().dport.unwrap() == (80..=90));
///
/// assert!(Rule::parse(Family::Ipv4, "! -p tcp -j ACCEPT")?.protocol() != Protocol::TCP);
/// # Ok::<(), libfw::Error>(())
/// ```
impl<T: PartialEq> PartialEq<T> for Inv<T> {
    fn eq(&self, value: &T) -> bool {
        !self.inverted && self.value == *value
    }
}

/// Lets an option of type `Inv<$to>` be given as a `$from`, plain or inverted.
macro_rules! invertible {
    ($($from:ty => $to:ty),* $(,)?) => {$(
        impl From<$from> for $crate::Inv<$to> {
            fn from(value: $from) -> Self {
                $crate::Inv { inverted: false, value: value.into() }
            }
        }

        impl From<$crate::Inv<$from>> for $crate::Inv<$to> {
            fn from(inv: $crate::Inv<$from>) -> Self {
                $crate::Inv { inverted: inv.inverted, value: inv.value.into() }
            }
        }
    )*};
}
pub(crate) use invertible;

/// Compares an option of type `Inv<$to>` with the values that are one, and with a text that is read as one.
macro_rules! comparable {
    ($to:ty: $($from:ty),* $(,)?) => {
        $(
            impl PartialEq<$from> for $crate::Inv<$to> {
                fn eq(&self, value: &$from) -> bool {
                    *self == <$to>::from(value.clone())
                }
            }
        )*

        impl PartialEq<str> for $crate::Inv<$to> {
            fn eq(&self, text: &str) -> bool {
                text.parse::<$to>().is_ok_and(|value| *self == value)
            }
        }

        $crate::types::inv::comparable!(@text $crate::Inv<$to>: &str, String, &String);
    };
    (@text $ty:ty: $($text:ty),*) => { $crate::types::inv::comparable!(@generic [] $ty: $($text),*); };
    (@generic $generics:tt $ty:ty: $($text:ty),*) => {
        $($crate::types::inv::comparable!(@one $generics $ty, $text);)*
    };
    (@one [$($generics:tt)*] $ty:ty, $text:ty) => {
        impl<$($generics)*> PartialEq<$text> for $ty {
            fn eq(&self, text: &$text) -> bool {
                let text: &str = text;
                *self == *text
            }
        }
    };
}
pub(crate) use comparable;

impl<T: fmt::Display> fmt::Display for Inv<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inverted { padded(f, format_args!("! {}", self.value)) } else { self.value.fmt(f) }
    }
}

/// Reads what it prints: a value, or `! ` and a value.
///
/// ```
/// use libfw::{AddrMask, Inv, not};
///
/// let elsewhere: Inv<AddrMask> = "! 10.0.0.0/8".parse()?;
/// assert_eq!(elsewhere, not("10.0.0.0/8".parse()?));
/// # Ok::<(), libfw::Error>(())
/// ```
impl<T: FromStr> FromStr for Inv<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Inv<T>, T::Err> {
        Ok(match text.strip_prefix("! ") {
            Some(rest) => not(rest.parse()?),
            None => text.parse::<T>()?.into(),
        })
    }
}
