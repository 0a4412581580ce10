//! `SNPT`: translates the prefix of the source address. `linux/netfilter_ipv6/ip6t_NPT.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Prefixes, ip6t_npt_tginfo};
use crate::types::AddrMask;

options! {
    /// Translates the prefix of the source address, without state, as RFC 6296 describes.
    ///
    /// Checksums stay right, because another part of the address makes up for the change.
    #[header("linux/netfilter_ipv6/ip6t_NPT.h")]
    #[example(Ipv6, "-s fd00::/64 -j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8:1::/64")]
    pub target Snpt {
        /// The prefix that is replaced, of at most 64 bits.
        src_pfx: AddrMask => "--src-pfx" { required: true };
        /// The prefix it is replaced with, of at most 64 bits.
        dst_pfx: AddrMask => "--dst-pfx" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Snpt>("SNPT").families(Families::Ipv6).placed(
    Placement::NONE.tables(&["mangle"]).hooks(HookMask::of(&[Hook::Input, Hook::Postrouting])).checked(),
);

impl Snpt {
    fn prefixes(&self) -> Prefixes {
        Prefixes { src: self.src_pfx, dst: self.dst_pfx }
    }
}

impl Codec for Snpt {
    /// The adjustment of the checksum behind the lengths is the kernel's.
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_npt_tginfo>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        self.prefixes().encode(cx, payload)
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Snpt> {
        let Prefixes { src, dst } = Prefixes::decode(cx, bytes)?;
        Ok(Snpt { src_pfx: src, dst_pfx: dst, ..Snpt::new() })
    }

    fn save(&self, sink: &mut dyn Sink) {
        self.prefixes().save(Self::OPTIONS, sink);
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        self.prefixes().check()
    }

    fn list(&self, out: &mut List<'_>) {
        self.prefixes().list("SNPT", out);
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
                    "-j SNPT --dst-pfx fd00::/64 --src-pfx 2001:db8::/ffff:ffff::",
                    "-j SNPT --src-pfx 2001:db8::/32 --dst-pfx fd00::/64",
                ),
                ("-j SNPT", "!SNPT: option \"--src-pfx\" must be specified\n"),
                ("-j SNPT --src-pfx fd00::/64", "!SNPT: option \"--dst-pfx\" must be specified\n"),
                (
                    "-j SNPT ! --src-pfx fd00::/64 --dst-pfx fd00::/64",
                    "!SNPT: option \"--src-pfx\" cannot be inverted.\n",
                ),
            ],
        );
    }
}
