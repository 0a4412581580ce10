//! What a measured child process does. Each sample is a process of its own, so that no subject inherits another's warm
//! memory; what happens before the clock starts (reading files, getting a table into memory) is not counted.
//!
//! A line `took NANOSECONDS` is a sample, `within NANOSECONDS` behind it what of it was inside the kernel. `less NANOSECONDS` is to be taken off the time of the whole process, `less-cpu`
//! off that of the processors.

use std::error::Error;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Instant;

use libfw::iptables::{RestoreOptions, declare, restore_to, save};
use libfw::{Chain, ChainMut, Family, Kernel, MemoryKernel, Rule, Scope};
use libfw_bench::workload;
use nix::sys::resource::UsageWho;

use crate::clock;
use crate::floor::{Request, Socket};
use crate::floor_nft::{self, Verdict};
use crate::measure::processors;

/// The result of an agent.
pub type Outcome = Result<(), Box<dyn Error>>;

const FAMILY: Family = Family::Ipv4;

/// How many rules the operation `edits` adds, and how many commits `commits` makes.
pub const MANY: usize = 1_000;
/// How many rules the operation `chain` writes.
pub const CHAIN: usize = 10;
/// The text of the rule that operations add.
pub const RULE: &str = "-p tcp -m tcp --dport 65535 -j ACCEPT";

/// Runs an agent: its name and arguments.
pub fn run(args: &[&str]) -> Outcome {
    match args {
        ["start"] => Ok(()),
        ["put", files @ ..] => put(files),
        ["dump", table, file] => dump(table, file),
        ["size", tables @ ..] => size(tables),
        ["floor-get", tables @ ..] => floor_get(tables),
        ["floor-replace", files @ ..] => floor_replace(files),
        ["floor-edit", tables @ ..] => floor_edit(tables),
        ["floor-commits", file, commits] => floor_commits(file, commits.parse()?),
        ["floor-empty", empty, full, times] => floor_empty(empty, full, times.parse()?),
        ["nft-load", rules] => nft_load(rules.parse()?),
        ["nft-save", tables @ ..] => nft_save(tables),
        ["nft-append", table, chain] => nft_append(table, chain),
        ["nft-chain", table, chain] => nft_chain(table, chain),
        ["load", file] => load(file),
        ["save", table] => timed(|| save_to_nowhere(&Kernel::legacy(), table)),
        ["append", table, chain, rule] => edit(table, chain, |chain| chain.append(*rule)),
        ["insert", table, chain, rule] => edit(table, chain, |chain| chain.insert(0, *rule)),
        ["delete", table, chain, rule] => edit(table, chain, |chain| chain.delete(*rule)),
        ["check", table, chain, rule] => timed(|| check(table, chain, rule)),
        ["chain", table, chain] => edit(table, chain, replace_chain),
        ["counters", table] => timed(|| counters(table)),
        ["edits", table, chain, rules] => edits(table, chain, rules.parse()?),
        ["commits", table, chain, times] => commits(table, chain, times.parse()?),
        ["empty", file, times] => empty(file, times.parse()?),
        ["contains", table, chain, times] => contains(table, chain, times.parse()?),
        ["ensure", table, chain, times] => ensure(table, chain, times.parse()?),
        ["appends", table, chain, times] => {
            let texts: Vec<_> = edit_rules(times.parse()?).collect();
            appends(
                table,
                chain,
                texts.iter().map(|text| move |chain: &mut ChainMut| chain.append(text.as_str())),
            )
        }
        ["builds", table, chain, times] => appends(table, chain, (0..times.parse()?).map(build)),
        ["deletes", table, chain, times] => deletes(table, chain, times.parse()?),
        ["plan", file] => plan(file),
        ["parse", file] => parse(file),
        ["print", file] => print(file),
        ["crate-append", table, chain, rules] => crate_append(table, chain, rules.parse()?),
        _ => Err(format!("no agent {}", args.join(" ")).into()),
    }
}

/// Runs a piece of work and says how long it took.
fn timed<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Outcome {
    let before = clock::spent();
    let start = Instant::now();
    let done = work().map(black_box);
    println!("took {}", start.elapsed().as_nanos());
    if let (Some((before, _)), Some((after, _))) = (before, clock::spent()) {
        println!("within {}", (after - before).as_nanos());
    }
    done.map(drop)
}

