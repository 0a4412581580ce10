//! What a rule can be made of where one is wanted.

use std::borrow::Cow;

use crate::Result;
use crate::error::BadEdit;
use crate::rule::{Rule, RuleBuilder, RuleRef};
use crate::types::Family;

/// Whatever a rule can be made of: a [`Rule`], a [`RuleBuilder`], a view of a rule, text, or words.
pub trait IntoRule: Sized {
    /// The rule for a family.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    fn into_rule(self, family: Family) -> Result<Rule>;

    /// The rule for a chain of that name. A text may then begin with `-A CHAIN`, as in a listing of the chain's rules.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or is for another chain.
    fn into_rule_of(self, _chain: &[u8], family: Family) -> Result<Rule> {
        self.into_rule(family)
    }
}

impl IntoRule for Rule {
    fn into_rule(self, family: Family) -> Result<Rule> {
        if self.family() == family {
            return Ok(self);
        }
        Err(BadEdit::OtherFamily { rule: self.family(), table: family }.into())
    }
}

impl IntoRule for &Rule {
    fn into_rule(self, family: Family) -> Result<Rule> {
        self.clone().into_rule(family)
    }
}

impl IntoRule for RuleRef<'_> {
    fn into_rule(self, family: Family) -> Result<Rule> {
        self.to_rule().into_rule(family)
    }
}

impl IntoRule for &RuleRef<'_> {
    fn into_rule(self, family: Family) -> Result<Rule> {
        (*self).into_rule(family)
    }
}

impl IntoRule for RuleBuilder {
    fn into_rule(self, family: Family) -> Result<Rule> {
        self.build(family)
    }
}

impl IntoRule for &RuleBuilder {
    fn into_rule(self, family: Family) -> Result<Rule> {
        self.build(family)
    }
}

/// Texts of a rule, in which words stand.
macro_rules! from_text {
    ($($(#[$meta:meta])* $text:ty),* $(,)?) => {$(
        $(#[$meta])*
        impl IntoRule for $text {
            fn into_rule(self, family: Family) -> Result<Rule> {
                Rule::parse(family, self)
            }

            fn into_rule_of(self, chain: &[u8], family: Family) -> Result<Rule> {
                Rule::parse_for(chain, family, self)
            }
        }
    )*};
}

from_text! {
    /// The options of iptables: `-p tcp --dport 22 -j ACCEPT`. The methods of a chain take them behind `-A CHAIN` too, where
    /// it is the name of that chain.
    &str,
    &&str,
    String,
    &String,
    /// The same as bytes, for comments and names that are not UTF-8.
    &[u8],
    Vec<u8>,
    &Vec<u8>,
}

/// Texts that are given as what they hold.
macro_rules! from_held {
    ($($text:ty),*) => {$(
        impl IntoRule for $text {
            fn into_rule(self, family: Family) -> Result<Rule> {
                (&*self).into_rule(family)
            }

            fn into_rule_of(self, chain: &[u8], family: Family) -> Result<Rule> {
                (&*self).into_rule_of(chain, family)
            }
        }
    )*};
}
from_held!(Cow<'_, str>, Box<str>);

/// A word of a rule that is given in words, none of which is split.
pub trait Word: AsRef<[u8]> {}

impl Word for String {}
impl Word for &str {}
impl Word for &String {}
impl Word for Vec<u8> {}
impl Word for &[u8] {}

macro_rules! from_words {
    ($($(#[$meta:meta])* [$($parameter:tt)*] $words:ty),* $(,)?) => {$(
        $(#[$meta])*
        impl<W: Word, $($parameter)*> IntoRule for $words {
            fn into_rule(self, family: Family) -> Result<Rule> {
                Rule::from_args(family, self)
            }

            fn into_rule_of(self, chain: &[u8], family: Family) -> Result<Rule> {
                Rule::from_args_for(chain, family, self)
            }
        }
    )*};
}

from_words! {
    /// The words of a command line: `["-p", "tcp", "-j", "ACCEPT"]`.
    [const N: usize] [W; N],
    [const N: usize] &[W; N],
    [] &[W],
    [] Vec<W>,
    [] &Vec<W>,
}
