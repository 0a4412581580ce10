//! Refused rule sets, one for each cause: every refusal has an address, in words and in data.
//!
//! `tests/refused/sets.txt` has the sets, each with what is said about it: the sentence, the text of the rule with the word
//! marked, and the kind. Written anew with `UPDATE=1 cargo test --test refused`; every change of it is to be looked at.

use std::fmt::Write as _;
use std::io;
use std::process::Command;

use libfw::iptables::{RestoreOptions, restore};
use libfw::{Error, ErrorKind, Family, Kernel, MemoryKernel};

const SETS: &str = include_str!("refused/sets.txt");
const END: &str = "----\n";

fn refuse(kernel: &Kernel, family: Family, file: &str) -> Option<Error> {
    let options = RestoreOptions::default();
    restore(kernel, family, &mut file.as_bytes(), &options, &mut Vec::new(), &mut |_| {}).err()
}

/// What is said about a refusal.
fn said(error: &Error) -> String {
    // What the system says is not ours.
    let sentence = error.to_string();
    let mut said =
        format!("> {:?}: {}\n", error.kind(), sentence.split(": os error").next().unwrap_or_default());
    for line in error.marked().unwrap_or_default().lines() {
        let _ = writeln!(said, "> {line}");
    }
    said
}

#[test]
fn every_refusal_has_an_address() {
    libfw_playground::test(|play| {
        let (mut written, mut accepted) = (String::new(), Vec::new());
        for set in SETS.split(END) {
            let file: String = set.split_inclusive('\n').filter(|line| !line.starts_with("> ")).collect();
            let family = if file.contains("# IPv6") { Family::Ipv6 } else { Family::Ipv4 };
            let kernel = Kernel::legacy();
            match kernel.open(family, "filter") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                }
                _ => {}
            }
            let Some(error) = refuse(&kernel, family, &file) else {
                accepted.push(file);
                continue;
            };
            written += &format!("{file}{}{END}", said(&error));

            // What is known without a kernel is said without one too.
            let rehearsed = refuse(&MemoryKernel::new().kernel(), family, &file);
            if error.errno().is_none() {
                let rehearsed = rehearsed.unwrap_or_else(|| panic!("{file}is not refused in memory"));
                assert_eq!(said(&rehearsed), said(&error), "{file}");
            }
            let rule = file.lines().nth(error.line().expect(&file) - 1).unwrap_or_default();
            if let Some(text) = error.rule_text().filter(|_| error.rule().is_some()) {
                // The line of the file, or the rule of that line as it is printed.
                assert!(text == rule || text[..8] == rule[..8], "{file}{text}");
            }
        }
        assert!(accepted.is_empty(), "not refused:\n{}", accepted.join(END));
        let written = written.strip_suffix(END).unwrap_or_default();
        if std::env::var_os("UPDATE").is_some() {
            play.as_root()?;
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/refused/sets.txt"), written)?;
        } else {
            assert_eq!(SETS, written);
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
