//! What somebody types who knows Rust and iptables, and has not read the documentation: it compiles, and means what it says.

// People borrow, clone and convert what they have, needed or not.
#![allow(clippy::needless_borrows_for_generic_args)]

use std::collections::BTreeSet;
use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

use libfw::backend::SetInfo;
use libfw::matches::*;
use libfw::targets::{self, Dnat, Log, Masquerade, NatRange, Redirect, Reject, RejectWith, Snat};
use libfw::*;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn kernel() -> Kernel {
    MemoryKernel::new().kernel()
}

fn v4(builder: RuleBuilder) -> String {
    builder.build(Family::Ipv4).map_or_else(|error| format!("error: {error}"), |rule| rule.to_string())
}

fn v6(builder: RuleBuilder) -> String {
    builder.build(Family::Ipv6).map_or_else(|error| format!("error: {error}"), |rule| rule.to_string())
}

/// A rule with a match, of the protocol that it may need.
fn tcp(part: impl Into<Match>) -> String {
    v4(Rule::builder().protocol("tcp").matching(part)).replacen("-p tcp ", "", 1)
}

fn any(part: impl Into<Match>) -> String {
    v4(Rule::builder().matching(part))
}

#[test]
fn addresses_are_given_in_every_form() -> Result {
    let from = |builder: RuleBuilder| v4(builder.target(Verdict::Drop));
    let net = Ipv4Addr::new(10, 0, 0, 0);
    assert_eq!(from(Rule::builder().source(Ipv4Addr::LOCALHOST)), "-s 127.0.0.1/32 -j DROP");
    assert_eq!(from(Rule::builder().source("10.0.0.1".parse::<IpAddr>()?)), "-s 10.0.0.1/32 -j DROP");
    assert_eq!(from(Rule::builder().source((net, 8))), "-s 10.0.0.0/8 -j DROP");
    assert_eq!(from(Rule::builder().source(not((net, 8)))), "! -s 10.0.0.0/8 -j DROP");
    assert_eq!(from(Rule::builder().destination((IpAddr::from(net), 8))), "-d 10.0.0.0/8 -j DROP");
    assert_eq!(v6(Rule::builder().source((Ipv6Addr::LOCALHOST, 64))), "-s ::/64");
    let word = String::from("10.0.0.0/8");
    assert_eq!(from(Rule::builder().source(&word)), from(Rule::builder().source(word.clone())));
    assert_eq!(from(Rule::builder().source(not(&word))), "! -s 10.0.0.0/8 -j DROP");

    let net = AddrMask::from((Ipv4Addr::new(10, 0, 0, 1), 24));
    assert_eq!(net.to_string(), "10.0.0.0/24");
    assert!(net.contains("10.0.0.9".parse::<IpAddr>()?) && net.contains(Ipv4Addr::new(10, 0, 0, 255)));
    assert!(!net.contains(Ipv4Addr::new(10, 0, 1, 0)) && !net.contains(Ipv6Addr::LOCALHOST));
    // A mask that is no prefix.
    let odd: AddrMask = "10.0.0.1/255.0.0.255".parse()?;
    assert!(odd.contains(Ipv4Addr::new(10, 5, 6, 1)) && !odd.contains(Ipv4Addr::new(10, 5, 6, 2)));
    assert!(AddrMask::any(Family::Ipv6).contains(Ipv6Addr::LOCALHOST));
    Ok(())
}

