//! `LOG`: a line in the kernel's log. `linux/netfilter/xt_LOG.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;
use crate::types::fmt::number;

const XT_LOG_TCPSEQ: u32 = 0x01;
const XT_LOG_TCPOPT: u32 = 0x02;
const XT_LOG_IPOPT: u32 = 0x04;
const XT_LOG_UID: u32 = 0x08;
const XT_LOG_MACDECODE: u32 = 0x20;

raw! {
    "linux/netfilter/xt_LOG.h"

    struct xt_log_info {
        level: u8,
        logflags: u8,
        prefix: [u8; 30],
    }
}

/// A level of `syslog(3)`, 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogLevel(pub u8);

impl LogLevel {
    /// The names that are printed, by level.
    const NAMES: [&'static str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
    /// The names that are read.
    const WORDS: [(&'static str, u8); 9] = [
        ("alert", 1),
        ("crit", 2),
        ("debug", 7),
        ("emerg", 0),
        ("error", 3),
        ("info", 6),
        ("notice", 5),
        ("panic", 0),
        ("warning", 4),
    ];
}

impl From<u8> for LogLevel {
    fn from(level: u8) -> LogLevel {
        LogLevel(level)
    }
}

impl Value for LogLevel {
    const KIND: ValueKind = ValueKind::text("LEVEL");

    fn named(_: Family) -> ValueNames {
        ValueNames::inline(LogLevel::WORDS.into_iter().map(|(name, _)| name))
    }

    fn parse(input: &Input<'_>) -> Result<LogLevel, BadValue> {
        let named = LogLevel::WORDS.iter().find(|(name, _)| name.as_bytes() == input.text());
        let level = named.map(|(_, level)| u64::from(*level)).or_else(|| number(input.text()));
        let level = LogLevel(level.and_then(|level| u8::try_from(level).ok()).unwrap_or(u8::MAX));
        level.check(input.opt, input.cx)?;
        Ok(level)
    }

    fn check(&self, _: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        match self.0 {
            0..=7 => Ok(()),
            _ => Err(BadValue::LogLevel { names: LogLevel::WORDS.iter().map(|(name, _)| *name).collect() }),
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }
}

/// The room for a prefix in the kernel.
const PREFIX_LEN: usize = 30;

options! {
    /// Writes a line about the packet to the kernel's log and goes on with the next rule.
    #[header("linux/netfilter/xt_LOG.h")]
    #[example(Ipv4, "-j LOG --log-prefix \"dropped: \" --log-level info --log-uid")]
    pub target Log {
        /// Text at the beginning of the line, at most 29 bytes.
        prefix / log_prefix: KernelString<PREFIX_LEN> => "--log-prefix" { min: 1 };
        /// The level of the line; `warning` unless given.
        level / log_level: LogLevel = LogLevel(4) => "--log-level";
        /// Log the TCP sequence number.
        tcp_sequence / log_tcp_sequence: bool => "--log-tcp-sequence" { bit: XT_LOG_TCPSEQ };
        /// Log the options of the TCP header.
        tcp_options / log_tcp_options: bool => "--log-tcp-options" { bit: XT_LOG_TCPOPT };
        /// Log the options of the IP header.
        ip_options / log_ip_options: bool => "--log-ip-options" { bit: XT_LOG_IPOPT };
        /// Log the user who made the packet.
        uid / log_uid: bool => "--log-uid" { bit: XT_LOG_UID };
        /// Log hardware addresses and protocol.
        macdecode / log_macdecode: bool => "--log-macdecode" { bit: XT_LOG_MACDECODE };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Log>("LOG");

impl Codec for Log {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_log_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let prefix = self.prefix.unwrap_or_default();
        fits("log-prefix", &prefix)?;
        payload.put(&xt_log_info {
            level: self.level.0,
            logflags: self.bits()[0] as u8,
            prefix: prefix.array(),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Log> {
        let raw: xt_log_info = read_raw(bytes)?;
        let prefix = KernelString::from_array(&raw.prefix);
        Ok(Log {
            prefix: (!prefix.is_empty()).then_some(prefix),
            level: LogLevel(raw.level),
            ..Log::of_flags(raw.logflags.into(), 0)
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let [bits, _] = self.bits();
        if out.numeric {
            show!(out, " LOG flags {bits} level {}", self.level.0);
        } else {
            match LogLevel::NAMES.get(usize::from(self.level.0)) {
                Some(name) => show!(out, " LOG level {name}"),
                None => show!(out, " LOG UNKNOWN level {}", self.level.0),
            }
            for opt in Log::OPTIONS.iter().filter(|opt| opt.bit & bits != 0) {
                show!(out, " {}", opt.name.trim_start_matches("log-"));
            }
        }
        if let Some(prefix) = self.prefix {
            out.text(" prefix \"");
            out.text(prefix.as_bytes());
            out.text("\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j LOG", "-j LOG"),
            ("-j LOG --log-level warning", "-j LOG"),
            ("-j LOG --log-level panic --log-uid", "-j LOG --log-level 0 --log-uid"),
            ("-j LOG --log-prefix \"a b\" --log-level 0x3", "-j LOG --log-prefix \"a b\" --log-level 3"),
            (
                "-j LOG --log-macdecode --log-ip-options --log-tcp-options --log-tcp-sequence",
                "-j LOG --log-tcp-sequence --log-tcp-options --log-ip-options --log-macdecode",
            ),
            ("-j LOG --log-level warn", "!log level \"warn\" unknown\n"),
            ("-j LOG --log-level 8", "!log level \"8\" unknown\n"),
            ("-j LOG --log-prefix \"\"", "!Argument must have a minimum length of 1 characters\n"),
        ]);
    }
}
