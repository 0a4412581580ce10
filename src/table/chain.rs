//! Chains of a table, to be read.

use std::borrow::Cow;
use std::fmt;

use super::IntoRule;
use super::rules;
use super::{ChainData, ChainId, Table};
use crate::Result;
use crate::rule::RuleRef;
use crate::types::{Counters, Family, Hook, Policy};

/// A chain of a [`Table`], to be read; [`ChainMut`](crate::ChainMut) is for editing.
///
/// ```
/// # let kernel = libfw::MemoryKernel::new().kernel();
/// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
/// # table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
/// if let Some(input) = table.chain("INPUT") {
///     println!("{}, {:?}", input.name(), input.policy());
///     for (index, rule) in input.rules().enumerate() {
///         println!("{index}: {rule}, {}", rule.counters());
///     }
/// }
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    pub(super) table: &'a Table,
    pub(super) id: ChainId,
}

impl<'a> Chain<'a> {
    /// The table that it is of.
    pub(crate) fn table(self) -> &'a Table {
        self.table
    }

    fn data(self) -> &'a ChainData {
        &self.table.chains[self.id as usize]
    }

    pub(crate) fn family(self) -> Family {
        self.table.family
    }

    /// The name of the chain; bytes that are not UTF-8 are replaced.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert_eq!(table.chain("INPUT").map(|chain| chain.name().into_owned()), Some("INPUT".to_owned()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name(self) -> Cow<'a, str> {
        self.data().name_text()
    }

    /// The name of the chain in bytes, since it need not be UTF-8.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain(b"caf\xe9")?;
    /// assert_eq!(table.chain(b"caf\xe9").unwrap().name_bytes(), b"caf\xe9");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name_bytes(self) -> &'a [u8] {
        self.data().name.as_bytes()
    }

    /// The hook of a built-in chain; `None` for one that a user made.
    ///
    /// ```
    /// use libfw::Hook;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// assert_eq!(table.chain("INPUT").unwrap().hook(), Some(Hook::Input));
    /// assert_eq!(table.chain("web").unwrap().hook(), None);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn hook(self) -> Option<Hook> {
        self.data().hook
    }

    /// The policy of a built-in chain; `None` for a chain that a user made.
    ///
    /// ```
    /// use libfw::Policy;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// assert_eq!(table.chain("INPUT").unwrap().policy(), Some(Policy::Accept));
    /// assert_eq!(table.chain("web").unwrap().policy(), None);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy(self) -> Option<Policy> {
        self.hook().map(|_| self.data().policy)
    }

    /// How many packets and bytes the policy of a built-in chain has decided on; zero for a chain that a user made.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let counters = table.chain("INPUT").unwrap().policy_counters();
    /// println!("{} packets met no rule of INPUT that decided", counters.packets);
    /// # assert_eq!(counters.packets, 0);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy_counters(self) -> Counters {
        self.table.chains.counters(self.id)
    }

    /// How many rules jump or go to this chain.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// table.chain_mut("INPUT")?.append("-p tcp --dport 80 -j web")?;
    /// assert_eq!(table.chain("web").unwrap().references(), 1);
    /// assert!(table.delete_chain("web").is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn references(self) -> usize {
        self.data().references as usize
    }

    /// The number of rules.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.extend(["-i lo -j ACCEPT", "-j DROP"])?;
    /// assert_eq!(table.chain("INPUT").unwrap().len(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn len(self) -> usize {
        self.data().rules.len()
    }

    /// Whether the chain has no rules.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert!(table.chain("FORWARD").unwrap().is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.data().rules.is_empty()
    }

    /// The rule at an index, counted from 0; `None` beyond the end.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let input = table.chain("INPUT").unwrap();
    /// assert_eq!(input.rule(0).unwrap().to_string(), "-i lo -j ACCEPT");
    /// assert!(input.rule(1).is_none());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rule(self, index: usize) -> Option<RuleRef<'a>> {
        self.data().rules.get(index).map(|slot| self.table.rule(*slot))
    }

    /// The rules in order.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.extend(["-i lo -j ACCEPT", "-j DROP"])?;
    /// for rule in table.chain("INPUT").unwrap().rules() {
    ///     println!("{} {rule}", rule.counters());
    /// }
    /// let last = table.chain("INPUT").unwrap().rules().next_back();
    /// assert_eq!(last.unwrap().to_string(), "-j DROP");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn rules(self) -> RuleIter<'a> {
        RuleIter { table: self.table, slots: self.data().rules.iter() }
    }

    /// The index of the first rule that is equal to this one, if there is any.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.extend(["-i lo -j ACCEPT", "-p tcp --dport 22 -j ACCEPT"])?;
    /// let input = table.chain("INPUT").unwrap();
    /// // However it is written.
    /// assert_eq!(input.position("-j ACCEPT -p TCP --destination-port 22")?, Some(1));
    /// assert_eq!(input.position("-p udp -j ACCEPT")?, None);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the rule cannot be made for this table: it is of another family, does not parse, or names a chain that
    /// does not exist.
    pub fn position(self, rule: impl IntoRule) -> Result<Option<usize>> {
        let rule = self.table.read_rule(self.id, rule)?;
        Ok(self.table.position(self.id, rule.view()))
    }

    /// The indices of all rules that are equal to this one, ascending.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.extend(["-p udp -j DROP", "-j ACCEPT", "-p 17 -j DROP"])?;
    /// let input = table.chain("INPUT").unwrap();
    /// assert_eq!(input.positions("-p udp -j DROP")?, [0, 2]);
    /// assert_eq!(input.positions("-p tcp -j DROP")?, []);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`position`](Chain::position).
    pub fn positions(self, rule: impl IntoRule) -> Result<Vec<usize>> {
        let rule = self.table.read_rule(self.id, rule)?;
        Ok(self.table.positions(self.id, rule.view()))
    }

    /// Whether the chain has a rule that is equal to this one.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-s 10.0.0.0/8 -j DROP")?;
    /// assert!(table.chain("INPUT").unwrap().contains("-s 10.0.0.0/255.0.0.0 -j DROP")?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`position`](Chain::position).
    pub fn contains(self, rule: impl IntoRule) -> Result<bool> {
        let rule = self.table.read_rule(self.id, rule)?;
        Ok(self.table.has(self.id, rule.view()))
    }
}

