//! `iptables-restore` and `ip6tables-restore`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use libfw::iptables::{self, RestoreOptions};
use libfw::{Kernel, LockPolicy};

use crate::names::Called;
use crate::options::{Flag, Flags};
use crate::report;

static FLAGS: &[Flag] = &[
    Flag { short: b'b', long: "binary", argument: false },
    Flag { short: b'c', long: "counters", argument: false },
    Flag { short: b'v', long: "verbose", argument: false },
    Flag { short: b'V', long: "version", argument: false },
    Flag { short: b't', long: "test", argument: false },
    Flag { short: b'h', long: "help", argument: false },
    Flag { short: b'n', long: "noflush", argument: false },
    Flag { short: b'w', long: "wait", argument: false },
    Flag { short: b'W', long: "wait-interval", argument: true },
    Flag { short: b'M', long: "modprobe", argument: true },
    Flag { short: b'T', long: "table", argument: true },
];

pub(crate) fn run(called: &Called, kernel: Kernel, args: Vec<Vec<u8>>) -> u8 {
    let (name, version) = (&*called.name, called.version());
    let mut options = RestoreOptions::default();
    let mut wait = Some(Duration::ZERO);
    let mut flags = Flags::new(FLAGS, &args);
    loop {
        match flags.next() {
            Ok(None) => break,
            Ok(Some((b'c', _))) => options.counters = true,
            Ok(Some((b'v', _))) => options.verbose = true,
            Ok(Some((b't', _))) => options.test = true,
            Ok(Some((b'n', _))) => options.noflush = true,
            Ok(Some((b'T', table))) => options.table = Some(String::from_utf8_lossy(table).into_owned()),
            Ok(Some((b'w', inline))) => {
                let text = if inline.is_empty() { flags.operand() } else { Some(inline) };
                wait = match text.map(seconds) {
                    None => None,
                    Some(Some(seconds)) => seconds,
                    Some(None) => {
                        eprintln!("{name} {version}: wait seconds not numeric");
                        eprintln!("Try `{name} -h' or '{name} --help' for more information.");
                        return 2;
                    }
                };
            }
            Ok(Some((b'V', _))) => {
                println!("{name} {version}");
                return 0;
            }
            Ok(Some((b'h', _))) => {
                eprint!("{}", HELP.replace("NAME", name));
                return 0;
            }
            Ok(Some(_)) => {}
            Err(message) => {
                eprintln!("{}: {message}\nTry `{name} -h' for more information.", called.word);
                return 1;
            }
        }
    }
    let mut input: Box<dyn Read> = match flags.rest() {
        [] => Box::new(io::stdin().lock()),
        [path] => match File::open(crate::path(path)) {
            Ok(file) => Box::new(file),
            Err(error) => {
                eprintln!("Can't open {}: {}", String::from_utf8_lossy(path), crate::reason(&error));
                return 1;
            }
        },
        _ => {
            eprintln!("Unknown arguments found on commandline");
            return 1;
        }
    };
    let policy = LockPolicy { wait, ..kernel.policy().clone() };
    let kernel = kernel.with_policy(policy);
    let mut out = io::stdout().lock();
    let mut warn = |warning: &str| eprintln!("{warning}");
    let restored = iptables::restore(&kernel, called.family, &mut input, &options, &mut out, &mut warn);
    let _ = out.flush();
    match restored {
        Ok(()) => 0,
        Err(error) => report(iptables::message(&error, name, version)),
    }
}

/// A number of seconds to wait; a negative one waits for ever.
fn seconds(text: &[u8]) -> Option<Option<Duration>> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(u64::try_from(number).ok().map(Duration::from_secs))
}

/// Programs look for `wait` in it.
const HELP: &str =
    "Usage: NAME [-c] [-v] [-V] [-t] [-h] [-n] [-w secs] [-W usecs] [-T table] [-M command] [file]
\t   [ --counters ]
\t   [ --verbose ]
\t   [ --version]
\t   [ --test ]
\t   [ --help ]
\t   [ --noflush ]
\t   [ --wait=<seconds>
\t   [ --table=<TABLE> ]
\t   [ --modprobe=<command> ]
";
