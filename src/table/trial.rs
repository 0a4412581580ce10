//! Which rule it is that the kernel refuses, where it does not say: they are tried in a namespace in which they harm nobody.

use super::backend::{Change, Compare, LockPolicy};
use super::objects::text_of;
use super::validate::{MOST_ERRORS, Reach, together};
use super::{ChainId, Store, Table};
use crate::blob::{Entry, EntryVerdict, ExtBytes, Header, push_extension, push_standard};
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
        let Some(trial) = self.trial() else { return error };
        let (tried, outside) = trial.suspects();
        let mut found = trial.refused(&tried).into_iter();
        match found.next() {
            Some(first) => first.with_others(found.collect()),
            None => match outside[..] {
                // What was not tried is to blame if nothing else is.
                [(id, part)] => trial.explain(error, id, Some(part)),
                _ => error,
            },
        }
    }

    fn trial(&self) -> Option<Trial<'_>> {
        let backend = self.store.backend.trial()?;
        let store = Store { policy: LockPolicy::UNLOCKED, compare: Compare::Never, ..Store::new(backend) };
        Some(Trial { table: self, reach: self.reach(), store })
    }

    /// Says what a commit would say, and changes nothing: the [checks](Table::validate) that need no kernel, whether the ipsets of
    /// its rules are still there, and what the kernel makes of the rules that are new. For that they are written in a network
    /// namespace which nobody else sees and which is gone afterwards; who may not make one hears what is known without it. Rules
    /// about objects of the namespace that is meant (ipsets, accounting objects, rate estimators, timeout policies), and those that
    /// change what all namespaces share (IDLETIMER, LED), are not tried.
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
        self.check_sets()?;
        let mut errors = self.faults();
        let known: Vec<_> =
            errors.iter().map(|error| (error.chain().map(str::to_owned), error.rule())).collect();
        if let Some(trial) = self.trial() {
            let (mut tried, outside) = trial.suspects();
            // Whether the kernel has the match or target can be asked without a trial.
            for (rule, _) in outside {
                let parts = trial.parts(rule);
                let extensions = parts.iter().flatten().filter_map(MatchRef::extension);
                let lacking = extensions.map(|known| self.check_kernel_has(known)).find_map(Result::err);
                errors.extend(lacking.map(|error| trial.at(error, rule)));
            }
            tried.retain(|(chain, index)| {
                let name = self.chains[*chain as usize].name_text();
                !known.iter().any(|(known, rule)| known.as_deref() == Some(&*name) && *rule == Some(*index))
            });
            errors.extend(trial.refused(&tried));
        }
        together(errors)
    }
}

/// A match of a rule by its index; behind the last one, its target.
type Part = usize;

struct Trial<'a> {
    table: &'a Table,
    reach: Reach,
    store: Store,
}

impl<'a> Trial<'a> {
    /// The new rules that can be tried, and those that cannot, with the part that is in the way.
    fn suspects(&self) -> (Vec<RuleId>, Vec<(RuleId, Part)>) {
        let (mut tried, mut outside) = (Vec::new(), Vec::new());
        for id in &self.table.order {
            for (index, slot) in self.table.chains[*id as usize].rules.iter().enumerate() {
                let rule = (*id, index);
                // What the kernel has taken before it takes again.
                if slot.origin.index().is_some() {
                    continue;
                }
                let parts = self.parts(rule);
                let is_outside =
                    |part: &Option<MatchRef<'_>>| part.is_some_and(|part| belongs_to_namespace(&part));
                match parts.iter().position(is_outside) {
                    Some(part) => outside.push((rule, part)),
                    None => tried.push(rule),
                }
            }
        }
        tried.truncate(MOST);
        (tried, outside)
    }

    fn entry(&self, (chain, index): RuleId) -> Option<Entry<'a>> {
        let slot = self.table.chains.get(chain as usize)?.rules.get(index)?;
        Some(self.table.entry(*slot))
    }

    /// The matches of a rule and behind them its target, if that is an extension.
    fn parts(&self, rule: RuleId) -> Vec<Option<MatchRef<'a>>> {
        self.entry(rule).map(|entry| self.table.parts(entry)).unwrap_or_default()
    }

    /// What is wrong with the rules that the kernel refuses.
    fn refused(&self, rules: &[RuleId]) -> Vec<Error> {
        let (mut rest, mut errors) = (rules, Vec::new());
        while errors.len() < MOST_ERRORS
            && let Some((index, error)) = self.first_refused(rest)
        {
            let rule = rest[index];
            errors.push(self.explain(error, rule, self.refused_part(rule)));
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
        let parts = self.parts(rule).len();
        (0..parts).find(|part| self.bytes(rule, Some(*part)).is_some_and(|entry| self.fit(&[entry]).is_err()))
    }

    /// The bytes of a rule, or of one with a single part of it, and the hooks to which it belongs.
    fn bytes(&self, rule: RuleId, only: Option<Part>) -> Option<(HookMask, Vec<u8>)> {
        let entry = self.entry(rule)?;
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
        Some((self.reach.of(chain, index), bytes))
    }

    /// Whether the kernel takes the rules.
    fn fit(&self, rules: &[(HookMask, Vec<u8>)]) -> Result<()> {
        let (family, name) = (self.table.family, &self.table.name);
        let claim = self.store.claim(family, name)?;
        let mut table = Table::cleared(self.store.clone(), family, name, claim)?;
        let known = table.hooks;
        for (hooks, bytes) in rules {
            // What no packet comes to is looked at all the same.
            let reached = known.iter().filter(|hook| hooks.contains(*hook)).collect::<Vec<_>>();
            let hooks = if reached.is_empty() { known.iter().take(1).collect() } else { reached };
            for hook in hooks {
                table.chain_mut(hook.chain_name())?.insert_entry(None, bytes, false)?;
            }
        }
        self.store.backend.write(&mut [Change { table: &mut table }]).map(drop)
    }

    /// The error of the table as one of the rule.
    fn explain(&self, error: Error, rule: RuleId, part: Option<Part>) -> Error {
        let part = part.and_then(|part| self.parts(rule).get(part).copied().flatten());
        let error = match &part {
            Some(part) => self.table.reason(error, part),
            None => error,
        };
        self.at(error, rule)
    }

    fn at(&self, error: Error, (chain, index): RuleId) -> Error {
        let chain = self.table.chains[chain as usize].name_text().into_owned();
        error.in_family(self.table.family).in_table(&self.table.name).moved(chain, index)
    }
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
