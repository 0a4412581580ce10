//! Bytes as another program may have left them in the kernel are printed so that they are read back, in every revision.

use std::sync::Arc;

use libfw_playground::{cases, seed};

use super::args::Words;
use super::parser::Mode;
use super::{Form, one_rule, print_rule};
use crate::ext::{Extension, ExtensionKind, Host, SetInfo, System};
use crate::rule::{MatchRef, Rule, RuleRef};
use crate::{ErrorKind, Family, Result};

use crate::common::generate::{Lines, extensions};
use crate::common::random::Random;
use crate::matches::{Bpf, BpfInstruction, Mark};

/// A kernel that knows one extension in one revision, and the others in their newest.
#[derive(Debug)]
struct Old {
    extension: &'static Extension,
    revision: u8,
}

impl Host for Old {
    fn supports(&self, _: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        let of = self.extension;
        let same = of.kind == kind && [of.name, of.kernel_name].contains(&name);
        Ok(!same || revision == self.revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let index = SETS.iter().position(|known| known.as_bytes() == name);
        Ok(index.map(|index| SetInfo { index: index as u16, family: 0 }))
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        Ok(SETS.get(usize::from(index)).map(|name| name.as_bytes().to_vec()))
    }
}

const SETS: &[&str] = &["web", "name", "x", "two words", "li\nne", "#3", "\"", "-x"];

#[test]
fn bytes_of_the_kernel_are_read_back() {
    libfw_playground::test(|_| {
        let failures = raw_bytes();
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
        Ok(())
    });
}

fn raw_bytes() -> Vec<String> {
    let mut failures = Vec::new();
    let seed = seed();
    let mut random = Random::new(seed ^ 0xb17e5);
    for family in Family::ALL {
        for extension in extensions(family) {
            let mut lines = Lines::new(seed ^ 0xb17e, family);
            for revision in extension.revisions_of(family) {
                let system = System::new(Arc::new(Old { extension, revision: revision.number }));
                for _ in 0..cases(60) {
                    let (buffer, words) = Words::join(lines.line(extension));
                    // As in a table: the numbers of ipsets are the kernel's.
                    let Ok(rule) = read(family, &buffer, &words, &system) else { continue };
                    let rule = tampered(&rule, &mut random);
                    let view = RuleRef::new(rule.entry(), rule.jump(), &system);
                    for utf8 in [false, true] {
                        let mut text = Vec::new();
                        print_rule(&mut text, &view, Form { utf8, ..Form::default() });
                        let fault = fault(&rule, text, &system);
                        failures.extend(fault.map(|fault| format!("{family} {}: {fault}", revision.number)));
                    }
                }
            }
        }
    }
    failures
}

/// The rule in the kernel's numbers.
fn read(family: Family, text: &[u8], words: &Words, system: &System) -> Result<Rule> {
    let rule = one_rule(Mode::Rule, family, words.args(text), system, &mut |_| {})?;
    crate::rule::convert(rule, system)
}

/// What is wrong with the text of a rule, if anything is.
fn fault(rule: &Rule, mut text: Vec<u8>, system: &System) -> Option<String> {
    let shown = String::from_utf8_lossy(&text).into_owned();
    if text.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Some(format!("{shown:?} is no line"));
    }
    let mut words = Words::default();
    let again = words.split(&mut text, 0).and_then(|()| read(rule.family(), &text, &words, system));
    match again {
        Err(error) => Some(format!("{shown}\n    is refused: {error}")),
        Ok(again) if again != *rule => {
            Some(format!("{shown}\n    is another rule:\n    {}\n    {}", bytes(rule), bytes(&again)))
        }
        Ok(_) => None,
    }
}

/// The rule with some bytes of its matches and its target changed.
fn tampered(rule: &Rule, random: &mut Random) -> Rule {
    let view = rule.view();
    let before = rule.entry().bytes;
    let mut bytes = before.to_vec();
    for part in view.parts() {
        let start = part.data().as_ptr().addr() - before.as_ptr().addr();
        let data = &mut bytes[start..start + part.data().len()];
        for _ in 0..random.below(4) {
            if !data.is_empty() {
                let at = random.below(data.len());
                data[at] = match random.below(4) {
                    0 => random.next() as u8,
                    1 => data[at] ^ 1 << random.below(8),
                    2 => *random.pick(b"\n\r\0\" -!\\'|"),
                    _ => *random.pick(&[0, 0xff, 1, 0x7f]),
                };
            }
        }
    }
    Rule::from_parts(rule.family(), bytes, rule.jump().map(Into::into), Vec::new())
}

