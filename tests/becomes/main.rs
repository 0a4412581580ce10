//! Whatever several tables of both families are and whatever they are to be, they become it by the fewest changes; what is outside
//! of a scope stays, to the last counter; whoever is killed meanwhile leaves the old rules or the new ones.
//!
//! `LIBFW_ENDURANCE=whole cargo test --test becomes -- --nocapture` goes on with other random numbers for many minutes.

mod fewest;
mod host;
mod killed;
mod scopes;
mod seeds;

#[path = "../common/longest.rs"]
mod longest;
#[path = "../common/random.rs"]
mod random;

use std::collections::BTreeMap;

use libfw::{Changes, Kernel, Scope};
use libfw_playground::test;

use fewest::fewest;
use host::{Host, Model, PLACES, changed, expected, fill, make, random_model, rank, see, without_counters};
use random::Random;
use scopes::scopes;
use seeds::{in_memory, on_kernels};

/// Some tables become others, together.
fn becomes(kernel: &Kernel, random: &mut Random) -> libfw::Result<()> {
    let before: Host = PLACES.into_iter().map(|place| (place, random_model(random, place))).collect();
    make(kernel, &before)?;
    let seen = see(kernel)?;
    assert_eq!(without_counters(&seen), expected(&before));
    // What is desired of some of the tables; the others stay.
    let mut after = before.clone();
    let mut desired = kernel.desired(Scope::Tables);
    for place in PLACES {
        if random.once_in(3) {
            continue;
        }
        let new = if random.once_in(4) {
            random_model(random, place)
        } else {
            changed(random, place, &before[&place])
        };
        fill(desired.table(place.0, place.1)?, &new)?;
        after.insert(place, new);
    }
    let planned = desired.plan()?;
    let applied = desired.apply()?;
    let plan = applied.plan;
    assert_eq!(planned, plan);
    let now = see(kernel)?;
    assert_eq!(without_counters(&now), expected(&after), "{plan}");
    let (mut changes, mut policies) = (Changes::default(), 0);
    for place in PLACES {
        let ((old, old_drops), (new, new_drops)) = (&seen[&place], &now[&place]);
        let fewest = fewest(&plan, place, old, new, &|_, _| false);
        changes.added += fewest.added;
        changes.removed += fewest.removed;
        changes.moved += fewest.moved;
        changes.chains_added += fewest.chains_added;
        changes.chains_removed += fewest.chains_removed;
        changes.chains_renamed += fewest.chains_renamed;
        policies += old_drops.symmetric_difference(new_drops).count();
    }
    changes.policies = policies;
    // On nf_tables a built-in chain that nobody has used is not there, which is no change.
    assert_eq!(plan.changes(), changes, "{plan}");
    assert_eq!(applied.reports.iter().any(|report| report.changed), before != after, "{plan}");
    let again = desired.apply()?;
    assert!(!again.changed() && again.reports.iter().all(|report| !report.changed), "{}", again.plan);
    assert_eq!(see(kernel)?, now);
    Ok(())
}

/// Chains that have nothing but another name: no rule is written anew.
fn renamed(kernel: &Kernel, random: &mut Random) -> libfw::Result<()> {
    let place = *random.pick(&PLACES);
    let mut before = random_model(random, place);
    // Each chain has a rule that no other has.
    for (number, lines) in before.chains.values_mut().enumerate() {
        lines.retain(|line| line.1.is_some() || line.0 < 100);
        for more in 0..2 + 2 * lines.len() {
            lines.push((100 * (number + 1) + 5 * more, None));
        }
    }
    make(kernel, &Host::from([(place, before.clone())]))?;
    let names: BTreeMap<String, String> = before
        .chains
        .keys()
        .filter(|name| rank(name) > 0)
        .map(|name| (name.clone(), format!("{name}-{}", random.below(9))))
        .collect();
    let new = |name: &String| names.get(name).unwrap_or(name).clone();
    let mut after = Model { drops: before.drops.clone(), ..Model::default() };
    for (name, lines) in &before.chains {
        let lines = lines.iter().map(|(kind, to)| (*kind, to.as_ref().map(new))).collect();
        after.chains.insert(new(name), lines);
    }
    let mut desired = kernel.desired(Scope::Tables);
    fill(desired.table(place.0, place.1)?, &after)?;
    let plan = desired.apply()?.plan;
    let mut changes = Changes::default();
    changes.chains_renamed = names.len();
    assert_eq!(plan.changes(), changes, "{plan}");
    Ok(())
}

#[test]
fn tables_of_both_families() {
    in_memory(25, becomes);
}

#[test]
fn tables_of_the_kernel() {
    test(|play| on_kernels(play, 15, becomes));
}

#[test]
fn chains_that_only_have_another_name() {
    in_memory(50, renamed);
}

#[test]
fn chains_of_the_kernel_that_only_have_another_name() {
    test(|play| on_kernels(play, 15, renamed));
}

#[test]
fn parts_of_tables() {
    in_memory(150, scopes);
}

#[test]
fn parts_of_tables_of_the_kernel() {
    test(|play| on_kernels(play, 40, scopes));
}
