//! `NFQUEUE`: a program decides. `linux/netfilter/xt_NFQUEUE.h`.

use std::ops::RangeInclusive;

use crate::ext::prelude::*;
use crate::types::Span;

const NFQ_FLAG_BYPASS: u16 = 0x01;
const NFQ_FLAG_CPU_FANOUT: u16 = 0x02;

raw! {
    "linux/netfilter/xt_NFQUEUE.h"

    struct xt_NFQ_info_v3 {
        queuenum: u16,
        queues_total: u16,
        flags: u16,
    }

    /// Revision 2, without fanout.
    struct xt_NFQ_info_v2 {
        queuenum: u16,
        queues_total: u16,
        bypass: u16,
    }

    struct xt_NFQ_info_v1 {
        queuenum: u16,
        queues_total: u16,
    }

    /// Revision 0: a single queue.
    struct xt_NFQ_info {
        queuenum: u16,
    }
}

/// At least two queues, written `FIRST:LAST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueueRange {
    /// The first queue.
    pub first: u16,
    /// The last queue, which is among them.
    pub last: u16,
}

impl From<RangeInclusive<u16>> for QueueRange {
    fn from(queues: RangeInclusive<u16>) -> QueueRange {
        QueueRange { first: *queues.start(), last: *queues.end() }
    }
}

impl QueueRange {
    /// How many queues there are, if the kernel can count them.
    fn count(self) -> Option<u16> {
        self.last.checked_sub(self.first)?.checked_add(1).filter(|count| *count > 1)
    }
}

impl Value for QueueRange {
    const KIND: ValueKind = ValueKind::text("FIRST:LAST");
    /// With a last queue of 65535 the number of queues might not fit into the 16 bits it has.
    const MAX: u64 = u16::MAX as u64 - 1;

    fn parse(input: &Input<'_>) -> Result<QueueRange, BadValue> {
        let Span { min: first, max: last } = Span::<u16>::parse(input)?;
        if !input.text().contains(&b':') {
            return Err(BadValue::OneQueue);
        }
        if first == last {
            return Err(BadValue::SameQueue { number: first });
        }
        Ok(QueueRange { first, last })
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.first);
        out.text(":");
        out.decimal(self.last);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Range { min: self.first.into(), max: self.last.into() })
    }
}

