//! Tables over nf_tables, beside what iptables-nft makes and sees of them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::memory;
use super::super::message::nf_tables;
use super::super::replay::over;
use super::super::session::{Script, Wire};
use super::*;
use crate::kernel::Kernel;
use crate::sys::netlink::Received;
use crate::{ErrorKind, Family, Match, Rule, Table};

fn kernel() -> std::io::Result<Kernel> {
    let missing = |_| std::io::Error::new(std::io::ErrorKind::Unsupported, "iptables-nft is not installed");
    Command::new("iptables-nft").arg("-V").output().map_err(missing)?;
    session().map(|_| Kernel::nft())
}

fn other(error: crate::Error) -> std::io::Error {
    std::io::Error::other(error)
}

/// `iptables-nft -S` with counters.
fn listing() -> Vec<String> {
    output("iptables-nft", &["-S", "-v"]).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn iptables(args: &[&str]) {
    output("iptables-nft", args);
}

/// The rules of every chain, as text with counters.
fn shown(table: &Table) -> Vec<String> {
    let chains = table.chains().flat_map(|chain| {
        let name = chain.name().into_owned();
        let head = match chain.policy() {
            Some(policy) => {
                let counters = chain.policy_counters();
                format!("-P {name} {policy} -c {} {}", counters.packets, counters.bytes)
            }
            None => format!("-N {name}"),
        };
        let rules = chain.rules().map(|rule| {
            let text = rule.to_string();
            let counters = rule.counters();
            let counters = format!("-c {} {}", counters.packets, counters.bytes);
            let text = match text.rsplit_once("-j ").or_else(|| text.rsplit_once("-g ")) {
                Some((before, _)) => format!("{before}{counters} {}", &text[before.len()..]),
                None => format!("{text} {counters}"),
            };
            format!("-A {name} {}", text.trim())
        });
        let rules: Vec<_> = rules.collect();
        std::iter::once(head).chain(rules)
    });
    let mut lines: Vec<_> = chains.collect();
    // Chains come before rules in -S.
    lines.sort_by_key(|line| match &line[..2] {
        "-P" => 0,
        "-N" => 1,
        _ => 2,
    });
    lines
}

/// What libfw writes iptables-nft lists, and libfw reads the same again.
#[test]
fn written_and_read() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        assert!(table.is_empty());
        assert_eq!(table.chains().count(), 3);
        let edit = |table: &mut Table| {
            table.new_chain("web")?;
            table.chain_mut("web")?.append("-c 5 500 -p tcp --dport 443 -j ACCEPT")?;
            table.chain_mut("INPUT")?.append("-s 10.0.0.0/8 -m conntrack --ctstate NEW -j web")?;
            table.chain_mut("INPUT")?.append("-i lo -m comment --comment hello -j ACCEPT")?;
            table.chain_mut("FORWARD")?.set_policy(Policy::Drop, None)
        };
        edit(&mut table).map_err(other)?;
        table.commit().map_err(other)?;
        let expected = [
            "-P INPUT ACCEPT -c 0 0",
            "-P FORWARD DROP -c 0 0",
            "-P OUTPUT ACCEPT -c 0 0",
            "-N web",
            "-A INPUT -s 10.0.0.0/8 -m conntrack --ctstate NEW -c 0 0 -j web",
            "-A INPUT -i lo -m comment --comment hello -c 0 0 -j ACCEPT",
            "-A web -p tcp -m tcp --dport 443 -c 5 500 -j ACCEPT",
        ];
        assert_eq!(listing(), expected);
        assert_eq!(shown(&kernel.open(Family::Ipv4, "filter").map_err(other)?), expected);
        assert_eq!(shown(&table), expected);
        assert_eq!(kernel.open(Family::Ipv4, "nosuch").unwrap_err().kind(), ErrorKind::NoSuchTable);
        // The chain that nobody touched is not there.
        let chains = session()?.chains(IPV4, b"filter").unwrap();
        assert!(chains.iter().all(|chain| chain.name != b"OUTPUT"));
        Ok(())
    });
}

