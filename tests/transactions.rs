//! Several tables, written together: all or none.

#[path = "common/forward.rs"]
mod forward;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use forward::forward;
use libfw::backend::{Blobs, Host, Info, Legacy};
use libfw::iptables::save_all;
use libfw::{BackendKind, Counters, ErrorKind, Family, Kernel, MemoryKernel, Result, Table};
use libfw_playground::test_on;

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Everything that there is, with counters.
fn all(kernel: &Kernel) -> String {
    let mut text = Vec::new();
    for family in Family::ALL {
        save_all(kernel, family, true, &mut text).expect("a buffer");
    }
    String::from_utf8(text).expect("plain text")
}

fn append(table: &mut Table, rule: &str) -> Result<()> {
    table.chain_mut("OUTPUT")?.append(rule)
}

/// The tables of a transaction, in its order.
const TABLES: [(Family, &str); 4] =
    [(Family::Ipv4, "filter"), (Family::Ipv4, "mangle"), (Family::Ipv6, "raw"), (Family::Ipv6, "security")];

/// Tables with rules and counters.
fn fill(kernel: &Kernel) {
    for (family, name) in TABLES {
        let edit = |table: &mut Table| {
            table.new_chain("old")?;
            table.chain_mut("old")?.append("-c 5 500 -p udp -j RETURN")?;
            append(table, "-c 3 300 -p tcp -j old")?;
            append(table, "-c 4 400 -p icmp")
        };
        kernel.update(family, name, edit).expect("an update");
    }
}

/// Edits of every kind.
fn edit(table: &mut Table) -> Result<()> {
    table.new_chain("new")?;
    let mut chain = table.chain_mut("OUTPUT")?;
    chain.insert(0, "-c 9 900 -j new")?;
    chain.remove(1)?;
    chain.zero_rule(1)?;
    table.chain_mut("old")?.flush();
    table.delete_chain("old")
}

#[test]
fn all_tables_are_written() {
    test_on("legacy", |play| {
        for backend in [BackendKind::Legacy, BackendKind::Nft, BackendKind::Memory] {
            play.namespace()?.run(|| {
                let kernel = Kernel::new().using(backend);
                fill(&kernel);
                let mut calls = 0;
                let ((), reports) = kernel
                    .transaction(|transaction| {
                        calls += 1;
                        for (family, name) in TABLES {
                            edit(transaction.table(family, name)?)?;
                            // The same one again.
                            append(transaction.table(family, name)?, "-j ACCEPT")?;
                        }
                        assert_eq!(transaction.table(Family::Ipv4, "nat")?.len(), 0);
                        assert_eq!(transaction.tables().len(), 5);
                        Ok(())
                    })
                    .expect("a transaction");
                assert_eq!(calls, 1, "{backend}");
                let changed: Vec<_> = reports.iter().map(|report| report.changed).collect();
                assert_eq!(changed, [true, true, true, true, false], "{backend}");
                for (family, name) in TABLES {
                    let table = kernel.open(family, name).expect("the table");
                    let chain = table.chain("OUTPUT").expect("the chain");
                    let rules: Vec<_> = chain.rules().map(|rule| rule.to_string()).collect();
                    let icmp = "-p icmp";
                    assert_eq!(rules, ["-j new", icmp, "-j ACCEPT"], "{backend} {name}");
                    assert_eq!(chain.rule(0).expect("a rule").counters().packets, 9, "{backend} {name}");
                }
                assert_eq!(kernel.tables(Family::Ipv4).expect("the names").len(), 2, "{backend}");
            });
        }
        Ok(())
    });
}

