//! What a table has beside chains and rules that iptables can tell of.

use std::fmt;

use super::Table;
use crate::Result;
use crate::error::BadNft;

/// Something about a table of nf_tables that its chains and rules do not show: what `nft` has done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Rules that iptables cannot express. They count in positions and can be deleted by number, but what they do is not shown.
    ForeignRules {
        /// How many.
        rules: usize,
    },
    /// Base chains at other hooks or priorities than those of the built-in chains. They are not shown, but packets pass their
    /// rules.
    HiddenChains,
    /// Sets, maps and other objects, which are not shown.
    Objects,
    /// The table is dormant: no packet passes its rules (`NFT_TABLE_F_DORMANT` of `linux/netfilter/nf_tables.h`).
    Dormant,
    /// The table belongs to another process, which alone may change it and with which it goes (`NFT_TABLE_F_OWNER`).
    Owned,
}

impl Note {
    /// Whether it tells of something that goes when the table is replaced by one from a save file.
    pub(crate) fn is_lost_by_replacing(&self) -> bool {
        !matches!(self, Note::Owned)
    }
}

impl Table {
    /// Fails if there is something in the table that would be lost if it were replaced.
    pub(crate) fn refuse_to_lose(&self) -> Result<()> {
        let lost = self.notes().iter().filter(|note| note.is_lost_by_replacing());
        let what = lost.map(Note::to_string).collect::<Vec<_>>().join("; ");
        if what.is_empty() { Ok(()) } else { Err(self.error(BadNft::Beside { what })) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::ForeignRules { rules: 1 } => {
                f.write_str("1 rule has no form in iptables and is shown as a comment")
            }
            Note::ForeignRules { rules } => {
                write!(f, "{rules} rules have no form in iptables and are shown as comments")
            }
            Note::HiddenChains => f.write_str("there are base chains of nft, which are not shown"),
            Note::Objects => f.write_str("there are sets or other objects of nft, which are not shown"),
            Note::Dormant => f.write_str("the table is dormant: no packet passes its rules"),
            Note::Owned => f.write_str("the table belongs to another process, which alone may change it"),
        }
    }
}
