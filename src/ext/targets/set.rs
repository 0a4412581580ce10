//! `SET`: changes ipsets. `linux/netfilter/xt_set.h`.

use crate::ext::prelude::*;
use crate::ext::values::{SetRef, xt_set_info, xt_set_info_v0};
use crate::types::fmt::number;

const IPSET_FLAG_EXIST: u32 = 1 << 0;
const IPSET_FLAG_MAP_SKBMARK: u32 = 1 << 8;
const IPSET_FLAG_MAP_SKBPRIO: u32 = 1 << 9;
const IPSET_FLAG_MAP_SKBQUEUE: u32 = 1 << 10;

raw! {
    "linux/netfilter/xt_set.h"

    struct xt_set_info_target_v3 {
        add_set: xt_set_info,
        del_set: xt_set_info,
        map_set: xt_set_info,
        flags: u32,
        timeout: u32,
    }

    struct xt_set_info_target_v2 {
        add_set: xt_set_info,
        del_set: xt_set_info,
        flags: u32,
        timeout: u32,
    }

    struct xt_set_info_target_v1 {
        add_set: xt_set_info,
        del_set: xt_set_info,
    }

    struct xt_set_info_target_v0 {
        add_set: xt_set_info_v0,
        del_set: xt_set_info_v0,
    }
}

/// A timeout of a new entry in seconds, up to 4294967294.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SetTimeout(pub u32);

impl From<u32> for SetTimeout {
    fn from(seconds: u32) -> SetTimeout {
        SetTimeout(seconds)
    }
}

impl Value for SetTimeout {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "SECONDS");
    const MAX: u64 = u32::MAX as u64 - 1;

    fn parse(input: &Input<'_>) -> Result<SetTimeout, BadValue> {
        number(input.text())
            .filter(|seconds| *seconds <= SetTimeout::MAX)
            .map(|seconds| SetTimeout(seconds as u32))
            .ok_or(BadValue::Timeout)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }
}

