//! Counters and policy of a chain, to be changed.

use super::{ChainMut, Origin};
use crate::Result;
use crate::error::BadEdit;
use crate::types::{Counters, Hook, Policy};

impl ChainMut<'_> {
    /// Sets the counters of the policy and of every rule to what has arrived since they were read.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.zero();
    /// table.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn zero(&mut self) {
        let data = self.data();
        data.tail = data.tail.zeroed();
        if data.tail == Origin::SET {
            self.table.chains.set_counters(self.id, Counters::ZERO);
        }
        for index in 0..self.view().len() {
            self.zero_slot(index);
        }
        self.table.dirty = true;
    }

    /// Sets the counters of a rule to what has arrived since they were read.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-i lo -j ACCEPT")?;
    /// input.zero_rule(0)?;
    /// assert!(input.zero_rule(1).is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::IndexTooBig`](crate::ErrorKind::IndexTooBig).
    pub fn zero_rule(&mut self, index: usize) -> Result<()> {
        if index >= self.view().len() {
            return Err(self.index_error(index, "counter"));
        }
        self.zero_slot(index);
        self.table.dirty = true;
        Ok(())
    }

    fn zero_slot(&mut self, index: usize) {
        let Some(slot) = self.data().rules.get_mut(index) else { return };
        slot.origin = slot.origin.zeroed();
        if slot.origin.is_set() {
            let at = slot.at;
            self.table.put_counters(at, Counters::ZERO);
        }
    }

    /// Sets the counters of a rule.
    ///
    /// ```
    /// use libfw::Counters;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-i lo -j ACCEPT")?;
    /// input.set_counters(0, Counters { packets: 10, bytes: 840 })?;
    /// assert_eq!(input.view().rule(0).unwrap().counters().bytes, 840);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::IndexTooBig`](crate::ErrorKind::IndexTooBig).
    pub fn set_counters(&mut self, index: usize, counters: Counters) -> Result<()> {
        let Some(slot) = self.data().rules.get_mut(index) else {
            return Err(self.index_error(index, "counter"));
        };
        slot.origin = slot.origin.set();
        let at = slot.at;
        self.table.put_counters(at, counters);
        self.table.dirty = true;
        Ok(())
    }

    /// Sets the policy and its counters; with `None` the counters keep their values. Setting the policy that the chain already
    /// has is no edit.
    ///
    /// ```
    /// use libfw::Policy;
    ///
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.set_policy(Policy::Drop, None)?;
    /// assert_eq!(table.chain("INPUT").unwrap().policy(), Some(Policy::Drop));
    /// table.new_chain("web")?;
    /// assert!(table.chain_mut("web")?.set_policy(Policy::Drop, None).is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BuiltinChain`](crate::ErrorKind::BuiltinChain) when the chain is not built-in.
    pub fn set_policy(&mut self, policy: Policy, counters: Option<Counters>) -> Result<()> {
        if self.view().hook().is_none() {
            let name = self.view().name().into_owned();
            let hook = Hook::of_chain(name.as_bytes()).is_some();
            let error = self.table.error(BadEdit::PolicyOfUsers { hook });
            let error = if hook { error.at_token(name.clone()) } else { error };
            return Err(error.in_chain(name));
        }
        let id = self.id;
        if counters.is_none() {
            self.table.read_policies()?;
            // In a draft the one that is there is nobody's wish yet.
            if self.data().policy == policy && !self.table.unread.contains(&id) {
                return Ok(());
            }
        }
        self.table.unread.retain(|unread| *unread != id);
        let data = self.data();
        data.policy = policy;
        if let Some(counters) = counters {
            data.tail = Origin::SET;
            self.table.chains.set_counters(id, counters);
            self.table.counts |= counters != Counters::ZERO;
        }
        self.table.dirty = true;
        Ok(())
    }
}
