//! The headers of packets: each match sees the packets it should, and no others.

use std::net::{Ipv4Addr, Ipv6Addr};

use libfw::matches::{Dscp, Hl, Icmp, Length, Multiport, Tcp, Ttl};
use libfw::{AddrMask, Interface, Protocol, Rule, not};
use libfw_playground::packet::{Packet, Segment};
use libfw_playground::{Playground, test};

use crate::lab::{FIRST, Lab};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const GATEWAY6: Ipv6Addr = Playground::GATEWAY6;

fn udp() -> Packet {
    Packet::udp((INSIDE, 1000), (GATEWAY, 2000), b"data")
}

fn udp6() -> Packet {
    Packet::udp((INSIDE6, 1000), (GATEWAY6, 2000), b"data")
}

fn tcp(flags: u8) -> Packet {
    Packet::tcp((INSIDE, 1000), (GATEWAY, 2000), flags)
}

fn tcp6(flags: u8) -> Packet {
    Packet::tcp((INSIDE6, 1000), (GATEWAY6, 2000), flags)
}

fn ping() -> Packet {
    Packet::icmp(INSIDE, GATEWAY, 8, 0)
}

#[test]
fn addresses() {
    test(|play| {
        let lab = Lab::new(play)?;
        let other = Packet::udp((Ipv4Addr::new(10, 0, 0, 3), 1), (GATEWAY, 2), b"");
        let far = Packet::udp((Ipv4Addr::new(10, 0, 1, 2), 1), (GATEWAY, 2), b"");
        lab.check(FIRST, "-s 10.0.0.2", &[&udp()], &[&other, &far])?;
        lab.check(FIRST, "! -s 10.0.0.2", &[&other, &far], &[&udp()])?;
        lab.check(FIRST, "-s 10.0.0.0/24", &[&udp(), &other], &[&far])?;
        // The third octet does not count.
        lab.check(FIRST, "-s 10.0.0.2/255.255.0.255", &[&udp(), &far], &[&other])?;
        let through = Packet::udp((INSIDE, 1), (Playground::OUTSIDE, 2), b"");
        lab.check(FIRST, "-d 10.0.0.0/8", &[&udp()], &[&through])?;
        lab.check("filter FORWARD", "-i in -o out", &[&through], &[])?;
        lab.check("filter FORWARD", "-i i+ ! -o i+", &[&through], &[])?;
        lab.check(FIRST, "! -i out", &[&through], &[])?;
        let rule = Rule::builder().source("10.0.0.2".parse::<AddrMask>().expect("an address"));
        let rule = rule.input(not("out".parse::<Interface>().expect("an interface")));
        lab.check(FIRST, &rule, &[&udp(), &through], &[&other])
    });
}

#[test]
fn addresses6() {
    test(|play| {
        let lab = Lab::new(play)?;
        let other = Packet::udp(("fd00:1::3".parse::<Ipv6Addr>().expect("one"), 1), (GATEWAY6, 2), b"");
        let far = Packet::udp(("fd00:3::2".parse::<Ipv6Addr>().expect("one"), 1), (GATEWAY6, 2), b"");
        lab.check(FIRST, "-s fd00:1::2", &[&udp6()], &[&other, &far])?;
        lab.check(FIRST, "! -s fd00:1::/64", &[&far], &[&udp6(), &other])?;
        lab.check(FIRST, "-s fd00::2/ffff::ffff", &[&udp6(), &far], &[&other])?;
        lab.check(FIRST, "-d fd00:1::1", &[&udp6()], &[])?;
        let through = Packet::udp((INSIDE6, 1), (Playground::OUTSIDE6, 2), b"");
        lab.check("filter FORWARD", "-i in -o out -d fd00:2::/64", &[&through], &[])
    });
}

#[test]
fn protocols() {
    test(|play| {
        let lab = Lab::new(play)?;
        let gre = Packet::other(INSIDE, GATEWAY, 47, &[0; 8]);
        let syn = tcp(Segment::SYN);
        lab.check(FIRST, "-p udp", &[&udp()], &[&syn, &ping(), &gre])?;
        lab.check(FIRST, "-p 47", &[&gre], &[&syn, &ping(), &udp()])?;
        lab.check(FIRST, "! -p tcp", &[&gre, &udp(), &ping()], &[&syn])?;
        let rule = Rule::builder().protocol(Protocol::TCP);
        lab.check(FIRST, &rule, &[&syn], &[&udp(), &gre])?;
        // In IPv6 the extension headers are skipped, unless one of them is asked for.
        let extended = Packet { extensions: vec![(60, vec![0, 0, 1, 4, 0, 0, 0, 0])], ..udp6() };
        lab.check(FIRST, "-p udp", &[&udp6(), &extended], &[&tcp6(Segment::SYN)])
    });
}

