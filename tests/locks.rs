//! The xtables lock within one process: the thread that holds it, other threads, forks, signals.

use std::cell::Cell;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use libfw::{ErrorKind, Family, Kernel, LockPolicy, MemoryKernel, Result, Table};
use libfw_playground::test_on;

/// Within this time everything has happened that does not wait for anything.
const SOON: Duration = Duration::from_secs(5);

fn patient() -> Kernel {
    Kernel::legacy()
}

/// A kernel whose wait for the lock ends.
fn waits(wait: Duration) -> Kernel {
    Kernel::legacy().with_policy(LockPolicy::new().wait(wait))
}

fn append(table: &mut Table, rule: &str) -> Result<()> {
    table.chain_mut("OUTPUT")?.append(rule)
}

fn count(name: &str) -> usize {
    patient().open(Family::Ipv4, name).expect("the table").len()
}

/// What another thread of the process gets that tries once.
fn other_thread() -> Option<ErrorKind> {
    let lock = || waits(Duration::ZERO).lock().map(drop).err().map(|error| error.kind());
    std::thread::scope(|scope| scope.spawn(lock).join().expect("no panic"))
}

fn opens(kernel: &Kernel, name: &str) -> Option<ErrorKind> {
    kernel.open_locked(Family::Ipv4, name).err().map(|error| error.kind())
}

#[test]
fn a_thread_that_holds_the_lock_gets_it_again() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let outer = patient();
            let mut filter = outer.open_locked(Family::Ipv4, "filter").expect("the first table");
            append(&mut filter, "-j ACCEPT").expect("a rule");
            {
                // Another handle, the lock alone, the other family, an update in between.
                let mut nat = patient().open_locked(Family::Ipv4, "nat").expect("the second table");
                append(&mut nat, "-j ACCEPT").expect("a rule");
                let _lock = patient().lock().expect("the lock");
                let _six = outer.open_locked(Family::Ipv6, "filter").expect("the third table");
                let report = Table::update(Family::Ipv4, "mangle", |mangle| {
                    Table::update(Family::Ipv4, "raw", |raw| append(raw, "-j ACCEPT"))?;
                    append(mangle, "-j ACCEPT")
                });
                assert!(report.expect("an update").1.changed);
                nat.commit().expect("a commit");
                assert_eq!(other_thread(), Some(ErrorKind::LockBusy));
            }
            // The outermost one still has it.
            assert_eq!(other_thread(), Some(ErrorKind::LockBusy));
            filter.commit().expect("a commit");
            drop(filter);
            assert_eq!(other_thread(), None);
            for name in ["filter", "nat", "mangle", "raw"] {
                assert_eq!(count(name), 1, "{name}");
            }
        });
        Ok(())
    });
}

/// The file is what counts, not its path; another file is another lock.
#[test]
fn the_lock_is_known_by_its_file() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let at = |path: &str| {
                let policy = LockPolicy::at(path).wait(Duration::ZERO);
                Kernel::legacy().with_policy(policy)
            };
            std::fs::write("/run/lock-a", "").expect("a file");
            std::fs::hard_link("/run/lock-a", "/run/lock-b").expect("a link");
            let _lock = at("/run/lock-a").lock().expect("the lock");
            at("/run/lock-b").lock().expect("the same lock");
            at("/run/../run/lock-a").lock().expect("the same lock");
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    assert_eq!(at("/run/lock-b").lock().unwrap_err().kind(), ErrorKind::LockBusy);
                    at("/run/lock-c").lock().expect("another lock");
                });
                thread.join().expect("no panic");
            });
        });
        Ok(())
    });
}

