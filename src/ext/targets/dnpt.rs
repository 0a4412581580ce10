//! `DNPT`: translates the prefix of the destination address. `linux/netfilter_ipv6/ip6t_NPT.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Prefixes, ip6t_npt_tginfo};
use crate::types::AddrMask;

options! {
    /// Translates the prefix of the destination address, without state, as RFC 6296 describes.
    ///
    /// Checksums stay right, because another part of the address makes up for the change.
    #[header("linux/netfilter_ipv6/ip6t_NPT.h")]
    #[example(Ipv6, "-d 2001:db8:1::/64 -j DNPT --src-pfx 2001:db8:1::/64 --dst-pfx fd00::/64")]
    pub target Dnpt {
        /// The prefix that is replaced, of at most 64 bits.
        src_pfx: AddrMask => "--src-pfx" { required: true };
        /// The prefix it is replaced with, of at most 64 bits.
        dst_pfx: AddrMask => "--dst-pfx" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Dnpt>("DNPT").families(Families::Ipv6).placed(
    Placement::NONE.tables(&["mangle"]).hooks(HookMask::of(&[Hook::Prerouting, Hook::Output])).checked(),
);

impl Dnpt {
    fn prefixes(&self) -> Prefixes {
        Prefixes { src: self.src_pfx, dst: self.dst_pfx }
    }
}

impl Codec for Dnpt {
    /// The adjustment of the checksum behind the lengths is the kernel's.
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_npt_tginfo>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        self.prefixes().encode(cx, payload)
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Dnpt> {
        let Prefixes { src, dst } = Prefixes::decode(cx, bytes)?;
        Ok(Dnpt { src_pfx: src, dst_pfx: dst, ..Dnpt::new() })
    }

    fn save(&self, sink: &mut dyn Sink) {
        self.prefixes().save(Self::OPTIONS, sink);
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        self.prefixes().check()
    }

    fn list(&self, out: &mut List<'_>) {
        self.prefixes().list("DNPT", out);
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
                    "-j DNPT --dst-pfx fd00::/64 --src-pfx 2001:db8::/ffff:ffff::",
                    "-j DNPT --src-pfx 2001:db8::/32 --dst-pfx fd00::/64",
                ),
                ("-j DNPT", "!DNPT: option \"--src-pfx\" must be specified\n"),
                ("-j DNPT --src-pfx fd00::/64", "!DNPT: option \"--dst-pfx\" must be specified\n"),
                (
                    "-j DNPT ! --src-pfx fd00::/64 --dst-pfx fd00::/64",
                    "!DNPT: option \"--src-pfx\" cannot be inverted.\n",
                ),
            ],
        );
    }
}
