//! Rules from their parts.

use std::cell::RefCell;

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
    source: Option<Inv<AddrMask>>,
    destination: Option<Inv<AddrMask>>,
    input: Option<Inv<Interface>>,
    output: Option<Inv<Interface>>,
    protocol: Option<Inv<Protocol>>,
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
    pub fn source(mut self, source: impl Into<Inv<AddrMask>>) -> RuleBuilder {
        self.source = Some(source.into());
        self
    }

    /// The destination address.
    #[doc(alias = "-d")]
    #[must_use]
    pub fn destination(mut self, destination: impl Into<Inv<AddrMask>>) -> RuleBuilder {
        self.destination = Some(destination.into());
        self
    }

    /// The interface the packet came in by.
    #[doc(alias = "-i")]
    #[must_use]
    pub fn input(mut self, interface: impl Into<Inv<Interface>>) -> RuleBuilder {
        self.input = Some(interface.into());
        self
    }

    /// The interface the packet goes out by.
    #[doc(alias = "-o")]
    #[must_use]
    pub fn output(mut self, interface: impl Into<Inv<Interface>>) -> RuleBuilder {
        self.output = Some(interface.into());
        self
    }

    /// The protocol.
    #[doc(alias = "-p")]
    #[must_use]
    pub fn protocol(mut self, protocol: impl Into<Inv<Protocol>>) -> RuleBuilder {
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
        for address in [&self.source, &self.destination].into_iter().flatten() {
            if address.value.family() != family {
                let text = address.value.to_string();
                return Err(
                    Error::from(Mistake::AddressOfOtherFamily { text: text.clone(), family }).at_token(text)
                );
            }
        }
        if self.fragment.is_some() && family == Family::Ipv6 {
            return Err(Mistake::Fragment.into());
        }
        if self.protocol.is_some_and(|inv| inv.inverted && inv.value == Protocol::ANY) {
            return Err(Mistake::NoProtocol.into());
        }
        Ok(Core {
            asks_protocol: false,
            source: self.source.unwrap_or(any.source),
            destination: self.destination.unwrap_or(any.destination),
            input: self.input.unwrap_or(any.input),
            output: self.output.unwrap_or(any.output),
            protocol: self.protocol.unwrap_or(any.protocol),
            fragment: self.fragment,
            goto: self.target.as_ref().is_some_and(Target::is_goto),
            odd: false,
            counters: self.counters,
        })
    }
}
