//! Options of the IPv6 headers for destinations and for every hop. `linux/netfilter_ipv6/ip6t_opts.h`.

use crate::error::HeaderOption;
use crate::ext::prelude::*;
use crate::types::fmt::leading_number;

const IP6T_OPTS_OPTSNR: usize = 16;
const IP6T_OPTS_LEN: u8 = 0x01;
const IP6T_OPTS_OPTS: u8 = 0x02;
const IP6T_OPTS_INV_LEN: u8 = 0x01;

/// The length in the kernel's data that stands for any.
const ANY_LEN: u8 = 0xff;

raw! {
    "linux/netfilter_ipv6/ip6t_opts.h"

    struct ip6t_opts {
        hdrlen: u32,
        flags: u8,
        invflags: u8,
        opts: [u16; IP6T_OPTS_OPTSNR],
        optsnr: u8,
        _padding: [u8; 1],
    }
}

/// An option in an extension header of IPv6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ip6Option {
    /// The type.
    pub kind: u8,
    /// The length of its data in bytes, up to 254; any unless given.
    pub len: Option<u8>,
}

/// A list of up to 16 options; written `TYPE[:LENGTH][,...]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ip6Options(pub Vec<Ip6Option>);

impl From<Vec<Ip6Option>> for Ip6Options {
    fn from(options: Vec<Ip6Option>) -> Ip6Options {
        Ip6Options(options)
    }
}

impl Value for Ip6Options {
    const KIND: ValueKind = ValueKind::new(Form::List, "TYPE[:LENGTH][,...]");

    fn parse(input: &Input<'_>) -> Result<Ip6Options, BadValue> {
        let mut options = Vec::new();
        for item in input.text().split(|byte| *byte == b',') {
            if options.len() == IP6T_OPTS_OPTSNR {
                return Err(BadValue::HeaderOptions { max: IP6T_OPTS_OPTSNR });
            }
            let colon = item.iter().position(|byte| *byte == b':');
            let kind = byte(HeaderOption::Kind, &item[..colon.unwrap_or(item.len())])?;
            let len = match colon {
                None => None,
                Some(colon) => {
                    Some(byte(HeaderOption::Length, &item[colon + 1..])?).filter(|len| *len != ANY_LEN)
                }
            };
            const IPV6_TLV_PAD1: u8 = 0;
            if kind == IPV6_TLV_PAD1 && colon.is_some() {
                return Err(BadValue::PaddingLength);
            }
            options.push(Ip6Option { kind, len });
        }
        Ok(Ip6Options(options))
    }

    fn print(&self, out: &mut Printer<'_>) {
        for (index, option) in self.0.iter().enumerate() {
            out.text(if index > 0 { "," } else { "" });
            out.decimal(option.kind);
            if let Some(len) = option.len {
                out.text(":");
                out.decimal(len);
            }
        }
    }
}

/// A type or length of one byte.
fn byte(what: HeaderOption, text: &[u8]) -> Result<u8, BadValue> {
    match leading_number(text) {
        Some((number, [])) if number <= 255 => Ok(number as u8),
        found => Err(BadValue::HeaderOption { what, part: shown(text), digits: found.is_some() }),
    }
}

/// What the matches `dst` and `hbh` are about: the header's length and its options.
pub(crate) type HeaderOptions = (Option<Inv<u32>>, Option<Ip6Options>);

/// The kernel's form of the two options.
pub(crate) fn options_to_raw(len: Option<Inv<u32>>, options: Option<&Ip6Options>) -> Result<ip6t_opts> {
    let Inv { inverted, value } = len.unwrap_or_default();
    let options_given = options.is_some();
    let options = options.map_or(&[][..], |options| &options.0);
    if options.len() > IP6T_OPTS_OPTSNR {
        return Err(Misfit::HeaderOptions { count: options.len(), max: IP6T_OPTS_OPTSNR }.into());
    }
    let mut opts = [0; IP6T_OPTS_OPTSNR];
    for (slot, option) in opts.iter_mut().zip(options) {
        *slot = u16::from_be_bytes([option.kind, option.len.unwrap_or(ANY_LEN)]);
    }
    Ok(ip6t_opts {
        hdrlen: value,
        flags: flag(len.is_some(), IP6T_OPTS_LEN) | flag(options_given, IP6T_OPTS_OPTS),
        invflags: flag(inverted, IP6T_OPTS_INV_LEN),
        opts,
        optsnr: options.len() as u8,
        _padding: [0],
    })
}

/// The options in the kernel's data.
pub(crate) fn options_from_raw(bytes: &[u8]) -> Result<HeaderOptions> {
    let raw: ip6t_opts = read_raw(bytes)?;
    let inverted = raw.invflags & IP6T_OPTS_INV_LEN != 0;
    let options = raw.opts.iter().take(raw.optsnr.into()).map(|option| {
        let [kind, len] = option.to_be_bytes();
        Ip6Option { kind, len: (len != ANY_LEN).then_some(len) }
    });
    Ok((
        (raw.flags & IP6T_OPTS_LEN != 0).then(|| Inv::new(inverted, raw.hdrlen)),
        (raw.flags & IP6T_OPTS_OPTS != 0).then(|| Ip6Options(options.collect())),
    ))
}

/// Prints the two options in a listing.
pub(crate) fn list_options(
    out: &mut List<'_>,
    name: &str,
    len: Option<Inv<u32>>,
    options: Option<&Ip6Options>,
) {
    show!(out, " {name}");
    if let Some(Inv { inverted, value }) = len {
        show!(out, " length:{}{value}", bang(inverted));
    }
    if let Some(options) = options {
        out.text(" opts ");
        out.value(options);
    }
}
