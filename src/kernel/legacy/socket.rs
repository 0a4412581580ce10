//! The kernel's xtables interface as a backend.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use zerocopy::{FromZeros, IntoBytes};

use super::absent::TABLES;
use super::blobs::{Blobs, COUNTERS_HEADROOM, Info};
use crate::error::{Failure, Why};
use crate::ext::{ExtensionKind, Host, SetInfo};
use crate::rule::grammar::meant::similar;
use crate::sys::socket::Socket;
use crate::sys::xt::{self, *};
use crate::sys::{bpf, ipset, memory, modules, netns};
use crate::table::HEADROOM;
use crate::table::backend::{Interrupt, Lock, LockPolicy};
use crate::types::{BackendKind, Counters, Family};
use crate::{Error, Result};

/// Sockets in one network namespace, opened when first needed.
#[derive(Debug)]
pub struct LegacySocket {
    namespace: Option<Arc<File>>,
    /// Where the first socket was opened, if no namespace was given.
    home: OnceLock<Home>,
    sockets: [Mutex<Option<Socket>>; 2],
    /// The tables that are known to be there, one bit for each of [`TABLES`]: they stay.
    there: [AtomicU8; 2],
    /// The version of the protocol of ipsets, which the kernel wants to hear with every question.
    ipset_version: OnceLock<u32>,
    /// The process that made the sockets, where they were handed over.
    maker: Option<u32>,
}

/// A namespace: its numbers and a file that stands for it.
#[derive(Debug)]
struct Home {
    numbers: (u64, u64),
    file: Option<Arc<File>>,
}

impl LegacySocket {
    /// In the namespace of the file, or in that of the thread which first uses it.
    ///
    /// ```
    /// use std::fs::File;
    /// use libfw::Kernel;
    /// use libfw::backend::{Legacy, LegacySocket};
    ///
    /// let namespace = File::open("/proc/self/ns/net").ok();
    /// let kernel = Kernel::with_backend(Legacy::new(LegacySocket::new(namespace)));
    /// ```
    #[must_use]
    pub fn new(namespace: Option<File>) -> LegacySocket {
        LegacySocket::in_namespace(namespace.map(Arc::new))
    }

    /// The same for a file that others use too.
    pub(crate) fn in_namespace(namespace: Option<Arc<File>>) -> LegacySocket {
        LegacySocket {
            namespace,
            home: OnceLock::new(),
            sockets: [Mutex::new(None), Mutex::new(None)],
            there: [AtomicU8::new(0), AtomicU8::new(0)],
            ipset_version: OnceLock::new(),
            maker: None,
        }
    }

    /// With sockets that another process has made in its namespace and handed over: who may not enter the namespace of a sandbox
    /// edits its tables by these. They are the descriptors of datagram sockets of IPv4 and IPv6, of which copies are kept.
    ///
    /// ```
    /// use std::io;
    /// use std::os::fd::RawFd;
    /// use libfw::Kernel;
    /// use libfw::backend::{Legacy, LegacySocket};
    ///
    /// fn kernel_of(sandbox: u32, [ipv4, ipv6]: [RawFd; 2]) -> io::Result<Kernel> {
    ///     Ok(Kernel::with_backend(Legacy::new(LegacySocket::of_process(sandbox, ipv4, ipv6)?)))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `fcntl(2)`.
    pub fn of_process(process: u32, ipv4: RawFd, ipv6: RawFd) -> io::Result<LegacySocket> {
        let socket =
            |family, descriptor| Socket::of(family, descriptor).map(|socket| Mutex::new(Some(socket)));
        Ok(LegacySocket {
            sockets: [socket(Family::Ipv4, ipv4)?, socket(Family::Ipv6, ipv6)?],
            maker: Some(process),
            ..LegacySocket::new(None)
        })
    }

    /// The names of the tables that there are, as the kernel lists them. To ask for a table by name would make it, and register
    /// its hooks.
    fn list(&self, family: Family) -> io::Result<Vec<String>> {
        let file = match family {
            Family::Ipv4 => "ip_tables_names",
            Family::Ipv6 => "ip6_tables_names",
            Family::Arp => "arp_tables_names",
        };
        let read = || fs::read_to_string(format!("{}/{file}", self.directory()));
        let elsewhere = if self.maker.is_none() { self.elsewhere()? } else { None };
        let names = match &elsewhere {
            Some(file) => netns::inside(file, read)?,
            None => read(),
        };
        Ok(names?.lines().map(str::to_owned).collect())
    }

