//! Changes to packets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfw::matches::Tcp;
use libfw::targets::{Dscp, Tcpmss, Ttl};
use libfw::{Family, Protocol, Rule};
use libfw_playground::listener::{Log, Queue};
use libfw_playground::packet::{Packet, Segment, Sum};
use libfw_playground::{Playground, test, traffic};

use crate::lab::{FIRST, Lab, family};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;
const OUTSIDE6: Ipv6Addr = Playground::OUTSIDE6;

/// Where packets pass that go through the router.
const THROUGH: &str = "mangle FORWARD";

fn udp() -> Packet {
    Packet::udp((INSIDE, 1000), (OUTSIDE, 2000), b"data")
}

fn udp6() -> Packet {
    Packet::udp((INSIDE6, 1000), (OUTSIDE6, 2000), b"data")
}

/// The first segments of connections, with options.
fn syns(options: &[u8]) -> [Packet; 2] {
    let v4 = Packet::tcp((INSIDE, 1000), (OUTSIDE, 80), Segment::SYN);
    let v6 = Packet::tcp((INSIDE6, 1000), (OUTSIDE6, 80), Segment::SYN);
    [v4, v6].map(|syn| syn.with_segment(|segment| segment.options = options.to_vec()))
}

fn with_mss(mss: u16) -> [Packet; 2] {
    syns(&[&[2, 4], &mss.to_be_bytes()[..]].concat())
}

#[test]
fn time_to_live() {
    test(|play| {
        let lab = Lab::new(play)?;
        for (packet, target, option) in [(udp(), "TTL", "ttl"), (udp6(), "HL", "hl")] {
            for (action, ttl) in [("set 5", 5), ("inc 3", 67), ("dec 3", 61)] {
                let rule = format!("-j {target} --{option}-{action}");
                lab.changes(FIRST, &rule[..], &packet, &Packet { ttl, ..packet.clone() })?;
            }
        }
        Ok(())
    });
}

#[test]
fn type_of_service() {
    test(|play| {
        let lab = Lab::new(play)?;
        for packet in [udp(), udp6()] {
            for (before, rule, after) in [
                (0xc3, "TOS --set-tos 0x10", 0x10),
                (0xc3, "TOS --set-tos 0x10/0x3c", 0xd3),
                (0xc3, "TOS --set-tos Minimize-Delay", 0xd0),
                (0xc3, "TOS --and-tos 0x41", 0x41),
                (0xc3, "TOS --or-tos 0x0c", 0xcf),
                (0xc3, "TOS --xor-tos 0xff", 0x3c),
                (0x03, "DSCP --set-dscp 10", 0x2b),
                (0xff, "DSCP --set-dscp-class EF", 0xbb),
                (0xff, "DSCP --set-dscp-class CS0", 0x03),
            ] {
                let [before, after] = [before, after].map(|tos| Packet { tos, ..packet.clone() });
                lab.changes(THROUGH, &format!("-j {rule}")[..], &before, &after)?;
            }
        }
        Ok(())
    });
}

#[test]
fn congestion() {
    test(|play| {
        let lab = Lab::new(play)?;
        let segment = |flags| Packet::tcp((INSIDE, 1), (OUTSIDE, 2), flags);
        let (marked, plain) = (segment(Segment::SYN | Segment::ECE | Segment::CWR), segment(Segment::SYN));
        lab.changes(THROUGH, "-p tcp -j ECN --ecn-tcp-remove", &marked, &plain)?;
        lab.changes(THROUGH, "-p tcp -j ECN --ecn-tcp-remove", &plain, &plain)?;
        let marked = Packet { tos: 0xbb, ..udp() };
        lab.changes(THROUGH, "-j ECN --ecn-ip-ect 1", &marked, &Packet { tos: 0xb9, ..udp() })
    });
}

#[test]
fn segment_size() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = "-p tcp --syn -j TCPMSS --set-mss 1000";
        for (before, after) in [
            (with_mss(1460), with_mss(1000)),
            // It never grows.
            (with_mss(500), with_mss(500)),
        ] {
            for (before, after) in before.iter().zip(&after) {
                lab.changes(THROUGH, rule, before, after)?;
            }
        }
        // Where none was said it is not more than every host must take.
        let [v4, v6] = syns(&[]);
        lab.changes(THROUGH, rule, &v4, &with_mss(536)[0])?;
        lab.changes(THROUGH, rule, &v6, &with_mss(1000)[1])?;
        lab.router.set_mtu("out", 1300)?;
        let clamp = "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu";
        let [v4, v6] = with_mss(1460);
        lab.changes(THROUGH, clamp, &v4, &with_mss(1300 - 40)[0])?;
        lab.changes(THROUGH, clamp, &v6, &with_mss(1300 - 60)[1])
    });
}

