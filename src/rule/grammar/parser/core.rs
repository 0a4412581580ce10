//! The options of iptables itself: commands, addresses, interfaces, jumps and the like.

use std::borrow::Cow;

use super::{Instead, Mode, Scan, Spelling, Zeroed, lossy};
use crate::error::{BadLine, Mistake, Warning};
use crate::ext::values::protocol;
use crate::ext::{Extension, ExtensionKind, index};
use crate::rule::grammar::args::{OPAQUE, TextSpan};
use crate::rule::grammar::getopt::{self, Argument, Command, Core, CoreOpt};
use crate::rule::grammar::meant::similar;
use crate::rule::{names, unknown};
use crate::sys::xt::XT_EXTENSION_MAXNAMELEN;
use crate::types::fmt::{leading_number, number};
use crate::types::{Counters, Family, Interface, Inv, Protocol};
use crate::{Error, Result};

/// The protocol that a text names.
pub(crate) fn read_protocol(text: &[u8]) -> Result<Protocol> {
    protocol(text).or_else(|| protocol(&text.to_ascii_lowercase())).ok_or_else(|| {
        Error::from(BadLine::Protocol { text: lossy(text) }).at_option("protocol").at_token(lossy(text))
    })
}

/// What is odd about a protocol: extension headers are not what the protocol field of an IPv6 rule is compared with.
pub(crate) fn protocol_warning(family: Family, protocol: Inv<Protocol>, text: &[u8]) -> Option<Warning> {
    let is_header = matches!(protocol.value.0, 43 | 44 | 51 | 60) && !protocol.inverted;
    (family == Family::Ipv6 && is_header)
        .then(|| Warning::HeaderProtocol { protocol: lossy(text).to_lowercase() })
}

