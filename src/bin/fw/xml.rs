//! `iptables-xml`.

use std::io::Write;

use libfw::iptables::{self, XmlOptions};

use super::names::Called;
use super::options::{Argument, Flag, Flags};
use super::output::{Output, complain};
use super::{report, restore};

static FLAGS: &[Flag] = &[
    Flag { short: b'c', long: "combine", argument: Argument::None },
    Flag { short: b'v', long: "verbose", argument: Argument::None },
    Flag { short: b'h', long: "help", argument: Argument::None },
];

pub(crate) fn run(called: &Called, args: Vec<Vec<u8>>) -> u8 {
    let mut options = XmlOptions::default();
    let mut flags = Flags::new(FLAGS, &args);
    loop {
        match flags.next() {
            Ok(None) => break,
            Ok(Some((b'c', _))) => options.combine = true,
            Ok(Some((b'v', _))) => options.verbose = true,
            Ok(Some(_)) => {
                complain(HELP);
                return 1;
            }
            // It goes on without the option.
            Err(message) => complain(&format!("{}: {message}\n", called.word)),
        }
    }
    let mut input = match restore::input(flags.rest()) {
        Ok(input) => input,
        Err(message) => {
            // Without the end of the line, as it is known for.
            complain(&message);
            return 1;
        }
    };
    let mut out = Output::stdout();
    if options.verbose {
        let _ = out.write_all(b"xptables-xml\n");
    }
    match iptables::xml(&mut input, options, &mut out) {
        Ok(()) => out.end_whole(&called.name),
        Err(error) => {
            let _ = out.end(&called.name);
            report(iptables::message(&error, &called.name, "v1.8.11"))
        }
    }
}

const HELP: &str = "Usage: iptables-xml [-c] [-v] [-h]
          [--combine ]
\t   [ --verbose ]
\t   [ --help ]
";
