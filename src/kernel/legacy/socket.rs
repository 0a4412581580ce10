//! The kernel's xtables interface as a backend.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use zerocopy::{FromZeros, IntoBytes};

use super::blobs::{Blobs, Info};
use crate::error::system_words;
use crate::ext::{ExtensionKind, Host, SetInfo};
use crate::sys::socket::Socket;
use crate::sys::xt::{self, *};
use crate::sys::{bpf, ipset, memory};
use crate::table::HEADROOM;
use crate::table::backend::{Lock, LockPolicy};
use crate::types::{Counters, Family};
use crate::{Error, ErrorKind, Result};

/// Sockets in one network namespace, opened when first needed.
#[derive(Debug)]
pub struct LegacySocket {
    namespace: Option<File>,
    sockets: [Mutex<Option<Socket>>; 2],
    /// The version of the protocol of ipsets, which the kernel wants to hear with every question.
    ipset_version: OnceLock<u32>,
}

impl LegacySocket {
    /// In the namespace of the file, or in that of the thread which first uses it.
    #[must_use]
    pub fn new(namespace: Option<File>) -> LegacySocket {
        LegacySocket {
            namespace,
            sockets: [Mutex::new(None), Mutex::new(None)],
            ipset_version: OnceLock::new(),
        }
    }

    fn with<T>(&self, family: Family, call: impl FnOnce(&Socket) -> T) -> Result<T> {
        let slot = &self.sockets[family.pick(0, 1)];
        let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = match guard.take() {
            Some(socket) => socket,
            None => Socket::open(family, self.namespace.as_ref()).map_err(|error| {
                let kind = match error.raw_os_error() {
                    Some(libc::EAFNOSUPPORT) => ErrorKind::BackendAbsent,
                    Some(libc::EPERM | libc::EACCES) => ErrorKind::PermissionDenied,
                    _ => ErrorKind::Kernel,
                };
                Error::io(kind, format!("cannot open a socket for {family}"), error).in_family(family)
            })?,
        };
        let answer = call(&socket);
        *guard = Some(socket);
        Ok(answer)
    }

    /// Asks about ipsets.
    fn ask_ipset<T>(&self, ask: impl FnOnce(&Socket, u32) -> io::Result<T>) -> Result<T> {
        self.with(Family::Ipv4, |socket| {
            let version = match self.ipset_version.get() {
                Some(version) => *version,
                None => {
                    let version = ipset::version(socket)?;
                    *self.ipset_version.get_or_init(|| version)
                }
            };
            ask(socket, version)
        })?
        .map_err(set_error)
    }
}

fn table_name(family: Family, table: &str) -> Result<[u8; XT_TABLE_MAXNAMELEN]> {
    let mut name = [0; XT_TABLE_MAXNAMELEN];
    if table.len() >= name.len() || table.contains('\0') {
        let message = format!("a table name has at most {} bytes", name.len() - 1);
        return Err(Error::new(ErrorKind::InvalidArgument, message)
            .at_token(table)
            .classic(3, initialize(family, table, "Module is wrong version")));
    }
    name[..table.len()].copy_from_slice(table.as_bytes());
    Ok(name)
}

fn initialize(family: Family, table: &str, reason: &str) -> String {
    let program = family.pick("iptables", "ip6tables");
    format!(
        "can't initialize {program} table `{table}': {reason}\nPerhaps {program} or your kernel needs to be upgraded."
    )
}

/// What an error of GET_INFO or GET_ENTRIES means.
fn read_error(error: io::Error, family: Family, table: &str) -> Error {
    let (kind, message, reason) = match error.raw_os_error() {
        Some(libc::ENOENT) => (
            ErrorKind::NoSuchTable,
            "the kernel has no such table",
            "Table does not exist (do you need to insmod?)",
        ),
        Some(libc::ENOPROTOOPT) => (
            ErrorKind::BackendAbsent,
            "the kernel has no xtables interface (CONFIG_NETFILTER_XTABLES_LEGACY)",
            "iptables who? (do you need to insmod?)",
        ),
        Some(libc::EPERM) => (
            ErrorKind::PermissionDenied,
            "reading it needs CAP_NET_ADMIN in the network namespace",
            "Permission denied (you must be root)",
        ),
        Some(libc::EAGAIN) => {
            (ErrorKind::Conflict, "it changed while it was read", "Resource temporarily unavailable")
        }
        _ => (ErrorKind::Kernel, "the kernel refuses to give it", "Invalid argument"),
    };
    Error::io(kind, message, error)
        .in_family(family)
        .in_table(table)
        .classic(3, initialize(family, table, reason))
}

