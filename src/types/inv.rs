//! Values that may stand behind a `!`.

use std::fmt;
use std::str::FromStr;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
/// ```
/// use libfw::{Family, Protocol, Rule};
///
/// assert!(Rule::parse(Family::Ipv4, "-p tcp -j ACCEPT")?.protocol() == Protocol::TCP);
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

impl<T: fmt::Display> fmt::Display for Inv<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inverted {
            f.write_str("! ")?;
        }
        self.value.fmt(f)
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
