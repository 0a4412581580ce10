//! `iptables-apply` and `ip6tables-apply`: new rules that have to be confirmed on the terminal.

use std::fs::{self, File};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use libfw::iptables;
use libfw::{Ending, Error, Family, Kernel, Pending, Scope};

use super::confirm::{self, Answer};
use super::names::{Called, tables};
use super::options::{Argument, Flag, Flags};
use super::output::{Output, complain, say, with_warnings};

static FLAGS: &[Flag] = &[
    Flag { short: b't', long: "timeout", argument: Argument::Required },
    Flag { short: b'w', long: "write", argument: Argument::Required },
    Flag { short: b'c', long: "command", argument: Argument::None },
    Flag { short: b'h', long: "help", argument: Argument::None },
    Flag { short: b'V', long: "version", argument: Argument::None },
    // Of fw alone.
    Flag { short: DRY, long: "dry-run", argument: Argument::None },
];

const DRY: u8 = 1;

const HELP: &str = "\
Usage: NAME [-hV] [-t timeout] [-w savefile] {[rulesfile]|-c [runcmd]}

Puts the rules of a file in place, or runs a command that does, and asks whether new connections still come
through. Without a yes in time the old rules come back, even if this program has ended or the terminal is gone.
`fw confirm` in another terminal is a yes too.

-t seconds, --timeout seconds   how long there is to answer (10)
-w savefile, --write savefile   where rules that were confirmed are saved (FILE if it is empty)
-c [runcmd], --command [runcmd] a command that sets the rules (COMMAND)
--dry-run                       show what would change, and change nothing
-h, --help                      this text
-V, --version                   the version

Without a rulesfile it is FILE.
";

/// The exit statuses of the script of that name.
const USAGE: u8 = 1;
const UNREADABLE: u8 = 2;
const UNWRITABLE: u8 = 4;
const REFUSED: u8 = 5;
const COMMAND_FAILED: u8 = 7;
const REVERTED: u8 = 255;

/// What is to be done.
struct Asked {
    timeout: Duration,
    write: Option<String>,
    /// A command rather than a file.
    command: bool,
    dry: bool,
    what: String,
}

pub(crate) fn run(called: &Called, kernel: &Kernel, args: &[Vec<u8>]) -> u8 {
    let name = &*called.name;
    let beginning = format!("/etc/network/{}", tables(called.family));
    let (rules, script) = (format!("{beginning}.up.rules"), format!("{beginning}.up.run"));
    let mut asked = Asked {
        timeout: Duration::from_secs(10),
        write: None,
        command: false,
        dry: false,
        what: String::new(),
    };
    let mut flags = Flags::new(FLAGS, args);
    loop {
        match flags.next() {
            Ok(None) => break,
            Ok(Some((b't', value))) => {
                let number = value.and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok());
                match number.filter(|number| *number > 0) {
                    Some(seconds) => asked.timeout = Duration::from_secs(seconds),
                    None => return failed(USAGE, "timeout must be a positive number"),
                }
            }
            Ok(Some((b'w', value))) => {
                let file = String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
                asked.write = Some(if file.is_empty() { rules.clone() } else { file });
            }
            Ok(Some((b'c', _))) => asked.command = true,
            Ok(Some((DRY, _))) => asked.dry = true,
            Ok(Some((b'V', _))) => {
                return say(name, &format!("{name} (fw {})\n", env!("CARGO_PKG_VERSION")));
            }
            Ok(Some(_)) => {
                let help = HELP.replace("NAME", name).replace("FILE", &rules).replace("COMMAND", &script);
                return say(name, &help);
            }
            Err(message) => {
                complain(&format!("{name}: {message}\n"));
                return USAGE;
            }
        }
    }
    asked.what = match flags.rest() {
        [] if asked.command => script,
        [] => rules,
        [what, ..] => String::from_utf8_lossy(what).into_owned(),
    };
    match asked.go(called, kernel) {
        Ok(status) => status,
        Err(error) => {
            let (_, message) = iptables::message(&error, name, called.version());
            complain(&message);
            REFUSED
        }
    }
}

