//! Programs at the other end of NFLOG, NFQUEUE and connection tracking, and what rules find by name: counters of nfacct,
//! timeouts of connections.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::ReceiveTimeout;
use nix::sys::socket::{MsgFlags, NetlinkAddr, SockProtocol, bind, recv, setsockopt};
use nix::sys::time::TimeVal;

use crate::Namespace;
use crate::netlink::{HEADER, Request, find_attribute, netlink_socket, text};
use crate::packet::Packet;
use crate::traffic::PATIENCE;

/// The numbers of linux/netfilter/nfnetlink.h, nfnetlink_log.h, nfnetlink_queue.h and nfnetlink_acct.h.
mod uapi {
    pub(super) const NFNL_SUBSYS_QUEUE: u16 = 3;
    pub(super) const NFNL_SUBSYS_ULOG: u16 = 4;
    pub(super) const NFNL_SUBSYS_ACCT: u16 = 7;

    pub(super) const NFULNL_MSG_CONFIG: u16 = 1;
    pub(super) const NFULA_CFG_CMD: u16 = 1;
    pub(super) const NFULA_CFG_MODE: u16 = 2;
    pub(super) const NFULA_CFG_QTHRESH: u16 = 5;
    pub(super) const NFULNL_CFG_CMD_BIND: u8 = 1;
    pub(super) const NFULNL_COPY_PACKET: u8 = 2;
    pub(super) const NFULA_MARK: u16 = 2;
    pub(super) const NFULA_PAYLOAD: u16 = 9;
    pub(super) const NFULA_PREFIX: u16 = 10;

    pub(super) const NFQNL_MSG_VERDICT: u16 = 1;
    pub(super) const NFQNL_MSG_CONFIG: u16 = 2;
    pub(super) const NFQA_CFG_CMD: u16 = 1;
    pub(super) const NFQA_CFG_PARAMS: u16 = 2;
    pub(super) const NFQNL_CFG_CMD_BIND: u8 = 1;
    pub(super) const NFQNL_COPY_PACKET: u8 = 2;
    pub(super) const NFQA_PACKET_HDR: u16 = 1;
    pub(super) const NFQA_VERDICT_HDR: u16 = 2;
    pub(super) const NFQA_MARK: u16 = 3;
    pub(super) const NFQA_PAYLOAD: u16 = 10;
    pub(super) const NFQA_PRIORITY: u16 = 21;

    pub(super) const NFNL_MSG_ACCT_NEW: u16 = 0;
    pub(super) const NFNL_MSG_ACCT_GET: u16 = 1;
    pub(super) const NFACCT_NAME: u16 = 1;
    pub(super) const NFACCT_PKTS: u16 = 2;
    pub(super) const NFACCT_BYTES: u16 = 3;
    pub(super) const NFACCT_FLAGS: u16 = 5;
    pub(super) const NFACCT_QUOTA: u16 = 6;
    pub(super) const NFACCT_F_QUOTA_PKTS: u32 = 1;

    pub(super) const NFNL_SUBSYS_CTNETLINK_TIMEOUT: u16 = 8;
    pub(super) const IPCTNL_MSG_TIMEOUT_NEW: u16 = 0;
    pub(super) const CTA_TIMEOUT_NAME: u16 = 1;
    pub(super) const CTA_TIMEOUT_L3PROTO: u16 = 2;
    pub(super) const CTA_TIMEOUT_L4PROTO: u16 = 3;
    pub(super) const CTA_TIMEOUT_DATA: u16 = 4;
    pub(super) const CTA_TIMEOUT_UDP_UNREPLIED: u16 = 1;

    /// The groups of new, changed and ended connections, as bits.
    pub(super) const CONNTRACK_GROUPS: u32 = 0b111;

    /// The group of `NFNLGRP_NFTRACE`, as a bit.
    pub(super) const TRACE_GROUP: u32 = 1 << 8;
    pub(super) const NFTA_TRACE_TABLE: u16 = 1;
    pub(super) const NFTA_TRACE_CHAIN: u16 = 2;
    pub(super) const NFTA_TRACE_RULE_HANDLE: u16 = 3;
    pub(super) const NFTA_TRACE_TYPE: u16 = 4;

    pub(super) const NF_DROP: u32 = 0;
    pub(super) const NF_ACCEPT: u32 = 1;
}

/// The length of `struct nfgenmsg`, which follows the header of each message.
const GENERAL: usize = 4;

/// Packets that are logged by rules of a namespace.
#[derive(Debug)]
pub struct Log(OwnedFd);

/// A packet in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The prefix that the rule gave it.
    pub prefix: String,
    /// The first octets, or all of them.
    pub bytes: Vec<u8>,
    /// The mark.
    pub mark: u32,
}

