//! Which rule it is that the kernel refuses, where it does not say: they are tried in a namespace in which they harm nobody.

use std::cell::OnceCell;
use std::io;

use super::backend::{Change, Compare, LockPolicy};
use super::objects::{made, text_of};
use super::shared::Names;
use super::validate::{MOST_ERRORS, Reach};
use super::{Before, ChainId, Store, Table};
use crate::blob::{Entry, EntryVerdict, ExtBytes, Header, push_extension, push_standard};
use crate::error::{Failure, Mistake};
use crate::rule::MatchRef;
use crate::types::HookMask;
use crate::{Error, Result};

/// The most rules that are tried: each attempt replaces a table of them.
const MOST: usize = 50_000;

/// What is left out, because it is about objects of the namespace that is meant, or changes what all namespaces share.
const OUTSIDE: [&str; 6] = ["set", "SET", "nfacct", "rateest", "IDLETIMER", "LED"];

/// A rule by its place.
type RuleId = (ChainId, usize);

impl Table {
    /// The error with the rules that it is about, if they can be found out.
    pub(super) fn blame(&self, error: Error) -> Error {
        match self.trial() {
            Ok(Some(trial)) => {
                let (tried, mut outside) = trial.suspects();
                let mut found = trial.refused(&tried).into_iter();
                match found.next() {
                    Some(first) => first.with_others(found.collect()),
                    // What was not tried is to blame if nothing else is, or what has a name that another table uses too.
                    None => {
                        let names = tried.into_iter().map(|rule| (rule, self.part_that_makes(rule)));
                        outside.extend(names.filter(|(_, part)| part.is_some()));
                        self.blame_some(error, &outside)
                    }
                }
            }
            Ok(None) => error,
            Err(why) => {
                let rules: Vec<_> = self.new_rules().collect();
                match rules[..] {
                    [rule] => self.blame_some(error, &[(rule, self.part_in_doubt(rule))]),
                    _ => self.blame_named(error, &rules, why),
                }
            }
        }
    }

    /// The error as one of rules of which one or more are to blame, for the part that goes with each.
    fn blame_some(&self, error: Error, rules: &[(RuleId, Option<Part>)]) -> Error {
        let about = |(rule, part): &(RuleId, Option<Part>)| self.about(again(&error), *rule, *part);
        let all: Vec<_> = rules.iter().map(about).collect();
        // Some name what the kernel says that it lacks.
        let (named, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| !is_plain(found));
        let mut suspects = if named.is_empty() { others } else { named };
        suspects.truncate(MOST_ERRORS);
        if suspects.len() > 1 {
            suspects = suspects.into_iter().map(Error::suspected).collect();
        }
        let mut suspects = suspects.into_iter();
        match suspects.next() {
            Some(first) => first.with_others(suspects.collect()),
            None => error,
        }
    }

    /// The error as one of those rules that name what the kernel says that it lacks, where none can be tried.
    #[cold]
    fn blame_named(&self, error: Error, rules: &[RuleId], why: io::Error) -> Error {
        let names = |rule: &RuleId| {
            let parts = 0..self.rule_parts(*rule).len();
            let named = |part: &Part| !is_plain(&self.about(again(&error), *rule, Some(*part)));
            Some((*rule, Some(parts.into_iter().find(named)?)))
        };
        let named: Vec<_> = match error.errno() {
            Some(libc::ENOENT) => rules.iter().filter_map(names).collect(),
            _ => Vec::new(),
        };
        if named.is_empty() { error.untried(why) } else { self.blame_some(error, &named) }
    }

    /// What of a rule is most likely wrong: what is about objects, or what it has alone.
    fn part_in_doubt(&self, rule: RuleId) -> Option<Part> {
        let parts = self.rule_parts(rule);
        let is_outside = |part: &Option<MatchRef<'_>>| part.is_some_and(|part| belongs_to_namespace(&part));
        let known = parts.iter().filter(|part| part.is_some()).count();
        let alone = || parts.iter().position(Option::is_some).filter(|_| known == 1);
        parts.iter().position(is_outside).or_else(alone)
    }

