//! Matches in the language of nft, from the options that they are printed with.

use std::net::IpAddr;

use super::not;
use crate::rule::{MatchRef, OptionValue, RuleRef};
use crate::sys;
use crate::types::{AddrMask, Family, Protocol};

/// What comes of a match.
pub(super) enum Part {
    Text(String),
    /// It stands at the end of the rule.
    Comment(String),
}

/// How the value of an option is written.
#[derive(Clone, Copy)]
enum How {
    /// As it is.
    Same,
    /// `a:b` as `a-b`.
    Range,
    /// In small letters.
    Lower,
    /// In quotes.
    Quoted,
    /// `VALUE/MASK` as what is left under the mask.
    Marked,
    /// Names between commas, as a set where there are several.
    Set,
    /// What it is compared with stands before the number.
    Lt,
    Gt,
}

/// The options that one test of nft says: match, option, what nft tests, how the value is written. In the order in which the
/// tests stand. A match with an option that is not here, and not below, cannot be said.
const TESTS: &[(&str, &str, &str, How)] = &[
    ("tcp", "sport", "tcp sport", How::Range),
    ("tcp", "dport", "tcp dport", How::Range),
    ("udp", "sport", "udp sport", How::Range),
    ("udp", "dport", "udp dport", How::Range),
    ("sctp", "sport", "sctp sport", How::Range),
    ("sctp", "dport", "sctp dport", How::Range),
    ("dccp", "sport", "dccp sport", How::Range),
    ("dccp", "dport", "dccp dport", How::Range),
    ("dccp", "dccp-types", "dccp type", How::Set),
    ("esp", "espspi", "esp spi", How::Range),
    ("ipcomp", "ipcompspi", "comp cpi", How::Range),
    ("ah", "ahspi", "ah spi", How::Range),
    ("ah", "ahlen", "ah hdrlength", How::Same),
    ("cgroup", "cgroup", "meta cgroup", How::Same),
    ("connmark", "mark", "ct mark", How::Marked),
    ("mark", "mark", "mark", How::Marked),
    ("realm", "realm", "rtclassid", How::Marked),
    ("devgroup", "src-group", "iifgroup", How::Marked),
    ("devgroup", "dst-group", "oifgroup", How::Marked),
    ("conntrack", "ctexpire", "ct expiration", How::Range),
    ("conntrack", "ctorigsrc", "ct original saddr", How::Same),
    ("conntrack", "ctorigdst", "ct original daddr", How::Same),
    ("conntrack", "ctreplsrc", "ct reply saddr", How::Same),
    ("conntrack", "ctrepldst", "ct reply daddr", How::Same),
    ("conntrack", "ctorigsrcport", "ct original proto-src", How::Range),
    ("conntrack", "ctorigdstport", "ct original proto-dst", How::Range),
    ("conntrack", "ctreplsrcport", "ct reply proto-src", How::Range),
    ("conntrack", "ctrepldstport", "ct reply proto-dst", How::Range),
    ("cpu", "cpu", "cpu", How::Same),
    ("helper", "helper", "ct helper", How::Quoted),
    ("length", "length", "meta length", How::Range),
    ("mac", "mac-source", "ether saddr", How::Lower),
    ("tcpmss", "mss", "tcp option maxseg size", How::Range),
    ("ttl", "ttl-eq", "ip ttl", How::Same),
    ("ttl", "ttl-lt", "ip ttl", How::Lt),
    ("ttl", "ttl-gt", "ip ttl", How::Gt),
    ("hl", "hl-eq", "ip6 hoplimit", How::Same),
    ("hl", "hl-lt", "ip6 hoplimit", How::Lt),
    ("hl", "hl-gt", "ip6 hoplimit", How::Gt),
    ("mh", "mh-type", "mh type", How::Range),
    ("frag", "fragid", "frag id", How::Range),
    ("hbh", "hbh-len", "hbh hdrlength", How::Same),
    ("rt", "rt-type", "rt type", How::Same),
    ("rt", "rt-segsleft", "rt seg-left", How::Range),
    ("rt", "rt-len", "rt hdrlength", How::Same),
];

/// The options of a match or target, as it is printed.
pub(super) struct Options(Vec<OptionValue>);

