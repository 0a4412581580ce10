//! Tables in memory: to try edits without a kernel, and for tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use super::Kernel;
use super::legacy::{Blobs, COUNTERS_HEADROOM, Info, Legacy, TABLES, no_table};
use super::nft::Nft;
use crate::blob::{EntryVerdict, Frame, Walk, put_counters};
use crate::error::Failure;
use crate::ext::prelude::shown;
use crate::ext::{self, ExtensionKind, Host, ObjectKind, SetInfo, index};
use crate::rule::unknown;
use crate::sys::ipset::{IPSET_INVALID_ID, IPSET_MAXNAMELEN};
use crate::table::HEADROOM;
use crate::types::hash::{HashMap, HashSet};
use crate::types::{Counters, Family, Hook, HookMask};
use crate::{Error, Result};

/// A kernel in memory: all five tables of both families, every extension, and the ipsets and other objects it is told of.
///
/// It keeps what is written and returns it as the kernel would. No packet passes through it. At first its tables are empty, with
/// the policy ACCEPT; to try an edit on a copy of real tables, fill it with [`restore`](crate::iptables::restore).
///
/// ```
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let mut table = kernel.open(Family::Ipv4, "filter")?;
/// table.chain_mut("INPUT")?.append("-p tcp --dport 22 -j ACCEPT")?;
/// table.commit()?;
/// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
/// # Ok::<(), libfw::Error>(())
/// ```
pub struct MemoryKernel {
    /// Its name among the kernels in memory.
    number: u64,
    tables: Mutex<HashMap<(Family, String), Held>>,
    sets: Mutex<Sets>,
    /// Whether there is every set, and every other object, that somebody asks for.
    any_set: bool,
    /// The objects that it was told of.
    objects: HashSet<(ObjectKind, Vec<u8>)>,
    /// The extensions of which there is another newest revision than libfw's, or none.
    newest: Vec<(ExtensionKind, String, Option<u8>)>,
}

/// What most kernels have: the algorithms of `lib/ts_*.c` and the helpers of `net/netfilter/nf_conntrack_*.c`.
const OBJECTS: &[(ObjectKind, &[&str])] = &[
    (ObjectKind::Algorithm, &["bm", "kmp", "fsm"]),
    (
        ObjectKind::Helper,
        &[
            "amanda",
            "ftp",
            "H.245",
            "irc",
            "netbios-ns",
            "pptp",
            "Q.931",
            "RAS",
            "sane",
            "sip",
            "snmp",
            "tftp",
        ],
    ),
];

/// Targets that the kernel has no longer.
const GONE: [&str; 2] = ["CLUSTERIP", "ULOG"];

/// One table.
struct Held {
    info: Info,
    entries: Vec<u8>,
}

/// Ipsets, none of which goes.
#[derive(Default)]
struct Sets {
    by_name: HashMap<Vec<u8>, SetInfo>,
    names: HashMap<u16, Vec<u8>>,
    /// No index below is free.
    free: u16,
}

impl Sets {
    fn add(&mut self, name: Vec<u8>, set: SetInfo) {
        self.names.insert(set.index, name.clone());
        self.by_name.insert(name, set);
    }
}

impl fmt::Debug for MemoryKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKernel").field("sets", &self.sets().by_name.len()).finish_non_exhaustive()
    }
}

impl Default for MemoryKernel {
    fn default() -> MemoryKernel {
        MemoryKernel::new()
    }
}

/// What [`MemoryKernel::kernel`] makes.
impl From<MemoryKernel> for Kernel {
    fn from(memory: MemoryKernel) -> Kernel {
        memory.kernel()
    }
}

