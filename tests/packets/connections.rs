//! What connection tracking knows.

use libfw::Family;
use libfw_playground::test;

use crate::{CLIENT, SERVER, connects, counted, filter, listen, pings, rules};

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
