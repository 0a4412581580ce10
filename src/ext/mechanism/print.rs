//! The two texts of a rule: options that can be read back, and the listing for people.

use super::context::RuleContext;
use super::datum::Shown;
use super::descriptor::Codec;
use super::field::Value;
use super::options::{Opt, Options};
use crate::types::fmt::{decimal, hex};
use crate::types::text::{enclosed, word};

/// Stands in the options of a match or target where they do not tell everything; it is then printed as bytes. No text that
/// can be read back has such a byte.
pub(super) const UNTOLD: u8 = 0;

/// Prints the value of an option.
pub struct Printer<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) style: Style,
    /// Whether strings are quoted only where they could not be read back otherwise.
    pub(crate) bare: bool,
    pub(crate) cx: &'a RuleContext<'a>,
}

/// Where a value is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// In a rule that can be read back.
    Save,
    /// By itself, for another language.
    Value,
    /// In a listing, with names for addresses and numbers.
    List,
    /// In a listing with numbers, `-n`.
    NumericList,
}

impl Printer<'_> {
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    /// The same printer for a value that has no names in listings.
    pub(crate) fn plain(&mut self) -> Printer<'_> {
        Printer { out: self.out, style: Style::Value, bare: self.bare, cx: self.cx }
    }

    pub(crate) fn decimal(&mut self, number: impl Into<u64>) {
        decimal(self.out, number.into());
    }

    /// Prints a number as `0x…`, with at least that many digits.
    pub(crate) fn hex(&mut self, number: impl Into<u64>, width: usize) {
        self.text("0x");
        hex(self.out, number.into(), width);
    }

    /// Prints a string, in quotes where a save file needs them.
    pub(crate) fn string(&mut self, string: &[u8]) {
        match self.style {
            Style::Save if self.bare => word(self.out, string),
            Style::Save => quoted(self.out, string),
            _ => self.text(string),
        }
    }

    /// Says that what is printed does not tell everything about the value, or cannot be read back.
    #[cold]
    pub(crate) fn untold(&mut self) {
        if self.style == Style::Save {
            self.out.push(UNTOLD);
        }
    }

    /// Prints a string that a save file has in quotes whatever letters it has.
    pub(crate) fn enclosed(&mut self, string: &[u8]) {
        if self.style == Style::Save {
            enclosed(self.out, string);
        } else {
            self.text(string);
        }
    }
}

/// Prints a string for a save file: bare if it is a plain word, otherwise in double quotes with `\` before `"`, `\`
/// and `'`.
pub(crate) fn quoted(out: &mut Vec<u8>, string: &[u8]) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !string.is_empty() && string.iter().all(plain) {
        out.extend_from_slice(string);
        return;
    }
    enclosed(out, string);
}

/// Receives the options of an extension one by one.
pub trait Sink {
    /// Whether fields that have their default value are shown too.
    fn wants_defaults(&self) -> bool {
        false
    }

    /// Takes an option; `print` prints its value.
    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>));

    /// Takes an option whose value is of one type.
    fn value(&mut self, opt: &'static Opt, inverted: bool, value: &dyn Shown) {
        self.option(opt, inverted, &|out| value.print(out));
    }
}

/// Writes options as `-S` and save files show them, each with a space before it, and notes which they are.
pub(crate) struct SaveSink<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) cx: &'a RuleContext<'a>,
    pub(crate) options: &'static [Opt],
    /// A bit for each option.
    pub(crate) seen: u64,
    /// Whether a value lies beyond what its option takes.
    pub(crate) out_of_range: bool,
}

impl Sink for SaveSink<'_> {
    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        if let Some(index) = self.options.iter().position(|known| known.name == opt.name) {
            self.seen |= 1 << index;
        }
        self.out.extend_from_slice(if inverted { b" ! --" } else { b" --" });
        self.out.extend_from_slice(opt.name.as_bytes());
        if opt.words > 0 {
            self.out.push(b' ');
            let value = self.out.len();
            print(&mut Printer { out: self.out, style: Style::Save, bare: opt.bare, cx: self.cx });
            if opt.optional && self.out.len() == value {
                self.out.pop();
            } else {
                self.out_of_range |= !opt.takes(&self.out[value..], self.cx.family);
            }
        }
    }
}

/// Prints the text of `-L`.
pub struct List<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    /// Numbers instead of names, `-n`.
    pub(crate) numeric: bool,
    pub(crate) cx: &'a RuleContext<'a>,
}

impl<'a> List<'a> {
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    pub(crate) fn decimal(&mut self, number: impl Into<u64>) {
        decimal(self.out, number.into());
    }

    /// The printer of values, without quotes, and with names unless numbers are wanted.
    pub(crate) fn printer(&mut self) -> Printer<'_> {
        let style = if self.numeric { Style::NumericList } else { Style::List };
        Printer { out: self.out, style, bare: true, cx: self.cx }
    }

    /// Prints a value.
    pub(crate) fn value(&mut self, value: &impl Value) {
        value.print(&mut self.printer());
    }

    /// Prints every option as ` [! ]NAME VALUE`, in the order of `-S`.
    pub(crate) fn saved(&mut self, value: &impl Codec) {
        value.save(&mut self.sink());
    }

    /// Prints every option as ` [! ]NAME VALUE`.
    pub(crate) fn options(&mut self, value: &impl Options) {
        value.visit(&mut self.sink());
    }

    /// Where options go that are printed with their dashes.
    pub(crate) fn dashed<'b>(&'b mut self) -> impl Sink + use<'a, 'b> {
        ListSink { list: self, dashes: "--" }
    }

    /// Where options go that are printed one by one.
    pub(crate) fn sink<'b>(&'b mut self) -> impl Sink + use<'a, 'b> {
        ListSink { list: self, dashes: "" }
    }
}

/// Prints options in a listing, usually without dashes.
struct ListSink<'a, 'b> {
    list: &'a mut List<'b>,
    dashes: &'static str,
}

impl Sink for ListSink<'_, '_> {
    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        self.list.text(if inverted { " ! " } else { " " });
        self.list.text(self.dashes);
        self.list.text(opt.name);
        if opt.words > 0 {
            self.list.text(" ");
            let mut printer = self.list.printer();
            match opt.unnamed {
                true => print(&mut printer.plain()),
                false => print(&mut printer),
            }
        }
    }
}

/// The `!` of an inverted value in a listing.
pub(crate) fn bang(inverted: bool) -> &'static str {
    if inverted { "!" } else { "" }
}

/// Prints formatted text into a listing, which cannot fail.
macro_rules! show {
    ($out:expr, $($argument:tt)*) => {{
        let _ = std::fmt::Write::write_fmt($out, format_args!($($argument)*));
    }};
}
pub(crate) use show;

impl std::fmt::Write for List<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.text(text);
        Ok(())
    }
}
