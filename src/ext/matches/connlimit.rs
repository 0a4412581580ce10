//! `connlimit`: how many connections a client or server has. `linux/netfilter/xt_connlimit.h`.

use std::fmt;
use std::net::IpAddr;

use crate::ext::prelude::*;
use crate::types::AddrMask;
use crate::types::addr::{addr_from_octets, addr_octets, prefix_mask, strict_mask};

const XT_CONNLIMIT_INVERT: u32 = 1 << 0;
const XT_CONNLIMIT_DADDR: u32 = 1 << 1;

raw! {
    "linux/netfilter/xt_connlimit.h"

    struct xt_connlimit_info {
        mask: [u8; 16],
        limit: u32,
        flags: u32;
        kernel:
        data: u64,
    }
}

/// The part of an address that counts, written `PREFIX` or as a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// So many bits from the left.
    Prefix(u8),
    /// These bits.
    Mask(IpAddr),
}

impl From<u8> for Netmask {
    fn from(prefix: u8) -> Netmask {
        Netmask::Prefix(prefix)
    }
}

impl From<IpAddr> for Netmask {
    fn from(mask: IpAddr) -> Netmask {
        let whole = AddrMask::unmasked(mask, mask);
        whole.prefix().map_or(Netmask::Mask(mask), Netmask::Prefix)
    }
}

impl Netmask {
    fn mask(self, family: Family) -> Result<IpAddr> {
        let fits = match self {
            Netmask::Prefix(prefix) => prefix <= family.pick(32, 128),
            Netmask::Mask(mask) => mask.is_ipv4() == (family == Family::Ipv4),
        };
        match self {
            _ if !fits => {
                let misfit = Misfit::OtherFamily { value: self.to_string(), family };
                Err(Error::from(misfit).at_option("connlimit-mask"))
            }
            Netmask::Prefix(prefix) => Ok(prefix_mask(family, prefix)),
            Netmask::Mask(mask) => Ok(mask),
        }
    }
}

impl fmt::Display for Netmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Netmask::Prefix(prefix) => prefix.fmt(f),
            Netmask::Mask(mask) => mask.fmt(f),
        }
    }
}

impl Value for Netmask {
    const KIND: ValueKind = ValueKind::text("PREFIX|MASK");

    fn parse(input: &Input<'_>) -> Result<Netmask, BadValue> {
        let family = input.cx.family;
        strict_mask(family, input.text()).map(Netmask::from).ok_or(BadValue::Mask { family })
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.to_string());
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(match self {
            Netmask::Prefix(length) => (*length).into(),
            Netmask::Mask(mask) => (*mask).into(),
        })
    }
}

