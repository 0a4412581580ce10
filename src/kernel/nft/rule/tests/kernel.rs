//! Rules that nft puts into a kernel, and what the kernel refuses.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use super::peers::Here;
use super::*;
use crate::Match;
use crate::kernel::nft::message::HEADERS;
use crate::kernel::nft::rule::{Part, part_at};
use crate::kernel::nft::session::Trouble;

/// Rules in the language of nft, and what they are to iptables.
const IPV4: &[(&str, &str)] = &[
    ("ip saddr 10.0.0.0/8 ip daddr 10.1.2.3 accept", "-s 10.0.0.0/8 -d 10.1.2.3/32 -j ACCEPT"),
    ("ip saddr 10.0.0.0/9 ip protocol tcp counter drop", "-s 10.0.0.0/9 -p tcp -j DROP"),
    ("ip saddr & 255.0.255.0 == 10.0.2.0", "-s 10.0.2.0/255.0.255.0"),
    ("ip ttl 5 ip protocol tcp", "-p tcp -m ttl --ttl-eq 5"),
    ("ip ttl 5-10", "-m ttl --ttl-gt 4 -m ttl --ttl-lt 11"),
    ("ip frag-off & 0x1fff != 0 return", "-f -j RETURN"),
    ("ip saddr 10.0.0.1-10.0.0.9 accept", "!"),
    ("ip saddr { 10.0.0.1, 10.0.0.9 } accept", "!"),
    ("ip saddr @addresses accept", "!"),
    ("ip dscp 5 accept", "!"),
    ("ip length 5 accept", "!"),
    ("icmp type echo-request accept", "-p icmp -m icmp --icmp-type 8 -j ACCEPT"),
    ("icmp type != echo-request", "-p icmp -m icmp ! --icmp-type 8"),
    ("icmp type destination-unreachable icmp code 4", "-p icmp -m icmp --icmp-type 3/4"),
    ("icmp code 4", "!"),
    ("icmp type 255", "!"),
    ("icmp type { echo-request, echo-reply }", "!"),
    ("reject", "!"),
];

const IPV6: &[(&str, &str)] = &[
    ("ip6 saddr fe80::/10 ip6 daddr ::1 accept", "-s fe80::/10 -d ::1/128 -j ACCEPT"),
    ("ip6 hoplimit 255", "-m hl --hl-eq 255"),
    ("ip6 nexthdr tcp", "!"),
    ("icmpv6 type echo-request accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT"),
    ("exthdr frag exists", "!"),
];

const BOTH: &[(&str, &str)] = &[
    ("iifname lo oifname != \"eth*\"", "-i lo ! -o eth+"),
    ("iif lo accept", "-i lo -j ACCEPT"),
    ("oif != lo jump web", "! -o lo -j web"),
    ("iifname \"a+\"", "!"),
    ("iifname { lo, eth0 }", "!"),
    ("meta l4proto udp goto web", "-p udp -g web"),
    ("meta l4proto { tcp, udp } th dport 53", "!"),
    ("tcp dport 22 accept", "-p tcp -m tcp --dport 22 -j ACCEPT"),
    ("tcp sport 1 tcp dport 2", "-p tcp -m tcp --sport 1 --dport 2"),
    ("udp dport 1024-2047", "-p udp -m udp --dport 1024:2047"),
    ("udp dport != 1024-2047", "-p udp -m udp ! --dport 1024:2047"),
    ("udp dport >= 1024", "-p udp -m udp --dport 1024:65535"),
    ("udp dport < 1024", "-p udp -m udp --dport 0:1023"),
    ("tcp dport { 22, 80 } accept", "!"),
    ("tcp dport vmap { 22 : accept }", "!"),
    ("tcp flags syn", "-p tcp -m tcp ! --tcp-flags SYN NONE"),
    ("tcp flags & (fin|syn|rst|ack) == syn", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"),
    ("tcp flags == syn", "!"),
    ("tcp option maxseg size 1460", "!"),
    ("th dport 22", "!"),
    ("sctp dport 22", "!"),
    ("meta mark 5", "-m mark --mark 0x5"),
    ("meta mark and 0xf != 5", "-m mark ! --mark 0x5/0xf"),
    ("meta mark > 5", "!"),
    ("meta mark set 5", "-j MARK --set-xmark 0x5/0xffffffff"),
    ("meta mark set mark and 0xf", "!"),
    ("meta mark set 5 accept", "!"),
    ("meta nftrace set 1", "-j TRACE"),
    ("meta nftrace set 0", "!"),
    ("meta pkttype multicast", "-m pkttype --pkt-type multicast"),
    ("meta length 100", "!"),
    ("meta skuid 0", "!"),
    ("limit rate 5/second burst 10 packets", "-m limit --limit 5/sec --limit-burst 10"),
    ("limit rate 10/minute limit rate 20/hour", "-m limit --limit 10/min -m limit --limit 20/hour"),
    ("limit rate over 5/second drop", "!"),
    ("limit rate 10 kbytes/second", "!"),
    ("limit rate 7000/second", "!"),
    ("limit rate 2/week", "!"),
    (
        "log group 3 prefix \"abc\" snaplen 64 queue-threshold 5",
        "-j NFLOG --nflog-prefix abc --nflog-group 3 --nflog-size 64 --nflog-threshold 5",
    ),
    ("log group 3 accept", "!"),
    ("log prefix \"abc\"", "!"),
    ("ct state established accept", "!"),
    ("counter comment \"a b\"", "-m comment --comment \"a b\""),
    (
        "tcp dport 22 counter accept comment \"ssh\"",
        "-p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT",
    ),
    ("queue num 3", "!"),
    ("quota over 1 mbytes drop", "!"),
    ("continue", ""),
    ("", ""),
];

#[test]
fn rules_of_nft() {
    libfw_playground::test(|_| {
        for (family, name, own) in [(Family::Ipv4, "ip", IPV4), (Family::Ipv6, "ip6", IPV6)] {
            let here = Here::new(family)?;
            here.clear().map_err(|trouble| io::Error::other(format!("{trouble:?}")))?;
            let kind = family.pick("ipv4_addr", "ipv6_addr");
            let set = format!("add set {name} filter addresses {{ type {kind}; }}");
            if !nft(&set)? {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "nft cannot make a set"));
            }
            let (mut taken, mut failures) = (0, String::new());
            for (rule, expected) in own.iter().chain(BOTH) {
                // nft has no words for a rule without anything, but a counter is not read.
                let rule = if rule.is_empty() { "counter" } else { rule };
                if !nft(&format!("add rule {name} filter INPUT {rule}"))? {
                    // Versions differ in what they have words for, and kernels in what they have.
                    continue;
                }
                taken += 1;
                let found = here.rules(("filter", "INPUT")).pop().expect("the rule");
                let found = found.map_or_else(|_| "!".to_owned(), |rule| rule.to_string());
                if found != *expected {
                    failures += &format!("{name}: {rule}\n  expected {expected}\n  found    {found}\n");
                }
            }
            assert!(failures.is_empty(), "{failures}");
            assert!(taken * 10 > (own.len() + BOTH.len()) * 9, "nft takes only {taken} of the rules");
        }
        Ok(())
    });
}

