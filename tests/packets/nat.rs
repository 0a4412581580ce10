//! Translation of addresses.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use libfw::Family;
use libfw_playground::packet::{Body, Packet, Segment};
use libfw_playground::{Playground, test, traffic};

use crate::lab::{Lab, family};
use crate::{CLIENT, SERVER, connects, listen, peer, pings, rules};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;
const OUTSIDE6: Ipv6Addr = Playground::OUTSIDE6;

/// A host outside with some number.
fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, number)
}

fn host6(number: u16) -> Ipv6Addr {
    Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, number)
}

fn udp(source: impl Into<SocketAddr>, destination: impl Into<SocketAddr>) -> Packet {
    Packet::udp(source, destination, b"data")
}

/// The ports of a datagram.
fn ports(packet: &Packet) -> [u16; 2] {
    match packet.body {
        Body::Udp { source, destination, .. } => [source, destination],
        _ => panic!("not a datagram: {packet:?}"),
    }
}

/// One rule of a chain must turn one datagram into another, and the answer must come back as from where it was asked for.
fn translates(
    lab: &Lab,
    place: &str,
    rule: &str,
    [from, to]: [SocketAddr; 2],
    [as_from, as_to]: [SocketAddr; 2],
) -> std::io::Result<()> {
    let sent = udp(from, to);
    lab.set(family(&sent), place, &[rule])?;
    assert_eq!(lab.forward(&sent)?, Some(udp(as_from, as_to)), "{rule}");
    assert_eq!(lab.backward(&udp(as_to, as_from))?, Some(udp(to, from)), "back: {rule}");
    lab.set(family(&sent), place, &[])
}

fn at(address: impl Into<IpAddr>, port: u16) -> SocketAddr {
    SocketAddr::new(address.into(), port)
}

#[test]
fn destinations() {
    test(|play| {
        let lab = Lab::new(play)?;
        let place = "nat PREROUTING";
        let from = at(INSIDE, 1000);
        for (rule, to, as_to) in [
            ("-j DNAT --to-destination 192.0.2.9", at(OUTSIDE, 53), at(host(9), 53)),
            ("-p udp --dport 54 -j DNAT --to-destination :5400", at(OUTSIDE, 54), at(OUTSIDE, 5400)),
            ("-p udp -j DNAT --to-destination 192.0.2.9:5500", at(OUTSIDE, 55), at(host(9), 5500)),
            ("-p udp -j DNAT --to-destination 192.0.2.9:5600-5600", at(OUTSIDE, 56), at(host(9), 5600)),
            // A range is kept in its order: the seventh port for the seventh port.
            (
                "-p udp --dport 4000:4009 -j DNAT --to-destination 192.0.2.9:5000-5009/4000",
                at(OUTSIDE, 4007),
                at(host(9), 5007),
            ),
        ] {
            translates(&lab, place, rule, [from, to], [from, as_to])?;
        }
        let from = at(INSIDE6, 1000);
        for (rule, to, as_to) in [
            ("-j DNAT --to-destination fd00:2::9", at(OUTSIDE6, 53), at(host6(9), 53)),
            ("-p udp -j DNAT --to-destination [fd00:2::9]:5400", at(OUTSIDE6, 54), at(host6(9), 5400)),
            (
                "-p udp --dport 4000:4009 -j DNAT --to-destination [fd00:2::9]:5000-5009/4000",
                at(OUTSIDE6, 4007),
                at(host6(9), 5007),
            ),
        ] {
            translates(&lab, place, rule, [from, to], [from, as_to])?;
        }
        Ok(())
    });
}

#[test]
fn sources() {
    test(|play| {
        let lab = Lab::new(play)?;
        let place = "nat POSTROUTING";
        for (rule, from, as_from) in [
            ("-o out -j SNAT --to-source 192.0.2.77", at(INSIDE, 1), at(host(77), 1)),
            ("-o out -p udp -j SNAT --to-source 192.0.2.77:7000", at(INSIDE, 2), at(host(77), 7000)),
            ("-o out -p udp -j SNAT --to-source :7001", at(INSIDE, 3), at(INSIDE, 7001)),
            ("-o out -j MASQUERADE", at(INSIDE, 4), at(Playground::UPLINK, 4)),
            ("-o out -p udp -j MASQUERADE --to-ports 7002", at(INSIDE, 5), at(Playground::UPLINK, 7002)),
            ("-o out -j SNAT --to-source fd00:2::77", at(INSIDE6, 1), at(host6(0x77), 1)),
            ("-o out -p udp -j SNAT --to-source [fd00:2::77]:7000", at(INSIDE6, 2), at(host6(0x77), 7000)),
            ("-o out -j MASQUERADE", at(INSIDE6, 4), at(Playground::UPLINK6, 4)),
            ("-o out -p udp -j MASQUERADE --to-ports 7002", at(INSIDE6, 5), at(Playground::UPLINK6, 7002)),
        ] {
            let to = if from.is_ipv4() { at(OUTSIDE, 9) } else { at(OUTSIDE6, 9) };
            translates(&lab, place, rule, [from, to], [as_from, to])?;
        }
        Ok(())
    });
}

