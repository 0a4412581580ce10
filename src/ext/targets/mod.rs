//! Targets: what a rule does with a packet.
//!
//! Each type is one target, its fields are the options of iptables. A field that is `None` or `false` is an option that is not
//! given. The method of a field takes its value, or the text that iptables takes for it ([`IntoSetting`](crate::IntoSetting)); where the
//! field is not called as its option there is a method by the name of that, too. [`RuleBuilder::target`](crate::RuleBuilder::target) puts a value into a rule, and
//! [`MatchRef::decode`](crate::MatchRef::decode) reads it from one. The manual is
//! [iptables-extensions(8)](https://man7.org/linux/man-pages/man8/iptables-extensions.8.html).
//!
//! # Errors
//!
//! Making a value cannot fail; [`RuleBuilder::build`](crate::RuleBuilder::build) says what is wrong with it, as
//! [`Rule::parse`](crate::Rule::parse) says it of text. A value that is out of range or too long is an error of the kind
//! [`InvalidValue`](crate::ErrorKind::InvalidValue), options that are missing or cannot stand together are one of the kind
//! [`InvalidRule`](crate::ErrorKind::InvalidRule). So is a rule without the protocol that is needed, or in a table or chain
//! where the kernel does not take it, which comes out at [`Table::commit`](crate::Table::commit).
//! [`ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable) is a kernel without the target, or one whose revision
//! has not all of the options; [`NoSuchObject`](crate::ErrorKind::NoSuchObject) is a name, as of an ipset, that the
//! kernel does not know.

use super::Extension;

mod arp_mark;
mod audit;
mod checksum;
mod classify;
mod clusterip;
mod connmark;
mod connsecmark;
mod ct;
mod dnat;
mod dnpt;
mod dscp;
mod ecn;
mod hl;
mod hmark;
mod idletimer;
mod led;
mod log;
mod mangle;
mod mark;
mod masquerade;
mod netmap;
mod nflog;
mod nfqueue;
mod notrack;
mod rateest;
mod redirect;
mod reject;
mod secmark;
mod set;
mod snat;
mod snpt;
mod synproxy;
mod tcpmss;
mod tcpoptstrip;
mod tee;
mod tos;
mod tproxy;
mod trace;
mod ttl;
mod ulog;

pub use arp_mark::*;
pub use audit::*;
pub use checksum::*;
pub use classify::*;
pub use clusterip::*;
pub use connmark::*;
pub use connsecmark::*;
pub use ct::*;
pub use dnat::*;
pub use dnpt::*;
pub use dscp::*;
pub use ecn::*;
pub use hl::*;
pub use hmark::*;
pub use idletimer::*;
pub use led::*;
pub use log::*;
pub use mangle::*;
pub use mark::*;
pub use masquerade::*;
pub use netmap::*;
pub use nflog::*;
pub use nfqueue::*;
pub use notrack::*;
pub use rateest::*;
pub use redirect::*;
pub use reject::*;
pub use secmark::*;
pub use set::*;
pub use snat::*;
pub use snpt::*;
pub use synproxy::*;
pub use tcpmss::*;
pub use tcpoptstrip::*;
pub use tee::*;
pub use tos::*;
pub use tproxy::*;
pub use trace::*;
pub use ttl::*;
pub use ulog::*;

pub use super::values::{
    DscpClass, EcnCodepoint, MacAddr, MarkMask, NatPorts, NatRange, SetDir, SetRef, TosMask,
};

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[
    &audit::EXT,
    &checksum::EXT,
    &classify::EXT,
    &clusterip::EXT,
    &connmark::EXT,
    &connsecmark::EXT,
    &ct::EXT,
    &dnat::EXT,
    &dnpt::EXT,
    &dscp::EXT,
    &ecn::EXT,
    &hl::EXT,
    &hmark::EXT,
    &idletimer::EXT,
    &led::EXT,
    &log::EXT,
    &mangle::EXT,
    &mark::EXT,
    &arp_mark::EXT,
    &masquerade::EXT,
    &netmap::EXT,
    &nflog::EXT,
    &nfqueue::EXT,
    &notrack::EXT,
    &rateest::EXT,
    &redirect::EXT,
    &reject::EXT,
    &secmark::EXT,
    &set::EXT,
    &snat::EXT,
    &snpt::EXT,
    &synproxy::EXT,
    &tcpmss::EXT,
    &tcpoptstrip::EXT,
    &tee::EXT,
    &tos::EXT,
    &tproxy::EXT,
    &trace::EXT,
    &ttl::EXT,
    &ulog::EXT,
];
