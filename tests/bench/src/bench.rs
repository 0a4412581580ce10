//! The benchmark: prepares workloads and measures their rows, every subject in turn.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libfw_bench::workload::Shape;
use libfw_playground::Playground;

use crate::agent::Outcome;
use crate::clock::Clock as KernelClock;
use crate::measure::{Lab, Sample, Spread};
use crate::peers::{Peer, Peers};
use crate::report::{self, Figures, Measured};
use crate::rows::{Clock, EMPTY_FILE, Operation, RULES_FILE, Row, Site, State, Subject};
use crate::summary;
use crate::svg::{Line, picture};

/// Where the workloads are written: in memory, private to the benchmark, gone with it.
const SCRATCH: &str = "/run/libfw-bench";
/// Where programs are that stand for others.
const PROGRAMS: &str = "/run/libfw-bench-programs";
/// Who has taken so long in a row altogether is not measured again there.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// But so often at the least, if it is ours.
const LEAST: usize = 3;

/// Workloads and their numbers of rules.
const PLAN: &[(Shape, &[usize])] = &[
    (Shape::Flat, &[1, 1_000, 10_000, 100_000, 1_000_000]),
    (Shape::Kube, &[800, 8_000, 80_000]),
    (Shape::Docker, &[2_000]),
    (Shape::Calico, &[10_000]),
    (Shape::Bans, &[20_000]),
    (Shape::Chains, &[2_000, 20_000, 200_000]),
];
/// The most rules of a quick run.
const QUICK: usize = 10_000;

/// What was asked for.
struct Options {
    most: usize,
    repeat: usize,
    python: PathBuf,
    iptables: Option<String>,
    json: Option<PathBuf>,
    markdown: Option<PathBuf>,
    summary: Option<PathBuf>,
    pictures: Option<PathBuf>,
    names: Vec<String>,
}

impl Options {
    fn read(args: Vec<String>) -> Result<Options, Box<dyn Error>> {
        let mut options = Options {
            most: usize::MAX,
            repeat: 7,
            python: ".venv/bin/python".into(),
            iptables: None,
            json: None,
            markdown: None,
            summary: None,
            pictures: None,
            names: Vec::new(),
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--quick" => (options.most, options.repeat) = (QUICK, 3),
                "--repeat" => options.repeat = value()?.parse()?,
                "--python" => options.python = value()?.into(),
                "--iptables" => options.iptables = Some(value()?),
                "--json" => options.json = Some(value()?.into()),
                "--markdown" => options.markdown = Some(value()?.into()),
                "--summary" => options.summary = Some(value()?.into()),
                "--pictures" => options.pictures = Some(value()?.into()),
                name if !name.starts_with('-') => options.names.push(arg),
                _ => return Err(format!("no option {arg}; see --help").into()),
            }
        }
        Ok(options)
    }

    /// Whether a workload, its size and an operation are among those asked for: of several names of a kind, any.
    fn wants(&self, shape: Shape, rules: usize, operation: Operation) -> bool {
        let is_shape = |name: &String| Shape::ALL.iter().any(|shape| shape.name() == *name);
        let (shapes, others): (Vec<_>, Vec<_>) = self.names.iter().partition(|name| is_shape(name));
        let (sizes, operations): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|name| name.parse::<usize>().is_ok());
        let among =
            |names: &[&String], wanted: &str| names.is_empty() || names.iter().any(|name| *name == wanted);
        among(&shapes, shape.name())
            && among(&sizes, &rules.to_string())
            && among(&operations, operation.name())
    }
}

/// Measures what the arguments ask for.
pub fn run(args: Vec<String>) -> Outcome {
    let options = Options::read(args)?;
    let play = Playground::enter().map_err(|error| format!("no private namespaces: {error}"))?;
    let clock = KernelClock::make(Path::new(PROGRAMS));
    if let Err(error) = &clock {
        println!("The kernel's share is left out: {error} (apt-get install gcc)");
    }
    let mut lab = Lab { legacy: play.namespace()?, nft: play.namespace()?, path: path()?, clock: clock.ok() };
    let peers = Peers::find(&options.python, options.iptables.as_deref())?;
    let starts = starts(&lab, &peers)?;
    peers.missing.iter().for_each(|line| println!("{line}"));
    let machine = machine(&peers);
    machine.iter().for_each(|(key, value)| println!("{key}: {value}"));
    let mut measured = Vec::new();
    for (shape, sizes) in PLAN {
        for rules in sizes.iter().filter(|rules| **rules <= options.most) {
            // What one left behind would be saved with the next, which may use other tables.
            (lab.legacy, lab.nft) = (play.namespace()?, play.namespace()?);
            workload(&lab, &peers, &options, &starts, (*shape, *rules), &mut measured)?;
        }
    }
    if measured.is_empty() {
        return Err("nothing of that name".into());
    }
    print!("{}{}{}", report::growth(&measured), report::paces(&measured), report::targets(&measured));
    let write = |path: &Option<PathBuf>, text: &dyn Fn() -> String| match path {
        Some(path) => std::fs::write(path, text()).map_err(|error| format!("{}: {error}", path.display())),
        None => Ok(()),
    };
    write(&options.json, &|| report::json(&machine, &measured))?;
    write(&options.markdown, &|| report::markdown(&machine, &measured))?;
    write(&options.summary, &|| summary::markdown(&measured))?;
    if let Some(dir) = &options.pictures {
        pictures(dir, &measured)?;
    }
    Ok(())
}

