//! Values that are names: one of a list, or several joined by commas.

use crate::error::BadValue;
use crate::ext::mechanism::print::Printer;

/// Reads names separated by commas and joins what they stand for. An empty name is a name too, usually a bad one. The
/// function also gets the text from the name on, for its message.
pub(crate) fn read_names<T: Default + std::ops::BitOr<Output = T>>(
    text: &[u8],
    mut by_name: impl FnMut(&[u8], &[u8]) -> Result<T, BadValue>,
) -> Result<T, BadValue> {
    let mut rest = text;
    text.split(|byte| *byte == b',').try_fold(T::default(), |set, name| {
        let found = by_name(name, rest)?;
        rest = rest.get(name.len() + 1..).unwrap_or_default();
        Ok(set | found)
    })
}

/// Prints names with commas between them.
pub(crate) fn print_names<'a>(out: &mut Printer<'_>, names: impl Iterator<Item = &'a str>) {
    for (index, name) in names.enumerate() {
        if index > 0 {
            out.text(",");
        }
        out.text(name);
    }
}

/// The first of the names that begins so, in any case; nothing for an empty beginning.
pub(crate) fn by_beginning(names: &[&str], beginning: &[u8]) -> Option<usize> {
    names.iter().position(|name| {
        let name = name.as_bytes();
        !beginning.is_empty()
            && name.len() >= beginning.len()
            && name[..beginning.len()].eq_ignore_ascii_case(beginning)
    })
}

