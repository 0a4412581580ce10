//! `dst`: options for the destination. `linux/netfilter_ipv6/ip6t_opts.h`.

use crate::ext::prelude::*;
use crate::ext::values::{Ip6Options, ip6t_opts, list_options, options_from_raw, options_to_raw};

options! {
    /// Matches packets with a header of options for the destination.
    #[header("linux/netfilter_ipv6/ip6t_opts.h")]
    #[example(Ipv6, "-m dst --dst-opts 1:2,5 -j DROP")]
    pub match Dst {
        /// The length of the header in bytes.
        [!] dst_len: u32 => "--dst-len";
        /// The options that the header must have, in this order.
        dst_opts: Ip6Options => "--dst-opts";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Dst>("dst").families(Families::Ipv6);

impl Codec for Dst {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ip6t_opts>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&options_to_raw(self.dst_len, self.dst_opts.as_ref())?);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Dst> {
        let (dst_len, dst_opts) = options_from_raw(bytes)?;
        Ok(Dst { dst_len, dst_opts, ..Dst::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        list_options(out, "dst", self.dst_len, self.dst_opts.as_ref());
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
                ("-m dst", "-m dst"),
                (
                    "-m dst --dst-opts 0x5:2,7,255:254,1:255 ! --dst-len 0",
                    "-m dst ! --dst-len 0 --dst-opts 5:2,7,255:254,1",
                ),
                ("-m dst --dst-len 4294967295", "-m dst --dst-len 4294967295"),
                ("-m dst ! --dst-opts 5", "!dst: option \"--dst-opts\" cannot be inverted.\n"),
                ("-m dst --dst-opts \"\"", "!dst: no valid digits in opt `'"),
                ("-m dst --dst-opts 5:", "!dst: no valid digits in length `'"),
                ("-m dst --dst-opts 5x", "!dst: error parsing opt `5x'"),
                ("-m dst --dst-opts 5:1:2", "!dst: error parsing length `1:2'"),
                ("-m dst --dst-opts 256", "!dst: error parsing opt `256'"),
                (
                    "-m dst --dst-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
                    "!too many addresses specified",
                ),
            ],
        );
    }
}
