//! Tables that are watched: whoever changes them is noticed, and what is told is what was done.

#[path = "common/failing.rs"]
mod failing;

use std::io;
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use failing::Failing;
use libfw::backend::{Legacy, LegacySocket};
use libfw::{
    BackendKind, Counters, ErrorKind, Family, Kernel, LockPolicy, MemoryKernel, Result, TableChange, Watch,
};
use libfw_playground::{Playground, test_on};
use nix::poll::{PollFd, PollFlags, poll};

const V4: Family = Family::Ipv4;
const SOON: Option<Duration> = Some(Duration::from_secs(20));
const NOW: Option<Duration> = Some(Duration::ZERO);

fn kernel() -> Kernel {
    Kernel::new().with_policy(LockPolicy::UNLOCKED)
}

fn told(change: Result<Option<TableChange>>) -> io::Result<String> {
    Ok(change.map_err(io::Error::other)?.map(|change| change.to_string()).unwrap_or_default())
}

/// Runs a line of the shell that changes tables, with the programs of the backend.
fn shell(line: &str) -> io::Result<()> {
    let kind = kernel().detection().map_err(io::Error::other)?.backend;
    let suffix = if kind == BackendKind::Nft { "nft" } else { "legacy" };
    let line = line.replace("iptables", &format!("iptables-{suffix}"));
    let output = Command::new("sh").args(["-c", &line]).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(127) {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("iptables-{suffix} is not installed"),
        ));
    }
    assert!(output.status.success(), "{line}: {said}");
    Ok(())
}

/// What iptables does is told as what it was, in tables of both families, and put back.
fn told_and_put_back() -> io::Result<()> {
    let kernel = kernel();
    kernel
        .update(V4, "filter", |table| {
            table.new_chain("web")?.append("-p tcp -m tcp --dport 80 -j ACCEPT")?;
            let rules = ["-s 192.0.2.1/32 -j DROP", "-c 3 180 -s 192.0.2.2/32 -j DROP", "-j web"];
            table.chain_mut("INPUT")?.extend(rules)
        })
        .map_err(io::Error::other)?;
    let tables = [(V4, "filter"), (V4, "nat"), (Family::Ipv6, "filter")];
    let mut watch = kernel.watch(tables).map_err(io::Error::other)?.every(Duration::from_millis(10), 3);
    assert_eq!(told(watch.next_change(NOW))?, "");

    // The number of entries stays, and their size.
    shell("iptables -w -R INPUT 1 -s 192.0.2.9/32 -j DROP")?;
    let change = watch.next_change(SOON).map_err(io::Error::other)?.expect("a change");
    let expected = "# IPv4 filter\n- -A INPUT -s 192.0.2.1/32 -j DROP\n+ -A INPUT -s 192.0.2.9/32 -j DROP\n";
    assert_eq!(change.to_string(), expected);
    assert_eq!((change.plan.changes().added, change.plan.changes().removed), (1, 1));
    shell("iptables -w -D INPUT 2")?;
    let second = told(watch.next_change(SOON))?;
    assert_eq!(second, "# IPv4 filter\n- -A INPUT -s 192.0.2.2/32 -j DROP\n");
    // Back to before the first, counters of what was deleted included.
    let back = watch.put_back(&change).map_err(io::Error::other)?;
    assert_eq!((back.changes().added, back.changes().removed), (2, 1));
    assert_eq!(told(watch.next_change(Some(Duration::from_millis(100))))?, "");
    let table = kernel.open(V4, "filter").map_err(io::Error::other)?;
    let rules: Vec<_> = table.chain("INPUT").expect("it is built in").rules().collect();
    let texts: Vec<_> = rules.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["-s 192.0.2.1/32 -j DROP", "-s 192.0.2.2/32 -j DROP", "-j web"]);
    assert_eq!(rules[1].counters(), Counters::new(3, 180));

    shell("iptables -w -N extra; iptables -w -P FORWARD DROP; iptables -w -F web")?;
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.contains("--dport 80")) {
        lines.extend(
            told(watch.next_change(SOON))?.lines().filter(|line| !line.starts_with('#')).map(str::to_owned),
        );
    }
    assert!(lines.iter().any(|line| line.contains("extra")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("FORWARD")), "{lines:?}");

    // Other tables are told with their names.
    shell("iptables -w -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 81")?;
    let expected = "# IPv4 nat\n+ -A PREROUTING -p tcp -j REDIRECT --to-ports 81\n";
    assert_eq!(told(watch.next_change(SOON))?, expected);
    shell("iptables -w -t mangle -A OUTPUT -j MARK --set-mark 1")?;
    assert_eq!(told(watch.next_change(Some(Duration::from_millis(200))))?, "", "nobody asked for mangle");
    watch.add(V4, "mangle").map_err(io::Error::other)?;
    shell("iptables -w -t mangle -F")?;
    assert!(told(watch.next_change(SOON))?.starts_with("# IPv4 mangle\n- "));
    Ok(())
}

fn inside(body: fn() -> io::Result<()>) -> impl FnOnce(&Playground) -> io::Result<()> {
    move |playground| playground.namespace()?.run(body)
}

