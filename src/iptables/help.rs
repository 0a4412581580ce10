//! What `-h` prints, from the tables that the parser works with.

use std::fmt::Write;

use crate::ext::{Extension, ExtensionKind, Form, Opt};
use crate::rule::grammar::getopt::{self, Core, CoreOpt};
use crate::types::{Family, order};

/// Where the text about an option begins, and where its lines end.
const TEXT: usize = 32;
const WIDTH: usize = 80;

/// An option of iptables itself, as manual page and completions tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptionHelp {
    /// The long option without dashes.
    pub long: &'static str,
    /// The letter of the short option.
    pub short: Option<char>,
    /// What may follow it, in each of its forms; empty for an option without a value.
    pub takes: &'static [&'static str],
    /// What it does; empty for another spelling of the option above it.
    pub about: &'static str,
    /// Whether it is a command, of which there is one per call.
    pub command: bool,
    /// Whether `!` may stand before it.
    pub negatable: bool,
}

/// The options of `iptables`, `ip6tables` or `arptables`, from the table that the parser works with.
///
/// ```
/// use libfw::{Family, iptables};
///
/// let wait = iptables::options(Family::Ipv4).find(|option| option.long == "wait").expect("it is there");
/// assert_eq!(wait.short, Some('w'));
/// assert!(!iptables::options(Family::Arp).any(|option| option.long == "wait"));
/// ```
pub fn options(family: Family) -> impl Iterator<Item = OptionHelp> {
    getopt::options(family).map(|opt| OptionHelp {
        long: opt.long,
        short: (opt.short != 0).then_some(opt.short as char),
        takes: opt.takes,
        about: opt.about,
        command: matches!(opt.core, Core::Command(_)),
        negatable: opt.is_negatable(),
    })
}

/// The help of `iptables` or `ip6tables`: its commands and options, and those of some matches and targets, under the headings
/// that programs look for. `version` is as `-V` prints it.
///
/// ```
/// use libfw::ext::{self, ExtensionKind};
/// use libfw::{Family, iptables};
///
/// let icmp = ext::find(ExtensionKind::Match, "icmp", Family::Ipv4).expect("it is known");
/// let help = iptables::help(Family::Ipv4, "iptables", "v1.8.11 (legacy)", &[icmp]);
/// assert!(help.contains("icmp match options:"));
/// assert!(help.contains("\nValid ICMP Types:\nany\necho-reply (pong)\n"));
/// ```
#[must_use]
pub fn help(family: Family, program: &str, version: &str, extensions: &[&Extension]) -> String {
    let mut text = format!("{program} {version}\n\n");
    usage(&mut text, family, program);
    text.push_str("\nCommands, one of which must be given:\n");
    let is_command = |opt: &&CoreOpt| matches!(opt.core, Core::Command(_));
    for opt in getopt::options(family).filter(is_command) {
        for form in opt.takes {
            let synopsis = format!("  --{} -{} {form}", opt.long, opt.short as char);
            entry(&mut text, &synopsis, opt.about);
        }
    }
    text.push_str("\nOptions; any beginning of a long one will do that is the beginning of no other:\n");
    for opt in getopt::options(family).filter(|opt| !is_command(opt)) {
        let bang = if opt.is_negatable() { "[!] " } else { "    " };
        let mut synopsis = format!("{bang}--{}", opt.long);
        if opt.short != 0 {
            let _ = write!(synopsis, " -{}", opt.short as char);
        }
        for form in opt.takes {
            let _ = write!(synopsis, " {form}");
        }
        let first = getopt::options(family).find(|other| other.core == opt.core);
        match first.filter(|_| opt.about.is_empty()) {
            Some(first) => entry(&mut text, &synopsis, &format!("--{}", first.long)),
            None => entry(&mut text, &synopsis, opt.about),
        }
    }
    // As iptables has it: targets first.
    for kind in [ExtensionKind::Target, ExtensionKind::Match] {
        for extension in extensions.iter().filter(|extension| extension.kind == kind) {
            text.push('\n');
            section(&mut text, extension, family);
        }
    }
    text
}

