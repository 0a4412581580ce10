//! Interface names as rules match them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use libc::IFNAMSIZ;

use super::Inv;
use super::inv::{comparable, invertible};
use super::text::breaks_line;
use crate::Error;
use crate::error::{Mistake, Warning};

/// The name of a network interface, or with a trailing `+` the beginning of the names of several.
///
/// At most 15 bytes, as `IFNAMSIZ` of `linux/if.h` says.
///
/// ```
/// use libfw::Interface;
///
/// let ethernet: Interface = "eth+".parse()?;
/// assert!(ethernet.is_wildcard());
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Interface {
    /// The pattern; a `+` at its end does not lie under the mask.
    name: [u8; IFNAMSIZ],
    /// Bytes of the name under it must be equal.
    mask: [u8; IFNAMSIZ],
}

impl Interface {
    /// The interface of that name.
    ///
    /// ```
    /// use libfw::Interface;
    ///
    /// assert_eq!(Interface::new("eth0")?.to_string(), "eth0");
    /// assert!(Interface::new("a-name-that-is-too-long").is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when the name is empty, longer than 15 bytes or
    /// holds a NUL byte or a line end.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Interface, Error> {
        let name = name.as_ref();
        if name.is_empty() {
            return Err(Mistake::EmptyInterface.into());
        }
        let shown = || String::from_utf8_lossy(name).into_owned();
        if name.len() >= IFNAMSIZ {
            return Err(
                Error::from(Mistake::Interface { name: shown(), max: IFNAMSIZ - 1 }).at_token(shown())
            );
        }
        if breaks_line(name) {
            return Err(Error::from(Mistake::BrokenInterface { name: shown() }).at_token(shown()));
        }
        Ok(Interface::of(name))
    }

    /// What a name of at most 15 bytes stands for.
    pub(crate) fn of(text: &[u8]) -> Interface {
        let significant = match text {
            [start @ .., b'+'] => start.len(),
            [] => 0,
            name => name.len() + 1,
        };
        let (mut name, mut mask) = ([0; IFNAMSIZ], [0; IFNAMSIZ]);
        name[..text.len()].copy_from_slice(text);
        mask[..significant].fill(0xff);
        Interface { name, mask }
    }

    /// The pattern, `+` included; of one that no name stands for, as much as can be told.
    ///
    /// ```
    /// use libfw::Interface;
    ///
    /// assert_eq!(Interface::new("eth+")?.as_bytes(), b"eth+");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.name.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Whether the pattern stands for every interface whose name begins so.
    ///
    /// ```
    /// use libfw::Interface;
    ///
    /// assert!(Interface::new("eth+")?.is_wildcard());
    /// assert!(!Interface::new("eth0")?.is_wildcard());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.as_bytes().ends_with(b"+")
    }

    /// Whether the pattern stands for the interface of that name.
    ///
    /// ```
    /// use libfw::Interface;
    ///
    /// let cards = Interface::new("eth+")?;
    /// assert!(cards.matches("eth0") && !cards.matches("wlan0"));
    /// assert!(!Interface::new("eth0")?.matches("eth01"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn matches(&self, name: impl AsRef<[u8]>) -> bool {
        let mut other = [0; IFNAMSIZ];
        let name = name.as_ref();
        name.len() < IFNAMSIZ && {
            other[..name.len()].copy_from_slice(name);
            let under = |name| u128::from_ne_bytes(name) & u128::from_ne_bytes(self.mask);
            under(other) == under(self.name)
        }
    }

    /// Whether the pattern stands for every interface.
    ///
    /// ```
    /// use libfw::Interface;
    ///
    /// assert!(Interface::new("+")?.is_any());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.mask == [0; IFNAMSIZ]
    }

    /// Letters that no interface has in its name are odd.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let odd = self.as_bytes().iter().any(|byte| matches!(byte, b'/' | b' '));
        odd.then(|| Warning::OddInterface { name: self.to_string() })
    }

    /// Name and mask as the kernel compares them: bytes under the mask must be equal.
    pub(crate) fn raw(&self) -> ([u8; IFNAMSIZ], [u8; IFNAMSIZ]) {
        (self.name, self.mask)
    }

    /// The pattern that the kernel's name and mask stand for.
    pub(crate) fn from_raw(name: &[u8; IFNAMSIZ], mask: &[u8; IFNAMSIZ]) -> Interface {
        // Most rules leave both empty.
        if *mask == [0; IFNAMSIZ] {
            return if name[0] == b'+' { Interface::of(b"+") } else { Interface::default() };
        }
        let ones = mask.iter().take_while(|byte| **byte == 0xff).count();
        let (under, rest) = name.split_at(ones);
        let end = under.iter().position(|byte| *byte == 0);
        let plain = match end {
            // Others may have more zeros under the mask than the one that ends the name.
            Some(end @ 1..) if under[end..].iter().all(|byte| *byte == 0) => {
                Some(Interface::of(&under[..end])).filter(|plain| !plain.is_wildcard())
            }
            // Others may leave out the + and rely on the mask.
            None if rest.len() > 1 => {
                let mut pattern = *name;
                pattern[ones] = b'+';
                Some(Interface::of(&pattern[..=ones]))
            }
            _ => None,
        };
        let has_hole = mask[ones..].iter().any(|byte| *byte != 0);
        plain.filter(|_| !has_hole).unwrap_or(Interface { name: *name, mask: *mask })
    }

    /// What the kernel compares, and whether the name has a `+`: one alone is written, where no name is not.
    fn compared(&self) -> (u128, u128, bool) {
        let [name, mask] = [self.name, self.mask].map(u128::from_be_bytes);
        (name & mask, mask, self.is_wildcard())
    }

    /// Whether the pattern tells everything.
    pub(crate) fn is_pattern(&self) -> bool {
        let text = self.as_bytes();
        self.is_any() || text.len() < IFNAMSIZ && *self == Interface::of(text)
    }

    /// Whether the pattern can be read back, with `utf8` in UTF-8.
    pub(crate) fn has_name(&self, utf8: bool) -> bool {
        let text = self.as_bytes();
        self.is_pattern() && !breaks_line(text) && (!utf8 || std::str::from_utf8(text).is_ok())
    }
}

