//! Changes to packets.

use libfw::Family;
use libfw_playground::test;

use crate::{SERVER, connects, filter, listen, pings, rules};

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
