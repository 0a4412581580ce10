//! One error type: what is wrong, as a kind to match on and in libfw's own words, and the context it arose in. What
//! iptables would have said is in `iptables/words`.

mod accessors;
mod culprit;
mod doubt;
mod edit;
mod failure;
mod file;
mod json;
mod kind;
mod line;
mod malformed;
mod misfit;
mod mistake;
mod nft;
mod refused;
mod sample;
mod unsayable;
mod value;
mod warning;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use accessors::meant_family;
pub use doubt::Doubt;
pub(crate) use edit::BadEdit;
pub use failure::Holder;
pub(crate) use failure::{Failure, Why};
pub(crate) use file::{BadFile, Step};
pub(crate) use json::BadJson;
pub use kind::ErrorKind;
pub(crate) use line::BadLine;
pub(crate) use malformed::{BadTable, Malformed};
pub(crate) use misfit::Misfit;
pub(crate) use mistake::Mistake;
pub(crate) use nft::{BadNft, NftChange, WhyNot};
pub(crate) use refused::Refused;
pub(crate) use unsayable::Unsayable;
pub use value::BadValue;
pub(crate) use value::{BadProgram, BadTest, HeaderOption};
pub(crate) use warning::{Warning, tell, told_by};

use crate::types::{BackendKind, Family, order};

/// A [`std::result::Result`] with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed.
///
/// Its text says what was wrong, where, and what was expected. Match on [`kind`](Error::kind); the other accessors give the
/// context piece by piece, as far as it is known.
///
/// ```
/// use libfw::{ErrorKind, Family, Rule};
///
/// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 99999 -j ACCEPT").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidValue);
/// assert_eq!(error.option(), Some("dport"));
/// assert_eq!(error.token(), Some("99999"));
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    /// Shared with copies: there are hundreds, each of which would be copied in its own way.
    mistake: Arc<Mistake>,
    context: Context,
    io: Option<Arc<io::Error>>,
    /// The mistake in libfw's words, once somebody has asked for them.
    message: OnceLock<String>,
    step: Option<Step>,
    /// What else was refused at the same time.
    others: Vec<Error>,
    /// What could not be found out, and why.
    doubt: Option<(Doubt, Option<Arc<io::Error>>)>,
}

#[derive(Clone, Debug, Default)]
struct Context {
    backend: Option<BackendKind>,
    /// The change of nf_tables that was refused, or would be.
    change: Option<NftChange>,
    family: Option<Family>,
    table: Option<String>,
    chain: Option<String>,
    rule: Option<usize>,
    extension: Option<Cow<'static, str>>,
    option: Option<String>,
    token: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    text: Option<String>,
    /// The text is the rule as it is printed: where nobody wrote it, its columns say nothing without it.
    printed: bool,
    path: Option<String>,
    /// What else is odd about the place, and may be why.
    remark: Option<&'static str>,
}

impl Error {
    /// The system's error behind the mistake.
    #[cold]
    pub(crate) fn because(mut self, io: io::Error) -> Error {
        self.0.io = Some(io.into());
        self
    }

    /// The same with a closer look at what is wrong.
    pub(crate) fn becomes(mut self, mistake: impl Into<Mistake>) -> Error {
        self.0.mistake = Arc::new(mistake.into());
        self.0.message = OnceLock::new();
        self
    }

    /// What is wrong, in words.
    fn sentence(&self) -> String {
        match self.0.context.remark {
            Some(remark) => format!("{}; {remark}", self.0.mistake),
            None => self.0.mistake.to_string(),
        }
    }

    /// What is wrong.
    pub(crate) fn mistake(&self) -> &Mistake {
        &self.0.mistake
    }

    /// The system's error, where there is one.
    pub(crate) fn system(&self) -> Option<&io::Error> {
        self.0.io.as_deref()
    }

    /// The step of a save file at which it arose.
    #[cold]
    pub(crate) fn during(mut self, step: Step) -> Error {
        self.0.step = Some(step);
        self
    }