#[test]
fn ports_are_given_in_every_form() {
    let dport = |part: Tcp| tcp(part).replace("-m tcp ", "");
    assert_eq!(dport(Tcp::new().dport(22)), "--dport 22");
    assert_eq!(dport(Tcp::new().dport(Port(22))), "--dport 22");
    assert_eq!(dport(Tcp::new().dport("22")), "--dport 22");
    assert_eq!(dport(Tcp::new().dport(not("22"))), "! --dport 22");
    assert_eq!(dport(Tcp::new().dport(not(22..=23))), "! --dport 22:23");
    assert_eq!(dport(Tcp::new().dport("80:90").sport("1024:")), "--sport 1024:65535 --dport 80:90");
    assert_eq!(dport(Tcp::new().dport(1000..2001)), "--dport 1000:2000");
    assert_eq!(dport(Tcp::new().dport(not(1000..1001))), "! --dport 1000");
    assert_eq!(dport(Tcp::new().dport(PortRange::new(1, 2))), "--dport 1:2");
    assert_eq!(dport(Tcp::new().dport("80:90".parse::<PortRange>().unwrap())), "--dport 80:90");
    let port: u16 = 8080;
    assert_eq!(dport(Tcp::new().dport(port)), "--dport 8080");
    assert_eq!(dport(Tcp::new().dport(port.to_string())), "--dport 8080");
    // What is given last counts.
    assert_eq!(dport(Tcp::new().dport("22").dport(23)), "--dport 23");
    assert_eq!(dport(Tcp::new().dport(22).dport("24")), "--dport 24");
    assert_eq!(dport(Tcp::new().dport("none").dport("25")), "--dport 25");

    for open in [
        Multiport::new().dports([22, 80]),
        Multiport::new().dports(vec![22, 80]),
        Multiport::new().dports("22,80"),
        Multiport::new().dports([22..=22, 80..=80]),
        Multiport::new().dports([22..23, 80..81]),
    ] {
        assert_eq!(tcp(open), "-m multiport --dports 22,80");
    }
    assert_eq!(tcp(Multiport::new().ports(not([22..=23, 80..=90]))), "-m multiport ! --ports 22:23,80:90");
    assert_eq!(tcp(Multiport::new().ports(not("22,80:90"))), "-m multiport ! --ports 22,80:90");

    assert!(PortRange::from(1..=2).contains(2) && !PortRange::new(1, 2).contains(Port(3)));
    assert!(Span::new(1_u32, 2).contains(&1));
    assert!(Port(1) < Port(2) && PortRange::new(1, 9) < PortRange::new(2, 3));
    assert_eq!((u16::from(Port(7)), u8::from(Protocol::UDP)), (7, 17));
}

/// A range of nothing is a mistake, and said as others are.
#[test]
#[allow(clippy::reversed_empty_ranges)]
fn a_range_of_nothing_is_refused() {
    for range in [5..5, 0..0, 9..3] {
        let length = Length::new().length(range);
        let error = Rule::builder().matching(length).build(Family::Ipv4).unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidValue, Some("length")), "{error}");
    }
    for range in [5..5, 0..0, 9..3] {
        let error = Rule::builder()
            .protocol("tcp")
            .matching(Tcp::new().dport(range))
            .build(Family::Ipv4)
            .unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidValue, Some("dport")), "{error}");
    }
}

/// What a program has at hand: sets, vectors, lists of words, addresses with ports.
#[test]
fn several_are_given_as_one_has_them() -> Result {
    let ports = "-m multiport --dports 22,80";
    assert_eq!(tcp(Multiport::new().dports(BTreeSet::from([80_u16, 22]))), ports);
    assert_eq!(tcp(Multiport::new().dports(["22", "80"])), ports);
    assert_eq!(tcp(Multiport::new().dports(vec!["22".to_owned(), "80".to_owned()])), ports);
    assert_eq!(tcp(Multiport::new().dports(not(["22", "80"]))), "-m multiport ! --dports 22,80");
    assert_eq!(tcp(Multiport::new().dports(22)), "-m multiport --dports 22");
    assert_eq!(tcp(Multiport::new().dports(not(80..=90))), "-m multiport ! --dports 80:90");
    let states = "-m conntrack --ctstate NEW,ESTABLISHED";
    assert_eq!(any(Conntrack::new().ctstate([CtState::NEW, CtState::ESTABLISHED])), states);
    assert_eq!(any(Conntrack::new().ctstate(["NEW", "ESTABLISHED"])), states);
    assert_eq!(any(Conntrack::new().ctstate(not([CtState::NEW]))), "-m conntrack ! --ctstate NEW");
    assert_eq!([CtState::NEW].into_iter().collect::<CtState>(), CtState::NEW);
    for (length, text) in [
        (Length::new().length(40..=1500), "40:1500"),
        (Length::new().length(40..1501), "40:1500"),
        (Length::new().length(..=1500), "0:1500"),
        (Length::new().length(40..), "40:65535"),
        (Length::new().length("40:1500"), "40:1500"),
    ] {
        assert_eq!(any(length), format!("-m length --length {text}"));
    }
    let to = |to: Dnat| v4(Rule::builder().protocol("tcp").target(to)).replacen("-p tcp ", "", 1);
    let host = Ipv4Addr::new(10, 0, 0, 1);
    for dnat in [
        Dnat::new().to_destination((host, 8080)),
        Dnat::new().to_destination((IpAddr::from(host), 8080)),
        Dnat::new().to_destination(SocketAddrV4::new(host, 8080)),
        Dnat::new().to_destination(SocketAddr::from((host, 8080))),
    ] {
        assert_eq!(to(dnat), "-j DNAT --to-destination 10.0.0.1:8080");
    }
    assert_eq!(Family::from(IpAddr::from(host)), Family::Ipv4);
    assert_eq!(Family::from("::1".parse::<IpAddr>()?), Family::Ipv6);
    Ok(())
}

