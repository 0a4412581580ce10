//! `iptables-translate` and `iptables-restore-translate`.

use std::fs::File;
use std::io::Write;

use libfw::BackendKind;
use libfw::iptables::{self, Outcome};

use super::names::Called;
use super::options::{Argument, Flag, Flags};
use super::output::{Output, complain, say};
use super::{report, tables};

pub(crate) fn run(called: &mut Called, args: Vec<Vec<u8>>) -> u8 {
    // It is a program of the nf_tables side.
    called.backend = Some(BackendKind::Nft);
    let mut out = Output::stdout();
    let mut warn = |warning: &str| complain(&format!("{warning}\n"));
    match iptables::translate(called.family, args, &mut out, &mut warn) {
        Ok(Outcome::Done) => out.end(&called.name),
        Ok(outcome) => tables::answer(called, &outcome),
        Err(error) => {
            let _ = out.end(&called.name);
            report(iptables::message(&error, &called.name, called.version()))
        }
    }
}

static FLAGS: &[Flag] = &[
    Flag { short: b'h', long: "help", argument: Argument::None },
    Flag { short: b'f', long: "file", argument: Argument::Required },
    Flag { short: b'V', long: "version", argument: Argument::None },
];

pub(crate) fn restore(called: &Called, args: Vec<Vec<u8>>) -> u8 {
    let name = &called.name;
    let mut file = None;
    let mut flags = Flags::new(FLAGS, &args);
    loop {
        match flags.next() {
            Ok(None) => break,
            Ok(Some((b'f', path))) => file = path,
            Ok(Some((b'V', _))) => return say(name, &format!("{name} v1.8.11\n")),
            // As iptables has it, that is a failure.
            Ok(Some(_)) => return usage(name, 1),
            Err(message) => {
                complain(&format!("{}: {message}\n", called.word));
                return usage(name, 1);
            }
        }
    }
    let Some(path) = file else {
        complain("ERROR: missing file name\n");
        return usage(name, 1);
    };
    let Ok(mut input) = File::open(super::path(path)) else {
        complain(&format!("Cannot open file {}\n", String::from_utf8_lossy(path)));
        return 1;
    };
    let mut out = Output::stdout();
    let mut warn = |warning: &str| complain(&format!("{warning}\n"));
    let _ = writeln!(out, "# Translated by {name} v1.8.11 on {}", iptables::timestamp());
    match iptables::translate_file(called.family, &mut input, &mut out, &mut warn) {
        Ok(()) => {
            let _ = writeln!(out, "# Completed on {}", iptables::timestamp());
            out.end_whole(name)
        }
        Err(error) => {
            let _ = out.end(name);
            // The name that it has in its messages.
            let name = name.replace("restore-translate", "translate-restore");
            report(iptables::message(&error, &name, "v1.8.11 (nf_tables)"))
        }
    }
}

fn usage(name: &str, status: u8) -> u8 {
    complain(&format!(
        "Usage: {name} [-h] [-f <FILE>] [-V]\n\t[ --help ]\n\t[ --file=<FILE> ]\n\t[ --version ]\n"
    ));
    status
}