    pub(crate) fn step(&self) -> Option<&Step> {
        self.0.step.as_ref()
    }

    /// The same with what else was refused at the same time.
    #[cold]
    pub(crate) fn with_others(mut self, others: Vec<Error>) -> Error {
        self.0.others = others;
        self
    }

    /// This one and behind it the others.
    pub(crate) fn apart(mut self) -> Vec<Error> {
        let others = std::mem::take(&mut self.0.others);
        std::iter::once(self).chain(others).collect()
    }

    /// This one and the others, to say more of each.
    pub(crate) fn each(mut self, more: &mut dyn FnMut(Error) -> Error) -> Error {
        let others = std::mem::take(&mut self.0.others);
        let others = others.into_iter().map(&mut *more).collect();
        more(self).with_others(others)
    }

    /// The same where it arose, for a reason that was found out.
    pub(crate) fn explained(mut self, reason: Error) -> Error {
        let Inner { mistake, context, .. } = *reason.0;
        self.0.mistake = mistake;
        self.0.message = OnceLock::new();
        let mine = &mut self.0.context;
        mine.extension = context.extension.or(mine.extension.take());
        mine.option = context.option.or(mine.option.take());
        mine.token = context.token.or(mine.token.take());
        self
    }

    /// The same of another rule, which it was found out for by trying.
    pub(crate) fn moved(mut self, chain: String, rule: usize) -> Error {
        self.0.others.clear();
        let context = &mut self.0.context;
        (context.chain, context.rule) = (Some(chain), Some(rule));
        (context.line, context.column, context.text, context.printed) = (None, None, None, false);
        self
    }

    /// The same of a rule with another number.
    pub(crate) fn renumbered(mut self, rule: usize) -> Error {
        self.0.context.rule = Some(rule);
        self
    }

    /// The same with another text, and the column in it.
    pub(crate) fn shows(mut self, text: String, column: usize) -> Error {
        let context = &mut self.0.context;
        (context.text, context.column, context.printed) = (Some(text), Some(column), false);
        self
    }

    /// The same with the text that was read, unless an inner layer knows it.
    pub(crate) fn in_text(mut self, text: impl Into<String>) -> Error {
        self.read_context().text.get_or_insert_with(|| text.into());
        self
    }

    /// The same with the column in what was read, unless an inner layer knows it.
    pub(crate) fn at_column(mut self, column: usize) -> Error {
        self.read_context().column.get_or_insert(column);
        self
    }

    /// The context without how a rule is printed, for which what was read counts more.
    fn read_context(&mut self) -> &mut Context {
        let context = &mut self.0.context;
        if std::mem::take(&mut context.printed) {
            (context.text, context.column) = (None, None);
        }
        context
    }

    /// Whether no text shows what it is about but a rule as it is printed, if any.
    pub(crate) fn lacks_text(&self) -> bool {
        self.0.context.text.is_none() || self.0.context.printed
    }

    /// The same with the rule as it is printed, and the column in that.
    pub(crate) fn shows_printed(self, text: String, column: usize) -> Error {
        let mut error = self.shows(text, column);
        error.0.context.printed = true;
        error
    }

    /// The same with the one first, and the others behind it, that come first in a file.
    pub(crate) fn in_order(mut self) -> Error {
        let others = std::mem::take(&mut self.0.others);
        let mut all: Vec<Error> = std::iter::once(self).chain(others).collect();
        order::sort_by_key(&mut all, Error::line);
        let others = all.split_off(1);
        all.swap_remove(0).with_others(others)
    }

    /// The same with a hint, where a text is so wrong because it is the path of a file instead of what stands in that.
    pub(crate) fn unless_path(self, text: &[u8]) -> Error {
        let text = text.trim_ascii();
        let begins = [&b"/"[..], b"./", b"../", b"~/"].iter().any(|start| text.starts_with(start));
        let ends = [&b".rules"[..], b".json", b".txt", b".conf", b".v4", b".v6"];
        let is_path = begins || ends.iter().any(|end| text.ends_with(end));
        let is_word = !text.iter().any(u8::is_ascii_whitespace);
        if is_path && is_word { self.remarking(PATH) } else { self }
    }

