//! Commits when something goes wrong: a table that others have changed, a kernel that fails at any call. Whatever happens, a
//! commit has succeeded exactly when its rules are in the kernel, and the table can be used on.

#[path = "common/faulty.rs"]
mod faulty;
#[path = "common/forward.rs"]
mod forward;

use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use faulty::{NEVER, faulty};
use libfw::backend::{Blobs, COUNTERS_HEADROOM, Legacy, LegacySocket};
use libfw::iptables::{RestoreOptions, restore_to};
use libfw::{
    Compare, Counters, ErrorKind, Family, Kernel, LockPolicy, MemoryKernel, Policy, Result, Rule, Table,
};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

fn rules(table: &Table, chain: &str) -> Vec<String> {
    table.chain(chain).expect("a chain").rules().map(|rule| rule.to_string()).collect()
}

fn append(table: &mut Table, rule: &str) -> Result<()> {
    table.chain_mut("INPUT")?.append(rule)
}

/// Runs a program that changes tables.
fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(io::ErrorKind::Unsupported, "iptables-legacy is not installed")
        }
        _ => error,
    })?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn open(kernel: &Kernel, locked: bool) -> Result<Table> {
    if locked { kernel.open_locked(Family::Ipv4, "filter") } else { kernel.open(Family::Ipv4, "filter") }
}

/// Whichever call fails, the answer says whether the rules are in the kernel, and the same commit succeeds afterwards.
#[test]
fn a_commit_fails_exactly_when_nothing_is_changed() -> Result<()> {
    for locked in [false, true] {
        let (mut refused, mut lost) = (0, 0);
        for fault in 0.. {
            let blobs = Arc::new(MemoryKernel::new());
            let memory = Kernel::with_backend(Legacy::new(blobs.clone()));
            let (kernel, switch) = faulty(blobs, false);
            let mut table = open(&kernel, locked)?;
            table.new_chain("web")?;
            append(&mut table, "-c 3 300 -p tcp -j web")?;
            append(&mut table, "-c 4 400 -j DROP")?;
            table.commit()?;
            let before = rules(&table, "INPUT");
            table.new_chain("a")?;
            table.chain_mut("INPUT")?.insert(1, "-p udp -j a")?;
            let wanted = ["-p tcp -j web", "-p udp -j a", "-j DROP"];

            let (result, reached) = switch.during(fault, || table.commit());
            let now = memory.open(Family::Ipv4, "filter")?;
            match result {
                Ok(report) => {
                    assert!(report.changed && report.rules == 3);
                    assert_eq!(rules(&now, "INPUT"), wanted, "locked {locked}, fault {fault}");
                    assert_eq!(report.counters_lost.is_some(), reached, "locked {locked}, fault {fault}");
                    lost += u32::from(reached);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::NoSuchTable);
                    assert_eq!(rules(&now, "INPUT"), before, "locked {locked}, fault {fault}");
                    assert!(table.is_changed() && table.commit()?.changed);
                    refused += 1;
                }
            }
            // The table knows what the kernel has: the next edits go on from there.
            assert!(!table.is_changed());
            table.chain_mut("INPUT")?.remove(0)?;
            table.commit()?;
            let now = memory.open(Family::Ipv4, "filter")?;
            assert_eq!(rules(&now, "INPUT"), wanted[1..], "locked {locked}, fault {fault}");
            assert_eq!(rules(&table, "INPUT"), wanted[1..], "locked {locked}, fault {fault}");
            if !reached {
                break;
            }
        }
        // One for each call before the kernel has the table: two to compare, and the replace.
        assert_eq!((refused, lost), (3, 1), "locked {locked}");
    }
    Ok(())
}

