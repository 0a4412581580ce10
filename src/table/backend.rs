//! The seam between tables and whatever holds them.

use std::fmt;

use crate::Result;
use crate::ext::{ExtensionKind, SetInfo};
use crate::sys::xt::{NF_INET_NUMHOOKS, ipt_replace};
use crate::types::{Counters, Family};

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

/// The room before the entries in a buffer: the size of `struct ipt_replace` and `struct ip6t_replace`.
pub const HEADROOM: usize = size_of::<ipt_replace>();

/// Something that holds tables: a kernel, or a stand-in for one.
///
/// The library's own backends are the kernel's socket interface and an in-memory kernel; the trait keeps the rest of the
/// library from depending on either.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Reads a table's description.
    ///
    /// # Errors
    ///
    /// [`NoSuchTable`](crate::ErrorKind::NoSuchTable), [`PermissionDenied`](crate::ErrorKind::PermissionDenied) or
    /// [`BackendAbsent`](crate::ErrorKind::BackendAbsent).
    fn info(&self, family: Family, table: &str) -> Result<Info>;

    /// Reads the entries of a table into a buffer, which is replaced. They begin behind [`HEADROOM`] bytes, so that the
    /// buffer can be what is written later.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when the table's size is no longer the one given.
    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()>;

    /// Replaces a table and returns the last counters of the old entries, `old_entries` of them. The request has
    /// [`HEADROOM`] bytes before the new entries.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when the number of old entries is no longer the one given, and whatever
    /// the kernel has against the new ones.
    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old_entries: u32,
    ) -> Result<Vec<Counters>>;

    /// Adds to the counters of a table's entries, one pair for each.
    ///
    /// # Errors
    ///
    /// When the number of entries is not that of the table.
    fn add_counters(&self, family: Family, table: &str, counters: &[Counters]) -> Result<()>;

    /// Whether a match or target exists in a revision.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool>;

    /// Opens the BPF object that is pinned at a path, where there are such objects.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened.
    fn pinned_object(&self, _path: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    /// The index and family of an ipset.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>>;

    /// The name of the ipset at an index.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>>;
}