impl Options {
    pub(super) fn of(part: &MatchRef<'_>) -> Option<Options> {
        part.printed().ok().map(Options)
    }

    /// Takes an option: its value as text, and whether it is inverted.
    pub(super) fn take(&mut self, name: &str) -> Option<(String, bool)> {
        let at = self.0.iter().position(|option| option.name == name)?;
        let option = self.0.remove(at);
        Some((String::from_utf8_lossy(&option.value).into_owned(), option.inverted))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|option| option.name == name)
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.take(name).is_some()
    }

    /// The text, if every option was said.
    pub(super) fn whole(&self, parts: Vec<String>) -> Option<String> {
        self.0.is_empty().then(|| parts.join(" "))
    }
}

/// A match.
pub(super) fn matching(part: &MatchRef<'_>, rule: &RuleRef<'_>) -> Option<Part> {
    let name = String::from_utf8_lossy(part.name()).into_owned();
    let mut options = Options::of(part)?;
    let mut parts = special(&name, &mut options, rule)?;
    for (_, option, key, how) in TESTS.iter().filter(|(known, ..)| *known == name) {
        if let Some((value, inverted)) = options.take(option) {
            parts.push(test(key, &value, inverted, *how));
        }
    }
    if name == "comment" {
        return options.take("comment").map(|(text, _)| Part::Comment(unquoted(&text).to_owned()));
    }
    let text = options.whole(parts)?;
    Some(Part::Text(if text.is_empty() { by_itself(&name, rule.family())? } else { text }))
}

/// A match without an option: that the packet is of its protocol, or has its header.
fn by_itself(name: &str, family: Family) -> Option<String> {
    match (name, family) {
        ("ah" | "rt" | "frag" | "mh", Family::Ipv6) => Some(format!("exthdr {name} exists")),
        ("tcp" | "udp" | "dccp" | "sctp" | "esp" | "ah", _) => Some(format!("meta l4proto {name}")),
        ("ipcomp", _) => Some("meta l4proto comp".to_owned()),
        _ => None,
    }
}

fn test(key: &str, value: &str, inverted: bool, how: How) -> String {
    let not = not(inverted);
    match how {
        How::Same => format!("{key} {not}{value}"),
        How::Range => format!("{key} {not}{}", value.replace(':', "-")),
        How::Lower => format!("{key} {not}{}", value.to_ascii_lowercase()),
        How::Quoted => format!("{key} {not}\"{}\"", unquoted(value)),
        How::Set => format!("{key} {not}{}", set(&value.to_ascii_lowercase())),
        How::Lt => format!("{key} {not}lt {value}"),
        How::Gt => format!("{key} {not}gt {value}"),
        How::Marked => match value.split_once('/') {
            Some((value, mask)) => format!("{key} and {mask} {} {value}", if inverted { "!=" } else { "==" }),
            None => format!("{key} {not}{value}"),
        },
    }
}

pub(super) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// Names between commas.
fn set(names: &str) -> String {
    match names.contains(',') {
        true => format!("{{ {} }}", names.replace(',', ", ")),
        false => names.to_owned(),
    }
}

/// The name of a protocol, from the files of the host where it is not a usual one.
pub(super) fn protocol_name(protocol: Protocol) -> String {
    let named = protocol.name().map(str::to_owned);
    let found =
        || sys::names::protocol_name(protocol.0).map(|name| String::from_utf8_lossy(name).into_owned());
    named.or_else(found).unwrap_or_else(|| protocol.0.to_string())
}

pub(super) fn ip(family: Family) -> &'static str {
    family.pick("ip", "ip6")
}