#[test]
fn fragments() {
    test(|play| {
        let lab = Lab::new(play)?;
        // The tables see fragments only where connection tracking does not put them together.
        let part = |fragment| Packet { fragment, ..Packet::other(INSIDE, GATEWAY, 17, &[0; 16]) };
        let (first, second, last) = (part(0x2000), part(0x2002), part(0x0004));
        lab.check(FIRST, "-f", &[&second, &last], &[&first, &udp()])?;
        lab.check(FIRST, "! -f", &[&first, &udp()], &[&second, &last])
    });
}

#[test]
fn ports() {
    test(|play| {
        let lab = Lab::new(play)?;
        let at = |source, destination| Packet::udp((INSIDE, source), (GATEWAY, destination), b"");
        lab.check(FIRST, "-p udp --dport 100:200", &[&at(1, 100), &at(1, 200)], &[&at(1, 99), &at(1, 201)])?;
        lab.check(FIRST, "-p udp ! --sport :100", &[&at(101, 9)], &[&at(1, 9), &at(100, 9)])?;
        lab.check(FIRST, "-p udp --sport 1 --dport 2", &[&at(1, 2)], &[&at(2, 1), &at(1, 1)])?;
        let at = |source, destination| Packet::tcp((INSIDE6, source), (GATEWAY6, destination), Segment::SYN);
        lab.check(FIRST, "-p tcp --dport 443:", &[&at(1, 443), &at(1, 65535)], &[&at(443, 442)])?;
        lab.check(FIRST, "-p tcp ! --dport 443", &[&at(1, 442), &at(1, 444)], &[&at(1, 443)])
    });
}

#[test]
fn multiport() {
    test(|play| {
        let lab = Lab::new(play)?;
        let at = |source, destination| Packet::udp((INSIDE, source), (GATEWAY, destination), b"");
        let rule = "-p udp -m multiport --dports 80,100:102";
        let hits = [&at(1, 80), &at(1, 100), &at(1, 102)];
        let misses = [&at(80, 79), &at(1, 81), &at(1, 99), &at(1, 103)];
        lab.check(FIRST, rule, &hits, &misses)?;
        lab.check(FIRST, "-p udp -m multiport ! --dports 80,100:102", &misses, &hits)?;
        lab.check(FIRST, "-p udp -m multiport --sports 7,9", &[&at(7, 1), &at(9, 1)], &[&at(8, 7)])?;
        lab.check(FIRST, "-p udp -m multiport --ports 7", &[&at(7, 1), &at(1, 7)], &[&at(8, 6)])
    });
}

#[test]
fn tcp_flags() {
    use Segment as S;
    test(|play| {
        let lab = Lab::new(play)?;
        let [syn, both, ack, fin] = [S::SYN, S::SYN | S::ACK, S::ACK, S::FIN | S::ACK].map(tcp);
        let urgent = tcp(S::SYN | S::URG);
        lab.check(FIRST, "-p tcp --syn", &[&syn, &urgent], &[&both, &ack, &fin])?;
        lab.check(FIRST, "-p tcp ! --syn", &[&both, &ack, &fin], &[&syn])?;
        lab.check(FIRST, "-p tcp --tcp-flags ACK,FIN ACK", &[&both, &ack], &[&syn, &fin])?;
        lab.check(FIRST, "-p tcp --tcp-flags ALL NONE", &[&tcp(0)], &[&syn])?;
        lab.check(FIRST, "-p tcp ! --tcp-flags ALL SYN,URG", &[&syn], &[&urgent])
    });
}

