//! What of a table a desired state speaks of.

use std::fmt;

use crate::Result;
use crate::blob::Entry;
use crate::error::BadEdit;
use crate::rule::Rule;
use crate::types::KernelString;

/// How long a comment is in the kernel.
pub(crate) const COMMENT_SIZE: usize = 256;

/// What a desired state is about: whole tables, some chains, or the rules of one owner. What is outside the scope is never
/// touched.
///
/// Within the scope, rules and chains become what is desired, and everything else is deleted. Policies that are not set stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The tables of the desired state as a whole. Chains that are not desired are deleted.
    #[default]
    Tables,
    /// These chains. Rules of other chains that jump to one of them are put where they are desired; if none is desired, existing
    /// ones stay as they are, and if others are desired, existing ones are deleted. A chain of the scope that is not desired any
    /// more is deleted, along with the rules that jump to it.
    Chains(Vec<Vec<u8>>),
    /// The chains whose name begins with this prefix, in the same way. An empty prefix is an error.
    Prefix(Vec<u8>),
    /// The rules, in any chain, with a comment (`-m comment`) that begins with this mark. A desired rule without a comment gets
    /// the mark as its comment. Desired chains that do not exist are made; none is deleted. The mark must not be empty, and must
    /// fit a comment.
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

    /// The chains whose name begins with this prefix.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// assert_eq!(Scope::prefix("my-"), Scope::Prefix(b"my-".to_vec()));
    /// ```
    pub fn prefix(prefix: impl AsRef<[u8]>) -> Scope {
        Scope::Prefix(prefix.as_ref().to_vec())
    }

    /// The rules whose comment begins with this mark.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// assert_eq!(Scope::owner("mine: "), Scope::Owner(b"mine: ".to_vec()));
    /// ```
    pub fn owner(mark: impl AsRef<[u8]>) -> Scope {
        Scope::Owner(mark.as_ref().to_vec())
    }

    /// Fails if it can mean nothing: a prefix that every chain begins with would take away what others have made, and so would such a
    /// mark; one that fits no comment has no rule.
    ///
    /// ```
    /// use libfw::Scope;
    ///
    /// assert!(Scope::prefix("web-").check().is_ok());
    /// assert!(Scope::prefix("").check().is_err());
    /// assert!(Scope::owner("a\nb").check().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument). Whatever uses the scope fails with the same.
    pub fn check(&self) -> Result<()> {
        Ok(self.verdict()?)
    }

    /// The same without a place.
    pub(crate) fn verdict(&self) -> Result<(), BadEdit> {
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

/// Where a rule should stand in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Before all other rules.
    First,
    /// Behind all other rules.
    Last,
    /// Right before the first rule that is equal to this one.
    Before(Rule),
    /// Right behind the first rule that is equal to this one.
    After(Rule),
}

/// `first`, `last`, or the rule before or behind which it should stand.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::First => f.pad("first"),
            Position::Last => f.pad("last"),
            Position::Before(rule) => write!(f, "before {rule}"),
            Position::After(rule) => write!(f, "after {rule}"),
        }
    }
}
