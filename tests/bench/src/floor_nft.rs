//! The floor under what is measured on nf_tables: the bare messages over netlink, on memory that is ready.
//!
//! Independent of libfw on purpose, as the floor of xtables. IPv4 only, and only the rules that the operations write.
#![allow(unsafe_code, reason = "sockets of netlink")]

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// The numbers of linux/netlink.h, linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h.
mod uapi {
    pub(super) const REQUEST: u16 = 1;
    pub(super) const CREATE: u16 = 0x400;
    pub(super) const APPEND: u16 = 0x800;
    pub(super) const DUMP: u16 = 0x300;
    pub(super) const BEGIN: u16 = 0x10;
    pub(super) const END: u16 = 0x11;
    pub(super) const NEWTABLE: u16 = 10 << 8;
    pub(super) const NEWCHAIN: u16 = 10 << 8 | 3;
    pub(super) const NEWRULE: u16 = 10 << 8 | 6;
    pub(super) const GETRULE: u16 = 10 << 8 | 7;
    pub(super) const DELRULE: u16 = 10 << 8 | 8;
    pub(super) const GETGEN: u16 = 10 << 8 | 16;
    pub(super) const ERROR: u16 = 2;
    pub(super) const DONE: u16 = 3;
}

/// Messages that are sent together.
pub struct Batch(Vec<u8>);

/// What a rule does.
#[derive(Clone, Copy)]
pub enum Verdict<'a> {
    Accept,
    Drop,
    Jump(&'a str),
}

impl Batch {
    pub fn new() -> Batch {
        let mut batch = Batch(Vec::new());
        batch.message(uapi::BEGIN, 0, |_| {});
        batch
    }

