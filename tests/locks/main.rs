//! The xtables lock within one process: the thread that holds it, other threads, forks, signals.

mod forks;
mod signals;
mod threads;

use std::process::Stdio;
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

fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let start = Instant::now();
    while !check() {
        assert!(start.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
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
