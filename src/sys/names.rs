//! Names of services, protocols, networks, hosts, users, groups, routing realms, device groups and labels.
//!
//! The files of `services(5)`, `protocols(5)` and `networks(5)` are read once per process; the C library's own functions
//! keep their answer in static memory and cannot be used from several threads. Host names go through the C library,
//! because only it knows how the system resolves them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, SocketAddrV6, ToSocketAddrs};
use std::path::Path;
use std::sync::OnceLock;

use nix::sys::socket::{SockaddrIn, SockaddrIn6, SockaddrLike};
use nix::unistd::{Group, User};

use crate::types::Family;
use crate::types::fmt::number;
use crate::types::order;

/// Where the files of names are. Tests bring their own, so that what they say does not depend on the machine.
const ETC: &str = if cfg!(test) { concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etc") } else { "/etc" };

/// Where iproute2 has its names since version 6: those of the administrator, else those that it came with.
const IPROUTE2: [&str; 2] = [ETC, "/usr/share"];

/// Reads a file from the first of these directories that has it.
fn read_first(directories: &[&str], file: &str) -> io::Result<Vec<u8>> {
    let mut found = Err(io::ErrorKind::NotFound.into());
    for directory in directories {
        found = std::fs::read(Path::new(directory).join(file));
        if !matches!(&found, Err(error) if error.kind() == io::ErrorKind::NotFound) {
            break;
        }
    }
    found
}

/// The lines of a name database: a name, a value, and further names. In order, so that what is kept for the whole process can be
/// reached by pointers to where it begins, without which valgrind takes it for lost.
struct Database {
    /// Names with their values; several of one name in the order of the file.
    values: Vec<(Vec<u8>, Vec<u8>)>,
    /// Values with their first names.
    names: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Database {
    fn read(file: &str) -> Database {
        let mut database = Database { values: Vec::new(), names: Vec::new() };
        let text = read_first(&[ETC], file).unwrap_or_default();
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
            let (Some(name), Some(value)) = (words.next(), words.next()) else { continue };
            database.names.push((value.to_vec(), name.to_vec()));
            for name in [name].into_iter().chain(words) {
                database.values.push((name.to_vec(), value.to_vec()));
            }
        }
        for lines in [&mut database.values, &mut database.names] {
            order::sort_by(lines, |(a, _), (b, _)| a.cmp(b));
        }
        database
    }

    fn values<'a>(&'a self, name: &[u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        beside(&self.values, name)
    }

    fn name(&self, value: &str) -> Option<&[u8]> {
        beside(&self.names, value.as_bytes()).next()
    }
}

/// What stands beside a word, in the order of the file.
fn beside<'a>(lines: &'a [(Vec<u8>, Vec<u8>)], word: &[u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let start = lines.partition_point(|(known, _)| known.as_slice() < word);
    let end = start + lines[start..].partition_point(|(known, _)| known == word);
    lines[start..end].iter().map(|(_, other)| other.as_slice())
}

fn services() -> &'static Database {
    static SERVICES: OnceLock<Database> = OnceLock::new();
    SERVICES.get_or_init(|| Database::read("services"))
}

fn protocols() -> &'static Database {
    static PROTOCOLS: OnceLock<Database> = OnceLock::new();
    PROTOCOLS.get_or_init(|| Database::read("protocols"))
}

fn networks() -> &'static Database {
    static NETWORKS: OnceLock<Database> = OnceLock::new();
    NETWORKS.get_or_init(|| Database::read("networks"))
}

/// The port of a service, of one protocol or of any.
pub(crate) fn port_of(service: &[u8], protocol: Option<&str>) -> Option<u16> {
    services().values(service).find_map(|value| {
        let (port, of) = std::str::from_utf8(value).ok()?.split_once('/')?;
        if protocol.is_some_and(|protocol| protocol != of) {
            return None;
        }
        port.parse().ok()
    })
}

/// The service at a port of that protocol.
pub(crate) fn service_at(port: u16, protocol: &str) -> Option<&'static [u8]> {
    services().name(&format!("{port}/{protocol}"))
}

/// The number of a protocol in `/etc/protocols`.
pub(crate) fn protocol_number(name: &[u8]) -> Option<u8> {
    let value = protocols().values(name).next()?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The name of a protocol in `/etc/protocols`.
pub(crate) fn protocol_name(number: u8) -> Option<&'static [u8]> {
    protocols().name(&number.to_string())
}

/// The IPv4 address of a network in `/etc/networks`.
pub(crate) fn network(name: &[u8]) -> Option<Ipv4Addr> {
    let value = networks().values(name).next()?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The name of an IPv4 network in `/etc/networks`.
pub(crate) fn network_name(addr: Ipv4Addr) -> Option<&'static [u8]> {
    networks().name(&addr.to_string())
}

/// The number of a user by name.
pub(crate) fn user_id(name: &str) -> Option<u32> {
    User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
}

/// The name of a user.
pub(crate) fn user_name(id: u32) -> Option<String> {
    User::from_uid(id.into()).ok().flatten().map(|user| user.name)
}

/// The number of a group by name.
pub(crate) fn group_id(name: &str) -> Option<u32> {
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}

/// The name of a group.
pub(crate) fn group_name(id: u32) -> Option<String> {
    Group::from_gid(id.into()).ok().flatten().map(|group| group.name)
}

/// The names of routing realms.
pub(crate) static REALMS: NameTable = NameTable::new("iproute2/rt_realms");

/// The names of groups of network devices.
pub(crate) static DEVICE_GROUPS: NameTable = NameTable::new("iproute2/group");

/// A name table of iproute2, which is read when it is first asked.
pub(crate) struct NameTable {
    file: &'static str,
    names: OnceLock<Vec<(u32, Vec<u8>)>>,
}

