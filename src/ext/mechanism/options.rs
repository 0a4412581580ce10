//! Option tables; `declare` has the macro that declares a typed value together with its table.

use super::datum::Datum;
use super::descriptor::Families;
use super::field::{Input, Shape};
use super::print::Sink;
use crate::Inv;
use crate::error::{BadValue, Warning};
use crate::types::fmt::number;

/// How an option's value is written, for other languages and for the reference page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// No value: the option is there or not.
    Flag,
    /// A whole number.
    Integer,
    /// Words separated by commas.
    List,
    /// Any other text.
    Text,
}

/// The kind of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ValueKind {
    /// How it is written.
    pub form: Form,
    /// What stands for it in a synopsis, such as `PORT[:PORT]`.
    pub label: &'static str,
    /// The names it may take, where it is one or several of a fixed list.
    pub choices: &'static [&'static str],
}

impl ValueKind {
    pub(crate) const FLAG: ValueKind = ValueKind::new(Form::Flag, "");

    pub(crate) const fn new(form: Form, label: &'static str) -> ValueKind {
        ValueKind { form, label, choices: &[] }
    }

    pub(crate) const fn text(label: &'static str) -> ValueKind {
        ValueKind::new(Form::Text, label)
    }
}

/// A name that the value of an option may have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueName {
    /// The name.
    pub name: &'static str,
    /// Other names for the same.
    pub others: Vec<&'static str>,
    /// Whether it stands for a part of what the last name that is no part stands for: a code of an ICMP type.
    pub part: bool,
}

impl ValueName {
    pub(crate) fn new(name: &'static str) -> ValueName {
        ValueName { name, others: Vec::new(), part: false }
    }
}

/// The names that the value of an option may have, in the order in which they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueNames {
    /// The line above them in the help of iptables, where programs look for one.
    pub heading: Option<&'static str>,
    /// The names; none where the value is not one of a list.
    pub names: Vec<ValueName>,
}

impl ValueNames {
    /// Names that stand in one line, with the option.
    pub(crate) fn inline(names: impl IntoIterator<Item = &'static str>) -> ValueNames {
        ValueNames { heading: None, names: names.into_iter().map(ValueName::new).collect() }
    }

    /// Names below a heading.
    pub(crate) fn below(heading: &'static str, names: impl IntoIterator<Item = ValueName>) -> ValueNames {
        ValueNames { heading: Some(heading), names: names.into_iter().collect() }
    }
}

/// An option of an extension.
///
/// The fields are what the parser works from; nothing is declared a second time for C, Python or the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// The long option without dashes.
    pub name: &'static str,
    /// Other spellings of the long option.
    pub aliases: &'static [&'static str],
    /// The field of the Rust type and the keyword in Python.
    pub field: &'static str,
    /// The description: the documentation of the field.
    pub description: &'static str,
    /// The kind of its value.
    pub kind: ValueKind,
    /// How many words the value takes.
    pub words: u8,
    /// Whether `!` may stand before it.
    pub negatable: bool,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it may be given more than once.
    pub repeats: bool,
    /// The smallest number it takes, where it takes one.
    pub min: u64,
    /// The largest number it takes; see [`max_of`](Opt::max_of).
    pub max: u64,
    /// The largest number in IPv6, where it is another.
    pub(crate) max_ipv6: Option<u64>,
    /// The families that have it.
    pub families: Families,
    /// The options of which none may stand beside it.
    pub excludes: &'static [&'static str],
    /// The options that must stand beside it.
    pub requires: &'static [&'static str],
    /// Whether it is another way to write the field that an option above it prints.
    pub spelling: bool,
    /// Whether it is printed even when it has its default value.
    pub always: bool,
    /// Whether it belongs to a group that repeats, such as an element of a policy.
    pub group: Option<&'static str>,
    /// Whether its value may be left out.
    pub optional: bool,
    /// The bit of the kernel's that says that it is given, and in another field that it is inverted; 0 if it has none.
    pub(crate) bit: u32,
    /// Whether its [`Value`](super::field::Value) is exact.
    pub(crate) exact: bool,
    /// Whether its value is read by a function of the extension's own, from words.
    pub(crate) custom: bool,
    /// Whether its text may hold bytes of any kind, because they are printed as numbers.
    pub(crate) binary: bool,
    /// Whether its text is printed without quotes where that can be read back, whatever letters it has.
    pub(crate) bare: bool,
    /// Whether iptables too refuses a text that is too long, where it cuts others.
    pub(crate) uncut: bool,
    /// Whether listings have no names for its value, even where they have for others of the type.
    pub(crate) unnamed: bool,
    /// A spelling that is going out of use, and what iptables says about it.
    pub(crate) deprecated: Option<(&'static str, &'static str)>,
    /// The protocol whose service names are read and printed.
    pub(crate) service: Option<&'static str>,
    /// The name in the messages of iptables, where it is not the one printed.
    pub(crate) formal: Option<&'static str>,
    /// The words of iptables when it is given twice or beside one it excludes, where they are not the usual ones.
    pub(crate) once: Option<&'static str>,
    /// The words of iptables when it is inverted but cannot be, where they are not the usual ones.
    pub(crate) not_inverted: Option<&'static str>,
    /// The words of iptables when its value is none of its names, which stands in place of the `{}`, where they are not the
    /// usual ones.
    pub(crate) misread: Option<&'static str>,
    /// The names its value may have.
    pub(crate) named: fn(crate::Family) -> ValueNames,
    /// What it says where the values of other options say it.
    pub(crate) respell: Option<Respell>,
}

