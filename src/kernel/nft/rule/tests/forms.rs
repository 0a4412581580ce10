//! Expressions as iptables-nft and nft write them, and what they mean.

use super::assemble::assemble;
use super::*;

/// Reads each line of expressions for a family: as the rule's text, or with an exclamation mark as what makes it foreign.
fn check(family: Family, table: &[(&str, &str)]) {
    let mut failures = String::new();
    for (expressions, expected) in table {
        let found = match read(family, &assemble(expressions), &[]) {
            Ok(rule) => rule.to_string(),
            Err(Foreign(why)) => format!("!{why}"),
        };
        if found != *expected {
            failures += &format!("{expressions}\n  expected {expected}\n  found    {found}\n");
        }
        // Any text is that of a rule which reads as the same.
        if !expected.starts_with('!') && !failures.contains(expressions) {
            let again = Rule::parse(family, expected);
            assert_eq!(again.map(|rule| rule.to_string()).ok().as_deref(), Some(*expected));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

const ODD_HEADER: &str = "!tests a header in a way that xtables does not know";
const ODD_TEST: &str = "!tests something in a way that xtables does not know";
const TWICE: &str = "!tests a field of the header twice";
const NO_NAME: &str = "!is for an interface whose name xtables cannot say";

#[test]
fn headers() {
    check(
        Family::Ipv4,
        &[
            ("net 12 4 eq 0a010203", "-s 10.1.2.3/32"),
            ("net 12 1 eq 0a", "-s 10.0.0.0/8"),
            ("net 12 3 ne 0a0102", "! -s 10.1.2.0/24"),
            ("net 16 4 mask ffffff80 eq 0a010280", "-d 10.1.2.128/25"),
            ("net 16 4 mask ff0000ff ne 0a000003", "! -d 10.0.0.3/255.0.0.255"),
            ("net 12 4 mask 00000000 eq 00000000", ""),
            ("net 12 4 mask ff000000 eq 0a010000", "!compares bits of an address that its mask clears"),
            ("net 14 2 eq 0203", "-s 0.0.2.3/0.0.255.255"),
            // nft puts fields beside each other into one comparison.
            ("net 12 8 eq 0a00000114000002", "-s 10.0.0.1/32 -d 20.0.0.2/32"),
            ("net 12 6 eq 0a0000011400", "-s 10.0.0.1/32 -d 20.0.0.0/16"),
            ("net 8 2 eq 0506", "-p tcp -m ttl --ttl-eq 5"),
            ("net 12 8 ne 0a00000114000002", ODD_HEADER),
            ("net 8 3 eq 050600", ODD_HEADER),
            ("net 16 5 eq 0a00000100", ODD_HEADER),
            ("net 12 4 lt 0a000000", ODD_HEADER),
            ("net 12 4 ge 01020304 le 01020309", ODD_HEADER),
            ("net 12 4 range 01020304 01020309", ODD_HEADER),
            ("net 12 4 eq 0a010203 net 12 4 eq 0a010203", "-s 10.1.2.3/32"),
            ("net 12 4 eq 0a010203 net 12 4 ne 0a010204", TWICE),
            ("net 12 4 eq 0a0102", "!compares a part of what it loads"),
            ("net 12 4 xor ffffffff eq 0a010203", "!inverts bits"),
            ("net 12 4 shift ffffffff eq 0a010203", "!shifts bits"),
            (
                "net 12 4 mask ffffff00 mask ffff0000 eq 0a010000",
                "!masks bits in a way that xtables does not know",
            ),
            ("net 9 1 eq 06", "-p tcp"),
            ("meta l4proto ne 06", "! -p tcp"),
            ("meta l4proto eq 06 net 9 1 eq 06", "-p tcp"),
            ("meta l4proto eq 06 net 9 1 eq 11", TWICE),
            ("meta l4proto eq 00", ODD_HEADER),
            ("meta l4proto gt 06", ODD_HEADER),
            ("net 6 2 mask 1fff ne 0000", "-f"),
            ("net 6 2 mask 1fff eq 0000", "! -f"),
            ("net 6 2 mask 3fff ne 0000", ODD_HEADER),
            ("net 6 2 eq 0000", ODD_HEADER),
            ("net 6 2 mask 1fff eq 0001", ODD_HEADER),
            ("net 1 1 eq 00", ODD_HEADER),
            ("net 2 2 eq 0500", ODD_HEADER),
            ("ll 12 2 eq 0800", "!looks into a header that xtables does not know"),
            ("net 12 17 eq 0a", "!loads more than a rule of xtables compares"),
        ],
    );
    check(
        Family::Ipv6,
        &[
            ("net 8 16 eq 20010db8000000000000000000000001", "-s 2001:db8::1/128"),
            ("net 8 4 eq 20010db8", "-s 2001:db8::/32"),
            (
                "net 24 16 mask ffe00000000000000000000000000000 ne fe800000000000000000000000000000",
                "! -d fe80::/11",
            ),
            ("meta l4proto eq 3a", "-p ipv6-icmp"),
            // The next header need not be the last one.
            ("net 6 1 eq 06", ODD_HEADER),
            ("net 6 2 mask 1fff ne 0000", ODD_HEADER),
            ("net 7 1 eq 05", "-m hl --hl-eq 5"),
        ],
    );
}

#[test]
fn interfaces() {
    check(
        Family::Ipv4,
        &[
            ("meta iifname eq 'lo\\0", "-i lo"),
            ("meta iifname eq 'eth", "-i eth+"),
            ("meta oifname ne 'eth0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", "! -o eth0"),
            ("meta iifname eq 'fifteen-letters\\0", "-i fifteen-letters"),
            ("meta iifname eq 'fifteen-letters", "-i fifteen-letters"),
            ("meta iifname eq 'fourteen-lette", "-i fourteen-lette+"),
            ("meta iifname eq 'sixteen-letters!", NO_NAME),
            ("meta iifname eq '\\0", NO_NAME),
            ("meta iifname eq 'eth\\0x", NO_NAME),
            // As text the first would be the beginning of others.
            ("meta iifname eq 'eth+\\0", NO_NAME),
            ("meta iifname eq 'et+", "-i et++"),
            // A loaded name alone is how older versions write `-i +`.
            ("meta iifname", ""),
            ("meta iifname meta oifname eq 'lo\\0", "-o lo"),
            ("meta iifname eq 'INVAL/D\\0", "! -i +"),
            ("meta iifname ne 'INVAL/D\\0", "! -i INVAL/D"),
            ("meta iif eq 01000000", "-i lo"),
            ("meta oif ne 01000000", "! -o lo"),
            ("meta iif eq 02000000", "!is for an interface that is gone"),
            ("meta iif gt 01000000", ODD_HEADER),
            ("meta iif mask ffffffff eq 01000000", ODD_HEADER),
            ("meta iifname eq 'eth meta iifname ne 'eth0\\0", TWICE),
        ],
    );
}

#[test]
fn ports() {
    const TCP: &str = "meta l4proto eq 06";
    let table = [
        ("th 2 2 eq 0016", "--dport 22"),
        ("th 0 2 ne 0016", "! --sport 22"),
        ("th 0 4 eq 00010002", "--sport 1 --dport 2"),
        // That is not what 1.8.9 means by it, but what the kernel does.
        ("th 0 4 ne 00010002", ODD_TEST),
        ("th 2 2 le 0400", "--dport 0:1024"),
        ("th 2 2 lt 0400", "--dport 0:1023"),
        ("th 2 2 ge 0400", "--dport 1024:65535"),
        ("th 2 2 gt 0400", "--dport 1025:65535"),
        ("th 2 2 lt 0000", "! --dport 0:65535"),
        ("th 2 2 gt ffff", "! --dport 0:65535"),
        ("th 2 2 ge 0016 le 0050", "--dport 22:80"),
        ("th 2 2 gt 0016 lt 0050", "--dport 23:79"),
        ("th 2 2 ge 0050 le 0016", "--dport 80:65535 -m PROTO --dport 0:22"),
        ("th 2 2 range 0016 0050", "--dport 22:80"),
        ("th 2 2 outside 0016 0050", "! --dport 22:80"),
        ("th 0 2 outside 0000 ffff", "! --sport 0:65535"),
        ("th 2 2 range 0050 0016", ODD_TEST),
        ("th 0 2 eq 0001 th 2 2 eq 0002", "--sport 1 --dport 2"),
        ("th 2 2 eq 0001 th 2 2 eq 0002", "--dport 1 -m PROTO --dport 2"),
        ("th 2 2 ne 0001 ne 0002", "! --dport 1 -m PROTO ! --dport 2"),
        // A test of every port is one all the same: a fragment has none.
        ("th 2 2 ge 0000", ""),
        ("th 2 2 mask ff00 eq 0100", ODD_TEST),
        ("th 4 2 eq 0001", ODD_TEST),
        ("th 1 1 eq 01", ODD_TEST),
        ("th 0 3 eq 000100", ODD_TEST),
    ];
    for (protocol, name) in [("06", "tcp"), ("11", "udp")] {
        for (expressions, expected) in table {
            let rule = match expected.starts_with('!') && !expected.starts_with("! ") {
                true => expected.to_owned(),
                false => format!("-p {name} -m {name} {expected}").trim_end().replace("PROTO", name),
            };
            check(Family::Ipv6, &[(&format!("meta l4proto eq {protocol} {expressions}"), &rule)]);
        }
    }
    check(
        Family::Ipv4,
        &[
            ("net 9 1 eq 06 th 2 2 eq 0016", "-p tcp -m tcp --dport 22"),
            (&format!("{TCP} th 13 1 mask 02 ne 00"), "-p tcp -m tcp ! --tcp-flags SYN NONE"),
            (&format!("{TCP} th 13 1 mask 17 eq 02"), "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"),
            (
                &format!("{TCP} th 13 1 mask 17 eq 02 th 2 2 eq 0050"),
                "-p tcp -m tcp --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN",
            ),
            (
                &format!("{TCP} th 13 1 mask 02 eq 02 th 13 1 mask 10 eq 00"),
                "-p tcp -m tcp --tcp-flags SYN SYN -m tcp --tcp-flags ACK NONE",
            ),
            // All eight bits: xtables has words for six.
            (&format!("{TCP} th 13 1 eq 02"), ODD_TEST),
            (&format!("{TCP} th 13 1 mask c0 eq 40"), ODD_TEST),
            (&format!("{TCP} th 13 1 mask 00 eq 02"), ODD_TEST),
            ("meta l4proto eq 11 th 13 1 mask 02 eq 02", ODD_TEST),
            // Behind other matches, and behind one of its own.
            (
                &format!("{TCP} meta mark eq 01000000 th 2 2 eq 0016 accept"),
                "-p tcp -m mark --mark 0x1 -m tcp --dport 22 -j ACCEPT",
            ),
            (
                &format!("{TCP} match tcp 0 0000ffff0000ffff05000000 th 2 2 eq 0100"),
                "-p tcp -m tcp --dport 256 --tcp-option 5",
            ),
            ("th 2 2 eq 0016", "!tests a transport header of a protocol that is not known"),
            (
                "th 2 2 eq 0016 meta l4proto eq 06",
                "!tests a transport header of a protocol that is not known",
            ),
            (
                "meta l4proto ne 06 th 2 2 eq 0016",
                "!tests a transport header of a protocol that is not known",
            ),
            (
                "meta l4proto eq 84 th 2 2 eq 0016",
                "!tests a transport header of a protocol that is not known",
            ),
        ],
    );
}

#[test]
fn icmp_types() {
    let table = [
        ("th 0 1 eq 03", "TYPE 3"),
        ("th 0 1 ne 03", "! TYPE 3"),
        ("th 0 2 eq 0301", "TYPE 3/1"),
        ("th 0 2 ne 0301", "! TYPE 3/1"),
        ("th 0 1 eq 03 th 1 1 eq 01", "TYPE 3/1"),
        ("th 1 1 eq 01 th 0 1 eq 03", "TYPE 3/1"),
        ("th 1 1 eq 01", "!asks for a code of ICMP without its type"),
        ("th 0 1 ne 03 th 1 1 eq 01", "!asks for a code of ICMP without its type"),
        ("th 1 1 eq 01 th 0 1 ne 03", ODD_TEST),
        ("th 0 1 eq 03 th 1 1 ne 01", ODD_TEST),
        ("th 0 1 gt 03", ODD_TEST),
        ("th 0 1 mask f0 eq 00", ODD_TEST),
        ("th 4 2 eq 0001", ODD_TEST),
    ];
    for (family, protocol, name, option, number) in [
        (Family::Ipv4, "icmp", "icmp", "--icmp-type", "01"),
        (Family::Ipv6, "ipv6-icmp", "icmp6", "--icmpv6-type", "3a"),
    ] {
        for (expressions, expected) in table {
            let rule = match expected.contains("TYPE") {
                true => format!("-p {protocol} -m {name} {}", expected.replace("TYPE", option)),
                false => expected.to_owned(),
            };
            check(family, &[(&format!("meta l4proto eq {number} {expressions}"), &rule)]);
        }
    }
    check(Family::Ipv6, &[("meta l4proto eq 3a th 0 1 eq ff", "-p ipv6-icmp -m icmp6 --icmpv6-type 255")]);
    // The other way round 255 would be any type.
    check(Family::Ipv4, &[("meta l4proto eq 01 th 0 1 eq ff", ODD_TEST)]);
}

#[test]
fn other_matches() {
    check(
        Family::Ipv4,
        &[
            ("net 8 1 ne 05", "-m ttl ! --ttl-eq 5"),
            ("net 8 1 lt 05", "-m ttl --ttl-lt 5"),
            ("net 8 1 le 05", "-m ttl --ttl-lt 6"),
            ("net 8 1 gt 05", "-m ttl --ttl-gt 5"),
            ("net 8 1 ge 05 le 0a", "-m ttl --ttl-gt 4 -m ttl --ttl-lt 11"),
            ("net 8 1 range 05 0a", "-m ttl --ttl-gt 4 -m ttl --ttl-lt 11"),
            ("net 8 1 outside 05 0a", ODD_TEST),
            ("net 8 1 le ff", ODD_TEST),
            ("net 8 1 ge 00", ODD_TEST),
            ("meta mark eq 05000000", "-m mark --mark 0x5"),
            ("meta mark mask 0f000000 ne 15000000", "-m mark ! --mark 0x15/0xf"),
            ("meta mark eq 05000000 meta mark eq 06000000", "-m mark --mark 0x5 -m mark --mark 0x6"),
            ("meta mark gt 05000000", ODD_TEST),
            ("meta pkttype eq 02", "-m pkttype --pkt-type multicast"),
            ("meta pkttype ne 00", "-m pkttype ! --pkt-type unicast"),
            ("meta pkttype eq 05", ODD_TEST),
            ("limit 5 1 10 0 0", "-m limit --limit 5/sec --limit-burst 10"),
            ("limit 3333 1 5 0 0", "-m limit --limit 3333/sec"),
            ("limit 120 60 5 0 0", "-m limit --limit 2/sec"),
            ("limit 5 86400 0 0 0", "-m limit --limit 5/day --limit-burst 0"),
            ("limit 7000 1 5 0 0", "!has a limit that xtables cannot say"),
            ("limit 20000 1 5 0 0", "!has a limit that xtables cannot say"),
            ("limit 2 604800 5 0 0", "!has a limit that xtables cannot say"),
            ("limit 0 1 5 0 0", "!has a limit that xtables cannot say"),
            ("limit 5 1 10 1 0", "!has a limit that xtables cannot say"),
            ("limit 5 1 10 0 1", "!has a limit that xtables cannot say"),
            ("limit 5 1 10001 0 0", "!has a limit that xtables cannot say"),
            ("match ttl 0 0205000000000000", "-m ttl --ttl-lt 5"),
            ("match no.such-match 7 0102", "-m no.such-match --opaque 7:0102000000000000"),
            ("match a.name-of-twenty-nine-letters 0 01", "!has an extension that xtables cannot hold"),
            ("match mark 256 01", "!has an extension that xtables cannot hold"),
            ("meta protocol eq 0800", "!asks for something of a packet that xtables does not know"),
            ("another ct", "!has an expression that xtables does not know"),
            ("another lookup accept", "!looks something up in a set"),
        ],
    );
}

/// What counts packets, or remembers them, does so for those that the tests before it let through.
#[test]
fn order() {
    const LIMIT: &str = "limit 5 1 10 0 0";
    const LIMITED: &str = "-m limit --limit 5/sec --limit-burst 10";
    const NTH: &str = "match statistic 0 010000000200000000000000000000000000000000000000";
    const CLOSED: &str = "!tests its header behind a match that may count";
    const NO_TYPE: &str = "!asks for a code of ICMP without its type";
    let counting = [(LIMIT, LIMITED), (NTH, "-m statistic --mode nth --every 3 --packet 0")];
    for (counts, name) in counting {
        for (expressions, expected) in [
            ("COUNT net 12 4 eq 0a010203", CLOSED),
            ("COUNT meta iifname eq 'lo\\0", CLOSED),
            ("COUNT meta l4proto eq 06 th 2 2 eq 0016", CLOSED),
            ("net 12 4 eq 0a010203 COUNT net 16 4 eq 0a010203", CLOSED),
            ("meta l4proto eq 11 COUNT net 9 1 eq 06", TWICE),
            ("meta l4proto eq 06 COUNT net 9 1 eq 06", "-p tcp COUNT"),
            ("COUNT meta mark eq 05000000 net 8 1 eq 05", "COUNT -m mark --mark 0x5 -m ttl --ttl-eq 5"),
            (
                "meta l4proto eq 06 th 0 2 eq 0001 COUNT th 2 2 eq 0002",
                "-p tcp -m tcp --sport 1 COUNT -m tcp --dport 2",
            ),
            (
                "meta l4proto eq 06 th 2 2 ge 0016 COUNT le 0050",
                "-p tcp -m tcp --dport 22:65535 COUNT -m tcp --dport 0:80",
            ),
            ("meta l4proto eq 01 COUNT th 0 1 eq 03 th 1 1 eq 01", "-p icmp COUNT -m icmp --icmp-type 3/1"),
            ("meta l4proto eq 01 th 0 1 eq 03 COUNT th 1 1 eq 01", NO_TYPE),
            ("meta l4proto eq 01 th 1 1 eq 01 COUNT th 0 1 eq 03", NO_TYPE),
        ] {
            let [expressions, expected] =
                [(expressions, counts), (expected, name)].map(|(text, with)| text.replace("COUNT", with));
            check(Family::Ipv4, &[(&expressions, &expected)]);
        }
    }
}

#[test]
fn actions() {
    check(
        Family::Ipv4,
        &[
            ("", ""),
            ("counter 5 7", ""),
            ("continue", ""),
            ("accept", "-j ACCEPT"),
            ("counter 5 7 drop", "-j DROP"),
            ("return", "-j RETURN"),
            ("jump web", "-j web"),
            ("goto web", "-g web"),
            ("queue", "!has a verdict that xtables does not know"),
            ("accept counter 5 7", "!counts after its verdict"),
            ("counter 5 7 counter 5 7", "!has two counters"),
            ("accept drop", "!goes on after its target"),
            ("accept net 8 1 eq 05", "!goes on after its target"),
            ("value 01@9 set nftrace@9", "-j TRACE"),
            ("value 01 set nftrace counter 1 2", "-j TRACE"),
            ("value 00 set nftrace", "!sets something of a packet that xtables does not know"),
            ("value 01 set nftrace accept", "!goes on after its target"),
            ("value 05000000 set mark", "-j MARK --set-xmark 0x5/0xffffffff"),
            ("value 05000000 set priority", "!sets something of a packet that xtables does not know"),
            ("meta mark mask 0f000000 set mark", "!sets something of a packet that it computes"),
            ("value 05000000 eq 05000000", "!compares what it says itself"),
            ("log 3 '\\0 - -", "-j NFLOG --nflog-group 3"),
            ("log 0 'a\\0 0 5", "-j NFLOG --nflog-prefix a --nflog-size 0 --nflog-threshold 5"),
            ("log 3 '\\0 - - accept", "!goes on after its target"),
            (
                "log 0 '0123456789012345678901234567890123456789012345678901234567890123\\0 - -",
                "!has an extension that xtables cannot hold",
            ),
            ("another log", "!logs in a way that xtables does not know"),
            ("target MARK 2 0500000000000000", "-j MARK --set-xmark 0x5/0x0"),
            ("target TRACE 0 -", "-j TRACE"),
            ("target ERROR 0 00", "!has an extension that xtables cannot hold"),
            ("target LOG 0 00 accept", "!goes on after its target"),
        ],
    );
}

#[test]
fn registers() {
    check(
        Family::Ipv4,
        &[
            ("net 12 4@8 eq 0a000001@8", "-s 10.0.0.1/32"),
            ("net 12 4@2 net 16 4@4 eq 0a000001@2 eq 14000002@4", "-s 10.0.0.1/32 -d 20.0.0.2/32"),
            // The first register of sixteen bytes lies over the first four of four.
            ("net 12 4@8 eq 0a000001@1", "-s 10.0.0.1/32"),
            (
                "meta iifname@1 meta mark@9 eq 05000000@9 eq 'lo\\0@1",
                "!uses a register in which nothing was loaded",
            ),
            ("net 12 4@1 meta mark@8 eq 05000000@8", "!loads something that it does not test"),
            ("net 12 4", "!loads something that it does not test"),
            ("meta mark", "!loads something that it does not test"),
            ("meta iifname mask ffffffffffffffffffffffffffffffff", "!loads something that it does not test"),
            ("value 01", "!loads something that it does not test"),
            ("eq 01", "!uses a register in which nothing was loaded"),
            ("meta mark@0 eq 01000000@0", "!has an expression with a field that is not known"),
            ("meta mark@24 eq 01000000@24", "!has an expression with a field that is not known"),
            ("meta mark@7 eq 01000000@7", "!has an expression with a field that is not known"),
            ("net 12 16@23 eq 0a@23", "!loads more than a rule of xtables compares"),
        ],
    );
}

#[test]
fn comments() {
    let read = |user_data: &[u8]| {
        read(Family::Ipv4, &assemble("meta mark eq 05000000 accept"), user_data).map(|rule| rule.to_string())
    };
    let with = |comment: &str| Ok(format!("-m mark --mark 0x5{comment} -j ACCEPT"));
    assert_eq!(read(b"\x00\x04a b\x00"), with(" -m comment --comment \"a b\""));
    assert_eq!(read(b"\x01\x01x\x00\x02c\x00"), with(" -m comment --comment c"));
    // What is no comment of nft says nothing about packets.
    for other in [b"".as_slice(), b"a label", b"\x00\x05a\x00", b"\x00\x00", b"\x00\x01a", b"\x01\x02ab"] {
        assert_eq!(read(other), with(""), "{other:?}");
    }
}

#[test]
fn counters_and_jumps() {
    let mut bytes = Vec::new();
    let reader = Reader { family: Family::Ipv4, interface: &|_| None };
    let expressions = assemble("counter 5 7 goto web");
    let read = reader.read(&expressions, &[], &mut bytes).expect("a rule");
    assert_eq!((read.jump, read.counts), (Some(b"web".as_slice()), true));
    assert_eq!(Entry::new(Family::Ipv4, &bytes).counters(), Counters { packets: 5, bytes: 7 });
    assert!(!reader.read(&assemble("accept"), &[], &mut bytes).expect("a rule").counts);
}
