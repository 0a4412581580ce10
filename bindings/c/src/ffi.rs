//! The edge: what comes from C and goes to C. All `unsafe` of this crate is here.
//!
//! Functions take handles as `Option<&T>`, `Option<&mut T>` and `Option<Box<T>>`, which have the layout of a pointer that
//! may be NULL, and other pointers as the types below, which only a C caller can make. So each proof rests on what the
//! top of the header asks of the caller: pointers are NULL or valid, strings end with NUL, and a handle is not used by two
//! threads at once while one of them changes it.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libfw::{MatchRef, Rule, iptables};

use crate::error::{Result, fw_error, fw_status, null};
use crate::kernel::fw_family;
use crate::rule::{self, fw_rule};
use crate::stream::{fw_read, fw_write};
use crate::table::{fw_edit, fw_table};
use crate::text::{add_warnings, forget_warnings};
use crate::value::fw_range;

/// A string of the caller: `const char *`.
///
/// cbindgen:ignore
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Text(*const c_char);

impl Text {
    /// The bytes before the NUL, or `None` for NULL.
    pub(crate) fn optional(&self) -> Option<&[u8]> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: not NULL, so by the caller's promise a string that ends with NUL and lives as long as the call, which
        // `self` does not outlive.
        Some(unsafe { CStr::from_ptr(self.0) }.to_bytes())
    }

    /// The bytes before the NUL.
    pub(crate) fn bytes(&self, name: &str) -> Result<&[u8]> {
        self.optional().ok_or_else(|| null(name))
    }

    /// The bytes of a string of a known length, which may hold NUL and need not end with it.
    pub(crate) fn sized(&self, length: usize, name: &str) -> Result<&[u8]> {
        slice(self.0.cast(), length, name)
    }

    /// The string, if it is UTF-8: the names of tables and extensions are ASCII.
    pub(crate) fn str(&self, name: &str) -> Result<&str> {
        str::from_utf8(self.bytes(name)?)
            .map_err(|_| fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, format!("{name} is not UTF-8")))
    }

    /// A path, or `None` for NULL.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.optional().map(|bytes| Path::new(OsStr::from_bytes(bytes)))
    }
}

/// An array of strings of the caller: `const char *const *`.
///
/// cbindgen:ignore
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Words(*const Text);

impl Words {
    /// So many words, or with FW_UNTIL_NULL all before a NULL.
    pub(crate) fn all(&self, count: usize) -> Result<Vec<&[u8]>> {
        let is_null = |at: usize| {
            // SAFETY: by the caller's promise the array ends with NULL, and no element before this one was that.
            let word = unsafe { self.0.add(at) };
            // SAFETY: so there is an element here.
            unsafe { word.read() }.0.is_null()
        };
        let count = match count {
            usize::MAX if !self.0.is_null() => (0..).find(|at| is_null(*at)).unwrap_or(0),
            count => count,
        };
        slice(self.0, count, "argv")?.iter().map(|word: &Text| word.bytes("a word of argv")).collect()
    }
}

/// An array of ranges of the caller: `const fw_range *`.
///
/// cbindgen:ignore
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Ranges(*const fw_range);

impl Ranges {
    pub(crate) fn all(&self, count: usize) -> Result<&[fw_range]> {
        slice(self.0, count, "ranges")
    }
}

/// An array of rules of the caller: `const fw_rule *const *`.
///
/// cbindgen:ignore
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Rules(*const *const fw_rule);

impl Rules {
    /// Copies of the rules.
    pub(crate) fn all(&self, count: usize) -> Result<Vec<Rule>> {
        let rules: &[*const fw_rule] = slice(self.0, count, "rules")?;
        // SAFETY: by the caller's promise each is NULL or a rule.
        rules.iter().map(|rule| rule::of(unsafe { rule.as_ref() })).collect()
    }
}

impl Rules {
    /// Copies of the rules, where there are any.
    pub(crate) fn some(&self, count: usize) -> Result<Vec<Option<Rule>>> {
        let rules: &[*const fw_rule] = slice(self.0, count, "rules")?;
        // SAFETY: by the caller's promise each is NULL or a rule.
        let copy =
            |rule: &*const fw_rule| unsafe { rule.as_ref() }.map(|rule| rule::of(Some(rule))).transpose();
        rules.iter().map(copy).collect()
    }
}

