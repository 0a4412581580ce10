//! Types and codes of ICMP and ICMPv6.

use std::fmt;

use crate::ext::prelude::*;
use crate::types::fmt::{leading_number, padded};

/// A type of ICMP or ICMPv6, and the codes that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IcmpType {
    /// The type.
    pub kind: u8,
    /// The smallest and the largest code: 0 and 255 for all of them.
    pub codes: [u8; 2],
}

impl IcmpType {
    /// Every ICMP type; IPv4 only.
    pub const ANY: IcmpType = IcmpType::new(0xff);

    /// A type with any code.
    ///
    /// ```
    /// use libfw::{Family, Rule, ext::values::IcmpType, matches::Icmp};
    ///
    /// let rule = Rule::builder().protocol("icmp").matching(Icmp::new().icmp_type(IcmpType::new(8))).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-p icmp -m icmp --icmp-type 8");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn new(kind: u8) -> IcmpType {
        IcmpType { kind, codes: [0, 0xff] }
    }

    /// A type with one code.
    ///
    /// ```
    /// use libfw::{Family, Rule, ext::values::IcmpType, matches::Icmp};
    ///
    /// let unreachable = Icmp::new().icmp_type(IcmpType::with_code(3, 1));
    /// let rule = Rule::builder().protocol("icmp").matching(unreachable).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-p icmp -m icmp --icmp-type 3/1");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn with_code(kind: u8, code: u8) -> IcmpType {
        IcmpType { kind, codes: [code, code] }
    }

    const fn has_code(self) -> bool {
        self.codes[0] != 0 || self.codes[1] != 0xff
    }
}

/// The type, and the codes if not all count: `3/1`.
impl fmt::Display for IcmpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, last] = self.codes;
        match self.has_code() {
            false => padded(f, format_args!("{}", self.kind)),
            true if first == last => padded(f, format_args!("{}/{first}", self.kind)),
            true => padded(f, format_args!("{}/{first}:{last}", self.kind)),
        }
    }
}

impl From<u8> for IcmpType {
    fn from(kind: u8) -> IcmpType {
        IcmpType::new(kind)
    }
}

invertible!(u8 => IcmpType);

/// A type by itself, in a table of names.
pub(crate) const fn kind(kind: u8) -> IcmpType {
    IcmpType::new(kind)
}

/// A type and a code, in a table of names.
pub(crate) const fn code(kind: u8, code: u8) -> IcmpType {
    IcmpType::with_code(kind, code)
}

/// A name and what it stands for. Of several names the first is the one printed.
pub(crate) type IcmpName = (&'static str, IcmpType);

/// Reads a name, the beginning of exactly one, or `TYPE[/CODE[:CODE]]`.
pub(crate) fn read_icmp(
    input: &Input<'_>,
    names: &[IcmpName],
    protocol: &'static str,
) -> Result<IcmpType, BadValue> {
    let text = input.text();
    let begins = |name: &&IcmpName| {
        name.0.len() >= text.len() && name.0.as_bytes()[..text.len()].eq_ignore_ascii_case(text)
    };
    let mut found = names.iter().filter(begins);
    if let Some((name, icmp)) = found.next() {
        return match found.next() {
            None => Ok(*icmp),
            Some((other, _)) => Err(BadValue::IcmpBeginning { protocol, one: name, other }),
        };
    }
    let slash = text.iter().position(|byte| *byte == b'/');
    let (kinds, codes) = match slash {
        None => (text, None),
        Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
    };
    let [kind, last] = read_range(kinds, BadValue::IcmpType { protocol })?;
    let codes = codes.map(|codes| read_range(codes, BadValue::IcmpCode { protocol })).transpose()?;
    if kind != last {
        return Err(BadValue::IcmpRange { protocol });
    }
    Ok(IcmpType { kind, codes: codes.unwrap_or([0, u8::MAX]) })
}

/// `NUMBER[:NUMBER]`, or the error `bad`.
fn read_range(text: &[u8], bad: BadValue) -> Result<[u8; 2], BadValue> {
    let byte = |text| match leading_number(text) {
        Some((number, rest)) => u8::try_from(number).ok().map(|number| (number, rest)),
        None => None,
    };
    let Some((first, rest)) = byte(text) else { return Err(bad) };
    let (last, rest) = match rest {
        [b':', rest @ ..] => match byte(rest) {
            Some(last) => last,
            None => return Err(bad),
        },
        _ => (first, rest),
    };
    match String::from_utf8_lossy(rest).chars().next() {
        None => Ok([first, last]),
        Some(character) => Err(BadValue::IcmpCharacter { character }),
    }
}

/// The names for help: another name for the same stands with the first, a code below its type.
pub(crate) fn named_icmp(heading: &'static str, names: &[IcmpName]) -> ValueNames {
    let mut named = ValueNames::below(heading, []);
    for (at, (name, icmp)) in names.iter().enumerate() {
        match named.names.last_mut() {
            Some(last) if at > 0 && names[at - 1].1 == *icmp => last.others.push(name),
            _ => named.names.push(ValueName { part: icmp.has_code(), ..ValueName::new(name) }),
        }
    }
    named
}

/// Prints a type in a listing: ` icmp NAME`, or ` icmptype 3 code 4`.
pub(crate) fn list_icmp(out: &mut List<'_>, names: &[IcmpName], protocol: &str, icmp: Inv<IcmpType>) {
    let Inv { inverted, value } = icmp;
    let name = names.iter().find(|(_, known)| !out.numeric && *known == value);
    if let Some((name, _)) = name {
        return show!(out, " {protocol} {}{name}", bang(inverted));
    }
    show!(out, " {protocol}{}type {}", if inverted { " !" } else { "" }, value.kind);
    if value.codes[0] == value.codes[1] {
        show!(out, " code {}", value.codes[0]);
    } else if value.has_code() {
        show!(out, " codes {}-{}", value.codes[0], value.codes[1]);
    }
}
