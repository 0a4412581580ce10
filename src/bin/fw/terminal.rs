//! What is written for people: colour, widths, numbers in short. None of it where no terminal listens.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

/// Whether to write in colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn read(word: &[u8]) -> Result<Color, String> {
        match word {
            b"auto" => Ok(Color::Auto),
            b"always" => Ok(Color::Always),
            b"never" => Ok(Color::Never),
            _ => Err("--color is auto, always or never".into()),
        }
    }
}

/// What listens to the standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// How many letters fit on a line; none where lines may be as long as they are.
    pub(crate) columns: Option<usize>,
    pub(crate) lines: Option<usize>,
    pub(crate) colors: bool,
}

impl Screen {
    pub(crate) fn new(color: Color) -> Screen {
        let terminal = io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let number = |name| set(name)?.to_str()?.parse::<usize>().ok().filter(|number| *number > 0);
        let size = libfw::terminal::size(io::stdout().as_fd());
        let columns = || number("COLUMNS").or(size.map(|(columns, _)| columns.into())).unwrap_or(80);
        let dumb = set("TERM").is_none_or(|term| term == OsStr::new("dumb"));
        Screen {
            columns: terminal.then(columns),
            lines: terminal.then(|| number("LINES").or(size.map(|(_, lines)| lines.into())).unwrap_or(24)),
            colors: match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => terminal && !dumb && set("NO_COLOR").is_none(),
            },
        }
    }

    /// A text in a style, where there is colour.
    pub(crate) fn paint(self, style: Style, text: impl fmt::Display) -> String {
        match style.code() {
            Some(code) if self.colors => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_string(),
        }
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Name,
}

impl Style {
    fn code(self) -> Option<&'static str> {
        match self {
            Style::Plain => None,
            Style::Bold => Some("1"),
            Style::Dim => Some("2"),
            Style::Good => Some("32"),
            Style::Bad => Some("31"),
            Style::Name => Some("36"),
        }
    }

    /// The style of a verdict or target.
    pub(crate) fn of_target(name: &str) -> Style {
        match name {
            "ACCEPT" => Style::Good,
            "DROP" | "REJECT" => Style::Bad,
            _ => Style::Plain,
        }
    }
}

/// A text without anything that a terminal would obey, or that shows letters in another order than they stand.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| if odd(letter) { '\u{fffd}' } else { letter }).collect())
}

/// A number in four letters or less, and a letter for its thousands.
pub(crate) fn short(number: u64) -> String {
    scaled(number, 1000, &["", "k", "M", "G", "T", "P", "E"])
}

/// Bytes, in units of 1024.
pub(crate) fn short_bytes(number: u64) -> String {
    scaled(number, 1024, &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
}

fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let mut unit = 0;
    let mut whole = number;
    let mut tenths = 0;
    while whole >= step && unit + 1 < units.len() {
        tenths = whole % step * 10 / step;
        whole /= step;
        unit += 1;
    }
    let space = if units[unit].len() > 1 || units[0] == "B" { " " } else { "" };
    if unit > 0 && whole < 10 {
        return format!("{whole}.{tenths}{space}{}", units[unit]);
    }
    format!("{whole}{space}{}", units[unit])
}

/// How many places a text takes: one for each letter, two for wide ones, none for those that stand on others.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(letter_width).sum()
}

fn letter_width(letter: char) -> usize {
    match letter as u32 {
        0x300..0x370 | 0x200b..0x200e | 0xfe00..0xfe10 | 0xfe20..0xfe30 => 0,
        0x1100..0x1160
        | 0x2e80..0xa4d0
        | 0xac00..0xd7a4
        | 0xf900..0xfb00
        | 0xfe30..0xfe70
        | 0xff00..0xff61 => 2,
        0xffe0..0xffe7 | 0x1f300..0x1f650 | 0x1f900..0x1fa00 | 0x20000..0x3fffe => 2,
        _ => 1,
    }
}

/// Lines of words that have at most so many places; a longer word is broken.
pub(crate) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let most = most.max(8);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let needed = width(word);
        if used > 0 && used + 1 + needed > most {
            lines.push(String::new());
            used = 0;
        }
        let line = |lines: &mut Vec<String>, text: &str| lines.last_mut().map(|line| line.push_str(text));
        if used > 0 {
            line(&mut lines, " ");
            used += 1;
        }
        for letter in word.chars() {
            let needed = letter_width(letter);
            if used + needed > most {
                lines.push(String::new());
                used = 0;
            }
            line(&mut lines, letter.encode_utf8(&mut [0; 4]));
            used += needed;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_short() {
        let table = [
            (0, "0", "0 B"),
            (999, "999", "999 B"),
            (1000, "1.0k", "1000 B"),
            (1023, "1.0k", "1023 B"),
            (1536, "1.5k", "1.5 KiB"),
            (123_456, "123k", "120 KiB"),
            (9_999_999, "9.9M", "9.5 MiB"),
            (u64::MAX, "18E", "15 EiB"),
        ];
        for (number, packets, bytes) in table {
            assert_eq!((&*short(number), &*short_bytes(number)), (packets, bytes));
        }
    }

    #[test]
    fn texts_fit() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("0123456789abcdef x", 8), ["01234567", "89abcdef", "x"]);
        assert_eq!(wrapped("", 8), [""]);
        assert_eq!(width("a\u{308}\u{4e2d}b"), 4);
        assert_eq!(clean("a\x1b[31mb\u{202e}"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(clean("gr\u{fc}n"), "gr\u{fc}n");
    }
}
