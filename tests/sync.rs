//! `ChainMut::sync`: any chain becomes any other, what stays keeps its counters, and a second time changes nothing.

use std::io;

use libfw::{Counters, ErrorKind, Family, Kernel, MemoryKernel, Rule};
use libfw_playground::test;

#[path = "common/random.rs"]
mod random;
use random::Random;

fn text(kind: usize) -> String {
    match kind % 3 {
        0 => format!("-p tcp -m tcp --dport {} -j ACCEPT", 1000 + kind),
        1 => format!("-s 10.0.0.{kind}/32 -j RETURN"),
        _ => format!("-p udp -m comment --comment \"number {kind}\" -j other"),
    }
}

/// Random chains become random others. Each rule that was there has a counter of its own.
fn chains(kernel: &Kernel, rounds: u64) -> libfw::Result<()> {
    for seed in 0..rounds {
        let mut random = Random::new(seed);
        let kinds = if random.once_in(3) { 3 } else { *random.pick(&[10, 40]) };
        let mut some = |empty| match empty {
            true => Vec::new(),
            false => (0..random.below(30)).map(|_| random.below(kinds)).collect::<Vec<usize>>(),
        };
        let (before, after) = (some(false), some(seed % 20 == 0));
        kernel.update(Family::Ipv4, "filter", |table| {
            table.clear();
            table.new_chain("other")?;
            let mut chain = table.new_chain("mine")?;
            chain.extend(before.iter().map(|kind| text(*kind)))?;
            for index in 0..before.len() {
                chain.set_counters(index, Counters::new(index as u64 + 1, 0))?;
            }
            Ok(())
        })?;
        let (synced, report) = kernel.update(Family::Ipv4, "filter", |table| {
            table.chain_mut("mine")?.sync(after.iter().map(|kind| text(*kind)))
        })?;
        assert_eq!(report.changed, before != after, "{before:?} {after:?}");
        assert_eq!(synced.changed(), before != after);
        assert_eq!((synced.kept + synced.added, synced.kept + synced.removed), (after.len(), before.len()));

        // As many rules as can be have counters of before, each those of an equal one.
        let mut unused: Vec<_> = before.iter().enumerate().collect();
        let table = kernel.open(Family::Ipv4, "filter")?;
        let rules: Vec<_> = table.chain("mine").expect("a chain").rules().collect();
        assert!(rules.iter().map(ToString::to_string).eq(after.iter().map(|kind| text(*kind))));
        for (rule, kind) in rules.iter().zip(&after).filter(|(rule, _)| rule.counters() != Counters::ZERO) {
            let is_it = |(at, known): &(usize, &usize)| {
                rule.counters() == Counters::new(*at as u64 + 1, 0) && *known == kind
            };
            let found = unused.iter().position(is_it).expect("counters of an equal rule");
            unused.remove(found);
        }
        assert_eq!(before.len() - unused.len(), synced.kept, "{before:?} {after:?}");
        let jumps = after.iter().filter(|kind| *kind % 3 == 2).count();
        assert_eq!(table.chain("other").expect("a chain").references(), jumps);

        let again = kernel.update(Family::Ipv4, "filter", |table| {
            table.chain_mut("mine")?.sync(after.iter().map(|kind| text(*kind)))
        })?;
        assert!(!again.0.changed() && !again.1.changed);
    }
    Ok(())
}

#[test]
fn chains_in_memory() {
    chains(&MemoryKernel::new().kernel(), 400).unwrap();
}

#[test]
fn chains_of_the_kernel() {
    test(|play| {
        let done = play.together([(Kernel::legacy(), 150), (Kernel::nft(), 60)], |(kernel, rounds)| {
            chains(&kernel, rounds).map_err(|error| match error.kind() {
                ErrorKind::BackendAbsent => io::Error::new(io::ErrorKind::Unsupported, error.to_string()),
                _ => io::Error::other(error),
            })
        });
        done.map(drop)
    });
}

#[test]
fn what_cannot_be_made_changes_nothing() {
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
    let mut input = table.chain_mut("INPUT").unwrap();
    input.extend(["-p tcp -j ACCEPT", "-p udp -j ACCEPT"]).unwrap();
    for bad in ["--bogus", "-j nowhere"] {
        let error = input.sync(["-p udp -j ACCEPT", "-i lo -j ACCEPT", bad]).unwrap_err();
        assert_eq!(error.rule(), Some(2), "{error}");
        let rules: Vec<_> = input.view().rules().map(|rule| rule.to_string()).collect();
        assert_eq!(rules, ["-p tcp -j ACCEPT", "-p udp -j ACCEPT"]);
    }
    assert_eq!(input.sync(Vec::<Rule>::new()).unwrap().removed, 2);
}

/// 50,000 rules are compared at once.
#[test]
fn many_rules() {
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
    let mut input = table.chain_mut("INPUT").unwrap();
    let rules: Vec<_> = (0..50_000).map(|n| format!("-s 10.{}.{}.1 -j DROP", n / 250, n % 250)).collect();
    let begin = std::time::Instant::now();
    input.extend(&rules).unwrap();
    // An emulated machine takes its time for everything.
    let allowed = (8 * begin.elapsed()).max(std::time::Duration::from_secs(20));
    let begin = std::time::Instant::now();
    let synced = input.sync(rules.iter().rev()).unwrap();
    assert_eq!((synced.kept, synced.moved), (50_000, 49_999));
    assert!(begin.elapsed() < allowed, "{:?}", begin.elapsed());
}
