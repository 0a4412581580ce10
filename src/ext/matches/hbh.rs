//! `hbh`: options for every hop. `linux/netfilter_ipv6/ip6t_opts.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Ip6Options, ip6t_opts, list_options, options_from_raw, options_to_raw};

options! {
    /// Matches packets with a header of options for every hop.
    #[header("linux/netfilter_ipv6/ip6t_opts.h")]
    #[example(Ipv6, "-m hbh --hbh-opts 5 -j ACCEPT")]
    pub match Hbh {
        /// The length of the header in bytes.
        [!] hbh_len: u32 => "--hbh-len";
        /// The options that the header must have, in this order.
        hbh_opts: Ip6Options => "--hbh-opts";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Hbh>("hbh").families(Families::Ipv6);

impl Codec for Hbh {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_opts>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&options_to_raw(self.hbh_len, self.hbh_opts.as_ref())?);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Hbh> {
        let (hbh_len, hbh_opts) = options_from_raw(bytes)?;
        Ok(Hbh { hbh_len, hbh_opts, ..Hbh::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        list_options(out, "hbh", self.hbh_len, self.hbh_opts.as_ref());
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
                ("-m hbh", "-m hbh"),
                ("-m hbh --hbh-opts 0:1", "!PAD0 has not got length"),
                (
                    "-m hbh --hbh-opts 0x5:2,7,255:254,1:255 ! --hbh-len 0",
                    "-m hbh ! --hbh-len 0 --hbh-opts 5:2,7,255:254,1",
                ),
                ("-m hbh --hbh-len 4294967295", "-m hbh --hbh-len 4294967295"),
                ("-m hbh ! --hbh-opts 5", "!hbh: option \"--hbh-opts\" cannot be inverted.\n"),
                ("-m hbh --hbh-opts \"\"", "!hbh: no valid digits in opt `'"),
                ("-m hbh --hbh-opts 5:", "!hbh: no valid digits in length `'"),
                ("-m hbh --hbh-opts 5x", "!hbh: error parsing opt `5x'"),
                ("-m hbh --hbh-opts 5:1:2", "!hbh: error parsing length `1:2'"),
                ("-m hbh --hbh-opts 256", "!hbh: error parsing opt `256'"),
                (
                    "-m hbh --hbh-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
                    "!too many addresses specified",
                ),
            ],
        );
    }
}
