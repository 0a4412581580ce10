//! The backend over a session with the kernel.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::base::{self, BaseTable};
use super::batch::Batch;
use super::error::{Where, refused};
use super::known::{Known, KnownChain, KnownRule, Scope};
use super::lock;
use super::memory::{self, Ruleset};
use super::read::{self, Content};
use super::same::is_same;
use super::session::{Session, Trouble, Wire};
use super::settle::{generation_after, learn, settle};
use super::take::counters;
use super::uapi::{NFNLGRP_NFTABLES, NFT_NAME_MAXLEN};
use super::write::Writing;
use crate::Result;
use crate::error::{BadEdit, BadNft};
use crate::ext::{ExtensionKind, Host, ObjectKind, SetInfo};
use crate::kernel::MemoryKernel;
use crate::kernel::legacy::{Blobs, LegacySocket};
use crate::sys::memory::has_room;
use crate::sys::netlink::{NetlinkSocket, Received};
use crate::sys::netns;
use crate::table::Table;
use crate::table::backend::{
    Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Look, Notices, Snapshot, Version, Want,
    WantedRules, Written,
};
use crate::types::{BackendKind, Counters, Detection, Family, Interface, NFT_CHAIN_NAME_MAX};

const _: () = assert!(NFT_CHAIN_NAME_MAX == NFT_NAME_MAXLEN as usize - 1);

/// nf_tables of one network namespace, as [`Kernel::nft`](crate::Kernel::nft) has them. The socket is opened when it is first
/// needed.
#[derive(Debug)]
pub struct Nft {
    namespace: Option<Arc<File>>,
    session: Mutex<Option<Session>>,
    source: Source,
    /// ipsets are asked for by an option of another socket.
    sets: Arc<dyn Host>,
    /// A socket of the kernel's, where it is that, which tells the namespace.
    home: Option<Arc<LegacySocket>>,
    /// What its threads take turns by.
    turns: OnceLock<Option<Arc<OwnedFd>>>,
}

/// Where the session comes from, when another one is needed.
#[derive(Debug)]
enum Source {
    Kernel,
    /// The socket was handed over, and there will be no other.
    Handed,
    Memory(Arc<Ruleset>),
}

impl Nft {
    /// In the namespace of the file, or in that of the thread which first uses it.
    pub(crate) fn new(namespace: Option<Arc<File>>) -> Nft {
        let sets = Arc::new(LegacySocket::in_namespace(namespace.clone()));
        let home = Some(sets.clone());
        Nft {
            namespace,
            session: Mutex::new(None),
            source: Source::Kernel,
            sets,
            home,
            turns: OnceLock::new(),
        }
    }

    /// In a namespace of its own, with no tables.
    fn apart() -> io::Result<Nft> {
        let [netlink] = netns::apart([NetlinkSocket::KIND])?;
        let session = Session::over(Wire::Kernel(NetlinkSocket::ready(netlink?)?));
        let session = Mutex::new(Some(session));
        Ok(Nft { session, source: Source::Handed, home: None, ..Nft::new(None) })
    }

    /// In memory, with the extensions and ipsets of another kernel in memory.
    pub(crate) fn in_memory(host: MemoryKernel) -> Nft {
        let source = Source::Memory(Arc::default());
        let sets = Arc::new(host);
        Nft { namespace: None, session: Mutex::new(None), source, sets, home: None, turns: OnceLock::new() }
    }

    /// In memory, with another session.
    #[cfg(any(fuzzing, all(test, playground)))]
    pub(super) fn over(wire: Wire) -> Nft {
        Nft { session: Mutex::new(Some(Session::over(wire))), ..Nft::in_memory(MemoryKernel::new()) }
    }