/// The ways to call it: commands that take the same in one line.
fn usage(text: &mut String, family: Family, program: &str) {
    let commands = || getopt::options(family).filter(|opt| matches!(opt.core, Core::Command(_)));
    let mut forms: Vec<(&str, Vec<char>)> = Vec::new();
    for (form, letter) in commands().flat_map(|opt| opt.takes.iter().map(|form| (*form, opt.short as char))) {
        match forms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, letters)) => letters.push(letter),
            None => forms.push((form, vec![letter])),
        }
    }
    for (at, (form, letters)) in forms.iter_mut().enumerate() {
        order::sort(letters);
        let letters: String = letters.iter().collect();
        let letters = if letters.len() == 1 { letters } else { format!("[{letters}]") };
        let lead = if at == 0 { "Usage:" } else { "      " };
        let _ = writeln!(text, "{lead} {program} [-t table] -{letters} {form} [options]");
    }
    let about = if family == Family::Arp { "[-j target]" } else { "[[-p protocol] [-m match] [-j target]]" };
    let _ = writeln!(text, "       {program} {about} -h");
}

/// The options of a match or target, with the names that their values may have.
fn section(text: &mut String, extension: &Extension, family: Family) {
    let name = extension.name;
    let options = || extension.options.iter().filter(|opt| opt.families.contains(family));
    if options().next().is_none() {
        let _ = writeln!(text, "{name} does not take any options");
        return;
    }
    match extension.heading {
        Some(heading) => text.push_str(heading),
        None => {
            let _ = write!(text, "{name} {} options:", extension.kind);
        }
    }
    text.push('\n');
    let defaults = extension.defaults(family);
    for opt in options() {
        let default =
            defaults.iter().find(|(with, _)| with.name == opt.name).map(|(_, value)| value.as_str());
        entry(text, &synopsis(opt), &about(opt, family, default));
    }
    for names in options().map(|opt| opt.values(family)) {
        let Some(heading) = names.heading else { continue };
        // A list that several options share is told once.
        if text.contains(&format!("\n{heading}\n")) {
            continue;
        }
        let _ = writeln!(text, "{heading}");
        for name in names.names {
            let indent = if name.part { "   " } else { "" };
            let _ = write!(text, "{indent}{}", name.name);
            for other in name.others {
                let _ = write!(text, " ({other})");
            }
            text.push('\n');
        }
    }
}

/// `[!] --sport, --source-port PORT[:PORT]`
fn synopsis(opt: &Opt) -> String {
    let bang = if opt.negatable { "[!] " } else { "    " };
    let names: Vec<String> = opt.names().map(|name| format!("--{name}")).collect();
    format!("{bang}{} {}", names.join(", "), opt.kind.label).trim_end().to_owned()
}

/// What an option of a match or target is, which values it takes and what it is when it is not given, in one line: the text
/// of help, manual page and completions.
///
/// ```
/// use libfw::Family;
/// use libfw::ext::{self, ExtensionKind};
///
/// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
/// println!("{}", libfw::iptables::about(limit.option("limit-burst").unwrap(), Family::Ipv4, Some("5")));
/// ```
#[must_use]
pub fn about(opt: &Opt, family: Family, default: Option<&str>) -> String {
    let text = opt.text();
    let mut about = text.split("\n\n").next().unwrap_or_default().replace(['\n', '`'], " ").trim().to_owned();
    while let Some(at) = about.find("  ") {
        about.remove(at);
    }
    let mut about = about.replace(" ,", ",").replace(" .", ".").replace(" ;", ";").replace(" :", ":");
    let values = opt.values(family);
    if values.heading.is_none() && !values.names.is_empty() {
        let names: Vec<&str> = values.names.iter().map(|name| name.name).collect();
        let lead = if opt.kind.form == Form::List { "Any of" } else { "One of" };
        let _ = write!(about, " {lead}: {}.", names.join(", "));
    }
    let max = opt.max_of(family);
    if opt.kind.form == Form::Integer && max < u64::MAX {
        let _ = write!(about, " From {} to {max}.", opt.min);
    }
    if let Some(default) = default.filter(|default| !default.is_empty() && !about.contains("unless given")) {
        let _ = write!(about, " {default} unless given.");
    }
    if opt.required {
        about.push_str(" Must be given.");
    }
    about
}

