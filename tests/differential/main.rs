//! libfw and iptables beside each other: generated lines go through both, in twin namespaces, and must come out the same.
//!
//! Equal are: whether a line is accepted, the bytes in the kernel, and what `-S`, `-L`, `-L -n` and `-L -nvx` print. Then
//! each deletes what the other wrote. In nf_tables, where iptables writes in other forms, libfw reads these as iptables does. Against iptables 1.8.11 its messages are compared too; older versions say some things in
//! other words. What may differ stands in [`known`], each with its reason.
//!
//! - `LIBFW_TEST_SCALE`: times 5,000 lines; a quarter unless given.
//! - `LIBFW_TEST_SEED`: another number gives other lines.
//! - `LIBFW_TEST_PEER`: the directory of `iptables` and `ip6tables` to compare with; otherwise `iptables-legacy` and
//!   `ip6tables-legacy`, or on nf_tables `iptables-nft`, `ip6tables-nft` and `arptables-nft`, are looked for in the usual places.
//! - `LIBFW_TEST_REPORT`: a file that gets how often each reason applied.

mod arp;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/forward.rs"]
mod forward;
mod known;
mod older;
mod sessions;
mod side;
mod twins;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use common::generate::{Lines, extensions};
use common::random::Random;
use known::{Known, with_newer_protocol};
use libfw::ext::Extension;
use libfw::{Family, Hook};
use libfw_playground::{Playground, cases, seed, test, test_on};
use older::Older;
use twins::{Difference, Line, Twins};

/// Lines between two comparisons of all tables.
const BATCH: usize = 150;

const TABLES: [(&str, &[Hook]); 5] = {
    use Hook::{Forward, Input, Output, Postrouting, Prerouting};
    [
        ("filter", &[Input, Forward, Output]),
        ("mangle", &[Prerouting, Input, Forward, Output, Postrouting]),
        ("nat", &[Prerouting, Input, Output, Postrouting]),
        ("raw", &[Prerouting, Output]),
        ("security", &[Input, Forward, Output]),
    ]
};

#[test]
fn ipv4_lines_come_out_as_from_iptables() {
    test(|play| lines_come_out_as_from_iptables(play, Family::Ipv4));
}

#[test]
fn lines_for_arp_come_out_as_from_arptables() {
    test_on("nft", |play| arp::play(play, cases(300)));
}

#[test]
fn sessions_end_as_with_iptables() {
    test(|play| sessions::play(play, Family::Ipv4));
}

#[test]
fn sessions_of_ipv6_end_as_with_iptables() {
    test(|play| sessions::play(play, Family::Ipv6));
}

#[test]
fn sessions_in_memory_end_as_in_the_kernel() {
    test_on("nft", |play| Family::ALL.into_iter().try_for_each(|family| sessions::in_memory(play, family)));
}

#[test]
fn ipv6_lines_come_out_as_from_iptables() {
    test(|play| lines_come_out_as_from_iptables(play, Family::Ipv6));
}

fn lines_come_out_as_from_iptables(play: &Playground, family: Family) -> io::Result<()> {
    let twins = Twins::new(play, family)?;
    let tables = twins.tables();
    let mut lines = Lines::new(seed(), family);
    let mut tally = Tally::new(&twins, &[]);
    let count = cases(2_500);
    let all = extensions(family);
    let mut next = all.iter().cycle();
    while tally.lines < count {
        let chosen: Vec<&Extension> = next.by_ref().take(BATCH).copied().collect();
        let batch = chosen.iter().map(|extension| line(&mut lines, extension, &tables)).collect::<Vec<_>>();
        tally.lines += batch.len();
        let (accepted, differences) = twins.compare(&batch);
        tally.accepted += accepted.len();
        tally.seen.extend(accepted.iter().map(|number| chosen[*number].name));
        tally.sort(differences);
    }
    let never = all.iter().map(|extension| extension.name).filter(|name| !tally.seen.contains(name));
    tally.never = never.collect();
    tally.verdict(count / 5)
}

