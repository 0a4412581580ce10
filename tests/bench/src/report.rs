//! Results, and how they are shown.

use std::fmt::Write;

use libfw_bench::workload::Shape;

use crate::measure::Spread;
use crate::peers::Peer;
use crate::rows::{Clock, Operation};
use crate::targets::{PACES, Pace, TARGETS};

/// What was measured of one peer in a row.
#[derive(Clone, Debug)]
pub struct Figures {
    pub peer: Peer,
    /// In nanoseconds.
    pub time: Spread,
    /// The same of processors at work; where the machine has other work too, it tells more. Whole processes only.
    pub cpu: Option<Spread>,
    /// What of the time was inside the system calls that carry rules, in nanoseconds.
    pub kernel: Option<Spread>,
    /// The time over that inside the kernel, of each run; a process without its start.
    pub pace: Option<Spread>,
    /// The largest resident set of its process, in bytes.
    pub peak: Spread,
    /// What of it a process does not have that does nothing.
    pub own: Option<f64>,
}

/// A row that was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    pub operation: Operation,
    pub clock: Clock,
    pub shape: Shape,
    /// The number of rules.
    pub rules: usize,
    /// The size of the tables in the kernel, in bytes.
    pub blob: u64,
    pub figures: Vec<Figures>,
}

impl Measured {
    /// The figures of a peer.
    pub fn of(&self, peer: Peer) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.peer == peer)
    }

    /// The median time of a peer in nanoseconds.
    pub fn median(&self, peer: Peer) -> Option<f64> {
        Some(self.of(peer)?.time.median)
    }

    /// The median time of the fastest who is not libfw.
    pub fn best_peer(&self) -> Option<f64> {
        let theirs = self.figures.iter().filter(|figures| figures.peer.theirs());
        theirs.map(|figures| figures.time.median).min_by(f64::total_cmp)
    }

    /// The median of the time of a peer over that inside the kernel.
    pub fn pace(&self, peer: Peer) -> Option<f64> {
        Some(self.of(peer)?.pace?.median)
    }

    /// The memory that a peer needs over the size of the tables in the kernel.
    pub fn memory(&self, peer: Peer) -> Option<f64> {
        Some(self.of(peer)?.own? / self.blob as f64)
    }

    /// How many times faster libfw is than iptables-legacy.
    pub fn faster(&self) -> Option<f64> {
        Some(self.median(Peer::Legacy)? / self.median(Peer::Fw)?)
    }

    /// The operation, and whether the process is left out.
    pub fn title(&self) -> String {
        match self.clock {
            Clock::Process => self.operation.name().into(),
            Clock::Inside => format!("{} (in process)", self.operation.name()),
        }
    }

    /// Lines of a table for the terminal.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        let (floor, best) = (self.median(Peer::Floor), self.best_peer());
        for figures in &self.figures {
            let Figures { peer, time, kernel, pace, peak, .. } = figures;
            let shown = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.2}"));
            let ratio = |to: Option<f64>| shown(to.map(|to| time.median / to));
            let _ = writeln!(
                text,
                "  {:<21} {peer:<15} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9} {:>8}  {}",
                self.title(),
                duration(time.median),
                duration(time.range()),
                kernel.map_or("-".into(), |kernel| duration(kernel.median)),
                shown(pace.map(|pace| pace.median)),
                ratio(floor),
                ratio(best),
                format!("{:.1}", peak.median / MIB),
                shown(self.memory(*peer).filter(|_| self.blob >= LARGE)),
                time.samples,
            );
        }
        text
    }
}

/// Tables from this size on are compared with the memory that somebody needs.
const LARGE: u64 = 1 << 20;

/// The head of the table for the terminal.
pub fn head(shape: Shape, rules: usize, blob: u64) -> String {
    format!(
        "\n{}: {rules} rules, {:.1} MB in the kernel\n  {:<21} {:<15} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9} {:>8}  {}\n",
        shape.name(),
        blob as f64 / 1e6,
        "operation",
        "who",
        "median",
        "IQR",
        "in kernel",
        "/kernel",
        "/floor",
        "/peer",
        "peak MiB",
        "/tables",
        "samples"
    )
}

pub const MIB: f64 = 1024.0 * 1024.0;

