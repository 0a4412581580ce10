//! `NFLOG`: packets to a program that logs them. `linux/netfilter/xt_NFLOG.h`.

use crate::ext::mechanism::print::quoted;
use crate::ext::prelude::*;
use crate::types::KernelString;

const XT_NFLOG_F_COPY_LEN: u16 = 0x1;

raw! {
    "linux/netfilter/xt_NFLOG.h"

    struct xt_nflog_info {
        len: u32,
        group: u16,
        threshold: u16,
        flags: u16,
        pad: u16,
        prefix: [u8; 64],
    }
}

/// The room for a prefix in the kernel.
const PREFIX_LEN: usize = 64;

options! {
    /// Sends the packet to a netlink group, where a program such as `ulogd` logs it, and goes on with the next rule.
    #[header("linux/netfilter/xt_NFLOG.h")]
    #[example(
        Ipv4,
        "-j NFLOG --nflog-group 5 --nflog-prefix \"dropped: \"",
        "-j NFLOG --nflog-group 5 --nflog-threshold 7 --nflog-size 64",
    )]
    pub target Nflog {
        /// Text that the program gets beside the packet, at most 63 bytes.
        prefix / nflog_prefix: KernelString<PREFIX_LEN> => "--nflog-prefix" { min: 1 };
        /// The netlink group.
        group / nflog_group: u16 = 0 => "--nflog-group";
        /// How many bytes of the packet are sent; it has never had an effect, see `size`.
        range / nflog_range: u32 => "--nflog-range" { excludes: &["nflog-size"] };
        /// How many bytes of the packet are sent; all of them unless given.
        size / nflog_size: u32 => "--nflog-size";
        /// How many packets are gathered before they are sent.
        threshold / nflog_threshold: u16 = 0 => "--nflog-threshold";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Nflog>("NFLOG");

impl Codec for Nflog {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_nflog_info>(0)];

    fn finish(&mut self, _: u64, cx: &RuleContext<'_>) -> Result<()> {
        if self.range.is_some() {
            // Said when all options have been read.
            cx.warn(usize::MAX, Warning::NflogRange);
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let prefix = self.prefix.unwrap_or_default();
        fits("nflog-prefix", &prefix)?;
        payload.put(&xt_nflog_info {
            len: self.size.or(self.range).unwrap_or_default(),
            group: self.group,
            threshold: self.threshold,
            flags: flag(self.size.is_some(), XT_NFLOG_F_COPY_LEN),
            pad: 0,
            prefix: prefix.array(),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Nflog> {
        let raw: xt_nflog_info = read_raw(bytes)?;
        let prefix = KernelString::from_array(&raw.prefix);
        let limits = raw.flags & XT_NFLOG_F_COPY_LEN != 0;
        Ok(Nflog {
            prefix: (!prefix.is_empty()).then_some(prefix),
            group: raw.group,
            range: (!limits && raw.len != 0).then_some(raw.len),
            size: limits.then_some(raw.len),
            threshold: raw.threshold,
            ..Nflog::new()
        })
    }

    /// As [`save`](Codec::save), with the quotes.
    fn list(&self, out: &mut List<'_>) {
        if let Some(prefix) = self.prefix {
            out.text(" nflog-prefix ");
            quoted(out.out, prefix.as_bytes());
        }
        out.options(&Nflog { prefix: None, ..self.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j NFLOG", "-j NFLOG"),
            ("-j NFLOG --nflog-group 0 --nflog-threshold 0", "-j NFLOG"),
            (
                "-j NFLOG --nflog-threshold 65535 --nflog-size 0 --nflog-group 3 --nflog-prefix \"a b\"",
                "-j NFLOG --nflog-prefix \"a b\" --nflog-group 3 --nflog-size 0 --nflog-threshold 65535",
            ),
            ("-j NFLOG --nflog-range 1", "-j NFLOG --nflog-range 1"),
            (
                "-j NFLOG --nflog-range 5 --nflog-size 6",
                "!NFLOG: option \"--nflog-range\" cannot be used together with \"--nflog-size\".\n",
            ),
            ("-j NFLOG --nflog-prefix \"\"", "!Argument must have a minimum length of 1 characters\n"),
            (
                "-j NFLOG --nflog-group 65536",
                "!NFLOG: bad value for option \"--nflog-group\", or out of range (0-65535).\n",
            ),
            ("-j NFLOG ! --nflog-group 3", "!NFLOG: option \"--nflog-group\" cannot be inverted.\n"),
        ]);
    }
}
