//! `REFERENCE.md` is what the option tables say. `UPDATE=1 cargo test --test reference` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use libfw::backend::SetInfo;
use libfw::ext::{self, Extension, ExtensionKind, Families, Form, Opt};
use libfw::{Family, Hook, HookMask, MemoryKernel, Rule};

const INTRODUCTION: &str = "\
# Matches and targets

Made from the option tables of the library by `make reference`; do not edit.

Each match and target has a type in Rust (`libfw::matches`, `libfw::targets`), a class of the same name in Python
(`libfw.matches`, `libfw.targets`), and its name in C (`fw_builder_match`, `fw_builder_target`). Each option is a field
and a method of the type, a keyword and an attribute of the class, and a name for `fw_builder_option`: the one in
brackets below. `!` before an option says that it can be inverted: `libfw::not(value)` in Rust, `libfw.Not(value)` in
Python, `fw_builder_not` in C.

An option that is wrong by itself is an error of the kind `InvalidValue`, options that cannot stand together one of the kind
`InvalidRule`, when the rule is built or read. A rule without the protocol that is needed, or in a table or chain where
the kernel does not accept it, is an `InvalidRule` when the table is committed. The examples are the options of a rule;
each has been tried in the place that stands before it. iptables-extensions(8) describes the same matches and targets
at greater length.
";

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("REFERENCE.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("write the reference");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "REFERENCE.md is out of date: run make reference");
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (kind, title) in [(ExtensionKind::Match, "Matches"), (ExtensionKind::Target, "Targets")] {
        let all: Vec<_> = ext::all().filter(|extension| extension.kind == kind).collect();
        let links: Vec<_> =
            all.iter().map(|extension| format!("[{0}](#{1})", extension.name, anchor(extension))).collect();
        write!(page, "\n## {title}\n\n{}\n", wrapped(&links.join(" "))).unwrap();
        all.iter().for_each(|extension| section(&mut page, extension));
    }
    page
}

/// Matches and targets may differ by case alone, which links do not tell apart.
fn anchor(extension: &Extension) -> String {
    format!("{}-{}", extension.kind, extension.name.to_lowercase())
}

fn section(page: &mut String, extension: &'static Extension) {
    let Extension { name, kind, .. } = extension;
    let flag = if *kind == ExtensionKind::Match { "-m" } else { "-j" };
    write!(page, "\n### <a id=\"{}\"></a>`{flag} {name}`\n\n{}\n", anchor(extension), extension.text())
        .unwrap();
    let examples: Vec<_> = extension.examples.iter().map(example).collect();
    write!(page, "\n```sh\n{}\n```\n\n", examples.join("\n")).unwrap();
    let module = if *kind == ExtensionKind::Match { "matches" } else { "targets" };
    writeln!(page, "- Type: `{module}::{}`", extension.type_name).unwrap();
    if !extension.aliases.is_empty() {
        writeln!(page, "- Also called: {}", code(extension.aliases)).unwrap();
    }
    if extension.kernel_name != *name {
        writeln!(page, "- Name in the kernel: `{}`", extension.kernel_name).unwrap();
    }
    writeln!(page, "- Families: {}", families(extension.families)).unwrap();
    for (what, list) in limits(extension) {
        writeln!(page, "- Only {what}: {list}").unwrap();
    }
    let revisions: Vec<_> = extension
        .revisions
        .iter()
        .map(|revision| match (revision.families, extension.families) {
            (Families::All, _) | (_, Families::Ipv4 | Families::Ipv6 | Families::Arp) => {
                revision.number.to_string()
            }
            (only, _) => format!("{} ({} only)", revision.number, families(only)),
        })
        .collect();
    write!(page, "- Revisions: {}", revisions.join(", ")).unwrap();
    let header = Some(extension.header).filter(|header| !header.is_empty());
    writeln!(page, "{}", header.map_or(String::new(), |header| format!(", declared in `{header}`"))).unwrap();
    if !extension.options.is_empty() {
        page.push_str("\nOptions:\n\n");
    }
    let defaults = extension.defaults(extension.examples[0].family);
    for opt in extension.options {
        let default = defaults.iter().find(|(with, _)| with.name == opt.name);
        option(page, extension, opt, default.map(|(_, value)| value.as_str()));
    }
}

