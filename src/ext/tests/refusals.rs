//! What the kernel would refuse, and the reason that is given instead of its EINVAL.

use crate::ext::{self, ExtensionKind};
use crate::kernel::MemoryKernel;
use crate::types::HookMask;
use crate::{ErrorKind, Family, Hook, Result};

use Family::{Ipv4, Ipv6};

/// Family, table, chain, rule, and the extension, option and reason.
const REFUSED: &[(Family, &str, &str, &str, &str)] = &[
    // Tables, protocols and hooks, which most extensions have in their description.
    (Ipv4, "filter", "INPUT", "-j CHECKSUM --checksum-fill", "CHECKSUM: only for the table mangle"),
    (Ipv4, "mangle", "PREROUTING", "-m rpfilter -j TRACE", "TRACE: only for the table raw"),
    (Ipv4, "filter", "FORWARD", "-m rpfilter", "rpfilter: only for the table raw or mangle"),
    (Ipv4, "filter", "INPUT", "-m tcp --dport 1", "tcp: only in rules that are limited to the protocol tcp"),
    (
        Ipv6,
        "filter",
        "INPUT",
        "! -p tcp -m tcp --dport 1",
        "tcp: only in rules that are limited to the protocol tcp",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-j CLASSIFY --set-class 1:2",
        "CLASSIFY: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "nat",
        "POSTROUTING",
        "-j DNAT --to-destination 1.2.3.4",
        "DNAT: only for PREROUTING, OUTPUT, but the rule is reached from POSTROUTING",
    ),
    // What depends on their options.
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m addrtype --src-type LOCAL --limit-iface-out",
        "addrtype: --limit-iface-out: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m addrtype --src-type LOCAL --limit-iface-in",
        "addrtype: --limit-iface-in: only for PREROUTING, INPUT, FORWARD, but the rule is reached from OUTPUT",
    ),
    (Ipv4, "filter", "INPUT", "-m ah --ahspi 5", "ah: only in rules that are limited to the protocol ah"),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m bpf --bytecode \"1,48 0 0 9\"",
        "bpf: --bytecode: the program does not end with a return",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m bpf --bytecode \"2,5 0 0 1,6 0 0 0\"",
        "bpf: --bytecode: the program jumps behind its end",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m devgroup --dst-group 5",
        "devgroup: --dst-group: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m devgroup --src-group 5",
        "devgroup: --src-group: only for PREROUTING, INPUT, FORWARD, but the rule is reached from OUTPUT",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m ecn --ecn-tcp-cwr",
        "ecn: --ecn-tcp-cwr: only in rules that are limited to the protocol tcp",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-p 115 -m l2tp --pversion 2 --tid 1",
        "l2tp: --pversion: version 2 is always in UDP",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m owner --uid-owner 5-3",
        "owner: --uid-owner: the range 5-3 runs backwards",
    ),
    (
        Ipv6,
        "filter",
        "OUTPUT",
        "-m owner --gid-owner 5-3",
        "owner: --gid-owner: the range 5-3 runs backwards",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m physdev --physdev-out eth0",
        "physdev: --physdev-out: not for traffic that is not bridged, but the rule is reached from OUTPUT",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m physdev ! --physdev-is-out",
        "physdev: --physdev-is-out: not for traffic that is not bridged, but the rule is reached from OUTPUT",
    ),
    (
        Ipv4,
        "filter",
        "OUTPUT",
        "-m policy --dir in --pol none",
        "policy: --dir: only for PREROUTING, INPUT, FORWARD, but the rule is reached from OUTPUT",
    ),
    (
        Ipv6,
        "filter",
        "INPUT",
        "-m policy --dir out --pol none",
        "policy: --dir: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m rateest --rateest a --rateest-bps 5",
        "rateest: needs --rateest-lt, --rateest-gt or --rateest-eq",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m rateest --rateest a --rateest-lt",
        "rateest: needs a rate in bytes or packets, such as --rateest-bps",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m string --algo bm --string x --from 5 --to 4",
        "string: --from: must not be behind --to",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m string --algo bm --string \"\"",
        "string: --string: must have at least one byte",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-j CONNMARK --save-mark --left-shift-mark 32",
        "CONNMARK: --left-shift-mark: marks cannot be shifted by 32 bits",
    ),
    (
        Ipv6,
        "mangle",
        "PREROUTING",
        "-j DNPT --src-pfx 2001:db8::1/64 --dst-pfx fd00::/64",
        "DNPT: --src-pfx: there are bits behind the prefix",
    ),
    (
        Ipv6,
        "mangle",
        "POSTROUTING",
        "-j SNPT --src-pfx 2001:db8::/64 --dst-pfx fd00::/65",
        "SNPT: --dst-pfx: the prefix must have at most 64 bits",
    ),
    (
        Ipv4,
        "mangle",
        "INPUT",
        "-j ECN --ecn-tcp-remove",
        "ECN: --ecn-tcp-remove: only in rules that are limited to the protocol tcp",
    ),
    (
        Ipv4,
        "mangle",
        "INPUT",
        "-j HMARK --hmark-spi 1 --hmark-sport 1 --hmark-mod 5 --hmark-rnd 1",
        "HMARK: --hmark-spi: bits cannot be set in both an index and ports",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-j IDLETIMER --timeout 0 --label x",
        "IDLETIMER: --timeout: must be from 1 to 2147482",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-j IDLETIMER --timeout 5 --label a/b",
        "IDLETIMER: --label: must be the name of a file: not empty, . or .., without /",
    ),
    (
        Ipv6,
        "filter",
        "INPUT",
        "-j REJECT --reject-with tcp-reset",
        "REJECT: --reject-with: only in rules that are limited to the protocol tcp",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-j SET --map-set ban src --map-mark",
        "SET: --map-set: only for the table mangle",
    ),
    (
        Ipv4,
        "mangle",
        "INPUT",
        "-j SET --map-set ban src --map-prio",
        "SET: --map-prio: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu",
        "TCPMSS: --clamp-mss-to-pmtu: only for FORWARD, OUTPUT, POSTROUTING, but the rule is reached from INPUT",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-p tcp -j TCPMSS --set-mss 5",
        "TCPMSS: only in rules that match nothing but SYN packets, as by --syn",
    ),
    (Ipv6, "filter", "INPUT", "-j TEE --gateway ::", "TEE: --gateway: the gateway must be a host"),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m hashlimit --hashlimit-upto 1/sec --hashlimit-name a/b",
        "hashlimit: --hashlimit-name: must be the name of a file: not empty, . or .., without /",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-htable-expire 0",
        "hashlimit: --hashlimit-htable-expire: must be from 1 on",
    ),
    (
        Ipv6,
        "filter",
        "INPUT",
        "-m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-htable-gcinterval 0",
        "hashlimit: --hashlimit-htable-gcinterval: must be from 1 on",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m u32 --u32 \"0>>22&0x3c@0<<32=1\"",
        "u32: --u32: four bytes cannot be shifted by 32 bits",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m recent --rcheck --name x/y",
        "recent: --name: must be the name of a file: not empty, . or .., without /",
    ),
    (
        Ipv6,
        "filter",
        "INPUT",
        "-m recent --rcheck --hitcount 65536",
        "recent: --hitcount: must be from 1 to 65535",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m recent --set --seconds 5",
        "recent: --seconds: goes only with --rcheck and --update",
    ),
    (
        Ipv4,
        "raw",
        "OUTPUT",
        "-j CT --timeout x",
        "CT: --timeout: only in rules that are limited to one protocol",
    ),
    (
        Ipv4,
        "filter",
        "INPUT",
        "-m cgroup --path a --cgroup 1",
        "cgroup: --path and --cgroup cannot stand together",
    ),
];