impl Scan<'_> {
    /// The next word but one, if the next is the option that gives the extension just named its data.
    fn opaque(&mut self) -> Result<Option<TextSpan>> {
        if self.at >= self.args.len() || self.args.word(self.at) != OPAQUE {
            return Ok(None);
        }
        self.at += 1;
        self.argument(None, Spelling::Long(b"opaque")).map(Some)
    }

    /// An option of iptables itself.
    pub(super) fn core(
        &mut self,
        opt: &'static CoreOpt,
        inline: Option<TextSpan>,
        shown: Spelling<'_>,
    ) -> Result<()> {
        if opt.argument == Argument::None && inline.is_some() {
            // iptables has only the letter left by then.
            let letter = if opt.short == 0 { '0' } else { opt.short as char };
            let bad = BadLine::TakesNoValue { option: opt.long, word: format!("-{letter}") };
            return Err(Error::from(bad).at_option(opt.long));
        }
        if matches!(self.mode, Mode::Rule | Mode::InChain(_)) {
            self.require_rule_option(opt.core, shown)?;
        }
        let value = match opt.argument {
            Argument::Required if opt.is_negatable() => {
                self.value(inline, shown).map_err(|error| error.at_option(opt.long))?
            }
            Argument::Required => self.argument(inline, shown).map_err(|error| match opt.core {
                Core::WaitInterval if self.mode == Mode::Command => BadLine::NoInterval.into(),
                Core::WaitInterval if self.mode == Mode::Restore => in_file("-W").at_option(opt.long),
                _ => error.at_option(opt.long),
            })?,
            _ => inline.unwrap_or_default(),
        };
        // Of several -v only the first one is looked at.
        if !opt.set.is_empty() || opt.core == Core::Verbose && self.parsed.verbose == 0 {
            self.once(opt)?;
        }
        let text = self.args.slice(value);
        let inverted = std::mem::take(&mut self.invert);
        match opt.core {
            Core::Command(command) => {
                self.invert = inverted;
                self.command(command, value, inline)?;
            }
            Core::Source => self.parser.draft.source = Some((value, inverted)),
            Core::Destination => self.parser.draft.destination = Some((value, inverted)),
            Core::Protocol => self.protocol(value, inverted)?,
            Core::InInterface => {
                let interface = self.interface(opt.long, text)?;
                self.parser.draft.header.input = Inv::new(inverted, interface);
                self.parser.draft.interfaces[0] = Some(value);
            }
            Core::OutInterface => {
                let interface = self.interface(opt.long, text)?;
                self.parser.draft.header.output = Inv::new(inverted, interface);
                self.parser.draft.interfaces[1] = Some(value);
            }
            Core::Fragments => {
                if self.parser.family == Family::Ipv6 {
                    let error = Error::from(BadLine::Fragment { option: shown.to_string() });
                    return Err(error.at_option("fragment"));
                }
                self.parser.draft.header.fragment = Some(!inverted);
            }
            Core::Jump => self.jump(value)?,
            Core::Goto => {
                check_target(text)?;
                self.parser.draft.goto(value);
            }
            Core::Match => self.matching(value, inverted)?,
            Core::Table => self.table(value, inverted)?,
            Core::Counters => self.counters(text)?,
            Core::Verbose => self.parsed.verbose += 1,
            Core::Modprobe => self.parsed.modprobe = Some(value),
            Core::Numeric | Core::Exact | Core::LineNumbers => {}
            Core::Wait => self.wait(inline)?,
            Core::WaitInterval => self.wait_interval(text, inline.is_none())?,
            Core::Ipv4 | Core::Ipv6 => {
                self.parsed.other_family |= self.parser.family != family_of(opt.core);
            }
            Core::Help => self.help(),
            Core::Version => {
                self.parsed.instead = Some(if inverted { Instead::NotVersion } else { Instead::Version });
            }
        }
        Ok(())
    }

    /// Refuses what is for a command, in a rule by itself.
    fn require_rule_option(&self, core: Core, shown: Spelling<'_>) -> Result<()> {
        // Most are for a rule, and need no text for it.
        let option = || shown.to_string();
        let bad = match core {
            Core::Command(Command::Append) if self.mode != Mode::Rule => return Ok(()),
            Core::Command(_) => BadLine::CommandInRule { option: option() },
            Core::Ipv4 | Core::Ipv6 if self.parser.family == family_of(core) => return Ok(()),
            Core::Ipv4 | Core::Ipv6 => BadLine::OtherFamily { option: option(), family: self.parser.family },
            Core::Table
            | Core::Numeric
            | Core::Verbose
            | Core::Exact
            | Core::LineNumbers
            | Core::Wait
            | Core::WaitInterval
            | Core::Modprobe
            | Core::Help
            | Core::Version => BadLine::NotInRule { option: option() },
            Core::Source
            | Core::Destination
            | Core::Protocol
            | Core::InInterface
            | Core::OutInterface
            | Core::Jump
            | Core::Goto
            | Core::Match
            | Core::Fragments
            | Core::Counters => return Ok(()),
        };
        let option = option();
        Err(Error::from(bad).at_option(option.trim_start_matches('-')).at_token(&*option))
    }

    /// Refuses an option that was given already, or that has no opposite.
    fn once(&mut self, opt: &CoreOpt) -> Result<()> {
        if self.parsed.seen.has(opt.set) {
            let option = getopt::name(opt.core, self.parser.family);
            return Err(Error::from(BadLine::Twice { option }).at_option(opt.long));
        }
        self.parsed.seen = self.parsed.seen.and(opt.set);
        if self.invert && !opt.is_negatable() {
            let option = getopt::name(opt.core, self.parser.family);
            return Err(Error::from(BadLine::Inverted { option }).at_option(option));
        }
        Ok(())
    }

    fn command(&mut self, command: Command, value: TextSpan, inline: Option<TextSpan>) -> Result<()> {
        // As iptables has it, this is looked at before all else.
        if command == Command::NewChain {
            self.check_new_chain(self.args.slice(value))?;
        }
        if self.invert {
            return Err(BadLine::InvertedCommand.into());
        }
        let before = self.parsed.command;
        let listing = |command| matches!(command, Some(Command::List | Command::ListRules));
        match before {
            Some(_) if listing(before) && command == Command::Zero && self.parsed.zero.is_none() => {
                self.parsed.zero = Some(Zeroed::Chain);
            }
            Some(before @ (Command::Zero | Command::ZeroNumber)) if listing(Some(command)) => {
                let rule = before == Command::ZeroNumber;
                self.parsed.zero = Some(if rule { Zeroed::Rule } else { Zeroed::Chain });
                self.parsed.command = Some(command);
            }
            Some(other) => {
                // Of a listing that zeroes, the part is told that does not go with the new command.
                let zeroes = self.parsed.zero.is_some() && command == Command::Zero;
                let (new, old) = (command.letter(), if zeroes { 'Z' } else { other.letter() });
                let option = getopt::short(new as u8, self.parser.family).map_or("", |opt| opt.long);
                return Err(Error::from(BadLine::TwoCommands { new, old }).at_option(option));
            }
            None => self.parsed.command = Some(command),
        }
        let chain = match command {
            Command::List | Command::ListRules | Command::Flush | Command::Zero | Command::DeleteChain => {
                match inline {
                    Some(span) => Some(span),
                    None => self.operand(),
                }
            }
            _ => Some(value),
        };
        self.parsed.chain = chain.or(self.parsed.chain);
        let name = chain.map(|span| self.args.slice(span)).unwrap_or_default();
        if let Mode::InChain(known) = self.mode
            && *names::read(name) != *known
        {
            let (chain, of) = (lossy(&names::read(name)), lossy(known));
            let error = Error::from(BadLine::OtherChain { chain: chain.clone(), of: of.clone() });
            return Err(error.in_chain(of).at_option("append").at_token(chain));
        }
        match command {
            Command::Delete if self.args.has_operand(self.at) => {
                // As iptables has it, this one is decimal.
                let text = lossy(self.args.word(self.at));
                if text.contains(':') {
                    return Err(Error::from(BadLine::RuleRange).at_token(text));
                }
                if text.starts_with("0x") {
                    return Err(Error::from(BadLine::RuleNumber { text: text.clone() }).at_token(text));
                }
                self.number(u32::MAX)?;
                self.parsed.command = Some(Command::DeleteNumber);
            }
            Command::Insert | Command::List | Command::ListRules if self.args.has_operand(self.at) => {
                self.number(MOST_RULES)?;
            }
            Command::Zero if chain.is_some() && self.args.has_operand(self.at) => {
                self.number(MOST_RULES)?;
                // As iptables has it: a listing before it is forgotten, one behind it is not.
                self.parsed.zero = None;
                self.parsed.command = Some(Command::ZeroNumber);
            }
            Command::Replace => {
                if !self.args.has_operand(self.at) {
                    return Err(BadLine::ReplaceWhat.into());
                }
                self.number(MOST_RULES)?;
            }
            Command::RenameChain => {
                let Some(new) = self.operand() else { return Err(BadLine::RenameWhat.into()) };
                self.check_new_chain(self.args.slice(new))?;
                self.parsed.second = Some(new);
            }
            Command::Policy => {
                let Some(policy) = self.operand() else { return Err(BadLine::PolicyWhat.into()) };
                self.parsed.second = Some(policy);
            }
            _ => {}
        }
        Ok(())
    }

    /// Fails unless a new chain may have the name, which may be any that is written in hexadecimal.
    fn check_new_chain(&mut self, word: &[u8]) -> Result<()> {
        let Cow::Borrowed(name) = names::read(word) else { return Ok(()) };
        if let Some(target) = index::find(ExtensionKind::Target, name, self.parser.family) {
            self.ask_kernel(target);
        }
        names::check(name, self.parser.family)
    }

    /// The next word, if it is no option.
    fn operand(&mut self) -> Option<TextSpan> {
        self.args.has_operand(self.at).then(|| {
            self.at += 1;
            self.args.span(self.at - 1)
        })
    }

    /// The number of a rule, counted from 1, up to the largest that the command takes.
    fn number(&mut self, most: u32) -> Result<()> {
        let word = self.args.word(self.at);
        self.at += 1;
        match number(word).and_then(|number| u32::try_from(number).ok()) {
            Some(number @ 1..) if number <= most => {
                self.parsed.number = number;
                Ok(())
            }
            _ => {
                let text = lossy(word);
                Err(Error::from(BadLine::RuleNumber { text: text.clone() }).at_token(text))
            }
        }
    }

    fn protocol(&mut self, value: TextSpan, inverted: bool) -> Result<()> {
        let text = self.args.slice(value);
        let protocol = read_protocol(text)?;
        if inverted && protocol == Protocol::ANY {
            return Err(Error::from(Mistake::NoProtocol).at_option("protocol"));
        }
        let protocol = Inv::new(inverted, protocol);
        if let Some(warning) = protocol_warning(self.parser.family, protocol, text) {
            self.warn(warning);
        }
        self.parser.draft.set_protocol(value, protocol);
        Ok(())
    }

    fn interface(&mut self, option: &str, text: &[u8]) -> Result<Interface> {
        let interface =
            Interface::new(text).map_err(|error| error.at_option(option).at_token(lossy(text)))?;
        if let Some(warning) = interface.warning() {
            self.warn(warning);
        }
        Ok(interface)
    }

    fn jump(&mut self, value: TextSpan) -> Result<()> {
        let name = self.args.slice(value);
        check_target(name)?;
        if let Some(data) = self.opaque()? {
            self.parser.draft.jump_opaque(value, data);
        } else if let Some(extension) = self.parser.draft.jump(value, name) {
            self.ask_kernel(extension);
        }
        Ok(())
    }

    fn matching(&mut self, value: TextSpan, inverted: bool) -> Result<()> {
        let name = self.args.slice(value);
        if inverted {
            return Err(BadLine::InvertedName { option: "match" }.into());
        }
        if let Some(data) = self.opaque()? {
            names::check_line(name)?;
            if names::read(name).len() > XT_EXTENSION_MAXNAMELEN {
                let bad = BadLine::LongMatch { name: lossy(name), max: XT_EXTENSION_MAXNAMELEN - 1 };
                return Err(Error::from(bad).at_token(lossy(name)));
            }
            self.parser.draft.load(value, None, Some(data));
            return Ok(());
        }
        if name.len() >= XT_EXTENSION_MAXNAMELEN && names::read_opaque(name).is_none() {
            let bad = BadLine::LongMatch { name: lossy(name), max: XT_EXTENSION_MAXNAMELEN - 1 };
            return Err(Error::from(bad).at_token(lossy(name)));
        }
        let Some(extension) = index::find(ExtensionKind::Match, name, self.parser.family) else {
            let names = crate::ext::matches::ALL.iter().map(|extension| extension.name);
            let known = similar(&lossy(name), names);
            // The alias of icmp6 is looked up under its real name.
            let shown = if matches!(name, b"icmpv6" | b"ipv6-icmp") { b"icmp6" } else { name };
            return Err(unknown(ExtensionKind::Match, &lossy(shown), known));
        };
        self.parser.draft.load(value, Some(extension), None);
        self.ask_kernel(extension);
        Ok(())
    }

    fn table(&mut self, value: TextSpan, inverted: bool) -> Result<()> {
        if inverted {
            return Err(BadLine::InvertedName { option: "table" }.into());
        }
        if self.mode == Mode::Restore {
            return Err(Error::from(BadLine::TableInFile).at_option("table"));
        }
        self.parsed.table = Some(value);
        Ok(())
    }

    /// `-c PACKETS BYTES` or `-c PACKETS,BYTES`.
    fn counters(&mut self, text: &[u8]) -> Result<()> {
        let (packets, bytes) = match text.iter().position(|byte| *byte == b',') {
            Some(comma) => (&text[..comma], &text[comma + 1..]),
            None => match self.operand() {
                Some(bytes) => (text, self.args.slice(bytes)),
                None => return Err(Error::from(BadLine::NoCounters).at_option("set-counters")),
            },
        };
        let read = |text: &[u8], of| {
            let bad = || {
                let error = Error::from(BadLine::Counter { of, text: lossy(text) });
                error.at_option("set-counters").at_token(lossy(text))
            };
            decimal(text).ok_or_else(bad)
        };
        let counters = Counters { packets: read(packets, "packet")?, bytes: read(bytes, "byte")? };
        self.parser.draft.header.counters = counters;
        self.parsed.counters = Some(counters);
        Ok(())
    }

    /// Help on the extensions so far; on the protocol where no match was named.
    fn help(&mut self) {
        let is_match = |extension: &&'static Extension| extension.kind == ExtensionKind::Match;
        if !self.parser.draft.extensions().iter().any(is_match) {
            self.parser.draft.load_protocol(self.args);
        }
        self.parsed.instead = Some(Instead::Help(self.parser.draft.extensions()));
    }

    fn wait(&mut self, inline: Option<TextSpan>) -> Result<()> {
        if self.mode == Mode::Restore {
            return Err(in_file("-w").at_option("wait"));
        }
        let seconds = match inline.or_else(|| self.operand()) {
            None => None,
            Some(span) => {
                let text = self.args.slice(span);
                let bad = || Error::from(BadLine::Seconds { text: lossy(text) }).at_token(lossy(text));
                // What follows the number is ignored.
                let (seconds, _) = leading_number(text.strip_prefix(b"-").unwrap_or(text)).ok_or_else(bad)?;
                // A negative number waits for ever.
                u32::try_from(seconds).ok().filter(|_| !text.starts_with(b"-"))
            }
        };
        self.parsed.wait = Some(seconds);
        Ok(())
    }

    fn wait_interval(&mut self, text: &[u8], behind: bool) -> Result<()> {
        if self.mode == Mode::Restore {
            return Err(in_file("-W").at_option("wait-interval"));
        }
        if text.starts_with(b"-") || behind && text.starts_with(b"!") {
            return Err(Error::from(BadLine::NoInterval).at_token(lossy(text)));
        }
        let Some((number, _)) = leading_number(text) else {
            return Err(Error::from(BadLine::Interval).at_token(lossy(text)));
        };
        // As iptables reads it, a number of 32 bits wraps around.
        if let long @ 1_000_000.. = number as u32 {
            return Err(Error::from(BadLine::LongInterval { long }).at_token(lossy(text)));
        }
        self.warn(Warning::WaitInterval);
        self.parsed.waits_at_intervals = true;
        Ok(())
    }
}

