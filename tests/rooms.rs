//! The rooms of the house: imports run downward.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src`, the lowest first. Each may import those before it. The vocabulary is in two rooms on one floor: a
/// mistake names a family, and the text of a family may be a mistake.
const ROOMS: [(&str, usize); 9] = [
    ("types", 0),
    ("error", 0),
    ("sys", 1),
    ("blob", 2),
    ("ext", 3),
    ("rule", 4),
    ("table", 5),
    ("kernel", 6),
    ("iptables", 7),
];

/// `Table::open`, `Table::update` and `Table::kernel` are short for the Kernel's.
const EXCEPTION: (&str, &str) = ("table/short.rs", "kernel");

/// Names at the root of the crate, which belong to a room all the same.
const ROOT: [(&str, &str); 3] = [("Error", "error"), ("ErrorKind", "error"), ("Result", "error")];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() && name != "tests" {
            sources(&entry, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(entry);
        }
    }
}

/// The code of a file up to its tests, without comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// What a file takes from the root of the crate: `crate::NAME`, and each name of `crate::{...}`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let listed = rest.strip_prefix('{').map(|rest| rest.split('}').next().unwrap_or_default());
        for item in listed.unwrap_or(rest).split(if listed.is_some() { ',' } else { '\0' }) {
            let name: String =
                item.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            found.push(name);
        }
    }
    found
}

#[test]
fn imports_run_downward() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut climbs = Vec::new();
    let mut looked_at = 0;
    for (room, height) in ROOMS {
        let mut files = Vec::new();
        sources(&src.join(room), &mut files);
        for file in files {
            let name = file.strip_prefix(&src).expect("a file of src").to_string_lossy().into_owned();
            let text = fs::read_to_string(&file).expect("text");
            for import in imports(&code(&text)) {
                let from = ROOT.iter().find(|(item, _)| *item == import).map_or(&*import, |(_, room)| room);
                let Some((_, other)) = ROOMS.iter().find(|(known, _)| *known == from) else { continue };
                looked_at += 1;
                if *other > height && EXCEPTION != (&*name, from) {
                    climbs.push(format!("{name} imports {import}"));
                }
            }
        }
    }
    assert!(looked_at > 500, "only {looked_at} imports were seen");
    climbs.dedup();
    assert!(climbs.is_empty(), "imports that climb:\n{}", climbs.join("\n"));
}

#[test]
fn a_climb_would_be_seen() {
    let text = "use crate::kernel::{Kernel, Lock};\nuse crate::{Error, table};\nlet x = crate::blob::put_at;\n// crate::iptables\n";
    assert_eq!(imports(&code(text)), ["kernel", "Error", "table", "blob"]);
}
