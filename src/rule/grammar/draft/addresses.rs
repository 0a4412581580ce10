//! The lists of addresses and names of a rule.

use std::net::IpAddr;

use crate::error::BadLine;
use crate::sys;
use crate::types::addr::{parse_addr, parse_mask, parse_plain, split_mask};
use crate::types::{AddrMask, Family};
use crate::{Error, Result};

/// Reads `ADDRESS[/MASK][,...]`; a name may stand for several addresses.
pub(crate) fn read_addresses(family: Family, text: &[u8], list: &mut Vec<AddrMask>) -> Result<()> {
    if family != Family::Ipv6
        && let Some(addr) = parse_plain(text)
    {
        list.push(addr);
        return Ok(());
    }
    for part in text.split(|byte| *byte == b',') {
        // Spaces before an address are passed over.
        let start = part.iter().position(|byte| *byte != b' ').unwrap_or(0);
        let (host, mask) = split_address(&part[start..]);
        let mask = match mask {
            None => None,
            Some(mask) => Some(parse_mask(family, mask).ok_or_else(|| bad_mask(family, host, mask))?),
        };
        // Under the mask of every address the name does not matter.
        if mask.is_some_and(|mask| mask.is_unspecified()) && !host.is_empty() {
            list.push(AddrMask::any(family));
            continue;
        }
        let with_mask = |addr: IpAddr| match mask {
            Some(mask) => AddrMask::new(addr, mask),
            None => Ok(addr.into()),
        };
        if let Some(addr) = parse_addr(family, host) {
            list.push(with_mask(addr)?);
            continue;
        }
        for addr in resolve(family, host)? {
            list.push(with_mask(addr)?);
        }
    }
    Ok(())
}

/// The error of a mask that is none in this family.
#[cold]
fn bad_mask(family: Family, host: &[u8], mask: &[u8]) -> Error {
    let [host, text] = [host, mask].map(|part| String::from_utf8_lossy(part).into_owned());
    let host =
        host.parse::<IpAddr>().is_ok_and(|host| host.is_ipv4() == (family == Family::Ipv6)).then_some(host);
    let token = host.as_ref().unwrap_or(&text).clone();
    Error::from(BadLine::Mask { text, host, family }).at_token(token)
}

/// Splits at the last slash.
fn split_address(part: &[u8]) -> (&[u8], Option<&[u8]>) {
    match part.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&part[..slash], Some(&part[slash + 1..])),
        None => split_mask(part),
    }
}

/// The addresses of a network or host name.
fn resolve(family: Family, name: &[u8]) -> Result<Vec<IpAddr>> {
    if let Some(network) = sys::names::network(name).filter(|_| family != Family::Ipv6) {
        return Ok(vec![network.into()]);
    }
    let shown = String::from_utf8_lossy(name);
    let found =
        if name.is_empty() { Vec::new() } else { sys::names::resolve(&shown, family).unwrap_or_default() };
    if found.is_empty() {
        let text = shown.into_owned();
        return Err(Error::from(BadLine::Host { text: text.clone(), family }).at_token(text));
    }
    Ok(found)
}
