//! Bytes that no kernel sends: whatever they are, the decoders come back.

use std::io;
use std::sync::Arc;

use libfw_playground::{cases, seed};

use super::super::attr::{self, Attrs};
use super::super::memory::{self, Ruleset};
use super::super::message::{Head, Message, Messages, nf_tables};
use super::super::model::{self, RawChain, RawRule, RawTable};
use super::super::refusal::Refusal;
use super::super::replay::{Answers, note, over, replay};
use super::super::session::{Script, Wire};
use super::*;
use crate::kernel::Kernel;
use crate::sys::netlink::{NetlinkSocket, Received};
use crate::{ErrorKind, iptables};

/// Numbers that look random: xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() as usize % bound.max(1)
    }
}

/// Good messages to begin with: of every kind that is decoded.
fn seeds() -> Vec<Vec<u8>> {
    let message = |kind, attributes: &dyn Fn(&mut Writer)| {
        let mut writer = Writer::new();
        let head = Head { kind, flags: 0, sequence: 1, family: IPV4, resource: 3 };
        writer.message(&head, attributes);
        writer.bytes().to_vec()
    };
    let names = |writer: &mut Writer| {
        writer.text(1, b"filter");
        writer.text(2, b"INPUT");
        writer.be64(3, 7);
    };
    let error = |flags: u16| {
        let mut writer = Writer::new();
        let mut payload = (-2i32).to_ne_bytes().to_vec();
        payload.extend(message(nf_tables(NFT_MSG_NEWRULE), &|_| {}));
        let mut details = Writer::new();
        details.text(NLMSGERR_ATTR_MSG, b"no");
        details.put(NLMSGERR_ATTR_OFFS, &44u32.to_ne_bytes());
        payload.extend(details.bytes());
        writer.raw(&((16 + payload.len()) as u32).to_ne_bytes());
        writer.raw(&[NLMSG_ERROR.to_ne_bytes(), flags.to_ne_bytes()].concat());
        writer.raw(&[0; 8]);
        writer.raw(&payload);
        writer.bytes().to_vec()
    };
    vec![
        message(nf_tables(NFT_MSG_NEWGEN), &|writer| writer.be32(NFTA_GEN_ID, 5)),
        message(nf_tables(NFT_MSG_NEWTABLE), &|writer| writer.text(NFTA_TABLE_NAME, b"filter")),
        message(nf_tables(NFT_MSG_NEWSET), &names),
        message(nf_tables(NFT_MSG_NEWCHAIN), &|writer| {
            writer.text(NFTA_CHAIN_TABLE, b"filter");
            writer.be64(NFTA_CHAIN_HANDLE, 2);
            writer.text(NFTA_CHAIN_NAME, b"INPUT");
            writer.nest(NFTA_CHAIN_HOOK, |hook| {
                hook.be32(NFTA_HOOK_HOOKNUM, 1);
                hook.be32(NFTA_HOOK_PRIORITY, 0);
            });
            writer.nest(NFTA_CHAIN_COUNTERS, |counters| {
                counters.be64(NFTA_COUNTER_BYTES, 1);
                counters.be64(NFTA_COUNTER_PACKETS, 1);
            });
        }),
        message(nf_tables(NFT_MSG_NEWRULE), &|writer| {
            names(writer);
            accept(writer, 3);
        }),
        error(NLM_F_ACK_TLVS),
        error(NLM_F_ACK_TLVS | NLM_F_CAPPED),
    ]
}

/// Everything that looks at what the kernel sends; the number of things that were understood.
fn decode(bytes: &[u8]) -> usize {
    let mut understood = 0;
    for message in Messages::new(bytes) {
        let Message { payload, .. } = message;
        understood += [
            model::generation(&message).is_ok_and(|found| found.is_some()),
            RawTable::decode(&message).is_ok_and(|found| found.is_some()),
            RawChain::decode(&message).is_ok_and(|found| found.is_some()),
            RawRule::decode(&message).is_ok_and(|found| found.is_some()),
            model::set_of(&message).is_ok_and(|found| found.is_some()),
            message.kind == NLMSG_ERROR && message.failure().is_some(),
        ]
        .into_iter()
        .filter(|found| *found)
        .count();
        for (_, payload) in Attrs::new(payload) {
            let _ = (attr::byte(payload), attr::be16(payload), attr::be32(payload), attr::be64(payload));
            let _ = (attr::text(payload), Attrs::new(payload).is_whole());
        }
        let [offset, tag] = [payload.len() / 2, 0].map(|number| number as u64);
        let refusal = Refusal {
            operation: crate::error::NftChange::RuleAppend,
            tag,
            errno: 1,
            message: bytes.to_vec(),
            offset: Some(offset as usize),
        };
        let _ = (refusal.table(), refusal.chain(), refusal.family(), refusal.faulty_attribute());
    }
    understood
}

