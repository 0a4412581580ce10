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
mod dccp;
mod devgroup;
mod dscp;
mod dst;
mod ecn;
mod esp;
mod eui64;
mod frag;
mod hashlimit;
mod hbh;
mod helper;
mod hl;
mod icmp;
mod icmp6;
mod ipcomp;
mod iprange;
mod ipv6header;
mod length;
mod limit;
mod mac;
mod mark;
mod mh;
mod multiport;
mod owner;
mod physdev;
mod pkttype;
mod policy;
mod quota;
mod realm;
mod recent;
mod rpfilter;
mod rt;
mod set;
mod socket;
mod srh;
mod state;
mod statistic;
mod string;
mod tcp;
mod tcpmss;
mod tos;
mod ttl;
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
pub use dccp::*;
pub use devgroup::*;
pub use dscp::*;
pub use dst::*;
pub use ecn::*;
pub use esp::*;
pub use eui64::*;
pub use frag::*;
pub use hashlimit::*;
pub use hbh::*;
pub use helper::*;
pub use hl::*;
pub use icmp::*;
pub use icmp6::*;
pub use ipcomp::*;
pub use iprange::*;
pub use ipv6header::*;
pub use length::*;
pub use limit::*;
pub use mac::*;
pub use mark::*;
pub use mh::*;
pub use multiport::*;
pub use owner::*;
pub use physdev::*;
pub use pkttype::*;
pub use policy::*;
pub use quota::*;
pub use realm::*;
pub use recent::*;
pub use rpfilter::*;
pub use rt::*;
pub use set::*;
pub use socket::*;
pub use srh::*;
pub use state::*;
pub use statistic::*;
pub use string::*;
pub use tcp::*;
pub use tcpmss::*;
pub use tos::*;
pub use ttl::*;
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
    &dccp::EXT,
    &devgroup::EXT,
    &dscp::EXT,
    &dst::EXT,
    &ecn::EXT,
    &esp::EXT,
    &eui64::EXT,
    &frag::EXT,
    &hashlimit::EXT,
    &hbh::EXT,
    &helper::EXT,
    &hl::EXT,
    &icmp6::EXT,
    &icmp::EXT,
    &ipcomp::EXT,
    &iprange::EXT,
    &ipv6header::EXT,
    &length::EXT,
    &limit::EXT,
    &mac::EXT,
    &mark::EXT,
    &mh::EXT,
    &multiport::EXT,
    &owner::EXT,
    &physdev::EXT,
    &pkttype::EXT,
    &policy::EXT,
    &quota::EXT,
    &realm::EXT,
    &recent::EXT,
    &rpfilter::EXT,
    &rt::EXT,
    &set::EXT,
    &socket::EXT,
    &srh::EXT,
    &state::EXT,
    &statistic::EXT,
    &string::EXT,
    &tcp::EXT,
    &tcpmss::EXT,
    &tos::EXT,
    &ttl::EXT,
    &u32::EXT,
    &udp::EXT,
];