/// What an error of REPLACE means.
fn replace_error(error: io::Error, family: Family, table: &str) -> Error {
    let (kind, message, status, classic) = match error.raw_os_error() {
        Some(libc::ENOENT) => (
            ErrorKind::ExtensionUnavailable,
            "the kernel lacks a match, a target or an object that a rule names",
            1,
            "No chain/target/match by that name.",
        ),
        Some(libc::EINVAL) => (
            ErrorKind::InvalidRule,
            "the kernel refuses a rule: something in it does not fit its table, hook, protocol or the rest of the rule",
            1,
            "Invalid argument. Run `dmesg' for more information.",
        ),
        Some(libc::ELOOP) => (
            ErrorKind::Loop,
            "the chains call each other in a circle",
            1,
            "Too many levels of symbolic links.",
        ),
        Some(libc::ENOMEM) => {
            (ErrorKind::TooLarge, "the kernel has no memory for it", 1, "Memory allocation problem.")
        }
        Some(libc::EPERM) => (
            ErrorKind::PermissionDenied,
            "writing it needs CAP_NET_ADMIN in the network namespace",
            1,
            "Permission denied (you must be root).",
        ),
        Some(libc::EAGAIN) => (
            ErrorKind::Conflict,
            "another program has changed it in the meantime",
            4,
            "Resource temporarily unavailable.",
        ),
        Some(libc::ENOPROTOOPT) => (
            ErrorKind::BackendAbsent,
            "the kernel has no xtables interface (CONFIG_NETFILTER_XTABLES_LEGACY)",
            1,
            "iptables who? (do you need to insmod?).",
        ),
        _ => {
            let classic = format!("{}.", system_words(&error));
            return Error::io(ErrorKind::Kernel, "the kernel refuses to replace it", error)
                .in_family(family)
                .in_table(table)
                .classic(1, classic);
        }
    };
    Error::io(kind, message, error).in_family(family).in_table(table).classic(status, classic)
}

/// What an error of ADD_COUNTERS means.
fn counters_error(error: io::Error, family: Family, table: &str) -> Error {
    let (kind, message) = match error.raw_os_error() {
        Some(libc::EINVAL | libc::EAGAIN) => {
            (ErrorKind::Conflict, "another program has changed the number of its rules in the meantime")
        }
        Some(libc::ENOMEM) => (ErrorKind::TooLarge, "the kernel has no memory for its counters"),
        Some(libc::EPERM) => {
            (ErrorKind::PermissionDenied, "writing counters needs CAP_NET_ADMIN in the network namespace")
        }
        _ => (ErrorKind::Kernel, "the kernel refuses its counters"),
    };
    Error::io(kind, message, error).in_family(family).in_table(table)
}

