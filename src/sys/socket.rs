//! The sockets that carry the xtables options, and the two system calls on them.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use zerocopy::{FromBytes, IntoBytes};

use super::netns::{self, SocketKind};
use super::xt::{self, ipt_replace};
use crate::types::{Counters, Family};

/// From `linux/sockios.h`.
const SIOCGSKNS: libc::Ioctl = 0x894c;

/// A socket bound to the network namespace it was made in.
#[derive(Debug)]
pub(crate) struct Socket {
    fd: OwnedFd,
    level: i32,
}

impl Socket {
    /// Opens a socket in the namespace of the file, or in the calling thread's.
    ///
    /// A datagram socket needs no CAP_NET_RAW; the options themselves ask for CAP_NET_ADMIN.
    pub(crate) fn open(family: Family, namespace: Option<&File>) -> io::Result<Socket> {
        let address_family = family.pick(AddressFamily::Inet, AddressFamily::Inet6);
        let open = || socket(address_family, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None);
        let fd = match namespace {
            None => open()?,
            Some(file) => netns::inside(file, open)??,
        };
        Ok(Socket::given(family, fd))
    }

    /// What it is to socket(2).
    pub(crate) fn kind(family: Family) -> SocketKind {
        (family.pick(libc::AF_INET, libc::AF_INET6), libc::SOCK_DGRAM, 0)
    }

    /// One of that kind.
    pub(crate) fn given(family: Family, fd: OwnedFd) -> Socket {
        Socket { fd, level: family.pick(libc::IPPROTO_IP, libc::IPPROTO_IPV6) }
    }

    /// A copy of a socket that was made by somebody else.
    pub(crate) fn of(family: Family, descriptor: RawFd) -> io::Result<Socket> {
        Ok(Socket::given(family, copy_of(descriptor)?))
    }

    /// Calls `getsockopt` with a buffer that holds the question and receives the answer; returns the answer's length.
    pub(crate) fn get(&self, option: i32, buffer: &mut [u8]) -> io::Result<usize> {
        let mut len = libc::socklen_t::try_from(buffer.len())
            .map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
        // SAFETY: `buffer` is valid for reads and writes of `len` bytes, `len` is a valid `socklen_t`, and neither is
        // used by anyone else during the call. The kernel writes at most `len` bytes.
        let status = unsafe {
            libc::getsockopt(self.raw(), self.level, option, buffer.as_mut_ptr().cast(), &raw mut len)
        };
        if status == 0 { Ok(len as usize) } else { Err(io::Error::last_os_error()) }
    }

    /// Calls `setsockopt` with the buffer.
    pub(crate) fn set(&self, option: i32, buffer: &[u8]) -> io::Result<()> {
        let len = libc::socklen_t::try_from(buffer.len())
            .map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
        // SAFETY: `buffer` is valid for reads of `len` bytes during the call; the kernel only reads it. The one option
        // whose argument holds an address is SO_SET_REPLACE, which `replace` sends.
        let status = unsafe { libc::setsockopt(self.raw(), self.level, option, buffer.as_ptr().cast(), len) };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Replaces a table. The request is a `struct ipt_replace` or `ip6t_replace` with its entries; its fields
    /// `num_counters` and `counters` are set here, and `counters` receives the last values of the old entries.
    pub(crate) fn replace(&self, request: &mut [u8], counters: &mut [Counters]) -> io::Result<()> {
        let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
        let (header, _) = ipt_replace::mut_from_prefix(request).map_err(|_| invalid())?;
        header.num_counters = u32::try_from(counters.len()).map_err(|_| invalid())?;
        // The kernel writes `num_counters` counters to this address while the exclusive borrow of `counters` lasts.
        header.counters = counters.as_mut_ptr().expose_provenance();
        let status = self.set(xt::SO_SET_REPLACE, request);
        // Nobody may follow the address later. What the kernel has answered stands whatever happens here.
        if let Ok((header, _)) = ipt_replace::mut_from_prefix(request) {
            header.counters = 0;
        }
        status
    }

    /// Adds to the counters of every entry of a table. They stand behind room for the header.
    pub(crate) fn add_counters(
        &self,
        table: [u8; xt::XT_TABLE_MAXNAMELEN],
        request: &mut [Counters],
        headroom: usize,
    ) -> io::Result<()> {
        const HEADER: usize = size_of::<xt::xt_counters_info>();
        let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
        let number = request.len().checked_sub(headroom).and_then(|number| u32::try_from(number).ok());
        let header =
            xt::xt_counters_info { name: table, num_counters: number.ok_or_else(invalid)?, _padding: [0; 4] };
        let start = (headroom * size_of::<Counters>()).checked_sub(HEADER).ok_or_else(invalid)?;
        let request = request.as_mut_bytes().get_mut(start..).ok_or_else(invalid)?;
        request.get_mut(..HEADER).ok_or_else(invalid)?.copy_from_slice(header.as_bytes());
        self.set(xt::SO_SET_ADD_COUNTERS, request)
    }

    /// The network namespace that it is in: numbers that are the same for every socket in it.
    pub(crate) fn namespace(&self) -> io::Result<(u64, u64)> {
        let (mut cookie, mut size) = (0u64, size_of::<u64>() as libc::socklen_t);
        let place = (&raw mut cookie).cast();
        // SAFETY: `place` and `size` are valid for writes, `size` is that of the number, and nobody else uses either.
        let status = unsafe {
            libc::getsockopt(self.raw(), libc::SOL_SOCKET, libc::SO_NETNS_COOKIE, place, &raw mut size)
        };
        if status == 0 {
            return Ok((0, cookie));
        }
        // Kernels before 5.14 give a file that stands for it.
        let data = self.namespace_file()?.metadata()?;
        Ok((data.dev(), data.ino()))
    }

    /// A file that stands for the network namespace that it is in.
    pub(crate) fn namespace_file(&self) -> io::Result<File> {
        // SAFETY: the descriptor is open, and SIOCGSKNS takes no argument.
        let fd = unsafe { libc::ioctl(self.raw(), SIOCGSKNS) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just opened the descriptor for this call, and nobody else knows it.
        Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}
/// A copy of a descriptor.
pub(crate) fn copy_of(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the call takes a number and reads no memory; one that is not open is an error.
    let fd = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made the descriptor for this call, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
