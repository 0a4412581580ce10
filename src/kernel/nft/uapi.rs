//! Numbers of the kernel's headers.
#![allow(dead_code, reason = "the numbers of a header stand together, whoever needs them")]

use crate::sys::layout::numbers;

/// nf_tables itself.
mod tables {
    super::numbers! {
        "linux/netfilter/nf_tables.h"
        u16 {
            NFT_MSG_NEWTABLE = 0, NFT_MSG_GETTABLE = 1, NFT_MSG_DELTABLE = 2,
            NFT_MSG_NEWCHAIN = 3, NFT_MSG_GETCHAIN = 4, NFT_MSG_DELCHAIN = 5,
            NFT_MSG_NEWRULE = 6, NFT_MSG_GETRULE = 7, NFT_MSG_DELRULE = 8,
            NFT_MSG_NEWSET = 9, NFT_MSG_GETSET = 10,
            NFT_MSG_NEWGEN = 15, NFT_MSG_GETGEN = 16, NFT_MSG_TRACE = 17,
            NFTA_TRACE_TABLE = 1, NFTA_TRACE_CHAIN = 2, NFTA_TRACE_RULE_HANDLE = 3, NFTA_TRACE_TYPE = 4,
            NFTA_TRACE_ID = 6, NFTA_TRACE_NETWORK_HEADER = 8, NFTA_TRACE_TRANSPORT_HEADER = 9,
            NFTA_TRACE_IIF = 10, NFTA_TRACE_OIF = 12, NFTA_TRACE_POLICY = 16,

            NFTA_LIST_ELEM = 1,
            NFTA_EXPR_NAME = 1, NFTA_EXPR_DATA = 2,
            NFTA_TABLE_NAME = 1, NFTA_TABLE_FLAGS = 2, NFTA_TABLE_USE = 3, NFTA_TABLE_HANDLE = 4,
            NFTA_CHAIN_TABLE = 1, NFTA_CHAIN_HANDLE = 2, NFTA_CHAIN_NAME = 3, NFTA_CHAIN_HOOK = 4,
            NFTA_CHAIN_POLICY = 5, NFTA_CHAIN_USE = 6, NFTA_CHAIN_TYPE = 7, NFTA_CHAIN_COUNTERS = 8,
            NFTA_HOOK_HOOKNUM = 1, NFTA_HOOK_PRIORITY = 2,
            NFTA_COUNTER_BYTES = 1, NFTA_COUNTER_PACKETS = 2,
            NFTA_LIMIT_RATE = 1, NFTA_LIMIT_UNIT = 2, NFTA_LIMIT_BURST = 3, NFTA_LIMIT_TYPE = 4, NFTA_LIMIT_FLAGS = 5,
            NFTA_RULE_TABLE = 1, NFTA_RULE_CHAIN = 2, NFTA_RULE_HANDLE = 3, NFTA_RULE_EXPRESSIONS = 4,
            NFTA_RULE_COMPAT = 5, NFTA_RULE_POSITION = 6, NFTA_RULE_USERDATA = 7, NFTA_RULE_ID = 9,
            NFTA_RULE_COMPAT_PROTO = 1, NFTA_RULE_COMPAT_FLAGS = 2,
            NFTA_SET_TABLE = 1, NFTA_SET_NAME = 2,
            NFTA_GEN_ID = 1,
            NFT_NAME_MAXLEN = 256,
        }
        u32 {
            NFT_TRACETYPE_POLICY = 1, NFT_TRACETYPE_RETURN = 2, NFT_TRACETYPE_RULE = 3,
            NFT_TABLE_F_DORMANT = 1,
            NFT_RULE_COMPAT_F_INV = 2,
        }
        ; new:
        u16 {
            NFTA_TABLE_OWNER = 7, NFTA_CHAIN_FLAGS = 10, NFTA_RULE_POSITION_ID = 10, NFT_MSG_GETRULE_RESET = 25,
        }
        u32 {
            NFT_TABLE_F_OWNER = 2, NFT_TABLE_F_PERSIST = 4,
        }
    }
}
pub(crate) use tables::*;

/// The extensions of xtables within nf_tables.
mod compat {
    super::numbers! {
        "linux/netfilter/nf_tables_compat.h"
        u16 {
            NFNL_MSG_COMPAT_GET = 0,
            NFTA_COMPAT_NAME = 1, NFTA_COMPAT_REV = 2, NFTA_COMPAT_TYPE = 3,
            NFTA_MATCH_NAME = 1, NFTA_MATCH_REV = 2, NFTA_MATCH_INFO = 3,
            NFTA_TARGET_NAME = 1, NFTA_TARGET_REV = 2, NFTA_TARGET_INFO = 3,
        }
    }
}
pub(crate) use compat::*;

/// The frame around both.
mod netfilter {
    super::numbers! {
        "linux/netfilter/nfnetlink.h"
        u16 {
            NFNL_SUBSYS_NFTABLES = 10, NFNL_SUBSYS_NFT_COMPAT = 11,
            NFNL_MSG_BATCH_BEGIN = 0x10, NFNL_MSG_BATCH_END = 0x11, NFNLGRP_NFTABLES = 7, NFNLGRP_NFTRACE = 9,
            NFNL_SUBSYS_ULOG = 4,
        }
        ; new: u16 { NFNL_BATCH_GENID = 1 }
    }
}
pub(crate) use netfilter::*;

/// Packets in the log.
mod log {
    super::numbers! {
        "linux/netfilter/nfnetlink_log.h"
        u16 {
            NFULNL_MSG_PACKET = 0, NFULNL_MSG_CONFIG = 1,
            NFULA_IFINDEX_INDEV = 4, NFULA_IFINDEX_OUTDEV = 5, NFULA_PAYLOAD = 9, NFULA_PREFIX = 10,
            NFULA_CFG_CMD = 1, NFULA_CFG_MODE = 2, NFULA_CFG_QTHRESH = 5,
        }
        u8 {
            NFULNL_CFG_CMD_BIND = 1, NFULNL_COPY_PACKET = 2,
        }
    }
}
pub(crate) use log::*;

/// Netlink messages.
mod netlink {
    super::numbers! {
        "linux/netlink.h"
        u16 {
            NLMSG_NOOP = 1, NLMSG_ERROR = 2, NLMSG_DONE = 3,
            NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_ACK = 4, NLM_F_DUMP_INTR = 0x10, NLM_F_DUMP = 0x300,
            NLM_F_REPLACE = 0x100, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400, NLM_F_APPEND = 0x800,
        }
        ; new: u16 {
            NLM_F_NONREC = 0x100, NLM_F_CAPPED = 0x100, NLM_F_ACK_TLVS = 0x200,
            NLMSGERR_ATTR_MSG = 1, NLMSGERR_ATTR_OFFS = 2,
        }
    }
}
pub(crate) use netlink::*;