/// A table that the kernel refuses, the last of four: the others are what they were, to the last counter.
#[test]
fn a_refused_table_undoes_the_others() {
    test_on("legacy", |play| {
        for backend in [BackendKind::Legacy, BackendKind::Nft] {
            play.namespace()?.run(|| {
                let kernel = Kernel::new().using(backend);
                fill(&kernel);
                let before = all(&kernel);
                for round in 0..3 {
                    let mut kept = Vec::new();
                    let error = kernel
                        .transaction(|transaction| {
                            for (family, name) in TABLES {
                                edit(transaction.table(family, name)?)?;
                            }
                            // Only the kernel knows that there is no such helper.
                            let raw = transaction.table(Family::Ipv6, "raw")?;
                            append(raw, "-p tcp -j CT --helper nonesuch")?;
                            kept.push(raw.len());
                            Ok(())
                        })
                        .expect_err("there is no such helper");
                    assert_eq!(error.table(), Some("raw"), "{backend} {error}");
                    assert_eq!(error.family(), Some(Family::Ipv6), "{backend} {error}");
                    assert_ne!(error.kind(), ErrorKind::PartlyCommitted, "{error}");
                    assert_eq!(all(&kernel), before, "{backend}, round {round}");
                }
                // By the caller, who keeps the tables with their edits and can mend them.
                let mut transaction = kernel.begin().expect("the lock");
                for (family, name) in TABLES {
                    edit(transaction.table(family, name).expect("a table")).expect("edits");
                }
                let raw = transaction.table(Family::Ipv6, "raw").expect("a table");
                append(raw, "-p tcp -j CT --helper nonesuch").expect("a rule");
                transaction.commit().expect_err("there is no such helper");
                assert!(transaction.tables().iter().all(Table::is_changed));
                let raw = transaction.table(Family::Ipv6, "raw").expect("a table");
                raw.chain_mut("OUTPUT").and_then(|mut chain| chain.remove(2)).expect("the rule");
                let reports = transaction.commit().expect("a commit");
                assert!(reports.iter().all(|report| report.changed && report.rules == 2));
            });
        }
        Ok(())
    });
}

/// Tables that refuse a replace: the one with this number, and from then on all of them or none.
#[derive(Debug)]
struct Refusing {
    inner: MemoryKernel,
    left: AtomicU32,
    for_good: bool,
}

impl Blobs for Refusing {
    forward!(inner: info, entries, add_counters, tables);

    fn replace(
        &self,
        family: Family,
        table: &str,
        info: &Info,
        request: &mut [u8],
        old: &mut [Counters],
    ) -> Result<()> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 && self.for_good || left == 1 {
            self.left.store(if self.for_good { 0 } else { u32::MAX }, Ordering::Relaxed);
            self.inner.info(family, "nothing")?;
        }
        self.left.fetch_sub(u32::from(left != u32::MAX), Ordering::Relaxed);
        self.inner.replace(family, table, info, request, old)?;
        // What the new table counts until a later one is refused.
        let mut request = vec![Counters { packets: 1, bytes: 10 }; 3 + info.num_entries as usize];
        if left != u32::MAX {
            self.inner.add_counters(family, table, &mut request)?;
        }
        Ok(())
    }
}

impl Host for Refusing {
    forward!(inner: supports, set_by_name, set_by_index);
}

/// Whichever replace fails, nothing is changed; and where a table cannot be put back either, the error names both.
#[test]
fn what_was_replaced_is_put_back() -> Result<()> {
    for (refused, for_good) in (1..=4).flat_map(|refused| [(refused, false), (refused, true)]) {
        let blobs = Refusing { inner: MemoryKernel::new(), left: AtomicU32::new(u32::MAX), for_good };
        let blobs = Arc::new(blobs);
        let kernel = Kernel::with_backend(Legacy::new(blobs.clone()));
        fill(&kernel);
        let before = all(&kernel);
        let mut transaction = kernel.begin()?;
        for (family, name) in TABLES {
            edit(transaction.table(family, name)?)?;
        }
        blobs.left.store(refused, Ordering::Relaxed);
        let error = transaction.commit().expect_err("a refusal");
        blobs.left.store(u32::MAX, Ordering::Relaxed);
        let (family, name) = TABLES[refused as usize - 1];
        assert_eq!((error.family(), error.table().is_some()), (Some(family), true), "{error}");
        if for_good && refused > 1 {
            assert_eq!((error.kind(), error.table()), (ErrorKind::PartlyCommitted, Some(name)));
            let text = error.to_string();
            for (family, stays) in &TABLES[..refused as usize - 1] {
                assert!(text.contains(&format!("{stays} of {family}")), "{text}");
            }
            assert_ne!(all(&kernel), before);
            // What stays is known to stay: it can be edited on.
            for (family, name) in &TABLES[..refused as usize - 1] {
                let table = transaction.table(*family, name)?;
                append(table, "-j DROP")?;
                table.commit()?;
                assert_eq!(kernel.open(*family, name)?.len(), 3);
            }
            continue;
        }
        assert_eq!(error.kind(), ErrorKind::NoSuchTable);
        // A rule that is in both tables has counted one packet more, those that are gone have not.
        let now = all(&kernel);
        if refused > 1 {
            assert!(
                now.contains("[5:410] -A OUTPUT -p icmp\n") && now.contains("[3:300] -A OUTPUT -p tcp"),
                "{now}"
            );
        }
        assert_eq!(now.replace("[5:410] -A OUTPUT", "[4:400] -A OUTPUT").replace("[1:10]", "[0:0]"), before);
        // The same transaction goes through when nothing is in its way.
        assert!(transaction.commit()?.iter().all(|report| report.changed && report.rules == 2));
    }
    Ok(())
}