/// Edits one by one and together, each seen by iptables-nft as it should be.
#[test]
fn edits_change_only_what_they_say() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let handles = || {
            let mut session = session().unwrap();
            rules(&mut session).into_iter().map(|(_, handle)| handle).collect::<Vec<_>>()
        };
        let update = |edit: &dyn Fn(&mut Table) -> crate::Result<()>| {
            kernel.update(Family::Ipv4, "filter", |table| edit(table)).unwrap();
            let listed = listing();
            assert_eq!(shown(&kernel.open(Family::Ipv4, "filter").unwrap()), listed);
            listed.into_iter().filter(|line| line.starts_with("-A")).collect::<Vec<_>>()
        };
        update(&|table| {
            for port in 1..=5 {
                table
                    .chain_mut("INPUT")?
                    .append(&*format!("-c {port} {port}0 -p udp --dport {port} -j DROP"))?;
            }
            Ok(())
        });
        let before = handles();
        let port = |lines: &[String]| {
            let port =
                |line: &String| line.split("--dport ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
            lines.iter().map(port).collect::<Vec<_>>().concat()
        };
        // One in the middle, one at the beginning.
        let lines = update(&|table| {
            table.chain_mut("INPUT")?.insert(2, "-p udp --dport 8 -j DROP")?;
            table.chain_mut("INPUT")?.insert(0, "-p udp --dport 9 -j DROP")
        });
        assert_eq!(port(&lines), "9128345");
        let after = handles();
        assert!(before.iter().all(|handle| after.contains(handle)));
        // One goes, another is replaced and keeps its handle.
        let lines = update(&|table| {
            table.chain_mut("INPUT")?.remove(0)?;
            table.chain_mut("INPUT")?.replace(2, "-c 7 7 -p udp --dport 7 -j DROP")
        });
        assert_eq!(port(&lines), "127345");
        assert_eq!(handles()[2], after[3]);
        assert!(lines[2].contains("-c 7 7") && lines[5].contains("-c 5 50"));
        // Counters are set and cleared.
        let lines = update(&|table| {
            table.chain_mut("INPUT")?.set_counters(0, Counters::new(4, 44))?;
            table.chain_mut("INPUT")?.zero_rule(5)
        });
        assert!(lines[0].contains("-c 4 44") && lines[5].contains("-c 0 0") && lines[4].contains("-c 4 40"));
        let lines = update(&|table| {
            table.zero();
            Ok(())
        });
        assert!(lines.iter().all(|line| line.contains("-c 0 0")), "{lines:?}");
        // Everything, and a chain.
        update(&|table| {
            table.new_chain("a")?;
            table.new_chain("b")?;
            table.chain_mut("a")?.append("-g b")?;
            table.chain_mut("INPUT")?.append("-j a")
        });
        update(&|table| table.rename_chain("a", "c"));
        assert!(listing().contains(&"-A INPUT -c 0 0 -j c".to_owned()), "{:?}", listing());
        update(&|table| {
            table.flush();
            table.delete_user_chains()
        });
        assert_eq!(listing().len(), 3);
        Ok(())
    });
}

/// A table that stays open is committed again and again.
#[test]
fn commits_one_after_the_other() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        for round in 0..4 {
            table.chain_mut("INPUT").unwrap().append(&*format!("-p udp --dport {round} -j DROP")).unwrap();
            table.commit().map_err(other)?;
        }
        table.chain_mut("INPUT").unwrap().remove(1).unwrap();
        table.chain_mut("INPUT").unwrap().insert(1, "-p udp --dport 77 -j DROP").unwrap();
        table.commit().map_err(other)?;
        table.new_chain("late").unwrap();
        table.commit().map_err(other)?;
        table.rename_chain("late", "later").unwrap();
        table.commit().map_err(other)?;
        assert_eq!(shown(&table), listing());
        assert!(listing()[5].contains("--dport 77"), "{:?}", listing());
        Ok(())
    });
}

