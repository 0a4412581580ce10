//! `iptables` and `ip6tables`.

use libfw::Kernel;
use libfw::iptables::{self, Outcome};

use super::names::Called;
use super::output::{Output, complain, say};
use super::report;

pub(crate) fn run(called: &Called, kernel: &Kernel, args: Vec<Vec<u8>>) -> u8 {
    let (name, version) = (&*called.name, called.version());
    let mut out = Output::stdout();
    let mut warn = |warning: &str| complain(&format!("{warning}\n"));
    match iptables::run(kernel, called.family, args, &mut out, &mut warn) {
        Ok(Outcome::Done) => out.end(name),
        Ok(outcome) => answer(called, &outcome),
        Err(error) => {
            let _ = out.end(name);
            report(iptables::message(&error, name, version))
        }
    }
}

/// Answers what was asked for instead of a command, and returns the exit status.
pub(crate) fn answer(called: &Called, outcome: &Outcome) -> u8 {
    let (name, version) = (&*called.name, called.version());
    let text = match outcome {
        Outcome::Help(extensions) => iptables::help(called.family, name, version, extensions),
        Outcome::Version => format!("{name} {version}\n"),
        Outcome::NotVersion => format!("Not {} ;-)\n", version.trim_start_matches('v')),
        Outcome::OtherFamily => {
            complain(&called.see_help());
            return 2;
        }
        _ => return 0,
    };
    say(name, &text)
}