/// Nanoseconds in a unit that suits them.
pub fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        1e3..1e6 => (nanoseconds / 1e3, "us"),
        1e6..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// A value beside what it is meant to be.
fn judged(value: Option<f64>, goal: f64, at_least: bool) -> String {
    let Some(value) = value else { return "-".into() };
    let met = if at_least { value >= goal } else { value <= goal };
    format!(
        "{value:.2} ({}{goal}{})",
        if at_least { ">= " } else { "<= " },
        if met { "" } else { ", missed" }
    )
}

/// The columns of a pace: whole / kernel, times faster than iptables-legacy, how many times the bare calls are, which nobody
/// surpasses, and memory / tables.
fn columns(pace: &Pace, rows: &[Measured]) -> Option<[String; 4]> {
    let row = rows.iter().find(|row| (row.operation, row.clock, row.shape, row.rules) == pace.row)?;
    let memory = pace.memory.map_or("".into(), |goal| judged(row.memory(Peer::Fw), goal, false));
    let bare = row.median(Peer::Legacy).zip(row.median(Peer::Floor));
    let bare = bare.map_or("-".into(), |(legacy, floor)| format!("{:.2}", legacy / floor));
    let faster = judged(row.faster(), pace.faster, true);
    Some([judged(row.pace(Peer::Fw), pace.kernel, false), faster, bare, memory])
}

/// The table of what libfw needs beside the kernel.
pub fn paces(rows: &[Measured]) -> String {
    let mut text = String::new();
    for pace in PACES {
        let Some([kernel, faster, bare, memory]) = columns(pace, rows) else { continue };
        if text.is_empty() {
            text = format!(
                "\n  {:<34} {:>24} {:>24} {:>14} {:>24}\n",
                "work", "whole / in kernel", "legacy / fw", "legacy / bare", "own memory / tables"
            );
        }
        let _ = writeln!(text, "  {:<34} {kernel:>24} {faster:>24} {bare:>14} {memory:>24}", pace.work);
    }
    text
}

/// What grows with the number of rules: for each workload and operation that was measured in several sizes the time per rule.
fn grown(rows: &[Measured]) -> Vec<(String, Vec<String>)> {
    let mut kinds: Vec<(Shape, Operation)> = Vec::new();
    let whole = rows.iter().filter(|row| row.clock == Clock::Process && row.median(Peer::Fw).is_some());
    for row in whole.clone() {
        let kind = (row.shape, row.operation);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let of = |(shape, operation): (Shape, Operation)| {
        let sizes: Vec<_> =
            whole.clone().filter(|row| (row.shape, row.operation) == (shape, operation)).collect();
        let cell = |row: &&Measured| {
            let per_rule = row.median(Peer::Fw).map_or(0.0, |time| time / row.rules as f64);
            let ratio = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.2}"));
            let (pace, faster) = (ratio(row.pace(Peer::Fw)), ratio(row.faster()));
            format!("{}: {}, {pace}, {faster}", row.rules, duration(per_rule))
        };
        (sizes.len() > 1)
            .then(|| (format!("{} {}", shape.name(), operation.name()), sizes.iter().map(cell).collect()))
    };
    kinds.into_iter().filter_map(of).collect()
}

/// The same for the terminal.
pub fn growth(rows: &[Measured]) -> String {
    let grown = grown(rows);
    let mut text = String::new();
    if !grown.is_empty() {
        text += "\n  growth of fw: rules: time per rule, whole / in kernel, legacy / fw\n";
    }
    for (kind, cells) in grown {
        let cells = cells.iter().map(|cell| format!("{cell:<32}"));
        let _ = writeln!(text, "  {kind:<14} {}", list(cells, "").trim_end());
    }
    text
}

/// The table of targets that were measured.
pub fn targets(rows: &[Measured]) -> String {
    let mut text = format!("\n  {:<66} {:>9} {:>9}\n", "target", "limit", "measured");
    let mut missing = 0;
    for target in TARGETS {
        let Some(value) = target.measure(rows) else {
            missing += 1;
            continue;
        };
        let verdict = if target.met_by(value) { "met" } else { "NOT MET" };
        let _ = writeln!(text, "  {:<66} {:>9} {value:>9.2}  {verdict}", target.work, target.limit_text());
    }
    if missing > 0 {
        let _ = writeln!(text, "  {missing} of {} targets are for work that was not measured", TARGETS.len());
    }
    text
}

