//! The part of a value that cannot be read: the element of a list, the end of a range, the mask.

use std::net::IpAddr;
use std::ops::Range;

use super::{BadProgram, BadValue};
use crate::types::Family;

impl BadValue {
    /// Where in the value that part is; all of it if nothing less is known to be wrong.
    #[cold]
    pub(crate) fn culprit(&self, value: &str) -> Range<usize> {
        let found = self.part(value).filter(|part| !part.is_empty() && value.get(part.clone()).is_some());
        found.unwrap_or(0..value.len())
    }

    fn part(&self, value: &str) -> Option<Range<usize>> {
        match self {
            BadValue::Weekday { part } | BadValue::Monthday { part } => {
                // The part is cut off, and the next comma ends the day.
                let start =
                    elements(value).find(|element| value[element.clone()].starts_with(&**part))?.start;
                Some(start..value[start..].find(',').map_or(value.len(), |length| start + length))
            }
            BadValue::WeekdayZero => {
                elements(value).find(|element| number(&value[element.clone()]) == Some(0))
            }
            BadValue::UnstrippableOption => {
                elements(value).find(|element| matches!(number(&value[element.clone()]), Some(0 | 1)))
            }
            BadValue::StrippedTwice { part } => {
                elements(value).filter(|element| value[element.clone()] == **part).nth(1)
            }
            // All of the list, or what follows the first that is wrong.
            BadValue::Choice { names, part }
            | BadValue::Status { names, part }
            | BadValue::AddressType { names, part, .. } => none_of(names, value, part),
            BadValue::State { names, part } => none_of(names, value, part),
            BadValue::TcpFlag { part }
            | BadValue::StrippedOption { part, .. }
            | BadValue::Tuple { part, .. }
            | BadValue::Chunk { part, .. }
            | BadValue::AddressRange { part, .. }
            | BadValue::RouteAddress { part }
            | BadValue::Port { part, .. }
            | BadValue::MobilityType { part }
            | BadValue::HeaderOption { part, .. }
            | BadValue::Header { part, .. }
            | BadValue::NatAddress { part, .. }
            | BadValue::NatPort { part }
            | BadValue::DayTime { part }
            | BadValue::BehindNumber { rest: part }
            | BadValue::BehindNatPort { rest: part }
            | BadValue::BehindNatPorts { rest: part } => {
                if part.is_empty() {
                    nothing(value)
                } else {
                    bounded(value, part)
                }
            }
            BadValue::NoState => nothing(value),
            BadValue::SetSide => {
                let start = value.rfind(' ')? + 1;
                let sides = elements(&value[start..]).map(|side| start + side.start..start + side.end);
                let mut wrong = sides.filter(|side| !matches!(&value[side.clone()], "src" | "dst"));
                wrong.find(|side| !side.is_empty()).or_else(|| nothing(value))
            }
            BadValue::SetSides { max } => {
                let start = value.rfind(' ')? + 1;
                let first = elements(&value[start..]).nth(*max)?;
                Some(start + first.start..value.len())
            }
            BadValue::ChunkFlags { flags, .. } => {
                let start = value.rfind(' ')? + 1;
                elements(&value[start..]).find_map(|element| {
                    let colon = start + element.start + value[start..][element.clone()].find(':')? + 1;
                    let known = |flag: char| flags.chars().any(|known| known.eq_ignore_ascii_case(&flag));
                    let given = &value[colon..start + element.end];
                    (!given.chars().all(known)).then_some(colon..start + element.end)
                })
            }
            BadValue::Number { min, max, near } => {
                let wrong = |piece: &Range<usize>| {
                    number(&value[piece.clone()]).is_none_or(|number| !(*min..=*max).contains(&number))
                };
                match near.as_deref().filter(|near| !near.is_empty()) {
                    Some(near) => bounded(value, near),
                    None => {
                        let signs = if value.contains(':') { &[':'] } else { &['-'] };
                        let whole = value.starts_with('-') && !value.contains(':');
                        pieces(value, signs).find(|piece| !whole && !piece.is_empty() && wrong(piece))
                    }
                }
            }
            BadValue::PortsOrder => elements(value).find(|element| {
                let text = &value[element.clone()];
                text.split_once(':').is_some_and(|(first, last)| match (number(first), number(last)) {
                    (Some(first), Some(last)) => first > last,
                    _ => elements(value).filter(|element| value[element.clone()].contains(':')).count() == 1,
                })
            }),
            BadValue::NatOrder { .. } => Some(value.rfind(':')? + 1..value.len()),
            BadValue::Mask { .. } | BadValue::IcmpCode { .. } => behind(value, '/'),
            BadValue::IcmpType { .. } => Some(0..value.find('/').filter(|_| value.starts_with(is_digit))?),
            BadValue::Host { family, .. } | BadValue::HostOfFamily { family } => {
                // An address with a mask is wrong where there should be none.
                let host = &value[..value.find('/')?];
                let address = host.parse().ok().map(|address: IpAddr| address.is_ipv4());
                (address != Some(*family == Family::Ipv4)).then_some(0..host.len())
            }
            BadValue::ManyHosts { part, .. } => bounded(value, part),
            BadValue::Mark | BadValue::NamedMark { .. } | BadValue::Tos | BadValue::NamedTos => {
                let sign = value.find('/')?;
                let limit =
                    if matches!(self, BadValue::Tos | BadValue::NamedTos) { 0xff } else { u32::MAX.into() };
                let right = number(&value[..sign]).is_some_and(|number| number <= limit);
                match self {
                    _ if right => behind(value, '/'),
                    BadValue::Mark => Some(0..sign),
                    _ => None,
                }
            }
            BadValue::Rate | BadValue::HashRate => {
                let sign = value.find('/')?;
                let right = number(&value[..sign]).is_some_and(|number| number > 0);
                if right { behind(value, '/') } else { Some(0..sign) }
            }
            BadValue::Owner => pieces(value, &['-']).find(|piece| number(&value[piece.clone()]).is_none()),
            BadValue::Class => pieces(value, &[':']).find(|piece| !is_hex(&value[piece.clone()], 4)),
            BadValue::Mac if value.split(':').count() == 6 => {
                pieces(value, &[':']).find(|piece| !is_hex(&value[piece.clone()], 2))
            }
            BadValue::IcmpCharacter { character } | BadValue::HexDigit { digit: character } => {
                let from = if matches!(self, BadValue::HexDigit { .. }) { value.find('|')? + 1 } else { 0 };
                let at = from + value[from..].find(*character)?;
                Some(at..at + character.len_utf8())
            }
            BadValue::Program(BadProgram::Instruction { index }) => elements(value).nth(index + 1),
            BadValue::Test { at, .. } => {
                let rest = value.get(*at..)?;
                let word = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let one = rest.chars().next().map_or(0, char::len_utf8);
                Some(*at..at + word.max(one))
            }
            _ => None,
        }
    }
}

