//! The floor under every measurement: the system calls of the xtables interface alone, on memory that is ready.
//!
//! Independent of libfw on purpose: what the library gains or loses must not move the floor. IPv4 only.
#![allow(unsafe_code, reason = "the two system calls")]

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::path::Path;

const SO_SET_REPLACE: i32 = 64;
const SO_GET_INFO: i32 = 64;
const SO_GET_ENTRIES: i32 = 65;

/// Length of a table's name.
const NAME: usize = 32;
/// Size of `struct ipt_getinfo`: name, hooks, two offsets for each of five hooks, number and size of the entries.
const INFO: usize = NAME + 4 + 20 + 20 + 4 + 4;
/// Size of `struct ipt_get_entries` before the entries.
const GET_ENTRIES: usize = NAME + 8;
/// Size of `struct ipt_replace` before the entries.
const REPLACE: usize = NAME + 12 + 40 + 4 + 8;
/// Where its number of counters and their address are.
const NUM_COUNTERS: usize = REPLACE - 12;
const COUNTERS: usize = REPLACE - 8;
/// Size of `struct xt_counters`.
const COUNTER: usize = 16;

/// A socket in the calling thread's network namespace.
pub struct Socket(UdpSocket);

/// A table's description.
pub struct Info([u8; INFO]);

/// A table as `SO_SET_REPLACE` takes it, its address of counters left out.
pub struct Request(Vec<u8>);

impl Info {
    fn word(&self, at: usize) -> u32 {
        u32::from_ne_bytes(std::array::from_fn(|byte| self.0[at + byte]))
    }

    /// The number of entries.
    pub fn entries(&self) -> u32 {
        self.word(INFO - 8)
    }

    /// The size of all entries in bytes.
    pub fn size(&self) -> u32 {
        self.word(INFO - 4)
    }
}

impl Socket {
    /// Opens a socket.
    pub fn open() -> io::Result<Socket> {
        UdpSocket::bind("0.0.0.0:0").map(Socket)
    }

    fn get(&self, option: i32, buffer: &mut [u8]) -> io::Result<()> {
        let mut len = buffer.len() as libc::socklen_t;
        // SAFETY: `buffer` is valid for reads and writes of `len` bytes during the call; the kernel writes no more.
        let status = unsafe {
            let fd = self.0.as_raw_fd();
            libc::getsockopt(fd, libc::IPPROTO_IP, option, buffer.as_mut_ptr().cast(), &raw mut len)
        };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Reads a table's description.
    pub fn info(&self, table: &str) -> io::Result<Info> {
        let mut info = [0; INFO];
        info[..table.len()].copy_from_slice(table.as_bytes());
        self.get(SO_GET_INFO, &mut info)?;
        Ok(Info(info))
    }

    /// Reads a table into fresh memory, in the form that replaces it.
    pub fn entries(&self, info: &Info) -> io::Result<Request> {
        let mut request = vec![0; REPLACE + info.size() as usize];
        // The entries are put where they are for a replace, and the shorter structure that asks for them just before.
        let question = &mut request[REPLACE - GET_ENTRIES..];
        question[..NAME].copy_from_slice(&info.0[..NAME]);
        question[NAME..NAME + 4].copy_from_slice(&info.size().to_ne_bytes());
        self.get(SO_GET_ENTRIES, question)?;
        let (name_and_hooks, offsets) = info.0[..INFO - 8].split_at(NAME + 4);
        let header = [name_and_hooks, &info.0[INFO - 8..], offsets].concat();
        request[..NUM_COUNTERS].copy_from_slice(&header);
        request[NUM_COUNTERS..REPLACE].fill(0);
        Ok(Request(request))
    }

    /// Replaces a table; returns the last counters of its old entries.
    pub fn replace(&self, request: &mut Request, old: &Info) -> io::Result<Vec<u8>> {
        let mut counters = vec![0; old.entries() as usize * COUNTER];
        let request = &mut request.0;
        request[NUM_COUNTERS..COUNTERS].copy_from_slice(&old.entries().to_ne_bytes());
        request[COUNTERS..REPLACE].copy_from_slice(&counters.as_mut_ptr().expose_provenance().to_ne_bytes());
        // SAFETY: `request` is valid for reads of its length during the call. The kernel writes a counter for each of the
        // table's old entries, which it checks to be as many as announced, to `counters`, which has room for them.
        let status = unsafe {
            let (fd, len) = (self.0.as_raw_fd(), request.len() as libc::socklen_t);
            libc::setsockopt(fd, libc::IPPROTO_IP, SO_SET_REPLACE, request.as_ptr().cast(), len)
        };
        if status == 0 { Ok(counters) } else { Err(io::Error::last_os_error()) }
    }
}

impl Request {
    /// Reads one from a file.
    pub fn read(path: &Path) -> io::Result<Request> {
        std::fs::read(path).map(Request)
    }

    /// Writes it to a file.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, &self.0)
    }

    /// The name of its table.
    pub fn table(&self) -> String {
        self.0[..NAME].iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use libfw::{Counters, Family, Table};

    use super::*;

    #[test]
    fn a_dump_puts_the_table_back() {
        libfw_playground::test_on("legacy", |play| {
            play.namespace()?.run(|| {
                let socket = Socket::open()?;
                let empty = socket.info("filter")?;
                let edit = |table: &mut Table| {
                    table.new_chain("web")?.append("-p tcp --dport 443 -j ACCEPT")?;
                    table.chain_mut("INPUT")?.append("-c 3 180 -j web")
                };
                Table::update(Family::Ipv4, "filter", edit).map_err(io::Error::other)?;
                let mut dump = socket.entries(&socket.info("filter")?)?;
                assert_eq!(
                    (dump.table(), socket.info("filter")?.entries()),
                    ("filter".into(), empty.entries() + 4)
                );
                Table::update(Family::Ipv4, "filter", |table| {
                    table.clear();
                    Ok(())
                })
                .map_err(io::Error::other)?;
                let counters = socket.replace(&mut dump, &socket.info("filter")?)?;
                assert_eq!(counters.len(), empty.entries() as usize * COUNTER);
                let table = Table::open(Family::Ipv4, "filter").map_err(io::Error::other)?;
                let rule = table.chain("web").and_then(|chain| chain.rule(0)).map(|rule| rule.to_string());
                assert_eq!(rule.as_deref(), Some("-p tcp -m tcp --dport 443 -j ACCEPT"));
                // As the kernel has it: a replace starts all counters at nothing.
                let jump = table.chain("INPUT").and_then(|chain| chain.rule(0)).map(|rule| rule.counters());
                assert_eq!(jump, Some(Counters::ZERO));
                Ok(())
            })
        });
    }
}