/// Everything as JSON.
pub fn json(machine: &[(&'static str, String)], rows: &[Measured]) -> String {
    let spread = |spread: &Spread| {
        let Spread { median, min, quartiles: (q1, q3), samples } = spread;
        format!("{{\"median\":{median},\"min\":{min},\"q1\":{q1},\"q3\":{q3},\"samples\":{samples}}}")
    };
    let figures = |row: &Measured, figures: &Figures| {
        let ratio = |to: Option<f64>| to.map_or("null".into(), |to| (figures.time.median / to).to_string());
        format!(
            "{{\"peer\":{},\"nanoseconds\":{},\"cpu_nanoseconds\":{},\"in_kernel_nanoseconds\":{},\"to_kernel\":{},\
             \"peak_bytes\":{},\"to_tables\":{},\"to_floor\":{},\"to_best_peer\":{}}}",
            quoted(figures.peer.name()),
            spread(&figures.time),
            figures.cpu.map_or("null".into(), |cpu| spread(&cpu)),
            figures.kernel.map_or("null".into(), |kernel| spread(&kernel)),
            figures.pace.map_or("null".into(), |pace| spread(&pace)),
            spread(&figures.peak),
            row.memory(figures.peer).map_or("null".into(), |ratio| ratio.to_string()),
            ratio(row.median(Peer::Floor)),
            ratio(row.best_peer())
        )
    };
    let row = |row: &Measured| {
        format!(
            "{{\"operation\":{},\"in_process\":{},\"shape\":{},\"rules\":{},\"blob_bytes\":{},\"figures\":[{}]}}",
            quoted(row.operation.name()),
            row.clock == Clock::Inside,
            quoted(row.shape.name()),
            row.rules,
            row.blob,
            list(row.figures.iter().map(|one| figures(row, one)), ",")
        )
    };
    let target = |target: &crate::targets::Target| {
        let value = target.measure(rows);
        format!(
            "{{\"work\":{},\"limit\":{},\"measured\":{},\"met\":{}}}",
            quoted(target.work),
            quoted(&target.limit_text()),
            value.map_or("null".into(), |value| value.to_string()),
            value.map_or("null".into(), |value| target.met_by(value).to_string())
        )
    };
    format!(
        "{{\"machine\":{{{}}},\n\"rows\":[\n{}\n],\n\"targets\":[\n{}\n]}}\n",
        list(machine.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))), ","),
        list(rows.iter().map(row), ",\n"),
        list(TARGETS.iter().map(target), ",\n")
    )
}

