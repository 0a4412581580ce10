//! The error object.

use std::ffi::{CStr, CString, c_char, c_int};
use std::io;

use libfw::{Doubt, Error, ErrorKind, Table};

use crate::ffi::{GivenError, Number, Out, c_string, free, pointer, value};
use crate::kernel::{fw_backend, fw_family};
pub use crate::status::fw_status;

pub(crate) type Result<T> = std::result::Result<T, Box<fw_error>>;

/// What went wrong in one call. Its strings live until it is freed with `fw_error_free`, and have at most 1,023 bytes: a
/// longer one is cut and ends with three dots.
#[derive(Clone, Debug)]
pub struct fw_error {
    pub(crate) status: fw_status,
    name: CString,
    text: CString,
    message: CString,
    family: Option<fw_family>,
    backend: fw_backend,
    table: Option<CString>,
    chain: Option<CString>,
    rule: Option<usize>,
    extension: Option<CString>,
    option: Option<CString>,
    token: Option<CString>,
    rule_text: Option<CString>,
    marked: Option<CString>,
    path: Option<CString>,
    lock_path: Option<CString>,
    holder: u32,
    holder_command: Option<CString>,
    json: Option<CString>,
    line: usize,
    column: usize,
    length: usize,
    errno: c_int,
    doubt: fw_doubt,
    exit_status: c_int,
    words: CString,
    others: Vec<fw_error>,
}

/// What an error cannot say for certain: the xtables interface refuses a table as a whole, and which of its new rules is to blame is
/// found out by trying them in a network namespace of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_doubt {
    /// Nothing.
    #[default]
    FW_DOUBT_NONE = 0,
    /// It is this rule, or one of `fw_error_other`: they are about objects that a namespace of their own does not have.
    FW_DOUBT_SUSPECT = 1,
    /// It is one of the new rules: there is no namespace to try them in.
    FW_DOUBT_UNTRIED = 2,
}

impl From<Doubt> for fw_doubt {
    fn from(doubt: Doubt) -> fw_doubt {
        match doubt {
            Doubt::Suspect => fw_doubt::FW_DOUBT_SUSPECT,
            _ => fw_doubt::FW_DOUBT_UNTRIED,
        }
    }
}

/// The longest string of an error in bytes, without its NUL: a word of the caller's may be as long as it likes.
const LONGEST: usize = 1023;

/// A string of an error. What is too long ends with three dots; a NUL is shown.
fn short(text: impl AsRef<str>) -> CString {
    let text = text.as_ref().replace('\0', "\\0");
    if text.len() <= LONGEST {
        return c_string(text);
    }
    let fits = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST - 3).last();
    c_string(format!("{}...", &text[..fits.unwrap_or(0)]))
}

impl fw_error {
    /// An error of the C interface itself.
    pub(crate) fn new(status: fw_status, message: impl AsRef<str>) -> Box<fw_error> {
        let message = short(message.as_ref());
        Box::new(fw_error {
            status,
            name: status_name(status as c_int).unwrap_or_default().into(),
            text: message.clone(),
            words: message.clone(),
            message,
            family: None,
            backend: fw_backend::FW_BACKEND_NONE,
            table: None,
            chain: None,
            rule: None,
            extension: None,
            option: None,
            token: None,
            rule_text: None,
            marked: None,
            path: None,
            lock_path: None,
            holder: 0,
            holder_command: None,
            json: None,
            line: 0,
            column: 0,
            length: 0,
            errno: 0,
            doubt: fw_doubt::FW_DOUBT_NONE,
            exit_status: 2,
            others: Vec::new(),
        })
    }

    /// An error of the C interface itself, because of one of the system, which is in the message.
    pub(crate) fn because(status: fw_status, message: impl AsRef<str>, error: &io::Error) -> Box<fw_error> {
        let errno = error.raw_os_error().unwrap_or(0);
        Box::new(fw_error { errno, ..*fw_error::new(status, message) })
    }

    /// The same about a table, of which the text tells.
    pub(crate) fn of_table(mut self: Box<fw_error>, table: &Table) -> Box<fw_error> {
        let place = format!("{} table {}: ", table.family(), table.name());
        self.text = short(place + &self.message.to_string_lossy());
        (self.family, self.table) = (Some(table.family().into()), Some(short(table.name())));
        self
    }
}

impl fw_error {
    pub(crate) fn path(&self) -> Option<&CString> {
        self.path.as_ref()
    }

