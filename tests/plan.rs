//! Plans: any table becomes any other by the fewest changes, what stays keeps its counters, and a second time there is nothing to do.

use std::collections::{BTreeMap, HashMap};
use std::io;

use libfw::{
    Changes, Counters, ErrorKind, Family, Fate, Kernel, MemoryKernel, Policy, Position, Rule, Scope, Table,
};
use libfw_playground::test;

#[path = "common/longest.rs"]
mod longest;
#[path = "common/random.rs"]
mod random;
use longest::longest;
use random::Random;

/// Chains with their rules by number, and where the policy is DROP.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    chains: BTreeMap<String, Vec<usize>>,
    drops: Vec<String>,
}

const BUILT_IN: [&str; 3] = ["INPUT", "FORWARD", "OUTPUT"];

/// A rule by its number. Some go to the chain `leaf`, which is always there.
fn text(kind: usize) -> String {
    match kind % 4 {
        0 => format!("-p tcp -m tcp --dport {} -j ACCEPT", 1000 + kind),
        1 => format!("-s 10.0.0.{kind}/32 -j RETURN"),
        2 => format!("-p udp -m comment --comment \"number {kind}\" -j leaf"),
        _ => format!("-d 10.1.0.{kind}/32 -m limit --limit 5/sec -j LOG"),
    }
}

fn random_model(random: &mut Random, names: &[&str]) -> Model {
    let mut model = Model::default();
    let kinds = *random.pick(&[3, 10, 50]);
    model.chains.insert("leaf".into(), Vec::new());
    for name in BUILT_IN.iter().chain(names) {
        if BUILT_IN.contains(name) || random.once_in(2) {
            let rules = (0..random.below(12)).map(|_| random.below(kinds)).collect();
            model.chains.insert((*name).into(), rules);
        }
    }
    model.drops = BUILT_IN.iter().filter(|_| random.once_in(3)).map(|name| (*name).into()).collect();
    model
}

/// Edits some chains and names others anew.
fn changed(random: &mut Random, model: &Model) -> Model {
    let mut after = Model::default();
    for (name, rules) in &model.chains {
        let mut rules = rules.clone();
        let edits = if name == "leaf" { 0 } else { random.below(4) };
        for _ in 0..edits {
            let at = random.below(rules.len() + 1);
            match random.below(3) {
                0 => rules.insert(at, random.below(60)),
                1 if at < rules.len() => drop(rules.remove(at)),
                _ if at < rules.len() => {
                    let rule = rules.remove(at);
                    let to = random.below(rules.len() + 1);
                    rules.insert(to, rule);
                }
                _ => {}
            }
        }
        let user = name != "leaf" && !BUILT_IN.contains(&name.as_str());
        if user && random.once_in(5) {
            continue;
        }
        let name = if user && random.once_in(3) { format!("{name}-new") } else { name.clone() };
        after.chains.insert(name, rules);
    }
    after.drops = BUILT_IN.iter().filter(|_| random.once_in(3)).map(|name| (*name).into()).collect();
    after
}

fn fill(table: &mut Table, model: &Model) -> libfw::Result<()> {
    for name in model.chains.keys().filter(|name| !BUILT_IN.contains(&name.as_str())) {
        table.new_chain(name)?;
    }
    for name in BUILT_IN {
        let drops = model.drops.iter().any(|drop| drop == name);
        table.chain_mut(name)?.set_policy(if drops { Policy::Drop } else { Policy::Accept }, None)?;
    }
    for (name, rules) in &model.chains {
        table.chain_mut(name)?.extend(rules.iter().map(|kind| text(*kind)))?;
    }
    Ok(())
}

fn read(table: &Table) -> Model {
    let number: HashMap<String, usize> = (0..60).map(|kind| (text(kind), kind)).collect();
    let mut model = Model::default();
    for chain in table.chains() {
        let rules = chain.rules().map(|rule| number[&rule.to_string()]).collect();
        model.chains.insert(chain.name().into_owned(), rules);
        if chain.policy() == Some(Policy::Drop) {
            model.drops.push(chain.name().into_owned());
        }
    }
    model
}

