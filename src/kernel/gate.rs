//! One commit at a time for each table within the process, and one update.
//!
//! The lock keeps other programs away, but threads may share it, or take none. Between the last look at a table and the
//! book-keeping after its replace no other thread of the process may do the same, and nobody may read the counters, which
//! the kernel has at zero for a moment.
//!
//! An update that somebody else's commit comes into begins anew. Threads that share a lock, or have none to take, would do that to each
//! other all the time; so they take turns.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::types::Family;

/// A table, whoever asks for it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) namespace: (u64, u64),
    pub(super) family: Family,
    pub(super) table: String,
    pub(super) work: Work,
}

/// What is done one at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Commit,
    /// From the reading to the commit.
    Update,
}

/// The gates of a process. A fork has the memory of its parent, whose threads may have been behind any gate: it gets gates
/// of its own, behind those of its parents.
struct Gates {
    process: AtomicU32,
    /// The tables that threads are working on.
    busy: Mutex<Vec<Place>>,
    left: Condvar,
    next: OnceLock<Box<Gates>>,
}

static FIRST: Gates = Gates::of(0);

impl Gates {
    const fn of(process: u32) -> Gates {
        Gates {
            process: AtomicU32::new(process),
            busy: Mutex::new(Vec::new()),
            left: Condvar::new(),
            next: OnceLock::new(),
        }
    }

    fn current() -> &'static Gates {
        let process = process::id();
        let mut last = &FIRST;
        while let Some(next) = last.next.get() {
            last = next;
        }
        let known = last.process.compare_exchange(0, process, Ordering::Relaxed, Ordering::Relaxed);
        if known.is_ok() || known == Err(process) {
            return last;
        }
        // Another thread may be faster, with the same.
        let _ = last.next.set(Box::new(Gates::of(process)));
        last.next.get().map_or(last, |next| next)
    }

    fn busy(&self) -> MutexGuard<'_, Vec<Place>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to commit tables, until dropped.
pub(super) struct Entered {
    gates: &'static Gates,
    places: Vec<Place>,
}

/// Waits for the other threads that commit one of the tables.
pub(super) fn enter(places: impl Iterator<Item = Place>) -> Entered {
    let (gates, places) = (Gates::current(), places.collect::<Vec<_>>());
    let is_busy = |busy: &mut Vec<Place>| places.iter().any(|place| busy.contains(place));
    let mut busy = gates.left.wait_while(gates.busy(), is_busy).unwrap_or_else(PoisonError::into_inner);
    busy.extend(places.iter().cloned());
    drop(busy);
    Entered { gates, places }
}

/// Waits for the other threads that update a table, but not for ever: one of them may wait for this one, for another table.
pub(super) fn take_turn(place: Place) -> Entered {
    /// Longer than updates take.
    const PATIENCE: Duration = Duration::from_secs(1);
    let gates = Gates::current();
    let waited = gates.left.wait_timeout_while(gates.busy(), PATIENCE, |busy| busy.contains(&place));
    let (mut busy, _) = waited.unwrap_or_else(PoisonError::into_inner);
    let places = if busy.contains(&place) { Vec::new() } else { vec![place] };
    busy.extend_from_slice(&places);
    drop(busy);
    Entered { gates, places }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut busy = self.gates.busy();
        busy.retain(|place| !self.places.contains(place));
        drop(busy);
        self.gates.left.notify_all();
    }
}
