//! Which of the kernel's two interfaces holds the rules that matter here.
//!
//! A kernel may have both, and they know nothing of each other: packets pass the rules of both. Whoever writes to the one
//! that nobody looks at protects nobody.

mod backend;
mod look;

use std::fs::File;
use std::path::PathBuf;

pub(super) use backend::Detected;

use crate::Error;
use crate::types::{BackendKind, Detection, Reason, TableName};

/// Looks at a network namespace, that of the file or the calling thread's, and at the host's commands.
///
/// # Errors
///
/// When LIBFW_BACKEND names no backend.
fn detect(namespace: Option<&File>) -> Result<Detection, Error> {
    look::look(namespace).map(|facts| decide(&facts))
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
            _ => &self.nft,
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
    use crate::types::Family;

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
        }
        let error = "nftables".parse::<BackendKind>().unwrap_err();
        assert_eq!(error.to_string(), "no backend is called \"nftables\", expected legacy, nft or memory");
        let detection = Detection { backend: BackendKind::Nft, reason: Reason::Variable };
        assert_eq!(detection.to_string(), "nf_tables (LIBFW_BACKEND says so)");
    }
}