options! {
    /// Lets a program decide about the packet.
    #[header("linux/netfilter/xt_NFQUEUE.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 80 -j NFQUEUE --queue-balance 0:3 --queue-bypass",
        "-j NFQUEUE --queue-balance 0:3 --queue-bypass --queue-cpu-fanout",
    )]
    pub target Nfqueue {
        /// The number of the queue; 0 unless given.
        num / queue_num: u16 => "--queue-num" { excludes: &["queue-balance"] };
        /// The queues among which connections are spread.
        balance / queue_balance: QueueRange => "--queue-balance";
        /// Accept the packet if no program listens, instead of dropping it.
        bypass / queue_bypass: bool => "--queue-bypass";
        /// Choose the queue by the CPU that handles the packet, instead of by its connection.
        cpu_fanout / queue_cpu_fanout: bool => "--queue-cpu-fanout" { requires: &["queue-balance"] };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Nfqueue>("NFQUEUE");

impl Codec for Nfqueue {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_NFQ_info_v3>(3),
        Revision::new::<xt_NFQ_info_v2>(2),
        Revision::new::<xt_NFQ_info_v1>(1),
        Revision::new::<xt_NFQ_info>(0),
    ];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        match self.balance {
            Some(QueueRange { first, last }) if self.balance.and_then(QueueRange::count).is_none() => {
                Err(Error::from(Misfit::Queues { first, last }).at_option("queue-balance"))
            }
            _ => Ok(()),
        }
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let queuenum = self.balance.map_or(self.num.unwrap_or_default(), |queues| queues.first);
        let queues_total = self.balance.and_then(QueueRange::count).unwrap_or(1);
        let bypass = flag(self.bypass, NFQ_FLAG_BYPASS);
        let fanout = flag(self.cpu_fanout, NFQ_FLAG_CPU_FANOUT);
        match cx.revision {
            3.. => payload.put(&xt_NFQ_info_v3 { queuenum, queues_total, flags: bypass | fanout }),
            _ if self.cpu_fanout => return Err(needs_revision(3, cx)),
            2 => payload.put(&xt_NFQ_info_v2 { queuenum, queues_total, bypass }),
            _ if self.bypass => return Err(needs_revision(2, cx)),
            1 => payload.put(&xt_NFQ_info_v1 { queuenum, queues_total }),
            0 if queues_total > 1 => return Err(needs_revision(1, cx)),
            0 => payload.put(&xt_NFQ_info { queuenum }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Nfqueue> {
        let (first, total, flags) = match cx.revision {
            3.. => {
                let raw: xt_NFQ_info_v3 = read_raw(bytes)?;
                (raw.queuenum, raw.queues_total, raw.flags)
            }
            2 => {
                let raw: xt_NFQ_info_v2 = read_raw(bytes)?;
                (raw.queuenum, raw.queues_total, flag(raw.bypass != 0, NFQ_FLAG_BYPASS))
            }
            1 => {
                let raw: xt_NFQ_info_v1 = read_raw(bytes)?;
                (raw.queuenum, raw.queues_total, 0)
            }
            0 => (read_raw::<xt_NFQ_info>(bytes)?.queuenum, 1, 0),
        };
        let balance =
            (total > 1).then(|| QueueRange { first, last: first.saturating_add(total.saturating_sub(1)) });
        Ok(Nfqueue {
            num: balance.is_none().then_some(first),
            balance,
            bypass: flags & NFQ_FLAG_BYPASS != 0,
            cpu_fanout: flags & NFQ_FLAG_CPU_FANOUT != 0,
            ..Nfqueue::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        match self.balance {
            Some(queues) => show!(out, " NFQUEUE balance {}:{}", queues.first, queues.last),
            None => show!(out, " NFQUEUE num {}", self.num.unwrap_or_default()),
        }
        out.text(if self.bypass { " bypass" } else { "" });
        out.text(if self.cpu_fanout { " cpu-fanout" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j NFQUEUE", "-j NFQUEUE --queue-num 0"),
            ("-j NFQUEUE --queue-bypass --queue-num 65535", "-j NFQUEUE --queue-num 65535 --queue-bypass"),
            ("-j NFQUEUE --queue-balance :3", "-j NFQUEUE --queue-balance 0:3"),
            (
                "-j NFQUEUE --queue-balance 3: --queue-cpu-fanout --queue-bypass",
                "-j NFQUEUE --queue-balance 3:65534 --queue-bypass --queue-cpu-fanout",
            ),
            ("-j NFQUEUE --queue-balance 3", "!Bad range \"3\""),
            ("-j NFQUEUE --queue-balance 3:3", "!3 should be less than 3"),
            (
                "-j NFQUEUE --queue-balance 5:3",
                "!NFQUEUE: bad value for option \"--queue-balance\" near \"3\", or out of range (5-65534).\n",
            ),
            (
                "-j NFQUEUE --queue-balance 0:3 --queue-num 1",
                "!NFQUEUE: option \"--queue-num\" cannot be used together with \"--queue-balance\".\n",
            ),
            (
                "-j NFQUEUE --queue-num 1 --queue-cpu-fanout",
                "!NFQUEUE: option \"--queue-cpu-fanout\" also requires \"--queue-balance\".\n",
            ),
            (
                "-j NFQUEUE --queue-num 65536",
                "!NFQUEUE: bad value for option \"--queue-num\", or out of range (0-65535).\n",
            ),
        ]);
    }

    #[test]
    fn revisions() {
        check_revisions(&[0, 1, 2, 3], &Nfqueue::new().num(5u16));
        let balanced = Nfqueue::new().balance(5..=65_534);
        check_revisions(&[1, 2, 3], &balanced);
        check_revisions(&[2, 3], &balanced.clone().bypass(true));
        check_revisions(&[3], &balanced.cpu_fanout(true));
    }
}