#[test]
fn tcp_options() {
    test(|play| {
        let lab = Lab::new(play)?;
        let with =
            |options: &[u8]| tcp(Segment::SYN).with_segment(|segment| segment.options = options.to_vec());
        let mss = |value: u16| with(&[&[2, 4], &value.to_be_bytes()[..]].concat());
        // No-operations before the timestamps.
        let stamps = with(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0]);
        lab.check(FIRST, "-p tcp --tcp-option 8", &[&stamps], &[&mss(8), &with(&[])])?;
        lab.check(FIRST, "-p tcp ! --tcp-option 2", &[&stamps, &with(&[])], &[&mss(1460)])?;
        lab.check(
            FIRST,
            "-p tcp -m tcpmss --mss 1000:1460",
            &[&mss(1000), &mss(1460)],
            &[&mss(999), &mss(1461)],
        )?;
        lab.check(FIRST, "-p tcp -m tcpmss ! --mss 1460", &[&mss(1459)], &[&mss(1460)])
    });
}

#[test]
fn icmp() {
    test(|play| {
        let lab = Lab::new(play)?;
        let message = |kind, code| Packet::icmp(INSIDE, GATEWAY, kind, code);
        let (net, port) = (message(3, 0), message(3, 3));
        lab.check(FIRST, "-p icmp --icmp-type echo-request", &[&ping()], &[&net, &message(0, 0)])?;
        lab.check(FIRST, "-p icmp --icmp-type destination-unreachable", &[&net, &port], &[&ping()])?;
        lab.check(FIRST, "-p icmp --icmp-type port-unreachable", &[&port], &[&net, &ping()])?;
        lab.check(FIRST, "-p icmp ! --icmp-type 3/3", &[&net, &ping()], &[&port])?;
        lab.check(FIRST, "-p icmp --icmp-type any", &[&net, &ping()], &[&udp()])
    });
}

#[test]
fn icmp6() {
    test(|play| {
        let lab = Lab::new(play)?;
        let message = |kind, code| Packet::icmp(INSIDE6, GATEWAY6, kind, code);
        let (route, port) = (message(1, 0), message(1, 4));
        let ping = message(128, 0);
        lab.check(FIRST, "-p icmpv6 --icmpv6-type echo-request", &[&ping], &[&route, &message(129, 0)])?;
        lab.check(FIRST, "-p icmpv6 --icmpv6-type destination-unreachable", &[&route, &port], &[&ping])?;
        lab.check(FIRST, "-p icmpv6 ! --icmpv6-type port-unreachable", &[&route, &ping], &[&port])
    });
}

#[test]
fn time_to_live() {
    test(|play| {
        let lab = Lab::new(play)?;
        let [four, five, six] = [4, 5, 6].map(|ttl| Packet { ttl, ..udp() });
        lab.check(FIRST, "-m ttl --ttl-eq 5", &[&five], &[&four, &six])?;
        lab.check(FIRST, "-m ttl ! --ttl-eq 5", &[&four, &six], &[&five])?;
        lab.check(FIRST, "-m ttl --ttl-lt 5", &[&four], &[&five, &six])?;
        lab.check(FIRST, "-m ttl --ttl-gt 5", &[&six], &[&four, &five])?;
        let [four, five, six] = [4, 5, 6].map(|ttl| Packet { ttl, ..udp6() });
        lab.check(FIRST, "-m hl --hl-eq 5", &[&five], &[&four, &six])?;
        lab.check(FIRST, "-m hl ! --hl-eq 5", &[&four, &six], &[&five])?;
        lab.check(FIRST, "-m hl --hl-lt 5", &[&four], &[&five, &six])?;
        lab.check(FIRST, "-m hl --hl-gt 5", &[&six], &[&four, &five])
    });
}

#[test]
fn type_of_service() {
    test(|play| {
        let lab = Lab::new(play)?;
        for packet in [udp(), udp6()] {
            let with = |tos| Packet { tos, ..packet.clone() };
            lab.check(FIRST, "-m tos --tos Minimize-Delay", &[&with(0x10), &with(0x50)], &[&with(0x08)])?;
            lab.check(FIRST, "-m tos --tos 0x10", &[&with(0x10)], &[&with(0x50), &with(0x18)])?;
            lab.check(FIRST, "-m tos ! --tos 0x10/0x18", &[&with(0x08), &with(0x18)], &[&with(0x11)])?;
            // Six bits, above the two of ECN.
            lab.check(FIRST, "-m dscp --dscp 46", &[&with(0xb8), &with(0xbb)], &[&with(0xbc), &with(46)])?;
            lab.check(FIRST, "-m dscp ! --dscp-class EF", &[&with(0), &with(0xb4)], &[&with(0xb8)])?;
            lab.check(FIRST, "-m ecn --ecn-ip-ect 3", &[&with(3), &with(0xbb)], &[&with(2), &with(0)])?;
            lab.check(FIRST, "-m ecn ! --ecn-ip-ect 0", &[&with(1), &with(2)], &[&with(0x10)])?;
        }
        Ok(())
    });
}

