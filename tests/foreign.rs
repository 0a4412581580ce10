//! Rules as people write them for `nft`, in the tables of iptables: each is read as the rule of xtables that it exactly is, or is
//! foreign, which counts in positions and goes by its number. None is ever shown as less than it is.

use std::io;

use libfw::iptables::{RestoreOptions, restore};
use libfw::{ErrorKind, Family, Kernel, Table};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Rules for `nft`, and what each is to xtables; `#` for those that no rule of xtables is.
const INPUT: &str = r#"
accept => -j ACCEPT
counter drop => -j DROP
return => -j RETURN
continue =>
counter =>
jump web => -j web
ip saddr 10.0.0.1 goto web => -s 10.0.0.1/32 -g web
ip saddr 10.0.0.0/8 counter accept => -s 10.0.0.0/8 -j ACCEPT
ip saddr != 10.0.0.0/12 drop => ! -s 10.0.0.0/12 -j DROP
ip saddr & 255.0.0.255 == 10.0.0.3 accept => -s 10.0.0.3/255.0.0.255 -j ACCEPT
ip saddr 10.0.0.1 ip daddr 10.0.0.2 tcp sport 5 tcp dport 6 accept => -s 10.0.0.1/32 -d 10.0.0.2/32 -p tcp -m tcp --sport 5 --dport 6 -j ACCEPT
ip saddr 10.0.0.1-10.0.0.9 drop => #
ip saddr { 10.0.0.0/8, 192.168.0.0/16 } accept => #
ip saddr @blocked drop => #
ip saddr != @blocked accept => #
ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 80 } accept => #
ip saddr 10.0.0.1 counter accept comment "a note" => -s 10.0.0.1/32 -m comment --comment "a note" -j ACCEPT
iif lo accept => -i lo -j ACCEPT
iif != lo drop => ! -i lo -j DROP
iifname "eth*" ip daddr 192.168.1.0/24 drop => -d 192.168.1.0/24 -i eth+ -j DROP
iifname "eth\*" drop => -i eth* -j DROP
iifname "eth+" drop => #
iifname { "lo", "eth0" } accept => #
tcp dport 22 accept => -p tcp -m tcp --dport 22 -j ACCEPT
tcp dport { 22, 80, 443 } accept => #
tcp dport 1024-65535 drop => -p tcp -m tcp --dport 1024:65535 -j DROP
tcp dport != 1-1023 drop => -p tcp -m tcp ! --dport 1:1023 -j DROP
tcp dport > 1024 drop => -p tcp -m tcp --dport 1025:65535 -j DROP
tcp dport 0-65535 accept => -p tcp -m tcp -j ACCEPT
tcp dport 22 tcp dport 23 accept => -p tcp -m tcp --dport 22 -m tcp --dport 23 -j ACCEPT
tcp dport & 0xff == 5 accept => #
tcp dport vmap { 22 : accept, 80 : drop } => #
tcp flags & (fin|syn) == (fin|syn) drop => -p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP
tcp flags & (fin|syn|rst|ack) == syn accept => -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT
tcp flags syn drop => -p tcp -m tcp ! --tcp-flags SYN NONE -j DROP
tcp flags ! syn drop => -p tcp -m tcp --tcp-flags SYN NONE -j DROP
tcp flags == syn drop => #
tcp flags & (syn|ecn) == 0 drop => #
tcp sequence 5 drop => #
tcp option maxseg size 500 drop => #
udp sport 67 udp dport 68 accept => -p udp -m udp --sport 67 --dport 68 -j ACCEPT
udp dport 53 udp length 50 drop => #
sctp dport 22 accept => #
th dport 22 accept => #
meta l4proto tcp th dport 22 accept => -p tcp -m tcp --dport 22 -j ACCEPT
meta l4proto { tcp, udp } th dport 53 accept => #
ip protocol != udp accept => ! -p udp -j ACCEPT
ip ttl 64 accept => -m ttl --ttl-eq 64 -j ACCEPT
ip ttl 5-9 drop => -m ttl --ttl-gt 4 -m ttl --ttl-lt 10 -j DROP
ip dscp 46 accept => #
ip length > 1000 drop => #
ip version 4 accept => #
ip frag-off & 0x1fff != 0 drop => -f -j DROP
ip option lsrr exists drop => #
icmp type echo-request accept => -p icmp -m icmp --icmp-type 8 -j ACCEPT
icmp type != echo-request drop => -p icmp -m icmp ! --icmp-type 8 -j DROP
icmp type destination-unreachable icmp code 1 accept => -p icmp -m icmp --icmp-type 3/1 -j ACCEPT
icmp type { echo-request, echo-reply } accept => #
icmp code 1 accept => #
ct state established,related accept => #
ct state vmap { established : accept, related : accept, invalid : drop } => #
ct mark 5 accept => #
ct mark set 5 => #
ct original saddr 10.0.0.1 accept => #
ct count over 10 drop => #
meta mark 0x10 accept => -m mark --mark 0x10 -j ACCEPT
meta mark & 0xff != 0x10 accept => -m mark ! --mark 0x10/0xff -j ACCEPT
meta mark > 5 accept => #
meta mark set 0x7 => -j MARK --set-xmark 0x7/0xffffffff
meta mark set 0x7 accept => #
meta mark set meta mark | 0x4 => #
meta mark set ct mark => #
meta nftrace set 1 => -j TRACE
meta nftrace set 0 => #
meta pkttype != unicast drop => -m pkttype ! --pkt-type unicast -j DROP
meta length > 100 drop => #
meta skuid 0 accept => #
meta priority set 1:2 => #
limit rate 10/second burst 20 packets accept => -m limit --limit 10/sec --limit-burst 20 -j ACCEPT
limit rate over 10/second drop => #
limit rate 100 kbytes/second accept => #
limit rate 1/week accept => #
limit rate 10/minute tcp dport 22 accept => #
limit rate 10/minute meta mark 1 accept => -m limit --limit 10/min -m mark --mark 0x1 -j ACCEPT
tcp dport 22 limit rate 3/hour accept => -p tcp -m tcp --dport 22 -m limit --limit 3/hour -j ACCEPT
tcp dport 22 limit rate 3/hour tcp flags syn accept => -p tcp -m tcp --dport 22 -m limit --limit 3/hour -m tcp ! --tcp-flags SYN NONE -j ACCEPT
tcp dport 22 limit rate 3/hour ip saddr 10.0.0.1 accept => #
tcp dport 22 update @seen { ip saddr limit rate 3/minute } accept => #
add @seen { ip saddr timeout 60s } => #
log => #
log prefix "dropped: " level info drop => #
log group 3 prefix "nf: " => -j NFLOG --nflog-prefix "nf: " --nflog-group 3
log group 3 snaplen 64 queue-threshold 5 => -j NFLOG --nflog-group 3 --nflog-size 64 --nflog-threshold 5
log group 3 drop => #
reject => #
ip protocol tcp reject with tcp reset => #
queue num 3 bypass => #
queue num 0-3 fanout => #
fib daddr type local accept => #
fib saddr . iif oif missing drop => #
socket transparent 1 accept => #
quota over 10 mbytes drop => #
numgen inc mod 2 0 accept => #
counter name "total" accept => #
ether saddr 00:11:22:33:44:55 drop => #
@th,16,16 22 accept => #
@nh,96,8 10 accept => -s 10.0.0.0/8 -j ACCEPT
"#;

