//! Packets that rules with the target TRACE have chosen, and the rules that they meet.
//!
//! nf_tables tells of them by messages of its own (the group NFNLGRP_NFTRACE). In the xtables interface they are lines of the log,
//! `TRACE: filter:INPUT:rule:3`, which go to group 0 of nfnetlink_log where the variable `net/netfilter/nf_log/` of the family says so.

use std::collections::VecDeque;
use std::fs;
use std::os::fd::BorrowedFd;

use super::Kernel;
use super::nft::attr::{self, Attrs, Writer};
use super::nft::base;
use super::nft::message::{Head, Messages, nf_tables};
use super::nft::uapi::*;
use crate::error::Failure;
use crate::sys::netlink::{NetlinkSocket, Received};
use crate::table::Table;
use crate::types::{BackendKind, Family};
use crate::{Error, Result};

/// The most that a datagram may have: a packet of 64 KiB and what is said of it.
const ROOM: usize = 1 << 17;

/// What is heard of packets that are traced.
#[derive(Debug)]
pub struct Tracer {
    socket: NetlinkSocket,
    /// Where the log of a family went before, to be put back.
    logs: Vec<(Family, String)>,
    buffer: Vec<u8>,
    events: VecDeque<Traced>,
    lost: bool,
}

/// A packet at a rule, or at the end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traced {
    /// The family of the packet.
    pub family: Family,
    /// What nf_tables calls the packet; the log of xtables has no name for it.
    pub packet: Option<u32>,
    /// The table.
    pub table: String,
    /// The chain.
    pub chain: Vec<u8>,
    /// Where in it.
    pub place: Step,
    /// The packet from its network header on, as far as it is told.
    pub bytes: Vec<u8>,
    /// The numbers of the interfaces that it came in by and goes out by.
    pub interfaces: [Option<u32>; 2],
}

/// Where in a chain a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// At the rule of this index.
    Rule(usize),
    /// At the rule of nf_tables with this handle.
    Handle(u64),
    /// At the end, on the way back to the caller.
    Return,
    /// At the policy.
    Policy,
}

fn failed(error: std::io::Error) -> Error {
    let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
    Error::from(Failure::Trace { denied }).because(error)
}

impl Traced {
    /// The index of the rule, in a table that was read when it was there.
    #[must_use]
    pub fn index(&self, table: &Table) -> Option<usize> {
        match self.place {
            Step::Rule(index) => Some(index),
            Step::Handle(handle) => table.index_of_number(&self.chain, handle),
            _ => None,
        }
    }
}

impl Kernel {
    /// Listens to what the kernel tells of packets that are traced, in the network namespace of the calling thread.
    ///
    /// # Errors
    ///
    /// Those of [`detection`](Kernel::detection), and [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied).
    #[doc(hidden)]
    pub fn trace(&self) -> Result<Tracer> {
        let backend = self.detection()?.backend;
        let socket = NetlinkSocket::open(None).map_err(failed)?;
        socket.expect(4 << 20);
        let mut tracer =
            Tracer { socket, logs: Vec::new(), buffer: vec![0; ROOM], events: VecDeque::new(), lost: false };
        match backend {
            BackendKind::Nft => tracer.socket.join(NFNLGRP_NFTRACE.into()).map_err(failed)?,
            _ => tracer.listen_to_log().map_err(failed)?,
        }
        Ok(tracer)
    }
}

impl Tracer {
    /// What becomes readable when there is something to tell.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Whether something was lost since this was asked last: more came than was read.
    pub fn has_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// The next step of a packet, if there is one by now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Kernel`](crate::ErrorKind::Kernel) when the socket fails.
    pub fn next_step(&mut self) -> Result<Option<Traced>> {
        while self.events.is_empty() {
            let received = self.socket.receive(&mut self.buffer, false);
            match received.map_err(failed)? {
                Received::Nothing => return Ok(None),
                Received::Lost => self.lost = true,
                Received::Datagram(length) => {
                    let read = Messages::new(self.buffer.get(..length).unwrap_or_default());
                    self.events.extend(read.filter_map(|message| {
                        let (family, _, attributes) = message.netfilter()?;
                        match message.kind {
                            TRACE => of_nft(family, attributes),
                            PACKET => of_log(attributes),
                            _ => None,
                        }
                    }));
                }
            }
        }
        Ok(self.events.pop_front())
    }