    /// The change of nf_tables that was refused, or would be.
    pub(crate) fn change(&self) -> Option<NftChange> {
        self.0.context.change
    }

    /// The same of a rule that is inserted, though it would be the last.
    pub(crate) fn of_insertion(mut self) -> Error {
        if self.0.context.change == Some(NftChange::RuleAppend) {
            self.0.context.change = Some(NftChange::RuleInsert);
        }
        self
    }

    /// Whether it is about tables of nf_tables.
    pub(crate) fn is_of_nft(&self) -> bool {
        self.0.context.backend.is_some_and(BackendKind::is_nft)
    }

    /// Whether somebody else was faster: the same may work when it is done again.
    pub(crate) fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// The same of a place in a text of JSON, unless it has one within it. A column within a value counts for less.
    pub(crate) fn in_document(
        mut self,
        line: usize,
        column: usize,
        text: Option<String>,
        path: String,
    ) -> Error {
        let context = &mut self.0.context;
        if context.path.is_none() {
            context.line = Some(line);
            context.column = Some(column);
            context.text = text;
            context.path = Some(path);
        }
        self
    }
}

impl Error {
    /// The error of a text that is none of these names.
    #[cold]
    pub(crate) fn none_of(names: &'static [&'static str], text: &str) -> Error {
        Error::bad_value(text, BadValue::Choice { names, part: text.into() })
    }

    /// The error of a text that is no such value.
    #[cold]
    pub(crate) fn bad_value(text: &str, expected: BadValue) -> Error {
        let part = expected.culprit(text);
        let token = text[part].to_owned();
        Error::from(Mistake::Value { value: text.into(), expected }).at_token(token)
    }

    /// The value that cannot be read, and where in it the token is that is wrong.
    #[cold]
    pub(crate) fn value(&self) -> Option<(&str, Range<usize>)> {
        let Mistake::Value { value, expected } = self.mistake() else { return None };
        Some((value, expected.culprit(value)))
    }
}

macro_rules! context {
    ($($(#[$meta:meta])* $name:ident: $ty:ty => $field:ident,)*) => {
        /// The setters of the context: the innermost layer that knows a thing says it, outer layers do not overwrite.
        impl Error {$(
            $(#[$meta])*
            #[cold]
            #[inline(never)]
            pub(crate) fn $name(mut self, value: $ty) -> Error {
                self.0.context.$field.get_or_insert_with(|| value.into());
                self
            }
        )*}
    };
}

context! {
    in_backend: BackendKind => backend,
    changing: NftChange => change,
    in_family: Family => family,
    in_table: &str => table,
    in_chain: impl Into<String> => chain,
    at_rule: usize => rule,
    in_extension: impl Into<Cow<'static, str>> => extension,
    at_option: &str => option,
    at_token: impl Into<String> => token,
    at_line: usize => line,
    remarking: &'static str => remark,
}

/// What is said of a path where a text is read.
const PATH: &str =
    "this looks like the path of a file, but it is the text itself that is read: open the file";

/// A name in a sentence, where nothing ends a line or moves the cursor.
fn visible(name: &str) -> Cow<'_, str> {
    match name.contains(char::is_control) {
        true => name.escape_debug().to_string().into(),
        false => name.into(),
    }
}

/// The place first, then the message, then what the system said.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = &self.0.context;
        let mut place = Vec::new();
        let column = context.column.filter(|_| !context.printed);
        if let Some(line) = context.line {
            match column {
                Some(column) => place.push(format!("line {line}:{column}")),
                None => place.push(format!("line {line}")),
            }
        } else if let Some(column) = column {
            place.push(format!("column {column}"));
        }
        if let Some(path) = context.path.as_ref().filter(|path| !path.is_empty()) {
            place.push(path.clone());
        }
        match (context.family, &context.table) {
            (Some(family), Some(table)) => place.push(format!("{family} table {}", visible(table))),
            (None, Some(table)) => place.push(format!("table {}", visible(table))),
            _ => {}
        }
        if let Some(chain) = &context.chain {
            place.push(format!("chain {}", visible(chain)));
        }
        if let Some(rule) = context.rule {
            place.push(format!("rule {}", rule + 1));
        }
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        if let Some(extension) = &context.extension {
            write!(f, "{}: ", visible(extension))?;
        }
        if let Some(option) =
            context.option.as_ref().filter(|_| !self.0.mistake.names_option(column.is_some()))
        {
            write!(f, "--{option}: ")?;
        }
        if self.doubt() == Some(Doubt::Suspect) {
            write!(f, "it may be this rule: ")?;
        }
        f.write_str(&self.sentence())?;
        if let Some(io) = &self.0.io {
            write!(f, ": {io}")?;
        }
        if let Some((Doubt::Untried, Some(why))) = &self.0.doubt {
            write!(
                f,
                "; which rule it is was not found out, as there is no network namespace to try them in: {why}"
            )?;
        }
        self.0.others.iter().try_for_each(|other| write!(f, "; {other}"))
    }
}

