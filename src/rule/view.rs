//! Views of rules that stand in a table or in a [`Rule`](super::Rule).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::grammar::{Form, print_rule, print_target};
use super::{MatchRef, Verdict, same, write_key};
use crate::Result;
use crate::blob::{self, Entry, Header};
use crate::ext::context;
use crate::ext::{ExtensionKind, NameList, Names, RuleContext, System, Typed};
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};

/// A view of a rule in a table or in a [`Rule`](super::Rule). It decodes fields from the kernel's bytes when asked.
///
/// It prints as iptables prints the rule, and can be added to another chain; [`to_rule`](RuleRef::to_rule) makes a rule of its own of it.
///
/// ```
/// # let mut table = libfw::MemoryKernel::new().kernel().open(libfw::Family::Ipv4, "filter")?;
/// use libfw::{Protocol, Verdict, matches::Tcp};
///
/// table.chain_mut("INPUT")?.extend(["-p tcp --dport 22 -j ACCEPT", "-s 192.0.2.1 -j DROP"])?;
/// for rule in table.chain("INPUT").unwrap() {
///     if rule.protocol() == Protocol::TCP && rule.target() == Verdict::Accept {
///         let tcp = rule.find::<Tcp>()?.unwrap_or_default();
///         println!("{rule} lets in {:?}", tcp.dport);
///     }
/// }
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct RuleRef<'a> {
    pub(crate) entry: Entry<'a>,
    pub(crate) jump: Option<&'a [u8]>,
    pub(crate) host: &'a System,
    /// The rule's own names; `None` where its numbers are the kernel's.
    pub(crate) names: Option<&'a NameList>,
}

impl<'a> RuleRef<'a> {
    pub(crate) fn new(entry: Entry<'a>, jump: Option<&'a [u8]>, host: &'a System) -> RuleRef<'a> {
        RuleRef { entry, jump, host, names: None }
    }

    /// The family the rule is for.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j DROP")?;
    /// assert_eq!(rule.view().family(), Family::Ipv4);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.entry.family
    }

