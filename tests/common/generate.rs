//! Lines of rule options, valid and invalid, made from the option tables by a seeded generator.

use libfw::Family;
use libfw::ext::{self, Extension, ExtensionKind, Form, Opt};

use super::random::Random;

/// Values of many kinds, right for some options and wrong for others.
const ANYTHING: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "63",
    "64",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "-1",
    "010",
    "0x1f",
    "0xffffffff",
    "1:3",
    "3:1",
    ":5",
    "5:",
    ":",
    "1-3",
    "3-1",
    "1,2,3",
    "80,443,1000:2000",
    "1/2",
    "0x10/0xf0",
    "10/sec",
    "5/min",
    "1/day",
    "100kb/s",
    "1mb",
    "0.5",
    "1.5",
    "all",
    "any",
    "none",
    "src",
    "dst",
    "src,dst",
    "name",
    "eth0",
    "eth+",
    "http",
    "ssh:smtp",
    "tcp",
    "10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.1-10.0.0.9",
    "10.0.0.9-10.0.0.1",
    "10.0.0.1:80-90",
    "255.255.255.0",
    "::1",
    "2001:db8::/32",
    "2001:db8::1-2001:db8::9",
    "[2001:db8::1]:80",
    "00:11:22:33:44:55",
    "12:30",
    "23:59:59",
    "Mon,Fri",
    "2030-01-01T00:00:00",
    "a,b",
    "x",
    "with space",
    "",
    "0&0xFF=1:5",
    "|0a0b|",
    "%",
    "!",
    "eq",
    "AF11",
    "EF",
    "CS1",
    "echo-request",
    "8/0",
    "info",
    "root",
];

const ADDRESSES: [&[&str]; 2] = [
    &["10.0.0.1", "192.168.0.0/16", "10.1.2.3/255.0.255.0", "0.0.0.0/0", "127.0.0.1/8", "10.0.0.1/33"],
    &["::1", "2001:db8::/32", "fe80::1/ffff::ff", "::/0", "2001:db8::1/129"],
];

