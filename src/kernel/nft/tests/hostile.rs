//! Bytes that no kernel sends: whatever they are, the decoders come back.

use super::super::attr::{self, Attrs};
use super::super::message::{Head, Message, Messages, nf_tables};
use super::super::model::{self, RawChain, RawRule, RawTable};
use super::super::refusal::Refusal;
use super::*;

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
