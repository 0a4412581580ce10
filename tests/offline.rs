//! Properties that hold for every extension, on generated lines, without a kernel; and hostile input of every kind.
//!
//! They run without a network, where looking up the name of a host fails at once.

mod common;
#[path = "common/saved.rs"]
mod saved;

use std::fmt;
use std::sync::Arc;

use common::generate::{Lines, extensions};
use common::random::Random;
use libfw::backend::{Blobs, HEADROOM, Host, Info, Legacy, SetInfo};
use libfw::ext::ExtensionKind;
use libfw::iptables::{ListStyle, RestoreOptions, list_chain, restore, save};
use libfw::{
    Counters, Datum, Family, Kernel, Match, MatchRef, MemoryKernel, OptionValue, Result, Rule, Table, Target,
};
use libfw_playground::{cases, seed, without_network};

/// Extensions for which a random choice of options is hardly ever complete.
const DEMANDING: &[&str] = &["HMARK"];

/// A kernel with an ipset of each name that the generator uses.
fn kernel(family: Family) -> Arc<MemoryKernel> {
    let family = if family == Family::Ipv4 { 2 } else { 10 };
    let sets = ["web", "name", "x"].into_iter().enumerate();
    let memory = sets.fold(MemoryKernel::new(), |memory, (index, name)| {
        memory.with_set(name, SetInfo { index: index as u16, family }).unwrap()
    });
    Arc::new(memory)
}

