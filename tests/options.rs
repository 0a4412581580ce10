//! Every option of every match and target, by the rules in `rules.txt`: that it is read and printed, that it changes the
//! rule, that `!` does, that its other names mean the same, and that what its entry in the option table forbids is refused.
//!
//! What has been shown of each option is counted against the table: `cargo test --test options -- --nocapture` prints it.

use std::collections::{BTreeMap, BTreeSet};

use libfw::ext::{self, Extension, ExtensionKind, Form, Opt};
use libfw::{Error, Family, Rule};

/// What has to be shown of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// A rule with it is printed and read back, as the same rule.
    Reads,
    /// The data of the rule differs from the rule without it, or with another value, and from nothing else.
    Matters,
    /// The data of the rule differs from that of the inverted option.
    Inverts,
}

/// Options of which something cannot be shown, and why.
const EXCEPTIONS: &[(&str, &str, Proof, &str)] = &[
    ("statistic", "mode", Proof::Matters, "each mode needs options that the other refuses"),
    ("CHECKSUM", "checksum-fill", Proof::Matters, "it is the only option and must be given"),
    ("CLUSTERIP", "new", Proof::Matters, "no other option may stand without it"),
];

/// The names of all options, other spellings included: none gets lost.
const SPELLINGS: usize = 401;

/// An option as a rule gives it.
#[derive(Clone, Debug, PartialEq)]
struct Used {
    opt: usize,
    inverted: bool,
    value: Vec<String>,
}

/// A line of `rules.txt` that a family accepts.
struct Line {
    text: &'static str,
    extension: &'static Extension,
    /// The words up to the name of the extension.
    start: Vec<String>,
    used: Vec<Used>,
    data: Vec<u8>,
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// All that the kernel gets to know of the matches and the target.
fn data(rule: &Rule) -> Vec<u8> {
    let view = rule.view();
    let mut data: Vec<u8> = view.matches().flat_map(|part| part.data().to_vec()).collect();
    if let libfw::TargetRef::Extension(target) = view.target() {
        data.extend(target.data());
    }
    data
}

impl Line {
    fn read(text: &'static str, family: Family) -> Result<Line, String> {
        let spelled = text.starts_with('~');
        let text = text.trim_start_matches('~');
        let rule = Rule::parse(family, text).map_err(|error| error.to_string())?;
        let printed = rule.view().to_string();
        if spelled == (printed == text) {
            return Err(format!("is printed as {printed}"));
        }
        let again = Rule::parse(family, &printed).map_err(|error| error.to_string())?;
        if data(&again) != data(&rule) || again.view().to_string() != printed {
            return Err(format!("is printed as {printed}, which is another rule"));
        }
        let all = words(text);
        let at = all.iter().rposition(|word| word == "-m" || word == "-j").expect("a match or target");
        let kind = if all[at] == "-m" { ExtensionKind::Match } else { ExtensionKind::Target };
        let extension = ext::find(kind, &all[at + 1], family).expect("a known extension");
        let mut used = Vec::new();
        let mut rest = all[at + 2..].iter().peekable();
        while let Some(word) = rest.next() {
            let inverted = word == "!";
            let name = if inverted { rest.next().expect("an option") } else { word };
            let name = name.strip_prefix("--").ok_or(format!("{name} is no option"))?;
            let opt = extension.options.iter().position(|opt| opt.name == name).expect("the main name");
            let mut value = Vec::new();
            while value.len() < extension.options[opt].words.into()
                && rest.peek().is_some_and(|word| !word.starts_with("--"))
            {
                value.extend(rest.next().cloned());
            }
            used.push(Used { opt, inverted, value });
        }
        let start = all[..at + 2].to_vec();
        Ok(Line { text, extension, start, used, data: data(&rule) })
    }

    fn opt(&self, used: &Used) -> &'static Opt {
        &self.extension.options[used.opt]
    }

    /// The line without the option at `index`.
    fn without(&self, index: usize) -> Vec<Used> {
        let mut used = self.used.clone();
        used.remove(index);
        used
    }

