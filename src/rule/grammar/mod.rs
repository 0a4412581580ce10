//! The grammar of one rule: words to a rule, a rule to a line.

pub(crate) mod args;
pub(crate) mod draft;
pub(crate) mod getopt;
pub(crate) mod meant;
pub(crate) mod parser;
pub(crate) mod place;
pub(crate) mod print;
mod recent;

use std::cell::RefCell;

pub(crate) use print::{
    ArpListing, Form, LINE_MAX, Printed, Way, print_arp, print_match, print_opaque, print_rule, print_target,
};

use crate::error::{Warning, tell};
use crate::ext::System;
use crate::rule::Rule;
use crate::{Family, Result};
use args::{Args, Words};
use parser::{Mode, Parser};

impl Rule {
    /// Reads a rule from the options that iptables takes, without command and chain. Words are separated by spaces;
    /// double quotes hold words together, as in a save file. The text need not be UTF-8.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv6, "-p tcp --dport 22 -m comment --comment \"ssh for admins\" -j ACCEPT")?;
    /// assert_eq!(rule.view().matches().count(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax), [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue),
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) or
    /// [`ErrorKind::NoSuchExtension`](crate::ErrorKind::NoSuchExtension), with the option and the offending word.
    /// [`ErrorKind::InvalidRule`](crate::ErrorKind::InvalidRule) also when the text stands for several rules, because
    /// it lists several addresses.
    pub fn parse(family: Family, text: impl AsRef<[u8]>) -> Result<Rule> {
        parse_text(family, text, System::offline())
    }

    /// Reads a rule that goes into a chain: its options, or the line of a listing of the chain's rules, which begins with
    /// `-A CHAIN`.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse_for("INPUT", Family::Ipv4, "-A INPUT -p tcp -j DROP")?;
    /// assert_eq!(rule.to_string(), "-p tcp -j DROP");
    /// assert!(Rule::parse_for("OUTPUT", Family::Ipv4, "-A INPUT -p tcp -j DROP").is_err());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`parse`](Rule::parse), and [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when the
    /// line is one of another chain.
    pub fn parse_for(chain: impl AsRef<[u8]>, family: Family, text: impl AsRef<[u8]>) -> Result<Rule> {
        split_rule(Mode::InChain(chain.as_ref()), family, text.as_ref(), System::offline())
    }

    /// Reads a rule from words, such as those of a command line.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let words = ["-m", "comment", "--comment", "the office", "-j", "ACCEPT"];
    /// assert_eq!(Rule::from_args(Family::Ipv4, words)?.to_string(), "-m comment --comment \"the office\" -j ACCEPT");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`parse`](Rule::parse).
    pub fn from_args<T: AsRef<[u8]>>(family: Family, args: impl IntoIterator<Item = T>) -> Result<Rule> {
        parse_rule(family, args, System::offline(), &mut tell)
    }

    /// Reads a rule that goes into a chain from words, the first of which may be `-A` and `CHAIN`.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::from_args_for("INPUT", Family::Ipv4, ["-A", "INPUT", "-j", "DROP"])?;
    /// assert_eq!(rule.to_string(), "-j DROP");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`parse_for`](Rule::parse_for).
    pub fn from_args_for<T: AsRef<[u8]>>(
        chain: impl AsRef<[u8]>,
        family: Family,
        args: impl IntoIterator<Item = T>,
    ) -> Result<Rule> {
        let (buffer, words) = Words::join(args);
        let (mode, args) = (Mode::InChain(chain.as_ref()), words.args(&buffer));
        one_rule(mode, family, args, System::offline(), &mut tell).map_err(|error| args.address(error))
    }
}

/// Reads a rule from a text, in the revisions of a system.
pub(crate) fn parse_text(family: Family, text: impl AsRef<[u8]>, host: &System) -> Result<Rule> {
    split_rule(Mode::Rule, family, text.as_ref(), host)
}

fn split_rule(mode: Mode<'_>, family: Family, text: &[u8], host: &System) -> Result<Rule> {
    let mut buffer = text.to_vec();
    let mut words = Words::default();
    let read = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    words.split(&mut buffer, 0).map_err(|error| error.in_text(read(text)))?;
    one_rule(mode, family, words.args(&buffer), host, &mut tell)
        .map_err(|error| words.args(&buffer).address(error.in_text(read(text))))
}

/// Reads a rule from words, in the revisions of a system, and passes on what iptables would warn about.
pub(crate) fn parse_rule<T: AsRef<[u8]>>(
    family: Family,
    args: impl IntoIterator<Item = T>,
    host: &System,
    warn: &mut dyn FnMut(Warning),
) -> Result<Rule> {
    let (buffer, words) = Words::join(args);
    let args = words.args(&buffer);
    one_rule(Mode::Rule, family, args, host, warn).map_err(|error| args.address(error))
}

fn one_rule(
    mode: Mode<'_>,
    family: Family,
    args: Args<'_>,
    host: &System,
    warn: &mut dyn FnMut(Warning),
) -> Result<Rule> {
    let mut parser = Parser::new(family);
    parser.draft.names = Some(RefCell::default());
    let parsed = parser.parse(mode, args, host);
    parser.warnings.take().for_each(warn);
    parsed?;
    if parser.draft.combinations() > 1 {
        return Err(parser.draft.many_rules(args));
    }
    Ok(parser.draft.to_rule(args))
}

#[cfg(all(test, playground))]
mod tests;