impl MemoryKernel {
    /// A kernel with empty tables.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> MemoryKernel {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        MemoryKernel {
            number,
            tables: Mutex::default(),
            sets: Mutex::default(),
            any_set: false,
            objects: HashSet::default(),
            newest: Vec::new(),
        }
    }

    /// The same with one more ipset, for `-m set` and `-j SET`.
    ///
    /// ```
    /// use libfw::backend::SetInfo;
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().with_set("banned", SetInfo { index: 0, family: 2 })?.kernel();
    /// kernel.update(Family::Ipv4, "filter", |filter| {
    ///     filter.chain_mut("INPUT")?.append("-m set --match-set banned src -j DROP")
    /// })?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument): a name that is empty, has a NUL or more than 31 bytes, or
    /// that another set has; an index that another set has, or 65535, which stands for no set.
    pub fn with_set(mut self, name: impl AsRef<[u8]>, set: SetInfo) -> Result<MemoryKernel> {
        let name = usable("ipset", name.as_ref(), IPSET_MAXNAMELEN - 1)?;
        let sets = self.sets.get_mut().unwrap_or_else(PoisonError::into_inner);
        let taken = sets.names.contains_key(&set.index);
        if sets.by_name.contains_key(&name) {
            return Err(Failure::SetName { name: shown(&name) }.into());
        }
        if taken || set.index == IPSET_INVALID_ID {
            return Err(Failure::SetIndex { index: set.index, taken }.into());
        }
        sets.add(name, set);
        Ok(self)
    }

    /// The same with one more object that rules may name. Algorithms and the usual connection tracking helpers exist from the
    /// beginning, and rate estimators as soon as a rule makes them.
    ///
    /// ```
    /// use libfw::backend::ObjectKind;
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let count = |kernel: MemoryKernel| {
    ///     kernel.kernel().update(Family::Ipv4, "filter", |filter| {
    ///         filter.chain_mut("INPUT")?.append("-m nfacct --nfacct-name web")
    ///     })
    /// };
    /// assert_eq!(count(MemoryKernel::new()).unwrap_err().kind(), ErrorKind::NoSuchObject);
    /// count(MemoryKernel::new().with_object(ObjectKind::Accounting, "web")?)?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument): a name that is empty, has a NUL, or is longer than the
    /// kernel's structure for it.
    pub fn with_object(mut self, kind: ObjectKind, name: impl AsRef<[u8]>) -> Result<MemoryKernel> {
        self.objects.insert((kind, usable(kind.said(), name.as_ref(), kind.longest_name())?));
        Ok(self)
    }

    /// The same with a match or target in revisions up to this one, or with `None` without it: like an older kernel, or one that
    /// was built without the extension.
    ///
    /// ```
    /// use libfw::ext::ExtensionKind;
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let old = MemoryKernel::new().with_revision(ExtensionKind::Target, "TEE", None)?.kernel();
    /// let refused = old.update(Family::Ipv4, "mangle", |mangle| {
    ///     mangle.chain_mut("PREROUTING")?.append("-j TEE --gateway 10.0.0.1")
    /// });
    /// assert_eq!(refused.unwrap_err().kind(), ErrorKind::ExtensionUnavailable);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchExtension`](crate::ErrorKind::NoSuchExtension): libfw knows none of that name.
    pub fn with_revision(
        mut self,
        kind: ExtensionKind,
        name: impl Into<String>,
        newest: Option<u8>,
    ) -> Result<MemoryKernel> {
        let name = name.into();
        if !ext::all().any(|known| known.kind == kind && known.name == name) {
            return Err(unknown(kind, &name, None));
        }
        self.newest.push((kind, name, newest));
        Ok(self)
    }

    /// The same with every ipset and every other object that a rule may name, for both families: to compare rules where there is
    /// no kernel to ask.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Rule};
    ///
    /// let kernel = MemoryKernel::new().with_any_set().kernel();
    /// kernel.check_rule(&Rule::parse(Family::Ipv4, "-m set --match-set banned src -j DROP")?)?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_any_set(mut self) -> MemoryKernel {
        self.any_set = true;
        self
    }

    fn sets(&self) -> MutexGuard<'_, Sets> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The [`Kernel`] handle on these tables. It takes no lock, since no other program sees them. Who needs several handles, in
    /// threads or in a test beside the code that it is about, clones this one: all are about the same tables.
    ///
    /// ```
    /// use libfw::{BackendKind, Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// assert_eq!(kernel.detection()?.backend, BackendKind::Memory);
    /// let other = kernel.clone();
    /// other.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-j DROP"))?;
    /// assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn kernel(self) -> Kernel {
        Kernel::with_backend(Legacy::new(self))
    }

    /// The [`Kernel`] handle on nf_tables in memory, with these ipsets: what [`Kernel::nft`] is for a real kernel. Rules have
    /// handles, several tables are written in one step, refusals name the rules they are about, and chains may be no more than 15
    /// deep.
    ///
    /// ```
    /// use libfw::{BackendKind, ErrorKind, Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().nft();
    /// let looped = kernel.update(Family::Ipv4, "filter", |table| {
    ///     table.new_chain("web")?.append("-j web")?;
    ///     table.chain_mut("INPUT")?.append("-j web")
    /// });
    /// assert_eq!(looped.unwrap_err().kind(), ErrorKind::Loop);
    /// assert_eq!(kernel.detection()?.backend, BackendKind::MemoryNft);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn nft(self) -> Kernel {
        Kernel::with_backend(Nft::in_memory(self))
    }

    /// Calls a function with a table, which is empty the first time.
    fn with<T>(&self, family: Family, table: &str, call: impl FnOnce(&mut Held) -> Result<T>) -> Result<T> {
        let (_, hooks) =
            TABLES.iter().find(|(name, _)| *name == table).ok_or_else(|| no_table(family, table))?;
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        call(tables.entry((family, table.to_owned())).or_insert_with(|| Held::empty(family, hooks)))
    }
}

