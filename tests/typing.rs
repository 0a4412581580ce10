//! What one types first compiles and works: texts, words and values where a rule or a part of one is wanted.

// People borrow what they have, needed or not.
#![allow(
    clippy::needless_borrows_for_generic_args,
    clippy::op_ref,
    clippy::cmp_owned,
    clippy::single_element_loop
)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use libfw::ext::values::{
    ArpOpcode, MacAddr, MacMask, MarkMask, Monthdays, NatRange, Rate, RateUnit, SetDir, SetRef, Weekdays,
};
use libfw::iptables::RestoreOptions;
use libfw::matches::{Conntrack, CtState, HashRate, Iprange, PortSet, Tcp, TcpFlagsTest, UidRange};
use libfw::targets::{Dnat, LogLevel, MangleTarget, RejectWith, Snat};
use libfw::{
    AddrMask, Counters, Datum, ErrorKind, Family, Hook, HookMask, Interface, IntoRule, Inv, Kernel,
    LockPolicy, Match, MemoryKernel, Policy, Port, PortRange, Position, Protocol, Rule, Span, Target,
    Verdict, matches, not, targets,
};

fn kernel() -> Kernel {
    MemoryKernel::new().kernel()
}

/// The text of what is made into a rule.
fn text(rule: impl IntoRule) -> String {
    rule.into_rule(Family::Ipv4).unwrap().to_string()
}

#[test]
fn a_rule_is_given_as_any_text_or_words() {
    let port = 22;
    let expected = "-p tcp -m tcp --dport 22 -j ACCEPT";
    let owned = format!("-p tcp --dport {port} -j ACCEPT");
    assert_eq!(text(&owned), expected);
    assert_eq!(text(owned.as_str()), expected);
    assert_eq!(text(owned.clone().into_bytes()), expected);
    let words = ["-p", "tcp", "--dport", "22", "-j", "ACCEPT"];
    assert_eq!(text(words), expected);
    assert_eq!(text(&words), expected);
    assert_eq!(text(&words[..]), expected);
    let words: Vec<String> = words.iter().map(|word| word.to_string()).collect();
    assert_eq!(text(&words), expected);
    assert_eq!(text(&words[..]), expected);
    assert_eq!(text(words), expected);
    assert_eq!(text(owned), expected);
    // A word is not split.
    assert_eq!(text(["-m", "comment", "--comment", "a b"]), "-m comment --comment \"a b\"");

    let (count, report) = kernel()
        .update(Family::Ipv4, "filter", |table| {
            let mut input = table.chain_mut("INPUT")?;
            input.append(&format!("-p tcp --dport {port} -j ACCEPT"))?;
            input.append(["-A", "INPUT", "-j", "DROP"])?;
            input.extend(["-i lo".to_owned(), "-i eth+".to_owned()])?;
            Ok(input.view().len())
        })
        .unwrap();
    assert_eq!((count, report.changed), (4, true));
}

#[test]
fn parts_are_given_as_values_or_texts() {
    let builder = Rule::builder()
        .source("10.0.0.0/8")
        .destination(not("192.168.1.1"))
        .input("eth+")
        .output(String::from("wg0"))
        .protocol("tcp")
        .matching(Tcp::new().dport("80:90".parse::<PortRange>().unwrap()))
        .target(Verdict::Drop);
    assert_eq!(
        text(builder),
        "-s 10.0.0.0/8 ! -d 192.168.1.1/32 -i eth+ -o wg0 -p tcp -m tcp --dport 80:90 -j DROP"
    );
    assert_eq!(text(Rule::builder().protocol(47)), "-p gre".replace("gre", &Protocol(47).to_string()));
    for (builder, option, token) in [
        (Rule::builder().source("10.0.0.0/33"), "source", "33"),
        (Rule::builder().destination("host name"), "destination", "host name"),
        (Rule::builder().input("an interface's name"), "in-interface", "an interface's name"),
        (Rule::builder().protocol("no such"), "protocol", "no such"),
    ] {
        let error = builder.build(Family::Ipv4).unwrap_err();
        assert_eq!((error.option(), error.token()), (Some(option), Some(token)), "{error}");
    }
}

