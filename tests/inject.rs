//! System calls that fail in turn while a command commits: whatever fails, the exit status says what is there, no rule
//! is torn, and nothing panics. Played by `strace -e inject`. `LIBFW_INJECT=whole` has every call of whoever watches over a change fail.

use std::collections::HashMap;
use std::io;
use std::path::Path;
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

/// The calls of a command from the moment it has something to do, each by name and the how manyth of its name in its process it is.
/// strace counts for each process alone too.
fn calls(log: &str, command: &[&str], of_children: bool) -> io::Result<Vec<(String, usize)>> {
    let output = strace(&["-f", "-qq", "-o", log], command)?;
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(log)?;
    let (mut counts, mut found, mut begun, mut first) = (HashMap::new(), Vec::new(), false, None);
    for line in text.lines() {
        // `1234 openat(AT_FDCWD, ...) = 3`
        let (process, line) = line.trim_start().split_once(' ').unwrap_or_default();
        let first = first.get_or_insert_with(|| process.to_owned());
        let name = line.trim_start().split('(').next().unwrap_or_default();
        if !name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_') {
            continue;
        }
        let count = counts.entry((process.to_owned(), name.to_owned())).or_insert(0);
        *count += 1;
        // What comes before is the loader.
        begun |= name == "getuid" || name == "openat" && line.contains("/inject-");
        let call = (name.to_owned(), *count);
        let counts = begun && (!of_children || *first != process);
        if counts && !PRIVATE.contains(&name) && !found.contains(&call) {
            found.push(call);
        }
    }
    Ok(found)
}

/// Looks at the exit status, at which call failed, what was there before, what should be and what is. Says whether it is done.
type Judge<'a> = dyn Fn(Option<i32>, &str, &[u64], u64, &[u64]) -> bool + 'a;

/// A command that puts something else into tables each time.
struct Edit<'a> {
    /// Makes it ready to put this number there.
    ready: &'a dyn Fn(u64) -> io::Result<()>,
    command: &'a [&'a str],
    /// What is there: the number of each table.
    there: &'a dyn Fn() -> Vec<u64>,
    /// Whether calls of the processes that it starts fail, instead of its own.
    of_children: bool,
    /// One in so many of the calls is enough.
    one_in: usize,
    judge: &'a Judge<'a>,
}

/// Whose turn it is of those who share the calls among them, each in a namespace of its own: strace and its program wait for each
/// other, and nobody else.
#[derive(Clone, Copy)]
struct Turn {
    of: usize,
    all: usize,
}

