//! `iptables-restore` and `ip6tables-restore`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use libfw::iptables::{self, Foreign, Outcome, RestoreOptions, TooLong};
use libfw::{BackendKind, Error, ErrorKind, Family, Kernel};

use super::names::Called;
use super::options::{Argument, Flag, Flags};
use super::output::{Output, complain, say};
use super::{report, tables};

static FLAGS: &[Flag] = &[
    // It has no long name, whatever its message says.
    Flag { short: b'b', long: "", argument: Argument::None },
    Flag { short: b'c', long: "counters", argument: Argument::None },
    Flag { short: b'v', long: "verbose", argument: Argument::None },
    Flag { short: b'V', long: "version", argument: Argument::None },
    Flag { short: b't', long: "test", argument: Argument::None },
    Flag { short: b'h', long: "help", argument: Argument::None },
    Flag { short: b'n', long: "noflush", argument: Argument::None },
    Flag { short: b'w', long: "wait", argument: Argument::Optional },
    Flag { short: b'W', long: "wait-interval", argument: Argument::Optional },
    Flag { short: b'M', long: "modprobe", argument: Argument::Required },
    // Of fw alone.
    Flag { short: KEEP_FOREIGN, long: "keep-foreign", argument: Argument::None },
    Flag { short: EXPLAIN, long: "explain", argument: Argument::None },
    Flag { short: ATOMIC, long: "atomic", argument: Argument::None },
    Flag { short: STRICT, long: "strict", argument: Argument::None },
    Flag { short: DRY, long: "dry-run", argument: Argument::None },
    Flag { short: b'T', long: "table", argument: Argument::Required },
];

const KEEP_FOREIGN: u8 = 1;
const EXPLAIN: u8 = 2;
const ATOMIC: u8 = 3;
const STRICT: u8 = 4;
const DRY: u8 = 5;

pub(crate) fn run(called: &Called, kernel: Kernel, args: Vec<Vec<u8>>) -> u8 {
    let (name, version) = (&*called.name, called.version());
    let mut options = RestoreOptions::new().too_long(TooLong::Cut).foreign(Foreign::Replace);
    let (mut wait, mut waits, mut interval) = (Some(Duration::ZERO), false, false);
    // iptables-nft-restore, which has no lock, does not look at how long it should wait for one.
    let waits_in_vain = || kernel.detection().is_ok_and(|detection| detection.backend.is_nft());
    let mut explains = false;
    let mut modprobe = None;
    // arptables-restore looks at none of its arguments.
    let args = if called.family == Family::Arp { Vec::new() } else { args };
    let mut flags = Flags::new(FLAGS, &args);
    loop {
        match flags.next() {
            Ok(None) => break,
            Ok(Some((b'b', _))) => complain("-b/--binary option is not implemented\n"),
            Ok(Some((b'c', _))) => options.counters = true,
            Ok(Some((b'v', _))) => options.verbose = true,
            Ok(Some((b't', _))) => options.test = true,
            Ok(Some((b'n', _))) => options.noflush = true,
            Ok(Some((KEEP_FOREIGN, _))) => options.foreign = Foreign::Keep,
            Ok(Some((EXPLAIN, _))) => explains = true,
            Ok(Some((ATOMIC, _))) => options.atomic = true,
            Ok(Some((STRICT, _))) => options.strict = true,
            // What it says is for people.
            Ok(Some((DRY, _))) => (options.test, options.strict, explains) = (true, true, true),
            Ok(Some((b'T', Some(table)))) => {
                options.table = Some(String::from_utf8_lossy(table).into_owned())
            }
            Ok(Some((b'w', inline))) => {
                let text = inline.or_else(|| flags.operand());
                wait = match text.map(seconds) {
                    None => None,
                    Some(Some(seconds)) => seconds,
                    Some(None) if waits_in_vain() => None,
                    Some(None) => return unusable(called, "wait seconds not numeric"),
                };
                // No second is as good as none to iptables.
                waits = wait != Some(Duration::ZERO);
            }
            Ok(Some((b'W', None))) if waits_in_vain() => _ = flags.operand(),
            Ok(Some((b'W', _))) if waits_in_vain() => {}
            Ok(Some((b'W', inline))) => {
                let text = inline.or_else(|| flags.operand());
                // As iptables reads it, a number of 32 bits wraps around.
                match text.map(|text| leading_number(text).map(|number| number as u32)) {
                    None => return unusable(called, "wait interval value required"),
                    Some(None) => return unusable(called, "wait interval not numeric"),
                    Some(Some(long @ 1_000_000..)) => {
                        return unusable(called, &format!("too long usec wait {long} > 999999 usec"));
                    }
                    Some(Some(_)) => complain("Ignoring deprecated --wait-interval option.\n"),
                }
                interval = true;
            }
            Ok(Some((b'M', Some(program)))) => modprobe = Some(super::path(program)),
            Ok(Some((b'V', _))) => {
                return say(name, &format!("{name} {version}\n"));
            }
            Ok(Some((b'h', _))) => {
                complain(&help(name, called.backend.is_some_and(BackendKind::is_nft)));
                return 0;
            }
            Ok(Some(_)) => {}
            Err(message) => {
                complain(&format!("{}: {message}\nTry `{name} -h' for more information.\n", called.word));
                return 1;
            }
        }
    }
    if interval && !waits {
        complain("Option --wait-interval requires option --wait\n");
        return 1;
    }
    let mut input = match input(flags.rest()) {
        Ok(input) => Kept { reader: input, text: explains.then(Vec::new) },
        Err(message) => {
            complain(&format!("{message}\n"));
            return 1;
        }
    };
    let policy = kernel.policy().clone().wait(wait);
    let mut kernel = kernel.with_policy(policy);
    if let Some(program) = modprobe {
        kernel = kernel.loading_modules(Some(program));
    }
    let mut out = Output::stdout();
    let mut warn = |warning: &str| complain(&format!("{warning}\n"));
    let restored = iptables::restore_to(&kernel, called.family, &mut input, &options, &mut out, &mut warn);
    match restored {
        Ok(Outcome::Done) => out.end(name),
        Ok(outcome) => {
            let _ = out.flush();
            tables::answer(called, &outcome)
        }
        // iptables says nothing of a file that has nothing for the table of -T.
        Err(error) if error.kind() == ErrorKind::NoSuchTable && error.line().is_none() => out.end(name),
        Err(error) => {
            let _ = out.flush();
            let status = report(iptables::message(&error, name, version));
            if let Some(text) = input.text {
                complain(&explanation("", &iptables::quote(error, text)));
            }
            status
        }
    }
}

