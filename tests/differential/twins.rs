//! Two namespaces that should look the same: libfw works in one, iptables in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use libfw::{Family, Hook};
use libfw_playground::Playground;
use libfw_playground::set::Set;

use crate::TABLES;
use crate::side::{Said, Side};

/// The ways to list a table.
const LISTINGS: [&[&str]; 4] = [&["-S"], &["-L"], &["-L", "-n"], &["-L", "-nvx"]];

/// A line: options of a rule, and where it goes.
#[derive(Clone, Debug)]
pub struct Line {
    pub family: Family,
    pub table: &'static str,
    pub chain: &'static str,
    pub words: Vec<String>,
}

impl Line {
    fn command<'a>(&'a self, command: &'a str) -> Vec<&'a str> {
        let mut args = vec!["-t", self.table, command, self.chain];
        args.extend(self.words.iter().map(String::as_str));
        args
    }
}

/// Something that libfw does otherwise than iptables.
pub struct Difference {
    pub line: Line,
    /// What differs: a listing's options, `-S of theirs`, `bytes`, `deletes`, `accepts` or `says`.
    pub what: &'static str,
    pub ours: String,
    pub theirs: String,
    pub said: [Said; 2],
}

impl Difference {
    /// The words of the line.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.line.words.iter().map(String::as_str)
    }

    /// The option that libfw's error is about.
    pub fn option(&self) -> &str {
        &self.said[0].option
    }

    /// Whether libfw refuses the line with that kind of error, and iptables accepts it or refuses it for something else.
    pub fn refused_by_us(&self, kind: libfw::ErrorKind) -> bool {
        let [ours, theirs] = &self.said;
        ours.kind == Some(kind) && (self.what == "says" || self.what == "accepts" && theirs.status == 0)
    }

    /// Whether it is between two listings.
    pub fn is_listing(&self) -> bool {
        self.what.starts_with('-')
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = if self.line.family == Family::Ipv4 { "iptables" } else { "ip6tables" };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+,./:".contains(&byte);
        write!(f, "{program} -t {} -A {}", self.line.table, self.line.chain)?;
        for word in &self.line.words {
            match !word.is_empty() && word.bytes().all(plain) {
                true => write!(f, " {word}")?,
                false => write!(f, " '{}'", word.replace('\'', r"'\''"))?,
            }
        }
        writeln!(f, "\n  {}\n    libfw    {}\n    iptables {}", self.what, self.ours, self.theirs)
    }
}

