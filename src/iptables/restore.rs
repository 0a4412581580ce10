//! Save files to tables.

mod ahead;
mod lines;
mod options;
mod parts;
mod quick;
mod tables;

use std::io::{self, BufRead, BufReader, Read, Write};

pub use lines::quote;
use lines::{Beginning, command_in};
pub use options::{Foreign, RestoreOptions};
use parts::{bad_counters, parse_counters};
pub(super) use parts::{behind_counters, policy_counters};
use tables::Pending;

use super::command::{Outcome, apply, is_nft, of_backend, outcome};
use super::save::OF_NFT;
use super::words::warning_words;
use crate::error::{BadFile, BadLine, Failure, Step, Warning, tell};
use crate::kernel::{Beside, Desired, Kernel, Line};
use crate::rule::grammar::LINE_MAX;
use crate::rule::grammar::args::{Args, Words, is_opaque};
use crate::rule::grammar::draft::Shapes;
use crate::rule::grammar::getopt::Command;
use crate::rule::grammar::parser::{Mode, Parser};
use crate::rule::{Rule, names};
use crate::sys::memory;
use crate::table::{Before, MOST_ERRORS, Table};
use crate::types::{Counters, Family};
use crate::{Error, ErrorKind, Result};
use ahead::{Ahead, Chains};

/// How many bytes of a save file are read at once.
const BUFFER: usize = 128 << 10;
/// What the words and values of a line need, as a multiple of it.
const AROUND_LINE: usize = 16;

/// Restores tables from a save file: one commit per table. Tables before one that fails stay restored, unless it is
/// [atomic](RestoreOptions::atomic).
///
/// A line that asks for help or the version (`-h`, `-V`) ends the restore, as it ends the program: the table that the line is in
/// is not committed, and the outcome is not [`Outcome::Done`]. What iptables would warn about, [`with_warnings`](super::with_warnings)
/// hears; what the lines of a file print, [`restore_to`] writes.
///
/// ```
/// use libfw::iptables::{RestoreOptions, restore};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
/// restore(&kernel, Family::Ipv4, file.as_bytes(), &RestoreOptions::new().atomic(true))?;
/// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Whatever is wrong with a line, with the line's number, or with what the kernel makes of a table.
pub fn restore(
    kernel: &Kernel,
    family: Family,
    mut reader: impl Read,
    options: &RestoreOptions,
) -> Result<Outcome> {
    restored(kernel, family, &mut reader, options, &mut io::sink(), &mut tell)
}

/// Does the same as [`restore`], and passes on at once what iptables-restore prints: to `out` what goes to its output, as `-L` in a
/// line and all of [`verbose`](RestoreOptions::verbose), to `warn` its warnings.
///
/// ```
/// use libfw::iptables::{RestoreOptions, restore_to};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let file = "*filter\n-A INPUT -i lo -j ACCEPT\n-S INPUT\nCOMMIT\n";
/// let mut out = Vec::new();
/// restore_to(&kernel, Family::Ipv4, file.as_bytes(), &RestoreOptions::new(), &mut out, &mut |warning| {
///     eprintln!("{warning}");
/// })?;
/// assert_eq!(out, b"-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n");
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`restore`], and of the writer.
pub fn restore_to(
    kernel: &Kernel,
    family: Family,
    mut reader: impl Read,
    options: &RestoreOptions,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(&str),
) -> Result<Outcome> {
    let warn = &mut |warning| warn(&warning_words(&warning));
    restored(kernel, family, &mut reader, options, out, warn)
}

fn restored(
    kernel: &Kernel,
    family: Family,
    reader: &mut dyn Read,
    options: &RestoreOptions,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(Warning),
) -> Result<Outcome> {
    Restore::new(kernel, family, options, out, warn, None)
        .all(reader)
        .map_err(|error| of_backend(kernel, error))
}

