//! Counters in bulk: snapshots, what was counted between two of them, and reading that sets to zero and loses nothing.

#[path = "common/forward.rs"]
mod forward;
#[path = "common/random.rs"]
mod random;

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use forward::forward;
use libfw::backend::{Blobs, Host, Legacy};
use libfw::{Counters, ErrorKind, Family, Kernel, LockPolicy, MemoryKernel, Policy, Result};
use libfw_playground::test_on;
use random::Random;

const V4: Family = Family::Ipv4;

fn rule(number: u64) -> String {
    format!("-p udp -m udp --dport {number} -j ACCEPT")
}

/// Rules are added, deleted, moved and counted at random; the model knows every one.
#[test]
fn a_delta_survives_edits() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let before: Vec<(u64, u64)> = (0..random.below(20) as u64).map(|rule| (rule, rule * 10)).collect();
        kernel.update(V4, "filter", |table| {
            table.clear();
            let mut chain = table.new_chain("mine")?;
            chain
                .extend(before.iter().map(|(number, packets)| format!("-c {packets} 0 {}", rule(*number))))?;
            table.chain_mut("INPUT")?.append("-c 7 700 -j mine")
        })?;
        let earlier = kernel.counters(V4, "filter")?;
        // What becomes of each: it stays, with more packets or set back, or goes; and there are new ones.
        let mut now: Vec<(u64, u64, u64)> = Vec::new();
        for (number, packets) in &before {
            match *random.pick(&[0, 1, 2, 3, 4]) {
                0 => {}
                1 if *packets > 0 => now.push((*number, packets - 1, packets - 1)),
                more => now.push((*number, packets + more as u64, more as u64)),
            }
        }
        for number in 0..random.below(4) as u64 {
            let place = random.below(now.len() + 1);
            now.insert(place, (100 + number, 5, 5));
        }
        if now.len() > 1 && random.once_in(2) {
            let (from, to) = (random.below(now.len()), random.below(now.len()));
            let moved = now.remove(from);
            now.insert(to, moved);
        }
        kernel.update(V4, "filter", |table| {
            let mut chain = table.chain_mut("mine")?;
            chain.sync(now.iter().map(|(number, ..)| rule(*number)))?;
            for (index, (_, packets, _)) in now.iter().enumerate() {
                chain.set_counters(index, Counters::new(*packets, 0))?;
            }
            Ok(())
        })?;
        let later = kernel.counters(V4, "filter")?;
        let delta = earlier.delta(&later);
        let mine = delta.counted.chain("mine").expect("a chain");
        let counted: Vec<_> = mine.rules.iter().map(|counters| counters.packets).collect();
        assert_eq!(counted, now.iter().map(|(.., counted)| *counted).collect::<Vec<_>>(), "seed {seed}");
        let number = |index: usize| now[index - mine.first].0;
        let added: Vec<_> = delta.added.iter().map(|index| number(*index)).collect();
        let new = now.iter().map(|(number, ..)| *number).filter(|number| *number >= 100);
        assert_eq!(added, new.collect::<Vec<_>>(), "seed {seed}");
        let there = |number: u64| now.iter().any(|(other, ..)| *other == number);
        let first = earlier.chain("mine").expect("a chain").first;
        let removed: Vec<_> = delta.removed.iter().map(|index| before[index - first].0).collect();
        let gone = before.iter().map(|(number, _)| *number).filter(|number| !there(*number));
        assert_eq!(removed, gone.collect::<Vec<_>>(), "seed {seed}");
        let restarted: Vec<_> = delta.restarted.iter().map(|index| number(*index)).collect();
        let back = now.iter().filter(|(number, packets, _)| *number < 100 && *packets < number * 10);
        assert_eq!(restarted, back.map(|(number, ..)| *number).collect::<Vec<_>>(), "seed {seed}");
        assert_eq!(delta.counted.rules()[0], Counters::ZERO, "the jump counted nothing");
    }
    Ok(())
}

/// Of equal rules the first is the first; another table has nothing in common; a chain that is gone has left its rules.
#[test]
fn rules_are_known_by_what_they_do() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    kernel.update(V4, "filter", |table| {
        table.new_chain("old")?.append("-c 1 1 -j DROP")?;
        table.chain_mut("INPUT")?.extend(["-c 1 10 -j LOG", "-c 2 20 -j LOG", "-c 3 30 -j LOG"])
    })?;
    let earlier = kernel.counters(V4, "filter")?;
    kernel.update(V4, "filter", |table| {
        table.rename_chain("old", "new")?;
        table.chain_mut("INPUT")?.remove(2).map(drop)
    })?;
    let later = kernel.counters(V4, "filter")?;
    let delta = earlier.delta(&later);
    assert_eq!(delta.counted.rules(), [Counters::ZERO, Counters::ZERO, Counters::new(1, 1)]);
    assert_eq!((delta.added, delta.removed), (vec![2], vec![2, 3]));
    let other = kernel.counters(Family::Ipv6, "filter")?.delta(&later);
    assert_eq!((other.added, other.removed.len()), (vec![0, 1, 2], 0));
    assert_eq!(other.counted.rules(), later.rules());
    Ok(())
}

