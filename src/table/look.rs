//! What is asked of a table.

use super::{Chain, ChainMut, Note, Table};
use crate::error::BadEdit;
use crate::table::backend::WantedRules;
use crate::types::{Family, HookMask};
use crate::{Error, Result};

impl Table {
    /// The chain of that name.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert!(table.chain("INPUT").is_some());
    /// assert!(table.chain("web").is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn chain(&self, name: impl AsRef<[u8]>) -> Option<Chain<'_>> {
        let whole = self.whole();
        whole.find(name.as_ref()).map(|id| whole.view_of(id))
    }

    /// The chain of that name, to be changed.
    ///
    /// ```
    /// use libfw::ErrorKind;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// assert_eq!(table.chain_mut("web").unwrap_err().kind(), ErrorKind::NoSuchChain);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchChain`](crate::ErrorKind::NoSuchChain). Where only [some chains](crate::Kernel::open_chains) were read,
    /// others are read now, with the errors of that.
    pub fn chain_mut(&mut self, name: impl AsRef<[u8]>) -> Result<ChainMut<'_>> {
        self.seek(name.as_ref(), WantedRules::All)?;
        let id = self.require(name.as_ref())?;
        Ok(ChainMut { table: self, id })
    }

    /// The chains: built-in ones in the order of their hooks, then the others by name.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// let names: Vec<_> = table.chains().map(|chain| chain.name().into_owned()).collect();
    /// assert_eq!(names, ["INPUT", "FORWARD", "OUTPUT", "web"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_>> {
        let whole = self.whole();
        whole.sorted_order().into_iter().map(|id| whole.view_of(id))
    }

    /// The name of the table: `filter`, `nat`, `mangle`, `raw` or `security`.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert_eq!(table.name(), "filter");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The family of the table.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert_eq!(table.family(), libfw::Family::Ipv4);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// The hooks at which the table is consulted.
    ///
    /// ```
    /// use libfw::Hook;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let hooks: Vec<_> = table.hooks().iter().collect();
    /// assert_eq!(hooks, [Hook::Input, Hook::Forward, Hook::Output]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn hooks(&self) -> HookMask {
        self.whole().hooks
    }

    /// Whether the kernel has the table. A table that nobody has used yet in the network namespace is read as an empty one, and
    /// is created by the first commit that changes something.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open(Family::Ipv4, "nat")?;
    /// assert!(!table.exists() && table.chain("PREROUTING").is_some());
    /// table.chain_mut("POSTROUTING")?.append("-o eth0 -j MASQUERADE")?;
    /// table.commit()?;
    /// assert!(table.exists() && kernel.tables(Family::Ipv4)? == ["nat"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// The number of rules in all chains.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-p tcp")?;
    /// table.chain_mut("OUTPUT")?.append("-p tcp")?;
    /// assert_eq!(table.len(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.whole().rules_here()
    }

    /// Whether no chain has a rule.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert!(table.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole().chains.iter().all(|chain| chain.rules.is_empty())
    }

    /// Whether there are edits that have not been committed.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-p tcp")?;
    /// assert!(table.is_changed());
    /// table.commit()?;
    /// assert!(!table.is_changed());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.dirty
    }

    /// What the table had besides chains and rules of iptables when it was read. Only nf_tables has such things.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// for note in table.notes() {
    ///     println!("{}: {note}", table.name());
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.whole().notes
    }

    /// The error for a chain that does not exist, to be returned where [`chain`](Table::chain) is `None` and should not be.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let found = table.chain("web").ok_or_else(|| table.no_such_chain("web"));
    /// assert_eq!(found.unwrap_err().kind(), ErrorKind::NoSuchChain);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn no_such_chain(&self, name: impl AsRef<[u8]>) -> Error {
        let meant = self.meant_chain(name.as_ref(), |_| true);
        self.error(BadEdit::NoSuchChain { meant }).in_chain(String::from_utf8_lossy(name.as_ref()))
    }
}
