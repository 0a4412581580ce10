//! Matches: what decides whether a rule applies to a packet.

use super::Extension;

mod addrtype;
mod comment;
mod conntrack;
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
mod nfacct;
mod osf;
mod owner;
mod physdev;
mod pkttype;
mod policy;
mod quota;
mod rateest;
mod realm;
mod recent;
mod rpfilter;
mod rt;
mod set;
mod srh;
mod state;
mod statistic;
mod tcp;
mod u32;
mod udp;

pub use addrtype::*;
pub use comment::*;
pub use conntrack::*;
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
pub use nfacct::*;
pub use osf::*;
pub use owner::*;
pub use physdev::*;
pub use pkttype::*;
pub use policy::*;
pub use quota::*;
pub use rateest::*;
pub use realm::*;
pub use recent::*;
pub use rpfilter::*;
pub use rt::*;
pub use set::*;
pub use srh::*;
pub use state::*;
pub use statistic::*;
pub use tcp::*;
pub use u32::*;
pub use udp::*;

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &addrtype::EXT,
    &comment::EXT,
    &conntrack::EXT,
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
    &nfacct::EXT,
    &osf::EXT,
    &owner::EXT,
    &physdev::EXT,
    &pkttype::EXT,
    &policy::EXT,
    &quota::EXT,
    &rateest::EXT,
    &realm::EXT,
    &recent::EXT,
    &rpfilter::EXT,
    &rt::EXT,
    &set::EXT,
    &srh::EXT,
    &state::EXT,
    &statistic::EXT,
    &tcp::EXT,
    &u32::EXT,
    &udp::EXT,
];
