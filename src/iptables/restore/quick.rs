//! Lines whose shape is known from one before: the parser does not see them.

use super::{Restore, parse_counters};
use crate::rule::Verdict;
use crate::rule::grammar::LINE_MAX;
use crate::rule::grammar::args::{Args, word_end};
use crate::rule::grammar::draft::Filled;
use crate::rule::grammar::parser::Parsed;
use crate::types::{CHAIN_NAME_MAX, Counters, Family};

/// Two numbers and what is around them are no longer, unless they have zeros before them.
const COUNTERS_MAX: usize = 64;

/// What stands behind the name in the usual line that declares a chain.
const DECLARED: &[u8] = b" - [0:0]\n";

impl Restore<'_> {
    /// Carries out the line that a text begins with if it is one of many; returns its length. Whatever is wrong with a line, or
    /// not whole, is left to others.
    pub(super) fn quick(&mut self, text: &[u8]) -> Option<usize> {
        match text {
            [b':', rest @ ..] => self.quick_chain(rest),
            [b'-' | b'[', ..] => self.quick_rule(text),
            _ => None,
        }
    }

    fn quick_chain(&mut self, rest: &[u8]) -> Option<usize> {
        let name = &rest[..word_end(rest, 0)];
        let table = self.table.as_mut().filter(|_| rest[name.len()..].starts_with(DECLARED))?;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_' | b'.');
        let is_plain = name.len() <= CHAIN_NAME_MAX
            && name.iter().fold(true, |all, byte| all & is_plain(byte))
            && !matches!(name, [] | [b'-', ..])
            && Verdict::from_name(name).is_none();
        if !is_plain {
            return None;
        }
        table.add_if_free(name)?;
        self.shapes.clear();
        Some(1 + name.len() + DECLARED.len())
    }

    fn quick_rule(&mut self, text: &[u8]) -> Option<usize> {
        let table = self.table.as_mut()?;
        let (counters, line) = match text {
            [b'[', ..] => {
                let end = text.iter().take(COUNTERS_MAX).position(|byte| matches!(byte, b']' | b'\n'))?;
                let counted =
                    Some(&text[..=end]).filter(|text| text.ends_with(b"]") && text.contains(&b':'))?;
                let counters = if self.options.counters { parse_counters(counted)? } else { Counters::ZERO };
                (counters, text[end + 1..].strip_prefix(b" ")?)
            }
            line => (Counters::ZERO, line),
        };
        let mut read = self.shapes.read(line, counters)?;
        let Filled { chain, jump, len } = read.filled;
        let len = Some(text.len() - line.len() + len).filter(|len| *len <= LINE_MAX)?;
        let id = table.find(chain)?;
        let jump = match jump {
            Some(name) => Some(table.find_target(name).filter(|id| table.check_jump(*id).is_ok())?),
            None => None,
        };
        let late = read.late();
        let (entry, kind) = read.entry(jump);
        table.source = self.line as u32 + 1;
        let added = table.chain_by_id(id).append_one(entry, kind, late);
        table.source = 0;
        added.ok().map(|()| len)
    }

    /// Keeps the shape of a line that was carried out without a word.
    pub(super) fn learn(&mut self, parsed: &Parsed, args: Args<'_>, start: usize) {
        let (draft, Some(table)) = (&self.parser.draft, &self.table) else { return };
        let is_usual = self.family != Family::Arp
            && draft.combinations() == 1
            && !draft.has_header()
            && parsed.verbose == 0;
        // What is only desired keeps the text of its lines.
        let is_usual = is_usual && parsed.counters.is_none() && self.desired.is_none();
        if !is_usual || !self.shapes.is_worth() {
            return;
        }
        // Behind counters there is a space.
        let line = &self.original[..];
        let start = if start == 0 { Some(0) } else { line[start..].starts_with(b" ").then_some(start + 1) };
        let late = if table.names_refusals() { Ok(false) } else { draft.check_place(table.name()) };
        let shape =
            start.zip(late.ok()).and_then(|(start, late)| draft.shape(parsed, args, line, start, late));
        if let Some(shape) = shape {
            self.shapes.learn(if self.options.counters { shape.counted() } else { shape });
        }
    }
}
