//! Targets: what a rule does with a packet.

use super::Extension;

mod connmark;
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

pub use connmark::*;
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
    &connmark::EXT,
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
