//! `ttl`: the packet's TTL. `linux/netfilter_ipv4/ipt_ttl.h`.

use crate::ext::prelude::*;
use crate::ext::values::HopTest;

raw! {
    "linux/netfilter_ipv4/ipt_ttl.h"

    struct ipt_ttl_info {
        mode: u8,
        ttl: u8,
    }
}

options! {
    /// Matches packets by their TTL, the number of times they may still be forwarded.
    #[header("linux/netfilter_ipv4/ipt_ttl.h")]
    #[example(Ipv4, "-m ttl --ttl-lt 5 -j DROP")]
    pub match Ttl {
        /// The TTL is less than this.
        lt / ttl_lt: u8 => "--ttl-lt" { excludes: &["ttl-eq", "ttl-gt"] };
        /// The TTL is greater than this.
        gt / ttl_gt: u8 => "--ttl-gt" { excludes: &["ttl-eq"] };
        /// The TTL is this.
        [!] eq / ttl_eq: u8 => "--ttl-eq" | "--ttl";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Ttl>("ttl").families(Families::Ipv4);

impl Ttl {
    fn test(&self) -> HopTest {
        HopTest { lt: self.lt, gt: self.gt, eq: self.eq }
    }
}

impl Codec for Ttl {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_ttl_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["ttl-eq", "ttl-lt", "ttl-gt"],
        "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt",
    );

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (mode, ttl) = self.test().encode();
        payload.put(&ipt_ttl_info { mode, ttl });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ttl> {
        let raw: ipt_ttl_info = read_raw(bytes)?;
        let HopTest { lt, gt, eq } = HopTest::decode(raw.mode, raw.ttl)?;
        Ok(Ttl { lt, gt, eq, ..Ttl::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        self.test().list("TTL", out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv4,
            &[
                ("-m ttl --ttl 5", "-m ttl --ttl-eq 5"),
                ("-m ttl ! --ttl 5", "-m ttl ! --ttl-eq 5"),
                ("-m ttl --ttl-lt 0", "-m ttl --ttl-lt 0"),
                ("-m ttl --ttl-gt 0xff", "-m ttl --ttl-gt 255"),
                ("-m ttl", "!TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt"),
                ("-m ttl ! --ttl-lt 5", "!ttl: option \"--ttl-lt\" cannot be inverted.\n"),
                (
                    "-m ttl --ttl-gt 256",
                    "!ttl: bad value for option \"--ttl-gt\", or out of range (0-255).\n",
                ),
                ("-m ttl --ttl-eq 5 --ttl 3", "!ttl: option \"--ttl-eq\" can only be used once.\n"),
                (
                    "-m ttl --ttl-gt 3 --ttl-lt 5",
                    "!ttl: option \"--ttl-lt\" cannot be used together with \"--ttl-gt\".\n",
                ),
                (
                    "-m ttl --ttl-gt 3 --ttl-lt 5 --ttl 4",
                    "!ttl: option \"--ttl-lt\" cannot be used together with \"--ttl-eq\".\n",
                ),
                (
                    "-m ttl --ttl 3 --ttl-gt 5",
                    "!ttl: option \"--ttl-gt\" cannot be used together with \"--ttl-eq\".\n",
                ),
            ],
        );
    }
}
