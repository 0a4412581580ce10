//! What may differ, and why.

use libfw::{ErrorKind, Family};

use crate::twins::Difference;

/// Most lines with a mistake have several; which of them is told is no great matter, but mostly it is the same.
pub const ANOTHER_MISTAKE: &str = "of several mistakes in a line another one is told";

/// Why a difference is none to mend, according to some lists.
pub fn reason(lists: &[&[Known]], difference: &Difference) -> Option<&'static str> {
    lists.iter().copied().flatten().find(|(_, holds)| holds(difference)).map(|(reason, _)| *reason)
}

/// 1.8.9 shows protocols by number in `-L -n`, and by the names of `/etc/protocols` in `-S`: the difference without that, if
/// any is left.
pub fn with_newer_protocol(mut difference: Difference) -> Option<Difference> {
    let is_number = |word: &str| word.trim_start_matches('!').parse::<u8>().is_ok();
    let ours: Vec<_> = difference.ours.split_whitespace().collect();
    let mut theirs: Vec<_> = difference.theirs.split_whitespace().collect();
    let at = ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
    let is_protocol = |at: &usize| {
        let fragment = theirs.get(at + 1).is_some_and(|word| ["--", "-f", "!f"].contains(word));
        (fragment || *at > 0 && ours[at - 1] == "-p") && is_number(ours[*at]) != is_number(theirs[*at])
    };
    if let Some(at) = at.filter(|at| difference.is_listing() && is_protocol(at)) {
        theirs[at] = ours[at];
        let [ours, theirs] = [ours.join(" "), theirs.join(" ")];
        (difference.ours, difference.theirs) = (ours, theirs);
    }
    (difference.ours != difference.theirs).then_some(difference)
}

