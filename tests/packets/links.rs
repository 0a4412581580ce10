//! Where a packet comes from and goes to.

use std::net::{Ipv4Addr, Ipv6Addr};

use libfw::Family;
use libfw_playground::packet::Packet;
use libfw_playground::{Playground, Tap, test};

use crate::lab::{FIRST, Lab};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const GATEWAY6: Ipv6Addr = Playground::GATEWAY6;

fn to(destination: Ipv4Addr) -> Packet {
    Packet::udp((INSIDE, 1), (destination, 2), b"")
}

fn from(source: Ipv4Addr) -> Packet {
    Packet::udp((source, 1), (GATEWAY, 2), b"")
}

fn from6(source: Ipv6Addr) -> Packet {
    Packet::udp((source, 1), (GATEWAY6, 2), b"")
}

#[test]
fn mac() {
    test(|play| {
        let lab = Lab::new(play)?;
        let mac = |tap: &Tap| tap.mac().map(|octet| format!("{octet:02x}")).join(":");
        let (inside, outside) = (mac(&lab.inside), mac(&lab.outside));
        for packet in [from(INSIDE), from6(INSIDE6)] {
            lab.check(FIRST, &format!("-m mac --mac-source {inside}")[..], &[&packet], &[])?;
            lab.check(FIRST, &format!("-m mac ! --mac-source {outside}")[..], &[&packet], &[])?;
            let others =
                [format!("-m mac --mac-source {outside}"), format!("-m mac ! --mac-source {inside}")];
            assert_eq!(lab.count(FIRST, &others.each_ref().map(|rule| &rule[..]), &[packet])?, [0, 0]);
        }
        Ok(())
    });
}

#[test]
fn kinds_of_addresses() {
    test(|play| {
        let lab = Lab::new(play)?;
        let all = Ipv4Addr::new(10, 0, 0, 255);
        let group = Ipv4Addr::new(224, 0, 0, 251);
        let (local, broadcast) = (to(GATEWAY), to(all));
        let (multicast, through) = (to(group), to(Playground::OUTSIDE));
        let place = FIRST;
        lab.check(place, "-m addrtype --dst-type LOCAL", &[&local], &[&broadcast, &multicast, &through])?;
        lab.check(place, "-m addrtype --dst-type BROADCAST", &[&broadcast], &[&local, &through])?;
        lab.check(place, "-m addrtype --dst-type MULTICAST", &[&multicast], &[&local, &through])?;
        lab.check(place, "-m addrtype --dst-type UNICAST,LOCAL", &[&through, &local], &[&broadcast])?;
        lab.check(place, "-m addrtype ! --dst-type LOCAL", &[&through, &broadcast], &[&local])?;
        let uplink = to(Playground::UPLINK);
        let limited = "-m addrtype --dst-type LOCAL --limit-iface-in";
        lab.check(place, "-m addrtype --dst-type LOCAL", &[&local, &uplink], &[])?;
        lab.check(place, limited, &[&local], &[&uplink])?;
        lab.check(place, "-m addrtype --src-type UNICAST", &[&local], &[&from(Ipv4Addr::BROADCAST)])?;
        let packet = |destination| Packet::udp((INSIDE6, 1), (destination, 2), b"");
        let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
        lab.check(
            place,
            "-m addrtype --dst-type LOCAL",
            &[&packet(GATEWAY6)],
            &[&packet(Playground::OUTSIDE6), &packet(group)],
        )
    });
}

#[test]
fn kinds_of_packets() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = ["unicast", "broadcast", "multicast"].map(|kind| format!("-m pkttype --pkt-type {kind}"));
        let mut rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        rules.push("-m pkttype ! --pkt-type broadcast");
        for packet in [from(INSIDE), from6(INSIDE6)] {
            // They count the packet that this sends, and then those with other hardware addresses.
            let place = "raw PREROUTING";
            assert_eq!(lab.count(place, &rules, std::slice::from_ref(&packet))?, [1, 0, 0, 1]);
            let family = crate::lab::family(&packet);
            lab.inside.send_to([0xff; 6], &packet)?;
            lab.settle(family, place, 2)?;
            assert_eq!(lab.counts(family, place)?[..4], [1, 1, 0, 1]);
            lab.inside.send_to([0x33, 0x33, 0, 0, 0, 1], &packet)?;
            lab.settle(family, place, 3)?;
            assert_eq!(lab.counts(family, place)?[..4], [1, 1, 1, 2]);
        }
        Ok(())
    });
}

