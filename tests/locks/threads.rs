//! Threads take turns, with a lock and without, and what waits leaves nothing behind.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use libfw::{ErrorKind, Family, Kernel, LockPolicy, Table};
use libfw_playground::test_on;

use super::{SOON, append, count, eventually, opens, other_thread, patient, waits};

/// A table that was given away to another thread keeps the lock until it is dropped there.
#[test]
fn other_threads_wait_their_turn() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            const EACH: usize = 50;
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    std::thread::spawn(move || {
                        for number in 0..EACH {
                            let rule = format!("-s 10.{thread}.0.{number} -j ACCEPT");
                            let done = Table::update(Family::Ipv4, "filter", |table| append(table, &rule));
                            done.expect("an update");
                        }
                    })
                })
                .collect();
            threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
            assert_eq!(count("filter"), 4 * EACH);

            let mut table = patient().open_locked(Family::Ipv4, "filter").expect("the table");
            let (done, waiting) = mpsc::channel();
            let owner = std::thread::spawn(move || {
                waiting.recv().expect("a word");
                table.clear();
                table.commit().expect("a commit");
            });
            assert_eq!(other_thread(), Some(ErrorKind::LockBusy));
            done.send(()).expect("a listener");
            owner.join().expect("no panic");
            assert_eq!(other_thread(), None);
            assert_eq!(opens(&waits(SOON), "filter"), None);
        });
        Ok(())
    });
}

/// The threads of this process that wait for a lock.
fn waiters() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("the threads");
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    tasks.filter_map(name).filter(|name| name.trim_end() == "libfw-lock").count()
}

/// A wait ends in time; what it leaves behind is used by the next one, and gone when the lock is free.
#[test]
fn waits_that_are_over_leave_nothing_behind() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let (held, holding) = mpsc::channel();
            let (free, freed) = mpsc::channel::<()>();
            let holder = std::thread::spawn(move || {
                let lock = patient().lock().expect("the lock");
                held.send(()).expect("a listener");
                freed.recv().expect("a word");
                drop(lock);
            });
            holding.recv().expect("a word");
            for _ in 0..20 {
                let start = Instant::now();
                let error = waits(Duration::from_millis(20)).lock().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::LockBusy);
                assert!(start.elapsed() >= Duration::from_millis(20));
                assert_eq!(waiters(), 1);
            }
            // Who waits long enough gets it, from the thread that waited in vain before.
            let patient = std::thread::spawn(|| waits(SOON).lock().map(drop));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!patient.is_finished());
            free.send(()).expect("a listener");
            patient.join().expect("no panic").expect("the lock");
            holder.join().expect("no panic");
            eventually("threads are left", || waiters() == 0);
            assert_eq!(other_thread(), None);
        });
        Ok(())
    });
}

/// Threads that share a lock, and threads that have none, never come into each other's updates.
fn threads_update_in_turn(kernel: &Kernel) {
    const THREADS: u32 = 8;
    const ROUNDS: u32 = 100;
    let ran = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let ran = &ran;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let rule = format!("-p udp -m udp --dport {} -j ACCEPT", thread * 1000 + round + 1);
                    let edit = |table: &mut Table| {
                        ran.fetch_add(1, Ordering::Relaxed);
                        append(table, &rule)
                    };
                    kernel.update(Family::Ipv4, "filter", edit).expect("an update");
                }
            });
        }
    });
    let there = kernel.open(Family::Ipv4, "filter").expect("the table").len();
    assert_eq!(there, (THREADS * ROUNDS) as usize);
    // Hardly any was made twice.
    assert!(ran.load(Ordering::Relaxed) < THREADS * ROUNDS + THREADS, "{ran:?}");
}

#[test]
fn threads_that_share_a_lock_take_turns() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let lock = patient().lock().expect("the lock");
            threads_update_in_turn(&patient().with_lock(&lock));
        });
        Ok(())
    });
}

#[test]
fn threads_without_a_lock_take_turns() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| threads_update_in_turn(&patient().with_policy(LockPolicy::UNLOCKED)));
        Ok(())
    });
}

/// What cannot begin anew is not refused for what other threads do, on nf_tables either: they queue.
#[test]
fn threads_on_nf_tables_queue() {
    test_on("nft", |play| {
        play.namespace()?.run(|| {
            threads_update_in_turn(&Kernel::nft());
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| {
                        for _ in 0..20 {
                            // A handle of its own.
                            let mut table =
                                Kernel::nft().open_locked(Family::Ipv4, "nat").expect("the table");
                            append(&mut table, "-j ACCEPT").expect("a rule");
                            std::thread::yield_now();
                            table.commit().expect("nobody comes in between");
                        }
                    });
                }
            });
            let kernel = Kernel::nft();
            assert_eq!(kernel.open(Family::Ipv4, "nat").expect("the table").len(), 120);
            // The thread that has it gets it again, the same table a second time is a mistake, and others wait as long as they say.
            let filter = kernel.open_locked(Family::Ipv4, "filter").expect("the table");
            let _mangle = Kernel::nft().open_locked(Family::Ipv4, "mangle").expect("another table");
            let again = Kernel::nft().open_locked(Family::Ipv4, "filter").err().map(|error| error.kind());
            assert_eq!(again, Some(ErrorKind::AlreadyOpen));
            let waits = Kernel::nft().with_policy(LockPolicy::new().wait(Duration::from_millis(50)));
            let other = || waits.open_locked(Family::Ipv4, "raw").err().map(|error| error.kind());
            let other = std::thread::scope(|scope| scope.spawn(other).join().expect("no panic"));
            assert_eq!(other, Some(ErrorKind::LockBusy));
            // Whoever does not come by it is refused as ever.
            let mut snapshot = kernel.open(Family::Ipv4, "filter").expect("the table");
            drop(filter);
            append(&mut snapshot, "-j DROP").expect("a rule");
            kernel.update(Family::Ipv4, "filter", |table| append(table, "-j ACCEPT")).expect("an update");
            assert_eq!(snapshot.commit().err().map(|error| error.kind()), Some(ErrorKind::Conflict));
        });
        Ok(())
    });
}
