//! What connection tracking knows.

use std::net::{IpAddr, Ipv4Addr};

use libfw::Family;
use libfw_playground::listener::Events;
use libfw_playground::packet::{Body, Packet, Segment};
use libfw_playground::{Playground, test};

use crate::lab::Lab;
use crate::{CLIENT, SERVER, connects, counted, filter, listen, pings};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;

/// Where packets pass that go through the router, either way.
const THROUGH: &str = "mangle FORWARD";

/// A datagram from inside, and its answer.
fn udp() -> [Packet; 2] {
    udp_between(INSIDE, OUTSIDE)
}

fn udp6() -> [Packet; 2] {
    udp_between(Playground::INSIDE6, Playground::OUTSIDE6)
}

fn udp_between(inside: impl Into<IpAddr>, outside: impl Into<IpAddr>) -> [Packet; 2] {
    let (inside, outside) = (inside.into(), outside.into());
    let there = Packet::udp((inside, 1000), (outside, 2000), &[0; 72]);
    let back = Packet::udp((outside, 2000), (inside, 1000), &[0; 172]);
    [there, back]
}

/// The ICMP error of a host that got a packet.
fn unreachable(packet: &Packet) -> Packet {
    let (kind, code) = if packet.source.is_ipv4() { (3, 3) } else { (1, 4) };
    let rest = [&[0; 4], &packet.to_bytes()[..]].concat();
    Packet::new(packet.destination, packet.source, Body::Icmp { kind, code, rest })
}

#[test]
fn conntrack() {
    test(|play| {
        let [client, server] = play.pair()?;
        filter(&server, &["INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "INPUT -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
        assert!(pings(&server, CLIENT)?);
        assert_eq!(counted(&server, 0)?, 1);
        Ok(())
    });
}

#[test]
fn state() {
    test(|play| {
        let [client, server] = play.pair()?;
        let _listener = listen(&server, 80)?;
        assert!(connects(&client, SERVER, 80));
        filter(&server, &["INPUT -p tcp -m state --state NEW -j DROP"])?;
        assert!(!connects(&client, SERVER, 80));
        assert!(pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn states() {
    test(|play| {
        let lab = Lab::new(play)?;
        for [there, back] in [udp(), udp6()] {
            let family = crate::lab::family(&there);
            let rules = [
                "-m conntrack --ctstate NEW",
                "-m conntrack --ctstate ESTABLISHED",
                "-m conntrack --ctstate RELATED",
                "-m conntrack --ctstate INVALID",
                "-m conntrack --ctstate UNTRACKED",
                "-m state --state NEW,RELATED",
                "-m conntrack ! --ctstate NEW,INVALID",
            ];
            lab.watch(family, THROUGH, &rules)?;
            assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 0, 0, 0, 0, 1, 0]);
            assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [0, 1, 0, 0, 0, 0, 1]);
            assert_eq!(lab.hits(THROUGH, &lab.outside, &unreachable(&there))?, [0, 0, 1, 0, 0, 1, 1]);
            let stray = Packet::tcp((there.source, 7), (there.destination, 7), Segment::RST);
            assert_eq!(lab.hits(THROUGH, &lab.inside, &stray)?, [0, 0, 0, 1, 0, 0, 0]);
            for rule in ["-p udp -j CT --notrack", "-p udp -j NOTRACK"] {
                lab.set(family, "raw PREROUTING", &[rule])?;
                assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [0, 0, 0, 0, 1, 0, 1], "{rule}");
            }
        }
        Ok(())
    });
}

#[test]
fn both_ends() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-m conntrack --ctorigsrc 10.0.0.2 --ctorigdst 192.0.2.0/24",
            "-m conntrack --ctorigsrc 192.0.2.2",
            "-m conntrack --ctreplsrc 192.0.2.2 --ctrepldst 10.0.0.2",
            "-m conntrack ! --ctreplsrc 192.0.2.2",
            "-m conntrack --ctorigsrcport 900:1000 --ctorigdstport 2000",
            "-m conntrack --ctreplsrcport 2000 --ctrepldstport 1000:",
            "-m conntrack --ctorigsrcport 2000",
            "-m conntrack ! --ctrepldstport 1000",
            "-m conntrack --ctproto udp",
            "-m conntrack ! --ctproto 17",
            "-m conntrack --ctdir ORIGINAL",
            "-m conntrack --ctdir REPLY",
        ];
        lab.watch(Family::Ipv4, THROUGH, &rules)?;
        let [there, back] = udp();
        let both = [1, 0, 1, 0, 1, 1, 0, 0, 1, 0];
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [&both[..], &[1, 0]].concat());
        assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [&both[..], &[0, 1]].concat());
        let rules = [
            "-m conntrack --ctorigsrc fd00:1::/64 --ctorigdst fd00:2::2",
            "-m conntrack --ctreplsrc fd00:2::2 ! --ctrepldst fd00:1::3",
            "-m conntrack --ctorigdst fd00:1::2",
        ];
        lab.watch(Family::Ipv6, THROUGH, &rules)?;
        let [there, back] = udp6();
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 1, 0]);
        assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [1, 1, 0]);
        Ok(())
    });
}