fn list(items: impl Iterator<Item = String>, separator: &str) -> String {
    items.collect::<Vec<_>>().join(separator)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// The columns of the tables in Markdown.
const COLUMNS: [Peer; 10] = [
    Peer::Floor,
    Peer::Fw,
    Peer::Rust,
    Peer::Python,
    Peer::Legacy,
    Peer::NftFloor,
    Peer::FwNft,
    Peer::Nft,
    Peer::PythonIptables,
    Peer::CrateIptables,
];

/// What libfw needs beside the kernel, in Markdown.
pub fn paces_in_markdown(rows: &[Measured]) -> String {
    let mut text = "| work | whole / in kernel | iptables-legacy / fw | iptables-legacy / bare calls | own memory / tables |\n\
                    |---|---|---|---|---|\n"
        .to_owned();
    for pace in PACES {
        if let Some(columns) = columns(pace, rows) {
            let _ = writeln!(text, "| {} | {} |", pace.work, columns.join(" | "));
        }
    }
    text
}

/// Tables in Markdown: the machine, each workload, and the targets.
pub fn markdown(machine: &[(&'static str, String)], rows: &[Measured]) -> String {
    let mut text = String::new();
    let machine = machine.iter().map(|(key, value)| format!("{key}: {value}"));
    let _ = writeln!(text, "Measured on: {}.", list(machine, "; "));
    text.push('\n');
    text += &paces_in_markdown(rows);
    text += "\n## Growth of fw\n\nRules: time per rule, whole / in kernel, iptables-legacy / fw.\n\n";
    for (kind, cells) in grown(rows) {
        let _ = writeln!(text, "- {kind}: {}", list(cells.into_iter(), "; "));
    }
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let same = |row: &&Measured| (row.shape, row.rules) == (first.shape, first.rules);
        let (group, others) = rest.split_at(rest.iter().take_while(same).count());
        rest = others;
        let columns: Vec<_> =
            COLUMNS.into_iter().filter(|peer| group.iter().any(|row| row.of(*peer).is_some())).collect();
        let megabytes = first.blob as f64 / 1e6;
        let _ = writeln!(
            text,
            "\n## {}, {} rules ({megabytes:.1} MB in the kernel)\n",
            first.shape.name(),
            first.rules
        );
        let names = list(columns.iter().map(|peer| peer.name().into()), " | ");
        let _ =
            writeln!(text, "| operation | {names} | ours / in kernel | ours / floor | best peer / ours |");
        let _ = writeln!(text, "|---{}|---|---|---|", "|---".repeat(columns.len()));
        for row in group {
            let cell = |peer: &Peer| row.median(*peer).map_or("".into(), duration);
            let ours = row.median(Peer::Fw).or(row.median(Peer::Rust));
            let ratio = |above: Option<f64>, below: Option<f64>| match (above, below) {
                (Some(above), Some(below)) => format!("{:.2}", above / below),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                row.title(),
                list(columns.iter().map(cell), " | "),
                row.pace(Peer::Fw)
                    .or(row.pace(Peer::Rust))
                    .map_or(String::new(), |pace| format!("{pace:.2}")),
                ratio(ours, row.median(Peer::Floor)),
                ratio(row.best_peer(), ours)
            );
        }
    }
    text += "\n## Targets\n\n| target | limit | measured | |\n|---|---|---|---|\n";
    for target in TARGETS {
        if let Some(value) = target.measure(rows) {
            let verdict = if target.met_by(value) { "met" } else { "**not met**" };
            let _ = writeln!(text, "| {} | {} | {value:.2} | {verdict} |", target.work, target.limit_text());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        let figures = |peer, milliseconds: f64| Figures {
            peer,
            time: Spread::of(vec![milliseconds * 1e6]).expect("a value"),
            cpu: None,
            kernel: Spread::of(vec![80e6]),
            pace: Spread::of(vec![milliseconds / 80.0]),
            peak: Spread::of(vec![50.0 * MIB]).expect("a value"),
            own: Some(22e6),
        };
        Measured {
            operation: Operation::Load,
            clock: Clock::Process,
            shape: Shape::Flat,
            rules: 100_000,
            blob: 20_000_000,
            figures: vec![
                figures(Peer::Floor, 100.0),
                figures(Peer::Fw, 120.0),
                figures(Peer::Legacy, 480.0),
            ],
        }
    }

    #[test]
    fn ratios_are_to_the_floor_and_the_best_peer() {
        let lines = measured().lines();
        assert!(lines.contains("120 ms") && lines.contains(" 1.20 ") && lines.contains(" 0.25 "), "{lines}");
        assert!(
            markdown(&[], &[measured()]).contains("| load | 100 ms | 120 ms | 480 ms | 1.50 | 1.20 | 4.00 |")
        );
    }

    #[test]
    fn targets_are_judged() {
        let text = paces(&[measured()]);
        assert!(text.contains("1.50 (<= 1.3, missed)") && text.contains("4.00 (>= 4)"), "{text}");
        assert!(text.contains("1.10 (<= 1.2)"), "{text}");
        let text = targets(&[measured()]);
        assert!(text.lines().any(|line| line.contains("restore") && line.ends_with("1.20  met")), "{text}");
        assert!(text.contains(" are for work that was not measured"));
    }

    #[test]
    fn json_escapes() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
        let json = json(&[("kernel", "6".into())], &[measured()]);
        assert!(json.contains(r#""to_floor":1.2,"to_best_peer":0.25"#), "{json}");
    }

    #[test]
    fn durations_have_three_digits() {
        let shown = [12.3, 4_560.0, 78_900_000.0, 123_456_789.0, 2e9].map(duration);
        assert_eq!(shown, ["12.3 ns", "4.56 us", "78.9 ms", "123 ms", "2.00 s"]);
    }
}