/// Bytes of the caller: `const void *`.
///
/// cbindgen:ignore
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Data(*const u8);

impl Data {
    pub(crate) fn bytes(&self, size: usize) -> Result<&[u8]> {
        slice(self.0, size, "data")
    }
}

/// The array at a pointer of the caller, for as long as the call.
fn slice<'a, T>(start: *const T, count: usize, name: &str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if start.is_null() {
        return Err(null(name));
    }
    if count > isize::MAX as usize / size_of::<T>() {
        return Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, format!("{name} is too large")));
    }
    // SAFETY: not NULL and not larger than memory can be, so by the caller's promise at least `count` elements that live
    // as long as the call.
    Ok(unsafe { std::slice::from_raw_parts(start, count) })
}

/// A place of the caller for a result: `T *`. It need not be initialised; with NULL the result is dropped.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct Out<T>(*mut T, PhantomData<T>);

impl<T> Out<T> {
    pub(crate) fn set(&self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not NULL, so by the caller's promise valid for a write of a `T`. What was there before is not
            // read and not dropped.
            unsafe { self.0.write(value) }
        }
    }
}

/// The places for the results of a function: each is written whatever comes of the call, with NULL, 0 or false where there
/// is no result.
pub(crate) trait Places {
    /// What a call that succeeds writes there.
    type Results;

    fn write(&self, results: Option<Self::Results>);
}

impl Places for () {
    type Results = ();

    fn write(&self, _: Option<()>) {}
}

impl<T: Default> Places for Out<T> {
    type Results = T;

    fn write(&self, result: Option<T>) {
        self.set(result.unwrap_or_default());
    }
}

/// A string of its own: `char *`. The caller frees it with `fw_string_free`.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct Allocated(*mut c_char);

impl Default for Allocated {
    fn default() -> Allocated {
        Allocated(std::ptr::null_mut())
    }
}

impl Allocated {
    /// A string of C, or `None` where a NUL would cut it short.
    pub(crate) fn new(text: impl Into<Vec<u8>>) -> Option<Allocated> {
        Some(Allocated(CString::new(text).ok()?.into_raw()))
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by `CString::into_raw`; a string that C gets is written there and not dropped, and one that C
            // gives back has not been freed before by the caller's promise.
            drop(unsafe { CString::from_raw(self.0) });
        }
    }
}

/// The caller's place for an error: `fw_error **`. It is NULL, or holds NULL or an error that an earlier call put there and
/// that is freed when the next is over.
///
/// A place holds a stale pointer as well, once its error is freed with `fw_error_free`, and nobody can keep it from
/// holding anything else. So an error is only freed here if it is alive and was put into this very place.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct ErrorPlace(*mut *mut fw_error);

/// The errors that are alive, and the place that each was put into.
static ERRORS: Mutex<BTreeMap<Hidden, usize>> = Mutex::new(BTreeMap::new());

fn errors() -> MutexGuard<'static, BTreeMap<Hidden, usize>> {
    ERRORS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An address that leak checkers do not take for a pointer, so that they find the errors that a program forgets.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Hidden(usize);

impl Hidden {
    fn new(error: *mut fw_error) -> Hidden {
        Hidden(!(error as usize))
    }
}

impl ErrorPlace {
    /// Puts an error there, or NULL, and frees the one that was there.
    fn set(&self, error: Option<Box<fw_error>>) {
        if self.0.is_null() {
            return;
        }
        // SAFETY: not NULL, so by the caller's promise a pointer that may be read.
        let old = unsafe { self.0.read() };
        let new = error.map_or(std::ptr::null_mut(), Box::into_raw);
        if !(old.is_null() && new.is_null()) {
            let place = self.0 as usize;
            let mut errors = errors();
            if errors.get(&Hidden::new(old)) == Some(&place) {
                errors.remove(&Hidden::new(old));
                // SAFETY: alive, for it is in the list, and so made by `Box::into_raw`.
                drop(unsafe { Box::from_raw(old) });
            }
            if !new.is_null() {
                errors.insert(Hidden::new(new), place);
            }
        }
        // SAFETY: not NULL, so by the caller's promise a place that may be written.
        unsafe { self.0.write(new) };
    }
}

/// An error that the caller gives back: `fw_error *`.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct GivenError(*mut fw_error);

