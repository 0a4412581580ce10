//! The grammar of one rule: words to a rule, a rule to a line.

pub(crate) mod args;
pub(crate) mod getopt;
pub(crate) mod parser;
pub(crate) mod print;
pub(crate) mod spec;

pub(crate) use print::print_rule;

use crate::ext::{Host, Offline};
use crate::rule::Rule;
use crate::{Error, ErrorKind, Family, Result};
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
    /// [`ErrorKind::Syntax`], [`ErrorKind::InvalidValue`], [`ErrorKind::InvalidRule`] or
    /// [`ErrorKind::NoSuchExtension`], with the option and the offending word. [`ErrorKind::InvalidRule`] also when
    /// the text stands for several rules, because it lists several addresses.
    pub fn parse(family: Family, text: impl AsRef<[u8]>) -> Result<Rule> {
        Rule::parse_on(family, text, &Offline)
    }

    /// Reads a rule for the kernel of a host: in its revisions, and with its ipsets.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Rule::parse), and [`ErrorKind::ExtensionUnavailable`] when the kernel lacks an extension.
    pub fn parse_on(family: Family, text: impl AsRef<[u8]>, host: &dyn Host) -> Result<Rule> {
        let mut buffer = text.as_ref().to_vec();
        let mut words = Words::default();
        words.split(&mut buffer)?;
        one_rule(family, words.args(&buffer), host, &mut |_| {})
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
        parse_rule(family, args, host, &mut |_| {})
    }
}

/// Reads a rule as [`Rule::from_args_on`] does, and passes on what iptables would warn about: a range that never
/// matches, an odd interface name, a match that the kernel lacks.
///
/// ```
/// use libfw::ext::Offline;
/// use libfw::{Family, iptables};
///
/// let words = ["-m", "iprange", "--src-range", "10.0.0.9-10.0.0.1", "-j", "DROP"];
/// let mut warnings = Vec::new();
/// iptables::parse_rule(Family::Ipv4, words, &Offline, &mut |warning| warnings.push(warning.to_owned()))?;
/// assert_eq!(warnings, ["xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match"]);
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// As for [`Rule::parse_on`].
pub fn parse_rule<T: AsRef<[u8]>>(
    family: Family,
    args: impl IntoIterator<Item = T>,
    host: &dyn Host,
    warn: &mut dyn FnMut(&str),
) -> Result<Rule> {
    let (buffer, words) = Words::join(args);
    one_rule(family, words.args(&buffer), host, warn)
}

fn one_rule(family: Family, args: Args<'_>, host: &dyn Host, warn: &mut dyn FnMut(&str)) -> Result<Rule> {
    let mut parser = Parser::new(family);
    let parsed = parser.parse(Mode::Rule, args, host);
    parser.warnings.take().for_each(|warning| warn(&warning));
    parsed?;
    if parser.spec.combinations() > 1 {
        return Err(Error::new(ErrorKind::InvalidRule, "several addresses make several rules, expected one")
            .classic(2, "Replacement rule does not specify a unique address"));
    }
    Ok(parser.spec.to_rule(args))
}