/// The rules of a chain in order; [`Chain::rules`] makes it.
#[derive(Clone)]
pub struct RuleIter<'a> {
    table: &'a Table,
    slots: rules::Iter<'a>,
}

impl<'a> Iterator for RuleIter<'a> {
    type Item = RuleRef<'a>;

    fn next(&mut self) -> Option<RuleRef<'a>> {
        self.slots.next().map(|slot| self.table.rule(*slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.slots.size_hint()
    }
}

impl DoubleEndedIterator for RuleIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.slots.next_back().map(|slot| self.table.rule(*slot))
    }
}

impl ExactSizeIterator for RuleIter<'_> {}

/// The rules that are still to come.
impl fmt::Debug for RuleIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The [rules](Chain::rules).
impl<'a> IntoIterator for Chain<'a> {
    type Item = RuleRef<'a>;
    type IntoIter = RuleIter<'a>;

    fn into_iter(self) -> RuleIter<'a> {
        self.rules()
    }
}

/// The [rules](Chain::rules).
impl<'a> IntoIterator for &Chain<'a> {
    type Item = RuleRef<'a>;
    type IntoIter = RuleIter<'a>;

    fn into_iter(self) -> RuleIter<'a> {
        self.rules()
    }
}

/// The [chains](Table::chains).
impl<'a> IntoIterator for &'a Table {
    type Item = Chain<'a>;
    type IntoIter = std::vec::IntoIter<Chain<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chains().collect::<Vec<_>>().into_iter()
    }
}

impl ChainData {
    pub(super) fn name_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.name.as_bytes())
    }
}
