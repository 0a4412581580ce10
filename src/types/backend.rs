//! What holds packet-filter rules, and why it was chosen.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::Family;
use crate::Error;
use crate::error::Failure;

/// What holds packet-filter rules: an interface of the kernel, or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// xtables, which `iptables-legacy` uses: `linux/netfilter/x_tables.h`.
    Legacy,
    /// nf_tables, which `iptables-nft` uses: `linux/netfilter/nf_tables.h`.
    Nft,
    /// Tables in memory, or whatever else a program has made that holds tables.
    Memory,
    /// nf_tables in memory: handles, transactions and refusals as those of the kernel.
    MemoryNft,
}

impl BackendKind {
    /// Whether it does what nf_tables does, and says what `iptables-nft` says.
    ///
    /// ```
    /// use libfw::BackendKind;
    ///
    /// assert!(BackendKind::MemoryNft.is_nft() && !BackendKind::Legacy.is_nft());
    /// ```
    #[must_use]
    pub const fn is_nft(self) -> bool {
        matches!(self, BackendKind::Nft | BackendKind::MemoryNft)
    }

    /// The name as a word: `legacy`, `nft`, `memory` or `memory-nft`.
    ///
    /// ```
    /// assert_eq!(libfw::BackendKind::MemoryNft.name(), "memory-nft");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BackendKind::Legacy => "legacy",
            BackendKind::Nft => "nft",
            BackendKind::Memory => "memory",
            BackendKind::MemoryNft => "memory-nft",
        }
    }
}

/// As in the version of `iptables`: `legacy` or `nf_tables`; and `memory` or `nf_tables in memory`.
impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            BackendKind::Legacy => "legacy",
            BackendKind::Nft => "nf_tables",
            BackendKind::Memory => "memory",
            BackendKind::MemoryNft => "nf_tables in memory",
        })
    }
}

/// Reads the [name](BackendKind::name), or what [`Display`](fmt::Display) writes.
impl FromStr for BackendKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<BackendKind, Error> {
        match text {
            "legacy" => Ok(BackendKind::Legacy),
            "nft" | "nf_tables" => Ok(BackendKind::Nft),
            "memory" => Ok(BackendKind::Memory),
            "memory-nft" | "nf_tables in memory" => Ok(BackendKind::MemoryNft),
            _ => Err(Error::from(Failure::Backend { name: text.into() }).at_token(text)),
        }
    }
}

/// Which backend was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detection {
    /// The backend.
    pub backend: BackendKind,
    /// Why it is this one.
    pub reason: Reason,
}

impl Detection {
    /// Whether both backends hold rules and nothing says which of them is meant. Reading works then, and any change is an error
    /// until a backend is named.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    ///
    /// assert!(!kernel.detection()?.is_ambiguous());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.reason, Reason::Ambiguous { .. })
    }
}

impl BackendKind {
    /// The choice of a program that names it.
    pub(crate) const fn named(self) -> Detection {
        Detection { backend: self, reason: Reason::Named }
    }
}

/// The variable of the environment that decides first: `legacy` or `nft`.
pub(crate) const BACKEND_VARIABLE: &str = "LIBFW_BACKEND";

/// `nf_tables (its table filter of IPv4 has rules)`.
impl fmt::Display for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.backend, self.reason)
    }
}

/// Why a backend was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The program names it.
    Named,
    /// The variable LIBFW_BACKEND names it.
    Variable,
    /// It holds rules, and the other one does not.
    Rules {
        /// A table with rules.
        table: TableName,
    },
    /// It is what the host's own `iptables` uses.
    Host {
        /// The command, with everything that it is a link to.
        links: Vec<PathBuf>,
        /// Whether it had to decide between two backends with rules.
        both: bool,
    },
    /// The kernel has it.
    Kernel,
    /// The kernel has neither, as far as can be seen.
    Neither,
    /// Both hold rules, and nothing says which of them is meant.
    Ambiguous {
        /// A table of the legacy interface with rules.
        legacy: TableName,
        /// A table of nf_tables with rules.
        nft: TableName,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Named => f.write_str("the program says so"),
            Reason::Variable => write!(f, "{BACKEND_VARIABLE} says so"),
            Reason::Rules { table } => write!(f, "its {table} has rules"),
            Reason::Host { links, both } => {
                if *both {
                    f.write_str("both backends have rules, ")?;
                }
                let mut links = links.iter().map(|path| path.display());
                if let Some(command) = links.next() {
                    write!(f, "{command}")?;
                }
                match links.next_back() {
                    Some(end) => write!(f, " is a link to {end}"),
                    None => f.write_str(" is of that kind"),
                }
            }
            Reason::Kernel => f.write_str("the kernel has it"),
            Reason::Neither => f.write_str("the kernel has neither"),
            Reason::Ambiguous { legacy, nft } => {
                write!(f, "both backends have rules: legacy in {legacy}, nf_tables in {nft}")
            }
        }
    }
}

/// A table of a family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TableName {
    /// The family.
    pub family: Family,
    /// The name.
    pub name: String,
}

/// `table filter of IPv4`.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} of {}", self.name, self.family)
    }
}
