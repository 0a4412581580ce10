//! libfw and iptables beside each other: generated lines go through both, in twin namespaces, and must come out the same.
//!
//! Equal are: whether a line is accepted, the bytes in the kernel, and what `-S`, `-L`, `-L -n` and `-L -nvx` print. Then
//! each deletes what the other wrote. Against iptables 1.8.11 its messages are compared too; older versions say some things in
//! other words. What may differ stands in [`known`], each with its reason.
//!
//! - `LIBFW_TEST_SCALE`: times 5,000 lines; 1 unless given.
//! - `LIBFW_TEST_SEED`: another number gives other lines.
//! - `LIBFW_TEST_PEER`: the directory of `iptables` and `ip6tables` to compare with; otherwise `iptables-legacy` and
//!   `ip6tables-legacy` are looked for in the usual places.
//! - `LIBFW_TEST_REPORT`: a file that gets how often each reason applied.

#[path = "../common/mod.rs"]
mod common;
mod known;
mod older;
mod side;
mod twins;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use common::generate::{Lines, extensions};
use common::random::Random;
use libfw::ext::Extension;
use libfw::{Family, Hook};
use libfw_playground::{Playground, test};
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

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn ipv4_lines_come_out_as_from_iptables() {
    test(|play| lines_come_out_as_from_iptables(play, Family::Ipv4));
}

#[test]
fn ipv6_lines_come_out_as_from_iptables() {
    test(|play| lines_come_out_as_from_iptables(play, Family::Ipv6));
}

fn lines_come_out_as_from_iptables(play: &Playground, family: Family) -> io::Result<()> {
    let twins = Twins::new(play, family)?;
    let tables = twins.tables();
    let mut lines = Lines::new(number("LIBFW_TEST_SEED", 1), family);
    let mut tally = Tally::default();
    let count = 2_500 * number("LIBFW_TEST_SCALE", 1) as usize;
    let all = extensions(family);
    let mut next = all.iter().cycle();
    while tally.lines < count {
        let mut batch = Vec::new();
        for extension in next.by_ref().take(BATCH) {
            let (table, chain) = place(&mut lines.random, extension, &tables);
            batch.push(Line { family, table, chain, words: lines.line(extension) });
        }
        tally.lines += batch.len();
        let (accepted, differences) = twins.compare(&batch);
        tally.accepted += accepted;
        tally.sort(&twins, differences);
    }
    tally.verdict(count / 5)
}

/// Rules that an older program wrote, or that were written for an older kernel, are in older revisions.
#[test]
fn older_revisions_are_listed_as_by_iptables() {
    test(|play| {
        for family in Family::ALL {
            let twins = Twins::new(play, family)?;
            let tables = twins.tables();
            let mut lines = Lines::new(number("LIBFW_TEST_SEED", 1) ^ 0x01d, family);
            let mut tally = Tally::default();
            let mut wanted = 0;
            for extension in extensions(family) {
                for revision in extension.revisions_of(family).skip(1) {
                    let side = Older::side(&twins.ours, extension, revision.number);
                    let backend = side.kernel.backend();
                    let (kind, name) = (extension.kind, extension.kernel_name);
                    if !backend.supports(family, kind, name, revision.number).is_ok_and(|known| known) {
                        continue;
                    }
                    wanted += 1;
                    let mut batch = Vec::new();
                    for _ in 0..20 * number("LIBFW_TEST_SCALE", 1) {
                        let (table, chain) = place(&mut lines.random, extension, &tables);
                        batch.push(Line { family, table, chain, words: lines.line(extension) });
                    }
                    tally.lines += batch.len();
                    let (accepted, differences) = twins.list_both(&side, &batch);
                    tally.accepted += usize::from(accepted > 0);
                    tally.sort(&twins, differences);
                }
            }
            // Nearly every revision is seen in a rule.
            tally.verdict(wanted * 3 / 4)?;
        }
        Ok(())
    });
}

/// A table and chain for an extension: most often one where the kernel takes it.
fn place(
    random: &mut Random,
    extension: &Extension,
    tables: &[(&'static str, &'static [Hook])],
) -> (&'static str, &'static str) {
    let limits = &extension.limits;
    let stray = random.once_in(15);
    let fits = |table: &str| stray || limits.tables.is_empty() || limits.tables.contains(&table);
    let mut places = Vec::new();
    for (table, hooks) in tables.iter().filter(|(table, _)| fits(table)) {
        let hooks = hooks.iter().filter(|hook| stray || limits.hooks.contains(**hook));
        places.extend(hooks.map(|hook| (*table, hook.chain_name())));
    }
    // The filter table is where most rules are.
    if places.is_empty() { ("filter", "INPUT") } else { *random.pick(&places) }
}

/// What was seen.
#[derive(Default)]
struct Tally {
    lines: usize,
    accepted: usize,
    excused: BTreeMap<&'static str, usize>,
    unexplained: Vec<Difference>,
}

impl Tally {
    fn sort(&mut self, twins: &Twins, differences: Vec<Difference>) {
        for difference in differences {
            match known::reason(twins.modern, &difference) {
                Some(reason) => *self.excused.entry(reason).or_default() += 1,
                None => self.unexplained.push(difference),
            }
        }
    }

    fn verdict(self, least: usize) -> io::Result<()> {
        let mut report = format!("{} lines, {} accepted by both\n", self.lines, self.accepted);
        for (reason, times) in &self.excused {
            let _ = writeln!(report, "{times:6} {reason}");
        }
        if let Some(path) = std::env::var_os("LIBFW_TEST_REPORT") {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            io::Write::write_all(&mut file, report.as_bytes())?;
        }
        assert!(self.accepted >= least, "{report}too few were accepted");
        let count = self.unexplained.len();
        let shown: String = self.unexplained.iter().map(ToString::to_string).collect();
        assert!(count == 0, "{shown}{report}{count} differences that are not known");
        Ok(())
    }
}
