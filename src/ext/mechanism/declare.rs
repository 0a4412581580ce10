//! The macro that declares a typed value together with the table of its options, and what it is made of.

use super::options::Options;

/// Declares the typed value of an extension and, in the same breath, its option table.
///
/// ```text
/// options! {
///     /// What the match does.
///     #[header("linux/netfilter/xt_limit.h")]
///     #[example(Ipv4, "-m limit --limit 5/min -j LOG", "-m limit --limit 1/sec --limit-burst 20 -j ACCEPT")]
///     pub match Limit {
///         /// What the option does.
///         burst / limit_burst: u32 = 5 => "--limit-burst" { max: 10_000 };
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
/// The header is the one that declares the kernel's data. The examples are rules with the extension, whose options
/// go together; they appear in all documentation, in that of the type as a test, and generated rules are made from them.
///
/// A field that is not called as its option has the option's name behind a `/`, as another name of its method: who knows
/// iptables writes that. A field with a default is always there; one without is an `Option`. `[!]` before it, as in a manual page, says that it
/// may be inverted: `Option<Inv<T>>`. A `bool` is a flag: `bool`, or with `[!]` an `Option<bool>`. Of several names the
/// first is printed. What stands in braces are the remaining fields of [`Opt`](super::options::Opt). An option under `also` is accepted but
/// not printed; its closure folds the value into the fields. The options under `custom` are read by the function behind
/// them, which gets the position in the list, and shown by the type's own [`save`](super::descriptor::Codec::save).
macro_rules! options {
    (
        $(#[doc = $doc:literal])*
        $(#[header($header:literal)])?
        #[example($family:ident, $($example:literal),+ $(,)?)]
        pub $role:tt $name:ident {
            $(
                $(#[doc = $fdoc:literal])*
                $([$not:tt])? $field:ident $(/ $own:ident)? : $ty:ident $(<$($targ:tt),+>)? $(= $default:expr)?
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
        #[doc = $crate::ext::mechanism::declare::errors_doc!($role)]
        #[doc = $crate::ext::mechanism::declare::example_doc!($role $name, $family, $($example),+)]
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[doc = $fdoc])*
                #[doc = concat!("\n\nThe option `", $opt, "`" $(, " or `", $alias, "`")*, ".")]
                #[doc(alias = $opt)]
                $(#[doc(alias = $alias)])*
                pub $field: $crate::ext::mechanism::declare::field_type!(
                    [$($not)?] [$($default)?] $ty $(<$($targ),+>)?
                ),
            )*
            $($( $(#[doc = $wdoc])* pub $wfield: $wty, )*)?
            pub(crate) unread: $crate::ext::mechanism::given::Unread,
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($field), &self.$field);)*
                $($(shown.field(stringify!($wfield), &self.$wfield);)*)?
                if !self.unread.is_empty() {
                    shown.field("unread", &self.unread);
                }
                shown.finish()
            }
        }

        /// What it is in a rule, such as `-m limit --limit 5/min`. Options that were given as texts stand last, as they were given.
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self as &dyn $crate::ext::ErasedValue, f)
            }
        }

        impl Default for $name {
            fn default() -> $name {
                $name {
                    $($field: $crate::ext::mechanism::declare::or_default!($($default)?),)*
                    $($($wfield: Default::default(),)*)?
                    unread: Default::default(),
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
                pub fn $field<Kind>(
                    mut self,
                    value: impl $crate::IntoSetting<
                        $crate::ext::mechanism::declare::setting_type!([$($not)?] $ty $(<$($targ),+>)?), Kind,
                    >,
                ) -> $name {
                    let place = $crate::ext::mechanism::declare::place!($name, $field);
                    if let Some(value) = self.unread.sort::<$name, _>(place, value.into_setting()) {
                        $crate::ext::mechanism::field::Field::put(&mut self.$field, value.into());
                    }
                    self
                }

                $crate::ext::mechanism::declare::by_option!(
                    $name $field / [$($own)?] $opt, [$($not)?] $ty $(<$($targ),+>)?
                );
            )*

            $($(
                $(#[doc = $adoc])*
                #[doc = concat!("\n\nThe option `", $aopt, "`" $(, " or `", $aalias, "`")*, ".")]
                #[doc(alias = $aopt)]
                $(#[doc(alias = $aalias)])*
                #[must_use]
                pub fn $method<Kind>(
                    mut self,
                    value: impl $crate::IntoSetting<
                        $crate::ext::mechanism::declare::setting_type!([$($anot)?] $aty $(<$($atarg),+>)?), Kind,
                    >,
                ) -> $name {
                    let fold: fn(
                        &mut $name,
                        $crate::ext::mechanism::declare::argument_type!([$($anot)?] $aty $(<$($atarg),+>)?),
                    ) = $fold;
                    let place = $crate::ext::mechanism::declare::place!($name, $method);
                    if let Some(value) = self.unread.sort::<$name, _>(place, value.into_setting()) {
                        fold(&mut self, value.into());
                    }
                    self
                }
            )*)?
        }

        $crate::ext::mechanism::declare::role!($role $name);
        $($crate::ext::mechanism::declare::is_called!($field $($own)? $opt);)*
        $($crate::ext::mechanism::declare::takes_text!([$($not)?] $ty $(<$($targ),+>)?);)*

        impl $crate::ext::mechanism::options::Options for $name {
            const NAME: &'static str = stringify!($name);
            const DESCRIPTION: &'static str = concat!($($doc, "\n"),*);
            const HEADER: &'static str = concat!($($header)?);
            const EXAMPLES: &'static [$crate::ext::mechanism::options::Example] = &[
                $($crate::ext::mechanism::options::Example { family: $crate::Family::$family, rule: $example },)+
            ];

            const OPTIONS: &'static [$crate::ext::mechanism::options::Opt] = &[
                $($crate::ext::mechanism::options::Opt {
                    description: concat!($($fdoc, "\n"),*),
                    aliases: &[$($crate::ext::mechanism::options::bare($alias)),*],
                    $($($key: $value,)*)?
                    ..$crate::ext::mechanism::options::Opt::new(
                        <$crate::ext::mechanism::declare::field_type!(
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
                        <$crate::ext::mechanism::declare::field_type!(
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
                        <$crate::ext::mechanism::declare::field_type!(
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

            fn unread(&self) -> &$crate::ext::mechanism::given::Unread {
                &self.unread
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
                        let value = <$crate::ext::mechanism::declare::field_type!(
                            [$($anot)?] [] $aty $(<$($atarg),+>)?
                        ) as $crate::ext::mechanism::field::Field>::argument(inverted, input)?;
                        let fold: fn(
                            &mut $name,
                            $crate::ext::mechanism::declare::argument_type!([$($anot)?] $aty $(<$($atarg),+>)?),
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
                        $crate::ext::mechanism::declare::some_default!($($default)?),
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
        const PLACE: usize = $crate::ext::mechanism::declare::place_of::<$of>(stringify!($field));
        PLACE
    }};
}
pub(crate) use place;

/// The option of a type's field.
macro_rules! opt {
    ($of:ty, $field:ident) => {
        &<$of as $crate::ext::mechanism::options::Options>::OPTIONS
            [$crate::ext::mechanism::declare::place!($of, $field)]
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

/// The end of a type's documentation: the examples.
macro_rules! example_doc {
    ($role:tt $name:ident, $family:ident, $rule:literal $(, $other:literal)*) => {
        concat!(
            "\n# Examples\n\n```\n",
            $crate::ext::mechanism::declare::example_doc!(@use $role), stringify!($name), "};\n\n",
            $crate::ext::mechanism::declare::example_doc!(@rule stringify!($family), $rule),
            "let value = rule.find::<", stringify!($name), ">()?.expect(\"the rule has it\");\n",
            "println!(\"{value:#?}\");\n",
            $crate::ext::mechanism::declare::example_doc!(@others stringify!($family), $($other),*),
            "# Ok::<(), libfw::Error>(())\n```",
        )
    };
    (@use match) => { "use libfw::{Family, Rule, matches::" };
    (@use target) => { "use libfw::{Family, Rule, targets::" };
    (@rule $family:expr, $rule:literal) => {
        concat!("let rule = Rule::parse(Family::", $family, ", ", stringify!($rule), ")?;\n")
    };
    (@others $family:expr,) => { "" };
    (@others $family:expr, $($rule:literal),+) => {
        concat!("\n// Others:\n" $(, "Rule::parse(Family::", $family, ", ", stringify!($rule), ")?;\n")+)
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

/// The method by the name of the option, where the field has another.
macro_rules! by_option {
    ($name:ident $field:ident / [] $opt:literal, $($ty:tt)+) => {};
    ($name:ident $field:ident / [$own:ident] $opt:literal, [$($not:tt)?] $($ty:tt)+) => {
        #[doc = concat!("The same as [`", stringify!($field), "`](", stringify!($name), "::", stringify!($field),
            "), by the name of the option `", $opt, "`.")]
        #[must_use]
        pub fn $own<Kind>(
            self,
            value: impl $crate::IntoSetting<
                $crate::ext::mechanism::declare::setting_type!([$($not)?] $($ty)+), Kind,
            >,
        ) -> $name {
            self.$field(value)
        }
    };
}
pub(crate) use by_option;

/// That one of the two names of a field is that of its option.
macro_rules! is_called {
    ($field:ident $opt:literal) => {
        const _: () = assert!(
            $crate::ext::mechanism::declare::has_name_of(stringify!($field), $opt),
            concat!(
                "`", stringify!($field), "` is not called as its option `", $opt, "`: the name of that belongs behind the field, after a `/`"
            )
        );
    };
    ($field:ident $own:ident $opt:literal) => {
        $crate::ext::mechanism::declare::is_called!($own $opt);
    };
}
pub(crate) use is_called;

/// Whether a field has the name of its option, as far as Rust lets it.
// Older compilers do not see that it is asked in a `const _`.
#[allow(dead_code)]
pub(crate) const fn has_name_of(field: &str, option: &'static str) -> bool {
    let (field, option) = (field.as_bytes(), super::options::bare(option).as_bytes());
    // Words of the language, and what each type has.
    if matches!(option, b"type" | b"new") {
        return true;
    }
    let mut at = 0;
    while at < field.len() && at < option.len() {
        let same = field[at] == option[at] || field[at] == b'_' && option[at] == b'-';
        if !same {
            return false;
        }
        at += 1;
    }
    at == field.len() && at == option.len()
}

/// That the builder's method takes a text too. A `Value` that is written by hand stands in the list of `ext/text.rs` for that.
macro_rules! takes_text {
    ([$($not:tt)?] bool) => {};
    ([$($not:tt)?] $($ty:tt)+) => {
        const _: fn() = || {
            fn takes_text<T, Kind>() where &'static str: $crate::IntoSetting<T, Kind> {}
            takes_text::<$crate::ext::mechanism::declare::setting_type!([$($not)?] $($ty)+), _>();
        };
    };
}
pub(crate) use takes_text;

/// What says the value to the builder's method. A number in a program needs no suffix, where just one type of numbers will do.
macro_rules! setting_type {
    ([$($not:tt)?] bool) => { bool };
    ([] u8) => { $crate::types::setting::Number<u8> };
    ([] u16) => { $crate::types::setting::Number<u16> };
    ([] u32) => { $crate::types::setting::Number<u32> };
    ([] u64) => { $crate::types::setting::Number<u64> };
    ([$($not:tt)?] $ty:ty) => { $crate::ext::mechanism::declare::argument_type!([$($not)?] $ty) };
}
pub(crate) use setting_type;

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
