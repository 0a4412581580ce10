//! Bytes as another program may have left them in the kernel are printed so that they are read back, in every revision.

use std::sync::Arc;

use super::args::Words;
use super::parser::Mode;
use super::{Form, one_rule, print_rule};
use crate::ext::{Extension, ExtensionKind, Host, SetInfo, System};
use crate::rule::{Match, MatchRef, Rule, RuleRef, Target, TargetRef};
use crate::{Family, Result};

use crate::common::generate::{Lines, extensions};
use crate::common::random::Random;

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

fn number(variable: &str) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

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
    let seed = number("LIBFW_TEST_SEED");
    let mut random = Random::new(seed ^ 0xb17e5);
    for family in Family::ALL {
        for extension in extensions(family) {
            let mut lines = Lines::new(seed ^ 0xb17e, family);
            for revision in extension.revisions_of(family) {
                let system = System::new(Arc::new(Old { extension, revision: revision.number }));
                for _ in 0..60 * number("LIBFW_TEST_SCALE") {
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
    let mut builder = Rule::builder().protocol(view.protocol()).source(view.source());
    let mut data = |part: &MatchRef<'_>| {
        let mut data = part.data().to_vec();
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
        (String::from_utf8_lossy(part.kernel_name()).into_owned(), part.revision(), data)
    };
    for part in view.matches() {
        let (name, revision, data) = data(&part);
        builder = builder.matching(Match::opaque(&name, revision, &data).unwrap());
    }
    if let TargetRef::Extension(part) = view.target() {
        let (name, revision, data) = data(&part);
        builder = builder.target(Target::opaque(&name, revision, &data).unwrap());
    }
    builder.build(rule.family()).unwrap()
}

/// The matches and the target with their bytes.
fn bytes(rule: &Rule) -> String {
    let view = rule.view();
    let target = match view.target() {
        TargetRef::Extension(part) => Some(part),
        _ => None,
    };
    let part = |part: MatchRef<'_>| {
        let name = String::from_utf8_lossy(part.kernel_name()).into_owned();
        format!("{name} {}:{:02x?}", part.revision(), part.data())
    };
    view.matches().chain(target).map(part).collect::<Vec<_>>().join(", ")
}
