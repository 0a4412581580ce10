//! What a kernel says.

use std::sync::Arc;

use libfw::backend::{Blobs, HEADROOM, Host, Info, Legacy, SetInfo};
use libfw::ext::ExtensionKind;
use libfw::fuzzing::{Answers, replay};
use libfw::iptables::{self, ListStyle};
use libfw::{Counters, Family, Kernel, Match, MemoryKernel, Result, Rule, RuleBuilder, Table, Target};

use crate::seeds::tables;
use crate::texts::{family, hear, keeps, look_at};

/// The bytes of a match or target: kind, revision, name, 0, data.
pub fn part(bytes: &[u8]) {
    let Some((family, rest)) = family(bytes) else { return };
    let [kind, revision, rest @ ..] = rest else { return };
    let Some(end) = rest.iter().position(|byte| *byte == 0) else { return };
    let Ok(name) = str::from_utf8(&rest[..end]) else { return };
    let data = &rest[end + 1..];
    let add = |rule: RuleBuilder| match kind & 1 {
        0 => Match::opaque(name, *revision, data).map(|part| rule.matching(part)),
        _ => Target::opaque(name, *revision, data).map(|part| rule.target(part)),
    };
    match add(Rule::builder()).and_then(|rule| rule.build(family)) {
        Ok(rule) => keeps(&rule),
        Err(error) => hear(&error),
    }
}

/// Everything that can be asked of a table, and an edit of it.
fn read_everything(mut table: Table) {
    let mut out = Vec::new();
    iptables::save(&table, true, &mut out).unwrap();
    let _ = (table.to_json(), table.counters(), table.validate());
    for chain in table.chains() {
        for numeric in [false, true] {
            let style = ListStyle::new().numeric(numeric).verbose(true);
            iptables::list_chain(chain, None, style, &mut out).unwrap();
        }
        for rule in chain.rules() {
            look_at(rule);
            let _ = chain.position(rule.to_rule());
        }
    }
    if let Ok(mut chain) = table.chain_mut("INPUT") {
        let _ = chain.append("-p tcp --dport 1 -j ACCEPT");
        chain.dedup();
    }
    let _ = table.commit();
}

fn read(kernel: &Kernel, family: Family) {
    match kernel.open(family, "filter") {
        Ok(table) => read_everything(table),
        Err(error) => hear(&error),
    }
}

/// A kernel that has this table.
#[derive(Debug)]
struct Legacies {
    memory: MemoryKernel,
    info: Info,
    entries: Vec<u8>,
}

impl Host for Legacies {
    fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
        Ok(true)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.memory.set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.memory.set_by_index(index)
    }
}

impl Blobs for Legacies {
    fn info(&self, _: Family, _: &str) -> Result<Info> {
        Ok(self.info)
    }

    fn entries(&self, _: Family, _: &str, _: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        buffer.resize(HEADROOM, 0);
        buffer.extend_from_slice(&self.entries);
        Ok(())
    }

    fn replace(&self, _: Family, _: &str, _: &Info, _: &mut [u8], _: &mut [Counters]) -> Result<()> {
        Ok(())
    }

    fn add_counters(&self, _: Family, _: &str, _: &mut [Counters]) -> Result<()> {
        Ok(())
    }
}

/// The numbers of a description: hooks, 5 places, 5 policies, entries.
const NUMBERS: usize = 12;

/// A table of legacy tables: its description, and its bytes.
pub fn legacy(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let family = if first & 1 == 0 { Family::Ipv4 } else { Family::Ipv6 };
    let Some((head, entries)) = rest.split_at_checked(NUMBERS * size_of::<u32>()) else { return };
    let number = |at: usize| u32::from_ne_bytes(head[4 * at..4 * at + 4].try_into().unwrap());
    let five = |at: usize| std::array::from_fn(|index| number(at + index));
    let info = Info {
        valid_hooks: number(0),
        hook_entry: five(1),
        underflow: five(6),
        num_entries: number(11),
        size: entries.len() as u32,
    };
    let host = Legacies { memory: MemoryKernel::new(), info, entries: entries.to_vec() };
    read(&Kernel::with_backend(Legacy::new(host)), family);
}

/// What [`legacy`] reads, of a table in memory.
pub fn legacy_seed(memory: &Arc<MemoryKernel>, family: Family) -> Vec<u8> {
    let info = memory.info(family, "filter").unwrap();
    let mut buffer = Vec::new();
    memory.entries(family, "filter", &info, &mut buffer).unwrap();
    let numbers = [info.valid_hooks].into_iter().chain(info.hook_entry).chain(info.underflow);
    let head = numbers.chain([info.num_entries]).flat_map(u32::to_ne_bytes);
    [u8::from(family == Family::Ipv6)].into_iter().chain(head).chain(buffer.split_off(HEADROOM)).collect()
}

/// A byte that begins the next answer. Any other is before the length of a datagram, and the datagram.
const ANSWER: u8 = 1;

/// Answers of nf_tables.
pub fn nft(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let family = if first & 1 == 0 { Family::Ipv4 } else { Family::Ipv6 };
    let mut answers = Answers::new();
    loop {
        rest = match (rest, answers.last_mut()) {
            ([ANSWER, tail @ ..], _) => {
                answers.push(Vec::new());
                tail
            }
            ([_, low, high, tail @ ..], Some(answer)) => {
                let length = usize::from(u16::from_le_bytes([*low, *high])).min(tail.len());
                let (datagram, tail) = tail.split_at(length);
                answer.push(datagram.to_vec());
                tail
            }
            _ => break,
        };
    }
    read(&replay(answers), family);
}

/// What [`nft`] reads, where rules are in nf_tables.
pub fn nft_seed(family: Family, file: &str) -> Vec<u8> {
    let load = |kernel: &Kernel| tables(kernel, family, file);
    let (_, answers) = libfw::fuzzing::noted(load, |kernel| {
        read(kernel, family);
        Ok(())
    })
    .unwrap();
    let mut seed = vec![u8::from(family == Family::Ipv6)];
    for answer in answers {
        seed.push(ANSWER);
        for datagram in answer {
            seed.push(0);
            seed.extend((datagram.len() as u16).to_le_bytes());
            seed.extend(datagram);
        }
    }
    seed
}