#[test]
fn no_bytes_make_a_decoder_panic() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let seeds = seeds();
    for seed in &seeds {
        assert_eq!(decode(seed), 1, "{seed:?}");
    }
    for round in 0..200_000 {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        if round % 8 == 0 {
            let length = random.below(100);
            bytes = (0..length).map(|_| random.next() as u8).collect();
        } else if round % 3 == 0 {
            bytes.truncate(random.below(bytes.len() + 1));
        }
        for _ in 0..random.below(4) {
            if !bytes.is_empty() {
                let at = random.below(bytes.len());
                // The edges of lengths are where faults are.
                bytes[at] = [0, 1, 3, 4, 5, 0x7f, 0x80, 0xff, random.next() as u8][random.below(9)];
            }
        }
        decode(&bytes);
    }
}

/// All that a program has a table read for.
fn read_all(kernel: &Kernel) -> crate::Result<usize> {
    let table = kernel.open(Family::Ipv4, "filter")?;
    let mut text = Vec::new();
    iptables::save(&table, true, &mut text).unwrap();
    table
        .chains()
        .try_for_each(|chain| iptables::list_chain(chain, None, <_>::default(), &mut text))
        .unwrap();
    let _ = (table.to_json(), table.counters(), table.notes());
    let mut part = kernel.open_chains(Family::Ipv4, "filter", ["INPUT"])?;
    part.chain_mut("web")?;
    part.chain_mut("other").map(drop).or_else(|error| match error.kind() {
        ErrorKind::NoSuchChain => Ok(()),
        _ => Err(error),
    })?;
    kernel.counters(Family::Ipv4, "filter")?;
    Ok(table.len())
}

fn recorded(wire: Wire) -> Answers {
    let (read, answers) = note(wire, read_all).unwrap();
    assert!(read > 5);
    // What was said is said again.
    assert_eq!(read_all(&replay(answers.clone())).unwrap(), read);
    answers
}

const RULES: &str = "*filter
:INPUT DROP [3:4]
:web - [0:0]
:other - [0:0]
-A INPUT -s 10.0.0.0/9 -i eth+ -p tcp -m tcp --dport 80:90 --tcp-flags SYN,ACK SYN -j web
-A INPUT -m conntrack --ctstate NEW -m limit --limit 5/min -j LOG --log-prefix hello
-A INPUT -m comment --comment words -m mark --mark 0x1/0xff -g other
-A web -p udp -m multiport --dports 53,67 -j REJECT
-A web ! -o lo -f -j RETURN
-A other -m u32 --u32 0=0 -j MARK --set-xmark 1
-A other -j DROP
COMMIT
";

