//! The key of a rule, which is what its `Hash` writes: two rules have the same exactly when they are equal.

mod common;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use common::generate::{Lines, extensions};
use common::random::Random;
use libfw::backend::{Blobs, HEADROOM, Host, Info, Legacy, SetInfo};
use libfw::ext::values::{SetDir, SetRef};
use libfw::ext::{Extension, ExtensionKind};
use libfw::matches::Set;
use libfw::{Counters, Family, Kernel, Match, MemoryKernel, Result, Rule, Table};
use libfw_playground::{cases, together};

/// Takes down what is hashed.
#[derive(Default)]
struct Key(Vec<u8>);

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn key(rule: &impl Hash) -> Vec<u8> {
    let mut key = Key::default();
    rule.hash(&mut key);
    key.0
}

/// A table whose bytes are given.
struct Given {
    info: Info,
    bytes: Vec<u8>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

impl Blobs for Given {
    fn info(&self, _: Family, _: &str) -> Result<Info> {
        Ok(self.info)
    }

    fn entries(&self, _: Family, _: &str, _: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clone_from(&self.bytes);
        Ok(())
    }

    fn replace(&self, _: Family, _: &str, _: &Info, _: &mut [u8], _: &mut [Counters]) -> Result<()> {
        unreachable!("nothing is written")
    }

    fn add_counters(&self, _: Family, _: &str, _: &mut [Counters]) -> Result<()> {
        unreachable!("nothing is written")
    }
}

impl Host for Given {
    fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
        Ok(true)
    }

    fn set_by_name(&self, _: &[u8]) -> Result<Option<SetInfo>> {
        Ok(None)
    }

    fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// A kernel with ipsets at these indices.
fn blobs_with(family: Family, indices: [u16; 3]) -> Arc<MemoryKernel> {
    let family = if family == Family::Ipv4 { 2 } else { 10 };
    let sets = ["web", "name", "x"].into_iter().zip(indices);
    let memory = sets.fold(MemoryKernel::new().with_any_set(), |memory, (name, index)| {
        memory.with_set(name, SetInfo { index, family }).unwrap()
    });
    Arc::new(memory)
}

fn blobs(family: Family) -> Arc<MemoryKernel> {
    blobs_with(family, [0, 1, 2])
}

/// Some generated rules with an extension, in a chain of a table that may have them.
fn table_of(
    blobs: &Arc<MemoryKernel>,
    family: Family,
    extension: &Extension,
    lines: &mut Lines,
    rules: usize,
) -> Table {
    let kernel = Kernel::with_backend(Legacy::new(blobs.clone()));
    let name = extension.placement.tables.first().copied().unwrap_or("filter");
    let mut table = kernel.open_locked(family, name).unwrap();
    table.new_chain("web").unwrap();
    table.new_chain("rules").unwrap();
    for _ in 0..400 {
        let mut chain = table.chain_mut("rules").unwrap();
        let len = chain.view().len();
        if len == rules {
            break;
        }
        // Many lines are wrong, some of them only when the table is looked at as a whole.
        if chain.append(lines.line(extension).join(" ").as_str()).is_ok() && table.validate().is_err() {
            table.chain_mut("rules").unwrap().remove(len).unwrap();
        }
    }
    table.commit().unwrap();
    table
}

fn rules(table: &Table) -> Vec<Rule> {
    table.chain("rules").unwrap().rules().map(|rule| rule.to_rule()).collect()
}

#[track_caller]
fn check<T: Eq + Hash + fmt::Display>(a: &T, b: &T) -> bool {
    let equal = a == b;
    assert_eq!(b == a, equal, "{a} | {b}");
    assert_eq!(key(a) == key(b), equal, "{a} | {b}");
    equal
}

#[test]
fn equal_keys_are_equal_rules() {
    libfw_playground::without_network().unwrap();
    let done = together([Family::Ipv4, Family::Ipv6], |family| {
        for extension in extensions(family) {
            let mut lines = Lines::new(7, family);
            let table = table_of(&blobs(family), family, extension, &mut lines, cases(25));
            let rules = rules(&table);
            for (at, a) in rules.iter().enumerate() {
                assert!(check(a, a));
                assert_eq!(key(a), key(&a.view()));
                for b in &rules[..at] {
                    check(a, b);
                }
            }
            // The same lines where the ipsets have other numbers.
            let elsewhere = blobs_with(family, [1, 2, 0]);
            let other = table_of(&elsewhere, family, extension, &mut Lines::new(7, family), cases(25));
            let views = |table| Table::chain(table, "rules").unwrap().rules().collect::<Vec<_>>();
            let (here, there) = (views(&table), views(&other));
            assert_eq!(here.len(), there.len());
            for (at, rule) in rules.iter().enumerate() {
                assert!(check(&here[at], &there[at]) && check(&here[at], &rule.view()));
                for other in &there {
                    check(&here[at], other);
                    check(&rule.view(), other);
                }
            }
            let distinct = rules.iter().enumerate().filter(|(at, rule)| !rules[..*at].contains(rule)).count();
            assert_eq!(rules.into_iter().collect::<HashSet<_>>().len(), distinct, "{extension:?}");
        }
        Ok(())
    });
    done.expect("both");
}

/// A number of an ipset in a rule of no kernel has no name: it is that of the kernel that the rule meets.
#[test]
fn a_number_is_no_name() {
    let kernel = MemoryKernel::new().with_set("name", SetInfo { index: 1, family: 2 }).unwrap().kernel();
    let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
    table.chain_mut("INPUT").unwrap().append("-m set --match-set name src").unwrap();
    let chain = table.chain("INPUT").unwrap();
    let view = chain.rule(0).unwrap();
    let part = view.matches().next().unwrap();
    let opaque = Match::opaque("set", part.revision(), part.data()).unwrap();
    let rule = Rule::builder().matching(opaque).build(Family::Ipv4).unwrap();
    assert!(!check(&view, &rule.view()));
    assert!(chain.contains(&rule).unwrap());
    // It is what it prints, and stays so beside names of the rule's own.
    assert_eq!(Rule::parse(Family::Ipv4, rule.to_string()).unwrap(), rule);
    let set = SetRef::new("web", [SetDir::Src]);
    let opaque = Match::opaque("set", part.revision(), part.data()).unwrap();
    let both =
        Rule::builder().matching(Set::new().match_set(set)).matching(opaque).build(Family::Ipv4).unwrap();
    assert_eq!(both.to_string(), format!("-m set --match-set web src {rule}"));
    // Data are filled up to what the kernel has in a rule.
    let data = &part.data()[..part.data().len() - 5];
    let opaque = Match::opaque("set", part.revision(), data).unwrap();
    assert_eq!(Rule::builder().matching(opaque).build(Family::Ipv4).unwrap(), rule);
}

/// Extensions with bytes that do not count: the kernel's own, or what stands behind an IPv4 mask.
const PARTLY: [&str; 14] = [
    "HMARK",
    "IDLETIMER",
    "TEE",
    "bpf",
    "connlimit",
    "conntrack",
    "hashlimit",
    "limit",
    "policy",
    "quota",
    "recent",
    "state",
    "statistic",
    "string",
];

/// Each byte of some rules changed, one at a time: the rule becomes another one or stays the same, and so does its key.
#[test]
fn every_byte_counts_in_both_or_in_neither() {
    libfw_playground::without_network().unwrap();
    let mut partly = BTreeSet::new();
    let mut random = Random::new(3);
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let mut lines = Lines::new(11, family);
            let backend = blobs(family);
            let table = table_of(&backend, family, extension, &mut lines, 3);
            let whole = rules(&table);
            let info = backend.info(family, table.name()).unwrap();
            let mut bytes = Vec::new();
            backend.entries(family, table.name(), &info, &mut bytes).unwrap();
            let mut others: Vec<Rule> = Vec::new();
            let mut equal = 0;
            // All of them, or some in each extension.
            let apart = bytes.len().div_ceil(cases(bytes.len()).min(bytes.len()));
            for at in (HEADROOM + random.below(apart)..bytes.len()).step_by(apart) {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << random.below(8);
                let kernel = Kernel::with_backend(Legacy::new(Given { info, bytes }));
                // Most bytes that give a table its form cannot be changed.
                let Ok(table) = kernel.open(family, table.name()) else { continue };
                let Some(chain) = table.chain("rules").filter(|chain| chain.len() == whole.len()) else {
                    continue;
                };
                for (rule, whole) in chain.rules().zip(&whole) {
                    let rule = rule.to_rule();
                    if check(&rule, whole) {
                        let data = |rule: &Rule| -> Vec<Vec<u8>> {
                            rule.view().matches().map(|part| part.data().to_vec()).collect()
                        };
                        equal += usize::from(data(&rule) != data(whole));
                        if let libfw::TargetRef::Extension(target) = rule.view().target()
                            && let libfw::TargetRef::Extension(old) = whole.view().target()
                        {
                            equal += usize::from(target.data() != old.data());
                        }
                        continue;
                    }
                    if let Some(other) = others.len().checked_sub(1).map(|most| random.below(most + 1)) {
                        check(&rule, &others[other]);
                    }
                    others.push(rule);
                }
            }
            if equal > 0 {
                partly.insert(extension.name);
            }
        }
    }
    // Where not every byte was changed, one may be missed.
    let missing: Vec<_> = PARTLY.iter().filter(|name| !partly.contains(**name)).collect();
    assert!(
        missing.is_empty() || cases(100) < 100,
        "every byte of these counted: {missing:?}; not of {partly:?}"
    );
}
