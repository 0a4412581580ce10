//! Rules from their parts.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::parts::too_large;
use super::{Match, Rule, Target};
use crate::blob::{Core, Verdict, push_standard};
use crate::error::Mistake;
use crate::ext::context;
use crate::ext::{Cx, Names, System};
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};
use crate::{Error, Result};

/// A rule that is being put together; [`Rule::builder`] starts one.
///
/// The parts are turned into the kernel's bytes by [`build`](RuleBuilder::build), or when the builder is added to a chain:
/// only then the family and the revisions of the kernel are known.
#[derive(Clone, Debug, Default)]
pub struct RuleBuilder {
    source: Option<Setting<AddrMask>>,
    destination: Option<Setting<AddrMask>>,
    input: Option<Setting<Interface>>,
    output: Option<Setting<Interface>>,
    protocol: Option<Setting<Protocol>>,
    fragment: Option<bool>,
    counters: Counters,
    matches: Vec<Match>,
    target: Option<Target>,
}

impl RuleBuilder {
    /// A rule that matches every packet and only counts it.
    #[must_use]
    pub fn new() -> RuleBuilder {
        RuleBuilder::default()
    }

    /// The source address.
    #[doc(alias = "-s")]
    #[must_use]
    pub fn source(mut self, source: impl Into<Setting<AddrMask>>) -> RuleBuilder {
        self.source = Some(source.into());
        self
    }

    /// The destination address.
    #[doc(alias = "-d")]
    #[must_use]
    pub fn destination(mut self, destination: impl Into<Setting<AddrMask>>) -> RuleBuilder {
        self.destination = Some(destination.into());
        self
    }

    /// The interface the packet came in by.
    #[doc(alias = "-i")]
    #[must_use]
    pub fn input(mut self, interface: impl Into<Setting<Interface>>) -> RuleBuilder {
        self.input = Some(interface.into());
        self
    }

    /// The interface the packet goes out by.
    #[doc(alias = "-o")]
    #[must_use]
    pub fn output(mut self, interface: impl Into<Setting<Interface>>) -> RuleBuilder {
        self.output = Some(interface.into());
        self
    }

    /// The protocol.
    #[doc(alias = "-p")]
    #[must_use]
    pub fn protocol(mut self, protocol: impl Into<Setting<Protocol>>) -> RuleBuilder {
        self.protocol = Some(protocol.into());
        self
    }

    /// Second and further fragments (`true`), or first fragments and whole packets (`false`). IPv4 only.
    #[doc(alias = "-f")]
    #[must_use]
    pub fn fragment(mut self, fragment: bool) -> RuleBuilder {
        self.fragment = Some(fragment);
        self
    }

    /// Adds a match; matches are evaluated in the order they are added.
    #[doc(alias = "-m")]
    #[must_use]
    pub fn matching(mut self, matching: impl Into<Match>) -> RuleBuilder {
        self.matches.push(matching.into());
        self
    }

    /// The target.
    #[doc(alias = "-j")]
    #[must_use]
    pub fn target(mut self, target: impl Into<Target>) -> RuleBuilder {
        self.target = Some(target.into());
        self
    }

    /// Goes to a chain and comes back: short for [`Target::jump`].
    #[must_use]
    pub fn jump(self, chain: impl AsRef<[u8]>) -> RuleBuilder {
        self.target(Target::jump(chain))
    }

    /// Goes to a chain for good: short for [`Target::goto`].
    #[doc(alias = "-g")]
    #[must_use]
    pub fn goto(self, chain: impl AsRef<[u8]>) -> RuleBuilder {
        self.target(Target::goto(chain))
    }

    /// The counters with which the rule starts.
    #[doc(alias = "-c")]
    #[must_use]
    pub fn counters(mut self, counters: Counters) -> RuleBuilder {
        self.counters = counters;
        self
    }

