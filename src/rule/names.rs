//! Names of chains: which a new one may have, and how any is written in a rule or save file. Names of matches and targets
//! that libfw does not know.
//!
//! The kernel keeps any 30 bytes as the name of a chain, 255 in nf_tables. One that iptables would not give a chain, because it
//! would be read as something else, is written as `opaque:` and those bytes in hexadecimal, which iptables refuses for its length.

use std::borrow::Cow;

use super::Verdict;
use crate::error::BadLine;
use crate::ext::{ExtensionKind, index};
use crate::sys::xt::XT_FUNCTION_MAXNAMELEN;
use crate::types::text::breaks_line;
use crate::types::{CHAIN_NAME_MAX, Family, NFT_CHAIN_NAME_MAX, opaque};
use crate::{Error, Result};

/// No target has a longer name.
const TARGET_MAX: usize = 12;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Beginning(u8),
    Length,
    Target,
    Letter,
}

fn fault(name: &[u8], family: Family) -> Option<Fault> {
    match name.first() {
        None => return Some(Fault::Target),
        Some(first @ (b'-' | b'!')) => return Some(Fault::Beginning(*first)),
        _ if name.len() > CHAIN_NAME_MAX => return Some(Fault::Length),
        _ if is_target(name, family) => return Some(Fault::Target),
        _ => {}
    }
    // A name is short: looking at every byte is faster than stopping.
    name.iter().fold(false, |any, byte| any | is_control(byte)).then_some(Fault::Letter)
}

/// Whether a byte is a space or a control character.
fn is_control(byte: &u8) -> bool {
    *byte <= b' ' || *byte == 0x7f
}

/// Whether the name behind `-j` is that of a target.
pub(crate) fn is_target(name: &[u8], family: Family) -> bool {
    name.len() <= TARGET_MAX
        && (name == b"standard"
            || Verdict::from_name(name).is_some()
            || index::find(ExtensionKind::Target, name, family).is_some())
}

/// Whether a target has the name of this chain, so that the name behind `-j` is no sign of the chain.
pub(crate) fn clashes(name: &[u8], family: Family) -> bool {
    fault(name, family) == Some(Fault::Target)
}

/// Whether a chain that is there has a name that would be read as something else. One that is only too long for a new chain is not.
pub(crate) fn is_strange(name: &[u8], family: Family) -> bool {
    match fault(name, family) {
        None => false,
        Some(Fault::Length) => name.iter().any(is_control),
        Some(_) => true,
    }
}

/// Fails unless a new chain may have the name.
pub(crate) fn check(name: &[u8], family: Family) -> Result<()> {
    // iptables looks at the length first.
    if name.len() > CHAIN_NAME_MAX {
        return Err(too_long(name, CHAIN_NAME_MAX));
    }
    let bad = match fault(name, family) {
        None | Some(Fault::Length) => return Ok(()),
        Some(Fault::Beginning(first)) => BadLine::ChainStart { first: first.into() },
        Some(Fault::Target) if name.is_empty() => BadLine::EmptyChain,
        Some(Fault::Target) => BadLine::ChainIsTarget,
        Some(Fault::Letter) => BadLine::ChainSpace { name: lossy(name) },
    };
    Err(Error::from(bad).at_token(lossy(name)))
}

/// Fails if no chain can have the name for its length.
pub(crate) fn check_length(name: &[u8]) -> Result<()> {
    if name.len() <= NFT_CHAIN_NAME_MAX { Ok(()) } else { Err(too_long(name, NFT_CHAIN_NAME_MAX)) }
}

/// The error for a name that is longer than it may be.
pub(crate) fn too_long(name: &[u8], max: usize) -> Error {
    Error::from(BadLine::LongChain { name: lossy(name), max }).at_token(lossy(name))
}

/// Fails if the name of a chain, match or target would break the line it is printed on.
pub(crate) fn check_line(name: &[u8]) -> Result<()> {
    if !breaks_line(name) {
        return Ok(());
    }
    Err(Error::from(BadLine::BrokenName { name: lossy(name) }).at_token(lossy(name)))
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The name that a word stands for.
pub(crate) fn read(word: &[u8]) -> Cow<'_, [u8]> {
    match read_opaque(word) {
        Some(name) => Cow::Owned(name),
        None => Cow::Borrowed(word),
    }
}

/// The name that is written in hexadecimal.
pub(crate) fn read_opaque(word: &[u8]) -> Option<Vec<u8>> {
    let field = opaque::read_field(word, XT_FUNCTION_MAXNAMELEN)?;
    Some(field.split(|byte| *byte == 0).next().unwrap_or_default().to_vec())
}