#[test]
fn status() {
    test(|play| {
        let lab = Lab::new(play)?;
        let to = "-p udp --dport 53 -j DNAT --to-destination 192.0.2.2:2000";
        lab.set(Family::Ipv4, "nat PREROUTING", &[to])?;
        lab.router.set("net/netfilter/nf_conntrack_udp_timeout", "30")?;
        let rules = [
            "-m conntrack --ctstatus SEEN_REPLY",
            "-m conntrack --ctstatus CONFIRMED",
            "-m conntrack ! --ctstatus SEEN_REPLY,CONFIRMED",
            "-m conntrack --ctstate DNAT",
            "-m conntrack --ctstate SNAT",
            "-m conntrack --ctorigdst 192.0.2.9 --ctorigdstport 53",
        ];
        lab.watch(Family::Ipv4, THROUGH, &rules)?;
        let query = Packet::udp((INSIDE, 1000), (Ipv4Addr::new(192, 0, 2, 9), 53), b"");
        let [_, answer] = udp();
        assert_eq!(lab.hits(THROUGH, &lab.inside, &query)?, [0, 0, 1, 1, 0, 1]);
        assert_eq!(lab.hits(THROUGH, &lab.inside, &query)?, [0, 1, 0, 1, 0, 1]);
        let expiring = [
            "-m conntrack --ctexpire 20:30",
            "-m conntrack --ctexpire 31:100",
            "-m conntrack ! --ctexpire :19",
        ];
        lab.watch(Family::Ipv4, THROUGH, &expiring)?;
        assert_eq!(lab.hits(THROUGH, &lab.inside, &query)?, [1, 0, 1]);
        lab.watch(Family::Ipv4, THROUGH, &rules)?;
        assert_eq!(lab.hits(THROUGH, &lab.outside, &answer)?, [1, 1, 0, 1, 0, 1]);
        Ok(())
    });
}

#[test]
fn connbytes() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = |range: &str, direction: &str, mode: &str| {
            format!("-m connbytes --connbytes {range} --connbytes-dir {direction} --connbytes-mode {mode}")
        };
        let rules = [
            rule("2", "original", "packets"),
            rule("1:1", "reply", "packets"),
            rule("3:3", "both", "packets"),
            rule("101:200", "original", "bytes"),
            rule("200", "reply", "bytes"),
            rule("120:140", "both", "avgpkt"),
            format!("-m connbytes ! --connbytes {}", rule("2", "original", "packets").split_at(25).1),
        ];
        lab.watch(Family::Ipv4, THROUGH, &rules.each_ref().map(String::as_str))?;
        // 100 octets there, and 200 back.
        let [there, back] = udp();
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 0, 0, 1, 0, 0, 0]);
        assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [1, 1, 1, 1, 1, 1, 0]);
        assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 1, 0, 0, 1, 1, 0]);
        Ok(())
    });
}

#[test]
fn connlabel() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-m connlabel --label 40",
            "-p udp --sport 1000 -m connlabel --label 40 --set",
            "-m connlabel --label 40",
            "-m connlabel ! --label 40",
            "-m connlabel --label 41",
        ];
        for ([there, back], other) in [(udp(), 9), (udp6(), 9)] {
            lab.watch(crate::lab::family(&there), THROUGH, &rules)?;
            assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [0, 1, 1, 0, 0]);
            assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [1, 0, 1, 0, 0]);
            let other = Packet::udp((there.source, other), (there.destination, other), b"");
            assert_eq!(lab.hits(THROUGH, &lab.inside, &other)?, [0, 0, 0, 1, 0]);
        }
        Ok(())
    });
}