/// A save file, of which all that was read is kept if lines of it are to be shown.
struct Kept {
    reader: Box<dyn Read>,
    text: Option<Vec<u8>>,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if let Some(text) = &mut self.text {
            text.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}

/// What was wrong and where, for people: each error by itself, behind what stands before all of them.
pub(crate) fn explanation(before: &str, error: &Error) -> String {
    let sentence = error.to_string();
    let others: String = error.others().iter().map(|other| format!("; {other}")).collect();
    let mut text = format!("{before}{}\n", sentence.strip_suffix(&*others).unwrap_or(&sentence));
    for line in error.marked().iter().flat_map(|marked| marked.lines()) {
        text += &format!("    {line}\n");
    }
    error.others().iter().fold(text, |text, other| text + &explanation(before, other))
}

/// The file that the words name, or standard input; or what is to be said.
pub(crate) fn input(words: &[&[u8]]) -> Result<Box<dyn Read>, String> {
    match words {
        [] => Ok(Box::new(io::stdin().lock())),
        [path] => match File::open(super::path(path)) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => {
                Err(format!("Can't open {}: {}", String::from_utf8_lossy(path), super::reason(&error)))
            }
        },
        _ => Err("Unknown arguments found on commandline".into()),
    }
}

/// A mistake in the options, which iptables tells with the number of a line that was not read yet.
fn unusable(called: &Called, message: &str) -> u8 {
    let (name, version) = (&called.name, called.version());
    complain(&format!("{name} {version}: {message}\nError occurred at line: 0\n{}", called.see_help()));
    2
}

/// A number of seconds to wait; a negative one waits for ever.
fn seconds(text: &[u8]) -> Option<Option<Duration>> {
    leading_number(text).map(|number| u64::try_from(number).ok().map(Duration::from_secs))
}

/// The number that a word begins with, as `%i` of `scanf(3)` reads it: in any base, and what follows it is ignored.
fn leading_number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim_start();
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, &digits[2..]),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    let number = match &digits[..end] {
        "" => return None,
        digits => i64::from_str_radix(digits, radix).unwrap_or(i64::MAX),
    };
    Some(if negative { -number } else { number })
}

/// Programs look for `wait` in it, which nf_tables needs none of.
fn help(name: &str, is_nft: bool) -> String {
    let of_nft = [
        (" [-w secs] [-W usecs]", ""),
        (" [file]", " [-4] [-6] [file]"),
        ("\t   [ --wait=<seconds>\n", ""),
        ("=<command> ]\n", "=<command> ]\n\t   [ --ipv4 ]\n\t   [ --ipv6 ]\n"),
    ];
    let changes = if is_nft { &of_nft[..] } else { &[] };
    changes.iter().fold(HELP.replace("NAME", name), |help, (from, to)| help.replace(from, to))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_scanf_reads_them() {
        let table: [(&[u8], Option<i64>); 10] = [
            (b"5", Some(5)),
            (b" +5", Some(5)),
            (b"-1", Some(-1)),
            (b"0x1f", Some(31)),
            (b"010", Some(8)),
            (b"1.5", Some(1)),
            (b"5x", Some(5)),
            (b"x", None),
            (b"", None),
            (b"99999999999999999999", Some(i64::MAX)),
        ];
        for (text, number) in table {
            assert_eq!(leading_number(text), number, "{}", String::from_utf8_lossy(text));
        }
    }
}