    pub(crate) fn json(&self) -> Option<&CString> {
        self.json.as_ref()
    }
}

/// The error for an argument that must not be NULL.
pub(crate) fn null(name: &str) -> Box<fw_error> {
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, format!("{name} is NULL"))
}

/// Fails if a handle is NULL.
pub(crate) fn required<T>(handle: Option<T>, name: &str) -> Result<T> {
    handle.ok_or_else(|| null(name))
}

/// That something of so many has no such index.
pub(crate) fn no_index(index: usize, of: &str, length: usize) -> Box<fw_error> {
    let message = format!("there is no index {index}, the length of the {of} is {length}");
    fw_error::new(fw_status::FW_ERROR_INDEX_TOO_BIG, message)
}

impl From<Error> for Box<fw_error> {
    fn from(error: Error) -> Box<fw_error> {
        Box::new(fw_error::from(&error))
    }
}

impl From<&Error> for fw_error {
    fn from(error: &Error) -> fw_error {
        let text = |text: Option<&str>| text.map(short);
        let (exit_status, words) = libfw::iptables::words(error);
        fw_error {
            status: fw_status::of(error.kind()),
            name: short(error.kind().name()),
            text: short(error.to_string()),
            message: short(error.message()),
            family: error.family().map(fw_family::from),
            backend: error.backend().map_or(fw_backend::FW_BACKEND_NONE, fw_backend::from),
            table: text(error.table()),
            chain: text(error.chain()),
            rule: error.rule(),
            extension: text(error.extension()),
            option: text(error.option()),
            token: text(error.token()),
            rule_text: text(error.rule_text()),
            marked: text(error.marked().as_deref()),
            path: text(error.path()),
            lock_path: text(error.lock_path()),
            holder: error.holder().map_or(0, |holder| holder.pid),
            holder_command: text(error.holder().and_then(|holder| holder.command.as_deref())),
            json: Some(c_string(error.to_json())),
            line: error.line().unwrap_or(0),
            column: error.column().unwrap_or(0),
            length: error.span().map_or(0, |span| span.len()),
            errno: error.errno().unwrap_or(0),
            doubt: error.doubt().map_or(fw_doubt::FW_DOUBT_NONE, fw_doubt::from),
            exit_status: exit_status.into(),
            words: short(&*words),
            others: error.others().iter().map(fw_error::from).collect(),
        }
    }
}

/// Frees an error. NULL is ignored, and so is an error that was freed before.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_free(error: GivenError) {
    free(error.take());
}

/// The status of the call that failed; `FW_OK` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_status(error: Option<&fw_error>) -> fw_status {
    value(fw_status::FW_OK, || error.map(|error| error.status))
}

/// The name of the status in one word, such as `NoSuchChain`. Never NULL, unless the error is.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_name(error: Option<&fw_error>) -> *const c_char {
    pointer(error.map(|error| &error.name))
}

/// All that is known in one line: the place, the message, and what the system said; behind it the same of the others that
/// `fw_error_other` has. Never NULL, unless the error is.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_text(error: Option<&fw_error>) -> *const c_char {
    pointer(error.map(|error| &error.text))
}

/// The message without the place. Never NULL, unless the error is.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_message(error: Option<&fw_error>) -> *const c_char {
    pointer(error.map(|error| &error.message))
}

/// The address family concerned; false if it is not about one, and then `family` is FW_IPV4.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_family(error: Option<&fw_error>, family: Out<fw_family>) -> bool {
    let known = error.and_then(|error| error.family);
    family.set(known.unwrap_or(fw_family::FW_IPV4));
    known.is_some()
}

/// The backend concerned; FW_BACKEND_NONE if it is not about one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_backend(error: Option<&fw_error>) -> fw_backend {
    value(fw_backend::FW_BACKEND_NONE, || error.map(|error| error.backend))
}

/// The table concerned, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_table(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.table.as_ref()))
}

/// The chain concerned, or NULL: of a rule the one that it stands in, or would. A chain that it goes to and that is not there is
/// the token.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_chain(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.chain.as_ref()))
}

/// The index of the rule concerned in its chain, counted from 0; -1 if it is not about one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_rule(error: Option<&fw_error>) -> i64 {
    error.and_then(|error| error.rule).and_then(|rule| i64::try_from(rule).ok()).unwrap_or(-1)
}

/// The match or target concerned, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_extension(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.extension.as_ref()))
}

/// The option concerned, without dashes, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_option(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.option.as_ref()))
}

