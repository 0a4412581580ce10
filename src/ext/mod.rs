//! Matches and targets: one file each, all on the mechanism of this folder.
//!
//! An extension is a typed value whose options are declared once, in `options!`, plus the functions that turn
//! it into the kernel's bytes and back. Parsing, the order of printing, the rules between options, the Python
//! keywords, the C names, the type stubs and the reference page come from the declaration. DESIGN.md walks through
//! one file under "Adding an extension".

pub mod matches;
mod mechanism;
pub mod targets;
mod text;
pub mod values;

pub use mechanism::context::TooLong;
pub use mechanism::context::{Host, ObjectKind, SetInfo};
pub(crate) use mechanism::context::{
    NameList, Names, Offline, RuleContext, System, Warnings, context, pass_on,
};
pub use mechanism::datum::{Datum, OptionDatum};
pub(crate) use mechanism::descriptor::Place;
pub use mechanism::descriptor::{
    Extension, ExtensionKind, Families, MatchType, Placement, TargetType, Typed,
};
pub(crate) use mechanism::engine::{OptionText, collect, first_bad_value, values as read_values};
pub(crate) use mechanism::erased::ErasedValue;
pub use mechanism::given::Named;
pub use mechanism::options::{Example, Form, Opt, ValueKind, ValueName, ValueNames};
pub(crate) use mechanism::plain::Plain;
pub(crate) use mechanism::print::{List, Printer, Sink, Style};
pub(crate) use mechanism::revision::NORMALIZED_MAX;
pub use mechanism::revision::Revision;

/// What a file of an extension needs.
pub(crate) mod prelude {
    pub(crate) use zerocopy::FromZeros;

    pub(crate) use super::mechanism::context::{Names, RuleContext};
    pub(crate) use super::mechanism::datum::{Datum, Printed};
    pub(crate) use super::mechanism::declare::{opt, options, place};
    pub(crate) use super::mechanism::descriptor::{
        Codec, Extension, Families, Needs, Payload, Place, Placement, fits, needs_revision, read_raw,
    };
    pub(crate) use super::mechanism::field::{Input, Value, shown};
    pub(crate) use super::mechanism::options::{Form, Given, Opt, Options, ValueKind, ValueName, ValueNames};
    pub(crate) use super::mechanism::plain::Plain;
    pub(crate) use super::mechanism::print::{List, Printer, Sink, Style, bang, show};
    pub(crate) use super::mechanism::revision::{Normal, Revision, normal_mask};
    #[cfg(test)]
    pub(crate) use super::tests::{check, check_family, check_ipv4, check_revisions};
    pub(crate) use super::values::{list_ports, ports_from_raw, ports_to_raw};
    pub(crate) use super::{flag, is_file_name};
    #[cfg(test)]
    pub(crate) use crate::ErrorKind;
    pub(crate) use crate::error::{BadValue, Malformed, Misfit, Refused, Warning};
    pub(crate) use crate::sys::layout::raw;
    pub(crate) use crate::types::invertible;
    pub(crate) use crate::{Error, Family, Hook, HookMask, Inv, Protocol, Result};
}

/// The bit if the condition holds.
pub(crate) fn flag<T: Default>(condition: bool, bit: T) -> T {
    if condition { bit } else { T::default() }
}

/// Whether the kernel can make a file of that name, as it does in /proc and /sys for what some rules keep.
pub(crate) fn is_file_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/')
}

/// Every match and target, matches first.
///
/// ```
/// let names: Vec<_> = libfw::ext::all().map(|extension| extension.name).collect();
/// assert!(names.contains(&"conntrack") && names.contains(&"MASQUERADE"));
/// ```
pub fn all() -> impl Iterator<Item = &'static Extension> {
    matches::ALL.iter().chain(targets::ALL).copied()
}

/// The match or target of that name, or of that alias, for a family.
///
/// ```
/// use libfw::Family;
/// use libfw::ext::{self, ExtensionKind};
///
/// assert!(ext::find(ExtensionKind::Target, "MASQUERADE", Family::Ipv6).is_some());
/// assert!(ext::find(ExtensionKind::Match, "MASQUERADE", Family::Ipv6).is_none());
/// ```
#[must_use]
pub fn find(
    kind: ExtensionKind,
    name: impl AsRef<[u8]>,
    family: crate::Family,
) -> Option<&'static Extension> {
    index::find(kind, name.as_ref(), family)
}

pub(crate) mod index {
    //! Names to extensions, through a hash table that is filled once.

    use std::sync::OnceLock;

    use super::{Extension, ExtensionKind, matches, targets};
    use crate::Family;

    /// A table that is far larger than the number of names keeps chains of collisions short.
    const SLOTS: usize = 1024;

    struct Index {
        slots: Vec<Option<(&'static [u8], &'static Extension)>>,
    }

    fn hash(name: &[u8]) -> usize {
        // Names differ in their length, or in one of these letters; the few that do not have the next slot.
        let letter = |at: usize| u32::from(name.get(at).copied().unwrap_or_default());
        let last = name.len().wrapping_sub(1);
        let letters = letter(0) | letter(last / 2) << 8 | letter(last) << 16 | (name.len() as u32) << 24;
        (letters.wrapping_mul(0x9e37_79b9) >> 16) as usize % SLOTS
    }

    impl Index {
        fn new() -> Index {
            Index { slots: vec![None; SLOTS] }
        }

        fn add(&mut self, name: &'static str, extension: &'static Extension) {
            let mut at = hash(name.as_bytes());
            while self.slots[at].is_some() {
                at = (at + 1) % SLOTS;
            }
            self.slots[at] = Some((name.as_bytes(), extension));
        }

        /// By the names that iptables knows them by.
        fn of(all: &[&'static Extension]) -> Index {
            let mut index = Index::new();
            for extension in all {
                index.add(extension.name, extension);
                extension.aliases.iter().for_each(|alias| index.add(alias, extension));
            }
            index
        }

        fn get(&self, name: &[u8], fits: impl Fn(&Extension) -> bool) -> Option<&'static Extension> {
            let mut at = hash(name);
            while let Some((known, extension)) = self.slots[at] {
                if known == name && fits(extension) {
                    return Some(extension);
                }
                at = (at + 1) % SLOTS;
            }
            None
        }
    }

    pub(crate) fn find(kind: ExtensionKind, name: &[u8], family: Family) -> Option<&'static Extension> {
        static MATCHES: OnceLock<Index> = OnceLock::new();
        static TARGETS: OnceLock<Index> = OnceLock::new();
        let index = match kind {
            ExtensionKind::Match => MATCHES.get_or_init(|| Index::of(matches::ALL)),
            ExtensionKind::Target => TARGETS.get_or_init(|| Index::of(targets::ALL)),
        };
        index.get(name, |extension| extension.families.contains(family))
    }

    /// By the name of its type, which no two of a kind share.
    pub(crate) fn find_type(kind: ExtensionKind, name: &str) -> Option<&'static Extension> {
        static TYPES: OnceLock<Index> = OnceLock::new();
        let index = TYPES.get_or_init(|| {
            let mut index = Index::new();
            super::all().for_each(|extension| index.add(extension.type_name, extension));
            index
        });
        index.get(name.as_bytes(), |extension| extension.kind == kind)
    }
}

#[cfg(test)]
mod tests;