#[test]
fn what_is_printed_is_read_back() {
    without_network().unwrap();
    let mut failures = Vec::new();
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let mut lines = Lines::new(seed(), family);
            let mut good = 0;
            for _ in 0..cases(150) {
                let words = lines.line(extension);
                // An error is fine here; a panic is not.
                let Ok(rule) = Rule::parse(family, quoted(&words)) else { continue };
                good += 1;
                // The two have the same bytes, of which only bytes can tell. No kernel takes such a rule.
                let both = ["--path", "--cgroup"].map(|name| words.iter().any(|word| word.starts_with(name)));
                if extension.name == "cgroup" && both == [true; 2] {
                    continue;
                }
                let named = || by_options(&rule, false).and_then(|()| by_options(&rule, true));
                if let Err(failure) = read_back(&rule).and_then(|()| named()) {
                    failures.push(format!("{family} {words:?}\n    {failure}"));
                }
            }
            if good == 0 && !DEMANDING.contains(&extension.name) {
                failures.push(format!("no line for {:?} {} was accepted", extension.kind, extension.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// The rule, from its text.
fn read_back(rule: &Rule) -> std::result::Result<(), String> {
    let text = rule.view().to_string();
    if text.contains(" --opaque ") {
        return Err(format!("is printed as {text}, though its options say all"));
    }
    let again = Rule::parse(rule.family(), &*text)
        .map_err(|error| format!("is printed as {text}, which is refused: {error}"))?;
    same(rule, &again)
}

fn same(rule: &Rule, again: &Rule) -> std::result::Result<(), String> {
    let (text, new) = (rule.view().to_string(), again.view().to_string());
    if text != new {
        return Err(format!("is printed as {text}, then as {new}"));
    }
    if rule != again {
        return Err(format!("is printed as {text}, which is another rule"));
    }
    Ok(())
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

/// The rule, with its matches and target made again from their options by name, which are given as texts or as values.
fn by_options(rule: &Rule, typed: bool) -> std::result::Result<(), String> {
    let view = rule.view();
    let shown = |error| format!("by its {}: {error}", if typed { "values" } else { "options" });
    let mut builder =
        Rule::builder().protocol(view.protocol()).source(view.source()).destination(view.destination());
    builder = builder.input(view.input()).output(view.output());
    if let Some(fragment) = view.fragment() {
        builder = builder.fragment(fragment);
    }
    for part in view.matches() {
        let name = String::from_utf8_lossy(part.name()).into_owned();
        let again = match typed {
            true => Match::from_values(&name, values(&part)),
            false => Match::from_options(&name, options(&part).iter().map(named)),
        };
        builder = builder.matching(again.map_err(shown)?);
    }
    let target = match view.target() {
        libfw::TargetRef::Extension(part) => {
            let name = String::from_utf8_lossy(part.name()).into_owned();
            let again = match typed {
                true => Target::from_values(&name, values(&part)),
                false => Target::from_options(&name, options(&part).iter().map(named)),
            };
            Some(again.map_err(shown)?)
        }
        libfw::TargetRef::Verdict(verdict) => Some(verdict.into()),
        libfw::TargetRef::Jump(chain) => Some(Target::jump(chain)),
        libfw::TargetRef::Goto(chain) => Some(Target::goto(chain)),
        _ => None,
    };
    if let Some(target) = target {
        builder = builder.target(target);
    }
    same(rule, &builder.build(rule.family()).map_err(shown)?)
}

fn options(part: &MatchRef<'_>) -> Vec<OptionValue> {
    part.options().unwrap()
}

fn named(option: &OptionValue) -> (&str, bool, &[u8]) {
    (option.name, option.inverted, option.value.as_slice())
}

fn values(part: &MatchRef<'_>) -> impl Iterator<Item = (&'static str, bool, Datum)> {
    part.values().unwrap().into_iter().map(|option| (option.opt.name, option.inverted, option.value))
}

#[test]
fn no_text_makes_the_parser_panic() {
    without_network().unwrap();
    let mut random = Random::new(seed() ^ 0x5eed);
    for family in [Family::Ipv4, Family::Ipv6] {
        let host = Kernel::with_backend(Legacy::new(kernel(family)));
        let all = extensions(family);
        let mut lines = Lines::new(seed() ^ 0xbad, family);
        for _ in 0..cases(20_000) {
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
            let _ = Rule::parse(family, &*text);
            let file = format!("*filter\n:INPUT ACCEPT [0:0]\n[1:2] -A INPUT {text}\nCOMMIT\n");
            let options = RestoreOptions::default();
            let _ = restore(&host, family, file.as_bytes(), &options);
        }
    }
}

/// Tables that were tampered with.
struct Hostile {
    memory: Arc<MemoryKernel>,
    tamper: Tamper,
}

/// Changes a description, given the offsets of the entries.
type TamperInfo = fn(&mut Info, &[u32]);

enum Tamper {
    /// Description and bytes, at random.
    Random(u64),
    /// The description, in this way.
    Info(TamperInfo),
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hostile")
    }
}

impl Hostile {
    fn kernel(memory: &Arc<MemoryKernel>, tamper: Tamper) -> Kernel {
        Kernel::with_backend(Legacy::new(Hostile { memory: memory.clone(), tamper }))
    }

    /// Where the entries of a table begin.
    fn offsets(&self, family: Family, table: &str, info: &Info) -> Result<Vec<u32>> {
        let mut bytes = Vec::new();
        self.memory.entries(family, table, info, &mut bytes)?;
        // `next_offset` of `struct ipt_entry` and `struct ip6t_entry`.
        let next = HEADROOM + if family == Family::Ipv4 { 90 } else { 142 };
        let offsets = std::iter::successors(Some(0), |at| {
            let size = bytes.get(next + at..next + at + 2)?;
            Some(at + usize::from(u16::from_ne_bytes([size[0], size[1]])))
        });
        Ok(offsets.take_while(|at| *at < info.size as usize).map(|at| at as u32).collect())
    }
}

/// One part of a description, to the place of another entry or to anything.
fn tamper_with(info: &mut Info, random: &mut Random, offsets: &[u32]) {
    let place = match random.below(4) {
        0 => random.next() as u32 % (info.size + 8),
        1 => random.next() as u32,
        _ => *random.pick(offsets),
    };
    match random.below(8) {
        0 => info.valid_hooks ^= 1 << random.below(6),
        1 => info.num_entries = *random.pick(&[0, info.num_entries - 1, info.num_entries + 1, u32::MAX]),
        2 => info.size = info.size.wrapping_add(*random.pick(&[8, 4, 1, u32::MAX - 7])),
        3 => info.underflow[random.below(5)] = place,
        4 => info.hook_entry.swap(random.below(5), random.below(5)),
        _ => info.hook_entry[random.below(5)] = place,
    }
}

impl Blobs for Hostile {
    fn info(&self, family: Family, table: &str) -> Result<Info> {
        let mut info = self.memory.info(family, table)?;
        let offsets = self.offsets(family, table, &info)?;
        match self.tamper {
            Tamper::Random(seed) => {
                let mut random = Random::new(seed);
                for _ in 0..random.below(3) {
                    tamper_with(&mut info, &mut random, &offsets);
                }
            }
            Tamper::Info(tamper) => tamper(&mut info, &offsets),
        }
        Ok(info)
    }

    fn entries(&self, family: Family, table: &str, _: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        let info = self.memory.info(family, table)?;
        self.memory.entries(family, table, &info, buffer)?;
        let Tamper::Random(seed) = self.tamper else { return Ok(()) };
        let mut random = Random::new(seed ^ 7);
        let length = buffer.len() - HEADROOM;
        for _ in 0..random.below(6) {
            let at = HEADROOM + random.below(length);
            match random.below(3) {
                0 => buffer[at] = random.next() as u8,
                1 => buffer[at] ^= 1 << random.below(8),
                _ => buffer[at] = *random.pick(&[0, 0xff, 0x7f, 0x80, 1]),
            }
        }
        Ok(())
    }

    fn replace(&self, _: Family, _: &str, _: &Info, _: &mut [u8], _: &mut [Counters]) -> Result<()> {
        Ok(())
    }

    fn add_counters(&self, _: Family, _: &str, _: &mut [Counters]) -> Result<()> {
        Ok(())
    }
}

impl Host for Hostile {
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

#[test]
fn no_bytes_make_the_decoders_panic() {
    without_network().unwrap();
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let memory = kernel(family);
            let host = Kernel::with_backend(Legacy::new(memory.clone()));
            let mut lines = Lines::new(seed() ^ 0xb17, family);
            let mut table = host.open(family, "mangle").unwrap();
            table.new_chain("user").unwrap();
            table.commit().unwrap();
            for _ in 0..cases(40) {
                let Ok(rule) = Rule::parse(family, quoted(&lines.line(extension))) else {
                    continue;
                };
                let appended = table.chain_mut("user").unwrap().append(rule);
                if appended.and_then(|()| table.commit()).is_err() {
                    // Not a rule for this table.
                    table = host.open(family, "mangle").unwrap();
                }
            }
            for round in 0..cases(150) {
                let tamper = Tamper::Random(seed() * 1_000_003 + round as u64);
                let kernel = Hostile::kernel(&memory, tamper);
                let Ok(table) = kernel.open(family, "mangle") else { continue };
                read_everything(table);
            }
        }
    }
}

/// A description that contradicts the bytes is found out before anything is made of them.
#[test]
fn a_description_that_is_not_of_the_table_is_malformed() {
    const INPUT: usize = 1;
    const OUTPUT: usize = 3;
    for family in Family::ALL {
        let memory = kernel(family);
        let host = Kernel::with_backend(Legacy::new(memory.clone()));
        let mut table = host.open(family, "filter").unwrap();
        table.new_chain("user").unwrap().append("-j RETURN").unwrap();
        table.chain_mut("INPUT").unwrap().append("-j user").unwrap();
        table.chain_mut("INPUT").unwrap().append("-j ACCEPT").unwrap();
        table.commit().unwrap();
        // The rules of INPUT, its policy, the policies of FORWARD and OUTPUT; the head of the chain, its rule, its end; the
        // end of the table.
        let contradictions: [(&str, TamperInfo); 15] = [
            ("OUTPUT begins at the head of a chain", |info, at| info.hook_entry[OUTPUT] = at[5]),
            ("INPUT begins at the head of a chain", |info, at| info.hook_entry[INPUT] = at[5]),
            ("OUTPUT begins in a chain", |info, at| info.hook_entry[OUTPUT] = at[6]),
            ("OUTPUT begins at the end", |info, at| info.hook_entry[OUTPUT] = at[8]),
            ("OUTPUT begins behind the end", |info, _| info.hook_entry[OUTPUT] = info.size),
            ("OUTPUT begins within an entry", |info, at| info.hook_entry[OUTPUT] = at[4] + 8),
            ("OUTPUT begins where INPUT does", |info, at| info.hook_entry[OUTPUT] = at[0]),
            ("OUTPUT begins nowhere", |info, _| info.hook_entry[OUTPUT] = u32::MAX),
            ("FORWARD begins at the policy of INPUT", |info, at| info.hook_entry[2] = at[2]),
            ("the policy of INPUT is a rule", |info, at| info.underflow[INPUT] = at[1]),
            ("one hook more", |info, _| info.valid_hooks |= 1),
            ("one hook less", |info, _| info.valid_hooks &= !(1 << INPUT)),
            ("one entry more", |info, _| info.num_entries += 1),
            ("four billion entries", |info, _| info.num_entries = u32::MAX),
            ("eight bytes less", |info, _| info.size -= 8),
        ];
        for (what, tamper) in contradictions {
            let opened = Hostile::kernel(&memory, Tamper::Info(tamper)).open(family, "filter");
            let error = opened.err().unwrap_or_else(|| panic!("{family}: {what}: accepted"));
            assert_eq!(error.kind(), libfw::ErrorKind::Malformed, "{family}: {what}: {error}");
        }
        assert!(Hostile::kernel(&memory, Tamper::Info(|_, _| ())).open(family, "filter").is_ok());
    }
}

/// Everything that can be asked of a table, and an edit.
fn read_everything(mut table: Table) {
    let mut out = Vec::new();
    save(&table, true, &mut out).unwrap();
    saved::is_printed_rule_by_rule(&table);
    for chain in table.chains() {
        for numeric in [false, true] {
            let style = ListStyle::new().numeric(numeric).verbose(true);
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
