//! Rehearsal says what a commit says: every rule of `tests/rules.txt`, at places where it may stand and where it may not, on legacy
//! tables, on nf_tables, and in memory, where no kernel is asked. The refused sets are compared by `tests/refused.rs`.

use std::io;

use libfw::backend::Backend;
use libfw::{ErrorKind, Family, Kernel, MemoryKernel, ext};

const RULES: &str = include_str!("rules.txt");

const PLACES: [(&str, &str); 9] = [
    ("filter", "INPUT"),
    ("filter", "FORWARD"),
    ("filter", "OUTPUT"),
    ("nat", "PREROUTING"),
    ("nat", "POSTROUTING"),
    ("mangle", "PREROUTING"),
    ("mangle", "FORWARD"),
    ("raw", "OUTPUT"),
    ("security", "INPUT"),
];

/// A kernel in memory with the extensions that the real one has.
fn like(backend: &dyn Backend) -> MemoryKernel {
    // Those of ARP have names that others have too.
    let of_ip =
        ext::all().filter(|extension| Family::ALL.iter().any(|family| extension.families.contains(*family)));
    of_ip.fold(MemoryKernel::new(), |memory, extension| {
        let newest = Family::ALL.into_iter().filter(|family| extension.families.contains(*family)).flat_map(
            |family| {
                let known = extension.revisions_of(family).map(|revision| revision.number);
                known.filter(move |number| {
                    backend.supports(family, extension.kind, extension.name, *number).unwrap_or_default()
                })
            },
        );
        match (newest.max(), extension.name) {
            // Aliases are nothing that a kernel knows of.
            (None, "NOTRACK" | "state") => memory,
            (newest, name) => memory.with_revision(extension.kind, name, newest),
        }
    })
}

/// What becomes of a rule: how it is refused, when it is added or when the table is written.
fn tried(
    kernel: &Kernel,
    family: Family,
    (table, chain): (&str, &str),
    rule: &str,
    write: bool,
) -> Option<(ErrorKind, String)> {
    let mut table = kernel.open(family, table).ok()?;
    let mut done = table.chain_mut(chain).and_then(|mut chain| {
        chain.flush();
        chain.append(rule)
    });
    if done.is_ok() {
        done = if write { table.commit().map(drop) } else { table.rehearse() };
    }
    if write
        && done.is_ok()
        && ["RATEEST", "IDLETIMER", "hashlimit", "recent"].iter().any(|made| rule.contains(made))
    {
        // What it has made does not stay for others.
        table.chain_mut(chain).ok()?.flush();
        table.commit().expect("a table without the rule");
    }
    done.err().map(|error| (error.kind(), error.message().to_owned()))
}

#[test]
fn rehearsals_say_what_commits_say() {
    libfw_playground::test(|_| {
        let (legacy, nft) = (Kernel::legacy(), Kernel::nft());
        for kernel in [&legacy, &nft] {
            match kernel.open(Family::Ipv4, "filter") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                }
                _ => {}
            }
        }
        let memory = like(legacy.backend()).kernel();
        let memory_nft = like(legacy.backend()).nft();
        let rules = RULES.lines().map(|line| line.trim_start_matches('~').trim());
        let (mut tries, mut refused, mut differ) = (0, 0, Vec::new());
        for (number, rule) in rules.filter(|line| !line.is_empty() && !line.starts_with('#')).enumerate() {
            for family in Family::ALL {
                for (at, place) in PLACES.into_iter().enumerate() {
                    // Estimators of one name and with other settings are another matter.
                    let named = rule.replace("--rateest-name a", &format!("--rateest-name e{number}"));
                    let rule = named.as_str();
                    // Each rule at some of the places, and all places with some of the rules.
                    if (number + at) % 4 != 0 {
                        continue;
                    }
                    let said = tried(&legacy, family, place, rule, true);
                    tries += 1;
                    refused += usize::from(said.is_some());
                    let mut others = vec![("memory", tried(&memory, family, place, rule, true))];
                    // What only the namespace that is meant has is not tried.
                    if (number + at) % 32 == 0 && !rule.contains("nfacct") && !rule.contains("-m rateest") {
                        others.push(("rehearsal", tried(&legacy, family, place, rule, false)));
                    }
                    for (name, other) in others {
                        if other != said {
                            differ.push(format!(
                                "{family} {place:?} {rule}\n  legacy: {said:?}\n  {name}: {other:?}"
                            ));
                        }
                    }
                    if (number + at) % 16 == 0 {
                        let said = tried(&nft, family, place, rule, true);
                        let other = tried(&memory_nft, family, place, rule, true);
                        let outside = rule.contains("nfacct") || rule.contains("-m rateest");
                        let rehearsed = tried(&nft, family, place, rule, false);
                        if !outside && rehearsed.is_some() != said.is_some() {
                            differ.push(format!(
                                "{family} {place:?} {rule}\n  nft: {said:?}\n  rehearsal: {rehearsed:?}"
                            ));
                        }
                        if other != said {
                            differ.push(format!(
                                "{family} {place:?} {rule}\n  nft: {said:?}\n  memory: {other:?}"
                            ));
                        }
                    }
                }
            }
        }
        assert!(tries > 1000 && refused > 300, "{tries} tries, {refused} refused");
        assert!(differ.is_empty(), "{} of {tries} differ:\n{}", differ.len(), differ.join("\n"));
        Ok(())
    });
}