#[test]
fn numbers_need_no_suffix() {
    assert_eq!(
        any(Connlimit::new().connlimit_above(10).connlimit_mask(24)),
        "-m connlimit --connlimit-above 10 --connlimit-mask 24 --connlimit-saddr"
    );
    assert_eq!(
        any(Statistic::new().mode("nth").every(3).packet(0)),
        "-m statistic --mode nth --every 3 --packet 0"
    );
    assert_eq!(any(Ttl::new().ttl_gt(5)), "-m ttl --ttl-gt 5");
    assert_eq!(
        any(Recent::new().rcheck(true).seconds(60).hitcount(4)),
        "-m recent --rcheck --seconds 60 --hitcount 4 --name DEFAULT --mask 255.255.255.255 --rsource"
    );
    assert_eq!(any(Owner::new().uid_owner(1000)), "-m owner --uid-owner 1000");
}

#[test]
fn options_are_given_as_their_texts() {
    assert_eq!(any(Limit::new().rate("5/min").burst(10)), "-m limit --limit 5/min --limit-burst 10");
    assert_eq!(any(Limit::new().rate("5/sec").burst("10")), "-m limit --limit 5/sec --limit-burst 10");
    assert_eq!(any(Limit::new().limit("5/min").limit_burst(10)), "-m limit --limit 5/min --limit-burst 10");
    assert_eq!(any(Limit::default().rate(Rate::per_second(5))), any(Limit::new().rate("5/sec")));
    let states = "-m conntrack --ctstate NEW,ESTABLISHED";
    assert_eq!(any(Conntrack::new().state("NEW,ESTABLISHED")), states);
    assert_eq!(any(Conntrack::new().ctstate("NEW,ESTABLISHED")), states);
    assert_eq!(any(Conntrack::new().ctstate(CtState::NEW | CtState::ESTABLISHED)), states);
    assert_eq!(any(Conntrack::new().state(CtState::NEW | CtState::ESTABLISHED)), states);
    assert_eq!(
        any(Conntrack::new().state(not("NEW")).proto("udp")),
        "-m conntrack ! --ctstate NEW --ctproto 17"
    );
    for mark in [Mark::new().mark(0x10), Mark::new().mark("0x10"), Mark::new().mark("16")] {
        assert_eq!(any(mark), "-m mark --mark 0x10");
    }
    for mark in [Mark::new().mark((0x10, 0xff)), Mark::new().mark("0x10/0xff")] {
        assert_eq!(any(mark), "-m mark --mark 0x10/0xff");
    }
    let icmp = |part: Icmp| v4(Rule::builder().protocol(Protocol::ICMP).matching(part));
    for echo in [Icmp::new().icmp_type(8), Icmp::new().icmp_type("echo-request"), Icmp::new().icmp_type("8")]
    {
        assert_eq!(icmp(echo), "-p icmp -m icmp --icmp-type 8");
    }
    let days = Time::new().weekdays(Weekdays::MONDAY | Weekdays::FRIDAY).timestart("08:00");
    let read = Rule::parse(Family::Ipv4, "-m time --weekdays Mon,Fri --timestart 08:00").unwrap();
    assert_eq!(any(days), read.to_string());
    assert_eq!(any(Time::new().weekdays("Mon,Fri").timestart("08:00")), read.to_string());
    assert_eq!(
        any(Iprange::new().src_range("10.0.0.1-10.0.0.9")),
        "-m iprange --src-range 10.0.0.1-10.0.0.9"
    );
    assert_eq!(
        any(matches::Mac::new().mac_source("00:11:22:33:44:55")),
        "-m mac --mac-source 00:11:22:33:44:55"
    );
    // Of two words, as they stand on a command line.
    assert_eq!(tcp(Tcp::new().flags("SYN,ACK SYN")), "-m tcp --tcp-flags SYN,ACK SYN");
    assert_eq!(any(matches::Set::new().match_set("banned src,dst")), "-m set --match-set banned src,dst");
    assert_eq!(any(StringMatch::new().string("GET /").algo("bm")), "-m string --string \"GET /\" --algo bm");
    let name = String::from("ssh");
    assert_eq!(
        any(Recent::new().name(&name).set(true)),
        "-m recent --set --name ssh --mask 255.255.255.255 --rsource"
    );
}