/// What the table above cannot say. Options that are left are looked for there.
fn special(name: &str, options: &mut Options, rule: &RuleRef<'_>) -> Option<Vec<String>> {
    let family = rule.family();
    let mut parts = Vec::new();
    match name {
        "tcp" => {
            let flags = options.take("tcp-flags");
            let option = options.take("tcp-option");
            for (_, ports, key, how) in &TESTS[..2] {
                if let Some((value, inverted)) = options.take(ports) {
                    parts.push(test(key, &value, inverted, *how));
                }
            }
            if let Some((number, inverted)) = option {
                let there = if inverted { "missing" } else { "exists" };
                parts.push(format!("tcp option {number} {there}"));
            }
            if let Some((flags, inverted)) = flags {
                let (mask, set) = flags.split_once(' ')?;
                let set = if set == "NONE" { "0x0".to_owned() } else { tcp_flags(set) };
                parts.push(format!("tcp flags {}{set} / {}", not(inverted), tcp_flags(mask)));
            }
        }
        "addrtype" => {
            let near = [("limit-iface-in", "iif"), ("limit-iface-out", "oif")];
            let near = near.into_iter().find(|(flag, _)| options.flag(flag));
            let near = near.map_or(String::new(), |(_, key)| format!(" . {key}"));
            for (option, key) in [("src-type", "saddr"), ("dst-type", "daddr")] {
                if let Some((types, inverted)) = options.take(option) {
                    let types = set(&types.to_ascii_lowercase());
                    parts.push(format!("fib {key}{near} type {}{types}", not(inverted)));
                }
            }
        }
        "conntrack" | "state" => {
            let mut protocol = "ct original protocol";
            if let Some((direction, inverted)) = options.take("ctdir") {
                if direction == "REPLY" {
                    protocol = "ct reply protocol";
                }
                parts.push(test("ct direction", &direction, inverted, How::Lower));
            }
            if let Some((value, inverted)) = options.take("ctproto") {
                parts.push(test(protocol, &value, inverted, How::Same));
            }
            if let Some((states, inverted)) = options.take("ctstate").or_else(|| options.take("state")) {
                let states = states.to_ascii_lowercase();
                let status: Vec<&str> =
                    states.split(',').filter(|state| matches!(*state, "snat" | "dnat")).collect();
                let bang = if inverted { "! " } else { "" };
                match status.as_slice() {
                    [] => parts.push(format!("ct state {bang}{states}")),
                    status if status.len() == states.split(',').count() => {
                        parts.push(format!("ct status {bang}{}", status.join(",")));
                    }
                    // nft joins tests with "and" only.
                    _ => return None,
                }
            }
            if let Some((status, inverted)) = options.take("ctstatus") {
                if status == "NONE" {
                    return None;
                }
                let bang = if inverted { "! " } else { "" };
                parts.push(format!("ct status {bang}{}", status.to_ascii_lowercase().replace('_', "-")));
            }
        }
        "connlabel" => {
            let (label, inverted) = options.take("label")?;
            let label = unquoted(&label);
            if options.flag("set") {
                parts.push(format!("ct label set {label}"));
            }
            parts.push(match inverted {
                true => format!("ct label and {label} != {label}"),
                false => format!("ct label {label}"),
            });
        }
        "connbytes" => {
            let (range, inverted) = options.take("connbytes")?;
            let (what, _) = options.take("connbytes-mode")?;
            let (direction, _) = options.take("connbytes-dir")?;
            let direction = if direction == "both" { String::new() } else { format!("{direction} ") };
            let range = match range.split_once(':') {
                None => format!("{}{range}", if inverted { "lt " } else { "ge " }),
                Some((_, "")) | Some(("", _)) => return None,
                Some((from, to)) => format!("{}{from}-{to}", not(inverted)),
            };
            parts.push(format!("ct {direction}{what} {range}"));
        }
        "dscp" => {
            let (value, inverted) = options.take("dscp")?;
            parts.push(test(&format!("{} dscp", ip(family)), &value, inverted, How::Same));
        }
        "ecn" => {
            for (option, flag) in [("ecn-tcp-ece", "ecn"), ("ecn-tcp-cwr", "cwr")] {
                if let Some((_, inverted)) = options.take(option) {
                    parts.push(format!("tcp flags {}{flag}", not(inverted)));
                }
            }
            if let Some((value, inverted)) = options.take("ecn-ip-ect") {
                let name = ["not-ect", "ect1", "ect0", "ce"].get(value.parse::<usize>().ok()?)?;
                parts.push(format!("{} ecn {}{name}", ip(family), not(inverted)));
            }
        }
        "ah" if options.has("ahres") => {
            options.flag("ahres");
            let tests = [("ahspi", "ah spi", How::Range), ("ahlen", "ah hdrlength", How::Same)];
            for (option, key, how) in tests {
                parts.extend(options.take(option).map(|(value, inverted)| test(key, &value, inverted, how)));
            }
            parts.push("ah reserved 1".to_owned());
        }
        "frag" => {
            let id = options.take("fragid");
            parts.extend(id.map(|(id, inverted)| test("frag id", &id, inverted, How::Range)));
            let flags = [
                ("fragres", "frag reserved 1"),
                ("fragfirst", "frag frag-off 0"),
                ("fragmore", "frag more-fragments 1"),
                ("fraglast", "frag more-fragments 0"),
            ];
            parts.extend(
                flags.into_iter().filter(|(flag, _)| options.flag(flag)).map(|(_, text)| text.to_owned()),
            );
        }
        "icmp" | "icmp6" => {
            let (option, key, names) = match name {
                "icmp" => ("icmp-type", "icmp type", ICMP),
                _ => ("icmpv6-type", "icmpv6 type", ICMPV6),
            };
            let (value, inverted) = options.take(option)?;
            match value.as_str() {
                "any" if !inverted => parts.push("ip protocol icmp".to_owned()),
                value => {
                    let number: u8 = value.parse().ok()?;
                    let (_, name) = names.iter().find(|(known, _)| *known == number)?;
                    parts.push(format!("{key} {}{name}", not(inverted)));
                }
            }
        }
        "iprange" => {
            for (option, key) in [("src-range", "saddr"), ("dst-range", "daddr")] {
                if let Some((range, inverted)) = options.take(option) {
                    let range = if range.contains('-') { range } else { format!("{range}-{range}") };
                    parts.push(format!("{} {key} {}{range}", ip(family), not(inverted)));
                }
            }
        }
        "limit" => {
            let (rate, _) = options.take("limit")?;
            let burst = options.take("limit-burst").map_or("5".to_owned(), |(burst, _)| burst);
            // nft takes no burst of 0, and neither does the kernel.
            let burst = if burst == "0" { String::new() } else { format!(" burst {burst} packets") };
            parts.push(format!("limit rate {}{burst}", rate_text(&rate)));
        }
        "hashlimit" => parts.push(hashlimit(options, rule)?),
        "multiport" => multiport(options, rule, &mut parts)?,
        "owner" => {
            let mut tests = ["uid-owner", "gid-owner"].into_iter().zip(["skuid", "skgid"]);
            let test =
                tests.find_map(|(option, key)| options.take(option).map(|(value, no)| (key, value, no)));
            let (key, value, inverted) = test?;
            parts.push(format!("{key} {}{value}", not(inverted)));
        }
        "pkttype" => {
            let (kind, inverted) = options.take("pkt-type")?;
            let kind = if kind == "otherhost" { "other".to_owned() } else { kind };
            parts.push(format!("pkttype {}{kind}", not(inverted)));
        }
        "policy" => {
            let (direction, _) = options.take("dir")?;
            let (kind, _) = options.take("pol")?;
            if direction != "in" {
                return None;
            }
            let there = if kind == "none" { "missing" } else { "exists" };
            parts.push(format!("meta secpath {there}"));
        }
        "quota" => {
            let (bytes, inverted) = options.take("quota")?;
            parts.push(format!("quota {}{bytes} bytes", if inverted { "over " } else { "" }));
        }
        "rpfilter" => {
            let invert = options.flag("invert");
            let mark = if options.flag("validmark") { " . mark" } else { "" };
            let iif = if options.flag("loose") { "" } else { " . iif" };
            parts.push(format!("fib saddr{mark}{iif} oif {}0", not(!invert)));
        }
        "socket" => {
            parts.push(
                if options.flag("nowildcard") { "socket wildcard le 1" } else { "socket wildcard 0" }
                    .to_owned(),
            );
            if options.flag("transparent") {
                parts.push("socket transparent 1".to_owned());
            }
            if options.flag("restore-skmark") {
                parts.push("meta mark set socket mark".to_owned());
            }
        }
        "statistic" => {
            let (mode, _) = options.take("mode")?;
            if mode == "random" {
                let (probability, inverted) = options.take("probability")?;
                let share = probability.parse::<f64>().ok()? * 2_147_483_648.0;
                let compared = if inverted { ">=" } else { "<" };
                parts.push(format!("meta random & 2147483647 {compared} {share:.0}"));
            } else {
                let (every, inverted) = options.take("every")?;
                let packet = options.take("packet").map_or("0".to_owned(), |(packet, _)| packet);
                parts.push(format!("numgen inc mod {every} {}{packet}", not(inverted)));
            }
        }
        "time" => time(options, &mut parts)?,
        _ => {}
    }
    Some(parts)
}

