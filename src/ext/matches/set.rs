//! `set`: ipsets. `linux/netfilter/xt_set.h`.

use crate::ext::prelude::*;
use crate::ext::values::{SetRef, xt_set_info, xt_set_info_v0};
use crate::types::fmt::number;

const IPSET_INV_MATCH: u8 = 1 << 0;
const IPSET_RETURN_NOMATCH: u8 = 1 << 7;
const IPSET_FLAG_SKIP_COUNTER_UPDATE: u32 = 1 << 3;
const IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE: u32 = 1 << 4;
const IPSET_FLAG_RETURN_NOMATCH: u32 = 1 << 7;
const IPSET_COUNTER_EQ: u8 = 1;
const IPSET_COUNTER_NE: u8 = 2;
const IPSET_COUNTER_LT: u8 = 3;
const IPSET_COUNTER_GT: u8 = 4;

raw! {
    "linux/netfilter/xt_set.h"

    struct ip_set_counter_match {
        value: u64,
        op: u8,
        _padding: [u8; 7],
    }

    /// The fields in another order, in revision 3.
    struct ip_set_counter_match0 {
        op: u8,
        _padding: [u8; 7],
        value: u64,
    }

    struct xt_set_info_match_v4 {
        match_set: xt_set_info,
        _padding: [u8; 4],
        packets: ip_set_counter_match,
        bytes: ip_set_counter_match,
        flags: u32,
        _padding2: [u8; 4],
    }

    struct xt_set_info_match_v3 {
        match_set: xt_set_info,
        _padding: [u8; 4],
        packets: ip_set_counter_match0,
        bytes: ip_set_counter_match0,
        flags: u32,
        _padding2: [u8; 4],
    }

    /// Revisions 1 and 2.
    struct xt_set_info_match_v1 {
        match_set: xt_set_info,
    }

    struct xt_set_info_match_v0 {
        match_set: xt_set_info_v0,
    }
}

/// The value that an entry's counter is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SetCounter(pub u64);

impl From<u64> for SetCounter {
    fn from(value: u64) -> SetCounter {
        SetCounter(value)
    }
}

invertible!(u64 => SetCounter);

impl Value for SetCounter {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "NUMBER");

    fn parse(input: &Input<'_>) -> Result<SetCounter, BadValue> {
        number(input.text()).map(SetCounter).ok_or(BadValue::Counter)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }
}

const PACKETS: &str = "only one of the --packets-[eq|lt|gt] is allowed";
const BYTES: &str = "only one of the --bytes-[eq|lt|gt] is allowed";

