//! `fw list --watch`: the rules that packets meet just now.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use libfw::{CounterSnapshot, Counters, Error, Kernel, Table};

use super::super::interrupt::{Interrupt, Woken};
use super::super::output::{Output, complain};
use super::super::store::failed;
use super::super::terminal::{Screen, Style, clean, short, short_bytes, width};
use super::{View, details, target};

/// Another screen, and none of its cursor; and back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// What was counted in an interval, and the tables in which it was.
struct Interval {
    tables: Vec<(Table, CounterSnapshot)>,
    /// Of each table: what its rules have counted.
    counted: Vec<CounterSnapshot>,
    time: Duration,
}

/// A rule, or a policy, that has counted something.
struct Row {
    counted: Counters,
    all: Counters,
    place: String,
    target: String,
    details: String,
}

/// Shows until a signal comes, or so many times; returns the exit status.
pub(super) fn run(view: &View, seconds: f64, count: Option<usize>) -> u8 {
    let interval = Duration::from_secs_f64(seconds);
    let interrupt = match Interrupt::new() {
        Ok(interrupt) => interrupt,
        Err(error) => {
            complain(&format!("fw list: {}\n", super::super::reason(&error)));
            return 1;
        }
    };
    let terminal = std::io::stdout().is_terminal();
    let mut out = Output::stdout();
    let mut write = |text: &str| {
        // A reader that leaves ends it.
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
        out.has_failed()
    };
    if terminal {
        write(ENTER);
    }
    let ended = watch(view, interval, count, &interrupt, &mut write);
    if terminal {
        write(LEAVE);
    }
    match ended {
        Ok(()) => out.end("fw list"),
        Err(error) => failed("list", &error),
    }
}

fn watch(
    view: &View,
    interval: Duration,
    count: Option<usize>,
    interrupt: &Interrupt,
    write: &mut dyn FnMut(&str) -> bool,
) -> Result<(), Error> {
    let kernel = Kernel::new();
    let mut before = read(view, &kernel)?;
    let mut since = Instant::now();
    let mut shown = 0;
    if view.screen.columns.is_some() {
        write(&frame(view, &Interval { counted: Vec::new(), tables: Vec::new(), time: interval }));
    }
    while count.is_none_or(|count| shown < count) {
        if interrupt.wait(None, Some(since + interval)) == Woken::Signal {
            return Ok(());
        }
        let tables = read(view, &kernel)?;
        let now = Instant::now();
        let counted = tables.iter().map(|(table, after)| {
            let same = |(earlier, _): &&(Table, CounterSnapshot)| {
                (earlier.family(), earlier.name()) == (table.family(), table.name())
            };
            match before.iter().find(same) {
                Some((_, before)) => before.delta(after).counted,
                None => after.clone(),
            }
        });
        let shows = Interval { counted: counted.collect(), time: now - since, tables };
        let text = frame(view, &shows);
        shown += 1;
        if write(&text) {
            return Ok(());
        }
        (before, since) = (shows.tables, now);
    }
    Ok(())
}

fn read(view: &View, kernel: &Kernel) -> Result<Vec<(Table, CounterSnapshot)>, Error> {
    let tables = view.tables(kernel)?;
    Ok(tables
        .into_iter()
        .map(|table| {
            let counters = table.counters();
            (table, counters)
        })
        .collect())
}

