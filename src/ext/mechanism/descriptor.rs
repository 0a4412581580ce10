//! What is known of an extension apart from its code.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::context::RuleContext;
use super::engine::Masks;
use super::erased::{self, Work};
use super::options::{self, Example, Opt, Options};
use super::print::{List, Sink};
use super::revision::Revision;
use crate::blob::{Entry, ExtBytes};
use crate::error::{Malformed, Misfit, Mistake, Refused};
use crate::types::{Family, HookMask, KernelString, Protocol};
use crate::{Error, Result};

/// Matches decide whether a rule applies, targets say what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtensionKind {
    /// A match, `-m NAME`.
    Match,
    /// A target, `-j NAME`.
    Target,
}

impl ExtensionKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            ExtensionKind::Match => "match",
            ExtensionKind::Target => "target",
        }
    }

    /// What stands before the name in a rule.
    pub(crate) const fn option(self) -> &'static str {
        match self {
            ExtensionKind::Match => "-m",
            ExtensionKind::Target => "-j",
        }
    }
}

impl fmt::Display for ExtensionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The families that have an extension, an option or a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Families {
    /// IPv4 and IPv6.
    Both,
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
    /// ARP alone.
    Arp,
    /// IPv4, IPv6 and ARP.
    All,
}

impl Families {
    /// The first of them.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::Families;
    ///
    /// assert_eq!(Families::Both.first(), Family::Ipv4);
    /// ```
    #[must_use]
    pub const fn first(self) -> Family {
        match self {
            Families::Both | Families::All | Families::Ipv4 => Family::Ipv4,
            Families::Ipv6 => Family::Ipv6,
            Families::Arp => Family::Arp,
        }
    }

    /// Each of them.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::Families;
    ///
    /// assert!(Families::All.iter().eq([Family::Ipv4, Family::Ipv6, Family::Arp]));
    /// ```
    pub fn iter(self) -> impl Iterator<Item = Family> {
        Family::ALL.into_iter().chain([Family::Arp]).filter(move |family| self.contains(*family))
    }

    /// Whether the family is among them.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::Families;
    ///
    /// assert!(Families::Both.contains(Family::Ipv6));
    /// assert!(!Families::Ipv4.contains(Family::Ipv6));
    /// ```
    #[must_use]
    pub const fn contains(self, family: Family) -> bool {
        matches!(
            (self, family),
            (Families::All, _)
                | (Families::Both, Family::Ipv4 | Family::Ipv6)
                | (Families::Ipv4, Family::Ipv4)
                | (Families::Ipv6, Family::Ipv6)
                | (Families::Arp, Family::Arp)
        )
    }
}

/// Where the kernel accepts an extension; what it refuses otherwise with EINVAL.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// The tables, or any if empty.
    pub tables: &'static [&'static str],
    /// Whether that is only so for legacy tables: nf_tables does the same without the extension.
    pub(crate) native: bool,
    /// The hooks from which the rule may be reached.
    pub hooks: HookMask,
    /// The protocols one of which the rule must be limited to, or any if empty.
    pub protocols: &'static [Protocol],
    /// Whether there is more to check, depending on its options.
    pub(crate) checked: bool,
}

impl Placement {
    /// Anywhere.
    pub(crate) const NONE: Placement =
        Placement { tables: &[], native: false, hooks: HookMask::ALL, protocols: &[], checked: false };

    pub(crate) const fn tables(mut self, tables: &'static [&'static str]) -> Placement {
        self.tables = tables;
        self
    }

    /// In nf_tables the table does not matter.
    pub(crate) const fn native(mut self) -> Placement {
        self.native = true;
        self
    }

    pub(crate) const fn hooks(mut self, hooks: HookMask) -> Placement {
        self.hooks = hooks;
        self
    }

    /// The extension's [`check`](Codec::check) has more to say.
    pub(crate) const fn checked(mut self) -> Placement {
        self.checked = true;
        self
    }

    pub(crate) const fn protocols(mut self, protocols: &'static [Protocol]) -> Placement {
        self.protocols = protocols;
        self
    }
}

/// Options one of which must be given, and the words of iptables when none is.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Without dashes, the likely ones where any will do.
    pub(crate) options: &'static [&'static str],
    pub(crate) any: bool,
    pub(crate) words: &'static str,
}

