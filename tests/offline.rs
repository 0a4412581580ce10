//! Properties that hold for every extension, on generated lines, without a kernel; and hostile input of every kind.
//!
//! `LIBFW_TEST_SCALE` multiplies the number of cases, `LIBFW_TEST_SEED` changes them.

mod common;

use std::fmt;
use std::sync::Arc;

use common::generate::{Lines, Random, extensions};
use libfw::ext::{ExtensionKind, SetInfo};
use libfw::text::{ListStyle, RestoreOptions, list_chain, restore, save};
use libfw::{
    Backend, Counters, Family, Info, Kernel, LockPolicy, Match, MatchRef, MemoryKernel, Result, Rule, Table,
    Target,
};

fn scale(cases: usize) -> usize {
    cases * std::env::var("LIBFW_TEST_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn seed() -> u64 {
    std::env::var("LIBFW_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// A kernel with an ipset of each name that the generator uses.
fn kernel() -> Kernel {
    let sets = ["web", "name", "x"].into_iter().enumerate();
    let memory = sets.fold(MemoryKernel::new(), |memory, (index, name)| {
        memory.with_set(name, SetInfo { index: index as u16, family: 2 })
    });
    memory.kernel()
}

/// The extension again, from its options by name, as the other languages make it.
fn rebuilt(part: &MatchRef<'_>) -> (Vec<(&'static str, bool, Vec<u8>)>, String) {
    let options = part.options().unwrap();
    let options = options.into_iter().map(|option| (option.name, option.inverted, option.value)).collect();
    (options, String::from_utf8_lossy(part.name()).into_owned())
}

#[test]
fn what_is_printed_is_read_back() {
    let mut accepted = 0;
    let host = kernel();
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let mut lines = Lines::new(seed(), family);
            let mut good = 0;
            for _ in 0..scale(150) {
                let words = lines.line(extension);
                // An error is fine here; a panic is not.
                let Ok(rule) = Rule::parse_on(family, &quoted(&words), &host) else { continue };
                good += 1;
                let text = rule.view_on(&host).to_string();
                let again = Rule::parse_on(family, &text, &host).unwrap_or_else(|error| {
                    panic!("{words:?} is printed as {text}, which is refused: {error}")
                });
                assert_eq!(again.view_on(&host).to_string(), text, "{words:?}");
                assert_eq!(again, rule, "{words:?} is printed as {text}, which is another rule");
                by_options(&rule, &host, family);
            }
            assert!(good > 0, "no line for {:?} {} was accepted", extension.kind, extension.name);
            accepted += good;
        }
    }
    println!("{accepted} lines");
}

