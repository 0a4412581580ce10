//! The lines of a save file that errors are about.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::Error;
use crate::rule::grammar::args::column_in;
use crate::table::Table;

/// How much of a save file is kept, to show the line of a rule that is refused when the table is written.
const KEPT: usize = 256 << 10;

/// What a file begins with, as far as it is kept.
#[derive(Clone, Default)]
pub(super) struct Beginning(Rc<RefCell<Vec<u8>>>);

impl Beginning {
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
        kept.extend(buffer.iter().take(count.min(room)));
        Ok(count)
    }
}

/// The error with the line of the save file that it is about as it stands there, and the column of the word that is wrong.
///
/// [`restore`](crate::iptables::restore) does so itself if the line is in the first 256 KiB of the file. Of one behind it the error shows the rule as it is
/// printed, since nothing more is kept: who can read the file again gives it here.
///
/// ```
/// use libfw::iptables::{self, RestoreOptions};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let file = "*filter\n-A INPUT -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n";
/// let options = RestoreOptions::new();
/// let mut out = std::io::sink();
/// let done = iptables::restore(&kernel, Family::Ipv4, &mut file.as_bytes(), &options, &mut out, &mut |_| {});
/// let error = iptables::quote(done.unwrap_err(), file);
/// assert_eq!((error.line(), error.column()), (Some(3), Some(13)));
/// assert_eq!(error.rule_text(), Some("-A INPUT -m owner --uid-owner 0"));
/// ```
#[must_use]
pub fn quote(error: Error, file: impl AsRef<[u8]>) -> Error {
    error.each(&mut |error| quoted(error, file.as_ref()))
}

#[cold]
pub(super) fn quoted(error: Error, file: &[u8]) -> Error {
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
pub(super) fn shown(table: &Table, error: Error) -> Error {
    let rule = error
        .chain()
        .zip(error.rule())
        .filter(|_| error.rule_text().is_none())
        .and_then(|(chain, rule)| Some(format!("-A {chain} {}", table.chain(chain)?.rule(rule)?)));
    let Some(text) = rule else { return error };
    let column = column_in(&text, &error).unwrap_or(1);
    error.in_text(text).at_column(column)
}

/// The line of the rule that an error is about.
pub(super) fn line_of(table: &Table, lines: &[(usize, usize)], error: &Error) -> Option<usize> {
    let place = table.place_of(error.chain()?, error.rule()?)? as usize;
    // What was flushed has left its place to others, whose lines come later.
    lines.iter().rev().find(|(start, _)| *start <= place).map(|(_, line)| *line)
}