/// Every text is read, printed the same, and refused where it is none.
#[test]
fn values_are_read_from_their_texts() {
    fn same<T: std::str::FromStr<Err = libfw::Error> + std::fmt::Display>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(text.parse::<T>().unwrap_or_else(|error| panic!("{error}")).to_string(), *text);
        }
        for text in bad {
            let Err(error) = text.parse::<T>() else {
                panic!("{text:?} is a {}", std::any::type_name::<T>())
            };
            // Where it is known, the part that is wrong.
            let token =
                error.token().filter(|token| text.contains(token) && token.is_empty() == text.is_empty());
            assert!(error.kind() == ErrorKind::InvalidValue && token.is_some(), "{text:?}: {error}");
        }
    }
    same::<Protocol>(&["tcp", "udp", "all"], &["", "no such", "256"]);
    same::<Port>(&["0", "65535"], &["", "65536", "no such"]);
    same::<PortRange>(&["22", "1024:65535"], &["", "90:80", "1:2:3"]);
    same::<Span<u32>>(&["1", "1:5"], &["x", "4294967296"]);
    same::<Verdict>(&["ACCEPT", "DROP", "RETURN"], &["accept", "LOG"]);
    same::<Hook>(&["INPUT", "POSTROUTING"], &["", "LOCAL"]);
    same::<CtState>(&["NEW", "RELATED,ESTABLISHED"], &["", "OLD"]);
    same::<MarkMask>(&["0x1", "0x1/0xff"], &["", "x", "1/x"]);
    same::<Rate>(&["5/sec", "10/min"], &["", "5/never", "x"]);
    same::<HashRate>(&["10/min", "512kb/s"], &["", "5/never"]);
    same::<PortSet>(&["22,80:90"], &["", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"]);
    same::<MacAddr>(&["00:11:22:33:44:55"], &["", "00:11"]);
    same::<MacMask>(&["00:11:22:33:44:55", "00:11:22:00:00:00/ff:ff:ff:00:00:00"], &["", "00:11"]);
    same::<ArpOpcode>(&["1", "2"], &["", "no such"]);
    same::<MangleTarget>(&["DROP", "CONTINUE"], &["", "drop"]);
    same::<NatRange>(&["10.0.0.1-10.0.0.9:80", "[fe80::1]:80", ":1024-2048"], &["", "10.0.0.1-"]);
    same::<TcpFlagsTest>(&["FIN,SYN,RST,ACK SYN"], &["SYN", "SYN FOO"]);
    same::<Weekdays>(&["Mon,Fri"], &["Someday"]);
    same::<UidRange>(&["1000-2000"], &["", "1-x"]);
    same::<LogLevel>(&["4"], &["loud"]);
    same::<RejectWith>(&["icmp-port-unreachable", "tcp-reset"], &["no-way"]);
    assert_eq!(" NEW\n".parse::<CtState>().unwrap_err().kind(), ErrorKind::InvalidValue);
}

/// Of two words none may be missing: flags without their mask would match what nobody meant.
#[test]
fn two_words_are_two() {
    for text in ["SYN", ""] {
        let flags = Match::from_options("tcp", [("tcp-flags", false, text.as_bytes())]).unwrap();
        let error = Rule::builder().protocol("tcp").matching(flags).build(Family::Ipv4).unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidValue, Some("tcp-flags")), "{error}");
    }
}

#[test]
fn values_are_compared_counted_and_shown() {
    let rules: HashSet<Rule> =
        ["-p tcp", "-p udp", "-p tcp"].iter().map(|text| Rule::parse(Family::Ipv4, text).unwrap()).collect();
    assert_eq!(rules.len(), 2);
    let ports: HashSet<Tcp> = [22, 80, 22].map(|port| Tcp::new().dport(port)).into();
    assert_eq!(ports.len(), 2);

    let counters: Counters = [Counters::new(1, 100), Counters::new(2, 50)].into_iter().sum();
    assert_eq!(counters.to_string(), "3 packets, 150 bytes");
    assert_eq!(counters - Counters::new(1, 100), Counters::new(2, 50));
    assert_eq!(ErrorKind::NoSuchChain.to_string(), "no such chain");

    let rule = Rule::parse(Family::Ipv4, "-i eth+ ! -p tcp -j DROP").unwrap();
    assert!(rule.input() == "eth+".parse::<Interface>().unwrap() && rule.target() == Verdict::Drop);
    assert!(rule.protocol() != Protocol::TCP && rule.protocol() == not(Protocol::TCP));
}

