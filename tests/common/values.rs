//! Values of options by the label of their kind: right ones, their edges, and what is just beyond them.

use libfw::Family;
use libfw::ext::{Form, Opt};

use super::random::Random;

/// A `~` stands for a number that fits, or nearly fits. A label that begins like one of these has the values beside it.
const BY_LABEL: &[(&str, &[&str])] = &[
    ("NUMBER", &["~"]),
    ("[NUMBER]", &["~", "~", "~/~", "0x1f/0xff"]),
    ("SECONDS", &["~"]),
    ("CODEPOINT", &["~"]),
    ("0", &["~", "0", "1", "2", "3"]),
    ("MIN[:MAX]", &["~", "~:~", ":~", "~:", ":", "7:7", "5:3", "1-5", "1:2:3", "0:65535", "0:4294967295"]),
    ("FROM[:TO]", &["~", "~:~", ":~", "~:", ":", "5:3", "18446744073709551615", "18446744073709551616"]),
    ("FIRST:LAST", &["~:~", "0:3", "~", ":", "4:", ":4", "3:0", "0:65535"]),
    ("TYPE[:TYPE]", &["~", "~:~", ":", "bu", "brr:be", "be:brr", "binding-refresh-request", "17", "3:"]),
    (
        "TYPE[:LENGTH]",
        &["~", "~:~", "~:~,~", "1:2,3:4", "~:", "256", "1:256", "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7", ","],
    ),
    (
        "PORT[:PORT][,",
        &[
            "~",
            "~:~",
            "~,~",
            "~,~:~",
            "ssh,http",
            "ssh:http,9",
            "80:22",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
            "1:2,3:4,5:6,7:8,9:10,11:12,13:14,15",
            ":",
            "80,",
            "nope",
        ],
    ),
    (
        "PORT[:PORT]",
        &[
            "~", "~:~", "http", "ssh:smtp", "smtp:ssh", ":~", "~:", ":", "0:65535", "1-5", "nope", "22,80",
            "ssh:",
        ],
    ),
    ("PORT[-PORT]", &["~", "~-~", "http", "9-5", "0", "0-65535", "1:5", "-", "5-", "-5"]),
    ("PORT", &["~"]),
    (
        "VALUE[/MASK]|NAME",
        &[
            "~",
            "~/~",
            "0x10/0x3f",
            "0x1/0",
            "/1",
            "1/",
            "default",
            "cosmos",
            "Minimize-Delay",
            "Normal-Service",
            "Maximize-Throughput",
            "nope",
        ],
    ),
    ("VALUE[/MASK]", &["~", "~/~", "0x1", "0xff/0xff", "010", "0/0", "5/0", "/1", "1/", "0x1/0xffffffff"]),
    ("[RATE]", &["~", "1kbit", "8bit", "1mbps", "100bps", "1Kibit", "2.5mbit", "1tbit", "1x", "0"]),
    (
        "COUNT[/sec|/min|",
        &[
            "~/sec", "~/min", "~/hour", "~/day", "~", "~/s", "~b/s", "~kb/s", "~mb/s", "0/s", "5/x", "1mb",
            "10/",
        ],
    ),
    (
        "COUNT[/second",
        &[
            "~/second", "~/minute", "~/hour", "~/day", "~", "~/s", "~/m", "~/h", "~/d", "10000/s", "10001/s",
            "0/s", "5/x", "1/",
        ],
    ),
    ("PACKETS|", &["~", "~kb", "~mb", "~b", "0", "4gb"]),
    (
        "COUNT,CODE",
        &[
            "1,6 0 0 0",
            "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0",
            "2,6 0 0 ~,6 0 0 0",
            "2,6 0 0 0",
            "0",
            "1,6 0 0",
            "65,6 0 0 0",
        ],
    ),
    ("hh:mm", &["12:30", "00:00", "23:59:59", "7:05", "24:00", "12:60", "12", "1:2:3", "00:00:60"]),
    (
        "YYYY",
        &[
            "2030",
            "2030-02",
            "2030-02-28",
            "2030-01-01T00",
            "2030-01-01T12:30",
            "2030-12-31T23:59:59",
            "1970-01-01",
            "2038-01-19T03:14:07",
            "2000-02-29",
            "1969-12-31",
            "2030-13",
        ],
    ),
    ("DAY", &["Mon", "1", "1,15", "Mo,Tu", "Sun,Sat", "31", "32", "0", "~", "7", "Mon,Mon", "mon"]),
    (
        "XX:XX",
        &[
            "00:11:22:33:44:55",
            "aA:bB:0c:Dd:eE:fF",
            "0:1:2:3:4:5",
            "00:11:22:33:44",
            "00-11-22-33-44-55",
            "00:11:22:33:44:zz",
        ],
    ),
    ("NAME[+]", &["eth0", "eth+", "+", "averyverylongif", "averyverylongif0", "a b", "a/b", "eth0.1"]),
    ("NAME src", &["web", "web", "web", "other", "nope"]),
    (
        "PROTOCOL",
        &["tcp", "udp", "~", "TCP", "esp", "icmp", "ipv6-icmp", "all", "0", "255", "256", "nope", "mh"],
    ),
    ("0.0-1.0", &["0", "1", "0.5", "0.25", "0.00001", "1.1", "-0.1", "1e-3", ".5", "0.3333333333", "nope"]),
    ("USER", &["root", "~", "~-~", "0-9", "5-3", "nope", "daemon", "4294967294", "0-4294967295"]),
    ("GROUP", &["root", "~", "~-~", "0-9", "5-3", "nope", "daemon", "4294967294"]),
    (
        "TESTS",
        &[
            "0&0xFF=1:5",
            "4&0x1=~",
            "6&0xFF=1,~:~",
            "0>>22&0x3C@4=0x29",
            "0=1&&2=3",
            "0 & 0xff = 1",
            "0<<2=~",
            "0",
            "=1",
            "0=1&&",
            "6 & 0xFF = 17",
        ],
    ),
    ("MAJOR:MINOR", &["~:~", "1:2", "1:", ":2", "ffff:ffff", "10000:1", "0x1:0x2", "1", "a:b"]),
    (
        "LEVEL",
        &["info", "debug", "~", "7", "emerg", "warning", "warn", "error", "panic", "nope", "INFO", "8", "0"],
    ),
    ("MILLISECONDS", &["~", "0", "inf", "1000", "nope"]),
    ("NUMBER|mark", &["~", "mark", "0", "65535", "nope"]),
    ("TIME", &["250ms", "1s", "500ms", "8s", "2ms", "1000us", "~", "~ms", "~s", "0.5s", "0", "1m"]),
    ("LENGTH|MASK", &["~", "24", "255.255.0.0", "ffff::", "32", "33", "128", "129", "0"]),
    ("PREFIX|MASK", &["~", "24", "32", "33", "128", "129", "0", "255.255.0.0", "ffff::"]),
    ("LABEL", &["~", "bit40", "eth0-out", "128", "127"]),
    ("MASK SET", &["SYN,ACK", "ALL", "SYN,ACK,FIN,RST", "FIN", "NOPE", "syn"]),
    ("any|all", &["any", "all", "only", "ANY", "nope"]),
    ("TEXT|HEX", &["|0a0b|", "|0a 0B|", "a|2e|b", "abc", "|0", "|0g|", "||", "a\\|b"]),
    (
        "NAME|TYPE[/CODE]",
        &[
            "echo-request",
            "~",
            "~/~",
            "8/0",
            "any",
            "255",
            "255/255",
            "destination-unreachable",
            "port-unreachable",
            "packet-too-big",
            "echo",
            "router-advertisement",
            "nope",
            "256",
            "1/256",
            "mld-listener-query",
        ],
    ),
    (
        "TYPE",
        &[
            "icmp-port-unreachable",
            "icmp6-port-unreachable",
            "tcp-reset",
            "port-unreach",
            "host-unreach",
            "adm-prohibited",
            "admin-prohib",
            "icmp6-addr-unreachable",
            "icmp6-no-route",
            "echo-reply",
            "tcp-rst",
            "icmp-port-u",
            "nope",
        ],
    ),
    (
        "TEXT",
        &[
            "web",
            "a b",
            "x-y_z",
            "quote\"d",
            "back\\slash",
            "it's",
            "ünï",
            "bm",
            "kmp",
            "ftp",
            "linux",
            "a",
            "eight888",
            "fifteen-letters",
            "sixteen--letters",
            "twenty-seven-letters-abcdef",
            "twenty-eight-letters-abcdefg",
            "twenty-nine-letters-abcdefghi",
            "thirty-letters-abcdefghijklmno",
            "sixty-three-letters-abcdefghijklmnopqrstuvwxyz0123456789abcdefg",
            "sixty-four-letters-abcdefghijklmnopqrstuvwxyz0123456789abcdefghi",
            "{}",
            "%d",
            "$x",
            "-x",
            "tab\there",
            "line\nend",
            "carriage\rreturn",
            " ",
            "/a/b",
        ],
    ),
];

