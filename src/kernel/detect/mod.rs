//! Which of the kernel's two interfaces holds the rules that matter here.
//!
//! A kernel may have both, and they know nothing of each other: packets pass the rules of both. Whoever writes to the one
//! that nobody looks at protects nobody.

mod look;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Error;
use crate::error::Failure;
use crate::types::Family;

/// An interface of the kernel for packet-filter rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// xtables, which `iptables-legacy` uses: `linux/netfilter/x_tables.h`.
    Legacy,
    /// nf_tables, which `iptables-nft` uses: `linux/netfilter/nf_tables.h`.
    Nft,
}

impl BackendKind {
    /// The name as a word: `legacy` or `nft`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BackendKind::Legacy => "legacy",
            BackendKind::Nft => "nft",
        }
    }

    /// The other one.
    const fn other(self) -> BackendKind {
        match self {
            BackendKind::Legacy => BackendKind::Nft,
            BackendKind::Nft => BackendKind::Legacy,
        }
    }
}

/// As in the version of `iptables`: `legacy` or `nf_tables`.
impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BackendKind::Legacy => "legacy",
            BackendKind::Nft => "nf_tables",
        })
    }
}

/// Accepts `legacy`, `nft` and `nf_tables`.
impl FromStr for BackendKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<BackendKind, Error> {
        match text {
            "legacy" => Ok(BackendKind::Legacy),
            "nft" | "nf_tables" => Ok(BackendKind::Nft),
            _ => Err(Error::from(Failure::Backend { name: text.into() }).at_token(text)),
        }
    }
}

/// The variable of the environment that decides first: `legacy` or `nft`.
pub(crate) const VARIABLE: &str = "LIBFW_BACKEND";

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
    /// Whether both backends hold rules and nothing says which of them is meant: reading works, changing anything is an
    /// error until a backend is named.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.reason, Reason::Ambiguous { .. })
    }
}

impl Detection {
    /// Looks at a network namespace, that of the file or the calling thread's, and at the host's commands.
    ///
    /// # Errors
    ///
    /// When LIBFW_BACKEND names no backend.
    pub(crate) fn of(namespace: Option<&File>) -> Result<Detection, Error> {
        look::look(namespace).map(|facts| decide(&facts))
    }
}

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
            Reason::Variable => write!(f, "{VARIABLE} says so"),
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

/// What is known of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Whether the kernel has it, if that can be seen.
    pub(crate) present: Option<bool>,
    /// A table that holds rules, user-defined chains or a policy other than ACCEPT. What cannot be read holds nothing.
    pub(crate) rules: Option<TableName>,
}

/// What the choice depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What LIBFW_BACKEND names.
    pub(crate) variable: Option<BackendKind>,
    pub(crate) legacy: Known,
    pub(crate) nft: Known,
    /// What the host's own `iptables` uses, and the links that say so.
    pub(crate) host: Option<(BackendKind, Vec<PathBuf>)>,
}

impl Facts {
    fn known(&self, backend: BackendKind) -> &Known {
        match backend {
            BackendKind::Legacy => &self.legacy,
            BackendKind::Nft => &self.nft,
        }
    }
}

