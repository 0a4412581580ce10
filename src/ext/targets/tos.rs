//! `TOS`: changes the type of service or traffic class. `linux/netfilter/xt_DSCP.h`.

use crate::ext::mechanism::options::{Respell, inverted_bits, kept_bits, set_bits};
use crate::ext::prelude::*;
use crate::ext::values::TosMask;

raw! {
    "linux/netfilter/xt_DSCP.h"

    struct xt_tos_target_info {
        tos_value: u8,
        tos_mask: u8,
    }

    old:
    /// Revision 0.
    struct ipt_tos_target_info {
        tos: u8,
    }
}

/// The bits that revision 0 replaces: all but the precedence of RFC 791.
const OLD_MASK: u8 = 0x1f;

/// What `--and-tos`, `--or-tos` and `--xor-tos` say, in this order, where `--set-tos` says it.
const RESPELL: [Respell; 3] = [
    |find| kept_bits(find, "set_tos", u8::MAX.into()),
    |find| set_bits(find, "set_tos"),
    |find| inverted_bits(find, "set_tos"),
];

options! {
    /// Changes the byte that IPv4 calls type of service and IPv6 traffic class.
    ///
    /// Its lowest two bits are those of explicit congestion notification, which a mask of `0x3f` overwrites too.
    #[header("linux/netfilter/xt_DSCP.h")]
    #[example(Ipv4, "-p tcp --dport 22 -j TOS --set-tos Minimize-Delay", "-p udp -j TOS --set-tos 0x8/0x1f")]
    pub target Tos {
        /// Clears the bits of the mask and then inverts those of the value.
        set_tos: TosMask => "--set-tos" { excludes: &["and-tos", "or-tos", "xor-tos"] };
    }
    also {
        /// Keeps only these bits.
        and_tos: u8 => "--and-tos" { excludes: &["or-tos", "xor-tos"], respell: Some(RESPELL[0]) }
            = |tos, bits| tos.set_tos = Some(TosMask::new(0, !bits));
        /// Sets these bits.
        or_tos: u8 => "--or-tos" { excludes: &["xor-tos"], respell: Some(RESPELL[1]) }
            = |tos, bits| tos.set_tos = Some(TosMask::new(bits, bits));
        /// Inverts these bits.
        xor_tos: u8 => "--xor-tos" { respell: Some(RESPELL[2]) } = |tos, bits| tos.set_tos = Some(TosMask::new(bits, 0));
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Tos>("TOS").placed(Placement::NONE.tables(&["mangle"]));

impl Codec for Tos {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_tos_target_info>(1),
        Revision::new::<ipt_tos_target_info>(0).only(Families::Ipv4),
    ];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["set-tos", "and-tos", "or-tos", "xor-tos"], "TOS: An action is required");

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let tos = self.set_tos.unwrap_or_default();
        match cx.revision {
            // Kernels that had it accepted these values alone.
            0 if tos.mask == OLD_MASK && matches!(tos.value, 0 | 2 | 4 | 8 | 16) => {
                payload.put(&ipt_tos_target_info { tos: tos.value });
            }
            0 => return Err(needs_revision(1, cx)),
            _ => payload.put(&xt_tos_target_info { tos_value: tos.value, tos_mask: tos.mask }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Tos> {
        let tos = if cx.revision == 0 {
            TosMask::new(read_raw::<ipt_tos_target_info>(bytes)?.tos, OLD_MASK)
        } else {
            let raw: xt_tos_target_info = read_raw(bytes)?;
            TosMask::new(raw.tos_value, raw.tos_mask)
        };
        Ok(Tos { set_tos: Some(tos), ..Tos::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let tos = self.set_tos.unwrap_or_default();
        match tos {
            _ if out.numeric => {}
            // Without a space, as iptables has it.
            _ if tos.name().is_some() => return show!(out, "  TOS set{}", tos.name().unwrap_or_default()),
            TosMask { value: 0, mask } => return show!(out, " TOS and {:#04x}", !mask),
            TosMask { value, mask } if value == mask => return show!(out, " TOS or {value:#04x}"),
            TosMask { value, mask: 0 } => return show!(out, " TOS xor {value:#04x}"),
            _ => {}
        }
        out.text(" TOS set ");
        out.value(&tos);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j TOS --set-tos 5", "-j TOS --set-tos 0x05/0xff"),
            ("-j TOS --set-tos 5/0xf0", "-j TOS --set-tos 0x05/0xf0"),
            ("-j TOS --set-tos Minimize-Delay", "-j TOS --set-tos 0x10/0x3f"),
            ("-j TOS --and-tos 0xf", "-j TOS --set-tos 0x00/0xf0"),
            ("-j TOS --or-tos 8", "-j TOS --set-tos 0x08/0x08"),
            ("-j TOS --xor-tos 8", "-j TOS --set-tos 0x08/0x00"),
            ("-j TOS", "!TOS: An action is required"),
            ("-j TOS --set-tos Minimize-Foo", "!Symbolic name \"Minimize-Foo\" is unknown"),
            ("-j TOS --xor-tos 256", "!TOS: bad value for option \"--xor-tos\", or out of range (0-255).\n"),
            ("-j TOS ! --xor-tos 5", "!TOS: option \"--xor-tos\" cannot be inverted.\n"),
            (
                "-j TOS --xor-tos 5 --set-tos 1",
                "!TOS: option \"--set-tos\" cannot be used together with \"--xor-tos\".\n",
            ),
            (
                "-j TOS --or-tos 5 --and-tos 1",
                "!TOS: option \"--and-tos\" cannot be used together with \"--or-tos\".\n",
            ),
        ]);
    }
}