/// The fewest changes of the rules of a chain.
fn fewest(a: &[usize], b: &[usize]) -> Changes {
    let mut left: Vec<usize> = b.to_vec();
    let mut both = 0;
    for rule in a {
        if let Some(at) = left.iter().position(|other| other == rule) {
            left.remove(at);
            both += 1;
        }
    }
    let mut changes = Changes::default();
    changes.added = b.len() - both;
    changes.removed = a.len() - both;
    changes.moved = both - longest(a, b);
    changes
}

/// One table becomes another, in a kernel whose rules have counters of their own.
fn becomes(kernel: &Kernel, before: &Model, after: &Model) -> libfw::Result<Changes> {
    kernel.update(Family::Ipv4, "filter", |table| {
        table.clear();
        fill(table, before)?;
        let mut packets = 0;
        for name in before.chains.keys() {
            for index in 0..before.chains[name].len() {
                packets += 1;
                table.chain_mut(name)?.set_counters(index, Counters::new(packets, 2 * packets))?;
            }
        }
        Ok(())
    })?;
    let mut table = kernel.open_locked(Family::Ipv4, "filter")?;
    let counted = counters(&table);
    let mut desired = table.draft(&Scope::Tables);
    fill(&mut desired, after)?;
    let plan = table.plan(&desired, &Scope::Tables)?;
    let back = table.plan(&desired, &Scope::Tables)?.inverse();
    table.apply(&plan)?;
    let report = table.commit()?;
    assert_eq!(report.changed, before != after, "{plan}");
    assert_eq!(plan.is_empty(), before == after);
    drop(table);

    let mut table = kernel.open_locked(Family::Ipv4, "filter")?;
    assert_eq!(read(&table), *after, "{plan}");
    // Every rule that is not new has the counters of an equal rule of before.
    let mut unused = counted.clone();
    let mut kept = 0;
    for counted in counters(&table).into_iter().filter(|(_, counters)| *counters != Counters::ZERO) {
        let at = unused.iter().position(|known| *known == counted).expect("counters of an equal rule");
        unused.remove(at);
        kept += 1;
    }
    assert_eq!(kept, counted.len() - plan.changes().removed, "{plan}");
    // A second time there is nothing to do.
    let again = table.plan(&desired, &Scope::Tables)?;
    assert!(again.is_empty() && again.to_string() == "# IPv4 filter\n", "{again}");
    table.apply(&again)?;
    assert!(!table.commit()?.changed);
    // A plan is for one state.
    if !plan.is_empty() {
        assert_eq!(table.apply(&plan).unwrap_err().kind(), ErrorKind::Conflict, "{plan}");
        assert!(!table.is_changed());
    }
    // And back.
    table.apply(&back)?;
    assert_eq!(read(&table), *before, "{back}");
    let mut restored = counters(&table);
    let mut first = counted;
    restored.sort_by_key(|(rule, counters)| (rule.clone(), counters.packets));
    first.sort_by_key(|(rule, counters)| (rule.clone(), counters.packets));
    assert_eq!(restored, first, "{back}");
    Ok(plan.changes())
}

fn counters(table: &Table) -> Vec<(String, Counters)> {
    let rules = table.chains().flat_map(|chain| chain.rules());
    rules.map(|rule| (rule.to_string(), rule.counters())).collect()
}