/// An error of the caller's own comes out as it went in, and nothing is changed.
#[test]
fn an_edit_fails_with_errors_of_its_own() {
    #[derive(Debug)]
    enum Mine {
        Number(std::num::ParseIntError),
        Firewall(libfw::Error),
    }
    impl From<std::num::ParseIntError> for Mine {
        fn from(error: std::num::ParseIntError) -> Mine {
            Mine::Number(error)
        }
    }
    impl From<libfw::Error> for Mine {
        fn from(error: libfw::Error) -> Mine {
            Mine::Firewall(error)
        }
    }
    let kernel = kernel();
    let open = |port: &str| {
        kernel.try_update(Family::Ipv4, "filter", |table| -> Result<u16, Mine> {
            let mut input = table.chain_mut("INPUT")?;
            input.append("-j LOG")?;
            let port = port.parse()?;
            input.append(&format!("-p tcp --dport {port}"))?;
            Ok(port)
        })
    };
    assert!(
        matches!(open("ssh"), Err(Mine::Number(error)) if error.kind() == &std::num::IntErrorKind::InvalidDigit)
    );
    assert!(kernel.open(Family::Ipv4, "filter").unwrap().chain("INPUT").unwrap().is_empty());
    assert_eq!(open("22").unwrap().0, 22);
    let missing = kernel.try_update(Family::Ipv4, "none", |_| Ok::<(), Mine>(()));
    assert!(matches!(missing, Err(Mine::Firewall(error)) if error.kind() == ErrorKind::NoSuchTable));
}

/// A set of bits has no bits that mean nothing.
#[test]
fn sets_are_made_of_what_there_is() {
    assert_eq!(CtState::from_bits(CtState::NEW.bits()), Some(CtState::NEW));
    let both = CtState::NEW | CtState::RELATED;
    assert_eq!(CtState::from_bits(both.bits()), Some(both));
    assert_eq!(CtState::from_bits(1 << 15), None);
    assert_eq!(Weekdays::from_bits(1), None);
    assert_eq!(Weekdays::from_bits(0xfe), Some(Weekdays::ALL));
    assert!(Weekdays::from_bits(0).unwrap().is_empty() && !Weekdays::MONDAY.is_empty());
    let hooks = HookMask::of(&[Hook::Input, Hook::Output]);
    assert_eq!((HookMask::from_bits(hooks.bits()), hooks.bits()), (Some(hooks), 0b1010));
    assert_eq!(HookMask::from_bits(1 << 5), None);
    assert_eq!([0, 1, 31, 32].into_iter().collect::<Monthdays>().days().collect::<Vec<_>>(), [1, 31]);
}

/// What may get more fields is made by methods.
#[test]
fn settings_are_given_one_by_one() {
    let options = RestoreOptions::new().counters(true).table("nat");
    assert!(options.counters && !options.noflush);
    assert_eq!(options.table.as_deref(), Some("nat"));
    assert_eq!(RestoreOptions::new().table(String::from("nat")).counters(true), options);
    let second = Duration::from_secs(1);
    let policy = LockPolicy::at("/run/mine.lock").wait(second);
    assert_eq!((policy.path.as_deref(), policy.wait), (Some("/run/mine.lock".as_ref()), Some(second)));
    assert_eq!(LockPolicy::new(), LockPolicy::at(LockPolicy::PATH));
    assert_eq!(LockPolicy::new().wait(second).wait(None), LockPolicy::default());
}

/// Ports come as ranges without an end, and as many as there are.
#[test]
fn ports_are_given_as_one_has_them() {
    let udp = libfw::matches::Udp::new().sport(..=1023).dport(1024..);
    assert_eq!(
        text(Rule::builder().protocol("udp").matching(udp)),
        "-p udp -m udp --sport 0:1023 --dport 1024:65535"
    );
    let ports = vec![22u16, 80];
    for set in
        [PortSet::from(&ports), PortSet::from(&ports[..]), PortSet::from(ports.clone()), [22, 80].into()]
    {
        assert_eq!(set.ranges().map(|range| range.min).collect::<Vec<_>>(), ports);
    }
    let open = libfw::matches::Multiport::new().dports(&ports);
    assert_eq!(text(Rule::builder().protocol("tcp").matching(open)), "-p tcp -m multiport --dports 22,80");
}

