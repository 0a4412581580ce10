//! Matches and targets of a rule.

use std::ffi::{CString, c_char, c_void};
use std::sync::OnceLock;

use libfw::MatchRef;

use crate::extension::{self, fw_extension};
use crate::ffi::{Out, Text, c_string, kept_part, pointer, value};
use crate::value::fw_value;

/// A match, or a target that is an extension, in a rule. Never freed: it lives as long as the rule.
pub struct fw_part {
    part: MatchRef<'static>,
    shown: Shown,
}

/// What it is made of, each when it is first asked for.
#[derive(Default)]
struct Shown {
    name: OnceLock<CString>,
    kernel_name: OnceLock<CString>,
    options: OnceLock<Vec<UsedOption>>,
    values: OnceLock<Vec<fw_value>>,
    respelled: OnceLock<Vec<fw_value>>,
    text: OnceLock<CString>,
}

struct UsedOption {
    name: CString,
    value: CString,
    inverted: bool,
}

impl fw_part {
    /// A part of a rule, which keeps it and does not change or outlive what it is of.
    pub(crate) fn new(part: MatchRef<'_>) -> fw_part {
        fw_part { part: kept_part(part), shown: Shown::default() }
    }

    fn options(&self) -> &[UsedOption] {
        self.shown.options.get_or_init(|| {
            let options = self.part.options().unwrap_or_default();
            let used = options.into_iter().map(|option| UsedOption {
                name: c_string(option.name),
                value: c_string(option.value),
                inverted: option.inverted,
            });
            used.collect()
        })
    }

    fn values(&self) -> &[fw_value] {
        self.shown.values.get_or_init(|| {
            let Some(extension) = self.part.extension() else { return Vec::new() };
            let values = self.part.values().unwrap_or_default();
            values.into_iter().map(|value| fw_value::new(extension, value)).collect()
        })
    }

    /// What options say that stand for others, or others for them, and so are none of those that it has.
    fn respelled(&self) -> &[fw_value] {
        self.shown.respelled.get_or_init(|| {
            let Some(extension) = self.part.extension() else { return Vec::new() };
            let find = |field: &str| {
                let value = self.values().iter().find(|value| value.is_of(field))?;
                let (_, inverted, datum) = value.parts();
                Some((inverted, datum.clone()))
            };
            let others = extension.options.iter().filter(|opt| find(opt.field).is_none());
            let said = others.filter_map(|opt| {
                let (inverted, datum) = opt.respelled(&find)?;
                Some(fw_value::with(extension, opt, inverted, datum))
            });
            said.collect()
        })
    }
}

/// The name of a match or target. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_name(part: Option<&fw_part>) -> *const c_char {
    value(std::ptr::null(), || {
        part.map(|part| part.shown.name.get_or_init(|| c_string(part.part.name())).as_ptr())
    })
}

/// Its name in the kernel, which is another one for some: `state` is `conntrack` there. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_kernel_name(part: Option<&fw_part>) -> *const c_char {
    value(std::ptr::null(), || {
        part.map(|part| part.shown.kernel_name.get_or_init(|| c_string(part.part.kernel_name())).as_ptr())
    })
}

/// What it is in its rule, such as `-m tcp --dport 22` or `-j LOG --log-prefix web`. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_text(part: Option<&fw_part>) -> *const c_char {
    value(std::ptr::null(), || {
        part.map(|part| part.shown.text.get_or_init(|| c_string(part.part.to_text())).as_ptr())
    })
}

/// What libfw knows of it; NULL for an extension or revision that it does not know.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_extension(part: Option<&fw_part>) -> Option<&'static fw_extension> {
    value(None, || Some(extension::of(part?.part.extension()?)))
}

/// The revision of a match or target in its rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_revision(part: Option<&fw_part>) -> u8 {
    part.map_or(0, |part| part.part.revision())
}

/// The data of a match or target as the kernel has it, and its size in bytes. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_data(part: Option<&fw_part>, size: Out<usize>) -> *const c_void {
    size.set(part.map_or(0, |part| part.part.data().len()));
    part.map_or(std::ptr::null(), |part| part.part.data().as_ptr().cast())
}

/// The number of options of a match or target, those included that have their default value; 0 for an extension or revision
/// that libfw does not know.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_count(part: Option<&fw_part>) -> usize {
    value(0, || part.map(|part| part.options().len()))
}

fn used(part: Option<&fw_part>, index: usize) -> Option<&UsedOption> {
    value(None, || part.map(|part| part.options().get(index)))
}

/// The name of an option without dashes; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_name(part: Option<&fw_part>, index: usize) -> *const c_char {
    pointer(used(part, index).map(|option| &option.name))
}

/// The text of an option's value, empty for a flag; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_value(part: Option<&fw_part>, index: usize) -> *const c_char {
    pointer(used(part, index).map(|option| &option.value))
}

/// Whether an option is inverted.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_inverted(part: Option<&fw_part>, index: usize) -> bool {
    used(part, index).is_some_and(|option| option.inverted)
}

/// The value of an option by its name, such as FW_TCP_DPORT; the first one where the option is given several times. NULL for an
/// option that is not there. One that is another way to write what is there has a value too: FW_DSCP_CLASS where FW_DSCP_DSCP is 46.
/// Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_value(part: Option<&fw_part>, option: Text) -> Option<&fw_value> {
    value(None, || {
        let name = option.str("option").ok()?;
        part.map(|part| {
            let there = part.values().iter().find(|value| value.is_of(name));
            there.or_else(|| part.respelled().iter().find(|value| value.is_of(name)))
        })
    })
}

/// The value of the option at an index; the others of `fw_part_option_name` are of the same index. NULL beyond the last. Lives as
/// long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_value_at(part: Option<&fw_part>, index: usize) -> Option<&fw_value> {
    value(None, || part.map(|part| part.values().get(index)))
}