impl Turn {
    /// A file or folder of its own.
    fn path(self, name: &str) -> String {
        format!("{}/{name}-{}-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id(), self.of)
    }
}

/// Has one call after the other fail; how many times the edit was done, and refused.
fn every_call_fails(turn: Turn, edit: &Edit<'_>) -> io::Result<[usize; 2]> {
    let folder = turn.path("injected");
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let log = folder.join("log").display().to_string();
    // The first makes the table, which is another path than the second.
    let mut number = 2;
    (edit.ready)(1)?;
    let first = calls(&log, edit.command, edit.of_children)?;
    (edit.ready)(2)?;
    let again = calls(&log, edit.command, edit.of_children)?;
    assert!(again.len() > 15, "{again:?}");
    println!("{} and {} calls", first.len(), again.len());
    // Without random numbers the standard library has nothing but a panic.
    assert!(first.iter().chain(&again).all(|(call, _)| call != "getrandom"), "random numbers of the system");
    let mut before = (edit.there)();
    let (mut done, mut refused) = (0, 0);
    let tried = again.iter().enumerate().step_by(edit.one_in);
    for (index, (call, count)) in tried.skip(turn.of).step_by(turn.all) {
        for (error, errno) in ERRORS.iter().enumerate() {
            // All of the errors for the calls that matter most, one for each of the others.
            let matters = edit.one_in == 1
                && matches!(&**call, "getsockopt" | "setsockopt" | "sendto" | "recvmsg" | "flock" | "socket");
            if !matters && error != index / edit.one_in % ERRORS.len() {
                continue;
            }
            number += 1;
            (edit.ready)(number)?;
            let inject = format!("inject={call}:error={errno}:when={count}");
            let traced = ["-f", "-qq", "-o", &log, "-e", &format!("trace={call}"), "-e", &inject];
            let output = strace(&traced, edit.command)?;
            let said = String::from_utf8_lossy(&output.stderr);
            let now = (edit.there)();
            let what = format!("{call} number {count} with {errno}: {} {said}", output.status);
            // The standard library ends a program in which a thread has no memory to begin with.
            let is_ours = !said.contains("failed to allocate an alternative stack");
            assert!(!is_ours || !said.contains("panicked") && !said.contains("a bug"), "{what}");
            let has_ended = output.status.code().is_some_and(|status| status != 0);
            assert!(!has_ended || !said.trim().is_empty(), "nothing is said: {what}");
            match (edit.judge)(output.status.code(), &what, &before, number, &now) {
                true => done += 1,
                false => refused += 1,
            }
            before = now;
        }
    }
    std::fs::remove_dir_all(folder)?;
    Ok([done, refused])
}

/// The tables of a file, in its order.
const TABLES: [&str; 3] = ["mangle", "raw", "filter"];

/// The number in the rule of a table.
fn number_in(kernel: &Kernel, family: Family, table: &str) -> u64 {
    let table = kernel.open(family, table).expect("the table");
    let chain = table.chain("OUTPUT").expect("it is built in");
    assert!(chain.len() <= 1, "{} rules", chain.len());
    let Some(rule) = chain.rule(0).map(|rule| rule.to_string()) else { return 0 };
    let port = rule.split(' ').skip_while(|word| *word != "--dport").nth(1);
    port.and_then(|port| port.parse().ok()).expect("a port")
}

/// Writes a file with this number in each of its tables.
fn numbered(path: &str, number: u64) -> io::Result<()> {
    let table = |name| format!("*{name}\n-A OUTPUT -p tcp -m tcp --dport {number} -j ACCEPT\nCOMMIT\n");
    std::fs::write(path, TABLES.map(table).concat())
}

/// As many rules as commands have said that they were added.
fn appends(name: &str, turn: Turn) -> io::Result<[usize; 2]> {
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let rule = ["-p", "tcp", "--dport", "22", "-m", "conntrack", "--ctstate", "NEW", "-j", "ACCEPT"];
    let command = [&[FW, name, "-w", "-A", "INPUT"], &rule[..]].concat();
    every_call_fails(
        turn,
        &Edit {
            ready: &|_| Ok(()),
            command: &command,
            there: &|| {
                let table = kernel.open(Family::Ipv4, "filter").expect("the table");
                let rules = table.chain("INPUT").expect("it is built in").rules();
                let mut rules: Vec<_> = rules.map(|rule| rule.to_string()).collect();
                let count = rules.len() as u64;
                rules.dedup();
                assert_eq!(rules.len(), 1, "{rules:?}");
                vec![count]
            },
            of_children: false,
            one_in: 1,
            judge: &|status, what, before, _, now| {
                assert!(status.is_some(), "{what}");
                assert_eq!(now[0], before[0] + u64::from(status == Some(0)), "{what}");
                status == Some(0)
            },
        },
    )
}

/// A file of several tables, of which each is replaced as a whole: those before the one that fails, or none if it is atomic.
fn restores(name: &str, atomic: bool, turn: Turn) -> io::Result<[usize; 2]> {
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let file = turn.path("inject");
    let mut command = vec![FW, name, &*file];
    if atomic {
        command.push("--atomic");
    }
    let counts = every_call_fails(
        turn,
        &Edit {
            ready: &|number| numbered(&file, number),
            command: &command,
            there: &|| TABLES.map(|table| number_in(&kernel, Family::Ipv4, table)).to_vec(),
            of_children: false,
            one_in: 1,
            judge: &|status, what, before, number, now| {
                let written = now.iter().take_while(|there| **there == number).count();
                assert_eq!(now[written..], before[written..], "{what}");
                assert!(status.is_some(), "{what}");
                // What comes behind the last table may be wrong when it is in place.
                let is_behind = !atomic && what.contains("cannot read the save file");
                assert!(status == Some(0) || written < TABLES.len() || is_behind, "{what}");
                assert!(status != Some(0) || written == TABLES.len(), "{what}");
                assert!(!atomic || written == 0 || status == Some(0), "{now:?} {what}");
                status == Some(0)
            },
        },
    )?;
    std::fs::remove_file(file)?;
    Ok(counts)
}

/// A change that nobody confirms, where the calls of the process that watches over it fail: the old rules are back, or it is said that
/// they are not.
fn takes_back(turn: Turn) -> io::Result<[usize; 2]> {
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let file = turn.path("inject");
    let whole = std::env::var_os("LIBFW_INJECT").is_some();
    let counts = every_call_fails(
        turn,
        &Edit {
            ready: &|number| numbered(&file, number),
            command: &[
                "sh",
                "-c",
                "exec < /dev/null; exec \"$@\"",
                "sh",
                FW,
                "apply",
                "--confirm",
                "1",
                &file,
            ],
            there: &|| TABLES.map(|table| number_in(&kernel, Family::Ipv4, table)).to_vec(),
            of_children: true,
            one_in: if whole { 1 } else { 5 },
            judge: &|status, what, before, number, now| {
                let is_old = now == before;
                assert!(is_old || now.iter().all(|there| *there == number), "{now:?} {what}");
                match status {
                    Some(3) => assert!(is_old, "{what}"),
                    Some(0) => panic!("{what}"),
                    // It could not begin, there was nobody to watch, or he has said that they stay. strace counts the calls of each process,
                    // so that calls of the program fail too: of its loader, and of the standard library, which ends it then.
                    _ => assert!(is_old || what.contains("stay") || what.contains("put back"), "{what}"),
                }
                is_old
            },
        },
    )?;
    std::fs::remove_file(file)?;
    Ok(counts)
}

/// Lets so many share the calls among them.
fn shared(
    play: &Playground,
    all: usize,
    work: impl Fn(Turn) -> io::Result<[usize; 2]> + Sync,
) -> io::Result<[usize; 2]> {
    let counts = play.together(0..all, |of| play.namespace()?.run(|| work(Turn { of, all })))?;
    let [done, refused] = [0, 1].map(|which| counts.iter().map(|count| count[which]).sum());
    println!("{done} done, {refused} refused");
    assert!(done > 5, "{done} done, {refused} refused");
    Ok([done, refused])
}

fn is_done_or_refused(
    play: &Playground,
    work: impl Fn(Turn) -> io::Result<[usize; 2]> + Sync,
) -> io::Result<()> {
    let [done, refused] = shared(play, 2, work)?;
    assert!(refused > 20, "{done} done, {refused} refused");
    Ok(())
}

#[test]
fn a_legacy_commit_is_done_when_the_program_says_so() {
    test_on("legacy", |play| is_done_or_refused(play, |turn| appends("iptables-legacy", turn)));
}

#[test]
fn a_commit_of_nf_tables_is_done_when_the_program_says_so() {
    test_on("nft", |play| is_done_or_refused(play, |turn| appends("iptables-nft", turn)));
}

#[test]
fn legacy_tables_are_restored_up_to_the_one_that_fails() {
    test_on("legacy", |play| {
        is_done_or_refused(play, |turn| restores("iptables-legacy-restore", false, turn))
    });
}

#[test]
fn legacy_tables_are_all_restored_or_none() {
    test_on("legacy", |play| {
        is_done_or_refused(play, |turn| restores("iptables-legacy-restore", true, turn))
    });
}

#[test]
fn nf_tables_are_all_restored_or_none() {
    test_on("nft", |play| is_done_or_refused(play, |turn| restores("iptables-nft-restore", true, turn)));
}

/// Those that watch over a change bring the old rules back each time, after a second.
#[test]
fn a_change_of_legacy_tables_is_taken_back_or_it_is_said() {
    test_on("legacy", |play| shared(play, 6, takes_back).map(drop));
}

#[test]
fn a_change_of_nf_tables_is_taken_back_or_it_is_said() {
    test_on("nft", |play| shared(play, 6, takes_back).map(drop));
}