fn failed(status: u8, message: &str) -> u8 {
    complain(&format!("Error: {message}\n"));
    status
}

/// Says something at once, whatever buffers there are.
fn tell(text: &str) {
    let mut out = Output::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

impl Asked {
    fn go(&self, called: &Called, kernel: &Kernel) -> Result<u8, Error> {
        let what = &self.what;
        if self.dry {
            return self.rehearse(called.family, kernel);
        }
        if let Some(file) = &self.write
            && File::options().append(true).create(true).open(file).is_err()
        {
            return Ok(failed(UNWRITABLE, &format!("savefile not writable: {file}")));
        }
        let mut pending = match self.command {
            true => {
                tell(&format!("Running command '{what}'... "));
                let pending = kernel.watch_over(&[called.family], self.timeout)?;
                if !Command::new(what).status().is_ok_and(|status| status.success()) {
                    tell("failed.\n");
                    complain(&format!("Error: unknown error running command: {what}\n"));
                    revert(pending)?;
                    return Ok(COMMAND_FAILED);
                }
                pending
            }
            false => {
                let Ok(text) = fs::read(what) else {
                    return Ok(failed(UNREADABLE, &format!("rulesfile not readable: {what}")));
                };
                tell(&format!("Applying new {} rules from '{what}'... ", tables(called.family)));
                match self.change(called.family, kernel, &text) {
                    Ok(pending) => pending,
                    Err(error) => {
                        tell("failed.\n");
                        complain(&super::restore::explanation("", &error));
                        let family = tables(called.family);
                        complain(&format!("Error: unknown error applying new {family} rules: {what}\n"));
                        return Ok(REFUSED);
                    }
                }
            }
        };
        tell("done.\nCan you establish NEW connections to the machine? (y/N) ");
        match confirm::wait(&mut pending, false)? {
            Answer::Yes => pending.confirm()?,
            Answer::None(Ending::Confirmed) => {}
            Answer::No => {
                tell("\nNo affirmative response! Better play it safe...\n");
                revert(pending)?;
                return Ok(REVERTED);
            }
            Answer::None(_) => {
                tell(&format!(
                    "\nTimeout! Something happened (or did not). Better play it safe...\nReverting to old {} rules... done.\n",
                    tables(called.family)
                ));
                return Ok(REVERTED);
            }
        }
        if let Some(file) = &self.write {
            tell(&format!("\nWriting successfully applied rules to '{file}'..."));
            let mut saved = Vec::new();
            iptables::save_all(kernel, called.family, false, &mut saved)?;
            if fs::write(file, saved).is_err() {
                return Ok(failed(UNWRITABLE, &format!("savefile not writable: {file}")));
            }
        }
        tell("\n... then my job is done. See you next time.\n");
        Ok(0)
    }

    /// Shows what would change.
    fn rehearse(&self, family: Family, kernel: &Kernel) -> Result<u8, Error> {
        if self.command {
            tell(&format!("Would run '{}'\n", self.what));
            return Ok(0);
        }
        let Ok(text) = fs::read(&self.what) else {
            return Ok(failed(UNREADABLE, &format!("rulesfile not readable: {}", self.what)));
        };
        let rehearsal = kernel.rehearse();
        let mut desired = rehearsal.kernel().desired(Scope::Tables);
        let mut warn = |warning: &str| complain(&format!("{warning}\n"));
        iptables::declare(&mut desired, family, &mut &*text, &mut warn)?;
        tell(&super::plan::shown(&with_warnings(|| desired.apply())?.plan));
        Ok(0)
    }

    fn change(&self, family: Family, kernel: &Kernel, text: &[u8]) -> Result<Pending, Error> {
        let mut desired = kernel.desired(Scope::Tables);
        let mut warn = |warning: &str| complain(&format!("{warning}\n"));
        iptables::declare(&mut desired, family, &mut &*text, &mut warn)?;
        desired.apply_for(self.timeout)
    }
}

fn revert(mut pending: Pending) -> Result<(), Error> {
    tell("Reverting to old iptables rules... ");
    pending.roll_back()?;
    tell("done.\n");
    Ok(())
}