/// Finds whether an option is inverted, and its value, by its field.
type Find<'a> = dyn Fn(&str) -> Option<(bool, Datum)> + 'a;

/// The value of an option from those of other ones, and whether it is inverted.
pub(crate) type Respell = fn(&Find<'_>) -> Option<(bool, Datum)>;

/// A number under a mask, of an option.
pub(crate) fn masked(find: &Find<'_>, field: &str) -> Option<(u64, u64)> {
    match find(field)?.1 {
        Datum::Masked { value, mask } => Some((value, mask)),
        Datum::Number(value) => Some((value, u32::MAX.into())),
        _ => None,
    }
}

/// What an option says that keeps only these bits, of `all` that there are, where one says it by value and mask.
pub(crate) fn kept_bits(find: &Find<'_>, field: &str, all: u64) -> Option<(bool, Datum)> {
    let (value, mask) = masked(find, field)?;
    (value == 0).then_some((false, Datum::Number(!mask & all)))
}

/// The same of one that sets these bits.
pub(crate) fn set_bits(find: &Find<'_>, field: &str) -> Option<(bool, Datum)> {
    let (value, mask) = masked(find, field)?;
    (value == mask).then_some((false, Datum::Number(value)))
}

/// The same of one that inverts these bits.
pub(crate) fn inverted_bits(find: &Find<'_>, field: &str) -> Option<(bool, Datum)> {
    let (value, mask) = masked(find, field)?;
    (mask == 0).then_some((false, Datum::Number(value)))
}

/// An option without its dashes.
pub(crate) const fn bare(option: &'static str) -> &'static str {
    option.split_at(2).1
}

impl Opt {
    pub(crate) const fn new(shape: Shape, option: &'static str, field: &'static str) -> Opt {
        Opt {
            name: bare(option),
            aliases: &[],
            field,
            description: "",
            kind: shape.kind,
            words: shape.words,
            negatable: shape.negatable,
            required: false,
            repeats: false,
            min: 0,
            max: shape.max,
            max_ipv6: None,
            families: Families::All,
            excludes: &[],
            requires: &[],
            spelling: false,
            always: false,
            group: None,
            optional: false,
            bit: 0,
            exact: shape.exact,
            custom: false,
            binary: false,
            bare: false,
            uncut: false,
            unnamed: false,
            deprecated: None,
            service: None,
            formal: None,
            once: None,
            not_inverted: None,
            misread: None,
            respell: None,
            named: shape.named,
        }
    }

    /// Whether its value is a list, or two words.
    pub(crate) const fn takes_several(&self) -> bool {
        matches!(self.kind.form, Form::List) || self.words == 2
    }

    /// The largest number it takes in a family.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
    /// assert_eq!(limit.option("limit-burst").unwrap().max_of(Family::Ipv4), 10_000);
    /// ```
    #[must_use]
    pub fn max_of(&self, family: crate::Family) -> u64 {
        family.pick(self.max, self.max_ipv6.unwrap_or(self.max))
    }

    /// Whether a value, as it is printed, is a number within the bounds, or a text that is empty only if it may be.
    pub(crate) fn takes(&self, value: &[u8], family: crate::Family) -> bool {
        match self.kind.form {
            Form::Integer => {
                number(value).is_some_and(|number| (self.min..=self.max_of(family)).contains(&number))
            }
            _ => self.min == 0 || !matches!(value, [] | [.., b' ', b'"', b'"'] | [b'"', b'"']),
        }
    }

    /// The description as plain text.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
    /// assert_eq!(limit.option("limit").unwrap().text(), "The rate at which the bucket is refilled.");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        text(self.description)
    }

    /// The names that its value may have in a family.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let reject = ext::find(ExtensionKind::Target, "REJECT", Family::Ipv4).unwrap();
    /// let values = reject.option("reject-with").unwrap().values(Family::Ipv4);
    /// assert!(values.names.iter().any(|value| value.name == "tcp-reset"));
    /// ```
    #[must_use]
    pub fn values(&self, family: crate::Family) -> ValueNames {
        (self.named)(family)
    }

    /// What this option says, and whether inverted, where other ones say it: `--set-mark` for a rule that has `--set-xmark`. `find` finds
    /// those by their [fields](Opt::field).
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Datum, Family};
    ///
    /// let dscp = ext::find(ExtensionKind::Match, "dscp", Family::Ipv4).unwrap();
    /// let class = dscp.option("dscp-class").unwrap();
    /// let found = class.respelled(&|field| (field == "dscp").then_some((true, Datum::Number(46))));
    /// assert_eq!(found, Some((true, Datum::from("EF"))));
    /// ```
    pub fn respelled(&self, find: &dyn Fn(&str) -> Option<(bool, Datum)>) -> Option<(bool, Datum)> {
        self.respell?(find)
    }

    /// What there is to say about one of its spellings.
    pub(crate) fn old_name(&self, spelling: &str) -> Option<Warning> {
        let (option, words) = self.deprecated.filter(|(old, _)| *old == spelling)?;
        Some(Warning::OldName { option, words })
    }

    /// The name in the messages of iptables.
    pub(crate) fn formal(&self) -> &'static str {
        self.formal.unwrap_or(self.name)
    }

    /// The long option and its other spellings.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).unwrap();
    /// let names: Vec<_> = tcp.option("dport").unwrap().names().collect();
    /// assert_eq!(names, ["dport", "destination-port"]);
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Which options are given by what the kernel has, and which of these are inverted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    given: u32,
    inverted: u32,
}

