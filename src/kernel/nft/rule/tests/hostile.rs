//! Bytes that are not what they should be.

use libfw_playground::{cases, seed};

use super::assemble::assemble;
use super::*;
use crate::blob::Walk;
use crate::common::random::Random;
use crate::kernel::nft::rule::part_at;

/// Rules with something of everything that the reader knows.
const RULES: &[&str] = &[
    "net 12 8 eq 0a00000114000002 net 6 2 mask 1fff ne 0000 counter 5 7 accept",
    "meta iifname eq 'eth meta oif ne 01000000 net 9 1 eq 06 th 13 1 mask 17 eq 02 th 0 4 eq 00010002 drop",
    "meta l4proto eq 06 th 2 2 ge 0016 le 0050 th 0 2 outside 0001 0009 goto web",
    "meta l4proto eq 01 th 0 1 eq 03 th 1 1 eq 01 net 8 1 ge 05 le 0a value 01@9 set nftrace@9",
    "meta mark mask 0f000000 ne 15000000 meta pkttype eq 02 limit 5 60 7 0 0 value 05000000 set mark",
    "match tcp 0 0000ffff0000ffff0500000000000000 match ttl 0 0205000000000000 log 3 'abc\\0 64 5",
    "match limit 0 1027000005000000 counter 1 2 target MARK 2 0500000000000000",
];

#[test]
fn no_bytes_make_the_reader_panic() {
    let mut random = Random::new(seed());
    let (mut entries, mut foreign) = (0, 0);
    for family in Family::ALL {
        let rules: Vec<Vec<u8>> = RULES.iter().map(|rule| assemble(rule)).collect();
        for _ in 0..cases(30_000) {
            let mut bytes = random.pick(&rules).clone();
            if random.once_in(4) {
                let other = random.pick(&rules);
                let (a, b) = (random.below(bytes.len()) & !3, random.below(other.len()) & !3);
                bytes.splice(a.., other[b..].iter().copied());
            }
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len().max(1));
                let Some(byte) = bytes.get_mut(at) else { break };
                match random.below(6) {
                    0 => *byte = random.next() as u8,
                    1 => *byte ^= 1 << random.below(8),
                    2 => *byte = byte.wrapping_add(1),
                    3 => *byte = *random.pick(&[0, 4, 8, 0xff, 0x80]),
                    4 => drop(bytes.remove(at)),
                    _ => bytes.truncate(at),
                }
            }
            match read(family, &bytes, bytes.get(..random.below(40)).unwrap_or_default()) {
                Err(_) => foreign += 1,
                Ok(rule) => {
                    entries += 1;
                    // What is read is an entry, and can be printed and written.
                    let walked: Vec<_> = Walk::new(family, rule.bytes()).collect();
                    assert!(matches!(walked.as_slice(), [Ok(item)] if item.error_name.is_none()), "{rule}");
                    let _ = (rule.to_string(), written(&rule, Counters::ZERO));
                }
            }
            part_at(family, &bytes, random.below(30), random.below(bytes.len() + 9));
        }
    }
    assert!(entries > cases(5_000) && foreign > cases(5_000), "{entries} rules, {foreign} foreign");
}
