//! What a part of a rule or an option is given as: a value, or a text to read it from.

use std::borrow::Cow;

use super::Inv;

/// The value of a part of a rule or of an option, or a text to read it from; [`IntoSetting`] says what makes one.
///
/// A text is read when the rule is built, which fails if the text makes no sense.
#[derive(Clone, Debug)]
pub struct Setting<T>(pub(crate) Given<T>);

#[derive(Clone, Debug)]
pub(crate) enum Given<T> {
    Value(T),
    Text(Inv<String>),
}

/// What the methods of [`RuleBuilder`](crate::RuleBuilder), of the [matches](mod@crate::matches) and of the
/// [targets](crate::targets) take: whatever converts into the value, or its text as iptables has it. Both may be behind
/// [`not`](crate::not) where the option may be inverted.
///
/// A text is read when the rule is built, as iptables reads it in that place, and what is wrong with it is said then. `Kind` is
/// found by the compiler; a function of your own that passes a value on has it too.
///
/// ```
/// use libfw::{Family, IntoSetting, Inv, PortRange, Protocol, Rule, RuleBuilder, matches::Tcp, not};
///
/// fn open<Kind>(ports: impl IntoSetting<Inv<PortRange>, Kind>) -> RuleBuilder {
///     Rule::builder().protocol(Protocol::TCP).matching(Tcp::new().dport(ports))
/// }
///
/// for builder in [open(80..=90), open(PortRange::new(80, 90)), open("80:90")] {
///     assert_eq!(builder.build(Family::Ipv4)?.to_string(), "-p tcp -m tcp --dport 80:90");
/// }
/// assert_eq!(open(not("22")).build(Family::Ipv4)?.to_string(), "-p tcp -m tcp ! --dport 22");
///
/// let error = open("none").input(not("eth+")).build(Family::Ipv4).unwrap_err();
/// assert_eq!((error.option(), error.token()), (Some("dport"), Some("none")));
/// # Ok::<(), libfw::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for an option of the type `{T}`",
    label = "converts into no `{T}`, and is no text",
    note = "a text may be given as it is, without `.parse()`; it is read when the rule is built"
)]
pub trait IntoSetting<T, Kind> {
    /// The value or the text.
    fn into_setting(self) -> Setting<T>;
}

/// The kind of what is a value.
#[derive(Clone, Copy, Debug)]
pub enum OfValue {}

/// The kind of what is a text.
#[derive(Clone, Copy, Debug)]
pub enum OfText {}

impl<T, V: Into<T>> IntoSetting<T, OfValue> for V {
    fn into_setting(self) -> Setting<T> {
        Setting(Given::Value(self.into()))
    }
}

/// A value that a text is read for; others, such as strings, are made of texts themselves.
pub trait OfWord {}

impl<T: OfWord> OfWord for Inv<T> {}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl<T: OfWord> IntoSetting<T, OfText> for $text {
            fn into_setting(self) -> Setting<T> {
                Setting(Given::Text(Inv::new(false, self.into())))
            }
        }

        impl<T: OfWord> IntoSetting<Inv<T>, OfText> for Inv<$text> {
            fn into_setting(self) -> Setting<Inv<T>> {
                Setting(Given::Text(Inv::new(self.inverted, self.value.into())))
            }
        }
    )*};
}
texts!(&str, String, &String, Cow<'_, str>, Box<str>);

/// What one has when texts are iterated.
impl<T: OfWord> IntoSetting<T, OfText> for &&str {
    fn into_setting(self) -> Setting<T> {
        (*self).into_setting()
    }
}

impl<T: OfWord> IntoSetting<Inv<T>, OfText> for Inv<&&str> {
    fn into_setting(self) -> Setting<Inv<T>> {
        Inv::new(self.inverted, *self.value).into_setting()
    }
}

/// Several texts, as a text with commas between them.
macro_rules! lists {
    ($([$($generics:tt)*] $list:ty),* $(,)?) => {$(
        impl<T: OfWord, $($generics)*> IntoSetting<T, OfText> for $list {
            fn into_setting(self) -> Setting<T> {
                Setting(Given::Text(Inv::new(false, self.join(","))))
            }
        }

        impl<T: OfWord, $($generics)*> IntoSetting<Inv<T>, OfText> for Inv<$list> {
            fn into_setting(self) -> Setting<Inv<T>> {
                Setting(Given::Text(Inv::new(self.inverted, self.value.join(","))))
            }
        }
    )*};
}
lists!(
    [const N: usize] [&str; N], [const N: usize] [String; N], [] &[&str], [] &[String], [] Vec<&str>, [] Vec<String>,
    [] &Vec<&str>, [] &Vec<String>,
);

/// A whole number of just this type, so that a number in a program needs no suffix.
#[derive(Clone, Copy, Debug)]
pub struct Number<T>(pub(crate) T);

macro_rules! numbers {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Number<$ty> {
            fn from(number: $ty) -> Number<$ty> {
                Number(number)
            }
        }

        impl From<Number<$ty>> for $ty {
            fn from(number: Number<$ty>) -> $ty {
                number.0
            }
        }

        impl OfWord for $ty {}
        impl OfWord for Number<$ty> {}
    )*};
}
numbers!(u8, u16, u32, u64);

impl OfWord for std::net::IpAddr {}
impl OfWord for super::AddrMask {}
impl OfWord for super::Interface {}
