//! Completion for fish.

use std::fmt::Write;

use libfw::ext::{Extension, ExtensionKind, Families, Form};
use libfw::{Family, iptables};

use super::super::menu;
use super::{PROTOCOLS, TABLES, VERDICTS, brief, commands, of_kind, values};

/// The commands that take the options of rules.
const COMMANDS: &str = "fw iptables ip6tables iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft arptables arptables-nft";

pub(super) fn script() -> String {
    let mut data = String::new();
    for option in iptables::options(Family::Ipv4) {
        let first = iptables::options(Family::Ipv4)
            .find(|other| other.short == option.short && !other.about.is_empty());
        let about = brief(first.map_or(option.about, |first| first.about));
        let short = option.short.map_or(String::new(), |letter| format!(" -s {letter}"));
        let takes = arguments(option.long, !option.takes.is_empty());
        let _ = writeln!(
            data,
            "    complete -c $command -n __fw_takes_rules{short} -l {}{takes} -d '{about}'",
            option.long
        );
    }
    for kind in [ExtensionKind::Match, ExtensionKind::Target] {
        of_kind(kind).for_each(|extension| extension_entry(&mut data, extension));
    }
    let list =
        |kind: ExtensionKind| of_kind(kind).map(|extension| extension.name).collect::<Vec<_>>().join(" ");
    let mut own = String::new();
    for command in menu::all() {
        let condition = format!("test (__fw_program) = {}", command.name);
        for opt in command.options {
            let short = match opt.flag.short {
                letter if letter > b' ' => format!(" -s {}", char::from(letter)),
                _ => String::new(),
            };
            let takes = match opt.value {
                "" => " -f".to_owned(),
                value if value.contains('|') => format!(" -xa '{}'", value.replace('|', " ")),
                _ => " -x".to_owned(),
            };
            let about = brief(opt.about);
            let _ = writeln!(
                own,
                "complete -c fw -n '{condition}'{short} -l {}{takes} -d '{about}'",
                opt.flag.long
            );
        }
        if !command.words.is_empty() {
            let _ = writeln!(own, "complete -c fw -n '{condition}' -xa '{}'", command.words.join(" "));
        }
    }
    SCRIPT
        .replace("@ALL@", &commands())
        .replace("@OWN@", own.trim_end())
        .replace("@COMMANDS@", COMMANDS)
        .replace("@DATA@", &data)
        .replace("@TABLES@", TABLES)
        .replace("@PROTOCOLS@", PROTOCOLS)
        .replace("@MATCHES@", &list(ExtensionKind::Match))
        .replace("@TARGETS@", &format!("{VERDICTS} {}", list(ExtensionKind::Target)))
}

/// What may follow an option of iptables itself.
fn arguments(long: &str, takes: bool) -> &'static str {
    match long {
        "table" => " -xa '@TABLES@'",
        "match" => " -xa '@MATCHES@'",
        "protocol" => " -xa '@PROTOCOLS@'",
        "jump" => " -xa '@TARGETS@ (__fw_chains N)'",
        "goto" | "delete-chain" | "rename-chain" => " -xa '(__fw_chains N)'",
        "policy" => " -xa '(__fw_chains P)'",
        "append" | "delete" | "check" | "insert" | "replace" | "list" | "list-rules" | "flush" | "zero" => {
            " -xa '(__fw_chains NP)'"
        }
        "in-interface" | "out-interface" => " -xa '(command ls /sys/class/net)'",
        _ if takes => " -x",
        _ => " -f",
    }
}

fn extension_entry(data: &mut String, extension: &Extension) {
    let family = extension.families.first();
    let (short, long) = match extension.kind {
        ExtensionKind::Match => ("m", "match"),
        ExtensionKind::Target => ("j", "jump"),
    };
    let mut names = vec![extension.name];
    names.extend(extension.aliases);
    // The protocol brings its match along.
    let protocol = if extension.name == "icmp6" { "ipv6-icmp" } else { extension.name };
    let by_protocol = extension.kind == ExtensionKind::Match && extension.placement.protocols.len() == 1;
    let by_protocol = match extension.families {
        // A rule for ARP has it without a word for it.
        Families::Arp if extension.kind == ExtensionKind::Match => {
            "; or string match -q \"arptables*\" -- (__fw_program)".to_owned()
        }
        _ if by_protocol => format!("; or __fw_given p protocol {protocol}"),
        _ => String::new(),
    };
    let condition = format!("__fw_given {short} {long} {}{by_protocol}", names.join(" "));
    for opt in extension.options {
        let about = brief(&iptables::about(opt, family, None));
        let values = values(opt).join(" ");
        let takes = match opt.kind.form {
            Form::Flag => " -f".to_owned(),
            _ if values.is_empty() => " -x".to_owned(),
            _ => format!(" -xa '{values}'"),
        };
        let _ =
            writeln!(data, "    complete -c $command -n '{condition}' -l {}{takes} -d '{about}'", opt.name);
    }
}

const SCRIPT: &str = r#"# Completion of fw and the commands of iptables, made by `fw generate fish`.

# Whether an option has one of these values so far: `__fw_given LETTER LONG VALUE...`.
function __fw_given
    set -l words (commandline -opc)
    for at in (seq 2 (count $words))
        if contains -- $words[$at] $argv[3..]
            contains -- $words[(math $at - 1)] -$argv[1] --$argv[2]; and return 0
        end
    end
    return 1
end

# The command that was called: behind `fw`, its first word.
function __fw_program
    set -l words (commandline -opc)
    set -l name (string replace -r '.*/' '' -- $words[1])
    test "$name" = fw; and echo $words[2]; or echo $name
end

function __fw_takes_rules
    string match -qr '^(ip6?tables(-legacy|-nft)?|arptables(-nft)?|main[46])$' -- (__fw_program)
end

# The chains of the running kernel: with a policy, or made by somebody.
function __fw_chains
    set -l words (commandline -opc)
    set -l table filter
    for at in (seq 2 (count $words))
        contains -- $words[(math $at - 1)] -t --table; and set table $words[$at]
    end
    set -l call $words[1]
    string match -qr '(^|/)fw$' -- $words[1]; and set call $words[1] $words[2]
    command $call -t $table -S 2>/dev/null | sed -n "s/^-[$argv[1]] \([^ ]*\).*/\1/p"
end

complete -c fw -n 'test (count (commandline -opc)) -eq 1' -xa '@ALL@'
@OWN@
for command in @COMMANDS@
@DATA@end
"#;