    /// The line with the option at `index` changed.
    fn with(&self, index: usize, change: impl FnOnce(&mut Used)) -> Vec<Used> {
        let mut used = self.used.clone();
        change(&mut used[index]);
        used
    }

    /// The words of the line with other options, of which the one at an index has another name.
    fn words(&self, used: &[Used], renamed: Option<(usize, &str)>) -> Vec<String> {
        let mut words = self.start.clone();
        for (index, one) in used.iter().enumerate() {
            words.extend(one.inverted.then(|| "!".to_owned()));
            let name = renamed.filter(|(at, _)| *at == index).map_or(self.opt(one).name, |(_, name)| name);
            words.push(format!("--{name}"));
            words.extend(one.value.iter().cloned());
        }
        words
    }
}

/// The lines of one family.
struct Lines {
    family: Family,
    all: Vec<Line>,
}

impl Lines {
    fn rule(&self, line: &Line, used: &[Used]) -> Result<Rule, Error> {
        Rule::from_args(self.family, line.words(used, None))
    }

    /// Whether another line differs from this one in the option at `index` alone, in words and in data.
    fn has_twin(&self, line: &Line, index: usize) -> bool {
        let rest = line.without(index);
        let option = &line.used[index];
        let changed = |other: &Used| match option.value.is_empty() {
            true => other.opt != option.opt,
            false => other.opt == option.opt && other.value != option.value,
        };
        self.all
            .iter()
            .filter(|other| {
                std::ptr::eq(other.extension, line.extension)
                    && other.start == line.start
                    && other.data != line.data
            })
            .any(|other| {
                (0..other.used.len()).any(|at| changed(&other.used[at]) && other.without(at) == rest)
            })
    }

    /// What a line shows of its option at `index`.
    fn proofs(&self, line: &Line, index: usize) -> Vec<Proof> {
        let mut proofs = vec![Proof::Reads];
        let opt = line.opt(&line.used[index]);
        let removed = self.rule(line, &line.without(index));
        let one_value = line.used[index].value.is_empty() || opt.kind.choices.len() == 1;
        if self.has_twin(line, index) || one_value && removed.is_ok_and(|rule| data(&rule) != line.data) {
            proofs.push(Proof::Matters);
        }
        if opt.negatable {
            let other = self.rule(line, &line.with(index, |used| used.inverted = !used.inverted));
            if other.is_ok_and(|rule| data(&rule) != line.data) {
                proofs.push(Proof::Inverts);
            }
        }
        proofs
    }

    /// What the option table says of the option at `index` of a line, and is not so.
    fn complaints(&self, line: &Line, index: usize) -> Vec<String> {
        let used = &line.used[index];
        let opt = line.opt(used);
        let mut complaints = Vec::new();
        let mut refuse = |what: String, used: &[Used], words: &str| match self.rule(line, used) {
            Ok(rule) => complaints.push(format!("{what}: accepted as {rule}")),
            Err(error) if !error.to_string().contains(words) => complaints.push(format!("{what}: {error}")),
            Err(_) => {}
        };
        if !opt.negatable {
            let inverted = line.with(index, |used| used.inverted = true);
            refuse("inverted".into(), &inverted, "cannot be inverted");
        }
        if !opt.repeats {
            let twice = [line.used.as_slice(), std::slice::from_ref(used)].concat();
            refuse("twice".into(), &twice, "given twice");
        }
        if opt.required {
            // Checks of the extension may come first, with words of their own.
            refuse("without".into(), &line.without(index), "");
        }
        if opt.kind.form == Form::Integer {
            let outside = [opt.min.checked_sub(1), opt.max.checked_add(1)];
            for number in outside.into_iter().flatten() {
                let outside = line.with(index, |used| used.value = vec![number.to_string()]);
                refuse(number.to_string(), &outside, "bad value");
            }
        }
        for excluded in opt.excludes {
            let same = |other: &&Line| std::ptr::eq(other.extension, line.extension);
            let other = self.all.iter().filter(same).flat_map(|other| &other.used);
            let other = other.clone().find(|used| line.opt(used).name == *excluded);
            let other = other.expect("a rule with the other option");
            let both = [line.used.as_slice(), std::slice::from_ref(other)].concat();
            refuse(format!("beside {excluded}"), &both, "cannot stand beside");
        }
        for alias in opt.aliases {
            let words = line.words(&line.used, Some((index, alias)));
            match Rule::from_args(self.family, words) {
                Ok(rule) if data(&rule) == line.data => {}
                Ok(rule) => complaints.push(format!("as --{alias}: another rule, {rule}")),
                Err(error) => complaints.push(format!("as --{alias}: {error}")),
            }
        }
        complaints
    }
}

