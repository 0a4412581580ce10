//! Rules that mean the same match the same packets, and of those that do not, some packet tells the one from the other: each row of
//! `Equivalence::Meaning`.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use libfw::{Equivalence, Family, Rule};
use libfw_playground::packet::{Packet, Segment};
use libfw_playground::set::{Member, Set};
use libfw_playground::{Playground, Tap, test, traffic};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::Mark;

use crate::lab::{FIRST, Lab};
use crate::refused;

const INSIDE: Ipv4Addr = Playground::INSIDE;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;

/// Whether two rules are one, by meaning; exactly they are two.
fn same(one: &str, other: &str) -> io::Result<bool> {
    let [one, other] = [one, other].map(|text| Rule::parse(Family::Ipv4, text).map_err(refused));
    let (one, other) = (one?, other?);
    assert!(!one.view().is_same(other.view(), Equivalence::Exact), "{one}");
    Ok(one.view().is_same(other.view(), Equivalence::Meaning))
}

/// Both rules match the same of these packets, each of which comes from a tap: some, and not all.
fn agree(lab: &Lab, place: &str, (one, other): (&str, &str), packets: &[(&Tap, &Packet)]) -> io::Result<()> {
    assert!(same(one, other)?, "{one} / {other}");
    lab.watch(Family::Ipv4, place, &[one, other])?;
    let mut hits = [0; 2];
    for (tap, packet) in packets {
        let counted = lab.hits(place, tap, packet)?;
        assert_eq!(counted[0], counted[1], "{one} / {other}: {packet:?}");
        hits[usize::from(counted[0] > 0)] += 1;
    }
    assert!(hits[0] > 0 && hits[1] > 0, "{one}: {hits:?}");
    Ok(())
}

/// Ports of either side, one byte apart and far.
fn ports() -> impl Iterator<Item = (u16, u16)> {
    [(1, 80), (80, 1), (1, 443), (443, 22), (22, 80), (1, 81), (85, 7), (9, 3), (3, 9), (6, 6), (1, 65535)]
        .into_iter()
}

#[test]
fn ports_in_any_order() {
    test(|play| {
        let lab = Lab::new(play)?;
        for protocol in ["tcp", "udp"] {
            let packet = |(source, destination)| match protocol {
                "tcp" => Packet::tcp((INSIDE, source), (GATEWAY, destination), Segment::SYN),
                _ => Packet::udp((INSIDE, source), (GATEWAY, destination), b""),
            };
            let packets: Vec<_> = ports().map(packet).collect();
            let packets: Vec<_> = packets.iter().map(|packet| (&lab.inside, packet)).collect();
            for (one, other) in [
                ("--dports 80,443,22", "--dports 22,80,443"),
                ("--dports 80,443,80", "--dports 443,80"),
                ("! --sports 1:5,9", "! --sports 9,1:5"),
                ("--ports 3,80:90", "--ports 80:90,3"),
            ] {
                let [one, other] = [one, other].map(|ports| format!("-p {protocol} -m multiport {ports}"));
                agree(&lab, FIRST, (&one, &other), &packets)?;
            }
            // What stays apart.
            let multiport = format!("-p {protocol} -m multiport");
            let [both, to] = [format!("{multiport} --ports 80"), format!("{multiport} --dports 80")];
            assert!(!same(&both, &to)?);
            lab.watch(Family::Ipv4, FIRST, &[&both, &to])?;
            assert_eq!(lab.hits(FIRST, &lab.inside, &packet((80, 1)))?, [1, 0]);
        }
        Ok(())
    });
}

/// Packets of a protocol, of which the first eight bytes count.
fn one_port(lab: &Lab, protocol: &str, packet: impl Fn(u16, u16) -> Packet) -> io::Result<()> {
    let packets: Vec<_> = ports().map(|(source, destination)| packet(source, destination)).collect();
    // Of a packet in parts the first has the ports. The second begins with what would be others.
    let parts = [0x2000, 0x2003, 0x0005].map(|fragment| Packet { fragment, ..packet(1, 80) });
    let packets: Vec<_> = packets.iter().chain(&parts).map(|packet| (&lab.inside, packet)).collect();
    for ports in ["--dport 80", "--sport 80:90", "! --dport 80", "! --sport 1:5", "--dport 65535"] {
        let (option, value) = ports.rsplit_once(' ').expect("an option and its value");
        let one = format!("-p {protocol} -m multiport {option}s {value}");
        agree(lab, FIRST, (&one, &format!("-p {protocol} -m {protocol} {ports}")), &packets)?;
    }
    Ok(())
}