/// Before Linux 6.2 nf_tables cannot take them.
fn cannot(error: libfw::Error) -> io::Error {
    match error.to_string().contains("Linux 6.2") {
        true => io::Error::new(io::ErrorKind::Unsupported, error),
        false => io::Error::other(error),
    }
}

/// Packets of known number, while counters are taken all the time: the sum is exact, on both backends.
fn taken_under_traffic() -> io::Result<()> {
    const RULES: u64 = 20;
    const PACKETS: u64 = 20_000;
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let fill = |table: &mut libfw::Table| {
        table.chain_mut("OUTPUT")?.extend((0..RULES).map(|number| rule(2000 + number)))?;
        table.chain_mut("INPUT")?.append("-m limit --limit 1/hour --limit-burst 3 -j ACCEPT")
    };
    kernel.update(V4, "filter", fill).map_err(io::Error::other)?;
    kernel.take_counters(V4, "filter").map_err(cannot)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let over = AtomicBool::new(false);
    let mut sums = vec![Counters::ZERO; RULES as usize];
    let mut sent = Vec::new();
    let mut takes = 0;
    let mut limit = Counters::ZERO;
    std::thread::scope(|scope| -> io::Result<()> {
        let sender = scope.spawn(|| {
            let mut sent = vec![0; RULES as usize];
            for number in 0..PACKETS {
                let rule = (number % RULES) as usize;
                // Nobody listens; when that is told, nothing was sent.
                let result = socket.send_to(b"0123456789ab", ("127.0.0.1", 2000 + rule as u16));
                sent[rule] += u64::from(result.is_ok());
            }
            over.store(true, Ordering::Release);
            sent
        });
        loop {
            let last = over.load(Ordering::Acquire);
            let taken = kernel.take_counters(V4, "filter").map_err(io::Error::other)?;
            takes += 1;
            let output = taken.chain("OUTPUT").expect("it is built in").rules;
            sums.iter_mut().zip(output).for_each(|(sum, more)| *sum += *more);
            limit += taken.chain("INPUT").expect("it is built in").rules[0];
            if last {
                break;
            }
        }
        sent = sender.join().expect("it does not panic");
        Ok(())
    })?;
    let expected: Vec<_> = sent.iter().map(|packets| Counters::new(*packets, packets * 40)).collect();
    assert_eq!(sums, expected, "{takes} takes");
    assert!(takes > 3 && sent.iter().sum::<u64>() > PACKETS / 3, "{takes} takes, {sent:?}");
    let left = kernel.counters(V4, "filter").map_err(io::Error::other)?;
    assert!(left.rules().iter().all(|rule| *rule == Counters::ZERO), "{left:?}");
    // The rule with a limit was not made anew: its bucket was emptied once.
    assert_eq!(limit.packets, 3, "{takes} takes");
    Ok(())
}

#[test]
fn legacy_loses_nothing() {
    test_on("legacy", |playground| playground.namespace()?.run(taken_under_traffic));
}

#[test]
fn nf_tables_loses_nothing() {
    test_on("nft", |playground| playground.namespace()?.run(taken_under_traffic));
}

/// Policies too, and a table that is not there is not made.
fn taken_with_policies() -> io::Result<()> {
    let kernel = Kernel::new().with_policy(LockPolicy::UNLOCKED);
    let none = kernel.take_counters(V4, "filter").map_err(io::Error::other)?;
    assert_eq!((none.rules().len(), none.policies()), (0, &[Counters::ZERO; 3][..]));
    assert!(kernel.tables(V4).map_err(io::Error::other)?.is_empty());
    let fill = |table: &mut libfw::Table| {
        table.chain_mut("OUTPUT")?.set_policy(Policy::Drop, Some(Counters::new(5, 500)))?;
        table.new_chain("mine")?.append("-c 2 200 -p tcp -j RETURN")
    };
    kernel.update(V4, "filter", fill).map_err(io::Error::other)?;
    let taken = match kernel.take_counters(V4, "filter") {
        // Before Linux 6.2, nf_tables cannot: everything is as it was.
        Err(error) if error.to_string().contains("Linux 6.2") => {
            let counters = kernel.counters(V4, "filter").map_err(io::Error::other)?;
            assert_eq!(
                counters.chain("OUTPUT").and_then(|output| output.policy),
                Some(Counters::new(5, 500))
            );
            assert_eq!(counters.rules(), [Counters::new(2, 200)]);
            return Ok(());
        }
        taken => taken.map_err(io::Error::other)?,
    };
    let output = taken.chain("OUTPUT").expect("it is built in");
    assert_eq!(output.policy, Some(Counters::new(5, 500)));
    let mine = taken.chain("mine").expect("a chain");
    assert_eq!((mine.policy, mine.rules), (None, &[Counters::new(2, 200)][..]));
    let left = kernel.open(V4, "filter").map_err(io::Error::other)?;
    let output = left.chain("OUTPUT").expect("it is built in");
    assert_eq!((output.policy(), output.policy_counters()), (Some(Policy::Drop), Counters::ZERO));
    assert!(left.counters().rules().iter().all(|rule| *rule == Counters::ZERO));
    Ok(())
}

