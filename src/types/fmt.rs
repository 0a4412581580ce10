//! Writing numbers and addresses into a byte buffer, as the C library would print them.
//!
//! The formatting machinery of the standard library costs as much as a whole rule; these are the hot paths of printing.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The numbers up to 255 as text, with the length of the text behind it.
static OCTETS: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut number = 0;
    while number < 256 {
        let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
        let mut len = 0;
        if hundreds > 0 {
            table[number][len] = b'0' + hundreds as u8;
            len += 1;
        }
        if number >= 10 {
            table[number][len] = b'0' + tens as u8;
            len += 1;
        }
        table[number][len] = b'0' + ones as u8;
        table[number][3] = len as u8 + 1;
        number += 1;
    }
    table
};

/// Writes what a value is shown as, in the width that is asked for.
pub(crate) fn padded(f: &mut fmt::Formatter<'_>, shown: fmt::Arguments<'_>) -> fmt::Result {
    match f.width().or(f.precision()) {
        None => f.write_fmt(shown),
        Some(_) => f.pad(&shown.to_string()),
    }
}

/// Appends a decimal number.
pub(crate) fn decimal(out: &mut Vec<u8>, number: u64) {
    if let Some([text @ .., len]) = OCTETS.get(number as usize).filter(|_| number < 256) {
        return out.extend_from_slice(&text[..usize::from(*len)]);
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}

/// Pads what was printed since `start` with spaces.
#[inline]
pub(crate) fn pad(out: &mut Vec<u8>, start: usize, width: usize) {
    let printed = out.len() - start;
    if printed < width {
        out.resize(start + width, b' ');
    }
}

/// Appends a hexadecimal number in lower case without `0x`, padded with zeros to a width.
pub(crate) fn hex(out: &mut Vec<u8>, number: u64, width: usize) {
    let digits = (16 - number.leading_zeros() as usize / 4).max(width).max(1);
    for digit in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(number >> (digit * 4)) as usize & 15]);
    }
}

/// Appends an IPv4 address.
pub(crate) fn ipv4(out: &mut Vec<u8>, addr: Ipv4Addr) {
    let mut text = [0; 16];
    let mut end = 0;
    for octet in addr.octets() {
        let [digits @ .., len] = OCTETS[usize::from(octet)];
        text[end..end + 3].copy_from_slice(&digits);
        end += usize::from(len);
        text[end] = b'.';
        end += 1;
    }
    out.extend_from_slice(&text[..end - 1]);
}

/// Appends an IPv6 address in the form of `inet_ntop(3)`.
pub(crate) fn ipv6(out: &mut Vec<u8>, addr: Ipv6Addr) {
    let words = addr.segments();
    let (start, len) = longest_zero_run(&words);
    let embeds_ipv4 = start == 0 && (len == 6 || len == 5 && words[5] == 0xffff);
    let mut i = 0;
    while i < 8 {
        if len >= 2 && i == start {
            out.extend_from_slice(if start + len == 8 || start == 0 { b"::" } else { b":" });
            if start > 0 && start + len < 8 {
                out.push(b':');
            }
            i += len;
            continue;
        }
        if i == 6 && embeds_ipv4 {
            let [.., a, b, c, d] = addr.octets();
            return ipv4(out, Ipv4Addr::new(a, b, c, d));
        }
        hex(out, u64::from(words[i]), 1);
        i += 1;
        if i < 8 && !(len >= 2 && i == start) {
            out.push(b':');
        }
    }
}

fn longest_zero_run(words: &[u16; 8]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut run = 0;
    for (i, word) in words.iter().enumerate() {
        run = if *word == 0 { run + 1 } else { 0 };
        if run > best.1 {
            best = (i + 1 - run, run);
        }
    }
    best
}

/// Reads a whole number as `strtoul(3)` with base 0 does: decimal, `0x` hexadecimal or `0` octal, behind spaces and
/// a `+` if need be. The number must be the whole text, and a `-` is an error.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    match leading_number(text) {
        Some((number, [])) => Some(number),
        _ => None,
    }
}

/// Reads a whole number as [`number`] does and returns what follows it.
pub(crate) fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (base, digits) = match unsigned(text) {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => (16, rest),
        digits @ [b'0', ..] => (8, digits),
        digits => return decimal_digits(digits),
    };
    let mut value: u64 = 0;
    let mut len = 0;
    for byte in digits {
        let Some(digit) = (*byte as char).to_digit(base) else { break };
        value = value.checked_mul(u64::from(base))?.checked_add(u64::from(digit))?;
        len += 1;
    }
    (len > 0).then(|| (value, &digits[len..]))
}

/// Reads a decimal number and returns what follows it.
pub(crate) fn leading_decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    decimal_digits(unsigned(text))
}

/// The text behind spaces and a `+`, where a number may begin.
fn unsigned(text: &[u8]) -> &[u8] {
    if text.first().is_some_and(u8::is_ascii_digit) {
        return text;
    }
    let text = text.trim_ascii_start();
    text.strip_prefix(b"+").unwrap_or(text)
}

/// Reads decimal digits, the usual case.
fn decimal_digits(text: &[u8]) -> Option<(u64, &[u8])> {
    /// So many digits always fit.
    const SAFE: usize = 19;
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(len);
    let (first, others) = digits.split_at(len.min(SAFE));
    let value = first.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    let value = others
        .iter()
        .try_fold(value, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    value.filter(|_| len > 0).map(|value| (value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(print: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        print(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn addresses_print_as_inet_ntop() {
        for text in [
            "::",
            "::1",
            "1::",
            "1:0:0:2::",
            "1::2:0:0:3:0",
            "::ffff:1.2.3.4",
            "::1.2.3.4",
            "fe80::1:0:0:1",
            "1:2:3:4:5:6:7:8",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "2001:db8::ff00:42:8329",
            "0:1::",
            "::1:0",
        ] {
            let addr: Ipv6Addr = text.parse().unwrap();
            let expected = match text {
                "::2:3:4:5:6:7:8" => "0:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7::" => "1:2:3:4:5:6:7:0",
                "::1:0" => "::0.1.0.0",
                "1::2:0:0:3:0" => "1::2:0:0:3:0",
                other => other,
            };
            assert_eq!(shown(|out| ipv6(out, addr)), expected, "{text}");
        }
        assert_eq!(shown(|out| ipv4(out, Ipv4Addr::new(192, 168, 0, 10))), "192.168.0.10");
    }

    #[test]
    fn numbers_read_as_strtoul() {
        for (text, expected) in [
            ("0", Some(0)),
            ("10", Some(10)),
            ("010", Some(8)),
            ("0x1F", Some(31)),
            ("08", None),
            ("0x", None),
            ("", None),
            ("-1", None),
            (" 1", Some(1)),
            ("1 ", None),
            ("\t+0x1", Some(1)),
            ("+ 1", None),
            ("++1", None),
            ("+-1", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(shown(|out| hex(out, 0x1a, 4)), "001a");
        assert_eq!(shown(|out| hex(out, 0, 0)), "0");
        assert_eq!(shown(|out| decimal(out, u64::MAX)), u64::MAX.to_string());
    }
}
