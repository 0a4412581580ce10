//! `fw migrate`: the rules of one backend into the other, for hosts whose rules are where nobody looks any more.

use std::ffi::OsString;

use libfw::iptables::{self, RestoreOptions};
use libfw::{BackendKind, Error, Family, Kernel, Policy};

use super::output::{complain, say};

const USAGE: &str = "usage: fw migrate --to nft|legacy [--apply]\n";

/// The tables of a backend that are not empty, as text with counters.
struct Tables {
    kernel: Kernel,
    found: Vec<(Family, String, Vec<u8>)>,
}

/// Carries out `fw migrate --to BACKEND [--apply]`.
pub(crate) fn run(args: &[OsString]) -> u8 {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    let (to, apply) = match args[..] {
        ["--to", to] | ["--to", to, "--dry-run"] | ["--dry-run", "--to", to] => (to, false),
        ["--to", to, "--apply"] | ["--apply", "--to", to] => (to, true),
        _ => {
            complain(USAGE);
            return 2;
        }
    };
    let (from, to) = match to.parse() {
        Ok(BackendKind::Nft) => (BackendKind::Legacy, BackendKind::Nft),
        Ok(BackendKind::Legacy) => (BackendKind::Nft, BackendKind::Legacy),
        _ => {
            complain(USAGE);
            return 2;
        }
    };
    match migrate(from, to, apply) {
        Ok(Ok(said)) => say("fw migrate", &said),
        Ok(Err(why)) => {
            complain(&format!("fw migrate: {why}\n"));
            1
        }
        Err(error) => {
            complain(&format!("fw migrate: {error}\n"));
            1
        }
    }
}

/// What was done or would be, or why nothing is.
fn migrate(from: BackendKind, to: BackendKind, apply: bool) -> Result<Result<String, String>, Error> {
    let source = match Tables::read(from)? {
        Ok(source) => source,
        Err(why) => return Ok(Err(why)),
    };
    if source.found.is_empty() {
        return Ok(Ok(format!("{from} holds no rules: there is nothing to do\n")));
    }
    match Tables::read(to)? {
        Ok(target) if target.found.is_empty() => {}
        Ok(target) => {
            let (family, name, _) = &target.found[0];
            return Ok(Err(format!("{to} holds rules already, in table {name} of {family}: empty it first")));
        }
        Err(why) => return Ok(Err(why)),
    }
    let mut plan = String::new();
    for family in Family::ALL {
        let text = source.text(family);
        if !text.is_empty() {
            plan += &format!("# {family}: from {from} to {to}\n{}", String::from_utf8_lossy(&text));
        }
    }
    let target = Kernel::new().using(to);
    for family in Family::ALL {
        let options = RestoreOptions::new().counters(true).atomic(true).test(!apply);
        let text = source.text(family);
        let mut warn = |warning: &str| complain(&format!("{warning}\n"));
        let restored =
            iptables::restore_to(&target, family, text.as_slice(), &options, &mut std::io::sink(), &mut warn);
        if let Err(error) = restored {
            if apply {
                source.clear_same_in(&target)?;
            }
            return Err(error);
        }
    }
    if !apply {
        return Ok(Ok(format!("{plan}# Nothing was changed; with --apply it is done.\n")));
    }
    // Packets pass the rules of both until the old ones are gone.
    if !source.clear_unchanged()? {
        source.clear_same_in(&target)?;
        return Ok(Err(format!("the tables of {from} were changed meanwhile: nothing was done, try again")));
    }
    Ok(Ok(format!("{plan}# Done: {to} holds these rules now, {from} holds none.\n")))
}

impl Tables {
    /// The tables that hold something, or why they cannot be moved.
    fn read(backend: BackendKind) -> Result<Result<Tables, String>, Error> {
        let kernel = Kernel::new().using(backend);
        let mut found = Vec::new();
        for family in Family::ALL {
            for name in kernel.tables(family)? {
                let table = kernel.open(family, &name)?;
                if let Some(note) = table.notes().first() {
                    return Ok(Err(format!("{backend}, table {name} of {family}: {note}")));
                }
                let is_used = table.chains().any(|chain| {
                    chain.hook().is_none() || !chain.is_empty() || chain.policy() != Some(Policy::Accept)
                });
                if is_used {
                    found.push((family, name, text_of(&table)));
                }
            }
        }
        Ok(Ok(Tables { kernel, found }))
    }

    fn text(&self, family: Family) -> Vec<u8> {
        self.found
            .iter()
            .filter(|(of, ..)| *of == family)
            .flat_map(|(.., text)| text.iter().copied())
            .collect()
    }

    /// Empties the tables, unless there is something else in them now; says whether it was done.
    fn clear_unchanged(&self) -> Result<bool, Error> {
        let same =
            |text: &[u8], now: &libfw::Table| without_counters(text) == without_counters(&text_of(now));
        let (unchanged, _) = self.kernel.transaction(|all| {
            for (family, name, text) in &self.found {
                if !same(text, all.table(*family, name)?) {
                    return Ok(false);
                }
            }
            for (family, name, _) in &self.found {
                empty(all.table(*family, name)?)?;
            }
            Ok(true)
        })?;
        Ok(unchanged)
    }

    /// Empties the tables of the same names that another backend has.
    fn clear_same_in(&self, other: &Kernel) -> Result<(), Error> {
        other.transaction(|all| {
            self.found.iter().try_for_each(|(family, name, _)| empty(all.table(*family, name)?))
        })?;
        Ok(())
    }
}

/// The table as a save file has it.
fn text_of(table: &libfw::Table) -> Vec<u8> {
    let mut text = Vec::new();
    // Memory takes everything.
    let _ = iptables::save(table, true, &mut text);
    text
}

/// The lines without what changes by itself.
fn without_counters(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let line = |line: &str| match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, rule)) => rule.to_owned(),
        None if line.starts_with(':') => line.split(" [").next().unwrap_or_default().to_owned(),
        None => line.to_owned(),
    };
    text.lines().map(line).collect()
}

/// Takes everything out of a table.
fn empty(table: &mut libfw::Table) -> Result<(), Error> {
    table.clear();
    let hooks: Vec<_> = table.chains().filter(|chain| chain.hook().is_some()).collect();
    let names: Vec<_> = hooks.iter().map(|chain| chain.name_bytes().to_vec()).collect();
    names.iter().try_for_each(|name| table.chain_mut(name)?.set_policy(Policy::Accept, None))
}

#[cfg(test)]
mod tests {
    #[test]
    fn counters_do_not_count() {
        let text = "*filter\n:INPUT DROP [1:2]\n:a - [0:0]\n[3:4] -A INPUT -j a\nCOMMIT\n";
        let want = ["*filter", ":INPUT DROP", ":a -", "-A INPUT -j a", "COMMIT"];
        assert_eq!(super::without_counters(text.as_bytes()), want);
    }
}
