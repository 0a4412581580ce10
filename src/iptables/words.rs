//! The words of iptables for everything that can be wrong.

mod edit;
mod failure;
mod file;
mod line;
mod misfit;
mod nft;
#[cfg(test)]
mod tests;
mod value;
mod warning;

use std::borrow::Cow;

pub(super) use warning::words as warning_words;

use crate::error::{BadFile, BadLine, Failure, Malformed, Mistake, Refused, Step};
use crate::ext::{self, Extension, Opt};
use crate::{BackendKind, Error, ErrorKind};

/// What the kernel's EINVAL is told as.
const INVALID: &str = "Invalid argument. Run `dmesg' for more information.";
const NO_BUILTIN: &str = "Bad built-in chain name.";
/// What its ENOENT is told as.
const NO_SUCH: &str = "No chain/target/match by that name.";

const TRY_AGAIN: &str = "Resource temporarily unavailable.";
const NO_MEMORY: &str = "Memory allocation problem.";
const LOOP: &str = "Too many levels of symbolic links.";
const NO_FRAGMENTS: &str = "`-f' is not supported in IPv6, use -m frag instead";
/// What two places say about a base port, and two about a policy that is too long.
const NO_BASE: &str = "Shifted portmap ranges not supported with this kernel";

fn big_burst(max: u64) -> String {
    format!("bad value for option \"--hashlimit-burst\", or out of range (1-{max}).")
}

/// Exit status and sentence.
type Words<'a> = (u8, Cow<'a, str>);

/// The exit status and the message that `iptables` has for a failure.
///
/// Programs that used to run `iptables` and to search its messages find the words they know here. The command `fw` prints them.
///
/// ```
/// use libfw::{Family, Rule, iptables};
///
/// let error = Rule::parse(Family::Ipv4, "-s 1.2.3.4/33").unwrap_err();
/// assert_eq!(iptables::words(&error), (2, "invalid mask `33' specified".into()));
/// ```
#[must_use]
pub fn words(error: &Error) -> (u8, Cow<'_, str>) {
    words_of(error, None)
}

/// The words of a program of this name.
fn words_of<'a>(error: &'a Error, program: Option<&str>) -> Words<'a> {
    words_in(error, program, error.backend())
}

/// The words of the program for a backend.
fn words_in<'a>(error: &'a Error, program: Option<&str>, backend: Option<BackendKind>) -> Words<'a> {
    if backend.is_some_and(BackendKind::is_nft) {
        let words = nft::words(error).unwrap_or_else(|| of_mistake(error, program));
        return match error.step() {
            Some(step) => nft::during(error, step, program, words),
            None => words,
        };
    }
    let words = of_mistake(error, program);
    match error.step() {
        Some(step) => file::during(error, step, program, words),
        None => words,
    }
}

fn of_mistake<'a>(error: &'a Error, program: Option<&str>) -> Words<'a> {
    match error.mistake() {
        Mistake::Value { value, expected } => {
            let (extension, option) = concerned(error);
            (2, value::words(expected, value, extension, option))
        }
        Mistake::Misfit(misfit) => {
            let (extension, option) = concerned(error);
            misfit::words(misfit, extension, option).unwrap_or_else(|| own(error))
        }
        Mistake::Malformed(Malformed::Table(_)) => own(error),
        // What the kernel has another number for.
        Mistake::Refused(Refused::NoProtocol { absent: true }) => (1, NO_SUCH.into()),
        Mistake::Refused(Refused::Overflow | Refused::NoBurst) => {
            (1, "Numerical result out of range.".into())
        }
        Mistake::Refused(_) | Mistake::Malformed(_) => (1, INVALID.into()),

        Mistake::NoSuchTarget { name, .. } => {
            (2, format!("Couldn't load target `{name}':No such file or directory\n").into())
        }
        Mistake::NoSuchExtension { kind, name, .. } => {
            (2, format!("Couldn't load {kind} `{name}':No such file or directory\n").into())
        }
        Mistake::Edit(bad) => edit::words(error, bad),
        Mistake::Failure(failure) => failure::words(error, failure),
        Mistake::Nft(_) => nft::words(error).unwrap_or_else(|| own(error)),
        Mistake::Unsayable(_) | Mistake::Json(_) => own(error),
        Mistake::File(bad) => file::words(error, bad, program),
        Mistake::Line(bad) => (2, line::words(bad, program.unwrap_or_else(|| file::own_program(error)))),
        Mistake::NoProtocol => (2, "rule would never match protocol".into()),
        Mistake::Fragment => (2, NO_FRAGMENTS.into()),
        Mistake::LongRule => (1, INVALID.into()),
        Mistake::NotOfArp | Mistake::AddressOfOtherFamily { .. } | Mistake::ExtensionName { .. } => {
            own(error)
        }
        Mistake::NotOfFamily { .. }
        | Mistake::Address { .. }
        | Mistake::MaskOfOtherFamily { .. }
        | Mistake::Family { .. }
        | Mistake::BrokenInterface { .. } => own(error),
        Mistake::Policy { .. } => (1, "Bad policy name. Run `dmesg' for more information.".into()),
        Mistake::EmptyInterface => (2, "Empty interface is likely to be undesired".into()),
        Mistake::Interface { name, max } => {
            (2, format!("interface name `{name}' must be shorter than {} characters", max + 1).into())
        }
    }
}

