//! What rules do to real packets: each test sees them pass, fail or change between namespaces.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use libfw::{ErrorKind, Family, Policy, Table};
use libfw_playground::{Namespace, Playground, test, traffic};

const CLIENT: Ipv4Addr = Playground::CLIENT;
const SERVER: Ipv4Addr = Playground::SERVER;

/// Commits rules on a host; each is the name of a chain and the rest of what follows `-A`.
fn rules(host: &Namespace, family: Family, table: &str, rules: &[&str]) -> io::Result<()> {
    let edit = |table: &mut Table| {
        rules.iter().try_for_each(|line| {
            let (chain, rule) = line.split_once(' ').unwrap_or((line, ""));
            table.chain_mut(chain)?.append(rule)
        })
    };
    host.run(|| Table::update(family, table, edit)).map(drop).map_err(refused)
}

/// Rules of the table filter for IPv4.
fn filter(host: &Namespace, lines: &[&str]) -> io::Result<()> {
    rules(host, Family::Ipv4, "filter", lines)
}

/// What the kernel does not have, it cannot be tested for.
fn refused(error: libfw::Error) -> io::Error {
    let kind = match error.kind() {
        ErrorKind::ExtensionUnavailable | ErrorKind::NoSuchTable => io::ErrorKind::Unsupported,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// The packets that a rule of INPUT has counted.
fn counted(host: &Namespace, rule: usize) -> io::Result<u64> {
    let table = host.run(|| Table::open(Family::Ipv4, "filter")).map_err(refused)?;
    let rule = table.chain("INPUT").and_then(|chain| chain.rule(rule)).expect("a rule");
    Ok(rule.counters().packets)
}

fn pings(from: &Namespace, to: impl Into<IpAddr>) -> io::Result<bool> {
    let to = to.into();
    from.run(|| traffic::ping(to))
}

/// Whether a TCP connection comes about.
fn connects(from: &Namespace, to: Ipv4Addr, port: u16) -> bool {
    from.run(|| traffic::connect((to, port))).is_ok()
}

fn listen(host: &Namespace, port: u16) -> io::Result<TcpListener> {
    host.run(|| TcpListener::bind(("0.0.0.0", port)))
}

/// Sends datagrams from an address of a host to a receiver.
fn send(host: &Namespace, from: Ipv4Addr, port: u16, data: &[&[u8]]) -> io::Result<()> {
    let sender = host.run(|| traffic::udp((from, 0)))?;
    data.iter().try_for_each(|data| sender.send_to(data, (SERVER, port)).map(drop))
}

/// The datagrams that came, until none comes any more.
fn received(receiver: &UdpSocket) -> Vec<Vec<u8>> {
    let mut datagrams = Vec::new();
    let mut data = [0; 2048];
    while let Ok(length) = receiver.recv(&mut data) {
        datagrams.push(data[..length].to_vec());
    }
    datagrams
}

/// Accepts a connection, and returns the address it seems to come from.
fn peer(listener: &TcpListener) -> io::Result<SocketAddr> {
    listener.accept().map(|(_, peer)| peer)
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

#[test]
fn limit() {
    test(|play| {
        let [client, server] = play.pair()?;
        let receiver = server.run(|| traffic::udp((SERVER, 9)))?;
        filter(
            &server,
            &["INPUT -p udp -m limit --limit 1/hour --limit-burst 3 -j ACCEPT", "INPUT -p udp -j DROP"],
        )?;
        send(&client, CLIENT, 9, &[b"a", b"b", b"c", b"d", b"e"])?;
        assert_eq!(received(&receiver), [b"a", b"b", b"c"]);
        Ok(())
    });
}

#[test]
fn hashlimit() {
    test(|play| {
        let [client, server] = play.pair()?;
        let other = Ipv4Addr::new(192, 168, 122, 154);
        client.add_address("eth0", other.into(), 24)?;
        let receiver = server.run(|| traffic::udp((SERVER, 9)))?;
        filter(
            &server,
            &[
                "INPUT -p udp -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip \
                 --hashlimit-name each -j ACCEPT",
                "INPUT -p udp -j DROP",
            ],
        )?;
        send(&client, CLIENT, 9, &[b"a", b"b", b"c"])?;
        send(&client, other, 9, &[b"A", b"B", b"C"])?;
        assert_eq!(received(&receiver), [b"a", b"b", b"A", b"B"]);
        Ok(())
    });
}

#[test]
fn recent() {
    test(|play| {
        let [client, server] = play.pair()?;
        let door = server.run(|| traffic::udp((SERVER, 9)))?;
        filter(
            &server,
            &[
                "INPUT -p udp --dport 7 -m recent --set --name knocked",
                "INPUT -p udp --dport 9 -m recent ! --rcheck --name knocked -j DROP",
            ],
        )?;
        send(&client, CLIENT, 9, &[b"before"])?;
        send(&client, CLIENT, 7, &[b"knock"])?;
        send(&client, CLIENT, 9, &[b"after"])?;
        assert_eq!(received(&door), [b"after"]);
        Ok(())
    });
}

#[test]
fn statistic() {
    test(|play| {
        let [client, server] = play.pair()?;
        let receiver = server.run(|| traffic::udp((SERVER, 9)))?;
        filter(&server, &["INPUT -p udp -m statistic --mode nth --every 3 --packet 0 -j DROP"])?;
        send(&client, CLIENT, 9, &[b"1", b"2", b"3", b"4", b"5", b"6", b"7"])?;
        assert_eq!(received(&receiver), [b"2", b"3", b"5", b"6"]);
        Ok(())
    });
}

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
fn untracked() {
    test(|play| {
        let [client, server] = play.pair()?;
        rules(&server, Family::Ipv4, "raw", &["PREROUTING -p icmp -j CT --notrack"])?;
        assert!(pings(&client, SERVER)?);
        filter(&server, &["INPUT -m conntrack --ctstate UNTRACKED -j DROP"])?;
        assert!(!pings(&client, SERVER)?);
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

/// The type and code of the ICMP error that the sender of a datagram gets.
#[test]
fn reject() {
    test(|play| {
        let [client, server] = play.pair()?;
        let kinds = [
            ("icmp-net-unreachable", 0),
            ("icmp-host-unreachable", 1),
            ("icmp-proto-unreachable", 2),
            ("icmp-port-unreachable", 3),
            ("icmp-net-prohibited", 9),
            ("icmp-host-prohibited", 10),
            ("icmp-admin-prohibited", 13),
        ];
        for (port, (kind, code)) in (1..).zip(kinds) {
            // Somebody listens, so that the kernel has no reason of its own to refuse.
            let _receiver = server.run(|| traffic::udp((SERVER, port)))?;
            assert_eq!(client.run(|| traffic::refusal((SERVER, port)))?, None);
            filter(&server, &[&format!("INPUT -p udp --dport {port} -j REJECT --reject-with {kind}")])?;
            assert_eq!(client.run(|| traffic::refusal((SERVER, port)))?, Some((3, code)), "{kind}");
        }
        Ok(())
    });
}

#[test]
fn reject_by_reset() {
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
            ("icmp6-no-route", 0),
            ("icmp6-adm-prohibited", 1),
            ("icmp6-addr-unreachable", 3),
            ("icmp6-port-unreachable", 4),
            ("icmp6-policy-fail", 5),
            ("icmp6-reject-route", 6),
        ];
        let server6 = Playground::SERVER6;
        for (port, (kind, code)) in (1..).zip(kinds) {
            let _receiver = server.run(|| traffic::udp((server6, port)))?;
            let rule = format!("INPUT -p udp --dport {port} -j REJECT --reject-with {kind}");
            rules(&server, Family::Ipv6, "filter", &[&rule])?;
            assert_eq!(client.run(|| traffic::refusal((server6, port)))?, Some((1, code)), "{kind}");
        }
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
fn snat() {
    test(|play| {
        let [inside, router, outside] = play.routed()?;
        let listener = listen(&outside, 80)?;
        // Without it, no answer finds its way back.
        assert!(!connects(&inside, Playground::OUTSIDE, 80));
        let to = Playground::UPLINK;
        let rule = format!("POSTROUTING -o out -p tcp -j SNAT --to-source {to}:5000-5001");
        rules(&router, Family::Ipv4, "nat", &[&rule])?;
        let _near = inside.run(|| traffic::connect((Playground::OUTSIDE, 80)))?;
        let from = peer(&listener)?;
        assert_eq!(from.ip(), to);
        assert!((5000..=5001).contains(&from.port()), "{from}");
        Ok(())
    });
}

#[test]
fn masquerade() {
    test(|play| {
        let [inside, router, outside] = play.routed()?;
        let listener = listen(&outside, 80)?;
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

/// Which of some datagrams arrive when a server has these rules.
fn arrivals(play: &Playground, lines: &[&str], data: &[&[u8]]) -> io::Result<Vec<Vec<u8>>> {
    let [client, server] = play.pair()?;
    let receiver = server.run(|| traffic::udp((SERVER, 9)))?;
    filter(&server, lines)?;
    send(&client, CLIENT, 9, data)?;
    Ok(received(&receiver))
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
fn quota() {
    test(|play| {
        let rules = ["INPUT -p udp -m quota --quota 90 -j ACCEPT", "INPUT -p udp -j DROP"];
        // 29 bytes each.
        let arrived = arrivals(play, &rules, &[b"1", b"2", b"3", b"4", b"5"])?;
        assert_eq!(arrived, [b"1", b"2", b"3"]);
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
fn connlimit() {
    test(|play| {
        let [client, server] = play.pair()?;
        let _listener = listen(&server, 80)?;
        filter(&server, &["INPUT -p tcp --syn -m connlimit --connlimit-above 2 -j REJECT"])?;
        let connect = || client.run(|| traffic::connect((SERVER, 80)));
        let _two = [connect()?, connect()?];
        assert_eq!(connect().map_err(|error| error.kind()).err(), Some(io::ErrorKind::ConnectionRefused));
        Ok(())
    });
}

#[test]
fn connmark() {
    test(|play| {
        let [client, _server] = play.pair()?;
        filter(&client, &["INPUT -m connmark --mark 3 -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        // Set on the request, seen on the reply.
        rules(&client, Family::Ipv4, "mangle", &["OUTPUT -p icmp -j CONNMARK --set-mark 3"])?;
        assert!(!pings(&client, SERVER)?);
        assert_eq!(counted(&client, 0)?, 1);
        Ok(())
    });
}

#[test]
fn owner() {
    test(|play| {
        let [client, _server] = play.pair()?;
        filter(&client, &["OUTPUT -m owner ! --uid-owner 0 -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        filter(&client, &["OUTPUT -m owner --uid-owner 0 -j DROP"])?;
        assert_eq!(
            pings(&client, SERVER).map_err(|error| error.kind()),
            Err(io::ErrorKind::PermissionDenied)
        );
        Ok(())
    });
}

#[test]
fn ttl_and_dscp() {
    test(|play| {
        for (set, matching) in [
            ("PREROUTING -j TTL --ttl-set 5", "INPUT -m ttl --ttl-eq 5 -j DROP"),
            ("PREROUTING -j DSCP --set-dscp-class EF", "INPUT -m dscp --dscp 46 -j DROP"),
            ("PREROUTING -j TOS --set-tos 0x10", "INPUT -m tos --tos 0x10 -j DROP"),
        ] {
            let [client, server] = play.pair()?;
            filter(&server, &[matching])?;
            assert!(pings(&client, SERVER)?, "{matching}");
            rules(&server, Family::Ipv4, "mangle", &[set])?;
            assert!(!pings(&client, SERVER)?, "{set}");
        }
        Ok(())
    });
}

#[test]
fn tcpmss() {
    test(|play| {
        let [client, server] = play.pair()?;
        let _listener = listen(&server, 80)?;
        filter(&server, &["INPUT -p tcp --syn -m tcpmss --mss 600 -j DROP"])?;
        assert!(connects(&client, SERVER, 80));
        rules(&client, Family::Ipv4, "mangle", &["OUTPUT -p tcp --syn -j TCPMSS --set-mss 600"])?;
        assert!(!connects(&client, SERVER, 80));
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
