//! Rehearsal says what a commit says: every rule of `tests/rules.txt` and generated ones of every extension, at places where they may
//! stand and where they may not, on legacy tables, on nf_tables, and in memory, where no kernel is asked. The refused sets are compared
//! by `tests/refused.rs`.
//!
//! `LIBFW_TEST_SCALE` and `LIBFW_TEST_SEED` as for the differential test: times 300 generated lines for each family.

#[path = "common/mod.rs"]
mod common;

use std::io;

use common::generate::{Lines, extensions};

use libfw::backend::Backend;
use libfw::{Error, ErrorKind, Family, IntoRule, Kernel, MemoryKernel, ext};
use libfw_playground::{cases, seed};

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
            (newest, name) => memory.with_revision(extension.kind, name, newest).unwrap(),
        }
    })
}

/// What becomes of a rule: how it is refused, when it is added or when the table is written, and what the system says.
type Said = Option<(ErrorKind, String, Option<i32>)>;

fn tried(
    kernel: &Kernel,
    family: Family,
    (table, chain): (&str, &str),
    rule: impl IntoRule,
    made: bool,
    write: bool,
) -> Said {
    let mut table = kernel.open(family, table).ok()?;
    let mut done = table.chain_mut(chain).and_then(|mut chain| {
        chain.flush();
        chain.append(rule)
    });
    if done.is_ok() {
        done = if write { table.commit().map(drop) } else { table.rehearse() };
    }
    if write && done.is_ok() && made {
        // What it has made does not stay for others.
        table.chain_mut(chain).ok()?.flush();
        table.commit().expect("a table without the rule");
    }
    // A target that the kernel is without altogether is refused with another number.
    let number = |error: &Error| error.errno().filter(|_| error.extension() != Some("CLUSTERIP"));
    done.err().map(|error| (error.kind(), error.message().to_owned(), number(&error)))
}

/// Whether the namespace of this process has all users, and not only its own.
fn has_all_users() -> bool {
    let users = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    users.split_whitespace().nth(2).is_some_and(|count| count.parse().is_ok_and(|count: u32| count > 0xffff))
}

/// Kernels that must say the same, and where they did not.
struct Beside {
    legacy: Kernel,
    memory: Kernel,
    nft: Kernel,
    memory_nft: Kernel,
    tries: usize,
    refused: usize,
    differ: Vec<String>,
}

impl Beside {
    fn new() -> io::Result<Beside> {
        let (legacy, nft) = (Kernel::legacy(), Kernel::nft());
        for kernel in [&legacy, &nft] {
            match kernel.open(Family::Ipv4, "filter") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                }
                _ => {}
            }
        }
        let (memory, memory_nft) = (like(legacy.backend()).kernel(), like(legacy.backend()).nft());
        Ok(Beside { legacy, memory, nft, memory_nft, tries: 0, refused: 0, differ: Vec::new() })
    }

    /// Tries a rule at a place: on legacy tables and in memory, and where asked on nf_tables, and without writing.
    fn compare<R: IntoRule + Clone>(
        &mut self,
        family: Family,
        place: (&str, &str),
        (text, rule): (&str, R),
        (nft, rehearse): (bool, bool),
    ) {
        // The namespace of an ordinary user has one user and one group, and the kernel takes no others in it.
        if text.contains("id-owner") && !has_all_users() {
            return;
        }
        let made = ["RATEEST", "IDLETIMER", "hashlimit", "recent"].iter().any(|made| text.contains(made));
        // What only the namespace that is meant has is not tried.
        let outside = text.contains("nfacct") || text.contains("-m rateest");
        let tried = |kernel: &Kernel, write| tried(kernel, family, place, rule.clone(), made, write);
        self.tries += 1;
        let said = tried(&self.legacy, true);
        self.refused += usize::from(said.is_some());
        let mut others = vec![("legacy", said.clone(), "memory", tried(&self.memory, true))];
        if rehearse && !outside {
            others.push(("legacy", said, "rehearsal", tried(&self.legacy, false)));
        }
        if nft {
            let said = tried(&self.nft, true);
            others.push(("nft", said.clone(), "memory", tried(&self.memory_nft, true)));
            let rehearsed = tried(&self.nft, false);
            if !outside && rehearsed.is_some() != said.is_some() {
                others.push(("nft", said, "rehearsal", rehearsed));
            }
        }
        for (kernel, said, other, says) in others.into_iter().filter(|(_, said, _, says)| said != says) {
            self.differ.push(format!("{family} {place:?} {text}\n  {kernel}: {said:?}\n  {other}: {says:?}"));
        }
    }

    fn verdict(self, tries: usize, refused: usize) {
        assert!(
            self.tries > tries && self.refused > refused,
            "{} tries, {} refused",
            self.tries,
            self.refused
        );
        assert!(
            self.differ.is_empty(),
            "{} of {} differ:\n{}",
            self.differ.len(),
            self.tries,
            self.differ.join("\n")
        );
    }
}

