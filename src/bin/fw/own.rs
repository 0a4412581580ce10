//! What `fw` does under its own name.

use std::ffi::OsString;

use super::menu::{self, COMMANDS};
use super::names::base_name;
use super::output::{complain, say};

/// Everything on one screen: what stands before the commands of the table, and behind them.
const BEGINNING: &str = "\
fw: packet-filter rules of Linux, without running iptables

What iptables does, in the same words and with the same exit codes:
  fw iptables ARGS, fw iptables-save ARGS, fw iptables-restore ARGS    -h tells what they take
  fw iptables-xml [FILE], fw iptables-translate ARGS, fw iptables-restore-translate -f FILE
  fw ip6tables..., the same of IPv6; with -legacy or -nft in the name, in that backend
  A link to fw of one of these names is that command.
";
const END: &str = "\
Matches and targets: fw iptables -m MATCH -j TARGET -h, or fw-extensions(8).
LIBFW_BACKEND=legacy|nft chooses the backend, XTABLES_LOCKFILE another lock file.
";

fn help() -> String {
    let mut text = String::from(BEGINNING);
    for (heading, commands) in COMMANDS {
        text += &format!("\n{heading} (fw COMMAND -h tells more):\n");
        for command in *commands {
            let words = format!("{} {}", command.name, command.takes);
            text += &format!("  fw {words:<18} {}\n", command.about);
        }
    }
    text + "\n" + END
}

/// The names that a program of many names has for its commands.
const MULTI: [&str; 6] =
    ["iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"];

/// Carries out words that name no command of iptables, and returns the exit status.
pub(crate) fn run(words: &[OsString]) -> u8 {
    let name = words.first().map(|word| base_name(word)).unwrap_or_default();
    if name.starts_with("xtables-") {
        let listed: String = MULTI.iter().map(|command| format!(" * {command}\n")).collect();
        complain(&format!("ERROR: No valid subcommand given.\nValid subcommands:\n{listed}"));
        return 1;
    }
    let word = |at: usize| words.get(at).map(|word| word.to_string_lossy().into_owned());
    match word(1).as_deref() {
        Some("-V" | "--version") => {
            say("fw", &format!("fw {} (iptables v1.8.11)\n", env!("CARGO_PKG_VERSION")))
        }
        Some("-h" | "--help") => say("fw", &help()),
        Some("help") => match word(2).and_then(|name| menu::all().find(|command| command.name == name)) {
            Some(command) => command.run(&["-h".into()]),
            None => say("fw", &help()),
        },
        Some(name) => match menu::all().find(|command| command.name == name) {
            Some(command) => command.run(&words[2..]),
            None => {
                complain(&format!("fw: there is no command {name:?}; fw --help lists them\n"));
                2
            }
        },
        None => {
            complain(&help());
            2
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn help_fits_on_a_screen() {
        assert!(super::help().lines().count() <= 32);
        assert!(super::help().lines().all(|line| line.chars().count() <= 100));
    }
}
