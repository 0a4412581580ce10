//! What may differ, and why.

use libfw::{ErrorKind, Family};

use crate::twins::Difference;

/// Most lines with a mistake have several; which of them is told is no great matter, but mostly it is the same.
pub const ANOTHER_MISTAKE: &str = "of several mistakes in a line another one is told";

/// Why a difference is none to mend.
pub fn reason(modern: bool, difference: &Difference) -> Option<&'static str> {
    let older = if modern { [].iter() } else { OLDER.iter() };
    KNOWN.iter().chain(older).find(|(_, holds)| holds(difference)).map(|(reason, _)| *reason)
}

type Known = (&'static str, fn(&Difference) -> bool);

/// Where libfw departs from iptables on purpose; see "Where it departs from iptables on purpose" in COMPARE.md.
const KNOWN: &[Known] = &[
    ("the matches l2tp and udplite, which the kernel has, are unknown to iptables", |d| {
        let unknown = ["Couldn't load match `l2tp'", "Couldn't load match `udplite'", "unknown option"];
        unknown.iter().any(|words| d.said[1].words.contains(words))
            && d.words().any(|word| word == "l2tp" || word == "udplite")
    }),
    ("a text that is too long is cut off by iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidValue) && d.ours.contains("maximum length")
    }),
    ("a number that is too large wraps around in iptables, or only its low bits are used", |d| {
        let wraps = [
            "set-class",
            "hbh-opts",
            "dst-opts",
            "mss",
            "wscale",
            "on-port",
            "label",
            "bytecode",
            "monthdays",
            "weekdays",
            "rateest-ewmalog",
            "rateest-interval",
            "hashlimit-upto",
            "hashlimit-above",
            "hashlimit",
            "hashlimit-burst",
        ];
        d.refused_by_us(ErrorKind::InvalidValue)
            && (wraps.contains(&d.option()) || d.option().ends_with("port") || d.option().ends_with("ports"))
            && d.said[0].token.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_large)
    }),
    ("a mask longer than an address is read as something else by iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidValue)
            && d.ours.contains("neither a valid network mask nor valid CIDR")
    }),
    ("iptables takes an empty value for 0", |d| {
        d.refused_by_us(ErrorKind::InvalidValue) && d.said[0].token.is_empty()
    }),
    ("iptables ignores what follows a number", |d| {
        let ignores = [
            "bytecode",
            "hashlimit-upto",
            "hashlimit-above",
            "hashlimit",
            "hashlimit-burst",
            "hashlimit-rate-interval",
            "set-class",
            "set-dscp-class",
            "dscp-class",
        ];
        d.refused_by_us(ErrorKind::InvalidValue) && ignores.contains(&d.option())
    }),
    (
        "a day 0 is nonsense, and signs and spaces have no place in a time, a date or a hardware address",
        |d| {
            let parts =
                ["monthdays", "weekdays", "timestart", "timestop", "datestart", "datestop", "mac-source"];
            let odd = |part: &str| part == "0" || part == "00" || part.starts_with([' ', '+', '-']);
            d.refused_by_us(ErrorKind::InvalidValue)
                && parts.contains(&d.option())
                && d.said[0].token.split([',', ':']).any(odd)
        },
    ),
    ("a negative number, and a time with a space before it, are no numbers", |d| {
        let signed = |text: &str| text.split([',', ':']).any(|part| part.starts_with(['-', ' ']));
        let options = ["rateest-ewmalog", "rateest-interval", "hbh-opts", "dst-opts"];
        d.refused_by_us(ErrorKind::InvalidValue) && options.contains(&d.option()) && signed(&d.said[0].token)
    }),
    ("a shifted range of ports is ignored by iptables where the kernel has no place for it", |d| {
        d.what == "accepts" && d.ours.contains("Shifted portmap ranges not supported")
    }),
    ("a mask of HMARK is overruled by a tuple behind it in iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidRule)
            && d.ours.contains("HMARK: option \"--hmark-")
            && d.ours.contains("once")
    }),
    ("what ECN does to the IP header is forgotten by iptables when --ecn-tcp-remove follows", |d| {
        let at = |option: &str| d.words().position(|word| word.starts_with(option));
        matches!(d.what, "bytes" | "deletes" | "-S" | "-L" | "-n" | "-nvx")
            && at("--ecn-ip").zip(at("--ecn-tcp-r")).is_some_and(|(ip, tcp)| ip < tcp)
    }),
    ("revision 0 of CT does not say whether it was written as NOTRACK", |d| {
        d.is_listing() && d.words().any(|word| word == "NOTRACK") && d.ours.contains("notrack")
    }),
    ("masks of cluster above 32 are refused by iptables, which prints them itself", |d| {
        d.said[1].status == 2 && d.theirs.contains("--cluster-local-nodemask\", or out of range (1-32)")
    }),
    ("SET ignores a ! in iptables", |d| {
        d.refused_by_us(ErrorKind::Syntax)
            && d.ours.contains("SET: option")
            && d.ours.contains("cannot be inverted")
    }),
    ("an end in 1970 is not printed by iptables", |d| {
        d.is_listing()
            && d.words().any(|word| word.contains("datestop"))
            && d.words().any(|word| word.contains("1970"))
    }),
    ("a prefix of no bits is not printed by iptables", |d| {
        d.is_listing()
            && d.words().any(|word| word == "SNPT" || word == "DNPT")
            && d.ours.contains("-pfx ::/0")
    }),
    (
        "the kernel makes large tables of hashlimit smaller, and iptables does not find its own rule then",
        |d| {
            d.what == "deletes"
                && d.said[0].status == 0
                && d.words().any(|word| word.starts_with("--hashlimit-htable-"))
        },
    ),
    ("of several tests of one field only the last counts in iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidRule)
            && ["so they must be equal", "a connection has one zone", "--left-shift-mark"]
                .iter()
                .any(|words| d.ours.contains(words))
    }),
    ("a range of one count loses its ! in iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidValue) && d.ours.contains("a range of one count cannot be inverted")
    }),
    ("iptables wants --gid-owner before --suppl-groups", |d| {
        d.theirs.contains("you need to use --gid-owner first")
    }),
    ("a rate below 16 bytes is printed as 0b/s by iptables, which does not read that", |d| {
        d.is_listing() && d.ours.contains(" 1b/s") && d.theirs.contains(" 0b/s")
    }),
    ("the listing of bpf has a NUL byte in iptables", |d| {
        d.is_listing() && d.theirs.contains('\0') && d.ours == d.theirs.replace('\0', "")
    }),
    ("names that iptables prints in a way that it cannot read back", |d| {
        let bare = |text: &str| text.replace(['"', '\\'], "");
        d.what == "-S" && d.ours.contains('"') && bare(&d.ours) == bare(&d.theirs)
    }),
    ("a range from 0 to 0 is printed by iptables as if it had no end", |d| {
        d.is_listing() && d.ours.replace("connbytes 0:0", "connbytes 0") == d.theirs
    }),
    ("a full range of ipcomp is not printed by iptables", |d| {
        d.is_listing()
            && d.ours.replace(" --ipcompspi 0:4294967295", "").replace(" ! --ipcompspi", "") == d.theirs
    }),
    ("masks that are no prefix are printed as something else by iptables", |d| {
        let odd = ["/ffff::f", "/255.0.255.0"];
        let takes = ["--srh-", "--hmark-", "--connlimit-"];
        d.is_listing()
            && d.words().any(|word| takes.iter().any(|option| word.starts_with(option)))
            && d.words().any(|word| odd.iter().any(|mask| word.contains(mask)))
    }),
    ("the mask of connlimit may be an address in iptables, with a rest behind it that is not cleared", |d| {
        let mask = d.words().skip_while(|word| !word.starts_with("--connlimit-m")).take(2);
        let address = mask.last().is_some_and(|word| word.contains(['.', ':']) || word.contains('/'));
        address && (d.is_listing() || matches!(d.what, "bytes" | "deletes") && d.said[0].status == 0)
    }),
    ("a full prefix of HMARK is left out of listings of IPv6 by iptables", |d| {
        d.what.starts_with('-')
            && d.line.family == Family::Ipv6
            && d.ours.replace("prefix 128", "prefix ") == d.theirs
    }),
    ("bursts in bytes are rounded by iptables, and read back as others", |d| {
        d.is_listing() && d.words().any(|word| word.contains("hashlimit-burst")) && d.ours.contains("b/s")
    }),
    ("times of RATEEST above 4294 seconds wrap around in iptables, when read and when printed", |d| {
        d.words().any(|word| word == "RATEEST")
            && (d.is_listing() || matches!(d.what, "bytes" | "deletes" | "accepts"))
            && d.words().any(|word| word.starts_with("--rateest-e"))
    }),
    ("what iptables leaves behind an IPv4 mask depends on how a full mask was written", |d| {
        let full = |word: &str| word.ends_with("/32") || word.ends_with("/255.255.255.255");
        let tuple =
            d.words().any(|word| word == "HMARK") && d.words().any(|word| word.starts_with("--hmark-tuple"));
        matches!(d.what, "bytes" | "deletes")
            && d.said[0].status == 0
            && d.line.family == Family::Ipv4
            && (tuple || d.words().any(full))
    }),
    ("the kernel returns the timeout policy of an untracked connection cut off", |d| {
        matches!(d.what, "deletes" | "bytes")
            && d.words().any(|word| word.starts_with("--timeout"))
            && d.words().any(|word| word == "--notrack")
    }),
    (ANOTHER_MISTAKE, |d| d.what == "says" && d.said.iter().all(|said| said.status != 0)),
];