const PROTOCOLS: &[&str] =
    &["tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "esp", "ah", "udplite", "all", "47", "256", "nope"];

/// Makes lines.
pub struct Lines {
    pub random: Random,
    pub family: Family,
}

impl Lines {
    pub fn new(seed: u64, family: Family) -> Lines {
        Lines { random: Random::new(seed), family }
    }

    /// The words of a line that names an extension, and now and then two.
    pub fn line(&mut self, extension: &Extension) -> Vec<String> {
        let mut words = Vec::new();
        self.core(extension, &mut words);
        let twice = extension.kind == ExtensionKind::Match && self.random.once_in(8);
        self.extension(extension, &mut words);
        if twice {
            let matches: Vec<_> = ext::all().filter(|other| other.kind == ExtensionKind::Match).collect();
            let other = *self.random.pick(&matches);
            self.extension(other, &mut words);
        }
        if extension.kind == ExtensionKind::Match && self.random.once_in(3) {
            let verdict = *self.random.pick(&["ACCEPT", "DROP", "RETURN", "QUEUE"]);
            words.extend(["-j".to_owned(), verdict.to_owned()]);
        }
        words
    }

    fn core(&mut self, extension: &Extension, words: &mut Vec<String>) {
        let protocols = extension.limits.protocols;
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
        for option in ["-s", "-d"] {
            if self.random.once_in(10) {
                self.bang(3, words);
                let address = *self.random.pick(ADDRESSES[usize::from(self.family == Family::Ipv6)]);
                words.extend([option.to_owned(), address.to_owned()]);
            }
        }
    }

    fn bang(&mut self, times: usize, words: &mut Vec<String>) {
        if self.random.once_in(times) {
            words.push("!".to_owned());
        }
    }

    fn extension(&mut self, extension: &Extension, words: &mut Vec<String>) {
        let flag = if extension.kind == ExtensionKind::Match { "-m" } else { "-j" };
        let mut names = vec![extension.name];
        names.extend(extension.aliases);
        let name = *self.random.pick(&names);
        words.extend([flag.to_owned(), name.to_owned()]);
        let has = |opt: &&Opt| opt.families.contains(self.family);
        let options: Vec<&Opt> = extension.options.iter().filter(has).collect();
        let mut chosen: Vec<&Opt> = Vec::new();
        for opt in &options {
            let likely = if opt.required { 20 } else { options.len().min(4) + 1 };
            let take = if opt.required { !self.random.once_in(likely) } else { self.random.once_in(likely) };
            if take && (self.random.once_in(6) || !clashes(opt, &chosen)) {
                chosen.push(opt);
            }
        }
        if chosen.is_empty() && !options.is_empty() && !self.random.once_in(10) {
            chosen.push(*self.random.pick(&options));
        }
        if self.random.once_in(3) && chosen.len() > 1 {
            let at = self.random.below(chosen.len());
            chosen.rotate_left(at);
        }
        for opt in chosen {
            self.option(opt, words);
        }
    }

    fn option(&mut self, opt: &Opt, words: &mut Vec<String>) {
        self.bang(if opt.negatable { 3 } else { 40 }, words);
        let names: Vec<_> = opt.names().collect();
        let name = if self.random.once_in(4) { *self.random.pick(&names) } else { opt.name };
        if opt.kind.form == Form::Flag {
            words.push(format!("--{name}"));
            return;
        }
        let value = self.value(opt);
        if self.random.once_in(10) && opt.words == 1 {
            words.push(format!("--{name}={value}"));
            return;
        }
        words.extend([format!("--{name}"), value]);
        if opt.words == 2 {
            words.push((*self.random.pick(&["src", "dst", "src,dst", "dst,dst,src", "x"])).to_owned());
        }
    }

    fn value(&mut self, opt: &Opt) -> String {
        if self.random.once_in(12) {
            return (*self.random.pick(ANYTHING)).to_owned();
        }
        if !opt.kind.choices.is_empty() {
            let count = if opt.kind.form == Form::List { 1 + self.random.below(3) } else { 1 };
            let names: Vec<_> = (0..count).map(|_| *self.random.pick(opt.kind.choices)).collect();
            return names.join(",");
        }
        if opt.kind.form == Form::Integer {
            let max = if opt.max == 0 { u64::from(u32::MAX) } else { opt.max };
            let within = opt.min.saturating_add(self.random.next() % (max - opt.min).max(1));
            let edges =
                [opt.min, max, max.wrapping_add(1), opt.min.wrapping_sub(1), within, within, within % 300];
            let number = *self.random.pick(&edges);
            return if self.random.once_in(6) { format!("{number:#x}") } else { number.to_string() };
        }
        let label = opt.kind.label;
        let pool: &[&str] = match label {
            _ if label.contains("PORT") => &[
                "80",
                "http",
                "1:100",
                "100:1",
                "0:65535",
                ":",
                ":53",
                "ssh:",
                "22,80",
                "1000:2000,53",
                "1-5",
                "70000",
            ],
            _ if label.contains("COUNT") || label.contains("RATE") => {
                &["1/sec", "10/min", "3/hour", "7/day", "5", "1000/s", "10kb/s", "1mb/s", "100b/s", "0/s"]
            }
            _ if label.contains("ADDRESS") => &[
                "10.0.0.1",
                "10.0.0.1-10.0.0.5",
                "10.0.0.0/24",
                "2001:db8::1",
                "2001:db8::/64",
                "10.0.0.1:80-90",
                ":80",
            ],
            _ if label.contains("MASK") || label.contains("VALUE") => {
                &["0x1", "1/3", "0xff/0xff", "010", "4294967295", "0x100000000", "5/0", "0/0", "/1"]
            }
            _ if label.contains(':') && label.contains("MIN") => {
                &["1", "1:5", "5:1", ":9", "9:", ":", "0:4294967295"]
            }
            _ if label.contains("NAME") || label.contains("TEXT") => &[
                "web",
                "a b",
                "x-y_z",
                "quote\"d",
                "back\\slash",
                "it's",
                "ünï",
                "averyveryverylongnamethatdoesnotfitanywhere",
            ],
            _ => ANYTHING,
        };
        (*self.random.pick(pool)).to_owned()
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
