//! Sets of addresses, as much of ipset as tests need.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use nix::sys::socket::SockProtocol;

use crate::netlink::{Request, text};

/// The attributes, commands and numbers of linux/netfilter/ipset/ip_set.h and nfnetlink.h.
mod uapi {
    pub(super) const NFNL_SUBSYS_IPSET: u16 = 6;
    pub(super) const IPSET_PROTOCOL: u8 = 6;
    pub(super) const IPSET_CMD_CREATE: u16 = 2;
    pub(super) const IPSET_CMD_ADD: u16 = 9;
    pub(super) const IPSET_ATTR_PROTOCOL: u16 = 1;
    pub(super) const IPSET_ATTR_SETNAME: u16 = 2;
    pub(super) const IPSET_ATTR_TYPENAME: u16 = 3;
    pub(super) const IPSET_ATTR_REVISION: u16 = 4;
    pub(super) const IPSET_ATTR_FAMILY: u16 = 5;
    pub(super) const IPSET_ATTR_DATA: u16 = 7;
    pub(super) const IPSET_ATTR_IP: u16 = 1;
    pub(super) const IPSET_ATTR_CIDR: u16 = 3;
    pub(super) const IPSET_ATTR_PORT: u16 = 4;
    pub(super) const IPSET_ATTR_TIMEOUT: u16 = 6;
    pub(super) const IPSET_ATTR_PROTO: u16 = 7;
    pub(super) const IPSET_ATTR_CADT_FLAGS: u16 = 8;
    pub(super) const IPSET_ATTR_SKBMARK: u16 = 27;
    pub(super) const IPSET_ATTR_SKBPRIO: u16 = 28;
    pub(super) const IPSET_ATTR_IPADDR_IPV4: u16 = 1;
    pub(super) const IPSET_ATTR_IPADDR_IPV6: u16 = 2;
    pub(super) const NLA_F_NET_BYTEORDER: u16 = 1 << 14;
    pub(super) const IPSET_FLAG_NOMATCH: u32 = 1 << 2;
    pub(super) const IPSET_FLAG_WITH_COUNTERS: u32 = 1 << 3;
    pub(super) const IPSET_FLAG_WITH_SKBINFO: u32 = 1 << 6;
}

/// A set that can be made in a namespace.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type, such as `hash:ip`, and the revision of the kernel's that has everything asked for.
    pub kind: (&'a str, u8),
    /// Whether its addresses are those of IPv6.
    pub ipv6: bool,
    /// Whether packets of each member are counted.
    pub counters: bool,
    /// Whether members have marks and priorities for packets.
    pub marks: bool,
    /// How many seconds members stay, if it is not for ever.
    pub timeout: Option<u32>,
}

impl<'a> Set<'a> {
    /// A set of addresses.
    #[must_use]
    pub const fn new(name: &'a str) -> Set<'a> {
        Set { name, kind: ("hash:ip", 0), ipv6: false, counters: false, marks: false, timeout: None }
    }

    /// Makes the set in the calling thread's namespace.
    pub(crate) fn create(&self) -> io::Result<()> {
        let flags = if self.counters { uapi::IPSET_FLAG_WITH_COUNTERS } else { 0 }
            | if self.marks { uapi::IPSET_FLAG_WITH_SKBINFO } else { 0 };
        let family = if self.ipv6 { libc::AF_INET6 } else { libc::AF_INET };
        let (kind, revision) = self.kind;
        request(uapi::IPSET_CMD_CREATE, libc::NLM_F_CREATE | libc::NLM_F_EXCL, self.name)
            .attribute(uapi::IPSET_ATTR_TYPENAME, &text(kind))
            .attribute(uapi::IPSET_ATTR_REVISION, &[revision])
            .attribute(uapi::IPSET_ATTR_FAMILY, &[family as u8])
            .nested(uapi::IPSET_ATTR_DATA, |data| {
                let data = number(data, uapi::IPSET_ATTR_CADT_FLAGS, (flags != 0).then_some(flags));
                number(data, uapi::IPSET_ATTR_TIMEOUT, self.timeout)
            })
            .send_to(SockProtocol::NetlinkNetFilter)
    }
}

/// A member of a set: an address, and whatever else there is by the type of the set.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The address.
    pub address: IpAddr,
    /// The length of its prefix, in a set of networks.
    pub prefix: Option<u8>,
    /// The port of UDP, in a set that has ports.
    pub port: Option<u16>,
    /// Whether it is an exception from a network.
    pub nomatch: bool,
    /// A mark, and what of it counts.
    pub mark: Option<(u32, u32)>,
    /// A priority.
    pub priority: Option<u32>,
}

impl From<IpAddr> for Member {
    fn from(address: IpAddr) -> Member {
        Member { address, prefix: None, port: None, nomatch: false, mark: None, priority: None }
    }
}

impl From<Ipv4Addr> for Member {
    fn from(address: Ipv4Addr) -> Member {
        IpAddr::from(address).into()
    }
}

impl Member {
    /// Adds it to a set of the calling thread's namespace.
    pub(crate) fn add_to(&self, set: &str) -> io::Result<()> {
        let ordered = uapi::NLA_F_NET_BYTEORDER;
        request(uapi::IPSET_CMD_ADD, 0, set)
            .nested(uapi::IPSET_ATTR_DATA, |data| {
                let mut data = data.nested(uapi::IPSET_ATTR_IP, |ip| match self.address {
                    IpAddr::V4(address) => {
                        ip.attribute(uapi::IPSET_ATTR_IPADDR_IPV4 | ordered, &address.octets())
                    }
                    IpAddr::V6(address) => {
                        ip.attribute(uapi::IPSET_ATTR_IPADDR_IPV6 | ordered, &address.octets())
                    }
                });
                if let Some(prefix) = self.prefix {
                    data = data.attribute(uapi::IPSET_ATTR_CIDR, &[prefix]);
                }
                if let Some(port) = self.port {
                    data = data
                        .attribute(uapi::IPSET_ATTR_PORT | ordered, &port.to_be_bytes())
                        .attribute(uapi::IPSET_ATTR_PROTO, &[libc::IPPROTO_UDP as u8]);
                }
                if let Some((mark, mask)) = self.mark {
                    let both = u64::from(mark) << 32 | u64::from(mask);
                    data = data.attribute(uapi::IPSET_ATTR_SKBMARK | ordered, &both.to_be_bytes());
                }
                data = number(data, uapi::IPSET_ATTR_SKBPRIO, self.priority);
                let flags = self.nomatch.then_some(uapi::IPSET_FLAG_NOMATCH);
                number(data, uapi::IPSET_ATTR_CADT_FLAGS, flags)
            })
            .send_to(SockProtocol::NetlinkNetFilter)
    }
}

/// A number, where there is one.
fn number(request: Request, kind: u16, value: Option<u32>) -> Request {
    match value {
        Some(value) => request.attribute(kind | uapi::NLA_F_NET_BYTEORDER, &value.to_be_bytes()),
        None => request,
    }
}

/// A request about a set.
fn request(command: u16, flags: i32, set: &str) -> Request {
    // `struct nfgenmsg`: the family, the version 0, and nothing more.
    Request::new(uapi::NFNL_SUBSYS_IPSET << 8 | command, flags, &[libc::AF_INET as u8, 0, 0, 0])
        .attribute(uapi::IPSET_ATTR_PROTOCOL, &[uapi::IPSET_PROTOCOL])
        .attribute(uapi::IPSET_ATTR_SETNAME, &text(set))
}
