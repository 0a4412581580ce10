//! What of a table a desired state speaks of.

use std::fmt;

use crate::blob::Entry;
use crate::error::BadEdit;
use crate::rule::Rule;
use crate::types::KernelString;

/// How long a comment is in the kernel.
pub(crate) const COMMENT_SIZE: usize = 256;

/// What of the tables a desired state speaks of. What is outside is never touched.
///
/// Within the scope rules and chains become what is desired, and what is not desired goes. Policies that are not set stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The tables that are named, whole. Chains that are not desired go.
    #[default]
    Tables,
    /// These chains. Rules of other chains that go to one of them are put where they are desired. Where a chain of the scope is
    /// not desired any more, it goes, and the rules that go to it; where other rules to it are desired than there are, those that
    /// are there go; where none are desired they stay as they are.
    Chains(Vec<Vec<u8>>),
    /// The chains whose name begins so, in the same way. An empty prefix is a mistake.
    Prefix(Vec<u8>),
    /// The rules, in whatever chain, with a comment (`-m comment`) that begins so. A rule without a comment that is desired gets
    /// one. Chains that are desired are made if they are not there; none is deleted. A mark is not empty and fits a comment.
    Owner(Vec<u8>),
}

impl Scope {
    /// The chains of these names.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// let scope = Scope::chains(["web", "dns"]);
    /// assert!(matches!(scope, Scope::Chains(names) if names.len() == 2));
    /// ```
    pub fn chains<N: AsRef<[u8]>>(names: impl IntoIterator<Item = N>) -> Scope {
        Scope::Chains(names.into_iter().map(|name| name.as_ref().to_vec()).collect())
    }

    /// The chains whose name begins so.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// assert_eq!(Scope::prefix("my-"), Scope::Prefix(b"my-".to_vec()));
    /// ```
    pub fn prefix(prefix: impl AsRef<[u8]>) -> Scope {
        Scope::Prefix(prefix.as_ref().to_vec())
    }

    /// The rules whose comment begins so.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// assert_eq!(Scope::owner("mine: "), Scope::Owner(b"mine: ".to_vec()));
    /// ```
    pub fn owner(mark: impl AsRef<[u8]>) -> Scope {
        Scope::Owner(mark.as_ref().to_vec())
    }

    /// A prefix that every chain begins with would take away what others have made, and so would such a mark.
    pub(crate) fn check(&self) -> Result<(), BadEdit> {
        match self {
            Scope::Prefix(prefix) if prefix.is_empty() => Err(BadEdit::EmptyPrefix),
            Scope::Owner(mark) if mark.is_empty() || !KernelString::<COMMENT_SIZE>::new(mark).fits() => {
                Err(BadEdit::BadMark { mark: String::from_utf8_lossy(mark).into_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Whether a chain with all its rules belongs to it.
    pub(crate) fn has_chain(&self, name: &[u8]) -> bool {
        match self {
            Scope::Tables => true,
            Scope::Chains(names) => names.iter().any(|known| known == name),
            Scope::Prefix(prefix) => name.starts_with(prefix),
            Scope::Owner(_) => false,
        }
    }

    /// Whether a rule has the owner's mark.
    pub(crate) fn has_mark(&self, entry: Entry<'_>) -> bool {
        let Scope::Owner(mark) = self else { return false };
        entry.matches().any(|part| part.name == b"comment" && part.data.starts_with(mark))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy;
        match self {
            Scope::Tables => f.write_str("whole tables"),
            Scope::Chains(names) => {
                let names: Vec<_> = names.iter().map(|name| text(name)).collect();
                write!(f, "chains {}", names.join(", "))
            }
            Scope::Prefix(prefix) => write!(f, "chains that begin with {}", text(prefix)),
            Scope::Owner(mark) => write!(f, "rules with the mark {}", text(mark)),
        }
    }
}

/// Where a rule is to be among those that a scope leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// Right before the first rule that is the same as this one.
    Before(Rule),
    /// Right behind the first rule that is the same as this one.
    After(Rule),
}
