//! To a fork the lock is worth nothing.

use std::cell::Cell;
use std::time::Duration;

use libfw::{ErrorKind, Family};
use libfw_playground::test_on;

use super::{append, count, opens, other_thread, patient, waits};

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