const PREROUTING_NAT: &str = "
tcp dport 80 dnat to 10.0.0.2:8080 => #
dnat to 10.0.0.2 => #
tcp dport 80 redirect to :8080 => #
dnat to tcp dport map { 80 : 10.0.0.2, 443 : 10.0.0.3 } => #
";

const POSTROUTING_NAT: &str = "
masquerade => #
oifname \"eth0\" masquerade persistent => #
ip saddr 10.0.0.0/24 snat to 1.2.3.4 => #
";

const PREROUTING_MANGLE: &str = "
meta l4proto tcp tproxy to 127.0.0.1:50080 => #
ip dscp set cs3 => #
ip ttl set 5 => #
tcp dport set 22 => #
ct mark set meta mark => #
iif lo meta mark set 0x5 counter => -i lo -j MARK --set-xmark 0x5/0xffffffff
";

const PREROUTING_RAW: &str = "
notrack => #
udp dport 53 notrack => #
ct zone set 5 => #
iif lo meta nftrace set 1 counter => -i lo -j TRACE
";

const FORWARD_IPV6: &str = "
ip6 saddr fe80::/10 accept => -s fe80::/10 -j ACCEPT
ip6 saddr & ffff::ffff == 2001::1 accept => -s 2001::1/ffff::ffff -j ACCEPT
ip6 nexthdr tcp accept => #
tcp dport 22 oif lo accept => -o lo -p tcp -m tcp --dport 22 -j ACCEPT
icmpv6 type nd-neighbor-solicit icmpv6 code 0 accept => -p ipv6-icmp -m icmp6 --icmpv6-type 135/0 -j ACCEPT
icmpv6 mtu 1280 accept => #
meta l4proto icmp icmp type 8 accept => #
ip6 hoplimit 255 accept => -m hl --hl-eq 255 -j ACCEPT
ip6 flowlabel 5 accept => #
frag id 5 accept => #
exthdr hbh exists accept => #
rt type 0 drop => #
dup to ::5 => #
";

