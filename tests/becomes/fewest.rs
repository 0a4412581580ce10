//! The fewest changes by their definition.

use std::collections::BTreeMap;

use libfw::{Changes, Fate, Plan};

use crate::host::{Counted, Place};
use crate::longest::longest;

/// How many elements two lists have in common, wherever they are.
fn in_both<T: PartialEq + Clone>(a: &[T], b: &[T]) -> usize {
    let mut left = b.to_vec();
    let used = a.iter().filter(|x| left.iter().position(|y| y == *x).map(|at| left.remove(at)).is_some());
    used.count()
}

/// The length of the longest common subsequence in which the rules of others are, which are in the same order in both.
fn longest_around(a: &[String], b: &[String], is_other: &dyn Fn(&str) -> bool) -> usize {
    let parts = |list: &[String]| -> Vec<Vec<String>> {
        list.split(|rule| is_other(rule)).map(<[String]>::to_vec).collect()
    };
    let (a, b) = (parts(a), parts(b));
    assert_eq!(a.len(), b.len());
    a.iter().zip(&b).map(|(a, b)| longest(a, b)).sum::<usize>() + a.len() - 1
}

/// The fewest changes of a table, where chains have the new names that the plan says. Both in texts; counters are compared too.
pub fn fewest(
    plan: &Plan,
    place: Place,
    before: &BTreeMap<String, Counted>,
    after: &BTreeMap<String, Counted>,
    others: &dyn Fn(&str, &str) -> bool,
) -> Changes {
    let plans = plan.tables.iter().filter(|table| (table.family, table.table.as_str()) == place);
    let renamed: BTreeMap<String, String> = plans
        .flat_map(|table| &table.chains)
        .filter_map(|chain| match &chain.fate {
            Fate::Renamed { from } => {
                Some((chain.name_text().into_owned(), String::from_utf8_lossy(from).into_owned()))
            }
            _ => None,
        })
        .collect();
    // A rule of after, with the names of before.
    let old = |rule: &str| match rule.rsplit_once(' ') {
        Some((start, to)) => format!("{start} {}", renamed.get(to).map_or(to, String::as_str)),
        None => rule.to_owned(),
    };
    let mut changes = Changes::default();
    for (name, rules) in after {
        let was = renamed.get(name).unwrap_or(name);
        let have = before.get(was);
        let have: Vec<String> = have.into_iter().flatten().map(|(rule, _)| rule.clone()).collect();
        let want: Vec<String> = rules.iter().map(|(rule, _)| old(rule)).collect();
        let both = in_both(&have, &want);
        changes.added += want.len() - both;
        changes.removed += have.len() - both;
        changes.moved += both - longest_around(&have, &want, &|rule| others(name, rule));
        changes.chains_added += usize::from(!before.contains_key(was));
        changes.chains_renamed += usize::from(was != name);
        // Counters: those that are not 0 are those of different rules of before that are equal.
        let mut left: Vec<(String, u64)> =
            before.get(was).into_iter().flatten().map(|(rule, packets)| (rule.clone(), *packets)).collect();
        let mut counted = 0;
        for (rule, packets) in rules.iter().filter(|(_, packets)| *packets > 0) {
            let at = left.iter().position(|known| *known == (old(rule), *packets));
            left.remove(at.unwrap_or_else(|| panic!("{packets} packets in {rule}\n{plan}")));
            counted += 1;
        }
        assert_eq!(counted, both, "rules of {name} that keep their counters\n{plan}");
    }
    for (name, rules) in before {
        if !after.contains_key(name) && !renamed.values().any(|from| from == name) {
            changes.chains_removed += 1;
            changes.removed += rules.len();
        }
    }
    changes
}
