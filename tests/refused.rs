//! Refused rule sets, one for each cause: every refusal has an address, in words and in data.
//!
//! `tests/refused/*.txt` have the sets, each with what is said about it: the kind, the sentence, the text of the rule with the
//! word marked. Legacy tables say it first; what nf_tables (`nft>`) and the kernels in memory (`memory>`, `memory-nft>`) say
//! stands below where it is something else. Written anew with `UPDATE=1 cargo test --test refused`; every change of it is to be
//! looked at. The tests of the C and Python bindings read the same files.

use std::fmt::Write as _;
use std::io;
use std::process::Command;

use libfw::iptables::{RestoreOptions, restore};
use libfw::{Error, ErrorKind, Family, Kernel, MemoryKernel};

macro_rules! files {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("refused/", $name, ".txt")))),*]
    };
}
const FILES: &[(&str, &str)] = files!("sets", "values", "options", "kernel", "files");
const END: &str = "----\n";

fn refuse(kernel: &Kernel, family: Family, file: &str) -> Option<Error> {
    let options = RestoreOptions::default();
    restore(kernel, family, &mut file.as_bytes(), &options, &mut Vec::new(), &mut |_| {}).err()
}

/// What is said about a refusal.
fn said(error: Option<&Error>) -> String {
    let Some(error) = error else { return "accepted\n".into() };
    // What the system says is not ours, and nf_tables says it of what was found out too.
    let mut sentence = error.to_string();
    if let Some(number) = error.errno() {
        let system = format!(": {}", io::Error::from_raw_os_error(number));
        sentence.truncate(sentence.strip_suffix(&*system).map_or(sentence.len(), str::len));
    }
    let mut said = format!("{:?}: {sentence}\n", error.kind());
    for line in error.marked().unwrap_or_default().lines() {
        let _ = writeln!(said, "{line}");
    }
    said
}

#[test]
fn every_refusal_has_an_address() {
    libfw_playground::test(|play| {
        let kernels = [
            ("", Kernel::legacy()),
            ("nft", Kernel::nft()),
            ("memory", MemoryKernel::new().kernel()),
            ("memory-nft", MemoryKernel::new().nft()),
        ];
        for (_, kernel) in &kernels {
            match kernel.open(Family::Ipv4, "filter") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                }
                _ => {}
            }
        }
        let (mut accepted, mut changed) = (Vec::new(), Vec::new());
        for (name, sets) in FILES {
            let mut written = Vec::new();
            for set in sets.split(END) {
                let is_said =
                    |line: &&str| kernels.iter().any(|(name, _)| line.starts_with(&format!("{name}> ")));
                let file: String = set.split_inclusive('\n').filter(|line| !is_said(line)).collect();
                let family = if file.contains("# IPv6") { Family::Ipv6 } else { Family::Ipv4 };
                let (mut all, mut first) = (file.clone(), None);
                for (name, kernel) in &kernels {
                    let error = refuse(kernel, family, &file);
                    let said = said(error.as_ref());
                    let first = first.get_or_insert_with(|| said.clone());
                    if name.is_empty() || said != *first {
                        for line in said.lines() {
                            let _ = writeln!(all, "{name}> {line}");
                        }
                    }
                    if name.is_empty() && error.is_none() {
                        accepted.push(file.clone());
                    }
                    if let Some(error) = error {
                        let line = file.lines().nth(error.line().expect(&file) - 1);
                        if let Some(text) = error.rule_text() {
                            assert_eq!(Some(text), line.map(str::trim_ascii_end), "{file}{error}");
                        }
                    }
                }
                written.push(all);
            }
            let written = written.join(END);
            if written != *sets {
                changed.push((name, written));
            }
        }
        assert!(accepted.is_empty(), "not refused:\n{}", accepted.join(END));
        if std::env::var_os("UPDATE").is_some() {
            play.as_root()?;
            for (name, written) in changed {
                let path = format!("{}/tests/refused/{name}.txt", env!("CARGO_MANIFEST_DIR"));
                std::fs::write(path, written)?;
            }
        } else if let Some((name, written)) = changed.first() {
            let sets = FILES.iter().find(|(known, _)| known == *name).map_or("", |(_, sets)| sets);
            assert_eq!(sets, written);
        }
        Ok(())
    });
}

/// The command says what iptables says; asked for it, also where the mistake is.
#[test]
fn the_command_explains() {
    libfw_playground::test_on("legacy", |_| {
        // The namespace has a /run of its own.
        let file = std::path::Path::new("/run/rules");
        std::fs::write(file, "*filter\n-A INPUT -p tcp --dport 2x -j ACCEPT\nCOMMIT\n")?;
        let run = |option: &str| {
            let mut fw = Command::new(env!("CARGO_BIN_EXE_fw"));
            let output = fw.arg("iptables-legacy-restore").arg(option).arg(file).output()?;
            Ok::<_, io::Error>((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
        };
        let (plain, explained, short) = (run("-c")?, run("--explain")?, run("--expl")?);
        assert_eq!((plain.0, explained.0, short.0), (Some(2), Some(2), Some(1)));
        let more = explained.1.strip_prefix(&plain.1).expect("the words of iptables first");
        let (text, marks) =
            ("    -A INPUT -p tcp --dport 2x -j ACCEPT\n", "                            ^^\n");
        assert!(
            more.starts_with("line 2:25, IPv4 table filter, chain INPUT, rule 1: tcp: --dport: bad value")
        );
        assert!(more.ends_with(&format!("{text}{marks}")), "{more}");
        assert!(short.1.contains("unrecognized option '--expl'"), "{}", short.1);
        Ok(())
    });
}