fn lines(family: Family) -> (Lines, BTreeMap<&'static str, String>) {
    let mut refused = BTreeMap::new();
    let mut all = Vec::new();
    for text in include_str!("rules.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match Line::read(text, family) {
            Ok(line) => all.push(line),
            Err(why) => drop(refused.insert(text, why)),
        }
    }
    (Lines { family, all }, refused)
}

#[test]
fn every_option_is_exercised() {
    let [(ipv4, refused), (ipv6, also_refused)] = [Family::Ipv4, Family::Ipv6].map(lines);
    let mut failures: Vec<String> = refused
        .into_iter()
        .filter_map(|(text, why)| {
            also_refused.get(text).map(|also| format!("{text}\n    IPv4: {why}\n    IPv6: {also}"))
        })
        .collect();

    let mut shown: BTreeSet<(&str, ExtensionName, &str, Proof)> = BTreeSet::new();
    for lines in [&ipv4, &ipv6] {
        for line in &lines.all {
            for (index, used) in line.used.iter().enumerate() {
                let opt = line.opt(used);
                for proof in lines.proofs(line, index) {
                    shown.insert((
                        family_name(lines.family),
                        extension_name(line.extension),
                        opt.name,
                        proof,
                    ));
                }
                for complaint in lines.complaints(line, index) {
                    failures.push(format!("{}: {}: --{} {complaint}", lines.family, line.text, opt.name));
                }
            }
        }
    }

    let (mut options, mut spellings, mut exercised) = (0, 0, 0);
    println!("{:<24}{:>8}{:>11}{:>7}", "", "options", "exercised", "rules");
    for extension in ext::all() {
        let mut good = 0;
        for opt in extension.options {
            let mut missing = Vec::new();
            for family in Family::ALL {
                if !extension.families.contains(family) || !opt.families.contains(family) {
                    continue;
                }
                let wanted =
                    [Proof::Reads, Proof::Matters].into_iter().chain(opt.negatable.then_some(Proof::Inverts));
                missing.extend(
                    wanted
                        .filter(|proof| {
                            let excused = EXCEPTIONS.iter().any(|(name, option, what, _)| {
                                *name == extension.name && *option == opt.name && what == proof
                            });
                            let key = (family_name(family), extension_name(extension), opt.name, *proof);
                            shown.contains(&key) == excused
                        })
                        .map(|proof| (family, proof)),
                );
            }
            if missing.is_empty() {
                good += 1;
            } else {
                failures.push(format!(
                    "{} --{}: not shown, or excused for nothing: {missing:?}",
                    extension.name, opt.name
                ));
            }
            spellings += opt.names().count();
        }
        let count =
            ipv4.all.iter().chain(&ipv6.all).filter(|line| std::ptr::eq(line.extension, extension)).count();
        println!("{:<24}{:>8}{:>11}{:>7}", extension_name(extension).1, extension.options.len(), good, count);
        options += extension.options.len();
        exercised += good;
    }
    println!("{:<24}{options:>8}{exercised:>11}{:>7}", "total", ipv4.all.len() + ipv6.all.len());
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    assert_eq!(exercised, options);
    assert!(spellings >= SPELLINGS, "there were {SPELLINGS} names of options, and now are {spellings}");
}

type ExtensionName = (bool, &'static str);

fn extension_name(extension: &'static Extension) -> ExtensionName {
    (extension.kind == ExtensionKind::Target, extension.name)
}

fn family_name(family: Family) -> &'static str {
    if family == Family::Ipv4 { "IPv4" } else { "IPv6" }
}
