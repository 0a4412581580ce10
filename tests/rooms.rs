//! The rooms of the house: imports run downward, and what a type can do stands where the type does.

use std::collections::{BTreeMap, BTreeSet};
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

/// What a text names behind `crate::`: the first name of each path, those in braces included.
fn imports(code: &str) -> Vec<String> {
    code.split("crate::").skip(1).flat_map(heads).collect()
}

/// The first name of a path, or of each path in braces.
fn heads(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut begin, mut found) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(word(list[begin..at].trim_start()));
                begin = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The names at the root of the crate, each with the room that it comes from.
fn at_the_root(library: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for item in code(library).split("\npub use ").skip(1) {
        let item = item.split(';').next().unwrap_or_default();
        let (path, last) = item.rsplit_once("::").expect("a path");
        let room = word(path);
        names.extend(heads(last).into_iter().map(|name| (name, room.clone())));
    }
    names
}

/// The types whose inherent impls stand in a text.
fn impls(code: &str) -> Vec<String> {
    let begins = |line: &&str| line.starts_with("impl ") || line.starts_with("impl<");
    let mut found = Vec::new();
    for line in code.lines().map(str::trim_start).filter(begins) {
        let mut depth = 0;
        let rest = line["impl".len()..].char_indices().find(|(_, letter)| {
            depth += i32::from(*letter == '<') - i32::from(*letter == '>');
            depth == 0 && !"<> ".contains(*letter)
        });
        let Some((at, _)) = rest.filter(|_| !line.contains(" for ")) else { continue };
        let path = line["impl".len() + at..].split(['<', ' ', '{']).next().unwrap_or_default();
        found.push(path.rsplit("::").next().unwrap_or_default().to_owned());
    }
    // What a macro declares has the name that it is given.
    found.retain(|name| !name.starts_with('$'));
    found
}

fn declarations(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.lines().map(str::trim_start) {
        let mut words = line.split(' ').skip_while(|word| word.starts_with("pub"));
        if let Some("struct" | "enum" | "union" | "match" | "target") = words.next() {
            found.extend(words.next().map(word).filter(|name| name.starts_with(char::is_alphabetic)));
        }
    }
    found
}

/// Every file of a room with its code, by its path below `src`.
fn files_of(room: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src.join(room), &mut files);
    let text = |file: PathBuf| {
        let name = file.strip_prefix(&src).expect("a file of src").to_string_lossy().into_owned();
        (name, code(&fs::read_to_string(&file).expect("text")))
    };
    files.into_iter().map(text).collect()
}

#[test]
fn imports_run_downward() {
    let root = at_the_root(include_str!("../src/lib.rs"));
    assert!(root.len() > 40, "only {} names at the root were seen", root.len());
    let mut climbs = BTreeSet::new();
    let mut looked_at = 0;
    for (room, height) in ROOMS {
        for (name, code) in files_of(room) {
            for import in imports(&code) {
                let from = root.get(&import).unwrap_or(&import);
                let Some((_, other)) = ROOMS.iter().find(|(known, _)| known == from) else { continue };
                looked_at += 1;
                if *other > height && EXCEPTION != (&*name, from) {
                    climbs.insert(format!("{name} imports {import}"));
                }
            }
        }
    }
    assert!(looked_at > 1000, "only {looked_at} imports were seen");
    assert!(climbs.is_empty(), "imports that climb:\n{climbs:#?}");
}

#[test]
fn inherent_impls_stand_in_the_room_of_their_type() {
    let rooms = || ROOMS.iter().map(|(room, _)| *room).chain(["bin"]);
    let mut declared: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for room in rooms() {
        for name in files_of(room).iter().flat_map(|(_, code)| declarations(code)) {
            declared.entry(name).or_default().insert(room);
        }
    }
    let (mut abroad, mut looked_at) = (Vec::new(), 0);
    for room in rooms() {
        for (file, code) in files_of(room) {
            for name in impls(&code) {
                looked_at += 1;
                if !declared.get(&name).is_some_and(|rooms| rooms.contains(room)) {
                    abroad.push(format!("{file}: impl {name}, declared in {:?}", declared.get(&name)));
                }
            }
        }
    }
    assert!(looked_at > 200, "only {looked_at} impls were seen");
    assert!(abroad.is_empty(), "impls away from their types:\n{}", abroad.join("\n"));
}

#[test]
fn a_climb_would_be_seen() {
    let text = "use crate::kernel::{Kernel, Lock};\nuse crate::{Error, table::{Table, edit}, rule};\nlet x = crate::blob::put_at;\n// crate::iptables\n";
    assert_eq!(imports(&code(text)), ["kernel", "Error", "table", "rule", "blob"]);
    let root = at_the_root(
        "\npub use error::{Error, Result};\npub use table::backend::{Lock,\n    Look};\npub use types::not;\n",
    );
    let of = |name: &str| root.get(name).map(String::as_str);
    assert_eq!(["Error", "Look", "not", "Rule"].map(of), [Some("error"), Some("table"), Some("types"), None]);
}

#[test]
fn an_impl_abroad_would_be_seen() {
    let text = "impl Table {\nimpl<'a> Chain<'a> {\nimpl<T: Into<u8>> crate::rule::Setting<T> {\nimpl Drop for Lock {\n    impl $name {\nfn f(x: impl Into<T>) {\n";
    assert_eq!(impls(text), ["Table", "Chain", "Setting"]);
    let text = "pub struct Table {\nstruct Slot(u8);\n    pub enum Fate<T> {\n    pub match Tcp {\npub(crate) struct Entry;\nmatch x {\n";
    assert_eq!(declarations(text), ["Table", "Slot", "Fate", "Tcp", "Entry", "x"]);
}