/// The C library's words for an error, without the number that the standard library adds.
pub(crate) fn system_words(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_owned()
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.io.as_deref().map(|io| io as _)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("mistake", &self.0.mistake)
            .field("context", &self.0.context)
            .field("io", &self.0.io)
            .finish()
    }
}

/// For functions that return [`std::io::Result`]: of the nearest kind, with this error inside, which
/// [`downcast`](std::io::Error::downcast) gives back.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.kind() {
            ErrorKind::PermissionDenied => io::ErrorKind::PermissionDenied,
            ErrorKind::LockBusy => io::ErrorKind::WouldBlock,
            ErrorKind::Interrupted => io::ErrorKind::Interrupted,
            ErrorKind::OutOfMemory => io::ErrorKind::OutOfMemory,
            ErrorKind::NoSuchTable
            | ErrorKind::NoSuchChain
            | ErrorKind::NoSuchRule
            | ErrorKind::NoSuchObject => io::ErrorKind::NotFound,
            ErrorKind::ChainExists => io::ErrorKind::AlreadyExists,
            ErrorKind::InvalidArgument
            | ErrorKind::Syntax
            | ErrorKind::InvalidValue
            | ErrorKind::InvalidRule
            | ErrorKind::NoSuchExtension => io::ErrorKind::InvalidInput,
            ErrorKind::BackendAbsent | ErrorKind::ExtensionUnavailable => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// For a [`Backend`](crate::backend::Backend) of one's own, and for an edit that reads a file: of the kind [`Io`](ErrorKind::Io), with
/// the system's error as its source. An error of libfw's inside is given back as it was.
///
/// ```
/// use libfw::{Error, ErrorKind};
///
/// let error = Error::from(std::io::Error::other("the device does not answer"));
/// assert_eq!(error.kind(), ErrorKind::Io);
/// assert_eq!(error.to_string(), "reading or writing failed: the device does not answer");
/// let back = Error::from(std::io::Error::from(error));
/// assert_eq!(back.to_string(), "reading or writing failed: the device does not answer");
/// ```
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        error.downcast().unwrap_or_else(|io| Error::from(Failure::Other).because(io))
    }
}

impl From<Mistake> for Error {
    #[cold]
    #[inline(never)]
    fn from(mistake: Mistake) -> Error {
        Error(Box::new(Inner {
            mistake: Arc::new(mistake),
            context: Context::default(),
            io: None,
            message: OnceLock::new(),
            step: None,
            others: Vec::new(),
            doubt: None,
        }))
    }
}

macro_rules! from {
    ($($part:ty),*) => {$(
        impl From<$part> for Error {
            #[cold]
            #[inline(never)]
            fn from(part: $part) -> Error {
                Mistake::from(part).into()
            }
        }
    )*};
}
from!(BadEdit, BadFile, BadJson, BadLine, Misfit, Refused, Malformed, Failure, BadNft, Unsayable);
