//! Matches: what decides whether a rule applies to a packet.

use super::Extension;

mod addrtype;
mod ah;
mod bpf;
mod cgroup;
mod cluster;
mod comment;
mod connbytes;
mod connlimit;
mod connmark;
mod conntrack;
mod cpu;
mod hashlimit;
mod icmp;
mod icmp6;
mod length;
mod limit;
mod mac;
mod mark;
mod multiport;
mod policy;
mod recent;
mod set;
mod state;
mod statistic;
mod tcp;
mod u32;
mod udp;

pub use addrtype::*;
pub use ah::*;
pub use bpf::*;
pub use cgroup::*;
pub use cluster::*;
pub use comment::*;
pub use connbytes::*;
pub use connlimit::*;
pub use connmark::*;
pub use conntrack::*;
pub use cpu::*;
pub use hashlimit::*;
pub use icmp::*;
pub use icmp6::*;
pub use length::*;
pub use limit::*;
pub use mac::*;
pub use mark::*;
pub use multiport::*;
pub use policy::*;
pub use recent::*;
pub use set::*;
pub use state::*;
pub use statistic::*;
pub use tcp::*;
pub use u32::*;
pub use udp::*;

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &addrtype::EXT,
    &ah::EXT,
    &bpf::EXT,
    &cgroup::EXT,
    &cluster::EXT,
    &comment::EXT,
    &connbytes::EXT,
    &connlimit::EXT,
    &connmark::EXT,
    &conntrack::EXT,
    &cpu::EXT,
    &hashlimit::EXT,
    &icmp::EXT,
    &icmp6::EXT,
    &length::EXT,
    &limit::EXT,
    &mac::EXT,
    &mark::EXT,
    &multiport::EXT,
    &policy::EXT,
    &recent::EXT,
    &set::EXT,
    &state::EXT,
    &statistic::EXT,
    &tcp::EXT,
    &u32::EXT,
    &udp::EXT,
];
