//! Random expressions and the entries read from them match the same packets.
//!
//! Two small models of the kernel decide: one runs expressions, the other looks at an entry. Neither shares code with the reader.

use libfw_playground::{cases, seed};

use super::assemble::assemble;
use super::*;
use crate::common::random::Random;
use crate::matches::{Hl, Icmp, Icmp6, Limit, Mark, Pkttype, Tcp, Ttl, Udp};
use crate::rule::{MatchRef, RuleRef};
use crate::{AddrMask, Inv, PortRange};

/// What the expressions and matches here can see of a packet.
struct Packet {
    family: Family,
    net: [u8; 40],
    /// None where it is a later fragment.
    th: Option<[u8; 20]>,
    protocol: u8,
    input: &'static str,
    output: &'static str,
    mark: u32,
    kind: u8,
}

const NAMES: [&str; 4] = ["lo", "eth0", "eth1", ""];

impl Packet {
    fn random(random: &mut Random, family: Family) -> Packet {
        // Few values, so that tests are often true.
        let byte = |random: &mut Random| *random.pick(&[0, 1, 2, 6, 8, 0x11, 0x16, 0xff]);
        let mut net = [0; 40];
        net.fill_with(|| byte(random));
        let protocol = *random.pick(&[1, 6, 17, 58, 47]);
        if family == Family::Ipv4 {
            net[9] = protocol;
        }
        let later = family == Family::Ipv4 && random.once_in(8);
        net[6] = *random.pick(&[0, 0x40]) | u8::from(later);
        net[7] = if later { byte(random) } else { 0 };
        let mut th = [0; 20];
        th.fill_with(|| byte(random));
        Packet {
            family,
            net,
            th: (!later).then_some(th),
            protocol,
            input: NAMES[random.below(NAMES.len())],
            output: NAMES[random.below(NAMES.len())],
            mark: u32::from_ne_bytes([byte(random), byte(random), 0, 0]),
            kind: random.below(4) as u8,
        }
    }

    /// How many limits of a rule's expressions count it, and whether they let it come to their end.
    fn runs_through(&self, expressions: &[u8]) -> (usize, bool) {
        let mut registers = [0u8; 64];
        let mut counted = 0;
        let place = |register: &[u8]| match u32::from_be_bytes(register.try_into().unwrap()) {
            small @ 1..=4 => (small as usize - 1) * 16,
            word => (word as usize - 8) * 4,
        };
        let number = |bytes: Option<&[u8]>| u32::from_be_bytes(bytes.unwrap().try_into().unwrap());
        for (_, element) in Attrs::new(expressions) {
            let [_, name, data] = Attrs::new(element).fields();
            let data = Attrs::new(data.unwrap());
            let value = |nest: Option<&[u8]>| Attrs::new(nest.unwrap()).get(1).unwrap().to_vec();
            match name.unwrap() {
                b"payload\0" => {
                    let [_, to, base, offset, len] = data.fields();
                    let (offset, len) = (number(offset) as usize, number(len) as usize);
                    let header = match (number(base), &self.th) {
                        (1, _) => self.net.get(offset..offset + len),
                        (_, Some(th)) => th.get(offset..offset + len),
                        _ => None,
                    };
                    let Some(bytes) = header else { return (counted, false) };
                    let at = place(to.unwrap());
                    registers[at..at + len.next_multiple_of(4)].fill(0);
                    registers[at..at + len].copy_from_slice(bytes);
                }
                b"meta\0" => {
                    let [_, to, key] = data.fields();
                    let at = place(to.unwrap());
                    let name = |name: &str| {
                        let mut bytes = name.as_bytes().to_vec();
                        bytes.resize(16, 0);
                        bytes
                    };
                    let bytes = match number(key) {
                        3 => self.mark.to_ne_bytes().to_vec(),
                        6 => name(self.input),
                        7 => name(self.output),
                        16 => vec![self.protocol, 0, 0, 0],
                        19 => vec![self.kind, 0, 0, 0],
                        other => panic!("{other}"),
                    };
                    registers[at..at + bytes.len()].copy_from_slice(&bytes);
                }
                b"bitwise\0" => {
                    let [_, from, to, _, mask] = data.fields();
                    let (from, to, mask) = (place(from.unwrap()), place(to.unwrap()), value(mask));
                    for (index, mask) in mask.iter().enumerate() {
                        registers[to + index] = registers[from + index] & mask;
                    }
                }
                b"cmp\0" => {
                    let [_, from, operator, with] = data.fields();
                    let (from, with) = (place(from.unwrap()), value(with));
                    let found = registers[from..from + with.len()].cmp(&with);
                    let holds = match number(operator) {
                        0 => found.is_eq(),
                        1 => found.is_ne(),
                        2 => found.is_lt(),
                        3 => found.is_le(),
                        4 => found.is_gt(),
                        _ => found.is_ge(),
                    };
                    if !holds {
                        return (counted, false);
                    }
                }
                b"range\0" => {
                    let [_, register, operator, from, to] = data.fields();
                    let (at, from, to) = (place(register.unwrap()), value(from), value(to));
                    let found = &registers[at..at + from.len()];
                    let within = *found >= *from && *found <= *to;
                    if within == (number(operator) == 1) {
                        return (counted, false);
                    }
                }
                b"limit\0" => counted += 1,
                _ => {}
            }
        }
        (counted, true)
    }

