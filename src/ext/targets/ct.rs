//! `CT`: how the connection is tracked. `linux/netfilter/xt_CT.h`.

use super::notrack;
use crate::ext::prelude::*;
use crate::ext::values::flags;
use crate::types::KernelString;
use crate::types::fmt::number;

pub(super) const XT_CT_NOTRACK: u16 = 1 << 0;
pub(super) const XT_CT_NOTRACK_ALIAS: u16 = 1 << 1;
const XT_CT_ZONE_DIR_ORIG: u16 = 1 << 2;
const XT_CT_ZONE_DIR_REPL: u16 = 1 << 3;
const XT_CT_ZONE_MARK: u16 = 1 << 4;

raw! {
    "linux/netfilter/xt_CT.h"

    /// Revisions 1 and 2.
    struct xt_ct_target_info_v1 {
        flags: u16,
        zone: u16,
        ct_events: u32,
        exp_events: u32,
        helper: [u8; 16],
        timeout: [u8; 32],
        _padding: [u8; 4];
        kernel:
        ct: u64,
    }

    /// Revision 0.
    struct xt_ct_target_info {
        flags: u16,
        zone: u16,
        ct_events: u32,
        exp_events: u32,
        helper: [u8; 16],
        _padding: [u8; 4];
        kernel:
        ct: u64,
    }
}

flags! {
    /// Events of a connection that are reported to programs.
    pub struct CtEvents(u32) as "EVENT[,...]" {
        /// A connection was made.
        NEW = 1 << 0 => "new",
        /// A connection was made that another one led to expect.
        RELATED = 1 << 1 => "related",
        /// A connection was forgotten.
        DESTROY = 1 << 2 => "destroy",
        /// A reply was seen.
        REPLY = 1 << 3 => "reply",
        /// The connection is not to be dropped early any more.
        ASSURED = 1 << 4 => "assured",
        /// The state of the protocol has changed.
        PROTOINFO = 1 << 5 => "protoinfo",
        /// A helper was assigned.
        HELPER = 1 << 6 => "helper",
        /// The mark has changed.
        MARK = 1 << 7 => "mark",
        /// Sequence numbers are adjusted.
        NATSEQINFO = 1 << 8 => "natseqinfo",
        /// The security mark has changed.
        SECMARK = 1 << 9 => "secmark",
    }
}

flags! {
    /// Events of an expectation that are reported to programs.
    pub struct ExpEvents(u32) as "EVENT[,...]" {
        /// An expectation was made.
        NEW = 1 << 0 => "new",
    }
}

/// The zone of a connection: connections of different zones are tracked separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// A zone by number.
    Id(u16),
    /// The zone that the packet's mark says.
    Mark,
}

impl From<u16> for Zone {
    fn from(id: u16) -> Zone {
        Zone::Id(id)
    }
}

impl Value for Zone {
    const KIND: ValueKind = ValueKind::text("NUMBER|mark");

