//! Rules from their parts.

use std::cell::RefCell;

use super::grammar::draft::addresses::read_addresses;
use super::grammar::parser::{protocol_warning, read_protocol};
use super::parts::too_large;
use super::{Match, Rule, Target};
use crate::blob::{EntryVerdict, Header, push_standard};
use crate::error::{BadLine, Mistake, tell};
use crate::ext::context;
use crate::ext::matches::{Arp, Comment};
use crate::ext::{Names, RuleContext, System, Warnings};
use crate::types::setting::Given;
use crate::types::{
    AddrMask, Counters, Family, Interface, IntoSetting, Inv, KernelString, Protocol, Setting,
};
use crate::{Error, Result};

/// A rule that is being put together; [`Rule::builder`] makes one.
///
/// The parts become the kernel's bytes in [`build`](RuleBuilder::build), or when the builder itself is added to a chain: only
/// then are the family and the kernel's revisions known. A mistake in a part is kept until then. Methods take values or texts, and
/// [`not`](crate::not) around what is to be inverted.
///
/// ```
/// use libfw::matches::{Conntrack, Tcp};
/// use libfw::{Family, Rule, not, targets::Reject};
///
/// let rule = Rule::builder()
///     .source(not("10.0.0.0/8"))
///     .input("eth0")
///     .protocol("tcp")
///     .matching(Tcp::new().dport(22))
///     .matching(Conntrack::new().ctstate("NEW"))
///     .target(Reject::new().reject_with("tcp-reset"))
///     .build(Family::Ipv4)?;
/// assert_eq!(
///     rule.to_string(),
///     "! -s 10.0.0.0/8 -i eth0 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset"
/// );
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RuleBuilder(
    // Each method takes it and gives it back.
    Box<Parts>,
);

#[derive(Clone, Debug, Default)]
struct Parts {
    source: Option<Setting<Inv<AddrMask>>>,
    destination: Option<Setting<Inv<AddrMask>>>,
    input: Option<Setting<Inv<Interface>>>,
    output: Option<Setting<Inv<Interface>>>,
    protocol: Option<Setting<Inv<Protocol>>>,
    fragment: Option<bool>,
    counters: Counters,
    matches: Vec<Match>,
    target: Option<Target>,
}

