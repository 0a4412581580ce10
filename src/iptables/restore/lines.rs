//! The lines of a save file that errors are about.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use super::super::command::numbered;
use super::{Pending, Restore};
use crate::error::Step;
use crate::rule::grammar::args::{Args, column_in, show_rule};
use crate::rule::grammar::getopt::{self, Command};
use crate::rule::names;
use crate::table::{Chain, Table};
use crate::{Error, ErrorKind};

/// How much of a save file is kept, to show the line of a rule that is refused when the table is written.
const KEPT: usize = 256 << 10;

/// What a file begins with, as far as it is kept.
#[derive(Clone, Default)]
pub(super) struct Beginning(Rc<RefCell<Vec<u8>>>);

impl Beginning {
    /// The room that it may need, while it grows.
    pub(super) const ROOM: usize = 2 * KEPT;

    /// A reader of the file that keeps what it begins with.
    pub(super) fn keeping<'a>(&self, reader: &'a mut dyn Read) -> Keeping<'a> {
        Keeping { reader, beginning: self.clone() }
    }

    /// The whole lines of it.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = self.0.borrow().clone();
        if text.len() >= KEPT {
            text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        }
        text
    }
}

/// See [`Beginning::keeping`].
pub(super) struct Keeping<'a> {
    reader: &'a mut dyn Read,
    beginning: Beginning,
}

impl Read for Keeping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let mut kept = self.beginning.0.borrow_mut();
        let room = KEPT - kept.len();
        kept.extend_from_slice(buffer.get(..count.min(room)).unwrap_or_default());
        Ok(count)
    }
}

/// The error with the line of the save file that it is about as it stands there, and the column of the word that is wrong.
///
/// [`restore`](crate::iptables::restore) does so itself if the line is in the first 256 KiB of the file. Of one behind it the error
/// shows the rule as it is printed, since nothing more is kept: who can read the file again gives it here.
///
/// ```
/// use libfw::iptables::{self, RestoreOptions};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let file = "*filter\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n";
/// let options = RestoreOptions::new();
/// let done = iptables::restore(&kernel, Family::Ipv4, file.as_bytes(), &options);
/// let error = iptables::quote(done.unwrap_err(), file);
/// assert_eq!((error.line(), error.column()), (Some(3), Some(13)));
/// assert_eq!(error.rule_text(), Some("-A INPUT -m owner --uid-owner 0"));
/// ```
#[must_use]
pub fn quote(error: Error, file: impl AsRef<[u8]>) -> Error {
    error.each(&mut |error| quoted(error, file.as_ref()))
}

#[cold]
fn quoted(error: Error, file: &[u8]) -> Error {
    let line =
        error.line().and_then(|line| file.split_inclusive(|byte| *byte == b'\n').nth(line.checked_sub(1)?));
    let Some(text) = line.map(|line| String::from_utf8_lossy(line.trim_ascii_end())) else { return error };
    // What was read from this line has its column.
    if error.rule_text() == Some(&*text) {
        return error;
    }
    let column = column_in(&text, &error).unwrap_or(1);
    error.shows(text.into_owned(), column)
}

/// Shows the rule that an error is about, where the line it came from is not kept.
#[cold]
fn printed(table: &Table, error: Error) -> Error {
    match table.rule_of(&error).zip(error.chain()).map(|(rule, chain)| format!("-A {chain} {rule}")) {
        Some(rule) => show_rule(error, rule),
        None => error,
    }
}

/// The command of a line, and which word is its first argument.
pub(super) fn command_in(args: Args<'_>) -> Option<(usize, Command)> {
    (0..args.len()).find_map(|at| Some((at + 1, getopt::command_of(args.word(at))?)))
}

impl Restore<'_> {
    /// Says at which line of the file the refusal of a table comes from.
    #[cold]
    pub(super) fn locate(&self, Pending { table, line }: &Pending, error: Error) -> Error {
        let kept = self.beginning.text();
        let line_of = |error: &Error| {
            let source = table.source_of(error.chain()?, error.rule()?)?;
            if self.desired.is_none() { Some(source) } else { Some(self.beside.line(source)?.number) }
        };
        let located = |error: Error| match line_of(&error) {
            Some(line) => printed(table, quoted(error.at_line(line), &kept)),
            None => error,
        };
        let error = error.each(&mut { located });
        self.numbered(table.name(), error).in_order().at_line(*line).during(Step::Commit { line: *line })
    }

    /// Says where in the file an error is.
    #[cold]
    pub(super) fn address(&self, error: Error) -> Error {
        let line = String::from_utf8_lossy(&self.original);
        let token = error.said_token().and_then(|token| line.find(token));
        let error = match remark(&self.original, self.line) {
            Some(remark) => error.remarking(remark),
            None if self.line == 1 => error.unless_path(&self.original),
            None => error,
        };
        let error = error.in_family(self.family).at_line(self.line);
        let error = match error.lacks_text() {
            true => error.in_text(line.trim_ascii_end()).at_column(token.unwrap_or(0) + 1),
            false => error,
        };
        match &self.table {
            Some(table) => error.in_table(table.name()),
            None => error,
        }
    }

    /// Says about which rule an error is.
    #[cold]
    pub(super) fn subject(&self, error: Error, args: Args<'_>) -> Error {
        let error = match args.locate(&error) {
            Some(column) => error.at_column(column),
            None => error,
        };
        let (Some((at, command)), Some(table)) = (command_in(args), &self.table) else { return error };
        let chain = names::read(args.word(at));
        let number = std::str::from_utf8(args.word(at + 1)).ok().and_then(|word| word.parse::<usize>().ok());
        let rule = match command {
            Command::Append => table.chain(&chain).map(Chain::len),
            Command::Insert => Some(number.unwrap_or(1).saturating_sub(1)),
            _ if !command.takes_rule() && error.kind() != ErrorKind::IndexTooBig => None,
            _ => number.and_then(|number| number.checked_sub(1)),
        };
        if chain.is_empty() {
            return error;
        }
        let mut error = error.in_chain(String::from_utf8_lossy(&chain));
        if error.kind() == ErrorKind::IndexTooBig && number.is_some() {
            error = error.at_column(args.span(at + 1).0 as usize + 1);
        }
        if is_about_chain(error.kind()) {
            // The new name where that is the one that is wrong.
            let renamed = error.kind() == ErrorKind::ChainExists && command == Command::RenameChain;
            error = error.at_column(args.span(at + usize::from(renamed)).0 as usize + 1);
        }
        match rule {
            Some(rule) => self.numbered(table.name(), error.at_rule(rule)),
            None => error,
        }
    }

    fn numbered(&self, table: &str, error: Error) -> Error {
        match &self.read {
            Some(chains) => numbered(self.kernel, self.family, table, &chains.wanted(), error),
            None => error,
        }
    }
}

/// What other systems write around the lines of a file, and what is not seen in it.
fn remark(line: &[u8], number: usize) -> Option<&'static str> {
    match line {
        [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if number == 1 => {
            Some("the file begins with a byte order mark")
        }
        [.., b'\r', b'\n'] | [.., b'\r'] => Some("the line ends in a carriage return"),
        _ => None,
    }
}

/// Whether it is the name of the chain that is wrong.
fn is_about_chain(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, NoSuchChain | ChainExists | ChainNotEmpty | ChainInUse | BuiltinChain)
}
