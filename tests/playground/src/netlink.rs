//! Interfaces, addresses, routes and sets: as much of netlink as a playground needs.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

/// `VETH_INFO_PEER` of linux/veth.h.
const VETH_INFO_PEER: u16 = 1;
/// `IF_OPER_UP` of linux/if.h.
const IF_OPER_UP: u8 = 6;
/// `FR_ACT_TO_TBL` and `FRA_FWMARK` of linux/fib_rules.h.
const FR_ACT_TO_TBL: u8 = 1;
const FRA_FWMARK: u16 = 10;
/// The table of routes for marked packets.
const MARKED: u8 = 100;
/// `NLA_F_NESTED` of linux/netlink.h.
const NLA_F_NESTED: u16 = 1 << 15;
/// `NLA_TYPE_MASK` of linux/netlink.h.
const NLA_TYPE_MASK: u16 = 0x3fff;
/// The length of `struct nlmsghdr`.
pub(crate) const HEADER: usize = 16;

/// A request that is being written.
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A request of a kind (`RTM_*`) with its fixed part.
    pub(crate) fn new(kind: u16, flags: i32, fixed: &[u8]) -> Request {
        Request::unanswered(kind, libc::NLM_F_ACK | flags, fixed)
    }

    /// A request that the kernel does not answer.
    pub(crate) fn unanswered(kind: u16, flags: i32, fixed: &[u8]) -> Request {
        let flags = (libc::NLM_F_REQUEST | flags) as u16;
        // The length is filled in when it is known.
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.resize(HEADER, 0);
        bytes.extend(fixed);
        Request(bytes)
    }

    pub(crate) fn attribute(mut self, kind: u16, payload: &[u8]) -> Request {
        let length = 4 + payload.len() as u16;
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(payload);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// An attribute that contains what a function writes.
    pub(crate) fn nested(mut self, kind: u16, write: impl FnOnce(Request) -> Request) -> Request {
        let at = self.0.len();
        self = write(self.attribute(kind | NLA_F_NESTED, &[]));
        let length = (self.0.len() - at) as u16;
        self.0[at..at + 2].copy_from_slice(&length.to_ne_bytes());
        self
    }

    /// Sends the request in the calling thread's namespace and waits for the answer.
    fn send(self) -> io::Result<()> {
        self.send_to(SockProtocol::NetlinkRoute)
    }

    pub(crate) fn send_to(self, protocol: SockProtocol) -> io::Result<()> {
        self.exchange(protocol).map(drop)
    }

    /// Sends the request and returns the first message of the answer, without its header.
    pub(crate) fn exchange(self, protocol: SockProtocol) -> io::Result<Vec<u8>> {
        self.exchange_on(&netlink_socket(protocol)?)
    }

    /// Sends the request on a socket, without waiting for an answer.
    pub(crate) fn send_on(mut self, socket: &OwnedFd) -> io::Result<()> {
        let length = self.0.len() as u32;
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        send(socket.as_raw_fd(), &self.0, MsgFlags::empty())?;
        Ok(())
    }

    /// Sends the request on a socket, and returns the first message of the answer, without its header.
    pub(crate) fn exchange_on(self, socket: &OwnedFd) -> io::Result<Vec<u8>> {
        self.send_on(socket)?;
        let mut answer = vec![0; 8192];
        let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
        answer.truncate(length);
        let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
        let body = answer.get(HEADER..).unwrap_or_default();
        // An acknowledgement is an error message whose number is zero.
        match (kind.map(i32::from), body.first_chunk().copied().map(i32::from_ne_bytes)) {
            (Some(libc::NLMSG_ERROR), Some(number @ ..0)) => Err(io::Error::from_raw_os_error(-number)),
            (Some(_), Some(_)) => Ok(body.to_vec()),
            _ => Err(io::Error::from(Errno::EBADMSG)),
        }
    }
}

/// A socket of netlink in the calling thread's namespace.
pub(crate) fn netlink_socket(protocol: SockProtocol) -> io::Result<OwnedFd> {
    Ok(socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?)
}

