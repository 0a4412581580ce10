//! Arguments to a command and the options of a rule. What the options make is in `spec`.

use super::args::{Args, Span};
use super::getopt::{self, Argument, Command, Core, CoreOpt};
use super::spec::Spec;
use crate::ext::{Extension, ExtensionKind, Host, index};
use crate::rule::{Verdict, unknown};
use crate::sys::xt::XT_EXTENSION_MAXNAMELEN;
use crate::types::fmt::{leading_number, number};
use crate::types::{Counters, Family, Interface, Inv, Protocol};
use crate::{Error, ErrorKind, Result};

/// Where the arguments come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A rule alone.
    Rule,
    /// The command line of iptables.
    Command,
    /// A line of a save file.
    Restore,
}

/// What the arguments say, apart from the rule itself.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) command: Option<Command>,
    /// `-Z` beside `-L` or `-S`.
    pub(crate) zero: bool,
    pub(crate) chain: Option<Span>,
    /// The new name of `-E`, the policy of `-P`.
    pub(crate) second: Option<Span>,
    /// The number of a rule, counted from 1; 0 where none is given.
    pub(crate) number: u32,
    pub(crate) table: Option<Span>,
    pub(crate) verbose: u32,
    /// How long to wait for the lock: `Some(None)` for ever.
    pub(crate) wait: Option<Option<u32>>,
    pub(crate) counters: Option<Counters>,
    /// The line is for the other family.
    pub(crate) other_family: bool,
    /// What was asked for instead of a command.
    pub(crate) instead: Option<Instead>,
    /// The options that were given, a bit each.
    seen: u32,
    waits_at_intervals: bool,
}

/// What can be asked for instead of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    Help(Vec<&'static Extension>),
    Version,
    /// `! -V`.
    NotVersion,
}

impl Parsed {
    pub(crate) fn has(&self, core: Core) -> bool {
        self.seen & bit(core) != 0
    }
}

fn bit(core: Core) -> u32 {
    let core = if core == Core::Goto { Core::Jump } else { core };
    let index = getopt::RESTRICTED.iter().position(|known| *known == core);
    index.map_or(0, |index| 1 << index)
}

/// Reads arguments. The buffers of its rule are used again from call to call.
pub(crate) struct Parser {
    family: Family,
    pub(crate) spec: Spec,
    /// What iptables would write to standard error without failing.
    pub(crate) warnings: Vec<String>,
}

/// One call of the parser.
struct Scan<'a> {
    parser: &'a mut Parser,
    parsed: Parsed,
    mode: Mode,
    args: Args<'a>,
    /// The next word.
    at: usize,
    /// A `!` stands before the option.
    invert: bool,
}

impl Parser {
    pub(crate) fn new(family: Family) -> Parser {
        Parser { family, spec: Spec::new(family), warnings: Vec::new() }
    }

    /// Reads arguments. The rule they make is in [`spec`](Parser::spec) afterwards.
    pub(crate) fn parse(&mut self, mode: Mode, args: Args<'_>, host: &dyn Host) -> Result<Parsed> {
        self.spec.reset();
        self.warnings.clear();
        let mut scan = Scan { parser: self, parsed: Parsed::default(), mode, args, at: 0, invert: false };
        let scanned = scan.options();
        let at = scan.at;
        let Scan { parsed, parser, .. } = scan;
        if let Err(error) = scanned {
            // A value that cannot be read stands before this error if it is that of an option seen earlier.
            return Err(parser.spec.first_bad_value(args, host).unwrap_or(error).at_column(column(args, at)));
        }
        if parsed.instead.is_none() && !parsed.other_family {
            parser.finish(&parsed, mode, args, host)?;
        }
        Ok(parsed)
    }

