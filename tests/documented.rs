//! Every function that people call has an example.

use std::fs;
use std::path::{Path, PathBuf};

/// Functions for the program `fw` alone, which the documentation does not show.
const HIDDEN: [&str; 8] = [
    "error/accessors.rs: meant_family",
    "kernel/trace.rs: index",
    "kernel/trace.rs: fd",
    "kernel/trace.rs: has_lost",
    "kernel/trace.rs: next_step",
    "sys/memory.rs: give_back",
    "sys/memory.rs: say",
    "sys/terminal.rs: size",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|end| end == "rs") {
            found.push(entry);
        }
    }
}

/// The public functions of a file that no example shows: neither their own, nor another one of the same file that calls them.
fn undocumented(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let examples = examples(text);
    let (mut found, mut has_example, mut declared_by_macro) = (Vec::new(), false, false);
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("impl") {
            declared_by_macro = code.contains('$');
        }
        if code.starts_with("//") || code.starts_with("#[") {
            // What is hidden from the documentation needs none.
            has_example |= code.contains("```") || code.contains("doc(hidden)");
            continue;
        }
        let function = ["pub fn ", "pub const fn "].iter().find_map(|start| code.strip_prefix(start));
        if let Some(name) = function.and_then(|rest| rest.split(['(', '<']).next()) {
            let called = [format!(".{name}("), format!("::{name}(")];
            let is_shown = has_example || called.iter().any(|call| examples.contains(call.as_str()));
            if !is_shown && !declared_by_macro && !name.starts_with('$') {
                found.push(name.to_owned());
            }
        }
        has_example = false;
    }
    found
}

/// The code in the documentation of a file.
fn examples(text: &str) -> String {
    let lines = text.lines().map(str::trim_start).filter(|line| line.starts_with("///"));
    let lines = lines.collect::<Vec<_>>().join("\n");
    lines.split("```").skip(1).step_by(2).collect()
}

#[test]
fn every_function_is_shown() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let (mut missing, mut functions) = (Vec::new(), 0);
    for file in files {
        let name = file.strip_prefix(&src).expect("a file of src").to_string_lossy().into_owned();
        if name.starts_with("bin/") || name.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        functions += text.matches("    pub fn ").count();
        missing.extend(undocumented(&text).into_iter().map(|function| format!("{name}: {function}")));
    }
    assert!(functions > 300, "only {functions} functions were seen");
    missing.retain(|function| !HIDDEN.contains(&function.as_str()));
    assert!(missing.is_empty(), "without an example:\n{}", missing.join("\n"));
}

#[test]
fn a_function_without_an_example_would_be_seen() {
    let text = "impl Table {\n    /// Opens it.\n    ///\n    /// ```\n    /// Table::open().close();\n    /// ```\n    #[must_use]\n    pub fn open() {}\n\n    /// Closes it.\n    pub fn close(self) {}\n\n    /// Commits.\n    pub fn commit<T>(self) {}\n\n    pub(crate) fn inner() {}\n}\n";
    assert_eq!(undocumented(text), ["commit"]);
}