#[test]
fn ecn_of_tcp() {
    test(|play| {
        let lab = Lab::new(play)?;
        for make in [tcp, tcp6] {
            let [plain, echo, reduced] =
                [Segment::ACK, Segment::ACK | Segment::ECE, Segment::ACK | Segment::CWR].map(make);
            lab.check(FIRST, "-p tcp -m ecn --ecn-tcp-ece", &[&echo], &[&plain, &reduced])?;
            lab.check(FIRST, "-p tcp -m ecn --ecn-tcp-cwr", &[&reduced], &[&plain, &echo])?;
            lab.check(FIRST, "-p tcp -m ecn ! --ecn-tcp-cwr ! --ecn-tcp-ece", &[&plain], &[&echo, &reduced])?;
        }
        Ok(())
    });
}

#[test]
fn length() {
    test(|play| {
        let lab = Lab::new(play)?;
        let with = |length| Packet::udp((INSIDE, 1), (GATEWAY, 2), &vec![0; length]);
        // With 28 octets of headers.
        lab.check(FIRST, "-m length --length 100:200", &[&with(72), &with(172)], &[&with(71), &with(173)])?;
        lab.check(FIRST, "-m length ! --length 100", &[&with(71), &with(73)], &[&with(72)])?;
        lab.check(FIRST, "-m length --length :99", &[&with(71)], &[&with(72)])?;
        let with = |length| Packet::udp((INSIDE6, 1), (GATEWAY6, 2), &vec![0; length]);
        // With 48 octets of headers.
        lab.check(FIRST, "-m length --length 100", &[&with(52)], &[&with(72), &with(53)])
    });
}

#[test]
fn security_headers() {
    test(|play| {
        let lab = Lab::new(play)?;
        let spi = |protocol: u8, spi: u32| {
            let mut data = spi.to_be_bytes().to_vec();
            if protocol == 51 {
                // The length is that of 24 octets, less two words.
                data = [&[17, 4, 0, 0], &data[..], &[0; 16]].concat();
            }
            data.resize(32, 0);
            data
        };
        let esp = |number| Packet::other(INSIDE, GATEWAY, 50, &spi(50, number));
        lab.check(FIRST, "-p esp -m esp --espspi 500:600", &[&esp(500), &esp(600)], &[&esp(499), &esp(601)])?;
        lab.check(FIRST, "-p esp -m esp ! --espspi 500", &[&esp(501)], &[&esp(500)])?;
        let ah = |number| Packet::other(INSIDE, GATEWAY, 51, &spi(51, number));
        lab.check(
            FIRST,
            "-p ah -m ah --ahspi 500:600",
            &[&ah(500), &ah(600)],
            &[&ah(499), &ah(601), &esp(500)],
        )?;
        lab.check(FIRST, "-p ah -m ah ! --ahspi 500", &[&ah(501)], &[&ah(500)])?;
        // Next header, flags, and the compression parameter index.
        let comp = |index: u16| {
            let [high, low] = index.to_be_bytes();
            Packet::other(INSIDE, GATEWAY, 108, &[6, 0, high, low, 0, 0, 0, 0])
        };
        lab.check(FIRST, "-p ipcomp -m ipcomp --ipcompspi 2:3", &[&comp(2), &comp(3)], &[&comp(1), &comp(4)])
    });
}

