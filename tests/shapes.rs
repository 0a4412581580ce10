//! Lines of a save file whose shape is known from the line before are read in a short way: it must not show in anything.

mod common;
#[path = "common/saved.rs"]
mod saved;

use common::generate::{Lines, extensions};
use common::random::Random;
use libfw::backend::SetInfo;
use libfw::iptables::{ListStyle, RestoreOptions, list_chain, restore_to, run, save};
use libfw::{Family, Kernel, MemoryKernel, Table};
use libfw_playground::{cases, seed, without_network};

/// Lines as programs write them, with values of every kind that is read in the short way.
const USUAL: &[&str] = &[
    "-A web -s 10.0.0.1/32 -p tcp -m tcp --dport 80 -j DROP",
    "-A web ! -s 10.0.0.0/8 -d 192.168.1.1/32 -p udp -m udp --sport 53 ! --dport 1024 -g web2",
    "-A web -i eth0 -o br-1a2b3c -m comment --comment \"ns/service:http cluster IP\" -j web2",
    "-A web -i eth+ ! -o lo -m comment --comment plain -j RETURN",
    "[5:600] -A web -p tcp -m tcp --dport 443 -m comment --comment \"x\" -j web2",
    "-A web -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.0.7:8080",
    "-A web -p tcp -j DNAT --to-destination 10.244.0.7 --random",
    "-A web -p tcp -m comment --comment \"a\" -m tcp --sport 5 -m tcp --sport 6",
    "-A web -p tcp -m tcp --dport 22 -m tcp --dport 23 -j LOG --log-prefix \"x \"",
];

/// What bytes are put into lines.
const BYTES: &[u8] = b"0123456789abcxyz./:-+!\"\\' \t,_@#[]\n\0\x7f\xc3\xff";

/// A line that is like another: other digits, and now and then a byte of any kind.
fn variation(random: &mut Random, line: &[u8]) -> Vec<u8> {
    let mut line = line.to_vec();
    for _ in 0..1 + random.below(3) {
        let digits: Vec<usize> = (0..line.len()).filter(|at| line[*at].is_ascii_digit()).collect();
        if !digits.is_empty() && !random.once_in(8) {
            line[*random.pick(&digits)] = b'0' + random.below(10) as u8;
            continue;
        }
        let at = random.below(line.len());
        match random.below(3) {
            0 => drop(line.remove(at)),
            1 => line.insert(at, *random.pick(BYTES)),
            _ => line[at] = *random.pick(BYTES),
        }
    }
    line
}

/// A kernel with the chains and ipsets that the lines name.
fn kernel(family: Family, table: &str) -> Kernel {
    let of_set = if family == Family::Ipv4 { 2 } else { 10 };
    let memory =
        ["web", "name", "x"].into_iter().enumerate().fold(MemoryKernel::new(), |memory, (index, name)| {
            memory.with_set(name, SetInfo { index: index as u16, family: of_set }).unwrap()
        });
    let kernel = memory.kernel();
    let mut tables = kernel.open_locked(family, table).unwrap();
    for chain in ["web", "web2", "10"] {
        tables.new_chain(chain).unwrap();
    }
    tables.commit().unwrap();
    drop(tables);
    kernel
}

/// Restores lines into a table, each behind another line; what is said, and what the table is then.
fn restored(family: Family, table: &str, lines: &[Vec<u8>], between: &str) -> Result<String, String> {
    let kernel = kernel(family, table);
    let mut file = format!("*{table}\n").into_bytes();
    for line in lines {
        file.extend_from_slice(between.as_bytes());
        file.extend_from_slice(line);
        file.push(b'\n');
    }
    file.extend_from_slice(b"COMMIT\n");
    let options = RestoreOptions::new().noflush(true).counters(true);
    let (mut out, mut said) = (Vec::new(), Vec::new());
    let done = restore_to(&kernel, family, &file[..], &options, &mut out, &mut |warning| {
        said.push(warning.to_owned());
    });
    let said = said.join("\n");
    done.map_err(|error| format!("{error:?} {said}"))?;
    let table = kernel.open(family, table).unwrap();
    save(&table, true, &mut out).unwrap();
    saved::is_printed_rule_by_rule(&table);
    is_listed_rule_by_rule(&kernel, &table);
    Ok(format!("{}{said}", String::from_utf8_lossy(&out)))
}

/// Fails unless the rules of a table are listed together as each is by itself, where nothing is known from the rule before.
fn is_listed_rule_by_rule(kernel: &Kernel, table: &Table) {
    let (mut together, mut apart) = (Vec::new(), Vec::new());
    let words = ["-t", table.name(), "-L", "-n", "-v", "-x"];
    run(kernel, table.family(), words, &mut together, &mut |_| {}).unwrap();
    let style = ListStyle::new().numeric(true).verbose(true).exact(true);
    for (index, chain) in table.chains().enumerate() {
        let mut text = Vec::new();
        list_chain(chain, None, style, &mut text).unwrap();
        // Two lines head it.
        let heading = text.split_inclusive(|byte| *byte == b'\n').take(2).map(<[u8]>::len).sum();
        apart.extend_from_slice(if index > 0 { b"\n" } else { b"" });
        apart.extend_from_slice(&text[..heading]);
        for number in 1..=chain.len() {
            list_chain(chain, Some(number), style, &mut apart).unwrap();
        }
    }
    assert!(together == apart, "{}\n{}", String::from_utf8_lossy(&together), String::from_utf8_lossy(&apart));
}