/// What another program does meanwhile is noticed where it matters.
#[test]
fn conflicts() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let append = |table: &mut Table| table.chain_mut("INPUT").unwrap().append("-j ACCEPT").unwrap();
        iptables(&["-A", "INPUT", "-s", "1.2.3.4", "-j", "DROP"]);
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        append(&mut table);
        // Another table is no reason.
        iptables(&["-t", "nat", "-A", "OUTPUT", "-j", "ACCEPT"]);
        table.commit().map_err(other)?;
        append(&mut table);
        iptables(&["-A", "FORWARD", "-j", "ACCEPT"]);
        assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
        // The same number of rules, another one.
        table.refresh().map_err(other)?;
        append(&mut table);
        iptables(&["-R", "INPUT", "1", "-s", "1.2.3.5", "-j", "DROP"]);
        assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
        table.refresh().map_err(other)?;
        append(&mut table);
        iptables(&["-P", "OUTPUT", "DROP"]);
        assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
        // An update starts over.
        let mut attempts = 0;
        kernel
            .update(Family::Ipv4, "filter", |table| {
                attempts += 1;
                if attempts == 1 {
                    iptables(&["-A", "OUTPUT", "-j", "ACCEPT"]);
                }
                table.chain_mut("OUTPUT")?.append("-j DROP")
            })
            .map_err(other)?;
        assert_eq!(attempts, 2);
        let table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        assert_eq!(table.chain("OUTPUT").unwrap().len(), 2);
        assert_eq!(shown(&table), listing());
        Ok(())
    });
}

/// The error says which rule, and which part of it.
#[test]
fn refusals_have_a_place() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        let mut input = table.chain_mut("INPUT").unwrap();
        input.append("-j ACCEPT").unwrap();
        input
            .append("-m comment --comment x -m helper --helper ftp -m cgroup --path no/such -j DROP")
            .unwrap();
        let error = table.commit().unwrap_err();
        assert_eq!(
            (error.chain(), error.rule(), error.extension()),
            (Some("INPUT"), Some(1), Some("cgroup"))
        );
        let (status, words) = crate::iptables::words(&error);
        assert_eq!(status, 4);
        assert!(
            words.starts_with("RULE_APPEND failed (") && words.ends_with("): rule in chain INPUT"),
            "{words}"
        );
        assert_eq!(listing().len(), 3);
        // One that nobody knows has a name all the same.
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        let odd = Match::opaque("no.such", 0, &[0; 8]).expect("a match");
        let rule = Rule::builder().matching(odd).build(Family::Ipv4).expect("a rule");
        table.chain_mut("INPUT").unwrap().append(&rule).unwrap();
        let error = table.commit().unwrap_err();
        assert_eq!((error.rule(), error.extension()), (Some(0), Some("no.such")), "{error}");
        Ok(())
    });
}

/// Rules of nft that are none of xtables keep their place.
#[test]
fn rules_that_are_foreign() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        iptables(&["-A", "INPUT", "-s", "1.1.1.1", "-j", "DROP"]);
        iptables(&["-A", "INPUT", "-s", "2.2.2.2", "-j", "DROP"]);
        let rule = ["insert", "rule", "ip", "filter", "INPUT", "tcp", "dport", "{ 22, 80 }", "accept"];
        if output("nft", &rule).is_none() {
            return Ok(());
        }
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        assert_eq!(table.chain("INPUT").unwrap().len(), 3);
        let mut input = table.chain_mut("INPUT").unwrap();
        input.insert(1, "-s 3.3.3.3 -j DROP").unwrap();
        input.remove(2).unwrap();
        table.commit().map_err(other)?;
        let text = output("nft", &["list", "chain", "ip", "filter", "INPUT"]).unwrap();
        let rules: Vec<_> =
            text.lines().filter(|line| line.contains("drop") || line.contains("dport")).collect();
        assert_eq!(rules.len(), 3, "{text}");
        assert!(rules[0].contains("tcp dport { 22, 80 }") && rules[1].contains("3.3.3.3"), "{text}");
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        table.chain_mut("INPUT").unwrap().remove(0).unwrap();
        table.commit().map_err(other)?;
        assert_eq!(listing()[3..].len(), 2);
        Ok(())
    });
}

