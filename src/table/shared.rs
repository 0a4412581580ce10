//! Names that the rules of all tables share: of what rules make by name, the kernel has one for a network namespace, with the settings
//! of the rule that came first, and refuses a rule that has others. Rules that a commit takes away are there until it is done.

use super::backend::Want;
use super::objects::{in_use, settings, text_of};
use super::{Store, Table};
use crate::blob::Entry;
use crate::error::Failure;
use crate::ext::Datum;
use crate::rule::MatchRef;
use crate::types::Family;
use crate::{Error, Result};

/// What makes a rate estimator.
pub(super) const ESTIMATES: &str = "RATEEST";

/// What makes something that others use by its name: the target, the option of the name, and the one that has to be the same in all of
/// them; `None` if every one has to.
const MAKERS: [(&str, &str, Option<&str>); 2] =
    [(ESTIMATES, "rateest-name", None), ("IDLETIMER", "label", Some("alarm"))];

/// What a rule makes.
#[derive(Clone, Debug)]
struct Made {
    target: &'static str,
    name: String,
    settings: Option<Vec<Datum>>,
}

/// Tables that are written before another one, by what their rules make.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before(Vec<Written>);

#[derive(Clone, Debug)]
struct Written {
    family: Family,
    table: String,
    made: Vec<Made>,
    /// Whether what it had before is there too.
    keeps: bool,
}

/// What has been made when a rule comes, which is found out when the first rule asks.
pub(super) struct Names<'a> {
    store: &'a Store,
    before: &'a Before,
    known: Option<Vec<Made>>,
}

/// Whether a match or target may have to do with such names.
pub(super) fn is_maker(kernel_name: &[u8]) -> bool {
    MAKERS.iter().any(|(target, ..)| target.as_bytes() == kernel_name)
}

/// What a part of a rule makes, with the option that names it.
fn made(part: &MatchRef<'_>) -> Option<(&'static str, Made)> {
    let (target, option, same) =
        MAKERS.iter().find(|(target, ..)| target.as_bytes() == part.kernel_name())?;
    Some((*option, Made { target, name: text_of(part, option)?, settings: settings(part, *same) }))
}

/// What the rules of a table make.
fn made_in(table: &Table) -> Vec<Made> {
    let table = table.whole();
    let slots = table.order.iter().flat_map(|id| &table.chains[*id as usize].rules);
    slots.filter_map(|slot| table.maker(table.entry(*slot))).filter_map(|part| Some(made(&part)?.1)).collect()
}

impl Table {
    /// The target of a rule, if it may make something. Few do, and only those are read.
    pub(super) fn maker<'a>(&'a self, entry: Entry<'a>) -> Option<MatchRef<'a>> {
        let makes = is_maker(entry.target().name) && entry.verdict().is_none();
        makes.then(|| self.view(entry).target().extension()).flatten()
    }
}

impl Before {
    /// Adds a table as it will be.
    pub(crate) fn add(&mut self, table: &Table) {
        let (family, name, made) = (table.family(), table.name().to_owned(), made_in(table));
        self.0.retain(|written| (written.family, &written.table) != (family, &name));
        // What is written in one step stays until its end.
        let keeps = table.store.backend.capabilities().atomic_over_tables;
        self.0.push(Written { family, table: name, made, keeps });
    }

    /// Ends a step.
    pub(crate) fn end_step(&mut self) {
        self.0.iter_mut().for_each(|written| written.keeps = false);
    }

    /// What there is when the next table is written. A table that cannot be read is none: then the commit has to say it.
    fn names(&self, store: &Store) -> Vec<Made> {
        let mut all = Vec::new();
        for family in Family::ALL.into_iter().chain([Family::Arp]) {
            for name in store.backend.tables(family).unwrap_or_default() {
                let replaces = |new: &Written| !new.keeps && (new.family, &new.table) == (family, &name);
                if !self.0.iter().any(replaces) {
                    let read = Table::read(store.clone(), family, &name, Want::All, None);
                    all.extend(read.iter().flat_map(made_in));
                }
            }
        }
        all.extend(self.0.iter().flat_map(|written| &written.made).cloned());
        all
    }
}

impl<'a> Names<'a> {
    pub(super) fn new(store: &'a Store, before: &'a Before) -> Names<'a> {
        Names { store, before, known: None }
    }

    fn known(&mut self) -> &mut Vec<Made> {
        self.known.get_or_insert_with(|| self.before.names(self.store))
    }

    /// Whether there is a rate estimator.
    pub(super) fn has_estimator(&mut self, name: &str) -> bool {
        self.known().iter().any(|made| made.target == ESTIMATES && made.name == name)
    }

    /// Fails if a part of the next rule makes something that is there with other settings.
    pub(super) fn make(&mut self, part: &MatchRef<'_>) -> Result<()> {
        let Some((option, new)) = made(part) else { return Ok(()) };
        let known = self.known();
        match known.iter().find(|made| (made.target, &made.name) == (new.target, &new.name)) {
            Some(made) if made.settings != new.settings => {
                let error = Error::from(Failure::Rule);
                Err(in_use(error.because(std::io::Error::from_raw_os_error(libc::EINVAL)), option, new.name))
            }
            Some(_) => Ok(()),
            None => {
                known.push(new);
                Ok(())
            }
        }
    }
}
