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
use crate::sys::memory;
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

/// The line of the rule that an error is about.
fn line_of(table: &Table, lines: &Lines, error: &Error) -> Option<usize> {
    lines.of(table.place_of(error.chain()?, error.rule()?)?)
}

/// The lines that rules were added by, by the places of their entries.
///
/// Where lines one behind the other have added as many bytes each, the first and the last of them are kept.
#[derive(Default)]
pub(super) struct Lines(Vec<Added>);

#[derive(Clone, Copy)]
struct Added {
    place: u32,
    /// With [`AND_MORE`] if there are others up to the next that is kept.
    line: u32,
}

const AND_MORE: u32 = 1 << 31;

impl Added {
    fn line(self) -> u32 {
        self.line & !AND_MORE
    }

    /// The bytes and lines from here up to another.
    fn up_to(self, other: Added) -> [u64; 2] {
        [other.place.wrapping_sub(self.place), other.line().wrapping_sub(self.line())].map(u64::from)
    }
}

impl Lines {
    /// Makes room for so many more, if there is memory for them.
    #[inline]
    pub(super) fn make_room(&mut self, more: usize) -> bool {
        memory::make_room(&mut self.0, more)
    }

    #[inline]
    pub(super) fn add(&mut self, place: usize, line: usize) {
        let added = Added { place: place as u32, line: line as u32 & !AND_MORE };
        if let [.., first, last] = &mut *self.0 {
            let [[bytes, lines], [more, one]] = [first.up_to(*last), last.up_to(added)];
            let goes_on = first.line & AND_MORE != 0 || lines == 1;
            if goes_on
                && one == 1
                && more * lines == bytes
                && first.place < last.place
                && last.place < added.place
            {
                first.line |= AND_MORE;
                *last = added;
                return;
            }
        }
        self.0.push(added);
    }

    /// The line that has added the rule at a place.
    fn of(&self, place: usize) -> Option<usize> {
        let place = u32::try_from(place).ok()?;
        // What was flushed has left its place to others, whose lines come later.
        let at = self.0.iter().rposition(|added| added.place <= place)?;
        let from = self.0[at];
        let more = match self.0.get(at + 1).filter(|_| from.line & AND_MORE != 0) {
            Some(last) => {
                let [bytes, lines] = from.up_to(*last);
                u64::from(place - from.place) * lines / bytes
            }
            None => 0,
        };
        Some(from.line() as usize + more as usize)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The command of a line, and which word is its first argument.
pub(super) fn command_in(args: Args<'_>) -> Option<(usize, Command)> {
    (0..args.len()).find_map(|at| Some((at + 1, getopt::command_of(args.word(at))?)))
}

impl Restore<'_> {
    /// Says at which line of the file the refusal of a table comes from.
    #[cold]
    pub(super) fn locate(&self, Pending { table, lines, line }: &Pending, error: Error) -> Error {
        let kept = self.beginning.text();
        let located = |error: Error| match line_of(table, lines, &error) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found is what a list of all of them has.
    #[test]
    fn lines_are_found_by_places() {
        let mut random = 1_u32;
        let mut next = |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % below
        };
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        let (mut place, mut line) = (84, 3);
        for _ in 0..5000 {
            // Comments between them, flushed rules, lines of several rules, other sizes: all of them now and then.
            line += 1 + next(20) / 19;
            place = if next(200) == 0 { place / 2 } else { place };
            lines.add(place as usize, line as usize);
            all.push((place, line));
            place += [168, 168, 168, 168, 168, 168, 336, 200][next(8) as usize];
            let asked = next(place);
            let found = all.iter().rev().find(|(start, _)| *start <= asked).map(|(_, line)| *line as usize);
            assert_eq!(lines.of(asked as usize), found);
        }
        assert!(all.len() > 2 * lines.0.len());
    }

    #[test]
    fn lines_of_a_kind_need_no_memory() {
        let mut lines = Lines::default();
        (0..100_000).for_each(|at| lines.add(84 + 168 * at, 5 + at));
        assert_eq!(
            (lines.0.len(), lines.of(83), lines.of(84), lines.of(84 + 168 * 77_777)),
            (2, None, Some(5), Some(77_782))
        );
    }
}