    /// How many limits of an entry of xtables count it, and whether the entry matches.
    fn matches(&self, rule: RuleRef<'_>) -> (usize, bool) {
        let address = |test: Inv<AddrMask>, at: usize| {
            let (addr, mask) = test.value.octets();
            let size = self.family.pick(4, 16);
            let equal = (0..size).all(|index| self.net[at + index] & mask[index] == addr[index]);
            equal != test.inverted
        };
        let interface = |test: Inv<Interface>, name: &str| {
            let equal = match test.value.as_bytes() {
                [] => true,
                [start @ .., b'+'] => name.as_bytes().starts_with(start),
                whole => whole == name.as_bytes(),
            };
            equal != test.inverted
        };
        let protocol = rule.protocol();
        let later = self.th.is_none();
        let header = address(rule.source(), self.family.pick(12, 8))
            && address(rule.destination(), self.family.pick(16, 24))
            && interface(rule.input(), self.input)
            && interface(rule.output(), self.output)
            && (protocol.value.0 == 0 || (protocol.value.0 == self.protocol) != protocol.inverted)
            && rule.fragment().is_none_or(|wanted| wanted == later);
        let mut counted = 0;
        let matches = header
            && rule.matches().all(|part| {
                let is_limit = part.decode::<Limit>().is_some();
                counted += usize::from(is_limit);
                is_limit || self.part(&part)
            });
        (counted, matches)
    }

    fn part(&self, part: &MatchRef<'_>) -> bool {
        let port = |test: Option<Inv<PortRange>>, th: &[u8; 20], at: usize| {
            let port = u16::from_be_bytes([th[at], th[at + 1]]);
            test.is_none_or(|test| (test.value.min <= port && port <= test.value.max) != test.inverted)
        };
        let hops = self.net[self.family.pick(8, 7)];
        let count = |lt: Option<u8>, gt: Option<u8>, eq: Option<Inv<u8>>| {
            lt.is_none_or(|than| hops < than)
                && gt.is_none_or(|than| hops > than)
                && eq.is_none_or(|test| (hops == test.value) != test.inverted)
        };
        let icmp = |test: Inv<crate::ext::values::IcmpType>, any: bool| {
            self.th.is_some_and(|th| {
                let [first, last] = test.value.codes;
                let equal = th[0] == test.value.kind && (first..=last).contains(&th[1]);
                (equal || any && test.value.kind == 0xff) != test.inverted
            })
        };
        if let Some(tcp) = part.decode::<Tcp>() {
            let tcp = tcp.unwrap();
            self.th.is_some_and(|th| {
                port(tcp.sport, &th, 0)
                    && port(tcp.dport, &th, 2)
                    && tcp
                        .flags
                        .is_none_or(|test| (th[13] & test.value.mask.0 == test.value.set.0) != test.inverted)
            })
        } else if let Some(udp) = part.decode::<Udp>() {
            let udp = udp.unwrap();
            self.th.is_some_and(|th| port(udp.sport, &th, 0) && port(udp.dport, &th, 2))
        } else if let Some(test) = part.decode::<Icmp>() {
            let Inv { inverted, value } = test.unwrap().icmp_type.unwrap();
            icmp(Inv::new(inverted, value.0), true)
        } else if let Some(test) = part.decode::<Icmp6>() {
            let Inv { inverted, value } = test.unwrap().icmpv6_type.unwrap();
            icmp(Inv::new(inverted, value.0), false)
        } else if let Some(test) = part.decode::<Ttl>() {
            let Ttl { lt, gt, eq, .. } = test.unwrap();
            count(lt, gt, eq)
        } else if let Some(test) = part.decode::<Hl>() {
            let Hl { lt, gt, eq, .. } = test.unwrap();
            count(lt, gt, eq)
        } else if let Some(test) = part.decode::<Mark>() {
            let test = test.unwrap().mark.unwrap();
            (self.mark & test.value.mask == test.value.value) != test.inverted
        } else if let Some(test) = part.decode::<Pkttype>() {
            let test = test.unwrap().pkt_type.unwrap();
            (i32::from(self.kind) == test.value.number()) != test.inverted
        } else {
            panic!("{part:?}")
        }
    }
}

