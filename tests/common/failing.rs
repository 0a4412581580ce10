//! A kernel in memory of which calls fail.

#[path = "forward.rs"]
mod forward;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use forward::forward;
use libfw::backend::{Blobs, Host, Info, Legacy};
use libfw::{Counters, Family, Kernel, MemoryKernel, Result};

/// Tables of which one of the next calls fails.
#[derive(Debug)]
pub struct Failing {
    inner: Arc<MemoryKernel>,
    /// How many calls succeed before one fails.
    left: AtomicU32,
    /// How many fail then, one after the other.
    times: AtomicU32,
}

impl Failing {
    pub fn new() -> Arc<Failing> {
        let left = AtomicU32::new(u32::MAX);
        Arc::new(Failing { inner: Arc::default(), left, times: AtomicU32::new(1) })
    }

    /// Has so many calls fail that come after so many from now on; none after the largest number.
    pub fn fail(&self, left: u32, times: u32) {
        self.times.store(times, Ordering::Relaxed);
        self.left.store(left, Ordering::Relaxed);
    }

    /// The same tables where nothing fails.
    pub fn others(&self) -> Kernel {
        Kernel::with_backend(Legacy::new(self.inner.clone()))
    }

    /// The table that is asked for; another if this call fails.
    fn asked<'a>(&self, table: &'a str) -> &'a str {
        match self.left.load(Ordering::Relaxed) {
            u32::MAX => table,
            0 => {
                if self.times.fetch_sub(1, Ordering::Relaxed) <= 1 {
                    self.left.store(u32::MAX, Ordering::Relaxed);
                }
                "nothing"
            }
            left => {
                self.left.store(left - 1, Ordering::Relaxed);
                table
            }
        }
    }
}

impl Blobs for Failing {
    forward!(inner: add_counters, tables);

    fn info(&self, family: Family, table: &str) -> Result<Info> {
        self.inner.info(family, self.asked(table))
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        self.inner.entries(family, self.asked(table), info, buffer)
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        self.inner.replace(family, self.asked(table), info, request, old)
    }
}

impl Host for Failing {
    forward!(inner: supports, set_by_name, set_by_index);
}
