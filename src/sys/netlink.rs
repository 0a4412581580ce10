//! The socket to netfilter's netlink subsystems: NETLINK_NETFILTER of `linux/netlink.h`, netlink(7).

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{RcvBuf, RcvBufForce, SndBuf, SndBufForce};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, getsockopt, recvmsg, send,
    setsockopt, socket,
};

use super::netns::{self, SocketKind};
use super::socket::copy_of;

/// What the kernel counts beside the bytes of a message: it takes those that are this much smaller than the buffer.
const OVERHEAD: usize = 32;

/// A socket bound to the network namespace it was made in.
#[derive(Debug)]
pub(crate) struct NetlinkSocket(OwnedFd);

/// What [`NetlinkSocket::receive`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A datagram of this many bytes.
    Datagram(usize),
    /// The kernel had more to say than there was room for: messages are lost.
    Lost,
    /// Nothing is there, and nothing was waited for.
    Nothing,
}

impl NetlinkSocket {
    /// Opens a socket in the namespace of the file, or in the calling thread's.
    ///
    /// Anybody may do that; the requests ask for CAP_NET_ADMIN.
    pub(crate) fn open(namespace: Option<&File>) -> io::Result<NetlinkSocket> {
        let open = || {
            socket(
                AddressFamily::Netlink,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::NetlinkNetFilter,
            )
        };
        let fd = match namespace {
            None => open()?,
            Some(file) => netns::inside(file, open)??,
        };
        NetlinkSocket::ready(fd)
    }

    /// A copy of a socket that somebody else has made, in whatever namespace, and does not use.
    pub(crate) fn of(descriptor: RawFd) -> io::Result<NetlinkSocket> {
        NetlinkSocket::ready(copy_of(descriptor)?)
    }

    /// What it is to socket(2).
    pub(crate) const KIND: SocketKind = (libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_NETFILTER);

    /// One of that kind, which was not used.
    pub(crate) fn ready(fd: OwnedFd) -> io::Result<NetlinkSocket> {
        bind(fd.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        let socket = NetlinkSocket(fd);
        // Errors say at which byte of the request they are, and do not repeat it. Kernels before 4.12 do not know that:
        // they say less then.
        socket.enable(libc::NETLINK_EXT_ACK);
        socket.enable(libc::NETLINK_CAP_ACK);
        Ok(socket)
    }

    /// Has the kernel's notices to a group sent here, for which it wants CAP_NET_ADMIN.
    pub(crate) fn join(&self, group: u32) -> io::Result<()> {
        // SAFETY: `group` is valid for reads of its size during the call; the kernel only reads it.
        let status = unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                libc::SOL_NETLINK,
                libc::NETLINK_ADD_MEMBERSHIP,
                (&raw const group).cast(),
                size_of_val(&group) as libc::socklen_t,
            )
        };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn enable(&self, option: i32) {
        let on: i32 = 1;
        // SAFETY: `on` is valid for reads of its size during the call; the kernel only reads it.
        unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                libc::SOL_NETLINK,
                option,
                (&raw const on).cast(),
                size_of_val(&on) as libc::socklen_t,
            )
        };
    }

    /// Sends messages as one datagram. The kernel has dealt with them when this returns, and its answers wait.
    ///
    /// The send buffer is made large enough, as far as the process may: `EMSGSIZE` says that it may not.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        // No kernel has less room from the start, and dumps have very many short requests.
        const SHORT: usize = 1 << 10;
        let needed = bytes.len() + OVERHEAD;
        if needed > SHORT && getsockopt(&self.0, SndBuf)? < needed {
            // The kernel doubles what it is told. Without the privilege in the initial user namespace it takes at most
            // net.core.wmem_max, and says nothing.
            let wanted = needed.div_ceil(2);
            if setsockopt(&self.0, SndBufForce, &wanted).is_err() {
                setsockopt(&self.0, SndBuf, &wanted)?;
            }
        }
        loop {
            match send(self.0.as_raw_fd(), bytes, MsgFlags::empty()) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(sent) if sent == bytes.len() => return Ok(()),
                Ok(_) => return Err(Errno::EMSGSIZE.into()),
            }
        }
    }

    /// Makes room for answers of so many bytes, as far as the process may.
    pub(crate) fn expect(&self, bytes: usize) {
        if getsockopt(&self.0, RcvBuf).is_ok_and(|size| size >= bytes) {
            return;
        }
        let wanted = bytes.div_ceil(2);
        if setsockopt(&self.0, RcvBufForce, &wanted).is_err() {
            // What does not fit is lost, and said to be.
            let _ = setsockopt(&self.0, RcvBuf, &wanted);
        }
    }

    /// Receives a datagram of the kernel into a buffer that is large enough for it, and waits for it or not.
    pub(crate) fn receive(&self, buffer: &mut [u8], wait: bool) -> io::Result<Received> {
        let flags = if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
        loop {
            let mut place = [IoSliceMut::new(buffer)];
            match recvmsg::<NetlinkAddr>(self.0.as_raw_fd(), &mut place, None, flags) {
                // Another process that may write to this socket is not the kernel.
                Ok(message) if message.address.is_some_and(|from| from.pid() != 0) => {}
                Ok(message) if message.flags.contains(MsgFlags::MSG_TRUNC) => return Ok(Received::Lost),
                Ok(message) => return Ok(Received::Datagram(message.bytes)),
                Err(Errno::ENOBUFS) => return Ok(Received::Lost),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(Received::Nothing),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
