//! Views of matches, and of targets that are extensions, in rules.

use std::fmt;

use super::convert::tell;
use super::grammar::{Form, print_match};
use super::parts::shown_extension;
use super::view::alone;
use super::{RuleRef, TargetRef};
use crate::Result;
use crate::blob::ExtBytes;
use crate::ext::{Extension, ExtensionKind, OptionDatum, RuleContext, Typed, collect, read_values};
use crate::types::Family;
use crate::types::fmt::padded;

/// A match, or a target that is an extension, in a rule.
///
/// [`decode`](MatchRef::decode) gives it as its type, [`values`](MatchRef::values) its options by name, whatever type it has.
///
/// ```
/// use libfw::{Datum, Family, Rule, matches::Limit};
///
/// let rule = Rule::parse(Family::Ipv4, "-m limit --limit 5/min --limit-burst 10 -j ACCEPT")?;
/// let part = rule.matches().next().unwrap();
/// assert_eq!(part.name(), b"limit");
/// assert_eq!(part.decode::<Limit>().unwrap()?.burst, 10);
/// let burst = part.values()?.into_iter().find(|option| option.opt.name == "limit-burst").unwrap();
/// assert_eq!(burst.value, Datum::Number(10));
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct MatchRef<'a> {
    kind: ExtensionKind,
    bytes: ExtBytes<'a>,
    extension: Option<&'static Extension>,
    rule: RuleRef<'a>,
}

/// An option that a match or target has, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptionValue {
    /// The long option without dashes.
    pub name: &'static str,
    /// The field of the Rust type and the keyword in Python.
    pub field: &'static str,
    /// Whether it is inverted.
    pub inverted: bool,
    /// The text of its value; empty for a flag.
    pub value: Vec<u8>,
}

