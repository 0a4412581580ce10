//! Shell scripts and what they print, recorded from iptables 1.8.11, played through `fw` under the names of iptables.
//!
//! A file has blocks between empty lines. A line `$ ...` is a command of `sh`, the lines below it are what it prints: `| ` on
//! standard output, `! ` on standard error, `= N` its status where it is not 0. The lines `Try ...` are left out, dates are
//! `DATE`. Each block has a namespace of its own. A block that begins with `# departs: ...` says what `fw` does on purpose.
//!
//! `UPDATE=1` writes the files anew; with `LIBFW_TEST_PEER`, a directory of the programs of iptables, from these, and without
//! it the blocks that depart from `fw`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use libfw_playground::{Namespace, Playground, test, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// The names by which `fw` is called.
const NAMES: [&str; 21] = [
    "iptables-xml",
    "iptables-translate",
    "ip6tables-translate",
    "iptables-restore-translate",
    "ip6tables-restore-translate",
    "iptables",
    "ip6tables",
    "iptables-save",
    "ip6tables-save",
    "iptables-restore",
    "ip6tables-restore",
    "iptables-legacy",
    "iptables-legacy-save",
    "iptables-legacy-restore",
    "main4",
    "main6",
    "save4",
    "restore4",
    "xtables-legacy-multi",
    "ip6tables-legacy-save",
    "ip6tables-legacy-restore",
];

/// A block: a reason to depart, and commands.
struct Block<'a> {
    notes: Vec<&'a str>,
    commands: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Block<'a> {
    fn read(text: &'a str) -> Block<'a> {
        let mut block = Block { notes: Vec::new(), commands: Vec::new() };
        for line in text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                block.commands.push((command, Vec::new()));
            } else if let Some((_, printed)) = block.commands.last_mut() {
                printed.push(line);
            } else {
                block.notes.push(line);
            }
        }
        block
    }

    fn departs(&self) -> bool {
        self.notes.iter().any(|note| note.starts_with("# departs: "))
    }
}

/// A directory with the names of the commands, for `PATH`.
struct Bin(PathBuf);

impl Bin {
    fn new(name: &str) -> io::Result<Bin> {
        let path = std::env::temp_dir().join(format!("libfw-scripts-{name}-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        for name in NAMES {
            std::os::unix::fs::symlink(FW, path.join(name))?;
        }
        Ok(Bin(path))
    }
}

impl Drop for Bin {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Plays a command and returns the lines that it prints.
fn perform(place: &Namespace, bin: &Path, directory: &Path, command: &str) -> io::Result<Vec<String>> {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = place
        .command("bash")
        .args(["-c", command])
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("LC_ALL", "C")
        .env("TMPDIR", directory)
        .env("LIBFW_BACKEND", "legacy")
        .output()?;
    let mut printed = Vec::new();
    for (mark, bytes) in [('|', &output.stdout), ('!', &output.stderr)] {
        for line in String::from_utf8_lossy(bytes).lines().filter(|line| !line.starts_with("Try `")) {
            let line = match line.split_once(" on ") {
                Some((begun, _)) if line.starts_with("# ") => format!("{begun} on DATE"),
                _ => line.to_owned(),
            };
            printed.push(format!(
                "{mark} {}",
                line.escape_default().to_string().replace("\\'", "'").replace("\\\"", "\"")
            ));
        }
    }
    printed.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    match output.status.code() {
        Some(0) => {}
        Some(status) => printed.push(format!("= {status}")),
        None => printed.push("= killed".to_owned()),
    }
    Ok(printed)
}

fn play(playground: &Playground, name: &str) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts").join(name);
    let text = fs::read_to_string(&path).expect("the scripts");
    let peer = std::env::var_os("LIBFW_TEST_PEER").map(PathBuf::from);
    let update = std::env::var_os("UPDATE").is_some();
    let bin = Bin::new(name)?;
    let (mut anew, mut wrong) = (Vec::new(), String::new());
    for block in text.split("\n\n").map(str::trim_end).filter(|block| !block.is_empty()).map(Block::read) {
        let from = peer.as_deref().filter(|_| update && !block.departs()).unwrap_or(&bin.0);
        let again = update && (peer.is_some() || block.departs());
        let place = playground.namespace()?;
        let mut lines: Vec<String> = block.notes.iter().map(|note| (*note).to_owned()).collect();
        for (command, expected) in &block.commands {
            let printed = perform(&place, from, &bin.0, command)?;
            if !again && printed != *expected {
                wrong += &format!(
                    "$ {command}\nexpected:\n{}\nprinted:\n{}\n\n",
                    expected.join("\n"),
                    printed.join("\n")
                );
            }
            lines.push(format!("$ {command}"));
            lines.extend(printed);
        }
        anew.push(lines.join("\n"));
    }
    if update {
        fs::File::create(&path)?.write_all((anew.join("\n\n") + "\n").as_bytes())?;
    }
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}

#[test]
fn commands() {
    test_on("legacy", |playground| play(playground, "commands.txt"));
}

#[test]
fn files() {
    test_on("legacy", |playground| play(playground, "files.txt"));
}

#[test]
fn texts() {
    test_on("legacy", |playground| play(playground, "texts.txt"));
}

#[test]
fn translations() {
    test_on("legacy", |playground| play(playground, "translations.txt"));
}

/// What the translations say, `nft` can read; whether a kernel takes it in this chain is another matter.
#[test]
fn nft_reads_the_translations() {
    test(|playground| {
        let place = playground.namespace()?;
        let nft = |text: &str| place.command("nft").args(["-c", text]).output();
        let output = nft("list ruleset");
        if output.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "nft is not installed"));
        }
        for family in ["ip", "ip6"] {
            for table in ["filter", "nat"] {
                let chain = if table == "nat" { "POSTROUTING" } else { "INPUT" };
                let text = format!(
                    "add table {family} {table}; add chain {family} {table} {chain}; add chain {family} {table} web"
                );
                place.command("nft").arg(&text).output()?;
            }
        }
        let (mut read, mut wrong) = (0, String::new());
        for line in include_str!("translations.txt").lines() {
            let Some(text) = line.strip_prefix("| nft '").and_then(|line| line.strip_suffix('\'')) else {
                continue;
            };
            let said = String::from_utf8_lossy(&nft(text)?.stderr).into_owned();
            read += 1;
            // It wants to know the protocol of the connection, which iptables does not ask for.
            if said.contains("syntax error") || said.contains("Can't parse") && !text.contains(" proto-") {
                wrong += &format!("{text}\n{said}\n");
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        assert!(read > 100, "only {read}");
        Ok(())
    });
}