/// Runs what comes before a measurement of a whole process.
fn beforehand<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<T, Box<dyn Error>> {
    let me = UsageWho::RUSAGE_SELF;
    let (start, cpu) = (Instant::now(), processors(me)?);
    let done = work()?;
    let (time, cpu) = (start.elapsed(), processors(me)?.saturating_sub(cpu));
    println!("less {}\nless-cpu {}", time.as_nanos(), cpu.as_nanos());
    Ok(done)
}

/// Puts tables into a known state.
fn put(files: &[&str]) -> Outcome {
    let socket = Socket::open()?;
    for file in files {
        let mut request = Request::read(Path::new(file))?;
        let old = socket.info(&request.table())?;
        socket.replace(&mut request, &old)?;
    }
    Ok(())
}

/// Writes a table to a file, in the form that replaces it.
fn dump(table: &str, file: &str) -> Outcome {
    let socket = Socket::open()?;
    Ok(socket.entries(&socket.info(table)?)?.write(Path::new(file))?)
}

/// Says how large tables are.
fn size(tables: &[&str]) -> Outcome {
    let socket = Socket::open()?;
    let mut size = 0;
    for table in tables {
        size += u64::from(socket.info(table)?.size());
    }
    println!("size {size}");
    Ok(())
}

fn floor_get(tables: &[&str]) -> Outcome {
    timed(|| {
        let socket = Socket::open()?;
        for table in tables {
            black_box(socket.entries(&socket.info(table)?)?);
        }
        Ok(())
    })
}

fn floor_replace(files: &[&str]) -> Outcome {
    let read = || files.iter().map(|file| Ok(Request::read(Path::new(file))?)).collect::<Result<Vec<_>, _>>();
    let mut requests = beforehand(read)?;
    timed(|| {
        let socket = Socket::open()?;
        for request in &mut requests {
            socket.replace(request, &socket.info(&request.table())?)?;
        }
        Ok(())
    })
}

/// Reads tables and puts them back.
fn floor_edit(tables: &[&str]) -> Outcome {
    timed(|| {
        let socket = Socket::open()?;
        for table in tables {
            let info = socket.info(table)?;
            let mut request = socket.entries(&info)?;
            socket.replace(&mut request, &info)?;
        }
        Ok(())
    })
}

fn floor_commits(file: &str, commits: usize) -> Outcome {
    let mut request = Request::read(Path::new(file))?;
    let socket = Socket::open()?;
    let old = socket.info(&request.table())?;
    socket.replace(&mut request, &old)?;
    let old = socket.info(&request.table())?;
    (0..commits).try_for_each(|_| timed(|| Ok(socket.replace(&mut request, &old)?)))
}

/// The calls of an edit of an empty table, many times.
fn floor_empty(empty: &str, full: &str, times: usize) -> Outcome {
    let (mut empty, mut full) = (Request::read(Path::new(empty))?, Request::read(Path::new(full))?);
    let (socket, table) = (Socket::open()?, full.table());
    for _ in 0..times {
        socket.replace(&mut empty, &socket.info(&table)?)?;
        timed(|| {
            let old = socket.info(&table)?;
            black_box(socket.entries(&old)?);
            Ok(socket.replace(&mut full, &old)?)
        })?;
    }
    Ok(())
}

/// The same with everything that libfw does around it: socket, lock and text.
fn empty(empty: &str, times: usize) -> Outcome {
    let mut empty = Request::read(Path::new(empty))?;
    let (socket, table) = (Socket::open()?, empty.table());
    for _ in 0..times {
        socket.replace(&mut empty, &socket.info(&table)?)?;
        edit(&table, "INPUT", |chain| chain.append(RULE))?;
    }
    Ok(())
}

/// The flat list as one batch.
fn nft_load(rules: usize) -> Outcome {
    let ready = || {
        let mut batch = floor_nft::Batch::new();
        batch.table();
        for index in 0..rules {
            let (source, port) = workload::flat_parts(index);
            batch.rule("filter", "INPUT", Some(source), port, Verdict::Drop);
        }
        Ok(batch.end())
    };
    let batch = beforehand(ready)?;
    timed(|| Ok(floor_nft::Socket::open()?.commit(&batch)?))
}