const ADDRESSES: [&[&str]; 2] = [
    &[
        "10.0.0.1",
        "10.0.0.0/24",
        "10.1.2.3/16",
        "10.1.2.3/255.0.255.0",
        "0.0.0.0/0",
        "10.0.0.1/32",
        "255.255.255.255",
        "10.0.0.1/33",
        "10.0.0.1/",
        "10.0.0.256",
        "::1",
        "nope.invalid",
    ],
    &[
        "2001:db8::1",
        "2001:db8::/64",
        "2001:db8::1:2/112",
        "::/0",
        "::1/128",
        "fe80::1/ffff::ff",
        "::ffff:10.0.0.1",
        "2001:db8::1/129",
        "2001:db8:::1",
        "10.0.0.1",
    ],
];
const RANGES: [&[&str]; 2] = [
    &[
        "10.0.0.1-10.0.0.9",
        "10.0.0.1",
        "10.0.0.9-10.0.0.1",
        "10.0.0.1-",
        "-10.0.0.1",
        "0.0.0.0-255.255.255.255",
        "::1-::2",
        "10.0.0.0/24",
    ],
    &[
        "2001:db8::1-2001:db8::9",
        "2001:db8::1",
        "2001:db8::9-2001:db8::1",
        "::-ffff::",
        "10.0.0.1-10.0.0.2",
        "2001:db8::/64",
    ],
];
const NAT: [&[&str]; 2] = [
    &[
        "10.0.0.1",
        "10.0.0.1-10.0.0.9",
        "10.0.0.1:~",
        "10.0.0.1:~-~",
        "10.0.0.1:80-90",
        ":80",
        ":80-90",
        "10.0.0.1:http",
        "10.0.0.9-10.0.0.1",
        "10.0.0.1:90-80",
        "10.0.0.1:0",
        "10.0.0.1:80-90/100",
        "10.0.0.1:",
        "nope",
    ],
    &[
        "2001:db8::1",
        "2001:db8::1-2001:db8::9",
        "[2001:db8::1]:~",
        "[2001:db8::1]:80-90",
        "[2001:db8::1-2001:db8::9]:80",
        ":80",
        "[2001:db8::1]",
        "[2001:db8::1",
        "[2001:db8::1]:90-80",
        "[]:80",
    ],
];