    /// The source address; every address where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "! -s 10.0.0.0/8 -j DROP")?;
    /// let source = rule.view().source();
    /// assert!(source.inverted);
    /// assert_eq!(source.value.prefix(), Some(8));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn source(&self) -> Inv<AddrMask> {
        self.entry.source()
    }

    /// The destination address; every address where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j DROP")?;
    /// assert!(rule.view().destination().value.is_any());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn destination(&self) -> Inv<AddrMask> {
        self.entry.destination()
    }

    /// The interface the packet came in by; [any](Interface::is_any) where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-i eth+ -j DROP")?;
    /// let input = rule.view().input();
    /// assert!(!input.inverted && input.value.is_wildcard());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "in_interface")]
    #[must_use]
    pub fn input(&self) -> Inv<Interface> {
        self.entry.input()
    }

    /// The interface the packet goes out by; [any](Interface::is_any) where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-o wg0 -j DROP")?;
    /// assert_eq!(rule.view().output().value.as_bytes(), b"wg0");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "out_interface")]
    #[must_use]
    pub fn output(&self) -> Inv<Interface> {
        self.entry.output()
    }

    /// The protocol; [`Protocol::ANY`] where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p 17 -j DROP")?;
    /// assert_eq!(rule.view().protocol().value, libfw::Protocol::UDP);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn protocol(&self) -> Inv<Protocol> {
        self.entry.protocol()
    }

    /// Whether the rule is for second and further fragments, for the others, or for both. IPv4 only.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "! -f -j DROP")?;
    /// assert_eq!(rule.view().fragment(), Some(false));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn fragment(&self) -> Option<bool> {
        self.entry.fragment()
    }

    /// How many packets and bytes the rule had counted when the table was read.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-c 3 252 -j DROP")?;
    /// assert_eq!(rule.view().counters().bytes, 252);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.entry.counters()
    }

    /// The matches, in the order in which they are evaluated.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -m comment --comment ssh -j ACCEPT")?;
    /// let names: Vec<_> = rule.view().matches().map(|part| part.name()).collect();
    /// assert_eq!(names, [b"tcp".as_slice(), b"comment"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn matches(&self) -> impl Iterator<Item = MatchRef<'a>> + use<'a> {
        let rule = *self;
        self.entry.matches().map(move |bytes| MatchRef::new(ExtensionKind::Match, bytes, rule))
    }

    /// What the rule does with a packet.
    ///
    /// ```
    /// use libfw::{Family, Rule, TargetRef, Verdict};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp -j DROP")?;
    /// assert!(matches!(rule.view().target(), TargetRef::Verdict(Verdict::Drop)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn target(&self) -> TargetRef<'a> {
        match self.entry.verdict() {
            Some(blob::EntryVerdict::Accept) => TargetRef::Verdict(Verdict::Accept),
            Some(blob::EntryVerdict::Drop) => TargetRef::Verdict(Verdict::Drop),
            Some(blob::EntryVerdict::Queue) => TargetRef::Verdict(Verdict::Queue),
            Some(blob::EntryVerdict::Return) => TargetRef::Verdict(Verdict::Return),
            Some(blob::EntryVerdict::Fallthrough | blob::EntryVerdict::Unknown(_)) => TargetRef::None,
            Some(blob::EntryVerdict::Jump(_)) => {
                let chain = self.jump.unwrap_or_default();
                if self.entry.goto() { TargetRef::Goto(chain) } else { TargetRef::Jump(chain) }
            }
            None => TargetRef::Extension(MatchRef::new(ExtensionKind::Target, self.entry.target(), *self)),
        }
    }

    /// The first match of that type, or the target if it is of it; `None` where the rule has neither.
    ///
    /// ```
    /// use libfw::{Family, Rule, matches::Tcp, targets::Log};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j LOG --log-prefix web")?;
    /// let tcp = rule.view().find::<Tcp>()?.expect("the match");
    /// assert_eq!(tcp, Tcp::new().dport(22));
    /// assert_eq!(rule.view().find::<Log>()?, Some(Log::new().prefix("web")));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when its data are not what they should be.
    #[doc(alias = "find_target")]
    pub fn find<T: Typed>(&self) -> Result<Option<T>> {
        self.parts().find_map(|part| part.decode()).transpose()
    }

    /// The matches, and behind them the target if that is an extension.
    pub(crate) fn parts(&self) -> impl Iterator<Item = MatchRef<'a>> {
        self.matches().chain(self.target().extension())
    }

    /// The options of iptables that make this rule, as `-S` prints them, with or without the counters. They are bytes, since
    /// names in a rule need not be UTF-8.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-c 3 252 -p tcp -j DROP")?;
    /// assert_eq!(rule.view().to_text(false), b"-p tcp -j DROP");
    /// assert_eq!(rule.view().to_text(true), b"-p tcp -c 3 252 -j DROP");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_text(&self, counters: bool) -> Vec<u8> {
        self.text(Form { counters, ..Form::default() })
    }

    fn text(&self, form: Form<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        print_rule(&mut out, self, form);
        out.drain(..out.len().min(1));
        out
    }

    /// An owned copy, which can be added to any table of the family.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let rule = table.chain("INPUT").unwrap().rule(0).unwrap().to_rule();
    /// table.chain_mut("FORWARD")?.append(rule)?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_rule(&self) -> super::Rule {
        let jump = self.jump.map(Into::into);
        match self.names {
            Some(names) => {
                super::Rule::from_parts(self.family(), self.entry.bytes.to_vec(), jump, names.clone())
            }
            None => super::convert::detached(self.entry, jump, self.host),
        }
    }

    /// The nf_tables handle of a rule that iptables cannot express, of which nothing else is known; `None` for all other rules.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j DROP")?;
    /// assert_eq!(rule.view().nft_handle(), None);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn nft_handle(&self) -> Option<u64> {
        self.entry.foreign().map(|foreign| foreign.handle)
    }

    pub(crate) fn header(&self) -> Header {
        self.entry.header()
    }

    pub(crate) fn cx(&self) -> RuleContext<'a> {
        let names = self.names.map_or(Names::Kernel, Names::Own);
        RuleContext { names, ..context(self.family(), self.entry.protocol(), self.host) }
    }
}

/// Equal when they mean the same to the kernel; see [`Rule`](super::Rule).
impl PartialEq for RuleRef<'_> {
    #[inline]
    fn eq(&self, other: &RuleRef<'_>) -> bool {
        let same = same(self.entry, self.jump, other.entry, other.jump);
        let numbers_agree = match (self.names, other.names) {
            (None, None) => std::ptr::eq(self.host, other.host),
            (Some(names), Some(others)) => names.is_empty() && others.is_empty(),
            (Some(names), None) | (None, Some(names)) => !same && names.is_empty(),
        };
        if numbers_agree { same } else { self.eq_by_name(other, same) }
    }
}

impl RuleRef<'_> {
    /// Compares rules whose numbers of ipsets are not of one table; `same` says how they compare by their numbers.
    #[cold]
    fn eq_by_name(&self, other: &RuleRef<'_>, same: bool) -> bool {
        if let (Some(names), Some(others)) = (self.names, other.names) {
            return same && names == others;
        }
        if self.entry.bytes.len() != other.entry.bytes.len() || !super::convert::has_names(self.entry) {
            return same;
        }
        self.to_rule() == other.to_rule()
    }
}

impl Eq for RuleRef<'_> {}

/// An order in which equal rules are equal, for sorted sets and maps. It says nothing about how rules stand in chains.
impl Ord for RuleRef<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |rule: &RuleRef<'_>| {
            let mut key = Key(Vec::with_capacity(rule.entry.bytes.len()));
            rule.hash(&mut key);
            key.0
        };
        if self == other { Ordering::Equal } else { key(self).cmp(&key(other)) }
    }
}