fn nft(place: &Namespace, text: &str) -> io::Result<Result<(), String>> {
    let output = place.command("nft").arg(text).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::Unsupported, "nft is not installed"),
        _ => error,
    })?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(if output.status.success() { Ok(()) } else { Err(complaint) })
}

/// Exit status, what is printed, and what is complained of.
fn fw(place: &Namespace, args: &[&str]) -> io::Result<(Option<i32>, String, String)> {
    let output = place.command(FW).args(args).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code(), text(output.stdout), text(output.stderr)))
}

fn open(place: &Namespace, family: Family, table: &str) -> Table {
    place.run(|| Kernel::nft().open(family, table)).expect("a table of nf_tables")
}

/// Makes each rule in turn and looks at it; how many could be made.
fn play(place: &Namespace, family: Family, name: &str, chain: &str, rules: &str) -> io::Result<[usize; 2]> {
    let (tool, ip) = if family == Family::Ipv4 { ("iptables", "ip") } else { ("ip6tables", "ip6") };
    let (mut made, mut all) = (0, 0);
    for line in rules.lines().filter(|line| !line.is_empty()) {
        let (rule, expected) = line.split_once("=>").expect("what it is");
        let (rule, expected) = (rule.trim(), expected.trim());
        all += 1;
        // Not every nft knows every word, nor does every kernel have every module.
        if let Err(complaint) = nft(place, &format!("add rule {ip} {name} {chain} {rule}"))? {
            println!("{rule}: {complaint}");
            continue;
        }
        made += 1;
        let mut table = open(place, family, name);
        let said = table.chain(chain).expect("the chain").rule(0).expect("the rule").to_string();
        let is_foreign = table.chain(chain).expect("the chain").rule(0).expect("it").nft_handle().is_some();
        let command = format!("{tool}-nft");
        let (status, listed, complaint) = fw(place, &[&command, "-t", name, "-S", chain, "1"])?;
        assert_eq!(status, Some(0), "{rule}: {complaint}");
        if expected == "#" {
            assert!(is_foreign && listed.starts_with("# nft rule, handle "), "{rule}: {said}\n{listed}");
            assert!(complaint.contains("1 rule has no form in iptables"), "{rule}: {complaint}");
        } else {
            assert_eq!((said.as_str(), is_foreign), (expected, false), "{rule}");
            assert_eq!(listed.trim_end(), format!("-A {chain} {expected}").trim_end(), "{rule}");
            // What is written of it is read as the same.
            place
                .run(|| {
                    table.chain_mut(chain)?.append(expected)?;
                    table.commit()
                })
                .unwrap_or_else(|error| panic!("{rule}: {error}"));
            let table = open(place, family, name);
            let texts: Vec<_> =
                table.chain(chain).expect("it").rules().map(|rule| rule.to_string()).collect();
            assert_eq!(texts, [expected, expected], "{rule}");
            assert_eq!(
                table.chain(chain).expect("it").position(expected).expect("a rule"),
                Some(0),
                "{rule}"
            );
            let (status, _, complaint) = fw(place, &[&command, "-t", name, "-D", chain, "2"])?;
            assert_eq!(status, Some(0), "{rule}: {complaint}");
        }
        let (status, _, complaint) = fw(place, &[&command, "-t", name, "-D", chain, "1"])?;
        assert_eq!(status, Some(0), "{rule}: {complaint}");
        assert!(open(place, family, name).chain(chain).expect("it").is_empty(), "{rule}");
    }
    Ok([made, all])
}

