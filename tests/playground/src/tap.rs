//! Wires whose far end is held by a test.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Instant;

use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrLike, recvfrom, sendto,
    setsockopt, socket, sockopt::ReceiveTimeout,
};
use nix::sys::time::TimeVal;

use crate::packet::Packet;
use crate::traffic::PATIENCE;
use crate::{Namespace, netlink};

/// `PACKET_HOST` and `PACKET_OTHERHOST` of linux/if_packet.h.
const TO_SOMEBODY: [u8; 2] = [0, 3];

/// The far end of a wire: packets are sent and received by hand, and nothing else happens there. The host at the near end
/// takes every address of its networks for one that is there.
#[derive(Debug)]
pub struct Tap {
    socket: OwnedFd,
    index: u32,
    host: [u8; 6],
    mac: [u8; 6],
    /// Without it the wire would vanish.
    _namespace: Namespace,
}

impl Tap {
    /// Gives a host an interface with addresses, and holds the other end of its wire.
    pub(crate) fn new(host: &Namespace, name: &str, v4: Ipv4Addr, v6: Ipv6Addr) -> io::Result<Tap> {
        let namespace = Namespace::new()?;
        // Silence: no neighbour discovery, no answers.
        namespace.set("net/ipv6/conf/all/disable_ipv6", "1")?;
        host.wire(name, &namespace, "eth0")?;
        host.add_address(name, v4.into(), 24)?;
        host.add_address(name, v6.into(), 64)?;
        // Without ARP each packet goes to whatever is at the other end.
        host.run(|| netlink::set_flags(name, libc::IFF_NOARP))?;
        let host = host.run(|| netlink::mac(name))?;
        let mac = namespace.run(|| netlink::mac("eth0"))?;
        let (socket, index) = namespace.run(|| {
            let protocol = SockProtocol::EthAll;
            let socket = socket(AddressFamily::Packet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, protocol)?;
            io::Result::Ok((socket, if_nametoindex("eth0")?))
        })?;
        let timeout = TimeVal::new(0, i64::from(PATIENCE.subsec_micros()));
        setsockopt(&socket, ReceiveTimeout, &timeout)?;
        Ok(Tap { socket, index, host, mac, _namespace: namespace })
    }

    /// The hardware address of this end.
    #[must_use]
    pub fn mac(&self) -> [u8; 6] {
        self.mac
    }

    /// Sends a packet to the host.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn send(&self, packet: &Packet) -> io::Result<()> {
        self.send_to(self.host, packet)
    }

    /// Sends a packet to a hardware address, which need not be the host's.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn send_to(&self, mac: [u8; 6], packet: &Packet) -> io::Result<()> {
        let protocol = if packet.source.is_ipv4() { libc::ETH_P_IP } else { libc::ETH_P_IPV6 };
        let address = link_address(self.index, protocol as u16, mac)?;
        sendto(self.socket.as_raw_fd(), &packet.to_bytes(), &address, MsgFlags::empty())?;
        Ok(())
    }

    /// The next packet that the host sends to somebody, or none when it sends none.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn receive(&self) -> io::Result<Option<Packet>> {
        let deadline = Instant::now() + PATIENCE;
        let mut bytes = vec![0; 65536];
        while Instant::now() < deadline {
            let (length, from) = match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut bytes) {
                Err(nix::errno::Errno::EAGAIN) => break,
                received => received?,
            };
            // Not what this end sends, nor what the host tells all its neighbours.
            if from.is_some_and(|from| TO_SOMEBODY.contains(&from.pkttype())) {
                return Packet::parse(&bytes[..length]).map(Some);
            }
        }
        Ok(None)
    }

    /// Forgets the packets that the host has sent up to now.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn forget(&self) -> io::Result<()> {
        let mut bytes = [0; 1];
        loop {
            match nix::sys::socket::recv(self.socket.as_raw_fd(), &mut bytes, MsgFlags::MSG_DONTWAIT) {
                Ok(_) => {}
                Err(nix::errno::Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// A `sockaddr_ll`.
fn link_address(index: u32, protocol: u16, mac: [u8; 6]) -> io::Result<LinkAddr> {
    let [a, b, c, d, e, f] = mac;
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: protocol.to_be(),
        sll_ifindex: index as i32,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 6,
        sll_addr: [a, b, c, d, e, f, 0, 0],
    };
    #[allow(unsafe_code, reason = "nix has no other way to make one")]
    // SAFETY: it points to a whole sockaddr_ll, which says of itself what it is and lives through the call.
    let address = unsafe {
        LinkAddr::from_raw((&raw const address).cast(), Some(size_of::<libc::sockaddr_ll>() as u32))
    };
    address.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}
