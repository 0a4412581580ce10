//! `physdev`: ports of a bridge. `linux/netfilter/xt_physdev.h`.

use crate::ext::prelude::*;
use crate::sys::xt::IFNAMSIZ;
use crate::types::Interface;

const XT_PHYSDEV_OP_IN: u32 = 0x01;
const XT_PHYSDEV_OP_OUT: u32 = 0x02;
const XT_PHYSDEV_OP_BRIDGED: u32 = 0x04;
const XT_PHYSDEV_OP_ISIN: u32 = 0x08;
const XT_PHYSDEV_OP_ISOUT: u32 = 0x10;

raw! {
    "linux/netfilter/xt_physdev.h"

    struct xt_physdev_info {
        physindev: [u8; IFNAMSIZ],
        in_mask: [u8; IFNAMSIZ],
        physoutdev: [u8; IFNAMSIZ],
        out_mask: [u8; IFNAMSIZ],
        invert: u8,
        bitmask: u8,
    }
}

options! {
    /// Matches packets by the ports of a bridge that they come in and go out by.
    #[header("linux/netfilter/xt_physdev.h")]
    #[example(Ipv4, "-m physdev --physdev-in eth0 --physdev-is-bridged -j ACCEPT")]
    pub match Physdev {
        /// Whether the packet came in by a port of a bridge.
        [!] physdev_is_in: bool => "--physdev-is-in" { bit: XT_PHYSDEV_OP_ISIN };
        /// The port the packet came in by.
        [!] physdev_in: Interface => "--physdev-in" { bare: true, bit: XT_PHYSDEV_OP_IN };
        /// Whether the packet will go out by a port of a bridge.
        [!] physdev_is_out: bool => "--physdev-is-out" { bit: XT_PHYSDEV_OP_ISOUT };
        /// The port the packet will go out by.
        [!] physdev_out: Interface => "--physdev-out" { bare: true, bit: XT_PHYSDEV_OP_OUT };
        /// Whether the packet is bridged rather than routed.
        [!] physdev_is_bridged: bool => "--physdev-is-bridged" { bit: XT_PHYSDEV_OP_BRIDGED };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Physdev>("physdev").placed(Placement::NONE.checked());

impl Codec for Physdev {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_physdev_info>(0)];
    const NEEDS: Option<Needs> = Needs::any(&[], "PHYSDEV: no physdev option specified");

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = xt_physdev_info::new_zeroed();
        [raw.bitmask, raw.invert] = self.bits().map(|bits| bits as u8);
        if let Some(name) = self.physdev_in {
            (raw.physindev, raw.in_mask) = name.value.raw();
        }
        if let Some(name) = self.physdev_out {
            (raw.physoutdev, raw.out_mask) = name.value.raw();
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Physdev> {
        let raw: xt_physdev_info = read_raw(bytes)?;
        let given = Given::new(raw.bitmask, raw.invert);
        Ok(Physdev {
            physdev_in: given.value(XT_PHYSDEV_OP_IN, Interface::from_raw(&raw.physindev, &raw.in_mask)),
            physdev_out: given.value(XT_PHYSDEV_OP_OUT, Interface::from_raw(&raw.physoutdev, &raw.out_mask)),
            ..Physdev::of_flags(raw.bitmask.into(), raw.invert.into())
        })
    }

    /// The port a packet goes out by is not known in OUTPUT, before the bridge has decided.
    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        let out = match (self.physdev_out, self.physdev_is_out) {
            (Some(_), _) => "physdev-out",
            (None, Some(_)) => "physdev-is-out",
            (None, None) => return Ok(()),
        };
        if self.physdev_is_bridged == Some(true) || !place.hooks.contains(Hook::Output) {
            return Ok(());
        }
        Err(Error::from(Refused::NotBridged).at_option(out))
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" PHYSDEV match");
        self.visit(&mut out.dashed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m physdev --physdev-in eth0", "-m physdev --physdev-in eth0"),
            (
                "-m physdev --physdev-out eth1 ! --physdev-in eth+",
                "-m physdev ! --physdev-in eth+ --physdev-out eth1",
            ),
            ("-m physdev ! --physdev-in +", "-m physdev ! --physdev-in +"),
            ("-m physdev --physdev-out \"a b\"", "-m physdev --physdev-out \"a b\""),
            (
                "-m physdev --physdev-is-bridged ! --physdev-is-out --physdev-is-in --physdev-in e0",
                "-m physdev --physdev-is-in --physdev-in e0 ! --physdev-is-out --physdev-is-bridged",
            ),
            ("-m physdev", "!PHYSDEV: no physdev option specified"),
            (
                "-m physdev --physdev-in abcdefghijklmnop",
                "!interface name `abcdefghijklmnop' must be shorter than IFNAMSIZ (15)",
            ),
            (
                "-m physdev --physdev-is-in ! --physdev-is-in",
                "!physdev: option \"--physdev-is-in\" can only be used once.\n",
            ),
        ]);
    }
}