impl Given {
    pub(crate) fn new(given: impl Into<u32>, inverted: impl Into<u32>) -> Given {
        Given { given: given.into(), inverted: inverted.into() }
    }

    /// Whether the option of the bit is inverted, if it is given.
    pub(crate) fn inverted(self, bit: u32) -> Option<bool> {
        (self.given & bit != 0).then_some(self.inverted & bit != 0)
    }

    /// The value of the option of the bit, if that is given.
    pub(crate) fn value<T>(self, bit: u32, value: T) -> Option<Inv<T>> {
        self.inverted(bit).map(|inverted| Inv::new(inverted, value))
    }
}

/// A documentation comment without the space that begins its lines.
pub(crate) fn text(comment: &str) -> String {
    let lines: Vec<_> = comment.trim().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// A rule that shows what an extension is for, with options that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Example {
    /// The family of the rule.
    pub family: crate::Family,
    /// The options of iptables that make the rule.
    pub rule: &'static str,
}

/// What [`options!`] makes of a declaration.
pub trait Options: std::fmt::Debug + Clone + Default + PartialEq + Send + Sync + 'static {
    /// The name of the type.
    const NAME: &'static str;
    /// The documentation of the type.
    const DESCRIPTION: &'static str;
    /// The kernel header that declares the data; empty where there is no data.
    const HEADER: &'static str;
    /// Rules with the extension, all of one family.
    const EXAMPLES: &'static [Example];
    /// The option table.
    const OPTIONS: &'static [Opt];

    /// The extension of this type.
    fn extension() -> &'static super::descriptor::Extension;

    /// The options that were given as texts, and not read yet.
    fn unread(&self) -> &super::given::Unread;

    /// Sets an option from text.
    fn set(&mut self, option: usize, inverted: bool, input: &Input<'_>) -> Result<(), BadValue>;

    /// Shows every option that has a value, in the order of the table.
    fn visit(&self, sink: &mut dyn Sink);

    /// The bits of the options that are given, and of those that are inverted.
    fn bits(&self) -> [u32; 2];

    /// Sets the flags whose bits are among those given, or inverted.
    fn set_flags(&mut self, given: u32, inverted: u32);

    /// The value with these flags and nothing else.
    fn of_flags(given: u32, inverted: u32) -> Self {
        let mut value = Self::default();
        value.set_flags(given, inverted);
        value
    }
}
