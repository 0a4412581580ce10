//! Matches: what decides whether a rule applies to a packet.

use super::Extension;

mod addrtype;
mod comment;
mod conntrack;
mod hashlimit;
mod icmp;
mod icmp6;
mod limit;
mod mac;
mod mark;
mod multiport;
mod policy;
mod recent;
mod sctp;
mod set;
mod socket;
mod state;
mod statistic;
mod string;
mod tcp;
mod tcpmss;
mod time;
mod u32;
mod udp;

pub use addrtype::*;
pub use comment::*;
pub use conntrack::*;
pub use hashlimit::*;
pub use icmp::*;
pub use icmp6::*;
pub use limit::*;
pub use mac::*;
pub use mark::*;
pub use multiport::*;
pub use policy::*;
pub use recent::*;
pub use sctp::*;
pub use set::*;
pub use socket::*;
pub use state::*;
pub use statistic::*;
pub use string::*;
pub use tcp::*;
pub use tcpmss::*;
pub use time::*;
pub use u32::*;
pub use udp::*;

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &addrtype::EXT,
    &comment::EXT,
    &conntrack::EXT,
    &hashlimit::EXT,
    &icmp::EXT,
    &icmp6::EXT,
    &limit::EXT,
    &mac::EXT,
    &mark::EXT,
    &multiport::EXT,
    &policy::EXT,
    &recent::EXT,
    &sctp::EXT,
    &set::EXT,
    &socket::EXT,
    &state::EXT,
    &statistic::EXT,
    &string::EXT,
    &tcp::EXT,
    &tcpmss::EXT,
    &time::EXT,
    &u32::EXT,
    &udp::EXT,
];
