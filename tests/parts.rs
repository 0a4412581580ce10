//! Tables of which only some chains are read: what is done with them comes to the same as with the whole table.

use std::io;

use libfw::{ErrorKind, Family, Kernel, MemoryKernel, Policy, Result, Rule, Table, iptables};
use libfw_playground::{cases, seed, test_on};

fn other(error: libfw::Error) -> io::Error {
    io::Error::other(error)
}

fn saved(kernel: &Kernel) -> String {
    let mut text = Vec::new();
    iptables::save(&kernel.open(Family::Ipv4, "filter").unwrap(), true, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

struct Random(u32);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % below
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const CHAINS: [&str; 7] = ["INPUT", "FORWARD", "a", "b", "c", "d", "PREROUTING"];
const RULES: [&str; 8] = [
    "-j a",
    "-p tcp -g b",
    "-s 1.1.1.1 -j ACCEPT",
    "-j LOG",
    "-c 3 4 -i lo",
    "-j c",
    "-p udp -j d",
    "-m comment --comment x -j RETURN",
];

/// Something that is done to a table.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Append(&'static str, &'static str),
    Insert(&'static str, usize, &'static str),
    Ensure(&'static str, &'static str),
    Delete(&'static str, &'static str),
    Remove(&'static str, usize),
    Replace(&'static str, usize, &'static str),
    Move(&'static str, usize, usize),
    Flush(&'static str),
    Zero(&'static str),
    New(&'static str),
    Drop(&'static str),
    Rename(&'static str, &'static str),
    Policy(&'static str, Policy),
    Look(usize, &'static str),
    FlushAll,
    ZeroAll,
    DropAll,
}

impl Edit {
    fn any(random: &mut Random) -> Edit {
        let (chain, rule) = (random.pick(&CHAINS), random.pick(&RULES));
        match random.below(16) {
            0..=3 => Edit::Append(chain, rule),
            4 => Edit::Insert(chain, random.below(3), rule),
            5 => Edit::Ensure(chain, rule),
            6 => Edit::Delete(chain, rule),
            7 => Edit::Remove(chain, random.below(3)),
            8 => Edit::Replace(chain, random.below(3), rule),
            9 => Edit::Move(chain, random.below(3), random.below(3)),
            10 => Edit::Flush(chain),
            11 => Edit::Zero(chain),
            12 => Edit::New(chain),
            13 => Edit::Drop(chain),
            14 => Edit::Rename(chain, random.pick(&CHAINS)),
            _ => Edit::Policy(chain, random.pick(&[Policy::Accept, Policy::Drop])),
        }
    }

    fn apply(self, table: &mut Table) -> Result<String> {
        let mut done = String::new();
        match self {
            Edit::Append(chain, rule) => table.chain_mut(chain)?.append(rule)?,
            Edit::Insert(chain, index, rule) => table.chain_mut(chain)?.insert(index, rule)?,
            Edit::Ensure(chain, rule) => done += &table.chain_mut(chain)?.ensure(rule)?.to_string(),
            Edit::Delete(chain, rule) => table.chain_mut(chain)?.delete(rule)?,
            Edit::Remove(chain, index) => table.chain_mut(chain)?.remove(index)?,
            Edit::Replace(chain, index, rule) => table.chain_mut(chain)?.replace(index, rule)?,
            Edit::Move(chain, from, to) => table.chain_mut(chain)?.move_rule(from, to)?,
            Edit::Flush(chain) => table.chain_mut(chain)?.flush(),
            Edit::Zero(chain) => table.chain_mut(chain)?.zero(),
            Edit::New(chain) => table.new_chain(chain).map(drop)?,
            Edit::Drop(chain) => table.delete_chain(chain)?,
            Edit::Rename(old, new) => table.rename_chain(old, new)?,
            Edit::Policy(chain, policy) => table.chain_mut(chain)?.set_policy(policy, None)?,
            Edit::Look(what, chain) => done += &look(table, what, chain),
            Edit::FlushAll => table.flush(),
            Edit::ZeroAll => table.zero(),
            Edit::DropAll => table.delete_user_chains()?,
        }
        if let Edit::Append(chain, _) | Edit::Flush(chain) = self {
            let chain = table.chain_mut(chain)?;
            let view = chain.view();
            done += &format!("{} rules, {} references\n", view.len(), view.references());
            view.rules().for_each(|rule| done += &format!("{rule}\n"));
        }
        Ok(done)
    }
}

/// Something that is seen of a table, all of it or a chain.
fn look(table: &Table, what: usize, chain: &str) -> String {
    match what {
        0 => format!("{} {} {:?}", table.len(), table.is_empty(), table.hooks()),
        1 => table.to_json(),
        2 => table.chain(chain).map_or(String::new(), |chain| {
            let rules: Vec<_> = chain.rules().map(|rule| rule.to_string()).collect();
            format!("{rules:?} {} {:?} {:?}", chain.references(), chain.policy(), chain.contains("-j c"))
        }),
        3 => format!("{:?}", table.counters().rules()),
        4 => format!("{:?} {:?}", table.validate().map_err(|error| error.kind()), table.notes()),
        _ => table.chains().map(|chain| format!("{} {}\n", chain.name(), chain.references())).collect(),
    }
}

/// Edits of a table and commits, once of all of it and once of parts.
fn come_to_the_same(kernels: &[Kernel; 2], random: &mut Random) -> usize {
    let mut tables = [kernels[0].open(Family::Ipv4, "filter").unwrap(), {
        let named: Vec<_> = (0..random.below(3)).map(|_| random.pick(&CHAINS)).collect();
        kernels[1].open_chains(Family::Ipv4, "filter", named).unwrap()
    }];
    let (mut said, mut committed) = (String::new(), 0);
    for _ in 0..=random.below(3) {
        for _ in 0..=random.below(6) {
            let edit = Edit::any(random);
            said += &format!("{edit:?}\n");
            let [whole, part] =
                tables.each_mut().map(|table| edit.apply(table).map_err(|error| error.to_string()));
            assert_eq!(part, whole, "{said}");
        }
        let [whole, part] = tables.each_mut().map(|table| table.commit());
        let failed = whole.is_err();
        said += &format!("commit: {whole:?}\n");
        said += &format!("in part: {part:?}\n");
        assert_eq!(
            part.map_err(|error| error.kind()).err(),
            whole.map_err(|error| error.kind()).err(),
            "{said}"
        );
        let [whole, part] = kernels.each_ref().map(saved);
        assert_eq!(part, whole, "{said}");
        if failed {
            tables.iter_mut().for_each(|table| table.refresh().unwrap());
        } else {
            committed += 1;
        }
    }
    committed
}

#[test]
fn parts_in_memory() {
    let mut random = Random(seed() as u32);
    let kernels = [MemoryKernel::new().nft(), MemoryKernel::new().nft()];
    let committed: usize = (0..cases(400)).map(|_| come_to_the_same(&kernels, &mut random)).sum();
    assert!(committed > cases(250), "{committed}");
}

/// A table that is large enough to be left alone.
fn grow(kernel: &Kernel) {
    let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
    for number in 0..110 {
        let name = format!("c{number}");
        if table.chain(&name).is_none() {
            table.new_chain(&name).unwrap();
        }
        let mut chain = table.chain_mut(&name).unwrap();
        while chain.view().len() < 5 {
            chain.append("-c 1 2 -s 10.0.0.1 -j DROP").unwrap();
        }
    }
    table.commit().unwrap();
}

/// What is done, and seen, within an update of a large table, of which nobody knows how much was read, and with the whole of it.
fn updates_come_to_the_same(kernels: &[Kernel; 2], random: &mut Random) -> usize {
    kernels.iter().for_each(grow);
    let chains = [CHAINS.as_slice(), &["c7", "c99"]].concat();
    let edits: Vec<Edit> = (0..=random.below(8))
        .map(|_| match random.below(8) {
            0 | 1 => Edit::Look(random.below(6), random.pick(&chains)),
            2 if random.below(8) == 0 => random.pick(&[Edit::FlushAll, Edit::ZeroAll, Edit::DropAll]),
            3 => Edit::Append(random.pick(&chains), random.pick(&RULES)),
            _ => Edit::any(random),
        })
        .collect();
    let apply = |table: &mut Table| -> Vec<_> {
        edits.iter().map(|edit| edit.apply(table).map_err(|error| error.to_string())).collect()
    };
    let mut whole = kernels[0].open(Family::Ipv4, "filter").unwrap();
    let expected =
        (apply(&mut whole), whole.commit().map_err(|error| error.kind()).map(|report| report.changed));
    let mut said = Vec::new();
    let updated = kernels[1].update(Family::Ipv4, "filter", |table| {
        said = apply(table);
        Ok(())
    });
    let updated = updated.map_err(|error| error.kind()).map(|(_, report)| report.changed);
    assert_eq!((said, updated), expected, "{edits:?}");
    let [whole, lazy] = kernels.each_ref().map(saved);
    assert_eq!(lazy, whole, "{edits:?}");
    usize::from(updated.is_ok())
}

#[test]
fn updates_in_memory() {
    let mut random = Random(seed() as u32);
    let kernels = [MemoryKernel::new().nft(), MemoryKernel::new().nft()];
    let done: usize = (0..cases(30)).map(|_| updates_come_to_the_same(&kernels, &mut random)).sum();
    assert!(done > cases(18), "{done}");
}

/// What is seen of a table is of one time, or the update is done again.
#[test]
fn what_changes_meanwhile_is_seen_by_nobody() {
    let kernel = MemoryKernel::new().nft();
    grow(&kernel);
    let mut calls = 0;
    let (seen, report) = kernel
        .update(Family::Ipv4, "filter", |table| {
            calls += 1;
            let first = table.chain_mut("c1")?.view().len();
            if calls == 1 {
                let mut other = kernel.open(Family::Ipv4, "filter")?;
                other.chain_mut("c1")?.append("-j ACCEPT")?;
                other.chain_mut("c2")?.append("-j ACCEPT")?;
                other.commit()?;
            }
            // An error that comes of it is not told either.
            let second = table.chain("c2").map_or(0, |chain| chain.len());
            if calls == 1 {
                return Err(table.no_such_chain("never"));
            }
            table.chain_mut("c3")?.flush();
            Ok((first, second))
        })
        .unwrap();
    assert_eq!((seen, calls, report.changed), ((6, 6), 2, true));
    // Elsewhere nothing is decided by it.
    let mut calls = 0;
    kernel
        .update(Family::Ipv4, "filter", |table| {
            calls += 1;
            table.chain_mut("c1")?.remove(0)?;
            if calls == 1 {
                let mut other = kernel.open(Family::Ipv4, "filter")?;
                other.chain_mut("c2")?.append("-j ACCEPT")?;
                other.commit()?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(calls, 1);
    let table = kernel.open(Family::Ipv4, "filter").unwrap();
    assert_eq!(["c1", "c2", "c3"].map(|name| table.chain(name).unwrap().len()), [5, 7, 0]);
}

#[test]
fn parts_in_the_kernel() {
    test_on("nft", |play| {
        // nf_tables wait for every commit.
        let played = play.together([7, 8, 9], |seed| {
            let kernels = [play.namespace()?, play.namespace()?].map(|space| {
                let file =
                    space.run(|| std::fs::File::open("/proc/thread-self/ns/net")).expect("the namespace");
                Kernel::in_netns_fd(file.into()).using(libfw::BackendKind::Nft)
            });
            let mut random = Random(seed);
            let committed: usize = (0..50).map(|_| come_to_the_same(&kernels, &mut random)).sum();
            let done: usize = (0..4).map(|_| updates_come_to_the_same(&kernels, &mut random)).sum();
            Ok([committed, done])
        })?;
        let [committed, done] = [0, 1].map(|which| played.iter().map(|counts| counts[which]).sum::<usize>());
        assert!(committed > 100 && done > 5, "{committed}, {done}");
        Ok(())
    });
}

/// A table with many chains, of which each has some rules.
fn many(kernel: &Kernel) -> Result<()> {
    kernel.update(Family::Ipv4, "filter", |filter| {
        for number in 0..200 {
            filter.new_chain(format!("c{number}"))?.extend(["-s 10.0.0.1 -j DROP", "-s 10.0.0.2 -j DROP"])?;
        }
        filter.chain_mut("INPUT")?.append("-j c7")
    })?;
    Ok(())
}

fn only_what_is_asked_for(kernel: &Kernel) -> Result<()> {
    many(kernel)?;
    let mut table = kernel.open_chains(Family::Ipv4, "filter", ["c1", "INPUT", "absent", ""])?;
    let names = |table: &Table| table.chains().map(|chain| chain.name().into_owned()).collect::<Vec<_>>();
    // A chain that a rule goes to is shown, as the rule is.
    assert_eq!(names(&table), ["INPUT", "c1", "c7"]);
    assert_eq!(table.chain("INPUT").unwrap().rule(0).unwrap().to_string(), "-j c7");
    assert_eq!((table.chain("c1").unwrap().len(), table.chain("c1").unwrap().references()), (2, 0));
    // Others come when they are needed: to be changed, to be gone to, and to be in the way of a new one.
    assert_eq!(table.chain_mut("c7")?.view().len(), 2);
    assert_eq!(table.chain("c7").unwrap().references(), 1);
    table.chain_mut("c1")?.append("-j c3")?;
    assert_eq!(table.new_chain("c4").unwrap_err().kind(), ErrorKind::ChainExists);
    assert_eq!(table.chain_mut("c999").unwrap_err().kind(), ErrorKind::NoSuchChain);
    assert_eq!(table.delete_chain("c5").unwrap_err().kind(), ErrorKind::ChainNotEmpty);
    assert_eq!(names(&table), ["INPUT", "c1", "c3", "c4", "c5", "c7"]);
    table.commit()?;
    // What somebody else does in the meantime elsewhere is no conflict, and is seen.
    kernel.update(Family::Ipv4, "filter", |filter| filter.chain_mut("c9")?.append("-j ACCEPT"))?;
    assert_eq!(table.chain_mut("c9")?.view().len(), 3);
    table.chain_mut("c9")?.remove(0)?;
    table.commit()?;
    // In what was read it is one, as soon as it is noticed.
    kernel.update(Family::Ipv4, "filter", |filter| filter.chain_mut("c9")?.remove(0))?;
    assert_eq!(table.chain_mut("c10").unwrap_err().kind(), ErrorKind::Conflict);
    table.chain_mut("c9")?.append("-j ACCEPT")?;
    assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Conflict);
    table.refresh()?;
    assert_eq!(table.chain("c9").unwrap().len(), 1);
    // The whole table has what was done, and nothing else.
    let whole = kernel.open(Family::Ipv4, "filter")?;
    assert_eq!(whole.len(), 1 + 400 + 1 + 1 - 2);
    assert_eq!(whole.chain("c1").unwrap().rule(2).unwrap().to_string(), "-j c3");
    // The closed form, where another table is written between reading and writing: nothing is lost.
    let mut calls = 0;
    let ((), report) = kernel.update_chains(Family::Ipv4, "filter", ["c8"], |filter| {
        calls += 1;
        if calls == 1 {
            kernel
                .clone()
                .update(Family::Ipv6, "filter", |other| other.chain_mut("INPUT")?.append("-j DROP"))?;
        }
        let mut chain = filter.chain_mut("c8")?;
        chain.flush();
        chain.append("-j c2")
    })?;
    assert!(report.changed && calls == 1, "{report:?}");
    assert_eq!(kernel.open(Family::Ipv4, "filter")?.chain("c8").unwrap().len(), 1);
    Ok(())
}

#[test]
fn only_what_is_asked_for_is_read() {
    only_what_is_asked_for(&MemoryKernel::new().nft()).unwrap();
    test_on("nft", |_| only_what_is_asked_for(&Kernel::nft()).map_err(other));
}

/// What a program prints, in the namespace of the test.
fn output(program: &str, args: &[&str]) -> io::Result<String> {
    let missing = |_| io::Error::new(io::ErrorKind::Unsupported, format!("{program} is not installed"));
    let output = std::process::Command::new(program).args(args).output().map_err(missing)?;
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Chains of nft's may have names that are longer than xtables has room for. iptables-nft lists and saves them, and takes no command
/// about one.
#[test]
fn names_that_xtables_has_no_room_for() {
    test_on("nft", |_| {
        let names = [30, 31, 60, 255].map(|length| "n".repeat(length));
        output("nft", &["add", "table", "ip", "filter"])?;
        output("iptables-nft", &["-P", "INPUT", "ACCEPT"])?;
        for name in &names {
            output("nft", &["add", "chain", "ip", "filter", name])?;
            output("nft", &["add", "rule", "ip", "filter", "INPUT", "counter", "jump", name])?;
            output(
                "nft",
                &["add", "rule", "ip", "filter", name, "ip", "saddr", "1.2.3.4", "counter", "drop"],
            )?;
        }
        let kernel = Kernel::nft();
        let filter = |edit: &mut dyn FnMut(&mut Table) -> Result<()>| {
            kernel.update(Family::Ipv4, "filter", |table| edit(table)).map(drop)
        };
        let run = |args: &[&str], out: &mut Vec<u8>| {
            iptables::run(&kernel, Family::Ipv4, args.iter().copied(), out, &mut |_| ())
        };
        let listed = |args: &[&str]| {
            let mut out = Vec::new();
            run(args, &mut out).map_err(other)?;
            Ok::<_, io::Error>(String::from_utf8(out).unwrap())
        };
        for args in [&["-S"][..], &["-S", "-v"], &["-L", "-v", "-x"], &["-L", "INPUT", "--line-numbers"]] {
            assert_eq!(listed(args)?, output("iptables-nft", args)?, "{args:?}");
        }
        let rules = |text: String| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        assert_eq!(rules(saved(&kernel)), rules(output("iptables-nft-save", &["-c"])?));
        // No command is about one, as with iptables-nft.
        for command in ["-S", "-F", "-X", "-N", "-L"] {
            let error = run(&[command, &names[0]], &mut Vec::new()).unwrap_err();
            let said = format!("chain name `{}' too long (must be under 29 chars)", names[0]);
            assert_eq!(iptables::words(&error), (2, said.into()), "{command}");
        }
        assert!(listed(&["-A", "INPUT", "-j", &names[0]]).is_err());
        // The library has no such rule. What is not asked for is a new chain of such a name.
        filter(&mut |table| {
            assert_eq!(table.new_chain("m".repeat(40)).unwrap_err().kind(), ErrorKind::InvalidArgument);
            table.chain_mut(&names[3])?.append(Rule::builder().jump(&*names[0]))?;
            table.chain_mut("FORWARD")?.insert(0, Rule::builder().jump(&*names[3]))?;
            table.rename_chain(&names[1], "short")?;
            table.chain_mut("INPUT")?.flush();
            table.chain_mut(&names[2])?.flush();
            table.delete_chain(&names[2])
        })
        .map_err(other)?;
        let expected = format!(
            "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N {0}\n-N {1}\n-N short\n-A FORWARD -j {1}\n\
             -A {0} -s 1.2.3.4/32 -j DROP\n-A {1} -s 1.2.3.4/32 -j DROP\n-A {1} -j {0}\n-A short -s 1.2.3.4/32 -j DROP\n",
            names[0], names[3]
        );
        assert_eq!(output("iptables-nft", &["-S"])?, expected);
        assert_eq!(listed(&["-S"])?, expected);
        // In another kernel there may be no room for them.
        let whole = kernel.open(Family::Ipv4, "filter").map_err(other)?;
        let mut legacy = MemoryKernel::new().kernel().open(Family::Ipv4, "filter").map_err(other)?;
        let plan = legacy.diff(&whole).map_err(other)?;
        assert_eq!(legacy.apply(&plan).unwrap_err().kind(), ErrorKind::InvalidArgument);
        let mut memory = MemoryKernel::new().nft().open(Family::Ipv4, "filter").map_err(other)?;
        memory.apply(&memory.diff(&whole).map_err(other)?).map_err(other)?;
        memory.commit().map_err(other)?;
        assert!(memory.diff(&whole).map_err(other)?.is_empty());
        memory.refresh().map_err(other)?;
        assert!(memory.diff(&whole).map_err(other)?.is_empty());
        // The whole table goes with them.
        for command in ["-F", "-X"] {
            listed(&[command])?;
        }
        assert_eq!(listed(&["-S"])?, "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");
        Ok(())
    });
}

/// The number of a rule in an error is its place in the chain, also where the rules before it were not read.
#[test]
fn a_refused_rule_has_the_right_number() {
    let kernel = MemoryKernel::new().nft();
    let run =
        |args: &str| iptables::run(&kernel, Family::Ipv4, args.split(' '), &mut Vec::new(), &mut |_| ());
    let rules =
        |chain: &str| kernel.open(Family::Ipv4, "filter").unwrap().chain(chain).map(|chain| chain.len());
    for args in ["-N a", "-A a -j ACCEPT", "-A a -j DROP", "-N b"] {
        run(args).unwrap();
    }
    // Chain a goes to itself.
    let refused = |args: &str| run(args).unwrap_err();
    run("-A INPUT -j a").unwrap();
    let error = refused("-A a -j a");
    assert_eq!((error.chain(), error.rule()), (Some("a"), Some(2)), "{error}");
    assert_eq!(refused("-I a -j a").rule(), Some(0));
    assert_eq!(refused("-I a 2 -j a").rule(), Some(1));
    run("-A INPUT -j b").unwrap();
    let error = refused("-A b -j b");
    assert_eq!(error.rule(), Some(0), "{error}");
    assert_eq!((rules("a"), rules("b")), (Some(2), Some(0)));
    let file = "*filter\n-A a -s 1.1.1.1\n-A a -j a\nCOMMIT\n";
    let options = iptables::RestoreOptions::new().noflush(true);
    let restored = iptables::restore(&kernel, Family::Ipv4, file.as_bytes(), &options);
    let error = restored.unwrap_err();
    assert_eq!((error.line(), error.rule()), (Some(3), Some(3)), "{error}");
}

/// What cannot be read in part is read whole, and shown so.
#[test]
fn legacy_tables_are_read_whole() {
    let kernel = MemoryKernel::new().kernel();
    many(&kernel).unwrap();
    let mut table = kernel.open_chains(Family::Ipv4, "filter", ["c1"]).unwrap();
    assert_eq!((table.chains().count(), table.len()), (203, 401));
    table.chain_mut("c2").unwrap().append(Rule::builder().jump("c3")).unwrap();
    table.commit().unwrap();
    table.refresh().unwrap();
    assert_eq!(table.len(), 402);
}