#[test]
fn options() {
    test(|play| {
        let lab = Lab::new(play)?;
        // The segment size, selective acknowledgments, timestamps, and a no-operation for the scale of the window.
        let mss: &[u8] = &[2, 4, 5, 180];
        let (sack, stamps, scale) = ([4, 2], [8, 10, 0, 0, 0, 7, 0, 0, 0, 0], [1, 3, 3, 7]);
        let before = syns(&[mss, &sack, &stamps, &scale].concat());
        let no_stamps = syns(&[mss, &sack, &[1; 10], &scale].concat());
        let no_scale = syns(&[mss, &[1; 2], &stamps, &[1; 4]].concat());
        for ((before, no_stamps), no_scale) in before.iter().zip(&no_stamps).zip(&no_scale) {
            lab.changes(THROUGH, "-p tcp -j TCPOPTSTRIP --strip-options timestamp", before, no_stamps)?;
            lab.changes(THROUGH, "-p tcp -j TCPOPTSTRIP --strip-options 3,sack-permitted", before, no_scale)?;
        }
        Ok(())
    });
}

/// The router's own packets leave their checksums to the hardware.
#[test]
fn checksum() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ends: [(IpAddr, IpAddr); 2] =
            [(Playground::UPLINK.into(), OUTSIDE.into()), (Playground::UPLINK6.into(), OUTSIDE6.into())];
        for (from, to) in ends {
            let socket = lab.router.run(|| traffic::udp((from, 53)))?;
            let sum = || {
                socket.send_to(b"data", (to, 9))?;
                Ok::<_, std::io::Error>(lab.outside.receive()?.map(|packet| packet.sum))
            };
            assert_eq!(sum()?, Some(Sum::Unfinished));
            let family = if from.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
            lab.set(family, "mangle POSTROUTING", &["-p udp --dport 9 -j CHECKSUM --checksum-fill"])?;
            assert_eq!(sum()?, Some(Sum::Right));
        }
        Ok(())
    });
}

#[test]
fn copies() {
    test(|play| {
        let lab = Lab::new(play)?;
        let here = Packet::udp((INSIDE, 1), (Playground::GATEWAY, 2), b"copy me");
        let here6 = Packet::udp((INSIDE6, 1), (Playground::GATEWAY6, 2), b"copy me");
        for (packet, gateway) in [(here, "192.0.2.9"), (here6, "fd00:2::9")] {
            assert_eq!(lab.forward(&packet)?, None);
            lab.set(family(&packet), FIRST, &[&format!("-j TEE --gateway {gateway}")])?;
            lab.inside.send(&packet)?;
            // It leaves as if the router had sent it itself.
            let copy = lab.outside.receive()?.expect("a copy");
            assert_eq!((copy.destination, &copy.body), (packet.destination, &packet.body));
        }
        Ok(())
    });
}

/// RFC 6296: no checksum above changes, so the translation must be neutral to them.
#[test]
fn prefixes() {
    test(|play| {
        let lab = Lab::new(play)?;
        let (inner, outer) = ("fd00:1::/64", "2001:db8:7:8::/64");
        let out = format!("-o out -j SNPT --src-pfx {inner} --dst-pfx {outer}");
        let back = format!("-i out -j DNPT --src-pfx {outer} --dst-pfx {inner}");
        assert_eq!(lab.forward(&udp6())?, Some(udp6()));
        lab.set(Family::Ipv6, "mangle POSTROUTING", &[&out])?;
        lab.set(Family::Ipv6, FIRST, &[&back])?;
        let sent = lab.forward(&udp6())?.expect("a packet");
        let IpAddr::V6(source) = sent.source else { panic!("{sent:?}") };
        assert_eq!(source.segments()[..4], [0x2001, 0xdb8, 7, 8]);
        assert_eq!(sent, Packet { source: source.into(), ..udp6() });
        let answer = Packet::udp((OUTSIDE6, 2000), (source, 1000), b"answer");
        let expected = Packet { destination: INSIDE6.into(), ..answer.clone() };
        assert_eq!(lab.backward(&answer)?, Some(expected));
        Ok(())
    });
}

