//! Completion for zsh.

use std::fmt::Write;

use libfw::ext::{Extension, ExtensionKind};
use libfw::{Family, iptables};

use super::super::menu;
use super::{PROTOCOLS, TABLES, VERDICTS, brief, commands, of_kind, valued, words_of};

pub(super) fn script() -> String {
    let mut data = String::from("  local -a options\n  options=(\n");
    for option in iptables::options(Family::Ipv4) {
        let first = iptables::options(Family::Ipv4)
            .find(|other| other.short == option.short && !other.about.is_empty());
        let about = brief(first.map_or(option.about, |first| first.about)).replace(':', ",");
        if let Some(letter) = option.short {
            let _ = writeln!(data, "    '-{letter}:{about}'");
        }
        let _ = writeln!(data, "    '--{}:{about}'", option.long);
    }
    data.push_str("  )\n");
    for (kind, name) in [(ExtensionKind::Match, "matching"), (ExtensionKind::Target, "targets")] {
        let _ = writeln!(data, "  local -A {name}\n  {name}=(");
        of_kind(kind).for_each(|extension| extension_entry(&mut data, extension));
        data.push_str("  )\n");
    }
    data.push_str("  local -A values\n  values=(\n");
    for (name, values) in valued() {
        let _ = writeln!(data, "    --{name} '{}'", values.join(" "));
    }
    data.push_str("  )\n");
    let list =
        |kind: ExtensionKind| of_kind(kind).map(|extension| extension.name).collect::<Vec<_>>().join(" ");
    let own: String = menu::all()
        .map(|command| {
            let files = if command.takes.contains("FILE") { "_files; " } else { "" };
            format!("    {}) compadd -- {}; {files}return ;;\n", command.name, words_of(command).join(" "))
        })
        .collect();
    SCRIPT
        .replace("@COMMANDS@", &commands())
        .replace("@OWN@", own.trim_end())
        .replace("@TABLES@", TABLES)
        .replace("@PROTOCOLS@", PROTOCOLS)
        .replace("@MATCHES@", &list(ExtensionKind::Match))
        .replace("@TARGETS@", &format!("{VERDICTS} {}", list(ExtensionKind::Target)))
        .replace("@DATA@", &data)
}

/// Options with what they are, between line ends.
fn extension_entry(data: &mut String, extension: &Extension) {
    let family = extension.families.first();
    let options: Vec<String> = extension
        .options
        .iter()
        .map(|opt| format!("--{}:{}", opt.name, brief(&iptables::about(opt, family, None)).replace(':', ",")))
        .collect();
    for name in std::iter::once(extension.name).chain(extension.aliases.iter().copied()) {
        let _ = writeln!(data, "    {name} '{}'", options.join("\n"));
    }
}

const SCRIPT: &str = r#"#compdef fw iptables ip6tables iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft arptables arptables-nft arptables-save arptables-restore iptables-save ip6tables-save iptables-restore ip6tables-restore iptables-xml
# Completion of fw and the commands of iptables, made by `fw generate zsh`.

# The chains of the running kernel: with a policy, or made by somebody.
_fw_chains() {
  local -a found
  found=(${(f)"$(${=1} -t $2 -S 2>/dev/null | sed -n "s/^-[$3] \([^ ]*\).*/\1/p")"})
  compadd -a found
}

_fw() {
@DATA@
  local program=${words[1]:t} call=${words[1]} table=filter last='' word
  local -i first=2
  if [[ $program == fw ]]; then
    if (( CURRENT == 2 )); then
      compadd @COMMANDS@
      return
    fi
    program=${words[2]}
    call="${words[1]} ${words[2]}"
    first=3
  fi
  case $program in
@OWN@
    *-save|*-restore|*-xml) _files; return ;;
  esac
  local -a more
  # A rule for ARP has this match without a word for it.
  [[ $program == arptables* ]] && more=(${(f)matching[arp]})
  for word in ${words[first,CURRENT-1]}; do
    case $last in
      -t|--table) table=$word ;;
      -m|--match) more+=(${(f)matching[$word]}) ;;
      -j|--jump) more+=(${(f)targets[$word]}) ;;
      -p|--protocol) more+=(${(f)matching[${word/ipv6-icmp/icmp6}]}) ;;
    esac
    last=$word
  done
  case $last in
    -t|--table) compadd @TABLES@ ;;
    -m|--match) compadd @MATCHES@ ;;
    -p|--protocol) compadd @PROTOCOLS@ ;;
    -j|--jump) compadd @TARGETS@; _fw_chains $call $table N ;;
    -g|--goto|-X|--delete-chain|-E|--rename-chain) _fw_chains $call $table N ;;
    -P|--policy) _fw_chains $call $table P ;;
    -[ADCIRLSFZ]|--append|--delete|--check|--insert|--replace|--list|--list-rules|--flush|--zero)
      _fw_chains $call $table NP ;;
    -i|-o|--in-interface|--out-interface) compadd ${(f)"$(command ls /sys/class/net)"} ;;
    -[sdN]|--source|--destination|--new-chain) ;;
    *)
      if [[ -n ${values[$last]} ]]; then
        compadd ${=values[$last]}
      else
        (( $#more )) && _describe -o 'option' more
        _describe -o 'option' options
      fi ;;
  esac
}

_fw "$@"
"#;
