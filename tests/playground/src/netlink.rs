//! Interfaces, addresses and routes: as much of rtnetlink as a playground needs.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, RawFd};

use nix::errno::Errno;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

/// `VETH_INFO_PEER` of linux/veth.h.
const VETH_INFO_PEER: u16 = 1;
/// `NLA_F_NESTED` of linux/netlink.h.
const NLA_F_NESTED: u16 = 1 << 15;
/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;

/// A request that is being written.
struct Request(Vec<u8>);

impl Request {
    /// A request of a kind (`RTM_*`) with its fixed part.
    fn new(kind: u16, flags: i32, fixed: &[u8]) -> Request {
        let flags = (libc::NLM_F_REQUEST | libc::NLM_F_ACK | flags) as u16;
        // The length is filled in when it is known.
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.resize(HEADER, 0);
        bytes.extend(fixed);
        Request(bytes)
    }

    fn attribute(mut self, kind: u16, payload: &[u8]) -> Request {
        let length = 4 + payload.len() as u16;
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(payload);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// An attribute that contains what a function writes.
    fn nested(mut self, kind: u16, write: impl FnOnce(Request) -> Request) -> Request {
        let at = self.0.len();
        self = write(self.attribute(kind | NLA_F_NESTED, &[]));
        let length = (self.0.len() - at) as u16;
        self.0[at..at + 2].copy_from_slice(&length.to_ne_bytes());
        self
    }

    /// Sends the request in the calling thread's namespace and waits for the answer.
    fn send(mut self) -> io::Result<()> {
        let length = self.0.len() as u32;
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkRoute,
        )?;
        send(socket.as_raw_fd(), &self.0, MsgFlags::empty())?;
        let mut answer = [0; 4096];
        let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
        // An acknowledgement is an error message whose number is zero.
        let number = answer[..length].get(HEADER..HEADER + 4).and_then(|bytes| bytes.try_into().ok());
        match number.map(i32::from_ne_bytes) {
            Some(0) => Ok(()),
            Some(number) => Err(io::Error::from_raw_os_error(-number)),
            None => Err(io::Error::from(Errno::EBADMSG)),
        }
    }
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
fn text(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// Makes a veth pair: one end here, the other in another namespace.
pub(crate) fn add_veth(name: &str, peer: &str, namespace: RawFd) -> io::Result<()> {
    Request::new(libc::RTM_NEWLINK, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &link(0, 0))
        .attribute(libc::IFLA_IFNAME, &text(name))
        .nested(libc::IFLA_LINKINFO, |info| {
            info.attribute(libc::IFLA_INFO_KIND, b"veth").nested(libc::IFLA_INFO_DATA, |data| {
                data.nested(VETH_INFO_PEER, |mut end| {
                    end.0.extend(link(0, 0));
                    end.attribute(libc::IFLA_IFNAME, &text(peer))
                        .attribute(libc::IFLA_NET_NS_FD, &namespace.to_ne_bytes())
                })
            })
        })
        .send()
}

/// Sets an interface up.
pub(crate) fn set_up(name: &str) -> io::Result<()> {
    Request::new(libc::RTM_NEWLINK, 0, &link(if_nametoindex(name)?, libc::IFF_UP)).send()
}

/// Gives an interface an address, which is usable at once: duplicates are not looked for.
pub(crate) fn add_address(name: &str, address: IpAddr, prefix: u8) -> io::Result<()> {
    let mut fixed = vec![family(address), prefix, libc::IFA_F_NODAD as u8, libc::RT_SCOPE_UNIVERSE];
    fixed.extend(if_nametoindex(name)?.to_ne_bytes());
    Request::new(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &fixed)
        .attribute(libc::IFA_LOCAL, &octets(address))
        .attribute(libc::IFA_ADDRESS, &octets(address))
        .send()
}

/// Sends everything that is not on a network of the namespace to a gateway.
pub(crate) fn add_default_route(gateway: IpAddr) -> io::Result<()> {
    let mut fixed = vec![family(gateway), 0, 0, 0, libc::RT_TABLE_MAIN];
    fixed.extend([libc::RTPROT_BOOT, libc::RT_SCOPE_UNIVERSE, libc::RTN_UNICAST]);
    fixed.extend(0u32.to_ne_bytes());
    Request::new(libc::RTM_NEWROUTE, libc::NLM_F_CREATE, &fixed)
        .attribute(libc::RTA_GATEWAY, &octets(gateway))
        .send()
}

/// The hardware address of an interface.
pub(crate) fn mac(name: &str) -> io::Result<String> {
    for interface in nix::ifaddrs::getifaddrs()? {
        let address = interface.address.as_ref().and_then(|address| address.as_link_addr()?.addr());
        if let (true, Some(octets)) = (interface.interface_name == name, address) {
            return Ok(octets.map(|octet| format!("{octet:02x}")).join(":"));
        }
    }
    Err(io::Error::from(Errno::ENODEV))
}
