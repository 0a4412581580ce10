//! Lines whose shape is known from one before: the parser does not see them.

use super::{Restore, parse_counters};
use crate::rule::grammar::LINE_MAX;
use crate::rule::grammar::args::Args;
use crate::rule::grammar::parser::Parsed;
use crate::types::Counters;

impl Restore<'_> {
    /// Appends the rule of a line if it is one of many; says whether it is. Whatever is wrong with the line is left to others.
    pub(super) fn quick(&mut self, line: &[u8]) -> bool {
        let Some(table) = self.table.as_mut().filter(|_| line.len() <= LINE_MAX) else { return false };
        let (counters, line) = match line {
            [b'[', ..] => {
                let Some(end) = line.iter().position(|byte| *byte == b']') else { return false };
                let counters =
                    if self.options.counters { parse_counters(&line[..=end]) } else { Some(Counters::ZERO) };
                let Some(counters) = counters else { return false };
                (counters, line[end + 1..].strip_prefix(b" ").unwrap_or_default())
            }
            line => (Counters::ZERO, line),
        };
        let Some(mut read) = self.shapes.read(line, counters) else { return false };
        let Some(id) = table.find(read.chain) else { return false };
        let jump = read.jump.map(|name| table.find(name).filter(|id| table.check_jump(*id).is_ok()));
        if jump == Some(None) {
            return false;
        }
        let (place, late) = (table.place_of_new(), read.late());
        let added = table.chain_by_id(id).insert_entry(None, read.entry(jump.flatten()), late);
        if added.is_ok() {
            self.lines.push((place, self.line));
        }
        added.is_ok()
    }

    /// Keeps the shape of a line that was carried out without a word.
    pub(super) fn learn(&mut self, parsed: &Parsed, args: Args<'_>, start: usize) {
        let (spec, Some(table)) = (&self.parser.spec, &self.table) else { return };
        let is_usual = spec.combinations() == 1 && !spec.has_header() && parsed.verbose == 0;
        // What is only desired keeps the text of its lines.
        let is_usual = is_usual && parsed.counters.is_none() && self.desired.is_none();
        if !is_usual || !self.shapes.is_worth() {
            return;
        }
        // Behind counters there is a space.
        let line = &self.original[..];
        let start = if start == 0 { Some(0) } else { line[start..].starts_with(b" ").then_some(start + 1) };
        let late = if table.names_refusals() { Ok(false) } else { spec.check_place(table.name()) };
        let shape =
            start.zip(late.ok()).and_then(|(start, late)| spec.shape(parsed, args, line, start, late));
        shape.into_iter().for_each(|shape| self.shapes.learn(shape));
    }
}