#[test]
fn targets_are_given_as_their_texts() -> Result {
    let to = |target: Target| v4(Rule::builder().protocol("tcp").target(target)).replacen("-p tcp ", "", 1);
    for (name, text) in [("ACCEPT", "-j ACCEPT"), ("MASQUERADE", "-j MASQUERADE"), ("mychain", "-j mychain")]
    {
        assert_eq!(to(name.into()), text);
        assert_eq!(to(String::from(name).into()), text);
        assert_eq!(v4(Rule::builder().target(name)), text);
    }
    let web = "-j DNAT --to-destination 10.0.0.1:8080";
    assert_eq!(to(Dnat::new().to_destination("10.0.0.1:8080").into()), web);
    assert_eq!(to(Dnat::new().to_destination("10.0.0.1:8080".parse::<SocketAddr>()?).into()), web);
    assert_eq!(to(Dnat::new().to_destination("10.0.0.1:8080".parse::<NatRange>()?).into()), web);
    assert_eq!(
        to(Snat::new().to_source("10.0.0.1-10.0.0.9").into()),
        "-j SNAT --to-source 10.0.0.1-10.0.0.9"
    );
    assert_eq!(to(Redirect::new().to_ports("3128").into()), "-j REDIRECT --to-ports 3128");
    for level in [Log::new().prefix("hello: ").level(4), Log::new().prefix("hello: ").level("warning")] {
        assert_eq!(to(level.into()), "-j LOG --log-prefix \"hello: \"");
    }
    assert_eq!(to(Log::new().level("debug").into()), "-j LOG --log-level 7");
    assert_eq!(to(Log::new().log_prefix("x").log_level(7).into()), "-j LOG --log-prefix x --log-level 7");
    for reset in [Reject::new().reject_with(RejectWith::TcpReset), Reject::new().reject_with("tcp-reset")] {
        assert_eq!(to(reset.into()), "-j REJECT --reject-with tcp-reset");
    }
    assert_eq!(to(targets::Mark::new().set_mark("0x1").into()), "-j MARK --set-xmark 0x1/0xffffffff");
    assert_eq!(to(targets::Mark::new().or_mark(0x4).into()), "-j MARK --set-xmark 0x4/0x4");
    assert_eq!(to(targets::Ttl::new().set(64).into()), "-j TTL --ttl-set 64");
    assert_eq!(to(Masquerade::new().into()), "-j MASQUERADE");
    let named = Rule::builder().target(Target::jump("mychain")).comment("hi");
    assert_eq!(v4(named), "-m comment --comment hi -j mychain");
    // A verdict is no chain to jump to, and that is said.
    let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    let error = table.chain_mut("INPUT")?.append(Rule::builder().jump("DROP")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchChain);
    assert_eq!(error.message(), "there is no chain \"DROP\", it is the name of a verdict");
    Ok(())
}