options! {
    /// Matches packets whose addresses are in an ipset.
    #[header("linux/netfilter/xt_set.h")]
    #[example(
        Ipv4,
        "-m set --match-set web src -j DROP",
        "-m set ! --match-set web dst --packets-gt 5 --bytes-lt 700 -j ACCEPT",
    )]
    pub match Set {
        /// The set, and a side of the packet for each part of its entries.
        [!] match_set: SetRef => "--match-set" | "--set" {
            once: Some("--match-set can be specified only once"), bare: true,
            deprecated: Some(("set", "--set option deprecated, please use --match-set")),
        };
        /// Do not match entries that are marked `nomatch`.
        return_nomatch: bool => "--return-nomatch" {
            repeats: true, not_inverted: Some("--return-nomatch flag cannot be inverted"),
        };
        /// With `!`, leave the counters of the entry alone.
        [!] update_counters: bool => "--update-counters" { repeats: true };
        /// With `!`, leave the counters of entries in sets of a list alone.
        [!] update_subcounters: bool => "--update-subcounters" { repeats: true };
        /// The entry has seen so many packets.
        [!] packets_eq: SetCounter => "--packets-eq" { once: Some(PACKETS), excludes: &["packets-lt", "packets-gt"] };
        /// The entry has seen fewer packets.
        packets_lt: SetCounter => "--packets-lt" {
            once: Some(PACKETS), excludes: &["packets-gt"],
            not_inverted: Some("--packets-lt option cannot be inverted"),
        };
        /// The entry has seen more packets.
        packets_gt: SetCounter => "--packets-gt" {
            once: Some(PACKETS), not_inverted: Some("--packets-gt option cannot be inverted"),
        };
        /// The entry has seen so many bytes.
        [!] bytes_eq: SetCounter => "--bytes-eq" { once: Some(BYTES), excludes: &["bytes-lt", "bytes-gt"] };
        /// The entry has seen fewer bytes.
        bytes_lt: SetCounter => "--bytes-lt" {
            once: Some(BYTES), excludes: &["bytes-gt"],
            not_inverted: Some("--bytes-lt option cannot be inverted"),
        };
        /// The entry has seen more bytes.
        bytes_gt: SetCounter => "--bytes-gt" {
            once: Some(BYTES), not_inverted: Some("--bytes-gt option cannot be inverted"),
        };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Set>("set").named();

impl Normal for xt_set_info_match_v0 {
    fn normalize(&mut self, family: Family) {
        self.match_set.normalize(family);
    }
}

/// The kernel's comparison of a counter.
fn counter(
    eq: Option<Inv<SetCounter>>,
    lt: Option<SetCounter>,
    gt: Option<SetCounter>,
) -> Option<ip_set_counter_match> {
    let eq = eq.map(|inv| (if inv.inverted { IPSET_COUNTER_NE } else { IPSET_COUNTER_EQ }, inv.value));
    let lt = lt.map(|value| (IPSET_COUNTER_LT, value));
    let gt = gt.map(|value| (IPSET_COUNTER_GT, value));
    eq.or(lt).or(gt).map(|(op, value)| ip_set_counter_match { value: value.0, op, _padding: [0; 7] })
}

type Compared = (Option<Inv<SetCounter>>, Option<SetCounter>, Option<SetCounter>);

fn compared(raw: &ip_set_counter_match) -> Compared {
    let value = SetCounter(raw.value);
    match raw.op {
        IPSET_COUNTER_EQ => (Some(Inv::new(false, value)), None, None),
        IPSET_COUNTER_NE => (Some(Inv::new(true, value)), None, None),
        IPSET_COUNTER_LT => (None, Some(value), None),
        IPSET_COUNTER_GT => (None, None, Some(value)),
        _ => (None, None, None),
    }
}

impl Codec for Set {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_set_info_match_v4>(4),
        Revision::new::<xt_set_info_match_v3>(3),
        Revision::new::<xt_set_info_match_v1>(2),
        Revision::new::<xt_set_info_match_v1>(1),
        Revision::normal::<xt_set_info_match_v0>(0).only(Families::Ipv4),
    ];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["match-set"], "You must specify `--match-set' with proper arguments");

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Some(Inv { inverted, value }) = &self.match_set else { return Ok(()) };
        let mut match_set = value.to_raw("match-set", cx)?;
        let packets = counter(self.packets_eq, self.packets_lt, self.packets_gt);
        let bytes = counter(self.bytes_eq, self.bytes_lt, self.bytes_gt);
        let flags = flag(self.return_nomatch, IPSET_FLAG_RETURN_NOMATCH)
            | flag(self.update_counters == Some(false), IPSET_FLAG_SKIP_COUNTER_UPDATE)
            | flag(self.update_subcounters == Some(false), IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE);
        let needed = match () {
            () if flags & !IPSET_FLAG_RETURN_NOMATCH != 0 || packets.is_some() || bytes.is_some() => 3,
            () if flags != 0 => 2,
            () => 0,
        };
        if needed > cx.revision {
            return Err(needs_revision(needed, cx));
        }
        match_set.flags |= flag(*inverted, IPSET_INV_MATCH);
        let zero = ip_set_counter_match { value: 0, op: 0, _padding: [0; 7] };
        let (packets, bytes) = (packets.unwrap_or(zero), bytes.unwrap_or(zero));
        match cx.revision {
            4.. => payload.put(&xt_set_info_match_v4 {
                match_set,
                packets,
                bytes,
                flags,
                ..xt_set_info_match_v4::new_zeroed()
            }),
            3 => {
                let old = |new: ip_set_counter_match| ip_set_counter_match0 {
                    op: new.op,
                    _padding: [0; 7],
                    value: new.value,
                };
                payload.put(&xt_set_info_match_v3 {
                    match_set,
                    packets: old(packets),
                    bytes: old(bytes),
                    flags,
                    ..xt_set_info_match_v3::new_zeroed()
                });
            }
            1 | 2 => {
                match_set.flags |= flag(self.return_nomatch, IPSET_RETURN_NOMATCH);
                payload.put(&xt_set_info_match_v1 { match_set });
            }
            0 => payload
                .put(&xt_set_info_match_v0 { match_set: xt_set_info_v0::from_new(&match_set, *inverted) }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Set> {
        let mut all = xt_set_info_match_v4::new_zeroed();
        match cx.revision {
            4.. => all = read_raw(bytes)?,
            3 => {
                let raw: xt_set_info_match_v3 = read_raw(bytes)?;
                let new = |old: ip_set_counter_match0| ip_set_counter_match {
                    value: old.value,
                    op: old.op,
                    _padding: [0; 7],
                };
                all.match_set = raw.match_set;
                (all.packets, all.bytes, all.flags) = (new(raw.packets), new(raw.bytes), raw.flags);
            }
            1 | 2 => {
                all.match_set = read_raw::<xt_set_info_match_v1>(bytes)?.match_set;
                all.flags = flag(all.match_set.flags & IPSET_RETURN_NOMATCH != 0, IPSET_FLAG_RETURN_NOMATCH);
            }
            0 => {
                let (match_set, inverted) = read_raw::<xt_set_info_match_v0>(bytes)?.match_set.to_new();
                all.match_set = match_set;
                all.match_set.flags |= flag(inverted, IPSET_INV_MATCH);
            }
        }
        let skips = |bit| (all.flags & bit != 0).then_some(false);
        let (packets_eq, packets_lt, packets_gt) = compared(&all.packets);
        let (bytes_eq, bytes_lt, bytes_gt) = compared(&all.bytes);
        let inverted = all.match_set.flags & IPSET_INV_MATCH != 0;
        Ok(Set {
            match_set: SetRef::from_raw(&all.match_set, cx).map(|set| Inv::new(inverted, set)),
            return_nomatch: all.flags & IPSET_FLAG_RETURN_NOMATCH != 0,
            update_counters: skips(IPSET_FLAG_SKIP_COUNTER_UPDATE),
            update_subcounters: skips(IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE),
            packets_eq,
            packets_lt,
            packets_gt,
            bytes_eq,
            bytes_lt,
            bytes_gt,
            ..Set::new()
        })
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
            ("-m set --match-set #3 src", "-m set --match-set #3 src"),
            ("-m set ! --match-set #3 src,dst", "-m set ! --match-set #3 src,dst"),
            (
                "-m set ! --update-counters --return-nomatch ! --packets-eq 5 --bytes-gt 6 --match-set #3 dst",
                "-m set --match-set #3 dst --return-nomatch ! --update-counters ! --packets-eq 5 --bytes-gt 6",
            ),
            ("-m set", "!You must specify `--match-set' with proper arguments"),
            (
                "-m set --match-set #3 src --packets-eq 5 --packets-lt 6",
                "!only one of the --packets-[eq|lt|gt] is allowed",
            ),
            ("-m set --match-set #3 src ! --packets-lt 6", "!--packets-lt option cannot be inverted"),
            ("-m set --match-set #3 src,src,src,src,src,src,src", "!Can't be more src/dst options than 6."),
        ]);
    }
}
