//! Rules that are looked up by what they are: what the index of a chain answers is what comparing one rule after the other
//! would, whatever was edited in between; and it is fast.

#[path = "common/random.rs"]
mod random;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use libfw::{Family, MemoryKernel, Result, Rule, Table};
use random::Random;

/// Spellings of rules; those of a line are of the same rule.
const SPELLINGS: &[&[&str]] = &[
    &["-j ACCEPT", "-i + -j ACCEPT", "-p all -o + -j ACCEPT"],
    &["-p tcp --dport 22 -j DROP", "-p tcp -m tcp --destination-port 0x16 -j DROP"],
    &["-p tcp --sport 22 -j DROP"],
    &["-j second", "-c 5 600 -j second"],
    &["-g second"],
    &["-j third"],
    &["-m limit --limit 5/min -j LOG", "-m limit --limit 5/minute --limit-burst 5 -j LOG"],
    &["-s 10.0.0.0/8", "-s 10.1.2.3/8"],
];

/// The rule of a kind, in one of its spellings. Beyond those there are many kinds, each spelled in one way.
fn text(random: &mut Random, kind: usize) -> String {
    match SPELLINGS.get(kind) {
        Some(spellings) => (*random.pick(spellings)).to_owned(),
        None => format!("-s 192.168.{}.{} -j RETURN", kind / 256, kind % 256),
    }
}

/// One random edit of both tables' `first` and of the kinds of its rules, and one question.
fn step(random: &mut Random, model: &mut Vec<usize>, kinds: usize, tables: &mut [Table; 2]) -> Result<()> {
    let kind = random.below(kinds);
    let rule = text(random, kind);
    let rule = rule.as_str();
    let position = model.iter().position(|known| *known == kind);
    let index = random.below(model.len() + 1);
    let edit = random.below(100);
    let flush = random.once_in(4);
    for table in &mut *tables {
        let mut chain = table.chain_mut("first")?;
        match edit {
            0..30 => chain.append(rule)?,
            30..40 => chain.insert(index, rule)?,
            40..45 if index < model.len() => chain.replace(index, rule)?,
            45..55 if index < model.len() => chain.remove(index)?,
            55..70 => assert_eq!(chain.delete(rule).is_ok(), position.is_some()),
            70..85 => assert_eq!(chain.ensure(rule)?, position.is_none()),
            85..90 => {
                let same = model.iter().filter(|known| **known == kind).count();
                assert_eq!(chain.ensure_absent(rule)?, same);
            }
            90 => {
                let distinct = model.iter().collect::<HashSet<_>>().len();
                assert_eq!(chain.dedup(), model.len() - distinct);
            }
            91 if flush => chain.flush(),
            92 => chain.zero(),
            93 => {
                // The rules that go to it follow.
                table.rename_chain("third", "other")?;
                table.rename_chain("second", "third")?;
                table.rename_chain("third", "second")?;
                table.rename_chain("other", "third")?;
            }
            94 => table.commit().map(drop)?,
            _ => {}
        }
    }
    match edit {
        0..30 => model.push(kind),
        30..40 => model.insert(index, kind),
        40..45 if index < model.len() => model[index] = kind,
        45..55 if index < model.len() => drop(model.remove(index)),
        55..70 => drop(position.map(|position| model.remove(position))),
        70..85 if position.is_none() => model.push(kind),
        85..90 => model.retain(|known| *known != kind),
        90 => {
            let mut seen = HashSet::new();
            model.retain(|known| seen.insert(*known));
        }
        91 if flush => model.clear(),
        _ => {}
    }
    let kind = random.below(kinds);
    let rule = text(random, kind);
    let position = model.iter().position(|known| *known == kind);
    for table in tables {
        let chain = table.chain("first").expect("a chain");
        assert_eq!(chain.len(), model.len());
        assert_eq!(chain.contains(rule.as_str())?, position.is_some(), "{rule}");
        assert_eq!(chain.position(rule.as_str())?, position, "{rule}");
        let all: Vec<_> = (0..model.len()).filter(|at| model[*at] == kind).collect();
        assert_eq!(chain.positions(rule.as_str())?, all, "{rule}");
        let index = random.below(model.len() + 1);
        let shown = model.get(index).map(|kind| Rule::parse(Family::Ipv4, text(random, *kind)));
        assert_eq!(chain.rule(index).map(|rule| rule.to_rule()), shown.transpose()?);
    }
    Ok(())
}

fn lookups_of(seed: u64) {
    let mut random = Random::new(seed);
    let kernels = [MemoryKernel::new().kernel(), MemoryKernel::new().kernel()];
    let mut tables = [
        kernels[0].open_locked(Family::Ipv4, "filter").unwrap(),
        kernels[1].open(Family::Ipv4, "filter").unwrap(),
    ];
    for table in &mut tables {
        for name in ["first", "second", "third"] {
            table.new_chain(name).unwrap();
        }
    }
    let mut model = Vec::new();
    // Few kinds make many rules of each, many kinds a long chain.
    let kinds = [4, 12, 60, 900][random.below(4)];
    for _ in 0..2500 {
        step(&mut random, &mut model, kinds, &mut tables).unwrap();
    }
    for table in &tables {
        let held = table.chain("first").unwrap().rules().map(|rule| rule.to_rule());
        let wanted = model.iter().map(|kind| Rule::parse(Family::Ipv4, text(&mut random, *kind)));
        assert!(held.eq(wanted.map(Result::unwrap)), "seed {seed}");
    }
}

#[test]
fn an_index_answers_as_a_comparison_of_all() {
    std::thread::scope(|scope| {
        for seed in 1..=12 {
            scope.spawn(move || lookups_of(seed));
        }
    });
}

