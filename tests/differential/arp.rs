//! Command lines for ARP, right, broken and hostile, beside arptables: status, messages and rules are the same, whoever reads them.

use std::fmt::Write as _;
use std::io;

use libfw::Family;
use libfw_playground::{Playground, seed};

use crate::common::random::Random;
use crate::side::{Said, Side};

/// Commands between two fresh starts.
const SESSION: usize = 60;

/// Values of options, the first of which are right. `_` stands for nothing.
const INTERFACES: &str = "eth0 lo eth+ a + abcdefghijklmno abcdefghijklmnop _ eth0/1 eth*";
const ADDRESSES: &str = "10.0.0.1 10.0.0.0/8 10.1.2.3/16 10.0.0.0/255.255.0.0 10.0.0.0/255.0.255.0 0.0.0.0/0 1.2.3.4/33 1.2.3 \
    300.1.1.1 10.0.0.1,10.0.0.2 ::1 _ 1.2.3.4/ 1.2.3.4/25 1.2.3.4/32 10/8";
const MACS: &str = "00:11:22:33:44:55 0:1:2:3:4:5 ff:ff:ff:ff:ff:ff Unicast 00:11:22:33:44 zz:11:22:33:44:55 Multicast Broadcast \
    BGA 00:00:00:00:00:00 01:00:00:00:00:00/01:00:00:00:00:00 00:11:22:33:44:55/ff:00:ff:00:ff:00 _ 00:11:22:33:44:55/8 \
    00-11-22-33-44-55";
const OPCODES: &str = "1 Request Reply 2 request Request_Reverse 0 10 65535 65536 0x1 x InARP_Request ARP_NAK 9 01 1/1 -1 _ \
    Reply/255 1/0xff MARS-NAK";
const HARDWARE: &str =
    "1 Ethernet 0x1 2 ethernet 0x10 65535 65536 x 1/65535 0x1/0xff _ 10 Eth 1/ /1 +1 -1 0x 1/x 1/65536 1/-1";
const PROTOCOLS: &str = "0x800 800 IPv4 2048 ipv4 0x86dd 65536 10000 x 0x800/0xff ARP _ arp 86dd IPv6 0x800/ /1 +1 -1 1/x 1/65536";
const LENGTHS: &str = "6 6 6 6 0 7 255 256 x 6/255 0x6 4 _ -1 6/ 6/256 6/x +6";
const COUNTERS: &str = "1,2 0,0 5,6 7,8 x,1 1 1,x 18446744073709551615,1 18446744073709551616,1 -1,1 1, ,1 _";
const MARKS: &str = "1 ff deadbeef 0x1 0xffffffff 4294967296 0x100000000 x -1 0 10 _ 1/1 0xg";
const CLASSES: &str = "1:2 0:0 ffff:ffff a:b 1 1: :1 x:y 10000:1 1:2:3 _ 1:2x";
const HOSTS: &str = "1.2.3.4 0.0.0.0 10.0.0.1 1.2.3.4 1.2.3 _ 300.1.1.1 ::1";
const CHAINS: &str =
    "INPUT OUTPUT web other FORWARD third nochain PREROUTING aaaaaaaaaaaaaaaaaaaaaaaaaaaa input ACCEPT -x _";
const TARGETS: &str = "ACCEPT DROP RETURN web mangle MARK CLASSIFY other QUEUE CONTINUE nochain INPUT LOG accept standard _ REJECT";
const VERDICTS: &str = "DROP ACCEPT CONTINUE RETURN x accept _";
const INDICES: &str = "1 2 3 1 0 10 x -1 65536 _";
const POLICIES: &str = "ACCEPT DROP RETURN x accept QUEUE _";

/// Options of a rule, and the values that they take.
const OPTIONS: &[(&str, &str)] = &[
    ("-s --source-ip --src-ip --source-i", ADDRESSES),
    ("-d --destination-ip --dst-ip", ADDRESSES),
    ("--source-mac --src-mac --src-m", MACS),
    ("--destination-mac --dst-mac --target-mac", MACS),
    ("-i --in-interface --in-i", INTERFACES),
    ("-o --out-interface --out", INTERFACES),
    ("--opcode --opc", OPCODES),
    ("--h-type --h-t", HARDWARE),
    ("--proto-type --proto", PROTOCOLS),
    ("-l --h-length --h-l", LENGTHS),
    ("-c --set-counters", COUNTERS),
    ("-m --bogus -f -g --goto -4", "tcp web comment"),
];

