//! `realm`: the routing realm. `linux/netfilter/xt_realm.h`.

use crate::ext::prelude::*;
use crate::ext::values::{MarkMask, print_named, read_named};
use crate::sys::names;

raw! {
    "linux/netfilter/xt_realm.h"

    struct xt_realm_info {
        id: u32,
        mask: u32,
        invert: u8,
        _padding: [u8; 3],
    }
}

/// A routing realm, as `ip route … realm` sets it, and the bits of it that count.
///
/// Written `VALUE[/MASK]`, or as a name of `/etc/iproute2/rt_realms`, or where that is missing of
/// `/usr/share/iproute2/rt_realms`. The kernel keeps the source realm in the upper 16 bits, and the destination realm in the
/// lower ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RealmMask(pub MarkMask);

impl From<u32> for RealmMask {
    fn from(value: u32) -> RealmMask {
        RealmMask(value.into())
    }
}

impl From<(u32, u32)> for RealmMask {
    fn from(pair: (u32, u32)) -> RealmMask {
        RealmMask(pair.into())
    }
}

invertible!(u32 => RealmMask, (u32, u32) => RealmMask);

impl Value for RealmMask {
    const KIND: ValueKind = ValueKind::text("VALUE[/MASK]|NAME");

    fn parse(input: &Input<'_>) -> Result<RealmMask, BadValue> {
        read_named(input, &names::REALMS, "realm").map(RealmMask)
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_named(out, self.0, &names::REALMS);
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Option<Datum> {
        self.0.datum(cx)
    }
}

options! {
    /// Matches packets by the realm of their route, a number that the administrator gives to routes.
    #[header("linux/netfilter/xt_realm.h")]
    #[example(Ipv4, "-m realm --realm 0x1/0xff -j ACCEPT")]
    pub match Realm {
        /// The realm; with a mask, only these bits are compared.
        [!] realm: RealmMask => "--realm" { required: true };
    }
}

/// The hooks behind the look-up of a route.
const ROUTED: HookMask = HookMask::of(&[Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting]);

pub(crate) static EXT: Extension =
    Extension::matching::<Realm>("realm").families(Families::Ipv4).placed(Placement::NONE.hooks(ROUTED));

impl Codec for Realm {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_realm_info>(0).only(Families::Ipv4)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: RealmMask(MarkMask { value, mask }) } = self.realm.unwrap_or_default();
        payload.put(&xt_realm_info { id: value, mask, invert: inverted.into(), _padding: [0; 3] });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Realm> {
        let raw: xt_realm_info = read_raw(bytes)?;
        Ok(Realm { realm: Some(Inv::new(raw.invert != 0, (raw.id, raw.mask).into())), ..Realm::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.realm.unwrap_or_default();
        out.text(if inverted { " ! realm " } else { " realm " });
        out.value(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-m realm --realm 10", "-m realm --realm 0xa"),
            ("-m realm ! --realm 0x10", "-m realm ! --realm 0x10"),
            ("-m realm --realm 10/255", "-m realm --realm 0xa/0xff"),
            ("-m realm --realm 5/0xffffffff", "-m realm --realm 0x5"),
            ("-m realm --realm office", "-m realm --realm office"),
            ("-m realm --realm 33", "-m realm --realm home"),
            ("-m realm --realm 33/33", "-m realm --realm 0x21/0x21"),
            ("-m realm --realm 0/0", "-m realm --realm 0x0/0x0"),
            ("-m realm", "!realm: option \"--realm\" must be specified\n"),
            (
                "-m realm --realm 10x",
                "!realm: could not map name 10x to an integer value for option \"--realm\".\n",
            ),
            (
                "-m realm --realm 4294967296",
                "!realm: could not map name 4294967296 to an integer value for option \"--realm\".\n",
            ),
            (
                "-m realm --realm office/1",
                "!realm: could not map name office/1 to an integer value for option \"--realm\".\n",
            ),
            ("-m realm --realm 10/", "!realm: bad integer value for option \"--realm\", or out of range.\n"),
            ("-m realm --realm 10/5x", "!realm: trailing garbage after value for option \"--realm\".\n"),
        ]);
    }
}