/// Fills a desired state from a save file, with what iptables-restore would write. Nothing is changed in the kernel, and counters
/// in the file are ignored. Several files, of both families, can be read one after the other. Tables that none
/// of them has stay as they are, and a table that comes again is continued, as with `--noflush`.
///
/// ```
/// use libfw::{Family, MemoryKernel, Scope, iptables};
///
/// let kernel = MemoryKernel::new().kernel();
/// let file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
/// let mut desired = kernel.desired(Scope::Tables);
/// iptables::declare(&mut desired, Family::Ipv4, file.as_bytes(), &mut |warning| eprintln!("{warning}"))?;
/// assert_eq!(
///     desired.plan()?.to_string(),
///     "# IPv4 filter\n- :INPUT ACCEPT\n+ :INPUT DROP\n+ -A INPUT -i lo -j ACCEPT\n"
/// );
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Whatever is wrong with lines, with their numbers: the first, and [beside it](Error::others) the others. What is desired can
/// only be dropped then: [`Desired::plan`] and [`Desired::apply`] give the same error. Those of [`Desired::table`].
pub fn declare(
    desired: &mut Desired,
    family: Family,
    mut reader: impl Read,
    warn: &mut dyn FnMut(&str),
) -> Result<()> {
    // What is not declared is what the scope says, so that nothing is to be read or flushed here.
    let options = RestoreOptions { noflush: true, ..RestoreOptions::default() };
    let kernel = desired.kernel().clone();
    let mut out = std::io::sink();
    let warn = &mut |warning| warn(&warning_words(&warning));
    let read = Restore::new(&kernel, family, &options, &mut out, warn, Some(&mut *desired)).all(&mut reader);
    desired.noted(read.map(drop).map_err(|error| of_backend(&kernel, error)))
}

impl<'a> Restore<'a> {
    fn new(
        kernel: &'a Kernel,
        family: Family,
        options: &'a RestoreOptions,
        out: &'a mut dyn Write,
        warn: &'a mut dyn FnMut(Warning),
        desired: Option<&'a mut Desired>,
    ) -> Restore<'a> {
        let mut parser = Parser::new(family);
        parser.draft.too_long = options.too_long;
        let nft = is_nft(kernel);
        Restore {
            kernel,
            family,
            options,
            out,
            warn,
            desired,
            beside: Beside::default(),
            kept: memory::Small::default(),
            parser,
            words: Words::default(),
            shapes: Shapes::default(),
            nft,
            table: None,
            closed: Vec::new(),
            skipping: false,
            met: false,
            refused: None,
            left_out: 0,
            line: 0,
            asked: None,
            original: Vec::new(),
            beginning: Beginning::default(),
            wrong: Vec::new(),
            before: Before::default(),
            pending: Vec::new(),
            ahead: Ahead::default(),
            chains: None,
            read: None,
        }
    }
}

struct Restore<'a> {
    kernel: &'a Kernel,
    family: Family,
    options: &'a RestoreOptions,
    out: &'a mut dyn Write,
    warn: &'a mut dyn FnMut(Warning),
    /// Where the tables go, if not to the kernel.
    desired: Option<&'a mut Desired>,
    /// What is known beside the table that goes there, and the room that its texts have taken.
    beside: Beside,
    kept: memory::Small,
    parser: Parser,
    words: Words,
    /// The lines that were seen in this table.
    shapes: Shapes,
    /// Whether it is as iptables-nft-restore does it, which is not as particular about what it does not need.
    nft: bool,
    table: Option<Table>,
    /// The built-in chains of its kernel's table that drop, where they stay so unless the file has something of them:
    /// iptables-nft-restore empties what it talks about, and deletes the rest.
    closed: Vec<(String, Counters)>,
    /// Behind the beginning of a table that is not wanted; up to its end or the next one nothing counts.
    skipping: bool,
    /// Whether a table came that is wanted.
    met: bool,
    /// The first rule of the table that the kernel would refuse.
    refused: Option<Error>,
    /// How many rules of the table are comments, which say that there was one.
    left_out: usize,
    line: usize,
    /// What a line asks for instead of changing something.
    asked: Option<Outcome>,
    /// The line as it was read: words are unescaped in place.
    original: Vec<u8>,
    /// What is wrong, where everything is told.
    wrong: Vec<Error>,
    /// The lines of the file, as far as they are kept.
    beginning: Beginning,
    /// The tables of which it was found out whether they can be written.
    before: Before,
    /// The tables that are written at the end of the file.
    pending: Vec<Pending>,
    /// The lines of the table that were looked at.
    ahead: Ahead,
    /// The chains of the kernel's table that they are about; `None` for all.
    chains: Option<Chains>,
    /// Those of the table that is filled or written.
    read: Option<Chains>,
}