options! {
    /// Matches by the number of connections that an address has, or a network of addresses.
    ///
    /// The packet of a new connection is counted in. One of `--connlimit-upto` and `--connlimit-above` must be given.
    #[header("linux/netfilter/xt_connlimit.h")]
    #[example(
        Ipv4,
        "-p tcp --syn --dport 23 -m connlimit --connlimit-above 2 -j REJECT",
        "-p tcp --dport 80 -m connlimit --connlimit-upto 50 --connlimit-mask 24 -j ACCEPT",
    )]
    pub match Connlimit {
        /// At most so many connections.
        [!] upto / connlimit_upto: u32 => "--connlimit-upto" { excludes: &["connlimit-above"] };
        /// More than so many connections; the same as `! --connlimit-upto`.
        [!] above / connlimit_above: u32 => "--connlimit-above";
        /// The part of the address by which connections are grouped; all of it unless given.
        mask / connlimit_mask: Netmask => "--connlimit-mask";
        /// Count the connections of the source address, as it does unless the other is asked for.
        saddr / connlimit_saddr: bool => "--connlimit-saddr" { excludes: &["connlimit-daddr"] };
        /// Count the connections of the destination address.
        daddr / connlimit_daddr: bool => "--connlimit-daddr";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Connlimit>("connlimit");

impl Normal for xt_connlimit_info {
    fn normalize(&mut self, family: Family) {
        normal_mask(family, &mut self.mask);
    }
}

impl Connlimit {
    /// The number, and whether more than that match.
    fn limit(&self) -> Option<Inv<u32>> {
        self.upto.or(self.above.map(|above| Inv::new(!above.inverted, above.value)))
    }
}

impl Codec for Connlimit {
    /// Revision 0 counts source addresses only.
    const REVISIONS: &'static [Revision] =
        &[Revision::normal::<xt_connlimit_info>(1), Revision::normal::<xt_connlimit_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["connlimit-upto", "connlimit-above"],
        "You must specify \"--connlimit-above\" or \"--connlimit-upto\".",
    );

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted: above, value: limit } = self.limit().unwrap_or_default();
        if self.daddr && cx.revision == 0 {
            return Err(needs_revision(1, cx));
        }
        payload.put(&xt_connlimit_info {
            mask: match self.mask {
                Some(mask) => addr_octets(mask.mask(cx.family)?),
                None => [0xff; 16],
            },
            limit,
            flags: flag(!above, XT_CONNLIMIT_INVERT) | flag(self.daddr, XT_CONNLIMIT_DADDR),
            data: 0,
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Connlimit> {
        let raw: xt_connlimit_info = read_raw(bytes)?;
        let limit = Some(raw.limit.into());
        let (upto, above) = if raw.flags & XT_CONNLIMIT_INVERT != 0 { (limit, None) } else { (None, limit) };
        let daddr = raw.flags & XT_CONNLIMIT_DADDR != 0;
        let mask = Some(addr_from_octets(cx.family, &raw.mask).into());
        Ok(Connlimit { upto, above, mask, saddr: !daddr, daddr, ..Connlimit::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted: above, value: limit } = self.limit().unwrap_or_default();
        show!(out, " #conn {}/", if self.daddr { "dst" } else { "src" });
        if let Some(mask) = self.mask {
            show!(out, "{mask}");
        }
        show!(out, " {} {limit}", if above { ">" } else { "<=" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            (
                "-m connlimit --connlimit-upto 5",
                "-m connlimit --connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr",
            ),
            (
                "-m connlimit ! --connlimit-upto 5 --connlimit-mask 0x10 --connlimit-saddr",
                "-m connlimit --connlimit-above 5 --connlimit-mask 16 --connlimit-saddr",
            ),
            (
                "-m connlimit ! --connlimit-above 5 --connlimit-mask 255.255.0.0 --connlimit-daddr",
                "-m connlimit --connlimit-upto 5 --connlimit-mask 16 --connlimit-daddr",
            ),
            (
                "-m connlimit --connlimit-above 0 --connlimit-mask 255.0.255.0",
                "-m connlimit --connlimit-above 0 --connlimit-mask 255.0.255.0 --connlimit-saddr",
            ),
            (
                "-m connlimit --connlimit-above 5 --connlimit-mask 33",
                "!connlimit: bad value for option \"--connlimit-mask\", \
                 neither a valid network mask nor valid CIDR (0-32).\n",
            ),
            ("-m connlimit", "!You must specify \"--connlimit-above\" or \"--connlimit-upto\"."),
            (
                "-m connlimit --connlimit-upto 5 --connlimit-above 5",
                "!connlimit: option \"--connlimit-upto\" cannot be used together with \"--connlimit-above\".\n",
            ),
            (
                "-m connlimit --connlimit-upto 5 --connlimit-mask \" 255.255.0.0\"",
                "!connlimit: bad value for option \"--connlimit-mask\", neither a valid network mask nor valid CIDR (0-32).\n",
            ),
            (
                "-m connlimit --connlimit-upto 5 --connlimit-saddr --connlimit-daddr",
                "!connlimit: option \"--connlimit-saddr\" cannot be used together with \"--connlimit-daddr\".\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m connlimit --connlimit-upto 5",
                    "-m connlimit --connlimit-upto 5 --connlimit-mask 128 --connlimit-saddr",
                ),
                (
                    "-m connlimit --connlimit-upto 5 --connlimit-mask ffff::",
                    "-m connlimit --connlimit-upto 5 --connlimit-mask 16 --connlimit-saddr",
                ),
            ],
        );
    }
}
