//! `tos`: the type of service or traffic class. `linux/netfilter/xt_dscp.h`.

use crate::ext::prelude::*;
use crate::ext::values::TosMask;

raw! {
    "linux/netfilter/xt_dscp.h"

    struct xt_tos_match_info {
        tos_mask: u8,
        tos_value: u8,
        invert: u8,
    }

    old:
    /// Revision 0.
    struct ipt_tos_info {
        tos: u8,
        invert: u8,
    }
}

options! {
    /// Matches packets by the byte that IPv4 calls type of service and IPv6 traffic class.
    #[header("linux/netfilter/xt_dscp.h")]
    #[example(Ipv4, "-m tos --tos Minimize-Delay -j ACCEPT")]
    pub match Tos {
        /// The value; with a mask, only these bits are compared.
        [!] tos: TosMask => "--tos" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Tos>("tos");

impl Codec for Tos {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_tos_match_info>(1), Revision::new::<ipt_tos_info>(0).only(Families::Ipv4)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: tos } = self.tos.unwrap_or_default();
        let invert = u8::from(inverted);
        match cx.revision {
            0 if tos.mask == u8::MAX => payload.put(&ipt_tos_info { tos: tos.value, invert }),
            0 => return Err(needs_revision(1, cx)),
            _ => payload.put(&xt_tos_match_info { tos_mask: tos.mask, tos_value: tos.value, invert }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Tos> {
        let (invert, tos) = if cx.revision == 0 {
            let raw: ipt_tos_info = read_raw(bytes)?;
            (raw.invert, TosMask::from(raw.tos))
        } else {
            let raw: xt_tos_match_info = read_raw(bytes)?;
            (raw.invert, TosMask::new(raw.tos_value, raw.tos_mask))
        };
        Ok(Tos { tos: Some(Inv::new(invert != 0, tos)), ..Tos::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.tos.unwrap_or_default();
        show!(out, " tos match{}", bang(inverted));
        match value.name().filter(|_| !out.numeric) {
            Some(name) => show!(out, " {name}"),
            None => out.value(&value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m tos --tos 5", "-m tos --tos 0x05/0xff"),
            ("-m tos ! --tos 1/2", "-m tos ! --tos 0x01/0x02"),
            ("-m tos --tos minimize-delay", "-m tos --tos 0x10/0x3f"),
            ("-m tos --tos Maximize-Throughput", "-m tos --tos 0x08/0x3f"),
            ("-m tos --tos Maximize-Reliability", "-m tos --tos 0x04/0x3f"),
            ("-m tos ! --tos Minimize-Cost", "-m tos ! --tos 0x02/0x3f"),
            ("-m tos --tos Normal-Service", "-m tos --tos 0x00/0x3f"),
            ("-m tos", "!tos: option \"--tos\" must be specified\n"),
            ("-m tos --tos 1 --tos 2", "!tos: option \"--tos\" can only be used once.\n"),
            ("-m tos --tos Minim", "!Symbolic name \"Minim\" is unknown"),
            ("-m tos --tos 256", "!Symbolic name \"256\" is unknown"),
            ("-m tos --tos 1/256", "!Illegal value: \"1/256\""),
            ("-m tos --tos 1/", "!Illegal value: \"1/\""),
            ("-m tos --tos 1x", "!Illegal value: \"1x\""),
        ]);
    }
}
