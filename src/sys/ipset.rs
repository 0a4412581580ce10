//! Names and indices of ipsets: the socket option of `linux/netfilter/ipset/ip_set.h`.

use std::io;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::socket::Socket;

const SO_IP_SET: i32 = 83;
const IP_SET_OP_GET_BYINDEX: u32 = 7;
const IP_SET_OP_GET_FNAME: u32 = 8;
const IP_SET_OP_VERSION: u32 = 0x100;
/// Length of a set's name, its closing NUL included.
pub(crate) const IPSET_MAXNAMELEN: usize = 32;
/// The index that stands for no set.
pub(crate) const IPSET_INVALID_ID: u16 = 65535;

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Version {
    op: u32,
    version: u32,
}

/// `struct ip_set_req_get_set_family`.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct ByName {
    op: u32,
    version: u32,
    family: u32,
    name: [u8; IPSET_MAXNAMELEN],
}

/// `struct ip_set_req_get_set`, whose union holds the index on the way in and the name on the way out.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct ByIndex {
    op: u32,
    version: u32,
    name: [u8; IPSET_MAXNAMELEN],
}

/// The protocol version the kernel speaks.
pub(crate) fn version(socket: &Socket) -> io::Result<u32> {
    let mut request = Version { op: IP_SET_OP_VERSION, version: 0 };
    socket.get(SO_IP_SET, request.as_mut_bytes())?;
    Ok(request.version)
}

/// Index and family of the set of that name; `None` where there is no such set.
pub(crate) fn by_name(
    socket: &Socket,
    version: u32,
    name: [u8; IPSET_MAXNAMELEN],
) -> io::Result<Option<(u16, u8)>> {
    let mut request = ByName { op: IP_SET_OP_GET_FNAME, version, family: 0, name };
    socket.get(SO_IP_SET, request.as_mut_bytes())?;
    let index = u16::from_ne_bytes([request.name[0], request.name[1]]);
    Ok((index != IPSET_INVALID_ID).then_some((index, request.family as u8)))
}

/// The name of the set at an index; `None` where there is no such set.
pub(crate) fn by_index(
    socket: &Socket,
    version: u32,
    index: u16,
) -> io::Result<Option<[u8; IPSET_MAXNAMELEN]>> {
    let mut request = ByIndex { op: IP_SET_OP_GET_BYINDEX, version, name: [0; IPSET_MAXNAMELEN] };
    request.name[..2].copy_from_slice(&index.to_ne_bytes());
    socket.get(SO_IP_SET, request.as_mut_bytes())?;
    Ok((request.name[0] != 0).then_some(request.name))
}
