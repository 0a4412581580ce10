//! How fast libfw is meant to be.

use libfw_bench::workload::Shape;

use crate::peers::Peer;
use crate::report::{MIB, Measured};
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
    /// The peak of memory, less 4 MiB, over the size of the tables in the kernel.
    Memory(Peer),
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
            Quantity::Memory(peer) => (row.of(peer)?.peak.median - 4.0 * MIB) / row.blob as f64,
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
use Operation::{Append, Chain, Commits, Empty, Load, Parse, Print, Reload, Rules, Save};
use Peer::{Floor, Fw, FwNft, Legacy, Nft, NftFloor, Python, Rust};
use Quantity::{Memory, Milliseconds, Over, OverFloor, Ratio};
use Shape::{Chains, Flat, Kube};

const FLAT: usize = 100_000;
const KUBE: usize = 80_000;
const CHAINS: usize = 200_000;

/// Every target. Restores are judged into empty tables and over the same ones, which the kernel must then take down.
pub const TARGETS: &[Target] = &[
    most("restore / bare replace and process start", (Load, Process, Flat, FLAT), Ratio(Fw, Floor), 1.3),
    most(
        "restore over the same / bare replace and process start",
        (Reload, Process, Flat, FLAT),
        Ratio(Fw, Floor),
        1.3,
    ),
    least("restore: iptables-legacy-restore / fw", (Load, Process, Flat, FLAT), Ratio(Legacy, Fw), 3.0),
    most("save / bare get and process start", (Save, Process, Flat, FLAT), Ratio(Fw, Floor), 1.25),
    least("save: iptables-legacy-save / fw", (Save, Process, Flat, FLAT), Ratio(Legacy, Fw), 1.8),
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
    most("peak memory of restore, less 4 MiB / tables", (Load, Process, Flat, FLAT), Memory(Fw), 2.2),
    most("peak memory of save, less 4 MiB / tables", (Save, Process, Flat, FLAT), Memory(Fw), 1.3),
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
    least("kube-proxy: iptables-legacy-restore / fw", (Load, Process, Kube, KUBE), Ratio(Legacy, Fw), 3.0),
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
    least(
        "100,000 chains: iptables-legacy-restore / fw",
        (Load, Process, Chains, CHAINS),
        Ratio(Legacy, Fw),
        6.0,
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
];
