//! How many and how often.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::thread::sleep;
use std::time::Duration;

use libfw::Family;
use libfw_playground::packet::{Packet, Segment};
use libfw_playground::{Playground, test};

use crate::lab::{FIRST, Lab};

const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;

/// A datagram from the host with this number to a port of the router.
fn udp(host: u8, port: u16) -> Packet {
    Packet::udp((Ipv4Addr::new(10, 0, 0, host), 1), (GATEWAY, port), b"")
}

fn udp6() -> Packet {
    Packet::udp((INSIDE6, 1), (Playground::GATEWAY6, 2), b"")
}

#[test]
fn limit() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules =
            ["-m limit --limit 1/hour --limit-burst 3", "-m limit --limit 1/hour", "-p icmp -m limit"];
        let packets = vec![udp(2, 9); 7];
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [3, 5, 0]);
        // The bucket fills up again.
        let rules = ["-m limit --limit 4/second --limit-burst 1"];
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [1]);
        sleep(Duration::from_millis(280));
        lab.inside.send(&udp(2, 9))?;
        lab.settle(Family::Ipv4, FIRST, 8)?;
        assert_eq!(lab.counts(Family::Ipv4, FIRST)?, [2, 8]);
        assert_eq!(lab.count(FIRST, &["-m limit --limit 1/min --limit-burst 2"], &vec![udp6(); 4])?, [2]);
        Ok(())
    });
}

#[test]
fn hashlimit() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rule = |name: &str, options: &str| format!("-m hashlimit --hashlimit-name {name} {options}");
        let rules = [
            rule("host", "--hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip"),
            rule("port", "--hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode dstport"),
            rule("both", "--hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip,dstport"),
            rule("all", "--hashlimit-upto 1/hour --hashlimit-burst 2"),
            rule("over", "--hashlimit-above 1/hour --hashlimit-burst 2 --hashlimit-mode srcip"),
            rule(
                "pairs",
                "--hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-srcmask 31",
            ),
        ];
        let rules = rules.each_ref().map(String::as_str).map(|rule| format!("-p udp {rule}"));
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        // Three times from each host to each port. The two hosts differ in the last bit of their addresses.
        let packets = [udp(2, 8), udp(2, 9), udp(3, 8), udp(3, 9)];
        let packets: Vec<Packet> = packets.iter().cycle().take(12).cloned().collect();
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [4, 4, 8, 2, 8, 2]);
        let rules = ["-m hashlimit --hashlimit-name six --hashlimit-upto 1/hour --hashlimit-burst 2 \
                      --hashlimit-mode srcip --hashlimit-srcmask 64"];
        let other = Packet { source: Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, 99).into(), ..udp6() };
        let far = Packet { source: Ipv6Addr::new(0xfd00, 3, 0, 0, 0, 0, 0, 99).into(), ..udp6() };
        assert_eq!(lab.count(FIRST, &rules, &[udp6(), other, udp6(), far])?, [3]);
        Ok(())
    });
}

#[test]
fn hashlimit_by_bytes() {
    test(|play| {
        let lab = Lab::new(play)?;
        let data = |length| Packet::udp((Playground::INSIDE, 1), (GATEWAY, 2), &vec![0; length]);
        let rules = ["-m hashlimit --hashlimit-name bytes --hashlimit-upto 1kb/s --hashlimit-burst 4kb"];
        // 1028 octets each, with the headers: what a second brings, and four times that.
        assert_eq!(lab.count(FIRST, &rules, &vec![data(1000); 8])?, [5]);
        let rules = ["-m hashlimit --hashlimit-name small --hashlimit-upto 1kb/s --hashlimit-burst 4kb"];
        assert_eq!(lab.count(FIRST, &rules, &vec![data(0); 8])?, [8]);
        Ok(())
    });
}

#[test]
fn recent() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-p udp --dport 7 -m recent --set --name knocked",
            "-p udp --dport 9 -m recent --rcheck --name knocked",
            "-p udp --dport 9 -m recent ! --rcheck --name knocked",
            "-p udp --dport 9 -m recent --rcheck --hitcount 2 --name knocked",
            "-p udp --dport 8 -m recent --remove --name knocked",
        ];
        let hosts = [udp(2, 9), udp(2, 7), udp(2, 9), udp(3, 9), udp(2, 7), udp(2, 9), udp(2, 8), udp(2, 9)];
        assert_eq!(lab.count(FIRST, &rules, &hosts)?, [2, 2, 3, 1, 1]);
        Ok(())
    });
}

#[test]
fn recent_by_time_and_network() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-p udp --dport 7 -m recent --set --name nets --mask 255.255.255.0",
            "-p udp --dport 5 -m recent --rcheck --name nets --mask 255.255.255.0",
            "-p udp --dport 5 -m recent --rcheck --name hosts",
            "-p udp --dport 7 -m recent --set --name hosts",
            "-p udp --dport 7 -m recent --set --name gates --rdest",
            "-p udp --dport 5 -m recent --rcheck --name gates --rdest",
            "-p udp --dport 9 -m recent --rcheck --seconds 60 --name hosts",
        ];
        let packets = [udp(2, 7), udp(3, 5), udp(2, 9), udp(3, 9)];
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [1, 1, 0, 1, 1, 1, 1]);
        let rules = [
            "-p udp --dport 7 -m recent --set --name hops",
            "-p udp --dport 9 -m recent --rcheck --rttl --name hops",
            "-p udp --dport 9 -m recent --update --seconds 60 --hitcount 3 --name hops",
        ];
        // Each update is a hit, but the hits before the third are not.
        let shorter = Packet { ttl: 30, ..udp(2, 9) };
        let counted = lab.count(FIRST, &rules, &[udp(2, 7), udp(2, 7), udp(2, 9), shorter])?;
        assert_eq!(counted, [2, 1, 0]);
        let rules = ["-m recent --set --name six", "-m recent --rcheck --hitcount 2 --name six"];
        assert_eq!(lab.count(FIRST, &rules, &vec![udp6(); 3])?, [3, 2]);
        Ok(())
    });
}

