//! Beside iptables-nft in a kernel: generated lines that both write, and that each lists and deletes.
//!
//! - `LIBFW_TEST_ORACLES`: a directory whose `bin` has `iptables-nft-1.8.7`, `ip6tables-nft-1.8.11` and the like. The
//!   `iptables-nft` of the system is compared with too. Texts are compared only with version 1.8.11.
//! - `LIBFW_TEST_SCALE`: times 300 lines; a quarter unless given. `LIBFW_TEST_SEED`: another number gives other lines.

mod known;
mod program;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use known::Seen;
use libfw_playground::set::Set;
use libfw_playground::{Playground, cases, seed};
use program::Program;

use super::super::expr::*;
use super::*;
use crate::common::generate::{Lines, extensions};
use crate::common::random::Random;
use crate::ext::{Extension, ExtensionKind, Host, SetInfo, System};
use crate::kernel::LegacySocket;
use crate::kernel::nft::attr::be32;
use crate::kernel::nft::base;
use crate::kernel::nft::batch::{Batch, Place, Subject};
use crate::kernel::nft::session::{Session, Trouble};
use crate::rule::grammar::parse_rule;
use crate::rule::{RuleRef, convert};
use crate::types::Policy;

/// A table and a chain.
type Spot = (&'static str, &'static str);

/// A line of options, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    place: Spot,
    words: Vec<String>,
}

/// A line and a rule that it stands for.
struct Item {
    line: Line,
    rule: Rule,
}

/// A rule as the kernel tells it.
struct Dumped {
    rule: Result<Rule, Foreign>,
    expressions: Vec<u8>,
}

impl Dumped {
    /// Whether a match or target is there without its bytes of xtables. TRACE always is.
    fn is_native(&self) -> bool {
        Attrs::new(&self.expressions).any(|(_, element)| {
            let [_, name, data] = Attrs::new(element).fields();
            let field = |number| Attrs::new(data.unwrap_or_default()).get(number).and_then(be32);
            match name.unwrap_or_default() {
                b"limit\0" | b"log\0" => true,
                b"payload\0" => field(NFTA_PAYLOAD_BASE) == Some(NFT_PAYLOAD_TRANSPORT_HEADER),
                b"meta\0" => field(NFTA_META_KEY) == Some(NFT_META_MARK),
                _ => false,
            }
        })
    }
}

/// The kernel of the test's namespace.
pub(super) struct Here {
    session: RefCell<Session>,
    pub(super) family: Family,
    system: System,
}

/// What the kernel has.
#[derive(Debug)]
struct Asked {
    session: Mutex<Session>,
    sets: LegacySocket,
}

fn io(trouble: Trouble) -> io::Error {
    io::Error::other(format!("{trouble:?}"))
}

impl Here {
    pub(super) fn new(family: Family) -> io::Result<Here> {
        let unsupported = |what| io::Error::new(io::ErrorKind::Unsupported, what);
        let open = || Session::open(None).map_err(|_| unsupported("the kernel has no netlink for netfilter"));
        let mut session = open()?;
        session.generation().map_err(|_| unsupported("the kernel has no nf_tables"))?;
        let asked = Asked { session: Mutex::new(open()?), sets: LegacySocket::new(None) };
        Ok(Here { session: RefCell::new(session), family, system: System::new(Arc::new(asked)) })
    }

    fn number(&self) -> u8 {
        self.family.pick(libc::NFPROTO_IPV4, libc::NFPROTO_IPV6) as u8
    }

