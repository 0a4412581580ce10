//! A signal ends a wait for the lock.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use libfw::{ErrorKind, Family, Result};
use libfw_playground::test_on;

use super::{append, eventually, other_thread, patient, waits};

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
                        restore(kernel, four, file.as_bytes(), &options).map(drop)
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
