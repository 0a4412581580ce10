//! Targets: what a rule does with a packet.

use super::Extension;

mod ct;
mod dnat;
mod dscp;
mod ecn;
mod hl;
mod log;
mod mark;
mod masquerade;
mod notrack;
mod redirect;
mod reject;
mod set;
mod snat;
mod tos;
mod ttl;

pub use ct::*;
pub use dnat::*;
pub use dscp::*;
pub use ecn::*;
pub use hl::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use notrack::*;
pub use redirect::*;
pub use reject::*;
pub use set::*;
pub use snat::*;
pub use tos::*;
pub use ttl::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &ct::EXT,
    &dnat::EXT,
    &dscp::EXT,
    &ecn::EXT,
    &hl::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &notrack::EXT,
    &redirect::EXT,
    &reject::EXT,
    &set::EXT,
    &snat::EXT,
    &tos::EXT,
    &ttl::EXT,
];
