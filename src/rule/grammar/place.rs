//! Where plain values are in the entry of a rule: those of its header, and those that extensions declare.

use std::ops::Range;

use crate::blob::{Entry, ExtBytes, Layout, put_at};
use crate::ext::values::list_address;
use crate::ext::{Extension, Plain};
use crate::types::addr::{leading_plain, parse_addr};
use crate::types::fmt::pad;
use crate::types::{AddrMask, Family, Hook, Interface};

/// How wide addresses and interfaces are at the least in a listing.
pub(crate) const LISTED_ADDRESS: usize = 19;
pub(crate) const LISTED_INTERFACE: usize = 6;

/// The place of a value that has a plain writing.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// An address in the header, and its mask.
    Address { family: Family, address: usize, mask: usize },
    /// The pattern of an interface in the header, and its mask.
    Interface { name: usize, mask: usize },
    /// A value of a match or target, whose bytes begin there.
    Plain { plain: &'static Plain, at: usize },
}

impl Place {
    /// The places of source and destination.
    pub(super) fn addresses(family: Family) -> [Place; 2] {
        let size = family.pick(4, 16);
        [0, 1].map(|at| Place::Address { family, address: at * size, mask: (at + 2) * size })
    }

    /// The places of the interfaces for input and output.
    pub(super) fn interfaces(family: Family) -> [Place; 2] {
        let (start, size) = (Layout::of(family).interfaces, libc::IFNAMSIZ);
        [0, 1].map(|at| Place::Interface { name: start + at * size, mask: start + (at + 2) * size })
    }

    /// The places of the values of a match or target of an entry.
    pub(super) fn of_extension(
        extension: &'static Extension,
        entry: Entry<'_>,
        part: ExtBytes<'_>,
    ) -> impl Iterator<Item = (&'static Plain, Place)> + use<> {
        let data = part.data.as_ptr().addr() - entry.bytes.as_ptr().addr();
        let revision = extension.revision(entry.family, part.revision);
        let plain = revision.into_iter().flat_map(|revision| revision.plain);
        plain.map(move |plain| (plain, Place::Plain { plain, at: data + plain.bytes().start }))
    }

    /// Whether the text tells its end by itself.
    pub(super) fn ends(self) -> bool {
        match self {
            Place::Address { family, .. } => family == Family::Ipv4,
            Place::Interface { .. } => false,
            Place::Plain { plain, .. } => plain.ends,
        }
    }

    /// Reads a value into the entry; returns how much of the text it is.
    #[inline]
    pub(super) fn read(self, text: &[u8], entry: &mut [u8]) -> Option<usize> {
        match self {
            Place::Address { family, address, mask } => {
                let (value, len) = match family {
                    Family::Ipv4 | Family::Arp => leading_plain(text)?,
                    Family::Ipv6 => (plain_ipv6(text)?, text.len()),
                };
                let size = family.pick(4, 16);
                let (octets, ones) = value.octets();
                put_at(entry, address, &octets[..size]);
                put_at(entry, mask, &ones[..size]);
                (!value.is_any()).then_some(len)
            }
            Place::Interface { name, mask } => {
                let (raw, ones) = Interface::new(text).ok().filter(|_| is_plain_interface(text))?.raw();
                put_at(entry, name, &raw);
                put_at(entry, mask, &ones);
                Some(text.len())
            }
            Place::Plain { plain, at } => (plain.read)(text, entry.get_mut(at..at + plain.bytes().len())?),
        }
    }

    /// Whether the value of a word is the one that the entry has already.
    pub(super) fn reads_back(self, word: &[u8], entry: &[u8]) -> bool {
        let mut read = entry.to_vec();
        self.read(word, &mut read) == Some(word.len()) && read == entry
    }

    /// Prints the value of an entry.
    #[inline]
    pub(super) fn print(self, entry: &[u8], out: &mut Vec<u8>) -> Option<()> {
        match self {
            Place::Address { .. } => {
                self.address(entry)?.print(out);
                Some(())
            }
            Place::Interface { name, mask } => {
                let [raw, ones] = [name, mask].map(|at| entry.get(at..)?.first_chunk());
                let text = raw?.split(|byte| *byte == 0).next()?;
                // Others may write the same in another way, or what no name stands for.
                let is_plain = is_plain_interface(text)
                    && text.len() < libc::IFNAMSIZ
                    && Interface::of(text).raw() == (*raw?, *ones?);
                is_plain.then(|| out.extend_from_slice(text))
            }
            Place::Plain { plain, at } => (plain.print)(entry.get(at..at + plain.bytes().len())?, out),
        }
    }

