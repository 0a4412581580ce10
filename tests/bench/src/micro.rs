//! Work on a table in memory: no kernel takes part, so what is measured is libfw alone.

use std::hint::black_box;
use std::io::sink;

use libfw::iptables::{ListStyle, RestoreOptions, list_chain, restore, save};
use libfw::{Counters, Family, Kernel, MemoryKernel, Policy, Result, Rule, Table};

use crate::workload::Shape;

/// The shapes it is done on.
pub const SHAPES: [Shape; 2] = [Shape::Flat, Shape::Kube];
/// Their number of rules.
pub const RULES: usize = 1_000;

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Text to rules.
    Parse,
    /// Text to rules, and these to the kernel's table, in whose order they are written at once.
    Restore,
    /// Rules to text.
    Print,
    /// Rules to a listing.
    List,
    /// Chains to the kernel's table.
    Encode,
    /// The kernel's table to chains.
    Decode,
    /// A rule is compared with all others of its chain.
    Compare,
    /// All rules of a chain are looked up in it, by its index.
    Lookup,
}

impl Work {
    /// Every piece of work.
    pub const ALL: [Work; 8] = [
        Work::Parse,
        Work::Restore,
        Work::Print,
        Work::List,
        Work::Encode,
        Work::Decode,
        Work::Compare,
        Work::Lookup,
    ];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Work::Parse => "parse",
            Work::Restore => "restore",
            Work::Print => "print",
            Work::List => "list",
            Work::Encode => "encode",
            Work::Decode => "decode",
            Work::Compare => "compare",
            Work::Lookup => "lookup",
        }
    }
}

/// A workload that is ready to be worked on. No work changes it.
pub struct Bench {
    text: String,
    kernel: Kernel,
    /// One whose tables nobody has open.
    other: Kernel,
    table: Table,
    /// A chain with a policy.
    hooked: String,
    /// The longest chain, and its rules.
    longest: String,
    rules: Vec<Rule>,
}

impl Bench {
    /// A workload of [`RULES`] rules.
    ///
    /// # Errors
    ///
    /// None is expected.
    ///
    /// # Panics
    ///
    /// When the workload has no rules.
    pub fn new(shape: Shape) -> Result<Bench> {
        let text = shape.generate(RULES);
        let kernel = MemoryKernel::new().kernel();
        read(&kernel, &text, &RestoreOptions::default())?;
        let table = kernel.open_locked(Family::Ipv4, shape.tables()[0])?;
        let longest = table.chains().max_by_key(|chain| chain.len()).expect("a chain");
        let rules: Vec<_> = longest.rules().map(|rule| rule.to_rule()).collect();
        assert!(!rules.is_empty(), "a chain without rules");
        let hooked = table.chains().find(|chain| chain.hook().is_some()).expect("a built-in chain");
        let [longest, hooked] = [longest, hooked].map(|chain| chain.name().into_owned());
        Ok(Bench { text, kernel, other: MemoryKernel::new().kernel(), hooked, longest, rules, table })
    }

    /// Does the work once.
    ///
    /// # Errors
    ///
    /// None is expected.
    pub fn run(&mut self, work: Work) -> Result<()> {
        match work {
            Work::Parse => {
                read(&self.kernel, &self.text, &RestoreOptions::new().test(true))?;
            }
            Work::Restore => read(&self.other, &self.text, &RestoreOptions::default())?,
            Work::List => {
                let style = ListStyle::new().numeric(true).verbose(true).exact(true);
                let list = |chain| drop(black_box(list_chain(chain, None, style, &mut sink())));
                self.table.chains().for_each(list);
            }
            Work::Print => drop(black_box(save(&self.table, false, &mut sink()))),
            Work::Encode => {
                // The least of edits makes the whole table be written.
                self.table.chain_mut(&self.hooked)?.set_policy(Policy::Accept, Some(Counters::ZERO))?;
                black_box(self.table.commit()?);
            }
            Work::Decode => drop(black_box(self.kernel.open(Family::Ipv4, self.table.name())?)),
            Work::Compare => {
                let wanted = self.rules.last().map(Rule::view);
                let chain = self.table.chain(&self.longest);
                black_box(chain.map(|chain| chain.rules().position(|rule| Some(rule) == wanted)));
            }
            Work::Lookup => {
                for rule in &self.rules {
                    let chain = self.table.chain(&self.longest);
                    black_box(chain.map(|chain| chain.contains(rule)).transpose()?);
                }
            }
        }
        Ok(())
    }
}

fn read(kernel: &Kernel, text: &str, options: &RestoreOptions) -> Result<()> {
    restore(kernel, Family::Ipv4, text.as_bytes(), options).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_leaves_the_workload_as_it_was() {
        for shape in SHAPES {
            let mut bench = Bench::new(shape).unwrap();
            let saved = |bench: &Bench| {
                let mut text = Vec::new();
                save(&bench.kernel.open(Family::Ipv4, bench.table.name()).unwrap(), false, &mut text)
                    .unwrap();
                text
            };
            let before = saved(&bench);
            assert_eq!(before.iter().filter(|byte| **byte == b'\n').count(), bench.text.lines().count());
            for work in Work::ALL {
                bench.run(work).unwrap();
            }
            assert!(saved(&bench) == before, "{shape:?}");
        }
    }
}