fn nft_save(tables: &[&str]) -> Outcome {
    timed(|| {
        let socket = floor_nft::Socket::open()?;
        Ok(tables.iter().try_for_each(|table| socket.dump(table).map(drop))?)
    })
}

fn nft_append(table: &str, chain: &str) -> Outcome {
    timed(|| {
        let socket = floor_nft::Socket::open()?;
        socket.generation()?;
        let mut batch = floor_nft::Batch::new();
        batch.rule(table, chain, None, 65535, Verdict::Accept);
        Ok(socket.commit(&batch.end())?)
    })
}

fn nft_chain(table: &str, chain: &str) -> Outcome {
    timed(|| {
        let socket = floor_nft::Socket::open()?;
        socket.generation()?;
        let mut batch = floor_nft::Batch::new();
        batch.flush(table, chain);
        for index in 0..CHAIN {
            batch.rule(table, chain, None, 80 + index as u16, Verdict::Jump(&workload::kube_endpoint(index)));
        }
        Ok(socket.commit(&batch.end())?)
    })
}

/// A transaction of its own, under the lock, that edits a chain.
fn edit(table: &str, chain: &str, mut work: impl FnMut(&mut ChainMut) -> libfw::Result<()>) -> Outcome {
    timed(|| {
        let (_, report) =
            Kernel::legacy().update(FAMILY, table, |table| work(&mut table.chain_mut(chain)?))?;
        if report.changed { Ok(()) } else { Err("nothing was changed".into()) }
    })
}

fn restore_text(kernel: &Kernel, text: &[u8]) -> libfw::Result<()> {
    let options = RestoreOptions::default();
    restore_to(kernel, FAMILY, text, &options, &mut std::io::sink(), &mut |warning| eprintln!("{warning}"))
        .map(drop)
}

fn load(file: &str) -> Outcome {
    let text = std::fs::read(file)?;
    timed(|| Ok(restore_text(&Kernel::legacy(), &text)?))
}

fn save_to_nowhere(kernel: &Kernel, table: &str) -> Outcome {
    let mut nowhere = std::fs::OpenOptions::new().write(true).open("/dev/null")?;
    Ok(save(&kernel.open(FAMILY, table)?, false, &mut nowhere)?)
}

fn check(table: &str, chain: &str, rule: &str) -> Outcome {
    let table = Kernel::legacy().open(FAMILY, table)?;
    let chain = table.chain(chain).ok_or("no such chain")?;
    if chain.contains(rule)? { Ok(()) } else { Err("no such rule".into()) }
}

/// The rules that the operation `chain` writes.
pub fn chain_rules() -> impl Iterator<Item = String> {
    (0..CHAIN)
        .map(|index| format!("-p tcp -m tcp --dport {} -j {}", 80 + index, workload::kube_endpoint(index)))
}

fn replace_chain(chain: &mut ChainMut) -> libfw::Result<()> {
    chain.flush();
    chain_rules().try_for_each(|rule| chain.append(rule.as_str()))
}

fn counters(table: &str) -> Result<u64, Box<dyn Error>> {
    let table = Kernel::legacy().open(FAMILY, table)?;
    Ok(table.chains().flat_map(Chain::rules).map(|rule| rule.counters().packets).sum())
}

/// The rules that the operation `edits` adds, each once.
pub fn edit_rules(rules: usize) -> impl Iterator<Item = String> {
    (0..rules).map(|index| format!("-s 192.168.{}.{}/32 -j ACCEPT", index >> 8 & 255, index & 255))
}

fn edits(table: &str, chain: &str, rules: usize) -> Outcome {
    let rules: Vec<String> = edit_rules(rules).collect();
    edit(table, chain, |chain| rules.iter().try_for_each(|rule| chain.append(rule.as_str())))
}

/// Commits of one edit each under one lock, after a first one.
fn commits(table: &str, chain: &str, commits: usize) -> Outcome {
    let mut table = Kernel::legacy().open_locked(FAMILY, table)?;
    let mut commit = || {
        table.chain_mut(chain)?.append(RULE)?;
        table.commit()
    };
    commit()?;
    (0..commits).try_for_each(|_| timed(|| Ok(commit()?)))
}

/// Rules of a chain, spread over it: what questions are asked about.
fn some_rules(chain: libfw::Chain<'_>, count: usize) -> Vec<Rule> {
    let step = (chain.len() / count).max(1);
    chain.rules().step_by(step).take(count).map(|rule| rule.to_rule()).collect()
}