/// The kernel hides what stands behind a rule of more than 32 KiB: nobody is told that there is nothing.
#[test]
fn rules_that_hide_others() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let rule = |matches: usize| "-m u32 --u32 0=1 ".repeat(matches) + "-j ACCEPT";
        let mut table = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        table.chain_mut("INPUT").unwrap().append(&*rule(15)).unwrap();
        table.commit().map_err(other)?;
        table.chain_mut("INPUT").unwrap().append(&*rule(16)).unwrap();
        let error = table.commit().unwrap_err();
        assert_eq!(
            (error.kind(), error.chain(), error.rule()),
            (ErrorKind::TooLarge, Some("INPUT"), Some(1))
        );
        let words = "-m u32 --u32 0=1 ".repeat(16);
        let words: Vec<_> = ["-A", "INPUT"].into_iter().chain(words.split_whitespace()).collect();
        iptables(&words);
        iptables(&["-A", "INPUT", "-j", "ACCEPT"]);
        if listing().len() == 4 {
            let error = kernel.open(Family::Ipv4, "filter").unwrap_err();
            assert_eq!((error.kind(), error.chain()), (ErrorKind::TooLarge, Some("INPUT")), "{error}");
        }
        Ok(())
    });
}

/// A rule that moves is made anew: the next commit finds it, and is no conflict.
#[test]
fn rules_that_have_moved_are_edited_again() -> crate::Result<()> {
    let kernel = over(Wire::Memory(memory::Wire::new(Arc::default())));
    kernel.update(Family::Ipv4, "filter", |table| {
        table.chain_mut("INPUT")?.extend(["-s 10.0.0.1", "-s 10.0.0.2", "-s 10.0.0.3", "-s 10.0.0.4"])
    })?;
    let mut table = kernel.open(Family::Ipv4, "filter")?;
    let mut commit = |edit: &dyn Fn(&mut crate::ChainMut<'_>) -> crate::Result<()>| {
        edit(&mut table.chain_mut("INPUT")?)?;
        table.commit()?;
        let sources = |table: &Table| -> Vec<String> {
            table.chain("INPUT").expect("a chain").rules().map(|rule| rule.source().to_string()).collect()
        };
        let now = sources(&table);
        assert_eq!(now, sources(&kernel.open(Family::Ipv4, "filter")?));
        Ok::<_, crate::Error>(now.iter().map(|source| source.as_bytes()[7] - b'0').collect::<Vec<_>>())
    };
    assert_eq!(commit(&|input| input.move_rule(3, 0))?, [4, 1, 2, 3]);
    assert_eq!(commit(&|input| input.move_rule(0, 2))?, [1, 2, 4, 3]);
    assert_eq!(commit(&|input| input.swap(0, 3))?, [3, 2, 4, 1]);
    assert_eq!(commit(&|input| input.remove(0).map(drop))?, [2, 4, 1]);
    assert_eq!(commit(&|input| input.replace(2, "-s 10.0.0.5"))?, [2, 4, 5]);
    Ok(())
}

/// Nf_tables in memory as before Linux 6.2: it does not know the message that reads rules and sets their counters to zero.
#[derive(Debug)]
struct Before {
    wire: Wire,
    refusals: VecDeque<Vec<u8>>,
}

impl Script for Before {
    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        const RESET: u16 = nf_tables(NFT_MSG_GETRULE_RESET);
        let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
        if kind != RESET {
            return self.wire.send(bytes);
        }
        let mut questions = bytes;
        while let [a, b, c, d, ..] = *questions {
            let [sequence, error] = [&questions[8..12], &(-libc::EINVAL).to_ne_bytes()];
            let kind = NLMSG_ERROR.to_ne_bytes();
            let head: [&[u8]; 7] =
                [&36u32.to_ne_bytes(), &kind, &[0; 2], sequence, &[0; 4], error, &questions[..16]];
            self.refusals.push_back(head.concat());
            questions = &questions[(u32::from_ne_bytes([a, b, c, d]) as usize).next_multiple_of(4)..];
        }
        Ok(())
    }

    fn receive(&mut self, room: &mut [u8], wait: bool) -> std::io::Result<Received> {
        let Some(refusal) = self.refusals.pop_front() else { return self.wire.receive(room, wait) };
        room[..refusal.len()].copy_from_slice(&refusal);
        Ok(Received::Datagram(refusal.len()))
    }
}

