//! `fw`: what iptables, ip6tables and their save and restore commands do, on the library alone.
//!
//! Call it as `fw iptables ARGS`, or through a link named `iptables`, `ip6tables-save` and so on.

mod apply;
mod confirm;
mod generate;
mod graph;
mod interrupt;
mod list;
mod menu;
mod migrate;
mod names;
mod options;
mod output;
mod own;
mod plan;
mod probe;
mod restore;
mod save;
mod store;
mod tables;
mod terminal;
mod trace;
mod translate;
mod xml;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use libfw::iptables;
use names::{Called, Program};
use output::complain;

/// The option by which nothing is changed, and what would be is shown.
const DRY_RUN: &[u8] = b"--dry-run";

/// Carries out a command line, the program's name included; returns the exit status. `python -m libfw` calls it too.
pub(crate) fn run(words: &[OsString]) -> u8 {
    let Some((mut called, rest)) = Called::find(words) else {
        return own::run(words);
    };
    libfw::program::OrExit::give_back();
    libfw::program::OrExit::say(format!("{}: Memory allocation problem.\n", called.name), 1);
    // A program that trusts its environment must not run for somebody else.
    if nix::unistd::getuid() != nix::unistd::geteuid() {
        return 111;
    }
    let mut args: Vec<_> = rest.iter().cloned().map(OsString::into_vec).collect();
    // An option of ours, which is none of iptables: spelled in full, and before all others.
    let dry = called.program == Program::Tables && args.first().is_some_and(|word| word == DRY_RUN);
    if dry {
        args.remove(0);
    }
    // What needs no kernel does not ask for one.
    match called.program {
        Program::Xml => return xml::run(&called, args),
        Program::Translate => return translate::run(&mut called, args),
        Program::RestoreTranslate => return translate::restore(&called, args),
        Program::Tables | Program::Save | Program::Restore | Program::Apply => {}
    }
    let kernel = match called.kernel() {
        Ok(kernel) => kernel,
        Err(error) => {
            return report(iptables::message(&error, &called.name, called.version()));
        }
    };
    match called.program {
        Program::Save => save::run(&called, &kernel, args),
        Program::Restore => restore::run(&called, kernel, args),
        Program::Apply => apply::run(&called, &kernel, &args),
        _ if dry => {
            let rehearsal = kernel.rehearse();
            let status = output::with_warnings(|| tables::run(&called, rehearsal.kernel(), args));
            if status == 0 { output::say(&called.name, &plan::shown(&rehearsal.plan())) } else { status }
        }
        _ => tables::run(&called, &kernel, args),
    }
}

/// A word of the command line as a path.
fn path(word: &[u8]) -> PathBuf {
    OsStr::from_bytes(word).into()
}

/// The system's words for an error, without the number that the standard library adds.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Prints what a program of iptables prints for an error, and returns its exit status.
fn report(message: (u8, String)) -> u8 {
    let (status, text) = message;
    complain(&text);
    status
}