impl NameTable {
    const fn new(file: &'static str) -> NameTable {
        NameTable { file, names: OnceLock::new() }
    }

    fn names(&self) -> &[(u32, Vec<u8>)] {
        self.names.get_or_init(|| read_names(&read_first(&IPROUTE2, self.file).unwrap_or_default()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    pub(crate) fn number(&self, name: &[u8]) -> Option<u32> {
        self.names().iter().find(|(_, known)| known == name).map(|(number, _)| *number)
    }

    pub(crate) fn name(&self, number: u32) -> Option<&[u8]> {
        self.names().iter().find(|(known, _)| *known == number).map(|(_, name)| name.as_slice())
    }
}

/// Lines of a number and a name. A name that is a number does not count, because the number is meant where it is used.
fn read_names(text: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let entry = |line: &[u8]| {
        let line = line.split(|byte| *byte == b'#').next()?;
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let (value, name) = (number(words.next()?)?.try_into().ok()?, words.next()?);
        number(name).is_none().then(|| (value, name.to_vec()))
    };
    text.split(|byte| *byte == b'\n').filter_map(entry).collect()
}

/// Where connection labels have their names.
pub(crate) const CONNLABELS: &str = "/etc/xtables/connlabel.conf";

/// The bit of a connection label in [`CONNLABELS`], or why that cannot be read.
pub(crate) fn connlabel(name: &[u8]) -> Result<Option<u16>, &'static io::Error> {
    let labels = connlabels().as_ref()?;
    Ok(labels.iter().find(|(_, known)| known == name).map(|(bit, _)| *bit))
}

/// The name of a connection label in [`CONNLABELS`].
pub(crate) fn connlabel_name(bit: u16) -> Option<&'static [u8]> {
    connlabels().as_ref().ok()?.iter().find(|(known, _)| *known == bit).map(|(_, name)| name.as_slice())
}

/// Bits and names of connection labels.
type Labels = Vec<(u16, Vec<u8>)>;

fn connlabels() -> &'static io::Result<Labels> {
    static LABELS: OnceLock<io::Result<Labels>> = OnceLock::new();
    LABELS.get_or_init(|| read_first(&[ETC], "xtables/connlabel.conf").map(|text| read_connlabels(&text)))
}

/// Lines of a bit and a name, which may have spaces in it. The first line of a bit or name counts, and a name that is a
/// number does not, because the number is meant where it is used.
fn read_connlabels(text: &[u8]) -> Labels {
    let mut labels = Labels::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let space = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        let (bit, name) = line.split_at(space);
        let (Some(bit), name) = (number(bit).and_then(|bit| bit.try_into().ok()), name.trim_ascii()) else {
            continue;
        };
        let usable = !name.is_empty()
            && number(name).is_none()
            && !name.iter().any(|byte| matches!(byte, b'"' | b'#' | b'\\'));
        if usable && !labels.iter().any(|(known, label)| *known == bit || label == name) {
            labels.push((bit, name.to_vec()));
        }
    }
    labels
}

/// The addresses of a host, in the resolver's order.
pub(crate) fn resolve(host: &str, family: Family) -> io::Result<Vec<IpAddr>> {
    let mut addresses = Vec::new();
    for address in (host, 0).to_socket_addrs()? {
        let ip = address.ip();
        if ip.is_ipv4() == (family != Family::Ipv6) && !addresses.contains(&ip) {
            addresses.push(ip);
        }
    }
    Ok(addresses)
}

/// The name of a host.
pub(crate) fn host_name(addr: IpAddr) -> Option<Vec<u8>> {
    match addr {
        IpAddr::V4(addr) => reverse(&SockaddrIn::from(SocketAddrV4::new(addr, 0))),
        IpAddr::V6(addr) => reverse(&SockaddrIn6::from(SocketAddrV6::new(addr, 0, 0, 0))),
    }
}

fn reverse(socket: &impl SockaddrLike) -> Option<Vec<u8>> {
    let mut host = vec![0u8; 1025];
    // SAFETY: `as_ptr` and `len` describe a valid `sockaddr` that outlives the call, `host` is valid for writes of its
    // length, and no service is asked for.
    let status = unsafe {
        libc::getnameinfo(
            socket.as_ptr(),
            socket.len(),
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    };
    if status != 0 {
        return None;
    }
    host.truncate(host.iter().position(|byte| *byte == 0)?);
    Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_a_bit_and_a_name() {
        let text =
            b"# labels\n0 eth0-in\n 0x6\t two words \n6 again\n7 eth0-in\n8\n9 \"x\"\nx y\n10 7\n127 last";
        let labels = read_connlabels(text);
        let expected = [(0, b"eth0-in".to_vec()), (6, b"two words".to_vec()), (127, b"last".to_vec())];
        assert_eq!(labels, expected);
    }

    #[test]
    fn the_first_directory_that_has_a_file_counts() {
        let file = "iproute2/group";
        let ours = std::fs::read(Path::new(ETC).join(file)).unwrap();
        assert_eq!(read_first(&["/nowhere", ETC], file).unwrap(), ours);
        assert_eq!(read_first(&[ETC, "/nowhere"], file).unwrap(), ours);
        let error = read_first(&["/nowhere", "/nowhere either"], file).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
        // What cannot be read is not passed over.
        assert!(read_first(&[concat!(env!("CARGO_MANIFEST_DIR"), "/src"), ETC], "sys").is_err());
    }

    #[test]
    fn names_stand_behind_their_numbers() {
        let text = b"# realms\n0x10 office\n\t7\thome # not\nx y\n5\n6 8\n4294967296 far\n9 home";
        let expected = [(16, b"office".to_vec()), (7, b"home".to_vec()), (9, b"home".to_vec())];
        assert_eq!(read_names(text), expected);
    }
}