/// Rules that come close to those above.
const ACCEPTED: &[(Family, &str, &str, &str)] = &[
    (Ipv4, "mangle", "INPUT", "-j CHECKSUM --checksum-fill"),
    (Ipv4, "raw", "PREROUTING", "-m rpfilter -j TRACE"),
    (Ipv6, "filter", "FORWARD", "-j CLASSIFY --set-class 1:2"),
    (Ipv4, "filter", "FORWARD", "-m addrtype --src-type LOCAL --limit-iface-out"),
    (Ipv4, "filter", "INPUT", "-p ah -m ah --ahspi 5"),
    (Ipv6, "filter", "INPUT", "-m ah --ahspi 5"),
    (Ipv4, "filter", "INPUT", "-m bpf --bytecode \"2,5 0 0 0,6 0 0 0\""),
    (Ipv4, "filter", "INPUT", "-m devgroup --src-group 5"),
    (Ipv4, "filter", "INPUT", "-m ecn --ecn-ip-ect 1"),
    (Ipv4, "filter", "INPUT", "-p udp -m l2tp --pversion 2 --tid 1"),
    (Ipv4, "filter", "OUTPUT", "-m owner --uid-owner 3-5"),
    (Ipv4, "filter", "OUTPUT", "-m physdev --physdev-out eth0 --physdev-is-bridged"),
    (Ipv4, "filter", "FORWARD", "-m physdev --physdev-is-out"),
    (Ipv4, "filter", "INPUT", "-m policy --dir in --pol none"),
    (Ipv4, "filter", "INPUT", "-m string --algo bm --string x --from 5 --to 5"),
    (Ipv4, "filter", "INPUT", "-j CONNMARK --save-mark --left-shift-mark 31"),
    (Ipv4, "filter", "INPUT", "-m u32 --u32 \"0>>31&0x20@40<<31=1\""),
    (Ipv6, "mangle", "PREROUTING", "-j DNPT --src-pfx 2001:db8::/64 --dst-pfx fd00::/64"),
    (Ipv4, "mangle", "INPUT", "-j ECN --ecn-ip-ect 1"),
    (Ipv4, "filter", "INPUT", "-p tcp -j REJECT --reject-with tcp-reset"),
    (Ipv4, "mangle", "FORWARD", "-j SET --map-set ban src --map-prio"),
    (Ipv4, "filter", "FORWARD", "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu"),
    (Ipv4, "filter", "INPUT", "-m recent --rcheck --hitcount 65535 --name x.y"),
    (Ipv4, "filter", "INPUT", "-m hashlimit --hashlimit-upto 1/day --hashlimit-burst 3 --hashlimit-name a.b"),
    (Ipv4, "filter", "INPUT", "-m limit --limit 1/hour --limit-burst 10000"),
    (Ipv4, "raw", "OUTPUT", "-p tcp -j CT --helper ftp"),
];