#[test]
fn connmark() {
    test(|play| {
        let lab = Lab::new(play)?;
        for [there, back] in [udp(), udp6()] {
            let family = crate::lab::family(&there);
            // Set on the way there, seen on the way back.
            let matching = [
                "-m connmark --mark 0x33",
                "-m connmark --mark 3/0xf",
                "-m connmark ! --mark 0x33",
                "-m mark --mark 0",
            ];
            lab.watch(family, THROUGH, &matching)?;
            assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [0, 0, 1, 1]);
            lab.set(family, "mangle POSTROUTING", &["-o out -j CONNMARK --set-mark 0x33"])?;
            lab.inside.send(&there)?;
            lab.outside.receive()?;
            assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, [1, 1, 0, 1]);
        }
        Ok(())
    });
}

/// What is left of a mark of the connection and of the packet.
#[test]
fn arithmetic_of_connection_marks() {
    test(|play| {
        let lab = Lab::new(play)?;
        let [there, _] = udp();
        for (ct, nf, action, ct_after, nf_after) in [
            (0x0f0f, 0, "--set-mark 0x1234", 0x1234, 0),
            (0x0f0f, 0, "--set-mark 0x1000/0xff00", 0x100f, 0),
            (0x0f0f, 0, "--set-xmark 0x1001/0xff00", 0x100e, 0),
            (0x0f0f, 0, "--and-mark 0x00ff", 0x000f, 0),
            (0x0f0f, 0, "--or-mark 0xf000", 0xff0f, 0),
            (0x0f0f, 0, "--xor-mark 0xffff", 0xf0f0, 0),
            (0x0f0f, 0x55, "--save-mark", 0x55, 0x55),
            (0x0f0f, 0x55, "--save-mark --mask 0xf0", 0x0f5f, 0x55),
            (0x0f0f, 0x55, "--save-mark --nfmask 0xf --ctmask 0xff", 0x0f05, 0x55),
            (0x0f0f, 0x55, "--restore-mark", 0x0f0f, 0x0f0f),
            (0x0f0f, 0x55, "--restore-mark --mask 0xf", 0x0f0f, 0x5f),
            (0x0f0f, 0x55, "--restore-mark --ctmask 0xf00 --nfmask 0xff", 0x0f0f, 0xf00),
            (0x0f0f, 0, "--set-xmark 0x1/0xffffffff --left-shift-mark 4", 0x10, 0),
            (0x0f0f, 0x50, "--save-mark --right-shift-mark 4", 0x5, 0x50),
        ] {
            let rules = [
                &format!("-j CONNMARK --set-mark {ct:#x}"),
                &format!("-j MARK --set-mark {nf:#x}"),
                &format!("-j CONNMARK {action}"),
                &format!("-m connmark --mark {ct_after:#x}"),
                &format!("-m mark --mark {nf_after:#x}"),
            ];
            lab.watch(Family::Ipv4, THROUGH, &rules.map(String::as_str))?;
            assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1; 5], "{action}");
        }
        Ok(())
    });
}

#[test]
fn zones() {
    test(|play| {
        let lab = Lab::new(play)?;
        for ([mut there, mut back], port) in [(udp(), 1), (udp6(), 2)] {
            let family = crate::lab::family(&there);
            lab.watch(
                family,
                THROUGH,
                &["-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED"],
            )?;
            for (number, (rules, answer)) in [
                (["-i in -j CT --zone 1", "-i out -j CT --zone 1"], [0, 1]),
                (["-i in -j CT --zone 1", "-i out -j CT --zone 2"], [1, 0]),
                // With a zone for one direction only, answers are looked for where nobody set a zone.
                (["-i in -j CT --zone-orig 3", "-m mark --mark 9 -j CT --zone 9"], [0, 1]),
            ]
            .into_iter()
            .enumerate()
            {
                let port = port + 10 * number as u16;
                for (packet, ours) in [(&mut there, true), (&mut back, false)] {
                    let Body::Udp { source, destination, .. } = &mut packet.body else { continue };
                    *(if ours { source } else { destination }) = port;
                }
                lab.set(family, "raw PREROUTING", &rules)?;
                assert_eq!(lab.hits(THROUGH, &lab.inside, &there)?, [1, 0]);
                assert_eq!(lab.hits(THROUGH, &lab.outside, &back)?, answer, "{rules:?}");
            }
        }
        Ok(())
    });
}

