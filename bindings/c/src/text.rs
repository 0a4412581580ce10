//! Tables as text: save, list, restore, and command lines.

use std::cell::RefCell;
use std::ffi::{CString, c_int, c_uint};
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::fs::FileExt;

use libfw::Family;
use libfw::iptables::{self, Foreign, ListStyle, Outcome, RestoreOptions, TooLong};

use crate::chain;
use crate::error::{Result, fw_error, fw_status};
use crate::ffi::{
    Allocated, ErrorPlace, Number, Out, Places, Text, Words, c_string, duplicate, guard, value,
};
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
    /// Cut texts that are too long, as iptables does, with a warning; otherwise they are errors.
    FW_RESTORE_CUT = 8,
    /// Replace a table of nf_tables with what `nft` has put into it and no save file tells of, as iptables-nft-restore does;
    /// otherwise that is FW_ERROR_FOREIGN_RULES.
    FW_RESTORE_REPLACE_FOREIGN = 16,
    /// Keep what `nft` has put into a table, and replace the rules of iptables around it.
    FW_RESTORE_KEEP_FOREIGN = 32,
    /// Write all tables at the end of the text, or none.
    FW_RESTORE_ATOMIC = 64,
    /// With FW_RESTORE_TEST: go on behind what is wrong, and look at each table as the kernel would, as `fw_table_rehearse` does:
    /// `fw_error_other` has all that is wrong.
    FW_RESTORE_STRICT = 128,
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

/// What the flags of a listing ask for.
fn style(flags: c_uint) -> Result<ListStyle> {
    check_flags(flags, 15)?;
    let has = |flag: fw_list_flags| flags & flag as c_uint != 0;
    Ok(ListStyle::new()
        .numeric(has(fw_list_flags::FW_LIST_NUMERIC))
        .verbose(has(fw_list_flags::FW_LIST_VERBOSE))
        .exact(has(fw_list_flags::FW_LIST_EXACT))
        .line_numbers(has(fw_list_flags::FW_LIST_LINE_NUMBERS)))
}

/// Text that was written into memory, which cannot fail.
fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Result<Allocated> {
    let mut out = Vec::new();
    write(&mut out).map_err(|error| fw_error::because(fw_status::FW_ERROR_IO, error.to_string(), &error))?;
    whole(out)
}

/// Text for C, unless there is a NUL in it where C would think that it ends.
fn whole(text: Vec<u8>) -> Result<Allocated> {
    Allocated::new(text)
        .ok_or_else(|| fw_error::new(fw_status::FW_ERROR_MALFORMED, "the text has a NUL in it"))
}

/// The table as `iptables-save` writes it, from the line `*NAME` to `COMMIT`; with the counters of rules if wanted. Freed with
/// `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_save(
    table: Option<&fw_table>,
    counters: bool,
    text: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, text, || {
        let table = table::of(table)?;
        written(|out| iptables::save(table, counters, out))
    })
}

