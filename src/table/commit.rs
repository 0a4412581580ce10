//! Commits: the checks before the backend is asked, and what it answered.

use super::Table;
use super::backend::{Change, Written};
use crate::error::{BadEdit, Warning};
use crate::{Error, Result};

/// What a commit did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Whether the kernel's table was replaced; not if there were no edits.
    pub changed: bool,
    /// The number of rules in the table now.
    pub rules: usize,
    /// Why the counters could not be put back after the replace, which starts them at zero; `None` when they are in
    /// place. The rules are in the kernel either way.
    pub counters_lost: Option<Error>,
    /// Whether a program that does not honour the lock has changed the table between the [last look](crate::Compare) at it
    /// and its replace: that change is lost, and counters are those of the last look. A table that is not compared is not
    /// looked at.
    pub overwritten: bool,
}

impl Report {
    /// What is odd about it.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> {
        let lost =
            self.counters_lost.as_ref().map(|error| Warning::CountersLost { reason: error.to_string() });
        lost.into_iter().chain(self.overwritten.then_some(Warning::Overwritten))
    }
}

impl Table {
    /// Writes the edits at once. Counters of rules that stay are carried over.
    ///
    /// A table that was not opened under the lock is locked and compared with the kernel's first.
    ///
    /// Once the kernel has taken the table the commit has succeeded, whatever comes after:
    /// [`Report::counters_lost`] says if the counters could not follow.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the table was changed since it was read;
    /// [`refresh`](Table::refresh) it and edit again. [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule),
    /// [`ErrorKind::Loop`](crate::ErrorKind::Loop),
    /// [`ErrorKind::ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable) and
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) when the kernel refuses what was written: nothing is changed
    /// then. [`ErrorKind::AlreadyOpen`](crate::ErrorKind::AlreadyOpen) when the table was not opened under the lock, but
    /// the same table was by this thread. Those of [`Kernel::lock`](crate::Kernel::lock).
    ///
    /// In a fork of the process that opened the table under the lock it is a `Conflict` too: the lock stays the parent's.
    pub fn commit(&mut self) -> Result<Report> {
        let rules = self.len();
        if !self.dirty {
            return Ok(Report { changed: false, rules, counters_lost: None, overwritten: false });
        }
        let _guard = match &self.claim {
            Some(claim) if claim.is_inherited() => return Err(self.error(BadEdit::LockOfParent)),
            Some(_) => None,
            None => Some(self.store.claim(self.family, &self.name)?),
        };
        self.read_policies()?;
        match self.store.backend.capabilities().looks_at_rules {
            true => self.check_new_rules()?,
            false => self.validate()?,
        }
        self.check_sets()?;
        let backend = self.store.backend.clone();
        let written = backend.write(&mut [Change { table: self }]).map_err(|error| self.explain(error))?;
        self.dirty = false;
        self.exists = true;
        self.counts = false;
        self.forget_sets();
        let Written { counters_lost, overwritten } = written.into_iter().next().unwrap_or_default();
        Ok(Report { changed: true, rules, counters_lost, overwritten })
    }

    /// Fails if the name of an ipset stands for another set than the rules were made with: they would match that one.
    fn check_sets(&self) -> Result<()> {
        match self.system.changed_set()? {
            None => Ok(()),
            Some(name) => Err(self.error(BadEdit::SetChanged).at_token(String::from_utf8_lossy(&name))),
        }
    }
}
