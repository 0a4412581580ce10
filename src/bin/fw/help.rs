//! Help, from the same tables that the parser uses.

use std::fmt::Write;

use libfw::ext::{Extension, ExtensionKind};

use crate::names::Called;

/// The commands and options, and those of the extensions named before `-h`.
pub(crate) fn text(called: &Called, extensions: &[&Extension]) -> String {
    let (name, version) = (&called.name, called.version());
    let mut text = format!("{name} {version}\n\nUsage: {name} [-t TABLE] COMMAND [OPTIONS]\n{COMMON}");
    for extension in extensions {
        let (kind, flag) = match extension.kind {
            ExtensionKind::Match => ("match", "-m"),
            ExtensionKind::Target => ("target", "-j"),
        };
        let summary = extension.description.trim().lines().next().unwrap_or_default();
        let _ = writeln!(text, "\n{} {kind} ({flag} {}): {summary}", extension.name, extension.name);
        for opt in extension.options {
            let bang = if opt.negatable { "[!] " } else { "" };
            let summary = opt.description.trim().lines().next().unwrap_or_default();
            let _ = writeln!(
                text,
                "  {:<44} {summary}",
                format!("{bang}--{} {}", opt.name, opt.kind.label).trim_end()
            );
        }
    }
    text
}

const COMMON: &str = "
Commands:
  --append       -A CHAIN RULE             add a rule at the end
  --insert       -I CHAIN [NUMBER] RULE    add a rule at a position, by default the first
  --replace      -R CHAIN NUMBER RULE      put a rule in the place of another
  --delete       -D CHAIN RULE             delete the first rule that is the same
  --delete       -D CHAIN NUMBER           delete the rule at a position
  --check        -C CHAIN RULE             find out whether the rule exists
  --list         -L [CHAIN [NUMBER]]       list rules for people
  --list-rules   -S [CHAIN [NUMBER]]       list rules as commands
  --flush        -F [CHAIN]                delete all rules
  --zero         -Z [CHAIN [NUMBER]]       set counters to zero
  --new-chain    -N CHAIN                  make a chain
  --delete-chain -X [CHAIN]                delete a chain
  --rename-chain -E OLD NEW                give a chain another name
  --policy       -P CHAIN TARGET           set the policy of a built-in chain

Options of a rule:
  [!] --protocol      -p PROTOCOL          name or number
  [!] --source        -s ADDRESS[/MASK][,...]
  [!] --destination   -d ADDRESS[/MASK][,...]
  [!] --in-interface  -i NAME[+]
  [!] --out-interface -o NAME[+]
  [!] --fragments     -f                   second and further fragments (IPv4)
  --match             -m MATCH             with its options
  --jump              -j TARGET            with its options, or a chain
  --goto              -g CHAIN             as a jump that does not come back
  --set-counters      -c PACKETS BYTES

Other options:
  --table        -t TABLE                  filter (by default), nat, mangle, raw or security
  --numeric      -n                        addresses and ports as numbers
  --verbose      -v                        counters and interfaces, or what is done
  --exact        -x                        counters in full
  --line-numbers                           positions of rules
  --wait         -w [SECONDS]              wait for the xtables lock
  --modprobe=COMMAND                       accepted and not needed
  --ipv4 -4, --ipv6 -6                     in save files: the family a line is for
  --version      -V, --help -h
";
