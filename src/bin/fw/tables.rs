//! `iptables` and `ip6tables`.

use std::io::{self, Write};
use std::time::Duration;

use libfw::Family;
use libfw::iptables::{self, Outcome};

use crate::{VERSION, help, kernel, report};

pub(crate) fn run(family: Family, name: &str, args: Vec<Vec<u8>>) -> u8 {
    let mut out = io::stdout().lock();
    let mut warn = |warning: &str| eprintln!("{warning}");
    let outcome = iptables::run(&kernel(Some(Duration::ZERO)), family, args, &mut out, &mut warn);
    let _ = out.flush();
    match outcome {
        Ok(Outcome::Help(extensions)) => {
            let _ = out.write_all(help::text(name, &extensions).as_bytes());
            0
        }
        Ok(Outcome::Version) => {
            println!("{name} {VERSION}");
            0
        }
        Ok(Outcome::NotVersion) => {
            println!("Not {} ;-)", VERSION.trim_start_matches('v'));
            0
        }
        Ok(Outcome::OtherFamily) => {
            eprint!("{}", help::short(name));
            2
        }
        Ok(_) => 0,
        Err(error) => report(iptables::message(&error, name, VERSION)),
    }
}
