//! `owner`: the process that sends. `linux/netfilter/xt_owner.h`.

use std::ops::RangeInclusive;

use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::fmt::leading_number;

const XT_OWNER_UID: u32 = 1 << 0;
const XT_OWNER_GID: u32 = 1 << 1;
const XT_OWNER_SOCKET: u32 = 1 << 2;
const XT_OWNER_SUPPL_GROUPS: u32 = 1 << 3;

raw! {
    "linux/netfilter/xt_owner.h"

    struct xt_owner_match_info {
        uid_min: u32,
        uid_max: u32,
        gid_min: u32,
        gid_max: u32,
        matched = "match": u8,
        invert: u8,
        _padding: [u8; 2],
    }

    old:
    /// Revision 0, of kernels before 2.6.25. The bits of `matched` above the second are for `pid`, `sid` and `comm`.
    struct ipt_owner_info {
        uid: u32,
        gid: u32,
        pid: i32,
        sid: i32,
        comm: [u8; 16],
        matched: u8,
        invert: u8,
        _padding: [u8; 2],
    }

    /// The same for IPv6.
    struct ip6t_owner_info {
        uid: u32,
        gid: u32,
        pid: i32,
        sid: i32,
        matched: u8,
        invert: u8,
        _padding: [u8; 2],
    }
}

macro_rules! id_range {
    ($(#[doc = $doc:literal])* $name:ident, $label:literal, $by_name:path, $name_of:path) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name {
            /// The first number.
            pub min: u32,
            /// The last number.
            pub max: u32,
        }

        impl From<u32> for $name {
            fn from(id: u32) -> $name {
                $name { min: id, max: id }
            }
        }

        impl From<RangeInclusive<u32>> for $name {
            fn from(range: RangeInclusive<u32>) -> $name {
                $name { min: *range.start(), max: *range.end() }
            }
        }

        invertible!(u32 => $name, RangeInclusive<u32> => $name);

        impl Value for $name {
            const KIND: ValueKind = ValueKind::text($label);

            fn parse(input: &Input<'_>) -> Result<$name, BadValue> {
                let (min, max) = read_ids(input, $by_name)?;
                Ok($name { min, max })
            }

            fn print(&self, out: &mut Printer<'_>) {
                print_ids(out, self.min, self.max, $name_of);
            }

            fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
                Some(Datum::Range { min: self.min.into(), max: self.max.into() })
            }
        }
    };
}

id_range! {
    /// The number of a user, or a range of them with both ends included; written `USER` or `MIN-MAX`.
    UidRange, "USER|UID[-UID]", names::user_id, names::user_name
}

id_range! {
    /// The number of a group, or a range of them with both ends included; written `GROUP` or `MIN-MAX`.
    GidRange, "GROUP|GID[-GID]", names::group_id, names::group_name
}

/// Reads a number, a range of numbers or a name. The highest number stands for nobody and cannot be matched.
fn read_ids(input: &Input<'_>, by_name: fn(&str) -> Option<u32>) -> Result<(u32, u32), BadValue> {
    let shown = input.shown();
    let id = |number| u32::try_from(number).ok().filter(|id| *id != u32::MAX);
    let range = |text| {
        let (min, rest) = leading_number(text)?;
        let max = match rest {
            [] => min,
            [b'-' | b':', rest @ ..] => leading_number(rest).filter(|(_, rest)| rest.is_empty())?.0,
            _ => return None,
        };
        Some((id(min)?, id(max)?))
    };
    range(input.text()).or_else(|| by_name(&shown).map(|id| (id, id))).ok_or(BadValue::Owner)
}

/// Prints numbers; a single one in a listing for people by its name.
fn print_ids(out: &mut Printer<'_>, min: u32, max: u32, name_of: fn(u32) -> Option<String>) {
    if min != max {
        out.decimal(min);
        out.text("-");
        return out.decimal(max);
    }
    let named = out.style == Style::List;
    match if named { name_of(min) } else { None } {
        Some(name) => out.text(name),
        None => out.decimal(min),
    }
}