/// Does something to the bytes of a message or of its attributes that leaves most of it as it is.
fn mangle(random: &mut Random, answers: &mut Answers) {
    let filled: Vec<_> = (0..answers.len()).filter(|at| !answers[*at].is_empty()).collect();
    let Some(chosen) = filled.get(random.below(filled.len())) else { return };
    let group = &mut answers[*chosen];
    let at = random.below(group.len());
    let datagram = &mut group[at];
    if datagram.len() < 20 {
        return;
    }
    // Where a message, an attribute or a number may begin.
    let place = random.below(datagram.len()) & !3;
    match random.below(14) {
        0..=2 => datagram[place] = [0, 1, 2, 3, 4, 5, 8, 0x7f, 0x80, 0xff][random.below(10)],
        3 => {
            let length = datagram.len() - place;
            datagram[place..place + length.min(4)].fill([0, 0xff][random.below(2)]);
        }
        4 => datagram.truncate(random.below(datagram.len() + 1)),
        5 => drop(datagram.drain(place..(place + 4 * random.below(20)).min(datagram.len()))),
        6 => {
            let piece = datagram[place..(place + 4 * random.below(40)).min(datagram.len())].to_vec();
            let to = random.below(datagram.len()) & !3;
            drop(datagram.splice(to..to, piece));
        }
        // Flags of the first message: NLM_F_DUMP_INTR among them.
        7 => datagram[6] ^= 0x10,
        // The generation.
        8 => datagram[18] ^= 1,
        9 => group.insert(at, Vec::new()),
        10 => drop(group.remove(at)),
        11 => {
            let again = group[at].clone();
            group.insert(at, again);
        }
        12 => {
            let from = filled[random.below(filled.len())];
            let other = answers[from][0].clone();
            answers[filled[0]].push(other);
        }
        _ => datagram[place] = random.next() as u8,
    }
}

fn hold_out(answers: &Answers, rounds: usize, seed: u64) {
    let mut random = Random(seed | 1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..rounds {
        let mut answers = answers.clone();
        for _ in 0..=random.below(4) {
            mangle(&mut random, &mut answers);
        }
        match read_all(&replay(answers)) {
            Ok(_) => read += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(read > rounds / 50 && refused > rounds / 10, "{read} read, {refused} refused");
}

/// Whatever a wire says: a table is read, or an error says why not.
#[test]
fn no_answers_make_a_reading_panic() {
    let rules: Arc<Ruleset> = Arc::default();
    let kernel = over(Wire::Memory(memory::Wire::new(rules.clone())));
    let options = iptables::RestoreOptions::default();
    iptables::restore(&kernel, Family::Ipv4, RULES.as_bytes(), &options).unwrap();
    let answers = recorded(Wire::Memory(memory::Wire::new(rules)));
    hold_out(&answers, cases(300), seed());
}

/// The same with what a kernel says of rules that iptables-nft and nft have made.
#[test]
fn no_answers_of_a_kernel_make_a_reading_panic() {
    libfw_playground::test_on("nft", |_| {
        session()?;
        if ["iptables-nft-restore", "nft"].iter().any(|program| output(program, &["-V"]).is_none()) {
            return Ok(());
        }
        output("sh", &["-c", &format!("iptables-nft-restore <<'END'\n{RULES}END")]);
        for rule in [
            "ct state new tcp dport { 22, 80 } counter accept",
            "ip saddr 1.2.3.4-1.2.3.9 quota 5 bytes drop",
        ] {
            output("nft", &["add", "rule", "ip", "filter", "INPUT", rule]);
        }
        let answers = recorded(Wire::Kernel(NetlinkSocket::open(None)?));
        hold_out(&answers, cases(200), seed());
        Ok(())
    });
}

/// Readings that are interrupted again and again come to an end when the interruptions do.
#[test]
fn interrupted_readings_are_begun_anew() {
    let options = iptables::RestoreOptions::default();
    let rules: Arc<Ruleset> = Arc::default();
    let writer = over(Wire::Memory(memory::Wire::new(rules.clone())));
    iptables::restore(&writer, Family::Ipv4, RULES.as_bytes(), &options).unwrap();
    let storm = Storm { wire: Wire::Memory(memory::Wire::new(rules)), left: 200 };
    let kernel = over(Wire::Scripted(Box::new(storm)));
    assert_eq!(kernel.open(Family::Ipv4, "filter").unwrap().len(), 7);
}

/// Says of so many rules and chains that the dump was interrupted.
#[derive(Debug)]
struct Storm {
    wire: Wire,
    left: usize,
}

impl Script for Storm {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.send(bytes)
    }

    fn receive(&mut self, room: &mut [u8], wait: bool) -> io::Result<Received> {
        let received = self.wire.receive(room, wait)?;
        if let Received::Datagram(length @ 8..) = received
            && Messages::new(&room[..length]).any(|message| message.kind == nf_tables(NFT_MSG_NEWCHAIN))
            && self.left > 0
        {
            self.left -= 1;
            room[6] |= NLM_F_DUMP_INTR as u8;
        }
        Ok(received)
    }
}
