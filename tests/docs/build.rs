//! Finds the examples.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for entry in fs::read_dir(&root).expect("the project") {
        let path = entry.expect("an entry").path();
        files.extend(path.extension().is_some_and(|end| end == "md").then_some(path));
    }
    sources(&root.join("src"), &mut files);
    files.sort();
    let mut tests = String::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).expect("a file of the project").display().to_string();
        let text = fs::read_to_string(&file).expect("a text");
        for (line, code) in examples(&text, file.extension().is_some_and(|end| end == "rs")) {
            test(&mut tests, &name, line, &code);
        }
    }
    println!("cargo::rerun-if-changed=../../src");
    let out = std::env::var("OUT_DIR").expect("a place for what is made");
    fs::write(Path::new(&out).join("examples.rs"), tests).expect("write the tests");
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The blocks that say `no_run`, with the line at which each begins; in sources those of comments.
fn examples(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = match is_source.then(|| line.trim_start()) {
            None => line,
            Some(comment) => match comment.strip_prefix("///").or(comment.strip_prefix("//!")) {
                Some(text) => text.strip_prefix(' ').unwrap_or(text),
                None => continue,
            },
        };
        match (line.strip_prefix("```"), &mut block) {
            (Some(_), Some(_)) => found.extend(block.take()),
            (Some(info), None) if info.split(',').any(|word| word == "no_run") => {
                block = Some((number + 1, String::new()));
            }
            (None, Some((_, code))) => {
                // What is compiled but not shown.
                code.push_str(line.strip_prefix("# ").unwrap_or(line));
                code.push('\n');
            }
            _ => {}
        }
    }
    found
}

fn test(tests: &mut String, file: &str, line: usize, code: &str) {
    let name = format!("{file} {line}").replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_lowercase();
    let code = if code.contains("fn main()") {
        format!("{code}\nfn example() -> libfw::Result<()> {{ main() }}")
    } else {
        format!("fn example() -> libfw::Result<()> {{ {code} }}")
    };
    write!(
        tests,
        "#[test] fn {name}() {{ {code}\nlibfw_playground::test(|_| super::done(example())); }}\n\n"
    )
    .expect("a text");
}
