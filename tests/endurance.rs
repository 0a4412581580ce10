//! What must stay so however long it goes on: every packet is counted while rules are edited, and memory and descriptors stay as few
//! as they are.
//!
//! `LIBFW_ENDURANCE=whole cargo test --test endurance -- --nocapture` takes long and prints what was counted.

use std::io;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libfw::{Counters, Family, Kernel, LockPolicy, Policy, Result, Table};
use libfw_playground::{Namespace, Playground, test_on};

const V4: Family = Family::Ipv4;

fn is_whole() -> bool {
    std::env::var_os("LIBFW_ENDURANCE").is_some()
}

fn kernel() -> Kernel {
    Kernel::new().with_policy(LockPolicy::UNLOCKED)
}

const FIRST: u16 = 10_000;

fn rule(port: u16) -> String {
    format!("-p udp -m udp --dport {port} -j ACCEPT")
}

/// The port that a rule of the test is about.
fn port_of(rule: &libfw::RuleRef<'_>) -> Option<usize> {
    let text = rule.to_string();
    let port = text.split(' ').skip_while(|word| *word != "--dport").nth(1)?;
    Some(port.parse::<usize>().ok()? - usize::from(FIRST))
}

/// What is done to the table each time.
fn edit(kernel: &Kernel, turn: u64, rules: usize, sums: &mut [u64]) -> Result<()> {
    let at = |factor: u64| (turn * factor + 7) as usize % rules;
    let mut add = |table: &Table| {
        for rule in table.chain("OUTPUT").expect("it is built in").rules() {
            if let Some(port) = port_of(&rule) {
                sums[port] += rule.counters().packets;
            }
        }
    };
    match turn % 5 {
        // Rewritten: others come and go, chains too, and a rule by an equal one.
        0 => kernel.update(V4, "filter", |table| {
            table.new_chain(format!("chain-{turn}"))?.append("-p tcp -j ACCEPT")?;
            let mut input = table.chain_mut("INPUT")?;
            input.insert(0, format!("-p tcp -m tcp --dport {turn} -j ACCEPT"))?;
            if input.view().len() > 5 {
                input.remove(5)?;
            }
            let mut output = table.chain_mut("OUTPUT")?;
            let index = at(31);
            let same = output.view().rule(index).expect("a rule").to_string();
            output.replace(index, same)
        }),
        1 => kernel.update(V4, "filter", |table| table.chain_mut("OUTPUT")?.move_rule(at(17), at(29))),
        2 => kernel.update(V4, "filter", |table| table.chain_mut("OUTPUT")?.swap(at(13), at(23))),
        // Zeroed, either way.
        3 => {
            let taken = kernel.take_counters(V4, "filter")?;
            let order = kernel.open(V4, "filter")?;
            let ports = order.chain("OUTPUT").expect("it is built in").rules().map(|rule| port_of(&rule));
            let counted = taken.chain("OUTPUT").expect("it is built in").rules;
            for (port, counted) in ports.zip(counted) {
                sums[port.expect("a rule of the test")] += counted.packets;
            }
            return Ok(());
        }
        _ => kernel.update(V4, "filter", |table| {
            add(table);
            table.zero();
            Ok(())
        }),
    }
    .map(drop)
}

