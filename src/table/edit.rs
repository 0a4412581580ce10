//! Edits of a table that concern several chains.

use super::ChainMut;
use super::HEADROOM;
use super::IntoRule;
use super::backend::WantedRules;
use super::lock::Claim;
use super::{CHAIN_NAME_MAX, ChainId, Name, Origin, Slot, Table, new_chain};
use crate::blob::{Entry, EntryVerdict, Kind, put_counters};
use crate::error::{BadEdit, Failure};
use crate::ext::{Extension, ExtensionKind, System, index};
use crate::rule::grammar::args::show_rule;
use crate::rule::{Rule, RuleRef, convert, names};
use crate::sys::memory;
use crate::sys::xt::XT_FUNCTION_MAXNAMELEN;
use crate::types::{Counters, Policy};
use crate::{Error, Result};

impl Table {
    /// Adds an empty chain.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?.append("-p tcp --dport 80 -j ACCEPT")?;
    /// table.chain_mut("INPUT")?.append("-j web")?;
    /// // It would be read as the target.
    /// assert!(table.new_chain("ACCEPT").is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ChainExists`](crate::ErrorKind::ChainExists), or
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a name that iptables would not give a
    /// chain: one that is empty, longer than 28 bytes, that of a target such as `ACCEPT` or `LOG`, or one that begins
    /// with `-` or `!` or holds a space or a control character.
    #[doc(alias = "create_chain")]
    #[doc(alias = "add_chain")]
    pub fn new_chain(&mut self, name: impl AsRef<[u8]>) -> Result<ChainMut<'_>> {
        let name = name.as_ref();
        self.check_name(name)?;
        self.make_chain(name)
    }

    fn check_name(&self, name: &[u8]) -> Result<()> {
        names::check(name, self.family).map_err(|error| {
            error.in_family(self.family).in_table(&self.name).in_chain(String::from_utf8_lossy(name))
        })
    }

    /// Adds an empty chain of any name that the kernel keeps.
    pub(crate) fn make_chain(&mut self, name: &[u8]) -> Result<ChainMut<'_>> {
        self.check_length(name)?;
        self.seek(name, WantedRules::All)?;
        self.make_room_for_chain()?;
        match self.add_if_free(name) {
            Some(id) => Ok(ChainMut { table: self, id }),
            None => Err(self.taken(name, BadEdit::ChainExists { renamed: false })),
        }
    }

    /// Adds an empty chain, if there is none of that name, and memory for it.
    pub(crate) fn add_if_free(&mut self, name: &[u8]) -> Option<ChainId> {
        let at = self.vacancy(name)?;
        self.make_room_for_chain().ok()?;
        self.dirty = true;
        Some(self.add_chain_at(Some(at), new_chain(Name::new(name), None)))
    }

    /// Fails for a name that is longer than the kernel has room for.
    fn check_length(&self, name: &[u8]) -> Result<()> {
        // Every kernel has room for most.
        if name.len() <= XT_FUNCTION_MAXNAMELEN
            || name.len() <= self.store.backend.capabilities().chain_name_max
        {
            return Ok(());
        }
        Err(self.error(names::too_long(name, CHAIN_NAME_MAX)))
    }

    /// Makes room for one more chain, and for its name in the index.
    fn make_room_for_chain(&mut self) -> Result<()> {
        /// What the index has of each.
        const INDEXED: usize = 16;
        let full = self.chains.len() == self.chains.capacity();
        let fits = memory::make_next_room(&mut self.chains)
            && memory::make_next_room(&mut self.order)
            && (!full || memory::has_room(self.chains.capacity() * INDEXED));
        if fits { Ok(()) } else { Err(self.error(Failure::OutOfMemory)) }
    }

    /// Fails if there is a chain of that name.
    fn check_free(&self, name: &[u8], bad: BadEdit) -> Result<()> {
        if self.find(name).is_none() {
            return Ok(());
        }
        Err(self.taken(name, bad))
    }

    /// The error for a name that a chain has already.
    #[cold]
    fn taken(&self, name: &[u8], bad: BadEdit) -> Error {
        self.error(bad).in_chain(String::from_utf8_lossy(name))
    }

    /// Deletes a chain that is empty and that no rule goes to.
    ///
    /// ```
    /// use libfw::ErrorKind;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?.append("-p tcp")?;
    /// assert_eq!(table.delete_chain("web").unwrap_err().kind(), ErrorKind::ChainNotEmpty);
    /// table.chain_mut("web")?.flush();
    /// table.delete_chain("web")?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchChain`](crate::ErrorKind::NoSuchChain),
    /// [`ErrorKind::BuiltinChain`](crate::ErrorKind::BuiltinChain),
    /// [`ErrorKind::ChainInUse`](crate::ErrorKind::ChainInUse) or
    /// [`ErrorKind::ChainNotEmpty`](crate::ErrorKind::ChainNotEmpty).
    #[doc(alias = "remove_chain")]
    pub fn delete_chain(&mut self, name: impl AsRef<[u8]>) -> Result<()> {
        let name = name.as_ref();
        self.seek(name, WantedRules::All)?;
        let id = self.require(name)?;
        let chain = &self.chains[id as usize];
        let bad = if chain.hook.is_some() {
            BadEdit::BuiltinDeleted
        } else if chain.references > 0 {
            BadEdit::ChainInUse { rules: chain.references }
        } else if !chain.rules.is_empty() {
            BadEdit::ChainNotEmpty { rules: chain.rules.len() }
        } else {
            self.drop_chains(&[id]);
            return Ok(());
        };
        Err(self.error(bad).in_chain(String::from_utf8_lossy(name)))
    }

    /// Lets a built-in chain go where the kernel need not have it, as nf_tables: one without rules whose policy is ACCEPT. It
    /// comes back when something is done with it. Returns whether it is such a chain.
    pub(crate) fn let_go(&mut self, id: ChainId) -> bool {
        self.take_rest();
        let chain = &mut self.chains[id as usize];
        let idle = chain.hook.is_some() && chain.rules.is_empty() && chain.policy == Policy::Accept;
        chain.idle |= idle;
        self.dirty |= idle;
        idle
    }

    /// The chain of that name, if the kernel has it or is to have it: nf_tables has a built-in chain only once it is needed.
    pub(crate) fn require_present(&self, name: &[u8]) -> Result<ChainId> {
        let present = |id: &ChainId| {
            let chain = &self.chains[*id as usize];
            !chain.idle || chain.does_something()
        };
        self.find(name).filter(present).ok_or_else(|| self.no_such_chain(name))
    }

    /// Says that the kernel has a built-in chain from here on, as iptables-nft makes it for what is done with it.
    pub(crate) fn make_present(&mut self, name: &[u8]) {
        if let Some(id) = self.find(name) {
            self.chains[id as usize].idle = false;
        }
    }

    fn drop_chains(&mut self, ids: &[ChainId]) {
        for id in ids {
            if let Some(index) = self.index.get_mut() {
                index.remove(self.chains[*id as usize].name.as_bytes(), &self.chains);
            }
            self.chains[*id as usize].deleted = true;
            self.lookups.forget(*id);
        }
        self.gone += ids.len();
        if self.gone * 2 > self.order.len() {
            let mut order = std::mem::take(&mut self.order);
            self.drop_deleted(&mut order);
            (self.order, self.gone) = (order, 0);
        }
        self.dirty |= !ids.is_empty();
    }

    /// Gives a chain another name; rules that go to it follow.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// table.chain_mut("INPUT")?.append("-j web")?;
    /// table.rename_chain("web", "www")?;
    /// assert_eq!(table.chain("INPUT").unwrap().rule(0).unwrap().to_string(), "-j www");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchChain`](crate::ErrorKind::NoSuchChain),
    /// [`ErrorKind::BuiltinChain`](crate::ErrorKind::BuiltinChain),
    /// [`ErrorKind::ChainExists`](crate::ErrorKind::ChainExists), or
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a name that a [new
    /// chain](Table::new_chain) cannot have.
    pub fn rename_chain(&mut self, old: impl AsRef<[u8]>, new: impl AsRef<[u8]>) -> Result<()> {
        self.check_name(new.as_ref())?;
        self.move_chain(old.as_ref(), new.as_ref())
    }

    /// Gives a chain any name that the kernel keeps.
    pub(crate) fn move_chain(&mut self, old: &[u8], new: &[u8]) -> Result<()> {
        self.check_length(new)?;
        self.seek(new, WantedRules::All)?;
        self.seek(old, WantedRules::All)?;
        self.check_free(new, BadEdit::ChainExists { renamed: true })?;
        let new = Name::new(new);
        let id = self.require(old)?;
        if self.chains[id as usize].hook.is_some() {
            return Err(self.error(BadEdit::BuiltinRenamed).in_chain(String::from_utf8_lossy(old)));
        }
        let chains = &mut self.chains;
        if let Some(index) = self.index.get_mut() {
            index.remove(old, chains);
            chains[id as usize].name = new;
            index.insert(None, id, chains);
        } else {
            chains[id as usize].name = new;
        }
        self.unsorted = true;
        self.dirty = true;
        Ok(())
    }

    /// Deletes the rules of every chain.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-p tcp")?;
    /// table.flush();
    /// assert!(table.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn flush(&mut self) {
        self.drop_rules();
        // Nothing refers to the bytes any more, unless a commit has to compare them with the kernel's.
        if self.claim.as_ref().is_some_and(Claim::is_held) && !self.is_compared(self.old_end) {
            self.bytes.truncate(HEADROOM);
            self.old_end = HEADROOM;
        }
    }

    fn drop_rules(&mut self) {
        self.complete();
        for chain in self.chains.iter_mut() {
            self.dirty |= !chain.rules.is_empty();
            chain.rules.clear();
            chain.size = 0;
            chain.references = 0;
        }
        self.lookups.clear();
    }

    /// Deletes every rule, and every chain that users made. Policies stay.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// table.chain_mut("INPUT")?.append("-j web")?;
    /// table.clear();
    /// assert!(table.is_empty() && table.chain("web").is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn clear(&mut self) {
        self.flush();
        self.drop_all_users();
    }

    /// The same, but entries stay in the table's bytes.
    pub(super) fn empty(&mut self) {
        self.drop_rules();
        self.drop_all_users();
    }

    fn drop_all_users(&mut self) {
        let mut users = self.sorted_order();
        users.retain(|id| self.chains[*id as usize].hook.is_none());
        self.drop_chains(&users);
    }

    /// Makes the table as it is when nobody has used it yet, policies included.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.clear();
        for id in self.sorted_order() {
            if self.chains[id as usize].policy != Policy::Accept {
                self.chain_by_id(id).set_policy(Policy::Accept, None)?;
            }
        }
        Ok(())
    }

    /// The same but for rules that have no form in iptables, and the chains that they are in or go to.
    pub(crate) fn clear_around_foreign(&mut self) {
        self.complete();
        for id in self.sorted_order() {
            let kept: Vec<_> = {
                let slots = self.chains[id as usize].rules.iter();
                slots.map(|slot| self.entry(*slot).foreign().is_some()).collect()
            };
            for index in (0..kept.len()).rev().filter(|index| !kept[*index]) {
                // The index is one of the chain.
                let _ = self.chain_by_id(id).remove(index);
            }
        }
        let mut idle = self.sorted_order();
        idle.retain(|id| {
            let chain = &self.chains[*id as usize];
            chain.hook.is_none() && chain.rules.is_empty() && chain.references == 0
        });
        self.drop_chains(&idle);
    }

    /// Deletes every chain that users made.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// table.delete_user_chains()?;
    /// assert!(table.chain("web").is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ChainInUse`](crate::ErrorKind::ChainInUse) or
    /// [`ErrorKind::ChainNotEmpty`](crate::ErrorKind::ChainNotEmpty), without deleting any, when one cannot be deleted.
    pub fn delete_user_chains(&mut self) -> Result<()> {
        self.drop_user_chains(false)
    }

    /// The same, one chain after the other in the order of their names, or in that of `iptables -X`.
    pub(crate) fn drop_user_chains(&mut self, by_name: bool) -> Result<()> {
        self.complete();
        let mut users: Vec<_> =
            self.chains().filter(|chain| chain.hook().is_none()).map(|chain| chain.id).collect();
        if !by_name {
            users.sort_by_key(|id| (self.chains.age(*id), *id));
        }
        // Of several that cannot be, iptables tells the last; nf_tables tells the first itself.
        let (first, last) = if self.names_refusals() {
            (users.as_slice(), [].as_slice())
        } else {
            ([].as_slice(), users.as_slice())
        };
        for id in first.iter().chain(last.iter().rev()) {
            let chain = &self.chains[*id as usize];
            if chain.references > 0 || !chain.rules.is_empty() {
                let name = chain.name.clone();
                return self.delete_chain(name.as_bytes());
            }
        }
        self.drop_chains(&users);
        Ok(())
    }

    /// Sets all counters to what has arrived since they were read.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.zero();
    /// table.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn zero(&mut self) {
        self.complete();
        for id in self.order.clone() {
            ChainMut { table: self, id }.zero();
        }
    }

    /// The rule for a chain, in the revisions of the table's kernel.
    pub(super) fn read_rule(&self, id: ChainId, rule: impl IntoRule) -> Result<Rule> {
        let chain = &self.chains[id as usize];
        let read = rule.into_rule_of(chain.name.as_bytes(), self.family);
        read.and_then(|rule| convert(rule, &self.system))
            .map_err(|error| error.in_family(self.family).in_table(&self.name).in_chain(chain.name.to_text()))
    }

    /// Puts a rule, which has the revisions of the table's kernel, into the table's bytes.
    pub(super) fn adopt(&mut self, mut rule: Rule) -> Result<Slot> {
        if let Some(name) = rule.jump() {
            self.seek(name, WantedRules::Behind)?;
        }
        let (jump, late) = self
            .check_new(&rule)
            .map_err(|error| show_rule(error.in_family(self.family).in_table(&self.name), &rule))?;
        if let Some(id) = jump {
            rule.set_jump_index(id);
        }
        self.push_entry(rule.bytes(), None, late)
    }

    /// The chain that a rule goes to, and whether its place has to be looked at when it is known from where it is reached.
    fn check_new(&self, rule: &Rule) -> Result<(Option<ChainId>, bool)> {
        let jump = match rule.jump() {
            None => None,
            Some(name) => {
                // The error's chain is the one that the rule is for, so it is not about the one that is lacking.
                let id = self.find_target(name).ok_or_else(|| self.error(self.unknown_target(name)))?;
                self.check_jump(id)?;
                Some(id)
            }
        };
        let mut late = false;
        let told = self.names_refusals();
        for extension in extensions(rule) {
            self.check_place(extension, rule.view().cx().protocol())?;
            // What the kernel says itself, and better, need not be found out before.
            late |= !told && extension.has_late_checks();
        }
        Ok((jump, late))
    }

    /// Whether rules may go to a chain.
    pub(crate) fn check_jump(&self, id: ChainId) -> Result<()> {
        let chain = &self.chains[id as usize];
        if chain.hook.is_none() {
            return Ok(());
        }
        Err(self.error(BadEdit::JumpToBuiltin).at_token(chain.name.to_text()))
    }

    /// Puts an entry, whose jump is an index of this table, into the table's bytes. The next commit looks at the hooks of
    /// `late` ones.
    #[inline]
    pub(super) fn push_entry(&mut self, entry: &[u8], kind: Option<Kind<'_>>, late: bool) -> Result<Slot> {
        let at = match self.stage_entry(entry, kind)? {
            Some(at) => at,
            None => self.push_bytes(entry)?,
        };
        let entry = Entry::new(self.family, entry);
        let slot = Slot { unchecked: late, ..Slot::new(entry, at, Origin::made(self.source)) };
        if let Some(id) = slot.jump.chain() {
            self.chains[id as usize].references += 1;
        }
        self.dirty = true;
        self.counts |= entry.counters() != Counters::ZERO;
        Ok(slot)
    }

    /// Appends an entry to the table's bytes; returns where it is.
    fn push_bytes(&mut self, entry: &[u8]) -> Result<u32> {
        if self.bytes.len() < HEADROOM {
            self.bytes.resize(HEADROOM, 0);
        }
        let at = u32::try_from(self.bytes.len())
            .ok()
            .filter(|at| at.checked_add(1 << 20).is_some())
            .ok_or_else(|| self.error(BadEdit::Large))?;
        memory::grow(&mut self.bytes, entry.len()).map_err(|_| self.error(Failure::OutOfMemory))?;
        self.bytes.extend_from_slice(entry);
        Ok(at)
    }

    /// The error for a rule that a chain does not have, or for a chain that does not exist either.
    pub(crate) fn no_such_rule(&self, chain: &[u8], rule: RuleRef<'_>) -> Error {
        // Where there is no chain, iptables does not come to ask what the target is.
        let standard = self.find(chain).is_none()
            || rule.entry.verdict().is_some_and(|verdict| !matches!(verdict, EntryVerdict::Jump(_)));
        let rule = rule.to_string();
        self.error(BadEdit::NoSuchRule { rule, standard }).in_chain(String::from_utf8_lossy(chain))
    }

    /// The error for a place that a chain does not have.
    pub(crate) fn no_such_index(&self, chain: super::Chain<'_>, index: usize, of: &'static str) -> Error {
        self.error(BadEdit::Index { index, len: chain.len(), of }).in_chain(chain.name())
    }

    /// The system that the rules are for.
    pub(crate) fn system(&self) -> &System {
        &self.system
    }

    pub(crate) fn put_counters(&mut self, at: u32, counters: Counters) {
        self.counts |= counters != Counters::ZERO;
        if let Some(entry) = self.bytes.get_mut(at as usize..) {
            put_counters(self.family, entry, counters);
        }
    }
}

/// The extensions of a rule that the library knows, as the kernel names them.
fn extensions(rule: &Rule) -> impl Iterator<Item = &'static Extension> {
    let entry = Entry::new(rule.family(), rule.bytes());
    let find = move |kind, name: &[u8]| index::find(kind, name, entry.family);
    let target =
        entry.verdict().is_none().then(|| find(ExtensionKind::Target, entry.target().name)).flatten();
    entry.matches().filter_map(move |matching| find(ExtensionKind::Match, matching.name)).chain(target)
}