/// A mistake in a text is said when the rule is made, in the words of a rule that is read, and with its place.
#[test]
fn a_mistake_in_a_text_is_kept() -> Result {
    for (part, text) in [
        (Match::from(Tcp::new().dport("70000")), "-p tcp -m tcp --dport 70000"),
        (Tcp::new().dport("90:80").into(), "-p tcp -m tcp --dport 90:80"),
        (Tcp::new().flags("SYN FOO").into(), "-p tcp -m tcp --tcp-flags SYN FOO"),
        (Tcp::new().sport(not("nothing")).into(), "-p tcp -m tcp ! --sport nothing"),
        (Limit::new().rate("5/never").into(), "-p tcp -m limit --limit 5/never"),
        (Limit::new().burst("10001").into(), "-p tcp -m limit --limit-burst 10001"),
        (Conntrack::new().state("OLD").into(), "-p tcp -m conntrack --ctstate OLD"),
        (
            Multiport::new().dports("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16").into(),
            "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
        ),
        (Mark::new().mark("x").into(), "-p tcp -m mark --mark x"),
    ] {
        let given = Rule::builder().protocol("tcp").matching(part).build(Family::Ipv4).unwrap_err();
        let read = Rule::parse(Family::Ipv4, text).unwrap_err();
        let told = |error: &Error| {
            let place = (error.extension().map(str::to_owned), error.option().map(str::to_owned));
            (error.kind(), place, error.token().map(str::to_owned), error.message().to_owned())
        };
        assert_eq!(told(&given), told(&read));
    }
    // An address of the other family is no unknown host.
    let given = Rule::builder().source("2001:db8::1").build(Family::Ipv4).unwrap_err();
    let read = Rule::parse(Family::Ipv4, "-s 2001:db8::1").unwrap_err();
    assert!(given.message() == "address 2001:db8::1 in a rule for IPv4", "{given}");
    assert!(read.message() == given.message(), "{read}");
    // The rules between options hold for texts too.
    let both = Multiport::new().dports("22").sports("80");
    let error = Rule::builder().protocol("tcp").matching(both).build(Family::Ipv4).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRule);
    let error = Rule::builder().matching(Conntrack::new()).build(Family::Ipv4).unwrap_err();
    assert_eq!(error.extension(), Some("conntrack"));
    // Nothing was changed.
    let kernel = kernel();
    let wrong = Rule::builder().protocol("tcp").matching(Tcp::new().dport("none")).target(Verdict::Drop);
    let result = kernel.update(Family::Ipv4, "filter", |table| {
        table.chain_mut("INPUT")?.append("-j ACCEPT")?;
        table.chain_mut("INPUT")?.append(&wrong)
    });
    assert_eq!(result.unwrap_err().token(), Some("none"));
    assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    Ok(())
}

/// Options that are still to be read are shown, compared and counted with the others.
#[test]
fn what_is_to_be_read_is_part_of_the_value() {
    assert_eq!(Tcp::new().dport("22"), Tcp::new().dport("22"));
    assert_ne!(Tcp::new().dport("22"), Tcp::new().dport("23"));
    assert_ne!(Tcp::new().dport("22"), Tcp::new());
    let shown = format!("{:?}", Tcp::new().sport(1).dport(not("22")));
    assert!(shown.contains("unread") && shown.contains("! \"22\""), "{shown}");
    assert!(!format!("{:?}", Tcp::new().dport(22)).contains("unread"));
    let shown = format!("{:?}", Match::from(Tcp::new().sport(1).dport(not("22"))));
    assert!(shown.contains("dport: ! 22"), "{shown}");
}