fn tcp_flags(flags: &str) -> String {
    const ORDER: [&str; 6] = ["fin", "syn", "rst", "psh", "ack", "urg"];
    let flags = flags.to_ascii_lowercase();
    let given: Vec<&str> = flags.split(',').collect();
    let all = flags == "all";
    let set: Vec<&str> = ORDER.into_iter().filter(|flag| all || given.contains(flag)).collect();
    set.join(",")
}

/// `5/min` in full words.
fn rate_text(rate: &str) -> String {
    let (count, unit) = rate.split_once('/').unwrap_or((rate, "sec"));
    let unit = match unit.as_bytes().first() {
        Some(b's') => "second",
        Some(b'm') => "minute",
        Some(b'h') => "hour",
        _ => "day",
    };
    format!("{count}/{unit}")
}

/// A rate for each of what the packets have in common.
fn hashlimit(options: &mut Options, rule: &RuleRef<'_>) -> Option<String> {
    let (rate, over) = match options.take("hashlimit-upto") {
        Some((rate, _)) => (rate, ""),
        None => (options.take("hashlimit-above")?.0, "over "),
    };
    if !rate.split('/').next()?.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let (modes, _) = options.take("hashlimit-mode")?;
    let (name, _) = options.take("hashlimit-name")?;
    let (ip, protocol) = (ip(rule.family()), protocol_name(rule.protocol().value));
    let mut keys = Vec::new();
    for (mode, key, masked) in [
        ("dstip", format!("{ip} daddr"), "hashlimit-dstmask"),
        ("dstport", format!("{protocol} dport"), ""),
        ("srcip", format!("{ip} saddr"), "hashlimit-srcmask"),
        ("srcport", format!("{protocol} sport"), ""),
    ] {
        if modes.split(',').any(|given| given == mode) {
            // Ports are those of a protocol.
            if masked.is_empty() && !matches!(protocol.as_str(), "tcp" | "udp" | "sctp" | "dccp") {
                return None;
            }
            keys.push(match options.take(masked) {
                Some((bits, _)) => format!("{key} and {}", mask_of(rule.family(), bits.parse().ok()?)),
                None => key,
            });
        }
    }
    let rate = rate_text(&rate);
    let seconds = match options.take("hashlimit-htable-expire") {
        Some((milliseconds, _)) => milliseconds.parse::<u64>().ok()? / 1000,
        None => match rate.rsplit('/').next()? {
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => 0,
        },
    };
    let timeout = if seconds > 0 { format!("timeout {seconds}s ") } else { String::new() };
    let burst = options.take("hashlimit-burst").map_or("5".to_owned(), |(burst, _)| burst);
    let burst = if burst == "5" { String::new() } else { format!(" burst {burst} packets") };
    Some(format!(
        "meter {} {{ {} {timeout}limit rate {over}{rate}{burst} }}",
        unquoted(&name),
        keys.join(" . ")
    ))
}