impl Restore<'_> {
    /// Carries out a whole file.
    fn all(&mut self, reader: &mut dyn Read) -> Result<Outcome> {
        // The small things beside what grows with the file: they are no more than is tried whenever something does.
        if !memory::has_room(BUFFER + Beginning::ROOM) {
            return Err(Failure::OutOfMemory.into());
        }
        let mut reader = BufReader::with_capacity(BUFFER, self.beginning.keeping(reader));
        let mut line = Vec::new();
        loop {
            // Most lines are read where they are.
            let here = if self.ahead.is_empty() { reader.buffer() } else { &[] };
            if let Some(len) = self.quick(here) {
                self.line += 1;
                reader.consume(len);
                continue;
            }
            let here = here.len();
            let unreadable = |error: io::Error| match error.kind() {
                io::ErrorKind::OutOfMemory => Failure::OutOfMemory.into(),
                _ => Error::from(BadFile::Unreadable).because(error),
            };
            // Words are unescaped in place, so the line is a copy of its own.
            self.ahead.line(&mut reader, &mut line).map_err(unreadable)?;
            if line.is_empty() {
                break;
            }
            // What was not yet read as a whole.
            let is_known = line.len() > here && self.quick(&line).is_some();
            self.line += 1;
            if is_known {
                continue;
            }
            if line.starts_with(b"*") && self.reads_in_part() {
                self.chains = self.ahead.look(self.family, &line, &mut reader).map_err(unreadable)?;
            }
            memory::copy_into(&mut self.original, &line)?;
            match self.line(&mut line).map_err(|error| self.address(error)) {
                Err(error) if self.is_thorough() && error.kind() != ErrorKind::PermissionDenied => {
                    self.note(error)
                }
                done => done?,
            }
            if let Some(asked) = self.asked.take() {
                return Ok(asked);
            }
        }
        if self.table.is_some() && self.family == Family::Arp {
            // What arptables-save writes ends without a word.
            self.line += 1;
            self.commit().map_err(|error| self.address(error))?;
        }
        if let Some(table) = &self.table {
            let line = self.line + 1;
            let error = Error::from(BadFile::NoCommit { line }).in_family(self.family).in_table(table.name());
            self.note(error.at_line(line));
        }
        if let Some(name) = self.options.table.as_deref().filter(|_| !self.met && self.wrong.is_empty()) {
            self.note(Error::from(BadFile::Lacks).in_family(self.family).in_table(name));
        }
        let mut wrong = std::mem::take(&mut self.wrong).into_iter();
        if let Some(first) = wrong.next() {
            return Err(first.with_others(wrong.collect()).in_order());
        }
        self.write()?;
        Ok(Outcome::Done)
    }

    /// Whether only what the lines are about needs to be read of a table that begins, where it can be.
    fn reads_in_part(&self) -> bool {
        let options = self.options;
        let whole = options.atomic || self.is_strict();
        self.nft && options.noflush && !whole && self.desired.is_none() && self.table.is_none()
    }

    /// Whether what the kernel would refuse is found out.
    fn is_strict(&self) -> bool {
        self.options.test && self.options.strict
    }

    /// Whether everything is told that is wrong, since nothing is done before the end of the file.
    fn is_thorough(&self) -> bool {
        self.is_strict() || self.desired.is_some()
    }

    /// Keeps what is wrong until the end of the file.
    #[cold]
    fn note(&mut self, error: Error) {
        // Of a table that is not there nothing more can be said.
        self.skipping |= self.table.is_none();
        if self.wrong.len() < MOST_ERRORS {
            self.wrong.extend(error.apart());
        }
    }

    /// Puts an empty rule where one is wrong, if everything is told: those behind it have the index then that they have in the file.
    #[cold]
    fn stand_in(&mut self, error: &Error, args: Args<'_>) {
        let added =
            command_in(args).filter(|(_, command)| matches!(command, Command::Append | Command::Insert));
        let (true, Some((at, _)), Some(index)) = (self.is_thorough(), added, error.rule()) else { return };
        let Some(table) = &mut self.table else { return };
        let put =
            |table: &mut Table| table.chain_mut(names::read(args.word(at)))?.insert(index, Rule::builder());
        // Where there is no such place, none is behind it.
        let _ = table.write_staged().and_then(|()| put(table));
    }

    fn line(&mut self, line: &mut [u8]) -> Result<()> {
        if line.len() > LINE_MAX && !is_opaque(line) {
            return Err(BadFile::LongLine { max: LINE_MAX }.into());
        }
        // Of a long line the words and values are many.
        if line.len() > LINE_MAX && !memory::has_room(AROUND_LINE * line.len()) {
            return Err(Failure::OutOfMemory.into());
        }
        // A C program that reads the file would stop there and lose the rest of the line.
        if let Some(at) = line.iter().position(|byte| *byte == 0) {
            return Err(Error::from(BadFile::Nul).at_column(at + 1));
        }
        match line {
            [b'\n'] => Ok(()),
            [b'#', ..] => {
                self.left_out += usize::from(self.table.is_some() && line.starts_with(OF_NFT));
                if self.options.verbose {
                    let _ = self.out.write_all(line);
                }
                Ok(())
            }
            _ if line == b"COMMIT\n" && self.table.is_some() => self.commit(),
            _ if line == b"COMMIT" && self.nft && self.table.is_some() => self.commit(),
            [b'*', name @ ..] if self.table.is_none() => {
                let name = String::from_utf8_lossy(name).into_owned();
                self.begin(&name)
            }
            _ if self.skipping => {
                self.skipping = line != b"COMMIT\n";
                Ok(())
            }
            [b':', rest @ ..] if self.table.is_some() => self.chain(rest),
            _ if self.table.is_some() => self.rule(line),
            _ => Err(BadFile::OutsideTable { line: self.line }.into()),
        }
    }

    /// `[PACKETS:BYTES] -A CHAIN ...`
    fn rule(&mut self, line: &mut [u8]) -> Result<()> {
        let start = behind_counters(line, self.line)?;
        // What is not asked for need not be a number.
        let counters = match start.checked_sub(1).filter(|_| self.options.counters) {
            Some(end) => Some(parse_counters(&line[..=end]).ok_or_else(|| bad_counters(&line[1..end]))?),
            None => None,
        };
        if let Some(table) = self.table.as_mut().filter(|_| self.desired.is_none() && !self.nft) {
            table.stage();
        }
        let mut words = std::mem::take(&mut self.words);
        let done = match words.split(line, start) {
            Ok(()) => self.command(words.args(line), counters, start),
            Err(error) => Err(error),
        };
        let done = done.map_err(|error| {
            let error = self.subject(error, words.args(line)).at_column(start + 1);
            self.stand_in(&error, words.args(line));
            error
        });
        self.words = words;
        done
    }

    fn command(&mut self, args: Args<'_>, counters: Option<Counters>, start: usize) -> Result<()> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let parsed = self.parser.parse(Mode::Restore, args, table.system());
        let mut silent = true;
        for warning in self.parser.warnings.take() {
            silent = false;
            (self.warn)(warning);
        }
        let mut parsed = parsed?;
        if let Some(instead) = parsed.instead {
            self.asked = Some(outcome(instead));
            return Ok(());
        }
        if parsed.other_family {
            return Ok(());
        }
        if let Some(counters) = counters {
            if parsed.counters.is_some() {
                return Err(BadFile::CountersTwice.into());
            }
            if let Some(command) = parsed.command.filter(|command| !command.takes_counters()) {
                let bad = BadLine::NotOfCommand { command: command.letter(), option: "set-counters" };
                return Err(Error::from(bad).at_option("set-counters"));
            }
            self.parser.draft.set_counters(counters);
            // iptables-nft forgets those of a policy.
            if parsed.command == Some(Command::Policy) && !self.nft {
                parsed.counters = Some(counters);
            }
        }
        if parsed.command.is_some_and(|command| !command.takes_rule()) {
            table.read_policies()?;
        }
        let verbose = self.options.verbose && !self.options.noflush;
        parsed.verbose += u32::from(verbose);
        if parsed.verbose > 0 || parsed.command != Some(Command::Append) {
            table.write_staged()?;
        }
        let (known, mut refused) = (self.refused.is_some(), None);
        let place = table.place_of_new();
        table.source = match self.desired {
            None => self.line as u32,
            Some(_) => self.beside.lines.len() as u32 + 1,
        };
        let applied = apply(table, &mut self.parser, &parsed, args, Some(&mut refused), self.out, self.warn);
        table.source = 0;
        // Few enough to keep what they say.
        if table.place_of_new() > place && self.desired.is_some() {
            let size = 3 * self.original.len() + size_of::<Line>();
            if !self.kept.fits(size) || !memory::make_room(&mut self.beside.lines, 1) {
                return Err(table.error(Failure::OutOfMemory));
            }
            let text = String::from_utf8_lossy(self.original.trim_ascii_end()).into();
            self.beside.lines.push(Line { number: self.line, text });
        }
        if let Some(error) = refused.filter(|_| !known) {
            self.refused = Some(self.address(self.subject(error, args)));
        }
        applied.map_err(|error| error.during(Step::Command { line: self.line }))?;
        match parsed.command {
            // A name may mean something else from here on.
            Some(Command::NewChain | Command::RenameChain) => self.shapes.clear(),
            Some(Command::Append) if silent => self.learn(&parsed, args, start),
            _ => {}
        }
        Ok(())
    }
}
