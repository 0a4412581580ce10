//! Counts of instructions under valgrind: they hardly change from run to run, so a small loss of speed shows.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use libfw_bench::micro::{Bench, SHAPES, Work};
use libfw_bench::workload::Shape;

use crate::agent::Outcome;

/// What was recorded, in the sources.
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
/// How the C library copies memory depends on the processor and its caches; so it does the same everywhere.
const SAME_COPIES: &str =
    "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff:glibc.cpu.x86_non_temporal_threshold=0x7fffffff";
/// Growth that is a failure.
const LIMIT: f64 = 0.05;

/// Does a piece of work some times, to be watched from outside.
pub fn work(work: &str, shape: &str, times: &str) -> Outcome {
    let work = Work::ALL.into_iter().find(|known| known.name() == work).ok_or("no such work")?;
    let shape = Shape::ALL.into_iter().find(|known| known.name() == shape).ok_or("no such shape")?;
    let mut bench = Bench::new(shape)?;
    (0..times.parse()?).try_for_each(|_| Ok(bench.run(work)?))
}

/// Compares the counts with the record, or writes it if the variable `UPDATE` is set.
pub fn check() -> Outcome {
    let compiler = compiler()?;
    let mut counts = BTreeMap::new();
    for shape in SHAPES {
        for work in Work::ALL {
            counts.insert(format!("{} {}", shape.name(), work.name()), count(work, shape)?);
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        return Ok(std::fs::write(RECORD, Record { compiler, counts }.to_text())?);
    }
    let text = std::fs::read_to_string(RECORD).map_err(|error| format!("{RECORD}: {error}"))?;
    let record = Record::from_text(&text)?;
    let (lines, grown) = record.compare(&counts);
    print!("{lines}");
    if record.compiler != compiler {
        println!(
            "NOTE: recorded with {}, counted with {compiler}: the counts say nothing, and nothing is judged.",
            record.compiler
        );
        return Ok(());
    }
    if grown.is_empty() {
        return Ok(());
    }
    Err(format!("more instructions: {}. If that must be: UPDATE=1 make instructions", grown.join(", "))
        .into())
}

/// The instructions of a piece of work.
///
/// It is done some times in one process and twice as often in another: what else a process does cancels out, but for the
/// luck of hash tables, which must stay small beside the work.
fn count(work: Work, shape: Shape) -> Result<u64, Box<dyn Error>> {
    let times = if work == Work::Compare { 256 } else { 8 };
    let counts = [times, 2 * times].map(|times| -> Result<u64, Box<dyn Error>> {
        let output = Command::new("valgrind")
            .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?)
            .env("GLIBC_TUNABLES", SAME_COPIES)
            .args(["work", work.name(), shape.name(), &times.to_string()])
            .output()
            .map_err(|error| format!("valgrind: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        // `==1234== I refs:        1,234,567`
        let total = said.lines().find_map(|line| line.split_once("refs:"));
        let total = total.and_then(|(_, number)| number.replace(',', "").trim().parse().ok());
        Ok(total.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind failed: {said}"))?)
    });
    let [once, twice] = counts;
    Ok(twice?.saturating_sub(once?) / times)
}

/// The version of the compiler.
fn compiler() -> Result<String, Box<dyn Error>> {
    // Where the toolchain is chosen by directory, it is this one's that counts.
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("rustc").arg("--version").current_dir(dir).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The file of counts.
struct Record {
    compiler: String,
    /// By shape and work.
    counts: BTreeMap<String, u64>,
}

impl Record {
    fn to_text(&self) -> String {
        let mut text = format!(
            "# Instructions per piece of work on 1,000 rules; `UPDATE=1 make instructions` writes this file.\n{}\n",
            self.compiler
        );
        self.counts.iter().for_each(|(name, count)| text += &format!("{name} {count}\n"));
        text
    }

    fn from_text(text: &str) -> Result<Record, Box<dyn Error>> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let compiler = lines.next().ok_or("an empty record")?.to_owned();
        let mut counts = BTreeMap::new();
        for line in lines {
            let (name, count) = line.rsplit_once(' ').ok_or("a line of the record without a count")?;
            counts.insert(name.to_owned(), count.parse()?);
        }
        Ok(Record { compiler, counts })
    }

    /// A table of the changes, and what grew too much or is not in the record.
    fn compare(&self, counts: &BTreeMap<String, u64>) -> (String, Vec<String>) {
        let mut text = String::new();
        let mut grown = Vec::new();
        for (name, count) in counts {
            let change = match self.counts.get(name) {
                Some(recorded) => {
                    let change = *count as f64 / *recorded as f64 - 1.0;
                    if change > LIMIT {
                        grown.push(name.clone());
                    }
                    format!("{:+.1} %", 100.0 * change)
                }
                None => {
                    grown.push(name.clone());
                    "not recorded".into()
                }
            };
            text += &format!("{name:<14} {count:>12} {change:>12}\n");
        }
        (text, grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_beyond_the_limit_is_found() {
        let record = Record::from_text("# comment\nrustc 1\nflat parse 1000\nflat print 1000\n").unwrap();
        let counts = [("flat parse", 1_051), ("flat print", 1_049), ("flat encode", 7)];
        let counts = counts.into_iter().map(|(name, count)| (name.into(), count)).collect();
        let (lines, grown) = record.compare(&counts);
        assert_eq!(grown, ["flat encode", "flat parse"]);
        assert!(lines.contains("+4.9 %"), "{lines}");
        assert_eq!(Record::from_text(&record.to_text()).unwrap().counts, record.counts);
    }
}
