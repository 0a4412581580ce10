//! `fw`: what iptables, ip6tables and their save and restore commands do, on the library alone.
//!
//! Call it as `fw iptables ARGS`, or through a link named `iptables`, `ip6tables-save` and so on.

mod help;
mod options;
mod restore;
mod save;
mod tables;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use libfw::{Family, Kernel, LockPolicy};

/// The version whose behaviour this is; programs look for it.
const VERSION: &str = "v1.8.11 (legacy)";

/// A command by name.
type Run = fn(Family, &str, Vec<Vec<u8>>) -> u8;

/// The command of a name; those with `-legacy` are the same.
fn command(name: &str) -> Option<(Family, Run)> {
    let name = name.replacen("-legacy", "", 1);
    let (family, rest) = match (name.strip_prefix("iptables"), name.strip_prefix("ip6tables")) {
        (Some(rest), _) => (Family::Ipv4, rest),
        (_, Some(rest)) => (Family::Ipv6, rest),
        _ => return None,
    };
    let run: Run = match rest {
        "" => tables::run,
        "-save" => save::run,
        "-restore" => restore::run,
        _ => return None,
    };
    Some((family, run))
}

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let called = args.next().unwrap_or_default();
    let called = base_name(&called);
    let (name, rest) = match command(&called) {
        Some(_) => (called, args.collect::<Vec<OsString>>()),
        None => match args.next() {
            Some(name) => (base_name(&name), args.collect()),
            None => (String::new(), Vec::new()),
        },
    };
    let Some((family, run)) = command(&name) else {
        let usage = "usage: fw iptables|ip6tables|iptables-save|iptables-restore|ip6tables-save|ip6tables-restore ARGS";
        if matches!(name.as_str(), "-V" | "--version") {
            println!("fw {} (iptables {VERSION})", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        if matches!(name.as_str(), "-h" | "--help") {
            println!("{usage}");
            return ExitCode::SUCCESS;
        }
        eprintln!("{usage}");
        return ExitCode::from(2);
    };
    // A program that trusts its environment must not run for somebody else.
    if nix::unistd::getuid() != nix::unistd::geteuid() {
        return ExitCode::from(111);
    }
    ExitCode::from(run(family, &name, rest.into_iter().map(OsString::into_vec).collect()))
}

fn base_name(path: &OsStr) -> String {
    let name = path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

/// The tables of this namespace, under the lock file that iptables would use.
fn kernel(wait: Option<Duration>) -> Kernel {
    let path = std::env::var_os("XTABLES_LOCKFILE").filter(|path| !path.is_empty());
    let path = path.map_or_else(|| LockPolicy::PATH.into(), PathBuf::from);
    Kernel::new().with_policy(LockPolicy { path: Some(path), wait })
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
    let _ = std::io::stderr().write_all(text.as_bytes());
    status
}