pub type Known = (&'static str, fn(&Difference) -> bool);

/// Where libfw departs from iptables on purpose; see "Where it departs from iptables on purpose" in COMPARE.md.
pub const KNOWN: &[Known] = &[
    ("the rates of rateest may not stand in the same word in iptables", |d| {
        d.said[1].words.contains("unknown option")
            && d.words().any(|word| word.starts_with("--rateest-") && word.contains('='))
    }),
    ("the matches l2tp and udplite, which the kernel has, are unknown to iptables", |d| {
        let unknown = ["Couldn't load match `l2tp'", "Couldn't load match `udplite'", "unknown option"];
        unknown.iter().any(|words| d.said[1].words.contains(words))
            && d.words().any(|word| word == "l2tp" || word == "udplite")
    }),
    (
        "a line end in a text is written raw by iptables, so that what follows it is read as another line",
        |d| d.refused_by_us(ErrorKind::InvalidValue) && d.said[0].token.contains(['\n', '\r']),
    ),
    ("a text that is too long is cut off by iptables, and by fw with a warning", |d| {
        d.what == "says" && d.ours.contains(" bytes, the rest is cut off")
    }),
    ("a number that is too large wraps around in iptables, or only its low bits are used", |d| {
        let mut numbers = d.said[0].token.split(|letter: char| !letter.is_ascii_alphanumeric());
        d.refused_by_us(ErrorKind::InvalidValue)
            && largest(d.option()).is_some_and(|largest| numbers.any(|number| is_above(largest, number)))
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
            "monthdays",
            "weekdays",
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
    ("a port of minus 0 is 0 in iptables", |d| {
        d.what == "accepts" && d.theirs == "0: " && d.ours.contains("Port \"-0")
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
    ("both ways to set the MSS at once: only the last counts in iptables", |d| {
        d.refused_by_us(ErrorKind::InvalidRule) && d.ours.contains("TCPMSS: option")
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
        d.said[0].status == 2
            && d.said[1].status == 0
            && [
                "can't specify lt/gt/eq twice",
                "so they must be equal",
                "a connection has one zone",
                "--left-shift-mark",
            ]
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
        d.what.starts_with("-S")
            && d.ours.contains('"')
            && bare(&d.ours).trim_end() == bare(&d.theirs).trim_end()
    }),
    ("a range from 0 to 0 is printed by iptables as if it had no end", |d| {
        d.is_listing() && d.ours.replace("connbytes 0:0", "connbytes 0").trim_end() == d.theirs.trim_end()
    }),
    ("ipcomp without an index is every index, as iptables prints that; it reads index 0", |d| {
        let index = d.words().any(|word| word.starts_with("--ipcomps"));
        matches!(d.what, "bytes" | "deletes" | "-S" | "-L" | "-n" | "-nvx")
            && d.words().any(|word| word == "ipcomp" || word == "--compres")
            && !index
    }),
    (
        "two kinds of rates in rateest are printed with their comparison twice by iptables, which reads it once",
        |d| {
            let twice = ["--rateest-lt", "--rateest-gt", "--rateest-eq"];
            d.what.starts_with("-S")
                && twice.iter().any(|comparison| d.theirs.matches(comparison).count() > 1)
        },
    ),
    ("rates of rateest are rounded by iptables, and read back as others", |d| {
        let pairs = d.ours.split_whitespace().zip(d.theirs.split_whitespace());
        let mut others = pairs.filter(|(ours, theirs)| ours != theirs);
        d.is_listing() && others.all(|(ours, theirs)| ours.ends_with("bit") && theirs.ends_with("bit"))
    }),
    ("a rate of rateest that is too large wraps around in iptables, and may be hexadecimal", |d| {
        d.refused_by_us(ErrorKind::InvalidValue)
            && d.ours.contains("rateest: could not parse rate")
            && (d.said[0].token.contains('t')
                || d.said[0].token.starts_with("0x")
                || is_above(u32::MAX.into(), &d.said[0].token))
    }),
    ("a probability in hexadecimal", |d| {
        d.refused_by_us(ErrorKind::InvalidValue)
            && d.option() == "probability"
            && d.said[0].token.contains("0x")
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
        let ours = d.ours.replace("prefix 128", "prefix");
        d.is_listing()
            && d.line.family == Family::Ipv6
            && ours.split_whitespace().eq(d.theirs.split_whitespace())
    }),
    ("bursts in bytes are rounded by iptables, and read back as others", |d| {
        d.is_listing() && d.words().any(|word| word.contains("hashlimit-burst")) && d.ours.contains("b/s")
    }),
    ("bursts of 4 gigabytes and more wrap around in iptables", |d| {
        let many = |word: &str, unit, most| word.strip_suffix(unit).is_some_and(|digits| digits.len() > most);
        let large = |word: &str| many(word, "mb", 3) || many(word, "kb", 6) || many(word, "b", 9);
        matches!(d.what, "bytes" | "deletes")
            && d.words().any(|word| word.starts_with("--hashlimit-b"))
            && d.words().any(large)
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

/// What differs between whole commands and files.
pub const SESSIONS: &[Known] = &[
    ("the matches l2tp and udplite, which the kernel has, are unknown to iptables", |d| {
        let unknown = ["Couldn't load match `l2tp'", "Couldn't load match `udplite'"];
        unknown.iter().any(|words| d.said[1].words.contains(words))
    }),
    ("a full prefix of HMARK is printed without its bits by iptables", |d| {
        d.what == "prints" && d.words().any(|word| word.contains("--hmark-"))
    }),
    ("a listing that sets counters to zero takes the options of a listing, as before 1.8.10", |d| {
        d.theirs.contains("Illegal option `--")
            && d.words().any(|word| word.starts_with("-Z") || word == "--zero")
    }),
    ("iptables dumps its own data for -vv", |d| {
        let verbose = |word: &str| match word.strip_prefix("--") {
            Some(long) => usize::from("verbose".starts_with(long) && !long.is_empty()),
            None => word.strip_prefix('-').map_or(0, |letters| letters.matches('v').count()),
        };
        (d.what == "prints" || d.ours.contains("-vv is the same as -v"))
            && d.words().map(verbose).sum::<usize>() > 1
    }),
    ("ipcomp without an index is every index, as iptables prints that; it reads index 0", |d| {
        d.what == "state" && d.theirs.replace(" --ipcompspi 0", "") == d.ours.replace(" --ipcompspi 0", "")
    }),
    ("the listing of bpf has a NUL byte in iptables", |d| {
        d.what == "prints" && d.ours == d.theirs.replace('\0', "")
    }),
    ("names that iptables prints in a way that it cannot read back", |d| {
        let bare = |text: &str| text.replace(['"', '\\'], "");
        d.what == "prints" && bare(&d.ours) == bare(&d.theirs)
    }),
    ("rates of rateest are rounded by iptables", |d| {
        d.what == "prints" && d.words().any(|word| word.contains("--rateest-"))
    }),
    ("iptables warns of a missing connlabel.conf again when it lists", |d| {
        d.ours == "0: "
            && d.theirs == "0: Warning: cannot open /etc/xtables/connlabel.conf: No such file or directory"
    }),
    ("the number of a rule wraps around in iptables", |d| d.ours.contains("Invalid rule number `")),
    ("of several addresses -R takes the first in iptables", |d| {
        d.ours.contains("Replacement rule does not specify a unique address")
    }),
    (BESIDE, is_beside),
];

const BESIDE: &str = "with -T iptables looks neither for the table nor at what stands between others";

fn is_beside(d: &Difference) -> bool {
    // Of a table whose name ends in a carriage return libfw says that there is none.
    let said = ["the save file has no such table", "line ", "unable to initialize table"];
    d.words().any(|word| word.contains("table: Some("))
        && d.theirs.starts_with("0: ")
        && said.iter().any(|words| d.ours.contains(words))
}

/// What iptables-nft does otherwise, mostly because it writes tcp, udp, limit and NFLOG in forms of nf_tables, which libfw reads.
pub const NFT: &[Known] = &[
    ("iptables-nft takes ports and flags of a protocol that is excluded; xtables does not", |d| {
        let mut words = d.words().skip_while(|word| *word != "!").skip(1);
        d.what == "accepts"
            && d.said[0].status == 2
            && words.next().is_some_and(|word| word.starts_with("-p") || word.starts_with("--p"))
            && d.words().any(|word| ["tcp", "udp"].contains(&word))
    }),
    ("a limit that is none of xtables, because its burst is 0 or too large, is one of nf_tables", |d| {
        d.what == "accepts"
            && d.ours.contains("(Numerical result out of range)")
            && d.words().any(|word| word.starts_with("--limit"))
    }),
    (
        "prefixes of NFLOG may be longer in nf_tables than in xtables, and rules with such a one are foreign",
        |d| {
            d.words().any(|word| word == "NFLOG" || word == "-jNFLOG")
                && d.words().any(|word| word.starts_with("--nflog-p"))
                && (d.theirs.contains("nflog-prefix sixty-four-") || d.ours.contains("takes 63 bytes"))
        },
    ),
    ("the range of NFLOG is forgotten by iptables-nft", |d| {
        d.words().any(|word| word.starts_with("--nflog-r"))
            && (d.is_listing() || d.what == "deletes" || d.theirs.contains("--nflog-range"))
    }),
    ("what several matches of one protocol say is one match in iptables-nft", |d| {
        let twice = |text: &str| ["-m tcp", "-m udp"].iter().any(|name| text.matches(name).count() > 1);
        let words: Vec<_> = d.words().collect();
        (d.is_listing() || d.what == "deletes") && (twice(&d.ours) || twice(&words.join(" ")))
    }),
    ("matches that iptables-legacy lists by their names are not listed by iptables-nft", |d| {
        let words = |text: &str| text.replace("eui64", " ").split_whitespace().collect::<String>();
        matches!(d.what, "-L" | "-n" | "-nvx")
            && d.ours.contains("eui64")
            && words(&d.ours) == words(&d.theirs)
    }),
    ("what a range from 0 excludes is a range to the end in iptables-nft", |d| {
        (d.is_listing() || d.what == "deletes")
            && d.words().any(|word| word == "!")
            && d.words().any(|word| word.starts_with("0:") || word.starts_with(':'))
            && d.words().any(|word| word.starts_with("--sport") || word.starts_with("--dport"))
    }),
];

/// What iptables-nft does otherwise in whole commands and files.
pub const NFT_SESSIONS: &[Known] = &[
    (BESIDE, is_beside),
    ("iptables-nft-restore -T refuses a file that has other tables too", |d| {
        d.words().any(|word| word.contains("table: Some(")) && d.theirs.contains(" invalid")
    }),
    ("for -t iptables-nft-restore takes the chains that are there for those that will be", |d| {
        d.words().any(|word| word.contains("test: true")) && d.theirs == "0: " && d.said[0].status != 0
    }),
    ("iptables-nft renames a built-in chain that is there, and hides it then", |d| {
        d.what == "accepts"
            && d.theirs == "0: "
            && d.words().any(|word| word.starts_with("-E") || word.starts_with("--rename"))
    }),
    ("what iptables-nft says where there is no chain or no rule to zero depends on its version", |d| {
        let none = ["Bad rule", "No chain/target", "CHAIN_ZERO failed (No such file"];
        let says = |said: &str| said == "0: " || none.iter().any(|words| said.contains(words));
        matches!(d.what, "says" | "accepts")
            && says(&d.ours)
            && says(&d.theirs)
            && d.words().any(|word| word.starts_with("-Z") || word == "--zero")
    }),
    ("iptables-nft-restore forgets the policies of a file that sets counters to zero", |d| {
        let zeroes = |word: &str| word.starts_with('*') && (word.contains("-Z") || word.contains("--ze"));
        d.what == "state" && d.words().any(zeroes)
    }),
    (
        "what becomes of a table when it is restored is said by iptables-nft only where it does something",
        |d| d.what == "prints" && d.words().any(|word| word.contains("verbose: true")),
    ),
    ("iptables-nft-restore reads a table to its end, and then says what is wrong with a step", |d| {
        d.what == "says"
            && d.words().any(|word| word.starts_with("RestoreOptions"))
            && d.said.iter().all(|said| said.status != 0)
    }),
];

/// What older revisions cannot say, or not as exactly.
pub const REVISIONS: &[Known] =
    &[("older revisions of hashlimit have coarser rates, and large tables of them stay as they are", |d| {
        // The name may be one that iptables prints without its quotes.
        let without_numbers =
            |text: &str| text.replace(|letter: char| letter.is_ascii_digit() || " \"".contains(letter), "");
        d.is_listing()
            && d.words().any(|word| word == "hashlimit")
            && without_numbers(&d.ours) == without_numbers(&d.theirs)
    })];

/// Where Debian's 1.8.9 differs from the later versions that libfw follows.
pub const OLDER: &[Known] = &[
    (
        "1.8.9 compares two ports that are excluded at once, so that one that is another is enough: no rule of xtables does",
        |d| {
            let ports = ["--sport", "--dport"].map(|port| d.words().any(|word| word.starts_with(port)));
            matches!(d.what, "-S of theirs" | "deletes")
                && ports == [true; 2]
                && d.words().filter(|word| *word == "!").count() > 1
        },
    ),
    ("1.8.9 looks neither at the new name of a chain nor at policy counters that nobody asked for", |d| {
        let looks = ["invalid policy counters", "chain name"];
        d.what == "accepts" && d.theirs == "0: " && looks.iter().any(|words| d.ours.contains(words))
    }),
    ("1.8.9 accepts ranges that run backwards", |d| {
        let backwards = ["or out of range (", "is negative"];
        d.refused_by_us(ErrorKind::InvalidValue) && backwards.iter().any(|words| d.ours.contains(words))
    }),
    ("1.8.9 drops the ! before a range of all values, and the range", |d| {
        let whole = ["0:4294967295", "0:65535", "0:255", "+"];
        d.is_listing()
            && d.ours.contains('!')
            && whole.iter().any(|range| d.ours.contains(range))
            && d.ours.split_whitespace().count() > d.theirs.split_whitespace().count()
    }),
    ("1.8.9 does not know masks that are no prefix in extensions", |d| {
        d.words().any(|word| word.contains("/255.0.255.0") || word.contains("/ffff::f"))
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
    ("1.8.9 accepts protocol 0 for a connection, with ! too", |d| {
        let words = ["rule would never match protocol", "condition would always match protocol"];
        d.what == "accepts" && words.iter().any(|words| d.ours.contains(words))
    }),
    ("1.8.7 takes 0 for no end of a string's range, and prints that of none", |d| {
        d.what.starts_with("-S") && d.theirs.replace(" --to 65535", "") == d.ours.replace(" --to 0 ", " ")
    }),
    ("1.8.7 writes every interface with ! so that the kernel takes it for any, and prints half of it", |d| {
        d.what == "-S of theirs" && d.words().any(|word| word == "+") && d.theirs.contains("! -")
    }),
    ("1.8.7 prints half of an interface that is any, before the options of an extension", |d| {
        matches!(d.what, "-S" | "-S of theirs" | "deletes") && d.words().any(|word| word == "+")
    }),
    ("1.8.7 deletes no built-in chain", |d| {
        d.what == "accepts" && d.theirs.contains("Can't delete built-in chain")
    }),
    ("1.8.7 takes neither port 0 for translation, nor a name where the protocol is excluded", |d| {
        d.what == "accepts" && d.theirs.contains("Port `") && d.theirs.ends_with("' not valid")
    }),
    ("1.8.7 does not know packets to other hosts by that name", |d| {
        d.what == "accepts" && d.theirs.ends_with("Bad packet type 'otherhost'")
    }),
    ("1.8.7 forgets the counters that -c gives a rule of IPv6", |d| {
        let given = |word: &str| word.starts_with("-c") || word.contains(" -c ") || word.contains("--set-c");
        let without = |text: &str| -> String {
            text.lines().map(|line| line.split_once("] -A").map_or(line, |(_, rule)| rule)).collect()
        };
        d.what == "state"
            && d.line.family == Family::Ipv6
            && d.words().any(given)
            && without(&d.ours) == without(&d.theirs)
    }),
    ("1.8.9 takes short addresses for translation", |d| {
        d.refused_by_us(ErrorKind::InvalidValue) && d.ours.contains("Bad IP address")
    }),
];

/// The largest number of an option for which iptables does not check it.
fn largest(option: &str) -> Option<u64> {
    Some(match option {
        "weekdays" => 7,
        "monthdays" => 31,
        "label" => 127,
        "hbh-opts" | "dst-opts" | "wscale" | "bytecode" => 255,
        "rateest-ewmalog" | "rateest-interval" => 4294,
        "set-class" | "mss" => u16::MAX.into(),
        "hashlimit" | "hashlimit-upto" | "hashlimit-above" | "hashlimit-burst" => 1_000_000,
        option if option.ends_with("port") || option.ends_with("ports") => u16::MAX.into(),
        _ => return None,
    })
}

/// Whether a word is a number above another one.
fn is_above(largest: u64, word: &str) -> bool {
    let hexadecimal = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let number = match (hexadecimal, word.strip_prefix('0')) {
        (Some(digits), _) => u64::from_str_radix(digits, 16),
        // Ports are decimal even so.
        (None, Some(digits)) if largest != u16::MAX.into() => u64::from_str_radix(digits, 8),
        _ => word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).parse(),
    };
    match number {
        Ok(number) => number > largest,
        Err(_) => word.len() > 15,
    }
}
