//! Interface names as rules match them.

use std::fmt;
use std::str::FromStr;

use libc::IFNAMSIZ;

use super::Str;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interface(Str<IFNAMSIZ>);

impl Interface {
    /// The interface of that name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] when the name is empty, longer than 15 bytes or holds a NUL byte.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Interface, Error> {
        let name = name.as_ref();
        if name.is_empty() {
            return Err(Mistake::EmptyInterface.into());
        }
        if name.len() >= IFNAMSIZ || name.contains(&0) {
            let name = String::from_utf8_lossy(name).into_owned();
            return Err(
                Error::from(Mistake::Interface { name: name.clone(), max: IFNAMSIZ - 1 }).at_token(name)
            );
        }
        Ok(Interface(Str::new(name)))
    }

    /// The pattern, `+` included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether the pattern stands for every interface whose name begins so.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.as_bytes().ends_with(b"+")
    }

    /// Whether the pattern stands for every interface.
    #[must_use]
    pub fn is_any(&self) -> bool {
        matches!(self.as_bytes(), b"" | b"+")
    }

    /// Letters that no interface has in its name are odd.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let odd = self.as_bytes().iter().any(|byte| matches!(byte, b'/' | b' '));
        odd.then(|| Warning::OddInterface { name: self.to_string() })
    }

    /// Name and mask as the kernel compares them: bytes under the mask must be equal.
    pub(crate) fn raw(&self) -> ([u8; IFNAMSIZ], [u8; IFNAMSIZ]) {
        let significant = match self.as_bytes() {
            [start @ .., b'+'] => start.len(),
            [] => 0,
            name => name.len() + 1,
        };
        let mut mask = [0; IFNAMSIZ];
        mask[..significant].fill(0xff);
        (self.0.array(), mask)
    }

    /// The pattern that the kernel's name and mask stand for.
    pub(crate) fn from_raw(name: &[u8], mask: &[u8]) -> Interface {
        // Most rules leave both empty.
        if let ([0, ..], [0, ..]) = (name, mask) {
            return Interface::default();
        }
        let significant = mask.iter().position(|byte| *byte == 0).unwrap_or(mask.len()).min(IFNAMSIZ);
        let shown = &name[..significant.min(name.len())];
        if let Some(end) = shown.iter().position(|byte| *byte == 0) {
            return Interface(Str::new(&shown[..end]));
        }
        if shown.is_empty() && name.first() != Some(&b'+') {
            return Interface::default();
        }
        let mut pattern = [0; IFNAMSIZ];
        let len = shown.len().min(IFNAMSIZ - 1);
        pattern[..len].copy_from_slice(&shown[..len]);
        pattern[len] = b'+';
        Interface(Str::new(&pattern[..=len]))
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
        self.0.fmt(f)
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
            Interface::from_raw(b"eth\0\0\0\0\0\0\0\0\0\0\0\0\0", &[255, 255, 255, 0]).as_bytes(),
            b"eth+"
        );
    }

    #[test]
    fn names_have_1_to_15_bytes() {
        assert!(Interface::new("").is_err());
        assert!(Interface::new("abcdefghijklmnop").is_err());
    }
}
