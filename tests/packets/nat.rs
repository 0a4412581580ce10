//! Translation of addresses.

use std::io::{Read, Write};

use libfw::Family;
use libfw_playground::{Playground, test, traffic};

use crate::{CLIENT, SERVER, connects, listen, peer, pings, rules};

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