impl Log {
    /// Listens to a group of nfnetlink_log. Targets that do not have a group log to 0, if the namespace does so at all:
    /// where the variable `net/netfilter/nf_log/2` or `10` is `nfnetlink_log`.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn listen(host: &Namespace, group: u16) -> io::Result<Log> {
        host.run(|| {
            let socket = socket()?;
            let config = || request(uapi::NFNL_SUBSYS_ULOG << 8 | uapi::NFULNL_MSG_CONFIG, group);
            config().attribute(uapi::NFULA_CFG_CMD, &[uapi::NFULNL_CFG_CMD_BIND]).exchange_on(&socket)?;
            // `struct nfulnl_msg_config_mode`: how many octets to copy, and that they be copied.
            config()
                .attribute(uapi::NFULA_CFG_MODE, &[0, 0, 0xff, 0xff, uapi::NFULNL_COPY_PACKET, 0])
                .attribute(uapi::NFULA_CFG_QTHRESH, &1u32.to_be_bytes())
                .exchange_on(&socket)?;
            Ok(Log(socket))
        })
    }

    /// The next packet, or none when there is none.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn next(&self) -> io::Result<Option<Logged>> {
        let Some(message) = receive(&self.0)? else { return Ok(None) };
        let find = |kind| find_attribute(&message, kind).unwrap_or_default();
        let prefix = String::from_utf8_lossy(find(uapi::NFULA_PREFIX));
        Ok(Some(Logged {
            prefix: prefix.trim_end_matches('\0').to_owned(),
            bytes: find(uapi::NFULA_PAYLOAD).to_vec(),
            mark: word(find(uapi::NFULA_MARK)).unwrap_or(0),
        }))
    }
}

/// A queue that rules of a namespace fill.
#[derive(Debug)]
pub struct Queue {
    socket: OwnedFd,
    number: u16,
}

/// A packet that waits for a verdict.
#[derive(Clone, Debug)]
pub struct Queued {
    id: u32,
    /// The packet.
    pub packet: Packet,
    /// The mark.
    pub mark: u32,
    /// The priority, where the kernel tells it.
    pub priority: Option<u32>,
}

impl Queue {
    /// Takes the packets of a queue.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn listen(host: &Namespace, number: u16) -> io::Result<Queue> {
        host.run(|| {
            let socket = socket()?;
            let config = || request(uapi::NFNL_SUBSYS_QUEUE << 8 | uapi::NFQNL_MSG_CONFIG, number);
            config()
                .attribute(uapi::NFQA_CFG_CMD, &[uapi::NFQNL_CFG_CMD_BIND, 0, 0, 0])
                .exchange_on(&socket)?;
            config()
                .attribute(uapi::NFQA_CFG_PARAMS, &[0, 0, 0xff, 0xff, uapi::NFQNL_COPY_PACKET])
                .exchange_on(&socket)?;
            Ok(Queue { socket, number })
        })
    }

    /// The next packet, or none when there is none.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn next(&self) -> io::Result<Option<Queued>> {
        let Some(message) = receive(&self.socket)? else { return Ok(None) };
        let find = |kind| find_attribute(&message, kind).unwrap_or_default();
        let id = word(find(uapi::NFQA_PACKET_HDR)).unwrap_or(0);
        let packet = Packet::parse(find(uapi::NFQA_PAYLOAD))?;
        let mark = word(find(uapi::NFQA_MARK)).unwrap_or(0);
        Ok(Some(Queued { id, packet, mark, priority: word(find(uapi::NFQA_PRIORITY)) }))
    }

    /// Lets a packet go on, or drops it.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn decide(&self, packet: &Queued, accept: bool) -> io::Result<()> {
        let verdict = if accept { uapi::NF_ACCEPT } else { uapi::NF_DROP };
        let kind = uapi::NFNL_SUBSYS_QUEUE << 8 | uapi::NFQNL_MSG_VERDICT;
        Request::unanswered(kind, 0, &general(self.number))
            .attribute(uapi::NFQA_VERDICT_HDR, [verdict, packet.id].map(u32::to_be_bytes).as_flattened())
            .send_on(&self.socket)
    }
}

/// Told of connections that are new, change or end.
#[derive(Debug)]
pub struct Events(OwnedFd);

impl Events {
    /// Listens to connection tracking.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn listen(host: &Namespace) -> io::Result<Events> {
        host.run(|| {
            let socket = socket()?;
            bind(socket.as_raw_fd(), &NetlinkAddr::new(0, uapi::CONNTRACK_GROUPS))?;
            Ok(Events(socket))
        })
    }

    /// Whether something happens.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn next(&self) -> io::Result<bool> {
        receive(&self.0).map(|message| message.is_some())
    }
}

/// Told of the way that traced packets take through the rules of nf_tables.
#[derive(Debug)]
pub struct Traces(OwnedFd);