/// The matches and the target with their bytes.
fn bytes(rule: &Rule) -> String {
    let part = |part: MatchRef<'_>| {
        let name = String::from_utf8_lossy(part.kernel_name()).into_owned();
        format!("{name} {}:{:02x?}", part.revision(), part.data())
    };
    rule.view().parts().map(part).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_says_nothing_in_a_rule_is_refused() {
    let refused = |text: &str| {
        let error = Rule::parse(Family::Ipv4, text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Syntax, "{text}");
        error
    };
    for text in [
        "-t nat -j DROP",
        "--table filter",
        "-6 -s ::1 -j DROP",
        "--ipv6",
        "-h",
        "--help",
        "-j LOG -h",
        "-V",
        "! -V",
        "-v",
        "-nx",
        "--line-numbers",
        "-w",
        "-w5",
        "-W 5",
        "-M /sbin/modprobe",
    ] {
        let error = refused(text);
        assert!(
            error.message().ends_with("means nothing in a rule") || error.message().contains("other family"),
            "{text}: {error}"
        );
    }
    for text in
        ["-A INPUT -j DROP", "-L", "-N web", "-D INPUT 1", "-I INPUT -j DROP", "-P INPUT DROP", "-F", "-Z"]
    {
        let error = refused(text);
        assert!(error.message().ends_with("is a command, expected a rule"), "{text}: {error}");
    }
    let error = refused("-p tcp -t nat");
    assert_eq!((error.option(), error.token(), error.column()), (Some("t"), Some("-t"), Some(8)));
    // What goes without saying, and counters.
    assert_eq!(Rule::parse(Family::Ipv4, "-4 -j DROP -c 1 2").unwrap().view().counters().packets, 1);
    assert!(Rule::parse(Family::Ipv6, "-6 -j DROP").is_ok());
}

#[test]
fn a_line_of_a_chain_is_read_for_that_chain() {
    let of = |chain: &str, text: &str| Rule::parse_for(chain, Family::Ipv4, text);
    let rule = Rule::parse(Family::Ipv4, "-p tcp -j DROP").unwrap();
    for text in [
        "-A INPUT -p tcp -j DROP",
        "--append INPUT -p tcp -j DROP",
        "-p tcp -A INPUT -j DROP",
        "-p tcp -j DROP",
    ] {
        assert_eq!(of("INPUT", text).unwrap(), rule, "{text}");
    }
    let name = "opaque:612062000000000000000000000000000000000000000000000000000000";
    assert_eq!(of("a b", &format!("-A {name} -p tcp -j DROP")).unwrap(), rule);
    let error = of("OUTPUT", "-A INPUT -p tcp -j DROP").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.message(), "the rule is for the chain INPUT, expected one for OUTPUT");
    assert_eq!((error.chain(), error.token()), (Some("OUTPUT"), Some("INPUT")));
    for text in
        ["-I INPUT -j DROP", "-D INPUT -j DROP", "-A INPUT -A INPUT -j DROP", "-t filter -A INPUT -j DROP"]
    {
        assert_eq!(of("INPUT", text).unwrap_err().kind(), ErrorKind::Syntax, "{text}");
    }
}

#[test]
fn a_header_in_bytes_is_all_of_the_header() {
    let digits = "0".repeat(168);
    let rule = Rule::parse(Family::Ipv4, format!("--opaque {digits} -j DROP")).unwrap();
    assert_eq!(rule.to_string(), "-j DROP");
    for (text, kind) in [
        (format!("--opaque {digits} -i lo"), ErrorKind::Syntax),
        (format!("-p tcp --opaque {digits}"), ErrorKind::Syntax),
        (format!("--opaque {digits} --opaque {digits}"), ErrorKind::Syntax),
        (format!("--opaque {digits}00"), ErrorKind::InvalidValue),
        ("--opaque 0:00".into(), ErrorKind::InvalidValue),
        ("-m tcp --dport 5 --opaque 0:00".into(), ErrorKind::InvalidValue),
        ("-m tcp --opaque".into(), ErrorKind::Syntax),
    ] {
        assert_eq!(Rule::parse(Family::Ipv4, &text).unwrap_err().kind(), kind, "{text}");
    }
}

#[test]
fn a_rule_that_is_too_long_for_a_line_is_written_in_bytes() {
    let instruction = BpfInstruction { code: 6, jt: 255, jf: 255, k: u32::MAX };
    let program = Rule::builder().matching(Bpf::new().bytecode(vec![instruction; 64]));
    let marks = |count| {
        let rule = Rule::builder();
        (0..count).fold(rule, |rule, _| rule.matching(Mark::new().mark(1))).build(Family::Ipv4).unwrap()
    };
    // A word of more than 1023 bytes, and more than 254 words.
    for rule in [program.build(Family::Ipv4).unwrap(), marks(80)] {
        let text = rule.to_string();
        assert!(text.contains(" --opaque "), "{text}");
        assert_eq!(Rule::parse(Family::Ipv4, &text).unwrap(), rule);
    }
    assert!(!marks(60).to_string().contains("--opaque"));
}