/// What a program of iptables writes to its standard error for a failure, and its exit status: the [`words`] behind the
/// name of the program, with its version or without, and what follows them. `version` is as `-V` prints it.
///
/// ```
/// use libfw::{Family, Rule, iptables};
///
/// let error = Rule::parse(Family::Ipv4, "-s 1.2.3.4/33").unwrap_err();
/// let (status, message) = iptables::message(&error, "iptables", "v1.8.11 (legacy)");
/// assert_eq!(status, 2);
/// assert!(message.starts_with("iptables v1.8.11 (legacy): invalid mask `33' specified\n"));
/// ```
#[must_use]
pub fn message(error: &Error, program: &str, version: &str) -> (u8, String) {
    let (status, text) = words_of(error, Some(program));
    let bare = match error.mistake() {
        Mistake::Line(BadLine::StrayWord { .. })
        | Mistake::Failure(Failure::LockFile { .. } | Failure::LockBusy { .. } | Failure::Lock { .. }) => {
            true
        }
        // Of a file the line is told.
        Mistake::File(BadFile::NoTranslation) => error.step().is_none(),
        _ => false,
    };
    if let Some(refusals) = error.is_of_nft().then(|| nft::refusals(error)).flatten() {
        return (status, format!("{program} {version}: {refusals}\n"));
    }
    let mut message = match status {
        4 if error.is_of_nft() && !bare => format!("{program} {version}: {text}\n"),
        1 | 2 | 4 if bare => format!("{text}\n"),
        2 | 3 => format!("{program} {version}: {text}\n"),
        _ if matches!(error.step(), Some(Step::Policy { .. })) && !error.is_of_nft() => {
            format!("{program} {version}: {text}\n")
        }
        _ => format!("{program}: {text}\n"),
    };
    if status == 2 {
        if let Some(line) = error.line() {
            message += &format!("Error occurred at line: {line}\n");
        }
        message += &format!("Try `{program} -h' or '{program} --help' for more information.\n");
    }
    (status, message)
}

/// The same of `iptables-save`, which has words of its own for a table that cannot be read.
///
/// ```
/// # let kernel = libfw::MemoryKernel::new().kernel();
///
/// use libfw::Family;
/// use libfw::iptables::save_message;
///
/// let error = kernel.open(Family::Ipv4, "nonexistent").unwrap_err();
/// let (status, message) = save_message(&error, "iptables-save", "v1.8.11");
/// assert_ne!(status, 0);
/// eprint!("{message}");
/// ```
#[must_use]
pub fn save_message(error: &Error, program: &str, version: &str) -> (u8, String) {
    let unreadable = match error.mistake() {
        Mistake::Failure(failure) => failure::unreadable(failure),
        _ => None,
    };
    match unreadable {
        Some(_) if error.is_of_nft() => {
            (1, format!("Table `{}' does not exist\n", error.table().unwrap_or_default()))
        }
        Some(reason) => (1, format!("{program} {version}: Cannot initialize: {reason}\n")),
        None => message(error, program, version),
    }
}

/// libfw's own sentence, where iptables has none: the mistake cannot be made on its command line.
fn own(error: &Error) -> Words<'_> {
    let status = match error.kind() {
        kind if (kind as i32) < 10 => 2,
        ErrorKind::LockBusy => 4,
        _ => 1,
    };
    (status, error.message().into())
}

/// The extension that an error is about, and its option.
fn concerned(error: &Error) -> (Option<&'static Extension>, Option<&'static Opt>) {
    let is_of =
        |extension: &Extension| error.family().is_none_or(|family| extension.families.contains(family));
    let extension =
        ext::all().find(|extension| Some(extension.name) == error.extension() && is_of(extension));
    (extension, extension.zip(error.option()).and_then(|(extension, name)| extension.option(name)))
}