/// Declares a set of named bits: a newtype with a constant for each, and its names for the parser and printer.
///
/// ```text
/// flags! {
///     /// What the set is of.
///     pub struct CtState(u16) as "STATE[,...]" {
///         /// What the bit means.
///         NEW = 8 => "NEW",
///     }
/// }
/// ```
///
/// With `as` and what stands for it in a synopsis, it is the value of an option: names with commas between them. Behind that, `below` and
/// a heading say where the help of iptables tells the names, `by` and a function read them in another way.
macro_rules! flags {
    ($(#[$meta:meta])* pub struct $name:ident($int:ty) $(as $label:literal $(below $heading:literal)? $(by $parse:path)?)? {
        $($(#[$bmeta:meta])* $bit:ident = $value:expr => $text:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) $int);

        impl $name {
            $($(#[$bmeta])* pub const $bit: $name = $name($value);)*

            /// The names, in the order they are printed.
            pub(crate) const NAMES: &'static [&'static str] = &[$($text),*];
            pub(crate) const BITS: &'static [$name] = &[$($name::$bit),*];

            /// The set of these bits as the kernel has them; `None` if one of them means nothing.
            #[must_use]
            pub const fn from_bits(bits: $int) -> Option<$name> {
                let known = 0 $(| $name::$bit.0)*;
                if bits & !known == 0 { Some($name(bits)) } else { None }
            }

            /// The bits as the kernel has them.
            #[must_use]
            pub const fn bits(self) -> $int {
                self.0
            }

            /// Whether there is nothing in the set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all bits of the other set are in this one.
            #[must_use]
            pub const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            /// Each of the named bits that are in this set, in the order in which they are printed.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                let bits = Self::BITS.iter().copied();
                bits.filter(move |bit| bit.0.count_ones() == 1 && self.contains(*bit))
            }

            /// The named sets that are contained in this one, in the order they are printed.
            #[allow(dead_code)]
            pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
                let pairs = Self::NAMES.iter().zip(Self::BITS);
                pairs.filter(move |(_, bit)| bit.0 != 0 && self.contains(**bit)).map(|(name, _)| *name)
            }

            /// The set of that name, in any case.
            #[allow(dead_code)]
            pub(crate) fn by_name(name: &[u8]) -> Option<$name> {
                let index = Self::NAMES.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
                Self::BITS.get(index).copied()
            }
        }

        $($crate::ext::values::flags_value!($name, $label, [$($heading)?] $(, $parse)?);)?

        /// What both sets have.
        impl std::ops::BitAnd for $name {
            type Output = $name;

            fn bitand(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }

        impl std::ops::BitOr for $name {
            type Output = $name;

            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        /// All that is in one of the sets.
        impl FromIterator<$name> for $name {
            fn from_iter<I: IntoIterator<Item = $name>>(sets: I) -> $name {
                sets.into_iter().fold($name::default(), |all, set| all | set)
            }
        }

        impl<const N: usize> From<[$name; N]> for $name {
            fn from(sets: [$name; N]) -> $name {
                sets.into_iter().collect()
            }
        }

        impl<const N: usize> From<[$name; N]> for $crate::Inv<$name> {
            fn from(sets: [$name; N]) -> Self {
                $crate::Inv::new(false, sets.into())
            }
        }

        impl<const N: usize> From<$crate::Inv<[$name; N]>> for $crate::Inv<$name> {
            fn from(sets: $crate::Inv<[$name; N]>) -> Self {
                $crate::Inv::new(sets.inverted, sets.value.into())
            }
        }

        impl std::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: $name) {
                self.0 |= other.0;
            }
        }
    };
}
pub(crate) use flags;

/// The value of an option that is given as several of a list of names.
macro_rules! flags_value {
    ($name:ident, $label:literal, [$($heading:literal)?]) => {
        $crate::ext::values::flags_value!($name, $label, [$($heading)?], $name::read_names);

        impl $name {
            fn read_names(
                input: &$crate::ext::mechanism::field::Input<'_>,
            ) -> ::std::result::Result<$name, $crate::error::BadValue> {
                $crate::ext::values::read_names(input.text(), |name, _| {
                    let index = $name::NAMES.iter().position(|known| known.as_bytes() == name);
                    let part = || $crate::ext::mechanism::field::shown(name);
                    let unknown = || $crate::error::BadValue::Choice { names: $name::NAMES, part: part() };
                    index.map(|index| $name::BITS[index]).ok_or_else(unknown)
                })
            }
        }
    };
    ($name:ident, $label:literal, [$($heading:literal)?], $parse:path) => {
        $crate::ext::text::words!($name);
        $crate::ext::text::printed_as_text!($name);

        impl $crate::ext::mechanism::field::Value for $name {
            const KIND: $crate::ext::ValueKind = $crate::ext::ValueKind {
                choices: $name::NAMES,
                ..$crate::ext::ValueKind::new($crate::ext::Form::List, $label)
            };
            $($crate::ext::values::below!($name, $heading);)?

            fn parse(
                input: &$crate::ext::mechanism::field::Input<'_>,
            ) -> ::std::result::Result<$name, $crate::error::BadValue> {
                $parse(input)
            }

            fn print(&self, out: &mut $crate::ext::mechanism::print::Printer<'_>) {
                $crate::ext::values::print_names(out, self.names());
            }
        }
    };
}
pub(crate) use flags_value;

/// The names of a type as the help of iptables tells them, below a heading.
macro_rules! below {
    ($name:ident, $heading:literal) => {
        fn named(_: $crate::Family) -> $crate::ext::mechanism::options::ValueNames {
            let names = $name::NAMES.iter().map(|name| $crate::ext::mechanism::options::ValueName::new(name));
            $crate::ext::mechanism::options::ValueNames::below($heading, names)
        }
    };
}
pub(crate) use below;

/// Declares one of several named values: an enum with the numbers of the kernel.
///
/// ```text
/// choice! {
///     /// What the choice is about.
///     pub enum Direction(u8) as "NAME" {
///         /// What the value means.
///         In = 1 => "in",
///     }
/// }
/// ```
///
/// With `as` and what stands for it in a synopsis, it is the value of an option, given by its name. Behind that, `in any case` says
/// that the case of letters does not matter, `in digits` that the names are the numbers, in order; `below` and `by` are as for
/// [`flags!`]. Without `as`, it is for other types to be made of.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident($int:ty) $(as $label:literal $(in $how:ident $(case)?)? $(below $heading:literal)? $(by $parse:path)?)? {
        $($(#[$vmeta:meta])* $variant:ident = $value:expr => $text:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            pub(crate) const NAMES: &'static [&'static str] = &[$($text),*];

            /// The name in rules.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The number in the kernel.
            #[must_use]
            pub const fn number(self) -> $int {
                match self { $($name::$variant => $value,)* }
            }

            #[allow(dead_code)]
            pub(crate) fn from_number(number: $int) -> Option<$name> {
                Self::ALL.iter().copied().find(|value| value.number() == number)
            }

            #[allow(dead_code)]
            pub(crate) fn by_name(name: &[u8]) -> Option<$name> {
                let index = Self::NAMES.iter().position(|known| known.as_bytes() == name)?;
                Self::ALL.get(index).copied()
            }

            #[allow(dead_code)]
            pub(crate) fn by_name_in_any_case(name: &[u8]) -> Option<$name> {
                let index = Self::NAMES.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
                Self::ALL.get(index).copied()
            }
        }

        $($crate::ext::values::choice_value!($name, $label, [$($how)?] [$($heading)?] [$($parse)?]);
        $crate::ext::text::words!($name);)?

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use choice;

/// The value of an option that is given as one of a list of names: how they are read, the heading above them, and what reads them.
macro_rules! choice_value {
    (@read $name:ident, $input:ident, [] []) => {
        $name::by_name($input.text()).ok_or_else(|| $input.none_of($name::NAMES))
    };
    (@read $name:ident, $input:ident, [any] []) => {
        $name::by_name_in_any_case($input.text()).ok_or_else(|| $input.none_of($name::NAMES))
    };
    (@read $name:ident, $input:ident, [] [$parse:path]) => { $parse($input) };
    ($name:ident, $label:literal, [digits] [] []) => {
        impl $crate::ext::mechanism::field::Value for $name {
            const KIND: $crate::ext::ValueKind = $crate::ext::ValueKind {
                choices: $name::NAMES,
                ..$crate::ext::ValueKind::new($crate::ext::Form::Integer, $label)
            };
            const MAX: u64 = $name::ALL.len() as u64 - 1;

            fn parse(
                input: &$crate::ext::mechanism::field::Input<'_>,
            ) -> ::std::result::Result<$name, $crate::error::BadValue> {
                let number = $crate::types::fmt::number(input.text());
                let number = $crate::ext::mechanism::field::bounded(input, number)?;
                let found = $name::ALL.iter().find(|value| u64::from(value.number()) == number);
                found.copied().ok_or_else(|| input.none_of($name::NAMES))
            }

            fn print(&self, out: &mut $crate::ext::mechanism::print::Printer<'_>) {
                out.text(self.name());
            }
        }
    };
    ($name:ident, $label:literal, [$($how:ident)?] [$($heading:literal)?] [$($parse:path)?]) => {
        impl $crate::ext::mechanism::field::Value for $name {
            const KIND: $crate::ext::ValueKind =
                $crate::ext::ValueKind { choices: $name::NAMES, ..$crate::ext::ValueKind::text($label) };
            $($crate::ext::values::below!($name, $heading);)?

            fn parse(
                input: &$crate::ext::mechanism::field::Input<'_>,
            ) -> ::std::result::Result<$name, $crate::error::BadValue> {
                $crate::ext::values::choice_value!(@read $name, input, [$($how)?] [$($parse)?])
            }

            fn print(&self, out: &mut $crate::ext::mechanism::print::Printer<'_>) {
                out.text(self.name());
            }
        }
    };
}
pub(crate) use choice_value;