/// The parts between some characters.
fn pieces<'a>(value: &'a str, signs: &'a [char]) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut start = 0;
    value.split(signs).map(move |piece| {
        let range = start..start + piece.len();
        start = range.end + 1;
        range
    })
}

/// The elements of a list.
fn elements(value: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    pieces(value, &[','])
}

/// The commas between which there should be an element.
fn nothing(value: &str) -> Option<Range<usize>> {
    let at = value.find(",,").map(|at| at..at + 2);
    let ends = || value.ends_with(',').then(|| value.len() - 1..value.len());
    at.or_else(|| value.starts_with(',').then_some(0..1)).or_else(ends)
}

fn behind(value: &str, sign: char) -> Option<Range<usize>> {
    Some(value.find(sign)? + 1..value.len())
}

/// The first element, of a value that ends in a list, that is none of some names.
fn none_of(names: &[&str], value: &str, list: &str) -> Option<Range<usize>> {
    let start = value.rfind(list)?;
    let is_name =
        |element: &Range<usize>| names.iter().any(|name| name.eq_ignore_ascii_case(&list[element.clone()]));
    let wrong = elements(list).find(|element| !is_name(element))?;
    let empty = wrong.is_empty();
    if empty { nothing(value) } else { Some(start + wrong.start..start + wrong.end) }
}

/// A part where it is no part of a longer word.
fn bounded(value: &str, part: &str) -> Option<Range<usize>> {
    let is_word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte));
    let stands_alone = |at: &usize| {
        let (bytes, end) = (value.as_bytes(), at + part.len());
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let goes_on = is_word(bytes.get(end)) && is_word(part.as_bytes().last());
        let has_begun = is_word(before) && is_word(part.as_bytes().first());
        !goes_on && !has_begun
    };
    let mut found = value.match_indices(part).map(|(at, _)| at);
    let at = found.find(stands_alone).or_else(|| value.find(part))?;
    Some(at..at + part.len())
}

/// A number as the options take it.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

fn is_hex(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is said of a value, the part is one of it.
    #[test]
    fn every_part_is_within() {
        for bad in BadValue::samples() {
            for value in
                ["", "a", "TEXT,TEXT", ",", "é,,é", "é/é|é", "TEXT 5:é,x", "5/", "a b,c:dé", "1,2,", "/5"]
            {
                let part = bad.culprit(value);
                assert!(value.get(part.clone()).is_some(), "{bad:?} {value:?} {part:?}");
            }
        }
    }

    #[test]
    fn what_is_wrong() {
        let port = |part: &str| BadValue::Port { part: part.into(), service: true };
        let near = |min| BadValue::Number { min, max: 65535, near: None };
        for (bad, value, part) in [
            (port("99999"), "22,99999,9", "99999"),
            (port("9"), "99,9", "9"),
            (port(""), "22,,80", ",,"),
            (port(""), "22,", ","),
            (near(5), "5:4", "4"),
            (near(0), "0x10:x", "x"),
            (near(0), "70000", "70000"),
            (port("22,23"), "22,23", "22,23"),
            (near(0), "-1", "-1"),
            (BadValue::Choice { names: &["a", "b"], part: "a,x".into() }, "a,x", "x"),
            (BadValue::Choice { names: &["a", "b"], part: "a,".into() }, "a,", ","),
            (BadValue::HostOfFamily { family: Family::Ipv4 }, "10.0.0.0/8", "10.0.0.0/8"),
            (BadValue::HostOfFamily { family: Family::Ipv6 }, "10.0.0.0/8", "10.0.0.0"),
            (BadValue::NatOrder { part: "80".into() }, "10.0.0.1:90-80", "90-80"),
            (BadValue::SetSide, "dts src,dts", "dts"),
            (BadValue::SetSide, "s src,,dst", ",,"),
            (BadValue::Mask { family: Family::Ipv4 }, "10.0.0.0/33", "33"),
            (BadValue::Mark, "x/5", "x"),
            (BadValue::Mark, "0x5/x", "x"),
            (BadValue::StrippedTwice { part: "2".into() }, "2,3,2", "2"),
            (BadValue::Weekday { part: "Xon".into() }, "Mon,Xonday,Xon", "Xonday"),
            (BadValue::Mac, "00:11:22:33:44:5g", "5g"),
        ] {
            let found = bad.culprit(value);
            assert_eq!(&value[found.clone()], part, "{bad:?} {value}");
            assert!(value != "2,3,2" || found.start == 4);
        }
    }
}
