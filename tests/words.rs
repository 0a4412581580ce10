//! Sentences of iptables stand in `src/iptables`, and those of one option in the table of its extension; nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

/// The parts of the sentences in `tests/sentences.txt` that iptables alone says: what stands between two values.
fn fragments() -> Vec<String> {
    let text = include_str!("sentences.txt");
    let (mistakes, _) = text.split_once("## Words of iptables in the tables of extensions").unwrap();
    let mut fragments = Vec::new();
    let mut own = "";
    for line in mistakes.lines() {
        if let Some(sentence) = line.strip_prefix("  libfw: ") {
            own = sentence;
        }
        let Some(sentence) = line.strip_prefix("  iptables: ").filter(|sentence| *sentence != "-") else {
            continue;
        };
        let values =
            ["TEXT", "NAME", "VALUE", "TABLE", "limit", "ONE", "THREE", "TWO", "5", "6", "%", "&", "\\n"];
        let mut parts = vec![sentence[2..].to_owned()];
        for value in values {
            parts = parts.iter().flat_map(|part| part.split(value).map(str::to_owned)).collect();
        }
        // A few letters are no sentence, nor is one word.
        parts.retain(|part| part.trim().len() > 7 && part.trim().contains(' ') && !own.contains(part.trim()));
        fragments.extend(parts);
    }
    fragments
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The texts in the code of a file, without its tests and comments.
fn literals(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    // What iptables says of an option that is given twice is data of the option.
    let told = |line: &str| line.contains("once: Some(");
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && !told(line));
    // Quotes inside of a text and as a letter are no ends of one.
    let code = lines.collect::<Vec<_>>().join("\n").replace("\\\"", "\u{1}").replace("'\"'", "");
    code.split('"').skip(1).step_by(2).map(|text| text.replace('\u{1}', "\"")).collect()
}

#[test]
fn sentences_of_iptables_stand_in_its_room() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let fragments = fragments();
    assert!(fragments.len() > 100, "{fragments:#?}");
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&source).unwrap();
        let tests = name.iter().any(|part| part == "tests" || part == "tests.rs");
        // `fw` is iptables to those who call it by that name.
        if name.starts_with("iptables") || name.starts_with("bin") || tests {
            continue;
        }
        for text in literals(&file) {
            if let Some(fragment) = fragments.iter().find(|fragment| text.contains(fragment.as_str())) {
                found.push(format!("{}: {text:?} has {fragment:?}", name.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
