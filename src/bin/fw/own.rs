//! What `fw` does under its own name.

use std::ffi::OsString;

use super::generate;
use super::migrate;
use super::names::base_name;
use super::output::{complain, say};
use super::{confirm, plan, probe};

/// Everything on one screen.
const HELP: &str = "\
fw: packet-filter rules of Linux, without running iptables

What iptables does, in the same words and with the same exit codes:
  fw iptables ARGS, fw iptables-save ARGS, fw iptables-restore ARGS    -h tells what they take
  fw iptables-xml [FILE], fw iptables-translate ARGS, fw iptables-restore-translate -f FILE
  fw ip6tables..., the same of IPv6; with -legacy or -nft in the name, in that backend
  A link to fw of one of these names is that command.

What is to be, in a save file (fw plan -h: scopes, both families):
  fw plan FILE, fw check FILE   what would change; whether something would
  fw diff FILE FILE             what makes one the other, without a kernel
  fw apply FILE                 changes that, all or nothing; --confirm SECONDS: back unless
  fw confirm                    it is confirmed. iptables-apply, ip6tables-apply

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
        Some("plan") => plan::plan(&words[2..]),
        Some("check") => plan::check(&words[2..]),
        Some("diff") => plan::diff(&words[2..]),
        Some("confirm") => confirm::run(&words[2..]),
        Some("apply") => plan::apply(&words[2..]),
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
        assert!(super::HELP.lines().count() <= 32);
        assert!(super::HELP.lines().all(|line| line.chars().count() <= 100));
    }
}
