//! A rule by itself, as iptables reads it.

use super::words::warning_words;
use crate::kernel::Kernel;
use crate::rule::Rule;
use crate::rule::grammar;
use crate::{Family, Result};

/// Reads a rule as [`Rule::from_args`] does, and passes on what iptables would warn about, in its words: a range that never
/// matches, an odd interface name, a match that the kernel lacks.
///
/// ```
/// use libfw::{Family, Kernel, iptables};
///
/// let words = ["-m", "iprange", "--src-range", "10.0.0.9-10.0.0.1", "-j", "DROP"];
/// let mut warnings = Vec::new();
/// iptables::parse_rule(&Kernel::offline(), Family::Ipv4, words, &mut |warning| warnings.push(warning.to_owned()))?;
/// assert_eq!(warnings, ["xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match"]);
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// As for [`Rule::from_args`], and [`ErrorKind::ExtensionUnavailable`](crate::ErrorKind::ExtensionUnavailable) when the
/// kernel lacks an extension.
pub fn parse_rule<T: AsRef<[u8]>>(
    kernel: &Kernel,
    family: Family,
    args: impl IntoIterator<Item = T>,
    warn: &mut dyn FnMut(&str),
) -> Result<Rule> {
    let warn = &mut |warning| warn(&warning_words(&warning));
    grammar::parse_rule(family, args, kernel.system(), warn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Blobs, Host, Info, Legacy, SetInfo};
    use crate::ext::{ExtensionKind, System};
    use crate::rule::grammar::args::Words;
    use crate::rule::grammar::parser::{self, Mode, Parser};
    use crate::types::Counters;
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

    /// A kernel without a single extension but one.
    #[derive(Debug)]
    struct Bare;

    fn bare() -> Kernel {
        Kernel::with_backend(Legacy::new(Bare))
    }

    impl Blobs for Bare {
        fn info(&self, _: Family, _: &str) -> Result<Info> {
            unreachable!("no table is read")
        }

        fn entries(&self, _: Family, _: &str, _: &Info, _: &mut Vec<u8>) -> Result<()> {
            unreachable!("no table is read")
        }

        fn replace(&self, _: Family, _: &str, _: &Info, _: &mut [u8], _: &mut [Counters]) -> Result<()> {
            unreachable!("no table is written")
        }

        fn add_counters(&self, _: Family, _: &str, _: &mut [Counters]) -> Result<()> {
            unreachable!("no table is written")
        }
    }

    impl Host for Bare {
        fn supports(&self, _: Family, _: ExtensionKind, name: &str, _: u8) -> Result<bool> {
            Ok(name == "bpf")
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
    fn warnings(kernel: &Kernel, line: &str, expected: &[&str]) -> bool {
        let mut warnings = Vec::new();
        let mut warn = |warning: &str| warnings.push(warning.to_owned());
        let rule = parse_rule(kernel, Family::Ipv4, line.split(' '), &mut warn);
        assert_eq!(warnings, expected, "{line}");
        rule.is_ok()
    }

    #[test]
    fn warnings_stand_in_the_order_of_the_words() {
        const ODD: &str =
            "Warning: weird character in interface `a/b' ('/' and ' ' are not allowed by the kernel).";
        const REVERSED: &str = "xt_iprange: range 1.2.3.4-1.2.3.1 is reversed and will never match";
        let range = "-m iprange --src-range 1.2.3.4-1.2.3.1";
        assert!(warnings(&Kernel::offline(), &format!("{range} -i a/b"), &[REVERSED, ODD]));
        assert!(warnings(&Kernel::offline(), &format!("-i a/b {range}"), &[ODD, REVERSED]));
        assert!(warnings(&Kernel::offline(), "-m physdev --physdev-in a/b --physdev-out eth0", &[ODD]));
        // An error ends them: a bad value, an unknown option, an option that is missing.
        assert!(!warnings(&Kernel::offline(), &format!("{range} -m length --length x -i a/b"), &[REVERSED]));
        assert!(!warnings(&Kernel::offline(), &format!("{range} -i a/b --foo"), &[REVERSED, ODD]));
        assert!(!warnings(&Kernel::offline(), &format!("{range} -m length -i a/b"), &[REVERSED, ODD]));
    }

    #[test]
    fn a_kernel_without_an_extension_is_told_once() {
        let missing = |name: &str| {
            format!("Warning: Extension {name} revision 0 not supported, missing kernel module?")
        };
        let line = "-m ipvs --ipvs -m ipvs --vport 5 -p tcp --dport 1 -j LED --led-trigger-id x";
        assert!(warnings(&bare(), line, &[&missing("ipvs"), &missing("tcp"), &missing("LED")]));
        // Of this one there never was a revision 0.
        let tee = "Warning: Extension TEE is not supported, missing kernel module?";
        assert!(warnings(&bare(), "-j TEE --gateway 1.2.3.4", &[tee]));
        assert!(warnings(&bare(), "-j ACCEPT", &[]));
    }

    #[test]
    fn a_missing_bpf_object_is_found_early() {
        let error =
            parse_rule(&bare(), Family::Ipv4, "-m bpf --object-pinned /sys/fs/bpf/x".split(' '), &mut |_| {})
                .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchObject);
        assert_eq!(error.option(), Some("object-pinned"));
        assert_eq!(crate::iptables::words(&error), (2, "bpf: failed to get bpf object".into()));
    }

    #[test]
    fn help_is_for_the_extensions_named_before_it() {
        let help = |line: &str| {
            let mut buffer = line.as_bytes().to_vec();
            let mut words = Words::default();
            words.split(&mut buffer, 0).unwrap();
            let args = words.args(&buffer);
            match Parser::new(Family::Ipv4).parse(Mode::Command, args, System::offline())?.instead {
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
