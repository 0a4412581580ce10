//! Values in their plainest writing, for the many lines and rules that differ in nothing else.

use std::ffi::CStr;
use std::ops::Range;

use super::print::quoted;
use crate::types::addr;
use crate::types::fmt::{decimal, ipv4};

/// What is behind the text in an array; no array is longer.
static ZEROS: [u8; 256] = [0; 256];

/// A value that decides some bytes of the data by itself, and how it is written most plainly.
///
/// Where text or bytes are of another kind it says nothing, and the typed value is asked. What it does say is what the typed value
/// would say; a test holds the two together for everything that is declared.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    /// The option.
    pub(crate) option: &'static str,
    /// Where its bytes begin in the data.
    at: usize,
    /// How many there are.
    len: usize,
    /// Text to all of the bytes; returns how much of the text it is.
    pub(crate) read: fn(&[u8], &mut [u8]) -> Option<usize>,
    /// Whether the text tells its end by itself, as a number does.
    pub(crate) ends: bool,
    /// The bytes to a word of a line.
    pub(crate) print: fn(&[u8], &mut Vec<u8>) -> Option<()>,
    /// The bytes to what listings show.
    pub(crate) list: fn(&[u8], &mut Vec<u8>) -> Option<()>,
    /// Two texts that have no letter in common.
    pub(crate) samples: [&'static str; 2],
}

impl Plain {
    /// A port, as the two ends of a range.
    pub(crate) const fn port(option: &'static str, at: usize) -> Plain {
        let (read, print, samples) = (read_port, print_port, ["1", "23456"]);
        Plain { option, at, len: 4, read, ends: true, print, list: print, samples }
    }

    /// A text in an array.
    pub(crate) const fn text(option: &'static str, at: usize, len: usize) -> Plain {
        let (read, print, list, samples) = (read_text, print_text, list_text, ["a", "other"]);
        Plain { option, at, len, read, ends: false, print, list, samples }
    }

    /// An IPv4 address, as the two ends of a range of addresses, in `union nf_inet_addr`.
    pub(crate) const fn address(option: &'static str, at: usize) -> Plain {
        let (read, print, samples) = (read_address, print_address, ["1.1.1.1", "23.45.67.89"]);
        Plain { option, at, len: 32, read, ends: true, print, list: print, samples }
    }

    /// The same with a port behind it, in network order.
    pub(crate) const fn endpoint(option: &'static str, at: usize) -> Plain {
        let (read, print, samples) = (read_endpoint, print_endpoint, ["1.1.1.1:1", "23.45.67.89:24680"]);
        Plain { option, at, len: 36, read, ends: true, print, list: print, samples }
    }

    /// Its bytes in the data.
    pub(crate) const fn bytes(&self) -> Range<usize> {
        self.at..self.at + self.len
    }
}

/// A port in decimal digits, and their number.
fn leading_port(text: &[u8]) -> Option<(u16, usize)> {
    let (mut port, mut len) = (0, 0);
    while let Some(digit) = text.get(len).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        port = port * 10 + u32::from(digit);
        len += 1;
        // Neither more digits nor one to begin with that would make it octal.
        if len > 5 || port == 0 {
            return None;
        }
    }
    Some((port.try_into().ok().filter(|port| *port != 0)?, len))
}

fn read_port(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let (port, len) = leading_port(text)?;
    put_pair(bytes, port.to_ne_bytes())?;
    Some(len)
}

fn print_port(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let port = u16::from_ne_bytes(pair(bytes)?);
    (port != 0).then(|| decimal(out, port.into()))
}

/// Puts the same in the first and the second half.
fn put_pair<const N: usize>(bytes: &mut [u8], half: [u8; N]) -> Option<()> {
    let (first, rest) = bytes.split_first_chunk_mut::<N>()?;
    (*first, *rest.first_chunk_mut::<N>()?) = (half, half);
    Some(())
}

/// The first and the second half, where they are the same.
fn pair<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    rest.starts_with(first).then_some(*first)
}

/// Whether a text is one word, or is between quotes, as it is. What begins like an option is left to others.
fn is_plain(text: &[u8]) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\'') & (byte != b'\\');
    // Looking at every byte is faster than stopping at the first that is not.
    !matches!(text, [] | [b'-' | b'!', ..]) && text.iter().fold(true, |all, byte| all & plain(*byte))
}

fn read_text(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    // The last byte is the NUL that ends it.
    let fits = text.len() < bytes.len() && is_plain(text);
    let (start, rest) = bytes.split_at_mut_checked(text.len()).filter(|_| fits)?;
    start.copy_from_slice(text);
    rest.fill(0);
    Some(text.len())
}

/// The text of an array that has nothing behind it.
fn text(bytes: &[u8]) -> Option<&[u8]> {
    let text = CStr::from_bytes_until_nul(bytes).ok()?.to_bytes();
    let rest = &bytes[text.len()..];
    let is_zero = ZEROS.get(..rest.len()).is_some_and(|zeros| zeros == rest);
    (is_zero && is_plain(text)).then_some(text)
}

fn print_text(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    quoted(out, text(bytes)?);
    Some(())
}

fn list_text(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(text(bytes)?);
    Some(())
}

fn read_address(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let (address, rest) = addr::leading_plain_ipv4(text)?;
    let [a, b, c, d] = address.octets();
    put_pair(bytes, [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
    Some(text.len() - rest.len())
}

fn print_address(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let [a, b, c, d, rest @ ..] = pair::<16>(bytes)?;
    (rest == [0; 12]).then(|| ipv4(out, [a, b, c, d].into()))
}

fn read_endpoint(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let len = read_address(text, bytes)?;
    let (port, digits) = leading_port(text[len..].strip_prefix(b":")?)?;
    put_pair(bytes.get_mut(32..)?, port.to_be_bytes())?;
    Some(len + 1 + digits)
}

fn print_endpoint(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let port = u16::from_be_bytes(pair(bytes.get(32..)?)?);
    if port == 0 {
        return None;
    }
    print_address(bytes, out)?;
    out.push(b':');
    decimal(out, port.into());
    Some(())
}