fn rounds(kernel: &Kernel, rounds: u64) -> libfw::Result<()> {
    for seed in 0..rounds {
        let mut random = Random::new(seed);
        let before = random_model(&mut random, &["a", "b", "c"]);
        if seed % 2 == 0 {
            // Chains keep their names, so that the fewest changes are known.
            let mut after = random_model(&mut random, &["a", "b", "c"]);
            let names: Vec<_> = before.chains.keys().cloned().collect();
            for name in &names {
                after.chains.entry(name.clone()).or_default();
            }
            after.chains.retain(|name, _| names.contains(name));
            let changes = becomes(kernel, &before, &after)?;
            let each = before.chains.iter().map(|(name, rules)| fewest(rules, &after.chains[name]));
            let sum =
                each.fold((0, 0, 0), |sum, one| (sum.0 + one.added, sum.1 + one.removed, sum.2 + one.moved));
            assert_eq!((changes.added, changes.removed, changes.moved), sum, "{before:?} {after:?}");
            assert_eq!(changes.chains_added + changes.chains_removed + changes.chains_renamed, 0);
        } else {
            let after = changed(&mut random, &before);
            becomes(kernel, &before, &after)?;
        }
    }
    Ok(())
}

#[test]
fn tables_in_memory() {
    rounds(&MemoryKernel::new().kernel(), 600).unwrap();
}

#[test]
fn tables_of_the_kernel() {
    test(|play| {
        let done = play.together([(Kernel::legacy(), 150), (Kernel::nft(), 60)], |(kernel, number)| {
            rounds(&kernel, number).map_err(|error| match error.kind() {
                ErrorKind::BackendAbsent => io::Error::new(io::ErrorKind::Unsupported, error.to_string()),
                _ => io::Error::other(error),
            })
        });
        done.map(drop)
    });
}

fn filter() -> Table {
    MemoryKernel::new().kernel().open(Family::Ipv4, "filter").unwrap()
}

/// A table of lines `CHAIN RULE`; a line without a rule makes a chain.
fn lines(table: &mut Table, lines: &[&str]) {
    for line in lines {
        let (name, rule) = line.split_once(' ').unwrap_or((line, ""));
        if table.chain(name).is_none() {
            table.new_chain(name).unwrap();
        }
        if !rule.is_empty() {
            table.chain_mut(name).unwrap().append(rule).unwrap();
        }
    }
}

fn shown(table: &Table) -> Vec<String> {
    let rules = |chain: libfw::Chain<'_>| -> Vec<String> {
        chain.rules().map(|rule| format!("{} {rule}", chain.name())).collect()
    };
    table.chains().flat_map(rules).collect()
}

#[test]
fn lines_of_a_plan() {
    let mut table = filter();
    lines(
        &mut table,
        &[
            "old",
            "gone -j DROP",
            "old -p tcp -j ACCEPT",
            "old -p udp -j ACCEPT",
            "INPUT -j old",
            "INPUT -i a",
        ],
    );
    lines(&mut table, &["INPUT -i b", "INPUT -i c", "FORWARD -j gone"]);
    let mut after = table.draft(&Scope::Tables);
    lines(&mut after, &["new -p tcp -j ACCEPT", "new -p udp -j ACCEPT", "more -j LOG"]);
    lines(&mut after, &["INPUT -i c", "INPUT -j new", "INPUT -i a", "INPUT -i d -j more"]);
    after.chain_mut("OUTPUT").unwrap().set_policy(Policy::Drop, None).unwrap();
    let plan = table.diff(&after).unwrap();
    let expected = "\
# IPv4 filter
- :OUTPUT ACCEPT
+ :OUTPUT DROP
- :gone -
+ :more -
- :old -  # renamed to new
+ :new -  # renamed from old
+ -A INPUT -i c  # moved from 4
- -A INPUT -i b
- -A INPUT -i c  # moved to 1
+ -A INPUT -i d -j more
- -A FORWARD -j gone
- -A gone -j DROP
+ -A more -j LOG
";
    assert_eq!(plan.to_string(), expected);
    assert_eq!(
        plan.changes().to_string(),
        "2 rules added, 3 removed, 1 moved, 1 chain added, 1 removed, 1 renamed, 1 policy changed"
    );
    let new = plan.chains.iter().find(|chain| chain.name == b"new").unwrap();
    assert_eq!(new.fate, Fate::Renamed { from: b"old".to_vec() });
    assert_eq!((new.kept, new.rules.len()), (2, 0));
    table.apply(&plan).unwrap();
    assert!(table.diff(&after).unwrap().is_empty());
    assert_eq!(Changes::default().to_string(), "no changes");
}

