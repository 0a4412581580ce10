//! The parts a rule is built from.

use std::fmt;
use std::str::FromStr;

use crate::blob::{self, push_extension, push_standard};
use crate::error::Mistake;
use crate::ext::{
    Datum, ErasedValue, Extension, ExtensionKind, Families, MatchType, Named, RuleContext, TargetType, index,
};
use crate::rule::{ChainName, convert, grammar, names};
use crate::sys::xt::XT_EXTENSION_MAXNAMELEN;
use crate::types::fmt::padded;
use crate::types::{Family, Policy};
use crate::{Error, Result};

/// What a rule does with a packet, if it does not jump and has no target extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Let the packet through.
    Accept,
    /// Drop the packet.
    Drop,
    /// Give the packet to a program in user space.
    Queue,
    /// Go back to the calling chain, or to the policy of a built-in one.
    Return,
}

impl Verdict {
    /// The name after `-j`.
    ///
    /// ```
    /// assert_eq!(libfw::Verdict::Accept.name(), "ACCEPT");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Accept => "ACCEPT",
            Verdict::Drop => "DROP",
            Verdict::Queue => "QUEUE",
            Verdict::Return => "RETURN",
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Verdict> {
        match name {
            b"ACCEPT" => Some(Verdict::Accept),
            b"DROP" => Some(Verdict::Drop),
            b"QUEUE" => Some(Verdict::Queue),
            b"RETURN" => Some(Verdict::Return),
            _ => None,
        }
    }

    pub(crate) const fn to_blob(self) -> blob::EntryVerdict {
        match self {
            Verdict::Accept => blob::EntryVerdict::Accept,
            Verdict::Drop => blob::EntryVerdict::Drop,
            Verdict::Queue => blob::EntryVerdict::Queue,
            Verdict::Return => blob::EntryVerdict::Return,
        }
    }
}