/// A search path where `iptables` is iptables-legacy: the crate of that name runs what it finds.
fn path() -> Result<OsString, Box<dyn Error>> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&old).collect();
    if let Some(legacy) = dirs.iter().map(|dir| dir.join("iptables-legacy")).find(|file| file.exists()) {
        std::fs::create_dir_all(PROGRAMS)?;
        std::os::unix::fs::symlink(legacy, Path::new(PROGRAMS).join("iptables"))?;
        dirs.insert(0, PROGRAMS.into());
    }
    Ok(std::env::join_paths(dirs)?)
}

/// Measures the rows of one workload.
fn workload(
    lab: &Lab,
    peers: &Peers,
    options: &Options,
    starts: &[Start],
    (shape, rules): (Shape, usize),
    measured: &mut Vec<Measured>,
) -> Outcome {
    let dir = PathBuf::from(SCRATCH);
    let site = Site { peers, shape, rules, dir: &dir };
    let mut rows =
        site.rows().into_iter().filter(|row| options.wants(shape, rules, row.operation)).collect::<Vec<_>>();
    if rows.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(&dir)?;
    for (name, text) in site.files() {
        std::fs::write(site.file(name), text)?;
    }
    let agent = |name: &str, args: Vec<PathBuf>| lab.run(&peers.agent(name, args));
    for (state, file) in [(State::Empty, EMPTY_FILE), (State::Full, RULES_FILE)] {
        lab.run(&peers.iptables(Peer::Fw, "-restore", &[], Some(&site.file(file))))?;
        for (table, request) in shape.tables().iter().zip(site.requests(state)) {
            agent("dump", vec![table.into(), request])?;
        }
    }
    let blob = agent("size", shape.tables().iter().map(PathBuf::from).collect())?.size;
    print!("{}", report::head(shape, rules, blob));
    if rows.iter().any(|row| row.subjects.iter().any(|subject| subject.peer == Peer::Nft)) {
        let restore = peers.iptables(Peer::Nft, "-restore", &[], Some(&site.file(RULES_FILE)));
        if let Err(error) = lab.run(&restore) {
            println!("  {} is left out: {error}", Peer::Nft);
            rows.iter_mut().for_each(|row| row.subjects.retain(|subject| !subject.peer.is_nft()));
        }
    }
    for row in rows {
        let figures = figures(lab, &site, &row, options.repeat, starts)?;
        let row = Measured { operation: row.operation, clock: row.clock, shape, rules, blob, figures };
        print!("{}", row.lines());
        measured.push(row);
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// What a process of somebody takes that does nothing: it is no part of the work.
struct Start {
    peer: Peer,
    /// In nanoseconds, and in bytes at the peak.
    time: f64,
    peak: f64,
}

/// How often that is measured.
const STARTS: usize = 15;

fn starts(lab: &Lab, peers: &Peers) -> Result<Vec<Start>, Box<dyn Error>> {
    use Peer::{Floor, Fw, FwNft, Legacy, Nft, NftFloor};
    println!(
        "The start of a process, taken off where its time is compared with that inside the kernel's calls:"
    );
    let mut starts = Vec::new();
    for peer in [Floor, Fw, Legacy, NftFloor, FwNft, Nft] {
        let Some(program) = peers.start(peer).filter(|_| peers.has(peer)) else { continue };
        let samples = (0..STARTS).map(|_| lab.run(&program)).collect::<Result<Vec<_>, _>>()?;
        let spread = |value: &dyn Fn(&Sample) -> f64| Spread::of(samples.iter().map(value).collect());
        let time = spread(&|sample| sample.whole.as_nanos() as f64);
        let (Some(time), Some(peak)) = (time, spread(&|sample| sample.peak as f64)) else { continue };
        println!("  {peer:<15} {:>9} {:>9.1} MiB", report::duration(time.median), peak.median / report::MIB);
        starts.push(Start { peer, time: time.median, peak: peak.median });
    }
    Ok(starts)
}

/// Measures a row: every subject in turn, then again. A peer that fails is left out.
fn figures(
    lab: &Lab,
    site: &Site,
    row: &Row,
    repeat: usize,
    starts: &[Start],
) -> Result<Vec<Figures>, Box<dyn Error>> {
    let mut samples: Vec<Vec<Sample>> = row.subjects.iter().map(|_| Vec::new()).collect();
    let put = site.peers.agent("put", site.requests(row.state));
    lab.run(&put)?;
    let mut failed = Vec::new();
    for _ in 0..repeat.max(1) {
        for (Subject { peer, before, program }, samples) in row.subjects.iter().zip(&mut samples) {
            let least = if peer.theirs() { 1 } else { LEAST };
            let slow = samples.iter().map(|sample| sample.whole).sum::<Duration>() > PATIENCE;
            if slow && samples.len() >= least || failed.contains(peer) {
                continue;
            }
            if row.state != State::Kept && !program.nft {
                lab.run(&put)?;
            }
            let sample = before.iter().try_for_each(|before| lab.run(before).map(drop));
            match sample.and_then(|()| lab.run(program)) {
                Ok(sample) => samples.push(sample),
                Err(error) if peer.theirs() => {
                    println!("  {peer} is left out: {error}");
                    failed.push(*peer);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    let figures = row.subjects.iter().zip(samples).filter_map(|(subject, samples)| {
        let spread = |value: &dyn Fn(&Sample) -> f64| Spread::of(samples.iter().map(value).collect());
        let nanoseconds = |time: Duration| time.as_nanos() as f64;
        let start = starts.iter().find(|start| start.peer == subject.peer);
        let (time, cpu, kernel, pace) = match row.clock {
            Clock::Process => {
                let whole = |sample: &Sample| nanoseconds(sample.whole.saturating_sub(sample.less));
                let inside = |sample: &Sample| sample.kernel.map(nanoseconds).filter(|time| *time > 0.0);
                let start = start.map_or(0.0, |start| start.time);
                let pace = |sample: &Sample| Some((whole(sample) - start) / inside(sample)?);
                (
                    spread(&whole),
                    spread(&|sample| nanoseconds(sample.cpu.saturating_sub(sample.less_cpu))),
                    Spread::of(samples.iter().filter_map(inside).collect()),
                    Spread::of(samples.iter().filter_map(pace).collect()),
                )
            }
            Clock::Inside => {
                let took = samples.iter().flat_map(|sample| &sample.took).map(|time| nanoseconds(*time));
                let within = samples.iter().flat_map(|sample| &sample.within).map(|time| nanoseconds(*time));
                let pairs = took.clone().zip(within.clone()).filter(|(_, within)| *within > 0.0);
                let pace = Spread::of(pairs.map(|(took, within)| took / within).collect());
                (Spread::of(took.collect()), None, Spread::of(within.collect()), pace)
            }
        };
        let kernel = kernel.filter(|kernel| kernel.median > 0.0);
        let peak = spread(&|sample| sample.peak as f64)?;
        let own = start.map(|start| peak.median - start.peak);
        Some(Figures { peer: subject.peer, time: time?, cpu, kernel, pace, peak, own })
    });
    Ok(figures.collect())
}

/// What the figures depend on.
fn machine(peers: &Peers) -> Vec<(&'static str, String)> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or("unknown".into(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut machine = vec![
        ("processor", format!("{}, {cores} cores", field(&read("/proc/cpuinfo"), "model name"))),
        ("memory", field(&read("/proc/meminfo"), "MemTotal")),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
    ];
    machine.extend(peers.versions.iter().map(|(peer, version)| (peer.name(), version.clone())));
    machine
}

/// Time and memory over the number of rules, for the operations where it tells most.
fn pictures(dir: &Path, measured: &[Measured]) -> Outcome {
    use Operation::{Append, Load, Save};
    std::fs::create_dir_all(dir)?;
    for (shape, operation) in [
        (Shape::Flat, Load),
        (Shape::Flat, Save),
        (Shape::Flat, Append),
        (Shape::Kube, Load),
        (Shape::Chains, Load),
    ] {
        let rows: Vec<_> = measured
            .iter()
            .filter(|row| (row.shape, row.operation, row.clock) == (shape, operation, Clock::Process))
            .collect();
        let lines = |value: &dyn Fn(&Figures) -> f64| {
            let mut lines: Vec<Line> = Vec::new();
            for (row, figures) in rows.iter().flat_map(|row| row.figures.iter().map(move |one| (row, one))) {
                let (name, point) = (figures.peer.name(), (row.rules as f64, value(figures)));
                match lines.iter_mut().find(|line| line.name == name) {
                    Some(line) => line.points.push(point),
                    None => lines.push(Line { name: name.into(), points: vec![point] }),
                }
            }
            lines
        };
        if rows.is_empty() {
            continue;
        }
        let (shape, operation) = (shape.name(), operation.name());
        let time = picture(
            &format!("{operation}, {shape}: time"),
            "rules",
            &lines(&|figures| figures.time.median),
            report::duration,
        );
        std::fs::write(dir.join(format!("{shape}-{operation}-time.svg")), time)?;
        let mut memory = lines(&|figures| figures.peak.median);
        let tables = rows.iter().map(|row| (row.rules as f64, row.blob as f64)).collect();
        memory.push(Line { name: "the tables".into(), points: tables });
        let memory = picture(&format!("{operation}, {shape}: peak memory"), "rules", &memory, |bytes| {
            format!("{} MB", bytes / 1e6)
        });
        std::fs::write(dir.join(format!("{shape}-{operation}-memory.svg")), memory)?;
    }
    Ok(())
}