/// The mask of a prefix.
fn mask_of(family: Family, bits: u8) -> IpAddr {
    let any = AddrMask::any(family).addr();
    AddrMask::with_prefix(any, bits).mask()
}

/// How many connections there may be from a network, and the set that nft counts them in.
pub(super) fn connlimit(part: &MatchRef<'_>, family: Family, set: &str) -> Option<(String, String)> {
    let mut options = Options::of(part)?;
    let (count, over) = match options.take("connlimit-upto") {
        Some((count, _)) => (count, ""),
        None => (options.take("connlimit-above")?.0, "over "),
    };
    let key = if options.flag("connlimit-daddr") { "daddr" } else { "saddr" };
    options.flag("connlimit-saddr");
    let full = family.pick("32", "128");
    let mask = match options.take("connlimit-mask") {
        Some((bits, _)) if bits != full => format!(" and {}", mask_of(family, bits.parse().ok()?)),
        _ => String::new(),
    };
    let kind = family.pick("ipv4_addr", "ipv6_addr");
    let text = format!("add @{set} {{ {} {key}{mask} ct count {over}{count} }}", ip(family));
    options.whole(vec![text]).map(|text| (format!("{set} {{ type {kind}; flags dynamic; }}"), text))
}

fn multiport(options: &mut Options, rule: &RuleRef<'_>, parts: &mut Vec<String>) -> Option<()> {
    let protocol = protocol_name(rule.protocol().value);
    for (option, key) in [("sports", "sport"), ("dports", "dport")] {
        if let Some((ports, inverted)) = options.take(option) {
            parts.push(format!("{protocol} {key} {}{}", not(inverted), set(&ports.replace(':', "-"))));
        }
    }
    if let Some((ports, inverted)) = options.take("ports") {
        let both = |ports: &str| format!("0-65535 . {ports}, {ports} . 0-65535");
        let pairs: Vec<String> = ports.split(',').map(|ports| both(&ports.replace(':', "-"))).collect();
        let pairs = pairs.join(", ");
        parts.push(format!("{protocol} sport . {protocol} dport {}{{ {pairs} }}", not(inverted)));
    }
    Some(())
}

