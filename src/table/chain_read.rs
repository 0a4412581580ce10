//! What can be read of a chain while it is being changed: what its view says.

use std::borrow::Cow;

use super::chain::RuleIter;
use super::{ChainMut, IntoRule};
use crate::Result;
use crate::rule::RuleRef;
use crate::types::{Counters, Hook, Policy};

impl ChainMut<'_> {
    /// The name of the chain, as [`Chain::name`](crate::Chain::name).
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert_eq!(table.chain_mut("INPUT")?.name(), "INPUT");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        self.view().name()
    }

    /// The hook of a built-in chain.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert_eq!(table.chain_mut("INPUT")?.hook(), Some(libfw::Hook::Input));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn hook(&self) -> Option<Hook> {
        self.view().hook()
    }

    /// The policy of a built-in chain.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// use libfw::Policy;
    ///
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.set_policy(Policy::Drop, None)?;
    /// assert_eq!(input.policy(), Some(Policy::Drop));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        self.view().policy()
    }

    /// What the policy has counted.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// use libfw::{Counters, Policy};
    ///
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.set_policy(Policy::Accept, Some(Counters::new(3, 180)))?;
    /// assert_eq!(input.policy_counters().packets, 3);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn policy_counters(&self) -> Counters {
        self.view().policy_counters()
    }

    /// How many rules there are now.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-i lo -j ACCEPT")?;
    /// assert_eq!(input.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there is no rule.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// assert!(table.chain_mut("INPUT")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// The rule at an index, counted from 0; `None` beyond the end.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-i lo -j ACCEPT")?;
    /// assert_eq!(input.rule(0).unwrap().to_string(), "-i lo -j ACCEPT");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rule(&self, index: usize) -> Option<RuleRef<'_>> {
        self.view().rule(index)
    }

    /// The rules in order.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-i lo -j ACCEPT", "-j DROP"])?;
    /// let texts: Vec<_> = input.rules().map(|rule| rule.to_string()).collect();
    /// assert_eq!(texts, ["-i lo -j ACCEPT", "-j DROP"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn rules(&self) -> RuleIter<'_> {
        self.view().rules()
    }

    /// Whether the chain has a rule that is equal to this one.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-s 10.0.0.0/8 -j DROP")?;
    /// assert!(input.contains("-s 10.0.0.0/255.0.0.0 -j DROP")?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Chain::position`](crate::Chain::position).
    pub fn contains(&self, rule: impl IntoRule) -> Result<bool> {
        self.view().contains(rule)
    }

    /// The index of the first rule that is equal to this one, if there is any.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-i lo -j ACCEPT", "-j DROP"])?;
    /// if let Some(last) = input.position("-j DROP")? {
    ///     input.insert(last, "-p tcp --dport 22 -j ACCEPT")?;
    /// }
    /// # assert_eq!(input.position("-j DROP")?, Some(2));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Chain::position`](crate::Chain::position).
    pub fn position(&self, rule: impl IntoRule) -> Result<Option<usize>> {
        self.view().position(rule)
    }
}
