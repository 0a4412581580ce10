//! How many and how often.

use std::io;
use std::net::Ipv4Addr;

use libfw_playground::{test, traffic};

use crate::{CLIENT, SERVER, arrivals, filter, listen, received, send};

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
        assert_eq!(received(&receiver), [b"1", b"2", b"4", b"5", b"7"]);
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
