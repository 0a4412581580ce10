//! How the fields of a typed value are read from options and shown as options.

use super::context::RuleContext;
use super::datum::Datum;
use super::engine::words;
use super::options::{Form, Opt, ValueKind, ValueNames};
use super::print::{Printer, Sink};
use crate::error::{BadValue, Warning};
use crate::types::fmt::number;
use crate::types::text::breaks_line;
use crate::{Family, Inv};

/// The text of an option's value and all that is known about it.
pub struct Input<'a> {
    /// The value's words; one, unless the option's table entry says two.
    pub(crate) words: [&'a [u8]; 2],
    /// The value, where it is given as one and not in words.
    pub(crate) datum: Option<&'a Datum>,
    pub(crate) opt: &'static Opt,
    pub(crate) cx: &'a RuleContext<'a>,
    /// The position on the command line.
    pub(crate) position: usize,
}

impl<'a> Input<'a> {
    /// The value's only word.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.words[0]
    }

    /// Tells that the value is odd, though not wrong.
    pub(crate) fn warn(&self, warning: Warning) {
        self.cx.warn(self.position, warning);
    }

    /// The text for a message.
    pub(crate) fn shown(&self) -> String {
        shown(self.text())
    }

    /// The mistake of a value that is none of these names.
    pub(crate) fn none_of(&self, names: &'static [&'static str]) -> BadValue {
        BadValue::Choice { names, part: self.shown() }
    }
}

/// A part of a value for a message.
pub(crate) fn shown(part: &[u8]) -> String {
    String::from_utf8_lossy(part).into_owned()
}

/// What an option's entry in the table takes over from the type of its field.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub(crate) kind: ValueKind,
    pub(crate) words: u8,
    pub(crate) negatable: bool,
    pub(crate) max: u64,
    pub(crate) exact: bool,
    pub(crate) named: fn(Family) -> ValueNames,
}

/// The value of an option.
pub trait Value: Clone + PartialEq {
    const KIND: ValueKind;
    /// How many words of the command line the value takes.
    const WORDS: u8 = 1;
    /// The largest number, unless the option's entry says less.
    const MAX: u64 = u64::MAX;
    /// Whether each value is printed as a text that stands for no other one and, if it can be written to a rule at all,
    /// is read back. What other values print is read again before it is believed.
    const EXACT: bool = false;

    /// The names that it may have.
    fn named(_: Family) -> ValueNames {
        ValueNames::inline(Self::KIND.choices.iter().copied())
    }

    /// Reads the value. The error need not name the option: the caller does.
    fn parse(input: &Input<'_>) -> Result<Self, BadValue>;

    /// The value that a datum is. Where there is none the datum's text is read.
    fn of_datum(_: &Datum, _: &Input<'_>) -> Option<Result<Self, BadValue>> {
        None
    }

    /// Reads the value from words, or from a datum. There is one for each type, though many options may have it.
    #[inline(never)]
    fn read(input: &Input<'_>) -> Result<Self, BadValue> {
        let Some(datum) = input.datum else { return Self::parse(input) };
        Self::of_datum(datum, input).unwrap_or_else(|| {
            let text = datum.to_text(input.opt);
            if !input.opt.binary && breaks_line(&text) {
                return Err(BadValue::Broken);
            }
            let words = words(input.opt.words, &text)?;
            Self::parse(&Input { words, datum: None, ..*input })
        })
    }

    /// What is wrong with a value that was made by a program: its type may let in what no text makes.
    fn check(&self, _: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        Ok(())
    }

    /// Prints the value so that [`parse`](Value::parse) reads it back.
    fn print(&self, out: &mut Printer<'_>);

    /// The value in a kind that every language has, unless its text says as much.
    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        None
    }
}

/// A field of a typed value.
pub trait Field: Clone + PartialEq {
    /// What the builder's method takes.
    type Argument;
    const SHAPE: Shape;

