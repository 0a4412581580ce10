//! How fast libfw is meant to be.

use libfw_bench::workload::Shape;

use crate::peers::Peer;
use crate::report::Measured;
use crate::rows::{Clock, Operation};

/// What is compared with a limit; always medians of one row.
pub enum Quantity {
    /// The time of one over that of another.
    Ratio(Peer, Peer),
    /// Milliseconds.
    Milliseconds(Peer),
    /// Microseconds over the floor.
    OverFloor(Peer),
    /// Milliseconds of one over another.
    Over(Peer, Peer),
    /// Microseconds.
    Microseconds(Peer),
}

/// What is meant to be left of libfw's own share in a piece of work, done by the command.
pub struct Pace {
    /// What it is about.
    pub work: &'static str,
    pub row: (Operation, Clock, Shape, usize),
    /// At most: the whole process without its start, over the time inside the kernel's calls.
    pub kernel: f64,
    /// At least: the time of iptables-legacy over that of libfw.
    pub faster: f64,
    /// At most: the memory that a process does not need for its start, over the size of the tables in the kernel.
    pub memory: Option<f64>,
}

/// A target.
pub struct Target {
    /// What it is about.
    pub work: &'static str,
    row: (Operation, Clock, Shape, usize),
    quantity: Quantity,
    limit: f64,
    /// The limit is the least, not the most.
    at_least: bool,
}

impl Target {
    /// The quantity as it was measured, if it was.
    pub fn measure(&self, rows: &[Measured]) -> Option<f64> {
        let row = rows.iter().find(|row| (row.operation, row.clock, row.shape, row.rules) == self.row)?;
        Some(match self.quantity {
            Quantity::Ratio(above, below) => row.median(above)? / row.median(below)?,
            Quantity::Milliseconds(peer) => row.median(peer)? / 1e6,
            Quantity::OverFloor(peer) => (row.median(peer)? - row.median(Peer::Floor)?) / 1e3,
            Quantity::Over(above, below) => (row.median(above)? - row.median(below)?) / 1e6,
            Quantity::Microseconds(peer) => row.median(peer)? / 1e3,
        })
    }

    /// Whether a value is on the right side of the limit.
    pub fn met_by(&self, value: f64) -> bool {
        if self.at_least { value >= self.limit } else { value <= self.limit }
    }

    /// The limit and its side.
    pub fn limit_text(&self) -> String {
        format!("{} {}", if self.at_least { ">=" } else { "<=" }, self.limit)
    }
}

const fn most(
    work: &'static str,
    row: (Operation, Clock, Shape, usize),
    quantity: Quantity,
    limit: f64,
) -> Target {
    Target { work, row, quantity, limit, at_least: false }
}

const fn least(
    work: &'static str,
    row: (Operation, Clock, Shape, usize),
    quantity: Quantity,
    limit: f64,
) -> Target {
    Target { work, row, quantity, limit, at_least: true }
}

use Clock::{Inside, Process};
use Operation::{
    Append, Chain, Commits, Contains, Deletes, Empty, Ensure, List, Load, Parse, Plan, Print, Reload, Rules,
    Save,
};
use Peer::{Floor, Fw, FwNft, Nft, NftFloor, Python, Rust};
use Quantity::{Microseconds, Milliseconds, Over, OverFloor, Ratio};
use Shape::{Chains, Flat, Kube};

const FLAT: usize = 100_000;
const KUBE: usize = 80_000;
const CHAINS: usize = 200_000;

/// The six pieces of work that the command is for.
pub const PACES: &[Pace] = &[
    pace("restore 100,000 flat", (Load, Process, Flat, FLAT), 1.3, 4.0, Some(1.2)),
    pace("save them", (Save, Process, Flat, FLAT), 1.25, 2.0, Some(1.1)),
    pace("list -nvx", (List, Process, Flat, FLAT), 1.4, 3.0, None),
    pace("append one", (Append, Process, Flat, FLAT), 1.05, 1.2, None),
    pace("restore kube-proxy, 30,000 chains", (Load, Process, Kube, KUBE), 1.35, 5.0, Some(1.2)),
    pace("restore 100,000 chains", (Load, Process, Chains, CHAINS), 1.3, 8.0, Some(1.2)),
];

