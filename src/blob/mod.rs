//! Table blobs: what the kernel gives and takes. Pure functions on bytes that accept any input without panicking.

mod entry;
mod foreign;
mod frame;
mod layout;
mod walk;

pub(crate) use entry::{
    Entry, EntryVerdict, ExtBytes, Header, Kind, push_extension, push_standard, put_counters,
};
pub(crate) use foreign::Foreign;
pub(crate) use frame::Frame;
pub(crate) use layout::{Layout, put_at, u16_at, u32_at, u64_at};
pub(crate) use walk::{Item, VERDICT_OFFSET, Walk, verdict_at};
