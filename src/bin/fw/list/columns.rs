//! Rules in columns that fit a terminal.

use libfw::{Counters, Inv, RuleRef};

use super::super::terminal::{Style, clean, width, wrapped};
use super::{View, details, target};

/// The columns before the last one, from the left.
const COLUMNS: usize = 9;
/// Those of them that are always there: number, counters, target.
const FIRST: usize = 4;
/// The least room for the last column, however wide the others are.
const LEAST: usize = 20;

/// How wide the columns are. Those in which nothing stands are left out.
pub(super) struct Columns<'a> {
    view: &'a View,
    widths: [usize; COLUMNS],
}

/// Whether a column stands at the right.
const RIGHT: [bool; COLUMNS] = [true, true, true, false, false, false, false, false, false];

impl<'a> Columns<'a> {
    pub(super) fn new(view: &'a View) -> Columns<'a> {
        Columns { view, widths: [3, 0, 0, 0, 0, 0, 0, 0, 0] }
    }

    /// Makes room for a rule.
    pub(super) fn fit(&mut self, rule: &RuleRef<'_>) {
        let cells = self.cells(0, rule);
        for (room, cell) in self.widths.iter_mut().zip(cells) {
            *room = (*room).max(width(&cell));
        }
    }

    fn cells(&self, index: usize, rule: &RuleRef<'_>) -> [String; COLUMNS] {
        let Counters { packets, bytes } = rule.counters();
        let (name, _) = target(rule);
        let protocol = rule.protocol();
        let protocol = match protocol.value.0 {
            0 => String::new(),
            number => inverted(protocol, protocol.value.name().map_or(number.to_string(), str::to_owned)),
        };
        let address =
            |address: Inv<libfw::AddrMask>, word: &str| match address.value.is_any() && !address.inverted {
                true => String::new(),
                false => format!("{word} {}", inverted(address, address.value.to_string())),
            };
        let interface = |interface: Inv<libfw::Interface>, word: &str| match interface.value.is_any()
            && !interface.inverted
        {
            true => String::new(),
            false => {
                let name = String::from_utf8_lossy(interface.value.as_bytes()).into_owned();
                format!("{word} {}", inverted(interface, name))
            }
        };
        [
            (index + 1).to_string(),
            self.view.packets(packets),
            self.view.bytes(bytes),
            name,
            protocol,
            interface(rule.input(), "in"),
            interface(rule.output(), "out"),
            address(rule.source(), "from"),
            address(rule.destination(), "to"),
        ]
        .map(|cell| clean(&cell).into_owned())
    }

    /// Writes a rule. What has no room beside the columns goes on in the next line.
    pub(super) fn row(&self, index: usize, rule: &RuleRef<'_>, text: &mut String) {
        let cells = self.cells(index, rule);
        let idle = rule.counters() == Counters::ZERO;
        let mut line = String::from("  ");
        let mut used = 2;
        // Where not even the columns fit, addresses and the like stand with the rest.
        let room = self.view.screen.columns;
        let needed = 2 + self.widths.iter().filter(|room| **room > 0).map(|room| room + 2).sum::<usize>();
        let kept = if room.is_some_and(|columns| columns < needed) { FIRST } else { COLUMNS };
        let columns = cells.iter().zip(self.widths).enumerate().take(kept);
        for (column, (cell, room)) in columns.filter(|(_, (_, room))| *room > 0) {
            let blank = " ".repeat(room.saturating_sub(width(cell)));
            let style = match column {
                0 => Style::Dim,
                1 | 2 if idle => Style::Dim,
                3 => Style::of_target(cell),
                _ => Style::Plain,
            };
            let painted = self.view.screen.paint(style, cell);
            line +=
                &if RIGHT[column] { format!("{blank}{painted}  ") } else { format!("{painted}{blank}  ") };
            used += room + 2;
        }
        let mut words: Vec<&str> = cells.iter().skip(kept).map(String::as_str).collect();
        let details = details(rule);
        words.push(&details);
        words.retain(|word| !word.is_empty());
        let details = words.join("  ");
        let lines = match room {
            None => vec![details],
            // Where the columns leave no room, everything else stands below.
            Some(columns) if columns < used + LEAST => {
                text.push_str(line.trim_end());
                text.push('\n');
                (line, used) = (" ".repeat(8), 8);
                if details.is_empty() {
                    return;
                }
                wrapped(&details, columns.saturating_sub(used))
            }
            Some(columns) => wrapped(&details, columns - used),
        };
        for (number, part) in lines.iter().enumerate() {
            if number == 0 {
                text.push_str(line.as_str());
            } else {
                text.push_str(&" ".repeat(used));
            }
            text.push_str(part);
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
    }
}

fn inverted<T>(value: Inv<T>, text: String) -> String {
    if value.inverted { format!("not {text}") } else { text }
}