#[test]
fn statistic() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-m statistic --mode nth --every 3 --packet 0",
            "-m statistic --mode nth ! --every 3 --packet 0",
            "-m statistic --mode nth --every 7 --packet 6",
            "-m statistic --mode random --probability 0",
            "-m statistic --mode random --probability 1",
            "-m statistic --mode random ! --probability 1",
        ];
        assert_eq!(lab.count(FIRST, &rules, &vec![udp(2, 9); 20])?, [7, 13, 2, 0, 20, 0]);
        // With 400 packets the bounds are more than five standard deviations away.
        let rules = ["-m statistic --mode random --probability 0.25"];
        let [quarter] = lab.count(FIRST, &rules, &vec![udp(2, 9); 400])?[..] else { unreachable!() };
        assert!((55..=145).contains(&quarter), "{quarter}");
        Ok(())
    });
}

/// Which packet is the nth one.
#[test]
fn statistic_in_turn() {
    test(|play| {
        let lab = Lab::new(play)?;
        // How traffic is spread over three ways.
        let rules = [
            "-m mark --mark 0 -m statistic --mode nth --every 3 --packet 0 -j MARK --set-mark 1",
            "-m mark --mark 0 -m statistic --mode nth --every 2 --packet 0 -j MARK --set-mark 2",
            "-m mark --mark 0 -j MARK --set-mark 3",
        ];
        assert_eq!(lab.count(FIRST, &rules, &vec![udp(2, 9); 12])?, [4, 4, 4]);
        // The packets are counted from 0.
        for packet in 0..3 {
            let rule = format!("-m statistic --mode nth --every 3 --packet {packet}");
            lab.set(Family::Ipv4, FIRST, &[&rule, ""])?;
            let mut hits = 0;
            for number in 0..7 {
                lab.inside.send(&udp(2, 1))?;
                hits += u64::from(number % 3 == packet);
                assert_eq!(lab.settle(Family::Ipv4, FIRST, number + 1)?, [hits, number + 1], "{rule}");
            }
        }
        Ok(())
    });
}

#[test]
fn quota() {
    test(|play| {
        let lab = Lab::new(play)?;
        // 29 bytes each.
        let packet = Packet::udp((Playground::INSIDE, 1), (GATEWAY, 2), b"1");
        let rules = ["-m quota --quota 90", "-m quota ! --quota 90", "-m quota --quota 0"];
        assert_eq!(lab.count(FIRST, &rules, &vec![packet; 5])?, [3, 2, 0]);
        // 48 bytes each.
        assert_eq!(lab.count(FIRST, &["-m quota --quota 96"], &vec![udp6(); 5])?, [2]);
        Ok(())
    });
}

#[test]
fn connlimit() {
    test(|play| {
        let lab = Lab::new(play)?;
        let syn = |host: u8, port: u16| {
            Packet::tcp((Ipv4Addr::new(10, 0, 0, host), port), (Playground::OUTSIDE, 80), Segment::SYN)
        };
        let rules = [
            "-p tcp --syn -m connlimit --connlimit-above 2",
            "-p tcp --syn -m connlimit --connlimit-upto 2",
            "-p tcp --syn -m connlimit --connlimit-above 2 --connlimit-mask 24",
            "-p tcp --syn -m connlimit --connlimit-above 2 --connlimit-daddr",
            "-p tcp --syn -m connlimit --connlimit-upto 0",
        ];
        // Three of one host and one of another.
        let packets = [syn(2, 1), syn(2, 2), syn(2, 3), syn(3, 1)];
        assert_eq!(lab.count("filter FORWARD", &rules, &packets)?, [1, 3, 2, 2, 0]);
        let syn = |port: u16| Packet::tcp((INSIDE6, port), (Playground::OUTSIDE6, 80), Segment::SYN);
        let rules = ["-p tcp --syn -m connlimit --connlimit-above 1 --connlimit-mask 64"];
        assert_eq!(lab.count("filter FORWARD", &rules, &[syn(1), syn(2), syn(3)])?, [2]);
        Ok(())
    });
}

#[test]
fn rateest() {
    test(|play| {
        let lab = Lab::new(play)?;
        let estimate =
            "-p udp --dport 9 -j RATEEST --rateest-name flow --rateest-interval 250ms --rateest-ewmalog 0.5s";
        let rules = [
            estimate,
            "-m rateest --rateest flow --rateest-pps 20 --rateest-gt",
            "-m rateest --rateest flow --rateest-pps 20 --rateest-lt",
            "-m rateest --rateest flow --rateest-bps 1mbit --rateest-lt",
        ];
        // At first nothing is known of the flow.
        assert_eq!(lab.count(FIRST, &rules, &[udp(2, 8)])?, [0, 0, 1, 1]);
        for _ in 0..60 {
            (0..5).try_for_each(|_| lab.inside.send(&udp(2, 9)))?;
            sleep(Duration::from_millis(10));
        }
        let before = lab.counts(Family::Ipv4, FIRST)?;
        lab.inside.send(&udp(2, 8))?;
        let after = lab.settle(Family::Ipv4, FIRST, before[4] + 1)?;
        let hits: Vec<u64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
        assert_eq!(hits, [0, 1, 0, 1, 1]);
        Ok(())
    });
}