    /// Builds the rule for a family, with the newest revisions that the library knows. Names of ipsets are kept: they are
    /// looked up when the rule is added to a table.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) when parts are of another family or do not go
    /// together, and [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when an option given by name has a
    /// value it cannot take.
    pub fn build(&self, family: Family) -> Result<Rule> {
        let names = RefCell::default();
        let core = self.core(family)?;
        let cx = Cx { names: Names::Growing(&names), ..context(family, core.protocol, System::offline()) };
        let mut bytes = Vec::with_capacity(256);
        core.push(family, &mut bytes);
        for matching in &self.matches {
            matching.push(&cx, &mut bytes)?;
        }
        let target_offset = bytes.len();
        let jump = match &self.target {
            Some(target) => target.push(&cx, &mut bytes)?,
            None => {
                push_standard(&mut bytes, Verdict::Fallthrough);
                None
            }
        };
        Core::finish(family, &mut bytes, 0, target_offset).ok_or_else(too_large)?;
        Ok(Rule::from_parts(family, bytes, jump, names.into_inner()))
    }

    fn core(&self, family: Family) -> Result<Core> {
        let any = Core::any(family);
        let address = |setting: &Option<Setting<AddrMask>>, option, any| {
            let address = read(setting, option, any)?;
            if address.value.family() == family {
                return Ok(address);
            }
            let text = address.value.to_string();
            Err(Error::from(Mistake::AddressOfOtherFamily { text: text.clone(), family }).at_token(text))
        };
        let protocol = read(&self.protocol, "protocol", any.protocol)?;
        if self.fragment.is_some() && family == Family::Ipv6 {
            return Err(Mistake::Fragment.into());
        }
        if protocol.inverted && protocol.value == Protocol::ANY {
            return Err(Mistake::NoProtocol.into());
        }
        Ok(Core {
            asks_protocol: false,
            source: address(&self.source, "source", any.source)?,
            destination: address(&self.destination, "destination", any.destination)?,
            input: read(&self.input, "in-interface", any.input)?,
            output: read(&self.output, "out-interface", any.output)?,
            protocol,
            fragment: self.fragment,
            goto: self.target.as_ref().is_some_and(Target::is_goto),
            odd: false,
            counters: self.counters,
        })
    }
}

/// The value of a part, which is `any` where none was set.
fn read<T: Clone + FromStr<Err = Error>>(
    setting: &Option<Setting<T>>,
    option: &str,
    any: Inv<T>,
) -> Result<Inv<T>> {
    match setting {
        None => Ok(any),
        Some(Setting(Given::Value(value))) => Ok(value.clone()),
        Some(Setting(Given::Text(text))) => {
            let value = text.value.parse().map_err(|error: Error| error.at_option(option))?;
            Ok(Inv::new(text.inverted, value))
        }
    }
}

/// What a part of a rule is set to: a value, or the text of one; `not` of it inverts the part.
///
/// A text is read when the rule is built, which then fails if it is none.
///
/// ```
/// use libfw::{Family, Protocol, Rule, not};
///
/// let rule = Rule::builder().protocol(Protocol::TCP).source("10.0.0.0/8").input(not("eth+"));
/// assert_eq!(rule.build(Family::Ipv4)?.to_string(), "-s 10.0.0.0/8 ! -i eth+ -p tcp");
/// let error = Rule::builder().source("10.0.0.0/80").build(Family::Ipv4).unwrap_err();
/// assert_eq!(error.token(), Some("10.0.0.0/80"));
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setting<T>(Given<T>);

#[derive(Clone, Debug)]
enum Given<T> {
    Value(Inv<T>),
    Text(Inv<String>),
}

macro_rules! settings {
    ($($ty:ty: $($from:ty),*;)*) => {$($(
        impl From<$from> for Setting<$ty> {
            fn from(value: $from) -> Setting<$ty> {
                Setting(Given::Value(value.into()))
            }
        }

        impl From<Inv<$from>> for Setting<$ty> {
            fn from(inv: Inv<$from>) -> Setting<$ty> {
                Setting(Given::Value(Inv::new(inv.inverted, inv.value.into())))
            }
        }
    )*)*};
}

settings! {
    AddrMask: AddrMask, IpAddr, Ipv4Addr, Ipv6Addr;
    Interface: Interface;
    Protocol: Protocol, u8;
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl<T> From<$text> for Setting<T> {
            fn from(text: $text) -> Setting<T> {
                Setting(Given::Text(Inv::new(false, text.into())))
            }
        }

        impl<T> From<Inv<$text>> for Setting<T> {
            fn from(inv: Inv<$text>) -> Setting<T> {
                Setting(Given::Text(Inv::new(inv.inverted, inv.value.into())))
            }
        }
    )*};
}
texts!(&str, String, &String);