/// The same table a second time would overwrite the edits of the first: an error at once, however it is opened.
#[test]
fn the_same_table_is_not_opened_twice_by_one_thread() {
    test_on("legacy", |play| {
        let (place, elsewhere) = (play.namespace()?, play.namespace()?);
        let file = elsewhere.run(|| std::fs::File::open("/proc/thread-self/ns/net"))?;
        place.run(|| {
            let again = Some(ErrorKind::AlreadyOpen);
            let mut filter = patient().open_locked(Family::Ipv4, "filter").expect("the table");
            append(&mut filter, "-j ACCEPT").expect("a rule");
            assert_eq!(opens(&patient(), "filter"), again);
            assert_eq!(opens(&waits(Duration::from_secs(60)), "filter"), again);
            let here = Kernel::in_netns("/proc/thread-self/ns/net").expect("the namespace");
            assert_eq!(opens(&here, "filter"), again);
            let error =
                Table::update(Family::Ipv4, "filter", |_| -> Result<()> { panic!("nothing to edit") })
                    .unwrap_err();
            assert_eq!((error.kind(), error.table()), (ErrorKind::AlreadyOpen, Some("filter")));
            assert!(error.to_string().contains("works on the table under the lock already"), "{error}");
            // Reading is allowed, committing what was read is not.
            let mut snapshot = patient().open(Family::Ipv4, "filter").expect("a snapshot");
            append(&mut snapshot, "-j DROP").expect("a rule");
            assert_eq!(snapshot.commit().unwrap_err().kind(), ErrorKind::AlreadyOpen);
            // Who takes no lock, or another one, is as good as another program.
            assert_eq!(opens(&patient().with_policy(LockPolicy::UNLOCKED), "filter"), None);
            // Other tables are other tables.
            assert_eq!(opens(&patient(), "nat"), None);
            assert_eq!(opens(&Kernel::in_netns_fd(file.into()), "filter"), None);

            filter.commit().expect("a commit");
            drop(filter);
            assert_eq!(snapshot.commit().unwrap_err().kind(), ErrorKind::Conflict);
            assert_eq!(count("filter"), 1);
            let nested = Table::update(Family::Ipv4, "filter", |outer| {
                append(outer, "-j DROP")?;
                Table::update(Family::Ipv4, "filter", |inner| append(inner, "-j DROP")).map(drop)
            });
            assert_eq!(nested.unwrap_err().kind(), ErrorKind::AlreadyOpen);
            assert_eq!(count("filter"), 1);
        });
        Ok(())
    });
}

/// An update does it again when a program that takes another lock comes in between, in the same thread too.
#[test]
fn an_update_is_done_again_after_a_conflict() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    let mut calls = 0;
    kernel.update(Family::Ipv4, "filter", |table| {
        calls += 1;
        if calls == 1 {
            kernel.update(Family::Ipv4, "filter", |other| append(other, "-j DROP"))?;
        }
        append(table, "-j ACCEPT")
    })?;
    assert_eq!(calls, 2);
    assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 2);
    Ok(())
}

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

fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let start = Instant::now();
    while !check() {
        assert!(start.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
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

static SIGNALS: AtomicU32 = AtomicU32::new(0);

extern "C" fn note(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

#[allow(unsafe_code, reason = "signals have no safe interface")]
fn handle_alarms() {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
    // As `signal(3)` does it: system calls that can be are started again.
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler only adds to an atomic number.
    unsafe { sigaction(Signal::SIGALRM, &action) }.expect("a handler");
}

#[allow(unsafe_code, reason = "signals have no safe interface")]
fn alarm(thread: libc::pthread_t) {
    // SAFETY: the thread has not been joined yet.
    assert_eq!(unsafe { libc::pthread_kill(thread, libc::SIGALRM) }, 0);
}

#[allow(unsafe_code, reason = "signals have no safe interface")]
fn this_thread() -> libc::pthread_t {
    // SAFETY: the function has no conditions.
    unsafe { libc::pthread_self() }
}

/// Runs a call that waits for the lock, which this thread holds, and sends it a signal.
fn interrupted(call: impl FnOnce() -> Result<()> + Send) -> libfw::Error {
    let lock = patient().lock().expect("the lock");
    let error = std::thread::scope(|scope| {
        let (start, started) = mpsc::channel();
        let thread = scope.spawn(move || {
            start.send(this_thread()).expect("a listener");
            call()
        });
        let id = started.recv().expect("a word");
        std::thread::sleep(Duration::from_millis(30));
        assert!(!thread.is_finished());
        let before = SIGNALS.load(Ordering::Relaxed);
        alarm(id);
        eventually("the wait goes on", || thread.is_finished());
        assert_eq!(SIGNALS.load(Ordering::Relaxed), before + 1);
        thread.join().expect("no panic").expect_err("an interruption")
    });
    drop(lock);
    assert_eq!(other_thread(), None);
    error
}

#[test]
fn every_wait_ends_with_a_signal() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            use libfw::iptables::{RestoreOptions, restore, run};
            handle_alarms();
            let four = Family::Ipv4;
            for kernel in [patient(), waits(Duration::from_secs(600))] {
                let kernel = &kernel;
                let mut table = kernel.open(four, "filter").expect("the table");
                append(&mut table, "-j ACCEPT").expect("a rule");
                let errors = [
                    interrupted(|| kernel.lock().map(drop)),
                    interrupted(|| kernel.open_locked(four, "filter").map(drop)),
                    interrupted(|| kernel.update(four, "filter", |_| Ok(())).map(drop)),
                    interrupted(|| table.commit().map(drop)),
                    interrupted(|| {
                        let (file, options) = ("*filter\nCOMMIT\n", RestoreOptions::default());
                        restore(kernel, four, &mut file.as_bytes(), &options, &mut Vec::new(), &mut |_| ())
                            .map(drop)
                    }),
                    interrupted(|| {
                        let words = ["-w", "-A", "INPUT", "-j", "DROP"];
                        run(kernel, four, words, &mut Vec::new(), &mut |_| ()).map(drop)
                    }),
                ];
                for error in errors {
                    assert_eq!((error.kind(), error.errno()), (ErrorKind::Interrupted, Some(libc::EINTR)));
                    assert_eq!(libfw::iptables::words(&error).0, 4);
                }
                // What was not committed still can be.
                assert!(table.is_changed());
                table.commit().expect("a commit");
                table.clear();
                table.commit().expect("a commit");
            }
        });
        Ok(())
    });
}

