//! Linux packet-filter rules, without running iptables.
//!
//! libfw reads and writes the rules that `iptables` and `ip6tables` manage (and, on nf_tables, `arptables`) by speaking to the kernel
//! itself: over the legacy xtables interface, or over nf_tables as `iptables-nft` uses it. It runs no program, parses no messages and
//! loads no library. You read a [`Table`], edit it in memory and write it back in one step; if the kernel refuses, nothing has
//! changed.
//!
//! # Quick start
//!
//! ```
//! use libfw::matches::Multiport;
//! use libfw::{Family, Kernel, Policy, Rule, Verdict};
//!
//! # fn main() -> libfw::Result<()> {
//! # if false {
//! let kernel = Kernel::new();
//! # }
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! let (_, report) = kernel.update(Family::Ipv4, "filter", |table| {
//!     let mut input = table.chain_mut("INPUT")?;
//!     input.set_policy(Policy::Drop, None)?;
//!     input.ensure("-i lo -j ACCEPT")?;
//!     input.ensure("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")?;
//!     let open = Multiport::new().dports([22, 80, 443]);
//!     input.ensure(Rule::builder().protocol("tcp").matching(open).target(Verdict::Accept))?;
//!     Ok(())
//! })?;
//! assert!(report.changed);
//! # Ok(())
//! # }
//! ```
//!
//! [`Kernel::update`] takes the lock that iptables takes, reads the table, lets the closure edit it and commits. The examples on
//! this page run against a [kernel in memory](MemoryKernel), so they touch nothing on your machine.
//!
//! # The parts
//!
//! - [`Kernel`]: a handle on the tables of one backend in one network namespace, and on the lock that guards them.
//! - [`Table`], [`Chain`], [`ChainMut`]: a table as it was read, its chains, and the edits you make. Rules of a chain are numbered from 0.
//! - [`Rule`]: a rule by itself, made from text, from words, or from parts with [`Rule::builder`]. [`RuleRef`] is a rule in a table.
//!   Both print as iptables prints them. Methods that want a rule take any of these, and text too ([`IntoRule`]).
//! - [`matches`](mod@matches) and [`targets`]: a type for each extension. Their methods take values or texts, `dport(80..=90)` or
//!   `dport("80:90")`, and a mistake in a text is told when the rule is built. [`Match::from_options`] and [`Match::from_values`] make the
//!   same from names, for programs that learn the names at run time.
//! - [`iptables`]: command lines, save files, listings and the messages of iptables.
//! - [`backend`]: the traits behind all of it, for a backend of your own.
//!
//! # Recipes
//!
//! **A rule that must be there exactly once.** [`ChainMut::ensure`] adds it unless it is there already, [`ChainMut::ensure_absent`]
//! removes every copy.
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! # use libfw::Family;
//! # kernel.update(Family::Ipv4, "filter", |table| {
//! let mut input = table.chain_mut("INPUT")?;
//! assert!(input.ensure("-s 192.0.2.7 -j DROP")?);
//! assert!(!input.ensure("-s 192.0.2.7 -j DROP")?);
//! assert_eq!(input.ensure_absent("-s 192.0.2.7 -j DROP")?, 1);
//! # Ok(()) })?;
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **A chain of your own.** Keep the rules of your program in a chain named after it, and let the others only jump there.
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! # use libfw::{Family, Rule};
//! # kernel.update(Family::Ipv4, "filter", |table| {
//! table.ensure_chain("my-bans")?;
//! table.chain_mut("INPUT")?.ensure(Rule::builder().jump("my-bans"))?;
//! let mut bans = table.chain_mut("my-bans")?;
//! bans.flush();
//! bans.extend(["-s 192.0.2.1 -j DROP", "-s 192.0.2.2 -j DROP"])?;
//! # Ok(()) })?;
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **Reading counters.** Reading takes no lock and leaves no trace: a table that does not exist is read as an empty one.
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! # use libfw::{Counters, Family};
//! # kernel.update(Family::Ipv4, "filter", |table| {
//! #     table.chain_mut("INPUT")?.append("-c 3 180 -p tcp -j ACCEPT")
//! # })?;
//! let table = kernel.open(Family::Ipv4, "filter")?;
//! let all: Counters = table.chains().flat_map(|chain| chain.rules()).map(|rule| rule.counters()).sum();
//! assert_eq!(all.to_string(), "3 packets, 180 bytes");
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! A [`CounterSnapshot`] has all of them as plain numbers. Two snapshots tell what was counted in between, and counters can be set to
//! zero without losing any packet:
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! # use libfw::{Counters, Family};
//! # kernel.update(Family::Ipv4, "filter", |table| {
//! #     table.chain_mut("INPUT")?.append("-c 3 180 -p tcp -j ACCEPT")
//! # })?;
//! let taken = kernel.take_counters(Family::Ipv4, "filter")?;
//! let now = kernel.counters(Family::Ipv4, "filter")?;
//! assert_eq!(taken.rules(), [Counters::new(3, 180)]);
//! assert_eq!(taken.delta(&now).restarted, [0]); // Set to zero since then.
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **Looking into a rule.**
//!
//! ```
//! use libfw::{Family, Rule, Verdict, matches::Tcp};
//!
//! let rule = Rule::parse(Family::Ipv4, "-s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT")?;
//! assert!(rule.source() == "10.0.0.0/8" && rule.target() == Verdict::Accept);
//! let tcp = rule.find::<Tcp>()?.expect("the match");
//! assert!(tcp.dport.unwrap() == 22);
//! assert_eq!(tcp.to_string(), "-m tcp --dport 22");
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **The options of any match or target**, without its type: [`MatchRef::values`] gives numbers, addresses, ranges and names as
//! [`Datum`].
//!
//! **A save file**, restored as iptables-restore does, and written as iptables-save does:
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! use libfw::Family;
//! use libfw::iptables::{RestoreOptions, restore, save};
//!
//! let file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
//! let options = RestoreOptions::default();
//! restore(&kernel, Family::Ipv4, file.as_bytes(), &options)?;
//!
//! let mut saved = Vec::new();
//! save(&kernel.open(Family::Ipv4, "filter")?, false, &mut saved).expect("a vector takes all");
//! assert!(String::from_utf8_lossy(&saved).contains("-A INPUT -i lo -j ACCEPT"));
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **What a host is to be**: declared once, compared with what is there as often as one likes, brought about again where somebody
//! has changed it, and taken back. [`Desired::apply_for`] is for changes by which one may lock oneself out.
//!
//! ```
//! # let kernel = libfw::MemoryKernel::new().kernel();
//! use libfw::{Family, Policy, Scope};
//!
//! let mut desired = kernel.desired(Scope::Tables);
//! for family in Family::ALL {
//!     let filter = desired.table(family, "filter")?;
//!     filter.chain_mut("INPUT")?.set_policy(Policy::Drop, None)?;
//!     filter.fill([("INPUT", ["-i lo -j ACCEPT", "-p tcp -j web"]), ("web", ["-p tcp --dport 443 -j ACCEPT", "-j RETURN"])])?;
//! }
//! println!("{}", desired.plan()?);
//! let done = desired.apply()?.plan;
//!
//! // Somebody else has been here.
//! kernel.update(Family::Ipv4, "filter", |filter| filter.chain_mut("INPUT")?.insert(0, "-s 192.0.2.1 -j ACCEPT"))?;
//! let drift = desired.plan()?;
//! assert_eq!(drift.changes().to_string(), "1 rule removed");
//! kernel.apply(&drift)?;
//!
//! // All of it back.
//! kernel.apply(&done.inverse())?;
//! assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
//! # Ok::<(), libfw::Error>(())
//! ```
//!
//! **A container's tables.** [`Kernel::in_netns_of`] is for the network namespace of a process, [`Kernel::in_netns`] for one with a
//! name. The calling thread stays where it is.
//!
//! **Errors of your own in an edit.** [`Kernel::try_update`] takes a closure with any error type that a [`libfw::Error`](Error)
//! converts into, `Box<dyn Error>` and `anyhow::Error` included.
//!
//! **Several edits under one lock.** [`Kernel::lock`] takes it, and [`Kernel::with_lock`] makes a handle that works under it.
//! [`Kernel::transaction`] writes several tables, or none.
//!
//! **What iptables would say.** [`iptables::words`] gives its message and exit status for any error; [`iptables::run`] carries out
//! a command line.
//!
//! # Errors
//!
//! An [`Error`] has a [`kind`](Error::kind) to match on, a message, and the place it is about: family, table, chain, rule, extension,
//! option and word, and for texts line and column. [`Error::marked`] shows the text with the word marked:
//!
//! ```
//! use libfw::{ErrorKind, Family, Rule};
//!
//! let error = Rule::parse(Family::Ipv4, "-p tcp --dport 99999 -j ACCEPT").unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::InvalidValue);
//! assert_eq!((error.extension(), error.option(), error.token()), (Some("tcp"), Some("dport"), Some("99999")));
//! assert_eq!(
//!     error.marked().unwrap(),
//!     "-p tcp --dport 99999 -j ACCEPT\n               ^^^^^"
//! );
//! ```
//!
//! The kernel refuses a whole table with a bare number. libfw then finds the rule that is to blame by trying the new ones in a
//! namespace of its own.
//!
//! # Locking and commits
//!
//! [`Kernel::open_locked`] and [`Kernel::update`] hold the lock of iptables, `/run/xtables.lock`, until the table is dropped. A table
//! that was opened without the lock is compared with the kernel's when it is committed: if somebody else has changed it in the
//! meantime, the commit fails with [`Conflict`](ErrorKind::Conflict) and nothing is written. [`LockPolicy`] says which file is locked
//! and how long to wait for it. nf_tables needs no lock; there a commit is a transaction that fails if another came first.
//!
//! Rules that stay keep their counters, including what is counted during the commit.
//!
//! # Backends
//!
//! [`Kernel::new`] finds out which backend the machine uses; [`Kernel::detection`] says which one that is, and why. To choose one
//! yourself, use [`Kernel::legacy`] or [`Kernel::nft`], or set the environment variable `LIBFW_BACKEND`.
//!
//! # Testing without root
//!
//! [`MemoryKernel`] keeps tables in memory and checks rules as far as is possible without a kernel: jumps, loops, hooks, protocols,
//! values. Let your code take a [`Kernel`], and give it one in memory in tests. For real tables without root, run the test in
//! user and network namespaces of its own (`unshare --map-root-user unshare --net`).
//!
//! # What it needs
//!
//! Linux on a 64-bit machine, and CAP_NET_ADMIN in the network namespace.
//!
//! # More
//!
//! [`design`] explains how libfw works and why; [`languages`] shows every operation in Rust, C and Python side by side.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("libfw speaks to 64-bit Linux kernels only");

// What tests share with those of `tests` speaks of the crate by its name.
#[cfg(test)]
extern crate self as libfw;
#[cfg(all(test, playground))]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(all(test, playground))]
#[path = "../tests/common/longest.rs"]
mod longest;

mod blob;
mod error;
pub mod ext;
pub mod iptables;
mod kernel;
mod rule;
mod sys;
mod table;
mod types;

pub use error::{Doubt, Error, ErrorKind, Holder, Result};
pub use ext::values::MacAddr;
pub use ext::{Datum, OptionDatum, matches, targets};
pub use kernel::{
    Applied, Desired, Ending, Kernel, MemoryKernel, MissingModule, Pending, Rehearsal, TableChange,
    Transaction, Watch,
};
pub use rule::{
    Equivalence, Match, MatchRef, OptionValue, Rule, RuleBuilder, RuleRef, Target, TargetRef, Verdict,
};
pub use table::backend::{Compare, Lock, LockPolicy};
pub use table::{
    Chain, ChainCounters, ChainMut, ChainPlan, Changes, CounterDelta, CounterSnapshot, Fate, IntoRule, Note,
    Plan, Position, Report, RuleChange, RuleIter, Scope, Synced, Table, TablePlan, Word,
};
pub use types::{
    AddrMask, BackendKind, Counters, Detection, Family, Hook, HookMask, Interface, IntoSetting, Inv,
    KernelString, Policy, Port, PortRange, Protocol, Reason, Setting, Span, TableName, not,
};

// Only rustdoc reads these files: who edits one need not build everything again.
pub mod json {
    #![cfg_attr(doc, doc = include_str!("../JSON.md"))]
    #![cfg_attr(not(doc), doc = "Rules, tables and errors in JSON.")]

    pub use crate::types::json::Value;
}

// Its code is quoted, and held against the source by a test of its own: there is nothing to run.
#[cfg(not(doctest))]
pub mod design {
    #![cfg_attr(doc, doc = include_str!("../DESIGN.md"))]
    #![cfg_attr(not(doc), doc = "How libfw works, and why.")]
}

pub mod languages {
    #![cfg_attr(doc, doc = include_str!("../LANGUAGES.md"))]
    #![cfg_attr(not(doc), doc = "Every operation in Rust, C and Python.")]
}

/// For the command `fw` alone, for now.
#[doc(hidden)]
pub mod trace {
    pub use crate::kernel::trace::{Step, Traced, Tracer};
}

/// For the command `fw` alone.
#[doc(hidden)]
pub mod terminal {
    pub use crate::sys::terminal::size;
}

pub mod backend {
    //! What holds tables: the traits that the library's own backends implement, for one of your own.

    pub use crate::ext::{Host, ObjectKind, SetInfo};
    pub use crate::kernel::{Blobs, COUNTERS_HEADROOM, Info, Legacy, LegacySocket, Nft};
    pub use crate::table::HEADROOM;
    pub use crate::table::backend::{
        Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Look, Notices, Snapshot, Want,
        WantedChain, WantedRules, Written,
    };
}

#[doc(hidden)]
pub mod program {
    //! For the program `fw` and the other languages.

    pub use crate::error::meant_family;
    pub use crate::sys::memory::OrExit;
    pub use crate::sys::netns::{check_namespace, open_namespace};
}

/// For `tests/fuzz`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::kernel::replay::{Answers, noted, replay};
}

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
