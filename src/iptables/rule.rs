//! A rule by itself, as iptables reads it.

use super::words::warning_words;
use crate::ext::Host;
use crate::rule::Rule;
use crate::rule::grammar::args::Words;
use crate::rule::grammar::one_rule;
use crate::{Family, Result};

/// Reads a rule as [`Rule::from_args_on`] does, and passes on what iptables would warn about, in its words: a range that never
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
    one_rule(family, words.args(&buffer), host, &mut |warning| warn(&warning_words(&warning)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SetInfo;
    use crate::ext::Extension;
    use crate::ext::Offline;
    use crate::rule::grammar::parser::{self, Mode, Parser};
    use crate::{Error, ErrorKind};

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
