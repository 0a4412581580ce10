//! Arguments to a command and the options of a rule. What the options make is in `draft`.

mod core;

pub(crate) use core::{protocol_warning, read_protocol};

use std::borrow::Cow;
use std::fmt;

use super::args::{Args, TextSpan};
use super::draft::{BANG, Jump, RuleDraft, options_beginning};
use super::getopt::{self, Argument, Command, Core, CoreSet};
use super::meant;
use crate::blob::Layout;
use crate::error::{BadFile, BadLine, Mistake, Warning};
use crate::ext::{Extension, System, Warnings};
use crate::rule::{Verdict, names};
use crate::types::{CHAIN_NAME_MAX, Counters, Family};
use crate::{Error, Result};

/// Where the arguments come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode<'a> {
    /// A rule alone.
    Rule,
    /// A rule of the chain of this name, which may say so with `-A`.
    InChain(&'a [u8]),
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
    pub(crate) zero: Option<Zeroed>,
    pub(crate) chain: Option<TextSpan>,
    /// The new name of `-E`, the policy of `-P`.
    pub(crate) second: Option<TextSpan>,
    /// The number of a rule, counted from 1; 0 where none is given.
    pub(crate) number: u32,
    pub(crate) table: Option<TextSpan>,
    /// The program that loads kernel modules.
    pub(crate) modprobe: Option<TextSpan>,
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
    /// A `!` is the last word.
    inverts_nothing: bool,
}

/// What `-Z` beside a listing sets to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zeroed {
    Chain,
    Rule,
}

/// The options that say what the header of a rule says.
const HEADER: [Core; 6] =
    [Core::Source, Core::Destination, Core::InInterface, Core::OutInterface, Core::Protocol, Core::Fragments];

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
    pub(crate) draft: RuleDraft,
    /// What is odd but not wrong.
    pub(crate) warnings: Warnings,
    /// Whether the lines are for the table `nat`, where a save file says so.
    pub(crate) in_nat: bool,
    /// The extensions of which it is known whether the kernel has them.
    asked: Vec<&'static Extension>,
}

/// One call of the parser.
struct Scan<'a> {
    parser: &'a mut Parser,
    parsed: Parsed,
    mode: Mode<'a>,
    args: Args<'a>,
    host: &'a System,
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
        BadLine::NoArgument { option: self.to_string(), unclear: false }.into()
    }
}

impl Parser {
    pub(crate) fn family(&self) -> Family {
        self.family
    }

    pub(crate) fn new(family: Family) -> Parser {
        Parser {
            family,
            draft: RuleDraft::new(family),
            warnings: Warnings::default(),
            in_nat: false,
            asked: Vec::new(),
        }
    }

    /// Reads arguments. The rule they make is in [`draft`](Parser::draft) afterwards.
    pub(crate) fn parse(&mut self, mode: Mode<'_>, args: Args<'_>, host: &System) -> Result<Parsed> {
        self.draft.reset();
        self.warnings = Warnings::default();
        let parsed = Parsed::default();
        let mut scan = Scan { parser: self, parsed, mode, args, host, at: 0, invert: false };
        let scanned = scan.options();
        let at = scan.at;
        let Scan { parsed, parser, .. } = scan;
        if let Err(error) = scanned {
            // A value that cannot be read stands before this error if it is that of an option seen earlier.
            let bad_value = parser.draft.first_bad_value(args, host, &mut parser.warnings);
            let error = bad_value.unwrap_or(error);
            let column = args.locate(&error).unwrap_or_else(|| column(args, at));
            return Err(error.at_column(column));
        }
        if parsed.instead.is_none() && !parsed.other_family {
            parser.finish(&parsed, mode, args, host)?;
            return Ok(parsed);
        }
        match parser.draft.first_bad_value(args, host, &mut parser.warnings) {
            Some(error) => Err(error),
            None => Ok(parsed),
        }
    }