impl Needs {
    pub(crate) const fn one_of(options: &'static [&'static str], words: &'static str) -> Option<Needs> {
        Some(Needs { options, any: false, words })
    }

    /// Any of the extension's options; these are likely to be meant.
    pub(crate) const fn any(options: &'static [&'static str], words: &'static str) -> Option<Needs> {
        Some(Needs { options, any: true, words })
    }
}

/// A match or target: its name, revisions, options, and where it may stand.
///
/// [`ext::all`](crate::ext::all) lists them. The table behind this type is what the parser, the Python classes, the
/// C setters and the reference page are made from.
pub struct Extension {
    /// Match or target.
    pub kind: ExtensionKind,
    /// The name after `-m` or `-j`.
    pub name: &'static str,
    /// The name of its type in [`matches`](crate::matches) or [`targets`](crate::targets), and of its class in Python.
    pub type_name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// The name in the kernel where it differs: `state` is written as `conntrack`.
    pub kernel_name: &'static str,
    /// The families that have it.
    pub families: Families,
    /// The kernel header that declares its data; empty where it has none.
    pub header: &'static str,
    /// The description: the documentation of its type.
    pub description: &'static str,
    /// Rules that show what it is for, at least one, all of one family.
    pub examples: &'static [Example],
    /// The revisions, newest first.
    pub revisions: &'static [Revision],
    /// The options in the order they are printed.
    pub options: &'static [Opt],
    /// Where the kernel accepts it.
    pub placement: Placement,
    /// The line above its options in the help of iptables, where it is not the usual one.
    pub(crate) heading: Option<&'static str>,
    /// The options one of which must be given.
    pub(crate) needs: Option<Needs>,
    pub(crate) masks: Masks,
    pub(crate) code: Code,
}

/// The functions of an extension, made for its type by [`Extension::of`].
#[derive(Clone, Copy)]
pub(crate) struct Code {
    /// Works on a value without any option set.
    pub(crate) fresh: fn(Work<'_>) -> Result<()>,
    /// Works on the value of bytes.
    pub(crate) decode: fn(&[u8], &RuleContext<'_>, Work<'_>) -> Result<()>,
    /// The alias under which these bytes were written.
    pub(crate) alias: Option<Alias>,
    /// Whether its data hold indices of [`Names`](super::context::Names).
    pub(crate) named: bool,
}

type Alias = fn(&[u8], u8) -> Option<&'static Extension>;

/// The clocks with which kernels reckon, in ticks per second.
pub(crate) const CLOCKS: &[u32] = &[100, 250, 300, 1000];

/// Where a rule stands, for the checks before a commit.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub(crate) table: &'a str,
    /// The hooks from which the rule is reached.
    pub(crate) hooks: HookMask,
    /// The rule itself.
    pub(crate) rule: Entry<'a>,
    /// Whether it is in nf_tables, which does not show a target the matches beside it.
    pub(crate) alone: bool,
    /// Whether nobody else looks at it: there is no kernel.
    pub(crate) unseen: bool,
}

impl Place<'_> {
    /// The clocks with which the kernel may reckon, in ticks per second; the usual one where there is none.
    pub(crate) fn clocks(&self) -> &'static [u32] {
        if self.unseen { &[250] } else { CLOCKS }
    }
}

impl<'a> Place<'a> {
    /// The matches of the rule.
    pub(crate) fn matches(&self) -> impl Iterator<Item = ExtBytes<'a>> + use<'a> {
        self.rule.matches()
    }

    /// Fails unless all hooks from which the rule is reached are among those that an option is for.
    pub(crate) fn require(&self, option: &'static str, hooks: HookMask) -> Result<()> {
        match self.hooks.iter().find(|hook| !hooks.contains(*hook)) {
            None => Ok(()),
            Some(hook) => Err(Error::from(Refused::Hook { hooks, hook }).at_option(option)),
        }
    }

    /// Fails unless the rule is in a table that an option is for.
    pub(crate) fn require_table(&self, option: &'static str, tables: &'static [&'static str]) -> Result<()> {
        match tables.contains(&self.table) {
            true => Ok(()),
            false => Err(Error::from(Refused::Table(tables)).at_option(option)),
        }
    }
}

impl Extension {
    /// The descriptor of a match.
    pub(crate) const fn matching<T: MatchType>(name: &'static str) -> Extension {
        Extension::of::<T>(ExtensionKind::Match, name)
    }

    /// The descriptor of a target.
    pub(crate) const fn target<T: TargetType>(name: &'static str) -> Extension {
        Extension::of::<T>(ExtensionKind::Target, name)
    }

