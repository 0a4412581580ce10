//! `fw` under its own name: JSON in and out, listings and pictures for people, on a terminal and without one.

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};

use libfw::{Family, Kernel, Rule};
use libfw_playground::{Namespace, cases, test};
use serde_json::Value;

const FW: &str = env!("CARGO_BIN_EXE_fw");

const RULES: &str = "\
*filter
:INPUT DROP [120:14000]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:bans - [0:0]
:web - [0:0]
[15000:2300000000] -A INPUT -i lo -j ACCEPT
[30:1900] -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment \"ssh for admins, and for nobody else\" -j ACCEPT
[30:1900] -A INPUT ! -s 192.0.2.0/24 -p tcp -m multiport --dports 80,443 -j web
-A INPUT -j bans
[7:700] -A web -j ACCEPT
-A bans -s 192.0.2.1/32 -j REJECT --reject-with icmp-host-prohibited
COMMIT
";

/// Calls `fw` in a namespace, with a text to read.
fn fw(host: &Namespace, words: &[&str], input: &str) -> io::Result<Output> {
    let mut child = host
        .command(FW)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // One that does not read ends before.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    child.wait_with_output()
}

/// What it prints, when it does well.
fn printed(host: &Namespace, words: &[&str], input: &str) -> io::Result<String> {
    let output = fw(host, words, input)?;
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && error.is_empty(), "fw {words:?}: {} {error}{out}", output.status);
    Ok(out)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `fw` prints on a terminal of some width, with its control sequences.
fn on_terminal(host: &Namespace, columns: usize, command: &str) -> io::Result<String> {
    let line = format!("stty cols {columns} rows 30; {}", command.replace("fw ", &format!("{FW} ")));
    let mut script: Command = host.command("script");
    let output = script
        .args(["-qec", &line, "/dev/null"])
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS");
    let output = output.stdin(Stdio::null()).output()?;
    assert!(output.status.success(), "{line}: {}{}", text(&output.stdout), text(&output.stderr));
    Ok(text(&output.stdout).replace("\r\n", "\n"))
}

/// The text without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// Every rule of the corpus that this kernel takes is saved and restored, in both families.
#[test]
fn json_of_every_rule() {
    test(|playground| {
        let host = playground.namespace()?;
        let taken = host.run(|| {
            let kernel = Kernel::new();
            let mut taken = 0;
            for family in Family::ALL {
                let corpus = include_str!("rules.txt").lines().filter(|line| !line.starts_with('#'));
                for line in corpus.step_by(100 / cases(100).min(100)) {
                    let Ok(rule) = Rule::parse(family, line.trim_start_matches('~')) else { continue };
                    taken += usize::from(["filter", "mangle", "nat", "raw"].into_iter().any(|name| {
                        let hooks = ["PREROUTING", "OUTPUT", "INPUT", "POSTROUTING", "FORWARD"];
                        let mut number = 0;
                        hooks.into_iter().any(|chain| {
                            number += 1;
                            let rule = rule.clone().with_counters(libfw::Counters::new(number, 77 * number));
                            let Ok(mut table) = kernel.open(family, name) else { return false };
                            let added = table.chain_mut(chain).and_then(|mut chain| chain.append(rule));
                            added.and_then(|()| table.commit()).is_ok()
                        })
                    }));
                }
            }
            taken
        });
        assert!(taken > cases(800).min(800), "{taken}");
        let before = [printed(&host, &["save", "-c"], "")?, printed(&host, &["save", "-6", "-c"], "")?];
        let json = printed(&host, &["save", "--json", "-c"], "")?;
        let value: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(value["format"], "libfw.tables/1");
        printed(&host, &["iptables", "-F"], "")?;
        printed(&host, &["ip6tables", "-t", "mangle", "-F"], "")?;
        printed(&host, &["restore", "--json"], &json)?;
        let after = [printed(&host, &["save", "-c"], "")?, printed(&host, &["save", "-6", "-c"], "")?];
        let rules = |text: &str| {
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
        };
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(rules(before), rules(after));
        }
        assert_eq!(printed(&host, &["save", "--json", "-c"], "")?, json);
        // The listing is the same document.
        let listed: Value = serde_json::from_str(&printed(&host, &["list", "--json"], "")?).expect("JSON");
        assert_eq!(listed, value);
        Ok(())
    });
}

