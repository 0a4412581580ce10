//! Save files to tables.

use std::io::{BufRead, BufReader, Read, Write};

use super::command::{apply, refuse_nat_drop, set_policy};
use crate::kernel::Kernel;
use crate::rule::grammar::args::Words;
use crate::rule::grammar::parser::{Mode, Parser};
use crate::table::Table;
use crate::types::{Counters, Family};
use crate::{Error, ErrorKind, Result};

/// The longest line of a save file in bytes, its end included.
const LINE_MAX: usize = 10240;

/// How many bytes of a save file are read at once.
const BUFFER: usize = 128 << 10;

/// How a save file is restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Set the counters that the file gives, `-c`.
    pub counters: bool,
    /// Keep rules and chains that the file does not declare, `-n`.
    pub noflush: bool,
    /// Read everything but commit nothing, `-t`.
    pub test: bool,
    /// Say what is done, `-v`.
    pub verbose: bool,
    /// Only this table, `-T`.
    pub table: Option<String>,
}

/// Restores tables from a save file: one commit per table. Tables before one that fails stay restored.
///
/// # Errors
///
/// Whatever is wrong with a line, with the line's number, or with what the kernel makes of a table.
pub fn restore(
    kernel: &Kernel,
    family: Family,
    reader: &mut dyn Read,
    options: &RestoreOptions,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut restore = Restore {
        kernel,
        family,
        options,
        out,
        warn,
        parser: Parser::new(family),
        words: Words::default(),
        table: None,
        skipping: false,
        refused: None,
        line: 0,
    };
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        // Words are unescaped in place, so the line is a copy of its own.
        reader
            .read_until(b'\n', &mut line)
            .map_err(|error| Error::io(ErrorKind::Io, "cannot read the save file", error))?;
        if line.is_empty() {
            break;
        }
        restore.line += 1;
        let number = restore.line;
        restore.line(&mut line).map_err(|error| error.at_line(number))?;
    }
    if restore.table.is_some() || restore.skipping {
        let line = restore.line + 1;
        return Err(Error::new(ErrorKind::Syntax, "the last table has no COMMIT")
            .at_line(line)
            .classic(1, format!("COMMIT expected at line {line}")));
    }
    Ok(())
}

struct Restore<'a> {
    kernel: &'a Kernel,
    family: Family,
    options: &'a RestoreOptions,
    out: &'a mut dyn Write,
    warn: &'a mut dyn FnMut(&str),
    parser: Parser,
    words: Words,
    table: Option<Table>,
    /// Inside a table that is not wanted.
    skipping: bool,
    /// The first rule of the table that the kernel would refuse.
    refused: Option<Error>,
    line: usize,
}

