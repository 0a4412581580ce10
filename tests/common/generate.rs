//! Lines of rule options, valid and invalid, made from the option tables by a seeded generator.

use std::net::Ipv4Addr;

use libfw::Family;
use libfw::ext::{self, Extension, ExtensionKind, Form, Opt};

use super::random::Random;
use super::values;

const ADDRESSES: [&[&str]; 2] = [
    &[
        "10.0.0.1",
        "192.168.0.0/16",
        "10.1.2.3/255.0.255.0",
        "0.0.0.0/0",
        "127.0.0.1/8",
        "10.0.0.1,10.0.0.2",
        "10/8",
        "0x0a.010.1",
        "10.0.0.1/33",
        "10.0.0.256",
    ],
    &[
        "::1",
        "2001:db8::/32",
        "fe80::1/ffff::ff",
        "::/0",
        "2001:db8::1,2001:db8::2/64",
        "::ffff:10.0.0.1",
        "2001:db8::1/129",
        "10.0.0.1",
    ],
];

const INTERFACES: &[&str] =
    &["eth0", "eth+", "lo", "+", "br-lan.1", "fifteen-letters", "sixteen-letters+", "", "a/b"];

const PROTOCOLS: &[&str] = &[
    "tcp",
    "udp",
    "icmp",
    "icmpv6",
    "ipv6-icmp",
    "sctp",
    "dccp",
    "esp",
    "ah",
    "ipcomp",
    "mh",
    "udplite",
    "all",
    "TCP",
    "6",
    "0x11",
    "47",
    "0",
    "255",
    "256",
    "nope",
];

/// What a rule may do that is no extension.
const VERDICTS: &[&[&str]] = &[
    &["-j", "ACCEPT"],
    &["-j", "DROP"],
    &["-j", "RETURN"],
    &["-j", "QUEUE"],
    &["-j", "web"],
    &["-g", "web"],
];

/// The words of an example, whose IPv4 addresses are others in IPv6.
fn words(example: &str, family: Family) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in example.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().expect("one word").push(letter),
        }
    }
    if family == Family::Ipv6 {
        words.iter_mut().for_each(|word| *word = in_ipv6(word));
    }
    words
}

/// A word with an IPv6 address for each IPv4 address in it.
fn in_ipv6(word: &str) -> String {
    let part = |part: &str| match part.parse::<Ipv4Addr>() {
        Ok(_) => "2001:db8::1:2".to_owned(),
        Err(_) => part.to_owned(),
    };
    let is_end = |letter: char| !(letter == '.' || letter.is_ascii_digit());
    let mut found = String::new();
    let mut rest = word;
    while let Some(at) = rest.find(is_end) {
        let end = at + rest[at..].chars().next().map_or(0, char::len_utf8);
        found += &part(&rest[..at]);
        found += &rest[at..end];
        rest = &rest[end..];
    }
    found + &part(rest)
}

/// Makes lines.
pub struct Lines {
    pub random: Random,
    pub family: Family,
}

impl Lines {
    pub fn new(seed: u64, family: Family) -> Lines {
        Lines { random: Random::new(seed), family }
    }

    /// The words of a line that names an extension, and now and then two or three.
    pub fn line(&mut self, extension: &Extension) -> Vec<String> {
        // Chance hardly finds options that must go together; examples have them.
        if self.random.once_in(3) {
            let example = self.random.pick(extension.examples).rule;
            return self.variation(extension, words(example, self.family));
        }
        let mut words = Vec::new();
        self.core(extension, &mut words);
        // A match that the protocol brings along need not be named.
        let implied = !extension.placement.protocols.is_empty() && self.random.once_in(5);
        let others = if self.random.once_in(5) { 1 + self.random.below(2) } else { 0 };
        if extension.kind == ExtensionKind::Match {
            self.extension(extension, implied, &mut words);
        }
        for _ in 0..others {
            let other = self.any(ExtensionKind::Match);
            self.extension(other, false, &mut words);
        }
        if extension.kind == ExtensionKind::Target {
            self.extension(extension, false, &mut words);
        } else if self.random.once_in(8) {
            let target = self.any(ExtensionKind::Target);
            self.extension(target, false, &mut words);
        } else if self.random.once_in(3) {
            words.extend(self.random.pick(VERDICTS).iter().map(|word| (*word).to_owned()));
        }
        if self.random.once_in(60) {
            let at = self.random.below(words.len());
            words.remove(at);
        }
        words
    }

    /// A good line with some of its values and options changed.
    fn variation(&mut self, extension: &Extension, words: Vec<String>) -> Vec<String> {
        let mut varied: Vec<String> = Vec::new();
        for word in words {
            let before = varied.last().and_then(|word| extension.option(word.strip_prefix("--")?));
            match before.filter(|opt| opt.words == 1 && opt.kind.form != Form::Flag && self.random.once_in(6))
            {
                Some(opt) => varied.push(values::value(&mut self.random, opt, self.family)),
                None => {
                    let opt = word.strip_prefix("--").and_then(|name| extension.option(name));
                    if let Some(opt) = opt {
                        self.bang(if opt.negatable { 4 } else { 60 }, &mut varied);
                    }
                    varied.push(word);
                }
            }
        }
        let has = |opt: &&Opt| opt.families.contains(self.family);
        let options: Vec<&Opt> = extension.options.iter().filter(has).collect();
        if !options.is_empty() && self.random.once_in(4) {
            let opt = *self.random.pick(&options);
            self.option(opt, &mut varied);
        }
        varied
    }