    fn subject(&self, table: &'static str) -> Subject<'static> {
        Subject { family: self.number(), table: table.as_bytes(), tag: 0 }
    }

    /// Makes changes.
    fn change(&self, write: impl FnOnce(&mut Batch)) -> Result<(), Trouble> {
        let mut session = self.session.borrow_mut();
        let mut batch = Batch::new(session.generation()?);
        write(&mut batch);
        session.commit(&mut batch)
    }

    /// Empty tables, with all base chains and one chain more.
    pub(super) fn clear(&self) -> Result<(), Trouble> {
        let tables = self.session.borrow_mut().tables(self.number())?;
        self.change(|batch| {
            for table in base::tables(Family::Ipv4) {
                let subject = self.subject(table.name);
                if tables.iter().any(|there| there.name == subject.table) {
                    batch.delete_table(subject);
                }
                batch.add_table(subject);
                for chain in table.chains {
                    batch.add_base_chain(subject, chain, Policy::Accept, Counters::ZERO);
                }
                batch.add_chain(subject, b"web");
            }
        })
    }

    /// Appends a rule.
    pub(super) fn append(&self, (table, chain): Spot, rule: &Rule) -> Result<(), Trouble> {
        let entry = Entry::new(self.family, rule.bytes());
        self.change(|batch| {
            let said = batch.rule(self.subject(table), chain.as_bytes(), Place::Last, |writer| {
                write(entry, rule.jump(), Counters::ZERO, writer)
            });
            assert_eq!(said, Some(Ok(())));
        })
    }

    /// The rules of a chain.
    pub(super) fn rules(&self, place: Spot) -> Vec<Result<Rule, Foreign>> {
        self.dump(place).into_iter().map(|dumped| dumped.rule).collect()
    }

    fn dump(&self, (table, chain): Spot) -> Vec<Dumped> {
        let mut found = Vec::new();
        let mut session = self.session.borrow_mut();
        let dumped = session.rules(self.number(), table.as_bytes(), Some(chain.as_bytes()), false, |rule| {
            let expressions = rule.expressions.to_vec();
            found.push(Dumped { rule: read(self.family, rule.expressions, rule.userdata), expressions });
            Ok(())
        });
        dumped.expect("a dump");
        found
    }
}

impl Host for Asked {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        let mut session = self.session.lock().expect("no panic");
        Ok(session
            .supports(family.pick(libc::NFPROTO_IPV4, libc::NFPROTO_IPV6) as u8, kind, name, revision)
            .expect("an answer"))
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.sets.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.sets.set_by_index(index)
    }
}

#[test]
fn ipv4_rules_are_those_of_iptables_nft() {
    libfw_playground::test(|play| rules_are_those_of_iptables_nft(play, Family::Ipv4));
}

#[test]
fn ipv6_rules_are_those_of_iptables_nft() {
    libfw_playground::test(|play| rules_are_those_of_iptables_nft(play, Family::Ipv6));
}

fn rules_are_those_of_iptables_nft(play: &Playground, family: Family) -> io::Result<()> {
    let place = play.namespace()?;
    for (name, ipv6) in [("web", family == Family::Ipv6), ("other", family == Family::Ipv4)] {
        // Where the kernel has no sets, it refuses lines with them.
        let _ = place.create_set_of(Set { ipv6, ..Set::new(name) }, &[]);
    }
    place.run(|| {
        let here = Here::new(family)?;
        let programs = Program::all(family)?;
        let lines = lines_for_here(&here)?;
        let mut seen = Seen::default();
        let reader = programs.iter().find(|program| program.version == "1.8.11");
        for program in &programs {
            let alike = theirs(&here, program, reader.unwrap_or(program), &lines, &mut seen).map_err(io)?;
            ours(&here, program, &alike, &mut seen).map_err(io)?;
        }
        seen.verdict(lines.len(), programs.len());
        Ok(())
    })
}

/// Lines that the kernel takes as libfw writes them, with their rules.
fn lines_for_here(here: &Here) -> io::Result<Vec<Item>> {
    let family = here.family;
    here.clear().map_err(io)?;
    let mut lines = Lines::new(seed(), family);
    let all = extensions(family);
    let wanted = cases(150);
    let (mut found, mut tried) = (Vec::new(), 0);
    for extension in all.iter().cycle() {
        if found.len() >= wanted {
            break;
        }
        tried += 1;
        let place = place(&mut lines.random, extension);
        let words = lines.line(extension);
        let rule = parse_rule(family, &words, &here.system, &mut |_| {});
        let Ok(rule) = rule.and_then(|rule| convert(rule, &here.system)) else { continue };
        let line = Line { place, words };
        // iptables has no such matches, and does not list a chain with one.
        if rule.view().matches().any(|part| matches!(part.name(), b"udplite" | b"l2tp")) {
            continue;
        }
        if written(&rule, Counters::ZERO).is_ok() && here.append(line.place, &rule).is_ok() {
            found.push(Item { line, rule });
        }
    }
    assert!(tried < wanted * 6, "only {} of {tried} lines were accepted", found.len());
    Ok(found)
}

/// A table and chain for an extension.
fn place(random: &mut Random, extension: &Extension) -> Spot {
    let placement = &extension.placement;
    let mut places = Vec::new();
    for table in base::tables(Family::Ipv4) {
        if placement.tables.is_empty() || placement.tables.contains(&table.name) {
            let chains = table.chains.iter().filter(|chain| placement.hooks.contains(chain.hook));
            places.extend(chains.map(|chain| (table.name, chain.hook.chain_name())));
        }
    }
    *random.pick(&places)
}

/// The lines of each chain, in their order.
fn by_chain<'l>(lines: &[&'l Item]) -> BTreeMap<Spot, Vec<&'l Item>> {
    let mut chains = BTreeMap::<_, Vec<_>>::new();
    for item in lines {
        chains.entry(item.line.place).or_default().push(*item);
    }
    chains
}

