//! Parts of tables, among rules of others.

use std::collections::BTreeMap;

use libfw::{Family, Kernel, Position, Rule, Scope};

use crate::fewest::fewest;
use crate::host::{
    Counted, Host, Line, MARK, MARKED, Model, PLACES, Place, built_in, line, make, random_model, rank, see,
    text,
};
use crate::longest::longest;
use crate::random::Random;

/// What is desired of one chain: lines, some of them at a place.
type Asked = Vec<(Line, Option<Position>)>;

/// Part of a table becomes something else, and the rest stays.
struct Part {
    scope: Scope,
    before: Model,
    /// What is desired: chains of the scope as they are to be, and rules among those of others.
    chains: BTreeMap<String, Vec<Line>>,
    among: BTreeMap<String, Asked>,
}

impl Part {
    fn random(random: &mut Random, place: Place) -> Part {
        let before = random_model(random, place);
        let scope = match random.below(3) {
            0 => Scope::chains(["e", "f", "a", built_in(place)[1]]),
            1 => Scope::prefix(*random.pick(&["b", "d", "f"])),
            _ => Scope::owner(MARK),
        };
        let mut part = Part { scope, before, chains: BTreeMap::new(), among: BTreeMap::new() };
        if matches!(part.scope, Scope::Owner(_)) {
            part.among_others(random);
            return part;
        }
        // Names of chains that there will be.
        let mut names: Vec<String> = part
            .before
            .chains
            .keys()
            .filter(|name| rank(name) > 0 && !part.is_inside(name))
            .cloned()
            .collect();
        let desired: Vec<String> = ["a", "b", "d", "d-1", "e", "f", built_in(place)[1]]
            .into_iter()
            .filter(|name| part.is_inside(name) && !random.once_in(4))
            .map(str::to_owned)
            .collect();
        names.extend(desired.iter().filter(|name| rank(name) > 0).cloned());
        for name in desired {
            let goes = |line: &Line| line.1.as_ref().is_none_or(|to| names.contains(to));
            let old = part.before.chains.get(&name).into_iter().flatten().filter(|line| goes(line)).cloned();
            let mut lines: Vec<Line> = old.filter(|_| !random.once_in(3)).collect();
            for _ in 0..random.below(5) {
                let new = line(random, 20, &name, &names);
                lines.insert(random.below(lines.len() + 1), new);
            }
            part.chains.insert(name, lines);
        }
        let targets: Vec<String> = part.chains.keys().filter(|name| rank(name) > 0).cloned().collect();
        let others: Vec<String> =
            part.before.chains.keys().filter(|name| !part.is_inside(name)).cloned().collect();
        for name in others {
            let behind: Vec<_> = targets.iter().filter(|to| rank(to) > rank(&name)).cloned().collect();
            if behind.is_empty() || random.once_in(2) {
                continue;
            }
            let lines = (0..1 + random.below(4))
                .map(|_| (random.below(8), Some(random.pick(&behind).clone())))
                .collect();
            part.put_among(random, place.0, name, lines);
        }
        part
    }

    /// Rules of an owner, who has some already.
    fn among_others(&mut self, random: &mut Random) {
        let names: Vec<String> = self.before.chains.keys().cloned().collect();
        let mut some = |name: &str| -> Vec<Line> {
            let behind: Vec<String> = names.iter().filter(|to| rank(to) > rank(name)).cloned().collect();
            let count = random.below(6);
            let each = |_| {
                let to = (!behind.is_empty() && random.once_in(3)).then(|| random.pick(&behind).clone());
                (MARKED + random.below(10), to)
            };
            (0..count).map(each).collect()
        };
        let (old, mut new): (Vec<_>, Vec<_>) = names.iter().map(|name| (some(name), some(name))).unzip();
        for (index, name) in names.iter().enumerate() {
            let Some(lines) = self.before.chains.get_mut(name) else { continue };
            for line in &old[index] {
                lines.insert(random.below(lines.len() + 1), line.clone());
            }
            if random.once_in(2) {
                // Most of them stay.
                new[index].extend(old[index].iter().take(4).cloned());
            }
        }
        for (name, lines) in names.into_iter().zip(new) {
            self.put_among(random, Family::Ipv4, name, lines);
        }
        if random.once_in(3) {
            self.among.insert("f-new".into(), vec![((MARKED, None), None), ((MARKED + 1, None), None)]);
        }
    }

