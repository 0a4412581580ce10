//! The tables of COMPARE.md, to be copied there.

use std::fmt::Write;

use libfw_bench::workload::Shape;

use crate::peers::Peer;
use crate::report::{MIB, Measured, duration, paces_in_markdown};
use crate::rows::{Clock, Operation};

use Clock::{Inside, Process};
use Operation::{Append, Chain, Commits, Delete, Edits, List, Load, Parse, Print, Reload, Save};
use Peer::{Floor, Fw, FwNft, Legacy, Nft, NftFloor, PythonIptables, Rust};

/// A line: what it says of which work.
type Line = (&'static str, Operation, Clock);

/// A table of one workload.
struct Summary {
    title: &'static str,
    workload: (Shape, usize),
    /// The columns; that of `Fw` is also for what a program does.
    columns: &'static [(Peer, &'static str)],
    lines: &'static [Line],
}

const SUMMARIES: [Summary; 2] = [
    Summary {
        title: "100,000 rules `-s A/32 -p tcp --dport N -j DROP`",
        workload: (Shape::Flat, 100_000),
        columns: &[
            (Floor, "floor"),
            (Fw, "libfw"),
            (Legacy, "iptables-legacy"),
            (PythonIptables, "python-iptables"),
            (NftFloor, "floor, nf_tables"),
            (FwNft, "libfw, nf_tables"),
            (Nft, "iptables-nft"),
        ],
        lines: &[
            ("`iptables-restore` into empty tables", Load, Process),
            ("the same over the same table", Reload, Process),
            ("`iptables-save`", Save, Process),
            ("`iptables -L -n -v -x`", List, Process),
            ("`iptables -A`, whole process", Append, Process),
            ("`iptables -D` by what the rule is, whole process", Delete, Process),
            ("1,000 edits in one commit, in a program", Edits, Inside),
            ("one commit more, lock held", Commits, Inside),
            ("parse without a kernel", Parse, Inside),
            ("print without a kernel", Print, Inside),
        ],
    },
    Summary {
        title: "kube-proxy's table of 10,000 services (80,000 rules, 30,000 chains)",
        workload: (Shape::Kube, 80_000),
        columns: &[
            (Floor, "floor"),
            (Fw, "libfw"),
            (Legacy, "iptables-legacy"),
            (NftFloor, "floor, nf_tables"),
            (FwNft, "libfw, nf_tables"),
            (Nft, "iptables-nft"),
        ],
        lines: &[
            ("`iptables-restore` into empty tables", Load, Process),
            ("the same over the same table", Reload, Process),
            ("`iptables-save`", Save, Process),
            ("`iptables -A`, whole process", Append, Process),
            ("replace one chain of ten rules", Chain, Process),
        ],
    },
];

/// The memory of these is told as well.
const MEMORY: [(&str, Operation); 2] = [("peak memory of restore", Load), ("peak memory of save", Save)];

/// The tables, as far as their rows were measured.
pub fn markdown(rows: &[Measured]) -> String {
    SUMMARIES.iter().map(|summary| table(summary, rows) + "\n").collect::<String>() + &paces_in_markdown(rows)
}

fn table(summary: &Summary, rows: &[Measured]) -> String {
    let of = |operation: Operation, clock: Clock| {
        let wanted = (operation, clock, summary.workload.0, summary.workload.1);
        rows.iter().find(|row| (row.operation, row.clock, row.shape, row.rules) == wanted)
    };
    let mut text = String::new();
    let mut line = |first: &str, cells: Vec<String>| {
        let _ = writeln!(text, "| {first} | {} |", cells.join(" | "));
    };
    let cells = |cell: &dyn Fn(Peer) -> String| summary.columns.iter().map(|(peer, _)| cell(*peer)).collect();
    line(summary.title, summary.columns.iter().map(|(_, name)| (*name).into()).collect());
    line("---", cells(&|_| "---".into()));
    for (work, operation, clock) in summary.lines {
        let Some(row) = of(*operation, *clock) else { continue };
        line(
            work,
            cells(&|peer| {
                let ours = if peer == Fw { row.median(Fw).or(row.median(Rust)) } else { row.median(peer) };
                ours.map_or(String::new(), duration)
            }),
        );
    }
    for (work, operation) in MEMORY {
        let Some(row) = of(operation, Process) else { continue };
        let peak = |peer| row.of(peer).map_or(String::new(), |of| format!("{:.0} MiB", of.peak.median / MIB));
        line(work, cells(&peak));
    }
    text
}