    /// What of a rule makes something with a name that rules of other tables may use.
    fn part_that_makes(&self, rule: RuleId) -> Option<Part> {
        self.rule_parts(rule).iter().position(|part| part.is_some_and(|part| made(&part).is_some()))
    }

    /// The rules that the kernel has not taken before.
    fn new_rules(&self) -> impl Iterator<Item = RuleId> {
        self.order.iter().flat_map(|id| {
            let rules = self.chains[*id as usize].rules.iter().enumerate();
            rules.filter(|(_, slot)| slot.origin.index().is_none()).map(|(index, _)| (*id, index))
        })
    }

    fn entry_of(&self, (chain, index): RuleId) -> Option<Entry<'_>> {
        let slot = self.chains.get(chain as usize)?.rules.get(index)?;
        Some(self.entry(*slot))
    }

    /// The matches of a rule and behind them its target, if that is an extension.
    fn rule_parts(&self, rule: RuleId) -> Vec<Option<MatchRef<'_>>> {
        self.entry_of(rule).map(|entry| self.parts(entry)).unwrap_or_default()
    }

    /// The error of the table as one of the rule.
    fn about(&self, error: Error, rule: RuleId, part: Option<Part>) -> Error {
        let part = part.and_then(|part| self.rule_parts(rule).get(part).copied().flatten());
        let error = match &part {
            Some(part) => self.reason(error, part),
            None => error,
        };
        self.at(error, rule)
    }

    fn at(&self, error: Error, (chain, index): RuleId) -> Error {
        let chain = self.chains[chain as usize].name_text().into_owned();
        error.in_family(self.family).in_table(&self.name).moved(chain, index)
    }

    fn trial(&self) -> io::Result<Option<Trial<'_>>> {
        let Some(backend) = self.store.backend.trial()? else { return Ok(None) };
        let store = Store { policy: LockPolicy::UNLOCKED, compare: Compare::Never, ..Store::new(backend) };
        let trial = Trial { table: self, reach: self.reach(), store };
        // Where nothing can be written every rule would be to blame.
        trial.empty().and_then(|mut table| trial.write(&mut table)).map_err(|error| match error.errno() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::other(error.to_string()),
        })?;
        Ok(Some(trial))
    }

    /// Fails as a commit would, and changes nothing. It makes the [checks](Table::validate) that need no kernel, looks whether
    /// the ipsets of the rules still exist, and has the kernel try the new rules in a network namespace that nobody else sees and
    /// that is gone afterwards. A process that may not make a namespace gets the result of the checks alone. Rules about objects
    /// of the real namespace (ipsets, accounting objects, rate estimators, timeout policies), and those that change what all
    /// namespaces share (IDLETIMER, LED), are not tried. It warns of what
    /// [`validate`](Table::validate) warns of.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.append("-m owner --uid-owner 0 -j ACCEPT")?;
    /// input.append("-m string --algo none --string x -j DROP")?;
    /// let error = table.rehearse().unwrap_err();
    /// assert_eq!((error.kind(), error.rule()), (ErrorKind::InvalidRule, Some(0)));
    /// assert_eq!((error.others()[0].kind(), error.others()[0].rule()), (ErrorKind::NoSuchObject, Some(1)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Table::commit) but for conflicts with others. Where several rules are wrong, [`Error::others`] has the
    /// rest, up to a hundred.
    pub fn rehearse(&self) -> Result<()> {
        self.rehearse_after(&self.store.before())
    }

    /// The same behind tables that are written before it.
    pub(crate) fn rehearse_after(&self, before: &Before) -> Result<()> {
        self.whole().rehearse_here(before)
    }

    fn rehearse_here(&self, before: &Before) -> Result<()> {
        self.check_sets()?;
        self.tell_odd();
        let mut errors = self.faults(before);
        let known: Vec<_> =
            errors.iter().map(|error| (error.chain().map(str::to_owned), error.rule())).collect();
        let is_known = |(chain, index): &RuleId| {
            let name = self.chains[*chain as usize].name_text();
            known.iter().any(|(known, rule)| known.as_deref() == Some(&*name) && *rule == Some(*index))
        };
        // Who may not make a namespace hears what is known without one.
        if let Ok(Some(trial)) = self.trial() {
            let (mut tried, outside) = trial.suspects();
            // Whether the kernel has the match or target can be asked without a trial, and what other rules make is known.
            let mut names = Names::new(&self.store, before);
            for (rule, _) in outside.into_iter().filter(|(rule, _)| !is_known(rule)) {
                let parts = self.rule_parts(rule);
                let found = parts.iter().flatten().find_map(|part| {
                    let extension = part.extension()?;
                    let checked =
                        self.check_kernel_has(extension).and_then(|()| self.check_objects(part, &mut names));
                    checked.err().map(|error| error.in_extension(extension.name))
                });
                errors.extend(found.map(|error| self.at(error, rule)));
            }
            tried.retain(|rule| !is_known(rule));
            errors.extend(trial.refused(&tried));
        }
        self.told(errors)
    }
}

