//! A kernel that fails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use libfw::backend::{Blobs, Host, Info, Legacy};
use libfw::{Counters, Family, Kernel, Result};

use crate::forward::forward;

/// Tables of another backend that fails at one of the next calls.
#[derive(Debug)]
pub struct Faulty {
    pub inner: Arc<dyn Blobs>,
    /// How many calls from now on succeed before one fails. Of those that only ask nothing is counted.
    pub left: AtomicU32,
    /// Which calls count.
    pub only_counters: bool,
    /// Somebody who replaces the table once at the worst moment, after the last look, by another one with as many rules.
    pub rival: Mutex<Option<Kernel>>,
}

/// No call fails.
pub const NEVER: u32 = u32::MAX;

impl Faulty {
    /// Does something of which the call with that number fails; returns what came of it, and whether there was such a call.
    pub fn during<T>(&self, fault: u32, work: impl FnOnce() -> T) -> (T, bool) {
        self.left.store(fault, Ordering::Relaxed);
        let result = work();
        (result, self.left.swap(NEVER, Ordering::Relaxed) > fault)
    }

    fn fails(&self, counters: bool) -> bool {
        if self.only_counters && !counters || self.left.load(Ordering::Relaxed) == NEVER {
            return false;
        }
        // After the fault follows a long time without one.
        self.left.fetch_sub(1, Ordering::Relaxed) == 0
    }

    /// What a backend says that fails.
    fn fault<T>(&self, family: Family) -> Result<T> {
        Err(self.inner.info(family, "nothing").expect_err("there is no such table"))
    }
}

impl Blobs for Faulty {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        if self.fails(false) { self.fault(family) } else { self.inner.info(family, table) }
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        if self.fails(false) {
            // Whatever was written to the buffer before it failed.
            buffer.truncate(buffer.len() / 2);
            buffer.fill(0xff);
            return self.fault(family);
        }
        self.inner.entries(family, table, info, buffer)
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        new: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        if self.fails(false) {
            return self.fault(family);
        }
        if let Some(rival) = self.rival.lock().unwrap().take() {
            let mut table = rival.open(family, table)?;
            table.chain_mut("INPUT")?.replace(0, "-c 77 7700 -p udp -j DROP")?;
            table.commit()?;
        }
        self.inner.replace(family, table, info, new, old)
    }

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        // The mark of a table, in the last one, may fail unseen.
        let counts =
            request.split_last().is_some_and(|(_, rest)| rest.iter().any(|pair| *pair != Counters::ZERO));
        let given = if counts && self.fails(true) { &mut request[1..] } else { request };
        self.inner.add_counters(family, table, given)
    }
}

impl Host for Faulty {
    forward!(inner: supports, set_by_name, set_by_index);
}

/// A kernel that fails, and the switch for it.
pub fn faulty(inner: Arc<dyn Blobs>, only_counters: bool) -> (Kernel, Arc<Faulty>) {
    let blobs =
        Arc::new(Faulty { inner, left: AtomicU32::new(NEVER), only_counters, rival: Mutex::default() });
    (Kernel::with_backend(Legacy::new(blobs.clone())), blobs)
}
