//! Targets: what a rule does with a packet.

use super::Extension;

mod ct;
mod dnat;
mod idletimer;
mod led;
mod log;
mod mark;
mod masquerade;
mod nflog;
mod nfqueue;
mod notrack;
mod redirect;
mod reject;
mod secmark;
mod set;
mod snat;
mod synproxy;
mod tcpmss;
mod tcpoptstrip;
mod tee;
mod tproxy;
mod trace;
mod ulog;

pub use ct::*;
pub use dnat::*;
pub use idletimer::*;
pub use led::*;
pub use log::*;
pub use mark::*;
pub use masquerade::*;
pub use nflog::*;
pub use nfqueue::*;
pub use notrack::*;
pub use redirect::*;
pub use reject::*;
pub use secmark::*;
pub use set::*;
pub use snat::*;
pub use synproxy::*;
pub use tcpmss::*;
pub use tcpoptstrip::*;
pub use tee::*;
pub use tproxy::*;
pub use trace::*;
pub use ulog::*;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &ct::EXT,
    &dnat::EXT,
    &idletimer::EXT,
    &led::EXT,
    &log::EXT,
    &mark::EXT,
    &masquerade::EXT,
    &nflog::EXT,
    &nfqueue::EXT,
    &notrack::EXT,
    &redirect::EXT,
    &reject::EXT,
    &secmark::EXT,
    &set::EXT,
    &snat::EXT,
    &synproxy::EXT,
    &tcpmss::EXT,
    &tcpoptstrip::EXT,
    &tee::EXT,
    &tproxy::EXT,
    &trace::EXT,
    &ulog::EXT,
];
