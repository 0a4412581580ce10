//! A table of a save file, from the line that begins it to the one that has it written.

use std::borrow::Cow;

use super::super::command::set_policy;
use super::super::list::chain_line;
use super::ahead::Chains;
use super::parts::{check_declared, check_length, policy_counters};
use super::{Foreign, Restore};
use crate::error::{BadFile, Step, Warning, told_by};
use crate::kernel::{Draft, builtin_chains};
use crate::rule::names;
use crate::table::backend::Want;
use crate::table::{Chain, Scope, Table};
use crate::{Error, Family, Policy, Result};

/// A table that is ready to be written.
pub(super) struct Pending {
    pub(super) table: Table,
    /// The line that says so.
    pub(super) line: usize,
}

impl Restore<'_> {
    /// `*TABLE`
    pub(super) fn begin(&mut self, rest: &str) -> Result<()> {
        let Some(name) = rest.split([' ', '\t', '\n']).find(|word| !word.is_empty()) else {
            return Err(BadFile::NoTable { line: self.line }.into());
        };
        // A name that no table has may be meant for the one that is wanted.
        let is_name =
            !name.ends_with('\r') && (!self.nft || builtin_chains(self.family, name).next().is_some());
        if is_name && self.options.table.as_deref().is_some_and(|only| only != name) {
            self.skipping = true;
            return Ok(());
        }
        (self.skipping, self.met) = (false, true);
        if let Some(desired) = &mut self.desired {
            let draft = desired.take(self.family, name);
            let draft = draft.map_err(|error| error.during(Step::Table { name: name.into() }))?;
            self.parser.in_nat = name == "nat";
            (self.table, self.beside) = (Some(draft.table), draft.beside);
            return Ok(());
        }
        let whole = !self.options.noflush;
        let foreign =
            Some(self.options.foreign).filter(|foreign| self.nft && whole && *foreign != Foreign::Replace);
        // What is thrown away need not be read, unless it is talked about.
        let (read, again) =
            (self.options.noflush || self.options.verbose || foreign.is_some(), self.pending(name));
        self.shapes.clear();
        self.read = None;
        let opened = match again {
            Some(Pending { mut table, .. }) => {
                table.framed = false;
                Ok(table)
            }
            None if read => {
                let chains = self.chains.take();
                let wanted = chains.as_ref().map(Chains::wanted);
                let wanted = wanted.as_deref().map_or(Want::All, Want::Chains);
                let opened = self.kernel.open_in_part(self.family, name, wanted);
                self.read = chains;
                opened
            }
            None => self.kernel.open_cleared(self.family, name),
        };
        let mut table = opened.map_err(|error| error.during(Step::Table { name: name.into() }))?;
        if foreign == Some(Foreign::Refuse) {
            table.refuse_to_lose()?;
        }
        if !self.options.noflush && self.options.verbose {
            let (all, users): (Vec<_>, Vec<_>) = table.chains().partition(|chain| chain.hook().is_some());
            for chain in all.iter().chain(&users) {
                let _ = self.out.write_all(&chain_line("Flushing", chain.name_bytes()));
            }
            for chain in users {
                let _ = self.out.write_all(&chain_line("Deleting", chain.name_bytes()));
            }
        }
        match foreign {
            Some(Foreign::Keep) => table.clear_around_foreign(),
            // Where only the table as a whole takes everything with it.
            None if whole && self.nft && self.options.verbose => {
                let drops = |chain: &Chain<'_>| chain.policy() == Some(Policy::Drop);
                self.closed = table
                    .chains()
                    .filter(drops)
                    .map(|chain| (chain.name().into_owned(), chain.policy_counters()))
                    .collect();
                drop(table);
                table = self.kernel.open_cleared(self.family, name)?;
            }
            _ if whole => table.clear(),
            _ => {}
        }
        self.parser.in_nat = name == "nat";
        self.table = Some(table);
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        let Some(mut table) = self.table.take() else { return Ok(()) };
        let rules = std::mem::take(&mut self.left_out);
        if rules > 0 {
            (self.warn)(Warning::LeftOut { table: table.name().into(), rules });
        }
        // Of a desired table more is found out where it is not to be used anyway, if it is all that there is to be.
        let is_whole = self.desired.as_ref().is_some_and(|desired| *desired.scope() == Scope::Tables);
        if self.is_strict() || is_whole && (self.refused.is_some() || !self.wrong.is_empty()) {
            let refused = self.refused.take();
            table.write_staged()?;
            let pending = Pending { table, line: self.line };
            let (rehearsed, warnings) = told_by(|| pending.table.rehearse_after(&self.before));
            self.before.add(&pending.table);
            if !self.options.atomic {
                self.before.end_step();
            }
            warnings.into_iter().for_each(&mut self.warn);
            let found = rehearsed.err().map(|error| self.locate(&pending, error).apart());
            // What was found out first of a rule is what is said of it.
            let first = refused.as_ref().and_then(Error::line);
            let others = found.into_iter().flatten().filter(|error| first.is_none() || error.line() != first);
            refused.into_iter().chain(others).for_each(|error| self.note(error));
            return Ok(());
        }
        if self.options.test {
            return Ok(());
        }
        if let Some(error) = self.refused.take() {
            return Err(error.during(Step::Commit { line: self.line }));
        }
        if let Some(desired) = &mut self.desired {
            desired.put(Draft { table, beside: std::mem::take(&mut self.beside) });
            return Ok(());
        }
        let staged = table.has_staged();
        table.write_staged()?;
        // Nothing is done to it any more, unless the file comes back to it.
        table.framed = staged;
        for (chain, counters) in std::mem::take(&mut self.closed) {
            if table.require_present(chain.as_bytes()).is_err() {
                table.chain_mut(chain)?.set_policy(Policy::Drop, Some(counters))?;
            }
        }
        self.pending.push(Pending { table, line: self.line });
        if self.options.atomic { Ok(()) } else { self.write() }
    }

    /// A table of the file that is not written yet.
    fn pending(&mut self, name: &str) -> Option<Pending> {
        let index = self.pending.iter().position(|pending| pending.table.name() == name)?;
        Some(self.pending.remove(index))
    }

    /// Writes the tables that are ready.
    pub(super) fn write(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.iter_mut().for_each(|pending| pending.table.is_last = true);
        let mut tables: Vec<_> = pending.iter_mut().map(|pending| &mut pending.table).collect();
        let reports = Table::commit_all(&mut tables).map_err(|error| {
            let of = |pending: &&Pending| error.table() == Some(pending.table.name());
            match pending.iter().find(of).or(pending.first()) {
                Some(pending) => self.locate(pending, error),
                None => error,
            }
        })?;
        reports.iter().flat_map(|report| report.warnings()).for_each(&mut self.warn);
        Ok(())
    }

    /// `:CHAIN POLICY [PACKETS:BYTES]`
    pub(super) fn chain(&mut self, rest: &[u8]) -> Result<()> {
        let name = rest.split(|byte| b" \t\n".contains(byte)).find(|word| !word.is_empty());
        self.declare(rest).map_err(|error| match name {
            Some(name) => error.in_chain(String::from_utf8_lossy(&names::read(name))),
            None => error,
        })
    }

    fn declare(&mut self, rest: &[u8]) -> Result<()> {
        self.shapes.clear();
        let line = self.line;
        let invalid = |what| Error::from(BadFile::ChainLine { what, line });
        let mut words = rest.split(|byte| b" \t\n".contains(byte)).filter(|word| !word.is_empty());
        let word = words.next().ok_or_else(|| invalid("chain name"))?;
        let Some(table) = &mut self.table else { return Ok(()) };
        let name = names::read(word);
        let shown = || String::from_utf8_lossy(&name).into_owned();
        let nft = self.nft;
        let builtin = table.chain(&name).map(|chain| chain.hook().is_some());
        match builtin {
            Some(true) => {}
            Some(false) if self.options.noflush || nft => {
                check_length(&name, word)?;
                table.chain_mut(&name)?.flush();
            }
            _ => {
                if let Cow::Borrowed(name) = name {
                    check_declared(name, nft)?;
                }
                table.make_chain(&name).map_err(|error| error.during(Step::Chain { name: shown() }))?;
            }
        }
        let policy = words.next().ok_or_else(|| invalid("policy"))?;
        let given = words.next();
        // iptables-nft looks at the counters of any built-in chain, and at nothing of others.
        if if nft { builtin != Some(true) } else { policy == b"-" } {
            return Ok(());
        }
        // arptables-save writes none of chains.
        let wanted = self.options.counters && (given.is_some() || self.family != Family::Arp);
        let counters = given.and_then(policy_counters);
        if counters.is_none() && (wanted || given.is_some()) {
            let given = String::from_utf8_lossy(given.unwrap_or_default()).into_owned();
            return Err(Error::from(BadFile::PolicyCounters { chain: shown() }).at_token(given));
        }
        let counters = counters.filter(|_| wanted);
        let kept = table.chain(&name).and_then(Chain::policy).filter(|_| policy == b"-");
        let policy = kept.map_or(policy, |kept| kept.name().as_bytes());
        set_policy(table, &name, policy, counters).map_err(|error| {
            let policy = String::from_utf8_lossy(policy).into_owned();
            error.at_token(policy.clone()).during(Step::Policy { chain: shown(), policy, line })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::iptables::{RestoreOptions, restore, save};
    use crate::{Family, MemoryKernel};

    /// What stands around the rules of many chains is what it is to be at the end, whenever the rules were written.
    #[test]
    fn chains_are_framed_as_they_are_in_the_end() {
        let names = |first: &str| (1..20).map(|at| format!("c{:02}", at * 7 % 20)).chain([first.to_owned()]);
        let declared = names("c00").fold(String::new(), |text, name| text + &format!(":{name} - [0:0]\n"));
        let rules = names("c00").fold(String::new(), |text, name| {
            text + &format!("-A {name} -s 10.0.0.1/32 -j c10\n-A {name} -p tcp -j ACCEPT\n")
        });
        let rules = rules.replace("-A c10 -s 10.0.0.1/32 -j c10\n", "");
        for (again, renamed) in [(false, false), (false, true), (true, false), (true, true)] {
            let end = if again { format!("COMMIT\n*filter\n{declared}{rules}") } else { String::new() };
            let rename = if renamed { "-E c00 z\n-P FORWARD DROP\n" } else { "" };
            let file = format!("*filter\n{declared}{rules}{end}{rename}-A c05 -j DROP\nCOMMIT\n");
            let mut expected = String::from(":INPUT ACCEPT\n");
            let _ =
                writeln!(expected, ":FORWARD {}\n:OUTPUT ACCEPT", if renamed { "DROP" } else { "ACCEPT" });
            let mut sorted: Vec<_> = names(if renamed { "z" } else { "c00" }).collect();
            sorted.sort();
            sorted.iter().for_each(|name| _ = writeln!(expected, ":{name} -"));
            for name in &sorted {
                if name != "c10" {
                    let _ = writeln!(expected, "-A {name} -s 10.0.0.1/32 -j c10");
                }
                let _ = writeln!(expected, "-A {name} -p tcp -j ACCEPT");
                let _ = write!(expected, "{}", if name == "c05" { "-A c05 -j DROP\n" } else { "" });
            }
            for (atomic, noflush) in [(false, false), (false, true), (true, false), (true, true)] {
                let kernel = MemoryKernel::new().kernel();
                let options = RestoreOptions::new().noflush(noflush).atomic(atomic);
                restore(&kernel, Family::Ipv4, file.as_bytes(), &options).unwrap();
                let mut saved = Vec::new();
                save(&kernel.open(Family::Ipv4, "filter").unwrap(), false, &mut saved).unwrap();
                let saved = String::from_utf8(saved).unwrap().replace(" [0:0]", "");
                let lines = saved.lines().filter(|line| line.starts_with([':', '-']));
                assert!(lines.eq(expected.lines()), "{again} {renamed} {atomic} {noflush}\n{saved}");
            }
        }
    }
}
