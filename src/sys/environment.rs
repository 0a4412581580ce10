//! The environment, as far as it may be trusted.

use std::ffi::OsString;

/// A variable of the environment, which whoever starts a program with more privileges than its own must not set: for such a
/// process (set-user-ID, file capabilities; AT_SECURE of getauxval(3)) there is none.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    // SAFETY: getauxval has no preconditions; for a value that it does not have it returns 0.
    let elevated = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    if elevated { None } else { std::env::var_os(name) }
}