#[test]
fn rehearsals_say_what_commits_say() {
    libfw_playground::test(|_| {
        let mut beside = Beside::new()?;
        let rules = RULES.lines().map(|line| line.trim_start_matches('~').trim());
        for (number, rule) in rules.filter(|line| !line.is_empty() && !line.starts_with('#')).enumerate() {
            // Estimators and timers of one name and with other settings are another matter; timers are the whole host's.
            let rule = rule.replace("--rateest-name a", &format!("--rateest-name e{number}"));
            let rule = match rule.contains("IDLETIMER") {
                true => rule.replace("--label ", &format!("--label r{}x{number}", std::process::id())),
                false => rule,
            };
            for family in Family::ALL {
                for (at, place) in PLACES.into_iter().enumerate() {
                    // Each rule at some of the places, and all places with some of the rules.
                    let of = |some: usize| (number + at) % some == 0;
                    if of(4) {
                        beside.compare(family, place, (&rule, &rule), (of(16), of(32)));
                    }
                }
            }
        }
        beside.verdict(1000, 300);
        Ok(())
    });
}

#[test]
fn generated_rules_are_judged_as_by_the_kernel() {
    libfw_playground::test(|_| {
        let mut beside = Beside::new()?;
        for family in Family::ALL {
            let mut lines = Lines::new(seed(), family);
            let count = cases(300);
            for (at, extension) in extensions(family).into_iter().cycle().take(count).enumerate() {
                let mut words = lines.line(extension);
                // Estimators of one name and with other settings are another matter.
                if words.iter().any(|word| word == "RATEEST") {
                    words
                        .iter_mut()
                        .filter(|word| *word == "web")
                        .for_each(|word| *word = format!("{family}{at}"));
                }
                let place = *lines.random.pick(&PLACES);
                beside.compare(family, place, (&words.join(" "), &*words), (at % 4 == 0, at % 16 == 0));
            }
        }
        beside.verdict(cases(500), cases(100));
        Ok(())
    });
}

/// A chain that is filled: the family, the table, and its rules, the first of which is about no names.
type Fill<'a> = (Family, &'static str, &'a [&'a str]);

