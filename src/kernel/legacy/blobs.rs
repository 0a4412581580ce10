//! The xtables interface: tables as blobs of entries that are read and replaced as a whole.

use std::io;
use std::sync::Arc;

use crate::Result;
use crate::ext::Host;
use crate::sys::xt::{NF_INET_NUMHOOKS, xt_counters_info};
use crate::table::backend::{Interrupt, Lock, LockPolicy};
use crate::types::{BackendKind, Counters, Family};

/// How many counters are room for the header of a request that adds counters: as many as `struct xt_counters_info` needs.
pub const COUNTERS_HEADROOM: usize = size_of::<xt_counters_info>().div_ceil(size_of::<Counters>());

/// What is known of a table before its entries are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// The hooks at which the table is consulted, one bit each.
    pub valid_hooks: u32,
    /// The offset of the first entry of each hook's chain.
    pub hook_entry: [u32; NF_INET_NUMHOOKS],
    /// The offset of the entry that is each hook's policy.
    pub underflow: [u32; NF_INET_NUMHOOKS],
    /// The number of entries.
    pub num_entries: u32,
    /// The size of all entries in bytes.
    pub size: u32,
}

/// Something that holds tables as the xtables interface of the kernel does: [`Legacy`](super::Legacy) makes a
/// [`Backend`](crate::backend::Backend) of it.
pub trait Blobs: Host {
    /// Reads a table's description.
    ///
    /// # Errors
    ///
    /// [`NoSuchTable`](crate::ErrorKind::NoSuchTable), [`PermissionDenied`](crate::ErrorKind::PermissionDenied) or
    /// [`BackendAbsent`](crate::ErrorKind::BackendAbsent).
    fn info(&self, family: Family, table: &str) -> Result<Info>;

    /// Reads the entries of a table into a buffer, which is replaced. They begin behind [`HEADROOM`](crate::backend::HEADROOM) bytes, so that the
    /// buffer can be what is written later.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when the table's size is no longer the one given.
    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()>;

    /// Replaces a table and gives the last counters of the old entries; there is room for as many as there should be. The
    /// request has [`HEADROOM`](crate::backend::HEADROOM) bytes before the new entries.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when the number of old entries is another one, and whatever
    /// the kernel has against the new ones.
    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()>;

    /// Adds to the counters of a table's entries, one pair for each. They follow [`COUNTERS_HEADROOM`] others, which are room
    /// for a header.
    ///
    /// # Errors
    ///
    /// When the number of entries is not that of the table.
    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()>;

    /// As [`Backend::tables`](crate::backend::Backend::tables).
    ///
    /// # Errors
    ///
    /// As there.
    fn tables(&self, _family: Family) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Whether there is a table, found out without bringing it into being. `None` if that cannot be told: then it is
    /// [asked](Blobs::info) for.
    ///
    /// # Errors
    ///
    /// Those of [`info`](Blobs::info).
    fn exists(&self, _family: Family, _table: &str) -> Result<Option<bool>> {
        Ok(None)
    }

    /// As [`Backend::missing_module`](crate::backend::Backend::missing_module).
    ///
    /// # Errors
    ///
    /// As there.
    fn missing_module(&self, _family: Family) -> Result<Option<&'static str>> {
        Ok(None)
    }

    /// As [`Backend::trial`](crate::backend::Backend::trial).
    ///
    /// # Errors
    ///
    /// As there.
    fn trial(&self) -> io::Result<Option<Arc<dyn Blobs>>> {
        Ok(None)
    }

    /// What this is, to whom it may concern.
    fn kind(&self) -> BackendKind {
        BackendKind::Memory
    }

    /// Takes the lock that other programs take before they change a table; by default there is none.
    ///
    /// # Errors
    ///
    /// [`LockBusy`](crate::ErrorKind::LockBusy) when somebody else holds it.
    fn lock(&self, _policy: &LockPolicy, _interrupt: Option<&Interrupt>) -> Result<Lock> {
        Ok(Lock::NONE)
    }

    /// As [`Backend::namespace`](crate::backend::Backend::namespace).
    fn namespace(&self, _family: Family) -> Option<(u64, u64)> {
        None
    }
}

impl<T: Blobs + ?Sized> Blobs for Arc<T> {
    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        (**self).missing_module(family)
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Blobs>>> {
        (**self).trial()
    }

    fn info(&self, family: Family, table: &str) -> Result<Info> {
        (**self).info(family, table)
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        (**self).entries(family, table, info, buffer)
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        (**self).replace(family, table, info, request, old)
    }

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        (**self).add_counters(family, table, request)
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        (**self).tables(family)
    }

    fn exists(&self, family: Family, table: &str) -> Result<Option<bool>> {
        (**self).exists(family, table)
    }

    fn kind(&self) -> BackendKind {
        (**self).kind()
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        (**self).lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        (**self).namespace(family)
    }
}
