//! Which rule it was that the kernel refused, where only the kernel can know: whatever the order of the lines, and whatever the
//! process may do.

#[path = "common/random.rs"]
mod random;

use std::io;
use std::process::Stdio;

use libfw::iptables::{RestoreOptions, restore};
use libfw::{Compare, Doubt, Error, Family, Kernel, MemoryKernel, Result};
use libfw_playground::{Namespace, test, test_on};
use random::Random;

type Make = fn() -> Kernel;

fn refuse(kernel: &Kernel, file: &str, noflush: bool) -> Result<()> {
    let options = RestoreOptions::new().noflush(noflush);
    restore(kernel, Family::Ipv4, file.as_bytes(), &options).map(drop)
}

/// The line, the column, and the rule in its chain.
type Address = (usize, usize, String, usize);

fn address(error: &Error) -> Address {
    let chain = error.chain().unwrap_or_default().to_owned();
    (error.line().unwrap_or(0), error.column().unwrap_or(0), chain, error.rule().unwrap_or(usize::MAX))
}

/// The chains of the table, in an order that is not the kernel's.
const CHAINS: [&str; 5] = ["web", "OUTPUT", "apple", "PREROUTING", "mail"];
/// What each has before, where it is not flushed.
const BEFORE: usize = 3;

/// A file with rules of many sizes in no order, of which one or two are refused, and the addresses of these.
fn file(random: &mut Random, noflush: bool) -> (String, Vec<Address>) {
    let mut lines = vec!["*raw".to_owned()];
    if !noflush {
        lines.extend(["web", "apple", "mail"].map(|chain| format!(":{chain} - [0:0]")));
    }
    // By chain, in their order: the lines of the rules.
    let mut rules = vec![vec![0; if noflush { BEFORE } else { 0 }]; CHAINS.len()];
    let count = 3 + random.below(20);
    let mut bad = vec![random.below(count)];
    if random.once_in(3) {
        bad.push(random.below(count));
    }
    for number in 0..count {
        let chain = *random.pick(&[0, 1, 2, 3, 4]);
        let text = match random.below(4) {
            _ if bad.contains(&number) => "-p tcp -j CT --helper nonesuch".to_owned(),
            0 => format!("-s 10.0.0.{number}/32"),
            1 => format!("-p tcp -m tcp --dport {number} -m comment --comment c{number} -j ACCEPT"),
            2 => "-m comment --comment \"two words\" -j RETURN".to_owned(),
            _ => "-d 192.0.2.7/32".to_owned(),
        };
        let name = CHAINS[chain];
        lines.push(match random.below(4) {
            0 => {
                rules[chain].insert(0, lines.len() + 1);
                format!("-I {name} {text}")
            }
            _ => {
                rules[chain].push(lines.len() + 1);
                format!("-A {name} {text}")
            }
        });
    }
    lines.push("COMMIT\n".into());
    let mut refused = Vec::new();
    for (name, rules) in CHAINS.iter().zip(rules) {
        for (rule, line) in rules.into_iter().enumerate() {
            let column = lines.get(line.wrapping_sub(1)).and_then(|text| text.find("nonesuch"));
            refused.extend(column.map(|column| (line, column + 1, (*name).to_owned(), rule)));
        }
    }
    refused.sort();
    (lines.join("\n"), refused)
}