/// A refresh that fails leaves the table as it was: its edits can still be committed.
#[test]
fn a_refresh_that_fails_changes_nothing() -> Result<()> {
    for locked in [false, true] {
        for fault in 0..3 {
            let blobs = Arc::new(MemoryKernel::new());
            let memory = Kernel::with_backend(Legacy::new(blobs.clone()));
            let (kernel, switch) = faulty(blobs, false);
            let mut table = open(&kernel, locked)?;
            for port in 1..20 {
                append(&mut table, &format!("-p tcp -m tcp --dport {port} -j ACCEPT"))?;
            }
            table.commit()?;
            table.refresh()?;
            append(&mut table, "-j DROP")?;
            let wanted = rules(&table, "INPUT");
            switch.left.store(fault, Ordering::Relaxed);
            assert_eq!(table.refresh().unwrap_err().kind(), ErrorKind::NoSuchTable);
            switch.left.store(NEVER, Ordering::Relaxed);
            assert_eq!(rules(&table, "INPUT"), wanted);
            table.commit()?;
            assert_eq!(rules(&memory.open(Family::Ipv4, "filter")?, "INPUT"), wanted);
        }
    }
    Ok(())
}

fn counters(table: &Table) -> Vec<Counters> {
    let chain = table.chain("INPUT").expect("a chain");
    chain.rules().map(|rule| rule.counters()).chain([chain.policy_counters()]).collect()
}

/// What a table says of its counters after a commit is what the kernel has, and what is zeroed is taken off once.
#[test]
fn counters_in_memory_are_those_of_the_kernel() -> Result<()> {
    let count = |packets| Counters { packets, bytes: packets * 100 };
    for locked in [false, true] {
        let blobs = Arc::new(MemoryKernel::new());
        let memory = Kernel::with_backend(Legacy::new(blobs.clone()));
        let (kernel, switch) = faulty(blobs.clone(), true);
        let mut table = open(&kernel, locked)?;
        let kernels = || Ok::<_, libfw::Error>(counters(&memory.open(Family::Ipv4, "filter")?));
        append(&mut table, "-c 3 300 -p tcp")?;
        append(&mut table, "-c 4 400 -p udp")?;
        table.chain_mut("INPUT")?.set_policy(Policy::Drop, Some(count(7)))?;
        table.commit()?;
        assert_eq!(counters(&table), [count(3), count(4), count(7)]);
        assert_eq!(kernels()?, [count(3), count(4), count(7)]);

        table.zero();
        table.commit()?;
        assert_eq!(counters(&table), [Counters::ZERO; 3], "locked {locked}");
        assert_eq!(kernels()?, [Counters::ZERO; 3]);

        // Five packets for each, then two more between reading and zeroing.
        let entries = blobs.info(Family::Ipv4, "filter")?.num_entries as usize;
        let count_all = |packets, more| {
            let mut request = vec![count(packets); COUNTERS_HEADROOM + entries + more];
            blobs.add_counters(Family::Ipv4, "filter", &mut request)
        };
        count_all(5, 0)?;
        table.refresh()?;
        count_all(2, 0)?;
        table.zero();
        table.commit()?;
        assert_eq!(kernels()?, [count(2); 3], "locked {locked}");
        table.refresh()?;

        // Those that could not be put back are gone: in the kernel, and in memory too.
        append(&mut table, "-c 9 900 -j DROP")?;
        switch.left.store(0, Ordering::Relaxed);
        let report = table.commit()?;
        switch.left.store(NEVER, Ordering::Relaxed);
        assert_eq!(report.counters_lost.expect("an error").kind(), ErrorKind::Conflict);
        assert_eq!(kernels()?, [Counters::ZERO; 4]);
        assert_eq!(counters(&table), [Counters::ZERO; 4]);
        count_all(1, 1)?;
        table.zero();
        table.commit()?;
        assert_eq!(kernels()?, [count(1); 4], "locked {locked}");
    }
    Ok(())
}