fn text(rule: &Rule, here: &Here) -> String {
    let view = RuleRef { host: &here.system, names: None, ..rule.view() };
    String::from_utf8_lossy(&view.to_text(false)).into_owned()
}

/// A program writes, libfw reads and writes what it has read. That must be listed as what the program wrote, and the program
/// must delete it as its own. Returns the lines that both understand alike.
fn theirs<'l>(
    here: &Here,
    program: &Program,
    reader: &Program,
    lines: &'l [Item],
    seen: &mut Seen,
) -> Result<Vec<&'l Item>, Trouble> {
    here.clear()?;
    let accepted = program.feed("-A", &lines.iter().collect::<Vec<_>>());
    assert!(accepted.len() * 4 > lines.len() * 3, "{} takes {} lines only", program.version, accepted.len());
    let mut originals = Vec::new();
    let mut alike = Vec::new();
    for (place, lines) in by_chain(&accepted) {
        let rules = here.dump(place);
        assert_eq!(rules.len(), lines.len(), "{} in {place:?}", program.version);
        let listed = reader.list(place);
        assert_eq!(rules.len(), listed.len(), "{} in {place:?}", program.version);
        for ((item, dumped), listed) in lines.into_iter().zip(rules).zip(listed) {
            let native = dumped.is_native();
            let found = match dumped.rule {
                Ok(found) => found,
                Err(Foreign(why)) => {
                    seen.add(program, "reads", item, why, &listed);
                    continue;
                }
            };
            let ours = text(&found, here);
            if ours != listed {
                seen.words(program, item, &ours, &listed);
            }
            if found == item.rule {
                alike.push(item);
            } else {
                seen.meaning(program, item, &text(&item.rule, here), &ours);
            }
            let expressions = (!native).then_some(dumped.expressions);
            originals.push((Item { line: item.line.clone(), rule: found }, listed, expressions));
        }
    }
    // Some it does not even find when it has written them itself.
    let own = program.feed("-D", &accepted);
    let finds = |line: &Line| own.iter().any(|item| item.line == *line);
    here.clear()?;
    let items: Vec<_> = originals.iter().map(|(item, ..)| item).collect();
    for item in &items {
        here.append(item.line.place, &item.rule)?;
    }
    let mut again: BTreeMap<_, _> = by_chain(&items)
        .into_keys()
        .map(|place| (place, reader.list(place).into_iter().zip(here.dump(place))))
        .collect();
    let mut same = 0;
    for (item, original, expressions) in &originals {
        let again = again.get_mut(&item.line.place).and_then(Iterator::next);
        let (listed, dumped) = again.expect("as many rules as were written");
        if listed != *original {
            seen.add(program, "lists", item, &listed, original);
        }
        // What 1.8.11 writes with the bytes of xtables is written to the last byte as it does.
        match expressions {
            Some(expressions) if program.version == "1.8.11" => {
                same += 1;
                if dumped.expressions != *expressions {
                    let shown = [&dumped.expressions, expressions].map(|bytes| format!("{bytes:02x?}"));
                    seen.add(program, "writes", item, &shown[0], &shown[1]);
                }
            }
            _ => {}
        }
    }
    assert!(program.version != "1.8.11" || same * 2 > originals.len(), "only {same} rules could be compared");
    let items: Vec<_> = items.into_iter().filter(|item| finds(&item.line)).collect();
    deletes(program, &items, "deletes its own", here, seen);
    Ok(alike.into_iter().filter(|item| finds(&item.line)).collect())
}

/// libfw writes, and a program reads and deletes.
fn ours(here: &Here, program: &Program, lines: &[&Item], seen: &mut Seen) -> Result<(), Trouble> {
    here.clear()?;
    for item in lines {
        here.append(item.line.place, &item.rule)?;
    }
    for (place, lines) in by_chain(lines) {
        let rules = here.rules(place);
        assert_eq!(rules.len(), lines.len());
        for (item, found) in lines.into_iter().zip(rules) {
            let found = found.unwrap_or_else(|error| panic!("{:?}: {error}", item.line));
            assert_eq!(found, item.rule, "{:?}: {found}, not {}", item.line, item.rule);
            assert_eq!(text(&found, here), text(&item.rule, here));
        }
    }
    deletes(program, lines, "deletes ours", here, seen);
    Ok(())
}

fn deletes(program: &Program, items: &[&Item], what: &'static str, here: &Here, seen: &mut Seen) {
    let deleted = program.feed("-D", items);
    for item in items {
        if !deleted.iter().any(|deleted| std::ptr::eq(*deleted, *item)) {
            seen.add(program, what, item, &text(&item.rule, here), "");
        }
    }
}