/// Rules that were written for an older kernel, or by an older program, are in older revisions. iptables does not show them,
/// so they are compared with what it shows of the newest.
#[test]
fn older_revisions_are_listed_as_the_newest() {
    test_on("legacy", |play| {
        for family in Family::ALL {
            let twins = Twins::new(play, family)?;
            let tables = twins.tables();
            let mut lines = Lines::new(seed() ^ 0x01d, family);
            let mut tally = Tally::new(&twins, known::REVISIONS);
            let (mut wanted, mut seen) = (0, 0);
            for extension in extensions(family) {
                for revision in extension.revisions_of(family).skip(1) {
                    // Revision 0 of an alias is the kernel's own of that name, which is listed under it.
                    if revision.number == 0 && extension.name != extension.kernel_name {
                        continue;
                    }
                    let side = Older::side(&twins.ours, extension, revision.number);
                    let backend = side.kernel.backend();
                    let (kind, name) = (extension.kind, extension.kernel_name);
                    if !backend.supports(family, kind, name, revision.number).is_ok_and(|known| known) {
                        continue;
                    }
                    wanted += 1;
                    let count = cases(30);
                    let batch: Vec<_> = (0..count).map(|_| line(&mut lines, extension, &tables)).collect();
                    tally.lines += batch.len();
                    let (accepted, differences) = twins.compare_on(&side, &batch);
                    tally.accepted += accepted.len();
                    seen += usize::from(!accepted.is_empty());
                    tally.sort(differences);
                }
            }
            assert!(seen * 3 >= wanted * 2, "only {seen} of {wanted} older revisions were seen in a rule");
            tally.verdict(wanted)?;
        }
        Ok(())
    });
}

/// A line for an extension, in a chain for it.
fn line(lines: &mut Lines, extension: &Extension, tables: &[(&'static str, &'static [Hook])]) -> Line {
    let (table, chain) = place(&mut lines.random, extension, tables);
    Line { family: lines.family, table, chain, words: lines.line(extension) }
}

/// A table and chain for an extension: most often one where the kernel takes it.
fn place(
    random: &mut Random,
    extension: &Extension,
    tables: &[(&'static str, &'static [Hook])],
) -> (&'static str, &'static str) {
    let limits = &extension.placement;
    let stray = random.once_in(15);
    let fits = |table: &str| stray || limits.tables.is_empty() || limits.tables.contains(&table);
    let mut places = Vec::new();
    for (table, hooks) in tables.iter().filter(|(table, _)| fits(table)) {
        let hooks = hooks.iter().filter(|hook| stray || limits.hooks.contains(**hook));
        places.extend(hooks.map(|hook| (*table, hook.chain_name())));
    }
    if places.is_empty() { ("filter", "INPUT") } else { *random.pick(&places) }
}

/// What was seen.
struct Tally {
    modern: bool,
    known: [&'static [Known]; 5],
    lines: usize,
    accepted: usize,
    /// The extensions of lines that both accepted, and those without one.
    seen: BTreeSet<&'static str>,
    never: Vec<&'static str>,
    excused: BTreeMap<&'static str, usize>,
    unexplained: Vec<Difference>,
}

impl Tally {
    fn new(twins: &Twins, known: &'static [Known]) -> Tally {
        let older = if twins.modern { &[] } else { known::OLDER };
        let nft: [&[Known]; 2] =
            if twins.ours.is_nft() { [known::NFT, known::NFT_SESSIONS] } else { [&[], &[]] };
        Tally {
            modern: twins.modern,
            known: [nft[0], nft[1], known::KNOWN, older, known],
            lines: 0,
            accepted: 0,
            seen: BTreeSet::new(),
            never: Vec::new(),
            excused: BTreeMap::new(),
            unexplained: Vec::new(),
        }
    }

    fn sort(&mut self, differences: Vec<Difference>) {
        for difference in differences {
            let Some(difference) =
                (if self.modern { Some(difference) } else { with_newer_protocol(difference) })
            else {
                continue;
            };
            match known::reason(&self.known, &difference) {
                Some(reason) => *self.excused.entry(reason).or_default() += 1,
                None => self.unexplained.push(difference),
            }
        }
    }

    fn verdict(self, least: usize) -> io::Result<()> {
        let mut report = format!("{} lines, {} accepted by both\n", self.lines, self.accepted);
        if !self.never.is_empty() {
            let _ = writeln!(report, "no line was accepted for {}", self.never.join(", "));
        }
        for (reason, times) in &self.excused {
            let _ = writeln!(report, "{times:6} {reason}");
        }
        if let Some(path) = std::env::var_os("LIBFW_TEST_REPORT") {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            io::Write::write_all(&mut file, report.as_bytes())?;
        }
        assert!(self.accepted >= least, "{report}too few were accepted");
        let other_words = self.excused.get(known::ANOTHER_MISTAKE).copied().unwrap_or_default();
        assert!(other_words * 40 <= self.lines, "{report}too many messages differ");
        let count = self.unexplained.len();
        let shown: String = self.unexplained.iter().map(ToString::to_string).collect();
        assert!(count == 0, "{shown}{report}{count} differences that are not known");
        Ok(())
    }
}
