//! What becomes of a packet: it passes, or somebody is told that it does not.

use std::io;

use libfw::{Family, Policy, Table};
use libfw_playground::{Playground, test, traffic};

use crate::{SERVER, filter, listen, pings, refused, rules};

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
