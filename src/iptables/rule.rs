//! A rule by itself, as iptables reads it.

use super::words::warning_words;
use crate::error::{Warning, told_by};
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

/// Calls `work`, and returns its result with what iptables would warn about in the rules that `work` read from text: in
/// [`Rule::parse`], in [`append`](crate::ChainMut::append) and the other methods that take text for a rule, in the values of a
/// builder, in [`restore`](super::restore). Functions with a `warn` of their own, such as [`restore_to`](super::restore_to), warn there.
///
/// ```
/// use libfw::{Family, MemoryKernel, iptables};
///
/// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
/// let (appended, warnings) = iptables::with_warnings(|| {
///     table.chain_mut("INPUT")?.append("-m iprange --src-range 10.0.0.9-10.0.0.1 -j DROP")
/// });
/// appended?;
/// let warnings: Vec<String> = warnings.collect();
/// assert_eq!(warnings, ["xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match"]);
/// # Ok::<(), libfw::Error>(())
/// ```
pub fn with_warnings<T>(work: impl FnOnce() -> T) -> (T, Warnings) {
    let (done, told) = told_by(work);
    (done, Warnings(told.into_iter()))
}

/// What is odd but not wrong about rules, in the words of iptables and in the order in which it was read. See [`with_warnings`].
#[derive(Clone, Debug)]
pub struct Warnings(std::vec::IntoIter<Warning>);

impl Iterator for Warnings {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.0.next().map(|warning| warning_words(&warning))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Warnings {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Blobs, Host, Info, Legacy, SetInfo};
    use crate::ext::{ExtensionKind, System};
    use crate::rule::grammar::args::Words;
    use crate::rule::grammar::parser::{self, Mode, Parser};
    use crate::types::Counters;
    use crate::{
        ChainMut, Desired, Error, ErrorKind, Match, MemoryKernel, Position, RuleBuilder, Scope, not,
    };

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

    /// Every function that takes a rule as text, words, or options with their values.
    #[test]
    fn warnings_are_heard_of_wherever_a_text_is_read() {
        const ODD: &str = "-m iprange --src-range 1.2.3.4-1.2.3.1";
        const LINE: &str = "-A INPUT -m iprange --src-range 1.2.3.4-1.2.3.1";
        let json = r#"{"family": "ipv4", "table": "filter", "chains": [{"chain": "INPUT", "rules": [{"text": "ODD"}]}]}"#;
        let json = &json.replace("ODD", ODD);
        let words: Vec<&str> = ODD.split(' ').collect();
        let words = &*words;
        let kernel = MemoryKernel::new().kernel();
        let kernel = &kernel;
        type Work<'a> = Box<dyn FnOnce() -> Result<()> + 'a>;
        let chain = |work: &'static dyn Fn(&mut ChainMut<'_>) -> Result<()>| -> Work<'_> {
            Box::new(move || {
                let mut table = kernel.open(Family::Ipv4, "filter")?;
                let mut chain = table.chain_mut("INPUT")?;
                chain.append("-j ACCEPT")?;
                work(&mut chain)
            })
        };
        let desired = |work: &'static dyn Fn(&mut Desired) -> Result<()>| -> Work<'_> {
            Box::new(move || work(&mut kernel.desired(Scope::Tables)))
        };
        let entrances: Vec<(&str, Work<'_>)> = vec![
            ("parse", Box::new(|| Rule::parse(Family::Ipv4, ODD).map(drop))),
            ("parse_for", Box::new(|| Rule::parse_for("INPUT", Family::Ipv4, LINE).map(drop))),
            ("from_args", Box::new(|| Rule::from_args(Family::Ipv4, words).map(drop))),
            ("from_args_for", Box::new(|| Rule::from_args_for("INPUT", Family::Ipv4, words).map(drop))),
            (
                "a builder",
                Box::new(|| {
                    let range = [("src-range", false, &b"1.2.3.4-1.2.3.1"[..])];
                    let rule = Rule::builder().matching(Match::from_options("iprange", range)?);
                    rule.build(Family::Ipv4).map(drop)
                }),
            ),
            ("append", chain(&|chain| chain.append(ODD))),
            ("append of words", chain(&|chain| chain.append(ODD.split(' ').collect::<Vec<_>>()))),
            ("extend", chain(&|chain| chain.extend([ODD]))),
            ("append_lines", chain(&|chain| chain.append_lines(ODD).map(drop))),
            ("insert", chain(&|chain| chain.insert(0, LINE))),
            ("replace", chain(&|chain| chain.replace(0, ODD))),
            ("ensure", chain(&|chain| chain.ensure(ODD).map(drop))),
            ("ensure_at", chain(&|chain| chain.ensure_at(ODD, &Position::First).map(drop))),
            ("ensure_absent", chain(&|chain| chain.ensure_absent(ODD).map(drop))),
            ("sync", chain(&|chain| chain.sync([ODD]).map(drop))),
            ("contains", chain(&|chain| chain.view().contains(ODD).map(drop))),
            ("position", chain(&|chain| chain.view().position(ODD).map(drop))),
            (
                "delete",
                chain(&|chain| {
                    chain.delete(ODD).unwrap_err();
                    Ok(())
                }),
            ),
            ("fill", desired(&|desired| desired.table(Family::Ipv4, "filter")?.fill([("INPUT", [ODD])]))),
            (
                "place",
                desired(&|desired| desired.place(Family::Ipv4, "filter", "INPUT", ODD, Position::First)),
            ),
            ("read_json", Box::new(move || kernel.desired(Scope::Tables).read_json(json))),
            ("set_json", Box::new(move || kernel.open(Family::Ipv4, "filter")?.set_json(json))),
            ("restore_json", Box::new(move || kernel.restore_json(json).map(drop))),
        ];
        for (name, work) in entrances {
            let (done, warnings) = with_warnings(work);
            assert!(done.is_ok(), "{name}: {done:?}");
            let expected = ["xt_iprange: range 1.2.3.4-1.2.3.1 is reversed and will never match"];
            assert_eq!(warnings.collect::<Vec<_>>(), expected, "{name}");
        }
    }

    #[test]
    fn a_builder_tells_of_interfaces_that_are_texts() {
        let build = |rule: RuleBuilder| rule.build(Family::Ipv4).map(drop);
        let (_, warnings) = with_warnings(|| build(Rule::builder().input("a/b").output(not("c d"))));
        assert_eq!(warnings.len(), 2);
        // What is printed may be read again on the way, without a word.
        let odd = Rule::parse(Family::Ipv4, "-m iprange --src-range 1.2.3.4-1.2.3.1").unwrap();
        assert_eq!(with_warnings(|| odd.to_string()).1.len(), 0);
    }

    #[test]
    fn who_listens_within_a_listener_hears_it_alone() {
        let parse = || Rule::parse(Family::Ipv4, "-i a/b").map(drop);
        let ((inner, panicked), outer) = with_warnings(|| {
            let panicked = std::panic::catch_unwind(|| with_warnings(|| panic!("{:?}", parse())).0);
            (with_warnings(parse).1.len(), panicked.is_err() && parse().is_ok())
        });
        assert_eq!((inner, panicked, outer.len()), (1, true, 1));
        assert!(parse().is_ok(), "nobody listens");
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
