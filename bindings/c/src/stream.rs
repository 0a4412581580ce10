//! Tables as text, piece by piece: to and from functions and files of the caller.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::fs::File;
use std::io::{self, Read, Write};

use libfw::iptables;

use crate::error::{Result, fw_error, fw_status, null};
use crate::ffi::{ErrorPlace, Number, Out, Reader, Text, Writer, duplicate, guard};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::strings::fw_strings;
use crate::table::{self, fw_table};
use crate::text::{How, warned};

/// A function that gets a text piece by piece: `length` bytes, without a NUL behind them. It returns 0 to get more; with any
/// other number the call ends with FW_ERROR_ABORTED. It must return, as `fw_edit` must.
pub type fw_write =
    Option<unsafe extern "C-unwind" fn(text: *const c_char, length: usize, data: *mut c_void) -> c_int>;

/// A function that gives a text piece by piece: it puts at most `size` bytes into the buffer and returns how many there are, 0
/// at the end, or a negative number to end the call with FW_ERROR_ABORTED. It must return, as `fw_edit` must.
pub type fw_read =
    Option<unsafe extern "C-unwind" fn(buffer: *mut c_char, size: usize, data: *mut c_void) -> i64>;

/// The function of the caller has said no.
fn aborted(code: i64) -> io::Error {
    io::Error::other(Aborted(code))
}

#[derive(Debug)]
struct Aborted(i64);

impl std::fmt::Display for Aborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the function returned {}", self.0)
    }
}

impl std::error::Error for Aborted {}

impl Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self.call(text) {
            Some(0) => Ok(text.len()),
            code => Err(aborted(code.unwrap_or_default().into())),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.call(buffer).unwrap_or_default();
        match usize::try_from(given) {
            Ok(length) if length <= buffer.len() => Ok(length),
            _ => Err(aborted(given)),
        }
    }
}

/// The error of a function of the caller that has said no.
fn refused(error: &io::Error) -> Box<fw_error> {
    fw_error::because(fw_status::FW_ERROR_ABORTED, error.to_string(), error)
}

/// Writes the table as `fw_table_save` does, to a function of the caller.
///
/// Errors: FW_ERROR_ABORTED.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_save_to(
    table: Option<&fw_table>,
    counters: bool,
    write: fw_write,
    data: *mut c_void,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let table = table::of(table)?;
        let mut writer = Writer::new(write, data).ok_or_else(|| null("write"))?;
        iptables::save(table, counters, &mut writer).map_err(|error| refused(&error).of_table(table))
    })
}

/// Writes the table as `fw_table_save` does, to an open file. The descriptor stays the caller's.
///
/// Errors: FW_ERROR_IO where the file cannot be written, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_save_fd(
    table: Option<&fw_table>,
    counters: bool,
    fd: c_int,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let table = table::of(table)?;
        let mut file = File::from(duplicate(fd)?);
        iptables::save(table, counters, &mut file).map_err(|error| {
            let message = format!("cannot write to file descriptor {fd}: {error}");
            fw_error::because(fw_status::FW_ERROR_IO, message, &error).of_table(table)
        })
    })
}

/// Writes every table of a family that there is, as `iptables-save` does, to an open file. The descriptor stays the caller's.
///
///     fw_error *error = NULL;
///     if (fw_save_fd(NULL, FW_IPV4, true, STDOUT_FILENO, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     fw_error_free(error);
///
/// Errors: FW_ERROR_IO where the file cannot be written, FW_ERROR_INVALID_ARGUMENT when the descriptor is not open; those of
/// `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_save_fd(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    counters: bool,
    fd: c_int,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let family = crate::kernel::family(&family)?;
        let mut file = File::from(duplicate(fd)?);
        Ok(iptables::save_all(&kernel_of(kernel), family, counters, &mut file)?)
    })
}

/// Restores tables from a save file that a function of the caller gives; otherwise as `fw_restore_n`.
///
/// Errors: FW_ERROR_ABORTED, and those of `fw_restore_n`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_restore_from(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    read: fw_read,
    data: *mut c_void,
    only: Text,
    flags: c_uint,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    let how = How { kernel, family, only, flags };
    warned(error, (), warnings, |warn| {
        let mut reader = Reader::new(read, data).ok_or_else(|| null("read"))?;
        let restored: Result<()> = how.restore(&mut reader, warn);
        // Whatever the parser makes of a text that ends early, this is why.
        match reader.refused() {
            Some(code) => Err(refused(&aborted(code))),
            None => restored,
        }
    })
}
