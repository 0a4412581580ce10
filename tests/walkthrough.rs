//! "Adding an extension" of DESIGN.md, followed: its code is that of `limit`, and under another name it makes a new extension of
//! a copy of the crate, with nothing else than the lines that it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SECTION: &str = "### Adding an extension\n";

/// What the new extension is called, and the one before which it comes in a list that is sorted.
const NAME: &str = "newcomer";
const NEXT: &str = "nfacct";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pieces of code of the section: those of the file, and the lines that make it known.
fn pieces() -> (String, Vec<String>) {
    let design = read(root().join("DESIGN.md"));
    let section =
        design.split(SECTION).nth(1).and_then(|rest| rest.split("\n#").next()).expect("the section");
    let mut pieces: Vec<_> = section
        .split("```rust,ignore\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().expect("the end of a piece").to_owned())
        .collect();
    let lines = pieces.pop().expect("lines for mod.rs");
    (pieces.join("\n\n") + "\n", lines.lines().map(str::to_owned).collect())
}

#[test]
fn its_code_is_that_of_the_file() {
    let file = read(root().join("src/ext/matches/limit.rs"));
    let code = file.split("\n#[cfg(test)]").next().expect("what stands before the tests");
    let (pieces, lines) = pieces();
    assert_eq!(pieces, code, "DESIGN.md shows another file than limit.rs");
    let known = read(root().join("src/ext/matches/mod.rs"));
    for line in lines {
        assert!(known.lines().any(|known| known == line), "{line} is not in mod.rs");
    }
}

#[test]
fn its_steps_make_an_extension() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walkthrough");
    let mut files = BTreeMap::new();
    for file in ["Cargo.lock", "README.md", "DESIGN.md", "LANGUAGES.md", "JSON.md", "src"] {
        collect(Path::new(file), &mut files);
    }
    files.insert("Cargo.toml".into(), manifest());

    // The file, and its lines.
    let rename = |text: &str| {
        let text = text
            .replace("<Limit>", "<Newcomer>")
            .replace("Limit {", "Newcomer {")
            .replace("Limit::new", "Newcomer::new");
        let text = text
            .replace("\"--limit", &format!("\"--{NAME}"))
            .replace("/ limit", &format!("/ {NAME}"))
            .replace("-m limit --limit", "-m limit --LIMIT");
        let text = text
            .replace("-m limit --LIMIT", &format!("-m {NAME} --{NAME}"))
            .replace(" --limit-", &format!(" --{NAME}-"));
        text.replace("\"limit\"", &format!("\"{NAME}\"")).replace("\" limit:", &format!("\" {NAME}:"))
    };
    let (pieces, lines) = pieces();
    files.insert(format!("src/ext/matches/{NAME}.rs").into(), rename(&pieces));
    let known = files.get_mut(Path::new("src/ext/matches/mod.rs")).expect("the list");
    for line in lines {
        let next = format!("{}\n", line.replace("limit", NEXT));
        let line = format!("{}\n", line.replace("limit", NAME));
        assert_eq!(known.matches(&next).count(), 1, "the place of {line}");
        *known = known.replace(&next, &(line + &next));
    }
    write(&files, &copy);

    // A directory of its own: the programs of the other tests stay what they are.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--offline", "--bin", "fw", "--target-dir", "target"])
        .envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")])
        .current_dir(&copy)
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let fw = copy.join("target/debug/fw");

    let rules = |name: &str, text: &str| -> PathBuf {
        let path = copy.join(name);
        fs::write(&path, format!("*filter\n:INPUT ACCEPT [0:0]\n{text}COMMIT\n")).expect("rules");
        path
    };
    let diff = |text: &str| {
        let both = [rules("before", ""), rules("after", text)];
        let output = Command::new(&fw).arg("diff").args(both).output().expect("fw");
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let shown = diff("-A INPUT -m newcomer --newcomer 300/h --newcomer-burst 10 -j LOG\n");
    assert!(shown.contains("-m newcomer --newcomer 5/min --newcomer-burst 10 -j LOG"), "{shown}");
    let refused = diff("-A INPUT -m newcomer --newcomer-burst 10001 -j LOG\n");
    assert!(
        refused
            .contains("newcomer: --newcomer-burst: bad value \"10001\", expected a number from 0 to 10000"),
        "{refused}"
    );
    let manual = Command::new(&fw).args(["generate", "man-extensions"]).output().expect("fw");
    assert!(String::from_utf8_lossy(&manual.stdout).contains("newcomer\\-burst"), "the manual page has it");
}

/// The manifest of the crate by itself.
fn manifest() -> String {
    let mut manifest = String::new();
    let mut is_wanted = true;
    for line in read(root().join("Cargo.toml")).lines() {
        if line.starts_with('[') {
            is_wanted = !["[[test]]", "[dev-dependencies]"].contains(&line);
        }
        if is_wanted {
            let line = if line.starts_with("members") { "members = [\".\"]" } else { line };
            manifest += line;
            manifest.push('\n');
        }
    }
    manifest
}

/// Files by their paths in the crate.
type Files = BTreeMap<PathBuf, String>;

/// A file, or all that a folder has.
fn collect(path: &Path, files: &mut Files) {
    let from = root().join(path);
    if from.is_file() {
        files.insert(path.into(), read(from));
        return;
    }
    for entry in fs::read_dir(from).expect("a folder") {
        collect(&path.join(entry.expect("an entry").file_name()), files);
    }
}

/// Makes a folder have these sources. A file that says the same already is left alone: if all of them do, cargo has built it before.
fn write(files: &Files, folder: &Path) {
    let mut there = Files::new();
    if folder.join("src").exists() {
        collect(&folder.join("src"), &mut there);
    }
    let is_wanted = |path: &Path| path.strip_prefix(folder).is_ok_and(|path| files.contains_key(path));
    for path in there.keys().filter(|path| !is_wanted(path)) {
        fs::remove_file(path).expect("a file of the last time");
    }
    for (path, text) in files {
        let path = folder.join(path);
        if there.get(&path).or(fs::read_to_string(&path).ok().as_ref()) != Some(text) {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }
}
