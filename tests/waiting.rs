//! Who waits for the xtables lock gets it in turn: programs that wait beside each other, and threads of one.

use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use libfw::{Family, Kernel, LockPolicy, Table};
use libfw_playground::{Namespace, test_on};

/// So many wait beside each other, each for so many edits.
const WRITERS: usize = 6;
const EDITS: usize = 12;
/// How often fw is compared with iptables, if need be.
const ROUNDS: usize = 4;

/// How long each edit took, by writer, where all write at once.
fn race(edit: impl Fn(usize, usize) -> io::Result<()> + Sync) -> io::Result<Vec<Vec<Duration>>> {
    let times = Mutex::new(vec![Vec::new(); WRITERS]);
    let (edit, times_of) = (&edit, &times);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || -> io::Result<()> {
                    for number in 0..EDITS {
                        let begun = Instant::now();
                        edit(writer, number)?;
                        times_of.lock().expect("no panic")[writer].push(begun.elapsed());
                    }
                    Ok(())
                })
            })
            .collect();
        writers.into_iter().try_for_each(|writer| writer.join().expect("no panic"))
    })?;
    Ok(times.into_inner().expect("no panic"))
}

fn median(times: &[Vec<Duration>]) -> Duration {
    let mut all: Vec<_> = times.concat();
    all.sort();
    all[all.len() / 2]
}

/// Nobody waits much longer than the others.
fn nobody_starves(name: &str, times: &[Vec<Duration>]) {
    let (median, most) = (median(times), times.concat().into_iter().max().unwrap_or_default());
    println!("{name}: median {median:?}, at most {most:?}");
    // In turn each waits for the five others. A machine that does other things as well may be late for all of them at once.
    assert!(most < 10 * median + Duration::from_secs(1), "{name}: median {median:?}, at most {most:?}");
}

/// Every edit is a command that waits; none of them may give up.
fn commands(place: &Namespace, command: &[&str]) -> io::Result<Vec<Vec<Duration>>> {
    race(|writer, number| {
        let rule = format!("-w 20 -A OUTPUT -p udp --dport {} -j ACCEPT", 1000 * (writer + 1) + number);
        let output = place.command(command[0]).args(&command[1..]).args(rule.split(' ')).output()?;
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    })
}

fn count(place: &Namespace) -> usize {
    let kernel = Kernel::legacy().with_policy(LockPolicy::UNLOCKED);
    place.run(|| kernel.open(Family::Ipv4, "filter")).expect("the table").len()
}

/// Beside iptables, on the same work. It is allowed half as much again, and what a program that was built for tests needs to begin.
#[test]
fn commands_get_the_lock_in_turn() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let fw = [env!("CARGO_BIN_EXE_fw"), "iptables-legacy"];
        let alone = |command: &[&str]| -> io::Result<Duration> {
            let begun = Instant::now();
            place.command(command[0]).args(&command[1..]).arg("-V").output()?;
            Ok(begun.elapsed())
        };
        alone(&fw)?;
        let has_iptables = place.command("iptables-legacy").arg("-V").output().is_ok();
        // A machine that does other things as well does not do the same beside both; it does not favour one of them each time.
        let mut seen = Vec::new();
        for _ in 0..ROUNDS {
            place.command(fw[0]).args(&fw[1..]).args(["-F", "OUTPUT"]).output()?;
            let ours = commands(&place, &fw)?;
            assert_eq!(count(&place), WRITERS * EDITS);
            nobody_starves("fw", &ours);
            if !has_iptables {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "no iptables-legacy"));
            }
            place.command("iptables-legacy").args(["-F", "OUTPUT"]).output()?;
            let theirs = commands(&place, &["iptables-legacy"])?;
            nobody_starves("iptables", &theirs);
            let begins = alone(&fw)?.saturating_sub(alone(&["iptables-legacy"])?);
            let (ours, theirs) = (median(&ours), median(&theirs));
            if ours < theirs * 3 / 2 + WRITERS as u32 * begins + Duration::from_millis(20) {
                return Ok(());
            }
            seen.push((ours, theirs));
        }
        panic!("fw and iptables: {seen:?}");
    });
}

/// Threads of one process, of which each has a handle of its own.
#[test]
fn threads_get_the_lock_in_turn() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            // A handle is bound to the namespace of the thread that makes it.
            let kernels: Vec<_> = (0..WRITERS).map(|_| Kernel::legacy()).collect();
            kernels
                .iter()
                .try_for_each(|kernel| kernel.open(Family::Ipv4, "filter").map(drop))
                .map_err(io::Error::other)?;
            let times = race(|writer, number| {
                let rule = format!("-p udp --dport {} -j ACCEPT", 1000 * (writer + 1) + number);
                let edit = |table: &mut Table| table.chain_mut("OUTPUT")?.append(&*rule);
                kernels[writer].update(Family::Ipv4, "filter", edit).map(drop).map_err(io::Error::other)
            })?;
            nobody_starves("threads", &times);
            assert_eq!(
                kernels[0].open(Family::Ipv4, "filter").map_err(io::Error::other)?.len(),
                WRITERS * EDITS
            );
            Ok(())
        })
    });
}
