//! Targets: what a rule does with a packet.

use super::Extension;

mod audit;
mod checksum;
mod classify;
mod connmark;
mod connsecmark;
mod ct;
mod dnat;
mod log;
mod mark;
mod masquerade;
mod notrack;
mod redirect;
mod reject;
mod set;
mod snat;

pub use audit::*;
pub use checksum::*;
pub use classify::*;
pub use connmark::*;
pub use connsecmark::*;
pub use ct::*;
pub use dnat::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use notrack::*;
pub use redirect::*;
pub use reject::*;
pub use set::*;
pub use snat::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &audit::EXT,
    &checksum::EXT,
    &classify::EXT,
    &connmark::EXT,
    &connsecmark::EXT,
    &ct::EXT,
    &dnat::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &notrack::EXT,
    &redirect::EXT,
    &reject::EXT,
    &set::EXT,
    &snat::EXT,
];