/// Chooses a backend: the one that is named, else the one that has rules, else the one that the host's own command uses, else
/// the one that the kernel has, nf_tables first.
pub(crate) fn decide(facts: &Facts) -> Detection {
    let because = |backend, reason| Detection { backend, reason };
    if let Some(backend) = facts.variable {
        return because(backend, Reason::Variable);
    }
    let by_host = |both| {
        let (backend, links) = facts.host.as_ref()?;
        // A command for what the kernel does not have says nothing.
        let usable = facts.known(*backend).present != Some(false);
        usable.then(|| because(*backend, Reason::Host { links: links.clone(), both }))
    };
    match (&facts.legacy.rules, &facts.nft.rules) {
        (Some(table), None) => {
            return because(BackendKind::Legacy, Reason::Rules { table: table.clone() });
        }
        (None, Some(table)) => return because(BackendKind::Nft, Reason::Rules { table: table.clone() }),
        (Some(legacy), Some(nft)) => {
            return by_host(true).unwrap_or_else(|| {
                let reason = Reason::Ambiguous { legacy: legacy.clone(), nft: nft.clone() };
                because(BackendKind::Nft, reason)
            });
        }
        (None, None) => {}
    }
    by_host(false).unwrap_or_else(|| {
        let order = [BackendKind::Nft, BackendKind::Legacy];
        let with = |present| order.into_iter().find(|backend| facts.known(*backend).present == present);
        match with(Some(true)).or_else(|| with(None)) {
            Some(backend) => because(backend, Reason::Kernel),
            None => because(BackendKind::Nft, Reason::Neither),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(family: Family, name: &str) -> TableName {
        TableName { family, name: name.into() }
    }

    /// `variable`, then legacy and nf_tables as present and rules (`-` absent, `?` unknown, `+` there, `*` with rules), then
    /// what the host's command is; and what is decided, with a word of the reason.
    #[test]
    fn which_and_why() {
        use BackendKind::{Legacy, Nft};
        let cases = [
            // The variable is the last word, even against everything else.
            (Some(Legacy), '-', '*', Some(Nft), Legacy, "LIBFW_BACKEND says so"),
            (Some(Nft), '*', '-', Some(Legacy), Nft, "LIBFW_BACKEND says so"),
            // Rules in one of them, whatever the host's command is.
            (None, '*', '+', None, Legacy, "its table filter of IPv4 has rules"),
            (None, '*', '+', Some(Nft), Legacy, "its table filter of IPv4 has rules"),
            (None, '*', '?', Some(Nft), Legacy, "its table filter of IPv4 has rules"),
            (None, '+', '*', Some(Legacy), Nft, "its table nat of IPv6 has rules"),
            (None, '?', '*', None, Nft, "its table nat of IPv6 has rules"),
            // In both.
            (
                None,
                '*',
                '*',
                Some(Legacy),
                Legacy,
                "both backends have rules, /sbin/iptables is a link to /sbin/end",
            ),
            (
                None,
                '*',
                '*',
                Some(Nft),
                Nft,
                "both backends have rules, /sbin/iptables is a link to /sbin/end",
            ),
            (
                None,
                '*',
                '*',
                None,
                Nft,
                "both backends have rules: legacy in table filter of IPv4, nf_tables in table nat of IPv6",
            ),
            // In none.
            (None, '+', '+', Some(Legacy), Legacy, "/sbin/iptables is a link to /sbin/end"),
            (None, '+', '+', Some(Nft), Nft, "/sbin/iptables is a link to /sbin/end"),
            (None, '?', '?', Some(Legacy), Legacy, "/sbin/iptables is a link to /sbin/end"),
            (None, '-', '+', Some(Legacy), Nft, "the kernel has it"),
            (None, '+', '-', Some(Nft), Legacy, "the kernel has it"),
            (None, '+', '+', None, Nft, "the kernel has it"),
            (None, '+', '-', None, Legacy, "the kernel has it"),
            (None, '+', '?', None, Legacy, "the kernel has it"),
            (None, '?', '?', None, Nft, "the kernel has it"),
            (None, '-', '-', Some(Legacy), Nft, "the kernel has neither"),
        ];
        for (variable, legacy, nft, host, backend, reason) in cases {
            let known = |sign, name: &TableName| Known {
                present: match sign {
                    '-' => Some(false),
                    '?' => None,
                    _ => Some(true),
                },
                rules: (sign == '*').then(|| name.clone()),
            };
            let facts = Facts {
                variable,
                legacy: known(legacy, &table(Family::Ipv4, "filter")),
                nft: known(nft, &table(Family::Ipv6, "nat")),
                host: host.map(|kind| (kind, ["/sbin/iptables", "/sbin/end"].map(PathBuf::from).to_vec())),
            };
            let found = decide(&facts);
            assert_eq!((found.backend, &*found.reason.to_string()), (backend, reason), "{facts:?}");
            assert_eq!(found.is_ambiguous(), (legacy, nft, host, variable) == ('*', '*', None, None));
        }
    }

    #[test]
    fn names() {
        for backend in [BackendKind::Legacy, BackendKind::Nft] {
            assert_eq!(backend.name().parse::<BackendKind>().unwrap(), backend);
            assert_eq!(backend.to_string().parse::<BackendKind>().unwrap(), backend);
            assert_eq!(backend.other().other(), backend);
        }
        let error = "nftables".parse::<BackendKind>().unwrap_err();
        assert_eq!(error.to_string(), "no backend is called \"nftables\", expected legacy or nft");
        let detection = Detection { backend: BackendKind::Nft, reason: Reason::Variable };
        assert_eq!(detection.to_string(), "nf_tables (LIBFW_BACKEND says so)");
    }
}