/// Addresses come as the standard library has them, alone, as ranges and with a port.
#[test]
fn addresses_are_given_as_one_has_them() {
    let [first, last] = [1, 9].map(|last| Ipv4Addr::new(192, 0, 2, last));
    let snat = |to: NatRange| text(Rule::builder().protocol("tcp").target(Snat::new().to_source(to)));
    assert_eq!(snat(first.into()), "-p tcp -j SNAT --to-source 192.0.2.1");
    assert_eq!(snat((first..=last).into()), "-p tcp -j SNAT --to-source 192.0.2.1-192.0.2.9");
    let socket: SocketAddr = "192.0.2.1:8080".parse().unwrap();
    let dnat = Rule::builder().protocol("tcp").target(Dnat::new().to_destination(socket));
    assert_eq!(text(dnat), "-p tcp -j DNAT --to-destination 192.0.2.1:8080");
    let iprange = Iprange::new().src_range(first..=last).dst_range(not(IpAddr::from(last)));
    assert_eq!(
        text(Rule::builder().matching(iprange)),
        "-m iprange --src-range 192.0.2.1-192.0.2.9 ! --dst-range 192.0.2.9-192.0.2.9"
    );
    // An option is one of several words for the same, and a set of names is one value.
    let states = Conntrack::new().state(CtState::NEW | CtState::RELATED).orig_src(first);
    assert_eq!(
        text(Rule::builder().matching(states)),
        "-m conntrack --ctstate NEW,RELATED --ctorigsrc 192.0.2.1"
    );
}

/// The error goes into whatever a program returns, and is matched on by its kind.
#[test]
fn errors_go_where_a_program_wants_them() {
    fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
        Rule::parse(Family::Ipv4, "-p tcp --dport none")?;
        Ok(())
    }
    fn of_io() -> std::io::Result<()> {
        Rule::parse(Family::Ipv4, "-p tcp --dport none")?;
        Ok(())
    }
    let error = boxed().unwrap_err();
    let error = error.downcast_ref::<libfw::Error>().unwrap();
    assert!(matches!(error.kind(), ErrorKind::InvalidValue));
    let error = of_io().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(error.downcast::<libfw::Error>().unwrap().token(), Some("none"));
}

/// A number that an option does not take is refused when the rule is built, however it was made.
#[test]
fn numbers_are_checked_where_a_rule_is_made() {
    fn of(matching: impl Into<Match>) -> Result<Rule, libfw::Error> {
        Rule::builder().protocol("tcp").matching(matching).build(Family::Ipv4)
    }
    fn to(target: impl Into<libfw::Target>) -> Result<Rule, libfw::Error> {
        Rule::builder().protocol("tcp").target(target).build(Family::Ipv4)
    }
    use libfw::ext::values::{DayTime, Dscp, PrefixLength};
    use libfw::matches::{ConnLabel, Connlabel, Hashlimit, Limit, Probability, Statistic, TcpOption};
    use libfw::{matches, targets};

    let day = |seconds| of(matches::Time::new().timestart(DayTime(seconds)));
    let mask = |length| {
        let name = Hashlimit::new().upto(HashRate::per_second(5)).name("web");
        of(name.srcmask(PrefixLength(length)))
    };
    let probability =
        |part| of(Statistic::new().mode(matches::StatisticMode::Random).probability(Probability(part)));
    let cases = [
        ("dscp", of(matches::Dscp::new().dscp(Dscp(63))), of(matches::Dscp::new().dscp(Dscp(64)))),
        ("DSCP", to(targets::Dscp::new().set_dscp(Dscp(63))), to(targets::Dscp::new().set_dscp(Dscp(64)))),
        ("LOG", to(targets::Log::new().level(LogLevel(7))), to(targets::Log::new().level(LogLevel(8)))),
        ("time", day(86_399), day(86_400)),
        ("hashlimit", mask(32), mask(33)),
        ("statistic", probability(1 << 31), probability((1 << 31) + 1)),
        ("connlabel", of(Connlabel::new().label(ConnLabel(127))), of(Connlabel::new().label(ConnLabel(128)))),
        ("tcp", of(Tcp::new().option(TcpOption(1))), of(Tcp::new().option(TcpOption(0)))),
        (
            "tcp",
            of(Tcp::new().dport(PortRange { min: 1, max: 2 })),
            of(Tcp::new().dport(PortRange { min: 2, max: 1 })),
        ),
        ("limit", of(Limit::new().burst(10_000u32)), of(Limit::new().burst(10_001u32))),
    ];
    let mut accepted = Vec::new();
    for (name, right, wrong) in cases {
        assert!(right.is_ok(), "{name}: {right:?}");
        match wrong {
            Ok(rule) => accepted.push(rule.to_string()),
            Err(error) => {
                let told = (error.kind(), error.extension());
                assert_eq!(told, (ErrorKind::InvalidValue, Some(name)), "{error}");
            }
        }
    }
    assert_eq!(accepted, Vec::<String>::new());
}