#[test]
fn a_table_and_a_chain_are_iterated() -> Result {
    let kernel = kernel();
    kernel.update(Family::Ipv4, "filter", |table| {
        table.new_chain("web")?.append("-j DROP")?;
        table.chain_mut("INPUT")?.extend(["-p tcp -j web", "-p udp -j ACCEPT"])
    })?;
    let table = kernel.open(Family::Ipv4, "filter")?;
    let mut lines = Vec::new();
    for chain in &table {
        for rule in chain {
            lines.push(format!("{} {rule}", chain.name()));
        }
        assert_eq!((&chain).into_iter().len(), chain.len());
    }
    assert_eq!(lines, ["INPUT -p tcp -j web", "INPUT -p udp -j ACCEPT", "web -j DROP"]);
    let backwards: Vec<_> =
        table.chain("INPUT").unwrap().rules().rev().map(|rule| rule.to_string()).collect();
    assert_eq!(backwards, ["-p udp -j ACCEPT", "-p tcp -j web"]);
    assert_eq!(
        table.to_string(),
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n\
         -A INPUT -p tcp -j web\n-A INPUT -p udp -j ACCEPT\n-A web -j DROP\nCOMMIT\n"
    );
    Ok(())
}

#[test]
fn a_chain_is_read_while_it_is_changed() -> Result {
    let mut table = kernel().open(Family::Ipv4, "filter")?;
    let mut input = table.chain_mut("INPUT")?;
    input.extend(["-p tcp -j ACCEPT", "-p udp -j ACCEPT", "-p tcp -j DROP"])?;
    input.remove(2)?;
    input.set_policy(Policy::Drop, Some(Counters::new(1, 60)))?;
    assert_eq!((input.len(), input.is_empty()), (2, false));
    assert_eq!((input.name().as_ref(), input.hook()), ("INPUT", Some(Hook::Input)));
    assert_eq!((input.policy(), input.policy_counters()), (Some(Policy::Drop), Counters::new(1, 60)));
    assert!(input.contains("-p udp -j ACCEPT")? && !input.contains("-j ACCEPT")?);
    assert_eq!(input.rules().len(), 2);

    assert_eq!(input.retain(|rule| rule.protocol().value == Protocol::TCP), 1);
    assert_eq!(input.rule(0).unwrap().to_string(), "-p tcp -j ACCEPT");
    assert!(input.rule(1).is_none());
    assert_eq!(input.retain(|_| true), 0);
    assert_eq!(input.retain(|_| false), 1);
    assert!(input.is_empty());
    Ok(())
}

/// What is removed is removed from the kernel, what stays keeps its counters.
#[test]
fn rules_are_retained_in_the_kernel() -> Result {
    let kernel = kernel();
    kernel.update(Family::Ipv4, "filter", |table| {
        table.chain_mut("INPUT")?.extend([
            "-c 1 60 -s 10.0.0.1 -j DROP",
            "-c 2 120 -s 10.0.0.2 -j DROP",
            "-j ACCEPT",
        ])
    })?;
    let gone = Ipv4Addr::new(10, 0, 0, 1);
    let (count, report) = kernel.update(Family::Ipv4, "filter", |table| {
        Ok(table.chain_mut("INPUT")?.retain(|rule| rule.source().value != gone.into()))
    })?;
    assert_eq!((count, report.changed), (1, true));
    let table = kernel.open(Family::Ipv4, "filter")?;
    let left: Vec<_> = table.chain("INPUT").unwrap().rules().map(|rule| rule.to_rule()).collect();
    assert_eq!(left.len(), 2);
    assert_eq!(
        (left[0].to_string().as_str(), left[0].counters()),
        ("-s 10.0.0.2/32 -j DROP", Counters::new(2, 120))
    );
    Ok(())
}

