//! The grammar of iptables: arguments and lines to rules, rules to lines and listings, save streams both ways.

mod args;
mod command;
mod getopt;
mod list;
mod parser;
mod print;
mod restore;
mod save;
mod spec;
mod time;

pub use command::{Outcome, run};
pub use list::{ListStyle, list_chain};
pub(crate) use print::print_rule;
pub use restore::{RestoreOptions, restore};
pub use save::{save, save_rules};
pub use time::timestamp;

use crate::ext::{Host, Offline};
use crate::rule::Rule;
use crate::{Error, ErrorKind, Family, Result};
use args::{Args, Words};
use parser::{Mode, Parser};

impl Rule {
    /// Reads a rule from the options that iptables takes, without command and chain. Words are separated by spaces;
    /// double quotes hold words together, as in a save file.
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
    /// [`ErrorKind::Syntax`], [`ErrorKind::InvalidValue`], [`ErrorKind::InvalidRule`] or
    /// [`ErrorKind::NoSuchExtension`], with the option and the offending word. [`ErrorKind::InvalidRule`] also when
    /// the text stands for several rules, because it lists several addresses.
    pub fn parse(family: Family, text: &str) -> Result<Rule> {
        Rule::parse_on(family, text, &Offline)
    }

    /// Reads a rule for the kernel of a host: in its revisions, and with its ipsets.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Rule::parse), and [`ErrorKind::ExtensionUnavailable`] when the kernel lacks an extension.
    pub fn parse_on(family: Family, text: &str, host: &dyn Host) -> Result<Rule> {
        let mut buffer = text.as_bytes().to_vec();
        let mut words = Words::default();
        words.split(&mut buffer)?;
        one_rule(family, words.args(&buffer), host)
    }

    /// Reads a rule from words, such as those of a command line.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Rule::parse).
    pub fn from_args<T: AsRef<[u8]>>(family: Family, args: impl IntoIterator<Item = T>) -> Result<Rule> {
        Rule::from_args_on(family, args, &Offline)
    }

    /// Reads a rule from words for the kernel of a host.
    ///
    /// # Errors
    ///
    /// As for [`parse_on`](Rule::parse_on).
    pub fn from_args_on<T: AsRef<[u8]>>(
        family: Family,
        args: impl IntoIterator<Item = T>,
        host: &dyn Host,
    ) -> Result<Rule> {
        let (buffer, words) = Words::join(args);
        one_rule(family, words.args(&buffer), host)
    }
}

fn one_rule(family: Family, args: Args<'_>, host: &dyn Host) -> Result<Rule> {
    let mut parser = Parser::new(family);
    parser.parse(Mode::Rule, args, host)?;
    if parser.spec.combinations() > 1 {
        return Err(Error::new(ErrorKind::InvalidRule, "several addresses make several rules, expected one")
            .classic(2, "Replacement rule does not specify a unique address"));
    }
    Ok(parser.spec.to_rule(args))
}

/// The known name that a misspelt one was perhaps meant to be: the one with the fewest changed letters, if they are few.
fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| {
        let other: Vec<char> = other.chars().collect();
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, letter) in name.chars().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, wanted) in other.iter().enumerate() {
                let change = diagonal + usize::from(letter != *wanted);
                diagonal = row[j + 1];
                row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
            }
        }
        row[other.len()]
    };
    let (best, changes) = known.map(|other| (other, distance(other))).min_by_key(|(_, changes)| *changes)?;
    (changes <= name.chars().count() / 3).then_some(best)
}
