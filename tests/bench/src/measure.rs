//! Samples: one child process each, its time and its peak of memory.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libfw_playground::Namespace;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::clock::{self, Clock};

/// A program to be run.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub args: Vec<OsString>,
    /// Read from this file.
    pub input: Option<PathBuf>,
    /// In the namespace of nf_tables, so that neither kind of rules is in the other's way.
    pub nft: bool,
    /// What it prints is its answer, not a listing.
    pub agent: bool,
}

/// What one run of a program told.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The time of the whole process.
    pub whole: Duration,
    /// Time that does not count.
    pub less: Duration,
    /// The times that it measured itself, and what of each was inside the kernel.
    pub took: Vec<Duration>,
    pub within: Vec<Duration>,
    /// The time that all of it was inside the system calls that carry rules, and their number.
    pub kernel: Option<Duration>,
    pub calls: u64,
    /// The time that processors worked for the whole process, and what of it does not count.
    pub cpu: Duration,
    pub less_cpu: Duration,
    /// Its largest resident set, in bytes.
    pub peak: u64,
    /// A number it was asked for.
    pub size: u64,
}

/// Runs programs in the namespaces of the benchmark.
pub struct Lab {
    /// For the tables of xtables.
    pub legacy: Namespace,
    /// For nf_tables.
    pub nft: Namespace,
    /// Where programs look for others.
    pub path: OsString,
    /// There if it can be compiled.
    pub clock: Option<Clock>,
}

impl Lab {
    /// Runs a program by way of a small process that measures it: the peak of a child is never less than that of the
    /// process it was forked from.
    pub fn run(&self, program: &Program) -> io::Result<Sample> {
        let namespace = if program.nft { &self.nft } else { &self.legacy };
        let mut command = namespace.command(std::env::current_exe()?);
        command.arg("run").arg(if program.agent { "heard" } else { "unheard" });
        command.arg(&program.path).args(&program.args).env("PATH", &self.path).env("LIBFW_BACKEND", "legacy");
        command.envs(self.clock.iter().flat_map(Clock::variables));
        command.stdin(match &program.input {
            Some(path) => Stdio::from(std::fs::File::open(path)?),
            None => Stdio::null(),
        });
        let output = command.output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let said = said.lines().take(5).collect::<Vec<_>>().join("; ");
            return Err(io::Error::other(format!("{program}: {said}")));
        }
        Ok(Sample::read(&String::from_utf8_lossy(&output.stdout)))
    }
}

impl Sample {
    fn read(text: &str) -> Sample {
        let mut sample = Sample::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(' ') else { continue };
            let Ok(value) = value.parse::<u64>() else { continue };
            match key {
                "whole" => sample.whole = Duration::from_nanos(value),
                "less" => sample.less += Duration::from_nanos(value),
                "took" => sample.took.push(Duration::from_nanos(value)),
                "within" => sample.within.push(Duration::from_nanos(value)),
                "kernel" => sample.kernel = Some(Duration::from_nanos(value)),
                "calls" => sample.calls = value,
                "cpu" => sample.cpu = Duration::from_nanos(value),
                "less-cpu" => sample.less_cpu += Duration::from_nanos(value),
                "peak" => sample.peak = value,
                "size" => sample.size = value,
                _ => {}
            }
        }
        sample
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", arg.display()))
    }
}

/// The small process: runs a program and prints what it took.
pub fn run(args: &[&str]) -> io::Result<bool> {
    let [heard, program, args @ ..] = args else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut command = Command::new(program);
    command.args(args).stdout(if *heard == "heard" { Stdio::inherit() } else { Stdio::null() });
    clock::preload(&mut command)?;
    let start = Instant::now();
    let status = command.status()?;
    let whole = start.elapsed();
    let who = UsageWho::RUSAGE_CHILDREN;
    let (cpu, peak) = (processors(who)?, getrusage(who)?.max_rss() * 1024);
    println!("whole {}\ncpu {}\npeak {peak}", whole.as_nanos(), cpu.as_nanos());
    if let Some((time, calls)) = clock::spent() {
        println!("kernel {}\ncalls {calls}", time.as_nanos());
    }
    Ok(status.success())
}

/// The time that processors worked for this process or for its children.
pub fn processors(who: UsageWho) -> io::Result<Duration> {
    let usage = getrusage(who)?;
    let time = (usage.user_time() + usage.system_time()).num_nanoseconds();
    Ok(Duration::from_nanos(time.unsigned_abs()))
}

/// The distribution of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    /// The first and the third quartile.
    pub quartiles: (f64, f64),
    /// The number of samples.
    pub samples: usize,
}

impl Spread {
    /// Of some values; `None` if there are none.
    pub fn of(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let (min, last) = (*values.first()?, values.len() - 1);
        let at = |share: f64| {
            let place = share * last as f64;
            let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
            low + (high - low) * place.fract()
        };
        Some(Spread { median: at(0.5), min, quartiles: (at(0.25), at(0.75)), samples: values.len() })
    }

    /// The distance of the quartiles.
    pub fn range(&self) -> f64 {
        self.quartiles.1 - self.quartiles.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_values() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 2.0]).expect("values");
        assert_eq!((spread.median, spread.min, spread.quartiles), (2.5, 1.0, (1.75, 3.25)));
        assert_eq!(Spread::of(vec![]), None);
        assert_eq!(Spread::of(vec![7.0]).map(|one| (one.median, one.range())), Some((7.0, 0.0)));
    }

    #[test]
    fn reads_what_a_process_says() {
        let sample = Sample::read(
            "took 5\nnonsense\nless 3\ntook 6\nwhole 1000\ncpu 900\npeak 4096\nsize 9\nkernel 7\n",
        );
        assert_eq!(sample.took, [Duration::from_nanos(5), Duration::from_nanos(6)]);
        assert_eq!((sample.whole.as_nanos(), sample.less.as_nanos()), (1000, 3));
        assert_eq!((sample.cpu.as_nanos(), sample.peak, sample.size), (900, 4096, 9));
        assert_eq!(sample.kernel, Some(Duration::from_nanos(7)));
    }
}