#[test]
fn legacy_is_told_and_put_back() {
    test_on("legacy", |playground| inside(told_and_put_back)(playground));
}

#[test]
fn nf_tables_is_told_and_put_back() {
    test_on("nft", |playground| inside(told_and_put_back)(playground));
}

/// A writer adds and deletes as fast as it can: what is told adds up to what is there.
fn all_is_told() -> io::Result<()> {
    let kernel = kernel();
    let mut watch: Watch =
        kernel.watch([(V4, "filter")]).map_err(io::Error::other)?.every(Duration::from_millis(1), 2);
    let over = AtomicBool::new(false);
    let mut rules: Vec<String> = Vec::new();
    std::thread::scope(|scope| -> io::Result<()> {
        scope.spawn(|| {
            for number in 0..300 {
                let edit = |table: &mut libfw::Table| {
                    let mut chain = table.chain_mut("INPUT")?;
                    if chain.view().len() > 5 {
                        chain.remove(number * 7 % 5)?;
                    }
                    chain.insert(
                        number * 5 % (chain.view().len() + 1),
                        format!("-p udp -m udp --dport {number}"),
                    )
                };
                kernel.update(V4, "filter", edit).expect("it is the only writer");
            }
            over.store(true, Ordering::Release);
        });
        loop {
            let last = over.load(Ordering::Acquire);
            let change = watch.next_change(Some(Duration::from_millis(50))).map_err(io::Error::other)?;
            let Some(change) = change else {
                if last {
                    return Ok(());
                }
                continue;
            };
            for chain in &change.plan.chains {
                let gone = |rule: &libfw::RuleChange| rule.from;
                let mut from: Vec<_> = chain.rules.iter().filter_map(gone).collect();
                from.sort_unstable();
                from.into_iter().rev().for_each(|index| drop(rules.remove(index)));
                let mut to: Vec<_> =
                    chain.rules.iter().filter_map(|rule| Some((rule.to?, rule.rule.to_string()))).collect();
                to.sort();
                to.into_iter().for_each(|(index, rule)| rules.insert(index, rule));
            }
        }
    })?;
    let table = kernel.open(V4, "filter").map_err(io::Error::other)?;
    let there: Vec<_> =
        table.chain("INPUT").expect("it is built in").rules().map(|rule| rule.to_string()).collect();
    assert_eq!(rules, there);
    Ok(())
}

#[test]
fn all_of_legacy_is_told() {
    test_on("legacy", |playground| inside(all_is_told)(playground));
}

#[test]
fn all_of_nf_tables_is_told() {
    test_on("nft", |playground| inside(all_is_told)(playground));
}

/// Whether the descriptor can be read within a time.
fn is_readable(watch: &Watch, milliseconds: u16) -> bool {
    poll(&mut [PollFd::new(watch.as_fd(), PollFlags::POLLIN)], milliseconds).expect("no signal") == 1
}

/// A loop of somebody else's waits for the descriptor, and hears of every change, but is not kept busy.
fn polled() -> io::Result<()> {
    const TICK: Duration = Duration::from_millis(20);
    let kernel = kernel();
    let watch = kernel.watch([(V4, "filter"), (V4, "nat")]);
    let mut watch = watch.map_err(io::Error::other)?.every(TICK, 1);
    let is_told = kernel.detection().map_err(io::Error::other)?.backend == BackendKind::Nft;
    let (mut wakes, mut found) = (0, String::new());
    std::thread::scope(|scope| -> io::Result<()> {
        scope.spawn(|| {
            for (number, table) in (0..10).zip(["filter", "nat"].into_iter().cycle()) {
                std::thread::sleep(Duration::from_millis(30));
                let add = |table: &mut libfw::Table| {
                    table.chain_mut("OUTPUT")?.append(format!("-p udp -m udp --dport {number} -j ACCEPT"))
                };
                kernel.update(V4, table, add).expect("an update");
            }
        });
        let end = Instant::now() + Duration::from_secs(60);
        while found.matches("+ -A OUTPUT").count() < 10 {
            assert!(Instant::now() < end, "only this was told: {found}");
            if is_readable(&watch, 1000) {
                wakes += 1;
                while let Some(change) = watch.next_change(NOW).map_err(io::Error::other)? {
                    found += &change.to_string();
                }
            }
        }
        Ok(())
    })?;
    (0..10).for_each(|number| assert!(found.contains(&format!("--dport {number} ")), "{found}"));
    // Nothing is left to be read, and then only the tick of who is not told.
    assert!(!is_readable(&watch, 0));
    assert_eq!(is_readable(&watch, 500), !is_told);
    let limit = if is_told { 20 } else { 60_000 / TICK.as_millis() };
    assert!(wakes <= limit, "{wakes} wakes");
    Ok(())
}

#[test]
fn legacy_tables_can_be_polled() {
    test_on("legacy", |playground| inside(polled)(playground));
}

#[test]
fn nf_tables_can_be_polled() {
    test_on("nft", |playground| inside(polled)(playground));
}

