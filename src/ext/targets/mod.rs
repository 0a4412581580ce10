//! Targets: what a rule does with a packet.

use super::Extension;

mod audit;
mod checksum;
mod classify;
mod connmark;
mod connsecmark;
mod ct;
mod dnat;
mod dscp;
mod ecn;
mod hl;
mod idletimer;
mod log;
mod mark;
mod masquerade;
mod nflog;
mod nfqueue;
mod notrack;
mod redirect;
mod reject;
mod set;
mod snat;
mod synproxy;
mod tcpmss;
mod tcpoptstrip;
mod tee;
mod tos;
mod tproxy;
mod trace;
mod ttl;

pub use audit::*;
pub use checksum::*;
pub use classify::*;
pub use connmark::*;
pub use connsecmark::*;
pub use ct::*;
pub use dnat::*;
pub use dscp::*;
pub use ecn::*;
pub use hl::*;
pub use idletimer::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use nflog::*;
pub use nfqueue::*;
pub use notrack::*;
pub use redirect::*;
pub use reject::*;
pub use set::*;
pub use snat::*;
pub use synproxy::*;
pub use tcpmss::*;
pub use tcpoptstrip::*;
pub use tee::*;
pub use tos::*;
pub use tproxy::*;
pub use trace::*;
pub use ttl::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &audit::EXT,
    &checksum::EXT,
    &classify::EXT,
    &connmark::EXT,
    &connsecmark::EXT,
    &ct::EXT,
    &dnat::EXT,
    &dscp::EXT,
    &ecn::EXT,
    &hl::EXT,
    &idletimer::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &nflog::EXT,
    &nfqueue::EXT,
    &notrack::EXT,
    &redirect::EXT,
    &reject::EXT,
    &set::EXT,
    &snat::EXT,
    &synproxy::EXT,
    &tcpmss::EXT,
    &tcpoptstrip::EXT,
    &tee::EXT,
    &tos::EXT,
    &tproxy::EXT,
    &trace::EXT,
    &ttl::EXT,
];
