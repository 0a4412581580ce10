//! How a table gets back what it had, whatever others have done to it since.

use std::collections::VecDeque;

use super::common::{Common, compare, numbered};
use super::{Fate, Scope, TablePlan};
use crate::Result;
use crate::rule::Rule;
use crate::table::Table;
use crate::types::hash::{HashMap, HashSet};
use crate::types::{Family, Policy};

/// What the chains of a plan had before it and after it.
#[derive(Debug)]
pub(crate) struct Reversal {
    pub(crate) family: Family,
    pub(crate) table: String,
    chains: Vec<Chain>,
}

#[derive(Debug)]
struct Chain {
    before: Option<State>,
    after: Option<State>,
}

#[derive(Debug)]
struct State {
    name: Vec<u8>,
    policy: Option<Policy>,
    rules: Vec<Rule>,
}

impl State {
    fn of(table: &Table, name: &[u8]) -> Option<State> {
        let chain = table.chain(name)?;
        let rules = chain.rules().map(|rule| rule.to_rule()).collect();
        Some(State { name: name.to_vec(), policy: chain.policy(), rules })
    }
}

impl Reversal {
    /// Applies a plan to a table, and remembers what its chains were and are.
    pub(crate) fn of(table: &mut Table, plan: &TablePlan) -> Result<Reversal> {
        let before: Vec<_> = plan
            .chains
            .iter()
            .map(|chain| if chain.fate == Fate::Added { None } else { State::of(table, chain.old_name()) })
            .collect();
        table.apply(plan)?;
        let after = plan.chains.iter().map(|chain| State::of(table, &chain.name));
        let chains = before.into_iter().zip(after).map(|(before, after)| Chain { before, after }).collect();
        Ok(Reversal { family: plan.family, table: plan.table.clone(), chains })
    }

    /// Whether the plan was carried out, as far as the table tells, in which others may have made changes of their own.
    pub(crate) fn is_made(&self, table: &Table) -> bool {
        self.chains.iter().any(|Chain { before, after }| match (before, after) {
            (None, None) => false,
            (None, Some(after)) => table.chain(&after.name).is_some(),
            (Some(before), None) => table.chain(&before.name).is_none(),
            (Some(before), Some(after)) => match State::of(table, &before.name) {
                None => table.chain(&after.name).is_some(),
                Some(now) => is_made(before, after, &now),
            },
        })
    }

    /// Gives a table back what it had. What others have added since stays, what they have deleted stays away.
    pub(crate) fn undo(&self, table: &mut Table) -> Result<()> {
        for Chain { before, after } in &self.chains {
            let Some(before) = before else { continue };
            if table.chain(&before.name).is_some() {
                continue;
            }
            match after.as_ref().filter(|after| table.chain(&after.name).is_some()) {
                Some(after) => table.move_chain(&after.name, &before.name)?,
                None => {
                    table.make_chain(&before.name)?;
                }
            }
        }
        let mut left = Vec::new();
        for Chain { before, after } in &self.chains {
            let name = match (before, after) {
                (Some(before), _) => &before.name,
                (None, Some(after)) => {
                    left.push(&after.name);
                    &after.name
                }
                (None, None) => continue,
            };
            let Some(chain) = table.chain(name) else { continue };
            let now: Vec<Rule> = chain.rules().map(|rule| rule.to_rule()).collect();
            let rules = |state: &Option<State>| state.as_ref().map_or(&[][..], |state| &state.rules).to_vec();
            let target = merged(&rules(before), &rules(after), &now);
            let policy = chain.policy();
            if target != now {
                table.chain_mut(name)?.sync(target)?;
            }
            let old = before.as_ref().and_then(|before| before.policy);
            let new = after.as_ref().and_then(|after| after.policy);
            if let Some(old) = old.filter(|old| policy == new && Some(*old) != new) {
                table.chain_mut(name)?.set_policy(old, None)?;
            }
        }
        // What others have put into a new chain, or let go to it, keeps it.
        for name in left {
            let idle = |chain: crate::table::Chain<'_>| chain.is_empty() && chain.references() == 0;
            if table.chain(name).is_some_and(idle) {
                table.delete_chain(name)?;
            }
        }
        Ok(())
    }
}

/// Whether a chain has more of the rules that come than before, or where none comes, less of those that go, or another order where
/// none goes.
fn is_made(before: &State, after: &State, now: &State) -> bool {
    if before.policy != after.policy && now.policy == after.policy {
        return true;
    }
    let lists = [&before.rules, &after.rules, &now.rules];
    let numbers = numbered(lists.into_iter().flatten());
    let mut counts: HashMap<u32, [usize; 3]> = HashMap::default();
    let mut numbers = numbers.into_iter();
    for (at, list) in lists.into_iter().enumerate() {
        numbers.by_ref().take(list.len()).for_each(|number| counts.entry(number).or_default()[at] += 1);
    }
    let any = |test: &dyn Fn(usize, usize, usize) -> bool| counts.values().any(|[a, b, c]| test(*a, *b, *c));
    if any(&|before, after, _| after > before) {
        any(&|before, after, now| after > before && now > before)
    } else if any(&|before, after, _| after < before) {
        any(&|before, after, now| after < before && now < before)
    } else {
        before.rules != after.rules && now.rules != before.rules
    }
}

/// All that a table had.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) family: Family,
    pub(crate) table: String,
    chains: Vec<State>,
}

