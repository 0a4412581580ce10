//! Properties that hold for every extension, on generated lines, without a kernel; and hostile input of every kind.
//!
//! They run in a namespace without a network, where looking up the name of a host fails at once.
//!
//! `LIBFW_TEST_SCALE` multiplies the number of cases, `LIBFW_TEST_SEED` changes them.

mod common;

use std::fmt;
use std::sync::Arc;

use common::generate::{Lines, extensions};
use common::random::Random;
use libfw::ext::{ExtensionKind, SetInfo};
use libfw::iptables::{ListStyle, RestoreOptions, list_chain, restore, save};
use libfw::{
    Backend, Counters, Family, HEADROOM, Info, Kernel, LockPolicy, Match, MatchRef, MemoryKernel,
    OptionValue, Result, Rule, Table, Target,
};

fn scale(cases: usize) -> usize {
    cases * std::env::var("LIBFW_TEST_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn seed() -> u64 {
    std::env::var("LIBFW_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Extensions whose bytes can say what their text does not, in iptables as here: a range of all values, a shift by
/// nothing, a rate that is not compared, zone 0, elements of no policy, a length of a prefix that there is not. The text is all that is compared for them.
const UNSAID: &[&str] = &["frag", "rt", "rateest", "policy", "CONNMARK", "CT", "DNPT", "SNPT"];

/// Extensions for which a random choice of options is hardly ever complete.
const DEMANDING: &[&str] = &["HMARK"];

/// A kernel with an ipset of each name that the generator uses.
fn kernel(family: Family) -> Kernel {
    let family = if family == Family::Ipv4 { 2 } else { 10 };
    let sets = ["web", "name", "x"].into_iter().enumerate();
    let memory = sets.fold(MemoryKernel::new(), |memory, (index, name)| {
        memory.with_set(name, SetInfo { index: index as u16, family })
    });
    memory.kernel()
}

#[test]
fn what_is_printed_is_read_back() {
    libfw_playground::test(|_| {
        round_trips();
        Ok(())
    });
}

fn round_trips() {
    let mut failures = Vec::new();
    for family in [Family::Ipv4, Family::Ipv6] {
        let host = kernel(family);
        for extension in extensions(family) {
            let mut lines = Lines::new(seed(), family);
            let mut good = 0;
            for _ in 0..scale(150) {
                let words = lines.line(extension);
                // An error is fine here; a panic is not.
                let Ok(rule) = Rule::parse_on(family, quoted(&words), &host) else { continue };
                good += 1;
                if let Err(failure) = read_back(&rule, &host).and_then(|()| by_options(&rule, &host)) {
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
fn read_back(rule: &Rule, host: &Kernel) -> std::result::Result<(), String> {
    let text = rule.view_on(host).to_string();
    let again = Rule::parse_on(rule.family(), &*text, host)
        .map_err(|error| format!("is printed as {text}, which is refused: {error}"))?;
    same(rule, &again, host)
}

fn same(rule: &Rule, again: &Rule, host: &Kernel) -> std::result::Result<(), String> {
    let (text, new) = (rule.view_on(host).to_string(), again.view_on(host).to_string());
    if text != new {
        return Err(format!("is printed as {text}, then as {new}"));
    }
    let unsaid = || UNSAID.iter().any(|name| new.contains(&format!(" {name} ")) || new.ends_with(name));
    if rule != again && !unsaid() {
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

/// The rule, with its matches and target made again from their options by name.
fn by_options(rule: &Rule, host: &Kernel) -> std::result::Result<(), String> {
    let view = rule.view_on(host);
    let shown = |error| format!("by its options: {error}");
    let mut builder =
        Rule::builder().protocol(view.protocol()).source(view.source()).destination(view.destination());
    builder = builder.input(view.input()).output(view.output());
    if let Some(fragment) = view.fragment() {
        builder = builder.fragment(fragment);
    }
    for part in view.matches() {
        let (name, options) = named_options(&part);
        let options = options.iter().map(|option| (option.name, option.inverted, option.value.as_slice()));
        builder = builder.matching(Match::from_options(&name, options).map_err(shown)?);
    }
    let target = match view.target() {
        libfw::TargetRef::Extension(part) => {
            let (name, options) = named_options(&part);
            let options =
                options.iter().map(|option| (option.name, option.inverted, option.value.as_slice()));
            Some(Target::from_options(&name, options).map_err(shown)?)
        }
        libfw::TargetRef::Verdict(verdict) => Some(verdict.into()),
        libfw::TargetRef::Jump(chain) => Some(Target::jump(chain)),
        libfw::TargetRef::Goto(chain) => Some(Target::goto(chain)),
        _ => None,
    };
    if let Some(target) = target {
        builder = builder.target(target);
    }
    same(rule, &builder.build_on(rule.family(), host).map_err(shown)?, host)
}

fn named_options(part: &MatchRef<'_>) -> (String, Vec<OptionValue>) {
    (String::from_utf8_lossy(part.name()).into_owned(), part.options().unwrap())
}

#[test]
fn no_text_makes_the_parser_panic() {
    libfw_playground::test(|_| {
        hostile_text();
        Ok(())
    });
}

fn hostile_text() {
    let mut random = Random::new(seed() ^ 0x5eed);
    for family in [Family::Ipv4, Family::Ipv6] {
        let host = kernel(family);
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
            let _ = Rule::parse_on(family, &*text, &host);
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

    fn entries(&self, family: Family, table: &str, info: &Info, buffer: &mut Vec<u8>) -> Result<()> {
        self.kernel.backend().entries(family, table, info, buffer)?;
        let mut random = Random::new(self.seed ^ 7);
        let length = buffer.len() - HEADROOM;
        for _ in 0..1 + random.below(6) {
            let at = HEADROOM + random.below(length);
            match random.below(3) {
                0 => buffer[at] = random.next() as u8,
                1 => buffer[at] ^= 1 << random.below(8),
                _ => buffer[at] = *random.pick(&[0, 0xff, 0x7f, 0x80, 1]),
            }
        }
        Ok(())
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
    libfw_playground::test(|_| {
        hostile_bytes();
        Ok(())
    });
}

fn hostile_bytes() {
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let host = kernel(family);
            let mut lines = Lines::new(seed() ^ 0xb17, family);
            let mut table = host.open(family, "mangle").unwrap();
            table.new_chain("user").unwrap();
            table.commit().unwrap();
            for _ in 0..scale(40) {
                let Ok(rule) = Rule::parse_on(family, quoted(&lines.line(extension)), &host) else {
                    continue;
                };
                let appended = table.chain_mut("user").unwrap().append(rule);
                if appended.and_then(|()| table.commit()).is_err() {
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