/// What a scope does not speak of stays, whatever is desired.
#[test]
fn scopes_leave_others_alone() {
    let others = ["INPUT -i lo -j ACCEPT", "docker -s 10.0.0.1/32 -j DROP", "INPUT -j docker"];
    for (scope, desired, expected) in [
        (
            Scope::prefix("web-"),
            vec!["web-in -p tcp -j ACCEPT", "web-in -j docker", "INPUT -j web-in"],
            vec![
                "INPUT -i lo -j ACCEPT",
                "INPUT -j docker",
                "INPUT -j web-in",
                "docker -s 10.0.0.1/32 -j DROP",
                "web-in -p tcp -j ACCEPT",
                "web-in -j docker",
            ],
        ),
        (
            Scope::chains(["docker"]),
            vec!["docker -p udp -j DROP", "docker -s 10.0.0.1/32 -j DROP"],
            vec![
                "INPUT -i lo -j ACCEPT",
                "INPUT -j docker",
                "docker -p udp -j DROP",
                "docker -s 10.0.0.1/32 -j DROP",
            ],
        ),
        // A chain that is not desired any more goes, and the rules that go to it.
        (Scope::chains(["docker"]), vec![], vec!["INPUT -i lo -j ACCEPT"]),
        (
            Scope::owner("web:"),
            vec![
                "INPUT -p tcp -m comment --comment \"web: 1\" -j ACCEPT",
                "docker -p udp -m comment --comment \"web:2\" -j DROP",
            ],
            vec![
                "INPUT -i lo -j ACCEPT",
                "INPUT -j docker",
                "INPUT -p tcp -m comment --comment \"web: 1\" -j ACCEPT",
                "docker -s 10.0.0.1/32 -j DROP",
                "docker -p udp -m comment --comment \"web:2\" -j DROP",
            ],
        ),
    ] {
        let mut table = filter();
        lines(&mut table, &others);
        let mut draft = table.draft(&scope);
        lines(&mut draft, &desired);
        let plan = table.plan(&draft, &scope).unwrap();
        table.apply(&plan).unwrap();
        assert_eq!(shown(&table), expected, "{scope}: {plan}");
        assert!(table.plan(&draft, &scope).unwrap().is_empty());
        // With nothing desired any more, what the scope is about goes.
        let plan = table.plan(&table.draft(&scope), &scope).unwrap();
        table.apply(&plan).unwrap();
        let left: Vec<_> = others.iter().filter(|line| shown(&table).contains(&(**line).into())).collect();
        let docker = scope == Scope::chains(["docker"]);
        assert_eq!(left.len(), if docker { 1 } else { 3 }, "{scope}: {plan}");
        assert_eq!(shown(&table).len(), left.len());
    }
}