#[test]
fn one_port_of_tcp_and_udp() {
    test(|play| {
        let lab = Lab::new(play)?;
        let header =
            |source: u16, destination: u16| [source.to_be_bytes(), destination.to_be_bytes()].concat();
        // Whole headers, so that parts may be cut anywhere: sequence, acknowledgment, five words and SYN, window, sum, pointer.
        let tcp = |source, destination| {
            let rest = [&[0; 8][..], &[0x50, Segment::SYN, 0, 9], &[0; 8]].concat();
            Packet::other(INSIDE, GATEWAY, 6, &[header(source, destination), rest].concat())
        };
        one_port(&lab, "tcp", tcp)?;
        one_port(&lab, "udp", |source, destination| {
            Packet::other(
                INSIDE,
                GATEWAY,
                17,
                &[header(source, destination), vec![0, 16], vec![0; 10]].concat(),
            )
        })
    });
}

#[test]
fn one_port_of_sctp() {
    test(|play| {
        one_port(&Lab::new(play)?, "sctp", |source, destination| {
            let ports = [source.to_be_bytes(), destination.to_be_bytes()].concat();
            Packet::other(INSIDE, GATEWAY, 132, &[&ports[..], &[0; 8], &[0, 0, 0, 4]].concat())
        })
    });
}

#[test]
fn one_port_of_dccp() {
    test(|play| {
        one_port(&Lab::new(play)?, "dccp", |source, destination| {
            let ports = [source.to_be_bytes(), destination.to_be_bytes()].concat();
            Packet::other(INSIDE, GATEWAY, 33, &[&ports[..], &[4, 0, 0, 0, 1], &[0; 11]].concat())
        })
    });
}

#[test]
fn state_and_conntrack() {
    const THROUGH: &str = "mangle FORWARD";
    test(|play| {
        let lab = Lab::new(play)?;
        lab.set(Family::Ipv4, "raw PREROUTING", &["-p udp --sport 9 -j NOTRACK"])?;
        let (mut fresh, mut number) = (Vec::new(), 1000);
        for (one, other) in [
            ("--state NEW", "--ctstate NEW"),
            ("! --state NEW", "! --ctstate NEW"),
            ("--state ESTABLISHED,RELATED", "--ctstate RELATED,ESTABLISHED"),
            ("--state UNTRACKED", "--ctstate UNTRACKED"),
            ("! --state INVALID,UNTRACKED", "! --ctstate INVALID,UNTRACKED"),
        ] {
            // A connection of its own for each: new, answered, and one more of the same; one that there is not; one that nobody follows.
            number += 1;
            let there = Packet::udp((INSIDE, number), (OUTSIDE, 2000), b"there");
            let back = Packet::udp((OUTSIDE, 2000), (INSIDE, number), b"back");
            let stray = Packet::tcp((INSIDE, number), (OUTSIDE, 7), Segment::RST);
            let untracked = Packet::udp((INSIDE, 9), (OUTSIDE, number), b"");
            fresh.clear();
            for (from_outside, packet) in
                [(false, &there), (true, &back), (false, &there), (false, &stray), (false, &untracked)]
            {
                fresh.push((if from_outside { &lab.outside } else { &lab.inside }, packet.clone()));
            }
            let packets: Vec<_> = fresh.iter().map(|(tap, packet)| (*tap, packet)).collect();
            let [one, other] = [format!("-m state {one}"), format!("-m conntrack {other}")];
            agree(&lab, THROUGH, (&one, &other), &packets)?;
        }
        // What stays apart.
        let (one, other) = ("-m state --state NEW", "-m conntrack --ctstate NEW,ESTABLISHED");
        assert!(!same(one, other)?);
        lab.watch(Family::Ipv4, THROUGH, &[one, other])?;
        let there = Packet::udp((INSIDE, 1), (OUTSIDE, 2000), b"");
        let back = Packet::udp((OUTSIDE, 2000), (INSIDE, 1), b"");
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 1]);
        assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [0, 1]);
        Ok(())
    });
}