/// Rules that move keep what they have counted, also between reading and writing; one that is replaced by the same stays.
#[test]
fn rules_that_move_keep_their_counters() -> Result<()> {
    let count = |packets| Counters { packets, bytes: packets * 100 };
    for (locked, compare) in [(true, Compare::Never), (true, Compare::Always), (false, Compare::Always)] {
        let blobs = Arc::new(MemoryKernel::new());
        let kernel = Kernel::with_backend(Legacy::new(blobs.clone())).with_compare(compare);
        let mut table = open(&kernel, locked)?;
        for port in 0..100 {
            append(&mut table, &format!("-c {port} {port}00 -p tcp -m tcp --dport {port}"))?;
        }
        table.commit()?;
        let mut model: Vec<u64> = (0..100).collect();
        for round in 1..30 {
            // Everything counts one packet after it was read.
            let entries = blobs.info(Family::Ipv4, "filter")?.num_entries as usize;
            table.refresh()?;
            blobs.add_counters(Family::Ipv4, "filter", &mut vec![count(1); COUNTERS_HEADROOM + entries])?;
            let mut chain = table.chain_mut("INPUT")?;
            let (from, to) = (round * 37 % 100, round * 53 % 100);
            chain.move_rule(from, to)?;
            let moved = model.remove(from);
            model.insert(to, moved);
            let (a, b) = (round * 11 % 100, round * 71 % 100);
            chain.swap(a, b)?;
            model.swap(a, b);
            let same = chain.view().rule(round).expect("a rule").to_string();
            chain.replace(round, same.as_str())?;
            assert_eq!(
                chain.view().position(format!("-p tcp -m tcp --dport {}", model[3]).as_str())?,
                Some(3)
            );
            table.commit()?;
            let now = kernel.open(Family::Ipv4, "filter")?;
            for (index, rule) in now.chain("INPUT").expect("a chain").rules().enumerate() {
                assert_eq!(rule.to_string(), format!("-p tcp -m tcp --dport {}", model[index]));
                assert_eq!(
                    rule.counters(),
                    count(model[index] + round as u64),
                    "round {round}, index {index}"
                );
            }
        }
        let mut chain = table.chain_mut("INPUT")?;
        for (from, to) in [(100, 0), (0, 100)] {
            assert_eq!(chain.move_rule(from, to).unwrap_err().kind(), ErrorKind::IndexTooBig);
            assert_eq!(chain.swap(from, to).unwrap_err().kind(), ErrorKind::IndexTooBig);
        }
        chain.move_rule(5, 5)?;
        chain.swap(5, 5)?;
        // The same with counters of its own, and another one, are new.
        let same = chain.view().rule(7).expect("a rule").to_string();
        chain.replace(7, format!("-c 1 2 {same}").as_str())?;
        assert_eq!(chain.view().rule(7).expect("a rule").counters(), Counters { packets: 1, bytes: 2 });
        chain.replace(8, "-p udp")?;
        assert_eq!(chain.view().rule(8).expect("a rule").counters(), Counters::ZERO);
    }
    Ok(())
}