impl From<Policy> for Verdict {
    fn from(policy: Policy) -> Verdict {
        match policy {
            Policy::Accept => Verdict::Accept,
            Policy::Drop => Verdict::Drop,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads the name after `-j`.
impl FromStr for Verdict {
    type Err = Error;

    fn from_str(text: &str) -> Result<Verdict> {
        const NAMES: &[&str] = &["ACCEPT", "DROP", "QUEUE", "RETURN"];
        Verdict::from_name(text.as_bytes()).ok_or_else(|| Error::none_of(NAMES, text))
    }
}

#[cfg(feature = "serde")]
crate::types::json::serde::texts!(Verdict;);

/// The data of a match or target before the rule is built.
#[derive(Debug)]
enum Part {
    /// A typed value.
    Value(Box<dyn ErasedValue>),
    /// Options by name.
    Named(Named),
    /// Bytes as the kernel has them.
    Bytes { name: String, revision: u8, data: Vec<u8> },
}

impl Clone for Part {
    fn clone(&self) -> Part {
        match self {
            Part::Value(value) => Part::Value(value.clone_box()),
            Part::Named(named) => Part::Named(named.clone()),
            Part::Bytes { name, revision, data } => {
                Part::Bytes { name: name.clone(), revision: *revision, data: data.clone() }
            }
        }
    }
}

impl Part {
    /// An extension with options by name.
    fn from_options<'a>(
        kind: ExtensionKind,
        name: &str,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
    ) -> Result<Part> {
        let text = |(name, inverted, text): (&'a str, bool, &[u8])| (name, inverted, Datum::from(text));
        Part::from_values(kind, name, options.into_iter().map(text))
    }

    /// An extension with the values of options by name.
    fn from_values<'a>(
        kind: ExtensionKind,
        name: &str,
        values: impl IntoIterator<Item = (&'a str, bool, Datum)>,
    ) -> Result<Part> {
        Ok(Part::Named(Named::with(by_name(kind, name)?, values)?))
    }

    fn bytes(name: &str, revision: u8, data: &[u8]) -> Result<Part> {
        names::check_line(name.as_bytes())?;
        if name.is_empty() || name.len() >= XT_EXTENSION_MAXNAMELEN {
            let mistake = Mistake::ExtensionName { max: XT_EXTENSION_MAXNAMELEN - 1 };
            return Err(Error::from(mistake).at_token(name));
        }
        Ok(Part::Bytes { name: name.into(), revision, data: data.to_vec() })
    }

    /// What it is in a rule.
    fn fmt(&self, kind: ExtensionKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Value(value) => fmt::Display::fmt(&**value, f),
            Part::Named(named) => fmt::Display::fmt(named, f),
            Part::Bytes { name, revision, data } => {
                let mut out = format!("{} {name} ", kind.option()).into_bytes();
                grammar::print_opaque(&mut out, *revision, data);
                f.pad(&String::from_utf8_lossy(&out))
            }
        }
    }

    /// Appends the part to an entry.
    fn push(&self, kind: ExtensionKind, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        let value: &dyn ErasedValue = match self {
            Part::Value(value) => &**value,
            Part::Named(named) => named,
            Part::Bytes { .. } if cx.family == Family::Arp && kind == ExtensionKind::Match => {
                return Err(Mistake::NotOfArp.into());
            }
            Part::Bytes { name, revision, data } => {
                return convert::push_data(kind, name.as_bytes(), *revision, data, cx, out);
            }
        };
        let extension = value.extension();
        if extension.kind != kind || !extension.families.contains(cx.family) {
            let similar = (extension.kind == kind).then_some(extension.name);
            return Err(unknown(kind, extension.name, similar));
        }
        let revision = cx.host.revision(cx.family, extension)?;
        let cx = RuleContext { revision, ..*cx };
        let name = extension.kernel_name_of(revision);
        push_extension(out, name.as_bytes(), revision, |out| value.encode(&cx, out))?.ok_or_else(too_large)
    }
}

/// The extension of that name in either family.
fn by_name(kind: ExtensionKind, name: &str) -> Result<&'static Extension> {
    let known = Families::All.iter().find_map(|family| index::find(kind, name.as_bytes(), family));
    // Where two families have targets of one name, the type tells them apart.
    known.or_else(|| index::find_type(kind, name)).ok_or_else(|| unknown(kind, name, None))
}

/// The error for a name that is no extension; `similar` is one that was perhaps meant, or the same of another family.
pub(crate) fn unknown(kind: ExtensionKind, name: &str, similar: Option<&str>) -> Error {
    let meant = similar.map(str::to_owned);
    Error::from(Mistake::NoSuchExtension { kind: kind.name(), name: name.into(), meant }).at_token(name)
}

/// The error for a rule that is longer than its 16-bit offsets can say.
pub(crate) fn too_large() -> Error {
    Mistake::LongRule.into()
}

/// A match for a [`RuleBuilder`](super::RuleBuilder).
///
/// Every type in [`matches`](crate::matches) converts into one, so [`matching`](super::RuleBuilder::matching) takes these as they are. To
/// keep several in a list, or to make one from names that are known at run time only:
///
/// ```
/// use libfw::matches::Limit;
/// use libfw::{Family, Match, Rule};
///
/// let parts: Vec<Match> = vec![
///     Limit::new().rate("5/min").into(),
///     Match::from_options("ttl", [("ttl-gt", false, b"5".as_slice())])?,
/// ];
/// let rule = parts.into_iter().fold(Rule::builder(), |rule, part| rule.matching(part)).build(Family::Ipv4)?;
/// assert_eq!(rule.to_string(), "-m limit --limit 5/min -m ttl --ttl-gt 5");
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Match(Part);

impl Match {
    /// The match of that name with options by name, as C and Python make it: the option's name, whether it is
    /// inverted, and the text of its value.
    ///
    /// ```
    /// use libfw::{Family, Match, Rule};
    ///
    /// let limit = Match::from_options("limit", [("limit", false, b"5/sec".as_slice())])?;
    /// let rule = Rule::builder().matching(limit).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-m limit --limit 5/sec");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSuchExtension`](crate::ErrorKind::NoSuchExtension) or
    /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) when there is no such match or option. Values are read when the
    /// rule is built.
    pub fn from_options<'a>(
        name: &str,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
    ) -> Result<Match> {
        Part::from_options(ExtensionKind::Match, name, options).map(Match)
    }

    /// The match of that name with the values of options by name: whether each is inverted, and the value.
    ///
    /// ```
    /// use libfw::{Datum, Family, Match, Rule};
    ///
    /// let mark = Datum::Masked { value: 0x10, mask: 0xff };
    /// let rule = Rule::builder().matching(Match::from_values("mark", [("mark", true, mark)])?);
    /// assert_eq!(rule.build(Family::Ipv4)?.to_string(), "-m mark ! --mark 0x10/0xff");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`from_options`](Match::from_options).
    pub fn from_values<'a>(
        name: &str,
        values: impl IntoIterator<Item = (&'a str, bool, Datum)>,
    ) -> Result<Match> {
        Part::from_values(ExtensionKind::Match, name, values).map(Match)
    }

    /// A match that libfw does not know, from its name, revision and data as the kernel has them.
    ///
    /// ```
    /// use libfw::{Family, Match, Rule};
    ///
    /// let rule = Rule::builder().matching(Match::opaque("mine", 1, &[0xab, 0xcd])?).build(Family::Ipv4)?;
    /// assert!(rule.to_string().starts_with("-m mine --opaque 1:abcd"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when the name is empty, longer than 28 bytes
    /// or has a line end or a NUL byte.
    pub fn opaque(name: &str, revision: u8, data: &[u8]) -> Result<Match> {
        Part::bytes(name, revision, data).map(Match)
    }

    pub(crate) fn push(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        self.0.push(ExtensionKind::Match, cx, out)
    }
}

