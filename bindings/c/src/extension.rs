//! What matches and targets there are, and their options.

use std::ffi::{CStr, CString, c_char, c_uint};
use std::sync::OnceLock;

use libfw::Family;
use libfw::ext::{self, Extension, ExtensionKind, Families, Opt};

use crate::chain;
use crate::ffi::{Allocated, Number, Text, c_string, value};
use crate::kernel::{self, fw_family};
use crate::strings::fw_strings;

/// Matches decide whether a rule applies, targets say what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_extension_kind {
    /// A match, `-m NAME`.
    FW_EXTENSION_MATCH = 1,
    /// A target, `-j NAME`.
    FW_EXTENSION_TARGET = 2,
}

/// A match or target that libfw knows. Never freed; its strings live as long as the program.
pub struct fw_extension {
    known: &'static Extension,
    name: CString,
    description: CString,
    examples: Vec<CString>,
    header: CString,
    type_name: CString,
    options: Vec<fw_option>,
}

/// An option of a match or target. Never freed; its strings live as long as the program.
pub struct fw_option {
    known: &'static Opt,
    extension: &'static Extension,
    name: CString,
    field: CString,
    kind: CString,
    description: CString,
}

fn all() -> &'static [fw_extension] {
    static ALL: OnceLock<Vec<fw_extension>> = OnceLock::new();
    ALL.get_or_init(|| {
        let option = |extension: &'static Extension, known: &'static Opt| fw_option {
            known,
            extension,
            name: c_string(known.name),
            field: c_string(known.field),
            kind: c_string(known.kind.label),
            description: c_string(known.text()),
        };
        let extension = |known: &'static Extension| fw_extension {
            known,
            name: c_string(known.name),
            description: c_string(known.text()),
            examples: known.examples.iter().map(|example| c_string(example.rule)).collect(),
            header: c_string(known.header),
            type_name: c_string(known.type_name),
            options: known.options.iter().map(|opt| option(known, opt)).collect(),
        };
        ext::all().map(extension).collect()
    })
}

/// The handle of what libfw knows.
pub(crate) fn of(known: &'static Extension) -> Option<&'static fw_extension> {
    all().iter().find(|extension| std::ptr::eq(extension.known, known))
}

/// The handle of an option of an extension.
pub(crate) fn option_of(known: &'static Extension, name: &str) -> Option<&'static fw_option> {
    of(known)?.options.iter().find(|option| option.known.name == name)
}

fn contains(families: Families, family: &Number<fw_family>) -> bool {
    kernel::family(family).is_ok_and(|family: Family| families.contains(family))
}

fn string<T>(part: Option<&'static T>, text: fn(&'static T) -> &'static CStr) -> *const c_char {
    part.map_or(std::ptr::null(), |part| text(part).as_ptr())
}

/// The number of matches and targets that libfw knows.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_count() -> usize {
    value(0, || Some(all().len()))
}

/// The match or target at an index, counted from 0, matches first; NULL beyond the last.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_at(index: usize) -> Option<&'static fw_extension> {
    value(None, || Some(all().get(index)))
}

/// The match or target of that name or alias, for a family; NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_find(
    kind: Number<fw_extension_kind>,
    name: Text,
    family: Number<fw_family>,
) -> Option<&'static fw_extension> {
    value(None, || {
        let kind = match kind.get() {
            1 => ExtensionKind::Match,
            2 => ExtensionKind::Target,
            _ => return None,
        };
        let known = ext::find(kind, name.bytes("name").ok()?, kernel::family(&family).ok()?)?;
        Some(of(known))
    })
}

/// Whether it is a match or a target.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_kind_of(extension: Option<&'static fw_extension>) -> fw_extension_kind {
    match extension.map(|extension| extension.known.kind) {
        Some(ExtensionKind::Target) => fw_extension_kind::FW_EXTENSION_TARGET,
        _ => fw_extension_kind::FW_EXTENSION_MATCH,
    }
}

/// The name after `-m` or `-j`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_name(extension: Option<&'static fw_extension>) -> *const c_char {
    string(extension, |extension| &extension.name)
}

/// What it is for.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_description(extension: Option<&'static fw_extension>) -> *const c_char {
    string(extension, |extension| &extension.description)
}

/// A rule that shows what it is for, as the text of a rule; of IPv6 if it is for that family alone, otherwise of IPv4.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_example(extension: Option<&'static fw_extension>) -> *const c_char {
    fw_extension_example_at(extension, 0)
}

/// The first such rule, or another one of the same family; NULL behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_example_at(
    extension: Option<&'static fw_extension>,
    index: usize,
) -> *const c_char {
    value(std::ptr::null(), || extension?.examples.get(index).map(|example| example.as_ptr()))
}

/// Whether a family has it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_has_family(
    extension: Option<&'static fw_extension>,
    family: Number<fw_family>,
) -> bool {
    value(false, || extension.map(|extension| contains(extension.known.families, &family)))
}

/// The number of its options.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_option_count(extension: Option<&'static fw_extension>) -> usize {
    extension.map_or(0, |extension| extension.options.len())
}

/// The option at an index, counted from 0, in the order they are printed; NULL beyond the last.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_option(
    extension: Option<&'static fw_extension>,
    index: usize,
) -> Option<&'static fw_option> {
    extension.and_then(|extension| extension.options.get(index))
}

/// The long option without dashes.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_name(option: Option<&'static fw_option>) -> *const c_char {
    string(option, |option| &option.name)
}

