//! Names of chains.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// How many bytes are kept in place: as many as xtables has room for, with the NUL.
const SHORT: usize = 30;

/// The name of a chain. Nearly all are short, and no table with many chains shall allocate for each; those of nf_tables may have
/// up to 255 bytes.
#[derive(Clone)]
pub(crate) enum Name {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Arc<[u8]>),
}

const _: () = assert!(size_of::<Name>() == 32);

impl Name {
    pub(crate) fn new(name: &[u8]) -> Name {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..name.len()) {
            Some(place) => {
                place.copy_from_slice(name);
                Name::Short { len: name.len() as u8, bytes }
            }
            None => Name::Long(name.into()),
        }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Name::Short { len, bytes } => &bytes[..usize::from(*len).min(SHORT)],
            Name::Long(name) => name,
        }
    }

    /// The text; bytes that are not UTF-8 are replaced.
    pub(crate) fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Name {
        Name::new(name.as_bytes())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_length() {
        for length in 0..=255 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte as u8 | 1).collect();
            let name = Name::new(&bytes);
            assert_eq!(name.as_bytes(), bytes);
            assert_eq!(matches!(name, Name::Short { .. }), length <= SHORT);
            assert!(name == name.clone() && name != Name::new(&[&bytes[..], b"x"].concat()));
        }
    }
}