/// What it is in a rule, such as `-m limit --limit 5/min`. Options that were given as texts are shown as they were given.
///
/// ```
/// use libfw::{Match, matches::Tcp};
///
/// assert_eq!(Match::from(Tcp::new().dport(22)).to_string(), "-m tcp --dport 22");
/// ```
impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(ExtensionKind::Match, f)
    }
}

impl<T: MatchType> From<T> for Match {
    fn from(value: T) -> Match {
        Match(Part::Value(Box::new(value)))
    }
}

impl From<Named> for Match {
    fn from(named: Named) -> Match {
        Match(Part::Named(named))
    }
}

/// A target for a [`RuleBuilder`](super::RuleBuilder).
///
/// [`Verdict`] and every type in [`targets`](crate::targets) convert into one, and so does a name: that of a verdict, of a target, or of
/// a chain to jump to.
///
/// ```
/// use libfw::targets::Log;
/// use libfw::{Family, Rule, Target, Verdict};
///
/// for (target, text) in [
///     (Target::from(Verdict::Drop), "-j DROP"),
///     (Log::new().prefix("in: ").into(), "-j LOG --log-prefix \"in: \""),
///     ("MASQUERADE".into(), "-j MASQUERADE"),
///     (Target::goto("web"), "-g web"),
/// ] {
///     assert_eq!(Rule::builder().target(target).build(Family::Ipv4)?.to_string(), text);
/// }
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Target(TargetKind);

#[derive(Clone, Debug)]
enum TargetKind {
    Verdict(Verdict),
    Chain { name: ChainName, goto: bool },
    Part(Part),
}

