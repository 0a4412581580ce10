//! Random edits of a table: where the blob is edited in place they come to the same as where every commit writes a new one
//! because the old one is compared, and to the same as in a model that knows nothing of bytes.

#[path = "common/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use libfw::iptables::save;
use libfw::{Compare, Counters, Family, Kernel, MemoryKernel, Policy, Result, Table};
use random::Random;

const RULES: &[&str] = &[
    "-j ACCEPT",
    "-p tcp -m tcp --dport 22 -j DROP",
    "-s 10.1.2.3/32 -m comment --comment \"a comment that makes the rule longer than others are\" -j RETURN",
    "-p udp",
    "-m mark --mark 0x1/0xff -j LOG --log-prefix \"x: \"",
];

/// The rules of each chain of the users with their counters, and those of INPUT under an empty name.
type Model = BTreeMap<String, Vec<(String, Counters)>>;

fn chain_name(name: &str) -> &str {
    if name.is_empty() { "INPUT" } else { name }
}

/// One random edit of both tables and the model.
fn edit(random: &mut Random, model: &mut Model, tables: &mut [Table; 3]) -> Result<()> {
    let names: Vec<String> = model.keys().cloned().collect();
    let name = random.pick(&names).clone();
    let chain = chain_name(&name);
    let rules = model.get_mut(&name).expect("a known chain");
    let counters = Counters { packets: random.below(3) as u64, bytes: random.below(900) as u64 };
    match random.below(12) {
        0 => {
            let new = format!("chain{}", random.below(40));
            if let Entry::Vacant(place) = model.entry(new) {
                for table in &mut *tables {
                    table.new_chain(place.key())?;
                }
                place.insert(Vec::new());
            }
        }
        1 if !rules.is_empty() => {
            let index = random.below(rules.len());
            rules[index].1 = counters;
            for table in &mut *tables {
                table.chain_mut(chain)?.set_counters(index, counters)?;
            }
        }
        2 if !rules.is_empty() => {
            let index = random.below(rules.len());
            rules.remove(index);
            for table in &mut *tables {
                table.chain_mut(chain)?.remove(index)?;
            }
        }
        3 if !name.is_empty() && rules.is_empty() => {
            let used = model.values().flatten().any(|(rule, _)| rule.ends_with(&format!("-j {name}")));
            for table in &mut *tables {
                assert_eq!(table.delete_chain(&name).is_err(), used, "{name}");
            }
            if !used {
                model.remove(&name);
            }
        }
        4 if random.once_in(4) => {
            rules.clear();
            for table in &mut *tables {
                table.chain_mut(chain)?.flush();
            }
        }
        5 => {
            for (_, counters) in rules {
                *counters = Counters::ZERO;
            }
            for table in &mut *tables {
                table.chain_mut(chain)?.zero();
            }
        }
        6 => {
            let policy = if random.once_in(2) { Policy::Drop } else { Policy::Accept };
            for table in &mut *tables {
                table.chain_mut("FORWARD")?.set_policy(policy, Some(counters))?;
            }
        }
        kind => {
            let target = random.pick(&names);
            // Only down the alphabet, so that there is no loop.
            let rule = match *target > name && random.once_in(2) {
                true => format!("-p icmp -j {target}"),
                false => (*random.pick(RULES)).to_owned(),
            };
            let written = format!("-c {} {} {rule}", counters.packets, counters.bytes);
            let index = random.below(rules.len() + 1);
            let replace = kind == 7 && index < rules.len();
            for table in &mut *tables {
                let mut chain = table.chain_mut(chain)?;
                match (replace, kind) {
                    (true, _) => chain.replace(index, written.as_str())?,
                    (false, 8..) => chain.append(written.as_str())?,
                    (false, _) => chain.insert(index, written.as_str())?,
                }
            }
            match (replace, kind) {
                (true, _) => rules[index] = (rule, counters),
                (false, 8..) => rules.push((rule, counters)),
                (false, _) => rules.insert(index, (rule, counters)),
            }
        }
    }
    Ok(())
}

/// A table as a save file without comments.
fn saved(table: &Table) -> String {
    let mut out = Vec::new();
    save(table, true, &mut out).expect("a buffer takes everything");
    let text = String::from_utf8(out).expect("plain text");
    text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

fn assert_same(model: &Model, kernels: &[Kernel; 3], tables: &[Table; 3]) {
    let texts =
        kernels.each_ref().map(|kernel| saved(&kernel.open(Family::Ipv4, "filter").expect("a table")));
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    for (name, rules) in model {
        let chain = chain_name(name);
        let wanted: Vec<_> = rules
            .iter()
            .map(|(rule, counters)| format!("[{}:{}] -A {chain} {rule}", counters.packets, counters.bytes))
            .collect();
        let begins = format!("-A {chain} ");
        let found: Vec<_> = texts[0].lines().filter(|line| line.contains(&begins)).collect();
        assert_eq!(found, wanted, "{chain}");
        for table in tables {
            let held: Vec<_> =
                table.chain(chain).expect("a chain").rules().map(|rule| rule.to_string()).collect();
            assert_eq!(held, rules.iter().map(|(rule, _)| rule.clone()).collect::<Vec<_>>(), "{chain}");
        }
    }
}

fn edits_of(seed: u64) {
    let mut random = Random::new(seed);
    let kernels = [Compare::Never, Compare::UpTo(5000), Compare::Always]
        .map(|compare| MemoryKernel::new().kernel().with_compare(compare));
    let mut tables = [
        kernels[0].open_locked(Family::Ipv4, "filter").unwrap(),
        kernels[1].open_locked(Family::Ipv4, "filter").unwrap(),
        kernels[2].open(Family::Ipv4, "filter").unwrap(),
    ];
    let mut model = Model::from([(String::new(), Vec::new())]);
    for _ in 0..25 {
        for _ in 0..random.below(14) {
            edit(&mut random, &mut model, &mut tables).unwrap();
        }
        for table in &mut tables {
            table.commit().unwrap();
        }
        assert_same(&model, &kernels, &tables);
    }
}

#[test]
fn edits_in_place_and_in_a_new_blob_are_the_same() {
    std::thread::scope(|scope| {
        for seed in 1..=60 {
            scope.spawn(move || edits_of(seed));
        }
    });
}