/// Fills chains in one transaction, and says where and how that is refused.
fn filled(kernel: &Kernel, fills: &[Fill<'_>]) -> Option<(ErrorKind, Family, String, Option<usize>)> {
    let done = kernel.transaction(|tables| {
        for (family, table, rules) in fills {
            let mut forward = tables.table(*family, table)?.chain_mut("FORWARD")?;
            forward.flush();
            rules.iter().try_for_each(|rule| forward.append(*rule))?;
        }
        Ok(())
    });
    let error = done.err()?;
    let table = error.table().unwrap_or_default().to_owned();
    Some((error.kind(), error.family()?, table, error.rule()))
}

/// The kernel has one rate estimator of a name, and one timer, for the rules of all tables of both families.
#[test]
fn names_that_all_tables_share() {
    use Family::{Ipv4, Ipv6};
    const SLOW: &str = "-j RATEEST --rateest-name a --rateest-interval 500ms --rateest-ewmalog 1s";
    const FAST: &str = "-j RATEEST --rateest-name a --rateest-interval 250ms --rateest-ewmalog 1s";
    const ASKS: &str = "-m rateest --rateest a --rateest-gt --rateest-bps 1kbit -j ACCEPT";
    const TIMER: &str = "-j IDLETIMER --timeout 10 --label rehearsed";
    const ALARM: &str = "-j IDLETIMER --timeout 20 --label rehearsed --alarm";
    const LATER: &str = "-j IDLETIMER --timeout 20 --label rehearsed";
    // The transactions, of which each but the last succeeds, and where the last is refused: on legacy tables, on nf_tables.
    type Refused = Option<(Family, &'static str, usize)>;
    type Case<'a> = (&'a [&'a [Fill<'a>]], [Refused; 2]);
    let first: &[Fill<'_>] = &[(Ipv4, "filter", &[SLOW])];
    let timer: &[Fill<'_>] = &[(Ipv4, "filter", &[TIMER])];
    let all = |place| [Some(place); 2];
    let cases: &[Case<'_>] = &[
        (&[first, first], [None; 2]),
        // The rule that goes is there until the other is in place.
        (&[first, &[(Ipv4, "filter", &["-j ACCEPT", FAST])]], all((Ipv4, "filter", 1))),
        (&[first, &[(Ipv4, "filter", &[])], &[(Ipv4, "filter", &[FAST])]], [None; 2]),
        (&[first, &[(Ipv6, "mangle", &["-j ACCEPT", ASKS, FAST])]], all((Ipv6, "mangle", 2))),
        (&[first, &[(Ipv6, "mangle", &[ASKS, SLOW])]], [None; 2]),
        (&[&[(Ipv4, "filter", &[SLOW]), (Ipv4, "mangle", &[ASKS, FAST])]], all((Ipv4, "mangle", 1))),
        // Legacy tables are written one after the other.
        (&[first, &[(Ipv4, "filter", &[]), (Ipv4, "mangle", &[FAST])]], [None, Some((Ipv4, "mangle", 0))]),
        (&[first, &[(Ipv4, "mangle", &[FAST]), (Ipv4, "filter", &[])]], all((Ipv4, "mangle", 0))),
        (&[timer, &[(Ipv6, "filter", &["-j ACCEPT", ALARM])]], all((Ipv6, "filter", 1))),
        (&[timer, &[(Ipv6, "filter", &[LATER])]], [None; 2]),
    ];
    libfw_playground::test(|play| {
        Beside::new()?;
        for (transactions, refused) in cases {
            let place = play.namespace()?;
            place.run(|| {
                let real = [(Kernel::legacy(), 0), (Kernel::nft(), 1)];
                let memory = [(MemoryKernel::new().kernel(), 0), (MemoryKernel::new().nft(), 1)];
                for (kernel, which) in real.into_iter().chain(memory) {
                    let expected = refused[which].map(|(family, table, rule)| {
                        (ErrorKind::InvalidRule, family, table.to_owned(), Some(rule))
                    });
                    let about = format!("{transactions:?} on {kernel:?}");
                    let (last, before) = transactions.split_last().unwrap();
                    // Nothing of it is written, and then all is.
                    let rehearsal = kernel.rehearse();
                    // A table that is empty anyway is not written.
                    if transactions.iter().flat_map(|fills| *fills).all(|(.., rules)| !rules.is_empty()) {
                        for transaction in before {
                            assert_eq!(filled(rehearsal.kernel(), transaction), None, "rehearsed: {about}");
                        }
                        assert_eq!(filled(rehearsal.kernel(), last), expected, "rehearsed: {about}");
                    }
                    for transaction in before {
                        assert_eq!(filled(&kernel, transaction), None, "{about}");
                    }
                    assert_eq!(
                        filled(kernel.rehearse().kernel(), last),
                        expected,
                        "rehearsed behind: {about}"
                    );
                    assert_eq!(filled(&kernel, last), expected, "{about}");
                    for table in ["filter", "mangle"] {
                        filled(&kernel, &[(Ipv4, table, &[]), (Ipv6, table, &[])]);
                    }
                }
            });
        }
        Ok(())
    });
}