#[test]
fn restoring_says_where_a_text_is_wrong() {
    test(|playground| {
        let host = playground.namespace()?;
        printed(&host, &["restore", "-c"], RULES)?;
        let before = printed(&host, &["list", "--json"], "")?;
        let wrong = "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": [\n {\"chain\": \"INPUT\", \"rules\": [\n  {\"protocol\": \"tcp\", \"matches\": [{\"match\": \"tcp\", \"dport\": 70000}]}]}]}";
        for words in [&["restore"][..], &["restore", "--json"], &["restore", "--test"]] {
            let output = fw(&host, words, wrong)?;
            assert_eq!(output.status.code(), Some(1));
            let error = text(&output.stderr);
            assert!(error.contains("line 3:61, chains[0].rules[0].matches[0].dport, IPv4 table filter, chain INPUT, rule 1: tcp: --dport: bad value \"70000\""), "{error}");
            assert!(
                error.contains("\n                                                                ^^^^^\n"),
                "{error}"
            );
        }
        let output = fw(&host, &["restore"], "*filter\n-A INPUT -p tcp --dport x\nCOMMIT\n")?;
        assert!(text(&output.stderr).contains("line 2:25"), "{}", text(&output.stderr));
        assert_eq!(printed(&host, &["list", "--json"], "")?, before);
        // A rehearsal changes nothing either.
        printed(&host, &["restore", "--test"], "*filter\nCOMMIT\n")?;
        printed(
            &host,
            &["restore", "--test"],
            "{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": []}",
        )?;
        assert_eq!(printed(&host, &["list", "--json"], "")?, before);
        Ok(())
    });
}

#[test]
fn a_listing_fits_its_terminal() {
    test(|playground| {
        let host = playground.namespace()?;
        printed(&host, &["restore", "-c"], RULES)?;
        let piped = printed(&host, &["list"], "")?;
        assert!(!piped.contains('\x1b'), "{piped}");
        for wanted in [
            "IPv4 filter\n  INPUT (policy DROP, 120 packets, 13 KiB)\n",
            "1  15k  2.1 GiB  ACCEPT       in lo\n",
            "comment \"ssh for admins, and for nobody else\"\n",
            "from not 192.0.2.0/24",
            "  bans (1 rule goes here)\n",
        ] {
            assert!(piped.contains(wanted), "{wanted:?}\n{piped}");
        }
        let words = |text: &str| plain(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for columns in [50, 80, 200] {
            let shown = on_terminal(&host, columns, "fw list")?;
            assert!(
                shown.contains("\x1b[32mACCEPT\x1b[0m") && shown.contains("\x1b[31mDROP\x1b[0m"),
                "{shown}"
            );
            let widest = plain(&shown).lines().map(|line| line.chars().count()).max();
            assert!(widest.is_some_and(|widest| widest <= columns), "{columns}\n{}", plain(&shown));
            // Nothing is left out for it.
            assert_eq!(words(&shown), words(&piped), "{columns}");
        }
        assert!(!on_terminal(&host, 80, "NO_COLOR=1 fw list")?.contains('\x1b'));
        assert!(!on_terminal(&host, 80, "fw list --color never")?.contains('\x1b'));
        assert!(printed(&host, &["list", "--color", "always"], "")?.contains('\x1b'));
        assert!(!on_terminal(&host, 80, "fw iptables -L -n")?.contains('\x1b'));
        assert!(
            printed(&host, &["list", "-x", "web"], "")?.contains(" 7  700 B  ACCEPT"),
            "{}",
            printed(&host, &["list", "-x", "web"], "")?
        );
        let missing = fw(&host, &["list", "nochain"], "")?;
        assert_eq!(
            (missing.status.code(), &*text(&missing.stderr)),
            (Some(1), "fw list: no table has a chain \"nochain\"\n")
        );
        // What a terminal would obey is not shown to it.
        printed(&host, &["iptables", "-A", "web", "-m", "comment", "--comment", "\x1b[31mred"], "")?;
        assert!(!printed(&host, &["list"], "")?.contains('\x1b'));
        Ok(())
    });
}

#[test]
fn watching_tells_what_is_met() {
    test(|playground| {
        let host = playground.namespace()?;
        printed(&host, &["restore"], &RULES.replace(":INPUT DROP", ":INPUT ACCEPT"))?;
        let child = host
            .command(FW)
            .args(["list", "--watch", "-i", "0.5", "--count", "1"])
            .stdout(Stdio::piped())
            .spawn()?;
        // Packets as long as it looks.
        host.run(|| -> io::Result<()> {
            let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
            for _ in 0..200 {
                socket.send_to(&[0; 72], "127.0.0.1:9")?;
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Ok(())
        })?;
        let shown = text(&child.wait_with_output()?.stdout);
        let row = shown.lines().find(|line| line.contains("4 filter INPUT 1 "));
        let row = row.unwrap_or_else(|| panic!("{shown}"));
        let rate: f64 = row.split_whitespace().next().and_then(|rate| rate.parse().ok()).unwrap_or_default();
        assert!((20.0..=999.0).contains(&rate) && row.contains("ACCEPT  -i lo"), "{shown}");
        assert!(
            shown.contains("4 filter OUTPUT policy") && shown.contains("and no others of 6 rules"),
            "{shown}"
        );
        // On a terminal another screen, which goes again.
        let screen = on_terminal(&host, 80, "fw list --watch -i 0.2 --count 2")?;
        assert!(
            screen.starts_with("\x1b[?1049h") && screen.trim_end().ends_with("\x1b[?1049l"),
            "{screen:?}"
        );
        let ended = on_terminal(&host, 80, "timeout -s INT 1 fw list --watch || test $? = 124")?;
        assert!(ended.contains("\x1b[?25h\x1b[?1049l"), "{ended:?}");
        Ok(())
    });
}

#[test]
fn pictures_of_chains() {
    test(|playground| {
        let host = playground.namespace()?;
        // A node of kube-proxy in small: services and endpoints by their hashes.
        let mut file =
            RULES.to_owned() + "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-MARK - [0:0]\n";
        let services: Vec<String> =
            (0..300).map(|number| format!("KUBE-SVC-{:016X}", number * 0x9e37_79b9u64)).collect();
        services.iter().for_each(|service| file += &format!(":{service} - [0:0]\n"));
        file +=
            "[5000:300000] -A PREROUTING -j KUBE-SERVICES\n-A KUBE-MARK -j MARK --set-xmark 0x4000/0x4000\n";
        for (number, service) in services.iter().enumerate() {
            let address = format!("10.0.{}.{}", number / 250, number % 250);
            file +=
                &format!("[1:60] -A KUBE-SERVICES -d {address}/32 -j {service}\n-A {service} -j KUBE-MARK\n");
        }
        printed(&host, &["restore", "-c"], &(file + "COMMIT\n"))?;
        let shown = printed(&host, &["graph"], "")?;
        let nat = "nat PREROUTING  1 rule, policy ACCEPT\n\
                   \u{2514}\u{2500} 5.0k pkts \u{2192} KUBE-SERVICES  300 rules\n   \
                   \u{2514}\u{2500} 300 rules, 300 pkts \u{2192} KUBE-SVC-*  300 chains, 300 rules\n      \
                   \u{2514}\u{2500} 300 rules \u{2192} KUBE-MARK  1 rule, MARK\n";
        assert!(shown.contains(nat), "{shown}");
        // Hooks in the order of packets.
        assert!(shown.find("nat PREROUTING") < shown.find("filter INPUT"), "{shown}");
        assert!(shown.contains("\u{251c}\u{2500} bans  1 rule, REJECT\n"), "{shown}");
        assert!(printed(&host, &["graph", "--unfold"], "")?.lines().count() > 600);
        let around = printed(&host, &["graph", "web"], "")?;
        assert!(around.contains("web") && !around.contains("bans"), "{around}");

        let dot = printed(&host, &["graph", "--format", "dot"], "")?;
        assert!(
            dot.contains("label=\"KUBE-SVC-*\\n300 chains, 300 rules\"")
                && dot.matches("subgraph").count() == 2,
            "{dot}"
        );
        let svg = printed(&host, &["graph", "--format", "svg"], "")?;
        assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"), "{svg}");
        for (what, times) in [
            ("<g>", 7),
            ("class=\"chain drop\"", 1),
            ("class=\"jump", 5),
            ("KUBE-SVC-*</text>", 1),
            ("class=\"lane\"", 2),
        ] {
            assert_eq!(svg.matches(what).count(), times, "{what}\n{svg}");
        }
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
        Ok(())
    });
}

/// What takes long says how far it is, on a terminal only, and takes it back.
#[test]
fn progress_is_shown_and_taken_back() {
    test(|playground| {
        let host = playground.namespace()?;
        let path = std::env::temp_dir().join(format!("libfw-progress-{}", std::process::id()));
        let lines = if cfg!(debug_assertions) { 100_000 } else { 400_000 };
        let rules: String = (0..lines)
            // No two of one kind, which would be read in no time; and few that stay, for a user's transaction on nf_tables is small.
            .map(|number| match number % 10_000 {
                0 => "-F INPUT\n".to_owned(),
                _ => format!("-A INPUT -m mark --mark {number} -m limit --limit 5/min\n"),
            })
            .collect();
        std::fs::write(&path, format!("*filter\n{rules}COMMIT\n"))?;
        let name = path.display().to_string();
        // On a terminal, and piped. The same of what is compared; the exit status says that something is to be changed.
        let restore = format!("fw restore --test {name}");
        let check = format!("fw check {name} > /dev/null || test $? = 2");
        let shown = playground.together([Some(restore), Some(check), None], |command| match command {
            Some(command) => on_terminal(&host, 80, &command),
            None => printed(&host, &["restore", "--test", &name], ""),
        });
        std::fs::remove_file(&path)?;
        let [restored, checked, piped] = &shown?[..] else { unreachable!("three of them") };
        for shown in [restored, checked] {
            assert!(shown.contains("% of ") && shown.contains(" lines"), "{shown:?}");
            assert!(shown.ends_with("\r\x1b[K"), "{shown:?}");
        }
        assert_eq!(piped, "");
        Ok(())
    });
}

/// Two packets through a chain of the user's own: the rules that each has met, in their order.
fn follow_two(host: &Namespace, flag: &str, own: &str) -> io::Result<()> {
    let ipv6 = flag == "-6";
    let rules = "*raw\n-A OUTPUT -p udp -m udp --dport 9 -j TRACE\nCOMMIT\n*filter\n:INPUT ACCEPT\n:mine -\n\
                 -A INPUT -p tcp -j DROP\n-A INPUT -i lo -j mine\n-A mine -p udp -j RETURN\n-A mine -j DROP\nCOMMIT\n";
    printed(host, &[if ipv6 { "ip6tables-restore" } else { "iptables-restore" }], rules)?;
    let log = format!("/proc/sys/net/netfilter/nf_log/{}", if ipv6 { 10 } else { 2 });
    let logs = || std::fs::read_to_string(&log);
    let before = host.run(logs).ok();
    let mut child = host
        .command(FW)
        .args(["trace", flag, "--count", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Packets until it has seen enough: it may not listen yet to the first.
    host.run(|| -> io::Result<()> {
        let socket = std::net::UdpSocket::bind(format!("{own}:0"))?;
        for size in 0..200 {
            if child.try_wait()?.is_some() {
                break;
            }
            socket.send_to(&vec![0; size], format!("{own}:9"))?;
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Ok(())
    })?;
    child.kill()?;
    let output = child.wait_with_output()?;
    let shown = text(&output.stdout);
    assert!(text(&output.stderr).is_empty(), "{}", text(&output.stderr));
    // nf_tables may call a packet by another name when it has come back over the loopback interface.
    let met: Vec<&str> = shown.lines().filter(|line| line.starts_with("  ")).collect();
    let family = if ipv6 { "IPv6" } else { "IPv4" };
    assert!(
        shown.starts_with(&format!("packet 1: {family} udp {own}:")) && shown.contains("packet 2: "),
        "{shown}"
    );
    let goal = format!("\u{2192} {own}:9, ");
    assert!(shown.lines().next().is_some_and(|line| line.contains(&goal)), "{shown}");
    let places = [
        "filter INPUT rule 2  -i lo -j mine",
        "filter mine rule 1  -p udp -j RETURN",
        "filter INPUT policy  ACCEPT",
    ];
    let at: Vec<_> = places.iter().map(|place| met.iter().position(|line| line[5..] == **place)).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{shown}");
    assert!(!shown.contains("-p tcp"), "{shown}");
    // The log goes where it went before, for a program's own tracer too.
    assert_eq!(host.run(logs).ok(), before);
    host.run(|| Kernel::new().trace().map(drop)).map_err(io::Error::other)?;
    assert_eq!(host.run(logs).ok(), before);
    Ok(())
}

#[test]
fn traced_packets_are_followed() {
    test(|playground| {
        let host = playground.namespace()?;
        follow_two(&host, "-4", "127.0.0.1")?;
        follow_two(&host, "-6", "[::1]")
    });
}

#[test]
fn plans_in_json() {
    test(|playground| {
        let host = playground.namespace()?;
        printed(&host, &["restore"], RULES)?;
        let wanted = RULES.replace("-A INPUT -j bans\n", "").replace(":INPUT DROP", ":INPUT ACCEPT");
        let output = fw(&host, &["plan", "--json", "-"], &wanted)?;
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((&plan["format"], &plan["changes"]["rules_removed"]), (&"libfw.plan/1".into(), &1.into()));
        let input = &plan["tables"][0]["chains"][0];
        assert_eq!(input["policy"], serde_json::json!({"from": "DROP", "to": "ACCEPT"}));
        assert_eq!(
            (&input["rules"][0]["from"], &input["rules"][0]["rule"]["target"]["jump"]),
            (&3.into(), &"bans".into())
        );
        Ok(())
    });
}

/// Every command of the help is there, and has help of its own.
#[test]
fn help_is_for_every_command() {
    let run = |words: &[&str]| text(&Command::new(FW).args(words).output().expect("fw").stdout);
    let help = run(&["--help"]);
    let mut commands = 0;
    for line in help.lines().filter_map(|line| line.strip_prefix("  fw ")) {
        let name = line.split(' ').next().unwrap_or_default();
        if name.contains("tables") || name == "generate" {
            continue;
        }
        commands += 1;
        assert!(run(&[name, "-h"]).starts_with("usage: fw "), "{name}");
        assert!(run(&["generate", "man"]).contains(&format!(".SS fw {name}")), "{name}");
    }
    assert!(commands >= 10, "{help}");
}
