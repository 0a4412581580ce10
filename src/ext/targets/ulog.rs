//! `ULOG`: packets to a program that logs them, in kernels before 3.17. `linux/netfilter_ipv4/ipt_ULOG.h`.

use crate::ext::prelude::*;
use crate::types::{KernelString, Span};

raw! {
    // The header of this target is gone from the kernel.
    "linux/netfilter/x_tables.h"

    old:
    struct ipt_ulog_info {
        nl_group: u32,
        _padding: [u8; 4],
        copy_range: u64,
        qthreshold: u64,
        prefix: [u8; 32],
    }
}

/// The numbers of netlink groups, and of packets that are gathered.
const GROUPS: Span<u8> = Span { min: 1, max: 32 };
const THRESHOLDS: Span<u8> = Span { min: 1, max: 50 };

/// The room for a prefix in the kernel.
const ULOG_PREFIX_LEN: usize = 32;

options! {
    /// Sends the packet to a netlink group, where a program logs it, and goes on with the next rule.
    ///
    /// NFLOG has taken its place; kernels since 3.17 do not know it.
    #[header("linux/netfilter_ipv4/ipt_ULOG.h")]
    #[example(Ipv4, "-j ULOG --ulog-nlgroup 2 --ulog-prefix \"dropped: \"")]
    pub target Ulog {
        /// Text that the program gets beside the packet, at most 31 bytes.
        prefix / ulog_prefix: KernelString<ULOG_PREFIX_LEN> => "--ulog-prefix" { min: 1 };
        /// The netlink group, 1 to 32.
        nlgroup / ulog_nlgroup: u8 = 1 => "--ulog-nlgroup" { min: GROUPS.min as u64, max: GROUPS.max as u64 };
        /// How many bytes of the packet are sent; all of them for 0.
        cprange / ulog_cprange: u64 = 0 => "--ulog-cprange";
        /// How many packets are gathered before they are sent, 1 to 50.
        qthreshold / ulog_qthreshold: u64 = 1 => "--ulog-qthreshold" { min: THRESHOLDS.min as u64, max: THRESHOLDS.max as u64 };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Ulog>("ULOG").families(Families::Ipv4);

impl Codec for Ulog {
    const REVISIONS: &'static [Revision] = &[Revision::new::<ipt_ulog_info>(0).only(Families::Ipv4)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let prefix = self.prefix.unwrap_or_default();
        fits("ulog-prefix", &prefix)?;
        let groups = GROUPS.min..=GROUPS.max;
        if !groups.contains(&self.nlgroup) {
            let misfit = Misfit::Group { group: self.nlgroup, min: GROUPS.min, max: GROUPS.max };
            return Err(Error::from(misfit).at_option("ulog-nlgroup"));
        }
        payload.put(&ipt_ulog_info {
            // A bit for each group.
            nl_group: 1 << (self.nlgroup - GROUPS.min),
            _padding: [0; 4],
            copy_range: self.cprange,
            qthreshold: self.qthreshold,
            prefix: prefix.array(),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Ulog> {
        let raw: ipt_ulog_info = read_raw(bytes)?;
        let prefix = KernelString::from_array(&raw.prefix);
        Ok(Ulog {
            prefix: (!prefix.is_empty()).then_some(prefix),
            nlgroup: (raw.nl_group.trailing_zeros().min(31) + 1) as u8,
            cprange: raw.copy_range,
            qthreshold: raw.qthreshold,
            ..Ulog::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " ULOG copy_range {} nlgroup {}", self.cprange, self.nlgroup);
        if let Some(prefix) = self.prefix {
            out.text(" prefix \"");
            out.text(prefix.as_bytes());
            out.text("\"");
        }
        show!(out, " queue_threshold {}", self.qthreshold);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-j ULOG", "-j ULOG"),
            ("-j ULOG --ulog-nlgroup 1 --ulog-cprange 0 --ulog-qthreshold 1", "-j ULOG"),
            (
                "-j ULOG --ulog-qthreshold 50 --ulog-cprange 6 --ulog-nlgroup 32 --ulog-prefix \"a b\"",
                "-j ULOG --ulog-prefix \"a b\" --ulog-nlgroup 32 --ulog-cprange 6 --ulog-qthreshold 50",
            ),
            (
                "-j ULOG --ulog-nlgroup 33",
                "!ULOG: bad value for option \"--ulog-nlgroup\", or out of range (1-32).\n",
            ),
            (
                "-j ULOG --ulog-qthreshold 0",
                "!ULOG: bad value for option \"--ulog-qthreshold\", or out of range (1-50).\n",
            ),
            ("-j ULOG --ulog-prefix \"\"", "!Argument must have a minimum length of 1 characters\n"),
        ]);
        check_family(Family::Ipv6, &[("-j ULOG --ulog-nlgroup 2", "!unknown option \"--ulog-nlgroup\"")]);
    }
}