const MANY: usize = 20_000;
/// One after the other they would take minutes.
const SOON: Duration = Duration::from_secs(30);

fn many() -> impl Iterator<Item = Rule> {
    let line = |at| format!("-s 10.{}.{}.0/24 -p tcp --dport 80 -j ACCEPT", at / 256, at % 256);
    (0..MANY).map(move |at| Rule::parse(Family::Ipv4, line(at)).unwrap())
}

#[track_caller]
fn soon(what: &str, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let time = start.elapsed();
    println!("{what}: {time:?}");
    assert!(time < SOON, "{what}: {time:?}");
}

/// A table with many rules, twice each, one in front of the other.
fn twice(rules: &[Rule]) -> Table {
    let mut table = MemoryKernel::new().kernel().open_locked(Family::Ipv4, "filter").unwrap();
    let mut chain = table.chain_mut("INPUT").unwrap();
    rules.iter().chain(rules).for_each(|rule| chain.append(rule).unwrap());
    table
}

#[test]
fn many_rules_are_looked_up_soon() {
    let rules: Vec<_> = many().collect();
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open_locked(Family::Ipv4, "filter").unwrap();
    soon("ensure", || {
        for _ in 0..2 {
            for rule in &rules {
                table.chain_mut("INPUT").unwrap().ensure(rule).unwrap();
            }
        }
        assert_eq!(table.len(), MANY);
    });
    table.commit().unwrap();
    soon("contains", || {
        let chain = table.chain("INPUT").unwrap();
        assert!(rules.iter().all(|rule| chain.contains(rule).unwrap()));
    });
    soon("position", || {
        let chain = table.chain("INPUT").unwrap();
        assert!((0..).zip(&rules).all(|(at, rule)| chain.position(rule).unwrap() == Some(at)));
    });
    soon("positions", || {
        let chain = table.chain("INPUT").unwrap();
        assert!((0..).zip(&rules).all(|(at, rule)| chain.positions(rule).unwrap() == [at]));
    });
    soon("insert at the front", || {
        let mut chain = table.chain_mut("OUTPUT").unwrap();
        rules.iter().for_each(|rule| chain.insert(0, rule).unwrap());
        assert_eq!(chain.view().rule(0).unwrap().to_rule(), rules[MANY - 1]);
    });
    soon("position where the first is the newest", || {
        let chain = table.chain("OUTPUT").unwrap();
        assert!((0..).zip(rules.iter().rev()).all(|(at, rule)| chain.position(rule).unwrap() == Some(at)));
    });
    soon("delete", || {
        for rule in &rules {
            table.chain_mut("INPUT").unwrap().delete(rule).unwrap();
        }
        for rule in rules.iter().rev() {
            table.chain_mut("OUTPUT").unwrap().delete(rule).unwrap();
        }
        assert!(table.is_empty());
    });
    let mut table = twice(&rules);
    soon("dedup", || assert_eq!(table.chain_mut("INPUT").unwrap().dedup(), MANY));
    assert!(table.chain("INPUT").unwrap().rules().eq(rules.iter().map(Rule::view)));
    let mut table = twice(&rules);
    soon("ensure_absent", || {
        let mut chain = table.chain_mut("INPUT").unwrap();
        assert!(rules.iter().all(|rule| chain.ensure_absent(rule).unwrap() == 2));
        assert!(table.is_empty());
    });
    let mut table = twice(&rules);
    soon("remove", || {
        let mut chain = table.chain_mut("INPUT").unwrap();
        for left in (0..2 * MANY).rev() {
            assert!(chain.view().rule(left / 2).is_some());
            chain.remove(left / 2).unwrap();
        }
    });
    soon("all the same", || {
        let mut chain = table.chain_mut("INPUT").unwrap();
        (0..MANY).for_each(|_| chain.append(&rules[0]).unwrap());
        (0..MANY).for_each(|_| assert!(!chain.ensure(&rules[0]).unwrap()));
        (0..MANY / 2).for_each(|_| chain.delete(&rules[0]).unwrap());
        assert_eq!(chain.ensure_absent(&rules[0]).unwrap(), MANY / 2);
    });
    soon("a set", || assert_eq!(rules.iter().chain(&rules).collect::<HashSet<_>>().len(), MANY));
}

#[test]
fn many_chains_are_deleted_soon() {
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open_locked(Family::Ipv4, "filter").unwrap();
    soon("chains", || {
        for at in 0..MANY {
            table.new_chain(format!("c{at}")).unwrap();
        }
        table.commit().unwrap();
        for at in (0..MANY).filter(|at| at % 3 != 0) {
            table.delete_chain(format!("c{at}")).unwrap();
        }
    });
    let mut names: Vec<_> = (0..MANY).step_by(3).map(|at| format!("c{at}")).collect();
    names.sort();
    let users = |table: &Table| -> Vec<String> {
        table.chains().filter(|chain| chain.hook().is_none()).map(|chain| chain.name().into_owned()).collect()
    };
    assert_eq!(users(&table), names);
    // A name may come again while its old chain is still about.
    table.new_chain("c1").unwrap();
    table.delete_chain("c0").unwrap();
    names.retain(|name| name != "c0");
    names.push("c1".into());
    names.sort();
    assert_eq!(users(&table), names);
    table.commit().unwrap();
    assert_eq!(users(&kernel.open(Family::Ipv4, "filter").unwrap()), names);
    table.delete_chain("c1").unwrap();
    table.clear();
    assert!(table.chain("c1").is_none());
    assert_eq!(users(&table), Vec::<String>::new());
}
