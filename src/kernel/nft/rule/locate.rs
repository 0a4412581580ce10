//! From the place in a message that the kernel complains of to the part of the rule that stands there.

use std::ops::Range;

use super::super::attr::{self, Attrs};
use super::super::uapi::NFTA_RULE_EXPRESSIONS;
use super::expr::{self, *};
use super::write::network;
use crate::types::Family;

/// A part of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Source,
    Destination,
    Input,
    Output,
    Protocol,
    Fragment,
    /// The match with this index.
    Match(usize),
    Counter,
    /// What the rule does: a target, a verdict or a jump.
    Target,
}

/// The part of a rule that an offset into its message is in. `attributes` is where those of the message begin, among them what
/// [`write`](super::write) has written.
///
/// Nothing is kept for this while rules are written: most are never complained of.
pub(crate) fn part_at(family: Family, message: &[u8], attributes: usize, offset: usize) -> Option<Part> {
    let mut places = Places { attrs: Attrs::new(message.get(attributes..)?), end: message.len() };
    let (place, _, list) = places.find(|(_, number, _)| *number == NFTA_RULE_EXPRESSIONS)?;
    // That of the fields of an ARP packet comes first.
    let mut matches = usize::from(family == Family::Arp);
    // The field of the header whose value is in the register.
    let mut field = None;
    for (place, _, element) in
        (Places { attrs: Attrs::new(list), end: place.start + attr::HEADER + list.len() })
    {
        let (name, data) = expr::expression(element)?;
        let part = match name {
            b"payload" | b"meta" => {
                field = loaded(family, name, data);
                field.or(Some(Part::Target))
            }
            b"match" => {
                matches += 1;
                Some(Part::Match(matches - 1))
            }
            b"counter" => Some(Part::Counter),
            b"target" | b"immediate" => Some(Part::Target),
            _ => field,
        };
        if place.contains(&offset) {
            return part;
        }
    }
    None
}

/// The field that an expression puts into a register.
fn loaded(family: Family, name: &[u8], data: &[u8]) -> Option<Part> {
    if name == b"payload" {
        let [_, _, _, offset, _] = known(data)?;
        return match attr::be32(offset?)? {
            network::FRAGMENT if family == Family::Ipv4 => Some(Part::Fragment),
            network::PROTOCOL if family == Family::Ipv4 => Some(Part::Protocol),
            at if at == network::source(family) => Some(Part::Source),
            at if at == network::destination(family) => Some(Part::Destination),
            _ => (family == Family::Arp).then_some(Part::Match(0)),
        };
    }
    match attr::be32(Attrs::new(data).get(NFTA_META_KEY)?)? {
        NFT_META_IIFNAME => Some(Part::Input),
        NFT_META_OIFNAME => Some(Part::Output),
        NFT_META_L4PROTO => Some(Part::Protocol),
        _ => None,
    }
}

/// Attributes and the bytes that they take.
struct Places<'a> {
    attrs: Attrs<'a>,
    /// Where the last one ends.
    end: usize,
}

impl<'a> Iterator for Places<'a> {
    type Item = (Range<usize>, u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.end.checked_sub(self.attrs.rest().len())?;
        let (number, payload) = self.attrs.next()?;
        Some((start..self.end - self.attrs.rest().len(), number, payload))
    }
}