/// The known name that a misspelt one was perhaps meant to be: the one with the fewest changed letters, if they are few.
pub(crate) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SetInfo;
    use crate::ext::Extension;

    #[test]
    fn a_missing_argument_is_told_as_the_option_was_spelled() {
        for line in ["--sou", "-m limit --limit-b", "-p tcp --destination-p", "-s"] {
            let error = Rule::parse(Family::Ipv4, line).unwrap_err();
            let option = line.rsplit(' ').next().unwrap();
            assert_eq!(
                crate::iptables::words(&error),
                (2, format!("option \"{option}\" requires an argument").into())
            );
        }
    }

    /// A kernel without a single extension.
    struct Bare;

    impl Host for Bare {
        fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
            Offline.revision(family, extension)
        }

        fn lacks(&self, _: Family, _: &Extension) -> bool {
            true
        }

        fn pinned_object(&self, _: &[u8]) -> std::io::Result<()> {
            Err(std::io::ErrorKind::NotFound.into())
        }

        fn set_by_name(&self, _: &[u8]) -> Result<Option<SetInfo>> {
            Ok(None)
        }

        fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
            Ok(None)
        }
    }

    #[track_caller]
    fn warnings(host: &dyn Host, line: &str, expected: &[&str]) -> bool {
        let mut warnings = Vec::new();
        let mut warn = |warning: &str| warnings.push(warning.to_owned());
        let rule = parse_rule(Family::Ipv4, line.split(' '), host, &mut warn);
        assert_eq!(warnings, expected, "{line}");
        rule.is_ok()
    }

    #[test]
    fn warnings_stand_in_the_order_of_the_words() {
        const ODD: &str =
            "Warning: weird character in interface `a/b' ('/' and ' ' are not allowed by the kernel).";
        const REVERSED: &str = "xt_iprange: range 1.2.3.4-1.2.3.1 is reversed and will never match";
        let range = "-m iprange --src-range 1.2.3.4-1.2.3.1";
        assert!(warnings(&Offline, &format!("{range} -i a/b"), &[REVERSED, ODD]));
        assert!(warnings(&Offline, &format!("-i a/b {range}"), &[ODD, REVERSED]));
        assert!(warnings(&Offline, "-m physdev --physdev-in a/b --physdev-out eth0", &[ODD]));
        // An error ends them: a bad value, an unknown option, an option that is missing.
        assert!(!warnings(&Offline, &format!("{range} -m length --length x -i a/b"), &[REVERSED]));
        assert!(!warnings(&Offline, &format!("{range} -i a/b --foo"), &[REVERSED, ODD]));
        assert!(!warnings(&Offline, &format!("{range} -m length -i a/b"), &[REVERSED, ODD]));
    }

    #[test]
    fn a_kernel_without_an_extension_is_told_once() {
        let missing = |name: &str| {
            format!("Warning: Extension {name} revision 0 not supported, missing kernel module?")
        };
        let line = "-m ipvs --ipvs -m ipvs --vport 5 -p tcp --dport 1 -j LED --led-trigger-id x";
        assert!(warnings(&Bare, line, &[&missing("ipvs"), &missing("tcp"), &missing("LED")]));
        // Of this one there never was a revision 0.
        let tee = "Warning: Extension TEE is not supported, missing kernel module?";
        assert!(warnings(&Bare, "-j TEE --gateway 1.2.3.4", &[tee]));
        assert!(warnings(&Bare, "-j ACCEPT", &[]));
    }

    #[test]
    fn a_missing_bpf_object_is_found_early() {
        let error = Rule::parse_on(Family::Ipv4, "-m bpf --object-pinned /sys/fs/bpf/x", &Bare).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchObject);
        assert_eq!(error.option(), Some("object-pinned"));
        assert_eq!(crate::iptables::words(&error), (2, "bpf: failed to get bpf object".into()));
    }

    #[test]
    fn help_is_for_the_extensions_named_before_it() {
        let help = |line: &str| {
            let mut buffer = line.as_bytes().to_vec();
            let mut words = Words::default();
            words.split(&mut buffer).unwrap();
            let args = words.args(&buffer);
            match Parser::new(Family::Ipv4).parse(Mode::Command, args, &Offline)?.instead {
                Some(parser::Instead::Help(extensions)) => {
                    Ok(extensions.iter().map(|extension| extension.name).collect::<Vec<_>>())
                }
                other => panic!("{line}: {other:?}"),
            }
        };
        assert_eq!(help("-h -m tcp").unwrap(), Vec::<&str>::new());
        assert_eq!(help("-m limit -j LOG -h").unwrap(), ["limit", "LOG"]);
        // The match of the protocol, where no other was named.
        assert_eq!(help("-p tcp -j LOG -h").unwrap(), ["LOG", "tcp"]);
        assert_eq!(help("-p tcp -m limit -h").unwrap(), ["limit"]);
        assert_eq!(
            help("-m limit --limit x -h").map_err(|error: Error| crate::iptables::words(&error).0),
            Err(2)
        );
    }
}