#[test]
fn zeroing_before_linux_6_2() -> crate::Result<()> {
    let wire = Wire::Memory(memory::Wire::new(Arc::default()));
    let kernel = over(Wire::Scripted(Box::new(Before { wire, refusals: VecDeque::new() })));
    let mut table = kernel.open(Family::Ipv4, "filter")?;
    table.new_chain("web")?.append("-c 4 40 -j DROP")?;
    table.chain_mut("INPUT")?.extend(["-c 1 10 -j web", "-c 2 20 -j LOG", "-c 3 30 -j ACCEPT"])?;
    table.commit()?;
    let packets = |table: &Table| -> Vec<u64> {
        let rules = table.chains().flat_map(|chain| chain.rules().collect::<Vec<_>>());
        rules.map(|rule| rule.counters().packets).collect()
    };
    let commit = |table: &mut Table| -> crate::Result<Vec<u64>> {
        assert!(table.commit()?.counters_lost.is_none());
        let now = packets(table);
        assert_eq!(now, packets(&kernel.open(Family::Ipv4, "filter")?));
        Ok(now)
    };
    let mut input = table.chain_mut("INPUT")?;
    input.zero_rule(1)?;
    assert_eq!(commit(&mut table)?, [1, 0, 3, 4]);
    // Beside other edits, and again, by what is known of the rule since.
    let mut input = table.chain_mut("INPUT")?;
    input.zero();
    input.move_rule(2, 0)?;
    input.insert(1, "-c 5 50 -j RETURN")?;
    assert_eq!(commit(&mut table)?, [0, 5, 0, 0, 4]);
    table.zero();
    table.rename_chain("web", "other")?;
    assert_eq!(commit(&mut table)?, [0, 0, 0, 0, 0]);
    table.chain_mut("INPUT")?.remove(2)?;
    assert_eq!(commit(&mut table)?, [0; 4]);
    let refused = kernel.take_counters(Family::Ipv4, "filter").unwrap_err();
    assert!(refused.to_string().contains("Linux 6.2"), "{refused}");
    Ok(())
}