impl Kept {
    pub(crate) fn of(table: &Table) -> Kept {
        let chains = table.chains().filter_map(|chain| State::of(table, chain.name_bytes())).collect();
        Kept { family: table.family, table: table.name.clone(), chains }
    }

    /// Gives a table back what it had, and nothing else.
    pub(crate) fn restore(&self, table: &mut Table) -> Result<()> {
        let mut draft = table.draft(&Scope::Tables);
        for chain in self.chains.iter().filter(|chain| draft.chain(&chain.name).is_none()).collect::<Vec<_>>()
        {
            draft.make_chain(&chain.name)?;
        }
        for State { name, policy, rules } in &self.chains {
            let mut chain = draft.chain_mut(name)?;
            // What iptables has no words for is left alone.
            chain.extend(rules.iter().filter(|rule| rule.entry().foreign().is_none()))?;
            if let Some(policy) = policy {
                chain.set_policy(*policy, None)?;
            }
        }
        let plan = table.plan(&draft, &Scope::Tables)?;
        table.apply(&plan)
    }
}

/// The rules of before with what others have changed between after and now.
fn merged(before: &[Rule], after: &[Rule], now: &[Rule]) -> Vec<Rule> {
    let all = numbered(before.iter().chain(after).chain(now));
    let (before_numbers, rest) = all.split_at(before.len());
    let (after_numbers, now_numbers) = rest.split_at(after.len());

    let pairs = |Common { stays, moves }: Common| -> HashMap<usize, usize> {
        stays.into_iter().chain(moves).collect()
    };
    // By place in the rules of after: where it is now, and where it was.
    let now_of = pairs(compare(after_numbers, now_numbers));
    let was_of = pairs(compare(after_numbers, before_numbers));
    let deleted: HashSet<usize> = (0..after.len())
        .filter(|at| !now_of.contains_key(at))
        .filter_map(|at| was_of.get(&at).copied())
        .collect();
    let ours: HashMap<usize, usize> = now_of.iter().map(|(after, now)| (*now, *after)).collect();
    // What goes back and is there all the same: they have put it back, or nothing was done.
    let mut gone: HashMap<u32, VecDeque<usize>> = HashMap::default();
    let stayed: HashSet<usize> = was_of.values().copied().collect();
    for (at, number) in before_numbers.iter().enumerate().filter(|(at, _)| !stayed.contains(at)) {
        gone.entry(*number).or_default().push_back(at);
    }
    // What others have added comes behind the rule that it is behind now.
    let mut behind: HashMap<Option<usize>, Vec<usize>> = HashMap::default();
    let mut last = None;
    for (at, number) in now_numbers.iter().enumerate() {
        match ours.get(&at) {
            Some(after) => last = was_of.get(after).copied().filter(|was| !deleted.contains(was)).or(last),
            None => match gone.get_mut(number).and_then(VecDeque::pop_front) {
                Some(back) => last = Some(back),
                None => behind.entry(last).or_default().push(at),
            },
        }
    }
    let added = |behind_this: Option<usize>| behind.get(&behind_this).into_iter().flatten();
    let mut target: Vec<Rule> = added(None).map(|at| now[*at].clone()).collect();
    for (at, rule) in before.iter().enumerate().filter(|(at, _)| !deleted.contains(at)) {
        target.push(rule.clone());
        target.extend(added(Some(at)).map(|at| now[*at].clone()));
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<Rule> {
        text.chars().map(|letter| Rule::parse(Family::Ipv4, format!("-i {letter}")).unwrap()).collect()
    }

    #[test]
    fn what_is_made_can_be_told() {
        let state = |text: &str| State { name: b"x".to_vec(), policy: None, rules: rules(text) };
        for (before, after, now, made) in [
            ("abc", "acd", "abc", false),
            ("abc", "acd", "acd", true),
            // Others have deleted what was there, or added to it.
            ("abc", "acd", "bc", false),
            ("abc", "acd", "xabc", false),
            ("abc", "acd", "xacd", true),
            ("abc", "acd", "d", true),
            ("abc", "ab", "abc", false),
            ("abc", "ab", "xab", true),
            ("aab", "ab", "ab", true),
            ("ab", "aab", "ab", false),
            ("abc", "cab", "abc", false),
            ("abc", "cab", "cab", true),
        ] {
            let [before, after, now] = [before, after, now].map(state);
            assert_eq!(is_made(&before, &after, &now), made, "{before:?} {after:?} {now:?}");
        }
    }

    #[test]
    fn changes_of_others_stay() {
        for (before, after, now, expected) in [
            ("abc", "abc", "abc", "abc"),
            ("abc", "acd", "acd", "abc"),
            // They add, before, between and behind.
            ("abc", "acd", "xacyd", "xabcy"),
            ("abc", "", "x", "xabc"),
            ("", "abc", "abxc", "x"),
            // They delete what was there before, and what is new.
            ("abc", "acd", "cd", "bc"),
            ("abc", "acd", "ac", "abc"),
            // Nothing was done yet.
            ("abc", "acd", "abc", "abc"),
            ("abcd", "dabc", "dabxc", "abxcd"),
            ("aab", "ab", "ab", "aab"),
        ] {
            let merged = merged(&rules(before), &rules(after), &rules(now));
            assert_eq!(merged, rules(expected), "{before} {after} {now}: {merged:?}");
        }
    }
}
