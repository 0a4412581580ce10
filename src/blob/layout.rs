//! Where the fields of an entry lie; the one thing in which the blobs of the families differ.

use std::mem::offset_of;

use crate::sys::xt::{ip6t_entry, ip6t_ip6, ipt_entry, ipt_ip, xt_error_target, xt_standard_target};
use crate::types::Family;

/// The verdict of a standard target that only counts, as tables hold it in memory. In the kernel it is the offset of
/// the next entry; jumps are indices of chains in memory and offsets in the kernel.
pub(crate) const FALLTHROUGH: i32 = i32::MAX;

/// Offsets in bytes from the start of an entry, and sizes.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Size of `struct ipt_entry` or `ip6t_entry`, where the matches begin.
    pub(crate) entry: usize,
    /// Size of `struct ipt_ip` or `ip6t_ip6`, which is at the start.
    pub(crate) ip: usize,
    /// Where the names of the interfaces begin, behind the addresses.
    pub(crate) interfaces: usize,
    pub(crate) protocol: usize,
    pub(crate) flags: usize,
    pub(crate) invflags: usize,
    pub(crate) nfcache: usize,
    pub(crate) target_offset: usize,
    pub(crate) next_offset: usize,
    pub(crate) counters: usize,
    /// Size of an entry without matches whose target is a standard one.
    pub(crate) standard: usize,
    /// Size of an entry that names a chain.
    pub(crate) error: usize,
}

static IPV4: Layout = Layout {
    entry: size_of::<ipt_entry>(),
    ip: offset_of!(ipt_entry, nfcache),
    interfaces: offset_of!(ipt_ip, iniface),
    protocol: offset_of!(ipt_ip, proto),
    flags: offset_of!(ipt_ip, flags),
    invflags: offset_of!(ipt_ip, invflags),
    nfcache: offset_of!(ipt_entry, nfcache),
    target_offset: offset_of!(ipt_entry, target_offset),
    next_offset: offset_of!(ipt_entry, next_offset),
    counters: offset_of!(ipt_entry, counters),
    standard: size_of::<ipt_entry>() + size_of::<xt_standard_target>(),
    error: size_of::<ipt_entry>() + size_of::<xt_error_target>(),
};

static IPV6: Layout = Layout {
    entry: size_of::<ip6t_entry>(),
    ip: offset_of!(ip6t_entry, nfcache),
    interfaces: offset_of!(ip6t_ip6, iniface),
    protocol: offset_of!(ip6t_ip6, proto),
    flags: offset_of!(ip6t_ip6, flags),
    invflags: offset_of!(ip6t_ip6, invflags),
    nfcache: offset_of!(ip6t_entry, nfcache),
    target_offset: offset_of!(ip6t_entry, target_offset),
    next_offset: offset_of!(ip6t_entry, next_offset),
    counters: offset_of!(ip6t_entry, counters),
    standard: size_of::<ip6t_entry>() + size_of::<xt_standard_target>(),
    error: size_of::<ip6t_entry>() + size_of::<xt_error_target>(),
};

impl Layout {
    pub(crate) fn of(family: Family) -> &'static Layout {
        family.pick(&IPV4, &IPV6)
    }
}

/// Reads a number at an offset; 0 beyond the end.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_ne_bytes([two[0], two[1]]))
}

/// Reads a number at an offset; 0 beyond the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| u32::from_ne_bytes([four[0], four[1], four[2], four[3]]))
}

/// Reads a number at an offset; 0 beyond the end.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    if let Some(eight) = bytes.get(at..at + 8) {
        number.copy_from_slice(eight);
    }
    u64::from_ne_bytes(number)
}

/// Writes bytes at an offset; nothing beyond the end.
pub(crate) fn put_at(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}