#[test]
fn matches_that_change_places() {
    test(|play| {
        let lab = Lab::new(play)?;
        let udp = |port, length| Packet::udp((INSIDE, 1), (GATEWAY, port), &vec![b'x'; length]);
        let packets = [
            udp(80, 5),
            udp(81, 5),
            udp(80, 50),
            udp(80, 500),
            Packet { ttl: 9, ..udp(80, 5) },
            Packet { tos: 0x28, ..udp(80, 5) },
            Packet { ttl: 9, tos: 0x28, ..udp(80, 500) },
            Packet::udp((Ipv4Addr::new(10, 0, 0, 3), 1), (GATEWAY, 80), b"abcde"),
            Packet::tcp((INSIDE, 1), (GATEWAY, 80), Segment::SYN),
        ];
        let packets: Vec<_> = packets.iter().map(|packet| (&lab.inside, packet)).collect();
        let matches = [
            "-m ttl --ttl-gt 10",
            "-m dscp ! --dscp 10",
            "-m length --length 0:100",
            "-m iprange --src-range 10.0.0.2-10.0.0.2",
            "-m u32 --u32 \"6&0xff=17\"",
            "-m string --algo bm --string xxxxxx",
            "-m conntrack --ctproto udp",
            "-m addrtype --dst-type LOCAL",
            "-m pkttype ! --pkt-type multicast",
            "-m time --timestart 00:00 --timestop 23:59:59",
            "-m comment --comment web",
            "-m multiport --dports 80,82",
            "-m mark --mark 0",
        ];
        for (index, one) in matches.iter().enumerate() {
            for other in &matches[..index] {
                // Those that some of these packets hit and some do not.
                let rules = [format!("-p udp {one} {other}"), format!("-p udp {other} {one}")];
                agree(&lab, FIRST, (&rules[0], &rules[1]), &packets)?;
            }
        }
        let many = [
            "-m mark --mark 0 -m ttl --ttl-gt 10",
            "-m limit --limit 9/sec",
            "-m dscp --dscp 0 -m length --length 33",
        ];
        let turned =
            ["-m ttl --ttl-gt 10 -m mark --mark 0", many[1], "-m length --length 33 -m dscp --dscp 0"];
        agree(&lab, FIRST, (&many.join(" "), &turned.join(" ")), &packets)
    });
}

/// A part of a packet has no header of its protocol.
#[test]
fn a_protocol_is_not_its_match() {
    test(|play| {
        let lab = Lab::new(play)?;
        for (protocol, number) in [("tcp", 6), ("udp", 17)] {
            let (all, first) = (format!("-p {protocol}"), format!("-p {protocol} -m {protocol}"));
            assert!(!same(&all, &first)?);
            lab.watch(Family::Ipv4, FIRST, &[&all, &first])?;
            let part = |fragment| Packet { fragment, ..Packet::other(INSIDE, GATEWAY, number, &[0x50; 24]) };
            assert_eq!(lab.hits(FIRST, &lab.inside, &part(0x2000))?, [1, 1]);
            assert_eq!(lab.hits(FIRST, &lab.inside, &part(0x2003))?, [1, 0]);
        }
        Ok(())
    });
}

/// With a match that keeps something of the packets that it sees, it matters which of them it sees: those that another match before it
/// does not keep away.
#[test]
fn matches_that_keep_something_stay_where_they_are() {
    test(|play| {
        let lab = Lab::new(play)?;
        let udp = |ttl, port| Packet { ttl, ..Packet::udp((INSIDE, port), (OUTSIDE, 9), b"") };
        let other = "-m ttl --ttl-gt 10";
        for (number, keeping) in [
            "-m limit --limit 1/hour --limit-burst 1",
            "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-name NAME",
            "-m quota --quota 40",
            "-m statistic --mode nth --every 2 --packet 0",
            "-m connlimit --connlimit-upto 1",
            "-m recent ! --rcheck --name NAME -m recent --set --name NAME",
        ]
        .into_iter()
        .enumerate()
        {
            let [before, behind] =
                ["a", "b"].map(|order| keeping.replace("NAME", &format!("{order}{number}")));
            // Names of their own, as both rules see each packet; it is the order that is compared.
            let turned = format!("{} {other}", behind.replace(&format!("b{number}"), &format!("a{number}")));
            let rules = [format!("{other} {before}"), format!("{behind} {other}")];
            assert!(!same(&rules[0], &turned)?, "{keeping}");
            lab.watch(Family::Ipv4, "mangle FORWARD", &[&rules[0], &rules[1]])?;
            // The first is seen by one of them alone, so that it does not take the second.
            let port = 100 * (number as u16 + 1);
            assert_eq!(lab.hits("mangle FORWARD", &lab.inside, &udp(9, port))?, [0, 0], "{keeping}");
            assert_eq!(lab.hits("mangle FORWARD", &lab.inside, &udp(64, port + 1))?, [1, 0], "{keeping}");
        }
        Ok(())
    });
}

