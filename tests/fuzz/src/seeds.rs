//! What libFuzzer begins with: rules of every extension, in the form that a target reads.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libfw::backend::Legacy;
use libfw::{Family, Kernel, MemoryKernel, Rule, TargetRef};

use crate::tables::{legacy_seed, nft_seed};

const RULES: &str = include_str!("../../rules.txt");

/// The first byte, for a family.
fn number(family: Family) -> u8 {
    match family {
        Family::Ipv4 => 0,
        Family::Ipv6 => 1,
        _ => 2,
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    let lines = RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.trim_start_matches('~').trim())
}

/// Writes what a target begins with into a folder.
pub fn write(target: &str, folder: &Path) {
    let mut seeds = Vec::new();
    for family in [Family::Ipv4, Family::Ipv6] {
        for line in lines() {
            if let Ok(rule) = Rule::parse(family, line) {
                seeds.extend(of(target, family, line, &rule));
            }
        }
    }
    fs::create_dir_all(folder).unwrap();
    for (index, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("rule-{index:05}")), seed).unwrap();
    }
    println!("{} seeds for {target}", seeds.len());
}

/// What a target makes of a rule.
fn of(target: &str, family: Family, line: &str, rule: &Rule) -> Vec<Vec<u8>> {
    let first = number(family);
    let file = format!("*filter\n:INPUT DROP [1:2]\n:web - [0:0]\n-A INPUT -j web\n-A web {line}\nCOMMIT\n");
    let with = |head: &[u8], text: &str| [head, text.as_bytes()].concat();
    match target {
        "rule" => vec![with(&[first], line)],
        "command" => vec![with(&[first], &format!("-N web\n-A web {line}\n-S\n-L -v\n-D web {line}"))],
        "restore" => vec![with(&[first, 0], &file), with(&[first, 3], &file)],
        "json" => vec![with(&[0], &rule.to_json()), with(&[1], &saved(family, &file))],
        "part" => parts(first, rule),
        "legacy" => loaded(family, &file).map(|memory| legacy_seed(&memory, family)).into_iter().collect(),
        "nft" if tables(&MemoryKernel::new().nft(), family, &file).is_ok() => vec![nft_seed(family, &file)],
        _ => Vec::new(),
    }
}

fn parts(first: u8, rule: &Rule) -> Vec<Vec<u8>> {
    let part = |kind: u8, part: libfw::MatchRef<'_>| {
        let head = [first, kind, part.revision()];
        [&head[..], part.kernel_name(), &[0], part.data()].concat()
    };
    let view = rule.view();
    let target = match view.target() {
        TargetRef::Extension(target) => Some(part(1, target)),
        _ => None,
    };
    view.matches().map(|matching| part(0, matching)).chain(target).collect()
}

pub fn tables(kernel: &Kernel, family: Family, file: &str) -> libfw::Result<()> {
    let options = libfw::iptables::RestoreOptions::new();
    libfw::iptables::restore(kernel, family, file.as_bytes(), &options).map(drop)
}

fn loaded(family: Family, file: &str) -> Option<Arc<MemoryKernel>> {
    let memory = Arc::new(MemoryKernel::new());
    let kernel = Kernel::with_backend(Legacy::new(memory.clone()));
    tables(&kernel, family, file).ok().map(|()| memory)
}

fn saved(family: Family, file: &str) -> String {
    let kernel = MemoryKernel::new().kernel();
    let mut out = Vec::new();
    if tables(&kernel, family, file).is_ok() {
        kernel.save_json(&[family], true, &mut out).unwrap();
    }
    String::from_utf8_lossy(&out).into_owned()
}
