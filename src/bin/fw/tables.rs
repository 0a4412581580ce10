//! `iptables` and `ip6tables`.

use std::io::{self, Write};

use libfw::Kernel;
use libfw::iptables::{self, Outcome};

use crate::names::Called;
use crate::report;

pub(crate) fn run(called: &Called, kernel: &Kernel, args: Vec<Vec<u8>>) -> u8 {
    let (name, version) = (&*called.name, called.version());
    let mut out = io::stdout().lock();
    let mut warn = |warning: &str| eprintln!("{warning}");
    let outcome = iptables::run(kernel, called.family, args, &mut out, &mut warn);
    let _ = out.flush();
    match outcome {
        Ok(Outcome::Help(extensions)) => {
            let _ = out.write_all(iptables::help(called.family, name, version, &extensions).as_bytes());
            0
        }
        Ok(Outcome::Version) => {
            println!("{name} {version}");
            0
        }
        Ok(Outcome::NotVersion) => {
            println!("Not {} ;-)", version.trim_start_matches('v'));
            0
        }
        Ok(Outcome::OtherFamily) => {
            eprint!("{}", called.see_help());
            2
        }
        Ok(_) => 0,
        Err(error) => report(iptables::message(&error, name, version)),
    }
}