/// A program with a way of its own decides itself whether a signal ends the wait; without one it is asked too.
#[test]
fn a_check_decides_whether_a_wait_ends() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            static STOP: AtomicBool = AtomicBool::new(false);
            static ASKED: AtomicU32 = AtomicU32::new(0);
            handle_alarms();
            let kernel = patient().with_interrupt(|| {
                ASKED.fetch_add(1, Ordering::Relaxed);
                STOP.load(Ordering::Relaxed)
            });
            let lock = patient().lock().expect("the lock");
            std::thread::scope(|scope| {
                let (start, started) = mpsc::channel();
                let thread = scope.spawn(move || {
                    start.send(this_thread()).expect("a listener");
                    kernel.lock().map(drop)
                });
                let id = started.recv().expect("a word");
                eventually("nobody is asked", || ASKED.load(Ordering::Relaxed) > 1);
                alarm(id);
                std::thread::sleep(Duration::from_millis(50));
                assert!(!thread.is_finished());
                STOP.store(true, Ordering::Relaxed);
                eventually("the wait goes on", || thread.is_finished());
                let error = thread.join().expect("no panic").unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Interrupted);
            });
            drop(lock);
        });
        Ok(())
    });
}

#[test]
fn a_fork_neither_has_the_lock_nor_gives_it_back() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let mut table = patient().open_locked(Family::Ipv4, "filter").expect("the table");
            append(&mut table, "-j ACCEPT").expect("a rule");
            let lock = patient().lock().expect("the lock");
            let copies = Cell::new(Some((table, lock)));
            in_a_fork(|| {
                let (mut table, lock) = copies.take().expect("a copy");
                // The parent has the lock, so its copy of the table is not written.
                let error = table.commit().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Conflict);
                assert!(error.to_string().contains("fork"), "{error}");
                let busy = waits(Duration::ZERO).with_lock(&lock).lock().unwrap_err();
                assert_eq!(busy.kind(), ErrorKind::LockBusy);
                assert_eq!(opens(&waits(Duration::from_millis(10)), "filter"), Some(ErrorKind::LockBusy));
                drop((table, lock));
            });
            assert_eq!(other_thread(), Some(ErrorKind::LockBusy));
            let (mut table, lock) = copies.take().expect("the table");
            table.commit().expect("a commit");
            append(&mut table, "-j DROP").expect("a rule");

            // Closed in the parent, though the child still has a copy of the file.
            in_a_fork(|| in_a_fork(|| assert_eq!(other_thread(), Some(ErrorKind::LockBusy))));
            let copy = Cell::new(Some((table, lock)));
            let (ready, go) = nix::unistd::pipe().expect("a pipe");
            in_background(
                || {
                    let mut byte = [0];
                    nix::unistd::read(&ready, &mut byte).expect("a word");
                    // Now the table is free: refreshed it is one without the lock, which is committed as any other.
                    let (mut table, lock) = copy.take().expect("a copy");
                    assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
                    table.refresh().expect("a refresh");
                    append(&mut table, "-p udp").expect("a rule");
                    table.commit().expect("a commit");
                    drop(lock);
                },
                || {
                    drop(copy.take());
                    assert_eq!(other_thread(), None);
                    nix::unistd::write(&go, b"x").expect("a listener");
                },
            );
            assert_eq!(count("filter"), 2);
        });
        Ok(())
    });
}