/// Whatever is chosen lies in the range, and everything in the range is chosen.
#[test]
fn ranges() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = "-p udp -j DNAT --to-destination 192.0.2.10-192.0.2.12";
        lab.set(Family::Ipv4, "nat PREROUTING", &[rule])?;
        let mut hosts = [0; 3];
        for number in 2..26 {
            let sent = udp((Ipv4Addr::new(10, 0, 0, number), 1), (OUTSIDE, 2));
            let IpAddr::V4(to) = lab.forward(&sent)?.expect("a packet").destination else { unreachable!() };
            let number = usize::from(to.octets()[3]).checked_sub(10).expect("in the range");
            hosts[number] += 1;
        }
        assert!(hosts.iter().all(|&count| count > 0), "{hosts:?}");
        lab.set(Family::Ipv4, "nat PREROUTING", &[])?;
        for options in ["", " --random", " --persistent"] {
            let rule = format!("-o out -p udp -j SNAT --to-source 192.0.2.77:5000-5003{options}");
            lab.set(Family::Ipv4, "nat POSTROUTING", &[&rule])?;
            // Four connections to one server, for which there are just four ports.
            let mut sources = Vec::new();
            for port in 1..5 {
                let server = (OUTSIDE, 3000 + options.len() as u16);
                sources.push(ports(&lab.forward(&udp((INSIDE, port), server))?.expect("a packet"))[0]);
            }
            sources.sort_unstable();
            assert_eq!(sources, [5000, 5001, 5002, 5003], "{options}");
        }
        Ok(())
    });
}

#[test]
fn netmap() {
    test(|play| {
        let lab = Lab::new(play)?;
        let from = at(INSIDE, 1);
        let (asked, meant) = (at(Ipv4Addr::new(198, 51, 100, 37), 2), at(host(37), 2));
        let rule = "-d 198.51.100.0/24 -j NETMAP --to 192.0.2.0/24";
        translates(&lab, "nat PREROUTING", rule, [from, asked], [from, meant])?;
        let rule = "-s 10.0.0.0/24 -j NETMAP --to 192.0.2.128/25";
        // One bit of the host's number gives way.
        let from = at(Ipv4Addr::new(10, 0, 0, 133), 3);
        translates(
            &lab,
            "nat POSTROUTING",
            rule,
            [from, at(OUTSIDE, 2)],
            [at(host(133), 3), at(OUTSIDE, 2)],
        )?;
        let from = at(Ipv4Addr::new(10, 0, 0, 5), 4);
        translates(
            &lab,
            "nat POSTROUTING",
            rule,
            [from, at(OUTSIDE, 2)],
            [at(host(133), 4), at(OUTSIDE, 2)],
        )?;
        let asked = at(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x37), 2);
        let rule = "-d 2001:db8::/64 -j NETMAP --to fd00:2::/64";
        let from = at(INSIDE6, 1);
        translates(&lab, "nat PREROUTING", rule, [from, asked], [from, at(host6(0x37), 2)])
    });
}

/// An ICMP error about a packet that was translated goes to who sent it, and is about what he sent.
#[test]
fn errors_are_translated() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.set(Family::Ipv4, "nat POSTROUTING", &["-o out -j SNAT --to-source 192.0.2.77"])?;
        let sent = udp((INSIDE, 1), (OUTSIDE, 2));
        let seen = lab.forward(&sent)?.expect("a packet");
        let error = |about: &Packet| {
            let rest = [&[0; 4], &about.to_bytes()[..]].concat();
            Packet::new(OUTSIDE, about.source, Body::Icmp { kind: 3, code: 3, rest })
        };
        assert_eq!(lab.backward(&error(&seen))?, Some(error(&sent)));
        Ok(())
    });
}

