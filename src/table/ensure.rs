//! Rules that a chain is to have once, or not at all.

use super::IntoRule;
use super::{ChainMut, Position, Table};
use crate::rule::{Equivalence, Rule};
use crate::types::hash::HashSet;
use crate::{ErrorKind, Result};

impl Table {
    /// The chain of that name, to be changed; it is made if it is not there.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.ensure_chain("bans")?.append("-s 192.0.2.7 -j DROP")?;
    /// assert_eq!(table.ensure_chain("bans")?.len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`new_chain`](Table::new_chain), but for [`ErrorKind::ChainExists`].
    pub fn ensure_chain(&mut self, name: impl AsRef<[u8]>) -> Result<ChainMut<'_>> {
        match self.new_chain(name.as_ref()) {
            Err(error) if error.kind() != ErrorKind::ChainExists => Err(error),
            _ => self.chain_mut(name),
        }
    }
}

impl ChainMut<'_> {
    /// Adds the rule at the end unless the chain has it already. Returns whether it was added.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// assert!(input.ensure("-i lo -j ACCEPT")?);
    /// assert!(!input.ensure("-i lo -j ACCEPT")?);
    /// assert_eq!(input.view().len(), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`append`](ChainMut::append).
    pub fn ensure(&mut self, rule: impl IntoRule) -> Result<bool> {
        let rule = self.read_rule(rule)?;
        let missing = !self.table.has(self.id, rule.view());
        if missing {
            let slot = self.adopt(rule)?;
            self.put(self.view().len(), slot);
        }
        Ok(missing)
    }

    /// Makes sure that the chain has the rule at a place: adds it, or moves the first equal one there, with its counters. Returns
    /// whether anything was changed.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Position};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let mut forward = table.chain_mut("FORWARD")?;
    /// forward.append("-p tcp -j ACCEPT")?;
    /// assert!(forward.ensure_at("-s 10.0.0.9 -j DROP", &Position::First)?);
    /// assert!(!forward.ensure_at("-s 10.0.0.9 -j DROP", &Position::First)?);
    /// assert_eq!(forward.view().rule(0).unwrap().to_string(), "-s 10.0.0.9/32 -j DROP");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchRule`](crate::ErrorKind::NoSuchRule) when the rule that the position names is not there, and those of
    /// [`append`](ChainMut::append).
    pub fn ensure_at(&mut self, rule: impl IntoRule, position: &Position) -> Result<bool> {
        let rule = self.read_rule(rule)?;
        let len = self.view().len();
        let reference = |rule: &Rule| match self.view().position(rule)? {
            Some(index) => Ok(index),
            None => Err(self.table.no_such_rule(self.view().name_bytes(), rule.view())),
        };
        // The index that it would have if it was added.
        let place = match position {
            Position::First => 0,
            Position::Last => len,
            Position::Before(other) => reference(other)?,
            Position::After(other) => reference(other)? + 1,
        };
        let own = self.table.position(self.id, rule.view());
        // A rule that is there is where it is, for all that can be said of its place beside itself.
        if let Position::Before(other) | Position::After(other) = position
            && own.is_some()
            && own == self.view().position(other)?
        {
            return Ok(false);
        }
        let is_it = |index: usize| self.table.is_same_at(self.id, index, rule.view());
        // Where several are the same, one may be there already.
        let there = match position {
            Position::First | Position::After(_) => Some(place),
            Position::Last | Position::Before(_) => place.checked_sub(1),
        };
        if there.is_some_and(is_it) {
            return Ok(false);
        }
        match own {
            Some(from) => self.move_rule(from, if from < place { place - 1 } else { place })?,
            None => {
                let slot = self.adopt(rule)?;
                self.put(place, slot);
            }
        }
        Ok(true)
    }

    /// As [`ensure`](ChainMut::ensure), with another [`Equivalence`] of rules.
    ///
    /// ```
    /// use libfw::{Equivalence, Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-m state --state NEW -j LOG")?;
    /// assert!(!input.ensure_by("-m conntrack --ctstate NEW -j LOG", Equivalence::Meaning)?);
    /// assert!(input.ensure("-m conntrack --ctstate NEW -j LOG")?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`append`](ChainMut::append).
    pub fn ensure_by(&mut self, rule: impl IntoRule, how: Equivalence) -> Result<bool> {
        let rule = self.read_rule(rule)?;
        if how == Equivalence::Meaning && self.view().rules().any(|known| known.is_same(rule.view(), how)) {
            return Ok(false);
        }
        self.ensure(rule)
    }

    /// Deletes every rule that is equal to this one. Returns how many there were.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-p tcp", "-p udp", "-p tcp"])?;
    /// assert_eq!(input.ensure_absent("-p tcp")?, 2);
    /// assert_eq!(input.ensure_absent("-p tcp")?, 0);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Chain::position`](crate::Chain::position).
    pub fn ensure_absent(&mut self, rule: impl IntoRule) -> Result<usize> {
        let rule = self.read_rule(rule)?;
        Ok((0..).take_while(|_| self.delete_same(rule.view())).count())
    }

    /// Deletes every rule that is equal to an earlier one of the chain. Returns how many there were.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-p tcp", "-p udp", "-p tcp"])?;
    /// assert_eq!(input.dedup(), 1);
    /// assert_eq!(input.view().len(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn dedup(&mut self) -> usize {
        let mut repeated = self.table.repeated(self.id).into_iter();
        self.keep(|_| repeated.next() != Some(true))
    }

    /// As [`dedup`](ChainMut::dedup), with another [`Equivalence`] of rules.
    ///
    /// ```
    /// use libfw::{Equivalence, Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-p udp -m multiport --sports 53,67", "-p udp -m multiport --sports 67,53"])?;
    /// assert_eq!(input.dedup(), 0);
    /// assert_eq!(input.dedup_by(Equivalence::Meaning), 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn dedup_by(&mut self, how: Equivalence) -> usize {
        if how == Equivalence::Exact {
            return self.dedup();
        }
        let mut seen = HashSet::default();
        let repeated: Vec<bool> =
            self.view().rules().map(|rule| !seen.insert(rule.meaning(rule.jump))).collect();
        let mut repeated = repeated.into_iter();
        self.keep(|_| repeated.next() != Some(true))
    }
}