#[test]
fn other_transports() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ports = [1000u16, 2000].map(u16::to_be_bytes).concat();
        // The common header, and chunks of a type with their flags and length.
        let sctp = |chunks: &[[u8; 4]]| {
            Packet::other(INSIDE, GATEWAY, 132, &[&ports[..], &[0; 8], chunks.as_flattened()].concat())
        };
        let (data, init, both) =
            (sctp(&[[0, 0, 0, 4]]), sctp(&[[1, 0, 0, 4]]), sctp(&[[0, 0, 0, 4], [1, 0, 0, 4]]));
        let last = sctp(&[[0, 1, 0, 4]]);
        lab.check(FIRST, "-p sctp --dport 2000 --sport 900:1000", &[&data], &[&udp()])?;
        lab.check(
            FIRST,
            "-p sctp ! --dport 2001 --chunk-types any DATA,INIT",
            &[&data, &init, &both],
            &[&sctp(&[[3, 0, 0, 4]])],
        )?;
        lab.check(FIRST, "-p sctp --chunk-types all DATA,INIT", &[&both], &[&data, &init])?;
        lab.check(FIRST, "-p sctp --chunk-types only INIT", &[&init], &[&data, &both])?;
        lab.check(FIRST, "-p sctp --chunk-types any DATA:E", &[&last], &[&data, &init])?;
        lab.check(FIRST, "-p sctp ! --chunk-types any INIT", &[&data], &[&init, &both])?;
        // The data begins after four words. The type is in the middle of an octet, beside the flag of long sequence numbers.
        let dccp = |kind: u8| {
            let header = [&ports[..], &[4, 0, 0, 0, kind << 1 | 1], &[0; 11]].concat();
            Packet::other(INSIDE, GATEWAY, 33, &header)
        };
        let (request, response) = (dccp(0), dccp(1));
        lab.check(FIRST, "-p dccp --dport 2000 --dccp-types REQUEST", &[&request], &[&response])?;
        lab.check(FIRST, "-p dccp ! --dccp-types REQUEST,DATA", &[&response], &[&request, &dccp(2)])
    });
}

/// What the kernel can match and iptables cannot say.
#[test]
fn beyond_iptables() {
    test(|play| {
        let lab = Lab::new(play)?;
        let udplite = |source: u16, destination: u16| {
            let words = [source, destination, 8, 0].map(u16::to_be_bytes);
            Packet::other(INSIDE, GATEWAY, 136, words.as_flattened())
        };
        let rule = "-p udplite -m udplite --sport 5 --dport 10:20";
        lab.check(FIRST, rule, &[&udplite(5, 10), &udplite(5, 20)], &[&udplite(5, 9), &udplite(6, 10)])?;
        // Version 2 over UDP: flags and version, tunnel, session. Version 3 over IP: the session.
        let data = |tunnel: u16, session: u16| {
            Packet::udp(
                (INSIDE, 1701),
                (GATEWAY, 1701),
                [2, tunnel, session].map(u16::to_be_bytes).as_flattened(),
            )
        };
        let direct = |session: u32| Packet::other(INSIDE, GATEWAY, 115, &session.to_be_bytes());
        let rule = "-p udp -m l2tp --pversion 2 --tid 7 --sid 8 --type data";
        lab.check(FIRST, rule, &[&data(7, 8)], &[&data(7, 9), &data(8, 8)])?;
        lab.check(FIRST, "-p 115 -m l2tp --pversion 3 --sid 70000", &[&direct(70000)], &[&direct(70001)])
    });
}

/// The same rules from typed parts.
#[test]
fn typed() {
    test(|play| {
        let lab = Lab::new(play)?;
        let at = |port| Packet::tcp((INSIDE, 9), (GATEWAY, port), Segment::SYN);
        let rule = Rule::builder().protocol(Protocol::TCP).matching(Tcp::new().dport(80..=90).syn(true));
        let late = Packet::tcp((INSIDE, 9), (GATEWAY, 85), Segment::ACK);
        lab.check(FIRST, &rule, &[&at(80), &at(90)], &[&at(79), &at(91), &late])?;
        let rule = Rule::builder().protocol(Protocol::TCP).matching(Multiport::new().dports(not([80, 90])));
        lab.check(FIRST, &rule, &[&at(81)], &[&at(80), &at(90)])?;
        let rule = Rule::builder().protocol(Protocol::ICMP).matching(Icmp::new().icmp_type(8));
        lab.check(FIRST, &rule, &[&ping()], &[&Packet::icmp(INSIDE, GATEWAY, 0, 0)])?;
        let rule = Rule::builder().matching(Ttl::new().eq(not(5)));
        lab.check(FIRST, &rule, &[&udp()], &[&Packet { ttl: 5, ..udp() }])?;
        let rule = Rule::builder().matching(Hl::new().lt(5));
        lab.check(FIRST, &rule, &[&Packet { ttl: 4, ..udp6() }], &[&udp6()])?;
        let rule = Rule::builder().matching(Length::new().length(32..=40));
        lab.check(FIRST, &rule, &[&udp()], &[&Packet::udp((INSIDE, 1), (GATEWAY, 2), b"")])?;
        let rule = Rule::builder().matching(Dscp::new().dscp(46));
        lab.check(FIRST, &rule, &[&Packet { tos: 0xb8, ..udp() }], &[&Packet { tos: 46, ..udp() }])
    });
}