    /// Has the lines of xtables sent here.
    fn listen_to_log(&mut self) -> std::io::Result<()> {
        let config = |kind: u16, payload: &[u8]| {
            let mut writer = Writer::new();
            let head = Head {
                kind: NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG,
                flags: NLM_F_REQUEST | NLM_F_ACK,
                sequence: u32::from(kind),
                family: 0,
                resource: 0,
            };
            writer.message(&head, |writer| writer.put(kind, payload));
            writer.bytes().to_vec()
        };
        // `struct nfulnl_msg_config_mode`: how much of each packet, and that it be copied. Each line is sent at once.
        let mode = [0, 0, 1, 0, NFULNL_COPY_PACKET, 0];
        for request in [
            config(NFULA_CFG_CMD, &[NFULNL_CFG_CMD_BIND]),
            config(NFULA_CFG_MODE, &mode),
            config(NFULA_CFG_QTHRESH, &1u32.to_be_bytes()),
        ] {
            self.socket.send(&request)?;
            let Received::Datagram(length) = self.socket.receive(&mut self.buffer, true)? else { continue };
            let answer = Messages::new(self.buffer.get(..length).unwrap_or_default()).next();
            if let Some(failure) =
                answer.and_then(|answer| answer.failure()).filter(|failure| failure.errno != 0)
            {
                return Err(std::io::Error::from_raw_os_error(failure.errno));
            }
        }
        for family in Family::ALL {
            let path = log_of(family);
            let before = fs::read_to_string(&path)?.trim().to_owned();
            if before != LOGGER {
                fs::write(&path, LOGGER)?;
                self.logs.push((family, before));
            }
        }
        Ok(())
    }
}

/// The logs go where they went before.
impl Drop for Tracer {
    fn drop(&mut self) {
        for (family, before) in &self.logs {
            // Who may set it may set it again.
            let _ = fs::write(log_of(*family), before);
        }
    }
}

const LOGGER: &str = "nfnetlink_log";
const TRACE: u16 = nf_tables(NFT_MSG_TRACE);
const PACKET: u16 = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;

fn log_of(family: Family) -> String {
    format!("/proc/sys/net/netfilter/nf_log/{}", base::number(family))
}

fn family_of(number: u8) -> Option<Family> {
    Family::ALL.into_iter().find(|family| base::number(*family) == number)
}

/// A message of nf_tables. The packet itself is in the first of it only.
fn of_nft(family: u8, attributes: Attrs<'_>) -> Option<Traced> {
    let place = match attr::be32(attributes.get(NFTA_TRACE_TYPE)?)? {
        NFT_TRACETYPE_RULE => Step::Handle(attr::be64(attributes.get(NFTA_TRACE_RULE_HANDLE)?)?),
        NFT_TRACETYPE_RETURN => Step::Return,
        NFT_TRACETYPE_POLICY => Step::Policy,
        _ => return None,
    };
    let header = |number| attributes.get(number).unwrap_or_default();
    let interface = |number| attributes.get(number).and_then(attr::be32);
    Some(Traced {
        family: family_of(family)?,
        packet: attributes.get(NFTA_TRACE_ID).and_then(attr::be32),
        table: String::from_utf8_lossy(attr::text(attributes.get(NFTA_TRACE_TABLE)?)).into_owned(),
        chain: attr::text(attributes.get(NFTA_TRACE_CHAIN)?).to_vec(),
        place,
        bytes: [header(NFTA_TRACE_NETWORK_HEADER), header(NFTA_TRACE_TRANSPORT_HEADER)].concat(),
        interfaces: [interface(NFTA_TRACE_IIF), interface(NFTA_TRACE_OIF)],
    })
}

/// A line of the log: `TRACE: TABLE:CHAIN:rule|return|policy:NUMBER `. The name of a chain may have colons.
fn of_log(attributes: Attrs<'_>) -> Option<Traced> {
    let prefix = attr::text(attributes.get(NFULA_PREFIX)?);
    let line = prefix.strip_prefix(b"TRACE: ")?.trim_ascii();
    let table_end = line.iter().position(|byte| *byte == b':')?;
    let (table, rest) = (line.get(..table_end)?, line.get(table_end + 1..)?);
    let number_at = rest.iter().rposition(|byte| *byte == b':')?;
    let kind_at = rest.get(..number_at)?.iter().rposition(|byte| *byte == b':')?;
    let number: usize = std::str::from_utf8(rest.get(number_at + 1..)?).ok()?.parse().ok()?;
    let place = match rest.get(kind_at + 1..number_at)? {
        b"rule" => Step::Rule(number.checked_sub(1)?),
        b"return" => Step::Return,
        b"policy" => Step::Policy,
        _ => return None,
    };
    let bytes = attributes.get(NFULA_PAYLOAD).unwrap_or_default();
    let family = match bytes.first()? >> 4 {
        4 => Family::Ipv4,
        6 => Family::Ipv6,
        _ => return None,
    };
    let interface = |number| attributes.get(number).and_then(attr::be32);
    Some(Traced {
        family,
        packet: None,
        table: String::from_utf8_lossy(table).into_owned(),
        chain: rest.get(..kind_at)?.to_vec(),
        place,
        bytes: bytes.to_vec(),
        interfaces: [interface(NFULA_IFINDEX_INDEV), interface(NFULA_IFINDEX_OUTDEV)],
    })
}