/// A match of a rule by its index; behind the last one, its target.
type Part = usize;

/// A rule as it is tried.
struct Tried {
    /// The hooks from which it is reached.
    hooks: HookMask,
    /// Whether it is tried in a chain that they jump to.
    beside: bool,
    bytes: Vec<u8>,
}

struct Trial<'a> {
    table: &'a Table,
    reach: Reach,
    store: Store,
}

impl<'a> Trial<'a> {
    /// The new rules that can be tried, and those that cannot, with the part that is in the way.
    fn suspects(&self) -> (Vec<RuleId>, Vec<(RuleId, Option<Part>)>) {
        let (mut tried, mut outside) = (Vec::new(), Vec::new());
        let takes_owners = OnceCell::new();
        for rule in self.table.new_rules() {
            let parts = self.table.rule_parts(rule);
            let is_outside = |part: &MatchRef<'_>| {
                belongs_to_namespace(part)
                    || part.kernel_name() == b"owner" && !takes_owners.get_or_init(|| self.takes_owners())
            };
            match parts.iter().position(|part| part.is_some_and(|part| is_outside(&part))) {
                Some(part) => outside.push((rule, Some(part))),
                None => tried.push(rule),
            }
        }
        tried.truncate(MOST);
        (tried, outside)
    }

    /// Whether rules may name users here: the kernel allows it to processes of the user namespace that the network belongs to.
    fn takes_owners(&self) -> bool {
        let appended = self.empty().and_then(|mut table| {
            table.chain_mut("OUTPUT")?.append("-m owner --uid-owner 0")?;
            Ok(table)
        });
        appended.is_ok_and(|mut table| self.write(&mut table).is_ok())
    }

    /// What is wrong with the rules that the kernel refuses.
    fn refused(&self, rules: &[RuleId]) -> Vec<Error> {
        let (mut rest, mut errors) = (rules, Vec::new());
        while errors.len() < MOST_ERRORS
            && let Some((index, error)) = self.first_refused(rest)
        {
            let rule = rest[index];
            errors.push(self.table.about(error, rule, self.refused_part(rule)));
            rest = &rest[index + 1..];
        }
        errors
    }

    /// The first of the rules that the kernel refuses, and its answer.
    fn first_refused(&self, rules: &[RuleId]) -> Option<(usize, Error)> {
        let entries =
            |count: usize| rules[..count].iter().filter_map(|id| self.bytes(*id, None)).collect::<Vec<_>>();
        let mut answer = if rules.is_empty() { None } else { self.fit(&entries(rules.len())).err() }?;
        // So many are taken, so many are not.
        let (mut good, mut bad) = (0, rules.len());
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            match self.fit(&entries(middle)) {
                Ok(()) => good = middle,
                Err(error) => (bad, answer) = (middle, error),
            }
        }
        let alone = self.bytes(rules[good], None).and_then(|entry| self.fit(&[entry]).err());
        Some((good, alone.unwrap_or(answer)))
    }

    /// The part of a rule that the kernel refuses by itself.
    fn refused_part(&self, rule: RuleId) -> Option<Part> {
        let parts = self.table.rule_parts(rule).len();
        (0..parts).find(|part| self.bytes(rule, Some(*part)).is_some_and(|entry| self.fit(&[entry]).is_err()))
    }

    /// A rule, or one with a single part of it.
    fn bytes(&self, rule: RuleId, only: Option<Part>) -> Option<Tried> {
        let entry = self.table.entry_of(rule)?;
        let family = self.table.family;
        let mut header = entry.header();
        header.goto = false;
        let mut bytes = Vec::new();
        header.push(family, &mut bytes);
        let mut matches = 0;
        for (index, matching) in entry.matches().enumerate() {
            if only.is_none_or(|part| part == index) {
                push(&mut bytes, matching)?;
            }
            matches = index + 1;
        }
        let target_offset = bytes.len();
        match entry.verdict().is_none() && only.is_none_or(|part| part == matches) {
            true => push(&mut bytes, entry.target())?,
            // Where it would go does not matter.
            false => push_standard(&mut bytes, EntryVerdict::Return),
        }
        Header::finish(family, &mut bytes, 0, target_offset)?;
        let (chain, index) = rule;
        // What nf_tables checks of a rule in a base chain it does not check of one that is reached from there.
        let beside = self.table.is_nft() && self.table.chains.get(chain as usize)?.hook.is_none();
        Some(Tried { hooks: self.reach.of(chain, index), beside, bytes })
    }

    /// Whether the kernel takes the rules.
    fn fit(&self, rules: &[Tried]) -> Result<()> {
        let mut table = self.empty()?;
        let known = table.hooks;
        for Tried { hooks, beside, bytes } in rules {
            let reached = known.iter().filter(|hook| hooks.contains(*hook)).collect::<Vec<_>>();
            if *beside {
                // One chain for all that are reached from the same hooks.
                let name = format!("trial-{}", hooks.bits());
                if table.chain(&name).is_none() {
                    table.new_chain(&name)?;
                    for hook in reached {
                        table.chain_mut(hook.chain_name())?.append(format!("-j {name}"))?;
                    }
                }
                table.chain_mut(&name)?.insert_entry(None, bytes, false)?;
                continue;
            }
            // What no packet comes to is looked at all the same.
            let hooks = if reached.is_empty() { known.iter().take(1).collect() } else { reached };
            for hook in hooks {
                table.chain_mut(hook.chain_name())?.insert_entry(None, bytes, false)?;
            }
        }
        self.write(&mut table)
    }

    /// The table without rules.
    fn empty(&self) -> Result<Table> {
        let (family, name) = (self.table.family, &self.table.name);
        let claim = self.store.claim(family, name)?;
        Table::cleared(self.store.clone(), family, name, claim)
    }

    fn write(&self, table: &mut Table) -> Result<()> {
        self.store.backend.write(&mut [Change { table }]).map(drop)
    }
}

