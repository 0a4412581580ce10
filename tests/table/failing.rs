//! The same operations on a backend that fails.

use std::sync::Arc;

use libfw::backend::Legacy;
use libfw::{ErrorKind, Family, Kernel, MemoryKernel, Result, Scope, Table};

use super::faulty::faulty;
use super::{Open, rules, tables};

type Operation = fn(&Kernel) -> Result<()>;

/// What changes rules, each by another call.
const OPERATIONS: [(&str, Operation); 7] = [
    ("open", |kernel| by_commit(kernel, Kernel::open)),
    ("open_locked", |kernel| by_commit(kernel, Kernel::open_locked)),
    ("update", |kernel| {
        let edit = |table: &mut Table| table.chain_mut("INPUT")?.append("-j DROP");
        kernel.update(Family::Ipv4, "filter", edit).map(drop)
    }),
    ("transaction", |kernel| {
        let edit = |table: &mut Table| table.chain_mut("INPUT")?.append("-j DROP");
        kernel.transaction(|tables| edit(tables.table(Family::Ipv4, "filter")?)).map(drop)
    }),
    ("desired", |kernel| {
        let mut desired = kernel.desired(Scope::Tables);
        desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-j ACCEPT", "-j DROP"])])?;
        desired.apply().map(drop)
    }),
    ("restore_json", |kernel| {
        kernel.restore_json(tables(r#"{"text": "-j ACCEPT"}, {"text": "-j DROP"}"#)).map(drop)
    }),
    ("take_counters", |kernel| {
        kernel.take_counters(Family::Ipv4, "filter")?;
        by_commit(kernel, Kernel::open)
    }),
];

fn by_commit(kernel: &Kernel, open: Open) -> Result<()> {
    let mut table = open(kernel, Family::Ipv4, "filter")?;
    table.chain_mut("INPUT")?.append("-j DROP")?;
    table.commit().map(drop)
}

/// Whichever call to the backend fails, the operation has failed exactly when nothing is changed, and it can be done again.
#[test]
fn on_a_backend_that_fails() -> Result<()> {
    for (name, operation) in OPERATIONS {
        let mut refused = 0;
        for fault in 0.. {
            let blobs = Arc::new(MemoryKernel::new());
            let memory = Kernel::with_backend(Legacy::new(blobs.clone()));
            let (kernel, switch) = faulty(blobs, false);
            kernel.update(Family::Ipv4, "filter", |table| {
                table.chain_mut("INPUT")?.append("-c 1 9 -j ACCEPT")
            })?;
            let lines = || memory.open(Family::Ipv4, "filter").map(|table| rules(&table, "INPUT"));
            let (result, reached) = switch.during(fault, || operation(&kernel));
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::NoSuchTable, "{name}, fault {fault}: {error}");
                assert_eq!(lines()?, ["-j ACCEPT"], "{name}, fault {fault}");
                operation(&kernel)?;
                refused += 1;
            }
            assert_eq!(lines()?, ["-j ACCEPT", "-j DROP"], "{name}, fault {fault}");
            if !reached {
                break;
            }
        }
        // To read, to look again and to replace are calls.
        assert!(refused >= 4, "{name}: {refused}");
    }
    Ok(())
}
