//! Matches: what decides whether a rule applies to a packet.

use super::Extension;

mod addrtype;
mod comment;
mod conntrack;
mod dccp;
mod devgroup;
mod dscp;
mod ecn;
mod esp;
mod hashlimit;
mod helper;
mod hl;
mod icmp;
mod icmp6;
mod ipcomp;
mod iprange;
mod ipvs;
mod limit;
mod mac;
mod mark;
mod multiport;
mod owner;
mod physdev;
mod pkttype;
mod policy;
mod quota;
mod realm;
mod recent;
mod rpfilter;
mod set;
mod state;
mod statistic;
mod tcp;
mod tos;
mod ttl;
mod u32;
mod udp;

pub use addrtype::*;
pub use comment::*;
pub use conntrack::*;
pub use dccp::*;
pub use devgroup::*;
pub use dscp::*;
pub use ecn::*;
pub use esp::*;
pub use hashlimit::*;
pub use helper::*;
pub use hl::*;
pub use icmp::*;
pub use icmp6::*;
pub use ipcomp::*;
pub use iprange::*;
pub use ipvs::*;
pub use limit::*;
pub use mac::*;
pub use mark::*;
pub use multiport::*;
pub use owner::*;
pub use physdev::*;
pub use pkttype::*;
pub use policy::*;
pub use quota::*;
pub use realm::*;
pub use recent::*;
pub use rpfilter::*;
pub use set::*;
pub use state::*;
pub use statistic::*;
pub use tcp::*;
pub use tos::*;
pub use ttl::*;
pub use u32::*;
pub use udp::*;

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &addrtype::EXT,
    &comment::EXT,
    &conntrack::EXT,
    &dccp::EXT,
    &devgroup::EXT,
    &dscp::EXT,
    &ecn::EXT,
    &esp::EXT,
    &hashlimit::EXT,
    &helper::EXT,
    &hl::EXT,
    &icmp::EXT,
    &icmp6::EXT,
    &ipcomp::EXT,
    &iprange::EXT,
    &ipvs::EXT,
    &limit::EXT,
    &mac::EXT,
    &mark::EXT,
    &multiport::EXT,
    &owner::EXT,
    &physdev::EXT,
    &pkttype::EXT,
    &policy::EXT,
    &quota::EXT,
    &realm::EXT,
    &recent::EXT,
    &rpfilter::EXT,
    &set::EXT,
    &state::EXT,
    &statistic::EXT,
    &tcp::EXT,
    &tos::EXT,
    &ttl::EXT,
    &u32::EXT,
    &udp::EXT,
];