/// Nobody touches a table by watching it.
#[test]
fn watching_leaves_no_trace() {
    test_on("legacy", |playground| {
        playground.namespace()?.run(|| {
            let kernel = kernel();
            let mut watch =
                kernel.watch([(V4, "raw")]).map_err(io::Error::other)?.every(Duration::from_millis(1), 2);
            assert_eq!(told(watch.next_change(Some(Duration::from_millis(20))))?, "");
            assert!(kernel.tables(V4).map_err(io::Error::other)?.is_empty());
            // Made, but empty: nothing that anybody would see has changed.
            kernel.clone().registering().open(V4, "raw").map_err(io::Error::other)?;
            assert_eq!(told(watch.next_change(Some(Duration::from_millis(20))))?, "");
            shell("iptables -t raw -A OUTPUT -j NOTRACK")?;
            assert!(told(watch.next_change(SOON))?.contains("+ -A OUTPUT"));
            Ok(())
        })
    });
}

/// A wait ends in time, by a signal, and by a change that is there already.
#[test]
fn a_wait_ends() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    let mut watch = kernel.watch([(V4, "filter")])?;
    let begin = Instant::now();
    assert!(watch.next_change(Some(Duration::from_millis(150)))?.is_none());
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(150) && took < Duration::from_secs(5), "{took:?}");
    kernel.update(V4, "filter", |table| table.chain_mut("INPUT")?.append("-j ACCEPT"))?;
    assert!(watch.next_change(NOW)?.is_some() && watch.next_change(NOW)?.is_none());
    let asked = Arc::new(AtomicBool::new(false));
    let asks = asked.clone();
    let interrupted = kernel.clone().with_interrupt(move || asks.swap(true, Ordering::Relaxed));
    let error = interrupted.watch([(V4, "filter")])?.next_change(None).expect_err("it is interrupted");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(asked.load(Ordering::Relaxed));
    assert_eq!(kernel.watch([(V4, "broute")]).expect_err("no such table").kind(), ErrorKind::NoSuchTable);
    Ok(())
}

/// As an iterator it goes on for ever; a change of the contents alone is found at its tick.
#[test]
fn an_iterator_never_ends() -> Result<()> {
    let kernel = Kernel::with_backend(Legacy::new(Arc::new(MemoryKernel::new())));
    let watch = kernel.watch([(V4, "filter")])?.every(Duration::from_millis(1), 5);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for port in 1..=3 {
                let rule = format!("-p tcp -m tcp --dport {port} -j ACCEPT");
                let edit = |table: &mut libfw::Table| {
                    let mut chain = table.chain_mut("INPUT")?;
                    if chain.view().is_empty() { chain.append(&rule) } else { chain.replace(0, &rule) }
                };
                kernel.update(V4, "filter", edit).expect("nobody else writes");
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let mut last = String::new();
        for change in watch {
            last = change?.to_string();
            if last.contains("+ -A INPUT -p tcp -m tcp --dport 3 -j ACCEPT") {
                break;
            }
        }
        assert!(last.starts_with("# IPv4 filter\n- -A INPUT -p tcp -m tcp --dport"), "{last}");
        Ok(())
    })
}

/// Whichever call fails, it is said; no change is missed for it, none is told twice, and it is put back or not at all.
#[test]
fn a_watch_goes_on_when_a_call_fails() -> Result<()> {
    let (mut told_errors, mut back_errors) = (0, 0);
    for nth in 0..24 {
        let blobs = Failing::new();
        let kernel = Kernel::with_backend(Legacy::new(blobs.clone()));
        let others = blobs.others();
        let mut watch =
            kernel.watch([(V4, "nat"), (V4, "filter"), (V4, "raw")])?.every(Duration::from_millis(1), 1);
        others.update(V4, "filter", |table| table.chain_mut("INPUT")?.append("-p tcp -j DROP"))?;
        blobs.fail(nth, 1);
        let mut changes = Vec::new();
        for _ in 0..4 {
            match watch.next_change(NOW) {
                Ok(change) => changes.extend(change),
                Err(_) => told_errors += 1,
            }
        }
        let texts: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n"], "call {nth}");
        blobs.fail(nth, 1);
        let rules = || others.open(V4, "filter").map(|table| table.len());
        if let Err(error) = watch.put_back(&changes[0]) {
            back_errors += 1;
            assert_eq!(rules()?, 1, "call {nth}: {error}");
            watch.put_back(&changes[0])?;
        }
        assert_eq!(rules()?, 0, "call {nth}");
        // What it did itself it does not tell.
        blobs.fail(u32::MAX, 1);
        assert!(watch.next_change(NOW)?.is_none(), "call {nth}");
    }
    assert!(told_errors > 3 && back_errors > 3, "{told_errors} {back_errors}");
    Ok(())
}

/// The socket of a legacy backend is for those who have the right.
#[test]
fn a_watch_may_move_to_another_thread() {
    fn sends<T: Send>(_: &T) {}
    let kernel = Kernel::with_backend(Legacy::new(MemoryKernel::new()));
    sends(&kernel.watch([(V4, "filter")]).expect("it is in memory"));
    let _ = LegacySocket::new(None);
}
