//! What is in a packet, by octets.

use libfw::Family;
use libfw_playground::{Playground, test, traffic};

use crate::{CLIENT, SERVER, arrivals, connects, filter, listen, pings, received, rules, send};

#[test]
fn u32() {
    test(|play| {
        let [client, server] = play.pair()?;
        let receiver = server.run(|| traffic::udp((SERVER, 9)))?;
        // The first word of the data, behind the headers of IP and UDP: "drop".
        filter(&server, &["INPUT -p udp -m u32 --u32 0>>22&0x3C@8=0x64726f70 -j DROP"])?;
        send(&client, CLIENT, 9, &[b"drop me", b"keep me", b"drop me too"])?;
        assert_eq!(received(&receiver), [b"keep me"]);
        Ok(())
    });
}

#[test]
fn string() {
    test(|play| {
        let rules = ["INPUT -p udp -m string --algo bm --string secret -j DROP"];
        let arrived = arrivals(play, &rules, &[b"a secret", b"nothing", b"secretly"])?;
        assert_eq!(arrived, [b"nothing"]);
        Ok(())
    });
}

#[test]
fn bpf() {
    test(|play| {
        let [client, server] = play.pair()?;
        let _listener = listen(&server, 80)?;
        // Byte 9 of the header is the protocol; 1 is ICMP.
        filter(&server, &["INPUT -m bpf --bytecode \"4,48 0 0 9,21 0 1 1,6 0 0 1,6 0 0 0\" -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
        assert!(connects(&client, SERVER, 80));
        Ok(())
    });
}

#[test]
fn length() {
    test(|play| {
        // With 28 bytes of headers.
        let rules = ["INPUT -p udp -m length --length 30:40 -j DROP"];
        let arrived = arrivals(play, &rules, &[b"1", b"12", b"123456789012", b"1234567890123"])?;
        assert_eq!(arrived, [&b"1"[..], b"1234567890123"]);
        Ok(())
    });
}

#[test]
fn multiport() {
    test(|play| {
        let [client, server] = play.pair()?;
        let ports = [79, 80, 99, 100, 102, 103];
        let _listeners = ports.map(|port| listen(&server, port));
        filter(&server, &["INPUT -p tcp -m multiport --dports 80,100:102 -j DROP"])?;
        let open = ports.map(|port| connects(&client, SERVER, port));
        assert_eq!(open, [true, false, true, false, false, true]);
        Ok(())
    });
}

#[test]
fn mac() {
    test(|play| {
        let [client, server] = play.pair()?;
        let mac = client.mac("eth0")?;
        filter(&server, &[&format!("INPUT -m mac ! --mac-source {mac} -j DROP")])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &[&format!("INPUT -m mac --mac-source {mac} -j DROP")])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn addrtype() {
    test(|play| {
        let [client, server] = play.pair()?;
        filter(&server, &["INPUT -m addrtype --dst-type BROADCAST -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &["INPUT -m addrtype --dst-type LOCAL -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn iprange() {
    test(|play| {
        let [client, server] = play.pair()?;
        filter(&server, &["INPUT -m iprange --src-range 192.168.122.154-192.168.122.200 -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &["INPUT -m iprange --src-range 192.168.122.129-192.168.122.153 -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}

#[test]
fn icmp6() {
    test(|play| {
        let [client, server] = play.pair()?;
        assert!(pings(&client, Playground::SERVER6)?);
        rules(&server, Family::Ipv6, "filter", &["INPUT -p ipv6-icmp --icmpv6-type echo-request -j DROP"])?;
        assert!(!pings(&client, Playground::SERVER6)?);
        // The other way the server only gets replies.
        assert!(pings(&server, Playground::CLIENT6)?);
        Ok(())
    });
}

#[test]
fn mark() {
    test(|play| {
        let [client, server] = play.pair()?;
        rules(&server, Family::Ipv4, "mangle", &["PREROUTING -p icmp -j MARK --set-mark 0x10"])?;
        filter(&server, &["INPUT -m mark --mark 0x20/0x20 -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        rules(&server, Family::Ipv4, "mangle", &["PREROUTING -p icmp -j MARK --or-mark 0x20"])?;
        assert!(!pings(&client, SERVER)?);
        Ok(())
    });
}
