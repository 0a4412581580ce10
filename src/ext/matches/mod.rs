//! Matches: what decides whether a rule applies to a packet.

use super::Extension;

mod limit;
mod tcp;
mod udp;

pub use limit::Limit;
pub use tcp::{Tcp, TcpFlags, TcpFlagsTest};
pub use udp::Udp;

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &limit::EXT,
    &tcp::EXT,
    &udp::EXT,
];
