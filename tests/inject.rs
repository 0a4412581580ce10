//! System calls that fail in turn while a command commits: whatever fails, the exit status says whether the rule is there, no rule
//! is torn, and nothing panics. Played by `strace -e inject`.

use std::collections::HashMap;
use std::io;
use std::process::{Command, Output};

use libfw::{Family, Kernel, LockPolicy};
use libfw_playground::{Playground, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");
/// What may fail, and how. The first two are what calls are refused with that work when they are tried again.
const ERRORS: [&str; 6] = ["EINTR", "EAGAIN", "ENOMEM", "EPERM", "EIO", "EINVAL"];
/// Calls that cannot fail, or without which no program begins or ends.
const PRIVATE: [&str; 8] =
    ["brk", "execve", "exit", "exit_group", "getuid", "geteuid", "prlimit64", "rt_sigreturn"];

fn strace(arguments: &[&str], command: &[&str]) -> io::Result<Output> {
    let strace = Command::new("strace").args(arguments).args(command).output();
    strace.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::Unsupported, "strace is not installed"),
        _ => error,
    })
}

/// The calls of a command from the moment it has something to do, each by name and the how manyth of its name it is.
fn calls(log: &str, command: &[&str]) -> io::Result<Vec<(String, usize)>> {
    let output = strace(&["-f", "-qq", "-o", log], command)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(log)?;
    let (mut counts, mut found, mut begun) = (HashMap::new(), Vec::new(), false);
    for line in text.lines() {
        // `1234 openat(AT_FDCWD, ...) = 3`
        let line = line.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
        let name = line.split('(').next().unwrap_or_default();
        if !name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_') {
            continue;
        }
        let count = counts.entry(name.to_owned()).or_insert(0);
        *count += 1;
        // What comes before is the loader.
        begun |= name == "getuid";
        if begun && !PRIVATE.contains(&name) {
            found.push((name.to_owned(), *count));
        }
    }
    Ok(found)
}

fn rules(kernel: &Kernel) -> io::Result<Vec<String>> {
    let table = kernel.open(Family::Ipv4, "filter").map_err(io::Error::other)?;
    Ok(table.chain("INPUT").expect("it is built in").rules().map(|rule| rule.to_string()).collect())
}

fn every_call_fails(name: &str) -> io::Result<()> {
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let edit = [
        FW,
        name,
        "-w",
        "-A",
        "INPUT",
        "-p",
        "tcp",
        "--dport",
        "22",
        "-m",
        "conntrack",
        "--ctstate",
        "NEW",
        "-j",
        "ACCEPT",
    ];
    let folder = std::env::temp_dir().join(format!("libfw-inject-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let log = folder.join("log").display().to_string();
    // The first makes the table, which is another path than the second.
    let first = calls(&log, &edit)?;
    let again = calls(&log, &edit)?;
    assert!(again.len() > 15, "{again:?}");
    println!("{} and {} calls", first.len(), again.len());
    // Without random numbers the standard library has nothing but a panic.
    assert!(first.iter().chain(&again).all(|(call, _)| call != "getrandom"), "random numbers of the system");
    let mut there = rules(&kernel)?;
    assert_eq!(there.len(), 2);
    let (mut done, mut refused) = (0, 0);
    for (index, (call, count)) in again.iter().enumerate() {
        for (number, errno) in ERRORS.iter().enumerate() {
            // All of the errors for the calls that matter most, one for each of the others.
            let matters =
                matches!(&**call, "getsockopt" | "setsockopt" | "sendto" | "recvmsg" | "flock" | "socket");
            if !matters && number != index % ERRORS.len() {
                continue;
            }
            let inject = format!("inject={call}:error={errno}:when={count}");
            let output =
                strace(&["-f", "-qq", "-o", &log, "-e", &format!("trace={call}"), "-e", &inject], &edit)?;
            let said = String::from_utf8_lossy(&output.stderr);
            let now = rules(&kernel)?;
            let what = format!("{call} number {count} with {errno}: {} {said}", output.status);
            assert!(!said.contains("panicked") && !said.contains("a bug"), "{what}");
            let mut expected = there.clone();
            match output.status.code() {
                Some(0) => {
                    expected.push(there[0].clone());
                    done += 1;
                }
                Some(_) => {
                    assert!(!said.trim().is_empty(), "nothing is said: {what}");
                    refused += 1;
                }
                None => panic!("{what}"),
            }
            assert_eq!(now, expected, "{what}");
            there = now;
        }
    }
    println!("{done} done, {refused} refused");
    assert!(done > 5 && refused > 20, "{done} done, {refused} refused");
    std::fs::remove_dir_all(folder)
}

fn inside(name: &'static str) -> impl FnOnce(&Playground) -> io::Result<()> {
    move |playground| playground.namespace()?.run(|| every_call_fails(name))
}

#[test]
fn a_legacy_commit_is_done_when_the_program_says_so() {
    test_on("legacy", |playground| inside("iptables-legacy")(playground));
}

#[test]
fn a_commit_of_nf_tables_is_done_when_the_program_says_so() {
    test_on("nft", |playground| inside("iptables-nft")(playground));
}
