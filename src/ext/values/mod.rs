//! The values of options: how each is read and printed.

mod address;
mod arp;
mod clock;
mod dscp;
mod hops;
pub(crate) mod icmp;
mod ip6_options;
mod mac;
mod mark;
mod names;
mod nat;
mod npt;
mod ports;
mod range;
mod rate;
mod set;
mod text;

pub use address::{PrefixLength, ProtocolNumber};
pub(crate) use address::{list_address, protocol};
pub use arp::{ArpOpcode, ArpProtocol, ArpType, HardwareLength, HardwareType, HexMark};
pub use clock::{DayTime, Moment, Monthdays, Weekdays};
pub use dscp::{Dscp, DscpClass, EcnCodepoint, TosMask};
pub(crate) use hops::{HopChange, HopTest};
pub use icmp::IcmpType;
pub(crate) use icmp::{IcmpName, list_icmp, named_icmp, read_icmp};
pub use ip6_options::{Ip6Option, Ip6Options};
pub(crate) use ip6_options::{ip6t_opts, list_options, options_from_raw, options_to_raw};
pub use mac::{MacAddr, MacMask};
pub use mark::{Hex, MarkMask};
pub(crate) use mark::{print_named, read_named};
pub(crate) use names::{
    below, by_beginning, choice, choice_value, flags, flags_value, print_names, read_names,
};
pub(crate) use nat::{
    NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PERSISTENT, NF_NAT_RANGE_PROTO_RANDOM,
    NF_NAT_RANGE_PROTO_RANDOM_FULLY, nf_nat_ipv4_multi_range_compat, nf_nat_range, nf_nat_range2, old_range,
    read_old_range,
};
pub use nat::{NatPorts, NatRange};
pub(crate) use npt::{Prefixes, ip6t_npt_tginfo};
pub(crate) use ports::{list_port, list_ports, list_spis, ports_from_raw, ports_to_raw};
pub use range::AddrRange;
pub(crate) use rate::{ByteCount, LIMIT_SCALE};
pub use rate::{Rate, RateUnit};
pub use set::{SetDir, SetRef};
pub(crate) use set::{xt_set_info, xt_set_info_v0};
