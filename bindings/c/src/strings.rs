//! Lists of strings.

use std::ffi::{CString, c_char};

use crate::ffi::{free, pointer};

/// A list of strings. Freed with `fw_strings_free`.
pub struct fw_strings(Vec<CString>);

impl fw_strings {
    pub(crate) fn boxed(strings: impl IntoIterator<Item = CString>) -> Box<fw_strings> {
        Box::new(fw_strings(strings.into_iter().collect()))
    }
}

/// The number of strings; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_strings_count(strings: Option<&fw_strings>) -> usize {
    strings.map_or(0, |strings| strings.0.len())
}

/// The string at an index, counted from 0; lives as long as the list. NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn fw_strings_get(strings: Option<&fw_strings>, index: usize) -> *const c_char {
    pointer(strings.and_then(|strings| strings.0.get(index)))
}

/// Frees a list and its strings. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_strings_free(strings: Option<Box<fw_strings>>) {
    free(strings);
}
