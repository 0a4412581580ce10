//! Arguments to a command and the options of a rule. What the options make is in `spec`.

mod core;

use std::fmt;

use super::args::{Args, Span};
use super::getopt::{self, Argument, Command, Core, CoreSet};
use super::spec::Spec;
use crate::ext::{Extension, Host, Warnings};
use crate::types::{Counters, Family};
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
    /// The options that were given, of those that only some commands take.
    seen: CoreSet,
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
        self.seen.has(CoreSet::of(core))
    }
}

/// Reads arguments. The buffers of its rule are used again from call to call.
pub(crate) struct Parser {
    family: Family,
    pub(crate) spec: Spec,
    /// What iptables would write to standard error without failing.
    pub(crate) warnings: Warnings,
    /// The extensions of which it is known whether the kernel has them.
    asked: Vec<&'static Extension>,
}

/// One call of the parser.
struct Scan<'a> {
    parser: &'a mut Parser,
    parsed: Parsed,
    mode: Mode,
    args: Args<'a>,
    host: &'a dyn Host,
    /// The next word.
    at: usize,
    /// A `!` stands before the option.
    invert: bool,
}

/// An option as it was written, for messages.
#[derive(Clone, Copy)]
enum Spelling<'a> {
    Short(u8),
    Long(&'a [u8]),
}

impl fmt::Display for Spelling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spelling::Short(letter) => write!(f, "-{}", *letter as char),
            Spelling::Long(name) => write!(f, "--{}", String::from_utf8_lossy(name)),
        }
    }
}

impl Spelling<'_> {
    #[cold]
    fn without_argument(self) -> Error {
        let classic = format!("option \"{self}\" requires an argument");
        syntax(format!("{self} needs an argument"), classic)
    }
}

impl Parser {
    pub(crate) fn new(family: Family) -> Parser {
        Parser { family, spec: Spec::new(family), warnings: Warnings::default(), asked: Vec::new() }
    }

    /// Reads arguments. The rule they make is in [`spec`](Parser::spec) afterwards.
    pub(crate) fn parse(&mut self, mode: Mode, args: Args<'_>, host: &dyn Host) -> Result<Parsed> {
        self.spec.reset();
        self.warnings = Warnings::default();
        let parsed = Parsed::default();
        let mut scan = Scan { parser: self, parsed, mode, args, host, at: 0, invert: false };
        let scanned = scan.options();
        let at = scan.at;
        let Scan { parsed, parser, .. } = scan;
        if let Err(error) = scanned {
            // A value that cannot be read stands before this error if it is that of an option seen earlier.
            let bad_value = parser.spec.first_bad_value(args, host, &mut parser.warnings);
            return Err(bad_value.unwrap_or(error).at_column(column(args, at)));
        }
        if parsed.instead.is_none() && !parsed.other_family {
            parser.finish(&parsed, mode, args, host)?;
            return Ok(parsed);
        }
        match parser.spec.first_bad_value(args, host, &mut parser.warnings) {
            Some(error) => Err(error),
            None => Ok(parsed),
        }
    }

    /// The checks after the last option, in the order of iptables.
    fn finish(&mut self, parsed: &Parsed, mode: Mode, args: Args<'_>, host: &dyn Host) -> Result<()> {
        if parsed.waits_at_intervals && parsed.wait.is_none() {
            return Err(syntax(
                "--wait-interval needs --wait",
                "--wait-interval only makes sense with --wait\n",
            ));
        }
        self.spec.build(args, host, &mut self.warnings)?;
        let Some(command) = parsed.command else {
            return match mode {
                Mode::Rule => self.spec.addresses(args),
                _ => Err(syntax("no command", "no command specified")),
            };
        };
        if command.takes_rule() {
            self.spec.addresses(args)?;
        }
        if let Some(core) = parsed.seen.first_not_in(getopt::allowed(command)) {
            let name = getopt::name(core);
            let message = format!("-{} does not take --{name}", command.letter());
            let classic = format!("Illegal option `--{name}' with this command");
            return Err(syntax(message, classic).at_option(name));
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
            self.core(opt, inline, Spelling::Short(letter))?;
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
        let shown = Spelling::Long(name);
        if name == b"opaque" && !self.invert {
            let value = self.argument(inline, shown)?;
            if self.parser.spec.set_opaque(value) {
                return Ok(());
            }
            return Err(self.unknown_option("--opaque".into()));
        }
        loop {
            if let Some((loaded, option, name)) = self.parser.spec.exact_option(name) {
                return self.extension_option(loaded, option, name, inline, shown);
            }
            if let Some(opt) = getopt::long(name, self.parser.family) {
                return self.core(opt, inline, shown);
            }
            let mut extension_options = self.parser.spec.options_beginning(name);
            let mut core_options = getopt::beginning(name, self.parser.family);
            match (extension_options.next(), core_options.next()) {
                (Some((loaded, option, name)), None) if extension_options.next().is_none() => {
                    drop(extension_options);
                    return self.extension_option(loaded, option, name, inline, shown);
                }
                (None, Some(opt)) if core_options.all(|other| other.core == opt.core) => {
                    drop(extension_options);
                    return self.core(opt, inline, shown);
                }
                _ => {}
            }
            drop(extension_options);
            match self.parser.spec.load_protocol(self.args) {
                Some(extension) => self.ask_kernel(extension),
                None => return Err(self.unknown_option(format!("--{}", lossy(word)))),
            }
        }
    }

    fn warn(&self, text: impl Into<String>) {
        self.parser.warnings.add(self.at, text);
    }

    /// Warns where the kernel lacks an extension, once.
    fn ask_kernel(&mut self, extension: &'static Extension) {
        let family = self.parser.family;
        if self.parser.asked.iter().any(|asked| std::ptr::eq(*asked, extension)) {
            return;
        }
        self.parser.asked.push(extension);
        if self.host.lacks(family, extension) {
            let first = if extension.revision(family, 0).is_some() { "revision 0" } else { "is" };
            let name = extension.name;
            self.warn(format!("Warning: Extension {name} {first} not supported, missing kernel module?"));
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
    #[inline]
    fn argument(&mut self, inline: Option<Span>, shown: Spelling<'_>) -> Result<Span> {
        if let Some(span) = inline {
            return Ok(span);
        }
        if self.at >= self.args.len() {
            return Err(shown.without_argument());
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
        shown: Spelling<'_>,
    ) -> Result<()> {
        let position = self.at;
        let opt = self.parser.spec.opt(loaded, option);
        let mut words = [(0, 0); 2];
        if opt.words == 0 {
            if inline.is_some() {
                let word = lossy(self.args.word(self.at - 1));
                return Err(syntax(format!("--{name} takes no value"), format!("unknown option \"{word}\"")));
            }
        } else if !opt.optional || inline.is_some() || self.args.has_operand(self.at) {
            words[0] = self.argument(inline, shown)?;
        }
        if opt.words == 2 {
            if !self.args.has_operand(self.at) {
                let classic = format!("--{} requires two args.", opt.formal());
                return Err(syntax(format!("--{name} takes two words"), classic).at_option(name));
            }
            words[1] = self.args.span(self.at);
            self.at += 1;
        }
        self.parser.spec.add_option(loaded, option, name, self.invert, words, position);
        Ok(())
    }
}
