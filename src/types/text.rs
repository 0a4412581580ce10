//! Short strings in the kernel's fixed-size arrays.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A string that the kernel keeps in an array of `N` bytes, its closing NUL included.
///
/// A text that does not fit, or that holds a NUL byte or a line end, can be made but not written to a rule: that is an
/// error which names the option and the limit. Nothing is ever cut silently.
///
/// ```
/// use libfw::KernelString;
///
/// let prefix: KernelString<30> = "dropped: ".into();
/// assert_eq!(prefix.as_bytes(), b"dropped: ");
/// assert!(prefix.fits());
/// ```
#[derive(Clone, Copy)]
pub struct KernelString<const N: usize> {
    /// The length of the text it was made from, which may be more than is kept.
    len: u16,
    bytes: [u8; N],
}

impl<const N: usize> KernelString<N> {
    /// A string of these bytes.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// let name = KernelString::<16>::new(b"caf\xe9");
    /// assert_eq!(name.as_bytes(), b"caf\xe9");
    /// ```
    #[must_use]
    pub fn new(bytes: &[u8]) -> KernelString<N> {
        let mut array = [0; N];
        let kept = bytes.len().min(N);
        array[..kept].copy_from_slice(&bytes[..kept]);
        KernelString { len: u16::try_from(bytes.len()).unwrap_or(u16::MAX), bytes: array }
    }

    /// The string in a kernel array: the bytes before the first NUL.
    pub(crate) fn from_array(array: &[u8]) -> KernelString<N> {
        KernelString::new(array.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    /// The bytes, as many as are kept.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// assert_eq!(KernelString::<30>::from("dropped: ").as_bytes(), b"dropped: ");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len).min(N)]
    }

    /// The text; bytes that are not UTF-8 are replaced.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// assert_eq!(KernelString::<30>::from("dropped: ").to_text(), "dropped: ");
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// The length in bytes of the text it was made from.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// assert_eq!(KernelString::<4>::from("too long").len(), 8);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether the string has no bytes.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// assert!(KernelString::<4>::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it can be written to a rule: text and closing NUL fit into the array, and no other NUL and no line end is
    /// in it.
    ///
    /// ```
    /// use libfw::KernelString;
    ///
    /// assert!(KernelString::<4>::from("yes").fits());
    /// // There is no room for the NUL at the end.
    /// assert!(!KernelString::<4>::from("four").fits());
    /// assert!(!KernelString::<4>::from("a\n").fits());
    /// ```
    #[must_use]
    pub fn fits(&self) -> bool {
        self.len() < N && !breaks_line(self.as_bytes())
    }

    /// The array as the kernel keeps it. Only for a text that [fits](KernelString::fits).
    pub(crate) fn array(&self) -> [u8; N] {
        self.bytes
    }
}

impl<const N: usize> Default for KernelString<N> {
    fn default() -> KernelString<N> {
        KernelString { len: 0, bytes: [0; N] }
    }
}

impl<const N: usize> PartialEq for KernelString<N> {
    fn eq(&self, other: &KernelString<N>) -> bool {
        self.len == other.len && self.bytes == other.bytes
    }
}

impl<const N: usize> Eq for KernelString<N> {}

impl<const N: usize> Hash for KernelString<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl<const N: usize> From<&str> for KernelString<N> {
    fn from(text: &str) -> KernelString<N> {
        KernelString::new(text.as_bytes())
    }
}

impl<const N: usize> From<String> for KernelString<N> {
    fn from(text: String) -> KernelString<N> {
        KernelString::new(text.as_bytes())
    }
}

impl<const N: usize> From<&String> for KernelString<N> {
    fn from(text: &String) -> KernelString<N> {
        KernelString::new(text.as_bytes())
    }
}

impl<const N: usize> From<&[u8]> for KernelString<N> {
    fn from(bytes: &[u8]) -> KernelString<N> {
        KernelString::new(bytes)
    }
}

impl<const N: usize> PartialEq<str> for KernelString<N> {
    fn eq(&self, text: &str) -> bool {
        self.as_bytes() == text.as_bytes()
    }
}

super::inv::comparable!(@generic [const N: usize] KernelString<N>: &str, String, &String);

macro_rules! generic_invertible {
    ($($from:ty),*) => {$(
        impl<const N: usize> From<$from> for crate::Inv<KernelString<N>> {
            fn from(text: $from) -> Self {
                crate::Inv { inverted: false, value: text.into() }
            }
        }

        impl<const N: usize> From<crate::Inv<$from>> for crate::Inv<KernelString<N>> {
            fn from(inv: crate::Inv<$from>) -> Self {
                crate::Inv { inverted: inv.inverted, value: inv.value.into() }
            }
        }
    )*};
}
generic_invertible!(&str, String, &String);

impl<const N: usize> fmt::Display for KernelString<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

impl<const N: usize> fmt::Debug for KernelString<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

/// Whether a text holds what ends a line or a string: no name and no text of a rule does.
pub(crate) fn breaks_line(text: &[u8]) -> bool {
    // Looking at every byte is faster than stopping at the first.
    text.iter().fold(false, |any, byte| any | matches!(byte, b'\n' | b'\r' | 0))
}

/// Appends a word that is read back as it is: in double quotes if it has to be.
pub(crate) fn word(out: &mut Vec<u8>, word: &[u8]) {
    if word.is_empty() || word.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'"')) {
        enclosed(out, word);
    } else {
        out.extend_from_slice(word);
    }
}

/// Appends a text in double quotes, with `\` before `"`, `\` and `'`.
pub(crate) fn enclosed(out: &mut Vec<u8>, text: &[u8]) {
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\'');
    out.push(b'"');
    // Looking at every byte is faster than stopping at the first that needs care: hardly any does.
    if !text.iter().fold(false, |any, byte| any | special(byte)) {
        out.extend_from_slice(text);
        return out.push(b'"');
    }
    for byte in text {
        if special(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