/// What a program has at hand is compared as it is: no `into()`, no text taken apart.
#[test]
fn parts_of_rules_are_compared_with_what_one_has() {
    let rule = Rule::parse(Family::Ipv4, "-s 10.0.0.0/8 -d 10.0.0.1 -i eth0 -p tcp --dport 80:90").unwrap();
    let net = Ipv4Addr::new(10, 0, 0, 0);
    assert!(rule.source() == (net, 8) && rule.source() == (IpAddr::from(net), 8));
    assert!(rule.source() == "10.0.0.0/8" && rule.source() == "10.0.0.7/255.0.0.0".to_owned());
    assert!(rule.source() != (net, 9) && rule.source() != "10.0.0.0" && rule.source() != "no address");
    assert!(rule.destination() == "10.0.0.1" && rule.destination() == Ipv4Addr::new(10, 0, 0, 1));
    let card = String::from("eth0");
    assert!(
        rule.input() == card && rule.input() == &card && rule.input() == *card && rule.input().value == card
    );
    assert!(rule.protocol() == "tcp" && rule.protocol() == 6 && rule.protocol() != "udp");
    let ports = rule.find::<Tcp>().unwrap().unwrap().dport.unwrap();
    assert!(ports == (80..=90) && ports == "80:90" && ports != 80);
    assert_eq!(std::ops::RangeInclusive::from(ports.value).count(), 11);
    assert_eq!(std::ops::RangeInclusive::from(Span::new(1u32, 3)), 1..=3);
    // What is inverted is none of them.
    let rule = Rule::parse(Family::Ipv4, "! -s 10.0.0.0/8 ! -i eth0 -p tcp ! --dport 22").unwrap();
    assert!(rule.source() != "10.0.0.0/8" && rule.source() != (net, 8) && rule.input() != card);
    assert!(rule.find::<Tcp>().unwrap().unwrap().dport.unwrap() != 22);

    for (text, name) in [("-j DROP", "DROP"), ("-j LOG", "LOG"), ("-j web", "web"), ("-g web", "web")] {
        let rule = Rule::parse(Family::Ipv4, text).unwrap();
        assert!(rule.target() == name && rule.target() == *name && rule.target() != "ACCEPT");
        assert_eq!(rule.target().name().as_deref(), Some(name));
    }
    let rule = Rule::parse(Family::Ipv4, "-m comment --comment web -j LOG --log-prefix in").unwrap();
    assert_eq!(rule.find::<matches::Comment>().unwrap().unwrap().comment.unwrap(), "web");
    assert_eq!(rule.find::<targets::Log>().unwrap().unwrap().prefix.unwrap(), "in".to_owned());
    let set = SetRef::new("banned", [SetDir::Src]);
    assert_eq!((set.name().as_deref(), SetRef::by_index(3, []).name()), (Some("banned"), None));
}

