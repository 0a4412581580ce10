//! The ground floor: the kernel's structures, the sockets that carry them, the xtables lock, network namespaces and the
//! name databases of the C library.
//!
//! This is the only place of the crate where `unsafe` is allowed. Everything above it works on byte slices.
#![allow(unsafe_code)]

pub(crate) mod bpf;
pub(crate) mod detached;
pub(crate) mod environment;
pub(crate) mod ipset;
pub(crate) mod layout;
pub(crate) mod lock;
pub(crate) mod memory;
pub(crate) mod modules;
pub(crate) mod names;
pub(crate) mod netlink;
pub(crate) mod netns;
pub(crate) mod socket;
pub(crate) mod terminal;
pub(crate) mod time;
pub(crate) mod timer;
pub(crate) mod waiter;
pub(crate) mod xt;