#[test]
fn rules_outside_of_the_scope_are_mistakes() {
    for (scope, line, message) in [
        (Scope::prefix("web-"), "INPUT -p tcp -j ACCEPT", "chains that begin with web-"),
        (Scope::owner("web:"), "INPUT -p tcp -j ACCEPT", "the mark \"web:\""),
        (Scope::owner("web:"), "INPUT -m comment --comment \"my web:\" -j ACCEPT", "the mark \"web:\""),
    ] {
        let table = filter();
        let mut draft = table.draft(&scope);
        lines(&mut draft, &[line]);
        let error = table.plan(&draft, &scope).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!((error.chain(), error.rule()), (Some("INPUT"), Some(0)));
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn scopes_that_would_take_everything_or_break_lines_are_mistakes() {
    let long = "m".repeat(256);
    for (scope, message) in [
        (Scope::prefix(""), "an empty prefix"),
        (Scope::owner(""), "bad mark \"\""),
        (Scope::owner("a\n-A INPUT -j ACCEPT\n#"), "bad mark \"a\\n-A"),
        (Scope::owner("a\0b"), "bad mark \"a\\0b\""),
        (Scope::owner(&long), "1 to 255 bytes"),
    ] {
        let table = filter();
        assert!(scope.check().unwrap_err().to_string().contains(message));
        let errors = [
            table.plan(&table.draft(&scope), &scope).unwrap_err(),
            MemoryKernel::new().kernel().desired(scope.clone()).table(Family::Ipv4, "filter").unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(message), "{error}");
        }
    }
    assert!(filter().plan(&filter(), &Scope::owner(&long[1..])).is_ok());
}

#[test]
fn ensure_at_a_place() {
    let mut table = filter();
    lines(&mut table, &["INPUT -i a", "INPUT -i b", "INPUT -i c"]);
    let rule = |text: &str| Rule::parse(Family::Ipv4, text).unwrap();
    let mut input = table.chain_mut("INPUT").unwrap();
    input.set_counters(2, Counters::new(7, 7)).unwrap();
    for (text, position, changed, order) in [
        ("-i c", Position::First, true, "cab"),
        ("-i c", Position::First, false, "cab"),
        ("-i d", Position::Last, true, "cabd"),
        ("-i c", Position::Last, true, "abdc"),
        ("-i c", Position::Last, false, "abdc"),
        ("-i c", Position::Before(rule("-i b")), true, "acbd"),
        ("-i c", Position::Before(rule("-i b")), false, "acbd"),
        ("-i c", Position::After(rule("-i b")), true, "abcd"),
        ("-i c", Position::After(rule("-i b")), false, "abcd"),
        ("-i e", Position::Before(rule("-i a")), true, "eabcd"),
        ("-i e", Position::After(rule("-i d")), true, "abcde"),
    ] {
        assert_eq!(input.ensure_at(text, &position).unwrap(), changed, "{text} {position:?}");
        let rules: String = input.view().rules().map(|rule| rule.to_string().replace("-i ", "")).collect();
        assert_eq!(rules, order, "{text} {position:?}");
        let c = input.view().position("-i c").unwrap().unwrap();
        assert_eq!(input.view().rule(c).unwrap().counters(), Counters::new(7, 7));
    }
    let error = input.ensure_at("-i x", &Position::Before(rule("-i nowhere"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchRule);
    assert_eq!(input.view().len(), 5);
}

/// A whole table from code; a copy of one stays what it was.
#[test]
fn a_table_from_code() {
    let mut table = filter();
    let rules = [("INPUT", vec!["-p tcp -j web", "-j DROP"]), ("web", vec!["-i lo -j ACCEPT"])];
    let before = table.copy();
    let plan = table.sync(rules.clone()).unwrap();
    assert_eq!(plan.changes().to_string(), "3 rules added, 1 chain added");
    assert_eq!(before.diff(&table).unwrap(), plan);
    table.commit().unwrap();
    assert!(table.sync(rules).unwrap().is_empty() && !table.is_changed());
    let error = table.sync([("INPUT", vec!["-j nowhere"])]).unwrap_err();
    assert_eq!((error.kind(), error.rule()), (ErrorKind::NoSuchChain, Some(0)));
    assert!(!table.is_changed() && table.len() == 3);
    table.fill([("web", vec!["-j RETURN"]), ("INPUT", vec!["-j web"])]).unwrap();
    assert_eq!(
        shown(&table),
        ["INPUT -p tcp -j web", "INPUT -j DROP", "INPUT -j web", "web -i lo -j ACCEPT", "web -j RETURN"]
    );
    let mut copy = table.copy();
    assert!(copy.diff(&table).unwrap().is_empty());
    copy.flush();
    assert_eq!(copy.commit().unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(table.len(), 5);
}

/// Edits in several steps that fail at a later one: the table is as it was, whether it was changed before or not, read in part or
/// whole, under the lock or without.
#[test]
fn what_fails_changes_nothing() {
    const JSON: &str = r#"{"family": "ipv4", "table": "filter", "chains": [
        {"chain": "INPUT", "policy": "DROP", "rules": [{"text": "-j other"}, {"text": "-j nowhere"}]}, {"chain": "other"}]}"#;
    // It says nothing of the chain that a rule goes to.
    let (mut before, mut after) = (filter(), filter());
    lines(&mut before, &["gone"]);
    lines(&mut after, &["gone", "new", "FORWARD -j new", "OUTPUT -j gone"]);
    let plan = before.diff(&after).unwrap();
    for kernel in [MemoryKernel::new().kernel(), MemoryKernel::new().nft()] {
        let committed = ["web -p tcp -j RETURN", "INPUT -j web"];
        let done = kernel.update(Family::Ipv4, "filter", |table| {
            lines(table, &committed);
            Ok(())
        });
        done.unwrap();
        let whole = || kernel.open(Family::Ipv4, "filter");
        let part = || kernel.open_chains(Family::Ipv4, "filter", ["OUTPUT"]);
        let locked = || kernel.open_locked(Family::Ipv4, "filter");
        let opens: [&dyn Fn() -> libfw::Result<Table>; 3] = [&whole, &part, &locked];
        type Edit<'a> = &'a dyn Fn(&mut Table) -> libfw::Result<()>;
        let edits: [Edit<'_>; 4] = [
            &|table| table.set_json(JSON),
            &|table| table.fill([("new", ["-j web"]), ("INPUT", ["-j nowhere"])]),
            &|table| table.sync([("new", ["-j ACCEPT"]), ("INPUT", ["-j nowhere"])]).map(drop),
            &|table| table.apply(&plan),
        ];
        for (open, edit) in opens.iter().flat_map(|open| edits.iter().map(move |edit| (open, edit))) {
            for edited in [false, true] {
                let mut table = open().unwrap();
                if edited {
                    table.chain_mut("INPUT").unwrap().append("-p udp -j ACCEPT").unwrap();
                }
                let before = shown(&table);
                let error = edit(&mut table).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NoSuchChain, "{error}");
                assert_eq!(shown(&table), before);
                assert!(table.chain_mut("new").is_err() && table.chain_mut("other").is_err());
                assert_eq!(table.chain_mut("INPUT").unwrap().view().policy(), Some(Policy::Accept));
                assert_eq!(table.chain_mut("web").unwrap().view().references(), 1);
                assert_eq!(table.is_changed(), edited);
                // It can be edited further, and written.
                table.chain_mut("web").unwrap().append("-j DROP").unwrap();
                table.chain_mut("web").unwrap().remove(1).unwrap();
                table.commit().unwrap();
                assert_eq!(kernel.open(Family::Ipv4, "filter").unwrap().len(), 2 + usize::from(edited));
                kernel
                    .update(Family::Ipv4, "filter", |table| {
                        table.chain_mut("INPUT")?.ensure_absent("-p udp -j ACCEPT").map(drop)
                    })
                    .unwrap();
            }
        }
        // All tables of a transaction.
        let mut transaction = kernel.begin().unwrap();
        transaction
            .table(Family::Ipv4, "raw")
            .unwrap()
            .chain_mut("OUTPUT")
            .unwrap()
            .append("-j ACCEPT")
            .unwrap();
        let both = format!(
            r#"{{"format": "libfw.tables/1", "tables": [{{"family": "ipv4", "table": "raw", "chains": []}}, {JSON}]}}"#
        );
        assert_eq!(transaction.set_json(both).unwrap_err().kind(), ErrorKind::NoSuchChain);
        assert_eq!(transaction.tables().iter().map(Table::len).collect::<Vec<_>>(), [1, 2]);
        transaction.commit().unwrap();
        assert_eq!(kernel.open(Family::Ipv4, "raw").unwrap().len(), 1);
        assert_eq!(kernel.open(Family::Ipv4, "filter").unwrap().len(), 2);
    }
}