impl Held {
    fn empty(family: Family, hooks: &[Hook]) -> Held {
        let mask = HookMask::of(hooks);
        let mut info = Info { valid_hooks: mask.0, num_entries: hooks.len() as u32 + 1, ..Info::default() };
        let (frame, mut entries) = (Frame::new(family), Vec::new());
        for hook in hooks {
            let start = entries.len();
            info.hook_entry[*hook as usize] = start as u32;
            info.underflow[*hook as usize] = start as u32;
            frame.push_tail(&mut entries, EntryVerdict::Accept, Counters::ZERO);
        }
        frame.push_head(&mut entries, b"ERROR");
        info.size = entries.len() as u32;
        Held { info, entries }
    }

    /// Where each entry begins, and its counters.
    fn counters(&self, family: Family) -> Vec<(usize, Counters)> {
        let items = Walk::new(family, &self.entries).map_while(std::result::Result::ok);
        items.map(|item| (item.offset, item.entry.counters())).collect()
    }
}

fn conflict(failure: Failure, family: Family, table: &str) -> Error {
    Error::from(failure).in_family(family).in_table(table)
}

impl Blobs for MemoryKernel {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        self.with(family, table, |held| Ok(held.info))
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        self.with(family, table, |held| {
            if held.info.size != info.size {
                return Err(conflict(Failure::ReadChanged, family, table));
            }
            buffer.clear();
            buffer.resize(HEADROOM, 0);
            buffer.extend_from_slice(&held.entries);
            Ok(())
        })
    }

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        self.with(family, table, |held| {
            if held.info.num_entries as usize != old.len() {
                return Err(conflict(Failure::WriteChanged, family, table));
            }
            let entries = request.get(HEADROOM..).unwrap_or_default().to_vec();
            let mut new = Held { info: *info, entries };
            let places = new.counters(family);
            if places.len() != info.num_entries as usize || new.entries.len() != info.size as usize {
                return Err(Error::from(Failure::Entries).in_family(family).in_table(table));
            }
            for (at, _) in places {
                put_counters(family, &mut new.entries[at..], Counters::ZERO);
            }
            let last = std::mem::replace(held, new).counters(family);
            old.iter_mut().zip(last).for_each(|(place, (_, counters))| *place = counters);
            Ok(())
        })
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let there = |name: &str| tables.contains_key(&(family, name.to_owned()));
        Ok(TABLES.iter().map(|(name, _)| (*name).to_owned()).filter(|name| there(name)).collect())
    }

    fn exists(&self, family: Family, table: &str) -> Result<Option<bool>> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let can_be = TABLES.iter().any(|(name, _)| *name == table);
        Ok(can_be.then(|| tables.contains_key(&(family, table.to_owned()))))
    }

    fn add_counters(&self, family: Family, table: &str, request: &mut [Counters]) -> Result<()> {
        let counters = request.get(COUNTERS_HEADROOM..).unwrap_or_default();
        self.with(family, table, |held| {
            let places = held.counters(family);
            if places.len() != counters.len() {
                return Err(conflict(Failure::CountersChanged, family, table));
            }
            for ((at, now), more) in places.into_iter().zip(counters) {
                let sum = Counters {
                    packets: now.packets.wrapping_add(more.packets),
                    bytes: now.bytes.wrapping_add(more.bytes),
                };
                put_counters(family, &mut held.entries[at..], sum);
            }
            Ok(())
        })
    }

    /// No device of a namespace has such a number.
    fn namespace(&self, _: Family) -> Option<(u64, u64)> {
        Some((u64::MAX, self.number))
    }
}