    /// Refuses what iptables refuses: the table `nat` sees only the first packet of a connection.
    fn refuse_nat_drop(&self, parsed: &Parsed, args: Args<'_>) -> Result<()> {
        let in_nat = self.in_nat || parsed.table.is_some_and(|span| args.slice(span) == b"nat");
        let policy = parsed.command == Some(Command::Policy)
            && parsed.second.map(|span| args.slice(span)) == Some(b"DROP");
        let drops = match self.draft.jump {
            Jump::Verdict(verdict) => verdict == Verdict::Drop,
            Jump::Goto(span) => args.slice(span) == b"DROP",
            _ => false,
        };
        match in_nat && (policy || drops) {
            true => Err(Error::from(BadFile::NatDrop).in_table("nat").at_token("DROP")),
            false => Ok(()),
        }
    }

    /// The checks after the last option, in the order of iptables.
    fn finish(&mut self, parsed: &Parsed, mode: Mode<'_>, args: Args<'_>, host: &System) -> Result<()> {
        // No second is as good as none to iptables.
        if parsed.waits_at_intervals && matches!(parsed.wait, None | Some(Some(0))) {
            return Err(BadLine::IntervalAlone.into());
        }
        self.refuse_nat_drop(parsed, args)?;
        if self.draft.has_header() {
            if let Some(option) = HEADER.into_iter().find(|core| parsed.has(*core)) {
                let option = getopt::name(option, self.family);
                return Err(Error::from(BadLine::BesideHeader { option }).at_option(option));
            }
            if let Some(command) = parsed.command.filter(|command| !command.takes_rule()) {
                let bad = BadLine::NotOfCommand { command: command.letter(), option: "opaque" };
                return Err(Error::from(bad).at_option("opaque"));
            }
        }
        self.draft.build(args, host, &mut self.warnings)?;
        let inverts_nothing = || Error::from(BadLine::NothingInverted).at_column(column(args, args.len()));
        let Some(command) = parsed.command else {
            return match mode {
                Mode::Rule | Mode::InChain(_) if parsed.inverts_nothing => Err(inverts_nothing()),
                Mode::Rule | Mode::InChain(_) => self.draft.addresses(args),
                _ => Err(BadLine::NoCommand.into()),
            };
        };
        if parsed.inverts_nothing {
            return Err(inverts_nothing());
        }
        if command.takes_rule() || self.draft.source.is_some() || self.draft.destination.is_some() {
            self.draft.addresses(args)?;
        }
        if let Some(core) = parsed.seen.first_not_in(getopt::allowed(command)) {
            let option = getopt::name(core, self.family);
            let bad = BadLine::NotOfCommand { command: command.letter(), option };
            return Err(Error::from(bad).at_option(option));
        }
        let word = parsed.chain.map(|span| args.slice(span)).unwrap_or_default();
        let chain = names::read(word);
        if let Cow::Borrowed(name) = chain
            && name.len() > CHAIN_NAME_MAX
        {
            return Err(names::too_long(name, CHAIN_NAME_MAX));
        }
        let (input, output) = (parsed.has(Core::InInterface), parsed.has(Core::OutInterface));
        let wrong = match &*chain {
            b"PREROUTING" | b"INPUT" if output => Some("out-interface"),
            b"POSTROUTING" | b"OUTPUT" if input => Some("in-interface"),
            _ => None,
        };
        match wrong {
            Some(option) => {
                Err(Error::from(BadLine::InterfaceOfChain { chain: lossy(&chain), option }).at_option(option))
            }
            None => Ok(()),
        }
    }
}

/// What a shell does with them is not done here, nor by iptables-restore.
const SINGLE_QUOTES: &str = "single quotes do not hold words together, double quotes do";
/// What text programs make of quotes and dashes.
const TYPOGRAPHIC: &str = "typographic quotes and dashes are letters like others";
/// What a command without its chain does to the next word.
const NO_CHAIN: &str =
    "the name of the chain is missing: the word before this one is taken for it, although it begins with -";
/// What an option that stands there without its argument does to the next.
const TAKEN: &str =
    "the word before it, although it begins with -, is the argument of the option before that";