#[test]
fn a_rule_has_the_accessors_itself() -> Result {
    let rule = Rule::parse(
        Family::Ipv4,
        "-c 3 180 -s 10.0.0.0/8 ! -d 10.0.0.1 -i eth+ -p tcp --dport 22 -j LOG --log-prefix x",
    )?;
    assert_eq!(rule.source().to_string(), "10.0.0.0/8");
    assert_eq!(rule.destination(), not("10.0.0.1".parse()?));
    assert_eq!((rule.input().to_string().as_str(), rule.output().value.to_string().as_str()), ("eth+", ""));
    assert_eq!(
        (rule.protocol().value, rule.fragment(), rule.counters()),
        (Protocol::TCP, None, Counters::new(3, 180))
    );
    let part = rule.matches().next().unwrap();
    assert_eq!((part.name(), rule.matches().count()), (b"tcp".as_slice(), 1));
    assert_eq!(part.decode::<Tcp>().unwrap()?, Tcp::new().dport(22));
    assert_eq!(rule.find::<Tcp>()?, Some(Tcp::new().dport(22)));
    assert_eq!(rule.find::<Log>()?.unwrap().prefix.unwrap().to_string(), "x");
    assert!(rule.find::<Comment>()?.is_none() && rule.find::<Reject>()?.is_none());
    assert!(rule == rule.view() && rule.view() == rule);
    assert!(Rule::parse(Family::Ipv4, "-j ACCEPT")?.target() == Verdict::Accept);
    assert!(rule.target() != Verdict::Accept);
    let TargetRef::Extension(target) = rule.target() else { panic!("{:?}", rule.target()) };
    assert_eq!(target.decode::<Log>().unwrap()?.prefix.unwrap().to_string(), "x");
    Ok(())
}

#[test]
fn counters_and_kinds_are_read_from_text() -> Result {
    for text in ["[3:180]", "3:180", "3 packets, 180 bytes"] {
        assert_eq!(text.parse::<Counters>()?, Counters::new(3, 180));
    }
    for text in ["", "[3]", "3:", "[3:180", "3:x", "-1:2"] {
        let error = text.parse::<Counters>().unwrap_err();
        assert_eq!((error.kind(), error.token()), (ErrorKind::InvalidValue, Some(text)));
    }
    for kind in ErrorKind::ALL {
        assert_eq!(kind.to_string().parse::<ErrorKind>()?, *kind);
        assert_eq!(kind.name().parse::<ErrorKind>()?, *kind);
    }
    assert!("NoSuchThing".parse::<ErrorKind>().is_err());
    for kind in [BackendKind::Legacy, BackendKind::Nft, BackendKind::Memory, BackendKind::MemoryNft] {
        assert_eq!(
            (kind.to_string().parse::<BackendKind>()?, kind.name().parse::<BackendKind>()?),
            (kind, kind)
        );
    }
    Ok(())
}

/// Rules that were iterated, by value or borrowed, go to another chain.
#[test]
fn rules_go_on_to_another_chain() -> Result {
    let mut table = kernel().open(Family::Ipv4, "filter")?;
    table.new_chain("web")?;
    let lines: &[&str] = &["-p tcp -j web", "-p udp -g web", "-j LOG"];
    let mut input = table.chain_mut("INPUT")?;
    input.extend(lines)?;
    for line in lines {
        input.append(line)?;
    }
    assert_eq!(input.position("-j LOG")?, Some(2));
    let chains: Vec<_> = input.rules().map(|rule| rule.target().chain().map(String::from)).collect();
    assert_eq!(chains[..3], [Some("web".to_owned()), Some("web".to_owned()), None]);
    let target = input.rule(2).unwrap().target().extension().unwrap();
    assert!(target.decode::<Log>().is_some());
    let rules: Vec<Rule> = input.rules().map(Rule::from).collect();
    table.chain_mut("OUTPUT")?.extend(&rules)?;
    let mut copy = kernel().open(Family::Ipv4, "filter")?;
    copy.new_chain("web")?;
    for rule in table.chain("OUTPUT").unwrap() {
        copy.chain_mut("OUTPUT")?.append(&rule)?;
    }
    assert_eq!(copy.chain("OUTPUT").unwrap().rules().map(Rule::from).collect::<Vec<_>>(), rules);
    Ok(())
}

