//! Matches and targets of a rule.

use std::ffi::{CString, c_char, c_void};

use libfw::MatchRef;

use crate::ffi::{Out, c_string, pointer};

/// A match, or a target that is an extension, in a rule. Never freed: it lives as long as the rule.
pub struct fw_part {
    name: CString,
    revision: u8,
    data: Vec<u8>,
    options: Vec<UsedOption>,
}

struct UsedOption {
    name: CString,
    value: CString,
    inverted: bool,
}

impl fw_part {
    pub(crate) fn new(extension: &MatchRef<'_>) -> fw_part {
        let options = extension.options().unwrap_or_default();
        fw_part {
            name: c_string(extension.name()),
            revision: extension.revision(),
            data: extension.data().into(),
            options: options
                .into_iter()
                .map(|option| UsedOption {
                    name: c_string(option.name),
                    value: c_string(option.value),
                    inverted: option.inverted,
                })
                .collect(),
        }
    }
}

/// The name of a match or target. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_name(part: Option<&fw_part>) -> *const c_char {
    pointer(part.map(|part| &part.name))
}

/// The revision of a match or target in its rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_revision(part: Option<&fw_part>) -> u8 {
    part.map_or(0, |part| part.revision)
}

/// The data of a match or target as the kernel has it, and its size in bytes. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_data(part: Option<&fw_part>, size: Out<usize>) -> *const c_void {
    size.set(part.map_or(0, |part| part.data.len()));
    part.map_or(std::ptr::null(), |part| part.data.as_ptr().cast())
}

/// The number of options of a match or target, those included that have their default value; 0 for an extension or revision
/// that libfw does not know.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_count(part: Option<&fw_part>) -> usize {
    part.map_or(0, |part| part.options.len())
}

fn used(part: Option<&fw_part>, index: usize) -> Option<&UsedOption> {
    part.and_then(|part| part.options.get(index))
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
