//! Which part of a rule an offset is in, and rules that there are no words for.

use super::*;
use crate::blob::Layout;
use crate::kernel::nft::rule::{Part, part_at};
use crate::{AddrMask, Match, Verdict, not};

/// The parts of a rule in the order of its message, each with the number of its expressions.
fn parts(family: Family, line: &str) -> Vec<(Part, usize)> {
    let rule = Rule::parse(family, line).expect(line);
    let writer = written(&rule, Counters::ZERO).expect(line);
    // A header, and an attribute of another message before those of the rule.
    let mut message = Writer::new();
    message.raw(&[0; 20]);
    message.text(1, b"filter");
    message.raw(writer.bytes());
    let mut found: Vec<(Part, usize)> = Vec::new();
    let expressions = Attrs::new(expressions(&writer));
    // Header and name of the table, and the header of the list.
    let mut at = 20 + 12 + 4;
    let list = expressions.rest().len();
    let mut attrs = expressions;
    while attrs.next().is_some() {
        let part = part_at(family, message.bytes(), 20, at).expect("a part");
        let end = 20 + 12 + 4 + list - attrs.rest().len();
        assert_eq!(part_at(family, message.bytes(), 20, end - 1), Some(part), "{line}");
        match found.last_mut() {
            Some((last, count)) if *last == part => *count += 1,
            _ => found.push((part, 1)),
        }
        at = end;
    }
    for outside in [0, 20, 32, at, at + 100] {
        assert_eq!(part_at(family, message.bytes(), 20, outside), None, "{line}");
    }
    found
}

#[test]
fn offsets_in_the_order_of_iptables_1_8_11() {
    use Part::*;
    assert_eq!(
        parts(
            Family::Ipv4,
            "-s 10.0.0.0/9 -d 10.0.0.1 -i eth0 -o eth+ -p tcp -f -m tcp --dport 22 -m mark --mark 1 -j LOG"
        ),
        [
            (Source, 3),
            (Destination, 2),
            (Input, 2),
            (Output, 2),
            (Protocol, 2),
            (Fragment, 3),
            (Match(0), 1),
            (Match(1), 1),
            (Counter, 1),
            (Target, 1)
        ]
    );
    assert_eq!(
        parts(Family::Ipv6, "-s fe80::/64 -d fe80::/65 -p udp -j TRACE"),
        [(Source, 2), (Destination, 3), (Protocol, 2), (Counter, 1), (Target, 2)]
    );
    assert_eq!(parts(Family::Ipv4, "-m ttl --ttl 5 -g web"), [(Match(0), 1), (Counter, 1), (Target, 1)]);
    assert_eq!(parts(Family::Ipv4, ""), [(Counter, 1)]);
}

fn refusal(rule: Result<Rule>) -> Unsayable {
    let rule = rule.expect("a rule");
    let mut writer = Writer::new();
    writer.be32(1, 7);
    let before = writer.bytes().to_vec();
    let refused = write(Entry::new(rule.family(), rule.bytes()), rule.jump(), Counters::ZERO, &mut writer);
    assert_eq!(writer.bytes(), before, "nothing is left of a rule that is refused");
    assert!(!writer.take_too_long());
    refused.expect_err("no words")
}

#[test]
fn rules_that_nf_tables_has_no_words_for() {
    for family in Family::ALL {
        let any = not(AddrMask::any(family));
        assert_eq!(refusal(Rule::builder().source(any).build(family)), Unsayable::NoAddress);
        assert_eq!(refusal(Rule::builder().destination(any).build(family)), Unsayable::NoAddress);
        assert_eq!(refusal(Rule::builder().target(Verdict::Queue).build(family)), Unsayable::Queue);
        let many = |count, size: usize| {
            let one = Match::opaque("mark", 1, &vec![0; size]).expect("a match");
            (0..count).fold(Rule::builder(), |rule, _| rule.matching(one.clone())).build(family)
        };
        // The counter is one more.
        assert_eq!(refusal(many(128, 16)), Unsayable::TooMany(129));
        assert!(written(&many(127, 16).expect("a rule"), Counters::ZERO).is_ok());
        // As many matches of u32 as the kernel takes. Many small ones take more room than in an entry.
        assert!(written(&many(32, 1984).expect("a rule"), Counters::ZERO).is_ok());
        assert_eq!(refusal(many(100, 616)), Unsayable::TooLong);
        assert_eq!(Unsayable::TooLong.kind(), crate::ErrorKind::TooLarge);
    }
}

/// Entries that no iptables writes, but that a kernel can hold.
#[test]
fn odd_masks_have_no_words() {
    for family in Family::ALL {
        let layout = Layout::of(family);
        let address = family.pick("10.0.0.0/8", "fe80::/64");
        let line = format!("-s {address} -d {address} -i eth0 -o eth+");
        let good = Rule::parse(family, &line).expect("a rule");
        let size = layout.interfaces / 4;
        let spoilt = |at: usize, value: u8| {
            let mut bytes = good.bytes().to_vec();
            bytes[at] = value;
            refusal(Ok(Rule::from_parts(family, bytes, None, Vec::new())))
        };
        assert_eq!(spoilt(size - 1, 1), Unsayable::Mask("source"));
        assert_eq!(spoilt(2 * size - 1, 1), Unsayable::Mask("destination"));
        // Behind the two names.
        let masks = layout.interfaces + 32;
        assert_eq!(spoilt(masks, 0xf0), Unsayable::Mask("input interface"));
        assert_eq!(spoilt(masks + 16 + 5, 0xff), Unsayable::Mask("output interface"));
        assert_eq!(spoilt(layout.protocol + 1, 1), Unsayable::Flags);
        assert_eq!(spoilt(layout.invflags, 0x80), Unsayable::Flags);
    }
}