    /// The argument in an option's text.
    fn argument(inverted: bool, input: &Input<'_>) -> Result<Self::Argument, BadValue>;

    /// Sets the field.
    fn put(&mut self, argument: Self::Argument);

    /// Shows the field as an option. A field that equals its default is shown only to a sink that wants everything.
    fn show(&self, opt: &'static Opt, default: Option<&Self>, sink: &mut dyn Sink);

    /// Whether the option is given, and whether it is inverted.
    fn state(&self) -> [bool; 2];

    /// Sets a flag; other options have values.
    fn set_flag(&mut self, _inverted: bool) {}

    /// Sets the field from an option's text.
    fn read(&mut self, inverted: bool, input: &Input<'_>) -> Result<(), BadValue> {
        self.put(Self::argument(inverted, input)?);
        Ok(())
    }
}

pub(crate) const fn shape<T: Value>(negatable: bool) -> Shape {
    Shape { kind: T::KIND, words: T::WORDS, negatable, max: T::MAX, exact: T::EXACT, named: T::named }
}

/// A flag has no value and so no names for one.
fn nameless(_: Family) -> ValueNames {
    ValueNames::default()
}

/// A value that is always there.
impl<T: Value> Field for T {
    type Argument = T;
    const SHAPE: Shape = shape::<T>(false);

    fn argument(_: bool, input: &Input<'_>) -> Result<T, BadValue> {
        T::read(input)
    }

    fn put(&mut self, value: T) {
        *self = value;
    }

    fn show(&self, opt: &'static Opt, default: Option<&T>, sink: &mut dyn Sink) {
        if default != Some(self) || opt.always || sink.wants_defaults() {
            sink.value(opt, false, self);
        }
    }

    fn state(&self) -> [bool; 2] {
        [true, false]
    }
}

/// A value that may be absent.
impl<T: Value> Field for Option<T> {
    type Argument = T;
    const SHAPE: Shape = shape::<T>(false);

    fn argument(_: bool, input: &Input<'_>) -> Result<T, BadValue> {
        T::read(input)
    }

    fn put(&mut self, value: T) {
        *self = Some(value);
    }

    fn show(&self, opt: &'static Opt, _: Option<&Option<T>>, sink: &mut dyn Sink) {
        if let Some(value) = self {
            sink.value(opt, false, value);
        }
    }

    fn state(&self) -> [bool; 2] {
        [self.is_some(), false]
    }
}

/// A value that may be absent or inverted.
impl<T: Value> Field for Option<Inv<T>> {
    type Argument = Inv<T>;
    const SHAPE: Shape = shape::<T>(true);

    fn argument(inverted: bool, input: &Input<'_>) -> Result<Inv<T>, BadValue> {
        Ok(Inv::new(inverted, T::read(input)?))
    }

    fn put(&mut self, value: Inv<T>) {
        *self = Some(value);
    }

    fn show(&self, opt: &'static Opt, _: Option<&Option<Inv<T>>>, sink: &mut dyn Sink) {
        if let Some(inv) = self {
            sink.value(opt, inv.inverted, &inv.value);
        }
    }

    fn state(&self) -> [bool; 2] {
        [self.is_some(), self.as_ref().is_some_and(|inv| inv.inverted)]
    }
}

/// A flag that is there or not.
impl Field for bool {
    type Argument = bool;
    const SHAPE: Shape =
        Shape { kind: ValueKind::FLAG, words: 0, negatable: false, max: 0, exact: true, named: nameless };

    fn argument(_: bool, _: &Input<'_>) -> Result<bool, BadValue> {
        Ok(true)
    }

    fn put(&mut self, value: bool) {
        *self = value;
    }

    fn show(&self, opt: &'static Opt, _: Option<&bool>, sink: &mut dyn Sink) {
        if *self {
            sink.option(opt, false, &|_| {});
        }
    }

    fn state(&self) -> [bool; 2] {
        [*self, false]
    }

    fn set_flag(&mut self, _: bool) {
        *self = true;
    }
}

/// A flag that may be inverted: `Some(false)` is the flag behind a `!`.
impl Field for Option<bool> {
    type Argument = bool;
    const SHAPE: Shape =
        Shape { kind: ValueKind::FLAG, words: 0, negatable: true, max: 0, exact: true, named: nameless };

    fn argument(inverted: bool, _: &Input<'_>) -> Result<bool, BadValue> {
        Ok(!inverted)
    }

    fn put(&mut self, value: bool) {
        *self = Some(value);
    }

    fn show(&self, opt: &'static Opt, _: Option<&Option<bool>>, sink: &mut dyn Sink) {
        if let Some(value) = self {
            sink.option(opt, !value, &|_| {});
        }
    }

    fn state(&self) -> [bool; 2] {
        [self.is_some(), *self == Some(false)]
    }

    fn set_flag(&mut self, inverted: bool) {
        *self = Some(!inverted);
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Value for $ty {
            const KIND: ValueKind = ValueKind::new(Form::Integer, "NUMBER");
            const MAX: u64 = <$ty>::MAX as u64;
            const EXACT: bool = true;

            fn parse(input: &Input<'_>) -> Result<$ty, BadValue> {
                bounded(input, number(input.text())).map(|number| number as $ty)
            }

            fn print(&self, out: &mut Printer<'_>) {
                out.decimal(u64::from(*self));
            }

            fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
                Some((*self).into())
            }

            fn of_datum(datum: &Datum, input: &Input<'_>) -> Option<Result<$ty, BadValue>> {
                let Datum::Number(number) = datum else { return None };
                Some(bounded(input, Some(*number)).map(|number| number as $ty))
            }
        }
    )*};
}
integers!(u8, u16, u32, u64);

/// A number within the bounds of the option.
pub(crate) fn bounded(input: &Input<'_>, number: Option<u64>) -> Result<u64, BadValue> {
    let opt = input.opt;
    let max = opt.max_of(input.cx.family);
    match number {
        Some(number) if (opt.min..=max).contains(&number) => Ok(number),
        _ => Err(BadValue::Number { min: opt.min, max, near: None }),
    }
}
