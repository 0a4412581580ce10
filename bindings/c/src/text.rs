//! Tables as text: save, list, restore, and command lines.

use std::ffi::{CString, c_char, c_uint};

use libfw::Family;
use libfw::iptables::{self, ListStyle, Outcome, RestoreOptions};

use crate::chain;
use crate::error::{Result, fw_error, fw_status};
use crate::ffi::{Number, Out, Text, Words, c_string, give, guard};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::strings::fw_strings;
use crate::table::{self, fw_table};

/// What a listing shows; the values are added.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub enum fw_list_flags {
    /// Addresses and ports as numbers, `-n`.
    FW_LIST_NUMERIC = 1,
    /// Counters and interfaces too, `-v`.
    FW_LIST_VERBOSE = 2,
    /// Counters in full, `-x`.
    FW_LIST_EXACT = 4,
    /// A number before each rule, `--line-numbers`.
    FW_LIST_LINE_NUMBERS = 8,
}

/// How a save file is restored; the values are added.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub enum fw_restore_flags {
    /// Set the counters that the file gives, `-c`.
    FW_RESTORE_COUNTERS = 1,
    /// Keep rules and chains that the file does not declare, `-n`.
    FW_RESTORE_NOFLUSH = 2,
    /// Read everything but commit nothing, `-t`.
    FW_RESTORE_TEST = 4,
}

/// Refuses bits that mean nothing yet.
fn check_flags(flags: c_uint, known: c_uint) -> Result<()> {
    match flags & !known {
        0 => Ok(()),
        other => Err(fw_error::new(
            fw_status::FW_ERROR_INVALID_ARGUMENT,
            format!("{other:#x} in the flags means nothing"),
        )),
    }
}

/// Gives text that was written into memory, which cannot fail.
fn give_written(
    text: Out<*mut c_char>,
    write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>,
) -> Result<()> {
    let mut out = Vec::new();
    write(&mut out).map_err(|error| fw_error::new(fw_status::FW_ERROR_IO, error.to_string()))?;
    set_text(&text, out);
    Ok(())
}

fn set_text(text: &Out<*mut c_char>, out: Vec<u8>) {
    if !text.is_null() {
        text.set(give(out));
    }
}

/// The table as `iptables-save` writes it, from the line `*NAME` to `COMMIT`; with the counters of rules if wanted. Freed with
/// `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_save(
    table: Option<&fw_table>,
    counters: bool,
    text: Out<*mut c_char>,
    error: Out<Option<Box<fw_error>>>,
) -> fw_status {
    guard(error, || {
        let table = table::of(table)?;
        give_written(text, |out| iptables::save(table, counters, out))
    })
}

/// The commands that make a table, or one chain of it (NULL for all), as `iptables -S` prints them. Freed with
/// `fw_string_free`.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_rules(
    table: Option<&fw_table>,
    chain: Text,
    counters: bool,
    text: Out<*mut c_char>,
    error: Out<Option<Box<fw_error>>>,
) -> fw_status {
    guard(error, || {
        let only = chain.optional().map(|_| chain::of(table, &chain)).transpose()?;
        let table = table::of(table)?;
        give_written(text, |out| iptables::save_rules(table, only, None, counters, out))
    })
}

/// The listing of a table, or of one chain of it (NULL for all), as `iptables -L` prints it. `flags` is a sum of `enum
/// fw_list_flags`. Freed with `fw_string_free`.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_list(
    table: Option<&fw_table>,
    chain: Text,
    flags: c_uint,
    text: Out<*mut c_char>,
    error: Out<Option<Box<fw_error>>>,
) -> fw_status {
    guard(error, || {
        check_flags(flags, 15)?;
        let has = |flag: fw_list_flags| flags & flag as c_uint != 0;
        let style = ListStyle {
            numeric: has(fw_list_flags::FW_LIST_NUMERIC),
            verbose: has(fw_list_flags::FW_LIST_VERBOSE),
            exact: has(fw_list_flags::FW_LIST_EXACT),
            line_numbers: has(fw_list_flags::FW_LIST_LINE_NUMBERS),
        };
        let chains = match chain.optional() {
            Some(_) => vec![chain::of(table, &chain)?],
            None => table::of(table)?.chains().collect(),
        };
        give_written(text, |out| {
            for (index, chain) in chains.into_iter().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                iptables::list_chain(chain, None, style, out)?;
            }
            Ok(())
        })
    })
}