    /// The checks after the last option, in the order of iptables.
    fn finish(&mut self, parsed: &Parsed, mode: Mode, args: Args<'_>, host: &dyn Host) -> Result<()> {
        if parsed.waits_at_intervals && parsed.wait.is_none() {
            return Err(syntax(
                "--wait-interval needs --wait",
                "--wait-interval only makes sense with --wait\n",
            ));
        }
        self.spec.build(args, host)?;
        let Some(command) = parsed.command else {
            return match mode {
                Mode::Rule => self.spec.addresses(args),
                _ => Err(syntax("no command", "no command specified")),
            };
        };
        if command.takes_rule() {
            self.spec.addresses(args)?;
        }
        for core in getopt::RESTRICTED {
            if parsed.has(*core) && !getopt::allowed(command, *core) {
                let name = getopt::name(*core);
                let message = format!("-{} does not take --{name}", command.letter());
                return Err(
                    syntax(message, format!("Illegal option `--{name}' with this command")).at_option(name)
                );
            }
        }
        let chain = parsed.chain.map(|span| args.slice(span)).unwrap_or_default();
        check_chain_length(chain)?;
        let (input, output) = (parsed.has(Core::InInterface), parsed.has(Core::OutInterface));
        let wrong = match chain {
            b"PREROUTING" | b"INPUT" if output => Some("out-interface"),
            b"POSTROUTING" | b"OUTPUT" if input => Some("in-interface"),
            _ => None,
        };
        match wrong {
            Some(option) => {
                let chain = String::from_utf8_lossy(chain);
                let error =
                    Error::new(ErrorKind::InvalidRule, format!("no interface of this kind in {chain}"));
                Err(error.at_option(option).classic(2, format!("Can't use --{option} with {chain}")))
            }
            None => Ok(()),
        }
    }
}

/// The column of a word, counted from 1.
fn column(args: Args<'_>, at: usize) -> usize {
    args.span(at.saturating_sub(1)).0 as usize + 1
}

fn syntax(
    message: impl Into<std::borrow::Cow<'static, str>>,
    classic: impl Into<std::borrow::Cow<'static, str>>,
) -> Error {
    Error::new(ErrorKind::Syntax, message).classic(2, classic)
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn check_chain_length(name: &[u8]) -> Result<()> {
    let max = crate::table::CHAIN_NAME_MAX;
    if name.len() <= max {
        return Ok(());
    }
    let classic = format!("chain name `{}' too long (must be under {} chars)", lossy(name), max + 1);
    let error =
        Error::new(ErrorKind::InvalidArgument, format!("the name of a chain has at most {max} bytes"));
    Err(error.at_token(lossy(name)).classic(2, classic))
}

/// Whether a name can be that of a new chain.
fn check_new_chain(name: &[u8], family: Family) -> Result<()> {
    let refuse = |message: &'static str, classic: String| {
        Err(Error::new(ErrorKind::InvalidArgument, message).at_token(lossy(name)).classic(2, classic))
    };
    if let Some(first @ (b'-' | b'!')) = name.first() {
        let classic = format!("chain name not allowed to start with `{}'", *first as char);
        return refuse("the name of a chain cannot begin with - or !", classic);
    }
    check_chain_length(name)?;
    let is_target = name.is_empty()
        || name == b"standard"
        || Verdict::from_name(name).is_some()
        || index::find(ExtensionKind::Target, name, family).is_some();
    if is_target {
        return refuse("a target has this name", "chain name may not clash with target name".into());
    }
    if name.iter().any(u8::is_ascii_whitespace) {
        return refuse("the name of a chain has no spaces", format!("Invalid chain name `{}'", lossy(name)));
    }
    Ok(())
}

