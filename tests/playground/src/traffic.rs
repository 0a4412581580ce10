//! Real packets, sent and received in the calling thread's namespace: call these inside [`Namespace::run`].
//!
//! [`Namespace::run`]: crate::Namespace::run

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use nix::sys::socket::sockopt::{Ipv4RecvErr, Ipv6RecvErr, ReceiveTimeout};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, recv,
    recvmsg, sendto, setsockopt, socket,
};
use nix::sys::time::TimeVal;

use crate::packet::checksum;

/// How long to wait for a packet that should come. Those that are dropped never come, so it is short; packets between
/// namespaces of one machine take far less.
pub const PATIENCE: Duration = Duration::from_millis(400);

/// The data of an echo request as ping sends it: with the headers of ICMP and IPv4 the packet has 84 bytes.
const PING_DATA: usize = 56;

/// Tells the requests of this process apart.
static SEQUENCE: AtomicU16 = AtomicU16::new(1);

/// Sends one ICMP echo request and waits for its reply: whether one came.
///
/// # Errors
///
/// Those of the socket; [`io::ErrorKind::PermissionDenied`] is what a rule that drops outgoing packets looks like.
pub fn ping(to: IpAddr) -> io::Result<bool> {
    let (family, protocol, request, reply) = match to {
        IpAddr::V4(_) => (AddressFamily::Inet, SockProtocol::Icmp, 8, 0),
        IpAddr::V6(_) => (AddressFamily::Inet6, SockProtocol::IcmpV6, 128, 129),
    };
    let socket = socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
    let label = [std::process::id() as u16, SEQUENCE.fetch_add(1, Ordering::Relaxed)].map(u16::to_be_bytes);
    let mut packet = vec![request, 0, 0, 0];
    packet.extend(label.as_flattened());
    packet.extend((0..PING_DATA).map(|index| index as u8));
    if to.is_ipv4() {
        // The kernel does it for ICMPv6 only.
        let sum = checksum(&packet);
        packet[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    let address = SockaddrStorage::from(SocketAddr::new(to, 0));
    sendto(socket.as_raw_fd(), &packet, &address, MsgFlags::empty())?;
    let deadline = Instant::now() + PATIENCE;
    while let Some(packet) = receive(&socket, deadline)? {
        // A raw socket of IPv4 also shows the header.
        let header = if to.is_ipv4() { usize::from(packet.first().unwrap_or(&0) & 15) * 4 } else { 0 };
        let message = packet.get(header..).unwrap_or_default();
        if message.first() == Some(&reply) && message.get(4..8) == Some(label.as_flattened()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The next packet, or nothing when there is none before the deadline.
fn receive(socket: &OwnedFd, deadline: Instant) -> io::Result<Option<Vec<u8>>> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Ok(None);
    }
    // A timeout of zero would wait for ever.
    let left = TimeVal::new(left.as_secs() as i64, i64::from(left.subsec_micros()).max(1));
    setsockopt(socket, ReceiveTimeout, &left)?;
    let mut packet = vec![0; 2048];
    match recv(socket.as_raw_fd(), &mut packet, MsgFlags::empty()) {
        Ok(length) => {
            packet.truncate(length);
            Ok(Some(packet))
        }
        Err(nix::errno::Errno::EAGAIN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a TCP connection, without waiting longer than packets take.
///
/// # Errors
///
/// [`io::ErrorKind::TimedOut`] when packets were dropped, [`io::ErrorKind::ConnectionRefused`] and others when the answer was an
/// error.
pub fn connect(to: impl Into<SocketAddr>) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&to.into(), PATIENCE)
}

/// A UDP socket at an address, which waits for a packet no longer than packets take.
///
/// # Errors
///
/// Those of the socket.
pub fn udp(at: impl Into<SocketAddr>) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(at.into())?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Sends a datagram and waits for the ICMP error that comes back, if one does: its type and code.
///
/// # Errors
///
/// Those of the socket.
pub fn refusal(to: impl Into<SocketAddr>) -> io::Result<Option<(u8, u8)>> {
    let to = to.into();
    let socket = match to {
        SocketAddr::V4(_) => udp((Ipv4Addr::UNSPECIFIED, 0))?,
        SocketAddr::V6(_) => udp((Ipv6Addr::UNSPECIFIED, 0))?,
    };
    // Otherwise most errors are not reported.
    match to {
        SocketAddr::V4(_) => setsockopt(&socket, Ipv4RecvErr, &true)?,
        SocketAddr::V6(_) => setsockopt(&socket, Ipv6RecvErr, &true)?,
    }
    socket.connect(to)?;
    socket.send(b"is anybody there?")?;
    match socket.recv(&mut [0; 64]) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => {}
        _ => return Ok(None),
    }
    let mut data = [0; 64];
    let mut data = [IoSliceMut::new(&mut data)];
    let mut control = nix::cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut data, Some(&mut control), MsgFlags::MSG_ERRQUEUE)?;
    Ok(message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            Some((error.ee_type, error.ee_code))
        }
        _ => None,
    }))
}