/// Restores tables from the text of a save file: one commit per table. Tables before one that fails stay restored. `only` is the name of
/// the only table to restore, or NULL. `flags` is a sum of `enum fw_restore_flags`. `warnings` may be NULL, or gets a list to free with
/// `fw_strings_free`, also when the call fails.
///
/// Errors: whatever is wrong with a line, with its number, and those of `fw_table_commit`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_restore(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    text: Text,
    only: Text,
    flags: c_uint,
    warnings: Out<Option<Box<fw_strings>>>,
    error: Out<Option<Box<fw_error>>>,
) -> fw_status {
    guard(error, || {
        warnings.set(None);
        check_flags(flags, 7)?;
        let has = |flag: fw_restore_flags| flags & flag as c_uint != 0;
        let options = RestoreOptions {
            counters: has(fw_restore_flags::FW_RESTORE_COUNTERS),
            noflush: has(fw_restore_flags::FW_RESTORE_NOFLUSH),
            test: has(fw_restore_flags::FW_RESTORE_TEST),
            verbose: false,
            table: only.optional().map(|_| only.str("only")).transpose()?.map(Into::into),
        };
        let (family, mut text) = (crate::kernel::family(&family)?, text.bytes("text")?);
        with_warnings(&warnings, |warn| {
            iptables::restore(&kernel_of(kernel), family, &mut text, &options, &mut std::io::sink(), warn)
        })?;
        Ok(())
    })
}

/// Carries out a command line of `iptables` or `ip6tables`, without the program's name: `{"-A", "INPUT", "-j", "DROP"}`. What it
/// prints is given as text, freed with `fw_string_free`. `warnings` as for `fw_restore`.
///
/// Errors: whatever is wrong with the arguments, the table or the kernel; `fw_error_iptables_words` and
/// `fw_error_iptables_status` are what iptables would say. FW_ERROR_INVALID_ARGUMENT for arguments that ask for help or for the
/// version, which the library does not print, or that are for the other family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_run(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    argc: usize,
    argv: Words,
    text: Out<*mut c_char>,
    warnings: Out<Option<Box<fw_strings>>>,
    error: Out<Option<Box<fw_error>>>,
) -> fw_status {
    guard(error, || {
        warnings.set(None);
        text.set(std::ptr::null_mut());
        let (family, args): (Family, _) = (crate::kernel::family(&family)?, argv.all(argc)?);
        let mut out = Vec::new();
        let outcome =
            with_warnings(&warnings, |warn| iptables::run(&kernel_of(kernel), family, args, &mut out, warn))?;
        let what = match outcome {
            Outcome::Done => {
                set_text(&text, out);
                return Ok(());
            }
            Outcome::OtherFamily => "the arguments are for the other family",
            _ => "the arguments ask for help or for the version",
        };
        Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, what))
    })
}

/// Collects warnings and gives them to the caller, whatever comes of the work.
fn with_warnings<T>(
    warnings: &Out<Option<Box<fw_strings>>>,
    work: impl FnOnce(&mut dyn FnMut(&str)) -> libfw::Result<T>,
) -> libfw::Result<T> {
    let mut list: Vec<CString> = Vec::new();
    let result = work(&mut |warning| list.push(c_string(warning)));
    if !warnings.is_null() {
        warnings.set(Some(fw_strings::boxed(list)));
    }
    result
}
