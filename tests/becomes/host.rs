//! What tables are made of, and what is read of them.

use std::collections::{BTreeMap, BTreeSet};

use libfw::{Counters, Family, Kernel, Policy, Table};

use crate::random::Random;

pub type Place = (Family, &'static str);
pub const PLACES: [Place; 5] = [
    (Family::Ipv4, "filter"),
    (Family::Ipv4, "mangle"),
    (Family::Ipv4, "nat"),
    (Family::Ipv6, "filter"),
    (Family::Ipv6, "raw"),
];
pub const BUILT_IN: [&str; 2] = ["OUTPUT", "PREROUTING"];

/// The built-in chains of a table that the tests use.
pub fn built_in((_, table): Place) -> &'static [&'static str] {
    if table == "filter" { &["INPUT", "FORWARD", "OUTPUT"] } else { &BUILT_IN }
}

/// A rule: its number, and the chain that it goes to, if it goes to one.
pub type Line = (usize, Option<String>);

/// A table: chains with their lines, and the built-in ones of which the policy is DROP.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub chains: BTreeMap<String, Vec<Line>>,
    pub drops: BTreeSet<String>,
}

pub type Host = BTreeMap<Place, Model>;

pub fn text(family: Family, (kind, to): &Line) -> String {
    let (address, length) = if family == Family::Ipv4 { ("10.0.0.", 32) } else { ("fd00::", 128) };
    let (address, port) = (format!("{address}{}/{length}", kind % 200), 1000 + kind);
    if *kind >= MARKED {
        let jump = to.as_deref().unwrap_or("ACCEPT");
        return format!("-p tcp -m comment --comment \"{MARK}{kind}\" -j {jump}");
    }
    match (to, kind % 5) {
        (Some(to), 0) => format!("-j {to}"),
        (Some(to), 1) => format!("-s {address} -g {to}"),
        (Some(to), _) => format!("-p udp -m comment --comment \"number {kind}\" -j {to}"),
        (None, 0) => format!("-p tcp -m tcp --dport {port} -j ACCEPT"),
        (None, 1) => format!("-s {address} -j RETURN"),
        (None, 2) => format!("! -d {address} -m limit --limit 5/sec -j LOG"),
        (None, 3) => format!("-p tcp -m multiport --dports 1,{port}"),
        (None, _) => format!("-m conntrack --ctstate RELATED,ESTABLISHED -m mark --mark {kind:#x} -j ACCEPT"),
    }
}

/// Rules with such numbers have the mark of their owner.
pub const MARKED: usize = 1000;
pub const MARK: &str = "mine: ";

/// Names in the order in which chains may go to each other.
pub const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

pub fn rank(name: &str) -> usize {
    NAMES.iter().position(|known| name.starts_with(known)).map_or(0, |at| at + 1)
}

/// A line for a chain, which goes to a chain behind it or to none.
pub fn line(random: &mut Random, kinds: usize, chain: &str, names: &[String]) -> Line {
    let from = rank(chain);
    let behind: Vec<_> = names.iter().filter(|name| rank(name) > from).collect();
    let to = (!behind.is_empty() && random.once_in(3)).then(|| (*random.pick(&behind)).clone());
    (random.below(kinds), to)
}

pub fn random_model(random: &mut Random, place: Place) -> Model {
    let mut model = Model::default();
    let kinds = *random.pick(&[2, 10, 60]);
    let most = *random.pick(&[3, 12, 40]);
    let names: Vec<String> = NAMES.iter().filter(|_| random.once_in(2)).map(|name| (*name).into()).collect();
    for name in built_in(place).iter().map(|name| (*name).to_owned()).chain(names.clone()) {
        let lines = (0..random.below(most)).map(|_| line(random, kinds, &name, &names)).collect();
        model.chains.insert(name, lines);
    }
    if place.1 != "nat" {
        model.drops =
            built_in(place).iter().filter(|_| random.once_in(3)).map(|name| (*name).into()).collect();
    }
    model
}