/// Says how long one piece of many took.
fn each<T>(times: usize, work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Outcome {
    let start = Instant::now();
    let done = work().map(black_box);
    println!("took {}", start.elapsed().as_nanos() / times.max(1) as u128);
    done.map(drop)
}

/// Whether a chain has each of some rules, the index that is made on the way included.
fn contains(table: &str, chain: &str, times: usize) -> Outcome {
    let table = Kernel::legacy().open(FAMILY, table)?;
    let chain = table.chain(chain).ok_or("no such chain")?;
    let rules = some_rules(chain, times);
    each(rules.len(), || {
        let found = rules
            .iter()
            .try_fold(0, |found, rule| Ok::<_, libfw::Error>(found + usize::from(chain.contains(rule)?)))?;
        if found == rules.len() { Ok(()) } else { Err("a rule was not found".into()) }
    })
}

/// Makes sure of rules that are there.
fn ensure(table: &str, chain: &str, times: usize) -> Outcome {
    let mut table = Kernel::legacy().open_locked(FAMILY, table)?;
    let rules = some_rules(table.chain(chain).ok_or("no such chain")?, times);
    let mut chain = table.chain_mut(chain)?;
    each(rules.len(), || {
        let mut added = 0;
        for rule in &rules {
            added += usize::from(chain.ensure(rule)?);
        }
        if added == 0 { Ok(()) } else { Err("a rule was added".into()) }
    })
}

/// Adds rules, without a commit.
fn appends<A>(table: &str, chain: &str, mut rules: impl ExactSizeIterator<Item = A>) -> Outcome
where
    A: FnOnce(&mut ChainMut) -> libfw::Result<()>,
{
    let mut table = Kernel::legacy().open_locked(FAMILY, table)?;
    let mut chain = table.chain_mut(chain)?;
    each(rules.len(), || Ok(rules.try_for_each(|append| append(&mut chain))?))
}

/// The rules of [`edit_rules`], built when they are added.
fn build(index: u32) -> impl FnOnce(&mut ChainMut) -> libfw::Result<()> {
    move |chain| {
        let source = Ipv4Addr::from_bits(0xc0a8_0000 + index);
        chain.append(Rule::builder().source(source).target(libfw::Verdict::Accept))
    }
}

/// Deletes rules by what they are, without a commit.
fn deletes(table: &str, chain: &str, times: usize) -> Outcome {
    let mut table = Kernel::legacy().open_locked(FAMILY, table)?;
    let rules = some_rules(table.chain(chain).ok_or("no such chain")?, times);
    let mut chain = table.chain_mut(chain)?;
    each(rules.len(), || Ok(rules.iter().try_for_each(|rule| chain.delete(rule))?))
}

/// A plan of a table that is as it shall be: read, compared with what is desired, nothing to do.
fn plan(file: &str) -> Outcome {
    let text = std::fs::read(file)?;
    let kernel = Kernel::legacy();
    let mut desired = kernel.desired(Scope::Tables);
    declare(&mut desired, FAMILY, &mut &*text, &mut |_| {})?;
    timed(|| if desired.plan()?.is_empty() { Ok(()) } else { Err("there is a difference".into()) })
}

/// How often a process parses and prints, to be measured warm.
const WARM: usize = 5;

fn parse(file: &str) -> Outcome {
    let text = std::fs::read(file)?;
    (0..WARM).try_for_each(|_| {
        let kernel = MemoryKernel::new().kernel();
        timed(|| Ok(restore_text(&kernel, &text)?))
    })
}

fn print(file: &str) -> Outcome {
    let kernel = MemoryKernel::new().kernel();
    restore_text(&kernel, &std::fs::read(file)?)?;
    let table = kernel.open(FAMILY, "filter")?;
    (0..WARM).try_for_each(|_| timed(|| Ok(save(&table, false, &mut std::io::sink())?)))
}

/// Appends with the crate `iptables`, which runs the program of that name.
fn crate_append(table: &str, chain: &str, rules: usize) -> Outcome {
    let rules: Vec<String> = edit_rules(rules).collect();
    let iptables = iptables::new(false)?;
    timed(|| rules.iter().try_for_each(|rule| iptables.append(table, chain, rule)))
}