    /// Where the kernel lists them, if somebody has mounted it.
    fn directory(&self) -> String {
        match self.maker {
            Some(process) => format!("/proc/{process}/net"),
            None => "/proc/thread-self/net".into(),
        }
    }

    /// The namespace, if it is not that of the thread.
    fn elsewhere(&self) -> io::Result<Option<Arc<File>>> {
        let Some(Home { numbers, file }) = self.home.get() else { return Ok(self.namespace.clone()) };
        let is_here = Socket::open(Family::Ipv4, None)?.namespace()? == *numbers;
        Ok(file.clone().filter(|_| !is_here))
    }

    /// A socket in the namespace. That of the first one is that of all, whichever thread asks for another family.
    fn open(&self, family: Family) -> io::Result<Socket> {
        let socket = Socket::open(family, self.namespace.as_deref())?;
        if self.namespace.is_some() {
            return Ok(socket);
        }
        let Ok(numbers) = socket.namespace() else { return Ok(socket) };
        let file = || socket.namespace_file().ok().map(Arc::new);
        let home = self.home.get_or_init(|| Home { numbers, file: file() });
        match &home.file {
            Some(file) if home.numbers != numbers => Socket::open(family, Some(file)),
            _ => Ok(socket),
        }
    }

    /// Sockets in a namespace of their own, with no tables.
    fn apart() -> io::Result<LegacySocket> {
        // A table comes into being when it is asked for: who would look for it first would have to enter the namespace.
        let there = [AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX)];
        let mut apart = LegacySocket { there, ..LegacySocket::in_namespace(None) };
        for (family, opened) in Family::ALL.into_iter().zip(netns::apart(Family::ALL.map(Socket::kind))?) {
            match opened {
                // A kernel may lack one of them, and has no tables of it then.
                Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {}
                opened => {
                    let socket = Socket::given(family, opened?);
                    apart.sockets[family.pick(0, 1)] = Mutex::new(Some(socket));
                }
            }
        }
        Ok(apart)
    }

    fn with<T>(&self, family: Family, call: impl FnOnce(&Socket) -> T) -> Result<T> {
        let slot = &self.sockets[family.pick(0, 1)];
        let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = match guard.take() {
            Some(socket) => socket,
            None => self.open(family).map_err(|error| {
                let why = match error.raw_os_error() {
                    Some(libc::EAFNOSUPPORT) => Why::Absent,
                    Some(libc::EPERM | libc::EACCES) => Why::Denied,
                    _ => Why::Other,
                };
                Error::from(Failure::Socket { family, why }).because(error).in_family(family)
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
    if is_no_name(table) {
        return Err(no_table(family, table));
    }
    name[..table.len()].copy_from_slice(table.as_bytes());
    Ok(name)
}

fn is_no_name(table: &str) -> bool {
    table.len() >= XT_TABLE_MAXNAMELEN || table.contains('\0')
}

/// The error of a name that no table has, or can have.
pub(in crate::kernel) fn no_table(family: Family, table: &str) -> Error {
    let error = match is_no_name(table) {
        true => Error::from(Failure::TableName { max: XT_TABLE_MAXNAMELEN - 1 }).at_token(table),
        false => no_such(table).into(),
    };
    error.in_family(family).in_table(table)
}

/// That there is no such table, and which was perhaps meant.
fn no_such(table: &str) -> Failure {
    let meant = similar(table, TABLES.iter().map(|(name, _)| *name).filter(|name| *name != table));
    Failure::NoSuchTable { meant: meant.map(str::to_owned) }
}

/// The module that has the tables of a family.
fn module(family: Family) -> &'static str {
    family.pick("ip_tables", "ip6_tables")
}

/// The same, if the kernel has it to load.
fn loadable(family: Family) -> Option<&'static str> {
    Some(module(family)).filter(|name| modules::is_available(name))
}

/// What an error of GET_INFO or GET_ENTRIES means.
fn read_error(error: io::Error, family: Family, table: &str) -> Error {
    let failure = match error.raw_os_error() {
        Some(libc::ENOENT) => no_such(table),
        Some(libc::ENOPROTOOPT) => Failure::NoXtables { reading: true, module: loadable(family) },
        Some(libc::EPERM) => Failure::ReadDenied,
        Some(libc::EAGAIN) => Failure::ReadChanged,
        _ => Failure::ReadRefused,
    };
    Error::from(failure).because(error).in_family(family).in_table(table)
}

/// What an error of REPLACE means.
fn replace_error(error: io::Error, family: Family, table: &str) -> Error {
    let failure = match error.raw_os_error() {
        Some(libc::ENOENT) => Failure::Lacking,
        Some(libc::EINVAL) => Failure::Rule,
        Some(libc::ELOOP) => Failure::Loop,
        Some(libc::ENOMEM) => Failure::NoMemory,
        Some(libc::EPERM) => Failure::WriteDenied,
        Some(libc::EAGAIN) => Failure::WriteChanged,
        Some(libc::ENOPROTOOPT) => Failure::NoXtables { reading: false, module: loadable(family) },
        _ => Failure::WriteRefused,
    };
    Error::from(failure).because(error).in_family(family).in_table(table)
}

/// What an error of ADD_COUNTERS means.
fn counters_error(error: io::Error, family: Family, table: &str) -> Error {
    let failure = match error.raw_os_error() {
        Some(libc::EINVAL | libc::EAGAIN) => Failure::CountersChanged,
        Some(libc::ENOMEM) => Failure::CountersMemory,
        Some(libc::EPERM) => Failure::CountersDenied,
        _ => Failure::CountersRefused,
    };
    Error::from(failure).because(error).in_family(family).in_table(table)
}

impl Blobs for LegacySocket {
    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.with(family, Socket::namespace).ok()?.ok()
    }

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
        old: &mut [Counters],
    ) -> Result<()> {
        let raw = ipt_replace {
            name: table_name(family, table)?,
            valid_hooks: info.valid_hooks,
            num_entries: info.num_entries,
            size: info.size,
            hook_entry: info.hook_entry,
            underflow: info.underflow,
            num_counters: 0,
            counters: 0,
        };
        let header = request.get_mut(..size_of::<ipt_replace>()).ok_or(Failure::NoHeader)?;
        header.copy_from_slice(raw.as_bytes());
        self.with(family, |socket| socket.replace(request, old))?
            .map_err(|error| replace_error(error, family, table))
    }

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        let name = table_name(family, table)?;
        self.with(family, |socket| socket.add_counters(name, request, COUNTERS_HEADROOM))?
            .map_err(|error| counters_error(error, family, table))
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        match self.list(family) {
            // The kernel has no such interface, or has not loaded it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = self.directory();
                match fs::exists(&path) {
                    Ok(false) => {
                        Err(Error::from(Failure::ListUnseen { path }).because(error).in_family(family))
                    }
                    _ => Ok(Vec::new()),
                }
            }
            names => names.map_err(|error| Error::from(Failure::ListDenied).because(error).in_family(family)),
        }
    }

    fn exists(&self, family: Family, table: &str) -> Result<Option<bool>> {
        let Some(number) = TABLES.iter().position(|(name, _)| *name == table) else { return Ok(None) };
        let there = &self.there[family.pick(0, 1)];
        if there.load(Ordering::Relaxed) & 1 << number != 0 {
            return Ok(Some(true));
        }
        // The namespace is that of the first use, which this may be.
        self.with(family, |_| ())?;
        match self.list(family) {
            Ok(names) if names.iter().any(|name| name == table) => {
                there.fetch_or(1 << number, Ordering::Relaxed);
                Ok(Some(true))
            }
            // This question is refused for its size, without a look at any table, unless for lack of the interface or of the
            // right to ask.
            Ok(_) => Ok(match self.with(family, |socket| socket.get(xt::SO_GET_ENTRIES, &mut [0; 4]))? {
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Some(false),
                _ => None,
            }),
            Err(_) => Ok(None),
        }
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        // This question is refused for its size, without a look at any table.
        let answer = self.with(family, |socket| socket.get(xt::SO_GET_ENTRIES, &mut [0; 4]))?;
        let lacks = answer.is_err_and(|error| error.raw_os_error() == Some(libc::ENOPROTOOPT));
        Ok(lacks.then(|| module(family)))
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Blobs>>> {
        Ok(Some(Arc::new(LegacySocket::apart()?)))
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Legacy
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        crate::kernel::lock::take(policy, interrupt)
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
            // Nothing is written to its legacy tables.
            (_, Family::Arp) => return Ok(false),
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
                _ => Err(Error::from(Failure::Revision).because(error).in_family(family)),
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
    let why = match error.raw_os_error() {
        Some(libc::EPERM) => Why::Denied,
        Some(libc::ENOPROTOOPT) => Why::Absent,
        _ => Why::Other,
    };
    Error::from(Failure::Set { why }).because(error)
}
