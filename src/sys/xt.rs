//! The structures of the xtables socket interface, spelled as in `linux/netfilter/x_tables.h`,
//! `linux/netfilter_ipv4/ip_tables.h` and `linux/netfilter_ipv6/ip6_tables.h`.
//!
//! A test compares sizes and offsets with the installed headers.
#![allow(non_camel_case_types)]

use super::layout::raw;

/// Length of an extension's name, its closing NUL included.
pub(crate) const XT_EXTENSION_MAXNAMELEN: usize = 29;
/// Length of a chain's name in an ERROR entry, its closing NUL included.
pub(crate) const XT_FUNCTION_MAXNAMELEN: usize = 30;
/// Length of a table's name, its closing NUL included.
pub(crate) const XT_TABLE_MAXNAMELEN: usize = 32;
/// Length of an interface's name, its closing NUL included.
pub(crate) const IFNAMSIZ: usize = 16;
/// Number of netfilter hooks of the IP families.
pub(crate) const NF_INET_NUMHOOKS: usize = 5;

pub(crate) const IPT_F_FRAG: u8 = 0x01;
pub(crate) const IPT_F_GOTO: u8 = 0x02;
pub(crate) const IP6T_F_PROTO: u8 = 0x01;
pub(crate) const IP6T_F_GOTO: u8 = 0x04;

pub(crate) const IPT_INV_VIA_IN: u8 = 0x01;
pub(crate) const IPT_INV_VIA_OUT: u8 = 0x02;
pub(crate) const IPT_INV_SRCIP: u8 = 0x08;
pub(crate) const IPT_INV_DSTIP: u8 = 0x10;
pub(crate) const IPT_INV_FRAG: u8 = 0x20;
pub(crate) const IPT_INV_PROTO: u8 = 0x40;

/// `setsockopt` numbers; the same in both families.
pub(crate) const SO_SET_REPLACE: i32 = 64;
pub(crate) const SO_SET_ADD_COUNTERS: i32 = 65;
/// `getsockopt` numbers; the same in both families but for the revision queries.
pub(crate) const SO_GET_INFO: i32 = 64;
pub(crate) const SO_GET_ENTRIES: i32 = 65;
pub(crate) const IPT_SO_GET_REVISION_MATCH: i32 = 66;
pub(crate) const IPT_SO_GET_REVISION_TARGET: i32 = 67;
pub(crate) const IP6T_SO_GET_REVISION_MATCH: i32 = 68;
pub(crate) const IP6T_SO_GET_REVISION_TARGET: i32 = 69;

mod x_tables {
    //! What all families share.
    use super::*;

    raw! {
        "linux/netfilter/x_tables.h"

        struct xt_counters {
            pcnt: u64,
            bcnt: u64,
        }

        /// The header before the data of a match, and of a target too: `struct xt_entry_target` is the same.
        struct xt_entry_match {
            size = "u.user.match_size": u16,
            name = "u.user.name": [u8; XT_EXTENSION_MAXNAMELEN],
            revision = "u.user.revision": u8,
        }

        struct xt_standard_target {
            target: xt_entry_match,
            verdict: i32,
            _padding: [u8; 4],
        }

        struct xt_error_target {
            target: xt_entry_match,
            errorname: [u8; XT_FUNCTION_MAXNAMELEN],
            _padding: [u8; 2],
        }

        /// Before the counters.
        struct xt_counters_info {
            name: [u8; XT_TABLE_MAXNAMELEN],
            num_counters: u32,
            _padding: [u8; 4],
        }

        struct xt_get_revision {
            name: [u8; XT_EXTENSION_MAXNAMELEN],
            revision: u8,
        }
    }
}

mod ip_tables {
    //! IPv4, and the requests, which are the same for IPv6.
    use super::*;

    raw! {
        "linux/netfilter_ipv4/ip_tables.h"

        struct ipt_ip {
            src: [u8; 4],
            dst: [u8; 4],
            smsk: [u8; 4],
            dmsk: [u8; 4],
            iniface: [u8; IFNAMSIZ],
            outiface: [u8; IFNAMSIZ],
            iniface_mask: [u8; IFNAMSIZ],
            outiface_mask: [u8; IFNAMSIZ],
            proto: u16,
            flags: u8,
            invflags: u8,
        }

        struct ipt_entry {
            ip: ipt_ip,
            nfcache: u32,
            target_offset: u16,
            next_offset: u16,
            comefrom: u32,
            counters: xt_counters,
        }

        struct ipt_getinfo {
            name: [u8; XT_TABLE_MAXNAMELEN],
            valid_hooks: u32,
            hook_entry: [u32; NF_INET_NUMHOOKS],
            underflow: [u32; NF_INET_NUMHOOKS],
            num_entries: u32,
            size: u32,
        }

        /// Before the entries.
        struct ipt_get_entries {
            name: [u8; XT_TABLE_MAXNAMELEN],
            size: u32,
            _padding: [u8; 4],
        }

        /// Before the entries.
        struct ipt_replace {
            name: [u8; XT_TABLE_MAXNAMELEN],
            valid_hooks: u32,
            num_entries: u32,
            size: u32,
            hook_entry: [u32; NF_INET_NUMHOOKS],
            underflow: [u32; NF_INET_NUMHOOKS],
            num_counters: u32,
            counters: usize,
        }
    }
}

mod ip6_tables {
    //! IPv6.
    use super::*;

    raw! {
        "linux/netfilter_ipv6/ip6_tables.h"

        struct ip6t_ip6 {
            src: [u8; 16],
            dst: [u8; 16],
            smsk: [u8; 16],
            dmsk: [u8; 16],
            iniface: [u8; IFNAMSIZ],
            outiface: [u8; IFNAMSIZ],
            iniface_mask: [u8; IFNAMSIZ],
            outiface_mask: [u8; IFNAMSIZ],
            proto: u16,
            tos: u8,
            flags: u8,
            invflags: u8,
            _padding: [u8; 3],
        }

        struct ip6t_entry {
            ipv6: ip6t_ip6,
            nfcache: u32,
            target_offset: u16,
            next_offset: u16,
            comefrom: u32,
            _padding: [u8; 4],
            counters: xt_counters,
        }
    }
}

pub(crate) use ip_tables::*;
pub(crate) use ip6_tables::*;
pub(crate) use x_tables::*;

/// Rounds a size up to the alignment of the kernel's extension data, `XT_ALIGN`.
pub(crate) const fn xt_align(size: usize) -> usize {
    let align = align_of::<u64>();
    size.div_ceil(align) * align
}