/// Options of targets.
const MANGLE: &[(&str, &str)] = &[
    ("--mangle-ip-s --mangle-ip-d", HOSTS),
    ("--mangle-mac-s --mangle-mac-d", MACS),
    ("--mangle-target", VERDICTS),
    ("--mangle-hw-s", MACS),
];
const MARK: &[(&str, &str)] =
    &[("--set-mark --and-mark --or-mark", MARKS), ("--set-xmark --xor-mark", MARKS)];
const CLASSIFY: &[(&str, &str)] = &[("--set-class", CLASSES)];

/// Makes command lines.
struct Maker(Random);

impl Maker {
    fn any(&mut self, list: &str) -> String {
        let words: Vec<&str> = list.split_whitespace().collect();
        let word = *self.0.pick(&words);
        if word == "_" { String::new() } else { word.to_owned() }
    }

    /// One of the list, mostly one of the first.
    fn word(&mut self, list: &str) -> String {
        if self.0.once_in(3) {
            return self.any(list);
        }
        list.split_whitespace().nth(self.0.below(4)).unwrap_or_default().to_owned()
    }

    fn option(&mut self, options: &[(&str, &str)], words: &mut Vec<String>) {
        let (names, values) = *self.0.pick(options);
        if self.0.once_in(5) {
            words.push("!".into());
        }
        let (name, value) = (self.any(names), self.word(values));
        match self.0.below(12) {
            0 if name.starts_with("--") => words.push(format!("{name}={value}")),
            1 => words.push(name),
            2 => words.extend([name, "!".into(), value]),
            _ => words.extend([name, value]),
        }
    }

    fn target(&mut self, words: &mut Vec<String>) {
        let target = self.word(TARGETS);
        let mut options = Vec::new();
        for (name, list, most) in [("mangle", MANGLE, 4), ("MARK", MARK, 2), ("CLASSIFY", CLASSIFY, 2)] {
            if target == name || self.0.once_in(60) {
                for _ in 0..self.0.below(most) + usize::from(most == 2) {
                    self.option(list, &mut options);
                }
            }
        }
        words.extend(["-j".to_owned(), target]);
        words.append(&mut options);
    }

    fn rule(&mut self) -> Vec<String> {
        let (mut words, mut target) = (Vec::new(), Vec::new());
        for _ in 0..self.0.below(4) {
            self.option(OPTIONS, &mut words);
        }
        if !self.0.once_in(6) {
            self.target(&mut target);
        }
        if self.0.once_in(3) { [target, words].concat() } else { [words, target].concat() }
    }

    fn command(&mut self, last: &[Vec<String>]) -> Vec<String> {
        let (chain, other) = (self.word(CHAINS), self.word(CHAINS));
        let index = self.word(INDICES);
        let line = |command: &str, rest: &[String]| {
            [command.to_owned()].into_iter().chain(rest.iter().cloned()).collect::<Vec<_>>()
        };
        let mut words = match self.0.below(26) {
            0..=10 => line("-A", &[vec![chain], self.rule()].concat()),
            11 => line("-I", &[vec![chain], self.rule()].concat()),
            12 => line("-I", &[vec![chain, index], self.rule()].concat()),
            13 | 14 if !last.is_empty() => {
                let command = self.any("-D -C --delete --check");
                let rule: &Vec<String> = self.0.pick(last);
                line(&command, rule)
            }
            15 => line("-D", &[chain, index]),
            16 => line("-R", &[vec![chain, index], self.rule()].concat()),
            17 => line("-N", &[self.any(CHAINS)]),
            18 => line("-X", &[chain]),
            19 => line("-F", &[chain]),
            20 => line("-P", &[chain, self.word(POLICIES)]),
            // It renames built-in chains, which nobody can undo.
            21 if chain != "INPUT" && chain != "OUTPUT" => line("-E", &[chain, other]),
            22 => line("-Z", &[chain]),
            23 => line("-S", &[chain]),
            24 => line("-L", &[chain]),
            _ => line(&self.any("-X -F -Z -S -L"), &[]),
        };
        if self.0.once_in(12) {
            let extra = self.any("-v -n -x --line-numbers -vv ! x -t --exact");
            words.insert(self.0.below(words.len() + 1), extra);
        }
        if self.0.once_in(15) {
            words.remove(self.0.below(words.len()));
        }
        words
    }
}