fn commit(family: Family, table: &str, chain: &str, line: &str) -> Result<()> {
    let set = crate::ext::SetInfo { index: 7, family: 0 };
    let mut table = MemoryKernel::new().with_set("ban", set)?.kernel().open(family, table)?;
    table.chain_mut(chain)?.append(line)?;
    table.commit().map(drop)
}

#[test]
fn refusals_say_why() {
    for (family, table, chain, line, reason) in REFUSED {
        let error = commit(*family, table, chain, line).expect_err(line);
        assert_eq!(error.kind(), ErrorKind::InvalidRule, "{line}");
        assert!(error.to_string().ends_with(&format!(": {reason}")), "{line}: {error}");
        assert_eq!((error.table(), error.chain()), (Some(*table), Some(*chain)), "{line}");
        assert_eq!(
            crate::iptables::words(&error),
            (1, "Invalid argument. Run `dmesg' for more information.".into()),
            "{line}"
        );
    }
    for (family, table, chain, line) in ACCEPTED {
        commit(*family, table, chain, line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// What the kernel has other numbers for than EINVAL.
#[test]
fn sums_and_helpers_are_refused_with_their_own_numbers() {
    let range = "Numerical result out of range.";
    for (table, chain, line, reason, words) in [
        (
            "filter",
            "INPUT",
            "-m limit --limit 1/day --limit-burst 2",
            "limit: --limit-burst: so many at once are too many for such a slow rate",
            range,
        ),
        (
            "filter",
            "INPUT",
            "-m hashlimit --hashlimit-upto 1/day --hashlimit-burst 500000 --hashlimit-name a",
            "hashlimit: --hashlimit-burst: so many at once are too many for such a slow rate",
            range,
        ),
        (
            "raw",
            "OUTPUT",
            "-j CT --helper ftp",
            "CT: --helper: only in rules that are limited to one protocol",
            "No chain/target/match by that name.",
        ),
    ] {
        let error = commit(Ipv4, table, chain, line).expect_err(line);
        assert!(error.to_string().ends_with(&format!(": {reason}")), "{line}: {error}");
        assert_eq!(crate::iptables::words(&error), (1, words.into()), "{line}");
    }
}

#[test]
fn every_check_has_a_refusal() {
    for extension in ext::all().filter(|extension| extension.placement.checked && extension.name != "limit") {
        let refused = REFUSED.iter().filter(|(.., reason)| {
            let reason = reason.strip_prefix(extension.name).and_then(|rest| rest.strip_prefix(": "));
            // Not one for the table, protocol or hooks that all rules with it must have.
            reason.is_some_and(|reason| !reason.starts_with("only for the table ") || reason.contains("--"))
        });
        assert!(refused.count() > 0, "{extension:?}");
    }
}

#[test]
fn unreachable_rules_may_stand_anywhere() {
    // The kernel looks at the hooks from which a rule can be reached.
    let mut table = MemoryKernel::new().kernel().open(Ipv4, "filter").unwrap();
    table.new_chain("unused").unwrap();
    table.chain_mut("unused").unwrap().append("-m owner --uid-owner 5").unwrap();
    table.commit().unwrap();
    table.chain_mut("INPUT").unwrap().append("-j unused").unwrap();
    let error = table.validate().unwrap_err();
    let placement = ext::find(ExtensionKind::Match, "owner", Ipv4).unwrap().placement;
    assert_eq!(placement.hooks, HookMask::of(&[Hook::Output, Hook::Postrouting]));
    assert_eq!((error.chain(), error.rule()), (Some("unused"), Some(0)), "{error}");
}
