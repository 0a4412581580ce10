//! The manual pages.

use std::fmt::Write;

use libfw::ext::{Extension, ExtensionKind, Families};
use libfw::iptables::{self, OptionHelp};
use libfw::{Family, Hook, HookMask};

use super::super::menu;
use super::super::names::tables;
use super::of_kind;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `fw.8`.
pub(super) fn commands() -> String {
    let mut page = format!(".TH FW 8 \"\" \"fw {VERSION}\" \"System administration\"\n");
    page.push_str(BEGINNING);
    page.push_str(".SH COMMANDS\nOne of them must be given.\n");
    for option in iptables::options(Family::Ipv4).filter(|option| option.command) {
        for form in option.takes {
            entry(&mut page, Family::Ipv4, &option, form);
        }
    }
    page.push_str(".SH OPTIONS\nAny beginning of a long option will do that is the beginning of no other.\n");
    for option in iptables::options(Family::Ipv4).filter(|option| !option.command) {
        entry(&mut page, Family::Ipv4, &option, option.takes.first().copied().unwrap_or_default());
    }
    arp(&mut page);
    page.push_str(".SH COMMANDS OF FW ALONE\nNone of them is a name that iptables has.\n");
    for command in menu::all() {
        let _ = writeln!(page, ".SS fw {}", roff(&command.synopsis()));
        let _ = writeln!(page, "{}.", roff(&capital(command.about)));
        if !command.more.is_empty() {
            let _ = writeln!(page, "{}", roff(command.more));
        }
        for opt in command.options {
            let _ =
                writeln!(page, ".TP\n\\fB{}\\fR\n{}.", roff(opt.spelled().trim()), roff(&capital(opt.about)));
        }
    }
    page.push_str(END);
    page
}

/// What arptables has of these, and what it has besides.
fn arp(page: &mut String) {
    page.push_str(".SH ARPTABLES\nIt has the commands and options above but for\n");
    let (own, others) = (|| iptables::options(Family::Arp), || iptables::options(Family::Ipv4));
    let lacks: Vec<_> = others()
        .filter(|option| !own().any(|other| other.long == option.long))
        .map(|option| format!("\\fB\\-\\-{}\\fR", roff(option.long)))
        .collect();
    let _ = writeln!(page, "{}.", lacks.join(", "));
    page.push_str(
        "The rest of a rule for ARP are the options of the match\n.B arp\nin\n.BR fw\\-extensions (8),\nwithout\n.BR \\-m ,\nand these:\n",
    );
    for option in own().filter(|option| !others().any(|other| other.long == option.long)) {
        entry(page, Family::Arp, &option, option.takes.first().copied().unwrap_or_default());
    }
}

fn entry(page: &mut String, family: Family, option: &OptionHelp, form: &str) {
    let bang = if option.negatable { "[!] " } else { "" };
    let short = option.short.map_or(String::new(), |letter| format!("\\fB\\-{letter}\\fR, "));
    let _ = writeln!(page, ".TP\n{bang}{short}\\fB\\-\\-{}\\fR {}", roff(option.long), roff(form));
    let first =
        iptables::options(family).find(|other| other.short == option.short && !other.about.is_empty());
    let about = match (option.about, first) {
        ("", Some(first)) => format!("The same as --{}.", first.long),
        (about, _) => format!("{}.", capital(about)),
    };
    let _ = writeln!(page, "{}", roff(&about));
}

/// `fw-extensions.8`.
pub(super) fn extensions() -> String {
    let mut page = format!(".TH FW-EXTENSIONS 8 \"\" \"fw {VERSION}\" \"System administration\"\n");
    page.push_str(
        ".SH NAME\nfw\\-extensions \\- the matches and targets of fw\n.SH DESCRIPTION\nWhat \
         .BR fw (8)\nknows besides addresses, protocols and interfaces. A\n.B [!]\nbefore an option says that it may be \
         inverted.\n",
    );
    for (kind, heading) in [(ExtensionKind::Match, "MATCHES"), (ExtensionKind::Target, "TARGETS")] {
        let _ = writeln!(page, ".SH {heading}");
        let mut all: Vec<_> = of_kind(kind).collect();
        all.sort_by_key(|extension| extension.name.to_ascii_lowercase());
        all.into_iter().for_each(|extension| section(&mut page, extension));
    }
    page.push_str(".SH SEE ALSO\n.BR fw (8)\n");
    // No line of the text begins with a blank, which would break it.
    page.replace("What .BR", "What\n.BR")
}

