//! `ipv6header`: which extension headers a packet has. `linux/netfilter_ipv6/ip6t_ipv6header.h`.

use crate::ext::prelude::*;
use crate::ext::values::{flags, print_names};
use crate::sys::names;

raw! {
    "linux/netfilter_ipv6/ip6t_ipv6header.h"

    struct ip6t_ipv6header_info {
        matchflags: u8,
        invflags: u8,
        modeflag: u8,
    }
}

flags! {
    /// Headers of an IPv6 packet.
    pub struct Ip6Headers(u8) {
        /// Options for every hop.
        HOPOPTS = 128 => "hop-by-hop",
        /// Options for the destination.
        DSTOPTS = 64 => "ipv6-opts",
        /// A route.
        ROUTING = 32 => "ipv6-route",
        /// A fragment.
        FRAGMENT = 16 => "ipv6-frag",
        /// Authentication.
        AH = 8 => "ah",
        /// Encryption.
        ESP = 4 => "esp",
        /// No next header.
        NONE = 2 => "ipv6-nonxt",
        /// A transport protocol.
        PROTO = 1 => "protocol",
    }
}

/// Short names and protocol numbers of the headers, in the order of [`Ip6Headers::BITS`].
const SHORT: [(&str, u8); 8] = [
    ("hop", 0),
    ("dst", 60),
    ("route", 43),
    ("frag", 44),
    ("auth", 51),
    ("esp", 50),
    ("none", 59),
    ("prot", 255),
];

impl Ip6Headers {
    fn read(name: &[u8]) -> Result<Ip6Headers, BadValue> {
        let bit = |index: Option<usize>| Some(*Ip6Headers::BITS.get(index?)?);
        let long = Ip6Headers::NAMES.iter().position(|known| known.as_bytes() == name);
        let short = || SHORT.iter().position(|(known, _)| known.as_bytes() == name);
        // A number is written as it is printed, without zeros before it.
        let digits = || SHORT.iter().position(|(_, number)| number.to_string().as_bytes() == name);
        if let Some(header) = bit(long.or_else(short).or_else(digits)) {
            return Ok(header);
        }
        let looked_up = names::protocol_number(name);
        let by_number = looked_up.and_then(|found| SHORT.iter().position(|(_, number)| *number == found));
        bit(by_number).ok_or_else(|| {
            let part = looked_up.map_or_else(|| shown(name), |found| found.to_string());
            BadValue::Header { names: Ip6Headers::NAMES, part }
        })
    }
}

impl Value for Ip6Headers {
    const KIND: ValueKind =
        ValueKind { choices: Ip6Headers::NAMES, ..ValueKind::new(Form::List, "HEADER[,...]") };

    fn parse(input: &Input<'_>) -> Result<Ip6Headers, BadValue> {
        let mut headers = Ip6Headers::default();
        for name in input.text().split(|byte| *byte == b',').filter(|name| !name.is_empty()) {
            headers |= Ip6Headers::read(name)?;
        }
        if headers == Ip6Headers::default() {
            return Err(BadValue::NoHeader);
        }
        Ok(headers)
    }

    fn print(&self, out: &mut Printer<'_>) {
        if out.style == Style::NumericList {
            return out.text(format!("0x{:02X}", self.0));
        }
        print_names(out, self.names());
    }
}

options! {
    /// Matches packets by the extension headers they have.
    #[header("linux/netfilter_ipv6/ip6t_ipv6header.h")]
    #[example(Ipv6, "-m ipv6header --header hop-by-hop --soft -j DROP")]
    pub match Ipv6header {
        /// The headers a packet must have, and no others.
        [!] header: Ip6Headers => "--header" { required: true };
        /// The packet may have other headers too.
        soft: bool => "--soft";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Ipv6header>("ipv6header").families(Families::Ipv6);

impl Codec for Ipv6header {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_ipv6header_info>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.header.unwrap_or_default();
        payload.put(&ip6t_ipv6header_info {
            matchflags: value.0,
            invflags: flag(inverted, 0xff),
            modeflag: flag(self.soft, 0xff),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ipv6header> {
        let raw: ip6t_ipv6header_info = read_raw(bytes)?;
        let header = Inv::new(raw.invflags != 0, Ip6Headers(raw.matchflags));
        Ok(Ipv6header { header: Some(header), soft: raw.modeflag != 0, ..Ipv6header::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.header.unwrap_or_default();
        show!(out, " ipv6header flags:{}", bang(inverted));
        out.value(&value);
        out.text(if self.soft { " soft" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m ipv6header --header dst,route,frag,auth,esp,none,prot,hop",
                    "-m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol",
                ),
                (
                    "-m ipv6header --soft ! --header 0,60,,43",
                    "-m ipv6header ! --header hop-by-hop,ipv6-opts,ipv6-route --soft",
                ),
                ("-m ipv6header --header 255", "-m ipv6header --header protocol"),
                ("-m ipv6header --header all", "!unknown header `all' specified"),
                ("-m ipv6header --header tcp", "!unknown header `6' specified"),
                ("-m ipv6header --header DST", "!unknown header `DST' specified"),
                ("-m ipv6header --header 0x2b", "!unknown header `0x2b' specified"),
                ("-m ipv6header --header 074", "!unknown header `074' specified"),
                ("-m ipv6header --header 06", "!unknown header `06' specified"),
                ("-m ipv6header --header 74", "!unknown header `74' specified"),
                ("-m ipv6header --header \"\"", "!ip6t_ipv6header: cannot parse header names"),
                ("-m ipv6header --soft", "!ipv6header: option \"--header\" must be specified\n"),
            ],
        );
    }
}