/// The kernel's own refusal of counters, after a table was replaced: an edit, and a save file.
#[test]
fn counters_that_are_refused_do_not_undo_a_commit() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let plain = Kernel::legacy();
            for locked in [false, true] {
                let (kernel, switch) = faulty(Arc::new(LegacySocket::new(None)), true);
                switch.left.store(0, Ordering::Relaxed);
                let mut table = open(&kernel, locked).expect("the table");
                table.clear();
                append(&mut table, "-c 3 300 -p tcp -j DROP").expect("a rule");
                let report = table.commit().expect("a commit");
                let lost = report.counters_lost.expect("an error");
                assert_eq!((lost.kind(), lost.table()), (ErrorKind::Conflict, Some("filter")));
                switch.left.store(NEVER, Ordering::Relaxed);
                append(&mut table, "-c 4 400 -j ACCEPT").expect("a rule");
                assert!(table.commit().expect("a commit").counters_lost.is_none());
                let now = open(&plain, false).expect("the table");
                assert_eq!(rules(&now, "INPUT"), ["-p tcp -j DROP", "-j ACCEPT"]);
                assert_eq!(counters(&now)[1], Counters { packets: 4, bytes: 400 });
                drop(table);

                let file = "*filter\n:INPUT ACCEPT [0:0]\n[5:500] -A INPUT -j DROP\nCOMMIT\n";
                let options = RestoreOptions::new().counters(true);
                let mut warnings = Vec::new();
                let mut warn = |text: &str| warnings.push(text.to_owned());
                switch.left.store(0, Ordering::Relaxed);
                restore_to(&kernel, Family::Ipv4, file.as_bytes(), &options, &mut Vec::new(), &mut warn)
                    .expect("a restore");
                let [warning] = &*warnings else { panic!("{warnings:?}") };
                assert!(
                    warning.starts_with("Warning: the rules are in place, but every counter"),
                    "{warning}"
                );
                assert_eq!(rules(&open(&plain, false).expect("the table"), "INPUT"), ["-j DROP"]);
            }
            Ok(())
        })
    });
}

/// After a foreign edit: `Conflict`, then refresh, edit and commit go through, again and again.
#[test]
fn a_table_that_others_have_changed_is_refreshed_and_committed() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        for family in Family::ALL {
            recover(&place, family)?;
        }
        Ok(())
    });
}

fn recover(place: &Namespace, family: Family) -> io::Result<()> {
    let program = if family == Family::Ipv4 { "iptables-legacy" } else { "ip6tables-legacy" };
    place.run(|| {
        let (kernel, other) = (Kernel::legacy(), Kernel::legacy());
        let mut table = kernel.open(family, "filter").expect("the table");
        // Names that grow shorter leave their ends behind in a buffer that is used again.
        let mine = [
            "-m conntrack --ctstate NEW -j ACCEPT",
            "-p tcp -m tcp --dport 22 -j DROP",
            "-m mark --mark 0x1 -j LOG --log-prefix \"x: \"",
            "-m comment --comment web -j RETURN",
        ];
        let mut wanted: Vec<String> = Vec::new();
        for round in 0..12 {
            match round % 3 {
                // As many rules as before: only their contents tell.
                0 if round > 0 => {
                    let mut foreign = other.open_locked(family, "filter").expect("the table");
                    foreign
                        .chain_mut("INPUT")
                        .and_then(|mut chain| {
                            chain.replace(0, format!("-p udp -m udp --dport {round}").as_str())
                        })
                        .expect("a rule");
                    foreign.commit().expect("a foreign commit");
                    wanted[0] = format!("-p udp -m udp --dport {round}");
                }
                1 => {
                    run(place.command(program).args(
                        ["-w", "-I", "INPUT", "-m", "ttl", "--ttl-eq", "7"].map(|word| {
                            match (family, word) {
                                (Family::Ipv6, "ttl") => "hl",
                                (Family::Ipv6, "--ttl-eq") => "--hl-eq",
                                _ => word,
                            }
                        }),
                    ))?;
                    let rule = if family == Family::Ipv4 { "-m ttl --ttl-eq 7" } else { "-m hl --hl-eq 7" };
                    wanted.insert(0, rule.to_owned());
                }
                2 => {
                    run(place.command(program).args(["-w", "-D", "INPUT", "1"]))?;
                    wanted.remove(0);
                }
                _ => {}
            }
            let rule = mine[round % mine.len()];
            append(&mut table, rule).expect("a rule");
            if round > 0 {
                let error = table.commit().expect_err("others have changed it");
                assert_eq!(error.kind(), ErrorKind::Conflict, "round {round}");
                let error = table.commit().expect_err("it is still changed");
                assert_eq!(error.kind(), ErrorKind::Conflict, "round {round}");
                table.refresh().expect("a refresh");
                assert_eq!(rules(&table, "INPUT"), wanted, "round {round}");
                append(&mut table, rule).expect("a rule");
            }
            wanted.push(rule.to_owned());
            let report = table.commit().unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert!(report.changed && report.counters_lost.is_none());
            assert_eq!(rules(&other.open(family, "filter").expect("the table"), "INPUT"), wanted);
        }
        Ok(())
    })
}