/// A server of TFTP answers from another port than it was asked at.
#[test]
fn helper() {
    test(|play| {
        let lab = Lab::new(play)?;
        let query = |port| Packet::udp((INSIDE, port), (OUTSIDE, 69), b"\0\x01file\0octet\0");
        let answer = |port| Packet::udp((OUTSIDE, 3333), (INSIDE, port), b"\0\x03\0\x01data");
        let rules = [
            "-m conntrack --ctstate RELATED",
            "-m helper --helper tftp",
            "-m helper --helper ftp",
            "-m conntrack --ctstatus EXPECTED",
        ];
        lab.watch(Family::Ipv4, THROUGH, &rules)?;
        assert_eq!(lab.hits(THROUGH, &lab.inside, &query(1000))?, [0, 0, 0, 0]);
        assert_eq!(lab.hits(THROUGH, &lab.outside, &answer(1000))?, [0, 0, 0, 0]);
        lab.set(Family::Ipv4, "raw PREROUTING", &["-p udp --dport 69 -j CT --helper tftp"])?;
        // It is not the helper's own connection that matches, but what it expects.
        assert_eq!(lab.hits(THROUGH, &lab.inside, &query(1001))?, [0, 0, 0, 0]);
        assert_eq!(lab.hits(THROUGH, &lab.outside, &answer(1001))?, [1, 1, 0, 1]);
        Ok(())
    });
}

#[test]
fn timeouts() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.create_timeout("long", 500)?;
        lab.router.set("net/netfilter/nf_conntrack_udp_timeout", "30")?;
        lab.watch(
            Family::Ipv4,
            THROUGH,
            &["-m conntrack --ctexpire 490:500", "-m conntrack --ctexpire 20:30"],
        )?;
        lab.set(Family::Ipv4, "raw PREROUTING", &["-p udp --dport 1 -j CT --timeout long"])?;
        for (port, hits) in [(1, [1, 0]), (2, [0, 1])] {
            let packet = Packet::udp((INSIDE, 1000), (OUTSIDE, port), b"");
            // The first packet's connection is not confirmed yet.
            lab.hits(THROUGH, &lab.inside, &packet)?;
            assert_eq!(lab.hits(THROUGH, &lab.inside, &packet)?, hits);
        }
        Ok(())
    });
}

#[test]
fn events() {
    test(|play| {
        let lab = Lab::new(play)?;
        let events = Events::listen(&lab.router)?;
        let rules = [
            "-p udp --dport 1 -j CT --ctevents new",
            "-p udp --dport 2 -j CT --ctevents mark,destroy",
            "-p udp --dport 3 -j CT",
        ];
        lab.set(Family::Ipv4, "raw PREROUTING", &rules)?;
        for (port, told) in [(1, true), (2, false), (3, true)] {
            let packet = Packet::udp((INSIDE, 1000), (OUTSIDE, port), b"");
            assert_eq!(lab.forward(&packet)?, Some(packet));
            assert_eq!(events.next()?, told, "{port}");
        }
        Ok(())
    });
}

#[test]
fn cluster() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = |options: &str| {
            format!("-m cluster --cluster-total-nodes 3 --cluster-hash-seed 0xdeadbeef {options}")
        };
        let rules = [
            rule("--cluster-local-node 1"),
            rule("--cluster-local-node 2"),
            rule("--cluster-local-nodemask 4"),
            rule("--cluster-local-nodemask 7"),
            rule("! --cluster-local-node 1"),
        ];
        lab.watch(Family::Ipv4, THROUGH, &rules.each_ref().map(String::as_str))?;
        let mut nodes = [0; 3];
        for host in 2..34 {
            let packet = Packet::udp((Ipv4Addr::new(10, 0, 0, host), 1), (OUTSIDE, 2), b"");
            let hits = lab.hits(THROUGH, &lab.inside, &packet)?;
            assert_eq!(hits[..3].iter().sum::<u64>(), 1, "each connection belongs to one node");
            assert_eq!(hits[3..], [1, 1 - hits[0]]);
            (0..3).for_each(|node| nodes[node] += hits[node]);
        }
        assert!(nodes.iter().all(|&count| count > 0), "{nodes:?}");
        Ok(())
    });
}