    /// With sockets that another process has made in its namespace and handed over, as
    /// [`LegacySocket::of_process`]: those of IPv4 and IPv6, and one of NETLINK_NETFILTER that was not used. A fork of this
    /// process cannot use it.
    ///
    /// ```
    /// use std::io;
    /// use std::os::fd::RawFd;
    /// use libfw::Kernel;
    /// use libfw::backend::Nft;
    ///
    /// fn kernel_of(sandbox: u32, [ipv4, ipv6, netlink]: [RawFd; 3]) -> io::Result<Kernel> {
    ///     Ok(Kernel::with_backend(Nft::of_process(sandbox, ipv4, ipv6, netlink)?))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `fcntl(2)` and `bind(2)`.
    pub fn of_process(process: u32, ipv4: RawFd, ipv6: RawFd, netlink: RawFd) -> io::Result<Nft> {
        let session = Mutex::new(Some(Session::over(Wire::Kernel(NetlinkSocket::of(netlink)?))));
        let sets = Arc::new(LegacySocket::of_process(process, ipv4, ipv6)?);
        let home = Some(sets.clone());
        Ok(Nft { namespace: None, session, source: Source::Handed, sets, home, turns: OnceLock::new() })
    }

    pub(super) fn with<T>(
        &self,
        call: impl FnOnce(&mut Session) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut guard = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match guard.take().filter(Session::is_own) {
            Some(session) => session,
            None => match &self.source {
                Source::Kernel => Session::open(self.namespace.as_deref())?,
                Source::Handed => return Err(io::Error::from_raw_os_error(libc::EBADF).into()),
                Source::Memory(rules) => Session::over(Wire::Memory(memory::Wire::new(rules.clone()))),
            },
        };
        call(guard.insert(session))
    }

    /// The interface with an index, which is one of the namespace.
    fn interface(&self, index: u32) -> Option<Interface> {
        let find = || nix::net::if_::if_indextoname(index).ok();
        let name = match &self.namespace {
            None => find(),
            Some(file) => netns::inside(file, find).ok()?,
        };
        Interface::new(name?.as_bytes()).ok()
    }