impl RuleBuilder {
    /// A rule that matches every packet and only counts it.
    ///
    /// ```
    /// use libfw::{Family, RuleBuilder};
    ///
    /// let rule = RuleBuilder::new().source("10.0.0.0/8").build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-s 10.0.0.0/8");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> RuleBuilder {
        RuleBuilder::default()
    }

    /// The source address.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use libfw::{AddrMask, Family, Rule, not};
    ///
    /// let rule = Rule::builder().source(Ipv4Addr::LOCALHOST).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-s 127.0.0.1/32");
    /// let rule = Rule::builder().source(not("10.0.0.0/8".parse::<AddrMask>()?)).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "! -s 10.0.0.0/8");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-s")]
    #[must_use]
    pub fn source<Kind>(mut self, source: impl IntoSetting<Inv<AddrMask>, Kind>) -> RuleBuilder {
        self.0.source = Some(source.into_setting());
        self
    }

    /// The destination address.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::builder().destination("2001:db8::/32").build(Family::Ipv6)?;
    /// assert_eq!(rule.to_string(), "-d 2001:db8::/32");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-d")]
    #[must_use]
    pub fn destination<Kind>(mut self, destination: impl IntoSetting<Inv<AddrMask>, Kind>) -> RuleBuilder {
        self.0.destination = Some(destination.into_setting());
        self
    }

    /// The interface the packet came in by.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::builder().input("eth+").build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-i eth+");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-i")]
    #[doc(alias = "in_interface")]
    #[must_use]
    pub fn input<Kind>(mut self, interface: impl IntoSetting<Inv<Interface>, Kind>) -> RuleBuilder {
        self.0.input = Some(interface.into_setting());
        self
    }

    /// The interface the packet goes out by.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::builder().output("wg0").build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-o wg0");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-o")]
    #[doc(alias = "out_interface")]
    #[must_use]
    pub fn output<Kind>(mut self, interface: impl IntoSetting<Inv<Interface>, Kind>) -> RuleBuilder {
        self.0.output = Some(interface.into_setting());
        self
    }

    /// The protocol.
    ///
    /// ```
    /// use libfw::{Family, Protocol, Rule};
    ///
    /// let rule = Rule::builder().protocol(Protocol::UDP).build(Family::Ipv4)?;
    /// assert_eq!(rule, Rule::builder().protocol("udp").build(Family::Ipv4)?);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-p")]
    #[must_use]
    pub fn protocol<Kind>(mut self, protocol: impl IntoSetting<Inv<Protocol>, Kind>) -> RuleBuilder {
        self.0.protocol = Some(protocol.into_setting());
        self
    }

    /// Second and further fragments (`true`), or first fragments and whole packets (`false`). IPv4 only.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// assert_eq!(Rule::builder().fragment(true).build(Family::Ipv4)?.to_string(), "-f");
    /// assert_eq!(Rule::builder().fragment(false).build(Family::Ipv4)?.to_string(), "! -f");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-f")]
    #[must_use]
    pub fn fragment(mut self, fragment: bool) -> RuleBuilder {
        self.0.fragment = Some(fragment);
        self
    }

    /// Adds a match; matches are evaluated in the order they are added.
    ///
    /// ```
    /// use libfw::{Family, Rule, matches::{Comment, Tcp}};
    ///
    /// let rule = Rule::builder()
    ///     .protocol("tcp")
    ///     .matching(Tcp::new().dport(443))
    ///     .matching(Comment::new().comment("the shop"))
    ///     .build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-p tcp -m tcp --dport 443 -m comment --comment \"the shop\"");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-m")]
    #[doc(alias = "with_match")]
    #[must_use]
    pub fn matching(mut self, matching: impl Into<Match>) -> RuleBuilder {
        self.0.push(matching.into());
        self
    }

    /// The target.
    ///
    /// ```
    /// use libfw::{Family, Rule, Verdict, targets::Log};
    ///
    /// let log = Rule::builder().target(Log::new().prefix("dropped: ")).build(Family::Ipv4)?;
    /// assert_eq!(log.to_string(), "-j LOG --log-prefix \"dropped: \"");
    /// assert_eq!(Rule::builder().target(Verdict::Drop).build(Family::Ipv4)?.to_string(), "-j DROP");
    /// // What iptables has behind `-j`: a verdict, a target without options, or a chain.
    /// assert_eq!(Rule::builder().target("MASQUERADE").build(Family::Ipv4)?.to_string(), "-j MASQUERADE");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-j")]
    #[must_use]
    pub fn target(mut self, target: impl Into<Target>) -> RuleBuilder {
        self.0.target = Some(target.into());
        self
    }

    /// Goes to a chain and comes back: short for [`Target::jump`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// assert_eq!(Rule::builder().jump("web").build(Family::Ipv4)?.to_string(), "-j web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn jump(self, chain: impl AsRef<[u8]>) -> RuleBuilder {
        self.target(Target::jump(chain))
    }

    /// Goes to a chain for good: short for [`Target::goto`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// assert_eq!(Rule::builder().goto("web").build(Family::Ipv4)?.to_string(), "-g web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-g")]
    #[must_use]
    pub fn goto(self, chain: impl AsRef<[u8]>) -> RuleBuilder {
        self.target(Target::goto(chain))
    }

    /// Adds a comment: short for the match [`Comment`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::builder().jump("web").comment("the shop").build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-m comment --comment \"the shop\" -j web");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn comment<Kind>(self, text: impl IntoSetting<KernelString<256>, Kind>) -> RuleBuilder {
        self.matching(Comment::new().comment(text))
    }

    /// The counters with which the rule starts.
    ///
    /// ```
    /// use libfw::{Counters, Family, Rule};
    ///
    /// let rule = Rule::builder().counters(Counters { packets: 3, bytes: 252 }).build(Family::Ipv4)?;
    /// assert_eq!(rule.view().counters().packets, 3);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "-c")]
    #[must_use]
    pub fn counters(mut self, counters: Counters) -> RuleBuilder {
        self.0.counters = counters;
        self
    }

    /// Builds the rule for a family, with the newest revisions that the library knows. Names of ipsets are kept: they are
    /// looked up when the rule is added to a table.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, Rule};
    ///
    /// let builder = Rule::builder().source("10.0.0.0/33");
    /// assert_eq!(builder.build(Family::Ipv4).unwrap_err().kind(), ErrorKind::InvalidValue);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) when parts are of another family or do not go
    /// together, and [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when an option given by name has a
    /// value it cannot take.
    pub fn build(&self, family: Family) -> Result<Rule> {
        let mut warnings = Warnings::default();
        let built = self.0.build_with(family, &warnings);
        warnings.take().for_each(tell);
        built
    }
}