    /// Prints the value of an entry as listings show it.
    #[inline]
    pub(crate) fn list(self, entry: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let start = out.len();
        match self {
            Place::Address { .. } => {
                list_address(out, self.address(entry)?, true);
                pad(out, start, LISTED_ADDRESS);
                Some(())
            }
            Place::Interface { .. } => {
                self.print(entry, out)?;
                pad(out, start, LISTED_INTERFACE);
                Some(())
            }
            Place::Plain { plain, at } => (plain.list)(entry.get(at..at + plain.bytes().len())?, out),
        }
    }

    /// An address that limits a rule, and as which it is usually written.
    #[inline]
    fn address(self, entry: &[u8]) -> Option<AddrMask> {
        let Place::Address { family, address, mask } = self else { return None };
        let size = family.pick(4, 16);
        let (octets, ones) = (entry.get(address..address + size)?, entry.get(mask..mask + size)?);
        let value = AddrMask::from_octets(family, octets, ones);
        (!value.is_any() && value.is_masked()).then_some(value)
    }

    /// Two texts of such values, which have little in common.
    pub(super) fn samples(self) -> [&'static str; 2] {
        match self {
            Place::Address { family, .. } => {
                family.pick(["1.1.1.1", "234.56.78.92/31"], ["1::1", "2345:678::9abc/126"])
            }
            Place::Interface { .. } => ["a", "other+"],
            Place::Plain { plain, .. } => plain.samples,
        }
    }

    /// The bytes of the value in the entry.
    pub(super) fn bytes(self) -> [Range<usize>; 2] {
        match self {
            Place::Address { family, address, mask } => [address, mask].map(|at| at..at + family.pick(4, 16)),
            Place::Interface { name, mask } => [name, mask].map(|at| at..at + libc::IFNAMSIZ),
            Place::Plain { plain, at } => [at..at + plain.bytes().len(), at..at],
        }
    }
}

/// Whether a chain may lack some interfaces, so that a rule that asks for one is not read or written there as elsewhere.
pub(super) fn lacks_interfaces(chain: &[u8]) -> bool {
    Hook::of_chain(chain).is_some()
}

/// An IPv6 address in its usual form, alone or with the length of a prefix.
fn plain_ipv6(text: &[u8]) -> Option<AddrMask> {
    let slash = text.iter().position(|byte| *byte == b'/');
    let (addr, prefix) = match slash.map(|slash| (&text[..slash], &text[slash + 1..])) {
        None => (text, 128),
        Some((addr, [ones @ b'1'..=b'9'])) => (addr, u16::from(ones - b'0')),
        Some((addr, digits @ ([b'1'..=b'9', _] | [b'1', _, _]))) => {
            (addr, std::str::from_utf8(digits).ok()?.parse().ok()?)
        }
        _ => return None,
    };
    let prefix = u8::try_from(prefix).ok().filter(|prefix| *prefix <= 128)?;
    Some(AddrMask::with_prefix(parse_addr(Family::Ipv6, addr)?, prefix))
}

/// Whether a text is the usual name of an interface, or the beginning of one.
fn is_plain_interface(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.@:".contains(byte);
    let stem = text.strip_suffix(b"+").unwrap_or(text);
    !matches!(stem, [] | [b'-', ..]) && stem.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_plain_if_its_name_says_everything() {
        let mut entry = vec![0; Layout::of(Family::Ipv4).entry];
        let [_, output] = Place::interfaces(Family::Ipv4);
        let printed = |entry: &[u8]| {
            let mut out = Vec::new();
            output.print(entry, &mut out).map(|()| out)
        };
        assert_eq!(output.read(b"tap0", &mut entry), Some(4));
        assert_eq!(printed(&entry).as_deref(), Some(&b"tap0"[..]));
        let [_, mask] = output.bytes();
        entry[mask.end - 3] = 0x2a;
        assert_eq!(printed(&entry), None);
        assert_eq!(output.read(b"tap+", &mut entry), Some(4));
        assert_eq!(printed(&entry).as_deref(), Some(&b"tap+"[..]));
        entry.fill(b'x');
        assert_eq!(printed(&entry), None);
    }
}