/// What a screen shows, or without one the lines of an interval.
fn frame(view: &View, interval: &Interval) -> String {
    // The size may be another than before.
    let screen = match view.screen.columns {
        Some(_) => Screen { colors: view.screen.colors, ..Screen::new(super::Color::Auto) },
        None => view.screen,
    };
    let mut rows = rows(view, interval);
    rows.sort_by_key(|row| std::cmp::Reverse((row.counted.bytes, row.counted.packets)));
    let quiet: usize = interval.tables.iter().map(|(table, _)| table.len()).sum::<usize>() - rows.len();
    let heading = format!("{:>8} {:>11} {:>8} {:>9}  rule", "pkts/s", "bytes/s", "pkts", "bytes");
    let seconds = interval.time.as_secs_f64().max(0.001);
    let rate = |number: u64| (number as f64 / seconds).round() as u64;
    let room = screen.lines.map_or(usize::MAX, |lines| lines.saturating_sub(3));
    let places = rows.iter().take(room).map(|row| width(&row.place)).max().unwrap_or(0);
    let targets = rows.iter().take(room).map(|row| width(&row.target)).max().unwrap_or(0);
    let mut lines = vec![screen.paint(Style::Bold, heading)];
    for row in rows.iter().take(room) {
        let numbers = format!(
            "{:>8} {:>11} {:>8} {:>9}  ",
            short(rate(row.counted.packets)),
            format!("{}/s", short_bytes(rate(row.counted.bytes))),
            short(row.all.packets),
            short_bytes(row.all.bytes)
        );
        let pad = |text: &str, room: usize| format!("{text}{}", " ".repeat(room.saturating_sub(width(text))));
        let (place, target) = (pad(&row.place, places), pad(&row.target, targets));
        let before = width(&numbers) + width(&place) + 2 + width(&target) + 2;
        let details = match screen.columns {
            Some(columns) => cut(&row.details, columns.saturating_sub(before)),
            None => row.details.clone(),
        };
        let target = screen.paint(Style::of_target(&row.target), target);
        let line = format!("{numbers}{place}  {target}  {details}");
        lines.push(line.trim_end().to_owned());
    }
    let others = rows.len().saturating_sub(room);
    let end = match (rows.len(), others) {
        (0, _) => format!("no packets met any of {quiet} rules"),
        (_, 0) => format!("and no others of {} rules", quiet + rows.len()),
        (_, others) => format!("and {others} more of {} rules", quiet + rows.len()),
    };
    lines.push(screen.paint(Style::Dim, end));
    match screen.columns {
        Some(_) => format!("\x1b[H{}\x1b[K\x1b[J", lines.join("\x1b[K\r\n")),
        None => lines.join("\n") + "\n\n",
    }
}

/// The rules, and policies, that have counted something.
fn rows(view: &View, interval: &Interval) -> Vec<Row> {
    let mut rows = Vec::new();
    for ((table, after), counted) in interval.tables.iter().zip(&interval.counted) {
        let family = if table.family() == libfw::Family::Ipv4 { "4" } else { "6" };
        for ((chain, counted), all) in table.chains().zip(counted.chains()).zip(after.chains()) {
            if view.chain.as_ref().is_some_and(|name| chain.name_bytes() != name) {
                continue;
            }
            let name = format!("{family} {} {}", clean(table.name()), clean(&chain.name()));
            for (index, rule) in chain.rules().enumerate() {
                let (Some(counted), Some(all)) = (counted.rules.get(index), all.rules.get(index)) else {
                    break;
                };
                if *counted == Counters::ZERO {
                    continue;
                }
                rows.push(Row {
                    counted: *counted,
                    all: *all,
                    place: format!("{name} {}", index + 1),
                    target: clean(&target(&rule).0).into_owned(),
                    details: summary(&rule),
                });
            }
            let policy = counted.policy.filter(|counted| *counted != Counters::ZERO);
            if let (Some(counted), Some(policy)) = (policy, chain.policy()) {
                let all = all.policy.unwrap_or_default();
                let place = format!("{name} policy");
                rows.push(Row { counted, all, place, target: policy.to_string(), details: String::new() });
            }
        }
    }
    rows
}

/// A rule in one line, but for its target.
fn summary(rule: &libfw::RuleRef<'_>) -> String {
    let mut text = rule.to_string();
    if let Some(at) = [" -m ", " -j ", " -g "].iter().filter_map(|word| format!(" {text}").find(word)).min() {
        text.truncate(at.saturating_sub(1));
    }
    let details = details(rule);
    let space = if text.is_empty() || details.is_empty() { "" } else { "  " };
    format!("{}{space}{details}", clean(&text))
}

/// The beginning of a text that fits.
fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        if width(&kept) + 2 > most {
            break;
        }
        kept.push(letter);
    }
    kept + if most > 0 { "\u{2026}" } else { "" }
}