#[test]
fn ipv6_headers() {
    test(|play| {
        let lab = Lab::new(play)?;
        let with = |extensions: &[(u8, &[u8])]| Packet {
            extensions: extensions.iter().map(|(kind, octets)| (*kind, octets.to_vec())).collect(),
            ..udp6()
        };
        let pad: &[u8] = &[0, 0, 1, 4, 0, 0, 0, 0];
        let (hop, destination) = (with(&[(0, pad)]), with(&[(60, pad)]));
        let both = with(&[(0, pad), (60, pad)]);
        lab.check(FIRST, "-m ipv6header --header hop --soft", &[&hop, &both], &[&destination, &udp6()])?;
        lab.check(FIRST, "-m ipv6header --header hop,prot", &[&hop], &[&destination, &both])?;
        lab.check(FIRST, "-m ipv6header --header hop,dst --soft", &[&both], &[&hop, &destination])?;
        lab.check(FIRST, "-m hbh --hbh-len 8", &[&hop, &both], &[&destination])?;
        lab.check(FIRST, "-m dst --dst-len 8", &[&destination, &both], &[&hop])?;
        let twice = with(&[(60, &[0, 1, 1, 2, 0, 0, 30, 6, 0, 0, 0, 0, 0, 0, 0, 0])]);
        lab.check(FIRST, "-m dst ! --dst-len 8", &[&twice], &[&destination])?;
        lab.check(FIRST, "-m dst --dst-opts 1:2,30:6", &[&twice], &[&destination])?;
        let alert = with(&[(0, &[0, 0, 5, 2, 0, 0, 1, 0])]);
        lab.check(FIRST, "-m hbh --hbh-opts 5:2", &[&alert], &[&hop])
    });
}

#[test]
fn ipv6_routing_header() {
    test(|play| {
        let lab = Lab::new(play)?;
        let route = |kind: u8, left: u8, addresses: &[Ipv6Addr]| {
            let mut header = vec![0, addresses.len() as u8 * 2, kind, left, 0, 0, 0, 0];
            header.extend(addresses.iter().flat_map(Ipv6Addr::octets));
            Packet { extensions: vec![(43, header)], ..udp6() }
        };
        let [a, b] = [Ipv6Addr::LOCALHOST, INSIDE6];
        let (zero, two) = (route(0, 1, &[a, b]), route(2, 0, &[a]));
        lab.check(FIRST, "-m rt --rt-type 0", &[&zero], &[&two, &udp6()])?;
        lab.check(FIRST, "-m rt ! --rt-type 0", &[&two], &[&zero])?;
        lab.check(FIRST, "-m rt --rt-segsleft 1:2", &[&zero], &[&two])?;
        lab.check(FIRST, "-m rt --rt-len 40", &[&zero], &[&two])?;
        lab.check(FIRST, "-m rt --rt-type 0 --rt-0-addrs ::1,fd00:1::2", &[&zero], &[&route(0, 1, &[b, a])])?;
        lab.check(
            FIRST,
            "-m rt --rt-type 0 --rt-0-addrs fd00:1::2 --rt-0-not-strict",
            &[&zero],
            &[&route(0, 1, &[a, a])],
        )
    });
}

#[test]
fn ipv6_fragments() {
    test(|play| {
        let lab = Lab::new(play)?;
        let part = |offset: u16, id: u32| {
            let mut header = vec![0, 0];
            header.extend(offset.to_be_bytes());
            header.extend(id.to_be_bytes());
            Packet { extensions: vec![(44, header)], ..Packet::other(INSIDE6, GATEWAY6, 17, &[0; 16]) }
        };
        let (first, middle, last) = (part(1, 7), part(17, 7), part(32, 8));
        // The raw table is before the place where fragments are put together, if they are at all.
        let place = "raw PREROUTING";
        lab.check(place, "-m frag --fragfirst", &[&first], &[&middle, &last, &udp6()])?;
        lab.check(place, "-m frag --fragmore", &[&first, &middle], &[&last])?;
        lab.check(place, "-m frag --fraglast", &[&last], &[&first, &middle])?;
        lab.check(place, "-m frag --fragid 7", &[&first, &middle], &[&last])?;
        lab.check(place, "-m frag ! --fragid 5:7", &[&last], &[&first])
    });
}