/// The same under the lock, of which the other program takes no notice.
#[test]
fn a_locked_table_that_was_changed_all_the_same_is_refreshed_and_committed() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        place.run(|| {
            let mut table = Kernel::legacy().open_locked(Family::Ipv4, "filter").expect("the table");
            for round in 0..4 {
                let mut foreign = place.command("iptables-legacy");
                foreign.env("XTABLES_LOCKFILE", "/run/another.lock");
                run(foreign.args(["-A", "INPUT", "-p", "udp", "-j", "DROP"]))?;
                append(&mut table, "-m conntrack --ctstate NEW -j ACCEPT").expect("a rule");
                assert_eq!(table.commit().expect_err("a change").kind(), ErrorKind::Conflict);
                table.refresh().expect("a refresh");
                append(&mut table, "-p tcp -j ACCEPT").expect("a rule");
                table.commit().unwrap_or_else(|error| panic!("round {round}: {error}"));
            }
            let wanted = ["-p udp -j DROP", "-p tcp -j ACCEPT"].repeat(4);
            assert_eq!(rules(&open(&Kernel::legacy(), false).expect("the table"), "INPUT"), wanted);
            Ok(())
        })
    });
}

/// What comes in after the last look is overwritten, because the kernel notices nothing, but not in silence; and its counters
/// do not come to rules that never counted them.
#[test]
fn a_change_at_the_last_moment_is_not_overwritten_in_silence() -> Result<()> {
    let count = |packets| Counters { packets, bytes: packets * 100 };
    for locked in [false, true] {
        let blobs = Arc::new(MemoryKernel::new());
        // As from another process: nothing that is known of it here keeps it away.
        let (rival, _) = faulty(blobs.clone(), false);
        let (kernel, switch) = faulty(blobs, false);
        let mut table = open(&kernel, locked)?;
        append(&mut table, "-c 3 300 -p tcp")?;
        append(&mut table, "-c 4 400 -p udp")?;
        assert!(!table.commit()?.overwritten);
        for round in 0..3 {
            *switch.rival.lock().unwrap() = (round % 2 == 1).then(|| rival.clone());
            append(&mut table, "-j ACCEPT")?;
            let report = table.commit()?;
            assert_eq!(report.overwritten, round % 2 == 1, "locked {locked}, round {round}");
            let now = rival.open(Family::Ipv4, "filter")?;
            assert_eq!(counters(&now)[..2], [count(3), count(4)], "locked {locked}, round {round}");
            assert_eq!(rules(&now, "INPUT")[..2], ["-p tcp", "-p udp"]);
        }
    }
    Ok(())
}

