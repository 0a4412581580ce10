//! What the kernel holds and words cannot say, written as bytes.

use super::fmt::hex;

/// Begins a name that is written as bytes. All bytes of the kernel's field follow, which makes the word longer than any
/// name that iptables takes; so iptables refuses it, and it cannot be mistaken for a name.
const MARK: &[u8] = b"opaque:";

/// Appends `opaque:` and the field in hexadecimal.
pub(crate) fn print_name(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(MARK);
    print_bytes(out, field);
}

/// Reads a field of `N` bytes behind `opaque:`.
pub(crate) fn read_name<const N: usize>(word: &[u8]) -> Option<[u8; N]> {
    read_field(word, N)?.try_into().ok()
}

/// Reads a field of at least so many bytes behind `opaque:`.
pub(crate) fn read_field(word: &[u8], least: usize) -> Option<Vec<u8>> {
    read_bytes(word.strip_prefix(MARK).filter(|digits| digits.len() >= 2 * least && digits.len() % 2 == 0)?)
}

/// Appends bytes in hexadecimal.
pub(crate) fn print_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        hex(out, u64::from(*byte), 2);
    }
}

/// Reads bytes in hexadecimal.
pub(crate) fn read_bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let mut out = Vec::new();
        print_name(&mut out, b"a\n\xff\0");
        assert_eq!(out, b"opaque:610aff00");
        assert_eq!(read_name(&out), Some(*b"a\n\xff\0"));
        for bad in [
            "opaque:610aff",
            "opaque:610aff000",
            "opaque:610aff0",
            "opaque:610agf00",
            "Opaque:610aff00",
            "opaque:610\u{e9}f0",
        ] {
            assert_eq!(read_name::<4>(bad.as_bytes()), None, "{bad}");
        }
    }
}
