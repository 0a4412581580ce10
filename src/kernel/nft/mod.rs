//! nf_tables as a backend: the rules that `iptables-nft` lists, saves and deletes as its own.
//!
//! The messages are those of `linux/netfilter/nf_tables.h` over NETLINK_NETFILTER.

pub(crate) mod attr;
mod backend;
pub(crate) mod base;
mod batch;
mod compat;
mod dump;
mod error;
mod known;
mod lock;
mod memory;
pub(crate) mod message;
pub(crate) mod model;
mod more;
mod read;
mod refusal;
#[cfg(any(fuzzing, all(test, playground)))]
pub mod replay;
pub(crate) mod rule;
mod same;
mod script;
pub(crate) mod session;
mod settle;
mod take;
#[cfg(all(test, playground))]
mod tests;
pub(crate) mod uapi;
mod write;

pub use backend::Nft;
