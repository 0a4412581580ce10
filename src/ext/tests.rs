//! Lines that extensions read and print, checked without a kernel.

mod refusals;
mod revisions;

use super::mechanism::descriptor::Codec;
use super::{Names, RuleContext, System};
use crate::sys::xt::xt_align;
use crate::{Family, Protocol, Rule};

impl RuleContext<'static> {
    /// The surroundings of a payload in a rule for any protocol.
    pub(crate) fn of_revision(family: Family, revision: u8) -> RuleContext<'static> {
        RuleContext {
            family,
            revision,
            protocol: Protocol::ANY,
            protocol_inverted: false,
            host: System::offline(),
            names: Names::Kernel,
            warnings: None,
            too_long: crate::ext::TooLong::Refuse,
        }
    }
}

/// Reads each line in both families and compares what is printed, or what iptables would complain if the expectation
/// starts with `!`. The line that was printed must read and print the same again.
#[track_caller]
pub(crate) fn check(lines: &[(&str, &str)]) {
    check_family(Family::Ipv4, lines);
    check_family(Family::Ipv6, lines);
}

/// The same for lines with addresses, or with an extension that is for IPv4 alone.
#[track_caller]
pub(crate) fn check_ipv4(lines: &[(&str, &str)]) {
    check_family(Family::Ipv4, lines);
}

#[track_caller]
pub(crate) fn check_family(family: Family, lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        let rule = match (Rule::parse(family, line), expected.strip_prefix('!')) {
            (Ok(rule), None) => rule,
            (Err(error), Some(message)) if !expected.starts_with("! ") => {
                assert_eq!(crate::iptables::words(&error).1, message, "{line}");
                assert_eq!(crate::iptables::words(&error).0, 2, "{line}");
                continue;
            }
            (Ok(rule), Some(_)) if expected.starts_with("! ") => rule,
            (Ok(rule), Some(message)) => panic!("{line}: read as `{rule}`, expected the error {message:?}"),
            (Err(error), _) => {
                panic!("{line}: {error} ({:?}), expected {expected:?}", crate::iptables::words(&error).1)
            }
        };
        assert_eq!(rule.to_string(), *expected, "{line}");
        let again = Rule::parse(family, expected).unwrap_or_else(|error| panic!("{expected}: {error}"));
        assert_eq!(again, rule, "{line}: what is printed means another rule");
    }
}

/// Writes IPv4 data in each of these revisions and reads it back.
#[track_caller]
pub(crate) fn check_revisions<T: Codec>(revisions: &[u8], value: &T) {
    for revision in revisions {
        let cx = RuleContext::of_revision(Family::Ipv4, *revision);
        let mut bytes = Vec::new();
        T::extension()
            .encode(&mut value.clone(), value.unread(), &cx, &mut bytes)
            .unwrap_or_else(|error| panic!("revision {revision}: {error}"));
        let known = T::extension().revision(cx.family, *revision).expect("a known revision");
        assert_eq!(xt_align(bytes.len()), known.size[0], "revision {revision}");
        assert_eq!(&T::decode(&cx, &bytes).expect("what was written"), value, "revision {revision}");
    }
}