/// Whether nft does it. An error that skips the test where there is no nft.
fn nft(command: &str) -> io::Result<bool> {
    let child = Command::new("nft").args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
    let missing = |_| io::Error::new(io::ErrorKind::Unsupported, "nft is not installed");
    let mut child = child.map_err(missing)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(command.as_bytes())?;
    }
    Ok(child.wait()?.success())
}

/// The part of a rule that the kernel complains of.
fn complaint(here: &Here, table: &'static str, chain: &'static str, rule: &Rule) -> (i32, Option<Part>) {
    match here.append((table, chain), rule) {
        Err(Trouble::Refused(refusals)) => {
            let refusal = refusals.first().expect("a refusal");
            let part = refusal.offset.and_then(|at| part_at(here.family, &refusal.message, HEADERS, at));
            (refusal.errno, part)
        }
        other => panic!("{rule}: {other:?}"),
    }
}

#[test]
fn the_kernel_names_the_part_that_it_refuses() {
    libfw_playground::test(|_| {
        for family in Family::ALL {
            let here = Here::new(family)?;
            here.clear().map_err(|trouble| io::Error::other(format!("{trouble:?}")))?;
            let line = |text: &str| Rule::parse(family, text).expect(text);
            let address = family.pick("10.0.0.0/9", "fe80::/10");
            let refused = |table, chain, text: &str| complaint(&here, table, chain, &line(text));
            let at_match = |index| Some(Part::Match(index));
            assert_eq!(
                refused(
                    "filter",
                    "INPUT",
                    &format!("-s {address} -m mark --mark 1 -m owner --uid-owner 0 -j ACCEPT")
                ),
                (libc::EINVAL, at_match(1))
            );
            assert_eq!(
                refused("raw", "PREROUTING", "-m mark --mark 1 -j REJECT"),
                (libc::EINVAL, Some(Part::Target))
            );
            assert_eq!(refused("filter", "INPUT", "-i lo -j nowhere"), (libc::ENOENT, Some(Part::Target)));
            assert_eq!(refused("filter", "INPUT", "-g nowhere"), (libc::ENOENT, Some(Part::Target)));
            let odd = Match::opaque("no.such", 0, &[0; 8]).expect("a match");
            let rule = Rule::builder().matching(odd).build(family).expect("a rule");
            assert_eq!(complaint(&here, "filter", "INPUT", &rule), (libc::ENOENT, at_match(0)));
            // The protocol that the rule is for comes with it, and not by itself.
            let tcp = Match::opaque("tcp", 0, &[0; 16]).expect("a match");
            let udp = crate::Protocol::UDP;
            let rule = Rule::builder().protocol(udp).matching(tcp).build(family).expect("a rule");
            assert_eq!(complaint(&here, "filter", "INPUT", &rule), (libc::EINVAL, at_match(0)));
        }
        Ok(())
    });
}
