//! Linux packet-filter rules, without running iptables.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("libfw speaks to 64-bit Linux kernels only");

// What tests share with those of `tests` speaks of the crate by its name.
#[cfg(test)]
extern crate self as libfw;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

mod blob;
mod error;
pub mod ext;
pub mod iptables;
mod kernel;
mod rule;
mod sys;
mod table;
mod types;

pub use error::{Error, ErrorKind, Result};
pub use ext::{Datum, matches, targets};
pub use kernel::{Kernel, MemoryKernel, Transaction};
pub use rule::{
    Match, MatchRef, OptionDatum, OptionValue, Rule, RuleBuilder, RuleRef, Setting, Target, TargetRef,
    Verdict,
};
pub use table::backend::{Compare, Lock, LockPolicy};
pub use table::{Chain, ChainMut, IntoRule, Note, Report, Table, Word};
pub use types::{
    AddrMask, BackendKind, Counters, Detection, Family, Hook, HookMask, Interface, Inv, Policy, Port,
    PortRange, Protocol, Reason, Span, Str, TableName, not,
};

pub mod backend {
    //! What holds tables: the traits that the library's own backends implement, for one of your own.

    pub use crate::ext::{Host, SetInfo};
    pub use crate::kernel::{Blobs, COUNTERS_HEADROOM, Info, Legacy, LegacySocket};
    pub use crate::table::HEADROOM;
    pub use crate::table::backend::{
        Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Snapshot, Want, WantedChain, WantedRules,
        Written,
    };
}

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
