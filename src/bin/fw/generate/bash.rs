//! Completion for bash.

use std::fmt::Write;

use libfw::ext::{Extension, ExtensionKind};
use libfw::{Family, iptables};

use super::super::menu;
use super::{PROTOCOLS, TABLES, VERDICTS, commands, of_kind, valued, words_of};

pub(super) fn script() -> String {
    let mut options = Vec::new();
    for option in iptables::options(Family::Ipv4) {
        options.extend(option.short.map(|letter| format!("-{letter}")));
        options.push(format!("--{}", option.long));
    }
    let mut tables = String::new();
    let list =
        |kind: ExtensionKind| of_kind(kind).map(|extension| extension.name).collect::<Vec<_>>().join(" ");
    for (kind, name) in [(ExtensionKind::Match, "match"), (ExtensionKind::Target, "target")] {
        let _ = writeln!(tables, "declare -gA _fw_{name}=(");
        of_kind(kind).for_each(|extension| extension_entry(&mut tables, extension));
        tables.push_str(")\n");
    }
    tables.push_str("declare -gA _fw_values=(\n");
    for (name, values) in valued() {
        let _ = writeln!(tables, "  [--{name}]='{}'", values.join(" "));
    }
    tables.push_str(")\n");
    let own: String = menu::all()
        .map(|command| {
            let files = if command.takes.contains("FILE") { " $(compgen -f -- \"$cur\")" } else { "" };
            let words = words_of(command).join(" ");
            format!(
                "    {}) COMPREPLY=($(compgen -W '{words}' -- \"$cur\"){files}); return ;;\n",
                command.name
            )
        })
        .collect();
    SCRIPT
        .replace("@COMMANDS@", &commands())
        .replace("@OWN@", own.trim_end())
        .replace("@OPTIONS@", &options.join(" "))
        .replace("@TABLES@", TABLES)
        .replace("@PROTOCOLS@", PROTOCOLS)
        .replace("@MATCHES@", &list(ExtensionKind::Match))
        .replace("@TARGETS@", &format!("{VERDICTS} {}", list(ExtensionKind::Target)))
        .replace("@DATA@", &tables)
}

fn extension_entry(tables: &mut String, extension: &Extension) {
    let options: Vec<String> = extension.options.iter().map(|opt| format!("--{}", opt.name)).collect();
    for name in std::iter::once(extension.name).chain(extension.aliases.iter().copied()) {
        let _ = writeln!(tables, "  [{name}]='{}'", options.join(" "));
    }
}

const SCRIPT: &str = r#"# Completion of fw and the commands of iptables, made by `fw generate bash`.
@DATA@
_fw() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} program=${COMP_WORDS[0]##*/}
  local -i at=1
  COMPREPLY=()
  if [[ $program == fw ]]; then
    if (( COMP_CWORD == 1 )); then
      COMPREPLY=($(compgen -W '@COMMANDS@ --help --version' -- "$cur"))
      return
    fi
    program=${COMP_WORDS[1]}
    at=2
  fi
  case $program in
@OWN@
    *-save|*-restore|*-xml|save[46]|restore[46]) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  # What was named already brings its options.
  local table=filter more= word last=
  # A rule for ARP has this match without a word for it.
  [[ $program == arptables* ]] && more=${_fw_match[arp]}
  for word in "${COMP_WORDS[@]:at:COMP_CWORD-at}"; do
    case $last in
      -t|--table) table=$word ;;
      -m|--match) more+=" ${_fw_match[$word]}" ;;
      -j|--jump) more+=" ${_fw_target[$word]}" ;;
      -p|--protocol) more+=" ${_fw_match[${word/ipv6-icmp/icmp6}]}" ;;
    esac
    last=$word
  done
  local words
  case $prev in
    -t|--table) words='@TABLES@' ;;
    -m|--match) words='@MATCHES@' ;;
    -p|--protocol) words='@PROTOCOLS@' ;;
    -j|--jump) words="@TARGETS@ $(_fw_chains "$program" "$table" N)" ;;
    -g|--goto|-X|--delete-chain|-E|--rename-chain) words=$(_fw_chains "$program" "$table" N) ;;
    -P|--policy) words=$(_fw_chains "$program" "$table" P) ;;
    -[ADCIRLSFZ]|--append|--delete|--check|--insert|--replace|--list|--list-rules|--flush|--zero)
      words=$(_fw_chains "$program" "$table" NP) ;;
    -i|-o|--in-interface|--out-interface|--physdev-in|--physdev-out) words=$(command ls /sys/class/net) ;;
    -[sdN]|--source|--destination|--new-chain) return ;;
    *) words=${_fw_values[$prev]:-"@OPTIONS@ $more"} ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

# The chains of the running kernel: with a policy, or made by somebody.
_fw_chains() {
  local command=$1
  [[ ${COMP_WORDS[0]##*/} == fw ]] && command="${COMP_WORDS[0]} $1"
  $command -t "$2" -S 2>/dev/null | sed -n "s/^-[$3] \([^ ]*\).*/\1/p"
}

complete -F _fw fw iptables ip6tables iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft
complete -F _fw arptables arptables-nft arptables-save arptables-restore
complete -F _fw iptables-save ip6tables-save iptables-restore ip6tables-restore iptables-xml
"#;