/// The payload of an attribute.
pub(crate) fn find_attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    while let [a, b, c, d, ..] = attributes {
        let length = usize::from(u16::from_ne_bytes([*a, *b]));
        if u16::from_ne_bytes([*c, *d]) & NLA_TYPE_MASK == wanted {
            return attributes.get(4..length);
        }
        attributes = attributes.get(length.max(4).next_multiple_of(4)..).unwrap_or_default();
    }
    None
}

/// `struct ifinfomsg`.
fn link(index: u32, flags: i32) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    for word in [index, flags as u32, flags as u32] {
        bytes.extend(word.to_ne_bytes());
    }
    bytes
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn family(address: IpAddr) -> u8 {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    family as u8
}

/// A name as the kernel reads it.
pub(crate) fn text(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// The index of the next interface. With the same index at both ends of a wire, as the kernel would choose in fresh
/// namespaces, it takes the peer for no peer, and up to a second to notice that the wire is connected.
static NEXT_INDEX: AtomicU32 = AtomicU32::new(10);

/// Makes a veth pair: one end here, the other in another namespace.
pub(crate) fn add_veth(name: &str, peer: &str, namespace: RawFd) -> io::Result<()> {
    let index = NEXT_INDEX.fetch_add(2, Ordering::Relaxed);
    Request::new(libc::RTM_NEWLINK, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &link(index, 0))
        .attribute(libc::IFLA_IFNAME, &text(name))
        .nested(libc::IFLA_LINKINFO, |info| {
            info.attribute(libc::IFLA_INFO_KIND, b"veth").nested(libc::IFLA_INFO_DATA, |data| {
                data.nested(VETH_INFO_PEER, |mut end| {
                    end.0.extend(link(index + 1, 0));
                    end.attribute(libc::IFLA_IFNAME, &text(peer))
                        .attribute(libc::IFLA_NET_NS_FD, &namespace.to_ne_bytes())
                })
            })
        })
        .send()
}

/// Sets an interface up.
pub(crate) fn set_up(name: &str) -> io::Result<()> {
    set_flags(name, libc::IFF_UP)
}

/// Sets flags (`IFF_*`) of an interface.
pub(crate) fn set_flags(name: &str, flags: i32) -> io::Result<()> {
    Request::new(libc::RTM_NEWLINK, 0, &link(if_nametoindex(name)?, flags)).send()
}

/// Waits until something holds that the kernel does a little later.
fn wait_until(mut holds: impl FnMut() -> io::Result<bool>) -> io::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !holds()? {
        if Instant::now() > deadline {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Waits until the kernel has noticed that an interface is connected; before, it drops what is sent.
pub(crate) fn await_connection(name: &str) -> io::Result<()> {
    wait_until(|| Ok(operational_state(name)? == Some(IF_OPER_UP)))
}

/// The state by RFC 2863 of an interface.
fn operational_state(name: &str) -> io::Result<Option<u8>> {
    let fixed = link(if_nametoindex(name)?, 0);
    let answer = Request::new(libc::RTM_GETLINK, 0, &fixed).exchange(SockProtocol::NetlinkRoute)?;
    let attributes = answer.get(fixed.len()..).unwrap_or_default();
    Ok(find_attribute(attributes, libc::IFLA_OPERSTATE).and_then(|state| state.first().copied()))
}

/// Gives an interface an address, which is usable at once: duplicates are not looked for.
pub(crate) fn add_address(name: &str, address: IpAddr, prefix: u8) -> io::Result<()> {
    let mut fixed = vec![family(address), prefix, libc::IFA_F_NODAD as u8, libc::RT_SCOPE_UNIVERSE];
    fixed.extend(if_nametoindex(name)?.to_ne_bytes());
    Request::new(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &fixed)
        .attribute(libc::IFA_LOCAL, &octets(address))
        .attribute(libc::IFA_ADDRESS, &octets(address))
        .send()?;
    let IpAddr::V6(address) = address else { return Ok(()) };
    // Neighbours ask for an address by its multicast group, which the kernel joins a little later.
    let [.., a, b, c] = address.octets();
    let group = format!("ff0200000000000000000001ff{a:02x}{b:02x}{c:02x}");
    wait_until(|| {
        std::fs::read_to_string("/proc/thread-self/net/igmp6").map(|groups| groups.contains(&group))
    })
}

/// Sets a number (`IFLA_*`) of an interface.
pub(crate) fn set_number(name: &str, attribute: u16, number: u32) -> io::Result<()> {
    Request::new(libc::RTM_NEWLINK, 0, &link(if_nametoindex(name)?, 0))
        .attribute(attribute, &number.to_ne_bytes())
        .send()
}

/// Makes a bridge of interfaces, and sets it up.
pub(crate) fn add_bridge(name: &str, ports: &[&str]) -> io::Result<()> {
    Request::new(libc::RTM_NEWLINK, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &link(0, 0))
        .attribute(libc::IFLA_IFNAME, &text(name))
        .nested(libc::IFLA_LINKINFO, |info| info.attribute(libc::IFLA_INFO_KIND, b"bridge"))
        .send()?;
    let index = if_nametoindex(name)?;
    for port in ports {
        set_number(port, libc::IFLA_MASTER, index)?;
    }
    set_up(name)
}

/// Sends everything that is not on a network of the namespace to a gateway.
pub(crate) fn add_default_route(gateway: IpAddr) -> io::Result<()> {
    route(gateway, 0, libc::RT_TABLE_MAIN, libc::RTN_UNICAST, libc::RT_SCOPE_UNIVERSE)
        .attribute(libc::RTA_GATEWAY, &octets(gateway))
        .send()
}

/// Sends what is for a network to a gateway, and says that it is in a realm.
pub(crate) fn add_route_in_realm(to: IpAddr, prefix: u8, gateway: IpAddr, realm: u32) -> io::Result<()> {
    route(to, prefix, libc::RT_TABLE_MAIN, libc::RTN_UNICAST, libc::RT_SCOPE_UNIVERSE)
        .attribute(libc::RTA_DST, &octets(to))
        .attribute(libc::RTA_GATEWAY, &octets(gateway))
        .attribute(libc::RTA_FLOW, &realm.to_ne_bytes())
        .send()
}

/// Takes packets of a family with a mark for packets to this host, whatever their destination.
pub(crate) fn deliver_marked(any: IpAddr, mark: u32) -> io::Result<()> {
    route_marked(any, mark, "lo", libc::RTN_LOCAL, libc::RT_SCOPE_HOST)
}

/// Sends packets of a family with a mark out by an interface, whatever their destination.
pub(crate) fn divert_marked(any: IpAddr, mark: u32, interface: &str) -> io::Result<()> {
    route_marked(any, mark, interface, libc::RTN_UNICAST, libc::RT_SCOPE_LINK)
}

/// Gives packets with a mark a table of routes, with one route.
fn route_marked(any: IpAddr, mark: u32, interface: &str, kind: u8, scope: u8) -> io::Result<()> {
    // `struct fib_rule_hdr`: the family, the lengths of the addresses, a type of service, the table, and what to do.
    let fixed = [family(any), 0, 0, 0, MARKED, 0, 0, FR_ACT_TO_TBL, 0, 0, 0, 0];
    Request::new(libc::RTM_NEWRULE, libc::NLM_F_CREATE, &fixed)
        .attribute(FRA_FWMARK, &mark.to_ne_bytes())
        .send()?;
    route(any, 0, MARKED, kind, scope)
        .attribute(libc::RTA_OIF, &if_nametoindex(interface)?.to_ne_bytes())
        .send()
}

/// A request for a route of a kind (`RTN_*`) and scope to a network of some family and length.
fn route(to: IpAddr, prefix: u8, table: u8, kind: u8, scope: u8) -> Request {
    let mut fixed = vec![family(to), prefix, 0, 0, table];
    fixed.extend([libc::RTPROT_BOOT, scope, kind]);
    fixed.extend(0u32.to_ne_bytes());
    Request::new(libc::RTM_NEWROUTE, libc::NLM_F_CREATE, &fixed)
}

/// The hardware address of an interface.
pub(crate) fn mac(name: &str) -> io::Result<[u8; 6]> {
    for interface in getifaddrs()? {
        let address = interface.address.as_ref().and_then(|address| address.as_link_addr()?.addr());
        if let (true, Some(octets)) = (interface.interface_name == name, address) {
            return Ok(octets);
        }
    }
    Err(io::Error::from(Errno::ENODEV))
}