/// Appends the name of a chain as a word of a rule; with `utf8` the word is UTF-8.
pub(crate) fn print(out: &mut Vec<u8>, name: &[u8], family: Family, utf8: bool) {
    let plain = match fault(name, family) {
        // One that xtables has room for is read back, of one of nf_tables nobody but iptables-nft has heard.
        Some(Fault::Length) => name.len() >= XT_FUNCTION_MAXNAMELEN && !is_strange(name, family),
        fault => fault.is_none(),
    };
    print_word(out, name, plain, utf8);
}

/// Appends the name of a match or target that libfw does not know.
pub(crate) fn print_unknown(out: &mut Vec<u8>, name: &[u8], utf8: bool) {
    print_word(out, name, !name.is_empty() && !name.iter().any(is_control), utf8);
}

fn print_word(out: &mut Vec<u8>, name: &[u8], plain: bool, utf8: bool) {
    // A quote begins a word anywhere but in the line that declares a chain.
    if plain && !name.contains(&b'"') && !(utf8 && std::str::from_utf8(name).is_err()) {
        return out.extend_from_slice(name);
    }
    let mut field = name.to_vec();
    field.resize(name.len().max(XT_FUNCTION_MAXNAMELEN), 0);
    opaque::print_name(out, &field);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_target_has_a_longer_name() {
        let names = crate::ext::targets::ALL
            .iter()
            .flat_map(|target| std::iter::once(target.name).chain(target.aliases.iter().copied()));
        assert!(names.map(str::len).max() <= Some(TARGET_MAX));
    }

    #[test]
    fn new_chains_are_not_called_as_iptables_forbids() {
        let words = |name: &[u8]| {
            check(name, Family::Ipv4).map_err(|error| crate::iptables::words(&error).1.into_owned())
        };
        let clash = Err("chain name may not clash with target name".to_owned());
        for name in ["ACCEPT", "DROP", "QUEUE", "RETURN", "LOG", "MASQUERADE", "NOTRACK", "standard", ""] {
            assert_eq!(words(name.as_bytes()), clash, "{name}");
        }
        // A target of IPv6.
        assert_eq!(words(b"DNPT"), Ok(()));
        assert!(check(b"DNPT", Family::Ipv6).is_err());
        assert_eq!(words(b"-x"), Err("chain name not allowed to start with `-'".into()));
        assert_eq!(words(b"!x"), Err("chain name not allowed to start with `!'".into()));
        for byte in 0..=b' ' {
            let name = [b'a', byte, b'b'];
            let shown = String::from_utf8_lossy(&name);
            assert_eq!(words(&name), Err(format!("Invalid chain name `{shown}'")), "{byte}");
        }
        for name in [
            "ERROR",
            "icmp",
            "#x",
            "*x",
            ":x",
            "[x",
            "?",
            "a\"b",
            "a\\b",
            "a!",
            "ä",
            "abcdefghijklmnopqrstuvwxyz12",
        ] {
            assert_eq!(words(name.as_bytes()), Ok(()), "{name}");
        }
        for long in [
            "abcdefghijklmnopqrstuvwxyz123",
            "-abcdefghijklmnopqrstuvwxyz12",
            "a bcdefghijklmnopqrstuvwxyz12",
        ] {
            let told = format!("chain name `{long}' too long (must be under 29 chars)");
            assert_eq!(words(long.as_bytes()), Err(told));
        }
    }

    #[test]
    fn every_name_is_read_back() {
        let names = (0..=255).flat_map(|byte: u8| [vec![byte], vec![b'a', byte, b'b'], vec![b'x', byte]]);
        let others =
            ["ACCEPT", "LOG", "-x", "!x", "a b", "", "opaque:00"].map(|name| name.as_bytes().to_vec());
        let long =
            [28, 29, 30, 31, 255].into_iter().flat_map(|length| [vec![b'x'; length], vec![b'"'; length]]);
        for name in names.chain(others).chain(long).filter(|name| !name.contains(&0)) {
            for utf8 in [false, true] {
                let mut word = Vec::new();
                print(&mut word, &name, Family::Ipv4, utf8);
                assert_eq!(read(&word), name);
                assert_eq!(word == name, read_opaque(&word).is_none());
                assert!(word == name || word.len() > CHAIN_NAME_MAX);
                assert!(word.iter().all(|byte| *byte > b' ' && *byte != b'"'), "{name:?}");
                assert!(!utf8 || std::str::from_utf8(&word).is_ok());
            }
        }
    }
}
