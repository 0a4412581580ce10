//! Generated rules of every extension in every revision, there and back.

use super::*;
use crate::blob::{self, Header, Layout};
use crate::common::generate::{Lines, extensions};
use crate::common::random::Random;
use std::sync::Arc;

use crate::ext::{Extension, ExtensionKind, Host, SetInfo, System};
use crate::rule::convert;
use crate::rule::grammar::parse_rule;
use crate::types::{AddrMask, Inv, Protocol};

/// A kernel that has one extension in an older revision only.
#[derive(Debug)]
struct Older {
    extension: &'static Extension,
    revision: u8,
}

impl Host for Older {
    fn supports(&self, _: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        let of = self.extension;
        let same = of.kind == kind && [of.name, of.kernel_name].contains(&name);
        Ok(!same || revision == self.revision)
    }

    fn set_by_name(&self, _: &[u8]) -> Result<Option<SetInfo>> {
        Ok(Some(SetInfo { index: 3, family: 0 }))
    }

    fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
        Ok(Some(b"web".to_vec()))
    }
}

/// The entry of a rule as it comes back: what of its header matches everything is not there.
fn canonical(rule: &Rule, counters: Counters) -> Vec<u8> {
    let family = rule.family();
    let entry = Entry::new(family, rule.bytes());
    let mut header = Header { asks_protocol: false, counters, ..entry.header() };
    if header.protocol.value == Protocol::ANY {
        header.protocol = Protocol::ANY.into();
    }
    for interface in [&mut header.input, &mut header.output] {
        if interface.value.is_any() {
            let any = Interface::new("+").expect("a pattern");
            *interface = if interface.inverted { Inv::new(true, any) } else { Interface::default().into() };
        }
    }
    let mut bytes = rule.bytes().to_vec();
    let (next, target) = (bytes.len(), entry.target_offset());
    bytes[..Layout::of(family).entry].fill(0);
    header.write(family, &mut bytes);
    assert_eq!(next, bytes.len());
    Header::finish(family, &mut bytes, 0, target).expect("it was not longer");
    bytes
}

/// Whether nf_tables has no words for the rule.
fn refused(rule: &Rule) -> Option<Unsayable> {
    let view = rule.view();
    let nowhere = |address: Inv<AddrMask>| address.inverted && address.value.is_any();
    if nowhere(view.source()) || nowhere(view.destination()) {
        return Some(Unsayable::NoAddress);
    }
    let verdict = Entry::new(rule.family(), rule.bytes()).verdict();
    (verdict == Some(blob::EntryVerdict::Queue)).then_some(Unsayable::Queue)
}

#[test]
fn every_extension_in_every_revision() {
    // Without a network, so that no name in a line is asked for.
    libfw_playground::test(|_| {
        let mut never = Vec::new();
        for family in Family::ALL {
            for extension in extensions(family) {
                for revision in extension.revisions_of(family) {
                    let host = System::new(Arc::new(Older { extension, revision: revision.number }));
                    let mut lines = Lines::new(u64::from(revision.number) + 1, family);
                    let (mut tries, mut good) = (0, 0);
                    while good < 25 && tries < 400 {
                        tries += 1;
                        let words = lines.line(extension);
                        let rule = parse_rule(family, words, &host, &mut |_| {});
                        let Ok(rule) = rule.and_then(|rule| convert(rule, &host)) else { continue };
                        good += 1;
                        comes_back(&rule, &mut lines.random);
                    }
                    if good == 0 {
                        never.push(format!("{family} {} {}", extension.name, revision.number));
                    }
                }
            }
        }
        assert!(never.is_empty(), "no line was a rule for {never:?}");
        Ok(())
    });
}

fn comes_back(rule: &Rule, random: &mut Random) {
    let counters = Counters { packets: random.next(), bytes: random.next() };
    let writer = match (written(rule, counters), refused(rule)) {
        (Err(error), Some(expected)) => return assert_eq!(error, expected, "{rule}"),
        (written, None) => written.unwrap_or_else(|error| panic!("{rule}: {error}")),
        (Ok(_), Some(expected)) => panic!("{rule}: written, expected {expected}"),
    };
    let again = read(rule.family(), expressions(&writer), &[]);
    let again = again.unwrap_or_else(|error| panic!("{rule}: {error}"));
    assert_eq!(again.bytes(), canonical(rule, counters), "{rule}\n{again}");
    assert_eq!(again.jump(), rule.jump(), "{rule}");
    assert_eq!(again.view(), rule.view(), "{rule}");
}