impl Blobs for LegacySocket {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        let mut raw = ipt_getinfo { name: table_name(family, table)?, ..ipt_getinfo::new_zeroed() };
        self.with(family, |socket| socket.get(xt::SO_GET_INFO, raw.as_mut_bytes()))?
            .map_err(|error| read_error(error, family, table))?;
        Ok(Info {
            valid_hooks: raw.valid_hooks,
            hook_entry: raw.hook_entry,
            underflow: raw.underflow,
            num_entries: raw.num_entries,
            size: raw.size,
        })
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        const START: usize = HEADROOM - size_of::<ipt_get_entries>();
        let raw = ipt_get_entries { name: table_name(family, table)?, size: info.size, _padding: [0; 4] };
        let size = HEADROOM + info.size as usize;
        if buffer.len() < size {
            // Fresh zero pages from the system need not be cleared. Some more are for new rules.
            *buffer = vec![0; size + size / 16 + (4 << 10)];
            memory::populate(&mut buffer[..size]);
        } else {
            // The kernel does not write the bytes behind the end of a name: they would be those of what was here before.
            buffer.truncate(size);
            buffer.fill(0);
        }
        buffer.truncate(size);
        buffer[START..HEADROOM].copy_from_slice(raw.as_bytes());
        self.with(family, |socket| socket.get(xt::SO_GET_ENTRIES, &mut buffer[START..]))?
            .map_err(|error| read_error(error, family, table))?;
        Ok(())
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old_entries: u32,
    ) -> Result<Vec<Counters>> {
        let raw = ipt_replace {
            name: table_name(family, table)?,
            valid_hooks: info.valid_hooks,
            num_entries: info.num_entries,
            size: info.size,
            hook_entry: info.hook_entry,
            underflow: info.underflow,
            num_counters: old_entries,
            counters: 0,
        };
        let header = request.get_mut(..size_of::<ipt_replace>()).ok_or_else(|| {
            Error::new(ErrorKind::InvalidArgument, "the request has no room for its header")
        })?;
        header.copy_from_slice(raw.as_bytes());
        let mut counters = vec![Counters::ZERO; old_entries as usize];
        self.with(family, |socket| socket.replace(request, &mut counters))?
            .map_err(|error| replace_error(error, family, table))?;
        Ok(counters)
    }

    fn add_counters(&self, family: Family, table: &str, counters: &[Counters]) -> Result<()> {
        let name = table_name(family, table)?;
        self.with(family, |socket| socket.add_counters(name, counters))?
            .map_err(|error| counters_error(error, family, table))
    }

    fn lock(&self, policy: &LockPolicy) -> Result<Lock> {
        crate::kernel::lock::take(policy)
    }
}

impl Host for LegacySocket {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        let mut raw = xt_get_revision { name: [0; XT_EXTENSION_MAXNAMELEN], revision };
        let Some(place) = raw.name.get_mut(..name.len()).filter(|_| name.len() < XT_EXTENSION_MAXNAMELEN)
        else {
            return Ok(false);
        };
        place.copy_from_slice(name.as_bytes());
        let option = match (kind, family) {
            (ExtensionKind::Match, Family::Ipv4) => xt::IPT_SO_GET_REVISION_MATCH,
            (ExtensionKind::Target, Family::Ipv4) => xt::IPT_SO_GET_REVISION_TARGET,
            (ExtensionKind::Match, Family::Ipv6) => xt::IP6T_SO_GET_REVISION_MATCH,
            (ExtensionKind::Target, Family::Ipv6) => xt::IP6T_SO_GET_REVISION_TARGET,
        };
        match self.with(family, |socket| socket.get(option, raw.as_mut_bytes()))? {
            Ok(_) => Ok(true),
            Err(error) => match error.raw_os_error() {
                Some(libc::ENOENT | libc::EPROTONOSUPPORT) => Ok(false),
                // Without the privilege to ask, the newest revision is the best guess; the write will fail anyway.
                Some(libc::EPERM) => Ok(true),
                _ => Err(Error::io(ErrorKind::Kernel, "cannot ask the kernel for a revision", error)
                    .in_family(family)),
            },
        }
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        let path = CString::new(path)?;
        match bpf::open_pinned(&path) {
            // Whoever may not ask finds out when the table is written.
            Err(error) if !matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS)) => Err(error),
            _ => Ok(()),
        }
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let mut raw = [0; ipset::IPSET_MAXNAMELEN];
        let Some(place) = raw.get_mut(..name.len()).filter(|_| name.len() < ipset::IPSET_MAXNAMELEN) else {
            return Ok(None);
        };
        place.copy_from_slice(name);
        let found = self.ask_ipset(|socket, version| ipset::by_name(socket, version, raw))?;
        Ok(found.map(|(index, family)| SetInfo { index, family }))
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        let found = self.ask_ipset(|socket, version| ipset::by_index(socket, version, index))?;
        Ok(found.map(|name| name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()))
    }
}

fn set_error(error: io::Error) -> Error {
    let kind = match error.raw_os_error() {
        Some(libc::EPERM) => ErrorKind::PermissionDenied,
        Some(libc::ENOPROTOOPT) => ErrorKind::ExtensionUnavailable,
        _ => ErrorKind::Kernel,
    };
    let errno = error.raw_os_error().unwrap_or_default();
    let classic = match kind {
        ErrorKind::ExtensionUnavailable => "Can't open socket to ipset.\n".to_owned(),
        _ => format!("Problem when communicating with ipset, errno={errno}.\n"),
    };
    Error::io(kind, "cannot ask the kernel for an ipset", error).classic(2, classic)
}
