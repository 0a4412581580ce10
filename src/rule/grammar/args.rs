//! Words: of a line, or of a command line.

use super::getopt;
use crate::error::BadLine;
use crate::{Error, Result};

/// The longest word of a save file, in bytes.
pub(super) const WORD_MAX: usize = 1023;
/// The most words on a line.
pub(super) const WORDS_MAX: usize = 254;
/// What gives a match or target its data as the kernel has them.
pub(crate) const OPAQUE: &[u8] = b"--opaque";

/// A part of a text, by its first byte and the one after its last.
pub(crate) type TextSpan = (u32, u32);

/// A text and the words in it.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a> {
    pub(crate) text: &'a [u8],
    words: &'a [TextSpan],
}

/// The column of a line that an error is about, if it can be found there.
#[cold]
pub(crate) fn column_in(line: &str, error: &Error) -> Option<usize> {
    let (mut buffer, mut words) = (line.as_bytes().to_vec(), Words::default());
    words.split(&mut buffer, 0).ok()?;
    words.args(&buffer).locate(error)
}

/// The error with the rule that it is about as it is printed, where no text is known that was read.
#[cold]
pub(crate) fn show_rule(error: Error, rule: impl std::fmt::Display) -> Error {
    if !error.lacks_text() {
        return error;
    }
    let text = rule.to_string();
    let column = column_in(&text, &error).unwrap_or(1);
    error.shows_printed(text, column)
}

impl<'a> Args<'a> {
    pub(crate) fn len(self) -> usize {
        self.words.len()
    }

    /// The word at a position; empty beyond the end.
    pub(crate) fn word(self, at: usize) -> &'a [u8] {
        self.words.get(at).map_or(&[], |span| self.slice(*span))
    }

    pub(crate) fn span(self, at: usize) -> TextSpan {
        self.words.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn slice(self, (start, end): TextSpan) -> &'a [u8] {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The column, counted from 1, of what an error is about: the word that could not be read, or its option, or else the
    /// match or target.
    #[cold]
    pub(crate) fn locate(self, error: &Error) -> Option<usize> {
        let column = |at: usize| self.span(at).0 as usize + 1;
        // Of a value the part is looked for where the value is.
        let (token, part) = match error.value() {
            Some((value, part)) => (Some(value), part.start),
            None => (error.said_token(), 0),
        };
        let token = token.map(str::as_bytes).filter(|token| !token.is_empty());
        let has = |at: usize, part: &[u8]| self.word(at).windows(part.len()).any(|window| window == part);
        let behind = |option: &str| {
            let whole =
                |at: &usize| self.word(*at).strip_prefix(b"--").is_some_and(|name| name == option.as_bytes());
            let longer = |at: &usize| {
                let name =
                    self.word(*at).strip_prefix(b"--").and_then(|name| name.strip_suffix(option.as_bytes()));
                name.is_some_and(|before| before.ends_with(b"-"))
            };
            let all = || (0..self.len()).rev();
            // What looks like it may be the value of another option.
            let exact = |at: &usize| whole(at) && token.is_some_and(|token| self.word(at + 1) == token);
            let valued =
                |at: &usize| whole(at) && token.is_none_or(|token| at + 1 < self.len() && has(at + 1, token));
            let spelled = |at: &usize| spells(self.word(*at), option);
            all()
                .find(exact)
                .or_else(|| all().find(valued))
                .or_else(|| all().find(whole))
                .or_else(|| all().find(spelled))
                .or_else(|| all().find(longer))
        };
        // The match or target by its name, behind the option that names it.
        let named = |name: &str| {
            (1..self.len()).find(|at| {
                let before = self.word(at - 1);
                self.word(*at) == name.as_bytes() && (spells(before, "match") || spells(before, "jump"))
            })
        };
        let option = error.option().filter(|_| !error.mistake().is_of_absence()).and_then(behind);
        // Chains, options and values may have the same names as what the rule goes to.
        let jump = || behind("jump").into_iter().chain(behind("goto")).max();
        let named = error.extension().and_then(named);
        let from = option.or_else(|| jump().filter(|_| error.mistake().is_of_jump())).or(named).unwrap_or(0);
        if let Some(token) = token {
            let whole = (from..self.len()).find(|at| self.word(*at) == token).map(column);
            let within = || {
                (from..self.len()).find_map(|at| {
                    let start = self.word(at).windows(token.len()).rposition(|part| part == token)?;
                    Some(column(at) + start)
                })
            };
            if let Some(column) = whole.or_else(within) {
                return Some(column + part);
            }
            // A value of two words.
            if let Some(at) = option.filter(|_| token.contains(&b' ')) {
                let first = self.word(at + 1).len();
                return Some(if part > first {
                    column(at + 2) + part - first - 1
                } else {
                    column(at + 1) + part
                });
            }
        }
        // An empty value, or one that has nothing where a part should be.
        if error.said_token() == Some("") {
            let empty = (from..self.len()).find(|at| self.word(*at).is_empty());
            let value = option.and_then(|at| {
                let word = self.word(at);
                let sign = word.iter().position(|byte| *byte == b'=').filter(|_| word.starts_with(b"--"));
                match sign {
                    Some(sign) => Some((column(at) + sign + 1, &word[sign + 1..])),
                    None if word.starts_with(b"--") || word.len() == 2 => {
                        Some((column(at + 1), self.word(at + 1))).filter(|_| at + 1 < self.len())
                    }
                    None => None,
                }
            });
            if let Some((start, value)) = value {
                // Behind a slash, or at the comma behind which, or before which, there is nothing.
                let hole = match value {
                    [.., b'/'] => value.len(),
                    [.., b','] => value.len() - 1,
                    _ => value.windows(2).position(|two| two == b",,").map_or(0, |at| at + 1),
                };
                return Some(start + hole);
            }
            if let Some(at) = empty {
                return Some(column(at));
            }
        }
        let extension = || {
            let name = error.extension()?.as_bytes();
            named.or_else(|| (0..self.len()).find(|at| self.word(*at) == name))
        };
        let value = option.filter(|_| error.mistake().is_of_value() && error.said_token().is_none());
        match value.map(|at| (at, self.word(at).iter().position(|byte| *byte == b'='))) {
            Some((at, Some(sign))) => return Some(column(at) + sign + 1),
            Some((at, None)) if at + 1 < self.len() => return Some(column(at + 1)),
            _ => {}
        }
        option.or_else(extension).map(column)
    }

    /// The column of an error, and the text in which it counts.
    #[cold]
    pub(crate) fn address(self, error: Error) -> Error {
        let column = self.locate(&error);
        let error = error.in_text(String::from_utf8_lossy(self.text));
        match column {
            Some(column) => error.at_column(column),
            None => error,
        }
    }

    /// Whether there is a word at this position that is no option, and so the optional argument of the one before.
    pub(crate) fn has_operand(self, at: usize) -> bool {
        at < self.len() && !matches!(self.word(at).first(), Some(b'-' | b'!'))
    }
}

