//! Sets of addresses.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::thread::sleep;
use std::time::Duration;

use libfw::Family;
use libfw_playground::listener::Queue;
use libfw_playground::packet::Packet;
use libfw_playground::set::{Member, Set};
use libfw_playground::{Playground, test};

use crate::lab::{FIRST, Lab};
use crate::{CLIENT, SERVER, filter, pings, send};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;

fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, number)
}

fn from(number: u8) -> Packet {
    Packet::udp((host(number), 1000), (GATEWAY, 2000), b"")
}

#[test]
fn set() {
    test(|play| {
        let [client, server] = play.pair()?;
        server.create_set("enemies", &[Ipv4Addr::new(192, 168, 122, 7)])?;
        server.create_set("friends", &[CLIENT])?;
        filter(&server, &["INPUT -m set --match-set enemies src -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &["INPUT -m set --match-set friends src -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn set_target() {
    test(|play| {
        let [client, server] = play.pair()?;
        server.create_set("banned", &[])?;
        filter(
            &server,
            &[
                "INPUT -m set --match-set banned src -j DROP",
                "INPUT -p udp --dport 23 -j SET --add-set banned src",
            ],
        )?;
        assert!(pings(&client, SERVER)?);
        send(&client, CLIENT, 23, &[b"bait"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn members() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.create_set("hosts", &[INSIDE, host(7)])?;
        lab.router.create_set("gates", &[GATEWAY])?;
        let [member, other] = [from(2), from(3)];
        lab.check(FIRST, "-m set --match-set hosts src", &[&member, &from(7)], &[&other])?;
        lab.check(FIRST, "-m set ! --match-set hosts src", &[&other], &[&member])?;
        let through = Packet::udp((INSIDE, 1), (OUTSIDE, 2), b"");
        lab.check(FIRST, "-m set --match-set gates dst", &[&member, &other], &[&through])?;
        let six = Set { ipv6: true, ..Set::new("six") };
        lab.router.create_set_of(six, &[Member::from(std::net::IpAddr::from(Playground::INSIDE6))])?;
        let from = |source: Ipv6Addr| Packet::udp((source, 1), (Playground::GATEWAY6, 2), b"");
        let other = from(Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, 9));
        lab.check(FIRST, "-m set --match-set six src", &[&from(Playground::INSIDE6)], &[&other])
    });
}

#[test]
fn directions() {
    test(|play| {
        let lab = Lab::new(play)?;
        let set = Set { kind: ("hash:ip,port", 5), ..Set::new("services") };
        let service = Member { port: Some(2000), ..GATEWAY.into() };
        let source = Member { port: Some(2000), ..INSIDE.into() };
        lab.router.create_set_of(set, &[service, source])?;
        let to = |port| Packet::udp((INSIDE, 1000), (GATEWAY, port), b"");
        lab.check(FIRST, "-m set --match-set services dst,dst", &[&to(2000)], &[&to(2001), &to(1000)])?;
        // The address of one end and the port of the other.
        lab.check(FIRST, "-m set --match-set services src,dst", &[&to(2000)], &[&to(2001), &from(3)])
    });
}

#[test]
fn exceptions() {
    test(|play| {
        let lab = Lab::new(play)?;
        let set = Set { kind: ("hash:net", 6), ..Set::new("nets") };
        let network = Member { prefix: Some(24), ..host(0).into() };
        let exception = Member { prefix: Some(32), nomatch: true, ..host(3).into() };
        lab.router.create_set_of(set, &[network, exception])?;
        let far = Packet::udp((Ipv4Addr::new(10, 0, 1, 2), 1), (GATEWAY, 2), b"");
        lab.check(FIRST, "-m set --match-set nets src", &[&from(2), &from(4)], &[&from(3), &far])?;
        let rule = "-m set --match-set nets src --return-nomatch";
        lab.check(FIRST, rule, &[&from(3)], &[&from(2), &far])
    });
}

#[test]
fn counters() {
    test(|play| {
        let lab = Lab::new(play)?;
        let set = Set { kind: ("hash:ip", 4), counters: true, ..Set::new("counted") };
        lab.router.create_set_of(set, &[INSIDE.into(), host(3).into()])?;
        // 28 octets each.
        let rules = [
            "-m set --match-set counted src ! --update-counters --packets-eq 2",
            "-m set --match-set counted src ! --update-counters --packets-lt 2",
            "-m set --match-set counted src ! --update-counters --packets-gt 2",
            "-m set --match-set counted src ! --update-counters ! --packets-eq 0",
            "-m set --match-set counted src ! --update-counters --bytes-gt 56",
            "-m set --match-set counted src",
        ];
        let packets = [from(2), from(2), from(3), from(2), from(2), from(2)];
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [1, 3, 2, 4, 2, 6]);
        Ok(())
    });
}

#[test]
fn changes() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.create_set("seen", &[])?;
        lab.router.create_set("asked", &[])?;
        let rules = [
            "-m set --match-set seen src",
            "-p udp --dport 2000 -j SET --add-set seen src",
            "-p udp --dport 2000 -j SET --add-set asked dst",
            "-p udp --dport 2001 -j SET --del-set seen src",
            "-m set --match-set asked dst",
        ];
        let out = Packet::udp((INSIDE, 1), (GATEWAY, 2001), b"");
        let packets = [from(2), from(3), from(2), out.clone(), from(2), out];
        // The first host is added, taken out, added again and taken out again.
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [3, 4, 4, 2, 6]);
        Ok(())
    });
}

#[test]
fn timeouts() {
    test(|play| {
        let lab = Lab::new(play)?;
        let set = Set { timeout: Some(100), ..Set::new("soon") };
        lab.router.create_set_of(set, &[])?;
        let rules = [
            "-m set --match-set soon src",
            "-p udp --dport 2000 -s 10.0.0.2 -j SET --add-set soon src --timeout 1",
            "-p udp --dport 2000 -s 10.0.0.3 -j SET --add-set soon src",
            // Only with this the time of a member that is there already begins anew.
            "-p udp --dport 2000 -s 10.0.0.2 -j SET --add-set soon src --timeout 2",
            "-p udp --dport 2000 -s 10.0.0.4 -j SET --add-set soon src --timeout 1",
            "-p udp --dport 2000 -s 10.0.0.4 -j SET --add-set soon src --timeout 100 --exist",
        ];
        lab.watch(Family::Ipv4, FIRST, &rules)?;
        for number in 2..5 {
            assert_eq!(lab.hits(FIRST, &lab.inside, &from(number))?[0], 0);
            assert_eq!(lab.hits(FIRST, &lab.inside, &Packet::icmp(host(number), GATEWAY, 8, 0))?[0], 1);
        }
        sleep(Duration::from_millis(1100));
        for (number, stays) in [(2, 0), (3, 1), (4, 1)] {
            let hits = lab.hits(FIRST, &lab.inside, &Packet::icmp(host(number), GATEWAY, 8, 0))?;
            assert_eq!(hits[0], stays, "{number}");
        }
        Ok(())
    });
}

#[test]
fn what_members_say_of_packets() {
    test(|play| {
        let lab = Lab::new(play)?;
        let set = Set { kind: ("hash:ip", 4), marks: true, ..Set::new("marks") };
        let member = Member { mark: Some((0x50, 0xf0)), priority: Some(0x1_0005), ..Member::from(INSIDE) };
        lab.router.create_set_of(set, &[member])?;
        let queue = Queue::listen(&lab.router, 2)?;
        let packet = Packet::udp((INSIDE, 1), (OUTSIDE, 2), b"");
        for (options, mark, priority) in [
            ("--map-mark", 0x5f, None),
            ("--map-prio", 0x0f, Some(0x1_0005)),
            ("--map-mark --map-prio", 0x5f, Some(0x1_0005)),
        ] {
            let rules = [
                "-j MARK --set-mark 0x0f",
                &format!("-j SET --map-set marks src {options}"),
                "-p udp -j NFQUEUE --queue-num 2",
            ];
            lab.set(Family::Ipv4, "mangle POSTROUTING", &rules)?;
            lab.inside.send(&packet)?;
            let waiting = queue.next()?.expect("a packet in the queue");
            assert_eq!((waiting.mark, waiting.priority), (mark, priority), "{options}");
        }
        Ok(())
    });
}
