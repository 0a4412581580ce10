//! Rules that differ in plain values alone are printed from one text: the counterpart of the shapes of lines.
//!
//! Which bytes of an entry a value comes from is known where the value has a [`Place`]; where it stands in the text is found out
//! by trial, with another value in its place. All other bytes must be those of the rule that the text was made of.

use std::ops::Range;

use super::{Form, print_rule};
use crate::blob::{Entry, verdict_at};
use crate::ext::{ExtensionKind, index};
use crate::rule::grammar::args::OPAQUE;
use crate::rule::grammar::place::{Place, lacks_interfaces};
use crate::rule::grammar::recent::Recent;
use crate::rule::{RuleRef, names};

/// To learn a shape takes as long as so many rules of known shapes save: it is printed with other values, one after the other.
const WORTH: usize = 10;
/// The longest text of which is known that a line can hold it, whatever the values are.
const TEXT_MAX: usize = 1000;
/// The name of a chain that is tried.
const SAMPLE: &[u8] = b"some-chain";

/// Prints the rules of one table.
#[derive(Default)]
pub(crate) struct Printed(Recent<Shape>);

impl Printed {
    /// Appends the options that make a rule, as [`print_rule`] does.
    pub(crate) fn print(&mut self, out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) {
        if self.0.find(|shape| shape.print(out, rule, form)).is_some() {
            return;
        }
        let start = out.len();
        print_rule(out, rule, form);
        if self.0.is_worth(WORTH)
            && let Some(shape) = Shape::new(&out[start..], rule, form)
        {
            self.0.learn(shape);
        }
    }
}

/// An entry, and the text it makes.
struct Shape {
    entry: Vec<u8>,
    /// The bytes of the entry that belong to no value and make the text what it is.
    fixed: Vec<Range<usize>>,
    /// All that stands around the values.
    text: Vec<u8>,
    values: Vec<Value>,
    /// What of the text stands behind the last value.
    end: Range<usize>,
    by_interface: bool,
}

struct Value {
    /// What of the text stands before it.
    before: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// The chain that the rule goes to.
    Jump,
    /// A value of the entry.
    In(Place),
}

impl Shape {
    /// Prints a rule if it is one of this shape.
    #[inline]
    fn print(&self, out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) -> Option<()> {
        let bytes = rule.entry.bytes;
        let is_it = bytes.len() == self.entry.len()
            && self.fixed.iter().all(|range| bytes[range.clone()] == self.entry[range.clone()])
            && !(self.by_interface && lacks_interfaces(form.chain));
        let start = out.len();
        let printed = is_it.then(|| self.fill(out, rule, form)).flatten();
        if printed.is_none() {
            out.truncate(start);
        }
        printed
    }

    fn fill(&self, out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) -> Option<()> {
        for value in &self.values {
            out.extend_from_slice(&self.text[value.before.clone()]);
            match value.kind {
                Kind::Jump => names::print(out, rule.jump?, rule.family(), form.utf8),
                Kind::In(place) => place.print(rule.entry.bytes, out)?,
            }
        }
        out.extend_from_slice(&self.text[self.end.clone()]);
        Some(())
    }

    /// The shape of a rule of which this is the text. Nothing where it is an unusual one.
    fn new(text: &[u8], rule: &RuleRef<'_>, form: Form<'_>) -> Option<Shape> {
        let usual = text.len() <= TEXT_MAX && !text.windows(OPAQUE.len()).any(|part| part == OPAQUE);
        if !usual
            || form.counters
            || form.utf8
            || rule.names.is_some()
            || lacks_interfaces(form.chain) && asks(rule)
        {
            return None;
        }
        let (entry, family) = (rule.entry, rule.family());
        let extensions = entry.matches().map(|part| (ExtensionKind::Match, part));
        let target = entry.verdict().is_none().then(|| (ExtensionKind::Target, entry.target()));
        let plain = extensions.chain(target).filter_map(|(kind, part)| {
            let extension = index::find(kind, part.name, family)?;
            Some(Place::of_extension(extension, entry, part).map(|(_, place)| place))
        });
        let places =
            Place::addresses(family).into_iter().chain(Place::interfaces(family)).chain(plain.flatten());
        let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
        let mut fixed = Fixed::new(entry);
        for place in places {
            let [first, second] = place.bytes();
            // Of two places of the same bytes the first that is right counts.
            let is_free = fixed.has(&first) && fixed.has(&second);
            if let Some(range) = is_free.then(|| in_text(place, text, rule, form)).flatten() {
                found.push((range, Kind::In(place)));
                fixed.take(first);
                fixed.take(second);
            }
        }
        if rule.jump.is_some() {
            let verdict = verdict_at(entry);
            found.push((of_jump(text, rule, form)?, Kind::Jump));
            fixed.take(verdict..verdict + size_of::<u32>());
        }
        found.sort_by_key(|(range, _)| range.start);
        let mut shape = Shape {
            entry: entry.bytes.to_vec(),
            fixed: fixed.ranges(),
            text: Vec::new(),
            values: Vec::new(),
            end: 0..0,
            by_interface: asks(rule),
        };
        let mut from = 0;
        for (range, kind) in found {
            let before = shape.text.len();
            shape.text.extend_from_slice(text.get(from..range.start)?);
            shape.values.push(Value { before: before..shape.text.len(), kind });
            from = range.end;
        }
        let before = shape.text.len();
        shape.text.extend_from_slice(text.get(from..)?);
        shape.end = before..shape.text.len();
        Some(shape)
    }
}