/// What is left of a mark.
#[test]
fn marks() {
    test(|play| {
        let lab = Lab::new(play)?;
        for packet in [udp(), udp6()] {
            for (action, after) in [
                ("--set-mark 0x1234", 0x1234),
                ("--set-mark 0x1000/0xff00", 0x100f),
                ("--set-xmark 0x1001/0xff00", 0x100e),
                ("--and-mark 0x00ff", 0x000f),
                ("--or-mark 0xf000", 0xff0f),
                ("--xor-mark 0xffff", 0xf0f0),
            ] {
                let rules = [
                    "-j MARK --set-mark 0x0f0f",
                    &format!("-j MARK {action}"),
                    &format!("-m mark --mark {after:#x}"),
                    &format!("-m mark ! --mark {after:#x}"),
                    &format!("-m mark --mark {:#x}/0xf0", after & 0xf0),
                    &format!("-m mark --mark {:#x}/0xf0", !after & 0xf0),
                ];
                assert_eq!(
                    lab.count(FIRST, &rules, std::slice::from_ref(&packet))?,
                    [1, 1, 1, 0, 1, 0],
                    "{action}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn hashed_marks() {
    test(|play| {
        let lab = Lab::new(play)?;
        let log = Log::listen(&lab.router, 5)?;
        let marks = |rule: &str, packets: &[Packet]| {
            lab.count(FIRST, &[rule, "-j NFLOG --nflog-group 5"], packets)?;
            let marks = packets.iter().map(|_| Ok(log.next()?.expect("a logged packet").mark));
            marks.collect::<std::io::Result<Vec<u32>>>()
        };
        let flow =
            |host: u8, port: u16| Packet::udp((Ipv4Addr::new(10, 0, 0, host), port), (OUTSIDE, 2000), b"");
        let ports: Vec<Packet> = (1..=16).map(|port| flow(2, port)).collect();
        let hosts: Vec<Packet> = (16..32).map(|host| flow(host, 1)).collect();
        let spread = |marks: &[u32]| marks.iter().any(|mark| *mark != marks[0]);
        let bounded = |marks: &[u32]| marks.iter().all(|mark| (100..110).contains(mark));
        let range = "--hmark-mod 10 --hmark-offset 100 --hmark-rnd 0xfeedcafe";
        let by_source = marks(&format!("-j HMARK --hmark-tuple src {range}"), &ports)?;
        assert!(!spread(&by_source) && bounded(&by_source), "{by_source:?}");
        let by_source = marks(&format!("-j HMARK --hmark-tuple src {range}"), &hosts)?;
        assert!(spread(&by_source) && bounded(&by_source), "{by_source:?}");
        let by_port = marks(&format!("-j HMARK --hmark-tuple src,sport {range}"), &ports)?;
        assert!(spread(&by_port) && bounded(&by_port), "{by_port:?}");
        // All these hosts have the same first 28 bits.
        let by_network = marks(&format!("-j HMARK --hmark-src-prefix 28 {range}"), &hosts)?;
        assert!(!spread(&by_network), "{by_network:?}");
        Ok(())
    });
}

#[test]
fn classes() {
    test(|play| {
        let lab = Lab::new(play)?;
        let queue = Queue::listen(&lab.router, 3)?;
        for packet in [udp(), udp6()] {
            let rules = ["-p udp -j CLASSIFY --set-class 1:5", "-p udp -j NFQUEUE --queue-num 3"];
            for (rules, class) in [(&rules[1..], None), (&rules[..], Some(0x1_0005))] {
                lab.set(family(&packet), "mangle POSTROUTING", rules)?;
                lab.inside.send(&packet)?;
                let waiting = queue.next()?.expect("a packet in the queue");
                assert_eq!(waiting.priority, class);
            }
        }
        Ok(())
    });
}

/// The same rules from typed parts.
#[test]
fn typed() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = Rule::builder().target(Ttl::new().set(9));
        lab.changes(FIRST, &rule, &udp(), &Packet { ttl: 9, ..udp() })?;
        let rule = Rule::builder().target(Dscp::new().set_dscp(46));
        lab.changes(FIRST, &rule, &udp6(), &Packet { tos: 0xb8, ..udp6() })?;
        let rule = Rule::builder().protocol(Protocol::TCP).matching(Tcp::new().syn(true));
        let rule = rule.target(Tcpmss::new().set_mss(1300u16));
        lab.changes(THROUGH, &rule, &with_mss(1460)[0], &with_mss(1300)[0])
    });
}
