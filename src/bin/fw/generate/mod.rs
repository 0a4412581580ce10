//! Manual pages and completions, made by the program itself from its tables: `fw generate WHAT`.

mod bash;
mod fish;
mod man;
mod zsh;

use std::ffi::OsString;

use libfw::Family;
use libfw::ext::{self, Extension, ExtensionKind, Opt};

use super::menu::{self, Command};
use super::output::{complain, say};

/// A name, and what it makes.
type Made = (&'static str, fn() -> String);

/// What can be made.
const WHAT: &[Made] = &[
    ("man", man::commands),
    ("man-extensions", man::extensions),
    ("bash", bash::script),
    ("zsh", zsh::script),
    ("fish", fish::script),
];

pub(crate) fn run(words: &[OsString]) -> u8 {
    let what = words.first().and_then(|word| word.to_str());
    match WHAT.iter().find(|(name, _)| Some(*name) == what) {
        Some((_, make)) => say("fw", &make()),
        None => {
            let names: Vec<&str> = WHAT.iter().map(|(name, _)| *name).collect();
            complain(&format!("usage: fw generate {}\n", names.join("|")));
            2
        }
    }
}

/// The matches or targets that somebody may want to type.
fn of_kind(kind: ExtensionKind) -> impl Iterator<Item = &'static Extension> {
    ext::all().filter(move |extension| extension.kind == kind)
}

/// The names that the value of an option may have in either family.
fn values(opt: &Opt) -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for family in Family::ALL {
        for name in opt.values(family).names {
            all.extend(std::iter::once(name.name).chain(name.others).filter(|name| !name.is_empty()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|name| seen.insert(*name));
    all
}

/// Options of matches and targets with the names that their values may have, each option once.
fn valued() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, values) in ext::all()
        .flat_map(|extension| extension.options)
        .flat_map(|opt| opt.names().map(move |name| (name, values(opt))))
    {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known
                .extend(values.iter().filter(|value| !known.contains(value)).copied().collect::<Vec<_>>()),
            None => all.push((name, values)),
        }
    }
    all.retain(|(_, values)| !values.is_empty());
    all
}

/// One line about an option, for completions: the first sentence.
fn brief(text: &str) -> String {
    let text = text.split(". ").next().unwrap_or_default().trim_end_matches('.');
    text.replace(['\'', '"', '`', '\\', '[', ']'], "")
}

/// The names of the commands that iptables has too.
const LIKE_IPTABLES: &str = "iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore arptables arptables-save \
                             arptables-restore iptables-xml iptables-translate ip6tables-translate";

/// The names of all commands.
fn commands() -> String {
    let own: Vec<&str> = menu::all().map(|command| command.name).collect();
    format!("{LIKE_IPTABLES} {}", own.join(" "))
}

/// What may follow a command of fw's own: its options, and what it names by words.
fn words_of(command: &Command) -> Vec<String> {
    let short = command.options.iter().filter(|opt| opt.flag.short > b' ');
    let short = short.map(|opt| format!("-{}", char::from(opt.flag.short)));
    let long = command.options.iter().map(|opt| format!("--{}", opt.flag.long));
    short.chain(long).chain(command.words.iter().map(|word| (*word).to_owned())).collect()
}

/// The names of the tables.
const TABLES: &str = "filter nat mangle raw security";
/// The protocols that have a match of their own or are common.
const PROTOCOLS: &str = "all tcp udp icmp ipv6-icmp sctp dccp udplite esp ah gre ipcomp mobility-header";
const VERDICTS: &str = "ACCEPT DROP RETURN QUEUE";

#[cfg(test)]
mod tests {
    use super::*;

    /// Every option of the tables is in everything that is made of them.
    #[test]
    fn everything_is_there() {
        for (what, make) in WHAT {
            let text = make();
            let has = |word: &str| text.contains(word);
            if *what != "man" {
                for extension in ext::all() {
                    assert!(has(extension.name), "{what}: {extension:?}");
                    for opt in extension.options {
                        // A manual page has its dashes written out.
                        let name = if *what == "man-extensions" {
                            opt.name.replace('-', "\\-")
                        } else {
                            opt.name.into()
                        };
                        assert!(has(&name), "{what}: {name}");
                    }
                }
                assert!(has("echo-request") || has("echo\\-request"), "{what}");
            }
            if *what != "man-extensions" {
                for command in menu::all() {
                    assert!(has(command.name), "{what}: {}", command.name);
                    for word in words_of(command) {
                        let long = if *what == "man" { word.replace('-', "\\-") } else { word };
                        let long =
                            if *what == "fish" { long.trim_start_matches('-').to_owned() } else { long };
                        assert!(has(&long), "{what}: {}: {long}", command.name);
                    }
                }
            }
            if *what != "man-extensions" {
                // What arptables spells otherwise is in the manual page alone.
                let families: &[_] =
                    if *what == "man" { &[Family::Ipv4, Family::Arp] } else { &[Family::Ipv4] };
                for option in families.iter().flat_map(|family| libfw::iptables::options(*family)) {
                    let long =
                        if *what == "man" { option.long.replace('-', "\\-") } else { option.long.into() };
                    assert!(has(&long), "{what}: {long}");
                }
            }
        }
    }
}