#[test]
fn dnat() {
    test(|play| {
        let [inside, router, outside] = play.routed()?;
        let listener = listen(&inside, 80)?;
        assert!(!connects(&outside, Playground::UPLINK, 8080));
        let to = Playground::INSIDE;
        let rule = format!("PREROUTING -i out -p tcp --dport 8080 -j DNAT --to-destination {to}:80");
        rules(&router, Family::Ipv4, "nat", &[&rule])?;
        let mut near = outside.run(|| traffic::connect((Playground::UPLINK, 8080)))?;
        let (mut far, from) = listener.accept()?;
        assert_eq!(from.ip(), Playground::OUTSIDE);
        near.write_all(b"through the wall")?;
        let mut heard = [0; 16];
        far.read_exact(&mut heard)?;
        assert_eq!(&heard, b"through the wall");
        Ok(())
    });
}

#[test]
fn masquerade() {
    test(|play| {
        let [inside, router, outside] = play.routed()?;
        let listener = listen(&outside, 80)?;
        // Without it, no answer finds its way back.
        assert!(!pings(&inside, Playground::OUTSIDE)?);
        rules(&router, Family::Ipv4, "nat", &["POSTROUTING -o out -j MASQUERADE"])?;
        let _near = inside.run(|| traffic::connect((Playground::OUTSIDE, 80)))?;
        assert_eq!(peer(&listener)?.ip(), Playground::UPLINK);
        Ok(())
    });
}

#[test]
fn redirect() {
    test(|play| {
        let [client, server] = play.pair()?;
        let listener = listen(&server, 8080)?;
        assert!(!connects(&client, SERVER, 80));
        rules(&server, Family::Ipv4, "nat", &["PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080"])?;
        assert!(connects(&client, SERVER, 80));
        assert_eq!(peer(&listener)?.ip(), CLIENT);
        Ok(())
    });
}

/// What is for somebody else comes to the router itself, which answers in his name.
#[test]
fn redirect_of_all_there_is() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ends: [(IpAddr, IpAddr); 2] =
            [(INSIDE.into(), OUTSIDE.into()), (INSIDE6.into(), OUTSIDE6.into())];
        for (from, to) in ends {
            let any: IpAddr =
                if from.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
            let receiver = lab.router.run(|| traffic::udp((any, 8080)))?;
            let query = udp((from, 1000), (to, 53));
            assert_eq!(lab.forward(&query)?, Some(query.clone()));
            let query = udp((from, 1001), (to, 53));
            let rule = "-p udp --dport 53 -j REDIRECT --to-ports 8080";
            lab.set(family(&query), "nat PREROUTING", &[rule])?;
            lab.inside.send(&query)?;
            let mut data = [0; 16];
            let (length, peer) = receiver.recv_from(&mut data)?;
            assert_eq!((&data[..length], peer), (&b"data"[..], SocketAddr::new(from, 1001)));
            receiver.send_to(b"answer", peer)?;
            let answer = lab.inside.receive()?.expect("an answer");
            assert_eq!((answer.source, ports(&answer)), (to, [53, 1001]));
        }
        Ok(())
    });
}

#[test]
fn connections_keep_their_translation() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.set(Family::Ipv4, "nat POSTROUTING", &["-o out -p tcp -j SNAT --to-source 192.0.2.77:6000"])?;
        let numbered = |packet: Packet, sequence, acknowledgment| {
            packet.with_segment(|segment| {
                (segment.sequence, segment.acknowledgment) = (sequence, acknowledgment);
            })
        };
        let syn = |source: SocketAddr| numbered(Packet::tcp(source, (OUTSIDE, 80), Segment::SYN), 100, 0);
        let (inner, outer) = (at(INSIDE, 1), at(host(77), 6000));
        assert_eq!(lab.forward(&syn(inner))?, Some(syn(outer)));
        // Only the first packet of a connection is seen by the table. The kernel tracks connections as long as a rule asks.
        lab.set(Family::Ipv4, "filter FORWARD", &["-m conntrack --ctstate INVALID"])?;
        lab.set(Family::Ipv4, "nat POSTROUTING", &[])?;
        let both = Segment::SYN | Segment::ACK;
        let answer = |to: SocketAddr| numbered(Packet::tcp((OUTSIDE, 80), to, both), 500, 101);
        assert_eq!(lab.backward(&answer(outer))?, Some(answer(inner)));
        let last = |source: SocketAddr| numbered(Packet::tcp(source, (OUTSIDE, 80), Segment::ACK), 101, 501);
        assert_eq!(lab.forward(&last(inner))?, Some(last(outer)));
        // Another connection is not translated any more.
        assert_eq!(lab.forward(&syn(at(INSIDE, 2)))?, Some(syn(at(INSIDE, 2))));
        Ok(())
    });
}