/// Restores lines with the short way and without it, because a chain is declared before each; says whether they are right.
fn compare(family: Family, table: &str, lines: &[Vec<u8>]) -> bool {
    let short = restored(family, table, lines, "#\n");
    let shown: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
    assert_eq!(
        short,
        restored(family, table, lines, ":10 - [0:0]\n"),
        "{family} {table}\n{}",
        shown.join("\n")
    );
    short.is_ok()
}

#[test]
fn usual_lines_mean_the_same_behind_another_of_their_shape() {
    without_network().unwrap();
    let mut random = Random::new(seed());
    let (mut good, mut bad) = (0, 0);
    for _ in 0..cases(600) {
        for line in USUAL {
            let line = line.as_bytes().to_vec();
            let lines =
                [line.clone(), variation(&mut random, &line), line.clone(), variation(&mut random, &line)];
            match compare(Family::Ipv4, "nat", &lines[..2 + random.below(3)]) {
                true => good += 1,
                false => bad += 1,
            }
        }
    }
    assert!(good > cases(1000) && bad > cases(1000), "{good} good lines and {bad} bad ones");
}

#[test]
fn lines_of_every_extension_mean_the_same_behind_another_of_their_shape() {
    without_network().unwrap();
    let seed = seed();
    let mut random = Random::new(seed);
    let mut good = 0;
    for family in [Family::Ipv4, Family::Ipv6] {
        for extension in extensions(family) {
            let table = extension.placement.tables.first().unwrap_or(&"mangle");
            let mut lines = Lines::new(seed, family);
            for _ in 0..cases(40) {
                let words = lines.line(extension);
                let quote =
                    |word: &String| match word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') {
                        true if !word.is_empty() => word.clone(),
                        _ => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
                    };
                let words: Vec<_> = words.iter().map(quote).collect();
                let line = format!("-A web {}", words.join(" ")).into_bytes();
                let again = variation(&mut random, &line);
                good += usize::from(compare(family, table, &[line.clone(), line.clone(), again]));
            }
        }
    }
    assert!(good > cases(300), "{good} good files");
}

/// Where a table is written anew and has many chains, rules wait until all are known: that must not show either.
#[test]
fn rules_that_wait_come_to_the_same() {
    without_network().unwrap();
    let mut random = Random::new(seed());
    let (mut good, mut bad) = (0, 0);
    for _ in 0..cases(300) {
        let chains: Vec<_> = (0..20).map(|index| format!("c-{:02}", index * 7 % 20)).collect();
        let mut file: String = chains.iter().map(|name| format!(":{name} - [0:0]\n")).collect();
        // Of several rules that the kernel would refuse, which is told depends on the order of the chains.
        let refused = random.below(60);
        for index in 0..random.below(60) {
            let [from, to] = [0, 1].map(|_| random.pick(&chains).clone());
            let (host, port) = (random.below(250) + 1, random.below(60_000) + 1);
            file += &match random.below(60) {
                // Not from where this is reached.
                _ if index == refused => {
                    format!("-A OUTPUT -j {from}\n-A {from} -j MASQUERADE\n-A INPUT -j {from}\n")
                }
                0 => format!("-D {from} 1\n"),
                1 => format!("-I {from} -s 10.0.0.{host}/32 -j ACCEPT\n"),
                2 => format!("-F {from}\n"),
                3 => format!("-A {from} -s 10.0.0.1,10.0.0.2 -j RETURN\n"),
                4 => format!("-A {from} -p tcp -m tcp --dport {port}x\n"),
                5 => format!("-N b-{index}\n-A b-{index} -g {to}\n-A {from} -j b-{index}\n"),
                6 => format!("-A {from} -v -j {to}\n"),
                7..20 => format!("-A {from} -m comment --comment \"{index} of them\" -g {to}\n"),
                20..40 => format!(
                    "[{index}:{port}] -A {from} -s 10.{host}.0.0/16 -p tcp -m tcp --dport {port} -j {to}\n"
                ),
                _ => format!("-A {from} -p tcp -j LOG --log-prefix \"{host}/{port} \"\n"),
            };
        }
        let file = format!("*nat\n{file}COMMIT\n");
        let restored = |noflush: bool, counters: bool| {
            let kernel = kernel(Family::Ipv4, "nat");
            let options = RestoreOptions::new().noflush(noflush).counters(counters);
            let mut out = Vec::new();
            let done = restore_to(&kernel, Family::Ipv4, file.as_bytes(), &options, &mut out, &mut |_| {});
            done.map_err(|error| format!("{error:?}"))?;
            let mut table = kernel.open_locked(Family::Ipv4, "nat").unwrap();
            for chain in ["web", "web2", "10"].into_iter().filter(|_| noflush) {
                table.delete_chain(chain).unwrap();
            }
            save(&table, true, &mut out).unwrap();
            Ok::<_, String>(String::from_utf8_lossy(&out).into_owned())
        };
        for counters in [false, true] {
            let waited = restored(false, counters);
            assert_eq!(waited, restored(true, counters), "{file}");
            if waited.is_ok() { good += 1 } else { bad += 1 }
        }
    }
    assert!(good > cases(100) && bad > cases(100), "{good} good files and {bad} bad ones");
}
