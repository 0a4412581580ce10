//! Option tables and the macro that declares a typed value together with its table.

use super::descriptor::Families;
use super::field::{Input, Shape};
use super::print::Sink;
use crate::error::BadValue;
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
pub struct Kind {
    /// How it is written.
    pub form: Form,
    /// What stands for it in a synopsis, such as `PORT[:PORT]`.
    pub label: &'static str,
    /// The names it may take, where it is one or several of a fixed list.
    pub choices: &'static [&'static str],
}

impl Kind {
    pub(crate) const FLAG: Kind = Kind::new(Form::Flag, "");

    pub(crate) const fn new(form: Form, label: &'static str) -> Kind {
        Kind { form, label, choices: &[] }
    }

    pub(crate) const fn text(label: &'static str) -> Kind {
        Kind::new(Form::Text, label)
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
    pub kind: Kind,
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
            named: shape.named,
        }
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

/// A documentation comment without the space that begins its lines.
pub(crate) fn text(comment: &str) -> String {
    let lines: Vec<_> = comment.trim().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// A rule that shows what an extension is for.
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
    /// A rule with the extension.
    const EXAMPLE: Example;
    /// The option table.
    const OPTIONS: &'static [Opt];

    /// The extension of this type.
    fn extension() -> &'static super::descriptor::Extension;

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

/// Declares the typed value of an extension and, in the same breath, its option table.
///
/// ```text
/// options! {
///     /// What the match does.
///     #[header("linux/netfilter/xt_limit.h")]
///     #[example(Ipv4, "-m limit --limit 5/min -j LOG")]
///     pub match Limit {
///         /// What the option does.
///         burst: u32 = 5 => "--limit-burst" { max: 10_000 };
///         /// Another one, which may stand behind a `!`.
///         [!] dport: PortRange => "--dport" | "--destination-port";
///     }
///     also {
///         /// Another way to write a field.
///         set_mark: MarkMask => "--set-mark" = |mark, value| mark.set_xmark = ...;
///     }
///     with {
///         /// A field that is no option.
///         elements: Vec<PolicyElement>
///     }
///     custom {
///         /// An option of an element.
///         [!] reqid: u32 => "--reqid";
///     } = Policy::set_element
/// }
/// ```
///
/// The header is the one that declares the kernel's data. The example is a rule with the extension; it appears in all
/// documentation, and in that of the type as a test.
///
/// A field with a default is always there; one without is an `Option`. `[!]` before it, as in a manual page, says that it
/// may be inverted: `Option<Inv<T>>`. A `bool` is a flag: `bool`, or with `[!]` an `Option<bool>`. Of several names the
/// first is printed. What stands in braces are the remaining fields of [`Opt`]. An option under `also` is accepted but
/// not printed; its closure folds the value into the fields. The options under `custom` are read by the function behind
/// them, which gets the position in the list, and shown by the type's own [`save`](super::descriptor::Codec::save).
macro_rules! options {
    (
        $(#[doc = $doc:literal])*
        $(#[header($header:literal)])?
        #[example($family:ident, $example:literal)]
        pub $role:tt $name:ident {
            $(
                $(#[doc = $fdoc:literal])*
                $([$not:tt])? $field:ident : $ty:ident $(<$($targ:tt),+>)? $(= $default:expr)?
                    => $opt:literal $(| $alias:literal)* $({ $($key:ident : $value:expr),* $(,)? })? ;
            )*
        }
        $(also {
            $(
                $(#[doc = $adoc:literal])*
                $([$anot:tt])? $method:ident : $aty:ident $(<$($atarg:tt),+>)?
                    => $aopt:literal $(| $aalias:literal)* $({ $($akey:ident : $avalue:expr),* $(,)? })?
                    = $fold:expr ;
            )*
        })?
        $(with {
            $( $(#[doc = $wdoc:literal])* $wfield:ident : $wty:ty ),* $(,)?
        })?
        $(custom {
            $(
                $(#[doc = $cdoc:literal])*
                $([$cnot:tt])? $cfield:ident : $cty:ident $(<$($ctarg:tt),+>)?
                    => $copt:literal $(| $calias:literal)* $({ $($ckey:ident : $cvalue:expr),* $(,)? })? ;
            )*
        } = $custom:expr)?
    ) => {
        $(#[doc = $doc])*
        #[doc = concat!("\n\n" $(, "Its data is declared in `", $header, "`. ")?)]
        #[doc = $crate::ext::mechanism::options::errors_doc!($role)]
        #[doc = $crate::ext::mechanism::options::example_doc!($role $name, $family, $example)]
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[doc = $fdoc])*
                #[doc = concat!("\n\nThe option `", $opt, "`" $(, " or `", $alias, "`")*, ".")]
                #[doc(alias = $opt)]
                $(#[doc(alias = $alias)])*
                pub $field: $crate::ext::mechanism::options::field_type!(
                    [$($not)?] [$($default)?] $ty $(<$($targ),+>)?
                ),
            )*
            $($( $(#[doc = $wdoc])* pub $wfield: $wty, )*)?
        }

        impl Default for $name {
            fn default() -> $name {
                $name {
                    $($field: $crate::ext::mechanism::options::or_default!($($default)?),)*
                    $($($wfield: Default::default(),)*)?
                }
            }
        }

        impl $name {
            /// The value without any option set.
            #[must_use]
            pub fn new() -> $name {
                $name::default()
            }

            $(
                $(#[doc = $fdoc])*
                #[doc = concat!("\n\nThe option `", $opt, "`" $(, " or `", $alias, "`")*, ".")]
                #[doc(alias = $opt)]
                $(#[doc(alias = $alias)])*
                #[must_use]
                pub fn $field(
                    mut self,
                    value: impl Into<$crate::ext::mechanism::options::argument_type!([$($not)?] $ty $(<$($targ),+>)?)>,
                ) -> $name {
                    $crate::ext::mechanism::field::Field::put(&mut self.$field, value.into());
                    self
                }
            )*

            $($(
                $(#[doc = $adoc])*
                #[doc = concat!("\n\nThe option `", $aopt, "`" $(, " or `", $aalias, "`")*, ".")]
                #[doc(alias = $aopt)]
                $(#[doc(alias = $aalias)])*
                #[must_use]
                pub fn $method(
                    mut self,
                    value: impl Into<$crate::ext::mechanism::options::argument_type!([$($anot)?] $aty $(<$($atarg),+>)?)>,
                ) -> $name {
                    let fold: fn(
                        &mut $name,
                        $crate::ext::mechanism::options::argument_type!([$($anot)?] $aty $(<$($atarg),+>)?),
                    ) = $fold;
                    fold(&mut self, value.into());
                    self
                }
            )*)?
        }

        $crate::ext::mechanism::options::role!($role $name);

        impl $crate::ext::mechanism::options::Options for $name {
            const NAME: &'static str = stringify!($name);
            const DESCRIPTION: &'static str = concat!($($doc, "\n"),*);
            const HEADER: &'static str = concat!($($header)?);
            const EXAMPLE: $crate::ext::mechanism::options::Example =
                $crate::ext::mechanism::options::Example { family: $crate::Family::$family, rule: $example };

            const OPTIONS: &'static [$crate::ext::mechanism::options::Opt] = &[
                $($crate::ext::mechanism::options::Opt {
                    description: concat!($($fdoc, "\n"),*),
                    aliases: &[$($crate::ext::mechanism::options::bare($alias)),*],
                    $($($key: $value,)*)?
                    ..$crate::ext::mechanism::options::Opt::new(
                        <$crate::ext::mechanism::options::field_type!(
                            [$($not)?] [$($default)?] $ty $(<$($targ),+>)?
                        ) as $crate::ext::mechanism::field::Field>::SHAPE,
                        $opt,
                        stringify!($field),
                    )
                },)*
                $($($crate::ext::mechanism::options::Opt {
                    description: concat!($($adoc, "\n"),*),
                    aliases: &[$($crate::ext::mechanism::options::bare($aalias)),*],
                    spelling: true,
                    $($($akey: $avalue,)*)?
                    ..$crate::ext::mechanism::options::Opt::new(
                        <$crate::ext::mechanism::options::field_type!(
                            [$($anot)?] [] $aty $(<$($atarg),+>)?
                        ) as $crate::ext::mechanism::field::Field>::SHAPE,
                        $aopt,
                        stringify!($method),
                    )
                },)*)?
                $($($crate::ext::mechanism::options::Opt {
                    description: concat!($($cdoc, "\n"),*),
                    aliases: &[$($crate::ext::mechanism::options::bare($calias)),*],
                    custom: true,
                    $($($ckey: $cvalue,)*)?
                    ..$crate::ext::mechanism::options::Opt::new(
                        <$crate::ext::mechanism::options::field_type!(
                            [$($cnot)?] [] $cty $(<$($ctarg),+>)?
                        ) as $crate::ext::mechanism::field::Field>::SHAPE,
                        $copt,
                        stringify!($cfield),
                    )
                },)*)?
            ];

            fn extension() -> &'static $crate::ext::Extension {
                &EXT
            }

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn set(
                &mut self,
                option: usize,
                inverted: bool,
                input: &$crate::ext::mechanism::field::Input<'_>,
            ) -> ::std::result::Result<(), $crate::error::BadValue> {
                let mut index = 0;
                $(
                    if option == index {
                        return $crate::ext::mechanism::field::Field::read(&mut self.$field, inverted, input);
                    }
                    index += 1;
                )*
                $($(
                    if option == index {
                        let value = <$crate::ext::mechanism::options::field_type!(
                            [$($anot)?] [] $aty $(<$($atarg),+>)?
                        ) as $crate::ext::mechanism::field::Field>::argument(inverted, input)?;
                        let fold: fn(
                            &mut $name,
                            $crate::ext::mechanism::options::argument_type!([$($anot)?] $aty $(<$($atarg),+>)?),
                        ) = $fold;
                        fold(self, value);
                        return Ok(());
                    }
                    index += 1;
                )*)?
                $(
                    let custom: fn(
                        &mut $name, usize, bool, &$crate::ext::mechanism::field::Input<'_>,
                    ) -> ::std::result::Result<(), $crate::error::BadValue> = $custom;
                    if option >= index {
                        return custom(self, option - index, inverted, input);
                    }
                )?
                Ok(())
            }

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn visit(&self, sink: &mut dyn $crate::ext::mechanism::print::Sink) {
                let mut index = 0;
                $(
                    $crate::ext::mechanism::field::Field::show(
                        &self.$field,
                        &Self::OPTIONS[index],
                        $crate::ext::mechanism::options::some_default!($($default)?),
                        sink,
                    );
                    index += 1;
                )*
            }

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn bits(&self) -> [u32; 2] {
                let (mut bits, mut index) = ([0; 2], 0);
                $(
                    let [given, inverted] = $crate::ext::mechanism::field::Field::state(&self.$field);
                    bits[0] |= $crate::ext::flag(given, Self::OPTIONS[index].bit);
                    bits[1] |= $crate::ext::flag(inverted, Self::OPTIONS[index].bit);
                    index += 1;
                )*
                bits
            }

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn set_flags(&mut self, given: u32, inverted: u32) {
                let mut index = 0;
                $(
                    let bit = Self::OPTIONS[index].bit;
                    if given & bit != 0 {
                        $crate::ext::mechanism::field::Field::set_flag(&mut self.$field, inverted & bit != 0);
                    }
                    index += 1;
                )*
            }
        }
    };
}
pub(crate) use options;

/// The place in its option table of a type's field. A field that is not there does not compile.
macro_rules! place {
    ($of:ty, $field:ident) => {{
        const PLACE: usize = $crate::ext::mechanism::options::place_of::<$of>(stringify!($field));
        PLACE
    }};
}
pub(crate) use place;

/// The option of a type's field.
macro_rules! opt {
    ($of:ty, $field:ident) => {
        &<$of as $crate::ext::mechanism::options::Options>::OPTIONS
            [$crate::ext::mechanism::options::place!($of, $field)]
    };
}
pub(crate) use opt;

pub(crate) const fn place_of<T: Options>(field: &str) -> usize {
    let mut place = 0;
    loop {
        assert!(place < T::OPTIONS.len(), "there is an option of that field");
        if super::engine::same(T::OPTIONS[place].field, field) {
            return place;
        }
        place += 1;
    }
}

/// Where a type's documentation says what can be wrong with a value.
macro_rules! errors_doc {
    (match) => {
        "What is wrong with it is said when a rule is [made from it](crate::matches#errors)."
    };
    (target) => {
        "What is wrong with it is said when a rule is [made from it](crate::targets#errors)."
    };
}
pub(crate) use errors_doc;

/// The end of a type's documentation: an example.
macro_rules! example_doc {
    ($role:tt $name:ident, $family:ident, $rule:literal) => {
        concat!(
            "\n# Examples\n\n```\n",
            $crate::ext::mechanism::options::example_doc!(@use $role), stringify!($name), "};\n\n",
            $crate::ext::mechanism::options::example_doc!(@rule stringify!($family), $rule),
            $crate::ext::mechanism::options::example_doc!(@find $role),
            "let value = part.decode::<", stringify!($name), ">().expect(\"the type of this part\")?;\n",
            "println!(\"{value:#?}\");\n# Ok::<(), libfw::Error>(())\n```",
        )
    };
    (@use match) => { "use libfw::{Family, Rule, matches::" };
    (@use target) => { "use libfw::{Family, Rule, TargetRef, targets::" };
    (@rule $family:expr, $rule:literal) => {
        concat!("let rule = Rule::parse(Family::", $family, ", ", stringify!($rule), ")?;\nlet view = rule.view();\n")
    };
    (@find match) => {
        "let part = view.matches().last().expect(\"the match\");\n"
    };
    (@find target) => {
        "let TargetRef::Extension(part) = view.target() else { unreachable!() };\n"
    };
}
pub(crate) use example_doc;

/// Says whether a type is a match or a target.
macro_rules! role {
    (match $name:ident) => {
        impl $crate::ext::MatchType for $name {}
    };
    (target $name:ident) => {
        impl $crate::ext::TargetType for $name {}
    };
}
pub(crate) use role;

/// The type of a field: `[!]`, `[default]`, type.
macro_rules! field_type {
    ([] [] bool) => { bool };
    ([!] [] bool) => { Option<bool> };
    ([] [$default:expr] $ty:ty) => { $ty };
    ([] [] $ty:ty) => { Option<$ty> };
    ([!] [] $ty:ty) => { Option<$crate::Inv<$ty>> };
}
pub(crate) use field_type;

/// What the builder's method takes: `[!]`, type.
macro_rules! argument_type {
    ([!] bool) => { bool };
    ([] $ty:ty) => { $ty };
    ([!] $ty:ty) => { $crate::Inv<$ty> };
}
pub(crate) use argument_type;

macro_rules! or_default {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}
pub(crate) use or_default;

macro_rules! some_default {
    () => {
        None
    };
    ($default:expr) => {
        Some(&$default)
    };
}
pub(crate) use some_default;
