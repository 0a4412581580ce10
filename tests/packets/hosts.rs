//! What the host knows besides the packet.

use std::io;
use std::net::Ipv4Addr;

use libfw_playground::test;

use crate::{CLIENT, SERVER, filter, pings, send};

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