    const fn of<T: Codec>(kind: ExtensionKind, name: &'static str) -> Extension {
        Extension {
            kind,
            name,
            type_name: T::NAME,
            aliases: &[],
            kernel_name: name,
            families: Families::Both,
            header: T::HEADER,
            description: T::DESCRIPTION,
            examples: T::EXAMPLES,
            revisions: T::REVISIONS,
            options: T::OPTIONS,
            placement: Placement::NONE,
            heading: None,
            needs: T::NEEDS,
            masks: const { Masks::of(T::OPTIONS, T::NEEDS) },
            code: Code { fresh: erased::fresh::<T>, decode: erased::decode::<T>, alias: None, named: false },
        }
    }

    pub(crate) const fn families(mut self, families: Families) -> Extension {
        self.families = families;
        self
    }

    pub(crate) const fn aliases(mut self, aliases: &'static [&'static str]) -> Extension {
        self.aliases = aliases;
        self
    }

    /// Checks table and protocol.
    pub(crate) fn check_place(&self, table: &str, protocol: Option<Protocol>) -> Result<()> {
        let placement = &self.placement;
        let refuse = |refused: Refused| Err(Error::from(refused).in_extension(self.name).in_table(table));
        if !placement.tables.is_empty() && !placement.tables.contains(&table) {
            return refuse(Refused::Table(placement.tables));
        }
        if !placement.protocols.is_empty()
            && !protocol.is_some_and(|known| placement.protocols.contains(&known))
        {
            return refuse(Refused::Protocol(placement.protocols));
        }
        Ok(())
    }

    /// Whether it depends on more than table and protocol whether the kernel accepts it.
    pub(crate) fn has_late_checks(&self) -> bool {
        self.placement.hooks != HookMask::ALL || self.placement.checked
    }

    pub(crate) const fn placed(mut self, placement: Placement) -> Extension {
        self.placement = placement;
        self
    }

    /// The line above its options in the help of iptables, which programs look for.
    pub(crate) const fn heading(mut self, heading: &'static str) -> Extension {
        self.heading = Some(heading);
        self
    }

    /// This extension is another name for one that the kernel has.
    pub(crate) const fn alias_of(mut self, kernel_name: &'static str) -> Extension {
        self.kernel_name = kernel_name;
        self
    }

    /// Some of this extension's payloads were written under an alias and are shown under it.
    pub(crate) const fn shows_alias(mut self, alias: Alias) -> Extension {
        self.code.alias = Some(alias);
        self
    }

    /// Its data hold what only a kernel can make of a name.
    pub(crate) const fn named(mut self) -> Extension {
        self.code.named = true;
        self
    }

    /// The revision of that number, for a family.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).unwrap();
    /// assert!(tcp.revision(Family::Ipv4, 0).is_some());
    /// assert!(tcp.revision(Family::Ipv4, 9).is_none());
    /// assert!(tcp.revision(Family::Arp, 0).is_none());
    /// ```
    #[must_use]
    pub fn revision(&self, family: Family, number: u8) -> Option<&'static Revision> {
        self.revisions_of(family).find(|revision| revision.number == number)
    }

    /// The revisions of a family, newest first.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let conntrack = ext::find(ExtensionKind::Match, "conntrack", Family::Ipv4).unwrap();
    /// let numbers: Vec<_> = conntrack.revisions_of(Family::Ipv4).map(|revision| revision.number).collect();
    /// assert_eq!(numbers, [3, 2, 1, 0]);
    /// ```
    pub fn revisions_of(&self, family: Family) -> impl Iterator<Item = &'static Revision> + use<> {
        let has = self.families.contains(family);
        self.revisions.iter().filter(move |revision| has && revision.families.contains(family))
    }

    /// The options one of which must be given, or some of those that are likely to be meant where any will do; empty where a rule
    /// can have it without options.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let recent = ext::find(ExtensionKind::Match, "recent", Family::Ipv4).unwrap();
    /// assert!(recent.needs().contains(&"rcheck"));
    /// ```
    #[must_use]
    pub fn needs(&self) -> &'static [&'static str] {
        self.needs.map_or(&[], |needs| needs.options)
    }

    /// The name in the kernel of a revision: an alias has the kernel's own match or target of its name as revision 0.
    pub(crate) fn kernel_name_of(&self, revision: u8) -> &'static str {
        if revision == 0 { self.name } else { self.kernel_name }
    }

    /// The newest revision that the library writes.
    pub(crate) fn newest(&self, family: Family) -> Result<u8> {
        let newest = self.revisions_of(family).next();
        let none = || Mistake::NotOfFamily { kind: self.kind.name(), name: self.name, family }.into();
        newest.map(|revision| revision.number).ok_or_else(none)
    }

    /// The description as plain text.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).unwrap();
    /// println!("{}", tcp.text());
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        options::text(self.description)
    }

    /// The option of that name, alias or field name.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).unwrap();
    /// assert_eq!(tcp.option("destination-port").unwrap().name, "dport");
    /// ```
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'static Opt> {
        self.options.iter().find(|opt| opt.names().any(|known| known == name) || opt.field == name)
    }

    /// The options of which none may stand beside one: those that it [excludes](Opt::excludes), and those that exclude it.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let types = ext::find(ExtensionKind::Match, "addrtype", Family::Ipv4).unwrap();
    /// let out = types.option("limit-iface-out").unwrap();
    /// assert_eq!(types.excluded_by(out), ["limit-iface-in"]);
    /// ```
    #[must_use]
    pub fn excluded_by(&self, opt: &Opt) -> Vec<&'static str> {
        let excludes =
            |other: &&Opt| opt.excludes.contains(&other.name) || other.excludes.contains(&opt.name);
        self.options.iter().filter(excludes).map(|other| other.name).collect()
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// The code of an extension that its option table cannot express: bytes, listing, and rules between options.
pub trait Codec: Options {
    /// The revisions, newest first.
    const REVISIONS: &'static [Revision];
    /// The options one of which must be given.
    const NEEDS: Option<Needs> = None;