impl GivenError {
    /// The error, unless it is NULL or was freed before.
    pub(crate) fn take(self) -> Option<Box<fw_error>> {
        errors().remove(&Hidden::new(self.0))?;
        // SAFETY: alive, for it was in the list, and so made by `Box::into_raw`.
        Some(unsafe { Box::from_raw(self.0) })
    }
}

/// A table for as long as something that the caller has of it is used.
pub(crate) fn kept(table: &fw_table) -> &'static fw_table {
    // SAFETY: by the caller's promise the table is neither freed nor changed while what belongs to it is used.
    unsafe { &*std::ptr::from_ref(table) }
}

/// A part of a rule for as long as the rule.
pub(crate) fn kept_part(part: MatchRef<'_>) -> MatchRef<'static> {
    // SAFETY: the lifetime alone differs. The caller puts it into the handle of the rule, which is not moved, and drops it
    // before it changes or drops the rule; that a table which the rule is of stays is the promise of the caller from C.
    unsafe { std::mem::transmute::<MatchRef<'_>, MatchRef<'static>>(part) }
}

/// A number that should be one of an enumeration, but C lets it be any.
///
/// cbindgen:ignore
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Number<T>(c_int, PhantomData<T>);

impl<T> Default for Number<T> {
    fn default() -> Number<T> {
        Number(0, PhantomData)
    }
}

impl From<fw_family> for Number<fw_family> {
    fn from(family: fw_family) -> Number<fw_family> {
        Number(family as c_int, PhantomData)
    }
}

impl<T> Number<T> {
    pub(crate) fn get(&self) -> c_int {
        self.0
    }
}

/// Calls a function of the caller; fails with its error when it does not return 0.
pub(crate) fn call(edit: fw_edit, table: &mut fw_table, data: *mut c_void) -> Result<()> {
    let edit = edit.ok_or_else(|| null("edit"))?;
    let mut error = std::ptr::null_mut();
    // SAFETY: by the caller's promise a function of this type. The pointers are valid while it runs.
    let status = unsafe { edit(table, data, &raw mut error) };
    let error = GivenError(error).take();
    match status {
        0 => Ok(()),
        _ => Err(error.unwrap_or_else(|| {
            fw_error::new(fw_status::FW_ERROR_ABORTED, format!("the edit function returned {status}"))
        })),
    }
}

/// Where a text goes: a function of the caller and what it is called with.
pub(crate) struct Writer {
    write: fw_write,
    data: *mut c_void,
}

impl Writer {
    pub(crate) fn new(write: fw_write, data: *mut c_void) -> Option<Writer> {
        write.is_some().then_some(Writer { write, data })
    }

    /// Calls it with a piece.
    pub(crate) fn call(&mut self, text: &[u8]) -> Option<c_int> {
        let write = self.write?;
        // SAFETY: by the caller's promise a function of this type. The bytes are valid while it runs.
        Some(unsafe { write(text.as_ptr().cast(), text.len(), self.data) })
    }
}

/// Where a text comes from: a function of the caller and what it is called with.
pub(crate) struct Reader {
    read: fw_read,
    data: *mut c_void,
    refused: Option<i64>,
}

impl Reader {
    pub(crate) fn new(read: fw_read, data: *mut c_void) -> Option<Reader> {
        read.is_some().then_some(Reader { read, data, refused: None })
    }

    /// Calls it for a piece.
    pub(crate) fn call(&mut self, buffer: &mut [u8]) -> Option<i64> {
        let read = self.read?;
        // SAFETY: by the caller's promise a function of this type, which writes no more than the size. The buffer is valid
        // while it runs, and its bytes are initialised.
        let given = unsafe { read(buffer.as_mut_ptr().cast(), buffer.len(), self.data) };
        if usize::try_from(given).is_ok_and(|length| length <= buffer.len()) {
            return Some(given);
        }
        self.refused = Some(given);
        Some(given)
    }

    /// What it returned that was no length.
    pub(crate) fn refused(&self) -> Option<i64> {
        self.refused
    }
}

/// A copy of a file descriptor of the caller.
pub(crate) fn duplicate(fd: c_int) -> Result<OwnedFd> {
    let copy = match fd {
        // SAFETY: not negative. If it is not open, duplicating it fails with EBADF.
        0.. => unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned(),
        _ => Err(std::io::Error::from_raw_os_error(libc::EBADF)),
    };
    copy.map_err(|error| {
        let status = match error.raw_os_error() {
            Some(libc::EBADF) => fw_status::FW_ERROR_INVALID_ARGUMENT,
            // There may be no more of them.
            _ => fw_status::FW_ERROR_IO,
        };
        fw_error::because(status, format!("file descriptor {fd}: {error}"), &error)
    })
}

/// A string of C; it ends at the first NUL, as C would see it.
pub(crate) fn c_string(text: impl AsRef<[u8]>) -> CString {
    let text = text.as_ref();
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    CString::new(text.get(..end).unwrap_or_default()).unwrap_or_default()
}

/// The pointer to a string, or NULL.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// Frees a string that a function of this library has returned as `char *`. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_string_free(string: Allocated) {
    drop(string);
}

