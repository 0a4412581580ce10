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
mod dst;
mod eui64;
mod frag;
mod hashlimit;
mod hbh;
mod icmp;
mod icmp6;
mod ipv6header;
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
mod srh;
mod socket;
mod state;
mod statistic;
mod string;
mod tcp;
mod tos;
mod ttl;
mod tcpmss;
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
pub use dst::*;
pub use eui64::*;
pub use frag::*;
pub use hashlimit::*;
pub use hbh::*;
pub use icmp::*;
pub use icmp6::*;
pub use ipv6header::*;
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
pub use srh::*;
pub use socket::*;
pub use state::*;
pub use statistic::*;
pub use string::*;
pub use tcp::*;
pub use tos::*;
pub use ttl::*;
pub use tcpmss::*;
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
    &dst::EXT,
    &eui64::EXT,
    &frag::EXT,
    &hashlimit::EXT,
    &hbh::EXT,
    &icmp::EXT,
    &icmp6::EXT,
    &ipv6header::EXT,
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
    &srh::EXT,
    &socket::EXT,
    &state::EXT,
    &statistic::EXT,
    &string::EXT,
    &tcp::EXT,
    &tos::EXT,
    &ttl::EXT,
    &tcpmss::EXT,
    &u32::EXT,
    &udp::EXT,
];