impl<'a> MatchRef<'a> {
    pub(super) fn new(kind: ExtensionKind, bytes: ExtBytes<'a>, rule: RuleRef<'a>) -> MatchRef<'a> {
        let extension = shown_extension(kind, rule.family(), bytes.name, bytes.revision, bytes.data);
        MatchRef { kind, bytes, extension, rule }
    }

    /// Whether this is a match or a target.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.kind(), libfw::ext::ExtensionKind::Match);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> ExtensionKind {
        self.kind
    }

    /// The name by which iptables shows it, such as `state` for a `conntrack` that was written as one.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m state --state NEW -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.name(), b"state");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        self.extension.map_or(self.bytes.name, |extension| extension.name.as_bytes())
    }

    /// The name in the kernel.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m state --state NEW -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.kernel_name(), b"conntrack");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn kernel_name(&self) -> &'a [u8] {
        self.bytes.name
    }

    /// The revision of the data.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m conntrack --ctstate NEW -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.revision(), 3);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn revision(&self) -> u8 {
        self.bytes.revision
    }

    /// The data as the kernel has it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m comment --comment ssh -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert!(part.data().starts_with(b"ssh\0"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.bytes.data
    }

    /// The description of the extension; `None` for an extension or revision that libfw does not know.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.extension().unwrap().type_name, "Tcp");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn extension(&self) -> Option<&'static Extension> {
        self.extension
    }

    /// The typed value; `None` if this is another extension than `T`.
    ///
    /// ```
    /// use libfw::{Family, Rule, matches::Tcp};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 443 -j ACCEPT")?;
    /// let tcp = rule.view().matches().find_map(|matching| matching.decode::<Tcp>()).unwrap()?;
    /// assert_eq!(tcp.dport.unwrap().value.min, 443);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn decode<T: Typed>(&self) -> Option<Result<T>> {
        let extension = self.extension.filter(|extension| std::ptr::eq(*extension, T::extension()))?;
        Some(T::decode(&self.cx(), self.bytes.data).map_err(|error| error.in_extension(extension.name)))
    }

    /// The options with their values as text, including those that have their default value.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m limit --limit 5/min -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// let options: Vec<_> = part.options()?.into_iter().map(|option| option.name).collect();
    /// assert_eq!(options, ["limit", "limit-burst"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when the data is not what its revision says.
    pub fn options(&self) -> Result<Vec<OptionValue>> {
        self.collected(true)
    }

    /// The options that `-S` prints, with their values as text: of those with their default value, only some are.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m limit --limit 5/min -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// let options = part.printed()?;
    /// assert_eq!((options[0].name, options[0].value.as_slice()), ("limit", b"5/min".as_slice()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`options`](MatchRef::options).
    pub fn printed(&self) -> Result<Vec<OptionValue>> {
        self.collected(false)
    }

    /// What it is in a rule, such as `-m tcp --dport 22` or `-j LOG --log-prefix web`. Bytes stay as they are, as in
    /// [`RuleRef::to_text`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp ! --dport 22 -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// assert_eq!(part.to_text(), b"-m tcp ! --dport 22");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Vec<u8> {
        self.text(Form::default())
    }

    fn text(&self, form: Form<'_>) -> Vec<u8> {
        match self.kind {
            ExtensionKind::Match => alone(|out| print_match(out, self, form)),
            ExtensionKind::Target => TargetRef::Extension(*self).text(form),
        }
    }

    fn collected(&self, defaults: bool) -> Result<Vec<OptionValue>> {
        let Some(extension) = self.extension else { return Ok(Vec::new()) };
        let options = collect(extension, self.bytes.data, defaults, &self.cx())?;
        Ok(options
            .into_iter()
            .map(|(opt, inverted, value)| OptionValue { name: opt.name, field: opt.field, inverted, value })
            .collect())
    }

    /// The same as [`options`](MatchRef::options), with values as a [`Datum`](crate::Datum): numbers, addresses, ranges, names.
    ///
    /// ```
    /// use libfw::{Datum, Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-m connmark --mark 0x5/0xff -j ACCEPT")?;
    /// let part = rule.view().matches().next().unwrap();
    /// for option in part.values()? {
    ///     println!("{} {:?}", option.opt.name, option.value);
    /// }
    /// # let _: Vec<Datum> = part.values()?.into_iter().map(|option| option.value).collect();
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`options`](MatchRef::options).
    pub fn values(&self) -> Result<Vec<OptionDatum>> {
        let Some(extension) = self.extension else { return Ok(Vec::new()) };
        read_values(extension, self.bytes.data, &self.cx())
    }

    pub(super) fn family(&self) -> Family {
        self.rule.family()
    }

    pub(crate) fn cx(&self) -> RuleContext<'a> {
        RuleContext { revision: self.bytes.revision, ..self.rule.cx() }
    }

    /// Appends its options as `-S` prints them; whether they tell everything about it.
    pub(crate) fn tell(&self, extension: &'static Extension, out: &mut Vec<u8>) -> bool {
        tell(self.kind, extension, self.bytes, &self.cx(), out)
    }
}

/// What it is in a rule, such as `-m tcp --dport 22`.
///
/// ```
/// use libfw::{Family, Rule};
///
/// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -m limit --limit 5/min -j ACCEPT")?;
/// let parts: Vec<_> = rule.matches().map(|part| part.to_string()).collect();
/// assert_eq!(parts, ["-m tcp --dport 22", "-m limit --limit 5/min"]);
/// # Ok::<(), libfw::Error>(())
/// ```
impl fmt::Display for MatchRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.text(Form { utf8: true, ..Form::default() })))
    }
}

/// The option as a rule has it, such as `! --dport 22`.
impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.inverted { "! " } else { "" };
        let space = if self.value.is_empty() { "" } else { " " };
        padded(f, format_args!("{not}--{}{space}{}", self.name, String::from_utf8_lossy(&self.value)))
    }
}

impl fmt::Debug for MatchRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} revision {}",
            self.kind,
            String::from_utf8_lossy(self.bytes.name),
            self.bytes.revision
        )
    }
}