/// Every table of a family that there is, each as `fw_table_save` writes it. None is brought into being by that. Freed with
/// `fw_string_free`.
///
/// Errors: as for `fw_kernel_tables` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_save(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    counters: bool,
    text: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, text, || {
        let mut out = Vec::new();
        let family = crate::kernel::family(&family)?;
        iptables::save_all(&kernel_of(kernel), family, counters, &mut out)?;
        whole(out)
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
    text: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, text, || {
        let only = chain.optional().map(|_| chain::of(table, &chain)).transpose()?;
        let table = table::of(table)?;
        written(|out| iptables::save_rules(table, only, None, counters, out))
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
    text: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, text, || {
        let style = style(flags)?;
        let chains = match chain.optional() {
            Some(_) => vec![chain::of(table, &chain)?],
            None => table::of(table)?.chains().collect(),
        };
        written(|out| {
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

/// The line of one rule in the listing of its chain, as `iptables -L CHAIN NUMBER` prints it; the rule is named by its index,
/// counted from 0. `flags` as for `fw_table_list`. Freed with `fw_string_free`.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_list_rule(
    table: Option<&fw_table>,
    chain: Text,
    index: usize,
    flags: c_uint,
    text: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, text, || {
        let style = style(flags)?;
        let chain = chain::of(table, &chain)?;
        chain::rule_at(chain, index)?;
        written(|out| iptables::list_chain(chain, Some(index + 1), style, out))
    })
}

/// Restores tables from the text of a save file: one commit per table. Tables before one that fails stay restored. The text
/// ends at its first NUL; `fw_restore_n` finds one that does not belong there.
///
/// `only` is the name of the only table to restore, or NULL. `flags` is a sum of `enum fw_restore_flags`. `warnings` gets
/// what is odd but not wrong, whether the call works or fails: a list to free with `fw_strings_free`, or NULL if there is
/// nothing to say.
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
    error: ErrorPlace,
) -> fw_status {
    let how = How { kernel, family, only, flags };
    warned(error, (), warnings, |warn| how.restore_text(text.bytes("text")?, warn))
}

/// Restores tables from the text of a save file of a known length; otherwise as `fw_restore`.
///
/// Errors: FW_ERROR_SYNTAX where there is a NUL in the text, and those of `fw_restore`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_restore_n(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    text: Text,
    length: usize,
    only: Text,
    flags: c_uint,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    let how = How { kernel, family, only, flags };
    warned(error, (), warnings, |warn| how.restore_text(text.sized(length, "text")?, warn))
}

/// Restores tables from a save file, which is read from an open file to its end; otherwise as `fw_restore_n`. The
/// descriptor stays the caller's.
///
/// Errors: FW_ERROR_IO where the file cannot be read, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open, and those of
/// `fw_restore_n`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_restore_fd(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    fd: c_int,
    only: Text,
    flags: c_uint,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    let how = How { kernel, family, only, flags };
    warned(error, (), warnings, |warn| how.restore_file(File::from(duplicate(fd)?), warn))
}

/// What a file has from a place on; where it is read next stays as it is.
fn rest(file: &File, start: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut buffer = [0; 1 << 14];
    loop {
        match file.read_at(&mut buffer, start + text.len() as u64).ok()? {
            0 => return Some(text),
            count => text.extend_from_slice(buffer.get(..count)?),
        }
    }
}

/// How and where to restore.
pub(crate) struct How<'a> {
    pub(crate) kernel: Option<&'a fw_kernel>,
    pub(crate) family: Number<fw_family>,
    pub(crate) only: Text,
    pub(crate) flags: c_uint,
}

impl How<'_> {
    /// Restores from a text, so that an error can show its line however long it is.
    fn restore_text(&self, mut text: &[u8], warn: &mut dyn FnMut(&str)) -> Result<()> {
        let whole = text;
        Ok(self.restored(&mut text, warn)?.map_err(|error| iptables::quote(error, whole))?)
    }

    /// Restores from a file, which is read again for the line that an error is about, if it can be.
    fn restore_file(&self, mut file: File, warn: &mut dyn FnMut(&str)) -> Result<()> {
        let start = file.stream_position().ok();
        Ok(self.restored(&mut file, warn)?.map_err(|error| {
            match start.and_then(|start| rest(&file, start)) {
                Some(text) => iptables::quote(error, text),
                None => error,
            }
        })?)
    }

    pub(crate) fn restore(&self, text: &mut dyn Read, warn: &mut dyn FnMut(&str)) -> Result<()> {
        Ok(self.restored(text, warn)??)
    }

    fn restored(&self, text: &mut dyn Read, warn: &mut dyn FnMut(&str)) -> Result<libfw::Result<()>> {
        check_flags(self.flags, 255)?;
        let has = |flag: fw_restore_flags| self.flags & flag as c_uint != 0;
        let mut options = RestoreOptions::new()
            .counters(has(fw_restore_flags::FW_RESTORE_COUNTERS))
            .noflush(has(fw_restore_flags::FW_RESTORE_NOFLUSH))
            .test(has(fw_restore_flags::FW_RESTORE_TEST))
            .atomic(has(fw_restore_flags::FW_RESTORE_ATOMIC))
            .strict(has(fw_restore_flags::FW_RESTORE_STRICT))
            .foreign(if has(fw_restore_flags::FW_RESTORE_KEEP_FOREIGN) {
                Foreign::Keep
            } else if has(fw_restore_flags::FW_RESTORE_REPLACE_FOREIGN) {
                Foreign::Replace
            } else {
                Foreign::Refuse
            })
            .too_long(if has(fw_restore_flags::FW_RESTORE_CUT) { TooLong::Cut } else { TooLong::Refuse });
        options.table = self.only.optional().map(|_| self.only.str("only")).transpose()?.map(str::to_owned);
        let (kernel, family) = (kernel_of(self.kernel), crate::kernel::family(&self.family)?);
        Ok(iptables::restore_to(&kernel, family, text, &options, &mut std::io::sink(), warn).map(drop))
    }
}

