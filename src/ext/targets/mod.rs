//! Targets: what a rule does with a packet.

use super::Extension;

mod ct;
mod dnat;
mod dnpt;
mod dscp;
mod ecn;
mod hl;
mod hmark;
mod log;
mod mark;
mod masquerade;
mod netmap;
mod notrack;
mod redirect;
mod reject;
mod set;
mod snat;
mod snpt;
mod tos;
mod ttl;

pub use ct::*;
pub use dnat::*;
pub use dnpt::*;
pub use dscp::*;
pub use ecn::*;
pub use hl::*;
pub use hmark::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use netmap::*;
pub use notrack::*;
pub use redirect::*;
pub use reject::*;
pub use set::*;
pub use snat::*;
pub use snpt::*;
pub use tos::*;
pub use ttl::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &ct::EXT,
    &dnat::EXT,
    &dnpt::EXT,
    &dscp::EXT,
    &ecn::EXT,
    &hl::EXT,
    &hmark::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &netmap::EXT,
    &notrack::EXT,
    &redirect::EXT,
    &reject::EXT,
    &set::EXT,
    &snat::EXT,
    &snpt::EXT,
    &tos::EXT,
    &ttl::EXT,
];
