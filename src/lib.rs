//! Linux packet-filter rules, without running iptables.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("libfw speaks to 64-bit Linux kernels only");

// What tests share with those of `tests` speaks of the crate by its name.
#[cfg(test)]
extern crate self as libfw;

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
pub use ext::{SetInfo, matches, targets};
pub use kernel::{Kernel, Lock, LockPolicy, MemoryKernel, ThisNamespace};
pub use rule::{Match, MatchRef, OptionValue, Rule, RuleBuilder, RuleRef, Target, TargetRef, Verdict};
pub use table::{Backend, Chain, ChainMut, HEADROOM, Info, IntoRule, Report, Table};
pub use types::{
    AddrMask, Counters, Family, Hook, HookMask, Interface, Inv, Policy, Port, PortRange, Protocol, Span, Str,
    not,
};

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