#[test]
fn legacy_policies_are_taken() {
    test_on("legacy", |_| taken_with_policies());
}

#[test]
fn nf_tables_policies_are_taken() {
    test_on("nft", |_| taken_with_policies());
}

/// A kernel in memory whose table somebody replaces, by another one with as many rules, just when counters are added to it.
#[derive(Debug)]
struct Raced {
    inner: Arc<MemoryKernel>,
    /// How often it happens yet.
    left: AtomicU32,
}

impl Blobs for Raced {
    forward!(inner: info, entries, replace);

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        // The negative of something.
        let takes = request.iter().any(|pair| pair.packets > u64::MAX / 2 && pair.bytes > u64::MAX / 2);
        if takes && self.left.load(Ordering::Relaxed) > 0 {
            self.left.fetch_sub(1, Ordering::Relaxed);
            rival(&self.inner)?;
        }
        self.inner.add_counters(family, table, request)
    }
}

impl Host for Raced {
    forward!(inner: supports, set_by_name, set_by_index);
}

/// Turns the rules round, as a program does that takes no lock.
fn rival(memory: &Arc<MemoryKernel>) -> Result<()> {
    let info = memory.info(V4, "filter")?;
    let mut bytes = Vec::new();
    memory.entries(V4, "filter", &info, &mut bytes)?;
    let mut old = vec![Counters::ZERO; info.num_entries as usize];
    memory.replace(V4, "filter", &info, &mut bytes, &mut old)?;
    let mut request = vec![Counters::ZERO; libfw::backend::COUNTERS_HEADROOM];
    request.extend(old.iter().map(|_| Counters::new(1000, 1000)));
    request.pop();
    request.push(Counters::ZERO);
    memory.add_counters(V4, "filter", &mut request)
}

/// What was taken off the rules of somebody else is given back, and counters are read again.
#[test]
fn a_replaced_table_gets_its_counters_back() -> Result<()> {
    for times in [1, 2, 100] {
        let inner = Arc::new(MemoryKernel::new());
        let kernel = Kernel::with_backend(Legacy::new(inner.clone()));
        kernel.update(V4, "filter", |table| {
            table.chain_mut("INPUT")?.extend(["-c 5 50 -p tcp -j ACCEPT", "-c 6 60 -p udp -j ACCEPT"])
        })?;
        let raced = Raced { inner: inner.clone(), left: AtomicU32::new(times) };
        let taken = Kernel::with_backend(Legacy::new(raced)).take_counters(V4, "filter");
        let left = kernel.counters(V4, "filter")?;
        if times < 10 {
            assert_eq!(taken?.rules(), [Counters::new(1000, 1000); 2]);
            assert_eq!(left.rules(), [Counters::ZERO; 2]);
        } else {
            assert_eq!(taken.expect_err("a conflict").kind(), ErrorKind::Conflict);
            assert_eq!(left.rules(), [Counters::new(1000, 1000); 2]);
        }
    }
    Ok(())
}

/// A table in memory, edits included, tells its counters as well.
#[test]
fn a_table_tells_its_counters() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open(V4, "nat")?;
    table.chain_mut("OUTPUT")?.append("-c 1 2 -j ACCEPT")?;
    let counters = table.counters();
    assert_eq!((counters.family(), counters.table()), (V4, "nat"));
    let chains: Vec<_> =
        counters.chains().map(|chain| (chain.name, chain.first, chain.rules.len())).collect();
    let expected: [(&[u8], usize, usize); 4] =
        [(b"PREROUTING", 0, 0), (b"INPUT", 0, 0), (b"OUTPUT", 0, 1), (b"POSTROUTING", 1, 0)];
    assert_eq!(chains, expected);
    assert_eq!(counters.chain("OUTPUT").expect("it is built in").rules, [Counters::new(1, 2)]);
    assert!(counters.chain("mine").is_none());
    Ok(())
}

/// Rules of nf_tables are known by their handles: of equal ones it is the right one that is gone.
#[test]
fn handles_tell_equal_rules_apart() {
    test_on("nft", |_| {
        let kernel = Kernel::new();
        let update = |edit: &mut dyn FnMut(&mut libfw::ChainMut<'_>) -> Result<()>| {
            kernel
                .update(V4, "filter", |table| edit(&mut table.chain_mut("INPUT")?))
                .map_err(io::Error::other)
        };
        update(&mut |chain| chain.extend(["-c 1 10 -j LOG", "-c 2 20 -j LOG", "-c 3 30 -j LOG"]))?;
        let earlier = kernel.counters(V4, "filter").map_err(io::Error::other)?;
        update(&mut |chain| chain.remove(0).map(drop))?;
        let delta = earlier.delta(&kernel.counters(V4, "filter").map_err(io::Error::other)?);
        assert_eq!(delta.counted.rules(), [Counters::ZERO; 2]);
        assert_eq!((delta.added, delta.removed), (vec![], vec![0]));
        Ok(())
    });
}