impl Traces {
    /// Listens to what nf_tables traces.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn listen(host: &Namespace) -> io::Result<Traces> {
        host.run(|| {
            let socket = socket()?;
            bind(socket.as_raw_fd(), &NetlinkAddr::new(0, uapi::TRACE_GROUP))?;
            Ok(Traces(socket))
        })
    }

    /// The next step of a packet: table, chain and `policy`, `return`, `rule` or the `end` of the chain, with colons between.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn next(&self) -> io::Result<Option<String>> {
        let Some(message) = receive(&self.0)? else { return Ok(None) };
        let find = |kind| find_attribute(&message, kind).unwrap_or_default();
        let name = |kind| String::from_utf8_lossy(find(kind)).trim_end_matches('\0').to_owned();
        let step = match word(find(uapi::NFTA_TRACE_TYPE)) {
            Some(1) => "policy",
            Some(2) => "return",
            Some(3) if find(uapi::NFTA_TRACE_RULE_HANDLE).is_empty() => "end",
            Some(3) => "rule",
            _ => return Err(Errno::EBADMSG.into()),
        };
        Ok(Some(format!("{}:{}:{step}", name(uapi::NFTA_TRACE_TABLE), name(uapi::NFTA_TRACE_CHAIN))))
    }
}

/// Makes a timeout policy for connections of UDP and IPv4: the seconds that they last without an answer.
pub(crate) fn create_timeout(name: &str, seconds: u32) -> io::Result<()> {
    let kind = uapi::NFNL_SUBSYS_CTNETLINK_TIMEOUT << 8 | uapi::IPCTNL_MSG_TIMEOUT_NEW;
    Request::new(kind, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &general(0))
        .attribute(uapi::CTA_TIMEOUT_NAME, &text(name))
        .attribute(uapi::CTA_TIMEOUT_L3PROTO, &(libc::AF_INET as u16).to_be_bytes())
        .attribute(uapi::CTA_TIMEOUT_L4PROTO, &[libc::IPPROTO_UDP as u8])
        .nested(uapi::CTA_TIMEOUT_DATA, |data| {
            data.attribute(uapi::CTA_TIMEOUT_UDP_UNREPLIED, &seconds.to_be_bytes())
        })
        .send_to(SockProtocol::NetlinkNetFilter)
}

/// Makes a counter of nfacct, which may have a quota of packets.
pub(crate) fn create_counter(name: &str, quota: Option<u64>) -> io::Result<()> {
    let kind = uapi::NFNL_SUBSYS_ACCT << 8 | uapi::NFNL_MSG_ACCT_NEW;
    let mut request = Request::new(kind, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &general(0))
        .attribute(uapi::NFACCT_NAME, &text(name));
    if let Some(quota) = quota {
        request = request
            .attribute(uapi::NFACCT_FLAGS, &uapi::NFACCT_F_QUOTA_PKTS.to_be_bytes())
            .attribute(uapi::NFACCT_QUOTA, &quota.to_be_bytes());
    }
    request.send_to(SockProtocol::NetlinkNetFilter)
}

/// The packets and octets of a counter of nfacct.
pub(crate) fn counter(name: &str) -> io::Result<[u64; 2]> {
    let kind = uapi::NFNL_SUBSYS_ACCT << 8 | uapi::NFNL_MSG_ACCT_GET;
    let answer = Request::unanswered(kind, 0, &general(0))
        .attribute(uapi::NFACCT_NAME, &text(name))
        .exchange(SockProtocol::NetlinkNetFilter)?;
    let attributes = answer.get(GENERAL..).unwrap_or_default();
    let number = |kind| {
        let payload = find_attribute(attributes, kind)?.first_chunk()?;
        Some(u64::from_be_bytes(*payload))
    };
    let both = number(uapi::NFACCT_PKTS).zip(number(uapi::NFACCT_BYTES));
    both.map(<[u64; 2]>::from).ok_or_else(|| Errno::EBADMSG.into())
}

/// `struct nfgenmsg` about a group or a queue.
fn general(number: u16) -> [u8; GENERAL] {
    let [high, low] = number.to_be_bytes();
    [libc::AF_UNSPEC as u8, 0, high, low]
}

fn request(kind: u16, number: u16) -> Request {
    Request::new(kind, 0, &general(number))
}

/// A socket that waits no longer than packets take.
fn socket() -> io::Result<OwnedFd> {
    let socket = netlink_socket(SockProtocol::NetlinkNetFilter)?;
    setsockopt(&socket, ReceiveTimeout, &TimeVal::new(0, i64::from(PATIENCE.subsec_micros())))?;
    Ok(socket)
}

/// The attributes of the next message.
fn receive(socket: &OwnedFd) -> io::Result<Option<Vec<u8>>> {
    let mut message = vec![0; 1 << 17];
    match recv(socket.as_raw_fd(), &mut message, MsgFlags::empty()) {
        Ok(length) => {
            message.truncate(length);
            Ok(Some(message.split_off((HEADER + GENERAL).min(length))))
        }
        Err(Errno::EAGAIN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn word(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().copied().map(u32::from_be_bytes)
}
