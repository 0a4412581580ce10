//! A router between two taps: which packets a rule matches, and what becomes of them.

use std::fmt::Debug;
use std::io;
use std::time::{Duration, Instant};

use libfw::{Family, IntoRule, Table};
use libfw_playground::packet::Packet;
use libfw_playground::{Namespace, Playground, Tap, traffic};

use crate::refused;

/// A router whose networks are taps.
pub struct Lab {
    pub router: Namespace,
    pub inside: Tap,
    pub outside: Tap,
}

/// The first chain that a packet passes; that of the table raw comes before it, but also before connection tracking.
pub const FIRST: &str = "mangle PREROUTING";

/// A table and a chain, from `mangle PREROUTING`.
fn table_and_chain(place: &str) -> (&str, &str) {
    place.split_once(' ').expect("a table and a chain")
}

pub fn family(packet: &Packet) -> Family {
    if packet.source.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }
}

impl Lab {
    pub fn new(play: &Playground) -> io::Result<Lab> {
        let (router, [inside, outside]) = play.tapped()?;
        Ok(Lab { router, inside, outside })
    }

    /// Puts rules in the place of those of a chain, such as `mangle PREROUTING`.
    pub fn set(&self, family: Family, place: &str, rules: &[&str]) -> io::Result<()> {
        let (table, chain) = table_and_chain(place);
        let edit = |table: &mut Table| {
            let mut chain = table.chain_mut(chain)?;
            chain.flush();
            rules.iter().try_for_each(|rule| chain.append(*rule))
        };
        self.router.run(|| Table::update(family, table, edit)).map(drop).map_err(refused)
    }

    /// Puts a rule of any form, and others behind it, in the place of those of a chain.
    fn replace<'a, R>(&self, family: Family, place: &str, rule: &'a R, others: &[&str]) -> io::Result<()>
    where
        R: ?Sized + Debug + Sync,
        &'a R: IntoRule,
    {
        let (table, chain) = table_and_chain(place);
        let edit = |table: &mut Table| {
            let mut chain = table.chain_mut(chain)?;
            chain.flush();
            chain.append(rule)?;
            others.iter().try_for_each(|rule| chain.append(*rule))
        };
        self.router.run(|| Table::update(family, table, edit)).map(drop).map_err(|error| {
            let error = refused(error);
            io::Error::new(error.kind(), format!("{rule:?}: {error}"))
        })
    }

    /// How many packets each rule of a chain has counted.
    pub fn counts(&self, family: Family, place: &str) -> io::Result<Vec<u64>> {
        let (table, chain) = table_and_chain(place);
        let table = self.router.run(|| Table::open(family, table)).map_err(refused)?;
        let chain = table.chain(chain).expect("a chain");
        Ok(chain.rules().map(|rule| rule.counters().packets).collect())
    }

    /// Sends packets from inside, one by one, through a chain with a single rule and no target: it must match these, and not
    /// the others.
    pub fn check<'a, R>(
        &self,
        place: &str,
        rule: &'a R,
        matching: &[&Packet],
        others: &[&Packet],
    ) -> io::Result<()>
    where
        R: ?Sized + Debug + Sync,
        &'a R: IntoRule,
    {
        let family = family(matching[0]);
        // The last rule counts everything, and so tells when a packet has been here.
        self.replace(family, place, rule, &[""])?;
        let packets =
            matching.iter().map(|packet| (packet, 1)).chain(others.iter().map(|packet| (packet, 0)));
        let mut expected = [0, 0];
        for (packet, hits) in packets {
            self.inside.send(packet)?;
            expected = [expected[0] + hits, expected[1] + 1];
            let counted = self.settle(family, place, expected[1])?;
            assert_eq!(counted, expected, "{rule:?} and {packet:?}");
        }
        self.outside.forget()?;
        self.inside.forget()
    }

    /// Sends packets from inside, one by one, through a chain with these rules, none of which takes them out of it: how many
    /// of the packets each rule counts.
    pub fn count(&self, place: &str, rules: &[&str], packets: &[Packet]) -> io::Result<Vec<u64>> {
        let family = family(&packets[0]);
        // The last one counts everything, and so tells when all packets have been here.
        self.set(family, place, &[rules, &[""]].concat())?;
        packets.iter().try_for_each(|packet| self.inside.send(packet))?;
        let mut counted = self.settle(family, place, packets.len() as u64)?;
        assert_eq!(counted.pop(), Some(packets.len() as u64), "not all packets arrived");
        Ok(counted)
    }

    /// Puts rules, none of which takes a packet out of it, in the place of those of a chain, for [`Lab::hits`].
    pub fn watch(&self, family: Family, place: &str, rules: &[&str]) -> io::Result<()> {
        self.set(family, place, &[rules, &[""]].concat())
    }

    /// Sends a packet from a tap, and says which of the rules that [watch](Lab::watch) a chain it hits.
    pub fn hits(&self, place: &str, tap: &Tap, packet: &Packet) -> io::Result<Vec<u64>> {
        let family = family(packet);
        let before = self.counts(family, place)?;
        let all = before.last().expect("rules that watch");
        tap.send(packet)?;
        let after = self.settle(family, place, all + 1)?;
        assert_eq!(after.last(), Some(&(all + 1)), "did not arrive at {place}: {packet:?}");
        Ok(after.iter().zip(&before).map(|(after, before)| after - before).take(after.len() - 1).collect())
    }

    /// Waits until the last rule of a chain has counted some packets.
    pub fn settle(&self, family: Family, place: &str, packets: u64) -> io::Result<Vec<u64>> {
        let deadline = Instant::now() + traffic::PATIENCE;
        loop {
            let counted = self.counts(family, place)?;
            if counted.last() >= Some(&packets) || Instant::now() > deadline {
                return Ok(counted);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What comes out of the router when a packet is sent from inside. What the router does to every packet is undone.
    pub fn forward(&self, packet: &Packet) -> io::Result<Option<Packet>> {
        self.inside.send(packet)?;
        Ok(self.outside.receive()?.map(|packet| Packet { ttl: packet.ttl + 1, ..packet }))
    }

    /// What comes out of the router when a packet is sent from outside.
    pub fn backward(&self, packet: &Packet) -> io::Result<Option<Packet>> {
        self.outside.send(packet)?;
        Ok(self.inside.receive()?.map(|packet| Packet { ttl: packet.ttl + 1, ..packet }))
    }

    /// Changes a packet with one rule in a chain: what goes out must be this.
    pub fn changes<'a, R>(
        &self,
        place: &str,
        rule: &'a R,
        packet: &Packet,
        changed: &Packet,
    ) -> io::Result<()>
    where
        R: ?Sized + Debug + Sync,
        &'a R: IntoRule,
    {
        assert_eq!(self.forward(packet)?.as_ref(), Some(packet), "before {rule:?}");
        self.replace(family(packet), place, rule, &[])?;
        assert_eq!(self.forward(packet)?.as_ref(), Some(changed), "{rule:?}");
        self.set(family(packet), place, &[])
    }
}