/// The words of a text, in a buffer that is used again for the next.
#[derive(Default)]
pub(crate) struct Words {
    spans: Vec<TextSpan>,
    /// Whether the line has an option `--opaque`. iptables does not know it, so its limits are not for such a line.
    unlimited: bool,
}

impl Words {
    /// Words that are separate already, and the text they are put into.
    pub(crate) fn join<T: AsRef<[u8]>>(args: impl IntoIterator<Item = T>) -> (Vec<u8>, Words) {
        let mut text = Vec::new();
        let mut words = Words::default();
        for arg in args {
            if !text.is_empty() {
                text.push(b' ');
            }
            let start = text.len() as u32;
            text.extend_from_slice(arg.as_ref());
            words.spans.push((start, text.len() as u32));
        }
        (text, words)
    }

    /// Splits what follows a position of a line at spaces and tabs. A double quote begins a word in which a backslash
    /// takes the next byte as it is; the closing quote ends the word. Escapes are resolved in place.
    pub(crate) fn split(&mut self, line: &mut [u8], from: usize) -> Result<()> {
        self.spans.clear();
        self.unlimited = false;
        let mut at = from;
        loop {
            // A word may be empty here: between two separators, or before a quote that begins one.
            let start = at;
            at = word_end(line, at);
            match line.get(at) {
                // A quote in the middle of a word goes on with it.
                Some(b'"') => at = self.quoted(line, if at == start { at + 1 } else { start }, at + 1)?,
                end => {
                    if at > start {
                        self.push(line, start, at)?;
                    }
                    if end.is_none() {
                        return Ok(());
                    }
                    at += 1;
                }
            }
        }
    }

    /// Reads on behind an opening quote; the word begins at `start`, and what follows the quote at `from`.
    fn quoted(&mut self, line: &mut [u8], start: usize, from: usize) -> Result<usize> {
        // Most quoted words have nothing to resolve, and begin with the quote.
        let special = |byte: &u8| matches!(byte, b'"' | b'\\');
        let plain = line[from..].iter().position(special).unwrap_or(line.len() - from);
        let mut read = from;
        // The quote itself is dropped.
        let mut write = if start == from { from } else { from - 1 };
        if start == from {
            (read, write) = (from + plain, from + plain);
        }
        while *line.get(read).ok_or_else(|| unclosed(from))? != b'"' {
            if line[read] == b'\\' && read + 1 < line.len() {
                read += 1;
            }
            line[write] = line[read];
            write += 1;
            read += 1;
        }
        self.push(line, start, write)?;
        Ok(read + 1)
    }

    #[inline]
    fn push(&mut self, line: &[u8], start: usize, end: usize) -> Result<()> {
        if (end - start > WORD_MAX || self.spans.len() >= WORDS_MAX) && !self.unlimited {
            self.unlimited = is_opaque(line);
            if !self.unlimited {
                return Err(too_much(start, end));
            }
        }
        self.spans.push((start as u32, end as u32));
        Ok(())
    }

    pub(crate) fn args<'a>(&'a self, text: &'a [u8]) -> Args<'a> {
        Args { text, words: &self.spans }
    }
}

