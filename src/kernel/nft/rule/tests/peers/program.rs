//! A version of iptables-nft.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;

pub(super) struct Program {
    /// Such as `1.8.11`.
    pub(super) version: String,
    path: PathBuf,
    restore: PathBuf,
}

impl Program {
    /// That of the system, and those of `LIBFW_TEST_ORACLES`.
    pub(super) fn all(family: Family) -> io::Result<Vec<Program>> {
        let name = family.pick("iptables-nft", "ip6tables-nft");
        let mut programs: Vec<Program> =
            Program::new(name.into(), format!("{name}-restore").into()).into_iter().collect();
        match std::env::var_os("LIBFW_TEST_ORACLES") {
            None => {
                let found = programs.first().map_or("none", |program| &program.version);
                // Not eprintln!, which is captured.
                writeln!(
                    io::stderr(),
                    "LIBFW_TEST_ORACLES is not set: compared with iptables-nft {found} alone"
                )?;
            }
            Some(directory) => {
                let bin = PathBuf::from(directory).join("bin");
                for version in ["1.8.7", "1.8.9", "1.8.10", "1.8.11"] {
                    let paths = [format!("{name}-{version}"), format!("{name}-restore-{version}")];
                    let [path, restore] = paths.map(|name| bin.join(name));
                    let new = Program::new(path, restore);
                    programs
                        .extend(new.filter(|new| programs.iter().all(|known| known.version != new.version)));
                }
            }
        }
        if programs.is_empty() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, format!("{name} is not installed")));
        }
        Ok(programs)
    }

    fn new(path: PathBuf, restore: PathBuf) -> Option<Program> {
        let output = Command::new(&path).arg("--version").output().ok()?;
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = words.split_whitespace().find_map(|word| word.strip_prefix('v'))?.to_owned();
        Some(Program { version, path, restore })
    }

    /// The rules of a chain as `-S` prints them, without the chain.
    pub(super) fn list(&self, (table, chain): Spot) -> Vec<String> {
        let output =
            Command::new(&self.path).args(["-t", table, "-S", chain]).output().expect("the program runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let start = format!("-A {chain}");
        text.lines().filter_map(|line| line.strip_prefix(&start)).map(|line| line.trim().to_owned()).collect()
    }

    /// Adds or deletes the lines; returns those for which that worked.
    pub(super) fn feed<'l>(&self, command: &str, lines: &[&'l Item]) -> Vec<&'l Item> {
        let mut done = Vec::new();
        for (_, lines) in by_chain(lines) {
            self.feed_chain(command, &lines, &mut done);
        }
        done
    }

    /// The lines of one chain. The program does all of them or none, so where one is refused it has another try with the others.
    fn feed_chain<'l>(&self, command: &str, lines: &[&'l Item], done: &mut Vec<&'l Item>) {
        let Some(first) = lines.first() else { return };
        let mut file = format!("*{}\n", first.line.place.0);
        for Item { line, .. } in lines {
            file += &format!("{command} {}", line.place.1);
            for word in &line.words {
                file.push(' ');
                file += &quoted(word);
            }
            file.push('\n');
        }
        file += "COMMIT\n";
        let faulty = match self.restore(&file) {
            Ok(()) => return done.extend(lines),
            Err(number) => number,
        };
        if lines.len() == 1 {
            return;
        }
        // The first line of the file is that of the table. Older versions name the last one for whatever the kernel refuses.
        match faulty.and_then(|number| number.checked_sub(2)).filter(|index| *index < lines.len()) {
            Some(index) => {
                self.feed_chain(command, &lines[..index], done);
                self.feed_chain(command, &lines[index + 1..], done);
            }
            None => {
                let (left, right) = lines.split_at(lines.len() / 2);
                self.feed_chain(command, left, done);
                self.feed_chain(command, right, done);
            }
        }
    }

    /// Restores a file beside what there is. The error is the number of the first line that was refused, if it is said.
    fn restore(&self, file: &str) -> Result<(), Option<usize>> {
        let child = Command::new(&self.restore)
            .arg("--noflush")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program runs");
        let mut input = child.stdin.take().expect("its input");
        // It may end before it has read everything.
        let _ = input.write_all(file.as_bytes());
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut words = words.split_whitespace();
        let number = |word: &str| word.trim_end_matches([':', '.']).parse().ok();
        let line = words.by_ref().any(|word| matches!(word, "line" | "line:"));
        Err(words.next().filter(|_| line).and_then(number))
    }
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+,./:!|".contains(&byte);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