#[test]
fn tables_of_two_kernels_are_not_written_together() -> Result<()> {
    let kernels = [MemoryKernel::new().kernel(), MemoryKernel::new().kernel()];
    let [mut one, mut other] = kernels.map(|kernel| kernel.open(Family::Ipv4, "filter").expect("a table"));
    append(&mut one, "-j ACCEPT")?;
    append(&mut other, "-j ACCEPT")?;
    let error = Table::commit_all(&mut [&mut one, &mut other]).expect_err("two kernels");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(Table::commit_all(&mut [])?.is_empty());
    assert!(Table::commit_all(&mut [&mut one])?[0].changed);
    Ok(())
}

/// Another program gets in between: everything is read and edited again.
#[test]
fn a_conflict_is_another_attempt() -> Result<()> {
    let kernel = MemoryKernel::new().kernel();
    fill(&kernel);
    let mut calls = 0;
    kernel.transaction(|transaction| {
        calls += 1;
        for (family, name) in TABLES {
            append(transaction.table(family, name)?, "-j ACCEPT")?;
        }
        if calls == 1 {
            kernel.update(TABLES[3].0, TABLES[3].1, |table| append(table, "-j DROP"))?;
        }
        Ok(())
    })?;
    assert_eq!(calls, 2);
    for (index, (family, name)) in TABLES.into_iter().enumerate() {
        assert_eq!(kernel.open(family, name)?.len(), if index == 3 { 5 } else { 4 });
    }
    Ok(())
}

const FILE: &str = "*raw\nCOMMIT\n*filter\n:web - [0:0]\n-A OUTPUT -j web\nCOMMIT\n\
                    *mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n\
                    *filter\n-A OUTPUT -p udp\nCOMMIT\n";
/// The same with a table at its end that only the kernel refuses.
const BAD: &str = "*raw\n-A OUTPUT -p tcp -j CT --helper nonesuch\nCOMMIT\n";

/// A save file is all or nothing where that is asked for: in the library, and with `--atomic` spelled in full.
#[test]
fn a_save_file_may_be_atomic() {
    test_on("legacy", |play| {
        for backend in ["legacy", "nft"] {
            let place = play.namespace()?;
            let restored = |args: &[&str], file: &str| -> io::Result<(Option<i32>, String, String)> {
                let path = std::env::temp_dir().join(format!("libfw-atomic-{}", std::process::id()));
                std::fs::write(&path, file)?;
                let name = format!("iptables-{backend}-restore");
                let output = place.command(FW).arg(name).args(args).arg(&path).output()?;
                std::fs::remove_file(path)?;
                let kernel = if backend == "nft" { Kernel::nft() } else { Kernel::legacy() };
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                Ok((output.status.code(), said, place.run(|| all(&kernel))))
            };
            let (status, said, before) = restored(&["--atomic"], FILE)?;
            assert_eq!(status, Some(0), "{said}");
            assert!(before.contains("-A OUTPUT -p udp") && before.contains("--set-xmark 0x1/"), "{before}");
            assert!(!before.contains(":web"), "the second part flushes the first: {before}");
            let (status, said, after) =
                restored(&["--atomic"], &(FILE.replace("mark 1", "mark 2").replace("udp", "tcp") + BAD))?;
            assert_ne!(status, Some(0));
            assert_eq!(after, before, "{said}");
            let (status, said, after) = restored(&["--atomic", "-n"], FILE)?;
            assert_eq!(status, Some(0), "{said}");
            assert!(after.contains(":web") && after.matches("-p udp").count() == 2, "{after}");
            // Without it, what comes before the refusal stays.
            let (status, _, after) = restored(&[], &(FILE.replace("mark 1", "mark 2") + BAD))?;
            assert_ne!(status, Some(0));
            assert!(after.contains("--set-xmark 0x2/"), "{after}");
            // No beginning of it is taken for it, and nothing that begins like it is taken for something else.
            for word in ["--atomi", "--a", "--atomic=1"] {
                let (status, said, _) = restored(&[word], FILE)?;
                assert_eq!(status, Some(1), "{word}: {said}");
            }
        }
        Ok(())
    });
}