/// The name as an identifier, which is accepted too: the field in Rust and the keyword in Python.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_field(option: Option<&'static fw_option>) -> *const c_char {
    string(option, |option| &option.field)
}

/// What stands for its value in a synopsis, such as `PORT[:PORT]`; empty for an option that takes none.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_value(option: Option<&'static fw_option>) -> *const c_char {
    string(option, |option| &option.kind)
}

/// What it is for.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_description(option: Option<&'static fw_option>) -> *const c_char {
    string(option, |option| &option.description)
}

/// Whether it can be inverted.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_is_negatable(option: Option<&'static fw_option>) -> bool {
    option.is_some_and(|option| option.known.negatable)
}

/// Whether it must be given.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_is_required(option: Option<&'static fw_option>) -> bool {
    option.is_some_and(|option| option.known.required)
}

/// Whether a family has it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_has_family(
    option: Option<&'static fw_option>,
    family: Number<fw_family>,
) -> bool {
    value(false, || option.map(|option| contains(option.known.families, &family)))
}

/// The header of the kernel that declares the data; empty where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_header(extension: Option<&'static fw_extension>) -> *const c_char {
    string(extension, |extension| &extension.header)
}

/// The name of its type in Rust and of its class in Python.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_type(extension: Option<&'static fw_extension>) -> *const c_char {
    string(extension, |extension| &extension.type_name)
}

fn strings<'a>(strings: impl IntoIterator<Item = &'a str>) -> Option<Box<fw_strings>> {
    Some(fw_strings::boxed(strings.into_iter().map(c_string)))
}

/// Its other names. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_aliases(extension: Option<&'static fw_extension>) -> Option<Box<fw_strings>> {
    value(None, || Some(strings(extension?.known.aliases.iter().copied())))
}

/// The tables that may hold it; none where all may. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_tables(extension: Option<&'static fw_extension>) -> Option<Box<fw_strings>> {
    value(None, || Some(strings(extension?.known.placement.tables.iter().copied())))
}

/// The hooks from which a rule with it may be reached: a bit `1u << FW_HOOK_INPUT` for each.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_hooks(extension: Option<&'static fw_extension>) -> c_uint {
    value(0, || extension.map(|extension| chain::hooks(extension.known.placement.hooks)))
}

/// The protocols one of which a rule with it must be for, by name, or by number where there is none; none where any will do.
/// Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_protocols(
    extension: Option<&'static fw_extension>,
) -> Option<Box<fw_strings>> {
    value(None, || {
        let protocols = extension?.known.placement.protocols.iter();
        Some(Some(fw_strings::boxed(protocols.map(|protocol| c_string(protocol.to_string())))))
    })
}

/// The options one of which must be given, or some of those that are likely to be meant where any will do; none where a rule can
/// have it without options. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_needs(extension: Option<&'static fw_extension>) -> Option<Box<fw_strings>> {
    value(None, || Some(strings(extension?.known.needs().iter().copied())))
}

/// Whether libfw knows a revision of it for a family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_has_revision(
    extension: Option<&'static fw_extension>,
    family: Number<fw_family>,
    revision: u8,
) -> bool {
    value(false, || {
        let family = kernel::family(&family).ok()?;
        Some(extension?.known.revision(family, revision).is_some())
    })
}

/// The text of the value that an option has unless another is given; NULL where it has none, is not an option of the
/// extension, or is not for the family. Freed with `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_extension_default(
    extension: Option<&'static fw_extension>,
    option: Text,
    family: Number<fw_family>,
) -> Allocated {
    value(Allocated::default(), || {
        let (known, name) = (extension?.known, option.str("option").ok()?);
        let name = known.option(name)?.name;
        let defaults = known.defaults(kernel::family(&family).ok()?);
        let (_, text) = defaults.into_iter().find(|(opt, _)| opt.name == name)?;
        Allocated::new(text)
    })
}

/// Other spellings of the option. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_aliases(option: Option<&'static fw_option>) -> Option<Box<fw_strings>> {
    value(None, || Some(strings(option?.known.aliases.iter().copied())))
}

/// The names that its value may have in a family; none where it is not one of a list. Freed with `fw_strings_free`. NULL only
/// for NULL and for what is no family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_names(
    option: Option<&'static fw_option>,
    family: Number<fw_family>,
) -> Option<Box<fw_strings>> {
    value(None, || {
        let names = option?.known.values(kernel::family(&family).ok()?).names;
        Some(strings(names.iter().map(|name| name.name)))
    })
}

/// The options of which none may stand beside it. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_excludes(option: Option<&'static fw_option>) -> Option<Box<fw_strings>> {
    value(None, || {
        let option = option?;
        Some(strings(option.extension.excluded_by(option.known)))
    })
}

/// The options that must stand beside it. Freed with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_requires(option: Option<&'static fw_option>) -> Option<Box<fw_strings>> {
    value(None, || Some(strings(option?.known.requires.iter().copied())))
}

/// The smallest number it takes, where it takes one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_min(option: Option<&'static fw_option>) -> u64 {
    option.map_or(0, |option| option.known.min)
}

/// The largest number it takes, where it takes one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_max(option: Option<&'static fw_option>) -> u64 {
    option.map_or(0, |option| option.known.max)
}

/// Whether it may be given more than once.
#[unsafe(no_mangle)]
pub extern "C" fn fw_option_is_repeatable(option: Option<&'static fw_option>) -> bool {
    option.is_some_and(|option| option.known.repeats)
}