/// What a match notes of packets that the rule does not match in the end is seen by other rules, or told by the kernel.
#[test]
fn matches_that_note_something_stay_where_they_are() {
    test(|play| {
        let lab = Lab::new(play)?;
        let packet = Packet { ttl: 9, ..Packet::udp((INSIDE, 5), (OUTSIDE, 9), b"") };
        let other = "-m ttl --ttl-gt 10";
        for name in ["noted-a", "noted-b"] {
            let set = Set { kind: ("hash:ip", 4), counters: true, ..Set::new(name) };
            lab.router.create_set_of(set, &[Member::from(IpAddr::V4(INSIDE))])?;
            lab.router.create_counter(name, None)?;
        }
        let seen = "-m set --match-set NAME src --packets-gt 0 ! --update-counters";
        for (keeping, seen, names) in [
            ("-m set --match-set NAME src", seen, ["noted-a", "noted-b"]),
            ("-m connlabel --label NAME --set", "-m connlabel --label NAME", ["40", "41"]),
            ("-m nfacct --nfacct-name NAME", "", ["noted-a", "noted-b"]),
        ] {
            let [before, behind] = names.map(|name| keeping.replace("NAME", name));
            let rules = [format!("{before} {other}"), format!("{other} {behind}")];
            let turned = rules[1].replace(names[1], names[0]);
            let one = lab.router.run(|| same(&rules[0], &turned))?;
            assert!(!one, "{keeping}");
            let probes = names.map(|name| seen.replace("NAME", name));
            let all = [&*rules[0], &*rules[1], &*probes[0], &*probes[1]];
            let all = if seen.is_empty() { &all[..2] } else { &all[..] };
            lab.watch(Family::Ipv4, "mangle FORWARD", all)?;
            let hits = lab.hits("mangle FORWARD", &lab.inside, &packet)?;
            assert_eq!(hits, [0, 0, 1, 0][..all.len()], "{keeping}");
            if seen.is_empty() {
                let counted = names.map(|name| lab.router.counter(name).map(|[packets, _]| packets));
                let [before, behind] = counted;
                assert_eq!((before?, behind?), (1, 0), "{keeping}");
            }
        }
        Ok(())
    });
}

/// A match that gives packets the mark of their socket is seen by what looks at marks behind it.
#[test]
fn a_match_that_marks_stays_where_it_is() {
    test(|play| {
        let lab = Lab::new(play)?;
        let bound = lab.router.run(|| traffic::udp((GATEWAY, 1)))?;
        setsockopt(&bound, Mark, &5)?;
        let packet = Packet::udp((INSIDE, 9), (GATEWAY, 1), b"");
        let [marks, looks] = ["-m socket --restore-skmark", "-m mark --mark 5"];
        let rules = [format!("{looks} {marks}"), format!("{marks} {looks}")];
        assert!(!same(&rules[0], &rules[1])?);
        lab.watch(Family::Ipv4, FIRST, &[&rules[0], &rules[1]])?;
        assert_eq!(lab.hits(FIRST, &lab.inside, &packet)?, [0, 1]);
        Ok(())
    });
}

/// The one difference that does not count: matches of ports drop what is too short for a header, and that depends on what is before.
#[test]
fn packets_without_room_for_a_header() {
    test(|play| {
        let lab = Lab::new(play)?;
        let short = Packet::other(INSIDE, GATEWAY, 17, &[0; 2]);
        let whole = Packet::udp((INSIDE, 1), (GATEWAY, 80), b"");
        // A part that begins within the header of TCP.
        let cut = Packet { fragment: 0x2001, ..Packet::other(INSIDE, GATEWAY, 6, &[0; 24]) };
        for (rule, odd, passed) in [
            ("-p udp -m udp --dport 80", &short, 0),
            ("-p udp -m multiport --dports 80", &short, 0),
            ("-p udp -m udp --dport 80 -m ttl --ttl-eq 1", &short, 0),
            ("-p udp -m ttl --ttl-eq 1 -m udp --dport 80", &short, 1),
            ("-p tcp -m tcp --dport 80", &cut, 0),
            ("-p tcp -m multiport --dports 80", &cut, 1),
        ] {
            lab.set(Family::Ipv4, FIRST, &[rule, ""])?;
            lab.inside.send(odd)?;
            lab.inside.send(&whole)?;
            lab.settle(Family::Ipv4, FIRST, passed + 1)?;
            assert_eq!(lab.counts(Family::Ipv4, FIRST)?[1], passed + 1, "{rule}");
        }
        Ok(())
    });
}