/// What is iterated is borrowed, and goes where the value itself would.
#[test]
fn parts_are_given_borrowed() {
    let addresses: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
    let lines: Vec<_> = addresses.iter().map(|address| text(Rule::builder().source(address))).collect();
    assert_eq!(lines, ["-s 192.0.2.1/32", "-s 192.0.2.2/32"]);
    for address in &["192.0.2.1"] {
        assert_eq!(
            text(Rule::builder().source(address).destination(not(address))),
            "-s 192.0.2.1/32 ! -d 192.0.2.1/32"
        );
    }
    for port in &[80u16] {
        let tcp = Tcp::new().dport(port).sport(not(port));
        assert_eq!(
            text(Rule::builder().protocol("tcp").matching(tcp)),
            "-p tcp -m tcp ! --sport 80 --dport 80"
        );
    }
    let (net, card): (AddrMask, Interface) = ("10.0.0.0/8".parse().unwrap(), "eth0".try_into().unwrap());
    let both = Rule::builder().source(&net).destination(not(&net)).input(&card).protocol(&Protocol::GRE);
    let number = Protocol::GRE.to_string();
    assert_eq!(text(both), format!("-s 10.0.0.0/8 ! -d 10.0.0.0/8 -i eth0 -p {number}"));
    let held: Box<str> = "eth0".into();
    assert_eq!(text(Rule::builder().input(held.clone()).output(not(held))), "-i eth0 ! -o eth0");
    assert_eq!(text(Cow::Borrowed("-j DROP")), "-j DROP");
    assert_eq!(text(Box::<str>::from("-j DROP")), "-j DROP");
    assert_eq!(text(Rule::builder().target(Policy::Drop)), "-j DROP");

    let mut table = kernel().open(Family::Ipv4, "filter").unwrap();
    assert_eq!(table.chain(Hook::Input).unwrap().name(), "INPUT");
    table.chain_mut(Hook::Output).unwrap().append(&"-j DROP").unwrap();
    assert_eq!(
        table.hooks().into_iter().map(|hook| table.chain(hook).unwrap().len()).collect::<Vec<_>>(),
        [0, 0, 1]
    );
    assert_eq!(table.chain("OUTPUT").unwrap().to_string(), "-P OUTPUT ACCEPT\n-A OUTPUT -j DROP\n");
    let hooks: HookMask = "INPUT,OUTPUT".parse().unwrap();
    assert_eq!(
        (hooks.to_string(), hooks & Hook::Input.mask()),
        ("INPUT,OUTPUT".to_owned(), Hook::Input.mask())
    );
    assert!("".parse::<HookMask>().unwrap() == HookMask::NONE && "INPUT,".parse::<HookMask>().is_err());
}

/// Matches, targets and their options print as a rule has them.
#[test]
fn parts_are_printed() {
    let line = "-p tcp -m tcp ! --dport 22 -m limit --limit 5/min -j LOG --log-prefix \"a b\"";
    let rule = Rule::parse(Family::Ipv4, line).unwrap();
    let parts: Vec<_> =
        rule.matches().map(|part| part.to_string()).chain([rule.target().to_string()]).collect();
    assert_eq!(format!("-p tcp {}", parts.join(" ")), line);
    let [tcp, limit] = [0, 1].map(|index| rule.matches().nth(index).unwrap());
    assert_eq!(tcp.decode::<Tcp>().unwrap().unwrap().to_string(), tcp.to_string());
    assert_eq!(limit.options().unwrap()[0].to_string(), "--limit 5/min");
    assert_eq!(tcp.options().unwrap()[0].to_string(), "! --dport 22");
    assert_eq!(rule.find::<targets::Log>().unwrap().unwrap().to_string(), parts[2]);
    for text in ["-j DROP", "-g web", "-j web", ""] {
        assert_eq!(Rule::parse(Family::Ipv4, text).unwrap().target().to_string(), text);
    }
    // As bytes they are what they are.
    let odd = Rule::parse(Family::Ipv4, b"-m comment --comment \xff -j DROP").unwrap();
    assert_eq!(odd.matches().next().unwrap().to_text(), b"-m comment --comment \"\xff\"");
    assert_eq!(odd.target().to_text(), b"-j DROP");
    // Texts are shown before anybody reads them.
    for (shown, expected) in [
        (Tcp::new().dport("22").to_string(), "-m tcp --dport 22"),
        (Tcp::new().dport("none").sport(1).to_string(), "-m tcp --sport 1 --dport none"),
        (Tcp::new().flags("SYN,ACK SYN").to_string(), "-m tcp --tcp-flags SYN,ACK SYN"),
        (Conntrack::new().state(not("NEW")).to_string(), "-m conntrack ! --ctstate NEW"),
        (targets::Log::new().prefix("a b").to_string(), "-j LOG --log-prefix \"a b\""),
        (targets::Log::new().level("none at all").to_string(), "-j LOG --log-level \"none at all\""),
        (Match::opaque("mine", 1, &[0xab]).unwrap().to_string(), "-m mine --opaque 1:ab"),
        (
            Match::from_options("ttl", [("ttl-gt", true, b"5".as_slice())]).unwrap().to_string(),
            "-m ttl ! --ttl-gt 5",
        ),
        (Target::from("DROP").to_string(), "-j DROP"),
        (Target::goto("web").to_string(), "-g web"),
        (Target::from(Snat::new().to_source("10.0.0.1")).to_string(), "-j SNAT --to-source 10.0.0.1"),
        (Position::Before(Rule::parse(Family::Ipv4, "-j DROP").unwrap()).to_string(), "before -j DROP"),
        (Datum::from(22..=22u16).to_string() + " " + &Datum::Number(7).to_string(), "22 7"),
    ] {
        assert_eq!(shown, expected);
    }
    // In columns.
    let columns = format!(
        "[{:>6}|{:<6}|{:>6}|{:>6}|{:<7}]",
        Policy::Drop,
        Verdict::Drop,
        PortRange::new(1, 2),
        Protocol::TCP,
        not(Port(1))
    );
    assert_eq!(columns, "[  DROP|DROP  |   1:2|   tcp|! 1    ]");
    let rule = Rule::parse(Family::Ipv4, "-j DROP").unwrap();
    assert_eq!(
        format!("[{rule:<8}|{:>6}|{:>22}]", Rate::per_second(5), Counters::new(1, 2)),
        "[-j DROP | 5/sec|    1 packets, 2 bytes]"
    );
}