/// The largest number of a rule, where it is an `int`.
const MOST_RULES: u32 = i32::MAX as u32;

/// Fails unless a word may be the name of a target or chain.
fn check_target(name: &[u8]) -> Result<()> {
    if name.is_empty() {
        return Err(BadLine::EmptyTarget.into());
    }
    if name.len() >= XT_EXTENSION_MAXNAMELEN && names::read_opaque(name).is_none() {
        let bad = BadLine::LongTarget { name: lossy(name), max: XT_EXTENSION_MAXNAMELEN - 1 };
        return Err(Error::from(bad).at_token(lossy(name)));
    }
    names::check_line(name)?;
    match name.iter().any(|byte| matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)) {
        true => Err(Error::from(BadLine::TargetSpace { name: lossy(name) }).at_token(lossy(name))),
        false => Ok(()),
    }
}

/// The error of an option about the lock, which a file has no say in.
fn in_file(option: &'static str) -> Error {
    BadLine::WaitInFile { option }.into()
}

/// The family that `-4` or `-6` is for.
fn family_of(core: Core) -> Family {
    if core == Core::Ipv4 { Family::Ipv4 } else { Family::Ipv6 }
}

/// A number of packets or bytes: as `strtoull(3)` with base 10 reads it, which lets negative ones wrap around.
fn decimal(text: &[u8]) -> Option<u64> {
    let (digits, negative) = match text {
        [b'-', rest @ ..] => (rest, true),
        _ => (text, false),
    };
    let number: u64 = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?.parse().ok()?;
    Some(if negative { number.wrapping_neg() } else { number })
}
