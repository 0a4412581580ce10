//! Too little memory: whatever the limit, a program says so and nothing is changed, or it has done its work.

use std::io::{self, Write};
use std::process::Stdio;

use libfw::{Family, Kernel, LockPolicy};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// With LIBFW_MEMORY set, a table of 200,000 rules under every limit from 20 to 64 MB in steps of 400 kB, which takes some minutes.
fn is_whole() -> bool {
    std::env::var_os("LIBFW_MEMORY").is_some()
}

fn rules() -> usize {
    if is_whole() { 200_000 } else { 40_000 }
}

/// Limits in KiB.
fn limits() -> std::iter::StepBy<std::ops::Range<usize>> {
    if is_whole() { (20_000..64_400).step_by(400) } else { (14_000..54_000).step_by(1_500) }
}

#[test]
fn an_edit_is_done_exactly_when_the_program_says_so() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let mut text = String::from("*filter\n");
        for rule in 0..rules() {
            let address = format!("10.{}.{}.{}", rule >> 16, rule >> 8 & 255, rule & 255);
            text += &format!("-A INPUT -s {address}/32 -p tcp -m tcp --dport 80 -j ACCEPT\n");
        }
        text += "COMMIT\n";
        let mut restore = place.command(FW).arg("iptables-legacy-restore").stdin(Stdio::piped()).spawn()?;
        restore.stdin.take().expect("a pipe").write_all(text.as_bytes())?;
        assert!(restore.wait()?.success());
        let kernel = Kernel::legacy().with_policy(LockPolicy::UNLOCKED);
        let count = || place.run(|| kernel.open(Family::Ipv4, "filter").expect("the table").len());
        let mut wanted = count();
        assert_eq!(wanted, rules());
        let (mut done, mut refused) = (0, 0);
        // From too little to start at all to more than enough.
        for limit in limits() {
            let Some((status, said)) = run(&place, limit, "iptables-legacy -w -A INPUT -j DROP")? else {
                continue;
            };
            match status {
                0 => {
                    wanted += 1;
                    done += 1;
                }
                _ => {
                    assert!(said.contains("Memory allocation problem"), "with {limit} KiB: {said}");
                    refused += 1;
                }
            }
            assert_eq!(count(), wanted, "with {limit} KiB: {said}");
        }
        assert!(done > 0 || rules() > 100_000, "{done} done, {refused} refused");
        assert!(refused > 0, "{done} done, {refused} refused");
        // What only reads says all, or that it does not.
        let file = std::env::temp_dir().join(format!("libfw-memory-{}", std::process::id()));
        let path = file.display();
        for command in ["iptables-legacy-save", "iptables-legacy -S", "iptables-legacy -L -n"] {
            let (mut done, mut refused) = (0, 0);
            for limit in limits().step_by(3) {
                let Some((status, said)) = run(&place, limit, &format!("{command} > {path}"))? else {
                    continue;
                };
                let lines =
                    std::fs::read_to_string(&file)?.lines().filter(|line| line.contains("80")).count();
                match status {
                    0 => {
                        assert_eq!(lines, rules(), "{command} with {limit} KiB: {said}");
                        done += 1;
                    }
                    _ => {
                        assert!(
                            said.contains("Memory allocation problem"),
                            "{command} with {limit} KiB: {said}"
                        );
                        refused += 1;
                    }
                }
            }
            assert!(
                refused > 0 && (done > 0 || rules() > 100_000),
                "{command}: {done} done, {refused} refused"
            );
        }
        // A restore puts everything in place, or nothing.
        std::fs::write(&file, text.replace("--dport 80", "--dport 81"))?;
        let which = || {
            place.run(|| {
                let table = kernel.open(Family::Ipv4, "filter").expect("the table");
                let rule = table.chain("INPUT").expect("it is built in").rule(0).expect("a rule").to_string();
                (table.len(), rule.contains("--dport 81"))
            })
        };
        let (mut done, mut refused) = (0, 0);
        let mut there = which();
        for limit in limits().step_by(2) {
            let command = format!("iptables-legacy-restore < {path}");
            let Some((status, said)) = run(&place, limit, &command)? else { continue };
            match status {
                0 => {
                    there = (rules(), true);
                    done += 1;
                }
                _ => refused += 1,
            }
            assert_eq!(which(), there, "{command} with {limit} KiB: {said}");
        }
        assert!(refused > 0 && (done > 0 || rules() > 100_000), "{done} done, {refused} refused");
        std::fs::remove_file(&file)?;
        io::stdout().flush()
    });
}

/// What came of a command line under a limit of memory in KiB, and what it said; `None` where the program cannot start.
fn run(place: &Namespace, limit: usize, line: &str) -> io::Result<Option<(i32, String)>> {
    let starts = format!("ulimit -v {limit}; exec {FW} iptables-legacy -V");
    let shell = |line: &str| place.command("sh").args(["-c", line]).output();
    if !shell(&starts)?.status.success() {
        return Ok(None);
    }
    let output = shell(&format!("ulimit -v {limit}; exec {FW} {line}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        // Where its libraries cannot be loaded it has nothing to say.
        Some(127) => Ok(None),
        Some(status) => Ok(Some((status, said))),
        None => panic!("{line} with {limit} KiB: {} {said}", output.status),
    }
}
