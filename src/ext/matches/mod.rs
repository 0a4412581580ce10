//! Matches: what decides whether a rule applies to a packet.
//!
//! Each type is one match, its fields are the options of iptables. A field that is `None` or `false` is an option that is not
//! given. The method of a field takes its value, or the text that iptables takes for it ([`IntoSetting`](crate::IntoSetting)); where the
//! field is not called as its option there is a method by the name of that, too. [`RuleBuilder::matching`](crate::RuleBuilder::matching) puts a value into a rule, and
//! [`MatchRef::decode`](crate::MatchRef::decode) reads it from one.
//! The manual of all but `l2tp` and `udplite` is
//! [iptables-extensions(8)](https://man7.org/linux/man-pages/man8/iptables-extensions.8.html).
//!
//! # Errors
//!
//! Making a value cannot fail; [`RuleBuilder::build`](crate::RuleBuilder::build) says what is wrong with it, as
//! [`Rule::parse`](crate::Rule::parse) says it of text. A value that is out of range or too long is an error of the kind
//! [`InvalidValue`](crate::ErrorKind::InvalidValue), options that are missing or cannot stand together are one of the kind
//! [`InvalidRule`](crate::ErrorKind::InvalidRule). So is a rule without the protocol that is needed, or in a table or chain
//! where the kernel does not take it, which comes out at [`Table::commit`](crate::Table::commit).
//! [`ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable) is a kernel without the match, or one whose revision
//! has not all of the options; [`NoSuchObject`](crate::ErrorKind::NoSuchObject) is a name, as of an ipset, that the
//! kernel does not know.

use super::Extension;

mod addrtype;
mod ah;
mod arp;
mod bpf;
mod cgroup;
mod cluster;
mod comment;
mod connbytes;
mod connlabel;
mod connlimit;
mod connmark;
mod conntrack;
mod cpu;
mod dccp;
mod devgroup;
mod dscp;
mod dst;
mod ecn;
mod esp;
mod eui64;
mod frag;
mod hashlimit;
mod hbh;
mod helper;
mod hl;
mod icmp;
mod icmp6;
mod ipcomp;
mod iprange;
mod ipv6header;
mod ipvs;
mod l2tp;
mod length;
mod limit;
mod mac;
mod mark;
mod mh;
mod multiport;
mod nfacct;
mod osf;
mod owner;
mod physdev;
mod pkttype;
mod policy;
mod quota;
mod rateest;
mod realm;
mod recent;
mod rpfilter;
mod rt;
mod sctp;
mod set;
mod socket;
mod srh;
mod state;
mod statistic;
mod string;
mod tcp;
mod tcpmss;
mod time;
mod tos;
mod ttl;
mod u32;
mod udp;
mod udplite;

pub use addrtype::*;
pub use ah::*;
pub use arp::*;
pub use bpf::*;
pub use cgroup::*;
pub use cluster::*;
pub use comment::*;
pub use connbytes::*;
pub use connlabel::*;
pub use connlimit::*;
pub use connmark::*;
pub use conntrack::*;
pub use cpu::*;
pub use dccp::*;
pub use devgroup::*;
pub use dscp::*;
pub use dst::*;
pub use ecn::*;
pub use esp::*;
pub use eui64::*;
pub use frag::*;
pub use hashlimit::*;
pub use hbh::*;
pub use helper::*;
pub use hl::*;
pub use icmp::*;
pub use icmp6::*;
pub use ipcomp::*;
pub use iprange::*;
pub use ipv6header::*;
pub use ipvs::*;
pub use l2tp::*;
pub use length::*;
pub use limit::*;
pub use mac::*;
pub use mark::*;
pub use mh::*;
pub use multiport::*;
pub use nfacct::*;
pub use osf::*;
pub use owner::*;
pub use physdev::*;
pub use pkttype::*;
pub use policy::*;
pub use quota::*;
pub use rateest::*;
pub use realm::*;
pub use recent::*;
pub use rpfilter::*;
pub use rt::*;
pub use sctp::*;
pub use set::*;
pub use socket::*;
pub use srh::*;
pub use state::*;
pub use statistic::*;
pub use string::*;
pub use tcp::*;
pub use tcpmss::*;
pub use time::*;
pub use tos::*;
pub use ttl::*;
pub use u32::*;
pub use udp::*;
pub use udplite::*;

pub use super::values::{
    AddrRange, ArpOpcode, DayTime, DscpClass, EcnCodepoint, IcmpType, MacAddr, MacMask, MarkMask, Moment,
    Monthdays, PrefixLength, ProtocolNumber, Rate, RateUnit, SetDir, SetRef, TosMask, Weekdays,
};

/// Every match, by name.
pub(crate) static ALL: &[&Extension] = &[
    &addrtype::EXT,
    &ah::EXT,
    &arp::EXT,
    &bpf::EXT,
    &cgroup::EXT,
    &cluster::EXT,
    &comment::EXT,
    &connbytes::EXT,
    &connlabel::EXT,
    &connlimit::EXT,
    &connmark::EXT,
    &conntrack::EXT,
    &cpu::EXT,
    &dccp::EXT,
    &devgroup::EXT,
    &dscp::EXT,
    &dst::EXT,
    &ecn::EXT,
    &esp::EXT,
    &eui64::EXT,
    &frag::EXT,
    &hashlimit::EXT,
    &hbh::EXT,
    &helper::EXT,
    &hl::EXT,
    &icmp6::EXT,
    &icmp::EXT,
    &ipcomp::EXT,
    &iprange::EXT,
    &ipv6header::EXT,
    &ipvs::EXT,
    &l2tp::EXT,
    &length::EXT,
    &limit::EXT,
    &mac::EXT,
    &mark::EXT,
    &mh::EXT,
    &multiport::EXT,
    &nfacct::EXT,
    &osf::EXT,
    &owner::EXT,
    &physdev::EXT,
    &pkttype::EXT,
    &policy::EXT,
    &quota::EXT,
    &rateest::EXT,
    &realm::EXT,
    &recent::EXT,
    &rpfilter::EXT,
    &rt::EXT,
    &sctp::EXT,
    &set::EXT,
    &socket::EXT,
    &srh::EXT,
    &state::EXT,
    &statistic::EXT,
    &string::EXT,
    &tcp::EXT,
    &tcpmss::EXT,
    &time::EXT,
    &tos::EXT,
    &ttl::EXT,
    &u32::EXT,
    &udp::EXT,
    &udplite::EXT,
];