options! {
    /// Matches packets of this host by who owns their socket.
    ///
    /// Packets without a socket, such as an answer of the kernel itself, have no owner and never match.
    #[header("linux/netfilter/xt_owner.h")]
    #[example(Ipv4, "-m owner --uid-owner 1000-1999 -j REJECT")]
    pub match Owner {
        /// Whether the packet has a socket at all.
        [!] socket_exists: bool => "--socket-exists" { bit: XT_OWNER_SOCKET };
        /// The user, or a range of user numbers.
        [!] uid_owner: UidRange => "--uid-owner" { bit: XT_OWNER_UID };
        /// The group, or a range of group numbers.
        [!] gid_owner: GidRange => "--gid-owner" { bit: XT_OWNER_GID };
        /// The owner's supplementary groups count too.
        suppl_groups: bool => "--suppl-groups" { bit: XT_OWNER_SUPPL_GROUPS };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Owner>("owner")
    .placed(Placement::NONE.hooks(HookMask::of(&[Hook::Output, Hook::Postrouting])).checked());

impl Owner {
    fn from_bits(given: u8, inverted: u8, uid: UidRange, gid: GidRange) -> Owner {
        let ids = Given::new(given, inverted);
        Owner {
            uid_owner: ids.value(XT_OWNER_UID, uid),
            gid_owner: ids.value(XT_OWNER_GID, gid),
            ..Owner::of_flags(given.into(), inverted.into())
        }
    }

    /// The users and groups of revision 0, which has neither ranges nor the other options.
    fn single(&self, cx: &RuleContext<'_>) -> Result<(u32, u32)> {
        let uid = self.uid_owner.unwrap_or_default().value;
        let gid = self.gid_owner.unwrap_or_default().value;
        let single = uid.min == uid.max && gid.min == gid.max;
        if !single || self.socket_exists.is_some() || self.suppl_groups {
            return Err(needs_revision(1, cx));
        }
        Ok((uid.min, gid.min))
    }

    fn from_single(given: u8, inverted: u8, uid: u32, gid: u32) -> Result<Owner> {
        if u32::from(given) & !(XT_OWNER_UID | XT_OWNER_GID) != 0 {
            return Err(Malformed::OwnerProcess.into());
        }
        Ok(Owner::from_bits(given, inverted, uid.into(), gid.into()))
    }
}

impl Codec for Owner {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_owner_match_info>(1), Revision::by_family::<ipt_owner_info, ip6t_owner_info>(0)];
    const NEEDS: Option<Needs> = Needs::any(
        &["uid-owner", "gid-owner", "socket-exists"],
        "owner: At least one of --uid-owner, --gid-owner or --socket-exists is required",
    );

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        if self.suppl_groups && self.gid_owner.is_none() {
            return Err(Misfit::SupplementaryGroups.into());
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let [given, invert] = self.bits().map(|bits| bits as u8);
        if cx.revision == 0 {
            let (uid, gid) = self.single(cx)?;
            match cx.family {
                Family::Ipv4 | Family::Arp => payload.put(&ipt_owner_info {
                    uid,
                    gid,
                    matched: given,
                    invert,
                    ..ipt_owner_info::new_zeroed()
                }),
                Family::Ipv6 => payload.put(&ip6t_owner_info {
                    uid,
                    gid,
                    matched: given,
                    invert,
                    ..ip6t_owner_info::new_zeroed()
                }),
            }
            return Ok(());
        }
        let uid = self.uid_owner.unwrap_or_default().value;
        let gid = self.gid_owner.unwrap_or_default().value;
        payload.put(&xt_owner_match_info {
            uid_min: uid.min,
            uid_max: uid.max,
            gid_min: gid.min,
            gid_max: gid.max,
            matched: given,
            invert,
            _padding: [0; 2],
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Owner> {
        match (cx.revision, cx.family) {
            (0, Family::Ipv4) => {
                let raw: ipt_owner_info = read_raw(bytes)?;
                Owner::from_single(raw.matched, raw.invert, raw.uid, raw.gid)
            }
            (0, Family::Ipv6) => {
                let raw: ip6t_owner_info = read_raw(bytes)?;
                Owner::from_single(raw.matched, raw.invert, raw.uid, raw.gid)
            }
            _ => {
                let raw: xt_owner_match_info = read_raw(bytes)?;
                let uid = UidRange { min: raw.uid_min, max: raw.uid_max };
                let gid = GidRange { min: raw.gid_min, max: raw.gid_max };
                Ok(Owner::from_bits(raw.matched, raw.invert, uid, gid))
            }
        }
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let backwards =
            |option, min, max| Err(Error::from(Refused::Backwards { min, max }).at_option(option));
        match (self.uid_owner, self.gid_owner) {
            (Some(Inv { value: UidRange { min, max }, .. }), _) if min > max => {
                backwards("uid-owner", min, max)
            }
            (_, Some(Inv { value: GidRange { min, max }, .. })) if min > max => {
                backwards("gid-owner", min, max)
            }
            _ => Ok(()),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(exists) = self.socket_exists {
            out.text(if exists { " owner socket exists" } else { " ! owner socket exists" });
        }
        if let Some(Inv { inverted, value }) = self.uid_owner {
            out.text(if inverted { " ! owner UID match " } else { " owner UID match " });
            out.value(&value);
        }
        if let Some(Inv { inverted, value }) = self.gid_owner {
            out.text(if inverted { " ! owner GID match " } else { " owner GID match " });
            out.value(&value);
        }
        out.text(if self.suppl_groups { " incl. suppl. groups" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m owner --uid-owner root", "-m owner --uid-owner 0"),
            ("-m owner --uid-owner 5:7", "-m owner --uid-owner 5-7"),
            (
                "-m owner --gid-owner 0x10 ! --uid-owner 5-7 --socket-exists",
                "-m owner --socket-exists ! --uid-owner 5-7 --gid-owner 16",
            ),
            ("-m owner ! --socket-exists", "-m owner ! --socket-exists"),
            ("-m owner --suppl-groups ! --gid-owner 3-9", "-m owner ! --gid-owner 3-9 --suppl-groups"),
            ("-m owner --uid-owner 0-4294967294", "-m owner --uid-owner 0-4294967294"),
            (
                "-m owner --uid-owner 4294967295",
                "!owner: Bad value for \"--uid-owner\" option: \"4294967295\"",
            ),
            ("-m owner --gid-owner 5-", "!owner: Bad value for \"--gid-owner\" option: \"5-\""),
            ("-m owner --gid-owner \"\"", "!owner: Bad value for \"--gid-owner\" option: \"\""),
            (
                "-m owner --suppl-groups --uid-owner 0",
                "!owner: Bad value for \"--suppl-groups\" option: \"you need to use --gid-owner first\"",
            ),
            ("-m owner", "!owner: At least one of --uid-owner, --gid-owner or --socket-exists is required"),
        ]);
    }
}