/// Carries out a command line of `iptables` or `ip6tables`, without the program's name: `{"-A", "INPUT", "-j", "DROP"}`, so many words
/// or with FW_UNTIL_NULL all before a NULL. What it prints is given as text, freed with `fw_string_free`. `warnings` as for `fw_restore`.
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
    text: Out<Allocated>,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    warned(error, text, warnings, |warn| {
        let (family, args): (Family, _) = (crate::kernel::family(&family)?, argv.all(argc)?);
        let mut out = Vec::new();
        let what = match iptables::run(&kernel_of(kernel), family, args, &mut out, warn)? {
            Outcome::Done => return whole(out),
            Outcome::OtherFamily => "the arguments are for the other family",
            _ => "the arguments ask for help or for the version",
        };
        Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, what))
    })
}

/// As `guard`, for a function with warnings, which the caller gets whatever comes of the work.
pub(crate) fn warned<P: Places>(
    error: ErrorPlace,
    places: P,
    warnings: Out<Option<Box<fw_strings>>>,
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<P::Results>,
) -> fw_status {
    let mut list: Vec<CString> = Vec::new();
    let status = guard(error, places, || work(&mut |warning| list.push(c_string(warning))));
    add_warnings(list.iter().map(|warning| warning.to_bytes()));
    warnings.set((!list.is_empty()).then(|| fw_strings::boxed(list)));
    status
}

thread_local! {
    /// What there was to warn about in the thread's last call.
    static LAST: RefCell<Vec<CString>> = const { RefCell::new(Vec::new()) };
}

/// Forgets the warnings of the call before.
pub(crate) fn forget_warnings() {
    // A thread that ends keeps nothing any more.
    let _ = LAST.try_with(|last| last.borrow_mut().clear());
}

/// Adds to the warnings of this call.
pub(crate) fn add_warnings<W: AsRef<[u8]>>(warnings: impl ExactSizeIterator<Item = W>) {
    if warnings.len() == 0 {
        return;
    }
    let _ = LAST.try_with(|last| last.borrow_mut().extend(warnings.map(c_string)));
}

/// What was odd but not wrong about the rules that the thread's last call read from text, in the words of iptables: a range
/// that never matches, a name that no interface can have. Every function that takes a rule as text or words, or options with
/// their values, has such warnings, whether it works or fails; every function with a status is a call. A list to free with
/// `fw_strings_free`, or NULL if there is nothing to say.
#[unsafe(no_mangle)]
pub extern "C" fn fw_warnings() -> Option<Box<fw_strings>> {
    value(None, || {
        let last = LAST.try_with(|last| last.borrow().clone()).ok()?;
        Some((!last.is_empty()).then(|| fw_strings::boxed(last)))
    })
}
