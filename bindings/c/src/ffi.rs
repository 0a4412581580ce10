//! The edge: what comes from C and goes to C. All `unsafe` of this crate is here.
//!
//! Functions take handles as `Option<&T>`, `Option<&mut T>` and `Option<Box<T>>`, which have the layout of a pointer that
//! may be NULL, and other pointers as the types below, which only a C caller can make. So each proof rests on what the
//! top of the header asks of the caller: pointers are NULL or valid, strings end with NUL, and a handle is not used by two
//! threads at once while one of them changes it.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::error::{Result, fw_error, fw_status, null};
use crate::table::{fw_edit, fw_table};

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
    pub(crate) fn all(&self, count: usize) -> Result<Vec<&[u8]>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        if self.0.is_null() {
            return Err(null("argv"));
        }
        // SAFETY: not NULL, so by the caller's promise an array of at least `count` pointers that lives as long as the
        // call. `Text` has the layout of a pointer.
        let words = unsafe { std::slice::from_raw_parts(self.0, count) };
        words.iter().map(|word| word.bytes("a word of argv")).collect()
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
        if size == 0 {
            return Ok(&[]);
        }
        if self.0.is_null() {
            return Err(null("data"));
        }
        // SAFETY: not NULL, so by the caller's promise at least `size` bytes that live as long as the call, which `self`
        // does not outlive.
        Ok(unsafe { std::slice::from_raw_parts(self.0, size) })
    }
}

/// A place of the caller for a result: `T *`. It need not be initialised; with NULL the result is dropped.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct Out<T>(*mut T, PhantomData<T>);

impl<T> Out<T> {
    pub(crate) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    pub(crate) fn set(&self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not NULL, so by the caller's promise valid for a write of a `T`. What was there before is not
            // read and not dropped.
            unsafe { self.0.write(value) }
        }
    }
}

/// A number that should be one of an enumeration, but C lets it be any.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct Number<T>(c_int, PhantomData<T>);

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
    let error = if error.is_null() {
        None
    } else {
        // SAFETY: what is put there can only come from this library, which made it by `Box::into_raw`, and the caller
        // gives it away by putting it there.
        Some(unsafe { Box::from_raw(error) })
    };
    match status {
        0 => Ok(()),
        _ => Err(error.unwrap_or_else(|| {
            fw_error::new(fw_status::FW_ERROR_ABORTED, format!("the edit function returned {status}"))
        })),
    }
}

/// A copy of a file descriptor of the caller.
pub(crate) fn duplicate(fd: c_int) -> std::io::Result<OwnedFd> {
    if fd < 0 {
        return Err(std::io::Error::from_raw_os_error(9));
    }
    // SAFETY: not negative. If it is not open, duplicating it fails with EBADF.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()
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

/// A string that the caller has to free with `fw_string_free`.
pub(crate) fn give(text: impl AsRef<[u8]>) -> *mut c_char {
    c_string(text).into_raw()
}

/// Frees a string that a function of this library has returned as `char *`. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: by the caller's promise a string from `give`, not freed before.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// Runs a function's body: errors and panics become a status and, where the caller wants it, an error object.
pub(crate) fn guard(error: Out<Option<Box<fw_error>>>, body: impl FnOnce() -> Result<()>) -> fw_status {
    let problem = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => {
            error.set(None);
            return fw_status::FW_OK;
        }
        Ok(Err(problem)) => problem,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            fw_error::new(fw_status::FW_ERROR_PANIC, format!("a bug in libfw: {text}"))
        }
    };
    let status = problem.status;
    error.set(Some(problem));
    status
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
        let mut place = None;
        let status = guard(Out(&raw mut place, PhantomData), || panic!("on purpose"));
        assert_eq!(status, fw_status::FW_ERROR_PANIC);
        assert_eq!(place.map(|error| error.status), Some(status));
        assert_eq!(value(7, || -> Option<i32> { panic!("on purpose") }), 7);
    }

    #[test]
    fn a_string_ends_at_its_first_nul() {
        assert_eq!(c_string(b"one\0two").as_bytes(), b"one");
    }
}