/// Files of two filesystems may have the same inode number: each tmpfs begins to count anew. The one who has this file is named.
#[test]
fn the_holder_is_the_one_who_has_this_file() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let mut holders = Vec::new();
            for folder in ["one", "two"] {
                let folder = &format!("{}/{folder}", env!("CARGO_TARGET_TMPDIR"));
                std::fs::create_dir_all(folder)?;
                let mounted =
                    std::process::Command::new("mount").args(["-t", "tmpfs", "none", folder]).status()?;
                if !mounted.success() {
                    return Err(std::io::Error::new(
                        std::io::ErrorKind::Unsupported,
                        "no tmpfs can be mounted here",
                    ));
                }
                let path = format!("{folder}/lock");
                let mut holder = std::process::Command::new("flock");
                holder.args([&*path, "sleep", "60"]).stdout(Stdio::null()).stderr(Stdio::null());
                let holder = holder.spawn()?;
                holders.push((path, holder));
            }
            let inode =
                |path: &str| std::fs::metadata(path).map(|data| std::os::unix::fs::MetadataExt::ino(&data));
            let (one, two) = (&holders[0].0, &holders[1].0);
            eventually("there are no files", || inode(one).is_ok() && inode(two).is_ok());
            assert_eq!(inode(one)?, inode(two)?, "the case that is meant");
            for (path, holder) in &holders {
                let kernel = Kernel::legacy().with_policy(LockPolicy::at(path).wait(Some(Duration::ZERO)));
                let busy = || kernel.lock().err();
                eventually("nobody holds it", || busy().is_some());
                let error = busy().expect("it is held");
                assert_eq!(error.kind(), ErrorKind::LockBusy);
                let named = error.holder().expect("a holder");
                assert_eq!((named.pid, named.is_this_process()), (holder.id(), false), "{error}");
                assert_eq!(named.command.as_deref(), Some(&*format!("flock {path} sleep 60")));
                assert_eq!(error.lock_path(), Some(&**path));
                assert!(error.to_string().contains(&format!("process {}", holder.id())), "{error}");
            }
            for (_, mut holder) in holders {
                holder.kill()?;
                holder.wait()?;
            }
            // Another thread of this process.
            let lock = patient().lock().expect("the lock");
            let error = std::thread::spawn(|| waits(Duration::ZERO).lock().map(drop).unwrap_err())
                .join()
                .expect("no panic");
            assert!(error.holder().is_some_and(libfw::Holder::is_this_process), "{error}");
            assert_eq!(error.lock_path(), Some(LockPolicy::PATH));
            drop(lock);
            Ok(())
        })
    });
}

/// The environment says nothing unless somebody asks.
#[test]
fn the_environment_is_asked_explicitly() {
    test_on("legacy", |_| {
        #[allow(unsafe_code, reason = "the test has one thread")]
        // SAFETY: no other thread of the process reads the environment meanwhile.
        unsafe {
            std::env::set_var("XTABLES_LOCKFILE", "/run/another.lock");
        }
        assert_eq!(LockPolicy::new().path.as_deref(), Some(std::path::Path::new(LockPolicy::PATH)));
        let policy = LockPolicy::from_environment();
        assert_eq!(
            (policy.path.as_deref(), policy.wait),
            (Some(std::path::Path::new("/run/another.lock")), None)
        );
        #[allow(unsafe_code, reason = "the test has one thread")]
        // SAFETY: as above.
        unsafe {
            std::env::set_var("XTABLES_LOCKFILE", "");
        }
        assert_eq!(LockPolicy::from_environment(), LockPolicy::new());
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

/// Runs one function in a fork of this process and another one here meanwhile.
#[allow(unsafe_code, reason = "fork has no safe interface")]
fn in_background(child: impl FnOnce(), parent: impl FnOnce()) {
    // SAFETY: no other thread of this process does anything meanwhile that a child could miss, and it ends with _exit.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        // SAFETY: ends the process.
        unsafe { libc::_exit(i32::from(result.is_err())) };
    }
    parent();
    let mut status = 0;
    // SAFETY: `status` is a place for a number.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0, "the child has failed");
}

fn in_a_fork(work: impl FnOnce()) {
    in_background(work, || ());
}
