//! `devgroup`: groups of network devices. `linux/netfilter/xt_devgroup.h`.

use crate::ext::prelude::*;
use crate::ext::values::{MarkMask, print_named, read_named};
use crate::sys::names;

const XT_DEVGROUP_MATCH_SRC: u32 = 0x1;
const XT_DEVGROUP_INVERT_SRC: u32 = 0x2;
const XT_DEVGROUP_MATCH_DST: u32 = 0x4;
const XT_DEVGROUP_INVERT_DST: u32 = 0x8;

raw! {
    "linux/netfilter/xt_devgroup.h"

    struct xt_devgroup_info {
        flags: u32,
        src_group: u32,
        src_mask: u32,
        dst_group: u32,
        dst_mask: u32,
    }
}

/// A group of network devices, as `ip link set … group` sets it, and the bits of it that count.
///
/// Written `VALUE[/MASK]`, or as a name of `/etc/iproute2/group`, or where that is missing of `/usr/share/iproute2/group`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupMask(pub MarkMask);

impl From<u32> for GroupMask {
    fn from(value: u32) -> GroupMask {
        GroupMask(value.into())
    }
}

impl From<(u32, u32)> for GroupMask {
    fn from(pair: (u32, u32)) -> GroupMask {
        GroupMask(pair.into())
    }
}

invertible!(u32 => GroupMask, (u32, u32) => GroupMask);

impl Value for GroupMask {
    const KIND: ValueKind = ValueKind::text("VALUE[/MASK]|NAME");

    fn parse(input: &Input<'_>) -> Result<GroupMask, BadValue> {
        read_named(input, &names::DEVICE_GROUPS, "group").map(GroupMask)
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_named(out, self.0, &names::DEVICE_GROUPS);
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Option<Datum> {
        self.0.datum(cx)
    }
}

options! {
    /// Matches packets by the groups of the network devices they come in and go out by.
    #[header("linux/netfilter/xt_devgroup.h")]
    #[example(Ipv4, "-m devgroup --src-group 0x1/0xff -j ACCEPT")]
    pub match Devgroup {
        /// The group of the incoming device; with a mask, only these bits are compared.
        [!] src_group: GroupMask => "--src-group";
        /// The group of the outgoing device; with a mask, only these bits are compared.
        [!] dst_group: GroupMask => "--dst-group";
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Devgroup>("devgroup").placed(Placement::NONE.checked());

impl Codec for Devgroup {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_devgroup_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["src-group", "dst-group"],
        "devgroup match: You must specify either '--src-group' or '--dst-group'",
    );

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let flags = |group: Option<Inv<GroupMask>>, given, inverted| {
            group.map_or(0, |group| given | flag(group.inverted, inverted))
        };
        let src = self.src_group.map_or(MarkMask::default(), |group| group.value.0);
        let dst = self.dst_group.map_or(MarkMask::default(), |group| group.value.0);
        payload.put(&xt_devgroup_info {
            flags: flags(self.src_group, XT_DEVGROUP_MATCH_SRC, XT_DEVGROUP_INVERT_SRC)
                | flags(self.dst_group, XT_DEVGROUP_MATCH_DST, XT_DEVGROUP_INVERT_DST),
            src_group: src.value,
            src_mask: src.mask,
            dst_group: dst.value,
            dst_mask: dst.mask,
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Devgroup> {
        let raw: xt_devgroup_info = read_raw(bytes)?;
        let group = |given, inverted, value, mask| {
            (raw.flags & given != 0)
                .then(|| Inv::new(raw.flags & inverted != 0, GroupMask::from((value, mask))))
        };
        Ok(Devgroup {
            src_group: group(XT_DEVGROUP_MATCH_SRC, XT_DEVGROUP_INVERT_SRC, raw.src_group, raw.src_mask),
            dst_group: group(XT_DEVGROUP_MATCH_DST, XT_DEVGROUP_INVERT_DST, raw.dst_group, raw.dst_mask),
            ..Devgroup::new()
        })
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        if self.src_group.is_some() {
            place.require("src-group", HookMask::INCOMING)?;
        }
        if self.dst_group.is_some() {
            place.require("dst-group", HookMask::OUTGOING)?;
        }
        Ok(())
    }

    fn list(&self, out: &mut List<'_>) {
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m devgroup --src-group 5", "-m devgroup --src-group 0x5"),
            (
                "-m devgroup ! --dst-group 0x10/255 --src-group 5/0",
                "-m devgroup --src-group 0x5/0x0 ! --dst-group 0x10/0xff",
            ),
            ("-m devgroup ! --src-group 5/0xffffffff", "-m devgroup ! --src-group 0x5"),
            (
                "-m devgroup --src-group uplink --dst-group 0",
                "-m devgroup --src-group uplink --dst-group default",
            ),
            ("-m devgroup", "!devgroup match: You must specify either '--src-group' or '--dst-group'"),
            (
                "-m devgroup --src-group no-such-group",
                "!devgroup: could not map name no-such-group to an integer value for option \"--src-group\".\n",
            ),
            (
                "-m devgroup --src-group 4294967296",
                "!devgroup: could not map name 4294967296 to an integer value for option \"--src-group\".\n",
            ),
            (
                "-m devgroup --src-group 5/",
                "!devgroup: bad integer value for option \"--src-group\", or out of range.\n",
            ),
            (
                "-m devgroup --src-group 1/1x",
                "!devgroup: trailing garbage after value for option \"--src-group\".\n",
            ),
            (
                "-m devgroup --src-group 1 --src-group 2",
                "!devgroup: option \"--src-group\" can only be used once.\n",
            ),
        ]);
    }
}
