//! Lines that extensions read and print, checked without a kernel.

use super::Offline;
use crate::{Family, Rule};

/// Reads each line and compares what is printed, or what iptables would complain if the expectation starts with `!`.
/// The line that was printed must read and print the same again.
#[track_caller]
pub(crate) fn check(lines: &[(&str, &str)]) {
    check_family(Family::Ipv4, lines);
}

#[track_caller]
pub(crate) fn check_family(family: Family, lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        let rule = match (Rule::parse(family, line), expected.strip_prefix('!')) {
            (Ok(rule), None) => rule,
            (Err(error), Some(message)) if !expected.starts_with("! ") => {
                assert_eq!(error.iptables().1, message, "{line}");
                assert_eq!(error.iptables().0, 2, "{line}");
                continue;
            }
            (Ok(rule), Some(_)) if expected.starts_with("! ") => rule,
            (Ok(rule), Some(message)) => panic!("{line}: read as `{rule}`, expected the error {message:?}"),
            (Err(error), _) => panic!("{line}: {error} ({:?}), expected {expected:?}", error.iptables().1),
        };
        assert_eq!(rule.to_string(), *expected, "{line}");
        let again = Rule::parse(family, expected).unwrap_or_else(|error| panic!("{expected}: {error}"));
        assert_eq!(again, rule, "{line}: what is printed means another rule");
    }
    let _ = Offline;
}
