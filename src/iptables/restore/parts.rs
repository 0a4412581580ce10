//! Parts of the lines of a save file.

use crate::error::{BadFile, BadLine, Step};
use crate::rule::Verdict;
use crate::types::fmt::leading_decimal;
use crate::types::{CHAIN_NAME_MAX, Counters};
use crate::{Error, Result};

/// Fails unless a save file may declare a chain of this name. iptables looks at less than where a command makes one.
pub(super) fn check_declared(name: &[u8], nft: bool) -> Result<()> {
    let shown = || String::from_utf8_lossy(name).into_owned();
    check_length(name, name)?;
    let error = if let [first @ (b'-' | b'!'), ..] = name
        && nft
    {
        BadLine::ChainStart { first: char::from(*first) }.into()
    } else if Verdict::from_name(name).is_some() {
        Error::from(BadLine::ChainIsTarget).during(Step::Chain { name: shown() })
    } else {
        return Ok(());
    };
    Err(error.at_token(shown()))
}

/// Fails if a chain is declared by a word that is too long, whether there is one of that name or not.
pub(super) fn check_length(name: &[u8], word: &[u8]) -> Result<()> {
    if name.len() <= CHAIN_NAME_MAX || name != word {
        return Ok(());
    }
    let name = String::from_utf8_lossy(name);
    Err(Error::from(BadFile::LongChain { name: name.to_string(), max: CHAIN_NAME_MAX }).at_token(name))
}

/// The mistake of what stands in the brackets before a rule.
pub(super) fn bad_counters(text: &[u8]) -> BadFile {
    let packets = text.split(|byte| *byte == b':').next().unwrap_or_default();
    BadFile::Counters { of: if packets.iter().all(u8::is_ascii_digit) { "byte" } else { "packet" } }
}

/// Where the rule of a line begins: behind its counters, if it has any.
pub(in crate::iptables) fn behind_counters(line: &[u8], number: usize) -> Result<usize> {
    if !line.starts_with(b"[") {
        return Ok(0);
    }
    let open = BadFile::OpenBracket { line: number };
    // A number before the colon may be wrong, but not left out.
    let colon = line.iter().position(|byte| *byte == b':').filter(|colon| *colon > 1);
    let colon = colon.ok_or(open.clone())?;
    let end = line[colon..].iter().position(|byte| *byte == b']').ok_or(open)?;
    Ok(colon + end + 1)
}

/// `[PACKETS:BYTES` of a policy, which may have anything behind it.
pub(in crate::iptables) fn policy_counters(text: &[u8]) -> Option<Counters> {
    let number = |text: &[u8]| match text.strip_prefix(b"-") {
        Some(digits) => {
            leading_decimal(digits).map(|(number, rest)| (number.wrapping_neg(), text.len() - rest.len()))
        }
        None => leading_decimal(text).map(|(number, rest)| (number, text.len() - rest.len())),
    };
    let text = text.strip_prefix(b"[")?;
    let (packets, end) = number(text)?;
    let (bytes, _) = number(text[end..].strip_prefix(b":")?)?;
    Some(Counters { packets, bytes })
}

/// `[PACKETS:BYTES]`
pub(super) fn parse_counters(text: &[u8]) -> Option<Counters> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix('[')?;
    let (packets, bytes) = text.split_once(':')?;
    Some(Counters { packets: packets.parse().ok()?, bytes: bytes.strip_suffix(']')?.parse().ok()? })
}