const EMPTY: &str = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:web - [0:0]\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n\
    :POSTROUTING ACCEPT [0:0]\nCOMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";

#[test]
fn rules_of_nft_are_rules_of_xtables_or_foreign() {
    test_on("nft", |playground| {
        let place = playground.namespace()?;
        place
            .run(|| {
                Family::ALL.into_iter().try_for_each(|family| {
                    restore(&Kernel::nft(), family, EMPTY.as_bytes(), &RestoreOptions::new()).map(drop)
                })
            })
            .map_err(io::Error::other)?;
        for object in [
            "add set ip filter blocked { type ipv4_addr; flags interval; }",
            "add set ip filter seen { type ipv4_addr; size 100; timeout 1m; flags dynamic,timeout; }",
            "add counter ip filter total",
        ] {
            if let Err(complaint) = nft(&place, object)? {
                println!("{object}: {complaint}");
            }
        }
        let mut sums = [0; 2];
        for (family, table, chain, rules) in [
            (Family::Ipv4, "filter", "INPUT", INPUT),
            (Family::Ipv4, "nat", "PREROUTING", PREROUTING_NAT),
            (Family::Ipv4, "nat", "POSTROUTING", POSTROUTING_NAT),
            (Family::Ipv4, "mangle", "PREROUTING", PREROUTING_MANGLE),
            (Family::Ipv4, "raw", "PREROUTING", PREROUTING_RAW),
            (Family::Ipv6, "filter", "FORWARD", FORWARD_IPV6),
        ] {
            let counts = play(&place, family, table, chain, rules)?;
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        println!("{} of {} rules could be made", sums[0], sums[1]);
        assert!(sums[0] * 2 > sums[1], "{} of {} rules could be made", sums[0], sums[1]);
        Ok(())
    });
}

/// A save file tells of a foreign rule that it has not got, and so does whoever restores it.
#[test]
fn what_a_save_file_leaves_out_is_said() {
    test_on("nft", |play| {
        let [place, fresh] = [play.namespace()?, play.namespace()?];
        fw(&place, &["iptables-nft", "-A", "INPUT", "-s", "10.0.0.2", "-j", "ACCEPT"])?;
        nft(&place, "insert rule ip filter INPUT tcp dport { 22, 80 } drop")?.map_err(io::Error::other)?;
        nft(&place, "add rule ip filter INPUT ip saddr 10.0.0.3 drop")?.map_err(io::Error::other)?;
        let shown = "# Warning: table filter: 1 rule has no form in iptables and is shown as a comment\n";
        let mut saved = String::new();
        for save in ["iptables-nft-save", "save"] {
            let (status, text, complaint) = fw(&place, &[save])?;
            assert_eq!((status, complaint.as_str()), (Some(0), shown), "{save}");
            let rules: Vec<_> =
                text.lines().filter(|line| line.contains(" rule") || line.starts_with('-')).collect();
            assert!(rules[0].starts_with("# nft rule, handle "), "{text}");
            assert_eq!(rules[1..], ["-A INPUT -s 10.0.0.2/32 -j ACCEPT", "-A INPUT -s 10.0.0.3/32 -j DROP"]);
            saved = text;
        }
        let file = std::env::temp_dir().join(format!("libfw-foreign-{}", std::process::id()));
        std::fs::write(&file, &saved)?;
        let path = file.to_string_lossy().into_owned();
        let left_out = "table filter: 1 rule that nft made is only a comment in the file, and not restored\n";
        for line in [
            "check FILE",
            "plan FILE",
            "iptables-nft-restore -t FILE",
            "iptables-nft-restore FILE",
            "restore FILE",
        ] {
            let args: Vec<_> =
                line.split(' ').map(|word| if word == "FILE" { &*path } else { word }).collect();
            let (_, _, complaint) = fw(&fresh, &args)?;
            assert!(complaint.ends_with(left_out) && complaint.lines().count() == 1, "{line}: {complaint}");
        }
        std::fs::remove_file(&file)?;
        // Where it is, the library does not lose it unless it is told to; iptables-nft-restore does.
        let refused =
            place.run(|| restore(&Kernel::nft(), Family::Ipv4, saved.as_bytes(), &RestoreOptions::new()));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ForeignRules);
        assert_eq!(open(&place, Family::Ipv4, "filter").chain("INPUT").expect("it").len(), 3);
        Ok(())
    });
}