/// The column of a word, counted from 1.
fn column(args: Args<'_>, at: usize) -> usize {
    args.span(at.saturating_sub(1)).0 as usize + 1
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

impl<'a> Scan<'a> {
    fn options(&mut self) -> Result<()> {
        let mut option = 0;
        while self.at < self.args.len() {
            let (word, at) = (self.args.word(self.at), self.at);
            self.at += 1;
            match word {
                b"!" => {
                    if self.invert {
                        return Err(BadLine::TwoBangs.into());
                    }
                    self.invert = true;
                    self.parsed.inverts_nothing = self.at >= self.args.len();
                    continue;
                }
                b"--" => {
                    if self.at < self.args.len() {
                        let word = lossy(self.args.word(self.at));
                        return Err(Error::from(BadLine::BehindDashes).at_token(word));
                    }
                }
                [b'-', b'-', long @ ..] => self.long(long).map_err(|error| self.within(error, at))?,
                [b'-', first, rest @ ..] => {
                    self.short(*first, rest).map_err(|error| self.within(error, at))?
                }
                _ => return Err(self.stray(at, option)),
            }
            option = at;
            self.invert = false;
            if self.ends() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether nothing behind the option that was just read is looked at.
    fn ends(&self) -> bool {
        self.parsed.instead.is_some() || self.parsed.other_family
    }

    /// A word that is no option nor what one takes, and the option before it.
    #[cold]
    fn stray(&self, at: usize, option: usize) -> Error {
        let word = lossy(self.args.word(at));
        let begins = |at: usize, signs: &[char]| lossy(self.args.word(at)).starts_with(signs);
        let remark = if (0..at).any(|at| begins(at, &['\''])) {
            Some(SINGLE_QUOTES)
        } else if at.checked_sub(1).is_some_and(|before| self.args.word(before) == b"!") {
            Some(BANG)
        } else if (0..=at).any(|at| begins(at, &['–', '—', '“', '”', '„', '‘', '’'])) {
            Some(TYPOGRAPHIC)
        } else {
            let is_chain =
                self.parsed.chain.is_some_and(|span| self.args.slice(span) == self.args.word(at - 1));
            let taken = if is_chain { NO_CHAIN } else { TAKEN };
            (option + 1 < at && begins(at - 1, &['-'])).then_some(taken)
        };
        let error = Error::from(BadLine::StrayWord { word: word.clone() }).at_token(word);
        let error = error.at_column(column(self.args, at + 1));
        match remark {
            Some(remark) => error.remarking(remark),
            None if self.args.len() == 1 => error.unless_path(self.args.word(at)),
            None => error,
        }
    }

    /// An error of the words that were just read, the first of them at an index: other words may be the same as the wrong one.
    #[cold]
    fn within(&self, error: Error, first: usize) -> Error {
        let (token, inside) = match error.value() {
            Some((value, part)) => (Some(value), part.start),
            None => (error.said_token(), 0),
        };
        let Some(token) = token.map(str::as_bytes).filter(|token| !token.is_empty()) else {
            return error;
        };
        let is_bang = token == b"!";
        let words = || first..self.at.min(self.args.len());
        let whole = words().find(|at| self.args.word(*at) == token).map(|at| (at, 0));
        let part = |at: usize| {
            let start = self.args.word(at).windows(token.len()).rposition(|part| part == token)?;
            Some((at, start))
        };
        let error = match whole.or_else(|| words().find_map(part)) {
            Some((at, start)) => {
                let column = self.args.span(at).0 as usize + start + inside + 1;
                error.at_column(column)
            }
            None => error,
        };
        if is_bang { error.remarking(BANG) } else { error }
    }

    /// A word of short options, the last of which may have its argument in the word.
    fn short(&mut self, first: u8, rest: &'a [u8]) -> Result<()> {
        let (mut letter, mut rest) = (first, rest);
        loop {
            if letter == b'l'
                && self.parser.family == Family::Arp
                && let Some((loaded, option, name)) = self.parser.draft.exact_option(b"h-length")
            {
                let inline = (!rest.is_empty()).then(|| self.span_of(rest));
                return self.extension_option(loaded, option, name, inline, Spelling::Short(letter));
            }
            let Some(opt) = getopt::short(letter, self.parser.family) else {
                let first = &[&[letter], rest].concat();
                return Err(self.unknown_option(format!("-{}", lossy(first).chars().next().unwrap_or('-'))));
            };
            let inline = match opt.argument {
                Argument::None => None,
                _ if rest.is_empty() => None,
                _ => Some(self.span_of(std::mem::take(&mut rest))),
            };
            self.core(opt, inline, Spelling::Short(letter))?;
            let [next, others @ ..] = rest else { return Ok(()) };
            if self.ends() {
                return Ok(());
            }
            (letter, rest) = (*next, others);
        }
    }

    /// A part of the current word as a span of the text.
    fn span_of(&self, part: &[u8]) -> TextSpan {
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
            return self.header(inline, shown);
        }
        loop {
            if let Some((loaded, option, name)) = self.parser.draft.exact_option(name) {
                return self.extension_option(loaded, option, name, inline, shown);
            }
            if let Some(opt) = getopt::long(name, self.parser.family) {
                return self.core(opt, inline, shown);
            }
            let mut extension_options = self.parser.draft.options_beginning(name);
            let mut core_options = getopt::beginning(name, self.parser.family);
            match (extension_options.next(), core_options.next()) {
                (Some((loaded, option, known)), None) if extension_options.next().is_none() => {
                    drop(extension_options);
                    let read = self.extension_option(loaded, option, known, inline, shown);
                    return read.map_err(|error| self.unclear(error, name));
                }
                (None, Some(opt)) if core_options.all(|other| other.core == opt.core) => {
                    drop(extension_options);
                    return self.core(opt, inline, shown).map_err(|error| self.unclear(error, name));
                }
                (None, None) if self.parser.family == Family::Ipv6 && b"fragments".starts_with(name) => {
                    let option = format!("--{}", lossy(word));
                    return Err(Error::from(BadLine::Fragment { option }).at_option("fragment"));
                }
                _ => {}
            }
            drop(extension_options);
            match self.parser.draft.load_protocol(self.args) {
                Some(extension) => self.ask_kernel(extension),
                None => return Err(self.unknown_option(format!("--{}", lossy(word)))),
            }
        }
    }

    /// The error of an option of an extension.
    #[cold]
    fn of_option(&self, loaded: usize, name: &str, error: impl Into<Error>) -> Error {
        error.into().in_extension(self.parser.draft.owner(loaded)).at_option(name)
    }

    /// The same error, unless it is that a name cut short has no value: iptables then loads the match of the protocol, once more
    /// where the rule names it, and looks again. If that has an option which begins so there are two.
    fn unclear(&self, error: Error, name: &[u8]) -> Error {
        let Mistake::Line(BadLine::NoArgument { option, .. }) = error.mistake() else { return error };
        let options = self.parser.draft.protocol_match(self.args).map_or(&[][..], |found| found.options);
        match options_beginning(options, name, self.parser.family).next() {
            Some(_) => {
                let bad = BadLine::NoArgument { option: option.clone(), unclear: true };
                error.becomes(bad)
            }
            None => error,
        }
    }

    /// The bytes of the header, in the place of every option about addresses, interfaces, protocol and fragments.
    fn header(&mut self, inline: Option<TextSpan>, shown: Spelling<'_>) -> Result<()> {
        let value = self.argument(inline, shown)?;
        if self.parser.draft.has_header() {
            return Err(Error::from(BadLine::Twice { option: "opaque" }).at_option("opaque"));
        }
        if self.parser.draft.set_header(self.args.slice(value)) {
            return Ok(());
        }
        let text = lossy(self.args.slice(value));
        let bad = BadLine::Header { text: text.clone(), digits: 2 * Layout::of(self.parser.family).ip };
        Err(Error::from(bad).at_option("opaque").at_token(text))
    }

    fn warn(&self, warning: Warning) {
        self.parser.warnings.add(self.at, warning);
    }

    /// Warns where the kernel lacks an extension, once.
    fn ask_kernel(&mut self, extension: &'static Extension) {
        let family = self.parser.family;
        if self.parser.asked.iter().any(|asked| std::ptr::eq(*asked, extension)) {
            return;
        }
        self.parser.asked.push(extension);
        if self.host.lacks(family, extension) {
            let since_ever = extension.revision(family, 0).is_some();
            self.warn(Warning::Lacking { extension: extension.name, since_ever });
        }
    }

    fn unknown_option(&self, shown: String) -> Error {
        let name = shown.trim_start_matches('-').split('=').next().unwrap_or_default().to_owned();
        let known = self.parser.draft.similar_option(&name).or_else(|| {
            let core = getopt::OPTIONS.iter().map(|opt| opt.long);
            meant::similar(&name, core)
        });
        let mut of = meant::owners(&name, self.parser.family);
        if of.is_empty() && known.is_none() {
            of = meant::owners_elsewhere(&name, self.parser.family);
        }
        if let Jump::Chain(span) = self.parser.draft.jump {
            // Perhaps an option of what is no target.
            let target = self.args.slice(span);
            let meant = meant::target(target).map(str::to_owned);
            let is_of_target = known.is_none() && of.is_empty() && meant::looks_like_target(target);
            if meant.is_some() || is_of_target {
                let (option, target) = (shown, lossy(target));
                let bad = BadLine::OptionOfNoTarget { option, target: target.clone(), meant };
                return Error::from(bad).at_token(target);
            }
        }
        let bad = BadLine::UnknownOption { option: shown.clone(), meant: known.map(str::to_owned), of };
        Error::from(bad).at_option(&name).at_token(shown)
    }

    /// The argument of an option: in the same word, or the next one.
    #[inline]
    fn argument(&mut self, inline: Option<TextSpan>, shown: Spelling<'_>) -> Result<TextSpan> {
        if let Some(span) = inline {
            return Ok(span);
        }
        if self.at >= self.args.len() {
            return Err(shown.without_argument());
        }
        self.at += 1;
        Ok(self.args.span(self.at - 1))
    }

    /// The argument of an option that may be inverted, which arptables also does by a `!` before the argument.
    fn value(&mut self, inline: Option<TextSpan>, shown: Spelling<'_>) -> Result<TextSpan> {
        let (at, span) = (self.at, self.argument(inline, shown)?);
        if self.parser.family != Family::Arp || self.args.slice(span) != b"!" {
            return Ok(span);
        }
        self.parser.warnings.add(at, Warning::LateBang);
        if std::mem::replace(&mut self.invert, true) {
            return Err(BadLine::BangsAround.into());
        }
        self.argument(None, shown).map_err(|_| BadLine::NoValueInverted.into())
    }

    fn extension_option(
        &mut self,
        loaded: usize,
        option: usize,
        name: &'static str,
        inline: Option<TextSpan>,
        shown: Spelling<'_>,
    ) -> Result<()> {
        let position = self.at;
        let opt = self.parser.draft.opt(loaded, option);
        let mut words = [(0, 0); 2];
        if opt.words == 0 {
            if inline.is_some() {
                let word = lossy(self.args.word(self.at - 1));
                return Err(self.of_option(loaded, name, BadLine::TakesNoValue { option: name, word }));
            }
        } else if !opt.optional || inline.is_some() || self.args.has_operand(self.at) {
            words[0] = match self.value(inline, shown) {
                Ok(word) => word,
                Err(error) => return Err(self.of_option(loaded, name, error)),
            };
        }
        if opt.words == 2 {
            if !self.args.has_operand(self.at) {
                if let Some(warning) = opt.old_name(name) {
                    self.warn(warning);
                }
                let bad = BadLine::TakesTwoWords { option: name, formal: opt.formal() };
                return Err(self.of_option(loaded, name, bad));
            }
            words[1] = self.args.span(self.at);
            self.at += 1;
        }
        self.parser.draft.add_option(loaded, option, name, self.invert, words, position);
        Ok(())
    }
}