    /// Reads tables as they are at one time, and returns them with the generation.
    pub(super) fn fetch(
        &self,
        tables: &[(Family, &'static BaseTable, Scope)],
    ) -> Result<Vec<Content>, Trouble> {
        self.with(|session| {
            let interface = |index| self.interface(index);
            let (mut contents, generation) = session.consistently(|session| {
                let mut contents = Vec::with_capacity(tables.len());
                for (family, base, scope) in tables {
                    contents.push(read::read(session, *family, base, scope, &interface)?);
                }
                Ok(contents)
            })?;
            for content in &mut contents {
                content.known.generation = generation;
            }
            Ok(contents)
        })
    }

    /// Reads the tables again, and takes over what was not known of them, if they are what they were. Returns the
    /// generation.
    fn look_again(&self, changes: &mut [Change<'_>]) -> Result<u32> {
        let scopes = changes.iter().map(|change| {
            let known = known(change.table)?;
            Ok((change.table.family(), known.base, known.scope.clone()))
        });
        let scopes = scopes.collect::<Result<Vec<_>>>()?;
        let contents = self.fetch(&scopes).map_err(|trouble| match changes {
            [change] => Where::reading(change.table.family(), change.table.name()).error(trouble),
            _ => Where::default().error(trouble),
        })?;
        for (change, content) in changes.iter_mut().zip(&contents) {
            if !is_same(change.table, known(change.table)?, content) {
                return Err(change.table.error(BadEdit::Changed));
            }
            if let Some(known) = change.table.version.get_mut::<Known>() {
                learn(known, content);
            }
        }
        Ok(contents.first().map_or(0, |content| content.known.generation))
    }
}

/// Where what goes wrong with changes does so.
fn where_of<'a>(changes: &'a [Change<'_>]) -> Where<'a> {
    let first = changes.first().map(|Change { table }| Where::writing(table.family(), table.name()));
    first.unwrap_or_default()
}

pub(super) fn known(table: &Table) -> Result<&Known> {
    table.version.get::<Known>().ok_or_else(|| table.error(BadNft::NotRead))
}

impl Host for Nft {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        if self.is_memory() {
            return self.sets.supports(family, kind, name, revision);
        }
        match self.with(|session| session.supports(base::number(family), kind, name, revision)) {
            // Who may not ask finds out when the rule is written.
            Err(Trouble::Denied(libc::EPERM)) => Ok(true),
            answer => answer.map_err(|trouble| Where::asking(family).error(trouble)),
        }
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.sets.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.sets.set_by_index(index)
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        self.sets.pinned_object(path)
    }

    fn has_object(&self, kind: ObjectKind, name: &[u8]) -> Result<Option<bool>> {
        self.sets.has_object(kind, name)
    }
}

impl Backend for Nft {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        let table = &mut *into.table;
        let place = Where::reading(table.family(), table.name());
        let base = base::table(table.family(), table.name()).ok_or_else(|| place.no_such_table())?;
        let scope = match want {
            Want::All => Scope::All,
            Want::Little => Scope::Little,
            Want::Chains(chains) => {
                let mut wanted: Vec<(Vec<u8>, _)> = Vec::new();
                // To ask for others is an error.
                let is_name =
                    |name: &[u8]| !name.is_empty() && name.len() <= NFT_CHAIN_NAME_MAX && !name.contains(&0);
                for chain in chains.iter().filter(|chain| is_name(chain.name)) {
                    if !wanted.iter().any(|(name, _)| name == chain.name) {
                        wanted.push((chain.name.to_vec(), chain.rules));
                    }
                }
                Scope::Chains(wanted)
            }
            Want::BuiltIn => Scope::Existence,
            Want::More(chains) => return self.read_more(table, chains),
            Want::Rest => return self.read_rest(table),
            Want::Policies => return Ok(()),
        };
        let contents =
            self.fetch(&[(table.family(), base, scope)]).map_err(|trouble| place.error(trouble))?;
        let Some(content) = contents.into_iter().next() else { return Ok(()) };
        (table.hooks, table.chains, table.bytes) = (content.hooks, content.chains, content.bytes);
        table.notes = content.notes;
        table.chains_were_read();
        let gone = |chain: &KnownChain| chain.exists && chain.rules == WantedRules::Gone;
        table.dirty = content.known.chains.iter().any(gone);
        table.exists = content.known.exists;
        if want == Want::Little && content.known.scope != Scope::All {
            table.was_left_out();
        }
        table.version = Version::new(content.known);
        Ok(())
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let generations: Vec<_> = changes
            .iter()
            .map(|change| known(change.table).map(|known| known.generation))
            .collect::<Result<_>>()?;
        let mut generation = generations.first().copied().unwrap_or_default();
        let resets = self.resets(changes)?;
        let nameless = || -> Result<bool> {
            for change in &*changes {
                let known = known(change.table)?;
                if known.nameless && Writing::new(change.table, known, resets).needs_handles() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        if generations.iter().any(|other| *other != generation) || nameless()? {
            generation = self.look_again(changes)?;
        }
        // What is to be done is found out, and what the kernel has then is noted, rule by rule. From its answer on there is no way back.
        let rules =
            changes.iter().map(|Change { table }| table.rules_here() + known(table).map_or(0, Known::len));
        if !has_room(rules.sum::<usize>() * size_of::<(KnownRule, Option<usize>)>()) {
            return Err(where_of(changes).error(Trouble::OutOfMemory));
        }
        let mut batch = Batch::new(generation);
        let mut moves = false;
        for Change { table } in &mut *changes {
            let writing = Writing::new(table, known(table)?, resets);
            let moved = writing.moved();
            if moved.is_empty() {
                writing.emit(&mut batch)?;
                continue;
            }
            moves = true;
            self.count(table, &moved)?
                .into_iter()
                .for_each(|(at, counters)| table.put_counters(at, counters));
            Writing::new(table, known(table)?, resets).emit(&mut batch)?;
        }
        let changed = !batch.is_empty();
        while let Err(trouble) = self.with(|session| session.commit(&mut batch)) {
            match trouble {
                Trouble::Stale => {
                    let existed: Vec<_> =
                        changes.iter().map(|change| known(change.table).map(|known| known.exists)).collect();
                    batch.set_generation(self.look_again(changes)?);
                    // A table that is replaced whatever is in it may be there now, or be gone. Rules that move have counted on.
                    let exists = changes.iter().map(|change| known(change.table).map(|known| known.exists));
                    let same = existed.into_iter().zip(exists).all(|(before, now)| before.ok() == now.ok());
                    if moves || !same {
                        return self.write(changes);
                    }
                }
                Trouble::Refused(refusals) => {
                    let tables: Vec<&Table> = changes.iter().map(|change| &*change.table).collect();
                    return Err(refused(&tables, &refusals));
                }
                trouble => return Err(where_of(changes).error(trouble)),
            }
        }
        let mut written = Vec::new();
        for change in changes {
            let lost = if resets { self.zero(change.table).err() } else { None };
            settle(change.table, generation_after(&batch, changed));
            written.push(Written { counters_lost: lost, ..Written::default() });
        }
        Ok(written)
    }

    fn take_counters(&self, into: &mut Snapshot<'_>) -> Result<bool> {
        self.read(into, Want::All)?;
        self.take(into.table).map(|()| true)
    }

    fn rule_numbers(&self, table: &Table) -> Vec<u64> {
        known(table).map_or_else(|_| Vec::new(), |known| known.rules.iter().map(|rule| rule.handle).collect())
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        let place = Where::reading(table.family(), table.name());
        let known = known(table)?;
        let generation = self.with(Session::generation).map_err(|trouble| place.error(trouble))?;
        if generation == known.generation || look == Look::Quick {
            return Ok(generation == known.generation);
        }
        let contents = self.fetch(&[(table.family(), known.base, known.scope.clone())]);
        let contents = contents.map_err(|trouble| place.error(trouble))?;
        Ok(contents.first().is_some_and(|now| is_same(table, known, now)))
    }

    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        if !matches!(self.source, Source::Kernel) {
            return Ok(None);
        }
        let opened = NetlinkSocket::open(self.namespace.as_deref());
        let joined = opened.and_then(|socket| socket.join(NFNLGRP_NFTABLES.into()).map(|()| socket));
        match joined {
            Ok(socket) => Ok(Some(Box::new(Group(socket)))),
            // Whoever may not hear has to ask.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::EACCES)) => Ok(None),
            Err(error) => Err(Where::default().error(Trouble::Socket(error))),
        }
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        let tables = self.with(|session| session.tables(base::number(family)));
        let tables = tables.map_err(|trouble| Where::asking(family).error(trouble))?;
        let there = |base: &&BaseTable| tables.iter().any(|table| table.name == base.name.as_bytes());
        Ok(base::tables(family).iter().filter(there).map(|base| base.name.to_owned()).collect())
    }

    fn missing_module(&self, _: Family) -> Result<Option<&'static str>> {
        match self.with(Session::generation) {
            Err(Trouble::Denied(libc::EINVAL | libc::EOPNOTSUPP)) => Ok(Some("nf_tables")),
            Err(Trouble::Socket(error)) if error.raw_os_error() == Some(libc::EPROTONOSUPPORT) => {
                Ok(Some("nf_tables"))
            }
            _ => Ok(None),
        }
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        let file = self.turns.get_or_init(|| lock::file(self.namespace(Family::Ipv4)?));
        match file {
            Some(file) => lock::take(file, policy, interrupt),
            None => Ok(Lock::NONE),
        }
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        Ok(if self.is_memory() { None } else { Some(Arc::new(Nft::apart()?)) })
    }

    fn namespace(&self, _: Family) -> Option<(u64, u64)> {
        Blobs::namespace(self.home.as_deref()?, Family::Ipv4)
    }

    fn detection(&self) -> Result<Detection> {
        Ok(if self.is_memory() { BackendKind::MemoryNft } else { BackendKind::Nft }.named())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            atomic_over_tables: true,
            names_refusals: true,
            looks_at_rules: !self.is_memory(),
            reads_chains: true,
            chain_name_max: NFT_CHAIN_NAME_MAX,
            ..Capabilities::LEGACY
        }
    }
}

/// The kernel's notices of every transaction.
#[derive(Debug)]
struct Group(NetlinkSocket);

impl Notices for Group {
    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn clear(&mut self) -> Result<()> {
        // What they say is asked anew, since some may be lost.
        loop {
            match self.0.receive(&mut [0; 64], false) {
                Ok(Received::Nothing) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(Where::default().error(Trouble::Socket(error))),
            }
        }
    }
}

impl Nft {
    fn is_memory(&self) -> bool {
        matches!(self.source, Source::Memory(_))
    }