options! {
    /// Adds the packet's addresses to an ipset, deletes them from one, or marks the packet from one.
    #[header("linux/netfilter/xt_set.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 23 -j SET --add-set web src --exist",
        "-m set --match-set web src -j SET --map-set web src --map-mark",
        "-j SET --add-set web src --timeout 5 --exist",
    )]
    pub target Set {
        /// Add an entry to this set.
        add_set: SetRef => "--add-set" { once: Some("--add-set can be specified only once"), bare: true };
        /// Delete an entry from this set.
        del_set: SetRef => "--del-set" { once: Some("--del-set can be specified only once"), bare: true };
        /// Look the packet up in this set, whose entries have marks.
        map_set: SetRef => "--map-set" { once: Some("--map-set can be specified only once"), bare: true };
        /// Reset the timeout of an entry that exists already.
        exist: bool => "--exist" { repeats: true };
        /// The timeout of the entry that is added.
        timeout: SetTimeout => "--timeout" { repeats: true };
        /// Take the packet's mark from the set.
        map_mark: bool => "--map-mark" { repeats: true };
        /// Take the packet's class from the set.
        map_prio: bool => "--map-prio" { repeats: true };
        /// Take the packet's hardware queue from the set.
        map_queue: bool => "--map-queue" { repeats: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Set>("SET").placed(Placement::NONE.checked()).named();

impl Normal for xt_set_info_target_v0 {
    fn normalize(&mut self, family: Family) {
        self.add_set.normalize(family);
        self.del_set.normalize(family);
    }
}

impl Codec for Set {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_set_info_target_v3>(3),
        Revision::new::<xt_set_info_target_v2>(2),
        Revision::new::<xt_set_info_target_v1>(1),
        Revision::normal::<xt_set_info_target_v0>(0).only(Families::Ipv4),
    ];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["add-set", "del-set", "map-set"],
        "You must specify either `--add-set' or `--del-set' or `--map-set'",
    );

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        let needs = |option, other, flag| Err(Misfit::SetNeeds { option, other, flag }.into());
        let maps = self.map_mark || self.map_prio || self.map_queue;
        match () {
            () if self.add_set.is_none() && self.exist => needs("exist", "add-set", true),
            () if self.add_set.is_none() && self.timeout.is_some() => needs("timeout", "add-set", false),
            () if self.map_set.is_some() && !maps => Err(Misfit::SetMap.into()),
            () if self.map_set.is_none() && self.map_mark => needs("map-mark", "map-set", true),
            () if self.map_set.is_none() && self.map_prio => needs("map-prio", "map-set", true),
            () if self.map_set.is_none() && self.map_queue => needs("map-queue", "map-set", true),
            () => Ok(()),
        }
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let reference = |option, set: &Option<SetRef>| {
            set.as_ref().map_or(Ok(SetRef::NONE), |set| set.to_raw(option, cx))
        };
        let add_set = reference("add-set", &self.add_set)?;
        let del_set = reference("del-set", &self.del_set)?;
        let map_set = reference("map-set", &self.map_set)?;
        let flags = flag(self.exist, IPSET_FLAG_EXIST)
            | flag(self.map_mark, IPSET_FLAG_MAP_SKBMARK)
            | flag(self.map_prio, IPSET_FLAG_MAP_SKBPRIO)
            | flag(self.map_queue, IPSET_FLAG_MAP_SKBQUEUE);
        let timeout = self.timeout.map_or(u32::MAX, |timeout| timeout.0);
        let needed = match () {
            () if self.map_set.is_some() => 3,
            () if flags != 0 || self.timeout.is_some() => 2,
            () => 0,
        };
        if needed > cx.revision {
            return Err(needs_revision(needed, cx));
        }
        match cx.revision {
            3.. => payload.put(&xt_set_info_target_v3 { add_set, del_set, map_set, flags, timeout }),
            2 => payload.put(&xt_set_info_target_v2 { add_set, del_set, flags, timeout }),
            1 => payload.put(&xt_set_info_target_v1 { add_set, del_set }),
            0 => payload.put(&xt_set_info_target_v0 {
                add_set: xt_set_info_v0::from_new(&add_set, false),
                del_set: xt_set_info_v0::from_new(&del_set, false),
            }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Set> {
        let mut all = xt_set_info_target_v3 {
            map_set: SetRef::NONE,
            timeout: u32::MAX,
            ..xt_set_info_target_v3::new_zeroed()
        };
        match cx.revision {
            3.. => all = read_raw(bytes)?,
            2 => {
                let raw: xt_set_info_target_v2 = read_raw(bytes)?;
                (all.add_set, all.del_set) = (raw.add_set, raw.del_set);
                (all.flags, all.timeout) = (raw.flags, raw.timeout);
            }
            1 => {
                let raw: xt_set_info_target_v1 = read_raw(bytes)?;
                (all.add_set, all.del_set) = (raw.add_set, raw.del_set);
            }
            0 => {
                let raw: xt_set_info_target_v0 = read_raw(bytes)?;
                (all.add_set, all.del_set) = (raw.add_set.to_new().0, raw.del_set.to_new().0);
            }
        }
        Ok(Set {
            add_set: SetRef::from_raw(&all.add_set, cx),
            del_set: SetRef::from_raw(&all.del_set, cx),
            map_set: SetRef::from_raw(&all.map_set, cx),
            exist: all.flags & IPSET_FLAG_EXIST != 0,
            timeout: (all.timeout != u32::MAX).then_some(SetTimeout(all.timeout)),
            map_mark: all.flags & IPSET_FLAG_MAP_SKBMARK != 0,
            map_prio: all.flags & IPSET_FLAG_MAP_SKBPRIO != 0,
            map_queue: all.flags & IPSET_FLAG_MAP_SKBQUEUE != 0,
            ..Set::new()
        })
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        if self.map_set.is_some() {
            place.require_table("map-set", &["mangle"])?;
        }
        if self.map_prio || self.map_queue {
            place.require("map-prio", HookMask::OUTGOING)?;
        }
        Ok(())
    }

    /// What belongs to adding stands behind the set that is added to.
    fn save(&self, sink: &mut dyn Sink) {
        let add = Set {
            del_set: None,
            map_set: None,
            map_mark: false,
            map_prio: false,
            map_queue: false,
            ..self.clone()
        };
        let del = Set { del_set: self.del_set.clone(), ..Set::new() };
        let map = Set { add_set: None, del_set: None, exist: false, timeout: None, ..self.clone() };
        for part in [add, del, map] {
            part.visit(sink);
        }
    }

    fn list(&self, out: &mut List<'_>) {
        out.saved(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j SET", "!You must specify either `--add-set' or `--del-set' or `--map-set'"),
            (
                "-j SET --add-set #3 src,dst --timeout 5 --exist",
                "-j SET --add-set #3 src,dst --exist --timeout 5",
            ),
            ("-j SET --del-set #3 src --add-set #4 dst", "-j SET --add-set #4 dst --del-set #3 src"),
            ("-j SET --map-set #3 src --map-prio", "-j SET --map-set #3 src --map-prio"),
            ("-j SET --map-prio --del-set #3 src", "!Flag `--map-prio' can be used with `--map-set' only"),
            ("-j SET --map-set #3 src --exist", "!Flag `--exist' can be used with `--add-set' only"),
            ("-j SET --del-set #3 src --timeout 5", "!Option `--timeout' can be used with `--add-set' only"),
            ("-j SET --add-set #3", "!--add-set requires two args."),
            ("-j SET --add-set #3 foo", "!You must specify (the comma separated list of) 'src' or 'dst'."),
        ]);
    }
}