    fn parse(input: &Input<'_>) -> Result<Zone, BadValue> {
        if input.text() == b"mark" {
            return Ok(Zone::Mark);
        }
        let id = number(input.text()).and_then(|id| u16::try_from(id).ok());
        id.map(Zone::Id).ok_or(BadValue::Zone)
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self {
            Zone::Id(id) => out.decimal(*id),
            Zone::Mark => out.text("mark"),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        match self {
            Zone::Id(id) => Some((*id).into()),
            Zone::Mark => None,
        }
    }
}

/// The room for a helper's name in the kernel.
const HELPER_LEN: usize = 16;

/// The room for a timeout policy's name in the kernel.
const TIMEOUT_LEN: usize = 32;

options! {
    /// Sets how the connection of a packet is tracked, before it is.
    #[header("linux/netfilter/xt_CT.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 2121 -j CT --helper ftp",
        "-j CT --zone 5 --ctevents new,destroy",
    )]
    pub target Ct {
        /// Do not track the connection.
        notrack: bool => "--notrack";
        /// Use this helper for the connection.
        helper: KernelString<HELPER_LEN> => "--helper" { bare: true };
        /// Use the timeouts of this policy, which `nfct` makes.
        timeout: KernelString<TIMEOUT_LEN> => "--timeout" { bare: true };
        /// Report only these events of the connection.
        ctevents: CtEvents => "--ctevents" { misread: Some("Unknown event type \"{}\"") };
        /// Report only these events of expectations.
        expevents: ExpEvents => "--expevents" { misread: Some("Unknown event type \"{}\"") };
        /// The zone of packets in the original direction.
        zone_orig: Zone => "--zone-orig";
        /// The zone of packets in the reply direction.
        zone_reply: Zone => "--zone-reply";
        /// The zone of packets in both directions.
        zone: Zone => "--zone";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Ct>("CT")
    .placed(Placement::NONE.tables(&["raw"]).checked())
    .shows_alias(|bytes, revision| {
        let flags = read_raw::<xt_ct_target_info>(bytes).map_or(0, |raw| raw.flags);
        (revision > 1 && flags & XT_CT_NOTRACK_ALIAS != 0).then_some(&notrack::EXT)
    });

/// The flags as they are compared: both directions are the same as none, and so is one of zone 0, in which connections are
/// without any.
fn normal_flags(flags: u16, zone: u16) -> u16 {
    let both = XT_CT_ZONE_DIR_ORIG | XT_CT_ZONE_DIR_REPL;
    let no_zone = zone == 0 && flags & XT_CT_ZONE_MARK == 0;
    if no_zone || flags & both == both { flags & !both } else { flags }
}

impl Normal for xt_ct_target_info_v1 {
    fn normalize(&mut self, _: Family) {
        self.flags = normal_flags(self.flags, self.zone);
    }
}

impl Normal for xt_ct_target_info {
    fn normalize(&mut self, _: Family) {
        self.flags = normal_flags(self.flags, self.zone);
    }
}

impl Codec for Ct {
    const REVISIONS: &'static [Revision] = &[
        Revision::normal::<xt_ct_target_info_v1>(2),
        Revision::normal::<xt_ct_target_info_v1>(1),
        Revision::normal::<xt_ct_target_info>(0),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let (helper, timeout) = (self.helper.unwrap_or_default(), self.timeout.unwrap_or_default());
        fits("helper", &helper)?;
        fits("timeout", &timeout)?;
        let mut given = [self.zone, self.zone_orig, self.zone_reply].into_iter().flatten();
        if given.next().is_some_and(|first| given.any(|other| other != first)) {
            return Err(Error::from(Misfit::OneZone).at_option("zone"));
        }
        let mut flags = flag(self.notrack, XT_CT_NOTRACK);
        let mut zone = 0;
        // Without a direction the zone is that of both, which the kernel writes without a flag.
        for (given, direction) in
            [(self.zone, 0), (self.zone_orig, XT_CT_ZONE_DIR_ORIG), (self.zone_reply, XT_CT_ZONE_DIR_REPL)]
        {
            match given {
                None => {}
                Some(Zone::Id(id)) => {
                    zone = id;
                    flags |= direction;
                }
                Some(Zone::Mark) => flags |= direction | XT_CT_ZONE_MARK,
            }
        }
        let (ct_events, exp_events) =
            (self.ctevents.unwrap_or_default().0, self.expevents.unwrap_or_default().0);
        // The kernel refuses the other flags in older revisions.
        if cx.revision < 2 && flags & !XT_CT_NOTRACK != 0 {
            return Err(needs_revision(2, cx));
        }
        if cx.revision == 0 {
            if !timeout.is_empty() {
                return Err(needs_revision(1, cx));
            }
            payload.put(&xt_ct_target_info {
                flags,
                zone,
                ct_events,
                exp_events,
                helper: helper.array(),
                _padding: [0; 4],
                ct: 0,
            });
            return Ok(());
        }
        payload.put(&xt_ct_target_info_v1 {
            flags,
            zone,
            ct_events,
            exp_events,
            helper: helper.array(),
            timeout: timeout.array(),
            _padding: [0; 4],
            ct: 0,
        });
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Ct> {
        let raw = if cx.revision == 0 {
            let raw: xt_ct_target_info = read_raw(bytes)?;
            xt_ct_target_info_v1 {
                flags: raw.flags,
                zone: raw.zone,
                ct_events: raw.ct_events,
                exp_events: raw.exp_events,
                helper: raw.helper,
                ..xt_ct_target_info_v1::new_zeroed()
            }
        } else {
            read_raw(bytes)?
        };
        let zone = match (raw.flags & XT_CT_ZONE_MARK != 0, raw.zone) {
            (true, _) => Some(Zone::Mark),
            (false, 0) => None,
            (false, id) => Some(Zone::Id(id)),
        };
        let direction = raw.flags & (XT_CT_ZONE_DIR_ORIG | XT_CT_ZONE_DIR_REPL);
        Ok(Ct {
            notrack: raw.flags & XT_CT_NOTRACK != 0,
            helper: (raw.helper[0] != 0).then(|| KernelString::from_array(&raw.helper)),
            timeout: (raw.timeout[0] != 0).then(|| KernelString::from_array(&raw.timeout)),
            ctevents: (raw.ct_events != 0).then_some(CtEvents(raw.ct_events)),
            expevents: (raw.exp_events != 0).then_some(ExpEvents(raw.exp_events)),
            zone_orig: zone.filter(|_| direction == XT_CT_ZONE_DIR_ORIG),
            zone_reply: zone.filter(|_| direction == XT_CT_ZONE_DIR_REPL),
            zone: zone.filter(|_| direction != XT_CT_ZONE_DIR_ORIG && direction != XT_CT_ZONE_DIR_REPL),
            ..Ct::new()
        })
    }

    fn check(&self, cx: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        // Of what is not to be tracked the kernel looks at nothing else.
        if self.notrack {
            return Ok(());
        }
        let needy = [(self.helper.is_some(), "helper"), (self.timeout.is_some(), "timeout")];
        match needy.into_iter().find(|(given, _)| *given && cx.protocol().is_none()) {
            // The kernel calls the one not there, the other wrong.
            Some((_, option)) => {
                Err(Error::from(Refused::NoProtocol { absent: option == "helper" }).at_option(option))
            }
            None => Ok(()),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" CT");
        out.options(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j CT", "-j CT"),
            ("-j CT --notrack --zone 0x10", "-j CT --notrack --zone 16"),
            (
                "-p tcp -j CT --zone mark --expevents new --ctevents related,new --helper ftp",
                "-p tcp -j CT --helper ftp --ctevents new,related --expevents new --zone mark",
            ),
            ("-j CT --zone-orig 5", "-j CT --zone-orig 5"),
            ("-j CT --zone 5 --zone-orig 6", "!a connection has one zone"),
            ("-j CT --zone 65536", "!Cannot parse 65536 as a zone ID"),
            ("-j CT --ctevents foo", "!Unknown event type \"foo\""),
        ]);
    }
}