    fn any(&mut self, kind: ExtensionKind) -> &'static Extension {
        let mut all = extensions(self.family);
        all.retain(|other| other.kind == kind);
        all[self.random.below(all.len())]
    }

    fn core(&mut self, extension: &Extension, words: &mut Vec<String>) {
        let protocols = extension.placement.protocols;
        let protocol = match protocols {
            [] if self.random.once_in(3) => Some((*self.random.pick(PROTOCOLS)).to_owned()),
            [] => None,
            _ if self.random.once_in(20) => None,
            _ => Some(self.random.pick(protocols).to_string()),
        };
        if let Some(protocol) = protocol {
            self.bang(20, words);
            words.extend(["-p".to_owned(), protocol]);
        }
        for option in ["-s", "-d", "-i", "-o"] {
            if self.random.once_in(12) {
                self.bang(3, words);
                let version = usize::from(self.family == Family::Ipv6);
                let values = if matches!(option, "-s" | "-d") { ADDRESSES[version] } else { INTERFACES };
                words.extend([option, *self.random.pick(values)].map(str::to_owned));
            }
        }
        if self.random.once_in(40) {
            self.bang(3, words);
            words.push("-f".to_owned());
        }
    }

    fn bang(&mut self, times: usize, words: &mut Vec<String>) {
        if self.random.once_in(times) {
            words.push("!".to_owned());
        }
    }

    fn extension(&mut self, extension: &Extension, implied: bool, words: &mut Vec<String>) {
        if !implied {
            let flag = if extension.kind == ExtensionKind::Match { "-m" } else { "-j" };
            let mut names = vec![extension.name];
            names.extend(extension.aliases);
            words.extend([flag, *self.random.pick(&names)].map(str::to_owned));
        }
        for opt in self.choose(extension) {
            self.option(opt, words);
        }
    }

    /// Some of an extension's options: most often a set that fits together.
    fn choose(&mut self, extension: &Extension) -> Vec<&'static Opt> {
        let has = |opt: &&Opt| opt.families.contains(self.family);
        let options: Vec<&'static Opt> = extension.options.iter().filter(has).collect();
        let mut chosen: Vec<&Opt> = Vec::new();
        for &opt in &options {
            let take = match opt.required {
                true => !self.random.once_in(20),
                false => self.random.once_in(options.len().min(4) + 1),
            };
            if take && (self.random.once_in(10) || !clashes(opt, &chosen)) {
                chosen.push(opt);
            }
        }
        if chosen.is_empty() && !options.is_empty() && !self.random.once_in(10) {
            chosen.push(*self.random.pick(&options));
        }
        if let Some(&opt) = chosen.first().filter(|opt| opt.repeats || self.random.once_in(25)) {
            chosen.push(opt);
        }
        if self.random.once_in(3) && chosen.len() > 1 {
            let at = self.random.below(chosen.len());
            chosen.rotate_left(at);
        }
        chosen
    }

    fn option(&mut self, opt: &Opt, words: &mut Vec<String>) {
        self.bang(if opt.negatable { 3 } else { 40 }, words);
        let names: Vec<_> = opt.names().collect();
        let mut name = if self.random.once_in(4) { *self.random.pick(&names) } else { opt.name };
        if self.random.once_in(30) && name.is_ascii() {
            // A beginning is enough where it is that of one option only.
            let beginning = &name[..1 + self.random.below(name.len())];
            // That is the beginning of `helper`, but nothing to compare.
            name = if beginning == "help" { name } else { beginning };
        }
        if opt.kind.form == Form::Flag || opt.optional && self.random.once_in(3) {
            words.push(format!("--{name}"));
            return;
        }
        let value = values::value(&mut self.random, opt, self.family);
        if opt.words == 1 && self.random.once_in(10) {
            words.push(format!("--{name}={value}"));
            return;
        }
        words.extend([format!("--{name}"), value]);
        if opt.words == 2 {
            let second: &[&str] = match opt.name {
                "tcp-flags" => &["SYN", "ALL", "NONE", "SYN,ACK", "FIN", "x"],
                "chunk-types" => {
                    &["DATA", "INIT,INIT_ACK", "DATA:Be", "ABORT:T", "DATA:U,SACK", "ALL", "NONE", "x"]
                }
                _ => &["src", "dst", "src,dst", "dst,dst,src", "src,src,src,src,src,src,src", "x"],
            };
            words.push((*self.random.pick(second)).to_owned());
        }
    }
}

fn clashes(opt: &Opt, chosen: &[&Opt]) -> bool {
    chosen.iter().any(|other| {
        opt.excludes.contains(&other.name) || other.excludes.contains(&opt.name) || other.field == opt.field
    })
}

/// The extensions of a family.
pub fn extensions(family: Family) -> Vec<&'static Extension> {
    ext::all().filter(|extension| extension.families.contains(family)).collect()
}
