//! Rules: owned ones, views of those in tables, and the builder.

// First what most programs use, since rustdoc shows the methods of a type in this order.
pub(crate) mod grammar;
mod view;

mod accessors;
mod builder;
mod compare;
mod convert;
pub(crate) mod json;
mod match_ref;
mod meaning;
pub(crate) mod names;
mod parts;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

pub use builder::RuleBuilder;
pub(crate) use compare::{Recent, same, same_extension, write_key, write_sketch};
pub(crate) use convert::{convert, has_names, require};
pub use match_ref::{MatchRef, OptionValue};
pub use meaning::Equivalence;
pub use parts::{Match, Target, Verdict};
pub(crate) use parts::{shown_extension, too_large, unknown};
pub use view::{RuleRef, TargetRef};

use crate::blob::{self, Entry, put_at, put_counters, verdict_at};
use crate::ext::{NameList, System};
use crate::types::{Counters, Family};

/// A name of a chain in a rule that is not in a table: jumps are by name until the rule is added to one.
pub(crate) type ChainName = Box<[u8]>;

/// A rule: which packets it applies to, and what happens to them.
///
/// A rule holds the bytes that the kernel works with. It is made from [parts](Rule::builder) or from [text](Rule::parse), and
/// added to a chain of a table of the same family. Two rules are equal when they mean the same to the kernel: counters, and state
/// that the kernel keeps inside a match, are ignored. Equal rules have the same hash.
///
/// ```
/// use libfw::{Family, Rule, matches::Tcp, targets::Reject};
///
/// let parsed = Rule::parse(Family::Ipv4, "-s 10.0.0.0/8 -p tcp --dport 22 -j REJECT")?;
/// let built = Rule::builder()
///     .source("10.0.0.0/8")
///     .protocol("tcp")
///     .matching(Tcp::new().dport(22))
///     .target(Reject::new())
///     .build(Family::Ipv4)?;
/// assert_eq!(parsed, built);
/// assert_eq!(
///     built.to_string(),
///     "-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j REJECT --reject-with icmp-port-unreachable",
/// );
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone)]
pub struct Rule {
    family: Family,
    bytes: Vec<u8>,
    /// The chain that the target goes to.
    jump: Option<ChainName>,
    /// The names that stand for numbers which only a kernel knows; the bytes hold their places in this list.
    names: NameList,
}

impl Rule {
    /// A builder, to make a rule from its parts.
    ///
    /// ```
    /// use libfw::{Family, Rule, Verdict};
    ///
    /// let rule = Rule::builder().source("10.0.0.0/8").target(Verdict::Drop).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-s 10.0.0.0/8 -j DROP");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn builder() -> RuleBuilder {
        RuleBuilder::new()
    }

    pub(crate) fn from_parts(
        family: Family,
        bytes: Vec<u8>,
        jump: Option<ChainName>,
        names: NameList,
    ) -> Rule {
        Rule { family, bytes, jump, names }
    }

    /// The family the rule is for.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// assert_eq!(Rule::parse(Family::Ipv6, "-s ::1 -j DROP")?.family(), Family::Ipv6);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// A view of the rule, which has the accessors: addresses, matches, target, counters.
    ///
    /// ```
    /// use libfw::{Family, Protocol, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j ACCEPT")?;
    /// assert_eq!(rule.view().protocol().value, Protocol::TCP);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn view(&self) -> RuleRef<'_> {
        RuleRef {
            names: Some(&self.names),
            ..RuleRef::new(self.entry(), self.jump.as_deref(), System::offline())
        }
    }

    /// The same rule with these counters, with which it starts when it is added to a table.
    ///
    /// ```
    /// use libfw::{Counters, Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j DROP")?.with_counters(Counters::new(3, 252));
    /// assert_eq!(rule.view().counters().packets, 3);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn with_counters(mut self, counters: Counters) -> Rule {
        put_counters(self.family, &mut self.bytes, counters);
        self
    }

    /// Replaces the name of the chain that the rule goes to by an index of the table it is in.
    pub(crate) fn set_jump_index(&mut self, chain: u32) {
        let at = verdict_at(Entry::new(self.family, &self.bytes));
        put_at(&mut self.bytes, at, &blob::EntryVerdict::Jump(chain).raw().to_ne_bytes());
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry::new(self.family, &self.bytes)
    }

    /// Whether what it has names for is called the same in another.
    pub(crate) fn has_names_of(&self, other: &Rule) -> bool {
        self.names == other.names
    }

    pub(crate) fn jump(&self) -> Option<&[u8]> {
        self.jump.as_deref()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.view() == other.view()
    }
}

impl Eq for Rule {}

/// As for views: an order for sorted sets and maps.
impl Ord for Rule {
    fn cmp(&self, other: &Rule) -> Ordering {
        self.view().cmp(&other.view())
    }
}

impl PartialOrd for Rule {
    fn partial_cmp(&self, other: &Rule) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The rule by itself, as [`RuleRef::to_rule`] makes it.
impl From<RuleRef<'_>> for Rule {
    fn from(rule: RuleRef<'_>) -> Rule {
        rule.to_rule()
    }
}

impl PartialEq<RuleRef<'_>> for Rule {
    fn eq(&self, other: &RuleRef<'_>) -> bool {
        self.view() == *other
    }
}

impl PartialEq<Rule> for RuleRef<'_> {
    fn eq(&self, other: &Rule) -> bool {
        *self == other.view()
    }
}

/// Equal rules have the same hash, however they were made: sets and maps of rules work.
impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.view().hash(state);
    }
}

/// The options of iptables that make this rule, without command and chain.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({}, {})", self.family, self.view())
    }
}
