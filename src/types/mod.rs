//! The vocabulary: small values that mean one thing each.

pub(crate) mod addr;
mod backend;
mod family;
pub(crate) mod few;
pub(crate) mod fmt;
pub(crate) mod hash;
mod interface;
mod inv;
pub(crate) mod json;
pub(crate) mod opaque;
pub(crate) mod order;
mod proto;
pub(crate) mod setting;
pub(crate) mod settings;
pub(crate) mod similar;
pub(crate) mod text;

pub use addr::AddrMask;
pub(crate) use backend::BACKEND_VARIABLE;
pub use backend::{BackendKind, Detection, Reason, TableName};
pub use family::{Counters, Family, Hook, HookMask, Policy};
pub use interface::Interface;
pub(crate) use inv::invertible;
pub use inv::{Inv, not};
pub use proto::{Port, PortRange, Protocol, Span};
pub use setting::{IntoSetting, Setting};
pub use text::KernelString;

/// The longest name of a chain, in bytes: one less than the kernel allows, as in iptables.
pub(crate) const CHAIN_NAME_MAX: usize = 28;

/// The longest name of a chain in nf_tables: `NFT_NAME_MAXLEN` of `linux/netfilter/nf_tables.h` with its NUL.
pub(crate) const NFT_CHAIN_NAME_MAX: usize = 255;