impl PartialOrd for RuleRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What is hashed of a rule, as bytes.
struct Key(Vec<u8>);

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Of what [`eq`](PartialEq::eq) compares, and nothing else. A view has the hash of the [`Rule`](super::Rule) it equals.
impl Hash for RuleRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.names {
            // By the names of what only the kernel has numbers for.
            None if super::convert::has_names(self.entry) => self.to_rule().hash(state),
            names => {
                write_key(self.entry, self.jump, state);
                names.into_iter().flatten().for_each(|name| name.hash(state));
            }
        }
    }
}

/// The options of iptables that make this rule. What is not UTF-8 is written as bytes, so that the text is read back as
/// the same rule.
impl fmt::Display for RuleRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.text(Form { utf8: true, ..Form::default() })))
    }
}

impl fmt::Debug for RuleRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuleRef({}, {self})", self.family())
    }
}

/// What a rule does.
#[derive(Clone, Copy, Debug)]
pub enum TargetRef<'a> {
    /// Nothing but counting.
    None,
    /// A verdict.
    Verdict(Verdict),
    /// Goes to the chain of that name and comes back.
    Jump(&'a [u8]),
    /// Goes to the chain of that name for good.
    Goto(&'a [u8]),
    /// A target extension.
    Extension(MatchRef<'a>),
}

impl<'a> TargetRef<'a> {
    /// The name of the chain that the rule goes to, if it goes to one. Bytes that are not UTF-8 are replaced.
    ///
    /// ```
    /// # let mut table = libfw::MemoryKernel::new().kernel().open(libfw::Family::Ipv4, "filter")?;
    /// table.new_chain("web")?;
    /// let mut input = table.chain_mut("INPUT")?;
    /// input.extend(["-p tcp -j web", "-p udp -g web", "-j ACCEPT"])?;
    /// assert_eq!(input.retain(|rule| rule.target().chain().is_none_or(|chain| chain != "web")), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn chain(self) -> Option<Cow<'a, str>> {
        match self {
            TargetRef::Jump(name) | TargetRef::Goto(name) => Some(String::from_utf8_lossy(name)),
            _ => None,
        }
    }

    /// What stands behind `-j` or `-g`: the name of a verdict, of a target, or of a chain.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// for (text, name) in [("-j DROP", "DROP"), ("-j LOG --log-level 7", "LOG"), ("-g web", "web")] {
    ///     assert_eq!(Rule::parse(Family::Ipv4, text)?.target().name().as_deref(), Some(name));
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name(self) -> Option<Cow<'a, str>> {
        match self {
            TargetRef::None => None,
            TargetRef::Verdict(verdict) => Some(verdict.name().into()),
            TargetRef::Jump(name) | TargetRef::Goto(name) => Some(String::from_utf8_lossy(name)),
            TargetRef::Extension(target) => Some(String::from_utf8_lossy(target.name())),
        }
    }

    /// What it is in a rule, such as `-j ACCEPT` or `-g web`; empty where there is none. Bytes stay as they are, as in
    /// [`RuleRef::to_text`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp -j LOG --log-prefix web")?;
    /// assert_eq!(rule.target().to_text(), b"-j LOG --log-prefix web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Vec<u8> {
        self.text(Form::default())
    }

    pub(super) fn text(&self, form: Form<'_>) -> Vec<u8> {
        // Only what is no extension is printed without its rule, and families have the same verdicts and chains.
        let family = self.extension().map_or(Family::Ipv4, |target| target.family());
        alone(|out| print_target(out, self, family, form))
    }

    /// The target, if it is an extension.
    ///
    /// ```
    /// use libfw::{Family, Rule, targets::Log};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j LOG --log-prefix new")?;
    /// let log = rule.target().extension().and_then(|target| target.decode::<Log>()).unwrap()?;
    /// assert_eq!(log.prefix.unwrap().to_string(), "new");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn extension(self) -> Option<MatchRef<'a>> {
        match self {
            TargetRef::Extension(target) => Some(target),
            _ => None,
        }
    }
}

/// What it is in a rule, such as `-j ACCEPT` or `-g web`; nothing where there is none.
///
/// ```
/// use libfw::{Family, Rule};
///
/// let rule = Rule::parse(Family::Ipv4, "-p tcp -j LOG --log-prefix web")?;
/// assert_eq!(rule.target().to_string(), "-j LOG --log-prefix web");
/// # Ok::<(), libfw::Error>(())
/// ```
impl fmt::Display for TargetRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.text(Form { utf8: true, ..Form::default() })))
    }
}

/// What is printed with a space before it, without that.
pub(super) fn alone(print: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    print(&mut out);
    out.drain(..out.len().min(1));
    out
}

/// Whether it is the verdict, the target or the chain of that name.
impl PartialEq<str> for TargetRef<'_> {
    fn eq(&self, name: &str) -> bool {
        self.name().is_some_and(|own| own == name)
    }
}

impl PartialEq<&str> for TargetRef<'_> {
    fn eq(&self, name: &&str) -> bool {
        *self == **name
    }
}

/// Whether it is the verdict.
impl PartialEq<Verdict> for TargetRef<'_> {
    fn eq(&self, verdict: &Verdict) -> bool {
        matches!(self, TargetRef::Verdict(own) if own == verdict)
    }
}