/// The model with some edits and some names anew.
pub fn changed(random: &mut Random, place: Place, model: &Model) -> Model {
    let mut after = model.clone();
    let users: Vec<String> = model.chains.keys().filter(|name| rank(name) > 0).cloned().collect();
    for name in &users {
        match random.below(6) {
            // Renamed, with all that goes there.
            0 | 1 => {
                let new = format!("{}-{}", &name[..1], random.below(100));
                let lines = after.chains.remove(name).unwrap_or_default();
                after.chains.insert(new.clone(), lines);
                for line in after.chains.values_mut().flatten().filter(|line| line.1.as_deref() == Some(name))
                {
                    line.1 = Some(new.clone());
                }
            }
            2 => {
                after.chains.remove(name);
                after
                    .chains
                    .values_mut()
                    .for_each(|lines| lines.retain(|line| line.1.as_deref() != Some(name)));
            }
            _ => {}
        }
    }
    let names: Vec<String> = after.chains.keys().filter(|name| rank(name) > 0).cloned().collect();
    for (name, lines) in &mut after.chains {
        for _ in 0..random.below(4) {
            let at = random.below(lines.len() + 1);
            match random.below(4) {
                0 => lines.insert(at, line(random, 60, name, &names)),
                1 if at < lines.len() => drop(lines.remove(at)),
                2 if at < lines.len() => lines.insert(at, lines[at].clone()),
                _ if at < lines.len() => {
                    let moved = lines.remove(at);
                    lines.insert(random.below(lines.len() + 1), moved);
                }
                _ => {}
            }
        }
    }
    if place.1 != "nat" {
        after.drops =
            built_in(place).iter().filter(|_| random.once_in(3)).map(|name| (*name).into()).collect();
    }
    after
}

pub fn fill(table: &mut Table, model: &Model) -> libfw::Result<()> {
    let family = table.family();
    for name in model.chains.keys().filter(|name| rank(name) > 0) {
        table.new_chain(name)?;
    }
    for (name, lines) in &model.chains {
        let mut chain = table.chain_mut(name)?;
        if rank(name) == 0 {
            let drops = model.drops.contains(name);
            chain.set_policy(if drops { Policy::Drop } else { Policy::Accept }, None)?;
        }
        chain.extend(lines.iter().map(|line| text(family, line)))?;
    }
    Ok(())
}

/// The host as it is before, with a number of packets of its own for each rule.
pub fn make(kernel: &Kernel, host: &Host) -> libfw::Result<()> {
    for (family, name) in PLACES {
        kernel.update(family, name, |table| {
            table.clear();
            let Some(model) = host.get(&(family, name)) else { return Ok(()) };
            fill(table, model)?;
            let mut packets = 0;
            for (name, lines) in &model.chains {
                for index in 0..lines.len() {
                    packets += 1;
                    table.chain_mut(name)?.set_counters(index, Counters::new(packets, 3 * packets))?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

pub type Counted = Vec<(String, u64)>;

/// The rules of each chain with their packets, and the policies.
pub type Seen = BTreeMap<Place, (BTreeMap<String, Counted>, BTreeSet<String>)>;

pub fn see(kernel: &Kernel) -> libfw::Result<Seen> {
    let mut seen = Seen::new();
    for (family, name) in PLACES {
        let table = kernel.open(family, name)?;
        let (mut chains, mut drops) = (BTreeMap::new(), BTreeSet::new());
        for chain in table.chains() {
            let rules = chain.rules().map(|rule| {
                assert_eq!(rule.counters().bytes, 3 * rule.counters().packets, "{rule}");
                (rule.to_string(), rule.counters().packets)
            });
            chains.insert(chain.name().into_owned(), rules.collect());
            if chain.policy() == Some(Policy::Drop) {
                drops.insert(chain.name().into_owned());
            }
        }
        seen.insert((family, name), (chains, drops));
    }
    Ok(seen)
}

/// The rules of each chain, and the policies.
pub type Rules = BTreeMap<Place, (BTreeMap<String, Vec<String>>, BTreeSet<String>)>;

/// The rules of a host as they have to be read, without counters; chains that are always there are there.
pub fn expected(host: &Host) -> Rules {
    let of = |place: Place| {
        let model = host.get(&place).cloned().unwrap_or_default();
        let lines = |lines: &Vec<Line>| lines.iter().map(|line| text(place.0, line)).collect();
        (model.chains.iter().map(|(name, rules)| (name.clone(), lines(rules))).collect(), model.drops)
    };
    PLACES.into_iter().map(|place| (place, of(place))).collect()
}

pub fn without_counters(seen: &Seen) -> Rules {
    let rules = |rules: &Counted| -> Vec<String> { rules.iter().map(|(rule, _)| rule.clone()).collect() };
    let of = |(place, (chains, drops)): (&Place, &(BTreeMap<String, Counted>, BTreeSet<String>))| {
        let known = |(name, list): &(&String, &Counted)| {
            !list.is_empty() || rank(name) > 0 || built_in(*place).contains(&name.as_str())
        };
        let chains = chains.iter().filter(known).map(|(name, list)| (name.clone(), rules(list)));
        (*place, (chains.collect(), drops.clone()))
    };
    seen.iter().map(of).collect()
}