    /// A message; the family and the resource are those of a batch where it is about none.
    fn message(&mut self, kind: u16, flags: u16, attributes: impl FnOnce(&mut Vec<u8>)) {
        let at = self.0.len();
        self.0.extend([0; 4]);
        self.0.extend(kind.to_ne_bytes());
        self.0.extend((uapi::REQUEST | flags).to_ne_bytes());
        self.0.extend([0; 8]);
        let frame = kind == uapi::BEGIN || kind == uapi::END;
        self.0.extend(if frame { [0, 0, 0, 10] } else { [libc::AF_INET as u8, 0, 0, 0] });
        attributes(&mut self.0);
        let length = (self.0.len() - at) as u32;
        self.0[at..at + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// The table filter with its chains.
    pub fn table(&mut self) {
        self.message(uapi::NEWTABLE, uapi::CREATE, |out| text(out, 1, "filter"));
        for (hook, name) in [(1u32, "INPUT"), (2, "FORWARD"), (3, "OUTPUT")] {
            self.message(uapi::NEWCHAIN, uapi::CREATE, |out| {
                text(out, 1, "filter");
                text(out, 3, name);
                nest(out, 4, |out| {
                    put(out, 1, &hook.to_be_bytes());
                    put(out, 2, &[0; 4]);
                });
                put(out, 5, &1u32.to_be_bytes());
                text(out, 7, "filter");
            });
        }
    }

    /// Deletes the rules of a chain.
    pub fn flush(&mut self, table: &str, chain: &str) {
        self.message(uapi::DELRULE, 0, |out| {
            text(out, 1, table);
            text(out, 2, chain);
        });
    }

    /// `[-s SOURCE/32] -p tcp -m tcp --dport PORT -j VERDICT` at the end of a chain.
    pub fn rule(
        &mut self,
        table: &str,
        chain: &str,
        source: Option<Ipv4Addr>,
        port: u16,
        verdict: Verdict<'_>,
    ) {
        self.message(uapi::NEWRULE, uapi::CREATE | uapi::APPEND, |out| {
            text(out, 1, table);
            text(out, 2, chain);
            nest(out, 4, |out| {
                if let Some(source) = source {
                    compare(out, 12, &source.octets());
                }
                compare(out, 9, &[libc::IPPROTO_TCP as u8]);
                expression(out, "match", |out| {
                    text(out, 1, "tcp");
                    put(out, 2, &[0; 4]);
                    // `struct xt_tcp`, padded.
                    let [low, high] = port.to_ne_bytes();
                    put(out, 3, &[0, 0, 0xff, 0xff, low, high, low, high, 0, 0, 0, 0, 0, 0, 0, 0]);
                });
                expression(out, "counter", |out| {
                    put(out, 1, &[0; 8]);
                    put(out, 2, &[0; 8]);
                });
                expression(out, "immediate", |out| {
                    put(out, 1, &[0; 4]);
                    nest(out, 2, |out| {
                        nest(out, 2, |out| {
                            let code: i32 = match verdict {
                                Verdict::Accept => 1,
                                Verdict::Drop => 0,
                                Verdict::Jump(_) => -3,
                            };
                            put(out, 1, &code.to_be_bytes());
                            if let Verdict::Jump(chain) = verdict {
                                text(out, 2, chain);
                            }
                        });
                    });
                });
            });
            nest(out, 5, |out| {
                put(out, 1, &(libc::IPPROTO_TCP as u32).to_be_bytes());
                put(out, 2, &[0; 4]);
            });
        });
    }

    /// The end.
    pub fn end(mut self) -> Batch {
        self.message(uapi::END, 0, |_| {});
        self
    }
}

fn put(out: &mut Vec<u8>, kind: u16, payload: &[u8]) {
    out.extend((4 + payload.len() as u16).to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend(payload);
    out.resize(out.len().next_multiple_of(4), 0);
}

fn text(out: &mut Vec<u8>, kind: u16, text: &str) {
    put(out, kind, &[text.as_bytes(), &[0]].concat());
}

fn nest(out: &mut Vec<u8>, kind: u16, inner: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    put(out, kind | 1 << 15, &[]);
    inner(out);
    let length = (out.len() - at) as u16;
    out[at..at + 2].copy_from_slice(&length.to_ne_bytes());
}

fn expression(out: &mut Vec<u8>, name: &str, data: impl FnOnce(&mut Vec<u8>)) {
    nest(out, 1, |out| {
        text(out, 1, name);
        nest(out, 2, data);
    });
}

/// Bytes of the network header at an offset are these.
fn compare(out: &mut Vec<u8>, offset: u32, bytes: &[u8]) {
    expression(out, "payload", |out| {
        for (kind, value) in [(1, 1), (2, 1), (3, offset), (4, bytes.len() as u32)] {
            put(out, kind, &u32::to_be_bytes(value));
        }
    });
    expression(out, "cmp", |out| {
        put(out, 1, &1u32.to_be_bytes());
        put(out, 2, &[0; 4]);
        nest(out, 3, |out| put(out, 1, bytes));
    });
}

/// A socket in the calling thread's network namespace.
pub struct Socket(OwnedFd);

impl Socket {
    pub fn open() -> io::Result<Socket> {
        // SAFETY: the call takes numbers alone.
        let fd = unsafe {
            libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::NETLINK_NETFILTER)
        };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made the descriptor, and nobody else knows it.
        Ok(Socket(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let size = bytes.len() as libc::c_int;
        // SAFETY: the option is an integer, which is read during the call.
        unsafe {
            let length = size_of::<libc::c_int>() as libc::socklen_t;
            libc::setsockopt(
                self.0.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_SNDBUFFORCE,
                (&raw const size).cast(),
                length,
            );
        }
        // SAFETY: the bytes are valid for reads of their length during the call.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Receives a datagram, waiting for it or not.
    fn receive(&self, room: &mut [u8], flags: libc::c_int) -> io::Result<usize> {
        // SAFETY: the room is valid for writes of its length during the call.
        let got = unsafe { libc::recv(self.0.as_raw_fd(), room.as_mut_ptr().cast(), room.len(), flags) };
        usize::try_from(got).map_err(|_| io::Error::last_os_error())
    }

    /// Makes the changes of a batch.
    pub fn commit(&self, batch: &Batch) -> io::Result<()> {
        self.send(&batch.0)?;
        let mut room = [0; 8192];
        match self.receive(&mut room, libc::MSG_DONTWAIT) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(io::Error::from_raw_os_error(-i32::from_ne_bytes([
                room[16], room[17], room[18], room[19],
            ]))),
        }
    }

    /// The number of the generation is asked for.
    pub fn generation(&self) -> io::Result<()> {
        let mut question = Batch(Vec::new());
        question.message(uapi::GETGEN, 0, |_| {});
        self.send(&question.0)?;
        self.receive(&mut [0; 4096], 0).map(drop)
    }

    /// Receives all rules of a table; returns their bytes.
    pub fn dump(&self, table: &str) -> io::Result<usize> {
        let mut question = Batch(Vec::new());
        question.message(uapi::GETRULE, uapi::DUMP, |out| text(out, 1, table));
        self.send(&question.0)?;
        let mut room = vec![0; 64 << 10];
        let mut total = 0;
        loop {
            let got = self.receive(&mut room, 0)?;
            total += got;
            // What ends it stands alone, or last.
            let mut at = 0;
            while at + 16 <= got {
                let length =
                    u32::from_ne_bytes([room[at], room[at + 1], room[at + 2], room[at + 3]]) as usize;
                let kind = u16::from_ne_bytes([room[at + 4], room[at + 5]]);
                if kind == uapi::DONE || kind == uapi::ERROR || length < 16 {
                    return Ok(total);
                }
                at += length.next_multiple_of(4);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use libfw::{Family, Kernel};

    use super::*;

    #[test]
    fn the_floor_writes_what_libfw_reads() {
        libfw_playground::test_on("nft", |play| {
            play.namespace()?.run(|| {
                let web =
                    Kernel::nft().update(Family::Ipv4, "filter", |table| table.new_chain("web").map(drop));
                web.map_err(io::Error::other)?;
                let socket = Socket::open()?;
                let mut batch = Batch::new();
                batch.table();
                batch.rule("filter", "INPUT", Some(Ipv4Addr::new(10, 0, 0, 7)), 80, Verdict::Drop);
                batch.rule("filter", "INPUT", None, 81, Verdict::Accept);
                batch.rule("filter", "OUTPUT", None, 81, Verdict::Jump("web"));
                socket.commit(&batch.end())?;
                socket.generation()?;
                let table = Kernel::nft().open(Family::Ipv4, "filter").map_err(io::Error::other)?;
                let rules: Vec<_> =
                    table.chains().flat_map(|chain| chain.rules()).map(|rule| rule.to_string()).collect();
                let wanted = [
                    "-s 10.0.0.7/32 -p tcp -m tcp --dport 80 -j DROP",
                    "-p tcp -m tcp --dport 81 -j ACCEPT",
                    "-p tcp -m tcp --dport 81 -j web",
                ];
                assert_eq!(rules, wanted);
                assert!(socket.dump("filter")? > 600);
                Ok(())
            })
        });
    }
}