impl Restore<'_> {
    fn line(&mut self, line: &mut [u8]) -> Result<()> {
        if line.len() > LINE_MAX {
            return Err(Error::new(ErrorKind::Syntax, format!("a line has at most {LINE_MAX} bytes"))
                .classic(2, "line too long"));
        }
        // A C program that reads the file would stop there and lose the rest of the line.
        if let Some(at) = line.iter().position(|byte| *byte == 0) {
            return Err(Error::new(ErrorKind::Syntax, "a NUL byte in the line").at_column(at + 1));
        }
        match line {
            [b'\n'] => Ok(()),
            [b'#', ..] => {
                if self.options.verbose {
                    let _ = self.out.write_all(line);
                }
                Ok(())
            }
            _ if line == b"COMMIT\n" && (self.table.is_some() || self.skipping) => self.commit(),
            [b'*', name @ ..] if self.table.is_none() && !self.skipping => {
                let name = String::from_utf8_lossy(name).into_owned();
                self.begin(&name)
            }
            _ if self.skipping => Ok(()),
            [b':', rest @ ..] if self.table.is_some() => self.chain(rest),
            _ if self.table.is_some() => self.rule(line),
            _ => Err(self.failed("expected *TABLE")),
        }
    }

    fn failed(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::Syntax, message).classic(1, format!("line {} failed", self.line))
    }

    /// `*TABLE`
    fn begin(&mut self, rest: &str) -> Result<()> {
        let Some(name) = rest.split_ascii_whitespace().next() else {
            let classic = format!("{}: line {} table name invalid", program(self.family), self.line);
            return Err(Error::new(ErrorKind::Syntax, "a * without the name of a table").classic(2, classic));
        };
        if self.options.table.as_deref().is_some_and(|only| only != name) {
            self.skipping = true;
            return Ok(());
        }
        // What is thrown away need not be read, unless it is talked about.
        let opened = match self.options.noflush || self.options.verbose {
            true => self.kernel.open_locked(self.family, name),
            false => self.kernel.open_cleared(self.family, name),
        };
        let mut table = opened.map_err(|error| {
            if super::words(&error).0 != 3 {
                return error;
            }
            let classic = format!("{}: unable to initialize table '{name}'", program(self.family));
            error.replace_classic(2, classic)
        })?;
        if !self.options.noflush && self.options.verbose {
            let (all, users): (Vec<_>, Vec<_>) = table.chains().partition(|chain| chain.hook().is_some());
            for chain in all.iter().chain(&users) {
                let _ = writeln!(self.out, "Flushing chain `{}'", chain.name());
            }
            for chain in users {
                let _ = writeln!(self.out, "Deleting chain `{}'", chain.name());
            }
            table.clear();
        }
        self.table = Some(table);
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.skipping = false;
        let Some(mut table) = self.table.take() else { return Ok(()) };
        if self.options.test {
            return Ok(());
        }
        let failed = format!("line {} failed", self.line);
        if let Some(error) = self.refused.take() {
            return Err(error.replace_classic(1, failed));
        }
        match table.commit() {
            Ok(report) => {
                if let Some(warning) = report.warning() {
                    (self.warn)(&warning);
                }
                Ok(())
            }
            Err(error) => Err(error.replace_classic(1, failed)),
        }
    }

    /// `:CHAIN POLICY [PACKETS:BYTES]`
    fn chain(&mut self, rest: &[u8]) -> Result<()> {
        let line = self.line;
        let program = program(self.family);
        let invalid = |what: &str| {
            Error::new(ErrorKind::Syntax, format!("bad {what}, expected :CHAIN POLICY [PACKETS:BYTES]"))
                .classic(2, format!("{program}: line {line} {what} invalid"))
        };
        let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let name = words.next().ok_or_else(|| invalid("chain name"))?;
        let policy = words.next().ok_or_else(|| invalid("policy"))?;
        let given = words.next();
        let Some(table) = &mut self.table else { return Ok(()) };
        let shown = String::from_utf8_lossy(name).into_owned();
        let builtin = table.chain(name).map(|chain| chain.hook().is_some());
        match builtin {
            Some(true) => {}
            Some(false) if self.options.noflush => {
                table.chain_mut(name)?.flush();
            }
            _ => {
                if name.len() > crate::table::CHAIN_NAME_MAX {
                    let classic =
                        format!("Invalid chain name `{shown}' ({} chars max)", crate::table::CHAIN_NAME_MAX);
                    return Err(Error::new(ErrorKind::InvalidArgument, "the name of the chain is too long")
                        .at_token(shown)
                        .classic(2, classic));
                }
                table.new_chain(name).map_err(|error| {
                    let reason = if error.kind() == ErrorKind::ChainExists {
                        "File exists"
                    } else {
                        "Invalid argument"
                    };
                    error.replace_classic(2, format!("error creating chain '{shown}':{reason}"))
                })?;
            }
        }
        if policy == b"-" {
            return Ok(());
        }
        let counters = match self.options.counters {
            true => Some(given.and_then(parse_counters).ok_or_else(|| {
                Error::new(ErrorKind::Syntax, "bad counters, expected [PACKETS:BYTES]")
                    .classic(2, format!("invalid policy counters for chain '{shown}'"))
            })?),
            false => None,
        };
        set_policy(table, name, policy, counters).map_err(|error| {
            let policy = String::from_utf8_lossy(policy);
            let reason = super::words(&error)
                .1
                .split(". ")
                .next()
                .unwrap_or_default()
                .trim_end_matches('.')
                .to_owned();
            error
                .replace_classic(1, format!("Can't set policy `{policy}' on `{shown}' line {line}: {reason}"))
        })
    }

    /// `[PACKETS:BYTES] -A CHAIN ...`
    fn rule(&mut self, line: &mut [u8]) -> Result<()> {
        let (counters, start) = match line {
            [b'[', ..] => {
                let end = line.iter().position(|byte| *byte == b']').ok_or_else(|| {
                    Error::new(ErrorKind::Syntax, "a [ without its ]")
                        .classic(2, format!("Bad line {}: need ]", self.line))
                })?;
                let counters = parse_counters(&line[..=end]).ok_or_else(|| bad_counters(&line[1..end]))?;
                (Some(counters), end + 1)
            }
            _ => (None, 0),
        };
        let Some(table) = &mut self.table else { return Ok(()) };
        let text = &mut line[start..];
        self.words.split(text)?;
        let args = self.words.args(text);
        let parsed = self.parser.parse(Mode::Restore, args, &*table);
        for warning in self.parser.warnings.take() {
            (self.warn)(&super::words::warning_words(&warning));
        }
        let mut parsed = parsed.map_err(|error| match error.column() {
            Some(_) => error,
            None => error.at_column(start + 1),
        })?;
        if parsed.other_family {
            return Ok(());
        }
        refuse_nat_drop(table.name(), &self.parser, &parsed, args)?;
        if let Some(counters) = counters.filter(|_| self.options.counters) {
            if parsed.counters.is_some() {
                return Err(Error::new(ErrorKind::Syntax, "counters before the rule and in it")
                    .classic(2, "multiple --set-counters options not allowed"));
            }
            self.parser.spec.set_counters(counters);
        }
        if parsed.command.is_some_and(|command| !command.takes_rule()) {
            table.read_policies()?;
        }
        let verbose = self.options.verbose && !self.options.noflush;
        parsed.verbose += u32::from(verbose);
        let refused = Some(&mut self.refused);
        let applied = apply(table, &mut self.parser, &parsed, args, refused, self.out, self.warn);
        if let Some(error) = self.refused.take() {
            self.refused = Some(error.at_line(self.line));
        }
        applied.map_err(|error| {
            let (status, _) = super::words(&error);
            if status == 1 {
                let line = self.line;
                error.replace_classic(1, format!("line {line} failed"))
            } else {
                error
            }
        })
    }
}

/// The program's name in its messages.
fn program(family: Family) -> &'static str {
    family.pick("iptables-restore", "ip6tables-restore")
}

/// The error for what stands in the brackets before a rule.
fn bad_counters(text: &[u8]) -> Error {
    let packets = text.split(|byte| *byte == b':').next().unwrap_or_default();
    let what = if packets.iter().all(u8::is_ascii_digit) { "byte" } else { "packet" };
    Error::new(ErrorKind::Syntax, "bad counters, expected [PACKETS:BYTES]")
        .classic(2, format!("--set-counters {what} counter not numeric"))
}

/// `[PACKETS:BYTES]`
fn parse_counters(text: &[u8]) -> Option<Counters> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix('[')?;
    let (packets, bytes) = text.split_once(':')?;
    Some(Counters { packets: packets.parse().ok()?, bytes: bytes.strip_suffix(']')?.parse().ok()? })
}