/// What is sorted has an order, in which what is equal is equal.
#[test]
fn rules_and_values_have_an_order() {
    let rule = |text: &str| Rule::parse(Family::Ipv4, text).unwrap();
    let mut rules: BTreeSet<Rule> = ["-p tcp", "-p udp", "-c 1 60 -p tcp", "-j web"].map(rule).into();
    assert!(rules.len() == 3 && rules.contains(&rule("-p udp")) && !rules.insert(rule("-j web")));
    assert_eq!(rule("-p tcp").cmp(&rule("-c 5 5 -p tcp")), std::cmp::Ordering::Equal);
    let mut table = kernel().open(Family::Ipv4, "filter").unwrap();
    table.chain_mut("INPUT").unwrap().extend(["-p tcp", "-p udp", "-p tcp"]).unwrap();
    let input = table.chain("INPUT").unwrap();
    assert_eq!(input.rules().collect::<BTreeSet<_>>().len(), 2);
    assert!(input.rules().map(Rule::from).all(|rule| rules.contains(&rule)));
    assert!(Rate::per_minute(60) < Rate::per_second(2) && Rate::per_hour(1) < Rate::per_minute(1));
    assert_eq!(BTreeSet::from([not(Port(2)), Port(3).into(), Port(1).into()]).first(), Some(&Port(1).into()));
    assert!("min".parse::<RateUnit>().unwrap() < RateUnit::Hour && "x".parse::<RateUnit>().is_err());
    let states = CtState::NEW | CtState::RELATED;
    assert_eq!(states.iter().collect::<Vec<_>>(), [CtState::NEW, CtState::RELATED]);
    assert_eq!(states & CtState::NEW, CtState::NEW);
    let [interface, any] = ["eth+", "+"].map(|name| name.parse::<Interface>().unwrap());
    assert!(interface.matches("eth0") && !interface.matches("wlan0") && any.matches("wlan0"));
    assert!(!interface.matches("a name that is too long"));
    assert_eq!(Counters::from((1, 60)), Counters::new(1, 60));
    let mac: [u8; 6] = "00:11:22:33:44:55".parse::<MacAddr>().unwrap().into();
    assert_eq!(mac, [0, 0x11, 0x22, 0x33, 0x44, 0x55]);
}