#[test]
fn ipv6_security_headers() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ah = |spi: u32| {
            let header = [&[0, 4, 0, 0], &spi.to_be_bytes()[..], &[0; 16]].concat();
            Packet { extensions: vec![(51, header)], ..udp6() }
        };
        lab.check(FIRST, "-m ah --ahspi 500:600", &[&ah(500), &ah(600)], &[&ah(499), &ah(601), &udp6()])?;
        lab.check(FIRST, "-m ah --ahlen 24 --ahres", &[&ah(1)], &[&udp6()])?;
        lab.check(FIRST, "-m ah ! --ahlen 20", &[&ah(1)], &[&udp6()])?;
        let esp =
            |spi: u32| Packet::other(INSIDE6, GATEWAY6, 50, &[&spi.to_be_bytes()[..], &[0; 16]].concat());
        lab.check(FIRST, "-p esp -m esp --espspi 500", &[&esp(500)], &[&esp(501)])
    });
}

#[test]
fn ipv6_mobility() {
    test(|play| {
        let lab = Lab::new(play)?;
        // No payload follows (59), the length is two times eight octets, then the type.
        let mh =
            |kind: u8| Packet::other(INSIDE6, GATEWAY6, 135, &[&[59, 1, kind, 0], &[0; 12][..]].concat());
        lab.check(FIRST, "-p mh --mh-type binding-update", &[&mh(5)], &[&mh(4), &mh(6)])?;
        lab.check(FIRST, "-p mh --mh-type 1:4", &[&mh(1), &mh(4)], &[&mh(0), &mh(5)])?;
        lab.check(FIRST, "-p mh ! --mh-type 5", &[&mh(6)], &[&mh(5)])
    });
}

#[test]
fn segment_routing() {
    test(|play| {
        let lab = Lab::new(play)?;
        let [a, b, c] = [1, 2, 3].map(|last| Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, last));
        // Three segments, which are listed from the last one.
        let srh = |left: u8, tag: u16| {
            let mut header = vec![0, 6, 4, left, 2, 0];
            header.extend(tag.to_be_bytes());
            header.extend([a, b, c].iter().flat_map(Ipv6Addr::octets));
            Packet { extensions: vec![(43, header)], ..udp6() }
        };
        // The kernel compares the tag in the order of the machine, as iptables writes it.
        let (one, two) = (srh(1, 7u16.to_be()), srh(2, 8));
        lab.check(FIRST, "-m srh --srh-segs-left-eq 1", &[&one], &[&two, &udp6()])?;
        lab.check(FIRST, "-m srh --srh-segs-left-gt 1", &[&two], &[&one])?;
        lab.check(FIRST, "-m srh --srh-segs-left-lt 2", &[&one], &[&two])?;
        lab.check(FIRST, "-m srh --srh-tag 7", &[&one], &[&two])?;
        lab.check(FIRST, "-m srh ! --srh-tag 7 --srh-next-hdr 17 --srh-hdr-len-eq 6", &[&two], &[&one])?;
        lab.check(FIRST, "-m srh --srh-last-entry-eq 2", &[&one], &[&udp6()])?;
        // The previous, the next and the last segment.
        lab.check(FIRST, "-m srh --srh-psid fc00::3", &[&one], &[&two])?;
        lab.check(FIRST, "-m srh --srh-nsid fc00::2 --srh-lsid fc00::1", &[&two], &[&one])
    });
}

#[test]
fn eui64() {
    test(|play| {
        let lab = Lab::new(play)?;
        let [a, b, c, d, e, f] = lab.inside.mac();
        let host = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
        let mut octets = INSIDE6.octets();
        octets[8..].copy_from_slice(&host);
        let made = Packet::udp((Ipv6Addr::from(octets), 1), (GATEWAY6, 2), b"");
        lab.check(FIRST, "-m eui64", &[&made], &[&udp6()])
    });
}