impl Host for MemoryKernel {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        // The last that was said counts.
        let said = self.newest.iter().rev().find(|(of, known, _)| *of == kind && known == name);
        let newest = match said {
            Some((.., newest)) => *newest,
            None => (kind == ExtensionKind::Match || !GONE.contains(&name)).then_some(u8::MAX),
        };
        let extension = index::find(kind, name.as_bytes(), family);
        let known = extension.is_some_and(|extension| extension.revision(family, revision).is_some());
        Ok(known && newest.is_some_and(|newest| revision <= newest))
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        match self.has_object(ObjectKind::Program, path) {
            Ok(Some(true)) => Ok(()),
            _ => Err(io::Error::from_raw_os_error(libc::ENOENT)),
        }
    }

    fn has_object(&self, kind: ObjectKind, name: &[u8]) -> Result<Option<bool>> {
        let told = self.objects.contains(&(kind, name.to_vec()));
        let usual = OBJECTS
            .iter()
            .any(|(of, names)| *of == kind && names.iter().any(|known| known.as_bytes() == name));
        Ok(Some(self.any_set || told || usual))
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let mut sets = self.sets();
        let known = sets.by_name.get(name).copied();
        if known.is_some() || !self.any_set {
            return Ok(known);
        }
        // The first number that is free; the family is any.
        let made = (sets.free..u16::MAX).find(|index| !sets.names.contains_key(index));
        sets.free = made.map_or(u16::MAX, |index| index + 1);
        let made = made.map(|index| SetInfo { index, family: 0 });
        if let Some(set) = made {
            sets.add(name.to_vec(), set);
        }
        Ok(made)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        Ok(self.sets().names.get(&index).cloned())
    }
}

/// The name of something, if the kernel can have one of that name.
fn usable(what: &'static str, name: &[u8], max: usize) -> Result<Vec<u8>> {
    match name.is_empty() || name.len() > max || name.contains(&0) {
        true => Err(Failure::ObjectName { what, name: shown(name), max }.into()),
        false => Ok(name.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn names_that_no_kernel_has_are_refused() {
        let set = |index| SetInfo { index, family: 2 };
        let memory = || MemoryKernel::new().with_set("ban", set(7)).unwrap();
        let long = "x".repeat(32);
        for (name, index) in
            [("", 8), ("a\0b", 8), (long.as_str(), 8), ("ban", 8), ("other", 7), ("other", 65535)]
        {
            let error = memory().with_set(name, set(index)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name} {index}");
        }
        memory().with_set(&long[1..], set(8)).unwrap();
        for kind in ObjectKind::ALL {
            let longest = "x".repeat(kind.longest_name());
            memory().with_object(*kind, &longest).unwrap();
            for name in ["", "a\0b", &format!("{longest}x")] {
                let error = memory().with_object(*kind, name).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{kind:?} {name}");
            }
        }
        let error = memory().with_revision(ExtensionKind::Match, "nothing", None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchExtension);
    }

    #[test]
    fn keeps_rules_and_counters() {
        let kernel = MemoryKernel::new().with_set("ban", SetInfo { index: 7, family: 2 }).unwrap().kernel();
        let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
        table.new_chain("web").unwrap();
        let mut input = table.chain_mut("INPUT").unwrap();
        input.append("-c 3 120 -p tcp -j web").unwrap();
        input.append("-m set --match-set ban src -j DROP").unwrap();
        table.commit().unwrap();
        let table = kernel.open(Family::Ipv4, "filter").unwrap();
        let rules: Vec<_> = table.chain("INPUT").unwrap().rules().map(|rule| rule.to_string()).collect();
        assert_eq!(rules, ["-p tcp -j web", "-m set --match-set ban src -j DROP"]);
        let first = table.chain("INPUT").unwrap().rule(0).unwrap();
        assert_eq!(first.counters(), Counters { packets: 3, bytes: 120 });
        assert_eq!(kernel.open(Family::Ipv4, "broute").unwrap_err().kind(), ErrorKind::NoSuchTable);
    }

    #[test]
    fn two_writers_conflict() {
        let kernel = MemoryKernel::new().kernel();
        let mut first = kernel.open(Family::Ipv6, "mangle").unwrap();
        let mut second = kernel.open(Family::Ipv6, "mangle").unwrap();
        first.chain_mut("FORWARD").unwrap().append("-j DROP").unwrap();
        second.chain_mut("FORWARD").unwrap().append("-j ACCEPT").unwrap();
        first.commit().unwrap();
        assert_eq!(second.commit().unwrap_err().kind(), ErrorKind::Conflict);
    }
}