/// Why a difference is on purpose; see "No ebtables, and arptables on nf_tables only" in COMPARE.md.
fn reason(words: &[String], said: &[Said; 2], modern: bool) -> Option<&'static str> {
    let [ours, theirs] = said;
    let has = |what: &str| words.iter().any(|word| word.contains(what));
    let reasons = [
        (
            "versions before 1.8.11 take no abbreviation of opcode, and lose what is inverted",
            !modern && ["--opc", "--h-", "--proto", "-l", "!"].into_iter().any(has),
        ),
        (
            "masks of hardware addresses that end at a byte are left out of its listings",
            ours == theirs && ["/", "Unicast", "Multicast"].into_iter().any(has),
        ),
        ("a type 0 of hardware is left out of its listings", ours == theirs && has("--h-t")),
        (
            "a mask or a name behind an address to be written is refused",
            ours.status != 0 && has("--mangle-ip"),
        ),
        (
            "values with signs, without a number before or behind the slash, and lengths that wrap around are refused",
            {
                let odd = |word: &String| {
                    let value = word.split_once('=').map_or(&**word, |(_, value)| value);
                    value.starts_with(['+', '/', '-'])
                        || value.ends_with(['/', 'x'])
                        || value.ends_with("/256")
                };
                ours.status != 0 && ["--h-", "--proto", "-l"].into_iter().any(has) && words.iter().any(odd)
            },
        ),
        ("a mask of an opcode is refused, and a rule with one is shown as a comment", {
            ours.status != 0 && has("--opc") && has("/")
        }),
        (
            "an interface without a name is refused",
            ours.status != 0 && has("") && ours.words.contains("Empty interface"),
        ),
        ("counters above 64 bits are refused", ours.status != 0 && has("18446744073709551616")),
        ("-vv is the same as -v", ours.words.contains("-vv is the same as -v")),
        ("of several mistakes in a line another one is told", ours.status != 0 && theirs.status != 0),
    ];
    reasons.into_iter().find(|(_, holds)| *holds).map(|(reason, _)| reason)
}

fn reset(sides: &[Side; 2]) {
    for side in sides {
        for line in
            ["-F", "-X", "-P INPUT ACCEPT", "-P OUTPUT ACCEPT", "-N web", "-N other", "-A INPUT -j web"]
        {
            side.libfw(Family::Arp, &line.split(' ').collect::<Vec<_>>());
        }
    }
}

pub fn play(playground: &Playground, count: usize) -> io::Result<()> {
    let sides = [Side::new(playground.namespace()?)?, Side::new(playground.namespace()?)?];
    let program = match std::env::var("LIBFW_TEST_PEER") {
        Ok(directory) => format!("{directory}/arptables"),
        Err(_) => "arptables-nft".to_owned(),
    };
    let Ok(version) = sides[1].place.command(&program).arg("--version").output() else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, format!("{program} is not installed")));
    };
    let version = String::from_utf8_lossy(&version.stdout);
    if version.contains("v1.8.7") {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "arptables-nft 1.8.7 lists no single chain with -S",
        ));
    }
    let modern = version.contains("v1.8.11");
    let mut maker = Maker(Random::new(seed() ^ 0xa59));
    let (mut done, mut other, mut wrong, mut last) = (0, 0, String::new(), Vec::new());
    for at in 0..count {
        if at % SESSION == 0 {
            reset(&sides);
            last.clear();
        }
        let words = maker.command(&last);
        let args: Vec<&str> = words.iter().map(String::as_str).collect();
        let (ours, shown) = sides[0].libfw(Family::Arp, &args);
        let (theirs, listed) = sides[1].iptables(&program, &args);
        let said = [Said { kind: None, option: String::new(), token: String::new(), ..ours }, theirs];
        if said.iter().all(|said| said.status == 0) {
            done += 1;
            if words[0] == "-A" {
                last.push(words[1..].to_vec());
            }
        }
        // Each reads its own rules and those of the other.
        let own = [sides[0].libfw(Family::Arp, &["-S"]).1, sides[1].iptables(&program, &["-S"]).1];
        let foreign = [sides[0].iptables(&program, &["-S"]).1, sides[1].libfw(Family::Arp, &["-S"]).1];
        // Older versions say much in other words.
        let says =
            |said: &Said| if modern { said.clone() } else { Said { words: String::new(), ..said.clone() } };
        let same_state = own[0] == own[1] && foreign[0] == foreign[1] && own[0] == foreign[0];
        let same = says(&said[0]) == says(&said[1]) && (shown == listed || !modern) && same_state;
        if !same && modern | !same_state {
            match reason(&words, &said, modern) {
                Some(reason) => other += usize::from(reason.starts_with("of several")),
                None => {
                    let _ = write!(
                        wrong,
                        "{words:?}\n  libfw     {said:?}\n  {shown:?} {own:?}\n  {listed:?} {foreign:?}\n"
                    );
                }
            }
        }
        if !same_state {
            reset(&sides);
            last.clear();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(done * 4 > count, "only {done} were done");
    assert!(other * 10 < count, "{other} messages differ");
    Ok(())
}
