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
const FILES: &[(&str, &str)] =
    files!("sets", "values", "options", "kernel", "files", "lines", "words", "places", "elements", "causes");
const NAMES: [&str; 4] = ["", "nft", "memory", "memory-nft"];
const END: &str = "----\n";

fn refuse(kernel: &Kernel, family: Family, file: &str) -> Option<Error> {
    let options = RestoreOptions::default();
    restore(kernel, family, file.as_bytes(), &options).err()
}

/// The kernels, each with the name that stands before what it says.
fn kernels() -> [(&'static str, Kernel); 4] {
    let [legacy, nft, memory, memory_nft] = NAMES;
    [
        (legacy, Kernel::legacy()),
        (nft, Kernel::nft()),
        (memory, MemoryKernel::new().kernel()),
        (memory_nft, MemoryKernel::new().nft()),
    ]
}

/// The file of a set, without what is said about it, and its family.
fn file_of(set: &str) -> (String, Family) {
    let is_said = |line: &&str| NAMES.iter().any(|name| line.starts_with(&format!("{name}> ")));
    let file: String = set.split_inclusive('\n').filter(|line| !is_said(line)).collect();
    let family = if file.contains("# IPv6") { Family::Ipv6 } else { Family::Ipv4 };
    (file, family)
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
    if let (Some(text), Some(span), Some(marked)) = (error.rule_text(), error.span(), error.marked()) {
        let marks = marked.lines().last().unwrap_or_default().trim_start();
        assert_eq!(marks.len(), text[span].chars().count().max(1), "{marked}");
    }
    for line in error.marked().unwrap_or_default().lines() {
        let _ = writeln!(said, "{line}");
    }
    said
}

#[test]
fn every_refusal_has_an_address() {
    libfw_playground::test(|play| {
        let kernels = kernels();
        for (_, kernel) in &kernels {
            match kernel.open(Family::Ipv4, "filter") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                }
                _ => {}
            }
        }
        // To make a namespace, and to give it up, is to wait.
        let looked_at = play.together(FILES, |(name, sets)| {
            let (mut written, mut accepted) = (Vec::new(), Vec::new());
            for set in sets.split(END) {
                let (file, family) = file_of(set);
                let (mut all, mut first) = (file.clone(), None);
                // All are new for each set, as in the tests of C and Python: one that is accepted by one of them leaves tables.
                let place = play.namespace()?;
                for (name, kernel) in self::kernels() {
                    let error = place.run(|| refuse(&kernel, family, &file));
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
            Ok((name, sets, written.join(END), accepted))
        })?;
        let accepted: Vec<_> = looked_at.iter().flat_map(|(.., accepted)| accepted.clone()).collect();
        assert!(accepted.is_empty(), "not refused:\n{}", accepted.join(END));
        if std::env::var_os("UPDATE").is_some() {
            play.as_root()?;
            for (name, _, written, _) in looked_at.iter().filter(|(_, sets, written, _)| *sets != written) {
                let path = format!("{}/tests/refused/{name}.txt", env!("CARGO_MANIFEST_DIR"));
                std::fs::write(path, written)?;
            }
        } else {
            looked_at.iter().for_each(|(_, sets, written, _)| assert_eq!(*sets, written));
        }
        Ok(())
    });
}

/// What a file says by rules alone, said by the calls of a table; `None` if it says more.
fn by_calls(kernel: &Kernel, family: Family, file: &str) -> Option<libfw::Result<()>> {
    let lines = file.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let [first, lines @ .., "COMMIT"] = &*lines.collect::<Vec<_>>() else { return None };
    let name = first.strip_prefix('*')?;
    // Names in quotes, and options for names, are for who reads words.
    if lines.iter().any(|line| line.starts_with("-A \"") || line.starts_with("-A -")) {
        return None;
    }
    let mut steps = Vec::new();
    for line in lines {
        let (is_rule, rest) = match line.strip_prefix("-A ") {
            Some(rest) => (true, rest),
            None => (false, line.strip_prefix(':').filter(|line| line.ends_with(" - [0:0]"))?),
        };
        let (name, rest) = rest.trim_start().split_once([' ', '\t'])?;
        if !is_rule && rest != "- [0:0]" {
            return None;
        }
        steps.push((is_rule, (name, rest)));
    }
    // What was accepted before.
    refuse(kernel, family, &format!("*{name}\nCOMMIT\n"));
    let play = || {
        let mut table = kernel.open(family, name)?;
        for (is_rule, (chain, rest)) in steps {
            match is_rule {
                true => table.chain_mut(chain)?.append(rest)?,
                false => {
                    table.new_chain(chain)?;
                }
            }
        }
        table.commit().map(drop)
    };
    Some(play())
}

/// What is refused in a file alone, or in another way: what iptables refuses and no kernel, what a line of a file may say and a
/// rule may not, several rules of one line, the name of a table, the second of two mistakes.
const APART: [&str; 16] = [
    "unknown option -k",
    "SNAT: only for the table nat",
    "put interface",
    "is not for dropping packets",
    "a line end or a NUL",
    "no algorithm \"nosuch\"",
    "several",
    "does not take",
    "beside -A",
    "on a line of a save file",
    "no such table",
    "without the name of a table",
    "the name of the chain is too long",
    "cannot open the BPF object",
    "NOTRACK: only for the table raw",
    "a target has this name",
];

/// Rules that programs append are refused with the same address as those of a file, but for lines.
#[test]
fn calls_have_the_address_too() {
    libfw_playground::test(|_| {
        let kernels = kernels();
        let (mut compared, mut differ) = (0, Vec::new());
        for set in FILES.iter().flat_map(|(_, sets)| sets.split(END)) {
            let (file, family) = file_of(set);
            for (_, kernel) in &kernels {
                let Some(said) = by_calls(kernel, family, &file) else { break };
                let Some(from_file) = refuse(kernel, family, &file) else { continue };
                if from_file.kind() == ErrorKind::BackendAbsent {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, from_file.to_string()));
                }
                let differs = || APART.iter().any(|part| from_file.to_string().contains(part));
                let Err(error) = said else {
                    assert!(differs(), "accepted: {file}{from_file}");
                    continue;
                };
                let address = |error: &Error| {
                    let words = [error.table(), error.chain(), error.option()];
                    let words = words.map(|word| word.map(str::to_owned));
                    (error.kind(), words, error.rule(), error.extension().map(str::to_owned))
                };
                if differs() || error.to_string().contains("several addresses") {
                    continue;
                }
                // A word that a printed rule has in another way, or where there is no rule, is not the same.
                let (text, word) = (error.rule_text().unwrap_or_default(), from_file.token());
                let has_word = error.token() == word || word.is_some_and(|word| !text.contains(word));
                if address(&error) != address(&from_file) || !has_word {
                    differ.push(format!("{file}{error}\n{from_file}"));
                }
                if error.rule().is_some() {
                    let marked = error.marked().unwrap_or_else(|| panic!("{file}{error}"));
                    assert!(marked.contains('^'), "{file}{marked}");
                }
                compared += 1;
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
        assert!(compared > 1000, "{compared}");
        Ok(())
    });
}

/// Files that another system has written, are cut off or hold something else: each is refused, with the place, also where one table
/// of it is wanted.
#[test]
fn what_is_no_save_file_is_refused() {
    const RULE: &str = "-A INPUT -j DROP\n";
    let crlf = format!("*filter\n:INPUT DROP [0:0]\n{RULE}COMMIT\n").replace('\n', "\r\n");
    let nul = format!("*filter\0\n{RULE}COMMIT\n");
    let unfinished = format!("*filter\n{RULE}");
    let other = format!("*nat\n:x - [0:0]\nCOMMIT\nbehind\n*filter\n{RULE}COMMIT\n");
    let returned = "; the line ends in a carriage return";
    let marked = "; the file begins with a byte order mark";
    let cases: &[(&[u8], String)] = &[
        (
            crlf.as_bytes(),
            format!("NoSuchTable line 1:1, IPv4 table filter\\r: the kernel has no such table{returned}"),
        ),
        (
            b"*filter\n-A INPUT -j ACCEPT\r\nCOMMIT\n",
            format!(
                "InvalidArgument line 2:13, IPv4 table filter, chain INPUT, rule 1: the name \"ACCEPT\\r\" has a line end or a NUL \
                 byte{returned}"
            ),
        ),
        (
            b"*filter\n\r\nCOMMIT\n",
            format!("Syntax line 2:1, IPv4 table filter: stray word \"\\r\"{returned}"),
        ),
        (
            b"*filter\nCOMMIT\r\n",
            format!("Syntax line 2:1, IPv4 table filter: stray word \"COMMIT\\r\"{returned}"),
        ),
        (b"\r\n*filter\nCOMMIT\n", format!("Syntax line 1:1: expected *TABLE{returned}")),
        (b"\xef\xbb\xbf*filter\nCOMMIT\n", format!("Syntax line 1:1: expected *TABLE{marked}")),
        (b"\xef\xbb\xbf# a comment\n*filter\nCOMMIT\n", format!("Syntax line 1:1: expected *TABLE{marked}")),
        (b"\xff\xfe*\0f\0i\0\n\0", format!("Syntax line 1:4: a NUL byte in the line{marked}")),
        (nul.as_bytes(), "Syntax line 1:8: a NUL byte in the line".into()),
        (unfinished.as_bytes(), "Syntax line 3, IPv4 table filter: the last table has no COMMIT".into()),
        (b"before\n*filter\nCOMMIT\n", "Syntax line 1:1: expected *TABLE".into()),
        (other.as_bytes(), "Syntax line 4:1: expected *TABLE".into()),
        (b"*filter\nCOMMIT\nbehind\n", "Syntax line 3:1: expected *TABLE".into()),
        (b"<html>\n", "Syntax line 1:1: expected *TABLE".into()),
    ];
    for kernel in [MemoryKernel::new().kernel(), MemoryKernel::new().nft()] {
        let refused = |file: &[u8], only: Option<&str>| {
            let mut options = RestoreOptions::new();
            options.table = only.map(str::to_owned);
            let done = restore(&kernel, Family::Ipv4, file, &options);
            done.err().map_or("accepted".into(), |error| format!("{:?} {error}", error.kind()))
        };
        for (file, said) in cases {
            for only in [None, Some("filter")] {
                assert_eq!(refused(file, only), *said, "{}", String::from_utf8_lossy(file));
            }
            assert!(kernel.open(Family::Ipv4, "filter").unwrap().is_empty());
        }
        // A file without tables is what a kernel without tables is saved as.
        let lacks = "NoSuchTable IPv4 table filter: the save file has no such table";
        for file in ["", "# nothing\n\n", "*nat\nCOMMIT\n"] {
            assert_eq!(refused(file.as_bytes(), None), "accepted");
            assert_eq!(refused(file.as_bytes(), Some("filter")), lacks);
        }
    }
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

/// What is not tried before a commit: objects of the namespace, of which only the commit says that they are not there.
const NOT_TRIED: [&str; 3] = [
    "the kernel has no rate estimator",
    "the kernel has no accounting object",
    "the kernel has no timeout policy",
];

/// What is said of every set in data, the command says in words; before anything is done, too, and in JSON.
#[test]
fn the_command_explains_every_refusal() {
    libfw_playground::test_on("legacy", |_| {
        let path = std::path::Path::new("/run/rules");
        let mut taken = 0;
        for set in FILES.iter().flat_map(|(_, sets)| sets.split(END)) {
            let (file, family) = file_of(set);
            std::fs::write(path, &file)?;
            let name =
                if family == Family::Ipv4 { "iptables-legacy-restore" } else { "ip6tables-legacy-restore" };
            let output =
                Command::new(env!("CARGO_BIN_EXE_fw")).args([name, "--explain"]).arg(path).output()?;
            let explained = String::from_utf8_lossy(&output.stderr);
            if output.status.success() || explained.contains("the rest is cut off") {
                // Under iptables' names values are cut as iptables cuts them, where the library refuses them.
                assert!(set.contains("> InvalidValue: "), "{file}");
                taken += 1;
                continue;
            }
            let mut said = set.lines().filter_map(|line| line.strip_prefix("> "));
            let (kind, sentence) = said.next().and_then(|line| line.split_once(": ")).expect(set);
            // Errors are told one by one.
            let sentences = sentence.split("; line ").map(|one| one.trim_start_matches("line "));
            let sentences: Vec<_> = sentences.collect();
            let marked: Vec<_> = said.map(|marked| format!("\n    {marked}\n")).collect();
            let tells = |told: &str| {
                let parts = sentences.iter().copied().chain(marked.iter().map(String::as_str));
                parts.into_iter().all(|part| told.contains(part))
            };
            assert!(tells(&explained), "{set}{explained}");

            if NOT_TRIED.iter().any(|untried| sentence.contains(untried)) {
                continue;
            }
            let flag = if family == Family::Ipv4 { "-4" } else { "-6" };
            let output = Command::new(env!("CARGO_BIN_EXE_fw"))
                .args(["check", "--json", flag, "/run/rules"])
                .env("LIBFW_BACKEND", "legacy")
                .output()?;
            let (json, told) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(1), "{set}{json}{told}");
            assert!(tells(&told), "{set}{told}");
            let begin = "{\"format\": \"libfw.error/1\", \"file\": \"/run/rules\", \"error\": {\"kind\": ";
            assert!(
                json.starts_with(begin) && json.contains(&format!("\"kind\": \"{kind}\"")),
                "{set}{json}"
            );
            let place: Vec<_> = sentences[0].split([':', ',']).take(2).collect();
            let [line, column] = [place[0], place[1]].map(|number| number.parse::<usize>().ok());
            let places = [("line", line), ("column", column)].into_iter();
            let places = places.filter_map(|(key, number)| Some(format!("\"{key}\": {}", number?)));
            assert!(places.into_iter().all(|place| json.contains(&place)), "{set}{json}");
        }
        assert!(taken < 20, "{taken} are not refused");
        Ok(())
    });
}

/// The line stands there as in the file, however far behind it is: what the kernel or the parser refuses, of a file or of what is
/// read once, for every command.
#[test]
fn lines_of_large_files_are_shown() {
    libfw_playground::test_on("legacy", |_| {
        let file = std::path::Path::new("/run/rules");
        let many = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n".repeat(10_000);
        for (line, column) in [
            ("-A INPUT  -p tcp -m tcp --dport 2x -j ACCEPT", 33),
            ("-A INPUT  -m string --string \"x\" --algo nosuch", 41),
            ("-A INPUT  -m owner --uid-owner 0", 14),
        ] {
            std::fs::write(file, format!("*filter\n{many}{line}\nCOMMIT\n"))?;
            let commands: [&[&str]; 6] = [
                &["iptables-legacy-restore", "--explain", "/run/rules"],
                &["iptables-legacy-restore", "--explain"],
                &["restore", "/run/rules"],
                &["restore"],
                &["apply", "/run/rules"],
                &["plan", "/run/rules"],
            ];
            for words in commands {
                let mut fw = Command::new(env!("CARGO_BIN_EXE_fw"));
                let output = fw
                    .args(words)
                    .env("LIBFW_BACKEND", "legacy")
                    .stdin(std::fs::File::open(file)?)
                    .output()?;
                let said = String::from_utf8_lossy(&output.stderr);
                if words[0] == "plan" && output.status.code() == Some(2) {
                    // What only the kernel refuses is no matter of plans.
                    continue;
                }
                assert!(said.contains(&format!("line 10002:{column}")), "{words:?}: {said}");
                let shown = format!("    {line}\n{}^", " ".repeat(column + 3));
                assert!(said.contains(&shown), "{words:?}: {said}");
            }
        }
        Ok(())
    });
}
