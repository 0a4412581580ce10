//! `hl`: the packet's hop limit. `linux/netfilter_ipv6/ip6t_hl.h`.

use crate::ext::prelude::*;
use crate::ext::values::HopTest;

raw! {
    "linux/netfilter_ipv6/ip6t_hl.h"

    struct ip6t_hl_info {
        mode: u8,
        hop_limit: u8,
    }
}

options! {
    /// Matches packets by their hop limit, the number of times they may still be forwarded.
    #[header("linux/netfilter_ipv6/ip6t_hl.h")]
    #[example(Ipv6, "-m hl --hl-lt 5 -j DROP")]
    pub match Hl {
        /// The hop limit is less than this.
        lt / hl_lt: u8 => "--hl-lt" { excludes: &["hl-eq", "hl-gt"] };
        /// The hop limit is greater than this.
        gt / hl_gt: u8 => "--hl-gt" { excludes: &["hl-eq"] };
        /// The hop limit is this.
        [!] eq / hl_eq: u8 => "--hl-eq" | "--hl";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Hl>("hl").families(Families::Ipv6);

impl Hl {
    fn test(&self) -> HopTest {
        HopTest { lt: self.lt, gt: self.gt, eq: self.eq }
    }
}

impl Codec for Hl {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_hl_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["hl-eq", "hl-lt", "hl-gt"],
        "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'",
    );

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (mode, hop_limit) = self.test().encode();
        payload.put(&ip6t_hl_info { mode, hop_limit });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Hl> {
        let raw: ip6t_hl_info = read_raw(bytes)?;
        let HopTest { lt, gt, eq } = HopTest::decode(raw.mode, raw.hop_limit)?;
        Ok(Hl { lt, gt, eq, ..Hl::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        self.test().list("HL", out);
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
                ("-m hl --hl 5", "-m hl --hl-eq 5"),
                ("-m hl ! --hl 5", "-m hl ! --hl-eq 5"),
                ("-m hl --hl-lt 0", "-m hl --hl-lt 0"),
                ("-m hl --hl-gt 0xff", "-m hl --hl-gt 255"),
                ("-m hl", "!HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'"),
                ("-m hl ! --hl-lt 5", "!hl: option \"--hl-lt\" cannot be inverted.\n"),
                ("-m hl --hl-gt 256", "!hl: bad value for option \"--hl-gt\", or out of range (0-255).\n"),
                ("-m hl --hl-eq 5 --hl 3", "!hl: option \"--hl-eq\" can only be used once.\n"),
                (
                    "-m hl --hl-gt 3 --hl-lt 5",
                    "!hl: option \"--hl-lt\" cannot be used together with \"--hl-gt\".\n",
                ),
                (
                    "-m hl --hl 3 --hl-gt 5",
                    "!hl: option \"--hl-gt\" cannot be used together with \"--hl-eq\".\n",
                ),
            ],
        );
    }
}
