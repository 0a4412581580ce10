//! `fw probe`: what this host has of packet filtering, found out without making a table.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use libfw::ext::{self, ExtensionKind};
use libfw::json::Value;
use libfw::{BackendKind, Family, Kernel};

use super::menu::Asked;
use super::output::say;

/// Capabilities by their number in `linux/capability.h`.
const CAPABILITIES: [(u32, &str); 2] = [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW")];
/// What modules of packet filtering are called, or begin with.
const MODULES: [&str; 8] =
    ["ip_tables", "ip6_tables", "iptable_", "ip6table_", "x_tables", "xt_", "nf_tables", "nft_"];

/// Lines for people, further to the right at each level.
fn write(value: &Value, level: usize, out: &mut String) {
    match value {
        Value::Flag(flag) => out.push_str(if *flag { "yes" } else { "no" }),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Text(text) => out.push_str(text),
        Value::List(list) if list.is_empty() => out.push_str("none"),
        Value::List(list) if list.iter().all(|value| matches!(value, Value::Text(_))) => {
            for (index, value) in list.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(value, level, out);
            }
        }
        Value::List(list) => list.iter().for_each(|value| write(value, level, out)),
        Value::Fields(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "format") {
                let below = match value {
                    Value::List(list) => list.first(),
                    value => Some(value),
                };
                let blank = if matches!(below, Some(Value::Fields(_))) { "" } else { " " };
                let _ = write!(out, "\n{:width$}{name}:{blank}", "", width = level * 2);
                write(value, level + 1, out);
            }
        }
        _ => out.push_str("not known"),
    }
}

/// Carries out `fw probe [--json] [--extensions]`.
pub(crate) fn run(asked: &Asked) -> Result<u8, String> {
    let found = look(asked.has("extensions"));
    let mut out = String::new();
    match asked.has("json") {
        true => out += &found.to_string(),
        false => write(&found, 0, &mut out),
    }
    Ok(say("fw probe", &format!("{}\n", out.trim_start())))
}

fn look(asks: bool) -> Value {
    let release =
        fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| Value::Text(text.trim().into()));
    let mut fields = vec![
        ("format", "libfw.probe/1".into()),
        ("kernel", release.unwrap_or(Value::Null)),
        ("modules", modules()),
        ("privileges", privileges()),
        ("backend", backend()),
        ("legacy", tables(BackendKind::Legacy)),
        ("nft", tables(BackendKind::Nft)),
        ("ipsets", ipsets()),
        ("commands", commands()),
    ];
    if asks {
        fields.push(("extensions", extensions()));
    }
    Value::Fields(fields)
}

/// The matches and targets that the kernel has for each family, with the revisions that libfw knows too, and those that it lacks.
/// To ask may load their modules, so it is done only when it is wanted.
fn extensions() -> Value {
    let kernel = Kernel::new();
    let of = |family: Family| {
        let mut found = [("matches", Vec::new()), ("targets", Vec::new()), ("missing", Vec::new())];
        for extension in ext::all().filter(|extension| extension.families.contains(family)) {
            let revisions = extension.revisions_of(family).map(|revision| revision.number);
            let mut revisions: Vec<_> = revisions.collect();
            revisions.sort_unstable();
            let mut had = Vec::new();
            for revision in revisions {
                match kernel.backend().supports(family, extension.kind, extension.kernel_name, revision) {
                    Ok(true) => had.push(revision.to_string()),
                    Ok(false) => {}
                    Err(error) => return Value::Fields(vec![("error", Value::Text(error.to_string()))]),
                }
            }
            let list = match extension.kind {
                _ if had.is_empty() => 2,
                ExtensionKind::Match => 0,
                ExtensionKind::Target => 1,
            };
            found[list].1.push(format!("{} {}", extension.name, had.join("+")).trim_end().to_owned());
        }
        Value::Fields(found.into_iter().map(|(name, list)| (name, Value::list(list))).collect())
    };
    Value::Fields(vec![("ipv4", of(Family::Ipv4)), ("ipv6", of(Family::Ipv6))])
}