#[test]
fn iprange() {
    test(|play| {
        let lab = Lab::new(play)?;
        let at = |last| from(Ipv4Addr::new(10, 0, 0, last));
        let inner = [&at(5), &at(9)];
        let outer = [&at(4), &at(10)];
        lab.check(FIRST, "-m iprange --src-range 10.0.0.5-10.0.0.9", &inner, &outer)?;
        lab.check(FIRST, "-m iprange ! --src-range 10.0.0.5-10.0.0.9", &outer, &inner)?;
        let gateway = "-m iprange --src-range 10.0.0.0-10.0.0.255 --dst-range 10.0.0.1-10.0.0.2";
        lab.check(FIRST, gateway, &[&at(3)], &[&to(Playground::UPLINK)])?;
        let at = |last| from6(Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, last));
        let inner = [&at(5), &at(0x105)];
        let outer = [&at(4), &at(0x106)];
        lab.check(FIRST, "-m iprange --src-range fd00:1::5-fd00:1::105", &inner, &outer)
    });
}

#[test]
fn device_groups() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.set_group("in", 7)?;
        lab.router.set_group("out", 0x107)?;
        let through = to(Playground::OUTSIDE);
        let place = "filter FORWARD";
        lab.check(place, "-m devgroup --src-group 7", &[&through], &[])?;
        lab.check(place, "-m devgroup --src-group 7 --dst-group 0x107", &[&through], &[])?;
        lab.check(place, "-m devgroup --dst-group 7/0xff", &[&through], &[])?;
        let others =
            ["-m devgroup --dst-group 7", "-m devgroup ! --src-group 7", "-m devgroup --src-group 0"];
        assert_eq!(lab.count(place, &others, &[through])?, [0; 3]);
        Ok(())
    });
}

#[test]
fn realm() {
    test(|play| {
        let lab = Lab::new(play)?;
        let far = Ipv4Addr::new(198, 51, 100, 1);
        lab.router.add_route_in_realm(Ipv4Addr::new(198, 51, 100, 0), 24, Playground::OUTSIDE, 10)?;
        let place = "filter FORWARD";
        let (there, elsewhere) = (to(far), to(Playground::OUTSIDE));
        lab.check(place, "-m realm --realm 10", &[&there], &[&elsewhere])?;
        lab.check(place, "-m realm ! --realm 10", &[&elsewhere], &[&there])?;
        lab.check(place, "-m realm --realm 2/2", &[&there], &[&elsewhere])
    });
}

#[test]
fn reverse_path() {
    test(|play| {
        let lab = Lab::new(play)?;
        let place = "raw PREROUTING";
        // From the network at the other interface, and from nowhere.
        let (good, spoofed, unknown) =
            (from(INSIDE), from(Playground::OUTSIDE), from(Ipv4Addr::new(203, 0, 113, 9)));
        lab.check(place, "-m rpfilter", &[&good], &[&spoofed, &unknown])?;
        lab.check(place, "-m rpfilter --invert", &[&spoofed, &unknown], &[&good])?;
        lab.check(place, "-m rpfilter --loose", &[&good, &spoofed], &[&unknown])?;
        // An address of the router itself, which nobody else should have.
        let own = from(Playground::GATEWAY);
        lab.check(place, "-m rpfilter --accept-local", &[&good, &own], &[&spoofed])?;
        lab.check(place, "-m rpfilter", &[&good], &[&own])?;
        // With a mark there may be another way back, which only counts with the option.
        let marks = ["-s 192.0.2.0/24 -j MARK --set-mark 1", "-m rpfilter --validmark", "-m rpfilter"];
        lab.router.divert_marked(Ipv4Addr::UNSPECIFIED.into(), 1, "in")?;
        assert_eq!(lab.count(place, &marks, &[spoofed])?, [1, 1, 0]);
        let (good, spoofed) = (from6(INSIDE6), from6(Playground::OUTSIDE6));
        lab.check(place, "-m rpfilter", &[&good], &[&spoofed])?;
        lab.check(place, "-m rpfilter --loose", &[&good, &spoofed], &[])
    });
}

#[test]
fn bridge_ports() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.add_bridge("br0", &["in", "out"])?;
        lab.router.set("net/bridge/bridge-nf-call-iptables", "1")?;
        let packet = Packet::udp((INSIDE, 1), (Ipv4Addr::new(10, 0, 0, 3), 2), b"");
        let rules = [
            "-m physdev --physdev-in in --physdev-out out",
            "-m physdev --physdev-is-bridged",
            "-m physdev --physdev-is-in --physdev-is-out",
            "-m physdev --physdev-in i+",
            "-i br0 -o br0",
            "-m physdev --physdev-in out",
            "-m physdev ! --physdev-is-bridged",
            "-m physdev ! --physdev-out out",
        ];
        lab.set(Family::Ipv4, "filter FORWARD", &rules)?;
        lab.inside.send_to(lab.outside.mac(), &packet)?;
        assert_eq!(lab.outside.receive()?, Some(packet));
        assert_eq!(lab.counts(Family::Ipv4, "filter FORWARD")?, [1, 1, 1, 1, 1, 0, 0, 0]);
        Ok(())
    });
}