/// Expressions in words, near to what there is a meaning for.
fn program(random: &mut Random, family: Family) -> String {
    let hex = |random: &mut Random, len: usize| -> String {
        (0..len).map(|_| format!("{:02x}", random.pick(&[0, 1, 2, 6, 8, 0x11, 0x16, 0xff]))).collect()
    };
    let mut text = String::new();
    for _ in 0..1 + random.below(4) {
        let protocol = *random.pick(&["06", "06", "11", "01", "3a"]);
        let (load, mut len) = match random.below(13) {
            0 | 1 => (format!("meta l4proto eq {protocol}"), 0),
            2 => ("meta mark".to_owned(), 4),
            3 => ("meta pkttype".to_owned(), 1),
            4 => {
                let key = *random.pick(&["iifname", "oifname"]);
                let name = *random.pick(&["lo\\0", "eth", "eth0\\0", "INVAL/D\\0", "eth0\\0\\0\\0\\0"]);
                (format!("meta {key} {} '{name}", random.pick(&["eq", "ne"])), 0)
            }
            5..=7 => {
                let at = match family {
                    Family::Ipv4 | Family::Arp => *random.pick(&[6, 8, 9, 12, 14, 16, 18]),
                    Family::Ipv6 => *random.pick(&[6, 7, 8, 12, 24]),
                };
                let len = *random.pick(&[1, 1, 2, 4, 4, 6, 8]);
                (format!("net {at} {len}"), len)
            }
            8 => ("limit 5 1 10 0 0".to_owned(), 0),
            _ => {
                let (at, len) =
                    *random.pick(&[(0, 1), (1, 1), (0, 2), (0, 2), (2, 2), (2, 2), (0, 4), (13, 1)]);
                (format!("meta l4proto eq {protocol} th {at} {len}"), len)
            }
        };
        text += &format!("{load} ");
        if len == 0 {
            continue;
        }
        if random.once_in(4) {
            let fragment = load == "net 6 2";
            text += &format!("mask {} ", if fragment { "1fff".to_owned() } else { hex(random, len) });
        }
        for _ in 0..1 + usize::from(random.once_in(3)) {
            let operator =
                *random.pick(&["eq", "eq", "eq", "ne", "ne", "lt", "le", "gt", "ge", "range", "outside"]);
            len += usize::from(random.once_in(60));
            text += &format!("{operator} {} ", hex(random, len));
            if matches!(operator, "range" | "outside") {
                text += &format!("{} ", hex(random, len));
            }
        }
    }
    text
}

#[test]
fn what_is_read_matches_the_same_packets() {
    let seed = seed();
    let mut random = Random::new(seed);
    let (mut read_as_rules, mut matching) = (0, 0);
    for family in Family::ALL {
        let packets: Vec<_> = (0..200).map(|_| Packet::random(&mut random, family)).collect();
        for _ in 0..cases(20_000) {
            let program = program(&mut random, family);
            let expressions = assemble(&program);
            let Ok(rule) = read(family, &expressions, &[]) else { continue };
            read_as_rules += 1;
            for _ in 0..12 {
                let packet = random.pick(&packets);
                let matches = packet.runs_through(&expressions);
                matching += usize::from(matches.1);
                assert_eq!(packet.matches(rule.view()), matches, "{program}\n{rule}");
            }
        }
    }
    assert!(
        read_as_rules > cases(4_000) && matching > cases(8_000),
        "{read_as_rules} rules, {matching} matches"
    );
}