/// Runs a function's body and writes its results, or blanks: errors and panics become a status and, where the caller wants
/// it, an error object.
pub(crate) fn guard<P: Places>(
    error: ErrorPlace,
    places: P,
    body: impl FnOnce() -> Result<P::Results>,
) -> fw_status {
    let (mut body, mut results) = (Some(body), None);
    let problem = caught(&mut || {
        results = body.take().map(|body| body()).transpose()?;
        Ok(())
    });
    let status = problem.as_ref().map_or(fw_status::FW_OK, |problem| problem.status);
    places.write(results);
    error.set(problem);
    status
}

/// Runs a function's body, notes its warnings, and tells what went wrong: one function for all bodies.
fn caught(body: &mut dyn FnMut() -> Result<()>) -> Option<Box<fw_error>> {
    forget_warnings();
    let (done, warnings) = iptables::with_warnings(|| catch_unwind(AssertUnwindSafe(body)));
    add_warnings(warnings);
    match done {
        Ok(done) => done.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Some(fw_error::new(fw_status::FW_ERROR_PANIC, format!("a bug in libfw: {text}")))
        }
    }
}

/// Runs the body of a function that cannot fail; `fallback` is for a NULL handle, and for a bug.
pub(crate) fn value<T>(fallback: T, body: impl FnOnce() -> Option<T>) -> T {
    catch_unwind(AssertUnwindSafe(body)).ok().flatten().unwrap_or(fallback)
}

/// Drops a handle.
pub(crate) fn free<T>(handle: Option<Box<T>>) {
    // Nothing is left to be told of a panic, and there is nobody to tell.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(handle)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let (mut place, mut result) = (std::ptr::null_mut(), 7_usize);
        let out = Out(&raw mut result, PhantomData);
        let status = guard(ErrorPlace(&raw mut place), out, || panic!("on purpose"));
        assert_eq!(status, fw_status::FW_ERROR_PANIC);
        assert_eq!(GivenError(place).take().map(|error| error.status), Some(status));
        assert_eq!(result, 0);
        assert_eq!(value(7, || -> Option<i32> { panic!("on purpose") }), 7);
    }

    #[test]
    fn an_error_is_freed_once() {
        let new = || Some(fw_error::new(fw_status::FW_ERROR_ABORTED, "on purpose"));
        let alive = |error| errors().contains_key(&Hidden::new(error));
        let mut one = std::ptr::null_mut();
        ErrorPlace(&raw mut one).set(new());
        let first = one;
        assert!(alive(first));
        // The place is used again, whether the next call fails or works.
        ErrorPlace(&raw mut one).set(new());
        ErrorPlace(&raw mut one).set(None);
        assert!(one.is_null() && !alive(first));
        // A pointer that was copied to another place is not that place's to free.
        ErrorPlace(&raw mut one).set(new());
        let mut two = one;
        ErrorPlace(&raw mut two).set(None);
        assert!(alive(one));
        // Freed by hand, the pointer is stale, and is left alone.
        assert!(GivenError(one).take().is_some());
        ErrorPlace(&raw mut one).set(None);
        assert!(one.is_null() && GivenError(one).take().is_none());
    }

    #[test]
    fn a_string_ends_at_its_first_nul() {
        assert_eq!(c_string(b"one\0two").as_bytes(), b"one");
        assert!(Allocated::new(*b"one\0two").is_none());
    }
}
