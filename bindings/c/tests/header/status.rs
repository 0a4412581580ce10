//! The type `fw_status`, from the kinds of errors: cbindgen reads sources, so it stands in one.

use std::fmt::Write;

use libfw::ErrorKind;

const ABOVE: &str = "\
//! What functions return. Made from `libfw::ErrorKind` by `make generated`; do not edit.

use libfw::ErrorKind;

/// What a function returns: `FW_OK`, or what went wrong. The numbers do not change between versions; new ones may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_status {
    /// It worked.
    #[default]
    FW_OK = 0,
";

/// What only C has.
const BELOW: &str = "    \
    /// The edit function of `fw_table_update` returned a number other than 0 and no error.
    FW_ERROR_ABORTED = 100,
    /// A bug in libfw. Nothing was committed, but do not use the handles of the call again; free them.
    FW_ERROR_PANIC = 101,
}

impl fw_status {
    pub(crate) fn of(kind: ErrorKind) -> fw_status {
        match kind {
";

const END: &str = "            \
            // This file has every kind: a test compares it with them.
            _ => fw_status::FW_ERROR_KERNEL,
        }
    }
}
";

/// The file.
pub fn file() -> String {
    let (mut numbers, mut arms) = (String::new(), String::new());
    for kind in ErrorKind::ALL {
        let name = constant(kind.name());
        let _ = writeln!(numbers, "    /// {}\n    {name} = {},", kind.description(), *kind as i32);
        if *kind != ErrorKind::Kernel {
            let _ = writeln!(arms, "            ErrorKind::{} => fw_status::{name},", kind.name());
        }
    }
    format!("{ABOVE}{numbers}{BELOW}{arms}{END}")
}

/// `NoSuchChain` as `FW_ERROR_NO_SUCH_CHAIN`.
fn constant(name: &str) -> String {
    let mut constant = "FW_ERROR".to_owned();
    for letter in name.chars() {
        if letter.is_uppercase() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}