/// Those are equal that stand for the same interfaces and are written alike: what a name has outside of a mask with holes does not count.
impl PartialEq for Interface {
    fn eq(&self, other: &Interface) -> bool {
        // Mostly they are the same to the byte, which takes less than to look what counts.
        (self.name, self.mask) == (other.name, other.mask) || self.compared() == other.compared()
    }
}

impl Eq for Interface {}

impl Hash for Interface {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared().hash(state);
    }
}

impl Ord for Interface {
    fn cmp(&self, other: &Interface) -> Ordering {
        self.compared().cmp(&other.compared())
    }
}

impl PartialOrd for Interface {
    fn partial_cmp(&self, other: &Interface) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Interface {
    type Err = Error;

    fn from_str(name: &str) -> Result<Interface, Error> {
        Interface::new(name)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self.as_bytes()))
    }
}

/// Whether it is written so.
///
/// ```
/// use libfw::{Family, Rule};
///
/// let rule = Rule::parse(Family::Ipv4, "-i eth+ -j DROP")?;
/// assert!(rule.input() == "eth+" && rule.output().value != "eth+");
/// # Ok::<(), libfw::Error>(())
/// ```
impl PartialEq<str> for Interface {
    fn eq(&self, name: &str) -> bool {
        self.as_bytes() == name.as_bytes()
    }
}

impl PartialEq<str> for Inv<Interface> {
    fn eq(&self, name: &str) -> bool {
        !self.inverted && self.value == *name
    }
}

comparable!(@text Interface: &str, String, &String);
comparable!(@text Inv<Interface>: &str, String, &String);

impl From<&Interface> for Interface {
    fn from(interface: &Interface) -> Interface {
        *interface
    }
}

invertible!(&Interface => Interface);

impl TryFrom<&str> for Interface {
    type Error = Error;

    fn try_from(name: &str) -> Result<Interface, Error> {
        Interface::new(name)
    }
}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interface({:?})", String::from_utf8_lossy(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_survive_the_kernel_form() {
        for pattern in ["eth0", "eth+", "+", "abcdefghijklmno", "abcdefghijklmn+"] {
            let interface: Interface = pattern.parse().unwrap();
            let (name, mask) = interface.raw();
            assert_eq!(Interface::from_raw(&name, &mask), interface, "{pattern}");
        }
        assert_eq!(Interface::from_raw(&[0; 16], &[0; 16]), Interface::default());
        // Others may leave the name unmarked and rely on the mask.
        assert_eq!(
            Interface::from_raw(
                b"eth\0\0\0\0\0\0\0\0\0\0\0\0\0",
                &[255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            )
            .as_bytes(),
            b"eth+"
        );
    }

    #[test]
    fn names_have_1_to_15_bytes_in_one_line() {
        for bad in ["", "abcdefghijklmnop", "a\nb", "a\r", "\0", "opaque:0000000000:0"] {
            assert_eq!(Interface::new(bad).unwrap_err().kind(), crate::ErrorKind::InvalidValue, "{bad:?}");
        }
    }

    #[test]
    fn what_no_name_says_is_kept() {
        const FIVE: [u8; 16] = [255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let of = |name: &[u8; 16], mask: [u8; 16]| Interface::from_raw(name, &mask);
        let eth0 = Interface::new("eth0").unwrap();
        assert_eq!(of(b"eth0\0rest behind", FIVE), eth0);
        assert_eq!(of(b"eth0\0\0\0\0\0\0\0\0\0\0\0\0", [255; 16]), eth0);
        assert!(of(b"a -f\0\0\0\0\0\0\0\0\0\0\0\0", FIVE).has_name(true));
        assert!(of(b"a\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0", FIVE).has_name(false));
        let (mut hole, mut bits, mut fifteen) = (FIVE, FIVE, [255; 16]);
        (hole[2], bits[4], fifteen[15]) = (0, 0xf0, 0);
        for (name, mask) in [
            (b"a\nbc\0\0\0\0\0\0\0\0\0\0\0\0", FIVE),
            // A name that ends with a +, which is no pattern.
            (b"eth+\0\0\0\0\0\0\0\0\0\0\0\0", FIVE),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", FIVE),
            (b"abcdefghijklmnop", [255; 16]),
            // No + fits behind 15 letters.
            (b"abcdefghijklmno\0", fifteen),
            (b"ab\0cd\0\0\0\0\0\0\0\0\0\0\0", FIVE),
            (b"et\x000\0\0\0\0\0\0\0\0\0\0\0\0", hole),
            (b"eth0\0\0\0\0\0\0\0\0\0\0\0\0", bits),
        ] {
            let interface = of(name, mask);
            assert!(!interface.has_name(false), "{interface:?}");
            assert_eq!(interface.raw(), (*name, mask));
        }
    }
}
