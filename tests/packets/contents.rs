//! What is in a packet, octet by octet.

use std::net::{Ipv4Addr, Ipv6Addr};

use libfw_playground::packet::Packet;
use libfw_playground::{Playground, test};

use crate::lab::{FIRST, Lab};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const GATEWAY6: Ipv6Addr = Playground::GATEWAY6;

/// Datagrams with some data.
fn with(data: &[u8]) -> Packet {
    Packet::udp((INSIDE, 1), (GATEWAY, 2), data)
}

fn with6(data: &[u8]) -> Packet {
    Packet::udp((INSIDE6, 1), (GATEWAY6, 2), data)
}

#[test]
fn u32() {
    test(|play| {
        let lab = Lab::new(play)?;
        let (yes, no) = (with(b"drop me"), with(b"keep me"));
        // The first word of the data, behind the headers of IP and UDP: "drop".
        lab.check(FIRST, "-p udp -m u32 --u32 0>>22&0x3C@8=0x64726f70", &[&yes], &[&no])?;
        lab.check(FIRST, "-p udp -m u32 ! --u32 0>>22&0x3C@8=0x64726f70", &[&no], &[&yes])?;
        // The length, in ranges.
        let lengths = "-m u32 --u32 0&0xFFFF=0x1d:0x1f,0x23";
        lab.check(FIRST, lengths, &[&yes, &with(b"1"), &with(b"123")], &[&with(b""), &with(b"1234")])?;
        // Two tests: the protocol and the first word.
        let both = "-m u32 --u32 \"6&0xFF=17 && 0>>22&0x3C@8=0x64726f70\"";
        lab.check(FIRST, both, &[&yes], &[&no, &Packet::icmp(INSIDE, GATEWAY, 8, 0)])?;
        lab.check(FIRST, "-m u32 --u32 48=0x64726f70", &[&with6(b"drop me")], &[&with6(b"keep me")])
    });
}

#[test]
fn bpf() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ping = Packet::icmp(INSIDE, GATEWAY, 8, 0);
        // Byte 9 of the header is the protocol; 17 is UDP.
        let program = "-m bpf --bytecode \"4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0\"";
        lab.check(FIRST, program, &[&with(b"")], &[&ping])?;
        let program = "-m bpf --bytecode \"4,48 0 0 6,21 0 1 17,6 0 0 1,6 0 0 0\"";
        lab.check(FIRST, program, &[&with6(b"")], &[&Packet::icmp(INSIDE6, GATEWAY6, 128, 0)])
    });
}

#[test]
fn string() {
    test(|play| {
        let lab = Lab::new(play)?;
        let (yes, no) = (with(b"the secret word"), with(b"the other word"));
        for algorithm in ["bm", "kmp"] {
            let rule = |options: &str| format!("-m string --algo {algorithm} {options}");
            let check = |options: &str, matching: &[&Packet], others: &[&Packet]| {
                lab.check(FIRST, &rule(options)[..], matching, others)
            };
            check("--string secret", &[&yes], &[&no, &with(b"SECRET")])?;
            check("! --string secret", &[&no], &[&yes])?;
            check("--icase --string sEcret", &[&yes, &with(b"SECRET")], &[&no])?;
            check("--hex-string \"s|65 63|ret\"", &[&yes], &[&no])?;
            check("--hex-string |00ff|", &[&with(b"a\0\xff")], &[&with(b"a\xff\0")])?;
            // Offsets count from the header of IP, which has 20 octets; that of UDP has 8.
            check("--from 28 --to 32 --string s", &[&with(b"123s")], &[&with(b"1234s")])?;
            check("--to 32 --string rs", &[&with(b"12rs")], &[&with(b"123rs")])?;
            check("--from 29 --string s", &[&with(b"1s")], &[&with(b"s1")])?;
        }
        lab.check(FIRST, "-m string --algo bm --string secret", &[&with6(b"a secret")], &[&with6(b"none")])
    });
}