/// A table of the same size with other rules is a conflict, until the table is larger than what is compared.
#[test]
fn content_is_compared_up_to_a_size() -> Result<()> {
    for (compare, locked, conflicts) in [
        (Compare::default(), true, true),
        (Compare::default(), false, true),
        (Compare::Always, true, true),
        (Compare::UpTo(1000), true, false),
        // Without the lock all the time between was open to others.
        (Compare::UpTo(1000), false, true),
        (Compare::Never, true, false),
        (Compare::Never, false, false),
    ] {
        let blobs = Arc::new(MemoryKernel::new());
        let other = Kernel::with_backend(Legacy::new(blobs.clone()));
        let kernel = Kernel::with_backend(Legacy::new(blobs)).with_compare(compare);
        kernel.update(Family::Ipv4, "filter", |table| {
            table.new_chain("web")?;
            (0..10).try_for_each(|port| append(table, &format!("-p tcp -m tcp --dport {port} -j web")))
        })?;
        let mut table = open(&kernel, locked)?;
        append(&mut table, "-j ACCEPT")?;
        other.update(Family::Ipv4, "filter", |table| {
            table.chain_mut("INPUT")?.replace(5, "-p udp -m udp --dport 5 -j web")
        })?;
        let result = table.commit();
        assert_eq!(result.is_err(), conflicts, "{compare:?}, locked {locked}: {result:?}");
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Conflict);
            table.refresh()?;
            append(&mut table, "-j ACCEPT")?;
            table.commit()?;
        }
        // `update` does not lose the other's edit, where the content is compared.
        let mut calls = 0;
        kernel.update(Family::Ipv4, "filter", |table| {
            calls += 1;
            if calls == 1 {
                other.update(Family::Ipv4, "filter", |table| {
                    table.chain_mut("INPUT")?.replace(0, "-p udp -m udp --dport 9 -j web")
                })?;
            }
            append(table, "-j DROP")
        })?;
        let kept =
            rules(&other.open(Family::Ipv4, "filter")?, "INPUT")[0] == "-p udp -m udp --dport 9 -j web";
        let compared = matches!(compare, Compare::Always) || compare == Compare::default();
        assert_eq!((calls, kept), if compared { (2, true) } else { (1, false) }, "{compare:?}");
    }
    Ok(())
}

/// Without the lock a table is compared with the kernel's before each commit. What libfw has written itself, every match
/// and target that there is, is no change by somebody else, though the kernel keeps things of its own in its rules.
#[test]
fn own_commits_are_no_conflicts() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let mut committed = 0;
            for family in Family::ALL {
                for name in ["mangle", "nat", "raw", "security"] {
                    let kernel = Kernel::legacy();
                    let mut table = kernel.open(family, name).expect("the table");
                    for chain in ["web", "x"] {
                        table.new_chain(chain).expect("a chain");
                    }
                    table.commit().expect("a commit");
                    for line in include_str!("rules.txt").lines() {
                        let line = line.trim_start_matches('~');
                        let Ok(rule) = Rule::parse(family, line) else { continue };
                        // Whether the kernel takes it does not matter here.
                        if table.chain_mut("OUTPUT").expect("a chain").append(rule).is_err() {
                            continue;
                        }
                        match table.commit() {
                            Ok(_) => committed += 1,
                            Err(error) => {
                                assert_ne!(
                                    error.kind(),
                                    ErrorKind::Conflict,
                                    "{family} {name}: before {line}"
                                );
                                table.refresh().expect("a refresh");
                            }
                        }
                    }
                    table.chain_mut("OUTPUT").expect("a chain").flush();
                    table.commit().unwrap_or_else(|error| panic!("{family} {name}: {error}"));
                }
            }
            assert!(committed > 500, "only {committed} rules were accepted");
            Ok(())
        })
    });
}

/// A time that is longer than any clock can show is no deadline at all.
#[test]
fn the_longest_wait_is_for_ever() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        place.run(|| {
            let policy = LockPolicy::new().wait(Duration::MAX);
            let (kernel, holder) =
                (Kernel::legacy().with_policy(policy), Kernel::legacy().lock().expect("the lock"));
            std::thread::scope(|scope| {
                let waiting =
                    scope.spawn(|| kernel.update(Family::Ipv4, "filter", |table| append(table, "-j DROP")));
                std::thread::sleep(Duration::from_millis(50));
                assert!(!waiting.is_finished());
                drop(holder);
                assert!(waiting.join().expect("no panic").expect("an update").1.changed);
            });
        });
        for wait in ["9223372036854775807", "18446744073709551615", "2147483647"] {
            let mut fw = place.command(FW);
            fw.args(["iptables-restore", "-w", wait]).stdin(std::process::Stdio::null());
            let output = fw.output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                !said.contains("panicked") && output.status.code().is_some_and(|code| code < 100),
                "{said}"
            );
        }
        Ok(())
    });
}