fn time(options: &mut Options, parts: &mut Vec<String>) -> Option<()> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const START: &str = "1970-01-01T00:00:00";
    const END: &str = "2038-01-19T03:14:07";
    // What it counts on and how it goes over midnight nft has no words for; it counts in the kernel's zone.
    options.flag("kerneltz");
    options.flag("contiguous");
    let text = |option: Option<(String, bool)>, otherwise: &str| {
        option.map_or(otherwise.to_owned(), |(text, _)| text)
    };
    let start = text(options.take("datestart"), START);
    let stop = text(options.take("datestop"), END);
    if start != START || stop != END {
        parts.push(format!("meta time \"{}\"-\"{}\"", start.replace('T', " "), stop.replace('T', " ")));
    }
    // As iptables has it: where no date stands, its blank does.
    if parts.is_empty() {
        parts.push(String::new());
    }
    let (from, to) = (options.take("timestart"), options.take("timestop"));
    if from.is_some() || to.is_some() {
        parts.push(format!("meta hour \"{}\"-\"{}\"", text(from, "00:00:00"), text(to, "23:59:59")));
    }
    if let Some((days, inverted)) = options.take("weekdays") {
        let number = |day: &str| DAYS.iter().position(|known| *known == day);
        let given: Vec<usize> = days.split(',').filter_map(number).collect();
        let week = [1, 2, 3, 4, 5, 6, 0].into_iter().filter(|day| given.contains(day) != inverted);
        let week: Vec<String> = week.map(|day| day.to_string()).collect();
        parts.push(format!("meta day {}", set(&week.join(","))));
    }
    Some(())
}

/// The types of ICMP that nft has a name for.
const ICMP: &[(u8, &str)] = &[
    (0, "echo-reply"),
    (3, "destination-unreachable"),
    (4, "source-quench"),
    (5, "redirect"),
    (8, "echo-request"),
    (9, "router-advertisement"),
    (10, "router-solicitation"),
    (11, "time-exceeded"),
    (12, "parameter-problem"),
    (13, "timestamp-request"),
    (14, "timestamp-reply"),
    (17, "address-mask-request"),
    (18, "address-mask-reply"),
];

const ICMPV6: &[(u8, &str)] = &[
    (1, "destination-unreachable"),
    (2, "packet-too-big"),
    (3, "time-exceeded"),
    (4, "parameter-problem"),
    (128, "echo-request"),
    (129, "echo-reply"),
    (130, "mld-listener-query"),
    (131, "mld-listener-report"),
    (132, "mld-listener-done"),
    (133, "nd-router-solicit"),
    (134, "nd-router-advert"),
    (135, "nd-neighbor-solicit"),
    (136, "nd-neighbor-advert"),
    (137, "nd-redirect"),
];