/// Those that are loaded; what is built into the kernel is no module.
fn modules() -> Value {
    let Ok(text) = fs::read_to_string("/proc/modules") else { return Value::Null };
    let names = text.lines().filter_map(|line| line.split(' ').next());
    let mut names: Vec<_> = names
        .filter(|name| MODULES.iter().any(|beginning| name.starts_with(beginning)))
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    Value::list(names)
}

fn privileges() -> Value {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let Some(held) = effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) else {
        return Value::Null;
    };
    let names = |wanted: bool| {
        let some = CAPABILITIES.iter().filter(move |(number, _)| (held >> number & 1 == 1) == wanted);
        Value::list(some.map(|(_, name)| (*name).to_owned()))
    };
    Value::Fields(vec![("held", names(true)), ("missing", names(false))])
}

/// Which backend plain names are for, and why.
fn backend() -> Value {
    match Kernel::new().detection() {
        Ok(detection) => Value::Fields(vec![
            ("name", Value::Text(detection.backend.name().into())),
            ("reason", Value::Text(detection.reason.to_string())),
            ("ambiguous", Value::Flag(detection.is_ambiguous())),
        ]),
        Err(error) => Value::Fields(vec![("error", Value::Text(error.to_string()))]),
    }
}

/// The tables of a backend by family: how many rules each has, and what else.
fn tables(backend: BackendKind) -> Value {
    let kernel = Kernel::new().using(backend);
    let of = |family| match kernel.tables(family) {
        Err(error) => Value::Fields(vec![("error", Value::Text(error.to_string()))]),
        Ok(names) => Value::List(names.iter().map(|name| table(&kernel, family, name)).collect()),
    };
    Value::Fields(vec![("ipv4", of(Family::Ipv4)), ("ipv6", of(Family::Ipv6))])
}

fn table(kernel: &Kernel, family: Family, name: &str) -> Value {
    let mut fields = vec![("table", Value::Text(name.into()))];
    match kernel.open(family, name) {
        Ok(table) => {
            fields.push(("chains", table.chains().count().into()));
            fields.push(("rules", table.len().into()));
            let policies = table.chains().filter_map(|chain| {
                chain.policy().map(|policy| format!("{} {}", chain.name(), policy.name()))
            });
            fields.push(("policies", Value::list(policies)));
            fields.push(("notes", Value::list(table.notes().iter().map(ToString::to_string))));
        }
        Err(error) => fields.push(("error", Value::Text(error.to_string()))),
    }
    Value::Fields(fields)
}

/// The names of ipsets, as far as the numbers that rules have for them are low.
fn ipsets() -> Value {
    const MOST: u16 = 1024;
    let kernel = Kernel::new();
    let mut names = Vec::new();
    for index in 0..MOST {
        match kernel.backend().set_by_index(index) {
            Ok(Some(name)) => names.push(String::from_utf8_lossy(&name).into_owned()),
            Ok(None) => {}
            // Behind the last one there can be.
            Err(_) if index > 0 => break,
            Err(_) => return Value::Null,
        }
    }
    Value::list(names)
}

/// The commands called `iptables` that the search path finds, the first of which hides the others, with what each is a link to.
fn commands() -> Value {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut seen: Vec<PathBuf> = Vec::new();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join("iptables")).filter(|file| file.exists());
    let commands = found.filter_map(|file| {
        let end = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        let known = seen.contains(&end);
        seen.push(end.clone());
        let shown = |path: &Path| Value::Text(path.display().to_string());
        (!known).then(|| Value::Fields(vec![("path", shown(&file)), ("is", shown(&end))]))
    });
    Value::List(commands.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_people() {
        let value = Value::fields([
            ("a", "x\"y\\\n".into()),
            ("b", Value::List(vec![3u64.into(), true.into(), Value::Null])),
            ("c", Value::fields([("d", Value::list(["e", "f"]))])),
            ("g", Value::List(Vec::new())),
            ("h", Value::list([Value::fields([("i", true.into())])])),
        ]);
        let mut text = String::new();
        write(&value, 0, &mut text);
        assert_eq!(text, "\na: x\"y\\\n\nb: 3yesnot known\nc:\n  d: e, f\ng: none\nh:\n  i: yes");
    }
}