    /// Lines for a chain of others, some of them at places.
    fn put_among(&mut self, random: &mut Random, family: Family, name: String, lines: Vec<Line>) {
        let others: Vec<Line> =
            self.before.chains[&name].iter().filter(|line| !self.is_ours(&name, line)).cloned().collect();
        let place = |random: &mut Random| match random.below(6) {
            0 => Some(Position::First),
            1 => Some(Position::Last),
            side @ (2 | 3) if !others.is_empty() => {
                let rule = Rule::parse(family, text(family, random.pick(&others))).expect("a rule");
                Some(if side == 2 { Position::Before(rule) } else { Position::After(rule) })
            }
            _ => None,
        };
        self.among.insert(name, lines.into_iter().map(|line| (line, place(random))).collect());
    }

    fn is_inside(&self, name: &str) -> bool {
        match &self.scope {
            Scope::Chains(names) => names.iter().any(|known| known == name.as_bytes()),
            Scope::Prefix(prefix) => name.as_bytes().starts_with(prefix),
            _ => false,
        }
    }

    /// Whether a line of a chain is of the scope, or may be.
    fn is_ours(&self, name: &str, line: &Line) -> bool {
        match &self.scope {
            Scope::Owner(_) => line.0 >= MARKED,
            _ => self.is_inside(name) || line.1.as_ref().is_some_and(|to| self.is_inside(to)),
        }
    }

    /// Whether a line that is there, in a chain of others, stays although it is not desired.
    fn stays(&self, line: &Line) -> bool {
        let Some(to) = line.1.as_ref().filter(|to| self.is_inside(to)) else { return false };
        let asked = self.among.values().flatten().any(|(line, _)| line.1.as_ref() == Some(to));
        self.chains.contains_key(to) && !asked
    }

    fn declare(&self, kernel: &Kernel, (family, name): Place) -> libfw::Result<libfw::Desired> {
        let mut desired = kernel.desired(self.scope.clone());
        let table = desired.table(family, name)?;
        for chain in self.chains.keys().chain(self.among.keys()) {
            if table.chain(chain).is_none() {
                table.new_chain(chain)?;
            }
        }
        for (chain, lines) in &self.chains {
            table.chain_mut(chain)?.extend(lines.iter().map(|line| text(family, line)))?;
        }
        for (chain, lines) in &self.among {
            for (line, position) in lines {
                match position {
                    Some(position) => {
                        desired.place(family, name, chain, text(family, line), position.clone())?
                    }
                    None => desired.table(family, name)?.chain_mut(chain)?.append(text(family, line))?,
                }
            }
        }
        Ok(desired)
    }

