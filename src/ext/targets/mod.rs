//! Targets: what a rule does with a packet.

use super::Extension;

mod ct;
mod dnat;
mod log;
mod mark;
mod masquerade;
mod notrack;
mod rateest;
mod redirect;
mod reject;
mod set;
mod snat;

pub use ct::*;
pub use dnat::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use notrack::*;
pub use rateest::*;
pub use redirect::*;
pub use reject::*;
pub use set::*;
pub use snat::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &ct::EXT,
    &dnat::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &notrack::EXT,
    &rateest::EXT,
    &redirect::EXT,
    &reject::EXT,
    &set::EXT,
    &snat::EXT,
];