/// Whether a rule asks for an interface.
fn asks(rule: &RuleRef<'_>) -> bool {
    let core = rule.core();
    [core.input, core.output].iter().any(|interface| interface.inverted || !interface.value.is_any())
}

/// Where a value stands in the text of a rule, found by another value in its place.
fn in_text(place: Place, text: &[u8], rule: &RuleRef<'_>, form: Form<'_>) -> Option<Range<usize>> {
    let mut value = Vec::new();
    place.print(rule.entry.bytes, &mut value)?;
    let mut bytes = rule.entry.bytes.to_vec();
    let sample = place.samples().into_iter().map(str::as_bytes).find(|sample| *sample != value)?;
    place.read(sample, &mut bytes)?;
    let mut printed = Vec::new();
    place.print(&bytes, &mut printed)?;
    let mut other = Vec::new();
    print_rule(&mut other, &RuleRef { entry: Entry::new(rule.family(), &bytes), ..*rule }, form);
    difference(text, &value, &other, &printed)
}

/// The same for the chain that the rule goes to.
fn of_jump(text: &[u8], rule: &RuleRef<'_>, form: Form<'_>) -> Option<Range<usize>> {
    let mut value = Vec::new();
    names::print(&mut value, rule.jump?, rule.family(), form.utf8);
    let mut other = Vec::new();
    let sample = if value == SAMPLE { b"other".as_slice() } else { SAMPLE };
    print_rule(&mut other, &RuleRef { jump: Some(sample), ..*rule }, form);
    difference(text, &value, &other, sample)
}

/// The one place where a value stands in a text, if there another text has the other value and they are the same around it.
fn difference(text: &[u8], value: &[u8], other: &[u8], other_value: &[u8]) -> Option<Range<usize>> {
    let common = text.iter().zip(other).take_while(|(a, b)| a == b).count();
    let mut places = (0..=common).filter(|at| {
        let rest = text[*at..].strip_prefix(value);
        rest.is_some() && rest == other[*at..].strip_prefix(other_value)
    });
    let at = places.next()?;
    places.next().is_none().then(|| at..at + value.len())
}

/// The bytes of an entry that must be the same.
struct Fixed(Vec<bool>);

impl Fixed {
    fn new(entry: Entry<'_>) -> Fixed {
        let mut fixed = Fixed(vec![true; entry.bytes.len()]);
        let layout = entry.family.layout();
        // What says nothing about the text: the counters, and the kernel's own notes.
        fixed.take(layout.nfcache..layout.nfcache + size_of::<u32>());
        fixed.take(layout.next_offset + size_of::<u16>()..layout.entry);
        fixed
    }

    fn has(&self, range: &Range<usize>) -> bool {
        self.0.get(range.clone()).is_some_and(|bytes| bytes.iter().all(|fixed| *fixed))
    }

    fn take(&mut self, range: Range<usize>) {
        self.0.get_mut(range).into_iter().flatten().for_each(|fixed| *fixed = false);
    }

    fn ranges(&self) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for at in (0..self.0.len()).filter(|at| self.0[*at]) {
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end += 1,
                _ => ranges.push(at..at + 1),
            }
        }
        ranges
    }
}
