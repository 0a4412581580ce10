//! nf_tables as a backend: the rules that `iptables-nft` lists, saves and deletes as its own.
//!
//! The messages are those of `linux/netfilter/nf_tables.h` over NETLINK_NETFILTER.
#![allow(dead_code, unused_imports, reason = "not yet behind the seam")]

pub(crate) mod attr;
pub(crate) mod rule;