#[test]
fn a_refused_line_is_the_right_one() {
    test(|play| {
        let rounds = 40;
        let kernels: [(&str, Make); 4] = [
            ("legacy", Kernel::legacy),
            ("nft", Kernel::nft),
            ("memory", || MemoryKernel::new().kernel()),
            ("memory-nft", || MemoryKernel::new().nft()),
        ];
        for (name, kernel) in kernels {
            play.namespace()?.run(|| -> io::Result<()> {
                let kernel = kernel();
                match kernel.open(Family::Ipv4, "raw") {
                    Err(error) if error.kind() == libfw::ErrorKind::BackendAbsent => {
                        return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
                    }
                    opened => opened.map_err(io::Error::other)?,
                };
                let rule = |number: usize| format!("-A web -p udp\n-A apple -i eth{number}\n-A mail\n");
                let builtin = "-A OUTPUT -p icmp\n-A PREROUTING -j web\n";
                let before: String = (0..BEFORE).map(|number| rule(number) + builtin).collect();
                let before = format!("*raw\n:web -\n:apple -\n:mail -\n{before}COMMIT\n");
                refuse(&kernel, &before, false).map_err(io::Error::other)?;
                let mut random = Random::new(7);
                for round in 0..rounds {
                    let (noflush, compare) =
                        (round % 2 == 1, if round % 4 < 2 { Compare::Always } else { Compare::Never });
                    let (file, refused) = file(&mut random, noflush);
                    let kernel = kernel.clone().with_compare(compare);
                    let error = refuse(&kernel, &file, noflush).expect_err(&file);
                    let said: Vec<_> = std::iter::once(&error).chain(error.others()).map(address).collect();
                    assert_eq!(said, refused, "{name}, noflush {noflush}, {compare:?}\n{file}{error}");
                    for error in std::iter::once(&error).chain(error.others()) {
                        assert_eq!(error.rule_text(), file.lines().nth(error.line().unwrap_or(1) - 1));
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    });
}

/// What the command says of a file, started in a way of its own.
fn explained(place: &Namespace, start: &str, file: &str) -> io::Result<String> {
    let fw = env!("CARGO_BIN_EXE_fw");
    let line = format!("{start} {fw} iptables-legacy-restore --explain");
    let mut child =
        place.command("sh").args(["-c", &line]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    io::Write::write_all(&mut child.stdin.take().expect("a pipe"), file.as_bytes())?;
    let output = child.wait_with_output()?;
    assert!(!output.status.success(), "{file}");
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Without the right to make a network namespace.
const NO_ADMIN: &str = "setpriv --bounding-set -sys_admin";
/// Without a way to make a user namespace either: the kernel has none for who is in a changed root.
const NO_USER: &str = "mkdir -p /run/root && mount --rbind / /run/root && exec chroot /run/root setpriv --bounding-set -sys_admin";

#[test]
fn rules_are_tried_without_the_right_to_make_namespaces() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        if place.command("setpriv").args(["--bounding-set", "-sys_admin", "true"]).output().is_err() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "setpriv is not installed"));
        }
        let helper = "*raw\n-A OUTPUT -m owner --uid-owner 0 -j ACCEPT\n-A OUTPUT -p udp\n\
                      -A OUTPUT -p tcp -j CT --helper nonesuch\n-A OUTPUT\nCOMMIT\n";
        // A name that rules of nf_tables have too is known to the kernel alone.
        let taken = "-j RATEEST --rateest-name a --rateest-interval 500ms --rateest-ewmalog 1s";
        place.run(|| {
            let appended =
                Kernel::nft().update(Family::Ipv4, "mangle", |table| table.chain_mut("INPUT")?.append(taken));
            appended.map_err(|error| io::Error::new(io::ErrorKind::Unsupported, error.to_string()))
        })?;
        let rates = "*filter\n-A OUTPUT -m owner --uid-owner 0\n-A INPUT -p udp\n\
                     -A INPUT -j RATEEST --rateest-name a --rateest-interval 250ms --rateest-ewmalog 1s\nCOMMIT\n";
        for start in ["", NO_ADMIN, NO_USER] {
            let said = explained(&place, start, helper)?;
            assert!(
                said.contains("line 4:33, IPv4 table raw, chain OUTPUT, rule 3: CT: --helper:"),
                "{start}: {said}"
            );
        }
        for start in ["", NO_ADMIN] {
            let said = explained(&place, start, rates)?;
            assert!(
                said.contains("line 4:36, IPv4 table filter, chain INPUT, rule 2: RATEEST:"),
                "{start}: {said}"
            );
        }
        let said = explained(&place, NO_USER, rates)?;
        assert!(said.contains("line 5") && said.contains("which rule it is was not found out"), "{said}");
        assert!(said.contains("Operation not permitted"), "{said}");
        // A rule that came alone is the one.
        let alone = "*filter\n-A INPUT -j RATEEST --rateest-name b --rateest-interval 250ms --rateest-ewmalog 1s\nCOMMIT\n";
        let alone =
            format!("{alone}*mangle\n{}", alone.trim_start_matches("*filter\n").replace("250ms", "500ms"));
        let said = explained(&place, NO_USER, &alone)?;
        assert!(said.contains("line 5:36, IPv4 table mangle, chain INPUT, rule 1: RATEEST:"), "{said}");
        Ok(())
    });
}

/// Rules about objects of the namespace cannot be tried: if there are several, all are told, those first that name what is missing.
/// A match or target that libfw does not know has a name too.
#[test]
fn what_nobody_knows_is_named() {
    test(|play| {
        let kernel = Kernel::new();
        let refused = |line: &str| {
            kernel.update(Family::Ipv4, "filter", |table| {
                table.chain_mut("INPUT")?.append("-p udp")?;
                table.chain_mut("INPUT")?.append(line)
            })
        };
        play.namespace()?.run(|| {
            for (line, name) in
                [("-m no.such --opaque 0:00000000", "no.such"), ("-j NONE --opaque 3:01000000", "NONE")]
            {
                let error = refused(line).unwrap_err();
                assert_eq!((error.rule(), error.extension()), (Some(1), Some(name)), "{error}");
                assert!(error.to_string().contains(&format!("{name}: ")), "{error}");
            }
        });
        Ok(())
    });
}

#[test]
fn all_rules_that_may_be_meant_are_told() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        place.create_counter("there", None)?;
        let said = |file: &str| place.run(|| refuse(&Kernel::legacy(), file, false).expect_err(file));
        let one = said("*filter\n-A INPUT -p udp\n-A INPUT -m nfacct --nfacct-name one\nCOMMIT\n");
        assert_eq!((address(&one), one.others().len()), ((3, 34, "INPUT".into(), 1), 0), "{one}");
        assert!(!one.to_string().contains("may be"), "{one}");
        let file = "*filter\n-A INPUT -p udp\n-A OUTPUT -m nfacct --nfacct-name there\n\
                    -A INPUT -m nfacct --nfacct-name two\nCOMMIT\n";
        let two = said(file);
        assert_eq!(address(&two), (3, 35, "OUTPUT".into(), 0), "{two}");
        assert_eq!(
            two.others().iter().map(address).collect::<Vec<_>>(),
            [(4, 34, "INPUT".into(), 1)],
            "{two}"
        );
        assert_eq!(two.to_string().matches("it may be this rule").count(), 2, "{two}");
        assert_eq!(
            [two.doubt(), two.others()[0].doubt(), one.doubt()],
            [Some(Doubt::Suspect), Some(Doubt::Suspect), None]
        );
        assert!(two.to_json().contains(r#""doubt": "suspect""#), "{}", two.to_json());
        // What can be tried is found, whatever there is beside it.
        let file = file
            .replace("-p udp", "-j RATEEST --rateest-name a --rateest-interval 250ms --rateest-ewmalog 1s");
        let both = file.replace("COMMIT", "-A INPUT -m string --algo none --string x\nCOMMIT");
        let both = said(&both);
        assert_eq!((both.line(), both.others().len()), (Some(5), 0), "{both}");
        Ok(())
    });
}