/// Whether a word is an option, perhaps with its value; a long name may be cut short.
fn spells(word: &[u8], option: &str) -> bool {
    match word {
        [b'-', b'-', long @ ..] if !long.is_empty() => {
            let name = long.split(|byte| *byte == b'=').next().unwrap_or_default();
            option.as_bytes().starts_with(name)
        }
        [b'-', letter, ..] => getopt::is_letter_of(*letter, option),
        _ => false,
    }
}

/// Where the word ends that goes on at a position: at a space, a tab, the end of the line or a double quote.
#[inline]
pub(crate) fn word_end(line: &[u8], mut at: usize) -> usize {
    loop {
        // All bytes that end a word come before this one.
        at = skip(line, at, |eight| below(eight, b'#'));
        match line.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'"') | None => return at,
            Some(_) => at += 1,
        }
    }
}

/// Where the next double quote is.
#[inline]
pub(super) fn quote(line: &[u8]) -> Option<usize> {
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    let mut at = 0;
    loop {
        at = skip(line, at, |eight| below(eight ^ QUOTES, 1));
        match line.get(at)? {
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

/// Goes on eight bytes at a time, to the first of eight that are marked by their highest bit; the last few are not looked at.
#[inline]
fn skip(line: &[u8], mut at: usize, marked: impl Fn(u64) -> u64) -> usize {
    while let Some(Ok(eight)) = line.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let marks = marked(u64::from_le_bytes(eight));
        at += marks.trailing_zeros() as usize / 8;
        if marks != 0 {
            break;
        }
    }
    at
}

/// The highest bit of each byte that is less than one; of those behind the first it may be wrong.
#[inline]
fn below(eight: u64, above: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = LOW << 7;
    eight.wrapping_sub(LOW * u64::from(above)) & !eight & HIGH
}

/// Whether a line has an option `--opaque`, and so none of the limits of iptables.
#[cold]
pub(crate) fn is_opaque(line: &[u8]) -> bool {
    line.windows(OPAQUE.len() + 1).any(|part| part.strip_prefix(b" ") == Some(OPAQUE))
}

/// The error for a double quote without another behind it.
#[cold]
fn unclosed(behind: usize) -> Error {
    Error::from(BadLine::OpenQuote).at_column(behind)
}

#[cold]
fn too_much(start: usize, end: usize) -> Error {
    let bad = match end - start > WORD_MAX {
        true => BadLine::LongWord { max: WORD_MAX },
        false => BadLine::ManyWords { max: WORDS_MAX },
    };
    Error::from(bad).at_column(start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_as_in_save_files() {
        for (line, expected) in [
            ("-A INPUT  -j\tACCEPT", vec!["-A", "INPUT", "-j", "ACCEPT"]),
            (r#"--comment "a b" -j X"#, vec!["--comment", "a b", "-j", "X"]),
            (r#""a"b"#, vec!["a", "b"]),
            (r#""""#, vec![""]),
            (r#""a\"b\\c\'d""#, vec![r#"a"b\c'd"#]),
            (r"a\b 'c d'", vec![r"a\b", "'c", "d'"]),
            ("", vec![]),
            ("a-word-of-many-letters!and#signs next\n", vec!["a-word-of-many-letters!and#signs", "next"]),
            ("12345678 1234567\x01 \u{e4}\u{f6}\u{fc}\u{df}", vec!["12345678", "1234567\x01", "äöüß"]),
        ] {
            let mut text = line.as_bytes().to_vec();
            let mut words = Words::default();
            words.split(&mut text, 0).unwrap();
            let args = words.args(&text);
            let found: Vec<_> =
                (0..args.len()).map(|at| String::from_utf8_lossy(args.word(at)).into_owned()).collect();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_by_its_column() {
        for (line, column) in [
            (r#""open end"#, 1),
            (r#"--comment "open -j DROP"#, 11),
            (r#"--comment "a\" -j DROP"#, 11),
            (r#"--comment mid"dle -j DROP"#, 14),
            (r#"-A "a" "b" """#, 0),
            (r#"-A "a" "b" "" ""#, 15),
            ("\"", 1),
            ("\"\\", 1),
            ("a \"\n", 3),
        ] {
            let error = Words::default().split(&mut line.as_bytes().to_vec(), 0).err();
            assert_eq!(error.as_ref().and_then(Error::column).unwrap_or(0), column, "{line}");
            assert!(error.is_none_or(|error| error.kind() == crate::ErrorKind::Syntax), "{line}");
        }
    }

    #[test]
    fn lines_with_opaque_data_have_no_limits() {
        let split = |line: String| Words::default().split(&mut line.into_bytes(), 0);
        let (long, many) = ("f".repeat(5000), "-m x --opaque 0: ".repeat(100));
        assert!(split(format!("-m x --opaque 0:{long}")).is_ok());
        assert!(split(many.clone()).is_ok());
        assert!(split(format!("-m x --comment {long}")).is_err());
        assert!(split(many.replace("--opaque", "--other")).is_err());
    }
}