    /// What a chain of others has become.
    fn check_among(&self, family: Family, name: &str, was: &Counted, is: &Counted) {
        let before = self.before.chains.get(name).map(Vec::as_slice).unwrap_or_default();
        let nothing = Asked::new();
        let asked = self.among.get(name).unwrap_or(&nothing);
        let is_ours = |line: &Line| self.is_ours(name, line) && !self.stays(line);
        // Those of others, in their order and with their counters.
        let others: Counted =
            before.iter().zip(was).filter(|(line, _)| !is_ours(line)).map(|(_, rule)| rule.clone()).collect();
        let ours: Vec<String> = asked.iter().map(|(line, _)| text(family, line)).collect();
        let mut left = ours.clone();
        let mut rest = Vec::new();
        for rule in is {
            // Rules of ours that stay because nothing is asked are among the others, and none of those is asked.
            match left.iter().position(|known| *known == rule.0) {
                Some(at) => drop(left.remove(at)),
                None => rest.push(rule.clone()),
            }
        }
        assert_eq!((rest, &*left), (others, &[][..]), "{name}");
        // Each is where it is asked to be.
        let at = |position: &dyn Fn(&Position) -> bool| -> Vec<String> {
            let there = asked.iter().filter(|(_, place)| place.as_ref().is_some_and(position));
            there.map(|(line, _)| text(family, line)).collect()
        };
        let is: Vec<&String> = is.iter().map(|(rule, _)| rule).collect();
        let first = at(&|position| *position == Position::First);
        assert!(is.iter().zip(&first).all(|(rule, asked)| **rule == *asked), "{name}: {is:#?} {first:#?}");
        let last = at(&|position| *position == Position::Last);
        assert!(
            is.iter().rev().zip(last.iter().rev()).all(|(rule, asked)| **rule == *asked),
            "{name}: {is:#?}"
        );
        for (_, position) in asked {
            let (rule, before) = match position {
                Some(Position::Before(rule)) => (rule, true),
                Some(Position::After(rule)) => (rule, false),
                _ => continue,
            };
            let there = at(&|known| Some(known) == position.as_ref());
            let found = is.iter().position(|known| **known == rule.to_string()).expect("the rule of others");
            let range = if before { found - there.len()..found } else { found + 1..found + 1 + there.len() };
            assert!(is[range].iter().zip(&there).all(|(rule, asked)| *rule == asked), "{name}: {is:#?}");
        }
        let free: Vec<String> =
            asked.iter().filter(|(_, place)| place.is_none()).map(|(line, _)| text(family, line)).collect();
        assert_eq!(longest(&is.into_iter().cloned().collect::<Vec<_>>(), &free), free.len(), "{name}");
    }
}

pub fn scopes(kernel: &Kernel, random: &mut Random) -> libfw::Result<()> {
    let place = PLACES[random.below(3)];
    let part = Part::random(random, place);
    let mut host: Host = PLACES.into_iter().map(|place| (place, random_model(random, place))).collect();
    host.insert(place, part.before.clone());
    make(kernel, &host)?;
    let seen = see(kernel)?;
    let mut desired = part.declare(kernel, place)?;
    let plan = desired.apply()?.plan;
    let now = see(kernel)?;
    for place in PLACES.iter().filter(|other| **other != place) {
        assert_eq!(now[place], seen[place]);
    }
    let ((was, drops), (is, drops_now)) = (&seen[&place], &now[&place]);
    assert_eq!(drops, drops_now);
    for (name, rules) in is {
        let nothing = Counted::new();
        let was = was.get(name).unwrap_or(&nothing);
        if !part.is_inside(name) {
            part.check_among(place.0, name, was, rules);
        } else if let Some(lines) = part.chains.get(name) {
            let texts: Vec<_> = rules.iter().map(|(rule, _)| rule.clone()).collect();
            assert_eq!(texts, lines.iter().map(|line| text(place.0, line)).collect::<Vec<_>>(), "{name}");
        } else {
            assert!(rank(name) == 0 && rules.is_empty(), "{name}: {rules:?}\n{plan}");
        }
    }
    for name in was.keys().filter(|name| !is.contains_key(*name)) {
        assert!(part.is_inside(name), "{name} has gone\n{plan}");
    }
    let others = |name: &str| -> Vec<String> {
        let lines = part.before.chains.get(name).into_iter().flatten();
        let others =
            lines.filter(|line| !part.is_ours(name, line) || !part.is_inside(name) && part.stays(line));
        others.map(|line| text(place.0, line)).collect()
    };
    let is_other = |name: &str, rule: &str| others(name).iter().any(|known| known == rule);
    assert_eq!(plan.changes(), fewest(&plan, place, was, is, &is_other), "{plan}");
    // No rule of others is in the plan, not even as one that is moved.
    for chain in plan.tables.iter().flat_map(|table| &table.chains) {
        let name = chain.name_text();
        for change in &chain.rules {
            assert!(!is_other(&name, &change.rule.to_string()), "{}: {}\n{plan}", part.scope, change.rule);
        }
    }
    let again = desired.apply()?;
    assert!(!again.changed(), "{}", again.plan);
    Ok(())
}
