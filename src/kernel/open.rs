//! Tables that are opened, and what else is asked.

use super::{Blobs, Kernel, LegacySocket, names};
use crate::Result;
use crate::rule::{Rule, convert, require};
use crate::table::backend::Want;
use crate::table::{Claim, Table};
use crate::types::Family;

impl Kernel {
    /// Reads a table, without the lock: a [commit](Table::commit) fails if somebody else has changed the table in the meantime.
    ///
    /// Reading leaves no trace: a table that does not exist is read as an empty one, and [`exists`](Table::exists) says so. There
    /// is one exception: where the kernel does not let the process see which tables exist, reading one creates it. That is so in
    /// a network namespace that was made in one step with its user namespace (`unshare --user --net`), where only the machine's
    /// own root may read the names of the tables. Make the user namespace first, then the network (`unshare --map-root-user
    /// unshare --net`).
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// // Somebody else is faster.
    /// kernel.update(Family::Ipv4, "filter", |filter| filter.chain_mut("INPUT")?.append("-j DROP"))?;
    /// assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchTable`](crate::ErrorKind::NoSuchTable),
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied),
    /// [`ErrorKind::BackendAbsent`](crate::ErrorKind::BackendAbsent), or
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when the kernel's answer makes no sense.
    pub fn open(&self, family: Family, table: &str) -> Result<Table> {
        Table::read(self.0.clone(), family, table, Want::All, None)
    }

    /// Takes the lock and reads a table, all of it; the lock is held until the table is dropped. Only [`update`](Kernel::update) can do
    /// with what it comes to need, since it can begin again.
    ///
    /// A thread that holds the lock can open other tables under it, with any handle.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open_locked(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// table.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyOpen`](crate::ErrorKind::AlreadyOpen) when this thread has the same table open under the lock already:
    /// one of the two would overwrite the edits of the other. Those of [`lock`](Kernel::lock) and [`open`](Kernel::open).
    pub fn open_locked(&self, family: Family, table: &str) -> Result<Table> {
        self.open_in_part(family, table, Want::All)
    }

    /// Reads some chains of a table, without the lock. In nf_tables the time depends on these chains alone, however large the
    /// table is; the xtables interface cannot do that, and the table is read and shown whole.
    ///
    /// The table shows those of the chains that exist, and by name the chains that their rules go to. [Editing](Table::chain_mut)
    /// another chain reads it first, and so does adding a rule that goes to it. Methods about [all chains](Table::chains) are
    /// about those that are shown. Other chains stay as they are.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().nft();
    /// kernel.update(Family::Ipv4, "filter", |filter| {
    ///     filter.new_chain("web")?.append("-p tcp --dport 80 -j ACCEPT")?;
    ///     filter.chain_mut("FORWARD")?.append("-j web")
    /// })?;
    /// let table = kernel.open_chains(Family::Ipv4, "filter", ["web"])?;
    /// assert_eq!(table.chain("web").map(|web| web.len()), Some(1));
    /// assert!(table.chain("FORWARD").is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Kernel::open).
    pub fn open_chains(
        &self,
        family: Family,
        table: &str,
        chains: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Table> {
        Table::read_part(self.0.clone(), family, table, &names(chains), None)
    }

    /// As [`open_chains`](Kernel::open_chains), under the lock.
    #[doc(hidden)]
    pub fn open_chains_locked(&self, family: Family, table: &str, chains: &[Vec<u8>]) -> Result<Table> {
        Table::read_part(self.0.clone(), family, table, chains, Some(self.0.claim(family, table)?))
    }

    /// The same with what is wanted of it alone.
    pub(crate) fn open_in_part(&self, family: Family, table: &str, want: Want<'_>) -> Result<Table> {
        self.open_wanted(family, table, want, &self.0.claim(family, table)?)
    }

    /// The table under the lock without its rules and the chains of users, as [`Table::cleared`] makes it.
    pub(crate) fn open_cleared(&self, family: Family, table: &str) -> Result<Table> {
        Table::cleared(self.0.clone(), family, table, self.0.claim(family, table)?)
    }

    /// Reads what is wanted of a table under a lock.
    pub(crate) fn open_wanted(
        &self,
        family: Family,
        table: &str,
        want: Want<'_>,
        claim: &Claim,
    ) -> Result<Table> {
        Table::read(self.0.clone(), family, table, want, Some(claim.clone()))
    }

    /// The names of the existing tables of a family, in the order of `iptables-save`. Asking creates none.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// kernel.update(Family::Ipv4, "nat", |nat| nat.chain_mut("POSTROUTING")?.append("-o eth0 -j MASQUERADE"))?;
    /// assert!(kernel.tables(Family::Ipv4)?.contains(&"nat".to_owned()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) where the kernel does not let the process see them;
    /// see [`open`](Kernel::open).
    pub fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.0.backend.tables(family)
    }

    /// Whether there are legacy tables of a family, whichever backend this is. Packets pass their rules too, which somebody who
    /// looks at nf_tables alone does not see.
    ///
    /// ```
    /// use libfw::{Family, Kernel};
    ///
    /// if Kernel::nft().has_legacy_tables(Family::Ipv4) {
    ///     println!("iptables-legacy has rules too");
    /// }
    /// ```
    #[must_use]
    pub fn has_legacy_tables(&self, family: Family) -> bool {
        let socket = LegacySocket::in_namespace(self.0.namespace.clone());
        socket.tables(family).is_ok_and(|tables| !tables.is_empty())
    }

    /// Checks that the kernel has what a rule names: its extensions and its ipsets.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel, Rule};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let rule = Rule::parse(Family::Ipv4, "-m set --match-set banned src -j DROP")?;
    /// assert_eq!(kernel.check_rule(&rule).unwrap_err().kind(), ErrorKind::NoSuchObject);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable),
    /// [`ErrorKind::NoSuchObject`](crate::ErrorKind::NoSuchObject), or
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) when a set is for the other family.
    pub fn check_rule(&self, rule: &Rule) -> Result<()> {
        require(&convert(rule.clone(), self.system())?, self.system())
    }
}