/// Values of many kinds, right for some options and wrong for others.
const ANYTHING: &[&str] = &[
    "",
    "0",
    "1",
    "63",
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
    "+5",
    "1:3",
    "3:1",
    ":",
    "1-3",
    "1,2,3",
    "1/2",
    "10/sec",
    "0.5",
    "all",
    "any",
    "none",
    "src,dst",
    "eth+",
    "http",
    "tcp",
    "10.0.0.1",
    "2001:db8::1",
    "12:30",
    "Mon,Fri",
    "a,b",
    "x",
    " ",
    "%",
    "!",
    "AF11",
    "1x",
    "0x",
    "99999999999999999999",
];

/// A value of an option.
pub fn value(random: &mut Random, opt: &Opt, family: Family) -> String {
    if random.once_in(16) {
        return (*random.pick(ANYTHING)).to_owned();
    }
    let mut value = if opt.kind.choices.is_empty() || random.once_in(8) {
        by_label(random, opt, family)
    } else {
        let count = if opt.kind.form == Form::List { 1 + random.below(3) } else { 1 };
        (0..count).map(|_| *random.pick(opt.kind.choices)).collect::<Vec<_>>().join(",")
    };
    if random.once_in(20) {
        spoil(random, &mut value);
    }
    value
}

fn by_label(random: &mut Random, opt: &Opt, family: Family) -> String {
    let version = usize::from(family == Family::Ipv6);
    let label = opt.kind.label;
    let templates = match label {
        _ if label.starts_with("[ADDRESS") => NAT[version],
        _ if label.starts_with("FIRST[-LAST") => RANGES[version],
        _ if label.starts_with("ADDRESS[,") && random.once_in(2) => {
            &["2001:db8::1,2001:db8::2", "::1,::1,::1"]
        }
        _ if label.starts_with("ADDRESS") => ADDRESSES[version],
        _ => {
            BY_LABEL.iter().find(|(start, _)| label.starts_with(start)).map_or(ANYTHING, |(_, values)| values)
        }
    };
    let mut text = String::new();
    for letter in random.pick(templates).chars() {
        match letter {
            '~' => text += &number(random, opt),
            letter => text.push(letter),
        }
    }
    text
}

/// A number near the bounds of an option, or anywhere between them.
fn number(random: &mut Random, opt: &Opt) -> String {
    let max = match (opt.max, opt.kind.label) {
        (0, _) => u64::from(u32::MAX),
        (u64::MAX, label) if label.contains("PORT") => u64::from(u16::MAX),
        (u64::MAX, _) if random.once_in(2) => 300,
        (u64::MAX, _) => u64::from(u32::MAX),
        (max, _) => max,
    };
    let within = opt.min.saturating_add(random.next() % (max - opt.min.min(max)).max(1));
    let small = within % 300;
    let [below, beyond] = [opt.min.wrapping_sub(1), max.wrapping_add(1)];
    let number = *random.pick(&[opt.min, max, within, within, within, small, small, small, below, beyond]);
    match random.below(12) {
        0 => format!("{number:#x}"),
        1 => format!("0{number:o}"),
        _ => number.to_string(),
    }
}

/// A small damage, or a change that may not be one.
fn spoil(random: &mut Random, value: &mut String) {
    match random.below(8) {
        0 => value.push('x'),
        1 => value.insert(0, ' '),
        2 => value.push(' '),
        3 => drop(value.pop()),
        4 => value.make_ascii_uppercase(),
        5 => value.make_ascii_lowercase(),
        6 => *value = format!("{value},{value}"),
        _ => value.insert(0, *random.pick(&['+', '-', '0', ',', ':'])),
    }
}