fn section(page: &mut String, extension: &Extension) {
    let _ = writeln!(page, ".SS {}", roff(extension.name));
    paragraphs(page, &extension.text());
    let mut notes = Vec::new();
    match extension.families {
        Families::Both | Families::All => {}
        Families::Ipv4 => notes.push("IPv4 only.".to_owned()),
        Families::Ipv6 => notes.push("IPv6 only.".to_owned()),
        Families::Arp => notes.push("ARP only.".to_owned()),
    }
    if !extension.aliases.is_empty() {
        notes.push(format!("Also called {}.", extension.aliases.join(", ")));
    }
    let limits = &extension.placement;
    if !limits.tables.is_empty() {
        notes.push(format!("Only in the tables {}.", limits.tables.join(", ")));
    }
    if limits.hooks != HookMask::ALL {
        let hooks: Vec<_> = limits.hooks.iter().map(Hook::chain_name).collect();
        notes.push(format!("Only in rules reached from {}.", hooks.join(", ")));
    }
    if !limits.protocols.is_empty() {
        let protocols: Vec<_> = limits.protocols.iter().map(ToString::to_string).collect();
        notes.push(format!("Only with the protocols {}.", protocols.join(", ")));
    }
    if !notes.is_empty() {
        let _ = writeln!(page, ".PP\n{}", roff(&notes.join(" ")));
    }
    let family = extension.families.first();
    let defaults = extension.defaults(family);
    for opt in extension.options {
        let bang = if opt.negatable { "[!] " } else { "" };
        let names: Vec<String> = opt.names().map(|name| format!("\\fB\\-\\-{}\\fR", roff(name))).collect();
        let label = match opt.kind.label {
            "" => String::new(),
            label => format!(" \\fI{}\\fR", roff(label)),
        };
        let _ = writeln!(page, ".TP\n{bang}{}{label}", names.join(", "));
        let family = if opt.families == Families::Ipv6 { Family::Ipv6 } else { family };
        let default =
            defaults.iter().find(|(with, _)| with.name == opt.name).map(|(_, value)| value.as_str());
        let mut about = iptables::about(opt, family, default);
        let values = opt.values(family);
        if values.heading.is_some() {
            let names: Vec<String> = values
                .names
                .iter()
                .map(|name| {
                    std::iter::once(name.name)
                        .chain(name.others.iter().copied())
                        .collect::<Vec<_>>()
                        .join(" or ")
                })
                .collect();
            let _ = write!(about, " Names: {}.", names.join(", "));
        }
        let _ = writeln!(page, "{}", roff(&about));
    }
    let title = if extension.examples.len() > 1 { "Examples" } else { "Example" };
    let _ = writeln!(page, ".PP\n{title}:\n.PP\n.nf\n.RS");
    for example in extension.examples {
        let _ = writeln!(page, "{} \\-A INPUT {}", tables(example.family), roff(example.rule));
    }
    let _ = writeln!(page, ".RE\n.fi");
}

fn paragraphs(page: &mut String, text: &str) {
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            page.push_str(".PP\n");
        }
        let _ = writeln!(page, "{}", roff(&paragraph.replace('`', "").replace('\n', " ")));
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Text that means itself to troff.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

const BEGINNING: &str = r".SH NAME
fw, iptables, ip6tables, iptables\-save, ip6tables\-save, iptables\-restore, ip6tables\-restore, iptables\-xml, arptables, arptables\-save, arptables\-restore \- packet\-filter rules of Linux
.SH SYNOPSIS
.B fw iptables
[\fB\-t\fR \fItable\fR] \fIcommand\fR [\fIoptions\fR]
.br
.B fw iptables\-save
[\fB\-c\fR] [\fB\-t\fR \fItable\fR] [\fB\-f\fR \fIfile\fR]
.br
.B fw iptables\-restore
[\fB\-c\fR] [\fB\-n\fR] [\fB\-t\fR] [\fB\-v\fR] [\fB\-w\fR [\fIseconds\fR]] [\fB\-T\fR \fItable\fR] [\fIfile\fR]
.br
.B fw arptables
[\fB\-t\fR \fItable\fR] \fIcommand\fR [\fIoptions\fR]
.br
.B fw iptables\-xml
[\fB\-c\fR] [\fB\-v\fR] [\fIfile\fR]
.br
.B fw
.I command
[\fIoptions\fR] ...
.SH DESCRIPTION
.B fw
does what iptables, ip6tables, arptables and their save and restore commands do, with the same output, messages and exit codes, and
speaks to the kernel itself. A link to it of one of their names is that command; so are
.BR iptables\-legacy ,
.BR iptables\-nft ,
.BR main4 ,
.BR save4 ,
.B restore4
and the like, and
.B xtables\-legacy\-multi
.IR name .
.PP
A name with \-legacy is for the tables of the legacy interface of the kernel, one with \-nft for nf_tables. Under the other names
.B fw
looks for the backend that holds the rules of this host.
.B iptables \-V
says which. The rules for ARP of arptables, arptables\-save and arptables\-restore are in nf_tables always.
.PP
The matches and targets, and their options, are in
.BR fw\-extensions (8);
.B fw iptables \-m
.I match
.B \-h
lists those of one.
";

const END: &str = r".SH FILES
.TP
.I /run/xtables.lock
The lock under which tables are changed.
.TP
.I /etc/iptables/rules.v4, /etc/iptables/rules.v6
What
.B fw\-rules
restores at boot.
.SH ENVIRONMENT
.TP
.B LIBFW_BACKEND
.B legacy
or
.BR nft :
the backend, whatever the name says nothing about.
.TP
.B XTABLES_LOCKFILE
Another lock file.
.SH EXIT STATUS
.TP
0
It was done, or the rule exists.
.TP
1
It could not be done, or the rule does not exist.
.TP
2
The arguments are wrong.
.TP
3
The kernel has no such table, or does not let this process use it.
.TP
4
Somebody else holds the lock, or changed the table in the meantime.
.SH SEE ALSO
.BR fw\-extensions (8)
";