/// Each type of options that is made of names is read and printed, whoever declares it.
#[test]
fn names_are_values() {
    fn named<T: std::str::FromStr<Err = libfw::Error> + std::fmt::Display + Ord>(names: &[&str]) {
        let values: BTreeSet<T> =
            names.iter().map(|name| name.parse().unwrap_or_else(|error| panic!("{error}"))).collect();
        let printed: BTreeSet<_> = values.iter().map(ToString::to_string).collect();
        assert_eq!(printed, names.iter().map(|name| name.to_string()).collect());
    }
    named::<SetDir>(&["src", "dst"]);
    named::<matches::StatisticMode>(&["random", "nth"]);
    named::<matches::CtDir>(&["ORIGINAL", "REPLY"]);
    named::<matches::HashMode>(&["srcip", "srcip,dstport"]);
    named::<targets::CtEvents>(&["new", "new,related"]);
}

/// What a rule has is compared with what a program has.
#[test]
fn parts_are_compared_with_plain_values() -> Result<(), Box<dyn std::error::Error>> {
    let rule = Rule::parse(Family::Ipv4, "-s 10.0.0.1 ! -d 10.0.0.2 -i eth+ ! -o lo -p tcp")?;
    let [source, destination] = [1, 2].map(|last| Ipv4Addr::new(10, 0, 0, last));
    assert!(rule.source() == source && rule.source() == IpAddr::from(source));
    assert!(rule.source() != destination && rule.source() != Ipv6Addr::LOCALHOST);
    assert!(rule.destination() != destination && rule.destination().value == destination.into());
    assert!(rule.input() == "eth+" && rule.input().value == "eth+" && rule.input() != *"eth");
    assert!(rule.output() != "lo" && rule.output().value == "lo");
    let inverted: Inv<AddrMask> = "! 10.0.0.2".parse()?;
    assert_eq!((inverted, inverted.to_string().as_str()), (rule.destination(), "! 10.0.0.2/32"));
    assert_eq!("tcp".parse::<Inv<Protocol>>()?, rule.protocol());
    assert_eq!("! none".parse::<Inv<PortRange>>().unwrap_err().token(), Some("none"));
    Ok(())
}

/// The values of a crate that others sort and put into maps.
#[test]
fn values_go_into_sets() -> Result<(), Box<dyn std::error::Error>> {
    let rule = Rule::parse(Family::Ipv4, "-p tcp")?;
    let mut seen: HashMap<Rule, u32> = HashMap::new();
    *seen.entry(rule.clone()).or_default() += 1;
    assert!(seen.keys().cloned().collect::<HashSet<_>>().contains(&rule));
    let families: BTreeMap<Family, u32> = [(Family::Ipv6, 1), (Family::Ipv4, 2)].into();
    assert_eq!(families.into_values().collect::<Vec<_>>(), [2, 1]);
    let hooks: BTreeSet<Hook> = Hook::ALL.into_iter().rev().collect();
    assert_eq!(hooks.into_iter().next(), Some(Hook::Prerouting));
    let protocols: BTreeSet<Protocol> = [Protocol::UDP, Protocol::TCP].into();
    assert_eq!(protocols.into_iter().next(), Some(Protocol::TCP));
    let ports: BTreeSet<Port> = [Port(2), Port(1)].into();
    assert_eq!(ports.into_iter().next(), Some(Port(1)));
    assert!(Policy::Accept < Policy::Drop && Verdict::Accept < Verdict::Drop);
    assert!(Counters::new(1, 500) < Counters::new(2, 60));
    let networks: BTreeSet<AddrMask> = ["10.0.0.0/8".parse()?, "9.0.0.0/8".parse()?].into();
    assert_eq!(networks.first().unwrap().to_string(), "9.0.0.0/8");
    let interfaces: BTreeSet<Interface> = ["eth1".parse()?, "eth0".parse()?].into();
    assert_eq!(interfaces.first().unwrap().to_string(), "eth0");
    assert_eq!(BTreeSet::from([ErrorKind::Loop, ErrorKind::Syntax]).first(), Some(&ErrorKind::Syntax));
    let hooks: HookMask = [Hook::Input, Hook::Forward].into_iter().collect();
    assert_eq!(hooks, HookMask::of(&[Hook::Forward, Hook::Input]));
    let range = Match::from_values("tcp", [("dport", false, PortRange::new(80, 90).into())])?;
    assert_eq!(range.to_string(), "-m tcp --dport 80:90");
    Ok(())
}