/// An option and what it is, in lines of a terminal's width.
fn entry(text: &mut String, synopsis: &str, about: &str) {
    text.push_str(synopsis);
    let mut at = synopsis.chars().count();
    if at >= TEXT {
        text.push('\n');
        at = 0;
    }
    let mut begun = false;
    for word in about.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if begun && at + 1 + length > WIDTH {
            text.push('\n');
            (at, begun) = (0, false);
        }
        if begun {
            text.push(' ');
            at += 1;
        } else {
            text.extend(std::iter::repeat_n(' ', TEXT - at));
            (at, begun) = (TEXT, true);
        }
        text.push_str(word);
        at += length;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ext;

    fn help_of(family: Family, extension: &Extension) -> String {
        let text = help(family, "iptables", "v1", &[extension]);
        text.rsplit_once("the version\n\n").unwrap().1.to_owned()
    }

    /// Programs find a section by its heading, an option by its dashes, and names of values below or beside it.
    #[test]
    fn every_extension_has_its_heading_options_and_names() {
        let odd = [
            ("addrtype", "Address type match options:"),
            ("ipvs", "IPVS match options:"),
            ("osf", "OS fingerprint match options:"),
            ("ecn", "ECN match options:"),
            ("ipcomp", "comp match options:"),
            ("icmp6", "icmpv6 match options:"),
            ("TCPMSS", "TCPMSS target mutually-exclusive options:"),
            ("eui64", "eui64 does not take any options"),
            ("NOTRACK", "NOTRACK does not take any options"),
            ("TRACE", "TRACE does not take any options"),
        ];
        for family in Family::ALL {
            for extension in ext::all().filter(|extension| extension.families.contains(family)) {
                let text = help_of(family, extension);
                let heading = odd.iter().find(|(name, _)| *name == extension.name);
                let usual = format!("{} {} options:", extension.name, extension.kind);
                assert_eq!(text.lines().next(), Some(heading.map_or(&*usual, |(_, line)| line)));
                assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
                for opt in extension.options.iter().filter(|opt| opt.families.contains(family)) {
                    for name in opt.names() {
                        let begins = |end: &str| text.contains(&format!("--{name}{end}"));
                        assert!(["\n", " ", ","].into_iter().any(begins), "--{name}: {text}");
                    }
                    for name in opt.values(family).names {
                        let words = || text.split(|letter: char| " ,.()\n".contains(letter));
                        let all = std::iter::once(name.name).chain(name.others);
                        all.for_each(|name| assert!(words().any(|word| word == name), "{name}: {text}"));
                    }
                }
            }
        }
    }

    /// firewalld reads what follows the heading, to the end, as names.
    #[test]
    fn names_of_icmp_types_end_the_help() {
        let of = |family, name: &str| {
            let extension = ext::all().find(|extension| extension.name == name).unwrap();
            help_of(family, extension)
        };
        let text = of(Family::Ipv4, "icmp");
        let (_, names) = text.split_once("\nValid ICMP Types:\n").unwrap();
        assert!(
            names.starts_with("any\necho-reply (pong)\ndestination-unreachable\n   network-unreachable\n")
        );
        assert!(names.ends_with("\naddress-mask-request\naddress-mask-reply\n"));
        assert_eq!(names.lines().count(), 37);
        let text = of(Family::Ipv6, "icmp6");
        let (_, names) = text.split_once("\nValid ICMPv6 Types:\n").unwrap();
        assert!(names.starts_with("destination-unreachable\n   no-route\n"));
        assert!(names.contains("\nneighbour-advertisement (neighbor-advertisement)\nredirect\n"));
        assert_eq!(names.lines().count(), 26);
        let text = of(Family::Ipv6, "mh");
        assert!(text.contains("\nValid MH types:\nbinding-refresh-request (brr)\nhome-test-init (hoti)\n"));
        let text = of(Family::Ipv4, "REJECT");
        assert!(text.contains("\nValid reject types:\nicmp-net-unreachable (net-unreach)\n"));
        assert!(of(Family::Ipv6, "REJECT").contains("\nicmp6-no-route (no-route)\n"));
    }

    /// Targets come first, whatever their place; what is named twice is told twice.
    #[test]
    fn several_extensions() {
        let find = |kind, name| ext::find(kind, name, Family::Ipv4).unwrap();
        let limit = find(ExtensionKind::Match, "limit");
        let text = help(Family::Ipv4, "x", "v1", &[limit, find(ExtensionKind::Target, "LOG"), limit]);
        let headings: Vec<_> = text.lines().filter(|line| line.ends_with(" options:")).collect();
        assert_eq!(headings, ["LOG target options:", "limit match options:", "limit match options:"]);
    }

    #[test]
    fn every_option_of_iptables_itself_is_told() {
        for family in Family::ALL {
            let text = help(family, "iptables", "v1.8.11 (legacy)", &[]);
            assert!(text.starts_with("iptables v1.8.11 (legacy)\n\nUsage: iptables [-t table] -[ACD] chain"));
            for opt in getopt::options(Family::Ipv4) {
                let told = text.contains(&format!(" --{} ", opt.long));
                assert_eq!(told, family == Family::Ipv4 || opt.long != "fragments", "{}", opt.long);
            }
        }
    }
}
