//! What may differ, and why.

use libfw::{ErrorKind, Family};

use crate::twins::Difference;

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
            "sport",
            "dport",
            "sports",
            "dports",
            "ports",
        ];
        d.refused_by_us(ErrorKind::InvalidValue)
            && wraps.contains(&d.option())
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
        let ignores = ["bytecode", "hashlimit-upto", "hashlimit-above", "hashlimit", "hashlimit-burst"];
        d.refused_by_us(ErrorKind::InvalidValue)
            && ignores.contains(&d.option())
            && d.said[0].token.ends_with(|letter: char| letter.is_ascii_alphabetic())
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
    ("a negative time, or one with a space before it, is no time", |d| {
        d.refused_by_us(ErrorKind::InvalidValue)
            && d.option().starts_with("rateest-")
            && d.said[0].token.starts_with(['-', ' '])
    }),
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
    ("a rate below 16 bytes is printed as 0b/s, which iptables does not read", |d| {
        d.what == "accepts"
            && d.theirs.contains("Bad value for \"--hashlimit")
            && d.words().any(|word| word.starts_with('0'))
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
    ("masks that are no prefix are printed as a number by iptables", |d| {
        d.is_listing()
            && d.words().any(|word| word.contains("/ffff::ff") || word.contains("/255.0.255.0"))
            && ["srh-", "connlimit", "hmark"].iter().any(|option| d.ours.to_lowercase().contains(option))
    }),
    ("bursts in bytes are rounded by iptables, and read back as others", |d| {
        d.is_listing() && d.words().any(|word| word.contains("hashlimit-burst")) && d.ours.contains("b/s")
    }),
    ("times of RATEEST above 4294 seconds wrap around in iptables, when read and when printed", |d| {
        d.words().any(|word| word == "RATEEST")
            && (d.is_listing() || matches!(d.what, "bytes" | "deletes" | "accepts"))
            && d.words().any(|word| word.starts_with("--rateest-ewmalog"))
    }),
    ("what iptables leaves behind an IPv4 mask depends on how a full mask was written", |d| {
        let full = |word: &str| word.ends_with("/32") || word.ends_with("/255.255.255.255");
        matches!(d.what, "bytes" | "deletes") && d.line.family == Family::Ipv4 && d.words().any(full)
    }),
    ("the kernel returns the timeout policy of an untracked connection cut off", |d| {
        matches!(d.what, "deletes" | "bytes")
            && d.words().any(|word| word.starts_with("--timeout"))
            && d.words().any(|word| word == "--notrack")
    }),
];

/// Where Debian's 1.8.9 differs from the later versions that libfw follows.
const OLDER: &[Known] = &[];

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
