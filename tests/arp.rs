//! Rules for ARP in all that a program does with rules: made, read, printed, compared, kept in tables, on nf_tables and in memory.

use std::io;

use libfw::ext::values::{ArpOpcode, MacMask};
use libfw::matches::Arp;
use libfw::targets::{ArpMark, Classify, Mangle, Mark};
use libfw::{ErrorKind, Family, Kernel, Match, MemoryKernel, Rule, TargetRef, Verdict, iptables, not};

/// What is typed is what is read from text.
#[test]
fn rules_from_parts() {
    let mac = [0, 0x11, 0x22, 0x33, 0x44, 0x55];
    let cases = [
        (Rule::builder(), ""),
        (Rule::builder().target(Verdict::Drop).input("eth+"), "-j DROP -i eth+"),
        (
            Rule::builder()
                .source("10.0.0.0/8")
                .matching(Arp::new().opcode(ArpOpcode::REQUEST).source_mac(mac).proto_type(0x800))
                .target(Verdict::Accept),
            "-j ACCEPT -s 10.0.0.0/8 --src-mac 00:11:22:33:44:55 --opcode 1 --proto-type 0x800",
        ),
        (
            Rule::builder().matching(Arp::new().destination_mac(not(MacMask::from(mac))).h_type(not(2))),
            "! --dst-mac 00:11:22:33:44:55 ! --h-type 0x2",
        ),
        (Rule::builder().target(ArpMark::new().or_mark(0x1f)), "-j MARK --or-mark 1f"),
        (Rule::builder().target(Classify::new().set_class((1, 0xab))), "-j CLASSIFY --set-class 1:ab"),
        (
            Rule::builder()
                .target(Mangle::new().mangle_mac_s(mac))
                .jump("x")
                .target(Mangle::new().mangle_mac_s(mac)),
            "-j mangle --mangle-mac-s 00:11:22:33:44:55",
        ),
        (Rule::builder().jump("web").destination("1.2.3.4"), "-j web -d 1.2.3.4"),
    ];
    for (builder, text) in cases {
        let rule = builder.build(Family::Arp).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(rule.to_string(), text);
        assert_eq!(Rule::parse(Family::Arp, text).unwrap(), rule, "{text}");
        let json = rule.to_json();
        assert!(!json.contains("text"), "{json}");
        assert_eq!(Rule::from_json(json).unwrap(), rule, "{text}");
    }
}

#[test]
fn what_is_not_for_arp() {
    let refused = [
        Rule::builder().protocol("tcp"),
        Rule::builder().fragment(true),
        Rule::builder().goto("web"),
        Rule::builder().target(Mark::new().set_xmark(1)),
        Rule::builder().source("::1"),
        Rule::builder().matching(libfw::matches::Comment::new().comment("x")),
        Rule::builder().matching(Match::opaque("mine", 0, &[1]).unwrap()),
    ];
    for builder in refused {
        assert!(builder.build(Family::Arp).is_err(), "{builder:?}");
    }
    assert!(Rule::builder().matching(Arp::new()).build(Family::Ipv4).is_err());
    let missing = [(MemoryKernel::new().kernel(), "filter"), (MemoryKernel::new().nft(), "nat")];
    for (kernel, table) in missing {
        assert_eq!(kernel.open(Family::Arp, table).unwrap_err().kind(), ErrorKind::NoSuchTable, "{table}");
    }
}

fn edits(kernel: &Kernel) -> libfw::Result<()> {
    kernel.update(Family::Arp, "filter", |table| {
        table.new_chain("web")?;
        table.chain_mut("INPUT")?.extend([
            "-j web",
            "--opcode Request -s 10.0.0.1 -j DROP",
            "-i eth0 -j ACCEPT",
        ])?;
        table.chain_mut("web")?.append("-j mangle --mangle-ip-s 1.2.3.4")
    })?;
    kernel.update(Family::Arp, "filter", |table| {
        let mut input = table.chain_mut("INPUT")?;
        input.insert(1, Rule::builder().matching(Arp::new().opcode(2)))?;
        input.delete("-i eth0 -j ACCEPT")
    })?;
    let table = kernel.open(Family::Arp, "filter")?;
    assert!(table.exists());
    let mut text = Vec::new();
    iptables::save(&table, false, &mut text).expect("a vector");
    let expected = "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:web -\n-A INPUT -j web\n-A INPUT --opcode 2\n-A INPUT -j DROP -s \
                    10.0.0.1 --opcode 1\n-A web -j mangle --mangle-ip-s 1.2.3.4\n";
    assert_eq!(String::from_utf8_lossy(&text), expected);
    let rule = table.chain("INPUT").and_then(|input| input.rule(2)).expect("a rule");
    assert!(matches!(rule.target(), TargetRef::Verdict(Verdict::Drop)));
    let arp: Arp = rule.matches().find_map(|part| part.decode()).expect("its fields")?;
    assert_eq!(arp, Arp::new().opcode(1));
    // Files are read as they were written.
    for counters in [false, true] {
        let mut text = Vec::new();
        iptables::save(&kernel.open(Family::Arp, "filter")?, counters, &mut text).expect("a vector");
        kernel.update(Family::Arp, "filter", |table| {
            table.clear();
            Ok(())
        })?;
        let options = iptables::RestoreOptions::new().counters(counters);
        iptables::restore(kernel, Family::Arp, &*text, &options)?;
        let mut again = Vec::new();
        iptables::save(&kernel.open(Family::Arp, "filter")?, counters, &mut again).expect("a vector");
        assert_eq!(again, text);
    }
    // JSON likewise.
    let json = kernel.open(Family::Arp, "filter")?.to_json();
    kernel.update(Family::Arp, "filter", |table| {
        table.clear();
        Ok(())
    })?;
    kernel.update(Family::Arp, "filter", |table| table.set_json(&json))?;
    assert_eq!(kernel.open(Family::Arp, "filter")?.to_json(), json);
    assert_eq!(kernel.tables(Family::Arp)?, ["filter"]);
    Ok(())
}

#[test]
fn tables_in_memory() {
    edits(&MemoryKernel::new().nft()).unwrap();
}

/// Whatever the kernel's tables of IP are in, those of ARP are found.
#[test]
fn tables_of_the_kernel() {
    libfw_playground::test_on("nft", |playground| {
        for kernel in [Kernel::nft(), Kernel::new()] {
            playground.namespace()?.run(|| edits(&kernel).map_err(io::Error::other))?;
        }
        Ok(())
    });
}
