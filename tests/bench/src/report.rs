//! Results, and how they are shown.

use std::fmt::Write;

use crate::measure::Spread;
use crate::peers::Peer;
use crate::rows::{Clock, Operation};
use crate::targets::TARGETS;
use libfw_bench::workload::Shape;

/// What was measured of one peer in a row.
#[derive(Clone, Debug)]
pub struct Figures {
    pub peer: Peer,
    /// In nanoseconds.
    pub time: Spread,
    /// The same of processors at work; where the machine has other work too, it tells more. Whole processes only.
    pub cpu: Option<Spread>,
    /// The largest resident set of its process, in bytes.
    pub peak: Spread,
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
            let Figures { peer, time, cpu, peak } = figures;
            let ratio = |to: Option<f64>| to.map_or("-".into(), |to| format!("{:.2}", time.median / to));
            let _ = writeln!(
                text,
                "  {:<21} {peer:<15} {:>9} {:>9} {:>9} {:>8} {:>8} {:>9} {:>9}  {}",
                self.title(),
                duration(time.median),
                duration(time.min),
                duration(time.range()),
                ratio(floor),
                ratio(best),
                cpu.map_or("-".into(), |cpu| duration(cpu.median)),
                format!("{:.1}", peak.median / MIB),
                time.samples,
            );
        }
        text
    }
}

/// The head of the table for the terminal.
pub fn head(shape: Shape, rules: usize, blob: u64) -> String {
    format!(
        "\n{}: {rules} rules, {:.1} MB in the kernel\n  {:<21} {:<15} {:>9} {:>9} {:>9} {:>8} {:>8} {:>9} {:>9}  {}\n",
        shape.name(),
        blob as f64 / 1e6,
        "operation",
        "who",
        "median",
        "min",
        "IQR",
        "/floor",
        "/peer",
        "CPU",
        "peak MiB",
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
            "{{\"peer\":{},\"nanoseconds\":{},\"cpu_nanoseconds\":{},\"peak_bytes\":{},\"to_floor\":{},\
             \"to_best_peer\":{}}}",
            quoted(figures.peer.name()),
            spread(&figures.time),
            figures.cpu.map_or("null".into(), |cpu| spread(&cpu)),
            spread(&figures.peak),
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
const COLUMNS: [Peer; 8] = [
    Peer::Floor,
    Peer::Fw,
    Peer::Rust,
    Peer::Python,
    Peer::Legacy,
    Peer::Nft,
    Peer::PythonIptables,
    Peer::CrateIptables,
];

/// Tables in Markdown: the machine, each workload, and the targets.
pub fn markdown(machine: &[(&'static str, String)], rows: &[Measured]) -> String {
    let mut text = String::new();
    let machine = machine.iter().map(|(key, value)| format!("{key}: {value}"));
    let _ = writeln!(text, "Measured on: {}.", list(machine, "; "));
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
            "\n### {}, {} rules ({megabytes:.1} MB in the kernel)\n",
            first.shape.name(),
            first.rules
        );
        let names = list(columns.iter().map(|peer| peer.name().into()), " | ");
        let _ = writeln!(text, "| operation | {names} | ours / floor | best peer / ours |");
        let _ = writeln!(text, "|---{}|---|---|", "|---".repeat(columns.len()));
        for row in group {
            let cell = |peer: &Peer| row.median(*peer).map_or("".into(), duration);
            let ours = row.median(Peer::Fw).or(row.median(Peer::Rust));
            let ratio = |above: Option<f64>, below: Option<f64>| match (above, below) {
                (Some(above), Some(below)) => format!("{:.2}", above / below),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                row.title(),
                list(columns.iter().map(cell), " | "),
                ratio(ours, row.median(Peer::Floor)),
                ratio(row.best_peer(), ours)
            );
        }
    }
    text += "\n### Targets\n\n| target | limit | measured | |\n|---|---|---|---|\n";
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
            peak: Spread::of(vec![50.0 * MIB]).expect("a value"),
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
        assert!(markdown(&[], &[measured()]).contains("| load | 100 ms | 120 ms | 480 ms | 1.20 | 4.00 |"));
    }

    #[test]
    fn targets_are_judged() {
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