impl<'a> Scan<'a> {
    fn options(&mut self) -> Result<()> {
        while self.at < self.args.len() {
            let word = self.args.word(self.at);
            self.at += 1;
            match word {
                b"!" => {
                    if self.invert {
                        return Err(syntax("two ! in a row", "multiple consecutive ! not allowed"));
                    }
                    self.invert = true;
                    if self.at >= self.args.len() {
                        return Err(syntax("nothing behind the !", "nothing appropriate following !"));
                    }
                    continue;
                }
                b"--" => {
                    if self.at < self.args.len() {
                        let classic = "unknown arguments found on commandline";
                        return Err(
                            syntax("words behind --", classic).at_token(lossy(self.args.word(self.at)))
                        );
                    }
                }
                [b'-', b'-', long @ ..] => self.long(long)?,
                [b'-', first, rest @ ..] => self.short(*first, rest)?,
                _ => {
                    let shown = lossy(word);
                    let classic = format!("Bad argument `{shown}'");
                    return Err(syntax(format!("stray word {shown:?}"), classic).at_token(shown));
                }
            }
            self.invert = false;
            if self.parsed.instead.is_some() || self.parsed.other_family {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A word of short options, the last of which may have its argument in the word.
    fn short(&mut self, first: u8, rest: &'a [u8]) -> Result<()> {
        let (mut letter, mut rest) = (first, rest);
        loop {
            let Some(opt) = getopt::short(letter) else {
                return Err(self.unknown_option(format!("-{}", letter as char)));
            };
            let inline = match opt.argument {
                Argument::None => None,
                _ if rest.is_empty() => None,
                _ => Some(self.span_of(std::mem::take(&mut rest))),
            };
            self.core(opt, inline, &format_args!("-{}", letter as char))?;
            let [next, others @ ..] = rest else { return Ok(()) };
            (letter, rest) = (*next, others);
        }
    }

    /// A part of the current word as a span of the text.
    fn span_of(&self, part: &[u8]) -> Span {
        let (_, end) = self.args.span(self.at - 1);
        (end - part.len() as u32, end)
    }

    /// A long option: of an extension of the rule, of iptables itself, or the beginning of exactly one of them.
    fn long(&mut self, word: &'a [u8]) -> Result<()> {
        let equals = word.iter().position(|byte| *byte == b'=');
        let name = &word[..equals.unwrap_or(word.len())];
        let inline = equals.map(|equals| self.span_of(&word[equals + 1..]));
        loop {
            if let Some((loaded, option, name)) = self.parser.spec.exact_option(name) {
                return self.extension_option(loaded, option, name, inline);
            }
            if let Some(opt) = getopt::long(name, self.parser.family) {
                return self.core(opt, inline, &format_args!("--{}", opt.long));
            }
            let mut extension_options = self.parser.spec.options_beginning(name);
            let mut core_options = getopt::beginning(name, self.parser.family);
            match (extension_options.next(), core_options.next()) {
                (Some((loaded, option, name)), None) if extension_options.next().is_none() => {
                    drop(extension_options);
                    return self.extension_option(loaded, option, name, inline);
                }
                (None, Some(opt)) if core_options.all(|other| other.core == opt.core) => {
                    drop(extension_options);
                    return self.core(opt, inline, &format_args!("--{}", opt.long));
                }
                _ => {}
            }
            drop(extension_options);
            if !self.parser.spec.load_protocol(self.args) {
                return Err(self.unknown_option(format!("--{}", lossy(word))));
            }
        }
    }

    fn unknown_option(&self, shown: String) -> Error {
        let classic = format!("unknown option \"{shown}\"");
        let name = shown.trim_start_matches('-').split('=').next().unwrap_or_default().to_owned();
        let known = self.parser.spec.similar_option(&name).or_else(|| {
            let core = getopt::OPTIONS.iter().map(|opt| opt.long);
            super::similar(&name, core)
        });
        let hint = known.map(|known| format!(", did you mean --{known}?")).unwrap_or_default();
        syntax(format!("unknown option {shown}{hint}"), classic).at_option(&name).at_token(shown)
    }

    /// The argument of an option: in the same word, or the next one.
    fn argument(&mut self, inline: Option<Span>, shown: &dyn std::fmt::Display) -> Result<Span> {
        if let Some(span) = inline {
            return Ok(span);
        }
        if self.at >= self.args.len() {
            let classic = format!("option \"{shown}\" requires an argument");
            return Err(syntax(format!("{shown} needs an argument"), classic));
        }
        self.at += 1;
        Ok(self.args.span(self.at - 1))
    }

    fn extension_option(
        &mut self,
        loaded: usize,
        option: usize,
        name: &'static str,
        inline: Option<Span>,
    ) -> Result<()> {
        let position = self.at;
        let opt = self.parser.spec.opt(loaded, option);
        let mut words = [(0, 0); 2];
        if opt.words == 0 {
            if inline.is_some() {
                let word = lossy(self.args.word(self.at - 1));
                return Err(syntax(format!("--{name} takes no value"), format!("unknown option \"{word}\"")));
            }
        } else {
            words[0] = self.argument(inline, &format_args!("--{name}"))?;
        }
        if opt.words == 2 {
            if !self.args.has_operand(self.at) {
                let classic = format!("--{} requires two args.", opt.formal());
                return Err(syntax(format!("--{name} takes two words"), classic).at_option(name));
            }
            words[1] = self.args.span(self.at);
            self.at += 1;
        }
        if let Some((_, warning)) = opt.deprecated.filter(|(spelling, _)| *spelling == name) {
            self.parser.warnings.push(warning.into());
        }
        self.parser.spec.add_option(loaded, option, name, self.invert, words, position);
        Ok(())
    }

    /// An option of iptables itself.
    fn core(
        &mut self,
        opt: &'static CoreOpt,
        inline: Option<Span>,
        shown: &dyn std::fmt::Display,
    ) -> Result<()> {
        if opt.argument == Argument::None && inline.is_some() {
            return Err(self.unknown_option(lossy(self.args.word(self.at - 1))));
        }
        if self.mode == Mode::Rule && matches!(opt.core, Core::Command(_)) {
            return Err(syntax(format!("{shown} is a command, expected a rule"), "no command expected"));
        }
        let value = match opt.argument {
            Argument::Required => self.argument(inline, shown)?,
            _ => inline.unwrap_or_default(),
        };
        if getopt::RESTRICTED.contains(&opt.core) || matches!(opt.core, Core::Goto | Core::Verbose) {
            self.once(opt.core)?;
        }
        let text = self.args.slice(value);
        let inverted = std::mem::take(&mut self.invert);
        match opt.core {
            Core::Command(command) => {
                self.invert = inverted;
                self.command(command, value, inline)?;
            }
            Core::Source => self.parser.spec.source = Some((value, inverted)),
            Core::Destination => self.parser.spec.destination = Some((value, inverted)),
            Core::Protocol => self.protocol(value, inverted)?,
            Core::InInterface => {
                let interface = self.interface(text)?;
                self.parser.spec.core.input = Inv::new(inverted, interface);
            }
            Core::OutInterface => {
                let interface = self.interface(text)?;
                self.parser.spec.core.output = Inv::new(inverted, interface);
            }
            Core::Fragments => {
                if self.parser.family == Family::Ipv6 {
                    return Err(syntax(
                        "IPv6 has no -f; use the match frag",
                        "`-f' is not supported in IPv6, use -m frag instead",
                    ));
                }
                self.parser.spec.core.fragment = Some(!inverted);
            }
            Core::Jump => self.jump(value)?,
            Core::Goto => self.parser.spec.goto(value),
            Core::Match => self.matching(text, inverted)?,
            Core::Table => self.table(value, inverted)?,
            Core::Counters => self.counters(text)?,
            Core::Verbose => self.parsed.verbose += 1,
            Core::Numeric | Core::Exact | Core::LineNumbers | Core::Modprobe => {}
            Core::Wait => self.wait(inline)?,
            Core::WaitInterval => self.wait_interval(text)?,
            Core::Ipv4 => self.family(Family::Ipv4)?,
            Core::Ipv6 => self.family(Family::Ipv6)?,
            Core::Help => self.parsed.instead = Some(Instead::Help(self.parser.spec.extensions())),
            Core::Version => {
                self.parsed.instead = Some(if inverted { Instead::NotVersion } else { Instead::Version });
            }
        }
        Ok(())
    }

    /// Refuses an option that was given already, or that has no opposite.
    fn once(&mut self, core: Core) -> Result<()> {
        let name = getopt::name(core);
        if self.parsed.seen & bit(core) != 0 {
            let classic = format!("multiple --{name} options not allowed");
            return Err(syntax(format!("--{name} given twice"), classic).at_option(name));
        }
        self.parsed.seen |= bit(core);
        let invertible = matches!(
            core,
            Core::Source
                | Core::Destination
                | Core::Protocol
                | Core::InInterface
                | Core::OutInterface
                | Core::Fragments
        );
        if self.invert && !invertible {
            let classic = format!("cannot have ! before --{name}");
            return Err(syntax(format!("--{name} cannot be inverted with !"), classic).at_option(name));
        }
        Ok(())
    }

    fn command(&mut self, command: Command, value: Span, inline: Option<Span>) -> Result<()> {
        if self.invert {
            return Err(syntax("a command cannot be inverted with !", "unexpected '!' flag"));
        }
        let before = self.parsed.command;
        let listing = |command| matches!(command, Some(Command::List | Command::ListRules));
        match before {
            Some(_) if listing(before) && command == Command::Zero => self.parsed.zero = true,
            Some(Command::Zero) if listing(Some(command)) => {
                self.parsed.zero = true;
                self.parsed.command = Some(command);
            }
            Some(other) => {
                let (new, old) = (command.letter(), other.letter());
                let message = format!("-{new} beside -{old}, expected one command");
                return Err(syntax(message, format!("Cannot use -{new} with -{old}")));
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
        match command {
            Command::Delete if self.args.has_operand(self.at) => {
                self.number()?;
                self.parsed.command = Some(Command::DeleteNumber);
            }
            Command::Insert | Command::List | Command::ListRules if self.args.has_operand(self.at) => {
                self.number()?;
            }
            Command::Zero if chain.is_some() && self.args.has_operand(self.at) => {
                self.number()?;
                self.parsed.command =
                    self.parsed.command.filter(|_| self.parsed.zero).or(Some(Command::ZeroNumber));
            }
            Command::Replace => {
                if !self.args.has_operand(self.at) {
                    return Err(syntax("-R needs the number of a rule", "-R requires a rule number"));
                }
                self.number()?;
            }
            Command::NewChain => check_new_chain(name, self.parser.family)?,
            Command::RenameChain => {
                let Some(new) = self.operand() else {
                    let classic = "-E requires old-chain-name and new-chain-name";
                    return Err(syntax("-E needs the old and the new name of a chain", classic));
                };
                check_new_chain(self.args.slice(new), self.parser.family)?;
                self.parsed.second = Some(new);
            }
            Command::Policy => {
                let Some(policy) = self.operand() else {
                    return Err(syntax("-P needs a chain and a policy", "-P requires a chain and a policy"));
                };
                self.parsed.second = Some(policy);
            }
            _ => {}
        }
        Ok(())
    }

    /// The next word, if it is no option.
    fn operand(&mut self) -> Option<Span> {
        self.args.has_operand(self.at).then(|| {
            self.at += 1;
            self.args.span(self.at - 1)
        })
    }

    /// The number of a rule, counted from 1.
    fn number(&mut self) -> Result<()> {
        let word = self.args.word(self.at);
        self.at += 1;
        match number(word).and_then(|number| u32::try_from(number).ok()) {
            Some(number @ 1..) => {
                self.parsed.number = number;
                Ok(())
            }
            _ => {
                let shown = lossy(word);
                let classic = format!("Invalid rule number `{shown}'");
                Err(syntax(format!("bad rule number {shown:?}, expected one from 1"), classic)
                    .at_token(shown))
            }
        }
    }

    fn protocol(&mut self, value: Span, inverted: bool) -> Result<()> {
        let text = self.args.slice(value);
        let Some(protocol) = crate::ext::values::protocol(text) else {
            let shown = lossy(text);
            let message = format!("unknown protocol {shown:?}, expected a name or a number up to 255");
            let error = Error::new(ErrorKind::InvalidValue, message).at_option("protocol").at_token(&*shown);
            return Err(error.classic(2, format!("unknown protocol \"{shown}\" specified")));
        };
        if inverted && protocol == Protocol::ANY {
            return Err(Error::new(ErrorKind::InvalidRule, "a rule for no protocol never matches")
                .at_option("protocol")
                .classic(2, "rule would never match protocol"));
        }
        // Extension headers are not what the protocol field of an IPv6 rule is compared with.
        if self.parser.family == Family::Ipv6 && matches!(protocol.0, 43 | 44 | 51 | 60) && !inverted {
            let name = lossy(text).to_lowercase();
            self.parser
                .warnings
                .push(format!("Warning: never matched protocol: {name}. use extension match instead."));
        }
        self.parser.spec.set_protocol(value, Inv::new(inverted, protocol));
        Ok(())
    }

    fn interface(&mut self, text: &[u8]) -> Result<Interface> {
        let interface = Interface::new(text)?;
        if text.iter().any(|byte| matches!(byte, b'/' | b' ')) {
            self.parser.warnings.push(format!(
                "Warning: weird character in interface `{}' ('/' and ' ' are not allowed by the kernel).",
                lossy(text)
            ));
        }
        Ok(interface)
    }

    fn jump(&mut self, value: Span) -> Result<()> {
        let name = self.args.slice(value);
        if name.is_empty() {
            return Err(syntax("empty target", "Invalid target name (too short)"));
        }
        if name.len() >= XT_EXTENSION_MAXNAMELEN {
            let max = XT_EXTENSION_MAXNAMELEN - 1;
            let classic = format!("Invalid target name `{}' ({max} chars max)", lossy(name));
            return Err(syntax(format!("the name of a target has at most {max} bytes"), classic)
                .at_token(lossy(name)));
        }
        self.parser.spec.jump(value, name);
        Ok(())
    }

    fn matching(&mut self, name: &[u8], inverted: bool) -> Result<()> {
        if inverted {
            return Err(syntax("-m cannot be inverted with !", "unexpected ! flag before --match"));
        }
        match index::find(ExtensionKind::Match, name, self.parser.family) {
            Some(extension) => {
                self.parser.spec.load(extension);
                Ok(())
            }
            None => {
                let names = crate::ext::matches::ALL.iter().map(|extension| extension.name);
                let known = super::similar(&lossy(name), names);
                // The alias of icmp6 is looked up under its real name.
                let shown = if matches!(name, b"icmpv6" | b"ipv6-icmp") { b"icmp6" } else { name };
                Err(unknown(ExtensionKind::Match, &lossy(shown), known))
            }
        }
    }

    fn table(&mut self, value: Span, inverted: bool) -> Result<()> {
        if inverted {
            return Err(syntax("-t cannot be inverted with !", "unexpected ! flag before --table"));
        }
        if self.mode == Mode::Restore {
            let classic = "The -t option cannot be used in iptables-restore.\n";
            return Err(syntax("-t on a line of a save file, whose table is given by its *", classic));
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
                None => {
                    let classic = "--set-counters requires packet and byte counter";
                    return Err(syntax("-c needs the number of packets and of bytes", classic));
                }
            },
        };
        let read = |text: &[u8], what: &str| {
            decimal(text).ok_or_else(|| {
                let classic = format!("--set-counters {what} counter not numeric");
                syntax(format!("bad {what} counter {:?}, expected a number", lossy(text)), classic)
                    .at_token(lossy(text))
            })
        };
        let counters = Counters { packets: read(packets, "packet")?, bytes: read(bytes, "byte")? };
        self.parser.spec.core.counters = counters;
        self.parsed.counters = Some(counters);
        Ok(())
    }

    fn wait(&mut self, inline: Option<Span>) -> Result<()> {
        if self.mode == Mode::Restore {
            return Err(syntax("-w on a line of a save file", "You cannot use `-w' from iptables-restore"));
        }
        let seconds = match inline.or_else(|| self.operand()) {
            None => None,
            Some(span) => {
                let text = self.args.slice(span);
                let bad = || {
                    let message = format!("bad number of seconds {:?}", lossy(text));
                    syntax(message, "wait seconds not numeric").at_token(lossy(text))
                };
                let (seconds, rest) =
                    leading_number(text.strip_prefix(b"-").unwrap_or(text)).ok_or_else(bad)?;
                if !rest.is_empty() {
                    return Err(bad());
                }
                // A negative number waits for ever.
                u32::try_from(seconds).ok().filter(|_| !text.starts_with(b"-"))
            }
        };
        self.parsed.wait = Some(seconds);
        Ok(())
    }

    fn wait_interval(&mut self, text: &[u8]) -> Result<()> {
        if self.mode == Mode::Restore {
            return Err(syntax("-W on a line of a save file", "You cannot use `-W' from iptables-restore"));
        }
        if number(text).is_none() {
            return Err(syntax("bad wait interval", "wait interval not numeric").at_token(lossy(text)));
        }
        self.parser.warnings.push("Ignoring deprecated --wait-interval option.".into());
        self.parsed.waits_at_intervals = true;
        Ok(())
    }

    fn family(&mut self, wanted: Family) -> Result<()> {
        if wanted == self.parser.family {
            return Ok(());
        }
        self.parsed.other_family = true;
        Ok(())
    }
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