fn quoted(words: &[String]) -> String {
    let quote = |word: &String| match word.strip_prefix("--").is_some_and(|rest| !rest.contains(' '))
        || word == "!"
    {
        true => word.clone(),
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// The rule's matches and target, made again from their options.
fn by_options(rule: &Rule, host: &Kernel, family: Family) {
    let view = rule.view_on(host);
    let mut builder =
        Rule::builder().protocol(view.protocol()).source(view.source()).destination(view.destination());
    for part in view.matches().filter(|part| part.extension().is_some()) {
        let (options, name) = rebuilt(&part);
        let options = options.iter().map(|(name, inverted, value)| (*name, *inverted, value.as_slice()));
        builder = builder.matching(Match::from_options(&name, options).unwrap());
    }
    let text = view.to_string();
    if let libfw::TargetRef::Extension(part) = view.target() {
        let (options, name) = rebuilt(&part);
        let options = options.iter().map(|(name, inverted, value)| (*name, *inverted, value.as_slice()));
        builder = builder.target(Target::from_options(&name, options).unwrap());
    } else {
        let verdict = text.rsplit_once("-j ").map(|(_, name)| name);
        let known = ["ACCEPT", "DROP", "RETURN", "QUEUE"].contains(&verdict.unwrap_or_default());
        if let Some(verdict) = verdict.filter(|_| known) {
            builder = builder.target(Target::from_options(verdict, []).unwrap());
        }
    }
    let again =
        builder.build_on(family, host).unwrap_or_else(|error| panic!("{text} by its options: {error}"));
    assert_eq!(again.view_on(host).to_string(), text);
    assert_eq!(again, *rule, "{text}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    let host = kernel();
    let mut random = Random::new(seed() ^ 0x5eed);
    for family in [Family::Ipv4, Family::Ipv6] {
        let all = extensions(family);
        let mut lines = Lines::new(seed() ^ 0xbad, family);
        for _ in 0..scale(20_000) {
            let extension = *random.pick(&all);
            let mut text = lines.line(extension).join(" ").into_bytes();
            for _ in 0..random.below(4) {
                if text.is_empty() {
                    break;
                }
                let at = random.below(text.len());
                match random.below(4) {
                    0 => text[at] = random.next() as u8,
                    1 => drop(text.remove(at)),
                    2 => text.insert(at, *random.pick(b"!-,:/ \"\\=0")),
                    _ => text.truncate(at),
                }
            }
            let _ = Rule::from_args(family, text.split(|byte| *byte == b' '));
            let text = String::from_utf8_lossy(&text);
            let _ = Rule::parse_on(family, &text, &host);
            let file = format!("*filter\n:INPUT ACCEPT [0:0]\n[1:2] -A INPUT {text}\nCOMMIT\n");
            let options = RestoreOptions::default();
            let _ = restore(&host, family, &mut file.as_bytes(), &options, &mut Vec::new(), &mut |_| {});
        }
    }
}

/// Tables whose bytes were tampered with.
struct Hostile {
    kernel: Kernel,
    seed: u64,
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hostile")
    }
}

impl Backend for Hostile {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        let mut info = self.kernel.backend().info(family, table)?;
        let mut random = Random::new(self.seed);
        if random.once_in(8) {
            let hook = random.below(5);
            info.hook_entry[hook] = random.next() as u32 % (info.size + 8);
            info.underflow[random.below(5)] = random.next() as u32 % (info.size + 8);
        }
        Ok(info)
    }

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<usize> {
        let start = self.kernel.backend().entries(family, table, info, buffer)?;
        let mut random = Random::new(self.seed ^ 7);
        let length = buffer.len() - start;
        for _ in 0..1 + random.below(6) {
            let at = start + random.below(length);
            match random.below(3) {
                0 => buffer[at] = random.next() as u8,
                1 => buffer[at] ^= 1 << random.below(8),
                _ => buffer[at] = *random.pick(&[0, 0xff, 0x7f, 0x80, 1]),
            }
        }
        Ok(start)
    }

    fn replace(&self, _: Family, _: &str, _: &Info, _: &mut [u8], old: u32) -> Result<Vec<Counters>> {
        Ok(vec![Counters::ZERO; old as usize])
    }

    fn add_counters(&self, _: Family, _: &str, _: &[Counters]) -> Result<()> {
        Ok(())
    }

    fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
        Ok(true)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.kernel.backend().set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.kernel.backend().set_by_index(index)
    }
}

#[test]
fn no_bytes_make_the_decoders_panic() {
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let host = kernel();
            let mut lines = Lines::new(seed() ^ 0xb17, family);
            let mut table = host.open(family, "mangle").unwrap();
            table.new_chain("user").unwrap();
            table.commit().unwrap();
            for _ in 0..scale(40) {
                let Ok(rule) = Rule::parse_on(family, &quoted(&lines.line(extension)), &host) else {
                    continue;
                };
                table.chain_mut("user").unwrap().append(rule).unwrap();
                if table.commit().is_err() {
                    // Not a rule for this table.
                    table = host.open(family, "mangle").unwrap();
                }
            }
            for round in 0..scale(150) {
                let hostile = Hostile { kernel: host.clone(), seed: seed() * 1_000_003 + round as u64 };
                let policy = LockPolicy { path: None, ..LockPolicy::default() };
                let kernel = Kernel::with_backend(Arc::new(hostile)).with_policy(policy);
                let Ok(table) = kernel.open(family, "mangle") else { continue };
                read_everything(table);
            }
        }
    }
}

/// Everything that can be asked of a table, and an edit.
fn read_everything(mut table: Table) {
    let mut out = Vec::new();
    save(&table, true, &mut out).unwrap();
    for chain in table.chains() {
        for numeric in [false, true] {
            let style = ListStyle { numeric, verbose: true, ..ListStyle::default() };
            list_chain(chain, None, style, &mut out).unwrap();
        }
        for rule in chain.rules() {
            for part in rule.matches() {
                let _ = part.options();
                out.extend(format!("{part:?}").into_bytes());
            }
            let _ = chain.position(rule.to_rule());
        }
    }
    if let Ok(mut chain) = table.chain_mut("INPUT") {
        let _ = chain.append("-p tcp --dport 1 -j user");
        chain.dedup();
    }
    let _ = table.commit();
}