impl Target {
    /// Goes to a chain and comes back, `-j CHAIN`. A name with a line end or a NUL byte is refused when the rule is built.
    ///
    /// ```
    /// use libfw::{Family, Rule, Target};
    ///
    /// let rule = Rule::builder().target(Target::jump("web")).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn jump(chain: impl AsRef<[u8]>) -> Target {
        Target(TargetKind::Chain { name: chain.as_ref().into(), goto: false })
    }

    /// Goes to a chain for good, `-g CHAIN`: from there the packet returns to the caller of this one.
    ///
    /// ```
    /// use libfw::{Family, Rule, Target};
    ///
    /// let rule = Rule::builder().target(Target::goto("web")).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-g web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn goto(chain: impl AsRef<[u8]>) -> Target {
        Target(TargetKind::Chain { name: chain.as_ref().into(), goto: true })
    }

    /// The target of that name with options by name; see [`Match::from_options`].
    ///
    /// ```
    /// use libfw::{Family, Rule, Target};
    ///
    /// let target = Target::from_options("LOG", [("log-prefix", false, b"web".as_slice())])?;
    /// assert_eq!(Rule::builder().target(target).build(Family::Ipv4)?.to_string(), "-j LOG --log-prefix web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for matches.
    pub fn from_options<'a>(
        name: &str,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
    ) -> Result<Target> {
        if let Some(verdict) = Verdict::from_name(name.as_bytes()) {
            return Ok(verdict.into());
        }
        Part::from_options(ExtensionKind::Target, name, options).map(|part| Target(TargetKind::Part(part)))
    }

    /// The target of that name with the values of options by name; see [`Match::from_values`].
    ///
    /// ```
    /// use libfw::{Datum, Family, Rule, Target};
    ///
    /// let target = Target::from_values("NFQUEUE", [("queue-num", false, Datum::Number(7))])?;
    /// assert_eq!(Rule::builder().target(target).build(Family::Ipv4)?.to_string(), "-j NFQUEUE --queue-num 7");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for matches.
    pub fn from_values<'a>(
        name: &str,
        values: impl IntoIterator<Item = (&'a str, bool, Datum)>,
    ) -> Result<Target> {
        if let Some(verdict) = Verdict::from_name(name.as_bytes()) {
            return Ok(verdict.into());
        }
        Part::from_values(ExtensionKind::Target, name, values).map(|part| Target(TargetKind::Part(part)))
    }

    /// A target that libfw does not know; see [`Match::opaque`].
    ///
    /// ```
    /// use libfw::{Family, Rule, Target};
    ///
    /// let rule = Rule::builder().target(Target::opaque("MINE", 0, &[1; 8])?).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j MINE --opaque 0:0101010101010101");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for matches.
    pub fn opaque(name: &str, revision: u8, data: &[u8]) -> Result<Target> {
        Part::bytes(name, revision, data).map(|part| Target(TargetKind::Part(part)))
    }

    pub(crate) fn is_goto(&self) -> bool {
        matches!(self.0, TargetKind::Chain { goto: true, .. })
    }

    /// Appends the target to an entry; returns the chain it goes to.
    pub(crate) fn push(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<Option<ChainName>> {
        match &self.0 {
            TargetKind::Verdict(verdict) => {
                push_standard(out, verdict.to_blob());
                Ok(None)
            }
            TargetKind::Chain { name, .. } => {
                names::check_line(name)?;
                push_standard(out, blob::EntryVerdict::Jump(0));
                Ok(Some(name.clone()))
            }
            TargetKind::Part(part) => part.push(ExtensionKind::Target, cx, out).map(|()| None),
        }
    }
}

/// What it is in a rule, such as `-j LOG --log-level 4` or `-g web`.
///
/// ```
/// use libfw::{Target, Verdict};
///
/// assert_eq!(Target::from(Verdict::Drop).to_string(), "-j DROP");
/// assert_eq!(Target::goto("web").to_string(), "-g web");
/// ```
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TargetKind::Verdict(verdict) => padded(f, format_args!("-j {verdict}")),
            TargetKind::Chain { name, goto } => {
                let option = if *goto { "-g" } else { "-j" };
                padded(f, format_args!("{option} {}", String::from_utf8_lossy(name)))
            }
            TargetKind::Part(part) => part.fmt(ExtensionKind::Target, f),
        }
    }
}

impl From<Verdict> for Target {
    fn from(verdict: Verdict) -> Target {
        Target(TargetKind::Verdict(verdict))
    }
}

impl From<Policy> for Target {
    fn from(policy: Policy) -> Target {
        Verdict::from(policy).into()
    }
}

/// What is behind `-j`: a verdict, a target without options, or a chain.
macro_rules! from_name {
    ($($text:ty),*) => {$(
        impl From<$text> for Target {
            fn from(name: $text) -> Target {
                Target::from_options(&name, []).unwrap_or_else(|_| Target::jump(&name))
            }
        }
    )*};
}
from_name!(&str, String, &String);

impl From<Named> for Target {
    fn from(named: Named) -> Target {
        Target(TargetKind::Part(Part::Named(named)))
    }
}

impl<T: TargetType> From<T> for Target {
    fn from(value: T) -> Target {
        Target(TargetKind::Part(Part::Value(Box::new(value))))
    }
}

/// An extension's descriptor and the payload of one that stands in a rule.
pub(crate) fn shown_extension(
    kind: ExtensionKind,
    family: Family,
    name: &[u8],
    revision: u8,
    data: &[u8],
) -> Option<&'static Extension> {
    let extension = index::find(kind, name, family)?;
    let known = extension.revision(family, revision)?;
    // The kernel takes no other size.
    if data.len() != family.pick(known.size[0], known.size[1]) {
        return None;
    }
    Some(extension.code.alias.and_then(|alias| alias(data, revision)).unwrap_or(extension))
}