    /// Called when an option has been read: for one that takes the place of others given before it, or whose value is
    /// checked at once.
    fn was_given(&mut self, _opt: &'static Opt, _cx: &RuleContext<'_>) -> Result<()> {
        Ok(())
    }

    /// Completes and checks a value whose options have all been set; `seen` has a bit for each option that was.
    fn finish(&mut self, _seen: u64, _cx: &RuleContext<'_>) -> Result<()> {
        Ok(())
    }

    /// Writes the data in the revision of the context.
    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()>;

    /// Reads the data in the revision of the context.
    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Self>;

    /// Shows the options in the order of `-S`.
    fn save(&self, sink: &mut dyn Sink) {
        self.visit(sink);
    }

    /// Prints the text of `-L`.
    fn list(&self, out: &mut List<'_>);

    /// Checks what the kernel would refuse at this place.
    fn check(&self, _cx: &RuleContext<'_>, _place: &Place<'_>) -> Result<()> {
        Ok(())
    }
}

/// The typed values of extensions: the types of [`matches`](crate::matches) and [`targets`](crate::targets).
pub trait Typed: Codec {}

impl<T: Codec> Typed for T {}

/// The typed values of matches.
pub trait MatchType: Typed {}

/// The typed values of targets.
pub trait TargetType: Typed {}

/// Where an extension writes its data.
pub struct Payload<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Payload<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Payload<'a> {
        Payload { out }
    }

    /// Appends a structure.
    pub(crate) fn put<T: IntoBytes + Immutable>(&mut self, raw: &T) {
        self.out.extend_from_slice(raw.as_bytes());
    }
}

/// The error for options that only newer kernels know.
pub(crate) fn needs_revision(revision: u8, cx: &RuleContext<'_>) -> Error {
    Error::from(Misfit::Revision { needed: revision, has: cx.revision }).in_family(cx.family)
}

/// Refuses a string that the kernel's array cannot hold, or that would break the line it is printed on.
pub(crate) fn fits<const N: usize>(option: &'static str, string: &KernelString<N>) -> Result<()> {
    if string.fits() {
        return Ok(());
    }
    let misfit = match string.len() {
        len if len < N => Misfit::Broken,
        len => Misfit::TooLong { len, max: N - 1 },
    };
    Err(Error::from(misfit).at_option(option))
}

/// Reads the structure of a revision from the start of a payload.
pub(crate) fn read_raw<T: FromBytes>(bytes: &[u8]) -> Result<T> {
    let short = || Malformed::Short { len: bytes.len(), wanted: size_of::<T>() };
    T::read_from_prefix(bytes).map(|(raw, _)| raw).map_err(|_| short().into())
}
/// There is one of each, so the same one is the equal one.
impl PartialEq for Extension {
    fn eq(&self, other: &Extension) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Extension {}