#[test]
fn a_save_file_is_restored() -> Result {
    use libfw::iptables::{self, RestoreOptions};

    let kernel = kernel();
    let file = "*filter\n-A INPUT -m iprange --src-range 10.0.0.9-10.0.0.1\nCOMMIT\n";
    let options = RestoreOptions::new().noflush(true).table("filter");
    let (done, warnings) =
        iptables::with_warnings(|| iptables::restore(&kernel, Family::Ipv4, file.as_bytes(), &options));
    assert_eq!(done?, iptables::Outcome::Done);
    let reversed = "xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match";
    assert_eq!(warnings.collect::<Vec<_>>(), [reversed]);
    iptables::restore(&kernel, Family::Ipv4, std::io::Cursor::new(file), &options)?;
    iptables::restore(&kernel, Family::Ipv4, &mut file.as_bytes(), &Default::default())?;
    assert_eq!(kernel.open(Family::Ipv4, "filter")?.len(), 1);
    Ok(())
}

/// An error is sent to several places.
#[test]
fn an_error_is_cloned() {
    let error = Rule::parse(Family::Ipv4, "-p tcp --dprt 22").unwrap_err();
    let copy = error.clone();
    assert_eq!((copy.kind(), copy.kind() as i32, copy.token()), (ErrorKind::Syntax, 2, Some("--dprt")));
    assert_eq!(copy.to_string(), error.to_string());
    // What is behind it goes with it.
    let missing = Kernel::in_netns("no such namespace").unwrap_err();
    assert_eq!(missing.source().is_some(), missing.clone().source().is_some());
    assert_eq!(missing.errno(), missing.clone().errno());
    let io: std::io::Error = copy.into();
    assert_eq!(io.kind(), std::io::ErrorKind::InvalidInput);
}

/// A program that bans addresses.
#[test]
fn addresses_are_banned() -> Result {
    fn ban(kernel: &Kernel, address: IpAddr) -> libfw::Result<bool> {
        let (added, _) = kernel.update(address.into(), "filter", |table| {
            table.ensure_chain("bans")?;
            table.chain_mut("INPUT")?.ensure(Rule::builder().jump("bans"))?;
            table.chain_mut("bans")?.ensure(Rule::builder().source(address).target(Verdict::Drop))
        })?;
        Ok(added)
    }
    let kernel: Kernel = MemoryKernel::new().into();
    assert!(ban(&kernel, "192.0.2.1".parse()?)?);
    assert!(!ban(&kernel, "192.0.2.1".parse()?)?);
    assert!(ban(&kernel, "2001:db8::1".parse()?)?);
    let table = kernel.open(Family::Ipv4, "filter")?;
    let bans: Vec<IpAddr> =
        table.chain("bans").unwrap().rules().map(|rule| rule.source().value.addr()).collect();
    assert_eq!(bans, ["192.0.2.1".parse::<IpAddr>()?]);
    assert_eq!(table.chain("INPUT").unwrap().len(), 1);
    let counted = [Counters::new(1, 60), Counters::new(2, 120)];
    assert_eq!(counted.iter().sum::<Counters>(), Counters::new(3, 180));
    let mut table = table;
    assert_eq!(table.ensure_chain("INPUT")?.len(), 1);
    assert_eq!(table.ensure_chain("not a name").unwrap_err().kind(), ErrorKind::InvalidArgument);
    Ok(())
}

#[test]
fn objects_of_a_kernel_in_memory_are_made() -> Result {
    let kernel = MemoryKernel::new().with_set("banned", SetInfo::new(1, 2)).unwrap().kernel();
    kernel.update(Family::Ipv4, "filter", |table| {
        let set = matches::Set::new().match_set(SetRef::new("banned", [SetDir::Src]));
        table.chain_mut("INPUT")?.append(Rule::builder().matching(set).target("DROP"))
    })?;
    let table = kernel.open(Family::Ipv4, "filter")?;
    let rule = table.chain("INPUT").unwrap().rule(0).unwrap().to_string();
    assert_eq!(rule, "-m set --match-set banned src -j DROP");
    let unknown = matches::Set::new().match_set("unknown src");
    let mut table = table;
    let error = table.chain_mut("INPUT")?.append(Rule::builder().matching(unknown)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchObject);
    let mac: MacAddr = "00:11:22:33:44:55".parse()?;
    assert_eq!(mac, MacAddr::from([0, 0x11, 0x22, 0x33, 0x44, 0x55]));
    Ok(())
}