/// Where Debian's 1.8.9 differs from the later versions that libfw follows.
const OLDER: &[Known] = &[
    ("1.8.9 shows protocols by number in -L -n, and by the names of /etc/protocols in -S", |d| {
        let theirs = d.theirs.replace('\0', "");
        let mut words = d.ours.split_whitespace().zip(theirs.split_whitespace());
        let plain = |word: &str| word.trim_start_matches('!').to_owned();
        let is_number = |word: &str| plain(word).parse::<u8>().is_ok();
        let column = |(ours, theirs): &(&str, &str)| ours != theirs && is_number(ours) != is_number(theirs);
        d.is_listing()
            && words.find(|(ours, theirs)| ours != theirs).is_some_and(|words| column(&words))
            && words.all(|(ours, theirs)| ours == theirs)
    }),
    ("1.8.9 accepts ranges that run backwards", |d| {
        let backwards = ["or out of range (", "is negative"];
        d.refused_by_us(ErrorKind::InvalidValue) && backwards.iter().any(|words| d.ours.contains(words))
    }),
    ("1.8.9 drops the ! before a range of all values, and the range", |d| {
        let ranges = [":", "0:", "+", "0:255", "0:65535", "0:4294967295"];
        let whole = |word: &str| ranges.contains(&word.rsplit('=').next().unwrap_or_default());
        let inverted = |(sign, _): (&str, &str)| sign == "!";
        d.is_listing()
            && d.words().any(whole)
            && d.words().zip(d.words().skip(1)).any(inverted)
            && d.ours.split_whitespace().count() > d.theirs.split_whitespace().count()
    }),
    ("1.8.9 does not know masks that are no prefix in extensions", |d| {
        d.words().any(|word| word.contains("/255.0.255.0") || word.contains("/ffff::ff"))
    }),
    ("1.8.9 writes another mask for a srh address without one", |d| {
        matches!(d.what, "bytes" | "deletes") && d.words().any(|word| word.starts_with("--srh-"))
    }),
    ("1.8.9 prints numbers above 2^31 as negative ones in recent", |d| {
        d.is_listing() && d.words().any(|word| word == "recent") && d.theirs.contains(" -")
    }),
    ("1.8.9 does not know the names of multicast listener discovery", |d| {
        d.said[0].status == 0 && d.theirs.contains("Unknown ICMPv6 type `mld-")
    }),
    ("1.8.9 gives an open end of --queue-balance that the kernel refuses, or prints", |d| {
        d.words().any(|word| word.starts_with("--queue-b"))
    }),
    ("1.8.9 calls the ICMP type 255/255 any", |d| {
        d.is_listing() && d.words().any(|word| word.contains("255/255"))
    }),
    ("1.8.9 accepts protocol 0 for a connection", |d| {
        d.refused_by_us(ErrorKind::InvalidValue) && d.ours.contains("rule would never match protocol")
    }),
];

/// A number above 255.
fn is_large(word: &str) -> bool {
    let number = match (word.strip_prefix("0x"), word.strip_prefix('0')) {
        (Some(digits), _) => u64::from_str_radix(digits, 16),
        (None, Some(digits)) if !digits.is_empty() => u64::from_str_radix(digits, 8),
        _ => word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).parse(),
    };
    match number {
        Ok(number) => number > 6,
        Err(_) => word.len() > 15,
    }
}