/// The kernel's answer to a whole table once more.
fn again(error: &Error) -> Error {
    let same = Error::from(match error.mistake() {
        Mistake::Failure(Failure::Lacking) => Failure::Lacking,
        Mistake::Failure(Failure::WriteRefused) => Failure::WriteRefused,
        _ => Failure::Rule,
    });
    match error.errno() {
        Some(number) => same.because(io::Error::from_raw_os_error(number)),
        None => same,
    }
}

/// Whether no more is known of it than the kernel's answer.
fn is_plain(error: &Error) -> bool {
    matches!(error.mistake(), Mistake::Failure(Failure::Lacking | Failure::WriteRefused | Failure::Rule))
}

fn push(bytes: &mut Vec<u8>, part: ExtBytes<'_>) -> Option<()> {
    let data = |out: &mut Vec<u8>| {
        out.extend_from_slice(part.data);
        Ok::<_, Error>(())
    };
    push_extension(bytes, part.name, part.revision, data).ok()?
}

/// Whether it is about an object of the namespace, or of the whole host.
fn belongs_to_namespace(part: &MatchRef<'_>) -> bool {
    let name = part.kernel_name();
    OUTSIDE.iter().any(|outside| outside.as_bytes() == name)
        // A timeout policy is of the namespace, a helper of the host.
        || name == b"CT" && text_of(part, "timeout").is_some()
}