    /// What rules have counted by now that are about to be made anew, and with that once more. What comes to them from now on is
    /// lost, so there is as little between this and the transaction as can be.
    fn count(&self, table: &Table, moved: &[(u32, &[u8], u64)]) -> Result<Vec<(u32, Counters)>> {
        let (family, name) = (base::number(table.family()), known(table)?.base.name.as_bytes());
        let rules: Vec<_> = moved.iter().map(|(_, chain, handle)| (*chain, *handle)).collect();
        let mut counted = Vec::with_capacity(rules.len());
        let read = self.with(|session| {
            session.rules_by_handle(family, name, &rules, false, |index, rule| {
                counted.extend(counters(rule.expressions).map(|counters| (moved[index].0, counters)));
            })
        });
        read.map_err(|trouble| Where::reading(table.family(), table.name()).error(trouble))?;
        Ok(counted)
    }

    /// Whether the counters of rules that stay where they are can be set to zero, if there is anything to be set.
    fn resets(&self, changes: &[Change<'_>]) -> Result<bool> {
        let zeroes = |table: &Table| {
            table.chains.iter().any(|chain| chain.rules.iter().any(|slot| slot.origin.is_zeroed()))
        };
        let Some(change) = changes.iter().find(|change| zeroes(change.table)) else { return Ok(true) };
        let (family, name) = (base::number(change.table.family()), known(change.table)?.base.name);
        let resets = self.with(|session| session.resets(family, name.as_bytes()));
        resets.map_err(|trouble| where_of(changes).error(trouble))
    }

    /// Sets the counters of rules to zero that were to be zeroed and stayed where they are.
    fn zero(&self, table: &Table) -> Result<()> {
        let known = known(table)?;
        let (family, name) = (base::number(table.family()), known.base.name.as_bytes());
        let place = Where::writing(table.family(), table.name());
        for (id, chain) in (0..).zip(table.chains.iter()) {
            let Some(old) = known.chain(id).filter(|_| known.is_read() && !chain.deleted) else { continue };
            let range = old.first..old.first + old.count;
            let zeroed = chain.rules.iter().filter(|slot| slot.origin.is_zeroed());
            let zeroed: Vec<_> = zeroed
                .filter_map(|slot| slot.origin.index().map(|index| index as usize))
                .filter(|index| range.contains(index))
                .collect();
            if zeroed.is_empty() {
                continue;
            }
            let all = zeroed.len() == old.count;
            self.with(|session| {
                if all {
                    return session.rules(family, name, Some(chain.name.as_bytes()), true, |_| Ok(()));
                }
                let rules: Vec<_> = zeroed
                    .iter()
                    .filter_map(|index| known.rules.get(*index))
                    .map(|rule| (chain.name.as_bytes(), rule.handle))
                    .collect();
                session.rules_by_handle(family, name, &rules, true, |_, _| {})
            })
            .map_err(|trouble| place.error(trouble))?;
        }
        Ok(())
    }
}