fn run(kernel: &Kernel, line: &str) -> crate::Result<String> {
    let mut out = Vec::new();
    crate::iptables::run(kernel, Family::Ipv4, line.split(' '), &mut out, &mut |_| {})?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// A command reads no more than it needs, and does what it says all the same.
#[test]
fn commands_read_what_they_need() {
    libfw_playground::test(|_| {
        let kernel = kernel()?;
        let twin = |line: &str| {
            run(&kernel, line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let ours = listing();
            let shown = run(&kernel, "-S -v").unwrap();
            assert_eq!(shown.lines().collect::<Vec<_>>(), ours, "{line}");
            ours
        };
        for line in [
            "-A INPUT -s 1.1.1.1 -j ACCEPT",
            "-N web",
            "-N other",
            "-A web -p tcp --dport 80 -j other",
            "-A INPUT -g web",
            "-I INPUT -s 2.2.2.2,3.3.3.3 -j DROP",
            "-I INPUT 2 -s 4.4.4.4",
            "-R INPUT 1 -s 5.5.5.5 -j web",
            "-D INPUT -s 1.1.1.1 -j ACCEPT",
            "-D INPUT 2",
            "-P FORWARD DROP -c 3 4",
            "-E other another",
            "-A another -j RETURN",
            "-Z web",
            "-F another",
            "-C INPUT -g web",
        ] {
            twin(line);
        }
        let all = twin("-A FORWARD -j LOG");
        let expected = [
            "-P INPUT ACCEPT -c 0 0",
            "-P FORWARD DROP -c 3 4",
            "-P OUTPUT ACCEPT -c 0 0",
            "-N another",
            "-N web",
            "-A INPUT -s 5.5.5.5/32 -c 0 0 -j web",
            "-A INPUT -s 2.2.2.2/32 -c 0 0 -j DROP",
            "-A INPUT -c 0 0 -g web",
            "-A FORWARD -c 0 0 -j LOG",
            "-A web -p tcp -m tcp --dport 80 -c 0 0 -j another",
        ];
        assert_eq!(all, expected);
        assert_eq!(run(&kernel, "-S web").unwrap(), "-N web\n-A web -p tcp -m tcp --dport 80 -j another\n");
        for (line, kind) in [
            ("-N web", ErrorKind::ChainExists),
            ("-X web", ErrorKind::ChainInUse),
            ("-A nowhere -j ACCEPT", ErrorKind::NoSuchChain),
            ("-D INPUT 9", ErrorKind::IndexTooBig),
            ("-F nowhere", ErrorKind::NoSuchChain),
            ("-E web another", ErrorKind::ChainExists),
            ("-C INPUT -s 9.9.9.9", ErrorKind::NoSuchRule),
        ] {
            assert_eq!(run(&kernel, line).unwrap_err().kind(), kind, "{line}");
        }
        assert!(run(&kernel, "-A INPUT -j nowhere").is_err());
        assert!(run(&kernel, "-A INPUT -j FORWARD").is_err());
        assert_eq!(listing(), expected);
        for line in ["-D INPUT 1", "-F INPUT", "-F web", "-X web", "-X another"] {
            twin(line);
        }
        Ok(())
    });
}

/// Writers of every kind at once: nobody's rule is lost, and each reader sees a table that somebody has made.
#[test]
fn writers_at_once() {
    libfw_playground::test(|_| {
        const EACH: usize = 15;
        kernel()?;
        let ours = |kernel: &Kernel, who: usize, round: usize| match who {
            0 => run(kernel, &format!("-A INPUT -s 10.0.{who}.{round} -j ACCEPT")).map(drop),
            1 => run(kernel, &format!("-I INPUT -s 10.0.{who}.{round} -j ACCEPT")).map(drop),
            2 => run(kernel, &format!("-I INPUT 2 -s 10.0.{who}.{round} -j ACCEPT")).map(drop),
            _ => kernel
                .update(Family::Ipv4, "filter", |table| {
                    table.chain_mut("INPUT")?.append(&*format!("-s 10.0.{who}.{round} -j ACCEPT"))
                })
                .map(drop),
        };
        let theirs = |round: usize| {
            let source = format!("10.0.9.{round}");
            output("iptables-nft", &["-A", "INPUT", "-s", &source, "-j", "ACCEPT"]).is_some()
        };
        run(&Kernel::nft(), "-A INPUT -j DROP").map_err(other)?;
        std::thread::scope(|scope| {
            for who in 0..4 {
                scope.spawn(move || {
                    let kernel = Kernel::nft();
                    for round in 0..EACH {
                        ours(&kernel, who, round).unwrap();
                    }
                });
            }
            let others = scope.spawn(move || (0..EACH).filter(|round| theirs(*round)).count());
            let mut seen = 0;
            while seen < 1 + 4 * EACH + if others.is_finished() { EACH } else { 0 } {
                let table = Kernel::nft().open(Family::Ipv4, "filter").unwrap();
                let now = table.chain("INPUT").unwrap().len();
                assert!(now >= seen, "{now} after {seen}");
                if others.is_finished() && now == seen && now > 4 * EACH {
                    break;
                }
                seen = now;
            }
        });
        let table = Kernel::nft().open(Family::Ipv4, "filter").map_err(other)?;
        let mut sources: Vec<_> =
            table.chain("INPUT").unwrap().rules().map(|rule| rule.to_string()).collect();
        let count = sources.len();
        sources.sort();
        sources.dedup();
        assert_eq!(sources.len(), count);
        assert!(count == 1 + 5 * EACH || count == 1 + 4 * EACH, "{count} rules");
        Ok(())
    });
}