const fn pace(
    work: &'static str,
    row: (Operation, Clock, Shape, usize),
    kernel: f64,
    faster: f64,
    memory: Option<f64>,
) -> Pace {
    Pace { work, row, kernel, faster, memory }
}

/// Every other target. A bare replace of memory that is ready begins with the pages in place, so that it is less than what the
/// kernel needs for a table that a process has just made.
pub const TARGETS: &[Target] = &[
    most("restore / bare replace and process start", (Load, Process, Flat, FLAT), Ratio(Fw, Floor), 1.3),
    most(
        "restore over the same / bare replace and process start",
        (Reload, Process, Flat, FLAT),
        Ratio(Fw, Floor),
        1.3,
    ),
    most(
        "append one in a transaction / bare get and replace",
        (Append, Inside, Flat, FLAT),
        Ratio(Rust, Floor),
        1.1,
    ),
    most(
        "append one more, lock held / bare replace",
        (Commits, Inside, Flat, FLAT),
        Ratio(Rust, Floor),
        1.15,
    ),
    most("parse 100,000 lines, milliseconds", (Parse, Inside, Flat, FLAT), Milliseconds(Rust), 30.0),
    most("print 100,000 lines, milliseconds", (Print, Inside, Flat, FLAT), Milliseconds(Rust), 15.0),
    most(
        "kube-proxy: restore / bare replace and process start",
        (Load, Process, Kube, KUBE),
        Ratio(Fw, Floor),
        1.4,
    ),
    most(
        "kube-proxy: restore over the same / the same",
        (Reload, Process, Kube, KUBE),
        Ratio(Fw, Floor),
        1.4,
    ),
    most(
        "kube-proxy: replace one chain / bare get and replace",
        (Chain, Inside, Kube, KUBE),
        Ratio(Rust, Floor),
        1.15,
    ),
    most(
        "100,000 chains: restore / bare replace and process start",
        (Load, Process, Chains, CHAINS),
        Ratio(Fw, Floor),
        1.5,
    ),
    most(
        "100,000 chains: restore over the same / the same",
        (Reload, Process, Chains, CHAINS),
        Ratio(Fw, Floor),
        1.5,
    ),
    most(
        "append one to an empty table, microseconds over the bare calls",
        (Empty, Inside, Flat, 1),
        OverFloor(Rust),
        60.0,
    ),
    most(
        "nf_tables: restore / bare batch and process start",
        (Load, Process, Flat, FLAT),
        Ratio(FwNft, NftFloor),
        1.25,
    ),
    // Most of it is the kernel's share: the bare batch itself is no more than 1.4 times faster than iptables-nft.
    least("nf_tables: iptables-nft-restore / fw", (Load, Process, Flat, FLAT), Ratio(Nft, FwNft), 1.15),
    most(
        "nf_tables: save / bare dump and process start",
        (Save, Process, Flat, FLAT),
        Ratio(FwNft, NftFloor),
        1.3,
    ),
    least("nf_tables: iptables-nft-save / fw", (Save, Process, Flat, FLAT), Ratio(Nft, FwNft), 1.3),
    most(
        "nf_tables: kube-proxy: append one: fw / iptables-nft",
        (Append, Process, Kube, KUBE),
        Ratio(FwNft, Nft),
        1.0,
    ),
    most(
        "nf_tables: kube-proxy: replace one chain, milliseconds over the bare calls",
        (Chain, Process, Kube, KUBE),
        Over(FwNft, NftFloor),
        5.0,
    ),
    most(
        "append 10,000 rules from text: Python / Rust",
        (Rules, Inside, Flat, 10_000),
        Ratio(Python, Rust),
        3.0,
    ),
    most(
        "whether one of 100,000 rules is there, microseconds",
        (Contains, Inside, Flat, FLAT),
        Microseconds(Rust),
        1.0,
    ),
    most("make sure of one of 100,000, microseconds", (Ensure, Inside, Flat, FLAT), Microseconds(Rust), 1.0),
    most(
        "delete one of 1,000 of 100,000, microseconds",
        (Deletes, Inside, Flat, FLAT),
        Microseconds(Rust),
        1.0,
    ),
    most("plan of 100,000 equal rules / bare reading", (Plan, Inside, Flat, FLAT), Ratio(Rust, Floor), 3.0),
];