/// Packets of known number go through rules that are edited ten times a second. Returns how many were sent, how many were counted,
/// and whether each rule has counted those that were its own.
fn counted(turns: &[u64]) -> io::Result<(u64, u64, bool)> {
    let rules: usize = if is_whole() { 1_000 } else { 200 };
    let time = Duration::from_secs(if is_whole() { 60 } else { 3 });
    let kernel = kernel();
    let fill = |table: &mut Table| {
        table.chain_mut("OUTPUT")?.extend((0..rules as u16).map(|number| rule(FIRST + number)))
    };
    kernel.update(V4, "filter", fill).map_err(io::Error::other)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let over = AtomicBool::new(false);
    let mut sums = vec![0; rules];
    let mut edits = 0;
    let sent = std::thread::scope(|scope| -> io::Result<Vec<u64>> {
        let sender = scope.spawn(|| {
            let mut sent = vec![0; rules];
            for number in (0..rules).cycle() {
                if over.load(Ordering::Acquire) {
                    break;
                }
                // Nobody listens; when that is told, nothing was sent.
                let result = socket.send_to(b"0123456789ab", ("127.0.0.1", FIRST + number as u16));
                sent[number] += u64::from(result.is_ok());
            }
            sent
        });
        let end = Instant::now() + time;
        let edited = (|| {
            while Instant::now() < end {
                let next = Instant::now() + Duration::from_millis(100);
                edit(&kernel, turns[edits % turns.len()] + 5 * edits as u64, rules, &mut sums)?;
                edits += 1;
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            Ok::<(), libfw::Error>(())
        })();
        over.store(true, Ordering::Release);
        let sent = sender.join().expect("it does not panic");
        edited.map_err(io::Error::other)?;
        Ok(sent)
    })?;
    let left = kernel.open(V4, "filter").map_err(io::Error::other)?;
    for rule in left.chain("OUTPUT").expect("it is built in").rules() {
        if let Some(port) = port_of(&rule) {
            sums[port] += rule.counters().packets;
        }
    }
    let (all, seen): (u64, u64) = (sent.iter().sum(), sums.iter().sum());
    println!("{rules} rules, {edits} edits, {all} packets, {seen} counted");
    assert!(edits > 10 && all > 1_000, "{edits} edits, {all} packets");
    assert!(sums.iter().zip(&sent).all(|(counted, sent)| counted <= sent), "{sums:?} {sent:?}");
    Ok((all, seen, sums == sent))
}

fn inside<T: Send>(playground: &Playground, body: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    playground.namespace()?.run(body)
}

#[test]
fn legacy_counts_every_packet() {
    test_on("legacy", |playground| {
        let (_, _, exact) = inside(playground, || counted(&[0, 1, 2, 3, 4]))?;
        assert!(exact);
        Ok(())
    });
}

/// In nf_tables rules that move lose what comes to them in a moment, and nothing else does.
#[test]
fn nf_tables_count_every_packet_of_rules_that_stay() {
    test_on("nft", |playground| {
        let (_, _, exact) = inside(playground, || counted(&[0, 3]))?;
        assert!(exact, "rules that stay");
        Ok(())
    });
}

#[test]
fn nf_tables_count_nearly_every_packet_of_rules_that_move() {
    test_on("nft", |playground| {
        let (sent, counted, _) = inside(playground, || counted(&[1, 2, 3]))?;
        assert!(sent - counted <= sent / 100, "{} of {sent} are lost", sent - counted);
        Ok(())
    });
}

/// The policy of a base chain cannot be read and zeroed in one step: what is lost is what comes in the moment between.
#[test]
fn policies_of_nf_tables_lose_little() {
    test_on("nft", |playground| {
        inside(playground, || {
            let kernel = kernel();
            let time = Duration::from_secs(if is_whole() { 60 } else { 3 });
            kernel
                .update(V4, "filter", |table| {
                    table.chain_mut("OUTPUT")?.set_policy(Policy::Accept, Some(Counters::ZERO))
                })
                .map_err(io::Error::other)?;
            // Somebody listens, or answers would be counted as well.
            let _listener = UdpSocket::bind(("127.0.0.1", FIRST))?;
            let socket = UdpSocket::bind("127.0.0.1:0")?;
            let over = AtomicBool::new(false);
            let (mut taken, mut takes) = (0, 0);
            let policy = |kernel: &Kernel| -> Result<u64> {
                let taken = kernel.take_counters(V4, "filter")?;
                Ok(taken.chain("OUTPUT").expect("it is built in").policy.unwrap_or_default().packets)
            };
            let sent = std::thread::scope(|scope| -> io::Result<u64> {
                let sender = scope.spawn(|| {
                    let mut sent = 0;
                    while !over.load(Ordering::Acquire) {
                        sent += u64::from(socket.send_to(b"0123456789ab", ("127.0.0.1", FIRST)).is_ok());
                    }
                    sent
                });
                let end = Instant::now() + time;
                let mut result = Ok(());
                while Instant::now() < end && result.is_ok() {
                    result = policy(&kernel).map(|packets| taken += packets);
                    takes += 1;
                    std::thread::sleep(Duration::from_millis(100));
                }
                over.store(true, Ordering::Release);
                result.map_err(io::Error::other)?;
                Ok(sender.join().expect("it does not panic"))
            })?;
            taken += policy(&kernel).map_err(io::Error::other)?;
            println!("{takes} takes, {sent} packets, {taken} taken");
            assert!(taken <= sent && sent - taken <= sent / 100, "{taken} of {sent} after {takes} takes");
            Ok(())
        })
    });
}

/// Descriptors, and memory in KiB.
fn used() -> io::Result<(usize, u64)> {
    let descriptors = std::fs::read_dir("/proc/self/fd")?.count();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let memory = memory.and_then(|text| text.split_whitespace().next()).and_then(|text| text.parse().ok());
    Ok((descriptors, memory.ok_or_else(|| io::Error::other("no VmRSS"))?))
}

fn commit(kernel: &Kernel, turn: u64) -> io::Result<()> {
    let edit = |table: &mut Table| {
        let mut chain = table.chain_mut("INPUT")?;
        chain.append(format!("-p tcp -m tcp --dport {} -j ACCEPT", turn % 60_000))?;
        if chain.view().len() > 50 {
            chain.remove(turn as usize % 50)?;
        }
        Ok(())
    };
    kernel.update(V4, "filter", edit).map(drop).map_err(io::Error::other)
}

/// Commits leave nothing behind.
fn nothing_grows_with_commits() -> io::Result<()> {
    let commits = if is_whole() { 100_000 } else { 2_000 };
    let kernel = kernel();
    let turns = |from: u64, to: u64| (from..to).try_for_each(|turn| commit(&kernel, turn));
    turns(0, commits / 10)?;
    let before = used()?;
    turns(commits / 10, commits)?;
    let after = used()?;
    println!("{commits} commits: descriptors and KiB {before:?} after a tenth, {after:?} at the end");
    assert_eq!(after.0, before.0);
    assert!(after.1 <= before.1 + 512, "{before:?} {after:?}");
    Ok(())
}

fn namespaces(play: &Playground) -> io::Result<Vec<Namespace>> {
    (0..if is_whole() { 100 } else { 10 }).map(|_| play.namespace()).collect()
}

/// Neither do those in many namespaces.
fn nothing_grows_with(places: &[Namespace]) -> io::Result<()> {
    let round = |round: u64| {
        let kernels: Vec<Kernel> = places.iter().map(|_| kernel()).collect();
        for turn in 0..5 {
            for (place, kernel) in places.iter().zip(&kernels) {
                place.run(|| commit(kernel, round * 5 + turn))?;
            }
        }
        Ok::<(), io::Error>(())
    };
    round(0)?;
    let before = used()?;
    (1..5).try_for_each(round)?;
    let after = used()?;
    println!(
        "{} namespaces: descriptors and KiB {before:?} after the first round, {after:?} after five",
        places.len()
    );
    assert_eq!(after.0, before.0);
    assert!(after.1 <= before.1 + 1024, "{before:?} {after:?}");
    Ok(())
}

#[test]
fn nothing_grows_with_commits_of_legacy_tables() {
    test_on("legacy", |play| inside(play, nothing_grows_with_commits));
}

#[test]
fn nothing_grows_with_commits_of_nf_tables() {
    test_on("nft", |play| inside(play, nothing_grows_with_commits));
}

#[test]
fn nothing_grows_with_namespaces_of_legacy_tables() {
    test_on("legacy", |play| nothing_grows_with(&namespaces(play)?));
}

#[test]
fn nothing_grows_with_namespaces_of_nf_tables() {
    test_on("nft", |play| nothing_grows_with(&namespaces(play)?));
}
