//! What becomes of a packet: it passes, or somebody is told that it does not.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use libfw::{BackendKind, Chain, Family, Kernel, Policy, Rule, Table, Target};
use libfw_playground::listener::{Log, Queue, Traces};
use libfw_playground::packet::{Body, Packet, Segment};
use libfw_playground::{Playground, test, traffic};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::lab::{FIRST, Lab, family};
use crate::{SERVER, filter, listen, pings, refused, rules};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;
const OUTSIDE6: Ipv6Addr = Playground::OUTSIDE6;

/// Where packets pass that go through the router.
const THROUGH: &str = "filter FORWARD";

/// Datagrams from inside to a port outside.
fn udp(port: u16) -> [Packet; 2] {
    [
        Packet::udp((INSIDE, 1000), (OUTSIDE, port), b"data"),
        Packet::udp((INSIDE6, 1000), (OUTSIDE6, port), b"data"),
    ]
}

#[test]
fn policy() {
    test(|play| {
        let [client, server] = play.pair()?;
        assert!(pings(&client, SERVER)?);
        let close = |table: &mut Table| table.chain_mut("INPUT")?.set_policy(Policy::Drop, None);
        server.run(|| Table::update(Family::Ipv4, "filter", close)).map_err(refused)?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

/// The type and code of the ICMP error that the sender of a datagram gets.
#[test]
fn reject() {
    test(|play| {
        let [client, server] = play.pair()?;
        let kinds = [
            ("--reject-with icmp-net-unreachable", 0),
            ("--reject-with icmp-host-unreachable", 1),
            ("--reject-with icmp-proto-unreachable", 2),
            ("--reject-with icmp-port-unreachable", 3),
            ("--reject-with icmp-net-prohibited", 9),
            ("--reject-with icmp-host-prohibited", 10),
            ("--reject-with icmp-admin-prohibited", 13),
            ("", 3),
        ];
        server.set("net/ipv4/icmp_ratelimit", "0")?;
        // Somebody listens at each port, so that the kernel has no reason of its own to refuse.
        let _free = server.run(|| traffic::udp((SERVER, 99)))?;
        assert_eq!(client.run(|| traffic::refusal((SERVER, 99)))?, None);
        for (port, (kind, code)) in (1..).zip(kinds) {
            let _receiver = server.run(|| traffic::udp((SERVER, port)))?;
            filter(&server, &[&format!("INPUT -p udp --dport {port} -j REJECT {kind}")])?;
            assert_eq!(client.run(|| traffic::refusal((SERVER, port)))?, Some((3, code)), "{kind}");
        }
        Ok(())
    });
}

#[test]
fn refused_connections() {
    test(|play| {
        let [client, server] = play.pair()?;
        let _listener = listen(&server, 80)?;
        filter(&server, &["INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset"])?;
        let answer = client.run(|| traffic::connect((SERVER, 80)));
        assert_eq!(answer.map(drop).map_err(|error| error.kind()), Err(io::ErrorKind::ConnectionRefused));
        Ok(())
    });
}

#[test]
fn reject6() {
    test(|play| {
        let [client, server] = play.pair()?;
        let kinds = [
            ("--reject-with icmp6-no-route", 0),
            ("--reject-with icmp6-adm-prohibited", 1),
            ("--reject-with icmp6-addr-unreachable", 3),
            ("--reject-with icmp6-port-unreachable", 4),
            ("--reject-with icmp6-policy-fail", 5),
            ("--reject-with icmp6-reject-route", 6),
            ("", 4),
        ];
        let server6 = Playground::SERVER6;
        server.set("net/ipv6/icmp/ratelimit", "0")?;
        for (port, (kind, code)) in (1..).zip(kinds) {
            let _receiver = server.run(|| traffic::udp((server6, port)))?;
            let rule = format!("INPUT -p udp --dport {port} -j REJECT {kind}");
            rules(&server, Family::Ipv6, "filter", &[&rule])?;
            assert_eq!(client.run(|| traffic::refusal((server6, port)))?, Some((1, code)), "{kind}");
        }
        Ok(())
    });
}

/// Nobody takes packets from the queue.
#[test]
fn nfqueue() {
    test(|play| {
        let [client, server] = play.pair()?;
        filter(&server, &["INPUT -p icmp -j NFQUEUE --queue-num 1 --queue-bypass"])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &["OUTPUT -p icmp -j NFQUEUE --queue-num 1"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn resets() {
    test(|play| {
        let lab = Lab::new(play)?;
        let syns = [
            Packet::tcp((INSIDE, 1000), (OUTSIDE, 80), Segment::SYN),
            Packet::tcp((INSIDE6, 1000), (OUTSIDE6, 80), Segment::SYN),
        ];
        for syn in syns {
            let syn = syn.with_segment(|segment| segment.sequence = 7);
            assert_eq!(lab.forward(&syn)?, Some(syn.clone()));
            lab.set(family(&syn), THROUGH, &["-p tcp -j REJECT --reject-with tcp-reset"])?;
            lab.inside.send(&syn)?;
            let answer = lab.inside.receive()?.expect("an answer");
            let reset = answer.segment().expect("a segment");
            assert_eq!((answer.source, answer.destination), (syn.destination, syn.source));
            assert_eq!((reset.source, reset.destination), (80, 1000));
            assert_eq!((reset.flags, reset.acknowledgment), (Segment::RST | Segment::ACK, 8));
        }
        Ok(())
    });
}

/// The way of a packet through chains.
#[test]
fn chains() {
    test(|play| {
        let lab = Lab::new(play)?;
        let edit = |table: &mut Table| {
            for (name, rules) in [
                ("called", &["-p udp --dport 1 -j RETURN", "-p udp --dport 2 -j DROP", ""][..]),
                ("gone", &["-p udp --dport 3 -j ACCEPT", ""]),
                ("middle", &["-g gone", ""]),
            ] {
                if table.chain(name).is_none() {
                    table.new_chain(name)?;
                }
                let mut chain = table.chain_mut(name)?;
                rules.iter().try_for_each(|rule| chain.append(*rule))?;
            }
            let mut forward = table.chain_mut("FORWARD")?;
            // The targets of a rule may come from the typed interface too.
            forward.append(Rule::builder().target(Target::jump("called")))?;
            ["-j middle", "-p udp --dport 4 -j RETURN", ""]
                .iter()
                .try_for_each(|rule| forward.append(*rule))?;
            forward.set_policy(Policy::Drop, None)
        };
        for (family, which) in [(Family::Ipv4, 0), (Family::Ipv6, 1)] {
            lab.router.run(|| Table::update(family, "filter", edit)).map_err(refused)?;
            let mut passed = Vec::new();
            for port in 1..=4 {
                passed.push(lab.forward(&udp(port)[which])?.is_some());
            }
            assert_eq!(passed, [false, false, true, false]);
            let table = lab.router.run(|| Table::open(family, "filter")).map_err(refused)?;
            let count = |chain: Chain<'_>| -> Vec<u64> {
                chain.rules().map(|rule| rule.counters().packets).collect()
            };
            let counts = |name| count(table.chain(name).expect("a chain"));
            assert_eq!(counts("called"), [1, 1, 2]);
            assert_eq!(counts("middle"), [3, 0]);
            assert_eq!(counts("gone"), [1, 2]);
            assert_eq!(counts("FORWARD"), [4, 3, 1, 1]);
            let policy = table.chain("FORWARD").expect("a chain").policy_counters();
            // The returning packet and the one that fell off the end.
            assert_eq!(policy.packets, 2);
        }
        Ok(())
    });
}

/// Every chain of every table sees the packets that it is there for, once.
#[test]
fn tables() {
    const PLACES: [&str; 17] = [
        "raw PREROUTING",
        "mangle PREROUTING",
        "nat PREROUTING",
        "mangle FORWARD",
        "filter FORWARD",
        "security FORWARD",
        "mangle INPUT",
        "filter INPUT",
        "security INPUT",
        "nat INPUT",
        "raw OUTPUT",
        "mangle OUTPUT",
        "nat OUTPUT",
        "filter OUTPUT",
        "security OUTPUT",
        "mangle POSTROUTING",
        "nat POSTROUTING",
    ];
    let (before, through, here) = (&PLACES[..3], &PLACES[3..6], &PLACES[6..10]);
    let (own, after) = (&PLACES[10..15], &PLACES[15..]);
    test(|play| {
        let lab = Lab::new(play)?;
        let ends: [[IpAddr; 3]; 2] = [
            [INSIDE.into(), Playground::GATEWAY.into(), OUTSIDE.into()],
            [INSIDE6.into(), Playground::GATEWAY6.into(), OUTSIDE6.into()],
        ];
        for [inside, gateway, outside] in ends {
            let family = if inside.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
            let socket = lab.router.run(|| traffic::udp((gateway, 53)))?;
            for way in [[before, through, after], [before, here, &[]], [own, after, &[]]] {
                // The table nat has work only while connections are tracked, which the other rule asks for. It sees the
                // first packet of each, so every way has connections of its own.
                let rules = ["-p udp --dport 53", "-p 253 -m conntrack --ctstate NEW"];
                PLACES.iter().try_for_each(|place| lab.set(family, place, &rules))?;
                match way {
                    [_, places, _] if places == through => {
                        let packet = Packet::udp((inside, 1), (outside, 53), b"");
                        assert_eq!(lab.forward(&packet)?, Some(packet));
                    }
                    [_, places, _] if places == here => {
                        lab.inside.send(&Packet::udp((inside, 2), (gateway, 53), b""))?;
                        socket.recv(&mut [0; 16])?;
                    }
                    _ => {
                        socket.send_to(b"", (outside, 53))?;
                        assert!(lab.outside.receive()?.is_some());
                    }
                }
                for place in PLACES {
                    let expected = u64::from(way.iter().any(|places| places.contains(&place)));
                    assert_eq!(lab.counts(family, place)?, [expected, 0], "{place}");
                }
            }
        }
        Ok(())
    });
}

#[test]
fn queues() {
    test(|play| {
        let lab = Lab::new(play)?;
        let queue = Queue::listen(&lab.router, 7)?;
        let [v4, v6] = udp(1);
        for packet in [v4, v6] {
            lab.set(family(&packet), THROUGH, &["-p udp -j NFQUEUE --queue-num 7"])?;
            for accept in [true, false] {
                lab.inside.send(&packet)?;
                let waiting = queue.next()?.expect("a packet in the queue");
                assert_eq!(waiting.packet.body, packet.body);
                queue.decide(&waiting, accept)?;
                assert_eq!(lab.outside.receive()?.is_some(), accept);
            }
        }
        Ok(())
    });
}

#[test]
fn balanced_queues() {
    test(|play| {
        let lab = Lab::new(play)?;
        let queues = [4, 5, 6].map(|number| Queue::listen(&lab.router, number));
        let [first, second, other] = queues;
        let (first, second, other) = (first?, second?, other?);
        lab.set(Family::Ipv4, THROUGH, &["-j NFQUEUE --queue-balance 4:5"])?;
        for host in 2..18 {
            let source = Ipv4Addr::new(10, 0, 0, host);
            lab.inside.send(&Packet::udp((source, 1), (OUTSIDE, 2), b""))?;
        }
        let mut counts = [0, 0];
        for (queue, count) in [&first, &second].into_iter().zip(&mut counts) {
            while queue.next()?.is_some() {
                *count += 1;
            }
        }
        assert!(counts[0] > 0 && counts[1] > 0 && counts[0] + counts[1] == 16, "{counts:?}");
        assert!(other.next()?.is_none());
        Ok(())
    });
}

/// The queue is chosen by the processor.
#[test]
fn fanned_out_queues() {
    test(|play| {
        let lab = Lab::new(play)?;
        let queues = [Queue::listen(&lab.router, 0)?, Queue::listen(&lab.router, 1)?];
        let rule = "-p udp -j NFQUEUE --queue-balance 0:1 --queue-cpu-fanout";
        lab.set(Family::Ipv4, "filter OUTPUT", &[rule])?;
        let allowed = sched_getaffinity(Pid::from_raw(0))?;
        for cpu in (0..2).filter(|&cpu| allowed.is_set(cpu).unwrap_or(false)) {
            let mut only = CpuSet::new();
            only.set(cpu)?;
            lab.router.run(|| {
                sched_setaffinity(Pid::from_raw(0), &only)?;
                let socket = traffic::udp((Playground::UPLINK, 0))?;
                (1..5).try_for_each(|port| socket.send_to(b"", (OUTSIDE, port)).map(drop))
            })?;
            for _ in 0..4 {
                assert!(queues[cpu].next()?.is_some(), "from processor {cpu}");
            }
        }
        Ok(())
    });
}

#[test]
fn logs() {
    test(|play| {
        let lab = Lab::new(play)?;
        let (here, elsewhere) = (Log::listen(&lab.router, 9)?, Log::listen(&lab.router, 10)?);
        for packet in udp(1) {
            let rules = [
                "-j MARK --set-mark 3",
                "-p udp -j NFLOG --nflog-group 9 --nflog-prefix \"one: \"",
                "-p udp -j NFLOG --nflog-group 9 --nflog-prefix two --nflog-size 20",
                "-p tcp -j NFLOG --nflog-group 9 --nflog-prefix three",
            ];
            lab.set(family(&packet), FIRST, &rules)?;
            // The log is only told.
            assert_eq!(lab.forward(&packet)?, Some(packet.clone()));
            let entry = here.next()?.expect("an entry");
            assert_eq!((&entry.prefix[..], entry.mark), ("one: ", 3));
            assert_eq!(Packet::parse(&entry.bytes)?, packet);
            let entry = here.next()?.expect("an entry");
            assert_eq!((&entry.prefix[..], &entry.bytes[..]), ("two", &packet.to_bytes()[..20]));
            assert_eq!(here.next()?, None);
            assert_eq!(elsewhere.next()?, None);
        }
        Ok(())
    });
}

/// LOG writes to the log of the kernel, which is out of reach here; but the packet goes on.
#[test]
fn logged_packets_go_on() {
    test(|play| {
        let lab = Lab::new(play)?;
        for packet in udp(1) {
            let rules = [
                "-p udp --dport 1 -j LOG --log-prefix \"here it is: \" --log-level debug",
                "-p udp --dport 2 -j LOG --log-prefix never",
                "-p udp",
            ];
            lab.set(family(&packet), THROUGH, &rules)?;
            assert_eq!(lab.forward(&packet)?, Some(packet.clone()));
            assert_eq!(lab.counts(family(&packet), THROUGH)?, [1, 0, 1]);
        }
        Ok(())
    });
}

#[test]
fn trace() {
    test(|play| {
        let lab = Lab::new(play)?;
        let found = lab.router.run(|| Kernel::new().detection()).map_err(io::Error::other)?;
        let is_nft = found.backend == BackendKind::Nft;
        let log = Log::listen(&lab.router, 0)?;
        let traces = Traces::listen(&lab.router)?;
        let next = || {
            Ok::<_, io::Error>(if is_nft { traces.next()? } else { log.next()?.map(|entry| entry.prefix) })
        };
        let [other4, other6] = udp(2);
        for ((packet, other), number) in udp(1).into_iter().zip([other4, other6]).zip([2, 10]) {
            lab.router.set(&format!("net/netfilter/nf_log/{number}"), "nfnetlink_log")?;
            lab.set(family(&packet), "raw PREROUTING", &["-p udp --dport 1 -j TRACE"])?;
            lab.set(family(&packet), THROUGH, &["-p tcp", "-p udp"])?;
            lab.forward(&other)?;
            assert_eq!(next()?, None);
            lab.forward(&packet)?;
            let mut way = Vec::new();
            while let Some(step) = next()? {
                way.push(step);
            }
            let expected: &[&str] = if is_nft {
                // The rule that traces is traced itself.
                &[
                    "raw:PREROUTING:rule",
                    "raw:PREROUTING:end",
                    "raw:PREROUTING:policy",
                    "filter:FORWARD:rule",
                    "filter:FORWARD:end",
                    "filter:FORWARD:policy",
                ]
            } else {
                &[
                    "TRACE: raw:PREROUTING:policy:2 ",
                    "TRACE: filter:FORWARD:rule:2 ",
                    "TRACE: filter:FORWARD:policy:3 ",
                ]
            };
            assert_eq!(way, expected);
        }
        Ok(())
    });
}

/// The router answers for the server until the client has shown that it is there.
#[test]
fn synproxy() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.set("net/netfilter/nf_conntrack_tcp_loose", "0")?;
        let ends: [[SocketAddr; 2]; 2] =
            [[(INSIDE, 1000).into(), (OUTSIDE, 80).into()], [(INSIDE6, 1000).into(), (OUTSIDE6, 80).into()]];
        for [from, to] in ends {
            let segment = |flags, sequence, acknowledgment| {
                Packet::tcp(from, to, flags).with_segment(|segment| {
                    (segment.sequence, segment.acknowledgment) = (sequence, acknowledgment);
                })
            };
            let syn = segment(Segment::SYN, 100, 0);
            let syn = syn.with_segment(|segment| segment.options = vec![2, 4, 5, 180]);
            let family = family(&syn);
            lab.set(family, "raw PREROUTING", &["-p tcp --syn -j CT --notrack"])?;
            let proxy = "-p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1234";
            lab.set(family, THROUGH, &[proxy, "-p tcp -m conntrack --ctstate INVALID -j DROP"])?;
            lab.inside.send(&syn)?;
            let answer = lab.inside.receive()?.expect("an answer");
            let cookie = answer.segment().expect("a segment");
            assert_eq!((cookie.flags, cookie.acknowledgment), (Segment::SYN | Segment::ACK, 101));
            assert_eq!(cookie.options[..4], [2, 4, 4, 210], "the segment size of the rule");
            // A wrong cookie does not lead to the server, the right one does.
            for (sequence, reaches) in [(cookie.sequence ^ 0x5555_5555, false), (cookie.sequence, true)] {
                lab.inside.send(&segment(Segment::ACK, 101, sequence.wrapping_add(1)))?;
                let opening = lab.outside.receive()?.map(|packet| match packet.body {
                    Body::Tcp(segment) => (segment.flags, segment.destination),
                    _ => panic!("not a segment: {packet:?}"),
                });
                assert_eq!(opening.is_some(), reaches);
                assert!(opening.is_none_or(|(flags, port)| flags & Segment::SYN != 0 && port == 80));
            }
        }
        Ok(())
    });
}
