//! What `fw` does under its own name.

use std::ffi::OsString;

use super::generate;
use super::migrate;
use super::names::base_name;
use super::output::{complain, say};
use super::probe;

/// Everything on one screen.
const HELP: &str = "\
fw: packet-filter rules of Linux, without running iptables

What iptables does, in the same words and with the same exit codes:
  fw iptables ARGS              one command on one table; -h lists them
  fw iptables-save ARGS         tables as text
  fw iptables-restore ARGS      tables from text, each in one commit
  fw iptables-xml [FILE]        a save file as XML
  fw iptables-translate ARGS    a command as nft says it; iptables-restore-translate -f FILE
  fw ip6tables..., fw ip6tables-save..., fw ip6tables-restore...   the same of IPv6
  Names with -legacy or -nft say in which backend; the others look which one holds the rules.
  A link to fw of one of these names is that command.

For this machine:
  fw probe [--json]                     kernel, privileges, tables per backend, and which is used
  fw migrate --to nft|legacy [--apply]  the rules of one backend into the other
  fw generate man|man-extensions        manual pages
  fw generate bash|zsh|fish             completions

  fw --help, fw --version

Matches and targets: fw iptables -m MATCH -j TARGET -h, or fw-extensions(8).
LIBFW_BACKEND=legacy|nft chooses the backend, XTABLES_LOCKFILE another lock file.
";

/// The names that a program of many names has for its commands.
const COMMANDS: [&str; 6] =
    ["iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"];

/// Carries out words that name no command of iptables, and returns the exit status.
pub(crate) fn run(words: &[OsString]) -> u8 {
    let name = words.first().map(|word| base_name(word)).unwrap_or_default();
    if name.starts_with("xtables-") {
        let listed: String = COMMANDS.iter().map(|command| format!(" * {command}\n")).collect();
        complain(&format!("ERROR: No valid subcommand given.\nValid subcommands:\n{listed}"));
        return 1;
    }
    let word = |at: usize| words.get(at).map(|word| word.to_string_lossy().into_owned());
    match word(1).as_deref() {
        Some("-V" | "--version") => {
            say("fw", &format!("fw {} (iptables v1.8.11)\n", env!("CARGO_PKG_VERSION")))
        }
        Some("-h" | "--help" | "help") => say("fw", HELP),
        Some("migrate") => migrate::run(&words[2..]),
        Some("probe") => probe::run(&words[2..]),
        Some("generate") => generate::run(word(2).as_deref()),
        Some(other) => {
            complain(&format!("fw: there is no command {other:?}; fw --help lists them\n"));
            2
        }
        None => {
            complain(HELP);
            2
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn help_fits_on_a_screen() {
        assert!(super::HELP.lines().count() <= 24);
        assert!(super::HELP.lines().all(|line| line.chars().count() <= 100));
    }
}