impl Parts {
    /// One function for matches of all types.
    fn push(&mut self, matching: Match) {
        self.matches.push(matching);
    }

    fn build_with(&self, family: Family, warnings: &Warnings) -> Result<Rule> {
        let names = RefCell::default();
        let header = self.header(family)?;
        for (setting, read) in [(&self.input, &header.input), (&self.output, &header.output)] {
            if let Some(Setting(Given::Text(_))) = setting {
                read.value.warning().into_iter().for_each(|warning| warnings.add(0, warning));
            }
        }
        if let Some(Setting(Given::Text(text))) = &self.protocol {
            let warning = protocol_warning(family, header.protocol, text.value.as_bytes());
            warning.into_iter().for_each(|warning| warnings.add(0, warning));
        }
        let cx = RuleContext {
            names: Names::Growing(&names),
            warnings: Some(warnings),
            ..context(family, header.protocol, System::offline())
        };
        let mut bytes = Vec::with_capacity(256);
        header.push(family, &mut bytes);
        if family == Family::Arp && self.matches.is_empty() {
            Match::from(Arp::new()).push(&cx, &mut bytes)?;
        }
        for matching in &self.matches {
            matching.push(&cx, &mut bytes)?;
        }
        let target_offset = bytes.len();
        let jump = match &self.target {
            Some(target) => target.push(&cx, &mut bytes)?,
            None => {
                push_standard(&mut bytes, EntryVerdict::Fallthrough);
                None
            }
        };
        Header::finish(family, &mut bytes, 0, target_offset).ok_or_else(too_large)?;
        Ok(Rule::from_parts(family, bytes, jump, names.into_inner()))
    }

    fn header(&self, family: Family) -> Result<Header> {
        let any = Header::any(family);
        let address = |setting: &Option<Setting<Inv<AddrMask>>>, option, any| {
            let address = read(setting, option, any, |text| one_address(family, text))?;
            if address.value.family() == family.pick(Family::Ipv4, Family::Ipv6) {
                return Ok(address);
            }
            let text = address.value.to_string();
            let error = Error::from(Mistake::AddressOfOtherFamily { text: text.clone(), family });
            Err(error.at_option(option).at_token(text))
        };
        let protocol = read(&self.protocol, "protocol", any.protocol, |text| read_protocol(text.as_bytes()))?;
        if self.fragment.is_some() && family == Family::Ipv6 {
            return Err(Error::from(Mistake::Fragment).at_option("fragment"));
        }
        let goto = self.target.as_ref().is_some_and(Target::is_goto);
        if family == Family::Arp && (self.fragment.is_some() || protocol.value != Protocol::ANY || goto) {
            return Err(Mistake::NotOfArp.into());
        }
        if protocol.inverted && protocol.value == Protocol::ANY {
            return Err(Error::from(Mistake::NoProtocol).at_option("protocol"));
        }
        Ok(Header {
            asks_protocol: false,
            source: address(&self.source, "source", any.source)?,
            destination: address(&self.destination, "destination", any.destination)?,
            input: read(&self.input, "in-interface", any.input, str::parse)?,
            output: read(&self.output, "out-interface", any.output, str::parse)?,
            protocol,
            fragment: self.fragment,
            goto,
            odd: false,
            counters: self.counters,
        })
    }
}

/// The address or network that a text is, or the one address of a host.
pub(super) fn one_address(family: Family, text: &str) -> Result<AddrMask> {
    let mut list = Vec::new();
    read_addresses(family, text.as_bytes(), &mut list)?;
    match *list {
        [address] => Ok(address),
        _ => Err(BadLine::ManyRules.into()),
    }
}

/// The value of a part, which is `any` where none was set. A text is read as in a line.
fn read<T: Clone>(
    setting: &Option<Setting<Inv<T>>>,
    option: &str,
    any: Inv<T>,
    parse: impl Fn(&str) -> Result<T>,
) -> Result<Inv<T>> {
    match setting {
        None => Ok(any),
        Some(Setting(Given::Value(value))) => Ok(value.clone()),
        Some(Setting(Given::Text(text))) => {
            let value = parse(&text.value).map_err(|error| error.at_option(option))?;
            Ok(Inv::new(text.inverted, value))
        }
    }
}