/// The two namespaces.
pub struct Twins {
    pub ours: Side,
    pub theirs: Side,
    family: Family,
    pub program: String,
    /// Whether the peer is of the version that libfw follows.
    pub modern: bool,
    /// How it lists what can be compared: before 1.8.9 much looks otherwise that people read, and programs do not.
    listings: &'static [&'static [&'static str]],
}

impl Twins {
    pub fn new(play: &Playground, family: Family) -> io::Result<Twins> {
        let name = if family == Family::Ipv4 { "iptables" } else { "ip6tables" };
        let [ours, theirs] = [Side::new(play.namespace()?)?, Side::new(play.namespace()?)?];
        let program = match std::env::var("LIBFW_TEST_PEER") {
            Ok(directory) => format!("{directory}/{name}"),
            Err(_) => format!("{name}-{}", if ours.is_nft() { "nft" } else { "legacy" }),
        };
        let Ok(version) = ours.place.command(&program).arg("--version").output() else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, format!("{program} is not installed")));
        };
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        if version.contains("(nf_tables)") != ours.is_nft() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("{program} is for another backend"),
            ));
        }
        let modern = version.contains("v1.8.11");
        let listings = if version.contains("v1.8.7") { &LISTINGS[..1] } else { &LISTINGS[..] };
        let twins = Twins { ours, theirs, family, program, modern, listings };
        for side in [&twins.ours, &twins.theirs] {
            // What lines may name. Where the kernel has no such thing, it refuses the line on both sides.
            for (name, ipv6) in [("web", family == Family::Ipv6), ("other", family == Family::Ipv4)] {
                let _ = side.place.create_set_of(Set { ipv6, ..Set::new(name) }, &[]);
            }
            let _ = side.place.create_counter("web", None);
            side.libfw(family, &["-N", "web"]);
            let estimator = "-A web -j RATEEST --rateest-name web --rateest-interval 1s --rateest-ewmalog 4s";
            side.libfw(family, &estimator.split(' ').collect::<Vec<_>>());
        }
        Ok(twins)
    }

    /// The tables that the kernel has.
    pub fn tables(&self) -> Vec<(&'static str, &'static [Hook])> {
        let has = |table: &str| self.ours.kernel.open(self.family, table).is_ok();
        TABLES.into_iter().filter(|(table, _)| has(table)).collect()
    }

    /// Puts the lines into both, compares all there is, and deletes them. Also says which lines both accepted.
    pub fn compare(&self, lines: &[Line]) -> (BTreeSet<usize>, Vec<Difference>) {
        let (accepted, found) = self.pass(lines);
        (accepted, confirm(lines, &found, |line| self.pass(line).1))
    }

    /// The same for libfw on another kind of kernel, where only the listings can be the same.
    pub fn compare_on(&self, ours: &Side, lines: &[Line]) -> (BTreeSet<usize>, Vec<Difference>) {
        let (accepted, found) = self.pass_on(ours, lines);
        (accepted, confirm(lines, &found, |line| self.pass_on(ours, line).1))
    }

    fn pass(&self, lines: &[Line]) -> (BTreeSet<usize>, Found) {
        let pair = [&self.ours, &self.theirs];
        let (rules, mut found) = self.add(pair, lines);
        if self.ours.is_nft() {
            self.compare_readers(lines, &rules, &mut found);
        } else {
            self.compare_bytes(lines, &rules, &mut found);
        }
        self.compare_lists(lines, &rules, pair, &mut found);
        let accepted = rules.lines();
        for (number, line) in accepted.iter().map(|number| (*number, &lines[*number])) {
            let (theirs, _) = self.ours.iptables(&self.program, &line.command("-D"));
            let (ours, _) = self.theirs.libfw(line.family, &line.command("-D"));
            if ours.status != 0 || theirs.status != 0 {
                let shown = [&ours, &theirs].map(|said| format!("{}: {}", said.status, said.words));
                found.add(number, line, "deletes", shown, [ours, theirs]);
            }
        }
        rules.flush(lines, pair);
        (accepted, found)
    }

    fn pass_on(&self, ours: &Side, lines: &[Line]) -> (BTreeSet<usize>, Found) {
        let pair = [ours, &self.theirs];
        let (rules, _) = self.add(pair, lines);
        let mut found = Found::default();
        self.compare_lists(lines, &rules, pair, &mut found);
        rules.flush(lines, pair);
        (rules.lines(), found)
    }

    /// Puts lines into both; those that only one accepts are in none afterwards.
    fn add(&self, pair: [&Side; 2], lines: &[Line]) -> (Rules, Found) {
        let (mut rules, mut found) = (Rules::default(), Found::default());
        for (number, line) in lines.iter().enumerate() {
            // At the head of its chain every rule is within the kernel's reach.
            let before = pair.map(|side| side.entries(line));
            let (ours, _) = pair[0].libfw(line.family, &line.command("-I"));
            let (theirs, _) = pair[1].iptables(&self.program, &line.command("-I"));
            let added = [0, 1].map(|i| pair[i].entries(line) - before[i]);
            let shown = [&ours, &theirs].map(|said| format!("{}: {}", said.status, said.words));
            if added[0] != added[1] || (ours.status == 0) != (theirs.status == 0) {
                found.add(number, line, "accepts", shown, [ours, theirs]);
                for side in pair {
                    side.libfw(line.family, &line.command("-D"));
                }
                continue;
            }
            if self.modern && (ours.status, &ours.words) != (theirs.status, &theirs.words) {
                found.add(number, line, "says", shown, [ours, theirs]);
            }
            rules.insert(line, number, added[0]);
        }
        (rules, found)
    }

    fn compare_bytes(&self, lines: &[Line], rules: &Rules, found: &mut Found) {
        for ((table, chain), owners) in &rules.0 {
            let [ours, theirs] = [&self.ours, &self.theirs].map(|side| side.bytes(self.family, table, chain));
            for ((number, ours), theirs) in owners.iter().zip(&ours).zip(&theirs) {
                if ours != theirs {
                    found.add(*number, &lines[*number], "bytes", window(ours, theirs), Default::default());
                }
            }
        }
    }

    /// What iptables has written, which is in other forms than ours in nf_tables, libfw lists as iptables does.
    fn compare_readers(&self, lines: &[Line], rules: &Rules, found: &mut Found) {
        for ((table, chain), owners) in &rules.0 {
            let args = ["-t", table, "-S", chain];
            let ours = self.theirs.libfw(self.family, &args).1;
            let (said, theirs) = self.theirs.iptables(&self.program, &args);
            let texts = [listed(&ours), listed(&theirs)];
            let [ours, theirs] = [0, 1].map(|i| texts[i].get(chain).map(Vec::as_slice).unwrap_or_default());
            for (index, number) in owners.iter().enumerate() {
                let shown = [ours, theirs].map(|rules| rules.get(index).copied().unwrap_or("(not listed)"));
                if shown[0] != shown[1] {
                    let said = [Said::default(), said.clone()];
                    found.add(*number, &lines[*number], "-S of theirs", shown.map(str::to_owned), said);
                }
            }
        }
    }

    fn compare_lists(&self, lines: &[Line], rules: &Rules, pair: [&Side; 2], found: &mut Found) {
        let mut tables: Vec<_> = rules.0.keys().map(|(table, _)| *table).collect();
        tables.dedup();
        for table in tables {
            for options in self.listings {
                let args: Vec<_> = ["-t", table].iter().chain(*options).copied().collect();
                let ours = pair[0].libfw(self.family, &args).1;
                let (said, theirs) = pair[1].iptables(&self.program, &args);
                let texts = [listed(&ours), listed(&theirs)];
                for ((_, chain), owners) in rules.0.iter().filter(|((place, _), _)| *place == table) {
                    let [ours, theirs] =
                        [0, 1].map(|i| texts[i].get(chain).map(Vec::as_slice).unwrap_or_default());
                    for (index, number) in owners.iter().enumerate() {
                        let shown =
                            [ours, theirs].map(|rules| rules.get(index).copied().unwrap_or("(not listed)"));
                        if shown[0] != shown[1] {
                            let said = [Said::default(), said.clone()];
                            found.add(
                                *number,
                                &lines[*number],
                                options.last().unwrap(),
                                shown.map(str::to_owned),
                                said,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// The rules of each table and chain from top to bottom, as the numbers of the lines that made them.
#[derive(Default)]
struct Rules(BTreeMap<(&'static str, &'static str), Vec<usize>>);

impl Rules {
    fn insert(&mut self, line: &Line, number: usize, rules: usize) {
        for _ in 0..rules {
            self.0.entry((line.table, line.chain)).or_default().insert(0, number);
        }
    }

    /// The numbers of the lines that made rules.
    fn lines(&self) -> BTreeSet<usize> {
        self.0.values().flatten().copied().collect()
    }

    /// Removes whatever is left.
    fn flush(&self, lines: &[Line], pair: [&Side; 2]) {
        let places: BTreeSet<_> = lines.iter().map(|line| (line.family, line.table, line.chain)).collect();
        for (family, table, chain) in places {
            for side in pair {
                side.libfw(family, &["-t", table, "-F", chain]);
            }
        }
    }
}

/// Differences by the number of the line.
#[derive(Default)]
struct Found(BTreeMap<usize, Vec<Difference>>);

impl Found {
    fn add(
        &mut self,
        number: usize,
        line: &Line,
        what: &'static str,
        [ours, theirs]: [String; 2],
        said: [Said; 2],
    ) {
        let difference = Difference { line: line.clone(), what, ours, theirs, said };
        self.0.entry(number).or_default().push(difference);
    }
}

/// Looks at the lines again that made a difference, each alone: among others a line may meet their state in the kernel.
fn confirm(lines: &[Line], found: &Found, alone: impl Fn(&[Line]) -> Found) -> Vec<Difference> {
    let again = found.0.keys().map(|number| alone(std::slice::from_ref(&lines[*number])));
    again.flat_map(|found| found.0.into_values().flatten()).collect()
}

/// The rules of a listing by chain, one line each.
fn listed(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut chains: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut chain = None;
    for line in text.lines() {
        if let Some(rule) = line.strip_prefix("-A ") {
            chains.entry(rule.split(' ').next().unwrap_or_default()).or_default().push(line);
        } else if let Some(heading) = line.strip_prefix("Chain ") {
            chain = heading.split(' ').next();
        } else if line.is_empty() {
            chain = None;
        } else if let Some(chain) =
            chain.filter(|_| !line.starts_with("target ") && !line.trim_start().starts_with("pkts "))
        {
            chains.entry(chain).or_default().push(line);
        }
    }
    chains
}

/// The first bytes that differ, in hexadecimal.
fn window(ours: &[u8], theirs: &[u8]) -> [String; 2] {
    let start = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs).unwrap_or(0);
    let last = ours.iter().zip(theirs).rposition(|(ours, theirs)| ours != theirs).unwrap_or(0);
    [ours, theirs].map(|bytes| {
        let shown = bytes.get(start..(last + 1).min(start + 40)).unwrap_or_default();
        let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} bytes, at {start}: {hex}", bytes.len())
    })
}