/// The entry of an option: its synopsis, what it means, and what its value and its neighbours must be.
fn option(page: &mut String, extension: &Extension, opt: &Opt, default: Option<&str>) {
    let bang = if opt.negatable { "`!` " } else { "" };
    let names: Vec<_> = opt.names().map(|name| format!("`--{name}`")).collect();
    let value = match opt.kind.label {
        "" => String::new(),
        label => format!(" `{label}`"),
    };
    let text = opt.text().replace('\n', "\n  ");
    write!(page, "- {bang}{}{value} [`{}`]: {text}", names.join(" or "), opt.field).unwrap();
    let mut notes = Vec::new();
    if opt.kind.form == Form::Integer && opt.max < u64::MAX {
        notes.push(format!("From {} to {}", opt.min, opt.max));
    }
    if !opt.kind.choices.is_empty() {
        let many = if opt.kind.form == Form::List { "Any of" } else { "One of" };
        notes.push(format!("{many} {}", code(opt.kind.choices)));
    }
    if let Some(default) = default.filter(|default| !default.is_empty()) {
        notes.push(format!("`{default}` unless given"));
    }
    if opt.optional {
        notes.push("The value may be left out".into());
    }
    if opt.required {
        notes.push("Must be given".into());
    }
    if opt.group.is_some() {
        notes.push("May be given for each element".into());
    }
    if opt.families != Families::All && opt.families != extension.families {
        notes.push(format!("{} only", families(opt.families)));
    }
    let dashed =
        |names: &[&str]| names.iter().map(|name| format!("`--{name}`")).collect::<Vec<_>>().join(", ");
    if !opt.requires.is_empty() {
        notes.push(format!("Needs {}", dashed(opt.requires)));
    }
    let excluding = |other: &&Opt| other.excludes.contains(&opt.name);
    let mut excluded: Vec<_> = extension.options.iter().filter(excluding).map(|other| other.name).collect();
    excluded.extend(opt.excludes);
    if !excluded.is_empty() {
        notes.push(format!("Not with {}", dashed(&excluded)));
    }
    if opt.spelling {
        notes.push("Another way to write one of the options above, which is what is printed".into());
    }
    for note in notes {
        write!(page, "\n  {note}.").unwrap();
    }
    page.push('\n');
}

/// Where the kernel accepts an extension, in words.
fn limits(extension: &Extension) -> Vec<(&'static str, String)> {
    let mut limits = Vec::new();
    if !extension.placement.tables.is_empty() {
        limits.push(("in the tables", extension.placement.tables.join(", ")));
    }
    if extension.placement.hooks != HookMask::ALL {
        let hooks: Vec<_> = extension.placement.hooks.iter().map(Hook::chain_name).collect();
        limits.push(("in rules reached from", hooks.join(", ")));
    }
    if !extension.placement.protocols.is_empty() {
        let protocols: Vec<_> = extension.placement.protocols.iter().map(ToString::to_string).collect();
        limits.push(("in rules for the protocols", protocols.join(", ")));
    }
    limits
}

/// The example as a command, in the first place where the table takes it.
fn example(example: &ext::Example) -> String {
    let ext::Example { family, rule, .. } = *example;
    let number = if family == Family::Ipv4 { 2 } else { 10 };
    // A kernel that still has what newer ones lack.
    let memory = ["CLUSTERIP", "ULOG"].into_iter().fold(MemoryKernel::new(), |memory, name| {
        memory.with_revision(ExtensionKind::Target, name, Some(0)).unwrap()
    });
    let memory = memory.with_any_set().with_set("web", SetInfo { index: 0, family: number }).unwrap();
    let kernel = if family == Family::Arp { memory.nft() } else { memory.kernel() };
    let read = Rule::parse(family, rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let mut why = String::new();
    let hooks = match read.view().output().value.is_any() {
        true => &[Hook::Input, Hook::Prerouting, Hook::Forward, Hook::Output, Hook::Postrouting][..],
        false => &[Hook::Forward, Hook::Output, Hook::Postrouting],
    };
    for table in ["filter", "mangle", "nat", "raw", "security"] {
        for hook in hooks {
            let Ok(mut snapshot) = kernel.open(family, table) else { continue };
            let Ok(mut chain) = snapshot.chain_mut(hook.chain_name()) else { continue };
            match chain.append(read.clone()).and_then(|()| snapshot.commit()) {
                Ok(_) => {
                    let program = match family {
                        Family::Ipv4 => "iptables",
                        Family::Ipv6 => "ip6tables",
                        Family::Arp => "arptables",
                    };
                    let table = if table == "filter" { String::new() } else { format!(" -t {table}") };
                    return format!("{program}{table} -A {hook} {rule}");
                }
                Err(error) => writeln!(why, "{table} {hook}: {error}").unwrap(),
            }
        }
    }
    panic!("no table takes {rule}\n{why}");
}

fn families(families: Families) -> &'static str {
    match families {
        Families::Both => "IPv4, IPv6",
        Families::Ipv4 => "IPv4",
        Families::Ipv6 => "IPv6",
        Families::Arp => "ARP",
        Families::All => "IPv4, IPv6, ARP",
    }
}

fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Words in lines of at most 120 columns.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if !lines.last().unwrap().is_empty() && lines.last().unwrap().len() + word.len() >= 120 {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.join("\n")
}