/// The word that is wrong, or that is marked in the text; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_token(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.token.as_ref()))
}

/// The text that was read, or that the rule has: the line of a save file, the options of a rule; or NULL. The column counts
/// in it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_rule_text(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.rule_text.as_ref()))
}

/// The same text, and in a second line marks below the word that is wrong; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_marked(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.marked.as_ref()))
}

/// The path of the lock file that could not be had, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_lock_path(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.lock_path.as_ref()))
}

/// The process that holds the lock, which may be the one that asks; 0 if it is not about a lock, or if the kernel does not tell.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_lock_pid(error: Option<&fw_error>) -> u32 {
    error.map_or(0, |error| error.holder)
}

/// The command line of that process, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_lock_command(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(|error| error.holder_command.as_ref()))
}

/// The line of a save stream, counted from 1; 0 if it is not about one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_line(error: Option<&fw_error>) -> usize {
    error.map_or(0, |error| error.line)
}

/// The column in bytes at which the offending word starts, counted from 1; 0 if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_column(error: Option<&fw_error>) -> usize {
    error.map_or(0, |error| error.column)
}

/// The length in bytes of the offending word, which begins at fw_error_column in fw_error_rule_text; of a list it is the element
/// that is wrong. 0 if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_length(error: Option<&fw_error>) -> usize {
    error.map_or(0, |error| error.length)
}

/// What the error cannot say for certain about the rule that it names, or why it names none; FW_DOUBT_NONE for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_doubt(error: Option<&fw_error>) -> fw_doubt {
    value(fw_doubt::FW_DOUBT_NONE, || error.map(|error| error.doubt))
}

/// How many others were found at the same time: nf_tables tells of every rule of a commit that it does not take, and a rehearsal and
/// FW_RESTORE_STRICT of all that is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_other_count(error: Option<&fw_error>) -> usize {
    error.map_or(0, |error| error.others.len())
}

/// One of the others, by its index from 0; NULL if there is none. It lives as long as the error and is not freed.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_other(error: Option<&fw_error>, index: usize) -> Option<&fw_error> {
    error.and_then(|error| error.others.get(index))
}

/// The number of the system's error (`errno`) where a system call failed, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_errno(error: Option<&fw_error>) -> c_int {
    error.map_or(0, |error| error.errno)
}

/// The exit status that iptables has for this failure.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_iptables_status(error: Option<&fw_error>) -> c_int {
    error.map_or(0, |error| error.exit_status)
}

/// The words that iptables has for this failure. Never NULL, unless the error is.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_iptables_words(error: Option<&fw_error>) -> *const c_char {
    pointer(error.map(|error| &error.words))
}

/// The name of a status in one word, such as `NoSuchChain`; `Ok` for `FW_OK`, NULL for a number that is no status. The string is
/// constant.
#[unsafe(no_mangle)]
pub extern "C" fn fw_status_name(status: Number<fw_status>) -> *const c_char {
    value(None, || Some(status_name(status.get()))).map_or(std::ptr::null(), CStr::as_ptr)
}

fn status_name(number: c_int) -> Option<&'static CStr> {
    match number {
        0 => Some(c"Ok"),
        100 => Some(c"Aborted"),
        101 => Some(c"Panic"),
        number => kind_name(number),
    }
}

fn kind_name(number: c_int) -> Option<&'static CStr> {
    static NAMES: std::sync::OnceLock<Vec<(c_int, CString)>> = std::sync::OnceLock::new();
    let names = NAMES
        .get_or_init(|| ErrorKind::ALL.iter().map(|kind| (*kind as c_int, c_string(kind.name()))).collect());
    names.iter().find(|(known, _)| *known == number).map(|(_, name)| name.as_c_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_bounded() {
        assert_eq!(short("a\0b").as_bytes(), b"a\\0b");
        assert_eq!(short("a".repeat(LONGEST)).as_bytes().len(), LONGEST);
        let long = short("\u{20ac}".repeat(LONGEST));
        let long = long.to_str().expect("no half of a character");
        assert!(long.len() <= LONGEST && long.len() > LONGEST - 4 && long.ends_with("..."));
    }

    /// A kind that is missing in `fw_status::of` would have the number of FW_ERROR_KERNEL.
    #[test]
    fn every_kind_has_its_number() {
        for kind in ErrorKind::ALL {
            assert_eq!(fw_status::of(*kind) as i32, *kind as i32, "{}", kind.name());
        }
    }
}
